"""The labels of 一户一档表: which mean which column of the register. Data only."""

import re

from fupin.excel import cleaning
from fupin.excel.cleaning import Unreadable
from fupin.excel.form_words import Vocabulary, in_table, is_plain, label_key, label_of
from fupin.excel.imports import Field
from fupin.excel.places import PLACE
from fupin.excel.relabel import Spoken
from households import codes
from households.imports import columns
from households.imports.columns import HOUSE, MEMBER

WHERE, DOOR, LAND, HOUSING, STAR, EARNED = "where", "door", "land_text", "house_text", "star", "earned"

ONLY_FORMS = (
    Field(WHERE, "所在地", ("户籍所在地", "所属区域", "行政区划", "所属行政区划", "填报单位", "填表单位", "乡镇村组", "乡村组", "镇村组", "县乡村", "县乡村组", "村组", "所在村组")),
    Field(DOOR, "门牌号", ("门牌", "门牌号码")),
    Field(LAND, "土地概况", ("土地情况", "土地状况", "土地资源", "耕地情况", "承包土地", "土地面积")),
    Field(HOUSING, "住房概况", ("住房情况", "房屋情况", "住房状况", "房屋状况", "房屋概况", "住房", "房屋")),
    Field(STAR, "星级", ("星级户", "文明户星级", "星级评定")),
    Field(EARNED, "家庭年收入", ("年收入", "家庭总收入", "年总收入", "全年总收入", "家庭年总收入", "上年总收入"), columns.amount),
)  # fmt: skip
"""Facts that only forms tell; `_settle` brings them to where they belong."""

MORE = {
    "county": ("所在县", "县市区", "所在县区"),
    "town": ("所属乡镇", "所在镇", "镇乡", "乡镇街道"),
    "village": ("所在行政村", "村居", "所属行政村", "社区", "村或社区"),
    "group": ("村民组", "村小组", "村组名称", "所在小组", "组名称", "村民小组名称"),
    "hh_type": ("家庭类型", "户类别", "户别", "农户类别", "家庭类别", "户属性", "家庭属性", "农户类型", "贫困户类型", "贫困类型"),
    "hh_no": ("户编码", "建档立卡编号", "贫困户编码", "户口编号"),
    "head_name": ("户主名字", "户主姓名", "户主", "农户姓名", "贫困户户主姓名", "脱贫户姓名", "监测对象姓名"),
    "size": ("家庭总人口", "总人口", "家庭成员人数", "家庭人口总数", "户籍人口", "户籍人口数", "现有人口", "全家人口"),
    "address": ("现居住地址", "居住地址", "现住址", "家庭详细地址", "地址", "通讯地址", "常住地址", "户口所在地", "家庭现住址", "居住地"),
    "hh_phone": ("家庭电话", "联系手机", "家庭联系电话"),
    "cause": ("致贫主要原因", "主要致贫返贫原因", "贫困主要原因", "返贫致贫原因"),
    "land": ("耕地面积", "耕地", "承包地面积", "承包耕地面积"),
    "house_area": ("住房总面积", "现住房面积", "建筑面积"),
    "structure": ("房屋结构类型", "住房结构类型", "结构"),
    "danger": ("是否危房户", "住房安全等级", "房屋安全等级", "危房鉴定等级", "住房是否危房", "房屋等级"),
    "water": ("饮水安全是否解决", "安全饮水", "饮水安全"),
    "net": ("家庭年纯收入", "年纯收入", "全年家庭纯收入", "上年度家庭纯收入"),
    "collected": ("建档/更新日期", "更新时间", "填报日期", "填报时间", "制表日期", "日期", "建卡日期", "建卡时间", "采集日"),
    "note": ("家庭情况说明", "家庭情况", "家庭基本情况说明", "其他情况说明", "特殊情况说明", "户情说明"),
    "relation": ("与户主", "称谓", "与户主之关系", "同户主关系", "与本人关系", "家庭成员关系"),
    "name": ("成员名字", "家庭成员名单", "人员名字"),
    "id": ("身份证件号", "公民身份证号", "居民身份证号", "身份证编号", "身份号码"),
    "bank_name": ("开户银行名称", "开户行名称"),
    "medical": ("是否参加新农合", "是否参加城乡居民医保", "是否参加医保"),
    "student": ("在读情况", "就读情况", "就读状况", "是否在校生", "在校生情况", "在校状况"),
    "politics": ("政治面目",),
    "work_place": ("外出务工地点", "务工去向"),
}  # fmt: skip
"""More spellings of register columns that forms use."""

OTHER = frozenset(label_key(label) for label in (
    "编号", "序号", "户情", "年龄", "照片", "相片", "户口性质", "户籍性质", "户口类型", "户籍类型", "婚姻状况", "婚否", "备注", "邮编", "单位",
    "工作单位", "职务", "职称", "宗教信仰", "帮扶责任人", "帮扶人", "帮扶干部", "帮扶单位", "帮扶联系人", "帮扶措施", "帮扶计划", "帮扶成效", "帮扶情况",
    "结对帮扶人", "包保干部", "包保责任人", "包户干部", "网格员", "填表人", "填报人", "采集人", "登记人", "调查人", "调查员", "审核人", "审批人", "经办人",
    "负责人", "村干部", "驻村干部", "驻村工作队", "第一书记", "联系人", "户主签字", "户主签名", "签字", "签名", "盖章", "农户签字", "农户签名",
    "村委会意见", "乡镇意见", "村意见", "家庭成员", "家庭成员情况", "成员情况", "家庭成员信息", "家庭基本情况", "基本情况", "基本信息", "生产生活条件", "收入情况",
    "支出情况", "家庭收入", "家庭收支", "住房来源", "建房年份", "建房时间", "房屋间数", "层数", "家电", "交通工具", "车辆", "养殖情况", "种植情况",
    "产业发展", "产业情况", "主要产业", "就业情况", "务工情况", "劳动力", "劳动力人数", "劳动力数", "常住人口", "外出人口", "残疾人数", "学生人数", "低保人数",
    "党员人数", "健康人数", "人均收入", "电视", "电话费", "门前道路", "监测时间", "消除时间", "脱贫原因", "需求", "帮扶需求", "主要需求", "发展意愿", "建议",
    "主要收入来源", "收入来源", "家庭主要收入来源", "五保户", "上级意见", "民族成分", "血型", "特长", "技能", "曾用名",
))  # fmt: skip
"""Labels that stand on forms and mean nothing to the register."""

PLAIN = frozenset(label_key(label) for label in (
    "户主", "户主本人", "健康", "残疾", "残疾人", "低保", "低保户", "特困户", "贫困户", "建档立卡贫困户", "建档立卡户", "军烈属", "现役军人", "特困人员",
    "特困供养", "五保户", "家庭成员", "学历", "技能", "劳动力", "低保人口", "危房", "危房户", "搬迁户", "易地搬迁户", "林地", "耕地", "退耕还林", "卫生厕所",
    "新农合", "养老保险", "大病保险", "在校生", "联系人", "党员",
))  # fmt: skip
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


def kind_of(word):
    """The registry status that a word for a kind of household means, None for no such word."""
    status = codes.HOUSEHOLD_KINDS.get(word)
    if status is None and codes.code_of(codes.LegacyAttribute, word) and not word.isdigit():
        status = "1"
    if status is None and codes.code_of(codes.MonitorCategory, word) and len(word) > 2:
        status = f"m{codes.code_of(codes.MonitorCategory, word)}"
    return status


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
NOT_ON_FORMS = {"remark", "risk_state", "policy"}
"""Columns of lists whose labels mean something else on a form: 备注 is about whoever stands beside it."""
_LISTED = tuple(item for item in HOUSE if item.name not in NOT_ON_FORMS)
_HOUSE = (*PLACE, *_LISTED, *ONLY_FORMS)

WORDS = Vocabulary(
    fields={item.name: item for item in (*_HOUSE, *MEMBER)},
    house=_labels(_HOUSE),
    person={key: name for key, name in _labels(MEMBER).items() if key not in _labels(_LISTED)},
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
        "hh_type": lambda word: kind_of(word) is not None,
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


def _meaning(cell):
    """The field that a label means in the block or at the head of the member table."""
    found = label_of(cell, WORDS)
    return found or in_table(cell, WORDS) or found


def _spelled():
    """`{field: a label that means it}`: its own, or the first of its spellings that no other field takes."""
    means = WORDS.person | WORDS.house
    own = {
        name: item.label for name, item in WORDS.fields.items() if means.get(label_key(item.label)) == name
    }
    return {name: key for key, name in reversed(means.items())} | own


SPELLED = _spelled()
SPOKEN = Spoken(
    fields=tuple(item for item in (*_HOUSE, *MEMBER) if item.name in SPELLED), meaning=_meaning, label=SPELLED.__getitem__,
    nothing="血型", fixed=lambda cell: is_plain(cell, WORDS),
    lacking="这样还认不出这一户的人：请指出成员表里哪一格是“姓名”，哪一格是“证件号码”或“与户主关系”。",
)  # fmt: skip
"""How a user may correct what labels of a form mean."""
