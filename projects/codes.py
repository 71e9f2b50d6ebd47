"""Code tables of projects and funds (domain reference 4.1 to 4.4), as data in one place.

First-level category names are those of published county pools; the codes are ours. Files are matched by
label and alias, never by position.
"""

import re
import unicodedata

from django.db import models

CATEGORIES = [
    ("01", "产业发展", [
        "种植业", "养殖业", "加工业", "生产性服务业", "休闲旅游", "电商", "消费帮扶", "小额信贷贴息", "金融保险",
        "产业园（基地）", "农业设施（大棚、冷库）",
    ]),
    ("02", "就业项目", [
        "公益性岗位", "外出务工交通补助", "就业帮扶车间", "创业培训", "技能培训", "劳务奖补",
    ]),
    ("03", "乡村建设行动", [
        "农村道路", "农村供水", "电力", "通信", "厕所", "生活垃圾污水", "人居环境", "农田水利", "数字乡村", "公共服务",
    ]),
    ("04", "易地搬迁后扶", ["配套设施", "后续产业", "搬迁就业", "社区管理", "安置点建设"]),
    ("05", "巩固三保障成果", ["住房保障", "教育（雨露计划）", "健康（参保资助）", "饮水安全"]),
    ("06", "乡村治理和精神文明建设", ["村级组织", "积分制", "文化活动"]),
    ("07", "基础设施", ["交通", "水利", "电力设施", "以工代赈"]),
    ("08", "生态扶贫", ["退耕还林", "护林员", "公益林"]),
    ("09", "综合保障", ["危房改造", "兜底"]),
    ("10", "社会帮扶", ["东西部协作", "定点帮扶", "捐赠", "消费扶贫"]),
    ("11", "项目管理费", []),
    ("99", "其他", []),
]  # fmt: skip
"""(code, 一级, [二级]). A second-level code is the first-level one and a running number: 0205 is 技能培训.
The order of a list is therefore fixed: new names go to its end."""

CATEGORY_NAMES = {code: name for code, name, _ in CATEGORIES} | {
    f"{code}{n:02}": name for code, _, names in CATEGORIES for n, name in enumerate(names, 1)
}
CATEGORY_CHOICES = [
    (name, [(code, name)] + [(f"{code}{n:02}", below) for n, below in enumerate(names, 1)])
    for code, name, names in CATEGORIES
]
"""Grouped choices of the field: a project may stop at the first level where no more is known."""

CATEGORY_ALIASES = {
    "产业": "01", "产业项目": "01", "产业发展项目": "01", "产业扶贫项目": "01", "产业扶贫": "01", "产业帮扶": "01", "种植": "0101", "养殖": "0102", "光伏": "0103",
    "电子商务": "0106", "贴息": "0108", "小额信贷": "0108", "产业基地": "0110", "大棚": "0111", "冷库": "0111",
    "就业": "02", "就业扶贫": "02", "就业帮扶": "02", "公益岗位": "0201", "公益岗": "0201",
    "交通补助": "0202", "帮扶车间": "0203", "扶贫车间": "0203", "培训": "0205", "农技培训": "0205",
    "乡村建设": "03", "道路": "0301", "村组道路": "0301", "供水": "0302", "饮水": "0302", "人畜饮水": "0302",
    "电力建设": "0303", "农网改造": "0303", "水利设施": "0308", "卫生室": "0310",
    "易地搬迁": "04", "易地扶贫搬迁": "04", "异地搬迁": "04", "下山脱贫": "0405", "安置点": "0405",
    "三保障": "05", "住房": "0501", "住房安全": "0501", "危房": "0501", "教育": "0502", "雨露计划": "0502",
    "健康": "0503", "参保资助": "0503", "农村饮水安全": "0504", "乡村治理": "06", "基建": "07", "生态": "08", "基础设施项目": "07", "村基础设施": "07", "农村基础设施": "07",
    "生态保护": "08", "社会扶贫": "10", "捐款捐物": "1003", "管理费": "11",
}  # fmt: skip


class Nature(models.TextChoices):
    """建设性质 (P4)."""

    NEW = "1", "新建"
    REBUILD = "2", "改建"
    EXTEND = "3", "扩建"
    REBUILD_EXTEND = "4", "改扩建"
    CONTINUE = "5", "续建"
    RENOVATE = "6", "改造"
    EXCHANGE = "7", "置换"
    NOT_WORKS = "8", "非工程"


class State(models.TextChoices):
    """Project states (4.4). 未开工 is not stored: it is PLANNED past the planned start, see `not_started`."""

    PLANNED = "10", "前期"
    TENDER = "20", "招标采购"
    WORKING = "30", "在建"
    STOPPED = "40", "停滞"
    FINISHED = "50", "完工"
    TO_ACCEPT = "60", "待验收"
    RECTIFY = "65", "整改"
    ACCEPTED = "70", "已验收"
    SETTLED = "75", "已结算"
    HANDED_OVER = "80", "已移交"
    ABANDONED = "90", "终止"


FINISHED = ["50", "60", "65", "70", "75", "80"]
"""States of a project whose works are finished."""

CLOSED = [*FINISHED, "90"]
"""States in which the planned finish is no longer due."""

NOT_YET = ["10", "20"]
"""States before the works start."""

STATE_ALIASES = {
    "未启动": "10", "未开工": "10", "未实施": "10", "前期工作已完成": "10", "前期工作": "10", "规划": "10",
    "招标": "20", "采购中": "20", "招标中": "20", "进行中": "30", "实施中": "30", "已开工": "30", "施工中": "30",
    "受阻": "40", "停工": "40", "停滞受阻": "40", "已完工": "50", "已完成": "50", "竣工": "50", "已竣工": "50", "完成": "50",
    "验收": "70", "验收合格": "70", "已报账": "75", "结算": "75", "移交": "80", "取消": "90", "已终止": "90",
}  # fmt: skip


class FundSource(models.TextChoices):
    """Where the money comes from (P13). FISCAL: a file says 财政专项 without the level."""

    CENTRAL = "1", "中央资金"
    PROVINCE = "2", "省级资金"
    PREFECTURE = "3", "市级资金"
    COUNTY = "4", "县级资金"
    SOCIETY = "5", "社会资金"
    OWN = "6", "自筹资金"
    LOAN = "7", "贷款"
    FISCAL = "8", "财政专项（级次不明）"


class FundStep(models.TextChoices):
    """What an entry of the ledger of funds is about (4.3)."""

    PLANNED = "1", "下达"
    ALLOTTED = "2", "拨付"
    PAID = "3", "支付"


PARTS = {FundStep.PLANNED: "planned", FundStep.ALLOTTED: "allotted", FundStep.PAID: "paid"}
"""Step of an entry, to the sum of FundLine that it adds to."""


SOURCE_ALIASES = {
    "中央": "1", "中央财政": "1", "省": "2", "省级": "2", "省级财政": "2", "市": "3", "市级": "3", "县": "4", "县级": "4",
    "区县": "4", "社会": "5", "社会帮扶": "5", "捐赠": "5", "自筹": "6", "群众自筹": "6", "信贷": "7", "银行贷款": "7",
    "财政": "8", "财政专项": "8", "财政专项扶贫资金": "8", "衔接资金": "8",
}  # fmt: skip


def plain(text):
    """A label as it is compared: half-width, without spaces and punctuation."""
    return re.sub(r"[\s()（）/、,，-]", "", unicodedata.normalize("NFKC", str(text or "")))


def _table(labels, aliases):
    found = {}
    for code, label in labels:
        found.setdefault(plain(label), code)
    return found | {plain(alias): code for alias, code in aliases.items()}


_TABLES = {
    "category": _table(CATEGORY_NAMES.items(), CATEGORY_ALIASES) | {code: code for code in CATEGORY_NAMES},
    "nature": _table(Nature.choices, {"重建": "2", "维修": "6", "整治": "6", "其他": "8"}),
    "state": _table(State.choices, STATE_ALIASES),
    "source": _table(FundSource.choices, SOURCE_ALIASES),
}


def code_of(table, text):
    """The code of a label, alias or code in `table` (category, nature, state, source), or "" when unknown."""
    return _TABLES[table].get(plain(text), "")


def category_path(code):
    """A category with its first level: "就业项目 / 技能培训"; the first level alone is itself; "" gives ""."""
    if len(code) > 2:
        return f"{CATEGORY_NAMES[code[:2]]} / {CATEGORY_NAMES[code]}"
    return CATEGORY_NAMES.get(code, "")


def category_codes(code):
    """`code` and everything below it."""
    return [each for each in CATEGORY_NAMES if each.startswith(code)]
