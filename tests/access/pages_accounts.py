"""Addresses of login, profile, users, the trail and the shell."""

from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role
from tests import factories

USERS = {P.USER_MANAGE}


def person(at):
    return factories.user(Role.VILLAGE_CLERK, at=at).pk


def post(at):
    return factories.user(Role.VILLAGE_CLERK, at=at).posts.get().pk


def waiting(at):
    """A post that a second person is to confirm."""
    made = factories.user(Role.VILLAGE_CLERK, at=at).posts.get()
    made.waits = True
    made.save()
    return made.pk


PAGES = [
    ("scope", {}, "get", set()),
    ("reveal", {}, "post", {P.PII_REVEAL}),
    ("audit_list", {}, "get", {P.AUDIT_VIEW}),
    ("who_saw", {}, "get", {P.AUDIT_VIEW}),
    ("reveal_list", {}, "get", {P.AUDIT_VIEW}),
    ("access_table", {}, "get", {P.ACCESS_REVIEW, P.USER_MANAGE, P.AUDIT_VIEW}),
    ("profile", {}, "get", set()),
    ("password_change", {}, "get", set()),
    ("password_change", {}, "post", set()),
    ("session_list", {}, "get", set()),
    ("session_end", {}, "post", set()),
    ("second_factor", {}, "get", set()),
    ("second_setup", {}, "get", set()),
    ("second_setup", {}, "post", set()),
    ("second_codes", {}, "post", set()),
    ("second_off", {}, "post", set()),
    ("fresh", {}, "get", set()),
    ("fresh", {}, "post", set()),
    ("user_list", {}, "get", USERS),
    ("user_new", {}, "get", USERS),
    ("user_new", {}, "post", USERS),
    ("region_options", {}, "get", USERS),
    ("user_edit", {"pk": person}, "get", USERS),
    ("user_edit", {"pk": person}, "post", USERS),
    ("user_password", {"pk": person}, "post", USERS),
    ("user_second", {"pk": person}, "post", USERS),
    ("post_open", {"pk": person}, "post", USERS),
    ("post_end", {"pk": post}, "post", USERS),
    ("post_confirm", {"pk": waiting}, "post", {P.ACCESS_REVIEW}),
]
