"""Addresses of login, profile and users."""

from django.urls import path

from fupin.accounts import reveal, views

urlpatterns = [
    path("login/", views.login_page, name="login"),
    path("logout/", views.logout_page, name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password_change, name="password_change"),
    path("reveal/", reveal.reveal_value, name="reveal"),
]
