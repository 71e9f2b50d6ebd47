"""Lists as townships, villages and bureaus really send them: ticks in columns, parts below sums, two sheets, sections."""

from decimal import Decimal

import pytest

from fupin.excel import cleaning, imports, reader
from fupin.excel.reader import Sheet
from households.imports import measure_columns
from households.imports.measures import LEDGER
from households.imports.visits import names_in
from tests import factories
from tests.households.test_import_other_words import PERSON, SETTING, read

WIFE = ["乙", factories.id_number(3, born="19720202", male=False)]


def sheet(name, *rows, merges=()):
    width = max(map(len, rows))
    cells = [[*row, *([""] * (width - len(row)))] for row in rows]
    return Sheet(name, "visible", list(range(1, len(rows) + 1)), cells, merges=list(merges))


def codes_of(plan):
    return [issue.code for issue in plan.issues]


def test_causes_and_kinds_that_are_ticked_in_columns():
    rows = (["户编号", "村", "姓名", "证件号码", "与户主关系", "因病", "因残", "缺劳力", "边缘易致贫户", "突发严重困难户"],
            ["1", "甲村", *PERSON, "户主", "√", "", "√", "", "√"], ["1", "甲村", *WIFE, "老伴", "", "", "", "", ""])  # fmt: skip
    _, plan, unused = read(*rows)
    kind, monitored, _ = read(["户编号", "脱贫不稳定户", "突发严重困难户", "识别时间"], ["1", "", "√", "2023年5月"], ["2", "√", "×", "2023.6"], kind="monitoring")  # fmt: skip

    (house,) = plan.houses
    assert (house.causes, house.values["monitor_category"], [unused, codes_of(plan)]) == ([(0, "01"), (1, "08")], "3", [[], []])  # fmt: skip
    assert house.people[1].relation == "02"
    assert (kind, [row.category for row in monitored.records]) == ("monitoring", ["3", "1"])


def test_a_part_of_an_income_below_its_sum_is_not_the_income():
    rows = (["户编号", "一、工资性收入", "", "", "二、生产经营性净收入", "", "人均纯收入"], ["", "小计", "务工收入", "公益岗", "种植", "养殖", ""],
            ["1", 20000.0, 18000.0, 2000.0, 1000.0, 500.0, 10750.0])  # fmt: skip
    kind, plan, _ = read(*rows, merges=[(1, 1, 2, 1), (1, 2, 1, 4), (1, 5, 1, 6), (1, 7, 2, 7)])

    assert kind == "yearly"
    assert plan.records[0].house.income == {"wage": 20000, "operating": 1500}


def test_a_list_of_heads_with_income_and_land_makes_households():
    header = [
        "村组",
        "户主姓名",
        "户主身份证号",
        "家庭人口",
        "户类型",
        "脱贫时间",
        "耕地",
        "人均收入",
        "联系电话",
    ]
    kind, plan, _ = read(header, ["松坪镇白坪村一组", "甲（五保）", PERSON[1], 1.0, "脱贫户", "2018", "3亩2分", "1.2万", "13800000000"],
                         ["河边村", "丙（已故）", "990101195202290063", 1.0, "脱贫户", "2018", "2", "8000", ""])  # fmt: skip

    first, second = plan.houses
    assert (kind, first.place.town, first.place.village, first.group) == (
        "households",
        "松坪镇",
        "白坪村",
        "一组",
    )
    assert (first.people[0].name, first.extras, first.condition["farmland"]) == (
        "甲",
        ["甲：五保"],
        Decimal("3.20"),
    )
    assert (second.place.village, second.people[0].name) == ("河边村", "丙")
    assert "name_deceased" in codes_of(plan) and "number_unreadable" not in codes_of(plan)


def test_households_and_members_on_two_sheets_joined_by_the_heads_number():
    houses = sheet(
        "户", ["村", "户主姓名", "户主身份证号", "家庭人口", "户类型"], ["甲村", *PERSON, 2.0, "脱贫户"]
    )
    people = sheet("家庭成员", ["户主身份证号", "姓名", "身份证号", "与户主关系"], [PERSON[1], *PERSON, "户主"], [PERSON[1], *WIFE, "配偶"])  # fmt: skip
    spec, tables, _ = imports.recognise(reader.Book("xlsx", [houses, people]), "表.xlsx")
    plan = spec.plan(tables, SETTING)

    (house,) = plan.houses
    assert (house.place.village, [one.name for one in house.people], codes_of(plan)) == ("甲村", ["甲", "乙"], ["household_unnumbered"])  # fmt: skip


def test_a_bureaus_list_called_a_table_of_information_is_no_form():
    kind, plan, _ = read(
        ["财政供养人员信息表"], ["姓名", "身份证号", "单位名称", "人员性质"], [*PERSON, "中心校", "在编"]
    )

    assert (kind, plan.records[0].value) == ("check_payroll", "中心校")
    assert read(["防返贫预警信息（大额支出）"], ["姓名", "身份证号码", "预警类型", "预警内容"], [*PERSON, "医疗", "自付两万"])[1].records[0].value == "自付两万"  # fmt: skip


def test_measures_counted_inside_their_titles():
    rows = sheet("Sheet1", ["户编号", "户主", "措施1类型", "措施1内容", "措施1时间", "措施2类型", "措施2内容", "措施2时间"],
                 ["51332700001", "甲", "产业帮扶", "养牛", "2024.3", "健康帮扶", "救助", "2024.5.1"])  # fmt: skip
    (table,) = measure_columns.read(LEDGER, rows, "measures")
    at = table.columns

    assert [[row[at[name]] for name in ("kind", "what", "begin")] for row in table.rows] == [["产业帮扶", "养牛", "2024.3"], ["健康帮扶", "救助", "2024.5.1"]]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "names"),
    [("李明 王芳", ["李明", "王芳"]), ("张 三", ["张三"]), ("李明、王 芳", ["李明", "王芳"]), ("扎西·多吉", ["扎西·多吉"])],
)  # fmt: skip
def test_visitors_in_one_cell(said, names):
    assert names_in(said) == names


def test_areas_of_mu_and_fen():
    assert [str(cleaning.area(said)) for said in ("3亩2分", "3亩2分5厘", "2亩", "0.5亩")] == ["3.20", "3.25", "2.00", "0.50"]  # fmt: skip
