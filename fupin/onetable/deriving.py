"""Columns that no word of ours names, but that other columns of the form give for certain: 占比 beside a part and its whole,
未走访户数 beside 应走访 and 已走访, 合计 beside parts that exclude each other.

Where two readings are possible the column stays empty.
"""

import re
from decimal import Decimal

from fupin.excel.cleaning import compact
from fupin.excel.reports import DASH
from fupin.onetable import matching
from fupin.onetable.vocabulary import LESS, OVER, PLUS, Expression, is_figure, parsed, spelling, words

SHARE = re.compile(r"(?:所)?(?:占比|占比例|比例|比重|百分比|占比重)")
SHARE_OF = re.compile(r"(.*?)占(.*?)的?(?:比|比例|比重|百分比|百分数)")
NOT = re.compile(r"(?:尚)?未(.+)")
DONE = re.compile(r"^(?:已经|已|实际|本年已|累计已)?(.+?)(?:户数|人数|户|人|数)?$")
DUE = re.compile(r"^(?:应当|应该|应|需)(.+?)(?:户数|人数|户|人|数)?$")
COUNTED = ("h", "p", "j")
WHOLES = {"h": "village.households", "p": "village.persons"}
"""What a profile of a village says of all its households (people): a count may be a part of it."""
APART = (
    {"poor", "leaving", "out", "relapsed", "ordinary"}, {"risk-open", "risk-cleared"}, {"female", "male"}, {"toilet", "no-toilet"},
    {"insured", "not-insured"}, {"labour-able", "labour-none"}, {"age-0-15", "age-16-59", "age-60"},
    {"age-16-29", "age-30-44", "age-45-59"},
    {"school-pre", "school-primary", "school-junior", "school-senior", "school-vocational", "school-higher"},
)  # fmt: skip
"""Conditions of which nobody meets two."""
NUMBERED = re.compile(
    r"(monitor|cause|structure|danger|road|fuel|labour|learned|disabled|work|worked|fund|category)-(?:\d{1,2}|none|unset)"
)
"""Codes of one field: nobody has two of them either."""


def derive(made, block):
    """Fill empty columns of `made` (see `meaning`) that follow from others, in place."""
    held = {int(key): text for key, text in made["columns"].items() if is_figure(text)}
    for key, text in made["columns"].items():
        column = int(key)
        if text or column not in block.columns or column in block.formulas:
            continue
        titles = block.columns[column]
        found = (
            _share(column, titles, held, block)
            or _rest(titles, held, block)
            or _sum(column, titles, held, block)
        )
        if not found:
            continue
        factors = {made["factors"].get(str(one)) for one, text in held.items() if text in parsed(found).terms}
        if parsed(found).op == OVER or len(factors) == 1:
            made["columns"][key] = found
            if parsed(found).op != OVER and factors != {None}:
                made["factors"][key] = factors.pop()


def derive_items(made, block):
    """The same for rows of figures, in place: 占比 below a part is that part over the one row that it is a part of."""
    held = made["cells"]
    for row, column, titles in block.cells:
        title = matching.bare(spelling(titles[-1]).removeprefix("其中"))
        named = SHARE_OF.fullmatch(title)
        if held.get(f"{row},{column}") or not SHARE.fullmatch(title) and not (named and not named[1]):
            continue
        beside = {
            r: (held[key], said) for r, c, said in block.cells
            if c == column and is_figure(held.get(key := f"{r},{c}", ""))
        }  # fmt: skip
        top, _ = beside.get(row - 1, ("", ()))
        if not top:
            continue
        whole = named[2] if named else ""
        bottom = _only(
            text
            for text, said in beside.values()
            if _is_part(top, text) and (not whole or _is_named(whole, said))
        )
        if bottom:
            held[f"{row},{column}"] = _text(OVER, top, bottom)


def _text(op, *terms):
    return Expression(op=op, terms=terms).text


def _only(found):
    found = list(dict.fromkeys(found))
    return found[0] if len(found) == 1 else ""


def _share(column, titles, held, block):
    """占比: the figure at its left over the one column that this is a part of; 低保户占总户数比例 names both."""
    title = matching.bare(titles[-1])
    named = SHARE_OF.fullmatch(title)
    if not SHARE.fullmatch(title) and not named:
        return ""
    part, whole = named.groups() if named else ("", "")
    if part:
        top = _only(text for one, text in held.items() if _is_named(part, block.columns[one]))
    else:
        beside = [one for one in held if one < column and block.columns[one][:-1] == titles[:-1]]
        if len(titles) > 1 and len(beside) > 1:  # 户 and 人 under one title: of which?
            beside = [one for one in beside if whole and _is_named(whole[-2:], block.columns[one])]
        near = max(beside, default=0)
        top = held.get(near, "") if len(titles) > 1 or near == column - 1 else ""
    if not top:
        return ""
    if whole:
        bottom = _only(
            text for one, text in held.items() if text != top and _is_named(whole, block.columns[one])
        )
    else:
        bottom = _only(text for text in held.values() if _is_part(top, text))
    return _text(OVER, top, bottom) if bottom else ""


def _is_named(name, titles):
    """Whether a column is the one that the words of a title mean: 低保户 for 低保户数."""
    own = matching.bare(titles[-1]) or spelling(titles[-1])
    if own in matching.COUNTS and len(titles) > 1:
        own = matching.bare(titles[-2]) + own
    return own == name or own in (name + "数", name + "户数", name + "人数", name.removesuffix("户") + "户数")


def _is_part(text, other):
    """Whether a count is a part of another one, by what they mean."""
    one, two = parsed(text), parsed(other)
    if text == other or one.year != two.year or one.measure not in COUNTED:
        return False
    if two.measure == WHOLES.get(one.measure):
        return bool(one.conditions)
    return one.measure == two.measure and set(one.conditions) > set(two.conditions)


def _rest(titles, held, block):
    """未走访户数 beside 应走访户数 and 已走访户数: those of the first that are not among the second."""
    title = compact(spelling(titles[-1]))
    missing = NOT.fullmatch(title)
    if not missing:
        return ""
    stem = DONE.match(missing[1])[1]

    def named(way):
        return [
            (one, text) for one, text in held.items()
            if block.columns[one][:-1] == titles[:-1] and (said := way.match(matching.bare(block.columns[one][-1]))) and said[1] == stem
        ]  # fmt: skip

    due = named(DUE)
    done = [pair for pair in named(DONE) if pair not in due]
    if len(done) != 1:
        return ""
    one = parsed(done[0][1])
    whole = _only(text for _, text in due) or _only(
        text for text in held.values() if _is_part(done[0][1], text) and parsed(text).measure == one.measure
    )
    if not whole or one.measure not in COUNTED or parsed(whole).measure != one.measure:
        return ""
    both = tuple(dict.fromkeys((*parsed(whole).conditions, *one.conditions)))
    return _text(LESS, whole, Expression(one.measure, both, year=one.year).text)


def _sum(column, titles, held, block):
    """合计 of the columns of its measure, where each is a part of its own."""
    if spelling(titles[0]) not in matching.TOTALS:
        return ""
    unit = matching.unit_in(titles[-1])
    beside = {one: parsed(text) for one, text in held.items()}
    if unit in matching.COUNTS:
        beside = {n: one for n, one in beside.items() if one.measure == matching.COUNTS[unit]}
    measures = {(one.measure, one.year) for one in beside.values()}
    if len(measures) != 1 or len(beside) < 2 or not words().measures[next(iter(measures))[0]].additive:
        return ""
    shared = set.intersection(*(set(one.conditions) for one in beside.values()))
    own = [set(one.conditions) - shared for one in beside.values()]
    kinds = {_kind(next(iter(keys))) if len(keys) == 1 else None for keys in own}
    if len(kinds) != 1 or None in kinds or len(set.union(*own)) != len(own):
        return ""
    money = next(iter(measures))[0] not in COUNTED
    if any(key.startswith("fund-") for keys in own for key in keys) and not money:
        return ""  # a project has money from several
    return _text(PLUS, *(one.text for one in beside.values()))


def _kind(key):
    """What nobody meets two conditions of, None for a condition that stands alone."""
    found = NUMBERED.fullmatch(key)
    return found[1] if found else next((n for n, group in enumerate(APART) if key in group), None)


def worked_out(text, values):
    """The value of a derived expression from those of its terms."""
    one = parsed(text)
    held = [values.get(term) for term in one.terms]
    if unknown := next((value for value in held if not isinstance(value, int | Decimal | None)), None):
        return unknown
    if one.op == PLUS:
        known = [value for value in held if value is not None]
        return sum(known) if known else None
    if None in held:
        return None
    first, second = held
    if one.op == LESS:
        return first - second
    return Decimal(first) / second if second else DASH
