"""People without an ID number: known by household, name and birth date, never doubled, never guessed."""

from datetime import date

import pytest

from fupin.accounts.roles import Role
from households.models import Household, Member
from tests import factories
from tests.workbooks import found, imported, made

pytestmark = pytest.mark.django_db
HEADER = ("户编号", "村", "姓名", "身份证号", "与户主关系", "性别", "出生日期", "文化程度")
BORN = date(2025, 3, 4)


@pytest.fixture
def client(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


@pytest.fixture
def home():
    return factories.household(number="H1")


def row(name, number, *, born="2025-03-04", relation="之子", education=""):
    return ("H1", factories.region("990101100201").short_name, name, number, relation, "男", born, education)


def baby(home, name="小宝", **fields):
    said = {"birth": BORN, "id_number": "", "id_text": "新生儿"} | fields
    return factories.member(home, name=name, **said)


def active():
    return Member.objects.active().count()


@pytest.mark.parametrize("cell", ["", "新生儿", "990101********0017"])
def test_somebody_without_a_number_is_known_by_name_and_birth(client, home, cell):
    known = baby(home)
    batch = imported(client, made(HEADER, row("小宝", cell, education="学龄前儿童")))

    assert found(batch) == []
    assert batch.report["written"]["persons_changed"] == 1
    assert (active(), known.years.get().get_education_display()) == (2, "学龄前儿童")


def test_of_somebody_with_a_number_a_blank_says_nothing(client, home):
    number = factories.id_number(3, born="20250304")
    known = baby(home, id_number=number, id_text="")
    batch = imported(client, made(HEADER, row("小宝", "", education="学龄前儿童")))

    known.refresh_from_db()
    assert (found(batch), active(), known.id_number) == ([], 2, number)


def test_who_has_a_number_now_gets_it(client, home):
    known, number = baby(home), factories.id_number(3, born="20250304")
    batch = imported(client, made(HEADER, row("小宝", number)))

    known.refresh_from_db()
    assert (found(batch), active(), known.id_number) == ([], 2, number)
    assert found(batch, "warning") == []


def test_a_masked_number_does_not_stand_for_a_whole_one(client, home):
    baby(home, id_number=factories.id_number(3, born="20250304"), id_text="")
    batch = imported(client, made(HEADER, row("小宝", "990101********0017")))

    assert (found(batch), active()) == ([("id_chars", "D2")], 2)


@pytest.mark.parametrize("number", ["", factories.id_number(3, born="20250304")])
def test_two_who_could_be_meant_are_a_problem(client, home, number):
    baby(home), baby(home)
    batch = imported(client, made(HEADER, row("小宝", number)))

    assert (found(batch), active()) == ([("person_ambiguous", "D2")], 3)


@pytest.mark.parametrize("said", [{"name": "大宝"}, {"born": "2025-03-05"}, {"born": ""}])
def test_nobody_is_made_without_a_number(client, home, said):
    baby(home)
    batch = imported(client, made(HEADER, row(**{"name": "小宝", "number": ""} | said)))

    assert (found(batch), active()) == ([("id_missing", "D2")], 2)


def test_one_person_with_and_without_the_number_is_told(client, home):
    number = factories.id_number(3, born="20250304")
    baby(home, id_number=number, id_text="")
    batch = imported(client, made(HEADER, row("小宝", number), row("小宝", "")))

    assert (found(batch), active()) == ([("duplicate_row", "D3")], 2)


def test_two_rows_for_one_person_without_a_number(client, home):
    baby(home)
    batch = imported(client, made(HEADER, row("小宝", ""), row("小宝", "新生儿")))

    assert (found(batch), active()) == ([("duplicate_row", "D3")], 2)


def test_a_new_household_needs_the_number_of_its_head(client):
    batch = imported(client, made(HEADER, row("扎西", "", relation="户主")))

    assert found(batch) == [("id_missing", "D2")]
    assert not Household.objects.exists()
