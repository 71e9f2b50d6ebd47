"""Incomes in columns of quarters or half years: 一季度人均纯收入 … 四季度人均纯收入. A whole year of them is added up.

What is less than a year is no income of the year: nothing is kept of it, and the preview says so.
"""

import re
from dataclasses import replace
from functools import partial

from fupin.excel.cleaning import Unreadable, compact, money, text
from fupin.excel.forms import FormTable
from fupin.excel.header import labels_at, short_texts
from fupin.excel.layout import find_tables
from fupin.excel.relabel import Repeats
from fupin.excel.table import letter_of
from fupin.excel.titles import key_of, unit_of

FIELDS = ("percap", "net", "wage", "oper", "prop", "transfer", "expense")
MOST = 40_000
"""Rows of a sheet above which quarters are not looked for."""
_PART = re.compile(r"第?(?P<quarter>[一二三四1-4])季度?|(?P<half>[上下])半年")
_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_SO_FAR = re.compile(r"累计|截至|前[一二三四\d]|[一二三1-3][-—~至到]")


def read(spec, sheet, kind, path=""):
    """The tables of such a sheet, [] for any other. `spec` is the kind as a list of one income a year has it."""
    if not sheet.numbers or len(sheet.numbers) > MOST or not (sheet.titles or _has_parts(sheet)):
        return []
    where = {number: at for at, number in enumerate(sheet.numbers)}
    found = []
    wide = replace(spec, needs=(("hh_no", "id"),), needs_named=(), fewer=())
    for table in find_tables(sheet, [wide]):
        labels = labels_at(sheet, [where[row] for row in table.header_rows])
        parts = {name: slots for name, slots in _slots(labels, spec).items() if len(slots) > 1 and table.columns.get(name) not in set(table.columns.values()) - set(slots.values())}  # fmt: skip
        if parts:
            found.append(_whole(table, labels, parts, sheet, kind))
    return found


def _has_parts(sheet):
    return any(sum(1 for cell in cells if _PART.search(compact(cell))) > 1 for cells in short_texts(sheet))


def _slots(labels, spec):
    """`{field: {("quarter", 1): column}}`."""
    found = {}
    for index, label in labels.items():
        said = compact(label.replace("\n", ""))
        part = _PART.search(said)
        if not part or _SO_FAR.search(said):
            continue
        rest = re.sub(r"20\d\d年?度?", "", said.replace(part[0], "", 1))
        name = spec.spellings.get(key_of(rest)) or spec.spellings.get(key_of(rest.strip("()（）")))
        if name in FIELDS:
            kind = "quarter" if part["quarter"] else "half"
            word = part[kind]
            found.setdefault(name, {}).setdefault((kind, _NUMBERS.get(word) or int(word)), index)
    return found


def _year_of(slots):
    """The columns that make up the whole year, () where some of it is missing."""
    for kind, count in (("quarter", 4), ("half", 2)):
        columns = [slots.get((kind, number)) for number in range(1, count + 1)]
        if None not in columns:
            return columns
    return ()


def _whole(table, labels, parts, sheet, kind):
    taken = {index for slots in parts.values() for index in slots.values()}
    own = {name: index for name, index in table.columns.items() if index not in taken and name not in parts}
    years = {name: columns for name, slots in parts.items() if (columns := _year_of(slots))}
    width = max(own.values(), default=-1) + 1
    columns = own | {name: width + at for at, name in enumerate(years)}
    plain = {index: label.replace("\n", "") for index, label in labels.items()}
    sums = {name: f"{plain[slots[0]]}等 {len(slots)} 列之和" for name, slots in years.items()}
    out = FormTable.of(table, kind, columns, labels, sums)
    out.copy_lines(table)
    out.units |= dict.fromkeys(years, 1)  # the sums are in yuan
    used = {*own.values(), *(index for slots in years.values() for index in slots)}
    out.leave_unread(labels, used)
    for row, cells in zip(table.numbers, table.rows):
        made = [*cells[:width], *[""] * (width - len(cells))]
        for name, slots in years.items():
            out.places[row, name] = (row, letter_of(slots[0]))
            unit = max(unit_of(plain[index]) for index in slots)
            made.append(
                _sum(out, row, name, [cells[index] if index < len(cells) else "" for index in slots], unit)
            )
        out.rows.append(made)
    for name, slots in parts.items():
        if name not in years and table.numbers:
            label = plain[next(iter(slots.values()))]
            told = "、".join(plain[index] for index in slots.values())
            detail = f"只有“{told}”，凑不成全年，没有记；全年齐了再导入，或加一列全年的数"
            out.findings.append(("income_part_of_year", name, label, detail, table.numbers[0]))
    return out


def _sum(out, row, name, cells, unit):
    """The sum of a household's parts in yuan; "" and a finding where a part is missing or no figure."""
    total = 0
    for cell in cells:
        try:
            part = money(cell, unit)
        except Unreadable:
            part = None
        if part is None:
            if any(text(cell) for cell in cells):
                detail = "四个季度（两个半年）里有空着或读不懂的，凑不成全年，没有记"
                out.findings.append(("income_part_of_year", name, text(cell), detail, row))
            return ""
        total += part
    return float(total)


def _find(spec, labels):
    """`{column: (choice, field)}` of the columns of parts of a year; see `relabel.Repeats`."""
    return {column: (f"{kind}:{n}", name) for name, slots in _slots(labels, spec).items() for (kind, n), column in slots.items()}  # fmt: skip


_CHOICES = (*((f"quarter:{n}", f"{word}季度") for n, word in enumerate("一二三四", 1)), ("half:1", "上半年"), ("half:2", "下半年"))  # fmt: skip


def repeats(spec):
    """What a user may say of the columns of such a sheet: of which quarter or half year they are, and which income."""
    labels, words = {item.name: item.label for item in spec.fields}, dict(_CHOICES)
    return Repeats(
        "哪个季度",
        "各季度",
        _CHOICES,
        frozenset(FIELDS),
        partial(_find, spec),
        lambda choice, name: f"{words[choice]}{labels[name]}",
    )
