"""一户一档表: which labels of a form mean what, and what a form tells in other ways than a list does.

The place may stand in the title, the address or the file's name; land and housing are told in one phrase; a pupil's
class stands under 文化程度; what is ticked is one of several printed options.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from fupin.excel import cleaning, ticks
from fupin.excel.cleaning import Unreadable, compact, text
from fupin.excel.forms import Vocabulary, find_forms, label_key
from fupin.excel.imports import Field
from fupin.excel.places import PLACE
from fupin.regions import names
from households import codes
from households.imports import columns
from households.imports.columns import HOUSE, MEMBER

WHERE, DOOR, LAND, HOUSING, STAR, EARNED = "where", "door", "land_text", "house_text", "star", "earned"

ONLY_FORMS = (
    Field(WHERE, "所在地", ("户籍所在地", "所属区域", "行政区划", "所属行政区划", "填报单位", "填表单位", "乡镇村组", "乡村组", "镇村组", "县乡村", "县乡村组", "村组", "所在村组")),
    Field(DOOR, "门牌号", ("门牌", "门牌号码")),
    Field(LAND, "土地概况", ("土地情况", "土地状况", "土地资源", "耕地情况", "承包土地", "土地面积")),
    Field(HOUSING, "住房概况", ("住房情况", "房屋情况", "住房状况", "房屋状况", "房屋概况")),
    Field(STAR, "星级", ("星级户", "文明户星级", "星级评定")),
    Field(EARNED, "家庭年收入", ("年收入", "家庭总收入", "年总收入", "全年总收入", "家庭年总收入", "上年总收入"), columns.amount),
)  # fmt: skip
"""Facts that only forms tell; `_settle` brings them to where they belong."""

MORE = {
    "hh_type": ("家庭类型", "户类别", "农户类别", "家庭类别", "户属性", "家庭属性", "农户类型", "贫困户类型", "贫困类型"),
    "hh_no": ("户编码", "建档立卡编号", "贫困户编码", "户口编号"),
    "head_name": ("户主名字", "户主姓名", "户主", "农户姓名", "贫困户户主姓名", "脱贫户姓名", "监测对象姓名"),
    "size": ("家庭总人口", "总人口", "家庭成员人数", "家庭人口总数", "户籍人口", "户籍人口数", "现有人口", "全家人口"),
    "address": ("现居住地址", "居住地址", "现住址", "家庭详细地址", "地址", "通讯地址", "常住地址", "户口所在地", "家庭现住址", "居住地"),
    "hh_phone": ("家庭电话", "联系手机", "家庭联系电话"),
    "cause": ("致贫主要原因", "主要致贫返贫原因", "贫困主要原因", "返贫致贫原因"),
    "land": ("耕地面积", "耕地", "承包地面积", "承包耕地面积"),
    "house_area": ("住房总面积", "现住房面积", "建筑面积"),
    "structure": ("房屋结构类型", "住房结构类型"),
    "danger": ("是否危房户", "住房安全等级", "房屋安全等级", "危房鉴定等级", "住房是否危房", "房屋等级"),
    "water": ("饮水安全是否解决", "安全饮水", "饮水安全"),
    "net": ("家庭年纯收入", "年纯收入", "全年家庭纯收入", "上年度家庭纯收入"),
    "collected": ("建档/更新日期", "更新时间", "填报日期", "填报时间", "制表日期", "日期", "建卡日期", "建卡时间", "采集日"),
    "note": ("家庭情况说明", "家庭情况", "家庭基本情况说明", "其他情况说明", "特殊情况说明", "户情说明"),
    "relation": ("与户主", "称谓", "与户主之关系", "同户主关系", "与本人关系", "家庭成员关系"),
    "name": ("成员名字", "家庭成员名单", "人员名字"),
    "id": ("身份证件号", "公民身份证号", "居民身份证号", "身份证编号", "身份号码"),
    "student": ("在读情况", "就读情况", "就读状况", "是否在校生", "在校生情况", "在校状况"),
    "politics": ("政治面目",),
    "work_place": ("外出务工地点", "务工去向"),
}  # fmt: skip
"""More spellings of register columns that forms use."""

OTHER = frozenset(
    label_key(label)
    for label in [
        "编号",
        "序号",
        "户情",
        "年龄",
        "照片",
        "相片",
        "户口性质",
        "户籍性质",
        "户口类型",
        "户籍类型",
        "婚姻状况",
        "婚否",
        "备注",
        "邮编",
        "单位",
        "工作单位",
        "职务",
        "职称",
        "宗教信仰",
        "帮扶责任人",
        "帮扶人",
        "帮扶干部",
        "帮扶单位",
        "帮扶联系人",
        "帮扶措施",
        "帮扶计划",
        "帮扶成效",
        "帮扶情况",
        "结对帮扶人",
        "包保干部",
        "包保责任人",
        "包户干部",
        "网格员",
        "填表人",
        "填报人",
        "采集人",
        "登记人",
        "调查人",
        "调查员",
        "审核人",
        "审批人",
        "经办人",
        "负责人",
        "村干部",
        "驻村干部",
        "驻村工作队",
        "第一书记",
        "联系人",
        "户主签字",
        "户主签名",
        "签字",
        "签名",
        "盖章",
        "农户签字",
        "农户签名",
        "村委会意见",
        "乡镇意见",
        "村意见",
        "家庭成员",
        "家庭成员情况",
        "成员情况",
        "家庭成员信息",
        "家庭基本情况",
        "基本情况",
        "基本信息",
        "生产生活条件",
        "收入情况",
        "支出情况",
        "家庭收入",
        "家庭收支",
        "住房来源",
        "建房年份",
        "建房时间",
        "房屋间数",
        "层数",
        "家电",
        "交通工具",
        "车辆",
        "养殖情况",
        "种植情况",
        "产业发展",
        "产业情况",
        "主要产业",
        "就业情况",
        "务工情况",
        "劳动力",
        "劳动力人数",
        "劳动力数",
        "常住人口",
        "外出人口",
        "残疾人数",
        "学生人数",
        "低保人数",
        "党员人数",
        "健康人数",
        "人均收入",
        "电视",
        "电话费",
        "门前道路",
        "监测时间",
        "消除时间",
        "脱贫原因",
        "需求",
        "帮扶需求",
        "主要需求",
        "发展意愿",
        "建议",
        "上级意见",
        "民族成分",
        "血型",
        "特长",
        "技能",
        "曾用名",
    ]
)
"""Labels that stand on forms and mean nothing to the register."""

PLAIN = frozenset(
    label_key(label)
    for label in [
        "户主",
        "户主本人",
        "健康",
        "残疾",
        "残疾人",
        "低保",
        "低保户",
        "特困户",
        "贫困户",
        "建档立卡贫困户",
        "建档立卡户",
        "军烈属",
        "现役军人",
        "特困人员",
        "特困供养",
        "家庭成员",
        "学历",
        "技能",
        "劳动力",
        "低保人口",
        "危房",
        "危房户",
        "搬迁户",
        "易地搬迁户",
        "林地",
        "耕地",
        "退耕还林",
        "卫生厕所",
        "新农合",
        "养老保险",
        "大病保险",
        "在校生",
        "联系人",
        "党员",
    ]
)
"""Labels that are as often a value: 户主 under 与户主关系, 健康 under 健康状况."""

TITLE = re.compile(
    r"一户一(?:档|表|卡|册|策|案)|户档|户卡|户情卡|户情表|户籍卡"
    r"|(?:农户|贫困户|脱贫户|监测户|监测对象|住户|家庭|村民|群众|帮扶|建档立卡|低保户|五保户|易地搬迁)[^;,。]{0,16}(?:表|卡|档案)"
    r"|(?:信息采集表|信息登记表|信息表|登记表|采集表|入户调查表|调查表|登记卡|信息卡|档案卡|明白卡|连心卡)"
)
LIST_TITLE = re.compile(r"花名册|名册|台账|台帐|汇总|一览表|名单|统计表|明细表|清单|目录|封面")
ELSEWHERE = re.compile(
    r"帮扶(?!后|前)|责任人|包保|包户|包联|联系人|网格|采集人|填表人|填报人|审核|审批|调查人|调查员|登记人|经办|干部|书记|监护人|代办|负责人|"
    r"驻村|工作队|队长|主任|制表"
)
NUMERIC = {
    columns.amount,
    columns.area,
    columns.count,
    columns.year,
    columns.phone,
    columns.kilometres,
    columns.date_of,
}


def _labels(fields):
    found = {
        label_key(label): item.name for item in reversed(fields) for label in (*item.headers, item.label)
    }
    for item in fields:
        found |= {label_key(label): item.name for label in MORE.get(item.name, ())}
    return {key: name for key, name in found.items() if key not in _NEVER}


def _said(word):
    try:
        return cleaning.yes(word) is not None
    except Unreadable:
        return False


_NEVER = {label_key(label) for label in ("编号", "家庭成员", "人均")}
_HOUSE = (*PLACE, *HOUSE, *ONLY_FORMS)

WORDS = Vocabulary(
    fields={item.name: item for item in (*_HOUSE, *MEMBER)},
    house=_labels(_HOUSE),
    person={key: name for key, name in _labels(MEMBER).items() if key not in _labels(HOUSE)},
    other=OTHER,
    plain=PLAIN,
    in_table={"hh_phone": "member_phone"},
    title=TITLE,
    no_title=LIST_TITLE,
    elsewhere=ELSEWHERE,
    foreign=frozenset(("name", "head_name", "id", "sex", "birth", "ethnicity", "hh_phone", "member_phone", "politics", "education", "address", "collected")),
    names=frozenset(("name", "head_name")),
    numbers=frozenset(("id",)),
    certain={
        "hh_type": lambda word: _kind_of(word) is not None,
        "is_poor": lambda word: _said(word) or word in codes.HOUSEHOLD_KINDS,
        "danger": lambda word: _said(word) or bool(codes.code_of(codes.DangerLevel, word)),
        "disabled": _said,
        "relation": lambda word: bool(codes.code_of(codes.Relation, word)),
        "sex": lambda word: bool(codes.code_of(codes.Sex, word)),
        "ethnicity": lambda word: bool(codes.ethnic_code(word)),
        "politics": lambda word: bool(codes.code_of(codes.Politics, word)),
        "cause": lambda word: all(codes.code_of(codes.Cause, part) for part in cleaning.several(word)),
        "causes2": lambda word: all(codes.code_of(codes.Cause, part) for part in cleaning.several(word)),
    },
    shapes={STAR: re.compile(r"[★☆*✩⭐]{1,10}|[一二三四五六七八九十\d]{1,2}(?:星|级|颗)?.{0,4}|.{0,6}星.{0,4}|无")},
    digits=frozenset(item.name for item in (*_HOUSE, *MEMBER) if item.clean in NUMERIC) | {"size", "date_in", "birth", "bank_account", "percap"},
)  # fmt: skip


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

_PLACE = re.compile(
    r"(?P<province>[^省市县镇乡村]{2,6}(?:省|自治区))?"
    r"(?P<city>[^省市县镇乡村]{1,8}?(?:市|自治州|地区|盟))?"
    r"(?P<county>[^市县镇乡村]{1,12}?(?:自治县|县|(?<!社)区|旗|市))?"
    r"(?P<town>[^镇乡村]{1,10}?(?:镇|乡|街道办事处|街道))?"
    r"(?P<village>[^村组]{1,10}?(?:村村民委员会|村民委员会|村委会|社区居委会|社区|村|居委会))?"
    r"(?P<group>第?[〇零一二三四五六七八九十\d]{1,3}(?:村民小组|小组|组|社|屯|队))?"
)
_NO_VILLAGE = {"村", "农村", "乡村", "山村", "本村", "贫困村", "行政村", "社区"}
_BRACKETED = re.compile(r"\([^()]*\)")
_LEVELS = ("province", "city", "county", "town", "village", "group")


def place_of(said):
    """`{level: name}` of a place written in one phrase: 贵州省威宁县炉山镇茶园村1组. A lone 市 says nothing."""
    return dict(_place_of(said))


@lru_cache(maxsize=16_384)
def _place_of(said):
    found = _PLACE.match(_BRACKETED.sub("", compact(said)).replace("_", "").lstrip(":"))
    place = {level: name for level, name in found.groupdict().items() if name}
    if ("city" in place) != ("county" in place) and "county" not in place:
        place.pop("city")
    if place.get("county", "").endswith("市") and "city" not in place:
        place.pop("county")
    return place


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
        if village in _NO_VILLAGE:
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
    for level in _LEVELS:
        if level in place and (level in replace or not table.said(level)):
            table.add(level, place[level], label, at)


# Names of files


@dataclass(frozen=True)
class Hints:
    """What the name of a file and of its folders says: 1组/1-一般贫困户-张三-5-茶园村.xlsx."""

    group: str = ""
    kind: str = ""
    head: str = ""
    size: int | None = None
    village: str = ""
    town: str = ""


_GROUP = re.compile(r"第?[〇零一二三四五六七八九十\d]{1,3}(?:村民小组|小组|组|社|屯|队)")
_PERSON = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}|[\u3400-\u9fff]{1,10}·[\u3400-\u9fff·]{1,12}"
)


def hints(path):
    """The Hints of a path; what cannot be told for sure is not said."""
    where = PurePosixPath(path)
    said = {}
    for folder in where.parts[:-1]:
        for word in (compact(part) for part in re.split(r"[-_－—\s]+", folder)):
            _hint(word, said)
    said.pop("head", None)
    parts = [part for part in (compact(p) for p in re.split(r"[-_－—+\s]+", where.stem)) if part]
    numbers = [(at, int(part)) for at, part in enumerate(parts) if part.isdigit() and len(part) <= 2]
    for part in parts:
        _hint(part, said)
    if numbers and numbers[0][0] == 0 and len(parts) > 2:
        said.setdefault("group", parts[0])
    later = [number for at, number in numbers if at > 1]
    if len(later) == 1 and len(parts) > 3:
        said["size"] = later[0]
    return Hints(**said)


def _hint(word, said):
    if _GROUP.fullmatch(word):
        said.setdefault("group", word)
    elif _kind_of(word) is not None:
        said.setdefault("kind", word)
    elif re.fullmatch(r"\d{1,2}人", word):
        said["size"] = int(word[:-1])
    elif re.fullmatch(r"[^村]{1,10}(?:村|社区|村委会|居委会)", word):
        found = place_of(word)
        said.setdefault("village", found.get("village", word))
        if "town" in found:
            said.setdefault("town", found["town"])
    elif re.fullmatch(r".{1,8}(?:镇|乡|街道)", word):
        said.setdefault("town", word)
    elif _PERSON.fullmatch(word) and not re.search(r"[表卡档户册]$|信息|农户|资料|扶贫|汇总|村民", word):
        said.setdefault("head", word)


def _kind_of(word):
    """The registry status that a word for a kind of household means, None for no such word."""
    status = codes.HOUSEHOLD_KINDS.get(word)
    if status is None and codes.code_of(codes.LegacyAttribute, word) and not word.isdigit():
        status = "1"
    if status is None and codes.code_of(codes.MonitorCategory, word) and len(word) > 2:
        status = f"m{codes.code_of(codes.MonitorCategory, word)}"
    return status


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
    kinds = _kind_of(compact(said.kind)), _kind_of(compact(table.said("hh_type")))
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
