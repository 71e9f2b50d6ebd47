"""Addresses of the clues out of bureaus' lists."""

from fupin.accounts.roles import Permission as P
from tests import factories


def check(at):
    return factories.crosscheck(factories.household(at=at)).pk


PAGES = [
    ("crosscheck_list", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("crosscheck_edit", {"pk": check}, "get", {P.HOUSEHOLD_VIEW}),
    ("crosscheck_reopen", {"pk": check}, "post", {P.HOUSEHOLD_EDIT}),
]
