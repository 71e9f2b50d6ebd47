"""What follows from a village's figures: rates that are never typed, sums that must hold, and the register beside them.

Formulas: domain reference 3.6 and V42. A rate without its denominator is None; a sum with an unknown part is not judged.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from households.models import VillageProfile


@dataclass(frozen=True)
class Rate:
    """`numerator / denominator` of two profile columns. `percent`: a share; otherwise a number in `unit`."""

    label: str
    numerator: str
    denominator: str
    percent: bool = True
    unit: str = ""
    places: int = 2

    def of(self, profile):
        """The rate as a Decimal (a share of 1 where percent), or None."""
        top, bottom = getattr(profile, self.numerator), getattr(profile, self.denominator)
        return None if top is None or not bottom else Decimal(top) / Decimal(bottom)

    def words(self, profile):
        """27.60% or 1.05 亩; — where it cannot be computed."""
        value = self.of(profile)
        if value is None:
            return "—"
        if self.percent:
            return f"{(value * 100).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"
        return f"{value.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)} {self.unit}"

    @property
    def formula(self):
        return f"{plain(self.numerator)} ÷ {plain(self.denominator)}"


@dataclass(frozen=True)
class Check:
    """`total` must equal the sum of `parts`, or not be below it (`at_most`)."""

    total: str
    parts: tuple
    at_most: bool = False

    @property
    def rule(self):
        parts = " + ".join(plain(name) for name in self.parts)
        return f"{parts} ≤ {plain(self.total)}" if self.at_most else f"{plain(self.total)} = {parts}"

    def standing(self, profile):
        """ "ok", "bad" or "unknown", and the numbers in words."""
        total, parts = getattr(profile, self.total), [getattr(profile, name) for name in self.parts]
        if total is None or any(part is None for part in parts):
            return "unknown", "有未填，暂不能核对"
        words = " + ".join(f"{part:g}" if isinstance(part, float) else f"{part}" for part in parts)
        held = sum(parts) <= total if self.at_most else sum(parts) == total
        sign = ("≤" if held else ">") if self.at_most else ("=" if held else "≠")
        return ("ok" if held else "bad"), f"{words} {sign} {total}"


RATES = [
    Rate("贫困发生率", "poor_population", "population"),
    Rate("户均人口", "population", "households", percent=False, unit="人"),
    Rate("劳动力占比", "labour", "population"),
    Rate("参加新农合比例", "medical_joined", "population"),
    Rate("低保覆盖", "dibao_population", "population"),
    Rate("人均耕地", "farmland", "population", percent=False, unit="亩"),
]
CHECKS = [
    Check("students", ("students_college", "students_middle", "students_primary")),
    Check("clergy", ("nuns", "lamas")),
    *[
        Check("population", (name,), at_most=True)
        for name in (
            "labour", "migrant", "poor_population", "monitored_population", "dibao_population", "tekun_population",
            "disabled_population", "medical_joined", "students",
        )
    ],
    *[
        Check("households", (name,), at_most=True)
        for name in ("poor_households", "monitored_households", "dibao_households", "relocated_households")
    ],
    Check("farmland", ("irrigated",), at_most=True),
    Check("area_mu", ("farmland", "forest"), at_most=True),
]  # fmt: skip

SECTIONS = [
    ("位置与自然条件", (
        "location", "borders", "distance_county", "area_mu", "terrain", "water_resource", "groups", "programmes",
    )),
    ("户与人", ("households", "population", "labour", "migrant", "cadres", "relocated_households")),
    ("帮扶对象", (
        "poor_households", "poor_population", "monitored_households", "monitored_population", "dibao_households",
        "dibao_population", "tekun_population", "disabled_population",
    )),
    ("保障", ("pension_received", "pension_joined", "medical_joined")),
    ("学生", ("students", "students_college", "students_middle", "students_primary")),
    ("党员与其他", (
        "party_members", "party_probationary", "party_activists", "sanlao", "clergy", "nuns", "lamas",
    )),
    ("土地与经济", (
        "farmland", "irrigated", "forest", "enterprises", "collective_income", "per_capita_income",
    )),
    ("公共设施", ("schools", "clinics", "roads", "road_paved", "power_living", "power_villages", "bus", "broadband")),
    ("帮扶力量", ("is_poor_village", "exit_year", "helping_unit", "first_secretary")),
    ("说明", ("note",)),
]  # fmt: skip
FIELDS = tuple(name for _, names in SECTIONS for name in names)
NOT_TAKEN_OVER = ("collective_income", "per_capita_income")
"""What a new year does not take over from the last one."""

REGISTER = [
    ("建档立卡户", "poor_households", "poor_population", "registered"),
    ("监测户", "monitored_households", "monitored_population", "risk-open"),
    ("低保户", "dibao_households", "dibao_population", "dibao"),
    ("易地搬迁户", "relocated_households", None, "relocated"),
]
"""Profile columns beside the register's own figure (`households.stats.FIGURES`)."""


def plain(name):
    """A column's name without its unit."""
    return str(VillageProfile._meta.get_field(name).verbose_name).partition("（")[0]


def failed(profile):
    """The checks that do not hold, in words."""
    found = [(check, *check.standing(profile)) for check in CHECKS]
    return [f"{check.rule}：{words}" for check, standing, words in found if standing == "bad"]


def standings(profile):
    """`[(rule, standing, words)]` of every check, those that fail first."""
    order = {"bad": 0, "ok": 1, "unknown": 2}
    found = [(check.rule, *check.standing(profile)) for check in CHECKS]
    return sorted(found, key=lambda row: order[row[1]])


def beside_register(profile, figures):
    """`[(label, figure key, reported 户, 人, register's 户, 人, 户 difference)]`; `figures` of RegionCount or None."""
    rows = []
    for label, households, persons, key in REGISTER:
        reported = getattr(profile, households)
        held = (figures or {}).get(key)
        difference = None if reported is None or held is None else held[0] - reported
        rows.append(
            (
                label,
                key,
                reported,
                getattr(profile, persons) if persons else None,
                *(held or (None, None)),
                difference,
            )
        )
    return rows


def change(now, before, name):
    """How a count moved between two profiles, with sign: "−2", "+3"; "" where it did not, or either is unknown."""
    if VillageProfile._meta.get_field(name).get_internal_type() != "PositiveIntegerField":
        return ""
    new, old = getattr(now, name), getattr(before, name) if before else None
    if new is None or old is None or new == old:
        return ""
    return f"{new - old:+d}".replace("-", "−")
