"""Saving a village's profile of one year with its causes, needs and industries."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from fupin.audit.record import record
from households import checks
from households.actions.register import Stale, plain
from households.models import VillageCause, VillageIndustry, VillageNeed, VillageProfile

LISTS = {"causes": VillageCause, "needs": VillageNeed, "industries": VillageIndustry}


@transaction.atomic
def save_profile(
    *, village, year, fields, by, profile=None, version=None, causes=None, needs=None, industries=None
):
    """Create or change the profile of `village` (a Region) in `year`.

    `fields`: values by column, None is 未填. `causes`, `needs`, `industries`: dicts of their columns in order,
    replacing what stands; None leaves them. Raises Stale when the profile is no longer at `version`.
    """
    created = profile is None
    before = {} if created else {name: getattr(profile, name) for name in fields}
    if created:
        profile = VillageProfile.objects.create(region=village, region_path=village.path, year=year, **fields)
    else:
        values = {**fields, "version": F("version") + 1, "updated_at": timezone.now()}
        if not VillageProfile.objects.filter(pk=profile.pk, version=version).update(**values):
            raise Stale
        profile.refresh_from_db()
    for name, rows in (("causes", causes), ("needs", needs), ("industries", industries)):
        if rows is not None:
            _replace(profile, name, rows)
    changes = [
        [str(VillageProfile._meta.get_field(name).verbose_name), plain(before.get(name)), plain(value)]
        for name, value in fields.items()
        if plain(before.get(name)) != plain(value)
    ]
    checks.check_villages([village.path])
    record("village.create" if created else "village.edit", profile, by=by, year=year, changes=changes)
    return profile


def _replace(profile, name, rows):
    model = LISTS[name]
    getattr(profile, name).all().delete()
    ordered = any(field.name == "order" for field in model._meta.fields)
    model.objects.bulk_create(
        model(profile=profile, **({"order": order} if ordered else {}), **row)
        for order, row in enumerate(rows)
    )
