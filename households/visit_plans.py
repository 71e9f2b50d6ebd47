"""走访计划: which paired households each official still has to visit, in the order of a sensible round.

Late ones first, the longest late before the others; then what ends in this period; inside a day by place, so that one
way leads past neighbours.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from fupin.accounts.pii import shown
from fupin.audit.seen import look
from fupin.excel.sheet import Kind, Line, Sheet
from fupin.regions.models import Region
from fupin.schedule import deadline
from households import quota
from households.badges import kind
from households.models import Household, Pairing

LIMIT = 1000
"""Lines of one plan: a township's. A county chooses a township first."""
PERIODS = {"period": "本期应访", "month": "本月底前应访", "quarter": "本季底前应访"}
COUNTY_WIDTH = 6


@dataclass(frozen=True)
class Call:
    """One visit owed: the household, where, its Deadline, the last visit and the rule in words."""

    household: Household
    place: str
    kind: str
    due: object
    until: date
    rule: str

    @property
    def phone(self):
        return shown(self.household, "phone")


@dataclass(frozen=True)
class Round:
    """What one official has to do."""

    helper: object
    calls: list

    @property
    def late(self):
        return sum(call.due.standing == "over" for call in self.calls)


def owed(period, today):
    """The condition on Household: late, or to be visited in this period."""
    late = quota.overdue_q(today)
    if period in ("month", "quarter"):
        _, end = quota.period(today, 1 if period == "month" else 3)
        return late | Q(visit_due__lte=end)
    return late | quota.due_q(today)


def plan_of(user, *, today: date, path="", helper=None, period="period"):
    """`([Round], whether more were left out)` of the households that `user` may see in the place `path`, of one `helper`
    (a Helper) or of all. Three queries however many households and officials."""
    homes = Household.objects.visible_to(user).filter(owed(period, today))
    if path:
        homes = homes.within(path)
    held = Pairing.objects.visible_to(user).current(today).filter(household__in=homes)
    if helper is not None:
        held = held.filter(helper=helper)
    held = held.select_related("household", "helper").order_by(
        "helper__name", "helper", "household__visit_due", "region_path", "household"
    )
    rows = list(held[: LIMIT + 1])
    more, rows = len(rows) > LIMIT, rows[:LIMIT]
    look(row.household_id for row in rows)
    names = Region.objects.names({row.household.region_path for row in rows})
    rounds = {}
    for row in rows:
        rounds.setdefault(row.helper_id, Round(row.helper, [])).calls.append(
            _call(row.household, names, today)
        )
    return list(rounds.values()), more


def _call(household, names, today):
    path = household.region_path
    place = f"{names.get(path[:12], '')} {names.get(path, '') if len(path) > 12 else ''}".strip()
    h, until = household, quota.next_due(household, today)
    return Call(
        h, place, kind(h.registry_status, h.monitor_category, h.dibao, h.tekun),
        deadline(until, today, soon=quota.SOON_DAYS), until, quota.rule_for(h),
    )  # fmt: skip


def workbook_of(rounds, title, today):
    """`(Sheet, lines)`: the officials one after the other, the last columns left to be written."""
    columns = (
        ("责任人", Kind.CODE, 12, True), ("单位", Kind.TEXT, 20, True), ("序号", Kind.ORDER, 6, False),
        ("户主", Kind.CODE, 12, False), ("村组", Kind.TEXT, 20, False), ("户类型", Kind.CODE, 16, False),
        ("联系电话", Kind.CODE, 14, False), ("上次走访", Kind.DATE, 12, False), ("走访要求", Kind.CODE, 14, False),
        ("最迟日期", Kind.DATE, 12, False), ("情况", Kind.CODE, 14, False), ("走访日期", Kind.CODE, 12, False),
        ("备注", Kind.TEXT, 18, False),
    )  # fmt: skip
    lines = [
        Line(
            [
                found.helper.name, found.helper.unit, at, str(call.household), call.place, call.kind, call.phone,
                call.household.last_visit_on, call.rule, call.until, call.due.label, "", "",
            ],
            key=found.helper.pk,
        )
        for found in rounds
        for at, call in enumerate(found.calls, 1)
    ]  # fmt: skip
    return Sheet(
        "走访计划", title, columns, right=f"{today:%Y-%m-%d}", notes=[f"{quota.RULE_TEXT}；逾期的在前。"]
    ), lines
