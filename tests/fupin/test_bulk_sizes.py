"""Very many rows at once: PostgreSQL knows the size of the table in the same transaction."""

import pytest
from django.db import connection

from fupin.audit.models import AuditEvent
from fupin.bulk import ANALYZE_FROM, insert_rows

pytestmark = pytest.mark.django_db


def test_the_planner_knows_of_very_many_rows():
    rows = [(f"test:{n}", "990101", {}) for n in range(ANALYZE_FROM)]

    insert_rows(
        AuditEvent, ("target", "region_path", "detail"), rows, constants={"action": "test", "user": None}
    )

    assert AuditEvent.objects.filter(action="test").count() == ANALYZE_FROM
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [AuditEvent._meta.db_table])
            assert cursor.fetchone()[0] >= ANALYZE_FROM
