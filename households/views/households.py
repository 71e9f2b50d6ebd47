"""The household list: what is shown, in which order, and the ways out of it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, F, Sum
from django.db.models.functions import Substr
from django.db.models.lookups import In
from django.http import HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.audit.seen import look
from fupin.paging import page
from fupin.regions.models import WIDTHS, Level, Region, ancestors_of, span
from households import lines, stats
from households.filters import (
    MORE,
    QUICK,
    SESSION_KEY,
    SORTS,
    HouseholdFilter,
    chips,
    controls,
    figure_behind,
    made_of,
    masked_term,
    of_each_size,
    order_of,
    private_kind,
    walks,
)
from households.models import Household
from households.rows import FIELDS, Rows, drawn, key_of

SIZES = (15, 30, 50, 100)
COUNTED_HOMES = 3_000
WIDE = 2_000
"""Households of a place from which it matters how a list of it is read."""
SPARSE = 40
"""A figure of fewer households than one in so many is looked for in the villages that have one."""
CURSORS = ("after", "before", "last", "n")

TABS = [
    ("全部", {}, "all", ""),
    ("在帮扶", {"figure": "assisted"}, "assisted", ""),
    ("走访逾期", {"figure": "visit-over"}, "visit-over", "n--red"),
    ("超过时限", {"figure": "target-over"}, "target-over", "n--red"),
    ("返贫监测", {"figure": "monitored"}, "monitored", ""),
    ("低保、特困", {"guarantee": "any"}, "", ""),
    ("未落实责任人", {"figure": "no-helper"}, "no-helper", ""),
    ("有疑点", {"figure": "doubtful"}, "doubtful", ""),
    ("我负责的", {"helper": "me"}, "", ""),
]
"""Saved filters: label, conditions, the kept figure that counts them, class of the number."""

EXPORTS = [
    ("L01", "当前列表（同样的栏和次序）"),
    ("R02", "户级台账"),
    ("R01", "含家庭成员（花名册）"),
    ("L02", "全部栏目（全量台账，可导回）"),
    ("L06", "年度收入和条件（采集表，可导回）"),
    ("R16", "时限预警台账"),
]
"""Reports that take this page's query string."""


def filtered(request, rows=None, *, day=None):
    """The FilterSet of this request's query string over the rows its user may see."""
    if rows is None:
        rows = (Household.objects.walking() if walks(request.GET) else Household.objects).visible_to(
            request.user
        )
    return HouseholdFilter(
        request.GET,
        rows,
        user=request.user,
        day=day or stats.Day.of(),
        private=request.session.get(SESSION_KEY),
    )


def link(params, **changes):
    """The query string with some values set, or taken out where None; the page starts anew."""
    kept = [(name, value) for name, value in params.items() if name not in CURSORS and name not in changes]
    return "?" + urlencode(kept + [(name, value) for name, value in changes.items() if value])


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_list(request):
    known = lines.all_lines()
    found = filtered(request, day=stats.Day(timezone.localdate(), lines.below(known)))
    context = _list_context(request, found, known)
    body = get_template("households/list.jinja", using="jinja2").render(context, request)
    if request.headers.get("HX-Target") == "list" and "HX-History-Restore-Request" not in request.headers:
        return HttpResponse(body, headers={"HX-Push-Url": f"{request.path}?{urlencode(context['params'])}"})
    return render(
        request, "households/household_list.html", context | {"body": body, "csrf_token": context["csrf"]}
    )


def _list_context(request, found, known):
    params = {name: value for name, value in request.GET.items() if value}
    size = int(params["size"]) if params.get("size") in map(str, SIZES) else SIZES[0]
    found.form.full_clean()
    region = found.form.cleaned_data.get("region", "")
    counts = stats.seen_by(request.user, P.HOUSEHOLD_VIEW, today=found.day.today, region=region)
    of_group = _counts_of_group(request.user, found, region) if "group" in params else counts
    rows = _where_they_are(request.user, found, of_group, params, size).values_list(*FIELDS)
    keys = order_of(found)
    shown = page(
        rows, keys, key_of=lambda row: key_of(row, keys), size=size,
        after=params.get("after", ""), before=params.get("before", ""), last="last" in params,
    )  # fmt: skip
    households, persons, exact = _total(found, of_group)
    look(row[0] for row in shown.rows)
    start = _start(params, shown, size, households, exact)
    top = _top(request.user, region)
    names = Region.objects.names(
        [row[3] for row in shown.rows] + [region or _home(request.user)], parent=top.pk if top else None
    )
    sprite = static("img/icons.svg")
    draw = Rows(found.day.today, names, sprite, known)
    rows = [draw.cells(row) for row in shown.rows]
    query = link(params)
    visit = reverse("visit_create", args=[0]).split("0/") if request.user.may(P.VISIT_RECORD) else None
    return {
        "rows": rows,
        "drawn": drawn(rows, reverse("household_detail", args=[0]).split("0/"), query, visit),
        "detail_query": query,
        "params": params,
        "place": _place(request.user, region, names, top),
        "tabs": _tabs(params, of_group),
        "quick": controls(QUICK, params),
        "more": controls(MORE, params),
        "more_count": sum(bool(params.get(name)) for name in MORE),
        "chips": [(words, link(params, **{name: None})) for name, words in chips(found, names.get(region))],
        "clear": link({name: params[name] for name in ("region", "sort", "size") if name in params}),
        "sorts": [(key, label, link(params, sort=key)) for key, (label, _) in SORTS.items()],
        "sort": params.get("sort") if params.get("sort") in SORTS else "place",
        "sizes": [(n, link(params, size=n)) for n in SIZES],
        "size": size,
        "households": households,
        "persons": persons,
        "exact": exact,
        "start": start,
        "end": start + len(shown.rows) - 1,
        "pages": _pages(params, shown, start, size),
        "exports": _exports(request.user, params),
        "visit_url": visit,
        "import_url": reverse("import_list"),
        "new_url": reverse("household_new"),
        "may_assign": request.user.may(P.PAIRING_EDIT),
        "may_edit": request.user.may(P.HOUSEHOLD_EDIT),
        "may_import": request.user.may(P.IMPORT),
        "may_search_numbers": request.user.may(P.PII_SEARCH),
        "csrf": get_token(request),  # once: every use of the lazy one masks the secret anew
        "sprite": sprite,
        "here": request.path,
        "search_url": reverse("household_search"),
        "bulk_url": reverse("household_bulk"),
        "assign_url": reverse("pairing_assign"),
    }


def _home(user):
    return user.home_region.path if user.home_region else ""


def _where_they_are(user, found, counts, params, size):
    """The rows of the list. What many meet, as the kept counts know, is read in the order of the list until the page is full;
    of a rare figure in the order of place only the villages in which those of the page lie: else the whole place would be read
    for a handful."""
    if not counts or counts["all"][0] < WIDE:
        return found.qs
    known, key, every = _known(found, counts), figure_behind(found), counts["all"][0]
    found.walked = known is not None and known[0] * SPARSE > every
    if known and not known[0]:
        return found.qs.none()
    if found.data.get("sort", "place") != "place":
        if not found.walked:
            return found.qs
        found.queryset = Household.objects.walking().visible_to(user)
        return of_each_size(found.qs) if found.data["sort"] == "size" else found.qs
    if not key or found.walked:
        return found.qs
    rows = found.qs
    region, group = (found.form.cleaned_data.get(name) or "" for name in ("region", "group"))
    paths = found.areas[1] if group else [region] if region else user.paths(P.HOUSEHOLD_VIEW)
    if len(paths) > 1 and not group or any(len(path) >= 12 for path in paths):
        return rows
    cursor = "" if "last" in params else params.get("before") or params.get("after") or ""
    # a page near the start is a whole first page, whichever way it was reached: both ends of the stretch are asked for
    past, backwards = cursor.partition("~")[0][:12], "last" in params or "before" in params
    held = stats.where_first(paths, key, size + 1, today=found.day.today, past=past, backwards=backwards)
    if backwards:
        held += stats.where_first(paths, key, size + 1, today=found.day.today)
    if not held:
        return rows.none()
    # one stretch of the index of the place, of which the others' rows are told by the index alone: fifty ranges would
    # cost more to put together than to read
    ends = span(min(held))[0], span(max(held))[1]
    village = In(Substr(F("region_path"), 1, WIDTHS[Level.VILLAGE]), held)
    return rows.filter(village, region_path__gte=ends[0], region_path__lte=ends[1])


def _counts_of_group(user, found, region):
    """The kept figures of the group of areas that narrows the list of its county; {} where they are not what is listed."""
    _, paths = found.areas
    mine = user.paths(P.HOUSEHOLD_VIEW)
    if not all(path.startswith(region) and path.startswith(tuple(mine)) for path in paths):
        return {}
    return stats.total(stats.figures_at(paths, paths[0][:6], today=found.day.today).values()) if paths else {}


def _known(found, counts):
    """`(households, persons)` of the list as the kept counts know them, None where they do not."""
    parts = made_of(found)
    if parts is None:
        return None
    plus, less = ([sum(counts.get(key, (0, 0))[n] for key in keys) for n in (0, 1)] for keys in parts)
    return plus[0] - less[0], plus[1] - less[1]


def _total(found, counts):
    """`(households, persons, exact)`: kept where the place and one condition narrow that a figure knows, else counted up to
    COUNTED_HOMES: more than a township holds, and as many as cost no more than the page."""
    if counts and (known := _known(found, counts)):
        return *known, True
    limited = found.qs.order_by().values("pk", "size")[: COUNTED_HOMES + 1]
    counted = limited.aggregate(households=Count("pk"), persons=Sum("size", default=0))
    if counted["households"] > COUNTED_HOMES:
        return COUNTED_HOMES, None, False
    return counted["households"], counted["persons"], True


def _start(params, shown, size, total, exact):
    """Position of the first row shown, as the links carry it: a label only, nothing is computed from it."""
    if not shown.previous:
        return 1
    if "last" in params:
        return total - len(shown.rows) + 1 if exact else 0
    try:
        return max(0, min(int(params.get("n", "0")), 10**9))
    except ValueError:
        return 0


def _pages(params, shown, start, size):
    """Links to the first, previous, next and last page; "" where there is none."""
    back = {"before": shown.previous, "n": max(1, start - size) if start else ""}
    ahead = {"after": shown.next, "n": start + len(shown.rows) if start else ""}
    return {
        "first": link(params) if shown.previous else "",
        "previous": link(params, **back) if shown.previous else "",
        "next": link(params, **ahead) if shown.next else "",
        "last": link(params, last="1") if shown.next else "",
    }


def _top(user, region):
    """The Region of the one post whose place is shown: its children are read with the names of the rows. None where the
    place is another one, or the user has several."""
    regions = {post.region.path: post.region for post in user.posts_today}
    paths = user.paths(P.HOUSEHOLD_VIEW)
    return regions.get(region or (paths[0] if len(paths) == 1 else None))


def _place(user, region, names, top):
    """The breadcrumb of the chosen place inside the user's own places, and the places one level down. `names` holds
    those already when the place is `top`."""
    paths = user.paths(P.HOUSEHOLD_VIEW)
    path = region or (paths[0] if len(paths) == 1 else "")
    reach = [own for own in paths if path.startswith(own) or own.startswith(path)]
    crumbs = [
        (names.get(part, part), part)
        for part in ancestors_of(path)
        if any(part.startswith(own) for own in reach) or len(part) == 6
    ]
    if top and path in paths:
        width = WIDTHS.get(top.level + 1, 0)
        inside = [known for known in names.items() if len(known[0]) == width and known[0].startswith(path)]
        return {"crumbs": crumbs, "below": sorted(inside), "path": path, "level": len(path)}
    if region or len(paths) <= 1:
        below = Region.objects.children(path)
        if not any(path.startswith(own) for own in paths):
            below = below.visible_to(user, P.HOUSEHOLD_VIEW)
    else:
        below = Region.objects.filter(path__in=paths).order_by("path")
    below = list(below.values_list("path", "short_name")) if paths else []
    return {"crumbs": crumbs, "below": below, "path": path, "level": len(path)}


def _tabs(params, counts):
    base = {name: params[name] for name in ("region", "group", "size", "sort") if name in params}
    here = {name: value for name, value in params.items() if name not in CURSORS and name not in base}
    return [
        (label, link(base | conditions), counts.get(figure, ("",))[0], mark, here == conditions)
        for label, conditions, figure, mark in TABS
    ]


def _exports(user, params):
    """`[(label, address)]` of the reports that take this query string."""
    if not user.may(P.REPORT_EXPORT):
        return []
    query = link({name: value for name, value in params.items() if name != "size"})
    return [(label, reverse("report_detail", args=[name]) + query) for name, label in EXPORTS]


@require_POST
@require(P.HOUSEHOLD_VIEW)
def household_search(request):
    """One search box for everything. Names and household numbers go into the URL; an ID number, its last four
    or a phone stays on the server, and looking for it leaves a trace."""
    term = request.POST.get("q", "").strip()[:40]
    params = {
        name: value
        for name, value in QueryDict(request.POST.get("query", "").lstrip("?")).items()
        if name not in ("q", "found", *CURSORS)
    }
    address = reverse("household_list")
    kind = private_kind(term)
    may = request.user.may(P.PII_SEARCH)
    if not kind or kind == "tail" and not may:
        return redirect(address + link(params, q=term))
    if not may:
        messages.error(request, "您没有按证件号码或电话查找的权限，可按姓名或户编号查找。")
        return redirect(address + link(params))
    key = get_random_string(12)
    request.session[SESSION_KEY] = {"key": key, "term": term}
    home = request.user.home_region
    record(
        "household.search_id", "households.household", by=request.user, region_path=home.path if home else "",
        kind=kind, term=masked_term(term),
    )  # fmt: skip
    return redirect(address + link(params, found=key))
