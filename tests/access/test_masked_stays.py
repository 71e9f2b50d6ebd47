"""Search and sort on a masked field need the permission to know it: read off the source, for every page there will be."""

import ast

from fupin.accounts import pii
from tests import sources

pytestmark = sources.TOGETHER
LOOKUPS = {
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "regex",
    "iregex",
    "gt",
    "gte",
    "lt",
    "lte",
    "range",
}
ASKED_WITH_PERMISSION = {"households/filters.py"}
"""Where numbers are searched for: PII_SEARCH is asked there, see tests/households/test_list.py."""


def test_nothing_masked_is_searched_or_sorted_by():
    """What a value begins with, or where it stands in an order, tells as much as the value: no page does either with a
    masked field, except through the door of PII_SEARCH. Encrypted columns refuse it anyway."""
    masked = {name for fields in pii.table().values() for name, kind in fields.items() if kind in pii.MASKS}
    wrong, looked = [], 0
    for path in sources.FILES:
        place = path.relative_to(sources.ROOT).as_posix()
        if place not in ASKED_WITH_PERMISSION:
            for node in sources.nodes(path):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    said = [
                        k.arg.split("__")
                        for k in node.keywords
                        if k.arg and k.arg.rpartition("__")[2] in LOOKUPS
                    ]
                    found = [parts[-2] for parts in said if len(parts) > 1]
                    if name in {"order_by", "OrderingFilter"}:
                        texts = [
                            a.value
                            for a in ast.walk(node)
                            if isinstance(a, ast.Constant) and isinstance(a.value, str)
                        ]
                        found += [text.lstrip("-").rpartition("__")[2] for text in texts]
                    looked += len(found)
                    wrong += [f"{place}:{node.lineno} {field}" for field in found if field in masked]
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("SORT"):
                    texts = [
                        a.value
                        for a in ast.walk(node)
                        if isinstance(a, ast.Constant) and isinstance(a.value, str)
                    ]
                    looked += len(texts)
                    wrong += [
                        f"{place}:{node.lineno} {t}"
                        for t in texts
                        if t.lstrip("-").rpartition("__")[2] in masked
                    ]
    assert not wrong
    assert looked > 100
