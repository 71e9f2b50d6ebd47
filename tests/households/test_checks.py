"""数据体检: each rule finds what it is for and nothing else; what is explained stays explained until facts change."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fupin.accounts.roles import Role
from fupin.schedule import parse
from households import checks, kept, lifecycle
from households.actions.measures import save_measure
from households.actions.register import save_household
from households.actions.village import save_profile
from households.checks import BY_CODE, rules
from households.models import (
    Condition,
    Doubt,
    Household,
    HouseholdCause,
    Income,
    Measure,
    Member,
    MemberYear,
    PovertyLine,
    StatusChange,
    VillageProfile,
)
from tests import factories
from tests.workbooks import column, opened

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
YEAR = 2026
HERE = "99010110020101"
ADULT = {
    "education": "03", "health": "01", "labour": "01", "medical_resident": True, "medical_employee": False,
    "pension_resident": True, "dibao": False,
}  # fmt: skip
CHILD = ADULT | {"education": "", "school": "03", "labour": "04", "pension_resident": None}


class Home:
    """A household without a flaw: a couple and a child of ten. `head`, `spouse`, `child` change theirs."""

    def __init__(self, **fields):
        PovertyLine.objects.get_or_create(
            year=2025, kind="3", region_path="", defaults={"value": Decimal(8000)}
        )
        self.household = factories.household(
            members=0,
            **({"registry_status": "3", "exit_year": 2019, "target_end": None, "target_text": ""} | fields),
        )
        self.head = self.person("01", 50, "1", ADULT)
        self.spouse = self.person("02", 48, "2", ADULT)
        self.child = self.person("03", 10, "1", CHILD)
        self.condition = Condition.objects.create(
            household=self.household, year=YEAR, farmland=5, forest=10, house_area=90, dangerous=False, water_safe=True,
            water_solved=True, dibao=False,
        )  # fmt: skip
        self.income = Income.objects.create(
            household=self.household, year=2025, wage=40000, expense=2000, persons=3
        )

    def person(self, relation, age, sex, facts):
        birth = date(YEAR - age, 1, 15)
        number = factories.id_number(next(factories.serial), born=f"{birth:%Y%m%d}", male=sex == "1")
        row = factories.member(self.household, relation=relation, id_number=number)
        Member.objects.filter(pk=row.pk).update(sex=sex, birth=birth)
        MemberYear.objects.create(member=row, year=YEAR, **facts)
        return row

    def on(self, member, **facts):
        MemberYear.objects.filter(member=member).update(**facts)

    def be(self, member, **fields):
        Member.objects.filter(pk=member.pk).update(**fields)

    def set(self, **fields):
        Household.objects.filter(pk=self.household.pk).update(**fields)

    def live(self, **fields):
        Condition.objects.filter(pk=self.condition.pk).update(**fields)

    def earn(self, **fields):
        Income.objects.filter(pk=self.income.pk).update(**fields)

    def help(self, what="养羊", kind="02", **fields):
        return Measure.objects.create(
            household=self.household, region_path=HERE, kind=kind, what=what, **fields
        )

    def monitor(self, **fields):
        """Monitored since last spring, with a measure and a target."""
        self.set(**({
            "monitor_category": "1", "risk_state": "1", "monitored_on": date(2026, 3, 1), "risks": "09",
            "target_end": date(2027, 6, 30), "target_text": "2027年上半年",
        } | fields))  # fmt: skip

    def aged(self, member, age):
        """An age with the ID number that goes with it."""
        birth = date(YEAR - age, 1, 15)
        number = factories.id_number(next(factories.serial), born=f"{birth:%Y%m%d}")
        self.be(member, birth=birth, id_number=number)

    def doubts(self, today=TODAY):
        checks.check([self.household.pk], today=today)
        return {row.rule: row.message for row in self.household.doubt_rows.all()}


def test_a_household_without_a_flaw_has_no_doubt():
    home = Home()
    assert home.doubts() == {}
    home.monitor()
    home.help(starts_on=date(2026, 3, 20))
    assert home.doubts() == {}


FLAWS = {}


def flaw(code, name=""):
    """Register a function that breaks exactly the rule `code`."""

    def add(function):
        FLAWS[f"{code} {name or function.__name__}"] = (code, function)
        return function

    return add


@flaw("V01")
def last_digit(home):
    number = home.head.id_number
    home.be(home.head, id_number=number[:17] + ("1" if number[17] != "1" else "2"))


@flaw("V02")
def seventeen(home):
    home.be(home.head, id_number=home.head.id_number[:17])


@flaw("V04")
def no_such_day(home):
    home.be(home.head, id_number=home.head.id_number[:6] + "19710230" + home.head.id_number[14:])


@flaw("V05")
def unknown_province(home):
    body = "780101" + home.head.id_number[6:17]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    home.be(home.head, id_number=body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights)) % 11])


@flaw("V06")
def other_sex(home):
    home.be(home.child, sex="2", relation="99")


@flaw("V07")
def other_birth(home):
    home.be(home.head, birth=date(1976, 1, 16))


@flaw("V08", "none")
def no_head(home):
    home.be(home.head, relation="99")


@flaw("V08", "two")
def two_heads(home):
    home.be(home.child, relation="01", sex="1")
    home.be(home.spouse, relation="99")


@flaw("V10")
def two_wives(home):
    home.person("02", 40, "2", ADULT)


@flaw("V12", "nobody")
def nobody(home):
    home.household.members.update(left_on=date(2026, 1, 1), left_event="08")
    home.income.delete()


@flaw("V12", "other number")
def other_number(home):
    home.earn(year=YEAR, persons=5)


@flaw("V13", "old")
def a_hundred_and_twenty(home):
    home.aged(home.spouse, 120)
    home.be(home.spouse, sex="1", relation="99")
    home.on(home.spouse, labour="03")


@flaw("V13", "not born")
def not_born(home):
    home.be(home.child, id_type="99", id_number="", birth=date(2027, 5, 1))


@flaw("V14")
def a_daughter_who_is_a_man(home):
    home.be(home.child, relation="04")


@flaw("V15")
def two_men(home):
    number = factories.id_number(next(factories.serial), born="19780115", male=True)
    home.be(home.spouse, sex="1", id_number=number)


@flaw("V16", "both")
def learned_and_learning(home):
    home.on(home.child, education="02")


@flaw("V16", "neither")
def neither(home):
    home.on(home.head, education="")


@flaw("V17")
def out_of_school(home):
    home.on(home.child, school="00", education="02")


@flaw("V18")
def preschool_at_sixteen(home):
    home.aged(home.child, 17)
    home.on(home.child, school="", education="07", pension_resident=True, labour="01")


@flaw("V19")
def a_child_that_works(home):
    home.aged(home.child, 5)
    home.on(home.child, education="07", school="", labour="03")


@flaw("V20")
def idle(home):
    home.on(home.spouse, labour="05")


@flaw("V21", "old")
def strong_at_seventy(home):
    home.aged(home.head, 70)


@flaw("V21", "student")
def a_student_who_works(home):
    home.aged(home.child, 17)
    home.on(home.child, school="07", labour="01")


@flaw("V21", "lost")
def lost_and_working(home):
    home.on(home.spouse, labour="03", work_area="01", work_months=3)


@flaw("V22", "both")
def insured_twice(home):
    home.on(home.head, medical_employee=True)


@flaw("V22", "neither one")
def not_insured(home):
    home.on(home.head, medical_resident=False)


@flaw("V23")
def no_certificate(home):
    home.on(home.spouse, health="04")


@flaw("V24", "other person")
def of_another(home):
    home.on(home.spouse, health="04", disability_no=factories.id_number(77) + "43")


@flaw("V24", "short")
def short_certificate(home):
    home.on(home.spouse, health="04", disability_no=home.spouse.id_number)


@flaw("V24", "kind")
def kind_differs(home):
    home.on(home.spouse, health="04", disability_no=home.spouse.id_number + "43", disability_kind="3")


@flaw("V25", "place")
def work_without_place(home):
    home.on(home.head, work_months=6)


@flaw("V25", "months")
def thirteen_months(home):
    home.on(home.head, work_months=13, work_area="01")


@flaw("V26")
def somewhere_in_the_province(home):
    home.on(home.head, work_months=6, work_area="03")


@flaw("V27", "half")
def post_without_months(home):
    home.on(home.head, post_kind="1")


@flaw("V27", "age")
def post_at_seventy_five(home):
    home.aged(home.head, 75)
    home.on(home.head, labour="05", post_kind="1", post_months=12)


@flaw("V28")
def cannot_work(home):
    home.on(home.spouse, tekun=True, work_months=3, work_area="01")


@flaw("V29", "disabled")
def nobody_disabled(home):
    home.monitor(risks="03")
    home.help()


@flaw("V29", "healthy")
def nobody_ill(home):
    home.monitor(risks="01")
    home.help()


@flaw("V29", "paid nothing")
def paid_nothing(home):
    home.monitor(risks="01")
    home.help()
    home.on(home.spouse, health="02")
    home.live(self_paid_medical=0)


@flaw("V29", "labour")
def enough_labour(home):
    home.monitor(risks="04")
    home.help()


@flaw("V29", "job")
def no_job_to_lose(home):
    home.monitor(risks="07", bottom_line=True)
    home.help(kind="11")
    home.on(home.head, labour="03", health="03")
    home.on(home.spouse, labour="03", health="03")
    home.earn(wage=0, transfer=40000)


@flaw("V30", "house")
def a_house_that_falls(home):
    home.live(dangerous=True, danger_level="4")


@flaw("V30", "water")
def bad_water(home):
    home.live(water_safe=False)


@flaw("V30", "school")
def left_school(home):
    home.on(home.child, school="00", education="02", dropout_reason="厌学")


@flaw("V31", "household")
def eight_digits(home):
    home.set(phone="12345678")


@flaw("V31", "member")
def odd_mobile(home):
    home.be(home.spouse, phone="12000000000")


@flaw("V32")
def a_neighbours_phone(home):
    factories.household(phone="15412345678")
    home.set(phone="15412345678")


@flaw("V33", "no worker")
def wage_without_worker(home):
    home.on(home.head, labour="05", health="02")
    home.on(home.spouse, labour="03", health="02")
    home.on(home.head, labour="03")


@flaw("V33", "small")
def ninety_yuan(home):
    home.earn(wage=90, transfer=40000)


@flaw("V33", "above the line")
def above_the_line(home):
    home.set(registry_status="1", target_end=date(2027, 1, 1), identified_on=date(2020, 1, 1))
    home.help()


@flaw("V33", "below the line")
def below_the_line(home):
    home.monitor(risk_state="2", cleared_on=date(2026, 10, 1))
    home.help()
    home.earn(wage=9000)


@flaw("V34", "land")
def a_thousand_mu(home):
    home.live(farmland=1000)


@flaw("V34", "negative")
def negative_land(home):
    home.live(forest=-3)


@flaw("V34", "house")
def a_palace(home):
    home.live(house_area=600)


@flaw("V35", "house")
def cleared_in_a_ruin(home):
    home.monitor(risk_state="2", cleared_on=date(2026, 10, 1))
    home.help()
    home.live(danger_level="3")


@flaw("V35", "income")
def cleared_without_income(home):
    home.monitor(risk_state="2", cleared_on=date(2026, 10, 1))
    home.help()
    home.income.delete()


@flaw("V36")
def cleared_after_five_months(home):
    home.monitor(risk_state="2", cleared_on=date(2026, 8, 31))
    home.help()


@flaw("V37", "late")
def no_measure(home):
    home.monitor(monitored_on=date(2026, 10, 1))


@flaw("V37", "cleared")
def helped_with_nothing(home):
    home.monitor(risk_state="2", cleared_on=date(2026, 10, 1))
    StatusChange.objects.create(
        household=home.household, step="clear_risk", on=date(2026, 10, 1), before={"risk_state": "1"},
        after={"risk_state": "2", "mode": "1"},
    )  # fmt: skip


@flaw("V38", "kind")
def nothing_to_earn_with(home):
    home.monitor(monitored_on=date(2026, 1, 5))
    home.help("大病救助", kind="08")


@flaw("V38", "long ago")
def long_done(home):
    home.monitor(monitored_on=date(2025, 1, 5))
    home.help(done_on=date(2026, 3, 1))


@flaw("V39")
def nobody_can_work(home):
    home.monitor()
    home.help(kind="11")
    for one in (home.head, home.spouse):
        home.on(one, labour="03", health="02")
    home.earn(wage=0, transfer=40000)


@flaw("V40")
def only_training(home):
    home.monitor()
    home.help("技能培训", kind="03")
    home.help("其他帮扶", kind="12")


@flaw("V41")
def nobody_in_college(home):
    home.help("雨露计划补助", kind="10")


@flaw("V43", "two")
def healthy_and_ill(home):
    home.on(home.spouse, health="01,02")


@flaw("V43", "blank")
def health_unknown(home):
    home.on(home.spouse, health="")


@flaw("V45", "medical")
def insurance_unknown(home):
    home.on(home.head, medical_resident=None, medical_employee=None)


@flaw("V45", "pension")
def pension_unknown(home):
    home.on(home.head, pension_resident=None)


@flaw("V45", "dibao")
def dibao_unknown(home):
    home.live(dibao=None)
    home.on(home.head, dibao=None)


@flaw("V48")
def rich_when_found(home):
    home.monitor()
    home.help()
    home.earn(wage=90000)


@flaw("V49")
def school_number(home):
    home.be(home.child, id_number="G" + home.child.id_number[1:])


@flaw("V50", "late")
def past_the_target(home):
    home.monitor(target_end=date(2026, 10, 31), target_text="10月底前")
    home.help()


@flaw("V50", "none")
def no_target(home):
    home.monitor(target_end=None, target_text="")
    home.help()


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_is_found_by_its_rule_and_by_no_other(name):
    code, breaks = FLAWS[name]
    home = Home()
    breaks(home)

    found = home.doubts()

    assert set(found) == {code}
    assert found[code].startswith(BY_CODE[code].message)


def test_every_rule_has_a_flaw_or_cannot_be_broken():
    held = {code for code, _ in FLAWS.values()}
    assert held | {rule.code for rule in checks.ENFORCED} | {"V42"} == {f"V{n:02}" for n in range(1, 51)}
    assert not held & {rule.code for rule in checks.ENFORCED}
    assert len(checks.ALL) == len(BY_CODE) == 50


# What cannot be stored


def test_v03_one_number_once():
    first, other = factories.household(), factories.household(members=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.member(other, id_number=first.members.get().id_number)


def test_v09_one_household_number_once():
    factories.household(number="H1")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.household(number="H1")


def test_v11_the_head_is_the_member_who_is_head():
    household = factories.household()
    household.members.update(name="改了名")
    kept.refresh([household.pk])
    household.refresh_from_db()
    assert household.head_name == "改了名"


@pytest.mark.parametrize("causes", [["01", "01"], ["01", "02", "03", "04"]])
def test_v44_three_causes_at_most_each_once(causes):
    household = factories.household()
    with pytest.raises(IntegrityError), transaction.atomic():
        for rank, cause in enumerate(causes):
            HouseholdCause.objects.create(household=household, year=YEAR, rank=rank, cause=cause)


def test_v46_who_leaves_has_a_reason():
    member = factories.household().members.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=member.pk).update(left_on=TODAY)


@pytest.mark.parametrize(("status", "category"), [("1", "1"), ("0", "1"), ("3", "2"), ("4", "2")])
def test_v47_category_and_register_agree(status, category):
    household = factories.household(registry_status=status)
    with pytest.raises(IntegrityError), transaction.atomic():
        Household.objects.filter(pk=household.pk).update(monitor_category=category, risk_state="1")


def test_v34_irrigated_land_is_farmland():
    with pytest.raises(IntegrityError), transaction.atomic():
        Condition.objects.create(household=factories.household(), year=YEAR, farmland=1, irrigated=2)


@pytest.mark.parametrize("name", ["V35 house", "V36 cleared_after_five_months"])
def test_v35_v36_v37_the_step_is_refused(name):
    code, breaks = FLAWS[name]
    home = Home()
    breaks(home)
    today = timezone.localdate()
    home.set(risk_state="1", cleared_on=None, monitored_on=today - timedelta(100 if code == "V36" else 400))
    kept.refresh([home.household.pk])
    home.household.refresh_from_db()

    with pytest.raises(ValidationError) as refused:
        lifecycle.take(
            "clear_risk", home.household, by=factories.user(), on=today, reason="收入稳定", mode="1"
        )  # fmt: skip

    words = "".join(refused.value.messages)
    assert ("未满 6 个月" if code == "V36" else "住房") in words


# Villages


def profile(**fields):
    region = factories.region(HERE[:12])
    given_fields = {"households": 50, "population": 200, "labour": 100, "farmland": 300} | fields
    return save_profile(village=region, year=YEAR, fields=given_fields, by=factories.user())


@pytest.mark.parametrize(("fields", "words"), [
    ({}, []),
    ({"students": 9, "students_college": 1, "students_middle": 2, "students_primary": 3}, ["学生 = "]),
    ({"clergy": 25, "nuns": 5, "lamas": 19}, ["僧侣 = "]),
    ({"population": None}, ["总人口未填"]),
    ({"dibao_households": 60}, ["低保户 ≤ 总户数"]),
])  # fmt: skip
def test_v42_figures_of_a_village(fields, words):
    row = profile(**fields)

    found = [doubt.message for doubt in row.doubt_rows.order_by("message")]

    assert len(found) == len(words)
    assert all(
        message.startswith("村级指标勾稽不平：") and word in message for message, word in zip(found, words)
    )


def test_v42_more_bad_houses_than_houses():
    for _ in range(2):
        Home().live(dangerous=True, danger_level="4", water_safe=False)
    kept.refresh(Household.objects.values_list("pk", flat=True))

    row = profile(households=3)

    assert row.doubt_rows.get().message == "村级指标勾稽不平：危房户2 + 饮水不安全户2 > 总户数3"


def test_v42_goes_when_the_figures_are_put_right():
    row = profile(population=None)
    save_profile(
        village=row.region, year=YEAR, fields={"population": 200}, by=factories.user(), profile=row, version=1
    )
    assert not row.doubt_rows.exists()


# Between households


def test_a_phone_given_back_settles_the_doubt_of_the_other_home():
    first, second = Home(), Home()
    for home in (first, second):
        home.set(phone="15411112222")
        kept.refresh(checks.check([home.household.pk], today=TODAY))
    assert "V32" in first.household.doubt_rows.values_list("rule", flat=True)

    first.set(phone="15411113333")
    touched = checks.check([first.household.pk], today=TODAY)

    assert touched == {first.household.pk, second.household.pk}
    assert not Doubt.objects.filter(rule="V32").exists()


def test_saving_a_household_checks_the_other_with_its_phone():
    other = Home(phone="15411112222")
    other.doubts()
    user = factories.user()
    home = Home()
    save_household(
        by=user, year=YEAR, today=timezone.localdate(), fields={"phone": "15411112222"}, household=home.household,
        version=home.household.version,
    )  # fmt: skip

    other.household.refresh_from_db()
    assert other.household.doubts == 1
    assert home.household.doubt_rows.filter(rule="V32").exists()


# Explaining


def test_an_explanation_stays_until_the_facts_change():
    home = Home()
    home.on(home.spouse, health="04")
    home.doubts()
    doubt = home.household.doubt_rows.get()
    checks.explain(doubt, reason="正在办证", by=factories.user())

    home.live(house_area=80)  # nothing the rule looks at
    home.doubts()
    doubt.refresh_from_db()
    assert doubt.explained == "正在办证"
    home.on(home.spouse, health="02,04")
    home.doubts()
    fresh = home.household.doubt_rows.get()
    assert (fresh.rule, fresh.message, fresh.explained) == (doubt.rule, doubt.message, "")


def test_what_was_verified_no_longer_counts():
    home = Home()
    home.on(home.spouse, health="04")
    home.doubts()
    checks.explain(home.household.doubt_rows.get(), reason="正在办证", by=factories.user())
    home.household.refresh_from_db()
    assert home.household.doubts == 0

    checks.explain(home.household.doubt_rows.get(), reason="", by=factories.user())
    home.household.refresh_from_db()
    assert home.household.doubts == 1


def test_a_measure_settles_the_doubt_that_there_is_none():
    home = Home()
    home.monitor(
        monitored_on=timezone.localdate() - timedelta(60), target_end=timezone.localdate() + timedelta(90)
    )
    assert set(home.doubts(timezone.localdate())) == {"V37"}
    measure = Measure(household=home.household, kind="02", what="养羊")

    save_measure(measure=measure, by=factories.user())

    home.household.refresh_from_db()
    assert home.household.doubts == home.household.doubt_rows.count() == 0


def test_a_closed_household_has_no_doubts():
    home = Home()
    home.on(home.spouse, health="04")
    home.doubts()
    home.set(registry_status="9", closed_on=TODAY)
    assert home.doubts() == {}


# In bulk, by command, every day


def test_the_queries_do_not_grow_with_households(django_assert_max_num_queries):
    def some(n):
        homes = [Home(phone="15411112222") for _ in range(n)]
        for home in homes:
            home.on(home.spouse, health="04")
        return [home.household.pk for home in homes]

    few, many = some(2), some(12)
    with django_assert_max_num_queries(34) as small:
        checks.check(few, today=TODAY)
    with django_assert_max_num_queries(34) as large:
        checks.check(many, today=TODAY)

    assert len(large) <= len(small)


def test_the_command_checks_all_or_one_place(capsys):
    home, away = Home(), Home(at="99010210020101")
    for one in (home, away):
        one.on(one.spouse, health="04")
    call_command("check_data", region="990101")
    assert list(Doubt.objects.values_list("household", flat=True)) == [home.household.pk]
    call_command("check_data")
    assert set(Doubt.objects.values_list("household", flat=True)) == {home.household.pk, away.household.pk}
    away.household.refresh_from_db()
    assert away.household.doubts == 1
    assert "检查了 2 户" in capsys.readouterr().out


def test_the_daily_run_finds_what_a_new_day_makes_true():
    home = Home()
    home.monitor(target_end=TODAY, target_text=TODAY.isoformat())
    home.help()
    assert home.doubts() == {}

    checks.check_due(TODAY + timedelta(1))
    home.household.refresh_from_db()
    assert (home.household.doubts, home.household.doubt_rows.get().rule) == (1, "V50")


def test_the_daily_run_knows_birthdays_and_half_years():
    seventh, watched, quiet = Home(), Home(), Home()
    day = TODAY + timedelta(1)
    seventh.be(seventh.child, birth=date(day.year - 7, day.month, day.day))
    watched.monitor(monitored_on=day - timedelta(32))

    found = checks.due(day)

    assert {seventh.household.pk, watched.household.pk} <= found
    assert quiet.household.pk not in found


# The page


URL = "doubt_list"


def flawed(n=1, **fields):
    homes = [Home(**fields) for _ in range(n)]
    for home in homes:
        home.on(home.spouse, health="04")
        kept.refresh(checks.check([home.household.pk], today=TODAY))
    return homes


def test_the_page_counts_by_rule_and_lists(login):
    first, _ = flawed(2)
    first.live(house_area=900)
    checks.check([first.household.pk], today=TODAY)
    client = login(factories.user())

    page = client.get(reverse(URL))
    narrowed = client.get(reverse(URL), {"rule": "V34"})

    assert [(rule.code, n, done) for rule, n, done in page.context["rules"]] == [("V23", 2, 0), ("V34", 1, 0)]
    assert len(page.context["page"].rows) == 3
    assert [row.household_id for row in narrowed.context["page"].rows] == [first.household.pk]
    assert "R21" in page.content.decode()


def test_the_page_shows_only_ones_own_places(login):
    flawed(1, at="99010210020101")
    page = login(factories.user(at="990101")).get(reverse(URL))
    assert (page.context["rules"], page.context["page"].rows) == ([], [])


def test_explaining_on_the_page(login):
    home = flawed()[0]
    client, doubt = login(factories.user()), home.household.doubt_rows.get()
    url, back = reverse("doubt_explain", args=[doubt.pk]), reverse(URL) + "?rule=V23"

    refused = client.post(url, {"reason": " ", "next": back}, follow=True)
    done = client.post(url, {"reason": "正在办证", "next": back})

    assert "请写明" in refused.content.decode()
    assert done["Location"] == back
    assert client.get(back).context["page"].rows == []
    assert client.get(back + "&state=explained").context["page"].rows == [doubt]
    client.post(url, {"reopen": "1", "next": back})
    assert client.get(back).context["page"].rows == [doubt]


def test_a_village_is_explained_by_who_edits_villages(login):
    doubt = profile(population=None).doubt_rows.get()
    url = reverse("doubt_explain", args=[doubt.pk])
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=HERE[:9]))
    page = client.get(reverse(URL))
    assert "村级指标勾稽不平" in page.content.decode()
    client.post(url, {"reason": "原文缺失"})
    doubt.refresh_from_db()
    assert doubt.explained == "原文缺失"


def test_the_page_takes_the_same_queries_for_many(login, django_assert_max_num_queries):
    client = login(factories.user())
    flawed(2)
    with django_assert_max_num_queries(20) as few:
        client.get(reverse(URL))
    flawed(10)
    with django_assert_max_num_queries(20) as many:
        client.get(reverse(URL))
    assert len(few) == len(many)


# R21


def test_the_list_of_doubts_as_a_workbook(login):
    home, other = flawed(2)
    checks.explain(other.household.doubt_rows.get(), reason="正在办证", by=factories.user())
    home.be(home.head, id_number="G" + home.head.id_number[1:])
    checks.check([home.household.pk], today=TODAY)
    profile(population=None)
    client = login(factories.user())

    sheet = opened(client.get(reverse("report_download", args=["R21"]), {"state": "all"}))

    rules = [code for code in column(sheet, "规则号", 4) if code and code.startswith("V")]
    assert rules == ["V23", "V23", "V42", "V49"]
    values = [value for value in column(sheet, "当前值", 4) if value]
    assert "健康状况 ***；残疾证号 未填" in values
    assert any(value.startswith("证件号码 G9") and "*" in value for value in values)
    assert "已核实：正在办证" in column(sheet, "处理情况", 4)
    assert "V23小计" in "".join(str(value) for value in column(sheet, "问题", 4))


# Property: whatever stands in a member's year, checking never fails and is stable


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    facts=st.fixed_dictionaries({
        "education": st.sampled_from(["", "01", "06", "07"]), "school": st.sampled_from(["", "00", "01", "03", "12", "26"]),
        "health": st.sampled_from(["", "01", "01,02", "04", "02,03,04"]), "labour": st.sampled_from(["", "01", "03", "04", "05"]),
        "work_months": st.sampled_from([None, 0, 6, 13]), "work_area": st.sampled_from(["", "01", "03"]),
        "medical_resident": st.sampled_from([None, True, False]), "post_kind": st.sampled_from(["", "1"]),
        "tekun": st.sampled_from([None, True]), "dropout_reason": st.sampled_from(["", "厌学"]),
    }),
    age=st.integers(0, 125),
)  # fmt: skip
def test_a_second_check_changes_nothing(facts, age):
    with transaction.atomic():
        home = Home()
        home.aged(home.child, age)
        home.on(home.child, **facts)
        home.doubts()
        before = set(home.household.doubt_rows.values_list("pk", "rule", "message", "basis"))
        home.doubts()
        after = set(home.household.doubt_rows.values_list("pk", "rule", "message", "basis"))
        transaction.set_rollback(True)
    assert before == after
    assert len({row[1:] for row in after}) <= len(after)


def test_the_target_may_be_typed_in_any_precision():
    home = Home()
    target = parse("2027年上半年")
    home.monitor(target_end=target.end, target_text=target.text)
    home.help()
    assert home.doubts() == {}
    assert VillageProfile.objects.count() == 0


@given(
    st.lists(st.one_of(st.text(max_size=9), st.sampled_from(['"', "\\", "因病", "", "\u2028"])), max_size=4)
)
def test_facts_are_digested_as_json(values):
    assert rules._listed(tuple(values)) == json.dumps(values, ensure_ascii=False)
