"""The notices of a project, on paper and as a workbook."""

import io
from datetime import date

from django.http import FileResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.excel import sheet as book
from fupin.excel.sheet import Kind, Line, Sheet
from fupin.objections.models import is_open, over, told
from fupin.objections.views import Objections
from households.models import PostingSetting
from projects import postings
from projects.models import Beneficiary, Project, ProjectObjection
from projects.models.objection import NOTICES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _made(request, pk):
    """What both forms of the notice show; `?stage=` and the day `?on=` on which it goes up."""
    rows = Project.objects.visible_to(request.user).select_related("region")
    project = get_object_or_404(rows.prefetch_related("funds", "villages__region"), pk=pk)
    stage = request.GET.get("stage")
    stage = stage if stage in postings.STAGES else "before"
    error, on = "", timezone.localdate()
    try:
        on = date.fromisoformat(request.GET.get("on") or str(on))
    except ValueError:
        error = "日期不对，请写成 2026-11-26 的样子；先按今天打印。"
    office = PostingSetting.objects.for_place(project.region_path)
    kind, _, sentence = postings.STAGES[stage]
    pauses = told(project.objections, postings.ENDS.get(stage, stage))
    hangs, end = office.hangs("project", on, over(pauses)) if stage in postings.HUNG else ("", None)
    seen = Beneficiary.objects.filter(project=project).visible_to(request.user)
    benefits = postings.benefits_of(list(seen.select_related("household__region")[: postings.LIMIT]))
    return {
        "project": project, "stage": stage, "stages": [(name, words[0]) for name, words in postings.STAGES.items()],
        "title": f"{project.name}{kind}", "sentence": sentence, "hangs": hangs, "end": end, "on": on, "error": error,
        "facts": postings.facts_of(project, stage), "benefits": benefits, "office": office,
        "unit": office.unit or project.responsible_unit or project.lead_unit, "may_export": request.user.may(P.REPORT_EXPORT),
        "objected": is_open(pauses), "may_object": ProjectObjection.open_to(project.region_path, request.user),
    }  # fmt: skip


@require_GET
@require(P.PROJECT_VIEW)
def project_posting(request, pk):
    made = _made(request, pk)
    return _refused(request, made) or render(request, "projects/posting_print.html", made)


def _refused(request, made):
    """The answer where a 公告 may not go up: to its notice an objection is open."""
    if not made["objected"] or made["stage"] in postings.HUNG:
        return None
    back = reverse("project_posting", args=[made["project"].pk])
    return render(request, "postings/objected.html", {"back": back}, status=409)


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_EDIT)
def project_objections(request, pk):
    """Objections to the notices of a project."""
    project = get_object_or_404(Project.objects.visible_to(request.user, P.PROJECT_EDIT), pk=pk)
    address = reverse("project_objections", args=[project.pk])
    objections = Objections(
        project.objections, subject=project, choices=NOTICES, address=address, user=request.user
    )
    sent = request.method == "POST"
    if sent and (done := objections.answer(request, address)):
        return done
    return render(request, "postings/objections.html", {
        "objections": objections, "title": f"公示异议 {project.name}", "sub": project.name,
        "back": reverse("project_posting", args=[project.pk]),
    }, status=422 if sent else 200)  # fmt: skip


@require_GET
@require(P.REPORT_EXPORT)
def project_posting_workbook(request, pk):
    made = _made(request, pk)
    if refused := _refused(request, made):
        return refused
    lines = [Line([label, words]) for label, words in made["facts"]]
    lines += [
        Line([f"受益户：{one.place} {one.name}", f"{one.amount}{f'，{one.money:,.2f} 元' if one.money is not None else ''}"])
        for one in made["benefits"]
    ]  # fmt: skip
    office = made["office"]
    notes = [made["sentence"]]
    if made["end"]:
        notes.append(f"公示期 {made['hangs']}，自 {made['on']} 至 {made['end']}。")
    notes.append(
        f"联系人：{office.contact or '________'}　联系电话：{office.phone or '____________'}　监督电话：{office.supervision}"
    )
    sheet = Sheet(
        "公示", made["title"], (("事项", Kind.CODE, 30, False), ("内容", Kind.TEXT, 90, False)),
        left=f"单位：{made['unit']}", right=str(made["on"]), notes=notes,
    )  # fmt: skip
    out = io.BytesIO()
    book.write(sheet, lines, out)
    out.seek(0)
    record("posting.make", made["project"], by=request.user, title=made["title"])
    return FileResponse(out, as_attachment=True, filename=f"{made['title']}.xlsx", content_type=XLSX)
