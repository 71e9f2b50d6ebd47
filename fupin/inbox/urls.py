"""Address of the work page."""

from django.urls import path

from fupin.inbox import views

urlpatterns = [path("", views.home, name="home")]
