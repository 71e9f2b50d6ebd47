"""督导看板: the panels of the catalogue for one region, and the way down."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.board.panels import Place, drawn
from fupin.regions.models import Region, ancestors_of


@require_GET
@require(P.BOARD_VIEW)
def board(request):
    """The dashboard of `?region=PATH`, by default of the user's own widest region."""
    region = chosen_region(request)
    today = timezone.localdate()
    context = {
        "region": region,
        "today": today,
        "trail": trail_of(region, request.user),
        "children": list(Region.objects.children(region.path)),
        "panels": drawn(Place.BOARD, request.user, region, today),
    }
    return render(request, "board/board.html", context)


def chosen_region(request):
    """The region asked for, if the user may see figures there; 404 otherwise."""
    mine = Region.objects.visible_to(request.user, P.BOARD_VIEW)
    asked = request.GET.get("region")
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
