"""Long work that outlives a request: its request, its progress, its result."""

import uuid

from django.conf import settings
from django.db import models

from fupin.crypt.fields import EncryptedJSON
from fupin.crypt.rows import SealedModel, SealedQuerySet


class State(models.TextChoices):
    WAITING = "waiting", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


ENDED = (State.DONE, State.FAILED, State.CANCELLED)


class JobQuerySet(SealedQuerySet):
    def visible_to(self, user):
        """One's own jobs, nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class Job(SealedModel):
    """One piece of long work. `kind` names a handler in the catalogue; only its owner sees it.

    `needs` is `{permission: region paths}`: what the owner must hold when the work starts and again when the
    file is fetched, and where they held it when they asked. Who has lost one of these places since then does
    not get the file.
    """

    uid = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("类别", max_length=40)
    title = models.CharField("名称", max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs", verbose_name="用户"
    )
    params = EncryptedJSON("参数")
    needs = models.JSONField("所需权限", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING, db_index=True)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("说明", max_length=300, blank=True)
    result = models.JSONField("结果", default=dict)
    file = models.CharField("文件", max_length=200, blank=True)
    file_name = models.CharField("下载文件名", max_length=200, blank=True)
    worker = models.CharField("执行进程", max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField("执行次数", default=0)
    created_at = models.DateTimeField("提交时间", auto_now_add=True)
    beat_at = models.DateTimeField("最近进展", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "-id"], name="job_owner")]

    def __str__(self):
        return self.title

    @property
    def percent(self):
        """Whole percent, 0 while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def ended(self):
        return self.state in ENDED

    def may_be_fetched_by(self, user):
        """Whether `user` is the owner and still holds every permission, in every place, that the file needs."""
        return user.pk == self.user_id and all(
            user.may(permission) and all(_covered(path, user.paths(permission)) for path in paths)
            for permission, paths in self.needs.items()
        )


def _covered(path, held):
    return any(path.startswith(mine) for mine in held)


class PeriodicRun(models.Model):
    """When a piece of upkeep last ran. The row is also the lock: of several workers one moves it on."""

    name = models.CharField("名称", max_length=60, unique=True)
    day = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "定期任务"
        ordering = ["name"]

    def __str__(self):
        return f"{self.name} {self.day}"
