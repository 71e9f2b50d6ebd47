"""What a big import inserts is made ready before the database is locked: it must come to the same, and be undone alike."""

from datetime import date

import pytest
from django.core.files.base import ContentFile

from fupin import ahead
from fupin.accounts.roles import Role
from fupin.excel import batches, undo
from fupin.excel.models import ImportBatch, State
from fupin.regions import tree
from fupin.regions.models import Region
from households.imports import store
from households.models import Doubt, Household, HouseholdCause, Income, Member, MemberYear, SearchToken
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
VILLAGE = "990101100201"
HEADER = "户编号,村,组,姓名,身份证号,与户主关系,性别,是否贫困户,致贫原因,文化程度,工资性收入,联系电话"
HOLD = [
    (Household, ("number", "region__path", "region__name", "head_name", "size", "phone", "per_capita", "doubts", "updated_by")),
    (Member, ("household__number", "order", "name", "id_number", "relation", "sex", "birth", "region_path")),
    (MemberYear, ("member__id_number", "year", "education")),
    (Income, ("household__number", "year", "wage", "persons")),
    (HouseholdCause, ("household__number", "rank", "cause")),
    (Doubt, ("household__number", "member__name", "rule", "message", "region_path")),
    (SearchToken, ("household__number", "token", "region_path")),
]  # fmt: skip


def lines():
    name = factories.region(VILLAGE).short_name
    for n in range(24):
        for order, relation in enumerate(("户主", "之子")):
            number = factories.id_number(2 * n + order, born=f"19{50 + 30 * order}0101")
            yield (
                f"H{n},{name},{n % 3 + 1}组,甲{n}𠮷{order},{number},{relation},男,是,因病,小学,{1000 + n},1390000{n:04}"
            )


def written(by):
    content = ContentFile("\n".join([HEADER, *lines()]).encode())
    batch = batches.store(content, "a.csv", by=by, year=2020, as_of=date(2020, 12, 31))
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.WRITING)
    batch.refresh_from_db()
    assert batches.carry_out(batch, by=by, dry_run=False).committed
    return batch


def held():
    return {model.__name__: sorted(model.objects.values_list(*names), key=str) for model, names in HOLD}


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return factories.user(Role.COUNTY_OFFICE, at="")


@pytest.fixture
def put(monkeypatch):
    """How often rows that were made ready were put in."""
    real, called = ahead.put, []
    monkeypatch.setattr(ahead, "put", lambda: (called.append(1), real())[1])
    return called


def test_rows_made_ready_are_those_written_in_the_transaction(clerk, put, monkeypatch, settings):
    sqlite = "sqlite" in settings.DATABASES["default"]["ENGINE"]
    batch, once = written(clerk), held()
    assert all(once.values()) and not put
    undo.undo(batch, by=clerk)
    assert not any(held().values())
    monkeypatch.setattr(store, "AHEAD_FROM", 1)

    batch = written(clerk)

    assert len(put) == sqlite
    assert held() == once
    undo.undo(batch, by=clerk)
    assert not any(held().values())

    # a group that somebody else opens meanwhile takes the number that was reckoned with
    Region.objects.filter(path__startswith=VILLAGE, level=6).delete()
    real = store.Writer.make_ready

    def late(writer):
        real(writer)
        if not Region.objects.filter(short_name="别组").exists():
            tree.open_groups({(VILLAGE, "别组")})

    monkeypatch.setattr(store.Writer, "make_ready", late)
    written(clerk)

    opened = Region.objects.filter(path__startswith=VILLAGE, level=6).values_list("short_name", flat=True)
    assert sorted(opened) == ["1组", "2组", "3组", *["别组"] * sqlite]
    rows = Household.objects.values_list("number", "region_path", "region__path", "region__short_name")
    assert all(path == own and name == f"{int(number[1:]) % 3 + 1}组" for number, path, own, name in rows)
    assert len(rows) == 24
