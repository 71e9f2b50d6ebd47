"""The grid of a checked file: which rows and columns a page shows, and how each cell stands."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from fupin.excel.changes import BAD, CLASH, OUT, WORDS
from fupin.excel.cleaning import text
from fupin.excel.form_folds import row_of
from fupin.excel.imports import hide
from fupin.excel.issues import CODES

PAGE = 50
NAMING = ("name", "head_name", "project")
"""Fields that a row is called by on a phone, the first that a table has."""
MOST_CELLS = 800
"""Cells of one page: a form without scripts sends them all, and Django takes 1,000 fields."""

STATES = ("new", "changed", "same", "bad", "clash", "out")
EVERYTHING, PROBLEMS = "all", "problem"


@dataclass
class Asked:
    """What the address of a page says: which rows, which columns, from where."""

    show: str = PROBLEMS
    code: str = ""
    severity: str = ""
    wide: bool = False
    after: int = -1
    before: int | None = None

    @classmethod
    def read(cls, query, found):
        """From a query string; without a word, the rows with problems where there are any."""
        show, code, severity = query.get("show", ""), query.get("code", ""), query.get("severity", "")
        if show not in (*STATES, EVERYTHING, PROBLEMS):
            show = PROBLEMS if sum(found.values()) else EVERYTHING
        after, before = query.get("after", ""), query.get("before", "")
        return cls(
            show, code if code in CODES else "", severity if severity in ("error", "warning") else "",
            query.get("cols") == "all",
            int(after) if after.isdecimal() else -1, int(before) if before.isdecimal() else None,
        )  # fmt: skip

    @property
    def filter(self):
        """Keywords of Staged.positions."""
        if self.code or self.severity:
            return {"code": self.code, "severity": self.severity}
        if self.show == PROBLEMS:
            return {"problem": True}
        return {} if self.show == EVERYTHING else {"state": self.show}

    def query(self, **changes):
        """The address of the same page with something else."""
        said = {
            "show": self.show, "code": self.code, "severity": self.severity, "cols": "all" if self.wide else "",
        } | changes  # fmt: skip
        return "?" + "&".join(f"{name}={value}" for name, value in said.items() if value not in ("", None))


@dataclass
class Cell:
    """One cell: its field, what it shows, and "bad", "wrn" or "fix" for how it stands."""

    name: str
    shown: str
    mark: str = ""
    was: str = ""
    said: str = ""
    typed: str | None = None

    @property
    def size(self):
        """How wide the input is, in letters: a Chinese character takes two."""
        return min(max(sum(2 if letter > "\u2e7f" else 1 for letter in self.shown) + 3, 7), 32)


@dataclass
class Row:
    """One row of the grid. `words` [(mark, text, offer address)] say what is wrong, `values` what would change."""

    pos: int
    number: int
    sheet: str
    state: str
    word: str
    key: str
    name: str
    mark: str = ""
    cells: list = field(default_factory=list)
    words: list = field(default_factory=list)
    values: list = field(default_factory=list)
    fixed: bool = False
    clash: str = ""
    """The household's number on the first row of a household in conflict."""


@dataclass
class Shown:
    rows: list
    columns: list
    previous: int | None = None
    next: int | None = None
    wide: bool = False


def text_of(table, item, cells, number):
    """The text of a cell as the file has it; the error that stands there instead of a value."""
    index = table.columns.get(item.name)
    if index is None:
        return ""
    found = text(cells[index]) if index < len(cells) else ""
    return found or table.errors.get((number, index + 1), "")


def text_now(staged, item, line, edits):
    """The text of a cell as it stands, corrections counted; None where the table has no such column."""
    head = staged.heads[line.tab]
    if item.name not in head.columns:
        return None
    return edits.of(line.sheet, line.number).get(item.name, text_of(head, item, line.cells, line.number))


def correct(staged, item, line, edits, value, mates=()):
    """Correct a cell, and those of `mates` that say the same. What the file has there anyway is no correction.
    Answers the places `(sheet, row)`."""
    now = text_now(staged, item, line, edits)
    rows = [line, *(mate for mate in mates if text_now(staged, item, mate, edits) == now)]
    for row in rows:
        own = text_of(staged.heads[row.tab], item, row.cells, row.number)
        edits.put(row.sheet, row.number, item.name, None if value == own else value)
    return {(row.sheet, row.number) for row in rows}


def shown_text(item, value):
    """A cell as a page shows it: personal values masked."""
    return hide(item.pii, value) if item.pii is not None and value else value


def page(staged, spec, edits, asked, *, positions=None, typed=None):
    """The rows of a page. `positions`: exactly these rows; `typed` {(pos, field): text} that is not saved yet."""
    fields = {item.name: item for item in spec.fields}
    width = len(set().union(*(head.columns for head in staged.heads))) if staged.heads else 1
    size = max(10, min(PAGE, MOST_CELLS // max(width, 1))) if asked.wide else PAGE
    previous = following = None
    if positions is None:
        positions = staged.positions(**asked.filter, after=asked.after, before=asked.before, limit=size + 1)
        more = len(positions) > size
        if asked.before is not None:
            positions = positions[-size:]
            previous = positions[0] if more and positions else None
            following = positions[-1] if positions else None
        else:
            positions = positions[:size]
            following = positions[-1] if more else None
            previous = positions[0] if positions and asked.after >= 0 else None
    lines = staged.lines(positions)
    columns = columns_of(staged, fields, lines, edits, spec, asked.wide)
    rows = [_row(line, staged.heads[line.tab], fields, columns, edits, typed or {}) for line in lines]
    seen = set()
    for row in rows:
        if row.state == CLASH and row.key not in seen:
            seen.add(row.key)
            row.clash = row.key
    return Shown(rows, columns, previous, following, asked.wide)


def columns_of(staged, fields, lines, edits, spec, wide):
    """`[(field name, header, letter)]` in the order of the file: all, or those that name a row and those in question."""
    found = {}
    for head in staged.heads:
        for name, index in sorted(head.columns.items(), key=lambda pair: pair[1]):
            if name in fields:
                found.setdefault(
                    name, (name, head.labels.get(index) or fields[name].label, head.letter(name))
                )
    if wide:
        return list(found.values())
    wanted = {group[0] for group in spec.needs} | {"head_name", "village"} & set(list(found)[:8])
    for line in lines:
        wanted |= {issue.get("field", "") for issue in line.issues}
        wanted |= set(edits.of(line.sheet, line.number))
    return [column for name, column in found.items() if name in wanted]


def _row(line, head, fields, columns, edits, typed):
    fixed = edits.of(line.sheet, line.number)
    marks, said = {}, {}
    for issue in line.issues:
        name = issue.get("field", "")
        mark = "bad" if issue["severity"] == "error" else "wrn"
        marks[name] = "bad" if "bad" in (mark, marks.get(name)) else mark
        said.setdefault(name, []).append(issue["title"])
    row = Row(
        line.pos, row_of(line.number), line.sheet, line.state, WORDS[line.state], line.key,
        next((issue["person"] for issue in line.issues if issue.get("person")), ""), fixed=bool(fixed),
        values=line.values,
    )  # fmt: skip
    for name, _, _ in columns:
        item = fields[name]
        was = text_of(head, item, line.cells, line.number)
        now = fixed.get(name, was)
        row.cells.append(
            Cell(
                name, shown_text(item, now), marks.get(name, "") or ("fix" if name in fixed else ""),
                shown_text(item, was) if name in fixed else "", "；".join(said.get(name, ())), typed.get((line.pos, name)),
            )
        )  # fmt: skip
    naming = next((name for name in NAMING if name in head.columns and name in fields), "")
    if naming:
        row.name = fixed.get(naming, text_of(head, fields[naming], line.cells, line.number)) or row.name
    for issue in line.issues:
        row.words.append((*words_of(issue, head), offer_of(issue)))
    if line.state == BAD and not any(issue["severity"] == "error" for issue in line.issues):
        row.words.append(("bad", "本户别的行有错，整户不导入", ""))
    row.mark = (
        "" if line.state == OUT else "bad" if line.state in (BAD, CLASH) else "wrn" if line.issues else ""
    )
    return row


def words_of(issue, head):
    """`(mark, sentence)` of an issue of a table."""
    label = head.label(issue.get("field", ""))
    where = f"（见第 {issue['related_row']} 行）" if issue.get("related_row") else ""
    label = "" if label and label in issue["title"] else label
    words = f"{label + '：' if label else ''}{issue['title']}。{issue['expected']}{where}"
    return "bad" if issue["severity"] == "error" else "wrn", words


def offer_of(issue):
    """The address of the page where a person of another household is moved here, "" where there is none to offer."""
    if issue.get("action") != "move" or not issue.get("subject"):
        return ""
    try:
        return (
            reverse("member_move", args=[issue["subject"]])
            + "?"
            + urlencode({"q": issue.get("household", "")})
        )
    except NoReverseMatch:
        return ""


def groups_of(staged, asked):
    """`[{code, title, mark, words, address, on}]`: 第 5 行等 300 处."""
    found = []
    for code, severity, count, first in staged.groups():
        place = f"第 {first} 行" if first else "整个文件"
        found.append(
            {
                "code": code, "title": CODES[code][2], "mark": "bad" if severity == "error" else "wrn", "count": count,
                "words": f"{place}等 {count:,} 处" if count > 1 else place, "on": asked.code == code,
                "address": f"?code={code}",
            }
        )  # fmt: skip
    return found
