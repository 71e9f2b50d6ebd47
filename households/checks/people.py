"""Rules over one member at a time (V01 to V28, V43, V45, V49 of domain reference 3.9)."""

from households import codes, idcard
from households.checks.rules import each

FORM = "户表单不能保存；导入时该行不入库"
WORKING_AGE = range(16, 60)
SCHOOL_AGE = range(6, 16)
UNSCHOOLED = codes.Education.PRESCHOOL.value
NO_SCHOOL, PRESCHOOL = codes.School.NOT.value, codes.School.PRESCHOOL.value
NO_LABOUR, WEAK, LOST = codes.Labour.NONE.value, codes.Labour.WEAK.value, codes.Labour.LOST.value
HEALTHY, DISABLED = codes.Health.HEALTHY.value, codes.Health.DISABLED.value
LEAST_YEAR = 2020
"""The insurance of a member must be known from this data year on."""


@each("V01", "E", "证件号码校验位不正确", "与证件原件核对后改正", "m.id_number", stops=FORM, of="misread")
def check_digit(person, case):
    return person.read.problem in (idcard.CHECK_DIGIT, idcard.PRECISION_LOST)


@each(
    "V02",
    "E",
    "证件号码长度应为18位",
    "补齐号码；残疾人证号填在残疾证号一栏",
    "m.id_number",
    stops=FORM,
    of="misread",
)
def length(person, case):
    return person.read.problem == idcard.LENGTH


@each("V04", "E", "证件号码中的出生日期无效", "与证件原件核对后改正", "m.id_number", stops=FORM, of="misread")
def birth_in_number(person, case):
    return person.read.problem in (idcard.BIRTH_INVALID, idcard.BIRTH_FUTURE)


@each("V05", "W", "证件号码前6位未查到，请核对", "核对户籍地；已撤并的区划无误的，写明理由", "m.id_number")
def region(person, case):
    """By province only: counties come and go, and the number keeps the code of its first day."""
    place = person.read.number[:2]
    return bool(place) and place not in case.provinces and place != "99"


@each("V06", "W", "性别与证件号码不一致", "以证件为准改正性别", "m.sex", "m.id_number")
def sex(person, case):
    told, written = person.read.sex, person.row.sex
    return bool(told != written and told and written)


@each("V07", "W", "出生日期与证件号码不一致", "以证件为准改正出生日期", "m.birth", "m.id_number")
def birth(person, case):
    told, written = person.read.birth, person.row.birth
    return bool(told is not written and told and written and told != written)


@each("V13", "W", "年龄异常", "核对出生日期；已去世的，登记减少原因", "m.birth")
def age(person, case):
    return person.age is not None and not 0 <= person.age <= 110


@each("V14", "W", "与户主关系与性别不符", "核对关系和性别", "m.relation", "m.sex")
def relation_sex(person, case):
    implied = codes.RELATION_SEX.get(person.row.relation)
    return bool(implied and person.row.sex and implied != person.row.sex)


@each(
    "V16", "W", "文化程度与在校生状况应二选一", "在校的只填在校生状况，不在校的只填文化程度",
    "y.education", "y.school", "m.birth",
)  # fmt: skip
def education(person, case):
    learned, school = person.year.education, person.year.school
    if learned not in ("", UNSCHOOLED) and school not in ("", NO_SCHOOL):
        return "两项都填了"
    return "两项都没填" if not learned and not school and person.older_than(6) else False


@each(
    "V17", "E", "义务教育阶段未在校，须填写原因", "填在校生状况，或失学辍学原因",
    "m.birth", "y.school", "y.dropout_reason", stops="户表单不能保存",
    of="minor",
)  # fmt: skip
def compulsory(person, case):
    return person.age in SCHOOL_AGE and not person.is_student and not person.year.dropout_reason


@each("V18", "W", "学龄状况与年龄不符", "满7周岁的不再是学龄前儿童", "m.birth", "y.school", "y.education")
def preschool(person, case):
    return person.older_than(7) and (person.year.school == PRESCHOOL or person.year.education == UNSCHOOLED)


@each("V19", "W", "16周岁以下劳动技能应为无劳动力", "改为无劳动力", "m.birth", "y.labour", of="minor")
def child_labour(person, case):
    return person.younger_than(16) and person.year.labour not in ("", NO_LABOUR)


@each("V20", "W", "劳动能力与年龄、健康状况不符", "核对劳动技能和健康状况", "m.birth", "y.labour", "y.health")
def idle(person, case):
    return (
        person.year.labour in (NO_LABOUR, WEAK)
        and person.year.health == HEALTHY
        and person.age in WORKING_AGE
        and not person.is_student
    )


@each(
    "V21", "W", "劳动技能填写存疑", "核对劳动技能", "m.birth", "y.labour", "y.school", "y.work_area", "y.work_months"
)  # fmt: skip
def labour(person, case):
    held = person.year.labour
    if person.older_than(60) and held in codes.WORKING:
        return "60周岁及以上为普通或技能劳动力"
    if person.is_student and held not in ("", NO_LABOUR):
        return "在校生应为无劳动力"
    return "丧失劳动力却在务工" if held == LOST and person.works else False


@each(
    "V22",
    "W",
    "医疗保险状况存疑",
    "居民医保和职工医保有且只有一项为是",
    "y.medical_resident",
    "y.medical_employee",
)
def medical(person, case):
    resident, employee = person.year.medical_resident, person.year.medical_employee
    if resident is None or resident != employee:
        return False
    return "居民医保和职工医保都填了是" if resident else "居民医保和职工医保都填了否"


@each(
    "V23",
    "W",
    "健康状况为残疾，未登记残疾证号",
    "登记残疾证号；未办证的，写明理由",
    "y.health",
    "y.disability_no",
)
def certificate(person, case):
    held = person.year.health
    return held not in ("", HEALTHY) and DISABLED in held.split(",") and not person.year.disability_no


@each(
    "V24", "W", "残疾证号与身份证号不一致", "核对残疾证", "y.disability_no", "m.id_number", "y.disability_kind",
    "y.disability_level",
    of="certified",
)  # fmt: skip
def certificate_matches(person, case):
    number = person.year.disability_no
    if not number:
        return False
    if person.row.id_number and number[:18] != person.row.id_number:
        return True
    if len(number) < 20:
        return "残疾证号应为20位"
    kind, level = person.year.disability_kind, person.year.disability_level
    return "类别或等级不符" if kind and kind != number[18] or level and level != number[19] else False


@each(
    "V25", "W", "务工时间与务工地点应同时填写", "两项都填，务工时间为1至12个月", "y.work_months", "y.work_area",
    "y.work_place",
    of="working",
)  # fmt: skip
def work(person, case):
    months = person.year.work_months
    somewhere = bool(person.year.work_area or person.year.work_place)
    if months is not None and months > 12:
        return "务工时间超过12个月"
    return bool(months) != somewhere


@each(
    "V26", "W", "务工地点须填到县", "补填务工所在的县（市、区）", "y.work_area", "y.work_place", of="working"
)
def work_place(person, case):
    return person.year.work_area in ("02", "03", "04") and not person.year.work_place


@each(
    "V27",
    "W",
    "公益岗位信息存疑",
    "岗位类型和月数都填；年龄应为16至69周岁",
    "y.post_kind",
    "y.post_months",
    "m.birth",
)
def post(person, case):
    held = bool(person.year.post_kind)
    if held != bool(person.year.post_months):
        return "类型和月数只填了一项"
    return "年龄不在16至69周岁" if held and person.age is not None and not 16 <= person.age < 70 else False


@each(
    "V28", "W", "存在无劳动力却务工的情况", "核对务工情况和劳动技能", "y.work_area", "y.work_months", "y.school",
    "y.labour", "y.tekun",
    of="working",
)  # fmt: skip
def cannot_work(person, case):
    return person.works and (person.is_student or person.year.labour == NO_LABOUR or bool(person.year.tekun))


@each(
    "V43",
    "E",
    "健康状况填写矛盾",
    "健康的不能再选其他；未填的补填",
    "y.health",
    stops="户表单：选了健康，不能再选其他",
)
def health(person, case):
    held = person.year.health
    if not held:
        return "未填"
    return "健康又选了其他" if "," in held and HEALTHY in held.split(",") else False


@each(
    "V45", "W", "保障类信息未填", "补填医疗、养老保险和低保情况", "y.medical_resident", "y.medical_employee",
    "y.pension_resident", "y.pension_employee", "y.pension_received", "y.dibao", "m.birth",
)  # fmt: skip
def secured(person, case):
    year = person.year
    if year.year is not None and year.year < LEAST_YEAR:
        return False
    missing = []
    if year.medical_resident is None and year.medical_employee is None:
        missing.append("医疗保险")
    pensions = (year.pension_resident, year.pension_employee, year.pension_received)
    if person.older_than(16) and not person.is_student and all(value is None for value in pensions):
        missing.append("养老保险")
    if year.dibao is None and (case.condition is None or case.condition.dibao is None):
        missing.append("低保")
    return "、".join(missing)


@each(
    "V49",
    "E",
    "非身份证号",
    "填公民身份号码；没有的，证件类型选无证",
    "m.id_number",
    stops=FORM,
    of="misread",
)
def no_citizen_number(person, case):
    return person.read.problem == idcard.CHARS and not person.read.masked


RULES = [
    check_digit, length, birth_in_number, region, sex, birth, age, relation_sex, education, compulsory, preschool,
    child_labour, idle, labour, medical, certificate, certificate_matches, work, work_place, post, cannot_work,
    health, secured, no_citizen_number,
]  # fmt: skip
