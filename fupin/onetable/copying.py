"""What the child process is told of one filled copy of a form: its cells, and the rows that are put in."""

from dataclasses import dataclass, field


@dataclass
class Copy:
    """What the child is told of one copy, by sheet. Cells are noted where the empty form has them; rows that are put in
    move them when all is known."""

    inserts: dict = field(default_factory=dict)
    cells: dict = field(default_factory=dict)

    def insert(self, name, last, count):
        """Put rows below row `last`; two blocks side by side that end there share them."""
        held = self.inserts.setdefault(name, {})
        held[last] = max(held.get(last, 0), count)

    def put(self, name, row, column, value, below=0):
        """Write a value into a row of the empty form, or `below` it among those put in. None and "" leave the cell as
        the form has it."""
        if value is not None and value != "":
            self.cells.setdefault(name, []).append((row, below, column, value))

    def told(self):
        return {
            "sheets": [
                {
                    "name": name,
                    "inserts": sorted(self.inserts.get(name, {}).items()),
                    "cells": [
                        [self._row(name, row) + below, column, value] for row, below, column, value in cells
                    ],
                }
                for name, cells in self.cells.items()
            ]
        }

    def _row(self, name, row):
        return row + sum(count for last, count in self.inserts.get(name, {}).items() if last < row)
