"""Summaries by place from the figures of `households.stats`: R04 基本情况, R05 致贫原因, R06 收入, R09 帮扶责任人
(domain reference 6.2). The lines are the places below the chosen one."""

from collections import defaultdict
from itertools import pairwise

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import SERIAL, Balance, Column, Report, share, sums_to, within
from fupin.excel.sheet import Kind
from households import asof, codes, stats
from households.indicators.words import has_health
from households.models import Helper, MemberYear
from households.models.income import EARNED
from households.reports import areas
from households.reports.rows import is_past, members_on

SECTION = "统计汇总"
SERIALS = Column("序号", SERIAL, Kind.ORDER, 5)
PLACE = Column("单位", "name", width=14)

# R04 基本情况汇总表

R04 = [
    ("建档立卡（脱贫）户", "registered"), ("监测对象小计", "monitored"), ("脱贫不稳定户", "monitor-1"),
    ("边缘易致贫户", "monitor-2"), ("突发严重困难户", "monitor-3"), ("风险未消除", "risk-open"),
    ("风险已消除", "risk-cleared"), ("低保", "dibao"), ("特困", "tekun"),
]  # fmt: skip
UNITS = (("户", "h"), ("人", "p"))
POOR = ("poor", "leaving", "relapsed")


def _overview(area, asked):
    keys = ["all", *(key for _, key in R04), *POOR]
    counted = area.figures(keys)
    disabled = _disabled(area, asked)
    populations = areas.populations(area, asked.year)
    for name, path in area.lines(counted):
        row = areas.pairs(counted.get(path, {}), keys)
        poor = sum(row[f"{key}:p"] for key in POOR)
        people = populations.get(path, [])
        population = sum(people) if people and None not in people else None
        yield row | {
            "name": name, "disabled": disabled.get(path, 0), "poor": poor, "population": population,
            "rate": share(poor, population),
        }  # fmt: skip


def _disabled(area, asked):
    """`{line: members with a disability}` by the newest year not after the data year: the registry's "p|disabled", counted
    here in one query because R04 is asked for counties whose households the registry would read one by one."""
    every = area.once(
        "R04.disabled", lambda: sorted(_disabled_by(area, asked, lambda path: path[:14]).items())
    )
    if every is None:
        return _disabled_by(area, asked, area.place)
    found = defaultdict(int)
    for path, count in area.cut(every):
        found[area.place(path)] += count
    return found


def _disabled_by(area, asked, place):
    years = asked.visible(MemberYear.objects.unscoped("hanging").all()).filter(
        member__in=members_on(asked), member__household__in=area.rows().order_by().values("pk")
    )  # fmt: skip
    years = asof.newest(years, "member", asked.year).exclude(health="")
    found = defaultdict(int)
    for path, health in years.order_by().values_list("member__region_path", "health").iterator():
        found[place(path)] += has_health(health, codes.Health.DISABLED)
    return found


OVERVIEW = Report(
    name="R04",
    label=lambda year: f"{codes.era_label('object', year)}基本情况汇总表",
    about="各下级的户数、人数、监测、兜底和贫困发生率，每月报送",
    section=SECTION,
    apart=True,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=areas.source(
        "户为截至 {day} 在册户，人为这些户当日的成员；低保、特困为户享受或有成员享受，人为这些户的全部成员；残疾人按健康状况；"
        "贫困发生率 = 未脱贫、预脱贫、返贫人口 ÷ 村情总人口（{year} 年或之前最近一年，有村未填的印“—”）。",
        _overview,
    ),
    unit="户、人",
    total=True,
    columns=(
        SERIALS,
        PLACE,
        Column("总户数", "all:h", Kind.COUNT, 8, total=True),
        Column("总人口", "all:p", Kind.COUNT, 8, total=True),
        *(column for title, key in R04 for column in areas.pair(title, key)),
        Column("残疾人", "disabled", Kind.COUNT, 7, total=True),
        Column("未脱贫人口", "poor", Kind.COUNT, 8, total=True),
        Column("村情总人口", "population", Kind.COUNT, 9, total=True),
        Column("贫困发生率", "rate", Kind.RATE, 9, share=("未脱贫人口", "村情总人口")),
    ),
    balances=(
        *(sums_to(f"监测对象小计/{unit}", *(f"{title}/{unit}" for title, _ in R04[2:5])) for unit in "户人"),
        *(sums_to(f"监测对象小计/{unit}", f"风险未消除/{unit}", f"风险已消除/{unit}") for unit in "户人"),
        *(within(f"{title}/户", "总户数") for title, _ in R04),
        *(within(f"{title}/户", f"{title}/人") for title, _ in R04),
        within("总户数", "总人口"),
        within("残疾人", "总人口"),
        within("未脱贫人口", "建档立卡（脱贫）户/人"),
        within("未脱贫人口", "村情总人口"),
    ),
    agrees=areas.board(
        {"总户数": "h|", "总人口": "p|"}
        | {f"{title}/{unit}": f"{key}|{figure}" for title, figure in R04 for unit, key in UNITS}
    ),
)

# R05 致贫原因统计表

CAUSES = [f"cause-{code}" for code in codes.Cause.values] + ["cause-none"]
CAUSE_TITLES = [stats.BY_KEY[key].label for key in CAUSES]


def _causes(area, asked):
    counted = area.figures(CAUSES)
    for name, path in area.lines(counted):
        row = areas.pairs(counted.get(path, {}), CAUSES)
        row["all:h"], row["all:p"] = (sum(row[f"{key}:{unit}"] for key in CAUSES) for unit in "hp")
        yield areas.shares(row, CAUSES, "all:h") | {"name": name}


BY_CAUSE = Report(
    name="R05",
    label=lambda year: "致贫原因统计表" if year <= codes.LAST_POOR_YEAR else "致贫（返贫风险）原因统计表",
    about="各下级按主要致贫原因的户数、人数和占比，每季、每年报送",
    section=SECTION,
    apart=True,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=areas.source(
        "建档立卡户和监测对象，截至 {day}；每户只计一个主要原因，取 {year} 年或之前最近一年；占比为占合计户数。",
        _causes,
    ),
    unit="户、人",
    total=True,
    columns=(
        SERIALS,
        PLACE,
        *areas.pair("合计", "all"),
        *(
            column
            for key, title in zip(CAUSES, CAUSE_TITLES)
            for column in areas.triple(title, key, "合计/户")
        ),
    ),
    balances=(
        *(sums_to(f"合计/{unit}", *(f"{title}/{unit}" for title in CAUSE_TITLES)) for unit in "户人"),
        within("合计/户", "合计/人"),
        *(within(f"{title}/户", f"{title}/人") for title in CAUSE_TITLES),
    ),
    agrees=areas.board(
        {
            f"{title}/{unit}": f"{key}|{cause}"
            for title, cause in zip(CAUSE_TITLES, CAUSES)
            for unit, key in UNITS
        }
    ),
)

# R06 收入情况统计表

PARTS = [
    ("工资性收入", "wage"),
    ("生产经营性收入", "operating"),
    ("财产性收入", "property"),
    ("转移性收入", "transfer"),
]
EXPENSE = ("生产经营性支出", "expense")
BANDS = [f"income-{int(low)}" for low in stats.BANDS]
BAND_TITLES = [stats.BY_KEY[key].label for key in BANDS]


SUMS = {f"income.{name}|": name for name in (*EARNED, "expense", "total", "stated", "net", "persons")}
"""Figures of `households.indicators` and the columns that show them."""


UNDER = {f"income-under-{line}": f"人均{line}元以下" for line in stats.LINES}
"""`{condition: title}`: the wider line first."""

INCOMES = [
    "h|", "p|", "per-capita|", *SUMS, *(f"{unit}|{key}" for key in (*BANDS, *UNDER) for unit in "hp"),
]  # fmt: skip
areas.TOGETHER[None] += INCOMES


def _incomes(area, asked):
    area.with_groups()
    found = area.grouped(INCOMES)
    parts = [] if area.left else [(group.label, group.label) for group in area.groups]
    for name, path in [*area.lines(found), *parts]:
        held = found.get(path, {})
        row = {f"{key}:{unit}": held.get(f"{unit}|{key}", 0) for key in (*BANDS, *UNDER) for unit in "hp"} | {
            "name": name,
            "part": path == name,
        }
        row |= {column: held.get(text) or 0 for text, column in SUMS.items()}
        row["all:h"], row["all:p"] = held.get("h|", 0), held.get("p|", 0)
        row["told:h"] = sum(row[f"{key}:h"] for key in BANDS)
        for _, part in (*PARTS, EXPENSE):
            row[f"{part}:s"] = share(row[part], row["total"])
        row["per_head"] = held.get("per-capita|")
        for key in UNDER:
            row[f"{key}:s"] = share(row[f"{key}:p"], row["all:p"])
        yield areas.shares(row, BANDS, "told:h")


def _told(cell):
    parts = [cell(f"{title}/合计") for title, _ in PARTS]
    total, expense, net = cell("收入合计"), cell("生产经营性支出/合计"), cell("纯收入")
    if None in (total, expense, net):
        return None
    return total == sum(parts) and net == total - expense + (cell("只填纯收入") or 0)


GROUPED = [
    "户数", "人数", "已填收入户", "核算人口",
    *(f"{title}/{unit}" for title in (*BAND_TITLES, *UNDER.values()) for unit in "户人"),
]  # fmt: skip
"""What no group of areas has more of than the wider one, or the county."""

BY_INCOME = Report(
    name="R06",
    nested=tuple(GROUPED),
    label=lambda year: "家庭收入情况统计表",
    about="各下级的收入构成、人均纯收入和收入分组，每年报送",
    section=SECTION,
    apart=True,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=areas.source(
        "在册户，截至 {day}；收入取 {year} 年或之前最近一年；人均纯收入 = 纯收入 ÷ 核算人口；分组按各户人均纯收入，占比为占已填收入户；1500 元、1000 元以下的占比为占总人口（人数）；其中各组为本县的片区分组，已含在上面各行。",
        _incomes,
    ),
    total=True,
    columns=(
        SERIALS,
        PLACE,
        Column("户数", "all:h", Kind.COUNT, 7, total=True),
        Column("人数", "all:p", Kind.COUNT, 7, total=True),
        Column("已填收入户", "told:h", Kind.COUNT, 7, total=True),
        Column("核算人口", "persons", Kind.COUNT, 7, total=True),
        Column("人均纯收入", "per_head", Kind.YUAN, 11, share=("纯收入", "核算人口")),
        *(
            column
            for title, part in (*PARTS, EXPENSE)
            for column in (
                Column((title, "合计"), part, Kind.YUAN, 14, total=True),
                Column((title, "占比"), f"{part}:s", Kind.RATE, 8, share=(f"{title}/合计", "收入合计")),
            )
        ),
        Column("收入合计", "total", Kind.YUAN, 14, total=True),
        Column("只填纯收入", "stated", Kind.YUAN, 14, total=True),
        Column("纯收入", "net", Kind.YUAN, 14, total=True),
        *(
            column
            for key, title in zip(BANDS, BAND_TITLES)
            for column in areas.triple(title, key, "已填收入户")
        ),
        *(
            column
            for key, title in UNDER.items()
            for column in (
                *areas.pair(title, key),
                Column((title, "占总人口"), f"{key}:s", Kind.RATE, 9, share=(f"{title}/人", "人数")),
            )
        ),
    ),
    balances=(
        Balance("收入合计 = 四项之和，纯收入 = 收入合计 − 支出 + 只填纯收入", "纯收入", _told),
        sums_to("已填收入户", *(f"{title}/户" for title in BAND_TITLES)),
        within("已填收入户", "户数"),
        within("户数", "人数"),
        *(within(f"{title}/户", f"{title}/人") for title in (*BAND_TITLES, *UNDER.values())),
        *(
            within(f"{low}/{unit}", f"{high}/{unit}")
            for high, low in pairwise(UNDER.values())
            for unit in "户人"
        ),
        within(f"{next(iter(UNDER.values()))}/户", f"{BAND_TITLES[0]}/户"),
    ),
    agrees=areas.board(
        {"户数": "h|", "人数": "p|"}
        | {
            f"{title}/{unit}": f"{key}|{band}"
            for title, band in zip(BAND_TITLES, BANDS)
            for unit, key in UNITS
        }
    ),
)

# R09 帮扶责任人落实情况统计表

LEVELS = {"01": "省级及以上", "02": "省级及以上", "03": "市级", "04": "县级"}
LEVEL_TITLES = ["省级及以上", "市级", "县级", "县级以下"]
NAMED = 15


def _helped(area, asked):
    counted = area.figures(["assisted", "no-helper"])
    every = area.once("R09.held", lambda: _held(area, asked))
    held, levels = _held(area, asked) if every is None else (area.cut(every[0]), every[1])
    by_level, helpers, without = defaultdict(int), defaultdict(set), defaultdict(list)
    for path, helper, head in held:
        place = area.place(path)
        if helper is None:
            without[place].append(head)
            continue
        level = LEVELS.get(levels.get(helper, ""), "县级以下")
        by_level[place, level] += 1
        helpers[place, level].add(helper)
    for name, path in area.lines(counted):
        due, missing = (counted.get(path, {}).get(key, (0, 0))[0] for key in ("assisted", "no-helper"))
        row = {"name": name, "due": due, "done": due - missing, "rate": share(due - missing, due)}
        for level in LEVEL_TITLES:
            row[f"{level}:k"], row[f"{level}:h"] = len(helpers[path, level]), by_level[path, level]
        yield row | {"missing": missing, "names": _names(without[path])}


def _held(area, asked):
    """`([(path, first helper, head)] of the assisted households in order of place, {helper: level of the unit})`."""
    column = "then_helper" if is_past(asked) else "helper"
    rows = area.rows().filter(_assisted(asked))
    if is_past(asked):
        rows = rows.annotate(**asof.EXPRESSIONS["helper"](asked.as_of))
    held = list(rows.order_by("region_path", "pk").values_list("region_path", column, "head_name"))
    levels = dict(
        Helper.objects.visible_to(asked.user)
        .filter(pk__in={helper for _, helper, _ in held if helper})
        .order_by()
        .values_list("pk", "unit_level")
    )
    return held, levels


def _assisted(asked):
    condition = stats.condition("assisted", stats.Day.of(asked.as_of))
    return asof.then(condition)[0] if is_past(asked) else condition


def _names(heads):
    more = f"等 {len(heads)} 户" if len(heads) > NAMED else ""
    return "、".join(heads[:NAMED]) + more


HELPERS = Report(
    name="R09",
    label=lambda year: "帮扶责任人（结对帮扶）落实情况统计表",
    about="在帮扶户落实责任人的户数、落实率和干部层级，每季报送",
    section=SECTION,
    apart=True,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=areas.source(
        "应落实户为截至 {day} 的在帮扶户；户按第一责任人的单位隶属计一次；干部数按各单位分别计，同一人在几处结对的，合计行重复计。",
        _helped,
    ),
    unit="户、人",
    total=True,
    columns=(
        SERIALS,
        PLACE,
        Column("应落实户", "due", Kind.COUNT, 8, total=True),
        Column("已落实户", "done", Kind.COUNT, 8, total=True),
        Column("落实率", "rate", Kind.RATE, 9, share=("已落实户", "应落实户")),
        *(
            column
            for title in LEVEL_TITLES
            for column in (
                Column((title, "干部数"), f"{title}:k", Kind.COUNT, 8, total=True),
                Column((title, "户数"), f"{title}:h", Kind.COUNT, 8, total=True),
            )
        ),
        Column("未落实户", "missing", Kind.COUNT, 8, total=True),
        Column("未落实户名单", "names", width=34),
    ),
    balances=(
        sums_to("应落实户", "已落实户", "未落实户"),
        sums_to("已落实户", *(f"{title}/户数" for title in LEVEL_TITLES)),
        *(within(f"{title}/干部数", f"{title}/户数") for title in LEVEL_TITLES),
    ),
    agrees=areas.board({"应落实户": "h|assisted", "未落实户": "h|no-helper"}),
)

REPORTS = [OVERVIEW, BY_CAUSE, BY_INCOME, HELPERS]
