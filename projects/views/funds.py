"""Entries of the ledger of funds: booked by hand, taken out again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from projects import actions
from projects.forms import FundEntryForm
from projects.models import FundEntry, Project
from projects.views.steps import STALE, take_step


@require_http_methods(["GET", "POST"])
@require(P.FUND_EDIT)
def fund_entry_add(request, pk):
    project = get_object_or_404(Project.objects.visible_to(request.user, P.FUND_EDIT), pk=pk)
    form = FundEntryForm(request.POST or None, today=timezone.localdate())
    return take_step(
        request, project, form,
        lambda: actions.add_fund_entry(
            project, form.instance, source=form.cleaned_data["source"], by=request.user
        ),
        title="登记资金流水", said="流水已登记，合计已重算。",
    )  # fmt: skip


@require_POST
@require(P.FUND_EDIT)
def fund_entry_remove(request, pk):
    rows = FundEntry.objects.visible_to(request.user, P.FUND_EDIT).select_related("line__project")
    entry = get_object_or_404(rows, pk=pk)
    project = entry.line.project
    shown = request.POST.get("version", "")
    project.version = int(shown) if shown.isdecimal() else project.version
    try:
        actions.remove_fund_entry(entry, by=request.user)
        messages.success(request, "流水已移除，合计已重算。")
    except actions.Stale:
        messages.error(request, STALE)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(reverse("project_detail", args=[project.pk]) + "#entries")
