"""Pages beside the dashboard: two places or years side by side, the large screen, the week."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.board.panels import HOMES, UNITS, Place, drawn
from fupin.board.views import children_of, chosen_view, set_day, trail_of, workbook, years_of
from fupin.regions.models import Region
from households.panels.side_by_side import as_table, side_by_side
from households.panels.slides import slides
from households.panels.week import as_table as week_table
from households.panels.week import week


@require_GET
@require(P.BOARD_VIEW)
def board_compare(request):
    """`?region=&year=` beside `?other=&other_year=`; `format=xlsx` for the workbook. Without `other` the same place, and
    without anything of the other side the year before."""
    left = chosen_view(request)
    right = chosen_view(request, "other" if request.GET.get("other") else "region", "other_year")
    if not request.GET.get("other") and not request.GET.get("other_year"):
        set_day(right, str(left.day.year - 1))
    sections = side_by_side(request.user, left, right)
    names = [f"{view.name} {view.day:%Y-%m-%d}" for view in (left, right)]
    if request.GET.get("format") == "xlsx":
        return workbook(f"{left.name}与{right.name}对比", as_table(sections, names), right)
    context = {
        "views": [left, right],
        "left": left,
        "right": right,
        "names": names,
        "sections": sections,
        "places": _choices(request.user, left, right),
        "years": years_of(left, right),
        "units": UNITS,
        "query": request.GET.urlencode(),
    }
    return render(request, "board/compare.html", context)


def _choices(user, *views):
    """`[(what stands in the query string, name)]` of places to choose from: those chosen, what is above, beside and below
    them, within the user's posts; and the groups of the counties among them."""
    chosen = [view.region for view in views]
    mine = Region.objects.visible_to(user, P.BOARD_VIEW)
    parents = [region.parent_id for region in chosen if region.parent_id] + [region.pk for region in chosen]
    near = mine.filter(parent__in=parents, valid_to=None) | mine.filter(pk__in=parents)
    found = [(one.path, str(one)) for one in near.order_by("path").distinct()[:300]]
    groups = {f"g{one.key}": f"片区：{one.name}" for view in views for one in view.groups}
    return found + list(groups.items())


@require_GET
@require(P.BOARD_VIEW)
def board_screen(request):
    """The large screen of `?region=`: turns through its parts by itself."""
    view = chosen_view(request)
    return render(
        request, "board/screen.html", {"view": view, "slides": slides(request.user, view, view.day)}
    )


@require_GET
@require(P.BOARD_VIEW)
def board_week(request):
    """What the week that ends on `?asof=` (today) brought, in households; `format=xlsx` for the workbook."""
    view = chosen_view(request)
    query, view.unit = view.query(), HOMES
    found = week(request.user, view, view.day)
    projects = drawn(Place.BOARD, request.user, view, view.day, only="projects")
    projects = projects[0][1] if projects else None
    if request.GET.get("format") == "xlsx":
        return workbook(f"{view.name}督导周报", week_table(found, projects), view)
    context = {
        "view": view,
        "week": found,
        "trail": trail_of(view, request.user),
        "groups": view.groups,
        "children": children_of(view),
        "projects": projects,
        "query": query,
    }
    return render(request, "board/week.html", context)
