"""Lists without household numbers: households known by their heads, ledgers by the ID number of the household's head."""

from datetime import date

import pytest

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import search
from households.models import Household, Member, Pairing, Visit
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
HEADER = ("序号", "村", "组", "户主姓名", "姓名", "身份证号码", "与户主关系", "联系电话")


@pytest.fixture
def village():
    return factories.region("990101100201")


@pytest.fixture
def client_of(login, settings, tmp_path, village):
    settings.FILES = tmp_path / "files"
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def row(n, village, head, name, relation="户主"):
    return (
        n,
        village.short_name,
        "",
        head,
        name,
        factories.id_number(n, born=f"19{60 + n}0101"),
        relation,
        "",
    )


def people(village):
    """Two households of two and one: the head of the first does not stand first, both heads bear one name."""
    return (
        row(1, village, "张三", "李四", "配偶"), row(2, village, "张三", "张三"), row(3, village, "张三", "张三"),
    )  # fmt: skip


def test_a_list_without_numbers_is_known_by_its_heads(client_of, village):
    batch = imported(client_of, made(HEADER, *people(village)))

    assert (batch.kind, found(batch)) == ("households", [])
    assert found(batch, "warning") == [("household_unnumbered", "2")]
    assert [(home.head_name, home.size) for home in Household.objects.order_by("number")] == [("张三", 2), ("张三", 1)]  # fmt: skip
    assert all(Household.objects.values_list("number", flat=True))


def test_the_same_list_again_finds_the_same_households(client_of, village):
    imported(client_of, made(HEADER, *people(village)))

    again = imported(client_of, made(HEADER, *people(village)))

    assert (again.report["written"]["households_same"], again.report["written"]["persons_same"]) == (2, 3)
    assert (Household.objects.count(), Member.objects.count()) == (2, 3)


def test_a_bureaus_list_of_relatives_stays_one(client_of, village):
    factories.household(at=village.path)
    header = ("姓名", "身份证号码", "与户主关系", "村", "低保证号")
    rows = [("张三", factories.id_number(2), "户主", village.short_name, "D1")]

    batch = uploaded(client_of, made(header, *rows, title="2026年农村低保花名册"))

    assert batch.kind == "check_dibao"


def test_visits_and_pairings_by_the_heads_number_the_official_over_the_table(client_of, village):
    home = factories.household(at=village.path)
    head = home.members.get(relation="01")
    visits = made(
        ("帮扶责任人：李明", "", "单位：县农业农村局"), ("走访日期", "户主姓名", "户主身份证号", "走访内容"),
        ("5.12", "张三", head.id_number, "了解收入"),
    )  # fmt: skip
    pairings = made(
        ("帮扶干部姓名", "单位及职务", "贫困户姓名", "贫困户身份证号码", "结对时间"),
        ("李明", "县农业农村局", "张三", head.id_number, "2020年3月"),
    )

    done = [imported(client_of, visits, year=2020), imported(client_of, pairings, year=2020)]

    assert [(batch.kind, found(batch)) for batch in done] == [("visits", []), ("pairings", [])]
    visit, pairing = Visit.objects.get(), Pairing.objects.get()
    assert (visit.household, visit.on, visit.visitor_text, visit.visitor_unit) == (home, date(2020, 5, 12), "李明", "县农业农村局")  # fmt: skip
    said = AuditEvent.objects.get(action="visit.import").detail["changes"]
    assert ["走访日期", "", "2020-05-12"] in said and ["走访内容", "", "（4 字）"] in said
    said = AuditEvent.objects.get(action="pairing.import").detail["changes"]
    assert said[0] == ["帮扶责任人", "", "李明（县农业农村局）"] and ["开始日期", "", "2020-03-01"] in said
    assert (pairing.household, pairing.helper.unit, pairing.starts_on) == (
        home,
        "县农业农村局",
        date(2020, 3, 1),
    )


def test_words_of_visits_as_cadres_write_them(client_of, village):
    home = factories.household(at=village.path)
    header = ("走访时间", "户编号", "走访人员签名", "走访内容及成效", "农户诉求", "是否解决")
    days = ("2020年5月12日上午", "2020.5.13-14", "5月15日至5月16日", "20-5-17", "2020年5月")
    rows = [(day, home.number, "李明", f"了解收入{n}", "缺水", "解决中") for n, day in enumerate(days)]

    batch = imported(client_of, made(header, *rows), year=2020)

    assert found(batch) == [("visit_date_unreadable", "A6")]
    assert found(batch, "warning") == [("visit_date_span", "A3"), ("visit_date_span", "A4")]
    assert list(Visit.objects.order_by("on").values_list("on", "solved")) == [
        (date(2020, 5, day), False) for day in (12, 13, 15, 17)
    ]


@pytest.mark.parametrize(
    ("kind", "header", "facts"),
    [
        ("measures", ("帮扶措施", "措施类别", "开始时间"), ("发放牛犊", "产业帮扶", "2020-03")),
        ("yearly", ("工资性收入", "经营性收入"), (10000, 2000)),
        ("monitoring", ("监测对象类别", "识别时间", "风险类型"), ("边缘易致贫户", "2020-03", "因病")),
    ],
)
def test_lists_that_name_households_by_their_heads_alone(client_of, village, kind, header, facts):
    home, *twins = (factories.household(at=village.path) for _ in range(3))
    for one, name in ((home, "扎西"), *((twin, "王五") for twin in twins)):
        one.members.update(name=name)
        Household.objects.filter(pk=one.pk).update(head_name=name)
        search.refresh([one.pk])
    rows = [(n, village.short_name, name, *facts) for n, name in enumerate(("扎西", "王五", "李无名"), 1)]

    carry = uploaded if kind == "monitoring" else imported  # which waits for a notice
    batch = carry(client_of, made(("序号", "村", "户主姓名", *header), *rows))

    errors = [one for one in found(batch) if one[0].startswith("household")]
    assert (batch.kind, errors) == (
        kind,
        [("household_name_ambiguous", "C3"), ("household_name_unknown", "C4")],
    )
    assert ("household_by_name", "C2") in found(batch, "warning")
    said = next(one for one in batch.issues if one["code"] == "household_name_ambiguous")
    assert all(twin.number in said["expected"] for twin in twins)
    assert home.measures.count() == (kind == "measures") and home.incomes.count() == (kind == "yearly")


def test_a_list_of_certificates_names_their_holders(client_of, village):
    home = factories.household(at=village.path)
    member = home.members.get()
    rows = made(("姓名", "残疾证号"), ("张三", f"{member.id_number}43"), title="持证残疾人名单")

    batch = imported(client_of, rows)

    assert (batch.kind, found(batch), batch.report["written"]["clues_new"]) == ("check_disability", [], 1)
