"""The record of who did what. Rows are added, never changed."""

from django.conf import settings
from django.db import models

from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet


class AuditQuerySet(RegionScopedQuerySet):
    permission = "audit_view"


class AuditEvent(models.Model):
    """One act of one user. The target is named in text, so the event outlives it."""

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_events", verbose_name="用户"
    )
    action = models.CharField("动作", max_length=40, db_index=True)
    target = models.CharField("对象", max_length=80, db_index=True)
    region_path = models.CharField("区域", max_length=PATH_WIDTH, db_index=True, blank=True)
    detail = models.JSONField("内容", default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计事件"
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.action} {self.target}"
