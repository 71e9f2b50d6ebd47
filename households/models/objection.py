"""异议 to a notice on the village wall: while one is open the notice's clock stands still (domain reference 3.7)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fupin.crypt.rows import SealedModel
from households.models.columns import secret_note
from households.models.posting import PERIODS


class Objection(SealedModel):
    """One objection to the notice of a procedure about a household. Open until somebody says how it ended."""

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="objections", verbose_name="户"
    )
    procedure = models.CharField(
        "公示", max_length=12, choices=[(name, label) for name, (label, *_) in PERIODS.items()]
    )
    raised_on = models.DateField("提出日期")
    what = secret_note("异议内容", 300, blank=False)
    handled_on = models.DateField("处理日期", null=True, blank=True)
    outcome = secret_note("处理结果", 300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="处理人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "公示异议"
        ordering = ["-raised_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="objection_handled_after_raised",
                condition=Q(handled_on=None) | Q(handled_on__gte=F("raised_on")),
                violation_error_message="处理日期不能早于提出日期。",
            )
        ]

    def __str__(self):
        return f"{self.get_procedure_display()}异议 {self.raised_on}"
