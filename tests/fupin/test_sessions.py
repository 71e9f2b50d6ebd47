"""Sessions: what ends them, what does not keep them alive, and the page on which one ends them oneself."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.test import Client
from django.utils import timezone

from fupin.accounts import actions, sessions
from fupin.accounts.models import Post, Session, User
from fupin.accounts.roles import Role
from fupin.accounts.sessions import SessionStore
from tests import factories

pytestmark = pytest.mark.django_db
TOWN = "990101001"


@pytest.fixture
def person():
    user = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    user.set_password("right-Horse-battery")
    user.save()
    return user


@pytest.fixture
def manager():
    return factories.user(Role.SYSTEM_ADMIN, at="990101")


def end_post(person, manager):
    yesterday = timezone.localdate() - timedelta(days=1)
    actions.end_post(person.posts.get(), by=manager, on=yesterday)


def open_post(person, manager):
    actions.open_post(
        person,
        by=manager,
        role=Role.TOWNSHIP_LEAD,
        region=factories.region(TOWN),
        starts_on=timezone.localdate(),
    )


def midnight(person, manager):
    """The post ends by itself: nobody does anything, only the day changes."""
    Post.objects.filter(user=person).update(ends_on=timezone.localdate() - timedelta(days=1))


EVENTS = {
    "post ends": end_post,
    "post ends by itself": midnight,
    "new post": open_post,
    "moved": lambda person, manager: Post.objects.filter(user=person).update(region=factories.region("990102")),
    "disabled": lambda person, manager: actions.change_user(person, by=manager, is_active=False),
    "reset": lambda person, manager: actions.reset_password(person, by=manager),
    "second factor demanded": lambda person, manager: actions.change_user(person, by=manager, otp="on"),
    "second factor removed": lambda person, manager: actions.remove_second_factor(person, by=manager),
    "password changed elsewhere": lambda person, manager: actions.change_password(person, "brand-New-long-word"),
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_the_next_request_after_it_is_the_login_page(client, person, manager, event):
    client.force_login(person)
    assert client.get("/profile/").status_code == 200
    EVENTS[event](User.objects.get(pk=person.pk), manager)
    assert client.get("/profile/")["Location"].startswith("/login/")


def test_a_change_of_name_ends_nothing(client, person, manager):
    client.force_login(person)
    actions.change_user(User.objects.get(pk=person.pk), by=manager, name="钱二")
    assert client.get("/profile/").status_code == 200


def test_the_key_from_before_the_login_is_worth_nothing_after_it(client, person):
    client.get("/login/")
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies["fupin"] = session.session_key
    client.post("/login/", {"username": person.username, "password": "right-Horse-battery"})
    assert client.session.session_key != session.session_key
    assert "planted" not in client.session
    assert not Session.objects.filter(session_key=session.session_key).exists()


@pytest.mark.parametrize(("headers", "moved"), [({sessions.POLL: "1"}, False), ({}, True)])
def test_a_page_that_asks_by_itself_keeps_no_session_alive(client, person, monkeypatch, headers, moved):
    client.force_login(person)
    before = Session.objects.get().expire_date
    now = sessions.time.time() + 300
    monkeypatch.setattr(sessions.time, "time", lambda: now)
    client.get("/profile/", headers=headers)
    assert (Session.objects.get().expire_date > before) == moved


def test_every_page_that_asks_by_itself_says_so():
    from django.conf import settings

    polling = [
        path for path in (settings.BASE_DIR / "templates").rglob("*")
        if path.is_file() and 'hx-trigger="every' in path.read_text(encoding="utf-8")
    ]  # fmt: skip
    assert polling
    for path in polling:
        assert f'"{sessions.POLL}"' in path.read_text(encoding="utf-8"), path


def enter(person, **extra):
    client = Client(**extra)
    client.post("/login/", {"username": person.username, "password": "right-Horse-battery"})
    return client


def test_one_sees_and_ends_ones_own_sessions_only(person):
    here = enter(
        person, HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/120 Edg/120", REMOTE_ADDR="10.0.0.7"
    )
    there = enter(person, HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8")
    third = enter(person)
    stranger = enter(factories.user(Role.VILLAGE_CLERK, at=TOWN + "001"))
    page = here.get("/profile/sessions/")
    text = page.content.decode()
    assert "Windows · Edge" in text
    assert "10.0.0.7" in text
    assert "Android · 微信" in text
    assert len(page.context["rows"]) == 3
    assert not any(row.session_key in text for row in Session.objects.all())

    handles = {row.agent: row.handle for row in page.context["rows"]}
    here.post("/profile/sessions/end/", {"handle": handles["Android · 微信"]})
    assert there.get("/profile/").status_code == 302
    assert third.get("/profile/").status_code == 200
    foreign = Session.objects.filter(user=None).count()
    here.post("/profile/sessions/end/")
    assert third.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200
    assert stranger.get("/login/").status_code == 200
    assert Session.objects.filter(user=None).count() == foreign


def test_another_persons_handle_ends_nothing(client, person):
    other = factories.user(Role.VILLAGE_CLERK, at=TOWN + "001")
    theirs = Client()
    theirs.force_login(other)
    client.force_login(person)
    client.post("/profile/sessions/end/", {"handle": Session.objects.get(user=other).handle})
    assert theirs.get("/profile/").status_code == 200


def test_the_list_costs_the_same_for_many_sessions(client, person, django_assert_max_num_queries):
    for _ in range(30):
        Client().force_login(person)
    client.force_login(person)
    with django_assert_max_num_queries(7):
        assert len(client.get("/profile/sessions/").context["rows"]) == 31


def test_upkeep_removes_what_ended_a_day_ago(client, person):
    from fupin.accounts import upkeep

    client.force_login(person)
    upkeep.remove_ended(timezone.localdate())
    assert Session.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(hours=25))
    upkeep.remove_ended(timezone.localdate())
    assert not Session.objects.exists()


def test_what_was_ended_meanwhile_is_not_written_again_and_a_key_is_given_once():
    held = SessionStore()
    held["last"] = "1"
    held.save()
    assert SessionStore(held.session_key)["last"] == "1"
    assert held.exists(held.session_key)
    with pytest.raises(CreateError):
        SessionStore(held.session_key).save(must_create=True)
    held["last"] = "2"
    held.save()
    assert SessionStore(held.session_key)["last"] == "2"

    SessionStore(held.session_key).delete()

    with pytest.raises(UpdateError):
        held.save()
    assert not held.exists(held.session_key)
