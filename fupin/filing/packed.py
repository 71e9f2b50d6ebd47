"""The lines of the reports of a frozen year, kept once for the whole county: compressed and encrypted, a file a report.

The file is blocks of a few hundred lines, each a line of JSON `[bytes, [place, ...]]` and as many bytes of zlib. Inside, a
line of the report is a line of JSON `[place, owner, opened, year, group, [cell, ...], row]`, see Entry. Cells keep their
value, not their text: a Decimal is `["1.50"]`, a date `["2025-12-31", 0]`.

Which places a block touches stands in its head, so the report of a village opens few blocks, and of the lines in them only
those that are its own.
"""

import json
import zlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fupin.crypt import boxes
from fupin.regions.models import WIDTHS, Level

LINES = 400
"""Lines of a block."""
VILLAGE = WIDTHS[Level.VILLAGE]


@dataclass(slots=True)
class Entry:
    """A kept line. `place`: the path that it is of, or several with a blank between them; of a table of sums the place
    whose table it is. `opened`: whether the report shows it as it opens. `year`: of reports of all years its own. `group`:
    `[key, label]` of its 小计. `sum`: a line of 小计 or 合计 (tables keep them). `row`: of a report that draws, what is drawn."""

    place: str
    cells: list
    owner: int | None = None
    opened: bool = True
    year: int | None = None
    group: list | None = None
    sum: bool = False
    row: dict | None = None


class Writer:
    """Writes entries; `index` is then `{place down to the village: [lines, lines as it opens]}` of those that are no sums."""

    def __init__(self, path):
        self.out, self.held, self.places, self.index = boxes.Writer(path), [], {}, {}

    def add(self, entry, exact=False):
        """`exact`: of a table of sums."""
        place = entry.place
        key = place if exact else _villages(place)
        self.places[key] = True
        counted = self.index.setdefault(key, [0, 0])
        if not entry.sum:
            counted[0] += 1
            counted[1] += entry.opened
        flags = int(entry.opened) + 2 * entry.sum
        line = [place, entry.owner, flags, entry.year, entry.group, entry.cells]
        if entry.row is not None:
            line.append(entry.row)
        self.held.append(_dumps(line))
        if len(self.held) == LINES:
            self._flush()

    def _flush(self):
        if self.held:
            data = zlib.compress("\n".join(self.held).encode(), 3)
            self.out.write(json.dumps([len(data), list(self.places)]).encode() + b"\n" + data)
            self.held.clear()
            self.places.clear()

    def close(self):
        self._flush()
        self.out.close()


def _villages(place):
    if " " not in place:
        return place[:VILLAGE]
    return " ".join(dict.fromkeys(part[:VILLAGE] for part in place.split(" ")))


def inside(place, path):
    """Whether a line of `place` (a path, or several) lies in `path`."""
    return place.startswith(path) or " " in place and any(part.startswith(path) for part in place.split(" "))


def _touches(keys, path):
    """Whether a block of these places may hold lines of `path`, which may be smaller than a village."""
    village = path[:VILLAGE]
    return any(inside(key, village) for key in keys)


def entries(path, place, *, exact=False):
    """The entries of a file that lie in `place`; `exact`: the table of that very place."""
    with boxes.opened(path) as file:
        while head := file.readline():
            size, keys = json.loads(head)
            data = file.read(size)
            if place in keys if exact else _touches(keys, place):
                yield from _opened(data, place, exact)


def _opened(data, place, exact):
    for line in zlib.decompress(data).decode().split("\n"):
        own = line[2 : line.index('"', 2)]  # the place comes first: other lines are not read on
        if own != place if exact else not inside(own, place):
            continue
        own, owner, flags, year, group, cells, *row = json.loads(line)
        yield Entry(
            own, [_value(one) if type(one) is list else one for one in cells], owner, bool(flags & 1), year, group,
            bool(flags & 2), _opened_row(row[0]) if row else None,
        )  # fmt: skip


def counted(index, path, *, opened):
    """How many lines lie in `path` (a village or wider), by the index."""
    return sum(numbers[opened] for place, numbers in index.items() if inside(place, path))


def _plain(value):
    """What JSON does not know."""
    if isinstance(value, Decimal):
        return [str(value)]
    if isinstance(value, date):
        return [f"{value:%Y-%m-%d}", 0]
    return str(value)


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def _value(held):
    return Decimal(held[0]) if len(held) == 1 else date.fromisoformat(held[0])


def wrapped(row):
    """A row of a report that draws, its lists told apart from kept values."""
    return {name: _wrapped(value) for name, value in row.items()}


def _wrapped(value):
    if isinstance(value, list | tuple):
        return {"": [_wrapped(one) for one in value]}
    if isinstance(value, dict):
        return {name: _wrapped(one) for name, one in value.items()}
    return value


def _opened_row(value):
    if type(value) is dict:
        if "" in value:
            return [_opened_row(one) for one in value[""]]
        return {name: _opened_row(one) for name, one in value.items()}
    return _value(value) if type(value) is list else value
