"""Personal data: which class a field has, and how each class is masked.

Every field of every model has its class in the table `CLASSES` of its app (`settings.CLASS_MODULES`); a field without
one fails the system check. Pages show masked classes with `{% pii %}`, workbooks through `Column`; both mask unless the
value was revealed (a permission, a reason, an audit event).
"""

import re
from datetime import date
from enum import StrEnum
from functools import cache

from django.utils import timezone

from fupin.accounts.roles import Permission
from fupin.catalogue import offers


class FieldClass(StrEnum):
    """What a field holds. The first four are shown to whoever sees the row; all others are masked by default."""

    PUBLIC = "公开"  # codes, places, village and project figures
    INTERNAL = "内部"  # keys, versions, what the program keeps for itself
    PERSON = "个人"  # who somebody is and how they live
    SEALED = "密钥"  # password hashes and the like: on no page at all
    ID_NUMBER = "证件号码"
    PHONE = "电话"
    BANK = "银行账号"
    HEALTH = "健康"
    CHILD = "14岁以下儿童"  # numbers of a person under 14: nothing of them is shown
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


_ANY_NUMBER = re.compile(
    r"\d{6}[ -]\d{8}[ -]\d{3}[\dXx]|\d{4}(?:[ -]\d{4}){3,}(?:[ -]\d{1,3})?|1[3-9]\d[ -]?\d{4}[ -]?\d{4}"
    r"|(?<!\d)0\d{2,3}[ -]?\d{7,8}(?!\d)|\d{10,}[Xx]?"
)


def without_numbers(text):
    """Free text for a wall: ID numbers, phones and accounts are taken out whole, amounts and dates stay."""
    return _ANY_NUMBER.sub("（略）", text)


MASKS = {
    FieldClass.ID_NUMBER: mask_id,
    FieldClass.PHONE: mask_phone,
    FieldClass.BANK: mask_bank,
    FieldClass.HEALTH: lambda text: "***",
    FieldClass.CHILD: lambda text: "*" * max(len(text), 4),
    FieldClass.NOTE: mask_note,
    FieldClass.CLUE: lambda text: f"{text[:2]}***" if len(text) > 2 else "***",
}


NEEDS = {FieldClass.HEALTH: Permission.HEALTH_VIEW}
"""What it takes, besides seeing the row, to learn anything of a value of the class: for others it is not even masked."""
HIDDEN = "不公开"
CHILD_AGE = 14


@cache
def table():
    """`{model label in lower case: {field name: FieldClass}}` of all apps."""
    return {
        label.lower(): {name: kind for kind, names in kinds.items() for name in names.split()}
        for label, kinds in offers("CLASS_MODULES", "CLASSES")
    }


def class_of(model, field):
    """The class of the field called `field`, or None when the table says nothing."""
    return table().get(model._meta.label_lower, {}).get(field)


def masked_fields(model):
    """`{field: class}` of what is masked by default in `model`."""
    return {name: kind for name, kind in table().get(model._meta.label_lower, {}).items() if kind in MASKS}


def field_class(owner, field):
    """The class by which `owner.field` is masked, or None when it is not. Numbers of a child have a class of their own."""
    kind = masked_fields(type(owner)).get(field)
    if kind in (FieldClass.ID_NUMBER, FieldClass.PHONE) and is_child(owner):
        return FieldClass.CHILD
    return kind


def is_child(owner, day=None):
    """Whether `owner` is a person under 14 on `day`, by default today: by the law their data is sensitive as a whole."""
    return under_14(
        getattr(owner, "birth", None) or getattr(getattr(owner, "member", None), "birth", None), day
    )


def under_14(born, day=None):
    """Whether who was born on `born` (None: unknown, so not) is a child on `day`, by default today."""
    day = day or timezone.localdate()
    return isinstance(born, date) and day < _birthday(born, CHILD_AGE)


def _birthday(born, age):
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # 29 February
        return date(born.year + age, 3, 1)


def hidden_from(user, kind):
    """Whether `user` may not even see the mask of a value of this class."""
    return kind in NEEDS and (user is None or not user.is_authenticated or not user.may(NEEDS[kind]))


def hidden_classes(user):
    """The classes that `user` may not even see the mask of: for tables, which ask once and not for every cell."""
    return frozenset(kind for kind in NEEDS if hidden_from(user, kind))


def cell(kind, value, *, hidden=frozenset(), reveal=False, child=False):
    """A value of class `kind` in a table or a file: the counterpart of `{% pii %}`. `hidden` are `hidden_classes` of
    who asks; of a `child`'s numbers nothing is shown."""
    if kind in hidden:
        return HIDDEN
    if reveal or kind is None:
        return value
    if child and kind in (FieldClass.ID_NUMBER, FieldClass.PHONE):
        kind = FieldClass.CHILD
    return masked(kind, value)


def masked(kind, value):
    """`value` as people without the permission see it. Empty stays empty."""
    text = "" if value is None else str(value)
    return MASKS[kind](text) if text else ""


def maskings(number):
    """What may stand for an ID number in a list of ours: masked, or a child's, of which nothing is shown."""
    return {masked(FieldClass.ID_NUMBER, number), masked(FieldClass.CHILD, number)}


def shown(owner, field, *, reveal=False):
    """The text of a field as it may be shown: masked by its class unless `reveal`."""
    value = getattr(owner, field)
    kind = field_class(owner, field)
    if kind is None or reveal:
        return "" if value is None else str(value)
    return masked(kind, value)
