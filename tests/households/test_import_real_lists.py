"""Lists as townships, villages and bureaus really send them: ticks in columns, parts below sums, two sheets, sections."""

from datetime import date
from decimal import Decimal

import pytest

from fupin.excel import cleaning, imports, reader
from fupin.excel.places import Place
from fupin.excel.reader import Sheet
from households import codes
from households.imports import measure_columns
from households.imports.form_names import parted
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


def test_households_and_members_on_two_sheets_joined_by_a_running_number():
    houses = sheet(
        "户表",
        ["序号", "村", "户主姓名", "户类型"],
        [1.0, "甲村", PERSON[0], "脱贫户"],
        [2.0, "甲村", "丙", "脱贫户"],
    )
    people = sheet("成员表", ["序号", "户序号", "姓名", "身份证号", "与户主关系"], [1.0, 1.0, *PERSON, "户主"], [2.0, 1.0, *WIFE, "配偶"])  # fmt: skip
    spec, tables, notes = imports.recognise(reader.Book("xlsx", [houses, people]), "表.xlsx")
    plan = spec.plan(tables, SETTING)

    (house,) = plan.houses
    assert (house.number, house.place.village, house.poor, [one.name for one in house.people]) == ("", "甲村", True, ["甲", "乙"])  # fmt: skip
    assert (codes_of(plan), [note["code"] for note in notes]) == (["household_unnumbered", "sheets_joined"], ["extra_column_ignored"])  # fmt: skip
    assert (
        plan.issues[1].detail
        == "用“户表”的“序号”对“成员表”的“户序号”，对上 1 户；“户表”第 3 行没有成员，没有导入"
    )
    strangers = sheet("户表", ["序号", "村", "户主姓名", "户类型"], [1.0, "甲村", "丁", "脱贫户"], [2.0, "甲村", "丙", "脱贫户"])  # fmt: skip
    _, tables, _ = imports.recognise(reader.Book("xlsx", [strangers, people]), "表.xlsx")
    assert "village" not in tables[0].columns  # other heads: the numbers do not mean these households


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


def test_a_list_of_payments_is_a_measure_by_its_title():
    header = ["序号", "户编号", "户主姓名", "数量（只）", "补助金额（元）", "领取人签字"]
    kind, plan, _ = read(["白坪村2024年6月产业奖补资金发放花名册"], header, [1.0, "51332700001", "甲", 10.0, 2000.0, ""], ["合计", "", "", 10.0, 2000.0])  # fmt: skip

    (row,) = plan.records
    assert (kind, row.kind, row.what, str(row.begin), row.values["money"]) == ("measures", "02", "产业奖补资金", "2024-06-01", 2000)  # fmt: skip
    assert codes_of(plan) == ["measure_date_assumed"]


def test_who_a_row_of_a_bureaus_list_is_about_and_what_it_says():
    header = ["户主姓名", "户主身份证号", "成员姓名", "成员身份证号", "与户主关系", "疑点类型", "疑点内容"]
    kind, plan, _ = read(["县级部门数据比对疑点清单"], header, [*PERSON, *WIFE, "配偶", "有车", "一辆"], ["", "", "丙", "990101195202290063", "", "有房", ""])  # fmt: skip

    assert (kind, [(row.number, row.name, row.value) for row in plan.records]) == ("check_other", [(WIFE[1], "乙", "一辆"), ("990101195202290063", "丙", "有房")])  # fmt: skip
    plates = ["姓名", "身份证号", "车牌号1", "车牌号2"]
    assert read(plates, [*PERSON, "渝A1", "渝B2"], name="车辆.xlsx")[1].records[0].value == "渝A1"


def test_a_register_of_inhabitants_with_more_than_one_head_is_a_list():
    header = ["编号", "姓名", "身份证号码", "与户主关系", "人员状态"]
    kind, plan, _ = read(["白坪村常住人口登记表"], ["乡镇：松坪镇", "", "村：河边村"], header, [1.0, *PERSON, "户主", ""], ["", *WIFE, "妻", "死亡"], [2.0, "丙", "990101195202290063", "户主", ""])  # fmt: skip

    assert (kind, [len(house.people) for house in plan.houses]) == ("households", [2, 1])
    assert {(house.place.town, house.place.village) for house in plan.houses} == {("松坪镇", "河边村")}
    assert sorted(codes_of(plan)) == ["household_unnumbered", "person_has_left"]


def test_rows_that_only_number_the_columns_are_skipped_however_many():
    _, plan, _ = read(["户编号", "村", "姓名", "证件号码", "与户主关系"], ["甲", "乙", "丙", "丁", "戊"], [1.0, 2.0, 3.0, 4.0, 5.0], ["1", "甲村", *PERSON, "户主"])  # fmt: skip

    assert [house.number for house in plan.houses] == ["1"]


def test_risks_ticked_below_a_title_that_lies_across():
    header = ["户编号", "监测对象类别", "识别时间", "风险类型", "", "帮扶措施", "", "风险是否消除"]
    below = ["", "", "", "因病", "因学", "产业帮扶", "健康帮扶", ""]
    kind, plan, _ = read(header, below, ["51332700001", "突发严重困难户", "2023年5月", "√", "", "", "√", "否"], merges=[(1, 4, 1, 5), (1, 6, 1, 7)])  # fmt: skip

    (row,) = plan.records
    assert (kind, row.risks, row.measures) == ("monitoring", "01", [("08", "健康帮扶")])


def test_rows_below_a_household_whose_number_stands_once_are_its_people_each_with_an_own_phone():
    header = ["户编号", "村", "姓名", "证件号码", "关系", "联系电话"]
    _, plan, _ = read(header, ["1", "甲村", *PERSON, "户主", "15400000001"], ["", "", *WIFE, "妻", "15400000002"], ["2", "甲村", "丙", "990101195202290063", "户主", "15400000003"])  # fmt: skip

    assert [(house.number, house.values["phone"], [one.values.get("phone") for one in house.people]) for house in plan.houses] == [
        ("1", "15400000001", [None, "15400000002"]), ("2", "15400000003", [None]),
    ]  # fmt: skip
    assert codes_of(plan) == []


def test_what_a_ledger_writes_once_goes_for_the_rows_below_and_is_told():
    measures = read(["户编号", "户主", "措施类别", "措施内容", "实施时间"], ["51332700001", "甲", "产业帮扶", "养牛", "2024-03-01"], ["", "", "健康帮扶", "签约", "2024-03-02"])[1]  # fmt: skip
    visits = read(["2024年走访"], ["户编号", "户主", "走访人", "走访时间", "走访内容"], ["51332700001", "甲", "李明", "2024-03-01", "一"], ["", "", "", "2024-04-01", "二"])[1]  # fmt: skip
    header = ["序号", "帮扶单位", "帮扶人", "户主", "户编号", "结对时间"]
    pairs = read(header, [1.0, "县医保局", "周敏", "甲", "51332700001", "2021.3"], ["", "", "", "乙", "51332700002", "2021.3"], [2.0, "县税务局", "", "丙", "51332700003", "2021.3"])[1]  # fmt: skip

    assert [(row.number, row.what) for row in measures.records] == [
        ("51332700001", "养牛"),
        ("51332700001", "签约"),
    ]
    assert [(row.number, row.visitor, row.content) for row in visits.records] == [("51332700001", "李明", "一"), ("51332700001", "李明", "二")]  # fmt: skip
    assert [(row.helper, row.unit) for row in pairs.records] == [("周敏", "县医保局"), ("周敏", "县医保局"), ("", "县税务局")]  # fmt: skip
    assert [codes_of(plan) for plan in (measures, visits)] == [["carried_down"], ["carried_down"]]
    assert codes_of(pairs) == ["helper_missing", "carried_down"]


def test_states_of_health_and_answers_ticked_below_their_titles():
    header = [
        "户编号",
        "村",
        "姓名",
        "证件号码",
        "与户主关系",
        "健康状况",
        "",
        "",
        "",
        "是否参加大病保险",
        "",
    ]
    below = ["", "", "", "", "", "健康", "长期慢性病", "患有大病", "残疾", "是", "否"]
    _, plan, unused = read(header, below, ["1", "甲村", *PERSON, "户主", "", "√", "", "√", "", "√"], ["1", "甲村", *WIFE, "妻", "√", "", "", "", "√", ""], merges=[(1, 6, 1, 9), (1, 10, 1, 11)])  # fmt: skip

    facts = [(one.facts["health"], one.facts["medical_critical"]) for one in plan.houses[0].people]
    assert (facts, codes_of(plan), unused) == ([("02,04", False), ("01", True)], [], [])


def test_parts_of_a_list_in_wan_and_figures_where_words_are_expected():
    header = ["户编号", "姓名", "证件号码", "与户主关系", "工资性收入", "人均纯收入"]
    _, plan, _ = read(
        ["收入表（单位：万元）"], header, ["一、白坪村"], ["51332700001", *PERSON, "户主", 2.5, 2.5]
    )
    rows = sheet("Sheet1", ["户编号", "户主", "措施1", "措施2"], ["51332700001", "甲", 3000.0, "养牛"])
    (table,) = measure_columns.read(LEDGER, rows, "measures")

    assert (plan.houses[0].place.village, plan.houses[0].income["wage"], codes_of(plan)) == (
        "白坪村",
        25_000,
        [],
    )
    assert [row[table.columns["money"]] for row in table.rows] == [3000.0, ""]


def test_a_number_merged_down_beside_groups_is_a_list_and_no_form():
    rows = (["松坪镇白坪村建档立卡脱贫户花名册"], ["序号", "户 编 号", "农户基本情况", "", "家庭成员", "", "", "收入情况"], ["", "", "户主姓名", "农户属性", "姓 名", "公民身份号码", "与户主的关系", "家庭纯收入（万元）"],
            [1.0, "61001", "甲", "脱贫户", *PERSON, "户主", 2.4], ["", "", "", "", *WIFE, "妻", ""])  # fmt: skip
    kind, plan, _ = read(*rows, merges=[(2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 4), (2, 5, 2, 7)])

    (house,) = plan.houses
    assert (kind, house.number, house.net, len(house.people)) == ("households", "61001", 24_000, 2)


def test_parts_below_a_title_that_is_merged_over_nothing_are_added_up():
    kind, plan, _ = read(["2024年收入测算"], ["户编号", "工资性收入（万元）", "转移性收入", "", "家庭纯收入"], ["", "", "低保金", "养老金", ""], ["1", 2.5, 2400.0, 1200.0, "28600"])  # fmt: skip

    assert (kind, plan.records[0].house.income) == ("yearly", {"wage": 25_000, "transfer": 3_600})


def test_figures_per_head_that_are_text_go_with_the_line_over_the_table():
    _, plan, _ = read(["2024年收入统计表　单位：万元"], ["户编号", "转移性收入", "人均纯收入"], ["1", "", "0.6"])  # fmt: skip

    assert plan.records[0].house.percap == 6_000


def test_of_two_titles_the_one_that_says_it_better():
    header = ["户主姓名", "户主身份证号", "帮扶措施", "具体内容", "完成情况", "完成时间"]
    kind, plan, unused = read(
        ["2025年帮扶措施台账"], header, [*PERSON, "产业帮扶", "养牛", "已完成", "25-6-30"]
    )

    (row,) = plan.records
    assert (kind, row.kind, row.what, str(row.values["done_on"]), unused) == ("measures", "02", "养牛", "2025-06-30", ["完成情况"])  # fmt: skip


def test_an_amount_in_yuan_beside_one_in_ten_thousands():
    rows = sheet("Sheet1", ["帮扶政策落实情况"], ["户编号", "小额信贷", "", "雨露计划", ""], ["", "贷款金额（万元）", "贷款时间", "补助金额（元）", "名称"], ["1", 5.0, "2024.5", "3000", ""])  # fmt: skip
    (table,) = measure_columns.read(LEDGER, rows, "measures")
    at = table.columns

    assert [(row[at["money"]], table.units["money"]) for row in table.rows] == [("5万元", 1), ("3000", 1)]
    assert [row[at["begin"]] for row in table.rows] == ["2024.5", ""]


@pytest.mark.parametrize(
    ("table", "said", "expected"),
    [
        ("Cause", "因病因残", ("01", "02")), ("Cause", "因病和缺劳动力等", ("01", "08")), ("Cause", "03-因学", ("03",)), ("Cause", "因病不明", ()),
        ("Risk", "因大病及务工不稳定", ("01", "07")), ("Risk", "因灾-洪涝", ("0201",)), ("Risk", "等", ()), ("Health", "长期慢性病残疾", ("02", "04")),
        ("MonitorCategory", "边缘易致贫户（监测）", ("2",)), ("MonitorCategory", "突发", ("3",)),
        ("Structure", "土木", ("5",)), ("Structure", "砖木结构", ("3",)), ("Structure", "土坯房", ("5",)), ("Structure", "砖混结构房屋", ("2",)),
    ],
)  # fmt: skip
def test_phrases_that_name_options(table, said, expected):
    assert codes.codes_in(getattr(codes, table), said) == expected


def test_a_word_that_is_no_option_is_told_with_the_options():
    rows = (["户编号", "村", "姓名", "证件号码", "与户主关系", "主要致贫原因", "住房结构", "户类型"],
            ["1", "甲村", *PERSON, "户主", "因病因残", "木楞子", "好户"])  # fmt: skip
    _, plan, _ = read(*rows)

    assert plan.houses[0].causes == [(0, "01"), (1, "02")]
    told = {issue.field: issue.expected for issue in plan.issues if issue.code == "value_unknown"}
    assert "竹草土坯" in told["structure"] and "边缘易致贫户" in told["hh_type"]


@pytest.mark.parametrize(
    ("header", "merges"),
    [
        ((["序号", "村", "户主信息", "", "", "家庭人口", "致贫原因", "收入（元）", ""], ["", "", "户主姓名", "身份证号", "联系电话", "", "", "工资性收入", "转移性收入"]), ()),
        ((["序号", "村", "户主", "", "", "家庭情况", "", "收入（元）", ""], ["", "", "姓名", "身份证号", "联系电话", "家庭人口", "致贫原因", "工资性收入", "转移性收入"]),
         ((2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 5), (2, 6, 2, 7), (2, 8, 2, 9))),
    ],
)  # fmt: skip
def test_a_list_of_one_row_is_no_form(header, merges):
    row = [1, "甲村", *PERSON, "13800000000", 3.0, "因病", 12000.0, 800.0]
    kind, plan, _ = read(["昌龙村农户家庭情况登记表"], *header, row, merges=merges)

    (record,) = plan.records
    assert (kind, record.house.income) == ("yearly", {"wage": Decimal(12000), "transfer": Decimal(800)})  # fmt: skip


def test_what_only_the_sheet_of_people_says_of_their_household():
    houses = sheet("户表", ["户编号", "户主姓名", "家庭人口", "工资性收入"], ["1", "甲", 2.0, 8000.0])
    people = sheet("成员表", ["户编号", "村", "姓名", "身份证号", "与户主关系", "致贫原因", "工资性收入"], ["1", "甲村", *PERSON, "户主", "因病", 1.0], ["1", "甲村", *WIFE, "配偶", "", ""])  # fmt: skip
    spec, tables, _ = imports.recognise(reader.Book("xlsx", [houses, people]), "表.xlsx")
    plan = spec.plan(tables, SETTING)

    (house,) = plan.houses
    assert (house.place.village, house.causes, house.income, house.size) == ("甲村", [(0, "01")], {"wage": Decimal(8000)}, 2)  # fmt: skip
    assert codes_of(plan) == []


def test_a_bureaus_list_that_its_title_names_is_not_read_for_its_guarantees():
    kind, plan, _ = read(
        ["2025年11月城乡低保对象名单"],
        ["姓名", "公民身份号码", "保障类型", "月保障金"],
        [*PERSON, "农村低保", 420.0],
    )
    assert (kind, plan.records[0].value) == ("check_dibao", "农村低保")


@pytest.mark.parametrize(("total", "amounts"), [(["合计金额"], [2700, 400]), ([], [2700, 400])])
def test_an_amount_in_several_columns_of_one_title_is_their_sum(total, amounts):
    header = ["户主姓名", "身份证号", "养牛（头）", "补助金额", "养羊（只）", "补助金额", *total]
    rows = [[*PERSON, 2.0, 2000.0, 3.0, 700.0, 2700.0], [*WIFE, "", "", 2.0, 400.0, 400.0]]
    kind, plan, _ = read(["2025年产业奖补资金发放表"], header, *(row[: len(header)] for row in rows))

    assert (kind, [row.values["money"] for row in plan.records]) == ("measures", amounts)
    assert "amounts_added" in codes_of(plan)


def test_a_measure_from_one_day_to_another_and_a_kind_under_another_name():
    header = ["户编号", "户主", "措施类别", "具体措施", "投入（万元）", "实施时间"]
    _, plan, unused = read(
        ["帮扶措施台账"], header, ["H1", "甲", "医疗救助", "大病救助", 0.8, "2025-03-01至2025-12-31"]
    )

    (row,) = plan.records
    assert (row.kind, row.begin, row.values["target_end"], row.values["money"]) == ("08", date(2025, 3, 1), date(2025, 12, 31), Decimal(8000))  # fmt: skip
    assert (unused, codes_of(plan)) == ([None], [])


def test_risks_below_a_title_that_are_numbered():
    rows = (["户编号", "监测对象类别", "致贫返贫风险", "", "识别时间"], ["", "", "风险一", "风险二", ""], ["H1", "突发严重困难户", "因病", "因灾（洪涝）", "2025年3月"])  # fmt: skip
    _, plan, _ = read(*rows, kind="monitoring")
    assert (plan.records[0].risks, codes_of(plan)) == ("01,0201", [])


@pytest.mark.parametrize("number", ["1", ""])
def test_an_amount_of_a_member_in_a_column_of_the_household_is_told(number):
    rows = (["户编号", "村", "姓名", "证件号码", "与户主关系", "务工收入"], ["1", "甲村", *PERSON, "户主", 8000.0], [number, "", *WIFE, "配偶", 36000.0])  # fmt: skip
    _, plan, _ = read(*rows)

    (told,) = [issue for issue in plan.issues if issue.code == "household_conflict"]
    assert (told.row, told.col, told.value) == (3, "F", "36000") and "年务工收入" in told.expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("白坪村3组", ("", "白坪村", "3组")), ("松坪镇白坪村一组", ("松坪镇", "白坪村", "一组")), ("白坪村", ("", "白坪村", "")), ("甲社区居民委员会2组", ("", "甲社区居民委员会", "2组")), ("白坪", ("", "白坪", "")),
    ],
)  # fmt: skip
def test_a_village_with_its_group_or_its_township(said, expected):
    place, group = parted(Place(village=said))
    assert (place.town, place.village, group) == expected


def test_a_last_cell_that_only_looks_blank():
    _, plan, _ = read(
        ["户编号", "村", "姓名", "证件号码", "与户主关系", "致贫原因"],
        ["1", "甲村", *PERSON, "户主", "\u200b"],
    )
    assert (len(plan.houses), codes_of(plan)) == (1, [])


def test_a_form_that_says_more_than_is_read_tells_it_and_its_house_in_one_line():
    rows = (["农户信息采集表"], ["所在地：新都镇昌龙村一组"], ["户主姓名：甲    身份证号：" + PERSON[1]], ["住房：面积90平方米 结构：砖木 是否危房：□是 ☑否"],
            ["劳动力", 1.0, ""], ["五保户", "否", ""], ["主要收入来源", "务工", ""],
            ["成员姓名", "与户主关系", "身份证号"], [PERSON[0], "本人", PERSON[1]], ["帮扶责任人", "李明", ""])  # fmt: skip
    _, plan, unused = read(*rows)

    (house,) = plan.houses
    assert (house.condition, unused) == ({"house_area": Decimal(90), "structure": "3", "dangerous": False}, ["劳动力", "五保户", "主要收入来源", "帮扶责任人"])  # fmt: skip


@pytest.mark.parametrize("between", [["帮扶责任人"], ["帮扶责任人", "帮扶单位"], ["包保干部", "单位及职务"]])
def test_a_telephone_behind_an_official_is_not_the_households(between):
    header = ["户编号", "村", "姓名", "证件号码", "与户主关系", *between, "联系电话"]
    _, plan, unused = read(header, ["1", "甲村", *PERSON, "户主", *["李明"] * len(between), "13900000001"])
    _, own, _ = read(["户编号", "村", "姓名", "证件号码", "与户主关系", "帮扶措施", "联系电话", *between], ["1", "甲村", *PERSON, "户主", "产业", "13900000001"])  # fmt: skip

    assert ("phone" in plan.houses[0].values, unused) == (False, [*between, "联系电话"])
    assert own.houses[0].values["phone"] == "13900000001"
