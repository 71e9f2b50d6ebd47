"""Rows that hold more than one: helpers in columns, households and days in a cell, changes of helpers."""

from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel import imports
from fupin.excel.reader import Book, Sheet
from fupin.excel.readings import sentences
from households import kept, search
from households.imports.by_name import names_in
from households.imports.visit_days import days_in, told_in
from households.models import Pairing, Visit
from tests import factories
from tests.workbooks import found, imported, made, uploaded

NO, HEAD = "户编号", "户主姓名"


@pytest.fixture
def village():
    return factories.region("990101100201")


@pytest.fixture
def client_of(login, village, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def home(number, name, at):
    """A household whose head is called so."""
    made_one = factories.household(number=number, at=at.path)
    made_one.members.update(name=name)
    kept.refresh([made_one.pk])
    search.refresh([made_one.pk])
    return made_one


def pairings():
    rows = Pairing.objects.order_by("household__number", "starts_on", "order")
    return list(rows.values_list("household__number", "helper__name", "helper__unit", "order"))


def test_what_a_cell_of_names_and_of_days_says():
    assert [names_in(cell) for cell in ("张三、李四(51001)等5户", "1.张三 2.李四", "张三 李四", "张 三", "扎西·多吉,王五", "1、张三 2、李四")] == [
        ([("张三", ""), ("李四", "51001")], 5), ([("张三", ""), ("李四", "")], None), ([("张三", ""), ("李四", "")], None),
        ([("张三", "")], None), ([("扎西·多吉", ""), ("王五", "")], None), ([("张三", ""), ("李四", "")], None),
    ]  # fmt: skip
    assert [days_in(cell) for cell in ("3月5日、4月12日", "2024.3.5，12\n2025/1/2", "20240305;20240306", "2024.5.12-13", "3月", "慰问、座谈")] == [
        ["3月5日", "4月12日"], ["2024年3月5日", "2024年3月12日", "2025年1月2日"], ["2024年3月5日", "2024年3月6日"], [], [], [],
    ]  # fmt: skip
    assert told_in("3月5日：送化肥；4月12日，慰问") == [("3月5日", "送化肥"), ("4月12日", "慰问")]
    assert told_in("5月初慰问") == told_in("送化肥；3月5日慰问") == []


@pytest.mark.django_db
def test_two_helpers_of_a_household_in_one_row(client_of, village):
    for number in ("H1", "H2"):
        home(number, "张三", village)
    header = (NO, HEAD, "包户干部", "单位", "帮扶联系人", "联系电话", "结对时间")
    rows = (("H1", "张三", "李明", "县农业局", "王强", "13800000002", "2024.3"), ("H2", "张三", "赵刚、钱进", "县医院、县文化局", "", "", "2024.3"))  # fmt: skip

    batch = imported(client_of, made(header, *rows, title="结对帮扶名册"))

    expected = [("H1", "李明", "县农业局", "1"), ("H1", "王强", "", "2"), ("H2", "赵刚", "县医院", "1"), ("H2", "钱进", "县文化局", "2")]  # fmt: skip
    assert (batch.kind, found(batch), pairings()) == ("pairings", [], expected)
    assert found(batch, "warning") == [("pairing_columns", "3")]
    told = next(issue["expected"] for issue in batch.issues if issue["code"] == "pairing_columns")
    assert told.startswith("第 1 名：姓名 C 列、单位 D 列；第 2 名：姓名 E 列、电话 F 列")


@pytest.mark.django_db
def test_households_that_a_cell_names_and_one_name_that_two_bear(client_of, village):
    other = factories.region("990101100202")
    for number, name, at in (("H1", "张三", village), ("H2", "李四", village), ("H3", "张三", other)):
        home(number, name, at)
    factories.pair(home("H4", "王五", village), factories.helper())
    rows = (
        ("帮扶责任人", "帮扶单位", "结对户"),
        ("李明", "县农业局", "张三、李四"),
        ("王强", "镇政府", "王五、赵六"),
    )

    batch = uploaded(client_of, made(*rows, title="结对安排表"))

    assert found(batch) == [("household_name_ambiguous", "C3"), ("household_name_unknown", "C4")]
    assert [code for code, _ in found(batch, "warning")] == ["pairing_date_assumed", "household_by_name", "household_by_name"]  # fmt: skip
    for typed, left in (
        (
            {"c:0:hh_no": "H3", "c:3:hh_no": "H9"},
            [("household_not_found", "4")],
        ),  # of the second household of that row
        ({"c:3:hh_no": "H1"}, []),
    ):
        said = {"version": batch.version, "show": "all", "action": "save"} | typed
        client_of.post(reverse("import_cells", args=[batch.uid]), said)
        batch.refresh_from_db()
        batch.__dict__.pop("issues", None)
        assert found(batch) == left
    client_of.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    assert {(number, name) for number, name, *_ in pairings()} >= {
        ("H1", "王强"),
        ("H2", "李明"),
        ("H3", "李明"),
        ("H4", "王强"),
    }


@pytest.mark.django_db
def test_a_change_of_helpers_ends_one_pairing_and_begins_another(client_of, village):
    for number in ("H1", "H2"):
        factories.pair(home(number, "张三", village), factories.helper(name="李明", unit="县农业局"))
    header = (NO, HEAD, "原责任人", "现责任人", "现责任人单位", "调整时间", "调整原因")
    rows = (
        ("H1", "张三", "李明", "王强", "镇政府", "2024.6.1", "工作调动"), ("H1", "张三", "王强", "赵刚", "县医院", "2024.9.1", ""),
        ("H2", "张三", "钱进", "王强", "镇政府", "2024.6.1", "退休"),
    )  # fmt: skip
    file = made(header, *rows, title="帮扶责任人调整表").read()
    sent = lambda: type(made(header))("表.xlsx", file)  # noqa: E731

    batch = imported(client_of, sent())

    assert found(batch) == [("pairing_old_differs", "C5")]
    assert "李明（县农业局）" in next(
        issue["expected"] for issue in batch.issues if issue["severity"] == "error"
    )
    held = Pairing.objects.filter(household__number="H1").order_by("starts_on")
    assert list(held.values_list("helper__name", "starts_on", "ends_on", "end_reason")) == [
        ("李明", date(2020, 1, 1), date(2024, 5, 31), "1"), ("王强", date(2024, 6, 1), date(2024, 8, 31), ""), ("赵刚", date(2024, 9, 1), None, ""),
    ]  # fmt: skip
    again = imported(client_of, sent())
    assert (again.report["written"]["rows_new"], again.report["written"]["rows_changed"]) == (0, 0)
    assert Pairing.objects.get(household__number="H2").ends_on is None


@pytest.mark.django_db
@pytest.mark.parametrize(("header", "row", "days"), [
    (("走访时间", "走访内容"), ("3月5日、4月12日", "慰问"), [(3, 5, "慰问"), (4, 12, "慰问")]),
    (("走访时间1", "走访内容1", "走访时间2", "走访内容2"), ("2024-3-5", "送药", "2024-4-12", "慰问"), [(3, 5, "送药"), (4, 12, "慰问")]),
    (("走访时间", "走访内容", "走访时间", "走访内容"), ("2024-3-5", "送药", "", ""), [(3, 5, "送药")]),
    (("走访情况",), ("3月5日：送药；4月12日：慰问",), [(3, 5, "送药"), (4, 12, "慰问")]),
])  # fmt: skip
def test_several_visits_in_one_row(client_of, village, header, row, days):
    home("H1", "张三", village)
    home("H2", "李四", village)

    who = "张三、李四" if len(header) < 3 else "张三"
    batch = imported(client_of, made((HEAD, "走访人", *header), (who, "李明", *row), title="2024年走访台账"))

    assert (batch.kind, found(batch)) == ("visits", [])
    assert list(Visit.objects.filter(household__number="H1").order_by("on").values_list("on", "content")) == [(date(2024, month, day), words) for month, day, words in days]  # fmt: skip
    assert Visit.objects.count() == len(who.split("、")) * len(days)


def test_a_preview_says_what_was_not_read_and_where_it_belongs():
    columns = (("F", "包户\n干部1"), ("G", "单位1"), ("A", "序号"), ("J", "心愿"))
    notes = [
        {"sheet": "户", "code": "extra_column_ignored", "col": col, "label": label} for col, label in columns
    ]
    notes += [{"sheet": "户", "code": "unit_wan_converted", "columns": ["家庭纯收入（万元）"]}, {"sheet": "附表", "code": "other_sheet_skipped"}]  # fmt: skip

    assert sentences({"kind": "households", "notes": notes}) == [
        "没有用到的列：F 列“包户干部1”、G 列“单位1”、J 列“心愿”",
        "其中“包户干部1”“单位1”是结对台账的内容：要导入，请把这个文件再传一次，导入内容选“结对台账”",
        "按万元读、换算成元的列：家庭纯收入（万元）", "没有读的工作表：附表",
    ]  # fmt: skip
    assert sentences({"kind": "pairings", "notes": notes[2:3]}) == []


def test_a_list_of_people_read_for_its_helpers_and_an_official_written_once():
    def read(kind, *rows):
        width = max(map(len, rows))
        cells = [[*row, *([""] * (width - len(row)))] for row in rows]
        sheet = Sheet("Sheet1", "visible", list(range(1, len(rows) + 1)), cells)
        spec, (table,), _ = imports.recognise(Book("xlsx", [sheet]), "表.xlsx", kind)
        return spec.kind, [tuple(row[table.columns[name]] for name in ("hh_no", "helper", "head_name") if name in table.columns) for row in table.rows]  # fmt: skip

    people = (
        [NO, "姓名", "身份证号", "与户主关系", "帮扶责任人1", "单位1", "帮扶责任人2"],
        ["H1", "甲", factories.id_number(1), "户主", "李明", "县农业局", "王强"], ["H1", "乙", factories.id_number(2), "配偶", "李明", "县农业局", "王强"],
    )  # fmt: skip
    assert read("pairings", *people) == ("pairings", [("H1", "李明"), ("H1", "王强")])
    assert read("", *people)[0] == "households"
    once = (["干部联系户名单"], ["序号", "帮扶干部", "单位", "联系户姓名"], [1.0, "李明", "县农业局", "张三"], ["", "", "", "李四"], ["合计", "", "", "2户"])  # fmt: skip
    assert read("", *once) == ("pairings", [("", "李明", "张三"), ("", "李明", "李四")])
