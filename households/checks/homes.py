"""Rules over a household as a whole (domain reference 3.9)."""

import re
from datetime import timedelta
from decimal import Decimal

from households import codes
from households.checks.case import HELPED
from households.checks.rules import digest, rule
from households.models import Condition
from households.models.income import per_head

PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")
STEP = "办理“风险消除”时不能通过"
MONTH, HALF_YEAR = timedelta(31), timedelta(183)
HIGH_INCOME, HIGH_SINCE = Decimal(20000), 2023
DEVELOPING = {
    codes.MeasureKind.DEVELOPMENT, codes.MeasureKind.INDUSTRY, codes.MeasureKind.JOB, codes.MeasureKind.FINANCE,
    codes.MeasureKind.POST,
}  # fmt: skip
"""开发式帮扶: measures that let people earn. The others secure or supply."""
HEAD, SPOUSE = codes.Relation.HEAD.value, codes.Relation.SPOUSE.value
IN_VOCATIONAL = set(codes.School.values) & {"10", "11", "12", "13", "14", "15", "16"}
"""中职, 高职, 技师学院: whom 雨露计划 pays for."""
MOST = (("farmland", 100), ("forest", 200), ("returned_forest", 200), ("orchard", 200))


@rule(
    "V08",
    "E",
    "每户须有且只有1名户主",
    "核对各成员与户主关系",
    "all.m.relation",
    stops="户表单不能保存；导入时该户不入库",
)
def head(case):
    heads = len(case.with_relation(HEAD))
    if case.people and heads != 1:
        yield None, f"有{heads}名户主" if heads else "没有户主"


@rule("V10", "W", "一户有2名及以上配偶", "核对各成员与户主关系", "all.m.relation")
def spouses(case):
    if len(case.with_relation(SPOUSE)) > 1:
        yield None, ""


@rule(
    "V12", "E", "家庭人口数与成员人数不一致", "核对成员和收入的核算人口", "i.persons", "all.m.name",
    stops="人口由成员计得，不另填；导入表里的人数不符时列为问题",
)  # fmt: skip
def size(case):
    """The typed number went into the year's income; it is judged while that year runs."""
    income, members = case.income, len(case.people)
    if not case.people:
        yield None, "没有成员"
    elif income and income.year >= case.today.year and income.persons and income.persons != members:
        yield None, f"核算人口{income.persons}人，成员{members}人"


@rule("V15", "W", "户主与配偶性别相同", "核对性别", "all.m.relation", "all.m.sex")
def couple(case):
    for one in case.with_relation(HEAD):
        for spouse in case.with_relation(SPOUSE):
            if one.row.sex and one.row.sex == spouse.row.sex:
                yield spouse, ""


@rule(
    "V29", "W", "风险类型与家庭情况不符", "核对风险类型和成员情况", "h.risks", "all.y.health", "all.y.labour",
    "c.self_paid_medical",
)  # fmt: skip
def risks(case):
    if not case.watched:
        return
    held = case.household.risks.split(",")
    known = [person for person in case.people if person.year.health]
    if codes.Risk.DISABILITY in held and known and not any(_disabled(person) for person in known):
        yield None, "风险为因残，户内没有残疾成员"
    if codes.Risk.ILLNESS in held and known:
        if all(person.year.health == codes.Health.HEALTHY for person in known):
            yield None, "风险为因病，户内成员都健康"
        elif case.condition is not None and case.condition.self_paid_medical == 0:
            yield None, "风险为因病，自付医疗支出为0"
    able = sum(person.has_labour for person in case.people)
    if codes.Risk.LABOUR in held and able and able * 2 >= len(case.people):
        yield None, "风险为缺劳动力，半数以上成员有劳动力"
    if codes.Risk.JOB in held and case.people and not able:
        yield None, "风险为务工就业不稳，户内没有劳动力"


def _disabled(person):
    return codes.Health.DISABLED in person.year.health.split(",")


def _shortfalls(case):
    condition = case.condition
    if condition is not None:
        if condition.dangerous or condition.danger_level in codes.UNSAFE:
            yield "住房"
        if condition.water_safe is False or condition.water_solved is False:
            yield "饮水"
    if any(person.year.dropout_reason for person in case.people):
        yield "义务教育"


SHORTFALLS = ("c.dangerous", "c.danger_level", "c.water_safe", "c.water_solved", "all.y.dropout_reason")


@rule(
    "V30",
    "W",
    "存在三保障问题，未纳入监测",
    "解决问题，或按程序纳入监测",
    *SHORTFALLS,
    "h.monitor_category",
    "measures",
)
def unwatched(case):
    if case.household.monitor_category != "0" or case.household.is_assisted or case.measures:
        return
    found = list(_shortfalls(case))
    if found:
        yield None, "、".join(found)


@rule("V31", "W", "联系电话格式不正确", "填11位手机号，或带区号的固定电话", "h.phone", "m.phone")
def phone(case):
    for number, person in case.phones().items():
        if not PHONE.fullmatch(number):
            yield person, ""


@rule("V32", "W", "联系电话与其他户重复", "填本户自己的电话；代收电话的，写明理由", "h.phone", "m.phone")
def same_phone(case):
    """Its basis is the number alone, so that the other households can be found when it changes here."""
    owners = case.phones() if case.shared else {}
    for number in case.shared:
        yield owners[number], "", digest([number])


@rule(
    "V33", "W", "收入与状态不符", "核对收入、劳动力和监测状态", "i.wage", "i.operating", "i.property", "i.transfer",
    "i.expense", "i.persons", "h.registry_status", "h.risk_state", "all.y.labour",
)  # fmt: skip
def income(case):
    held, household = case.income, case.household
    if held is None:
        return
    if held.wage and held.wage > 0 and not any(one.has_labour or one.works for one in case.people):
        yield None, "有工资性收入，户内没有劳动力"
    elif held.wage and 0 < held.wage < 100:
        yield None, "工资性收入不足100元"
    if case.line is None or household.registry_status not in "14" and household.risk_state != "2":
        return
    head_income = per_head(held.net, held.persons)
    if head_income is None:
        return
    if household.registry_status in "14" and head_income > case.line:
        yield None, f"人均纯收入高于{held.year}年标准线，未退出"
    if household.risk_state == "2" and head_income < case.line:
        yield None, f"人均纯收入低于{held.year}年标准线，风险已消除"


@rule(
    "V34", "W", "面积填写异常", "核对面积和单位（亩、㎡）", "c.farmland", "c.forest", "c.returned_forest", "c.orchard",
    "c.house_area", stops="有效灌溉面积大于耕地面积的不能保存",
)  # fmt: skip
def areas(case):
    condition = case.condition
    if condition is None:
        return
    for name, most in MOST:
        value = getattr(condition, name)
        if value is not None and not 0 <= value <= most:
            label = str(Condition._meta.get_field(name).verbose_name).partition("（")[0]
            yield None, f"{label}超过{most}亩" if value > most else f"{label}为负数"
    if condition.house_area is not None and condition.house_area > 500:
        yield None, "住房面积超过500㎡"


@rule(
    "V35", "E", "风险消除条件不满足", "补填收入、解决“三保障”问题；确有风险的，办理风险回退",
    *SHORTFALLS, "i.wage", "i.operating", "i.property", "i.transfer", "h.risk_state", stops=STEP,
)  # fmt: skip
def cleared_too_well(case):
    if case.household.risk_state != "2":
        return
    found = [f"{name}未达标" for name in _shortfalls(case)]
    if case.income is None or case.income.net is None:
        found.append("未填收入")
    if found:
        yield None, "、".join(found)


@rule(
    "V36",
    "E",
    "识别后未满6个月不得消除",
    "核对识别和消除的时间",
    "h.monitored_on",
    "h.cleared_on",
    stops=STEP,
)
def cleared_too_soon(case):
    household = case.household
    if household.risk_state != "2" or not household.monitored_on or not household.cleared_on:
        return
    since, until = household.monitored_on, household.cleared_on
    months = (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
    if months < 6:
        yield None, ""


@rule(
    "V37", "W", "未制定帮扶措施", "登记帮扶措施", "measures", "h.risk_state", "h.registry_status", "cleared_by",
    stops="“帮扶消除”须有帮扶措施，否则不能办理",
)  # fmt: skip
def no_measure(case):
    if case.measures:
        return
    if case.household.risk_state == "2" and case.cleared_by == HELPED:
        yield None, "帮扶消除，没有措施"
    elif case.in_need_since and case.today - case.in_need_since > MONTH:
        yield None, "识别一个月以上"


def _current(case, measure):
    """Open, or done within the last half year."""
    return measure.done_on is None or case.today - measure.done_on <= HALF_YEAR


@rule(
    "V38",
    "W",
    "有劳动力户6个月未落实开发式帮扶",
    "落实产业、就业、金融或公益岗位帮扶",
    "measures",
    "all.y.labour",
)
def undeveloped(case):
    since = case.in_need_since
    if not case.measures or since is None or case.today - since <= HALF_YEAR:
        return  # without any measure it is V37
    if any(person.has_labour for person in case.people) and not any(
        row.kind in DEVELOPING and _current(case, row) for row in case.measures
    ):
        yield None, ""


@rule(
    "V39",
    "W",
    "应标注整户无劳动力兜底保障",
    "在户信息里标注兜底保障，落实低保或特困供养",
    "all.y.labour",
    "h.bottom_line",
)
def bottom_line(case):
    if (
        case.people
        and case.household.is_assisted
        and not case.household.bottom_line
        and all(person.year.labour in ("03", "04") for person in case.people)
    ):
        yield None, ""


def _slight(measure):
    return measure.what.startswith(("其他", "其它")) or "培训" in measure.what


@rule("V40", "W", "帮扶措施过于单一", "补充能增收或能解决问题的措施", "measures")
def slight(case):
    if case.measures and all(_slight(row) for row in case.measures):
        yield None, "只有培训或其他"


@rule("V41", "W", "雨露计划对象不符", "雨露计划的对象应在读中职、高职", "measures", "all.y.school")
def not_vocational(case):
    paid = any("雨露计划" in row.what and _current(case, row) for row in case.measures)
    if paid and not any(person.year.school in IN_VOCATIONAL for person in case.people):
        yield None, ""


@rule("V48", "W", "识别收入偏高，请复核", "复核识别时的收入和支出", "h.monitored_on", "h.identified_on")
def high_income(case):
    household = case.household
    found = [day for day in (household.monitored_on, household.identified_on) if day]
    if not found or max(found).year < HIGH_SINCE:
        return
    years = [year for year in case.incomes if year <= max(found).year]
    held = case.incomes[max(years)] if years else None
    head_income = per_head(held.net, held.persons) if held else None
    if head_income is not None and head_income > HIGH_INCOME:
        yield None, f"{held.year}年人均纯收入{head_income}元", digest([str(max(found)), str(head_income)])


@rule(
    "V50",
    "W",
    "已超过脱贫时限",
    "办理退出或消除；不能按期的，调整时限并写明原因",
    "h.target_end",
    "h.target_text",
)
def overdue(case):
    household = case.household
    if not household.is_assisted:
        return
    if household.target_end is None:
        yield None, "在帮扶的户没有设定时限"
    elif household.target_end < case.today:
        yield None, household.target_text or household.target_end.isoformat()


RULES = [
    head, spouses, size, couple, risks, unwatched, phone, same_phone, income, areas, cleared_too_well,
    cleared_too_soon, no_measure, undeveloped, bottom_line, slight, not_vocational, high_income, overdue,
]  # fmt: skip
