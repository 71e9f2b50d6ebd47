"""工作台: what is listed, for whom, in which order; every tile opens exactly the rows it counts."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from households import kept
from households.models import Doubt, FollowUp, Measure
from tests import factories

pytestmark = pytest.mark.django_db
URL = "/"


def today():
    return timezone.localdate()


def follow_up(household, **fields):
    return FollowUp.objects.create(
        household=household, region_path=household.region_path, **({"what": "接通水管"} | fields)
    )


def measure(household, **fields):
    return Measure.objects.create(
        household=household, region_path=household.region_path, **({"kind": "02", "what": "鸡苗"} | fields)
    )


def doubt(household, rule="V14"):
    Doubt.objects.create(
        household=household, region_path=household.region_path, rule=rule, message="与户主关系与性别不符",
        found_on=today(),
    )  # fmt: skip
    kept.refresh([household.pk], names=False)


def town(at="99010110020101"):
    """One of everything, in one village: overdue, due, and what is not yet due."""
    late = factories.household(
        at=at, visited=today() - timedelta(days=400), target_end=today() - timedelta(days=3)
    )
    fresh = factories.household(at=at)
    helper = factories.pair(fresh, factories.helper()).helper
    factories.household(at=at, registry_status="0", target_end=None)
    follow_up(late, due_end=today() - timedelta(days=2))
    follow_up(fresh, due_end=today() + timedelta(days=20), helper=helper)
    follow_up(fresh, due_end=today(), closed_on=today(), result="好")
    measure(late, target_end=today() - timedelta(days=1))
    measure(fresh, target_end=today() + timedelta(days=10))
    measure(fresh, target_end=today() + timedelta(days=60))
    measure(fresh, target_end=today() - timedelta(days=60), done_on=today())
    doubt(late)
    return late, fresh


def tallies(response):
    return {one.source.name: (one.tally.total, one.tally.late) for one in drawn(response)}


def drawn(response):
    """The tiles, and the card of the doubts: each links to its list."""
    return [*response.context["tiles"], *response.context["side"]]


def test_everything_of_the_place_is_counted(login):
    town()
    town(at="99010210020101")

    found = tallies(login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")).get(URL))

    assert found["visits"] == (2, 2)
    assert found["follow_ups"] == (2, 1)
    assert found["measures"] == (2, 1)
    assert found["targets"] == (1, 1)
    assert found["doubts"] == (1, 0)


def count_on(response):
    """How many rows a list page says it holds."""
    for name in ("total", "households", "count"):
        if isinstance(value := response.context.get(name), int):
            return value
    return len(response.context["page"].rows)


SOURCES = ["visits", "follow_ups", "measures", "targets", "doubts"]


@pytest.mark.parametrize("scope", ["all", "mine"])
def test_a_tile_opens_exactly_the_rows_it_counts(login, scope):
    late, fresh = town()
    town(at="99010210020101")
    operator = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    factories.pair(late, operator)
    client = login(operator)

    shown = {one.source.name: one for one in drawn(client.get(URL, {"scope": scope}))}

    for name in SOURCES:
        work = shown[name]
        assert work.tally.total == count_on(client.get(work.url)) > 0, name
        if not work.source.side:
            assert work.tally.late == count_on(client.get(work.late_url)), name


def test_a_helper_has_own_households_only(login):
    late, fresh = town()
    helper = factories.user(Role.HELPER)
    factories.pair(late, helper)

    page = login(helper).get(URL)

    assert tallies(page) == {"visits": (1, 1), "follow_ups": (1, 1), "measures": (1, 1), "targets": (1, 1)}
    assert str(fresh) not in page.content.decode()


def test_mine_are_those_i_answer_for(login):
    late, fresh = town()
    operator = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    factories.pair(late, operator)

    found = tallies(login(operator).get(URL, {"scope": "mine"}))

    assert (found["visits"], found["follow_ups"], found["measures"]) == ((1, 1), (1, 1), (1, 1))


def test_lines_stand_by_date_and_lead_to_the_place_of_work(login):
    late, fresh = town()

    page = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")).get(URL)

    lines = page.context["lines"]
    dates = [line["todo"].due for line in lines]
    assert dates == sorted(dates)
    addresses = [line["todo"].url for line in lines]
    assert reverse("visit_create", args=[late.pk]) in addresses
    assert reverse("household_detail", args=[late.pk]) in addresses
    assert lines[0]["dl"].label.startswith("逾期")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    assert {client.get(address).status_code for address in addresses} == {200}


def test_a_closed_follow_up_leaves_the_list(login):
    late, _ = town()
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    row = FollowUp.objects.get(household=late)
    assert row.what in client.get(URL).content.decode()

    client.post(reverse("follow_up_close", args=[row.pk]), {"result": "通了"})

    assert tallies(client.get(URL))["follow_ups"] == (1, 0)


def test_a_visit_takes_the_household_off_the_list(login):
    household = factories.household(visited=today() - timedelta(days=400))
    helper = factories.user(Role.HELPER)
    factories.pair(household, helper)
    client = login(helper)
    assert tallies(client.get(URL))["visits"] == (1, 1)

    client.post(reverse("visit_create", args=[household.pk]), {
        "way": "1", "on": today().isoformat(), "content": "去了", "helpers": [str(helper.helper.pk)],
        "f-TOTAL_FORMS": "0", "f-INITIAL_FORMS": "0",
    })  # fmt: skip

    assert tallies(client.get(URL))["visits"] == (0, 0)


def test_nothing_to_do_says_so(login):
    page = login(factories.user(Role.HELPER)).get(URL).content.decode()

    assert "没有逾期或临近到期的事项" in page


def test_doubts_stand_by_rule_with_their_households(login):
    late, fresh = town()
    doubt(fresh)
    doubt(fresh, rule="V31")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))

    side = client.get(URL).context["side"][0]

    assert [(todo.note, todo.count) for todo in side.items] == [("V14", 2), ("V31", 1)]
    assert [count_on(client.get(todo.url)) for todo in side.items] == [2, 1]


def test_one_kind_alone(login):
    town()

    page = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")).get(URL, {"kind": "measures"})

    assert {line["source"].name for line in page.context["lines"]} == {"measures"}


def test_queries_do_not_grow_with_rows(login):
    client, counts = login(factories.user(Role.COUNTY_OFFICE)), []
    for _ in range(2):
        for _ in range(7):
            town()
        client.get(URL)
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        counts.append(len(queries))

    # session, user, posts; kept counts of households and of projects; tallies of follow-ups and measures; lines of
    # visits, follow-ups, measures and targets, with the names of their places; whose names were shown, into the trail (2);
    # what the county asks to be filed
    assert counts[0] == counts[1] <= 19


@pytest.mark.parametrize(
    "role", [Role.LEADER, Role.ORGANISATION, Role.SYSTEM_ADMIN, Role.FINANCE, Role.AUDITOR]
)
def test_home_opens_for_every_role(login, role):
    town()

    assert login(factories.user(role)).get(URL).status_code == 200


def test_year_end_is_counted_down(login):
    page = login(factories.user()).get(URL)

    assert page.context["days_left"] == (date(today().year, 12, 31) - today()).days
