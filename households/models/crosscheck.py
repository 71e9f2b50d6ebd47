"""Clues out of a bureau's list (部门比对): what it says about somebody in the register, and what looking showed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fupin.crypt.rows import SealedModel
from fupin.regions.models import PATH_WIDTH, UniqueAnywhere
from households import codes
from households.models.columns import secret, secret_note, text
from households.models.visit import PairedQuerySet


class CrossCheckQuerySet(PairedQuerySet):
    def open(self):
        """Clues that nobody has closed yet."""
        return self.filter(closed_on=None)


class CrossCheck(UniqueAnywhere, SealedModel):
    """One clue: a person of a household stands in a bureau's list. It never changes the register by itself.

    The same fact about the same person is one clue, however many lists of the kind repeat it (`digest`), also after
    it was closed. Open until one of the results other than 待核实 is written down.
    """

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="crosschecks", verbose_name="户"
    )
    member = models.ForeignKey("households.Member", models.CASCADE, related_name="+", verbose_name="成员")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    kind = models.CharField("比对内容", max_length=2, choices=codes.CheckKind)
    source = models.CharField("来源部门", max_length=8)
    title = text("名单")
    fact = secret_note("线索", 200, blank=False)
    value = secret("比对值")
    digest = models.CharField("线索摘要", max_length=32, editable=False)
    weak = models.BooleanField("按姓名和出生日期比对", default=False)
    found_on = models.DateField("导入日期")
    due_end = models.DateField("核实期限")
    result = models.CharField(
        "核实结果", max_length=2, choices=codes.CheckResult, default=codes.CheckResult.OPEN
    )
    note = secret_note("核实说明", 300)
    closed_on = models.DateField("核实日期", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )

    objects = CrossCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门比对线索"
        ordering = ["due_end", "pk"]
        indexes = [
            models.Index(fields=["household"], name="crosscheck_household"),
            models.Index(fields=["region_path", "due_end"], name="crosscheck_place"),
            models.Index(
                fields=["due_end", "region_path"], name="crosscheck_open", condition=Q(closed_on=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "digest"], name="crosscheck_once"),
            models.CheckConstraint(
                name="crosscheck_closed_with_result",
                condition=Q(closed_on=None, result="09") | Q(closed_on__isnull=False) & ~Q(result="09"),
                violation_error_message="核实完的线索须有结果，没有结果的就是待核实。",
            ),
            models.CheckConstraint(
                name="crosscheck_closed_with_note",
                condition=Q(closed_on=None) | ~Q(note=""),
                violation_error_message="须写明核实情况。",
            ),
        ]

    def __str__(self):
        return self.fact
