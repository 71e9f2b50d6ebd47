"""历年趋势: what happened in each year, how things stood at the end of each, and what a head earned in it.

What happened and what was earned is counted from the register by year (`households.breakdown`). How things stood at the end
of a past year is known of years that were frozen or counted; the others say so, and lead to the board of that year.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.urls import reverse

from fupin.board.panels import Table, View
from fupin.excel.sheet import Kind
from fupin.filing.frozen import freezes_by_year, places_by_freeze
from households import stats
from households.breakdown import EVENTS, FIRST, net_key
from households.models.income import per_head
from households.panels.figures import Figures, hidden_of, place, urls

STANDING = ("all", "registered", "out", "assisted", "risk-open")
SHORT = {
    "all": "在册",
    "registered": "建档立卡",
    "out": "已脱贫",
    "assisted": "在帮扶",
    "risk-open": "风险未消除",
}


@dataclass
class Year:
    """One year. `happened`: cells of EVENTS; `standing`: cells of STANDING, [] where nothing was kept of the year's end;
    `as_of`: the day of these; `earned`: the households with an income of the year, and `head` yuan a head (None: unknown)."""

    year: int
    url: str
    happened: list
    earned: object
    head: Decimal | None
    standing: list = field(default_factory=list)
    as_of: date | None = None


def trends(user, view, day):
    own, _ = place(user, view, day)
    if view.blank:
        return None
    ends = _ends(user, view, day) | {day.year: (own, day)}
    first = min([*ends, *_told(own)], default=day.year)
    years = [_year(year, own, view, *ends.get(year, (None, None))) for year in range(first, day.year + 1)]
    return {
        "years": list(reversed(years)),
        "events": [label for label, _, _ in EVENTS.values()],
        "standing": [SHORT[key] for key in STANDING],
        "open": [one for one in years if not one.standing],
        "first": FIRST,
        "linked": own.linked,
        "unit": view.unit,
        "happened": _bars(years, view.unit) if years else None,
        "stood": _lines(years, view.unit) if years else None,
        "table": _table(years),
    }


def _told(own):
    """Years of which the register knows anything."""
    names = (*EVENTS, "earned")
    split = (key.rpartition("-") for key in own.counted)
    return [int(year) for name, _, year in split if name in names and year.isdecimal()]


def _year(year, own, view, stood, as_of):
    earned = own[f"earned-{year}"]
    net, persons = own.counted.get(net_key(year), (0, 0))
    known = persons and not earned.few and not earned.unknown
    return Year(
        year,
        f"{reverse('board')}?{view.query(year=year if year != view.today.year else None, asof=None)}",
        own.cells([f"{name}-{year}" for name in EVENTS]),
        earned,
        per_head(Decimal(net) / 100, persons) if known else None,
        stood.cells(STANDING) if stood else [],
        as_of,
    )


def _ends(user, view, day):
    """`{year: (Figures, day)}` of the ends of years before that of `day`, as far as they were kept. Three queries at most."""
    path = view.region.path
    freezes = {year: one for year, one in freezes_by_year(path).items() if year < day.year}
    found = {}
    for year, kept in places_by_freeze(freezes, view.paths).items():
        then = View(
            view.region, freezes[year].as_of, view.today, view.unit, frozen=freezes[year], group=view.group
        )
        found[year] = Figures(path, kept, user, hidden_of(then), then, then.where), then.day
    return found


def _bars(years, unit):
    return {
        "x": [str(one.year) for one in years],
        "unit": unit,
        "bars": [
            {"name": label, "data": [one.happened[n].number for one in years]}
            for n, (label, _, _) in enumerate(EVENTS.values())
        ],
        "urls": [urls([one.happened[n] for one in years]) for n in range(len(EVENTS))],
    }


def _lines(years, unit):
    """The ends of the years as lines, with the income per head on an axis of its own."""

    def number(one, n):
        return one.standing[n].value if one.standing and not one.standing[n].few else None

    return {
        "x": [str(one.year) for one in years],
        "unit": unit,
        "lines": [
            {"name": SHORT[key], "data": [number(one, n) for one in years]} for n, key in enumerate(STANDING)
        ],
        "head": [float(one.head) if one.head is not None else None for one in years],
        "urls": [
            *(
                [one.standing[n].url if one.standing else one.url for one in years]
                for n in range(len(STANDING))
            ),
            [one.earned.url for one in years],
        ],
    }


def _table(years):
    return Table(
        [("年度", Kind.TEXT), *((f"本年{label}", Kind.COUNT) for label, _, _ in EVENTS.values()), ("截至", Kind.TEXT),
         *((stats.BY_KEY[key].label, Kind.COUNT) for key in STANDING), ("人均纯收入（元）", Kind.YUAN), ("填了收入的", Kind.COUNT)],
        [
            [str(one.year), *(cell.value for cell in one.happened), str(one.as_of or "未冻结"),
             *([cell.value for cell in one.standing] or [None] * len(STANDING)), one.head, one.earned.value]
            for one in reversed(years)
        ],
    )  # fmt: skip
