"""The dashboard: every figure opens exactly the rows it counts, for the user who sees it."""

import re
from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from households import kept
from households.models import Condition, Income, MemberYear
from tests import factories

pytestmark = pytest.mark.django_db
URL = reverse("board")
FIGURE = re.compile(
    r'<a class="fp-fig[^"]*" href="([^"]+)" aria-label="(\S+) (\S+) (户|人)" data-figure="([^"]+)">([\d,]+)</a>'
)


@pytest.fixture
def county():
    made = [
        factories.household(members=3, cause="01", target_end=date(2026, 1, 31)),
        factories.household(members=1, registry_status="3", exit_year=2026),
        factories.household(members=2, at="99010110020201", visited=date(2026, 11, 1)),
        factories.household(members=4, at="99010110120101", registry_status="0", monitor_category="2",
                            risk_state="1", cause="05", relocated=True),
        factories.household(members=2, at="99010110120101", registry_status="4", cause="05"),
    ]  # fmt: skip
    factories.household(members=9, at="99010210020101")  # the next county
    for n, row in enumerate(made):
        Income.objects.create(household=row, year=2025, wage=9000 * (n + 1), persons=row.size)
        Condition.objects.create(
            household=row, year=2025, danger_level="3" if n == 0 else "1", water_safe=n != 1
        )
        MemberYear.objects.create(
            member=row.members.first(), year=2025, dibao=n == 2, medical_resident=n != 2
        )
    kept.refresh([row.pk for row in made])
    return made


def figures(page):
    found = FIGURE.findall(page.content.decode())
    return {
        (url.replace("&amp;", "&"), unit): int(number.replace(",", ""))
        for url, _, _, unit, _, number in found
    }


@pytest.mark.parametrize(("role", "at"), [(Role.COUNTY_OFFICE, "990101"), (Role.TOWNSHIP_OPERATOR, "990101100"),
                                          (Role.VILLAGE_CLERK, "990101100201"), (Role.ADMINISTRATOR, "")])  # fmt: skip
def test_every_figure_opens_the_rows_it_counts(login, county, role, at):
    client = login(factories.user(role, at=at))

    shown = figures(client.get(URL))

    assert len({url for url, _ in shown}) > 30
    for (url, unit), number in shown.items():
        rows = client.get(url + "&size=100").context["rows"]
        counted = len(rows) if unit == "户" else sum(row.size for row in rows)
        assert counted == number, url


def test_figures_of_one_place_only(login, county):
    page = login(factories.user(at="990101")).get(URL)

    assert page.context["region"].path == "990101"
    assert figures(page)[reverse("household_list") + "?region=990101&figure=all", "户"] == 5


def test_a_place_outside_the_post_does_not_exist(login, county):
    client = login(factories.user(at="990101"))

    assert client.get(URL, {"region": "990102"}).status_code == 404
    assert client.get(URL, {"region": "990101100"}).status_code == 200


def test_a_leader_sees_figures_without_names(login, county):
    page = login(factories.user(Role.LEADER, at="990101")).get(URL)

    text = page.content.decode()
    assert not FIGURE.search(text)
    assert "在册户" in text
    assert county[0].head_name not in text


def test_the_number_of_queries_does_not_grow(login, county, django_assert_max_num_queries):
    client = login(factories.user(at="990101"))
    client.get(URL)
    for n in range(12):
        factories.household(members=2, at=f"990101{102 + n}20101")

    # session, user, posts, region, region again for the trail, children of the region, kept counts,
    # names, income lines twice, late and unvisited households with their names, counts of projects
    with django_assert_max_num_queries(22):
        client.get(URL)
