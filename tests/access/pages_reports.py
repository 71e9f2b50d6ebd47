"""Addresses of the reports. A report's name is part of the catalogue, not a row of a place."""

from fupin.accounts.roles import Permission as P
from tests.access import Fixed

PAGES = [
    ("report_list", {}, "get", (P.REPORT_EXPORT,)),
    ("report_detail", {"name": Fixed("R01")}, "get", (P.REPORT_EXPORT,)),
    ("report_download", {"name": Fixed("R01")}, "get", (P.REPORT_EXPORT,)),
    ("report_download", {"name": Fixed("R12")}, "post", (P.REPORT_EXPORT,)),
]
