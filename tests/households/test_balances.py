"""勾稽 of domain reference 6.4 on every report, and the accounts that must agree with each other."""

from datetime import date

import pytest
from django.http import QueryDict
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.catalogue import offers
from fupin.excel import reports
from fupin.excel.reports import Asked, Column, Report, at_most, judged, lines_of
from fupin.excel.sheet import Kind
from households import stats
from households.models import RegionCount, VillageProfile
from tests import factories
from tests.households.test_summaries import TOWN, VILLAGES, town

TODAY = timezone.localdate()


@pytest.fixture
def county():
    return factories.user(Role.ADMINISTRATOR, at="990101")


def told(report, user, query="", year=TODAY.year):
    asked = Asked(user, QueryDict(f"{report.start}&region={TOWN}&{query}"), year, TODAY)
    return reports.preview(report, asked, report.source(asked)).balances


def named(name):
    return next(report for report in offers("REPORT_MODULES", "REPORTS") if report.name == name)


@pytest.mark.django_db
def test_every_report_says_how_its_balances_stand(county):
    town()
    factories.team_member()
    stats.recount_all(today=TODAY)
    for report in offers("REPORT_MODULES", "REPORTS"):
        if report.draw:
            continue  # R03 is a form, not a table
        said = told(report, county)
        assert said.startswith("勾稽核对"), (report.name, said)
        assert report.balances or report.agrees or report.name[0] == "L" or report.name == "R21", report.name


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "figure", "header"), [
    ("R04", "monitored", "监测对象小计/户"), ("R05", "cause-01", "因病/户"), ("R09", "assisted", "应落实户"), ("R02", "registered", "人口"),
])  # fmt: skip
def test_a_sum_that_differs_from_the_board_is_named_with_its_cell(county, name, figure, header):
    town()
    stats.recount_all(today=TODAY)
    report = named(name)
    assert told(report, county).startswith("勾稽核对")

    kept = RegionCount.objects.get(region_path=TOWN)
    kept.figures[figure] = [77, 99]
    kept.save()

    said = told(report, county)
    assert "与看板的" in said and ("77" in said or "99" in said), said


@pytest.mark.django_db
def test_a_village_that_leaps_from_one_year_to_the_next_is_named(county):
    village = factories.region(VILLAGES[0])
    for year, people in ((2024, 100), (2025, 140)):
        VillageProfile.objects.create(
            region=village, region_path=village.path, year=year, households=30, population=people
        )
    said = told(named("R15"), county, year=2025)
    assert "总人口比上年增减不超过 20%" in said and "总户数比上年" not in said


def test_a_line_too_many_and_a_value_too_high_are_named():
    report = Report("X", str, "", "", (), None, (Column("月", "m", Kind.COUNT), Column("日", "d", Kind.DATE)),
                    balances=(at_most("月", 12),))  # fmt: skip
    words = []
    rows = [{"m": 13, "d": date(2026, 1, 1)}, {"m": None, "d": None}]
    list(judged(report, lines_of(report, rows, reveal=False), words, count=1))
    assert words == ["勾稽不符：A4（月 ≤ 12）、共 2 行（条件查得 1）"]
