"""What the register asks of people: visits, follow-ups, measures, target dates, data doubts."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.inbox.todo import Source, Tally, Todo
from fupin.paging import Key, page
from fupin.regions.models import Region
from fupin.schedule import SOON_DAYS
from households import quota, stats
from households.checks import BY_CODE
from households.models import CrossCheck, Doubt, FollowUp, Household, Measure
from households.visit_filters import NEAR, mine_q

BY_DATE = (Key("due_end"), Key("region_path"), Key("id"))


def _households(scope, permission=P.HOUSEHOLD_VIEW):
    rows = Household.objects.visible_to(scope.user, permission).active()
    return rows.filter(rows.paired_with(scope.user)) if scope.mine else rows


def _own(rows, scope):
    """Follow-ups or measures of the scope."""
    rows = rows.visible_to(scope.user)
    return rows.filter(mine_q(rows, scope.user)) if scope.mine else rows


def _kept(scope, permission):
    """The kept figures of the whole scope, {} where somebody's own households are asked for."""
    if scope.mine:
        return {}
    key = "households", scope.user.may_by_pairing(permission), *scope.user.paths(permission)
    if key not in scope.held:
        scope.held[key] = stats.seen_by(scope.user, permission, today=scope.today)
    return scope.held[key]


def _tally(rows, late, total=None):
    found = rows.aggregate(total=Count("pk", filter=total), late=Count("pk", filter=late))
    return Tally(found["total"], found["late"])


def _address(name, scope, **params):
    return reverse(name) + "?" + urlencode(params | ({"mine": "1"} if scope.mine else {}))


def _places(rows):
    """`{path: 昌龙村 2组}` of the rows, in one query."""
    names = Region.objects.names({row.region_path for row in rows})
    return {
        row.region_path: f"{names.get(row.region_path[:12], '')} "
        f"{names.get(row.region_path, '') if len(row.region_path) > 12 else ''}".strip()
        for row in rows
    }


def _waiting(scope):
    return _households(scope, P.VISIT_RECORD).filter(quota.waiting_q(scope.today))


def _count_visits(scope):
    if figures := _kept(scope, P.VISIT_RECORD):
        late, soon = (figures.get(key, (0, 0))[0] for key in ("visit-over", "visit-soon"))
        return Tally(late + soon, late)
    return _tally(_waiting(scope), quota.overdue_q(scope.today))


def visits(scope, limit):
    rows = list(quota.soonest_first(_waiting(scope))[:limit])
    places = _places(rows)
    lines = [
        Todo(
            title=f"{row}户入户走访",
            url=reverse("visit_create", args=[row.pk]),
            due=quota.next_due(row, scope.today),
            note=f"上次走访 {row.last_visit_on}" if row.last_visit_on else "还没有走访记录",
            place=places[row.region_path],
            action="记走访",
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: line.due)


def _visits_url(scope, late):
    params = {"scope": "mine" if scope.mine else "all", "state": "over" if late else NEAR}
    return reverse("my_households") + "?" + urlencode(params)


def follow_ups(scope, limit):
    rows = _own(FollowUp.objects.walking().filter(closed_on=None), scope).select_related(
        "household", "helper"
    )
    rows = page(rows, BY_DATE, key_of=lambda row: (row.due_end, row.region_path, row.pk), size=limit).rows
    places = _places(rows)
    return [
        Todo(
            title=f"{row.household}：{row.what}",
            url=_address("follow_up_list", scope, state="open", household=row.household_id),
            due=row.due_end,
            note=row.helper.name if row.helper else "",
            place=places[row.region_path],
            action="办结",
        )
        for row in rows
    ]


def measures(scope, limit):
    rows = _near_measures(scope, Measure.objects.walking()).select_related("household", "helper")
    rows = list(rows.order_by("target_end", "region_path", "pk")[:limit])
    places = _places(rows)
    return [
        Todo(
            title=f"{row.household}：{row.what}",
            url=reverse("measure_edit", args=[row.pk]),
            due=row.target_end,
            note=row.helper.name if row.helper else row.get_kind_display(),
            place=places[row.region_path],
            action="填报",
        )
        for row in rows
    ]


def _near_measures(scope, rows=Measure.objects):
    """Overdue or due soon: `standing_condition(NEAR)` as one range of dates."""
    last = scope.today + timedelta(SOON_DAYS["measure"])
    return _own(rows.filter(done_on=None, target_end__lte=last), scope)


def _count_measures(scope):
    return _tally(_near_measures(scope), Q(target_end__lt=scope.today))


def _past_target(scope):
    return _households(scope).filter(target_due__lt=scope.today)


def targets(scope, limit):
    rows = list(_past_target(scope).order_by("target_due", "region_path", "pk")[:limit])
    places = _places(rows)
    return [
        Todo(
            title=f"{row}户已超过脱贫（消除）时限",
            url=reverse("household_detail", args=[row.pk]),
            due=row.target_end,
            note=f"时限 {row.target_text}",
            place=places[row.region_path],
            action="处理",
        )
        for row in rows
    ]


def _count_targets(scope):
    figures = _kept(scope, P.HOUSEHOLD_VIEW)
    count = figures.get("target-over", (0, 0))[0] if figures else _past_target(scope).count()
    return Tally(count, count)


def _targets_url(scope, late):
    return reverse("household_list") + "?target=over" + ("&helper=me" if scope.mine else "")


def _doubtful(scope):
    return Doubt.objects.unscoped("hanging").filter(explained="", household__in=_households(scope))


def doubts(scope, limit):
    """One line for each rule, with the number of households."""
    return [
        Todo(
            title=BY_CODE[rule].message if rule in BY_CODE else words,
            url=_doubts_url(scope, False, rule=rule),
            note=rule,
            count=households,
        )
        for rule, households, words in _by_rule(scope, limit)
    ]


def _by_rule(scope, limit):
    """`[(rule, households, words)]`, most households first."""
    if figures := _kept(scope, P.HOUSEHOLD_VIEW):
        found = [
            (key.removeprefix(stats.RULE), households)
            for key, (households, _) in figures.items()
            if key.startswith(stats.RULE) and households
        ]
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return [(rule, households, f"规则 {rule}") for rule, households in found[:limit]]
    found = (
        _doubtful(scope)
        .values("rule")
        .annotate(households=Count("household", distinct=True), words=Min("message"))
    )
    return list(found.order_by("-households", "rule").values_list("rule", "households", "words")[:limit])


def _count_doubts(scope):
    """Households with a doubt of either sort: a rule's or a bureau's, as the list counts them."""
    if figures := _kept(scope, P.HOUSEHOLD_VIEW):
        return Tally(figures.get("doubtful", (0, 0))[0], 0)
    return Tally(_households(scope).filter(doubts__gt=0).count(), 0)


def _doubts_url(scope, late, **params):
    params = params or {"doubts": "1"}
    return reverse("household_list") + "?" + urlencode(params | ({"helper": "me"} if scope.mine else {}))


def _clues(scope):
    rows = CrossCheck.objects.visible_to(scope.user, P.HOUSEHOLD_EDIT).open()
    return rows.filter(rows.paired_with(scope.user)) if scope.mine else rows


def crosschecks(scope, limit):
    """Clues of bureaus' lists, those whose deadline is nearest first."""
    rows = list(_clues(scope).select_related("household", "member").order_by("due_end", "pk")[:limit])
    places = _places(rows)
    return [
        Todo(
            title=f"{row.household}户核实{row.source}线索：{row.fact}",
            url=reverse("crosscheck_edit", args=[row.pk]),
            due=row.due_end,
            note=row.member.name,
            place=places[row.region_path],
            action="核实",
        )
        for row in rows
    ]


SOURCES = [
    Source(
        name="visits", title="待走访", icon="clipboard-check", permission=P.VISIT_RECORD, unit="户",
        items=visits, count=_count_visits, url=_visits_url, soon=quota.SOON_DAYS,
    ),
    Source(
        name="follow_ups", title="跟踪事项", icon="flag", permission=P.VISIT_RECORD, unit="件",
        items=follow_ups,
        count=lambda scope: _tally(
            _own(FollowUp.objects.filter(closed_on=None), scope), Q(due_end__lt=scope.today)
        ),
        url=lambda scope, late: _address("follow_up_list", scope, state="over" if late else "open"),
        soon=SOON_DAYS["follow_up"],
    ),
    Source(
        name="measures", title="帮扶措施", icon="heart-handshake", permission=P.MEASURE_EDIT, unit="项",
        items=measures, count=_count_measures,
        url=lambda scope, late: _address("measure_list", scope, state="over" if late else NEAR),
        soon=SOON_DAYS["measure"],
    ),
    Source(
        name="targets", title="超过时限", icon="hourglass", permission=P.VISIT_RECORD, unit="户",
        items=targets, count=_count_targets, url=_targets_url, soon=SOON_DAYS["household"],
    ),
    Source(
        name="crosschecks", title="部门比对", icon="alert-triangle", permission=P.HOUSEHOLD_EDIT, unit="条",
        items=crosschecks, count=lambda scope: _tally(_clues(scope), Q(due_end__lt=scope.today)),
        url=lambda scope, late: _address("crosscheck_list", scope, state="over" if late else "open"),
        soon=SOON_DAYS["crosscheck"], tile=False,
    ),
    Source(
        name="doubts", title="数据疑点", icon="alert-triangle", permission=P.HOUSEHOLD_EDIT, unit="户",
        items=doubts, count=_count_doubts, url=_doubts_url, side=True, tile=False,
    ),
]  # fmt: skip
