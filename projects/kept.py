"""Keeping the counts of projects per place true. The only writer of ProjectCount.

What a project counts for is computed by the conditions of `projects.stats` before it changes and after, and the
difference is added to the places that it touches: a saving costs the same beside 5 projects and beside 5,000. Every
action that changes a project, its villages, milestones or funds does so inside `counting`, in its own transaction.

A project over several places counts once in the place above them: counts of a place are not the sum of its parts.
"""

from collections import defaultdict
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.db import transaction
from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from fupin.prepared import several
from fupin.regions.models import WIDTHS, ancestors_of, span
from fupin.schedule import Standing
from projects import stats
from projects.models import Milestone, ProgressChange, Project, ProjectCount, ProjectVillage, milestone_q

LEVELS = {width: level for level, width in WIDTHS.items() if width <= 12}
"""Levels whose places are kept, by the width of their path: the groups of a village are counted live."""

MONEY = {f"sum-{name}": name for name in stats.MONEY}
"""Sums, kept in 分 as integers. A sum is unknown (None) where the figure that it adds up is 0."""

STEPS = {"milestones-over": Standing.OVER, "milestones-soon": Standing.SOON}
"""Milestones of the projects, not projects."""

LABELS = {
    "milestones-over": "逾期节点", "milestones-soon": "将到期节点", "sum-investment": "计划总投资（分）",
    "sum-planned": "下达（分）", "sum-allotted": "拨付（分）", "sum-paid": "支付（分）",
}  # fmt: skip

KEYS = (*stats.BY_KEY, *STEPS, *MONEY)
NEVER = date(1900, 1, 1)
CHUNK = 500


@contextmanager
def counting(*projects):
    """Around every change of these stored projects (keys), inside the transaction: keeps the counts, and what the progress
    and the state were.

    Locks the projects, so that what is read first is what the last writer counted.
    """
    today, were = timezone.localdate(), {}
    for chunk in _chunks(projects):
        were |= _standing(chunk.select_for_update())
    before = facts(projects, today)
    yield
    _apply(before, facts(projects, today), today)
    are = {}
    for chunk in _chunks(projects):
        are |= _standing(chunk)
    ProgressChange.objects.bulk_create(
        [
            ProgressChange(project_id=pk, progress=was[0], state=was[1])
            for pk, was in were.items()
            if are.get(pk, was) != was
        ],
        batch_size=CHUNK,
    )


def _chunks(projects):
    for start in range(0, len(projects), CHUNK):
        yield Project.objects.unscoped("kept").filter(pk__in=projects[start : start + CHUNK])


def _standing(chunk):
    """`{project: (progress, state)}`."""
    return {
        pk: (progress, state)
        for pk, progress, state in chunk.order_by("pk").values_list("pk", "progress", "state")
    }


def add(projects):
    """Count new projects (keys) in. Call inside the transaction that made them."""
    today = timezone.localdate()
    _apply({}, facts(projects, today), today)


def facts(projects, today):
    """What these projects count for: `{key: (numbers in the order of KEYS, [(place, whether it is its own)])}`.

    Two queries per 500.
    """
    found = {}
    for start in range(0, len(projects), CHUNK):
        chunk = projects[start : start + CHUNK]
        found |= _facts(_numbers_of(today)(chunk), _covered(chunk))
    return found


@several("ids")
def _covered(ids):
    rows = ProjectVillage.objects.unscoped("kept").filter(project__in=ids)
    return rows.order_by().values_list("project", "region_path")


@lru_cache(maxsize=4)
def _numbers_of(today):
    """`_numbers` of some projects, as a query that is made once a day too."""
    return several("ids")(lambda ids: _numbers(today).filter(pk__in=ids))


@lru_cache(maxsize=4)
def _numbers(today):
    """Every project with its numbers. Made once a day: its thirty conditions cost more to make than to run."""
    flags = {
        f"f{n}": Case(When(figure.condition(today), then=Value(1)), default=Value(0))
        for n, figure in enumerate(stats.FIGURES)
    }
    milestones = (
        Milestone.objects.unscoped("kept").filter(project=OuterRef("pk")).order_by().values("project")
    )
    steps = {
        f"s{n}": Coalesce(
            Subquery(milestones.filter(milestone_q(standing, today)).annotate(n=Count("pk")).values("n")), 0
        )
        for n, standing in enumerate(STEPS.values())
    }
    rows = Project.objects.unscoped("kept").order_by().with_funds().annotate(**flags, **steps)
    return rows.values_list("pk", "region_path", *flags, *steps, *MONEY.values())


def _facts(rows, covered):
    paths = defaultdict(list)
    for project, path in covered:
        paths[project].append(path)
    found = {}
    for project, path, *numbers in rows:
        paid = len(numbers) - len(MONEY)
        numbers[paid:] = [int((value or 0) * 100) for value in numbers[paid:]]
        found[project] = (numbers, places_of([path, *paths[project]]))
    return found


def places_of(paths):
    """`[(place, whether it is its own)]`: the kept places that a project at `paths` touches. It is a place's own
    where it belongs to none of the place's parts."""
    held = {path[:width] for path in paths for width in LEVELS if width <= len(path)}
    above = {path[: WIDTHS[LEVELS[len(path)] - 1]] for path in held if path}
    return [(path, path not in above) for path in held]


def _summed(found, sign, summed):
    for numbers, places in found.values():
        for path, own in places:
            held = summed[path]
            for key, number in zip(KEYS, numbers):
                if number:
                    pair = held.setdefault(key, [0, 0])
                    pair[0] += sign * number
                    pair[1] += sign * number * own
    return summed


def _lock():
    """Wait for whoever else is changing counts. The country's row is changed by all of them anyway; taken first,
    it also keeps a place that has no row yet from being made twice."""
    if (
        not ProjectCount.objects.unscoped("counts")
        .select_for_update()
        .filter(region_path="")
        .order_by("pk")
        .first()
    ):
        ProjectCount.objects.bulk_create(
            [ProjectCount(region_path="", level=0, day=NEVER)], ignore_conflicts=True
        )
        ProjectCount.objects.unscoped("counts").select_for_update().filter(region_path="").order_by(
            "pk"
        ).first()


def _apply(before, after, today):
    """Add the difference to the places whose counts are of `today`; the others will be counted again anyway."""
    change = _summed(after, 1, _summed(before, -1, defaultdict(dict)))
    change = {
        path: pairs
        for path, found in change.items()
        if (pairs := {key: pair for key, pair in found.items() if pair != [0, 0]})
    }
    if not change:
        return
    _lock()
    rows = {
        row.region_path: row
        for row in ProjectCount.objects.unscoped("counts").filter(region_path__in=change).order_by()
    }
    days = {path: row.day for path, row in rows.items()}
    stored = []
    for path, pairs in sorted(change.items()):
        known = _day(path, days)
        if known < today:
            continue
        row = rows.get(path) or ProjectCount(region_path=path, level=LEVELS[len(path)], day=today)
        row.figures = _added(row.figures, pairs)
        if known > today:  # this transaction began before midnight: the place is to be counted again
            row.day = NEVER
        stored.append(row)
    _store(stored)


def _up(path):
    return ["", *ancestors_of(path)]


def _day(path, days):
    """The day as of which the counts of `path` hold: that of its row, else of the nearest place above, which was
    counted without finding a project here. NEVER where nothing was counted."""
    return next((days[place] for place in reversed(_up(path)) if place in days), NEVER)


def _added(figures, pairs):
    summed = {**figures}
    for key, (total, own) in pairs.items():
        held = summed.get(key, (0, 0))
        summed[key] = [held[0] + total, held[1] + own]
    return {key: pair for key, pair in summed.items() if pair != [0, 0]}


def _store(rows):
    ProjectCount.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["region_path"], update_fields=["day", "figures"], batch_size=300
    )  # fmt: skip


def differences(today):
    """`[(place, key, kept, fresh)]` where the kept counts are not what counting again gives, each [all, own].

    Counts of an earlier day are left out: nobody reads them before they are counted again.
    """
    rows = {row.region_path: row for row in ProjectCount.objects.unscoped("counts").order_by("region_path")}
    days = {place: row.day for place, row in rows.items()}
    fresh = counted(today)
    return [
        (place, key, kept, right)
        for place in sorted({*rows, *fresh})
        if _day(place, days) == today
        for key in KEYS
        for kept in [rows[place].figures.get(key, [0, 0]) if place in rows else [0, 0]]
        for right in [fresh.get(place, {}).get(key, [0, 0])]
        if kept != right
    ]


@transaction.atomic
def recount(*, today=None, under=""):
    """Count `under` and every place in it anew. The daily job, the reader of an older day, and the check."""
    today = today or timezone.localdate()
    _lock()
    figures = counted(today, under)
    ProjectCount.objects.unscoped("counts").within(under).exclude(region_path=under).delete()
    _store(
        [
            ProjectCount(region_path=path, level=LEVELS[len(path)], day=today, figures=pairs)
            for path, pairs in {under: {}, **figures}.items()
        ]
    )


def counted(today, under=""):
    """`{place: figures}` of `under` and the places in it that have a project, from the projects themselves."""
    rows = _numbers(today).all()
    covered = ProjectVillage.objects.unscoped("kept").all()
    if under:
        rows = rows.filter(Project.objects.unscoped("kept").touching([under]))
        low, high = span(under)
        covered = covered.filter(region_path__gte=low, region_path__lte=high)
    covered = covered.order_by().values_list("project", "region_path")
    summed = _summed(_facts(rows, covered), 1, defaultdict(dict))
    return {path: pairs for path, pairs in summed.items() if path.startswith(under)}


def figures_of(path, *, today=None):
    """The figures of a place and of its parts: `(Place, [Place])`, parts in order of path, at the end the projects
    that belong to none. Places below the village are not kept: see `stats.by_place`."""
    rows = _fresh(path, True, today or timezone.localdate())
    own = rows.pop(path, None)
    parts = [
        place_of(place, row.figures, 0)
        for place, row in sorted(rows.items())
        if place.startswith(path) and row.figures
    ]
    if own and any(pair[1] for pair in own.figures.values()):
        parts.append(place_of(path, own.figures, 1))
    return place_of(path, own.figures if own else {}, 0), parts


def figures_at(paths, county, *, today):
    """`[Place]` of these townships and villages of a county that have a project, in the order of `paths`."""

    def read():
        wanted = {*paths, *_up(county)}
        rows = ProjectCount.objects.unscoped("counts").filter(region_path__in=wanted)
        return {row.region_path: row for row in rows.order_by()}

    rows = read()
    days = {place: row.day for place, row in rows.items()}
    if any(_day(place, days) < today for place in paths):
        recount(today=today, under=county)
        rows = read()
    return [place_of(path, rows[path].figures, 0) for path in paths if path in rows and rows[path].figures]


def counts_of(path, *, today):
    """`{key: number}` of a place alone."""
    row = _fresh(path, False, today).get(path)
    return place_of(path, row.figures if row else {}, 0).counts


def _fresh(path, parts, today):
    """`_read`, counted again first where it is of an earlier day."""
    rows = _read(path, parts)
    days = {place: row.day for place, row in rows.items()}
    if any(_day(place, days) < today for place in {path, *days} if place.startswith(path)):
        recount(today=today, under=path)
        rows = _read(path, parts)
    return rows


def _read(path, parts):
    """`{place: row}` of a place, what is above it, and its parts."""
    wanted = Q(region_path__in=_up(path))
    if parts:
        low, high = span(path)
        wanted |= Q(level=LEVELS[len(path)] + 1, region_path__gte=low, region_path__lte=high)
    return {row.region_path: row for row in ProjectCount.objects.unscoped("counts").filter(wanted).order_by()}


def place_of(path, figures, which):
    """The Place of kept figures. `which`: 0 for all projects of the place, 1 for those of it alone."""
    counts = {key: figures.get(key, (0, 0))[which] for key in (*stats.BY_KEY, *STEPS)}
    sums = {
        name: Decimal(figures.get(key, (0, 0))[which]) / 100 if counts[stats.MONEY[name]] else None
        for key, name in MONEY.items()
    }
    return stats.Place(path, counts, stats.Sums(**sums), own=bool(which))
