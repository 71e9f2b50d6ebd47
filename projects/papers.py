"""Figures and tables of projects that a paper may name. A project's own figures are `项目：名称：数量`."""

from django.db.models import Q, Sum

from fupin.documents.text import Figures, Known, Table, later, words
from projects import codes
from projects.models import Beneficiary, FundLine, Milestone, Project

ROWS = 100
NAMED = 30
"""Projects whose own figures a text may name, in order of their target dates."""
FIGURES = {
    "数量": "quantity", "已完成数量": "quantity_done", "单位": "unit", "牵头单位": "lead_unit", "责任单位": "responsible_unit",
    "计划开工": "start_text", "计划完工": "finish_text", "受益户数": "benefit_households", "受益人数": "benefit_persons",
    "总投资": "investment", "形象进度": "progress",
}  # fmt: skip


def projects(place):
    """The projects at the place in the year (those without a year too), or what a household has of them."""
    if place.household is not None:
        return Known({}, {"到户项目": lambda: _of_household(place)})
    rows = Project.objects.visible_to(place.user).covering(place.region)
    rows = rows.filter(Q(year=place.year) | Q(year=None)).order_by("finish_end", "pk")
    money = ("项目资金下达", "项目资金拨付", "项目资金支付")
    figures = later(money, lambda: _money(rows, money)) | later(
        ("项目个数", "项目完工个数"),
        lambda: {
            "项目个数": rows.count(),
            "项目完工个数": rows.filter(state__in=codes.FINISHED).count(),
        },
    )
    figures = Figures(figures, {"项目：": lambda: _each(rows)})
    return Known(
        figures,
        {
            "项目": lambda: _project_table(rows),
            "项目节点": lambda: _step_table(rows),
            "项目资金": lambda: _fund_table(rows),
        },
    )


def _money(rows, labels):
    sums = FundLine.objects.filter(project__in=rows.order_by()).aggregate(
        planned=Sum("planned"), allotted=Sum("allotted"), paid=Sum("paid")
    )
    return dict(zip(labels, (sums["planned"], sums["allotted"], sums["paid"])))


def _each(rows):
    """`{"项目：name：label": value}` of the projects that are due first."""
    figures = {}
    for project in rows.prefetch_related("milestones")[:NAMED]:
        figures |= {
            f"项目：{project.name}：{label}": getattr(project, name) for label, name in FIGURES.items()
        }
        figures |= {
            f"项目：{project.name}：{step.name}": step.target_text for step in project.milestones.all()
        }
    return figures


def _amount(row):
    return f"{words(row.quantity)}{row.unit}" if row.quantity is not None else ""


def _day(text):
    return words(text) if text else ""


def _project_table(rows):
    return Table(
        ("项目名称", "建设内容", "数量", "计划开工", "计划完工", "牵头单位", "状态"),
        [
            [row.name, row.content, _amount(row), _day(row.start_text), _day(row.finish_text), row.lead_unit, row.get_state_display()]
            for row in rows[:ROWS]
        ],
    )  # fmt: skip


def _step_table(rows):
    steps = (
        Milestone.objects.unscoped("hanging").filter(project__in=rows.order_by()).select_related("project")
    )
    return Table(
        ("项目", "节点", "时限", "完成情况"),
        [
            [
                step.project.name,
                step.name,
                _day(step.target_text),
                f"{words(step.done_on)}完成" if step.done_on else "未完成",
            ]
            for step in steps.order_by("project", "order")[:ROWS]
        ],
    )


def _fund_table(rows):
    sums = (
        FundLine.objects.filter(project__in=rows.order_by())
        .order_by("source")
        .values_list("source")
        .annotate(planned=Sum("planned"), allotted=Sum("allotted"), paid=Sum("paid"))
    )
    labels = dict(codes.FundSource.choices)
    return Table(
        ("资金来源", "下达（元）", "拨付（元）", "支付（元）"),
        [
            [labels[source], *("—" if value is None else words(value) for value in money)]
            for source, *money in sums
        ],
    )


def _of_household(place):
    rows = (
        Beneficiary.objects.visible_to(place.user).filter(household=place.household).select_related("project")
    )
    return Table(
        ("项目", "受益内容", "数量", "金额（元）"),
        [
            [row.project.name, row.item, _amount(row), "" if row.money is None else words(row.money)]
            for row in rows.order_by("pk")[:ROWS]
        ],
    )


SOURCES = [projects]
