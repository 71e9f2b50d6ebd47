"""A check of a household list says what the writing then does, and takes no lock: nobody waits for a check."""

import pytest
from django.db import connection
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel import batches, staging
from fupin.excel.changes import CHANGED, NEW, SAME
from fupin.regions.models import Region
from fupin.regions.ranges import TOGETHER, placed, places_for
from households.models import Household
from tests import factories
from tests.workbooks import imported, made, uploaded

pytestmark = pytest.mark.django_db
HERE, THERE = "990101100201", "990101100202"
HEAD = ("户编号", "村", "组", "姓名", "身份证号", "与户主关系", "工资性收入")


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    for path in (HERE, THERE):
        factories.region(path)
    return login(factories.user(Role.COUNTY_OFFICE, at="9901"))


def row(n, village=HERE, group="", wage=1200):
    place = factories.region(village).short_name
    return (f"H{n}", place, group, f"甲{n}", factories.id_number(n, born="19800101"), "户主", wage)


def states(batch):
    with staging.opened(batch.stored) as staged:
        return dict(staged.db.execute("SELECT key, state FROM units"))


def test_a_check_says_what_the_writing_does_and_writes_nothing(client_of):
    imported(client_of, made(HEAD, *(row(n) for n in range(1, 6))), year=2025)
    rows = [row(1), row(2, wage=900), row(3, THERE), row(4, group="三组"), row(5, THERE, "五组", 1), row(6)]

    batch = uploaded(client_of, made(HEAD, *rows), year=2025)

    told = batch.report["written"]
    assert told == {
        "households_new": 1, "households_changed": 4, "households_same": 1,
        "persons_new": 1, "persons_changed": 0, "persons_same": 5,
    }  # fmt: skip
    assert states(batch) == {
        "H1": SAME,
        "H2": CHANGED,
        "H3": CHANGED,
        "H4": CHANGED,
        "H5": CHANGED,
        "H6": NEW,
    }
    assert set(Household.objects.values_list("region_path", flat=True)) == {HERE}
    assert not Region.objects.filter(name__in=["三组", "五组"]).exists()

    client_of.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})

    batch.refresh_from_db()
    assert (batch.state, batch.report["written"]) == ("done", told)
    paths = dict(Household.objects.values_list("number", "region_path"))
    assert {number: path[:12] for number, path in paths.items()} == {
        "H1": HERE, "H2": HERE, "H3": THERE, "H4": HERE, "H5": THERE, "H6": HERE,
    }  # fmt: skip


def test_a_check_takes_no_lock_on_the_register(client_of):
    """All that it writes is its own batch, once, at the end."""
    imported(client_of, made(HEAD, row(1)), year=2025)
    batch = uploaded(client_of, made(HEAD, row(1, wage=5), row(2)), year=2025)
    said = []

    def note(execute, sql, params, many, context):
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        batches.carry_out(batch, by=batch.user, dry_run=True)

    writing = [
        sql for sql in said if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE", "CREATE", "SAVEPOINT"))
    ]
    assert [sql.split()[0] for sql in writing] == ["SAVEPOINT", "UPDATE"]
    assert "excel_importbatch" in writing[1]
    assert not any("FOR UPDATE" in sql for sql in said)
    assert said.index(writing[0]) >= len(said) - 3, "the transaction begins when all is worked out"


def test_a_check_that_cannot_be_kept_leaves_the_one_before(client_of, monkeypatch):
    batch = uploaded(client_of, made(HEAD, row(1)), year=2025)
    before = states(batch)

    def broken(*_):
        raise OSError

    monkeypatch.setattr(batches, "keep", broken)
    with pytest.raises(OSError):
        batches.carry_out(batch, by=batch.user, dry_run=True)

    assert states(batch) == before
    assert not list(batch.stored.parent.glob("*.new"))


def test_a_statement_made_for_many_places_asks_for_those_given():
    paths = ["990101100201", "990101100203"]
    words = ["low", "high", *(f"{end}{n}" for n in range(TOGETHER) for end in ("low", "high")), "9", 5]

    ends = placed(words, paths)

    assert (places_for([""]), places_for(paths[:1]), places_for(paths)) == (0, 1, TOGETHER)
    assert ends[2::2][: TOGETHER - 1] == [paths[0], *[paths[1]] * (TOGETHER - 2)]
    assert ends[0] == paths[0] and ends[1].startswith(paths[1]) and ends[-2:] == ["9", 5]
