"""Panels: pieces of a page that an app offers and another page shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto
from urllib.parse import urlencode

from fupin.catalogue import offers
from fupin.regions.models import Level, Region

HOMES, PEOPLE = "户", "人"
UNITS = (HOMES, PEOPLE)


class Place(StrEnum):
    """Where a panel stands, and what its `data` is called with.

    BOARD: `data(user, view, day)`, a View of a region within the user's board posts.
    HOUSEHOLD: `data(user, household, today)`, the household already fetched through `visible_to`.
    """

    BOARD = auto()
    HOUSEHOLD = auto()


@dataclass(frozen=True)
class Group:
    """Places of a county that are counted together (片区), as an app offers it under GROUPS: `in_force(county, year)` gives
    those of a data year, `known(key)` one of any year or None. `paths`: its townships and villages, none inside another;
    `depth`: how deep it lies within wider ones."""

    key: int
    name: str
    county: str
    paths: tuple
    depth: int = 0
    confirmed: bool = True


def groups_of(county, year):
    """The groups of a county in a data year, each followed by those that lie within it."""
    return [one for offered in offers("PANEL_MODULES", "GROUPS") for one in offered.in_force(county, year)]


def group_from(kept):
    """The Group of the fields that a frozen year kept."""
    return Group(**kept | {"paths": tuple(kept["paths"])})


def group_known(key):
    """The Group of that key, of whatever year; None where there is none."""
    found = (offered.known(int(key)) for offered in offers("PANEL_MODULES", "GROUPS"))
    return next((one for one in found if one), None) if str(key).isdecimal() and len(str(key)) < 10 else None


@dataclass
class View:
    """What a dashboard shows: of which place, as of which day, counted in households or in persons.

    `held` carries what one panel has read to the next. Of a group `region` is its county.
    """

    region: Region
    day: date
    today: date | None = None
    unit: str = HOMES
    held: dict = field(default_factory=dict)
    note: str = ""
    """What the page must say about the figures."""
    blank: bool = False
    """Whether nothing tells any figure."""
    uncounted: bool = False
    """Whether a job would have to count the day, all of it or a part."""
    frozen: object = None
    """The frozen year (fupin.filing) whose copies answer, with the places of that time; None: the register does."""
    group: Group | None = None
    """The group of areas whose figures it shows, instead of the whole of `region`."""
    whole: bool = False
    """Whether tables that are cut on the whole dashboard show every line."""

    @property
    def name(self):
        return self.group.name if self.group else str(self.region)

    @property
    def place(self):
        """What stands for the place in the query string of a board: a path, "g7" for a group."""
        return f"g{self.group.key}" if self.group else self.region.path

    @property
    def paths(self):
        """The places that it shows, none inside another."""
        return list(self.group.paths) if self.group else [self.region.path]

    @property
    def where(self):
        """The conditions of a list that lead to the rows of the place."""
        return {"region": self.region.path} | ({"group": self.group.key} if self.group else {})

    @property
    def groups(self):
        """The groups of areas of its county in its year, as a frozen year kept them; [] of another place."""
        if self.region.level != Level.COUNTY:
            return []
        if "groups" not in self.held:
            self.held["groups"] = (
                [group_from(kept) for kept in self.frozen.groups]
                if self.frozen
                else groups_of(self.region.path, self.day.year)
            )
        return self.held["groups"]

    @property
    def past(self):
        """Whether it shows a day that is over, or one that was kept."""
        return self.frozen is not None or self.today is not None and self.day < self.today

    def query(self, **changes):
        """The query string that leads here, with changes; None leaves out."""
        held = {
            "region": self.place,
            "unit": self.unit if self.unit != HOMES else None,
            "asof": self.day.isoformat() if self.past else None,
        }
        return urlencode({name: value for name, value in (held | changes).items() if value is not None})


@dataclass(frozen=True)
class Table:
    """What a panel shows, as lines of a workbook: `columns` are `(header, Kind)`, `lines` lists of values. `named`: it names
    households, so that taking it home is an export that stands in the trail, for who may export."""

    columns: list
    lines: list
    named: bool = False


@dataclass(frozen=True)
class Panel:
    """One panel. `data` returns the template's context, or None when there is nothing to show at all.

    Its "table" (a Table), where it has one, can be downloaded.
    """

    name: str
    title: str
    place: Place
    permission: str
    template: str
    data: Callable
    rank: int = 50
    """Where it stands among the panels of all apps: the lower, the earlier."""


def panels_for(place, user):
    """The panels of `place` that this user may see, by rank."""
    found = [p for p in offers("PANEL_MODULES", "PANELS") if p.place == place and user.may(p.permission)]
    return sorted(found, key=lambda panel: panel.rank)


def drawn(place, user, subject, today, only=None):
    """`[(panel, context)]` ready for `{% include panel.template %}`, empty panels left out; `only` the one called so."""
    panels = [panel for panel in panels_for(place, user) if only in (None, panel.name)]
    made = [(panel, panel.data(user, subject, today)) for panel in panels]
    return [(panel, context) for panel, context in made if context is not None]
