"""The child process that opens a workbook: `python -I unpack.py FILE NAME`, the answer pickled on stdout.

A workbook is hostile until proven otherwise: parsers crash, hang and swell, and one of them aborts the whole
process. So nothing of ours runs here but this file (the standard library and the parser), under limits that it
sets on itself before it touches the file. The answer holds plain lists, numbers, text and dates only.

    {"refused": (code, what was found)}                      or
    {"format": "xlsx", "sheets": [{"name", "state", "numbers", "rows", "hidden", "errors", "uncached",
                                   "merges", "epoch"}]}

`numbers[i]` is the row number (from 1) of `rows[i]`; blank rows are left out. `errors` and `uncached` name cells
by (row, column), both from 1.
"""

import csv
import io
import pickle
import re
import sys
import zipfile
from pathlib import Path
from xml.parsers import expat

MIB = 1 << 20
MAX_FILE = 40 * MIB
MAX_INFLATED = 320 * MIB
MAX_RATIO = 100
RATIO_FROM = 2 * MIB  # small parts may well shrink a hundredfold
MAX_PARTS = 2000
MAX_ROWS = 200_000
MAX_COLUMNS = 300
MAX_TEXT = 32_767
CHUNK = MIB

XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXT_SUFFIXES = {".csv", ".txt", ".tsv"}
_ENTITY = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"),
           "<!ENTITY".encode("utf-16-le"), "<!ENTITY".encode("utf-16-be"))  # fmt: skip
_P = rb"(?:\w+:)?"  # some writers prefix every tag
_ROW = re.compile(rb"<" + _P + rb"row\b([^>]*)>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_ERROR = re.compile(rb"<" + _P + rb'c\b([^>]*?\bt="e"[^>]*)>(.*?)</' + _P + rb"c>", re.DOTALL)
_VALUE = re.compile(rb"<" + _P + rb"v>([^<]*)<")
_UNCACHED = re.compile(
    rb"<" + _P + rb"c\b([^>]*)><" + _P + rb"f\b(?:[^>]*/>|[^>]*>[^<]*</" + _P + rb"f>)"
    rb"(?:<" + _P + rb"v\s*/>|<" + _P + rb"v></" + _P + rb"v>)?</" + _P + rb"c>"
)  # fmt: skip
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_FAR = re.compile(rb"<" + _P + rb'c\b[^>]*\br="[A-Z]{3}\d+"[^>]*(?<!/)>')
_THREE = re.compile(rb'r="[A-Z]{3}')  # cheap to look for; most files have no such column
_MERGE = re.compile(rb"<" + _P + rb'mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_LONG = re.compile(rb">[^<]{%d,}" % (MAX_TEXT + 1))


class Refused(Exception):
    """The file is not opened: a code of the issue list, and what was found."""


def limit(memory, seconds):
    """Cap this process. Where a platform has no such limits the parent's clock is the only one."""
    try:
        import resource
    except ImportError:
        return
    for kind, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        try:
            _, hard = resource.getrlimit(kind)
            soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):
            continue
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    except (ValueError, OSError):
        return


def unpack(path, name):
    """The answer for the file at `path`, which its owner calls `name`."""
    size = path.stat().st_size
    if size == 0:
        raise Refused("file_empty", "0 字节")
    if size > MAX_FILE:
        raise Refused("file_bomb", f"文件大于 {MAX_FILE // MIB} MB")
    with path.open("rb") as file:
        head = file.read(4096)
    suffix = Path(name).suffix.lower()
    if head.startswith(b"PK"):
        return from_zip(path)
    if head.startswith(XLS):
        return from_ole(path)
    return from_text(path, head, suffix)


def from_zip(path):
    try:
        with zipfile.ZipFile(path) as archive:
            inflated = check_parts(archive)
            limit(768 * MIB + 9 * inflated, 10 + inflated // (6 * MIB))
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return from_xlsx(path, archive)
            if "content.xml" in names:
                return from_ods(path, archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise Refused("file_corrupt", type(error).__name__) from error
    what = "xlsb 工作簿" if "xl/workbook.bin" in names else "普通压缩包"
    raise Refused("file_type_mismatch", f"内容是{what}")


def check_parts(archive):
    """Inflate every part in small pieces, counting; nothing is kept. Returns the inflated size in bytes."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    for part in names:
        if part.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", part) or re.match(r"[A-Za-z]:", part):
            raise Refused("file_path_traversal", "压缩包里有越界的成员名")
    if any(part.lower().endswith("vbaproject.bin") for part in names):
        raise Refused("file_macro", "含宏（vbaProject）")
    if len(names) != len(set(names)):
        raise Refused("file_corrupt", "压缩包里有重名成员")
    if len(names) > MAX_PARTS:
        raise Refused("file_bomb", f"压缩包里有 {len(names)} 个成员")
    total = 0
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused("file_encrypted", "压缩包加了密码")
        total += check_part(archive, entry, MAX_INFLATED - total)
    return total


def check_part(archive, entry, room):
    if entry.is_dir():
        return 0
    is_xml = entry.filename.endswith((".xml", ".rels", ".vml"))
    size, tail = 0, b""
    with archive.open(entry) as part:
        while piece := part.read(CHUNK):
            size += len(piece)
            if size > room or (size > RATIO_FROM and size > MAX_RATIO * max(entry.compress_size, 1)):
                raise Refused("file_bomb", "解压后体积异常")
            if is_xml and any(mark in tail + piece for mark in _ENTITY):
                raise Refused("file_entity_attack", "XML 里有 DTD 或实体声明")
            tail = piece[-32:]
    return size


def from_xlsx(path, archive):
    parts = xlsx_parts(archive)
    if "xl/sharedStrings.xml" in archive.namelist():
        check_lengths(archive.read("xl/sharedStrings.xml"))
    marks = []
    for part in parts["sheets"]:
        marks.append(xlsx_marks(archive.read(part)) if part in archive.namelist() else {})
    return {"format": "xlsx", "sheets": sheets_of(path, marks, parts["epoch"])}


def xlsx_parts(archive):
    """`{"sheets": [part of each sheet, in order], "epoch": 1900 or 1904}`."""
    relations = {
        attributes.get("Id", ""): attributes.get("Target", "")
        for tag, attributes in elements(archive.read("xl/_rels/workbook.xml.rels"))
        if tag == "Relationship"
    }
    sheets, epoch = [], 1900
    for tag, attributes in elements(archive.read("xl/workbook.xml")):
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch = 1904
        if tag == "sheet":
            target = relations.get(next((v for k, v in attributes.items() if k.endswith(":id")), ""), "")
            sheets.append(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
    return {"sheets": sheets, "epoch": epoch}


def elements(data):
    """`(local name, attributes)` of every start tag."""
    found = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parser.Parse(data, True)
    return found


def xlsx_marks(data):
    """What the parser does not tell: hidden rows, error cells, formulas without a value, merged ranges."""
    if b"<is>" in data or b":is>" in data:
        check_lengths(data)
    if _THREE.search(data) and any(
        column_number(_CELL.search(found.group())[1]) > MAX_COLUMNS for found in _FAR.finditer(data)
    ):
        raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
    hidden = []
    if b'hidden="' in data:
        hidden = [
            int(_NUMBER.search(row[1])[1])
            for row in _ROW.finditer(data)
            if _HIDDEN.search(row[1]) and _NUMBER.search(row[1])
        ]
    errors = {}
    if b't="e"' in data:
        for found in _ERROR.finditer(data):
            value = _VALUE.search(found[2])
            errors[place_of(found[1])] = value[1].decode("utf-8", "replace") if value else "#N/A"
    uncached = []
    if b"f>" in data:
        uncached = [place_of(cell[1]) for cell in _UNCACHED.finditer(data) if b't="str"' not in cell[1]]
    merges = []
    if b"mergeCell " in data:
        merges = [
            (int(r1), column_number(c1), int(r2), column_number(c2))
            for c1, r1, c2, r2 in _MERGE.findall(data)
        ]
    return {"hidden": hidden, "errors": errors, "uncached": uncached, "merges": merges}


def check_lengths(data):
    for found in _LONG.finditer(data):
        if len(found.group()[1:].decode("utf-8", "replace")) > MAX_TEXT:
            raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")


def column_number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def place_of(attributes):
    found = _CELL.search(attributes)
    return (int(found[2]), column_number(found[1])) if found else (0, 0)


def sheets_of(path, marks, epoch=1900):
    """Every sheet through the parser, blank rows left out, with its marks beside it."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    sheets, total = [], 0
    for index, meta in enumerate(book.sheets_metadata):
        sheet = {"name": meta.name, "state": str(meta.visible).rpartition(".")[2].lower(), "epoch": epoch, "numbers": [],
                 "rows": [], "hidden": [], "errors": {}, "uncached": [], "merges": []}  # fmt: skip
        if str(meta.typ).endswith("WorkSheet"):
            opened = book.get_sheet_by_name(meta.name)
            if opened.width > MAX_COLUMNS:
                raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
            sheet["numbers"], sheet["rows"] = rows_of(opened)
            total += len(sheet["rows"])
            if total > MAX_ROWS:
                raise Refused("file_bomb", f"行数超过 {MAX_ROWS:,}")
            sheet |= marks[index] if index < len(marks) else {}
            if not sheet["merges"]:
                sheet["merges"] = [
                    (r1 + 1, c1 + 1, r2 + 1, c2 + 1)
                    for (r1, c1), (r2, c2) in getattr(opened, "merged_cell_ranges", None) or []
                ]
        sheets.append(sheet)
    return sheets


def rows_of(opened):
    numbers, rows = [], []
    if opened.start is None:
        return numbers, rows
    top, left = opened.start
    pad = [""] * left
    once = {}.setdefault  # the same text is one object: a third of the memory, here and where the rows arrive
    for number, row in enumerate(opened.iter_rows(), top + 1):
        if row.count("") == len(row):
            continue
        numbers.append(number)
        row = [once(cell, cell) if cell.__class__ is str else cell for cell in row]
        rows.append(pad + row if left else row)
    return numbers, rows


def from_ods(path, archive):
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read(
        "META-INF/manifest.xml"
    ):
        raise Refused("file_encrypted", "文件有打开密码")
    return {"format": "ods", "sheets": sheets_of(path, ods_marks(archive.read("content.xml")))}


def ods_marks(data):
    """Hidden rows and error cells of every sheet of an ods file."""
    sheets, at = [], {"row": 0, "column": 0, "repeat": 1}

    def start(tag, attributes):
        if tag == "table:table":
            sheets.append({"hidden": [], "errors": {}})
            at["row"] = 0
        elif tag == "table:table-row" and sheets:
            at["row"] += 1
            at["column"] = 0
            at["repeat"] = int(attributes.get("table:number-rows-repeated", 1))
            if attributes.get("table:visibility") in ("collapse", "filter"):
                last = at["row"] + min(at["repeat"], MAX_ROWS)
                sheets[-1]["hidden"] += range(at["row"], last)
        elif tag in ("table:table-cell", "table:covered-table-cell") and sheets:
            at["column"] += 1
            if attributes.get("calcext:value-type") == "error":
                sheets[-1]["errors"][at["row"], at["column"]] = "#N/A"
            at["column"] += int(attributes.get("table:number-columns-repeated", 1)) - 1

    def end(tag):
        if tag == "table:table-row":
            at["row"] += at["repeat"] - 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)
    return sheets


def from_ole(path):
    data = path.read_bytes()
    limit(768 * MIB + 12 * len(data), 20)
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Refused("file_encrypted", "文件有打开密码")
    if "_VBA_PROJECT_CUR".encode("utf-16-le") in data:
        raise Refused("file_macro", "含宏")
    if "Workbook".encode("utf-16-le") not in data and "Book".encode("utf-16-le") not in data:
        raise Refused("file_type_mismatch", "内容不是工作簿，可能是 Word 或其他文件")
    return {"format": "xls", "sheets": sheets_of(path, [])}


def from_text(path, head, suffix):
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<head", b"<meta", b"<style")):
        raise Refused("file_type_mismatch", "内容是网页（HTML）")
    if start.startswith(b"<?xml"):
        raise Refused("file_type_mismatch", "内容是 XML 文件")
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not wide:
        raise Refused("file_type_mismatch", "内容是图片或其他二进制文件")
    text = decoded(path.read_bytes())
    if suffix not in TEXT_SUFFIXES:
        raise Refused("file_type_mismatch", "内容是文本（CSV）")
    limit(768 * MIB, 20)
    return {"format": "csv", "sheets": [csv_sheet(text)]}


def decoded(data):
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs = ("utf-16",)
    else:
        codecs = ("utf-8-sig", "gb18030")
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise Refused("file_type_mismatch", "既不是表格，也不是能认出编码的文本")


def csv_sheet(text):
    csv.field_size_limit(MAX_TEXT * 2)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    numbers, rows = [], []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
        if len(row) > MAX_COLUMNS:
            raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
        if number > MAX_ROWS:
            raise Refused("file_bomb", f"行数超过 {MAX_ROWS:,}")
        if not any(row):
            continue
        numbers.append(number)
        rows.append(row)
    if any(len(cell) > MAX_TEXT for row in rows for cell in row):
        raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")
    return {"name": "csv", "state": "visible", "epoch": 1900, "numbers": numbers, "rows": rows, "hidden": [],
            "errors": {}, "uncached": [], "merges": []}  # fmt: skip


def main():
    limit(512 * MIB, 20)
    try:
        answer = unpack(Path(sys.argv[1]), sys.argv[2])
    except Refused as refused:
        answer = {"refused": refused.args}
    except MemoryError:
        answer = {"refused": ("file_bomb", "读这个文件要用的内存超过上限")}
    except RecursionError:
        answer = {"refused": ("file_corrupt", "结构嵌套过深")}
    except Exception as error:  # whatever a hostile file provokes is one answer, never a traceback
        answer = {"refused": ("file_corrupt", type(error).__name__)}
    pickle.dump(answer, sys.stdout.buffer, protocol=5)


if __name__ == "__main__":
    main()
