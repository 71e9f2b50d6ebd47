"""Who is responsible for whom: pairing, ending, bulk assignment, the list of households without anybody, helpers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.audit.record import record
from fupin.paging import Key, page, total_of
from fupin.regions.models import Region
from households import quota
from households.actions import pairings as actions
from households.badges import badge
from households.models import Helper, Household, Pairing
from households.views.places import place_asked
from households.views.visits import back, place
from households.visit_forms import EndPairingForm, HelperForm, PairingForm, place_choices

SIZE = 50
AT_ONCE = 500
"""Households that one assignment takes: what somebody can have ticked on a page, and some."""


def _helpers(user):
    return Helper.objects.visible_to(user, P.PAIRING_EDIT).order_by("name", "pk")


@require_GET
@require(P.PAIRING_EDIT)
def unpaired_list(request):
    """Households that need a responsible person and have none."""
    here = place_asked(request.user, request.GET, P.PAIRING_EDIT)
    region = here.path if here else ""
    rows = Household.objects.visible_to(request.user, P.PAIRING_EDIT).filter(quota.required_q(), helper=None)
    if region:
        rows = rows.within(region)
    found = page(
        rows, [Key("region_path"), Key("id")], key_of=lambda row: (row.region_path, row.pk), size=SIZE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    for row in found.rows:
        row.place, row.badge = place(names, row.region_path), badge(row.registry_status, row.risk_state)
    return render(request, "pairings/unpaired_list.html", {
        "page": found, "total": total_of(rows.order_by("region_path", "pk"), in_order=True), "region": region,
        "places": place_choices(request.user, region, P.PAIRING_EDIT),
    })  # fmt: skip


def _chosen(request):
    """Ids ticked in a list (`pick`), as a set of ints."""
    picked = {pk for pk in request.POST.getlist("pick") if pk.isdecimal() and len(pk) < 19}
    return {int(pk) for pk in picked}


@require_POST
@require(P.PAIRING_EDIT)
def pairing_assign(request):
    """First post: the ticked households (`pick`) and the form. Second post, with `helper`: pair them all."""
    chosen, today = _chosen(request), timezone.localdate()
    if not chosen:
        messages.warning(request, "请先在列表里勾选户。")
        return redirect("unpaired_list")
    if len(chosen) > AT_ONCE:
        messages.error(request, f"一次最多指派 {AT_ONCE} 户，请分批。")
        return redirect("unpaired_list")
    mine = Household.objects.visible_to(request.user, P.PAIRING_EDIT)
    rows = list(mine.filter(pk__in=chosen).select_related("helper").order_by("region_path", "pk"))
    if len(rows) != len(chosen):
        return _refused(request, chosen - {row.pk for row in rows})
    bound = request.POST if "starts_on" in request.POST else None
    form = PairingForm(bound, helpers=_helpers(request.user), today=today)
    if bound is not None and form.is_valid():
        try:
            return once(request, lambda: _assign(request, chosen, form.cleaned_data, today))
        except actions.ForeignHousehold as error:
            return _refused(request, error.args[0])
        except ValidationError as error:
            form.add_error(None, error)
    names = Region.objects.names({row.region_path for row in rows})
    for row in rows:
        row.place = place(names, row.region_path)
    status = 422 if bound is not None else 200
    return render(request, "pairings/assign.html", {"form": form, "rows": rows}, status=status)


def _assign(request, chosen, data, today):
    warnings = actions.assign(household_ids=chosen, by=request.user, today=today, **data)
    messages.success(request, f"已将 {len(chosen)} 户结对给{data['helper']}。")
    for text in warnings:
        messages.warning(request, text)
    if len(chosen) == 1:
        return reverse("household_detail", args=[min(chosen)])
    return reverse("helper_detail", args=[data["helper"].pk])


def _refused(request, foreign):
    """Somebody else's household among the ids: nothing is done, and the trail says who tried."""
    record("pairing.assign_refused", "households.household", by=request.user, ids=sorted(foreign)[:50])
    raise Http404


@require_http_methods(["GET", "POST"])
@require(P.PAIRING_EDIT)
def pairing_create(request, pk):
    """Pair one household, or change its responsible person."""
    household = get_object_or_404(
        Household.objects.visible_to(request.user, P.PAIRING_EDIT).select_related("helper"), pk=pk
    )
    today = timezone.localdate()
    form = PairingForm(request.POST or None, helpers=_helpers(request.user), today=today)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _assign(request, {household.pk}, form.cleaned_data, today))
        except ValidationError as error:
            form.add_error(None, error)
    history = household.pairings.select_related("helper").order_by("-starts_on", "order", "pk")
    return render(request, "pairings/pairing_form.html", {
        "household": household, "form": form, "history": history, "today": today,
        "place": place(Region.objects.names([household.region_path]), household.region_path),
    }, status=422 if request.method == "POST" else 200)  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.PAIRING_EDIT)
def pairing_end(request, pk):
    rows = Pairing.objects.visible_to(request.user, P.PAIRING_EDIT).select_related("household", "helper")
    pairing = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    form = EndPairingForm(request.POST or None, initial={"ends_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_pairing(pairing=pairing, by=request.user, today=today, **form.cleaned_data)
            messages.success(request, f"{pairing.helper}与{pairing.household}的结对已结束，历史保留。")
            return redirect(back(request, reverse("pairing_create", args=[pairing.household_id])))
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "pairings/end_form.html", {"pairing": pairing, "form": form},
                  status=422 if request.method == "POST" else 200)  # fmt: skip


@require_GET
@require(P.PAIRING_EDIT)
def helper_list(request):
    """Officials of these places, and how many households each looks after today."""
    term = request.GET.get("q", "").strip()
    rows = Helper.objects.visible_to(request.user, P.PAIRING_EDIT)
    if term:
        rows = rows.filter(Q(name__contains=term) | Q(unit__contains=term))
    found = page(
        rows.select_related("user"), [Key("name"), Key("id")],
        key_of=lambda row: (row.name, row.pk), size=SIZE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    pairings = Pairing.objects.unscoped("hanging").current().filter(helper__in=found.rows)
    households = dict(
        pairings.values_list("helper").annotate(number=Count("household", distinct=True)).order_by()
    )
    for row in found.rows:
        row.households = households.get(row.pk, 0)
    return render(request, "pairings/helper_list.html", {
        "page": found, "q": term, "cap": quota.HELPER_CAP, "total": total_of(rows),
    })  # fmt: skip


@require_GET
@require(P.PAIRING_EDIT)
def helper_detail(request, pk):
    """One official and the pairings, of the places that the reader answers for."""
    helper = get_object_or_404(Helper.objects.visible_to(request.user, P.PAIRING_EDIT), pk=pk)
    pairings = Pairing.objects.visible_to(request.user, P.PAIRING_EDIT).filter(helper=helper)
    today = timezone.localdate()
    rows = list(pairings.select_related("household").order_by("ends_on", "-starts_on", "pk")[:200])
    names = Region.objects.names({row.region_path for row in rows})
    for row in rows:
        row.place = place(names, row.region_path)
        row.current = row.starts_on <= today and (row.ends_on is None or row.ends_on >= today)
    return render(request, "pairings/helper_detail.html", {
        "helper": helper, "rows": rows, "current": sum(row.current for row in rows), "cap": quota.HELPER_CAP,
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.PAIRING_EDIT)
def helper_create(request):
    return _helper_form(request, Helper())


@require_http_methods(["GET", "POST"])
@require(P.PAIRING_EDIT)
def helper_edit(request, pk):
    return _helper_form(
        request, get_object_or_404(Helper.objects.visible_to(request.user, P.PAIRING_EDIT), pk=pk)
    )


def _helper_form(request, helper):
    form = HelperForm(request.POST or None, instance=helper)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _save_helper(request, form))
        except ValidationError as error:
            form.add_error(None, error)
    status = 422 if request.method == "POST" else 200
    return render(request, "pairings/helper_form.html", {"form": form, "helper": helper}, status=status)


def _save_helper(request, form):
    helper = actions.save_helper(
        helper=form.instance, by=request.user, username=form.cleaned_data["username"].strip()
    )
    messages.success(request, f"已保存{helper}。")
    return reverse("helper_detail", args=[helper.pk])
