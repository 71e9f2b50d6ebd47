"""Every field has a class; what is masked stays masked until somebody who may gives a reason."""

from datetime import date

import pytest
from django.utils import timezone

from fupin import checks
from fupin.accounts import pii
from fupin.accounts.pii import FieldClass as C
from fupin.accounts.roles import Role, Subject, clash, too_wide
from fupin.audit.models import AuditEvent
from fupin.regions.models import Level
from households.models import Member, MemberYear
from tests import factories


def test_every_field_has_a_class():
    assert checks.every_field_has_a_class() == []


def test_a_field_without_a_class_does_not_start(monkeypatch):
    known = {label: dict(fields) for label, fields in pii.table().items()}
    del known["households.member"]["phone"]
    known["households.member"]["ghost"] = C.PERSON
    monkeypatch.setattr(pii, "table", lambda: known)

    assert [error.id for error in checks.every_field_has_a_class()] == ["fupin.E010", "fupin.E011"]


def test_a_model_knows_what_is_masked():
    assert Member.PII == {"id_number": C.ID_NUMBER, "id_text": C.ID_NUMBER, "phone": C.PHONE}
    assert MemberYear.PII["disability_kind"] == C.HEALTH


def test_nothing_of_a_childs_number_is_shown_until_the_fourteenth_birthday():
    child = Member(id_number="990101201603010014", birth=date(2016, 3, 1))
    assert pii.is_child(child, date(2030, 2, 28))
    assert not pii.is_child(child, date(2030, 3, 1))
    assert pii.is_child(Member(birth=date(2016, 2, 29)), date(2030, 2, 28))
    assert not pii.is_child(Member(birth=date(2016, 2, 29)), date(2030, 3, 1))
    assert pii.field_class(child, "id_number") is C.CHILD
    assert set(pii.shown(child, "id_number")) == {"*"}
    assert (
        pii.shown(Member(id_number="990101197003010014", birth=date(1970, 3, 1)), "id_number")[:6] == "990101"
    )


@pytest.fixture
def ill(db):
    home = factories.household()
    row = home.members.get()
    return row.years.create(year=timezone.localdate().year, health="03", disability_kind="2")


def test_illness_is_hidden_from_a_role_without_it_and_cannot_be_revealed(login, ill):
    page = f"/households/{ill.member.household_id}/"
    lead, operator = (
        factories.user(Role.TOWNSHIP_LEAD, at="990101100"),
        factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"),
    )

    assert pii.HIDDEN in login(lead).get(page).content.decode()
    seen = login(operator).get(page).content.decode()
    assert pii.HIDDEN not in seen
    assert ill.get_health_display() not in seen  # masked all the same
    assert ill.get_disability_kind_display() not in seen


def test_a_reveal_is_counted_and_listed_for_the_month(login, ill):
    asked = {"model": "households.memberyear", "pk": ill.pk, "field": "health", "reason": "入户走访联系"}
    clerk = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100", name="查看人甲")

    assert ill.get_health_display() in login(clerk).post("/reveal/", asked).content.decode()

    assert AuditEvent.objects.get(action="pii.reveal").detail["kind"] == "健康"
    page = login(factories.user(Role.COUNTY_OFFICE)).get("/reveal/month/").content.decode()
    assert "查看人甲" in page
    assert "入户走访联系" in page
    assert "共查看 1 次" in page
    elsewhere = login(factories.user(Role.COUNTY_OFFICE, at="990102")).get("/reveal/month/").content.decode()
    assert "查看人甲" not in elsewhere
    assert "查看人甲" not in login(factories.user()).get("/reveal/month/?month=2020-01").content.decode()


def test_three_administrators_are_three_people_and_an_auditor_holds_nothing_else():
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.AUDITOR):
        for other in set(Role) - {role}:
            assert clash({role, other})
    assert not clash({Role.HELPER, Role.VILLAGE_CLERK})


def test_a_post_is_no_wider_than_its_role():
    assert too_wide(Role.VILLAGE_CLERK, Level.TOWNSHIP)
    assert too_wide(Role.TOWNSHIP_OPERATOR, Level.COUNTY)
    assert too_wide(Role.COUNTY_OFFICE, Level.COUNTRY)
    assert not too_wide(Role.VILLAGE_CLERK, Level.VILLAGE)
    assert not too_wide(Role.COUNTY_OFFICE, Level.TOWNSHIP)
    assert not too_wide(Role.HELPER, Level.COUNTY)


def test_a_bureaus_post_names_its_subject(login, db):
    admin = factories.user(Role.ADMINISTRATOR, at="")
    person = factories.user(Role.BUREAU)
    given = {"role": "bureau", "region": "990101", "starts_on": "2026-01-01"}
    factories.region("990101")

    refused = login(admin).post(f"/users/{person.pk}/posts/", given)
    assert refused.status_code == 422
    assert "须选行业" in refused.content.decode()

    taken = login(admin).post(f"/users/{person.pk}/posts/", given | {"subject": Subject.CIVIL})
    assert taken.status_code == 302
    assert {post.subject for post in person.posts.all()} == {"health", "civil"}
