"""Measures in columns: a household a row, a column a kind; and the measures of a household in one cell."""

from datetime import date
from decimal import Decimal

import pytest

from fupin.excel.imports import Setting
from fupin.excel.reader import Sheet
from households.imports import measure_columns, measure_words
from households.imports.measures import LEDGER, MeasurePlan

HEAD = ("户编号", "户主姓名")
SETTING = Setting(2026, date(2026, 11, 26))


def plan_of(*rows, merges=(), name="Sheet1"):
    width = max(map(len, rows))
    cells = [[*row, *([""] * (width - len(row)))] for row in rows]
    sheet = Sheet(name, "visible", list(range(1, len(rows) + 1)), cells, merges=list(merges))
    return MeasurePlan(measure_columns.read(LEDGER, sheet, "measures"), SETTING)


def told(plan):
    """`[(household, kind, what, money, beginning)]` of the measures, and the codes of the findings."""
    rows = [
        (row.number, row.kind, row.what, row.values.get("money"), row.begin)
        for row in plan.records
        if not row.bad
    ]
    return rows, [issue.code for issue in plan.issues]


def test_ticks_below_a_group_are_measures_of_their_columns():
    rows = told(plan_of(
        ["帮扶措施落实情况"], [*HEAD, "帮扶措施", "", "", ""], ["", "", "产业帮扶", "就业帮扶", "兜底保障", "其他"],
        ["1", "甲", "√", "", "是", ""], ["2", "乙", "无", 1.0, "×", ""], merges=[(2, 3, 2, 6)],
    ))  # fmt: skip

    assert rows == ([("1", "02", "产业帮扶", None, None), ("1", "11", "兜底保障", None, None), ("2", "03", "就业帮扶", None, None)], [])  # fmt: skip


def test_animals_and_crops_are_counted_in_the_unit_of_their_title():
    plan = plan_of(
        ["养殖帮扶措施"],
        [*HEAD, "养牛（头）", "养羊(只)", "种植花椒（亩）", "养老"],
        ["1", "甲", 1.0, 20.0, "2.5", ""],
    )

    said = [(row.kind, row.what, row.values["quantity"], row.values["unit"]) for row in plan.records]
    assert said == [
        ("02", "养牛", 1, "头"),
        ("02", "养羊", 20, "只"),
        ("02", "种植花椒", Decimal("2.5"), "亩"),
    ]


@pytest.mark.parametrize(
    ("title", "header", "cell", "money", "codes"),
    [
        (["帮扶政策（单位：万元）"], "小额信贷", 5.0, 50_000, []),
        (["享受政策情况"], "小额信贷（万元）", "5", 50_000, []),
        (["享受政策情况", "单位：元"], "产业奖补", 5000.0, 5000, []),
        (["享受政策情况"], "产业帮扶", 5000.0, 5000, ["measure_amount_assumed"]),
        (["享受政策情况"], "产业帮扶", "5000元", 5000, []),
        (["帮扶资金", "单位：元"], "产业帮扶", "5只", None, []),
        (["帮扶资金", "单位：元"], "产业帮扶", "约3千", None, ["number_unreadable"]),
        (["享受政策情况"], "产业帮扶", 5.0, None, ["measure_figure_unclear"]),
    ],
)
def test_what_a_figure_means(title, header, cell, money, codes):
    rows, found = told(
        plan_of(title, [*HEAD, header, "雨露计划"], ["1", "甲", cell, ""], ["2", "乙", 0.0, "是"])
    )

    assert [(household, amount) for household, _, _, amount, _ in rows] == [("1", money), ("2", None)]
    assert found == codes


def test_parts_below_a_kind_words_and_the_year_of_the_title():
    plan = plan_of(
        ["一户一策帮扶台账（2025年度）"], [*HEAD, "产业帮扶", "", "", "就业帮扶", "", ""], ["", "", "内容", "资金（元）", "完成时间", "内容", "资金（元）", "完成时间"],
        ["1", "甲", "种羊5只", 5000.0, "2025.6.1", "", "", ""], ["2", "乙", "", "", "", "公益岗", 3600.0, "12月底前"],
        merges=[(2, 3, 2, 5), (2, 6, 2, 8)],
    )  # fmt: skip

    began = date(2025, 1, 1)
    assert told(plan) == (
        [("1", "02", "种羊5只", 5000, began), ("2", "03", "公益岗", 3600, began)], ["measure_date_assumed"],
    )  # fmt: skip
    first, second = (row.values for row in plan.records)
    assert first["done_on"] == date(2025, 6, 1)
    assert (second.get("done_on"), second["target_end"]) == (None, date(2025, 12, 31))
    rows, _ = told(plan_of(["帮扶措施"], [*HEAD, "措施1", "金额1", "措施2", "金额2"], ["1", "甲", "发放化肥", 200.0, "雨露计划", 3000.0]))  # fmt: skip
    assert [(what, money) for _, _, what, money, _ in rows] == [("发放化肥", 200), ("雨露计划", 3000)]


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ("三保障排查表", [*HEAD, "教育", "医疗", "住房"]),
        ("花名册", [*HEAD, "健康", "教育"]),
        ("帮扶措施台账", [*HEAD, "措施类别", "措施内容", "健康帮扶"]),
        ("监测对象帮扶措施", [*HEAD, "监测对象类别", "产业帮扶", "就业帮扶"]),
        ("补贴", [*HEAD, "与户主关系", "产业补贴", "教育补助"]),
    ],
)
def test_what_is_no_such_list(title, header):
    assert plan_of([title], header, ["1", "甲", *["是"] * (len(header) - 2)]).records == []


def test_the_measures_of_a_household_in_one_cell():
    held = [("08", "签约；家庭医生\n〔甲〕"), ("02", "产业帮扶"), ("05", "护林员：巡山")]
    cell = measure_words.written(held)

    assert cell == "健康帮扶〔签约，家庭医生，（甲）〕；产业帮扶；公益性岗位〔护林员：巡山〕"
    assert measure_words.read(cell) == [(kind, measure_words.said(what)) for kind, what in held]
    assert measure_words.read("产业：√；就业：护林员；兜底：无") == [("02", "产业"), ("03", "护林员")]
    assert measure_words.read("健康帮扶、综合保障") == measure_words.read("") == []
