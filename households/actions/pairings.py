"""Pairing households with the people responsible for them."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q

from fupin.accounts.models import User
from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event, record
from households import codes, kept, quota
from households.models import Household, Pairing

FIRST = codes.HelperOrder.FIRST


class ForeignHousehold(Exception):
    """Somebody sent the id of a household that is not theirs to pair; nothing was done."""


def pair(*, household, helper, starts_on, by, today, order=FIRST, visits_per_year=None, replace=False, **end):
    """Pair one household. Returns warnings, sentences to show; raises as `assign` does."""
    return assign(
        household_ids=[household.pk], helper=helper, starts_on=starts_on, by=by, today=today,
        order=order, visits_per_year=visits_per_year, replace=replace, **end,
    )  # fmt: skip


@transaction.atomic
def assign(
    *, household_ids, helper, starts_on, by, today, order=FIRST, visits_per_year=None, replace=False,
    end_reason=codes.PairingEnd.OTHER, end_note="",
):  # fmt: skip
    """Pair `helper` with all these households, or with none of them. A fixed number of queries.

    A household has one 第一帮扶责任人 at a time: with `replace` the present one ends on the day before
    `starts_on`, without it a household that has one is refused. Returns warnings. Raises ForeignHousehold for
    ids outside the places where `by` may pair, ValidationError naming the households that cannot be paired.
    """
    wanted = set(household_ids)
    rows = Household.objects.visible_to(by, Permission.PAIRING_EDIT).select_for_update(of=("self",))
    households = {row.pk: row for row in rows.filter(pk__in=wanted).order_by("pk")}
    if not wanted or wanted != set(households):
        raise ForeignHousehold(sorted(wanted - set(households)))
    if closed := [str(row) for row in households.values() if row.registry_status == "9"]:
        raise ValidationError(f"已注销的户不能结对：{_named(closed)}。")
    running = list(
        Pairing.objects.unscoped("hanging")
        .filter(household__in=wanted)
        .filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    )
    ended = _make_room(running, households, helper, starts_on, order, replace, end_reason, end_note)
    made = Pairing.objects.bulk_create(
        Pairing(
            household=row, region_path=row.region_path, helper=helper, order=order,
            starts_on=starts_on, visits_per_year=visits_per_year,
        )
        for row in households.values()
    )  # fmt: skip
    AuditEvent.objects.bulk_create(
        [event("pairing.end", row, by=by, household=row.household_id, helper=row.helper_id) for row in ended]
        + [event("pairing.start", row, by=by, household=row.household_id, helper=helper.pk) for row in made]
    )
    kept.refresh(wanted, today=today, names=False)
    return _over_cap(helper, today)


def _make_room(running, households, helper, starts_on, order, replace, end_reason, end_note):
    """End the present 第一帮扶责任人 where `replace` allows it; the pairings that were ended."""
    again = [
        str(households[row.household_id])
        for row in running
        if row.helper_id == helper.pk and row.order == order
    ]
    if again:
        raise ValidationError(f"{helper}已与这些户结对：{_named(again)}。")
    taken = [row for row in running if row.order == FIRST] if order == FIRST else []
    if taken and not replace:
        names = [str(households[row.household_id]) for row in taken]
        raise ValidationError(f"一户同一时间只能有一名第一帮扶责任人。已有责任人的户：{_named(names)}。")
    if late := [str(households[row.household_id]) for row in taken if row.starts_on >= starts_on]:
        raise ValidationError(f"开始日期须晚于现责任人的开始日期：{_named(late)}。")
    for row in taken:
        row.ends_on, row.end_reason, row.end_note = starts_on - timedelta(days=1), end_reason, end_note
    Pairing.objects.bulk_update(taken, ["ends_on", "end_reason", "end_note"], batch_size=500)
    return taken


def _named(names):
    names = list(dict.fromkeys(names))
    return "、".join(names[:5]) + (f"等 {len(names)} 户" if len(names) > 5 else "")


def _over_cap(helper, today):
    count = (
        Pairing.objects.unscoped("hanging")
        .current(today)
        .filter(helper=helper)
        .aggregate(n=Count("household", distinct=True))["n"]
    )
    if count > quota.HELPER_CAP:
        return [f"{helper}现结对 {count} 户，超过每人 {quota.HELPER_CAP} 户的上限，请核对。"]
    return []


@transaction.atomic
def end_pairing(*, pairing, by, ends_on, reason, today, note=""):
    """Close a pairing; the row stays as history."""
    if ends_on < pairing.starts_on:
        raise ValidationError({"ends_on": f"结束日期不能早于开始日期（{pairing.starts_on}）。"})
    if reason not in codes.PairingEnd.values:
        raise ValidationError({"reason": "请选择变更原因。"})
    open_today = (
        Pairing.objects.unscoped("hanging")
        .filter(pk=pairing.pk)
        .filter(Q(ends_on=None) | Q(ends_on__gt=today))
    )
    if not open_today.update(ends_on=ends_on, end_reason=reason, end_note=note):
        raise ValidationError("这条结对已经结束。")
    kept.refresh([pairing.household_id], today=today, names=False)
    record(
        "pairing.end", pairing, by=by, household=pairing.household_id, helper=pairing.helper_id,
        ends_on=str(ends_on), reason=reason,
    )  # fmt: skip


@transaction.atomic
def save_helper(*, helper, by, username=""):
    """Save an official and link the account `username` ("" unlinks). Raises ValidationError.

    The account then sees every household paired with the helper, so it may be linked only by somebody who
    answers for all of them, and must itself hold a post in that person's places.
    """
    before = helper.user_id
    helper.user = _account(by, username)
    new = helper.pk is None
    if new:
        helper.region_path = by.home_region.path if by.home_region else ""
    elif helper.user_id != before and helper.user_id:
        own = Household.objects.visible_to(by, Permission.PAIRING_EDIT).filter(pairings__helper=helper)
        if (
            Household.objects.unscoped("unique")
            .filter(pairings__helper=helper)
            .exclude(pk__in=own.values("pk"))
            .exists()
        ):
            raise ValidationError({"username": "此人还与您管理范围以外的户结对，请由上级关联账号。"})
    helper.full_clean(exclude=["user"])
    helper.save()
    record(
        "helper.add" if new else "helper.edit", helper, by=by, region_path=helper.region_path,
        user=helper.user_id,
    )  # fmt: skip
    return helper


def _account(by, username):
    if not username:
        return None
    posts = Q(pk__in=[])
    for path in by.paths(Permission.PAIRING_EDIT):
        posts |= Q(posts__region__path__startswith=path)
    user = User.objects.filter(posts, username=username, is_active=True).first()
    if user is None:
        raise ValidationError({"username": f"管理范围内没有账号“{username}”。"})
    return user
