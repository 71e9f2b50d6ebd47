"""Every way that a workbook is written, by content and not by name."""

import io
import struct
import zipfile
from datetime import date

import openpyxl
import pytest

from fupin.excel import reader
from fupin.excel.table import letter_of
from tests.fupin.excel import ole

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STRICT = (
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
STRINGS = (
    '<sst xmlns="{main}"><si><r><t>甲</t></r><r><t xml:space="preserve"> 乙</t></r><rPh sb="0" eb="1"><t>PH</t></rPh>'
    '<phoneticPr fontId="1"/></si><si><t>_x0041_</t></si></sst>'
)
STYLES = (
    '<styleSheet xmlns="{main}"><numFmts count="1"><numFmt numFmtId="176" formatCode="yyyy/m/d;@"/></numFmts>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="2"/></cellXfs></styleSheet>'
)
USUAL = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="2"><v>43586</v></c></row>'


def package(rows, *, target="worksheets/sheet1.xml", part="xl/worksheets/sheet1.xml", book="xl/workbook.xml", main=MAIN,
            office=OFFICE, setting="", encode=str.encode, prefix=""):  # fmt: skip
    """A workbook put together by hand."""

    def tag(xml):
        return xml if not prefix else "".join(
            f"<{'/' if piece[0] == '/' else ''}{prefix}:{piece.lstrip('/')}" for piece in xml.split("<") if piece
        )  # fmt: skip

    space = f"xmlns:{prefix}" if prefix else "xmlns"
    folder, _, name = book.rpartition("/")
    parts = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{office}/officeDocument" Target="{book}"/></Relationships>',
        book: tag(f'<workbook {space}="{main}" xmlns:r="{office}">{setting}<sheets><sheet name="名册" sheetId="1" r:id="b"/></sheets></workbook>'),
        f"{folder}/_rels/{name}.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="b" Type="{office}/worksheet" Target="{target}"/>'
        f'<Relationship Id="c" Type="{office}/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="d" Type="{office}/styles" Target="/xl/styles.xml"/></Relationships>',
        part: encode(tag(f'<worksheet {space}="{main}"><sheetData>{rows}</sheetData></worksheet>')),
        "xl/sharedStrings.xml": STRINGS.format(main=main), "xl/styles.xml": STYLES.format(main=main),
    }  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part_name, content in parts.items():
            archive.writestr(part_name, content)
    return stream.getvalue()


def read(folder, content, name="a.xlsx"):
    path = folder / "stored"
    path.write_bytes(content)
    return reader.read(path, name)


def first(folder, content, name="a.xlsx"):
    return read(folder, content, name).sheets[0]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"target": "/xl/worksheets/sheet1.xml"},
        {"target": "./worksheets/sheet1.xml"},
        {"target": "../xl/worksheets/sheet1.xml"},
        {"target": "worksheets/Sheet1.xml"},
        {"part": "xl\\worksheets\\sheet1.xml"},
        {"book": "xl/book2.xml"},
        {"main": STRICT[0], "office": STRICT[1]},
        {"prefix": "x"},
        {"encode": lambda xml: ('<?xml version="1.0" encoding="UTF-16"?>' + xml).encode("utf-16")},
    ],
    ids=lambda how: "-".join(how) or "plain",
)
def test_every_way_to_put_a_workbook_together(tmp_path, how):
    assert first(tmp_path, package(USUAL, **how)).rows == [["甲 乙", date(2019, 5, 1)]]


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.csv", "没有后缀"])
def test_the_name_does_not_matter(tmp_path, name):
    assert read(tmp_path, package(USUAL), name).format == "xlsx"


def test_cells_without_references(tmp_path):
    rows = '<row><c t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c><c><v>1</v></c></row><row hidden="1"><c/><c t="e"><v>#REF!</v></c><c><f>1+1</f></c></row>'
    sheet = first(tmp_path, package(rows))

    assert sheet.rows == [["甲乙", 1.0]]
    assert sheet.hidden == {2}
    assert sheet.errors == {(2, 2): "#REF!"}
    assert sheet.uncached == {(2, 3)}


def test_a_sheet_that_begins_lower_and_further_right(tmp_path):
    book = openpyxl.Workbook()
    book.active["C3"], book.active["E5"] = "甲", 2
    stream = io.BytesIO()
    book.save(stream)

    sheet = first(tmp_path, stream.getvalue())
    assert sheet.numbers == [3, 5]
    assert sheet.rows == [["", "", "甲", "", ""], ["", "", "", "", 2.0]]


def test_the_1904_calendar(tmp_path):
    sheet = first(tmp_path, package(USUAL, setting='<workbookPr date1904="1"/>'))
    assert sheet.epoch == 1904
    assert sheet.rows[0][1] == date(2023, 5, 2)


def test_an_error_value_that_no_one_knows(tmp_path):
    sheet = first(
        tmp_path, package('<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>#SPILL!</v></c></row>')
    )
    assert sheet.errors == {(1, 2): "#SPILL!"}


def test_hidden_columns(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["甲", "乙", "丙"])
    book.active.column_dimensions["B"].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    assert first(tmp_path, stream.getvalue()).hidden_columns == {2}


def test_october_is_told_by_the_number_format(tmp_path):
    cells = '<c r="A1" s="3"><v>2019.1</v></c><c r="B1"><v>2019.1</v></c><c r="C1" s="3"><v>2019.5</v></c>'
    assert first(tmp_path, package(f'<row r="1">{cells}</row>')).rows == [["2019.10", 2019.1, 2019.5]]


def test_marks_far_down_a_long_sheet(tmp_path):
    """The part is looked at in pieces of a mebibyte: marks are found at their borders too."""
    rows = "".join(
        f'<row r="{n}"{" hidden=" + chr(34) + "1" + chr(34) if n % 1000 == 0 else ""}><c r="A{n}" t="e"><v>#N/A</v></c><c r="B{n}"><f>A{n}</f></c>'
        f'<c r="C{n}"><v>{n}</v></c></row>'
        for n in range(1, 40_001)
    )
    sheet = first(tmp_path, package(rows))
    assert len(sheet.errors) == len(sheet.uncached) == 40_000
    assert sheet.hidden == set(range(1000, 40_001, 1000))
    assert [row[2] for row in sheet.rows] == list(range(1, 40_001))


@pytest.mark.parametrize("version", [5, 8])
def test_old_workbooks(tmp_path, version):
    stream = ole.biff(
        ole.hidden_row(1) + ole.hidden_column(1) + ole.label(0, 0, "姓名", version) + ole.label(1, 0, "张三", version)
        + ole.figure(1, 1, 2019.5) + ole.fault(1, 2),
        version=version,
    )  # fmt: skip
    book = read(tmp_path, ole.compound({"Workbook" if version == 8 else "Book": stream}), "a.et")

    sheet = book.sheets[0]
    assert book.format == "xls"
    assert sheet.name == "甲"
    assert [row[0] for row in sheet.rows] == ["姓名", "张三"]
    assert sheet.rows[1][1] == 2019.5
    assert sheet.hidden == {2}
    assert sheet.hidden_columns == {2}
    assert sheet.errors == {(2, 3): "#N/A"}


@pytest.mark.parametrize("claim", [(0, 65_536, 0, 256), (0, 2**32 - 1, 0, 256), (5, 2, 0, 3)])
def test_an_old_workbook_that_claims_every_row_it_might_have(tmp_path, claim):
    """As one does whose rows were all given a border once. Nothing stands in them."""
    cells = ole.label(0, 0, "姓名") + ole.label(1, 0, "张三")
    said = ole.record(0x200, struct.pack("<IIHHH", *claim, 0))
    book = ole.compound({"Workbook": ole.biff(ole.figure(9, 9, 1.5) * 50 + said + cells)})

    assert [row[0] for row in first(tmp_path, book, "a.xls").rows] == ["姓名", "张三", ""]


@pytest.mark.parametrize(
    ("codec", "mark"), [("utf-8", b""), ("utf-8-sig", b""), ("gb18030", b""), ("utf-16-le", b""), ("utf-16-be", b""),
                        ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_with_a_title_line(tmp_path, codec, mark, delimiter):
    lines = [
        "白坪村名册",
        delimiter.join(["姓名", "村", "备注"]),
        delimiter.join(["张三", "白坪村", '"一\n二"']),
    ]
    sheet = first(tmp_path, mark + "\r\n".join(lines).encode(codec), "a.txt")
    assert sheet.rows[1:] == [["姓名", "村", "备注"], ["张三", "白坪村", "一\n二"]]


def test_a_quotation_mark_that_never_closes(tmp_path):
    assert first(tmp_path, '姓名,村\n"张三,甲\n李四,乙\n'.encode(), "a.csv").rows[1:] == [
        ['"张三', "甲"],
        ["李四", "乙"],
    ]


def test_text_cut_within_a_character(tmp_path):
    assert first(tmp_path, "姓名,村\n张三,甲村".encode()[:-1], "a.csv").rows[0] == ["姓名", "村"]


def test_ods_merges_hidden_columns_and_errors(tmp_path):
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        '<office:body><office:spreadsheet><table:table table:name="甲"><table:table-column/><table:table-column table:visibility="collapse"/>'
        '<table:table-row><table:table-cell office:value-type="string" table:number-columns-spanned="2"><text:p>题</text:p></table:table-cell><table:covered-table-cell/></table:table-row>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            "<manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'/>",
        )
    sheet = first(tmp_path, stream.getvalue(), "a.ods")
    assert sheet.merges == [(1, 1, 1, 2)]
    assert sheet.hidden_columns == {2}
    assert sheet.errors == {(2, 2): "#N/A", (3, 2): "#N/A"}
    assert sheet.numbers == [1, 2, 3]


# Archives


def packed(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def all_of(folder, content, name="a.zip"):
    path = folder / "stored"
    path.write_bytes(content)
    return reader.read_all(path, name)


def test_an_archive_gives_each_workbook(tmp_path):
    books = all_of(tmp_path, packed({
        "甲组/一.xlsx": package(USUAL), "甲组/二.csv": "姓名,村\n张三,甲\n".encode("gb18030"), "甲组/": b"", "说明.docx": b"PK",
        "__MACOSX/._一.xlsx": b"x", "甲组/~$一.xlsx": b"x", "坏.xlsx": package(USUAL)[:200], "假.xlsx": "姓名,村\n甲,乙".encode(),
        "内.zip": packed({"a.xlsx": package(USUAL)}), "空.xlsx": b"",
    }))  # fmt: skip

    assert [(book.name, book.format, book.refused and book.refused.code) for book in books] == [
        ("假.xlsx", "", "file_type_mismatch"), ("内.zip", "", "file_type_mismatch"), ("坏.xlsx", "", "file_corrupt"),
        ("甲组/一.xlsx", "xlsx", None), ("甲组/二.csv", "csv", None), ("空.xlsx", "", "file_empty"),
    ]  # fmt: skip
    assert all(book.refused is None or book.sheets == [] for book in books)


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_names_of_members_without_the_flag_of_their_coding(tmp_path, codec):
    """As Windows and macOS tools write them: the bytes of their own coding, and no flag that says so."""
    name = "一组/脱贫户-张三-4人.xlsx"
    raw = name.encode(codec)
    data = packed({"x" * len(raw): package(USUAL)}).replace(b"x" * len(raw), raw)
    assert [book.name for book in all_of(tmp_path, data + b"")] == [name]


def test_an_archive_of_one_reads_like_its_workbook(tmp_path):
    assert read(tmp_path, packed({"一.xlsx": package(USUAL)}), "a.zip").format == "xlsx"


def test_a_plain_workbook_is_an_archive_of_itself(tmp_path):
    (book,) = all_of(tmp_path, package(USUAL), "a.xlsx")
    assert (book.name, book.format) == ("", "xlsx")


def test_a_member_that_kills_the_child_leaves_the_others(tmp_path):
    """A crash is simulated by a file that needs more memory than the child may have."""
    width = letter_of(299)
    wide = package(
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="200000"><c r="{width}200000"><v>1</v></c></row>'
    )
    books = all_of(
        tmp_path, packed({"1.xlsx": package(USUAL), "2.xlsx": wide, "3.xlsx": package(USUAL)}), "a.zip"
    )
    assert [book.refused and book.refused.code for book in books] == [None, "file_bomb", None]
