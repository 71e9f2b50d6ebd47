"""走访计划 on the screen, on paper and as a workbook."""

import io

from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.excel import sheet as book
from fupin.regions.models import Region
from households import quota, visit_plans
from households.models import Helper
from households.views.places import place_asked
from households.visit_forms import place_choices

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _made(request):
    """What the three forms of the plan show. `?region=` (a township or below), `?helper=`, `?period=`."""
    user, today = request.user, timezone.localdate()
    held = user.paths(P.HOUSEHOLD_VIEW)
    here = place_asked(user, request.GET, P.HOUSEHOLD_VIEW) if held else None
    path = here.path if here else ""
    key = request.GET.get("helper", "")
    helper = None
    if key.isdecimal() and len(key) < 19:
        helper = Helper.objects.visible_to(user, P.HOUSEHOLD_VIEW).filter(pk=key).first()
        if helper is None:
            raise Http404
    elif not path and not held:
        helper = Helper.objects.visible_to(user, P.HOUSEHOLD_VIEW).filter(user=user).first()
    if not path and len(held) == 1:
        path = held[0]
    period = request.GET.get("period")
    period = period if period in visit_plans.PERIODS else "period"
    wide = bool(held) and helper is None and len(path) <= visit_plans.COUNTY_WIDTH
    rounds, more = ([], False) if wide else visit_plans.plan_of(
        user, today=today, path=path, helper=helper, period=period
    )  # fmt: skip
    place = Region.objects.names([path]).get(path, "") if path else ""
    return {
        "rounds": rounds, "more": more, "wide": wide, "path": path, "helper": helper, "period": period, "today": today,
        "periods": visit_plans.PERIODS.items(), "places": place_choices(user, path, P.HOUSEHOLD_VIEW) if held else [],
        "total": sum(len(one.calls) for one in rounds), "late": sum(one.late for one in rounds), "rule": quota.RULE_TEXT,
        "title": f"{place}{helper.name if helper else ''}走访计划（{visit_plans.PERIODS[period]}）",
        "query": request.GET.urlencode(), "may_export": user.may(P.REPORT_EXPORT), "limit": visit_plans.LIMIT,
    }  # fmt: skip


@require_GET
@require(P.HOUSEHOLD_VIEW)
def visit_plan(request):
    return render(request, "visits/visit_plan.html", _made(request))


@require_GET
@require(P.HOUSEHOLD_VIEW)
def visit_plan_print(request):
    return render(request, "visits/visit_plan_print.html", _made(request))


@require_GET
@require(P.REPORT_EXPORT)
def visit_plan_workbook(request):
    made = _made(request)
    sheet, lines = visit_plans.workbook_of(made["rounds"], made["title"], made["today"])
    out = io.BytesIO()
    book.write(sheet, lines, out)
    out.seek(0)
    record("visit.plan", "visit_plan", by=request.user, region_path=made["path"], households=made["total"])
    return FileResponse(out, as_attachment=True, filename=f"{made['title']}.xlsx", content_type=XLSX)
