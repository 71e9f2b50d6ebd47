"""The trail: who reads which part of it, in which words."""

import ast

import pytest

from fupin.accounts.roles import Role
from fupin.audit.labels import action_label, detail_lines, target_label
from fupin.audit.models import AuditEvent
from fupin.audit.record import record
from tests import factories, sources

URL = "/audit/"


def actions_in_code():
    """Every action that a call of record() or event() names as a plain text."""
    for file in sources.FILES:
        for node in sources.nodes(file):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in {"record", "event"}
                and node.args
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


@sources.TOGETHER
def test_every_action_has_a_name():
    actions = set(actions_in_code())
    assert len(actions) > 50
    assert {action for action in actions if action_label(action) == action} == set()


def test_pages_subjects_and_fields_are_said_in_words(db):
    seen = record("subject.view", "subject:medical", by=None, fields=["medical_resident"], page="visit_plan")
    assert target_label(seen.target) == "行业数据（医保）" and target_label("visit_plan") == "走访计划"
    assert [text for _, text in detail_lines(seen)] == ["参加城乡居民基本医疗保险", "走访计划"]


@pytest.fixture
def auditor(login, db):
    return login(factories.user(Role.AUDITOR, at="990101"))


def shown(response):
    return [event for event, *_ in response.context["lines"]]


def test_the_trail_of_another_county_does_not_exist(auditor):
    mine = record("household.change", "households.household:1", by=None, region_path="99010110020101")
    record("household.change", "households.household:2", by=None, region_path="99010210020101")
    record("demo.load", "demo", by=None)
    assert shown(auditor.get(URL)) == [mine]


def test_filters_narrow_it(auditor):
    one = factories.user(name="赵一")
    first = record("visit.record", "households.visit:1", by=one, region_path="990101")
    second = record("pii.reveal", "households.member:1", by=None, region_path="990101", field="id_number")
    assert shown(auditor.get(URL, {"user": "赵一"})) == [first]
    assert shown(auditor.get(URL, {"action": "pii"})) == [second]
    assert shown(auditor.get(URL, {"target": "households.visit:1"})) == [first]
    day = first.at.astimezone().date()
    assert shown(auditor.get(URL, {"since": str(day), "until": "2999-01-01"})) == [second, first]
    assert shown(auditor.get(URL, {"until": "2001-01-01"})) == []
    assert "输入一个有效的日期" in auditor.get(URL, {"since": "昨天"}).content.decode()


def test_words_instead_of_codes_and_no_number_in_full(auditor):
    record(
        "household.change", "households.household:9", by=None, region_path="990101",
        changes={"phone": ["15400001111", "15400002222"]}, note="990101197001010015",
    )  # fmt: skip
    page = auditor.get(URL).content.decode()
    assert "户：修改" in page
    assert "990101197001010015" not in page
    assert "15400001111" not in page


def test_older_pages_go_on_where_the_last_one_ended(auditor, django_assert_max_num_queries):
    AuditEvent.objects.bulk_create(
        AuditEvent(action="visit.record", target=f"t{n}", region_path="990101") for n in range(120)
    )
    seen, after = [], ""
    for _ in range(3):
        with django_assert_max_num_queries(5):
            page = auditor.get(URL, {"after": after})
        seen += [event.target for event in shown(page)]
        after = page.context["page"].next
    assert seen == [f"t{n}" for n in reversed(range(120))]
    assert after == ""
    back = auditor.get(URL, {"before": page.context["page"].previous})
    assert [event.target for event in shown(back)] == seen[50:100]


def test_rows_are_called_by_their_names(auditor):
    household = factories.household(at="99010110020101")
    record("household.change", household, by=None)
    record(
        "visit.record",
        "households.visit:7",
        by=None,
        region_path=household.region_path,
        household=household.pk,
    )
    record("visit.record", "households.visit:8", by=None, region_path=household.region_path, household=99)
    page = auditor.get(URL, {"target": f"households.household:{household.pk}"})
    assert len(shown(page)) == 2
    assert household.head_name in page.content.decode()
