"""The user's own workbook back: a column that says what is wrong in each row, bad cells coloured and noted.

An .xlsx and an .ods keep their layout: a limited child process (`mark`) writes the marks into them, and makes an .xlsx
that looks the same of an .xls; text comes back in its own coding with the column added. What cannot be kept (a book that is too big or that the writer does not take)
comes back as a plain .xlsx of the same rows, and says so.
What comes back can be uploaded again as it is: our column is taken away while reading, see `reader.without_marks`.
"""

import io
import json
import os
import pickle
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from threading import Timer

import xlsxwriter
from django.conf import settings

from fupin.excel.changes import CLASH, OUT
from fupin.excel.grid import words_of
from fupin.excel.imports import GUIDE
from fupin.excel.reader import MARK, _Plain

CHILD = Path(__file__).with_name("mark")
FOLDER = "marking-"
"""How the folders for temporary files begin, below settings.FILES."""

SECONDS = 180
"""Wall clock for marking one file; the child's own limits on memory and processor time are tighter."""

COLOURS = {"error": "#FFC7CD", "warning": "#FFEB9B", "fixed": "#C6EFCD"}
"""Those of `mark.looks`."""
NOTES = 2000
BAD_HOUSEHOLD = "本户别的行有错，整户没有导入"
LEFT_OUT = "预览里选了不导入"
NEWER = "登记的数据比表里新，保留了登记的"


@dataclass
class Marks:
    """What to write on one sheet. Rows and columns from 1. `rows` {row: [(severity, sentence)]}, `cells`
    [(row, column, severity, sentence)], `values` [(row, column, corrected text)], `notes` on the sheet as a whole."""

    heads: list = field(default_factory=list)
    rows: dict = field(default_factory=dict)
    cells: list = field(default_factory=list)
    values: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def say(self, row, severity, sentence):
        said = self.rows.setdefault(row, [])
        if (severity, sentence) not in said:
            said.append((severity, sentence))

    def line(self, row):
        """`(severity, text)` of the problem cell of a row."""
        said = self.rows[row]
        severity = "error" if any(kind == "error" for kind, _ in said) else "warning"
        return severity, "\n".join(sentence for _, sentence in said)

    def plain(self):
        """For the child, as JSON holds it."""
        return {
            "label": MARK, "heads": self.heads, "rows": {row: self.line(row) for row in self.rows},
            "cells": self.cells, "values": self.values, "notes": self.notes,
        }  # fmt: skip

    def __bool__(self):
        return bool(self.rows or self.cells or self.values or self.notes)


def marks_of(staged, edits):
    """`{sheet name: Marks}` of every sheet that has a table."""
    found, heads = {}, {}
    for head in staged.heads:
        heads.setdefault(head.sheet, []).append(head)
        marks = found.setdefault(head.sheet, Marks())
        row = max(head.header_rows, default=0) or (0 if marks.heads else _above(head))
        if row and row not in marks.heads:
            marks.heads.append(row)
    for issue in staged.issues():
        if issue["severity"] == "info" or issue.get("sheet") not in found:
            continue
        marks, row = found[issue["sheet"]], issue.get("row")
        sentence = words_of(issue, _head_at(heads[issue["sheet"]], row))[1]
        if row is None:
            marks.notes.append(sentence)
            continue
        marks.say(row, issue["severity"], sentence)
        if issue.get("col"):
            marks.cells.append((row, _column(issue["col"]), issue["severity"], sentence))
    for sheet, row, state, worst in staged.kept_out():
        if state == OUT:
            found[sheet].rows[row] = [("warning", LEFT_OUT)]
        elif state == CLASH:
            found[sheet].say(row, "warning", NEWER)
        elif worst < 2:
            found[sheet].say(row, "error", BAD_HOUSEHOLD)
    for sheet, row, column, number in staged.unnumbered_rows(found):
        found[sheet].values.append((row, column, number))
    for sheet, rows in edits.cells.items():
        for row, values in rows.items():
            for name, text in values.items():
                head = _head_at(heads[sheet], row) if sheet in heads else None
                if head is None or name not in head.columns:
                    continue
                where, letters = head.place(name, row)
                if letters and where:
                    found[sheet].values.append((where, _column(letters), text))
                else:
                    found[sheet].say(
                        row, "warning", f"{head.label(name) or name}已更正为“{text}”，表里没有这一列"
                    )
    return found


def _above(head):
    """The row over what a form says that has no table with a header."""
    rows = [row for row, _ in getattr(head, "places", {}).values() if row]
    return max(min(rows) - 1, 1) if rows else 0


def _head_at(heads, row):
    """The table of a sheet that a row belongs to: the last whose header stands above it."""
    above = [head for head in heads if row and max(head.header_rows, default=0) < row]
    return above[-1] if above else heads[0]


def _column(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@dataclass
class Returned:
    """The file to hand back: its name, which workbooks in it are plain, with the reason, and whether one was an .xls and
    is an .xlsx that looks the same."""

    name: str
    plain: dict
    turned: bool = False


def make(path, name, staged, edits, stream):
    """Write the workbook at `path`, which its owner calls `name`, with its marks to `stream`. Returns a Returned."""
    marks = marks_of(staged, edits)
    files = {}
    for sheet, _ in staged.pages():
        files.setdefault(sheet.file, []).append(sheet.name)
    wanted = {
        file: names for file, names in files.items() if any(marks.get(sheet) for sheet in names)
    } or files
    said = {
        file: {_own(sheet, file): marks[sheet].plain() for sheet in names if sheet in marks}
        for file, names in wanted.items()
    }
    stem = PurePosixPath(name).stem
    plain = {}
    with _folder() as folder:
        made, old = {}, set()
        if staged.format in ("xlsx", "zip", "ods", "csv", "xls"):
            made, old = _marked(path, said, folder)
        if list(wanted) == [""]:
            if "" in made:
                stream.write(made[""])
                kept = PurePosixPath(name).suffix.lower() if staged.format in ("ods", "csv") else ".xlsx"
                return Returned(f"{stem}（带问题）{kept or '.csv'}", plain, bool(old))
            plain[""] = _reason(name)
            _write_plain(stream, staged, "", marks, plain[""], folder)
            return Returned(f"{stem}（带问题）.xlsx", plain)
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in wanted:
                if file in made:
                    packed.writestr(
                        f"{file.rpartition('.')[0] or file}.xlsx" if file in old else file, made[file]
                    )
                    continue
                reason = plain[file] = _reason(file)
                book = io.BytesIO()
                _write_plain(book, staged, file, marks, reason, folder)
                packed.writestr(f"{file.rpartition('.')[0] or file}.xlsx", book.getvalue())
    return Returned(f"{stem}（带问题）.zip", plain, bool(old))


def _own(sheet, file):
    """The name of a sheet in its own workbook."""
    return sheet[len(file) + 1 :] if file else sheet


def _folder():
    settings.FILES.mkdir(parents=True, exist_ok=True, mode=0o700)
    return tempfile.TemporaryDirectory(dir=settings.FILES, prefix=FOLDER)


def _marked(path, said, folder):
    """`{member: workbook}` of those that the child could mark, and the set of those that were .xls."""
    command = [sys.executable, "-I", "-X", "utf8", str(CHILD), os.path.abspath(path), folder]
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and folder, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=CHILD.parent
    )  # fmt: skip
    clock = Timer(SECONDS, child.kill)
    clock.daemon = True
    clock.start()
    made, old = {}, set()
    try:
        child.stdin.write(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))
        child.stdin.close()
        while "end" not in (message := _Plain(child.stdout).load()):
            if "data" in message:
                made[message["member"]] = bytes(message["data"])
                if message["turned"]:
                    old.add(message["member"])
    except (pickle.UnpicklingError, EOFError, ValueError, AttributeError, KeyError, TypeError, OSError):
        pass  # out of time or memory, or crashed: what is missing comes plain
    finally:
        clock.cancel()
        child.stdout.close()
        child.kill()
        child.wait()
    return made, old


def _reason(name):
    """Why the workbook of this name comes back plain."""
    suffix = PurePosixPath(name).suffix.lower()
    return (
        "表很大或结构特殊，原来的排版没能保留"
        if suffix in (".xlsx", ".xls", ".et", ".ods")
        else f"原文件是 {suffix or '别的格式'}"
    )


# Plain workbooks


def _write_plain(stream, staged, file, marks, reason, folder):
    """The rows of one file as a plain workbook with the same marks."""
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        look = _Look(book)
        for sheet, rows in staged.pages():
            if sheet.file == file:
                _write_sheet(
                    book, look, sheet, rows, _own(sheet.name, file), marks.get(sheet.name) or Marks()
                )
        guide = book.add_worksheet(GUIDE)
        guide.set_column(0, 0, 90)
        for row, line in enumerate(
            (
                f"{reason}，这里改成了普通的 .xlsx：内容相同，原来的字体、列宽、公式没有保留。",
                f"每张表右边的“{MARK}”一列写着每一行的问题，有颜色的格就是有问题的格（红：不导入；黄：照样导入，请核对；绿：在预览里更正过）。",
                "改好以后可以整个再传，也可以只留下改过的行再传：“问题”这一列不会读入，已经导入过的行不会重复。",
            )
        ):
            guide.write_string(row, 0, line, look.wrap)


class _Look:
    """The formats of a plain workbook, each made once."""

    def __init__(self, book):
        self.book, self.made = book, {}
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.bold = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"})
        self.error = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#9C0006"})
        self.warning = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#7F6000"})

    def of(self, colour="", number=""):
        if not colour and not number:
            return None
        key = colour, number
        if key not in self.made:
            said = {"bg_color": COLOURS[colour]} if colour else {}
            self.made[key] = self.book.add_format(said | ({"num_format": number} if number else {}))
        return self.made[key]


def _write_sheet(book, look, sheet, rows, name, marks):
    page = book.add_worksheet("".join(letter for letter in name if letter not in "[]:*?/\\'")[:31] or None)
    if sheet.state != "visible":
        page.hide()
    first, width = min(marks.heads, default=1), 0
    for number, cells in rows():
        if number >= first:
            filled = [at for at, cell in enumerate(cells) if cell != ""]
            width = max(width, filled[-1] + 1 if filled else 0)
    for _, _, bottom, right in sheet.merges:
        width = max(width, right) if bottom >= first else width
    colours = {(row, column): kind for row, column, kind, _ in sorted(marks.cells, key=lambda mark: mark[2] == "error")}  # fmt: skip
    values = {(row, column): text for row, column, text in marks.values}
    colours = dict.fromkeys(values, "fixed") | colours
    page.set_column(width, width, 56)
    noted = {row: {width: marks.notes} for row in marks.heads if marks.notes}
    for row, column, _, text in marks.cells[:NOTES]:
        noted.setdefault(row, {}).setdefault(column - 1, []).append(text)
    furthest = {}
    for row, column in values:
        furthest[row] = max(furthest.get(row, 0), column)
    for number, cells in rows():
        if number in sheet.hidden:
            page.set_row(number - 1, None, None, {"hidden": True})
        cells = cells + [""] * (furthest.get(number, 0) - len(cells))
        for at, value in enumerate(cells):
            place = number, at + 1
            value = values.get(place, value) if values else value
            colour = colours.get(place, "")
            if value == "" and place in sheet.errors:
                value = sheet.errors[place]
            if value != "" or colour:
                _write(page, number - 1, at, value, look, colour)
        if number in marks.heads:
            page.write_string(number - 1, width, MARK, look.bold)
        if number in marks.rows:
            severity, text = marks.line(number)
            page.write_string(number - 1, width, text[:32_000], getattr(look, severity))
        for at, lines in noted.get(number, {}).items():  # with its row: what is written is on the disk
            page.write_comment(number - 1, at, "\n".join(lines), {"x_scale": 1.8, "author": "帮扶通"})
    for top, left, bottom, right in sheet.merges:
        try:
            page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "")
        except xlsxwriter.exceptions.OverlappingRange:
            continue


def _write(page, row, at, value, look, colour):
    """One value as its kind of cell; text stays text."""
    if isinstance(value, bool):
        page.write_boolean(row, at, value, look.of(colour))
    elif isinstance(value, int | float):
        page.write_number(row, at, value, look.of(colour))
    elif isinstance(value, datetime) and (value.hour or value.minute or value.second):
        page.write_datetime(row, at, value, look.of(colour, "yyyy-mm-dd hh:mm:ss"))
    elif isinstance(value, date):
        page.write_datetime(row, at, value, look.of(colour, "yyyy-mm-dd"))
    elif isinstance(value, time | timedelta):
        page.write_datetime(row, at, value, look.of(colour, "[h]:mm:ss"))
    elif value == "":
        page.write_blank(row, at, None, look.of(colour))
    else:
        page.write_string(row, at, value[:32_767], look.of(colour))
