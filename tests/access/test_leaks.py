"""What a page masks, a file masks too: children under 14, illness, notes; and whose data a file showed stands in its event."""

from datetime import date

import openpyxl
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from fupin.accounts import pii
from fupin.accounts.pii import FieldClass as C
from fupin.accounts.roles import Role
from fupin.audit import seen
from fupin.audit.models import AuditEvent
from households.imports.columns import HOUSE, MEMBER
from households.indicators.entries import ENTRIES, MODELS
from households.models import MemberYear, Visit, VisitPhoto
from households.reports.whole import WHOLE
from tests import factories
from tests.fupin.test_onetable import confirm, sheet_of, upload
from tests.fupin.test_onetable import filled as form_filled
from tests.workbooks import opened

pytestmark = pytest.mark.django_db

CHILD, GROWN = "99010120180301877X", "990101197001010017"
WHOLE_FILE = {"reveal": "1", "purpose": "报县局数据比对"}


@pytest.fixture
def home():
    """A grown man with a disability and a note, and a child."""
    row = factories.household(members=0, phone="15400001234", remark="其他电话：13900005678")
    head = factories.member(row, relation="01", id_number=GROWN)
    child = factories.member(row, relation="03", id_number=CHILD, phone="15400009999")
    type(child).objects.filter(pk=child.pk).update(birth=date(timezone.localdate().year - 8, 3, 1))
    for member, health in ((head, "04"), (child, "03")):
        MemberYear.objects.create(
            member=member, year=timezone.localdate().year, health=health, disability_kind="2", disability_level="1",
            disability_year=2011, medical_aid=True, disability_no=f"{member.id_number}42",
        )  # fmt: skip
    return row


def cells(response):
    """The texts of all cells of a downloaded workbook."""
    return texts(opened(response).parent)


def texts(book):
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}


def download(client, name, method="get", **query):
    return getattr(client, method)(reverse("report_download", args=[name]), query)


@pytest.mark.parametrize("name", ["R01", "R03", "L02"])
def test_a_file_shows_of_a_childs_numbers_nothing(login, home, name):
    found = cells(download(login(factories.user(Role.COUNTY_OFFICE)), name))
    assert "990101********0017" in found
    assert not {text for text in found if CHILD[-4:] in text or "9999" in text}


@pytest.mark.parametrize("name", ["R01", "R03", "L02"])
def test_a_file_hides_illness_from_a_role_without_it(login, home, name):
    lead = factories.user(Role.TOWNSHIP_LEAD, at="990101100")
    told = {home.members.first().years.get().get_disability_kind_display(), "残疾", "大病"}

    found = cells(download(login(lead), name))
    assert pii.HIDDEN in found
    assert "***" not in found
    assert not found & told
    assert "2011" not in found
    assert "13900005678" not in "".join(found)
    preview = login(lead).get(reverse("report_detail", args=[name])).content.decode()
    assert pii.HIDDEN in preview


def test_every_column_that_lists_are_read_from_and_forms_are_filled_with_has_the_class_of_its_field():
    for item in (*HOUSE, *MEMBER):
        table, _, name = item.into.partition(".")
        if table in MODELS:
            assert item.pii == pii.masked_fields(MODELS[table]).get(name), item.name
    by_key = {item.name: item.pii for item in (*HOUSE, *MEMBER)}
    assert {
        entry.key for entry in ENTRIES if by_key.get(entry.key) != entry.pii and entry.key in by_key
    } == set()
    assert {
        column.header for column in WHOLE.columns if column.pii in (C.ID_NUMBER, C.PHONE) and not column.born
    } == {"联系电话"}


FORM = ["姓名", "证件号码", "成员联系电话", "残疾类别", "残疾证号", "备注"]


def filled(client):
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheet_of(book, "名册", "困难家庭人员名册", [FORM])
    form, _ = upload(client, book)
    confirm(client, form)
    return texts(form_filled(client, form, region="990101100"))


def test_a_filled_form_masks_children_and_hides_illness_and_says_whose_data_it_has(login, home):
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    found = filled(client)
    assert "990101********0017" in found
    assert not {text for text in found if CHILD[-4:] in text or "9999" in text or "13900005678" in text}
    event = AuditEvent.objects.filter(action="report.export").latest("pk")
    noted = seen.read(event.seen)
    assert (noted.households, noted.members) == ({home.pk}, set(home.members.values_list("pk", flat=True)))
    assert len(event.detail["sha256"]) == 64

    lead = login(factories.user(Role.TOWNSHIP_LEAD, at="990101100"))
    assert pii.HIDDEN in filled(lead)


def test_a_photo_says_whose_home_it_shows(login, home):
    visit = Visit.objects.create(
        household=home, region_path=home.region_path, on=date(2026, 5, 1), content="走访"
    )
    path = settings.FILES / "photos" / "leak.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff\xd9")
    photo = VisitPhoto.objects.create(visit=visit, file="photos/leak.jpg", sha256="0")

    response = login(factories.user()).get(reverse("visit_photo", args=[photo.pk]))
    assert b"".join(response)[:2] == b"\xff\xd8"
    assert seen.read(AuditEvent.objects.exclude(seen="").latest("pk").seen).households == {home.pk}


def test_one_foreign_household_among_the_ticked_refuses_the_print(login, home):
    foreign = factories.household(at="99010120020101")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    for picked in ([home.pk, foreign.pk], [home.pk, 987654321], [foreign.pk], ["x", home.pk]):
        assert client.post(reverse("household_bulk"), {"pick": picked}).status_code == 404
    printed = client.post(reverse("household_bulk"), {"pick": [home.pk]}).content.decode()
    assert home.number in printed
    assert CHILD[-4:] not in printed


def test_a_foreign_project_is_not_there(login):
    foreign = factories.project(at="99010210020101")
    client = login(factories.user(Role.COUNTY_OFFICE))
    assert client.get(reverse("project_detail", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("project_detail", args=[987654321])).status_code == 404


def test_a_foreign_account_and_job_are_not_there(login):
    other = factories.user(Role.VILLAGE_CLERK, at="990102100201")
    client = login(factories.user(Role.SYSTEM_ADMIN))
    assert client.get(reverse("user_edit", args=[other.pk])).status_code == 404
    assert client.get(reverse("job_detail", args=[factories.job(user=other).uid])).status_code == 404
