"""Bulk writing gives what the ORM gives, on both databases and on both sides of the thresholds."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from fupin import bulk
from households.models import Household, Income
from tests import factories

pytestmark = pytest.mark.django_db
COUNTS = [1, bulk.COPY_FROM, bulk.UNIFORM_FROM, bulk.ANALYSE_FROM]


@pytest.mark.parametrize("count", COUNTS)
def test_rows_arrive_as_given(count):
    place = factories.region("99010110020101")
    keys = bulk.take_keys(Household, count)
    homes = [
        (f"𠮷{n}", place.pk, place.path, date(2020, 1, 1), None, "", None, key) for n, key in enumerate(keys)
    ]
    bulk.insert_rows(
        Household,
        ("number", "region", "region_path", "identified_on", "exit_year", "remark", "relocated", "id"), homes,
        constants={"registry_status": "1"},
    )  # fmt: skip
    bulk.insert_rows(
        Income, ("household", "wage"), [(key, Decimal("12.50")) for key in keys], constants={"year": 2020}
    )
    bulk.update_rows(
        Household, ("phone", "relocated"), [(f"1540000{n:04}", n % 2 == 0, key) for n, key in enumerate(keys)]
    )

    found = Household.objects.order_by("pk").values_list(
        "pk",
        "number",
        "identified_on",
        "exit_year",
        "remark",
        "phone",
        "relocated",
        "registry_status",
        "version",
    )
    assert list(found) == [
        (key, f"𠮷{n}", date(2020, 1, 1), None, "", f"1540000{n:04}", n % 2 == 0, "1", 1)
        for n, key in enumerate(keys)
    ]
    assert set(Income.objects.values_list("wage", "year", "persons")) == {(Decimal("12.50"), 2020, 0)}


@pytest.mark.parametrize("count", COUNTS)
def test_what_the_database_refuses_is_an_error_of_django(count):
    place = factories.region("99010110020101")
    rows = [(f"N{n}", place.pk, place.path) for n in range(count)]

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_rows(Household, ("number", "region", "region_path"), [*rows, rows[0]])

    assert not Household.objects.exists()
