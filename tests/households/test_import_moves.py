"""What a household list does to households that are known: moving them as the page does, and adding single people."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import Household, HouseholdMove, Income, Member
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
HERE, THERE, FAR, ABROAD = "99010110020101", "990101100202", "990101200203", "990102100204"
HEAD = ("户编号", "村", "姓名", "身份证号", "与户主关系", "工资性收入", "家庭人口数")


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    for path in (HERE, THERE, FAR, ABROAD):
        factories.region(path)
    return login(factories.user(Role.COUNTY_OFFICE, at="9901"))


def row(n, village, relation="户主", wage=1200, size=""):
    return ("H1", factories.region(village).short_name, f"甲{n}", factories.id_number(n, born="19800101"), relation, wage, size)  # fmt: skip


@pytest.fixture
def known(client_of):
    """A household of two in the register, as an import wrote it."""
    imported(client_of, made(HEAD, row(1, HERE[:12]), row(2, HERE[:12], "之子")), year=2025)
    return Household.objects.get()


@pytest.mark.parametrize(("target", "ended"), [(THERE, 0), (FAR, 1)])
def test_a_household_that_the_file_moves_is_moved_as_on_the_page(client_of, known, target, ended):
    pairing = factories.pair(known, factories.helper())

    batch = imported(client_of, made(HEAD, row(1, target), row(2, target, "之子")), year=2025)

    move = known.moves.get()
    assert (move.origin.path, move.target.path, move.reason, move.pairings_ended) == (HERE[:12], target, "Excel 导入", ended)  # fmt: skip
    assert (move.on, move.by) == (timezone.localdate(), batch.user)
    pairing.refresh_from_db()
    assert pairing.ends_on == (timezone.localdate() - timedelta(days=1) if ended else None)
    assert pairing.end_note == ("户已迁移" if ended else "")
    event = AuditEvent.objects.get(action="household.move_away")
    assert (event.region_path, event.detail["entered"], event.detail["pairings_ended"]) == (HERE[:12], target, ended)  # fmt: skip
    assert "村组" in str(client_of.get(reverse("household_detail", args=[known.pk])).content.decode())

    client_of.post(reverse("import_undo", args=[batch.uid]))

    known.refresh_from_db()
    pairing.refresh_from_db()
    assert (known.region_path, HouseholdMove.objects.count(), pairing.ends_on) == (HERE[:12], 0, None)


def test_a_preview_moves_nothing(client_of, known):
    uploaded(client_of, made(HEAD, row(1, THERE), row(2, THERE, "之子")), year=2025)

    assert not HouseholdMove.objects.exists() and not AuditEvent.objects.filter(action="household.move_away")


def test_another_county_is_no_move(client_of, known):
    batch = imported(client_of, made(HEAD, row(1, ABROAD), row(2, ABROAD, "之子")), year=2025)

    assert found(batch) == [("household_other_county", "B2")]
    assert Household.objects.get().region_path == HERE[:12]


def test_single_people_of_a_known_household_need_no_head_in_the_file(client_of, known):
    before = Income.objects.get()
    alone = made(HEAD, row(2, HERE[:12], "之子"), row(3, HERE[:12], "之女"), name="改好的行.xlsx")

    batch = imported(client_of, alone, year=2025)

    assert found(batch) == [] and batch.report["written"]["persons_new"] == 1
    assert Member.objects.filter(household=known, left_on=None).count() == 3
    income = Income.objects.get()
    assert (before.persons, income.persons, income.wage) == (
        2,
        3,
        1200,
    )  # who is not in the file still counts
    again = imported(client_of, made(HEAD, row(2, HERE[:12], "之子")), year=2025)
    assert again.report["written"]["households_same"] == 1


def test_people_without_a_head_of_a_household_that_nobody_knows_stay_out(client_of, known):
    lost = ("H7", "测试村01", "乙", factories.id_number(9, born="19800101"), "之子", 0, "")

    assert found(uploaded(client_of, made(HEAD, lost), year=2025)) == [("head_missing", "2")]
    known.members.filter(relation="01").update(left_on=date(2025, 1, 1), left_event="23")
    assert ("head_missing", "2") in found(
        uploaded(client_of, made(HEAD, row(2, HERE[:12], "之子")), year=2025)
    )
