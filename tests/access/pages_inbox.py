"""The work page: open to everybody who holds a post."""

from fupin.accounts.roles import Permission as P

PAGES = [("home", {}, "get", set(P))]
