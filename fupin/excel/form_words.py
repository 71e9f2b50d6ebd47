"""The words of forms: which label means which field, and whether a text could be a value of it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from fupin.excel import ticks
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.titles import key_of

LONGEST_LABEL = 24
_ORDINAL = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.]|\d{1,2}[、.)]|\([一二三四五六七八九十\d]{1,2}\))"
)
LISTED = re.compile(r"[*★●◆▲]|\d{1,2}[.、](?!\d)\D")
NOTE = re.compile(r"(注|备注|说明|填表说明)\d?[:.、]")
_END = re.compile(r"[;,；，。、|\s]+$")
_MARKS = ";,；，。、"
ID = re.compile(r"[\dXx*]{15,22}")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·•・]{2,20}")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The labels of a kind of form, each by its key (see `label_key`).

    `house` and `person` {key: field name}; a person's label in the block is a fact of the head, and so is one
    written with 户主 before it. `other`: labels that mean nothing to us. `plain`: keys that are values as often as
    labels. `fields` {field name: Field}. `in_table` {field of a household: field of a person that the same header
    means in the member table}. `title`, `no_title`: what the title of a form says, and of a list.
    `elsewhere`: words that begin the facts of somebody else. `names`, `numbers` and `digits` are field names whose
    values are names of people, ID numbers, and hold a digit at least. `certain` {field name: whether a text is
    surely a value of it}, for those whose cleaning does not say; `shapes` {field name: pattern that every value has}.
    """

    fields: dict
    house: dict
    person: dict
    other: frozenset
    plain: frozenset
    in_table: dict
    title: re.Pattern
    no_title: re.Pattern
    elsewhere: re.Pattern
    foreign: frozenset
    names: frozenset
    numbers: frozenset
    digits: frozenset
    certain: dict
    shapes: dict
    prefix: str = "户主"

    def meaning(self, key):
        """The field that a label in the block means, "" for one that means nothing, None for no label."""
        if key in self.house:
            return self.house[key]
        if key in self.person:
            return self.person[key]
        if key.startswith(self.prefix) and key[len(self.prefix) :] in self.person:
            return self.person[key[len(self.prefix) :]]
        return "" if key in self.other else None


@lru_cache(maxsize=16_384)
def label_key(label):
    """A label reduced to what is compared: width, blanks, colons, ordinals and bracketed notes dropped."""
    found = _ORDINAL.sub("", compact(label).replace("_", "").strip("*★●◆▲#"))
    return key_of(found.strip(":"))


@lru_cache(maxsize=16_384)
def keys_of(label):
    bare = compact(label).strip(":*_")
    return (bare, label_key(label)) if len(bare) <= LONGEST_LABEL else ()


@lru_cache(maxsize=16_384)
def label_of(cell, words):
    """The field that a cell names, "" for a label of no use to us, None for a value."""
    for key in keys_of(cell):
        if (found := words.meaning(key)) is not None:
            return found
    return None


def is_plain(cell, words):
    """Whether a cell that spells a label is as likely a value."""
    return not compact(cell).endswith(":") and label_key(cell) in words.plain


@lru_cache(maxsize=16_384)
def split_pairs(cell, words):
    """`((label, value), …)` of a cell that says "label：value" once or more, labels by key; () otherwise."""
    said = re.sub(r"_+", " ", cell).replace("：", ":")
    parts = said.split(":")
    if len(parts) < 2:
        return ()
    label, pairs = parts[0], []
    known = words.meaning(label_key(label)) is not None
    if not known and (cut := _label_at_end(label, words)):
        label = label[cut:]
    for index, part in enumerate(parts[1:], 1):
        if index == len(parts) - 1:
            pairs.append((label_key(label), part.strip(" \t\r\n;,。、；，")))
            break
        cut = _label_at_end(part, words)
        if cut is None:
            cut = max((part.rfind(mark) + 1 for mark in " ;,。；，\u3000\n\t"), default=0)
        pairs.append((label_key(label), _END.sub("", part[:cut]).strip()))
        label = part[cut:]
    return tuple(pairs) if any(words.meaning(key) is not None for key, _ in pairs) else ()


def _label_at_end(part, words):
    """Where the label at the end of `part` begins, None when it ends with none that we know."""
    best = None
    for cut in range(max(len(part) - LONGEST_LABEL, 0), len(part)):
        if part[cut].isspace() or part[cut] in _MARKS:
            continue
        if ticks.is_ticked(part[cut:]) or part[cut].isdigit() and not _ORDINAL.match(part[cut:]):
            continue
        inside = cut and not part[cut - 1].isspace() and part[cut - 1] not in _MARKS
        if inside and re.search(r"\s", part[cut:].strip()):  # 茶园村 组 ends with 组, not with 村组
            continue
        if words.meaning(label_key(part[cut:])) is not None:
            best = cut
            break
    return best


@lru_cache(maxsize=16_384)
def in_table(cell, words):
    """The field that a cell means in the header of a member table, None for none."""
    for key in keys_of(cell):
        name = words.person.get(key)
        if name is None and key.startswith("成员"):
            name = words.person.get(key[2:])
        name = name or words.house.get(key)
        if name:
            return words.in_table.get(name, name)
    return None


def looks_like_name(cell):
    return isinstance(cell, str) and bool(_NAME.fullmatch(compact(cell))) and len(compact(cell)) <= 15


def fits(words, name, cell):
    """How well a cell could be the value of a field: 0 not at all, 1 perhaps, 2 likely, 3 certainly."""
    said = compact(text(cell))
    if isinstance(cell, str) and not re.search(r"\d", bare := _ORDINAL.sub("", said)):
        said = bare
    if not name or not said:
        return 1 if said else 0
    if LISTED.match(compact(text(cell))) or NOTE.match(said):
        return 0
    if name in words.shapes and not words.shapes[name].fullmatch(said):
        return 0
    if name in words.names:
        if looks_like_name(said):
            return 2 if len(said) <= 4 or "·" in said else 1
        return 2 if re.fullmatch(r"[A-Za-z·. ]{2,40}", said) else 0
    if name in words.numbers:
        return 3 if ID.search(said) else 1 if len(re.findall(r"\d", said)) >= 6 else 0
    if isinstance(cell, str) and ticks.is_ticked(cell):
        return 3
    if name in words.certain:
        return 3 if words.certain[name](said) else 1 if len(said) <= 40 else 0
    item = words.fields[name]
    if name in words.digits:
        if (
            not re.search(r"[\d〇零一二三四五六七八九十]", said)
            and said not in BLANKS
            and said not in ("无", "没有")
        ):
            return 0
        return 3 if re.search(r"\d", said) else 1
    if item.clean is None or _is_free(item):
        return 2 if re.search(r"\d|[县镇乡村组路号街]$", said) else 1
    try:
        return 3 if item.clean(cell, 1) is not None else 1
    except Unreadable:
        return 1 if len(said) <= 40 else 0


def _is_free(item):
    """Whether any text will do for the field."""
    try:
        return item.clean("甲乙丙丁", 1) is not None
    except Unreadable:
        return False
