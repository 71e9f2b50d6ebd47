"""What the user changed after reading a file: cells, rows left out, households where the file wins.

Kept in the batch as `{"cells": {sheet: {row: {field: text}}}, "out": {sheet: [rows]}, "take": [household numbers]}`;
the file itself is never touched. Applied to the tables before anything is cleaned, for a check as for the writing.
"""

from dataclasses import dataclass, field

from fupin.excel.cleaning import compact, text
from fupin.excel.form_reading import HEAD

MAX_CELLS = 20_000
"""Cells that may be corrected in one import; whoever has more corrects the workbook."""

TOO_MANY = f"一份表里最多更正 {MAX_CELLS:,} 格，请在 Excel 里改好后重新上传。"

LONGEST = 2_000
"""Characters of one corrected cell."""


@dataclass
class Edits:
    """The corrections of one import. Rows are numbers as the spreadsheet counts."""

    cells: dict = field(default_factory=dict)
    out: dict = field(default_factory=dict)
    take: set = field(default_factory=set)

    @classmethod
    def read(cls, kept):
        """From what a batch keeps (see the module)."""
        return cls(
            {
                sheet: {int(row): dict(values) for row, values in rows.items()}
                for sheet, rows in kept.get("cells", {}).items()
            },
            {sheet: set(rows) for sheet, rows in kept.get("out", {}).items()},
            set(kept.get("take", ())),
        )

    def kept(self):
        """For the batch, in a fixed order."""
        found = {
            "cells": {
                sheet: {str(row): rows[row] for row in sorted(rows)}
                for sheet, rows in sorted(self.cells.items())
                if rows
            },
            "out": {sheet: sorted(rows) for sheet, rows in sorted(self.out.items()) if rows},
            "take": sorted(self.take),
        }
        return {name: value for name, value in found.items() if value}

    @property
    def count(self):
        """How many cells are corrected."""
        return sum(len(values) for rows in self.cells.values() for values in rows.values())

    @property
    def left_out(self):
        """How many rows are left out."""
        return sum(len(rows) for rows in self.out.values())

    def of(self, sheet, row):
        """`{field: text}` of the corrected cells of a row."""
        return self.cells.get(sheet, {}).get(row, {})

    def is_out(self, sheet, row):
        return row in self.out.get(sheet, ())

    def put(self, sheet, row, name, typed):
        """Correct a cell. None takes the correction back."""
        rows = self.cells.setdefault(sheet, {})
        values = rows.setdefault(row, {})
        if typed is None:
            values.pop(name, None)
        else:
            values[name] = typed[:LONGEST]
        if not values:
            del rows[row]

    def leave(self, sheet, row, out=True):
        """Leave a row out, or take it back."""
        rows = self.out.setdefault(sheet, set())
        if out:
            rows.add(row)
        else:
            rows.discard(row)


def apply(tables, edits):
    """Put the corrections into the tables: corrected cells replaced by text, rows left out taken away."""
    for table in tables:
        fixed, gone = edits.cells.get(table.sheet), edits.out.get(table.sheet)
        if fixed:
            at = dict(zip(table.numbers, range(len(table.numbers))))
            table.rows = list(table.rows)
            for row, values in fixed.items():
                if row in at:
                    table.rows[at[row]] = _corrected(table, row, table.rows[at[row]], values)
        if gone and "relation" in table.columns and not gone.isdisjoint(table.numbers):
            _hand_down(table, gone)
            kept = [index for index, number in enumerate(table.numbers) if number not in gone]
            table.numbers = [table.numbers[index] for index in kept]
            table.rows = [table.rows[index] for index in kept]


CARRIED = ("hh_no", "head_id", "head_name", "province", "city", "county", "town", "village", "group")
"""What says of which household a row is."""


def _hand_down(table, gone):
    """Rows below one that is left out stay what they are: people of its household, not of the one above it.

    Where the number of a household stands in its first row only, the next row that stays gets it. Where nothing but
    the head tells a household, the rows below a head that is left out are marked (`Table.gaps`)."""
    columns = [table.columns[name] for name in CARRIED if name in table.columns]
    key, relation = table.columns.get("hh_no"), table.columns["relation"]
    table.rows, held, gaps = list(table.rows), None, set()
    for at, (number, cells) in enumerate(zip(table.numbers, table.rows)):
        begins = key is not None and cells[key] != "" or key is None and compact(text(cells[relation])) in HEAD  # fmt: skip
        if number in gone:
            held = cells if begins else held
        elif held is not None:
            if not begins and key is not None:
                table.rows[at] = [
                    held[i] if i in columns and cell == "" else cell for i, cell in enumerate(cells)
                ]
            elif not begins:
                gaps.add(number)
            held = None
    table.gaps = frozenset(gaps)


def _corrected(table, row, cells, values):
    cells = list(cells)
    for name, typed in values.items():
        index = table.columns.get(name)
        if index is None:
            continue
        cells[index] = typed
        place = (row, index + 1)
        if place in table.errors:
            table.errors = {where: error for where, error in table.errors.items() if where != place}
        if place in table.uncached:
            table.uncached = table.uncached - {place}
    return cells
