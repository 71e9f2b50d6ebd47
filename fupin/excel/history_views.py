"""History of imports: who imported what, when, how it was read, what came of it; and the file, for those who may."""

import io
from datetime import datetime, time, timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from fupin import paging
from fupin.accounts.access import require
from fupin.accounts.fresh import ask, is_fresh
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.crypt import boxes
from fupin.excel import returned, staging
from fupin.excel.import_jobs import is_big, submit_workbook, told_export
from fupin.excel.import_views import groups_of, written_of
from fupin.excel.imports import specs
from fupin.excel.models import ImportBatch, State
from fupin.regions.models import Region

PAGE = 50
NEWEST = (paging.Key("id", descending=True),)
PURPOSE = (4, 120)
"""Characters that a stated purpose may have."""

LINE = ("id", "uid", "name", "kind", "title", "state", "sha256", "size", "year", "home", "report", "created_at", "committed_at", "file",
        "user__name", "user__username")  # fmt: skip
"""What a line of the history needs: the lists of findings, columns and corrections stay where they are."""


class HistoryFilter(forms.Form):
    """What the history is looked through by. What is not understood filters nothing."""

    who = forms.CharField(label="导入人", required=False, max_length=60)
    name = forms.CharField(label="文件名或文件指纹", required=False, max_length=80)
    kind = forms.ChoiceField(label="全部内容", required=False)
    state = forms.ChoiceField(label="全部状态", required=False, choices=State.choices)
    since = forms.DateField(label="从", required=False)
    until = forms.DateField(label="到", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(spec.kind, spec.title) for spec in specs()]

    def apply(self, rows):
        self.is_valid()
        asked = self.cleaned_data
        for name in ("kind", "state"):
            if asked.get(name):
                rows = rows.filter(**{name: asked[name]})
        if who := asked.get("who"):
            rows = rows.filter(Q(user__name=who) | Q(user__username=who))
        if name := asked.get("name"):
            rows = rows.filter(Q(name__icontains=name) | Q(sha256__startswith=name.lower()))
        if since := asked.get("since"):
            rows = rows.filter(created_at__gte=_midnight(since))
        if until := asked.get("until"):
            rows = rows.filter(created_at__lt=_midnight(until + timedelta(days=1)))
        return rows


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


@require_GET
@require(P.IMPORT, P.AUDIT_VIEW)
def import_history(request):
    """The imports of the user and, for who may read the trail, of everybody in the region; newest first."""
    bar = HistoryFilter(request.GET)
    rows = bar.apply(ImportBatch.objects.visible_to(request.user)).select_related("user").only(*LINE)
    page = paging.page(
        rows, NEWEST, key_of=lambda batch: (batch.pk,), size=PAGE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    places = Region.objects.names({batch.home for batch in page.rows})
    for batch in page.rows:
        batch.place = places.get(batch.home) or ("全国" if not batch.home else "")
    query = request.GET.copy()
    for cursor in ("after", "before"):
        query.pop(cursor, None)
    context = {
        "bar": bar, "page": page, "asked": getattr(bar, "cleaned_data", {}), "filtered": any(query.values()),
        "may_import": request.user.may(P.IMPORT), "others": request.user.may(P.AUDIT_VIEW),
    }  # fmt: skip
    return render(request, "imports/import_history.html", context)


@require_GET
@never_cache
@require(P.IMPORT, P.AUDIT_VIEW)
def import_record(request, uid):
    """One import: its file, the mapping used, the counts, every problem; where it is the user's own, the way on."""
    batch = get_object_or_404(
        ImportBatch.objects.visible_to(request.user).select_related("user", "undone_by"), uid=uid
    )
    mine = batch.user_id == request.user.pk
    code = request.GET.get("code", "")
    found = batch.issues
    shown = [issue for issue in found if not code or issue["code"] == code]
    said = batch.mapping if batch.mapping.get("tables") else {}
    context = {
        "batch": batch, "mine": mine, "place": Region.objects.filter(path=batch.home).first(),
        "read_with": _read_with(said), "written": written_of(batch), "groups": groups_of(found), "code": code, "severity": "",
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")), "errors": 0, "warnings": 0,
        "workbook_later": is_big(batch), "corrected": batch.corrections.count or batch.report.get("corrected", 0),
        "left_out": batch.corrections.left_out or batch.report.get("out", 0), "kept_until": _kept_until(batch), "has_file": _has_file(batch),
        "may_fetch": ImportBatch.objects.fetchable_by(request.user).filter(pk=batch.pk).exists(),
    }  # fmt: skip
    return render(request, "imports/import_record.html", context)


def _read_with(said):
    """How the columns came to be understood, in words."""
    if not said:
        return "按表头自动识别"
    source = said.get("source")
    return f"沿用 {source['by']} 在 {source['on']} 记住的对应" if source else "导入人自己指定"


def _has_file(batch):
    return bool(batch.file) and batch.stored.is_file()


def _kept_until(batch):
    """The last day on which the file of a written import is kept, None for one that was not written."""
    written = batch.committed_at and timezone.localdate(batch.committed_at)
    return written and written + timedelta(days=settings.IMPORT_FILE_DAYS)


@require_http_methods(["GET", "POST"])
@never_cache
@require(P.IMPORT, P.AUDIT_VIEW)
def import_file(request, uid):
    """The file as it was uploaded. Somebody else's by POST only, with a purpose; each time in the trail."""
    batch, purpose, refusal = fetched(request, uid)
    if refusal is not None:
        return refusal
    if not _has_file(batch):
        raise Http404
    record(
        "import.export", batch, by=request.user, region_path=batch.home, item="原文件", sha256=batch.sha256, purpose=purpose
    )  # fmt: skip
    response = FileResponse(
        boxes.opened(batch.stored),
        as_attachment=True,
        filename=batch.name,
        content_type="application/octet-stream",
    )
    response["Content-Length"] = boxes.plain_size(batch.stored)
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@require(P.IMPORT, P.AUDIT_VIEW)
def import_workbook(request, uid):
    """The user's own workbook with what is wrong in it: at once, or as a job (by POST) where it is big."""
    batch, purpose, refusal = fetched(request, uid)
    if refusal is not None:
        return refusal
    try:
        with staging.opened(batch.stored) as staged:
            if not is_big(batch):
                stream = io.BytesIO()
                with boxes.plain(batch.stored) as stored:
                    made = returned.make(stored, batch.name, staged, batch.corrections, stream)
    except staging.Missing:
        messages.error(request, "这份表的检查结果已不在，请重新上传检查后再下载。")
        return redirect("import_record", uid=uid)
    if is_big(batch):
        if request.method == "GET":
            messages.info(request, "这份表较大，请按“带问题列的表”按钮在后台生成。")
            return redirect("import_record", uid=uid)
        return redirect("job_detail", uid=submit_workbook(batch, by=request.user, purpose=purpose).uid)
    told_export(batch, by=request.user, purpose=purpose)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=made.name)


def fetched(request, uid):
    """`(batch, purpose, None)` of a file that the user may have. Of somebody else's only by POST, with a purpose and fresh
    from the login: the third is then the answer that says so."""
    batch = get_object_or_404(ImportBatch.objects.fetchable_by(request.user).select_related("user"), uid=uid)
    purpose = " ".join(request.POST.get("purpose", "").split())
    if batch.user_id == request.user.pk:
        return batch, purpose, None
    if not PURPOSE[0] <= len(purpose) <= PURPOSE[1]:
        messages.error(request, f"下载别人导入的文件须写明用途（{PURPOSE[0]} 至 {PURPOSE[1]} 字）。")
        return batch, purpose, redirect("import_record", uid=uid)
    return batch, purpose, None if is_fresh(request) else ask(request)
