"""Moving a household to another village or group, and one member to another household."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, once
from fupin.regions.models import Region
from households import search
from households.actions import moves as actions
from households.actions.register import Stale
from households.forms.moves import HouseholdMoveForm, MemberMoveForm
from households.models import Household, Member, Pairing

FOUND = 20
STALE = "这一户刚被别人改过。您填的都在，请核对后再提交一次。"


@require_http_methods(["GET", "POST"])
@require(P.HOUSEHOLD_EDIT)
def household_move(request, pk):
    """First the township and the village (a GET form), then the group of that village, day and reason."""
    if done := _counted(request):
        return done
    household = get_object_or_404(
        Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT).select_related("region"), pk=pk
    )
    day = timezone.localdate()
    towns, villages, town, village = _chosen(request, household)
    form, version = None, household.version
    if village is not None:
        groups = _groups(household, village, request.user)
        form = HouseholdMoveForm(
            request.POST or None, today=day,
            groups=groups, same_town=town == household.region_path[: actions.TOWNSHIP],
            paired=Pairing.objects.unscoped("hanging").current(day).filter(household=household).exists(),
        )  # fmt: skip
    if request.method == "POST" and form is not None:
        version = request.POST.get("version", "")
        if form.is_valid():
            done = _act(request, form, household, lambda: _move(request, form, household, day))
            if done:
                return done
            version = household.version
    context = {
        "household": household, "towns": towns, "villages": villages, "town": town, "village": village, "form": form,
        "version": version, "current": Region.objects.names([household.region_path]),
    }  # fmt: skip
    context["here"] = " ".join(name for path, name in sorted(context["current"].items()) if len(path) > 6)
    wrong = form is not None and form.errors
    return render(request, "households/move.html", context, status=422 if wrong else 200)


def _chosen(request, household):
    """`([township], [village of the one chosen], its path or "", village or None)`; a single choice is made."""
    mine = list(actions.places_for(household, request.user))
    paths = sorted({village.path[: actions.TOWNSHIP] for village in mine})
    towns = list(Region.objects.filter(path__in=paths).order_by("path"))
    town = request.GET.get("town", "")
    if town not in paths:
        town = paths[0] if len(paths) == 1 else ""
    villages = [village for village in mine if town and village.path.startswith(town)]
    asked = request.GET.get("village", "")
    village = next((v for v in villages if v.path == asked), None)
    if village is None and len(villages) == 1:
        village = villages[0]
    return towns, villages, town, village


def _groups(household, village, user):
    """The groups of the chosen village, and the village itself; not where the household is now."""
    rows = Region.objects.visible_to(user, P.HOUSEHOLD_EDIT).filter(
        Q(pk=village.pk) | Q(parent=village, valid_to=None)
    )
    return [
        (row.pk, f"{village.short_name}（不分组）" if row.pk == village.pk else row.short_name)
        for row in rows.order_by("path")
        if row.pk != household.region_id
    ]


def _move(request, form, household, day):
    given = form.cleaned_data
    target = get_object_or_404(Region.objects.visible_to(request.user, P.HOUSEHOLD_EDIT), pk=given["target"])
    move = actions.move_household(
        household=household, target=target, on=given["on"], reason=given["reason"], by=request.user, today=day,
        end_pairings=given["pairings"] == "end" if "pairings" in given else None,
        version=_version(request),
    )  # fmt: skip
    ended = f"，结束结对 {move.pairings_ended} 条" if move.pairings_ended else ""
    messages.success(request, f"{household.head_name}户已迁到{target.short_name}{ended}。")


@require_http_methods(["GET", "POST"])
@require(P.HOUSEHOLD_EDIT)
def member_move(request, pk):
    """First the household (`?q=` finds, `?to=` chooses), then the relation to its head, day and kind."""
    if done := _counted(request):
        return done
    member = get_object_or_404(
        Member.objects.visible_to(request.user, P.HOUSEHOLD_EDIT).select_related("household"),
        pk=pk,
        left_on=None,
    )
    household, day = member.household, timezone.localdate()
    mine = (
        Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT)
        .within(household.region_path[: actions.COUNTY])
        .exclude(pk=household.pk)
        .active()
    )
    asked, term = request.GET.get("to", ""), request.GET.get("q", "").strip()[:40]
    target = (
        mine.select_related("region").filter(pk=asked).first()
        if asked.isdecimal() and len(asked) < 19
        else None
    )
    form, version = None, household.version
    if target is not None:
        form = MemberMoveForm(request.POST or None, today=day)
    elif request.method == "POST":
        raise Http404
    if request.method == "POST":
        version = request.POST.get("version", "")
        if form.is_valid():
            done = _act(request, form, household, lambda: _move_member(request, form, member, target, day))
            if done:
                return done
            version = household.version
    found = _found(mine, term) if term and target is None else []
    context = {
        "member": member, "household": household, "target": target, "form": form, "version": version, "term": term,
        "found": found[:FOUND], "more": len(found) > FOUND,
    }  # fmt: skip
    return render(
        request, "households/member_move.html", context, status=422 if form and form.errors else 200
    )


def _found(rows, term):
    """Households of that number, or with a member of that name: `[(household, place)]`."""
    rows = rows.select_related("region")
    found = list(rows.filter(number=term)) or list(
        search.named(rows, term).order_by("region_path", "pk")[: FOUND + 1]
    )
    names = Region.objects.names([row.region_path for row in found])
    return [
        (
            row,
            " ".join(
                names.get(row.region_path[:width], "")
                for width in (9, 12, 14)
                if len(row.region_path) >= width
            ),
        )
        for row in found
    ]


def _move_member(request, form, member, target, day):
    given = form.cleaned_data
    actions.move_member(
        member=member, household=target, on=given["on"], relation=given["relation"], by=request.user, today=day,
        marriage=given["kind"] == "married", reason=given["reason"], version=_version(request),
    )  # fmt: skip
    messages.success(request, f"{member.name}已转入{target.head_name}户。")
    return reverse("household_detail", args=[target.pk])


def _version(request):
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else 0


def _counted(request):
    """Where this submit led when it already counted: what it moved is no longer where the page found it."""
    try:
        return already(request)
    except ValidationError:
        return None  # the same key with other content: the form says so


def _act(request, form, household, act):
    """Act once and lead on; None with the form's errors filled when it may not be."""
    try:
        return once(request, lambda: act() or reverse("household_detail", args=[household.pk]))
    except ValidationError as error:
        form.take_errors(error)
    except Stale:
        household.refresh_from_db()
        form.add_error(None, STALE)
    except IntegrityError:
        form.add_error(None, "保存时与另一次提交冲突，请再提交一次。")
    except actions.NotTheirs as error:
        raise Http404 from error
    return None
