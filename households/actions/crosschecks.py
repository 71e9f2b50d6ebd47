"""Closing a clue of a bureau's list with what was found in the household, and opening it again."""

from django.core.exceptions import ValidationError
from django.db import transaction

from fupin.audit.record import record
from fupin.schedule import SOON_DAYS, deadline
from households import codes, kept
from households.models import CrossCheck


def judged(row, today):
    """The clue with its Deadline in `dl`."""
    row.dl = deadline(row.due_end, today, done_on=row.closed_on, soon=SOON_DAYS["crosscheck"])
    return row


@transaction.atomic
def close_crosscheck(*, check, by, result, note, today):
    """Write down what looking showed. 待核实 keeps the clue open, with the note of how far one got.

    One conditional update: of two people who close the same clue the second is told (ValidationError).
    """
    note = note.strip()[:300]
    if result not in codes.CheckResult.values:
        raise ValidationError({"result": "请选择核实结果。"})
    if not note:
        raise ValidationError({"note": "请写明核实情况。"})
    is_open = result == codes.CheckResult.OPEN
    changed = (
        CrossCheck.objects.unscoped("hanging")
        .open()
        .filter(pk=check.pk)
        .update(
            result=result, note=note, closed_on=None if is_open else today, closed_by=None if is_open else by
        )
    )
    if not changed:
        raise ValidationError("这条线索已经有人核实过，请刷新页面看结果。")
    if not is_open:
        kept.refresh([check.household_id], today=today, names=False)
    record(
        "crosscheck.edit" if is_open else "crosscheck.close", check, by=by, household=check.household_id,
        result=result, note=note,
    )  # fmt: skip


@transaction.atomic
def reopen_crosscheck(*, check, by, reason, today):
    """A clue closed by mistake; the result that did not hold stays in the trail."""
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError("请写明重新打开的原因。")
    rows = CrossCheck.objects.unscoped("hanging").filter(pk=check.pk).exclude(closed_on=None)
    if not rows.update(result=codes.CheckResult.OPEN, closed_on=None, closed_by=None):
        raise ValidationError("这条线索没有办结，不用重新打开。")
    kept.refresh([check.household_id], today=today, names=False)
    record(
        "crosscheck.reopen", check, by=by, household=check.household_id, reason=reason, result=check.result,
        note=check.note,
    )  # fmt: skip
