"""一户一档表: which labels of a form mean what, and what a form tells in other ways than a list does.

The place may stand in the title, the address or the file's name; land and housing are told in one phrase; a pupil's
class stands under 文化程度; what is ticked is one of several printed options.
"""

import re

from fupin.excel import cleaning, ticks
from fupin.excel.cleaning import Unreadable, compact, text
from fupin.excel.forms import find_forms
from fupin.regions import names
from households import codes
from households.imports import columns
from households.imports.form_labels import DOOR, EARNED, HOUSING, LAND, STAR, WHERE, WORDS, kind_of
from households.imports.form_names import LEVELS, NO_VILLAGE, Hints, hints, place_of


def read(sheet, kind, source=""):
    """The forms of a sheet as tables; `source` is the path of the file in its zip, whose names tell something too."""
    tables = find_forms(sheet, kind, WORDS)
    for table in tables:
        if table.rows:
            _settle(table, hints(source) if len(tables) == 1 else Hints())
    return tables


def _settle(table, said):
    """Bring what forms tell in their own ways to the columns of the register."""
    _untick(table)
    _land(table)
    _housing(table)
    _classes(table)
    _notes(table)
    _phone(table)
    _place(table)
    _compare(table, said)
    _group(table)
    table.title = f"{table.title} {table.said('collected')}".strip()
    for name in (WHERE, DOOR, LAND, HOUSING, STAR, EARNED):
        if name in table.columns:
            table.labels.pop(table.columns.pop(name))
            table.units.pop(name)


# Ticks

_FLAGS = {"danger", "is_poor", "disabled"}
_NOT = re.compile(r"[非不未无没否]")


def _untick(table):
    for name, index in table.columns.items():
        for cells in table.rows:
            if isinstance(cells[index], str) and ticks.is_ticked(cells[index]):
                cells[index] = "、".join(_option(name, option) for option in ticks.chosen(cells[index]) or ())


def _option(name, option):
    """An option as the register says it: 非危房 under 是否危房 is 否."""
    option = re.sub(r"^\d{1,2}[.、)]\s*", "", option)
    if WORDS.fields[name].clean is not columns.flag and name not in _FLAGS:
        return option
    if (
        name == "danger"
        and codes.code_of(codes.DangerLevel, option)
        or name == "is_poor"
        and option in codes.HOUSEHOLD_KINDS
    ):
        return option
    try:
        return "是" if cleaning.yes(option) else "否"
    except Unreadable:
        return "否" if _NOT.match(option) else "是"


# Phrases

_AREA = r"\s*[:：]?\s*(\d+(?:\.\d+)?)\s*(?:亩|㎡|平方米|平米|m2|平方)?"
_LANDS = {"land": "(?:耕地|承包地|水田|旱地)", "irrigated": "有效灌溉", "forest": "林地", "returned_forest": "退耕还林",
          "orchard": "(?:林果|果园)", "pasture": "(?:牧草地|草地|草场)", "water_surface": "(?:水面|鱼塘)"}  # fmt: skip


def _land(table):
    """耕地13.1亩，林地5亩: one phrase for several areas."""
    said = compact(table.said(LAND))
    if not said:
        return
    found = {}
    for name, word in _LANDS.items():
        if match := re.search(f"{word}(?:面积)?{_AREA}", said):
            found[name] = match[1]
    if not found and (match := re.fullmatch(r"(?:共|约)?(\d+(?:\.\d+)?)亩?", said)):
        found["land"] = match[1]
    place = table.place(LAND, None)
    for name, value in found.items():
        if not table.said(name):
            table.add(name, value, "土地概况", place)


def _housing(table):
    """126平方米，砖混结构，C级危房: one phrase for area, structure and state."""
    said = compact(table.said(HOUSING))
    if not said:
        return
    found = {}
    if match := re.search(r"(\d+(?:\.\d+)?)(?:平方米|平米|㎡|m2|m²|平方|平)", said) or re.fullmatch(
        r"(\d+(?:\.\d+)?)", said
    ):
        found["house_area"] = match[1]
    if match := re.search(r"([A-D])级", said):
        found["danger"] = match[0]
    elif "危房" in said:
        found["danger"] = "否" if re.search(r"(?:非|不是|不属|无)危房", said) else "是"
    for part in re.split(r"[,，;；、。]", said):
        for word in (part, part.removesuffix("结构")):
            if not re.search(r"\d", word) and codes.code_of(codes.Structure, word):
                found["structure"] = word
    place = table.place(HOUSING, None)
    for name, value in found.items():
        if not table.said(name):
            table.add(name, value, "住房概况", place)


def _classes(table):
    """九年级 under 文化程度 is said of a pupil: it belongs to 在校生状况."""
    at = table.columns.get("education")
    if at is None:
        return
    for row, cells in zip(table.numbers, table.rows):
        word = compact(text(cells[at]))
        if not word or codes.code_of(codes.Education, word) or not codes.code_of(codes.School, word):
            continue
        if "student" not in table.columns:
            table.add("student", "", table.label("education"))
            table.places.pop("student")
        if cells[table.columns["student"]] == "":
            table.places[row, "student"] = table.place("education", row)
            cells[table.columns["student"]] = word
        cells[at] = ""


def _notes(table):
    """What the register has no column for is kept in the note of the year; the number on the door in the address."""
    said = [table.said("note"), *(f"{label}：{table.said(name)}" for name, label in ((STAR, "星级"), (EARNED, "家庭年收入（元）")) if table.said(name))]  # fmt: skip
    if table.said(EARNED) and table.units[EARNED] == 10_000:
        said[-1] = f"家庭年收入（万元）：{table.said(EARNED)}"
    if any(said[1:]):
        table.add("note", "；".join(filter(None, said))[:200], "情况说明", table.place("note", None))
    door = table.said(DOOR)
    if door and door not in table.said("address"):
        table.add("address", f"{table.said('address')} {door}".strip(), "家庭住址", table.place(DOOR, None))


def _phone(table):
    """The household is called on the head's number where the form names no other."""
    at = table.columns.get("member_phone")
    if at is None or table.said("hh_phone"):
        return
    for row, cells in zip(table.numbers, table.rows):
        if _is_head(table, cells) and cells[at] != "":
            table.add("hh_phone", cells[at], table.label("member_phone"), table.place("member_phone", row))


# Places


def _place(table):
    """The village where no label names it: from the place, the address, or the title."""
    for name in ("village", "town"):
        whole = place_of(table.said(name))
        if "town" in whole and "village" in whole:
            _take_place(
                table,
                {level: word for level, word in whole.items() if level != name or name == "village"},
                name,
                replace=(name,),
            )
    if (group := place_of(table.said("group"))).get("village"):
        _take_place(table, group, "group", replace=("group",))
    sources = [(place_of(table.said(name)), name) for name in (WHERE, "address")]
    sources += [(place_of(title), "") for title in table.captions]
    for found, source in sources:
        village = found.get("village", "")
        if village in NO_VILLAGE:
            found.pop("village", "")
        elif village and not table.said("village"):
            _take_place(table, found, source)
    for found, source in sources:  # the rest of it, from whatever does not speak of another village
        if "town" in found and names.village_key(
            found.get("village") or table.said("village")
        ) == names.village_key(table.said("village")):
            _take_place(table, found, source)
    if not table.said("group"):
        for name in (WHERE, "address"):
            if group := place_of(table.said(name)).get("group"):
                table.add("group", group, "组", table.place(name, None))


def _group(table):
    """A bare number under 组 is the name of a group: 1 is 1组."""
    if re.fullmatch(r"[〇零一二三四五六七八九十\d]{1,3}", said := compact(table.said("group"))):
        table.add("group", f"{said}组", table.label("group"), table.place("group", None))


def _take_place(table, place, source, replace=()):
    label = table.label(source) if source else "标题"
    at = table.place(source, None) if source else (None, "")
    for level in LEVELS:
        if level in place and (level in replace or not table.said(level)):
            table.add(level, place[level], label, at)


# Names of files


def _compare(table, said):
    """Take from the file's name what the form leaves out, and report where the two disagree."""
    at = (None, "")
    for name, value, label in (
        ("village", said.village, "村"),
        ("group", said.group, "组"),
        ("hh_type", said.kind, "户类型"),
    ):
        if value and not table.said(name):
            table.add(name, value, f"文件名里的{label}", at)
            if name == "village" and said.town and not table.said("town"):
                table.add("town", said.town, "文件名里的乡镇", at)
    people = len(table.rows)
    heads = [cells for cells in table.rows if _is_head(table, cells)]
    head = cleaning.name(heads[0][table.columns["name"]]) if heads and "name" in table.columns else ""
    kinds = kind_of(compact(said.kind)), kind_of(compact(table.said("hh_type")))
    for differs, name, value, inside in (
        (said.village and names.village_key(said.village) != names.village_key(table.said("village")), "village", said.village, table.said("village")),
        (said.group and names.group_key(said.group) != names.group_key(table.said("group")), "group", said.group, table.said("group")),
        (None not in kinds and kinds[0] != kinds[1], "hh_type", said.kind, table.said("hh_type")),
        (said.head and head and cleaning.name(said.head) != head, "name", said.head, head),
        (said.size is not None and said.size != people, "", f"{said.size}人", f"{people}人"),
    ):  # fmt: skip
        if differs:
            table.findings.append(
                ("file_name_mismatch", name, value, f"文件名写“{value}”，表内是“{inside}”，以表内为准", None)
            )


def _is_head(table, cells):
    at = table.columns.get("relation")
    return at is not None and codes.code_of(codes.Relation, compact(text(cells[at]))) == codes.Relation.HEAD
