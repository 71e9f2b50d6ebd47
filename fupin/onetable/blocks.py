"""The kinds of block that a form has, each filled in its own way: lines of places, households or helpers, lines that the
form has already, single cells, places over the columns."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError

from fupin.accounts.roles import Permission as P
from fupin.excel.cleaning import compact
from fupin.excel.reports import DASH
from fupin.onetable import given, meaning
from fupin.onetable.cells import Cells, empty_places
from fupin.onetable.copying import Copy
from fupin.onetable.figures import Figures, asked_of_rows, is_place
from fupin.onetable.sections import PLACE_LIKE
from fupin.onetable.structure import ITEMS, Block, Grid, flat
from fupin.onetable.vocabulary import SERIAL, Unknown, is_derived, is_figure, words
from fupin.regions.models import Level, Region, ancestors_of

MOST_ROWS = 20_000
"""Lines that one block takes: a form is for people to read."""
MOST_HOMES = 2000
"""Copies of a form that is filled once a household."""


@dataclass
class Filled:
    """What filling gave: `files` [(name, bytes)], `rows` written lines, `notes` [(where, title, why)] of what stays empty."""

    files: list = field(default_factory=list)
    rows: int = 0
    notes: list = field(default_factory=list)
    homes: int = 0
    masked: set = field(default_factory=set)
    balances: tuple = (0, ())
    """勾稽: how many comparisons were made, and the cells that do not hold."""


def _is_number(value):
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


class Filling:
    """One form on its way to being filled."""

    def __init__(self, form, asked, region, *, step=None):
        self.form, self.region, self.step = form, region, step
        self.said = form.said
        self.asked = asked
        self.blocks = [Block.read(block) for block in form.blocks]
        self.grids = {sheet["name"]: Grid(sheet) for sheet in form.seen}
        self.known, self.out = words(), Filled()
        self.figures = Figures(self.known, asked, region, step)
        self.cells = Cells(self.known, asked, self.grids, self.out)

    # The whole form

    def for_place(self):
        """One copy, for the region."""
        copy = Copy()
        for block, said in zip(self.blocks, self.said["blocks"]):
            if said["rows"] == "none":
                continue
            if said["rows"] == "named":
                given.named(self, copy, block, said)
            elif said["rows"] in ("homes", "people"):
                given.lines(self, copy, block, said)
            elif said["rows"] == "across":
                given.across(self, copy, block, said)
            elif said["rows"] == "whole":
                values = self.figures.whole(said["columns"].values())
                self._lines(copy, block, said, [values.get], lambda texts: {})
            elif block.kind == ITEMS:
                self._items(copy, block, said)
            elif said["rows"] in meaning.PLACES:
                self._places(copy, block, said)
            else:
                self._listed(copy, block, said)
        self._say_empty()
        self.out.balances = self.cells.balances.judged()
        return [copy.told()]

    def for_homes(self, number=None):
        """`(copies, [numbers])`: one for each household of the region, or for the one with `number`."""
        texts = {
            text for block, said in zip(self.blocks, self.said["blocks"]) if said["rows"] != "none" for text in said["cells"].values()
            if text in asked_of_rows([text])
        }  # fmt: skip
        source = self.known.lists("household")
        other = {text for text in texts if not self.known.may_stand(text, "household")}
        others = dict.fromkeys(other, Unknown("这是一个地方的数，不能逐户填"))
        texts -= other
        copies, numbers, homes = [], [], []
        for found in self.figures.lines_of(
            source, "household", sorted(texts), base=self.asked.base, only=number
        ):
            if len(homes) >= MOST_HOMES:
                raise ValidationError(f"一次最多填 {MOST_HOMES:,} 户，请选到村或组再填。")
            homes.append(found)
        members = self._members(source, number) if homes else {}
        for home, values in homes:
            values, copy = values | others, Copy()
            for n, (block, said) in enumerate(zip(self.blocks, self.said["blocks"])):
                if said["rows"] == "none":
                    continue
                if n in members:
                    self._lines(copy, block, said, members[n].get(home, []), lambda texts: {})
                for key, text in said["cells"].items():
                    row, column = map(int, key.split(","))
                    value = self.figures.place_value(text) if is_place(text) else values.get(text)
                    self.cells.write(copy, block, said, key, row, column, text, value, line=True)
            copies.append(copy.told())
            numbers.append(home)
            if self.step and len(copies) % 20 == 0:
                self.step(len(copies), 0)
        self._say_empty()
        self.out.homes = self.out.rows = len(copies)
        return copies, numbers

    def _members(self, source, number):
        """`{number of a block of members: {household's number: [line]}}`."""
        found = {}
        for n, (block, said) in enumerate(zip(self.blocks, self.said["blocks"])):
            if block.kind == ITEMS or said["rows"] != "person":
                continue
            texts = asked_of_rows(said["columns"].values())
            self.may_list(said.get("base", ()))
            held = found[n] = {}
            for home, values in self.figures.lines_of(
                source, "person", sorted(texts), base=said.get("base", ()), only=number
            ):
                held.setdefault(home, []).append(self._listed_line(values))
        return found

    # Kinds of block

    def _items(self, copy, block, said):
        texts = [*said["cells"].values()]
        if "@sum" in texts:
            texts += [
                part
                for text in texts
                if is_figure(text) or is_derived(text)
                for part in self.known.quotient(text) or ()
            ]
        values = self.figures.measured(texts, [self.region.path])[self.region.path]
        for key, text in said["cells"].items():
            row, column = map(int, key.split(","))
            if text == "@sum":
                self._sum(copy, block, said, key, values)
                continue
            value = self.figures.place_value(text) if is_place(text) else values.get(text)
            self.cells.write(copy, block, said, key, row, column, text, value)

    def _sum(self, copy, block, said, key, values):
        """A cell that is the sum of those above it in its column; of rates, the rate of the sums."""
        row, column = map(int, key.split(","))
        above = []
        for other, text in said["cells"].items():
            at, beside = map(int, other.split(","))
            if beside == column and at < row and (is_figure(text) or is_derived(text)):
                above.append(text)
        if not above:
            return

        def summed(texts):
            held = [values.get(text) for text in texts]
            known = [value for value in held if _is_number(value)]
            return next(
                (value for value in held if isinstance(value, Unknown)), sum(known) if known else None
            )

        rates = [self.known.quotient(text) for text in above]
        value = summed(above)
        if all(rates):
            top, bottom = (summed(parts) for parts in zip(*rates))
            value = Decimal(top or 0) / bottom if bottom and _is_number(bottom) else DASH
        self.cells.write(copy, block, said, key, row, column, above[0], value, judged=False)

    def _places(self, copy, block, said):
        inside = self._inside(block)
        if inside is None:
            return
        rows = self._regions(meaning.PLACES[said["rows"]], inside)
        names = Region.objects.names({part for row in rows for part in ancestors_of(row.path)} or {""})
        texts = said["columns"].values()
        values = self.figures.measured(texts, [row.path for row in rows])
        lines = [(row.path, values.get(row.path, {})) for row in rows]
        self._lines(
            copy,
            block,
            said,
            [self._place_line(row, names, held) for row, (_, held) in zip(rows, lines)],
            lambda texts: self.figures.measured(texts, [inside.path])[inside.path],
        )

    def _inside(self, block):
        """The place that a block's lines lie in: the one that its section names, else the region. None, and a note, where
        the section names a place that is not there."""
        if not block.sections:
            return self.region
        places = given.Named(self)
        named = [label for label in block.sections if PLACE_LIKE.search(compact(label)) or places.has(label)]
        if not named:
            return self.region
        place = places.of(named)
        if isinstance(place, str):
            self.cells.note(f"{block.sheet} 第 {block.first} 行起", block.section, place)
            return None
        return place

    def _place_line(self, row, names, held):
        parts = {
            "place.name": row.short_name, "place.county": names.get(row.path[:6], ""), "place.town": names.get(row.path[:9], ""),
            "place.village": names.get(row.path[:12], "") if len(row.path) >= 12 else "", "place.group": row.short_name if row.level == Level.GROUP else "",
            "place.code": row.code,
        }  # fmt: skip
        return lambda text: (
            parts[text[1:]]
            if text[1:] in parts
            else self.figures.place_value(text)
            if is_place(text)
            else held.get(text)
        )

    def _regions(self, level, inside):
        """The places of a level in the place `inside` that the user may export."""
        rows = Region.objects.visible_to(self.asked.user, P.REPORT_EXPORT).within(inside)
        found = list(rows.filter(level=level, valid_to=None).order_by("path")[: MOST_ROWS + 1])
        return found or [inside]

    def _listed(self, copy, block, said):
        kind = said["rows"]
        source = self.known.lists(kind)
        texts = sorted(asked_of_rows(said["columns"].values()))
        mine = [text for text in texts if self.known.may_stand(text, kind)]
        rates = {text: parts for text in mine if block.totals and (parts := self.known.quotient(text))}
        lines, sums = [], {}
        inside = self._inside(block)
        if inside is None:
            return
        self.may_list(said.get("base", ()))
        wanted = dict.fromkeys([*mine, *(part for parts in rates.values() for part in parts)])
        lines_of = self.figures.lines_of(
            source, kind, list(wanted), base=said.get("base", ()), path=inside.path
        )
        others = dict.fromkeys(set(texts) - set(mine), Unknown("这是一个地方的数，不能逐行填"))
        for n, (_, values) in enumerate(lines_of):
            if n >= MOST_ROWS:
                raise ValidationError(f"超过 {MOST_ROWS:,} 行，一份表放不下。请选到乡镇或村再填。")
            lines.append(self._listed_line(values | others))
            for text, value in values.items():
                if _is_number(value) and self.figures.adds(text):
                    sums[text] = sums.get(text, 0) + value
            if self.step and n % 500 == 0:
                self.step(n, 0)
        for text, (top, bottom) in rates.items():
            sums[text] = Decimal(sums.get(top, 0)) / sums[bottom] if sums.get(bottom) else DASH
        self._lines(copy, block, said, lines, lambda texts: sums)

    def _listed_line(self, values):
        return lambda text: self.figures.place_value(text) if is_place(text) else values.get(text)

    def _lines(self, copy, block, said, lines, whole):
        """Write the lines of a block, put rows in where there are too few, fill the totals."""
        grid, room = self.grids[block.sheet], block.last - block.first + 1
        if not block.first:  # the totals of several sections, which have the lines
            lines, room = [], 0
        if len(lines) > room:
            copy.insert(block.sheet, block.last, len(lines) - room)
        self.out.rows += len(lines)
        own = said["rows"] not in meaning.PLACES and said["rows"] != "whole"
        for n, line in enumerate(lines):
            row, below = min(block.first + n, block.last), max(0, n - room + 1)
            for key, text in said["columns"].items():
                if text:
                    value = n + 1 if text == SERIAL else line(text)
                    self.cells.write(
                        copy, block, said, key, row, int(key), text, value, line=own, below=below
                    )
        if not block.totals:
            return
        held = whole([text for text in said["columns"].values() if text])
        for row in block.totals:
            for key, text in said["columns"].items():
                if text and self.figures.is_average(text) and grid.free(row, int(key)):
                    self.cells.note(
                        f"{block.sheet} 第 {row} 行", self.known.label(text), "各行的人均数不能相加，合计留空"
                    )
                elif text and text != SERIAL and grid.free(row, int(key)) and not self.figures.is_words(text):
                    self.cells.write(copy, block, said, key, row, int(key), text, held.get(text), total=True)

    def may_list(self, base):
        """A list of those who meet a condition tells of each that it holds."""
        if any(
            self.known.conditions[part].pii in self.cells.hidden
            for part in base
            if part in self.known.conditions
        ):
            raise ValidationError("这份表按健康状况列人，您的岗位不能看健康信息。")

    def _say_empty(self):
        self.cells.say_unfilled()
        for block in self.blocks:
            for row, label, why in block.left_out:
                self.cells.note(f"{block.sheet} 第 {row} 行", flat(label), why)
        for where, title in empty_places(self.blocks, self.said):
            self.cells.note(where, title, "没有对应的数据，留空")
