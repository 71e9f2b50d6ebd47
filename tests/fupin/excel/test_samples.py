"""The samples give exactly what is expected of them, through the command."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.regions import tree
from households.models import (
    Condition,
    Helper,
    Household,
    HouseholdCause,
    Income,
    Member,
    MemberYear,
    Pairing,
    Visit,
)
from projects.models import FundLine, Milestone, Project
from tests import factories
from tests.fupin.excel import samples
from tests.parts import left_out, one_of

pytestmark = [samples.needed, pytest.mark.django_db, pytest.mark.xdist_group("samples")]

TABLES = [
    Household, Member, MemberYear, Income, Condition, HouseholdCause, Helper, Pairing, Visit, Project, FundLine, Milestone,
]  # fmt: skip
REGISTERS = [name for name, entry in samples.EXPECTED.items() if entry["kind"] == "households"]


@pytest.fixture
def clerk():
    tree.load()
    return factories.user(Role.COUNTY_OFFICE, at="")


def load(name, clerk, tmp_path, *options):
    out = tmp_path / "report.json"
    try:
        call_command(
            "import_workbook", samples.FOLDER / name, f"--as={clerk.username}", "--year=2020", "--as-of=2020-12-31",
            f"--report={out}", *options, stdout=io.StringIO(),
        )  # fmt: skip
    except CommandError:
        assert "expect_file_error" in samples.EXPECTED[name]
    return json.loads(out.read_text("utf-8"))


def assert_as_expected(name, report):
    wanted = samples.EXPECTED[name]
    assert samples.places(report["issues"]) == samples.places(wanted["issues"])
    assert {key: report.get(key) for key in wanted["expect"]} == wanted["expect"]


FIVE = [
    "01_village_changlong.xlsx",
    "02_township_zhuantang.xlsx",
    "03_visits.xlsx",
    "05_pairing.xlsx",
    "04_projects.xlsx",
]


@pytest.mark.parametrize("names", [FIVE[:1], left_out(FIVE)], ids=len)
def test_all_five_again_change_nothing(clerk, tmp_path, names):
    for name in names:
        assert_as_expected(name, load(name, clerk, tmp_path, "--commit"))
    before = {model: list(model.objects.order_by("pk").values()) for model in TABLES}

    for name in names:
        report = load(name, clerk, tmp_path, "--commit")
        assert {key: report.get(key) for key in samples.EXPECTED[name]["expect"]} == samples.EXPECTED[name][
            "expect"
        ]
        assert not [key for key, number in report["written"].items() if number and not key.endswith("_same")]

    assert {model: list(model.objects.order_by("pk").values()) for model in TABLES} == before
    if names != FIVE:
        return
    assert (Household.objects.count(), Member.objects.count()) == (1258, 4757)
    assert Household.objects.filter(registry_status__in="1234").count() == 433
    assert Project.objects.count() == 56


def test_a_dry_run_writes_nothing(clerk, tmp_path):
    report = load("01_village_changlong.xlsx", clerk, tmp_path)

    assert report["households"] == 58
    assert report["committed"] is False
    assert not Household.objects.exists()
    assert not AuditEvent.objects.filter(action="household.import").exists()


@pytest.mark.parametrize("name", one_of(3, [name for name in REGISTERS if name not in FIVE]))
def test_register(name, clerk, tmp_path):
    assert_as_expected(name, load(name, clerk, tmp_path, "--commit"))
