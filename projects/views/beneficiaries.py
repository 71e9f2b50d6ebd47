"""Households of a project: found, added, taken out."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from households.models import Household
from projects import actions
from projects.forms import BeneficiaryForm, found_households
from projects.models import Beneficiary
from projects.views.steps import project_for


@require_http_methods(["GET", "POST"])
@require(P.PROJECT_EDIT)
def beneficiary_add(request, pk):
    project = project_for(request, pk)
    where = reverse("project_detail", args=[pk]) + "#beneficiaries"
    row = Beneficiary(project=project, unit=project.unit)
    form = BeneficiaryForm(
        request.POST or None,
        instance=row,
        user=request.user,
        initial={"household": request.GET.get("household")},
    )
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if (done := already(request)) is not None:
                return done
            if form.is_valid():
                with transaction.atomic():
                    actions.add_beneficiary(form.instance, by=request.user)
                    remember(request, where)
                messages.success(request, f"已登记受益户“{row.household}”。")
                return redirect(where)
        except ValidationError as error:
            form.full_clean()
            form.add_error(None, error.messages)
        except IntegrityError:
            if (done := already(request)) is not None:
                return done
            raise
    query = request.GET.get("q", "")
    return render(request, "projects/beneficiary_form.html", {
        "project": project,
        "form": form,
        "chosen": _chosen(request.user, form),
        "q": query,
        "households": found_households(request.user, query),
        "back": where,
    }, status=status)  # fmt: skip


def _chosen(user, form):
    """The household in the form, through the same door as the search."""
    value = str(form["household"].value() or "")
    rows = Household.objects.visible_to(user).select_related("region__parent")
    return rows.filter(pk=value).first() if value.isdecimal() else None


@require_POST
@require(P.PROJECT_EDIT)
def beneficiary_remove(request, pk):
    rows = Beneficiary.objects.visible_to(request.user).select_related("project", "household")
    row = get_object_or_404(rows, pk=pk)
    project = project_for(request, row.project_id)
    name = str(row.household)
    actions.remove_beneficiary(row, by=request.user)
    messages.success(request, f"已移除受益户“{name}”。")
    return redirect(reverse("project_detail", args=[project.pk]) + "#beneficiaries")
