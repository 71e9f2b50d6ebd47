"""What a row of a form says of one household, one person: the fields that lists are imported with, read the other way.

Their spellings are those of the importer (`households.imports.columns`, domain reference 8.4), so that a header that
is understood when a file comes is understood when a form goes out.
"""

import re

from fupin.accounts.pii import FieldClass, masked_fields, under_14
from fupin.excel.cleaning import yes
from fupin.onetable.vocabulary import Entry, OfChild
from households import codes
from households.badges import kind
from households.imports.columns import HOUSE, MEMBER, flag, health
from households.models import Condition, Household, Income, Member, MemberYear

HOUSEHOLD, PERSON = "household", "person"
MODELS = {
    "household": Household,
    "condition": Condition,
    "income": Income,
    "member": Member,
    "year": MemberYear,
}
HEALTH = dict(codes.Health.choices)
NUMBERS = (FieldClass.ID_NUMBER, FieldClass.PHONE)


def worded(model, name, value):
    """A stored value as a form writes it: the label of a code, 是 or 否, a number, a date; "" for unknown."""
    if value is None or value == "":
        return ""
    if name == "health":
        return "、".join(HEALTH[code] for code in value.split(",") if code in HEALTH)
    column = model._meta.get_field(name)
    if column.choices:
        return dict(column.flatchoices).get(value, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return value


def _stored(into):
    """How the value of `into` ("income.wage") is found in a row (home, person or None)."""
    table, _, name = into.partition(".")
    model = MODELS[table]

    numbered = table in ("member", "year") and masked_fields(model).get(name) in NUMBERS

    def value(home, person):
        held = {
            "household": home.row, "condition": home.condition, "income": home.income,
            "member": person.row if person else {}, "year": person.facts if person else {},
        }[table]  # fmt: skip
        told = worded(model, name, held.get(name))
        return _number(person, told) if numbered else told

    return value


def _number(person, text):
    """A number of this person, marked where they are a child."""
    return OfChild(text) if text and person is not None and under_14(person.row["birth"]) else text


NEEDS = {"household": "", "condition": "condition", "income": "income", "member": "people", "year": "people"}


def _cause(home, person):
    return dict(codes.Cause.choices).get(home.causes[0], "") if home.causes else ""


def _head(name):
    def value(home, person):
        head = home.head
        return _number(head, head.row[name]) if head is not None else ""

    return value


def _label(choices, name):
    labels = dict(choices)
    return lambda home, person: labels.get(person.row[name], "") if person else ""


def _helper(n, position=0):
    return lambda home, person: home.helpers[position][n] if len(home.helpers) > position else ""


RISKS = dict(codes.RiskState.choices) | {"0": ""}
CATEGORIES = dict(codes.MonitorCategory.choices) | {"0": ""}

OWN = {
    "hh_no": ("", lambda home, person: home.row["number"]),
    "head_name": ("people", lambda home, person: home.row["head_name"]),
    "size": ("", lambda home, person: home.row["size"]),
    "hh_type": ("", lambda home, person: kind(home.row["registry_status"], home.row["monitor_category"], home.row["dibao"], home.row["tekun"])),
    "is_poor": ("", lambda home, person: "是" if home.row["registry_status"] in "1234" else "否"),
    "monitor": ("", lambda home, person: CATEGORIES[home.row["monitor_category"]]),
    "risk_cleared": ("", lambda home, person: {"2": "是", "1": "否", "3": "否"}.get(home.row["risk_state"], "")),
    "risk_date": ("", lambda home, person: home.row["monitored_on"]),
    "cleared_date": ("", lambda home, person: home.row["cleared_on"]),
    "date_in": ("", lambda home, person: home.row["identified_on"] or home.row["identified_text"]),
    "house_dibao": ("", lambda home, person: "是" if home.row["dibao"] else "否"),
    "house_tekun": ("", lambda home, person: "是" if home.row["tekun"] else "否"),
    "cause": ("causes", _cause),
    "causes2": ("causes", lambda home, person: "、".join(dict(codes.Cause.choices)[code] for code in home.causes[1:])),
    "net": ("income", lambda home, person: home.net),
    "percap": ("income", lambda home, person: home.per_capita),
    "danger": ("condition", lambda home, person: worded(Condition, "danger_level", home.condition.get("danger_level")) or worded(Condition, "dangerous", home.condition.get("dangerous"))),
    "name": ("people", lambda home, person: person.row["name"] if person else ""),
    "id": ("people", lambda home, person: _number(person, person.row["id_number"] or person.row["id_text"]) if person else _head("id_number")(home, person)),
    "relation": ("people", lambda home, person: person.row["relation_text"] or dict(codes.Relation.choices)[person.row["relation"]] if person else ""),
    "sex": ("people", _label(codes.Sex.choices, "sex")),
    "birth": ("people", lambda home, person: person.row["birth"] if person else ""),
    "ethnicity": ("people", lambda home, person: person.row["ethnic_text"] or dict(codes.ETHNIC).get(person.row["ethnic"], "") if person else ""),
    "politics": ("people", lambda home, person: worded(MemberYear, "politics", person.get("politics")) if person else ""),
    "disabled": ("people", lambda home, person: ("是" if "04" in (person.get("health") or "").split(",") else "否") if person and person.facts else ""),
}  # fmt: skip
ALSO = {
    "medical": ("是否参加医保", "参加医保", "医保", "医疗保险", "是否参保"), "pension_paid": ("是否参加养老保险", "养老保险", "是否参加居民养老保险"),
    "work_income": ("年收入", "务工年收入", "务工收入"), "student": ("就读情况", "在校状况"), "size": ("家庭成员人数",), "hh_phone": ("户主联系方式",),
}  # fmt: skip
"""Spellings of forms beside those of files that are imported."""
SKIPPED = {"parent_no", "row_version", "collected", "note", "role"}
PII = {"id": FieldClass.ID_NUMBER, "disabled": FieldClass.HEALTH, "hh_phone": FieldClass.PHONE}

MORE = [
    ("age", "年龄", PERSON, ("周岁", "实际年龄"), "people", lambda home, person: person.age if person else "", None),
    ("head_sex", "户主性别", HOUSEHOLD, (), "people", lambda home, person: dict(codes.Sex.choices).get(_head("sex")(home, person), ""), None),
    ("head_id", "户主证件号码", HOUSEHOLD, ("户主身份证号码", "户主身份证号", "户主身份证", "户主公民身份号码"), "people", _head("id_number"), FieldClass.ID_NUMBER),
    ("head_age", "户主年龄", HOUSEHOLD, (), "people", lambda home, person: home.head.age if home.head else "", None),
    ("labour_size", "劳动力人数", HOUSEHOLD, ("劳动力", "劳动力数", "劳力数", "劳力", "家庭劳动力"), "people", lambda home, person: home.row["labour"], None),
    ("risk", "风险状态", HOUSEHOLD, ("风险情况",), "", lambda home, person: RISKS[home.row["risk_state"]], None),
    ("target", "计划脱贫（消除）时限", HOUSEHOLD, ("计划脱贫时间", "计划脱贫年度", "脱贫时限", "计划时限", "计划消除时间"), "", lambda home, person: home.row["target_text"], None),
    ("helper", "帮扶责任人", HOUSEHOLD, ("帮扶干部", "帮扶人", "包户干部", "联系人", "责任人", "结对干部", "帮扶责任人姓名", "帮扶联系人"), "helpers", _helper(0), None),
    ("helper_unit", "帮扶责任人单位", HOUSEHOLD, ("帮扶单位", "责任人单位", "帮扶干部单位", "结对单位", "所在单位", "单位名称", "单位"), "helpers", _helper(1), None),
    ("helper_rank", "帮扶责任人职务", HOUSEHOLD, ("责任人职务", "职务", "帮扶干部职务"), "helpers", _helper(2), None),
    ("helper_phone", "帮扶责任人电话", HOUSEHOLD, ("责任人电话", "帮扶干部电话", "帮扶责任人联系电话", "帮扶人电话"), "helpers", _helper(3), FieldClass.PHONE),
    ("last_visit", "最近走访日期", HOUSEHOLD, ("最近走访", "最近走访时间", "最后走访日期"), "visits", lambda home, person: home.row["last_visit_on"], None),
    ("steps", "帮扶措施内容", HOUSEHOLD, ("帮扶措施", "措施", "帮扶措施情况", "落实的帮扶措施", "主要帮扶措施"), "measures",
     lambda home, person: "；".join(row["what"] for row in home.measures), None),
    ("house_remark", "户备注", HOUSEHOLD, (), "", lambda home, person: home.row["remark"], FieldClass.NOTE),
    ("village_helper", "村帮扶单位", HOUSEHOLD, ("帮扶单位（盖章）", "帮扶单位盖章"), "profile", lambda home, person: home.profile.helping_unit if home.profile else "", None),
]  # fmt: skip
"""key, label, row, spellings, needs, value, personal."""

PLACES = [
    ("county", "县", ("县区", "县（市、区）", "县市区", "所在县"), 0), ("town", "乡镇", ("乡", "镇", "乡（镇）", "街道", "所在乡镇", "乡镇名称", "所属乡镇"), 1),
    ("village", "行政村", ("村", "所属村", "村（居）委会", "村名", "村名称", "所在村", "行政村名称", "贫困村", "脱贫村", "村别", "村（社区）"), 2),
    ("group", "村民小组", ("组", "所在组", "自然村", "社", "屯", "组别"), 3),
]  # fmt: skip


def reader(item):
    """What an import understands by a text of this field; None where it has no words of its own."""
    own = {
        "ethnicity": codes.ethnic_code,
        "hh_type": _kind_read,
        "is_poor": yes,
        "risk_cleared": yes,
        "disabled": yes,
    }
    if item.name in own:
        return own[item.name]
    if item.choices is not None and item.name != "causes2":
        return lambda text: codes.code_of(item.choices, text)
    return item.clean if item.into and item.clean in (flag, health) else None


def _kind_read(text):
    """户类型 as a code: the register's word, or a monitored category; the words in brackets after it are left out."""
    text = re.sub(r"[(（].*", "", text)
    return codes.code_of(codes.MonitorCategory, text) or codes.HOUSEHOLD_KINDS.get(codes.plain(text))


READ = {}
"""`{key of an entry: (needs, value(home, person))}`"""
ENTRIES = []


def _offer(key, label, row, names, needs, value, pii=None, unit="", reads=None):
    ENTRIES.append(Entry(key, label, row, names, value, unit, pii, reads))
    READ[key] = (needs, value)


for _items, _row in ((HOUSE, HOUSEHOLD), (MEMBER, PERSON)):
    for _item in _items:
        if _item.name in SKIPPED or not (_item.into or _item.name in OWN):
            continue
        if _item.name in OWN:
            _needs, _value = OWN[_item.name]
        else:
            _needs, _value = NEEDS[_item.into.partition(".")[0]], _stored(_item.into)
        _unit = (
            "元" if _item.into.startswith("income.") or _item.name in ("net", "percap", "work_income") else ""
        )
        if _item.name in (
            "land",
            "irrigated",
            "forest",
            "returned_forest",
            "orchard",
            "pasture",
            "water_surface",
        ):
            _unit = "亩"
        _offer(
            _item.name,
            _item.label,
            _row,
            (*_item.headers, *ALSO.get(_item.name, ())),
            _needs,
            _value,
            _item.pii or PII.get(_item.name),
            _unit,
            reader(_item),
        )
MORE_READ = {"head_sex": codes.Sex, "risk": codes.RiskState}
for _key, _label, _row, _names, _needs, _value, _pii in MORE:
    _table = MORE_READ.get(_key)
    _offer(
        _key,
        _label,
        _row,
        _names,
        _needs,
        _value,
        _pii,
        reads=(lambda text, t=_table: codes.code_of(t, text)) if _table else None,
    )
for _key, _label, _names, _n in PLACES:
    _offer(_key, _label, HOUSEHOLD, _names, "places", (lambda n: lambda home, person: home.places[n])(_n))

ENTRIES = tuple(ENTRIES)
