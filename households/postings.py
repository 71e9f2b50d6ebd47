"""公示 (before) and 公告 (after) of a village's households, and the minutes of the meeting that talked about them.

A sheet for a wall holds the group, the name of the head, the number of people and the category, nothing else: no
number, phone or account, no illness (so no cause and no reason either), no free text of the register, and of a head
under 14 the family name alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from fupin.accounts.pii import is_child, without_numbers
from fupin.excel.sheet import Kind, Line, Sheet
from households import codes
from households.models import Household, Member, StatusChange

BEFORE, AFTER, MINUTES = "before", "after", "minutes"
LIMIT = 500
"""Households of one sheet: more than a village puts up at once."""
LAST_MONITORED_YEAR = 2025


def _monitored(year):
    return codes.era_label("object", max(year, codes.LAST_POOR_YEAR + 1))


def _registered(year):
    return codes.era_label("object", year)


def _leaving(year):
    return codes.era_label("poor", year)


@dataclass(frozen=True)
class Procedure:
    """One procedure that puts up notices. `name`: that of the lifecycle step it ends with; `who`: the households it may be
    about; `all_ticked`: whether those are meant unless somebody takes one out; `called(year)`: what they are called."""

    name: str
    label: str
    who: Q
    called: Callable
    planned: str
    done: str
    """What is to happen and what has happened, for titles."""
    plan: str
    act: str
    """The same as sentences; {homes} is how many, {called} what they are called."""
    asked: str
    all_ticked: bool = False
    category: bool = True


PROCEDURES = [
    Procedure(
        "identify", "识别", Q(registry_status="0", monitor_category="0"), _registered, "拟识别{called}", "新识别{called}",
        "拟将下列 {homes}识别为{called}", "下列 {homes}识别为{called}",
        "经农户申请、入户调查和村民代表民主评议", category=False,
    ),
    Procedure(
        "exit", "退出", Q(registry_status="2"), _leaving, "拟退出{called}", "退出{called}",
        "下列{called} {homes}拟退出", "下列{called} {homes}退出",
        "经村民代表民主评议、村两委和驻村工作队核实、农户认可", all_ticked=True, category=False,
    ),
    Procedure(
        "monitor", "监测识别", Q(monitor_category="0", registry_status__in=["0", "3"]), _monitored, "拟纳入{called}", "新纳入{called}",
        "拟将下列 {homes}纳入{called}", "下列 {homes}纳入{called}",
        "经农户申报或排查预警、入户核实、信息比对和村民代表民主评议",
    ),
    Procedure(
        "clear_risk", "风险消除", Q(risk_state__in=["1", "3"]) & ~Q(registry_status="9"), _monitored,
        "{called}拟消除风险", "{called}消除风险", "下列{called} {homes}拟消除返贫致贫风险", "下列{called} {homes}消除返贫致贫风险",
        "经入户核实和村民代表民主评议",
    ),
]  # fmt: skip
BY_NAME = {procedure.name: procedure for procedure in PROCEDURES}


@dataclass(frozen=True)
class Home:
    """A household as it may stand on a wall."""

    group: str
    name: str
    size: int
    category: str = ""


@dataclass(frozen=True)
class Sheetful:
    """One sheet: what it is called, its paragraphs, its households, and what stands below."""

    title: str
    paragraphs: list
    homes: list
    office: object
    unit: str
    on: date
    topic: str = ""
    where: str = ""

    @property
    def persons(self):
        return sum(home.size for home in self.homes)


def candidates(user, procedure, stage, path, *, since, until):
    """The households that a sheet may be about: of a 公示 and the minutes those the procedure may take, of a 公告 those
    whose step was taken from `since` to `until`."""
    rows = Household.objects.visible_to(user).within(path)
    if stage == AFTER:
        taken = StatusChange.objects.filter(step=procedure.name, on__gte=since, on__lte=until)
        return rows.filter(pk__in=taken.values("household")).order_by("region_path", "pk")
    return rows.filter(procedure.who).order_by("region_path", "pk")


def documents(homes, procedure, *, since, until):
    """The numbers of the papers by which the step was taken, each once."""
    found = StatusChange.objects.filter(
        household__in=homes, step=procedure.name, on__gte=since, on__lte=until
    )
    return sorted({without_numbers(text) for text in found.values_list("document", flat=True) if text})


def homes_of(rows, names, *, category=True):
    """`[Home]` of these households. `names`: the places' names by path."""
    heads = Member.objects.unscoped("hanging").filter(
        household__in=rows, relation=codes.Relation.HEAD, left_on=None
    )
    children = {head.household_id for head in heads.only("household", "birth") if is_child(head)}
    return [
        Home(
            names.get(row.region_path, "") if len(row.region_path) > 12 else "",
            posted_name(row.head_name, child=row.pk in children),
            row.size,
            row.get_monitor_category_display() if category and row.monitor_category != "0" else "",
        )
        for row in rows
    ]


def posted_name(name, *, child=False):
    """The name of a head for a wall."""
    return f"{name[:1]}某" if child else without_numbers(name)


def in_words(day):
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def sheet_of(procedure, stage, *, village, homes, posting, on, papers=()):
    """The 公示 or 公告 of these `homes` in `village`, put up on the day `on`."""
    called = procedure.called(on.year)
    count = f"{len(homes)} 户 {sum(home.size for home in homes)} 人"
    if stage == BEFORE:
        hangs, end = posting.hangs(procedure.name, on)
        paragraphs = [
            f"{procedure.asked}，{procedure.plan.format(homes=count, called=called)}，现予公示。",
            f"公示期 {hangs}，自 {in_words(on)} 至 {in_words(end)}。公示期内有异议的，请以电话、信函或当面向村委会或下列单位实名反映。",
        ]
        title = f"{village}{on.year}年{procedure.planned.format(called=called)}公示"
    else:
        by = f"（{'、'.join(papers)}）" if papers else ""
        said = procedure.act.format(homes=count, called=called)
        paragraphs = [f"{procedure.asked}、村内公示、乡镇审核、县级审定{by}，{said}，现予公告。"]
        title = f"{village}{on.year}年{procedure.done.format(called=called)}公告"
    return Sheetful(title, paragraphs, homes, posting, posting.unit or f"{village}村民委员会", on)


VILLAGE_STAGES = {
    "before": (
        "拟退出贫困村公示",
        "经村、乡镇自查和县级核查，该村达到贫困村退出标准，拟退出，现在乡镇内公示。",
    ),
    "after": ("贫困村退出公告", "经乡镇内公示、县级审定，该村退出贫困村，现予公告。"),
}
"""`{stage: (what the sheet of a village is called, its first sentence)}`."""
CRITERIA = (
    "通村路硬化", "安全饮水", "生活用电和动力电", "标准化卫生室和村医", "文化和公共服务场所", "义务教育保障", "宽带和广播电视",
    "合作社或主导产业",
)  # fmt: skip
"""What the default checklist of a village's exit asks besides figures (domain reference 3.8): judged by hand."""
RATE = "贫困发生率（应低于 2%，西部 3%）"


def village_facts(profile, rate):
    """`[(label, words)]` of a village for a wall: figures of its profile, sums only; what nobody filled stays blank."""

    def said(value, unit=""):
        return "" if value is None else f"{value}{unit}"

    facts = [
        ("总户数、总人口", "，".join(filter(None, [said(profile.households, " 户"), said(profile.population, " 人")]))),
        ("建档立卡户、人口", "，".join(filter(None, [said(profile.poor_households, " 户"), said(profile.poor_population, " 人")]))),
        (RATE, rate),
        ("村集体经济收入", said(profile.collective_income, " 元")),
        ("农民人均纯收入", said(profile.per_capita_income, " 元")),
        ("帮扶单位", profile.helping_unit),
    ]  # fmt: skip
    known = {"通村路硬化": profile.road_paved, "宽带和广播电视": profile.broadband}
    facts += [(label, {True: "达标", False: "未达标"}.get(known.get(label), "")) for label in CRITERIA]
    return [(label, without_numbers(words) if words else "") for label, words in facts]


def minutes_of(procedure, *, village, homes, posting, on, where):
    """The minutes of the meeting: what is known beforehand, the rest is written by hand."""
    planned = procedure.planned.format(called=procedure.called(on.year))
    topic = f"{on.year} 年{planned}民主评议（{len(homes)} 户）"
    unit = f"{village}村民委员会"
    return Sheetful(f"{village}民主评议记录", [], homes, posting, unit, on, topic=topic, where=where)


def workbook_of(sheet, *, category):
    """`(Sheet, lines)` of a 公示 or 公告 for the writer of workbooks."""
    columns = [
        ("序号", Kind.ORDER, 8, False), ("村民小组", Kind.CODE, 18, False), ("户主姓名", Kind.CODE, 18, False),
        ("家庭人口", Kind.COUNT, 12, False),
    ]  # fmt: skip
    if category:
        columns.append(("类别", Kind.CODE, 22, False))
    columns.append(("备注", Kind.TEXT, 22, False))
    lines = []
    for at, home in enumerate(sheet.homes, 1):
        lines.append(Line([at, home.group, home.name, home.size, *([home.category] if category else []), ""]))
    lines.append(
        Line(["", "合计", f"{len(sheet.homes)} 户", sheet.persons, *([""] if category else []), ""], sum=True)
    )
    made = Sheet(
        "名单", sheet.title, tuple(columns), left=f"单位：{sheet.unit}", right=in_words(sheet.on),
        notes=[*sheet.paragraphs, contact_line(sheet.office)],
    )  # fmt: skip
    return made, lines


def contact_line(office):
    """Whom to call, as the office gave it; what it did not give is left to be written."""
    parts = [f"联系人：{office.contact or '________'}", f"联系电话：{office.phone or '____________'}"]
    return "　".join([*parts, f"监督电话：{office.supervision}"])
