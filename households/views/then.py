"""The households behind a figure of a past day: as the register stood then (`households.asof`)."""

from datetime import date
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Count, Sum
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.paging import page
from fupin.regions.models import Region, ancestors_of
from households import asof, codes, stats
from households.filters import PLACE
from households.models import Household

SHOWN = ("registry_status", "monitor_category", "risk_state", "target_text", "size")
SIZE = 50


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_then(request):
    """`?region=PATH&figure=KEY&asof=DATE`: 50 to a page. 404 for what has no past."""
    region, figure = request.GET.get("region", ""), request.GET.get("figure", "all")
    day, condition, names = _asked(request, figure)
    rows = Household.objects.visible_to(request.user)
    if region:
        rows = rows.within(region)
    rows = asof.at(rows, day, sorted(names | set(SHOWN))).filter(condition)
    totals = rows.aggregate(households=Count("pk"), persons=Sum("then_size", default=0))
    shown = page(
        rows, PLACE, key_of=lambda row: (row.region_path, row.pk), size=SIZE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    places = Region.objects.names({row.region_path for row in shown.rows} | ({region} if region else set()))
    base = {"region": region, "figure": figure, "asof": day.isoformat()}
    context = {
        "rows": [_words(row, places) for row in shown.rows],
        "day": day,
        "figure": stats.BY_KEY[figure],
        "place": places.get(region, ""),
        **totals,
        "next_address": _address(base, after=shown.next),
        "previous_address": _address(base, before=shown.previous),
    }
    return render(request, "households/household_then.html", context)


def _asked(request, figure):
    """`(day, condition on then_* columns, names it needs)`."""
    today = timezone.localdate()
    try:
        day = date.fromisoformat(request.GET.get("asof") or today.isoformat())
        condition, names = asof.then(stats.condition(figure, stats.Day.of(day)))
    except (ValueError, KeyError, ValidationError) as error:
        raise Http404 from error
    if day > today:
        raise Http404
    return day, condition, names


def _words(row, places):
    labels = {
        "status": dict(codes.RegistryStatus.choices).get(row.then_registry_status, ""),
        "monitor": dict(codes.MonitorCategory.choices).get(row.then_monitor_category, ""),
        "risk": dict(codes.RiskState.choices).get(row.then_risk_state, ""),
    }
    village = " ".join(places.get(path, "") for path in ancestors_of(row.region_path)[3:]).strip()
    return {"row": row, "village": village, **labels}


def _address(base, **cursor):
    if not any(cursor.values()):
        return ""
    return reverse("household_then") + "?" + urlencode(base | cursor)
