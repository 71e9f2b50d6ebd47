"""一户一档: what one page says about one household."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from households import kept
from households.models import (
    Condition,
    Doubt,
    FollowUp,
    HouseholdCause,
    Income,
    LineKind,
    Measure,
    MemberYear,
    PovertyLine,
    StatusChange,
    TargetChange,
)
from tests import factories

pytestmark = pytest.mark.django_db

HERE = "99010110020101"
TODAY = timezone.localdate()


def address(household, name="household_detail"):
    return reverse(name, args=[household.pk])


@pytest.fixture
def office(login):
    return login(factories.user(Role.COUNTY_OFFICE, at="990101"))


def text(response):
    return response.content.decode()


def full(members=2, visits=1, measures=1):
    """A household with something in every section."""
    made = factories.household(
        members=members, cause="01", phone="15400000007", bank_account="6228480000000000317"
    )
    for member in made.members.all():
        for year in (2024, 2025):
            MemberYear.objects.create(member=member, year=year, health="02", education="03", labour="01")
    for year in (2023, 2024, 2025):
        Income.objects.create(household=made, year=year, wage=Decimal(year), persons=members)
        Condition.objects.create(household=made, year=year, house_area=year, water_safe=False)
    PovertyLine.objects.get_or_create(year=2021, kind=LineKind.MONITOR, region_path="", value=6000)
    helper = factories.helper()
    factories.pair(made, helper)
    for n in range(visits):
        visit = made.visits.create(region_path=HERE, on=TODAY - timedelta(n), content=f"看望 {n}")
        visit.helpers.add(helper)
        FollowUp.objects.create(
            visit=visit, household=made, region_path=HERE, what=f"修水管 {n}", due_end=TODAY - timedelta(3)
        )
    for n in range(measures):
        Measure.objects.create(
            household=made, region_path=HERE, kind="02", what=f"大棚 {n}", target_end=TODAY - timedelta(5), helper=helper
        )  # fmt: skip
    StatusChange.objects.create(household=made, step="identify", on=TODAY, reason="评议通过")
    TargetChange.objects.create(household=made, before_text="2025年", after_text="2026年", reason="生病住院")
    Doubt.objects.create(household=made, region_path=HERE, rule="V07", message="缺户主", found_on=TODAY)
    kept.refresh([made.pk])
    made.refresh_from_db()
    return made


def test_says_everything_that_is_known(office):
    page = text(office.get(address(full())))

    for words in (
        "因病", "看望 0", "修水管 0", "逾期 3 天", "大棚 0", "逾期 5 天", "评议通过", "生病住院", "缺户主", "初中",
        "普通劳动力", "未达标", "测试村01", "2,025", "6,000", "154****0007", "***************0317",
    ):  # fmt: skip
        assert words in page, words


def test_personal_numbers_are_masked(office):
    made = full()
    page = text(office.get(address(made)))
    printed = text(office.get(address(made, "household_print")))

    for number in [m.id_number for m in made.members.all()] + ["15400000007", "6228480000000000317"]:
        assert number not in page
        assert number not in printed
    assert "长期慢性病" not in page


def test_another_data_year(office):
    made = full()
    made.causes.all().delete()
    HouseholdCause.objects.create(household=made, year=2024, rank=0, cause="04")
    HouseholdCause.objects.create(household=made, year=2025, rank=0, cause="03")

    now, then = office.get(address(made)), office.get(address(made), {"year": "2024"})

    assert (now.context["d"].year, then.context["d"].year) == (2025, 2024)
    assert "因学" in text(now) and "2,025 ㎡" not in text(then)
    assert [c.cause for c in then.context["d"].causes] == ["04"]
    assert then.context["d"].condition.year == 2024


def test_queries_do_not_grow_with_what_a_household_holds(office):
    small, large = full(), full(members=9, visits=14, measures=9)
    office.get(address(small))

    with CaptureQueriesContext(connection) as few:
        office.get(address(small))
    with CaptureQueriesContext(connection) as many:
        office.get(address(large))

    # session, user, posts; household with place, helper, editor; names of places; lines (filter), the two
    # neighbours; members, member years, causes, conditions, incomes, lines; measures, pairings; visits with
    # helpers and photos, their number, follow-ups; target changes, changes, doubts, audit; panels
    assert len(many) == len(few)
    assert len(few) <= 32, "\n".join(query["sql"][:120] for query in few.captured_queries)


def test_all_visits_on_demand(office):
    made = full(visits=13)

    assert "看望 12" not in text(office.get(address(made)))
    assert "看望 12" in text(office.get(address(made), {"visits": "all"}))


def test_buttons_are_those_that_the_user_may_use(login):
    made = factories.household()

    operator = text(login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")).get(address(made)))
    auditor = text(login(factories.user(Role.AUDITOR, at="990101")).get(address(made)))

    for name in ("household_edit", "visit_create", "measure_create", "pairing_create", "household_target"):
        assert reverse(name, args=[made.pk]) in operator
        assert reverse(name, args=[made.pk]) not in auditor
    assert reverse("household_step", args=[made.pk, "plan_exit"]) in operator
    assert "/steps/" not in auditor


def test_neighbours_follow_the_list(office):
    first, second, third = (factories.household(cause=c) for c in ("01", "02", "01"))

    plain = office.get(address(second)).context
    narrowed = office.get(address(first), {"cause": "01"}).context

    assert (plain["previous"], plain["following"]) == (first.pk, third.pk)
    assert (narrowed["previous"], narrowed["following"]) == (None, third.pk)
    page = text(office.get(address(first), {"cause": "01", "sort": "target"}))
    assert f"{address(third)}?cause=01&amp;sort=target" in page


def test_an_empty_household_opens(office):
    made = factories.household(members=0, registry_status="0", target_end=None, target_text="")

    page = text(office.get(address(made)))

    assert "还没有走访记录" in page and "还没有帮扶措施" in page and "还没有填报收入" in page


def test_strangers_get_nothing(login):
    made = factories.household(at="99010210020101")
    client = login(factories.user(Role.COUNTY_OFFICE, at="990101"))

    assert client.get(address(made)).status_code == 404
    assert client.get(address(made, "household_print")).status_code == 404
    assert client.post(reverse("household_bulk"), {"pick": [made.pk]}).status_code == 404
    assert "请先勾选要打印的户" in text(client.post(reverse("household_bulk"), follow=True))


def test_ticked_households_are_printed_in_the_order_of_places(office):
    second, first = factories.household(at="99010110020201"), factories.household(at=HERE)

    page = office.post(reverse("household_bulk"), {"pick": [second.pk, first.pk]})

    assert [d.household.pk for d in page.context["files"]] == [first.pk, second.pk]


def test_the_trail_is_shown_to_who_may_read_it(login):
    made = factories.household()

    shown = text(login(factories.user(Role.AUDITOR, at="990101")).get(address(made)))
    hidden = text(login(factories.user(Role.VILLAGE_CLERK, at="990101100201")).get(address(made)))

    assert f"target=households.household:{made.pk}" in shown
    assert "审计记录" not in hidden
