"""People who stand twice: in the file, in another household, or as somebody of another number in the same village."""

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from households.models import CrossCheck, Household, Member
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
HEADER = ("户编号", "村", "姓名", "身份证号", "与户主关系")


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def person(n, *, house="H1", name=None, relation="之子", born="19900101", number=None):
    village = factories.region("990101100201").short_name
    return (house, village, name or f"甲{n}", number or factories.id_number(n, born=born), relation)


def errors(batch):
    return [issue for issue in batch.issues if issue["severity"] == "error"]


def test_a_person_of_another_household_offers_the_move(client_of):
    home = factories.household(number="H7")
    number = home.members.get().id_number

    batch = uploaded(client_of, made(HEADER, person(1, relation="户主"), person(2, number=number)))

    issue = errors(batch)[0]
    assert (issue["code"], f"{issue['col']}{issue['row']}") == ("person_elsewhere", "D3")
    assert (issue["action"], issue["other"], issue["expected"]) == ("move", "H7", "已登记在户 H7")
    assert number not in str(batch.issues)


def test_where_a_person_of_another_place_lives_is_not_told(client_of):
    home = factories.household(number="H7", at="99010210020101")

    batch = uploaded(client_of, made(HEADER, person(1, relation="户主"), person(2, number=home.members.get().id_number)))  # fmt: skip

    issue = errors(batch)[0]
    assert (issue["code"], issue["expected"]) == (
        "person_elsewhere",
        "已在辖区外登记；确属迁来的，请报县里办理迁移",
    )
    assert "action" not in issue
    assert "H7" not in str(batch.issues)


def test_the_same_number_twice_in_the_file(client_of):
    twice = factories.id_number(3, born="19900101")

    batch = uploaded(client_of, made(
        HEADER, person(1, relation="户主"), person(2, number=twice), person(3, house="H2", relation="户主", born="19910101"),
        person(4, house="H2", number=twice),
    ))  # fmt: skip

    assert found(batch) == [("duplicate_person", "D5")]


def test_name_birth_and_village_alike_is_a_warning_and_then_a_clue(client_of):
    imported(client_of, made(HEADER, person(1, name="扎西", relation="户主")))

    file = (
        HEADER,
        person(5, house="H2", name="扎西", relation="户主"),
        person(6, house="H2", born="19920101"),
    )
    batch = imported(client_of, made(*file))

    assert found(batch) == []
    assert found(batch, "warning") == [("possible_same_person", "C2")]
    check = CrossCheck.objects.get()
    assert (check.household.number, check.member.name, check.source) == ("H2", "扎西", "系统")
    assert "户 H1 的扎西同名" in check.fact
    assert Household.objects.get(number="H2").doubts > Household.objects.get(number="H2").doubt_rows.count()
    assert "疑似同一人" in client_of.get(reverse("crosscheck_list")).content.decode()

    again = imported(client_of, made(*file))

    assert found(again, "warning") == []
    assert CrossCheck.objects.count() == 1


def test_another_village_or_birth_is_another_person(client_of):
    there = factories.region("990101100202")
    there.name, there.short_name, there.key = "邻村", "邻村", "邻"
    there.save()
    imported(client_of, made(HEADER, person(1, name="扎西", relation="户主")))

    batch = uploaded(client_of, made(
        HEADER, person(5, house="H2", name="扎西", relation="户主", born="19930101"),
        ("H3", "邻村", "扎西", factories.id_number(7, born="19900101"), "户主"),
    ))  # fmt: skip

    assert found(batch) == found(batch, "warning") == []


def test_two_new_people_alike_in_one_file(client_of):
    batch = imported(client_of, made(HEADER, person(1, name="扎西", relation="户主"), person(2, house="H2", name="扎西", relation="户主")))  # fmt: skip

    assert found(batch, "warning") == [("possible_same_person", "C2"), ("possible_same_person", "C3")]
    assert CrossCheck.objects.count() == Member.objects.count() == 2


def test_queries_do_not_grow_with_rows(client_of, django_assert_max_num_queries):
    homes = [factories.household() for _ in range(30)]
    rows = [
        person(n, house=f"N{n}", relation="户主", number=home.members.get().id_number)
        for n, home in enumerate(homes)
    ]
    rows += [person(100 + n, house=f"M{n}", name="扎西", relation="户主") for n in range(30)]

    with django_assert_max_num_queries(110):
        uploaded(client_of, made(HEADER, *rows))
