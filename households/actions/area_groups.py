"""Keeping the groups of areas of a county."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from fupin.audit.record import record
from fupin.regions.models import Region
from households.models import AreaGroup, AreaGroupPlace
from households.models.area_group import holds

NAMED = 5


class GroupStale(Exception):
    """Somebody else saved the group since it was read."""


@transaction.atomic
def save_group(*, county, fields, places, by, group=None, version=None):
    """Add a group of `county` (a path), or change one. `fields`: values by column, `places`: paths of townships and
    villages. A village whose township is chosen too goes without saying and is not kept.

    Raises GroupStale when the group is no longer at `version`, ValidationError (by field) when a place is not the
    county's, the group would lie within itself, holds a place that the wider group does not, or lost one that a narrower
    group has.
    """
    regions = {row.path: row for row in Region.objects.filter(path__in=places).order_by("path")}
    strange = [
        path
        for path in places
        if path not in regions or not path.startswith(county) or len(path) not in (9, 12)
    ]
    if strange:
        raise ValidationError({"places": f"不是本县的乡镇、村：{'、'.join(strange[:NAMED])}"})
    kept = [path for path in regions if not holds(regions.keys() - {path}, path)]
    if not kept:
        raise ValidationError({"places": "请至少选一个乡镇或村。"})
    _ensure_nested(group, fields.get("within"), kept, regions)
    before = _words(group) if group else {}
    values = dict(fields, region_path=county, updated_by=by)
    row = AreaGroup(pk=group.pk if group else None, version=group.version if group else 1, **values)
    row._state.adding = group is None
    row.full_clean()
    if group is None:
        row.save()
    elif not AreaGroup.objects.filter(pk=group.pk, version=version).update(
        **values, version=F("version") + 1
    ):
        raise GroupStale
    row.places.all().delete()
    AreaGroupPlace.objects.bulk_create(
        AreaGroupPlace(group=row, region=regions[path], region_path=path) for path in kept
    )
    row.refresh_from_db()
    after = _words(row)
    changes = [
        [name, before.get(name, ""), said] for name, said in after.items() if before.get(name, "") != said
    ]
    record(
        "area_group.edit" if group else "area_group.create", row, by=by, region_path=county, changes=changes,
    )  # fmt: skip
    return row


def _ensure_nested(group, within, kept, regions):
    wider = within
    while wider is not None:
        if group is not None and wider.pk == group.pk:
            raise ValidationError({"within": "分组不能属于自己或自己的下级分组。"})
        wider = wider.within
    if within is not None:
        own = set(within.places.values_list("region_path", flat=True))
        outside = [str(regions[path]) for path in kept if not holds(own, path)]
        if outside:
            words = "、".join(outside[:NAMED])
            raise ValidationError(
                {"places": f"这些不在“{within}”里：{words}。请先把它们加进“{within}”，或从本组去掉。"}
            )
    for part in group.parts.prefetch_related("places") if group is not None else ():
        lost = [place.region_path for place in part.places.all() if not holds(set(kept), place.region_path)]
        if lost:
            names = Region.objects.names(lost)
            words = "、".join(names.get(path, path) for path in lost[:NAMED])
            raise ValidationError({"places": f"下级分组“{part}”还有：{words}。请先从“{part}”去掉。"})


def _words(group):
    """`{label: words}` of a stored group, for the trail."""
    names = ("name", "first_year", "last_year", "sort", "source")
    said = {
        str(AreaGroup._meta.get_field(name).verbose_name): str(getattr(group, name) or "") for name in names
    }
    places = group.places.order_by("region_path").values_list("region__short_name", flat=True)
    return said | {
        "属于": str(group.within or ""), "名单已核实": "是" if group.confirmed else "否", "乡镇、村": "、".join(places),
    }  # fmt: skip
