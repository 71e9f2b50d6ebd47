"""R15 贫困村（行政村）基本情况表: one line a village, from its profile of the data year (domain reference 2.6, 6.2)."""

from collections import defaultdict
from decimal import Decimal

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import SERIAL, Balance, Column, Found, Report, share, sums_to, within
from fupin.excel.sheet import Kind
from fupin.regions.models import Region
from households import codes
from households.models import VillageIndustry, VillageProfile
from households.reports.areas import Area, only_places, profiles

GROUPS = [
    ("户与人", ["households", "population", "labour", "migrant", "cadres"]),
    ("帮扶对象", ["poor_households", "poor_population", "monitored_households", "monitored_population",
               "dibao_households", "dibao_population", "tekun_population", "disabled_population"]),
    ("党员", ["party_members", "party_probationary", "party_activists"]),
    ("学生", ["students", "students_college", "students_middle", "students_primary"]),
    ("僧侣", ["clergy", "nuns", "lamas"]),
    ("保险", ["medical_joined", "pension_joined", "pension_received"]),
    ("设施", ["schools", "clinics", "roads", "power_villages", "enterprises"]),
]  # fmt: skip
TITLES = {
    name: str(VillageProfile._meta.get_field(name).verbose_name).partition("（")[0]
    for _, names in GROUPS
    for name in names
}
COLUMN_OF = {name: f"{group}/{TITLES[name]}" for group, names in GROUPS for name in names}
FLAGS = [
    ("road_paved", "通硬化路"),
    ("power_living", "通生活用电"),
    ("bus", "通客车"),
    ("broadband", "通宽带"),
]


def _villages(asked):
    only_places(asked)
    area = Area(asked)
    rows = [row for held in profiles(area, asked.year).values() for row in held] if area.region else []
    rows.sort(key=lambda row: row.region_path)
    names = Region.objects.names({row.region_path for row in rows})
    before = {
        (row.region_path, row.year + 1): row
        for row in asked.visible(VillageProfile.objects.unscoped("hanging").filter(
            region_path__in=[row.region_path for row in rows], year__in={row.year - 1 for row in rows}
        ))
    }  # fmt: skip
    grown = defaultdict(list)
    for key, name, mu in (
        VillageIndustry.objects.filter(profile__in=rows)
        .order_by("pk")
        .values_list("profile", "name", "area_mu")
    ):
        grown[key].append(name if mu is None else f"{name}{mu.normalize():f}亩")
    for row in rows:
        row.grown = "、".join(grown[row.pk])
        row.before = before.get((row.region_path, row.year))
    note = f"各村 {asked.year} 年的村情，没有的取之前最近一年；未填的留空，不作 0；发生率 = 建档立卡人口 ÷ 总人口。"
    return Found(len(rows), lambda size: (_line(row, names) for row in rows), [], note)


def _line(row, names):
    line = {name: getattr(row, name) for name in COLUMN_OF}
    for name, _ in FLAGS:
        line[name] = {True: "是", False: "否"}.get(getattr(row, name), "")
    return line | {
        "region_path": row.region_path,
        "before": {name: getattr(row.before, name) for name in COLUMN_OF} if row.before else {},
        "town": names.get(row.region_path[:9], ""),
        "name": names.get(row.region_path, ""),
        "year": row.year,
        "location": row.location,
        "distance": row.distance_county,
        "farmland": row.farmland,
        "industries": row.grown,
        "water": row.water_resource,
        "rate": None
        if row.population is None or row.poor_population is None
        else share(row.poor_population, row.population),
        "collective": row.collective_income,
        "per_capita": row.per_capita_income,
        "unit": row.helping_unit,
        "secretary": row.first_secretary,
    }


def _numbers(group, names):
    return tuple(Column((group, TITLES[name]), name, Kind.COUNT, 6.5, total=True) for name in names)


def _sum(total, *parts):
    return sums_to(COLUMN_OF[total], *(COLUMN_OF[name] for name in parts))


def _part_of(part, whole):
    """`part` ≤ `whole` village by village: in the sums a village that left one of them open would upset it."""
    plain = within(COLUMN_OF[part], COLUMN_OF[whole])
    return Balance(
        f"{TITLES[part]} ≤ {TITLES[whole]}", plain.at, lambda cell, row: plain.holds(cell), of_row=True
    )


LEAP = Decimal("0.2")
"""How much of itself 总户数 or 总人口 may change from one year to the next before it is pointed out."""


def _steady(name):
    """年度衔接: the figure is near that of the year before."""

    def holds(cell, row):
        now, then = cell(COLUMN_OF[name]), row["before"].get(name)
        return None if now is None or not then else abs(now - then) <= then * LEAP

    return Balance(f"{TITLES[name]}比上年增减不超过 {int(LEAP * 100)}%", COLUMN_OF[name], holds, of_row=True)


VILLAGES = Report(
    name="R15",
    label=lambda year: f"{codes.era_label('village', year)}（行政村）基本情况表",
    about="一村一行：位置、人口、帮扶对象、学生、僧侣、保险、耕地和设施，每年报送",
    section="统计汇总",
    permissions=(P.VILLAGE_VIEW,),
    source=_villages,
    list_page="village_list",
    unit="户、人、亩、元",
    total=True,
    label_at=2,
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("乡镇", "town", width=9),
        Column("村", "name", width=11),
        Column("年度", "year", Kind.ORDER, 6),
        Column("位置", "location", width=10),
        Column("距县城（公里）", "distance", Kind.AREA, 7),
        *(column for group, names in GROUPS for column in _numbers(group, names)),
        Column("贫困发生率", "rate", Kind.RATE, 9, share=("帮扶对象/建档立卡人口", "户与人/总人口")),
        Column("耕地", "farmland", Kind.AREA, 10, total=True),
        Column("产业", "industries", width=12),
        Column("水资源", "water", width=8),
        *(Column(title, name, Kind.CODE, 6) for name, title in FLAGS),
        Column("村集体经济收入", "collective", Kind.YUAN, 12, total=True),
        Column("农民人均纯收入", "per_capita", Kind.YUAN, 11),
        Column("帮扶单位", "unit", width=12),
        Column("第一书记", "secretary", Kind.CODE, 9),
    ),
    balances=(
        _sum("students", "students_college", "students_middle", "students_primary"),
        _sum("clergy", "nuns", "lamas"),
        *(
            _part_of(name, "population")
            for name in (
                "households",
                "labour",
                "poor_population",
                "monitored_population",
                "dibao_population",
                "tekun_population",
                "disabled_population",
                "students",
                "party_members",
                "medical_joined",
                "pension_joined",
                "pension_received",
            )
        ),
        *(
            _part_of(name, "households")
            for name in ("poor_households", "monitored_households", "dibao_households")
        ),
        *(_part_of(f"{name}_households", f"{name}_population") for name in ("poor", "monitored", "dibao")),
        *(_steady(name) for name in ("households", "population")),
    ),  # fmt: skip
)

REPORTS = [VILLAGES]
