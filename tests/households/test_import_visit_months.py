"""Visits in columns: a household a row, a column a month."""

from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel.reader import Sheet
from households.imports import visit_months
from households.imports.visits import LEDGER
from households.models import Visit
from tests import factories
from tests.workbooks import found, imported, made, uploaded

MONTHS = tuple(f"{month}月" for month in range(1, 5))
HEADER = ("户编号", "户主姓名", "走访人")


def read(*rows, merges=()):
    """`[(household, date, content)]` of the visits of a sheet of months."""
    width = max(map(len, rows))
    cells = [[*row, *([""] * (width - len(row)))] for row in rows]
    sheet = Sheet("Sheet1", "visible", list(range(1, len(rows) + 1)), cells, merges=list(merges))
    return [
        (row[table.columns["hh_no"]], row[table.columns["date"]], row[table.columns["content"]])
        for table in visit_months.read(LEDGER, sheet, "visits")
        for row in table.rows
    ]


def test_what_stands_in_a_month():
    told = {
        "√": [("3月内", "")], "12日": [("3月12日", "")], "3.12": [("3.12", "")], "2020-03-12": [("2020-03-12", "")], "5、20日": [("3月5日", ""), ("3月20日", "")],
        "3月5日 3月20日": [("3月5日", ""), ("3月20日", "")], "9日：送种子": [("3月9日", "送种子")], "了解住院报销": [("3月内", "了解住院报销")],
        "2次": [("3月内", "第 1 次"), ("3月内", "第 2 次")], "×": [], "/": [], "无": [], "": [],
    }  # fmt: skip
    for said, expected in told.items():
        rows = read(["入户走访记录"], [*HEADER, "2月", "3月"], ["1", "张三", "李明", "", said])
        assert [(on, content) for _, on, content in rows] == expected, said


@pytest.mark.parametrize(("figures", "expected"), [((1.0, 2.0), ["1月内", "2月内", "2月内"]), ((2.0, 31.0), ["1月2日", "2月31日"])])  # fmt: skip
def test_figures_are_counts_where_all_are_small(figures, expected):
    assert [
        on for _, on, _ in read(["走访次数"], [*HEADER, "1月", "2月"], ["1", "张三", "李明", *figures])
    ] == expected


def test_two_lines_of_header_years_quarters_and_what_is_none():
    two = read(
        ["2020年走访台账"], [*HEADER, "一月", "", "二月", "", "一季度次数"], ["", "", "", "走访日期", "走访内容", "走访日期", "走访内容"],
        ["1", "张三", "李明", "2020.1.5", "慰问", "8日", "防疫", 2.0], merges=[(2, 4, 2, 5), (2, 6, 2, 7)],
    )  # fmt: skip

    assert two == [("1", "2020.1.5", "慰问"), ("1", "2020年2月8日", "防疫")]
    assert [on for _, on, _ in read(["遍访"], [*HEADER, "一季度", "2021年二季度"], ["1", "", "李", "√", "√"])] == ["1季度内", "2021年2季度内"]  # fmt: skip
    assert read(["公益岗工资"], ["户编号", "姓名", "1月", "2月"], ["1", "张三", 500.0, 500.0]) == []


@pytest.mark.django_db
def test_months_become_visits_and_say_where_the_day_is_not_known(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    village = factories.region("990101100201")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    home = factories.household(at=village.path)
    rows = (
        ("户编号", "户主姓名", "1月", "2月", "3月", "4月"), (home.number, "张三", "√", "12", "4月8日", ""), ("没有这户", "李四", "√", "√", "", ""),
    )  # fmt: skip
    title = "帮扶责任人：李明 2020年入户走访登记"

    batch = uploaded(client, made(*rows, title=title))

    assert (batch.kind, found(batch)) == ("visits", [("household_not_found", "A4")])
    assert found(batch, "warning") == [("visit_day_missing", "C3"), ("visit_month_differs", "E3"), ("visit_day_missing", "C4"), ("visit_day_missing", "D4")]  # fmt: skip
    page = client.get(reverse("import_preview", args=[batch.uid]), {"show": "all"}).content.decode()
    assert "2020年1月内" in page and 'aria-label="第 3 行"' in page
    client.post(
        reverse("import_cells", args=[batch.uid]),
        {"version": batch.version, "show": "all", "action": "save", "c:0:date": "2020-01-15"},
    )
    batch.refresh_from_db()
    batch.__dict__.pop("issues", None)
    assert found(batch, "warning") == [
        ("visit_month_differs", "E3"),
        ("visit_day_missing", "C4"),
        ("visit_day_missing", "D4"),
    ]
    imported(client, made(*rows, title=title))
    again = imported(client, made(*rows, title=title))
    assert list(Visit.objects.order_by("on").values_list("on", "visitor_text")) == [(date(2020, m, d), "李明") for m, d in ((1, 1), (2, 12), (4, 8))]  # fmt: skip
    assert again.report["written"]["rows_new"] == 0
