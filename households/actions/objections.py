"""Objections to notices: noting one, and how it ended."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from fupin.audit.record import record
from households import lifecycle
from households.models import Objection


@transaction.atomic
def raise_objection(*, household, procedure, on, what, by):
    """Note an objection to the notice of `procedure`. Returns it. ValidationError by field."""
    if not lifecycle.may_advance(household, by):
        raise PermissionDenied
    if on > timezone.localdate():
        raise ValidationError({"raised_on": "提出日期不能晚于今天。"})
    made = Objection(household=household, procedure=procedure, raised_on=on, what=what.strip(), by=by)
    made.full_clean(exclude=["household", "by", "handled_by"])
    made.save()
    record(
        "objection.raise", made, by=by, region_path=household.region_path, household=household.pk,
        item=made.get_procedure_display(), on=str(on),
    )  # fmt: skip
    return made


@transaction.atomic
def handle_objection(objection, *, on, outcome, by):
    """Say how an objection ended; from the day after `on` its notice's clock runs again."""
    household = objection.household
    if not lifecycle.may_advance(household, by):
        raise PermissionDenied
    if not objection.raised_on <= on <= timezone.localdate():
        raise ValidationError({"handled_on": f"处理日期应在 {objection.raised_on} 至今天之间。"})
    if not outcome.strip():
        raise ValidationError({"outcome": "请填写处理结果。"})
    row = Objection.objects.select_for_update().get(pk=objection.pk)
    if row.handled_on is not None:
        raise ValidationError(f"这条异议已于 {row.handled_on} 由别人处理，请刷新页面。")
    row.handled_on, row.outcome, row.handled_by = on, outcome.strip()[:300], by
    row.save(update_fields=["handled_on", "outcome", "handled_by"])
    record(
        "objection.handle", row, by=by, region_path=household.region_path, household=household.pk,
        item=row.get_procedure_display(), on=str(on),
    )  # fmt: skip
