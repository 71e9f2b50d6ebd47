"""数据体检: the rules that find doubtful households, as a list (domain reference 3.9; numbers are its own).

A rule looks at one household read whole (`Case`) and yields what it found. `check()` reads households in bulk, a
fixed number of queries per 500, and brings the Doubt rows up to date: what is still found keeps its explanation,
what is no longer found goes. Severity E cannot be typed into the form, but may arrive by import; W never blocks.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from fupin.audit.record import record
from fupin.bulk import delete_rows, insert_rows
from fupin.regions.models import Level, Region
from households import codes, idcard, kept
from households.models import Condition, Doubt, Household, HouseholdCause, Income, Member, MemberYear
from households.models.bare import bare, read

CHUNK = 500
DOUBT = ("household", "rule", "member", "message", "region_path", "found_on")
"""Columns of a new finding."""

BareHousehold = bare(Household, "is_assisted")
BareMember = bare(Member, "age_on")
BareYear, BareCondition, BareIncome, BareCause = map(bare, (MemberYear, Condition, Income, HouseholdCause))

PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")
WORKING_AGE = range(16, 60)
SCHOOL_AGE = range(6, 16)
STUDENT = {value for value in codes.School.values if value not in ("00", "01")}
LABOURING = set(codes.WORKING) | {codes.Labour.WEAK}


@dataclass
class Person:
    """One active member with the facts of the newest year."""

    row: Member
    year: MemberYear
    age: int | None
    today: date
    _read: idcard.IdNumber = None

    @property
    def read(self):
        """The ID number read again; an empty reading for papers that are no citizen number."""
        if self._read is None:
            number = self.row.id_number if self.row.id_type in ("01", "03") else ""
            self._read = idcard.read(number, self.today)
        return self._read

    @property
    def is_student(self):
        return self.year.school in STUDENT

    @property
    def has_labour(self):
        return self.year.labour in LABOURING

    @property
    def works(self):
        return bool(self.year.work_months or self.year.work_area)


@dataclass
class Case:
    """One household as the rules see it."""

    household: Household
    today: date
    people: list = field(default_factory=list)
    condition: Condition = None
    income: Income = None
    causes: list = field(default_factory=list)
    has_measure: bool = False
    provinces: frozenset = frozenset()

    def with_relation(self, relation):
        return [person for person in self.people if person.row.relation == relation]


@dataclass(frozen=True)
class Rule:
    """`find(case)` yields `(person or None, words)`; words "" take the rule's own message."""

    code: str
    severity: str
    message: str
    find: Callable


RULES = []


def rule(code, severity, message):
    """Add the function to RULES as one rule over a household."""

    def add(find):
        RULES.append(Rule(code, severity, message, find))
        return find

    return add


def each(code, severity, message):
    """Add the function to RULES as one rule over every member: true is a finding, a text is its words."""

    def add(test):
        def find(case):
            for person in case.people:
                found = test(person, case)
                if found:
                    yield person, found if isinstance(found, str) else ""

        RULES.append(Rule(code, severity, message, find))
        return test

    return add


@each("V01", "E", "证件号码校验位不正确")
def _check_digit(person, case):
    return person.read.problem in (idcard.CHECK_DIGIT, idcard.PRECISION_LOST)


@each("V02", "E", "证件号码长度应为18位")
def _length(person, case):
    return person.read.problem in (idcard.LENGTH, idcard.CHARS)


@each("V04", "E", "证件号码中的出生日期无效")
def _birth_in_number(person, case):
    return person.read.problem in (idcard.BIRTH_INVALID, idcard.BIRTH_FUTURE)


@each("V05", "W", "证件号码前6位未查到，请核对")
def _region(person, case):
    """By province only: counties come and go, and the number keeps the code of its first day."""
    number = person.read.number
    return bool(number) and not number.startswith("99") and number[:2] not in case.provinces


@each("V06", "W", "性别与证件号码不一致")
def _sex(person, case):
    return bool(person.read.sex and person.row.sex and person.read.sex != person.row.sex)


@each("V07", "W", "出生日期与证件号码不一致")
def _birth(person, case):
    return bool(person.read.birth and person.row.birth and person.read.birth != person.row.birth)


@rule("V08", "E", "每户须有且只有1名户主")
def _head(case):
    if case.people and len(case.with_relation("01")) != 1:
        yield None, ""


@rule("V10", "W", "一户有2名及以上配偶")
def _spouses(case):
    if len(case.with_relation("02")) > 1:
        yield None, ""


@rule("V12", "E", "户内没有成员")
def _size(case):
    if not case.people:
        yield None, ""


@each("V13", "W", "年龄异常")
def _age(person, case):
    return person.age is not None and not 0 <= person.age <= 110


@each("V14", "W", "与户主关系与性别不符")
def _relation_sex(person, case):
    implied = codes.RELATION_SEX.get(person.row.relation)
    return bool(implied and person.row.sex and implied != person.row.sex)


@rule("V15", "W", "户主与配偶性别相同")
def _couple(case):
    for head in case.with_relation("01"):
        for spouse in case.with_relation("02"):
            if head.row.sex and head.row.sex == spouse.row.sex:
                yield spouse, ""


@each("V16", "W", "文化程度与在校生状况应二选一")
def _education(person, case):
    learned = person.year.education not in ("", "07")
    at_school = person.year.school not in ("", "00")
    return (
        learned
        and at_school
        or (
            not person.year.education
            and not person.year.school
            and person.age is not None
            and person.age >= 6
        )
    )


@each("V17", "E", "义务教育阶段未在校，须填写原因")
def _compulsory(person, case):
    return person.age in SCHOOL_AGE and not person.is_student and not person.year.dropout_reason


@each("V18", "W", "学龄状况与年龄不符")
def _preschool(person, case):
    return (
        person.age is not None
        and person.age >= 7
        and (person.year.school == "01" or person.year.education == "07")
    )


@each("V19", "W", "16周岁以下劳动技能应为无劳动力")
def _child_labour(person, case):
    return person.age is not None and person.age < 16 and person.year.labour not in ("", "04")


@each("V20", "W", "劳动能力与年龄、健康状况不符")
def _idle(person, case):
    return (
        person.age in WORKING_AGE
        and person.year.health == "01"
        and not person.is_student
        and person.year.labour in ("04", "05")
    )


@each("V21", "W", "劳动技能填写存疑")
def _labour(person, case):
    labour = person.year.labour
    return (
        (person.age is not None and person.age >= 60 and labour in codes.WORKING)
        or (person.is_student and labour not in ("", "04"))
        or (labour == "03" and person.works)
    )


@each("V22", "W", "医疗保险状况存疑")
def _medical(person, case):
    resident, employee = person.year.medical_resident, person.year.medical_employee
    return resident is not None and resident == employee


@each("V23", "W", "健康状况为残疾，未登记残疾证号")
def _certificate(person, case):
    return "04" in person.year.health.split(",") and not person.year.disability_no


@each("V24", "W", "残疾证号与身份证号不一致")
def _certificate_matches(person, case):
    number = person.year.disability_no
    if not number:
        return False
    if person.row.id_number and number[:18] != person.row.id_number:
        return True
    if len(number) < 20:
        return "残疾证号长度应为20位"
    kind, level = person.year.disability_kind, person.year.disability_level
    if kind and kind != number[18] or level and level != number[19]:
        return "残疾类别或等级与残疾证号不一致"
    return False


@each("V25", "W", "务工时间与务工地点应同时填写")
def _work(person, case):
    months = person.year.work_months
    somewhere = bool(person.year.work_area or person.year.work_place)
    return bool(months) != somewhere or (months is not None and months > 12)


@each("V26", "W", "务工地点须填到县")
def _work_place(person, case):
    return person.year.work_area in ("02", "03", "04") and not person.year.work_place


@each("V27", "W", "公益岗位信息存疑")
def _post(person, case):
    held = bool(person.year.post_kind)
    return held != bool(person.year.post_months) or (
        held and person.age is not None and not 16 <= person.age < 70
    )


@each("V28", "W", "存在无劳动力却务工的情况")
def _cannot_work(person, case):
    return person.works and (person.is_student or person.year.labour == "04" or bool(person.year.tekun))


@rule("V29", "W", "风险类型与家庭情况不符")
def _risks(case):
    if case.household.risk_state not in ("1", "3"):
        return
    risks = case.household.risks.split(",")
    known = [person for person in case.people if person.year.health]
    if "03" in risks and known and not any("04" in person.year.health.split(",") for person in known):
        yield None, "风险为因残，户内没有残疾成员"
    if "01" in risks and known and all(person.year.health == "01" for person in known):
        yield None, "风险为因病，户内成员都健康"
    if "07" in risks and case.people and not any(person.has_labour for person in case.people):
        yield None, "风险为务工就业不稳，户内没有劳动力"


def _shortfalls(case):
    condition = case.condition
    if condition is not None:
        if condition.dangerous or condition.danger_level in codes.UNSAFE:
            yield "住房"
        if condition.water_safe is False or condition.water_solved is False:
            yield "饮水"
    if any(person.year.dropout_reason for person in case.people):
        yield "义务教育"


@rule("V30", "W", "存在三保障问题，未纳入监测")
def _unwatched(case):
    household = case.household
    if household.risk_state in ("1", "3") or household.is_assisted or case.has_measure:
        return
    found = list(_shortfalls(case))
    if found:
        yield None, f"存在{'、'.join(found)}安全问题，未纳入监测，也没有帮扶措施"


@rule("V31", "W", "联系电话格式不正确")
def _phone(case):
    if case.household.phone and not PHONE.fullmatch(case.household.phone):
        yield None, ""
    for person in case.people:
        if person.row.phone and not PHONE.fullmatch(person.row.phone):
            yield person, ""


@rule("V33", "W", "收入与状态不符")
def _income(case):
    income = case.income
    if income is None:
        return
    if (
        income.wage
        and income.wage > 0
        and not any(person.has_labour or person.works for person in case.people)
    ):
        yield None, "有工资性收入，户内没有劳动力"
    elif income.wage and 0 < income.wage < 100:
        yield None, "工资性收入不足 100 元"


@rule("V34", "W", "面积填写异常")
def _areas(case):
    condition = case.condition
    if condition is None:
        return
    for name, most in (("farmland", 100), ("forest", 200), ("returned_forest", 200), ("orchard", 200)):
        value = getattr(condition, name)
        if value is not None and value > most:
            yield None, f"{Condition._meta.get_field(name).verbose_name}超过 {most}"
    if condition.house_area is not None and condition.house_area > 500:
        yield None, "住房面积超过 500 ㎡"


@rule("V39", "W", "应标注整户无劳动力兜底保障")
def _bottom_line(case):
    if (
        case.people
        and case.household.is_assisted
        and not case.household.bottom_line
        and all(person.year.labour in ("03", "04") for person in case.people)
    ):
        yield None, ""


@each("V43", "W", "健康状况填写矛盾")
def _health(person, case):
    values = person.year.health.split(",") if person.year.health else []
    if not values:
        return "健康状况未填"
    return "01" in values and len(values) > 1


@rule("V44", "E", "致贫原因重复/超限")
def _causes(case):
    found = [row.cause for row in case.causes]
    if len(found) > 3 or len(set(found)) < len(found):
        yield None, ""


@each("V45", "W", "保障类信息未填")
def _secured(person, case):
    return person.year.medical_resident is None and person.year.medical_employee is None


@rule("V47", "E", "监测对象类别与建档立卡状态不符")
def _category(case):
    household = case.household
    category, status = household.monitor_category, household.registry_status
    if (category == "1" and status in ("0", "1", "2")) or (
        category == "2" and status in ("1", "2", "3", "4")
    ):
        yield None, ""


@rule("V50", "W", "已超过脱贫时限")
def _overdue(case):
    household = case.household
    if not household.is_assisted:
        return
    if household.target_end is None:
        yield None, "在帮扶的户没有设定时限"
    elif household.target_end < case.today:
        yield None, f"已超过时限 {household.target_text or household.target_end.isoformat()}"


BY_CODE = {entry.code: entry for entry in RULES}
SEVERITY_LABELS = {"E": "错误", "W": "疑点"}


def findings(case):
    """`[(rule, member id or None, message)]` for one household."""
    found = []
    for entry in RULES:
        for person, words in entry.find(case):
            member = None if person is None else person.row.pk
            found.append((entry.code, member, words or entry.message))
    return found


@transaction.atomic
def explain(doubt, *, reason, by):
    """Somebody looked: the data is right as it is. The finding stays on record, and no longer counts."""
    doubt.explained, doubt.explained_by = reason, by
    doubt.save(update_fields=["explained", "explained_by"])
    kept.refresh([doubt.household_id], names=False)
    record("household.doubt_explain", doubt.household, by=by, rule=doubt.rule, reason=reason)


@transaction.atomic
def check(household_ids, *, today=None):
    """Bring the doubts of these households up to date; returns how many findings are new.

    Call before `kept.refresh`, in the action's transaction. Findings that are still true keep their row and
    their explanation.
    """
    today = today or timezone.localdate()
    ids = sorted(set(household_ids))
    provinces = (
        frozenset(Region.objects.filter(level=Level.PROVINCE).values_list("path", flat=True))
        if ids
        else frozenset()
    )
    return sum(
        _store(cases(ids[start : start + CHUNK], today, provinces), today)
        for start in range(0, len(ids), CHUNK)
    )


def _store(found_cases, today):
    ids = [case.household.pk for case in found_cases]
    rows = Doubt.objects.filter(household__in=ids).order_by()
    held = {tuple(key): pk for pk, *key in rows.values_list("pk", *DOUBT[:4])}
    found = {
        (case.household.pk, code, member, message): case.household.region_path
        for case in found_cases
        for code, member, message in findings(case)
    }
    delete_rows(Doubt, [pk for key, pk in held.items() if key not in found])
    fresh = [(*key, path, today) for key, path in found.items() if key not in held]
    insert_rows(Doubt, DOUBT, fresh, derived=True)
    return len(fresh)


def cases(ids, today, provinces=frozenset()):
    """These households as the rules see them: eight queries, however many."""
    active = Household.objects.filter(pk__in=ids).exclude(registry_status="9").order_by("pk")
    found = {row.id: Case(row, today, provinces=provinces) for row in read(BareHousehold, active)}
    empty = BareYear()
    facts = MemberYear.objects.filter(member__household__in=found, member__left_on=None).order_by("year")
    years = {row.member_id: row for row in read(BareYear, facts)}
    members = Member.objects.filter(household__in=found, left_on=None).order_by("order", "pk")
    for member in read(BareMember, members):
        person = Person(member, years.get(member.id, empty), member.age_on(today), today)
        found[member.household_id].people.append(person)
    for row in read(BareCondition, Condition.objects.filter(household__in=found).order_by("year")):
        found[row.household_id].condition = row
    for row in read(BareIncome, Income.objects.filter(household__in=found).order_by("year")):
        found[row.household_id].income = row
    causes = defaultdict(dict)
    listed = HouseholdCause.objects.filter(household__in=found).order_by("year", "rank")
    for row in read(BareCause, listed):
        causes[row.household_id].setdefault(row.year, []).append(row)
    for household, by_year in causes.items():
        found[household].causes = by_year[max(by_year)]
    held = (
        Household.objects.filter(pk__in=found, measures__isnull=False).values_list("pk", flat=True).distinct()
    )
    for household in held.order_by("pk"):
        found[household].has_measure = True
    return list(found.values())
