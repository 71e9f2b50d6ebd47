"""What the people and their homes are like, by place: R07 人口结构, R08 生产生活条件 (domain reference 6.2).

Both count the households of the list's filters; facts are those of the newest year not after the data year.
"""

from collections import defaultdict
from decimal import Decimal

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import Column, Found, Report, share, sums_to, within
from fupin.excel.sheet import Kind
from households import asof, codes
from households.models import Condition, MemberYear
from households.reports.areas import Area
from households.reports.rows import is_past, listed, members_on
from households.reports.summaries import PLACE, SECTION, SERIALS

CENT = Decimal("0.01")


def of_the_list(note, make):
    """A report's source over the households of the list: `make(area, rows, asked)` gives the lines as dicts."""

    def found(asked):
        rows, chips = listed(asked)
        area = Area(asked)
        lines = list(make(area, rows.within(area.path), asked)) if area.region else []
        return Found(
            len(lines),
            lambda size: (line for line in lines),
            chips,
            note.format(day=asked.as_of, year=asked.year),
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
    (0, "0～5岁"),
    (6, "6～15岁"),
    (16, "16～29岁"),
    (30, "30～44岁"),
    (45, "45～59岁"),
    (60, "60岁及以上"),
]
EDUCATIONS = [
    ("01", "文盲或半文盲"), ("02", "小学"), ("03", "初中"), ("04", "高中或中专"), ("05", "大专"), ("06", "本科及以上"),
]  # fmt: skip
HEALTHS = [("01", "健康"), ("02", "长期慢性病"), ("03", "大病"), ("04", "残疾")]
LABOURS = [("01", "普通"), ("02", "技能"), ("05", "弱或半"), ("03", "丧失"), ("04", "无")]
SCHOOLS = [
    ("学前", ("02",)), ("小学", ("03",)), ("初中", ("04", "05", "06")), ("高中", ("07", "08", "09")),
    ("中职", ("10", "11", "12")), ("大专及以上", ("13", "14", "15", "16", "21", "22", "23", "24", "25", "26", "29")),
]  # fmt: skip
AREAS = [("01", "乡镇内"), ("02", "县内"), ("03", "省内"), ("04", "省外"), ("99", "境外")]
MONTHS = [(1, "1～3个月"), (4, "4～6个月"), (7, "7～12个月")]
SCHOOL_OF = {code: title for title, held in SCHOOLS for code in held}


def _band(bands, value):
    """The title of the band that `value` falls into; bands by their lower edge."""
    return next((title for low, title in reversed(bands) if value >= low), None)


def _people(area, rows, asked):
    counts = defaultdict(lambda: defaultdict(int))
    day, homes = asked.as_of, rows.order_by().values("pk")
    members = members_on(asked).filter(household__in=homes).order_by()
    for path, sex, ethnic, birth in members.values_list("region_path", "sex", "ethnic", "birth").iterator():
        own = counts[area.place(path)]
        own["all"] += 1
        own["female"] += sex == codes.Sex.FEMALE
        own["minority"] += ethnic not in ("", "01")
        age = birth and day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
        own["a:" + (_band(AGES, max(age, 0)) if birth else "年龄未填")] += 1
    years = asked.visible(MemberYear.objects.unscoped("hanging").all()).filter(
        member__in=members.values("pk")
    )
    years = asof.newest(years, "member", asked.year).order_by()
    for path, learned, health, labour, school, place, months in years.values_list(
        "member__region_path", "education", "health", "labour", "school", "work_area", "work_months"
    ).iterator():
        own = counts[area.place(path)]
        own[f"e:{learned}"] += 1
        for code in health.split(","):
            own[f"h:{code}"] += 1
        own[f"l:{labour}"] += 1
        own[f"s:{SCHOOL_OF.get(school)}"] += 1
        own[f"w:{place}"] += 1
        if months:
            own[f"m:{_band(MONTHS, months)}"] += 1
    for name, path in area.lines(counts):
        row = {column: counts[path][column] for column in PEOPLE}
        row["a:年龄未填"] = counts[path]["a:年龄未填"]
        row["l:none"] = row["all"] - sum(row[f"l:{code}"] for code, _ in LABOURS)
        for _, title in AGES:
            row[f"a:{title}:s"] = share(row[f"a:{title}"], row["all"])
        yield row | {"name": name}


PEOPLE = [
    "all", "female", "minority", *(f"a:{title}" for _, title in AGES), *(f"e:{code}" for code, _ in EDUCATIONS),
    *(f"h:{code}" for code, _ in HEALTHS), *(f"l:{code}" for code, _ in LABOURS), *(f"s:{title}" for title, _ in SCHOOLS),
    *(f"w:{code}" for code, _ in AREAS), *(f"m:{title}" for _, title in MONTHS),
]  # fmt: skip


def _group(group, kind, pairs):
    return tuple(Column((group, title), f"{kind}:{code}", Kind.COUNT, 7, total=True) for code, title in pairs)


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
    start="figure=registered",
    list_page="household_list",
    unit="人",
    total=True,
    columns=(
        SERIALS,
        PLACE,
        count_column("总人数", "all", 8),
        count_column("女性", "female"),
        count_column("少数民族", "minority"),
        *(column for _, title in AGES for column in with_share("年龄段", title, f"a:{title}", "总人数")),
        Column(("年龄段", "年龄未填"), "a:年龄未填", Kind.COUNT, 7, total=True),
        *_group("文化程度", "e", EDUCATIONS),
        *_group("健康状况", "h", HEALTHS),
        *_group("劳动技能", "l", [*LABOURS, ("none", "未填")]),
        *_group("在校", "s", [(title, title) for title, _ in SCHOOLS]),
        *_group("务工区域", "w", AREAS),
        *_group("务工时间", "m", [(title, title) for _, title in MONTHS]),
    ),
    balances=(
        sums_to("总人数", *(f"年龄段/{title}" for _, title in AGES), "年龄段/年龄未填"),
        sums_to("总人数", *(f"劳动技能/{title}" for _, title in LABOURS), "劳动技能/未填"),
        within("女性", "总人数"),
        within("少数民族", "总人数"),
    ),
)  # fmt: skip

# R08 生产生活条件统计表

LACKS = [
    ("饮水困难", "difficult"), ("饮水不安全", "unsafe_water"), ("未通生活用电", "no_power"), ("未通广播电视", "no_broadcast"),
    ("危房", "unsafe_house"), ("无卫生厕所", "no_toilet"),
]  # fmt: skip
LANDS = [
    ("耕地", "farmland"), ("林地", "forest"), ("退耕还林", "returned_forest"), ("林果", "orchard"), ("牧草地", "pasture"),
    ("水面", "water_surface"),
]  # fmt: skip
ROADS = [("03", "水泥路"), ("04", "沥青路"), ("02", "砂石路"), ("01", "泥土路"), ("99", "其他")]
FUELS = [("01", "柴草"), ("02", "干畜粪"), ("03", "煤炭"), ("04", "清洁能源"), ("99", "其他")]


def _lacking(facts):
    """What a household lacks: the same conditions as the figures unsafe-house and unsafe-water of the board."""
    return {
        "difficult": facts["water_difficult"] is True,
        "unsafe_water": facts["water_safe"] is False or facts["water_solved"] is False,
        "no_power": facts["power_living"] is False,
        "no_broadcast": facts["broadcast"] is False,
        "unsafe_house": facts["dangerous"] is True or facts["danger_level"] in codes.UNSAFE,
        "no_toilet": facts["toilet"] is False,
    }


FACTS = (
    "water_difficult", "water_safe", "water_solved", "power_living", "broadcast", "dangerous", "danger_level", "toilet",
    "house_area", "road_kind", "fuel", *(column for _, column in LANDS),
)  # fmt: skip


def _homes(area, rows, asked):
    counts = defaultdict(lambda: defaultdict(int))
    size = "then_size" if is_past(asked) else "size"
    sizes = {}
    for key, path, people in rows.order_by().values_list("pk", "region_path", size).iterator():
        place = area.place(path)
        sizes[key] = place, people
        counts[place]["all"] += 1
        counts[place]["people"] += people
    held = Condition.objects.filter(household__in=rows.order_by().values("pk"))
    held = asof.newest(held, "household", asked.year).order_by()
    for key, *values in held.values_list("household", *FACTS).iterator():
        facts = dict(zip(FACTS, values))
        place, people = sizes[key]
        own = counts[place]
        own["told"] += 1
        for lack, found in _lacking(facts).items():
            own[lack] += found
        if facts["house_area"] is not None:
            own["house_area"] += facts["house_area"]
            own["house_people"] += people
        for _, land in LANDS:
            own[land] += facts[land] or 0
        own[f"r:{facts['road_kind']}"] += 1
        own[f"f:{facts['fuel']}"] += 1
    for name, path in area.lines(counts):
        own = counts[path]
        row = {key: own[key] for key in HOMES} | {"name": name}
        for _, lack in LACKS:
            row[f"{lack}:s"] = share(own[lack], own["told"])
        row["per_head"] = _quotient(own["house_area"], own["house_people"])
        for _, land in LANDS:
            row[f"{land}:s"] = _quotient(own[land], own["people"])
        yield row


def _quotient(part, whole):
    return (Decimal(part) / whole).quantize(CENT) if whole else None


HOMES = [
    "all", "people", "told", "house_area", "house_people", *(lack for _, lack in LACKS), *(land for _, land in LANDS),
    *(f"r:{code}" for code, _ in ROADS), *(f"f:{code}" for code, _ in FUELS),
]  # fmt: skip

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
    start="figure=registered",
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
        *_group("入户路", "r", ROADS),
        *_group("主要燃料", "f", FUELS),
    ),
    balances=(
        *(within(f"{title}/户", "已采集户") for title, _ in LACKS),
        within("已采集户", "户数"),
        within("户数", "人数"),
    ),
)  # fmt: skip

REPORTS = [POPULATION, CONDITIONS]
