"""A cell with a drop-down list takes the list's own words: which of them says the same as our value, if one does."""

import re
from decimal import Decimal

from fupin.excel.cleaning import Unreadable, compact, yes
from fupin.onetable.matching import covered
from fupin.onetable.vocabulary import spelling
from fupin.regions.names import town_key, village_key

_CODE = re.compile(
    r"^[(\[（]?[0-9A-Za-z]{1,3}[)\]）.．、:：\-—]\s*|^[0-9]{1,3}\s+|^\d{2}(?=[\u4e00-\u9fff])|^[①-⑳]"
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TICKS = {"√", "✓", "✔", "☑", "×", "✗", "✘", "☒"}


def chosen(value, options, reads=None, *, place=False):
    """The one of `options` that means `value` (a text, number or bool), None where none does or several do. `reads(text)`
    gives what the field understands by a text, as an import of it would; None where it does not. `place`: a place's name."""
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, int | Decimal):
        return _number(value, options)
    words = str(value)
    ways = (town_key, village_key) if place else (_answer, *((reads,) if reads else ()), _meaning)
    for same in (_plain, spelling, _uncoded, *ways):
        wanted = _safely(same, words)
        if wanted in (None, ""):
            continue
        found = [one for one in dict.fromkeys(options) if _safely(same, one) == wanted]
        if len(found) == 1:
            return found[0]
        if found and same in (_plain, spelling):
            return found[0]
    return _whole_name(words.strip(), options) if place else None


def _whole_name(words, options):
    """The one option that ends with a place's name: 从化市温泉镇密石村 is 密石村."""
    found = [one for one in dict.fromkeys(options) if words and one.strip().endswith(words)]
    return found[0] if len(found) == 1 else None


def _safely(same, words):
    try:
        return same(words)
    except (Unreadable, ValueError, KeyError, TypeError):
        return None


def _plain(words):
    return words.strip()


def _uncoded(words):
    """Without the code that many lists put before a word: 01-因病, 1.男, ①是."""
    return spelling(_CODE.sub("", words.strip()))


def _answer(words):
    """是, 有, √ are one answer; a list says it in its own way."""
    flat = _uncoded(words)
    return (
        None
        if not flat and words.strip() not in _TICKS
        else {True: "y", False: "n"}.get(yes(_CODE.sub("", words.strip())))
    )


def _meaning(words):
    """What the words say of a household or a person: 脱贫户 and 已脱贫户 are one condition."""
    held = covered(_uncoded(words), ("home", "person"))
    return tuple(sorted(one.key for one in held)) if held else None


def _number(value, options):
    """The option that is this number, with a unit or without."""
    found = []
    for one in dict.fromkeys(options):
        said = _NUMBER.fullmatch(re.sub(r"(?<=\d)[^\d.]{1,2}$", "", compact(one)))
        if said and Decimal(said[0]) == value:
            found.append(one)
    return found[0] if len(found) == 1 else None
