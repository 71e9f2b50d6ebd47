"""调离移交: one screen that asks who takes over the households of a person who moves on."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.regions.models import Region
from households.actions import handover
from households.models import Helper
from households.views.visits import place
from households.visit_forms import HandoverForm


@require_http_methods(["GET", "POST"])
@require(P.PAIRING_EDIT)
def helper_handover(request, pk):
    everybody = Helper.objects.visible_to(request.user, P.PAIRING_EDIT).order_by("name", "pk")
    helper = get_object_or_404(everybody.select_related("user"), pk=pk)
    rows = list(handover.running_of(helper, request.user).select_related("household"))
    names = Region.objects.names({row.region_path for row in rows})
    for row in rows:
        row.place = place(names, row.region_path)
    today = timezone.localdate()
    form = HandoverForm(request.POST or None, rows=rows, others=everybody.exclude(pk=pk), today=today)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _hand_over(request, helper, form, today))
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "pairings/handover.html", {
        "helper": helper, "form": form, "lines": [(row, form[form.name_of(row)]) for row in rows],
        "elsewhere": handover.running_elsewhere(helper, request.user),
    }, status=422 if request.method == "POST" else 200)  # fmt: skip


def _hand_over(request, helper, form, today):
    said = form.cleaned_data
    homes, posts = handover.hand_over(
        helper=helper, successors=form.successors, last_day=said["last_day"], reason=said["reason"],
        note=said["note"], by=request.user, today=today,
    )  # fmt: skip
    ended = f"，帮扶责任人岗位到 {said['last_day']} 结束" if posts else ""
    messages.success(request, f"{helper}的 {homes} 户已移交{ended}。原结对保留为历史。")
    return reverse("helper_detail", args=[helper.pk])
