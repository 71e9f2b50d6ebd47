"""What projects show on other pages: progress and money on the dashboard, and a household's projects."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.board.panels import Panel, Place
from fupin.regions.models import Region
from projects import stats
from projects.models import Beneficiary

KEYS = (
    "all", "started", "finished", "open", "over", "soon", "risk", "stopped", "not-started", "plan-year",
    "plan-done", "late-milestone", "fund-behind", *stats.MONEY.values(),
)  # fmt: skip
LATE_SHOWN = 6


@dataclass(frozen=True)
class Cell:
    """A figure with the address of exactly the projects that it counts."""

    label: str
    number: int
    url: str

    def __str__(self):
        return str(self.number)


@dataclass(frozen=True)
class Row:
    """One part of the region."""

    name: str
    url: str
    cells: dict
    sums: stats.Sums
    money: dict


def address(path, figure="", own=False):
    """The project list of a place, narrowed to a figure."""
    params = {"region": path, "figure": figure, "own": "1" if own else ""}
    return reverse("project_list") + "?" + urlencode({name: value for name, value in params.items() if value})


def cells(path, counts, own=False):
    """`{key with _: Cell}` of the counted figures."""
    return {
        key.replace("-", "_"): Cell(stats.BY_KEY[key].label, number, address(path, key, own))
        for key, number in counts.items()
    }


def money(path, own=False):
    """`{sum: address}` of the projects that the sums of a place add up."""
    return {name: address(path, key, own) for name, key in stats.MONEY.items()}


def progress(user, region, today):
    """Progress and money of the region and its parts; None without any project."""
    rows = stats.visible(user, region)
    counts = stats.counts(rows, today, KEYS)
    if not counts["all"]:
        return None
    places = stats.by_place(rows, region, today)
    names = Region.objects.names([place.path for place in places if not place.own])
    late = rows.filter(stats.condition("over", today)).select_related("region").order_by("finish_end", "pk")
    return {
        "own": cells(region.path, counts),
        "sums": stats.sums(rows),
        "money": money(region.path),
        "rows": [
            Row(
                "本级" if place.own else names.get(place.path, place.path),
                address(place.path, own=place.own),
                cells(place.path, place.counts, place.own),
                place.sums,
                money(place.path, place.own),
            )
            for place in places
        ],
        "late": [(project, project.deadline(today)) for project in late[:LATE_SHOWN]],
        "level": region.get_level_display(),
        "year": today.year,
    }


def of_household(user, household, today):
    """The projects that reached a household, of those that the user may see; None without any."""
    rows = Beneficiary.objects.filter(household=household).visible_to(user).select_related("project__region")
    seen = stats.visible(user)
    found = list(rows.filter(project__in=seen).order_by("-on", "-pk"))
    if not found:
        return None
    return {"rows": [(row, row.project.deadline(today)) for row in found]}


PANELS = [
    Panel("projects", "项目进度与资金", Place.BOARD, P.PROJECT_VIEW, "projects/panels/board.html", progress),
    Panel(
        "household-projects", "参与的项目", Place.HOUSEHOLD, P.PROJECT_VIEW, "projects/panels/household.html",
        of_household,
    ),
]  # fmt: skip
