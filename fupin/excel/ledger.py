"""Files in which one row is one record (visits, pairings, projects): what their plans share."""

from dataclasses import dataclass, field

from fupin.excel import versions
from fupin.excel.changes import BAD, CLASH, NEW, OUT, Unit
from fupin.excel.imports import Rows

TOLD = 60
"""Characters of a value that an event repeats."""


@dataclass(slots=True, kw_only=True)
class Record:
    """One row. A bad one stays out."""

    rows: Rows
    row: int
    bad: bool = False
    state: str = ""
    """What writing did with it (fupin.excel.changes); set by `write`."""
    differences: list = field(default_factory=list)
    """`Value`s that it changed."""
    stamp: str = ""
    """Which state of the record the file was made from (fupin.excel.versions); "" where it does not say."""
    clash: bool = False
    """Whether the register has something newer that differs: the row stays out until somebody chooses."""

    def refuse(self, code, name="", value="", **more):
        """Add an error at this row and keep it out."""
        self.warn(code, name, value, **more)
        self.bad = True

    def warn(self, code, name="", value="", **more):
        self.rows.issue(code, self.row, name, value, **more)


class LedgerPlan:
    """Base of the plans: reads the tables row by row with `read_row`, without the database."""

    fields = ()
    in_parts = False
    """Whether what a row gives depends on nothing but rows that share one of its `links`: then a correction checks a
    part of the file only (fupin.excel.recheck)."""

    def __init__(self, tables, setting):
        self.tables, self.setting = tables, setting
        self.issues, self.records = [], []
        self.dropped = False
        for table in tables:
            rows = Rows(table, self.fields, self.issues)
            for number, cells in zip(table.numbers, table.rows):
                record = self.read_row(rows, number, cells)
                if number in table.hidden:
                    record.warn("hidden_row")
                self.records.append(record)

    def read_row(self, rows, number, cells):
        """The Record of one row, with its issues."""
        raise NotImplementedError

    @staticmethod
    def read_stamp(record, cells, owner):
        """Take the 数据版本 of a row that is about `owner`."""
        said = record.rows.word("row_version", cells)
        if said:
            record.stamp = versions.stamp_in(said, owner)
            if not record.stamp:
                record.warn("row_version_odd", "row_version", said, household=owner)

    def hold_back(self, record, stored, differences):
        """Keep a row out that says something else than the register, where that has changed since the file was made
        (`stored`: the stamp of what it has now) and the user has not chosen the file."""
        if not record.stamp or not differences or record.stamp == stored:
            return
        if getattr(record, "number", "") not in self.setting.take:
            record.clash, record.differences = True, differences

    @property
    def kept(self):
        """The records that go in."""
        if self.dropped:
            return []
        return [record for record in self.records if not record.bad and not record.clash]

    @property
    def clashes(self):
        """How many rows wait for a choice between file and register."""
        return 0 if self.dropped else sum(record.clash and not record.bad for record in self.records)

    def drop_all(self):
        self.dropped = True

    def links(self, record):
        """What a record shares with others: rows that are the same, rows of one household."""
        found = [("same", repr(record.same))] if hasattr(record, "same") else []
        if getattr(record, "number", ""):
            found.append(("number", record.number))
        if home := getattr(record, "household", None):  # once by its number, once by an ID number
            found.append(("home", home[0]))
        return tuple(found)

    def units(self):
        """Each record as a Unit, after `write`."""
        for record in self.records:
            state = (
                BAD if record.bad else OUT if self.dropped else CLASH if record.clash else record.state or NEW
            )
            place = (record.rows.table.sheet, record.row, state, "")
            yield Unit(
                getattr(record, "number", ""), state, [place], self.links(record), values=record.differences
            )

    def counts(self):
        """`(rows read, rows that go in, rows with an error)`."""
        good = len(self.kept)
        return len(self.records), good, len(self.records) - good - self.clashes


def told(values):
    """What an event says of `Value`s that were written: `{"changes": [[label, before, after]]}`, {} for none."""
    found = [[one.label, one.old[:TOLD], one.new[:TOLD]] for one in values]
    return {"changes": found} if found else {}


def plain_sum(amounts):
    """A sum of amounts as text, without places when it is whole: "134000"."""
    total = sum(amount for amount in amounts if amount is not None)
    return str(int(total)) if total == int(total) else f"{total:.2f}"
