"""The demo data: complete, plausible, the same every time, and never beside real data."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from fupin.accounts.models import User
from fupin.accounts.roles import Role
from fupin.demo import MARK
from fupin.filing.keeping import keep_reports
from fupin.filing.models import YearFreeze
from fupin.regions import scope
from fupin.regions.models import Region
from households import checks, idcard, stats
from households.demo import flaws
from households.demo.accounts import CHANGLONG
from households.models import (
    Doubt,
    FollowUp,
    Household,
    Measure,
    Member,
    MemberYear,
    Pairing,
    PovertyLine,
    VillageProfile,
    Visit,
)
from projects.models import Project
from tests import factories
from tests.kept_reports import differences
from tests.parts import exhaustive

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


KEPT = {"R02", "R03", "R04", "R07", "R10", "R12", "L03"}
"""Reports of every shape."""


def load(*words, **options):
    out = StringIO()
    call_command("load_demo", *words, stdout=out, **options)
    return out.getvalue()


@exhaustive
def test_the_demo(client, monkeypatch):
    """One load for all that is said about it: it is the slowest thing in the suite."""
    monkeypatch.setenv("FUPIN_DEMO_PASSWORD", "demo-password-1")
    text = load("--households", "160")

    is_complete(text)
    nobody_exists()
    agrees_with_the_plan()
    every_rule_has_its_household()
    a_frozen_year_keeps_every_report_as_it_was()
    assert client.login(username="zhen", password="demo-password-1")
    assert "demo-password-1" not in text
    a_second_load_changes_nothing()
    monkeypatch.setenv("FUPIN_DEMO_PASSWORD", "demo-password-2")
    load("--reset-passwords")
    assert client.login(username="xian", password="demo-password-2")


def a_frozen_year_keeps_every_report_as_it_was():
    """Every report can be kept by the worker; a list, cards, sums of each kind and projects of a village, whole and as they
    open, are the kept ones cell for cell."""
    by, day = User.objects.get(username="xian"), date(timezone.localdate().year - 1, 12, 31)
    town = (
        Household.objects.filter(region_path__startswith="5001")
        .order_by("region_path")
        .first()
        .region_path[:9]
    )
    village = (
        Household.objects.filter(region_path__startswith=town)
        .order_by("region_path")
        .first()
        .region_path[:12]
    )
    paths = [town[:6], town, village]
    freeze = YearFreeze.objects.create(region_path=town[:6], unit="县", year=day.year, as_of=day, by=by)
    places = list(Region.objects.filter(path__in=paths).order_by("path"))
    with scope.strict():  # as the worker does
        count, left_out = keep_reports(
            freeze, places, {village: {"all": [1, 1]}}, by=by, check=dict, step=lambda *_: None
        )
    assert count > 25 and left_out == []
    assert list(differences(freeze, [village], by, names=KEPT)) == []


def is_complete(text):
    assert Household.objects.count() == 160
    for model in (Visit, FollowUp, Measure, Pairing, PovertyLine, Project):
        assert model.objects.exists(), model
    assert {post.role for user in User.objects.all() for post in user.posts.all()} == set(Role)
    for user in User.objects.all():
        assert user.unit.endswith(MARK)
        assert user.username in text
    own, _ = stats.figures_of("")
    for key in ("poor", "leaving", "out", "relapsed", "monitored", "risk-open", "risk-cleared", "target-over",
                "target-soon", "visit-ok", "visit-over", "dibao", "tekun", "relocated"):  # fmt: skip
        assert own[key][0] > 0, key


def nobody_exists():
    for member in Member.objects.exclude(region_path=flaws.PATH):
        assert member.id_number.startswith("99")
        read = idcard.read(member.id_number, timezone.localdate())
        assert (read.problem, read.birth, read.sex) == ("", member.birth, member.sex)
    assert {phone[:3] for phone in Household.objects.values_list("phone", flat=True)} == {"154"}
    for member in Member.objects.filter(region_path=flaws.PATH):
        read = idcard.read(member.id_number, timezone.localdate())
        assert member.id_number[:2] in ("99", "G9") or read.number[:2] == "78"  # no such province


def every_rule_has_its_household():
    """疑点演示村: household by household the rule that it is there for, and no other."""
    rows = Doubt.objects.filter(region_path=flaws.PATH)
    possible = {rule.code for rule in checks.ALL if rule not in checks.ENFORCED}
    assert set(rows.values_list("rule", flat=True)) == possible
    for flaw in flaws.FLAWS:
        code = flaw.__name__.upper()
        found = set(rows.filter(household__address__contains=code).values_list("rule", flat=True))
        assert found - {"V32"} == {code} - {"V32"}, code  # V32 names its neighbour too


def agrees_with_the_plan():
    """昌龙村: the register gives the figures of the plan."""
    profile = VillageProfile.objects.get(region_path=CHANGLONG, year=2019)
    homes = Household.objects.filter(region_path__startswith=CHANGLONG)
    years = MemberYear.objects.filter(member__household__in=homes)
    poor = homes.exclude(registry_status="0")
    assert (profile.households, profile.population) == (homes.count(), years.count()) == (58, 279)
    assert profile.labour == sum(homes.values_list("labour", flat=True)) == 123
    assert (profile.poor_households, profile.poor_population) == (
        poor.count(), sum(poor.values_list("size", flat=True)),
    ) == (19, 77)  # fmt: skip
    disabled = [row.pk for row in years if "04" in row.health]
    dibao = years.filter(dibao=True)
    assert profile.dibao_population == dibao.count() == 20
    assert profile.dibao_households == dibao.values("member__household").distinct().count() == 6
    for field, rows in {
        "tekun_population": years.filter(tekun=True), "disabled_population": years.filter(pk__in=disabled),
        "pension_received": years.filter(pension_received=True), "pension_joined": years.filter(pension_resident=True),
        "medical_joined": years.filter(medical_resident=True), "students_primary": years.filter(school="03"),
        "students_middle": years.filter(school__in=["04", "05", "06", "07", "08", "09"]),
        "students_college": years.filter(school__gte="10"), "party_members": years.filter(politics="01"),
        "party_probationary": years.filter(politics="02"), "party_activists": years.filter(activist=True),
        "sanlao": years.filter(role_note="三老干部"), "cadres": years.filter(role_note="村组干部"),
        "relocated_households": homes.filter(relocated=True),
    }.items():  # fmt: skip
        assert getattr(profile, field) == rows.count(), field
    assert VillageProfile.objects.get(region_path=CHANGLONG, year=2014).poor_households == 21


def a_second_load_changes_nothing():
    before = (Household.objects.count(), Visit.objects.count(), User.objects.get(username="zhen").password)

    again = load()

    assert (
        Household.objects.count(),
        Visit.objects.count(),
        User.objects.get(username="zhen").password,
    ) == before
    assert "--reset-passwords" in again
    assert "zhen" in again


def test_the_demo_stays_away_from_real_data():
    Household.objects.create(number="1", region=factories.region(), region_path=factories.region().path)

    out = load()

    assert Household.objects.count() == 1
    assert not User.objects.filter(unit__endswith=MARK).exists()
    assert "演示账号" not in out
