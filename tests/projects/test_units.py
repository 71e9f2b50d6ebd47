"""A project unit sees and works on the projects of its own unit, in the place of its post, and on nothing else."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from fupin.accounts.models import Post
from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role
from projects.models import Milestone, Project
from tests import factories

pytestmark = pytest.mark.django_db
UNIT = factories.UNIT


@pytest.fixture
def unit():
    return factories.user(Role.PROJECT_UNIT)


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({"lead_unit": UNIT}, True),
        ({"responsible_unit": UNIT}, True),
        ({"responsible_unit": f"测试镇政府、{UNIT}"}, True),
        ({"lead_unit": f"{UNIT}，测试农业局", "responsible_unit": "测试镇政府"}, True),
        ({"lead_unit": f"测试农业局 {UNIT} 测试镇政府"}, True),
        ({}, False),
        ({"lead_unit": "测试农业局", "responsible_unit": "测试镇政府"}, False),
        ({"lead_unit": f"{UNIT}下属公司"}, False),
        ({"responsible_unit": f"驻{UNIT}工作组"}, False),
        ({"lead_unit": UNIT, "at": "99010210020101"}, False),  # a unit of this name in another county
    ],
)
def test_whose_project_it_is(unit, login, fields, seen):
    project = factories.project(**fields)
    page = reverse("project_detail", args=[project.pk])
    client = login(unit)
    assert client.get(page).status_code == (200 if seen else 404)
    assert (project.name in client.get(reverse("project_list")).content.decode()) == seen
    for permission in (P.PROJECT_VIEW, P.PROJECT_PROGRESS, P.FUND_EDIT):
        assert Project.objects.visible_to(unit, permission).filter(pk=project.pk).exists() == seen
        assert project.open_to(unit, permission) == seen
    assert not Project.objects.visible_to(unit, P.PROJECT_EDIT).exists()


def test_the_unit_reports_on_its_project_and_changes_nothing_else_of_it(unit, login):
    own, other = factories.project(lead_unit=UNIT), factories.project(lead_unit="测试农业局")
    step = Milestone.objects.create(project=other, name="完工", planned_text="2026年内")
    client = login(unit)
    assert (
        client.post(
            reverse("project_progress", args=[own.pk]), {"progress": "40", "state": own.state}
        ).status_code
        == 302
    )
    own.refresh_from_db()
    assert own.progress == 40
    page = client.get(reverse("project_detail", args=[own.pk])).content.decode()
    assert reverse("project_progress", args=[own.pk]) in page
    assert reverse("project_edit", args=[own.pk]) not in page
    for name, key in (
        ("project_progress", other),
        ("project_block", other),
        ("fund_entry_add", other),
        ("milestone_done", step),
    ):
        assert client.post(reverse(name, args=[key.pk])).status_code == 404, name
    for name, keys in (
        ("project_edit", [own.pk]),
        ("project_new", []),
        ("household_list", []),
        ("report_list", []),
        ("board", []),
    ):
        assert client.get(reverse(name, args=keys)).status_code == 403, name


def test_what_the_unit_has_to_do_is_on_its_first_page(unit, login):
    for name, of in (("本单位的项目", UNIT), ("别单位的项目", "测试农业局")):
        factories.project(name=name, lead_unit=of, finish_text="2026-01-01", finish_end="2026-01-01")
    page = login(unit).get("/").content.decode()
    assert "本单位的项目" in page and "别单位的项目" not in page


def test_a_post_of_a_project_unit_names_the_unit_and_no_other_post_does(unit):
    for role, name in ((Role.PROJECT_UNIT, ""), (Role.FINANCE, UNIT)):
        post = Post(
            user=unit, role=role, unit=name, region=factories.region("990101"), starts_on="2026-01-01"
        )
        with pytest.raises(ValidationError, match="项目单位"):
            post.full_clean()
