"""Moving a person on: who takes over, in one action, with the history kept."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import Household, Pairing
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def leaving():
    """A helper with an account and three households of one village; who takes over; who hands over."""
    user = factories.user(Role.HELPER, at="990101100")
    homes = [factories.household() for _ in range(3)]
    for home in homes:
        factories.pair(home, user, visits_per_year=6)
    helper = user.helper
    helper.region_path = "990101100"
    helper.save()
    others = [factories.helper(region_path="990101100", name=f"接手{n}") for n in "甲乙"]
    return user, helper, homes, others, factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")


def submit(client, helper, **fields):
    given = {"last_day": str(TODAY()), "reason": "1", "note": "调到县里", "submit_key": ""}
    return client.post(f"/helpers/{helper.pk}/handover/", given | fields)


def test_the_page_asks_for_every_household(login, leaving):
    _, helper, homes, _, by = leaving
    page = login(by).get(f"/helpers/{helper.pk}/handover/").content.decode()
    assert all(home.head_name in page for home in homes)
    assert page.count('list="helper-list"') == 4

    refused = submit(login(by), helper)
    assert refused.status_code == 422
    assert refused.content.decode().count("这一户还没有接手人") >= 3
    assert not Pairing.objects.exclude(ends_on=None).exists()


def test_one_action_ends_and_begins_pairings_and_ends_the_post(login, leaving):
    user, helper, homes, (first, second), by = leaving
    own = Pairing.objects.get(household=homes[0])

    done = submit(
        login(by), helper, successor=f"{first.pk} 接手甲", **{f"successor_{own.pk}": str(second.pk)}
    )

    assert done.status_code == 302
    today = TODAY()
    assert set(helper.pairings.values_list("ends_on", "end_reason", "end_note")) == {(today, "1", "调到县里")}
    after = Pairing.objects.filter(ends_on=None).order_by("household")
    assert [row.helper for row in after] == [second, first, first]
    assert {(row.starts_on, row.visits_per_year) for row in after} == {(today + timedelta(days=1), 6)}
    assert user.posts.get().ends_on == today
    assert AuditEvent.objects.filter(action="pairing.end").count() == 3
    assert AuditEvent.objects.filter(action="pairing.start").count() == 3
    assert AuditEvent.objects.get(action="helper.handover").detail["households"] == 3


def test_nothing_happens_when_a_household_was_left_out_or_the_successor_is_the_person(login, leaving):
    _, helper, _, _, by = leaving

    assert submit(login(by), helper, successor=str(helper.pk)).status_code == 422
    assert submit(login(by), helper, successor="没有这个人").status_code == 422
    assert submit(login(by), helper, successor="1", last_day="2019-01-01").status_code == 422
    assert Pairing.objects.filter(ends_on=None).count() == 3


def test_a_successor_of_another_township_is_not_offered_and_not_taken(login, leaving):
    _, helper, _, _, by = leaving
    stranger = factories.helper(region_path="990102100", name="外县人")

    assert "外县人" not in login(by).get(f"/helpers/{helper.pk}/handover/").content.decode()
    assert submit(login(by), helper, successor=str(stranger.pk)).status_code == 422


def test_households_elsewhere_stay_and_keep_the_post(login, leaving):
    user, helper, _, (first, _), by = leaving
    factories.pair(factories.household(at="99010120020101"), helper)

    page = login(by).get(f"/helpers/{helper.pk}/handover/").content.decode()
    assert "另有 1 户在您的管理范围以外" in page
    assert submit(login(by), helper, successor=str(first.pk)).status_code == 302
    assert helper.pairings.filter(ends_on=None).count() == 1
    assert user.posts.get().ends_on is None


def test_the_person_sees_nothing_from_the_next_day_on(login, leaving):
    user, helper, _, (first, _), by = leaving
    submit(login(by), helper, successor=str(first.pk), last_day=str(TODAY() - timedelta(days=1)))

    assert not Household.objects.visible_to(type(user).objects.get(pk=user.pk)).exists()


def test_a_post_held_for_pairings_does_not_end_while_households_would_fall_to_nobody(login, leaving):
    user, _, _, _, _ = leaving
    admin = factories.user(Role.ADMINISTRATOR, at="")
    post = user.posts.get()

    page = login(admin).post(f"/posts/{post.pk}/end/", {"on": str(TODAY())}, follow=True).content.decode()

    assert "还与 3 户结对" in page
    post.refresh_from_db()
    assert post.ends_on is None
    Pairing.objects.update(ends_on=date(2026, 1, 1))
    login(admin).post(f"/posts/{post.pk}/end/", {"on": str(TODAY())})
    post.refresh_from_db()
    assert post.ends_on == TODAY()
