"""The addresses of notices, minutes and visit plans."""

from fupin.accounts.roles import Permission as P
from tests import factories


def project(at):
    return factories.project(at=at).pk


PAGES = [
    ("posting_pick", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("posting_sheet", {}, "post", {P.HOUSEHOLD_VIEW}),
    ("posting_workbook", {}, "post", {P.REPORT_EXPORT}),
    ("project_posting", {"pk": project}, "get", {P.PROJECT_VIEW}),
    ("project_posting_workbook", {"pk": project}, "get", {P.REPORT_EXPORT}),
    ("project_objections", {"pk": project}, "get", {P.PROJECT_EDIT}),
    ("project_objections", {"pk": project}, "post", {P.PROJECT_EDIT}),
    ("visit_plan", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("visit_plan_print", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("visit_plan_workbook", {}, "get", {P.REPORT_EXPORT}),
    ("posting_setting", {}, "get", {P.SETTINGS_EDIT}),
]
