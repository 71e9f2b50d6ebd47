"""What somebody has to do, computed from the data each time: nothing is stored, so nothing drifts.

An app offers a list SOURCES in a module that settings.TODO_MODULES names (`households.todo`). A source reads
through `visible_to(scope.user)` only, and takes a number of queries that does not grow with the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from fupin.accounts.models import User
from fupin.accounts.roles import Permission
from fupin.catalogue import offers


@dataclass(frozen=True)
class Scope:
    """Whose work, on which day. `mine`: only what falls to this person (own pairings, own name as the
    responsible one); otherwise everything in the regions of the person's posts."""

    user: User
    today: date
    mine: bool = False
    held: dict = field(default_factory=dict, compare=False)
    """What several sources need and the first of them read."""


@dataclass(frozen=True)
class Todo:
    """One line: what to do, and the address where it is done.

    `due` is the last day on which it is in time, None when there is no date. `count` is given where one line
    stands for several rows (the doubts of one rule).
    """

    title: str
    url: str
    due: date | None = None
    note: str = ""
    place: str = ""
    action: str = "处理"
    count: int | None = None


@dataclass(frozen=True)
class Tally:
    """How many rows wait, and how many of them are past their date."""

    total: int = 0
    late: int = 0


@dataclass(frozen=True)
class Source:
    """One kind of work.

    `items(scope, limit)` gives at most `limit` Todos, the most urgent first. `count(scope)` gives the Tally of
    all of them, and `url(scope, late)` a list page that shows exactly `Tally.total` rows, or exactly
    `Tally.late` when `late`. `soon` is the number of days before the due date from which a line warns.
    `tile`: drawn as a tile on top; `side`: its lines stand in the card at the right, not in the table.
    """

    name: str
    title: str
    icon: str
    permission: Permission
    items: Callable[[Scope, int], list[Todo]]
    count: Callable[[Scope], Tally]
    url: Callable[[Scope, bool], str]
    unit: str = "件"
    soon: int = 7
    tile: bool = True
    side: bool = False


@dataclass(frozen=True)
class Work:
    """A source with what it found for one scope."""

    source: Source
    tally: Tally
    url: str
    late_url: str
    items: list[Todo] = field(default_factory=list)


def work_for(scope, limit):
    """Every source that the user may use, with its tally and at most `limit` lines each."""
    found = []
    for source in offers("TODO_MODULES", "SOURCES"):
        if not scope.user.may(source.permission):
            continue
        tally = source.count(scope)
        items = source.items(scope, limit) if tally.total else []
        found.append(Work(source, tally, source.url(scope, False), source.url(scope, True), items))
    return found
