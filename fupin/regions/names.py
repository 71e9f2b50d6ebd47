"""Names of places as people write them, reduced to what can be compared.

Officials write 昌龙村, the published list says 昌龙村民委员会; 一组, 1组, 第一组 and 一社 are the same group.
A key is only ever compared inside one parent: two villages of one county may share a name.
"""

import re
import unicodedata

_SUFFIXES = (
    "社区居民委员会", "社区居委会", "居民委员会", "居委会", "村民委员会", "村委会", "社区",
)  # fmt: skip
_TOWN = re.compile(r"(街道办事处|街道|民族乡|地区|镇|乡)$")
_VILLAGE = re.compile(r"(?<=.)(社区村|村|社区)$")
_GROUP = re.compile(r"^第?([0-9]+)(?:村民小组|小组|组|社|屯|队)?$")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def _plain(name):
    return re.sub(r"[\s​­﻿]+", "", unicodedata.normalize("NFKC", str(name or "")))


def chinese_number(text):
    """Value of a Chinese numeral below one hundred ("十二" is 12), or None."""
    if not text or any(c not in _DIGITS and c != "十" for c in text) or text.count("十") > 1:
        return None
    if "十" in text:
        tens, ones = text.split("十")
        if len(tens) > 1 or len(ones) > 1:
            return None
        return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)
    return int("".join(str(_DIGITS[c]) for c in text))


def village_key(name):
    """昌龙村民委员会, 昌龙村委会, 昌龙村 and 昌龙 give the same key."""
    text = re.sub(r"\([^)]*\)", "", _plain(name))
    for suffix in _SUFFIXES:
        if text.endswith(suffix) and len(text) > len(suffix):
            text = text[: -len(suffix)]
            break
    return _VILLAGE.sub("", text) or text


def town_key(name):
    """新都镇 and 新都 give the same key; so do 岱岭畲族乡 and 岱岭畲族."""
    text = _plain(name)
    return _TOWN.sub("", text) or text


def group_key(name):
    """一组, 1组, 第一组, 一社 and 1 give "1"; a natural village keeps its name."""
    text = _plain(name)
    text = re.sub(r"[零〇一二两三四五六七八九十]+", lambda m: _number_or_same(m.group()), text, count=1) \
        if re.match(r"^第?[零〇一二两三四五六七八九十]+(村民小组|小组|组|社|屯|队)?$", text) else text  # fmt: skip
    found = _GROUP.match(text)
    return str(int(found.group(1))) if found else text


def _number_or_same(text):
    value = chinese_number(text)
    return text if value is None else str(value)


def area_key(name):
    """Province, prefecture and county compare by their full name without blanks."""
    return _plain(name)


def short_village(name):
    """How a village is shown: 昌龙村民委员会 as 昌龙村, 某某社区居委会 as 某某社区."""
    for suffix, shown in (
        ("社区居民委员会", "社区"), ("社区居委会", "社区"), ("村村民委员会", "村"), ("村民委员会", "村"),
        ("村村委会", "村"), ("村委会", "村"), ("居民委员会", "社区"), ("居委会", "社区"),
    ):  # fmt: skip
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + shown
    return name
