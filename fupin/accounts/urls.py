"""Addresses of login, profile and users."""

from django.urls import path

from fupin.accounts import fresh, oversight, reveal, second, users, views

urlpatterns = [
    path("login/", views.login_page, name="login"),
    path("login/code/", second.login_code, name="login_code"),
    path("login/setup/", second.login_setup, name="login_setup"),
    path("login/again/", fresh.again, name="fresh"),
    path("logout/", views.logout_page, name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password_change, name="password_change"),
    path("profile/sessions/", views.session_list, name="session_list"),
    path("profile/sessions/end/", views.session_end, name="session_end"),
    path("profile/second/", second.second_factor, name="second_factor"),
    path("profile/second/setup/", second.second_setup, name="second_setup"),
    path("profile/second/codes/", second.second_codes, name="second_codes"),
    path("profile/second/off/", second.second_off, name="second_off"),
    path("reveal/", reveal.reveal_value, name="reveal"),
    path("reveal/month/", oversight.reveal_list, name="reveal_list"),
    path("access/", oversight.access_table, name="access_table"),
    path("users/", users.user_list, name="user_list"),
    path("users/new/", users.user_new, name="user_new"),
    path("users/regions/", users.region_options, name="region_options"),
    path("users/<int:pk>/", users.user_edit, name="user_edit"),
    path("users/<int:pk>/password/", users.user_password, name="user_password"),
    path("users/<int:pk>/second/", users.user_second, name="user_second"),
    path("users/<int:pk>/posts/", users.post_open, name="post_open"),
    path("posts/<int:pk>/end/", users.post_end, name="post_end"),
    path("posts/<int:pk>/confirm/", oversight.post_confirm, name="post_confirm"),
]
