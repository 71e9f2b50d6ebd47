"""报表中心: the catalogue, a report with its parameters and preview, its file."""

import io
from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.fresh import ask, is_fresh
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, once, remember
from fupin.audit.models import AuditEvent
from fupin.excel import reports
from fupin.excel.jobs import submit_files, submit_report, submit_set
from fupin.excel.reports import Asked
from fupin.jobs.models import ENDED, Job
from fupin.regions.models import Level, Region, ancestors_of

FIRST_YEAR = 2014
PURPOSE = (4, 120)
"""Characters that a stated purpose may have."""
TOO_MANY = "共 {:,} 行，请点“后台生成”，完成后下载。"


@require_GET
@require(P.REPORT_EXPORT)
def report_list(request):
    context = {
        "sections": reports.reports_for(request.user),
        "jobs": _jobs(request.user),
        "limit": reports.LIMIT,
    }
    towns = Region.objects.visible_to(request.user, P.REPORT_EXPORT).filter(valid_to=None)
    context["places"] = (
        towns.filter(level=Level.TOWNSHIP).order_by("path")[:400] or towns.filter(level=Level.VILLAGE)[:400]
    )
    context["years"] = range(timezone.localdate().year, FIRST_YEAR - 1, -1)
    context["exports"] = AuditEvent.objects.unscoped("own rows").filter(
        user=request.user, action="report.export"
    )[:10]
    return render(request, "reports/report_list.html", context)


@require_GET
@require(P.REPORT_EXPORT)
def report_detail(request, name):
    report, asked = _report(request, name), replace(_asked(request), first=True)
    found, error = _found(report, asked)
    region = reports.region_of(asked)
    kept = reports.kept_copy(report, asked, region)
    if kept:
        found, error = replace(found or reports.Found(0, lambda size: iter(())), count=kept.rows), ""
    context = {
        "kept": kept,
        "report": report,
        "label": report.label(asked.year),
        "asked": asked,
        "sections": reports.reports_for(request.user),
        "found": found,
        "error": error,
        "preview": (kept.preview(report) if kept else reports.preview(report, asked, found))
        if found
        else None,
        "region": region,
        "regions": _regions(request.user, region),
        "years": range(asked.today.year, FIRST_YEAR - 1, -1),
        "chosen_year": asked.year if asked.query.get("year") or not report.all_years else None,
        "chips": [(words, _without(asked.query, parameter)) for parameter, words in found.chips]
        if found
        else [],
        "carried": _carried(asked.query),
        "query": asked.query.urlencode(),
        "big": bool(found) and found.count > reports.LIMIT,
        "limit": reports.LIMIT,
        # a template calls what can be called: whether there is a function is said here
        "one_each": report.entry is not None,
        "drawn": report.draw is not None,
        "files": report.entry and region and region.level >= Level.VILLAGE,
        "may_reveal": bool(report.personal) and request.user.may(P.PII_EXPORT),
        "jobs": _jobs(request.user),
    }
    return render(request, "reports/report_detail.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@require(P.REPORT_EXPORT)
def report_download(request, name):
    """The file: by GET masked and at once; by POST also whole (with a purpose) or as a job when it is big."""
    report, asked = _report(request, name), _asked(request)
    purpose = request.POST.get("purpose", "").strip()
    if request.POST.get("reveal"):
        if not request.user.may(P.PII_EXPORT):
            raise PermissionDenied
        if not is_fresh(request):
            return ask(request)
        asked = replace(asked, reveal=True)
        if not PURPOSE[0] <= len(purpose) <= PURPOSE[1]:
            return _back(request, name, f"导出未脱敏文件须写明用途（{PURPOSE[0]} 至 {PURPOSE[1]} 字）。")
    if kept := reports.kept_copy(report, asked, reports.region_of(asked)):
        if kept.rows <= reports.LIMIT:
            return _kept_file(request, report, kept)
        if request.method == "POST":
            return _submit(request, report, asked, purpose)
        return _back(request, name, TOO_MANY.format(kept.rows))
    found, error = _found(report, asked)
    if error:
        return _back(request, name, error)
    if found.count <= reports.LIMIT:
        stream = io.BytesIO()
        title, _ = reports.make(report, asked, stream, purpose=purpose)
        stream.seek(0)
        return FileResponse(stream, as_attachment=True, filename=title)
    if request.method == "GET":
        return _back(request, name, TOO_MANY.format(found.count))
    if "found" in asked.query:
        return _back(request, name, "按证件号码或电话查找的结果不能后台生成，请缩小范围。")
    return _submit(request, report, asked, purpose)


@require_POST
@require(P.REPORT_EXPORT)
def report_set(request):
    """Every report of a township (or below it) and a year, as one zip made by the worker."""
    region = (
        Region.objects.visible_to(request.user, P.REPORT_EXPORT)
        .filter(path=request.POST.get("region", ""))
        .first()
    )
    year, today = request.POST.get("year", ""), timezone.localdate()
    if region is None or region.level < Level.TOWNSHIP:
        messages.error(request, "全套报表按乡镇或村打包，请选择您辖区内的一个。")
        return redirect("report_list")
    year = int(year) if year.isdecimal() and FIRST_YEAR <= int(year) <= today.year else today.year
    try:
        return once(
            request, lambda: reverse("job_detail", args=[submit_set(region, year, by=request.user).uid])
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("report_list")


@require_POST
@require(P.REPORT_EXPORT)
def report_files(request, name):
    """One workbook a household of a village, as one zip made by the worker; whole only with a purpose."""
    report, asked = _report(request, name), _asked(request)
    region = reports.region_of(asked)
    if report.entry is None or region is None or region.level < Level.VILLAGE:
        return _back(request, name, "一户一个文件按村打包，请先把范围选到村。")
    purpose = request.POST.get("purpose", "").strip()
    if request.POST.get("reveal"):
        if not request.user.may(P.PII_EXPORT):
            raise PermissionDenied
        asked = replace(asked, reveal=True)
        if not PURPOSE[0] <= len(purpose) <= PURPOSE[1]:
            return _back(request, name, f"导出未脱敏文件须写明用途（{PURPOSE[0]} 至 {PURPOSE[1]} 字）。")
    kept = reports.kept_copy(report, asked, region)
    error = (
        not kept
        and _found(report, asked)[1]
        or ("found" in asked.query and "按证件号码或电话查找的结果不能打包，请去掉后再生成。")
    )
    if error:
        return _back(request, name, error)
    try:
        return once(
            request, lambda: reverse("job_detail", args=[submit_files(report, asked, purpose=purpose).uid])
        )
    except ValidationError as error:
        return _back(request, name, error.messages[0])


def _kept_file(request, report, kept):
    """The very file of the frozen year, or the part of it that was asked for."""
    file = reports.handed_out(report, kept, by=request.user)
    return FileResponse(file, as_attachment=True, filename=kept.name)


def _submit(request, report, asked, purpose):
    try:
        if earlier := already(request):
            return earlier
    except ValidationError as error:
        return _back(request, report.name, error.messages[0])
    with transaction.atomic():
        job = submit_report(report, asked, purpose=purpose)
        location = reverse("job_detail", kwargs={"uid": job.uid})
        remember(request, location)
    return redirect(location)


def _report(request, name):
    report = reports.report_named(name, request.user)
    if report is None:
        raise Http404
    return report


def _asked(request):
    today = timezone.localdate()
    typed = request.GET.get("year", "")
    year = int(typed) if typed.isdecimal() and FIRST_YEAR <= int(typed) <= today.year else today.year
    private = request.session.get("household_search")
    return Asked(request.user, request.GET, year, today, private=private)


def _found(report, asked):
    """The rows, or what is wrong with the conditions: a report never guesses."""
    try:
        return report.source(asked), ""
    except ValidationError as error:
        return None, "；".join(error.messages)


def _back(request, name, message):
    messages.error(request, message)
    query = request.GET.urlencode()
    return redirect(reverse("report_detail", kwargs={"name": name}) + (f"?{query}" if query else ""))


def _jobs(user):
    """The user's newest report jobs, unfinished ones first."""
    rows = Job.objects.visible_to(user).filter(kind__in=["report", "report-set", "report-files"])[:8]
    return sorted(rows, key=lambda job: job.state in ENDED)


def _regions(user, region):
    """Places to choose from: from the user's own down to the chosen one, and the chosen one's children."""
    if region is None:
        return []
    places = Region.objects.visible_to(user, P.REPORT_EXPORT)
    own = user.paths(P.REPORT_EXPORT)
    above = places.filter(path__in=[*own, *ancestors_of(region.path)]).order_by("path")
    return [*above, *places.children(region.path).order_by("path")]


def _without(query, parameter):
    rest = query.copy()
    rest.pop(parameter, None)
    return rest.urlencode()


def _carried(query):
    """The list's conditions, as hidden fields of the parameter form."""
    return [(name, query.get(name)) for name in query if name not in ("region", "year") and query.get(name)]
