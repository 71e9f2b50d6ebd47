"""One household on a sheet: label-value pairs around a member table, read into a Table of one row a person.

A form is known by its member table (姓名 beside 与户主关系 or the ID number, without 户编号) and by what stands
around it. Which labels mean which field is the `Vocabulary` of the kind; nothing here knows a household.
"""

from dataclasses import dataclass, field

from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.form_folds import row_of, unfolded
from fupin.excel.form_reading import HEAD, Fact, Form
from fupin.excel.form_sheet import Grid, Header, header_of, is_list, is_titled, segments
from fupin.excel.table import Table, letter_of
from fupin.excel.titles import unit_of

FIRST_WITHIN = 40
"""Rows within which the first member table begins."""

LONGEST_SHEET = 40_000


@dataclass
class FormTable(Table):
    """The people of one form, one row each, with the household's facts repeated on every row.

    `places` says where a value really stands: {field or (row number, field): (row number, column letter)}.
    """

    alone: bool = True
    one_household: bool = True
    captions: list = field(default_factory=list)
    """What stands above the member table and is no label."""
    places: dict = field(default_factory=dict)
    unread: list = field(default_factory=list)
    """`(column letter, label)` of what the form says besides and nobody understands."""

    @classmethod
    def of(cls, table, kind, columns, labels, made):
        """What `table` says in other lines, none yet: `columns` {field name: index} of which those in `made` {field name:
        title} are put together from others. `labels` {index: title} of the table."""
        plain = {index: label.replace("\n", "") for index, label in labels.items()}
        return cls(
            sheet=table.sheet, kind=kind, header_rows=table.header_rows, columns=columns,
            labels={index: plain.get(index, "") for name, index in columns.items() if name not in made}
            | {columns[name]: label for name, label in made.items()},
            units={name: table.units.get(name, 1) for name in columns}, epoch=table.epoch, title=table.title,
            file=table.file, skipped=table.skipped, one_household=False, alone=False,
            given=(table.given & columns.keys()) | made.keys(), hidden_columns=table.hidden_columns,
            findings=list(table.findings),
        )  # fmt: skip

    def copy_lines(self, table):
        """Take the lines of `table` as they stand, but for their cells: one each, at the same rows."""
        self.numbers, self.hidden = list(table.numbers), table.hidden
        self.errors, self.uncached = dict(table.errors), table.uncached

    @property
    def unused(self):
        return super().unused + self.unread

    def leave_unread(self, labels, used):
        """Tell which columns of `labels` nobody reads: all but those `used`."""
        self.unread = [
            (letter_of(at), label.replace("\n", "")) for at, label in labels.items() if at not in used
        ]

    def stands(self, number, name, sheet, row, index, uncached):
        """The value of `name` in line `number` stands in `sheet` at `row` and the column `index`: what is wrong with that
        cell is wrong with it. A formula without a value goes to `uncached`, a set of the reader's."""
        self.places[number, name] = (row, letter_of(index))
        here, there = (number, self.columns[name] + 1), (row, index + 1)
        if there in sheet.errors:
            self.errors[here] = sheet.errors[there]
        if there in sheet.uncached:
            uncached.add(here)

    def add(self, name, value, label, place=(None, "")):
        """Give every row the value of a field that the file tells elsewhere: in its title, or its name."""
        if name not in self.columns:
            self.columns[name] = max((*self.columns.values(), *self.labels), default=-1) + 1
            self.labels[self.columns[name]] = label
            self.units[name] = 1
        index = self.columns[name]
        self.places[name] = place
        for cells in self.rows:
            cells.extend([""] * (index + 1 - len(cells)))
            cells[index] = value

    def said(self, name):
        """The text of a household's fact, "" where the form is silent."""
        index = self.columns.get(name)
        found = text(self.rows[0][index]) if index is not None and self.rows else ""
        return "" if found in BLANKS else found

    def letter(self, name):
        place = self.places.get(name)
        return place[1] if place else super().letter(name)

    def place(self, name, row):
        found = self.places.get((row, name)) or self.places.get(name)
        return found or (row_of(row), super().letter(name))

    def anchor(self, row):
        return None if self.alone else row_of(row)


def find_forms(sheet, kind, words):
    """The forms of a sheet as FormTables, [] when it is none. A blank form gives a table without rows."""
    if len(sheet.numbers) > LONGEST_SHEET:
        return []
    grid = Grid(sheet)
    if is_list(grid, words):
        return []
    fold = unfolded(sheet, words)
    if fold is not None and (found := _forms_of(fold.sheet, Grid(fold.sheet), kind, words)):
        return [_brought_back(table, fold) for table in found]
    return _forms_of(sheet, grid, kind, words)


def _forms_of(sheet, grid, kind, words):
    if header_of(grid, sheet.numbers, words, within=FIRST_WITHIN) is None and not is_titled(grid, words):
        return []
    forms = [Form(grid, numbers, words) for numbers in segments(grid, words)]
    forms = [form for form in forms if form.found]
    filled = [form for form in forms if form.people or "id" in form.head and form.head_name]
    return [_Builder(form, sheet, kind, len(filled) <= 1).build() for form in filled or forms[:1]]


def _brought_back(table, fold):
    """The table of a sheet that was laid out anew, its rows and places as in the file."""
    own = {index: name for name, index in table.columns.items() if name not in table.places}
    for (row, column), (at, to) in fold.origin.items():
        if column in own and row in table.numbers:
            table.places.setdefault((row, own[column]), (at, letter_of(to)))
    real = fold.numbers
    table.numbers = [real.get(row, row) for row in table.numbers]
    table.places = {
        (real.get(key[0], key[0]), key[1]) if isinstance(key, tuple) else key: (real_row(place[0]), place[1])
        for key, place in table.places.items()
    }  # fmt: skip
    table.errors = {(real.get(row, row), column): error for (row, column), error in table.errors.items()}
    table.uncached = frozenset((real.get(row, row), column) for row, column in table.uncached)
    table.hidden = frozenset(real.get(row, row) for row in table.hidden)
    table.skipped = [(code, real_row(row)) for code, row in table.skipped]
    table.findings = [(*found[:-1], real_row(found[-1])) for found in table.findings]
    return table


def real_row(row):
    """The row of the file in which a row of a sheet laid out anew stands."""
    return row if row is None else int(row)


class _Builder:
    """Makes the table of a form."""

    def __init__(self, form, sheet, kind, alone):
        self.form, self.sheet = form, sheet
        header = form.header or Header([], {}, {})
        self.columns, self.width = {}, max(header.labels, default=-1) + 1
        people = {
            (fact.row, fact.column) for fact in (form.facts.get("head_name"), form.head.get("name")) if fact
        }
        title = [
            text(cell) for row, column, cell in form.captions
            if (not header.rows or row < header.rows[0]) and (row, column) not in people
        ]  # fmt: skip
        self.out = FormTable(
            sheet=sheet.name, kind=kind, header_rows=header.rows, columns=self.columns,
            labels={column: text(label) for column, label in header.labels.items()}, units={}, epoch=sheet.epoch,
            hidden=sheet.hidden, title=" ".join(title), skipped=form.skipped, captions=title,
            file=sheet.file, alone=alone,
        )  # fmt: skip
        self.own = dict(header.columns)
        self.rows, self.borrowed = {}, {}

    def build(self):
        form, out = self.form, self.out
        people = [name for name in self.own if name in form.words.person.values()]
        for name in people:
            self.columns[name] = self.own[name]
            out.units[name] = unit_of(out.labels[self.own[name]])
        for row in form.people:
            self.rows[row] = {name: form.grid.cell(row, self.own[name]) for name in people}
        head = self._head()
        for name, column in self.own.items():  # a fact of the household told in the member table: the head's
            if name not in self.columns and name not in form.facts:
                at = next(
                    (row for row in (head, *form.people) if row and form.grid.cell(row, column) != ""), None
                )
                if at:
                    form.facts[name] = Fact(
                        name, form.grid.cell(at, column), at, column, out.labels.pop(column)
                    )
        for fact in form.facts.values():
            self._fact(fact)
        self._fill()
        out.unread = [*form.unread.values()]
        return out

    def _head(self):
        """The row of the head, taken from the block where the member table leaves it out; None without one."""
        form = self.form
        said = {name: compact(text(fact.value)) for name, fact in form.head.items()}
        name = form.head_name
        marked = [row for row, values in self.rows.items() if compact(text(values.get("relation", ""))) in HEAD]  # fmt: skip
        same = [
            row for row, values in self.rows.items()
            if said.get("id") and compact(text(values.get("id", ""))).upper() == said["id"].upper()
            or name and not said.get("id") and compact(text(values.get("name", ""))) == name
        ]  # fmt: skip
        row = marked[0] if marked else same[0] if same else None
        if row is None and "id" in said and name:
            row = form.head["id"].row
            self.rows = {row: {}} | self.rows
        if row is None:
            return None
        if not marked and compact(text(self.rows[row].get("relation", ""))) in BLANKS:
            self._set(row, "relation", "户主", None)
        if (
            said.get("id")
            and marked
            and (own := compact(text(self.rows[row].get("id", ""))))
            and own.upper() != said["id"].upper()
        ):
            fact = form.head["id"]
            self.out.places[fact.row, "id"] = (fact.row, letter_of(fact.column))
            self.out.findings.append(
                (
                    "head_id_mismatch",
                    "id",
                    fact.value,
                    f"第 {fact.row} 行与第 {row} 行的号码不同，请核对",
                    fact.row,
                )
            )
        for fact in form.head.values():
            if self.rows[row].get(fact.name, "") == "":
                self._set(row, fact.name, fact.value, fact)
        if (
            "name" not in form.head
            and (fact := form.facts.get("head_name"))
            and not self.rows[row].get("name")
        ):
            self._set(row, "name", fact.value, fact)
        return row

    def _place(self, row, name):
        """`(row, column)`, both from 1, where a value stands in the sheet."""
        fact = self.form.facts.get(name) or self.borrowed.get((row, name))
        if fact:
            return fact.row, fact.column + 1
        return row, self.own.get(name, -1) + 1

    def _set(self, row, name, value, fact):
        self._column(name, fact.label if fact else "")
        self.rows[row][name] = value
        if fact:
            self.borrowed[row, name] = fact
            self.out.places[row, name] = (fact.row, letter_of(fact.column))

    def _column(self, name, label):
        if name not in self.columns:
            self.columns[name] = self.width
            self.out.labels[self.width] = text(label).strip(":：") or name
            self.out.units[name] = unit_of(label)
            self.width += 1

    def _fact(self, fact):
        self._column(fact.name, fact.label)
        self.out.units[fact.name] = unit_of(fact.label)
        self.out.places[fact.name] = (fact.row, letter_of(fact.column))
        for values in self.rows.values():
            values[fact.name] = fact.value

    def _fill(self):
        """Rows of cells, with the marks of the sheet's cells brought to where the cells stand now."""
        out, sheet = self.out, self.sheet
        uncached = set()
        for row, values in self.rows.items():
            cells = [""] * self.width
            for name, value in values.items():
                cells[self.columns[name]] = value
            out.numbers.append(row)
            out.rows.append(cells)
            for name in values:
                column = self.columns[name]
                place = self._place(row, name)
                if place in sheet.errors:
                    out.errors[row, column + 1] = sheet.errors[place]
                if place in sheet.uncached:
                    uncached.add((row, column + 1))
        out.uncached = frozenset(uncached)
