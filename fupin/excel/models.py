"""Imports that were asked for: the stored file, what it would do or did, and every finding."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from fupin.accounts.roles import Permission as P
from fupin.crypt.fields import EncryptedJSON
from fupin.crypt.rows import SealedModel
from fupin.excel import staging
from fupin.excel.corrections import Edits
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet


class State(models.TextChoices):
    CHECKING = "checking", "正在检查"
    CHECKED = "checked", "待提交"
    WRITING = "writing", "正在写入"
    DONE = "done", "已导入"
    REFUSED = "refused", "不能导入"
    FAILED = "failed", "写入失败"
    UNDOING = "undoing", "正在撤销"
    UNDONE = "undone", "已撤销"
    DISCARDED = "discarded", "已放弃"


class ImportBatchQuerySet(RegionScopedQuerySet):
    region_path = "home"
    permission = P.AUDIT_VIEW

    def visible_to(self, user, permission=None):
        """One's own imports, and those of others in places whose trail one may read: lines of history, no more.

        What is in a file is `fetchable_by`, and only its owner works on it: `of`.
        """
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(user=user) | self.in_paths(user.paths(permission or self.permission)))

    def of(self, user):
        """One's own imports, nobody else's: a file may hold more than its reader may see. Of those that were thrown away
        only the line of history is left."""
        return self.visible_to(user).filter(user=user).exclude(state=State.DISCARDED)

    def fetchable_by(self, user):
        """Imports whose file `user` may have: one's own as long as one imports for that place, and those of places
        for which one may take personal data out."""
        if not user.is_authenticated:
            return self.none()
        own = Q(user=user) & self.in_paths(user.paths(P.IMPORT))
        return self.filter(own | self.in_paths(user.paths(P.PII_EXPORT)))

    def twins_of(self, batch):
        """Imports of the same file, byte for byte, by whomever: who holds the file may know that it is in already."""
        return self.filter(sha256=batch.sha256, state=State.DONE).exclude(pk=batch.pk)


class ImportBatch(SealedModel):
    """One file that was uploaded. `file` is a path below settings.FILES with a name of ours.

    `report` is what `Outcome.report` gives without its issues, and `found` how many there are; the first ones are kept
    when the file is gone, personal values masked. `mapping` see fupin.excel.mapping, `edits` fupin.excel.corrections;
    `version` counts what the user changed after reading. `sha256` tells a file that was imported before.
    """

    uid = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="import_batches", verbose_name="用户"
    )
    name = models.CharField("文件名", max_length=200)
    file = models.CharField("文件", max_length=120)
    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    size = models.PositiveIntegerField("字节数", default=0)
    kind = models.CharField("类别", max_length=20, blank=True)
    title = models.CharField("内容", max_length=40, blank=True)
    year = models.PositiveSmallIntegerField("数据年度", null=True)
    as_of = models.DateField("截至日期")
    region_path = models.CharField("区域", max_length=PATH_WIDTH, blank=True)
    home = models.CharField("导入人辖区", max_length=PATH_WIDTH, blank=True, db_index=True)
    policy = models.CharField("有错时", max_length=4, default="good")
    state = models.CharField("状态", max_length=10, choices=State, default=State.CHECKED)
    report = models.JSONField("结果", default=dict)
    kept_issues = EncryptedJSON("问题", default=list)
    mapping = models.JSONField("列的对应", default=dict)
    edits = EncryptedJSON("表内更正")
    version = models.PositiveIntegerField("更正版本", default=0)
    columns = models.JSONField("列对应", default=list)
    job = models.UUIDField("后台任务", null=True, blank=True)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    committed_at = models.DateTimeField("写入时间", null=True, blank=True)
    undone_at = models.DateTimeField("撤销（放弃）时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="撤销（放弃）人"
    )

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "-id"], name="import_owner")]

    def __str__(self):
        return self.name

    @property
    def stored(self):
        """Path of the stored file."""
        return settings.FILES / self.file

    @cached_property
    def issues(self):
        """Located findings as dicts: all of the staged check while its file is kept, then the first ones."""
        if self.file:
            try:
                with staging.opened(self.stored) as staged:
                    return staged.issues()
            except staging.Missing:
                pass
        return self.kept_issues

    @property
    def changeable(self):
        """Whether mapping and cells may be corrected: read, and not written or being worked on."""
        return self.state in (State.CHECKED, State.FAILED)

    @property
    def corrections(self):
        """`Edits` of this batch."""
        return Edits.read(self.edits)

    @property
    def busy(self):
        """Whether a worker has it."""
        return self.state in (State.CHECKING, State.WRITING, State.UNDOING)

    @property
    def known(self):
        """How many columns were understood."""
        return sum(1 for column in self.columns if column["field"])

    @property
    def warned(self):
        """How many warnings there are."""
        return self.count("warning")

    def count(self, severity):
        """Findings of a severity, "error" or "warning"."""
        return self.report.get("found", {}).get(severity, 0)


class SavedMapping(models.Model):
    """How a unit reads a header that recognition alone reads wrongly: `said` {"columns": {field: index}, "wan"}.

    `unit` is the region path of the post of whoever said so; `signature` see fupin.excel.mapping.
    """

    unit = models.CharField("单位", max_length=PATH_WIDTH, blank=True)
    signature = models.CharField("表头摘要", max_length=64)
    kind = models.CharField("类别", max_length=20)
    said = models.JSONField("列的对应", default=dict)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="用户")
    saved_at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "记住的列对应"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["signature", "unit", "kind"], name="mapping_once_a_header")
        ]

    def __str__(self):
        return f"{self.kind} {self.unit}"


class ImportUndo(models.Model):
    """What it takes to undo one import: the packed journal (see fupin.excel.undo), written with the rows themselves.

    `last_event` is the last audit event of that time: what the trail says after it happened since. `unknown` names
    tables that were written past the journal; then there is no undo.
    """

    batch = models.OneToOneField(ImportBatch, models.CASCADE, related_name="undo", verbose_name="导入批次")
    data = models.BinaryField("写入记录")
    last_event = models.BigIntegerField("审计序号")
    unknown = models.CharField("未记录的表", max_length=200, blank=True)
    until = models.DateTimeField("可撤销至", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "撤销记录"

    def __str__(self):
        return str(self.batch)
