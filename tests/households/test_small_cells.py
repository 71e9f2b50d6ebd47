"""Figures of fewer than five households are for who may see the rows themselves."""

import pytest

from fupin.accounts.roles import Role
from households import stats
from tests import factories


def test_a_cell_alone_takes_the_next_smallest_with_it():
    places = {"a": {"out": [3, 9], "all": [20, 60]}, "b": {"out": [7, 20]}, "c": {"out": [30, 90]}, "d": {}}
    hidden = stats.hidden_among(places)
    assert hidden == {"a": {"out"}, "b": {"out"}, "c": set(), "d": set()}
    assert (
        stats.hidden_among({"a": {"out": [3, 9]}, "b": {"out": [4, 9]}, "c": {"out": [30, 90]}})["c"] == set()
    )
    assert stats.hidden_among({}) == {}


@pytest.mark.parametrize(("count", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_few_is_one_to_four(count, hidden):
    assert stats.is_few([count, 9]) is hidden


@pytest.mark.django_db
def test_a_leader_sees_less_than_five_where_the_county_office_sees_the_number(login):
    for _ in range(3):
        factories.household(members=1, registry_status="2")
    leader, office = factories.user(Role.LEADER), factories.user(Role.COUNTY_OFFICE)

    page = login(leader).get("/board/?region=990101").content.decode()
    assert "＜5" in page
    assert "data-figure" not in page

    page = login(office).get("/board/?region=990101").content.decode()
    assert "＜5" not in page
    assert 'data-figure="all">3<' in page.replace("\n", "")


@pytest.mark.django_db
def test_the_villages_page_gives_no_small_figure_of_the_register_either(login):
    factories.household(registry_status="1")
    page = login(factories.user(Role.BUREAU)).get("/villages/").context["rows"]
    assert [row["register"] for row in page] == [None]
    page = login(factories.user(Role.COUNTY_OFFICE)).get("/villages/").context["rows"]
    assert [row["register"] for row in page] == [[1, 1]]
