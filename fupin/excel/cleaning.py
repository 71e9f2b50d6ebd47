"""What a cell means: text, dates, numbers, yes and no. Pure Python; a cell that cannot be read raises Unreadable.

Blank is None everywhere: unknown is neither 否 nor 0.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite

CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 12
EPOCHS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}

BLANKS = frozenset(
    {"", "-", "--", "—", "——", "－", "/", "／", "\\", "空", "nan", "NaN", "None", "null", "NULL"}
)
_INVISIBLE = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_SPACES = re.compile(r"[\s\u00a0\u3000]+")
_SHELL = re.compile(r'="(.*)"', re.DOTALL)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_SPLIT = re.compile(r"[、,，;；/|\n]+")


class Unreadable(ValueError):
    """The cell holds something, but not what the column needs. `code` names the problem in the issue list."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def text(value):
    """The cell as text: invisible characters gone, blanks at the ends gone, `="…"` shells and 5.0 undone."""
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M") if value.time() != time() else value.strftime("%Y-%m-%d")
    if not isinstance(value, str):
        return str(value)
    return _text(value)


@lru_cache(maxsize=65_536)
def _text(value):
    shell = _SHELL.fullmatch(value.strip())
    if shell:
        value = shell[1].replace('""', '"')
    value = _INVISIBLE.sub("", value).replace("\u00a0", " ").strip()
    return value[1:].strip() if value.startswith("'") else value


@lru_cache(maxsize=65_536)
def compact(value):
    """A label reduced to what is compared: half width, no blanks at all."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", value)))


def has_control_characters(value):
    """Whether text holds characters that nobody sees: control, zero width, direction marks."""
    return isinstance(value, str) and bool(_INVISIBLE.search(value))


def name(value):
    """A person's name: dots unified, no blanks inside Chinese names, a trailing (户主) dropped."""
    if value.__class__ is str and _HAN.fullmatch(value):
        return value
    found = unicodedata.normalize("NFKC", text(value)) if value else ""
    found = re.sub(r"[•・‧∙⋅˙]", "·", found)
    found = re.sub(r"\((户主|本人|已故)\)$", "", found)
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", found).strip()


_FULL = re.compile(r"(\d{4})[年.\-/](\d{1,2})[月.\-/](\d{1,2})[日号]?")
_CLOCK = re.compile(r"(?:\s+|(?<=\d)T)\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\.\d+)?$")
_MONTH = re.compile(r"(\d{4})[年.\-/](\d{1,2})月?份?")
_YEAR = re.compile(r"(\d{4})年?度?")
_SHORT = re.compile(r"(\d{2})[年.\-/](\d{1,2})(?:[月.\-/](\d{1,2})日?)?月?")


def day(value, epoch=1900):
    """`(date, precision)` of a cell, precision "day", "month" or "year"; None when blank.

    Reads real dates, serial numbers, 20190501, 2019.5.1, 2019年5月, 2019/5/1 10:30 and the like. Without a day
    the first of the month or year is given. Raises Unreadable("date_unreadable").
    """
    if isinstance(value, datetime):
        return value.date(), "day"
    if isinstance(value, date):
        return value, "day"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _serial(value, epoch)
    found = compact(_CLOCK.sub("", text(value)))
    if found in BLANKS:
        return None
    return _day_of(found, epoch)


@lru_cache(maxsize=16_384)
def _day_of(found, epoch):
    if found.isdigit() and len(found) in (5, 6, 8):
        return _serial(float(found), epoch)
    for pattern in (_FULL, _MONTH, _YEAR, _SHORT):
        match = pattern.fullmatch(found)
        if match:
            parts = [int(part) for part in match.groups() if part]
            if pattern is _SHORT:
                parts[0] += 2000 if parts[0] < 50 else 1900
            return _made(*parts)
    raise Unreadable("date_unreadable")


def _made(year, month=None, day_=None):
    try:
        made = date(year, month or 1, day_ or 1)
    except ValueError:
        raise Unreadable("date_unreadable") from None
    if not 1900 <= year <= 2100:
        raise Unreadable("date_unreadable")
    return made, "day" if day_ else "month" if month else "year"


def _serial(value, epoch):
    if not isfinite(value):
        raise Unreadable("date_unreadable")
    whole = int(value)
    if 19_000_101 <= whole <= 21_001_231:
        return _made(whole // 10_000, whole // 100 % 100, whole % 100)
    if 190_001 <= whole <= 210_012:
        return _made(whole // 100, whole % 100)
    if 1900 <= value <= 2100 and value == whole:
        return _made(whole)
    if 7_000 <= value <= 73_000:
        return EPOCHS[epoch] + timedelta(days=whole), "day"
    raise Unreadable("date_unreadable")


def year(value):
    """A calendar year: 2019, "2019年", "2019年度", or the year of a date."""
    found = day(value)
    return None if found is None else found[0].year


_AMOUNT = re.compile(r"([+-]?\d+(?:\.\d+)?)(万元?|元|亩|㎡|平方米|m2|平米|公里|千米|km|人|户|月|个月|次|%)?")


def number(value, unit=1):
    """A number as Decimal, `unit` times what the cell says (10000 for a column in 万元); None when blank.

    A unit written in the cell (5000元, 3.5万元) goes before the column's. 无 is nothing, that is 0.
    Raises Unreadable("number_unreadable"): words, ranges and 约 are not guessed at.
    """
    if isinstance(value, bool):
        raise Unreadable("number_unreadable")
    if isinstance(value, int):
        return Decimal(value) * unit
    if isinstance(value, float):
        return Decimal(repr(value)) * unit if isfinite(value) else _fail()
    if isinstance(value, date | datetime | time | timedelta):
        raise Unreadable("number_unreadable")
    found = compact(text(value)).replace(",", "").replace("¥", "").replace("￥", "")
    if found in BLANKS:
        return None
    if found in ("无", "没有", "无收入"):
        return Decimal(0)
    match = _AMOUNT.fullmatch(found)
    if not match:
        try:
            return (
                Decimal(str(float(found))) * unit if re.fullmatch(r"[+-]?[\d.]+E[+-]?\d+", found) else _fail()
            )
        except InvalidOperation:
            _fail()
    amount, written = Decimal(match[1]), match[2] or ""
    if written.startswith("万"):
        return amount * 10_000
    return amount if written == "元" else amount * unit


def _fail():
    raise Unreadable("number_unreadable")


def money(value, unit=1):
    """Yuan with two places, or None."""
    found = number(value, unit)
    if found is None:
        return None
    if abs(found) >= LARGEST:
        _fail()
    return found.quantize(CENT, ROUND_HALF_UP)


def area(value, unit=1):
    """An area or distance with two places, not negative and below ten million, or None."""
    found = money(value, unit)
    if found is not None and not 0 <= found < 10_000_000:
        _fail()
    return found


def whole(value):
    """A count, or None."""
    found = number(value)
    if found is None:
        return None
    if not 0 <= found <= 10_000_000 or found != found.to_integral_value():
        _fail()
    return int(found)


YES = frozenset(
    {
        "是",
        "有",
        "1",
        "√",
        "✓",
        "✔",
        "Y",
        "YES",
        "已",
        "享受",
        "参加",
        "通",
        "对",
        "T",
        "TRUE",
        "已解决",
        "已通",
        "已参加",
    }
)
NO = frozenset(
    {
        "否",
        "无",
        "0",
        "×",
        "✗",
        "X",
        "N",
        "NO",
        "未",
        "不",
        "没有",
        "未参加",
        "未解决",
        "不享受",
        "F",
        "FALSE",
        "未通",
    }
)


def yes(value):
    """True, False, or None when blank. Raises Unreadable("value_unknown")."""
    if isinstance(value, bool):
        return value
    found = compact(text(value)).upper()
    if found in BLANKS:
        return None
    if found in YES:
        return True
    if found in NO:
        return False
    raise Unreadable("value_unknown")


def several(value):
    """The parts of a cell that holds several values: 因病、因残 gives two."""
    return [part for part in (compact(piece) for piece in _SPLIT.split(text(value))) if part]


_PHONE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}")


def phone(value):
    """A mobile or landline number without blanks, None when blank. Raises Unreadable("phone_invalid")."""
    found = compact(text(value))
    if found in BLANKS or found in ("无", "没有"):
        return None
    plain = re.sub(r"[\s\-]", "", found)
    if plain.startswith("+86"):
        plain = plain[3:]
    if _PHONE.fullmatch(plain):
        return plain
    if _LANDLINE.fullmatch(found):
        return found
    raise Unreadable("phone_invalid")
