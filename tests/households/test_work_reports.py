"""R17, R19 and R20, and R14 of the projects: what is in the cells, whose rows they are."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fupin.accounts.roles import Role
from households.models import FollowUp, Household, MemberYear
from households.reports.work import ITEMS, scored
from projects.models import FundLine
from tests import factories
from tests.workbooks import column, opened, table

pytestmark = pytest.mark.django_db
TOWN = "990101100"
YEAR = timezone.localdate().year


def download(client, name, **query):
    return opened(client.get(reverse("report_download", args=[name]), query))


@pytest.fixture
def town(login):
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))


def test_settlements_are_added_up_by_way_and_site(town):
    for site, members in (("金安小区", 2), ("金安小区", 1), ("", 3)):
        home = factories.household(members=members)
        Household.objects.filter(pk=home.pk).update(
            relocated=True, relocation_site=site, settlement="1" if site else "", relocation_address="镇东"
        )
        MemberYear.objects.create(member=home.members.first(), year=YEAR, work_months=3 if site else 0)
    factories.household()

    sheet = download(town, "R17")

    lines = {row[1]: (row[2], row[10], row[11], row[12]) for row in table(sheet, 5)}
    assert lines["金安小区"] == ("集中安置", 2, 3, 2)
    assert lines["集中安置小计"][1:] == (2, 3, 2)
    assert lines["合计"][1:] == (3, 6, 2)


def test_what_people_asked_for_and_whether_it_is_done(town):
    home = factories.household()
    Household.objects.filter(pk=home.pk).update(head_name="赵一")
    helper = factories.helper(unit="水务局")
    for what, more in (
        ("修水管", {"helper": helper, "due_text": "6月底前"}),
        ("补牌", {"closed_on": date(YEAR, 1, 1), "result": "已补"}),
    ):
        FollowUp.objects.create(household=home, region_path=home.region_path, what=what, **more)
    other = factories.household(at="99010120020101")
    FollowUp.objects.create(household=other, region_path=other.region_path, what="邻镇的事")

    rows = table(download(town, "R19"), 4)

    assert [(row[3], row[5], row[6], row[8], row[10]) for row in rows] == [
        ("赵一", "修水管", "水务局", None, "未销号"), ("赵一", "补牌", None, "已补", "已销号"),
    ]  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(["visit-required", "plan-year", "assisted", "all"]), st.integers(0, 50)),
    st.data(),
)
def test_scores_stay_within_a_hundred(whole, data):
    parts = {"visit-ok": "visit-required", "plan-done": "plan-year", "no-helper": "assisted", "doubtful": "all",
             "unsafe-house": "all", "unsafe-water": "all"}  # fmt: skip
    held = whole | {key: data.draw(st.integers(0, whole.get(base, 0))) for key, base in parts.items()}
    row = scored(ITEMS, lambda key: held.get(key, 0))
    given_marks = [row[title] for title, *_ in ITEMS if row[title] != "—"]
    assert len(given_marks) == sum(bool(held.get(base)) for _, _, base, _ in ITEMS)
    if given_marks:
        assert 0 <= row["sum"] <= 100
        assert abs(row["sum"] * row["full"] / 100 - sum(given_marks)) <= Decimal("0.01")


def test_the_score_sheet_of_a_township(town):
    helped = factories.household(visited=timezone.localdate())
    factories.pair(helped, factories.helper())
    factories.household()

    sheet = download(town, "R20")

    assert column(sheet, "单位", 5)[0] == "测试村01"
    row = table(sheet, 5)[0]
    assert row[4] == 10  # one of two households has somebody responsible: half of 20
    assert download(town, "R20", year=YEAR - 1)  # a past year is judged by what is kept of it


def test_assets_are_what_finished_projects_left(login):
    done = factories.project(
        state="70",
        finished_on=date(2025, 6, 1),
        quantity=Decimal("3.5"),
        unit="公里",
        investment=900,
        category="0701",
    )
    FundLine.objects.create(project=done, source="1", planned=1000, paid=800)
    factories.project(state="70", investment=500)
    factories.project(state="30")

    rows = table(download(login(factories.user()), "R14"), 4)

    named = {row[1]: (row[2], row[4], row[6], row[7]) for row in rows}
    assert named[done.name] == ("公益性", 1000, "3.5公里", 800)
    assert named["合计"][3] == 1300
    assert len([row for row in rows if str(row[0]).startswith("2026-")]) == 2
