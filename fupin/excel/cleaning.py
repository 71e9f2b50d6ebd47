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
    {
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "－",
        "–",
        "/",
        "／",
        "//",
        "\\",
        "空",
        "nan",
        "NaN",
        "None",
        "null",
        "NULL",
    }
)
_INVISIBLE = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_SPACES = re.compile(r"[\s\u00a0\u3000]+")
_SHELL = re.compile(r'="(.*)"', re.DOTALL)
_MASK = re.compile(r".{0,3}?(?:\*{2,}|[×✕]{2,}|[xX]{3,}|\^[vV_]\^|_{2,}|…{1,}|■+|□+|●+).{0,4}")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_SPLIT = re.compile(r"[、,，;；/|\n]+")
_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,}")
"""One of several words that are parted by blanks; 张 三 is one name."""
_MU = re.compile(r"(?:(?P<mu>\d{1,5}(?:\.\d+)?)亩)?(?:(?P<fen>\d(?:\.\d+)?)分地?)?(?:(?P<li>\d)厘)?")
"""3亩2分5厘: ten 分 are a 亩."""


UNITS = {
    "元": {"元": 1, "块": 1, "百元": 100, "千元": 1000, "万元": 10_000, "万": 10_000, "亿元": 100_000_000},
    "亩": {"亩": 1, "公顷": 15, "ha": 15, "㎡": Decimal("0.0015"), "m2": Decimal("0.0015"), "平方米": Decimal("0.0015"),
          "平米": Decimal("0.0015"), "平方": Decimal("0.0015"), "平方公里": 1500, "分": Decimal("0.1"), "万亩": 10_000},
    "㎡": {"㎡": 1, "m2": 1, "平方米": 1, "平米": 1, "平方": 1, "平": 1, "亩": Decimal(2000) / 3, "公顷": 10_000},
    "公里": {"公里": 1, "千米": 1, "km": 1, "KM": 1, "Km": 1, "里": Decimal("0.5"), "米": Decimal("0.001"), "m": Decimal("0.001")},
}  # fmt: skip
"""`{unit that a column is kept in: {unit as written: what it comes to}}`; 666.67 square metres are a 亩."""


class Unreadable(ValueError):
    """The cell holds something, but not what the column needs. `code` names the problem in the issue list.

    `detail` says more where there is more to say; `value` is what can be kept all the same, None for nothing.
    """

    def __init__(self, code, detail="", value=None):
        super().__init__(code)
        self.code, self.detail, self.value = code, detail, value


def answers_in(unit):
    """Mark a cleaning function of a column with the unit that it gives: what the header says is turned into that."""

    def mark(clean):
        clean.base = unit
        return clean

    return mark


def masked(value):
    """Whether a cell was made unreadable on purpose: 张**, xxx, ××, ^v^, 20__年."""
    return isinstance(value, str) and bool(_MASK.fullmatch(value.strip()))


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


@lru_cache(maxsize=8192)
def _text(value):
    shell = _SHELL.fullmatch(value.strip())
    if shell:
        value = shell[1].replace('""', '"')
    value = _INVISIBLE.sub("", value).replace("\u00a0", " ").strip()
    return value[1:].strip() if value.startswith("'") else value


def written(value):
    """Free text of a cell, None when blank. Raises Unreadable("value_masked") for ***, ××, xxx."""
    found = text(value)
    if masked(found):
        raise Unreadable("value_masked")
    return None if found in BLANKS else found


@lru_cache(maxsize=8192)
def compact(value):
    """A label reduced to what is compared: half width, no blanks at all."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", value)))


def has_control_characters(value):
    """Whether text holds characters that nobody sees: control, zero width, direction marks."""
    return isinstance(value, str) and bool(_INVISIBLE.search(value))


_REMARK = re.compile(
    r"\s*[(\[【](?P<said>户主|本人|(?:已|亡)?故|已?去世|已?死亡|已?病故|五保户?|低保户?|特困户?|特困人员|残疾人?|智障|聋哑|党员|监测户|脱贫户|贫困户|一般户|边缘户"
    r"|已?外出|外出务工|务工|在外|外嫁|已?出嫁|已?婚迁|已?迁出|已?分户|服刑|失踪|在校|学生|小学生|新生儿|男|女)[)\]】]$"
)


def remark_in(value):
    """The remark behind a name: 五保 of 张三（五保）; "" where there is none, or none that says more than the relation."""
    found = (
        _REMARK.search(unicodedata.normalize("NFKC", text(value)))
        if value.__class__ is str and value
        else None
    )
    return found["said"] if found and found["said"] not in ("户主", "本人", "男", "女") else ""


def name(value):
    """A person's name: dots unified, no blanks inside Chinese names, a trailing remark like (户主) or （五保） dropped."""
    if value.__class__ is str and _HAN.fullmatch(value):
        return value
    found = unicodedata.normalize("NFKC", text(value)) if value else ""
    found = re.sub(r"[•・‧∙⋅˙]", "·", found)
    found = _REMARK.sub("", found)
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", found).strip()


_FULL = re.compile(r"(\d{4})[年.\-/、,](\d{1,2})[月.\-/、,](\d{1,2})[日号]?")
_CLOCK = re.compile(
    r"(?:\s+|(?<=\d)T|(?<=[日号]))(?:[上下]午)?\d{1,2}[:：时]\d{2}(?:[:：分]\d{2}秒?|分)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$"
)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周)[一二三四五六日天][)）]?$")
_MONTH = re.compile(r"(\d{4})[年.\-/、](\d{1,2})月?份?[底初末]?")
_YEAR = re.compile(r"(\d{4})年?度?[底初末]?")
_SHORT = re.compile(r"(\d{2})[年.\-/](\d{1,2})(?:[月.\-/](\d{1,2})[日号]?)?月?份?")
_YEARLESS = re.compile(r"(\d{1,2})月份?(?:(\d{1,2})[日号]?)?")
_WESTERN = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_CHINESE_DATE = re.compile(
    r"([〇零○Oo一二三四五六七八九]{4}|\d{4})年(?:([一二三四五六七八九十\d]{1,3})月(?:([一二三四五六七八九十廿\d]{1,3})[日号]?)?)?"
)
_OTHER_CALENDAR = re.compile(
    r"农历|阴历|旧历|正月|腊月|冬月|民国|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年|初[一二三四五六七八九十]|闰"
)
TYPED_AS_DATE = (date(1905, 3, 14), date(1905, 9, 30))
"""Days that the figures 1900 to 2100 become in a cell formatted as a date: somebody typed a year there."""


def day(value, epoch=1900, year=None):
    """`(date, precision)` of a cell, precision "day", "month" or "year"; None when blank.

    Reads real dates, serial numbers, 20190501, 2019.5.1, 2019年5月, 二〇一九年五月, 2019/5/1 10:30 and the like. Without
    a day the first of the month or year is given; `year` completes 5月 and 5月3日. Raises
    Unreadable("date_unreadable"), so for 农历 and 民国, which are not turned into ours.
    """
    if isinstance(value, date):
        found = value.date() if isinstance(value, datetime) else value
        if TYPED_AS_DATE[0] <= found <= TYPED_AS_DATE[1]:
            raise Unreadable("date_unreadable", "像是在日期格式的单元格里只填了年份，请填完整的日期")
        return found, "day"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _serial(value, epoch)
    found = compact(_CLOCK.sub("", _WEEKDAY.sub("", text(value)).strip()))
    if found in BLANKS:
        return None
    return _day_of(found, epoch, year)


@lru_cache(maxsize=16_384)
def _day_of(found, epoch, year):
    if found.isdecimal() and len(found) in (5, 6, 8):
        return _serial(float(found), epoch)
    for pattern in (_FULL, _MONTH, _YEAR, _SHORT):
        match = pattern.fullmatch(found)
        if match:
            parts = [int(part) for part in match.groups() if part]
            if pattern is _SHORT:
                parts[0] += 2000 if parts[0] < 50 else 1900
            return _made(*parts)
    return _unusual(found, year)


def _unusual(found, year):
    if _OTHER_CALENDAR.search(found):
        raise Unreadable("date_unreadable", "农历、民国等历法请换成公历，如 2020-05-01")
    match = _YEARLESS.fullmatch(found)
    if match:
        if year is None:
            raise Unreadable("date_unreadable", "没有年份，请写完整，如 2020年5月")
        return _made(year, *(int(part) for part in match.groups() if part))
    match = _WESTERN.fullmatch(found)
    if match and int(match[1]) > 12 >= int(match[2]):
        return _made(int(match[3]), int(match[2]), int(match[1]))
    if match and int(match[1]) == int(match[2]):
        return _made(int(match[3]), int(match[1]), int(match[2]))
    match = _CHINESE_DATE.fullmatch(found)
    if match:
        digits = "".join(_DIGITS.get(c, c) for c in match[1])
        rest = [numeral(part.replace("廿", "二十")) for part in match.groups()[1:] if part]
        if digits.isdecimal() and None not in rest:
            return _made(int(digits), *map(int, rest))
    raise Unreadable("date_unreadable")


def _made(year, month=None, day_=None):
    try:
        made = date(year, 1 if month is None else month, 1 if day_ is None else day_)
    except ValueError:
        raise Unreadable("date_unreadable") from None
    if not 1900 <= year <= 2100:
        raise Unreadable("date_unreadable")
    return made, "day" if day_ else "month" if month else "year"


def _serial(value, epoch):
    if not isfinite(value):
        raise Unreadable("date_unreadable")
    whole = int(value)
    if value != whole and 1900 <= whole <= 2100:
        return _month_of_figure(value)
    if 19_000_101 <= whole <= 21_001_231:
        return _made(whole // 10_000, whole // 100 % 100, whole % 100)
    if 190_001 <= whole <= 210_012:
        return _made(whole // 100, whole % 100)
    if 1900 <= value <= 2100 and value == whole:
        return _made(whole)
    if 7_000 <= value < 73_051:  # to the end of 2099
        return EPOCHS[epoch] + timedelta(days=whole), "day"
    raise Unreadable("date_unreadable")


def _month_of_figure(value):
    """2019.5 is May and 2019.12 December; 2019.1 may have been either 2019.1 or 2019.10 when it was typed."""
    year_, _, month = f"{value:.6f}".rstrip("0").partition(".")
    if month == "1":
        raise Unreadable(
            "date_unreadable", f"{year_}.1 可能是 1 月，也可能是 10 月，请写成 {year_}-01 或 {year_}-10"
        )
    if len(month) > 2:
        raise Unreadable("date_unreadable")
    return _made(int(year_), int(month))


def year(value):
    """A calendar year: 2019, "2019年", "2019年度", or the year of a date."""
    found = day(value)
    return None if found is None else found[0].year


_DIGITS = {word: str(digit) for digit, words in enumerate(("〇零○Oo", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for word in words}  # fmt: skip
_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_NUMERAL = re.compile(r"[零〇一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟]+")
_AMOUNT = re.compile(
    r"(?P<amount>[+-]?(?:\d+(?:\.\d*)?|\.\d+)|[+-]?[零〇一二三四五六七八九十百千两壹贰叁肆伍陆柒捌玖拾佰仟万亿]+)"
    r"(?P<unit>(?:亿|万|千|百)?元整?|万|千|百|块钱?|万?亩|分地|公顷|ha|㎡|m2|平方米|平方公里|平方|平米|平|公里|千米|[kK]?m|里|米"
    r"|个(?:人|月)?|人|口|户|月|次|天|年|岁|间|头|只|株|套|台|辆|所|条|家|座|处|名|位|%)?"
)
_ABOUT = re.compile(r"约为?|大约|大概|近|将近|接近|不到|超过|至少|左右|上下|以上|以下|多|余|来|几|±|~|≈")


@lru_cache(maxsize=4096)
def numeral(word):
    """A whole number written in Chinese numerals or digits as Decimal; None when it is neither."""
    if word.isdecimal():
        return Decimal(int(word))
    if not _NUMERAL.fullmatch(word):
        return None
    if all(c in _DIGITS for c in word):
        return Decimal("".join(_DIGITS[c] for c in word)) if len(word) > 1 else Decimal(_DIGITS[word])
    total, part, digit, power = 0, 0, None, 1
    for c in word:
        if c in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = int(_DIGITS[c])
        elif c in _POWERS:
            power = _POWERS[c]
            part += (1 if digit is None else digit) * power
            digit = None
        else:
            power = 10_000 if c == "万" else 100_000_000
            total = (total + part + (digit or 0)) * power
            part, digit = 0, None
    shortened = digit and power > 10 and "零" not in word and "〇" not in word
    return Decimal(total + part + (digit or 0) * (power // 10 if shortened else 1))


def number(value, unit=1, base="元", about=False):
    """A number in `base` as Decimal, `unit` times what the cell says (10000 for a column in 万元); None when blank.

    A unit written in the cell (5000元, 3.5万元, 2公顷, 800米) goes before the column's. 无 is nothing, that is 0.
    Raises Unreadable("number_unreadable"): words and ranges are not guessed at. 约 and 多 are so too, unless `about`:
    then Unreadable("number_approximate") has the number in its `value`.
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
    plain = _ABOUT.sub("", found)
    if plain != found and plain:
        kept = _amount(plain, unit, base) if about else None
        raise Unreadable("number_approximate" if kept is not None else "number_unreadable", value=kept)
    amount = _amount(found, unit, base)
    return _fail() if amount is None else amount


def _amount(found, unit, base):
    """The amount that a text without blanks and separators says, None when it says none."""
    match = _AMOUNT.fullmatch(found)
    if match is None:
        try:
            return (
                Decimal(str(float(found))) * unit if re.fullmatch(r"[+-]?\d[\d.]*E[+-]?\d+", found) else None
            )
        except (InvalidOperation, ValueError):
            return None
    words, written = match["amount"], (match["unit"] or "").removesuffix("整").removesuffix("钱")
    sign = -1 if words.startswith("-") else 1
    bare = words.lstrip("+-")
    amount = Decimal(bare) if bare[-1].isascii() else numeral(bare)
    if amount is None or not amount.is_finite():
        return None
    factor = UNITS.get(base, {}).get(written)
    if written == "%" and base == "元":
        return None
    if factor is None:
        factor = unit * (10_000 if written.startswith("万") else {"千": 1000, "百": 100}.get(written, 1))
    return sign * amount * factor


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


def area(value, unit=1, base="亩"):
    """An area or distance in `base` with two places, not negative and below ten million, or None."""
    if base == "亩" and value.__class__ is str and "亩" in value and (found := _MU.fullmatch(compact(value))):
        value = sum(Decimal(found[name] or 0) / part for name, part in (("mu", 1), ("fen", 10), ("li", 100)))
        return value.quantize(CENT, ROUND_HALF_UP)
    return _measured(value, unit, base, lambda found: found.quantize(CENT, ROUND_HALF_UP))


def whole(value, unit=1):
    """A count, or None."""
    return _measured(
        value, unit, "", lambda found: int(found) if found == found.to_integral_value() else _fail()
    )


def _measured(value, unit, base, shape):
    try:
        found = number(value, unit, base, about=True)
    except Unreadable as problem:
        if problem.value is not None:
            problem.value = shape(problem.value) if 0 <= problem.value < 10_000_000 else _fail()
        raise
    if found is None:
        return None
    if not 0 <= found < 10_000_000:
        _fail()
    return shape(found)


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
        "☑",
        "■",
        "V",
        "∨",
        "是的",
        "参保",
        "已享受",
        "加入",
        "会",
        "通",
        "对",
        "T",
        "TRUE",
        "已解决",
        "已通",
        "已参加",
        "已办结",
        "办结",
        "已整改",
        "整改完成",
        "已消除",
        "已落实",
        "已完成",
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
        "☒",
        "□",
        "╳",
        "✕",
        "不是",
        "非",
        "未享受",
        "未参保",
        "未加入",
        "不会",
        "没有",
        "未参加",
        "未解决",
        "未办结",
        "未整改",
        "正在整改",
        "整改中",
        "正在办理",
        "未消除",
        "尚未消除",
        "未落实",
        "解决中",
        "正在解决",
        "处理中",
        "办理中",
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
    """The parts of a cell that holds several values: 因病、因残 gives two, and so do 李明 王芳 and 因病 因残."""
    said = text(value)
    words = said.split()
    if len(words) > 1 and not _SPLIT.search(said) and all(_WORD.fullmatch(word) for word in words):
        return words
    return [part for part in (compact(piece) for piece in _SPLIT.split(said)) if part]


_PHONE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0\d{2,3}-?)\d{7,8}(?:-\d{1,5})?")
_BETWEEN_PHONES = re.compile(r"[、,;/|\\]|或|\s{2,}|\n|(?<=\d) (?=1[3-9]\d{9}\b)")


def phone(value):
    """A mobile or landline number without blanks, None when blank. Raises Unreadable("phone_invalid").

    Of several numbers in a cell the first good one is the error's `value`; masked ones have none.
    """
    if value.__class__ is str and _PHONE.fullmatch(value):
        return value
    found = compact(text(value))
    if found in BLANKS or found in ("无", "没有", "暂无", "无电话"):
        return None
    single = _one_phone(found)
    if single:
        return single
    if masked(found) or "*" in found:
        raise Unreadable("phone_invalid", "号码被遮住了一部分，留空", value="")
    parts = [
        part for part in _BETWEEN_PHONES.split(unicodedata.normalize("NFKC", text(value))) if part.strip()
    ]
    good = [one for one in (_one_phone(compact(part)) for part in parts) if one]
    if len(parts) > 1 and good:
        raise Unreadable("phone_invalid", f"一格里有 {len(parts)} 个号码，只记第一个有效的", value=good[0])
    raise Unreadable("phone_invalid")


def is_phone(value):
    """Whether a cell holds one whole number."""
    return bool(_one_phone(compact(text(value))))


def further_phones(value):
    """What a cell holds besides the number that `phone` gives: further numbers, good ones and others, as written."""
    plain = unicodedata.normalize("NFKC", text(value))
    parts = [part.strip() for part in _BETWEEN_PHONES.split(plain) if part.strip()]
    first = next((at for at, part in enumerate(parts) if _one_phone(compact(part))), None)
    if first is None or len(parts) == 1 or _one_phone(compact(plain)):
        return []
    return parts[:first] + parts[first + 1 :]


def _one_phone(found):
    plain = found.replace("-", "")
    for prefix in ("+86", "0086", "86"):
        if plain.startswith(prefix) and len(plain) == 11 + len(prefix):
            plain = plain[len(prefix) :]
    if _PHONE.fullmatch(plain):
        return plain
    return found if _LANDLINE.fullmatch(found) else ""
