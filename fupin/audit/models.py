"""The record of who did what, and the seals over it. Rows are added, never changed: the database refuses (triggers.py)."""

import json

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fupin.audit import chain
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet


class DetailField(models.TextField):
    """JSON kept as the very text that was signed: PostgreSQL's own type would put the keys in another order."""

    def from_db_value(self, value, expression, connection):
        return json.loads(value) if value else {}

    def get_prep_value(self, value):
        return None if value is None else chain.encoded(value)


class AuditQuerySet(RegionScopedQuerySet):
    permission = "audit_view"

    def bulk_create(self, objs, batch_size=None, **options):
        """Write several events of one user at once."""
        objs = list(objs)
        groups = {}
        for event in objs:
            groups.setdefault((event.user_id, event.address), []).append(event)
        for (user, address), events in groups.items():
            numbers = chain.write(
                AuditEvent, [event.as_row() for event in events], user=user, address=address
            )
            for event, number in zip(events, numbers):
                event.pk = number
        return objs


class AuditEvent(models.Model):
    """One act of one user. The target is named in text, so the event outlives it."""

    at = models.DateTimeField("时间", db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_events", verbose_name="用户"
    )
    action = models.CharField("动作", max_length=40, db_index=True)
    target = models.CharField("对象", max_length=80, db_index=True)
    region_path = models.CharField("区域", max_length=PATH_WIDTH, db_index=True, blank=True)
    household = models.BigIntegerField(
        "户编号", null=True
    )  # where the target is a row that hangs on a household
    address = models.CharField("来源地址", max_length=45, blank=True)
    seen = models.TextField("看到的户和人", blank=True)  # see fupin.audit.seen
    detail = DetailField("内容", default=dict)
    mac = models.BinaryField("校验值", max_length=32)
    txid = models.BigIntegerField("事务号", default=0)
    turn = models.BigIntegerField("次序", default=0)  # slot and its counter, see fupin.audit.chain

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计事件"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["household"], name="event_household", condition=Q(household__isnull=False))
        ]

    def __str__(self):
        return f"{self.action} {self.target}"

    def save(self, **options):
        """Written once. There is no second time."""
        assert self.pk is None, "an event is never changed"
        self.at = self.at or timezone.now()
        (self.pk,) = chain.write(
            AuditEvent, [self.as_row()], user=self.user_id, address=self.address, at=self.at
        )
        self._state.adding = False

    def as_row(self):
        return self.action, self.target, self.region_path, self.household, self.seen, self.detail


class AuditSlot(models.Model):
    """A counter that one writing transaction at a time holds (PostgreSQL). It only goes up."""

    number = models.PositiveSmallIntegerField("序号", primary_key=True)
    turn = models.BigIntegerField("已发次序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "审计次序"
        ordering = ["number"]

    def __str__(self):
        return f"{self.number}: {self.turn}"


class AuditSeal(models.Model):
    """Says of a stretch of the trail: these events, no others. Each seal signs the one before."""

    number = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间")
    count = models.PositiveIntegerField("事件数")
    total = models.BigIntegerField("累计事件数")
    spans = models.TextField("事件号")  # "1-500 502 504-510"
    horizon = models.BigIntegerField("事务界限", default=0)
    digest = models.BinaryField("摘要", max_length=32)
    mac = models.BinaryField("校验值", max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "审计封签"
        ordering = ["-number"]

    def __str__(self):
        return f"封签 {self.number}"

    def save(self, **options):
        super().save(force_insert=True)
