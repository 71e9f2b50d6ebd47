"""A project on one page: new, and changed."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from projects import places
from projects.actions import Stale, create_project, update_project
from projects.forms import BLANK, Sheet, merge, shown
from projects.models import Project

MORE = 3
"""Rows that the buttons without JavaScript add."""


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_EDIT)
def project_new(request):
    project = Project(year=timezone.localdate().year)
    return _page(request, project, request.user.may(P.FUND_EDIT))


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_EDIT)
def project_edit(request, pk):
    project = get_object_or_404(Project.objects.visible_to(request.user, P.PROJECT_EDIT), pk=pk)
    may_fund = Project.objects.visible_to(request.user, P.FUND_EDIT).filter(pk=pk).exists()
    return _page(request, project, may_fund)


def _page(request, project, may_fund):
    if request.method == "GET":
        blank = BLANK if project.pk is None else {}
        return _draw(request, Sheet(project=project, user=request.user, may_fund=may_fund, blank=blank))
    more = next((name for name in BLANK if f"more_{name}" in request.POST), "")
    if more:
        data = request.POST.copy()
        data[f"{more}-TOTAL_FORMS"] = int(data.get(f"{more}-TOTAL_FORMS") or 0) + MORE
        sheet = Sheet(data, project=project, user=request.user, may_fund=may_fund)
        return _draw(request, sheet, quiet=True)
    try:
        if (done := already(request)) is not None:
            return done
    except ValidationError as error:
        sheet = Sheet(request.POST, project=project, user=request.user, may_fund=may_fund)
        sheet.is_valid()
        sheet.form.add_error(None, error)
        return _draw(request, sheet, status=422)
    sheet = Sheet(request.POST, project=project, user=request.user, may_fund=may_fund)
    version = request.POST.get("version", "")
    if project.pk and version.isdecimal():
        if int(version) != project.version:
            return _conflict(request, project.pk, may_fund)
        project.version = int(version)
    if not sheet.is_valid():
        return _draw(request, sheet, status=422)
    return _save(request, sheet, may_fund)


def _save(request, sheet, may_fund, *, again=True):
    project, new = sheet.project, sheet.project.pk is None
    try:
        with transaction.atomic():
            if new:
                create_project(project, by=request.user, **sheet.changes())
            else:
                update_project(project, by=request.user, **sheet.changes(), **sheet.moves())
            where = reverse("project_detail", args=[project.pk])
            remember(request, where)
    except Stale:
        return _conflict(request, project.pk, may_fund)
    except ValidationError as error:
        sheet.form.add_error(None, error.messages)
        return _draw(request, sheet, status=422)
    except IntegrityError:
        if (done := already(request)) is not None:  # the same submit arrived twice at once
            return done
        if not (new and again):
            raise
        project.number = ""  # somebody else took the number in between
        return _save(request, sheet, may_fund, again=False)
    messages.success(request, f"已{'登记' if new else '保存'}项目“{project.name}”。")
    return redirect(where)


def _conflict(request, pk, may_fund):
    """Somebody saved in between: both versions field by field, and what was typed stays in the page."""
    current = get_object_or_404(Project.objects.visible_to(request.user, P.PROJECT_EDIT), pk=pk)
    theirs = Sheet(project=current, user=request.user, may_fund=may_fund)
    mine = Sheet(request.POST, project=_copy(pk), user=request.user, may_fund=may_fund)
    try:
        was = {str(k): str(v) for k, v in json.loads(request.POST.get("was", "{}")).items()}
    except (ValueError, AttributeError):
        was = {}
    data, differences = merge(request.POST, mine=mine.values(), theirs=theirs.values(), was=was)
    data["version"] = str(current.version)
    data["was"] = theirs.was()
    sheet = Sheet(data, project=_copy(pk), user=request.user, may_fund=may_fund)
    sheet.is_valid()
    found = [
        {"label": label, "theirs": _words(theirs, key, a), "mine": _words(theirs, key, b), "taken": taken}
        for key, label, a, b, taken in differences
    ]
    return _draw(request, sheet, status=409, conflict=found, current=current, was=data["was"])


def _copy(pk):
    return Project.objects.unscoped("same row").get(pk=pk)  # seen through visible_to just before


def _words(sheet, key, text):
    return shown(sheet.form[key], text) if key in sheet.form.fields else text or "—"


def _draw(request, sheet, *, status=200, quiet=False, conflict=None, current=None, was=None):
    project = sheet.project
    opened = request.POST.get("was") if request.method == "POST" and was is None else was
    version = current.version if current else request.POST.get("version") or project.version
    return render(request, "projects/project_form.html", {
        "project": project,
        "sheet": sheet,
        "form": sheet.form,
        "milestones": sheet.milestones,
        "funds": sheet.funds,
        "lines": [] if sheet.funds is not None or project.pk is None else project.funds.all(),
        "formsets": sheet.formsets,
        "quiet": quiet,
        "was": opened or Sheet(project=project, user=request.user, may_fund=sheet.funds is not None).was(),
        "version": version,
        "conflict": conflict,
        "current": current,
        "places": places.offered(request.user, P.PROJECT_EDIT),
        "back": reverse("project_detail", args=[project.pk]) if project.pk else reverse("project_list"),
    }, status=status)  # fmt: skip
