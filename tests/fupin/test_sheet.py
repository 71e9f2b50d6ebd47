"""The sheet writer by itself: headers, merges, text that must stay text."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fupin.excel.sheet import USED, Kind, Line, Sheet, header_rows, write

COLUMNS = (("户主", Kind.TEXT, 10, True), (("收入", "工资"), Kind.YUAN, 12, False), (("收入", "其他"), Kind.YUAN, 12, False), ("日期", Kind.DATE, 12, False))  # fmt: skip


def saved(lines, columns=COLUMNS):
    stream = io.BytesIO()
    written = write(Sheet("表", "标题", columns, signatures="单位负责人："), lines, stream)
    return openpyxl.load_workbook(stream).active, written


def test_groups_stand_over_their_columns():
    assert header_rows(COLUMNS) == [
        [("户主", 0, 1, 2), ("收入", 1, 2, 1), ("日期", 3, 1, 2)],
        [("工资", 1, 1, 1), ("其他", 2, 1, 1)],
    ]


def test_values_keep_their_type():
    sheet, written = saved([Line(["甲", Decimal("12.50"), None, date(2026, 3, 1)])])

    assert [cell.value for cell in sheet[5]][:3] == ["甲", 12.5, None]
    assert sheet["D5"].value.date() == date(2026, 3, 1)
    assert written.rows == 1


def test_an_empty_body_still_is_a_sheet():
    sheet, written = saved([])

    assert sheet["A5"].value == "单位负责人："
    assert written.rows == 0


def test_sums_are_not_rows():
    assert saved([Line(["甲", 1, 1, None]), Line(["合计", 1, 1, None], sum=True)])[1].rows == 1


@pytest.mark.parametrize("text", [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "1", "007", "513327197001010015", "<b>&\"'", "a\nb", " x ", "𠮷",
    "＝1+1",
])  # fmt: skip
def test_text_comes_back_as_it_was(text):
    sheet, _ = saved([Line([text, 1, 1, None])])

    assert sheet["A5"].value == text
    assert sheet["A5"].data_type == "s"
    assert sheet["A5"].quotePrefix


@settings(max_examples=12)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=20))
def test_any_text_gives_a_readable_sheet(texts):
    sheet, _ = saved([Line([text, 1, 1, None]) for text in texts])

    for row in range(5, 5 + len(texts)):
        assert sheet[f"B{row}"].value == 1
        assert sheet[f"A{row}"].data_type in "sn"  # n: an empty cell


def test_lines_of_one_key_share_the_merged_columns():
    sheet, _ = saved(
        [Line(["甲", 1, 1, None], key=1), Line(["甲", 2, 2, None], key=1), Line(["乙", 3, 3, None], key=2)]
    )

    assert "A5:A6" in {str(found) for found in sheet.merged_cells.ranges}
    assert [sheet[f"A{row}"].value for row in (5, 6, 7)] == ["甲", None, "乙"]


def test_what_excel_would_decode_is_escaped():
    """Excel reads _x0041_ as A; openpyxl does not undo the escape in inline strings."""
    sheet, _ = saved([Line(["_x0041_", 1, 1, None])])

    assert sheet["A5"].value == "_x005F_x0041_"


def test_rows_are_as_high_as_their_longest_text():
    sheet, _ = saved(
        [
            Line(["短", 1, 1, None]),
            Line(["很长很长很长很长很长的名称", 1, 1, None]),
            Line(["a\nb", 1, 1, None]),
        ]
    )

    assert [sheet.row_dimensions[row].height for row in (5, 6, 7)] == [18, 45, 31]


def book(lines, columns, **frame):
    stream = io.BytesIO()
    write(Sheet("表", "标题", columns, **frame), lines, stream)
    return openpyxl.load_workbook(stream).active


def wide(count, width=10):
    return tuple((f"栏{at}", Kind.TEXT, width, False) for at in range(count))


def test_a_column_for_machines_stays_out_of_print():
    sheet = book([Line(["甲"] * 4)], wide(4), unprinted=1, right="单位：人", notes=["口径"])

    assert sheet.print_area == "'表'!$A$1:$C$5"
    assert sheet["D4"].value == "甲"
    long = book([Line(["甲", "很长的版本" * 9])], wide(2), unprinted=1)
    assert long.row_dimensions[4].height == 18  # nor does it make rows higher
    assert {str(found) for found in sheet.merged_cells.ranges} == {"A1:C1", "A5:C5"}


def test_the_label_of_a_sum_has_the_blank_cells_beside_it():
    """Cut by the border at its right, a name of forty characters could not be read."""
    lines = [
        Line(["", "某某" * 20 + "小计", "", "", 5, ""], sum=True),
        Line(["", "合计", 3, None, 5, ""], sum=True),
    ]
    columns = [*wide(4), ("数", Kind.COUNT, 6, False), *wide(1)]
    sheet = book(lines, tuple(columns))

    merged = {str(found) for found in sheet.merged_cells.ranges}
    assert "B4:D4" in merged
    assert not any(found.startswith("B5") for found in merged)
    assert sheet.row_dimensions[4].height == 45  # three lines in thirty characters


def test_sums_too_long_for_their_column_are_made_smaller():
    sheet = book([Line([123456789.12])], (("金额", Kind.YUAN, 8, False),))

    assert sheet["A4"].alignment.shrink_to_fit


@pytest.mark.parametrize(
    ("lines", "begun", "shrunk"),
    [(3, False, False), (21, False, True), (24, False, True), (30, False, False), (43, True, False)],
)
def test_signatures_do_not_go_to_a_page_of_their_own(lines, begun, shrunk):
    """An A4 page holds 22 lines of this table: a little more is made smaller to fit on it, and the last of several pages
    begins early where little would be left for it."""
    sheet = book(
        [Line(["甲"] * 8)] * lines, wide(8, 15), signatures="单位负责人：　　审核人：", notes=["口径"]
    )

    assert bool(sheet.row_breaks.brk) is begun
    assert sheet.page_setup.fitToHeight == shrunk
    if begun:
        last = sheet.row_breaks.brk[0].id
        assert 3 + lines - last == 6


def test_a_household_is_not_parted_from_its_lines_by_that_break():
    columns = [("户", Kind.TEXT, 15, True), *wide(7, 15)]
    sheet = book(
        [Line(["甲"] * 8, key=at // 7) for at in range(44)], tuple(columns), signatures="单位负责人："
    )

    assert [(brk.id - 3) % 7 for brk in sheet.row_breaks.brk] == [0]


def test_what_stands_below_a_table_of_two_pages_is_not_repeated_with_its_labels():
    sheet = book(
        [Line(["甲"] * 40)],
        wide(40, 12),
        labels=(0, 1),
        signatures="单位负责人：",
        notes=["口径"],
        left="填报单位",
    )

    assert (sheet["C2"].value, sheet["C5"].value, sheet["C6"].value) == ("填报单位", "单位负责人：", "口径")


def test_every_page_of_a_wide_table_says_what_it_is_and_of_whom():
    sheet = book([Line(["甲"] * 90)], wide(90, 12), labels=(3, 4), left="填报单位")

    begun = [brk.id + 1 for brk in sheet.col_breaks.brk]
    assert len(begun) == 4
    assert sheet.print_title_cols == "$D:$E"
    # not over D and E, which would repeat a bit of it
    assert (sheet["A1"].value, sheet["F1"].value) == (None, "标题")
    assert [sheet.cell(1, at).value for at in begun] == ["标题（续）"] * 4
    assert [sheet.cell(2, at).value for at in begun] == ["填报单位"] * 4
    assert [at - before for before, at in zip([1, *begun], [*begun, 91])] == [20, 18, 18, 18, 16]


def test_columns_are_measured_in_a_font_that_chinese_machines_have():
    """By the digits of Calibri they were a third wider in LibreOffice, and a page was filled to 73 %."""
    sheet = book([], wide(2, 10))

    assert sheet.parent._fonts[0].name == "宋体"
    assert round(sheet.column_dimensions["A"].width * 8) == 7 * 10 + 5


def test_the_filing_line_is_in_thirds_by_width():
    columns = tuple((f"栏{at}", Kind.TEXT, width, False) for at, width in enumerate((40, 10, 10, 20, 20, 20)))
    sheet = book([], columns, left="左", centre="中", right="右")

    assert [sheet[cell].value for cell in ("A2", "B2", "E2")] == ["左", "中", "右"]


def test_a_table_that_one_page_would_make_too_small_takes_two_and_parts_no_group():
    """Programs that fit a table into pages part it anywhere, so its pages have a scale and breaks of their own."""
    columns = [("单位", Kind.TEXT, 14, False)]
    columns += [
        ((f"原因{n}", child), Kind.COUNT, 7, False) for n in range(15) for child in ("户", "人", "占比")
    ]
    sheet = book([Line(["甲", *[1] * 45])], tuple(columns), labels=(0, 0))

    (begun,) = (brk.id for brk in sheet.col_breaks.brk)
    assert (begun - 1) % 3 == 0 and 20 < begun < 30
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    points = 0.75 * (7 * 14 + 5 + (begun - 1) * (7 * 7 + 5))
    assert 0.65 <= sheet.page_setup.scale / 100 <= USED * 1104 / points


def test_a_table_without_lines_says_so():
    assert book([], wide(3), notes=["口径"])["A4"].value.endswith("本表是空的。")
    assert book([Line(["合计"] * 3, sum=True)], wide(3))["A5"].value.endswith("本表是空的。")
