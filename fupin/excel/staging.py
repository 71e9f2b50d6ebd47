"""What a check found, kept beside the stored file: its rows, and what each of them would do.

A SQLite file of its own (docs/decisions/0022-staged-imports.md): made under a temporary name and put in place when it
is whole, mode 0600, thrown away with the file it belongs to. A page of rows is read by key and costs the same in a file
of 100 rows and of 100,000; after a correction only the units that it concerns are replaced.
"""

import json
import os
import sqlite3
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from pathlib import Path

from django.conf import settings

from fupin.crypt.boxes import Box, Unreadable, relid
from fupin.crypt.ring import ring
from fupin.excel.changes import OUT, units_of
from fupin.excel.forms import FormTable
from fupin.excel.reader import Book, Sheet
from fupin.excel.table import Table

BLOCK = 100
"""Rows of a sheet that are stored together."""

SUFFIX = ".rows"
FORMAT = 3
PURPOSE = "staged"

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sheets (n INTEGER PRIMARY KEY, name TEXT NOT NULL, head BLOB NOT NULL);
CREATE TABLE blocks (sheet INTEGER, block INTEGER, data BLOB NOT NULL, PRIMARY KEY (sheet, block)) WITHOUT ROWID;
CREATE TABLE tabs (n INTEGER PRIMARY KEY, head BLOB NOT NULL);
CREATE TABLE flat (pos INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE rows (pos INTEGER PRIMARY KEY, tab INTEGER NOT NULL, sheet INTEGER NOT NULL, at INTEGER NOT NULL, number INTEGER NOT NULL,
    unit INTEGER, state TEXT NOT NULL, own TEXT NOT NULL, worst INTEGER NOT NULL);
CREATE TABLE units (id INTEGER PRIMARY KEY, key TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE links (link INTEGER, unit INTEGER, PRIMARY KEY (link, unit)) WITHOUT ROWID;
CREATE TABLE issues (id INTEGER PRIMARY KEY, pos INTEGER, unit INTEGER, code TEXT NOT NULL, severity TEXT NOT NULL,
    place INTEGER NOT NULL, said INTEGER, data BLOB NOT NULL);
CREATE TABLE details (pos INTEGER PRIMARY KEY, data BLOB NOT NULL);
"""
_INDEXES = """
CREATE INDEX rows_place ON rows (tab, number);
CREATE INDEX rows_unit ON rows (unit);
CREATE INDEX rows_state ON rows (state, pos);
CREATE INDEX rows_worst ON rows (worst, pos) WHERE worst > 0;
CREATE INDEX units_key ON units (key);
CREATE INDEX links_unit ON links (unit);
CREATE INDEX issues_code ON issues (code, pos);
CREATE INDEX issues_severity ON issues (severity, pos);
CREATE INDEX issues_pos ON issues (pos, place);
CREATE INDEX issues_unit ON issues (unit);
"""
WEIGHT = {"error": 2, "warning": 1, "info": 0}
MANY = 500


class Missing(Exception):
    """There is no staged check for this file (any more), or it is not of this version of the product."""


# Cells: plain values as JSON; dates and times as one-word lists, which no cell ever is


def _special(value):
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, time):
        return ["time", value.isoformat()]
    if isinstance(value, timedelta):
        return ["delta", value.total_seconds()]
    raise TypeError(type(value).__name__)


_MAKE = {
    "datetime": datetime.fromisoformat, "date": date.fromisoformat, "time": time.fromisoformat,
    "delta": lambda seconds: timedelta(seconds=seconds),
}  # fmt: skip
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_special, check_circular=False)


class _Box(Box):
    """What a staged check is sealed with: the cells of a file are as personal as the file."""

    def pack(self, value):
        return self.seal(zlib.compress(self._plain(value), 1))

    def unpack(self, data):
        return json.loads(zlib.decompress(self.open(data)).decode("utf-8", "surrogatepass"))

    def put(self, value):
        """A short value, not worth compressing."""
        return self.seal(self._plain(value))

    def get(self, data):
        return json.loads(self.open(data).decode("utf-8", "surrogatepass"))

    def link(self, link):
        """A link as a number; two that fall together only make a correction check a few rows more."""
        return self.number(repr(link).encode("utf-8", "surrogatepass"))

    @staticmethod
    def _plain(value):
        return _encoder.encode(value).encode("utf-8", "surrogatepass")


def _cells(row):
    return [_MAKE[cell[0]](cell[1]) if cell.__class__ is list else cell for cell in row] if any(
        cell.__class__ is list for cell in row
    ) else row  # fmt: skip


@dataclass(slots=True)
class Line:
    """One row of the file as a page shows it. `worst`: 2 with an error, 1 with a warning. `cells` as read."""

    pos: int
    tab: int
    sheet: str
    number: int
    state: str
    unit: int | None
    key: str
    cells: list = field(default_factory=list)
    issues: list = field(default_factory=list)
    values: list = field(default_factory=list)


def path_of(batch_file):
    """Where the check of a stored file is kept."""
    return Path(f"{batch_file}{SUFFIX}")


def remove(batch_file):
    for suffix in (SUFFIX, f"{SUFFIX}-journal"):
        Path(f"{batch_file}{suffix}").unlink(missing_ok=True)


@contextmanager
def drafted(batch_file, outcome, version):
    """Write down the rows of `outcome.book` and what its plan told; the block is handed a function that puts it in
    place. Whole or not at all: the writing takes seconds, and is not for a transaction of the database."""
    target = path_of(batch_file)
    box = _Box.fresh(PURPOSE, target.name)
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = OFF")
            db.execute("PRAGMA synchronous = OFF")
            db.execute("BEGIN")
            for statement in _TABLES.split(";"):
                db.execute(statement)
            _save_book(db, box, outcome.book)
            if outcome.plan is not None:
                _save_check(db, box, outcome)
            else:
                _put_issues(db, box, outcome.issues, {}, [], frozenset())
            for statement in _INDEXES.split(";"):
                db.execute(statement)
            _set(db, format=FORMAT, version=version, lid=box.lid)
            db.execute("COMMIT")
        with open(draft, "rb+") as file:
            os.fsync(file.fileno())
        yield lambda: os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _save_book(db, box, book):
    _set(db, book=book.format, lost=json.dumps(book.lost, ensure_ascii=False))
    for n, sheet in enumerate(book.sheets):
        head = {
            "state": sheet.state, "epoch": sheet.epoch, "hidden": sorted(sheet.hidden), "count": len(sheet.rows),
            "errors": [[*place, error] for place, error in sheet.errors.items()],
            "uncached": sorted(sheet.uncached), "merges": sheet.merges, "file": sheet.file,
            "hidden_columns": sorted(sheet.hidden_columns),
        }  # fmt: skip
        db.execute("INSERT INTO sheets VALUES (?, ?, ?)", (n, sheet.name, box.pack(head)))
        db.executemany(
            "INSERT INTO blocks VALUES (?, ?, ?)",
            (
                (n, start // BLOCK, box.pack([sheet.numbers[start : start + BLOCK], sheet.rows[start : start + BLOCK]]))
                for start in range(0, len(sheet.rows), BLOCK)
            ),
        )  # fmt: skip


def _save_check(db, box, outcome):
    """The tables, their rows (those left out among them), units, links and issues.

    A row that stands in its sheet as it is points there; one that the layout made (from a form, say) is kept itself.
    """
    names = {sheet.name: n for n, sheet in enumerate(outcome.book.sheets)}
    where = [dict(zip(sheet.numbers, range(len(sheet.numbers)))) for sheet in outcome.book.sheets]
    places, lines, flat = {}, [], []
    for tab, (table, (numbers, rows)) in enumerate(zip(outcome.tables, outcome.originals)):
        n = names.get(table.sheet, 0)
        db.execute("INSERT INTO tabs VALUES (?, ?)", (tab, box.pack(_head_of(table))))
        found, sheet_rows, index = places.setdefault(table.sheet, {}), outcome.book.sheets[n].rows, where[n]
        for number, row in zip(numbers, rows):
            pos, at = len(lines), index.get(number, -1)
            if at < 0 or (row is not sheet_rows[at] and not _as_read(row, sheet_rows[at])):
                flat.append((pos, box.pack(row)))
            found[number] = pos
            lines.append([pos, tab, n, at, number, None, OUT, "", 0])
    _put_units(db, box, units_of(outcome.plan), places, lines, first_unit=1)
    _put_issues(db, box, outcome.issues, places, lines, outcome.spec.plain)
    db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", lines)
    db.executemany("INSERT INTO flat VALUES (?, ?)", flat)


def _as_read(row, read):
    """Whether a row of a table is that of its sheet, but for blanks at its end."""
    return row[: len(read)] == read and not any(row[len(read) :])


def _head_of(table):
    """A table without its rows, as JSON can hold it."""
    head = {
        "sheet": table.sheet, "kind": table.kind, "header_rows": table.header_rows, "columns": table.columns,
        "labels": table.labels, "units": table.units, "epoch": table.epoch, "title": table.title,
        "hidden": sorted(table.hidden), "errors": [[*place, error] for place, error in table.errors.items()],
        "uncached": sorted(table.uncached), "file": table.file, "one_household": table.one_household,
        "findings": table.findings, "given": sorted(table.given), "half": table.half,
        "unnumbered": table.unnumbered, "fewer": table.fewer,
        "hidden_columns": table.hidden_columns,
        "dated": {name: list(years.items()) for name, years in table.dated.items()},
    }  # fmt: skip
    if isinstance(table, FormTable):
        head["form"] = {
            "alone": table.alone, "captions": table.captions, "places": list(table.places.items()),
        }  # fmt: skip
    return head


def _table_of(head):
    """The table that `_head_of` kept."""
    form = head.get("form")
    more = (
        {
            "alone": form["alone"], "captions": form["captions"],
            "places": {tuple(key) if isinstance(key, list) else key: tuple(place) for key, place in form["places"]},
        }
        if form
        else {}
    )  # fmt: skip
    return (FormTable if form else Table)(
        head["sheet"], head["kind"], head["header_rows"], head["columns"],
        {int(index): label for index, label in head["labels"].items()}, head["units"],
        hidden=frozenset(head["hidden"]), errors={(row, column): error for row, column, error in head["errors"]},
        uncached=frozenset((row, column) for row, column in head["uncached"]), epoch=head["epoch"],
        title=head["title"], file=head["file"], one_household=head["one_household"],
        findings=[tuple(found) for found in head["findings"]], given=frozenset(head["given"]), half=head["half"],
        unnumbered=head["unnumbered"], fewer=head["fewer"],
        hidden_columns=head["hidden_columns"], dated={name: dict(years) for name, years in head["dated"].items()}, **more,
    )  # fmt: skip


def _put_units(db, box, units, places, lines, first_unit):
    kept, links, details = [], [], []
    for number, unit in enumerate(units, first_unit):
        kept.append((number, unit.key, unit.state))
        links += [(link, number) for link in {box.link(link) for link in unit.links}]
        if len(links) > MANY * 20:
            db.executemany("INSERT INTO links VALUES (?, ?)", links)
            links.clear()
        sheets = {row: where for where, row, *_ in reversed(unit.rows)}
        for where, row, state, own in unit.rows:
            line = lines[places[where][row]]
            line[5:8] = number, state, own
        if unit.values:
            by_row = {}
            for value in unit.values:
                by_row.setdefault(value.row, []).append(value.as_list())
            details += [(places[sheets[row]][row], box.put(values)) for row, values in by_row.items()]
    db.executemany("INSERT INTO units VALUES (?, ?, ?)", kept)
    db.executemany("INSERT INTO links VALUES (?, ?)", links)
    db.executemany("INSERT INTO details VALUES (?, ?)", details)


def _put_issues(db, box, issues, places, lines, plain):
    """`said` is a number for the field and its value, of the fields `plain`: equal ones are counted without being opened."""
    rows = []
    for place, issue in enumerate(issues):
        here = places.get(
            issue.sheet, {}
        )  # in a form a value stands in a row of its own: shown with the first
        pos = here.get(issue.line or issue.row)
        if pos is None and issue.row is not None:
            going = (at for at in here.values() if lines[at][5] is not None)
            pos = min(going, default=min(here.values(), default=None))
        unit = None
        if pos is not None:
            line = lines[pos]
            unit = line[5]
            line[8] = max(line[8], WEIGHT[issue.severity])
        said = box.link((issue.field, issue.value)) if issue.value and issue.field in plain else None
        rows.append((pos, unit, issue.code, issue.severity, place, said, box.put(issue.as_dict())))
    db.executemany(
        "INSERT INTO issues (pos, unit, code, severity, place, said, data) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
    )


def _set(db, **values):
    db.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(name, str(value)) for name, value in values.items()]
    )


def padded(cells, table):
    """The cells of a row, as wide as the table's columns need."""
    width = max(table.columns.values(), default=-1) + 1
    return cells + [""] * (width - len(cells)) if len(cells) < width else cells


class Staged:
    """The kept check of one file, open for reading (and, within `changing`, for replacing units)."""

    def __init__(self, db, name):
        self.db = db
        meta = dict(db.execute("SELECT name, value FROM meta"))
        if meta.get("format") != str(FORMAT):
            raise Missing
        self.box = _Box(meta["lid"], PURPOSE, name)
        self.format, self.version = meta["book"], int(meta["version"])
        self.lost = [tuple(member) for member in json.loads(meta["lost"])]
        self.sheets = dict(db.execute("SELECT n, name FROM sheets"))

    # The file as read

    def book(self):
        """The whole book, as the reader gave it."""
        sheets = []
        for n, name, head in self.db.execute("SELECT n, name, head FROM sheets ORDER BY n"):
            numbers, rows = [], []
            for (data,) in self.db.execute("SELECT data FROM blocks WHERE sheet = ? ORDER BY block", (n,)):
                block_numbers, block_rows = self.box.unpack(data)
                numbers += block_numbers
                rows += [_cells(row) for row in block_rows]
            sheets.append(self._sheet(name, self.box.unpack(head), numbers, rows))
        return Book(self.format, sheets, lost=self.lost)

    def pages(self):
        """`(Sheet without rows, function that gives its (number, cells) one by one)`, in order."""
        for n, name, head in self.db.execute("SELECT n, name, head FROM sheets ORDER BY n").fetchall():
            yield self._sheet(name, self.box.unpack(head), [], []), partial(self._rows_in, n)

    def _rows_in(self, n):
        for (data,) in self.db.execute("SELECT data FROM blocks WHERE sheet = ? ORDER BY block", (n,)):
            numbers, rows = self.box.unpack(data)
            yield from zip(numbers, map(_cells, rows))

    def start(self, blocks=1):
        """The book cut after its first rows: where headers stand, and a few rows of data."""
        sheets = []
        for n, name, head in self.db.execute("SELECT n, name, head FROM sheets ORDER BY n"):
            numbers, rows = [], []
            found = self.db.execute(
                "SELECT data FROM blocks WHERE sheet = ? AND block < ? ORDER BY block", (n, blocks)
            )
            for (data,) in found:
                block_numbers, block_rows = self.box.unpack(data)
                numbers += block_numbers
                rows += [_cells(row) for row in block_rows]
            sheets.append(self._sheet(name, self.box.unpack(head), numbers, rows))
        return Book(self.format, sheets, lost=self.lost)

    @staticmethod
    def _sheet(name, head, numbers, rows):
        return Sheet(
            name, head["state"], numbers, rows, frozenset(head["hidden"]),
            {(row, column): error for row, column, error in head["errors"]},
            frozenset((row, column) for row, column in head["uncached"]),
            [tuple(merge) for merge in head["merges"]], head["epoch"], frozenset(head["hidden_columns"]), head["file"],
        )  # fmt: skip

    def sizes(self):
        """`{sheet name: rows}` of the file."""
        return {
            name: self.box.unpack(head)["count"]
            for name, head in self.db.execute("SELECT name, head FROM sheets")
        }

    def cells(self, places):
        """`{position: cells}` for `(position, sheet number, at)`, read block by block."""
        wanted = {}
        for pos, sheet, at in places:
            wanted.setdefault((sheet, at // BLOCK), []).append((pos, at % BLOCK))
        found = {}
        for (sheet, block), here in wanted.items():
            if block >= 0:
                row = self.db.execute(
                    "SELECT data FROM blocks WHERE sheet = ? AND block = ?", (sheet, block)
                ).fetchone()
                rows = self.box.unpack(row[0])[1]
                found |= {pos: _cells(rows[offset]) for pos, offset in here}
        for pos, data in self._in("SELECT pos, data FROM flat WHERE pos IN", [pos for pos, *_ in places]):
            found[pos] = _cells(self.box.unpack(data))
        return found

    @cached_property
    def heads(self):
        """The tables without their rows, in order."""
        return [
            _table_of(self.box.unpack(data))
            for (data,) in self.db.execute("SELECT head FROM tabs ORDER BY n")
        ]

    def part(self, positions):
        """The tables with these rows only, in the order of the file: what a few units are checked again with."""
        places = self._in(
            "SELECT pos, tab, sheet, at, number FROM rows WHERE pos IN",
            sorted(positions),
            order="ORDER BY pos",
        )
        cells = self.cells([(pos, sheet, at) for pos, _, sheet, at, _ in places])
        tables = [replace(head, numbers=[], rows=[], skipped=[]) for head in self.heads]
        for pos, tab, _, _, number in places:
            table = tables[tab]
            table.numbers.append(number)
            table.rows.append(padded(cells[pos], table))
        return tables

    # What the check found

    def states(self):
        """`{state: rows}`."""
        return dict(self.db.execute("SELECT state, COUNT(*) FROM rows GROUP BY state"))

    def left_out(self):
        """How many rows the user left out."""
        return self.db.execute("SELECT COUNT(*) FROM rows WHERE unit IS NULL").fetchone()[0]

    def tally(self):
        """`({state: units}, {state: persons})`; no persons in a ledger."""
        units = dict(self.db.execute("SELECT state, COUNT(*) FROM units GROUP BY state"))
        people = dict(self.db.execute("SELECT own, COUNT(*) FROM rows WHERE own != '' GROUP BY own"))
        return units, people

    def groups(self):
        """`[(code, severity, how many, first row)]` of the issues, errors first, the commonest first."""
        found = self.db.execute(
            "SELECT i.code, i.severity, COUNT(*), MIN(i.pos) FROM issues i GROUP BY i.code, i.severity"
        ).fetchall()
        numbers = dict(
            self._in(
                "SELECT pos, number FROM rows WHERE pos IN", [pos for *_, pos in found if pos is not None]
            )
        )
        made = [(code, severity, count, numbers.get(pos)) for code, severity, count, pos in found]
        return sorted(made, key=lambda g: (-WEIGHT[g[1]], -g[2], g[0]))

    def issues(self, limit=None):
        """Issues as dicts, in the order of the file."""
        found = self.db.execute(
            "SELECT data FROM issues ORDER BY pos IS NOT NULL, pos, place LIMIT ?",
            (-1 if limit is None else limit,),
        )
        return [self.box.get(data) for (data,) in found]

    def count_issues(self):
        """`{severity: how many}`."""
        return dict(self.db.execute("SELECT severity, COUNT(*) FROM issues GROUP BY severity"))

    def positions(self, *, state="", code="", severity="", problem=False, after=-1, before=None, limit=50):
        """The positions of a page of rows, by key: those after `after`, or the last ones before `before`."""
        table, where, values = "rows", [], []
        if code or severity:
            table, column = "issues", "code" if code else "severity"
            where, values = [f"{column} = ?", "pos IS NOT NULL"], [code or severity]
        elif state:
            where, values = ["state = ?"], [state]
        elif problem:
            where = ["worst > 0"]
        where.append("pos < ?" if before is not None else "pos > ?")
        values.append(before if before is not None else after)
        order = "DESC" if before is not None else "ASC"
        sql = f"SELECT DISTINCT pos FROM {table} WHERE {' AND '.join(where)} ORDER BY pos {order} LIMIT ?"  # noqa: S608 - words of ours
        found = [pos for (pos,) in self.db.execute(sql, (*values, limit))]
        return sorted(found)

    def unnumbered_rows(self, marks):
        """`(sheet, row, column from 1, number)` of the rows with something to say whose household's number stands in another
        row only: sent back alone, they would be taken for people of the household above them."""
        asked = {
            tab: head.columns["hh_no"] for tab, head in enumerate(self.heads)
            if "relation" in head.columns and "hh_no" in head.columns and not isinstance(head, FormTable)
        }  # fmt: skip
        if not asked:
            return
        found = self.db.execute("SELECT r.pos, r.tab, r.sheet, r.at, r.number, u.key FROM rows r JOIN units u ON u.id = r.unit WHERE u.key != ''")  # fmt: skip
        rows = [row for row in found if row[1] in asked and row[4] in marks[self.sheets[row[2]]].rows]
        cells = self.cells([(pos, sheet, at) for pos, _, sheet, at, _, _ in rows])
        for pos, tab, sheet, _, number, key in rows:
            index = asked[tab]
            if index >= len(cells[pos]) or cells[pos][index] == "":
                yield self.sheets[sheet], number, index + 1, key

    def kept_out(self):
        """`(sheet, row, state, worst)` of the rows that do not go in as they stand."""
        found = self.db.execute(
            "SELECT tab, number, state, worst FROM rows WHERE state IN ('bad', 'clash', 'out') ORDER BY pos"
        )
        return [(self.heads[tab].sheet, number, state, worst) for tab, number, state, worst in found]

    def rows_with(self, code):
        """The places `(sheet, row)` of all rows with an issue of this code; whole units where it keeps a unit out."""
        found = self.db.execute(
            "SELECT r.tab, r.number FROM rows r WHERE r.pos IN (SELECT pos FROM issues WHERE code = ?1) "
            "OR r.unit IN (SELECT u.id FROM issues i JOIN units u ON u.id = i.unit WHERE i.code = ?1 AND u.state = 'bad' "
            "AND i.severity = 'error')",
            (code,),
        )
        return [(self.heads[tab].sheet, number) for tab, number in found]

    def alike(self, code, most):
        """`[(field, value, how many)]` of what stands wrong in cells with an issue of this code, the commonest first."""
        found = self.db.execute(
            "SELECT COUNT(*), MIN(id), data FROM issues WHERE code = ? AND pos IS NOT NULL AND said IS NOT NULL "
            "GROUP BY said ORDER BY 1 DESC, 2 LIMIT ?",
            (code, most),
        )
        issues = ((count, self.box.get(data)) for count, _, data in found)
        return [(issue["field"], issue["value"], count) for count, issue in issues]

    def holding(self, code, field, value):
        """The positions of the cells with an issue of this code that hold `value` in `field`, in the order of the file."""
        found = self.db.execute(
            "SELECT DISTINCT pos FROM issues WHERE code = ? AND pos IS NOT NULL AND said = ? ORDER BY pos",
            (code, self.box.link((field, value))),
        )
        return [pos for (pos,) in found]

    def lines(self, positions):
        """`Line`s of these positions, with cells, issues and what would change, in a fixed number of queries."""
        positions = list(positions)
        rows = self._in(
            "SELECT r.pos, r.sheet, r.at, r.number, r.unit, r.state, COALESCE(u.key, ''), r.tab FROM rows r "
            "LEFT JOIN units u ON u.id = r.unit WHERE r.pos IN", positions, order="ORDER BY r.pos",
        )  # fmt: skip
        cells = self.cells([(pos, sheet, at) for pos, sheet, at, *_ in rows])
        lines = {
            pos: Line(
                pos, tab, self.heads[tab].sheet, number, state, unit, key, padded(cells[pos], self.heads[tab])
            )
            for pos, _, _, number, unit, state, key, tab in rows
        }
        for pos, data in self._in(
            "SELECT pos, data FROM issues WHERE pos IN", positions, order="ORDER BY pos, place"
        ):
            lines[pos].issues.append(self.box.get(data))
        for pos, data in self._in("SELECT pos, data FROM details WHERE pos IN", positions):
            lines[pos].values = self.box.get(data)
        return list(lines.values())

    def pos_of(self, places):
        """`{(sheet, row): position}` of those places that are rows of the tables."""
        found = {}
        for tab, head in enumerate(self.heads):
            rows = [row for where, row in places if where == head.sheet]
            for number, pos in self._in(
                "SELECT number, pos FROM rows WHERE tab = ? AND number IN", rows, first=(tab,)
            ):
                found[head.sheet, number] = pos
        return found

    def places_of(self, positions):
        """`{position: (sheet, row)}`."""
        rows = self._in("SELECT pos, tab, number FROM rows WHERE pos IN", list(positions))
        return {pos: (self.heads[tab].sheet, number) for pos, tab, number in rows}

    def apart(self, most):
        """The first findings that stand at no row of the tables: files of an archive, whole forms, whole sheets."""
        rows = self.db.execute("SELECT data FROM issues WHERE pos IS NULL ORDER BY place LIMIT ?", (most,))
        return [self.box.get(data) for (data,) in rows]

    def states_of(self, positions):
        """`{position: state}`."""
        return dict(self._in("SELECT pos, state FROM rows WHERE pos IN", sorted(positions)))

    # Related units

    def neighbours(self, positions):
        """The units before, at and after these rows, those left out not counted."""
        found = set()
        for pos in positions:
            rows = self.db.execute(
                "SELECT unit FROM rows WHERE pos = ?1 UNION ALL "
                "SELECT unit FROM (SELECT unit FROM rows WHERE pos < ?1 AND unit IS NOT NULL ORDER BY pos DESC LIMIT 1) "
                "UNION ALL SELECT unit FROM (SELECT unit FROM rows WHERE pos > ?1 AND unit IS NOT NULL ORDER BY pos LIMIT 1)",
                (pos,),
            )
            found |= {unit for (unit,) in rows if unit is not None}
        return found

    def sharing(self, units):
        """Those units and all that share a link with one of them."""
        found = set(units)
        links = [link for (link,) in self._in("SELECT DISTINCT link FROM links WHERE unit IN", sorted(units))]
        found |= {unit for (unit,) in self._in("SELECT DISTINCT unit FROM links WHERE link IN", links)}
        return found

    def with_links(self, links):
        """The units that have one of these links."""
        rows = self._in(
            "SELECT DISTINCT unit FROM links WHERE link IN", [self.box.link(link) for link in links]
        )
        return {unit for (unit,) in rows}

    def with_keys(self, keys):
        """The units with one of these keys."""
        return {unit for (unit,) in self._in("SELECT id FROM units WHERE key IN", list(keys))}

    def units_at(self, positions):
        """The units that these rows belong to."""
        rows = self._in("SELECT DISTINCT unit FROM rows WHERE unit IS NOT NULL AND pos IN", sorted(positions))
        return {unit for (unit,) in rows}

    def rows_of(self, units):
        """Positions of all rows of these units."""
        return {pos for (pos,) in self._in("SELECT pos FROM rows WHERE unit IN", sorted(units))}

    def replace(self, old_units, positions, units, issues, version, plain):
        """Put newly checked `units` and their `issues` in the place of `old_units`; `positions` are all rows concerned."""
        self._many("DELETE FROM issues WHERE unit IN", old_units)
        self._many("DELETE FROM links WHERE unit IN", old_units)
        self._many("DELETE FROM units WHERE id IN", old_units)
        self._many("DELETE FROM details WHERE pos IN", positions)
        places, lines = {}, {}
        rows = self._in("SELECT pos, tab, sheet, at, number FROM rows WHERE pos IN", sorted(positions))
        for pos, tab, sheet, at, number in rows:
            places.setdefault(self.heads[tab].sheet, {})[number] = pos
            lines[pos] = [pos, tab, sheet, at, number, None, OUT, "", 0]
        first = self.db.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM units").fetchone()[0]
        _put_units(self.db, self.box, units, places, lines, first)
        _put_issues(self.db, self.box, issues, places, lines, plain)
        self.db.executemany(
            "UPDATE rows SET unit = ?, state = ?, own = ?, worst = ? WHERE pos = ?",
            [(*line[5:9], pos) for pos, line in lines.items()],
        )
        _set(self.db, version=version)

    def _in(self, sql, values, *, order="", first=()):
        found = []
        for start in range(0, len(values), MANY):
            chunk = values[start : start + MANY]
            marks = ", ".join("?" * len(chunk))
            found += self.db.execute(f"{sql} ({marks}) {order}", (*first, *chunk)).fetchall()
        return found

    def _many(self, sql, values):
        values = sorted(values)
        for start in range(0, len(values), MANY):
            chunk = values[start : start + MANY]
            self.db.execute(f"{sql} ({', '.join('?' * len(chunk))})", chunk)


@contextmanager
def opened(batch_file):
    """The staged check of a file. Raises Missing."""
    with _connected(batch_file, "ro") as db:
        yield _staged(db, path_of(batch_file).name)


@contextmanager
def changing(batch_file):
    """The staged check for changing it: all of the block counts, or nothing. Raises Missing."""
    with _connected(batch_file, "rw") as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        yield _staged(db, path_of(batch_file).name)
        db.execute("COMMIT")


def _connected(batch_file, mode):
    path = path_of(batch_file)
    if not path.is_file():
        raise Missing
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return closing(sqlite3.connect(address, uri=True, timeout=10, isolation_level=None))


def _staged(db, name):
    try:
        return Staged(db, name)
    except (sqlite3.DatabaseError, Unreadable) as error:
        raise Missing from error


def _lids():
    """`(path, lid)` of every staged check."""
    for path in sorted(settings.FILES.rglob(f"*{SUFFIX}")):
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            found = db.execute("SELECT value FROM meta WHERE name = 'lid'").fetchone()
        if found:
            yield path, found[0]


def relid_all():
    """Seal the keys of all staged checks with the current key of the ring; how many were not."""
    count = 0
    for path, lid in _lids():
        fresh = relid(lid, PURPOSE, path.name)
        if fresh != lid:
            with closing(sqlite3.connect(path, timeout=10)) as db, db:
                db.execute("UPDATE meta SET value = ? WHERE name = 'lid' AND value = ?", (fresh, lid))
            count += 1
    return count


def old_lids():
    """The heads of keys other than the current one that staged checks still name."""
    return {head for _, lid in _lids() if (head := lid.partition(".")[0]) != ring().current.head}
