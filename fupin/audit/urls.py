"""Addresses of the trail."""

from django.urls import path

from fupin.audit import views

urlpatterns = [path("audit/", views.audit_list, name="audit_list")]
