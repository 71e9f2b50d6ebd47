"""What the people and their homes are like, by place: R07 人口结构, R08 生产生活条件 (domain reference 6.2).

Both count the households of the list's filters; facts are those of the newest year not after the data year.
"""

from decimal import Decimal

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import Balance, Column, Found, Report, share, sums_to, within
from fupin.excel.sheet import Kind
from households.reports import areas
from households.reports.areas import Area
from households.reports.rows import listed
from households.reports.summaries import PLACE, SECTION, SERIALS

CENT = Decimal("0.01")


def of_the_list(note, make):
    """A report's source over the households of the list: `make(area, rows, asked)` gives the lines as dicts."""

    def found(asked):
        area = Area(asked)
        rows, chips = (None, []) if area.is_counted else listed(asked)
        lines = (
            list(make(area, None if rows is None else rows.within(area.path), asked)) if area.region else []
        )
        return Found(
            len(lines) + area.left,
            lambda size: (line for line in lines),
            chips,
            note.format(day=asked.as_of, year=asked.year),
            bool(area.left),
        )

    return found


def count_column(title, key, width=7):
    return Column(title, key, Kind.COUNT, width, total=True)


def with_share(group, title, key, whole):
    """户 or 人 and its share of the column `whole`, under one group."""
    return (
        Column((group, title), key, Kind.COUNT, 7, total=True),
        Column((group, f"{title}占比"), f"{key}:s", Kind.RATE, 8, share=(f"{group}/{title}", whole)),
    )


# R07 人口结构统计表

AGES = [
    ("0～5岁", "age-0-5"), ("6～15岁", "age-school"), ("16～29岁", "age-16-29"), ("30～44岁", "age-30-44"),
    ("45～59岁", "age-45-59"), ("60岁及以上", "age-60"),
]  # fmt: skip
EDUCATIONS = [
    ("文盲或半文盲", "learned-01"), ("小学", "learned-02"), ("初中", "learned-03"), ("高中或中专", "learned-04"),
    ("大专", "learned-05"), ("本科及以上", "learned-06"),
]  # fmt: skip
HEALTHS = [("健康", "healthy"), ("长期慢性病", "chronic"), ("大病", "serious"), ("残疾", "disabled")]
LABOURS = [
    ("普通", "labour-01"), ("技能", "labour-02"), ("弱或半", "labour-05"), ("丧失", "labour-03"), ("无", "labour-04"),
    ("未填", "labour-unset"),
]  # fmt: skip
SCHOOLS = [
    ("学前", "school-pre"), ("小学", "school-primary"), ("初中", "school-junior"), ("高中", "school-senior"),
    ("中职", "school-vocational"), ("大专及以上", "school-higher"),
]  # fmt: skip
AREAS = [
    ("乡镇内", "work-01"),
    ("县内", "work-02"),
    ("省内", "work-03"),
    ("省外", "work-04"),
    ("境外", "work-99"),
]
MONTHS = [("1～3个月", "worked-1"), ("4～6个月", "worked-4"), ("7～12个月", "worked-7")]
PEOPLE = [
    "female", "minority", "age-none", *(key for _, key in (*AGES, *EDUCATIONS, *HEALTHS, *LABOURS, *SCHOOLS, *AREAS, *MONTHS)),
]  # fmt: skip
"""Conditions of `households.indicators`: what a column counts is defined there."""
START = "figure=registered"
COUNTED = ["p|", *(f"p|{key}" for key in PEOPLE)]
areas.TOGETHER[START] += COUNTED


def _people(area, rows, asked):
    found = area.grouped(COUNTED, among=rows)
    for name, path in area.lines(found):
        held = found.get(path, {})
        row = {key: held.get(f"p|{key}", 0) for key in PEOPLE} | {"name": name, "all": held.get("p|", 0)}
        for _, key in AGES:
            row[f"{key}:s"] = share(row[key], row["all"])
        yield row


def _group(group, pairs):
    return tuple(Column((group, title), key, Kind.COUNT, 7, total=True) for title, key in pairs)


def _together(group, held):
    def holds(cell):
        parts = [cell(f"{group}/{title}") for title, _ in held]
        whole = cell("总人数")
        return None if whole is None or None in parts else sum(parts) <= whole

    return holds


POPULATION = Report(
    name="R07",
    label=lambda year: "人口结构统计表",
    about="各下级的年龄、文化、健康、劳动、在校和务工人数，每年报送",
    section=SECTION,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=of_the_list(
        "筛选出的户截至 {day} 的成员；年龄算至当日；文化、健康、劳动、在校、务工取 {year} 年或之前最近一年；健康状况可多项，相加可大于总人数。",
        _people,
    ),
    start=START,
    apart=True,
    list_page="household_list",
    unit="人",
    total=True,
    columns=(
        SERIALS,
        PLACE,
        count_column("总人数", "all", 8),
        count_column("女性", "female"),
        count_column("少数民族", "minority"),
        *(column for title, key in AGES for column in with_share("年龄段", title, key, "总人数")),
        Column(("年龄段", "年龄未填"), "age-none", Kind.COUNT, 7, total=True),
        *_group("文化程度", EDUCATIONS),
        *_group("健康状况", HEALTHS),
        *_group("劳动技能", LABOURS),
        *_group("在校", SCHOOLS),
        *_group("务工区域", AREAS),
        *_group("务工时间", MONTHS),
    ),
    balances=(
        sums_to("总人数", *(f"年龄段/{title}" for title, _ in AGES), "年龄段/年龄未填"),
        sums_to("总人数", *(f"劳动技能/{title}" for title, _ in LABOURS)),
        within("女性", "总人数"),
        within("少数民族", "总人数"),
        *(
            Balance(f"{group}之和 ≤ 总人数", f"{group}/{held[0][0]}", _together(group, held))
            for group, held in (("文化程度", EDUCATIONS), ("在校", SCHOOLS), ("务工区域", AREAS), ("务工时间", MONTHS))
        ),
    ),
    agrees=areas.board({"总人数": "p|"}, figure=True),
)  # fmt: skip

# R08 生产生活条件统计表

LACKS = [
    ("饮水困难", "water-difficult"), ("饮水不安全", "unsafe-water"), ("未通生活用电", "no-power"),
    ("未通广播电视", "no-broadcast"), ("危房", "unsafe-house"), ("无卫生厕所", "no-toilet"),
]  # fmt: skip
LANDS = [
    ("耕地", "farmland"), ("林地", "forest"), ("退耕还林", "returned_forest"), ("林果", "orchard"), ("牧草地", "pasture"),
    ("水面", "water_surface"),
]  # fmt: skip
ROADS = [
    ("水泥路", "road-03"),
    ("沥青路", "road-04"),
    ("砂石路", "road-02"),
    ("泥土路", "road-01"),
    ("其他", "road-99"),
]
FUELS = [
    ("柴草", "fuel-01"),
    ("干畜粪", "fuel-02"),
    ("煤炭", "fuel-03"),
    ("清洁能源", "fuel-04"),
    ("其他", "fuel-99"),
]
HOMES = ["told", *(key for _, key in (*LACKS, *ROADS, *FUELS))]


HOME_COUNTS = {f"h|{key}": key for key in HOMES} | {
    "h|": "all",
    "p|": "people",
    "p|house-told": "house_people",
}
HOME_TEXTS = [*HOME_COUNTS, "condition.house_area|", *(f"condition.{land}|" for _, land in LANDS)]
areas.TOGETHER[START] += HOME_TEXTS


def _homes(area, rows, asked):
    found = area.grouped(HOME_TEXTS, among=rows)
    for name, path in area.lines(found):
        held = found.get(path, {})
        row = {key: held.get(text, 0) for text, key in HOME_COUNTS.items()} | {"name": name}
        row["house_area"] = held.get("condition.house_area|") or 0
        for _, key in LACKS:
            row[f"{key}:s"] = share(row[key], row["told"])
        row["per_head"] = _quotient(row["house_area"], row["house_people"])
        for _, land in LANDS:
            row[land] = held.get(f"condition.{land}|") or 0
            row[f"{land}:s"] = _quotient(row[land], row["people"])
        yield row


def _quotient(part, whole):
    return (Decimal(part) / whole).quantize(CENT) if whole else None


def _homes_together(group, held):
    def holds(cell):
        parts = [cell(f"{group}/{title}") for title, _ in held]
        told = cell("已采集户")
        return None if told is None or None in parts else sum(parts) <= told

    return holds


CONDITIONS = Report(
    name="R08",
    label=lambda year: "生产生活条件统计表",
    about="各下级的饮水、用电、住房、厕所、土地、道路和燃料，每年报送",
    section=SECTION,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=of_the_list(
        "筛选出的户，截至 {day}；条件取 {year} 年或之前最近一年，占比为占已采集户；饮水不安全为无安全饮用水或未解决，危房为已认定或 C、D 级；人均按户内成员。",
        _homes,
    ),
    start=START,
    apart=True,
    list_page="household_list",
    unit="户、人、亩、㎡",
    total=True,
    columns=(
        SERIALS,
        PLACE,
        count_column("户数", "all"),
        count_column("人数", "people"),
        count_column("已采集户", "told"),
        *(
            column
            for title, key in LACKS
            for column in (
                Column((title, "户"), key, Kind.COUNT, 6, total=True),
                Column((title, "占比"), f"{key}:s", Kind.RATE, 8, share=(f"{title}/户", "已采集户")),
            )
        ),
        Column(("住房", "面积"), "house_area", Kind.AREA, 10, total=True),
        Column(("住房", "人数"), "house_people", Kind.COUNT, 7, total=True),
        Column(("住房", "人均"), "per_head", Kind.AREA, 8, share=("住房/面积", "住房/人数")),
        *(
            column
            for title, key in LANDS
            for column in (
                Column((title, "面积"), key, Kind.AREA, 10, total=True),
                Column((title, "人均"), f"{key}:s", Kind.AREA, 7, share=(f"{title}/面积", "人数")),
            )
        ),
        *_group("入户路", ROADS),
        *_group("主要燃料", FUELS),
    ),
    balances=(
        *(within(f"{title}/户", "已采集户") for title, _ in LACKS),
        within("已采集户", "户数"),
        within("户数", "人数"),
        within("住房/人数", "人数"),
        *(
            Balance(f"{group}之和 ≤ 已采集户", f"{group}/{held[0][0]}", _homes_together(group, held))
            for group, held in (("入户路", ROADS), ("主要燃料", FUELS))
        ),
    ),
    agrees=areas.board({"户数": "h|", "人数": "p|", "危房/户": "h|unsafe-house", "饮水不安全/户": "h|unsafe-water"}, figure=True),
)  # fmt: skip

REPORTS = [POPULATION, CONDITIONS]
