"""One engine for every import: read, recognise, clean, resolve, check, write. A dry run is the run, rolled back.

An app offers `Import`s (settings.IMPORT_MODULES, list IMPORTS). Reading and cleaning need no database; resolving
looks everything up in bulk; writing is bulk, in one transaction with its audit events.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import DatabaseError

from fupin.accounts.pii import FieldClass
from fupin.catalogue import offers
from fupin.excel import commit, reader
from fupin.excel.cleaning import BLANKS, Unreadable, text
from fupin.excel.issues import ERROR, INFO, WARNING, Issue
from fupin.excel.layout import Table, find_table, key_of, nearest

log = logging.getLogger(__name__)

GOOD_ROWS, ALL_OR_NOTHING = "good", "all"
POLICIES = {GOOD_ROWS: "导入无错的行", ALL_OR_NOTHING: "有一处错误就整个不导入"}


@dataclass(frozen=True)
class Field:
    """One column that an import understands: its spellings in real files, and how its cells are cleaned.

    `clean(value, unit)` gives the value or raises Unreadable. `into` says where it goes ("income.wage"); what has
    none is used by the import itself.
    """

    name: str
    label: str
    headers: tuple = ()
    clean: Callable | None = None
    into: str = ""
    pii: FieldClass | None = None


@dataclass(frozen=True)
class Setting:
    """What the user says about a file: its data year (None: look for it), the day against which "future" is judged."""

    year: int | None
    as_of: date
    region_path: str = ""


class Plan(Protocol):
    """What one file would do. Made without the database; `resolve` looks up, `write` writes."""

    issues: list

    def resolve(self, by): ...
    def drop_all(self): ...
    def write(self, by, batch): ...
    def summary(self): ...
    def counts(self): ...
    def sample(self, limit): ...


@dataclass(frozen=True)
class Import:
    """One kind of file. A header is recognised when of each group in `needs` one field is found."""

    kind: str
    title: str
    permission: str
    fields: tuple
    needs: tuple
    plan: Callable

    @property
    def spellings(self):
        """`{header key: field name}`, official label and aliases."""
        return _spellings(self)


_KNOWN = {}


def _spellings(spec):
    if spec.kind not in _KNOWN:
        _KNOWN[spec.kind] = {
            key_of(header): item.name
            for item in reversed(spec.fields)
            for header in (*item.headers, item.label)
        }
    return _KNOWN[spec.kind]


@dataclass
class Outcome:
    """What came of one file: `plan` is None when the file was refused (its issue then says why)."""

    kind: str = ""
    title: str = ""
    spec: Import | None = None
    tables: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    plan: object = None
    issues: list = field(default_factory=list)
    written: dict = field(default_factory=dict)
    committed: bool = False
    year: int | None = None

    @property
    def errors(self):
        return [issue for issue in self.issues if issue.severity == ERROR]

    @property
    def warnings(self):
        return [issue for issue in self.issues if issue.severity == WARNING]

    def shed(self):
        """Let the rows of the sheets go, but for the first: they hold most of the memory, and are not needed to write."""
        for table in self.tables:
            del table.rows[SHOWN_ROWS:]

    def report(self):
        """The report file: the figures of the kind, the issues, and what was read and written."""
        figures = self.plan.summary() if self.plan else {"households": 0, "persons": 0}
        return figures | {
            "issues": [issue.as_dict() for issue in self.issues],
            "kind": self.kind,
            "year": self.year,
            "committed": self.committed,
            "written": self.written,
            "skipped_rows": [
                {"sheet": table.sheet, "code": code, "row": row}
                for table in self.tables
                for code, row in table.skipped
            ],
            "notes": self.notes + list(getattr(self.plan, "notes", ())),
        }


def specs():
    return offers("IMPORT_MODULES", "IMPORTS")


def guess_year(name, title, today):
    """The data year in the file name or the title, else the last year that is complete on `today`."""
    found = re.search(r"(?<!\d)(20[0-4]\d)\s*年?", f"{title} {name}")
    return (
        int(found[1])
        if found and int(found[1]) <= today.year
        else today.year - 1 + ((today.month, today.day) == (12, 31))
    )


def recognise(path, name, kind=""):
    """Read the file and find its tables: `(spec, tables, notes)`. Raises reader.Refused."""
    book = reader.read(path, name)
    offered = [spec for spec in specs() if not kind or spec.kind == kind]
    tables, notes = [], []
    for sheet in book.sheets:
        if sheet.state != "visible":
            notes.append({"sheet": sheet.name, "code": "hidden_sheet_skipped", "severity": INFO})
            continue
        table = find_table(sheet, offered) if sheet.rows else None
        if table is None:
            notes.append({"sheet": sheet.name, "code": "other_sheet_skipped", "severity": INFO})
        else:
            tables.append(table)
    if not tables:
        raise _unrecognised(book, offered)
    sizes = {}
    for table in tables:
        sizes[table.kind] = sizes.get(table.kind, 0) + len(table.rows)
    main = max(sizes, key=sizes.get)
    for table in tables:
        if table.kind != main:
            notes.append({"sheet": table.sheet, "code": "other_sheet_skipped", "severity": INFO})
    tables = [table for table in tables if table.kind == main]
    for table in tables:
        notes += [
            {
                "sheet": table.sheet,
                "code": "extra_column_ignored",
                "severity": INFO,
                "col": col,
                "label": label,
            }
            for col, label in table.unused
        ]
        wan = [table.label(item) for item, unit in table.units.items() if unit == 10_000]
        if wan:
            notes.append(
                {"sheet": table.sheet, "code": "unit_wan_converted", "severity": INFO, "columns": wan}
            )
    if not any(table.rows for table in tables):
        raise reader.Refused("file_empty", "没有任何数据行")
    return next(spec for spec in offered if spec.kind == main), tables, notes


def _unrecognised(book, offered):
    """The refusal of a book without a header of ours; it says what is missing where something is close."""
    refused = reader.Refused("header_not_found")
    near = [found for sheet in book.sheets if sheet.state == "visible" and (found := nearest(sheet, offered))]
    if near:
        _, title, missing = max(near, key=lambda found: found[0])
        refused.sentence = f"像是“{title}”的表，但缺少这些列：{'、'.join(missing)}。补上后再传。"
    return refused


SHOWN_ROWS = 200
"""Rows of a sheet that stay in memory while the plan is written."""

READ_SHARE = 30
"""Per cent of an import that reading the file takes."""


def run(
    path, *, name, by, setting, dry_run, policy=GOOD_ROWS, batch=None, kind="", begin=commit.nothing,
    end=commit.nothing, step=commit.nothing,
):  # fmt: skip
    """Import the file at `path`. Always answers with an Outcome; a refused file is one issue in it.

    `policy` says what to do with errors: load the good rows, or nothing. `batch` is the id that audit events name.
    `begin()` and `end(outcome, journal)` frame the writing inside its transaction (see fupin.excel.commit);
    `step(per cent)` is told how far it is.
    """
    try:
        spec, tables, notes = recognise(path, name or Path(path).name, kind)
    except reader.Refused as refused:
        return Outcome(issues=[Issue(refused.code, detail=refused.sentence)])
    if setting.year is None:
        title = " ".join(table.title for table in tables)
        setting = replace(setting, year=guess_year(name or Path(path).name, title, setting.as_of))
    step(READ_SHARE)

    def made(again):
        found = recognise(path, name or Path(path).name, kind)[1] if again else tables
        return Outcome(
            spec.kind, spec.title, spec, found, notes, spec.plan(found, setting), year=setting.year
        )

    try:
        return commit.carry_out(
            made, decide=lambda outcome: _decide(outcome, by, policy), by=by, batch=batch, dry_run=dry_run,
            begin=begin, end=end, step=step,
        )  # fmt: skip
    except (ValidationError, DatabaseError) as problem:
        log.exception("import refused while writing")
        said = "；".join(problem.messages) if isinstance(problem, ValidationError) else ""
        return Outcome(
            spec.kind, spec.title, spec, tables, notes, issues=[Issue("write_refused", detail=said)]
        )


def _decide(outcome, by, policy):
    plan = outcome.plan
    plan.resolve(by)
    outcome.issues = sorted(plan.issues, key=_place(outcome.tables))
    if policy == ALL_OR_NOTHING and outcome.errors:
        plan.drop_all()


def _place(tables):
    order = {table.sheet: index for index, table in enumerate(tables)}
    return lambda issue: (order.get(issue.sheet, 0), issue.row or 0, len(issue.col), issue.col)


class Rows:
    """Cells of one table by field, with what every kind shares. Feeds issues into `issues`."""

    def __init__(self, table: Table, fields, issues):
        self.table, self.issues = table, issues
        self.fields = {item.name: item for item in fields}
        self.at = table.columns
        self.marked = {row for row, _ in (*table.errors, *table.uncached)}
        self._cache = {}

    def issue(self, code, row, name="", value="", **more):
        """Add a finding at a row of this table, at the column of the field `name` if one is given."""
        item = self.fields.get(name)
        shown = str(value)[:60]
        if shown and item is not None and item.pii is not None:
            shown = hide(item.pii, shown)
        self.issues.append(
            Issue(code, sheet=self.table.sheet, row=row, col=self.table.letter(name), value=shown, **more)
        )

    def cell(self, name, cells):
        """The raw cell of a field, "" where the file has no such column."""
        index = self.at.get(name)
        return "" if index is None else cells[index]

    def word(self, name, cells):
        """The cell as text; dashes and the like are blank."""
        found = text(self.cell(name, cells))
        return "" if found in BLANKS else found

    def failed(self, name, row):
        """The error value of a cell that looks blank ("=" for a formula without a value), "" when it is fine."""
        if row not in self.marked:
            return ""
        place = (row, self.at.get(name, -2) + 1)
        return self.table.errors.get(place, "") or ("=" if place in self.table.uncached else "")

    def valued(self, name, row, cells, **who):
        """The cleaned value of a field, None when blank or unreadable (then an issue says so)."""
        index = self.at.get(name)
        if index is None:
            return None
        raw = cells[index]
        if raw == "":
            failed = self.failed(name, row)
            if failed:
                self.issue("formula_no_value" if failed == "=" else "excel_error", row, name, failed, **who)
            return None
        key = (name, raw.__class__, raw)
        if key in self._cache:
            return self._cache[key]
        try:
            value = self.fields[name].clean(raw, self.table.units[name])
        except Unreadable as problem:
            self.issue(problem.code, row, name, text(raw), **who)
            return text(raw)[:20] if problem.code == "phone_invalid" else None
        self._cache[key] = value
        return value


def hide(kind, text):
    """A personal value as it may stand in a list of findings: enough to recognise the cell, not the person."""
    if len(text) <= 4:
        return text
    keep = 6 if kind is FieldClass.ID_NUMBER and len(text) >= 15 else 3 if len(text) >= 11 else 1
    return text[:keep] + "*" * (len(text) - keep - 2) + text[-2:]
