"""A ledger of assistance measures out of a workbook."""

from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import Helper, Measure
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
HEADER = ("户编号", "户主姓名", "措施类别", "帮扶措施", "数量", "单位", "金额（万元）", "责任人", "责任人单位", "开始时间", "完成时限", "完成日期", "成效")  # fmt: skip


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def row(number, what="发放种羊", *, kind="产业帮扶", start="2026-03-01", target="6月底前", done="", helper="李明", unit="县农业农村局", money=0.6):  # fmt: skip
    return (number, "户主", kind, what, 5, "只", money, helper, unit, start, target, done, "增收")


def test_a_measure_with_its_target_as_typed(client_of):
    household = factories.household(number="H1")

    batch = imported(client_of, made(HEADER, row("H1")), year=2026)

    assert (batch.kind, found(batch), found(batch, "warning")) == ("measures", [], [])
    measure = Measure.objects.get()
    assert (measure.household, measure.kind, measure.what, measure.quantity, measure.unit) == (household, "02", "发放种羊", 5, "只")  # fmt: skip
    assert (measure.money, measure.helper.name, measure.helper.unit) == (6000, "李明", "县农业农村局")
    assert (measure.target_text, measure.target_end, measure.target_precision) == ("6月底前", date(2026, 6, 30), "month")  # fmt: skip
    assert (measure.starts_on, measure.done_on, measure.effect) == (date(2026, 3, 1), None, "增收")
    assert batch.report["sum_money"] == "6000"
    assert AuditEvent.objects.filter(
        action="measure.import", target=f"households.measure:{measure.pk}"
    ).exists()
    assert "发放种羊" in client_of.get(reverse("measure_list")).content.decode()


def test_the_same_ledger_again_changes_nothing_and_a_done_one_is_finished(client_of):
    factories.household(number="H1")
    imported(client_of, made(HEADER, row("H1")), year=2026)
    again = imported(client_of, made(HEADER, row("H1")), year=2026)

    done = imported(client_of, made(HEADER, row("H1", done="2026-05-20")), year=2026)

    assert again.report["written"] == {"rows_new": 0, "rows_changed": 0, "rows_same": 1}
    assert done.report["written"] == {"rows_new": 0, "rows_changed": 1, "rows_same": 0}
    measure = Measure.objects.get()
    assert measure.done_on == date(2026, 5, 20)
    events = AuditEvent.objects.filter(action="measure.import").order_by("pk")
    first, changed = events.values_list("detail", flat=True)
    assert ["责任人", "", "李明"] in first["changes"] and ["措施类别", "", "产业帮扶"] in first["changes"]
    assert changed["changes"] == [["完成日期", "", "2026-05-20"]]
    assert Helper.objects.filter(name="李明").count() == 1


def test_without_a_unit_the_paired_official_is_meant(client_of):
    household = factories.household(number="H1")
    helper = factories.helper(name="李明", unit="镇政府")
    factories.pair(household, helper)

    imported(client_of, made(HEADER, row("H1", unit="")), year=2026)

    assert Measure.objects.get().helper == helper
    assert Helper.objects.count() == 1


def test_bad_rows_stay_out_and_say_where(client_of):
    for number in ("H1", "H2"):
        factories.household(number=number)

    batch = uploaded(client_of, made(
        HEADER, row("H1"), row("H1"), row("H9"), row("H2", ""), row("H2", "修路", done="2099-01-01"),
        row("H2", "治病", start="2026-05-01", done="2026-04-01"), row("H2", "读书", kind="念书的事", target="尽快", done="是"),
    ), year=2026)  # fmt: skip

    assert found(batch) == [
        ("measure_repeated", "D3"), ("household_not_found", "A4"), ("measure_missing", "D5"), ("done_in_future", "L6"),
        ("measure_dates_reversed", "L7"),
    ]  # fmt: skip
    assert found(batch, "warning") == [("measure_kind_unknown", "C8"), ("date_unreadable", "K8"), ("done_without_date", "L8")]  # fmt: skip


def test_queries_do_not_grow_with_rows(client_of, django_assert_max_num_queries):
    rows = [row(factories.household().number, helper=f"责任人{n}") for n in range(40)]

    with django_assert_max_num_queries(75):
        uploaded(client_of, made(HEADER, *rows), year=2026)
