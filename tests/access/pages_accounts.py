"""Addresses of login, profile, users, the trail and the shell."""

from fupin.accounts.roles import Permission as P

PAGES = [
    ("scope", {}, "get", set()),
    ("reveal", {}, "post", {P.PII_REVEAL}),
    ("profile", {}, "get", set()),
    ("password_change", {}, "get", set()),
    ("password_change", {}, "post", set()),
]
