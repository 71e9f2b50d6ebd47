"""Invented people and places for tests. Every factory makes the smallest valid row and takes overrides."""

from datetime import date
from itertools import count
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from fupin.accounts.models import Post, User
from fupin.accounts.roles import Role, Subject
from fupin.accounts.sessions import SessionStore
from fupin.excel.models import ImportBatch
from fupin.jobs.models import Job
from fupin.prepared import prepared, several
from fupin.regions.models import WIDTHS, Region, key_for
from households import kept, search, stats
from households.models import (
    CrossCheck,
    Helper,
    Household,
    HouseholdCause,
    Member,
    Pairing,
    RegionCount,
    TeamMember,
    Visit,
)
from projects.models import Project, ProjectVillage

serial = count(1)
UNIT = "测试水利局"
"""What the post of a project unit is for."""

NAMES = {0: "全国", 1: "测试省", 2: "测试市", 3: "测试县", 4: "测试镇", 5: "测试村", 6: "1组"}


def region(path="99010110020101"):
    """The place `path` (down to a group) with its ancestors, made as needed. 9901 is nobody's prefecture."""
    if found := _region.first(path):
        return found
    found = {
        row.path: row for row in _regions([path[:width] for width in WIDTHS.values() if width <= len(path)])
    }
    missing = []
    for level, width in WIDTHS.items():
        if width <= len(path) and path[:width] not in found:
            missing.append(
                _place(path[:width], level, found.get(path[: WIDTHS[level - 1]]) if level else None)
            )
            found[path[:width]] = missing[-1]
    if missing:
        Region.objects.bulk_create(missing)
    return found[path]


def _place(path, level, parent):
    """Its key follows from its path, so that a place and its parents are written in one statement."""
    name = f"{NAMES[level]}{path[-2:]}" if level and level < 6 else NAMES[level]
    if level == 6:
        name = f"{int(path[-2:])}组"
    return Region(
        pk=int(f"{level + 1}{path:0<14}"), path=path, level=level, name=name, short_name=name,
        key=key_for(level, name), parent=parent,
    )  # fmt: skip


@prepared
def _region(path):
    return Region.objects.filter(path=path)


@several("paths")
def _regions(paths):
    return Region.objects.filter(path__in=paths)


def user(role=Role.COUNTY_OFFICE, *, at="990101", **fields):
    """A user holding one post today."""
    n = next(serial)
    made = User.objects.create_user(f"user{n}", None, **({"name": f"用户{n}"} | fields))
    subject = Subject.HEALTH if role == Role.BUREAU else ""
    unit = UNIT if role == Role.PROJECT_UNIT else ""
    Post.objects.create(
        user=made, role=role, subject=subject, unit=unit, region=region(at), starts_on=date(2020, 1, 1)
    )
    return made


def log_in(client, user):
    """What `client.force_login(user)` comes to, in one statement instead of six: a new session of that user."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def id_number(n, *, born="19700101", male=True):
    """An 18-digit number of region 990101 with a valid check digit, different for each `n` below 500."""
    body = f"990101{born}{(n % 500) * 2 + (1 if male else 0):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights)) % 11]


def household(*, at="99010110020101", members=1, visited=None, cause="", **fields):
    """A household under assistance with `members` members, head first, ID numbers valid and all different.

    Kept columns, search tokens and counts are fresh. `visited` adds one counted visit on that day.
    """
    n = next(serial)
    number = fields.pop("number", f"H{n:06}")
    fields = {"registry_status": "1", "target_text": "2026年", "target_end": date(2026, 12, 31),
              "target_precision": "year"} | fields  # fmt: skip
    made = Household(number=number, region=region(at), region_path=at, **fields)
    people = [_person(made, "01" if i == 0 else "03", i) for i in range(members)]
    _derive(made, people, cause, visited)
    made.save()
    Member.objects.bulk_create(people)
    if cause:
        HouseholdCause.objects.create(household=made, year=2025, rank=0, cause=cause)
    if visited:
        Visit.objects.create(household=made, region_path=at, on=visited, content="走访")
    search.add({(piece, at, made.pk) for one in people for piece in search.tokens(one.name)})
    _count(made, people, cause, visited)
    return _household.first(made.pk)


_counted = {}
"""`{kind of household: figures of a village with one of them}`, see `_count`."""
ITS_OWN = {"id", "number", "region_id", "region_path", "head_name", "updated_at"}
"""Columns that no figure looks at."""


def _count(made, people, cause, visited):
    """`stats.recount` of its village, where only the first household of a kind is counted: to count costs as much as to
    make the household. The figures of one that is alone are remembered, and added where another of its kind is made."""
    village, day = made.region_path[:12], stats.Day.of()
    kind = repr([
        day, made.region_path[12:], cause, visited, [one.birth for one in people],
        [getattr(made, field.attname) for field in Household._meta.concrete_fields if field.attname not in ITS_OWN],
    ])  # fmt: skip
    before = RegionCount.objects.unscoped("tests").filter(region_path=village).first()
    alone = before is None and not (
        Household.objects.unscoped("tests")
        .filter(region_path__startswith=village)
        .exclude(pk=made.pk)
        .exists()
    )
    if kind in _counted and (alone or before and before.day == day.today):
        figures = stats.total([before.figures, _counted[kind]] if before else [_counted[kind]])
        with patch.object(stats, "count", lambda paths, day, width: {village: figures}):
            stats.recount([village])
        return
    stats.recount([village])
    if alone:
        _counted[kind] = stats.count([village], day, 12)[village]


@prepared
def _household(household):
    return Household.objects.filter(pk=household)


def _derive(made, people, cause="", visited=None):
    """Set the kept columns of a household that has nothing else, as `kept.refresh` works them out."""
    seen = kept.NOBODY
    for one in people:
        seen = kept.with_person(seen, one.name, one.relation, ("", None, None, None, None, ""))
    day = Household._meta.get_field("monitored_on").to_python  # tests give dates as text, too
    stand = (made.registry_status, made.risk_state, day(made.monitored_on), day(made.identified_on))
    values = kept.values_of(seen, cause, None, (None,) * 7, day(visited), (None, None), stand, 0)
    for name, value in zip(kept.FIELDS, values):
        setattr(made, "helper_id" if name == "helper" else name, value)


def member(household, *, relation="03", **fields):
    """A male member with a valid, unused ID number. Does not refresh the kept columns."""
    made = _person(household, relation, household.members.count(), **fields)
    made.save()
    return made


def _person(household, relation, order, *, name=None, id_number=None, **fields):
    n = next(serial)
    fields.setdefault("birth", date(1950 + n // 500 % 60, 1, 1))
    return Member(
        household=household, region_path=household.region_path, name=name or f"赵{chr(0x4E00 + n % 5000)}{chr(0x5E00 + n % 3000)}",
        relation=relation, id_number=_number(n) if id_number is None else id_number, sex="1", order=order, **fields,
    )  # fmt: skip


def _number(n):
    """The valid ID number of the n-th person that is made."""
    return id_number(n, born=f"{1950 + n // 500 % 60}0101")


def helper(**fields):
    """A responsible person, not a user unless `user=` is given."""
    n = next(serial)
    return Helper.objects.create(**({"name": f"帮扶{n}", "unit": "测试县农业农村局"} | fields))


def pair(household, helper_or_user, *, starts_on=date(2020, 1, 1), **fields):
    """Pair a household with a Helper, or with a user's own Helper (made as needed)."""
    who = helper_or_user
    if isinstance(who, User):
        who = Helper.objects.filter(user=who).first() or helper(name=who.name, user=who)
    made = Pairing.objects.create(
        household=household, region_path=household.region_path, helper=who, starts_on=starts_on, **fields
    )
    kept.refresh([household.pk], names=False)
    return made


def team_member(*, at="990101100201", **fields):
    """Somebody stationed at a village since 2020."""
    n, village = next(serial), region(at)
    given = {"name": f"队员{n}", "unit": "测试县教育局", "duty": "3", "starts_on": date(2020, 1, 1)} | fields
    return TeamMember.objects.create(region=village, region_path=village.path, **given)


def crosscheck(household, *, due=date(2026, 12, 31), **fields):
    """An open clue about the head of a household: a car. Keeps the household's count of doubts fresh."""
    n = next(serial)
    given = {
        "kind": "02",
        "source": "公安",
        "title": "机动车登记名单",
        "fact": "车辆：川A***",
        "value": f"川A{n:05}",
    }
    made = CrossCheck.objects.create(
        household=household, member=household.members.order_by("order", "pk").first(),
        region_path=household.region_path, digest=f"{n:032}", found_on=date(2026, 6, 1), due_end=due,
        **(given | fields),
    )  # fmt: skip
    kept.refresh([household.pk], names=False)
    return made


def job(**fields):
    """A job of nobody in particular, waiting."""
    owner = fields.pop("user", None) or user()
    return Job.objects.create(**({"kind": "test", "title": "测试任务", "user": owner} | fields))


def import_batch(**fields):
    """An upload of nobody in particular, checked, without a file."""
    owner = fields.pop("user", None) or user()
    given = {
        "user": owner,
        "name": "名册.xlsx",
        "file": "imports/none",
        "sha256": "0" * 64,
        "year": 2020,
        "as_of": date(2020, 12, 31),
    }
    return ImportBatch.objects.create(**(given | fields))


def project(*, at="99010110020101", villages=(), **fields):
    """A project placed at the village of `at` (or above), covering `villages` (paths)."""
    n = next(serial)
    fields = {"number": f"2026-990101-{n:04}", "name": f"项目{n}", "category": "0101", "year": 2026} | fields
    made = Project(region=region(at[:12]), **fields).keep()
    made.save()
    for path in villages:
        ProjectVillage.objects.create(project=made, region=region(path), region_path=path)
    return made
