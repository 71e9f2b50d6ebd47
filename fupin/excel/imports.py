"""One engine for every import: read, recognise, clean, resolve, check, write. A dry run stops before it writes.

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
from fupin.catalogue import offers as catalogue
from fupin.excel import commit, corrections, reader, relabel, serials
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.form_folds import FOLD, row_of
from fupin.excel.header import nearest
from fupin.excel.issues import ERROR, INFO, WARNING, Issue
from fupin.excel.layout import find_tables, table_at
from fupin.excel.side_by_side import tables_on
from fupin.excel.table import Table
from fupin.excel.titles import key_of

log = logging.getLogger(__name__)

GUIDE = "填写说明"
"""Name of the sheet that explains a workbook of ours; it is never read."""

GOOD_ROWS, ALL_OR_NOTHING = "good", "all"
POLICIES = {GOOD_ROWS: "导入无错的行", ALL_OR_NOTHING: "有一处错误就整个不导入"}


@dataclass(frozen=True)
class Field:
    """One column that an import understands: its spellings in real files, and how its cells are cleaned.

    `clean(value, unit)` gives the value or raises Unreadable. `into` says where it goes ("income.wage"); what has
    none is used by the import itself. `example`, `note` and `choices` (a code table) are for who fills a template.
    """

    name: str
    label: str
    headers: tuple = ()
    clean: Callable | None = None
    into: str = ""
    pii: FieldClass | None = None
    example: str = ""
    note: str = ""
    choices: object = None
    place: str = ""
    """The level of place ("village") whose names it takes, where it is no column of the place itself."""


def described(fields, said):
    """The fields with what a template says of them: `said` {name: example, or (example, note)}.

    Their choices are the code table that cleans them, where `clean` is bound to one (`partial(coded, TABLE)`).
    """
    made = []
    for item in fields:
        example, note = (
            said[item.name] if isinstance(said.get(item.name), tuple) else (said.get(item.name), "")
        )
        table = next((arg for arg in getattr(item.clean, "args", ()) if hasattr(arg, "choices")), None)
        made.append(
            replace(
                item,
                example=item.example or example or "",
                note=item.note or note,
                choices=item.choices or table,
            )
        )
    return tuple(made)


@dataclass(frozen=True)
class Setting:
    """What the user says about a file: its data year (None: look for it), the day against which "future" is judged.

    `name` is what the user calls the file: some kinds are told by it what no column says.
    """

    year: int | None
    as_of: date
    region_path: str = ""
    name: str = ""
    take: frozenset = frozenset()
    """Numbers of households where the file goes before newer data in the register."""


class Plan(Protocol):
    """What one file would do. Made without the database; `resolve` looks up, `write` writes."""

    issues: list

    def resolve(self, by): ...
    def drop_all(self): ...
    def write(self, by, batch): ...
    def summary(self): ...
    def counts(self): ...

    # `units()` is told after `write`: what each household or row would do (see fupin.excel.changes).


@dataclass(frozen=True)
class Import:
    """One kind of file. A header is recognised when of each group in `needs` one field is found.

    `words` (a pattern): a title or file name with them says that it is this kind. Then, and where the user chose the
    kind, `needs_named` is enough. `group` gathers kinds under one heading of a menu, `note` says what it is for; `result_page` is the url name of where
    one sees what came. `strangers`: the file names people who are none of ours, so none of its cells is kept as an example.
    """

    kind: str
    title: str
    permission: str
    fields: tuple
    needs: tuple
    plan: Callable
    words: str = ""
    needs_named: tuple = ()
    group: str = ""
    note: str = ""
    result_page: str = ""
    strangers: bool = False
    unnumbered: tuple = ()
    """What a table needs that has no number of the household: it is known by its head's ID number then."""
    titled: tuple = ()
    """Fields that may stand in a line over the table (帮扶责任人：李明) instead of in a column."""
    spread: tuple = ()
    """Fields that a group of columns may hold in parts: 进度安排 over 一季度, 二季度 is 一季度：…；二季度：…."""
    carried: tuple = ()
    """`(fields, more, counted)` that a list may write once for several rows: where all of `fields` are blank they are those
    of the row above, and so are the blank ones of `more`; `counted`: only in a list whose rows have numbers of their own."""
    ticked: tuple = ()
    """`(field, word)` of fields that may stand in columns of ticks, a column a choice: `word(title, grouped)` gives the
    choice that a title means, "" for none, `grouped` whether it stands below a group that bears the field's name."""
    periods: str = ""
    """The field that columns named after parts of a year hold in parts, also below no group: 一季度, 二季度, 上半年."""
    steps: str = ""
    """A pattern of titles of columns that hold one step each, kept in the same field: 招投标, 验收."""
    fewer: tuple = ()
    """What a table needs at the least, read so only where nothing reads it in full; `lacks` are fields it must not have,
    `completed(table)` gives the values of fields that it has none for: `{field: value of every row}`."""
    lacks: frozenset = frozenset()
    completed: Callable | None = None
    strange: str = ""
    """A pattern of titles with which a table that has only the least is of another kind."""
    by_head: str = ""
    """Where set, a list that names its households by their heads alone is read as well, unless one of its titles matches
    this pattern; it gets a blank column of numbers, for those of whom the name says too little."""
    summed: tuple = ()
    """Amounts that a group of columns may hold in parts: 转移性收入 over 低保金, 养老金 is their sum."""
    added: tuple = ()
    """Amounts of which several columns of one title hold parts: their sum is the amount, or the column of the sum."""
    half: tuple = ()
    """What a table needs that holds only one side of the kind (households without members), told by number."""
    weak: dict = field(default_factory=dict)
    """`{header key: other field or ""}` of titles that mean their field only where no other title does, else the other
    field: 帮扶措施 beside 具体内容 is the kind of measure."""
    forms: Callable | None = None
    """`forms(sheet, kind, path)` gives the tables of a sheet that holds one household (see `fupin.excel.forms`)."""
    chosen_forms: Callable | None = None
    """The same where a user chose the kind: what may be of another kind as well is of this one then."""
    spoken: object = None
    """The `relabel.Spoken` of a kind with forms whose labels a user may correct."""
    repeats: object = None
    """The `relabel.Repeats` of a kind with columns that come again: for each member, month, measure."""
    lists_first: bool = False
    """Whether `forms` reads nothing but lists of other columns: what the title calls a list of this kind is one."""
    shared: frozenset = frozenset()
    """Fields whose value all rows of a household repeat: corrected in one row, it is corrected in all."""

    @property
    def plain(self):
        """Names of the fields that hold nothing personal."""
        return frozenset(item.name for item in self.fields if item.pii is None)

    @property
    def heads_only(self):
        """What a list needs that names its households by their heads alone."""
        rest = tuple(group for group in self.needs if "hh_no" not in group)
        return (("head_name",), *rest) if self.by_head and rest != self.needs else ()

    @property
    def spellings(self):
        """`{header key: field name}`, official label and aliases."""
        return _spellings(self)


_KNOWN = {}


def _spellings(spec):
    if spec.kind not in _KNOWN:
        pairs = [
            (header, item.name) for item in reversed(spec.fields) for header in (*item.headers, item.label)
        ]
        _KNOWN[spec.kind] = {key_of(header): name for header, name in pairs} | {
            compact(header): name for header, name in pairs if compact(header) != key_of(header)
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
    book: object = None
    originals: list = field(default_factory=list)
    """`(numbers, rows)` of each table as the file has them, before corrections."""

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
    return catalogue("IMPORT_MODULES", "IMPORTS")


def guess_year(name, title, today):
    """The data year in the file name or the title, else the last year that is complete on `today`."""
    found = re.search(r"(?<!\d)(20[0-4]\d)\s*年?", f"{title} {name}")
    return (
        int(found[1])
        if found and int(found[1]) <= today.year
        else today.year - 1 + ((today.month, today.day) == (12, 31))
    )


def offered(sheets, name, kind=""):
    """The kinds that the file may be: the one chosen, or all. One that is chosen or named needs fewer columns."""
    found = [_asked(spec) for spec in specs() if spec.kind == kind] if kind else specs()
    if not kind:
        said = " ".join([name, *(titles(sheet) for sheet in sheets if not explains(sheet))])
    return [_named(spec) if kind or re.search(spec.words, said) else spec for spec in found]


def chosen(kind):
    """The kind that a user chose, or None: fewer columns are enough for it than for one that is recognised."""
    spec = next((spec for spec in specs() if spec.kind == kind), None)
    return spec and _named(_asked(spec))


def _asked(spec):
    """The kind as its sheets are read where a user chose it."""
    return replace(spec, forms=spec.chosen_forms) if spec.chosen_forms else spec


def _named(spec):
    """The kind as it is recognised where somebody says that it is this one."""
    return replace(spec, needs=spec.needs_named) if spec.needs_named else spec


def explains(sheet):
    """Whether a sheet only explains the workbook: one that a template or a returned workbook of ours carries."""
    return sheet.name.rpartition("/")[2] == GUIDE


def titles(sheet):
    """The name of a sheet and the lines of text above its table: rows of at most two cells among the first five."""
    lines = [[text(cell) for cell in row if cell != ""] for row in sheet.rows[:5]]
    return " ".join([sheet.name, *(word for line in lines if len(line) <= 2 for word in line)])


def recognise(book, name="", kind="", mapping=None):
    """Find the tables of a book: `(spec, tables, notes)`. Raises reader.Refused.

    `mapping` is what the user said about sheets, headers and columns (see fupin.excel.mapping); it goes before
    recognition.
    """
    offers = offered(book.sheets, name, kind)
    if relabel.is_said(mapping):
        offers = [chosen(mapping["kind"])]
        tables, notes = _found(relabel.applied(book, mapping, offers[0]), offers, name)
    elif mapping and mapping.get("tables"):
        tables, notes = mapping_tables(book, mapping)
    else:
        tables, notes = _found(book, offers, name)
    if not tables:
        raise _unrecognised(book.sheets, offers)
    sizes = {}
    for table in tables:
        sizes[table.kind] = sizes.get(table.kind, 0) + len(table.rows)
    main = max(sizes, key=sizes.get)
    for table in tables:
        if table.kind != main:
            notes.append({"sheet": table.sheet, "code": "other_sheet_skipped", "severity": INFO})
    tables = [table for table in tables if table.kind == main]
    told = set()
    for table in tables:
        if table.one_household:  # of many files alike, what is not used is said once
            unused, told = [pair for pair in table.unused if pair not in told], told.union(table.unused)
        else:
            unused = table.unused
        notes += [
            {
                "sheet": table.sheet,
                "code": "extra_column_ignored",
                "severity": INFO,
                "col": col,
                "label": label,
            }
            for col, label in unused
        ]
        if table.hidden_columns:
            labels = [table.labels[index] for index in table.hidden_columns]
            notes.append({"sheet": table.sheet, "code": "hidden_column", "severity": INFO, "columns": labels})
        wan = [table.label(item) for item, unit in table.units.items() if unit == 10_000]
        said = {"sheet": table.sheet, "code": "unit_wan_converted", "severity": INFO, "columns": wan}
        if wan and said not in notes:
            notes.append(said)
    if not any(table.rows for table in tables):
        raise reader.Refused("file_empty", "没有任何数据行")
    return next(spec for spec in (*offers, *specs()) if spec.kind == main), tables, notes


def _found(book, offers, name):
    """The tables of the visible sheets as their headers say, and notes on the other sheets."""
    tables = []
    notes = [
        {"sheet": member, "code": code, "severity": ERROR, "detail": sentence}
        for member, code, sentence in book.lost
    ]
    for sheet in book.sheets:
        if sheet.state != "visible":
            notes.append({"sheet": sheet.name, "code": "hidden_sheet_skipped", "severity": INFO})
            continue
        found = _tables_on(sheet, offers, sheet.file or (name if len(book.sheets) == 1 else ""))
        if not found:
            notes.append({"sheet": sheet.name, "code": "other_sheet_skipped", "severity": INFO})
        tables += [(sheet, table) for table in found]
    visible = [sheet for sheet in book.sheets if sheet.state == "visible"]
    if len(visible) > 1:
        tables, used = serials.joined(tables, offers, visible)
        notes = [note for note in notes if note["sheet"] not in used]
    tables = _joined(tables, offers)
    whole = {table.kind for table in tables if not table.half}
    notes += [
        {"sheet": table.sheet, "code": "other_sheet_skipped", "severity": INFO}
        for table in tables
        if table.kind not in whole
    ]
    return [table for table in tables if table.kind in whole], notes


def mapping_tables(book, mapping):
    """The tables that a user pointed at, and notes on the sheets that are not taken."""
    spec = chosen(mapping["kind"])
    names = {item.name for item in spec.fields}
    tables, notes, entries = [], [], {}
    for sheet in book.sheets:
        said = [entry for entry in mapping["tables"] if entry["sheet"] == sheet.name]
        for entry in said:
            columns = {name: int(index) for name, index in entry["columns"].items() if name in names}
            table = table_at(sheet, spec, entry["header"], columns, entry.get("wan")) if columns else None
            if table is not None:
                tables.append((sheet, table))
                entries.setdefault(sheet.name, entry | {"columns": columns})
        if not said:
            code = "other_sheet_skipped" if sheet.state == "visible" else "hidden_sheet_skipped"
            notes.append({"sheet": sheet.name, "code": code, "severity": INFO})
    if len(entries) > 1:
        sheets = [sheet for sheet in book.sheets if sheet.name in entries]
        tables, _ = serials.joined(tables, [spec], sheets, entries)
    return [table for _, table in tables], notes


def _joined(found, offers):
    """The tables of `[(sheet, table)]`. A sheet of households beside one of their members is its other half, though
    alone it might pass for a kind of its own: the reading that understands no fewer columns is taken."""
    kinds = {table.kind for _, table in found if not table.half}
    halved = [spec for spec in offers if spec.half and spec.kind in kinds]
    full = {table.kind for _, table in found if not table.half and not table.fewer}
    tables = []
    for sheet, table in found:
        lean = table.fewer and table.kind in full  # the members stand on another sheet
        other = (
            find_tables(sheet, [replace(spec, fewer=()) for spec in halved])
            if halved and (lean or table.kind not in {spec.kind for spec in halved})
            else []
        )
        better = len(other) == 1 and other[0].half and (lean or len(other[0].columns) >= len(table.columns))
        tables.append(other[0] if better else table)
    return tables


def _tables_on(sheet, offers, path):
    """The tables of a sheet: the forms on it, or its lists, or none. `path` is how its owner calls the file."""
    if not sheet.rows or explains(sheet):
        return []
    said = f"{titles(sheet)} {path}"
    for spec in sorted(offers, key=lambda spec: not (spec.words and re.search(spec.words, said))):
        if spec.forms and (found := spec.forms(sheet, spec.kind, path)):
            lists = not spec.lists_first and (
                _is_named_list(sheet, offers, said, found) or _is_row(sheet, offers, found)
            )
            return tables_on(sheet, offers) if lists else found
    return tables_on(sheet, offers)


def _is_named_list(sheet, offers, said, forms):
    """Whether a sheet that could pass for a form is a list of a kind that its title names: a bureau's only where nobody
    of it is related to anybody."""
    related = any("relation" in table.columns for table in forms)
    named = [
        spec
        for spec in offers
        if spec.words
        and (not spec.forms or spec.lists_first)
        and not (spec.strangers and related)
        and re.search(spec.words, said)
    ]
    return any(
        (len(table.rows) > 1 or "value" in table.columns) and not table.fewer
        for table in find_tables(sheet, named)
    )


def _is_row(sheet, offers, forms):
    """Whether a sheet that could pass for forms is a list of one row: all that they say stands in rows below a header, where
    a value below its label stands as well. Who is related to whom is told in forms, also in one of a single person."""
    if any(not table.one_household or "relation" in table.columns and table.header_rows for table in forms):
        return False
    said = {place for table in forms for place in _places_of(table)}
    for table in find_tables(sheet, offers):
        beside = {place for place in said if place[0] not in table.numbers}
        of_header = all(row in table.header_rows for row, _ in beside)
        if table.rows and of_header and (not beside or len(table.columns) >= len(said - beside)):
            return True
    return False


def _places_of(form):
    """The `(row, column letter)` at which anything stands that a form was read from."""
    for number in form.numbers:
        for name in form.columns:
            row, letter = form.place(name, number)
            if letter and row is not None:
                yield row, letter


def _unrecognised(sheets, offered):
    """The refusal of sheets without a header of ours; it says what is missing where something is close."""
    refused = reader.Refused("header_not_found")
    near = [found for sheet in sheets if sheet.state == "visible" and (found := nearest(sheet, offered))]
    if near:
        _, title, missing = max(near, key=lambda found: found[0])
        if any("上传时选定" in label for label in missing):
            refused.sentence = f"像是“{title}”，但标题没有说明是什么名单。请在上传时选定导入内容后再传。"
        else:
            refused.sentence = f"像是“{title}”的表，但缺少这些列：{'、'.join(missing)}。补上后再传。"
    return refused


REMEMBERED = 16_384
"""Cleaned cells of a table that are remembered: most are the same few words, yet no two incomes need be."""

SHOWN_ROWS = 200
"""Rows of a sheet that stay in memory while the plan is written."""

READ_SHARE = 30
"""Per cent of an import that reading the file takes."""


def run(
    path, *, name, by, setting, dry_run, policy=GOOD_ROWS, batch=None, kind="", book=None, mapping=None, edits=None,
    begin=commit.nothing, end=commit.nothing, step=commit.nothing,
):  # fmt: skip
    """Import the file at `path`. Always answers with an Outcome; a refused file is one issue in it.

    `policy` says what to do with errors: load the good rows, or nothing. `batch` is the id that audit events name.
    `book` is the file as read before; without it the file is read. `mapping` and `edits` are what the user said
    about it: where things stand, and which cells are corrected (fupin.excel.corrections.Edits).
    `begin()` and `end(outcome, journal)` frame the writing inside its transaction (see fupin.excel.commit);
    `step(per cent)` is told how far it is.
    """
    name = name or Path(path).name
    try:
        book = book or reader.read_book(path, name)
    except reader.Refused as refused:
        return Outcome(issues=[Issue(refused.code, detail=refused.sentence)])
    try:
        spec, tables, notes = recognise(book, name, kind, mapping)
    except reader.Refused as refused:
        return Outcome(issues=[Issue(refused.code, detail=refused.sentence)], book=book)
    setting = completed(replace(setting, name=name), tables)
    notes += _with_year(tables, setting)
    lost, book = lost_of(book), book if dry_run else None  # its rows may go while the plan is written
    step(READ_SHARE)

    def made(again):
        found = tables
        if again:
            found = recognise(reader.read_book(path, name), name, kind, mapping)[1]
            _with_year(found, setting)
        originals = [(table.numbers, table.rows) for table in found]
        plan = planned(spec, found, setting, edits)
        plan.issues += lost
        outcome = Outcome(
            spec.kind, spec.title, spec, found, notes, plan, year=setting.year, book=book, originals=originals
        )
        if not dry_run:
            originals.clear()
            outcome.shed()
        return outcome

    return carry_out(
        made, by, dry_run=dry_run, policy=policy, batch=batch, begin=begin, end=end, step=step
    )  # fmt: skip


def planned(spec, tables, setting, edits=None):
    """The plan of these tables as corrected; what is masked in a list of ours stays as it is stored. Whether it is such a
    list its own cells say, not the corrected ones: of one household alone the only number may be one of those."""
    for table in tables:
        if "row_version" in table.columns:
            table.leave_masked()
    if edits is not None:
        corrections.apply(tables, edits)
    return spec.plan(tables, setting)


def completed(setting, tables):
    """The setting with a data year: where nobody said one, the file's name and title do."""
    if setting.year is not None:
        return setting
    title = " ".join(table.title for table in tables)
    years = [year for table in tables for year in table.years if year <= setting.as_of.year]
    if years:
        return replace(setting, year=max(years))
    return replace(setting, year=guess_year(setting.name, title, setting.as_of))


def lost_of(book):
    """The findings on members of an archive that could not be read."""
    return [Issue(code, sheet=name, file=name, detail=sentence) for name, code, sentence in book.lost]


def carry_out(
    made, by, *, dry_run, policy=GOOD_ROWS, batch=None, begin=commit.nothing, end=commit.nothing,
    step=commit.nothing,
):  # fmt: skip
    """Resolve and write the plan of the Outcome that `made(again)` gives; a dry run is rolled back."""
    held = []

    def latest(again):
        held[:] = [made(again)]
        return held[0]

    try:
        return commit.carry_out(
            latest, decide=lambda outcome: _decide(outcome, by, policy), by=by, batch=batch, dry_run=dry_run,
            begin=begin, end=end, step=step,
        )  # fmt: skip
    except (ValidationError, DatabaseError) as problem:
        log.exception("import refused while writing")
        said = "；".join(problem.messages) if isinstance(problem, ValidationError) else ""
        outcome = held[0]
        return Outcome(
            outcome.kind, outcome.title, outcome.spec, outcome.tables, outcome.notes,
            issues=[Issue("write_refused", detail=said)], book=outcome.book,
        )  # fmt: skip


def _with_year(tables, setting):
    """Choose the columns of the data year; returns the notes about columns that only other years have."""
    return [
        {"sheet": table.sheet, "code": "year_column_missing", "severity": WARNING, "label": label}
        for table in tables
        for label in table.take_year(setting.year)
    ]


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
        line = row if row and row >= FOLD else None
        row, col = self.table.place(name, row)
        if related := more.get("related_row"):
            more["related_row"] = row_of(related)
        self.issues.append(
            Issue(
                code,
                sheet=self.table.sheet,
                file=self.table.file,
                row=row,
                col=col,
                value=shown,
                field=name,
                line=line,
                **more,
            )  # fmt: skip
        )

    def cell(self, name, cells):
        """The raw cell of a field, "" where the file has no such column."""
        index = self.at.get(name)
        return "" if index is None else cells[index]

    def word(self, name, cells):
        """The cell as text; dashes and the like are blank."""
        index = self.at.get(name)
        if index is None or (raw := cells[index]) == "":
            return ""
        found = text(raw)
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
            self.issue(problem.code, row, name, text(raw), detail=problem.detail, **who)
            if problem.value is None and problem.code == "phone_invalid":
                return text(raw)[:20]
            return None if problem.value == "" else problem.value
        if len(self._cache) >= REMEMBERED:
            self._cache.clear()
        self._cache[key] = value
        return value


_DIGITS = re.compile(r"\d{11,}")


def sample_of(value, item):
    """A value as it may stand beside the title of its column: masked as its field asks, and any long number where the field
    (`item`) is not known."""
    if item is not None and item.pii is not None:
        return hide(item.pii, value[:24])
    return (value if item else _DIGITS.sub(lambda match: hide(FieldClass.ID_NUMBER, match[0]), value))[:24]


def hide(kind, text):
    """A personal value as it may stand in a list of findings: enough to recognise the cell, not the person."""
    if len(text) <= 4:
        return text
    keep = 6 if kind is FieldClass.ID_NUMBER and len(text) >= 15 else 3 if len(text) >= 11 else 1
    return text[:keep] + "*" * (len(text) - keep - 2) + text[-2:]
