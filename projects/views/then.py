"""The projects behind a figure of a day that is over: as they were kept when the year was frozen, else as they stood."""

from datetime import date

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.board.panels import group_from, group_known
from fupin.filing.frozen import freeze_of, group_of, names_of
from fupin.regions.models import Region
from projects import stats
from projects.freezing import then_rows
from projects.models import Project


@require_GET
@require(P.PROJECT_VIEW)
def project_then(request):
    """`?region=PATH&figure=KEY&asof=DATE`; `group` leaves those of a group of areas, `own=1` only those that belong to no part of the place."""
    path = request.GET.get("region", "")
    places = Region.objects.visible_to(request.user, P.PROJECT_VIEW)
    region = get_object_or_404(places, path=path) if path else request.user.home_region
    figure, today = stats.BY_KEY.get(request.GET.get("figure", "all")), timezone.localdate()
    try:
        day = date.fromisoformat(request.GET.get("asof") or today.isoformat())
    except ValueError as error:
        raise Http404 from error
    if region is None or figure is None or day > today or not places.filter(pk=region.pk).exists():
        raise Http404
    group = group_known(request.GET["group"]) if request.GET.get("group") else None
    if request.GET.get("group") and (group is None or group.county != region.path):
        raise Http404
    freeze = freeze_of(region.path, day=day) if request.GET.get("asof") else None
    if group and freeze:
        if (kept := group_of(freeze, group.key)) is None:
            raise Http404
        group = group_from(kept)
    inside = group.paths if group else [region.path]
    rows = [row for row in then_rows(request.user, freeze, inside, day) if figure.key in row.keys]
    if request.GET.get("own"):
        rows = [row for row in rows if dict(row.places).get(region.path)]
    rows.sort(key=lambda row: (row.finish_end or date.max, row.pk))
    paths = {region.path, *(row.region_path for row in rows)}
    names = names_of(freeze, paths) if freeze else Region.objects.names(paths)
    mine = Project.objects.visible_to(request.user).filter(pk__in=[row.pk for row in rows])
    known = set(mine.order_by().values_list("pk", flat=True))
    context = {
        "rows": [(row, names.get(row.region_path, ""), row.deadline(day), row.pk in known) for row in rows],
        "day": day, "freeze": freeze, "figure": figure, "place": group.name if group else names.get(region.path, region) if freeze else region,
    }  # fmt: skip
    return render(request, "projects/project_then.html", context)
