"""Kept counts: one row per place, so that a county's dashboard costs the same at 600 and at 600,000 households."""

from django.db import models

from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet


class CountQuerySet(RegionScopedQuerySet):
    permission = "board_view"


class RegionCount(models.Model):
    """The figures of one village, township or county as of one day.

    `figures` is `{figure key: [households, persons]}` for the keys of `households.stats.FIGURES`. Figures that
    depend on today's date hold for `day`; a reader that finds an older day has the place counted again.
    """

    region_path = models.CharField("区划代码", max_length=PATH_WIDTH, unique=True)
    level = models.PositiveSmallIntegerField("级别")
    day = models.DateField("截至日期")
    figures = models.JSONField("指标", default=dict)

    objects = CountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标计数"
        ordering = ["region_path"]
        indexes = [models.Index(fields=["level", "region_path"], name="region_count_level")]

    def __str__(self):
        return f"{self.region_path} {self.day}"
