"""R11 驻村工作队在岗考勤汇总表 (domain reference 5.4, 6.2): a person a line, 小计 a team."""

import calendar
from collections import defaultdict
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Count

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import SERIAL, Column, Found, Report, region_of, share, sums_to, within
from fupin.excel.sheet import Kind
from fupin.regions.models import Region
from households import codes
from households.models import Attendance, TeamMember, Visit
from households.models.team import tally
from households.reports.areas import OWN

SECTION = "工作情况"


def _month(asked):
    """The month asked for (`month=`), by default that of 截至日期."""
    typed = asked.query.get("month", "")
    if not typed:
        return asked.as_of.month
    if not typed.isdigit() or not 1 <= int(typed) <= 12:
        raise ValidationError("月份应在 1 至 12 之间。")
    if date(asked.year, int(typed), 1) > asked.today:
        raise ValidationError(f"{asked.year} 年 {int(typed)} 月还没有到。")
    return int(typed)


def _stationed(asked):
    extra = sorted(name for name, value in asked.query.items() if value and name not in (*OWN, "month"))
    if extra:
        raise ValidationError("这张表按区域、年度和月份统计，不带其他条件。请从报表目录重新打开。")
    month, region = _month(asked), region_of(asked)
    first = date(asked.year, month, 1)
    last = min(date(asked.year, month, calendar.monthrange(asked.year, month)[1]), asked.as_of)
    rows = list(_lines(asked, region, first, last)) if region else []
    chips = [("month", f"{month} 月")] if asked.query.get("month") else []
    note = (
        f"{asked.year} 年 {month} 月（至 {last}）在村的队员；应在岗 = 在岗 + 请假（含年休）+ 公出（含培训）+ 缺岗，法定节假和没有填的日子"
        f"不计；本年累计为 1 月至本月；走访户次为本月没有作废的走访记录里此人的次数，姓名和单位对不上帮扶责任人档案的为空；"
        f"在岗不足 {codes.TEAM_DAYS_A_MONTH} 天的在备注里写明。"
    )  # fmt: skip
    return Found(len(rows), lambda size: (row for row in rows), chips, note)


def _lines(asked, region, first, last):
    members = list(
        asked.visible(TeamMember.objects.unscoped("hanging").in_month(first, last))
        .within(region).order_by("region_path", "duty", "name", "pk")
    )  # fmt: skip
    months = defaultdict(dict)
    held = Attendance.objects.unscoped("hanging").filter(
        member__in=[member.pk for member in members], year=asked.year, month__lte=first.month
    )
    for row in held:
        months[row.member_id][row.month] = row
    visits = dict(
        Visit.helpers.through.objects.filter(
            helper__in={member.helper_id for member in members} - {None},
            visit__in=asked.visible(Visit.objects.unscoped("hanging").filter(cancelled_reason="", on__range=(first, last))),
        ).values_list("helper").annotate(n=Count("pk")).order_by()
    )  # fmt: skip
    names = Region.objects.names({member.region_path for member in members})
    for member in members:
        now = months[member.pk].get(first.month)
        days = now.days[: last.day] if now else ""
        month = tally(days)
        year = sum(
            (tally(row.days) for number, row in months[member.pk].items() if number < first.month), month
        )
        yield {
            "path": member.region_path, "region_path": member.region_path, "village": names.get(member.region_path, ""), "name": member.name,
            "town": names.get(member.region_path[:9], ""), "unit": member.unit, "duty": member.get_duty_display(),
            "due": month.due, "present": month.present, "leave": month.leave, "away": month.away, "absent": month.absent,
            "rate": share(month.present, month.due), "year_due": year.due, "year_present": year.present,
            "diaries": now.diaries if now else None,
            "visits": visits.get(member.helper_id, 0) if member.helper_id else None,
            "note": "；".join(filter(None, _remarks(member, now, month, first, last))),
        }  # fmt: skip


def _remarks(member, row, month, first, last):
    since, until = max(member.starts_on, first), min(member.ends_on or last, last)
    filled = sum(state != codes.DayState.UNKNOWN for state in (row.days[: last.day] if row else ""))
    if missing := (until - since).days + 1 - filled:
        yield f"{missing} 天未填"
    elif (until - since).days >= 27 and month.present < codes.TEAM_DAYS_A_MONTH:
        yield f"在岗不足 {codes.TEAM_DAYS_A_MONTH} 天"
    if member.starts_on > first:
        yield f"{member.starts_on:%m-%d} 进驻"
    if member.ends_on and member.ends_on <= last:
        yield f"{member.ends_on:%m-%d} 离队"
    yield row.note if row else ""


STATIONED = Report(
    name="R11",
    label=lambda year: "驻村工作队在岗考勤汇总表",
    about="每名队员的应在岗、在岗、请假、公出、缺岗和日记，按村（工作队）小计，每月报送",
    section=SECTION,
    permissions=(P.VILLAGE_VIEW,),
    source=_stationed,
    list_page="attendance",
    unit="天、篇、户次",
    group="path",
    group_name="village",
    total=True,
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("村", "village", width=11),
        Column("姓名", "name", Kind.CODE, 9),
        Column("派出单位", "unit", width=18),
        Column("职务", "duty", Kind.CODE, 11),
        Column("应在岗", "due", Kind.COUNT, 7, total=True),
        Column("在岗", "present", Kind.COUNT, 6, total=True),
        Column("请假", "leave", Kind.COUNT, 6, total=True),
        Column("公出", "away", Kind.COUNT, 6, total=True),
        Column("缺岗", "absent", Kind.COUNT, 6, total=True),
        Column("在岗率", "rate", Kind.RATE, 8, share=("在岗", "应在岗")),
        Column(("本年累计", "应在岗"), "year_due", Kind.COUNT, 7, total=True),
        Column(("本年累计", "在岗"), "year_present", Kind.COUNT, 7, total=True),
        Column("日记篇数", "diaries", Kind.COUNT, 7, total=True),
        Column("走访户次", "visits", Kind.COUNT, 7, total=True),
        Column("备注", "note", width=20),
    ),
    balances=(
        sums_to("应在岗", "在岗", "请假", "公出", "缺岗"), within("在岗", "应在岗"),
        within("应在岗", "本年累计/应在岗"), within("在岗", "本年累计/在岗"),
        within("本年累计/在岗", "本年累计/应在岗"),
    ),
)  # fmt: skip

REPORTS = [STATIONED]
