"""who_saw: a planted session's views come out whole, and nothing else."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.record import record
from households.sights import events_of, who_was_seen
from tests import factories

pytestmark = pytest.mark.django_db
URL = "/audit/who-saw/"


def window():
    return {"since": timezone.now() - timedelta(hours=1), "until": timezone.now() + timedelta(hours=1)}


@pytest.fixture
def browsed(client):
    """A session that looked at one household and exported a village; others looked at others."""
    thief, other = factories.user(Role.COUNTY_OFFICE), factories.user(Role.COUNTY_OFFICE)
    seen = factories.household(members=2)
    listed = factories.household(at="99010110020202", members=2)
    factories.household(at="99010110030101")
    client.force_login(other)
    client.get(reverse("household_list") + "?region=990101100301")
    client.force_login(thief)
    client.get(reverse("household_detail", args=[seen.pk]))
    client.get(reverse("report_download", args=["R01"]) + "?region=990101100202")
    return thief, seen, listed


def test_everybody_who_was_shown_is_found_and_nobody_else(browsed):
    thief, seen, listed = browsed
    people = who_was_seen(events_of(None, account=thief.username, **window()))
    assert {one.member for one in people} == {
        *seen.members.values_list("pk", flat=True), *listed.members.values_list("pk", flat=True)
    }  # fmt: skip
    assert {one.household for one in people} == {seen.pk, listed.pk}
    assert {way for one in people if one.household == listed.pk for way in one.ways} == {"导出"}


def test_the_page_names_them_and_is_itself_in_the_trail(client, browsed):
    thief, seen, listed = browsed
    client.force_login(auditor := factories.user(Role.AUDITOR))
    page = client.get(URL, {"account": thief.username})
    body = page.content.decode()
    for home in (seen, listed):
        assert all(name in body for name in home.members.values_list("name", flat=True))
    assert page.context["total"] == 4
    assert auditor.audit_events.filter(action="audit.who_saw").get().detail["account"] == thief.username
    assert "至少一项" in client.get(URL, {"account": ""}).content.decode()
    assert client.get(URL, {"address": "127.0.0.1"}).context["total"] >= 4
    assert client.get(URL, {"address": "10.9.9.9"}).context["total"] == 0


def test_another_county_asks_in_vain(client, browsed):
    client.force_login(factories.user(Role.AUDITOR, at="990102"))
    assert client.get(URL, {"account": browsed[0].username}).context["total"] == 0


def test_the_command_writes_all_of_them(browsed):
    out = io.StringIO()
    given = {name: value.isoformat() for name, value in window().items()}
    call_command("who_saw", account=browsed[0].username, stdout=out, **given)
    lines = [line.split("\t") for line in out.getvalue().splitlines()]
    assert [len(line) for line in lines] == [9] * (1 + 4)


def test_queries_do_not_grow_with_what_was_seen(client, django_assert_max_num_queries):
    homes = [factories.household() for _ in range(3)]
    user = factories.user(Role.COUNTY_OFFICE)
    for home in homes * 3:
        record("household.view", home, by=user, seen=f"h{home.pk}")
    client.force_login(factories.user(Role.AUDITOR))
    with django_assert_max_num_queries(16):
        assert client.get(URL, {"account": user.username}).context["total"] == 3
