"""帮扶手册 and 明白卡: what stands on them, what does not, and where their code leads."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fupin.accounts.roles import Role
from households import codes
from households.handbook import code
from tests import factories
from tests.households.test_detail import full, text

pytestmark = pytest.mark.django_db
ILL = [
    *(label for code, label in [*codes.Health.choices, *codes.DisabilityKind.choices] if label != "健康"),
    "健康状况：", "自付", "因病", "因残",
]  # fmt: skip
"""Words of illness and disability: none of them lies open at home."""
VILLAGE = "990101100201"


@pytest.fixture
def office(login):
    return login(factories.user(Role.COUNTY_OFFICE, at="990101"))


@pytest.mark.parametrize(("name", "sheets"), [("household_handbook", 4), ("household_card", 1)])
def test_numbers_are_masked_and_the_sheets_are_whole(office, name, sheets):
    home = full(members=3, measures=2)
    numbers = [home.phone, home.bank_account, *home.members.values_list("id_number", flat=True)]
    page = text(office.get(reverse(name, args=[home.pk])))
    assert page.count('<article class="fp-a4') == sheets
    assert home.head_name in page
    assert not [number for number in numbers if number in page]
    said = page.split("<article", 1)[1]
    assert not [word for word in ILL if word in said]


def test_what_has_no_room_goes_to_a_further_sheet(office):
    home = full(members=12, measures=11)
    page = text(office.get(reverse("household_handbook", args=[home.pk])))
    assert page.count('<article class="fp-a4') == 6
    assert not [name for name in home.members.values_list("name", flat=True) if name not in page]


def test_the_code_is_the_address_of_the_household(office):
    home = full()
    drawn = code(f"http://testserver/households/{home.pk}/")
    assert drawn in text(office.get(reverse("household_card", args=[home.pk])))
    assert not re.search(r"style=|<script|href=", drawn)


def test_the_code_opens_the_household_only_with_the_right_to_it(client):
    home = factories.household(at="99010110020101")
    address = reverse("household_detail", args=[home.pk])
    assert client.get(address).url.startswith(reverse("login"))

    client.force_login(factories.user(Role.VILLAGE_CLERK, at="990101100202"))
    assert client.get(address).status_code == 404
    assert client.get(reverse("household_handbook", args=[home.pk])).status_code == 404

    client.force_login(factories.user(Role.VILLAGE_CLERK, at=VILLAGE))
    assert home.head_name in text(client.get(address))


def test_a_child_as_head_keeps_its_number(office):
    home = factories.household()
    home.members.update(birth="2018-01-01", id_number="990101201801010014")
    page = text(office.get(reverse("household_handbook", args=[home.pk])))
    assert "990101" not in page.split("家庭成员")[1].split("家庭收入")[0]


@pytest.mark.parametrize("form", ["file", "handbook", "card"])
def test_a_print_run_costs_the_same_for_one_and_for_many(office, form):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as found:
            page = text(office.get(reverse("village_sheets"), {"region": VILLAGE, "form": form}))
        return len(found), page

    full(members=2, visits=2, measures=2)
    one, _ = cost()
    homes = [full(members=3, visits=3, measures=2) for _ in range(4)]
    many, page = cost()
    assert many == one
    assert one <= 30
    assert not [home for home in homes if home.head_name not in page]


def test_a_village_is_printed_in_runs(office, monkeypatch):
    monkeypatch.setattr("households.views.detail.PRINT_LIMIT", 2)
    homes = [factories.household() for _ in range(3)]
    factories.household(registry_status="0", target_text="", target_end=None)
    asked = {"region": VILLAGE, "form": "card"}
    first = text(office.get(reverse("village_sheets"), asked))
    assert "第 1–2 户，共 3 户" in first
    assert "start=3" in first
    last = text(office.get(reverse("village_sheets"), asked | {"start": 3}))
    assert [home.head_name in last for home in homes] == [False, False, True]
    assert "start=" not in last


def test_ticked_households_are_printed_in_the_form_asked_for(office):
    homes = [factories.household() for _ in range(2)]
    asked = {"pick": [home.pk for home in homes], "form": "handbook"}
    assert text(office.post(reverse("household_bulk"), asked)).count('<article class="fp-a4') == 8


def test_whoever_was_responsible_keeps_the_line(office):
    home = full()
    former = factories.helper(name="旧责任人", phone="15400000031")
    factories.pair(home, former, starts_on=date(2019, 1, 1), ends_on=date(2019, 12, 31))
    page = text(office.get(reverse("household_handbook", args=[home.pk])))

    lines = page.split("四、帮扶责任人")[1].split("五、")[0]
    assert lines.index("旧责任人") < lines.index(home.helper.name)
    assert "2019-12-31" in lines and "15400000031" not in lines
