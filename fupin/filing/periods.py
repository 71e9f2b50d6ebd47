"""Periods of filing: which half-month, month, quarter, half-year or year a day belongs to, and what it is called."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices


class Every(TextChoices):
    HALF_MONTH = "half-month", "半月报"
    MONTH = "month", "月报"
    QUARTER = "quarter", "季报"
    HALF_YEAR = "half-year", "半年报"
    YEAR = "year", "年报"


MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}
EARLY = 7
"""Days before its end from which a period can be filed."""


@dataclass(frozen=True)
class Period:
    """One period, both days included."""

    every: str
    start: date
    end: date

    @property
    def label(self):
        year, month = self.start.year, self.start.month
        match self.every:
            case Every.HALF_MONTH:
                return f"{year}年{month}月{'上' if self.start.day == 1 else '下'}半月"
            case Every.MONTH:
                return f"{year}年{month}月"
            case Every.QUARTER:
                return f"{year}年第{'一二三四'[month // 3]}季度"
            case Every.HALF_YEAR:
                return f"{year}年{'上' if month == 1 else '下'}半年"
        return f"{year}年"

    def before(self):
        """The period before this one."""
        return period_of(self.every, self.start - timedelta(days=1))


def period_of(every, day):
    """The period that `day` lies in."""
    if every == Every.HALF_MONTH:
        if day.day <= 15:
            return Period(every, day.replace(day=1), day.replace(day=15))
        return Period(every, day.replace(day=16), _last(day))
    length = MONTHS[every]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return Period(every, first, _last(first.replace(month=first.month + length - 1)))


def _last(day):
    return day.replace(day=monthrange(day.year, day.month)[1])


def newest(every, today):
    """The newest period that can be filed on `today`: it has ended, or ends within EARLY days."""
    held = period_of(every, today)
    return held if held.end - timedelta(days=EARLY) <= today else held.before()
