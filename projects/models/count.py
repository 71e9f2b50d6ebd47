"""Kept counts of projects: one row per place, so that the dashboard costs the same at 5 and at 5,000 projects."""

from django.db import models

from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet


class ProjectCountQuerySet(RegionScopedQuerySet):
    permission = "project_view"


class ProjectCount(models.Model):
    """The figures of one place, from the village up to the country, as of one day.

    `figures` is `{key: [all, own]}`: a number over the projects that lie in the place or cover a village in it,
    and over those of them that belong to no part of it. Keys are those of `projects.kept.KEYS`; zeros are left
    out. Written by `projects.kept` only. Figures that depend on today's date hold for `day`; a reader that finds
    an older day has the place counted again. A place without a row has no project.
    """

    region_path = models.CharField("区划代码", max_length=PATH_WIDTH, unique=True)
    level = models.PositiveSmallIntegerField("级别")
    day = models.DateField("截至日期")
    figures = models.JSONField("指标", default=dict)

    objects = ProjectCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目指标计数"
        ordering = ["region_path"]
        indexes = [models.Index(fields=["level", "region_path"], name="project_count_level")]

    def __str__(self):
        return f"{self.region_path} {self.day}"
