"""Rows that are put into a form: formulas, merged ranges and totals follow, as Excel itself does it."""

import importlib.util
import io
import re
import struct
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Border, Side
from PIL import Image

from fupin.onetable import child_process
from tests.fupin.excel import ole

OLD_BOOKS = Path(child_process.CHILD).parents[1] / "excel" / "oldbook"
SPEC = importlib.util.spec_from_file_location("onetable_child_rows", Path(child_process.CHILD) / "rows.py")
rows = importlib.util.module_from_spec(SPEC)
sys.modules["onetable_child_rows"] = rows
SPEC.loader.exec_module(rows)


def filled(path, sheet, rows_in, *cells):
    """The bytes of the form at `path` after `rows_in` (last row, how many) came into `sheet` and `cells` were written."""
    said = {"name": sheet, "inserts": [rows_in], "cells": cells}
    return child_process.fill(path, [{"sheets": [said]}])[0]


def test_references_follow_the_rows():
    said = {
        "=SUM(C8:C10)": "=SUM(C8:C13)", "=C10/D12": "=C10/D15", "=$C$12+C$7": "=$C$15+C$7", "=SUM(8:10)": "=SUM(8:13)",
        "=SUM(其他!C8:C10)": "=SUM(其他!C8:C10)", "=SUM('表 一'!C8:C10)": "=SUM('表 一'!C8:C13)", '=IF(C11="C10",1,C9)': '=IF(C14="C10",1,C9)',
        "=SUM(表1[Q10])+合计A10+C11": "=SUM(表1[Q10])+合计A10+C14", "=表1[[#This Row],[B11]]*2": "=表1[[#This Row],[B11]]*2",
    }  # fmt: skip
    for before, after in said.items():
        assert rows.formula(before, "表 一", "表 一", 10, 3) == after
    assert rows.formula("=SUM(C10:F10)", "表", "表", 10, 3, grows=False) == "=SUM(C10:F10)"


@settings(max_examples=20, deadline=None)
@given(first=st.integers(2, 6), room=st.integers(1, 4), count=st.integers(1, 6), on_top=st.booleans())
def test_totals_cover_every_row_wherever_they_stand(tmp_path_factory, first, room, count, on_top):
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
    book.save(path := tmp_path_factory.mktemp("rows") / "form.xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(filled(path, sheet.title, (last, count)))).active

    at = total if on_top else total + count
    assert sheet.cell(at, 2).value == f"=SUM(B{first}:B{last + count})"
    assert sheet.cell(last + count, 3).value == f"=B{last + count}*2"
    assert sheet.cell(last + count, 2).border.left.style == "thin"
    assert [str(area) for area in sheet.merged_cells.ranges] == [f"A{last + 2 + count}:B{last + 3 + count}"]
    assert sheet.row_dimensions[last + 2 + count].height == 33
    assert sheet.print_area.endswith(f"$C${last + 3 + count}")


def dressed(path):
    """A form with all that a bureau may put into one: texts in two colours, text boxes, pictures in header and footer,
    notes, rules, a chart, a line within a cell, names; its total stands in row 7."""
    book = xlsxwriter.Workbook(path)
    sheet, other = book.add_worksheet("统计 表"), book.add_worksheet("说明")
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    sheet.set_header("&L&G", {"image_left": "in.png", "image_data_left": picture})
    red, line, percent = (
        book.add_format({"font_color": "red"}),
        book.add_format({"border": 1}),
        book.add_format({"num_format": "0.0%"}),
    )
    sheet.write_rich_string("A1", "填表说明：", red, "红色必填", "，其余选填")
    for row in range(3, 6):
        sheet.write_row(row, 0, [""] * 5, line)
        sheet.write_formula(row, 5, f"=D{row + 1}/C{row + 1}", percent, 0.7)
    sheet.write_formula("C7", "=SUM(C4:C6)", line, 99)
    other.write_formula("A1", "='统计 表'!C7*2", None, 198)
    sheet.write_comment("C3", "上面的批注")
    sheet.write_comment("A9", "下面的批注")
    sheet.insert_textbox("H2", "旁边的文本框", {"height": 20})
    sheet.insert_textbox("C10", "下面的文本框")
    sheet.data_validation("E4:E6", {"validate": "list", "source": ["是", "否"]})
    sheet.conditional_format("C4:C6", {"type": "cell", "criteria": ">", "value": "$C$7", "format": red})
    sheet.add_sparkline("G7", {"range": "'统计 表'!C4:C6"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='统计 表'!$C$4:$C$6"})
    sheet.insert_chart("A14", chart)
    book.define_name("合计户", "='统计 表'!$C$7")
    sheet.autofilter("A3:F6")
    book.close()


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_a_form_keeps_what_is_drawn_in_it(tmp_path):
    dressed(path := tmp_path / "form.xlsx")

    data = filled(
        path,
        "统计 表",
        (6, 4),
        [4, 3, {"number": "12"}],
        [10, 2, "=1+1"],
        [10, 5, "是"],
        [4, 6, {"share": "0.5"}],
    )

    with zipfile.ZipFile(path) as old, zipfile.ZipFile(io.BytesIO(data)) as new:
        before = {name: old.read(name) for name in old.namelist()}
        after = {name: new.read(name) for name in new.namelist()}
    changed = {name.rpartition("/")[2] for name in before if before[name] != after[name]}
    assert before.keys() == after.keys()
    assert changed == {
        "sheet1.xml", "sheet2.xml", "styles.xml", "workbook.xml", "drawing1.xml", "chart1.xml", "comments1.xml", "vmlDrawing1.vml",
    }  # fmt: skip
    text = {
        name.rpartition("/")[2]: part.decode()
        for name, part in after.items()
        if name.endswith(("xml", "vml"))
    }
    sheet, drawn = text["sheet1.xml"], text["drawing1.xml"]
    assert "<legacyDrawingHF" in sheet and "&amp;G" in sheet and "红色必填" in text["sharedStrings.xml"]
    assert "旁边的文本框" in drawn and "下面的文本框" in drawn
    rows_of = re.findall(r"<xdr:from>.*?<xdr:row>(\d+)<", drawn)
    assert sorted(map(int, rows_of)) == [1, 13, 17]  # the box beside the table stays, the others follow
    assert re.findall(r"<c:f>([^<]*)<", text["chart1.xml"]) == ["'统计 表'!$C$4:$C$10"]
    assert re.findall(r'<comment ref="(\w+)"', text["comments1.xml"]) == ["C3", "A13"]
    assert re.findall(r"<x:Row>(\d+)<", text["vmlDrawing1.vml"]) == ["2", "12"]
    assert "<xm:f>'统计 表'!C4:C10</xm:f><xm:sqref>G11</xm:sqref>" in sheet
    assert 'sqref="E4:E10"' in sheet and 'sqref="C4:C10"' in sheet and "<formula>$C$11</formula>" in sheet
    assert '<autoFilter ref="A3:F10"' in sheet and "'统计 表'!$C$11<" in text["workbook.xml"]
    assert (
        "<f>SUM(C4:C10)</f></c>" in sheet and "<f>'统计 表'!C11*2</f></c>" in text["sheet2.xml"]
    )  # no old value
    assert 'fullCalcOnLoad="1"' in text["workbook.xml"]
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [page.cell(10, column).value for column in (2, 5, 6)] == ["=1+1", "是", "=D10/C10"]
    assert (page["B10"].data_type, page["B10"].quotePrefix, page["C4"].value) == ("s", True, 12)
    assert (page["F4"].value, page["F4"].number_format, page["E9"].border.left.style) == (0.5, "0.0%", "thin")


def test_a_form_without_styles_is_filled(tmp_path):
    dressed(path := tmp_path / "form.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bare := tmp_path / "bare.xlsx", "w") as new:
        for name in old.namelist():
            if name != "xl/styles.xml":
                new.writestr(name, old.read(name))

    with zipfile.ZipFile(io.BytesIO(filled(bare, "统计 表", (6, 1), [4, 2, "=1+1"]))) as book:
        assert "=1+1" in book.read("xl/worksheets/sheet1.xml").decode()


def remade(path, change, **more):
    """The form at `path` with every part changed by `change(name, data)`, and with `more` parts."""
    made = path.with_name("remade.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in more.items():
            new.writestr(name, data)
    return made


def test_tables_and_what_pivot_tables_are_made_of_take_the_rows_in(tmp_path):
    """A table with a column that it computes and a line of totals, one without; the cache of a pivot table over the first."""
    book = xlsxwriter.Workbook(path := tmp_path / "form.xlsx")
    sheet = book.add_worksheet("表")
    share = {
        "header": "占比",
        "formula": "=户表[[#This Row],[Q3]]/户表[[#This Row],[户数]]",
        "total_function": "average",
    }
    heads = [
        {"header": "村", "total_string": "合计"},
        {"header": "户数", "total_function": "sum"},
        {"header": "Q3"},
        share,
    ]
    sheet.add_table("A3:D7", {"name": "户表", "columns": heads, "total_row": True})
    sheet.add_table("F3:G6", {"name": "另表", "columns": [{"header": "名"}, {"header": "B10"}]})
    sheet.write_formula("F12", "=SUM(另表[B10])+B7")
    book.close()
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cache = f'<pivotCacheDefinition xmlns="{space}"><cacheSource type="worksheet"><worksheetSource ref="A3:D6" sheet="表"/></cacheSource></pivotCacheDefinition>'
    told = b'<Relationship Id="p1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotCacheDefinition" Target="pivot.xml"/></Relationships>'
    path = remade(
        path,
        lambda name, data: (
            data.replace(b"</Relationships>", told) if name.endswith("workbook.xml.rels") else data
        ),
        **{"xl/pivot.xml": cache},
    )

    with zipfile.ZipFile(io.BytesIO(filled(path, "表", (6, 3), [9, 2, {"number": "4"}]))) as book:
        sheet, pivot, *tables = (
            book.read(name).decode()
            for name in (
                "xl/worksheets/sheet1.xml",
                "xl/pivot.xml",
                "xl/tables/table1.xml",
                "xl/tables/table2.xml",
            )
        )

    assert [re.findall(r' ref="([^"]*)"', table) for table in tables] == [
        ["A3:D10", "A3:D9"],
        ["F3:G9", "F3:G9"],
    ]
    assert re.findall(r'<c r="(D\d+)"[^>]*><f>(.*?)</f>', sheet) == [
        *((f"D{row}", "户表[[#This Row],[Q3]]/户表[[#This Row],[户数]]") for row in range(4, 10)),
        ("D10", "SUBTOTAL(101,[占比])"),
    ]
    assert "<f>SUM(另表[B10])+B10</f>" in sheet
    assert 'ref="A3:D9"' in pivot and 'refreshOnLoad="1"' in pivot


def test_a_form_in_strict_open_xml_is_seen_and_filled_as_it_is(tmp_path):
    dressed(path := tmp_path / "form.xlsx")

    def strict(name, data):
        return re.sub(
            rb"http://schemas\.openxmlformats\.org/(spreadsheetml|officeDocument|drawingml)/2006/(main|relationships|spreadsheetDrawing|chart)\b",
            rb"http://purl.oclc.org/ooxml/\1/\2", data,
        )  # fmt: skip

    path = remade(path, strict)
    seen, kept = child_process.look(path)
    data = filled(path, "统计 表", (6, 2), [4, 3, {"share": "0.5"}])

    assert [sheet["name"] for sheet in seen] == ["统计 表", "说明"]
    assert [7, 3, "=SUM(C4:C6)", "bf"] in seen[0]["cells"]
    assert kept == path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet, styles = book.read("xl/worksheets/sheet1.xml"), book.read("xl/styles.xml")
    assert b"purl.oclc.org/ooxml/spreadsheetml/main" in sheet and b"SUM(C4:C8)" in sheet
    assert b"<v>0.5</v>" in sheet and b"schemas.openxmlformats.org/spreadsheetml" not in sheet + styles


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
