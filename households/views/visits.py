"""Visits: recording one, the list, one visit, its photos; the households somebody looks after; follow-ups."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin import photos as pixels
from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.audit.seen import look
from fupin.paging import Key, Total, page, total_of
from fupin.regions.models import Region
from fupin.schedule import SOON_DAYS, deadline
from households import quota, search, stats
from households.actions import visits as actions
from households.badges import badge
from households.models import FollowUp, Household, Pairing, Visit, VisitPhoto
from households.visit_filters import NEAR, FollowUpFilter, VisitFilter
from households.visit_forms import FollowUpFormSet, VisitForm, people_of

SIZE = 30
EDGES = {"over": "is-late", "soon": "is-soon"}
COUNTED = {
    "": ("visit-required",),
    "over": ("visit-over",),
    "soon": ("visit-soon",),
    NEAR: ("visit-over", "visit-soon"),
}
"""Figures that add up to the households of a state of the list of who is to be visited."""


def back(request, fallback):
    """The address that the form names in `next`, when it is ours."""
    address = request.POST.get("next", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else fallback


def place(names, path):
    """昌龙村 2组"""
    return f"{names.get(path[:12], '')} {names.get(path, '') if len(path) > 12 else ''}".strip()


def visit_deadline(household, today):
    """The Deadline of the next visit, None when the household owes none."""
    end = quota.next_due(household, today)
    return deadline(end, today, soon=quota.SOON_DAYS) if end else None


@require_GET
@require(P.VISIT_RECORD)
def my_households(request):
    user, today = request.user, timezone.localdate()
    rows = Household.objects.walking().visible_to(user, P.VISIT_RECORD).active()
    paired = Pairing.objects.unscoped("own rows").households_of(user).values_list("household", flat=True)
    own = rows.filter(pk__in=list(paired))  # a few, which are found by their numbers and not by walking
    has_region = bool(user.paths(P.VISIT_RECORD))
    mine = not has_region or request.GET.get("scope") == "mine"
    if has_region and not request.GET.get("scope"):
        mine = own.exists()
    term, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    rows = own if mine else rows
    if term:
        rows = search.named(rows, term)
    elif not mine and not state:
        rows = rows.filter(quota.required_q())
    states = {"over": quota.overdue_q(today), "due": quota.due_q(today), "soon": quota.soon_q(today)}
    states[NEAR] = states["over"] | states["soon"]
    rows = rows.filter(states.get(state, Q()))
    found = page(
        rows.select_related("helper"),
        [Key("last_visit_on", nulls_first=True), Key("region_path"), Key("id")],
        key_of=lambda row: (row.last_visit_on, row.region_path, row.pk),
        size=SIZE, after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    open_items = _open_items(found.rows)
    for row in found.rows:
        row.place, row.dl = place(names, row.region_path), visit_deadline(row, today)
        row.open_items = open_items.get(row.pk, 0)
        row.badge = badge(row.registry_status, row.risk_state)
        row.edge = EDGES.get(str(row.dl.standing), "") if row.dl else ""
    return render(request, "visits/my_households.html", {
        "page": found, "mine": mine, "has_region": has_region, "q": term, "state": state,
        "scope": "mine" if mine else "all",
        "rule": quota.RULE_TEXT, "total": total_of(rows) if mine or term else _total(user, rows, state, today),
    })  # fmt: skip


def _total(user, rows, state, today):
    """How many households of the whole place: kept where figures say it, else counted."""
    figures = stats.seen_by(user, P.VISIT_RECORD, today=today) if state in COUNTED else {}
    if not figures:
        return total_of(rows)
    return Total(sum(figures.get(key, (0, 0))[0] for key in COUNTED[state]), exact=True)


def _open_items(households):
    """`{household id: follow-ups not closed}` of these rows."""
    rows = FollowUp.objects.unscoped("hanging").filter(household__in=households, closed_on=None)
    return dict(rows.values_list("household").annotate(number=Count("pk")).order_by())


@require_http_methods(["GET", "POST"])
@require(P.VISIT_RECORD)
def visit_create(request, pk):
    rows = Household.objects.visible_to(request.user, P.VISIT_RECORD).select_related("helper")
    household = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    people = people_of(household, request.user)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = VisitForm(*posted, household=household, user=request.user, today=today)
    follow = FollowUpFormSet(posted[0], prefix="f", form_kwargs={"people": people, "today": today})
    tokens = []
    if request.method == "POST":
        done, photos = _save_visit(request, household, form, follow, today)
        if done:
            return done
        tokens = [pixels.hold(photo, request.user) for photo in photos]
    context = _visit_page(household, request.user, today)
    context |= {
        "form": form,
        "follow": follow,
        "formsets": [follow],
        "tokens": tokens,
        "unsure": form.has_error("__all__", actions.SURE),
    }
    return render(request, "visits/visit_form.html", context, status=422 if posted[0] is not None else 200)


def _save_visit(request, household, form, follow, today):
    """`(redirect or None, photos)`: the photos come back so that an error does not lose them."""
    valid = form.is_valid() & follow.is_valid()
    photos = [pixels.held(token, request.user) for token in request.POST.getlist("held_photo")]
    photos = [photo for photo in photos if photo] + form.cleaned_data.get("photos", [])
    if not valid:
        return None, photos
    data = form.cleaned_data
    helpers = [int(pk) for pk in data["helpers"]]
    open_rows = list(
        FollowUp.objects.unscoped("hanging").filter(household=household, closed_on=None).order_by("pk")
    )

    def act():
        visit = actions.record_visit(
            household=household, by=request.user, today=today, on=data["on"], content=data["content"],
            helpers=helpers, visitor_text=data["visitor_text"], photos=photos, follow_ups=follow.rows(),
            sure=data["sure"], **form.columns(),
        )  # fmt: skip
        for row in open_rows:
            if result := request.POST.get(f"result-{row.pk}", "").strip():
                actions.close_follow_up(follow_up=row, by=request.user, result=result, today=today)
        messages.success(request, f"已保存 {household} {visit.on} 的走访。")
        if why := actions.why_not_counted(household, on=data["on"], helpers=helpers, way=data["way"]):
            messages.warning(request, why + "。")
        return reverse("visit_detail", args=[visit.pk])

    try:
        return once(request, act), photos
    except ValidationError as error:
        form.add_error(None, error)
        return None, photos


def _visit_page(household, user, today):
    """What stands above the form: who, how late, the last visit and what is open."""
    names = Region.objects.names([household.region_path])
    own = Household.objects.visible_to(user, P.VISIT_RECORD)
    waiting = own.filter(own.paired_with(user)) if user.may_by_pairing(P.VISIT_RECORD) else own
    waiting = list(
        quota.soonest_first(
            waiting.filter(quota.overdue_q(today) | quota.soon_q(today)).exclude(pk=household.pk)
        )[:8]
    )
    for row in waiting:
        row.dl = visit_deadline(row, today)
    return {
        "household": household, "place": place(names, household.region_path), "today": today,
        "badge": badge(household.registry_status, household.risk_state),
        "dl": visit_deadline(household, today), "rule": quota.rule_for(household), "waiting": waiting,
        "last": household.visits.filter(cancelled_reason="").order_by("-on", "-pk").first(),
        "open_items": [_judged(row, today) for row in household.follow_ups.filter(closed_on=None).order_by("due_end", "pk")],
    }  # fmt: skip


def _judged(row, today):
    row.dl = deadline(row.due_end, today, done_on=row.closed_on, soon=SOON_DAYS["follow_up"])
    row.edge = EDGES.get(str(row.dl.standing), "")
    return row


@require_GET
@require(P.HOUSEHOLD_VIEW)
def visit_list(request):
    rows = Visit.objects.walking().visible_to(request.user)
    bar = VisitFilter(request.GET, rows, user=request.user)
    unsolved = FollowUp.objects.unscoped("hanging").filter(visit=OuterRef("pk"), closed_on=None)
    found = page(
        bar.qs.select_related("household").prefetch_related("helpers").annotate(open_item=Exists(unsolved)),
        [Key("on", descending=True), Key("id", descending=True)],
        key_of=lambda row: (row.on, row.pk),
        size=SIZE, after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    for row in found.rows:
        row.place = place(names, row.region_path)
    return render(request, "visits/visit_list.html", {"bar": bar, "page": found})


@require_GET
@require(P.HOUSEHOLD_VIEW)
def visit_detail(request, pk):
    visits = Visit.objects.visible_to(request.user).select_related("household", "by")
    visit = get_object_or_404(visits, pk=pk)
    today = timezone.localdate()
    return render(request, "visits/visit_detail.html", {
        "visit": visit, "place": place(Region.objects.names([visit.region_path]), visit.region_path),
        "purposes": _purposes(visit), "photos": visit.photos.order_by("pk"), "today": today,
        "helpers": visit.helpers.order_by("name", "pk"),
        "follow_ups": [_judged(row, today) for row in visit.follow_ups.select_related("helper").order_by("due_end", "pk")],
        "may_close": _mine(visit, request.user, P.VISIT_RECORD),
        "may_cancel": not visit.cancelled_reason and _may_cancel(visit, request.user),
    })  # fmt: skip


def _purposes(visit):
    labels = dict(Visit._meta.get_field("purposes").flatchoices) or dict(
        VisitForm.base_fields["purposes"].choices
    )
    return [labels[code] for code in visit.purposes.split(",") if code in labels]


def _mine(visit, user, permission):
    return Visit.objects.visible_to(user, permission).filter(pk=visit.pk).exists()


def _may_cancel(visit, user):
    return visit.by_id == user.pk or _mine(visit, user, P.HOUSEHOLD_EDIT)


@require_POST
@require(P.VISIT_RECORD, P.HOUSEHOLD_EDIT)
def visit_cancel(request, pk):
    visit = get_object_or_404(Visit.objects.visible_to(request.user), pk=pk)
    try:
        if not _may_cancel(visit, request.user):
            raise ValidationError("只能作废自己登记的走访。")
        actions.cancel_visit(visit=visit, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, "已作废，记录保留在案。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("visit_detail", pk=pk)


@require_GET
@require(P.HOUSEHOLD_VIEW)
def visit_photo(request, pk):
    """A photo, for who may see its visit. Never from a public address."""
    visits = Visit.objects.visible_to(request.user)
    photo = get_object_or_404(VisitPhoto.objects.filter(visit__in=visits).select_related("visit"), pk=pk)
    look([photo.visit.household_id])
    try:
        file = pixels.opened(photo.file)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type="image/jpeg", filename=f"{photo.pk}.jpg")
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_GET
@require(P.HOUSEHOLD_VIEW)
def follow_up_list(request):
    today = timezone.localdate()
    rows = FollowUp.objects.walking().visible_to(request.user)
    bar = FollowUpFilter(request.GET, rows, user=request.user, today=today)
    found = page(
        bar.qs.select_related("household", "helper"),
        [Key("due_end"), Key("region_path"), Key("id")],
        key_of=lambda row: (row.due_end, row.region_path, row.pk),
        size=SIZE, after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    for row in found.rows:
        _judged(row, today).place = place(names, row.region_path)
    closable = FollowUp.objects.visible_to(request.user, P.VISIT_RECORD)
    may = set(closable.filter(pk__in=[row.pk for row in found.rows]).values_list("pk", flat=True))
    return render(request, "visits/follow_up_list.html", {
        "bar": bar, "page": found, "may": may, "total": total_of(bar.qs), "here_full": request.get_full_path(),
    })  # fmt: skip


def _change_follow_up(request, pk, act, done):
    follow_up = get_object_or_404(FollowUp.objects.visible_to(request.user, P.VISIT_RECORD), pk=pk)
    try:
        act(follow_up)
        messages.success(request, done)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(back(request, reverse("follow_up_list")))


@require_POST
@require(P.VISIT_RECORD)
def follow_up_close(request, pk):
    return _change_follow_up(
        request, pk,
        lambda row: actions.close_follow_up(
            follow_up=row, by=request.user, result=request.POST.get("result", ""), today=timezone.localdate()
        ),
        "已办结。",
    )  # fmt: skip


@require_POST
@require(P.VISIT_RECORD)
def follow_up_reopen(request, pk):
    return _change_follow_up(
        request, pk,
        lambda row: actions.reopen_follow_up(follow_up=row, by=request.user, reason=request.POST.get("reason", "")),
        "已重新打开，回到待办。",
    )  # fmt: skip
