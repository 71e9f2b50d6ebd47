"""The register's reports (domain reference 6.2: R01, R02, R16): the rows of the list page, under its filters.

Values that change by year are those of the data year, or of the newest year before it that has any.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from django.db.models import F

from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission as P
from fupin.catalogue import offers
from fupin.excel import versions
from fupin.excel.reports import SERIAL, Column, Found, Report
from fupin.excel.sheet import Kind
from fupin.regions.models import Region, ancestors_of
from fupin.schedule import SOON_DAYS, deadline
from households import codes, filters, stats
from households.badges import badge, kind
from households.models import (
    Condition,
    Household,
    HouseholdCause,
    Income,
    Measure,
    Member,
    MemberYear,
)
from households.models.income import net_of, per_head, total_of

FIELDS = (
    "id", "number", "version", "region_path", "head_name", "size", "labour", "registry_status", "monitor_category",
    "risk_state", "dibao", "tekun", "phone", "remark", "identified_text", "identified_on", "exit_year",
    "target_text", "target_end", "last_visit_on", "uninsured", "out_of_school", "helper__name", "helper__unit",
)  # fmt: skip
CAUSES, RELATIONS, SEXES = (dict(t.choices) for t in (codes.Cause, codes.Relation, codes.Sex))
EDUCATIONS, HEALTHS, LABOURS = (dict(t.choices) for t in (codes.Education, codes.Health, codes.Labour))
ETHNICS, AREAS = dict(codes.ETHNIC), dict(codes.WorkArea.choices)
DANGERS = dict(codes.DangerLevel.choices)
MONITORS, RISKS = dict(codes.MonitorCategory.choices), dict(codes.RiskState.choices)
PLACE = ("region_path", "pk")


def _list(asked, found=None):
    """The list page's own FilterSet over the rows that may be exported. Raises ValidationError for conditions
    that cannot be read: a file never holds more than what was asked for."""
    found = found or _filter(asked)
    searched = asked.query.get("found", "")
    if searched and (found.private or {}).get("key") != searched:  # a number searched in another session
        return found.queryset.none(), []
    return found.qs, [chip for chip in filters.chips(found, "") if chip[0] != "region"]


def _filter(asked):
    rows = asked.visible(Household.objects.all())
    found = filters.HouseholdFilter(
        asked.query, rows, user=asked.user, day=stats.Day.of(asked.today), private=asked.private
    )
    filters.ensure_clean(found)
    return found


@dataclass
class _Year:
    """Reads what a chunk of households holds in one data year: a fixed number of queries a chunk."""

    year: int

    def of(self, rows, owner, chunk, *fields):
        """`{owner id: values}` of the newest year not after the data year."""
        rows = rows.filter(**{f"{owner}__in": chunk}, year__lte=self.year).order_by("year")
        return {row[0]: row[1:] for row in rows.values_list(owner, *fields)}


class _Places:
    """Names of places, read once each."""

    def __init__(self):
        self.names = {}

    def read(self, paths):
        new = {part for path in paths for part in ancestors_of(path)} - self.names.keys()
        if new:
            self.names |= Region.objects.names(new)

    def of(self, path):
        """(township, village, group)"""
        names = self.names
        return (
            names.get(path[:9], ""),
            names.get(path[:12], ""),
            names.get(path, "") if len(path) > 12 else "",
        )


def _households(rows, size, fields=FIELDS):
    """Chunks of households as dicts of `fields`; what changes by year is still to be added."""
    chunk = []
    for values in rows.values_list(*fields).iterator(chunk_size=size):
        chunk.append(dict(zip(fields, values)))
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _filled(rows, asked, size):
    """Chunks of households with the columns that R01, R02 and R16 share."""
    places, years = _Places(), _Year(asked.year)
    for chunk in _households(rows, min(size, 500)):
        ids = [row["id"] for row in chunk]
        places.read({row["region_path"] for row in chunk})
        causes = years.of(HouseholdCause.objects.filter(rank=0), "household", ids, "cause")
        incomes = years.of(
            Income.objects,
            "household",
            ids,
            "wage",
            "operating",
            "property",
            "transfer",
            "expense",
            "persons",
        )
        for row in chunk:
            row["town"], row["village"], row["group"] = places.of(row["region_path"])
            row["place"] = row["region_path"][:12]
            row["kind"] = kind(row["registry_status"], row["monitor_category"], row["dibao"], row["tekun"])
            row["cause"] = CAUSES.get(causes.get(row["id"], ("",))[0], "")
            income = incomes.get(row["id"], (None,) * 6)
            row["income"] = total_of(*income[:4])
            row["per_capita"] = per_head(net_of(*income[:5]), income[5])
        yield ids, chunk


# R01 花名册


def roster_source(asked):
    rows, chips = _list(asked)
    members = _members(asked)
    return Found(
        members.filter(household__in=rows.order_by().values("pk")).count(),
        lambda size: _roster(rows.order_by(*PLACE), members, asked, size),
        chips,
        f"年龄算至 {asked.as_of}；文化、健康、劳动、务工和收入取数据年度内或之前最近一年的数据。",
    )


def _members(asked):
    """Members of the households on the day of the report."""
    day = asked.as_of
    rows = Member.objects.exclude(left_on__lte=day).exclude(joined_on__gt=day)
    return asked.visible(rows)


def _roster(rows, members, asked, size):
    years = _Year(asked.year)
    for ids, chunk in _filled(rows, asked, size):
        people = defaultdict(list)
        found = members.filter(household__in=ids).order_by("household", "order", "pk").values_list(
            "household", "pk", "name", "relation", "relation_text", "sex", "ethnic", "id_number", "id_text",
            "birth", "phone",
        )  # fmt: skip
        for household, *person in found:
            people[household].append(person)
        facts = years.of(
            MemberYear.objects, "member", [person[0] for held in people.values() for person in held],
            "education", "health", "labour", "work_area", "work_place", "work_months",
        )  # fmt: skip
        for household in chunk:
            for person in people[household["id"]]:
                yield household | _person(
                    person, facts.get(person[0], ("", "", "", "", "", None)), asked.as_of
                )


def _person(person, facts, day):
    _, name, relation, relation_text, sex, ethnic, number, number_text, birth, phone = person
    education, health, labour, area, place, months = facts
    return {
        "name": name,
        "relation": RELATIONS.get(relation) or relation_text,
        "sex": SEXES.get(sex, ""),
        "ethnic": ETHNICS.get(ethnic, ""),
        "id_number": number or number_text,
        "age": birth and day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)),
        "education": EDUCATIONS.get(education, ""),
        "health": "、".join(HEALTHS[code] for code in health.split(",") if code in HEALTHS),
        "labour": LABOURS.get(labour, ""),
        "work_place": place or AREAS.get(area, ""),
        "work_months": months,
        "own_phone": phone,
    }


def _monitor(row):
    return MONITORS[row["monitor_category"]] if row["monitor_category"] != "0" else ""


def _risk(row):
    return RISKS[row["risk_state"]] if row["risk_state"] != "0" else ""


def _version(row):
    return versions.written(row["number"], row["version"])


VERSION = Column(versions.HEADER, _version, Kind.CODE, 14)
"""Last column of the lists that come back by import: from which state of the household the line was made."""

ROSTER_VERSION = replace(VERSION, merged=True)


ROSTER = Report(
    name="R01",
    label=lambda year: f"{codes.era_label('object', year)}（{codes.era_label('out', year)}）花名册",
    about="一人一行，户的信息合并；按村排列，每月报送",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=roster_source,
    start="figure=registered",
    list_page="household_list",
    key="id",
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5, merged=True),
        Column("乡镇", "town", width=9, merged=True),
        Column("行政村", "village", width=10, merged=True),
        Column("组", "group", Kind.CODE, 6, merged=True),
        Column("户编号", "number", Kind.CODE, 18, merged=True),
        Column("户主姓名", "head_name", Kind.CODE, 9, merged=True),
        Column("姓名", "name", Kind.CODE, 9),
        Column("与户主关系", "relation", Kind.CODE, 10),
        Column("性别", "sex", Kind.CODE, 5),
        Column("民族", "ethnic", Kind.CODE, 7),
        Column("证件号码", "id_number", Kind.CODE, 20, pii=FieldClass.ID_NUMBER),
        Column("年龄", "age", Kind.COUNT, 5),
        Column("文化程度", "education", Kind.CODE, 13),
        Column("健康状况", "health", Kind.CODE, 10, pii=FieldClass.HEALTH),
        Column("劳动技能", "labour", Kind.CODE, 12),
        Column("务工地点", "work_place", width=12),
        Column("务工月数", "work_months", Kind.COUNT, 5),
        Column("户类型", "kind", width=13, merged=True),
        Column("监测类别", _monitor, width=12, merged=True),
        Column("风险状态", _risk, Kind.CODE, 10, merged=True),
        Column("主要致贫原因", "cause", Kind.CODE, 10, merged=True),
        Column("人均纯收入", "per_capita", Kind.YUAN, 11, merged=True),
        Column("联系电话", lambda row: row["own_phone"] or row["phone"], Kind.CODE, 13, pii=FieldClass.PHONE),
        Column("帮扶责任人", "helper__name", Kind.CODE, 9, merged=True),
        Column("责任人单位", "helper__unit", width=16, merged=True),
        Column("备注", "remark", width=12, merged=True),
        ROSTER_VERSION,
    ),
)


# R02 户级台账


def ledger_source(asked):
    rows, chips = _list(asked)
    note = "收入为工资性、生产经营性、财产性、转移性四项合计，人均纯收入扣除生产经营性支出；均取数据年度内或之前最近一年。"
    return Found(
        rows.order_by().count(), lambda size: _ledger(rows.order_by(*PLACE), asked, size), chips, note
    )


def _ledger(rows, asked, size):
    extras = offers("REPORT_MODULES", "PER_HOUSEHOLD")
    years = _Year(asked.year)
    for ids, chunk in _filled(rows, asked, size):
        conditions = years.of(Condition.objects, "household", ids, "dangerous", "danger_level", "water_safe")
        measures = _counted(Measure.objects.filter(household__in=ids))
        found = [(name, count(ids)) for name, count in extras]
        for row in chunk:
            dangerous, level, safe = conditions.get(row["id"], (None, "", None))
            row["house"] = _house(dangerous, level)
            row["water"] = {True: "安全", False: "不安全"}.get(safe, "")
            row["medical"] = "有未参保" if row["uninsured"] else "已参保"
            row["school"] = "有失学辍学" if row["out_of_school"] else "无失学辍学"
            row["measures"] = measures.get(row["id"], 0)
            for name, counts in found:
                row[name] = counts.get(row["id"], 0)
            yield row


def _house(dangerous, level):
    if level in codes.UNSAFE or dangerous:
        return f"危房{DANGERS.get(level, '')}"
    return "" if dangerous is None and not level else "安全"


def _counted(rows):
    counts = defaultdict(int)
    for household in rows.order_by().values_list("household", flat=True):
        counts[household] += 1
    return counts


def _identified(row):
    return row["identified_text"] or (f"{row['identified_on']:%Y年%-m月}" if row["identified_on"] else "")


LEDGER = Report(
    name="R02",
    label=lambda year: f"{codes.era_label('out', year)}（监测户）户级台账",
    about="一户一行，按村小计，每月报送",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=ledger_source,
    start="figure=registered",
    list_page="household_list",
    group="place",
    group_name="village",
    total=True,
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("村", "village", width=12),
        Column("户编号", "number", Kind.CODE, 18),
        Column("户主", "head_name", Kind.CODE, 9),
        Column("人口", "size", Kind.COUNT, 6, total=True),
        Column("劳动力", "labour", Kind.COUNT, 6, total=True),
        Column("户类型", "kind", width=13),
        Column("致贫原因", "cause", Kind.CODE, 10),
        Column("识别时间", _identified, Kind.CODE, 11),
        Column("脱贫年度", "exit_year", Kind.COUNT, 7),
        Column("计划时限", "target_text", Kind.CODE, 11),
        Column(("收入", "四项合计"), "income", Kind.YUAN, 13, total=True),
        Column(("收入", "人均纯收入"), "per_capita", Kind.YUAN, 12),
        Column("住房", "house", Kind.CODE, 8),
        Column("饮水", "water", Kind.CODE, 7),
        Column("医保", "medical", Kind.CODE, 8),
        Column("教育", "school", Kind.CODE, 10),
        Column("帮扶责任人", "helper__name", Kind.CODE, 9),
        Column("最近走访", "last_visit_on", Kind.DATE, 11),
        Column("措施数", "measures", Kind.COUNT, 6, total=True),
        Column("项目数", lambda row: row.get("projects", 0), Kind.COUNT, 6, total=True),
        Column("备注", "remark", width=14),
        VERSION,
    ),
)


# R16 脱贫时限（逾期预警）台账


def target_source(asked):
    rows, chips = _list(asked)
    order = (F("target_end").asc(nulls_last=True), *PLACE)
    note = f"剩余天数算至 {asked.today}，负数为已逾期；只有在帮扶的户（未脱贫、预脱贫、返贫、风险未消除）计算时限。"
    return Found(
        rows.order_by().count(), lambda size: _targets(rows.order_by(*order), asked, size), chips, note
    )


def _targets(rows, asked, size):
    for ids, chunk in _filled(rows, asked, size):
        measures = defaultdict(list)
        found = Measure.objects.filter(household__in=ids).order_by("target_end", "pk")
        for household, what, done in found.values_list("household", "what", "done_on"):
            measures[household].append((what, done))
        for row in chunk:
            yield row | _standing(row, measures[row["id"]], asked.today)


def _standing(row, measures, today):
    assisted = row["registry_status"] in "124" or (
        row["risk_state"] in "13" and row["registry_status"] != "9"
    )
    end = row["target_end"] if assisted else None
    stands = deadline(end, today, soon=SOON_DAYS["household"])
    done = sum(day is not None for _, day in measures)
    visited = f"最近走访 {row['last_visit_on']}" if row["last_visit_on"] else "尚未走访"
    return {
        "days": stands.days if end else None,
        "standing": stands.standing.label if assisted else "不在帮扶",
        "measures": "；".join(what for what, _ in measures),
        "progress": f"措施 {len(measures)} 项，已完成 {done} 项；{visited}",
    }


TARGETS = Report(
    name="R16",
    label=lambda year: ("脱贫时限" if year <= 2020 else "计划脱贫（消除）时限") + "（逾期预警）台账",
    about="按到期日排列，逾期在前，每月报送",
    section="定期上报",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=target_source,
    start="figure=assisted",
    list_page="household_list",
    unit="人、天",
    label_at=0,
    columns=(
        Column("户编号", "number", Kind.CODE, 18),
        Column("户主", "head_name", Kind.CODE, 9),
        Column("人口", "size", Kind.COUNT, 6),
        Column("主因", "cause", Kind.CODE, 12),
        Column("计划年度", "target_text", Kind.CODE, 12),
        Column("剩余天数", "days", Kind.COUNT, 8),
        Column("措施", "measures", width=36),
        Column("责任人", "helper__name", Kind.CODE, 9),
        Column("状态", "standing", Kind.CODE, 9),
        Column("进度说明", "progress", width=34),
    ),
)

# L01 户列表：列表页看到的行、栏和次序


def shown_source(asked):
    found = _filter(asked)
    rows, chips = _list(asked, found)
    order = [key.ordering(Household, False) for key in filters.order_of(found)]
    note = "与户档案列表页的条件、栏目和次序相同；收入为各户最近一年。"
    return Found(
        rows.order_by().count(), lambda size: _shown(rows.order_by(*order), asked, size), chips, note
    )


def _shown(rows, asked, size):
    places = _Places()
    for chunk in _households(rows, size, SHOWN):
        places.read({row["region_path"] for row in chunk})
        for row in chunk:
            row["place"] = " ".join(part for part in places.of(row["region_path"])[1:] if part)
            row["kind"] = kind(row["registry_status"], row["monitor_category"], row["dibao"], row["tekun"])
            row["badge"] = badge(row["registry_status"], row["risk_state"])[2]
            row["cause"] = CAUSES.get(row["main_cause"], "")
            row["standing"] = _deadline(row, asked.today)
            yield row


def _deadline(row, today):
    """The deadline as the list words it; empty for who is not under assistance."""
    assisted = row["registry_status"] in "124" or (
        row["risk_state"] in "13" and row["registry_status"] != "9"
    )
    return deadline(row["target_end"], today, soon=SOON_DAYS["household"]).label if assisted else ""


SHOWN = (
    "number", "version", "head_name", "region_path", "size", "registry_status", "monitor_category", "risk_state", "dibao",
    "tekun", "main_cause", "income_year", "per_capita", "helper__name", "last_visit_on", "target_end", "target_text",
)  # fmt: skip

LIST = Report(
    name="L01",
    label=lambda year: "户列表",
    about="列表页看到什么就导出什么：同样的条件、栏目和次序",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=shown_source,
    list_page="household_list",
    label_at=0,
    columns=(
        Column("户编号", "number", Kind.CODE, 18),
        Column("户主", "head_name", Kind.CODE, 10),
        Column("村组", "place", width=20),
        Column("人口", "size", Kind.COUNT, 6),
        Column("户类型", "kind", width=14),
        Column("状态", "badge", Kind.CODE, 10),
        Column("主要致贫原因", "cause", Kind.CODE, 12),
        Column("收入年度", "income_year", Kind.CODE, 8),
        Column("人均纯收入", "per_capita", Kind.YUAN, 12),
        Column("责任人", "helper__name", Kind.CODE, 10),
        Column("最近走访", "last_visit_on", Kind.DATE, 11),
        Column("时限", "target_text", Kind.CODE, 12),
        Column("时限状态", "standing", Kind.CODE, 12),
        VERSION,
    ),
)

REPORTS = [LIST, ROSTER, LEDGER, TARGETS]

PER_HOUSEHOLD = []
"""Counts that other apps add to a household's line: `(row key, function of household ids -> {id: count})`."""
