"""The demo data: complete, plausible, the same every time, and never beside real data."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from fupin.accounts.models import User
from fupin.accounts.roles import Role
from fupin.demo import MARK
from households import idcard, stats
from households.models import FollowUp, Household, Measure, Member, Pairing, PovertyLine, Visit
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


def load(*words, **options):
    out = StringIO()
    call_command("load_demo", *words, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.setenv("FUPIN_DEMO_PASSWORD", "demo-password-1")
    return load("--households", "300")


def test_the_demo_is_complete(demo, client):
    assert Household.objects.count() == 300
    for model in (Visit, FollowUp, Measure, Pairing, PovertyLine):
        assert model.objects.exists(), model
    assert {post.role for user in User.objects.all() for post in user.posts.all()} == set(Role)
    for user in User.objects.all():
        assert user.unit.endswith(MARK)
        assert user.username in demo
    assert client.login(username="zhen", password="demo-password-1")
    assert "demo-password-1" not in demo

    own, _ = stats.figures_of("50")
    for key in (
        "out",
        "monitored",
        "risk-open",
        "risk-cleared",
        "target-soon",
        "visit-ok",
        "visit-over",
        "dibao",
    ):
        assert own[key][0] > 0, key


def test_nobody_in_the_demo_exists(demo):
    for member in Member.objects.all():
        assert member.id_number.startswith("99")
        read = idcard.read(member.id_number, timezone.localdate())
        assert (read.problem, read.birth, read.sex) == ("", member.birth, member.sex)
    assert {phone[:3] for phone in Household.objects.values_list("phone", flat=True)} == {"154"}


def test_a_second_load_changes_nothing_and_shows_no_password(demo):
    before = (Household.objects.count(), Visit.objects.count(), User.objects.get(username="zhen").password)

    again = load()

    assert (
        Household.objects.count(),
        Visit.objects.count(),
        User.objects.get(username="zhen").password,
    ) == before
    assert "--reset-passwords" in again
    assert "zhen" in again


def test_passwords_can_be_set_anew(demo, client, monkeypatch):
    monkeypatch.setenv("FUPIN_DEMO_PASSWORD", "demo-password-2")

    load("--reset-passwords")

    assert client.login(username="xian", password="demo-password-2")


def test_the_demo_stays_away_from_real_data():
    Household.objects.create(number="1", region=factories.region(), region_path=factories.region().path)

    out = load()

    assert Household.objects.count() == 1
    assert not User.objects.filter(unit__endswith=MARK).exists()
    assert "演示账号" not in out
