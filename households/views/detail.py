"""一户一档: everything that is known about one household, on one page; and the same on paper."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.board.panels import Place, drawn
from fupin.paging import neighbours
from households.dossier import VISITS_SHOWN, Dossier
from households.filters import PLACE, SORTS
from households.lifecycle import steps_for
from households.models import Household
from households.views.households import filtered, link

PRINT_LIMIT = 50


def _fetched(user):
    return Household.objects.visible_to(user).select_related("region", "helper", "updated_by")


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_detail(request, pk):
    household = get_object_or_404(_fetched(request.user), pk=pk)
    year = request.GET.get("year", "")
    day = timezone.localdate()
    dossier = Dossier(
        household,
        today=day,
        year=int(year) if year.isdigit() and len(year) == 4 else None,
        visits_shown=None if request.GET.get("visits") == "all" else VISITS_SHOWN,
    )
    previous, following = _neighbours(request, household)
    user = request.user
    query = {name: value for name, value in request.GET.items() if name not in ("year", "visits")}
    return render(request, "households/household_detail.html", {
        "household": household, "d": dossier, "today": day,
        "steps": steps_for(household, user),
        "panels": drawn(Place.HOUSEHOLD, user, household, day),
        "previous": previous, "following": following,
        "query": link(query), "list_address": reverse("household_list") + link(query),
        "years": [(y, link(query, year=y)) for y in dossier.years],
        "all_visits": link(query, visits="all", year=year),
        "may": {
            "edit": user.may(P.HOUSEHOLD_EDIT), "visit": user.may(P.VISIT_RECORD),
            "measure": user.may(P.MEASURE_EDIT), "pair": user.may(P.PAIRING_EDIT),
            "advance": user.may(P.STATUS_ADVANCE), "audit": user.may(P.AUDIT_VIEW),
            "health": user.may(P.HEALTH_VIEW),
        },
    })  # fmt: skip


def _neighbours(request, household):
    """The households before and after this one in the list that the query string describes."""
    found = filtered(request)
    keys = SORTS.get(request.GET.get("sort"), SORTS["place"])[1]
    if "token_place" in found.qs.query.annotations:
        keys = PLACE  # the token's copy of the place orders alike; the plain columns do for two rows
    return neighbours(found.qs, keys, [getattr(household, key.field) for key in keys])


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_print(request, pk):
    """The file on paper."""
    household = get_object_or_404(_fetched(request.user), pk=pk)
    return _printed(request, [household])


@require_POST
@require(P.HOUSEHOLD_VIEW)
def household_bulk(request):
    """The files of the ticked households on paper, at most PRINT_LIMIT at once. One that is not there for this user
    refuses them all, foreign or never there alike: a form of ours ticks none, and a quiet gap on paper misleads."""
    picked = {
        int(pk) if pk.isdecimal() and len(pk) < 19 else 0 for pk in request.POST.getlist("pick")[:PRINT_LIMIT]
    }
    if not picked:
        messages.warning(request, "请先勾选要打印的户。")
        return redirect("household_list")
    rows = list(_fetched(request.user).filter(pk__in=picked).order_by("region_path", "pk"))
    if len(rows) < len(picked):
        raise Http404("a ticked household is not there")
    return _printed(request, rows)


def _printed(request, households):
    day = timezone.localdate()
    files = [Dossier(household, today=day) for household in households]
    return render(request, "households/household_print.html", {"files": files, "today": day})
