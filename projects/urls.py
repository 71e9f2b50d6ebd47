"""Addresses of the project pages."""

urlpatterns = []
