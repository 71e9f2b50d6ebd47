"""年度快照: the years that are frozen, freezing one, what is in it, opening it again."""

from collections import defaultdict
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.excel.reports import LIMIT
from fupin.filing import actions, board, frozen
from fupin.filing.forms import FreezeForm
from fupin.filing.jobs import submit_freeze
from fupin.filing.models import FreezeState, FrozenPlace, FrozenReport, YearFreeze
from fupin.regions.models import WIDTHS, Level, Region


@require_GET
@require(P.REPORT_EXPORT)
def freeze_list(request):
    return _list(request)


def _counties(user):
    return (
        Region.objects.visible_to(user, P.REPORT_REVIEW)
        .filter(level=Level.COUNTY, valid_to=None)
        .order_by("path")
    )


def _list(request, form=None, problem="", status=200):
    last = timezone.localdate().year - 1
    context = {
        "freezes": YearFreeze.objects.visible_to(request.user).select_related("by", "opened_by")[:100],
        "counties": list(_counties(request.user)[:200]) if request.user.may(P.REPORT_REVIEW) else [],
        "form": form or FreezeForm(initial={"year": last, "as_of": date(last, 12, 31)}), "problem": problem,
    }  # fmt: skip
    return render(request, "filing/freeze_list.html", context, status=status)


@require_POST
@require(P.REPORT_REVIEW)
def freeze_new(request):
    form = FreezeForm(request.POST)
    county = _counties(request.user).filter(path=request.POST.get("county", "")).first()
    if not form.is_valid() or county is None:
        return _list(request, form, "" if county else "请选择您管理的县。", 422)
    try:
        return once(request, lambda: _frozen(request, county, **form.cleaned_data))
    except ValidationError as error:
        return _list(request, form, "；".join(error.messages), 422)


def _frozen(request, county, year, as_of):
    freeze = actions.begin_freeze(by=request.user, county=county, year=year, as_of=as_of)
    submit_freeze(freeze, by=request.user)
    messages.success(request, f"{freeze} 已冻结，正在后台存档当时的报表和指标。")
    return reverse("freeze_detail", args=[freeze.uid])


@require_GET
@never_cache
@require(P.REPORT_EXPORT)
def freeze_detail(request, uid):
    return _detail(request, get_object_or_404(YearFreeze.objects.visible_to(request.user), uid=uid))


def _detail(request, freeze, *, typed="", problem="", status=200):
    """The figures of a place and the places in it (`?region=`), with the names of that time, and its reports."""
    places = FrozenPlace.objects.visible_to(request.user).filter(freeze=freeze)
    place = (
        places.filter(region_path=request.GET.get("region", "")).first()
        or places.order_by("level", "region_path").first()
    )
    below, files = [], []
    if place:
        inside = places.within(place.region_path).filter(level=place.level + 1)
        below = [place, *inside.order_by("region_path")[:200]]
        files = list(_files(request.user, freeze, place.region_path))
    labels = [
        (key, label) for key, label in offers("FREEZE_MODULES", "LABELS") if place and key in place.figures
    ]
    context = {
        "freeze": freeze, "place": place, "above": _above(places, place), "files": files, "places": below,
        "figures": [(label, [one.figures.get(key, [0, 0]) for one in below]) for key, label in labels],
        "may_open": freeze.state != "open" and actions.holds(request.user, freeze.region_path, P.REPORT_REVIEW),
        "typed": typed, "problem": problem, "may_board": request.user.may(P.BOARD_VIEW),
    }  # fmt: skip
    return render(request, "filing/freeze_detail.html", context, status=status)


def _files(user, freeze, path):
    """The kept reports of a place down to the village: `(Selection, report)`."""
    if len(path) > WIDTHS[Level.VILLAGE]:
        return
    known = board.titles()
    held = defaultdict(list)
    for one in FrozenReport.objects.unscoped("frozen").filter(freeze=freeze).select_related("freeze"):
        held[one.report].append(one)
    for name, kept in held.items():
        report = known.get(name)
        if report is None or not actions.holds(user, path, P.REPORT_EXPORT, *report.permissions):
            continue
        if found := frozen.selection_of(report, kept, path, user, opened=bool(report.start)):
            yield found, report


def _above(places, place):
    if place is None:
        return []
    paths = [place.region_path[:width] for width in (6, 9) if width < len(place.region_path)]
    return list(places.filter(region_path__in=paths).order_by("level"))


@require_POST
@require(P.REPORT_REVIEW)
def freeze_open(request, uid):
    freeze = get_object_or_404(YearFreeze.objects.visible_to(request.user, P.REPORT_REVIEW), uid=uid)
    reason, version = request.POST.get("reason", ""), request.POST.get("version", "")
    try:
        return once(
            request, lambda: _opened(request, freeze, reason, int(version) if version.isdecimal() else 0)
        )
    except ValidationError as error:
        return _detail(request, freeze, typed=reason, problem="；".join(error.messages), status=422)


def _opened(request, freeze, reason, version):
    actions.open_year(freeze, by=request.user, reason=reason, version=version)
    messages.success(request, f"{freeze} 已解冻，可以更正数据。改完请重新冻结。")
    return reverse("freeze_detail", args=[freeze.uid])


@require_GET
@never_cache
@require(P.REPORT_EXPORT)
def frozen_file(request, uid, name):
    """One kept report of a freeze, of `?region=` or the widest place there is: also of a year that was opened again."""
    freeze = get_object_or_404(YearFreeze.objects.visible_to(request.user), uid=uid)
    places = FrozenPlace.objects.visible_to(request.user, P.REPORT_EXPORT).filter(freeze=freeze)
    if request.GET.get("region"):
        places = places.filter(region_path=request.GET["region"])
    place = places.order_by("level", "region_path").first()
    if place is None:
        raise Http404
    report = board.titles().get(name)
    if report is None or not actions.holds(request.user, place.region_path, *report.permissions):
        raise PermissionDenied
    kept = frozen.original(report, freeze, place.region_path, request.user)
    if kept is None:
        raise Http404
    if (
        kept.rows > LIMIT and freeze.state == FreezeState.FROZEN
    ):  # the page of the report has it made by the worker
        query = QueryDict(f"{report.start}&year={freeze.year}&region={place.region_path}").urlencode()
        return redirect(f"{reverse('report_detail', args=[name])}?{query}")
    file = kept.opened()
    record(
        "report.fetch", freeze, by=request.user, region_path=kept.region_path, seen=kept.seen, title=kept.name,
        year=freeze.year, sha256=kept.sha256,
    )  # fmt: skip
    return FileResponse(file, as_attachment=True, filename=kept.name)
