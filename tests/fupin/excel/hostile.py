"""Files that must be refused, each with the code that it gets. `CASES` {name: (code, file name, maker of the bytes)}."""

import io
import struct
import zipfile
import zlib

from tests.fupin.excel import ole
from tests.fupin.excel.test_reader_formats import MAIN, USUAL, package

ROW = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'


def archive(parts, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return stream.getvalue()


def with_part(name, content):
    """The usual book and one part more, or another in its place."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package(USUAL))) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return stream.getvalue()


def ods(body, manifest="", extra=()):
    space = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = f"<office:document-content {space}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    return archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content,
                    "META-INF/manifest.xml": f"<m>{manifest}</m>", **dict(extra)})  # fmt: skip


def overlapping():
    """Many directory entries for one and the same compressed kernel."""
    kernel = zlib.compress(b"\0" * 3_000_000, 9)[2:-4]
    local = (
        struct.pack("<4sHHHHHLLLHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(kernel), 3_000_000, 1, 0)
        + b"a"
        + kernel
    )
    entries = b"".join(
        struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(kernel), 3_000_000, 4, 0, 0, 0, 0, 0, 0)
        + b"%04d" % at for at in range(100)
    )  # fmt: skip
    return local + entries + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 100, 100, len(entries), len(local), 0)


def copied(size, count):
    """A book with `count` parts of `size` blanks each, packed once."""
    content = b" " * size
    kernel, crc = zlib.compress(content, 9)[2:-4], zlib.crc32(content)
    facts, local, entries = (8, 0, 0, crc, len(kernel), size), b"", b""
    for name in [b"xl/workbook.xml", *(b"xl/%d.xml" % at for at in range(count))]:
        entries += (
            struct.pack(
                "<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, 20, 0, *facts, len(name), 0, 0, 0, 0, 0, len(local)
            )
            + name
        )
        local += struct.pack("<4sHHHHHLLLHH", b"PK\3\4", 20, 0, *facts, len(name), 0) + name + kernel
    end = struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count + 1, count + 1, len(entries), len(local), 0)
    return local + entries + end


def encrypted_zip():
    data = bytearray(archive({"甲.xlsx": package(USUAL)}))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


def lying_size():
    """A part that says it is small and is not."""
    data = bytearray(package(USUAL))
    at = data.rindex(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    return bytes(data)


def string_bomb():
    """One text of 32,000 characters in 210,000 cells."""
    cells = b"".join(
        b'<row r="%d">' % r + b"".join(b'<c r="%s%d" t="s"><v>0</v></c>' % (c, r) for c in (b"A", b"B", b"C")) + b"</row>"
        for r in range(1, 70_001)
    )  # fmt: skip
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
        zipfile.ZipFile(io.BytesIO(package(USUAL))) as old,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, {
                "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{"长" * 32_000}</t></si></sst>',
                "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + cells + b"</sheetData></worksheet>",
            }.get(entry.filename, old.read(entry)))  # fmt: skip
    return stream.getvalue()


def sheet(rows):
    return with_part(
        "xl/worksheets/sheet1.xml",
        f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + rows + b"</sheetData></worksheet>",
    )


def columns(count):
    from fupin.excel.table import letter_of

    return sheet(
        b'<row r="1">'
        + b"".join(b'<c r="%s1"><v>1</v></c>' % letter_of(at).encode() for at in range(count))
        + b"</row>"
    )


def far(reference, quote=b'"'):
    """A cell at `reference` in a book whose first cell is written as usual."""
    cell = b"<c r=" + quote + reference + quote + b"><v>1</v></c>"
    return sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2">' + cell + b"</row>")


def far_below():
    """More than one piece of usual rows, then a cell that is wider and deeper than they are."""
    rows = b"".join(ROW % (at, at) for at in range(1, 30_001))
    return sheet(rows + b'<row r="30001"><c r="IV99999"><v>1</v></c></row>')


def wide_letters():
    """A sheet in UTF-16."""
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="IV65536"><v>1</v></c></row>'
    return with_part(
        "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode("utf-16")
    )  # fmt: skip


def listed(count):
    """A book whose directory names its one sheet `count` times."""
    with zipfile.ZipFile(io.BytesIO(package(USUAL))) as old:
        book = old.read("xl/workbook.xml")
    start = book.index(b"<sheet ")
    end = book.index(b">", start) + 1
    return with_part("xl/workbook.xml", book[:end] + book[start:end] * (count - 1) + book[end:])


def told(count):
    """Shared texts that no relation names, and that say they are many."""
    with zipfile.ZipFile(io.BytesIO(package(USUAL))) as old:
        relations = old.read("xl/_rels/workbook.xml.rels")
    held = with_part("xl/_rels/workbook.xml.rels", relations.replace(b'/sharedStrings"', b'/other"'))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(held)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != "xl/sharedStrings.xml":
                new.writestr(entry, old.read(entry))
        new.writestr(
            "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}" uniqueCount="+{count}"><si><t>a</t></si></sst>'
        )
    return stream.getvalue()


def old_book(at, words):
    """An old book whose header says `words` at byte `at`."""
    data = bytearray(ole.compound({"Workbook": STREAM}))
    data[at : at + 4 * len(words)] = struct.pack(f"<{len(words)}I", *words)
    return bytes(data)


def old_circle(sector, size=0):
    """An old book where one sector, of the directory or of the stream, is followed by itself."""
    data = bytearray(ole.compound({"Workbook": STREAM}))
    table = (struct.unpack_from("<I", data, 76)[0] + 1) * ole.SECTOR
    directory = struct.unpack_from("<I", data, 48)[0]
    at = directory if sector == "directory" else 0
    struct.pack_into("<I", data, table + 4 * at, at)
    if size:
        struct.pack_into("<I", data, (directory + 1) * ole.SECTOR + 128 + 120, size)
    return bytes(data)


def old_listed(place):
    """An old book that names a second sheet at `place`, the place of its first where that is None."""
    again = ole.record(0x85, struct.pack("<IBB", 0, 0, 0) + b"\1\0a")
    stream = bytearray(ole.biff(ole.label(0, 0, "姓名"), before=again))
    first = stream.index(struct.pack("<HH", 0x85, 8 + 2), stream.index(again) + 4)
    own = stream[first + 4 : first + 8]
    at = stream.index(again) + 4
    stream[at : at + 4] = own if place is None else struct.pack("<I", place)
    return ole.compound({"Workbook": bytes(stream)})


def wide_figures():
    """An old book with one record of figures that goes far to the right, and a cell far below."""
    several = ole.record(0xBD, struct.pack("<HH", 0, 0) + b"\0" * 6 * 1300 + struct.pack("<H", 1299))
    return ole.compound({"Workbook": ole.biff(several + ole.label(65535, 0, "村"))})


def ods_rows(count, cells, repeated=""):
    row = f"<table:table-row{repeated}>{cells}</table:table-row>"
    return ods(f'<table:table table:name="a">{row * count}</table:table>')


DTD = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
STREAM = ole.biff(ole.label(0, 0, "姓名"))

CASES = {
    "empty": ("file_empty", "a.xlsx", lambda: b""),
    "a sheet without a row": ("file_empty", "a.xlsx", lambda: sheet(b"")),
    "page": ("file_type_mismatch", "a.xls", lambda: b"\xef\xbb\xbf\r\n<HTML><table><tr><td>1</td></tr></table>"),
    "page of Office": ("file_type_mismatch", "a.xls", lambda: b'<?xml version="1.0"?>\n<html xmlns:x="urn:x">'),
    "page, UTF-16": ("file_type_mismatch", "a.xls", lambda: "<html><table></table></html>".encode("utf-16")),
    "mail page": ("file_type_mismatch", "a.xls", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related"),
    "SpreadsheetML 2003": ("file_type_mismatch", "a.xls", lambda: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
    "text called xlsx": ("file_type_mismatch", "a.xlsx", lambda: "姓名,村\n甲,乙\n".encode("gb18030")),
    "picture": ("file_type_mismatch", "a.xlsx", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 100),
    "picture called csv": ("file_type_mismatch", "a.csv", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))),
    "pdf": ("file_type_mismatch", "a.xlsx", lambda: b"%PDF-1.7\n1 0 obj"),
    "rar": ("file_type_mismatch", "a.zip", lambda: b"Rar!\x1a\x07\x01\0" + b"x" * 100),
    "Word, new": ("file_type_mismatch", "a.xlsx", lambda: archive({"word/document.xml": "<w/>"})),
    "Word, old": ("file_type_mismatch", "a.xls", lambda: ole.compound({"WordDocument": b"x"})),
    "xlsb": ("file_type_mismatch", "a.xlsx", lambda: archive({"xl/workbook.bin": b"x"})),
    "archive without a workbook": ("file_type_mismatch", "a.zip", lambda: archive({"说明.txt.md": b"x"})),
    "archive in an archive": ("file_type_mismatch", "a.zip", lambda: archive({"内.zip": archive({"a.xlsx": b"x"})})),
    "Excel 2": ("file_type_mismatch", "a.xls", lambda: b"\x09\0\x04\0\x02\0\x10\0" + b"\0" * 50),
    "password, xlsx": ("file_encrypted", "a.xlsx", lambda: ole.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"})),
    "password, xls": ("file_encrypted", "a.xls", lambda: ole.compound({"Workbook": ole.biff(b"", before=ole.record(0x2F, b"\1\0\1\0"))})),
    "password, ods": ("file_encrypted", "a.ods", lambda: ods("", "<manifest:encryption-data/>")),
    "password, ods as a whole": ("file_encrypted", "a.ods", lambda: archive({"encrypted-package": b"x" * 99, "META-INF/manifest.xml": "<m><encryption-data/></m>"})),
    "password, zip": ("file_encrypted", "a.zip", encrypted_zip),
    "cut in half": ("file_corrupt", "a.xlsx", lambda: package(USUAL)[: len(package(USUAL)) // 2]),
    "old one cut in half": ("file_corrupt", "a.xls", lambda: ole.compound({"Workbook": STREAM})[:900]),
    "head only": ("file_corrupt", "a.xlsx", lambda: b"PK\3\4"),
    "no sheet": ("file_empty", "a.xlsx", lambda: with_part("xl/workbook.xml", "<workbook/>")),
    "broken tags": ("file_corrupt", "a.xlsx", lambda: with_part("xl/workbook.xml", "<workbook><sheets>")),
    "a part that lies about its size": ("file_corrupt", "a.xlsx", lying_size),
    "macros": ("file_macro", "a.xlsm", lambda: with_part("xl/vbaProject.bin", b"x")),
    "macro sheet": ("file_macro", "a.xlsx", lambda: with_part("xl/macrosheets/sheet1.xml", b"<x/>")),
    "macros, old": ("file_macro", "a.xls", lambda: ole.compound({"Workbook": STREAM, "_VBA_PROJECT_CUR": b"x"})),
    "macros, ods": ("file_macro", "a.ods", lambda: ods("", extra=[("Basic/Standard/Module1.xml", "<x/>")])),
    "entities": ("file_entity_attack", "a.xlsx", lambda: with_part("xl/sharedStrings.xml", DTD)),
    "entities, UTF-16": ("file_entity_attack", "a.xlsx", lambda: with_part("xl/sharedStrings.xml", DTD.encode("utf-16"))),
    "entities, ods": ("file_entity_attack", "a.ods", lambda: archive({"content.xml": DTD})),
    "climbing name": ("file_path_traversal", "a.xlsx", lambda: with_part("../evil.xml", b"x")),
    "climbing name in an archive": ("file_path_traversal", "a.zip", lambda: archive({"../a.xlsx": package(USUAL)})),
    "ratio": ("file_bomb", "a.xlsx", lambda: sheet(b" " * 40_000_000)),
    "too big unpacked": ("file_bomb", "a.xlsx", lambda: copied(900_000, 400)),
    "overlapping": ("file_bomb", "a.zip", overlapping),
    "many parts": ("file_bomb", "a.xlsx", lambda: archive({f"{n}.xml": b"" for n in range(5000)}, zipfile.ZIP_STORED)),
    "one string in every cell": ("file_bomb", "a.xlsx", string_bomb),
    "shared texts that say they are many": ("file_bomb", "a.xlsx", lambda: with_part("xl/sharedStrings.xml", b'<sst xmlns="%s" uniqueCount="99999999999"><si><t>a</t></si></sst>' % MAIN.encode())),
    "shared texts that nothing names, and that say they are many": ("file_bomb", "a.xlsx", lambda: told(99_999_999_999)),
    "a cell in a column that no sheet has": ("too_many_columns", "a.xlsx", lambda: far(b"ZZZZ9")),
    "a cell far away, other quotation marks": ("file_bomb", "a.xlsx", lambda: far(b"IV65536", b"'")),
    "a cell far away, small letters": ("file_bomb", "a.xlsx", lambda: far(b"iv65536")),
    "a cell far away, in brackets": ("file_corrupt", "a.xlsx", lambda: far(b"$IV$65536")),
    "a cell far away, UTF-16": ("file_bomb", "a.xlsx", wide_letters),
    "a cell far away after many rows": ("file_bomb", "a.xlsx", far_below),
    "merged ranges without end": ("file_bomb", "a.xlsx", lambda: sheet(ROW % (1, 1) + b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:KN40"/>' * 300 + b"</mergeCells><sheetData>")),
    "one sheet listed many times": ("file_corrupt", "a.xlsx", lambda: listed(50)),
    "one sheet listed twice, old": ("file_corrupt", "a.xls", lambda: old_listed(None)),
    "a sheet behind the end, old": ("file_corrupt", "a.xls", lambda: old_listed(999_999)),
    "figures far to the right, old": ("file_bomb", "a.xls", wide_figures),
    "tables in a circle, old": ("file_corrupt", "a.xls", lambda: old_book(68, [0, 1])),
    "a directory in a circle, old": ("file_corrupt", "a.xls", lambda: old_circle("directory")),
    "a stream in a circle, old": ("file_corrupt", "a.xls", lambda: old_circle("stream", 0x7FFFFFFF)),
    "blanks by their number, ods": ("cell_too_long", "a.ods", lambda: ods_rows(1, '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="4000000000"/></text:p></table:table-cell>')),
    "formulas far to the right, ods": ("file_bomb", "a.ods", lambda: ods_rows(5000, '<table:table-cell table:number-columns-repeated="16000"/><table:table-cell table:formula="of:=1"/>')),
    "a row repeated more often than there are rows, ods": ("file_bomb", "a.ods", lambda: ods_rows(1, '<table:table-cell office:value="1"/>' * 20, ' table:number-rows-repeated="+9999999999"')),
    "repeated cells, ods": ("file_bomb", "a.ods", lambda: ods('<table:table><table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="200" office:value-type="string"><text:p>a</text:p></table:table-cell></table:table-row></table:table>')),
    "a cell at the end of wide rows": ("file_bomb", "a.xlsx", lambda: sheet(ROW % (1, 1) + b'<row r="1048576"><c r="Z1048576"><v>1</v></c></row>')),
    "a cell that stands elsewhere than its row": ("file_bomb", "a.xlsx", lambda: sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="IV65536"><v>1</v></c></row>')),
    "a cell in a row that no sheet has": ("file_bomb", "a.xlsx", lambda: sheet(ROW % (1, 1) + b'<row r="2"><c r="A99999999999"><v>1</v></c></row>')),
    "a cell in the last row of an old book": ("file_bomb", "a.xls", lambda: ole.compound({"Workbook": ole.biff(ole.label(0, 0, "姓名") + ole.label(65535, 255, "村"))})),
    "a cell in the last row, ods": ("file_bomb", "a.ods", lambda: ods('<table:table><table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row><table:table-row table:number-rows-repeated="65535"><table:table-cell table:number-columns-repeated="256"/></table:table-row><table:table-row><table:table-cell table:number-columns-repeated="255"/><table:table-cell office:value-type="float" office:value="1"/></table:table-row><table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>')),
    "a cell at the far corner": ("too_many_columns", "a.xlsx", lambda: sheet(ROW % (1, 1) + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "16,384 columns": ("too_many_columns", "a.xlsx", lambda: columns(16_384)),
    "301 columns": ("too_many_columns", "a.xlsx", lambda: columns(301)),
    "many columns, csv": ("too_many_columns", "a.csv", lambda: b"a," * 16_384),
    "many columns, ods": ("too_many_columns", "a.ods", lambda: ods('<table:table><table:table-row><table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row></table:table>')),
    "a cell of 5 MB": ("cell_too_long", "a.xlsx", lambda: sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 5_000_000 + b"</t></is></c></row>")),
    "a shared text of 5 MB": ("cell_too_long", "a.xlsx", lambda: with_part("xl/sharedStrings.xml", b'<sst xmlns="%s"><si><t>' % MAIN.encode() + bytes(range(97, 123)) * 200_000 + b"</t></si></sst>")),
    "a cell of 5 MB, csv": ("cell_too_long", "a.csv", lambda: b"name\n" + b"x" * 5_000_000),
    "a cell of 5 MB, ods": ("cell_too_long", "a.ods", lambda: ods(f"<table:table><table:table-row><table:table-cell><text:p>{'x' * 5_000_000}</text:p></table:table-cell></table:table-row></table:table>")),
}  # fmt: skip
