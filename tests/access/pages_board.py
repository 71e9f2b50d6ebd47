"""Addresses of the dashboard."""

from fupin.accounts.roles import Permission as P

PAGES = [("board", {}, "get", {P.BOARD_VIEW})]
