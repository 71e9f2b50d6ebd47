"""勾稽 of a filled form: what its own columns must hold among each other, from what they were said to mean.

A narrower figure is not more than the wider one, households are not more than their members, 支付 ≤ 拨付 ≤ 下达, and a
total that we filled is the sum of its lines. Formulas of the form are computed by the program that opens it.
"""

from decimal import Decimal
from functools import lru_cache

from fupin.excel.table import letter_of
from fupin.onetable.vocabulary import SERIAL, parsed

ORDER = {"j.paid": "j.allotted", "j.allotted": "j.planned"}
SHOWN = 20
"""Cells that do not hold and are kept by name."""


class Balances:
    """Numbers as they are written, by line: `add` while filling, then `judged`."""

    def __init__(self, known):
        self.known, self.lines, self.totals = known, {}, {}

    def add(self, block, row, column, text, value, *, total=False, alone=False):
        """A number that goes into a cell of `block`; anything else is passed over. `alone`: the block is single figures,
        which are compared with each other whatever line they stand in."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int | Decimal)
            or text == SERIAL
            or text[:1] in "@?="
        ):
            return
        held = self.totals if total else self.lines
        place = f"{block.sheet} {letter_of(column - 1)}{row}"
        held.setdefault((block.sheet, block.first, 0 if alone else row), {})[text] = (value, place)

    def judged(self):
        """`(how many comparisons were made, ["表 C7：低保户 ≤ 总户数"])`."""
        made, wrong = 0, []
        for cells in (*self.lines.values(), *self.totals.values()):
            for less, more in _pairs(frozenset(cells)):
                made += 1
                if cells[less][0] > cells[more][0]:
                    wrong.append(f"{cells[less][1]}：{self.known.label(less)} ≤ {self.known.label(more)}")
        for (*block, _), cells in self.totals.items():
            for text, (value, place) in cells.items():
                if not self.known.measures[parsed(text).measure].additive:
                    continue
                parts = [
                    held[text][0] for (*own, _), held in self.lines.items() if own == block and text in held
                ]
                if parts:
                    made += 1
                    if sum(parts) != value:
                        wrong.append(f"{place}：合计 {value} 与各行之和 {sum(parts)} 不等")
        return made, wrong[:SHOWN]


@lru_cache(maxsize=64)
def _pairs(texts):
    """`[(less, more)]` among expressions, by what they mean."""
    found = []
    parts = {text: parsed(text) for text in texts}
    for text, one in parts.items():
        own = set(one.conditions)
        for other, two in parts.items():
            same = own == set(two.conditions)
            if text != other and (
                one.measure == two.measure and one.measure in ("h", "p", "j") and own > set(two.conditions)
                or same and (one.measure, two.measure) == ("h", "p")
                or same and ORDER.get(one.measure) == two.measure
            ):  # fmt: skip
                found.append((text, other))
    return sorted(found)
