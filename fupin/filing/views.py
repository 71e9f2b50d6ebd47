"""The pages of filing: what is due and who has filed, one filing with its versions, what the county asks for."""

from datetime import date, timedelta
from itertools import islice

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, once, remember
from fupin.audit.record import record
from fupin.crypt import boxes
from fupin.excel import reports
from fupin.filing import actions, board, copies
from fupin.filing.forms import RuleForm
from fupin.filing.jobs import submit_filing
from fupin.filing.models import Filing, FilingRule
from fupin.filing.periods import Every, period_of
from fupin.regions.models import Level, Region

SUGGESTED = {
    "R01": (Every.MONTH, 5), "R02": (Every.MONTH, 5), "R04": (Every.MONTH, 5), "R05": (Every.QUARTER, 10),
    "R06": (Every.YEAR, 31), "R07": (Every.YEAR, 31), "R08": (Every.YEAR, 31), "R09": (Every.QUARTER, 10),
    "R10": (Every.MONTH, 5), "R11": (Every.MONTH, 5), "R12": (Every.HALF_MONTH, 3), "R15": (Every.YEAR, 31), "R16": (Every.MONTH, 5),
    "R18": (Every.HALF_YEAR, 15), "R19": (Every.MONTH, 5), "R22": (Every.MONTH, 5),
}  # fmt: skip
"""How often each report is usually asked for, and how many days after the period: what the form of the rules opens
with (domain reference 6.2; practice differs, so every county sets its own)."""
SHOWN = 500
"""Differences on the page; the file of each version has everything."""


@require_GET
@require(P.REPORT_EXPORT)
def filing_list(request):
    """What is due: `?on=` a day of another period, `?due=1` what is left for oneself, `?late=1` what is late,
    `?county=` where somebody sees several; `?place=` (paths) and `?state=` narrow to those of places and below, in one
    state: what a number of the board counts."""
    user, today = request.user, timezone.localdate()
    on = _day(request.GET.get("on"), today)
    rules = board.rules_for(user)
    counties = sorted({rule.region_path for rule in rules})
    county = request.GET.get("county") if request.GET.get("county") in counties else next(iter(counties), "")
    places, state = tuple(request.GET.getlist("place")), request.GET.get("state")
    narrow = "due" in request.GET or "late" in request.GET or bool(places)
    rules = [rule for rule in rules if narrow or rule.region_path == county]
    found = board.duties(user, today, on=on if places or on != today else None, rules=rules)
    if places:
        found = [d for d in found if d.place.path.startswith(places) and state in (None, "", d.state)]
    own = board.own(user, found)
    if "due" in request.GET:
        found = [duty for duty in own if duty.open]
    elif "late" in request.GET:
        found = [duty for duty in (found if user.may(P.REPORT_REVIEW) else own) if duty.late]
    fileable = {
        (duty.place.path, duty.rule.pk)
        for duty in found
        if actions.holds(user, duty.place.path, P.REPORT_FILE)
    }
    columns, rows = _matrix(found)
    context = {
        "on": on, "today": today, "duties": [(duty, (duty.place.path, duty.rule.pk) in fileable) for duty in found],
        "columns": columns, "rows": rows, "wide": len(rows) > 1 and not narrow, "narrow": narrow, "total": len(found),
        "counts": {state: sum(duty.state == state for duty in found) for state in (board.FILED, board.UNFILED, board.RETURNED, board.LATE)},
        "before": on.replace(day=1) - timedelta(days=1), "after": (on.replace(day=28) + timedelta(days=4)).replace(day=28),
        "counties": Region.objects.filter(path__in=counties).order_by("path") if len(counties) > 1 else [], "county": county,
        "chosen": bool(places), "state": state,
        "may_review": user.may(P.REPORT_REVIEW), "may_freeze": user.may(P.REPORT_EXPORT),
    }  # fmt: skip
    return render(request, "filing/filing_list.html", context)


def _day(words, today):
    try:
        return min(date.fromisoformat(words or ""), today)
    except ValueError:
        return today


def _matrix(found):
    """Columns `[(rule, period, title)]` and rows `[(place, [Duty or None])]` of the duties."""
    columns = {(duty.rule.pk, duty.period.start): duty for duty in found}
    rows = {}
    for duty in found:
        rows.setdefault(duty.place.path, (duty.place, {}))[1][duty.rule.pk, duty.period.start] = duty
    return list(columns.values()), [
        (place, [held.get(key) for key in columns]) for place, held in rows.values()
    ]


@require_POST
@require(P.REPORT_FILE)
def filing_file(request):
    """File one report of one place: at once, or by the worker when it is long."""
    data = request.POST
    back = reverse("filing_list")
    rule = FilingRule.objects.visible_to(request.user).filter(pk=_number(data.get("rule"))).first()
    place = Region.objects.visible_to(request.user, P.REPORT_FILE).filter(path=data.get("place", "")).first()
    if rule is None or place is None:
        messages.error(request, "报送要求已取消，或填报单位不在您的辖区内。")
        return redirect(back)
    version, note = _number(data.get("version")), data.get("note", "")
    try:
        period = period_of(rule.every, date.fromisoformat(data.get("start", "")))
        if done := already(request):
            return done
        report = actions.checked(by=request.user, rule=rule, place=place, period=period)
        asked = actions.asked_for(
            report,
            place.path,
            by=request.user,
            year=period.end.year,
            day=min(timezone.localdate(), period.end),
        )
        if report.source(asked).count > reports.LIMIT:
            with transaction.atomic():
                job = submit_filing(
                    by=request.user, rule=rule, place=place, period=period, version=version, note=note
                )
                remember(request, reverse("job_detail", args=[job.uid]))
            return redirect("job_detail", uid=job.uid)
        return once(request, lambda: _filed(request, rule, place, period, version, note))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    except ValueError:
        messages.error(request, "报送的期次读不出来，请从报送页再点一次。")
    return redirect(back)


def _filed(request, rule, place, period, version, note):
    filing = actions.file_report(
        by=request.user, rule=rule, place=place, period=period, version=version, note=note
    )
    messages.success(request, f"{filing} {period.label}已报送，第 {filing.number} 版。")
    return reverse("filing_detail", args=[filing.uid])


def _number(words):
    return int(words) if words and words.isdecimal() and len(words) < 10 else 0


@require_GET
@never_cache
@require(P.REPORT_EXPORT)
def filing_detail(request, uid):
    """One filing: its versions, and what the newest one changed (`?of=` another)."""
    filing = get_object_or_404(Filing.objects.visible_to(request.user), uid=uid)
    return _detail(request, filing)


def _detail(request, filing, *, typed="", problem="", status=200):
    versions = list(filing.copies.select_related("by"))
    chosen = next(
        (one for one in versions if str(one.number) == request.GET.get("of")),
        versions[0] if versions else None,
    )
    before = next((one for one in versions if chosen and one.number == chosen.number - 1), None)
    report = board.titles().get(filing.report)
    readable = bool(report) and actions.holds(request.user, filing.region_path, *report.permissions)
    changes = (
        list(islice(copies.differences(before.cells_path, chosen.cells_path), SHOWN))
        if before and readable
        else []
    )
    rule = FilingRule.objects.visible_to(request.user).filter(
        region_path=filing.region_path[:6], report=filing.report, every=filing.every, active=True
    ).first()  # fmt: skip
    context = {
        "filing": filing, "versions": versions, "chosen": chosen, "before": before, "changes": changes,
        "more": max(0, chosen.changed - len(changes)) if before else 0, "readable": readable, "rule": rule,
        "may_return": filing.state == "filed" and actions.holds(request.user, filing.region_path, P.REPORT_REVIEW),
        "may_file": rule is not None and actions.holds(request.user, filing.region_path, P.REPORT_FILE),
        "typed": typed, "problem": problem,
    }  # fmt: skip
    return render(request, "filing/filing_detail.html", context, status=status)


@require_POST
@require(P.REPORT_REVIEW)
def filing_return(request, uid):
    filing = get_object_or_404(Filing.objects.visible_to(request.user, P.REPORT_REVIEW), uid=uid)
    reason = request.POST.get("reason", "")
    try:
        return once(request, lambda: _returned(request, filing, reason))
    except ValidationError as error:
        return _detail(request, filing, typed=reason, problem="；".join(error.messages), status=422)


def _returned(request, filing, reason):
    actions.return_filing(
        filing, by=request.user, reason=reason, version=_number(request.POST.get("version"))
    )
    messages.success(request, f"{filing} 已退回。")
    return reverse("filing_detail", args=[filing.uid])


@require_GET
@never_cache
@require(P.REPORT_EXPORT)
def filing_copy(request, uid, number):
    """The file as it was filed."""
    filing = get_object_or_404(Filing.objects.visible_to(request.user), uid=uid)
    copy = get_object_or_404(filing.copies, number=number)
    report = board.titles().get(filing.report)
    if report is None or not actions.holds(request.user, filing.region_path, *report.permissions):
        raise PermissionDenied
    if not copy.path.is_file():
        raise Http404
    record(
        "report.fetch", filing, by=request.user, seen=copy.seen, title=f"{filing.unit}{filing.title}",
        item=filing.period.label, version=number, sha256=copy.sha256,
    )  # fmt: skip
    response = FileResponse(boxes.opened(copy.path), as_attachment=True, filename=copy.name)
    response["Content-Length"] = boxes.plain_size(copy.path)
    return response


# What the county asks for


@require_http_methods(["GET", "HEAD", "POST"])
@require(P.REPORT_REVIEW)
def filing_rules(request):
    """The catalogue, a line each: asked for or not, how often, from whom, until when."""
    places = Region.objects.visible_to(request.user, P.REPORT_REVIEW).filter(
        level=Level.COUNTY, valid_to=None
    )
    path = request.POST.get("county") or request.GET.get("county")
    county = (places.filter(path=path) if path else places.order_by("path")).first()
    held = {}
    if county:
        rows = FilingRule.objects.visible_to(request.user, P.REPORT_REVIEW).filter(region_path=county.path)
        held = {rule.report: rule for rule in rows}
    lines = [
        (report, _rule_form(request, report, held.get(report.name)))
        for report in board.titles().values()
        if not report.draw
    ]
    problem, status = "", 200
    if request.method == "POST" and county:
        problem = "" if all(form.is_valid() for _, form in lines) else "有的行填得不对，请看标红的格。"
        if not problem:
            try:
                return once(request, lambda: _ruled(request, county, lines))
            except ValidationError as error:
                problem = "；".join(error.messages)
        status = 422
    context = {
        "county": county, "counties": list(places.order_by("path")[:200]), "lines": lines, "problem": problem,
    }  # fmt: skip
    return render(request, "filing/filing_rules.html", context, status=status)


def _rule_form(request, report, rule):
    every, days = SUGGESTED.get(report.name, (Every.MONTH, 5))
    first = {
        "active": bool(rule and rule.active), "every": rule.every if rule else every, "version": rule.version if rule else 0,
        "level": rule.level if rule else Level.TOWNSHIP.value, "due_days": rule.due_days if rule else days,
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    return RuleForm(data, prefix=report.name, initial=first)


def _ruled(request, county, lines):
    for report, form in lines:
        said = form.cleaned_data
        actions.save_rule(
            by=request.user, county=county, report=report.name, every=said["every"], level=said["level"],
            due_days=said["due_days"], active=said["active"], version=said["version"] or 0,
        )  # fmt: skip
    messages.success(request, "报送要求已保存。")
    return f"{reverse('filing_rules')}?county={county.path}"
