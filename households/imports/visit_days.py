"""Visits of which a row holds more than one: several days in a cell (3月5日、4月12日), a story that each day begins
(3月5日：送化肥；4月12日：慰问), several households in a cell (走访户：张三、李四).

Every visit becomes a row of its own, as in a ledger with one visit a row; what was parted is told.
"""

import re
from dataclasses import replace
from datetime import date

from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.form_folds import FOLD
from fupin.excel.forms import FormTable
from fupin.excel.header import labels_at, short_texts
from fupin.excel.layout import find_tables
from fupin.excel.titles import said_over
from households.imports.by_name import names_in

MOST = 40_000
"""Rows of a sheet above which nothing is parted."""
_OF_VISITS = re.compile(r"走访|入户|回访|探访|遍访|慰问")
_SEPARATORS = re.compile(r"[、,，;；\n]+|和|及|\s+(?=\d)")
_MANY = re.compile(r"[、,，;；和及\s]")
_DAY = re.compile(
    r"(?:(?P<year>20\d\d|\d\d(?=[年.\-/]\d{1,2}[月.\-/]))[年.\-/])?(?:(?P<month>1[0-2]|0?[1-9])[月.\-/])?(?P<day>3[01]|[12]\d|0?[1-9])[日号]?"
)
_WHOLE = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_NTH = re.compile(
    r"(?:^|(?<=[\n;；。\s]))(?:第[一二三四五六七八九十\d]+次[:：,，、]?|\d{1,2}[.、)）]|[①-⑳])\s*"
)
_LED = re.compile(
    r"(?:^|(?<=[\n;；。]))\s*(?:\d{1,2}[.、)）]\s*|[①-⑳]\s*|第[一二三四五六七八九十\d]+次[:：,，、]?\s*)?"
    r"(?P<day>(?:20\d\d[年.\-/])?(?:1[0-2]|0?[1-9])[月.\-/](?:3[01]|[12]\d|0?[1-9])[日号]?)[:：,，、\s—-]*(?=\D)"
)


def read(spec, sheet, kind, path=""):
    """The tables of such a sheet, a row a visit; [] for any other. `spec` is the kind as one visit a row has it."""
    if not sheet.numbers or len(sheet.numbers) > MOST or not _speaks(sheet, path):
        return []
    where = {number: at for at, number in enumerate(sheet.numbers)}
    household, visitor = ("hh_no", "id", "head_name"), ("visitor",)
    wide = [replace(spec, needs=(household, ("date", "content"), visitor), fewer=())]
    lean = [replace(spec, needs=(household, ("date", "content")), fewer=())]
    found = []
    for table in find_tables(sheet, wide) or find_tables(sheet, lean):
        labels = labels_at(sheet, [where[row] for row in table.header_rows])
        said = said_over(sheet, where[table.header_rows[0]], spec, table.columns)
        made = _Parted(table, labels, said, sheet, spec)
        if ("visitor" in table.columns or "visitor" in said) and made.is_parted():
            found.append(made.made())
    return found


def _speaks(sheet, path):
    """Whether the first rows, the sheet's name or the file's speak of visits."""
    return bool(_OF_VISITS.search(f"{sheet.name} {path}")) or any(
        _OF_VISITS.search(cell) for cells in short_texts(sheet) for cell in cells
    )


def days_in(cell):
    """The days of a cell that names several, as a ledger has them (2024年3月5日, or 3月5日 where no year is written); []
    for one day, a span of days, and what is no list of days."""
    if cell.__class__ is not str or len(cell) < 5 or not _MANY.search(cell):
        return []
    parts = [compact(part) for part in _SEPARATORS.split(text(cell)) if part and compact(part)]
    found, year, month = [], "", ""
    for part in parts:
        whole = _WHOLE.fullmatch(part)
        match = None if whole else _DAY.fullmatch(part)
        if whole:
            year, month, day = whole[1], str(int(whole[2])), str(int(whole[3]))
        elif match and (match["month"] or month):
            year, month, day = match["year"] or year, match["month"] or month, match["day"]
            year = f"20{year}" if len(year) == 2 else year
        else:
            return []
        found.append(f"{f'{year}年' if year else ''}{int(month)}月{int(day)}日")
    return list(dict.fromkeys(found)) if len(found) > 1 else []


def told_in(cell):
    """`[(day, what happened)]` of a story of which each part begins with a day; [] for any other."""
    said = text(cell) if cell.__class__ is str else ""
    starts = list(_LED.finditer(said))
    if not starts or starts[0].start() > 0:
        return []
    ends = [match.start() for match in starts[1:]] + [len(said)]
    parts = [
        (compact(match["day"]), said[match.end() : end].strip(" \n;；")) for match, end in zip(starts, ends)
    ]
    return parts if all(story for _, story in parts) else []


def _counted(content, count):
    """What happened on each of `count` days: 第一次：送肥 第二次：慰问 in lines, else the same each time."""
    parts = _NTH.split(text(content))[1:] if count > 1 else []
    parts = [part.strip(" \n;；，,") for part in parts]
    return parts if len(parts) == count and all(parts) else [content] * count


class _Parted:
    """The table of a sheet with a row for each visit."""

    def __init__(self, table, labels, said, sheet, spec):
        self.table, self.labels, self.said, self.sheet, self.spec = table, labels, said, sheet, spec
        self.at = table.columns
        self.dated = "date" in self.at
        self.by_name = "head_name" in self.at and not {"hh_no", "id"} & self.at.keys()

    def _cell(self, cells, name):
        index = self.at.get(name)
        return cells[index] if index is not None and index < len(cells) else ""

    def is_parted(self):
        """Whether a cell names several days or households, or there are days in the stories alone."""
        if not self.dated:
            filled = [cells for cells in self.table.rows if text(self._cell(cells, "content"))]
            led = sum(1 for cells in filled if told_in(self._cell(cells, "content")))
            return led * 2 > len(filled)
        for cells in self.table.rows:
            if days_in(self._cell(cells, "date")):
                return True
            if self.by_name and len(names_in(self._cell(cells, "head_name"))[0]) > 1:
                return True
        return False

    def made(self):
        table = self.table
        lead = ["head_name", "hh_no"] if self.by_name else []
        self.extra = [
            *lead,
            "date",
            "content",
            *(name for name in self.said if name not in ("date", "content")),
        ]
        own = {name: at for name, at in self.at.items() if name not in self.extra}
        self.width = max(own.values(), default=-1) + 1
        columns = own | {name: self.width + at for at, name in enumerate(self.extra)}
        made = {item.name: item.label for item in self.spec.fields if item.name in self.extra}
        out = FormTable.of(table, self.spec.kind, columns, self.labels, made)
        used = {*own.values(), *self.at.values()}
        out.leave_unread(self.labels, used)
        hidden, uncached = set(), set()
        for row, cells in zip(table.numbers, table.rows):
            visits = self._visits(cells)
            homes = self._homes(cells)
            if len(visits) > 1:
                days = "、".join(text(visit["date"][0]) for visit in visits)
                same = "；内容相同" if len({text(visit["content"][0]) for visit in visits}) == 1 else ""
                name = "date" if self.dated else "content"
                detail = f"记为 {len(visits)} 次走访：{days}{same}"
                out.findings.append(("visit_days_parted", name, "", detail, row))
            for n, line in enumerate(home | visit for home in homes for visit in visits):
                number = row if not n else FOLD * n + row
                out.numbers.append(number)
                out.rows.append([*cells[: self.width], *[""] * (self.width - len(cells)), *(line.get(name, (self.said.get(name, ""), None))[0] for name in self.extra)])  # fmt: skip
                for name, (_, column) in line.items():
                    if column is not None:
                        out.stands(number, name, self.sheet, row, column, uncached)
                if row in table.hidden:
                    hidden.add(number)
        out.hidden, out.uncached = frozenset(hidden), frozenset(uncached)
        return out

    def _homes(self, cells):
        if not self.by_name:
            return [{}]
        at = self.at["head_name"]
        found = []
        for name, inside in names_in(self._cell(cells, "head_name"))[0]:
            number = (
                {"hh_no": (inside, at)} if re.fullmatch(r"[A-Za-z]{0,4}\d{4,}[\dA-Za-z\-]*", inside) else {}
            )
            found.append({"head_name": (name, at)} | number)
        return found or [{"head_name": (self._cell(cells, "head_name"), at)}]

    def _visits(self, cells):
        """`{field: (value, column)}` of each visit that a row tells."""
        content, at = self._cell(cells, "content"), self.at.get("content")
        story = told_in(content)
        if not self.dated:
            told = story or [("", content)]
            return [{"date": (day, at), "content": (words, at)} for day, words in told]
        days = days_in(raw := self._cell(cells, "date")) or [raw]
        if isinstance(raw, date) or text(raw) in BLANKS:
            days = [raw]
        parts = [words for _, words in story] if len(story) == len(days) > 1 else _counted(content, len(days))
        return [{"date": (day, self.at["date"]), "content": (words, at)} for day, words in zip(days, parts)]
