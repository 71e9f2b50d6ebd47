"""疑点演示村: one household for each rule of the data check that stored data can break, every other thing in order.

What the product refuses outright (checks.ENFORCED) cannot be shown. The village is ours; no official code ends so.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from fupin.demo import SEED
from fupin.regions.models import Level, Region, key_for
from households import checks, idcard, kept, search
from households.demo.accounts import TOWN
from households.demo.people import Person, Registry
from households.demo.township import Rows
from households.models import (
    Condition,
    Household,
    HouseholdCause,
    Income,
    Measure,
    Member,
    MemberYear,
    SearchToken,
    StatusChange,
    VillageProfile,
)

PATH, NAME = f"{TOWN}298", "疑点演示村"
ADULT = {
    "education": "03", "health": "01", "labour": "01", "medical_resident": True, "medical_employee": False,
    "pension_resident": True, "dibao": False, "living": "1", "politics": "13",
}  # fmt: skip
CHILD = ADULT | {"education": "", "school": "03", "labour": "04", "pension_resident": None}


class Home:
    """Rows of a household that passes every rule: a couple of 50 and 48, a child of 10. A flaw changes them."""

    def __init__(self, rows, registry, today, region, n):
        self.rows, self.registry, self.today = rows, registry, today
        self.household = rows.add(
            Household, number=f"{PATH}{n:05}", region_id=region.pk, region_path=PATH, phone=registry.phone(),
            address=f"{NAME}{n}号", registry_status="3", exit_year=today.year - 7, policy_status="1",
            identified_on=date(today.year - 12, 6, 1), updated_at=timezone.now(),
        )  # fmt: skip
        self.head, self.head_year = self.person("01", 50, True, ADULT)
        self.spouse, self.spouse_year = self.person("02", 48, False, ADULT)
        self.child, self.child_year = self.person("03", 10, True, CHILD)
        self.condition = rows.add(
            Condition, household_id=self.household, year=today.year, farmland=Decimal(5), forest=Decimal(10),
            house_area=Decimal(90), dangerous=False, water_safe=True, water_solved=True, dibao=False, power_living=True,
        )  # fmt: skip
        self.income = rows.add(
            Income, household_id=self.household, year=today.year - 1, wage=Decimal(40000), operating=Decimal(0),
            property=Decimal(0), transfer=Decimal(0), expense=Decimal(2000), persons=3,
        )  # fmt: skip
        rows.add(HouseholdCause, household_id=self.household, year=today.year, rank=0, cause="07")

    def person(self, relation, age, male, facts):
        birth = self._born(age)
        made = Person(relation, male, birth, self.registry.name(male), self.registry.number(birth, male))
        order = sum(row["household_id"] is self.household for row in self.rows.held[Member]) + 1
        member = self.rows.add(
            Member, household_id=self.household, region_path=PATH, order=order, name=made.name, relation=relation,
            id_number=made.number, sex="1" if male else "2", birth=birth, ethnic="01",
        )  # fmt: skip
        return member, self.rows.add(MemberYear, member_id=member, year=self.today.year, **facts)

    def _born(self, age):
        return date(self.today.year - age, 1, 15)

    def age(self, member, years):
        """Another age, with the number that goes with it."""
        birth = self._born(years)
        self.number(member, self.registry.number(birth, member["sex"] == "1"))
        member["birth"] = birth

    def number(self, member, number):
        member["id_number"] = number

    def monitor(self, **fields):
        """Monitored for eight months, with a target half a year ahead."""
        end = self.today + timedelta(200)
        self.household |= {
            "monitor_category": "1", "risk_state": "1", "monitored_on": self.today - timedelta(240), "risks": "09",
            "target_end": end, "target_text": end.isoformat(), "target_precision": "day",
        } | fields  # fmt: skip

    def clear(self, after=210):
        self.monitor(risk_state="2", cleared_on=self.today - timedelta(240 - after))

    def help(self, what="养羊", kind="02", **fields):
        self.rows.add(
            Measure, household_id=self.household, region_path=PATH, kind=kind, what=what,
            starts_on=self.today - timedelta(230), **fields,
        )  # fmt: skip

    def unable(self):
        """Nobody can work, and nobody earns a wage."""
        for year in (self.head_year, self.spouse_year):
            year |= {"labour": "03", "health": "02"}
        self.income |= {"wage": Decimal(0), "transfer": Decimal(40000)}


def v01(home):
    number = home.head["id_number"]
    home.number(home.head, number[:17] + ("1" if number[17] != "1" else "2"))


def v02(home):
    home.number(home.head, home.head["id_number"][:17])


def v04(home):
    home.number(home.head, home.head["id_number"][:6] + "19710230" + home.head["id_number"][14:])


def v05(home):
    body = "780101" + home.head["id_number"][6:17]
    home.number(home.head, body + idcard.check_character(body))


def v06(home):
    home.child |= {"sex": "2", "relation": "99"}


def v07(home):
    home.head["birth"] += timedelta(1)


def v08(home):
    home.head["relation"] = "99"


def v10(home):
    home.person("02", 40, False, ADULT)


def v12(home):
    home.income |= {"year": home.today.year, "persons": 5}


def v13(home):
    home.age(home.spouse, 120)
    home.spouse_year["labour"] = "03"


def v14(home):
    home.child["relation"] = "04"


def v15(home):
    home.spouse["sex"] = "1"
    home.age(home.spouse, 48)


def v16(home):
    home.child_year["education"] = "02"


def v17(home):
    home.child_year |= {"school": "00", "education": "02"}


def v18(home):
    home.age(home.child, 17)
    home.child_year |= {"school": "", "education": "07", "pension_resident": True, "labour": "01"}


def v19(home):
    home.age(home.child, 5)
    home.child_year |= {"school": "", "education": "07", "labour": "03"}


def v20(home):
    home.spouse_year["labour"] = "05"


def v21(home):
    home.age(home.head, 70)


def v22(home):
    home.head_year["medical_employee"] = True


def v23(home):
    home.spouse_year["health"] = "04"


def v24(home):
    home.spouse_year |= {"health": "04", "disability_no": home.child["id_number"] + "43"}


def v25(home):
    home.head_year["work_months"] = 6


def v26(home):
    home.head_year |= {"work_months": 6, "work_area": "03"}


def v27(home):
    home.head_year["post_kind"] = "1"


def v28(home):
    home.spouse_year |= {"tekun": True, "work_months": 3, "work_area": "01"}


def v29(home):
    home.monitor(risks="03")
    home.help()


def v30(home):
    home.condition |= {"dangerous": True, "danger_level": "4"}


def v31(home):
    home.household["phone"] = "1545550"


def v32(home):
    others = [row for row in home.rows.held[Household] if row is not home.household]
    home.household["phone"] = others[0]["phone"]


def v33(home):
    home.income |= {"wage": Decimal(90), "transfer": Decimal(40000)}


def v34(home):
    home.condition["farmland"] = Decimal(1000)


def v35(home):
    home.clear()
    home.help()
    home.condition["danger_level"] = "3"


def v36(home):
    home.clear(after=120)
    home.help()


def v37(home):
    home.monitor(monitored_on=home.today - timedelta(60))


def v38(home):
    home.monitor()
    home.help("大病救助", kind="08")


def v39(home):
    home.monitor()
    home.help("兜底保障", kind="11")
    home.unable()


def v40(home):
    home.monitor()
    home.help("技能培训", kind="03")


def v41(home):
    home.help("雨露计划补助", kind="10")


def v43(home):
    home.spouse_year["health"] = "01,02"


def v45(home):
    home.head_year |= {"medical_resident": None, "medical_employee": None}


def v48(home):
    home.monitor()
    home.help()
    home.income["wage"] = Decimal(90000)


def v49(home):
    home.number(home.child, "G" + home.child["id_number"][1:])


def v50(home):
    end = home.today - timedelta(20)
    home.monitor(target_end=end, target_text=end.isoformat())
    home.help()


FLAWS = [
    v01, v02, v04, v05, v06, v07, v08, v10, v12, v13, v14, v15, v16, v17, v18, v19, v20, v21, v22, v23, v24, v25,
    v26, v27, v28, v29, v30, v31, v32, v33, v34, v35, v36, v37, v38, v39, v40, v41, v43, v45, v48, v49, v50,
]  # fmt: skip
HOUSEHOLDS = len(FLAWS)


def build(order):
    """The village, its figures (V42), and its households."""
    registry = Registry(random.Random(SEED + 1), first=900_000)  # noqa: S311 (nothing secret)
    town = Region.objects.get(path=TOWN)
    village = Region.objects.create(
        path=PATH,
        level=Level.VILLAGE,
        name=NAME,
        short_name=NAME,
        key=key_for(Level.VILLAGE, NAME),
        parent=town,
    )
    rows = Rows()
    for n, flaw in enumerate(FLAWS, 1):
        home = Home(rows, registry, order.today, village, n)
        home.household["address"] = f"{NAME}（{flaw.__name__.upper()}）"
        flaw(home)
        if home.household.get("risk_state") == "1":
            _monitored(home)
    _tokens(rows)
    made = rows.held[Household]
    rows.write()
    ids = [row["id"] for row in made]
    profile = VillageProfile.objects.create(
        region=village, region_path=PATH, year=order.today.year, households=HOUSEHOLDS, population=3 * HOUSEHOLDS,
        labour=2 * HOUSEHOLDS, farmland=Decimal(400), students=40, students_college=5, students_middle=10,
        students_primary=20, power_living=True, power_villages=3, note="演示村级勾稽：学生合计与分项不等。",
    )  # fmt: skip
    checks.check_villages([profile.region_path], today=order.today)
    kept.refresh(checks.check(ids, today=order.today), today=order.today, names=False)


def _monitored(home):
    home.rows.add(
        StatusChange, household_id=home.household, step="monitor", before={"monitor_category": "0", "risk_state": "0"},
        after={"monitor_category": "1", "risk_state": "1"}, on=home.household["monitored_on"], reason="村级评议公示无异议",
    )  # fmt: skip


def _tokens(rows):
    for household in rows.held[Household]:
        names = [row["name"] for row in rows.held[Member] if row["household_id"] is household]
        for token in sorted({piece for name in names for piece in search.tokens(name)}):
            rows.add(SearchToken, token=token, region_path=PATH, household_id=household)
