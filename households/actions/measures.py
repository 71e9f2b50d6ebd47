"""Assistance measures: saving, finishing, opening again."""

from django.core.exceptions import ValidationError
from django.db import transaction

from fupin.audit.record import record
from households import checks, kept
from households.models import Measure


def _check(measure):
    """The rules about measures look at the household again."""
    kept.refresh(checks.check([measure.household_id]), names=False)


@transaction.atomic
def save_measure(*, measure, by):
    """Save a new or changed measure of a household."""
    new = measure.pk is None
    if new:
        measure.by = by
        measure.region_path = measure.household.region_path
    measure.full_clean(exclude=["household", "by"])
    measure.save()
    _check(measure)
    record(
        "measure.add" if new else "measure.edit", measure, by=by, household=measure.household_id,
        kind=measure.kind, due=str(measure.target_end or ""),
    )  # fmt: skip
    return measure


@transaction.atomic
def finish_measure(*, measure, by, done_on, effect, today):
    """Mark as done, with its effect."""
    if done_on > today:
        raise ValidationError({"done_on": f"完成日期不能晚于今天（{today}）。"})
    if measure.starts_on and done_on < measure.starts_on:
        raise ValidationError({"done_on": f"完成日期不能早于开始日期（{measure.starts_on}）。"})
    changed = (
        Measure.objects.unscoped("same row")
        .filter(pk=measure.pk, done_on=None)
        .update(done_on=done_on, effect=effect.strip())
    )
    if not changed:
        raise ValidationError("这项措施已经完成。")
    _check(measure)
    record("measure.done", measure, by=by, household=measure.household_id, done_on=str(done_on))


@transaction.atomic
def reopen_measure(*, measure, by, reason):
    """A measure marked done by mistake."""
    if not reason.strip():
        raise ValidationError("请填写原因。")
    if (
        not Measure.objects.unscoped("same row")
        .filter(pk=measure.pk)
        .exclude(done_on=None)
        .update(done_on=None)
    ):
        raise ValidationError("这项措施没有完成。")
    _check(measure)
    record(
        "measure.reopen", measure, by=by, household=measure.household_id, reason=reason.strip(),
        done_on=str(measure.done_on),
    )  # fmt: skip
