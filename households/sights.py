"""谁的信息被看过: of a time, an account or an address, every person whose data was shown or exported.

Read out of the trail (`fupin.audit.seen`): pages note whom they showed, files whom they hold. One pass over the events
of the window; people are looked up a thousand at a time.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from fupin.accounts.roles import Permission as P
from fupin.audit import seen
from fupin.audit.models import AuditEvent
from fupin.regions.models import Region
from households.models import Household, Member

CHUNK = 1000
WAYS = {"report.export": "导出", "job.fetch": "导出", "person.export": "导出"}
REVEALED, PAGE = "查看原值", "页面"


@dataclass
class Sight:
    """One person (or, `member` None, the head of a household of which the household's line was shown)."""

    household: int
    member: int | None = None
    name: str = ""
    number: str = ""
    path: str = ""
    place: str = ""
    times: int = 0
    first: datetime | None = None
    last: datetime | None = None
    ways: set = field(default_factory=set)


def events_of(user, *, since, until, account="", address=""):
    """The events that showed somebody, of the part of the trail that `user` may read (None: all of it)."""
    rows = AuditEvent.objects.all() if user is None else AuditEvent.objects.visible_to(user)
    rows = rows.filter(at__gte=since, at__lt=until).exclude(seen="")
    if account:
        rows = rows.filter(Q(user__username=account) | Q(user__name=account))
    if address:
        rows = rows.filter(address=address)
    return rows.order_by("pk")


def who_was_seen(events, user=None):
    """`[Sight]` by place, household and person. Rows out of `user`'s reach stay unnamed: their keys are told."""
    households, members = {}, {}
    for at, action, target, text in events.values_list("at", "action", "target", "seen").iterator(
        chunk_size=2000
    ):
        way = REVEALED if target == "reveal" else WAYS.get(action, PAGE)
        shown = seen.read(text)
        for keys, held in ((shown.households, households), (shown.members, members)):
            for key in keys:
                found = held.get(key)
                if found is None:
                    found = held[key] = Sight(household=0, first=at)
                found.times, found.last = found.times + 1, at
                found.ways.add(way)
    return _named(households, members, user)


def _reach(rows, user):
    return rows if user is None else rows.visible_to(user, P.AUDIT_VIEW)


def _named(households, members, user):
    for part in _parts(members):
        rows = _reach(Member.objects.filter(pk__in=part), user).order_by()
        for key, home, name, number, path in rows.values_list(
            "pk", "household", "name", "household__number", "region_path"
        ):
            one = members[key]
            one.household, one.member, one.name, one.number, one.path = home, key, name, number, path
    told = {one.household for one in members.values()}
    for part in _parts(households):
        rows = _reach(Household.objects.filter(pk__in=part), user).order_by()
        for key, name, number, path in rows.values_list("pk", "head_name", "number", "region_path"):
            one = households[key]
            one.household, one.name, one.number, one.path = key, name, number, path
    # of a household whose members were shown one by one, the household's own line adds nobody
    found = [one for key, one in households.items() if key not in told] + list(members.values())
    for key, one in members.items():
        one.member = one.member or key
    for key, one in households.items():
        one.household = one.household or key
    names = Region.objects.names({one.path for one in found if one.path})
    for one in found:
        one.place = f"{names.get(one.path[:9], '')} {names.get(one.path[:12], '')}".strip()
    return sorted(found, key=lambda one: (one.path, one.household, one.member or 0))


def _parts(held):
    keys = sorted(held)
    return [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
