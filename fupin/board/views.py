"""督导看板: the panels of the catalogue for one region, and the way down."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.audit import seen
from fupin.audit.record import record
from fupin.board.panels import HOMES, UNITS, Place, View, drawn, group_known
from fupin.excel.sheet import Kind, Line, Sheet, write
from fupin.filing.closed import COUNTY, frozen_years
from fupin.filing.days import submit_day
from fupin.filing.frozen import freeze_of, named_below
from fupin.regions.models import Region, ancestors_of

YEARS = 4
"""Years to choose from: this one and those before."""
FIRST_DAY = date(2014, 1, 1)
WIDTH = {Kind.TEXT: 22, Kind.COUNT: 12, Kind.RATE: 12}


@require_GET
@require(P.BOARD_VIEW)
def board(request):
    """The dashboard of `?region=PATH` (of a group of areas "g7"), by default of the user's own widest region; `unit`, and
    `year` or `asof`. `only=NAME` shows one panel, for paper."""
    view = chosen_view(request)
    only = request.GET.get("only")
    view.whole = bool(only)
    context = {
        "region": view.region,
        "view": view,
        "today": view.day,
        "only": only,
        "trail": trail_of(view, request.user),
        "children": children_of(view),
        "groups": view.groups,
        "panels": drawn(Place.BOARD, request.user, view, view.day, only=only),
        "years": years_of(view),
        "units": [(unit, view.query(unit=unit)) for unit in UNITS],
        "query": view.query(),
        "same": view.query(region=None),
        "may_reports": request.user.may(P.REPORT_EXPORT),
    }
    return render(request, "board/board.html", context)


@require_GET
@require(P.BOARD_VIEW)
def board_table(request, name):
    """The table of one panel as a workbook; one that names households is for who may export, and stands in the trail."""
    view = chosen_view(request)
    with seen.watching() as sight:
        found = drawn(Place.BOARD, request.user, view, view.day, only=name)
    for panel, data in found:
        table, title = data.get("table"), f"{view.name}{panel.title}"
        if table is None:
            continue
        if table.named:
            record(
                "report.export", f"board:{name}", by=request.user, region_path=view.region.path, seen=str(sight),
                title=title, rows=len(table.lines), columns=[header for header, _ in table.columns],
            )  # fmt: skip
        return workbook(title, table, view)
    raise Http404


@require_POST
@require(P.BOARD_VIEW)
def board_count(request):
    """Have the day `asof` counted for `region` by the worker; `again`: also where it was counted before."""
    region, _ = chosen_region(request, source=request.POST)
    try:
        day = date.fromisoformat(request.POST.get("asof", ""))
    except ValueError:
        day = FIRST_DAY - timedelta(1)
    if day < FIRST_DAY:
        problems = ["请选一个 2014 年以来的日子。"]
        return render(request, "board/not_counted.html", {"problems": problems, "region": region}, status=422)
    again = bool(request.POST.get("again"))

    def act():
        job = submit_day(by=request.user, region=region, day=day, again=again)
        return reverse("job_detail", args=[job.uid])

    try:
        return once(request, act)
    except ValidationError as error:
        return render(
            request, "board/not_counted.html", {"problems": error.messages, "region": region}, status=422
        )


def workbook(title, table, view):
    """The download of a Table."""
    sheet = Sheet(
        name=title[:31],
        title=title,
        columns=tuple((header, kind, WIDTH.get(kind, 14), False) for header, kind in table.columns),
        left=view.name,
        right=f"截至 {view.day:%Y-%m-%d} 单位：{view.unit}",
    )
    stream = io.BytesIO()
    lines = table.lines or [["没有可列的行"]]
    write(sheet, (Line(line + [None] * (len(table.columns) - len(line))) for line in lines), stream)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{title}_{view.day:%Y%m%d}.xlsx")


def chosen_view(request, region="region", year="year"):
    """The View that the query string asks for. A year means its last day, or what was frozen of it; a day to come, or one
    that is none, today."""
    today = timezone.localdate()
    unit = request.GET.get("unit")
    place, group = chosen_region(request, region)
    view = View(place, today, today, unit if unit in UNITS else HOMES, group=group)
    asked = request.GET.get("asof") if year == "year" else None
    set_day(view, asked or request.GET.get(year) or "")
    return view


def set_day(view, words):
    """Turn `view` to a day ("2025-03-31") or a data year ("2025"), and to what was frozen of it; a group to that of the same
    name which holds then."""
    _turn(view, words)
    view.held.pop("groups", None)
    if view.group:
        _turn_group(view)


def _turn_group(view):
    held = view.groups
    own = [one for one in held if one.key == view.group.key] or [
        one for one in held if one.name == view.group.name
    ]
    if own:
        view.group = own[0]
    else:
        view.note = f"{view.day.year} 年度没有“{view.group.name}”这个片区分组。"
        view.group, view.blank = replace(view.group, paths=()), True


def _turn(view, words):
    year = int(words) if words.isdecimal() and len(words) == 4 else None
    try:
        day = date.fromisoformat(words) if year is None else date(year, 12, 31)
    except ValueError:
        return
    if not day >= FIRST_DAY:
        return
    view.frozen = freeze_of(view.region.path, year=year, day=None if year else day)
    view.day = view.frozen.as_of if view.frozen else min(day, view.today)
    if view.frozen:
        name, view.held["below"] = named_below(view.frozen, view.region.path)
        if name is None:
            view.note, view.blank = f"{view.frozen.unit} {view.frozen.as_of} 存档时还没有这个地方。", True
        else:
            view.region.short_name = name


def children_of(view):
    """The places below, those of the frozen year where one answers: `path` and a name each; of a group none."""
    if view.group:
        return []
    if view.frozen:
        return [Region(path=path, short_name=name) for path, name in view.held["below"]]
    return list(Region.objects.children(view.region.path))


def years_of(*views):
    """`[(year, whether it is frozen there)]` to choose from: the last YEARS, those frozen, and those that the views show."""
    view = views[0]
    frozen = {year for county, year in frozen_years([view.region.path[:COUNTY]]) if len(county) == COUNTY}
    last = range(view.today.year, view.today.year - YEARS, -1)
    return [
        (year, year in frozen)
        for year in sorted({*last, *frozen, *(one.day.year for one in views)}, reverse=True)
    ]


def chosen_region(request, name="region", source=None):
    """`(the region asked for, None)`, or of a group `(its county, Group)`, if the user may see figures there; 404 otherwise."""
    mine = Region.objects.visible_to(request.user, P.BOARD_VIEW)
    asked = (request.GET if source is None else source).get(name)
    group = group_known(asked[1:]) if asked and re.fullmatch(r"g[0-9]+", asked) else None
    if group:
        asked = group.county
    if asked is None:
        region = mine.order_by("level", "path").first()
    else:
        region = mine.filter(path=asked).first()
    if region is None:
        raise Http404
    return region, group


def trail_of(view, user):
    """The places above that of `view` in which the user may see figures too, widest first."""
    region = view.region
    above = [path for path in ["", *ancestors_of(region.path)] if view.group or path != region.path]
    mine = Region.objects.visible_to(user, P.BOARD_VIEW)
    return list(mine.filter(path__in=above).order_by("level"))
