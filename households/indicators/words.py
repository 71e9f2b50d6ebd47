"""What forms ask about households and people: the conditions that narrow a count, and the figures themselves.

A condition on a household that `households.stats` has is that one, never a second definition of it. Others are
judged on what `homes` reads; `NEEDS` says what that is. Source of the terms: domain reference 2.2, 2.8, 3.6, 9.3.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from fupin.accounts.pii import FieldClass
from fupin.onetable.vocabulary import SPAN, Condition, Measure
from households import codes, stats
from households.defaults import ITEMS

HOME, PERSON = "home", "person"


@dataclass(frozen=True)
class Test:
    """How a condition is judged: a figure of stats (`flag`), or `holds(home)` / `holds(person)` on what it needs."""

    holds: Callable | None = None
    needs: frozenset = frozenset()
    flag: str = ""


class Tests(dict):
    """Tests by key of the condition; those of a span (see vocabulary.SPAN) are made when they are asked for."""

    def __missing__(self, key):
        what, low, high = SPAN.fullmatch(key).groups()
        if what == "aged":
            closed = bool(low and high)  # 16～59岁 holds both ends, 18岁以下 does not
            top = int(high) if high else None
            self[key] = Test(
                lambda one: (
                    one.age is not None
                    and one.age >= int(low or 0)
                    and (top is None or one.age < top + closed)
                ),
                frozenset({"people"}),
            )
        else:
            self[key] = Test(_band(int(low or 0), int(high) if high else None), frozenset({"income"}))
        return self[key]


class On(dict):
    """What each condition judges."""

    def __missing__(self, key):
        return PERSON if key.startswith("aged.") else HOME


CONDITIONS, TESTS = [], Tests()


ILLNESS = re.compile("healthy|ill$|chronic|serious|disabled|unable")
"""Conditions that tell of a person's illness: masked in their lines like the field itself."""


def _add(key, label, on, names, note, test):
    CONDITIONS.append(
        Condition(key, label, on, names, note, FieldClass.HEALTH if ILLNESS.match(key) else None)
    )
    TESTS[key] = test


def home(key, label, holds, *names, needs="", note=""):
    _add(key, label, HOME, names, note, Test(holds, frozenset(needs.split())))


def person(key, label, holds, *names, note=""):
    _add(key, label, PERSON, names, note, Test(holds, frozenset({"people"})))


SPELLINGS = {
    "all": ("在册户", "在册农户"),
    "registered": ("建档立卡户", "建档立卡贫困户", "贫困户", "建档立卡贫困", "建档立卡", "脱贫户和未脱贫户", "贫困", "贫困人口", "建档立卡人口", "建档立卡贫困人口"),
    "ordinary": ("一般农户", "非贫困户", "普通农户", "一般户", "普通户"),
    "poor": ("未脱贫", "未脱贫户", "未脱贫人口", "尚未脱贫", "未脱贫贫困户"),
    "leaving": ("预脱贫", "预脱贫户"),
    "out": ("已脱贫", "脱贫户", "已脱贫户", "脱贫人口", "已脱贫人口", "脱贫"),
    "relapsed": ("返贫", "返贫户", "返贫人口"),
    "assisted": ("在帮扶", "在帮扶户", "帮扶户", "帮扶对象"),
    "monitored": ("监测对象", "监测户", "监测人口", "防返贫监测对象", "三类户", "三类人员", "防止返贫监测对象", "易返贫致贫户", "三类监测对象", "三类对象", "监测帮扶对象", "三类监测户"),
    "monitor-1": ("脱贫不稳定户", "脱贫不稳定", "脱贫不稳定人口"),
    "monitor-2": ("边缘易致贫户", "边缘易致贫", "边缘户", "边缘易致贫人口"),
    "monitor-3": ("突发严重困难户", "突发严重困难", "突发严重困难人口"),
    "risk-open": ("风险未消除", "未消除风险", "未消除"),
    "risk-cleared": ("风险已消除", "已消除风险", "消除风险", "已消除", "风险消除"),
    "dibao": ("低保户", "低保", "低保对象", "享受低保", "纳入低保", "最低生活保障", "低保家庭", "的低保户"),
    "tekun": ("特困户", "特困供养户", "特困供养", "五保户", "特困"),
    "relocated": ("易地搬迁", "易地搬迁户", "易地扶贫搬迁", "易地扶贫搬迁户", "搬迁户", "搬迁", "搬迁对象", "易地搬迁人口"),
    "unsafe-house": ("住房不安全", "危房户", "危房", "住危房", "居住危房"),
    "unsafe-water": ("饮水不安全", "饮水不安全户", "未解决安全饮水", "安全饮水未解决"),
    "uninsured": ("有成员未参加医保",),
    "out-of-school": ("有失学辍学", "有辍学学生户"),
    "doubtful": ("有数据疑点", "疑点户"),
    "no-helper": ("未落实责任人", "未落实帮扶责任人", "无帮扶责任人"),
    "no-target": ("未设时限",),
    "target-over": ("超过时限", "逾期"),
    "plan-year": ("本年应退出", "计划本年脱贫", "预计本年脱贫", "本年计划脱贫", "当年计划脱贫", "预计今年脱贫", "计划脱贫", "拟脱贫"),
    "plan-done": ("本年已完成",),
    "plan-open": ("本年未完成",),
    "visit-required": ("应走访", "应走访户"),
    "visit-ok": ("按期走访", "已走访户", "按期走访户"),
    "visit-over": ("走访逾期", "走访逾期户", "逾期未走访", "逾期未走访户", "未按期走访"),
    "cause-none": ("未填致贫原因",),
    "income-below": ("低于标准线", "收入低于监测线", "收入低于标准线"),
    "income-none": ("未填收入",),
}  # fmt: skip
_SAME_CAUSE = {"01": ("因病致贫", "因病返贫"), "02": ("因残致贫",), "03": ("因学致贫",), "04": ("因灾致贫", "因自然灾害"), "05": ("缺少土地",),
               "07": ("缺少技术", "缺乏技术"), "08": ("缺劳动力", "缺乏劳力", "缺少劳力", "缺少劳动力", "缺乏劳动力"), "09": ("缺乏资金", "缺少资金"),
               "10": ("交通不便", "交通落后"), "11": ("自身动力不足", "内生动力不足"), "12": ("其他原因", "其它原因")}  # fmt: skip

COMPUTED = ("income-", "uninsured", "out-of-school")
"""Figures that are judged here on a past day, when the kept column says only what holds today."""

for _figure in stats.FIGURES:
    if _figure.key.startswith("income-") and _figure.key not in ("income-none", "income-below"):
        continue
    _names = SPELLINGS.get(_figure.key, ())
    if _figure.key.startswith("cause-"):
        _names = _SAME_CAUSE.get(_figure.key[6:], ())
        if _figure.key == "cause-12":
            _names = (*_names, "其他致贫原因")
    _label = {"cause-12": "致贫原因其他"}.get(_figure.key, _figure.label)
    _add(
        _figure.key,
        _label,
        HOME,
        _names,
        _figure.note or f"户档案中该项为“{_figure.label}”",
        Test(flag=_figure.key),
    )


def _band(low, high):
    return lambda one: (
        one.per_capita is not None
        and (not low or one.per_capita >= low)
        and (high is None or one.per_capita < high)
    )


for _low, _high in zip(stats.BANDS, [*stats.BANDS[1:], None]):
    _key = f"income-{int(_low)}"
    home(
        _key, stats.BY_KEY[_key].label, _band(_low, _high), needs="income", note="按户的人均纯收入，最近年度"
    )


for _high in stats.LINES:
    home(
        f"income-under-{_high}", f"人均纯收入{_high}元以下", _band(None, _high), f"人均收入{_high}元以下", needs="income",
        note="按户的人均纯收入，最近年度",
    )  # fmt: skip


# Households, judged on what is read


def _of_month(date, day):
    return date is not None and (date.year, date.month) == (day.year, day.month)


def _works(one):
    return one.get("labour") in codes.WORKING


def _any(test):
    return lambda one: any(test(member) for member in one.people)


def _measure(*kinds, words="", done=False):
    pattern = re.compile(words) if words else None

    def holds(one):
        return any(
            row["kind"] in kinds
            and (pattern is None or pattern.search(row["what"]))
            and (not done or row["done_on"])
            for row in one.measures
        )

    return holds


home("labour-able", "有劳动能力户", _any(_works), "有劳动能力", "有劳动力户", "有劳动力", "有劳动力的", "有劳动能力的", needs="people",
     note="有成员为普通或技能劳动力")  # fmt: skip
home("labour-none", "无劳动能力户", lambda one: not _any(_works)(one), "无劳动能力", "无劳动力户", "无劳动力", "无劳动能力的", needs="people",
     note="没有成员为普通或技能劳动力")  # fmt: skip
home("low-income", "低收入户（非低保特困）", lambda one: not one.row["dibao"] and not one.row["tekun"], "低收入困难家庭", "低收入户", "低收入家庭", "低收入困难户",
     "的低收入困难家庭", note="不是低保户、特困供养户")  # fmt: skip
home("object", "脱贫户和监测对象", lambda one: one.row["registry_status"] in "1234" or one.row["monitor_category"] != "0",
     "脱贫户监测户", "脱贫户和监测户", "脱贫户监测对象", "脱贫人口和监测对象", "脱贫户含监测对象", "帮扶对象合计", note="建档立卡户或监测对象")  # fmt: skip
home("lost", "成员去世、失踪户", lambda one: bool({"01", "09"} & set(one.left)), "去世失踪等情况", "去世失踪", "贫困户去世失踪等情况", "死亡失踪", needs="left",
     note="本年有成员因死亡、失踪减少")  # fmt: skip
home("renovated", "本年完成危房改造户", lambda one: one.condition.get("renovation_year") == one.day.year, "完成危房改造", "危房改造", "完成危改",
     "已完成危房改造", "实施危房改造", "完成改造", "本年完成改造", "改造完成", "本年完成危房改造", needs="condition", note="住房改造年度为本年")  # fmt: skip
home("led", "有产业带动户", lambda one: bool(one.condition.get("cooperative") or one.condition.get("enterprise_led") or one.condition.get("leader_led")),
     "产业发展带动农户", "产业带动", "产业带动农户", "新型经营主体带动", needs="condition", note="加入合作社，或有龙头企业、致富带头人带动")  # fmt: skip
home(
    "cooperative",
    "加入合作社户",
    lambda one: one.condition.get("cooperative") is True,
    "加入合作社",
    "加入农民专业合作社",
    "参加合作社",
    needs="condition",
)
home(
    "no-toilet",
    "无卫生厕所户",
    lambda one: one.condition.get("toilet") is False,
    "无卫生厕所",
    needs="condition",
)
home(
    "toilet",
    "有卫生厕所户",
    lambda one: one.condition.get("toilet") is True,
    "有卫生厕所",
    "卫生厕所",
    needs="condition",
)
home(
    "no-power",
    "未通生活用电户",
    lambda one: one.condition.get("power_living") is False,
    "未通生活用电",
    "未通电",
    needs="condition",
)
home(
    "no-broadcast",
    "未通广播电视户",
    lambda one: one.condition.get("broadcast") is False,
    "未通广播电视",
    "未通广电",
    needs="condition",
)
home(
    "water-difficult",
    "饮水困难户",
    lambda one: one.condition.get("water_difficult") is True,
    "饮水困难",
    needs="condition",
)
home("safe-water", "饮水安全户", lambda one: one.condition.get("water_safe") is True or one.condition.get("water_solved") is True, "饮水安全", "安全饮水",
     "通自来水", "有安全饮水", needs="condition", note="有安全饮用水，或已解决")  # fmt: skip
for _code, _label in codes.Structure.choices:
    home(f"structure-{_code}", f"{_label}住房户", (lambda code: lambda one: one.condition.get("structure") == code)(_code), *([_label] if _code != "9" else []), needs="condition",
         note="住房结构")  # fmt: skip
home(
    "structure-wood",
    "砖木、砖混住房户",
    lambda one: one.condition.get("structure") in ("2", "3"),
    "砖木",
    "砖木结构",
    needs="condition",
    note="住房结构",
)
home(
    "structure-mud",
    "土坯住房户",
    lambda one: one.condition.get("structure") in ("5", "6"),
    "土坯",
    "土坯房",
    needs="condition",
    note="住房结构",
)
home("plant", "种植帮扶户", _measure("01", "02", words="种|苗|茶|果|菜|药材|菌|林"), "农业生产种植", "种植", "发展种植", needs="measures",
     note="本年有种植类产业措施")  # fmt: skip
home("breed", "养殖帮扶户", _measure("01", "02", words="养|猪|牛|羊|鸡|鸭|鹅|鱼|蜂|禽|畜"), "农业生产养殖", "养殖", "发展养殖", needs="measures",
     note="本年有养殖类产业措施")  # fmt: skip
for _code, _label in codes.MeasureKind.choices:
    home(f"measure-{_code}", f"{_label}措施户", (lambda code: _measure(code))(_code), f"享受{_label}", f"落实{_label}", f"{_label}措施", *([_label] if _label != "搬迁" else []), needs="measures",
         note=f"本年有“{_label}”措施")  # fmt: skip
home("loan", "小额信贷户", _measure("04", words="信贷|贷款|贴息"), "小额信贷", "扶贫小额信贷", "脱贫人口小额信贷", "贷款", "获得贷款", needs="measures",
     note="本年有信贷、贷款、贴息类金融措施")  # fmt: skip
home(
    "schooling",
    "教育帮扶措施户（含义务教育）",
    _measure("09", "10"),
    "助学",
    "教育帮扶",
    "教育资助",
    "教育扶贫",
    needs="measures",
    note="本年有义务教育保障或其他教育帮扶措施",
)
home(
    "any-measure",
    "有帮扶措施户",
    lambda one: bool(one.measures),
    "有帮扶措施",
    "落实帮扶措施",
    "已落实措施",
    needs="measures",
    note="本年有措施",
)
home(
    "visited",
    "本年已走访户",
    lambda one: bool(one.visits),
    "已走访",
    "入户走访",
    "走访户",
    needs="visits",
    note="本年有走访记录",
)
home(
    "helped",
    "已落实责任人户",
    lambda one: bool(one.helpers),
    "已落实责任人",
    "已结对",
    "落实帮扶责任人",
    "结对帮扶",
    "帮扶责任人落实",
    "责任人落实",
    "落实责任人",
    needs="helpers",
    note="当日有有效的结对",
)
home(
    "worker-home",
    "有务工成员户",
    _any(lambda one: bool(one.get("work_months"))),
    "有务工",
    "有务工人员",
    "有外出务工",
    needs="people",
    note="有成员务工月数大于 0",
)
home("new-year", "本年新增监测户", lambda one: one.row["monitored_on"] is not None and one.row["monitored_on"].year == one.day.year, "本年新增", "新增", "新增监测",
     "本年新识别", "新识别", note="监测识别时间在本年")  # fmt: skip
home("cleared-year", "本年消除风险户", lambda one: one.row["risk_state"] == "2" and one.row["cleared_on"] is not None and one.row["cleared_on"].year == one.day.year,
     "本年消除", "本年消除风险", note="风险消除时间在本年")  # fmt: skip
home("new-month", "本月新增监测户", lambda one: _of_month(one.row["monitored_on"], one.day), "本月新增", "当月新增", "本月新增监测",
     note="监测识别时间在本月")  # fmt: skip
home("cleared-month", "本月消除风险户", lambda one: one.row["risk_state"] == "2" and _of_month(one.row["cleared_on"], one.day),
     "本月消除", "当月消除", "本月消除风险", note="风险消除时间在本月")  # fmt: skip
home(
    "out-year",
    "本年脱贫户",
    lambda one: one.row["exit_year"] == one.day.year,
    "本年脱贫",
    "当年脱贫",
    "今年脱贫",
    "本年已脱贫",
    note="脱贫年度为本年",
)
home("policy", "继续享受政策户", lambda one: one.row["policy_status"] == "1", "继续享受政策", "享受政策")


for _code, _letter in (("1", "A"), ("2", "B"), ("3", "C"), ("4", "D")):
    home(
        f"danger-{_code}",
        f"{_letter}级危房户",
        (lambda code: lambda one: one.condition.get("danger_level") == code)(_code),
        f"{_letter}级",
        f"{_letter}级危房",
        needs="condition",
        note="危房等级",
    )
home(
    "told",
    "已采集生产生活条件户",
    lambda one: bool(one.condition),
    needs="condition",
    note="本年或之前最近一年有生产生活条件",
)
home(
    "house-told", "填了住房面积户", lambda one: one.condition.get("house_area") is not None, needs="condition"
)
for _table, _column, _title in ((codes.RoadKind, "road_kind", "入户路"), (codes.Fuel, "fuel", "主要燃料")):
    for _code, _label in _table.choices:
        home(f"{_column.partition('_')[0]}-{_code}", f"{_title}{_label}户", (lambda name, code: lambda one: one.condition.get(name) == code)(_column, _code),
             f"{_title}{_label}", *([_label] if _code != "99" else []), needs="condition", note=_title)  # fmt: skip

# People


def _is(name, *values):
    return lambda one: one.get(name) in values


def _between(low, high=None):
    return lambda one: one.age is not None and one.age >= low and (high is None or one.age <= high)


def has_health(held, code):
    """Whether 健康状况 as it is stored ("02,04") names the code."""
    return code in (held or "").split(",")


def _health(code):
    return lambda one: has_health(one.get("health"), code)


def _row(name, *values):
    return lambda one: one.row[name] in values


COMPULSORY, HIGHER = (
    ("03", "04", "05", "06"),
    ("13", "14", "15", "16", "21", "22", "23", "24", "25", "26", "29"),
)
SECONDARY = ("07", "08", "09", "10", "11", "12")

person("female", "女性", _row("sex", "2"), "女", "女性人口", "妇女")
person("male", "男性", _row("sex", "1"), "男", "男性人口")
person("minority", "少数民族", lambda one: one.row["ethnic"] not in ("", "01"), "少数民族人口")
person(
    "age-60", "60岁及以上", _between(60), "60岁以上", "60周岁及以上", "60周岁以上", "老年人", "60岁及以上老人"
)
person("age-65", "65岁及以上", _between(65), "65岁以上", "65周岁及以上")
person("age-80", "80岁及以上", _between(80), "80岁以上")
person("age-16-59", "16～59岁", _between(16, 59), "16至59岁", "16-59岁", "16—59岁", "劳动年龄人口")
person("age-0-15", "16岁以下", _between(0, 15), "未满16岁", "16周岁以下", "0-15岁")
person("age-18", "18岁以下", _between(0, 17), "未成年人", "18周岁以下", "未满18岁", "儿童")
person(
    "age-school",
    "义务教育适龄（6～15岁）",
    _between(6, 15),
    "普及九年义务教育适龄",
    "义务教育适龄",
    "6-15岁",
    "义务教育阶段适龄",
    "适龄儿童",
    "适龄儿童（6-15岁）",
    "适龄儿童少年",
    "义务教育适龄儿童",
)
for _low, _high in ((0, 5), (6, 15), (16, 29), (30, 44), (45, 59)):
    if (_low, _high) != (6, 15):
        person(
            f"age-{_low}-{_high}",
            f"{_low}～{_high}岁",
            _between(_low, _high),
            f"{_low}-{_high}岁",
            f"{_low}至{_high}岁",
        )
person("age-none", "年龄未填", lambda one: one.age is None, "出生日期未填")
person(
    "labour-age", "劳动年龄（男18～60、女18～55岁）",
    lambda one: one.age is not None and 18 <= one.age <= (55 if one.row["sex"] == "2" else 60),
    "劳动力（男性18-60岁和女性18-55岁）", "男性18-60岁和女性18-55岁", "劳动力男性18-60岁和女性18-55岁",
)  # fmt: skip
person(
    "labour",
    "劳动力",
    _works,
    "劳动力人口",
    "有劳动能力人口",
    "有劳动能力的人",
    "劳力",
    note="普通劳动力和技能劳动力",
)
for _code, _label in codes.Labour.choices:
    person(
        f"labour-{_code}",
        _label,
        _is("labour", _code),
        *{"05": ("弱劳动力", "半劳动力", "弱半劳动力")}.get(_code, ()),
        note="劳动技能",
    )
person(
    "labour-unset", "劳动技能未填", lambda one: not one.get("labour"), note="本年或之前最近一年没有填劳动技能"
)
for _code, _label in codes.Education.choices:
    person(f"learned-{_code}", f"文化程度{_label}", _is("education", _code), f"{_label}文化", f"{_label}文化程度", *{"01": ("文盲", "半文盲", "文盲半文盲", "文化程度文盲", "文化程度文盲半文盲"), "04": ("高中文化", "高中及中专文化", "文化程度高中", "文化程度高中中专", "文化程度中专")}.get(_code, ()),
           note="文化程度")  # fmt: skip
person("healthy", "健康", _health("01"), "身体健康", note="健康状况")
person(
    "chronic",
    "长期慢性病",
    _health("02"),
    "慢性病",
    "患慢性病",
    "长期慢性病人",
    "慢性病患者",
    note="健康状况",
)
person("serious", "患有大病", _health("03"), "大病", "患大病", "大病患者", "患重病", note="健康状况")
person("disabled", "残疾", _health("04"), "残疾人", "残疾人口", "持证残疾人", note="健康状况含残疾")
person(
    "ill",
    "大病或长期慢性病",
    lambda one: bool({"02", "03"} & set((one.get("health") or "").split(","))),
    "大病慢性病",
    "大病慢病",
    "患病",
    note="健康状况含慢病或大病",
)
person("unable", "因病残不能劳动", lambda one: one.get("labour") in ("03", "04") and bool({"02", "03", "04"} & set((one.get("health") or "").split(","))),
       "因长期患病或残疾不能参加劳动", "因病残不能劳动", note="丧失或无劳动力，健康状况为慢病、大病或残疾")  # fmt: skip
for _level in codes.DisabilityLevel.choices:
    person(
        f"disabled-{_level[0]}", f"残疾{_level[1]}", _is("disability_level", _level[0]), f"{_level[1]}残疾"
    )
person(
    "student",
    "在校生",
    lambda one: (one.get("school") or "00") not in ("00", "01"),
    "在校学生",
    "学生",
    "在读学生",
    "在校",
    note="在校生状况为在读",
)
person("school-pre", "学前教育在读", _is("school", "02"), "学前教育", "学前", "幼儿园")
person("school-primary", "小学在读", _is("school", "03"), "小学", "小学生")
person("school-junior", "初中在读", _is("school", "04", "05", "06"), "初中", "初中生")
person("school-compulsory", "义务教育阶段在读", _is("school", *COMPULSORY), "义务教育阶段", "义务教育", "小学初中", "当年在读小学和初中", "在读小学和初中", "义务教育在校生",
       note="小学至九年级在读")  # fmt: skip
person("school-senior", "普通高中在读", _is("school", "07", "08", "09"), "高中", "普高", "普通高中", "高中生")
person("school-vocational", "中职在读", _is("school", "10", "11", "12"), "中职", "职高", "中职技校", "中专")
person(
    "school-secondary",
    "高中、中职在读",
    _is("school", *SECONDARY),
    "高中职高技校中专等",
    "高中中职",
    "高中职高中专",
    "高中阶段",
    "高中含中职",
    "高中及中职",
)
person(
    "school-higher",
    "大专及以上在读",
    _is("school", *HIGHER),
    "大专本科以上",
    "大专及以上",
    "大学",
    "大学生",
    "大专以上",
    "高等教育",
    "大中专学生",
    "大中专",
)
person(
    "school-beyond",
    "高中、中职、大专以上在读",
    _is("school", *SECONDARY, *HIGHER),
    "考上大学大专院校高中中专中技学校",
    "当年考上在读",
    "高中以上在读",
)
person("dropout-compulsory", "义务教育阶段失学辍学", lambda one: bool(one.get("dropout_reason")) and _between(6, 15)(one), "义务教育阶段辍学", "义务教育辍学", "义务教育阶段失学",
       "义务教育阶段辍学学生", note="6～15岁，填了失学辍学原因")  # fmt: skip
person(
    "learned-college",
    "文化程度大专及以上",
    _is("education", "05", "06"),
    "文化程度大学及以上",
    "文化程度大专以上",
    "大专及以上文化",
    "大专以上文化",
    "大学文化",
    "文化程度大学",
    note="文化程度",
)
person(
    "dropout",
    "失学辍学",
    lambda one: bool(one.get("dropout_reason")),
    "因贫辍学",
    "辍学",
    "失学",
    "失学辍学人口",
    "辍学学生",
    note="填了失学辍学原因",
)
person("worker", "务工", lambda one: bool(one.get("work_months")), "外出务工", "务工人员", "务工就业", "劳动力转移务工", "转移就业", "务工人口", "外出务工就业", "就业务工", "已就业", "就业人员", "实现就业", "务工总",
       note="务工月数大于 0")  # fmt: skip
for _code, _label, _names in (
    ("01", "乡镇内务工", ("乡镇内", "乡内", "镇内务工")), ("02", "县内务工（乡镇外）", ("县内", "县内务工", "乡镇外县内")),
    ("03", "省内务工（县外）", ("省内", "县外省内", "省内务工", "省内县外")), ("04", "省外务工", ("省外", "跨省务工", "外省")), ("99", "境外务工", ("境外",)),
):  # fmt: skip
    person(f"work-{_code}", _label, _is("work_area", _code), *_names, note="务工区域")
for _low, _high in ((1, 3), (4, 6), (7, 12)):
    person(f"worked-{_low}", f"务工{_low}～{_high}个月", (lambda low, high: lambda one: low <= (one.get("work_months") or 0) <= high)(_low, _high),
           f"务工{_low}-{_high}个月", note="务工月数")  # fmt: skip
person(
    "work-6",
    "务工6个月以上",
    lambda one: (one.get("work_months") or 0) >= 6,
    "务工六个月以上",
    "务工6个月及以上",
    "稳定就业",
)
person(
    "home-farm",
    "在家务农",
    lambda one: _works(one) and not one.get("work_months"),
    "务农",
    "在家务农劳动力",
    note="劳动力，务工月数为 0 或未填",
)
person(
    "leader",
    "创业致富带头人",
    lambda one: one.get("leader") is True,
    "创业",
    "致富带头人",
    "劳动力转移创业",
    "自主创业",
)
person(
    "post",
    "公益性岗位",
    lambda one: bool(one.get("post_kind")),
    "公益岗位",
    "公益性岗位就业",
    "公益岗",
    "公益岗位安置",
    "公益性岗位安置",
)
person(
    "workshop",
    "帮扶车间就业",
    lambda one: one.get("workshop") is True,
    "帮扶车间",
    "扶贫车间",
    "扶贫车间就业",
)
person("trained-farm", "农业科技培训", lambda one: bool(re.search("农|种|养|畜|果|林", one.get("training") or "")), "农技培训", "参加免费农技培训", "农业技术培训",
       "农业实用技术培训", note="技能培训内容为农、林、种、养")  # fmt: skip
person("trained-job", "就业技能培训", lambda one: bool(one.get("training")) and not re.search("农|种|养|畜|果|林", one.get("training")), "就业培训",
       "参加免费就业培训", "参加就业培训", "职业技能培训", note="技能培训内容不是农、林、种、养")  # fmt: skip
person(
    "trained",
    "技能培训",
    lambda one: bool(one.get("training")),
    "参加培训",
    "培训",
    "参加技能培训",
    "培训人员",
)
person("medical", "参加居民医保", _is("medical_resident", True), "参加农村合作医疗", "参加新型农村合作医疗", "当年参加新型农村合作医疗", "参加新农合", "新农合", "城乡居民医保", "居民医保",
       "参加城乡居民医保", "参加合作医疗", "城乡居民基本医疗保险", "参加城乡居民基本医疗保险")  # fmt: skip
person("insured", "参加医保", lambda one: one.get("medical_resident") is True or one.get("medical_employee") is True, "参保", "已参保", "参加基本医疗保险", "医保参保", "参加医疗保险", "基本医疗保险",
       note="居民或职工医保")  # fmt: skip
person("not-insured", "未参加医保", lambda one: one.get("medical_resident") is False and not one.get("medical_employee"), "未参保", "未参加基本医疗保险",
       note="居民医保为否、又无职工医保；未填不算")  # fmt: skip
person("critical", "参加大病保险", _is("medical_critical", True), "大病保险")
person("pension", "参加居民养老保险", _is("pension_resident", True), "参加农村养老保险", "参加新型农村养老保险", "当年参加新型农村养老保险", "参加新农保", "新农保", "城乡居民养老保险",
       "居民养老保险", "参加城乡居民养老保险", "参加养老保险", "养老保险")  # fmt: skip
person("pension-paid", "领取养老金", _is("pension_received", True), "享受养老金", "领取养老保险")
person(
    "dibao-person",
    "享受低保成员",
    _is("dibao", True),
    "低保成员",
    "低保对象人口",
    "保障人口",
    "低保保障人口",
    note="成员本人享受低保",
)
person(
    "tekun-person",
    "特困供养成员",
    _is("tekun", True),
    "特困人员",
    "特困供养人员",
    "五保人员",
    note="成员本人特困供养",
)
person(
    "orphan",
    "孤儿",
    lambda one: one.get("orphan") is True or one.get("de_facto_orphan") is True,
    "孤儿及事实无人抚养儿童",
    "事实无人抚养儿童",
)
person("party", "中共党员", _is("politics", "01", "02"), "党员", note="含预备党员")

NEEDS = {key: test.needs for key, test in TESTS.items()}
HOMES_AND_PEOPLE = frozenset({HOME, PERSON})
ONLY_HOMES = frozenset({HOME})
_YEARLY = "本年或之前最近一年"


def _sum(key, label, unit, names, *, formula, source, needs, value):
    MEASURES.append(
        Measure(key, label, unit, names, formula, source, "", "金额保留 2 位，面积保留 2 位", ONLY_HOMES)
    )
    SUMS[key] = (value, frozenset(needs.split()))


MEASURES = [
    Measure("h", "户数", "户", ("户", "总户数户", "家庭户数", "户数合计"), "当日在册、符合条件的户", "户档案", takes=HOMES_AND_PEOPLE,
            rounding="整数"),
    Measure("p", "人数", "人", ("人", "人口", "人口数", "人员数", "人数合计"), "符合条件的户的当日成员；有成员条件时只计符合的成员", "户档案、成员", takes=HOMES_AND_PEOPLE,
            rounding="整数"),
]  # fmt: skip
SUMS = {}

for _name, _label, _names in (
    ("wage", "工资性收入", ("工资收入", "工资性", "务工收入合计")), ("operating", "生产经营性收入", ("家庭生产经营收入", "经营性收入", "生产经营收入", "家庭经营收入", "经营收入")),
    ("property", "财产性收入", ("财产收入",)), ("transfer", "转移性收入", ("转移收入",)),
    ("expense", "生产经营性支出", ("家庭生产经营支出", "经营性支出", "生产经营支出", "生产经营费用支出")),
):  # fmt: skip
    _sum(f"income.{_name}", _label, "元", _names, formula=f"各户{_label}之和，{_YEARLY}", source="家庭收入", needs="income",
         value=(lambda name: lambda one: one.income.get(name) if one.net is not None else None)(_name))  # fmt: skip
_sum("income.total", "家庭总收入", "元", ("总收入", "年总收入", "收入合计", "家庭年收入", "全年总收入"), formula="工资性 + 生产经营性 + 财产性 + 转移性", source="家庭收入", needs="income",
     value=lambda one: one.total)  # fmt: skip
_sum("income.net", "家庭纯收入", "元", ("纯收入", "年纯收入", "家庭年纯收入", "家庭纯收入合计", "可支配收入"), formula="四项收入 − 生产经营性支出，或只填的纯收入", source="家庭收入",
     needs="income", value=lambda one: one.net)  # fmt: skip
_sum("income.stated", "只填纯收入的", "元", (), formula="没有分项、只填了纯收入的户的纯收入之和", source="家庭收入", needs="income",
     value=lambda one: one.net if one.total is None else None)  # fmt: skip
_sum("income.persons", "核算人口", "人", (), formula="填了收入的户的核算人口", source="家庭收入", needs="income",
     value=lambda one: one.income.get("persons") if one.net is not None else None)  # fmt: skip

_LINES = {"农业生产经营收入": ("M01", "M02", "M03"), "利息股息分红收入": ("N01",), "土地流转收入": ("N02",), "退休养老金": ("P04",),
          "抚恤救灾救济金": ("P09", "P12", "P17"), "农业生产补贴和临时补贴": ("P06", "P07"), "农业生产经营支出": ("R01", "R02", "R03")}  # fmt: skip
_LINE_NAMES = {"土地流转收入": ("土地转让收入", "土地流转转让收入")}
_ITEM = {f"{group}{n:02}": label for group, labels in ITEMS.items() for n, label in enumerate(labels, 1)}
_ITEM_NAMES = {"P02": ("低保金收入", "低保补助"), "P03": ("五保金",), "P04": ("养老金收入", "养老保险金"), "P05": ("生态补偿",), "N05": ("其他财产性收入",),
               "P20": ("其他转移性收入",), "M04": ("其他经营收入", "其他行业生产经营收入", "其他行业经营收入"),
               "R04": ("其他行业生产经营支出", "其他行业经营支出")}  # fmt: skip


def _lines(codes_of):
    def value(one):
        held = [one.lines[code] for code in codes_of if code in one.lines]
        return sum(held) if held else None

    return value


for _code, _label in _ITEM.items():
    _sum(f"line.{_code}", f"收入明细·{_label}", "元", _ITEM_NAMES.get(_code, ()) + ((_label,) if len(_label) > 2 else (f"{_label}收入",)),
         formula=f"收入明细“{_label}”之和", source="收入明细", needs="lines", value=_lines((_code,)))  # fmt: skip
for _label, _codes in _LINES.items():
    _sum(f"lines.{'-'.join(_codes)}.{len(_label)}", _label, "元", _LINE_NAMES.get(_label, ()), formula="收入明细 " + "、".join(_ITEM[code] for code in _codes) + " 之和", source="收入明细",
         needs="lines", value=_lines(_codes))  # fmt: skip
for _name, _label, _unit, _names in (
    ("farmland", "户耕地面积", "亩", ("承包耕地面积", "家庭承包耕地")), ("irrigated", "户有效灌溉面积", "亩", ()), ("forest", "户林地面积", "亩", ("家庭林地",)),
    ("returned_forest", "退耕还林面积", "亩", ("退耕还林",)), ("orchard", "林果面积", "亩", ()), ("pasture", "牧草地面积", "亩", ()),
    ("water_surface", "水面面积", "亩", ()), ("house_area", "住房面积", "㎡", ("住房建筑面积", "房屋面积")),
    ("renovation_subsidy", "住房改造补助", "元", ("危房改造补助", "危改补助")), ("self_paid_medical", "合规自付医疗支出", "元", ("自付医疗费", "医疗支出")),
):  # fmt: skip
    _sum(f"condition.{_name}", _label, _unit, _names, formula=f"各户之和，{_YEARLY}", source="生产生活条件", needs="condition",
         value=(lambda name: lambda one: one.condition.get(name))(_name))  # fmt: skip
_sum("visits", "走访次数", "次", ("入户走访次数", "走访", "入户次数", "走访慰问次数", "户次", "走访户次"), formula="本年未作废的走访记录", source="走访记录", needs="visits",
     value=lambda one: len(one.visits))  # fmt: skip
_sum("visit-heads", "走访人次", "人次", ("帮扶单位干部职工", "干部职工", "到村到户帮扶单位干部职工", "干部入户", "走访干部人次", "干部走访"), formula="本年走访记录的走访人之和",
     source="走访记录", needs="visits", value=lambda one: sum(visit["heads"] for visit in one.visits))  # fmt: skip
_sum("visit-leaders", "领导走访人次", "人次", ("帮扶单位领导", "单位领导", "领导", "领导干部走访", "帮扶单位领导走访", "领导走访"), formula="本年走访记录里职务级别为领导职务（书记、局长、镇长、主任、县处、正副科等）的走访人之和",
     source="走访记录、责任人", needs="visits", value=lambda one: sum(visit["leaders"] for visit in one.visits))  # fmt: skip
_sum("gifts", "慰问金", "元", ("慰问金额", "慰问资金", "发放慰问金"), formula="本年走访的慰问金额之和", source="走访记录", needs="visits",
     value=lambda one: sum(held) if (held := [v["gift_money"] for v in one.visits if v["gift_money"] is not None]) else None)  # fmt: skip
_sum("measures", "帮扶措施数", "项", ("措施数", "措施项数", "帮扶措施"), formula="本年在做或完成的帮扶措施", source="帮扶措施", needs="measures",
     value=lambda one: len(one.measures))  # fmt: skip
_sum("measures-done", "已完成措施数", "项", ("完成措施",), formula="其中有完成日期的", source="帮扶措施", needs="measures",
     value=lambda one: sum(row["done_on"] is not None and row["done_on"] <= one.day for row in one.measures))  # fmt: skip
_sum("measure-money", "帮扶措施金额", "元", ("措施金额", "帮扶资金", "到户资金", "帮扶投入", "投入帮扶资金"), formula="本年帮扶措施金额之和", source="帮扶措施", needs="measures",
     value=lambda one: sum(held) if (held := [row["money"] for row in one.measures if row["money"] is not None]) else None)  # fmt: skip


def _rate(
    key, label, unit, names, top, bottom, *, formula, denominator, rounding="百分数保留 2 位，四舍五入"
):
    MEASURES.append(
        Measure(
            key,
            label,
            unit,
            names,
            formula,
            "由前述指标计算",
            denominator,
            rounding,
            ONLY_HOMES,
            (top, bottom),
            additive=False,
        )
    )


_rate("per-capita", "人均纯收入", "元", ("年人均纯收入", "人均收入", "人均可支配收入", "家庭人均纯收入", "当年家庭人均年收入", "家庭人均年收入", "人均年收入"), "income.net|", "income.persons|",
      formula="纯收入 ÷ 核算人口", denominator="填了收入的户的核算人口", rounding="保留 2 位，四舍五入")  # fmt: skip
_rate(
    "head-size",
    "户均人口",
    "人",
    (),
    "p|",
    "h|",
    formula="人数 ÷ 户数",
    denominator="户数",
    rounding="保留 2 位，四舍五入",
)
_rate(
    "exit-rate",
    "脱贫率",
    "%",
    (),
    "p|out",
    "p|registered",
    formula="已脱贫人口 ÷ 建档立卡人口",
    denominator="建档立卡户的成员",
)
_rate(
    "insured-rate",
    "参保率",
    "%",
    ("医保参保率", "基本医疗保险参保率"),
    "p|insured",
    "p|",
    formula="参加医保人数 ÷ 人数",
    denominator="当日成员",
)
_rate(
    "visit-rate",
    "走访完成率",
    "%",
    ("走访率", "走访按期率"),
    "h|visit-ok",
    "h|visit-required",
    formula="按期走访户 ÷ 应走访户",
    denominator="应走访户",
)
_rate(
    "help-rate",
    "落实率",
    "%",
    ("责任人落实率", "帮扶责任人落实率"),
    "h|assisted+helped",
    "h|assisted",
    formula="已落实责任人的在帮扶户 ÷ 在帮扶户",
    denominator="在帮扶户",
)
_rate(
    "cleared-rate",
    "风险消除率",
    "%",
    ("消除率",),
    "h|risk-cleared",
    "h|monitored",
    formula="风险已消除户 ÷ 监测对象户",
    denominator="监测对象户",
)
_rate(
    "target-rate",
    "目标完成率",
    "%",
    (),
    "h|plan-done",
    "h|plan-year",
    formula="本年已完成 ÷ 本年应退出（消除）",
    denominator="时限在本年内的户",
)

MEASURES, CONDITIONS = tuple(MEASURES), tuple(CONDITIONS)
ON = On({condition.key: condition.on for condition in CONDITIONS})
