"""What projects offer to the reports page: R12 项目（资金）进度统计表 (domain reference 6.2)."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db.models import Count

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import SERIAL, Column, Found, Report
from fupin.excel.sheet import Kind
from fupin.regions.models import Region
from fupin.schedule import Standing
from projects import codes
from projects.filters import ProjectFilter, chips
from projects.models import Beneficiary, FundLine, Project

SHOWN = {"1": "central", "2": "province", "3": "prefecture", "4": "county"}
"""Sources with a column of their own; what comes from elsewhere is 其他."""


def progress_source(asked):
    """Projects of the list page that may be exported: placed in the user's region or covering a village there."""
    rows = Project.objects.visible_to(asked.user)
    rows = rows.filter(rows.touching(asked.user.paths(P.REPORT_EXPORT)))
    found = ProjectFilter(asked.query, rows, today=asked.today, user=asked.user)
    if found.form.errors:  # a file never holds more than what was asked for
        raise ValidationError([message for held in found.form.errors.values() for message in held])
    rows = found.qs.order_by("category", "finish_end", "pk")
    note = f"是否逾期按计划完工日期和 {asked.today} 判断；支出率为支付占下达的比例；资金按下达数列来源。"
    return Found(
        rows.order_by().count(), lambda size: _progress(rows, asked.today, size),
        [chip for chip in chips(found, "") if chip[0] != "region"], note,
    )  # fmt: skip


def _progress(rows, today, size):
    """One dict a project; funds, places and beneficiaries in a fixed number of queries a chunk."""
    chunk = []
    for project in rows.iterator(chunk_size=size):
        chunk.append(project)
        if len(chunk) == 500:
            yield from _chunk(chunk, today)
            chunk = []
    if chunk:
        yield from _chunk(chunk, today)


def _chunk(projects, today):
    ids = [project.pk for project in projects]
    money = _money(ids)
    reached = dict(
        Beneficiary.objects.unscoped("hanging")
        .filter(project__in=ids)
        .order_by()
        .values("project")
        .annotate(n=Count("household", distinct=True))
        .values_list("project", "n")
    )
    names = Region.objects.names({project.region_path for project in projects})
    for project in projects:
        yield _row(project, names, reached.get(project.pk), today) | money[project.pk]


def _money(ids):
    """`{project: {source: planned, planned, paid, rate}}` in yuan; what no line says is None, not 0."""
    found = defaultdict(lambda: dict.fromkeys((*SHOWN.values(), "other", "planned", "paid", "rate")))
    lines = FundLine.objects.filter(project__in=ids).order_by("project", "pk")
    for project, source, planned, paid in lines.values_list("project", "source", "planned", "paid"):
        row = found[project]
        for name, value in ((SHOWN.get(source, "other"), planned), ("planned", planned), ("paid", paid)):
            if value is not None:
                row[name] = (row[name] or 0) + value
        row["rate"] = (row["paid"] or 0) / row["planned"] if row["planned"] else None
    return found


def _row(project, names, reached, today):
    path, deadline = project.region_path, project.deadline(today)
    place = "".join(names.get(path[:width], "") for width in (9, 12) if len(path) >= width)
    return {
        "number": project.number,
        "name": project.name,
        "level1": project.category[:2],
        "level1_name": codes.CATEGORY_NAMES[project.category[:2]],
        "category": codes.CATEGORY_NAMES[project.category],
        "place": (place or names.get(path, "")) + project.place,
        "content": project.content,
        "lead_unit": project.lead_unit,
        "responsible_unit": project.responsible_unit,
        "investment": project.investment,
        "started": _day(project.started_on) or (project.start_text and f"计划 {project.start_text}"),
        "finish": project.finish_text,
        "finished": _day(project.finished_on),
        "progress": None if project.progress is None else project.progress / 100,
        "state": "未开工" if project.not_started(today) else project.get_state_display(),
        "late": deadline.label if deadline.standing == Standing.OVER else "否",
        "households": reached if project.benefit_households is None else project.benefit_households,
        "persons": project.benefit_persons,
        "problem": project.blocked_reason,
        "remark": project.remark,
    }


def _day(day):
    return f"{day:%Y-%m-%d}" if day else ""


PROGRESS = Report(
    name="R12",
    label=lambda year: "项目（资金）进度统计表",
    about="按类别小计，半月或每月报送",
    section="定期上报",
    permissions=(P.PROJECT_VIEW,),
    source=progress_source,
    list_page="project_list",
    all_years=True,
    unit="元、户、人",
    group="level1",
    group_name="level1_name",
    total=True,
    label_at=2,
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("项目编号", "number", Kind.CODE, 21),
        Column("项目名称", "name", width=18),
        Column("类别", "category", width=11),
        Column("建设地点", "place", width=13),
        Column("建设内容及规模", "content", width=20),
        Column("牵头单位", "lead_unit", width=12),
        Column("责任单位", "responsible_unit", width=12),
        Column("总投资", "investment", Kind.YUAN, 14, total=True),
        Column(("资金来源", "中央"), "central", Kind.YUAN, 13, total=True),
        Column(("资金来源", "省"), "province", Kind.YUAN, 13, total=True),
        Column(("资金来源", "市"), "prefecture", Kind.YUAN, 13, total=True),
        Column(("资金来源", "县"), "county", Kind.YUAN, 13, total=True),
        Column(("资金来源", "其他"), "other", Kind.YUAN, 13, total=True),
        Column("下达", "planned", Kind.YUAN, 14, total=True),
        Column("支付", "paid", Kind.YUAN, 14, total=True),
        Column("支出率", "rate", Kind.RATE, 8, share=("支付", "下达")),
        Column("开工", "started", Kind.CODE, 12),
        Column("计划完工", "finish", Kind.CODE, 12),
        Column("实际完工", "finished", Kind.CODE, 11),
        Column("进度%", "progress", Kind.RATE, 8),
        Column("状态", "state", Kind.CODE, 9),
        Column("是否逾期", "late", Kind.CODE, 11),
        Column(("受益", "户"), "households", Kind.COUNT, 6, total=True),
        Column(("受益", "人"), "persons", Kind.COUNT, 7, total=True),
        Column("存在问题", "problem", width=14),
        Column("备注", "remark", width=12),
    ),
)

REPORTS = [PROGRESS]


def _per_household(household_ids, year):
    """{household: number of projects up to `year` that reached it}."""
    rows = Beneficiary.objects.unscoped("hanging").filter(
        household__in=household_ids, project__year__lte=year
    )
    rows = rows.values("household").order_by()
    return dict(rows.annotate(n=Count("project", distinct=True)).values_list("household", "n"))


PER_HOUSEHOLD = [("projects", _per_household)]
