"""The product's own Python, read and parsed once for all the tests that judge it."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for package in ("fupin", "households", "projects")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
TOGETHER = pytest.mark.xdist_group("sources")
"""For modules that call `nodes`: one process reads for all of them."""


@cache
def nodes(path):
    """Every node of the file's tree, outer before inner."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))
