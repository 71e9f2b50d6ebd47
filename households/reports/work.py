"""Where households moved to, what they asked for, how places are doing: R17 易地搬迁安置, R19 诉求（问题）台账, R20 工作考核
(domain reference 6.2). What nobody records yet has an empty column, to be filled by hand."""

from collections import defaultdict
from decimal import Decimal
from operator import itemgetter

from django.core.exceptions import ValidationError
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.batched import batched
from fupin.excel.reports import DASH, SERIAL, Balance, Column, Found, Report, at_most, within
from fupin.excel.sheet import Kind
from households import asof, codes, stats
from households.models import FollowUp, MemberYear
from households.reports import areas
from households.reports.areas import Area, only_places
from households.reports.rows import Places, is_past, members_on

SECTION = "工作情况"
SETTLEMENTS = dict(codes.Settlement.choices)


def _blank(row):
    return ""


# R17 易地搬迁安置情况统计表


def _settled(area, asked):
    every = area.once("R17.moved", lambda: _moved(area, asked))
    moved, workers = _moved(area, asked) if every is None else map(area.cut, every)
    found, working = defaultdict(lambda: [0, 0, set()]), defaultdict(int)
    for _, site, way, place, persons in moved:
        one = found[way, site]
        one[0] += 1
        one[1] += persons
        one[2].add(place)
    for _, way, site in workers:
        working[way, site] += 1
    for way, site in sorted(found, key=lambda key: (key[0] or "9", key[1])):
        households, persons, places = found[way, site]
        yield {
            "way": SETTLEMENTS.get(way, "（未填方式）"), "site": site or "（未填安置区）",
            "place": "、".join(sorted(places - {""}))[:60], "households": households, "persons": persons,
            "working": working.get((way, site), 0),
        }  # fmt: skip


def _moved(area, asked):
    """`([(path, site, way, address, persons)] of the relocated households, _working)`, in order of place."""
    rows = area.rows().filter(relocated=True).order_by()
    size = "then_size" if is_past(asked) else "size"
    held = rows.values_list("region_path", "relocation_site", "settlement", "relocation_address", size)
    return sorted(held, key=itemgetter(0)), sorted(_working(rows, asked), key=itemgetter(0))


def _working(rows, asked):
    """`[(path, way, site)]` of members who worked in their newest year not after the data year."""
    years = MemberYear.objects.unscoped("hanging").filter(
        member__in=members_on(asked), member__household__in=rows.values("pk")
    )
    columns = (
        "member__household__region_path",
        "member__household__settlement",
        "member__household__relocation_site",
    )
    return asof.newest(years, "member", asked.year).filter(work_months__gt=0).values_list(*columns)


SETTLED = Report(
    name="R17",
    label=lambda year: "易地搬迁安置情况统计表",
    about="各安置区的搬迁户、人和就业人数，按安置方式小计，每季报送",
    section=SECTION,
    apart=True,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=areas.source(
        "截至 {day} 在册的易地搬迁户，按户信息里的安置方式和安置区；就业人数为 {year} 年或之前最近一年有务工月数的成员；"
        "用地、建筑面积、投资、套数、计划和配套系统没有登记，留空手填。",
        _settled,
    ),
    unit="户、人、亩、平方米、万元",
    group="way",
    group_name="way",
    total=True,
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("安置点", "site", width=16),
        Column("安置方式", "way", Kind.CODE, 11),
        Column("地点", "place", width=18),
        Column("用地", _blank, width=7),
        Column("建筑面积", _blank, width=9),
        Column("投资", _blank, width=9),
        Column("套数", _blank, width=7),
        *(Column(("计划", unit), _blank, width=7) for unit in "户人"),
        Column(("已搬迁", "户"), "households", Kind.COUNT, 8, total=True),
        Column(("已搬迁", "人"), "persons", Kind.COUNT, 8, total=True),
        Column("就业人数", "working", Kind.COUNT, 8, total=True),
        *(Column(("配套", name), _blank, width=5) for name in "水电路学医"),
        Column("备注", _blank, width=12),
    ),
    balances=(within("已搬迁/户", "已搬迁/人"), within("就业人数", "已搬迁/人")),
    agrees=areas.board({"已搬迁/户": "h|relocated", "已搬迁/人": "p|relocated"}),
)

# R19 诉求（问题）办理台账


def _asked_for(asked):
    only_places(asked)
    area = Area(asked)
    rows = asked.visible(
        FollowUp.objects.unscoped("hanging").filter(at__year=asked.year, at__date__lte=asked.as_of)
    )
    rows = (rows.within(area.path) if area.region else rows.none()).order_by("at", "pk")
    note = f"{asked.year} 年至 {asked.as_of} 登记的跟踪事项，一件一行；是否销号为截至当日；类别和满意度没有登记，留空手填。"
    return Found(rows.order_by().count(), lambda size: _appeals(rows, asked, size), [], note)


def _appeals(rows, asked, size):
    places = Places()
    columns = (
        "at", "region_path", "household", "household__head_name", "what", "helper__unit", "helper__name", "due_text",
        "closed_on", "result",
    )  # fmt: skip
    for chunk in batched(rows.values_list(*columns).iterator(chunk_size=size), 500):
        yield from _appeal_lines(chunk, places, asked)


def _appeal_lines(chunk, places, asked):
    places.read({path for _, path, *_ in chunk})
    look([household for _, _, household, *_ in chunk])
    for at, path, household, head, what, unit, name, due, closed, result in chunk:
        done = closed is not None and closed <= asked.as_of
        yield {
            "on": timezone.localdate(at), "village": places.of(path)[1], "head": head, "what": what, "unit": unit or name or "",
            "due": due, "result": result if done else "", "done": "已销号" if done else "未销号", "region_path": path,
            "owner": household,
        }  # fmt: skip


APPEALS = Report(
    name="R19",
    label=lambda year: "诉求（问题）办理台账",
    about="走访中发现、登记要办的事，一件一行，是否办结，每月报送",
    section=SECTION,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=_asked_for,
    list_page="follow_up_list",
    unit="件",
    balances=(
        Balance(
            "已销号的写明结果",
            "结果",
            lambda cell: cell("是否销号") != "已销号" or bool(cell("结果")),
            texts=True,
        ),
    ),
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("日期", "on", Kind.DATE, 11),
        Column("村", "village", width=11),
        Column("反映人", "head", Kind.CODE, 9),
        Column("类别", _blank, width=9),
        Column("内容", "what", width=30),
        Column("责任单位", "unit", width=16),
        Column("时限", "due", Kind.CODE, 15),
        Column("结果", "result", width=22),
        Column("满意度", _blank, width=8),
        Column("是否销号", "done", Kind.CODE, 9),
    ),
)

# R20 工作考核评分表

ITEMS = [
    ("走访按期", 30, "visit-required", lambda held: held("visit-ok")),
    ("时限完成", 20, "plan-year", lambda held: held("plan-done")),
    ("责任落实", 20, "assisted", lambda held: held("assisted") - held("no-helper")),
    ("数据质量", 15, "all", lambda held: held("all") - held("doubtful")),
    ("住房饮水", 15, "all", lambda held: held("all") - max(held("unsafe-house"), held("unsafe-water"))),
]
"""`(title, full marks, the households it is about, those that are as they should be)`; together 100."""
KEYS = {
    "走访按期": ("visit-required", "visit-ok"), "时限完成": ("plan-year", "plan-done"), "责任落实": ("assisted", "no-helper"),
    "数据质量": ("all", "doubtful"), "住房饮水": ("all", "unsafe-house", "unsafe-water"),
}  # fmt: skip
GRADES = ((90, "优秀"), (80, "良好"), (60, "合格"), (0, "待改进"))
CENT = Decimal("0.01")


def _kept_then(title, day):
    """Whether the past of every figure of an item is kept."""
    try:
        for key in KEYS[title]:
            asof.then(stats.condition(key, day))
    except ValidationError:
        return False
    return True


def _scores(area, asked):
    items = ITEMS
    if is_past(asked):
        day = stats.Day.of(asked.as_of)
        items = [item for item in ITEMS if _kept_then(item[0], day)]
    counted = area.figures(sorted({key for title, *_ in items for key in KEYS[title]}))
    for name, path in area.lines(counted):
        figures = counted.get(path, {})
        yield {"name": name} | scored(items, lambda key, own=figures: own.get(key, (0, 0))[0])


def scored(items, held):
    """The row of a place: marks by item, the sum, the grade. An item about nobody counts for nothing: the sum is what
    the others give, out of a hundred."""
    row, got, full = {title: DASH for title, *_ in ITEMS}, Decimal(0), 0
    for title, marks, whole, good in items:
        if base := held(whole):
            row[title] = (Decimal(marks * good(held)) / base).quantize(CENT)
            got, full = got + row[title], full + marks
    if not full:
        return row | {"sum": DASH, "grade": DASH, "full": 0}
    total = (got * 100 / full).quantize(CENT)
    return row | {
        "sum": total,
        "full": full,
        "grade": next(words for least, words in GRADES if total >= least),
    }


def _adds_up(cell):
    full, total = cell("参评满分"), cell("总分")
    if not full or total is None:
        return None
    got = sum(cell(f"{title}（满分 {marks}）/得分") or 0 for title, marks, *_ in ITEMS)
    return total == (got * 100 / full).quantize(CENT)


SCORES = Report(
    name="R20",
    label=lambda year: "工作考核评分表",
    about="各下级按系统里的数据评分：走访、时限、责任、数据、住房饮水，每年报送",
    section=SECTION,
    apart=True,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=areas.source(
        "截至 {day}。走访按期 = 按期走访户 ÷ 应走访户；时限完成 = 本年时限已完成户 ÷ 本年应完成户；责任落实 = 有责任人的在帮扶户 ÷ "
        "在帮扶户；数据质量 = 无疑点户 ÷ 在册户；住房饮水 = 1 − 住房、饮水不安全户中较多的一项 ÷ 在册户。各乘满分，没有对象（或以前"
        "年度没有留存）的印“—”，总分按其余项折成百分。90 分以上优秀，80 良好，60 合格。",
        _scores,
    ),
    unit="分",
    balances=(
        Balance("总分 = 各项得分之和折成百分", "总分", _adds_up),
        *(at_most(f"{title}（满分 {marks}）/得分", marks) for title, marks, *_ in ITEMS),
        at_most("参评满分", 100),
        at_most("总分", 100),
    ),  # fmt: skip
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("单位", "name", width=12),
        *(Column((f"{title}（满分 {marks}）", "得分"), title, Kind.AREA, 12) for title, marks, *_ in ITEMS),
        Column("参评满分", "full", Kind.COUNT, 8),
        Column("总分", "sum", Kind.AREA, 9),
        Column("等次", "grade", Kind.CODE, 9),
    ),
)

REPORTS = [SETTLED, APPEALS, SCORES]
