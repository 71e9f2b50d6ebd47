"""Moving a household to another place of its county, and a member to another household."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event, record
from fupin.regions.models import Level, Region
from households import checks, codes, kept, stats
from households.actions.register import YEAR_FIELDS, Stale, carry_place
from households.models import CrossCheck, Household, HouseholdMove, Member, MemberYear, Pairing

COUNTY, TOWNSHIP, VILLAGE = 6, 9, 12
"""Digits of a region path."""

EVENTS = {True: (codes.MemberEvent.MARRIED_OUT, codes.MemberEvent.MARRIED_IN),
          False: (codes.MemberEvent.OTHER_OUT, codes.MemberEvent.OTHER_IN)}  # fmt: skip
"""By whether it is a marriage: why a member leaves the old household, and why one joins the new."""

IDENTITY = (
    "member_no", "name", "id_type", "id_number", "id_text", "sex", "birth", "ethnic", "ethnic_text", "phone",
)  # fmt: skip
NOT_CARRIED = {"work_income"}
"""What a year's facts leave behind: the money was earned in the old household."""


class NotTheirs(Exception):
    """A place or household outside those where the user may edit; nothing was done."""


def places_for(household, user):
    """Villages of the household's county in which `user` may edit: where the household may move to."""
    return (
        Region.objects.visible_to(user, Permission.HOUSEHOLD_EDIT)
        .within(household.region_path[:COUNTY])
        .filter(level=Level.VILLAGE, valid_to=None)
        .order_by("path")
    )


@transaction.atomic
def move_household(*, household, target, on, reason, by, today, end_pairings=None, version=None):
    """Move a household, and every row that carries its place, to `target` (a Region, village or group).

    `end_pairings` None ends the pairings when the township changes and keeps them inside it. Returns the
    HouseholdMove. Raises NotTheirs where `by` may not edit both places, Stale when the household is no longer at
    `version`, ValidationError otherwise.
    """
    held = _mine(by).select_for_update(of=("self",)).filter(pk=household.pk).first()
    places = Region.objects.visible_to(by, Permission.HOUSEHOLD_EDIT).filter(pk=target.pk)
    if held is None or not places.exists():
        raise NotTheirs(household.pk, target.path)
    _check_move(held, target, on, reason, today)
    origin, left = held.region, held.region_path
    rows = Household.objects.filter(pk=held.pk, version=held.version if version is None else version)
    if not rows.update(region=target, region_path=target.path, **_written(by)):
        raise Stale
    held.refresh_from_db()
    carry_place(held)
    if end_pairings is None:
        end_pairings = left[:TOWNSHIP] != target.path[:TOWNSHIP]
    ended = _end_pairings(held, on, by) if end_pairings else 0
    move = HouseholdMove.objects.create(
        household=held,
        origin=origin,
        target=target,
        on=on,
        reason=reason.strip(),
        pairings_ended=ended,
        by=by,
    )
    _follow([held.pk], {left, target.path}, today)
    told = {
        "left": left,
        "entered": target.path,
        "on": str(on),
        "reason": reason.strip(),
        "pairings_ended": ended,
    }
    record("household.move", held, by=by, **told)
    if (
        left[:VILLAGE] != target.path[:VILLAGE]
    ):  # so that whoever reads the old place's trail sees where it went
        record("household.move_away", held, by=by, region_path=left, **told)
    household.refresh_from_db()
    return move


def _check_move(household, target, on, reason, today):
    wrong = {}
    if household.registry_status == codes.RegistryStatus.CLOSED:
        raise ValidationError("这一户已注销，不能迁移。先恢复户档案。")
    if target.level < Level.VILLAGE or target.valid_to is not None:
        wrong["target"] = "请选择现有的村组。"
    elif target.path == household.region_path:
        wrong["target"] = "这一户现在就在这里，请选择另外的村组。"
    elif target.path[:COUNTY] != household.region_path[:COUNTY]:
        wrong["target"] = "迁出本县的，请在状态变更里办理注销，由迁入地另行建档。"
    last = household.moves.order_by("-on", "-pk").first()
    if on > today:
        wrong["on"] = "迁移日期不能晚于今天。"
    elif last is not None and on < last.on:
        wrong["on"] = f"迁移日期不能早于上一次迁移（{last.on}）。"
    if not reason.strip():
        wrong["reason"] = "请填写迁移原因。"
    if wrong:
        raise ValidationError(wrong)


def _end_pairings(household, on, by):
    """End the pairings that run on the day of the move, the day before it; how many."""
    running = list(
        household.pairings.filter(starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
        .order_by("pk")
    )
    for row in running:
        row.ends_on = max(row.starts_on, on - timedelta(days=1))
        row.end_reason, row.end_note = codes.PairingEnd.HOUSEHOLD, "户已迁移"
    Pairing.objects.bulk_update(running, ["ends_on", "end_reason", "end_note"])
    AuditEvent.objects.bulk_create(
        event("pairing.end", row, by=by, household=household.pk, helper=row.helper_id) for row in running
    )
    return len(running)


@transaction.atomic
def move_member(*, member, household, on, relation, by, today, marriage=False, reason="", version=None):
    """A member leaves one household and starts in another (婚入 or 转入), with the same identity and history.

    The old row is closed with day and event, never deleted; the new one points back to it (`came_from`) and takes
    the newest year's facts along. `version`: the old household's, as it was read. Returns the new Member. Raises
    NotTheirs where `by` may not edit both households, Stale, ValidationError.
    """
    pks = {member.household_id, household.pk}
    held = {
        row.pk: row for row in _mine(by).select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    }
    if held.keys() != pks:
        raise NotTheirs(sorted(pks - held.keys()))
    member = Member.objects.get(pk=member.pk)
    source, target = held[member.household_id], held[household.pk]
    _check_member(member, source, target, on, relation, today)
    rows = Household.objects.filter(pk=source.pk, version=source.version if version is None else version)
    if not rows.update(**_written(by)):
        raise Stale
    Household.objects.filter(pk=target.pk).update(**_written(by))
    member.left_on, (member.left_event, joined) = on, EVENTS[marriage]
    member.save(update_fields=["left_on", "left_event"])
    last = target.members.order_by("-order").values_list("order", flat=True).first() or 0
    fresh = Member.objects.create(
        household=target, region_path=target.region_path, order=last + 1, relation=relation, joined_on=on,
        joined_event=joined, came_from=member, **{name: getattr(member, name) for name in IDENTITY},
    )  # fmt: skip
    _carry_year(member, fresh, on)
    CrossCheck.objects.filter(member=member).update(
        member=fresh, household=target, region_path=target.region_path
    )  # what a bureau's list says is about the person; closed ones too, or the next list would open them again
    _follow([source.pk, target.pk], {source.region_path, target.region_path}, today)
    told = {"on": str(on), "reason": reason.strip(), "from_household": source.pk, "to_household": target.pk}
    record(
        "household.member_out", source, by=by, member=member.pk, event=member.get_left_event_display(), **told
    )
    record(
        "household.member_in", target, by=by, member=fresh.pk, event=fresh.get_joined_event_display(), **told
    )
    return fresh


def _check_member(member, source, target, on, relation, today):
    wrong = {}
    if source.pk == target.pk:
        raise ValidationError({"household": "此人就在这一户，请选择另一户。"})
    if member.left_on is not None:
        raise ValidationError("此人已不在户内，不能再转户。")
    if target.registry_status == codes.RegistryStatus.CLOSED:
        wrong["household"] = "转入的户已注销，请选择另一户。"
    if target.region_path[:COUNTY] != source.region_path[:COUNTY]:
        wrong["household"] = "只能转到本县的户。"
    if member.relation == codes.Relation.HEAD:
        alone = source.members.filter(left_on=None).count() == 1
        raise ValidationError(
            "户内只有户主一人，转户后将没有成员。请先办理整户迁移或注销。"
            if alone
            else "户主不能直接转户。请先在编辑页把另一名成员改为户主，再来转户。"
        )
    if relation not in codes.Relation.values or relation == codes.Relation.HEAD:
        wrong["relation"] = "请选择与转入户户主的关系（不能是户主）。"
    if on > today:
        wrong["on"] = "转户日期不能晚于今天。"
    elif member.joined_on and on < member.joined_on:
        wrong["on"] = f"转户日期不能早于进入本户的日期（{member.joined_on}）。"
    if wrong:
        raise ValidationError(wrong)


def _carry_year(member, fresh, on):
    facts = MemberYear.objects.filter(member=member, year__lte=on.year).order_by("-year").first()
    if facts is None:
        return
    carried = (*YEAR_FIELDS, "work_county", "role_note")
    MemberYear.objects.create(
        member=fresh, year=facts.year,
        **{name: getattr(facts, name) for name in carried if name not in NOT_CARRIED},
    )  # fmt: skip


def _mine(by):
    return Household.objects.visible_to(by, Permission.HOUSEHOLD_EDIT)


def _written(by):
    return {"version": F("version") + 1, "updated_at": timezone.now(), "updated_by": by}


def _follow(households, places, today):
    """The derived columns, findings and counts of all that changed: both villages, and what lies above them."""
    checks.check(households, today=today)
    kept.refresh(households, today=today, counts=False)
    stats.recount({place[:VILLAGE] for place in places}, today=today)
