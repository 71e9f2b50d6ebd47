"""The child process that opens a bureau's form: `python -I child look|fill`, one request on stdin, frames on stdout.

The form comes from anywhere, so nothing of ours runs here but this folder, what converts an .xls, openpyxl and xlrd, under limits of memory
and time that the process sets on itself (see `limits` of fupin.excel.unpack, which has read the file before).

A request is JSON. look: {"file"} answers {"sheets": [...]} and the book as .xlsx. fill: {"file", "copies": [{"sheets":
[{"name", "inserts": [[row, count]], "cells": [[row, column, value]]}]}]} answers each copy. A frame is eight digits of
length and that many bytes; `{"refused": "..."}` is the answer of a file that cannot be opened.
"""

import io
import json
import re
import sys
import zipfile
from pathlib import Path

MIB = 1 << 20
MAX_ROWS, MAX_COLUMNS = 600, 160
"""Of a form's sheet, as far as it is looked at."""
OLD_BOOKS = str(Path(__file__).resolve().parents[2] / "excel" / "oldbook")
"""Where what converts an .xls is: the workbooks that officials take home need it too."""
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def bounded(memory, seconds):
    """Cap this process; unlike the reader it writes (openpyxl keeps each sheet in a temporary file)."""
    try:
        import resource
    except ImportError:
        return
    for kind, value in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 512 * MIB), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value if kind == resource.RLIMIT_CORE else hard))


def as_xlsx(path):
    """The bytes of the workbook at `path`, an .xls converted."""
    data = Path(path).read_bytes()
    if not data.startswith(OLD):
        return data
    sys.path.insert(1, OLD_BOOKS)
    from oldbook import converted

    out = io.BytesIO()
    converted(data).save(out)
    return out.getvalue()


def as_usual(data):
    """A workbook in strict Open XML under the names that openpyxl knows, any other as it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        said = next((name for name in held.namelist() if name.lower() == "xl/workbook.xml"), None)
        if said is None or b"//purl.oclc.org/ooxml/" not in held.read(said):
            return data
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as new:
            for name in held.namelist():
                new.writestr(
                    name, _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", held.read(name))
                )
    return out.getvalue()


def send(data):
    sys.stdout.buffer.write(b"%08d" % len(data) + data)


def look(request):
    import dropdowns
    import openpyxl

    data = as_xlsx(request["file"])
    usual = as_usual(data)
    book, extensions = openpyxl.load_workbook(io.BytesIO(usual)), dropdowns.extensions(usual)
    sheets = [_seen(page) | {"lists": dropdowns.lists(book, page, extensions)} for page in book.worksheets]
    send(json.dumps({"sheets": sheets}, ensure_ascii=False).encode())
    send(data)


def _seen(page):
    """A sheet as plain data: texts, formulas, borders, merged ranges and sizes, as far as a form goes."""
    from openpyxl.utils import get_column_letter

    rows, columns = min(page.max_row, MAX_ROWS), min(page.max_column, MAX_COLUMNS)
    cells = []
    for line in page.iter_rows(max_row=rows, max_col=columns):
        for cell in line:
            if type(cell).__name__ == "MergedCell":
                if _lined(cell.border):
                    cells.append([cell.row, cell.column, "", "m"])
                continue
            value = cell.value
            marks = "b" if _lined(cell.border) else ""
            if cell.data_type == "f":
                marks += "f"
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                marks += "n"
            if cell.font.b:
                marks += "t"
            if "%" in (cell.number_format or ""):
                marks += "p"
            if cell.number_format == "@":
                marks += "x"
            if cell.alignment.horizontal in ("center", "centerContinuous"):
                marks += "c"
            words = "" if value is None else str(value)
            if cell.data_type == "f":
                words = words if isinstance(value, str) else "="
            if words or marks:
                cells.append([cell.row, cell.column, words[:300], marks])
    return {
        "name": page.title, "state": page.sheet_state, "rows": rows, "columns": columns, "cells": cells,
        "merges": [
            [area.min_row, area.min_col, area.max_row, area.max_col] for area in page.merged_cells.ranges
            if area.max_row <= rows and area.min_col <= columns
        ],
        "widths": [
            round(page.column_dimensions[letter].width, 1) if (letter := get_column_letter(n)) in page.column_dimensions
            and not page.column_dimensions[letter].hidden else 8.4 for n in range(1, columns + 1)
        ],
    }  # fmt: skip


def _lined(border):
    return any(
        side is not None and side.style for side in (border.top, border.left, border.bottom, border.right)
    )


def fill(request):
    from book import Book

    data = Path(request["file"]).read_bytes()
    for copy in request["copies"]:
        book = Book(data)
        for said in copy["sheets"]:
            for last, count in sorted(said["inserts"], reverse=True):
                book.insert(said["name"], last, count)
            for row, column, value in said["cells"]:
                book.page(said["name"]).put(row, column, value)
        send(book.saved())


def main():
    bounded(1024 * MIB, 240)
    request = json.load(sys.stdin)
    try:
        {"look": look, "fill": fill}[sys.argv[1]](request)
    except MemoryError:
        send(json.dumps({"refused": "表格太大，读不下"}, ensure_ascii=False).encode())
    except Exception as error:  # noqa: BLE001 - a hostile file gets an answer, not a traceback
        send(json.dumps({"refused": f"表格打不开（{type(error).__name__}）"}, ensure_ascii=False).encode())
        raise


if __name__ == "__main__":
    main()
