"""一表通: the forms, what each place of one means, filling one for a place and a day."""

import io
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, once, remember
from fupin.jobs.models import ENDED, Job
from fupin.onetable import store
from fupin.onetable.cells import empty_places
from fupin.onetable.filling import fill
from fupin.onetable.jobs import asked_by, submit_filling
from fupin.onetable.mapping_page import Page
from fupin.onetable.meaning import KINDS
from fupin.onetable.models import BureauForm, FormFilling
from fupin.onetable.structure import Block
from fupin.onetable.vocabulary import sources, words
from fupin.regions.models import Level, Region, ancestors_of

BIG = 3000
"""Households of a place above which its form is filled by the worker."""
MANY = 40
"""Households above which a form that is filled once for each goes to the worker."""
FIRST_DAY = date(2003, 1, 1)
PURPOSE = (4, 120)


@require_GET
@require(P.REPORT_EXPORT)
def onetable_list(request):
    return _list_page(request)


def _list_page(request, problem="", status=200):
    forms = BureauForm.objects.visible_to(request.user).defer("seen", "blocks", "said")
    units = Region.objects.names({form.unit for form in forms[:100]})
    context = {
        "forms": [(form, units.get(form.unit, "全国")) for form in forms[:100]], "problem": problem, "limit": store.MAX_BYTES >> 20,
        "sources": sources(), "words": words(),
    }  # fmt: skip
    return render(request, "onetable/onetable_list.html", context, status=status)


@require_POST
@require(P.REPORT_EXPORT)
def onetable_upload(request):
    file = request.FILES.get("file")
    try:
        if (done := already(request)) is not None:
            return done
        if file is None or not file.size:
            raise ValidationError("请选择一份空表（.xlsx 或 .xls）。")
        if file.size > store.MAX_BYTES:
            raise ValidationError(f"文件大于 {store.MAX_BYTES >> 20} MB。一表通要的是没有填数的空表。")
        form = store.store(file, file.name, by=request.user)
    except ValidationError as error:
        return _list_page(request, "；".join(error.messages), status=422)
    if form.confirmed:
        messages.success(request, "这种表头以前核对过，已按记住的对应认列，可以直接填表。")
    address = reverse("onetable_fill" if form.confirmed else "onetable_columns", args=[form.uid])
    remember(request, address)
    return redirect(address)


def _form(request, uid, *, edit=False):
    rows = BureauForm.objects.visible_to(request.user)
    if edit:
        rows = rows & BureauForm.objects.editable_by(request.user)
    return get_object_or_404(rows, uid=uid)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@require(P.REPORT_EXPORT)
def onetable_columns(request, uid):
    """What each column and cell means, over a picture of the form."""
    form = _form(request, uid, edit=True)
    page = Page(form, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            said = page.answer()
            return once(request, lambda: _said(request, form, said))
        except ValidationError as error:
            page.problems = error.messages
    return render(
        request,
        "onetable/onetable_columns.html",
        {"form": form, "page": page},
        status=422 if page.problems else 200,
    )


def _said(request, form, said):
    version = request.POST.get("version", "")
    store.say(form, said, by=request.user, version=int(version) if version.isdecimal() else 0)
    messages.success(request, "已保存，以后同样表头的表会自动这样认列。")
    return reverse("onetable_fill", args=[form.uid])


@require_GET
@never_cache
@require(P.REPORT_EXPORT)
def onetable_fill(request, uid):
    """Where and for which day; what stays empty; what was filled before."""
    form = _form(request, uid)
    if not form.confirmed and BureauForm.objects.editable_by(request.user).filter(pk=form.pk).exists():
        return redirect("onetable_columns", uid=form.uid)
    blocks = [Block.read(block) for block in form.blocks]
    region = _region(request)
    home = form.said["scope"] == "home"
    recent = Job.objects.visible_to(request.user).filter(kind="onetable")[:100]
    jobs = [job for job in recent if job.params.get("form") == str(form.uid)][:5]
    context = {
        "form": form, "region": region, "regions": _regions(request.user, region), "today": timezone.localdate(), "home": home,
        "day": request.GET.get("day") or timezone.localdate().isoformat(), "number": request.GET.get("number", ""),
        "empty": empty_places(blocks, form.said), "may_reveal": request.user.may(P.PII_EXPORT), "rows": _kinds(blocks, form.said),
        "may_edit": BureauForm.objects.editable_by(request.user).filter(pk=form.pk).exists(),
        "fillings": FormFilling.objects.visible_to(request.user).filter(form=form)[:5], "jobs": sorted(jobs, key=lambda job: job.state in ENDED),
    }  # fmt: skip
    return render(request, "onetable/onetable_fill.html", context)


def _kinds(blocks, said):
    return [(block, KINDS[one["rows"]]) for block, one in zip(blocks, said["blocks"])]


@require_POST
@never_cache
@require(P.REPORT_EXPORT)
def onetable_download(request, uid):
    """The filled form: at once, or by the worker when it is long."""
    form = _form(request, uid)
    region = _region(request)
    purpose, number = request.POST.get("purpose", "").strip(), request.POST.get("number", "").strip() or None
    reveal = bool(request.POST.get("reveal"))
    try:
        day = _day(request.POST.get("day", ""))
        if region is None:
            raise ValidationError("请先选择区域。")
        if reveal and not request.user.may(P.PII_EXPORT):
            raise PermissionDenied
        if reveal and not PURPOSE[0] <= len(purpose) <= PURPOSE[1]:
            raise ValidationError(f"导出未脱敏文件须写明用途（{PURPOSE[0]} 至 {PURPOSE[1]} 字）。")
        asked = asked_by(request.user, day, reveal=reveal)
        if _is_long(form, asked, region, number):
            if done := already(request):
                return done
            with transaction.atomic():
                job = submit_filling(form, asked, region, number=number, purpose=purpose)
                address = reverse("job_detail", kwargs={"uid": job.uid})
                remember(request, address)
            return redirect(address)
        found = fill(form, asked, region, number=number, purpose=purpose)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect(
            f"{reverse('onetable_fill', args=[form.uid])}?region={region.path if region else ''}&day={request.POST.get('day', '')}"
        )
    name, data = found.files[0]
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=name)


def _is_long(form, asked, region, number):
    if number is not None:
        return False
    size = max((source.size(asked, region.path) for source in sources() if source.size), default=0)
    return size > (MANY if form.said["scope"] == "home" else BIG)


def _day(words):
    """The day of the figures: not before there are any, not after today."""
    today = timezone.localdate()
    try:
        day = date.fromisoformat(words) if words else today
    except ValueError as error:
        raise ValidationError("截至日期写成 2026-06-30 这样。") from error
    if not FIRST_DAY <= day <= today:
        raise ValidationError(f"截至日期应在 {FIRST_DAY:%Y-%m-%d} 到今天之间。")
    return day


def _region(request):
    """The place that is asked for, or the user's own."""
    places = Region.objects.visible_to(request.user, P.REPORT_EXPORT)
    path = request.POST.get("region") or request.GET.get("region")
    if path is not None:
        return places.filter(path=path).first()
    return places.order_by("path").first()


def _regions(user, region):
    """Places to choose from: the user's own, those above the chosen one, its neighbours and what lies in it."""
    places = Region.objects.visible_to(user, P.REPORT_EXPORT).filter(valid_to=None)
    own = user.paths(P.REPORT_EXPORT)
    if region is None:
        return places.filter(path__in=own).order_by("path")
    above = ancestors_of(region.path)
    parent = Region.objects.filter(path__in=[*own, *above]).order_by("path").values_list("pk", flat=True)
    rows = places.filter(level__gte=Level.PROVINCE)
    return list(
        rows.filter(path__in=[*own, *above]).order_by("path")
        | rows.filter(parent__in=list(parent)).order_by("path")
    )


@require_POST
@require(P.REPORT_EXPORT)
def onetable_remove(request, uid):
    form = _form(request, uid, edit=True)
    store.remove(form, by=request.user)
    messages.success(request, f"已删除“{form.title}”。记住的列对应还在，再传同样的表会自动认列。")
    return redirect("onetable_list")
