"""Filing by period: what is due, the frozen copy, a correction with its differences, sending back, the to-do."""

import json
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.crypt import boxes
from fupin.filing import board, copies, periods
from fupin.filing.models import Filing, FilingRule
from fupin.filing.periods import Every, newest, period_of
from households.models import Income
from tests import factories
from tests.workbooks import column, opened

pytestmark = pytest.mark.django_db
TOWN = "990101100"
NUMBER = "户-99-0000000001"  # long enough never to stand by chance in sealed bytes


@settings(max_examples=50)
@given(st.sampled_from(Every.values), st.dates(date(2014, 1, 1), date(2035, 12, 31)))
def test_periods_follow_each_other_without_gap(every, day):
    held = period_of(every, day)
    assert held.start <= day <= held.end
    assert period_of(every, held.end + timedelta(days=1)).before() == held
    assert period_of(every, held.start) == held == period_of(every, held.end)
    assert newest(every, day).end <= day + timedelta(days=periods.EARLY)
    assert held.label.startswith(f"{held.start.year}年")


def test_what_periods_are_called():
    day = date(2026, 8, 20)
    found = [period_of(every, day).label for every in Every]
    assert found == ["2026年8月下半月", "2026年8月", "2026年第三季度", "2026年下半年", "2026年"]


def rule(report="R02", **fields):
    factories.region(TOWN)
    given = {"every": "month", "due_days": 5, "updated_by": factories.user()}
    given["since"] = newest(given["every"], timezone.localdate()).start
    return FilingRule.objects.create(region_path="990101", report=report, **(given | fields))


def period_now(one):
    return newest(one.every, timezone.localdate())


def file(client, one, version=0, note=""):
    return client.post(reverse("filing_file"), {
        "rule": one.pk, "place": TOWN, "start": period_now(one).start, "version": version, "note": note,
    })  # fmt: skip


@pytest.fixture
def town(login):
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))


def body(client, filing, number):
    return opened(client.get(reverse("filing_copy", args=[filing.uid, number])))


def test_a_filed_report_stays_as_it_was_filed(town):
    home = factories.household(number=NUMBER)
    Income.objects.create(household=home, year=2025, wage=1000, persons=1)
    one = rule()
    assert town.get(reverse("filing_list")).context["counts"]["已报"] == 0

    assert file(town, one).status_code == 302
    filing = Filing.objects.get()
    Income.objects.update(wage=2000)
    factories.household(number="H2")

    assert (filing.state, filing.number, filing.end) == ("filed", 1, period_now(one).end)
    sheet = body(town, filing, 1)
    assert [cell for cell in column(sheet, "户编号", 5) if cell] == [NUMBER]
    copy = filing.copies.get()
    assert NUMBER.encode() not in copy.path.read_bytes() and copy.path.read_bytes().startswith(boxes.MAGIC)
    assert NUMBER.encode() not in copy.cells_path.read_bytes()
    event = AuditEvent.objects.get(action="report.file")
    assert (event.detail["sha256"], event.region_path) == (copy.sha256, TOWN)
    assert town.get(reverse("filing_list")).context["counts"]["已报"] == 1


def test_a_correction_is_a_new_version_with_its_differences(town):
    homes = [factories.household(number=f"H{n}", remark="甲") for n in range(3)]
    one = rule()
    file(town, one)
    filing = Filing.objects.get()
    homes[1].remark = "乙"
    homes[1].save()
    type(homes[0]).objects.filter(pk=homes[2].pk).update(number="H9")

    assert "请填写更正说明" in town.post(
        reverse("filing_file"), {"rule": one.pk, "place": TOWN, "start": filing.start, "version": 1}, follow=True
    ).content.decode()  # fmt: skip
    file(town, one, version=1, note="补登备注")

    filing.refresh_from_db()
    page = town.get(reverse("filing_detail", args=[filing.uid]))
    found = {(each.line, each.column, each.before, each.after) for each in page.context["changes"]}
    assert (filing.number, filing.copies.get(number=2).changed) == (2, 3)
    assert found == {
        (f"H1 {homes[1].head_name}", "备注", "甲", "乙"), (f"H9 {homes[2].head_name}", "整行", "", "新增"),
        (f"H2 {homes[2].head_name}", "整行", "", "减少"),
    }  # fmt: skip
    cell = next(each.cell for each in page.context["changes"] if each.column == "备注")
    assert body(town, filing, 2)[cell].value == "乙"
    assert body(town, filing, 1)[cell].value == "甲"


def test_a_household_with_another_helper_is_still_the_same_line(tmp_path):
    """And it is called by its head, not by the helper."""
    head = {"headers": ["户编号", "户主", "责任人"], "keys": [0, 2], "first": 4}
    for name, helper in (("before", "康某"), ("after", "李某")):
        with boxes.Writer(tmp_path / name) as file:
            for line in (head, [False, ["H1", "顾某", helper]], [True, ["合计", "", ""]]):
                file.write(json.dumps(line).encode() + b"\n")

    (found,) = copies.differences(tmp_path / "before", tmp_path / "after")

    assert (found.line, found.column, found.before, found.after) == ("H1 顾某", "责任人", "康某", "李某")


def test_two_who_file_at_once_make_one_version(town):
    factories.household()
    one = rule()
    file(town, one)
    file(town, one)
    assert Filing.objects.get().number == 1


def test_the_same_submit_twice_files_once(town):
    one = rule()
    data = {"rule": one.pk, "place": TOWN, "start": period_now(one).start, "version": 0}
    data["submit_key"] = "6f2c3f0e-7d0b-4a53-9d5f-1f2e3d4c5b6a"
    first, second = (town.post(reverse("filing_file"), data) for _ in range(2))
    assert first.url == second.url == reverse("filing_detail", args=[Filing.objects.get().uid])


def test_the_county_sends_back_with_a_reason_and_the_township_files_again(client):
    one = rule()
    operator, county = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN), factories.user(at="990101")
    client.force_login(operator)
    file(client, one)
    filing = Filing.objects.get()
    address = reverse("filing_return", args=[filing.uid])
    assert client.post(address, {"reason": "户数不对", "version": 1}).status_code == 403

    client.force_login(county)
    kept = client.post(address, {"reason": "短", "version": 1})
    assert (kept.status_code, 'value="短"' in kept.content.decode()) == (422, True)
    client.post(address, {"reason": "户数与上月对不上", "version": 1})
    filing.refresh_from_db()
    assert (filing.state, filing.reason) == ("returned", "户数与上月对不上")
    assert client.post(address, {"reason": "户数与上月对不上", "version": 1}).status_code == 422

    client.force_login(operator)
    work = {each.source.name: each for each in client.get("/").context["kinds"]}
    assert work["filings"].tally.total == 1
    file(client, one, version=2)
    filing.refresh_from_db()
    assert (filing.state, filing.number, filing.reason) == ("filed", 2, "")
    assert AuditEvent.objects.get(action="report.return").detail["reason"] == "户数与上月对不上"


def test_the_county_sees_who_is_late_and_the_to_do_opens_exactly_those(login):
    one = rule(due_days=0)
    factories.region("990101200")
    county = factories.user(at="990101")
    client = login(county)
    on = period_now(one).end + timedelta(days=1)
    found = board.duties(county, on)

    page = client.get(reverse("filing_list"))
    assert [[place.path for place, _ in page.context["rows"]], page.context["wide"]] == [
        [TOWN, "990101200"],
        True,
    ]
    assert {duty.state for duty in found} == {"逾期"}
    for each in client.get("/").context["kinds"]:
        if each.source.name.startswith("filings"):
            assert each.tally.total == client.get(each.url).context["total"]


def test_the_state_of_a_line_over_time(db):
    one = rule(due_days=5, since=date(2020, 1, 1))
    user = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    states = [board.duties(user, date(2026, 4, day))[0].state for day in (1, 5, 6)]
    assert states == ["未报", "未报", "逾期"]
    FilingRule.objects.filter(pk=one.pk).update(since=date(2026, 4, 1))
    assert board.duties(user, date(2026, 4, 6)) == []


def test_an_earlier_period_stays_until_it_is_filed(db):
    one = rule(since=date(2026, 2, 1))
    user = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    day = date(2026, 4, 3)
    found = [(duty.period.label, duty.state) for duty in board.duties(user, day)]
    assert found == [("2026年3月", "未报"), ("2026年2月", "逾期")]
    assert [duty.period.label for duty in board.duties(user, day, on=day)] == ["2026年3月"]
    Filing.objects.create(
        region_path=TOWN, unit="镇", report=one.report, title="表", every="month", start=date(2026, 2, 1),
        end=date(2026, 2, 28), due=date(2026, 3, 5), number=1,
    )  # fmt: skip
    assert [duty.period.label for duty in board.duties(user, day)] == ["2026年3月"]


def test_another_townships_report_cannot_be_filed(login):
    one = rule()
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101200"))
    file(client, one)
    assert not Filing.objects.exists()


def test_the_county_says_what_is_to_be_filed(login):
    factories.region(TOWN)
    client, address = login(factories.user(at="990101")), reverse("filing_rules")
    forms = [form for _, form in client.get(address).context["lines"]]
    data = {}
    for form in forms:
        data |= {
            form.add_prefix(name): form[name].value() for name in ("every", "level", "due_days", "version")
        }
    data |= {"county": "990101", "R04-active": "on", "R04-due_days": "8"}

    assert client.post(address, data | {"R04-due_days": "x"}).status_code == 422
    assert client.post(address, data).status_code == 302

    made = FilingRule.objects.get()
    assert (made.report, made.due_days, made.version) == ("R04", 8, 1)
    assert (
        client.post(address, data | {"R04-due_days": "9"}).status_code == 422
    )  # the version is not 0 any more
    assert AuditEvent.objects.filter(action="report.rule").count() == 1


def test_the_page_costs_the_same_for_many_townships(login, django_assert_max_num_queries):
    rule(), rule("R04"), rule("R16")
    for n in range(1, 12):
        factories.region(f"9901011{n:02}")
    client = login(factories.user(at="990101"))
    client.get(reverse("filing_list"))
    with django_assert_max_num_queries(14):
        client.get(reverse("filing_list"))


def test_the_board_counts_what_is_not_filed_and_opens_exactly_that(login, town):
    late = rule(every="month", due_days=0, since=date(2020, 1, 1))
    rule("R04", every="month", due_days=60, since=date(2020, 1, 1))
    factories.household(number=NUMBER)
    factories.region("990101101")
    assert file(town, late).status_code == 302
    client = login(factories.user(Role.COUNTY_OFFICE, at="990101"))
    page = client.get(reverse("board"))
    found = {panel.name: data for panel, data in page.context["panels"]}["filings"]

    total = found["total"]
    assert (total.total.number, [cell.number for cell in total.cells][0]) == (4, 1)
    lines = [total, *found["lines"]]
    assert len(lines) == 3
    for line in lines:
        for cell in (line.total, *line.cells):
            assert len(client.get(cell.url).context["duties"]) == cell.number, cell.url
    assert "R02" not in page.content.decode()  # named by what they are called
    assert "filings" not in {
        panel.name for panel, _ in client.get(reverse("board"), {"asof": "2019-12-31"}).context["panels"]
    }
