"""The sample forms, one household per file and per sheet, give exactly what is expected of them."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel.models import ImportBatch, State
from fupin.regions import tree
from households.models import Condition, Household, HouseholdCause, Member, MemberYear
from tests import factories
from tests.fupin.excel import samples

pytestmark = [samples.needed, pytest.mark.django_db, pytest.mark.xdist_group("samples")]

FORMS = (
    {
        entry["file"]: entry
        for entry in json.loads((samples.FOLDER / "forms" / "expected_forms.json").read_text("utf-8"))[
            "files"
        ]
    }
    if samples.EXPECTED
    else {}
)
TABLES = [Household, Member, MemberYear, Condition, HouseholdCause]
ZIP = "forms/17_village_forms.zip"


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    tree.load()
    return factories.user(Role.COUNTY_OFFICE, at="")


def load(name, clerk, tmp_path, *options):
    out = tmp_path / "report.json"
    call_command(
        "import_workbook", samples.FOLDER / name, f"--as={clerk.username}", "--as-of=2020-12-31", f"--report={out}",
        *options, stdout=io.StringIO(),
    )  # fmt: skip
    return json.loads(out.read_text("utf-8"))


def assert_as_expected(name, report):
    wanted = FORMS[name] | {"file": None, "issues": None}
    assert {key: report.get(key) for key in wanted if wanted[key]} == {k: v for k, v in wanted.items() if v}
    keys = ("file", "row", "code", "severity", "scope")
    assert [{k: issue[k] for k in keys if k in issue} for issue in report["issues"]] == FORMS[name]["issues"]


@pytest.mark.parametrize("name", FORMS)
def test_sample(name, clerk, tmp_path):
    assert_as_expected(name, load(name, clerk, tmp_path, "--commit"))

    assert Household.objects.count() == FORMS[name]["households"]
    assert Member.objects.count() == FORMS[name]["persons"]


def test_again_changes_nothing(clerk, tmp_path):
    for name in FORMS:
        load(name, clerk, tmp_path, "--commit")
    before = {model: list(model.objects.order_by("pk").values()) for model in TABLES}

    for name in FORMS:
        report = load(name, clerk, tmp_path, "--commit")
        assert_as_expected(name, report)
        assert not [key for key, number in report["written"].items() if number and not key.endswith("_same")]

    assert {model: list(model.objects.order_by("pk").values()) for model in TABLES} == before


def test_what_a_form_says_is_stored(clerk, tmp_path):
    load(ZIP, clerk, tmp_path, "--commit")

    household = Household.objects.get(head_name="蔡学银")
    assert (household.number[:13], household.region.name, household.registry_status) == (
        "L520526103204",
        "1组",
        "1",
    )
    assert (household.legacy_attribute, household.phone, household.address) == (
        "01",
        "15431871280",
        "茶园村 1-1",
    )
    condition = household.conditions.get()
    assert (condition.year, str(condition.farmland), condition.house_area) == (2017, "13.10", 126)
    assert str(condition.collected_on) == "2017-11-05"
    assert "17018.4" in condition.note
    assert household.main_cause == "05"
    pupil = MemberYear.objects.get(member__name="蔡杰梓")
    assert (pupil.school, pupil.education) == ("12", "")
    numbers = sorted(Household.objects.values_list("number", flat=True))
    assert numbers == [f"L520526103204{n:04}" for n in range(1, 24)]


def test_through_the_browser(clerk, tmp_path, login):
    client = login(clerk)
    content = (samples.FOLDER / ZIP).read_bytes()
    response = client.post(
        reverse("import_upload"),
        {"file": SimpleUploadedFile("茶园村.zip", content), "year": 2020, "as_of": "2020-12-31"},
    )
    page = client.get(response["Location"]).content.decode()

    assert "23 户 87 人可导入" in page
    assert "4组/4-普通户-晏琼-1-茶园村.xlsx" in page
    batch = ImportBatch.objects.get()
    columns = client.get(reverse("import_columns", args=[batch.uid])).content.decode()
    assert columns.count('<b class="name t-13">家庭类型</b>') == 1
    client.post(reverse("import_commit", args=[batch.uid]))
    batch.refresh_from_db()

    assert batch.state == State.DONE
    assert Household.objects.count() == 23


@pytest.mark.parametrize("name", ["guangzhou_household_survey_2011.xls", "guangzhou_stat_template_2011.xls"])
def test_blank_forms_of_another_kind_are_refused(name, clerk, tmp_path):
    out = tmp_path / "report.json"
    with pytest.raises(Exception, match="找不到能认出的表头|缺少这些列"):
        call_command(
            "import_workbook", samples.FOLDER / "real" / name, f"--as={clerk.username}", f"--report={out}", stdout=io.StringIO(),
        )  # fmt: skip
    assert [issue["code"] for issue in json.loads(out.read_text("utf-8"))["issues"]] == ["header_not_found"]
