"""Figures of projects and their money: each count is one condition on projects.

The same condition is what the project list applies for `?figure=KEY`, so a figure and the rows behind it cannot
disagree. Unit: 个 (projects) and yuan. A place counts a project that lies in it or covers a village in it; a
project over several villages therefore counts in each of them, and once in the place above.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from fupin.regions.models import WIDTHS, span
from fupin.schedule import Standing
from projects import codes
from projects.models import FundLine, Milestone, Project, ProjectVillage, milestone_q, standing_q


@dataclass(frozen=True)
class Figure:
    """One figure: its key in URLs (never changes), its label, and its condition for a day."""

    key: str
    label: str
    unit: str
    condition: Callable[[date], Q]
    note: str = ""


def _fixed(condition):
    return lambda today: condition


def _standing(standing):
    return lambda today: standing_q(standing, today)


def _funds(condition):
    return lambda today: Exists(FundLine.objects.filter(condition, project=OuterRef("pk")))


def _late_milestone(today):
    late = Milestone.objects.unscoped("counts").filter(
        milestone_q(Standing.OVER, today), project=OuterRef("pk")
    )
    return Q(Exists(late))


def _this_year(today):
    year = Q(finish_end__gte=date(today.year, 1, 1), finish_end__lte=date(today.year, 12, 31))
    return year & ~Q(state=codes.State.ABANDONED)


FIGURES = [
    Figure("all", "全部项目", "个", _fixed(Q(pk__isnull=False)), "在该地或覆盖该地的村"),
    Figure("open", "未完工", "个", _fixed(~Q(state__in=codes.CLOSED)), "状态不是完工及以后，也未终止"),
    Figure("preparing", "前期", "个", _fixed(Q(state__in=codes.NOT_YET)), "状态为前期、招标采购"),
    Figure(
        "not-started", "到期未开工", "个",
        lambda today: Q(state__in=codes.NOT_YET, started_on=None, start_end__lt=today), "过了计划开工日期仍未开工",
    ),
    Figure("started", "已开工", "个", _fixed(Q(state__in=["30", "40", *codes.FINISHED])), "状态为在建、停滞、完工及以后"),
    Figure("working", "在建", "个", _fixed(Q(state=codes.State.WORKING)), "状态为在建"),
    Figure("stopped", "停滞", "个", _fixed(Q(state=codes.State.STOPPED)), "状态为停滞，必有原因"),
    Figure("finished", "已完工", "个", _fixed(Q(state__in=codes.FINISHED)), "完工、待验收、整改、已验收、已结算、已移交"),
    Figure("abandoned", "终止", "个", _fixed(Q(state=codes.State.ABANDONED)), "状态为终止"),
    Figure("over", "已逾期", "个", lambda today: Q(finish_due__lt=today), "未完工，计划完工的最后一天早于今天"),
    Figure("soon", "30 天内到期", "个", _standing(Standing.SOON), "未完工，计划完工在今天起 30 天内，进度不落后"),
    Figure("risk", "进度落后", "个", _standing(Standing.RISK), "形象进度不到时间进度的七成"),
    Figure(
        "due", "已逾期或 30 天内到期", "个",
        lambda today: standing_q(Standing.OVER, today) | standing_q(Standing.SOON, today), "已逾期与 30 天内到期之和",
    ),
    Figure("ok", "正常", "个", _standing(Standing.OK), "未完工，计划完工在 30 天以后，进度不落后"),
    Figure("no-target", "未设完工时限", "个", _standing(Standing.NONE), "未完工，没有能读懂的计划完工"),
    Figure("late-milestone", "有逾期节点", "个", _late_milestone, "未完工，有未完成的节点过了现行时限"),
    Figure("plan-year", "本年应完工", "个", _this_year, "计划完工在本年内，未终止"),
    Figure("plan-done", "本年应完工已完工", "个", lambda today: _this_year(today) & Q(state__in=codes.FINISHED), "其中状态为完工及以后"),
    Figure(
        "fund-behind", "拨付未到位", "个",
        lambda today: Q(_funds(Q(planned__gt=Coalesce(F("allotted"), Value(Decimal(0)))))(today)), "有资金下达多于拨付",
    ),
    Figure("invested", "已填总投资", "个", _fixed(Q(investment__isnull=False)), "填了计划总投资"),
    Figure("funded", "有资金下达", "个", lambda today: Q(_funds(Q(planned__isnull=False))(today)), "有来源登记了下达"),
    Figure("allotted", "有资金拨付", "个", lambda today: Q(_funds(Q(allotted__isnull=False))(today)), "有来源登记了拨付"),
    Figure("paid", "有资金支付", "个", lambda today: Q(_funds(Q(paid__isnull=False))(today)), "有来源登记了支付"),
]  # fmt: skip
BY_KEY = {figure.key: figure for figure in FIGURES}

MONEY = {"investment": "invested", "planned": "funded", "allotted": "allotted", "paid": "paid"}
"""Sums in yuan, and the figure whose rows they add up."""


@dataclass
class Sums:
    """Money of some projects in yuan; None where nothing is known."""

    investment: Decimal | None = None
    planned: Decimal | None = None
    allotted: Decimal | None = None
    paid: Decimal | None = None

    @property
    def allotted_rate(self):
        """拨付 / 下达 as a fraction; None without 下达."""
        return (self.allotted or 0) / self.planned if self.planned else None

    @property
    def paid_rate(self):
        """支付 / 下达 as a fraction; None without 下达."""
        return (self.paid or 0) / self.planned if self.planned else None


@dataclass
class Place:
    """The figures of one place. `own`: projects at the place itself that cover none of its parts."""

    path: str
    counts: dict = field(default_factory=dict)
    sums: Sums = field(default_factory=Sums)
    own: bool = False


def condition(key, today):
    """The condition behind the figure `key`. KeyError when there is no such figure."""
    return BY_KEY[key].condition(today)


def counts(rows, today, keys=None):
    """`{key: number}` over `rows` (a Project queryset), one query."""
    wanted = {key: key.replace("-", "_") for key in (keys or BY_KEY)}
    found = rows.order_by().aggregate(
        **{f"n_{name}": Count("pk", filter=condition(key, today)) for key, name in wanted.items()}
    )
    return {key: found[f"n_{name}"] for key, name in wanted.items()}


def sums(rows):
    """The money of `rows`, two queries."""
    lines = FundLine.objects.filter(project__in=rows.order_by().values("pk"))
    found = lines.aggregate(planned=Sum("planned"), allotted=Sum("allotted"), paid=Sum("paid"))
    return Sums(investment=rows.order_by().aggregate(sum=Sum("investment"))["sum"], **found)


def own(rows, path):
    """Of `rows`, the projects at `path` or above that cover no place below it: they belong to no part of it."""
    low, high = span(path)
    below = ProjectVillage.objects.unscoped("counts").filter(
        project=OuterRef("pk"), region_path__gt=low, region_path__lte=high
    )
    return rows.filter(~Q(region_path__gt=low, region_path__lte=high)).exclude(Exists(below))


PLACE_KEYS = (
    "all",
    "finished",
    "started",
    "open",
    "over",
    "soon",
    "risk",
    "stopped",
    "plan-year",
    "plan-done",
)


def by_place(rows, region, today, keys=PLACE_KEYS):
    """`[Place]` of the direct parts of `region` over `rows`, in order of path; at the end what belongs to none.

    Two queries however many projects there are.
    """
    low, high = span(region.path)
    width = WIDTHS[min(region.level + 1, 6)]

    def part(path):
        return path[:width] if low < path <= high and len(path) >= width else ""

    return [
        replace(one, path=one.path or region.path, own=not one.path)
        for one in by_part(rows, part, low, high, today, keys)
    ]


def by_part(rows, part, low, high, today, keys=PLACE_KEYS):
    """`[Place]` over `rows` by `part(path)`, a path or "" for none (at the end); `low`, `high`: the ends of all of them. Two
    queries."""
    flags = {f"f_{key.replace('-', '_')}": condition(key, today) for key in keys}
    marked = rows.order_by().with_funds().annotate(
        **{name: Case(When(test, then=Value(1)), default=Value(0)) for name, test in flags.items()}
    )  # fmt: skip
    columns = ["pk", "region_path", "investment", "planned", "allotted", "paid", *flags]
    found = {row["pk"]: row for row in marked.values(*columns)}
    parts = {pk: {part(row["region_path"])} for pk, row in found.items()}
    covered = ProjectVillage.objects.unscoped("counts").filter(
        project__in=rows.order_by().values("pk"), region_path__gt=low, region_path__lte=high
    )
    for pk, path in covered.order_by("pk").values_list("project", "region_path"):
        parts[pk].add(part(path))
    places = {}
    for pk, row in found.items():
        for path in parts[pk] - {""} or {""}:
            _add(places.setdefault(path, Place(path)), row, keys)
    return sorted(places.values(), key=lambda place: (not place.path, place.path))


def _add(place, row, keys):
    for key in keys:
        place.counts[key] = place.counts.get(key, 0) + row[f"f_{key.replace('-', '_')}"]
    for name in MONEY:
        if row[name] is not None:
            setattr(place.sums, name, (getattr(place.sums, name) or Decimal(0)) + row[name])


def visible(user, region=None):
    """The projects that a figure of `region` (a Region, or paths of several places) counts for `user`."""
    rows = Project.objects.visible_to(user)
    if region is None:
        return rows
    return rows.filter(rows.touching(region)) if isinstance(region, list) else rows.covering(region)
