"""The text of a section: paragraphs, live figures `{{总户数}}`, and tables `{{表：致贫原因}}` on a line of their own.

Pure: knows nothing of where figures come from. What a source masks is written 〔原文缺失〕, what the register does not
hold yet shows as 〔未填〕; both stand out on the page and are counted before a paper is issued.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import sqrt

TOKEN = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
TABLE = "表："
MISSING, EMPTY = "〔原文缺失〕", "〔未填〕"
_PARTS = re.compile(rf"{TOKEN.pattern}|({re.escape(MISSING)}|{re.escape(EMPTY)})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Run:
    """A stretch of text. `kind`: "" as typed, "figure" (`label` names it), or "gap"."""

    text: str
    kind: str = ""
    label: str = ""


LONGEST = 20
"""Characters of a column beyond which it gets no wider: its text goes on in the next line."""
ACROSS = 38
"""Characters that a page's width has room for in a table."""


def _characters(line):
    """Its length in Chinese characters, which are about as wide as two others."""
    return sum(0.55 if letter.isascii() else 1 for letter in line)


@dataclass(frozen=True)
class Table:
    """Rows of plain text under headers."""

    headers: tuple
    rows: list

    @property
    def shares(self):
        """What each column has of the page's width, in percent: short texts stand in one line, long ones share what is left."""
        needs = [
            min(LONGEST, max(_characters(line) for text in column for line in str(text).split("\n"))) + 1
            for column in zip(self.headers, *self.rows)
        ]
        if sum(needs) <= ACROSS:
            return [round(100 * need / sum(needs), 1) for need in needs]
        found, left, room = {}, dict(enumerate(needs)), ACROSS
        while short := {at: need for at, need in left.items() if need <= room / len(left)}:
            found |= short
            room -= sum(short.values())
            left = {at: need for at, need in left.items() if at not in short}
        fair = room / sum(map(sqrt, left.values()))
        found |= {at: fair * sqrt(need) for at, need in left.items()}
        return [round(100 * found[at] / ACROSS, 1) for at in range(len(needs))]


@dataclass(frozen=True)
class Block:
    """One piece of a paper: `kind` is "heading" (with `level` 1 to 3), "paragraph" or "table"."""

    kind: str
    runs: tuple = ()
    level: int = 0
    table: Table | None = None
    title: str = ""

    @property
    def text(self):
        return "".join(run.text for run in self.runs)


class Figures(dict):
    """`{label: value}`, where values made by `later` are worked out when a text names one of them, and those under a
    prefix when a label begins with it. `items()` works out everything: the list beside the form shows it."""

    def __init__(self, values=(), prefixes=None):
        super().__init__(values)
        self.prefixes = dict(prefixes or {})

    def join(self, other):
        """Take the figures of another one in, still not worked out."""
        dict.update(self, other)
        self.prefixes |= getattr(other, "prefixes", {})

    def _read(self, prefix):
        for label, value in self.prefixes.pop(prefix)().items():
            self.setdefault(label, value)

    def __contains__(self, label):
        if not dict.__contains__(self, label):
            for prefix in [one for one in self.prefixes if label.startswith(one)]:
                self._read(prefix)
        return dict.__contains__(self, label)

    def __getitem__(self, label):
        if label not in self:
            raise KeyError(label)
        value = dict.__getitem__(self, label)
        return value.value() if isinstance(value, Later) else value

    def get(self, label, default=None):
        return self[label] if label in self else default  # noqa: SIM401 (it is this method)

    def items(self):
        for prefix in list(self.prefixes):
            self._read(prefix)
        return [(label, self[label]) for label in list(self)]


class Later:
    """One of several figures that are worked out together, once."""

    def __init__(self, held, label):
        self.held, self.label = held, label

    def value(self):
        compute, found = self.held
        if found is None:
            found = self.held[1] = compute()
        return found[self.label]


def later(labels, compute):
    """`{label: Later}`: `compute()` gives the values of all these labels and is called when the first one is named."""
    held = [compute, None]
    return {label: Later(held, label) for label in labels}


@dataclass
class Known:
    """What a text may name: `figures` as `{label: value}`, `tables` as `{label: callable giving a Table}`."""

    figures: Figures = field(default_factory=Figures)
    tables: dict = field(default_factory=dict)


def words(value):
    """A figure as official prose writes it: no thousands separators, no idle zeros, dates in characters; None is 〔未填〕."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | float):
        return f"{Decimal(str(value)):f}".rstrip("0").rstrip(".") if "." in f"{value}" else f"{value}"
    if isinstance(value, str) and _DAY.fullmatch(value):  # a target date as lists write it
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value)


def names(text):
    """The labels that a text names, in order, tables with their 表：."""
    return TOKEN.findall(text)


def unknown(text, known):
    """Labels in `text` that nothing answers."""
    return [
        name
        for name in names(text)
        if name not in known.figures
        and name.removeprefix(TABLE) not in (known.tables if TABLE in name else ())
    ]


def blocks(sections, known, *, keep_empty=False):
    """The blocks of a paper. `sections`: dicts of `level`, `heading`, `text`; headings are numbered 一、（一）1. without
    gaps, and one without anything under it is left out unless `keep_empty`."""
    sections = [section for at, section in enumerate(sections) if keep_empty or _filled(sections, at)]
    numbers = [0, 0, 0]
    for section in sections:
        if section["heading"]:
            level = section["level"]
            numbers[level - 1] += 1
            numbers[level:] = [0] * (3 - level)
            heading = _numbered(level, numbers[level - 1]) + section["heading"]
            yield Block("heading", (Run(heading),), level)
        for line in section["text"].splitlines():
            if line := line.strip():
                yield _block(line, known)


def _filled(sections, at):
    """Whether a section holds text, or a section below it does."""
    section = sections[at]
    if section["text"].strip():
        return True
    for later in sections[at + 1 :]:
        if not later["heading"] or later["level"] <= section["level"]:
            return False
        if later["text"].strip():
            return True
    return False


def _numbered(level, number):
    if level == 3:
        return f"{number}. "
    numeral = chinese(number)
    return f"{numeral}、" if level == 1 else f"（{numeral}）"


def chinese(number):
    """1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMERALS[number - 1]
    return ("" if tens == 1 else _NUMERALS[tens - 1]) + "十" + (_NUMERALS[ones - 1] if ones else "")


def _block(line, known):
    named = TOKEN.fullmatch(line)
    if named and named[1].startswith(TABLE):
        label = named[1].removeprefix(TABLE)
        if label in known.tables:
            return Block("table", table=known.tables[label](), title=label)
    return Block("paragraph", tuple(_runs(line, known)))


def _runs(line, known):
    at = 0
    for part in _PARTS.finditer(line):
        if part.start() > at:
            yield Run(line[at : part.start()])
        if part[1] is None:
            yield Run(part[2], "gap")
        else:
            shown = words(known.figures.get(part[1]))
            yield Run(shown, "gap" if shown in (MISSING, EMPTY) else "figure", part[1])
        at = part.end()
    if at < len(line):
        yield Run(line[at:])


def gaps(found):
    """How many 〔原文缺失〕 and 〔未填〕 stand in blocks."""
    return sum(run.kind == "gap" for block in found for run in block.runs)


def to_json(found):
    """Blocks as what a JSON column holds: a paper as it was issued."""
    return [
        {
            "kind": block.kind, "level": block.level, "title": block.title,
            "runs": [[run.text, run.kind, run.label] for run in block.runs],
            "table": block.table and [list(block.table.headers), [list(row) for row in block.table.rows]],
        }
        for block in found
    ]  # fmt: skip


def from_json(found):
    """Blocks of an issued paper."""
    return [
        Block(
            item["kind"], tuple(Run(*run) for run in item["runs"]), item["level"],
            item["table"] and Table(tuple(item["table"][0]), item["table"][1]), item["title"],
        )
        for item in found
    ]  # fmt: skip
