"""The second factor, from RFC 6238's own vectors to the pages around it, and the password once more before grave steps."""

import base64
import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from fupin.accounts import fresh, otp
from fupin.accounts.models import Authenticator, Otp, RecoveryCode, Session, User
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.crypt.sealing import Unreadable
from tests import factories

PASSWORD = "right-Horse-battery"
NOW = 1_800_000_000


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time stands still at the start of a step; `clock(seconds)` moves it."""
    at = [NOW]
    monkeypatch.setattr(time, "time", lambda: at[0])

    def move(seconds):
        at[0] += seconds

    return move


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
     (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(seconds, code):
    assert otp.code_at(b"12345678901234567890", seconds // otp.STEP, 8) == code


@given(secret=st.binary(min_size=20, max_size=20), now=st.integers(10**6, 10**10), away=st.integers(-3, 3))
@budget(max_examples=40, deadline=None)
def test_a_code_holds_for_its_step_and_one_on_each_side_and_never_twice(secret, now, away):
    step = now // otp.STEP + away
    code = otp.code_at(secret, step)
    near = {otp.code_at(secret, now // otp.STEP + n) for n in (-1, 0, 1)}
    found = otp.step_of(secret, code, now)
    assert (found is not None) == (code in near)
    if found is not None:
        again = otp.step_of(secret, code, now, found)
        assert again is None or again > found


def test_a_sealed_secret_opens_for_its_user_alone():
    mine, other = User(pk=1), User(pk=2)
    sealed = otp.seal(b"x" * 20, mine)
    assert "eHh4" not in sealed
    assert otp.unseal(sealed, mine) == b"x" * 20
    assert otp.unseal(sealed, other) is None


# ---- the pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def official():
    """County office: its role asks for a second factor."""
    user = factories.user(Role.COUNTY_OFFICE, at="990101")
    user.set_password(PASSWORD)
    user.save()
    return user


def first_step(client, user, **more):
    return client.post("/login/", {"username": user.username, "password": PASSWORD} | more)


def secret_of(user):
    return base64.b32decode(Authenticator.objects.get(user=user).secret)


def code_now(user):
    return otp.code_at(secret_of(user), int(time.time()) // otp.STEP)


@pytest.fixture
def enrolled(official, clock):
    """The official with a telephone, whose last code is of a step long ago, and recovery codes."""
    official.codes = otp.enrol(official, otp.new_secret(), 0)
    return official


def test_whose_role_asks_for_it_sets_it_up_at_the_first_login(client, official, clock):
    page = first_step(client, official, next="/profile/")
    assert page.status_code == 200
    secret = page.context["secret"]
    assert page.context["picture"].startswith("data:image/png;base64,")
    assert client.get("/profile/")["Location"].startswith("/login/")  # nobody is logged in yet

    wrong = client.post("/login/setup/", {"code": "000000"})
    assert (wrong.status_code, wrong.context["secret"]) == (422, secret)
    key = otp.base64.b32decode(secret.replace(" ", ""))
    done = client.post("/login/setup/", {"code": otp.code_at(key, NOW // otp.STEP)})

    assert len(done.context["codes"]) == otp.CODES
    assert 'href="/profile/"' in done.content.decode()
    assert client.get("/profile/").status_code == 200
    assert secret_of(official) == key
    stored = " ".join(map(str, AuditEvent.objects.values_list("detail", flat=True)))
    assert not any(code in stored for code in done.context["codes"])
    assert not RecoveryCode.objects.filter(digest__in=done.context["codes"]).exists()


def test_nothing_but_the_second_step_is_reachable_in_between(client, enrolled):
    assert "输入动态码" in first_step(client, enrolled).content.decode()
    for address in ("/", "/profile/", "/profile/password/", "/profile/second/", "/login/again/", "/users/"):
        assert client.get(address)["Location"].startswith("/login/?next="), address
        assert client.post(address, {"x": "y"}).status_code in {302, 401}
    assert client.get("/login/setup/")["Location"] == "/login/"  # a telephone cannot be replaced here
    assert client.get("/login/code/").status_code == 200
    assert client.post("/login/code/", {"code": code_now(enrolled)})["Location"] == "/"


def test_a_code_counts_once(client, enrolled):
    code = code_now(enrolled)
    first_step(client, enrolled)
    assert client.post("/login/code/", {"code": f" {code[:3]} {code[3:]}"}).status_code == 302
    other = Client()
    first_step(other, enrolled)
    assert other.post("/login/code/", {"code": code}).status_code == 422


def test_five_wrong_codes_close_the_second_step_also_to_the_right_one(client, enrolled, clock):
    first_step(client, enrolled)
    for n in range(5):
        assert client.post("/login/code/", {"code": f"00000{n}"}).status_code == 422
    assert client.post("/login/code/", {"code": code_now(enrolled)}).status_code == 422
    first_step(client, enrolled)  # the right password opens nothing
    assert client.post("/login/code/", {"code": code_now(enrolled)}).status_code == 422


def test_a_recovery_code_counts_once(client, enrolled):
    for expected in (302, 422):
        first_step(client, enrolled)
        assert client.post("/login/code/", {"code": enrolled.codes[0].upper()}).status_code == expected
        client.post("/logout/")
    assert enrolled.recovery_codes.count() == otp.CODES - 1
    assert AuditEvent.objects.get(action="user.login").detail == {"second": "recovery"}


def test_the_first_step_holds_ten_minutes_and_only_while_the_account_is_the_same(client, enrolled, clock):
    first_step(client, enrolled)
    clock(601)
    assert client.post("/login/code/", {"code": code_now(enrolled)})["Location"] == "/login/"
    first_step(client, enrolled)
    enrolled.set_password("other-Horse-battery")
    enrolled.save()
    assert client.post("/login/code/", {"code": code_now(enrolled)})["Location"] == "/login/"
    assert client.get("/profile/").status_code == 302


def test_what_was_typed_survives_both_steps(client, enrolled):
    client.force_login(enrolled)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    kept = client.post("/scope/", {"note": "一大段话"}).context["kept"]
    page = first_step(client, enrolled, kept=kept)
    done = client.post("/login/code/", {"code": code_now(enrolled), "kept": page.context["kept"]})
    assert 'value="一大段话"' in done.content.decode()


def test_a_reset_does_not_skip_the_second_step_and_its_secret_counts_once(client, login, enrolled):
    admin = login(factories.user(Role.SYSTEM_ADMIN, at="990101"))
    secret = admin.post(f"/users/{enrolled.pk}/password/").context["password"]
    admin.post("/logout/")
    assert not AuditEvent.objects.filter(detail__icontains=secret).exists()
    until = User.objects.get(pk=enrolled.pk).password_until
    assert timedelta(minutes=29) < until - timezone.now() <= timedelta(minutes=30)

    data = {"username": enrolled.username, "password": secret}
    assert "输入动态码" in client.post("/login/", data).content.decode()
    client.post("/login/code/", {"code": code_now(enrolled)})
    assert client.get("/")["Location"] == "/profile/password/"
    assert Client().post("/login/", data).status_code == 422  # spent
    new = "brand-New-long-word"
    client.post("/profile/password/", {"new_password1": new, "new_password2": new})
    assert client.get("/profile/").status_code == 200


def test_a_manager_takes_a_lost_telephone_off_and_the_next_login_sets_it_up_anew(client, login, enrolled):
    admin = login(factories.user(Role.SYSTEM_ADMIN, at="990101"))
    admin.post(f"/users/{enrolled.pk}/second/")
    assert not RecoveryCode.objects.exists()
    admin.post("/logout/")
    assert "设置两步验证" in first_step(client, enrolled).content.decode()


def test_the_rest_may_have_it_or_be_told_to(client):
    clerk = factories.user(Role.VILLAGE_CLERK, at="990101001001")
    clerk.set_password(PASSWORD)
    clerk.save()
    assert first_step(client, clerk).status_code == 302

    page = client.get("/profile/second/setup/")
    key = otp.base64.b32decode(page.context["secret"].replace(" ", ""))
    client.post("/profile/second/setup/", {"code": otp.code_at(key, NOW // otp.STEP)})
    assert User.objects.get(pk=clerk.pk).needs_otp
    client.post("/profile/second/off/")
    assert not User.objects.get(pk=clerk.pk).needs_otp
    otp.enrol(clerk, otp.new_secret(), 0)
    User.objects.update(otp=Otp.ON)
    client.post("/profile/second/off/")
    assert User.objects.get(pk=clerk.pk).needs_otp
    assert "输入动态码" in first_step(Client(), clerk).content.decode()


def test_demo_accounts_need_none_only_while_the_demo_runs_for_this_machine_alone(official, settings):
    official.otp = Otp.DEMO
    assert official.needs_otp
    settings.DEMO = True
    assert not official.needs_otp
    official.otp = Otp.BY_ROLE
    assert official.needs_otp


# ---- the password once more

GRAVE = "/users/{}/password/"


@pytest.fixture
def manager(client, clock):
    user = factories.user(Role.SYSTEM_ADMIN, at="990101")
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    clock(fresh.MINUTES * 60 + 1)
    return user


def kept_of(page):
    return re.search(r'name="kept" value="([^"]+)"', page.content.decode()).group(1)


def test_a_grave_step_asks_for_the_password_and_what_was_posted_survives(client, manager):
    target = factories.user(Role.VILLAGE_CLERK, at="990101001001")
    address = reverse("post_open", args=[target.pk])
    typed = {"role": "work_team", "region": "990101001001", "starts_on": "2027-02-01", "note": "甲<乙"}

    page = client.post(address, typed)
    assert page.status_code == 401
    assert "再次确认身份" in page.content.decode()
    assert target.posts.count() == 1
    wrong = client.post("/login/again/", {"password": "x", "kept": kept_of(page)})
    assert wrong.status_code == 422
    again = client.post("/login/again/", {"password": PASSWORD, "kept": kept_of(wrong)})
    assert again.context["waiting"].path == address
    assert dict(again.context["waiting"].fields) == typed
    assert client.post(address, typed)["Location"] == reverse("user_edit", args=[target.pk])
    assert target.posts.count() == 2


def test_a_page_that_asks_is_reached_after_the_password(client, manager):
    asked = client.get("/users/new/?a=1")
    assert asked["Location"] == "/login/again/?next=/users/new/%3Fa%3D1"
    done = client.post("/login/again/", {"password": PASSWORD, "next": "/users/new/?a=1"})
    assert done["Location"] == "/users/new/?a=1"
    assert client.get("/users/new/").status_code == 200


def test_a_piece_of_a_page_brings_the_whole_question(client, manager):
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/users/"}
    assert client.get("/users/new/", headers=htmx)["HX-Redirect"] == "/login/again/?next=/users/"
    page = client.post("/users/new/", {"name": "x"}, headers=htmx)
    assert (page.status_code, page["HX-Retarget"]) == (200, "body")


def test_it_holds_a_quarter_of_an_hour_under_a_new_key(client, manager, clock):
    before = client.session.session_key
    client.post("/login/again/", {"password": PASSWORD})
    assert client.session.session_key != before
    clock(fresh.MINUTES * 60 - 1)
    assert client.get("/users/new/").status_code == 200
    clock(2)
    assert client.get("/users/new/").status_code == 302


def test_who_has_a_telephone_says_its_code_as_well(client, enrolled, clock):
    client.force_login(enrolled)
    for code, status in (("000000", 422), (code_now(enrolled), 302)):
        assert client.post("/login/again/", {"password": PASSWORD, "code": code}).status_code == status


def test_guessing_there_is_counted_like_guessing_at_the_login(client, manager):
    for _ in range(5):
        client.post("/login/again/", {"password": "wrong"})
    assert client.post("/login/again/", {"password": PASSWORD}).status_code == 422


def test_an_unmasked_export_asks_and_goes_on_with_its_purpose(client, clock):
    user = factories.user(Role.COUNTY_OFFICE, at="990101")
    user.set_password(PASSWORD)
    user.save()
    factories.household()
    client.force_login(user)
    clock(fresh.MINUTES * 60 + 1)
    address = reverse("report_download", args=["R01"])
    assert client.get(address).status_code == 200  # masked
    typed = {"reveal": "1", "purpose": "上级核查要求报送"}
    page = client.post(address, typed)
    assert page.status_code == 401
    again = client.post("/login/again/", {"password": PASSWORD, "kept": kept_of(page)})
    assert dict(again.context["waiting"].fields) == typed
    assert client.post(address, typed)["Content-Disposition"].startswith("attachment")


def test_the_grave_steps_of_accounts_all_ask(client, manager):
    grave = {"user_new", "user_edit", "user_password", "user_second", "post_open", "post_end", "post_confirm",
             "second_setup", "second_codes", "second_off"}  # fmt: skip
    carried = {
        p.name for p in next(r for r in get_resolver().url_patterns if "accounts" in str(r)).url_patterns
        if getattr(p.callback, "fresh", False)
    }  # fmt: skip
    assert carried == grave


def test_a_second_factor_moved_to_another_account_does_not_open(official):
    otp.enrol(official, otp.new_secret(), 0)
    other = factories.user()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_authenticator SET user_id = %s", [other.pk])
    with pytest.raises(Unreadable):
        Authenticator.objects.get(user=other)
