"""Addresses of login, profile, users, the trail and the shell."""

PAGES = [
    ("scope", {}, "get", set()),
    ("profile", {}, "get", set()),
    ("password_change", {}, "get", set()),
    ("password_change", {}, "post", set()),
]
