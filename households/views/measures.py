"""Assistance measures: the list by how they stand against their dates, adding, changing, finishing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.paging import Key, page, total_of
from fupin.regions.models import Region
from fupin.schedule import SOON_DAYS, deadline
from households.actions import measures as actions
from households.models import Household, Measure
from households.views.visits import EDGES, back, place
from households.visit_filters import MeasureFilter
from households.visit_forms import DoneForm, MeasureForm, people_of

SIZE = 50


def judged(row, today):
    """The measure with its Deadline in `dl`, the edge of its row, and its quantity as people write it."""
    row.amount = "—" if row.quantity is None else f"{row.quantity.normalize():f} {row.unit}".strip()
    row.dl = deadline(row.target_end, today, done_on=row.done_on, soon=SOON_DAYS["measure"])
    row.edge = EDGES.get(str(row.dl.standing), "")
    return row


@require_GET
@require(P.HOUSEHOLD_VIEW)
def measure_list(request):
    today = timezone.localdate()
    bar = MeasureFilter(
        request.GET, Measure.objects.walking().visible_to(request.user), user=request.user, today=today
    )
    found = page(
        bar.qs.select_related("household", "helper"), [Key("target_end"), Key("region_path"), Key("id")],
        key_of=lambda row: (row.target_end, row.region_path, row.pk), size=SIZE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    for row in found.rows:
        judged(row, today).place = place(names, row.region_path)
    total = total_of(bar.qs)
    return render(request, "measures/measure_list.html", {
        "bar": bar, "page": found, "total": total,
        "money": bar.qs.order_by().aggregate(all=Sum("money"))["all"] if total.exact else None,
        "may_edit": request.user.may(P.MEASURE_EDIT), "here_full": request.get_full_path(),
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.MEASURE_EDIT)
def measure_create(request, pk):
    household = get_object_or_404(Household.objects.visible_to(request.user, P.MEASURE_EDIT), pk=pk)
    return _form(request, Measure(household=household), household)


@require_http_methods(["GET", "POST"])
@require(P.MEASURE_EDIT)
def measure_edit(request, pk):
    rows = Measure.objects.visible_to(request.user, P.MEASURE_EDIT).select_related("household")
    measure = get_object_or_404(rows, pk=pk)
    return _form(request, measure, measure.household)


def _form(request, measure, household):
    today = timezone.localdate()
    people = people_of(household, request.user)
    if measure.helper_id and str(measure.helper_id) not in dict(people):
        people.append((str(measure.helper_id), measure.helper.name))
    if measure.pk is None and people:
        measure.helper_id = int(people[0][0])
    form = MeasureForm(request.POST or None, instance=measure, people=people, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _save(request, form))
        except ValidationError as error:
            form.add_error(None, error)
    if measure.pk:
        judged(measure, today)
    return render(request, "measures/measure_form.html", {
        "form": form, "measure": measure, "household": household, "today": today,
        "place": place(Region.objects.names([household.region_path]), household.region_path),
        "done_form": DoneForm(initial={"done_on": today}),
    }, status=422 if request.method == "POST" else 200)  # fmt: skip


def _save(request, form):
    measure = actions.save_measure(measure=form.filled(), by=request.user)
    messages.success(request, f"已保存措施“{measure}”。")
    return reverse("household_detail", args=[measure.household_id]) + "#s-act"


def _own(request, pk):
    return get_object_or_404(Measure.objects.visible_to(request.user, P.MEASURE_EDIT), pk=pk)


@require_POST
@require(P.MEASURE_EDIT)
def measure_done(request, pk):
    measure, today = _own(request, pk), timezone.localdate()
    form = DoneForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError("请填写完成日期。")
        actions.finish_measure(measure=measure, by=request.user, today=today, **form.cleaned_data)
        messages.success(request, f"“{measure}”已完成。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(back(request, reverse("measure_edit", args=[pk])))


@require_POST
@require(P.MEASURE_EDIT)
def measure_reopen(request, pk):
    measure = _own(request, pk)
    try:
        actions.reopen_measure(measure=measure, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, f"“{measure}”已重新打开。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(back(request, reverse("measure_edit", args=[pk])))
