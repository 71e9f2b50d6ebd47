"""The addresses of 个人信息 and 保存期限."""

from fupin.accounts.roles import Permission as P
from tests import factories


def household(at):
    return factories.household(at=at).pk


def person(at):
    return factories.household(at=at).members.get().pk


PAGES = [
    ("household_privacy", {"pk": household}, "get", {P.HOUSEHOLD_VIEW}),
    ("notice_record", {"pk": household}, "post", {P.HOUSEHOLD_EDIT}),
    ("hold_change", {"pk": household}, "post", {P.SETTINGS_EDIT}),
    ("person_export", {"pk": person}, "post", {P.PII_EXPORT}),
    ("retention", {}, "get", {P.SETTINGS_EDIT}),
    ("retention", {}, "post", {P.SETTINGS_EDIT}),
]
