"""Failed logins stand in the trail, and nobody can flood it with them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fupin.accounts import failures, throttle, upkeep
from fupin.accounts.models import LoginTally
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
HERE = "10.5.0.1"


@pytest.fixture
def person():
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101001")
    user.set_password("right-horse-battery")
    user.save()
    return user


def told():
    return [
        (event.action.partition("_")[2], event.target.partition(":")[2], event.detail["failed"], event.detail["refused"])
        for event in AuditEvent.objects.filter(action__startswith="user.login_").order_by("pk")
    ]  # fmt: skip


def knock(username, times=1, address=HERE, password="wrong"):  # noqa: S107
    for _ in range(times):
        Client(REMOTE_ADDR=address).post("/login/", {"username": username, "password": password})


def test_the_first_failure_the_lockout_and_sums_are_told(person):
    knock(person.username, throttle.PAIR_LIMIT + 15)
    who = str(person.pk)
    assert told() == [("failed", who, 1, 0), ("locked", who, 5, 1), ("failed", who, 5, 5)]
    event = AuditEvent.objects.filter(action=failures.LOCKED).get()
    assert (event.address, event.region_path, event.user) == (HERE, "990101001", None)

    LoginTally.objects.update(since=timezone.now() - failures.WINDOW - timedelta(seconds=1))
    upkeep.remove_ended(timezone.localdate())
    assert told()[-1] == ("locked", who, 5, 15)
    assert not LoginTally.objects.exists()


def test_what_was_typed_as_a_name_is_not_in_the_trail(person):
    knock("my-secret-typed-too-early")
    assert told() == [("failed", "?", 1, 0)]
    assert "secret" not in str(
        AuditEvent.objects.filter(action=failures.FAILED).values_list("target", "detail")
    )


def test_the_right_password_leaves_no_failure(person):
    knock(person.username, password="right-horse-battery")
    assert told() == [] and not LoginTally.objects.exists()


def test_a_wrong_second_step_and_a_wrong_password_again_are_failures_too(client, person):
    client.force_login(person)
    client.post("/login/again/", {"password": "wrong"})
    failures.note(throttle.CODE, f"#{person.pk}", HERE, looked=True)
    assert told() == [("failed", str(person.pk), 1, 0)] * 2
    assert AuditEvent.objects.filter(action=failures.FAILED).latest("pk").detail["step"] == "动态码"


def test_thousands_of_addresses_leave_some_hundred_lines(person, monkeypatch):
    monkeypatch.setattr(failures, "MOST", 8)
    for n in range(60):
        failures.note(throttle.LOGIN, person.username, f"10.6.{n // 20}.{n % 20}", looked=n % 3 == 0)
    assert len(told()) <= 3 * 8
    LoginTally.objects.update(since=timezone.now() - failures.WINDOW - timedelta(seconds=1))
    failures.close(timezone.now())
    assert not LoginTally.objects.exists()
    many = AuditEvent.objects.filter(detail__contains="多个地址").latest("pk").detail
    assert many["failed"] + many["refused"] == 52
