"""What the register asks of people: visits, follow-ups, measures, target dates, data doubts."""

from urllib.parse import urlencode

from django.db.models import Count, F, Min, Q
from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.inbox.todo import Source, Tally, Todo
from fupin.regions.models import Region
from fupin.schedule import SOON_DAYS, Standing, standing_q
from households import quota
from households.checks import BY_CODE
from households.models import ASSISTED, CrossCheck, Doubt, FollowUp, Household, Measure
from households.visit_filters import NEAR, mine_q, standing_condition


def _households(scope, permission=P.HOUSEHOLD_VIEW):
    rows = Household.objects.visible_to(scope.user, permission).active()
    return rows.filter(rows.paired_with(scope.user)) if scope.mine else rows


def _own(rows, scope):
    """Follow-ups or measures of the scope."""
    rows = rows.visible_to(scope.user)
    return rows.filter(mine_q(rows, scope.user)) if scope.mine else rows


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
    return _households(scope, P.VISIT_RECORD).filter(quota.overdue_q(scope.today) | quota.soon_q(scope.today))


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
    rows = _own(FollowUp.objects.filter(closed_on=None), scope).select_related("household", "helper")
    rows = list(rows.order_by(F("due_end").asc(nulls_last=True), "pk")[:limit])
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
    near = standing_condition("target_end", NEAR, scope.today, SOON_DAYS["measure"], ~Q(done_on=None))
    rows = _own(Measure.objects.filter(near), scope).select_related("household", "helper")
    rows = list(rows.order_by("target_end", "pk")[:limit])
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


def _count_measures(scope):
    done = ~Q(done_on=None)
    near = standing_condition("target_end", NEAR, scope.today, SOON_DAYS["measure"], done)
    over = standing_condition("target_end", "over", scope.today, SOON_DAYS["measure"], done)
    return _tally(_own(Measure.objects.filter(near), scope), over)


def _past_target(scope):
    over = standing_q("target_end", scope.today, Standing.OVER, soon=SOON_DAYS["household"])
    return _households(scope).filter(ASSISTED & over)


def targets(scope, limit):
    rows = list(_past_target(scope).order_by("target_end", "pk")[:limit])
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
    count = _past_target(scope).count()
    return Tally(count, count)


def _targets_url(scope, late):
    return reverse("household_list") + "?target=over" + ("&helper=me" if scope.mine else "")


def _doubtful(scope):
    return Doubt.objects.filter(explained="", household__in=_households(scope))


def doubts(scope, limit):
    """One line for each rule, with the number of households."""
    found = (
        _doubtful(scope)
        .values("rule")
        .annotate(households=Count("household", distinct=True), words=Min("message"))
        .order_by("-households", "rule")[:limit]
    )
    return [
        Todo(
            title=BY_CODE[row["rule"]].message if row["rule"] in BY_CODE else row["words"],
            url=_doubts_url(scope, False, rule=row["rule"]),
            note=row["rule"],
            count=row["households"],
        )
        for row in found
    ]


def _count_doubts(scope):
    """Households with a doubt of either sort: a rule's or a bureau's, as the list counts them."""
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
        items=visits, count=lambda scope: _tally(_waiting(scope), quota.overdue_q(scope.today)),
        url=_visits_url, soon=quota.SOON_DAYS,
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
