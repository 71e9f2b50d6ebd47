"""公示公告: how long a notice hangs, and which office answers for it; kept by place (domain reference 3.7, 4.5)."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models

from fupin.accounts.roles import Permission as P
from fupin.edited import Edited
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, ancestors_of
from households.models.columns import text

PERIODS = {
    "identify": ("识别公示", 7, 7), "exit": ("退出公示", 7, 5), "monitor": ("监测识别公示", 5, 5),
    "clear_risk": ("风险消除公示", 5, 5), "village_exit": ("贫困村退出公示", 7, 5), "project": ("项目公示公告", 10, 7),
}  # fmt: skip
"""`{procedure: (label, default days, least days)}`; the day it is put up counts as the first."""

LONGEST = 60
SUPERVISION = "12317"
"""The national line, where an office gave none of its own."""


def last_day(start, days, working=False, pauses=()):
    """The last day of a notice of `days` that goes up on `start`. `working` counts Monday to Friday alone: public
    holidays are not known here. Days of `pauses` [(first, last)], on which an objection was open, do not count."""
    day = start - timedelta(1)
    while days:
        day += timedelta(1)
        counts = not working or day.weekday() < 5
        days -= counts and not any(first <= day <= last for first, last in pauses)
    return day


class PostingSettingQuerySet(RegionScopedQuerySet):
    permission = P.SETTINGS_EDIT

    def for_place(self, path):
        """`Posting` in force at `path`: of each thing what the nearest place says, then the defaults."""
        return self.for_places([path])[path]

    def for_places(self, paths):
        """`{path: Posting}`. One query."""
        above = {path: ancestors_of(path) for path in paths}
        wanted = {part for parts in above.values() for part in parts}
        rows = self.unscoped("hanging").filter(region_path__in=wanted).order_by("-region_path")
        held = {row.region_path: row for row in rows}
        return {
            path: Posting([held[part] for part in reversed(parts) if part in held])
            for path, parts in above.items()
        }


class PostingSetting(Edited):
    """What a county or township says about its notices. Blank: what the place above says."""

    region_path = models.CharField("区划代码", max_length=PATH_WIDTH, unique=True)
    unit = text("落款单位", 60)
    contact = text("联系人", 30)
    phone = text("联系电话", 40)
    supervision = text("监督电话", 40)
    periods = models.JSONField("公示期", default=dict)
    """`{procedure: [days, whether working days]}`."""

    objects = PostingSettingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示设置"
        ordering = ["region_path"]

    def __str__(self):
        return self.region_path

    def clean(self):
        wrong = {}
        for name, (days, _) in self.periods.items():
            label, _, least = PERIODS[name]
            if not least <= days <= LONGEST:
                wrong[name] = f"“{label}”应为 {least} 至 {LONGEST} 天。"
        if wrong:
            raise ValidationError(wrong)


class Posting:
    """The settings of a place, put together."""

    def __init__(self, rows):
        """`rows`: PostingSettings, the nearest place first."""
        for name in ("unit", "contact", "phone", "supervision"):
            setattr(self, name, next((value for row in rows if (value := getattr(row, name))), ""))
        self.supervision = self.supervision or SUPERVISION
        self._rows = rows

    def period(self, procedure):
        """`(days, whether working days)`."""
        found = next((row.periods[procedure] for row in self._rows if procedure in row.periods), None)
        return tuple(found) if found else (PERIODS[procedure][1], False)

    def hangs(self, procedure, start: date, pauses=()):
        """The period of a notice put up on `start`, in words and as its last day; `pauses` as in `last_day`."""
        days, working = self.period(procedure)
        end = last_day(start, days, working, pauses)
        return f"{days} 个工作日" if working else f"{days} 天", end
