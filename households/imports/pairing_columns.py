"""Pairings of which a row holds more than one: two helpers in columns or in one cell, several households in one cell.

Every pairing becomes a row of its own, as in a ledger with one helper and one household a row. What was taken for whose
column is told.
"""

import re
from dataclasses import dataclass, field, replace
from functools import partial

from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.form_folds import FOLD
from fupin.excel.forms import FormTable
from fupin.excel.header import labels_at, short_texts
from fupin.excel.layout import find_tables
from fupin.excel.relabel import Repeats
from fupin.excel.table import letter_of
from fupin.excel.titles import key_of, known_as, said_over, spellings_of
from households.imports.by_name import names_in

MOST = 40_000
"""Rows of a sheet above which nothing is parted."""
ROLES = ("helper", "unit", "helper_phone", "rank", "helper_sex", "utype", "level", "first", "leader", "team")
SHARED = ("begin", "end", "quota")
WORDS = {
    "helper": "姓名", "unit": "单位", "helper_phone": "电话", "rank": "职务", "helper_sex": "性别", "utype": "单位类型",
    "level": "单位隶属关系", "first": "是否第一书记", "leader": "是否工作队队长", "team": "是否驻村队员",
}  # fmt: skip
HELPERS = 3
"""Helpers of a household that the page of columns offers."""
_N = "一二三四1234"
_WHO = r"责任人|帮扶人|联系人|干部|包户人|包保人|包联人|党员"
_FIRST = re.compile(rf"第(?P<n>[{_N}])(?:名|位|个)?(?=.{{0,6}}(?:{_WHO}))")
_LAST = re.compile(
    rf"(?P<who>.*?(?:{_WHO}|单位|电话|联系方式|手机号码?|职务|姓名|性别))(?P<n>[(]?[{_N}][)]?)(?P<rest>[^\d一-四]*)"
)
_STRONG = re.compile(r"帮扶|包[户保联]|联户|结对|挂[钩包联]|责任人|监测联系人")
_OLD = re.compile(r"原|前任|调整前|变更前|上任")
_ABOUT = re.compile(r"结对|帮扶责任|包[户保联]|联户|责任人|联系户|帮扶干部|帮扶联系")
_NO_FACT = re.compile(
    r"序号|备注|编号|签字|签名|户主?电话|联系电话|家庭住址|住址|地址|户数|联系户数|结对户数|帮扶户数|人数|.*户.{0,2}[1-9]"
)
"""Columns that lists of any kind have."""
_HOME = re.compile(r"(?P<rest>.*户.*?)[(]?[1-9一二三四五六七八九][)]?")
"""联系户1, 联系户2: a column for each household of a helper."""
_PAIRING = re.compile(rf"(?:{_WHO}).*|.*帮扶.*")
_RELATION = re.compile(r"与户主(?:的)?关系|家庭关系")
_WORD = re.compile(r"[\u3400-\u9fff]")


@dataclass
class Slot:
    """The columns of one helper of a household: `order` as in HelperOrder, `roles` {field: column}."""

    order: str
    roles: dict = field(default_factory=dict)


def read(spec, sheet, kind, path="", *, chosen=False):
    """The tables of such a sheet, a row a pairing; [] for any other. `spec` is the kind as one pairing a row has it;
    `chosen`: a user said that it is of pairings, though it looks like a list of people."""
    if not sheet.numbers or len(sheet.numbers) > MOST or not (sheet.titles or _speaks(sheet, chosen)):
        return []
    household = ("hh_no", "id", "any_id", "head_name")
    wide = replace(spec, needs=(household, ("helper",)), fewer=(), strange="")
    where = {number: at for at, number in enumerate(sheet.numbers)}
    found = []
    for table in find_tables(sheet, [wide]):
        labels = labels_at(sheet, [where[row] for row in table.header_rows])
        said = said_over(sheet, where[table.header_rows[0]], spec, table.columns)
        if (
            "old_helper" in table.columns
            or not sheet.titles
            and not chosen
            and _is_of_others(table, labels, spec, path)
        ):
            return []
        slots = slots_of(labels, spec)
        made = _Parted(table, labels, slots, said, sheet, spec)
        if len(slots) > 1 or sheet.titles and slots or made.is_parted() or chosen and _has_people(labels):
            found.append(made.made(once=_has_people(labels)))
    return found


def _speaks(sheet, chosen):
    """Whether a title in the first rows may be that of a helper, and (but where it was `chosen`) none is of a list of people."""
    words = [compact(cell) for cells in short_texts(sheet) for cell in cells]
    if not chosen and any(_RELATION.search(word) for word in words):
        return False
    return any(_PAIRING.fullmatch(word) for word in words)


def _has_people(labels):
    return any(_RELATION.search(compact(label)) for label in labels.values())


def _is_of_others(table, labels, spec, path):
    """Whether a sheet is a list of something else in which helpers are named, too: of people, visits, or of what households
    are and have."""
    words = [compact(label) for label in labels.values()]
    if any(re.search(spec.strange, word) for word in words):
        return True
    others = [
        word
        for label, word in zip(labels.values(), words)
        if _meaning(label, spec)[1] is None and not _NO_FACT.fullmatch(key_of(word))
    ]
    if len(others) > 2 and not _ABOUT.search(compact(f"{table.title} {table.sheet} {path}")):
        return True
    mine = sum(1 for label in labels.values() if _meaning(label, spec)[1] is not None)
    return mine * 2 < sum(1 for word in words if key_of(word) not in ("序号", "备注", "编号"))


def _meaning(label, spec):
    """`(ordinal or "", field or None)` of the title of a column."""
    full, child = compact(label.replace("\n", "")), label.rpartition("\n")[2]
    n, rest = "", ""
    if found := _FIRST.search(full):
        n, rest = found["n"], full[: found.start()] + full[found.end() :]
    elif found := _LAST.fullmatch(full):
        n, rest = found["n"].strip("()"), found["who"] + found["rest"]
    if n:
        n = str("一二三四".find(n) + 1 or n)
        for word in (rest, child if "\n" in label else ""):
            if (name := spec.spellings.get(key_of(word))) in (*ROLES, *SHARED):
                return n, name
        if (found := _LAST.fullmatch(compact(child))) and spec.spellings.get(key_of(found["who"])) in ROLES:
            return n, spec.spellings[key_of(found["who"])]
    name = known_as(spellings_of(label), spec)
    parent = compact(label.rpartition("\n")[0])
    if name is None and parent and re.search(_WHO, parent):
        name = spec.spellings.get(key_of(child))
        name = name if name in ROLES else None
    return "", name


def slots_of(labels, spec):
    """The Slots of a header that has columns for more than one helper, in their order; [] for any other."""
    told = [(index, *_meaning(label, spec)) for index, label in sorted(labels.items())]
    told = [
        (index, n, name)
        for index, n, name in told
        if name in ROLES and not _OLD.match(compact(labels[index]))
    ]
    helpers = [(index, labels[index]) for index, _, name in told if name == "helper"]
    if len(helpers) > 1:
        first = helpers[0][1]
        weak = {index for index, label in helpers[1:] if label != first and not _STRONG.search(compact(label)) and not _meaning(label, spec)[0]}  # fmt: skip
        told = [one for one in told if one[0] not in weak]
    blocks = []
    for index, n, name in told:
        if not blocks or name in blocks[-1][1] or n and blocks[-1][0] and blocks[-1][0] != n:
            blocks.append([n, {}])
        blocks[-1][0] = blocks[-1][0] or n
        blocks[-1][1][name] = index
    merged = {}
    for at, (n, roles) in enumerate(blocks):
        if (key := n or f"#{at}") in merged:
            merged[key] = roles | merged[key]
        else:
            merged[key] = roles
    slots = [roles for roles in merged.values() if "helper" in roles]
    monitor = next((roles for roles in slots[1:] if "监测联系人" in compact(labels[roles["helper"]])), None)
    _share(slots, told, monitor)
    return [Slot("3" if roles is monitor else str(min(nth, 2)), roles) for nth, roles in enumerate(slots, 1)]


def _share(slots, told, monitor):
    """One unit for helpers whose names stand side by side is that of all of them, but for the `monitor`, who is of the
    village; one phone beside them is nobody's."""
    at = [roles["helper"] for roles in slots]
    names = [index for index, _, name in told if name == "helper" or index > min(at, default=0)]
    if len(at) < 2 or names[: len(at)] != at:
        return
    for name in ROLES[1:]:
        columns = {roles[name] for roles in slots if name in roles}
        if len(columns) == 1:
            for roles in slots:
                roles.pop(name, None)
                if name == "unit" and roles is not monitor:
                    roles[name] = next(iter(columns))


class _Parted:
    """The table of a sheet with a row for each pairing."""

    def __init__(self, table, labels, slots, said, sheet, spec):
        self.table, self.labels, self.slots, self.said, self.sheet, self.spec = (
            table,
            labels,
            slots,
            said,
            sheet,
            spec,
        )
        if len(slots) < 2 and not sheet.titles:
            roles = {name: table.columns[name] for name in ROLES if name in table.columns}
            self.slots = [Slot("1", roles)]
        self.taken = {index for slot in self.slots for index in slot.roles.values()}
        columns = table.columns
        self.by_name = "head_name" in columns and not {"hh_no", "id", "any_id"} & columns.keys()
        self.numbers = columns.get("hh_no")
        self.homes = [columns["head_name"]] if self.by_name else []
        for index, label in labels.items() if self.by_name else ():
            counted = _HOME.fullmatch(compact(label.rpartition("\n")[2]))
            if (
                index not in self.homes
                and counted
                and spec.spellings.get(key_of(counted["rest"])) == "head_name"
            ):
                self.homes.append(index)

    def is_parted(self):
        """Whether a cell names several helpers or several households."""
        if len(self.homes) > 1:
            return True
        where = {slot.roles["helper"] for slot in self.slots if "helper" in slot.roles}
        if self.by_name:
            where.add(self.table.columns["head_name"])
        elif self.numbers is not None:
            where.add(self.numbers)
        return any(
            index < len(row) and row[index].__class__ is str and len(row[index]) > 3 and len(names_in(row[index])[0] if index != self.numbers else _several_numbers(row[index])) > 1
            for row in self.table.rows for index in where
        )  # fmt: skip

    def made(self, once=False):
        table = self.table
        own = {name: at for name, at in table.columns.items() if at not in self.taken and name not in ROLES}
        several = self.numbers is not None and any(
            _several_numbers(_cell(row, self.numbers)) for row in table.rows
        )
        lead = ["head_name", "hh_no", "id"] if self.by_name else ["hh_no"] if several else []
        own = {name: at for name, at in own.items() if name not in lead}
        width = max(own.values(), default=-1) + 1
        roles = [name for name in ROLES if any(name in slot.roles for slot in self.slots)]
        self.extra = [*lead, *roles, "order", *(name for name in self.said if name not in roles)]
        columns = own | {name: width + at for at, name in enumerate(self.extra)}
        made = {item.name: item.label for item in self.spec.fields if item.name in self.extra}
        out = FormTable.of(table, self.spec.kind, columns, self.labels, made)
        used = {
            *own.values(),
            *self.taken,
            *self.homes,
            *(table.columns[name] for name in lead if name in table.columns),
        }
        out.leave_unread(self.labels, used)
        hidden, uncached, seen = set(), set(), set()
        for row, cells in zip(table.numbers, table.rows):
            lines = list(self._lines(row, cells, out))
            for n, line in enumerate(lines):
                said = (*(text(cells[own[name]]) for name in ("hh_no",) if name in own), *(text(value) for value, _ in line.values()))  # fmt: skip
                if once and (said in seen or "hh_no" not in own and not self._is_head(cells)):
                    continue
                seen.add(said)
                self._add(out, row if not n else FOLD * n + row, row, [*cells[:width], *[""] * (width - len(cells))], line, uncached)  # fmt: skip
                if row in table.hidden:
                    hidden.add(out.numbers[-1])
        if len(self.slots) > 1 and out.numbers:
            out.findings.append(("pairing_columns", "", "", self._told(), out.numbers[0]))
        out.hidden, out.uncached = frozenset(hidden), frozenset(uncached)
        return out

    def _is_head(self, cells):
        """Whether a row of a list of people is its household's head."""
        index = next(index for index, label in self.labels.items() if _RELATION.search(compact(label)))
        return compact(text(_cell(cells, index))) in ("户主", "本人", "户主本人")

    def _told(self):
        """Which columns were taken for which helper."""
        return "；".join(
            f"第 {nth} 名：" + "、".join(f"{WORDS[name]} {letter_of(index)} 列" for name, index in slot.roles.items())
            for nth, slot in enumerate(self.slots, 1)
        ) + "。不对的请在“列对应”里改"  # fmt: skip

    def _add(self, out, number, row, made, line, uncached):
        out.numbers.append(number)
        out.rows.append([*made, *(line.get(name, (self.said.get(name, ""), None))[0] for name in self.extra)])
        for name, (_, column) in line.items():
            if column is not None:
                out.stands(number, name, self.sheet, row, column, uncached)

    def _lines(self, row, cells, out):
        """`{field: (value, column)}` of each pairing that a row tells."""
        helpers = [line for slot in self.slots for line in self._helpers(slot, row, cells)]
        helpers = helpers or [{name: (_cell(cells, at), at) for name, at in self.slots[0].roles.items()} | {"order": ("1", None)}]  # fmt: skip
        for home in self._homes(row, cells, out):
            for line in helpers:
                yield home | line

    def _helpers(self, slot, row, cells):
        told = {name: (_cell(cells, index), index) for name, index in slot.roles.items()}
        value, column = told.get("helper", ("", None))
        if text(value) in (*BLANKS, "无") and (row, (column or 0) + 1) not in self.sheet.errors:
            return
        people = names_in(value)[0] if value.__class__ is str else []
        if len(people) < 2:
            yield told | {"order": (slot.order, None)}
            return
        more = {
            name: _as_many(told[name][0], len(people))
            for name in ("unit", "helper_phone", "rank")
            if name in told
        }
        for nth, (name, inside) in enumerate(people):
            line = told | {
                "helper": (name, column),
                "order": (slot.order if not nth else max(slot.order, "2"), None),
            }
            for role, parts in more.items():
                line[role] = (parts[nth], told[role][1])
            if inside and _WORD.search(inside) and not text(line.get("unit", ("", 0))[0]):
                line["unit"] = (inside, column)
            yield line

    def _homes(self, row, cells, out):
        columns = self.table.columns
        if not self.by_name:
            parts = _several_numbers(_cell(cells, self.numbers)) if self.numbers is not None else []
            if self.numbers is None:
                return [{}]
            at = columns.get("head_name")
            names = [name for name, _ in names_in(_cell(cells, at))[0]] if at is not None and parts else []
            more = (
                [{"head_name": (name, at)} for name in names]
                if len(names) == len(parts)
                else [{}] * len(parts)
            )
            found = [{"hh_no": (part, self.numbers)} | extra for part, extra in zip(parts, more)]
            return found or [{"hh_no": (_cell(cells, self.numbers), self.numbers)}]
        first = self.homes[0]
        named = [home for at in self.homes for home in self._named(row, _cell(cells, at), at, out)]
        return named or [{"head_name": (_cell(cells, first), first)}]

    def _named(self, row, cell, at, out):
        """The households that a cell names."""
        people, count = names_in(cell)
        if count and len(people) < count:
            detail = f"写的是 {count} 户，只写了 {len(people)} 户的姓名；其余的请补上"
            out.findings.append(("pairing_names_fewer", "", "", detail, row))
        found = []
        for name, inside in people:
            home = {"head_name": (name, at)}
            if re.fullmatch(r"\d{17}[\dXx]", inside):
                home["id"] = (inside, at)
            elif re.fullmatch(r"[A-Za-z]{0,4}\d{4,}[\dA-Za-z\-]*", inside):
                home["hh_no"] = (inside, at)
            found.append(home)
        return found


def _cell(cells, index):
    return cells[index] if index is not None and index < len(cells) else ""


def _several_numbers(cell):
    """The numbers of households in a cell that holds several; [] for one."""
    parts = re.split(r"[、,，;；/\s]+", text(cell)) if cell.__class__ is str else []
    parts = [part for part in parts if part]
    return parts if len(parts) > 1 and all(re.fullmatch(r"[A-Za-z]{0,4}\d{4,}[\dA-Za-z\-]*", part) for part in parts) else []  # fmt: skip


def _as_many(value, count):
    """The parts of a cell of units or phones, one a person; where it has one for all, a unit is everybody's, a phone the
    first one's."""
    parts = [part.strip() for part in re.split(r"[、,，;；/\n]+", text(value)) if part.strip()] if value.__class__ is str else []  # fmt: skip
    if len(parts) == count:
        return parts
    return [value] * count if not re.search(r"\d{7}", text(value)) else [value, *[""] * (count - 1)]


def _find(spec, labels):
    """`{column: (choice, field)}` of the columns of helpers; see `relabel.Repeats`."""
    slots = slots_of(labels, spec)
    if len(slots) < 2:
        return {}
    held = [
        column for slot in slots for column in slot.roles.values()
    ]  # one that several share is nobody's own
    return {column: (str(n), name) for n, slot in enumerate(slots, 1) if n <= HELPERS for name, column in slot.roles.items() if held.count(column) == 1}  # fmt: skip


def repeats(spec):
    """What a user may say of the columns of such a sheet: of which helper they are, and what stands there."""
    return Repeats(
        "第几名责任人", "几名责任人", tuple((str(n), f"第{word}责任人") for n, word in enumerate("一二三", 1)), frozenset(ROLES),
        partial(_find, spec), lambda choice, name: f"第{'一二三'[int(choice) - 1]}责任人\n{WORDS[name]}",
    )  # fmt: skip
