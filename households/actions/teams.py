"""Who is stationed at a village, and what they did each day of a month."""

import calendar
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.filing import closed
from households import codes
from households.actions.register import Stale
from households.models import Attendance, Helper, TeamMember
from households.models.team import DAYS

FIELDS = ("region", "name", "unit", "duty", "starts_on", "ends_on", "note")


@transaction.atomic
def save_team_member(*, member, by, version=None):
    """Create or change a member as filled in. Raises Stale when somebody saved since `version`, and ValidationError.

    A helper of the same name and unit, if there is exactly one, is taken for the same person: visits are theirs.
    """
    created = member.pk is None
    member.region_path = member.region.path
    same = (
        Helper.objects.visible_to(by, P.VILLAGE_VIEW)
        .filter(name=member.name, unit=member.unit)
        .order_by("pk")[:2]
    )
    member.helper = same[0] if len(same) == 1 else None
    member.updated_by = by
    member.full_clean()
    before = {}
    if not created:
        was = TeamMember.objects.unscoped("same row").select_for_update().get(pk=member.pk)
        if was.version != version:
            raise Stale
        before = {name: _plain(was, name) for name in FIELDS}
        member.version = version + 1
        if was.region_id != member.region_id and was.months.exists():
            raise ValidationError({"region": "此人在原村已有考勤。请填离队日期，再在新村登记一行。"})
    member.save()
    after = {name: _plain(member, name) for name in FIELDS}
    record(
        "team.create" if created else "team.edit", member, by=by,
        changes=[
            [str(TeamMember._meta.get_field(name).verbose_name), before.get(name, ""), value]
            for name, value in after.items() if before.get(name, "") != value
        ],
    )  # fmt: skip
    return member


def _plain(member, name):
    value = getattr(member, name)
    return "" if value is None else member.get_duty_display() if name == "duty" else str(value)


def fits(member, year, month, days):
    """Why `days` (a text of 31 states) cannot be the month of `member`, "" when it can."""
    last = calendar.monthrange(year, month)[1]
    for number in range(1, DAYS + 1):
        state = days[number - 1]
        if state == codes.DayState.UNKNOWN:
            continue
        if number > last:
            return f"{month} 月没有 {number} 日。"
        day = date(year, month, number)
        if day > timezone.localdate():
            return f"{number} 日还没有到，到了再填。"
        if day < member.starts_on or member.ends_on and day > member.ends_on:
            return f"{number} 日不在驻村期间（{member.starts_on} 起{f'至 {member.ends_on}' if member.ends_on else ''}）。"
    return ""


@transaction.atomic
def save_attendance(*, year, month, rows, by):
    """Save what changed: `rows` of `(TeamMember, version or 0, {days, diaries, note})`. All or nothing.

    Returns how many. Raises Stale with the members whose month somebody saved meanwhile, and ValidationError.
    """
    held = {
        row.member_id: row
        for row in Attendance.objects.unscoped("same row").select_for_update()
        .filter(member__in=[member.pk for member, *_ in rows], year=year, month=month)
    }  # fmt: skip
    stale = [
        member
        for member, version, _ in rows
        if version != (held[member.pk].version if member.pk in held else 0)
    ]
    if stale:
        raise Stale(stale)
    now = timezone.now()
    for member, _, values in rows:
        closed.ensure_open(member.region_path, year)
        if why := fits(member, year, month, values["days"]):
            raise ValidationError(f"{member}：{why}")
        was = held.get(member.pk)
        if was is None:
            try:
                with transaction.atomic():
                    row = Attendance.objects.create(
                        member=member, region_path=member.region_path, year=year, month=month, updated_by=by, **values
                    )  # fmt: skip
            except IntegrityError as error:
                raise Stale([member]) from error
        else:
            row = was
            Attendance.objects.unscoped("same row").filter(pk=was.pk).update(
                **values, version=F("version") + 1, updated_at=now, updated_by=by
            )  # fmt: skip
        before = {name: getattr(was, name) if was else "" for name in values}
        record(
            "attendance.save", row, by=by, name=member.name, year=year, item=f"{month} 月",
            version=was.version + 1 if was else 1,
            changes=[
                [str(Attendance._meta.get_field(name).verbose_name), _words(name, before[name]), _words(name, value)]
                for name, value in values.items() if before[name] != value
            ],
        )  # fmt: skip
    return len(rows)


def _words(name, value):
    if name == "days" and value:
        return "".join(codes.DAY_SIGNS.get(state, "·") for state in value)
    return "" if value is None else str(value)
