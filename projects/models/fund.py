"""Money of a project by source: 下达, 拨付, 支付."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from projects import codes
from projects.models.columns import day, text, yuan
from projects.models.project import Project


def _at_most(less, more):
    return Q(**{less: None}) | Q(**{more: None}) | Q(**{f"{less}__lte": F(more)})


class FundLine(models.Model):
    """One source of one project, in yuan. Unknown is NULL; what is known must flow downwards.

    A sum is typed as long as no entry (FundEntry) of its step is there; then it is the sum of the entries.
    """

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


def flow_problem(source, sums):
    """What is wrong with the sums `{"planned", "allotted", "paid": yuan or None}` of a source, "" when nothing is."""
    name, labels = codes.FundSource(source).label, {part: step.label for step, part in codes.PARTS.items()}
    for part, value in sums.items():
        if value is not None and value < 0:
            return f"{name}：{labels[part]}合计 {value} 为负"
    for less, more in (("paid", "allotted"), ("allotted", "planned"), ("paid", "planned")):
        if None not in (sums[less], sums[more]) and sums[less] > sums[more]:
            return f"{name}：{labels[less]}合计 {sums[less]} 大于{labels[more]}合计 {sums[more]}"
    return ""


class FundEntryQuerySet(models.QuerySet):
    def visible_to(self, user, permission=None):
        """Entries of the projects that the user may see (or do `permission` with)."""
        rows = Project.objects.visible_to(user, permission).filter(pk=OuterRef("line__project"))
        return self.filter(Exists(rows))


class FundEntry(models.Model):
    """One entry of the ledger of funds: money that was 下达, 拨付 or 支付, in yuan; negative takes one back (冲回).

    `opening` is what a line said before its first entry: typed as a sum, with no entries to show for it.
    """

    line = models.ForeignKey(FundLine, models.CASCADE, related_name="entries", verbose_name="资金")
    kind = models.CharField("下达/拨付/支付", max_length=1, choices=codes.FundStep)
    amount = models.DecimalField("金额（元）", max_digits=16, decimal_places=2)
    on = day("日期")
    document = text("文号", 60)
    payee = text("收款人", 80)
    summary = text("摘要", 200)
    opening = models.BooleanField("登记流水前的合计", default=False, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = FundEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金流水"
        ordering = ["on", "pk"]
        indexes = [models.Index(fields=["line", "kind"], name="fund_entry_line")]
        constraints = [
            models.CheckConstraint(
                name="fund_entry_not_nothing",
                condition=~Q(amount=0),
                violation_error_message="金额不能为 0。",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.amount}"
