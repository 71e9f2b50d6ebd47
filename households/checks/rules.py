"""What a rule is, and what it looked at.

A rule names its facts ("m.birth", "c.house_area", "all.y.labour"): the columns that its verdict rests on. From
them come the digest that says whether anything changed since somebody explained a finding (`basis`), and the
current values that the list of doubts prints.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from sys import intern

from django.conf import settings

from fupin.accounts.pii import masked
from fupin.audit.chain import Signer
from households import codes
from households.models import Condition, Household, Income, Member, MemberYear

OWNERS = {"h": Household, "m": Member, "y": MemberYear, "c": Condition, "i": Income}


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue. `find(case)` yields `(person or None, words)` or `(person, words, basis)`: the
    words follow the rule's own message. None: it cannot be violated by what is stored. `stops` says where the
    product refuses what breaks the rule."""

    code: str
    severity: str
    message: str
    advice: str
    facts: tuple = ()
    stops: str = ""
    find: Callable = None
    test: Callable = None
    """Of a rule over every member: what is asked of each."""
    of: str = "all"
    """Which members can break it at all (`case.Case.groups`)."""

    @cached_property
    def places(self):
        """`[(fact, whose row: "all.y", "m", "" for a derived one, column)]`."""
        parts = [(fact, *fact.rpartition(".")[::2]) for fact in self.facts]
        return [(fact, owner, column if owner else "") for fact, owner, column in parts]

    @cached_property
    def plain(self):
        """`[(whether it is of the year, column)]` where all facts are columns of the member, else None."""
        parts = [(part == "y", column) for _, part, column in self.places]
        return parts if all(part in ("m", "y") for _, part, _ in self.places) else None

    def text(self, words=""):
        """The message, with what was found behind it."""
        return intern(f"{self.message}：{words}"[:200]) if words else self.message


def rule(code, severity, message, advice, *facts, stops=""):
    """Make the function a rule over a household."""
    return lambda find: Rule(code, severity, message, advice, facts, stops, find)


def each(code, severity, message, advice, *facts, stops="", of="all"):
    """Make the function a rule over every member, or those `of` a group: true is a finding, a text is what was found."""

    def made(test):
        def find(case):
            for person in case.groups()[of]:
                found = test(person, case)
                if found:
                    yield person, found if isinstance(found, str) else ""

        return Rule(code, severity, message, advice, facts, stops, find, test, of)

    return made


def refused(code, message, advice, stops):
    """A rule of severity E that nothing stored can break."""
    return Rule(code, "E", message, advice, stops=stops)


# Facts


def values_of(rule, case, person):
    """`[(fact, owner's row, column)]` behind a finding, members one by one for "all."; derived facts apart."""
    for fact, part, column in rule.places:
        if part.startswith("all."):
            for one in case.people:
                yield fact, one.row if part == "all.m" else one.year, column
        else:
            yield fact, _owner(part, case, person) if part else None, column


def _owner(part, case, person):
    if part in "my":
        return None if person is None else person.row if part == "m" else person.year
    return {"h": case.household, "c": case.condition, "i": case.income}[part]


def _derived(fact, case):
    """What is no single column: the causes, the measures, the clearing."""
    if fact == "measures":
        return tuple(
            (row.kind, row.what, str(row.starts_on or ""), str(row.done_on or "")) for row in case.measures
        )
    if fact == "cleared_by":
        return case.cleared_by
    return tuple(row.cause for row in case.causes)


def basis_of(rule, case, person):
    """A keyed digest of the facts: equal as long as nothing that the rule looked at has changed."""
    if rule.plain and person is not None:
        row, year = person.row, person.year
        return digest([str(getattr(year if yearly else row, name, None)) for yearly, name in rule.plain])
    found = []
    for fact, part, column in rule.places:
        if part == "y" and person is not None:
            found.append(str(getattr(person.year, column, None)))
        elif part == "m" and person is not None:
            found.append(str(getattr(person.row, column, None)))
        elif part.startswith("all."):
            rows = (one.row if part == "all.m" else one.year for one in case.people)
            found += [str(getattr(row, column, None)) for row in rows]
        elif part:
            found.append(str(getattr(_owner(part, case, person), column, None)))
        else:
            found.append(_derived(fact, case))
    return digest(found)


def digest(values):
    """Sixteen characters of texts, or of tuples of texts; keyed, because some facts (an ID number) are few enough to
    be guessed."""
    return _digest(tuple(values), settings.SECRET_KEY)


_encode = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=2)
def _signer(key):
    return Signer(key.encode())


@lru_cache(maxsize=16_384)  # most facts are the same ones: blanks, a month and a place, a birthday
def _digest(values, key):
    return _signer(key).sign(f"households.checks\x00{_listed(values)}").hex()[:16]


def _listed(values):
    """The values as JSON. Most are texts that need no escapes: to join these is ten times as fast."""
    if all(value.__class__ is str for value in values):
        text = '", "'.join(values)
        if "\\" not in text and text.isprintable() and text.count('"') == 2 * len(values) - 2:
            return f'["{text}"]'
    return _encode(values)


def current(rule, case, person):
    """The facts in words, 出生日期 1950-01-01；性别 男; personal ones masked."""
    words = {}
    for fact, row, column in values_of(rule, case, person):
        if row is None and not column:
            label, value = _derived_words(fact, case)
        elif column == "id":
            continue
        else:
            owner = OWNERS[fact.removeprefix("all.").partition(".")[0]]
            label, value = str(owner._meta.get_field(column).verbose_name), _words(row, owner, column)
        words.setdefault(label, []).append(value or "未填")
    return "；".join(f"{label} {'、'.join(values)}" for label, values in words.items())


def _derived_words(fact, case):
    if fact == "measures":
        return "帮扶措施", "、".join(row.what for row in case.measures) or "无"
    if fact == "cleared_by":
        return "消除方式", {"1": "帮扶消除", "2": "自然消除"}.get(case.cleared_by, "")
    return "致贫原因", "、".join(row.get_cause_display() for row in case.causes)


def _words(row, owner, column):
    value = getattr(row, column, None)
    if value is None or value == "":
        return ""
    kind = getattr(owner, "PII", {}).get(column)
    if kind is not None:
        return masked(kind, value)
    if value is True or value is False:
        return "是" if value else "否"
    if column == "risks":
        labels = dict(codes.Risk.choices)
        return "、".join(labels.get(code, code) for code in value.split(","))
    display = getattr(row, f"get_{column}_display", None)
    return str(display() if display else value)
