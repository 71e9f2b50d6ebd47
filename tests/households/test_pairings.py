"""Pairing: history, one responsible person at a time, all or nothing for many households, helpers and accounts."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import quota
from households.models import Helper, Household, Pairing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")


def local(**fields):
    return factories.helper(region_path="990101100", **fields)


def today():
    return timezone.localdate()


def sent(helper, **fields):
    return {"helper": helper.pk, "order": "1", "starts_on": today().isoformat()} | fields


def test_pairing_makes_the_helper_responsible(login, office):
    household, helper = factories.household(), local()

    login(office).post(reverse("pairing_create", args=[household.pk]), sent(helper, visits_per_year=12))

    household.refresh_from_db()
    assert (household.helper, household.visit_months) == (helper, 1)
    assert AuditEvent.objects.filter(action="pairing.start", region_path=household.region_path).exists()


def test_one_first_helper_at_a_time(login, office):
    household, old, new = factories.household(), local(), local()
    factories.pair(household, old)
    client, url = login(office), reverse("pairing_create", args=[household.pk])

    refused = client.post(url, sent(new))
    assert refused.status_code == 422
    assert "只能有一名第一帮扶责任人" in refused.content.decode()

    client.post(url, sent(new, replace="on", end_reason="1", end_note="调往县里"))
    ended = Pairing.objects.get(helper=old)
    assert (ended.ends_on, ended.end_reason, ended.end_note) == (today() - timedelta(days=1), "1", "调往县里")
    household.refresh_from_db()
    assert household.helper == new
    assert household.pairings.count() == 2


def test_change_of_helper_needs_a_reason(login, office):
    household, new = factories.household(), local()
    factories.pair(household, local())

    response = login(office).post(reverse("pairing_create", args=[household.pk]), sent(new, replace="on"))

    assert response.status_code == 422
    assert "更换责任人须选择原因" in response.content.decode()


def test_second_helper_stands_beside_the_first(login, office):
    household = factories.household()
    factories.pair(household, local())

    login(office).post(reverse("pairing_create", args=[household.pk]), sent(local(), order="2"))

    assert household.pairings.current().count() == 2


def test_closed_household_is_not_paired(login, office):
    household = factories.household(registry_status="9", closed_on=date(2026, 1, 1))

    response = login(office).post(reverse("pairing_create", args=[household.pk]), sent(local()))

    assert "已注销的户不能结对" in response.content.decode()


def test_more_households_than_the_cap_warn(login, office):
    helper = local()
    households = [factories.household() for _ in range(quota.HELPER_CAP + 1)]

    response = login(office).post(
        reverse("pairing_assign"), sent(helper, pick=[row.pk for row in households]), follow=True
    )

    assert "超过每人 5 户的上限" in response.content.decode()
    assert Pairing.objects.current().filter(helper=helper).count() == quota.HELPER_CAP + 1


def test_ticked_households_come_to_the_form_first(login, office):
    households = [factories.household() for _ in range(2)]

    response = login(office).post(reverse("pairing_assign"), {"pick": [row.pk for row in households]})

    assert response.status_code == 200
    assert not Pairing.objects.exists()
    assert all(f'name="pick" value="{row.pk}"' in response.content.decode() for row in households)


def test_a_foreign_id_refuses_everything_and_leaves_a_trace(login, office):
    mine, foreign = factories.household(), factories.household(at="99010110120101")

    response = login(office).post(reverse("pairing_assign"), sent(local(), pick=[mine.pk, foreign.pk]))

    assert response.status_code == 404
    assert not Pairing.objects.exists()
    trace = AuditEvent.objects.get(action="pairing.assign_refused")
    assert (trace.user, trace.detail["ids"]) == (office, [foreign.pk])


def test_a_foreign_helper_cannot_be_chosen(login, office):
    stranger = factories.helper(region_path="990101101")

    response = login(office).post(reverse("pairing_create", args=[factories.household().pk]), sent(stranger))

    assert response.status_code == 422
    assert not Pairing.objects.exists()


def test_ending_keeps_the_row(login, office):
    household, user = factories.household(), factories.user(Role.HELPER)
    pairing = factories.pair(household, user)
    yesterday = (today() - timedelta(days=1)).isoformat()

    login(office).post(reverse("pairing_end", args=[pairing.pk]), {"ends_on": yesterday, "reason": "2"})

    pairing.refresh_from_db()
    assert (pairing.ends_on.isoformat(), pairing.end_reason) == (yesterday, "2")
    household.refresh_from_db()
    assert household.helper is None
    assert login(user).get(reverse("visit_create", args=[household.pk])).status_code == 404


def test_ending_before_the_start_is_refused(login, office):
    pairing = factories.pair(factories.household(), local(), starts_on=date(2026, 5, 1))

    response = login(office).post(
        reverse("pairing_end", args=[pairing.pk]), {"ends_on": "2026-04-01", "reason": "2"}
    )

    assert response.status_code == 422
    assert "不能早于开始日期" in response.content.decode()


def test_households_without_anybody(login, office):
    alone, paired = factories.household(), factories.household()
    factories.household(registry_status="0", target_end=None)
    factories.pair(paired, local())

    page = login(office).get(reverse("unpaired_list"))

    assert [row.pk for row in page.context["page"].rows] == [alone.pk]
    assert page.context["total"].number == 1


def test_new_helper_with_an_account_sees_the_paired_household(login, office):
    account = factories.user(Role.HELPER, at="990101100201")
    client = login(office)

    client.post(
        reverse("helper_create"), {"name": "何丽君", "unit": "镇中心校", "username": account.username}
    )
    helper = Helper.objects.get()
    assert helper.user == account
    household = factories.household()
    client.post(reverse("pairing_create", args=[household.pk]), sent(helper))

    page = login(account).get(reverse("my_households"))
    assert [row.pk for row in page.context["page"].rows] == [household.pk]


def test_an_account_from_elsewhere_is_not_linked(login, office):
    account = factories.user(Role.HELPER, at="990102")

    response = login(office).post(reverse("helper_create"), {"name": "何丽君", "username": account.username})

    assert response.status_code == 422
    assert not Helper.objects.exists()


def test_a_helper_of_foreign_households_is_not_given_to_ones_own_account(login, office):
    helper = local()
    factories.pair(factories.household(at="99010110120101"), helper)
    account = factories.user(Role.HELPER, at="990101100")

    response = login(office).post(
        reverse("helper_edit", args=[helper.pk]), {"name": helper.name, "username": account.username}
    )

    assert response.status_code == 422
    helper.refresh_from_db()
    assert helper.user is None


def test_helper_phone_is_masked(login, office):
    local(phone="15400001234")

    page = login(office).get(reverse("helper_list")).content.decode()

    assert "154****1234" in page
    assert "15400001234" not in page


def test_foreign_pairings_of_a_shared_helper_do_not_show(login, office):
    helper = local()
    mine, foreign = factories.household(), factories.household(at="99010110120101")
    factories.pair(mine, helper)
    factories.pair(foreign, helper)

    page = login(office).get(reverse("helper_detail", args=[helper.pk]))

    assert [row.household_id for row in page.context["rows"]] == [mine.pk]


def test_bulk_assignment_takes_a_fixed_number_of_queries(login, office):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = login(office), []
    for n in (3, 30):
        picked = [factories.household().pk for _ in range(n)]
        with CaptureQueriesContext(connection) as queries:
            client.post(reverse("pairing_assign"), sent(local(), pick=picked))
        counts.append(len(queries))

    assert Household.objects.exclude(helper=None).count() == 33
    assert counts[1] <= counts[0] + 2  # rows are written in batches
