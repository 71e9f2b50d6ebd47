"""Money of a project by source: 下达, 拨付, 支付."""

from django.db import models
from django.db.models import F, Q

from projects import codes
from projects.models.columns import text, yuan
from projects.models.project import Project


def _at_most(less, more):
    return Q(**{less: None}) | Q(**{more: None}) | Q(**{f"{less}__lte": F(more)})


class FundLine(models.Model):
    """One source of one project, in yuan. Unknown is NULL; what is known must flow downwards."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="funds", verbose_name="项目")
    source = models.CharField("资金来源", max_length=1, choices=codes.FundSource)
    planned = yuan("下达（元）")
    allotted = yuan("拨付（元）")
    paid = yuan("支付（元）")
    document = text("资金文号", 60)

    class Meta:
        verbose_name = verbose_name_plural = "资金"
        ordering = ["source", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source"],
                name="fund_source_once",
                violation_error_message="同一资金来源只能有一行。",
            ),
            models.CheckConstraint(
                name="fund_not_negative",
                condition=(Q(planned=None) | Q(planned__gte=0))
                & (Q(allotted=None) | Q(allotted__gte=0))
                & (Q(paid=None) | Q(paid__gte=0)),
                violation_error_message="资金不能为负数。",
            ),
            models.CheckConstraint(
                name="fund_allotted_within_planned",
                condition=_at_most("allotted", "planned"),
                violation_error_message="拨付不能超过下达。",
            ),
            models.CheckConstraint(
                name="fund_paid_within_allotted",
                condition=_at_most("paid", "allotted"),
                violation_error_message="支付不能超过拨付。",
            ),
            models.CheckConstraint(
                name="fund_paid_within_planned",
                condition=_at_most("paid", "planned"),
                violation_error_message="支付不能超过下达。",
            ),
        ]

    def __str__(self):
        return self.get_source_display()
