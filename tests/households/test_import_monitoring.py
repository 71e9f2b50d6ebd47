"""监测对象信息 out of a workbook: the states change by the steps of a household's life and their guards only."""

from datetime import date

import pytest

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import kept
from households.models import Condition, Household, Income, Measure, MemberYear, RegionCount
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
HEADER = ("户编号", "户主姓名", "监测对象类别", "风险类型1", "风险类型2", "风险识别时间", "帮扶措施", "风险是否消除", "风险消除时间", "风险消除方式")  # fmt: skip
TITLE = "防止返贫致贫监测对象信息_20260930-风险未消除"


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def household(number="H1", *, status="0", **fields):
    """A household whose risk could be removed: income known, somebody who works."""
    plain = {"target_text": "", "target_end": None, "target_precision": ""}
    made_ = factories.household(number=number, registry_status=status, **(plain | fields))
    Income.objects.create(household=made_, year=2025, wage=20000, persons=1)
    MemberYear.objects.create(member=made_.members.get(), year=2025, labour="01", medical_resident=True)
    kept.refresh([made_.pk])
    made_.refresh_from_db()
    return made_


def row(number="H1", category="边缘易致贫户", *, risk="因病", second="缺劳动力", on="2025-05", measures="健康帮扶、综合保障", cleared="否", cleared_on="", mode=""):  # fmt: skip
    return (number, "户主", category, risk, second, on, measures, cleared, cleared_on, mode)


def test_a_household_comes_under_monitoring_by_the_step(client_of):
    who = household()

    batch = imported(client_of, made(HEADER, row(), title=TITLE))

    assert (batch.kind, found(batch), found(batch, "warning")) == ("monitoring", [], [])
    who.refresh_from_db()
    assert (who.monitor_category, who.risk_state, who.risks, who.monitored_on) == (
        "2",
        "1",
        "01,04",
        date(2025, 5, 1),
    )
    change = who.changes.get()
    assert (change.step, change.on, change.before["monitor_category"], change.after["monitor_category"]) == ("monitor", date(2025, 5, 1), "0", "2")  # fmt: skip
    assert set(who.measures.values_list("kind", "what")) == {("08", "健康帮扶"), ("11", "综合保障")}
    event = AuditEvent.objects.get(action="household.monitor")
    assert (event.target, event.region_path) == (f"households.household:{who.pk}", who.region_path)
    assert who.version == 2
    assert RegionCount.objects.get(region_path=who.region_path[:12]).figures["risk-open"] == [1, 1]
    assert who.doubt_rows.filter(rule="V50").exists()  # no target date: a doubt, not an obstacle


def test_monitored_and_cleared_in_one_row_and_the_same_file_again(client_of):
    who = household(status="3", exit_year=2019)
    file = (HEADER, row(category="脱贫不稳定户", cleared="是", cleared_on="2025-12", mode="帮扶消除"))

    first = imported(client_of, made(*file, title=TITLE))
    before = [list(model.objects.order_by("pk").values()) for model in (Household, Measure)]
    again = imported(client_of, made(*file, title=TITLE))

    assert first.report["steps"] == {"clear_risk": 1, "monitor": 1}
    who.refresh_from_db()
    assert (who.risk_state, who.cleared_on) == ("2", date(2025, 12, 1))
    assert list(who.changes.order_by("pk").values_list("step", flat=True)) == ["monitor", "clear_risk"]
    assert who.changes.get(step="clear_risk").after["mode"] == "1"
    assert again.report["written"] == {"households_new": 0, "households_changed": 0, "households_same": 1}
    assert [list(model.objects.order_by("pk").values()) for model in (Household, Measure)] == before


def test_what_a_guard_refuses_is_an_error_at_its_cell(client_of):
    household("H1", status="0")
    household("H2", status="3", exit_year=2019)
    household("H3")
    unsafe = household("H4")
    Condition.objects.create(household=unsafe, year=2025, dangerous=True)
    kept.refresh([unsafe.pk])
    household("H5")
    household("H6")
    household("H7")
    done = {"cleared": "是", "mode": "自然消除"}

    batch = uploaded(client_of, made(
        HEADER,
        row("H1", "脱贫不稳定户"), row("H2", "边缘易致贫户"), row("H3", cleared_on="2025-08", **done),
        row("H4", cleared_on="2026-01", **done), row("H5", cleared_on="2026-01", cleared="是"), row("H6", risk="", second=""),
        row("H7", on="以后"), row("H9"), row("H3x", "低收入户"),
    ), year=2026)  # fmt: skip

    assert found(batch) == [
        ("monitor_status_conflict", "C2"), ("monitor_status_conflict", "C3"), ("step_refused", "I4"), ("step_refused", "I5"),
        ("step_refused", "J6"), ("step_refused", "D7"), ("monitor_date_missing", "F8"), ("household_not_found", "A9"),
        ("household_not_found", "A10"), ("monitor_category_missing", "C10"),
    ]  # fmt: skip
    words = [issue["expected"] for issue in batch.issues if issue["severity"] == "error"]
    assert "脱贫不稳定户须为已脱贫的建档立卡户" in words[0]
    assert "未满 6 个月" in words[2]
    assert "住房不安全" in words[3]
    assert batch.report["good"] == 0


def test_what_the_register_knows_better_is_told_and_left_alone(client_of):
    cleared = household("H1", monitor_category="2", risk_state="2", monitored_on=date(2024, 1, 1), cleared_on=date(2025, 6, 1), risks="01")  # fmt: skip
    other = household("H2", monitor_category="3", risk_state="1", monitored_on=date(2024, 1, 1), risks="01")
    dated = household("H3", monitor_category="2", risk_state="1", monitored_on=date(2024, 1, 1), risks="01")

    batch = imported(client_of, made(HEADER, row("H1", on="2024-01"), row("H2"), row("H3", second="因残")))

    assert found(batch) == [("monitor_category_differs", "C3")]
    assert found(batch, "warning") == [("monitor_older", "H2"), ("monitor_date_differs", "F4")]
    for who in (cleared, other, dated):
        who.refresh_from_db()
    assert (cleared.risk_state, other.monitor_category, dated.monitored_on) == ("2", "3", date(2024, 1, 1))
    assert dated.risks == "01,03"  # a correction, not a step
    assert not dated.changes.exists()


def test_risks_in_words_of_their_own(client_of):
    who = household()

    batch = imported(
        client_of, made(HEADER, row(risk="因患病、缺乏劳力等", second="大病和就业不稳、亲戚借贷"))
    )

    assert (found(batch), found(batch, "warning")) == ([], [("risk_unknown", "E2")])
    who.refresh_from_db()
    assert who.risks == "01,04,07,99"
    assert "其他风险：亲戚借贷" in who.changes.get().reason


def test_a_risk_that_came_back_is_reopened(client_of):
    who = household(monitor_category="2", risk_state="2", monitored_on=date(2024, 1, 1), cleared_on=date(2025, 6, 1), risks="01,04")  # fmt: skip

    imported(client_of, made(HEADER, row(on="2026-02")))

    who.refresh_from_db()
    assert (who.risk_state, who.monitored_on, who.cleared_on) == ("3", date(2026, 2, 1), None)
    assert who.changes.get().step == "reopen_risk"


def test_one_row_a_member_speaks_once_for_the_household(client_of):
    who = household()

    batch = imported(client_of, made(HEADER, row(), row(), row()))

    assert (found(batch), batch.report["households"], batch.report["rows"]) == ([], 1, 3)
    assert who.changes.count() == 1


def test_queries_do_not_grow_with_rows(client_of, django_assert_max_num_queries):
    rows = [row(household(f"N{n}").number) for n in range(40)]

    with django_assert_max_num_queries(82):
        uploaded(client_of, made(HEADER, *rows), year=2026)


def test_the_day_of_the_notice_is_asked_for_and_must_have_passed(client_of):
    header = (*HEADER, "识别公示开始日期")
    late, fine, vague = (household(number) for number in ("H1", "H2", "H3"))
    book = made(
        header, (*row("H1", on="2025-05-08"), "2025-05-05"), (*row("H2", on="2025-05-10"), "2025-05-05"),
        (*row("H3", on="2025-05"), "2025-05-20"), title=TITLE,
    )  # fmt: skip
    batch = imported(client_of, book)
    assert [(code, place) for code, place in found(batch)] == [("step_refused", found(batch)[0][1])]
    late.refresh_from_db()
    assert late.monitor_category == "0"
    assert [one.changes.get().after["posted_on"] for one in (fine, vague)] == ["2025-05-05", "2025-05-20"]

    household("H4")
    batch = imported(client_of, made(HEADER, row("H4"), title=TITLE))
    assert [code for code, _ in found(batch, "info")] == ["notice_missing"]
    assert not found(batch)
