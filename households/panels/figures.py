"""Figures of places as cells: households, persons, and the address of exactly those rows."""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property, partial
from urllib.parse import quote, urlencode

from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.board.panels import HOMES, PEOPLE
from fupin.excel.reports import OF_WHICH
from fupin.filing.frozen import names_of, place_of, places_at, places_of
from fupin.filing.models import FrozenPlace
from fupin.regions.models import WIDTHS, Level, Region
from households import breakdown, rewound, stats, withheld
from households.freezing import LATE, NAMED, named_in, rank
from households.panels.groups import added_up


@dataclass(frozen=True)
class Cell:
    """One figure at one place."""

    key: str
    label: str
    households: int
    persons: int
    url: str
    few: bool = False
    """Too few households to be named here: both numbers are 0, the page shows withheld.MARK."""
    unit: str = HOMES
    """What the page counts in."""
    unknown: bool = False
    """Not known for that day: both numbers are 0, the page shows —."""

    def __str__(self):
        return self.words(self.number)

    def words(self, number):
        return FEW if self.few else "—" if self.unknown else f"{number:,}"

    @property
    def number(self):
        """Households or persons, as the page counts."""
        return self.persons if self.unit == PEOPLE else self.households

    @property
    def value(self):
        """For a workbook."""
        return FEW if self.few else None if self.unknown else self.number


FEW = withheld.MARK


class Figures:
    """The figures of one place as cells: `figures["out"]`. No address where the user may not see rows, and there none of
    the figures that `hidden()` names (see `households.withheld`)."""

    def __init__(self, path, counted, user, hidden, view=None, where=None):
        """`where`: the conditions of a list that lead to its rows, by default its path."""
        self.path, self.counted, self.hidden = path, counted, hidden
        self.where = where or {"region": path}
        self.unit, self.past, self.untold = (
            (view.unit, view.past, view.blank) if view else (HOMES, False, False)
        )
        self.lost = frozenset()
        if self.past:
            if "lost" not in view.held:
                view.held["lost"] = frozenset(view.frozen.untold) if view.frozen else lost_keys(view.day)
            self.lost = view.held["lost"]
        self._base = None
        self.asof = {"asof": view.day.isoformat()} if self.past else {}
        self.linked = any(path.startswith(mine) for mine in user.paths(P.HOUSEHOLD_VIEW))

    def __getitem__(self, key):
        key = key.replace("_", "-")
        households, persons = self.counted.get(key, (0, 0))
        label = stats.BY_KEY[key].label
        if self.unknown(key):
            return Cell(key, label, 0, 0, "", unit=self.unit, unknown=True)
        if self.hides(key):
            return Cell(key, label, 0, 0, "", few=True, unit=self.unit)
        return Cell(key, label, households, persons, self.address(figure=key), unit=self.unit)

    def address(self, **conditions):
        """The list of the place's rows under these conditions, "" where the user may not see rows."""
        if not self.linked:
            return ""
        if self._base is None:  # once for the hundreds of figures of a page
            page = "household_then" if self.past else "household_list"
            self._base = reverse(page) + "?" + urlencode(self.where)
        return "&".join(
            [self._base, *(f"{name}={quote(str(value))}" for name, value in (conditions | self.asof).items())]
        )

    def unknown(self, key):
        """Whether the register does not say what the figure was on that day."""
        return self.untold or self.past and key in self.lost

    def other(self, key, label, **conditions):
        """A figure that is not one of `stats`: of an open rule, of a responsible person."""
        households, persons = self.counted.get(key, (0, 0))
        return Cell(key, label, households, persons, self.address(**conditions), unit=self.unit)

    def hides(self, key):
        """Whether the figure is withheld from this user: few households, or one that would tell of few, whose rows the
        user may not see."""
        return not self.linked and key in self.hidden()

    def cells(self, keys):
        return [self[key] for key in keys]

    def share(self, part, whole):
        """A fraction, None when the whole is zero or one of the two is withheld."""
        total = self[whole].number
        if self.hides(part) or self.unknown(part):
            return None
        return Decimal(self[part].number) / total if total else None


@dataclass(frozen=True)
class Row:
    """One child of the region: its name, its figures, and where its own dashboard is."""

    path: str
    name: str
    figures: Figures
    progress: dict
    query: str

    @property
    def url(self):
        return f"{reverse('board')}?{self.query}"


def lost_keys(day):
    """The figures that nothing tells for a day that is over."""
    return frozenset(key for key in rewound.NO_PAST if not rewound.known(key, day))


PAST_AT_MOST = 30_000
"""Households of a place that are judged one by one for a past day while somebody waits."""

TOO_MANY = f"本区域超过 {PAST_AT_MOST:,} 户，没有冻结的以前的日子由后台算一次，算好后留存 30 天，指标、名单和下级都可看。"

BELOW = {0: 2, 2: 4, 4: 6, 6: 9, 9: 12, 12: 14, 14: 14}
"""Width of the path of a place: of its parts."""


def place(user, view, day):
    """The region's figures and its children's: `(Figures, [Row])`. Read once a page: the view carries them from one
    panel to the next."""
    held = view.held.get("households")
    if held is None:
        if view.group:
            return _read(user, view, *_of_group(view))
        path = view.region.path
        if view.frozen:
            return _frozen(user, view)
        own, children = stats.figures_of(path, today=view.today or day)
        if _too_many(view, own):
            own, children = {}, {child: {} for child in children}
        elif view.past:
            own, children = _counted_then(view)
        held = _read(user, view, own, children, Region.objects.names(children))
    return held


def own(user, view, wanted):
    """The figures of the region alone; of a day that is over at least the `wanted`."""
    if view.group:
        return place(user, view, view.day)[0]
    if view.frozen:
        _missing(view)
        found = place_of(view.frozen, view.region.path)
        return Figures(view.region.path, found.figures if found else {}, user, _Withheld(view), view)
    path = view.region.path
    counted = stats.own_of(path, today=view.today or view.day)
    if view.past:
        # what is withheld from who sees no rows follows from all figures
        if not Figures(path, {}, user, None).linked or _too_many(view, counted):
            return place(user, view, view.day)[0]
        counted = {}
        for one in rewound.households(path, view.day, wanted):
            rewound.add(counted, one.keys, one.size)
    return Figures(path, counted, user, _Withheld(view), view)


def _too_many(view, own):
    """Whether the day is over, and the households of the place are too many to be judged while somebody waits."""
    if not view.past or own.get("all", (0,))[0] <= PAST_AT_MOST:
        return False
    view.note, view.blank, view.uncounted = TOO_MANY, True, True
    return True


def _of_group(view):
    """`(own, {path: figures}, names)` of the group of a view: its places, and what they add up to."""
    paths, county, day = view.paths, view.region.path, view.today or view.day
    if view.frozen:
        held = {one.region_path: one for one in places_at(view.frozen, paths)}
        found, names = {path: one.figures for path, one in held.items()}, names_of(view.frozen, paths)
        view.held["place"] = _together(held.values()), []
    else:
        found, names = stats.figures_at(paths, county, today=day), Region.objects.names(paths)
        if _too_many(view, added_up(paths, found)):
            found = dict.fromkeys(found, {})
        elif view.past:
            late = view.held["late"] = {key: [] for key in LATE}
            lived = view.held["lived"] = set()

            def at(where):
                return [path for path in paths if where.startswith(path)]

            found = _places_then(paths, view.day, at, late, lived)
    found = {path: own for path, own in found.items() if own.get("all", (0,))[0] or view.blank}
    for path in paths:
        if len(path) > WIDTHS[Level.TOWNSHIP]:
            names[path] = f"{names.get(path[:9], '')} {names.get(path, path)}".strip()
    return added_up(paths, found), found, names


def _together(places):
    """A FrozenPlace that names who any of `places` names."""
    one = FrozenPlace()
    for place in places:
        for key, named in place.named.items():
            one.named[key] = one.named.get(key, []) + named
    return one


@dataclass(frozen=True)
class GroupRow:
    """A group among the rows of its county. `name`: set in where it lies within a wider one; `plain`: as it is called."""

    name: str
    plain: str
    figures: Figures
    progress: dict
    query: str
    confirmed: bool

    @property
    def url(self):
        return f"{reverse('board')}?{self.query}"


def group_rows(user, view, day):
    """The groups of the county of a view, as GroupRows; [] elsewhere. A query more where a group holds single villages."""
    if view.group or not view.groups or view.blank:
        return []
    held = view.groups
    own, rows = place(user, view, day)
    found = {row.path: row.figures.counted for row in rows}
    hidden = _Withheld(view, (own.counted, found.copy()))
    villages = sorted({path for one in held for path in one.paths if len(path) > WIDTHS[Level.TOWNSHIP]})
    if villages:
        found |= _villages(view, villages)
    made = []
    for one in held:
        here = replace(view, group=one, held=view.held)
        figures = Figures(
            view.region.path,
            added_up(one.paths, found),
            user,
            partial(hidden.of_all, one.paths),
            view,
            here.where,
        )
        label = "　" * one.depth + f"{OF_WHICH}{one.name}"
        made.append(
            GroupRow(label, one.name, figures, progress(figures, view.day), here.query(), one.confirmed)
        )
    return made


def _villages(view, paths):
    if view.frozen:
        return {one.region_path: one.figures for one in places_at(view.frozen, paths)}
    if view.past:
        return {path: found for path, found in view.held["villages"].items() if path in paths}
    return stats.figures_at(paths, view.region.path, today=view.today or view.day)


class _Withheld:
    """What is withheld of the place of a view, worked out when it is first asked for: who sees the rows never asks.

    `read`: what was read of the place itself, `(own, {path: figures})`."""

    def __init__(self, view, read=None):
        self.view, self.read = view, read
        self.places = {}

    @cached_property
    def found(self):
        return withheld.at(self.view.region.path, self._read)

    def __call__(self):
        return self.of_all(self.view.paths) if self.view.group else self.found[0]

    def of(self, child):
        return self.of_all([child]) if self.view.group else self.found[1][child]

    def of_all(self, paths):
        """What is withheld of several places together: all that is of one of them. What is shown of a group is then nothing
        but a sum of what is shown."""
        if missing := [path for path in paths if path not in self.places]:
            self.places.update(withheld.each(missing, self._read))
        return set().union(*(self.places[path] for path in paths))

    @cached_property
    def _read(self):
        return cache(self._figures)

    def _figures(self, path):
        if self.read and not self.view.group and path == self.view.region.path:
            return self.read
        if self.view.frozen:
            own, below = places_of(self.view.frozen, path)
            return own.figures if own else {}, {one.region_path: one.figures for one in below if one.figures}
        if self.view.past:
            wide = stats.figures_of(path)[0].get("all", (0,))[0] > PAST_AT_MOST
            return (
                ({}, {}) if wide else _then(path, self.view.day)
            )  # of a wide place that day is shown to nobody
        return stats.figures_of(path, today=self.view.today or self.view.day)


def hidden_of(view):
    """The `hidden` of a Figures of the place of `view`."""
    return _Withheld(view)


def _read(user, view, own, children, names):
    """Hold what was read in the view: `(Figures, [Row])`."""
    hidden = _Withheld(view, (own, children))
    rows = [
        Row(child, names.get(child, child), figures, progress(figures, view.day), view.query(region=child))
        for child, found in sorted(children.items())
        for figures in [Figures(child, found, user, partial(hidden.of, child), view)]
    ]
    view.held["households"] = Figures(view.region.path, own, user, hidden, view, view.where), rows
    return view.held["households"]


def _frozen(user, view):
    """The figures as they were kept, with the places of that time."""
    _missing(view)
    own, below = view.held["place"] = places_of(view.frozen, view.region.path)
    children = {place.region_path: place.figures for place in below if place.figures}
    names = {place.region_path: place.name for place in below}
    return _read(user, view, own.figures if own else {}, children, names)


def _missing(view):
    """Say of which counties nothing was kept."""
    if missing := getattr(view.frozen, "missing", ()):
        view.note, view.uncounted = (
            f"还没有这一天的数：{'、'.join(missing)}。下面不含它们；由后台算一次即可补上。",
            True,
        )


def _counted_then(view):
    """The figures of a past day, counted now; the late ones are held for the list of names, and the villages that stand in
    groups of areas for their rows."""
    late = view.held["late"] = {key: [] for key in LATE}
    single = {path for one in view.groups for path in one.paths if len(path) == 12}
    villages = view.held["villages"] = {}
    lived = view.held["lived"] = set()
    return _then(view.region.path, view.day, late, villages, single, lived)


def _then(path, day, late=None, villages=None, single=(), lived=None):
    width = BELOW[len(path)]

    def at(where):
        return [where[:width], where[:12]] if where[:12] in single else [where[:width]]

    found = _places_then(path, day, at, late, lived)
    for village in single:
        if village in found:
            villages[village] = found.pop(village)
    return stats.total(found.values()), {child: own for child, own in found.items() if child != path}


def _places_then(path, day, at, late=None, lived=None):
    """`{place: figures}` of a day that is over; `at(path of a household)`: the places in which it counts. Households that are
    late are added to `late`, the villages of all to `lived`."""
    found = {}
    for one in rewound.households(path, day):
        places = at(one.region_path)
        if lived is not None:
            lived.add(one.region_path[:12])
        keys = one.keys
        if any(len(where) < 12 for where in places):
            keys = [key for key in keys if not key.startswith(breakdown.BY)]
        for where in places:
            held = found.setdefault(where, {})
            rewound.add(held, keys, one.size)
            rewound.add_sums(held, one)
        for key in late or ():
            if key in one.keys:
                late[key].append(one)
    return found


def late_then(user, view, key):
    """The households behind a figure of LATE on a day that is over, as they stood."""
    if view.frozen:
        return named_in(user, view.frozen, view.held["place"][0], key)
    found = view.held.get("late", {}).get(key, [])
    return sorted(found, key=lambda row: (rank(row, key), row.region_path, row.pk))[:NAMED]


def year_share(today):
    """The share of the calendar year that has passed at the end of `today`."""
    days = 366 if (today.year % 4 == 0 and (today.year % 100 or today.year % 400 == 0)) else 365
    return Decimal(today.timetuple().tm_yday) / days


def progress(figures, today):
    """How a place stands against the targets of the year.

    tone: green at or above the share of the year that has passed, amber from 70 % of it, red below, none
    without a target.
    """
    done, plan = figures["plan-done"].number, figures["plan-year"].number
    known = not figures.hides("plan-done") and not figures.hides("plan-due")
    rate = Decimal(done) / plan if plan and known else None
    share = year_share(today)
    tone = (
        ""
        if rate is None
        else "green"
        if rate >= share
        else "amber"
        if rate >= share * Decimal("0.7")
        else "red"
    )
    due = figures["plan-due"].number
    return {
        "rate": rate, "tone": tone, "plan": plan, "done": done, "share": share, "due": due,
        "width": float(rate or 0) * 100, "mark": float(share) * 100,
    }  # fmt: skip


def series(cells, linked):
    """The numbers of growing figures for a chart. Who may not see rows gets no step of few households either: such
    a step shows with the next one."""
    shown, last = [], 0
    for cell in cells:
        if linked or cell.number - last >= stats.FEW:
            last = cell.number
        shown.append(last)
    return shown


def urls(cells):
    return [cell.url for cell in cells]
