"""Panels: pieces of a page that an app offers and another page shows."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto

from fupin.catalogue import offers


class Place(StrEnum):
    """Where a panel stands, and what its `data` is called with.

    BOARD: `data(user, region, today)`, region a Region within the user's board posts.
    HOUSEHOLD: `data(user, household, today)`, the household already fetched through `visible_to`.
    """

    BOARD = auto()
    HOUSEHOLD = auto()


@dataclass(frozen=True)
class Panel:
    """One panel. `data` returns the template's context, or None when there is nothing to show at all."""

    name: str
    title: str
    place: Place
    permission: str
    template: str
    data: Callable


def panels_for(place, user):
    """The panels of `place` that this user may see, in the order of settings."""
    return [p for p in offers("PANEL_MODULES", "PANELS") if p.place == place and user.may(p.permission)]


def drawn(place, user, subject, today):
    """`[(panel, context)]` ready for `{% include panel.template %}`, empty panels left out."""
    made = [(panel, panel.data(user, subject, today)) for panel in panels_for(place, user)]
    return [(panel, context) for panel, context in made if context is not None]
