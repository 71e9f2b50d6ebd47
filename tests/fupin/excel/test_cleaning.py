"""What cells mean."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
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
        (2019.5, (date(2019, 5, 1), "month")),
        (2019.12, (date(2019, 12, 1), "month")),
        ("2019.1", (date(2019, 1, 1), "month")),
        ("2019.10", (date(2019, 10, 1), "month")),
        ("2019年5月1日 星期三", (date(2019, 5, 1), "day")),
        ("2019-05-01T08:00:00Z", (date(2019, 5, 1), "day")),
        ("2019年5月1日上午8时30分", (date(2019, 5, 1), "day")),
        ("二〇一九年五月一日", (date(2019, 5, 1), "day")),
        ("二○一九年十二月三十一日", (date(2019, 12, 31), "day")),
        ("2019年五月", (date(2019, 5, 1), "month")),
        ("2019年底", (date(2019, 1, 1), "year")),
        ("31/12/2019", (date(2019, 12, 31), "day")),
        ("2019、5、1", (date(2019, 5, 1), "day")),
        ("", None),
        ("—", None),
    ],
)
def test_dates(value, expected):
    assert cleaning.day(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "去年冬天",
        "2016.2.30",
        "上月中旬",
        "2019-13-01",
        3.5,
        "民国八年",
        "是",
        2019.1,
        2019.13,
        "农历五月初一",
        "2019年腊月",
        "5月",
        "5月3日",
        "长期",
        "至今",
        "20__年",
        "05/06/2019",
        "2019-00-01",
        date(1905, 7, 11),
        float("nan"),
        "2019年三十三月",
    ],  # fmt: skip
)
def test_unreadable_dates(value):
    with pytest.raises(Unreadable):
        cleaning.day(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [(2019.1, "2019-10"), ("农历五月初一", "公历"), ("5月", "年份"), (date(1905, 7, 11), "年份")],
)
def test_what_is_said_of_a_date_that_is_not_clear(value, words):
    with pytest.raises(Unreadable) as problem:
        cleaning.day(value)
    assert problem.value.code == "date_unreadable"
    assert words in problem.value.detail


def test_a_day_without_a_year_takes_that_of_the_file():
    assert cleaning.day("5月3日", year=2020) == (date(2020, 5, 3), "day")
    assert cleaning.day("5月", year=2020) == (date(2020, 5, 1), "month")


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
        ("1，200元整", 1, "1200.00"),
        ("三百", 1, "300.00"),
        ("一千二百元", 1, "1200.00"),
        ("两万三千零五元", 1, "23005.00"),
        ("一千二", 1, "1200.00"),
        ("三千元", 10_000, "3000.00"),
        ("二点", 1, None),
        ("1.2E+3", 1, "1200.00"),
        (".5万", 1, "5000.00"),
        ("-3,000", 1, "-3000.00"),
    ],
)
def test_money(value, unit, expected):
    if expected is None:
        with pytest.raises(Unreadable):
            cleaning.money(value, unit)
    else:
        assert cleaning.money(value, unit) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [
        ("2公顷", "亩", 30),
        ("1000㎡", "亩", Decimal("1.5")),
        ("3.5", "亩", Decimal("3.5")),
        ("三亩", "亩", 3),
        ("120㎡", "㎡", 120),
        ("120平方米", "㎡", 120),
        ("800米", "公里", Decimal("0.8")),
        ("2公里", "公里", 2),
        ("三里", "公里", Decimal("1.5")),
    ],
)
def test_areas_and_distances(value, base, expected):
    assert cleaning.area(value, 1, base) == expected


@pytest.mark.parametrize(
    ("clean", "value", "kept"),
    [
        (cleaning.area, "十余亩", 10),
        (cleaning.area, "100多亩", 100),
        (cleaning.area, "约3.5亩", Decimal("3.5")),
        (cleaning.whole, "68多个", 68),
        (cleaning.whole, "6个月左右", 6),
        (cleaning.money, "约3万", None),
        (cleaning.money, "三百多元", None),
    ],
)
def test_about_is_kept_and_told_but_not_of_money(clean, value, kept):
    with pytest.raises(Unreadable) as problem:
        clean(value)
    assert problem.value.value == kept
    assert problem.value.code == ("number_unreadable" if kept is None else "number_approximate")


@pytest.mark.parametrize("value", ["***", "张**", "××", "xxx", "^v^", "__"])
def test_masked_text_is_blank_and_told(value):
    with pytest.raises(Unreadable) as problem:
        cleaning.written(value)
    assert problem.value.code == "value_masked"


@pytest.mark.parametrize("value", ["张三", "ABC", "x", "A*B公司", "2×3 米", "xx镇"])
def test_other_text_is_kept(value):
    assert cleaning.written(value) == value


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
    assert cleaning.phone("+86 154-1234-5678") == "15412345678"
    assert cleaning.phone("１５４１２３４５６７８") == "15412345678"
    assert cleaning.phone("023-12345678") == "023-12345678"
    with pytest.raises(Unreadable):
        cleaning.phone("1541234567")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("15412345678、15487654321", "15412345678"),
        ("1541234 / 15487654321", "15487654321"),
        ("15412345678 15487654321", "15412345678"),
        ("154****5678", ""),
        ("1541234567", None),
    ],
)
def test_of_several_phones_the_first_good_one_is_kept(value, kept):
    with pytest.raises(Unreadable) as problem:
        cleaning.phone(value)
    assert problem.value.code == "phone_invalid"
    assert problem.value.value == kept


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
        cleaning.number,
        cleaning.written,
        lambda value: cleaning.day(value, 1904, 2020),
        lambda value: cleaning.area(value, Decimal("0.0015"), "㎡"),
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


digits = st.text("0123456789.,-+ 年月日/、一二三四五六七八九十百千万亿零〇两约多余元亩㎡%E", max_size=12)


@given(digits)
def test_whatever_looks_like_a_figure_is_answered_or_unreadable(value):
    test_anything_is_answered_or_unreadable.hypothesis.inner_test(value)


def in_chinese(number):
    """A number below a hundred million as it is spelt out."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return in_chinese(high) + "万" + ("" if not low else ("零" if low < 1000 else "") + in_chinese(low))
    words, zero = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            words += ("零" if zero and words else "") + "零一二三四五六七八九"[digit] + unit
        zero = not digit if words else False
    return words or "零"


@given(st.integers(0, 99_999_999))
def test_every_numeral_reads_back(number):
    assert cleaning.numeral(in_chinese(number)) == number


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_every_spelling_of_a_month_is_that_month(year, month):
    for spelling in (
        f"{year}年{month}月",
        f"{year}.{month}",
        f"{year}-{month:02}",
        f"{year}/{month:02}",
        f"{year}{month:02}",
        f"{year}年{month}月份",
    ):
        assert cleaning.day(spelling) == (date(year, month, 1), "month")


@example(date(2099, 12, 31), 1900)
@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from([1900, 1904]))
def test_every_serial_is_its_day(day, epoch):
    serial = float((day - cleaning.EPOCHS[epoch]).days)
    if not 1900 <= serial <= 2100:
        assert cleaning.day(serial, epoch) == (day, "day")


@given(st.integers(13_000_000_000, 19_999_999_999), st.sampled_from(["", " ", "-"]))
def test_every_phone_reads_back(number, gap):
    digits = str(number)
    assert cleaning.phone(digits[:3] + gap + digits[3:7] + gap + digits[7:]) == digits
    assert cleaning.phone(float(number)) == digits


@given(
    st.sampled_from(sorted(cleaning.YES)),
    st.sampled_from(sorted(cleaning.NO)),
    st.sampled_from(["", " ", "\u3000", "\u200b"]),
)
def test_every_word_for_yes_and_no(yes, no, blank):
    assert cleaning.yes(blank + yes + blank) is True
    assert cleaning.yes(blank + no.lower() + blank) is False
    assert not cleaning.YES & cleaning.NO
