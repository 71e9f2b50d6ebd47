"""What people type is text everywhere: never a template, never a format, never a formula, never HTML."""

import ast
import re
from pathlib import Path

import pytest

from tests import sources
from tests.sources import FILES

pytestmark = sources.TOGETHER
ROOT = Path(__file__).parents[2]
OWN_FORMATS = {
    "households/demo/words.py",
    "households/reports/ledgers.py",
    "households/reports/areas.py",
    "households/reports/makeup.py",
    "fupin/logs.py",
    "fupin/excel/mapping_views.py",
    "households/postings.py",
}
"""Files whose `.format` is called on a text of the program that is not spelled as a constant, or is another method."""
OWN_HTML = {"households/rows.py", "households/handbook.py"}
"""Files that put HTML together from pieces they have escaped, or draw a QR code."""
SAFE_TEMPLATES = {"components/field.html", "imports/import_preview.html", "households/household_list.html"}
"""Templates that print HTML as it is: help texts of our own forms, and tables drawn by Jinja with autoescape."""
GUESSING = {"write", "write_row", "write_column"}
"""Methods of a worksheet that turn "=1" into a formula unless the book is told not to."""
LIVE = {"write_formula", "write_array_formula", "write_dynamic_array_formula", "write_url", "insert_image"}


def calls(path):
    """`(node, name)` of each call in the file."""
    for node in sources.nodes(path):
        if isinstance(node, ast.Call):
            yield node, getattr(node.func, "attr", getattr(node.func, "id", ""))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def found():
    """`(file, name of the call, node)` of all calls in the product."""
    return [(name_of(path), name, node) for path in FILES for node, name in calls(path)]


def test_no_text_becomes_a_template_or_code(found):
    banned = {"from_string", "Template", "format_map", "eval", "exec", "render_template_string"}
    assert [(file, name) for file, name, _ in found if name in banned] == []


def test_only_constants_are_formats(found):
    formats = {
        file for file, name, node in found
        if name == "format" and isinstance(node.func, ast.Attribute) and not constant(node.func.value)
    }  # fmt: skip
    assert formats <= OWN_FORMATS


def constant(node):
    """A literal, or a name in capitals."""
    name = getattr(node, "attr", getattr(node, "id", ""))
    return isinstance(node, ast.Constant) or name.isupper()


def test_html_is_made_by_templates(found):
    assert {file for file, name, _ in found if name in {"mark_safe", "SafeString"}} <= OWN_HTML
    printed = {
        path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape off", path.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert printed <= SAFE_TEMPLATES


def test_no_writer_of_workbooks_makes_a_formula_or_a_link_of_a_text(found):
    writers = {name_of(path) for path in FILES if "import xlsxwriter" in path.read_text(encoding="utf-8")}
    assert len(writers) >= 3
    live = [(file, name) for file, name, _ in found if file in writers and name in LIVE]
    assert live == [
        ("fupin/excel/sets.py", "write_url")
    ]  # the index of a zip: to its own files, by cleaned names
    guessing = {file for file, name, _ in found if file in writers and name in GUESSING and name != "write"}
    for file in guessing:
        assert '"strings_to_formulas": False' in (ROOT / file).read_text(encoding="utf-8"), file


def test_no_csv_is_written_but_the_users_own(found):
    written = [file for file, name, _ in found if name in {"writer", "DictWriter", "to_csv"}]
    assert written == ["fupin/excel/mark/lines.py"]  # corrected cells: test_taken_home
