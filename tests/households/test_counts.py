"""Kept columns and kept counts: what they hold equals a fresh count of the rows, whatever happened before."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone

from fupin.management.commands import print_indicators
from households import breakdown, kept, search, stats
from households.models import (
    Condition,
    Doubt,
    Household,
    Income,
    LineKind,
    MemberYear,
    PovertyLine,
    RegionCount,
)
from tests import factories
from tests.parts import one_of

TODAY = date(2026, 11, 23)
HERE = "99010110020101"
pytestmark = pytest.mark.django_db


SPARSE = ["plan-m06", "plan-m12", "done-m06", "done-m12", "match-01", "match-01-08", "unmatched-01", "unmatched-05",
          "unsafe-house-since-2025", "unsafe-water-since-2025", "uninsured-since-2025"]  # fmt: skip


def fresh(path, key):
    rows = Household.objects.within(path).filter(stats.condition(key, stats.Day.of(TODAY)))
    return [rows.count(), sum(rows.values_list("size", flat=True))]


def town():
    PovertyLine.objects.create(year=2025, kind=LineKind.MONITOR, value=Decimal(8000))
    made = [
        factories.household(members=3, cause="01"),
        factories.household(members=1, registry_status="3", exit_year=2026),
        factories.household(members=2, at="99010110020201", visited=TODAY),
        factories.household(members=4, at="99010110120101", registry_status="0", target_end=None,
                            monitor_category="2", risk_state="1", cause="05"),
        factories.household(members=2, at="99010210020101", target_end=date(2026, 6, 30)),
    ]  # fmt: skip
    for n, row in enumerate(made):
        Income.objects.create(
            household=row, year=2025, wage=Decimal(9000 * (n + 1)), expense=500, persons=row.size
        )
        Condition.objects.create(
            household=row, year=2025, danger_level="3" if n == 0 else "1", water_safe=n != 1
        )
        MemberYear.objects.create(member=row.members.first(), year=2025, labour="01", medical_resident=n != 2)
    kept.refresh([row.pk for row in made], today=TODAY)
    return made


def test_kept_columns_are_derived_from_the_rows():
    first = town()[0]

    first.refresh_from_db()

    assert first.head_name == first.members.first().name
    assert (first.size, first.labour, first.main_cause) == (3, 1, "01")
    assert (first.income_year, first.per_capita) == (2025, Decimal("2833.33"))
    assert (first.unsafe_house, first.unsafe_water, first.uninsured) == (True, False, False)


@pytest.mark.parametrize(
    "path", one_of(5, ["", "99", "9901", "990101", "990101100", "990101100201", "990102"])
)
def test_every_figure_equals_a_fresh_count(path):
    town()

    own, children = stats.figures_of(path, today=TODAY)

    known = {key for key in own if not key.startswith((stats.RULE, breakdown.BY, breakdown.NET))}
    assert known <= set(stats.BY_KEY)
    for figure in [*stats.COUNTED, *map(stats.BY_KEY.get, SPARSE)]:
        assert own.get(figure.key, [0, 0]) == fresh(path, figure.key), figure.key
        for child, found in children.items():
            assert found.get(figure.key, [0, 0]) == fresh(child, figure.key), (child, figure.key)


def test_some_figures_are_not_zero():
    town()

    own, _ = stats.figures_of("99", today=TODAY)

    assert own["all"] == [5, 12]
    assert own["assisted"] == [4, 11]
    assert own["target-over"] == [1, 2]
    assert own["income-below"] == [1, 3]
    assert own["monitor-2"] == [1, 4]
    assert own["visit-over"] == [4, 10]  # 脱贫户 owe a visit too, once a quarter


def test_counts_of_yesterday_are_counted_again():
    town()
    RegionCount.objects.update(day=date(2026, 11, 22), figures={})

    own, _ = stats.figures_of("990101100", today=TODAY)

    assert own["all"] == fresh("990101100", "all") == [3, 6]


def test_a_household_that_closes_leaves_the_counts():
    made = town()
    Household.objects.filter(pk=made[0].pk).update(registry_status="9", closed_on=TODAY)
    kept.refresh([made[0].pk], today=TODAY)

    assert stats.figures_of("990101", today=TODAY)[0]["all"] == [3, 7]


def test_recount_of_all_gives_the_same_as_keeping():
    town()
    before = dict(RegionCount.objects.values_list("region_path", "figures"))
    RegionCount.objects.all().delete()

    stats.recount_all(today=TODAY)

    assert dict(RegionCount.objects.values_list("region_path", "figures")) == before


@pytest.mark.parametrize("seed", range(3))
def test_counts_kept_saving_by_saving_equal_a_recount(seed):
    """Villages are counted again, townships and counties moved by the difference: whatever happens in between."""
    chance = random.Random(seed)
    places = ["99010110020101", "99010110020201", "99010110120101", "99010210020101"]
    made = [factories.household(at=chance.choice(places), members=chance.randint(1, 3)) for _ in range(5)]
    for _ in range(15):
        row, left = chance.choice(made), set()
        what = chance.choice(["state", "close", "move", "doubt", "explain", "target", "new"])
        rows = Household.objects.filter(pk=row.pk)
        if what == "state":
            rows.update(registry_status=chance.choice("01234"), closed_on=None)
        elif what == "close":
            rows.update(registry_status="9", closed_on=TODAY)
        elif what == "move":
            left = {rows.get().region_path[:12]}
            at = chance.choice(places)
            rows.update(region=factories.region(at), region_path=at)
        elif what == "doubt":
            rule = chance.choice(["V14", "V31"])
            Doubt.objects.create(
                household=row, region_path=row.region_path, rule=rule, message="疑", found_on=TODAY
            )
        elif what == "explain":
            row.doubt_rows.update(explained="已核实")
        elif what == "target":
            rows.update(target_end=TODAY + timedelta(chance.randint(-100, 100)))
        else:
            made.append(factories.household(at=chance.choice(places)))
        kept.refresh([row.pk])
        stats.recount(left)

        assert stats.differences(timezone.localdate()) == [], what

    before = dict(RegionCount.objects.values_list("region_path", "figures"))
    stats.recount_all()
    after = dict(RegionCount.objects.values_list("region_path", "figures"))
    assert {path: _told(found) for path, found in before.items()} == {
        path: _told(found) for path, found in after.items()
    }


def _told(figures):
    return {key: pair for key, pair in figures.items() if pair != [0, 0]}


@pytest.mark.parametrize(
    ("term", "found"),
    [("扎西", True), ("西拉", True), ("扎西拉姆", True), ("扎拉", False), ("扎", True), ("姆", False)],
)
def test_a_name_is_found_by_its_pieces(term, found):
    row = factories.household(members=0)
    factories.member(row, relation="01", name="扎西拉姆")
    factories.household(members=2)
    kept.refresh([row.pk])

    assert list(search.named(Household.objects.order_by("pk"), term)) == ([row] if found else [])


def test_a_refresh_of_many_costs_a_constant_number_of_queries(django_assert_max_num_queries):
    ids = [factories.household(members=2).pk for _ in range(30)]

    with django_assert_max_num_queries(28):
        kept.refresh(ids)


def test_the_printed_definitions_are_current():
    printed = (settings.BASE_DIR / "docs" / "indicators.md").read_text(encoding="utf-8")

    assert printed == print_indicators.page()


def test_many_savings_are_counted_once_at_their_end():
    home = factories.household(members=2)
    town = home.region_path[:9]
    with stats.counted_at_the_end():
        Household.objects.filter(pk=home.pk).update(registry_status="3", exit_year=2019)
        kept.refresh([home.pk])
        assert stats.figures_of(town)[0]["poor"] == [1, 2]  # as before
    assert stats.figures_of(town)[0]["poor"] == [0, 0]
    kept.refresh([factories.household(members=3).pk])
    assert stats.figures_of(town)[0]["poor"] == [1, 3]
