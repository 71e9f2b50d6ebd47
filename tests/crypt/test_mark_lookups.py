"""Looking people up by encrypted columns uses the indexes of their marks, one or many at a time."""

import pytest
from django.db import connection

from households.models import Household, Member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "rows",
    [
        lambda: Member.objects.active().filter(id_number__in=["990101197001010017", "990101197001010025"]),
        lambda: Member.objects.active().filter(id_number="990101197001010017"),
        lambda: Household.objects.filter(phone__in=["15400000001", "15400000002"]),
    ],
)
def test_the_statement_says_that_blanks_are_not_meant(rows):
    sql = str(rows().order_by().values("pk").query)
    assert "_mark\" = '')" in sql
    if connection.vendor == "sqlite":
        assert "SCAN" not in rows().order_by().values("pk").explain()


def test_a_blank_among_the_values_is_meant():
    assert "_mark\" = '')" not in str(Member.objects.filter(id_number__in=["", "990101197001010017"]).query)
