"""Generated documents are those that the program would print today."""

from pathlib import Path

import pytest

from fupin.accounts import access_page
from fupin.accounts.roles import Permission
from fupin.management.commands import print_codes
from households.management.commands import print_checks

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize(
    ("name", "page"),
    [("access.md", access_page.page), ("codes.md", print_codes.page), ("checks.md", print_checks.page)],
)
def test_document_is_current(name, page):
    assert (DOCS / name).read_text(encoding="utf-8") == page(), f"manage.py print_{name[:-3]} > docs/{name}"


def test_every_permission_has_its_words():
    assert set(access_page.WORDS) == set(Permission)
