"""What projects show on other pages: progress and money on the dashboard, and a household's projects."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.board.panels import Panel, Place, Table
from fupin.excel.sheet import Kind
from fupin.filing.frozen import names_of, places_of
from fupin.regions.models import WIDTHS, Level, Region, span
from projects import freezing, kept, rewound, stats
from projects.freezing import PREFIX
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
    unknown: bool = False
    """Not known for that day: the page shows —."""

    def __str__(self):
        return "—" if self.unknown else str(self.number)

    @property
    def value(self):
        """For a workbook."""
        return None if self.unknown else self.number


@dataclass(frozen=True)
class Row:
    """One part of the region."""

    name: str
    url: str
    cells: dict
    sums: stats.Sums
    money: dict


def address(path, figure="", own=False, view=None):
    """The project list of a place (a path, or the conditions of View.where), narrowed to a figure; of a day that is over the
    list of that day."""
    past = view is not None and view.past
    params = (path if isinstance(path, dict) else {"region": path}) | {
        "figure": figure,
        "own": "1" if own else "",
        "asof": view.day.isoformat() if past else "",
    }
    page = "project_then" if past else "project_list"
    return reverse(page) + "?" + urlencode({name: value for name, value in params.items() if value})


def cells(path, counts, own=False, view=None):
    """`{key with _: Cell}` of the counted figures."""
    lost = _lost(view)
    return {
        key.replace("-", "_"): Cell(
            stats.BY_KEY[key].label, number, address(path, key, own, view), key in lost
        )
        for key, number in counts.items()
    }


def _lost(view):
    """Figures that nothing tells for the day of the view."""
    if view is None or not view.past:
        return ()
    if view.frozen:
        return [key.removeprefix(PREFIX) for key in view.frozen.untold]
    return rewound.UNTOLD if view.held.get("projects-unsure") else ()


def money(path, own=False, view=None):
    """`{sum: address}` of the projects that the sums of a place add up."""
    return {name: address(path, key, own, view) for name, key in stats.MONEY.items()}


def progress(user, view, today):
    """Progress and money of the region and its parts; None without any project."""
    if not view.paths:
        return None
    found = _then(user, view) if view.past else _now(user, view, today)
    if found is None or not found.total.counts["all"]:
        return None
    total = found.total
    lines = [
        Row(
            "本级" if place.own else found.names.get(place.path, place.path),
            address(place.path, own=place.own, view=view),
            cells(place.path, {key: place.counts[key] for key in stats.PLACE_KEYS}, place.own, view),
            place.sums,
            money(place.path, place.own, view),
        )
        for place in found.places
    ]
    return {
        "own": cells(view.where, {key: total.counts[key] for key in KEYS}, view=view),
        "sums": total.sums,
        "started_rate": share(total.counts["started"], total.counts["all"]),
        "paid": against_calendar(total.sums.paid_rate, today),
        "money": money(view.where, view=view),
        "rows": lines,
        "late": [(project, project.deadline(today)) for project in found.late],
        "blocked": found.blocked,
        "undated": found.undated,
        "lost": "risk" in _lost(view),
        "year": today.year,
        "table": _table(lines),
    }


@dataclass
class Found:
    """Figures and projects of a view. `undated`: projects whose money of a past day is not known."""

    total: stats.Place
    places: list
    names: dict
    late: list
    blocked: list
    undated: int = 0


def _now(user, view, today):
    rows = stats.visible(user, view.paths if view.group else view.region)
    total, places = (_of_group if view.group else _figures)(user, view, rows, today)
    late = rows.filter(stats.condition("over", today)).select_related("region").order_by("finish_due", "pk")
    return Found(
        total, places, _names(view, Region.objects.names([place.path for place in places if not place.own])),
        list(late[:LATE_SHOWN]) if total.counts["over"] else [], _blocked(rows, total, today),
    )  # fmt: skip


def _then(user, view):
    """As the projects were kept, or stood; None where the user sees only some of the region's projects."""
    region = view.region
    if not any(region.path.startswith(path) for path in user.paths(P.PROJECT_VIEW)):
        return None
    if view.frozen:
        return _kept(user, view)
    rows, figures = list(rewound.projects(view.paths, view.day)), {}
    view.held["projects-unsure"] = any(row.unsure for row in rows)
    if view.group:
        return _past_group(view, rows, Region.objects.names)
    for row in rows:
        rewound.add(figures, row)
    below = WIDTHS[min(region.level + 1, 6)]
    parts = {
        path: found
        for path, found in sorted(figures.items())
        if len(path) == below and path != region.path and path.startswith(region.path)
    }
    names = Region.objects.names({*parts, *(row.region_path for row in rows)})
    return _past(region, figures.get(region.path, {}), parts, names, *freezing.named(rows))


def _kept(user, view):
    """As the places of the projects were kept; a group of areas as its projects were, each once."""
    if view.group:
        rows = list(freezing.then_rows(user, view.frozen, view.paths, view.day))
        return _past_group(view, rows, partial(names_of, view.frozen))
    own, below = view.held.get("place") or places_of(view.frozen, view.region.path)
    if own is None:
        return None
    figures = {
        place.region_path: {key.removeprefix(PREFIX): pair for key, pair in place.figures.items() if key.startswith(PREFIX)}
        for place in (own, *below)
    }  # fmt: skip
    late, blocked = (freezing.named_in(user, view.frozen, own, key) for key in ("p:late", "p:blocked"))
    names = names_of(view.frozen, {row.region_path for row in (*late, *blocked)})
    names |= {place.region_path: place.name for place in below}
    parts = {place.region_path: figures[place.region_path] for place in below if figures[place.region_path]}
    return _past(view.region, figures[own.region_path], parts, names, late, blocked)


def _past_group(view, rows, names_for):
    """What these projects (Then) of a group add up to, each once in it and once in each of its places."""
    figures, paths = {}, view.paths
    for row in rows:
        at = [row.region_path, *row.covers]
        held = [path for path in paths if any(place.startswith(path) for place in at)]
        rewound.add_at(figures, row, [(path, False) for path in ["", *held]])
    names = names_for({*paths, *(row.region_path for row in rows)})
    late, blocked = freezing.named(rows)
    for row in (*late, *blocked):
        row.region = names.get(row.region_path, "")
    own = figures.get("", {})
    places = [kept.place_of(path, figures[path], 0) for path in paths if path in figures]
    return Found(
        kept.place_of("", own, 0), places, _names(view, names), late, blocked, own.get("undated", (0, 0))[0]
    )


def _names(view, names):
    """`names` of places, a village of a group with its township."""
    if not view.group:
        return names
    wide = WIDTHS[Level.TOWNSHIP]
    return names | {
        path: f"{names.get(path[:wide], '')} {names[path]}"
        for path in view.paths
        if len(path) > wide and path in names
    }


def _past(region, own, parts, names, late, blocked):
    places = [kept.place_of(path, found, 0) for path, found in parts.items()]
    if region.level < Level.VILLAGE and any(pair[1] for pair in own.values()):
        places.append(kept.place_of(region.path, own, 1))
    for row in (*late, *blocked):
        row.region = names.get(row.region_path, "")
    return Found(
        kept.place_of(region.path, own, 0), places, names, late, blocked, own.get("undated", (0, 0))[0]
    )


def share(part, whole):
    return part / whole if whole else None


def against_calendar(rate, today):
    """A payment rate beside the share of the year that has passed: `rate`, `share`, `tone`, `width`, `mark`."""
    passed = today.timetuple().tm_yday / date(today.year, 12, 31).timetuple().tm_yday
    held = None if rate is None else float(rate)
    tone = "" if held is None else "green" if held >= passed else "amber" if held >= 0.7 * passed else "red"
    return {"rate": rate, "share": passed, "tone": tone, "width": (held or 0) * 100, "mark": passed * 100}


def _blocked(rows, total, today):
    """Projects that stand still, or should have begun, the longest due first, with their reasons."""
    if not total.counts["stopped"] and not total.counts["not-started"]:
        return []
    wanted = stats.condition("stopped", today) | stats.condition("not-started", today)
    found = rows.filter(wanted).select_related("region").order_by("finish_end", "pk")
    return list(found[:LATE_SHOWN])


NUMBERS = ("all", "started", "finished", "over", "soon")
SUMS = {"investment": "总投资", "planned": "下达", "allotted": "拨付", "paid": "支付"}


def _table(lines):
    return Table(
        [("地方", Kind.TEXT), *((stats.BY_KEY[key].label, Kind.COUNT) for key in NUMBERS),
         *((f"{label}（元）", Kind.YUAN) for label in SUMS.values()), ("支付率", Kind.RATE)],
        [
            [row.name, *(row.cells[key].value for key in NUMBERS), *(getattr(row.sums, name) for name in SUMS),
             row.sums.paid_rate]
            for row in lines
        ],
    )  # fmt: skip


def _of_group(user, view, rows, today):
    """`(Place, [Place])` of a group of areas: a project over several of its places counts once in it, so it is counted; the
    places are kept."""
    paths, county = view.paths, view.region.path
    total = stats.Place("", stats.counts(rows, today), stats.sums(rows))
    if any(county.startswith(path) for path in user.paths(P.PROJECT_VIEW)):
        return total, kept.figures_at(paths, county, today=today)

    def part(where):
        return next((path for path in paths if where.startswith(path)), "")

    return total, stats.by_part(rows, part, *span(county), today) if total.counts["all"] else []


def _figures(user, view, rows, today):
    """`(Place, [Place])` of the region and its parts: kept, or counted over `rows` where the user sees only some of
    the region's projects, and in a village, whose groups are not kept."""
    region = view.region
    if len(region.path) < 12 and any(region.path.startswith(path) for path in user.paths(P.PROJECT_VIEW)):
        return kept.figures_of(region.path, today=today)
    total = stats.Place(region.path, stats.counts(rows, today), stats.sums(rows))
    return total, stats.by_place(rows, region, today) if total.counts["all"] else []


def of_household(user, household, today):
    """The projects that reached a household, of those that the user may see; None without any."""
    rows = Beneficiary.objects.filter(household=household).visible_to(user).select_related("project__region")
    seen = stats.visible(user)
    found = list(rows.filter(project__in=seen).order_by("-on", "-pk"))
    if not found:
        return None
    return {"rows": [(row, row.project.deadline(today)) for row in found]}


GROUPS = []

PANELS = [
    Panel("projects", "项目进度与资金", Place.BOARD, P.PROJECT_VIEW, "projects/panels/board.html", progress, 45),
    Panel(
        "household-projects", "参与的项目", Place.HOUSEHOLD, P.PROJECT_VIEW, "projects/panels/household.html",
        of_household,
    ),
]  # fmt: skip
