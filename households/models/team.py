"""The work team stationed at a village (驻村工作队): who belongs to it from when to when, and each one's month on duty."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from fupin.edited import Edited
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from households import codes
from households.models.columns import text
from households.models.pairing import Helper

DAYS = 31
EMPTY = codes.DayState.UNKNOWN * DAYS


@dataclass(frozen=True)
class Tally:
    """Days of a person by what they were. 年休 is a leave, 培训 is 公出; 法定节假 and days not filled are not due."""

    present: int = 0
    leave: int = 0
    away: int = 0
    absent: int = 0
    holiday: int = 0

    @property
    def due(self):
        return self.present + self.leave + self.away + self.absent

    def __add__(self, other):
        return Tally(
            self.present + other.present, self.leave + other.leave, self.away + other.away,
            self.absent + other.absent, self.holiday + other.holiday,
        )  # fmt: skip


def tally(days):
    """The Tally of a text of day states."""
    held = codes.DayState
    return Tally(
        days.count(held.PRESENT), days.count(held.LEAVE) + days.count(held.VACATION),
        days.count(held.AWAY) + days.count(held.TRAINING), days.count(held.ABSENT), days.count(held.HOLIDAY),
    )  # fmt: skip


class TeamQuerySet(RegionScopedQuerySet):
    permission = "village_view"

    def in_month(self, first, last):
        """Members who belonged to a team on some day of `first` … `last`."""
        return self.filter(starts_on__lte=last).filter(Q(ends_on=None) | Q(ends_on__gte=first))


class TeamMember(UniqueAnywhere, Edited):
    """One person stationed at one village for a time. Who comes back, or goes to another village, is a new row."""

    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="驻村")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH, editable=False)
    name = models.CharField("姓名", max_length=40)
    unit = models.CharField("派出单位", max_length=80)
    duty = models.CharField("职务", max_length=1, choices=codes.TeamDuty, default=codes.TeamDuty.MEMBER)
    helper = models.ForeignKey(
        Helper,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="帮扶责任人",
        editable=False,
    )
    starts_on = models.DateField("进驻日期")
    ends_on = models.DateField("离队日期", null=True, blank=True)
    note = text("备注", 120)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "驻村工作队员"
        ordering = ["region_path", "duty", "name", "pk"]
        indexes = [models.Index(fields=["region_path", "starts_on"], name="team_place")]
        constraints = [
            models.CheckConstraint(
                name="team_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                violation_error_message="离队日期不能早于进驻日期。",
            ),
            models.UniqueConstraint(
                fields=["region", "name", "unit", "starts_on"],
                name="team_member_once",
                violation_error_message="此人同一天进驻这个村已经登记过。",
            ),
        ]

    def __str__(self):
        return self.name


class Attendance(UniqueAnywhere, Edited):
    """One person's month: a state for each day, and how many diaries (民情日记) were written. NULL is 未填."""

    member = models.ForeignKey(TeamMember, models.CASCADE, related_name="months", verbose_name="队员")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH, editable=False)
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份")
    days = models.CharField("逐日", max_length=DAYS, default=EMPTY)
    diaries = models.PositiveSmallIntegerField("日记篇数", null=True, blank=True)
    note = text("备注", 120)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "驻村考勤"
        ordering = ["year", "month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "year", "month"], name="attendance_once"),
            models.CheckConstraint(
                name="attendance_month",
                condition=Q(month__gte=1, month__lte=12),
                violation_error_message="月份应在 1 至 12 之间。",
            ),
        ]
        indexes = [models.Index(fields=["region_path", "year", "month"], name="attendance_place")]

    def __str__(self):
        return f"{self.year} 年 {self.month} 月"
