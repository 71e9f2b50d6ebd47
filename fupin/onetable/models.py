"""Forms that bureaus sent: the empty workbook as it came, what was seen in it, what each place of it means."""

import uuid

from django.conf import settings
from django.db import models

from fupin.accounts.roles import Permission as P
from fupin.crypt.fields import EncryptedJSON
from fupin.crypt.rows import SealedModel, SealedQuerySet
from fupin.edited import Versioned
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, ancestors_of


class FormQuerySet(RegionScopedQuerySet):
    region_path = "unit"
    permission = P.REPORT_EXPORT

    def visible_to(self, user, permission=None):
        """Forms of the user's own places, and of the units above them: a county's form is filled by its townships."""
        if not user.is_authenticated:
            return self.none()
        paths = user.paths(permission or self.permission)
        above = {part for path in paths for part in ("", *ancestors_of(path))} if paths else set()
        return self.filter(self.in_paths(paths) | models.Q(unit__in=above))

    def editable_by(self, user):
        """Forms of the user's own places."""
        return (
            self.filter(self.in_paths(user.paths(self.permission))) if user.is_authenticated else self.none()
        )


class BureauForm(SealedModel, Versioned):
    """One empty form. `file` is what came, `book` the same as .xlsx; both are paths below settings.FILES.

    `seen` is what the child process says of its sheets, `blocks` what `structure` made of them, `said` what each means
    (see `meaning`). `confirmed`: a person has looked at it, or the same headers were confirmed before.
    """

    uid = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    unit = models.CharField("单位", max_length=PATH_WIDTH, blank=True, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人"
    )
    title = models.CharField("名称", max_length=120)
    name = models.CharField("文件名", max_length=200)
    file = models.CharField("原文件", max_length=120)
    book = models.CharField("表样", max_length=120)
    size = models.PositiveIntegerField("字节数", default=0)
    sha256 = models.CharField("摘要", max_length=64)
    seen = EncryptedJSON("表样内容", default=list)
    blocks = EncryptedJSON("表块", default=list)
    said = models.JSONField("对应", default=dict)
    confirmed = models.BooleanField("已核对", default=False)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    changed_at = models.DateTimeField("修改时间", auto_now=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一表通表样"
        ordering = ["-pk"]

    def __str__(self):
        return self.title

    @property
    def path(self):
        """Path of the workbook that is filled."""
        return settings.FILES / self.book


class SavedMeaning(models.Model):
    """What a unit said of a block's headers: `said` as in `BureauForm.said["blocks"]`, found by `signature`."""

    unit = models.CharField("单位", max_length=PATH_WIDTH, blank=True)
    signature = models.CharField("表头摘要", max_length=64)
    said = models.JSONField("对应", default=dict)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="用户")
    saved_at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "记住的一表通对应"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["signature", "unit"], name="meaning_once_a_header")]

    def __str__(self):
        return f"{self.signature[:8]} {self.unit}"


class FillingQuerySet(SealedQuerySet):
    def visible_to(self, user):
        """One's own, nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class FormFilling(SealedModel):
    """That a form was filled: for where, for which day, how many rows, and what stayed empty and why."""

    form = models.ForeignKey(BureauForm, models.CASCADE, related_name="fillings", verbose_name="表样")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填表人"
    )
    place = models.CharField("区域", max_length=80)
    as_of = models.DateField("截至日期")
    rows = models.PositiveIntegerField("行数", default=0)
    notes = EncryptedJSON("留空的", default=list)
    masked = models.JSONField("脱敏的", default=list)
    checked = models.PositiveIntegerField("勾稽项数", default=0)
    wrong = models.JSONField("勾稽不符的", default=list)
    at = models.DateTimeField("填表时间", auto_now_add=True)

    objects = FillingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一表通填表记录"
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.form} {self.place}"
