"""Addresses of the background jobs. A job belongs to a person, not to a place."""

from tests import factories

OWN = {"uid": lambda at: factories.job().uid}

PAGES = [
    ("job_list", {}, "get", ()),
    ("job_detail", OWN, "get", ()),
    ("job_cancel", OWN, "post", ()),
    ("job_file", OWN, "get", ()),
]
