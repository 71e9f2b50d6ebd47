"""Target dates: reading, judging, and the same judgement in the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from fupin.schedule import (
    SOON_DAYS,
    Precision,
    Standing,
    Target,
    TargetDateField,
    columns,
    deadline,
    parse,
    risk_from,
    start_of,
    target_of,
)

DAYS = st.dates(date(2011, 1, 1), date(2060, 12, 31))
EDGES = st.one_of(
    DAYS,
    DAYS.map(
        lambda d: (d.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    ),  # month ends
    st.sampled_from([date(2024, 2, 29), date(2028, 2, 29), date(2026, 12, 31), date(2027, 1, 1)]),
)


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2026-12-31", "2026-12-31", "2026-12-31", "day"),
        ("2026/6/5", "2026-06-05", "2026-06-05", "day"),
        ("2026.6.5", "2026-06-05", "2026-06-05", "day"),
        ("２０２６年６月５日", "2026-06-05", "2026-06-05", "day"),
        ("20260605", "2026-06-05", "2026-06-05", "day"),
        ("2026-06-05 00:00:00", "2026-06-05", "2026-06-05", "day"),
        ("6月30日前", "2026-06-30", "2026-06-30", "day"),
        ("六月三十日前", "2026-06-30", "2026-06-30", "day"),
        ("十二月二十五日", "2026-12-25", "2026-12-25", "day"),
        ("6月中旬", "2026-06-11", "2026-06-20", "ten"),
        ("2024年2月下旬", "2024-02-21", "2024-02-29", "ten"),
        ("6月初", "2026-06-01", "2026-06-10", "ten"),
        ("2026年4月", "2026-04-01", "2026-04-30", "month"),
        ("4月底前", "2026-04-01", "2026-04-30", "month"),
        ("4 月 底 前 完成", "2026-04-01", "2026-04-30", "month"),
        ("10月", "2026-10-01", "2026-10-31", "month"),
        ("十一月", "2026-11-01", "2026-11-30", "month"),
        ("十月底前", "2026-10-01", "2026-10-31", "month"),
        ("2026.5", "2026-05-01", "2026-05-31", "month"),
        ("2026-05", "2026-05-01", "2026-05-31", "month"),
        ("202605", "2026-05-01", "2026-05-31", "month"),
        ("2023年2月底", "2023-02-01", "2023-02-28", "month"),
        ("2026年第三季度", "2026-07-01", "2026-09-30", "quarter"),
        ("3季度", "2026-07-01", "2026-09-30", "quarter"),
        ("四季度末", "2026-10-01", "2026-12-31", "quarter"),
        ("2026Q1", "2026-01-01", "2026-03-31", "quarter"),
        ("上半年", "2026-01-01", "2026-06-30", "half"),
        ("2026年下半年", "2026-07-01", "2026-12-31", "half"),
        ("年内", "2026-01-01", "2026-12-31", "year"),
        ("2025年底前", "2025-01-01", "2025-12-31", "year"),
        ("年底", "2026-01-01", "2026-12-31", "year"),
        ("2025年", "2025-01-01", "2025-12-31", "year"),
        ("二〇二五年", "2025-01-01", "2025-12-31", "year"),
        ("2025", "2025-01-01", "2025-12-31", "year"),
        ("4月至10月", "2026-04-01", "2026-10-31", "month"),
        ("2025年4月—6月", "2025-04-01", "2025-06-30", "month"),
        ("4-6月", "2026-04-01", "2026-06-30", "month"),
    ],
)
def test_reading_what_officials_write(text, start, end, precision):
    found = parse(text, year=2026)

    assert (found.start.isoformat(), found.end.isoformat(), found.precision) == (start, end, precision)
    assert found.text == text


@pytest.mark.parametrize(
    "text", ["", "尽快", "2026年13月", "2026-02-29", "4月31日", "春节前", "5", "26年5月", "10月至4月"]
)
def test_what_cannot_be_read_is_said_in_chinese(text):
    with pytest.raises(ValidationError) as caught:
        parse(text, year=2026)

    assert "时限" in caught.value.messages[0]


@pytest.mark.parametrize("text", ["4月底前", "下半年", "年内", "第三季度", "6月中旬", "12月31日"])
def test_a_year_is_never_guessed(text):
    with pytest.raises(ValidationError, match="缺少年份"):
        parse(text)


@settings(deadline=None)
@given(EDGES, st.sampled_from(Precision))
def test_periods_contain_their_day_and_survive_the_columns(day, precision):
    month, half = day.month, "上半年" if day.month <= 6 else "下半年"
    ten = "上旬" if day.day <= 10 else "中旬" if day.day <= 20 else "下旬"
    text = {
        "day": day.isoformat(),
        "ten": f"{day.year}年{month}月{ten}",
        "month": f"{day.year}年{month}月底前",
        "quarter": f"{day.year}年第{(month + 2) // 3}季度",
        "half": f"{day.year}年{half}",
        "year": f"{day.year}年内",
    }[precision]

    found = parse(text)

    assert found.precision == precision
    assert found.start <= day <= found.end
    assert (found.end + timedelta(days=1)).day in {1, 11, 21} or precision == "day"
    assert start_of(found.end, precision) == found.start
    row = type("Row", (), columns(found, "planned"))
    assert target_of(row, "planned") == found


@settings(deadline=None)
@given(EDGES, EDGES, st.sampled_from(sorted(SOON_DAYS.values())))
def test_late_from_the_day_after(end, today, soon):
    found = deadline(end, today, soon=soon)

    assert found.days == (end - today).days
    assert (found.standing == Standing.OVER) == (today > end)
    assert (found.standing == Standing.SOON) == (0 <= found.days <= soon)
    assert (found.standing == Standing.OK) == (found.days > soon)
    if found.standing == Standing.OVER:
        assert found.label == f"逾期 {-found.days} 天"


@settings(deadline=None)
@given(EDGES, st.integers(1, 1500), st.integers(0, 100), st.integers(-10, 1600))
def test_risk_is_progress_behind_the_calendar(start, length, progress, passed):
    end, today = start + timedelta(days=length), start + timedelta(days=passed)

    found = deadline(end, today, start=start, progress=progress, soon=30)

    behind = 0 < passed <= length and progress / 100 < 0.7 * passed / length - 1e-12
    assert (found.standing == Standing.RISK) == behind
    day = risk_from(start, end, progress)
    assert (day is not None and day <= today <= end) == behind


def test_done_closed_and_unset():
    today = date(2026, 11, 23)

    assert deadline(None, today).label == "未设目标日"
    assert deadline(date(2026, 1, 1), today, done_on=date(2026, 10, 1)).label == "已完成 2026-10-01"
    assert deadline(date(2026, 1, 1), today, closed="终止").standing == Standing.DONE
    assert deadline(today, today).label == "今天到期"
    assert deadline(date(2026, 10, 31), today).label == "逾期 23 天"


def test_the_day_changes_at_midnight_in_shanghai():
    before, after = datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    end = parse("2026年内").end

    assert deadline(end, timezone.localdate(before)).standing == Standing.SOON
    assert deadline(end, timezone.localdate(after)).label == "逾期 1 天"


def test_the_form_field_gives_a_target_and_keeps_what_was_typed():
    field = TargetDateField(required=False, year=2026)

    assert field.clean("") is None
    assert field.clean(" 4月底前 ").end == date(2026, 4, 30)
    assert field.prepare_value(parse("2026年4月")) == "2026年4月"
    assert not field.has_changed(Target("年内", date(2026, 1, 1), date(2026, 12, 31), Precision.YEAR), "年内")
    with pytest.raises(ValidationError, match="看不懂"):
        field.clean("尽快")
