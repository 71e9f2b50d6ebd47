"""ID numbers: the vectors of the rule book, and properties that hold for every number."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from households import idcard

TODAY = date(2026, 11, 23)

births = st.dates(idcard.EARLIEST, TODAY)
bodies = st.tuples(st.integers(110000, 999999), births, st.integers(0, 999))


def number_of(parts):
    region, birth, sequence = parts
    body = f"{region}{birth:%Y%m%d}{sequence:03}"
    return body + idcard.check_character(body)


valid = bodies.map(number_of)


@pytest.mark.parametrize(
    ("text", "sex", "birth"),
    [
        ("34052419800101001X", "1", date(1980, 1, 1)),
        ("34052419800101001x", "1", date(1980, 1, 1)),
        ("11010519491231002X", "2", date(1949, 12, 31)),
        ("99010119700101001X", "1", date(1970, 1, 1)),
        ("990101197001010028", "2", date(1970, 1, 1)),
        ("990101201005310035", "1", date(2010, 5, 31)),
        ("990101195202290063", "2", date(1952, 2, 29)),
        ("９９０１０１１９７００１０１００２８", "2", date(1970, 1, 1)),
        (" 990101 19700101\t0028\n", "2", date(1970, 1, 1)),
        ("'990101197001010028", "2", date(1970, 1, 1)),
        ('="990101197001010028"', "2", date(1970, 1, 1)),
        ("990101197001010028.0", "2", date(1970, 1, 1)),
        ("\u200b990101197001010028\u00a0\ufeff", "2", date(1970, 1, 1)),
        ("99010119700101001Х", "1", date(1970, 1, 1)),  # Cyrillic
        ("99010119700101001Χ", "1", date(1970, 1, 1)),  # Greek
    ],
)
def test_good_numbers(text, sex, birth):
    found = idcard.read(text, TODAY)

    assert (found.problem, found.note, found.sex, found.birth) == ("", "", sex, birth)
    assert found.number == idcard.normalise(text)
    assert found.message == ""


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "id_missing"),
        (None, "id_missing"),
        ("　", "id_missing"),
        ("暂无", "id_missing"),
        ("新生儿", "id_missing"),
        ("440524188001010014", "id_birth_invalid"),  # 1880: the check holds, the range does not
        ("513327199002300015", "id_birth_invalid"),
        ("340524198001010011", "id_check_digit"),
        ("990101209901010021", "id_birth_future"),
        ("99010119700101001", "id_length"),
        ("9901011970010100288", "id_length"),
        ("99010119700101O028", "id_chars"),
        ("G990101197001010028", "id_chars"),
        ("990101********0028", "id_chars"),
        ("X90101197001010028", "id_chars"),
        (5.13327e17, "id_precision_lost"),
        (990101197001010000, "id_precision_lost"),
        ("5.13327E+17", "id_precision_lost"),
        ("5.13327196512248E+17", "id_precision_lost"),
        ("990101197001010000", "id_precision_lost"),
        ("99010119700101002893", "id_length"),  # no eighth kind of disability
    ],
)
def test_refused_numbers(value, problem):
    found = idcard.read(value, TODAY)

    assert found.problem == problem
    assert found.number == ""
    assert found.message


def test_masked_number_is_kept_and_never_matched():
    found = idcard.read("990101********0028", TODAY)

    assert found.masked
    assert found.text == "990101********0028"
    assert found.number == ""
    assert "脱敏" in found.message


def test_fifteen_digits_are_completed():
    for value in ("990101700101001", 990101700101001, 990101700101001.0):
        found = idcard.read(value, TODAY)
        assert (found.number, found.note, found.problem) == ("99010119700101001X", "id_15_digits", "")


def test_disability_certificate_holds_the_number_kind_and_level():
    for text in ("99010119700101002843", "9901011970010100284311"):
        found = idcard.read(text, TODAY)
        assert (found.number, found.note) == ("990101197001010028", "id_disability_cert")
        assert (found.kind, found.level, found.certificate) == ("4", "3", text)


def test_age_counts_the_birthday():
    assert idcard.age_on(date(2000, 2, 29), date(2026, 2, 28)) == 25
    assert idcard.age_on(date(2000, 2, 29), date(2026, 3, 1)) == 26
    assert idcard.age_on(date(2000, 11, 23), TODAY) == 26


@given(bodies)
def test_every_number_reads_back(parts):
    number = number_of(parts)
    found = idcard.read(number, TODAY)

    assert (found.number, found.problem) == (number, "")
    assert found.birth == parts[1]
    assert found.sex == ("1" if parts[2] % 2 else "2")
    assert found.age_on(TODAY) == idcard.age_on(parts[1], TODAY) >= 0


@given(valid, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number, place, step):
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]

    assert idcard.read(wrong, TODAY).problem


@given(valid, st.integers(0, 15))
def test_two_swapped_digits_are_always_noticed(number, place):
    if number[place] == number[place + 1]:
        return
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert idcard.read(wrong, TODAY).problem


@given(
    valid,
    st.lists(st.tuples(st.integers(0, 18), st.sampled_from(" \t\n\u00a0\u200b\u3000'-\ufeff")), max_size=5),
)
def test_blanks_and_marks_do_not_matter(number, marks):
    text = number
    for place, mark in marks:
        text = text[:place] + mark + text[place:]

    assert idcard.read(text, TODAY).number == number


@given(valid)
def test_full_width_and_small_x_do_not_matter(number):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)

    assert idcard.read(wide, TODAY).number == number
    assert idcard.read(number.lower(), TODAY).number == number


@given(
    st.tuples(st.integers(110000, 999999), st.dates(idcard.EARLIEST, date(1999, 12, 31)), st.integers(0, 999))
)
def test_fifteen_digits_complete_to_the_same_person(parts):
    number = number_of(parts)
    old = number[:6] + number[8:17]

    assert idcard.complete(old) == number
    assert idcard.read(old, TODAY).number == number


@given(valid, st.sampled_from("1234567"), st.sampled_from("1234"), st.sampled_from(["", "11", "02"]))
def test_certificates_of_every_kind(number, kind, level, rest):
    found = idcard.read(number + kind + level + rest, TODAY)

    assert found.number == number
    assert (found.kind, found.level) == (kind, level)


@given(valid, st.integers(0, 17), st.integers(1, 4))
def test_a_masked_number_never_matches(number, place, width):
    found = idcard.read(number[:place] + "*" * width + number[place + width :], TODAY)

    assert found.masked
    assert found.number == ""
    assert found.problem == "id_chars"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none()))
def test_anything_is_answered(value):
    found = idcard.read(value, TODAY)

    assert bool(found.number) != bool(found.problem)
    assert not found.number or len(found.number) == 18


@given(births, st.integers(0, 40_000))
def test_age_grows_by_one_each_birthday(birth, days):
    day = birth + timedelta(days=days)

    assert idcard.age_on(birth, day) == sum(
        1
        for year in range(birth.year + 1, day.year + 1)
        if (birth.month, birth.day) <= (day.month, day.day) or year < day.year
    )
