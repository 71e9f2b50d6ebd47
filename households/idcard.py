"""Citizen ID numbers (GB 11643-1999) and disability certificates, as files and people write them.

    18 characters = RRRRRR YYYYMMDD SSS C
    RRRRRR    county of first registration; may be an abolished code, so it is never a reason to refuse
    YYYYMMDD  birth, a real date from 1900-01-01 to today
    SSS       sequence, odd is male
    C         check character over the first seventeen

15 digits are the form before 1999 (two-digit year, no check character). 20 digits are a disability certificate:
the holder's 18, kind 1-7, level 1-4; 22 are a re-issued one (the last two unconfirmed). Nothing is ever repaired:
a number is normalised in width and blanks, completed from 15 digits, or refused with the reason.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from math import isfinite
from operator import mul
from typing import NamedTuple

MALE, FEMALE = "1", "2"
EARLIEST = date(1900, 1, 1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
_ZEROS = ord("0") * sum(WEIGHTS)
"""What the weighted digits come to too high when their character codes are taken for them."""

MISSING = "id_missing"
LENGTH = "id_length"
CHARS = "id_chars"
CHECK_DIGIT = "id_check_digit"
BIRTH_INVALID = "id_birth_invalid"
BIRTH_FUTURE = "id_birth_future"
PRECISION_LOST = "id_precision_lost"
OLD = "id_15_digits"
CERTIFICATE = "id_disability_cert"

MESSAGES = {
    MISSING: "证件号码为空，应填 18 位公民身份号码。",
    LENGTH: "证件号码长度应为 18 位。",
    CHARS: "证件号码只能有数字，末位可以是 X。",
    CHECK_DIGIT: "证件号码校验位不正确，请与证件核对。",
    BIRTH_INVALID: "证件号码第 7 至 14 位不是真实的出生日期（1900 年以后）。",
    BIRTH_FUTURE: "证件号码里的出生日期在将来。",
    PRECISION_LOST: "证件号码被 Excel 当成数字截断，末几位已丢失，请按文本重新填写。",
    OLD: "15 位旧证件号码，已补成 18 位，请核对。",
    CERTIFICATE: "这是残疾人证号，前 18 位已作证件号码，类别和等级已取出。",
}
MASKED = "证件号码已脱敏（含 *），不能用来建档，请填完整号码。"

_INVISIBLE = re.compile(
    r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad'\u2018\u2019`\u00b4\-\u2010-\u2015]+"
)
_LOOKALIKE = str.maketrans({"х": "X", "Х": "X", "χ": "X", "Χ": "X", "×": "X", "✕": "X", "＊": "*", "∗": "*"})
_NOTHING = frozenset(
    {"无", "暂无", "没有", "无证", "未办", "未办理", "新生儿", "未上户", "/", "—", "NONE", "NULL", "N/A"}
)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{2}")


class IdNumber(NamedTuple):
    """What a cell or a form field holds.

    `number` is the full 18-character number, "" when there is none or it is refused. `problem` is the code of
    what refuses it (see MESSAGES), "" when it stands; `note` a code worth telling though it stands.
    `kind` and `level` come from a disability certificate whose whole text is `certificate`.
    """

    text: str
    number: str = ""
    problem: str = ""
    note: str = ""
    birth: date | None = None
    sex: str = ""
    certificate: str = ""
    kind: str = ""
    level: str = ""

    @property
    def masked(self):
        """Whether part of the number was hidden: it is shown as it is, never matched."""
        return "*" in self.text

    @property
    def message(self):
        """The sentence for `problem` or `note`, "" when there is nothing to say."""
        if self.masked:
            return MASKED
        return MESSAGES.get(self.problem or self.note, "")

    def age_on(self, day):
        """Full years on `day`, the birthday counted, or None."""
        return None if self.birth is None else age_on(self.birth, day)


def normalise(value):
    """The text of a cell reduced to what is compared: half width, no blanks or marks, upper case, X for its doubles."""
    if value is None:
        return ""
    if value.__class__ is str and len(value) == 18 and value.isascii() and value[:17].isdigit():
        if value[17] in "0123456789X":
            return value
        return value.upper() if value[17] == "x" else _normalise(value)
    return _normalise(value)


def _normalise(value):
    if isinstance(value, float | Decimal) and isfinite(value) and value == int(value):
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    text = _INVISIBLE.sub("", text).translate(_LOOKALIKE).upper()
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def check_character(body):
    """The eighteenth character of the seventeen digits `body`."""
    return CHECKS[(sum(map(mul, body.encode("ascii"), WEIGHTS)) - _ZEROS) % 11]


def complete(old):
    """The 18-character form of a 15-digit number: the century is always 19."""
    body = f"{old[:6]}19{old[6:]}"
    return body + check_character(body)


def age_on(birth, day):
    """Full years between `birth` and `day`, the birthday counted; negative before birth."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def sex_of(number):
    """The sex in the seventeenth digit of an 18-character number."""
    return MALE if int(number[16]) % 2 else FEMALE


def birth_of(number):
    """The birth date in an 18-character number, or None when there is no such day."""
    try:
        return date.fromisoformat(number[6:14])
    except ValueError:
        return None


def read(value, today):
    """Read a cell or a typed value as an ID number; `today` is the day against which "future" is judged.

    A number that a workbook stores as a number keeps 15 digits: longer ones are refused as `id_precision_lost`,
    and so is a text that ends in 000 and fails its check, which is how such a cell looks once turned into text.
    """
    if value.__class__ is str and len(value) == 18 and value.isascii() and _well_formed(value):
        return _judge(value, value, today)
    text = normalise(value)
    if not text or text in _NOTHING:
        return IdNumber(text, problem=MISSING)
    if isinstance(value, int | float | Decimal) and abs(value) >= 10**15 or _SCIENTIFIC.fullmatch(text):
        return IdNumber(text, problem=PRECISION_LOST)
    if not text.isascii() or not _well_formed(text):
        return IdNumber(text, problem=CHARS)
    if len(text) == 15:
        return _judge(text, complete(text), today, note=OLD)
    if len(text) in (20, 22):
        return _certificate(text, today)
    if len(text) != 18:
        return IdNumber(text, problem=LENGTH)
    return _judge(text, text, today)


def _well_formed(text):
    """Digits only, but for an X where an 18-character number ends."""
    return (text[:17] + text[18:]).isdigit() and (len(text) < 18 or text[17] in "0123456789X")


def _judge(text, number, today, note=""):
    birth = birth_of(number)
    if birth is None or birth < EARLIEST:
        return IdNumber(text, problem=BIRTH_INVALID)
    if birth > today:
        return IdNumber(text, problem=BIRTH_FUTURE)
    if check_character(number[:17]) != number[17]:
        return IdNumber(text, problem=PRECISION_LOST if text.endswith("000") else CHECK_DIGIT)
    return IdNumber(text, number, note=note, birth=birth, sex=sex_of(number))


def _certificate(text, today):
    found = _judge(text, text[:18], today)
    kind, level = text[18], text[19]
    if found.problem:
        return found
    if kind not in "1234567" or level not in "1234":
        return IdNumber(text, problem=LENGTH)
    return IdNumber(
        text, found.number, note=CERTIFICATE, birth=found.birth, sex=found.sex,
        certificate=text, kind=kind, level=level,
    )  # fmt: skip
