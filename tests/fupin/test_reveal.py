"""One personal value at a time: who, which, why, and the line in the trail."""

import pytest

from fupin.accounts import reveal
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
URL = "/reveal/"
REASON = reveal.REASONS[0]


@pytest.fixture
def member():
    return factories.household(at="99010110020101").members.first()


def ask(client, member, **more):
    data = {"model": "households.member", "pk": member.pk, "field": "id_number"} | more
    return client.post(URL, data, headers={"HX-Request": "true"})


def test_the_value_comes_after_a_reason_and_leaves_a_trace(login, member):
    user = factories.user(Role.COUNTY_OFFICE)
    client = login(user)

    first = ask(client, member).content.decode()
    assert member.id_number not in first
    assert REASON in first
    assert not AuditEvent.objects.filter(action="pii.reveal").exists()

    assert member.id_number in ask(client, member, reason=REASON).content.decode()
    event = AuditEvent.objects.get(action="pii.reveal")
    assert (event.user, event.target) == (user, f"households.member:{member.pk}")
    assert event.region_path == member.region_path
    assert event.detail == {"field": "id_number", "reason": REASON, "kind": "证件号码"}


def test_without_javascript_it_is_a_page(login, member):
    client = login(factories.user(Role.COUNTY_OFFICE))
    page = client.post(
        URL, {"model": "households.member", "pk": member.pk, "field": "id_number", "reason": REASON}
    )
    assert "<!doctype html>" in page.content.decode()
    assert member.id_number in page.content.decode()


def test_a_row_of_another_county_does_not_exist(login, member):
    client = login(factories.user(Role.COUNTY_OFFICE, at="990102"))
    assert ask(client, member, reason=REASON).status_code == 404


def test_who_may_not_reveal_is_refused(login, member):
    assert ask(login(factories.user(Role.AUDITOR)), member, reason=REASON).status_code == 403


def test_a_helper_sees_only_who_is_paired_with_them(login, member):
    helper = factories.user(Role.HELPER)
    client = login(helper)
    assert ask(client, member, reason=REASON).status_code == 404
    factories.pair(member.household, helper)
    assert ask(client, member, reason=REASON).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"field": "name"},
        {"field": "__class__"},
        {"model": "accounts.user", "field": "password"},
        {"model": "no.such"},
        {"model": "x"},
        {"pk": "1 OR 1=1"},
        {"pk": ""},
    ],
)
def test_only_personal_fields_of_known_rows(login, member, asked):
    client = login(factories.user(Role.COUNTY_OFFICE))
    assert ask(client, member, reason=REASON, **asked).status_code == 404


def test_a_free_reason_is_not_a_reason(login, member):
    page = ask(login(factories.user(Role.COUNTY_OFFICE)), member, reason="x")
    assert member.id_number not in page.content.decode()


def test_thirty_an_hour_is_enough(login, member):
    client = login(factories.user(Role.COUNTY_OFFICE))
    for _ in range(30):
        assert member.id_number in ask(client, member, reason=REASON).content.decode()
    last = ask(client, member, reason=REASON).content.decode()
    assert member.id_number not in last
    assert "已到上限" in last
    assert AuditEvent.objects.filter(action="pii.reveal").count() == 30
