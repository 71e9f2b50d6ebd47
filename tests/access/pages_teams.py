"""Addresses of the work teams."""

from fupin.accounts.roles import Permission as P
from tests import factories


def member(at):
    return factories.team_member(at=at[:12]).pk


PAGES = [
    ("team_list", {}, "get", {P.VILLAGE_VIEW}),
    ("team_member_new", {}, "get", {P.TEAM_EDIT}),
    ("team_member_edit", {"pk": member}, "get", {P.TEAM_EDIT}),
    ("attendance", {}, "get", {P.VILLAGE_VIEW}),
    ("attendance", {}, "post", {P.TEAM_EDIT}),
]
