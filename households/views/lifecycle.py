"""Status of a household: the steps that are open, one step's page, and moving the target date."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from fupin.objections.views import Objections
from households import lifecycle
from households.actions.register import move_target
from households.forms.lifecycle import StepForm, TargetForm
from households.models import PERIODS, Household


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_steps(request, pk):
    """The axes as they stand, the steps open to this user, the history, and objections to notices."""
    household = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    return _steps(request, household)


def _steps(request, household, objections=None, status=200):
    changes = household.changes.select_related("by")
    context = {
        "household": household,
        "steps": lifecycle.steps_for(household, request.user),
        "may_advance": lifecycle.may_advance(household, request.user),
        "changes": [(change, lifecycle.LABELS.get(change.step, change.step)) for change in changes],
        "targets": household.target_changes.select_related("by"),
        "objections": objections or _objections(request, household),
    }
    return render(request, "households/steps.html", context, status=status)


def _objections(request, household):
    hanging = (step.name for step in lifecycle.open_steps(household) if lifecycle.posts(step))
    return Objections(
        household.objections,
        subject=household,
        choices=[(step.name, PERIODS[step.name][0]) for step in lifecycle.STEPS if lifecycle.posts(step)],
        address=reverse("household_objection", args=[household.pk]),
        user=request.user,
        likely=next(hanging, None),
    )


@require_POST
@require(P.STATUS_ADVANCE)
def household_objection(request, pk):
    """Note an objection to a notice, or with `objection` how that one ended."""
    household = get_object_or_404(Household.objects.visible_to(request.user, P.STATUS_ADVANCE), pk=pk)
    objections = _objections(request, household)
    done = objections.answer(request, reverse("household_steps", args=[household.pk]))
    return done or _steps(request, household, objections, 422)


@require_http_methods(["GET", "POST"])
@require(P.STATUS_ADVANCE)
def household_step(request, pk, step):
    """The page of one step: what it needs, and what stands in the way."""
    household = get_object_or_404(Household.objects.visible_to(request.user, P.STATUS_ADVANCE), pk=pk)
    chosen = lifecycle.BY_NAME.get(step)
    if chosen is None:
        raise Http404
    if chosen not in lifecycle.open_steps(household):
        return render(
            request, "households/step_closed.html", {"household": household, "step": chosen}, status=409
        )
    form = StepForm(request.POST or None, step=chosen, household=household, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        done = _once(
            request,
            form,
            household,
            lambda: lifecycle.take(chosen, household, by=request.user, **form.given()),
        )
        if done:
            return done
    context = {
        "household": household,
        "step": chosen,
        "form": form,
        "shortfalls": lifecycle.shortfalls(household),
    }
    return render(request, "households/step.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@require(P.STATUS_ADVANCE)
def household_target(request, pk):
    """Set or move the target date; the old one stays on record."""
    household = get_object_or_404(Household.objects.visible_to(request.user, P.STATUS_ADVANCE), pk=pk)
    form = TargetForm(request.POST or None, household=household, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        done = _once(
            request, form, household, lambda: move_target(household, by=request.user, **form.cleaned_data)
        )
        if done:
            return done
    context = {"household": household, "form": form, "targets": household.target_changes.select_related("by")}
    return render(request, "households/target.html", context, status=422 if form.errors else 200)


def _once(request, form, household, act):
    """Act and lead to the household, once per submit; None with the form's errors filled when it may not be."""
    location = reverse("household_detail", args=[household.pk])
    try:
        done = already(request)
        if done:
            return done
        with transaction.atomic():
            act()
            remember(request, location)
    except ValidationError as error:
        form.take_errors(error)
        return None
    return redirect(location)
