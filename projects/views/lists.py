"""The project list: what is shown, in which order, and how each row stands today."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Prefetch, Value, When
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.regions.models import Region, ancestors_of
from fupin.schedule import Deadline, Standing, deadline
from projects import codes, stats
from projects.filters import DUE, ProjectFilter, chips, controls, due_q, responsible_q
from projects.gantt import Axis
from projects.models import Milestone, Project, ProjectVillage
from projects.models.milestone import SOON

SIZES = (15, 30, 50, 100)
CLOSED_LAST = Case(When(state__in=codes.CLOSED, then=Value(1)), default=Value(0))
SORTS = {
    "finish": ("时限", [CLOSED_LAST, F("finish_end").asc(nulls_last=True)]),
    "investment": ("投资", [F("investment").desc(nulls_last=True)]),
    "progress": ("进度", [F("progress").asc(nulls_last=True)]),
    "number": ("编号", [F("number").desc()]),
    "place": ("地点", [F("region_path").asc()]),
}
TABS = [
    ("全部", "", ""),
    ("已逾期", "over", "n--red"),
    ("30 天内到期", "soon", ""),
    ("进度落后", "risk", ""),
    ("停滞", "stopped", "n--red"),
    ("拨付未到位", "fund-behind", ""),
    ("已完工", "finished", ""),
]
"""Saved filters: label, the figure, class of the number."""

LATE = (Standing.OVER, Standing.RISK)


@dataclass(frozen=True)
class Line:
    """One row of the list, judged today. `behind`: "red" late, "amber" behind the calendar, "" neither."""

    project: Project
    where: str
    strip: object
    expected: int | None
    behind: str
    next: Milestone | None
    next_deadline: Deadline | None
    deadline: Deadline


@require_GET
@require(P.PROJECT_VIEW)
def project_list(request):
    today = timezone.localdate()
    params = {name: value for name, value in request.GET.items() if value}
    seen = Project.objects.visible_to(request.user)
    found = ProjectFilter(params, seen, today=today, user=request.user)
    others = {name: value for name, value in params.items() if name != "figure"}
    rest = ProjectFilter(others, seen, today=today, user=request.user)
    sort = params.get("sort") if params.get("sort") in SORTS else "finish"
    size = int(params["size"]) if params.get("size") in map(str, SIZES) else SIZES[0]
    page = Paginator(for_list(found.qs, sort, today), size).get_page(params.get("page"))
    region = found.form.cleaned_data.get("region") or home(request.user)
    axis = Axis(_axis_year(params, today))
    counts = stats.counts(rest.qs, today, [*(key for _, key, _ in TABS if key), "all", "ok"])
    total = stats.sums(found.qs)
    return render(request, "projects/project_list.html", {
        "lines": [line(project, axis, today) for project in page.object_list],
        "page": page,
        "axis": axis,
        "total": total,
        "counts": counts,
        "place": place(request.user, region),
        "params": params,
        "tabs": [
            (label, link(params, figure=key), counts[key or "all"], mark, params.get("figure", "") == key)
            for label, key, mark in TABS
        ],
        "controls": controls(params),
        "chips": [
            (words, link(params, **{name: None}))
            for name, words in chips(found, _name(params.get("region")))
        ],
        "hidden": {k: params[k] for k in ("region", "group", "figure", "own", "mine", "sort", "size") if k in params},
        "clear": link({k: params[k] for k in ("region", "sort", "size") if k in params}),
        "sorts": [(key, label, link(params, sort=key)) for key, (label, _) in SORTS.items()],
        "sort": sort,
        "sizes": [(n, link(params, size=n)) for n in SIZES],
        "size": size,
        "may_edit": request.user.may(P.PROJECT_EDIT),
        "import_url": address("import_list") if request.user.may(P.IMPORT) else "",
        "export_url": address("report_download", "R12") if request.user.may(P.REPORT_EXPORT) else "",
        "query": urlencode({k: v for k, v in params.items() if k not in ("page", "size", "sort")}),
    })  # fmt: skip


@require_GET
@require(P.PROJECT_VIEW)
def milestone_list(request):
    """Open milestones by date: what is late or near, over all projects that the user sees."""
    today = timezone.localdate()
    params = {name: value for name, value in request.GET.items() if value}
    region = params.get("region", "")
    projects = Project.objects.visible_to(request.user)
    if region.isdecimal():
        projects = projects.covering(region)
    if params.get("mine"):
        projects = projects.filter(responsible_q(request.user))
    rows = Milestone.objects.unscoped("hanging").filter(project__in=projects)
    tabs = {key: (label, due_q(key, today)) for key, label in DUE}
    chosen = params.get("due") if params.get("due") in tabs else "due"
    counts = rows.aggregate(**{f"n_{key}": Count("pk", filter=test) for key, (_, test) in tabs.items()})
    found = rows.filter(tabs[chosen][1]).select_related("project__region").order_by("due", "pk")
    page = Paginator(found, 30).get_page(params.get("page"))
    return render(request, "projects/milestone_list.html", {
        "lines": [(row, row.deadline(today)) for row in page.object_list],
        "page": page,
        "place": place(request.user, region or home(request.user)),
        "tabs": [(label, link(params, due=key), counts[f"n_{key}"], key == chosen) for key, (label, _) in tabs.items()],
        "chips": [
            (words, link(params, **{name: None}))
            for name, words in (("region", f"区域：{_name(region) or region}"), ("mine", "我负责的"))
            if params.get(name)
        ],
        "may_edit": request.user.may(P.PROJECT_PROGRESS),
    })  # fmt: skip


def for_list(rows, sort, today):
    """`rows` with everything that a line draws, in a constant number of queries."""
    open_steps = (
        Milestone.objects.unscoped("hanging")
        .filter(done_on=None)
        .order_by(F("due").asc(nulls_last=True), "order", "pk")
    )
    villages = ProjectVillage.objects.unscoped("hanging").select_related("region").order_by("region_path")
    return (
        rows.with_funds()
        .select_related("region")
        .prefetch_related(
            Prefetch("milestones", queryset=open_steps, to_attr="open_steps"),
            Prefetch("villages", queryset=villages, to_attr="covered"),
        )
        .order_by(*SORTS[sort][1], "pk")
    )


def line(project, axis, today):
    """A project of `for_list` as a row."""
    due = project.deadline(today)
    step = None if project.is_closed else next(iter(project.open_steps), None)
    expected = None if project.is_closed else project.expected(today)
    behind = ""
    if expected is not None and project.progress is not None:
        if due.standing in LATE:
            behind = "red"
        elif project.progress < expected:
            behind = "amber"
    return Line(
        project=project,
        where=_where(project),
        strip=axis.strip(project, today),
        expected=expected,
        behind=behind,
        next=step,
        next_deadline=deadline(step.due, today, soon=SOON) if step else None,
        deadline=due,
    )


def _where(project):
    names = [village.region.short_name for village in project.covered]
    if len(names) > 2:
        return f"{names[0]}等 {len(names)} 村"
    return "、".join(names) or project.region.short_name


def _axis_year(params, today):
    year = params.get("year", "")
    return int(year) if year.isdecimal() and 1949 <= int(year) <= 2100 else today.year


def _name(path):
    region = Region.objects.filter(path=path).first() if path else None
    return region.short_name if region else ""


def home(user):
    """The path that the user's pages open with."""
    return user.home_region.path if user.home_region else ""


def place(user, path):
    """Where the list stands: `{path, crumbs: [(name, path)], below: [(path, name)]}`, the user's posts only."""
    names = Region.objects.names([path])
    mine = user.paths(P.PROJECT_VIEW)
    crumbs = [
        (names[part], part)
        for part in ancestors_of(path)
        if part in names and any(part.startswith(own) for own in mine)
    ]
    below = Region.objects.children(path).values_list("path", "short_name") if len(path) < 12 else []
    return {"path": path, "crumbs": crumbs, "below": list(below)}


def link(params, **changes):
    """The query string with some values set, or taken out where empty; the page starts anew unless given."""
    kept = [(name, value) for name, value in params.items() if name != "page" and name not in changes]
    return "?" + urlencode(kept + [(name, value) for name, value in changes.items() if value])


def address(name, *args):
    """The address of a page that another part of the product may not have yet."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
