"""Milestones as files have them: 4月底前开工；年内完工, and as our own workbooks write and read them back."""

import re
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError

from fupin import schedule

ACCEPTANCE = "验收"
"""The milestone that 计划验收 and 验收日期 are kept under."""
_SAYS_DONE = re.compile(r"(完成|竣工|完工|建成)$")
EXPORTED = re.compile(
    r"(?P<name>.+)〔(?:计划 (?P<time>.*?))?(?:无计划时限)?(?:，?调整 (?P<moved>.*?))?，?(?:(?P<done>\d{4}-\d\d-\d\d) 完成)?〕"
)
NO_TIME = "无计划时限"


class Step(NamedTuple):
    """A milestone as a file has it: `typed` what is written of its time, `target` what that means (None: not known),
    `moved` the text of the time that it was moved to."""

    name: str
    target: object
    typed: str
    done: date | None
    moved: str = ""


def milestone_words(name, typed, done, moved=""):
    """A milestone as `milestone_of` reads it back: 开工〔计划 4月底前，调整 6月底前，2026-06-20 完成〕."""
    said = [
        f"计划 {typed}" if typed else "" if done or moved else NO_TIME,
        f"调整 {moved}" if moved else "", f"{done} 完成" if done else "",
    ]  # fmt: skip
    return f"{step_key(name)}〔{step_key('，'.join(part for part in said if part))}〕"


def _day_of(text):
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def step_key(name):
    """A name as the cell of several milestones can hold it: what parts them is a comma."""
    return re.sub(r"[；;\n]", "，", name)


def milestone_of(part, year):
    """The Step: the longest beginning that names a time is the time, the rest the name; or as `milestone_words` writes it."""
    found = EXPORTED.fullmatch(part)
    if found:
        typed, moved = (found["time"] or "")[:30], (found["moved"] or "")[:30]
        return Step(found["name"][:80], _target(typed, year), typed, _day_of(found["done"]), moved)
    for end in range(len(part), 0, -1):
        if _SAYS_DONE.search(part[:end]):
            continue
        try:
            target = schedule.parse(part[:end], year=year)
        except ValidationError:
            continue
        return Step((part[end:].strip(" ：:") or part)[:80], target, part[:end], None)
    return Step(part[:80], None, "", None)


_NAMED = re.compile(r"(?P<name>[^：:]{2,12})[：:]\s*(?P<time>.+)", re.DOTALL)


def named_step(part, year, *, happened=None):
    """The Step of a column that bears its name: 开工：2024年3月; None where no time stands behind the colon. `happened`
    is today where the list tells what was done: a day until then is when it was."""
    found = _NAMED.fullmatch(part)
    typed = found["time"].strip()[:30] if found else ""
    target = _target(typed, year)
    if target is None:
        return None
    done = target.end if happened and target.precision == "day" and target.end <= happened else None
    return Step(found["name"].strip()[:80], target, typed, done)


def _target(typed, year):
    try:
        return schedule.parse(typed, year=year) if typed else None
    except ValidationError:
        return None


def milestone_columns(step):
    found = schedule.columns(step.target, "planned") if step.target else {"planned_text": step.typed}
    if step.moved:
        moved = _target(step.moved, step.target.end.year if step.target else None)
        found |= schedule.columns(moved, "revised") if moved else {"revised_text": step.moved}
    return found
