"""Households that a project reached, with what each got."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fupin.regions.models import ScopedQuerySet, UniqueAnywhere
from households.models import Household
from projects.models.columns import amount, day, text, yuan
from projects.models.project import Project


class BeneficiaryQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Rows whose household the user may see: that a household benefits is itself about the household."""
        return self.filter(household__in=Household.objects.visible_to(user))


class Beneficiary(UniqueAnywhere):
    """A household in a project: the item, how much of it, and the money, in yuan."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="beneficiaries", verbose_name="项目")
    household = models.ForeignKey(Household, models.PROTECT, related_name="benefits", verbose_name="受益户")
    item = text("受益内容", 80)
    quantity = amount("数量")
    unit = text("单位", 10)
    money = yuan("金额（元）")
    on = day("日期")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = BeneficiaryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "受益户"
        ordering = ["household__region_path", "household_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "household", "item"],
                name="beneficiary_once",
                violation_error_message="这一户的同一受益内容已经登记。",
            ),
            models.CheckConstraint(
                name="beneficiary_not_negative",
                condition=(Q(quantity=None) | Q(quantity__gte=0)) & (Q(money=None) | Q(money__gte=0)),
                violation_error_message="数量和金额不能为负数。",
            ),
        ]

    def __str__(self):
        return f"{self.household}：{self.item}"
