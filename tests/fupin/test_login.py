"""Login, throttling, sessions that end, and submits that survive a login that ran out."""

import re
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fupin.accounts import sessions, throttle, waiting
from fupin.accounts.models import LoginFailure, LoginSlot, Session
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import Household
from tests import factories
from tests.households.forms import filled, page_data

pytestmark = pytest.mark.django_db
LOGIN = "/login/"
PASSWORD = "right-horse-battery"


@pytest.fixture
def person():
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101001")
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(client, user, password=PASSWORD, **more):
    return client.post(LOGIN, {"username": user.username, "password": password} | more)


def test_the_right_password_enters_under_a_new_session_key(client, person):
    client.get(LOGIN)
    response = enter(client, person, next="/profile/")

    assert response["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert AuditEvent.objects.filter(action="user.login", user=person).count() == 1


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "\\\\evil", "javascript:alert(1)"]
)
def test_login_leads_nowhere_else(client, person, target):
    assert enter(client, person, next=target)["Location"] == "/"


def test_wrong_unknown_and_disabled_look_alike(person):
    users = [factories.user(Role.TOWNSHIP_OPERATOR, at="990101001", is_active=n != 1) for n in range(3)]
    for user in users:
        user.set_password(PASSWORD)
        user.username = f"name{user.pk:06}"
        user.save()
    wrong, disabled, locked = users
    for _ in range(throttle.PAIR_LIMIT):
        enter(Client(), locked, "wrong")

    pages = []
    for name, password in [
        (wrong.username, "wrong"), ("name999999", PASSWORD), (disabled.username, PASSWORD), (locked.username, PASSWORD),
    ]:  # fmt: skip
        page = Client().post(LOGIN, {"username": name, "password": password})
        text = re.sub(
            r'nonce="[^"]+"|csrf(Token|middlewaretoken)[^>]*?value="\w+"|"X-CSRFToken":"\w+"',
            "",
            page.content.decode(),
        )
        pages.append((page.status_code, len(page.content), text.replace(name, "")))
    assert pages[0][0] == 422
    assert pages[1:] == pages[:1] * 3


def test_five_wrong_tries_lock_this_desk_only(client, person):
    for _ in range(5):
        enter(client, person, "wrong")
    assert enter(client, person).status_code == 422

    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert enter(elsewhere, person).status_code == 302


def test_a_locked_try_hashes_nothing(client, person, monkeypatch):
    for _ in range(6):
        enter(client, person, "wrong")
    monkeypatch.setattr("fupin.accounts.forms.authenticate", lambda *a, **k: pytest.fail("looked at"))
    assert enter(client, person).status_code == 422


def test_a_refusal_that_hashed_nothing_takes_as_long_as_those_that_did(settings, monkeypatch):
    settings.LOGIN_SECONDS = 0.5
    now, slept = [100.0], []
    monkeypatch.setattr(throttle.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(throttle.time, "sleep", slept.append)
    monkeypatch.setattr(throttle, "_recent", throttle.deque(maxlen=40))
    throttle.level(100.0, False)
    now[0] = 101.0  # a busy machine: the hash took a second
    throttle.level(100.0, True)
    now[0] = 100.01
    throttle.level(100.0, False)
    assert [round(one, 1) for one in slept] == pytest.approx([0.5, 0.7, 1.7], abs=0.11)


def test_knocking_on_does_not_prolong_the_lock(client, person):
    for _ in range(throttle.PAIR_LIMIT + 7):
        enter(client, person, "wrong")
    assert LoginFailure.objects.count() == throttle.PAIR_LIMIT


def test_the_lock_passes_with_its_window(client, person):
    for _ in range(6):
        enter(client, person, "wrong")
    LoginFailure.objects.update(at=timezone.now() - throttle.WINDOW[throttle.LOGIN] - timedelta(seconds=1))
    assert enter(client, person).status_code == 302
    assert not LoginFailure.objects.filter(username=person.username, address="127.0.0.1").exists()


def guessed_at(person, times=throttle.USER_LIMIT + 1):
    """Wrong guesses at one name, each from another address."""
    LoginFailure.objects.bulk_create(
        LoginFailure(username=person.username, address=f"10.1.{n // 250}.{n % 250 + 1}") for n in range(times)
    )


def test_strangers_at_one_name_share_one_try_in_ten_seconds(person):
    guessed_at(person)
    assert throttle.attempt(person.username, "10.2.0.1")
    assert not throttle.attempt(person.username, "10.2.0.2")
    LoginSlot.objects.update(free_at=timezone.now())
    assert throttle.attempt(person.username, "10.2.0.3")


def test_the_owner_enters_from_a_place_of_their_own_whatever_strangers_do(person):
    mine = Client(REMOTE_ADDR="10.9.9.9")
    enter(mine, person)
    guessed_at(person, 500)
    LoginFailure.objects.bulk_create(LoginFailure(username=f"n{n}", address="10.9.9.9") for n in range(500))
    assert enter(Client(REMOTE_ADDR="10.9.9.9"), person).status_code == 302


def test_one_desk_spraying_many_names_is_stopped(person):
    LoginFailure.objects.bulk_create(
        LoginFailure(username=f"n{n}", address="10.2.0.1") for n in range(throttle.ADDRESS_LIMIT)
    )
    assert enter(Client(REMOTE_ADDR="10.2.0.1"), person).status_code == 422
    assert enter(Client(REMOTE_ADDR="10.2.0.2"), person).status_code == 302


def test_guesses_over_ten_names_and_thirty_addresses_are_counted_both_ways(monkeypatch):
    """At most USER_LIMIT a name and then one a slot are looked at. `manage.py qa_login` makes ten thousand."""
    monkeypatch.setattr(throttle, "SLOT", timedelta(hours=1))  # no second one while this runs
    let = sum(throttle.attempt(f"n{n % 10}", f"10.3.0.{n // 10}") for n in range(300))
    assert let == 10 * (throttle.USER_LIMIT + 1)
    assert LoginFailure.objects.count() == let


def test_the_callers_own_word_about_its_address_counts_for_nothing(client, person, settings):
    for n in range(6):
        client.post(
            LOGIN,
            {"username": person.username, "password": "wrong"},
            headers={"X-Forwarded-For": f"1.1.1.{n}"},
        )
    assert enter(client, person).status_code == 422


def test_behind_our_proxy_the_last_hop_is_the_address(rf, settings):
    settings.HTTPS = True
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.3.0.1"})
    assert throttle.address_of(request) == "10.3.0.1"


def test_nothing_typed_as_a_password_is_stored_or_sent_back(client, person):
    page = enter(client, person, "secret-typed-wrong")
    assert "secret-typed-wrong" not in page.content.decode()


def test_half_an_hour_idle_ends_the_session(client, person):
    enter(client, person)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/profile/")["Location"] == "/login/?next=/profile/"


def test_the_session_row_expires_after_the_idle_time_and_is_touched_once_a_minute(
    client, person, django_assert_num_queries, monkeypatch
):
    enter(client, person)
    row = Session.objects.get()
    assert timedelta(minutes=29) < row.expire_date - timezone.now() <= timedelta(minutes=30)

    now = time.time() + 61
    monkeypatch.setattr(sessions.time, "time", lambda: now)
    client.get("/profile/")
    moved = Session.objects.get().expire_date
    assert moved > row.expire_date + timedelta(seconds=55)
    client.get("/profile/")
    assert Session.objects.get().expire_date == moved


def test_twelve_hours_end_it_whatever_happens(client, person, monkeypatch):
    enter(client, person)
    start = time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: start + sessions.ABSOLUTE - 120)
    client.get("/profile/")
    left = Session.objects.get().expire_date.timestamp() - start
    assert left == pytest.approx(sessions.ABSOLUTE, abs=2)


def test_logout_is_a_post_and_ends_the_session_on_the_server(client, person):
    enter(client, person)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert not Session.objects.exists()
    assert client.get("/profile/").status_code == 302


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(client, person):
    enter(client, person)
    other = Client()
    enter(other, person)
    new = "another-Long-word-22"
    url = reverse("password_change")

    refused = client.post(url, {"old_password": "x", "new_password1": new, "new_password2": new})
    assert refused.status_code == 422
    client.post(url, {"old_password": PASSWORD, "new_password1": new, "new_password2": new})

    assert client.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302
    assert AuditEvent.objects.filter(action="user.password").count() == 1


def test_who_finds_the_house_full_types_nothing_again(person, full_house):
    client = Client(enforce_csrf_checks=True)
    token = str(client.get(LOGIN).context["csrf_token"])
    page = enter(client, person, next="/profile/", csrfmiddlewaretoken=token)
    assert page.status_code == 429
    assert PASSWORD not in page.content.decode() and person.username not in page.content.decode()
    assert (
        0 < float(re.search('data-again="([0-9.]+)"', page.content.decode()).group(1)) < throttle.FURTHEST + 1
    )
    sent = hidden_fields(page)
    assert sent["next"] == ["/profile/"]
    still = client.post(sent.pop("action"), sent)
    assert (still.status_code, hidden_fields(still)["waiting"]) == (429, sent["waiting"])

    full_house()
    assert client.post(LOGIN, sent)["Location"] == "/profile/"
    assert LoginFailure.objects.count() == 0


def test_what_waits_is_good_for_its_own_page_and_a_few_minutes(client, person, full_house, monkeypatch):
    sent = hidden_fields(enter(client, person))
    full_house()
    assert client.post(LOGIN, {"waiting": "forged"}).status_code == 422
    client.force_login(person)
    assert client.post("/login/again/", sent).status_code == 422
    client.logout()
    start = time.time()
    monkeypatch.setattr(waiting.time, "time", lambda: start + waiting.MINUTES * 60 + 1)
    page = client.post(LOGIN, sent)
    assert page.status_code == 422 and "请填写账号和密码" in page.content.decode()


def test_the_password_before_something_grave_waits_as_well(client, person, full_house):
    client.force_login(person)
    page = client.post("/login/again/", {"password": PASSWORD, "next": "/profile/"})
    assert page.status_code == 429
    full_house()
    sent = hidden_fields(page)
    assert client.post(sent.pop("action"), sent)["Location"] == "/profile/"


def test_those_who_find_no_place_are_told_different_moments(monkeypatch):
    monkeypatch.setattr(throttle, "_next", 0.0)
    monkeypatch.setattr(throttle, "_held", throttle.deque([0.4] * 5))
    told = [throttle.turn() for _ in range(400)]
    assert told[9] == pytest.approx(10 * 0.2, abs=0.1)
    assert told == sorted(told) and told[-1] <= throttle.FURTHEST
    assert throttle.turn(again=True) < 1


# ---- a submit whose login had run out

FORM = {
    "name": "张三",
    "note": "第一行\r\n第二行 <b>&\"'",
    "members-TOTAL_FORMS": "2",
    "members-0-name": "李四",
    "members-1-name": "王五",
    "tags": ["甲", "乙"],
}


def time_out():
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def hidden_fields(page):
    """What the browser would post from the page's last form."""
    from html.parser import HTMLParser

    found = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            attrs = dict(attrs)
            if tag == "form":
                found.clear()
                found["action"] = attrs["action"]
            if tag == "input" and attrs.get("type") == "hidden":
                found.setdefault(attrs["name"], []).append(attrs["value"])

    Reader().feed(page.content.decode())
    return found


def test_what_was_typed_survives_the_login(person):
    client = Client(enforce_csrf_checks=True)
    token = client.get(LOGIN).context["csrf_token"]
    enter(client, person, csrfmiddlewaretoken=str(token))
    token = str(client.get("/profile/").context["csrf_token"])
    time_out()

    page = client.post("/profile/password/?a=1", FORM | {"csrfmiddlewaretoken": token})
    assert page.status_code == 401
    assert "填写的内容没有丢" in page.content.decode()
    assert "张三" not in page.content.decode()  # the login page of a shared machine tells nothing
    kept = hidden_fields(page)

    wrong = client.post(
        LOGIN,
        {
            "username": person.username,
            "password": "wrong",
            "kept": kept["kept"],
            "csrfmiddlewaretoken": kept["csrfmiddlewaretoken"],
        },
    )
    kept = hidden_fields(wrong)
    again = enter(client, person, kept=kept["kept"][0], csrfmiddlewaretoken=kept["csrfmiddlewaretoken"][0])

    assert "继续提交" in again.content.decode()
    sent = hidden_fields(again)
    assert sent.pop("action") == "/profile/password/?a=1"
    fresh = sent.pop("csrfmiddlewaretoken")[0]
    assert {name: value if name == "tags" else value[0] for name, value in sent.items()} == FORM

    done = client.post("/profile/password/?a=1", sent | {"csrfmiddlewaretoken": fresh})
    assert done.status_code == 422  # it reached its page, which says what it thinks of these fields


def test_a_household_with_its_members_survives_the_login(client):
    factories.region()
    official = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    official.set_password(PASSWORD)
    official.save()
    client.force_login(official)
    people = [
        {"name": f"钱{n}", "relation": relation, "id_number": factories.id_number(n), "ethnic": "01", "labour": "01",
         "health": "01", "education": "03"}
        for n, relation in ((1, "01"), (2, "03"))
    ]  # fmt: skip
    address = "/households/new/?place=990101100&year=2025"
    typed = page_data(client.get(address))
    data = filled(typed, {"region": factories.region().pk, "i-wage": "12,000"}, members=people)
    time_out()

    page = client.post(address, data)
    assert people[0]["id_number"] not in page.content.decode()
    again = client.post(
        LOGIN, {"username": official.username, "password": PASSWORD, "kept": hidden_fields(page)["kept"][0]}
    )
    sent = hidden_fields(again)
    done = client.post(sent.pop("action"), sent)

    household = Household.objects.get()
    assert done["Location"] == reverse("household_detail", args=[household.pk])
    assert [member.name for member in household.members.order_by("order")] == ["钱1", "钱2"]


def test_files_are_not_kept_and_the_page_says_so(client, person):
    client.force_login(person)
    time_out()
    page = client.post("/profile/", {"name": "x", "photo": SimpleUploadedFile("a.jpg", b"x")})
    again = enter(client, person, kept=hidden_fields(page)["kept"][0])
    assert "照片和附件无法保留" in again.content.decode()


def test_another_person_does_not_get_what_the_first_one_typed(client, person):
    client.force_login(factories.user())
    time_out()
    page = client.post("/profile/", FORM)
    again = enter(client, person, kept=hidden_fields(page)["kept"][0], next="/profile/")
    assert again["Location"] == "/profile/"
    assert "没有带过来" in client.get("/profile/").content.decode()


def test_only_our_own_text_is_taken(client, person):
    assert enter(client, person, kept="forged:text").status_code == 302


def test_a_timed_out_piece_of_a_page_brings_the_whole_login(client, person):
    client.force_login(person)
    time_out()
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/?a=1"}
    page = client.post("/profile/", FORM, headers=htmx)
    assert (page.status_code, page["HX-Retarget"]) == (200, "body")
    assert client.get("/scope/", headers=htmx)["HX-Redirect"] == "/login/?next=/profile/%3Fa%3D1"


def test_a_stale_token_from_our_own_page_offers_the_submit_again(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    ours = {"Origin": "http://testserver"}

    page = client.post("/profile/password/", FORM, headers=ours)
    assert page.status_code == 403
    sent = hidden_fields(page)
    token = sent["csrfmiddlewaretoken"][0]
    assert client.post(sent.pop("action"), sent | {"csrfmiddlewaretoken": token}).status_code == 422

    foreign = client.post("/profile/password/", FORM, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "张三" not in foreign.content.decode()
