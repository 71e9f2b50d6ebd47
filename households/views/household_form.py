"""Creating and editing a household with its members on one page, and what happens when two edit at once."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from fupin.regions.models import Level, Region
from households import codes, idcard
from households.actions.crosschecks import judged
from households.actions.register import Stale, save_household
from households.checks import BY_CODE, explain
from households.forms.entry import Entry
from households.forms.members import CELLS, where_registered
from households.models import CrossCheck, Doubt, Household, Member

FIRST_YEAR = 2014
NEXT = "next"


@require_http_methods(["GET", "POST"])
@require(P.HOUSEHOLD_EDIT)
def household_new(request):
    """A new household in the township `?place=`; without one, the choice of a township."""
    township = _township(request)
    if township is None:
        return _choose_place(request)
    year = _year(request, timezone.localdate().year)
    entry = Entry(
        user=request.user,
        today=timezone.localdate(),
        year=year,
        township=township,
        data=request.POST if request.method == "POST" else None,
    )
    if request.method == "POST":
        return _submit(request, entry)
    return _page(request, entry)


@require_http_methods(["GET", "POST"])
@require(P.HOUSEHOLD_EDIT)
def household_edit(request, pk):
    """One household in one data year (`?year=`)."""
    household = get_object_or_404(Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT), pk=pk)
    year = _year(request, _newest_year(household))
    data = request.POST.copy() if request.method == "POST" else None
    entry = _entry(request, household, year, data)
    if data is None:
        return _page(request, entry)
    if "row" in data:
        undecided = [key for key in data.getlist("row") if data.get(f"pick:{key}") not in ("mine", "theirs")]
        if undecided:
            entry.is_valid()
            return _conflict(request, entry, undecided=undecided)
        chosen = [
            key for key in data.getlist("row") if data[f"pick:{key}"] == "theirs" and key in entry.stored
        ]
        entry = _entry(request, household, year, entry.take_theirs(data, chosen))
    return _submit(request, entry)


def _entry(request, household, year, data):
    return Entry(
        user=request.user, today=timezone.localdate(), year=year, household=household,
        township=household.region_path[:9], data=data,
    )  # fmt: skip


def _submit(request, entry):
    """Check, then save once: a page with every error, a page with both versions, or on to the household."""
    try:
        done = already(request)
    except ValidationError as error:
        return _page(request, entry, error.messages)
    if done:
        return done
    if not entry.is_valid():
        return _page(request, entry)
    household = entry.household
    version = household.version if household else None
    decided = "row" in request.POST and request.POST.get("version") == str(version)
    if household and not decided and entry.differences():
        return _conflict(request, entry)
    try:
        saved, location = _save(request, entry, version)
    except Stale:
        fresh = Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT).get(pk=household.pk)
        entry = _entry(request, fresh, entry.year, entry.base.data)
        entry.is_valid()
        return _conflict(request, entry)
    except ValidationError as error:  # the county has frozen the year
        return _page(request, entry, error.messages)
    except IntegrityError:
        return _collided(request, entry)
    messages.success(request, _told(saved, created=household is None))
    return redirect(location)


def _save(request, entry, version):
    with transaction.atomic():
        saved = save_household(by=request.user, household=entry.household, version=version, **entry.values())
        location = reverse("household_detail", args=[saved.pk])
        if request.POST.get(NEXT) == "new":
            location = f"{reverse('household_new')}?place={saved.region_path[:9]}&year={entry.year}"
        remember(request, location)
    return saved, location


def _collided(request, entry):
    """Somebody registered the same number or person in this very moment, or this submit came twice at once."""
    done = already(request)
    if done:
        return done
    again = Entry(
        user=request.user, today=entry.today, year=entry.year, household=entry.household,
        township=entry.township, data=entry.base.data,
    )  # fmt: skip
    again.is_valid()
    return _page(request, again, [] if again.problems else ["保存时与另一次提交冲突，请再保存一次。"])


def _told(saved, *, created):
    words = f"{saved.head_name}户（{saved.number}）{'已建档' if created else '已保存'}。"
    if not saved.doubts:
        return words
    return format_html(
        '{}数据体检发现 {} 处疑点，<a href="{}">去核实</a>。',
        words,
        saved.doubts,
        reverse("household_doubts", args=[saved.pk]),
    )


def _page(request, entry, further=()):
    failed = request.method == "POST"
    if failed and not hasattr(entry, "problems"):
        entry.is_valid()
    household = entry.household
    context = {
        "entry": entry,
        "household": household,
        "year": entry.year,
        "years": _years(entry.today),
        "further": list(further),
        "wrong_count": len(further) + (len(entry.problems) if failed else 0),
        "problems": entry.problems if failed else [],
        "doubts": _doubts(request.user, household),
        "version": request.POST.get("version") if failed else household and household.version,
        "base_token": request.POST.get("base") if failed else entry.base_token() if household else "",
        "paste": _paste_labels(),
        "place": entry.township,
    }
    return render(request, "households/household_form.html", context, status=422 if failed else 200)


def _conflict(request, entry, undecided=()):
    """Both versions side by side; everything typed goes along in hidden fields."""
    dropped = {"csrfmiddlewaretoken", "submit_key", "version", "base", "row"}
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in dropped and not name.startswith("pick:")
        for value in values
    ]
    context = {
        "entry": entry,
        "household": entry.household,
        "year": entry.year,
        "rows": entry.differences(),
        "added": entry.added_meanwhile(),
        "what": "这一户",
        "title": f"{entry.household.head_name}户 {entry.household.number}",
        "action": f"{reverse('household_edit', args=[entry.household.pk])}?year={entry.year}",
        "saved_by": entry.household.updated_by,
        "saved_at": entry.household.updated_at,
        "mine": picked(request.POST, "mine"),
        "theirs": picked(request.POST, "theirs"),
        "undecided": undecided,
        "typed": typed,
        "version": request.POST["version"] if undecided else entry.household.version,
        "base_token": request.POST["base"],
    }
    return render(request, "households/conflict.html", context, status=422 if undecided else 409)


def picked(data, side):
    """Keys for which the conflict page's pick is `side`: kept when it comes again because one was forgotten."""
    return [key[5:] for key, value in data.items() if key.startswith("pick:") and value == side]


def _doubts(user, household):
    if household is None:
        return []
    rows = Doubt.objects.visible_to(user).filter(household=household, explained="").select_related("member")
    return list(rows.order_by("rule", "pk"))


def _paste_labels():
    """For each pasted column, `{label or alias: code}`: what rows copied from Excel hold."""
    choices = {
        "relation": codes.Relation, "education": codes.Education, "school": codes.School, "labour": codes.Labour,
    }  # fmt: skip
    labels = {
        name: {choice.label: choice.value for choice in table} | codes.ALIASES.get(table, {})
        for name, table in choices.items()
    }
    labels["ethnic"] = {
        f"{name}{end}": f"{n:02}" for n, name in enumerate(codes.ETHNIC_NAMES, 1) for end in ("", "族")
    }
    labels["health"] = {choice.label: choice.value for choice in codes.Health} | codes.ALIASES[codes.Health]
    return {"order": list(CELLS), "labels": labels}


def _years(today):
    return range(today.year, FIRST_YEAR - 1, -1)


def _year(request, fallback):
    typed = request.GET.get("year", "")
    year = int(typed) if typed.isdecimal() else fallback
    return year if FIRST_YEAR <= year <= timezone.localdate().year else fallback


def _newest_year(household):
    """The data year that a page opens with: the newest that says anything, by default this year."""
    years = [
        rows.order_by("-year").values_list("year", flat=True).first()
        for rows in (household.conditions, household.incomes, household.causes)
    ]
    return max((year for year in years if year), default=timezone.localdate().year)


def _township(request):
    """The township in which the user may add a household: the one asked for, or the only one there is."""
    paths = request.user.paths(P.HOUSEHOLD_EDIT)
    asked = request.GET.get("place", "")
    if asked:
        found = Region.objects.visible_to(request.user, P.HOUSEHOLD_EDIT).filter(path__startswith=asked[:9])
        return asked[:9] if len(asked) >= 9 and found.exists() else None
    townships = {path[:9] for path in paths if len(path) >= 9}
    return townships.pop() if len(townships) == 1 and all(len(path) >= 9 for path in paths) else None


def _choose_place(request):
    """Down the tree to a township."""
    mine = Region.objects.visible_to(request.user, P.HOUSEHOLD_EDIT)
    asked = request.GET.get("under", "")
    here = mine.filter(path=asked).first() if asked else None
    if here is not None:
        places = mine.filter(parent=here, valid_to=None)
    else:
        paths = request.user.paths(P.HOUSEHOLD_EDIT)
        places = mine.filter(path__in=[path[:9] for path in paths if path])
        if "" in paths:
            places = mine.filter(level=Level.PROVINCE)
        if len(paths) == 1 and paths[0]:
            here = places.first()
            places = (
                mine.filter(parent=here, valid_to=None) if here and here.level < Level.TOWNSHIP else places
            )
    context = {"here": here, "places": places.order_by("path"), "township": Level.TOWNSHIP}
    return render(request, "households/choose_place.html", context)


@require_POST
@require(P.HOUSEHOLD_EDIT)
def id_check(request):
    """One typed ID number, judged at once: a line under the field. The number travels in the body only."""
    read = idcard.read(request.POST.get("id_number", "")[:40], timezone.localdate())
    words, kind = "", ""
    if read.number:
        held = Member.objects.unscoped("unique").active().filter(id_number=read.number)
        household = request.POST.get("household", "")
        if household.isdecimal():
            held = held.exclude(household=household)
        found = held.order_by("pk").first()
        words, kind = (where_registered(found, request.user), "warn") if found else (read.message, "ok")
    if not words:
        return HttpResponse("")
    return render(request, "households/_id_message.html", {"words": words, "kind": kind})


@require_http_methods(["GET", "POST"])
@require(P.HOUSEHOLD_VIEW)
def household_doubts(request, pk):
    """What the data checks found in a household; who may edit it explains a finding that is no mistake."""
    household = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    may_explain = Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT).filter(pk=pk).exists()
    rows = (
        Doubt.objects.visible_to(request.user)
        .filter(household=household)
        .select_related("member", "explained_by")
    )
    wrong = None
    if request.method == "POST":
        doubt = get_object_or_404(Doubt.objects.visible_to(request.user, P.HOUSEHOLD_EDIT), household=household, pk=request.POST.get("doubt") or 0)  # fmt: skip
        reason = request.POST.get("reason", "").strip()[:200]
        if reason:
            explain(doubt, reason=reason, by=request.user)
            messages.success(request, "已记为核实无误。")
            return redirect("household_doubts", pk=pk)
        wrong = doubt.pk
    context = {
        "household": household,
        "doubts": [(row, BY_CODE.get(row.rule)) for row in rows.order_by("explained", "rule", "pk")],
        "checks": [
            judged(row, timezone.localdate())
            for row in CrossCheck.objects.visible_to(request.user)
            .filter(household=household)
            .select_related("member")
            .order_by("due_end", "pk")
        ],
        "may_explain": may_explain,
        "wrong": wrong,
    }
    return render(request, "households/doubts.html", context, status=422 if wrong else 200)
