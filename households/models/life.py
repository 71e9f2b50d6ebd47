"""The life of personal data: 告知 of the household, 依法留存, and how long what is kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from households.models.columns import text


class Notice(models.Model):
    """个人信息处理告知: on which day the household was told, with which version of the form, by whom."""

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="notices", verbose_name="户"
    )
    on = models.DateField("告知日期")
    form = models.CharField("告知书版本", max_length=40)
    teller = text("告知人", 40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="登记人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "个人信息告知"
        ordering = ["-on", "-pk"]

    def __str__(self):
        return f"{self.on} {self.form}"


class LegalHold(models.Model):
    """依法留存: while one is open, nothing of the household is anonymised or removed, however old it is."""

    household = models.ForeignKey(
        "households.Household", models.PROTECT, related_name="holds", verbose_name="户"
    )
    reason = models.CharField("留存依据", max_length=200)
    on = models.DateField("开始日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="设定人")
    lifted_on = models.DateField("解除日期", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="解除人",
    )

    class Meta:
        verbose_name = verbose_name_plural = "依法留存"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(lifted_on=None), name="hold_once",
                violation_error_message="该户已在依法留存。",
            )
        ]  # fmt: skip

    def __str__(self):
        return self.reason


class KeepRule(models.Model):
    """How many years a class of data is kept; what is not in the table has the default of `households.life.KINDS`."""

    kind = models.CharField("类别", max_length=12, primary_key=True)
    years = models.PositiveSmallIntegerField("保存年数")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="修改人"
    )
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "保存期限"
        ordering = ["kind"]

    def __str__(self):
        return f"{self.kind} {self.years}"
