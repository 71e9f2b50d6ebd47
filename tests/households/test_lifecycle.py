"""The life of a household: every state x every step, the guards, and what a step leaves behind."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.schedule import parse
from households import codes, kept, lifecycle
from households.models import (
    PERIODS,
    Condition,
    Household,
    Income,
    Member,
    MemberYear,
    Notice,
    PostingSetting,
    StatusChange,
)
from households.models.measure import Measure
from households.models.posting import last_day
from tests import factories
from tests.parts import two_parts

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 30)
TARGET = parse("2099年12月31日")


def state_fields(registry, category, risk, policy):
    fields = {
        "registry_status": registry,
        "monitor_category": category,
        "risk_state": risk,
        "policy_status": policy,
    }
    if registry == "9":
        fields["closed_on"] = date(2026, 1, 1)
    if category != "0":
        fields["monitored_on"] = date(2025, 1, 1)
    if registry in "34":
        fields["exit_year"] = 2020
    return fields


def legal(registry, category, risk):
    if (category == "0") != (risk == "0"):
        return False
    if category == "1" and registry in "012":
        return False
    return not (category == "2" and registry in "1234")


STATES = [
    (registry, category, risk, policy)
    for registry in codes.RegistryStatus.values
    for category in codes.MonitorCategory.values
    for risk in codes.RiskState.values
    for policy in ("1", "2")
    if legal(registry, category, risk)
]
OPEN = {  # step: the states it may start from, written down a second time, by hand
    "identify": lambda r, c, k, p: r == "0" and c != "2",
    "plan_exit": lambda r, c, k, p: r in ("1", "4") and c != "1",
    "withdraw_exit": lambda r, c, k, p: r == "2",
    "exit": lambda r, c, k, p: r == "2",
    "close_out": lambda r, c, k, p: r == "3" and p == "1",
    "resume_support": lambda r, c, k, p: r == "3" and p == "2",
    "relapse": lambda r, c, k, p: r == "3",
    "monitor": lambda r, c, k, p: r in ("0", "3") and c == "0",
    "clear_risk": lambda r, c, k, p: k in ("1", "3") and r != "9",
    "reopen_risk": lambda r, c, k, p: k == "2" and r != "9",
    "close": lambda r, c, k, p: r != "9",
    "reopen": lambda r, c, k, p: r == "9",
}


def complete(household):
    """Everything that guards ask for: guarantees met, income known and enough, somebody who can work, a measure."""
    Notice.objects.create(household=household, on=TODAY, form="2026 版")
    member = Member.objects.create(
        household=household, region_path=household.region_path, name="赵一", relation="01", sex="1",
        id_type="99",
    )  # fmt: skip
    MemberYear.objects.create(member=member, year=2025, labour="01", health="01", medical_resident=True)
    Condition.objects.create(household=household, year=2025, water_safe=True, dangerous=False)
    Income.objects.create(household=household, year=2025, wage=90000, persons=1)
    Measure.objects.create(household=household, region_path=household.region_path, kind="02", what="蔬菜大棚")
    kept.refresh([household.pk], counts=False)
    household.refresh_from_db()
    return household


def data_for(step, state):
    category = "3" if state[0] == "0" else "1"
    given = {"category": category, "risks": "01", "cause": "01", "mode": "1"}
    return {name: given[name] for name in lifecycle.BY_NAME[step].asks}


@two_parts(16)
@pytest.mark.parametrize("step", lifecycle.BY_NAME)
def test_every_step_from_every_state(step, part):
    household = complete(factories.household(members=0))
    user = factories.user(Role.COUNTY_OFFICE)
    blank = {"closed_on": None, "monitored_on": None, "exit_year": None}

    for state in part.of(sorted(STATES, key=lambda state: not OPEN[step](*state))):  # open ones first
        Household.objects.filter(pk=household.pk).update(**blank | state_fields(*state))
        household.refresh_from_db()
        sid = transaction.savepoint()
        if OPEN[step](*state):
            moves(step, household, user, state)
        else:
            stays(step, household, user, state)
        transaction.savepoint_rollback(sid)


def hung(step):
    """A notice that has hung long enough by today, for the steps that need one."""
    return {"posted_on": TODAY - timedelta(days=40)} if step in PERIODS else {}


def attempt(step, household, user, state):
    return lifecycle.take(
        step, household, by=user, on=TODAY, reason="评议通过", document="炉扶〔2026〕1号", target=TARGET,
        **data_for(step, state), **hung(step),
    )  # fmt: skip


def stays(step, household, user, state):
    old = lifecycle.State.of(household)
    with pytest.raises(ValidationError):
        attempt(step, household, user, state)
    household.refresh_from_db()
    assert lifecycle.State.of(household) == old
    assert not household.changes.exists()


def moves(step, household, user, state):
    moved = attempt(step, household, user, state)
    after = lifecycle.State.of(moved)
    assert after != lifecycle.State.of(household)
    assert legal(after.registry, after.category, after.risk)
    assert moved.changes.get().step == step
    assert moved.version == household.version + 1
    assert AuditEvent.objects.filter(
        action=f"household.{step}", target=f"households.household:{moved.pk}"
    ).exists()
    assert moved.target_end is not None or not moved.is_assisted


def ready(**fields):
    return complete(factories.household(members=0, **fields))


def refused(step, household, *, on=TODAY, reason="理由", document="文", **data):
    with pytest.raises(ValidationError) as caught:
        lifecycle.take(step, household, by=factories.user(), on=on, reason=reason, document=document, **data)
    return " ".join(caught.value.messages)


def monitored(**fields):
    return ready(
        registry_status="0", monitor_category="3", risk_state="1", monitored_on=date(2025, 8, 31), **fields
    )


def test_clearing_waits_six_months():
    household = monitored()

    assert "6 个月" in refused("clear_risk", household, on=date(2026, 2, 27), mode="2")
    cleared = lifecycle.take(
        "clear_risk",
        household,
        by=factories.user(),
        on=date(2026, 2, 28),
        reason="稳定",
        mode="2",
        posted_on=date(2026, 2, 20),
    )
    assert (cleared.risk_state, cleared.cleared_on) == ("2", date(2026, 2, 28))


@pytest.mark.parametrize(("day", "due"), [((2025, 8, 31), (2026, 2, 28)), ((2023, 8, 31), (2024, 2, 29)), ((2025, 1, 15), (2025, 7, 15)), ((2025, 12, 31), (2026, 6, 30))])  # fmt: skip
def test_six_months_end_on_the_last_day_of_a_short_month(day, due):
    assert lifecycle.six_months_after(date(*day)) == date(*due)


def test_clearing_needs_every_guarantee():
    household = monitored()
    household.conditions.update(water_safe=False, danger_level="4")
    kept.refresh([household.pk])

    words = refused("clear_risk", household, mode="2")

    assert "住房不安全" in words and "饮水不安全" in words


def test_clearing_by_help_needs_a_measure():
    household = monitored()
    household.measures.all().delete()

    assert "帮扶措施" in refused("clear_risk", household, mode="1")


def test_a_household_without_labour_is_not_cleared():
    household = monitored()
    MemberYear.objects.update(labour="04")

    assert "无劳动力" in refused("clear_risk", household, mode="2")


def test_marginal_household_was_never_registered():
    user = factories.user()
    household = ready(registry_status="0")
    lifecycle.take("identify", household, by=user, on=TODAY, reason="评议", target=TARGET, **hung("identify"))
    Household.objects.filter(pk=household.pk).update(registry_status="0")  # an old import took it back

    assert "从未建档立卡" in refused("monitor", household, category="2", risks="01", target=TARGET)


def test_unstable_household_must_have_left_poverty():
    assert "脱贫不稳定户" in refused(
        "monitor", ready(registry_status="0"), category="1", risks="01", target=TARGET
    )


def test_nobody_comes_under_assistance_without_a_target():
    household = ready(registry_status="0", target_text="", target_end=None, target_precision="")

    assert "时限" in refused("identify", household)
    assert "时限" in refused("identify", household, target=parse("2026年1月"))


def test_relapse_replaces_a_past_target_and_keeps_it():
    household = ready(
        registry_status="3", exit_year=2020, target_text="2020年", target_end=date(2020, 12, 31)
    )

    assert "时限" in refused("relapse", household, cause="01")
    moved = lifecycle.take(
        "relapse", household, by=factories.user(), on=TODAY, reason="大病", cause="01", target=TARGET
    )

    change = moved.target_changes.get()
    assert (change.before_text, change.after_text, change.reason) == ("2020年", "2099年12月31日", "大病")
    assert (moved.relapse_year, moved.relapse_cause) == (2026, "01")


def test_reason_document_and_day_are_checked():
    household = ready(registry_status="2")

    words = refused("exit", household, document=" ")
    assert "文号" in words
    assert "原因" in refused("withdraw_exit", household, reason=" ")
    assert "不能晚于今天" in refused("exit", household, on=timezone.localdate() + timedelta(days=1))


def test_closing_and_reopening_restores_the_status():
    user = factories.user()
    household = ready(registry_status="3", exit_year=2020)

    closed = lifecycle.take("close", household, by=user, on=TODAY, reason="整户迁出")
    assert (closed.registry_status, closed.closed_on, closed.closed_reason) == ("9", TODAY, "整户迁出")
    back = lifecycle.take("reopen", closed, by=user, on=TODAY, reason="又迁回")
    assert (back.registry_status, back.closed_on) == ("3", None)


@pytest.mark.parametrize("user", [(Role.VILLAGE_CLERK, "990101100201"), (Role.COUNTY_OFFICE, "990102")])
def test_only_posts_with_the_permission_here(user):
    household = ready(registry_status="2")
    role, at = user

    assert lifecycle.steps_for(household, factories.user(role, at=at)) == []
    with pytest.raises(PermissionDenied):
        lifecycle.take("exit", household, by=factories.user(role, at=at), on=TODAY, document="文")


def test_closing_a_household_ends_its_pairings():
    household, user = factories.household(), factories.user()
    pairing = factories.pair(household, factories.helper())

    lifecycle.take("close", household, by=user, on=TODAY, reason="整户迁出")

    pairing.refresh_from_db()
    assert (pairing.ends_on, pairing.end_reason) == (TODAY, codes.PairingEnd.HOUSEHOLD)


# 公示期


def test_a_step_waits_until_its_notice_has_hung_its_days():
    household = monitored()
    given = {"by": factories.user(), "on": date(2026, 3, 5), "reason": "稳定", "mode": "2"}
    take = lambda **posted: lifecycle.take("clear_risk", household, **given, **posted)  # noqa: E731

    assert "公示开始日期" in refused("clear_risk", household, on=date(2026, 3, 5), mode="2")
    # five days, the first of them the day it goes up: 1 to 5 March, so from the 6th
    with pytest.raises(ValidationError, match="自 2026-03-01 至 2026-03-05，2026-03-06 起"):
        take(posted_on=date(2026, 3, 1))
    done = take(posted_on=date(2026, 2, 28))
    assert done.changes.get().after["posted_on"] == "2026-02-28"


def test_the_place_sets_how_long_a_notice_hangs():
    PostingSetting.objects.create(region_path="990101", periods={"clear_risk": [5, True]})  # working days
    household = monitored()
    assert "2026-03-07 起" in refused(  # Saturday 28 February, Monday to Friday
        "clear_risk", household, on=date(2026, 3, 5), mode="2", posted_on=date(2026, 2, 28)
    )


def test_the_notice_of_an_exit_goes_up_when_it_is_planned():
    household = ready(registry_status="1")
    user = factories.user()
    lifecycle.take("plan_exit", household, by=user, on=TODAY - timedelta(days=3), reason="核实达标")
    household.refresh_from_db()
    assert "公示期 7 天" in refused("exit", household)
    StatusChange.objects.filter(household=household).update(on=TODAY - timedelta(days=7))
    assert lifecycle.take("exit", household, by=user, on=TODAY, document="文").registry_status == "3"


def test_the_step_page_asks_when_the_notice_went_up(client):
    household = monitored()
    client.force_login(factories.user())
    address = reverse("household_step", args=[household.pk, "clear_risk"])
    assert "公示开始日期" in client.get(address).content.decode()
    typed = {"on": TODAY.isoformat(), "posted_on": TODAY.isoformat(), "reason": "稳定", "mode": "2"}
    refused_page = client.post(address, typed).content.decode()
    assert "起才能办理" in refused_page
    household.refresh_from_db()
    assert household.risk_state == "1"


def test_an_open_objection_stops_the_clock_of_a_notice(client):
    household = monitored()
    client.force_login(factories.user())
    address = reverse("household_objection", args=[household.pk])
    typed = {"procedure": "clear_risk", "raised_on": "2026-03-02", "what": "邻居说收入没有这么多"}
    assert client.post(address, typed | {"raised_on": "2099-01-01"}).status_code == 422
    assert "邻居说收入没有这么多" in client.post(address, typed | {"raised_on": ""}).content.decode()
    assert client.post(address, typed).status_code == 302
    given = {"on": date(2026, 3, 9), "mode": "2", "posted_on": date(2026, 3, 1)}
    assert "有异议还没有处理" in refused("clear_risk", household, **given)

    row = household.objections.get()
    answer = {"objection": row.pk, f"o{row.pk}-handled_on": "2026-03-04", f"o{row.pk}-outcome": ""}
    page = client.post(address, answer)
    assert page.status_code == 422 and "邻居说收入没有这么多" in page.content.decode()
    answer[f"o{row.pk}-outcome"] = "复核属实"
    assert client.post(address, answer).status_code == 302
    # 1 March, then 5 to 8: the 2nd to the 4th do not count
    told = refused("clear_risk", household, **given | {"on": date(2026, 3, 8)})
    assert "自 2026-03-01 至 2026-03-08，2026-03-09 起" in told and "有异议的日子不计" in told
    assert (
        lifecycle.take("clear_risk", household, by=factories.user(), reason="稳定", **given).risk_state == "2"
    )
    assert client.post(address, answer).status_code == 422  # handled once
    told = AuditEvent.objects.filter(action__startswith="objection.").order_by("pk")
    assert [event.action for event in told] == ["objection.raise", "objection.handle"]
    assert not any("收入" in str(event.detail) for event in told)


@pytest.mark.parametrize("working", [False, True])
def test_days_with_an_objection_do_not_count(working):
    start = date(2026, 3, 2)  # a Monday
    pauses = [(date(2026, 3, 3), date(2026, 3, 3)), (date(2026, 2, 1), date(2026, 2, 3))]
    assert last_day(start, 5, working, pauses) == last_day(start, 6, working)
    assert last_day(start, 5, working) == date(2026, 3, 6)
