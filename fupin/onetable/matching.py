"""What the titles over a column, or beside a cell, ask for: an expression of `vocabulary`, or nothing.

A title is understood when words we know cover all of it. Titles above it narrow what stands below; one that is not
understood is a heading, and then the user is asked to look (`sure` is false).
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from fupin.excel.cleaning import UNITS, compact
from fupin.onetable.sections import is_bare_count
from fupin.onetable.vocabulary import (
    LAST_YEAR,
    SERIAL,
    Condition,
    Expression,
    Measure,
    span_of,
    spelling,
    words,
)

SERIALS = {"序号", "编号序号", "行号", "No", "NO"}
FILLERS = {
    "户数", "人数", "户", "人", "数", "人口", "人口数", "情况", "其中", "合计", "总", "总数", "共", "的", "等", "等情况", "数量", "小计", "及", "和", "与", "本年", "当年", "今年", "年末", "本年度",
    "基本情况", "基本", "落实情况", "帮扶措施落实情况", "措施落实情况", "享受", "截至目前", "截止目前", "累计", "已", "有", "家庭", "成员", "困难家庭", "人员", "对象", "面积", "规模", "金额", "其",
    "户数合计", "人数合计", "老人", "花名册", "学生", "的户", "的人", "状况", "户主", "农户", "群众", "项目", "个", "次", "名", "元", "个数",
}  # fmt: skip
HEADINGS = re.compile(
    r"(基本情况|落实情况|措施|情况|工作|建设|信息|统计|指标|内容|保障|方面|类|数据|构成|分组|结构|其中|扶贫|帮扶|成效|单位|地区|培训|劳动力转移|农业生产|到村到户|预计脱贫|文化程度|健康状况|健康|劳动能力|劳动技能|劳动力|年龄段?|性别|学历|收入|在校|教育|年龄构成|致贫原因|原因|主体|资金|项目)$"
)
UNIT_END = re.compile(r"[(\[（]([^()（）\[\]]{1,6})[)\]）]$")
COUNTS = {"户": "h", "人": "p", "人次": "p", "名": "p", "口": "p", "户数": "h", "人数": "p"}
MONEY = {"元": 1, "万元": 10_000, "千元": 1000, "亿元": 100_000_000, "万": 10_000}
TOTALS = {"合计", "小计", "总计", "总数"}
OPTIONS = re.compile(r"(\d{1,2})[.、．:：)）]?\s*([^\d、.．:：；;，,。]+)")


@dataclass(frozen=True)
class Match:
    """`text` the expression, "" for none; `factor` what a value is divided by (万元: 10000); `sure` whether every title
    was understood; `percent` whether a share is written as 12.5 and not as 0.125."""

    text: str = ""
    factor: float = 1
    sure: bool = True


def unit_in(title):
    """The unit that a title ends with in brackets or after a slash: 元, 户, 人次; "" where none does."""
    if compact(title) in KNOWN_UNITS:
        return compact(title)
    found = UNIT_END.search(compact(title))
    if found and (
        found[1] in KNOWN_UNITS or not re.search(r"\d", found[1])
    ):  # 适龄儿童（6-15岁） has no unit
        return found[1].removeprefix("单位:").removeprefix("单位：")
    tail = re.search(r"[/、,，:：](万元|元|户|人次|人|亩|个|次|公里|%)$", compact(title))
    return tail[1] if tail else ""


def bare(title):
    """A title without its unit."""
    flat = compact(title)
    if flat in KNOWN_UNITS:
        return ""
    found = UNIT_END.search(flat)
    if found and (found[1].removeprefix("单位:") in KNOWN_UNITS):
        flat = flat[: found.start()]
    else:
        flat = re.sub(r"[/、,，:：](万元|元|户|人次|人|亩|个|次|公里|%)$", "", flat)
    return spelling(flat)


KNOWN_UNITS = {
    *COUNTS,
    *MONEY,
    "亩",
    "公顷",
    "㎡",
    "m2",
    "平方米",
    "个",
    "次",
    "公里",
    "千米",
    "%",
    "岁",
    "月",
    "项",
    "元/人",
    "处",
    "座",
    "条",
    "家",
    "所",
    "栋",
    "套",
    "元/年",
    "个月",
    "元/年·人",
}


def _tokens(kinds):
    """`{spelling: condition, measure or None}` of conditions on `kinds` and measures that take them."""
    return _tokens_of(tuple(sorted(kinds)))


@lru_cache(maxsize=16)
def _tokens_of(kinds):
    held = {}
    known = words()
    for one in known.measures.values():
        if one.key in ("h", "p"):
            continue
        if one.takes & set(kinds) or not kinds:
            for name in (one.label, *one.names):
                held.setdefault(spelling(name), one)
    for one in known.conditions.values():
        if one.on in kinds:
            for name in (one.label, *one.names):
                held[spelling(name)] = one
    for name in FILLERS:
        held.setdefault(spelling(name), None)
    return held


def covered(flat, kinds):
    """`[condition or measure]` whose spellings cover all of `flat` with fillers, or None. The fewest pieces win."""
    tokens, best = _tokens(kinds), {0: (0, ())}
    for at in range(len(flat)):
        if at not in best:
            continue
        cost, held = best[at]
        for end in range(min(len(flat), at + 24), at, -1):
            piece = flat[at:end]
            if piece in tokens:
                one = tokens[piece]
            elif "home" in kinds and piece[0].isdigit() and (key := span_of(piece)):
                one = words().conditions[key]
            else:
                continue
            new = (cost + (1 if one is not None else 1.5), held + ((one,) if one is not None else ()))
            if end not in best or new[0] < best[end][0]:
                best[end] = new
    return list(best[len(flat)][1]) if len(flat) in best else None


HOMES, PROJECTS = ("home", "person"), ("project",)
YEAR = re.compile(
    r"(20\d\d)年?(?:度|底|末|年底|年末)?$|(20\d\d)年(?:度|底|末)?(?![\d以前后至到起之~—\-月、,，年]|拟?(?:脱贫|退出|新增|消除|识别|返贫|纳入|清退))"
)
"""A title that says of which year its figures are; what happened in a year (2020年脱贫户) is something else."""
LEFT_TO_OTHERS = re.compile(
    r"备注.*|说明|责任.*|牵头.*|配合.*|(?:完成|整改)?时限|(?:同|环)比.*|增(?:减|长|幅).*|.*目标.*|.*任务.*|计划.*|上年同期.*|去年同期.*|排名|位次"
)
"""Titles over a column of items whose cells are no figures of the register."""
PERSON_NAME = re.compile(
    r"(?:学生|残疾人|老年?人|务工(?:人员|者)|劳动力|人员|家庭成员|成员|低保(?:对象|人员)|特困(?:对象|人员)|儿童|孤儿|患者|患病人员|妇女|党员|本人)姓名"
)


BEFORE = re.compile(r"(?:上年|去年|上一年)(?:度|末|底|年底|数|年末数|实际)?")
"""A title over a column that is about the year before."""


def of_year(titles):
    """`(titles without the year that one of them names, that year or 0)`; LAST_YEAR for 上年."""
    year, left = 0, []
    for title in titles:
        if BEFORE.fullmatch(compact(title)) and not year:
            year = LAST_YEAR
            continue
        found = YEAR.match(compact(title))
        if found and not year:
            year = int(found[1] or found[2])
            title = compact(title)[found.end() :]
            if not title:
                continue
        left.append(title)
    return (left, year) if left else (list(titles), 0)


def against(one, other):
    """Whether two conditions say the opposite: 参加医保, 未参加医保."""
    a, b = (re.sub(r"户$|的", "", spelling(words().conditions[key].label)) for key in (one, other))
    return a != b and re.sub(r"[未不没无非]", "", a) == re.sub(r"[未不没无非]", "", b)


def figure(titles, unit="", yuan="", *, rows="place"):
    """The Match of a figure of a place (or of a household's line): titles from top to bottom."""
    titles = [title for title in titles if spelling(title)]
    if not titles:
        return Match()
    if len(titles) > 1 and bare(titles[-1]) in TOTALS:  # 外出务工/合计 is 外出务工
        unit = unit or unit_in(titles[-1])
        titles = titles[:-1]
    unit = (
        unit
        or unit_in(titles[-1])
        or next((unit_in(title) for title in reversed(titles) if unit_in(title)), "")
    )
    flats = [bare(title) for title in titles]
    options = _options(titles[-1])
    if options:
        return Match(options)
    whole = _exact(flats, unit, yuan, rows)
    if whole is not None:
        return whole
    for kinds in (PROJECTS,) if rows == "project" else (HOMES, PROJECTS) if rows == "place" else (HOMES,):
        found = _composed(flats, titles, unit, yuan, kinds, rows)
        if found is not None:
            return found
    return Match()


def _exact(flats, unit, yuan, rows):
    """A measure that the lowest title names, alone or with the one above it."""
    named = _measures_named()
    child = flats[-1]
    tries = [child] if len(flats) == 1 else [flats[-2] + child, child]
    if len(flats) > 2:
        tries.insert(0, flats[-3] + flats[-2] + child)
    if len(flats) > 1 and child in ("", "金额", "合计", "小计", "数量", "元", "万元", "数额", "总额"):
        tries.append(flats[-2])
    for n, flat in enumerate(tries):
        for one in named.get(flat, ()):
            if one.key.startswith("j") != (rows == "project") and rows != "place":
                continue
            if rows not in ("place", "project") and one.key.startswith("village."):
                continue
            if not _fits(one, unit):
                continue
            rest = (
                flats[:-1]
                if flat == child or flat == flats[-1]
                else flats[: -2 if n == 0 or len(flats) == 2 else -1]
            )
            kinds = PROJECTS if one.takes == frozenset({"project"}) else HOMES
            conditions, sure = _above(rest, kinds, one)
            return Match(Expression(one.key, conditions).text, _factor(one.unit, unit, yuan), sure)
    return None


@lru_cache(maxsize=1)
def _measures_named():
    held = {}
    for one in words().measures.values():
        if one.key in ("h", "p"):
            continue
        for name in dict.fromkeys((one.label, *one.names)):
            held.setdefault(spelling(name), []).append(one)
    return held


def _fits(measure, unit):
    """Whether a figure can be given in the unit that the form wants."""
    if not unit or not measure.unit or unit == measure.unit:
        return True
    if measure.unit in MONEY:
        return unit in MONEY or unit == "元/人"
    if measure.unit == "亩":
        return unit in UNITS["亩"]
    if measure.unit == "㎡":
        return unit in ("㎡", "平方米", "m2", "M2")
    if measure.unit in ("人", "人次"):
        return unit in ("人", "名", "口", "人次")
    if measure.unit in ("次", "个", "项"):
        return unit in ("次", "个", "项", "处", "座", "条", "户次", "所", "家")
    return measure.unit == "公里" and unit in ("千米", "km")


def _factor(own, unit, yuan):
    if own == "元":
        return MONEY.get(unit or yuan, 1)
    if own == "亩" and unit in UNITS["亩"]:
        return float(UNITS["亩"][unit])
    return 1


def _above(flats, kinds, measure=None):
    """The conditions that the titles above give, and whether all of them were understood."""
    conditions, sure = [], True
    for flat in flats:
        held = covered(flat, kinds)
        if held is None:
            sure = sure and bool(HEADINGS.search(flat))
            continue
        for one in held:
            if (
                isinstance(one, Condition)
                and one.key not in conditions
                and (measure is None or one.on in measure.takes)
            ):
                conditions.append(one.key)
    return tuple(conditions), sure


def _composed(flats, titles, unit, yuan, kinds, rows):
    """Conditions that together cover the lowest title, narrowed by those above."""
    child = covered(flats[-1], kinds)
    whole = _tokens(kinds).get("".join(flats[-2:])) if len(flats) > 1 and flats[-1] else None
    if isinstance(whole, Condition):  # 文化程度/小学 is not 小学 of those in school
        child, flats = [whole], flats[:-1]
    elif child is None:
        joined = covered("".join(flats[-2:]), kinds) if len(flats) > 1 else None
        if joined is None:
            return None
        child, flats = joined, flats[:-1]
    above, sure = _above(flats[:-1], kinds)
    measures = [one for one in child if isinstance(one, Measure)]
    conditions = [one.key for one in child if isinstance(one, Condition)]
    if len(measures) > 1:
        return None
    if kinds == PROJECTS:
        own = flats[-1].removeprefix("其中")
        measure = measures[0] if measures else _project_measure(unit, own, yuan if known_source(own) else "")
        if measure is None or not (measures or conditions or above):
            return None
        if not conditions and not measures and not any("项目" in flat for flat in flats):
            return None
        if VAGUE_STATE.fullmatch(own) and not any(re.search("项目|工程|建设", title) for title in titles):
            return None  # 完成数 beside 任务数 may be anything's
    else:
        measure = measures[0] if measures else _head_measure(unit, titles, child, flats)
        if measure is None:
            return None
    if measures and not _fits(measures[0], unit):
        return None
    if not sure and not conditions and not above and (len(titles) > 1 or not measures):
        return None  # 户 under a title that nobody understands is no figure
    above = [key for key in above if not any(against(key, own) for own in conditions)]
    keys = tuple(
        key for key in dict.fromkeys((*above, *conditions)) if words().conditions[key].on in measure.takes
    )
    if not keys and not measures and not re.search(r"户|人", "".join(titles)):
        return None
    return Match(Expression(measure.key, keys).text, _factor(measure.unit, unit, yuan), sure)


VAGUE_STATE = re.compile(r"(?:已|未)?完成(?:数|个数|数量)?|(?:已)?终止|前期|滞后|逾期(?:数)?")
"""States of projects whose words say as well something of other things."""


def known_source(flat):
    """Whether a title names where money comes from: 中央, 省级."""
    one = _tokens(PROJECTS).get(flat)
    return isinstance(one, Condition) and one.key.startswith("fund-")


def _project_measure(unit, flat, yuan=""):
    known = words().measures
    if unit in MONEY or yuan:
        return known["j.planned"] if "资金" in flat or known_source(flat) else known["j.investment"]
    if unit in ("公里", "千米"):
        return known["j.km"]
    if unit == "亩":
        return known["j.mu"]
    if unit == "户" or not unit and flat.endswith("户数"):
        return known["j.benefit_households"]
    if unit == "人" or not unit and flat.endswith("人数"):
        return known["j.benefit_persons"]
    return known["j"] if unit in ("", "个", "处", "座", "项", "条") else None


def _head_measure(unit, titles, child, flats):
    """户数 or 人数, by the unit, by the lowest title, or by what the conditions judge."""
    known = words().measures
    if unit:
        return known.get(COUNTS.get(unit, ""))
    for title in reversed(titles):
        flat = spelling(title)
        if re.search(r"(户数|户)$", flat):
            return known["h"]
        if re.search(r"(人数|人口|人口数|人|人员|成员|学生|儿童|劳动力|妇女)$", flat):
            return known["p"]
    if any(isinstance(one, Condition) and one.on == "person" for one in child):
        return known["p"]
    return known["h"] if any(isinstance(one, Condition) for one in child) else None


def _options(title):
    """A code list within a title, 类型：1.甲2.乙, as an expression: the first option that holds. "" where it is none."""
    flat = compact(title)
    at = re.search(r"[:：(（]?1[.、．]", flat)
    if not at or not re.search(r"2[.、．]", flat):
        return ""
    pairs = []
    for code, label in OPTIONS.findall(flat[at.start() :]):
        if spelling(label) in ("其他", "其它"):
            pairs.append((code, ()))
            continue
        held = covered(spelling(label), ("home",))
        if not held or not all(isinstance(one, Condition) for one in held):
            return ""
        pairs.append((code, tuple(one.key for one in held)))
    if len(pairs) < 2 or [int(code) for code, _ in pairs] != list(range(1, len(pairs) + 1)):
        return ""
    return Expression(options=tuple(pairs)).text


# Fields of rows


@lru_cache(maxsize=8)
def _entries(row):
    held = {}
    rows = {"household": ("household", "person"), "person": ("person", "household")}.get(row, (row,))
    for kind in rows:
        for one in words().entries.values():
            if one.row == kind:
                for name in (one.label, *one.names):
                    held.setdefault(spelling(name), one)
    return held


def field_of(titles, row):
    """The field of a row's household, person or project that the titles name, or None."""
    held = _entries(row)
    child = bare(titles[-1])
    if row == "person" and PERSON_NAME.fullmatch(child):
        child = "姓名"
    parent = bare(titles[-2]) if len(titles) > 1 else ""
    full = spelling(titles[-1])
    tries = [parent + child, full, child]
    if child in ("", "合计", "小计", "金额", "总额", "数额"):
        tries = [parent + child, parent]
    for flat in tries:
        if flat in held:
            return held[flat]
    return None


WHETHER = re.compile(r"(是否|有无|是不是)(?:有|为|属于|是|享受|参加|加入)?(.+)")


def whether(title):
    """The code 是/否 (有/无) of a condition that a title asks of each line: 是否监测户; "" where it asks nothing we know."""
    asked = WHETHER.fullmatch(bare(title))
    held = asked and (covered(asked[2], HOMES) or covered(asked[0].removeprefix(asked[1]), HOMES))
    if not held or not all(isinstance(one, Condition) for one in held):
        return ""
    yes, no = ("有", "无") if asked[1] == "有无" else ("是", "否")
    return Expression(options=((yes, tuple(one.key for one in held)), (no, ()))).text


def column(titles, row, *, unit="", yuan=""):
    """The Match of a column of a block whose rows are `row` (place, household, person, project)."""
    flat = spelling(titles[-1])
    if flat in SERIALS:
        return Match(SERIAL)
    if row == "place":
        place = PLACE_NAMES.get(flat)
        return Match(f"@place.{place}") if place else figure(titles, unit, yuan)
    one = field_of(titles, row)
    if one is None and row in ("household", "person") and (asked := whether(titles[-1])):
        return Match(asked)
    if one is not None:
        wanted = unit or unit_in(titles[-1])
        return Match(f"@{one.key}", _factor(one.unit, wanted, yuan))
    if row == "project":
        found = figure(titles, unit, yuan, rows=row)
        return found if found.text.startswith("j.") and "|fund-" in found.text else Match()
    return figure(titles, unit, yuan, rows=row)


PLACE_NAMES = {
    spelling(name): key
    for key, names in {
        "name": (
            "单位",
            "地区",
            "单位名称",
            "填报单位",
            "乡镇（村）",
            "行政单位",
            "区域",
            "名称",
            "乡镇村",
            "地名",
            "县乡村",
        ),
        "town": (
            "乡镇",
            "乡（镇）",
            "乡",
            "镇",
            "乡镇名称",
            "镇街",
            "镇（街）",
            "所在乡镇",
            "街道",
            "乡镇（街道）",
            "镇乡",
        ),
        "village": (
            "村",
            "行政村",
            "村名",
            "村名称",
            "贫困村",
            "脱贫村",
            "所属村",
            "行政村名称",
            "村别",
            "村（居）",
            "村（社区）",
            "所在村",
            "村（居）委会",
        ),
        "county": ("县", "县（市、区）", "县区", "县市区", "区县"),
        "group": ("组", "村民小组", "自然村", "组别"),
        "code": ("行政区划代码", "区划代码", "村编码", "行政村编码", "村代码"),
    }.items()
    for name in names
}

PERSON_SIGNS = ("name", "id", "relation")


TEAMS = {"驻村工作队", "工作队", "工作队名称", "驻村工作队名称"}
HELPED = re.compile(
    r"(?:结对|包户|包保|联系)?帮扶?(?:责任人|干部|人|联系人)(?:姓名)?|(?:结对|包户|包保)(?:帮扶)?干部(?:姓名)?|责任人(?:姓名)?"
)
HELPED_TITLE = re.compile(r"帮扶(?:责任人|干部|联系人)|结对(?:帮扶)?干部|包[户保]干部|结对帮扶责任人")
STATIONED_TITLE = re.compile(r"驻村(?:干部|队员|工作队员|帮扶干部|工作队成员|第一书记|工作队)|第一书记")
STATIONED_COLUMN = re.compile(
    r"(?:派出|选派)单位|(?:所|派)驻村|驻村|(?:进驻|驻村|任职|到任|到村|选派)(?:时间|日期)|驻村(?:起始时间|职务|天数)"
)
UNIT_TITLE = re.compile(r"帮扶单位|结对(?:帮扶)?单位|单位结对|定点帮扶|部门帮扶|包保单位")
UNIT_COLUMN = re.compile(r"(?:定点|结对|驻村|牵头)?帮扶单位(?:名称)?|结对单位|包保单位")


def row_kind(columns, title=""):
    """What the lines of a block are, by its titles `{column: [titles]}` and the title over it: person, household, project,
    place; helper, unit, team or stationed."""
    flats = {spelling(titles[-1]) for titles in columns.values()} | {
        bare(titles[-1]) for titles in columns.values()
    }
    persons, homes = _entries("person"), _entries("household")
    if {"项目名称", "工程名称"} & flats:
        return "project"
    keys = {persons[flat].key for flat in flats if flat in persons}
    own = {homes[flat].key for flat in flats if flat in homes} | keys
    official = _official(columns, flats, own, compact(title))
    if official:
        return official
    if "name" in keys or any(PERSON_NAME.fullmatch(flat) for flat in flats):
        return "person"
    return "household" if own & {"head_name", "hh_no"} else "place"


def _official(columns, flats, own, title):
    """The kind of official whose lines these are, "" where they are somebody else's."""
    if own & {"head_name", "hh_no", "relation", "id", "size"} or any(
        PERSON_NAME.fullmatch(flat) for flat in flats
    ):
        return ""
    first = next(
        (flat for _, titles in sorted(columns.items()) if (flat := spelling(titles[-1])) not in SERIALS), ""
    )
    places = {PLACE_NAMES.get(flat) for flat in flats} & {"village", "town", "group"}
    named = "姓名" in flats
    if named and STATIONED_TITLE.search(title) and any(STATIONED_COLUMN.fullmatch(flat) for flat in flats):
        return "stationed"
    if TEAMS & flats and not named:
        return "team"
    if any(HELPED.fullmatch(flat) for flat in flats) or named and HELPED_TITLE.search(title):
        return "helper"
    if (
        UNIT_COLUMN.fullmatch(first)
        and not places
        or first in ("单位", "单位名称")
        and UNIT_TITLE.search(title)
        and not places
    ):
        return "unit"
    return ""


def item(titles, over, unit="", yuan="", *, card=False):
    """The Match of a single cell: titles at its left, and over its column."""
    if over and LEFT_TO_OTHERS.fullmatch(spelling(over[-1])):
        return Match()
    when = IN_TIME.get(spelling(over[-1]), "") if over else ""
    if when:  # 新增监测户 under 本月数 is 本月新增监测户, and nothing else
        found = figure([*titles[:-1], when + spelling(titles[-1])], unit, yuan)
        return found if found.sure else Match()
    over = [title for title in over if not VALUE_HEADS.fullmatch(spelling(title))]
    if card:
        one = field_of(titles, "household")
        if one is not None and one.row == "household":
            return Match(f"@{one.key}", _factor(one.unit, unit, yuan))
    whole = [*titles, *over]
    unit = unit if unit not in ("代码",) else ""
    wanted = unit or next(
        (unit_in(title) or COUNT_HEADS.get(spelling(title), "") for title in reversed(over)), ""
    )
    found = figure(whole, wanted, yuan)
    if not found.text and over:
        found = figure([*over, *titles], wanted, yuan)
    if over and found.text and not _means_something(titles[-1]):
        return Match()  # what is counted over the column, of nobody knows whom
    if not found.text and len(titles) > 1 and not is_bare_count(titles[-1]):
        found = figure([titles[-1], *over], wanted, yuan)
        found = replace(found, sure=False)
    return found


def _means_something(title):
    """Whether the label of a row is understood, or is of those that add nothing: 合计, 一、基本情况."""
    flat = bare(title)
    return (
        covered(flat, HOMES) is not None
        or covered(flat, PROJECTS) is not None
        or flat in _measures_named()
        or flat in TOTALS
        or HEADINGS.search(flat) is not None
        or bool(_options(title))
    )


IN_TIME = {
    **dict.fromkeys(("本月", "本月数", "当月", "当月数", "本月新增"), "本月"),
    **dict.fromkeys(("本年累计", "累计", "累计数", "本年累计数", "年累计", "全年累计"), "本年"),
}
"""Titles over a column that say when what the rows name happened."""
VALUE_HEADS = re.compile(
    r"(数量|数值|本年|合计|实际|数据|填报数|指标值|数额|本期|当年|内容|填写内容|年末数|本年数|上报数|金额)"
)
COUNT_HEADS = {
    "户": "户",
    "户数": "户",
    "人": "人",
    "人数": "人",
    "人口": "人",
    "人口数": "人",
    "金额万元": "万元",
}
