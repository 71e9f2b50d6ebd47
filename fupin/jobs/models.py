"""Long work that outlives a request: its request, its progress, its result."""

import uuid

from django.conf import settings
from django.db import models


class State(models.TextChoices):
    WAITING = "waiting", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"


class Job(models.Model):
    """One piece of long work. `kind` names a handler in the catalogue; only its owner sees it."""

    uid = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("类别", max_length=40)
    title = models.CharField("名称", max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs", verbose_name="用户"
    )
    params = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING, db_index=True)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("说明", max_length=300, blank=True)
    result = models.JSONField("结果", default=dict)
    file = models.CharField("文件", max_length=200, blank=True)
    created_at = models.DateTimeField("提交时间", auto_now_add=True)
    beat_at = models.DateTimeField("最近进展", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-pk"]

    def __str__(self):
        return self.title

    @property
    def percent(self):
        """Whole percent, 0 while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else 0
