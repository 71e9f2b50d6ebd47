"""Which household a row is of: a head's row that is left out, a list that names no village."""

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel import staging
from households.models import Household, Member
from tests import factories
from tests.workbooks import found, made, uploaded

pytestmark = pytest.mark.django_db
NUMBERED = ("户编号", "村", "姓名", "证件号码", "与户主关系")


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


@pytest.mark.parametrize("numbered", [True, False])
def test_people_of_a_head_who_is_left_out_stay_out(client_of, numbered):
    village = factories.region("990101100201").short_name
    people = [
        (f"99{n:09}" if numbered and relation == "户主" else "", village if relation == "户主" else "", f"甲{n}{relation}", factories.id_number(2 * n + (relation == "之子"), born="19700101"), relation)
        for n in (1, 2) for relation in ("户主", "之子")
    ]  # fmt: skip
    rows = (NUMBERED, *people) if numbered else (NUMBERED[1:], *(row[1:] for row in people))
    batch = uploaded(client_of, made(*rows))

    with staging.opened(batch.stored) as staged:
        position = next(
            pos for pos, number in staged.db.execute("SELECT pos, number FROM rows") if number == 4
        )
    client_of.post(reverse("import_cells", args=[batch.uid]), {"version": batch.version, "action": "leave", "pick": position, "show": "all", "shown": f"0-{len(people)}"})  # fmt: skip
    batch.refresh_from_db()

    assert batch.report["out"] == 1
    assert "head_missing" in [code for code, _ in found(batch)]
    client_of.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    assert Household.objects.count() == 1
    assert sorted(Member.objects.values_list("name", flat=True)) == ["甲1之子", "甲1户主"]


def test_a_household_of_the_register_is_where_it_is_in_a_list_without_villages(client_of):
    home = factories.household(at="99010110020101", members=2)
    head = home.members.get(relation="01")
    header = ("户编号", "姓名", "证件号码", "与户主关系", "文化程度")

    batch = uploaded(client_of, made(header, (home.number, head.name, head.id_number, "户主", "小学"), ("H_new", "甲", factories.id_number(7, born="19700101"), "户主", "小学")))  # fmt: skip
    client_of.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})

    assert [code for code, _ in found(batch)] == ["region_unknown"]
    home.refresh_from_db()
    assert (home.region_path, home.members.count()) == ("99010110020101", 2)
    assert head.years.get().education == "02"
