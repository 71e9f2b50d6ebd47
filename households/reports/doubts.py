"""R21 数据质量疑点清单: the page 数据体检 as a workbook, with the values behind each doubt."""

from django.core.exceptions import ValidationError

from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.batched import batched
from fupin.excel.reports import SERIAL, Column, Found, Report
from fupin.excel.sheet import Kind
from households import checks
from households.doubt_filters import DoubtFilter, current_doubts
from households.reports.rows import Places


def doubt_source(asked):
    rows = asked.visible(current_doubts(asked.user))
    found = DoubtFilter(asked.query, rows, user=asked.user)
    if found.form.errors:
        raise ValidationError([message for held in found.form.errors.values() for message in held])
    chips = [
        (name, f"{one.label}：{dict(one.extra.get('choices', ())).get(value, value)}")
        for name, one in found.filters.items()
        if name != "region" and (value := asked.query.get(name))
    ]
    rows = found.qs.order_by("rule", "region_path", "pk")
    note = "疑点为现在的情况，与所选年度无关；当前值取各户最近年度；没有写状态条件的只列未核实的。"
    return Found(rows.order_by().count(), lambda size: _doubts(rows, asked, size), chips, note)


def _doubts(rows, asked, size):
    rows = rows.select_related("household__helper", "member", "profile")
    for chunk in batched(rows.iterator(chunk_size=size), 500):
        yield from _chunk(chunk, asked)


def _chunk(doubts, asked):
    places = Places()
    places.read({row.region_path for row in doubts})
    found = checks.cases({row.household_id for row in doubts if row.household_id}, asked.today)
    cases = {case.household.pk: case for case in found}
    look(
        {row.household_id for row in doubts if row.household_id},
        {row.member_id for row in doubts if row.member_id},
    )
    for row in doubts:
        rule = checks.BY_CODE.get(row.rule)
        case = cases.get(row.household_id)
        person = next((one for one in case.people if one.row.pk == row.member_id), None) if case else None
        yield {
            "rule": row.rule,
            "owner": row.household_id,
            "region_path": row.region_path,
            "severity": checks.SEVERITY_LABELS[rule.severity] if rule else "",
            "message": row.message,
            "place": " ".join(part for part in places.of(row.region_path) if part),
            "number": row.household.number if row.household else "村情",
            "name": _name(row),
            "current": checks.current(rule, case, person) if rule and case else "",
            "advice": rule.advice if rule else "",
            "handled": f"已核实：{row.explained}" if row.explained else "未核实",
            "helper": row.household.helper.name if row.household and row.household.helper else "",
            "due": row.household.target_text if row.household else "",
        }


def _name(row):
    if row.household is None:
        return f"{row.profile.year}年"
    return row.member.name if row.member else row.household.head_name


DOUBTS = Report(
    name="R21",
    label=lambda year: "数据质量疑点清单（体检表）",
    about="数据体检查出的疑点，按规则小计，附当前值和处理建议，集中清理期间每周一份",
    section="台账名册",
    permissions=(P.HOUSEHOLD_VIEW,),
    source=doubt_source,
    list_page="doubt_list",
    unit="条",
    group="rule",
    group_name="rule",
    total=True,
    label_at=2,
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("规则号", "rule", Kind.CODE, 7),
        Column("问题", "message", width=26),
        Column("级别", "severity", Kind.CODE, 6),
        Column("条数", lambda row: 1, Kind.COUNT, 6, total=True),
        Column("村", "place", width=16),
        Column("户编号", "number", Kind.CODE, 18),
        Column("姓名", "name", Kind.CODE, 9),
        Column("当前值", "current", width=30),
        Column("建议", "advice", width=26),
        Column("处理情况", "handled", width=16),
        Column("责任人", "helper", Kind.CODE, 9),
        Column("时限", "due", Kind.CODE, 11),
    ),
)

REPORTS = [DOUBTS]
