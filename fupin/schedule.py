"""What every target date in the product means: reading it as typed, and judging it against a day.

Officials write "4月底前", "下半年", "年内". The text stays as typed; beside it stands the period that it names.
A thing is late from the day after the last day of that period. Households, measures, follow-ups, milestones and
projects all ask this module, in Python (`deadline`) or in the database (`standing_q`): the two agree.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

SOON_DAYS = {
    "visit": 7,
    "follow_up": 7,
    "measure": 30,
    "milestone": 30,
    "project": 30,
    "household": 60,
    "crosscheck": 5,
}
"""Days before the target date from which a thing counts as 即将到期."""

RISK_SHARE = 70
"""Progress below this share (in hundredths) of the calendar time that has passed is 有风险."""

EXPECTED = "请写成 2026-12-31、2026年6月、6月底前、6月中旬、第三季度、下半年或年内这样的时限。"


class Precision(models.TextChoices):
    DAY = "day", "日"
    TEN = "ten", "旬"
    MONTH = "month", "月"
    QUARTER = "quarter", "季"
    HALF = "half", "半年"
    YEAR = "year", "年"


class Standing(models.TextChoices):
    NONE = "none", "未设目标日"
    DONE = "done", "已完成"
    OK = "ok", "正常"
    SOON = "soon", "即将到期"
    RISK = "risk", "有风险"
    OVER = "over", "逾期"


@dataclass(frozen=True)
class Target:
    """A target as typed, and the period it names. `end` is the last day on which it is met in time.

    The three others are None where an older text could not be read: it stays as typed, without a date.
    """

    text: str
    start: date | None = None
    end: date | None = None
    precision: Precision | None = None

    def __str__(self):
        return self.text


@dataclass(frozen=True)
class Deadline:
    """A target judged on one day. `days` are the days left, negative when late, 0 where nothing is counted."""

    standing: Standing
    days: int
    label: str


# Reading

DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4} | {str(n): n for n in range(1, 5)}

_YEAR = r"(?:(?P<year>(?:19|20)\d\d)(?:年度?|[-./])?)?"
_TAIL = r"(?:以前|之前|前|内)?"
_FORMS = [
    (Precision.DAY, rf"{_YEAR}(?P<month>\d{{1,2}})(?:月|[-./])(?P<day>\d{{1,2}})[日号]?{_TAIL}"),
    (Precision.DAY, r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"),
    (Precision.TEN, rf"{_YEAR}(?P<month>\d{{1,2}})月份?(?P<ten>上旬|中旬|下旬|初|中){_TAIL}"),
    (Precision.MONTH, rf"{_YEAR}(?P<month>\d{{1,2}})月份?(?:底|末)?{_TAIL}"),
    (Precision.MONTH, r"(?P<year>(?:19|20)\d\d)[-./](?P<month>\d{1,2})"),
    (Precision.MONTH, r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])"),
    (Precision.QUARTER, rf"{_YEAR}(?:第?(?P<quarter>[1-4])季度?|Q(?P<q>[1-4]))(?:底|末)?{_TAIL}"),
    (Precision.HALF, rf"{_YEAR}(?P<half>上半年|下半年|年中|中)(?:底|末)?{_TAIL}"),
    (Precision.YEAR, rf"{_YEAR}(?P<whole>全年|年内|年底|年末|本年度?|当年|今年|内|底|末){_TAIL}"),
    (Precision.YEAR, rf"(?P<year>(?:19|20)\d\d)年?度?{_TAIL}"),
]
_FORMS = [(precision, re.compile(pattern)) for precision, pattern in _FORMS]
_RANGE = re.compile(r"(.*\d[日号月旬季度年]*|.*[年旬初底末])(?:至|到|~|—+|–|-(?=\d{1,2}月))(.+)")
_NOISE = re.compile(r"[\s,，。;；()（）]|完成|竣工|完工|建成|投用|左右|(?<=\d)T?00:00(?::00)?")
_TENS = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 0)}
"""First and last day; 0 is the end of the month."""


def parse(text, *, year=None):
    """The Target that `text` names; `year` completes what has none ("4月底前").

    Raises ValidationError, in Chinese, when the text cannot be read, names a day that does not exist, or has
    no year and none is given.
    """
    typed = str(text).strip()
    plain = _plain(typed)
    span = _RANGE.fullmatch(plain)
    if span:
        first = _period(span[1] + ("月" if span[1].isdigit() else ""), typed, year)
        last = _period(span[2], typed, first[0].year)
        if last[1] < first[0]:
            raise ValidationError(f"时限“{typed}”的起止颠倒。", code="target")
        return Target(typed, first[0], last[1], last[2])
    return Target(typed, *_period(plain, typed, year))


def _plain(typed):
    """Half-width, Arabic digits, without spaces and without words that say nothing about the date."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    plain = re.sub(r"(\d{4}-\d\d-\d\d)[ T]\d\d:\d\d(:\d\d)?", r"\1", plain)
    plain = _NOISE.sub("", plain)
    plain = re.sub(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)(?=[月日号])", _tens, plain)
    return plain.translate(DIGITS)


def _tens(match):
    """Chinese tens in a month or day: 十 10, 十二 12, 二十 20, 三十一 31."""
    return (match[1] or "一") + (match[2] or "〇")


def _period(plain, typed, year):
    """(first day, last day, precision) of one form."""
    for precision, pattern in _FORMS:
        match = pattern.fullmatch(plain)
        if not match:
            continue
        parts = match.groupdict()
        year = int(parts.get("year") or 0) or year
        if not year:
            raise ValidationError(f"时限“{typed}”缺少年份，请写成“2026年{typed}”这样。", code="target")
        try:
            return *_days(precision, year, parts), precision
        except ValueError:
            raise ValidationError(f"时限“{typed}”不是存在的日期。", code="target") from None
    raise ValidationError(f"看不懂时限“{typed}”。{EXPECTED}", code="target")


def _days(precision, year, parts):
    """First and last day of a matched form. ValueError when there is no such day."""
    if precision == Precision.DAY:
        day = date(year, int(parts["month"]), int(parts["day"]))
        return day, day
    if precision == Precision.TEN:
        first, last = _TENS[parts["ten"]]
        month = int(parts["month"])
        return date(year, month, first), date(year, month, last) if last else _end(year, month)
    if precision == Precision.MONTH:
        month = int(parts["month"])
        return date(year, month, 1), _end(year, month)
    if precision == Precision.QUARTER:
        last = 3 * int(parts["quarter"] or parts["q"])
        return date(year, last - 2, 1), _end(year, last)
    if precision == Precision.HALF:
        last = 12 if parts["half"] == "下半年" else 6
        return date(year, last - 5, 1), _end(year, last)
    return date(year, 1, 1), date(year, 12, 31)


def _end(year, month):
    """The last day of a month. ValueError for a month that does not exist."""
    return date(year, month, 1).replace(day=monthrange(year, month)[1])


def start_of(end, precision):
    """The first day of the period of `precision` whose last day is `end`."""
    if precision == Precision.TEN:
        return end.replace(day=1 if end.day <= 10 else 11 if end.day <= 20 else 21)
    if precision == Precision.MONTH:
        return end.replace(day=1)
    if precision == Precision.QUARTER:
        return date(end.year, (end.month - 1) // 3 * 3 + 1, 1)
    if precision == Precision.HALF:
        return date(end.year, 1 if end.month <= 6 else 7, 1)
    if precision == Precision.YEAR:
        return date(end.year, 1, 1)
    return end


# Columns: a model keeps a target as `<name>_text`, `<name>_end` (NULL: none) and `<name>_precision`.


def columns(target, name):
    """The three column values of `target` (None: no target) under `name`."""
    return {
        f"{name}_text": target.text if target else "",
        f"{name}_end": target.end if target else None,
        f"{name}_precision": str(target.precision) if target and target.precision else "",
    }


def target_of(row, name):
    """The Target in the three columns of `row`, or None where no date was understood."""
    end = getattr(row, f"{name}_end")
    if end is None:
        return None
    precision = Precision(getattr(row, f"{name}_precision") or Precision.DAY)
    return Target(getattr(row, f"{name}_text") or end.isoformat(), start_of(end, precision), end, precision)


# Judging


def deadline(end, today, *, done_on=None, start=None, progress=None, closed="", soon=SOON_DAYS["project"]):
    """How a target stands on `today`. `end` is its last day or None.

    `start` and `progress` (0..100) together allow 有风险. `closed`: the words to show where nothing
    is due any more though no day of completion is known (终止, 完工).
    """
    if done_on is not None:
        return Deadline(Standing.DONE, (end - done_on).days if end else 0, f"已完成 {done_on:%Y-%m-%d}")
    if closed:
        return Deadline(Standing.DONE, 0, closed)
    if end is None:
        return Deadline(Standing.NONE, 0, Standing.NONE.label)
    days = (end - today).days
    if days < 0:
        return Deadline(Standing.OVER, days, f"逾期 {-days} 天")
    left = f"剩 {days} 天" if days else "今天到期"
    behind = risk_from(start, end, progress)
    if behind is not None and behind <= today:
        return Deadline(Standing.RISK, days, f"{left}，进度落后")
    return Deadline(Standing.SOON if days <= soon else Standing.OK, days, left)


def risk_from(start, end, progress):
    """The first day on which `progress` (0..100) is behind the calendar, or None: never before `end` is past.

    Models that want 有风险 in the database keep this day in a column and pass its name to `standing_q`.
    """
    if start is None or end is None or progress is None or end <= start:
        return None
    day = start + timedelta(days=int(progress * (end - start).days // RISK_SHARE) + 1)
    return day if day <= end else None


def standing_q(field, today, standing, *, soon, done=None, risk=""):
    """`deadline()` as a database condition on the date column `field`.

    `done`: the condition of rows that are finished or given up (default: none are). `risk`: the name of the
    column that keeps `risk_from`, "" where the rows have no progress.
    """
    done = Q(pk__in=[]) if done is None else done
    standing = Standing(standing)
    if standing == Standing.DONE:
        return done
    if standing == Standing.NONE:
        return ~done & Q(**{f"{field}__isnull": True})
    if standing == Standing.OVER:
        return ~done & Q(**{f"{field}__lt": today})
    behind = Q(**{f"{risk}__lte": today}) if risk else Q(pk__in=[])
    if standing == Standing.RISK:
        return ~done & Q(**{f"{field}__gte": today}) & behind
    calm = Q(**{f"{risk}__isnull": True}) | Q(**{f"{risk}__gt": today}) if risk else Q()
    last = today + timedelta(days=soon)
    if standing == Standing.SOON:
        return ~done & Q(**{f"{field}__gte": today, f"{field}__lte": last}) & calm
    return ~done & Q(**{f"{field}__gt": last}) & calm


# In forms


class TargetDateField(forms.CharField):
    """A target date as officials type it. Cleans to a Target, or None when empty.

    Set `field.year` where the page knows the year that completes "4月底前", and `field.keep` to the text that
    stands there already: unchanged it passes even if it cannot be read, or no old row could be saved again.
    """

    def __init__(self, *, year=None, keep="", max_length=30, **options):
        self.year, self.keep = year, keep
        super().__init__(max_length=max_length, **options)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"placeholder": "如 2026-12-31、6月底前", "autocomplete": "off"}

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse(typed, year=self.year)
        except ValidationError:
            if typed == self.keep:
                return Target(typed)
            raise

    def prepare_value(self, value):
        return value.text if isinstance(value, Target) else value

    def has_changed(self, initial, data):
        return (self.prepare_value(initial) or "") != (data or "").strip()
