"""Tables that say less than their kind: pairings without days, lists of heads only."""

from datetime import date

import pytest

from fupin.accounts.roles import Role
from households.models import Household, Member, Pairing
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
PAIRS = ("户编号", "户主姓名", "帮扶责任人", "帮扶单位")
HEADS = ("村", "户主姓名", "身份证号码", "家庭人口", "户类型", "主要致贫原因")


@pytest.fixture
def village():
    return factories.region("990101100201")


@pytest.fixture
def client_of(login, settings, tmp_path, village):
    settings.FILES = tmp_path / "files"
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def test_pairings_without_days_begin_with_their_year_and_say_so_once(client_of, village):
    homes = [factories.household(at=village.path) for _ in range(2)]
    rows = [(home.number, "张三", "李明", "县医保局") for home in homes]

    batch = imported(client_of, made(PAIRS, *rows, title="2020年结对帮扶花名册"))
    again = imported(client_of, made(PAIRS, *rows, title="2021年结对帮扶花名册"))

    assert (batch.kind, found(batch), found(batch, "warning")) == (
        "pairings",
        [],
        [("pairing_date_assumed", "3")],
    )
    assert "2020-01-01" in batch.issues[0]["expected"]
    assert set(Pairing.objects.values_list("starts_on", "ends_on")) == {(date(2020, 1, 1), None)}
    assert again.report["written"] == {"rows_new": 0, "rows_changed": 0, "rows_same": 2}


def test_a_pairing_that_stands_keeps_its_day_and_a_blank_day_stays_an_error(client_of, village):
    home = factories.household(at=village.path)
    imported(client_of, made((*PAIRS, "结对开始"), (home.number, "", "李明", "县医保局", "2018-03-01")))

    batch = imported(client_of, made(PAIRS, (home.number, "", "李明", ""), title="2020年结对帮扶花名册"))
    blank = uploaded(client_of, made((*PAIRS, "结对开始"), (home.number, "", "王芳", "县医保局", "")))

    assert batch.report["written"]["rows_same"] == 1
    assert Pairing.objects.get().starts_on == date(2018, 3, 1)
    assert found(blank) == [("pairing_date_missing", "E2")]


def head(n, village, name="张三", size=3):
    return (village.short_name, name, factories.id_number(n, born="19700101"), size, "一般贫困户", "因病")


def test_a_list_of_heads_makes_households_with_their_heads(client_of, village):
    rows = [head(1, village), head(2, village, "李四")]

    batch = imported(client_of, made(HEADS, *rows))
    again = imported(client_of, made(HEADS, *rows))

    assert (batch.kind, found(batch)) == ("households", [])
    assert found(batch, "warning") == [("household_unnumbered", "2"), ("household_heads_only", "B2")]
    assert sorted(Household.objects.values_list("head_name", "size")) == [("张三", 1), ("李四", 1)]
    assert set(Member.objects.values_list("relation", flat=True)) == {"01"}
    assert (again.report["written"]["households_same"], Household.objects.count()) == (2, 2)


def test_a_list_of_heads_leaves_the_others_alone_and_changes_no_head(client_of, village):
    home = factories.household(at=village.path, members=2)
    numbered = ("户编号", "村", "户主姓名", "户主身份证号", "户类型")
    own = home.members.get(relation="01").id_number

    batch = imported(
        client_of, made(numbered, (home.number, village.short_name, home.head_name, own, "一般贫困户"))
    )
    other = uploaded(
        client_of,
        made(numbered, (home.number, village.short_name, "别人", factories.id_number(9), "一般贫困户")),
    )

    assert (found(batch), home.members.count()) == ([], 2)
    assert found(other) == [("head_differs", "C2")]


def test_numbers_of_nobody_in_particular_are_the_households_where_the_register_knows_them(client_of, village):
    homes = [factories.household(at=village.path) for _ in range(2)]
    people = [home.members.get(relation="01").id_number for home in homes]
    header = ("帮扶干部", "身份证号", "单位", "户主姓名", "身份证号码")
    rows = [("李明", factories.id_number(900 + n, born="19800101"), "县医保局", "张三", person) for n, person in enumerate(people)]  # fmt: skip

    batch = imported(client_of, made(header, *rows, title="2020年结对帮扶花名册"))
    cadres = uploaded(client_of, made(header[:4], *(row[:4] for row in rows), title="2020年结对帮扶花名册"))

    assert (batch.kind, found(batch)) == ("pairings", [])
    assert ("pairing_id_assumed", "E3") in found(batch, "warning")
    assert set(Pairing.objects.values_list("household", flat=True)) == {home.pk for home in homes}
    assert found(cadres) == [("pairing_id_unclear", "B3"), ("pairing_id_unclear", "B4")]
