"""The child process that gives a user's own workbook back with marks: `python -I mark FILE FOLDER < marks`.

Like `unpack` it runs under limits that it sets on itself before it touches the file, and nothing of ours is imported
but that folder's checks. stdin: JSON `{member: {sheet: marks}}` ("" for a file that is no archive), marks as in
`fupin.excel.returned`. FOLDER is for the writer's temporary files. Messages pickled on stdout:

    {"member": name, "data": bytes}       the workbook, marked
    {"member": name, "refused": why}      it cannot be kept as it is
    {"end": peak memory in KiB}           always the last one of a process that lived

Rows and columns are counted from 1.
"""

import io
import json
import pickle
import re
import sys
import tempfile
from copy import copy
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "unpack"))

import archive
import xlsx
from limits import MAX_FILE, MIB, Refused, peak

MEMORY, SECONDS, WRITTEN = 512 * MIB, 60, 400 * MIB
MOST_XML = 24 * MIB
"""Inflated sheets that are opened cell by cell; a bigger workbook is given back plain."""

NOTES = 2000
"""Notes on cells; beyond them the column and the colours say the same."""

AUTHOR = "帮扶通"
COLOURS = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "fixed": "FFC6EFCE"}
WIDTH = 56
_STRICT = b"purl.oclc.org/ooxml"
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,10})(?:\.\d{1,6})?")
_CELL = re.compile(rb"<c\b([^>]*)>((?:(?!</c>).)*?<f[\s/>].*?)</c>", re.DOTALL)
_REF = re.compile(rb'\br="([A-Z]{1,3}\d+)"')
_TYPE = re.compile(rb'\bt="(str|b|e|n)"')
_VALUE = re.compile(rb"<v[^>]*>([^<]+)</v>")
_EMPTY = re.compile(rb'<c r="([A-Z]{1,3}\d+)"([^>]*)>(<f\b(?:[^>]*/>|[^>]*>[^<]*</f>))<v\s*(?:/>|></v>)</c>')


def limit():
    """Cap this process; where a platform has no such limits the parent's clock is the only one."""
    try:
        import resource
    except ImportError:
        return
    for kind, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, WRITTEN), (resource.RLIMIT_CORE, 0)):  # fmt: skip
        try:
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
        except (ValueError, OSError):
            continue


def books(data, wanted):
    """`(member, its bytes)` of the workbooks that are asked for."""
    if "" in wanted:
        yield "", data
        return
    held = archive.opened(io.BytesIO(data))
    for entry in held.infolist():
        name = archive.shown_name(entry)
        if (
            name in wanted
            and not entry.is_dir()
            and entry.file_size <= MAX_FILE
            and not archive.swollen(entry)
        ):
            yield name, held.read(entry)


def marked(data, said):
    """The bytes of the workbook with its marks. Raises Refused where it is none that can be kept."""
    held = archive.opened(io.BytesIO(data))
    if not xlsx.is_book(held):
        raise Refused("file_type_mismatch", "不是 .xlsx")
    xlsx.check_macros(held)
    parts = xlsx.Parts(held)
    archive.count(held)
    part_of = {name: parts.of_sheet(key) for name, _, key in parts.sheets}
    if sum(held.getinfo(part).file_size for part in part_of.values() if part) > MOST_XML:
        raise Refused("file_bomb", "表太大")
    if _STRICT in parts.read(parts.book):
        raise Refused("file_corrupt", "Strict Open XML")

    import openpyxl  # only now: what is refused needs no writer

    book = openpyxl.load_workbook(io.BytesIO(data), rich_text=True)
    pages, notes = {page.title: page for page in book.worksheets}, NOTES
    for name, marks in said.items():
        if name not in pages:
            raise Refused("file_corrupt", "找不到工作表")
        notes = _mark(pages[name], marks, notes)
    saved = io.BytesIO()
    book.save(saved)
    values = {page.path.lstrip("/"): _cached(held, part_of.get(page.title, "")) for page in book.worksheets}
    return _with_values(saved, values)


def _mark(page, marks, notes):
    """Put the marks of one sheet into it; answers how many notes may still be written."""
    from openpyxl.styles import Alignment, Font, PatternFill

    _clear(page, PatternFill())
    corner = {}
    for span in page.merged_cells.ranges:
        for row in range(span.min_row, span.max_row + 1):
            for column in range(span.min_col, span.max_col + 1):
                corner[row, column] = (span.min_row, span.min_col)

    def cell(row, column):
        return page.cell(*corner.get((row, column), (row, column)))

    for row, column, text in marks["values"]:
        _put(cell(row, column), text)
        cell(row, column).fill = PatternFill("solid", fgColor=COLOURS["fixed"])
    for row, column, kind, text in sorted(marks["cells"], key=lambda mark: mark[2] == "error"):
        place = cell(row, column)
        place.fill = PatternFill("solid", fgColor=COLOURS[kind])
        if notes > 0 and _note(place, text):
            notes -= 1
    first = min(marks["heads"], default=1)
    at = _column(page, marks["label"], first)
    for row in marks["heads"] or [first]:
        head, beside = page.cell(row, at), page.cell(row, max(at - 1, 1))
        if at > 1:
            head._style = copy(cell(beside.row, beside.column)._style)
        _put(head, marks["label"])
        if marks["notes"]:
            _note(head, "\n".join(marks["notes"]))
    for row, (kind, text) in marks["rows"].items():
        told = page.cell(int(row), at)
        _put(told, text)
        told.font = Font(name="宋体", size=10, color="FF9C0006" if kind == "error" else "FF7F6000")
        told.alignment = Alignment(wrap_text=True, vertical="top")
    from openpyxl.utils import get_column_letter

    page.column_dimensions[get_column_letter(at)].width = WIDTH
    return notes


def _clear(page, plain):
    """Take away the notes and colours that an earlier round of ours put there."""
    for cell in list(page._cells.values()):
        if cell.comment is not None and cell.comment.author == AUTHOR:
            cell.comment = None
            cell.fill = plain


def _column(page, label, first):
    """The column for the problems: the one that an earlier round added, emptied, or the first free one."""
    held = [cell for (row, _), cell in page._cells.items() if row >= first and cell.value == label]
    if held:
        at = held[0].column
        for (row, column), cell in list(page._cells.items()):
            if column == at and row >= first:
                cell.value = None
        return at
    filled = [
        column for (row, column), cell in page._cells.items() if row >= first and cell.value not in (None, "")
    ]
    merged = [span.max_col for span in page.merged_cells.ranges if span.max_row >= first]
    return max(filled + merged, default=0) + 1


def _put(cell, text):
    """Write text that never becomes a formula; a plain figure stays one where a figure stood."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    was = cell.value
    if isinstance(was, int | float) and not isinstance(was, bool) and _PLAIN_NUMBER.fullmatch(text):
        cell.value = float(text) if "." in text else int(text)
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    if text:
        cell.data_type = "s"
    if text[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True


def _note(cell, text):
    """Add a note; False when it stands there already."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.comments import Comment

    text, author = ILLEGAL_CHARACTERS_RE.sub("", text), AUTHOR
    if cell.comment is not None:
        if text in cell.comment.text:
            return False
        text, author = f"{cell.comment.text}\n{text}", cell.comment.author
    cell.comment = Comment(text, author, width=280, height=40 + 22 * (len(text) // 18 + text.count("\n") + 1))
    return True


def _cached(held, part):
    """`{cell: (type, value)}` of the formulas of a sheet as they were last worked out."""
    data = held.read(part) if part else b""
    found = {}
    if b"<f" in data:
        for attributes, inside in _CELL.findall(data):
            place, value = _REF.search(attributes), _VALUE.search(inside)
            if place and value:
                kind = _TYPE.search(attributes)
                found[place[1]] = (kind[1] if kind else b"", value[1])
    return found


def _with_values(saved, values):
    """The saved workbook with the values of its formulas, which the writer leaves out: who reads it without working
    them out again (a preview, a phone, our own reader) sees what stood there."""
    if not any(values.values()):
        return saved.getvalue()
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data, held = old.read(entry), values.get(entry.filename)
            if held:

                def valued(found, held=held):
                    place, attributes, formula = found.groups()
                    if place not in held:
                        return found[0]
                    kind, value = held[place]
                    kind = b' t="' + kind + b'"' if kind else b""
                    return (
                        b'<c r="'
                        + place
                        + b'"'
                        + attributes
                        + kind
                        + b">"
                        + formula
                        + b"<v>"
                        + value
                        + b"</v></c>"
                    )

                data = _EMPTY.sub(valued, data)
            new.writestr(entry, data)
    return target.getvalue()


def main():
    limit()
    wanted = json.load(sys.stdin)
    tempfile.tempdir = sys.argv[2]
    out = sys.stdout.buffer
    for name, data in books(Path(sys.argv[1]).read_bytes(), wanted):
        try:
            answer = {"member": name, "data": marked(data, wanted[name])}
        except Refused as refused:
            answer = {"member": name, "refused": refused.args[1]}
        except Exception as error:  # a workbook that the writer does not take is given back plain
            answer = {"member": name, "refused": type(error).__name__}
        pickle.dump(answer, out, protocol=5)
        out.flush()
    pickle.dump({"end": peak()}, out, protocol=5)


if __name__ == "__main__":
    main()
