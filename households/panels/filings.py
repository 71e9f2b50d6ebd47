"""未报: which places have not filed what is due for the period of the day, as the page of filing says it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from fupin.board.panels import Table
from fupin.excel.sheet import Kind
from fupin.filing import board

WIDEST = 4
"""Digits of the widest place, a prefecture: the reports that all counties of a province ask for are no list to read."""
STATES = (board.FILED, board.UNFILED, board.RETURNED, board.LATE)


@dataclass(frozen=True)
class Count:
    """How many reports of a place (and below) are in one state, and the address of exactly those."""

    label: str
    number: int
    url: str


@dataclass(frozen=True)
class Line:
    place: object
    total: Count
    cells: list
    names: str
    """What is not filed, the late first."""

    @property
    def open(self):
        return self.total.number - self.cells[0].number


def filings(user, view, day):
    """Who has filed what by place, the most open first; None where nobody asks this place for anything."""
    path, inside = view.region.path, tuple(view.paths)
    if len(path) < WIDEST:
        return None
    rules = [
        rule
        for rule in board.rules_for(user)
        if rule.region_path.startswith(path) or path.startswith(rule.region_path)
    ]
    found = board.duties(user, view.today, on=day, rules=rules)
    found = [duty for duty in found if duty.place.path.startswith(inside)]
    if not found:
        return None
    places = {}
    for duty in found:
        places.setdefault(duty.place.path, []).append(duty)
    lines = [_line(held[0].place, held[0].place.path, held, day) for held in places.values()]
    lines.sort(key=lambda line: (-line.cells[STATES.index(board.LATE)].number, -line.open, line.place.path))
    return {
        "total": _line(view.region, view.paths, found, day),
        "lines": [line for line in lines if line.open],
        "states": STATES,
        "day": day,
        "past": view.past,
        "table": Table(
            [("单位", Kind.TEXT), ("应报", Kind.COUNT), *((state, Kind.COUNT) for state in STATES), ("未报的表", Kind.TEXT)],
            [[line.place.short_name, line.total.number, *(cell.number for cell in line.cells), line.names] for line in lines],
        ),
    }  # fmt: skip


def _line(place, paths, duties, day):
    def count(label, held, **more):
        query = urlencode({"on": day.isoformat(), "place": paths} | more, doseq=True)
        return Count(label, len(held), f"{reverse('filing_list')}?{query}")

    still = sorted((duty for duty in duties if duty.open), key=lambda duty: (not duty.late, duty.due))
    return Line(
        place,
        count("应报", duties),
        [count(state, [duty for duty in duties if duty.state == state], state=state) for state in STATES],
        "、".join(dict.fromkeys(f"{duty.title}（{duty.period.label}{duty.state}）" for duty in still)),
    )
