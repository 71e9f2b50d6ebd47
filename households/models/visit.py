"""Visits to households, their photos, and what must follow."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from fupin.crypt.rows import SealedModel
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from households import codes
from households.models.columns import codes as several
from households.models.columns import flag, secret_note, secret_text, text, yuan
from households.models.pairing import Helper, Pairing


class PairedQuerySet(RegionScopedQuerySet):
    """Rows of a household: seen by place, or by being paired with the household today."""

    permission = "household_view"

    def paired_with(self, user):
        return Q(household__in=Pairing.objects.households_of(user))


class Visit(UniqueAnywhere, SealedModel):
    """One visit. `uid` is made on the device, so the same visit sent twice is one visit."""

    class Source(models.TextChoices):
        WEB = "web", "网页"
        IMPORT = "import", "导入"
        OFFLINE = "offline", "离线"

    uid = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="visits", verbose_name="户"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    on = models.DateField("走访日期")
    start_at = models.TimeField("开始时刻", null=True, blank=True)
    end_at = models.TimeField("结束时刻", null=True, blank=True)
    helpers = models.ManyToManyField(Helper, related_name="visits", verbose_name="走访人")
    visitor_text = text("走访人（原文）", 80)
    visitor_unit = text("走访人单位", 80)
    way = models.CharField("走访方式", max_length=1, choices=codes.VisitWay, default="1")
    purposes = several("走访目的")
    content = secret_text("走访内容")
    problem = secret_text("发现的问题", blank=True)
    handling = secret_text("处理措施", blank=True)
    solved = flag("是否解决")
    gift_money = yuan("慰问金额（元）")
    gift_goods = text("慰问物品", 80)
    confirmed = flag("户主已确认")
    late = models.BooleanField("补录", default=False, editable=False)
    counts = models.BooleanField("计入走访要求", default=True, editable=False)
    source = models.CharField("来源", max_length=8, choices=Source, default=Source.WEB)
    cancelled_reason = text("作废原因", 200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = PairedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访记录"
        ordering = ["-on", "-pk"]
        indexes = [
            models.Index(fields=["household", "-on"], name="visit_household"),
            models.Index(fields=["region_path", "on"], name="visit_place"),
            models.Index(fields=["on", "id", "region_path"], name="visit_day"),
        ]

    def __str__(self):
        return f"{self.on} {self.household_id}"


class VisitPhoto(models.Model):
    """A photo of a visit, rebuilt from its pixels: no place, no camera, no text in the file."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos", verbose_name="走访")
    file = models.CharField("文件", max_length=120)
    sha256 = models.CharField("摘要", max_length=64)
    taken_on = models.DateField("拍摄日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访照片"
        ordering = ["pk"]

    def __str__(self):
        return self.file


class FollowUp(UniqueAnywhere, SealedModel):
    """What was promised at a visit, to whom it falls and by when. It stays on the to-do list until closed."""

    visit = models.ForeignKey(
        Visit, models.CASCADE, null=True, blank=True, related_name="follow_ups", verbose_name="走访"
    )
    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="follow_ups", verbose_name="户"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    what = secret_note("待办事项", 300, blank=False)
    helper = models.ForeignKey(
        Helper, models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name="承办人"
    )
    due_text = text("办理时限", 30)
    due_end = models.DateField("到期日", null=True, blank=True)
    due_precision = text("时限精度", 8)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    result = secret_note("办理结果", 300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = PairedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "跟踪事项"
        ordering = ["due_end", "pk"]
        indexes = [
            models.Index(
                fields=["region_path", "due_end"], name="follow_up_open", condition=Q(closed_on=None)
            ),
            models.Index(
                fields=["due_end", "region_path"], name="follow_up_due", condition=Q(closed_on=None)
            ),
            # Most follow-ups may belong to no visit: by the plain index SQLite takes a visit's for half the table.
            models.Index(
                fields=["visit"], name="follow_up_of_visit", condition=Q(closed_on=None, visit__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="follow_up_closed_with_result",
                condition=Q(closed_on=None) | ~Q(result=""),
                violation_error_message="办结须填写办理结果。",
            ),  # fmt: skip
        ]

    def __str__(self):
        return self.what
