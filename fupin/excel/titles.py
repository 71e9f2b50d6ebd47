"""Titles of columns: what they are compared by, what unit they state, which field they mean."""

import re
from functools import lru_cache

from fupin.excel.cleaning import UNITS, Unreadable, compact, text

_NOTE_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕")
_YEAR_PREFIX = re.compile(r"^20\d\d年?度?|(?<=\D)20\d\d年?度?$")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_COUNTED = re.compile(r"^(?:\d{1,2}[.、]|\(\d{1,2}\)|[一二三四五六七八九十]{1,2}、)(?=\D)")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ "
_UNIT_SUFFIX = re.compile(
    r"[/:,、_\-](?:单位:?)?(?:万元|千元|元|亩|公顷|㎡|m2|平方米|平方公里|公里|千米|km|米|人|户|个?月)$"
)
_SAID = re.compile(r"([^:,;]{2,12}):([^:,;]{2,30})")
_TITLE_UNIT = re.compile(
    r"(?<![报制责任建送管位])单位:?(?:[\u4e00-\u9fff]{1,4}[、,/])*(亿元|万元|千元|百元|元)(?![\u4e00-\u9fff])"
)
_ABOUT = re.compile(r"(?:基本)?(?:信息|情况)$")
"""What the title of a group adds to what it is about: 帮扶干部信息 over 姓名 is 帮扶干部姓名."""
_SOMEBODY = re.compile(
    r"帮扶|责任人|包[户保联]|联系人|干部|监护人|采集|填报|负责人|书记|工作队|经办|监测员|网格员"
)
_OF_A_HOUSEHOLD = re.compile(r"(?:户|户主|对象)(?:基本)?(?:信息|情况)?$")
"""帮扶户 over 身份证号码: the household's head, not an official."""
_OF_A_PERSON = re.compile(
    r"姓名|名字|性别|民族|电话|联系电话|手机号码?|联系方式|电话号码|身份证号码?|证件号码?|政治面貌|学历|文化程度|备注"
)
_SUMS = frozenset({"合计", "小计", "总计", "总额", "金额", "数额", "总数", "元", "万元", "数量"})


@lru_cache(maxsize=16_384)
def key_of(label):
    """A header reduced to what is compared: width, blanks, stars, numbering, bracketed notes, units and years dropped."""
    found = _COUNTED.sub("", compact(label.lstrip(_CIRCLED)).strip("*:.、#★☆※"))
    found = found.removeprefix("其中:").removeprefix("其中,") or found
    bare = _NOTE_IN_BRACKETS.sub("", found) or found
    bare = _UNIT_SUFFIX.sub("", bare) or bare
    return (_YEAR_PREFIX.sub("", bare) or bare).strip("*:.、#")


def unit_of(label, base="元"):
    """What a figure under this header is multiplied by to be in `base`: 10000 for 万元, 15 for 公顷 where 亩 are meant."""
    words = compact(label)
    if base == "元" and re.search(r"万元|\(万\)", words):
        return 10_000
    for word in re.findall(r"[(/:,、](?:单位:?)?([^()/:,、]{1,5})\)?", words):
        factor = UNITS.get(base, {}).get(word.strip())
        if factor is not None:
            return factor
    return 1


def stated_unit(title):
    """What the line over a table multiplies its money by: 10000 for 单位：万元, 1 where it says nothing."""
    found = _TITLE_UNIT.findall(compact(title.replace(" ", ",")))
    return UNITS["元"][found[-1]] if found else 1


_PHONE = re.compile(r"(?:联系)?(?:电话|手机)(?:号码?)?|联系方式")
_OFFICIAL = re.compile(r"(?:责任人|干部|联系人|帮扶人|包[户保联]人|监测员|网格员|书记|负责人|领导)(?:姓名)?$")
_BESIDE = re.compile(r"(?:工作|所在|帮扶|结对|责任人|干部)?单位(?:名称|及职务|职务)?|职务|职级")
"""What stands between an official's name and telephone."""


@lru_cache(maxsize=512)
def in_money(item):
    """Whether a field is an amount of money that a file may give in 万元."""
    try:
        return item.clean is not None and item.clean("1", 10_000) == 10_000 and item.clean("1元", 10_000) == 1
    except Unreadable:
        return False


def holds(columns, needs):
    """Whether of each group in `needs` a field is among `columns`; False where nothing is needed."""
    return bool(needs) and all(any(name in columns for name in group) for group in needs)


def said_over(sheet, first, spec, columns):
    """`{field: value}` of those of spec.titled that have no column and stand in the lines over row index `first`:
    帮扶责任人：李明, the name in the same cell or in the next one."""
    found = {}
    for row in sheet.rows[max(first - 10, 0) : first]:
        line = ",".join(text(cell) for cell in row if cell != "")
        line = compact(re.sub(r"\s+", ",", line)).replace(":,", ":")
        for label, value in _SAID.findall(line):
            name = spec.spellings.get(key_of(label))
            if name in spec.titled and name not in columns:
                found[name] = value
    return found


def one_of(labels):
    """Labels of which one is needed, as a sentence has them: 户编号或户主证件号码, of many the first three."""
    return "、".join(labels[:2]) + f"、{labels[2]}等任一列" if len(labels) > 3 else "或".join(labels)


def title_of(cell):
    """The text of a header cell in one line: what is broken over two is one title, 户主 above 姓名 is 户主姓名."""
    return "".join(text(cell).split("\n")) if cell.__class__ is str else text(cell)


def match(labels, spec):
    """`{field name: column index}`: the first column whose header is a spelling of the field.

    A column goes by its own title before it goes by that of its group, and by the group's only where the group has
    this column alone or this is its sum: the group 转移性收入 is not its first part 低保金.
    """
    columns, taken, weak = {}, set(), {}
    groups = {}
    for label in labels.values():
        group = label.rpartition("\n")[0]
        groups[group] = groups.get(group, 0) + 1
    for index, label in labels.items():
        name = known_as(spellings_of(label), spec)
        if name and _PHONE.fullmatch(key_of(label)) and _of_somebody(index, labels, spec):
            continue
        if name in spec.summed and _is_part(label, groups, spec, name):
            continue
        if name and spec.weak and (other := spec.weak.get(key_of(label.rpartition("\n")[2]))) is not None:
            weak[index] = (name, other)
        elif name and name not in columns:
            columns[name] = index
            taken.add(index)
    for index, names in weak.items():
        name = next((name for name in names if name and name not in columns), None)
        if name:
            columns[name] = index
            taken.add(index)
    for index, label in labels.items():
        group, _, child = label.rpartition("\n")
        if group and index not in taken and (groups[group] == 1 or key_of(child) in _SUMS):
            name = known_as((key_of(group.rpartition("\n")[2]), key_of(group.replace("\n", ""))), spec)
            if name and name not in columns:
                columns[name] = index
    return columns


def _of_somebody(index, labels, spec):
    """Whether a bare 联系电话 is that of an official named before it, of whom the kind knows nothing: 帮扶责任人, 单位, 联系电话
    in a list of households."""
    for at in sorted((at for at in labels if at < index), reverse=True):
        said = compact(labels[at].rpartition("\n")[2])
        if known_as(spellings_of(labels[at]), spec):
            return False
        if _OFFICIAL.search(said):
            return True
        if not _BESIDE.fullmatch(said):
            return False
    return False


def _is_part(label, groups, spec, name):
    """Whether a column is one of several below a group that is the field itself: 务工收入 below 工资性收入 is not all of it."""
    group, _, child = label.rpartition("\n")
    if not group or groups[group] < 2:
        return False
    whole, part = key_of(group.rpartition("\n")[2]), key_of(child)
    return known_as((whole,), spec) == name and part not in _SUMS and part not in whole and whole not in part


def fields_of(labels, spec):
    """`[(column index, field)]` of the columns that mean something to a kind, also those that say the same again."""
    found = ((index, known_as(spellings_of(label), spec)) for index, label in labels.items())
    return [(index, name) for index, name in found if name]


def known_as(spellings, spec):
    held = spec.spellings
    for key in spellings:
        if key in held:
            return held[key]
    return None


@lru_cache(maxsize=4096)
def spellings_of(label):
    """What a header may be known by: its last title, alone and with those above it."""
    above, _, child = label.rpartition("\n")
    parent = above.rpartition("\n")[2]
    group = _ABOUT.sub("", compact(parent)) or parent
    # with its bracket first: 公益性岗位(月数) is not 公益性岗位
    alone = [compact(child), key_of(child)]
    under = [key_of(parent + child), key_of(group + child), key_of(above.replace("\n", "") + child)]
    if len(child) > 2 and child[-1] in "1一" and not child[-2].isdigit():
        alone.append(key_of(child[:-1]))  # the first of several alike: 车牌号1, 车牌号2
    somebody = parent and _SOMEBODY.search(compact(parent)) and not _OF_A_HOUSEHOLD.search(compact(parent))
    if somebody and _OF_A_PERSON.fullmatch(key_of(child)):
        alone = []  # 电话 below 帮扶责任人 is not the household's
    return tuple(dict.fromkeys((*under, *alone) if parent else alone))


def dated(labels, spec):
    """`{field: {year: column index}}` of fields that stand there for more than one year."""
    found = {}
    for index, label in labels.items():
        years = _YEAR.findall(compact(label))
        name = known_as(spellings_of(label), spec)
        if years and name:
            found.setdefault(name, {}).setdefault(int(years[-1]), index)
    return {name: years for name, years in found.items() if len(years) > 1}
