"""L02 全量台账: one line a person with every column that the import of households reads, so that it can be read back.

The columns are those of `households.imports.columns`; a test holds that what is exported and imported is exported the
same again, cell for cell. Facts by year are those of the data year alone: of an older year they would be read back into
the wrong one. Left out are 上级户编号, 是否贫困户, 人均纯收入 and 是否残疾, which an import only reads to check others.
"""

from collections import defaultdict
from functools import cache

from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.batched import batched
from fupin.excel.places import PLACE as PLACES
from fupin.excel.reports import Column, Found, Report
from fupin.excel.sheet import Kind
from fupin.regions.models import Region, ancestors_of
from households import codes
from households.imports.columns import (
    HOUSE,
    MEMBER,
    amount,
    area,
    count,
    date_of,
    flag,
    floor,
    kilometres,
    year,
)
from households.models import Condition, HouseholdCause, Income, Member, MemberYear
from households.models.income import net_of
from households.reports.registers import VERSION
from households.reports.rows import PLACE, filtered, listed

UNUSED = {"parent_no", "row_version", "head_id", "is_poor", "percap", "disabled"}
KINDS = {"0": "一般农户", "1": "未脱贫户", "2": "预脱贫户", "3": "脱贫户", "4": "返贫户"}
"""建档立卡状态 as 户类型 is read back (codes.HOUSEHOLD_KINDS)."""
YES = {True: "是", False: "否"}
FORMATS = {
    amount: (Kind.YUAN, 12), area: (Kind.AREA, 9), floor: (Kind.AREA, 9), kilometres: (Kind.AREA, 9),
    count: (Kind.COUNT, 8), year: (Kind.ORDER, 8), date_of: (Kind.DATE, 11), flag: (Kind.CODE, 8),
}  # fmt: skip
"""How a column is stored, by the function that cleans it; the others are text."""
DATES = ("risk_date", "cleared_date", "birth")
HOUSEHOLD = (
    "id", "number", "version", "region_path", "size", "head_name", "registry_status", "monitor_category", "risk_state",
    "monitored_on", "cleared_on", "identified_on", "identified_text",
)  # fmt: skip


def columns_of(part):
    """`[(field, column of the model)]` of those that go straight into a table: "household", "income", "year" ..."""
    return [
        (item, item.into.partition(".")[2])
        for item in (*HOUSE, *MEMBER)
        if item.into.startswith(f"{part}.") and item.name not in UNUSED
    ]


def words_of(item, value):
    """A stored value as the import reads it back."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return YES[value]
    if item.name == "health":
        return "、".join(HEALTHS[code] for code in value.split(",") if code in HEALTHS)
    if item.choices is not None and isinstance(value, str):
        return _labels(item.choices).get(value, value)
    return value


@cache
def _labels(table):
    """`{code: label}` of a code table: asked for every cell, made once."""
    return dict(table.choices)


HEALTHS, RELATIONS, CAUSES = (dict(t.choices) for t in (codes.Health, codes.Relation, codes.Cause))
MONITORS, RISKS, SEXES = (dict(t.choices) for t in (codes.MonitorCategory, codes.RiskState, codes.Sex))
DANGERS, ETHNICS, POLITICS = dict(codes.DangerLevel.choices), dict(codes.ETHNIC), dict(codes.Politics.choices)


def whole_source(asked):
    found = filtered(asked, today=True)
    rows, chips = listed(asked, found)
    people = asked.visible(Member.objects.active())
    note = (
        f"户和成员为当前情况；收入、条件、致贫原因和成员情况只取 {asked.year} 年度。"
        "改好后可在“导入”页原样导回，脱敏的格导回时不动登记的值；最右边的“数据版本”请不要动。"
    )
    return Found(
        people.filter(household__in=rows.order_by().values("pk")).count(),
        lambda size: _lines(rows.order_by(*PLACE), people, asked.year, size),
        chips,
        note,
    )


_OF_HOUSE, _OF_INCOME, _OF_CONDITION = columns_of("household"), columns_of("income"), columns_of("condition")
_OF_MEMBER, _OF_YEAR = columns_of("member"), columns_of("year")


def _lines(rows, people, year, size):
    names = {}
    wanted = (*HOUSEHOLD, *(column for _, column in _OF_HOUSE))
    for chunk in batched(rows.values_list(*wanted).iterator(chunk_size=size), min(size, 500)):
        yield from _filled(chunk, people, year, names)


def _filled(chunk, people, year, names):
    """The lines of a chunk of households: a fixed number of queries."""
    ids = [row[0] for row in chunk]
    look(ids)
    paths = {part for row in chunk for part in ancestors_of(row[3])} - names.keys()
    if paths:
        names |= Region.objects.names(paths)
    incomes = _by_household(Income.objects, ids, year, *(column for _, column in _OF_INCOME), "stated_net")
    conditions = _by_household(
        Condition.objects, ids, year, *(column for _, column in _OF_CONDITION), "dangerous", "danger_level",
        "legacy_attribute", "bottom_line",
    )  # fmt: skip
    causes = defaultdict(list)
    for household, cause in (
        HouseholdCause.objects.filter(household__in=ids, year=year)
        .order_by("household", "rank")
        .values_list("household", "cause")
    ):
        causes[household].append(CAUSES.get(cause, ""))
    members = defaultdict(list)
    found = people.filter(household__in=ids).order_by("household", "order", "pk").values_list(
        "household", "pk", "name", "relation", "relation_text", "sex", "ethnic", "ethnic_text", "id_number", "id_text",
        "birth", *(column for _, column in _OF_MEMBER),
    )  # fmt: skip
    for household, *person in found:
        members[household].append(person)
    look(members=[person[0] for held in members.values() for person in held])
    facts = _facts([person[0] for held in members.values() for person in held], year)
    for row in chunk:
        home = _house(row, names)
        home |= _income(incomes.get(row[0])) | _condition(conditions.get(row[0]))
        home |= {"owner": row[0], "region_path": row[3]}
        home["cause"], home["causes2"] = (
            causes[row[0]][0] if causes[row[0]] else None,
            "、".join(causes[row[0]][1:]),
        )
        for person in members[row[0]]:
            yield home | _person(person) | facts.get(person[0], {})


def _by_household(rows, ids, year, *columns):
    found = rows.filter(household__in=ids, year=year).order_by()
    return {row[0]: row[1:] for row in found.values_list("household", *columns)}


def _house(row, names):
    base = dict(zip(HOUSEHOLD, row))
    path = base["region_path"]
    home = {
        "province": names.get(path[:2]), "city": names.get(path[:4]), "county": names.get(path[:6]),
        "town": names.get(path[:9]), "village": names.get(path[:12]),
        "group": names.get(path) if len(path) > 12 else None, "hh_no": base["number"], "number": base["number"],
        "version": base["version"], "head_name": base["head_name"], "size": base["size"],
        "hh_type": KINDS.get(base["registry_status"]),
        "date_in": base["identified_text"] or (base["identified_on"] and base["identified_on"].isoformat()),
    }  # fmt: skip
    if base["monitor_category"] != "0":
        home |= {
            "monitor": MONITORS[base["monitor_category"]],
            "risk_cleared": YES[base["risk_state"] == codes.RiskState.CLEARED],
            "risk_state": RISKS[base["risk_state"]],
            "risk_date": base["monitored_on"],
            "cleared_date": base["cleared_on"],
        }
    for (item, _), value in zip(_OF_HOUSE, row[len(HOUSEHOLD) :]):
        home[item.name] = words_of(item, value)
    return home


def _income(values):
    if values is None:
        return {}
    found = {item.name: value for (item, _), value in zip(_OF_INCOME, values)}
    found["net"] = net_of(
        *(found[name] for name in ("wage", "oper", "prop", "transfer", "expense")), values[-1]
    )
    return found


def _condition(values):
    """The year's conditions; 贫困户属性 and 兜底保障户 as the year has them, where it has."""
    if values is None:
        return {}
    found = {item.name: words_of(item, value) for (item, _), value in zip(_OF_CONDITION, values)}
    dangerous, level, legacy, bottom = values[-4:]
    found["danger"] = DANGERS.get(level) or YES.get(dangerous)
    if legacy:
        found["poor_attr"] = dict(codes.LegacyAttribute.choices).get(legacy)
    if bottom is not None:
        found["bottom_line"] = YES[bottom]
    return found


def _person(person):
    _, name, relation, relation_text, sex, ethnic, ethnic_text, number, number_text, birth, *rest = person
    other = relation == codes.Relation.OTHER and relation_text
    return {
        "name": name, "relation": relation_text if other else RELATIONS.get(relation), "sex": SEXES.get(sex),
        "ethnicity": ETHNICS.get(ethnic) or ethnic_text, "id": number or number_text, "birth": birth,
    } | {item.name: words_of(item, value) for (item, _), value in zip(_OF_MEMBER, rest)}  # fmt: skip


def _facts(keys, year):
    """`{member: columns}` of the data year."""
    found = {}
    columns = [column for _, column in _OF_YEAR]
    rows = MemberYear.objects.unscoped("hanging").filter(member__in=keys, year=year).order_by()
    for member, politics, activist, role, *values in rows.values_list(
        "member", "politics", "activist", "role_note", *columns
    ):
        found[member] = {item.name: words_of(item, value) for (item, _), value in zip(_OF_YEAR, values)}
        found[member] |= {"politics": "入党积极分子" if activist else POLITICS.get(politics), "role": role}
    return found


def _column(item):
    kind, width = FORMATS.get(item.clean, (Kind.CODE, 12))
    if item.name in DATES:
        kind, width = Kind.DATE, 11
    elif item.name == "size":
        kind, width = Kind.COUNT, 6
    elif item.name == "net":
        kind, width = Kind.YUAN, 12
    elif item.name in ("hh_no", "id", "bank_account", "disab_no", "member_no"):
        width = 20
    elif item.name == "water_kind":
        width = 17  # 自来水（净化处理） in one line: every row of a village would be twice as high
    elif item.name in ("address", "remark", "note"):
        kind, width = Kind.TEXT, 24
    born = "birth" if item in MEMBER else ""
    return Column(item.label, lambda row, read=item.name: row.get(read), kind, width, pii=item.pii, born=born)


WHOLE = Report(
    name="L02",
    label=lambda year: f"全量台账（{year}年度）",
    about="一人一行，导入能读的全部栏目，改好后可原样导回",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=whole_source,
    list_page="household_list",
    unit="元、亩、平方米、公里",
    label_at=0,
    columns=(*(_column(item) for item in (*PLACES, *HOUSE, *MEMBER) if item.name not in UNUSED), VERSION),
)

REPORTS = [WHOLE]
