"""Addresses of the dashboard."""

from fupin.accounts.roles import Permission as P
from tests.access import Fixed

PAGES = [
    ("board", {}, "get", {P.BOARD_VIEW}),
    ("board_count", {}, "post", {P.BOARD_VIEW}),
    ("board_table", {"name": Fixed("drill")}, "get", {P.BOARD_VIEW}),
    ("board_compare", {}, "get", {P.BOARD_VIEW}),
    ("board_screen", {}, "get", {P.BOARD_VIEW}),
    ("board_week", {}, "get", {P.BOARD_VIEW}),
    ("household_then", {}, "get", {P.HOUSEHOLD_VIEW}),
]
