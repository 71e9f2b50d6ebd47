"""Work teams of four villages with two months of attendance, through the actions of the pages."""

import calendar
import random
from datetime import date, timedelta

from fupin.demo import SEED
from fupin.regions.models import Level, Region
from households import codes
from households.actions.teams import save_attendance, save_team_member
from households.demo.accounts import BUREAUX, CHANGLONG, TOWN
from households.demo.people import Registry
from households.models import Helper, TeamMember
from households.models.team import DAYS

VILLAGES = 4
DUTIES = [codes.TeamDuty.SECRETARY, codes.TeamDuty.MEMBER, codes.TeamDuty.MEMBER]


def build(order, by):
    """昌龙村 and three villages of 篆塘镇: three people each; last month whole, this month up to yesterday."""
    chance = random.Random(SEED)  # noqa: S311 (nothing secret: the same demo every time)
    registry = Registry(chance)
    rows = Region.objects.filter(level=Level.VILLAGE)
    villages = [*rows.filter(path=CHANGLONG), *rows.within(TOWN).order_by("path")[: VILLAGES - 1]]
    officials = list(
        Helper.objects.filter(unit_level="04", region_path=TOWN, visits__isnull=False)
        .distinct()
        .order_by("pk")[:9]
    )
    since = order.today.replace(year=order.today.year - 1, month=3, day=1)
    members = []
    for village in villages:
        for duty in DUTIES:
            who = officials.pop() if village.path != CHANGLONG and officials else None
            members.append(save_team_member(by=by, member=TeamMember(
                region=village, duty=duty, starts_on=since, name=who.name if who else registry.name(duty == "1"),
                unit=who.unit if who else chance.choice(BUREAUX),
            )))  # fmt: skip
    this = order.today.replace(day=1)
    for first in ((this - timedelta(days=1)).replace(day=1), this):
        until = min(order.today - timedelta(days=1), _last(first))
        if until < first:
            continue
        save_attendance(year=first.year, month=first.month, by=by, rows=[
            (member, 0, {"days": _days(chance, first, until), "diaries": chance.randint(until.day // 3, until.day), "note": ""})
            for member in members
        ])  # fmt: skip


def _last(first):
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _days(chance, first, until):
    def state(day):
        if date(first.year, first.month, day).weekday() == 6:
            return codes.DayState.HOLIDAY
        return chance.choices("12345", (88, 4, 5, 1, 2))[0]

    return "".join(state(day) for day in range(1, until.day + 1)).ljust(DAYS, codes.DayState.UNKNOWN)
