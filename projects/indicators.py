"""What forms ask about projects and their money, by place: counts and sums under the conditions of `projects.stats`.

A project counts in every place that it lies in or covers a village of; in the place above it counts once.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Case, Value, When

from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission as P
from fupin.onetable.vocabulary import Condition, Entry, Measure, Source, Unknown, parsed
from fupin.regions.models import Region, ancestors_of
from projects import codes, stats
from projects.models import Project, ProjectVillage

PROJECT = "project"
ON = frozenset({PROJECT})
SOURCE = "项目库、资金台账"

_NAMES = {
    "open": ("未完工", "未完成"), "not-started": ("未开工", "应开工未开工"), "started": ("开工", "已开工", "已开工项目"), "working": ("在建", "在建项目", "正在实施"),
    "stopped": ("停滞", "停工"), "finished": ("完工", "已完工", "竣工", "已完成", "完成"), "over": ("逾期", "已逾期", "逾期项目"), "risk": ("进度落后", "滞后"),
    "preparing": ("前期", "前期工作"), "plan-year": ("本年应完工",), "abandoned": ("终止",),
}  # fmt: skip
_STATES = [
    Condition(
        f"project-{figure.key}", f"项目{figure.label}", PROJECT, _NAMES.get(figure.key, ()), figure.note
    )
    for figure in stats.FIGURES
    if figure.key != "all"
]
_STATES.append(
    Condition(
        "project-accepted", "项目已验收", PROJECT, ("验收", "已验收", "验收合格"), "已验收、已结算、已移交"
    )
)
_ALIAS = {
    "01": ("产业发展", "产业", "产业扶贫", "产业帮扶"), "02": ("就业",), "03": ("乡村建设",), "07": ("基础设施建设",), "0101": ("种植业", "农业开发"), "0102": ("养殖业",),
    "0103": ("加工业", "手工加工"), "0105": ("商贸旅游", "旅游"), "0301": ("农村道路", "道路", "村道"), "0302": ("农村供水", "二次改水工程", "改水工程", "供水"),
    "0306": ("生活垃圾污水", "生活污水处理设施", "污水处理"), "0308": ("农田水利", "农田水利设施", "水利设施"), "0310": ("公共服务",), "0307": ("人居环境", "环卫设施"),
    "0603": ("文化活动", "文娱体育"), "0601": ("村级组织",), "1003": ("捐赠", "企业捐建"), "0901": ("危房改造项目",), "0303": ("电力",), "0305": ("厕所", "改厕"),
}  # fmt: skip
_CATEGORIES = [
    Condition(
        f"category-{code}",
        f"{name}项目" if code != "99" else "其他类别项目",
        PROJECT,
        tuple(f"{one}项目" for one in _ALIAS.get(code, ())) + _ALIAS.get(code, (name,)),
        f"项目类别为{codes.category_path(code)}",
    )
    for code, name in codes.CATEGORY_NAMES.items()
]
_CATEGORIES = [
    replace(one, names=("其他类项目",)) if one.key == "category-99" else one for one in _CATEGORIES
]
_FARM = Condition(
    "category-farm", "农业开发项目", PROJECT, ("农业开发", "农业项目"), "项目类别为种植业、养殖业、农业设施"
)
_ROAD = Condition(
    "category-road",
    "道路项目",
    PROJECT,
    ("硬底化村道", "硬化村道", "村道硬化", "硬化道路", "通村道路"),
    "项目类别为农村道路、交通",
)
_FUNDS = [
    Condition(
        f"fund-{code}",
        f"{name}项目",
        PROJECT,
        (name, name.removesuffix("资金"), f"{name.removesuffix('资金')}财政"),
        f"资金来源为{name}",
    )
    for code, name in codes.FundSource.choices
]
_BY_NAME = (
    ("industry", "工业开发项目", "工业|厂房|标准化车间|工业园", ("工业开发项目", "工业项目", "工业开发")),
    ("investors", "招商引资项目", "招商|引资", ("招商引资项目", "招商引资")),
    ("lamp", "路灯项目", "路灯|亮化", ("安装路灯村道", "路灯", "村道路灯", "安装路灯", "亮化工程")),
    ("farmland", "农田建设项目", "农田|鱼塘|梯田|灌溉", ("受益农田（鱼塘）", "受益农田（鱼塘）面积", "受益农田鱼塘", "受益农田", "农田建设", "受益农田鱼塘面积", "受益农田面积")),
    ("standard-field", "标准农田项目", "标准农田|标准鱼塘", ("标准农田（鱼塘）", "标准农田鱼塘", "标准农田", "高标准农田")),
    ("office", "村委会项目", "村委会|办公楼|党群服务中心|村部|便民服务", ("村委会", "村委会办公楼", "党群服务中心", "村级活动场所")),
    ("culture", "文化室项目", "文化室|文化站|书屋|文化中心|文化广场", ("文化室", "农家书屋", "文化广场")),
    ("clinic", "卫生站项目", "卫生室|卫生站|卫生所|医疗点", ("卫生站", "卫生室建设", "村卫生室建设")),
    ("sports", "体育设施项目", "体育|健身|球场", ("体育设施", "健身设施", "体育场地")),
)  # fmt: skip
"""Works that have no class of their own in the pool: known by the words of their names."""
_NAMED = [
    Condition(f"named-{key}", label, PROJECT, names, f"项目名称含“{words.replace('|', '”或“')}”")
    for key, label, words, names in _BY_NAME
]
WORDS = {f"named-{key}": re.compile(words) for key, _, words, _ in _BY_NAME}
CONDITIONS = (*_STATES, *_CATEGORIES, _FARM, _ROAD, *_FUNDS, *_NAMED)
GROUPS = {"category-farm": ("0101", "0102", "0111"), "category-road": ("0301", "0701")}

MEASURES = (
    Measure("j", "项目数", "个", ("项目个数", "项目总数", "个数", "项目数量", "实施项目"), "该地或覆盖该地的村的项目", SOURCE, rounding="整数", takes=ON),
    Measure("j.investment", "计划总投资", "元", ("总投资", "项目总投资", "投资", "投资额", "资金规模", "投资规模", "计划投资"), "各项目计划总投资之和", SOURCE, rounding="保留 2 位", takes=ON),
    Measure("j.planned", "下达资金", "元", ("下达", "资金下达", "到位资金", "下达金额", "下达资金数", "资金到位"), "各资金来源行的下达之和", SOURCE, rounding="保留 2 位", takes=ON),
    Measure("j.allotted", "拨付资金", "元", ("拨付", "资金拨付", "已拨付", "拨付金额"), "各资金来源行的拨付之和", SOURCE, rounding="保留 2 位", takes=ON),
    Measure("j.paid", "支付资金", "元", ("支付", "资金支付", "已支付", "支出", "已支出", "支出金额", "支付金额", "资金支出"), "各资金来源行的支付之和", SOURCE, rounding="保留 2 位", takes=ON),
    Measure("j.quantity", "建设数量", "", ("数量", "建设规模", "里程"), "各项目的数量之和（单位以项目登记为准）", SOURCE, rounding="保留 2 位", takes=ON),
    Measure("j.km", "道路里程", "公里", ("里程公里", "公里"), "计量单位为公里、千米的项目数量之和", SOURCE, rounding="保留 2 位", takes=ON),
    Measure("j.mu", "项目面积", "亩", ("项目建设面积",), "计量单位为亩的项目数量之和", SOURCE, rounding="保留 2 位", takes=ON),
    Measure("j.benefit_households", "项目受益户数", "户", ("受益户", "受益户数", "受益农户", "带动农户"), "各项目受益户数之和（跨项目不去重）", SOURCE, rounding="整数", takes=ON),
    Measure("j.benefit_persons", "项目受益人数", "人", ("受益人口", "受益人数", "受益群众"), "各项目受益人数之和（跨项目不去重）", SOURCE, rounding="整数", takes=ON),
    Measure("j.allotted-rate", "资金拨付率", "%", ("拨付率",), "拨付 ÷ 下达", SOURCE, "下达资金", "百分数保留 2 位，四舍五入", ON, ("j.allotted|", "j.planned|"), False),
    Measure("j.paid-rate", "资金支出率", "%", ("支付率", "支出率", "支出进度", "资金支付率", "支付进度"), "支付 ÷ 下达", SOURCE, "下达资金", "百分数保留 2 位，四舍五入", ON, ("j.paid|", "j.planned|"), False),
    Measure("j.start-rate", "项目开工率", "%", ("开工率",), "已开工项目 ÷ 项目数", SOURCE, "项目数", "百分数保留 2 位，四舍五入", ON, ("j|project-started", "j|"), False),
    Measure("j.finish-rate", "项目完工率", "%", ("完工率",), "已完工项目 ÷ 项目数", SOURCE, "项目数", "百分数保留 2 位，四舍五入", ON, ("j|project-finished", "j|"), False),
    Measure("j.accept-rate", "项目验收率", "%", ("验收率",), "已验收项目 ÷ 项目数", SOURCE, "项目数", "百分数保留 2 位，四舍五入", ON, ("j|project-accepted", "j|"), False),
)  # fmt: skip
BY_KEY = {measure.key: measure for measure in MEASURES}
MONEY = {"j.planned": "planned", "j.allotted": "allotted", "j.paid": "paid"}
KILOMETRES = {"公里", "千米", "km", "KM"}
ACCEPTED = ("70", "75", "80")


@dataclass(slots=True)
class Works:
    """A project with its money by source and the figures of stats that it counts in."""

    row: dict
    flags: dict
    funds: dict = field(default_factory=dict)
    places: tuple = ()

    def money(self, name, source=""):
        held = [
            row[name]
            for code, row in self.funds.items()
            if (not source or code == source) and row[name] is not None
        ]
        return sum(held) if held else None


def _percent(top, bottom):
    """A share in percent with two places as text, — without denominator."""
    return f"{Decimal(top or 0) / bottom * 100:.2f}%" if bottom else "—"


ENTRY_VALUES = {
    "project_number": ("项目编号", ("编号",), lambda one: one.row["number"], ""),
    "project_name": ("项目名称", ("项目", "工程名称"), lambda one: one.row["name"], ""),
    "project_year": ("项目年度", ("年度",), lambda one: one.row["year"], ""),
    "project_category": ("项目类别", ("类别", "项目类型"), lambda one: codes.category_path(one.row["category"]), ""),
    "project_place": ("建设地点", ("实施地点", "项目地点", "地点"), lambda one: "".join(one.places[1:]) or one.row["place"], ""),
    "project_town": ("项目乡镇", ("乡镇", "乡", "所在乡镇", "实施乡镇", "项目所在乡镇"), lambda one: one.places[1] if len(one.places) > 1 else "", ""),
    "project_village": ("项目村", ("行政村", "村", "村名", "所在村", "实施村", "建设村", "项目所在村"), lambda one: one.places[2] if len(one.places) > 2 else "", ""),
    "project_content": ("建设规模及内容", ("建设内容及规模", "建设内容", "主要建设内容", "建设任务", "项目内容"), lambda one: one.row["content"], ""),
    "project_quantity": ("数量", ("建设规模数量",), lambda one: one.row["quantity"], ""),
    "project_unit": ("计量单位", ("单位",), lambda one: one.row["unit"], ""),
    "project_lead": ("牵头单位", ("主管单位", "主管部门", "项目主管单位"), lambda one: one.row["lead_unit"], ""),
    "project_responsible": ("责任单位", ("实施单位", "建设单位", "责任部门", "项目责任单位"), lambda one: one.row["responsible_unit"], ""),
    "project_contractor": ("施工单位", ("承建单位", "施工企业", "中标单位"), lambda one: one.row["contractor"], ""),
    "project_manager": ("项目负责人", ("负责人",), lambda one: one.row["manager"], ""),
    "project_investment": ("计划总投资", ("总投资", "投资", "金额", "资金规模", "投资额", "资金", "概算总投资", "投资规模"), lambda one: one.row["investment"], "元"),
    "project_planned": ("下达资金", ("下达", "到位资金", "资金下达"), lambda one: one.money("planned"), "元"),
    "project_allotted": ("拨付资金", ("拨付", "已拨付"), lambda one: one.money("allotted"), "元"),
    "project_paid": ("支付资金", ("支付", "已支付", "支出", "已支出", "支出金额", "支付金额", "资金支出"), lambda one: one.money("paid"), "元"),
    "project_start": ("计划开工", ("计划开工时间", "计划开工日期"), lambda one: one.row["start_text"], ""),
    "project_finish": ("计划完工", ("计划完工时间", "计划完工日期", "计划竣工时间", "时间进度", "完成时限"), lambda one: one.row["finish_text"], ""),
    "project_started": ("实际开工", ("开工时间", "开工日期", "实际开工时间"), lambda one: one.row["started_on"], ""),
    "project_finished": ("实际完工", ("完工时间", "竣工时间", "实际完工时间", "完工日期"), lambda one: one.row["finished_on"], ""),
    "project_state": ("项目状态", ("状态", "实施状态", "项目进展", "进展情况"), lambda one: dict(codes.State.choices)[one.row["state"]], ""),
    "project_progress": ("形象进度", ("进度", "工程进度", "形象进度（%）", "完成进度"), lambda one: one.row["progress"], ""),
    "project_households": ("受益户数", ("受益户", "受益农户"), lambda one: one.row["benefit_households"], ""),
    "project_persons": ("受益人数", ("受益人口", "受益群众"), lambda one: one.row["benefit_persons"], ""),
    "project_problem": ("存在问题", ("阻工原因", "未开工原因", "存在的问题"), lambda one: one.row["blocked_reason"], ""),
    "project_nature": ("建设性质", (), lambda one: dict(codes.Nature.choices).get(one.row["nature"], ""), ""),
    "project_rate": ("支出率", ("支出进度", "支付率", "支付进度", "资金支出率"), lambda one: _percent(one.money("paid"), one.money("planned")), ""),
    "project_remark": ("项目备注", ("备注",), lambda one: one.row["remark"], ""),
    "project_phone": ("项目联系电话", ("负责人电话", "联系电话"), lambda one: one.row["manager_phone"], ""),
}  # fmt: skip
ENTRIES = tuple(
    Entry(key, label, PROJECT, names, value, unit, FieldClass.PHONE if key == "project_phone" else None)
    for key, (label, names, value, unit) in ENTRY_VALUES.items()
)
COLUMNS = [column.attname for column in Project._meta.concrete_fields]


def _works(asked, place, keys):
    """The projects of a place that the user may export, with what is asked of them."""
    rows = asked.visible(stats.visible(asked.user)).covering(place).order_by("region_path", "pk")
    flags = {}
    for n, key in enumerate(sorted(keys)):
        flags[f"flag_{n}"] = key
        rows = rows.annotate(
            **{f"flag_{n}": Case(When(stats.condition(key, asked.as_of), then=Value(1)), default=Value(0))}
        )
    held = {
        row["id"]: Works(row, {key: bool(row[name]) for name, key in flags.items()})
        for row in rows.values(*COLUMNS, *flags)
    }
    for start in range(0, len(held), 500):
        some = list(held)[start : start + 500]
        lines = Project.objects.unscoped("hanging").filter(pk__in=some, funds__isnull=False).order_by("funds")
        for pk, source, planned, allotted, paid in lines.values_list(
            "pk", "funds__source", "funds__planned", "funds__allotted", "funds__paid"
        ):
            held[pk].funds[source] = {"planned": planned, "allotted": allotted, "paid": paid}
    return held


def _flags(conditions):
    return {
        key.removeprefix("project-")
        for key in conditions
        if key.startswith("project-") and key != "project-accepted"
    }


def _meets(one, key):
    kind, _, code = key.partition("-")
    if key in WORDS:
        return bool(WORDS[key].search(one.row["name"]))
    if key in GROUPS:
        return one.row["category"] in GROUPS[key]
    if kind == "category":
        return one.row["category"].startswith(code)
    if kind == "fund":
        return code in one.funds
    if key == "project-accepted":
        return one.row["state"] in ACCEPTED
    return one.flags[code]


def _adds(one, expression):
    if not all(_meets(one, key) for key in expression.conditions):
        return None
    name = expression.measure
    if name == "j":
        return 1
    if name in MONEY:
        source = next(
            (key.removeprefix("fund-") for key in expression.conditions if key.startswith("fund-")), ""
        )
        return one.money(MONEY[name], source)
    if name == "j.mu":
        return one.row["quantity"] if one.row["unit"] == "亩" else None
    if name == "j.km":
        return one.row["quantity"] if one.row["unit"] in KILOMETRES else None
    return one.row[name.partition(".")[2]]


def measured(asked, texts, places, *, step=None):
    """`{path: {text: value}}` as of today; money is None where nothing is known."""
    if asked.as_of < asked.today:
        return {place: dict.fromkeys(texts, Unknown("项目和资金只有今天的数据")) for place in places}
    parts = {text: BY_KEY[parsed(text).measure].parts for text in texts}
    plain = {part: parsed(part) for text in texts for part in _parts(text)}
    keys = {key for one in plain.values() for key in _flags(one.conditions)}
    area = places[0] if len(places) == 1 else _common(places)
    held = _works(asked, area, keys)
    covered = defaultdict(set)
    for pk, path in (
        ProjectVillage.objects.unscoped("hanging")
        .filter(project__in=list(held))
        .values_list("project", "region_path")
    ):
        covered[pk].add(path)
    sums = {place: dict.fromkeys(plain) for place in places}
    for pk, one in held.items():
        paths = covered[pk] | {one.row["region_path"]}
        for place in places:
            if not any(path.startswith(place) for path in paths):
                continue
            for text, expression in plain.items():
                value = _adds(one, expression)
                if value is not None:
                    sums[place][text] = (sums[place][text] or 0) + value
    found = {}
    for place in places:
        own = sums[place]
        for text, expression in plain.items():
            if expression.measure == "j" and own[text] is None:
                own[text] = 0
        found[place] = {
            text: _quotient(*(own[part] for part in _parts(text))) if parts[text] else own[text]
            for text in texts
        }
    return found


def _parts(text):
    """An expression, or the two that a rate is made of."""
    one = parsed(text)
    held = []
    for part in BY_KEY[one.measure].parts:
        below = parsed(part)
        held.append(f"{below.measure}|{'+'.join(dict.fromkeys([*one.conditions, *below.conditions]))}")
    return held or [text]


def _quotient(top, bottom):
    return Decimal(top or 0) / Decimal(bottom) if bottom else None


def _common(places):
    first, last = min(places), max(places)
    width = next(
        (n for n in range(min(len(first), len(last))) if first[n] != last[n]), min(len(first), len(last))
    )
    return first[: max(w for w in (0, 2, 4, 6, 9, 12, 14) if w <= width)]


def listed(asked, kind, texts, path, *, only=None):
    """`(project's number, {text: value})` for each project of a place."""
    plain = {text: parsed(text) for text in texts}
    held = _works(asked, path, {key for one in plain.values() for key in _flags(one.conditions)})
    names = Region.objects.names(
        {part for one in held.values() for part in ancestors_of(one.row["region_path"])}
    )
    for one in held.values():
        path = one.row["region_path"]
        one.places = tuple(
            names.get(path[:width], "") if len(path) >= width else "" for width in (6, 9, 12, 14)
        )
        yield (
            one.row["number"],
            {
                text: ENTRY_VALUES[expression.entry][2](one) if expression.entry else _adds(one, expression)
                for text, expression in plain.items()
            },
        )


SOURCES = [
    Source(
        "projects",
        CONDITIONS,
        MEASURES,
        ENTRIES,
        measured,
        listed,
        ("project",),
        "项目和资金",
        (P.PROJECT_VIEW, P.REPORT_EXPORT),
    )
]
