"""Members beside their head: a household a row, and a few columns for each further member (成员1姓名, 成员1身份证号 …).

Every member becomes a row of its own below the head's, as in a list with one person a row.
"""

import re
from dataclasses import replace
from functools import partial

from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.form_folds import FOLD
from fupin.excel.forms import FormTable
from fupin.excel.header import labels_at, short_texts
from fupin.excel.layout import find_tables
from fupin.excel.relabel import Repeats
from fupin.excel.titles import key_of
from households.imports.columns import MEMBER

MOST = 40_000
"""Rows of a sheet above which such columns are not looked for."""
_MEMBER = re.compile(
    r"(?:家庭|共同生活)?(?:其他|其它)?成员[(]?(?P<n>[一二三四五六七八九十]{1,2}|\d{1,2})[)]?(?:[:、.\-_的])?(?P<rest>.*)"
)
_LAST = re.compile(r"(?:家庭)?成员(?P<rest>.+?)[(]?(?P<n>[一二三四五六七八九十]{1,2}|\d{1,2})[)]?")
MEMBERS = 12
"""Further members that the page of columns offers."""
FIELDS = {item.name: item for item in MEMBER}


def read(spec, sheet, kind):
    """The tables of such a sheet, a row a person; [] for any other. `spec` is the kind as a list has it."""
    if not sheet.numbers or len(sheet.numbers) > MOST or not (sheet.titles or _numbers_members(sheet)):
        return []
    alone = replace(spec, needs=(("head_name",), ("id", "head_id")), unnumbered=(), fewer=(), half=())
    where = {number: at for at, number in enumerate(sheet.numbers)}
    found = []
    for table in find_tables(sheet, [alone]):
        labels = labels_at(sheet, [where[row] for row in table.header_rows])
        slots = _slots(labels, spec)
        taken = {index for slot in slots for index in slot.values()}
        heads = [table.columns[name] for name in ("id", "head_id") if name in table.columns]
        if any({"name", "id"} <= slot.keys() for slot in slots) and not taken.issuperset(heads):
            found.append(_one_a_row(table, labels, slots, sheet, kind))
    return found


def _numbers_members(sheet):
    for cells in short_texts(sheet):
        words = [compact(cell) for cell in cells if "成员" in cell]
        if any(_MEMBER.fullmatch(word) or _LAST.fullmatch(word) for word in words):
            return True
    return False


def _slots(labels, spec):
    """`[{field: column}]`, one for each member in the order of the header."""
    slots = {}
    for index, label in labels.items():
        said = compact(label.replace("\n", ""))
        match = _MEMBER.fullmatch(said) or _LAST.fullmatch(said)
        name = match and (
            spec.spellings.get(key_of(f"成员{match['rest']}"))
            or spec.spellings.get(match["rest"])  # with its bracket: 公益性岗位(月数) is not 公益性岗位
            or spec.spellings.get(key_of(match["rest"] or "姓名"))
        )
        if name in FIELDS:
            slots.setdefault(match["n"], {}).setdefault(name, index)
    return list(slots.values())


def _one_a_row(table, labels, slots, sheet, kind):
    taken = {index for slot in slots for index in slot.values()}
    head = {
        name: at
        for name, at in table.columns.items()
        if name in FIELDS and at not in taken and name not in table.given
    }
    ids = [table.columns[name] for name in ("id", "head_id") if name in table.columns]
    head |= {"name": table.columns["head_name"], "id": next(at for at in ids if at not in taken)}
    own = {name: at for name, at in table.columns.items() if name not in FIELDS and at not in taken}
    names = [
        "relation",
        *dict.fromkeys(
            name for name in (*head, *(name for slot in slots for name in slot)) if name != "relation"
        ),
    ]
    width = max((*own.values(), *head.values()), default=-1) + 1
    columns = own | {name: width + at for at, name in enumerate(names)}
    used = {*own.values(), *head.values(), *taken}
    out = FormTable.of(table, kind, columns, labels, {name: FIELDS[name].label for name in names})
    out.unnumbered = "hh_no" not in own
    out.leave_unread(labels, used)
    hidden, uncached = set(), set()
    for row, cells in zip(table.numbers, table.rows):
        people = [head, *(slot for slot in slots if _somebody(slot, cells))]
        for n, slot in enumerate(people):
            number = FOLD * n + row
            said = {name: cells[at] if at < len(cells) else "" for name, at in slot.items()}
            if not n:
                said["relation"] = "户主"
            out.numbers.append(number)
            out.rows.append(
                [*cells[:width], *[""] * (width - len(cells)), *(said.get(name, "") for name in names)]
            )
            for name, at in slot.items():
                out.stands(number, name, sheet, row, at, uncached)
            if row in table.hidden:
                hidden.add(number)
    out.hidden, out.uncached = frozenset(hidden), frozenset(uncached)
    return out


def _somebody(slot, cells):
    """Whether a member has a name or an ID number."""
    return any(
        slot[name] < len(cells) and text(cells[slot[name]]) not in (*BLANKS, "无")
        for name in ("name", "id")
        if name in slot
    )


def _find(spec, labels):
    """`{column: (choice, field)}` of the columns of further members; see `relabel.Repeats`."""
    return {
        column: (str(n), name)
        for n, slot in enumerate(_slots(labels, spec), 1) if n <= MEMBERS for name, column in slot.items()
    }  # fmt: skip


def repeats(spec):
    """What a user may say of the columns of such a sheet: of which further member they are, and what stands there."""
    return Repeats(
        "第几名成员", "其他成员", tuple((str(n), f"成员{n}") for n in range(1, MEMBERS + 1)), frozenset(FIELDS), partial(_find, spec),
        lambda choice, name: f"成员{choice}{FIELDS[name].label}",
    )  # fmt: skip
