"""Savepoints of SQLite, which are called by how deep they lie (`fupin.db.sqlite3`), hold as Django's own do."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from fupin.jobs.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


def write(user, *titles):
    for title in titles:
        Job.objects.create(kind="test", title=title, user=user)


def held():
    return sorted(Job.objects.values_list("title", flat=True))


def test_what_is_rolled_back_goes_and_nothing_else():
    user = factories.user()
    write(user, "外")
    with transaction.atomic():
        write(user, "一")
        with pytest.raises(ValueError, match="甲"), transaction.atomic():
            write(user, "二")
            with transaction.atomic():
                write(user, "三")  # kept by its own block, taken along by the one around it
            raise ValueError("甲")
        with transaction.atomic():
            write(user, "四")
            outer = transaction.savepoint()
            write(user, "五")
            transaction.savepoint()
            write(user, "六")
            transaction.savepoint_rollback(outer)  # with what is open inside it
            write(user, "七")
            transaction.savepoint_rollback(outer)
    assert held() == ["一", "四", "外"]


def test_what_waits_for_the_commit_goes_with_its_own_savepoint(django_capture_on_commit_callbacks):
    done = []
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            transaction.on_commit(lambda: done.append("first"))
        with pytest.raises(ValueError, match="甲"), transaction.atomic():  # as deep as the one that is over
            transaction.on_commit(lambda: done.append("second"))
            raise ValueError("甲")
    assert done == ["first"]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite only")
def test_the_same_depth_is_the_same_statement():
    with CaptureQueriesContext(connection) as made:
        for _ in range(3):
            with transaction.atomic(), transaction.atomic():
                pass
    assert len({query["sql"] for query in made}) == 4 and len(made) == 12
