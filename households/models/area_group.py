"""片区分组: townships and villages of a county that are counted together, by data year (25 个欠发达乡镇, of which 12
省财政重点扶持: domain reference S5-01). Official lists differ by county and year, so a county keeps its own."""

from django.db import models

from fupin.edited import Edited
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, ancestors_of
from households.models.by_year import ByYear
from households.models.columns import text


class AreaGroupQuerySet(RegionScopedQuerySet):
    permission = "settings_edit"
    _scope = "code table"
    """Which places are counted together is everybody's to read, as it stands in the reports; changing goes through
    `visible_to`."""

    def in_force(self, county, year):
        """`[group]` of a county in the data year, each followed by those that lie within it; `depth` says how deep,
        `paths` which places (no one inside another). Two queries."""
        rows = self.filter(region_path=county).order_by("sort", "pk").prefetch_related("places")
        rows = nested([row for row in rows if row.holds_in(year)])
        for row in rows:
            row.paths = sorted(place.region_path for place in row.places.all())
        return [row for row in rows if row.paths]

    def known(self, key):
        """The group with the key `key`, of whatever year, with its `paths`; None where there is none. Two queries."""
        row = self.filter(pk=key).prefetch_related("places").first()
        if row:
            row.paths = sorted(place.region_path for place in row.places.all())
        return row


def nested(rows):
    """The groups in their order, each followed by those of `rows` that lie within it; `depth` says how deep."""
    held, below, found = {row.pk for row in rows}, {}, []
    for row in rows:
        below.setdefault(row.within_id if row.within_id in held else None, []).append(row)

    def add(parent, depth):
        for row in below.get(parent, ()):
            row.depth = depth
            found.append(row)
            add(row.pk, depth + 1)

    add(None, 0)
    return found


class AreaGroup(ByYear, Edited):
    """One group of a county. `within`: the wider group that holds all its places (12 ⊂ 25 ⊂ 36)."""

    region_path = models.CharField("县", max_length=PATH_WIDTH)
    name = models.CharField("名称", max_length=40)
    within = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="属于"
    )
    first_year = models.PositiveSmallIntegerField("启用年度", null=True, blank=True)
    last_year = models.PositiveSmallIntegerField("最后年度", null=True, blank=True)
    sort = models.PositiveSmallIntegerField("排序", default=0)
    source = text("来源文件", 120)
    confirmed = models.BooleanField("名单已核实", default=False)

    objects = AreaGroupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "片区分组"
        ordering = ["region_path", "sort", "pk"]
        indexes = [models.Index(fields=["region_path", "sort"], name="area_group_county")]
        constraints = [
            models.UniqueConstraint(
                fields=["region_path", "name", "first_year"],
                name="area_group_once",
                violation_error_message="本县同一启用年度已有同名的分组。",
            ),
            models.UniqueConstraint(
                fields=["region_path", "name"],
                condition=models.Q(first_year=None),
                name="area_group_once_open",
                violation_error_message="本县已有不限启用年度的同名分组。",
            ),
            models.CheckConstraint(
                name="area_group_years",
                condition=models.Q(first_year=None)
                | models.Q(last_year=None)
                | models.Q(last_year__gte=models.F("first_year")),
                violation_error_message="最后年度不能早于启用年度。",
            ),
        ]

    def __str__(self):
        return self.name


class AreaGroupPlace(models.Model):
    """A township or village of a group; a township stands for all its villages."""

    group = models.ForeignKey(AreaGroup, models.CASCADE, related_name="places", verbose_name="分组")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="乡镇、村")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)

    class Meta:
        verbose_name = verbose_name_plural = "片区分组的乡镇、村"
        ordering = ["region_path"]
        constraints = [
            models.UniqueConstraint(fields=["group", "region"], name="area_group_place_once"),
        ]

    def __str__(self):
        return self.region_path


def places_of(key):
    """`(name, paths)` of the group with the key `key` (as a query string says it); ("", []) where there is none."""
    if not str(key).isdecimal() or len(str(key)) > 9:
        return "", []
    found = list(AreaGroupPlace.objects.filter(group=key).values_list("group__name", "region_path"))
    return (found[0][0] if found else ""), sorted(path for _, path in found)


def holds(paths, place):
    """Whether `place` lies in one of `paths`."""
    return any(part in paths for part in ancestors_of(place))
