"""The addresses of the household list and file."""

from fupin.accounts.roles import Permission as P
from tests import factories


def household(at):
    return factories.household(at=at).pk


PAGES = [
    ("subject_list", {}, "get", {P.SUBJECT_VIEW}),
    ("household_list", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("household_search", {}, "post", {P.HOUSEHOLD_VIEW}),
    ("household_bulk", {}, "post", {P.HOUSEHOLD_VIEW}),
    ("village_sheets", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("household_handbook", {"pk": household}, "get", {P.HOUSEHOLD_VIEW}),
    ("household_card", {"pk": household}, "get", {P.HOUSEHOLD_VIEW}),
    ("household_print", {"pk": household}, "get", {P.HOUSEHOLD_VIEW}),
    ("household_detail", {"pk": household}, "get", {P.HOUSEHOLD_VIEW}),
]
