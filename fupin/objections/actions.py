"""Noting an objection to a notice, and how it ended."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from fupin.audit.record import record


@transaction.atomic
def raise_objection(model, *, subject, procedure, on, what, by):
    """Note an objection to the notice of `procedure` about `subject`. Returns it. ValidationError by field."""
    made = model(**{model.SUBJECT: subject}, procedure=procedure, raised_on=on, what=what.strip(), by=by)
    if not model.open_to(made.place, by):
        raise PermissionDenied
    if on > timezone.localdate():
        raise ValidationError({"raised_on": "提出日期不能晚于今天。"})
    made.full_clean(exclude=[model.SUBJECT, "by", "handled_by"])
    made.save()
    _recorded("objection.raise", made, by, on)
    return made


@transaction.atomic
def handle_objection(objection, *, on, outcome, by):
    """Say how an objection ended; from the day after `on` its notice's clock runs again."""
    model = type(objection)
    if not model.open_to(objection.place, by):
        raise PermissionDenied
    if not objection.raised_on <= on <= timezone.localdate():
        raise ValidationError({"handled_on": f"处理日期应在 {objection.raised_on} 至今天之间。"})
    if not outcome.strip():
        raise ValidationError({"outcome": "请填写处理结果。"})
    row = model.objects.select_for_update().get(pk=objection.pk)
    if row.handled_on is not None:
        raise ValidationError(f"这条异议已于 {row.handled_on} 由别人处理，请刷新页面。")
    row.handled_on, row.outcome, row.handled_by = on, outcome.strip()[:300], by
    row.save(update_fields=["handled_on", "outcome", "handled_by"])
    _recorded("objection.handle", row, by, on)


def _recorded(action, row, by, on):
    subject = {row.SUBJECT: getattr(row, f"{row.SUBJECT}_id")}
    record(action, row, by=by, region_path=row.place, item=row.get_procedure_display(), on=str(on), **subject)
