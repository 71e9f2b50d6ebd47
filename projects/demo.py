"""The demo of projects: what the five plans name, and invented ones of 篆塘镇, late and on time.

Built through the actions of the pages. Quantities, units, units in charge and dates of the plans are theirs; what a
plan does not say stays empty. Plans without a year are dated in the year of the demo, and say so.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from fupin import schedule
from fupin.accounts.models import User
from fupin.demo import SEED, Demo
from fupin.regions.models import Region
from households.models import Household
from projects import actions, codes
from projects.models import Beneficiary, FundLine, Milestone, Project

CHANGLONG, LUHUO = "513327100212", "513327"
ZHUANTANG, QIJIANG = "500110117", "500110"
CANGNAN = "330327"

DATED = "原文没有年份，演示按本年排期。"


@dataclass(frozen=True)
class Plan:
    """A project of a plan. Dates as the plan writes them; `milestones` are (name, target)."""

    name: str
    category: str
    at: str
    by: str
    source: str
    content: str
    nature: str = "1"
    state: str = "10"
    fields: dict = field(default_factory=dict)
    start: str = ""
    finish: str = ""
    milestones: tuple = ()
    dated: bool = False
    villages: tuple = ()


S1 = {"at": CHANGLONG, "by": "xindu", "source": "计划篇一", "dated": True}
S5 = {"by": "admin", "source": "计划篇五", "category": "0405"}

PLANS = [
    Plan("木耳基地转型发展", "0110", content="木耳基地转型发展", nature="2", **S1),
    Plan("每家每户小型蔬菜大棚", "0111", content="修建每家每户小型蔬菜大棚", **S1),
    Plan("农作物种植技术培训", "0205", content="举办农作物等种植技术培训", nature="8", **S1),
    Plan(
        "易地扶贫搬迁户入户路硬化", "07", content="3户易地扶贫搬迁户修建入户硬化路330米",
        fields={"quantity": 330, "unit": "米", "benefit_households": 3}, **S1,
    ),
    Plan(
        "易地扶贫搬迁户生活用电", "0703", content="新增加电杆3根，解决3户易地扶贫搬迁户生活用电",
        fields={"quantity": 3, "unit": "根", "benefit_households": 3}, **S1,
    ),
    Plan("农村饮水安全项目", "0504", content="建设农村饮水安全项目，在10月进行", finish="10月", **S1),
    Plan(
        "捐赠床上用品", "1003", at=ZHUANTANG, by="zhen", source="计划篇二", nature="8",
        content="价值每套220元的床上用品15套", fields={"quantity": 15, "unit": "套", "investment": 3300}, dated=True,
    ),
    Plan(
        "石桥村义诊", "1002", at=QIJIANG, by="xian", source="计划篇二", nature="8",
        content="下半年到石桥村义诊，实地了解并给予必要的物资援助", finish="下半年", fields={"place": "石桥村"},
        milestones=(("义诊", "下半年"),), dated=True,
    ),
    Plan(
        "10千伏及以下电力建设", "0303", at=LUHUO, by="admin", source="计划篇四", state="30",
        content="实施10千伏及以下项目45个。县发改经信局和相关职能部门协调服务，电力部门实施，"
        "乡镇负责占地和青苗补偿、防止阻工",
        fields={
            "quantity": 45, "unit": "个", "quantity_done": 38, "progress": 84,
            "lead_unit": "县发改经信局", "responsible_unit": "县供电公司", "remark": "原文未写县名，演示放在炉霍县。",
        },
        start="4月底前", finish="年内",
        milestones=(("完成物资采购", "4月"), ("开工建设", "4月底前"), ("完工", "年内")), dated=True,
    ),
    Plan(
        "下山脱贫点建设（5年规划）", at=CANGNAN, state="30",
        content="全县各乡镇共投建脱贫点65个，解决2957户、11041名农民居住问题",
        fields={"quantity": 65, "unit": "个", "benefit_households": 2957, "benefit_persons": 11041}, **S5,
    ),
    Plan(
        "李家洋村民工之家一期", at="330383198009",
        content="建设扶贫民工住宅270套，安置下山农户1200多人；规划总用地31601平方米，总建筑面积47500平方米，"
        "一期用地15453平方米。前期工作已经完成",
        fields={"quantity": 270, "unit": "套", "place": "原龙港镇李家洋村"}, **S5,
    ),
    Plan(
        "双洋村民工之家", at="330327100", content="占地50亩，建筑面积40000多平方米",
        fields={"quantity": 50, "unit": "亩", "place": "双洋村"}, **S5,
    ),
    Plan(
        "高丰村整村置换", at="330327116249", nature="7", state="50",
        content="昌禅乡高丰村328户1221人整村置换到金乡镇，试点工作已经顺利完成",
        fields={"quantity": 328, "unit": "户", "benefit_households": 328, "benefit_persons": 1221}, **S5,
    ),
    Plan(
        "新美洲下山异地脱贫点", at="330383198031",
        content="已做好征地规划设计等前期准备工作，因土地政策原因工程还没有启动建设",
        fields={"blocked_reason": "土地政策原因，工程没有启动建设"}, **S5,
    ),
    Plan(
        "上九堡村脱贫点", at="330327112", state="50", content="已建成，规模和配套相对较好",
        fields={"place": "上九堡村"}, **S5,
    ),
    Plan("岩联村脱贫点", at="330327100330", state="50", content="已建成，规模和配套相对较好", **S5),
]  # fmt: skip

WORKS = [
    ("村组道路硬化", "0301", "公里", 56, (2, 6), "区交通运输委员会", "1", ("路基整治", "路面硬化", "竣工验收")),
    ("人畜饮水管网", "0302", "公里", 12, (4, 9), "区水利局", "1", ("水源及蓄水池", "管网铺设", "通水验收")),
    ("蔬菜大棚", "0111", "个", 2, (12, 60), "区农业农村委员会", "1", ("土地流转", "棚体搭建", "投产验收")),
    ("花椒基地", "0101", "亩", 0.3, (120, 200), "区农业农村委员会", "3", ("整地", "栽植", "成活率验收")),
    ("危房改造", "0501", "户", 3.6, (4, 20), "区住房城乡建委", "6", ("鉴定评级", "改造施工", "逐户验收")),
    ("农技培训", "0205", "人次", 0.05, (60, 190), "区农业农村委员会", "8", ("确定课程", "开班", "结业考核")),
    ("肉牛养殖小区", "0102", "头", 1.05, (30, 100), "区农业农村委员会", "1", ("圈舍建设", "引进种牛", "投产验收")),
    ("卫生室改造", "0310", "个", 12, (1, 2), "区卫生健康委员会", "2", ("主体改造", "设备进场", "启用")),
    ("护林员公益岗位", "0201", "人", 0.7, (3, 8), "区林业局", "8", ("公示", "上岗", "年度考核")),
    ("村内路灯", "0307", "盏", 0.28, (40, 90), "区住房城乡建委", "1", ("采购", "安装", "亮灯验收")),
]  # fmt: skip
"""(what, category, unit, 万元 per unit, range of the quantity, lead unit, nature, steps)."""

FATES = (
    [("done", -60)] * 5 + [("late-done", -40)] * 3 + [("over", -23), ("over", -8), ("over", -45), ("over", -71)]
    + [("risk", 60), ("risk", 95), ("risk", 140)] + [("soon", 7), ("soon", 17), ("soon", 26)]
    + [("ok", 38), ("ok", 70), ("ok", 128), ("ok", 189), ("ok", 219)] + [("stopped", 20), ("stopped", -30)]
    + [("waiting", 150), ("waiting", 180)] + [("accepted", -150)] * 3
)  # fmt: skip
"""What became of each invented project, and the days from today to its planned finish."""

REASONS = [
    "雨季长，道路不通，材料进不了场",
    "征地青苗补偿谈判延后",
    "第一次招标流标，重新招标",
    "设计变更，重新报批",
]
STOPS = ["村民对占地补偿有异议，施工队退场", "上游取水口权属未定，区水利局协调中"]


def present():
    """Whether there are projects already."""
    return Project.objects.exists()


def build(order):
    """The projects of the plans, then the invented ones."""
    users = {
        user.username: user for user in User.objects.filter(username__in=["admin", "xian", "zhen", "xindu"])
    }
    made = [_planned(plan, users[plan.by], order.today) for plan in PLANS]
    chance = random.Random(SEED)  # noqa: S311
    rows = Region.objects.filter(parent__path=ZHUANTANG).exclude(name__contains="社区")
    villages = list(rows.order_by("path"))
    for number, (fate, days) in enumerate(FATES):
        work = WORKS[number % len(WORKS)]
        village = villages[(number * 5 + number // len(villages)) % len(villages)]
        made.append(_invented(work, village, fate, days, users["xian"], order.today, chance, villages))
    order.say(f"项目 {len(made)} 个")


def _target(text, year):
    return schedule.parse(text, year=year)


def _planned(plan, by, today):
    year = today.year if plan.dated else None
    fields = dict(plan.fields)
    remark = "；".join(filter(None, [fields.pop("remark", ""), DATED if plan.dated else "原文没有年份。"]))
    money = fields.pop("investment", None)
    project = Project(
        name=plan.name, category=plan.category, nature=plan.nature, state=plan.state, source=plan.source, year=year,
        region=Region.objects.get(path=plan.at), content=plan.content, remark=remark,
        investment=None if money is None else Decimal(money), **fields,
    )  # fmt: skip
    for name, text in (("start", plan.start), ("finish", plan.finish)):
        if text:
            _set(project, name, _target(text, year))
    steps = [
        Milestone(name=name, **schedule.columns(_target(text, year), "planned"))
        for name, text in plan.milestones
    ]
    funds = [FundLine(source="5", planned=project.investment)] if money else []
    project = actions.create_project(project, milestones=steps, funds=funds, by=by)
    if plan.name == "10千伏及以下电力建设":
        _done(project, 0, date(year, 4, 24), today, by)
        _done(project, 1, date(year, 5, 12), today, by, note="占地和青苗补偿 5 月上旬谈妥")
    if plan.at == CHANGLONG and project.benefit_households == 3:
        _reach_moved(project, by, today)
    return project


def _set(project, name, target):
    for column, value in schedule.columns(target, name).items():
        setattr(project, column, value)


def _done(project, number, on, today, by, note=""):
    """Mark the milestone `number` as done, if that day has come."""
    if on <= today:
        step = project.milestones.select_related("project").order_by("order")[number]
        actions.finish_milestone(step, on=on, by=by, note=note)


def _reach_moved(project, by, today):
    """The three relocated households of the first plan."""
    moved = Household.objects.visible_to(by).within(CHANGLONG).filter(relocated=True).order_by("pk")[:3]
    for household in moved:
        item = "入户路硬化" if project.unit == "米" else "生活用电接入"
        actions.add_beneficiary(Beneficiary(project=project, household=household, item=item), by=by)


def _worded(day):
    """A date as an official would write it: month ends as months, year ends as 年内."""
    if (day.month, day.day) == (12, 31):
        return f"{day.year}年内"
    if (day + timedelta(1)).day == 1:
        return f"{day.year}年{day.month}月底前"
    return day.isoformat()


def _invented(work, village, fate, days, by, today, chance, villages):
    what, category, unit, price, (low, high), lead, nature, names = work
    quantity = chance.randint(low, high)
    length = chance.choice([90, 120, 150, 180, 210])
    finish = today + timedelta(days)
    start = finish - timedelta(length) if fate != "waiting" else today - timedelta(chance.randint(5, 20))
    if fate in ("ok", "soon", "risk"):
        start = min(start, today - timedelta(chance.randint(45, 110)))  # under way, whatever its length
    total = (Decimal(str(price)) * quantity * 10000).quantize(Decimal("0.01"))
    finished = fate in ("done", "late-done", "accepted")
    ended = finish + timedelta(chance.randint(3, 30) if fate == "late-done" else -chance.randint(0, 12))
    progress = _progress(fate, start, finish, today, chance)
    households = chance.randint(8, 90)
    project = Project(
        year=start.year, name=f"{village.short_name}{what}{quantity}{unit}", category=category, nature=nature,
        state=_state(fate), region=village, content=f"{what}{quantity}{unit}", quantity=quantity, unit=unit,
        quantity_done=quantity if finished else None, lead_unit=lead, responsible_unit="篆塘镇人民政府",
        manager=chance.choice(["刘敏", "赵永强", "李秀兰", "周志强"]), started_on=None if fate == "waiting" else start,
        finished_on=ended if finished else None, accepted_on=ended + timedelta(12) if fate == "accepted" else None,
        progress=progress, blocked_reason=STOPS[quantity % 2] if fate == "stopped" else "", investment=total,
        benefit_households=households, benefit_persons=households * 3, benefit_out_households=households // 3,
        benefit_watched_households=households // 12, source="综合",
    )  # fmt: skip
    _set(project, "start", _target(_worded(start), start.year))
    _set(project, "finish", _target(_worded(finish), finish.year))
    dates = [start + (finish - start) * part // 3 for part in (1, 2, 3)]
    steps = [
        Milestone(name=name, **schedule.columns(_target(_worded(day), day.year), "planned"))
        for name, day in zip(names, dates)
    ]
    also = (
        [village, villages[(villages.index(village) + 1) % len(villages)]] if quantity % 4 == 0 else [village]
    )
    funds = _funds(total, progress or 0, fate, chance)
    project = actions.create_project(project, villages=also, milestones=steps, funds=funds, by=by)
    _history(project, fate, dates, ended, today, by, chance)
    _reach(project, village, by, chance)
    return project


def _progress(fate, start, finish, today, chance):
    """The progress that makes the fate come true on `today`."""
    if fate in ("done", "late-done", "accepted"):
        return 100
    if fate == "waiting":
        return None
    share = 100 * (today - start).days // max(1, (finish - start).days)
    if fate in ("over", "stopped"):
        return chance.randint(55, 85)
    if fate == "risk":
        return max(1, share * 45 // 100)
    return min(95, max(share * 8 // 10, share + chance.randint(-8, 6)))


def _state(fate):
    kinds = {"done": "50", "late-done": "60", "accepted": "70", "stopped": "40", "waiting": "10"}
    return kinds.get(fate, str(codes.State.WORKING))


def _funds(total, progress, fate, chance):
    """Money by source; what was paid follows the progress."""
    shares = chance.choice(
        [(("1", 60), ("4", 40)), (("1", 50), ("2", 30), ("4", 20)), (("2", 70), ("6", 30))]
    )
    rows, left = [], total
    for number, (source, share) in enumerate(shares, 1):
        planned = left if number == len(shares) else (total * share / 100).quantize(Decimal("0.01"))
        left -= planned
        rate = Decimal(100 if fate in ("done", "accepted") else chance.choice([70, 80, 90, 100]))
        allotted = (planned * rate / 100).quantize(Decimal("0.01"))
        paid = min(allotted, (planned * progress * 9 / 1000).quantize(Decimal("0.01")))
        rows.append(
            FundLine(
                source=source, planned=planned, allotted=allotted if fate != "waiting" else None,
                paid=paid if fate != "waiting" else None,
            )
        )  # fmt: skip
    return rows


def _history(project, fate, dates, ended, today, by, chance):
    """Milestones done early or late, and some moved with their reason."""
    if fate == "waiting":
        return
    for number, day in enumerate(dates):
        late = chance.choice([-6, -3, 0, 2, 12])
        if project.finished_on:
            _done(project, number, min(day + timedelta(late), ended) if number < 2 else ended, today, by)
        elif number < 2 and day + timedelta(late) < today and (number == 0 or fate in ("ok", "soon")):
            _done(project, number, day + timedelta(late), today, by)
    project.refresh_from_db()
    if fate in ("over", "late-done") and chance.random() < 0.7:
        step = project.milestones.select_related("project").filter(done_on=None).order_by("order").first()
        if step is not None:
            day = step.planned_end + timedelta(15)
            target = _target(_worded(day), day.year)
            actions.move_milestone(step, target=target, reason=chance.choice(REASONS), by=by)


def _reach(project, village, by, chance):
    """A few households with what each got."""
    rows = Household.objects.visible_to(by).within(village).filter(registry_status__in=["1", "2", "3"])
    for household in rows.order_by("pk")[: chance.randint(2, 6)]:
        cash = project.category in ("0501", "0201")
        actions.add_beneficiary(
            Beneficiary(
                project=project, household=household, item=project.content,
                money=Decimal(chance.randint(8, 35) * 100) if cash else None, on=project.started_on,
            ),
            by=by,
        )  # fmt: skip


DEMOS = [Demo(build, present)]
