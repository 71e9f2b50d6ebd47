"""What the database itself refuses, and what it computes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role
from fupin.schedule import Standing, columns, parse
from projects import codes
from projects.models import FundLine, Milestone, Project
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "money",
    [
        {"planned": 100, "allotted": 101},
        {"planned": 100, "allotted": 50, "paid": 51},
        {"planned": 100, "paid": 101},
        {"paid": -1},
    ],
)
def test_paid_never_exceeds_allotted_nor_allotted_planned(money):
    project = factories.project()

    with pytest.raises(IntegrityError), transaction.atomic():
        FundLine.objects.create(project=project, source="1", **money)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"progress": 101}, "形象进度应为 0 至 100"),
        (
            {"started_on": date(2026, 5, 1), "finished_on": date(2026, 4, 1), "state": "70"},
            "不能早于实际开工",
        ),
        ({"started_on": date(2026, 4, 1), "finished_on": date(2026, 5, 1), "state": "30"}, "应为完工或以后"),
    ],
)
def test_what_a_constraint_refuses_is_said_before_it_is_written(fields, words):
    """Also where a constraint compares two columns, though it is judged with no more columns than it names."""
    project = factories.project()
    for name, value in fields.items():
        setattr(project, name, value)

    with pytest.raises(ValidationError, match=words):
        project.validate_constraints()
    assert {"progress", "started_on"} <= set(project._get_field_expression_map(Project._meta))
    assert "name" not in project._get_field_expression_map(Project._meta)


def test_unknown_money_is_allowed_and_stays_unknown():
    project = factories.project()
    FundLine.objects.create(project=project, source="1", planned=Decimal("100.00"))
    FundLine.objects.create(project=project, source="2", allotted=Decimal("5.50"), paid=Decimal("5.50"))

    found = Project.objects.with_funds().get()

    assert (found.planned, found.allotted, found.paid) == (Decimal("100"), Decimal("5.50"), Decimal("5.50"))
    assert factories.project().investment is None


def test_a_stopped_project_says_why():
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.project(state=codes.State.STOPPED)
    assert factories.project(state=codes.State.STOPPED, blocked_reason="征地未完成").pk


def test_a_project_is_seen_from_its_place_and_from_its_villages():
    project = factories.project(at="990101", villages=["990101102001"])
    inside, beside = (factories.user(Role.VILLAGE_CLERK, at=at) for at in ("990101102001", "990101102002"))
    operator = factories.user(Role.TOWNSHIP_OPERATOR, at="990101102")

    assert project in Project.objects.visible_to(inside)
    assert project not in Project.objects.visible_to(beside)
    assert project in Project.objects.visible_to(operator)
    assert project not in Project.objects.visible_to(operator, P.PROJECT_EDIT)
    assert project in Project.objects.covering("990101102001")
    assert project not in Project.objects.covering("990101102002")


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("category", "基础设施", "07"), ("category", "产业发展", "01"), ("category", "技能培训", "0205"),
        ("category", "易地搬迁", "04"), ("category", "住房保障", "0501"), ("category", "公共服务", "0310"),
        ("category", "就业扶贫", "02"), ("category", "捐赠", "1003"), ("category", "电力建设", "0303"),
        ("category", "0205", "0205"), ("category", "没有这一类", ""),
        ("state", "已完工", "50"), ("state", "未开工", "10"), ("state", "在建", "30"),
        ("state", "前期工作已完成", "10"), ("state", "停滞/受阻", "40"),
        ("nature", "改扩建", "4"), ("nature", "置换", "7"),
        ("source", "中央", "1"), ("source", "财政专项扶贫资金", "8"), ("source", "信贷", "7"),
    ],
)  # fmt: skip
def test_labels_of_real_files_are_understood(table, text, code):
    assert codes.code_of(table, text) == code


class Judgement(TestCase):
    """The Python judgement and the database condition are one rule."""

    @settings(deadline=None, max_examples=60)
    @given(
        st.one_of(st.none(), st.integers(-400, 400)),
        st.one_of(st.none(), st.integers(-400, 400)),
        st.one_of(st.none(), st.integers(0, 100)),
        st.sampled_from(["10", "30", "50", "90"]),
    )
    def test_project(self, finish, start, progress, state):
        today = date(2028, 2, 29)
        project = factories.project(
            finish_end=finish if finish is None else today + timedelta(days=finish),
            started_on=start if start is None else today + timedelta(days=start),
            progress=progress,
            state=state,
        )

        found = [s for s in Standing if Project.objects.standing(s, today).filter(pk=project.pk).exists()]

        assert found == [project.deadline(today).standing]

    @settings(deadline=None, max_examples=60)
    @given(
        st.one_of(st.none(), st.integers(-60, 60)),
        st.one_of(st.none(), st.integers(-60, 60)),
        st.booleans(),
        st.sampled_from(["30", "70"]),
    )
    def test_milestone(self, planned, revised, done, state):
        today = date(2026, 12, 31)
        made = Milestone.objects.create(
            project=factories.project(state=state),
            name="完工",
            planned_end=planned if planned is None else today + timedelta(days=planned),
            revised_end=revised if revised is None else today + timedelta(days=revised),
            done_on=today if done else None,
        )

        found = [s for s in Standing if Milestone.objects.standing(s, today).filter(pk=made.pk).exists()]

        assert found == [made.deadline(today).standing]


def test_the_due_date_is_the_revised_one():
    made = Milestone.objects.create(
        project=factories.project(), name="完工", **columns(parse("2026年内"), "planned")
    )
    made.revised_end = date(2027, 3, 31)
    made.save()
    made.refresh_from_db()

    assert (made.due, made.planned_text) == (date(2027, 3, 31), "2026年内")
