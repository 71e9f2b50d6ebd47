"""Templates: made from the columns of each import, filled as their own examples say, read back without any mapping."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel import import_templates, imports
from fupin.excel.reader import Book, Sheet
from households.models import Household
from tests import factories
from tests.parts import one_of, two_parts
from tests.workbooks import found, imported

pytestmark = pytest.mark.django_db
KINDS = [spec.kind for spec in imports.specs()]
WRITTEN = [kind for kind in KINDS if not kind.startswith("check_")] + ["check_death", "check_payroll"]


@pytest.fixture
def clerk():
    for path in ("99010110020101", "990101100202", "990101200201"):
        factories.region(path)
    return factories.user(Role.COUNTY_OFFICE, at="990101100")


@pytest.fixture
def client_of(login, settings, tmp_path, clerk):
    settings.FILES = tmp_path / "files"
    return login(clerk)


def template(client, kind):
    response = client.get(reverse("import_template", args=[kind]))
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(response)))


def filled(book, kind, by):
    """The template with one row: the place from its drop-downs, the rest as its examples say."""
    page, places = book.worksheets[0], import_templates.places_of(by)
    columns = import_templates.columns_of(next(s for s in imports.specs() if s.kind == kind), places)
    assert [cell.value for cell in page[1]] == [column.label for column in columns]
    for at, column in enumerate(columns, 1):
        example = "" if column.name in ("province", "city", "group") else column.example
        page.cell(2, at).value = places.get(column.name, [example])[0] or None
    return columns


def upload(book, name):
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue())


@two_parts(3)
def test_every_kind_is_told_by_its_own_template(clerk, part):
    for kind in part.of(KINDS):
        stream = io.BytesIO()
        spec = next(spec for spec in imports.specs() if spec.kind == kind)
        columns = import_templates.write(spec, stream, by=clerk)
        book = openpyxl.load_workbook(stream)
        filled(book, kind, clerk)
        sheets = [
            Sheet(page.title, page.sheet_state, list(range(1, page.max_row + 1)), [[c.value or "" for c in row] for row in page.iter_rows()])
            for page in book.worksheets
        ]  # fmt: skip

        got, tables, notes = imports.recognise(Book("xlsx", sheets), "新建 XLSX 工作表.xlsx")

        assert (got.kind, len(tables), len(tables[0].rows)) == (kind, 1, 1)
        assert {column.name for column in columns} == set(tables[0].columns), kind
        assert {note["code"] for note in notes} <= {"other_sheet_skipped", "hidden_sheet_skipped"}


@pytest.mark.parametrize("kind", one_of(4, WRITTEN))
def test_a_filled_template_is_imported_as_it_is(client_of, clerk, kind):
    if kind != "households":
        household = factories.household(
            number="51332700012", registry_status="0", target_text="", target_end=None, target_precision=""
        )
        household.members.update(id_number="99010119700101001X", name="扎西")
    if kind == "attendance":
        factories.team_member(name="李明", unit="县农业农村局")
    if kind == "funds":
        factories.project(name="人畜饮水工程", number="2026-513327-0001", year=2026)
    book = template(client_of, kind)
    filled(book, kind, clerk)

    batch = imported(client_of, upload(book, "填好了.xlsx"), year=2025)

    assert (batch.kind, found(batch), found(batch, "warning"), batch.report["good"]) == (kind, [], [], 1)
    assert not batch.mapping


def test_a_template_offers_what_its_user_may_write(client_of, clerk):
    page, lists = (book := template(client_of, "households")).worksheets[0], book["选项"]
    rules = {rule.formula1: rule for rule in page.data_validations.dataValidation}
    offered = {
        column[0].value: [cell.value for cell in column[1:] if cell.value] for column in lists.iter_cols()
    }
    at = {cell.value: cell for cell in page[1]}

    assert offered["村"] == ["测试村01", "测试村02"]  # those of the other township are not hers
    assert offered["乡镇"] == ["测试镇00"] and offered["是否贫困户"] == ["是", "否"]
    assert "户主" in offered["与户主关系"] and len(rules) == len(offered)
    assert all(str(rule.sqref).startswith(formula and str(rule.sqref)[0]) for formula, rule in rules.items())
    assert lists.sheet_state == "hidden" and book.sheetnames[1] == "填写说明"
    assert page.column_dimensions[at["证件号码"].column_letter].number_format == "@"
    assert "18 位" in at["证件号码"].comment.text and "必填" in at["证件号码"].comment.text
    assert "51332700012" in [cell.value for row in book["填写说明"].iter_rows() for cell in row]


def test_a_template_costs_a_fixed_number_of_queries_and_is_only_for_kinds_that_exist(client_of):
    assert client_of.get(reverse("import_template", args=["nothing"])).status_code == 404
    with CaptureQueriesContext(connection) as few:
        client_of.get(reverse("import_template", args=["visits"]))
    for n in range(3, 9):
        factories.region(f"99010110020{n}")
    with CaptureQueriesContext(connection) as many:
        client_of.get(reverse("import_template", args=["visits"]))
    assert len(many) == len(few) <= 8
    assert not Household.objects.exists()
