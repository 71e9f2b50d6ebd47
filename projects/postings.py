"""公示 and 公告 of one project (domain reference P21, 4.5): what it is, where, how much, who builds it, whom to call.

Numbers that stand in a project's free text are taken out; of the households that benefit only the village, the name of
the head and what they get in figures is printed.
"""

from dataclasses import dataclass

from fupin.accounts.pii import is_child, without_numbers
from households import codes as register
from households.models import Member
from projects.models.objection import NOTICES

STAGES = {
    "before": ("公示", "拟实施", "现将拟实施的项目予以公示。"),
    "after": ("公告", "批准实施", "项目已经批准，现予公告。"),
    "done": ("竣工公示", "完工", "项目已经完工，现将实施结果予以公示。"),
}
"""`{stage: (what the sheet is called, what the project is, first sentence)}`."""
HUNG = {name for name, _ in NOTICES}
"""Stages with a period and objections; a 公告 says what was decided."""
ENDS = {"after": "before"}
"""`{公告: the notice that must have hung out before it}`."""
LIMIT = 500
UNKNOWN = "—"


@dataclass(frozen=True)
class Benefit:
    """What one household gets, as it may stand on a wall."""

    place: str
    name: str
    amount: str
    money: object


def facts_of(project, stage):
    """`[(label, words)]` of a project as prefetched by the page: funds and villages."""
    villages = "、".join(str(row.region) for row in project.villages.all())
    funds = [
        f"{line.get_source_display()} {line.planned.normalize():,f} 元"
        for line in project.funds.all()
        if line.planned is not None
    ]
    total = f"{project.investment.normalize():,f} 元" if project.investment is not None else ""
    reach = f"{project.benefit_households} 户" if project.benefit_households is not None else ""
    if project.benefit_persons is not None:
        reach += f" {project.benefit_persons} 人"
    facts = [
        ("项目名称", project.name),
        ("项目类别", project.category_label),
        ("建设地点", "，".join(filter(None, [str(project.region), project.place, f"覆盖{villages}" if villages else ""]))),
        ("建设规模及内容", project.content),
        ("总投资", total),
        ("资金来源", "，".join(funds)),
        ("牵头单位", project.lead_unit),
        ("实施单位", project.responsible_unit),
        ("施工单位", project.contractor),
        ("计划工期", " 至 ".join(filter(None, [project.start_text, project.finish_text]))),
        ("受益对象和效益", reach + (f"，预计人均增收 {project.gain.normalize():,f} 元/年" if project.gain is not None else "")),
    ]  # fmt: skip
    if stage == "done":
        facts.append(("实施结果", _result(project)))
    return [(label, without_numbers(words) if words else "") for label, words in facts]


def _result(project):
    parts = []
    if project.quantity_done is not None:
        parts.append(f"完成 {project.quantity_done.normalize():f}{project.unit}")
    if project.finished_on:
        parts.append(f"{project.finished_on} 完工")
    if project.accepted_on:
        parts.append(f"{project.accepted_on} 验收")
    paid = [line.paid for line in project.funds.all() if line.paid is not None]
    if paid:
        parts.append(f"已支付 {sum(paid).normalize():,f} 元")
    return "，".join(parts)


def benefits_of(rows):
    """`[Benefit]` of Beneficiary rows with their household and its place."""
    homes = [row.household_id for row in rows]
    heads = Member.objects.unscoped("hanging").filter(
        household__in=homes, relation=register.Relation.HEAD, left_on=None
    )
    children = {head.household_id for head in heads.only("household", "birth") if is_child(head)}
    return [
        Benefit(
            str(row.household.region),
            f"{row.household.head_name[:1]}某" if row.household_id in children else without_numbers(row.household.head_name),
            f"{row.quantity.normalize():f}{row.unit}" if row.quantity is not None else UNKNOWN,
            row.money,
        )
        for row in rows
    ]  # fmt: skip
