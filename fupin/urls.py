"""Every address. The apps are named by string: the project package never imports them."""

from django.contrib.auth import views as auth
from django.urls import include, path

from fupin import views

urlpatterns = [
    path("healthz", views.health, name="health"),
    path("login/", auth.LoginView.as_view(template_name="accounts/login.html"), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("", include("fupin.jobs.urls")),
    path("", include("households.urls")),
    path("", include("projects.urls")),
]
