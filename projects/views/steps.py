"""Single steps on a project: progress, obstacles, milestones."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from projects import actions
from projects.forms import BlockForm, DoneForm, MoveForm, ProgressForm
from projects.models import Milestone, Project

STALE = "这个项目刚刚被别人修改过，请核对下面的内容后再提交一次。"


def project_for(request, pk):
    """The project, if the user may change it."""
    return get_object_or_404(Project.objects.visible_to(request.user, P.PROJECT_PROGRESS), pk=pk)


def milestone_for(request, pk):
    """The milestone, if the user may change its project."""
    rows = Milestone.objects.visible_to(request.user, P.PROJECT_PROGRESS).select_related("project")
    return get_object_or_404(rows, pk=pk)


def _version(request, project):
    """Judge by the version that the page showed; a page without one counts as current."""
    shown = request.POST.get("version", "")
    return int(shown) if shown.isdecimal() else project.version


def take_step(request, project, form, act, *, title, said, **context):
    """Draw `form`, or run `act()` once and go back to the project."""
    where = reverse("project_detail", args=[project.pk])
    current, status = project.version, 200
    if request.method == "POST":
        status = 422
        try:
            if (done := already(request)) is not None:
                return done
        except ValidationError as error:
            form.full_clean()
            form.add_error(None, error)
        project.version = _version(request, project)
        if form.is_valid():
            try:
                with transaction.atomic():
                    act()
                    remember(request, where)
            except actions.Stale:
                form.add_error(None, STALE)
                status = 409
            except ValidationError as error:
                form.add_error(None, error.messages)
            except IntegrityError:
                if (done := already(request)) is not None:
                    return done
                raise
            else:
                messages.success(request, said)
                return redirect(where)
    context |= {"project": project, "form": form, "title": title, "back": where, "version": current}
    return render(request, "projects/step_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_PROGRESS)
def project_progress(request, pk):
    project = project_for(request, pk)
    form = ProgressForm(request.POST or None, instance=project)
    return take_step(
        request, project, form,
        lambda: actions.report_progress(project, by=request.user, note=form.cleaned_data["note"]),
        title="填报进度", said="进度已保存。",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_PROGRESS)
def project_block(request, pk):
    project = project_for(request, pk)
    form = BlockForm(request.POST or None, initial={"reason": project.blocked_reason})
    return take_step(
        request, project, form,
        lambda: actions.block(project, reason=form.cleaned_data["reason"], by=request.user),
        title="登记受阻（未开工）原因", said="原因已登记。",
    )  # fmt: skip


@require_POST
@require(P.PROJECT_PROGRESS)
def project_unblock(request, pk):
    project = project_for(request, pk)
    if project.blocked_reason:
        try:
            actions.unblock(project, by=request.user)
            messages.success(request, "已解除受阻。")
        except actions.Stale:
            messages.error(request, STALE)
    return redirect("project_detail", pk)


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_PROGRESS)
def milestone_done(request, pk):
    milestone = milestone_for(request, pk)
    form = DoneForm(request.POST or None, today=timezone.localdate())
    return take_step(
        request, milestone.project, form,
        lambda: actions.finish_milestone(
            milestone, on=form.cleaned_data["on"], note=form.cleaned_data["note"], by=request.user
        ),
        title=f"节点完成：{milestone.name}", said=f"“{milestone.name}”已完成。", milestone=milestone,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_PROGRESS)
def milestone_move(request, pk):
    milestone = milestone_for(request, pk)
    form = MoveForm(request.POST or None)
    form.fields["target"].year = milestone.project.year
    return take_step(
        request, milestone.project, form,
        lambda: actions.move_milestone(
            milestone, target=form.cleaned_data["target"], reason=form.cleaned_data["reason"], by=request.user
        ),
        title=f"调整时限：{milestone.name}", said="时限已调整，原时限和原因已留存。", milestone=milestone,
    )  # fmt: skip
