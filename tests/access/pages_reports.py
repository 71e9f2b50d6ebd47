"""Addresses of the reports. A report's name is part of the catalogue, not a row of a place."""

from fupin.accounts.roles import Permission as P
from tests.access import Fixed

ALL = [
    "R02",
    "R03",
    "R04",
    "R05",
    "R06",
    "R07",
    "R08",
    "R09",
    "R10",
    "R11",
    "R15",
    "R16",
    "R17",
    "R18",
    "R19",
    "R20",
    "R21",
    "R22",
    "L01",
]
"""R11 and R15 stand on villages, all others on households; who may export may see both."""

PAGES = [
    ("report_list", {}, "get", (P.REPORT_EXPORT,)),
    ("report_detail", {"name": Fixed("R01")}, "get", (P.REPORT_EXPORT,)),
    ("report_set", {}, "post", (P.REPORT_EXPORT,)),
    ("report_files", {"name": Fixed("R03")}, "post", (P.REPORT_EXPORT,)),
    ("report_download", {"name": Fixed("R01")}, "get", (P.REPORT_EXPORT,)),
    ("report_download", {"name": Fixed("R12")}, "post", (P.REPORT_EXPORT,)),
    *[("report_download", {"name": Fixed(name)}, "get", (P.REPORT_EXPORT,)) for name in ALL],
]
