"""走访计划: who still has to be visited by whom, in which order."""

import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from fupin.accounts.roles import Role
from households import kept, quota, visit_plans
from households.models import Household
from tests import factories

pytestmark = pytest.mark.django_db
TOWN = "990101100"
TODAY = timezone.localdate()
LAST_PERIOD = quota.period(TODAY, 3)[0]


def last_visit(home, on):
    home.visits.create(region_path=home.region_path, on=on, content="走访")
    kept.refresh([home.pk])
    home.refresh_from_db()
    return home


@pytest.fixture
def homes():
    """Three households of one official: long late, late, visited today; a fourth of another official."""
    long_late = last_visit(factories.household(at="99010110020202", phone="15400000007"), date(2020, 1, 1))
    late = last_visit(factories.household(), date(2022, 1, 1))
    visited = last_visit(factories.household(), TODAY)
    other = last_visit(factories.household(), date(2022, 1, 1))
    official, second = factories.helper(name="何甲"), factories.helper(name="周乙")
    for home in (visited, late, long_late):
        factories.pair(home, official)
    factories.pair(other, second)
    return long_late, late, visited, other


@pytest.fixture
def office(login):
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))


def test_the_longest_late_come_first_and_who_was_visited_is_left_out(office, homes):
    long_late, late, visited, other = homes
    user = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    rounds, more = visit_plans.plan_of(user, today=TODAY, path=TOWN)
    assert [(one.helper.name, [call.household for call in one.calls]) for one in rounds] == [
        ("何甲", [long_late, late]), ("周乙", [other]),
    ]  # fmt: skip
    assert not more
    assert rounds[0].late == 2
    page = office.get(reverse("visit_plan")).content.decode()
    assert visited.head_name not in page
    assert page.index(long_late.head_name) < page.index(late.head_name) < page.index(other.head_name)


def test_the_plan_lists_what_the_rule_says_is_owed(homes):
    user = factories.user(Role.COUNTY_OFFICE)
    rounds, _ = visit_plans.plan_of(user, today=TODAY, path=TOWN)
    listed = {call.household.pk for one in rounds for call in one.calls}
    rows = Household.objects.visible_to(user)
    assert listed == set(
        rows.filter(quota.overdue_q(TODAY) | quota.due_q(TODAY)).values_list("pk", flat=True)
    )


def test_print_and_workbook_carry_the_same_households_with_masked_phones(office, homes):
    long_late, late, visited, other = homes
    page = office.get(reverse("visit_plan_print")).content.decode()
    assert page.count('<article class="fp-a4') == 2
    answer = office.get(reverse("visit_plan_workbook"))
    rows = list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)
    names = [row[3] for row in rows if row[2] and str(row[2]).isdigit()]
    assert names == [long_late.head_name, late.head_name, other.head_name]
    for shown in (page, str(rows)):
        assert "154****0007" in shown
        assert "15400000007" not in shown


def test_one_official_alone_and_only_in_ones_place(client, homes):
    helper = homes[0].pairings.get().helper
    client.force_login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    page = client.get(reverse("visit_plan"), {"helper": helper.pk}).content.decode()
    assert homes[0].head_name in page
    assert homes[3].head_name not in page

    client.force_login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101200"))
    assert client.get(reverse("visit_plan"), {"helper": helper.pk}).status_code == 404
    assert homes[0].head_name not in client.get(reverse("visit_plan"), {"region": TOWN}).content.decode()


def test_an_official_with_an_account_sees_the_own_plan(login):
    user = factories.user(Role.HELPER, at=TOWN)
    mine, other = (last_visit(factories.household(), date(2022, 1, 1)) for _ in range(2))
    factories.pair(mine, user)
    page = login(user).get(reverse("visit_plan")).content.decode()
    assert mine.head_name in page
    assert other.head_name not in page


def test_a_county_chooses_a_township_first(login, homes):
    page = login(factories.user(Role.COUNTY_OFFICE)).get(reverse("visit_plan")).content.decode()
    assert "请先选到乡镇" in page


def test_it_costs_the_same_for_few_and_many(office, homes):
    def cost():
        with CaptureQueriesContext(connection) as found:
            office.get(reverse("visit_plan"))
        return len(found)

    few = cost()
    for _ in range(5):
        factories.pair(last_visit(factories.household(), date(2022, 1, 1)), factories.helper())
    assert cost() == few
