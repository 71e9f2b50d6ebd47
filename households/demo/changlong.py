"""昌龙村 (炉霍县新都镇) as the first plan describes it: its real figures by year, and 58 invented households with
279 people whose sums are those figures. Everything goes through the actions of the pages."""

import random
from datetime import date, timedelta
from decimal import Decimal

from fupin import schedule
from fupin.demo import SEED
from fupin.regions.models import Region
from fupin.regions.tree import open_groups
from households import codes, life, lifecycle, stats
from households.actions import measures, pairings, register, visits
from households.demo import words
from households.demo.accounts import CHANGLONG, make_helpers
from households.demo.people import SCHOOLS, Person, Registry, disability, work
from households.models import (
    Measure,
    MemberYear,
    VillageCause,
    VillageIndustry,
    VillageNeed,
    VillageProfile,
)

HOUSEHOLDS, PERSONS = 58, 279
FIGURES = {
    "labour": 123, "poor_households": 19, "poor_population": 77, "dibao_households": 6, "dibao_population": 20,
    "tekun_population": 10, "disabled_population": 17, "pension_received": 47, "pension_joined": 56,
    "medical_joined": 279, "students": 30, "students_college": 4, "students_middle": 12, "students_primary": 14,
    "party_members": 11, "party_probationary": 2, "party_activists": 3, "sanlao": 3, "cadres": 7,
    "relocated_households": 3,
}  # fmt: skip
"""The plan's figures that the register can answer too. Religion is a figure of the village only."""

CAUSES = [
    ("09,07", "资金紧缺，种植技术缺乏，严重制约产业发展"),
    ("10", "贫困人口分布广，居住条件边远，基础设施建设滞后"),
    ("11", "传统农业耕种观念根深蒂固，农业产业结构调整十分艰难"),
    ("10", "受交通、地理位置和历史发展等因素制约"),
]
NEEDS = [
    ("A", "加大昌龙村基础设施建设：通村、通组、串户路硬化，农田水利，教育、医疗、文化卫生", "2"),
    ("9", "加大对贫困户扶贫到户帮扶力度", "2"),
    ("C", "增加扶贫项目支持昌龙村实施整村推进", "1"),
    ("1", "加大产业扶持力度：融资、道路、水电", "2"),
    ("B", "加大种养殖技术的培训力度，做好劳动力转移", "1"),
]

SINGLES, COUPLES, FAMILIES = 6, 46, 52
ELDERS, OTHERS, SMALL = 56, 63, 26
STUDENT_AGES = [6, 6, 7, 7, 7, 8, 8, 9, 9, 9, 10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 16, 17, 18, 19, 20, 21]  # fmt: skip


class Family:
    """One household while the village is put together."""

    def __init__(self, people):
        self.people = people
        self.poor = self.relocated = False

    def __len__(self):
        return len(self.people)

    @property
    def head(self):
        return self.people[0]


def build(order, users):
    with stats.counted_at_the_end(today=order.today):
        _build(order, users)


def _build(order, users):
    chance = random.Random(SEED)  # noqa: S311 (nothing secret)
    registry = Registry(chance)
    village = Region.objects.select_related("parent").get(path=CHANGLONG)
    _profiles(village)
    families = _families(chance, registry, order.today)
    _facts(chance, families, order.today)
    groups = open_groups({(CHANGLONG, f"{n}组") for n in (1, 2, 3)})
    groups = sorted(groups.values(), key=lambda group: group.path)
    helpers = make_helpers(chance, registry, village.parent, 5)
    poor = []
    for n, family in enumerate(families):
        household = _save(
            chance, registry, order, family, groups[n * 3 // len(families)], n, users["changlong"]
        )
        if family.poor:
            poor.append(household)
    poor = poor[:5] + [row for pair in zip(poor[13:], poor[5:]) for row in pair] + poor[11:13]
    for n, household in enumerate(poor):
        _help(chance, order.today, household, n, helpers[n * len(helpers) // len(poor)], users["xindu"])


def _profiles(village):
    """2014 (one figure is known) and 2019 (the plan)."""
    VillageProfile.objects.create(region=village, region_path=village.path, year=2014, poor_households=21,
                                  note="计划篇一：2014 年建档立卡贫困户 21 户，其余原文缺失。")  # fmt: skip
    profile = VillageProfile.objects.create(
        region=village, region_path=village.path, year=2019, location="县城西南部", distance_county=Decimal(8),
        households=HOUSEHOLDS, population=PERSONS, clergy=25, nuns=5, lamas=20, is_poor_village=True,
        programmes="整村推进", note="数据来自计划篇一；原文没有的留空。", **FIGURES,
    )  # fmt: skip
    VillageCause.objects.bulk_create(
        VillageCause(profile=profile, order=n, codes=causes, text=text)
        for n, (causes, text) in enumerate(CAUSES)
    )
    VillageNeed.objects.bulk_create(
        VillageNeed(profile=profile, order=n, kind=kind, text=text, state=state)
        for n, (kind, text, state) in enumerate(NEEDS)
    )
    VillageIndustry.objects.bulk_create(
        [
            VillageIndustry(profile=profile, name="木耳", text="木耳基地转型发展"),
            VillageIndustry(profile=profile, name="蔬菜大棚", text="每家每户小型蔬菜大棚"),
        ]
    )


def _families(chance, registry, today):
    """58 households of 279 people, of whom 30 are students and 62 are 60 or older."""

    def person(relation, age, male=None):
        male = chance.random() < 0.5 if male is None else male
        birth = registry.birth(age, today)
        return Person(relation, male, birth, registry.tibetan_name(male), registry.number(birth, male))

    families = [Family([person("01", 40 + n % 19, n % 9 > 0)]) for n in range(FAMILIES)]
    for family in families[:COUPLES]:
        head = family.head
        family.people.append(
            person("02", max(36, min(59, head.age(today) + chance.randint(-3, 2))), not head.male)
        )
    for n in range(ELDERS):
        family = families[n % FAMILIES]
        father = n < FAMILIES // 2
        family.people.append(
            person("11" if father else "12", family.head.age(today) + chance.randint(20, 28), father)
        )
    ages = STUDENT_AGES + [n % 6 for n in range(SMALL)] + [chance.randint(22, 27) for _ in range(OTHERS)]
    for age in ages:
        male = chance.random() < 0.5
        fitting = [f for f in families if 18 <= f.head.age(today) - age <= 42] or families
        family = min(fitting, key=lambda f: (len(f), chance.random()))
        family.people.append(person("03" if male else "04", age, male))
    return families + [Family([person("01", 66 + 3 * n)]) for n in range(SINGLES)]


def _facts(chance, families, today):
    """Give out the plan's figures: each to exactly as many people as it says."""
    everybody = [(family, person, person.age(today)) for family in families for person in family.people]
    _choose_poor(chance, families)
    adults = [p for _, p, age in everybody if 22 <= age < 60]
    elders = [p for _, p, age in everybody if age >= 60]
    singles = [family.head for family in families[-SINGLES:]]
    for _, person, age in everybody:
        person.facts = {"medical_resident": True, "medical_employee": False, "politics": "13", "living": "1"}
        person.facts |= {
            "health": "01",
            "labour": "04",
            "pension_received": False,
            "dibao": False,
            "tekun": False,
        }
        student = age in SCHOOLS
        school = SCHOOLS.get(age, "03") if age >= 6 else "02" if age >= 3 else "01"
        person.facts |= (
            {"education": "07" if age < 3 else "", "school": school} if age < 12 or student
            else {"education": chance.choice(["01", "02", "02", "03"]), "school": "00"}
        )  # fmt: skip
    _labour(chance, adults, elders)
    _pick(chance, elders, 47, pension_received=True)
    _pick(chance, adults, 56, pension_resident=True)
    grown = adults + [person for person in elders if person not in singles]
    chosen = chance.sample(grown, 26)
    for people, values in (
        (chosen[:11], {"politics": "01"}), (chosen[11:13], {"politics": "02"}), (chosen[13:16], {"activist": True}),
        (chosen[16:19], {"role_note": "三老干部"}), (chosen[19:26], {"role_note": "村组干部"}),
    ):  # fmt: skip
        for person in people:
            person.facts |= values
    for person in singles + chance.sample([p for p in elders if p not in singles], 4):
        person.facts |= {"tekun": True, "labour": "04"}
    dibao = [family for family in families if family.poor and len(family) >= 4][:6]
    for family, count in zip(dibao, (3, 3, 3, 3, 4, 4)):
        for person in sorted(family.people, key=lambda p: p.facts["tekun"])[:count]:
            person.facts["dibao"] = True


def _choose_poor(chance, families):
    """19 households with 77 people: the six old people living alone, and 13 families."""
    while True:
        chosen = chance.sample(families[:FAMILIES], 13)
        if sum(map(len, chosen)) == FIGURES["poor_population"] - SINGLES:
            break
    for family in chosen + families[-SINGLES:]:
        family.poor = True
    for family in chosen[:3]:
        family.relocated = True


def _labour(chance, adults, elders):
    """123 in the labour force; the other adults are disabled or ill, or the data check would ask why not."""
    working = chance.sample(adults, FIGURES["labour"])
    for person in working:
        person.facts["labour"] = "02" if chance.random() < 0.15 else "01"
        if chance.random() < 0.5:
            person.facts |= work(chance)
    rest = [person for person in adults if person not in working]
    for person in chance.sample(rest, 13) + chance.sample(elders, 4):
        person.facts |= {"labour": "03" if person in rest else "04"} | disability(chance, person)
    for person in rest:
        if person.facts["health"] == "01":
            person.facts |= {"health": "02", "labour": "05"}


def _pick(chance, people, count, **values):
    for person in chance.sample(people, count):
        person.facts |= values


def _save(chance, registry, order, family, group, n, by):
    """One household through the form's action."""
    today = order.today
    worker = any(person.facts["labour"] in codes.WORKING for person in family.people)
    wage = sum(person.facts.get("work_income") or 0 for person in family.people)
    persons = len(family)
    operating = Decimal(persons * chance.randrange(2400, 5200, 100) if worker else 300)
    target = Decimal(persons * chance.randrange(6600 if family.poor else 8000, 11000, 50))
    expense = operating * 3 / 10
    transfer = max(Decimal(chance.randrange(400, 2600)), target - wage - operating + expense)
    farmland = Decimal(chance.randrange(200, 1500)) / 100
    household = register.save_household(
        by=by, year=today.year, today=today,
        fields={
            "number": f"{CHANGLONG}{n + 1:04}", "region": group, "address": f"昌龙村{group.short_name}{n + 1}号",
            "phone": registry.phone(), "relocated": family.relocated, "standard": "01" if family.poor else "",
            "relocation_site": "昌龙村安置点" if family.relocated else "", "needs": "1,2" if family.poor else "",
            "bottom_line": True if not any(p.facts["labour"] in ("01", "02", "05") for p in family.people) else None,
        },
        members=[
            {
                "name": person.name, "relation": person.relation, "id_type": "01", "id_number": person.number,
                "sex": "1" if person.male else "2", "birth": person.birth, "ethnic": "04", **person.facts,
            }
            for person in family.people
        ],
        condition={
            "farmland": farmland, "irrigated": (farmland / 4).quantize(Decimal("0.01")), "water_safe": True,
            "water_kind": "1", "power_living": not family.relocated, "broadcast": True, "dangerous": False,
            "house_area": Decimal(chance.randrange(80, 220)), "structure": "3", "residence": "2",
            "road_kind": "01" if family.relocated else "03", "road_distance": Decimal("0.11") if family.relocated else Decimal(chance.randrange(0, 80)) / 100,
        },
        income={
            "wage": Decimal(wage), "operating": operating, "property": Decimal(0), "transfer": transfer,
            "expense": expense,
        },
        causes=[chance.choice(["09", "07", "10", "11"]), "08"] if family.poor else None,
    )  # fmt: skip
    for person in family.people:
        if "role_note" in person.facts:  # only files bring it; the form does not ask
            years = MemberYear.objects.filter(member__household=household, member__id_number=person.number)
            years.update(role_note=person.facts["role_note"])
    return household


def _help(chance, today, household, n, helper, by):
    """What was done for one of the 19: its steps, its official, a year of visits, its measures."""
    year = today.year
    start = date(year - 2, 3, 1)
    _advance(today, household, n, by)
    pairings.pair(household=household, helper=helper, starts_on=start, by=by, today=today)
    # One day for the whole village in each round, as a township does it.
    for months_ago in (11, 8, 5, 2, 0) if n < 4 else (10, 5, 2) if n % 6 else (10, 8):
        on = today - timedelta(30 * months_ago + 1)
        purposes, content = words.visit(chance)
        problem, what = words.problem(chance) if chance.random() < 0.3 else ("", "")
        due = schedule.parse((on + timedelta(45)).isoformat())
        visit = visits.record_visit(
            household=household, by=by, today=on, on=on, content=content, helpers=[helper], purposes=purposes,
            problem=problem, visitor_unit=helper.unit,
            follow_ups=[{"what": what, "helper": helper, **schedule.columns(due, "due")}] if what else [],
        )  # fmt: skip
        for follow_up in visit.follow_ups.all():
            if due.end < today and chance.random() < 0.75:
                visits.close_follow_up(follow_up=follow_up, by=by, result="已办结，户主认可。", today=due.end)
    _measures(chance, today, household, helper, by)


def _measures(chance, today, household, helper, by):
    wanted = [("02", "修建小型蔬菜大棚", 1, "座", 6000, f"{today.year}年底前")]
    if household.relocated:
        wanted += [("15", "硬化入户路", 110, "米", 16500, f"{today.year}年10月底前"),
                   ("15", "新增电杆，解决生活用电", 1, "根", 2400, f"{today.year}年第三季度")]  # fmt: skip
    if chance.random() < 0.4:
        wanted.append(("04", "小额信贷贴息", 1, "笔", 1500, f"{today.year + 1}年6月底前"))
    for kind, what, quantity, unit, money, target in wanted:
        measure = Measure(
            household=household, kind=kind, what=what, quantity=Decimal(quantity), unit=unit, money=Decimal(money),
            helper=helper, starts_on=date(today.year, 1, 5), **schedule.columns(schedule.parse(target), "target"),
        )  # fmt: skip
        measures.save_measure(measure=measure, by=by)
        if chance.random() < 0.45:
            done = min(today, date(today.year, 9, chance.randint(1, 28)))
            measures.finish_measure(
                measure=measure, by=by, done_on=max(done, measure.starts_on), effect="已完成。", today=today
            )


def _advance(today, household, n, by):
    """Where the 19 stand: 12 left poverty (3 of them watched, 1 no longer), 1 fell back, 2 about to leave, 4 not yet."""
    year = today.year

    def take(step, on, **given):
        if lifecycle.posts(lifecycle.BY_NAME[step]):
            given["posted_on"] = on - timedelta(days=21)
        lifecycle.take(step, household, by=by, on=on, **given)

    told = date(year - 2, 5, 8) if n >= 13 else date(2014, 4, 28)
    life.record_notice(
        household=household, by=by, on=told, form=f"{told.year} 版", teller="驻村工作队", today=today
    )
    late = schedule.parse(f"{year}年6月底前") if n == 12 else schedule.parse(f"{year + n % 2}年底前")
    if n >= 13:
        on = date(year - 2, 5, 20)
        take("identify", on, reason="户申请，村民代表大会评议，两次公示无异议", target=late)
        if n >= 17:
            take("plan_exit", date(year, 3, 15), reason="村两委和驻村工作队核实达标，户主签字认可")
        return
    take("identify", date(2014, 5, 20), reason="2014 年精准识别", target=schedule.parse("2019年底前"))
    exited = 2016 + n % 4
    take("plan_exit", date(exited, 11, 5), reason="收入和“三保障”达标")
    take("exit", date(exited, 12, 20), document=f"炉扶办〔{exited}〕{n + 1}号")
    if n == 12:
        take("relapse", date(year - 1, 4, 10), reason="主要劳动力患病，收入低于标准", cause="01", target=late)
    elif n < 4:
        take("monitor", date(year - 1, 2 + n, 10), reason="务工不稳，收入骤减", category="1", risks="07",
             target=schedule.parse([f"{year}年9月底前", f"{year}年底前", f"{year + 1}年上半年", f"{year}年"][n]))  # fmt: skip
    if n == 3:
        take("clear_risk", date(year, 3, 20), reason="收入稳定半年以上", mode="2")
