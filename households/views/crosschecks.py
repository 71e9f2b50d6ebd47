"""核查清单: the clues of bureaus' lists by source, result and deadline; looking at one and closing it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.paging import Key, page, total_of
from fupin.regions.models import Region
from households.actions import crosschecks as actions
from households.forms.crosscheck import CrossCheckFilter, ResultForm
from households.models import CrossCheck
from households.views.visits import EDGES, back, place

SIZE = 50


@require_GET
@require(P.HOUSEHOLD_VIEW)
def crosscheck_list(request):
    today = timezone.localdate()
    rows = CrossCheck.objects.walking().visible_to(request.user)
    bar = CrossCheckFilter(request.GET, rows, user=request.user, today=today)
    found = page(
        bar.qs.select_related("household", "member"), [Key("due_end"), Key("region_path"), Key("id")],
        key_of=lambda row: (row.due_end, row.region_path, row.pk), size=SIZE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    for row in found.rows:
        actions.judged(row, today).place = place(names, row.region_path)
        row.edge = EDGES.get(str(row.dl.standing), "")
    return render(request, "crosschecks/crosscheck_list.html", {
        "bar": bar, "page": found, "total": total_of(bar.qs), "may_close": request.user.may(P.HOUSEHOLD_EDIT),
        "may_import": request.user.may(P.IMPORT),
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.HOUSEHOLD_VIEW)
def crosscheck_edit(request, pk):
    """One clue: what the list says, and the form that closes it for who may edit the household."""
    rows = CrossCheck.objects.visible_to(request.user).select_related("household", "member", "closed_by")
    check = get_object_or_404(rows, pk=pk)
    may = CrossCheck.objects.visible_to(request.user, P.HOUSEHOLD_EDIT).filter(pk=pk).exists()
    form = ResultForm(request.POST or None, initial={"note": check.note})
    if request.method == "POST":
        get_object_or_404(CrossCheck.objects.visible_to(request.user, P.HOUSEHOLD_EDIT), pk=pk)
        if form.is_valid():
            try:
                return once(request, lambda: _close(request, check, form.cleaned_data))
            except ValidationError as error:
                form.add_error(None, error)
    return render(request, "crosschecks/crosscheck_edit.html", {
        "check": actions.judged(check, timezone.localdate()), "form": form, "may_close": may,
        "place": place(Region.objects.names([check.region_path]), check.region_path),
        "next": back(request, ""),
    }, status=422 if request.method == "POST" else 200)  # fmt: skip


def _close(request, check, said):
    actions.close_crosscheck(check=check, by=request.user, today=timezone.localdate(), **said)
    messages.success(request, "已记下核实结果。")
    return back(request, reverse("crosscheck_list"))


@require_POST
@require(P.HOUSEHOLD_EDIT)
def crosscheck_reopen(request, pk):
    check = get_object_or_404(CrossCheck.objects.visible_to(request.user, P.HOUSEHOLD_EDIT), pk=pk)
    try:
        actions.reopen_crosscheck(
            check=check, by=request.user, reason=request.POST.get("reason", ""), today=timezone.localdate()
        )
        messages.success(request, "已重新打开，回到待办。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("crosscheck_edit", pk=pk)
