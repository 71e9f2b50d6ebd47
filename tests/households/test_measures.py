"""Measures: adding, changing, finishing, and the list by standing."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import Measure
from tests import factories

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def make(household, **fields):
    return Measure.objects.create(
        household=household,
        region_path=household.region_path,
        **({"kind": "02", "what": "发放鸡苗"} | fields),
    )


def sent(**fields):
    return {"kind": "02", "what": "小型蔬菜大棚", "quantity": "1", "unit": "座", "money": "3000",
            "target": "2026年6月底前"} | fields  # fmt: skip


def test_a_measure_is_added_with_its_target_as_typed(login):
    household = factories.household()
    user = factories.user(Role.HELPER)
    helper = factories.pair(household, user).helper

    login(user).post(reverse("measure_create", args=[household.pk]), sent(helper=helper.pk))

    row = Measure.objects.get()
    assert (row.target_text, row.target_end, row.helper) == ("2026年6月底前", date(2026, 6, 30), helper)
    assert row.region_path == household.region_path
    assert AuditEvent.objects.filter(action="measure.add").exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"target": "看情况"}, "看不懂时限"),
        ({"money": "-5"}, "金额不能小于 0"),
        ({"starts_on": "2026-07-01"}, "完成时限不能早于开始日期"),
        ({"what": ""}, "小型蔬菜"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(login, fields, words):
    household = factories.household()

    response = login(factories.user()).post(
        reverse("measure_create", args=[household.pk]), sent(**fields, unit="小型蔬菜")
    )

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Measure.objects.exists()


def test_editing_keeps_the_text_of_the_target(login):
    row = make(
        factories.household(), target_text="6月底前", target_end=date(2026, 6, 30), target_precision="month"
    )
    client, url = login(factories.user()), reverse("measure_edit", args=[row.pk])
    assert 'value="6月底前"' in client.get(url).content.decode()

    client.post(url, sent(target="2026年9月底前"))

    row.refresh_from_db()
    assert (row.target_text, row.target_end) == ("2026年9月底前", date(2026, 9, 30))


def test_done_and_opened_again(login):
    row = make(factories.household(), target_end=date(2026, 1, 31))
    client = login(factories.user())

    client.post(
        reverse("measure_done", args=[row.pk]), {"done_on": (today() + timedelta(days=1)).isoformat()}
    )
    row.refresh_from_db()
    assert row.done_on is None

    client.post(
        reverse("measure_done", args=[row.pk]), {"done_on": today().isoformat(), "effect": "增收 800 元"}
    )
    row.refresh_from_db()
    assert (row.done_on, row.effect) == (today(), "增收 800 元")

    client.post(reverse("measure_reopen", args=[row.pk]), {"reason": "验收未过"})
    row.refresh_from_db()
    assert row.done_on is None


def test_list_by_standing(login):
    household = factories.household()
    over = make(household, target_end=today() - timedelta(days=1))
    soon = make(household, target_end=today() + timedelta(days=30))
    ok = make(household, target_end=today() + timedelta(days=31))
    none = make(household)
    done = make(household, target_end=today(), done_on=today())
    client, url = login(factories.user()), reverse("measure_list")

    def shown(state):
        return [row.pk for row in client.get(url, {"state": state}).context["page"].rows]

    assert shown("over") == [over.pk]
    assert shown("soon") == [soon.pk]
    assert shown("near") == [over.pk, soon.pk]
    assert shown("ok") == [ok.pk]
    assert shown("none") == [none.pk]
    assert shown("done") == [done.pk]
    assert shown("open") == [over.pk, soon.pk, ok.pk, none.pk]


def test_mine_are_those_i_am_responsible_for(login):
    household, user = factories.household(), factories.user(Role.HELPER)
    helper = factories.pair(household, user).helper
    mine, taken_over = make(household, helper=helper), make(household, helper=factories.helper())
    make(factories.household(), helper=factories.helper())
    elsewhere = make(factories.household(), helper=helper)
    factories.Post.objects.create(
        user=user, role=Role.VILLAGE_CLERK, region=household.region.parent, starts_on=date(2020, 1, 1)
    )

    page = login(user).get(reverse("measure_list"), {"mine": "1"})

    assert [row.pk for row in page.context["page"].rows] == [mine.pk, taken_over.pk, elsewhere.pk]
