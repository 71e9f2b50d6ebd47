"""Rows that are put into a form: formulas, merged ranges and totals follow, as Excel itself does it."""

import importlib.util
import struct
import sys
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Border, Side

from fupin.onetable import child_process
from tests.fupin.excel import ole

OLD_BOOKS = Path(child_process.CHILD).parents[1] / "excel" / "oldbook"
SPEC = importlib.util.spec_from_file_location("onetable_child_rows", Path(child_process.CHILD) / "rows.py")
rows = importlib.util.module_from_spec(SPEC)
sys.modules["onetable_child_rows"] = rows
SPEC.loader.exec_module(rows)


def test_references_follow_the_rows():
    said = {
        "=SUM(C8:C10)": "=SUM(C8:C13)", "=C10/D12": "=C10/D15", "=$C$12+C$7": "=$C$15+C$7", "=SUM(8:10)": "=SUM(8:13)",
        "=SUM(其他!C8:C10)": "=SUM(其他!C8:C10)", "=SUM('表 一'!C8:C10)": "=SUM('表 一'!C8:C13)", '=IF(C11="C10",1,C9)': '=IF(C14="C10",1,C9)',
    }  # fmt: skip
    for before, after in said.items():
        assert rows.formula(before, "表 一", "表 一", 10, 3) == after


@settings(max_examples=20, deadline=None)
@given(first=st.integers(2, 6), room=st.integers(1, 4), count=st.integers(1, 6), on_top=st.booleans())
def test_totals_cover_every_row_wherever_they_stand(first, room, count, on_top):
    """Sum the figures after the rows came in: the total's range is exactly the rows from the first to the last."""
    book = openpyxl.Workbook()
    sheet = book.active
    last = first + room - 1
    total = first - 1 if on_top else last + 1
    sheet.cell(total, 2, f"=SUM(B{first}:B{last})")
    sheet.cell(last, 3, f"=B{last}*2")
    sheet.cell(last, 2).border = Border(left=Side("thin"))
    sheet.merge_cells(start_row=last + 2, end_row=last + 3, start_column=1, end_column=2)
    sheet.row_dimensions[last + 2].height = 33
    sheet.print_area = f"A1:C{last + 3}"

    rows.insert(book, sheet, last, count)

    at = total if on_top else total + count
    assert sheet.cell(at, 2).value == f"=SUM(B{first}:B{last + count})"
    assert sheet.cell(last + count, 3).value == f"=B{last + count}*2"
    assert sheet.cell(last + count, 2).border.left.style == "thin"
    assert [str(area) for area in sheet.merged_cells.ranges] == [f"A{last + 2 + count}:B{last + 3 + count}"]
    assert sheet.row_dimensions[last + 2 + count].height == 33
    assert sheet.print_area.endswith(f"$C${last + 3 + count}")


def test_the_lists_of_an_old_book_are_read():
    """DV records, which xlrd skips: words that stand in the rule, and a range of another row."""
    sys.path.insert(0, str(OLD_BOOKS))
    try:
        from oldbook import converted
    finally:
        sys.path.remove(str(OLD_BOOKS))
    none = b"\x01\0\0\0" * 4
    typed = b"\x17" + bytes([3, 1]) + "是\0否".encode("utf-16-le")
    span = b"\x25" + struct.pack("<4H", 4, 6, 0, 0)
    bodies = [
        struct.pack("<I", flags) + none + struct.pack("<HH", len(tokens), 0) + tokens + struct.pack("<HHH4H", 0, 0, 1, 1, 8, 2, 2)
        for flags, tokens in ((0x183, typed), (0x103, span), (0x101, span))
    ]  # fmt: skip
    book = ole.compound({"Workbook": ole.biff(b"".join(ole.record(0x1BE, body) for body in bodies))})

    rules = converted(book).worksheets[0].data_validations.dataValidation

    assert [(rule.formula1, str(rule.sqref)) for rule in rules] == [
        ('"是,否"', "C2:C9"),
        ("$A$5:$A$7", "C2:C9"),
    ]
