"""Assistance measures of a household."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fupin.regions.models import PATH_WIDTH, UniqueAnywhere
from households import codes
from households.models.columns import text, yuan
from households.models.pairing import Helper
from households.models.visit import PairedQuerySet


class Measure(UniqueAnywhere):
    """帮扶措施: what is done for a household, how much, by whom and until when."""

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="measures", verbose_name="户"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    kind = models.CharField("措施类别", max_length=2, choices=codes.MeasureKind)
    what = models.CharField("措施内容", max_length=200)
    quantity = models.DecimalField("数量", max_digits=12, decimal_places=2, null=True, blank=True)
    unit = text("单位", 10)
    money = yuan("金额（元）")
    helper = models.ForeignKey(
        Helper, models.PROTECT, null=True, blank=True, related_name="measures", verbose_name="责任人"
    )
    starts_on = models.DateField("开始日期", null=True, blank=True)
    target_text = text("完成时限", 30)
    target_end = models.DateField("时限到期日", null=True, blank=True)
    target_precision = text("时限精度", 8)
    done_on = models.DateField("完成日期", null=True, blank=True)
    effect = text("成效", 200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = PairedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶措施"
        ordering = ["target_end", "pk"]
        indexes = [
            models.Index(fields=["household", "target_end"], name="measure_household"),
            models.Index(
                fields=["region_path", "target_end"], name="measure_open", condition=Q(done_on=None)
            ),
            models.Index(fields=["target_end", "region_path"], name="measure_due", condition=Q(done_on=None)),
        ]
        constraints = [
            models.CheckConstraint(
                name="measure_done_after_start",
                condition=Q(done_on=None) | Q(starts_on=None) | Q(done_on__gte=models.F("starts_on")),
                violation_error_message="完成日期不能早于开始日期。",
            ),
        ]

    def __str__(self):
        return self.what
