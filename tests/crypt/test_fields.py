"""What stands in the columns, how it is written by every way there is, and how it is found."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, QuerySet

from fupin.accounts.pii import FieldClass as C
from fupin.accounts.roles import Role
from fupin.bulk import insert_rows, update_rows
from fupin.catalogue import offers
from fupin.crypt import guard, ring, sealing
from fupin.crypt.fields import Encrypted, Unbound
from fupin.crypt.rows import plan
from households.models import Helper, Household, Member, MemberYear
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["INT", "GM"])
def suite(request, settings, tmp_path):
    settings.KEYS = tmp_path / "keys"
    ring.create(request.param)
    yield request.param
    settings.KEYS = settings.VAR / "keys"
    ring._held = None


def raw(model, pk, *names):
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} WHERE id = %s", [pk])
        return cursor.fetchone()


def test_every_way_to_write_and_to_read(suite):
    home = factories.household(phone="15400000001", bank_account="6217000000000000001")
    letter = {"INT": "I1.", "GM": "G1."}[suite]

    def stands(number, phone):
        token, mark, tail = raw(Member, member.pk, "id_number", "id_mark", "id_tail")
        assert token.startswith(letter) and number not in token
        assert mark in sealing.marks_of(number, "households.member.id_number")
        assert tail in Member._meta.get_field("id_tail").marks_in(number[-4:], {member.region_path[:6]})
        row = Member.objects.values_list("id_number", "phone", "household__phone").get(pk=member.pk)
        assert row == (number, phone, "15400000001")
        assert Member.objects.get(id_number=number, phone=phone) == member
        assert list(Member.objects.filter(id_number__in=[number, "x", ""], phone=phone)) == [member]

    member = Member(
        household=home,
        region_path=home.region_path,
        name="甲",
        id_number="990101199001011014",
        phone="15400000002",
    )
    member.save()
    stands("990101199001011014", "15400000002")
    member = Member.objects.get(pk=member.pk)
    member.id_number = "990101199001012025"
    member.save(update_fields=["id_number"])
    stands("990101199001012025", "15400000002")
    Member.objects.filter(pk=member.pk).update(
        id_number="990101199001013036", phone="15400000003", order=F("order") + 1
    )
    stands("990101199001013036", "15400000003")
    member.id_number = "990101199001014047"
    Member.objects.bulk_update([member], ["id_number"])
    stands("990101199001014047", "15400000003")
    with transaction.atomic():
        update_rows(Member, ("id_number", "phone"), [("990101199001015058", "15400000004", member.pk)])
    stands("990101199001015058", "15400000004")
    member = Member.objects.bulk_create([
        Member(household=home, region_path=home.region_path, name="乙", id_number="990101199001016069", phone="15400000005")
    ])[0]  # fmt: skip
    stands("990101199001016069", "15400000005")
    with transaction.atomic():
        insert_rows(
            Member, ("household", "region_path", "name", "relation", "id_number", "phone"),
            [(home.pk, home.region_path, "丙", "03", f"9901011990010170{n:02}", f"154000000{n:02}") for n in range(10, 90)],
        )  # fmt: skip
    member = Member.objects.get(id_number="990101199001017055")
    stands("990101199001017055", "15400000055")
    Member.objects.filter(pk=member.pk).update(region_path="990102100200")
    member.refresh_from_db()
    stands("990101199001017055", "15400000055")
    with transaction.atomic():
        update_rows(Member, ("region_path",), [("990101100200", member.pk)])
    member.refresh_from_db()
    stands("990101199001017055", "15400000055")
    year = MemberYear.objects.create(member=member, year=2025, health="02,04")
    assert raw(MemberYear, year.pk, "health")[0].startswith(letter)
    assert MemberYear.objects.values_list("health", flat=True).get() == "02,04"


def test_a_token_copied_to_another_row_does_not_open():
    one, two = factories.household(phone="15400000001"), factories.household(phone="15400000002")
    token = raw(Household, one.pk, "phone")[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE households_household SET phone = %s WHERE id = %s", [token, two.pk])

    with pytest.raises(sealing.Unreadable):
        Household.objects.get(pk=two.pk)
    assert Household.objects.get(pk=one.pk).phone == "15400000001"


def test_what_cannot_be_sealed_or_asked_is_refused():
    home = factories.household(phone="15400000001")

    with pytest.raises(Unbound), transaction.atomic():
        QuerySet.update(Household.objects.all(), phone="15400000009")
    for lookup in (
        {"phone__contains": "154"},
        {"phone__startswith": "154"},
        {"phone__gt": "1"},
        {"phone": F("number")},
    ):
        with pytest.raises(FieldError):
            Household.objects.filter(**lookup).exists()
    with pytest.raises(FieldError):
        Helper.objects.filter(phone="15400000001").exists()
    assert list(Household.objects.filter(bank_account="")) == [home]
    assert not Household.objects.exclude(phone__in=["15400000001"]).exists()


def test_an_id_number_stands_once_among_members_of_today():
    home = factories.household()
    number = home.members.get().id_number
    twin = Member(household=home, region_path=home.region_path, name="乙", relation="03", id_number=number)

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    assert twin.pk is None
    home.members.update(left_on=date(2026, 1, 1), left_event="01")
    twin.save()
    assert Member.objects.filter(id_number=number).count() == 2


def test_endings_are_marked_by_county(login):
    from tests.households.test_list import numbers, search

    home = factories.household()
    ending = home.members.get().id_number[-4:]
    office = login(factories.user(Role.COUNTY_OFFICE, at="990101"))

    assert home.number in numbers(search(office, ending))
    other = Member._meta.get_field("id_tail").marks_in(ending, {"990102"})
    assert not Member.objects.filter(id_tail__in=other).exists()


def test_no_start_without_the_keys_of_what_is_encrypted(settings, tmp_path):
    settings.KEYS = tmp_path / "keys"
    ring._held = None
    assert guard.keys_fit_the_data(databases=["default"]) == []
    guard.ensure()  # nothing encrypted yet: made
    assert ring.path().stat().st_mode & 0o777 == 0o600
    factories.household(phone="15400000001")
    ring.path().unlink()
    ring._held = None

    (error,) = guard.keys_fit_the_data(databases=["default"])
    assert "households_" in error.msg and str(ring.path()) in error.msg and error.id == "fupin.E007"
    with pytest.raises(ring.MissingKeys):
        guard.ensure()
    assert not ring.exists()
    settings.KEYS = settings.VAR / "keys"
    ring._held = None


def test_a_mark_hangs_on_every_column_that_is_searched():
    held = plan(Member)
    assert set(held.fields) == {"id_number", "id_text", "phone"}
    assert {mark.name for mark in held.derived(["id_number"]).values()} == {"id_mark", "id_tail"}
    assert set(plan(Household).fields) == {"phone", "bank_account", "remark"}
    assert set(plan(MemberYear).fields) == {"health", "disability_no", "health_help"}


COUNTED = {
    ("households.MemberYear", "disability_kind"), ("households.MemberYear", "disability_level"),
    ("households.MemberYear", "disability_year"), ("households.MemberYear", "medical_aid"),
}  # fmt: skip
"""Codes of the class health, by which people are counted, filtered and sorted in SQL; see docs/security.md."""


def test_no_number_and_no_word_of_illness_stands_in_a_plain_column():
    """Every field of a masked class is an encrypted column, by the table of classes: a new one that is not fails here."""
    masked = {C.ID_NUMBER, C.PHONE, C.BANK, C.HEALTH, C.CHILD, C.NOTE, C.CLUE}
    found = {
        (label, name): apps.get_model(label)._meta.get_field(name)
        for label, classes in offers("CLASS_MODULES", "CLASSES")
        for kind, names in classes.items()
        if kind in masked
        for name in names.split()
    }
    assert {at for at, field in found.items() if not isinstance(field, Encrypted)} == COUNTED
    assert len(found) > 15
    for label, name in COUNTED:  # a code, a year or a yes: nothing that somebody wrote
        field = apps.get_model(label)._meta.get_field(name)
        assert field.choices or not isinstance(field, models.CharField | models.TextField)
