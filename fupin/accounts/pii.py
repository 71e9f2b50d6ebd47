"""Personal data: which class a field has, and how each class is masked.

A model declares `PII = {"field": FieldClass.X}`. Pages show such fields with `{% pii %}`, workbooks through
`Column`; both mask unless the value was revealed (a permission, a reason, an audit event).
"""

import re
from enum import StrEnum


class FieldClass(StrEnum):
    """Classes of personal data that are masked by default."""

    ID_NUMBER = "证件号码"
    PHONE = "电话"
    BANK = "银行账号"
    HEALTH = "健康"
    NOTE = "备注里的号码"  # free text in which a phone or an ID number may stand
    CLUE = "比对值"  # what a bureau's list says a person owns: a plate, a title deed, a firm


def mask_id(text):
    """First six and last four: 513327********0015. Short or odd text keeps its ends only."""
    return text[:6] + "*" * (len(text) - 10) + text[-4:] if len(text) >= 15 else _ends(text, 2, 2)


def mask_phone(text):
    """First three and last four: 138****0000."""
    return text[:3] + "*" * (len(text) - 7) + text[-4:] if len(text) >= 11 else _ends(text, 1, 2)


def mask_bank(text):
    """Last four only."""
    return "*" * max(len(text) - 4, 4) + text[-4:] if len(text) > 4 else "****"


def _ends(text, head, tail):
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


_NUMBERS = re.compile(r"\d[\d-]{5,}[\dXx]")


def mask_note(text):
    """Free text with the numbers of seven digits and more masked: 其他电话：139****0000."""
    return _NUMBERS.sub(lambda found: (mask_id if len(found[0]) >= 15 else mask_phone)(found[0]), text)


MASKS = {
    FieldClass.ID_NUMBER: mask_id,
    FieldClass.PHONE: mask_phone,
    FieldClass.BANK: mask_bank,
    FieldClass.HEALTH: lambda text: "***",
    FieldClass.NOTE: mask_note,
    FieldClass.CLUE: lambda text: f"{text[:2]}***" if len(text) > 2 else "***",
}


def field_class(owner, field):
    """The class of `owner.field`, or None when the field is not personal."""
    return getattr(type(owner), "PII", {}).get(field)


def masked(kind, value):
    """`value` as people without the permission see it. Empty stays empty."""
    text = "" if value is None else str(value)
    return MASKS[kind](text) if text else ""


def shown(owner, field, *, reveal=False):
    """The text of a field as it may be shown: masked by its class unless `reveal`."""
    value = getattr(owner, field)
    kind = field_class(owner, field)
    if kind is None or reveal:
        return "" if value is None else str(value)
    return masked(kind, value)
