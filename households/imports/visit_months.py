"""Visits in columns: a household a row, a column (or a few) for each month, quarter or time, with ✓, days or words.

Every filled cell becomes a row of its own, as in a ledger with one visit a row. Where only the month is known the date
says so (3月内), and the plan tells it; nothing here makes up a day.
"""

import re
from dataclasses import replace
from datetime import date
from functools import partial

from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.form_folds import FOLD
from fupin.excel.forms import FormTable
from fupin.excel.header import labels_at, short_texts
from fupin.excel.layout import find_tables
from fupin.excel.relabel import Repeats
from fupin.excel.titles import key_of, said_over

MOST = 40_000
"""Rows of a sheet above which months are not looked for."""
MANY_TIMES = 10
COUNTS_UP_TO = 4
"""Where no figure in the months is above it, they count visits; else they are days."""
_MONTHS = {word: number for number, word in enumerate(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), 1)}  # fmt: skip
_SLOT = re.compile(
    r"(?:(?P<year>20\d\d)[年.\-/]?)?(?:(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?|第?(?P<quarter>[一二三四1-4])季度?"
    r"|第(?P<time>[一二三四五六七八九十]{1,2}|\d{1,2})次)(?P<rest>.*)"
)
_NUMBERED = re.compile(
    r"(?P<rest>(?:走访|入户)?(?:时间|日期|内容|情况|记录|人|人员|干部|方式|问题|措施)|慰问金|慰问品)[(]?(?P<time>[1-9]|[一二三四五六七八九])[)]?"
)
"""走访时间1, 走访内容(二): the figure says which visit it is of."""
_MARK = re.compile(r"[√✓✔☑■●○◎✅vV∨Yy是有]|已走访|已入户|走访|入户|已完成|完成|已")
_NONE = re.compile(r"[×✗✘xX☒□否无未]|未走访|未入户|没有|未开展")
_TIMES = re.compile(r"(\d{1,2}|[一二两三四五六七八九十])次")
_DAY = re.compile(r"(\d{1,2})[日号]?")
_DATE = r"(?:20\d\d[年.\-/])?\d{1,2}[月.\-/]\d{1,2}[日号]?|20\d{6}|(?<!\d)\d{1,2}[日号]"
_DATES = re.compile(rf"(?:{_DATE}|\d{{1,2}})(?:[、,;，；/和及\s]+(?:{_DATE}|\d{{1,2}}))+")
_LED = re.compile(rf"({_DATE})[:：,，、.。;；\-—]*(?=\D)(.+)", re.DOTALL)
OF_VISITS = re.compile(r"走访|入户|回访|探访|遍访|慰问记录")
_AGAIN = re.compile(r"(?:走访|入户)(?:时间|日期)|日期|时间")
"""The title with which the columns of a visit begin anew: 走访时间 走访内容 走访时间 走访内容."""
ROLES = ("date", "visitor", "unit", "way", "content", "problem", "measure", "solved", "money", "goods")


def read(spec, sheet, kind, path=""):
    """The tables of a sheet of months, a row a visit; [] for any other. `spec` is the kind as one visit a row has it."""
    if not sheet.numbers or len(sheet.numbers) > MOST or not (sheet.titles or _has_months(sheet)):
        return []
    household, visitor = ("hh_no", "id", "head_name"), ("visitor",)
    found = []
    for table in find_tables(sheet, [replace(spec, needs=(household, visitor))]) or find_tables(
        sheet, [replace(spec, needs=(household,))]
    ):
        where = {number: at for at, number in enumerate(sheet.numbers)}
        labels = labels_at(sheet, [where[row] for row in table.header_rows])
        slots = _slots(labels, spec, _year(table.title, sheet.name))
        words = " ".join((table.title, sheet.name, path, *labels.values()))
        dated = table.columns.get("date") not in (None, *_columns_of(slots))
        if not dated and (slots if sheet.titles else len(slots) > 1 and OF_VISITS.search(compact(words))):
            said = said_over(sheet, where[table.header_rows[0]], spec, table.columns)
            found.append(_unpivoted(table, labels, slots, said, sheet, spec))
    return found


def _has_months(sheet):
    for cells in short_texts(sheet):
        words = [compact(cell) for cell in cells]
        if sum(1 for word in words if _SLOT.fullmatch(word) or _NUMBERED.fullmatch(word)) > 1:
            return True
        if any(words.count(word) > 1 for word in words if _AGAIN.fullmatch(word)):
            return True
    return False


def _year(*words):
    """The year that a title names, where it names one."""
    years = set(re.findall(r"(?<!\d)(20\d\d)年", compact(" ".join(words))))
    return years.pop() if len(years) == 1 else ""


def _slots(labels, spec, stated):
    """`{(year, kind, number): {role: column}}` of the columns that stand for a month, a quarter or a time."""
    slots, told = {}, _numbered(labels, spec)
    for index, label in labels.items():
        if index in told:
            number, role = told[index]
            slots.setdefault((stated, "time", number), {}).setdefault(role, index)
            continue
        parts = [compact(part) for part in label.split("\n")]
        year = next(
            (found[1] for part in parts if (found := re.fullmatch(r"(20\d\d)年?度?.{0,8}", part))), stated
        )
        match = next((found for part in reversed(parts) if (found := _SLOT.fullmatch(part))), None)
        if match is None:
            continue
        rest = parts[-1] if not _SLOT.fullmatch(parts[-1]) else re.sub(r"\([^()]*\)", "", match["rest"])
        role = spec.spellings.get(key_of(rest)) or spec.spellings.get(key_of(f"走访{rest}")) if rest else ""
        if rest and role not in ROLES:
            if not re.fullmatch(r"(?:走访|入户)?(?:情况|记录|次数|时间)?", rest):
                continue
            role = "" if "时间" not in rest else "date"
        kind = next(name for name in ("month", "quarter", "time") if match[name])
        number = _MONTHS.get(match[kind]) or int(match[kind])
        slot = slots.setdefault((match["year"] or year, kind, number), {})
        slot.setdefault(role, index)
    slots = {
        key: roles for key, roles in slots.items() if "" in roles or "date" in roles or "content" in roles
    }
    kinds = [kind for _, kind, _ in slots]
    most = max(kinds, key=kinds.count, default="")  # the others are sums of them
    return {key: roles for key, roles in slots.items() if key[1] == most}


def _numbered(labels, spec):
    """`{column: (which visit, role)}` of columns that are counted (走访时间1, 走访时间2) or come again under the same title."""
    if any(_SLOT.fullmatch(compact(part)) for label in labels.values() for part in label.split("\n")):
        return {}
    words = {index: compact(label.rpartition("\n")[2]) for index, label in labels.items()}
    found = {}
    for index, word in words.items():
        match = _NUMBERED.fullmatch(word)
        role = match and (
            spec.spellings.get(key_of(match["rest"])) or spec.spellings.get(key_of(f"走访{match['rest']}"))
        )
        if role in ROLES:
            found[index] = (_MONTHS.get(match["time"]) or int(match["time"]), role)
    if any(role == "date" for _, role in found.values()):
        return found
    again = [word for word in words.values() if _AGAIN.fullmatch(word)]
    if len(again) < 2 or len(set(again)) > 1:
        return {}
    found, counts = {}, {}
    for index, word in words.items():
        role = spec.spellings.get(key_of(word))
        if role in ROLES and list(words.values()).count(word) == len(again):
            counts[word] = counts.get(word, 0) + 1
            found[index] = (counts[word], role)
    return found


def _unpivoted(table, labels, slots, said_above, sheet, spec):
    own = {name: index for name, index in table.columns.items() if index not in _columns_of(slots)}
    width = max(own.values(), default=-1) + 1
    extra = [
        name
        for name in ROLES
        if name in ("date", "content") or any(name in roles for roles in slots.values())
    ]
    by_name = (
        [] if {"hh_no", "id"} & own.keys() else ["hh_no"]
    )  # to be filled in where the name says too little
    extra += by_name
    columns = own | {name: width + at for at, name in enumerate((*extra, *said_above))}
    counted = _counted(table, slots)
    named = {item.name: item.label for item in spec.fields}
    out = FormTable.of(table, spec.kind, columns, labels, {name: named.get(name, "") for name in (*extra, *said_above)})  # fmt: skip
    hidden, uncached = set(), set()
    out.leave_unread(labels, {*own.values(), *_columns_of(slots)})
    for row, cells in zip(table.numbers, table.rows):
        n = 0
        for slot, roles in slots.items():
            for said in _visits(slot, roles, row, cells, sheet, counted):
                number = row if not n else FOLD * n + row
                n += 1
                made = [
                    *cells[:width],
                    *([""] * (width - len(cells))),
                    *(said.get(name, ("", 0))[0] for name in extra),
                    *said_above.values(),
                ]
                out.numbers.append(number)
                out.rows.append(made)
                if slot[1] == "month" and (other := _month(said["date"][0])) not in (None, slot[2]):
                    detail = f"写在 {slot[2]} 月的一列，日期是 {other} 月；按写的日期记入，请核对"
                    out.findings.append(
                        ("visit_month_differs", "date", text(said["date"][0]), detail, number)
                    )
                for name, (_, column) in said.items():
                    out.stands(number, name, sheet, row, column, uncached)
                if row in table.hidden:
                    hidden.add(number)
    out.hidden, out.uncached = frozenset(hidden), frozenset(uncached)
    return out


def _month(said):
    """The month of a date as a ledger has it, None where it is not plain."""
    if isinstance(said, date):
        return said.month
    found = re.fullmatch(r"(?:20\d\d[年.\-/])?(\d{1,2})[月.\-/]\d{1,2}日?", compact(text(said)))
    return int(found[1]) if found else None


def _columns_of(slots):
    return {index for roles in slots.values() for index in roles.values()}


def _counted(table, slots):
    """Whether figures in the months count visits: 1, 2, 2 and never a 12."""
    figures = [
        int(said) for cells in table.rows for (_, kind, _), roles in slots.items() if kind != "time"
        if "" in roles and roles[""] < len(cells) and (said := text(cells[roles[""]])).isdecimal() and len(said) < 3
    ]  # fmt: skip
    return bool(figures) and max(figures) <= COUNTS_UP_TO


def _visits(slot, roles, row, cells, sheet, counted):
    """What the cells of a slot say, a dict `{field: (value, column)}` a visit."""
    told = {role: (cells[index], index) for role, index in roles.items() if index < len(cells)}
    main = next((told[role] for role in ("date", "", "content") if role in told), ("", 0))
    marked = any(
        (row, index + 1) in sheet.errors or (row, index + 1) in sheet.uncached for _, index in told.values()
    )
    blank = all(text(value) in BLANKS for value, _ in told.values())
    if blank and not marked:
        return
    more = {
        role: found
        for role, found in told.items()
        if role not in ("date", "") and text(found[0]) not in BLANKS
    }
    value, column = told.get("date") or told.get("") or ("", main[1])
    if _NONE.fullmatch(compact(text(value))) and not more:
        return
    for on, content in _said(slot, value, counted):
        said = more | {"date": (on, column)}
        if content and "content" not in said:
            said["content"] = (content, column)
        yield said


def _said(slot, value, counted):
    """`(date, content)` of each visit that a cell tells."""
    year, kind, number = slot
    within = "" if kind == "time" else f"{year}年" if year else ""
    within += {"month": f"{number}月内", "quarter": f"{number}季度内", "time": ""}[kind]
    if isinstance(value, date) or isinstance(value, float) and not (value.is_integer() and abs(value) < 100):
        return [(value, "")]
    said = text(value)
    word = compact(said)
    if word in BLANKS or _MARK.fullmatch(word):
        return [(within, "")]
    times = _TIMES.fullmatch(word)
    if times or counted and word.isdecimal() and len(word) < 3:
        count = (
            int(times[1])
            if times and times[1].isdecimal()
            else _MONTHS.get(times[1], 2)
            if times
            else int(word)
        )
        count = min(count, MANY_TIMES)
        return [(within, f"第 {one} 次" if count > 1 else "") for one in range(1, count + 1)]
    if (
        _DATES.fullmatch(word)
        or len(parts := said.split()) > 1
        and all(re.fullmatch(_DATE, compact(one)) for one in parts)
    ):
        return [
            (_on(slot, one), "") for one in re.split(r"[、,;，；和及\s]+|(?<=[日号])/", said) if one.strip()
        ]
    if re.fullmatch(_DATE, word) or _DAY.fullmatch(word):
        return [(_on(slot, word), "")]
    if (led := _LED.fullmatch(said.strip())) and len(led[2]) > 1:
        return [(_on(slot, compact(led[1])), led[2].strip())]
    return [(within, said)]


def _on(slot, said):
    """A day as the ledger has it: 12 under 3月 is 3月12日, under 2020年3月 2020年3月12日."""
    year, kind, number = slot
    said = compact(said)
    day = _DAY.fullmatch(said)
    if day and kind == "month":
        return f"{year}年{number}月{day[1]}日" if year else f"{number}月{day[1]}日"
    short = re.fullmatch(r"(\d{1,2})[月.\-/](\d{1,2})[日号]?", said)
    return f"{year}年{short[1]}月{short[2]}日" if short and year else said


def _find(spec, labels):
    """`{column: (choice, field)}` of the columns that stand for a month, a quarter or a time; see `relabel.Repeats`."""
    return {
        column: (f"{kind}:{number}", role or "date")
        for (_, kind, number), roles in _slots(labels, spec, "").items() for role, column in roles.items()
    }  # fmt: skip


_CHOICES = (
    *((f"month:{n}", f"{n}月") for n in range(1, 13)), *((f"quarter:{n}", f"{word}季度") for n, word in enumerate("一二三四", 1)),
    *((f"time:{n}", f"第{n}次") for n in range(1, 13)),
)  # fmt: skip


def repeats(spec):
    """What a user may say of the columns of such a sheet: which month, quarter or time, and what stands there."""
    labels, words = {item.name: item.label for item in spec.fields}, dict(_CHOICES)
    return Repeats(
        "哪个月（次）", "每月（次）的走访", _CHOICES, frozenset(ROLES), partial(_find, spec),
        lambda choice, name: f"{words[choice]}{labels[name]}",
    )  # fmt: skip
