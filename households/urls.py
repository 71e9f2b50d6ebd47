"""Addresses of the household pages."""

urlpatterns = []
