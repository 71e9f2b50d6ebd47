"""Filling a form for a place (or a household) and a day: what every cell gets, what stays empty and why.

The figures come from the apps' sources by name; the form's own child process writes them. Rows that are too few are
put in with the last row's style, totals that the form computes itself grow over them, those it leaves empty are filled.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError

from fupin.accounts.pii import cell, hidden_classes
from fupin.accounts.roles import Permission as P
from fupin.audit import seen
from fupin.audit.record import record
from fupin.crypt import boxes
from fupin.excel.cleaning import compact
from fupin.excel.reports import DASH
from fupin.excel.table import letter_of
from fupin.onetable import child_process, matching, meaning
from fupin.onetable.balances import Balances
from fupin.onetable.models import FormFilling
from fupin.onetable.structure import ITEMS, Block, Grid, flat
from fupin.onetable.vocabulary import AT_END_OF, SERIAL, OfChild, Unknown, parsed, words
from fupin.regions.models import Level, Region, ancestors_of
from fupin.regions.names import town_key, village_key

MOST_ROWS = 20_000
"""Lines that one block takes: a form is for people to read."""
MOST_HOMES = 2000
"""Copies of a form that is filled once a household."""
FIRST_YEAR = 2014
"""Before it there is no register."""
SUMMED = {"size", "labour_size", "project_households", "project_persons"}
"""Fields of rows that a total adds up besides money."""


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


class Filling:
    """One form on its way to being filled."""

    def __init__(self, form, asked, region, *, step=None):
        self.form, self.region, self.step = form, region, step
        self.said = form.said
        self.asked = asked
        self.blocks = [Block.read(block) for block in form.blocks]
        self.grids = {sheet["name"]: Grid(sheet) for sheet in form.seen}
        self.known, self.out = words(), Filled()
        self.hidden = hidden_classes(asked.user)
        self.told = set()
        self.balances = Balances(self.known)

    # The whole form

    def for_place(self):
        """One copy, for the region."""
        copy = Copy()
        for block, said in zip(self.blocks, self.said["blocks"]):
            if said["rows"] == "none":
                continue
            if said["rows"] == "named":
                self._named(copy, block, said)
            elif said["rows"] in ("homes", "people"):
                self._lines_given(copy, block, said)
            elif said["rows"] == "across":
                self._across(copy, block, said)
            elif block.kind == ITEMS:
                self._items(copy, block, said)
            elif said["rows"] in meaning.PLACES:
                self._places(copy, block, said)
            else:
                self._listed(copy, block, said)
        self._empty_columns()
        self.out.balances = self.balances.judged()
        return [copy.told()]

    def for_homes(self, number=None):
        """`(copies, [numbers])`: one for each household of the region, or for the one with `number`."""
        texts = {
            text for block, said in zip(self.blocks, self.said["blocks"]) if said["rows"] != "none" for text in said["cells"].values()
            if text and parsed_or_none(text) and not self._is_place(text)
        }  # fmt: skip
        source = self.known.home["h"]
        texts = {text for text in texts if self.known.source_of(parsed(text)) is source}
        copies, numbers, homes = [], [], []
        for found in self._lines_of(source, "household", sorted(texts), base=self.asked.base, only=number):
            if len(homes) >= MOST_HOMES:
                raise ValidationError(f"一次最多填 {MOST_HOMES:,} 户，请选到村或组再填。")
            homes.append(found)
        members = self._members(source, number) if homes else {}
        for home, values in homes:
            copy = Copy()
            for n, (block, said) in enumerate(zip(self.blocks, self.said["blocks"])):
                if said["rows"] == "none":
                    continue
                if n in members:
                    self._lines(copy, block, said, members[n].get(home, []), lambda texts: {})
                for key, text in said["cells"].items():
                    row, column = map(int, key.split(","))
                    value = self._place_value(text) if self._is_place(text) else values.get(text)
                    self._write(copy, block, said, key, row, column, text, value, line=True)
            copies.append(copy.told())
            numbers.append(home)
            if self.step and len(copies) % 20 == 0:
                self.step(len(copies), 0)
        self._empty_columns()
        self.out.homes = self.out.rows = len(copies)
        return copies, numbers

    def _members(self, source, number):
        """`{number of a block of members: {household's number: [line]}}`."""
        found = {}
        for n, (block, said) in enumerate(zip(self.blocks, self.said["blocks"])):
            if block.kind == ITEMS or said["rows"] != "person":
                continue
            texts = {
                text
                for text in said["columns"].values()
                if text and text != SERIAL and not self._is_place(text)
            }
            self._may_list(said.get("base", ()))
            held = found[n] = {}
            for home, values in self._lines_of(
                source, "person", sorted(texts), base=said.get("base", ()), only=number
            ):
                held.setdefault(home, []).append(self._listed_line(values))
        return found

    # Kinds of block

    def _items(self, copy, block, said):
        values = self._measured(said["cells"].values(), [self.region.path])[self.region.path]
        for key, text in said["cells"].items():
            row, column = map(int, key.split(","))
            value = self._place_value(text) if self._is_place(text) else values.get(text)
            self._write(copy, block, said, key, row, column, text, value)

    def _places(self, copy, block, said):
        rows = self._regions(meaning.PLACES[said["rows"]])
        names = Region.objects.names({part for row in rows for part in ancestors_of(row.path)} or {""})
        texts = said["columns"].values()
        values = self._measured(texts, [row.path for row in rows])
        lines = [(row.path, values.get(row.path, {})) for row in rows]
        self._lines(
            copy,
            block,
            said,
            [self._place_line(row, names, held) for row, (_, held) in zip(rows, lines)],
            self._whole,
        )

    def _place_line(self, row, names, held):
        parts = {
            "place.name": row.short_name, "place.county": names.get(row.path[:6], ""), "place.town": names.get(row.path[:9], ""),
            "place.village": names.get(row.path[:12], "") if len(row.path) >= 12 else "", "place.group": row.short_name if row.level == Level.GROUP else "",
            "place.code": row.code,
        }  # fmt: skip
        return lambda text: (
            parts[text[1:]]
            if text[1:] in parts
            else self._place_value(text)
            if self._is_place(text)
            else held.get(text)
        )

    def _regions(self, level):
        """The places of a level in the region that the user may export."""
        rows = Region.objects.visible_to(self.asked.user, P.REPORT_EXPORT).within(self.region)
        found = list(rows.filter(level=level, valid_to=None).order_by("path")[: MOST_ROWS + 1])
        return found or [self.region]

    def _named(self, copy, block, said):
        """Rows on which the form already names the place."""
        grid = self.grids[block.sheet]
        place_of, found = self._place_by_name(), {}
        for row, titles in block.labels.items():
            for title in reversed(titles):
                place = place_of(title)
                if place is not None:
                    found[row] = place
                    break
        levels = {}
        for place in found.values():  # a township's row may stand above those of its villages
            levels.setdefault(place.level, {})[place.path] = None
        values = {}
        for held in levels.values():
            values |= self._measured(said["columns"].values(), list(held))
        for row, titles in block.labels.items():
            place = found.get(row)
            if place is None:
                self._note(
                    f"{block.sheet} 第 {row} 行", " ".join(titles), "这个地名不在所选区域内，或系统里没有"
                )
                continue
            self.out.rows += 1
            for key, text in said["columns"].items():
                if text and not self._is_place(text) and grid.free(row, int(key)):
                    self._write(copy, block, said, key, row, int(key), text, values[place.path].get(text))
        whole = self._whole(said["columns"].values())
        for row in block.totals:
            for key, text in said["columns"].items():
                if text and not self._is_place(text) and grid.free(row, int(key)):
                    self._write(copy, block, said, key, row, int(key), text, whole.get(text), total=True)

    def _place_by_name(self):
        """A function from a name to the place of the region that has it, None where none has."""
        rows = (
            Region.objects.visible_to(self.asked.user, P.REPORT_EXPORT)
            .within(self.region)
            .filter(valid_to=None, level__gte=Level.COUNTY)
        )
        by_key = {}
        for row in rows.order_by("-path"):
            for name in (row.name, row.short_name):
                by_key.setdefault(name, row)
                by_key.setdefault(town_key(name) if row.level == Level.TOWNSHIP else village_key(name), row)

        def find(title):
            title = flat(title)
            return by_key.get(title) or by_key.get(village_key(title)) or by_key.get(town_key(title))

        return find

    def _across(self, copy, block, said):
        """Single cells, each of the place that stands over its column."""
        place_of, by_column = self._place_by_name(), {}
        for key, text in said["cells"].items():
            by_column.setdefault(int(key.partition(",")[2]), []).append((key, text))
        for column, held in by_column.items():
            title = block.columns.get(column, [""])[-1]
            place = place_of(title)
            if place is None:
                self._note(
                    f"{block.sheet} {letter_of(column - 1)} 列", title, "这个地名不在所选区域内，或系统里没有"
                )
                continue
            values = self._measured([text for _, text in held], [place.path])[place.path]
            for key, text in held:
                row = int(key.partition(",")[0])
                if text and not self._is_place(text):
                    self._write(copy, block, said, key, row, column, text, values.get(text))

    KEYS = {"homes": ("hh_no", "head_name"), "people": ("id", "name")}

    def _lines_given(self, copy, block, said):
        """Rows on which the form already names a household or a person: by number, else by a name that nobody else has."""
        grid, kind = self.grids[block.sheet], {"homes": "household", "people": "person"}[said["rows"]]
        number, name = self.KEYS[said["rows"]]
        at = {}
        for column, titles in block.columns.items():
            one = matching.field_of(titles, kind)
            if one is not None and one.key in (number, name, "head_name", "hh_no"):
                at.setdefault(one.key, column)
        texts = sorted(
            {
                text
                for text in said["columns"].values()
                if text and text != SERIAL and not self._is_place(text)
            }
        )
        wanted = sorted({*texts, *(f"@{key}" for key in at)})
        source = next(one for one in dict.fromkeys(self.known.home.values()) if kind in one.rows)
        self._may_list(said.get("base", ()))
        given = {
            row: {key: compact(grid.words(row, column)).upper() for key, column in at.items()}
            for row in block.labels
        }
        found = {row: [] for row in given}
        by = {}
        for row, keys in given.items():
            by.setdefault(keys.get(number) or keys.get(name), []).append(row)
        only = self._only(grid, block.labels, at)
        for _, values in self._lines_of(source, kind, wanted, only=only):
            held = {key: compact(str(values.get(f"@{key}") or "")).upper() for key in at}
            for row in {*by.get(held.get(number), ()), *by.get(held.get(name), ())}:
                if all(not words or words == held[key] for key, words in given[row].items()):
                    found[row].append(values)
        for row, lines in found.items():
            if len(lines) != 1:
                why = "同名的不止一个，请在表上写编号" if lines else "不在所选区域内，或系统里没有"
                self._note(f"{block.sheet} 第 {row} 行", " ".join(filter(None, given[row].values())), why)
                continue
            self.out.rows += 1
            for key, text in said["columns"].items():
                if text and text != SERIAL and grid.free(row, int(key)):
                    value = self._place_value(text) if self._is_place(text) else lines[0].get(text)
                    self._write(copy, block, said, key, row, int(key), text, value, line=True)

    @staticmethod
    def _only(grid, rows, at):
        """`(numbers, names)` of households and people that the rows name; None where they give neither."""

        def words(*keys):
            return sorted(
                {grid.words(row, at[key]).strip() for key in keys if key in at for row in rows} - {""}
            )

        numbers, names = words("hh_no"), words("head_name", "name")
        return (numbers, names) if numbers or names else None

    def _lines_of(self, source, kind, texts, *, base=(), only=None):
        """The lines of the region as `(household's number, {text: value})`; what a text wants of an earlier year is looked up by the
        household's number."""
        asked, now = replace(self.asked, base=tuple(base)), self.asked.as_of.year
        own = {text: text.partition(AT_END_OF)[0] for text in texts if parsed(text).year in (0, now)}
        older, years = {}, {}
        for text in texts:
            if text not in own:
                years.setdefault(parsed(text).year, []).append(text)
        for year, held in years.items():
            if kind != "household" or not FIRST_YEAR <= year < now:
                for text in held:
                    older[text] = lambda _, year=year: Unknown(f"逐行的表里没有 {year} 年的数")
                continue
            bare = {text: text.partition(AT_END_OF)[0] for text in held}
            past = replace(self.asked, day=date(year, 12, 31), year=year, base=())
            then = dict(source.listed(past, kind, sorted(set(bare.values())), self.region.path, only=only))
            for text in held:
                older[text] = lambda home, then=then, bare=bare[text]: then.get(home, {}).get(bare)
        for home, values in source.listed(
            asked, kind, sorted(set(own.values())), self.region.path, **({"only": only} if only else {})
        ):
            found = {text: values.get(bare) for text, bare in own.items()}
            yield home, found | {text: find(home) for text, find in older.items()}

    def _listed(self, copy, block, said):
        texts = sorted(
            {
                text
                for text in said["columns"].values()
                if text and text != SERIAL and not self._is_place(text)
            }
        )
        source = next(
            (one for one in dict.fromkeys(self.known.home.values()) if said["rows"] in one.rows), None
        )
        mine = [text for text in texts if self.known.source_of(parsed(text)) is source]
        lines, sums = [], {}
        self._may_list(said.get("base", ()))
        lines_of = self._lines_of(source, said["rows"], mine, base=said.get("base", ()))
        for n, (_, values) in enumerate(lines_of):
            if n >= MOST_ROWS:
                raise ValidationError(f"超过 {MOST_ROWS:,} 行，一份表放不下。请选到乡镇或村再填。")
            lines.append(self._listed_line(values))
            for text, value in values.items():
                if isinstance(value, int | Decimal) and not isinstance(value, bool) and self._adds(text):
                    sums[text] = sums.get(text, 0) + value
            if self.step and n % 500 == 0:
                self.step(n, 0)
        self._lines(copy, block, said, lines, lambda texts: sums)

    def _listed_line(self, values):
        return lambda text: self._place_value(text) if self._is_place(text) else values.get(text)

    def _adds(self, text):
        one = parsed(text)
        if one.entry:
            entry = self.known.entries[one.entry]
            return (bool(entry.unit) and one.entry != "percap") or one.entry in SUMMED
        return bool(one.measure) and self.known.measures[one.measure].additive

    def _whole(self, texts):
        """The figures of the region itself: what the totals show."""
        return self._measured(texts, [self.region.path])[self.region.path]

    def _lines(self, copy, block, said, lines, whole):
        """Write the lines of a block, put rows in where there are too few, fill the totals."""
        grid, room = self.grids[block.sheet], block.last - block.first + 1
        if len(lines) > room:
            copy.insert(block.sheet, block.last, len(lines) - room)
        self.out.rows += len(lines)
        own = said["rows"] not in meaning.PLACES
        for n, line in enumerate(lines):
            row, below = min(block.first + n, block.last), max(0, n - room + 1)
            for key, text in said["columns"].items():
                if text:
                    value = n + 1 if text == SERIAL else line(text)
                    self._write(copy, block, said, key, row, int(key), text, value, line=own, below=below)
        if not block.totals:
            return
        held = whole([text for text in said["columns"].values() if text])
        for row in block.totals:
            for key, text in said["columns"].items():
                if text and text != SERIAL and grid.free(row, int(key)) and not self._is_words(text):
                    self._write(copy, block, said, key, row, int(key), text, held.get(text), total=True)

    def _is_words(self, text):
        """Whether an expression gives no number that a total could have."""
        one = parsed(text)
        if one.entry:
            return not self._adds(text) if one.entry in self.known.entries else True
        return bool(one.measure) and not self.known.measures[one.measure].unit

    # Values

    def _measured(self, texts, places):
        """`{place: {text: value}}` from every source that is asked."""
        found = {place: {} for place in places}
        by_source = {}
        for text in dict.fromkeys(texts):
            if not text or text == SERIAL or self._is_place(text):
                continue
            one = parsed(text)
            if one.entry or one.options:
                continue
            by_source.setdefault((self.known.source_of(one), one.year), []).append(text)
        for (source, year), held in by_source.items():
            if not self._may(source):
                for place in places:
                    found[place] |= dict.fromkeys(held, Unknown("您的岗位不能看这类数据"))
                continue
            now = self.asked.as_of.year
            if year and not FIRST_YEAR <= year <= now:
                for place in places:
                    found[place] |= dict.fromkeys(held, Unknown(f"没有 {year} 年的数"))
                continue
            past = year and year != now
            asked = replace(self.asked, day=date(year, 12, 31), year=year) if past else self.asked
            bare = {text: text.partition(AT_END_OF)[0] for text in held}
            for place, values in source.measured(asked, list(bare.values()), places, step=self.step).items():
                found[place] |= {text: values.get(own) for text, own in bare.items()}
        return found

    def _may(self, source):
        return all(
            any(self.region.path.startswith(path) for path in self.asked.user.paths(need))
            for need in source.needs
        )

    def _is_place(self, text):
        return text.startswith("@") and (text[1:].startswith("place.") or text[1:] in ("today", "year"))

    def _place_value(self, text):
        names = self._names()
        path, key = self.region.path, text[1:]
        return {
            "place.name": self.region.short_name, "place.county": names.get(path[:6], "") if len(path) >= 6 else "",
            "place.town": names.get(path[:9], "") if len(path) >= 9 else "", "place.village": names.get(path[:12], "") if len(path) >= 12 else "",
            "place.group": names.get(path, "") if len(path) == 14 else "", "place.code": self.region.code, "today": self.asked.as_of,
            "year": self.asked.as_of.year,
        }[key]  # fmt: skip

    def _names(self):
        if not hasattr(self, "held_names"):
            self.held_names = Region.objects.names({self.region.path})
        return self.held_names

    def _write(self, copy, block, said, key, row, column, text, value, *, line=False, below=0, total=False):
        """Put one value where it belongs, in the form's unit, masked where it tells of a person."""
        if isinstance(value, Unknown):
            self._note(
                f"{block.sheet} {letter_of(column - 1)} 列", self._title(block, row, column), value.why
            )
            return
        if not text:
            return
        if value is None and text != SERIAL and not text.startswith("@"):
            measure = self.known.measures.get(parsed(text).measure)
            if measure is not None and not measure.additive and measure.unit:
                value = DASH
        if not line:
            alone = block.kind == ITEMS and said["rows"] not in meaning.GIVEN
            self.balances.add(block, row + below, column, text, value, total=total, alone=alone)
        value = self._masked(text, value) if line else value
        copy.put(block.sheet, row, column, self._cell(said, key, text, value), below)

    def _masked(self, text, value):
        kind = self._class(text)
        if kind is None or kind not in self.hidden and (self.asked.reveal or value in (None, "")):
            return value
        self.out.masked.add(self.known.label(text))
        return cell(kind, value, hidden=self.hidden, child=isinstance(value, OfChild))

    def _class(self, text):
        """The class of what an expression tells of one person or household, None where it is shown."""
        if text == SERIAL or self._is_place(text):
            return None
        one = parsed(text)
        kinds = [self.known.entries[one.entry].pii] if one.entry in self.known.entries else []
        kinds += [self.known.conditions[part].pii for part in _parts(one)]
        return next((kind for kind in kinds if kind), None)

    def _may_list(self, base):
        """A list of those who meet a condition tells of each that it holds."""
        if any(
            self.known.conditions[part].pii in self.hidden for part in base if part in self.known.conditions
        ):
            raise ValidationError("这份表按健康状况列人，您的岗位不能看健康信息。")

    def _cell(self, said, key, text, value):
        """A value as the child takes it."""
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
            if measure is not None and measure.unit == "%":
                return {"share": str(value), "hundred": key in said.get("hundred", ())}
            factor = Decimal(str(said["factors"].get(key, 1)))
            if factor != 1:
                value = (Decimal(value) / factor).quantize(Decimal("0.000001")).normalize()
            return {"number": f"{value:f}"}
        if text.startswith("?") and value:  # the code of an option is a number
            return {"number": value}
        return str(value) if value is not None else None

    # What stays empty

    def _note(self, where, title, why):
        if (where, title, why) not in self.told:
            self.told.add((where, title, why))
            self.out.notes.append((where, title, why))

    def _title(self, block, row, column):
        if block.kind == ITEMS and row in block.labels:
            return " / ".join(block.labels[row])
        return " / ".join(block.columns.get(column, [""]))

    def _empty_columns(self):
        for where, title in empty_places(self.blocks, self.said):
            self._note(where, title, "没有对应的数据，留空")


def _parts(one):
    """The conditions of an expression, those of its options included."""
    return [*one.conditions, *(key for _, keys in one.options for key in keys)]


def parsed_or_none(text):
    return None if text == SERIAL else parsed(text)


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


def fill(form, asked, region, *, number=None, purpose="", step=None):
    """Fill `form`; returns Filled with one file, an .xlsx or a .zip of one for each household. Audited as an export."""
    if not form.path.is_file():
        raise ValidationError("这份表样的文件已经不在了，请重新上传空表。")
    with seen.watching() as sight:
        work = _filled(form, asked, region, number, step)
    record(
        "report.export", form, by=asked.user, region_path=region.path, seen=str(sight), title=f"一表通：{form.title}",
        year=asked.as_of.year, as_of=str(asked.as_of),
        filter=f"{region.short_name}" + (f"，户 {number}" if number else ""), rows=work.out.rows, empty=len(work.out.notes),
        whole=["户、人信息"] if asked.reveal else [], purpose=purpose,
        sha256=hashlib.sha256(work.out.files[0][1]).hexdigest(),
    )  # fmt: skip
    FormFilling.objects.create(
        form=form, user=asked.user, place=region.short_name + (f"，户 {number}" if number else ""), as_of=asked.as_of, rows=work.out.rows,
        notes=[list(note) for note in work.out.notes], masked=sorted(work.out.masked),
        checked=work.out.balances[0], wrong=list(work.out.balances[1]),
    )  # fmt: skip
    return work.out


def _filled(form, asked, region, number, step):
    """The Filling, done: its file is in `out.files`."""
    work = Filling(form, asked, region, step=step)
    stem = f"{region.short_name}_{form.title}_{asked.as_of:%Y%m%d}"
    if form.said["scope"] == "home":
        copies, numbers = work.for_homes(number)
        if not copies:
            raise ValidationError("所选范围内这一天没有可以填的户。")
        data = [
            piece
            for start in range(0, len(copies), 50)
            for piece in _written(form, copies[start : start + 50])
        ]
        if number is not None:
            work.out.files = [(f"{form.title}_{numbers[0]}_{asked.as_of:%Y%m%d}.xlsx", data[0])]
        else:
            work.out.files = [(f"{stem}.zip", _zipped(zip(numbers, data)))]
    else:
        work.out.files = [(f"{stem}.xlsx", _written(form, work.for_place())[0])]
    return work


def _written(form, copies):
    with boxes.plain(form.path) as bare:
        return child_process.fill(bare, copies)


def _zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, data in files:
            packed.writestr(f"{number}.xlsx", data)
    return out.getvalue()
