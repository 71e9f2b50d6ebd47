"""Moving a person on: who takes over their households, in one action; what was stays as history."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from fupin.accounts.actions import end_pairing_posts
from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event, record
from households import codes, kept
from households.models import Pairing


def running_of(helper, by):
    """The pairings of `helper` that have not ended, in the places where `by` may change them."""
    rows = Pairing.objects.visible_to(by, Permission.PAIRING_EDIT).filter(helper=helper, ends_on=None)
    return rows.order_by("region_path", "household", "order", "pk")


def running_elsewhere(helper, by):
    """How many more there are, where `by` may not. A number only."""
    return helper.pairings.filter(ends_on=None).exclude(pk__in=running_of(helper, by).values("pk")).count()


@transaction.atomic
def hand_over(*, helper, successors, last_day, reason, by, today, note=""):
    """End every pairing of `helper` on `last_day` and begin one with the successor on the day after.

    `successors` is `{pairing key: Helper}` and must name every running pairing that `by` answers for: one that is
    missing or foreign refuses the whole. When none is left anywhere, the posts that the person held for being paired
    end on the same day. Returns `(households, posts ended)`; raises ValidationError.
    """
    if reason not in codes.PairingEnd.values:
        raise ValidationError("请选择变更原因。")
    rows = list(running_of(helper, by).select_for_update(of=("self",)).select_related("household"))
    if {row.pk for row in rows} != set(successors):
        raise ValidationError("结对刚刚有变化，请重新打开本页再移交。")
    if late := [str(row.household) for row in rows if row.starts_on > last_day]:
        raise ValidationError(f"最后一天早于结对开始日期：{'、'.join(late[:5])}。")
    if helper in successors.values():
        raise ValidationError("接手人不能是本人。")
    taken = set(
        Pairing.objects.unscoped("hanging")
        .filter(household__in={row.household_id for row in rows}, helper__in=set(successors.values()))
        .filter(Q(ends_on=None) | Q(ends_on__gt=last_day))
        .values_list("household", "helper")
    )
    if twice := [str(row.household) for row in rows if (row.household_id, successors[row.pk].pk) in taken]:
        raise ValidationError(f"接手人已与这些户结对：{'、'.join(twice[:5])}。请另选，或先结束那条结对。")
    made = [
        Pairing(
            household=row.household, region_path=row.region_path, helper=successors[row.pk], order=row.order,
            starts_on=last_day + timedelta(days=1), visits_per_year=row.visits_per_year,
        )
        for row in rows
    ]  # fmt: skip
    for row in rows:
        row.ends_on, row.end_reason, row.end_note = last_day, reason, note
    Pairing.objects.bulk_update(rows, ["ends_on", "end_reason", "end_note"], batch_size=500)
    made = Pairing.objects.bulk_create(made)
    AuditEvent.objects.bulk_create(
        [event("pairing.end", row, by=by, household=row.household_id, helper=helper.pk) for row in rows]
        + [
            event("pairing.start", row, by=by, household=row.household_id, helper=row.helper_id)
            for row in made
        ]
    )
    posts = 0
    if helper.user_id and not helper.pairings.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)).exists():
        posts = end_pairing_posts(helper.user, by=by, on=last_day)
    record(
        "helper.handover", helper, by=by, region_path=helper.region_path, households=len(rows), posts=posts,
        on=str(last_day), reason=reason,
    )  # fmt: skip
    homes = {row.household_id for row in rows}
    kept.refresh(homes, today=today, names=False)
    return len(homes), posts
