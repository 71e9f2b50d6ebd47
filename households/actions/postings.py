"""Saving what a place says about its notices."""

from django.db import IntegrityError, transaction

from fupin.audit.record import record
from households.actions.register import Stale
from households.models import PERIODS, PostingSetting

TEXTS = ("unit", "contact", "phone", "supervision")


@transaction.atomic
def save_posting_setting(*, path, version, texts, periods, by):
    """Write the setting of the place `path`: `texts` {unit, contact, phone, supervision}, `periods` {procedure: (days,
    working) or None for what the place above says}. `version` 0 for a place that had none. Raises Stale when somebody
    else wrote meanwhile, ValidationError by field."""
    row = PostingSetting.objects.unscoped("same row").select_for_update().filter(region_path=path).first()
    if (row.version if row else 0) != version:
        raise Stale
    row = row or PostingSetting(region_path=path, version=0)
    before = {name: getattr(row, name) for name in TEXTS} | {"periods": dict(row.periods)}
    for name in TEXTS:
        setattr(row, name, texts.get(name, "").strip())
    row.periods = {name: list(periods[name]) for name in PERIODS if periods.get(name)}
    row.clean()
    row.version, row.updated_by = row.version + 1, by
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Stale from error
    after = {name: getattr(row, name) for name in TEXTS} | {"periods": row.periods}
    changes = [[name, str(before[name]), str(after[name])] for name in after if before[name] != after[name]]
    record("posting.setting", "posting", by=by, region_path=path, changes=changes)
    return row
