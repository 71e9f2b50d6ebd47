"""Addresses of the household pages."""

from django.urls import path

from households.views import detail, households

urlpatterns = [
    path("households/", households.household_list, name="household_list"),
    path("households/search/", households.household_search, name="household_search"),
    path("households/bulk/", detail.household_bulk, name="household_bulk"),
    path("households/<int:pk>/", detail.household_detail, name="household_detail"),
]
