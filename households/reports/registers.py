"""The lists of the register: L01 as shown, R01 花名册, R02 户级台账, R16 时限台账, R22 动态变化台账 (domain reference 6.2)."""

from collections import defaultdict
from dataclasses import replace

from django.db.models import F, Q

from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.catalogue import offers
from fupin.excel import versions
from fupin.excel.reports import SERIAL, Balance, Column, Found, Report, at_most, within
from fupin.excel.sheet import Kind
from fupin.paging import whole_order
from fupin.schedule import SOON_DAYS, Standing, deadline
from households import codes, filters
from households.badges import badge, kind
from households.models import Household, Measure, MemberYear, StatusChange
from households.reports import areas
from households.reports.rows import (
    CAUSES,
    PLACE,
    Places,
    Years,
    chunks,
    conditions_of,
    filled,
    filtered,
    is_past,
    listed,
    members_on,
    owners,
)

RELATIONS, SEXES = dict(codes.Relation.choices), dict(codes.Sex.choices)
EDUCATIONS, HEALTHS, LABOURS = (dict(t.choices) for t in (codes.Education, codes.Health, codes.Labour))
ETHNICS, AREAS = dict(codes.ETHNIC), dict(codes.WorkArea.choices)
DANGERS = dict(codes.DangerLevel.choices)
MONITORS, RISKS = dict(codes.MonitorCategory.choices), dict(codes.RiskState.choices)
AS_OF = "户状态、成员、时限、责任人和走访为截至日期当日的情况"

# R01 花名册


def roster_source(asked):
    rows, chips = listed(asked)
    members = members_on(asked)
    return Found(
        members.filter(household__in=rows.order_by().values("pk")).count(),
        lambda size: _roster(rows.order_by(*PLACE), members, asked, size),
        chips,
        f"年龄算至 {asked.as_of}；{AS_OF}；文化、健康、劳动、务工、收入和原因取数据年度内或之前最近一年。",
    )


def _roster(rows, members, asked, size):
    years = Years(asked.year)
    for ids, chunk in filled(rows, asked, size):
        people = defaultdict(list)
        found = members.filter(household__in=ids).order_by("household", "order", "pk").values_list(
            "household", "pk", "name", "relation", "relation_text", "sex", "ethnic", "id_number", "id_text",
            "birth", "phone",
        )  # fmt: skip
        for household, *person in found:
            people[household].append(person)
        look(members=[person[0] for held in people.values() for person in held])
        facts = years.of(
            MemberYear.objects.unscoped("hanging"), "member", [person[0] for held in people.values() for person in held],
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
        "birth": birth,
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


VERSION = Column(versions.HEADER, _version, Kind.CODE, 26)
"""Last column of the lists that come back by import: from which state of the household the line was made."""

ROSTER_VERSION = replace(VERSION, merged=True)


def _own_head(cell):
    return cell("姓名") == cell("户主姓名") if cell("与户主关系") == RELATIONS[codes.Relation.HEAD] else None


ROSTER = Report(
    name="R01",
    label=lambda year: f"{codes.era_label('object', year)}（{codes.era_label('out', year)}）花名册",
    about="一人一行，户的信息合并；按村排列，每月报送",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=roster_source,
    start="figure=registered",
    owners=owners,
    list_page="household_list",
    key="id",
    balances=(
        at_most("务工月数", 12),
        Balance("户主姓名即与户主关系为“户主”的人", "户主姓名", _own_head, texts=True),
    ),
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
        Column("证件号码", "id_number", Kind.CODE, 20, pii=FieldClass.ID_NUMBER, born="birth"),
        Column("年龄", "age", Kind.COUNT, 5),
        Column("文化程度", "education", Kind.CODE, 13),
        Column("健康状况", "health", Kind.CODE, 10, pii=FieldClass.HEALTH),
        Column("劳动技能", "labour", Kind.CODE, 17),
        Column("务工地点", "work_place", width=12),
        Column("务工月数", "work_months", Kind.COUNT, 5),
        Column("户类型", "kind", width=18, merged=True),
        Column("监测类别", _monitor, width=12, merged=True),
        Column("风险状态", _risk, Kind.CODE, 10, merged=True),
        Column("主要致贫原因", "cause", Kind.CODE, 10, merged=True),
        Column("人均纯收入", "per_capita", Kind.YUAN, 11, merged=True),
        Column(
            "联系电话",
            lambda row: row["own_phone"] or row["phone"],
            Kind.CODE,
            13,
            pii=FieldClass.PHONE,
            born="birth",
        ),
        Column("帮扶责任人", "helper__name", Kind.CODE, 9, merged=True),
        Column("责任人单位", "helper__unit", width=16, merged=True),
        Column("备注", "remark", width=12, pii=FieldClass.NOTE, merged=True),
        ROSTER_VERSION,
    ),
)


# R02 户级台账


def ledger_source(asked):
    rows, chips = listed(asked)
    note = (
        f"{AS_OF}；收入为工资性、生产经营性、财产性、转移性四项合计，人均纯收入扣除生产经营性支出，"
        "收入、原因、住房、饮水、医保、教育取数据年度内或之前最近一年。"
    )
    return Found(
        rows.order_by().count(), lambda size: _ledger(rows.order_by(*PLACE), asked, size), chips, note
    )


def _ledger(rows, asked, size):
    extras = offers("REPORT_MODULES", "PER_HOUSEHOLD")
    years = Years(asked.year)
    for ids, chunk in filled(rows, asked, size):
        conditions = conditions_of(years, ids, "dangerous", "danger_level", "water_safe")
        measures = _counted(_measures(ids, asked))
        found = [(name, count(ids, asked.year)) for name, count in extras]
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


def _measures(ids, asked):
    """Measures of these households that had begun by the day of the report."""
    day = asked.as_of
    begun = Q(starts_on__lte=day) | Q(starts_on=None, at__date__lte=day)
    rows = Measure.objects.unscoped("hanging").filter(household__in=ids)
    return rows.filter(begun) if is_past(asked) else rows


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
    owners=owners,
    list_page="household_list",
    group="place",
    group_name="village",
    total=True,
    balances=(within("劳动力", "人口"), within("收入/人均纯收入", "收入/四项合计")),
    agrees=areas.board({"人口": "p|"}, figure=True),
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("村", "village", width=12),
        Column("户编号", "number", Kind.CODE, 18),
        Column("户主", "head_name", Kind.CODE, 9),
        Column("人口", "size", Kind.COUNT, 6, total=True),
        Column("劳动力", "labour", Kind.COUNT, 6, total=True),
        Column("户类型", "kind", width=18),
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
        Column("备注", "remark", width=14, pii=FieldClass.NOTE),
        VERSION,
    ),
)


# R16 脱贫时限（逾期预警）台账


def target_source(asked):
    rows, chips = listed(asked)
    end = F("then_target_end" if is_past(asked) else "target_end")
    order = (end.asc(nulls_last=True), *PLACE)
    note = (
        f"剩余天数算至 {asked.as_of}，负数为已逾期；只有在帮扶的户（未脱贫、预脱贫、返贫、风险未消除）计算时限；"
        f"{AS_OF}，措施为当日已开始的。"
    )
    return Found(
        rows.order_by().count(), lambda size: _targets(rows.order_by(*order), asked, size), chips, note
    )


def _targets(rows, asked, size):
    for ids, chunk in filled(rows, asked, size):
        measures = defaultdict(list)
        found = _measures(ids, asked).order_by("target_end", "pk")
        for household, what, done in found.values_list("household", "what", "done_on"):
            measures[household].append((what, done and done <= asked.as_of))
        for row in chunk:
            yield row | _standing(row, measures[row["id"]], asked.as_of)


def _standing(row, measures, today):
    assisted = row["registry_status"] in "124" or (
        row["risk_state"] in "13" and row["registry_status"] != "9"
    )
    end = row["target_end"] if assisted else None
    stands = deadline(end, today, soon=SOON_DAYS["household"])
    done = sum(bool(finished) for _, finished in measures)
    visited = f"最近走访 {row['last_visit_on']}" if row["last_visit_on"] else "尚未走访"
    return {
        "days": stands.days if end else None,
        "standing": stands.standing.label if assisted else "不在帮扶",
        "measures": "；".join(what for what, _ in measures),
        "progress": f"措施 {len(measures)} 项，已完成 {done} 项；{visited}",
    }


def _late(cell):
    days = cell("剩余天数")
    return None if days is None else (days < 0) == (cell("状态") == Standing.OVER.label)


TARGETS = Report(
    name="R16",
    label=lambda year: ("脱贫时限" if year <= 2020 else "计划脱贫（消除）时限") + "（逾期预警）台账",
    about="按到期日排列，逾期在前，每月报送",
    section="定期上报",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=target_source,
    start="figure=assisted",
    owners=owners,
    list_page="household_list",
    unit="人、天",
    label_at=0,
    balances=(Balance("剩余天数为负的，状态为逾期", "状态", _late, texts=True),),
    columns=(
        Column("户编号", "number", Kind.CODE, 18),
        Column("户主", "head_name", Kind.CODE, 9),
        Column("人口", "size", Kind.COUNT, 6),
        Column("主因", "cause", Kind.CODE, 12),
        Column("计划年度", "target_text", Kind.CODE, 15),
        Column("剩余天数", "days", Kind.COUNT, 8),
        Column("措施", "measures", width=36),
        Column("责任人", "helper__name", Kind.CODE, 9),
        Column("状态", "standing", Kind.CODE, 9),
        Column("进度说明", "progress", width=44),
    ),
)

# L01 户列表：列表页看到的行、栏和次序


def shown_source(asked):
    found = filtered(asked, today=True)
    rows, chips = listed(asked, found)
    order = whole_order(Household, filters.order_of(found))
    note = "与户档案列表页的条件、栏目和次序相同；收入为各户最近一年。"
    return Found(
        rows.order_by().count(), lambda size: _shown(rows.order_by(*order), asked, size), chips, note
    )


def _shown(rows, asked, size):
    places = Places()
    for chunk in chunks(rows, size, SHOWN):
        places.read({row["region_path"] for row in chunk})
        look([row["id"] for row in chunk])
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
    "id", "number", "version", "head_name", "region_path", "size", "registry_status", "monitor_category", "risk_state", "dibao",
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


# R22 监测对象动态变化台账


MODES = {"1": "帮扶消除", "2": "自然消除"}


def change_source(asked):
    """One line for each household that was added to or cleared from the monitoring in the data year."""
    rows, chips = listed(asked)
    first = asked.as_of.replace(month=1, day=1)
    events = [
        (day, word, key)
        for field, word in (("monitored_on", "新增"), ("cleared_on", "消除"))
        for day, key in rows.filter(**{f"{field}__gte": first, f"{field}__lte": asked.as_of})
        .order_by()
        .values_list(field, "pk")
    ]
    note = f"{first} 至 {asked.as_of} 识别或消除的监测对象，按月排列；{AS_OF}。"
    return Found(len(events), lambda size: _changes(sorted(events), asked, size), chips, note)


def _changes(events, asked, size):
    for start in range(0, len(events), size):
        part = events[start : start + size]
        keys = {key for *_, key in part}
        rows = listed(asked)[0].filter(pk__in=keys).order_by("pk")
        held = {row["id"]: row for _, chunk in filled(rows, asked, size) for row in chunk}
        households = asked.visible(Household.objects.unscoped("hanging").filter(pk__in=keys)).order_by("pk")
        dates = {
            row[0]: row[1:] for row in households.values_list("pk", "monitored_on", "cleared_on", "risks")
        }
        measures = defaultdict(list)
        for household, what in _measures(keys, asked).order_by("pk").values_list("household", "what"):
            measures[household].append(what)
        steps = StatusChange.objects.filter(household__in=keys, step="clear_risk", on__lte=asked.as_of)
        modes = dict(steps.order_by("on", "pk").values_list("household", "after"))
        for day, word, key in part:
            since, cleared, risks = dates[key]
            cleared = cleared if cleared and cleared <= asked.as_of else None
            yield held[key] | {
                "event": word,
                "month": f"{day:%Y%m}",
                "month_name": f"{day.year}年{day.month}月",
                "since": since,
                "risks": "、".join(RISK_KINDS[code] for code in risks.split(",") if code in RISK_KINDS),
                "measures": "；".join(measures[key]),
                "cleared": cleared,
                "mode": MODES.get(modes.get(key, {}).get("mode"), "") if cleared else "",
                "one": 1,
            }


RISK_KINDS = dict(codes.Risk.choices)


def _dated(cell):
    return bool(cell("识别日期") if cell("变动") == "新增" else cell("消除日期"))


CHANGES = Report(
    name="R22",
    label=lambda year: "监测对象动态变化（新增、消除）台账",
    about="当年新增和消除的监测对象，一次变动一行，按月小计，每月报送",
    section="定期上报",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=change_source,
    start="figure=monitored",
    owners=owners,
    list_page="household_list",
    group="month",
    group_name="month_name",
    total=True,
    unit="户、人",
    balances=(
        within("户数", "人口"),
        within("识别日期", "消除日期"),
        Balance("消除的有消除日期，新增的有识别日期", "变动", _dated, texts=True),
    ),
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("村", "village", width=12),
        Column("户主", "head_name", Kind.CODE, 9),
        Column("户数", "one", Kind.COUNT, 6, total=True),
        Column("人口", "size", Kind.COUNT, 6, total=True),
        Column("变动", "event", Kind.CODE, 6),
        Column("类别", _monitor, Kind.CODE, 13),
        Column("识别日期", "since", Kind.DATE, 11),
        Column("风险", "risks", width=14),
        Column("措施", "measures", width=34),
        Column("消除日期", "cleared", Kind.DATE, 11),
        Column("消除方式", "mode", Kind.CODE, 10),
        Column("状态", _risk, Kind.CODE, 11),
    ),
)

REPORTS = [LIST, ROSTER, LEDGER, TARGETS, CHANGES]
