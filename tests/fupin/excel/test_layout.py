"""Where tables stand in a sheet, however they are laid out: read from workbooks and from plain rows."""

from datetime import date

import openpyxl
import pytest

from fupin.excel import imports, reader
from fupin.excel.layout import find_tables
from fupin.excel.reader import Sheet
from fupin.excel.sections import village_in
from fupin.excel.side_by_side import tables_on
from fupin.excel.titles import key_of, match, unit_of
from households import codes
from households.imports import PAIRINGS, REGISTER, VISITS
from tests import factories

HEADER = ["户编号", "村", "姓名", "证件号码", "与户主关系"]
SPECS = [REGISTER, VISITS]


def number(serial):
    """A well-formed ID number."""
    return factories.id_number(serial)


def person(no, village, name, relation="户主", serial=1):
    return [no, village, name, number(serial), relation]


def sheet(*rows, name="Sheet1", merges=(), **more):
    """A sheet of these rows; None stands for a blank row."""
    width = max(len(row) for row in rows if row)
    filled = [(at, row + [""] * (width - len(row))) for at, row in enumerate(rows, 1) if row]
    return Sheet(
        name, "visible", [at for at, _ in filled], [row for _, row in filled], merges=list(merges), **more
    )


def read(*rows, **more):
    return find_tables(sheet(*rows, **more), SPECS)


def test_titles_and_notes_above_and_below():
    (table,) = read(
        ["附件1"], ["白坪村贫困户名册"], ["填报单位：白坪村", "", "", "日期：2020年12月"], HEADER,
        person("1", "白坪村", "张三"), ["填表人：", "李四", "审核人："], ["注：以上为全部"],
    )  # fmt: skip
    assert table.header_rows == [4]
    assert table.numbers == [5]
    assert [code for code, _ in table.skipped] == ["note_row_skipped"] * 2


def test_a_header_as_low_as_row_30():
    rows = [["说明"] for _ in range(29)]
    (table,) = read(*rows, HEADER, person("1", "白坪村", "张三"))
    assert table.header_rows == [30]
    assert read(*rows, ["说明"], HEADER, person("1", "白坪村", "张三")) == []


@pytest.mark.parametrize("merged", [True, False])
def test_a_header_of_three_rows(merged):
    top = ["户编号", "家庭基本情况", "", "", "", "收入情况（万元）", "", ""]
    middle = ["", "村", "成员", "", "", "工资性", "转移性", ""]
    low = ["", "", "姓名", "证件号码", "与户主关系", "", "低保金", "转移性收入"]
    merges = [
        (1, 1, 3, 1),
        (1, 2, 1, 5),
        (1, 6, 1, 8),
        (2, 2, 3, 2),
        (2, 3, 2, 5),
        (2, 6, 3, 6),
        (2, 7, 2, 8),
    ]
    (table,) = read(
        top,
        middle,
        low,
        ["1", "白坪村", "张三", number(1), "户主", 1.5, 2.0, 3.0],
        merges=merges if merged else (),
    )
    assert table.header_rows == [1, 2, 3]
    assert table.columns["hh_no"] == 0
    assert [table.columns[name] for name in ("village", "name", "id", "relation", "transfer")] == [
        1,
        2,
        3,
        4,
        7,
    ]
    assert table.columns["wage"] == 5
    assert table.numbers == [4]


def test_a_group_is_the_sum_of_its_parts_not_the_first():
    top = [*HEADER, "转移性收入", "", "财产性收入"]
    low = [""] * 5 + ["低保金", "养老金", "租金"]
    (table,) = read(top, low, [*person("1", "甲村", "张三"), 1.0, 2.0, 3.0])
    assert [row[table.columns["transfer"]] for row in table.rows] == [3]
    assert table.columns["prop"] == 7


def test_a_row_that_numbers_the_columns_is_no_data():
    (table,) = read(HEADER, ["甲", "乙", 1.0, 2.0, 3.0], person("1", "白坪村", "张三"))
    assert table.numbers == [3]


def test_first_data_row_is_not_taken_for_a_second_header_row():
    (table,) = read(
        [*HEADER, "备注"],
        [*person("1", "白坪村", "张三"), "低保"],
        [*person("2", "白坪村", "李四", serial=2), "低保"],
    )
    assert table.header_rows == [1]
    assert table.numbers == [2, 3]


def test_headers_repeated_on_each_page_with_their_group_row():
    group = ["", "", "家庭成员", "", ""]
    (table,) = read(
        group,
        HEADER,
        person("1", "甲村", "张三"),
        ["本页小计", 1.0],
        group,
        HEADER,
        person("2", "甲村", "李四", serial=2),
    )
    assert table.numbers == [3, 7]
    assert table.skipped == [
        ("total_row_skipped", 4),
        ("note_row_skipped", 5),
        ("repeated_header_skipped", 6),
    ]


def test_several_tables_on_one_sheet():
    visits = ["走访日期", "户编号", "走访人", "走访内容"]
    turned = ["证件号码", "姓名", "与户主关系", "户编号", "村"]
    first, second, third = read(
        ["甲村名册"], HEADER, person("1", "甲村", "张三"), None,
        ["乙村名册"], turned, [number(2), "李四", "户主", "2", "乙村"], None,
        visits, ["2020-05-01", "1", "王五", "看望"],
    )  # fmt: skip
    assert [table.kind for table in (first, second, third)] == ["households", "households", "visits"]
    assert [table.numbers for table in (first, second, third)] == [[3], [7], [10]]
    assert second.columns["id"] == 0


def test_totals_wherever_they_stand():
    (table,) = read(
        HEADER, ["合 计", "", "", 12.0], person("1", "甲村", "张三"), ["", "甲村小计", "1户", "", ""],
        person("2", "乙村", "李四", serial=2), ["总计：2户"], ["平均", "", 3.0],
    )  # fmt: skip
    assert table.numbers == [3, 5]
    assert [code for code, _ in table.skipped] == ["total_row_skipped"] * 4


def test_section_rows_give_the_village():
    bare = ["户编号", "姓名", "证件号码", "与户主关系"]
    (table,) = read(
        bare,
        ["一、白坪村（共1户）"],
        ["1", "张三", number(1), "户主"],
        ["篆塘镇文星村"],
        ["2", "李四", number(2), "户主"],
    )
    at = table.columns["village"]
    assert [row[at] for row in table.rows] == ["白坪村", "文星村"]
    assert table.letter("village") == ""
    assert table.labels == dict(enumerate(bare))


@pytest.mark.parametrize(
    ("name", "title", "village", "town"),
    [
        ("白坪村", "", "白坪村", None),
        ("3.白坪", "", None, None),
        ("白坪", "", "白坪", None),
        ("Sheet1", "綦江区篆塘镇白坪村2020年贫困户名册", "白坪村", "篆塘镇"),
        ("贫困户名册", "篆塘镇贫困户名册", None, None),
    ],
)
def test_sheet_and_title_give_the_village(name, title, village, town):
    bare = ["户编号", "姓名", "证件号码", "与户主关系"]
    (table,) = read([title or "名册"], bare, ["1", "张三", number(1), "户主"], name=name)
    held = {field: table.rows[0][at] for field, at in table.columns.items() if field in table.given}
    assert held.get("village") == village
    assert held.get("town") == town


def test_merged_down_household_columns_are_filled():
    (table,) = read(
        HEADER, person("1", "甲村", "张三"), ["", "", "李四", number(2), "之妻"], person("2", "甲村", "王五", serial=3),
        merges=[(2, 1, 3, 1), (2, 2, 3, 2)],
    )  # fmt: skip
    assert [row[:2] for row in table.rows] == [["1", "甲村"], ["1", "甲村"], ["2", "甲村"]]


def test_ditto_marks_copy_the_cell_above():
    (table,) = read(HEADER, person("1", "甲村", "张三"), ["〃", "同上", "李四", number(2), "之妻"])
    assert table.rows[1][:2] == ["1", "甲村"]


def test_the_year_asked_for_is_taken():
    (table,) = read(
        [*HEADER, "2018年家庭纯收入", "2019年家庭纯收入"], [*person("1", "甲村", "张三"), 1.0, 2.0]
    )
    assert table.years == [2018, 2019]
    assert table.take_year(2019) == []
    assert table.rows[0][table.columns["net"]] == 2.0
    assert table.unused == []
    assert table.take_year(2020) == ["2018年家庭纯收入"] or "net" not in table.columns


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("姓 名", "姓名"),
        ("证件号码\n(必填)", "证件号码"),
        ("*户编号", "户编号"),
        ("１．户编号", "户编号"),
        ("（1）姓名", "姓名"),
        ("工资性收入（万元）", "工资性收入"),
        ("工资性收入/元", "工资性收入"),
        ("2019年人均纯收入", "人均纯收入"),
        ("人均纯收入2019年", "人均纯收入"),
        ("与户主关系：", "与户主关系"),
        ("\ufeff户编号\u200b", "户编号"),
        ("致贫原因1", "致贫原因1"),
    ],
)
def test_header_keys(label, key):
    assert key_of(label) == key


@pytest.mark.parametrize(
    ("label", "base", "factor"),
    [
        ("工资（万元）", "元", 10_000),
        ("工资收入（单位：千元）", "元", 1000),
        ("工资（元）", "元", 1),
        ("耕地面积（公顷）", "亩", 15),
        ("耕地面积(亩)", "亩", 1),
        ("住房面积（㎡）", "㎡", 1),
        ("距离/米", "公里", pytest.approx(0.001)),
        ("与村主干路距离（公里）", "公里", 1),
    ],
)
def test_units_in_headers(label, base, factor):
    assert float(unit_of(label, base)) == factor


ALIASES = """
户编号 hh_no 户号 农户编号 贫困户编号 编号 户ID
户主姓名 head_name 户主 贫困户姓名 户主名
姓名 name 成员姓名 家庭成员姓名 人员姓名
证件号码 id 身份证号 身份证号码 公民身份号码 居民身份证 身份证 证件号 身份证件号码
与户主关系 relation 关系 家庭关系 与户主的关系
联系电话 hh_phone 电话 手机号 手机 联系方式 户联系电话 户主电话
主要致贫原因 cause 致贫原因1 贫困原因 致贫返贫原因 致贫原因
户类型 hh_type 农户类型 脱贫户类型
贫困户属性 poor_attr 户属性
监测对象类别 monitor 监测对象类型 易返贫致贫户(监测对象)类型 三类户类型
风险是否消除 risk_cleared 风险消除情况 是否消除风险 是否已消除风险 风险是否已消除
首次识别时间 date_in 识别时间 识别年份 纳入时间
脱贫年度 year_out 脱贫时间 退出年度 出列年度
人均纯收入 percap 年人均纯收入 人均收入 人均可支配收入
健康状况 health 身体状况 健康
劳动技能 labour 劳动能力 劳动力情况 劳动能力状况
务工时间 work_months 务工月数 务工时间(月) 外出务工时间
务工所在地 work_place 务工地点 外出务工地
村 village 行政村 所属村 村(居)委会 村名
乡镇 town 乡 镇 乡(镇) 街道
组 group 村民小组 所在组 自然村 社 屯
"""


@pytest.mark.parametrize("line", [line for line in ALIASES.split("\n") if line])
def test_aliases_of_the_field(line):
    label, name, *others = line.split()
    for spelling in (label, *others):
        assert match({0: spelling}, REGISTER) == {name: 0}, spelling


@pytest.mark.parametrize("word", ["因病", "01-因病", "01因病", "1因病", "(1)因病", "01、因病", "01"])
def test_codes_written_before_their_labels(word):
    assert codes.code_of(codes.Cause, word) == "01"


# Through a workbook, up to what would be written


def saved(folder, sheets, name="a.xlsx"):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    path = folder / name
    book.save(path)
    return path


def planned(path):
    spec, tables, notes = imports.recognise(reader.read_book(path, path.name), path.name)
    return spec.plan(tables, imports.Setting(2020, date(2020, 12, 31))), notes


def test_households_and_members_on_two_sheets(tmp_path):
    path = saved(tmp_path, {
        "户": [["户编号", "行政村", "户主姓名", "工资性收入", "上级户编号"], ["1", "甲村", "张三", "x1", "9"], ["2", "甲村", "李四", 5, "2"], ["3", "甲村", "王五", 5, ""]],
        "人口": [["户编号", "姓名", "证件号码", "与户主关系"], ["1", "张三", number(1), "户主"], ["", "张妻", number(3), "之妻"], ["2", "李四", number(2), "户主"], ["8", "赵六", number(4), "户主"]],
    })  # fmt: skip
    plan, notes = planned(path)

    found = {(issue.code, issue.sheet, issue.row, issue.col) for issue in plan.issues}
    assert ("number_unreadable", "户", 2, "D") in found
    assert ("household_ref_missing", "户", 2, "E") in found
    assert ("household_ref_cycle", "户", 3, "E") in found
    assert ("household_no_members", "户", 4, "A") in found
    assert ("person_household_unknown", "人口", 5, "A") in found
    assert [(house.number, len(house.kept), house.place.village) for house in plan.kept] == [("1", 2, "甲村")]
    assert not [note for note in notes if note["code"] == "other_sheet_skipped"]


def test_a_household_number_missing_below_the_head_is_that_of_the_head(tmp_path):
    path = saved(
        tmp_path,
        {
            "甲": [
                HEADER,
                person("1", "甲村", "张三"),
                person("", "甲村", "李四", "之妻", 2),
                person("2", "甲村", "王五", serial=3),
            ]
        },
    )
    plan, _ = planned(path)
    assert [(house.number, len(house.people)) for house in plan.houses] == [("1", 2), ("2", 1)]


def test_a_sheet_per_village_and_a_hidden_one(tmp_path):
    bare = ["户编号", "姓名", "证件号码", "与户主关系"]
    path = saved(tmp_path, {
        "白坪村": [["白坪村名册"], bare, ["1", "张三", number(1), "户主"]],
        "文星村": [["文星村名册"], bare, ["2", "李四", number(2), "户主"]],
    })  # fmt: skip
    plan, _ = planned(path)
    assert [house.place.village for house in plan.houses] == ["白坪村", "文星村"]


def test_an_archive_of_lists_is_one_import(tmp_path):
    import zipfile

    one = saved(tmp_path, {"甲": [HEADER, person("1", "甲村", "张三")]}, "one.xlsx")
    two = saved(tmp_path, {"甲": [HEADER, person("2", "乙村", "李四", serial=2)]}, "two.xlsx")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.write(one, "一组/甲.xlsx")
        packed.write(two, "二组/乙.xlsx")
        packed.writestr("坏.xlsx", b"PK\x03\x04")
    plan, notes = planned(tmp_path / "all.zip")
    assert [house.number for house in plan.houses] == ["1", "2"]
    assert [table.sheet for table in plan.tables] == ["一组/甲.xlsx/甲", "二组/乙.xlsx/甲"]
    assert [note["code"] for note in notes] == ["file_corrupt"]


def test_a_visit_day_without_a_year_is_in_the_year_of_the_file(tmp_path):
    path = saved(
        tmp_path,
        {
            "走访": [
                ["走访日期", "户编号", "走访人", "走访内容"],
                ["5月3日", "1", "王五", "看望"],
                [2019.1, "1", "王五", "看望"],
            ]
        },
    )
    plan, _ = planned(path)
    assert [(record.on, record.bad) for record in plan.records] == [(date(2020, 5, 3), False), (None, True)]


def test_a_title_broken_over_two_lines_in_its_cell_is_one_title():
    (table,) = read(
        ["户编号", "行政村\n名称", "户主\n姓名", "姓　名", "身份证\n号　码", "与户主\n关系"],
        ["1", "白坪村", "张三", "李四", number(1), "配偶"],
    )
    assert table.columns == {"hh_no": 0, "village": 1, "head_name": 2, "name": 3, "id": 4, "relation": 5}
    assert table.labels[2] == "户主姓名"


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("单位：万元", 10_000), ("（单位：户、人、万元）", 10_000), ("金额单位:千元", 1000), ("单位：元", 1),
        ("填报单位：万元村", 1), ("填报单位：白坪村", 1),
    ],
)  # fmt: skip
def test_the_unit_of_money_is_that_of_the_line_over_the_table(line, times):
    header = [*HEADER, "工资性收入", "转移性收入（元）", "人均纯收入", "家庭人口数"]
    (table,) = read(["名册"], [line], header, [*person("1", "白坪村", "张三"), 1.2, 300.0, 9800.0, 4.0])
    assert [table.units[name] for name in ("wage", "transfer", "percap", "size")] == [times, 1, 1, 1]
    (table,) = read(["名册"], [line], header, [*person("1", "白坪村", "张三"), 1.2, 300.0, 0.98, 4.0])
    assert table.units["percap"] == (
        10_000 if times == 10_000 else 1
    )  # nobody lives on less than a yuan a year


def test_the_township_of_the_title_stands_behind_whatever_came_before():
    (table,) = read(
        ["附件1"], ["黔西县新仁苗族乡白坪村脱贫户名册"], ["填报单位：新仁苗族乡人民政府"], HEADER, person("1", "白坪村", "张三")
    )  # fmt: skip
    row = table.rows[0]
    assert [row[table.columns[name]] for name in ("county", "town")] == ["黔西县", "新仁苗族乡"]


def test_rows_that_head_a_part_of_the_list_are_no_data():
    header = ["序号", *HEADER, "工资性收入"]
    (table,) = read(
        header,
        ["一", "白坪村", "", "", "", "", 24000.0],
        [1.0, *person("1", "", "张三"), 24000.0],
        ["（二）", "红岩村", "", "", "", "", 100.0],
        [2.0, *person("2", "", "李四", serial=2), 100.0],
        ["", "过次页", "", "", "", "", 24100.0],
    )
    assert table.numbers == [3, 5]
    assert [row[table.columns["village"]] for row in table.rows] == ["白坪村", "红岩村"]


def test_a_list_numbered_in_words_is_data():
    header = ["序号", *HEADER]
    (table,) = read(
        header, ["一", *person("1", "甲村", "张三")], ["二", *person("2", "甲村", "李四", serial=2)]
    )
    assert table.numbers == [2, 3]


def test_circled_numbers_and_among_which_are_no_part_of_a_title():
    labels = ("①户编号", "⑫ 姓名", "其中：财政资金（万元）", "其中")
    assert [key_of(label) for label in labels] == ["户编号", "姓名", "财政资金", "其中"]


def test_rows_that_show_how_to_fill_in_and_lines_for_signatures_are_no_data():
    header = ["序号", *HEADER, "工资性收入"]
    (table,) = read(
        header,
        ["（示例）", *person("1", "甲村", "张三"), 24000.0],
        [1.0, *person("1", "甲村", "张三"), 24000.0],
        ["村委会主任（签字）：", "", "第一书记（签字）：", "", "2020年12月31日"],
        ["驻村队员：", "张三", "李四", "王五"],
    )
    assert table.numbers == [3]


@pytest.mark.parametrize(
    ("title", "village"),
    [
        ("白坪村贫困户名册", "白坪村"),
        ("2020年白坪村脱贫户名单", "白坪村"),
        ("农村低保户名册", ""),
        ("2020年行政村贫困户名册", ""),
        ("白坪村民名册", ""),
    ],
)
def test_a_title_that_begins_with_its_village(title, village):
    header = [label for label in HEADER if label != "村"]
    (table,) = read([title], header, ["1", "张三", number(1), "户主"])
    assert [row[table.columns["village"]] if "village" in table.columns else "" for row in table.rows] == [
        village
    ]


def test_lists_beside_each_other_are_read_one_after_the_other():
    page = sheet(
        ["白坪村"], [*HEADER, "", *HEADER], [*person("1", "白坪村", "张三"), "", *person("2", "白坪村", "李四", serial=2)],
        [""] * 6 + person("3", "白坪村", "王五", serial=3),
    )  # fmt: skip

    left, right = tables_on(page, SPECS)

    at = right.columns["name"]
    assert ([row[2] for row in left.rows], [row[at] for row in right.rows]) == (["张三"], ["李四", "王五"])
    assert [right.place("name", row) for row in right.numbers] == [(3, "I"), (4, "I")]
    assert (left.numbers, left.unused, right.unused) == ([3], [], [])
    assert len(tables_on(sheet([*HEADER, "联系电话", "证件号码"], [*person("1", "白坪村", "张三"), "", number(2)]), SPECS)) == 1  # fmt: skip


def test_a_village_keeps_the_numeral_that_its_name_begins_with():
    told = {
        "三合村": "三合村",
        "二、三合村（共12户）": "三合村",
        "12.白坪村": "白坪村",
        "3白坪村": "白坪村",
        "（二）七湾村": "七湾村",
    }
    assert {words: village_in(words) for words in told} == told


def test_the_telephone_of_an_official_is_not_the_households():
    columns = match(
        {
            0: "户编号",
            1: "帮扶责任人信息\n姓名",
            2: "帮扶责任人信息\n电话",
            3: "户主信息\n姓名",
            4: "户主\n联系电话",
        },
        REGISTER,
    )
    assert columns == {"hh_no": 0, "head_name": 3, "hh_phone": 4}
    columns = match({0: "户编号", 1: "帮扶干部信息\n姓名", 2: "帮扶干部信息\n电话"}, PAIRINGS)
    assert columns == {"hh_no": 0, "helper": 1, "helper_phone": 2}


def test_what_stands_over_the_titles_is_no_part_of_them():
    rows = (
        ["填报单位：某镇", "", "", "", "单位：元"],
        [*HEADER, "备注"],
        [*person("1", "甲村", "张三"), "低保"],
    )
    (table,) = read(*rows)
    assert (table.header_rows, table.label("remark")) == ([2], "备注")
