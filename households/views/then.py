"""The households behind a figure of a day that is over: as they were kept when the year was frozen, else as the register
stood then (`households.rewound`)."""

from datetime import date

from django.db.models import Count, Sum
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.filing.frozen import counting, freeze_of, group_of, names_of, rows_of
from fupin.filing.frozen import place_of as kept_place
from fupin.paging import Page
from fupin.regions.models import Level, Region, ancestors_of
from households import breakdown, codes, rewound, stats
from households.freezing import Was
from households.models import Household
from households.models.area_group import places_of
from households.panels.figures import PAST_AT_MOST, TOO_MANY, lost_keys
from households.panels.groups import added_up
from households.views.places import place_of

SIZE = 50
STATUS, MONITOR, RISK = (
    dict(kind.choices) for kind in (codes.RegistryStatus, codes.MonitorCategory, codes.RiskState)
)


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_then(request):
    """`?region=PATH&figure=KEY&asof=DATE`, 50 to a page; `group` leaves those of a group of areas, `helper` or `pairing=no` narrows visits to one
    responsible person, `rule` are the households with a doubt. 404 for what has no past."""
    region, today = place_of(request, P.HOUSEHOLD_VIEW), timezone.localdate()
    if region is None:
        raise Http404
    day = _day(request.GET.get("asof"), today)
    freeze = freeze_of(region.path, day=day) if request.GET.get("asof") else None
    group, paths = _group(request.GET.get("group"), region, freeze)
    key, label, note = _asked(request.GET)
    if key in (freeze.untold if freeze else lost_keys(day)):
        raise Http404
    start = request.GET.get("after") or request.GET.get("before") or ""
    start = int(start) if start.isdecimal() and len(start) < 9 else 0
    behind = request.GET.get("behind", "")
    if behind and not behind.isdecimal():
        raise Http404
    if freeze and not behind:
        shown, households, persons = _page(request.user, paths, key, freeze, start)
    else:
        rows = (
            _frozen(request.user, paths, key, freeze)
            if freeze
            else _counted(request.user, region.path, paths, key, day)
        )
        if rows is not None and behind:  # who is last in line, in order of the target dates
            rows.sort(key=lambda row: (row.target_end or date.min, row.region_path, row.pk))
            rows = rows[-int(behind) :]
        households, persons = (None, None) if rows is None else (len(rows), sum(row.size for row in rows))
        shown = sorted(rows or [], key=lambda row: (row.region_path, row.pk))[start : start + SIZE]
    look(row.pk for row in shown)
    named = {region.path, *(row.region_path for row in shown)}
    places = names_of(freeze, named) if freeze else Region.objects.names(named)
    mine = Household.objects.visible_to(request.user).filter(pk__in=[row.pk for row in shown])
    known = set(mine.order_by().values_list("pk", flat=True))
    context = {
        "rows": [_words(row, places, row.pk in known) for row in shown],
        "day": day,
        "freeze": freeze,
        "label": label,
        "note": note,
        "place": group or (places.get(region.path, region) if freeze else region),
        "households": households,
        "persons": persons,
        "most": households is None,
        "too_many": TOO_MANY,
        "region": region,
        "page": Page(
            shown,
            previous=str(max(start - SIZE, 0)) if start else "",
            next=str(start + SIZE) if start + SIZE < (households or 0) else "",
        ),
    }
    return render(request, "households/household_then.html", context)


def _group(key, region, freeze):
    """`(name, paths)`: of the group of areas asked for, which is the county's (404 otherwise), as a frozen year kept it;
    ("", the place) without one."""
    if not key:
        return "", [region.path]
    if freeze:
        kept = group_of(freeze, key) if region.level == Level.COUNTY else None
        name, paths = (kept["name"], kept["paths"]) if kept else ("", [])
    else:
        name, paths = places_of(key)
    if not name or not all(path.startswith(region.path) for path in paths):
        raise Http404
    return name, paths


def _day(words, today):
    try:
        day = date.fromisoformat(words or today.isoformat())
    except ValueError as error:
        raise Http404 from error
    if day > today:
        raise Http404
    return day


def _asked(query):
    """`(key that the households carry, label, note)`."""
    if rule := query.get("rule"):
        return f"{stats.RULE}{rule}", f"疑点 {rule}", ""
    figure = stats.BY_KEY.get(query.get("figure", "all"))
    if figure is None:
        raise Http404
    helper = "0" if query.get("pairing") == "no" else query.get("helper", "")
    if helper.isdecimal() and figure.key in ("visit-required", "visit-ok"):
        part = "all" if figure.key == "visit-required" else "ok"
        return f"{breakdown.BY}{helper}-{part}", f"{figure.label}（一位责任人）", figure.note
    return figure.key, figure.label, figure.note


def _kept(user, paths, key, freeze):
    rows = rows_of(freeze, "household").visible_to(user).inside(*paths).counting(key)
    return rows.order_by("region_path", "key")


def _page(user, paths, key, freeze, start):
    own = len(paths) == 1 and any(paths[0].startswith(mine) for mine in user.paths(P.HOUSEHOLD_VIEW))
    if own and (place := kept_place(freeze, paths[0])):
        rows = rows_of(freeze, "household").visible_to(user)
        if found := counting(rows, freeze, place, key, start, SIZE):
            return [Was(row) for row in found[0]], *found[1]
    rows = _kept(user, paths, key, freeze)
    totals = rows.order_by().aggregate(households=Count("pk"), persons=Sum("size", default=0))
    return [Was(row) for row in rows[start : start + SIZE]], totals["households"], totals["persons"]


def _frozen(user, paths, key, freeze):
    return [Was(row) for row in _kept(user, paths, key, freeze).iterator()]


def _counted(user, path, paths, key, day):
    """None where there are too many households."""
    grouped = paths != [path]
    now = (
        added_up(paths, stats.figures_at(paths, path, today=timezone.localdate()))
        if grouped
        else stats.figures_of(path)[0]
    )
    if now.get("all", (0,))[0] > PAST_AT_MOST:
        return None
    rows = [one for one in rewound.households(paths, day) if key in one.keys]
    if any(path.startswith(own) for own in user.paths(P.HOUSEHOLD_VIEW)):
        return rows
    mine = Household.objects.visible_to(user).filter(pk__in=[row.pk for row in rows])
    known = set(mine.order_by().values_list("pk", flat=True))
    return [row for row in rows if row.pk in known]


def _words(row, places, known):
    return {
        "row": row,
        "known": known,
        "village": " ".join(places.get(path, "") for path in ancestors_of(row.region_path)[3:]).strip(),
        "status": STATUS.get(row.registry_status, ""),
        "monitor": MONITOR.get(row.monitor_category, ""),
        "risk": RISK.get(row.risk_state, ""),
    }
