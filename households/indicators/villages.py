"""Figures of villages: what their profiles say, by village or summed over the villages of a place."""

from dataclasses import replace
from decimal import Decimal

from django.db import models

from fupin.accounts.roles import Permission as P
from fupin.onetable.vocabulary import Measure, parsed
from fupin.regions.models import Level, Region
from households import profile
from households.imports.villages import SPELLINGS
from households.indicators import figures
from households.models import VillageProfile

REGISTER = {
    "poor_households", "poor_population", "monitored_households", "monitored_population", "dibao_households", "dibao_population",
    "tekun_population", "disabled_population", "relocated_households", "per_capita_income",
}  # fmt: skip
"""Figures that the register itself counts: a header means those, never what somebody typed in the profile."""
VAGUE = {"劳动力", "劳力", "户数", "人口", "人口数", "人数", "小学", "中学", "企业", "面积", "备注", "说明", "学校", "预备", "特困", "低保", "残疾", "学生", "公路",
         "贫困村", "脱贫村", "脱贫年度", "务工人数", "外出务工", "外出务工人数", "农户数", "学生数", "学生人数", "在校学生", "新农保", "新农合", "小学生", "中学生", "学生小计", "学生合计",
         "参加新农保", "参加新农合", "党员", "领取养老金", "享受养老保险", "缴新农保", "大中专", "大中专生", "大中专学生"}  # fmt: skip
"""Spellings that mean the register as often: they go to the figures of households and people."""
BEFORE = "before:"


def _unit(name):
    label = str(VillageProfile._meta.get_field(name).verbose_name)
    return label.partition("（")[2].rstrip("）") if "（" in label and name != "road_paved" else ""


def _numbers():
    for name in profile.FIELDS:
        column = VillageProfile._meta.get_field(name)
        if isinstance(column, models.PositiveIntegerField | models.DecimalField):
            label = str(column.verbose_name).partition("（")[0]
            names = tuple(word for word in SPELLINGS.get(name, ()) if word not in VAGUE)
            if name in REGISTER:
                names = ()
            note = f"各村村情“{label}”之和，本年或之前最近一年；有村未填的不计"
            yield Measure(f"village.{name}", f"村情·{label}", _unit(name), (*names, label) if name not in REGISTER and label not in VAGUE else names,
                          note, "村情档案", rounding="整数；金额、面积保留 2 位", additive=name not in ("distance_county", "per_capita_income"))  # fmt: skip


_EXTRA = (
    Measure("village.before:collective_income", "上年村集体经济收入", "元", ("上年村级集体经济收入", "上年村集体收入", "上年集体经济收入", "去年村集体经济收入"),
            "各村上一年的村集体经济收入之和", "村情档案", rounding="保留 2 位"),
    Measure("village.count", "行政村数", "个", ("村数", "行政村", "行政村个数", "村个数"), "该地的行政村", "行政区划", rounding="整数"),
)  # fmt: skip
_RATES = (
    Measure("village.poverty-rate", "贫困发生率", "%", ("贫困发生率",), "未脱贫、预脱贫、返贫人口 ÷ 村情总人口", "户档案、村情档案", "村情总人口（有村未填时不计算）",
            "百分数保留 2 位，四舍五入", additive=False),
    Measure("village.land-per-head", "人均耕地", "亩", ("人均耕地面积",), "村情耕地 ÷ 村情总人口", "村情档案", "村情总人口", "保留 2 位，四舍五入", additive=False),
    Measure("village.per-head", "村情·农民人均纯收入", "元", ("农民人均纯收入", "农民人均可支配收入", "村人均纯收入"), "村情“农民人均纯收入”，几个村时按总人口加权", "村情档案",
            "村情总人口", "保留 2 位，四舍五入", additive=False),
)  # fmt: skip
_TEXTS = ("helping_unit", "first_secretary", "location", "borders", "terrain", "water_resource", "programmes", "road_paved", "power_living", "bus", "broadband",
          "is_poor_village", "exit_year")  # fmt: skip
TEXT_NAMES = {"helping_unit": ("帮扶单位", "驻村帮扶单位", "帮扶单位名称", "派出单位"), "is_poor_village": ("是否贫困村", "是否脱贫村"), "exit_year": ("出列年度", "出列时间"),
              "road_paved": ("是否通硬化路", "通硬化路"), "power_living": ("村是否通电", "村通电情况", "村是否通生活用电")}  # fmt: skip
TEXTS = tuple(
    Measure(f"village.{name}", f"村情·{str(VillageProfile._meta.get_field(name).verbose_name)}", "", TEXT_NAMES.get(name, SPELLINGS.get(name, ())),
            "该村村情，本年或之前最近一年", "村情档案", additive=False)
    for name in _TEXTS
)  # fmt: skip
_NUMBERS = tuple(
    one
    for one in _numbers()
    if one.key not in ("village.per_capita_income", "village.distance_county", "village.exit_year")
)
MEASURES = (*_NUMBERS, *_EXTRA, *_RATES, *TEXTS)
TEXT_KEYS = {one.key for one in TEXTS}


def measured(asked, texts, places, *, step=None):
    """`{path: {text: value}}`; a sum over villages of which none says it is None."""
    profiles, before = _profiles(asked, places, asked.as_of.year), None
    keys = {text: parsed(text).measure.partition(".")[2] for text in texts}
    if any(key.startswith(BEFORE) for key in keys.values()):
        before = _profiles(asked, places, asked.as_of.year - 1, exact=True)
    poor = _poor(asked, places, profiles) if "poverty-rate" in keys.values() else {}
    return {
        place: {
            text: _value(key, place, profiles[place], before and before[place], poor, asked)
            for text, key in keys.items()
        }
        for place in places
    }


def _value(key, place, rows, before, poor, asked):
    if key == "count":
        return Region.objects.within(place).filter(level=Level.VILLAGE, valid_to=None).count()
    if key == "poverty-rate":
        people = [row.population for row in rows]
        known = people and None not in people and poor[place] is not None
        return Decimal(poor[place]) / sum(people) if known and sum(people) else None
    if key == "land-per-head":
        rows = [row for row in rows if row.farmland is not None and row.population]
        return _quotient(sum(row.farmland for row in rows), sum(row.population for row in rows))
    if key == "per-head":
        rows = [row for row in rows if row.per_capita_income is not None]
        if len(rows) == 1:
            return rows[0].per_capita_income
        rows = [row for row in rows if row.population]
        return _quotient(
            sum(row.per_capita_income * row.population for row in rows), sum(row.population for row in rows)
        )
    if key.startswith(BEFORE):
        return _sum(before, key.removeprefix(BEFORE))
    if f"village.{key}" in TEXT_KEYS:
        if len(rows) != 1 or len(place) < 12:
            return None
        value = getattr(rows[0], key)
        return {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value
    return _sum(rows, key)


def _sum(rows, name):
    held = [value for row in rows if (value := getattr(row, name)) is not None]
    return sum(held) if held else None


def _quotient(top, bottom):
    return (Decimal(top) / Decimal(bottom)).quantize(Decimal("0.01"), "ROUND_HALF_UP") if bottom else None


def _profiles(asked, places, year, *, exact=False):
    rows = VillageProfile.objects.visible_to(asked.user).visible_to(asked.user, P.REPORT_EXPORT)
    rows = rows.filter(rows.in_paths(places), year__lte=year)
    if exact:
        rows = rows.filter(year=year)
    newest = {}
    for row in rows.order_by("year"):
        newest[row.region_path] = row
    found = {place: [] for place in places}
    for path, row in newest.items():
        for place in places:
            if path.startswith(place):
                found[place].append(row)
    return found


def _poor(asked, places, profiles):
    """`{place: people}`; None where people live in a village of the place that has no profile: a rate would lie."""
    asked = replace(asked, base=())
    keys = [f"p|{key}" for key in ("poor", "leaving", "relapsed")]
    counted = figures.measured(asked, keys, places)
    told = {row.region_path for rows in profiles.values() for row in rows}
    villages = Region.objects.filter(Region.objects.in_paths(places), level=Level.VILLAGE)
    silent = [path for path in villages.values_list("path", flat=True) if path not in told]
    lived = figures.measured(asked, ["h|"], silent) if silent else {}
    silent = [path for path in silent if lived[path]["h|"]]
    return {
        place: None if any(path.startswith(place) for path in silent) else sum(values[key] for key in keys)
        for place, values in counted.items()
    }
