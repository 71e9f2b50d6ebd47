"""Workbooks as sheets of rows; hostile ones are refused by name, none brings the process down."""

import io
import random
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from fupin.excel import reader

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def save(tmp_path, name, content):
    path = tmp_path / "stored"
    path.write_bytes(content)
    return path, name


def plain_book():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "名册"
    sheet.append(["姓名", "日期", "数"])
    sheet.append(["张三", date(2020, 5, 1), 1.5])
    sheet.append([None, None, None])
    sheet.append(["李四", datetime(2020, 5, 1, 10, 30), "=1+1"])
    sheet.row_dimensions[4].hidden = True
    sheet.merge_cells("A6:B6")
    book.create_sheet("旧").sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(parts):
    """The plain book with some parts replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(plain_book())) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename not in parts:
                new.writestr(entry, old.read(entry))
        for name, content in parts.items():
            new.writestr(name, content)
    return stream.getvalue()


def sheet_with(rows):
    return changed({"xl/worksheets/sheet1.xml": SHEET.format(rows)})


def refusal(tmp_path, content, name="a.xlsx"):
    path, name = save(tmp_path, name, content)
    with pytest.raises(reader.Refused) as refused:
        reader.read(path, name)
    assert refused.value.sentence
    return refused.value.code


def test_rows_marks_and_states(tmp_path, cold_child):
    book = reader.read(*save(tmp_path, "a.xlsx", plain_book()))

    first, old = book.sheets
    assert (first.name, first.state, old.state) == ("名册", "visible", "hidden")
    assert first.numbers == [1, 2, 4]
    assert first.rows[1] == ["张三", date(2020, 5, 1), 1.5]
    assert first.hidden == {4}
    assert first.uncached == {(4, 3)}
    assert (6, 1, 6, 2) in first.merges


def test_an_xlsx_called_xls_is_read(tmp_path):
    assert reader.read(*save(tmp_path, "a.xls", plain_book())).format == "xlsx"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_every_coding(tmp_path, codec, delimiter):
    text = delimiter.join(["姓名", "村"]) + "\r\n" + delimiter.join(["𠮷野", '"甲\n乙"']) + "\r\n"

    sheet = reader.read(*save(tmp_path, "a.csv", text.encode(codec))).sheets[0]

    assert sheet.rows == [["姓名", "村"], ["𠮷野", "甲\n乙"]]
    assert sheet.numbers == [1, 2]


def test_error_cells_are_told(tmp_path):
    content = sheet_with('<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><v>3</v></c></row>')

    assert reader.read(*save(tmp_path, "a.xlsx", content)).sheets[0].errors == {(1, 1): "#N/A"}


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.xlsx", "file_empty"),
        (b"PK\x05\x06" + b"\0" * 18, "a.xlsx", "file_type_mismatch"),
        (b"PK\x03\x04 nothing", "a.xlsx", "file_corrupt"),
        (b"<!DOCTYPE html><html>", "a.xls", "file_type_mismatch"),
        (b"<table><tr><td>1</td></tr></table>", "a.csv", "file_type_mismatch"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a.xlsx", "file_type_mismatch"),
        ("姓名,村\n甲,乙\n".encode(), "a.xlsx", "file_type_mismatch"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "file_encrypted",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"),
            "a.xls",
            "file_type_mismatch",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "a.xls", "file_corrupt"),
    ],
)
def test_files_that_are_no_workbook(tmp_path, content, name, code):
    assert refusal(tmp_path, content, name) == code


def test_truncated(tmp_path, cold_child):
    content = plain_book()

    assert refusal(tmp_path, content[: len(content) // 2]) == "file_corrupt"


def test_macros(tmp_path):
    assert refusal(tmp_path, changed({"xl/vbaProject.bin": b"x"})) == "file_macro"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "xl/..\\x.xml", "C:/x.xml"])
def test_names_that_climb(tmp_path, name):
    assert refusal(tmp_path, changed({name: b"x"})) == "file_path_traversal"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_entities(tmp_path, codec):
    laughs = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'

    assert refusal(tmp_path, changed({"xl/sharedStrings.xml": laughs.encode(codec)})) == "file_entity_attack"


def test_bomb_is_refused_at_once(tmp_path, cold_child):
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row>' * 4_000_000

    began = time.monotonic()
    code = refusal(tmp_path, changed({"xl/worksheets/sheet1.xml": rows}))

    assert code == "file_bomb"
    assert time.monotonic() - began < 20  # measured 0.3 s; the machine may be busy


def test_a_cell_at_the_far_corner_costs_nothing(tmp_path, cold_child):
    near = '<row r="1"><c r="A1"><v>1</v></c></row>'

    empty = reader.read(
        *save(tmp_path, "a.xlsx", sheet_with(near + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'))
    )
    assert len(empty.sheets[0].rows) == 1
    far = near + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal(tmp_path, sheet_with(far)) == "too_many_columns"
    low = near + '<row r="1048576"><c r="B1048576"><v>1</v></c></row>'
    assert len(reader.read(*save(tmp_path, "a.xlsx", sheet_with(low))).sheets[0].rows) == 2


def test_text_longer_than_a_cell(tmp_path):
    cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"长" * 33_000}</t></is></c></row>'

    assert refusal(tmp_path, sheet_with(cell)) == "cell_too_long"


def test_mutated_workbooks_are_read_or_refused(tmp_path):
    """Bytes of a good book flipped, cut and doubled: always an answer, never an exception or a dead process."""
    chance, good = random.Random(7), plain_book()
    answers = {"read": 0, "refused": 0}
    for _ in range(25):
        content = bytearray(good)
        for _ in range(chance.randrange(1, 30)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.3:
            del content[chance.randrange(len(content)) :]
        try:
            reader.read(*save(tmp_path, "a.xlsx", bytes(content)))
            answers["read"] += 1
        except reader.Refused:
            answers["refused"] += 1
    assert sum(answers.values()) == 25
    assert answers["refused"]


def test_the_child_cannot_make_the_parent_run_anything():
    import pickle

    with pytest.raises(pickle.UnpicklingError):
        reader._Plain(io.BytesIO(pickle.dumps(zipfile.ZipFile))).load()
