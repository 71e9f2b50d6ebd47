"""Panels: pieces of a page that an app offers and another page shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto
from urllib.parse import urlencode

from fupin.catalogue import offers
from fupin.regions.models import Region

HOMES, PEOPLE = "户", "人"
UNITS = (HOMES, PEOPLE)


class Place(StrEnum):
    """Where a panel stands, and what its `data` is called with.

    BOARD: `data(user, view, day)`, a View of a region within the user's board posts.
    HOUSEHOLD: `data(user, household, today)`, the household already fetched through `visible_to`.
    """

    BOARD = auto()
    HOUSEHOLD = auto()


@dataclass
class View:
    """What a dashboard shows: of which place, as of which day, counted in households or in persons.

    `held` carries what one panel has read to the next.
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

    @property
    def past(self):
        """Whether it shows a day that is over, or one that was kept."""
        return self.frozen is not None or self.today is not None and self.day < self.today

    def query(self, **changes):
        """The query string that leads here, with changes; None leaves out."""
        held = {
            "region": self.region.path,
            "unit": self.unit if self.unit != HOMES else None,
            "asof": self.day.isoformat() if self.past else None,
        }
        return urlencode({name: value for name, value in (held | changes).items() if value is not None})


@dataclass(frozen=True)
class Table:
    """What a panel shows, as lines of a workbook: `columns` are `(header, Kind)`, `lines` lists of values."""

    columns: list
    lines: list


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
