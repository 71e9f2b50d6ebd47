"""What cells mean."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fupin.excel import cleaning
from fupin.excel.cleaning import Unreadable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2019, 5, 1), (date(2019, 5, 1), "day")),
        (datetime(2019, 5, 1, 8, 0), (date(2019, 5, 1), "day")),
        (43586.0, (date(2019, 5, 1), "day")),
        ("43586", (date(2019, 5, 1), "day")),
        ("2019.5.1", (date(2019, 5, 1), "day")),
        ("2019-05-01", (date(2019, 5, 1), "day")),
        ("2019/5/1 10:30", (date(2019, 5, 1), "day")),
        ("2019年5月1日", (date(2019, 5, 1), "day")),
        ("２０１９年５月１日", (date(2019, 5, 1), "day")),
        ("20190501", (date(2019, 5, 1), "day")),
        (20190501.0, (date(2019, 5, 1), "day")),
        ("2019年5月", (date(2019, 5, 1), "month")),
        ("2019.5", (date(2019, 5, 1), "month")),
        ("201905", (date(2019, 5, 1), "month")),
        ("2019年度", (date(2019, 1, 1), "year")),
        (2019.0, (date(2019, 1, 1), "year")),
        ("19.5", (date(2019, 5, 1), "month")),
        ("", None),
        ("—", None),
    ],
)
def test_dates(value, expected):
    assert cleaning.day(value) == expected


@pytest.mark.parametrize(
    "value", ["去年冬天", "2016.2.30", "上月中旬", "2019-13-01", 3.5, "民国八年", True and "是"]
)
def test_unreadable_dates(value):
    with pytest.raises(Unreadable):
        cleaning.day(value)


def test_the_1904_calendar():
    assert cleaning.day(42124.0, 1904) == (date(2019, 5, 1), "day")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("12,300.00", 1, "12300.00"),
        ("5000元", 1, "5000.00"),
        ("3.5万元", 1, "35000.00"),
        (1.7777, 10_000, "17777.00"),
        ("1.7777", 10_000, "17777.00"),
        ("500元", 10_000, "500.00"),
        ("１２３", 1, "123.00"),
        (0.13852, 10_000, "1385.20"),
        (-5.005, 1, "-5.01"),
        ("无", 1, "0.00"),
        ("¥1,200", 1, "1200.00"),
    ],
)
def test_money(value, unit, expected):
    assert cleaning.money(value, unit) == Decimal(expected)


@pytest.mark.parametrize(
    "value", ["约三千", "1O,400", "三百多", "100-200", "60%", True, date(2020, 1, 1), "1" * 20]
)
def test_unreadable_money(value):
    with pytest.raises(Unreadable):
        cleaning.money(value)


@pytest.mark.parametrize("value", [None, "", "-", "—", "/", "　"])
def test_blank_is_unknown(value):
    assert cleaning.money(value) is None
    assert cleaning.yes(value) is None
    assert cleaning.day(value or "") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("是", True), ("√", True), (1.0, True), ("否", False), ("×", False), ("无", False)],
)
def test_yes_and_no(value, expected):
    assert cleaning.yes(value) is expected


def test_names():
    assert cleaning.name("张 三") == "张三"
    assert cleaning.name("扎西•多吉(户主)") == "扎西·多吉"
    assert cleaning.name("\u200b次真 志玛\u00a0") == "次真志玛"
    assert cleaning.name("John Smith") == "John Smith"


def test_several():
    assert cleaning.several("因病、因残，缺水;因学") == ["因病", "因残", "缺水", "因学"]


def test_phones():
    assert cleaning.phone("154 1234-5678") == "15412345678"
    assert cleaning.phone(15412345678.0) == "15412345678"
    assert cleaning.phone("无") is None
    with pytest.raises(Unreadable):
        cleaning.phone("1541234567")


anything = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.none())


@given(anything)
def test_anything_is_answered_or_unreadable(value):
    for clean in (
        cleaning.money,
        cleaning.day,
        cleaning.yes,
        cleaning.whole,
        cleaning.phone,
        cleaning.year,
        cleaning.area,
    ):
        try:
            clean(value)
        except Unreadable:
            continue
    assert isinstance(cleaning.text(value), str)
    assert isinstance(cleaning.name(value), str)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_spelling_of_a_day_is_that_day(day):
    for spelling in (
        f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
    ):
        assert cleaning.day(spelling) == (day, "day")


@given(st.decimals(-(10**9), 10**9, places=2))
def test_every_amount_reads_back(amount):
    for spelling in (str(amount), f"{amount:,}", f"{amount}元", float(amount)):
        assert cleaning.money(spelling) == amount
