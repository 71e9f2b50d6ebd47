"""Excel 导入: upload, columns, preview, commit, receipt."""

import io

import xlsxwriter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from fupin.audit.record import record
from fupin.excel import batches, grid_views, import_templates, undo
from fupin.excel.import_forms import ACCEPT, UploadForm, kinds
from fupin.excel.import_jobs import CHECK, UNDO, WRITE, do_now, is_big, job_of, submit_import
from fupin.excel.imports import ALL_OR_NOTHING, GOOD_ROWS, POLICIES, specs
from fupin.excel.models import ImportBatch, State

BIG_FILE = 1 << 20
"""Bytes above which a file is checked by the worker, not within the request."""

BIG_ROWS = 3000
"""Rows above which a file is written by the worker."""

PAGE = 50

STEPS = {
    State.REFUSED: 1,
    State.WRITING: 4,
    State.FAILED: 4,
    State.DONE: 4,
    State.UNDOING: 4,
    State.UNDONE: 4,
}
"""At which of the four steps a batch stands; checked ones are at the third."""


def _result_page(kind):
    """The url name of where one sees what an import brought, drawn only where it exists."""
    return next((spec.result_page for spec in specs() if spec.kind == kind), "")


@require_GET
@require(P.IMPORT)
def import_list(request):
    return _upload_page(request, UploadForm())


def _upload_page(request, form, status=200):
    recent = ImportBatch.objects.of(request.user).defer("kept_issues", "columns", "edits")[:12]
    context = {
        "form": form,
        "recent": recent,
        "accept": ACCEPT,
        "step": 1,
        "kinds": kinds(),
        "limit": batches.MAX_BYTES >> 20,
    }
    return render(request, "imports/import_list.html", context, status=status)


@require_GET
@require(P.IMPORT)
def import_template(request, kind):
    """The empty workbook of a kind, with the user's own villages to choose from."""
    spec = next((spec for spec in specs() if spec.kind == kind), None)
    if spec is None or not request.user.may(spec.permission):
        raise Http404
    stream = io.BytesIO()
    import_templates.write(spec, stream, by=request.user)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{spec.title}导入模板.xlsx")


@require_POST
@require(P.IMPORT)
def import_upload(request):
    form = UploadForm(request.POST, request.FILES)
    try:
        if (done := already(request)) is not None:
            return done
    except ValidationError as error:
        form.add_error(None, error)
    if not form.is_valid():
        return _upload_page(request, form, status=422)
    said = form.cleaned_data
    batch = batches.store(
        said["file"],
        said["file"].name,
        by=request.user,
        year=said["year"],
        as_of=said["as_of"],
        kind=said["kind"],
    )
    address = reverse("import_preview", args=[batch.uid])
    remember(request, address)
    if batch.size > BIG_FILE:
        with transaction.atomic():
            ImportBatch.objects.unscoped("same row").filter(pk=batch.pk).update(state=State.CHECKING)
            submit_import(batch, by=request.user, act=CHECK)
    else:
        batches.carry_out(batch, by=request.user, dry_run=True)
    return redirect(address)


def _batch(request, uid):
    return get_object_or_404(ImportBatch.objects.of(request.user), uid=uid)


@require_GET
@never_cache
@require(P.IMPORT)
def import_preview(request, uid):
    """What the file would do, or did; while the worker has it, its progress."""
    batch = batches.settled(_batch(request, uid))
    checked = batch.state == State.CHECKED
    code, severity = request.GET.get("code", ""), request.GET.get("severity", "")
    found = [] if checked else batch.issues  # a checked file shows them row by row, see grid_views
    issues = [
        issue
        for issue in found
        if (not code or issue["code"] == code) and (not severity or issue["severity"] == severity)
    ]
    before = (
        ImportBatch.objects.unscoped("same row")
        .twins_of(batch)
        .select_related("user")
        .only("committed_at", "user__name")
        .first()
    )
    context = {
        "batch": batch,
        "job": job_of(batch),
        "undo": undo.possible(batch),
        "step": STEPS.get(batch.state, 3),
        "groups": groups_of(found),
        "page": Paginator(issues, PAGE).get_page(request.GET.get("page")),
        "code": code,
        "severity": severity,
        "errors": batch.count("error"),
        "warnings": batch.count("warning"),
        "before": before,
        "policies": POLICIES.items(),
        "written": written_of(batch),
        "result_page": _result_page(batch.kind),
        "workbook_later": is_big(batch),
        "refusal": found[0] if batch.state == State.REFUSED and found else None,
    }
    if checked:
        return grid_views.preview(request, batch, context)
    return render(request, "imports/import_preview.html", context)


def groups_of(issues):
    """`[(code, title, severity, how many)]`, errors first, the commonest first."""
    counted = {}
    for issue in issues:
        key = (issue["code"], issue["title"], issue["severity"])
        counted[key] = counted.get(key, 0) + 1
    return sorted(((*key, n) for key, n in counted.items()), key=lambda g: (g[2] != "error", -g[3], g[0]))


WRITTEN = {
    "households_new": ("户", "新增"), "households_changed": ("户", "更新"), "households_same": ("户", "不变"),
    "persons_new": ("人", "新增"), "persons_changed": ("人", "更新"), "persons_same": ("人", "不变"),
    "rows_new": ("行", "新增"), "rows_changed": ("行", "更新"), "rows_same": ("行", "不变"),
    "clues_new": ("条线索", "新增"), "clues_same": ("条线索", "不变"),
}  # fmt: skip


def written_of(batch):
    """`[(unit, {新增, 更新, 不变: count})]` of what was, or would be, written."""
    rows = {}
    for key, number in batch.report.get("written", {}).items():
        if key in WRITTEN:
            unit, word = WRITTEN[key]
            rows.setdefault(unit, {})[word] = number
    return list(rows.items())


@require_POST
@require(P.IMPORT)
def import_commit(request, uid):
    """Write the stored file: read, checked and resolved anew, nothing of the browser's is trusted."""
    batch = _batch(request, uid)
    policy = ALL_OR_NOTHING if request.POST.get("policy") == ALL_OR_NOTHING else GOOD_ROWS
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else None
    if batches.scope_changed(batch, request.user) and batch.changeable:
        messages.error(request, batches.OTHER_SCOPE)
        return redirect("import_preview", uid=batch.uid)
    with transaction.atomic():
        asked = batches.ask_to_write(batch, policy=policy, version=version)
        job = asked and submit_import(batch, by=request.user, act=WRITE)
    if not asked and version not in (None, batch.version):
        messages.warning(request, "这份表在别的窗口里又更正过，没有提交。请核对现在的内容后再提交。")
    if job and batch.report.get("read", 0) <= BIG_ROWS:
        do_now(job)
    return redirect("import_preview", uid=batch.uid)


@require_POST
@require(P.IMPORT)
def import_undo(request, uid):
    """Take the import back, as long as nobody has touched its rows."""
    batch = _batch(request, uid)
    with transaction.atomic():
        job = batches.ask_to_undo(batch) and submit_import(batch, by=request.user, act=UNDO)
    if job and undo.size(batch) <= BIG_ROWS:
        do_now(job)
    return redirect("import_preview", uid=batch.uid)


@require_POST
@require(P.IMPORT)
def import_discard(request, uid):
    """Throw the uploaded file away before it was written."""
    batch = _batch(request, uid)
    gone = batches.discard(batch, by=request.user)
    return redirect("import_list" if gone else reverse("import_preview", args=[batch.uid]))


@require_GET
@never_cache
@require(P.IMPORT, P.AUDIT_VIEW)
def import_issues(request, uid):
    """The list of findings as a workbook: where, what stands there (masked), what is expected."""
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), uid=uid)
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page = book.add_worksheet("问题清单")
        bold, kinds = book.add_format({"bold": True, "bottom": 1}), {"error": "不导入", "warning": "提醒"}
        for column, (head, width) in enumerate(
            [
                ("工作表", 16),
                ("行", 8),
                ("列", 6),
                ("户编号", 16),
                ("姓名", 12),
                ("单元格内容", 24),
                ("问题", 30),
                ("应为", 40),
                ("处理", 10),
            ]
        ):
            page.set_column(column, column, width)
            page.write_string(0, column, head, bold)
        for row, issue in enumerate(batch.issues, 1):
            keys = ("sheet", "row", "col", "household", "person", "value", "title", "expected")
            cells = [*(issue.get(key, "") for key in keys), kinds.get(issue["severity"], "")]
            for column, value in enumerate(cells):
                if isinstance(value, int):
                    page.write_number(row, column, value)
                else:
                    page.write_string(row, column, value)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(len(batch.issues), 1), 8)
    record("import.issues", batch, by=request.user, region_path=batch.home, rows=len(batch.issues))
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"问题清单 {timezone.localdate()}.xlsx")
