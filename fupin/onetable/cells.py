"""One value on its way into a cell: the form's unit, its drop-down list, masking, and why a cell stays empty."""

from collections import Counter
from datetime import date
from decimal import Decimal

from fupin.accounts.pii import cell, hidden_classes
from fupin.excel.reports import DASH
from fupin.excel.table import letter_of
from fupin.onetable import meaning
from fupin.onetable.balances import Balances
from fupin.onetable.choosing import chosen
from fupin.onetable.figures import is_place
from fupin.onetable.structure import ITEMS, flat
from fupin.onetable.vocabulary import SERIAL, OfChild, Unknown, is_share, parsed

PLACES_OF_ROWS = {"county", "town", "village", "group"}
"""Fields of a row that name a place."""
MOST_SAID = 5
"""Words of one column that are named as missing in its list; the others are counted."""


def parts_of(one):
    """The conditions of an expression, those of its options and terms included."""
    own = [*one.conditions, *(key for _, keys in one.options for key in keys)]
    return own + [key for term in one.terms for key in parts_of(parsed(term))]


def empty_places(blocks, said):
    """`[(where, title)]` of columns and cells that nothing is said of."""
    found = []
    for block, one in zip(blocks, said["blocks"]):
        if one["rows"] == "none":
            continue
        for key, text in one["columns"].items():
            if not text:
                found.append(
                    (
                        f"{block.sheet} {letter_of(int(key) - 1)} 列",
                        " / ".join(flat(t) for t in block.columns.get(int(key), [""])),
                    )
                )
        labels = {(row, column): titles for row, column, titles in block.cells}
        for key, text in one["cells"].items():
            row, column = map(int, key.split(","))
            if not text:
                over = block.columns.get(column, [])[-1:] if len({c for _, c, _ in block.cells}) > 1 else []
                title = " / ".join(flat(t) for t in [*labels.get((row, column), [""])[-1:], *over])
                found.append((f"{block.sheet} {letter_of(column - 1)}{row}", title))
    return found


class Cells:
    """Writes values into Copies. `out` is the Filled that hears of what stays empty."""

    def __init__(self, known, asked, grids, out):
        self.known, self.asked, self.grids, self.out = known, asked, grids, out
        self.hidden = hidden_classes(asked.user)
        self.balances = Balances(known)
        self.told, self.unlisted, self.unknown = set(), {}, Counter()

    def write(
        self,
        copy,
        block,
        said,
        key,
        row,
        column,
        text,
        value,
        *,
        line=False,
        below=0,
        total=False,
        judged=True,
    ):
        """Put one value where it belongs, in the form's unit and words, masked where it tells of a person. `judged`: it takes
        part in 勾稽."""
        if isinstance(value, Unknown):
            self.note(f"{block.sheet} {letter_of(column - 1)} 列", self._title(block, row, column), value.why)
            return
        if not text:
            return
        if value is None and text != SERIAL and not text.startswith("@"):
            measure = self.known.measures.get(parsed(text).measure)
            if measure is not None and not measure.additive and measure.unit:
                value = DASH
        if value in (None, "") and text != "@sum":
            self.unknown[block.sheet, column, self._title(block, row, column)] += 1
            return
        if not line and judged:
            alone = block.kind == ITEMS and said["rows"] not in meaning.GIVEN
            self.balances.add(block, row + below, column, text, value, total=total, alone=alone)
        options = self.grids[block.sheet].choices(row, column)
        if options and value not in (None, "", DASH):
            value = self._listed(options, block, row, column, text, value)
        value = self._masked(text, value, listed=bool(options)) if line else value
        copy.put(block.sheet, row, column, self._cell(said, key, text, value), below)

    # A drop-down list

    def _listed(self, options, block, row, column, text, value):
        """The list's own words for a value; None, and a note, where it has none."""
        one = parsed(text) if text != SERIAL else None
        entry = self.known.entries.get(one.entry) if one else None
        place = is_place(text) or entry is not None and entry.key in PLACES_OF_ROWS
        found = chosen(value, options, entry.reads if entry else None, place=place)
        if found is None:
            held = self.unlisted.setdefault((block.sheet, column, self._title(block, row, column)), {})
            held[str(value)] = held.get(str(value), 0) + 1
            return None
        if (
            isinstance(value, int | Decimal)
            and not isinstance(value, bool)
            and found.replace(".", "").isdecimal()
        ):
            return value
        return OfChild(found) if isinstance(value, OfChild) else found

    def say_unfilled(self):
        """Note, once for each column, what its list has no word for, and how often the register says nothing."""
        for (sheet, column, title), held in self.unlisted.items():
            words = "、".join(f"“{word}”" for word in list(held)[:MOST_SAID])
            more = f"等 {len(held)} 种" if len(held) > MOST_SAID else ""
            why = f"下拉里没有和{words}{more}意思相同的，{sum(held.values()):,} 格留空"
            self.note(f"{sheet} {letter_of(column - 1)} 列", title, why)
        for (sheet, column, title), count in self.unknown.items():
            self.note(f"{sheet} {letter_of(column - 1)} 列", title, f"{count:,} 格系统里没有填，留空")

    # Masking

    def _masked(self, text, value, *, listed=False):
        kind = self._class(text)
        if kind is None or kind not in self.hidden and (self.asked.reveal or value in (None, "")):
            return value
        self.out.masked.add(self.known.label(text))
        shown = cell(kind, value, hidden=self.hidden, child=isinstance(value, OfChild))
        return None if listed and shown != value else shown  # a list takes no ***

    def _class(self, text):
        """The class of what an expression tells of one person or household, None where it is shown."""
        if text == SERIAL or is_place(text):
            return None
        one = parsed(text)
        kinds = [self.known.entries[one.entry].pii] if one.entry in self.known.entries else []
        kinds += [self.known.conditions[part].pii for part in parts_of(one)]
        return next((kind for kind in kinds if kind), None)

    # As the child takes it

    def _cell(self, said, key, text, value):
        if isinstance(value, date):
            return {"date": value.isoformat()[:10]}
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Decimal | int):
            measure = (
                self.known.measures.get(parsed(text).measure)
                if text != SERIAL and not text.startswith("@")
                else None
            )
            unit = measure.unit if measure is not None else self._unit(text)
            unit = "%" if is_share(text) else unit
            if unit == "%":
                return {"share": str(value), "hundred": key in said.get("hundred", ())}
            factor = Decimal(str(said["factors"].get(key, 1)))
            if factor != 1:
                value = (Decimal(value) / factor).quantize(Decimal("0.000001")).normalize()
            return {"number": f"{value:f}"}
        if text.startswith("?") and value and str(value).isdecimal():  # the code of an option is a number
            return {"number": value}
        return str(value) if value is not None else None

    def _unit(self, text):
        entry = self.known.entries.get(parsed(text).entry) if text != SERIAL else None
        return entry.unit if entry is not None else ""

    # What stays empty

    def note(self, where, title, why):
        if (where, title, why) not in self.told:
            self.told.add((where, title, why))
            self.out.notes.append((where, title, why))

    def _title(self, block, row, column):
        if block.kind == ITEMS and row in block.labels:
            return " / ".join(block.labels[row])
        return " / ".join(block.columns.get(column, [""]))
