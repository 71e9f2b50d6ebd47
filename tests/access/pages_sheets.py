"""The addresses of notices, minutes and visit plans."""

from fupin.accounts.roles import Permission as P

PAGES = [
    ("posting_pick", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("posting_sheet", {}, "post", {P.HOUSEHOLD_VIEW}),
    ("posting_workbook", {}, "post", {P.REPORT_EXPORT}),
    ("posting_setting", {}, "get", {P.SETTINGS_EDIT}),
]
