"""Forms of any layout give the household that was written into them."""

import itertools
import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fupin.excel import ticks
from fupin.excel.imports import Setting
from fupin.excel.reader import Sheet
from households import codes
from households.imports import forms
from households.imports.form_names import hints
from households.imports.register import RegisterPlan
from tests import factories
from tests.fupin.excel import form_layouts

SETTING = Setting(2020, date(2020, 12, 31))


def plan_of(sheet, path=""):
    return RegisterPlan(forms.read(sheet, "households", path), SETTING)


def told(house, stated):
    """What a house of the plan says, in the words of the layouts."""
    values = {
        "village": house.place.village, "town": house.place.town, "group": house.group, "head_name": house.head_name,
        "hh_type": house.family, "size": house.size, "hh_phone": house.values.get("phone"),
        "address": house.values.get("address"), "cause": [code for _, code in house.causes],
        "house_area": house.condition.get("house_area"), "land": house.condition.get("farmland"),
        "danger": house.condition.get("dangerous"), "water": house.condition.get("water_solved"),
        "collected": str(house.condition.get("collected_on")).replace("-", "."), "wage": house.income.get("wage"),
        "note": (house.condition.get("note") or "").removesuffix("；星级：甲乙"),
    }  # fmt: skip
    return {name: value for name, value in values.items() if name in stated}


def written(home, stated):
    values = home | {
        "cause": [form_layouts.CAUSES[word] for word in home["cause"]],
        "house_area": Decimal(home["house_area"]),
        "land": Decimal(str(home["land"])).quantize(Decimal("0.01")),
        "wage": Decimal(home["wage"]),
    }
    return {name: values[name] for name in values if name in stated and name not in ("people", "county")}


def people_of(house):
    return [(p.name, codes.Relation(p.relation).label, p.number) for p in house.people]


def assert_read(homes, drawing, sheet):
    plan = plan_of(sheet)
    assert len(plan.houses) == len(homes)
    for home, house, stated in zip(homes, plan.houses, drawing.stated):
        assert people_of(house) == [(p["name"], p["relation"], p["id"]) for p in home["people"]]
        found = told(house, stated)
        wanted = written(home, stated)
        if "cause" in stated:
            found["cause"], wanted["cause"] = sorted(found["cause"]), sorted(wanted["cause"])
        assert found == wanted
    assert [issue.code for issue in plan.issues if issue.severity == "error"] == []
    assert [issue.code for issue in plan.issues] == []


@settings(max_examples=30)
@given(st.integers(0, 10**9), st.integers(1, 3), st.booleans())
def test_any_layout(seed, count, merged):
    r = random.Random(seed)
    homes = [form_layouts.household(r) for _ in range(count)]
    drawing = form_layouts.drawn(r, homes)

    assert_read(homes, drawing, drawing.sheet(merged=merged))


def sheet_of(*rows, merges=()):
    width = max(len(row) for row in rows)
    return Sheet(
        "表", "visible", list(range(1, len(rows) + 1)), [[*row, *[""] * (width - len(row))] for row in rows], merges=list(merges)
    )  # fmt: skip


def number(n, **how):
    return factories.id_number(n, born="19700101", **how)


PEOPLE = [
    ["姓名", "与户主关系", "身份证号"],
    ["张三", "户主", number(1)],
    ["李四", "配偶", number(2, male=False)],
]


def only(*rows, path="", merges=()):
    plan = plan_of(sheet_of(*rows, merges=merges), path)
    assert len(plan.houses) == 1
    return plan.houses[0], [(issue.code, issue.row, issue.col) for issue in plan.issues]


def test_a_ticked_box_is_the_value():
    house, issues = only(
        ["农户信息表"], *PEOPLE,
        ["危房情况", "", ""],
        ["是否危房", "√危房 □非危房", ""],
        ["户类型", "□一般农户 ■脱贫户", ""],
        ["致贫原因", "☑因病", "□因残", "☑因学"],
        ["村", "河边村", ""],
    )  # fmt: skip

    assert house.condition["dangerous"] is True
    assert house.values["registry_status"] == "3"
    assert house.causes == [(0, "01"), (1, "03")]
    assert issues == []


@pytest.mark.parametrize(
    ("cell", "ticked"),
    [
        ("√危房 □非危房", ["危房"]), ("□是 ☑否", ["否"]), ("是（√） 否（ ）", ["是"]), ("是□ 否☑", ["否"]), ("□是√ □否", ["是"]),
        ("□是 √□否", ["否"]), ("是√否□", ["是"]), ("是√ 否", ["是"]), ("☑因病 □因残 ☑因学", ["因病", "因学"]), ("□是□否", []),
        ("[√]是[ ]否", ["是"]), ("①是√ ②否□", ["是"]), ("A级□ B级√", ["B级"]), ("√", None), ("健康", None),
    ],
)  # fmt: skip
def test_boxes(cell, ticked):
    assert ticks.chosen(cell) == ticked


def test_the_head_of_the_block_is_not_in_the_table():
    house, issues = only(
        ["贫困户登记表"],
        ["户主姓名", "张三", "性别", "男", "身份证号", number(1)],
        ["民族", "汉族", "文化程度", "小学", "家庭人口", 2],
        ["村", "河边村"],
        ["家庭成员姓名", "称谓", "证件号码"],
        ["李四", "妻子", number(2, male=False)],
    )

    assert [(p.name, p.relation) for p in house.people] == [("张三", "01"), ("李四", "02")]
    assert house.people[0].facts["education"] == "02"
    assert issues == []


def test_a_household_of_one_without_a_table():
    house, _ = only(
        ["五保户登记卡"],
        ["姓名：张三", "身份证号：" + number(1)],
        ["村：河边村", "组：二组", "户类型：一般农户", "性别：男"],
    )

    assert [(p.name, p.relation, p.number) for p in house.people] == [("张三", "01", number(1))]
    assert (house.place.village, house.group) == ("河边村", "二组")


def test_two_numbers_for_one_head_keep_the_household_out():
    house, issues = only(["农户信息表"], ["户主", "张三", "身份证号", number(7)], ["村", "河边村"], *PEOPLE)

    assert house.bad
    assert issues == [("head_id_mismatch", 2, "D")]


def test_a_problem_is_shown_where_it_stands():
    _, issues = only(
        ["农户信息表"], ["村", "河边村", "住房面积", "约八十"], ["联系电话", "12345", "致贫原因", "懒"],
        PEOPLE[0], ["张三", "户主", number(1)], ["李四", "表叔公", number(2)[:-1]],
    )  # fmt: skip

    assert ("phone_invalid", 3, "B") in issues
    assert ("cause_unknown", 3, "D") in issues
    assert ("id_length", 6, "C") in issues
    assert ("relation_unknown", 6, "B") in issues


def test_the_helper_of_a_household_is_not_its_member():
    house, _ = only(
        ["农户信息表"], ["村", "河边村"], *PEOPLE, ["帮扶责任人", "王五", "联系电话", "15400000000"], ["填表人：赵六", "", "联系电话：15400000001"]
    )  # fmt: skip

    assert "phone" not in house.values
    assert len(house.people) == 2


def test_place_in_the_title_with_blanks_to_fill():
    house, _ = only(["贵州省毕节市威宁县__炉山__镇__茶园__村_1_组农户信息采集表"], *PEOPLE)

    assert (house.place.county, house.place.town, house.place.village, house.group) == (
        "威宁县", "炉山镇", "茶园村", "1组",
    )  # fmt: skip


def test_a_list_without_household_numbers_is_no_form():
    rows = [["村", "姓名", "与户主关系", "身份证号"]]
    rows += [["河边村", f"张{n}", "户主" if n % 2 else "配偶", number(n)] for n in range(1, 9)]

    assert forms.read(sheet_of(["河边村农户信息登记表"], *rows), "households") == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("2组/2-普通户-晏成忠-4-茶园村.xlsx", ("2组", "普通户", "晏成忠", 4, "茶园村")),
        ("茶园村/三组/张三.xlsx", ("三组", "", "张三", None, "茶园村")),
        ("张三 4人 脱贫户.xls", ("", "脱贫户", "张三", 4, "")),
        ("户卡.xlsx", ("", "", "", None, "")),
        ("河边村一户一档表.xlsx", ("", "", "", None, "")),
        ("5-12-扎西·多吉-河边村.csv", ("5", "", "扎西·多吉", None, "河边村")),
    ],
)
def test_file_names(path, said):
    found = hints(path)

    assert (found.group, found.kind, found.head, found.size, found.village) == said


def test_the_file_name_tells_what_the_sheet_leaves_out():
    house, issues = only(["农户信息表"], *PEOPLE, path="3组/3-脱贫户-张三-2-河边村.xlsx")

    assert (house.place.village, house.group, house.family) == ("河边村", "3组", "脱贫户")
    assert house.values["registry_status"] == "3"
    assert issues == []


def test_a_file_name_that_says_otherwise_is_reported():
    plan = plan_of(
        sheet_of(["农户信息表"], ["村", "河边村", "组", "1组", "户类型", "一般农户"], *PEOPLE),
        "2组/2-脱贫户-张五-3-山上村.xlsx",
    )

    assert [issue.code for issue in plan.issues] == ["file_name_mismatch"] * 5
    assert "山上村" in plan.issues[0].expected
    assert not plan.houses[0].bad
    assert plan.houses[0].place.village == "河边村"


def test_an_error_cell_of_the_block_is_told():
    sheet = sheet_of(["农户信息表"], ["村", "河边村", "住房面积", ""], *PEOPLE)
    sheet.errors[2, 4] = "#N/A"

    assert [(i.code, i.row, i.col) for i in plan_of(sheet).issues] == [("excel_error", 2, "D")]


def test_a_header_of_two_rows():
    house, issues = only(
        ["农户信息表"], ["村", "河边村", "户类型", "一般农户"],
        ["姓名", "与户主关系", "身份证号", "务工情况", ""],
        ["", "", "", "务工地点", "务工月数"],
        ["张三", "户主", number(1), "县内", 6],
        merges=[(3, 4, 3, 5)],
    )  # fmt: skip

    assert house.people[0].facts["work_months"] == 6
    assert issues == []


def test_the_national_form_of_a_poor_household():
    house, issues = only(
        ["贫困户信息采集表"],
        ["填表日期： 2019 年 5 月 1 日"],
        ["一、基本情况"],
        ["家庭住址", "贵州省  毕节市 威宁县 炉山镇 茶园村 1 组（自然村）"],
        ["联系电话", "154 0000 0000", "开户银行名称", "农村信用社", "银行卡号", "6228480402564890018"],
        ["识别标准", "□国家标准 ☑省定标准", "贫困户属性", "□一般贫困户 ☑低保贫困户 □五保贫困户", "是否军烈属", "□是 ☑否"],
        ["二、家庭成员"],
        ["序号", "姓名", "性别", "证件号码", "与户主关系", "民族", "在校生状况", "健康状况", "劳动技能", "务工时间（月）"],
        [1.0, "张三", "男", number(1), "户主", "汉族", "", "健康", "普通劳动力", 3],
        [2.0, "李四", "女", number(2, male=False), "配偶", "汉族", "", "长期慢性病", "无劳动力", ""],
        [3.0],
        ["三、致贫原因"],
        ["主要致贫原因（单选）", "□因病 □因残 ☑因学 □因灾", "其他致贫原因（最多选两项）", "☑因病 □因残 ☑缺劳力"],
        ["四、收入情况（上年度）"],
        ["工资性收入（元）", 12000, "生产经营性收入（元）", 3000, "生产经营性支出（元）", 800],
        ["五、生产生活条件"],
        ["耕地面积（亩）", 3.5, "有效灌溉面积（亩）", 1, "林地面积（亩）", "—"],
        ["与村主干路距离（公里）", 0.5, "入户路类型", "□泥土路 □砂石路 ☑水泥路 □沥青路", "是否危房", "□是 ☑否"],
        ["六、帮扶责任人"],
        ["姓名", "性别", "政治面貌", "单位", "联系电话", "帮扶开始时间"],
        ["王五", "男", "中共党员", "县水务局", "15400000009", "2018.1"],
        ["户主签字：", "", "采集人：赵六", "", "联系电话：15400000008"],
    )  # fmt: skip

    assert issues == []
    assert (house.place.county, house.place.town, house.place.village, house.group) == (
        "威宁县",
        "炉山镇",
        "茶园村",
        "1组",
    )
    assert house.values["phone"] == "15400000000"
    assert (house.values["standard"], house.values["legacy_attribute"], house.values["military_family"]) == (
        "02",
        "02",
        False,
    )
    assert house.causes == [(0, "03"), (1, "01"), (2, "08")]
    assert (house.income["wage"], house.income["expense"]) == (12000, 800)
    assert (house.condition["farmland"], house.condition["road_kind"], house.condition["dangerous"]) == (
        Decimal("3.5"),
        "03",
        False,
    )
    assert "forest" not in house.condition
    assert [(p.name, p.facts["labour"]) for p in house.people] == [("张三", "01"), ("李四", "04")]
    assert "politics" not in house.people[0].facts  # that is the helper's


def test_labels_written_downwards_and_numbers_of_forms():
    house, issues = only(
        ["监测对象信息采集表", "", "", "", "编号：0012"],
        ["县（市、区）", "威宁县", "乡（镇）", "炉山镇", "行政村", "茶园村", "村民组", "三组"],
        [
            "户\n主\n姓\n名",
            "张三",
            "户主身份证号码",
            number(1),
            "户编号",
            "52010000123",
            "监测对象类别",
            "突发严重困难户",
        ],
        ["家庭成员情况", "姓名", "与户主关系", "身份证号", "健康状况"],
        ["", "张三", "户主", number(1), "健康"],
        ["", "李四", "妻", number(2, male=False), "残疾"],
        ["致贫返贫风险", "因病"],
        merges=[(4, 1, 6, 1)],
    )

    assert issues == []
    assert (house.number, house.group, house.values["monitor_category"]) == ("52010000123", "三组", "3")
    assert len(house.people) == 2


def test_people_go_on_below_a_caption():
    house, issues = only(
        ["农户信息表"], ["村", "河边村"], PEOPLE[0], PEOPLE[1], ["非共同生活成员："], PEOPLE[2], ["住房面积", 80]
    )  # fmt: skip

    assert [p.name for p in house.people] == ["张三", "李四"]
    assert house.condition["house_area"] == 80
    assert issues == []


def test_without_a_column_for_it_the_head_is_who_is_called_so():
    house, _ = only(
        ["农户信息表"],
        ["村", "河边村"],
        ["姓名", "身份证号", "备注"],
        ["李四", number(2)],
        ["张三", number(1), "户主"],
    )

    assert [(p.name, p.relation) for p in house.people] == [("李四", "99"), ("张三", "01")]


CELLS = st.one_of(
    st.sampled_from(
        [*itertools.chain(*form_layouts.LABELS.values(), *form_layouts.PERSON.values()), *form_layouts.TITLES, "户主", "合计", "填表人："]
    ),
    st.sampled_from(["张三", "□是 √否", "√", "（）", "：", "村：", ":::", "_", "2组", "健康", 3.5, 0.0, 1e17, True, date(2020, 1, 1), "", ""]),
    st.text("村组：:□√ \n_（）1.年户主", max_size=12),
)  # fmt: skip


@settings(max_examples=30)
@example([["户主姓名", "1√"], ["与户主关系", "户主姓名"]])
@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=14))
def test_nonsense_is_read_without_an_error(rows):
    plan_of(sheet_of(["农户信息表"], ["姓名", "与户主关系", "身份证号"], *rows))
    plan_of(sheet_of(*rows))


FACTS = ("head_name", "hh_type", "size", "address", "land")
COLUMNS = ("name", "relation", "id", "sex", "education")


def folded(home, shape, *, serial, first):
    """A form whose people stand `shape`: "beside" each other, two or three in a row, or as "columns"."""
    out = form_layouts.Drawn()
    out.cells[1, 0] = "农户“一户一档”信息表"
    out.cells[2, 0] = f"{home['town']}{home['village']}{home['group']}"
    lines = []
    if shape == "columns":
        rows = [
            ["身份证号" if name == "id" else form_layouts.PERSON[name][0], *(p[name] for p in home["people"])]
            for name in COLUMNS
        ]
        lines += rows
    else:
        many = 2 if shape == "beside" else 3
        lead = ["序号"] if serial else []
        labels = ["身份证号" if name == "id" else form_layouts.PERSON[name][0] for name in COLUMNS]
        lines.append([*lead, *labels] * many)
        people = list(enumerate(home["people"], 1))
        for start in range(0, len(people), many):
            line = []
            for number, person in people[start : start + many]:
                line += [*([number] if serial else []), *(person[name] for name in COLUMNS)]
            lines.append(line)
    facts = [[form_layouts.LABELS[name][0], home[name]] for name in FACTS]
    parts = [facts, lines] if first else [lines, facts]
    row = 3
    for part in parts:
        for line in part:
            for column, value in enumerate(line):
                out.cells[row, column] = float(value) if isinstance(value, int | float) else value
            row += 1
    out.stated.append({"village", "town", "group", *FACTS})
    return out


@settings(max_examples=15)
@given(st.integers(0, 10**9), st.sampled_from(["beside", "three", "columns"]), st.booleans(), st.booleans())
def test_people_beside_each_other_and_as_columns(seed, shape, serial, first):
    r = random.Random(seed)
    home = form_layouts.household(r)
    while len(home["people"]) < 2:
        home = form_layouts.household(r)
    drawing = folded(home, shape, serial=serial, first=first)

    assert_read([home], drawing, drawing.sheet())


def test_findings_of_a_folded_table_stand_where_the_file_has_them():
    r = random.Random(4)
    home = form_layouts.household(r)
    while len(home["people"]) < 2:
        home = form_layouts.household(r)
    wrong = home["people"][1]["id"][:-1] + ("1" if home["people"][1]["id"][-1] != "1" else "2")
    home["people"][1]["id"] = wrong
    places = {}
    for shape in ("beside", "columns"):
        drawing = folded(home, shape, serial=False, first=True)
        issues = [issue for issue in plan_of(drawing.sheet()).issues if issue.code == "id_check_digit"]
        places[shape] = [(issue.row, issue.col) for issue in issues]
        at = next(place for place, value in drawing.cells.items() if value == wrong)
        assert places[shape] == [(at[0], "ABCDEFGHIJKLMN"[at[1]])]
