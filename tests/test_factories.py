"""What the factories write without asking the product is what the product would write."""

from datetime import date

import pytest
from django.test import Client

from households import kept
from households.models import Household, RegionCount, SearchToken
from tests import factories


def stored():
    return [list(model._base_manager.order_by("pk").values()) for model in (Household, RegionCount)] + [
        set(SearchToken.objects.values_list("token", "region_path", "household"))
    ]


@pytest.mark.django_db
def test_a_household_is_kept_as_by_the_product():
    factories.household(members=3, visited=date(2026, 3, 1), cause="01")
    factories.household(
        registry_status="3", risk_state="1", monitor_category="1", monitored_on=date(2025, 5, 1)
    )
    for at in ("99010110020101", "99010110020102", "99010110020201", "99010120020101", "99010210020101"):
        for _ in range(2):  # the second time counted as the first was
            factories.household(at=at, members=2, cause="02")
            factories.household(at=at, registry_status="4", visited=date(2026, 3, 1))
    before = stored()
    kept.refresh(Household.objects.unscoped("kept").values_list("pk", flat=True))
    assert stored() == before


@pytest.mark.django_db
def test_who_is_logged_in_is_so_as_by_django():
    user, one, other = factories.user(), Client(), Client()
    one.force_login(user)
    factories.log_in(other, user)
    both = [
        {name: value for name, value in client.session.items() if name != "handle"} for client in (one, other)
    ]
    assert both[0].keys() == both[1].keys() and len(both[0]) >= 5
    assert {name for name in both[0] if both[0][name] != both[1][name]} <= {"since", "seen"}
