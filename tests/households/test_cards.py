"""R03: one card a household, masked unless allowed, text stays text."""

from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import kept
from households.models import Income, Measure, MemberYear, Visit
from households.reports import cards
from tests import factories
from tests.workbooks import opened

pytestmark = pytest.mark.django_db

URL = "report_download"


def a_home(**fields):
    household = factories.household(members=2, phone="15400001234", **fields)
    head = household.members.get(relation="01")
    MemberYear.objects.create(member=head, year=2025, health="02", labour="01", medical_resident=True)
    Income.objects.create(household=household, year=2025, wage=20000, expense=1000, persons=2)
    place = {"household": household, "region_path": household.region_path}
    Measure.objects.create(**place, kind="02", what="=养羊", starts_on=date(2025, 3, 1))
    Visit.objects.create(**place, on=date(2025, 4, 1), content="=HYPERLINK(1)")
    kept.refresh([household.pk])
    return household


def texts(sheet):
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def download(client, **query):
    return opened(client.get(reverse(URL, args=["R03"]), query))


def test_a_card_for_each_household_on_its_own_page(login):
    for _ in range(3):
        a_home()
    sheet = download(login(factories.user()))

    assert texts(sheet).count("家庭成员信息表（户卡）") == 3
    assert len(sheet.row_breaks.brk) == 2
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("portrait", 9)
    assert texts(sheet).count("户主签字：") == 3


def test_a_card_says_what_is_known(login):
    household = a_home()
    found = texts(download(login(factories.user()), year=2026))

    for word in (
        household.number,
        household.head_name,
        "20,000.00",
        "9,500.00",
        "=养羊",
        "=HYPERLINK(1)",
        "普通劳动力",
    ):
        assert word in found
    assert "154****1234" in found
    assert household.members.first().id_number not in found
    assert "长期慢性病" not in found


def test_nothing_typed_becomes_a_formula(login):
    a_home()
    sheet = download(login(factories.user()))
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_whole_numbers_need_the_permission_and_leave_a_trail(login):
    household = a_home()
    whole = {"reveal": "1", "purpose": "入户核对户卡"}
    url = reverse(URL, args=["R03"])
    assert login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101102")).post(url, whole).status_code == 403

    found = texts(opened(login(factories.user(Role.COUNTY_OFFICE)).post(url, whole)))

    assert household.members.first().id_number in found
    assert "长期慢性病" in found
    event = AuditEvent.objects.get(action="report.export")
    assert event.detail["whole"] == ["证件号码", "联系电话", "健康状况"]
    assert event.detail["rows"] == 1


def test_the_members_of_a_past_year(login):
    household = a_home(identified_on=date(2016, 1, 1))
    gone = household.members.get(relation="03")
    household.members.filter(pk=gone.pk).update(left_on=date(2024, 5, 1), left_event="01")
    client = login(factories.user())
    assert gone.name in texts(download(client, year=2023))
    assert gone.name not in texts(download(client, year=2026))


def test_more_than_a_book_is_refused(login, monkeypatch):
    monkeypatch.setattr(cards, "MOST", 1)
    a_home()
    a_home()
    page = login(factories.user()).get(reverse(URL, args=["R03"]), follow=True)
    assert "户卡一次最多 1 户" in page.content.decode()


def test_queries_do_not_grow_with_households(login, django_assert_max_num_queries):
    client = login(factories.user())
    a_home()
    with django_assert_max_num_queries(45) as few:
        download(client)
    for _ in range(6):
        a_home()
    with django_assert_max_num_queries(45) as many:
        download(client)
    assert len(few) == len(many)


def test_the_preview_lists_the_households(login):
    household = a_home()
    page = login(factories.user()).get(reverse("report_detail", args=["R03"]))
    assert "一户一页" in page.content.decode()
    assert household.number in page.content.decode()
