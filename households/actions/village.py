"""Saving a village's profile of one year with its causes, needs and industries."""

import json

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from fupin.audit.record import record
from fupin.filing import closed
from households import checks
from households.actions.register import Stale, plain
from households.models import VillageCause, VillageIndustry, VillageNeed, VillageProfile

LISTS = {"causes": VillageCause, "needs": VillageNeed, "industries": VillageIndustry}
LIST_COLUMNS = {
    "causes": ("text", "codes"),
    "needs": ("text", "kind", "state"),
    "industries": ("name", "area_mu", "approx", "text"),
}


def snapshot(profile, names):
    """`{column or list: text}` of a profile, equal for equal facts: what two versions are compared by."""
    found = {name: plain(getattr(profile, name)) for name in names}
    for name, columns in LIST_COLUMNS.items():
        rows = getattr(profile, name).all() if profile.pk else ()
        found[name] = listed(name, ({column: getattr(row, column) for column in columns} for row in rows))
    return found


def listed(name, rows):
    """A list of a profile as one text; "" when it has no rows."""
    plainly = [[plain(row[column]) for column in LIST_COLUMNS[name]] for row in rows]
    return json.dumps(plainly, ensure_ascii=False) if plainly else ""


def in_words(text):
    """What `listed` made, as people read it: the first column of each row."""
    return "；".join(row[0] for row in json.loads(text)) if text else ""


@transaction.atomic
def save_profile(
    *, village, year, fields, by, profile=None, version=None, causes=None, needs=None, industries=None
):
    """Create or change the profile of `village` (a Region) in `year`.

    `fields`: values by column, None is 未填. `causes`, `needs`, `industries`: dicts of their columns in order,
    replacing what stands; None leaves them. Raises Stale when the profile is no longer at `version`.
    """
    created = profile is None
    closed.ensure_open(village.path, year)
    before = {} if created else snapshot(profile, fields)
    if created:
        profile = VillageProfile.objects.create(
            region=village, region_path=village.path, year=year, updated_by=by, **fields
        )
    else:
        values = {**fields, "version": F("version") + 1, "updated_at": timezone.now(), "updated_by": by}
        if (
            not VillageProfile.objects.unscoped("same row")
            .filter(pk=profile.pk, version=version)
            .update(**values)
        ):
            raise Stale
        profile.refresh_from_db()
    for name, rows in (("causes", causes), ("needs", needs), ("industries", industries)):
        if rows is not None:
            _replace(profile, name, rows)
    profile.refresh_from_db()
    after = snapshot(profile, fields)
    changes = [
        [_label(name), *(in_words(text) if name in LISTS else text for text in (before.get(name, ""), value))]
        for name, value in after.items()
        if before.get(name, "") != value
    ]
    checks.check_villages([village.path])
    record("village.create" if created else "village.edit", profile, by=by, year=year, changes=changes)
    return profile


def _label(name):
    named = LISTS[name] if name in LISTS else VillageProfile._meta.get_field(name)
    return str(named._meta.verbose_name if name in LISTS else named.verbose_name)


def _replace(profile, name, rows):
    model = LISTS[name]
    getattr(profile, name).all().delete()
    ordered = any(field.name == "order" for field in model._meta.fields)
    model.objects.bulk_create(
        model(profile=profile, **({"order": order} if ordered else {}), **row)
        for order, row in enumerate(rows)
    )
