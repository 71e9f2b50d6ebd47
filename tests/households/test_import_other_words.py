"""Headers and words of other counties: which kind a list is, which field a column, and what nobody says in a column."""

from datetime import date

import pytest

from fupin.excel import imports, reader
from fupin.excel.imports import Setting
from fupin.excel.reader import Sheet
from fupin.excel.table import Table
from households.imports.register import REGISTER, status_titled

SETTING = Setting(2026, date(2026, 11, 26))
PERSON = ["甲", "99010119700101001X"]


def read(*rows, kind="", merges=(), name="表.xlsx"):
    """The kind of a sheet and the plan of it, before the database is asked."""
    width = max(map(len, rows))
    cells = [[*row, *([""] * (width - len(row)))] for row in rows]
    sheet = Sheet("Sheet1", "visible", list(range(1, len(rows) + 1)), cells, merges=list(merges))
    spec, tables, notes = imports.recognise(reader.Book("xlsx", [sheet]), name, kind)
    return spec.kind, spec.plan(tables, SETTING), [note.get("label") for note in notes]


@pytest.mark.parametrize(
    ("kind", "title", "header", "row"),
    [
        ("visits", "走访台账", ["走访时间", "帮扶干部姓名", "单位及职务", "被走访户", "户主身份证号码", "走访事项"], ["2026.3.5", "李明", "镇政府", *PERSON, "政策"]),
        ("pairings", "包户表", ["包户干部", "工作单位", "包保对象户编号", "户主姓名"], ["李明", "镇政府", "1", "甲"]),
        ("pairings", "联系人", ["户编号", "监测联系人", "联系人单位", "开始时间"], ["1", "李明", "村委会", "2026-01"]),
        ("monitoring", "监测对象台账", ["户编号", "三类对象类型", "风险点", "纳入时间"], ["1", "突发严重困难户", "因病", "2026年4月"]),
        ("yearly", "", ["户编号", "户主姓名", "家庭总收入", "家庭纯收入"], ["1", "甲", 5.0, 4.0]),
        ("check_dibao", "2月农村低保资金发放花名册", ["户主姓名", "身份证号", "保障人数", "月发放金额"], [*PERSON, 4.0, "1200"]),
        ("check_medical", "医保局推送：个人自付超1万元", ["患者姓名", "身份证号", "总费用", "个人自付金额(元)"], [*PERSON, 45000.0, 12000.5]),
        ("check_death", "死亡人员名单", ["姓名", "出生日期", "注销日期"], ["甲", "1980.6.15", "2026-3-5"]),
    ],
)  # fmt: skip
def test_which_kind_a_list_is(kind, title, header, row):
    found, plan, unused = read(*([[title]] if title else []), header, row)

    assert (found, [issue.code for issue in plan.issues if issue.severity == "error"]) == (kind, [])
    assert len(plan.records) == 1
    assert set(unused) <= {None, "总费用", "保障人数", "家庭总收入"}
    if kind.startswith("check") and plan.records[0].value:
        assert plan.records[0].value in ("1200", "12000.5", "2026-3-5")


def test_a_list_of_visits_is_not_read_as_pairings_for_want_of_a_column():
    with pytest.raises(reader.Refused) as refused:
        read(["走访台账"], ["走访时间", "干部", "单位", "户编号", "走访内容", "帮扶责任人"], ["2026.3.5", "李", "镇", "1", "看望", ""], kind="pairings")  # fmt: skip
    assert "结对台账" in refused.value.sentence or refused.value.code == "header_not_found"


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("昌龙村脱贫户花名册", "3"), ("贫困户名单", "1"), ("未脱贫户名单", "1"), ("脱贫户和监测对象花名册", None), ("全村农户花名册", None), ("", None),
    ],
)  # fmt: skip
def test_what_a_title_says_of_everybody_in_the_list(title, status):
    assert status_titled(Table("Sheet1", REGISTER.kind, [1], {}, {}, {}, title=title)) == status


def test_a_type_of_household_in_another_column():
    header = ["户编号", "村", "姓名", "证件号码", "与户主关系", "户属性", "脱贫年度", "劳动能力"]
    _, plan, _ = read(header, *([number, "甲村", *PERSON, "户主", said, "", "弱劳力"] for number, said in (("1", "脱贫户"), ("2", "低保贫困户"), ("3", "怪户"))))  # fmt: skip

    assert [house.values.get("registry_status") for house in plan.houses] == ["3", "1", None]
    assert [house.values.get("legacy_attribute") for house in plan.houses] == [None, "02", None]
    assert [issue.code for issue in plan.issues if issue.field == "poor_attr"] == ["value_unknown"]


@pytest.mark.parametrize(
    "header",
    [
        [["户编号", "村", "户主姓名", "户主身份证号", "电话", *(f"成员{n}{word}" for n in "12" for word in ("姓名", "身份证号", "与户主关系"))]],
        [["户编号", "村", "户主", "身份证号", "电话", "家庭成员一", "", "", "家庭成员二", "", ""], [*[""] * 5, *("姓名", "身份证号", "关系") * 2]],
    ],
)  # fmt: skip
def test_members_in_columns_beside_their_head(header):
    wife, son = ["乙", "990101197001010028", "妻"], ["丙", "99010119851215014X", "子"]
    people = [
        ["1", "甲村", *PERSON, "13800000000", *wife, *son],
        ["2", "甲村", "丁", "990101195202290063", "", "无", "", "", "", "", ""],
    ]
    merges = [(2, at, 3, at) for at in range(1, 6)] + [(2, 6, 2, 8), (2, 9, 2, 11)] if len(header) > 1 else []
    kind, plan, unused = read(["甲村脱贫户家庭成员"], *header, *people, merges=merges)

    assert (kind, [label for label in unused if label]) == ("households", [])
    assert [(house.number, [(p.name, p.relation) for p in house.people]) for house in plan.houses] == [
        ("1", [("甲", "01"), ("乙", "02"), ("丙", "03")]), ("2", [("丁", "01")]),
    ]  # fmt: skip
    assert plan.houses[0].people[1].facts == plan.houses[0].people[0].facts == {}
    assert plan.houses[0].values["phone"] == "13800000000"


def test_an_income_per_head_alone_is_kept_of_a_list_of_people():
    header = ["户编号", "村", "姓名", "证件号码", "与户主关系", "人均纯收入", "工资性收入"]
    rows = [
        ["1", "甲村", *PERSON, "户主", "8500元", ""],
        ["2", "甲村", "丁", "990101195202290063", "户主", 9000.0, 9000.0],
    ]
    _, plan, _ = read(header, *rows)

    assert [house.percap for house in plan.houses] == [8500, None]
    assert [issue.code for issue in plan.issues] == []


def test_relations_of_men_and_women_alike():
    numbers = ("99010119700101001X", "990101197001010028")
    rows = [
        ["1", "甲村", "甲", "990101195202290063", "户主"],
        *(["1", "甲村", "乙", number, "子女"] for number in numbers),
    ]
    _, plan, _ = read(["户编号", "村", "姓名", "证件号码", "与户主关系"], *rows)

    assert [person.relation for person in plan.houses[0].people] == ["01", "03", "04"], plan.issues


def test_who_pays_who_is_in_charge_and_whether_it_is_done_in_words():
    header = [
        "项目名称",
        "建设内容",
        "总投资（万元）",
        "资金来源",
        "责任单位及责任人",
        "是否开工",
        "是否完工",
    ]
    rows = [
        ["甲", "路", 100.0, "省级财政资金", "新都镇人民政府（王强）", "是", "否"],
        ["乙", "路", 80.0, "中央50万元，县级配套30万", "县农业农村局张三", "是", "是"],
        ["丙", "路", 80.0, "中央、省级", "县水利局", "否", "否"],
    ]
    kind, plan, unused = read(header, *rows)

    assert (kind, [label for label in unused if label]) == ("projects", [])
    assert [row.funds for row in plan.records] == [{"2": 1_000_000}, {"1": 500_000, "4": 300_000}, {}]
    people = [
        (row.values["responsible_unit"], row.values["manager"], row.values["state"]) for row in plan.records
    ]
    assert people == [
        ("新都镇人民政府", "王强", "30"),
        ("县农业农村局", "张三", "50"),
        ("县水利局", "", "10"),
    ]
    assert [(issue.code, issue.row) for issue in plan.issues] == [
        ("fund_level_assumed", 2),
        ("fund_levels_unclear", 4),
    ]


def test_the_first_line_of_a_text_file_is_no_part_of_its_header():
    header = ["项目名称", "建设内容", "总投资（万元）", "资金来源"]
    _, plan, _ = read(header, ["甲", "路", "100", "中央"], ["乙", "路", "80", "省级"])

    assert [row.name for row in plan.records] == ["甲", "乙"]


def test_projects_as_a_county_announces_them():
    kind, plan, unused = read(
        ["2026年项目库公示表（单位：万元）"],
        ["项目名称", "项目类型", "责任单位", "项目总投资", "资金来源", "", "", "计划实施时间", "", "受益对象", "", "一季度", "二季度"],
        ["", "", "", "", "中央衔接资金", "县级配套", "自筹", "开工", "完工", "户数", "人数", "", ""],
        ["大棚", "产业发展", "镇政府", 120.0, "80万元", 30.0, 10.0, "2026年3月", "9月底前", 58.0, 279.0, "完成招标", "开工"],
        merges=[(2, 5, 2, 7), (2, 8, 2, 9), (2, 10, 2, 11), *((2, at, 3, at) for at in (1, 2, 3, 4, 12, 13))],
    )  # fmt: skip

    (row,) = plan.records
    assert (kind, [label for label in unused if label]) == ("projects", [])
    assert row.values["investment"] == 1_200_000
    assert row.funds == {"1": 800_000, "4": 300_000, "6": 100_000}
    assert (row.values["start_text"], str(row.values["finish_end"])) == ("2026年3月", "2026-09-30")
    assert (row.values["benefit_households"], row.values["benefit_persons"]) == (58, 279)
    assert [(step.name, step.typed) for step in row.milestones] == [
        ("完成招标", "一季度"),
        ("开工", "二季度"),
    ]
