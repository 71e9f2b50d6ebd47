"""One table of a sheet, as it was found or pointed at: its columns, its rows, what is known of them."""

import re
from dataclasses import dataclass, field

from fupin.accounts.pii import HIDDEN

_WHOLE = re.compile(rf"\*+|\*{{4,}}\w{{4}}|{HIDDEN}")
_NUMBER = re.compile(r"\d{6}\*{5,}\d{3}[\dX]|\d{3}\*{4,}\d{4}|\d\*{4,}[\d-]\d")


def letter_of(index):
    """Column letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass
class Table:
    """One table of a sheet. `columns` {field name: column index from 0}; `labels` {column index: header text}.

    Fields in `given` are in no column of the file: their values (a village named by a section row, the sheet or the
    title) stand in columns added behind the last. `dated` {field name: {year: column index}} where the header has
    the same field for several years. `half` marks a table of households without members, to be joined by number.
    """

    sheet: str
    kind: str
    header_rows: list
    columns: dict
    labels: dict
    units: dict
    numbers: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    hidden: frozenset = frozenset()
    errors: dict = field(default_factory=dict)
    uncached: frozenset = frozenset()
    epoch: int = 1900
    title: str = ""
    file: str = ""
    """The file in its zip that the sheet is of, "" where there is only one."""
    one_household: bool = False
    """Whether all rows are one household, known by its head's ID number where it has no number."""
    findings: list = field(default_factory=list)
    """`(code, field, value, detail, row)` that the reading itself came upon."""
    skipped: list = field(default_factory=list)
    """`(code, row number)` of rows that hold no data."""
    given: frozenset = frozenset()
    spread: frozenset = frozenset()
    """Indexes of columns that a given one was put together from."""
    dated: dict = field(default_factory=dict)
    half: bool = False
    unnumbered: bool = False
    """Whether households are known by their heads' ID numbers, since no column has numbers of theirs."""
    fewer: bool = False
    """Whether it has only what its kind can do with at the least (`Import.fewer`)."""
    hidden_columns: list = field(default_factory=list)
    gaps: frozenset = frozenset()
    """Rows above which the user left out a head whose people they are (fupin.excel.corrections)."""

    def leave_masked(self):
        """Take what is masked in a list of ours for blank: it says no more than that the stored value was not shown. An
        ID number stays, for it still tells whose row it is. A list in which most are whole is not masked; one without ID
        numbers may or may not be, so only what looks like nothing else counts."""
        kept = self.columns.get("id")
        numbers = [str(row[kept]) for row in self.rows if row[kept] != ""] if kept is not None else []
        if kept is not None and 2 * sum("*" in number for number in numbers) <= len(numbers):
            return
        masked = _is_masked if kept is None else _holds_stars
        self.rows = [  # not in place: what the file has is shown as it is
            ["" if at != kept and masked(cell) else cell for at, cell in enumerate(row)]
            if any(map(masked, row))
            else row
            for row in self.rows
        ]

    def letter(self, name):
        """The column letter of a field, "" where the file has no such column."""
        return letter_of(self.columns[name]) if name in self.columns and name not in self.given else ""

    def label(self, name):
        return self.labels.get(self.columns.get(name, -1), "")

    def place(self, name, row):
        """`(row, column letter)` at which to point out something about a field of a row."""
        return row, self.letter(name)

    def anchor(self, row):
        """The row that a finding about a whole household is put at, None where its sheet says enough."""
        return row

    @property
    def unused(self):
        """`(letter, header)` of columns that mean nothing to us."""
        used = {
            *self.columns.values(),
            *self.spread,
            *(index for years in self.dated.values() for index in years.values()),
        }
        return [
            (letter_of(index), label) for index, label in sorted(self.labels.items()) if index not in used
        ]

    @property
    def years(self):
        """The years that its headers speak of, where a field has more than one."""
        return sorted({year for years in self.dated.values() for year in years})

    def take_year(self, year):
        """Of columns for several years take those of `year`. Returns the labels of fields that have none for it."""
        missing = []
        for name, years in self.dated.items():
            if year in years:
                self.columns[name] = years[year]
            else:
                missing.append(self.label(name))
                self.columns.pop(name, None)
        return missing

    def give(self, name, values):
        """Add a column that the file does not have."""
        width = max(
            [
                *map(len, self.rows),
                *(index + 1 for index in self.labels),
                *(i + 1 for i in self.columns.values()),
            ]
        )
        self.columns[name] = width
        self.units[name] = 1
        self.given |= {name}
        self.rows[:] = [row + [""] * (width - len(row)) + [value] for row, value in zip(self.rows, values)]


def _holds_stars(cell):
    """Whether a cell may be what a person without the permission sees of a personal value (fupin.accounts.pii)."""
    return cell.__class__ is str and ("**" in cell or cell in ("*", HIDDEN))


def _is_masked(cell):
    """Whether a cell is nothing but that."""
    return _holds_stars(cell) and bool(_WHOLE.fullmatch(cell) or _NUMBER.search(cell))
