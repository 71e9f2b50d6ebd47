"""督导看板: the panels of the catalogue for one region, and the way down."""

import io
from datetime import date
from urllib.parse import urlencode

from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.board.panels import HOMES, UNITS, Place, View, drawn
from fupin.excel.sheet import Kind, Line, Sheet, write
from fupin.regions.models import Region, ancestors_of

YEARS = 4
"""Years to choose from: this one and those before."""
FIRST_DAY = date(2014, 1, 1)
WIDTH = {Kind.TEXT: 22, Kind.COUNT: 12, Kind.RATE: 12}


@require_GET
@require(P.BOARD_VIEW)
def board(request):
    """The dashboard of `?region=PATH`, by default of the user's own widest region; `unit`, and `year` or `asof`.
    `only=NAME` shows one panel, for paper."""
    view = chosen_view(request)
    only = request.GET.get("only")
    context = {
        "region": view.region,
        "view": view,
        "today": view.day,
        "only": only,
        "trail": trail_of(view.region, request.user),
        "children": list(Region.objects.children(view.region.path)),
        "panels": drawn(Place.BOARD, request.user, view, view.day, only=only),
        "years": range(view.today.year, view.today.year - YEARS, -1),
        "units": [(unit, query(view, unit=unit)) for unit in UNITS],
        "query": query(view),
        "same": query(view, region=None),
    }
    return render(request, "board/board.html", context)


@require_GET
@require(P.BOARD_VIEW)
def board_table(request, name):
    """The table of one panel as a workbook."""
    view = chosen_view(request)
    for panel, data in drawn(Place.BOARD, request.user, view, view.day, only=name):
        if "table" in data:
            return workbook(f"{view.region}{panel.title}", data["table"], view)
    raise Http404


def workbook(title, table, view):
    """The download of a Table."""
    sheet = Sheet(
        name=title[:31],
        title=title,
        columns=tuple((header, kind, WIDTH.get(kind, 14), False) for header, kind in table.columns),
        left=str(view.region),
        right=f"截至 {view.day:%Y-%m-%d} 单位：{view.unit}",
    )
    stream = io.BytesIO()
    write(sheet, (Line(line + [None] * (len(table.columns) - len(line))) for line in table.lines), stream)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{title}_{view.day:%Y%m%d}.xlsx")


def query(view, **changes):
    """The query string that leads to `view`, with changes; None leaves out."""
    held = {
        "region": view.region.path,
        "unit": view.unit if view.unit != HOMES else None,
        "asof": view.day.isoformat() if view.past else None,
    }
    return urlencode({name: value for name, value in (held | changes).items() if value is not None})


def chosen_view(request, region="region", year="year"):
    """The View that the query string asks for. A year means its last day; a day to come, or one that is none, today."""
    today = timezone.localdate()
    unit = request.GET.get("unit")
    return View(
        chosen_region(request, region), _day(request, year, today), today, unit if unit in UNITS else HOMES
    )


def _day(request, year, today):
    try:
        asked = request.GET.get("asof") or f"{int(request.GET.get(year) or today.year)}-12-31"
        day = date.fromisoformat(asked)
    except ValueError:
        return today
    return min(day, today) if day >= FIRST_DAY else today


def chosen_region(request, name="region"):
    """The region asked for, if the user may see figures there; 404 otherwise."""
    mine = Region.objects.visible_to(request.user, P.BOARD_VIEW)
    asked = request.GET.get(name)
    if asked is None:
        region = mine.order_by("level", "path").first()
    else:
        region = mine.filter(path=asked).first()
    if region is None:
        raise Http404
    return region


def trail_of(region, user):
    """The places above `region` in which the user may see figures too, widest first."""
    above = [path for path in ["", *ancestors_of(region.path)] if path != region.path]
    mine = Region.objects.visible_to(user, P.BOARD_VIEW)
    return list(mine.filter(path__in=above).order_by("level"))
