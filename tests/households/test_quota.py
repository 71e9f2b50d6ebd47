"""The visit requirement: the condition in the database and the rule for one row say the same."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from households import quota
from households.models import Household
from tests import factories
from tests.parts import one_of

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("visits", "months"), [(1, 12), (2, 6), (3, 4), (4, 3), (5, 2), (6, 2), (7, 1), (12, 1), (52, 1)]
)
def test_visits_a_year_give_a_period(visits, months):
    assert quota.months_of(visits) == months


@given(DAYS, st.sampled_from(quota.LENGTHS))
def test_periods_cover_the_calendar(day, months):
    first, last = quota.period(day, months)
    assert first <= day <= last
    assert quota.period(last + timedelta(days=1), months)[0] == last + timedelta(days=1)


STATES = [
    ("3", "0", "0"),
    ("1", "0", "0"),
    ("0", "2", "1"),
    ("0", "2", "2"),
    ("0", "0", "0"),
    ("3", "1", "3"),
]


def overdue_by_the_rule(row, today):
    """Neither in this calendar period nor in the one before, told by the numbers of the periods."""
    months = quota.months_for(row)
    if months is None:
        return False
    this = (today.year * 12 + today.month - 1) // months
    known = row.last_visit_on or row.identified_on
    if known is None:
        return True
    then = (known.year * 12 + known.month - 1) // months
    return then < this - (row.last_visit_on is not None)


@given(st.sampled_from(quota.LENGTHS), DAYS, DAYS)
def test_the_kept_day_says_on_every_day_whether_a_visit_is_overdue(months, visited, today):
    due = quota.due_on("3", "0", months, visited)

    row = Household(registry_status="3", visit_months=months, last_visit_on=visited)
    assert (due < today) == overdue_by_the_rule(row, today)
    assert quota.next_due(row, today) == due


@pytest.mark.django_db
@pytest.mark.parametrize(
    "today",
    one_of(
        3, [date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 31), date(2026, 11, 23), date(2024, 2, 29)]
    ),
)
def test_condition_agrees_with_rule(today):
    region = factories.region()
    rows, n = [], 0
    for status, category, risk in STATES:
        for months in (None, 1, 2, 6, 12):
            for gap in (None, 0, 20, 31, 59, 75, 92, 150, 185, 366, 800):
                n += 1
                row = Household(
                    number=f"Q{n}", region=region, region_path=region.path, registry_status=status,
                    monitor_category=category, risk_state=risk, visit_months=months,
                    last_visit_on=None if gap is None else today - timedelta(days=gap),
                    identified_on=None if n % 3 else today - timedelta(days=n % 40),
                )  # fmt: skip
                row.visit_due = quota.due_on(
                    status, risk, months, row.last_visit_on, row.monitored_on, row.identified_on
                )
                rows.append(row)
    Household.objects.bulk_create(rows)

    due = set(Household.objects.filter(quota.due_q(today)).values_list("pk", flat=True))
    soon = set(Household.objects.filter(quota.soon_q(today)).values_list("pk", flat=True))
    over = set(Household.objects.filter(quota.overdue_q(today)).values_list("pk", flat=True))
    met = Household.objects.filter(quota.required_q() & ~quota.overdue_q(today))
    assert not due & over

    for row in Household.objects.order_by("pk"):
        assert (row.pk in over) == overdue_by_the_rule(row, today), row.number
        end = quota.next_due(row, today)
        months = quota.months_for(row)
        assert (row.pk in over) == (end is not None and end < today), row.number
        this_period = end is not None and end == quota.period(today, months)[1]
        assert (row.pk in due) == this_period, row.number
        assert (row.pk in soon) == (this_period and (end - today).days <= quota.SOON_DAYS), row.number
    assert met.count() == Household.objects.filter(quota.required_q()).count() - len(over)
