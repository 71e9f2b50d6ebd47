"""一户一档: everything that is known about one household, on one page; and the same on paper."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.board.panels import Place, drawn
from fupin.paging import neighbours
from households import quota
from households.dossier import VISITS_SHOWN, Dossier, dossiers
from households.filters import PLACE, SORTS
from households.handbook import Book, code
from households.lifecycle import steps_for
from households.models import Household
from households.views.households import filtered, link
from households.views.places import place_asked

PRINT_LIMIT = 50


def _fetched(user):
    return Household.objects.visible_to(user).select_related("region", "helper", "updated_by")


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_detail(request, pk):
    household = get_object_or_404(_fetched(request.user), pk=pk)
    year = request.GET.get("year", "")
    day = timezone.localdate()
    dossier = Dossier(
        household,
        today=day,
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
        visits_shown=None if request.GET.get("visits") == "all" else VISITS_SHOWN,
    )
    previous, following = _neighbours(request, household)
    user = request.user
    query = {name: value for name, value in request.GET.items() if name not in ("year", "visits")}
    return render(request, "households/household_detail.html", {
        "household": household, "d": dossier, "today": day,
        "steps": steps_for(household, user),
        "panels": drawn(Place.HOUSEHOLD, user, household, day),
        "previous": previous, "following": following,
        "query": link(query), "list_address": reverse("household_list") + link(query),
        "years": [(y, link(query, year=y)) for y in dossier.years],
        "all_visits": link(query, visits="all", year=year),
        "may": {
            "edit": user.may(P.HOUSEHOLD_EDIT), "visit": user.may(P.VISIT_RECORD),
            "measure": user.may(P.MEASURE_EDIT), "pair": user.may(P.PAIRING_EDIT),
            "advance": user.may(P.STATUS_ADVANCE), "audit": user.may(P.AUDIT_VIEW),
            "health": user.may(P.HEALTH_VIEW),
        },
    })  # fmt: skip


def _neighbours(request, household):
    """The households before and after this one in the list that the query string describes."""
    found = filtered(request)
    keys = SORTS.get(request.GET.get("sort"), SORTS["place"])[1]
    if "token_place" in found.qs.query.annotations:
        keys = PLACE  # the token's copy of the place orders alike; the plain columns do for two rows
    return neighbours(found.qs, keys, [getattr(household, key.field) for key in keys])


FORMS = {
    "file": ("户档案", ""),
    "handbook": ("帮扶手册", "households/_handbook.html"),
    "card": ("明白卡", "households/_card.html"),
}
"""What is printed of a household: its words, and the sheets of the forms that carry the code."""


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_print(request, pk):
    """The file on paper."""
    return _printed(request, [get_object_or_404(_fetched(request.user), pk=pk)], "file")


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_handbook(request, pk):
    """帮扶手册 of one household."""
    return _printed(request, [get_object_or_404(_fetched(request.user), pk=pk)], "handbook")


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_card(request, pk):
    """明白卡 of one household."""
    return _printed(request, [get_object_or_404(_fetched(request.user), pk=pk)], "card")


@require_POST
@require(P.HOUSEHOLD_VIEW)
def household_bulk(request):
    """The files, handbooks or cards (`form`) of the ticked households on paper, at most PRINT_LIMIT at once. One of them
    that is not there for this user
    refuses them all, foreign or never there alike: a form of ours ticks none, and a quiet gap on paper misleads."""
    picked = {
        int(pk) if pk.isdecimal() and len(pk) < 19 else 0 for pk in request.POST.getlist("pick")[:PRINT_LIMIT]
    }
    if not picked:
        messages.warning(request, "请先勾选要打印的户。")
        return redirect("household_list")
    rows = list(_fetched(request.user).filter(pk__in=picked).order_by("region_path", "pk"))
    if len(rows) < len(picked):
        raise Http404("a ticked household is not there")
    form = request.POST.get("form")
    return _printed(request, rows, form if form in FORMS else "file")


@require_GET
@require(P.HOUSEHOLD_VIEW)
def village_sheets(request):
    """The handbooks or cards (`?form=`) of a village (`?region=`), PRINT_LIMIT households from `?start=` on: those of
    the register and those under monitoring."""
    here, form = place_asked(request.user, request.GET, P.HOUSEHOLD_VIEW), request.GET.get("form", "")
    path = here.path if here else ""
    if form not in FORMS or len(path) < 12:
        messages.warning(request, "请先选到村，再打印全村的手册或明白卡。")
        return redirect("posting_pick")
    rows = _fetched(request.user).active().exclude(registry_status="0", monitor_category="0").within(path)
    total = rows.count()
    start = request.GET.get("start", "1")
    start = max(1, int(start)) if start.isdecimal() and len(start) < 6 else 1
    shown = list(rows.order_by("region_path", "pk")[start - 1 : start - 1 + PRINT_LIMIT])
    if not shown:
        messages.warning(request, "这里没有建档立卡户和监测户可以打印。")
        return redirect(f"{reverse('posting_pick')}?{urlencode({'region': path})}")
    end = start + len(shown) - 1
    following = f"?{urlencode({'region': path, 'form': form, 'start': end + 1})}" if end < total else ""
    return _printed(request, shown, form, total=total, start=start, end=end, following=following)


def _printed(request, households, form, **context):
    day = timezone.localdate()
    files = dossiers(households, today=day)
    words, sheet = FORMS[form]
    if not sheet:
        return render(request, "households/household_print.html", {"files": files, "today": day, **context})
    books = [
        Book(file, code(request.build_absolute_uri(reverse("household_detail", args=[file.household.pk]))))
        for file in files
    ]
    back = (
        reverse("household_detail", args=[households[0].pk]) if len(books) == 1 else reverse("household_list")
    )
    return render(request, "households/handbook_print.html", {
        "books": books, "today": day, "words": words, "sheet": sheet, "back": back, "rule": quota.RULE_TEXT, **context,
    })  # fmt: skip
