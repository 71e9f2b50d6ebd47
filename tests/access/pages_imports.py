"""Addresses of the import. Only its owner works on a batch; whoever reads the trail of its place sees the line of it."""

from fupin.accounts.roles import Permission as P
from tests import factories
from tests.access import Fixed

OWN = {"uid": lambda at: factories.import_batch().uid}

PAGES = [
    ("import_list", {}, "get", (P.IMPORT,)),
    ("import_upload", {}, "post", (P.IMPORT,)),
    ("import_template", {"kind": Fixed("visits")}, "get", (P.IMPORT,)),
    ("import_preview", OWN, "get", (P.IMPORT,)),
    ("import_columns", OWN, "get", (P.IMPORT,)),
    ("import_mapping_reset", OWN, "post", (P.IMPORT,)),
    ("import_cells", OWN, "post", (P.IMPORT,)),
    ("import_recheck", OWN, "post", (P.IMPORT,)),
    ("import_issues", OWN, "get", (P.IMPORT, P.AUDIT_VIEW)),
    ("import_history", {}, "get", (P.IMPORT, P.AUDIT_VIEW)),
    ("import_record", OWN, "get", (P.IMPORT, P.AUDIT_VIEW)),
    ("import_file", OWN, "get", (P.IMPORT, P.AUDIT_VIEW)),
    ("import_workbook", OWN, "get", (P.IMPORT, P.AUDIT_VIEW)),
    ("import_commit", OWN, "post", (P.IMPORT,)),
    ("import_undo", OWN, "post", (P.IMPORT,)),
    ("import_discard", OWN, "post", (P.IMPORT,)),
]
