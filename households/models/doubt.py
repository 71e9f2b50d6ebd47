"""Data doubts (疑点): what a rule found in a household, and whether somebody looked at it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fupin.regions.models import PATH_WIDTH
from households.models.columns import text
from households.models.visit import PairedQuerySet


class Doubt(models.Model):
    """One finding of one rule (V01 to V50 of the catalogue), about a household or about a village's figures.

    Open until the data changes or it is explained. `basis` is a digest of the facts behind it: when they change,
    this is another doubt.
    """

    household = models.ForeignKey(
        "households.Household",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="doubt_rows",
        verbose_name="户",
    )
    profile = models.ForeignKey(
        "households.VillageProfile", models.CASCADE, null=True, blank=True, related_name="doubt_rows",
        verbose_name="村情",
    )  # fmt: skip
    member = models.ForeignKey(
        "households.Member", models.CASCADE, null=True, blank=True, related_name="+", verbose_name="成员"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    rule = models.CharField("规则", max_length=4)
    message = models.CharField("问题", max_length=200)
    basis = models.CharField("依据摘要", max_length=16, blank=True, editable=False)
    found_on = models.DateField("发现日期")
    explained = text("核实说明", 200)
    explained_on = models.DateField("核实日期", null=True, editable=False)
    explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )

    objects = PairedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数据疑点"
        ordering = ["rule", "region_path", "pk"]
        indexes = [
            models.Index(fields=["region_path", "rule"], name="doubt_open", condition=Q(explained="")),
            models.Index(fields=["region_path", "rule", "id"], name="doubt_place"),
            models.Index(fields=["found_on"], name="doubt_found"),
            models.Index(fields=["basis"], name="doubt_between_homes", condition=Q(rule="V32")),
        ]
        constraints = [
            models.CheckConstraint(
                name="doubt_about_household_or_village",
                condition=Q(household__isnull=False, profile=None) | Q(household=None, profile__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.rule} {self.message}"


class DoubtEnd(models.Model):
    """When a doubt about a household stood that is gone since: what a past day is asked about. `until`: the first day on
    which it stood no more."""

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="doubt_ends", verbose_name="户"
    )
    rule = models.CharField("规则", max_length=4)
    since = models.DateField("发现日期", db_index=True)
    until = models.DateField("消除日期")

    class Meta:
        verbose_name = verbose_name_plural = "已消除的疑点"
        ordering = ["since", "pk"]

    def __str__(self):
        return f"{self.rule} {self.since}"
