"""历年趋势: what happened in each year, how things stood at the end of each, of how many people who live there how many were
poor or at risk (发生率), and what a head earned in it.

What happened and what was earned is counted from the register by year (`households.breakdown`). How things stood at the end
of a past year is known of years that were frozen or counted; the others say so, and lead to the board of that year.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.urls import reverse

from fupin.board.panels import Table, View, group_from
from fupin.excel.sheet import Kind
from fupin.filing.frozen import freezes_by_year, places_by_freeze
from households import stats
from households.breakdown import EVENTS, FIRST, net_key
from households.models.income import per_head
from households.panels import rates
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
    `as_of`: the day of these; `people`: 村情总人口 then, `rates`: the Rates of RATES; `earned`: the households with an income of
    the year, and `head` yuan a head (None: unknown)."""

    year: int
    url: str
    happened: list
    earned: object
    head: Decimal | None
    standing: list = field(default_factory=list)
    as_of: date | None = None
    people: int | None = None
    rates: list = field(default_factory=list)


@dataclass(frozen=True)
class Rate:
    """A rate of a year: the Cell whose persons it counts, and the fraction, None where one of the two is not known."""

    cell: object
    rate: Decimal | None


RATES = {"in-poverty": "贫困发生率", "risk-open": "返贫风险发生率"}
"""The figure whose persons are counted among 村情总人口, and what the fraction is called."""
PEOPLE = {"in-poverty": "贫困人口", "risk-open": "风险未消除人口"}


def trends(user, view, day):
    own, _ = place(user, view, day)
    if view.blank:
        return None
    ends = _ends(user, view, day) | {day.year: (own, day, view.frozen)}
    first = min([*ends, *_told(own)], default=day.year)
    people = _people(view, {year: freeze for year, (_, _, freeze) in ends.items()})
    years = [
        _year(year, own, view, *ends.get(year, (None, None))[:2], people.get(year))
        for year in range(first, day.year + 1)
    ]
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
        "rates": _rates(years),
        "rated": [one for one in reversed(years) if one.rates],
        "table": _table(years),
    }


def _told(own):
    """Years of which the register knows anything."""
    names = (*EVENTS, "earned")
    split = (key.rpartition("-") for key in own.counted)
    return [int(year) for name, _, year in split if name in names and year.isdecimal()]


def _year(year, own, view, stood, as_of, people):
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
        people,
        [Rate(cell, rates.rate(cell, people)) for cell in stood.cells(RATES)] if stood else [],
    )


def _ends(user, view, day):
    """`{year: (Figures, day, freeze)}` of the ends of years before that of `day`, as far as they were kept. Three queries at
    most."""
    path = view.region.path
    freezes = {year: one for year, one in freezes_by_year(path).items() if year < day.year}
    groups = {year: _group_then(view, freeze) for year, freeze in freezes.items()} if view.group else {}
    if view.group:  # the places that the group had then
        held = {}
        for year, group in groups.items():
            held |= places_by_freeze({year: freezes[year]}, list(group.paths)) if group else {}
    else:
        held = places_by_freeze(freezes, view.paths)
    found = {}
    for year, kept in held.items():
        then = View(
            view.region,
            freezes[year].as_of,
            view.today,
            view.unit,
            frozen=freezes[year],
            group=groups.get(year),
        )
        found[year] = Figures(path, kept, user, hidden_of(then), then, then.where), then.day, freezes[year]
    return found


def _people(view, freezes):
    """`rates.people`, a group of areas with the places that it had in each year."""
    if not view.group:
        return rates.people(view, freezes)
    found = {}
    for year, freeze in freezes.items():
        here = view if year == view.day.year else replace(view, group=_group_then(view, freeze), held={})
        found |= rates.people(here, {year: freeze})
    return found


def _group_then(view, freeze):
    """The group of a view as a frozen year kept it, by its key or else its name; None where that year had none."""
    held = [group_from(one) for one in freeze.groups]
    return next((one for one in held if one.key == view.group.key), None) or next(
        (one for one in held if one.name == view.group.name), None
    )


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


def _rates(years):
    """The rates as lines, in percent; None where no year has one."""
    if not any(one.rate is not None for year in years for one in year.rates):
        return None

    def number(year, n):
        rate = year.rates[n].rate if year.rates else None
        return None if rate is None else float(round(100 * rate, 2))

    return {
        "x": [str(year.year) for year in years],
        "percent": True,
        "lines": [
            {"name": label, "data": [number(year, n) for year in years]}
            for n, label in enumerate(RATES.values())
        ],
        "urls": [
            [year.rates[n].cell.url if year.rates else year.url for year in years] for n in range(len(RATES))
        ],
    }


def _told_of(year):
    """What the table of the workbook says of the rates of a Year."""
    if not year.rates:
        return [None] * (1 + 2 * len(RATES))
    persons = [one.cell.persons if isinstance(one.cell.value, int) else one.cell.value for one in year.rates]
    return [
        year.people,
        *(value for pair in zip(persons, (one.rate for one in year.rates)) for value in pair),
    ]


def _table(years):
    return Table(
        [("年度", Kind.TEXT), *((f"本年{label}", Kind.COUNT) for label, _, _ in EVENTS.values()), ("截至", Kind.TEXT),
         *((stats.BY_KEY[key].label, Kind.COUNT) for key in STANDING), ("村情总人口", Kind.COUNT),
         *(pair for key in RATES for pair in ((PEOPLE[key], Kind.COUNT), (RATES[key], Kind.RATE))),
         ("人均纯收入（元）", Kind.YUAN), ("填了收入的", Kind.COUNT)],
        [
            [str(one.year), *(cell.value for cell in one.happened), str(one.as_of or "未冻结"),
             *([cell.value for cell in one.standing] or [None] * len(STANDING)), *_told_of(one), one.head, one.earned.value]
            for one in reversed(years)
        ],
    )  # fmt: skip
