"""Reports of a past data year: the state of its last day, in its words."""

from datetime import date, datetime

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from fupin.judged import compiled
from households import asof, kept, stats
from households.models import (
    Condition,
    Household,
    HouseholdCause,
    Income,
    Measure,
    MemberYear,
    StatusChange,
    TargetChange,
    Visit,
)
from tests import factories
from tests.parts import two_parts
from tests.workbooks import column, opened, table

pytestmark = pytest.mark.django_db

HERE = "99010110020101"


def download(client, name, **query):
    return opened(client.get(reverse("report_download", args=[name]), query))


def step(household, name, on, before, after):
    StatusChange.objects.create(household=household, step=name, on=on, before=before, after=after)


def a_life():
    """Identified 2015, out 2019, monitored 2022, cleared 2023; one member died 2020, one was born 2021."""
    household = factories.household(
        members=2, registry_status="3", monitor_category="1", risk_state="2", identified_on=date(2015, 3, 1),
        exit_year=2019, monitored_on=date(2022, 2, 1), cleared_on=date(2023, 3, 1), target_text="2023年底前",
        target_end=date(2023, 12, 31),
    )  # fmt: skip
    step(household, "identify", date(2015, 3, 1), {"registry_status": "0"}, {"registry_status": "1"})
    step(household, "plan_exit", date(2019, 9, 1), {"registry_status": "1"}, {"registry_status": "2"})
    step(household, "exit", date(2019, 11, 1), {"registry_status": "2"}, {"registry_status": "3"})
    step(
        household, "monitor", date(2022, 2, 1), {"monitor_category": "0", "risk_state": "0"},
        {"monitor_category": "1", "risk_state": "1"},
    )  # fmt: skip
    step(household, "clear_risk", date(2023, 3, 1), {"risk_state": "1"}, {"risk_state": "2"})
    moved = TargetChange.objects.create(
        household=household, before_text="2019年", before_end=date(2019, 12, 31), after_text="2023年底前",
        after_end=date(2023, 12, 31), reason="纳入监测",
    )  # fmt: skip
    TargetChange.objects.filter(pk=moved.pk).update(at=timezone.make_aware(datetime(2022, 2, 1, 9)))
    dead = household.members.get(relation="03")
    dead.left_on, dead.left_event = date(2020, 5, 1), "01"
    dead.save()
    factories.member(household, relation="07", joined_on=date(2021, 6, 1))
    factories.member(household, relation="08", joined_on=date(2021, 6, 1))
    kept.refresh([household.pk])
    household.refresh_from_db()
    return household


STATES = {
    date(2014, 12, 31): ("0", "0", "0", 2), date(2018, 12, 31): ("1", "0", "0", 2), date(2019, 9, 30): ("2", "0", "0", 2),
    date(2019, 12, 31): ("3", "0", "0", 2), date(2020, 12, 31): ("3", "0", "0", 1), date(2022, 12, 31): ("3", "1", "1", 3),
    date(2023, 12, 31): ("3", "1", "2", 3),
}  # fmt: skip
"""Day, and registry status, category, risk and size of the household of `a_life` on it."""


def test_the_state_of_a_day_follows_the_steps():
    a_life()

    for day, state in STATES.items():
        row = asof.at(Household.objects.all(), day, ["monitor_category", "risk_state", "size"]).get()
        found = (row.then_registry_status, row.then_monitor_category, row.then_risk_state, row.then_size)
        assert found == state, day


@pytest.mark.parametrize(
    ("fields", "day", "state"),
    [
        ({"registry_status": "3", "exit_year": 2018}, date(2017, 12, 31), ("1", "0", "0")),
        ({"registry_status": "3", "exit_year": 2018}, date(2018, 12, 31), ("3", "0", "0")),
        ({"registry_status": "3", "exit_year": 2018, "identified_on": date(2016, 1, 1)}, date(2015, 12, 31), ("0", "0", "0")),
        ({"registry_status": "4", "exit_year": 2018, "relapse_year": 2020}, date(2019, 12, 31), ("3", "0", "0")),
        ({"registry_status": "0", "monitor_category": "2", "risk_state": "2", "monitored_on": date(2021, 1, 5),
          "cleared_on": date(2022, 8, 1)}, date(2020, 12, 31), ("0", "0", "0")),
        ({"registry_status": "0", "monitor_category": "2", "risk_state": "2", "monitored_on": date(2021, 1, 5),
          "cleared_on": date(2022, 8, 1)}, date(2021, 12, 31), ("0", "2", "1")),
        ({"registry_status": "9", "exit_year": 2018, "closed_on": date(2024, 4, 1)}, date(2023, 12, 31), ("3", "0", "0")),
        ({"registry_status": "9", "exit_year": 2018, "closed_on": date(2024, 4, 1)}, date(2024, 12, 31), ("9", "0", "0")),
    ],
)  # fmt: skip
def test_what_came_by_import_follows_its_dates(fields, day, state):
    factories.household(**fields)

    row = asof.at(Household.objects.all(), day, ["monitor_category", "risk_state"]).get()

    assert (row.then_registry_status, row.then_monitor_category, row.then_risk_state) == state


def test_a_workbook_that_came_later_does_not_move_the_year_of_the_exit():
    household = factories.household(registry_status="3", exit_year=2018)
    step(household, "import", date(2026, 1, 9), {"registry_status": "1"}, {"registry_status": "3"})

    for year, state in ((2017, "1"), (2018, "3"), (2020, "3")):
        row = asof.at(Household.objects.all(), date(year, 12, 31), []).get()
        assert row.then_registry_status == state


def test_who_was_entered_later_without_a_past_is_not_in_the_list(login):
    fresh = factories.household()
    step(fresh, "create", date(2026, 3, 1), {}, {"registry_status": "1"})
    old = factories.household(identified_on=date(2016, 1, 1))
    step(old, "create", date(2026, 3, 1), {}, {"registry_status": "1"})

    sheet = download(login(factories.user()), "R02", year=2024)

    assert [row[2] for row in table(sheet, 5) if row[2]] == [old.number]


def test_ledger_of_each_year(login):
    household = a_life()
    client = login(factories.user())

    def line(year):
        sheet = download(client, "R02", year=year, figure="all")
        names = ("户编号", "人口", "户类型", "脱贫年度", "计划时限")
        return [column(sheet, name, 5)[0] for name in names]

    assert line(2018) == [household.number, 2, "贫困户", None, "2019年"]
    assert line(2020) == [household.number, 1, "已脱贫户", 2019, "2019年"]
    assert line(2022) == [household.number, 3, "脱贫不稳定户", 2019, "2023年底前"]


NARROWED = [
    (2018, "poor", True), (2018, "out", False), (2020, "poor", False), (2020, "out", True), (2022, "risk-open", True),
    (2022, "assisted", True), (2023, "assisted", False), (2021, "monitored", False), (2019, "target-over", False),
]  # fmt: skip
"""Year, figure, and whether the household of `a_life` counted to it then."""


@two_parts(5)
def test_the_list_is_narrowed_by_the_state_of_then(login, part):
    household, client = a_life(), login(factories.user())

    for year, figure, found in part.of(NARROWED):
        sheet = download(client, "R02", year=year, figure=figure)
        listed = [row[2] for row in table(sheet, 5) if row[2]]
        assert listed == ([household.number] if found else []), (year, figure)


def test_roster_of_each_year_names_who_was_there(login):
    household = a_life()
    client = login(factories.user())

    assert len(table(download(client, "R01", year=2019, figure="all"), 4)) == 2
    assert len(table(download(client, "R01", year=2020, figure="all"), 4)) == 1
    assert len(table(download(client, "R01", year=2022, figure="all"), 4)) == household.size == 3


def test_targets_count_their_days_to_the_day_of_the_report(login):
    household = factories.household(target_end=date(2024, 6, 30), target_text="2024年上半年")
    day = {"household": household, "region_path": HERE}
    Measure.objects.create(
        **day, kind="02", what="养羊", starts_on=date(2023, 1, 1), done_on=date(2024, 2, 1)
    )
    Measure.objects.create(**day, kind="02", what="种菜", starts_on=date(2025, 1, 1))
    Visit.objects.create(**day, on=date(2023, 9, 9), content="走访")
    Visit.objects.create(**day, on=date(2025, 9, 9), content="走访")
    kept.refresh([household.pk])

    sheet = download(login(factories.user()), "R16", year=2023)

    assert column(sheet, "剩余天数", 4) == [182]
    assert column(sheet, "状态", 4) == ["正常"]
    assert column(sheet, "措施", 4) == ["养羊"]
    assert column(sheet, "进度说明", 4) == ["措施 1 项，已完成 0 项；最近走访 2023-09-09"]


def test_the_helper_of_then(login):
    household = factories.household()
    old, new = factories.helper(name="老王"), factories.helper(name="小李")
    factories.pair(household, old, starts_on=date(2019, 1, 1), ends_on=date(2022, 6, 30), end_reason="1")
    factories.pair(household, new, starts_on=date(2022, 7, 1))
    client = login(factories.user())

    assert column(download(client, "R02", year=2021), "帮扶责任人", 5)[0] == "老王"
    assert column(download(client, "R02", year=2026), "帮扶责任人", 5)[0] == "小李"


def test_an_old_list_says_poor_and_a_new_one_never(login):
    factories.household(registry_status="1")
    factories.household(registry_status="4", relapse_year=2017, exit_year=2016)
    factories.household(registry_status="2")
    client = login(factories.user())

    def words(name, year):
        sheet = download(client, name, year=year)
        return "".join(str(cell.value or "") for row in sheet.iter_rows() for cell in row)

    for name in ("R01", "R02", "R16"):
        assert "贫困户" not in words(name, 2026)
    assert "贫困户" in words("R01", 2018)
    assert column(download(client, "R02", year=2018), "户类型", 5)[:3] == ["贫困户"] * 3


def test_a_condition_without_a_past_gives_no_file(login):
    factories.household()
    client = login(factories.user())

    page = client.get(reverse("report_download", args=["R02"]), {"year": 2020, "income": "none"}, follow=True)

    assert "没有历史数据" in page.content.decode()
    assert len(table(download(client, "R02", year=2026, income="none"), 5)) > 0


@two_parts(2)
def test_queries_do_not_grow_with_rows(login, django_assert_max_num_queries, part):
    client, taken = login(factories.user()), []
    for lives in (1, 2):
        for _ in range(lives):
            a_life()
        counts = {}
        for name in part.of(["R02", "R01", "R22", "R16"]):
            with django_assert_max_num_queries(45) as queries:
                download(client, name, year=2022, figure="all")
            counts[name] = len(queries)
        taken.append(counts)

    assert taken[0] == taken[1]


KEYS = ["all", "registered", "poor", "leaving", "out", "relapsed", "assisted", "monitored", "monitor-1", "monitor-2",
        "risk-open", "risk-cleared", "dibao", "tekun", "unsafe-house", "unsafe-water", "no-helper", "target-over",
        "cause-01", "cause-none"]  # fmt: skip


def test_today_counted_as_a_past_day_gives_the_figures_of_today():
    today = timezone.localdate()
    a_life()
    first = factories.household(members=3, cause="01", target_end=date(2024, 1, 1))
    Condition.objects.create(household=first, year=2025, dibao=True, danger_level="3")
    Condition.objects.create(household=first, year=2023, tekun=True)
    MemberYear.objects.create(member=first.members.first(), year=2024, tekun=True)
    factories.household(registry_status="0", target_end=None, monitor_category="2", risk_state="1")
    factories.household(registry_status="9", closed_on=date(2025, 1, 1))
    factories.pair(factories.household(registry_status="4"), factories.helper())
    kept.refresh([first.pk])

    own, _ = stats.figures_of("990101100201", today=today)
    then = asof.count("990101100201", today, 12, KEYS)["990101100201"]

    assert {key: own.get(key, [0, 0]) for key in KEYS} == then


CONDITIONS = [
    Q(registry_status="1"), ~Q(registry_status="1"), Q(registry_status__in=["1", "3"]), Q(target_end=None),
    Q(target_end__lt=date(2026, 6, 1)), ~Q(target_end__lt=date(2026, 6, 1)) & Q(risk_state="0"),
    Q(risk_state="1") | Q(size__gte=2),
]  # fmt: skip


def test_a_condition_judged_in_python_is_the_databases():
    factories.household(target_end=date(2026, 5, 1))
    factories.household(registry_status="3", target_end=None, members=2)
    factories.household(registry_status="0", monitor_category="2", risk_state="1")
    day = timezone.localdate()
    for condition in CONDITIONS:
        rewritten, names = asof.then(condition)
        rows = asof.at(Household.objects.all(), day, sorted({"registry_status", *names})).order_by("pk")
        columns = ["pk", *(f"then_{name}" for name in {"registry_status", *names})]

        judged = [row.pk for row in rows.values_list(*columns, named=True) if compiled(rewritten)(row)]

        # SQL leaves NULL out of a negation; the figures never compare an empty date so.
        expected = set(rows.filter(rewritten).values_list("pk", flat=True))
        assert set(judged) >= expected, condition
        others = Household.objects.filter(pk__in=set(judged) - expected)
        assert all(row.target_end is None for row in others), condition


def test_changes_of_a_year_by_month(login):
    a_life()
    other = factories.household(
        registry_status="0", monitor_category="2", risk_state="1", monitored_on=date(2022, 7, 3), risks="01,07",
        target_end=None,
    )  # fmt: skip
    client = login(factories.user())

    rows = table(download(client, "R22", year=2022), 4)
    cleared = table(download(client, "R22", year=2023), 4)

    assert [(row[3], row[5], row[12]) for row in rows if row[0]] == [
        (1, "新增", "风险未消除"), (1, "新增", "风险未消除"),
    ]  # fmt: skip
    assert [row[1] for row in rows if not row[0]] == ["2022年2月小计", "2022年7月小计", "合计"]
    assert rows[2][8] == "因病、务工就业不稳"
    assert rows[2][6] == "边缘易致贫户"
    assert [(row[5], row[12]) for row in cleared if row[0]] == [("消除", "风险已消除")]
    assert other.number


def test_income_and_cause_of_the_year(login):
    household = a_life()
    Income.objects.create(household=household, year=2018, wage=9000, persons=2)
    Income.objects.create(household=household, year=2023, wage=50000, persons=2)
    HouseholdCause.objects.create(household=household, year=2018, rank=0, cause="02")
    HouseholdCause.objects.create(household=household, year=2022, rank=0, cause="01")

    sheet = download(login(factories.user()), "R02", year=2019, figure="cause-02")

    assert column(sheet, "四项合计", 5)[0] == 9000
    assert column(sheet, "致贫原因", 5)[0] == "因残"
