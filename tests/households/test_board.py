"""The dashboard: every figure opens exactly the rows it counts, for the user who sees it."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import GRANTS, Role
from fupin.accounts.roles import Permission as P
from fupin.audit.models import AuditEvent
from fupin.audit.seen import read
from fupin.filing import days
from fupin.filing.closed import frozen_years
from fupin.filing.models import YearFreeze
from fupin.jobs.worker import Worker
from households import checks, kept, rewound, stats
from households.models import (
    Condition,
    Doubt,
    DoubtEnd,
    Household,
    HouseholdMove,
    Income,
    Measure,
    MemberYear,
    StatusChange,
    Visit,
)
from households.panels.pace import forecast, points
from tests import factories
from tests.parts import one_of, two_parts
from tests.workbooks import opened

pytestmark = pytest.mark.django_db
URL = reverse("board")
FIGURE = re.compile(
    r'<a class="fp-fig[^"]*" href="([^"]+)" aria-label="([^"]+) (\S+) (户|人)" data-figure="([^"]+)">([\d,]+)</a>'
)


@pytest.fixture
def county():
    made = [
        factories.household(members=3, cause="01", target_end=date(2026, 1, 31)),
        factories.household(members=1, registry_status="3", exit_year=2026),
        factories.household(members=2, at="99010110020201", visited=date(2026, 11, 1)),
        factories.household(members=4, at="99010110120101", registry_status="0", monitor_category="2",
                            risk_state="1", cause="05", relocated=True),
        factories.household(members=2, at="99010110120101", registry_status="4", cause="05"),
    ]  # fmt: skip
    factories.household(members=9, at="99010210020101")  # the next county
    for n, row in enumerate(made):
        Income.objects.create(household=row, year=2025, wage=9000 * (n + 1), persons=row.size)
        Condition.objects.create(
            household=row, year=2025, danger_level="3" if n == 0 else "1", water_safe=n != 1
        )
        MemberYear.objects.create(
            member=row.members.first(), year=2025, dibao=n == 2, medical_resident=n != 2
        )
    Measure.objects.create(
        household=made[0], region_path=made[0].region_path, kind="08", what="签约", starts_on=date(2026, 2, 1)
    )
    Measure.objects.create(household=made[4], region_path=made[4].region_path, kind="07", what="水管")
    Doubt.objects.create(
        household=made[0],
        region_path=made[0].region_path,
        rule="V01",
        message="疑点",
        found_on=date(2026, 11, 1),
    )
    StatusChange.objects.create(
        household=made[1], step="exit", on=date(2026, 5, 20),
        before={"registry_status": "1"}, after={"registry_status": "3"},
    )  # fmt: skip
    kept.refresh([row.pk for row in made])
    return made


def figures(page):
    found = FIGURE.findall(page.content.decode())
    return {(unescape(url), unit): int(number.replace(",", "")) for url, _, _, unit, _, number in found}


SEES = [role for role in Role if P.BOARD_VIEW in GRANTS[role]]
"""Roles that see the board; where they sit follows from what they are."""
AT = {Role.ADMINISTRATOR: "", Role.TOWNSHIP_OPERATOR: "990101100", Role.TOWNSHIP_LEAD: "990101100", Role.VILLAGE_CLERK: "990101100201", Role.WORK_TEAM: "990101100201"}  # fmt: skip
OPENS = [role for role in SEES if P.HOUSEHOLD_VIEW in GRANTS[role]]


@pytest.mark.parametrize("role", [role for role in SEES if role not in OPENS])
def test_who_may_not_see_households_sees_figures_that_open_none(login, county, role):
    page = login(factories.user(role, at=AT.get(role, "990101"))).get(URL)

    assert not FIGURE.search(page.content.decode())
    assert not any(row.head_name in page.content.decode() for row in county)


FULLY = [(Role.COUNTY_OFFICE, "990101"), (Role.TOWNSHIP_OPERATOR, "990101100"), (Role.VILLAGE_CLERK, "990101100201"),
         (Role.ADMINISTRATOR, "")]  # fmt: skip


@two_parts(12)
@pytest.mark.parametrize("post", one_of(4, FULLY))
def test_every_figure_opens_the_rows_it_counts(login, county, post, part):
    role, at = post
    client = login(factories.user(role, at=at))

    shown = figures(client.get(URL))

    assert len({url for url, _ in shown}) > 60
    told = " ".join(url for url, _ in shown)
    assert all(
        key in told
        for key in (
            "match-01-08",
            "unsafe-house-since-2025",
            "rule=V01",
            "exited-year",
            "figure=plan-open&behind=",
            *(["unmatched-05"] if len(at) == 6 else []),
        )
    )
    urls = part.of(sorted({url for url, _ in shown}))
    read = {url: client.get(url + "&size=100").context["rows"] for url in urls}
    for (url, unit), number in shown.items():
        if url not in read:
            continue
        rows = read[url]
        counted = len(rows) if unit == "户" else sum(row.size for row in rows)
        assert counted == number, url


@two_parts(4)
def test_every_other_role_sees_the_same_figures_and_opens_them_too(login, county, part):
    """Whoever may see households at a place sees what the county's or the township's own office sees there."""
    asked = {role: AT.get(role, "990101") for role in part.of(OPENS)}
    offices = {
        at: figures(login(factories.user(role, at=at)).get(URL))
        for role, at in FULLY if at in asked.values()
    }  # fmt: skip
    for role, at in asked.items():
        client = login(factories.user(role, at=at))
        shown = figures(client.get(URL))
        assert shown == offices[at], role
        for url, unit in sorted(shown)[::40]:
            rows = client.get(url + "&size=100").context["rows"]
            assert (len(rows) if unit == "户" else sum(row.size for row in rows)) == shown[url, unit], url


CHARTS = re.compile(r'<script id="d-(\w+)" type="application/json">(.*?)</script>', re.S)
SERIES = {
    "burnup": ("plan", "actual"),
    "targets": ("target", "done"),
    "causes": ("main",),
    "income": ("now",),
}


@two_parts(8)
@pytest.mark.parametrize("unit", one_of(2, ["户", "人"], at=1))
def test_every_segment_of_a_chart_opens_the_rows_it_draws(login, county, unit, part):
    client = login(factories.user(at="990101"))
    charts = dict(CHARTS.findall(client.get(URL, {"unit": unit}).content.decode()))

    assert set(charts) == {*SERIES, "happened", "stood"}
    read = {}
    for name in charts:
        chart = json.loads(charts[name])
        drawn = chart.get("bars") or chart.get("lines") or [{"data": chart[key]} for key in SERIES[name]]
        urls = chart["urls"] if isinstance(chart["urls"][0], list) else [chart["urls"]]
        for series, addresses in zip(drawn, urls):
            known = [pair for pair in zip(series["data"], addresses) if pair[0] is not None]
            for number, url in part.of(known):
                rows = read[url] if url in read else read.setdefault(url, client.get(url).context["rows"])
                assert (len(rows) if unit == "户" else sum(row.size for row in rows)) == number, url
    assert any(read.values())


@two_parts(12)
def test_a_past_day_shows_and_opens_what_stood_then(login, county, part):
    moved = county[2]
    HouseholdMove.objects.create(
        household=moved, on=date(2026, 6, 1), reason="搬家",
        origin=factories.region("99010110220101"), target=moved.region,
    )  # fmt: skip
    Visit.objects.create(
        household=county[4], region_path=county[4].region_path, on=date(2026, 3, 1), content="看望"
    )
    factories.project(year=2026)
    client = login(factories.user(at="990101"))
    page = client.get(URL, {"asof": "2026-03-31"})
    shown = figures(page)
    text = page.content.decode()

    assert "有项目是这一天以后才录入的" in text  # why the progress of projects is not told
    assert "按 2026-03-31 当时的状态、村组、收入" in text and "系统开始体检以前的数据疑点" in text
    then = reverse("household_then") + "?region={}&figure={}&asof=2026-03-31"
    assert shown[then.format("990101", "poor"), "户"] == 3  # the one that left in May among them
    assert shown[then.format("990101", "exited-year"), "户"] == 0  # which had not happened
    assert shown[then.format("990101102", "all"), "户"] == 1  # where the one lived that moved in June
    assert shown[then.format("990101", "visit-ok"), "户"] == 1
    told = " ".join(url for url, _ in shown)
    assert all(
        key in told
        for key in ("income-below", "match-01-08", "uninsured", "unsafe-house-since-2025", "unmatched-05")
    )
    assert "figure=doubtful" not in told  # nothing tells what was doubtful then
    for url, unit in part.of(sorted(shown)[::5]):
        rows, number = client.get(url).context, shown[url, unit]
        assert (
            rows["households" if unit == "户" else "persons"]
            == number
            == sum(1 if unit == "户" else one["row"].size for one in rows["rows"])
        ), url
    assert client.get(then.format("990101", "doubtful")).status_code == 404


@two_parts(9)
def test_doubts_of_a_past_day_are_those_that_stood_then(login, county, part):
    today = date.today()
    at = {"household": county[1], "region_path": county[1].region_path, "message": "疑点"}
    Doubt.objects.update(found_on=today - timedelta(30))
    Doubt.objects.create(
        rule="V02", found_on=today - timedelta(20), explained="属实", explained_on=today - timedelta(5), **at
    )
    DoubtEnd.objects.create(
        household=county[2], rule="V03", since=today - timedelta(20), until=today - timedelta(9)
    )
    client, key = login(factories.user(at="990101")), "figure=doubtful&asof="
    seen = {}
    for days_ago in (31, 25, 10, 9, 5):
        day = today - timedelta(days_ago)
        shown = figures(client.get(URL, {"asof": day, "only": "quality"}))
        shown = {url: number for (url, _), number in shown.items() if key in url}
        seen[days_ago] = [number for url, number in shown.items() if "region=990101&" + key in url]
        for url, number in part.of(sorted(shown.items())):
            assert client.get(url).context["households"] == number, url
    assert seen == {31: [], 25: [1], 10: [3], 9: [2], 5: [1]}


def test_a_doubt_that_goes_leaves_when_it_stood():
    home = factories.household(target_end=None, target_text="")
    today = date.today()
    checks.check([home.pk], today=today - timedelta(3))
    rules = set(home.doubt_rows.values_list("rule", flat=True))
    assert "V50" in rules  # no target date
    Household.objects.filter(pk=home.pk).update(target_end=today + timedelta(60), target_text="年内")
    checks.check([home.pk], today=today)
    assert DoubtEnd.objects.filter(rule="V50").values_list("household", "since", "until").get() == (
        home.pk, today - timedelta(3), today,
    )  # fmt: skip


def count_day(client, region, **more):
    answer = client.post(reverse("board_count"), {"region": region, "asof": "2026-03-31", **more})
    Worker().loop(once=True)
    return answer


@two_parts(9)
def test_a_past_day_of_too_many_households_is_counted_by_the_worker_and_kept(
    login, county, monkeypatch, part
):
    client, asked = login(factories.user(at="990101")), {"asof": "2026-03-31"}
    live = figures(client.get(URL, asked))
    late = [row.pk for row, _ in dict(_panels(client.get(URL, asked)))["overdue"]["late"]]
    monkeypatch.setattr("households.panels.figures.PAST_AT_MOST", 4)
    monkeypatch.setattr("households.views.then.PAST_AT_MOST", 4)
    page, then = client.get(URL, asked), reverse("household_then")
    listed = client.get(then, {"region": "990101", "figure": "all", **asked})
    assert not figures(page) and not listed.context["rows"]
    assert all("由后台算一次" in one.content.decode() for one in (page, listed))

    job = client.get(count_day(client, "990101").url).context["job"]
    assert (job.state, job.percent) == ("done", 100) and "1 个县、5 户和项目" in job.message
    page = client.get(URL, asked)
    assert figures(page) == live and "没有冻结，指标和名单是" in page.content.decode()
    assert [row.pk for row, _ in dict(_panels(page))["overdue"]["late"]] == late and late
    for url, unit in part.of(sorted(live)[::9]):
        assert client.get(url).context["households" if unit == "户" else "persons"] == live[url, unit], url
    assert not frozen_years(["990101"])  # it closed nothing, and is no year
    assert not client.get(reverse("freeze_list")).context["freezes"]

    visit = {"household": county[0], "region_path": county[0].region_path, "content": "补录"}
    Visit.objects.create(on=date(2026, 3, 2), **visit)
    key = then + "?region=990101&figure=visit-ok&asof=2026-03-31", "户"
    assert figures(client.get(URL, asked))[key] == live[key]
    count_day(client, "990101", again=1)
    assert figures(client.get(URL, asked))[key] == live[key] + 1
    assert YearFreeze.objects.unscoped("tests").count() == 1
    assert count_day(client, "990102").status_code == 404
    assert client.post(reverse("board_count"), {"asof": "2099-01-01"}).status_code == 422


def _panels(page):
    return [(panel.name, data) for panel, data in page.context["panels"]]


@two_parts(9)
def test_above_the_counties_a_past_day_is_what_its_counties_kept(login, county, part):
    one, all_of_them = login(factories.user(at="990101")), login(factories.user(Role.ADMINISTRATOR, at=""))
    count_day(one, "990101")
    page, asked = (
        all_of_them.get(URL, {"region": "99", "asof": "2026-03-31"}),
        "?region={}&figure={}&asof=2026-03-31",
    )
    address = reverse("household_then") + asked
    assert "还没有这一天的数：测试县02" in page.content.decode()
    assert figures(page)[address.format("99", "all"), "户"] == 5
    count_day(all_of_them, "99")
    page = all_of_them.get(URL, {"region": "99", "asof": "2026-03-31"})
    shown = figures(page)
    assert shown[address.format("99", "all"), "户"] == 6 and "还没有这一天的数" not in page.content.decode()
    assert shown[address.format("9901", "all"), "人"] == 21  # its part, the prefecture
    for url, unit in part.of(sorted(shown)[::9]):
        rows = all_of_them.get(url).context
        assert rows["households" if unit == "户" else "persons"] == shown[url, unit], url
    days.clear(date.today() + timedelta(40))
    assert YearFreeze.objects.unscoped("tests").count() == 2  # the day on which they were counted counts
    YearFreeze.objects.unscoped("tests").update(at=timezone.now() - timedelta(31))
    days.clear(date.today())
    assert not YearFreeze.objects.unscoped("tests").exists()


def test_today_judged_household_by_household_is_what_the_database_counts(county):
    """The rules of the past are the rules of today: every figure, also those counted apart."""
    today = date.today()
    for path, width in (("990101", 9), ("990101", 12), ("", 2)):
        counted = rewound.count(path, today, width)
        live = stats.count([path], stats.Day.of(today), width)
        assert counted == {
            place: {key: pair for key, pair in found.items() if pair != [0, 0]}
            for place, found in live.items()
        }


def test_a_year_is_its_last_day_and_tomorrow_is_today(login, county):
    client = login(factories.user(at="990101"))

    assert client.get(URL, {"year": "2025"}).context["view"].day == date(2025, 12, 31)
    for asked in ({"asof": "2099-01-01"}, {"year": "abc"}, {"asof": "1066-10-14"}, {}):
        assert not client.get(URL, asked).context["view"].past
    then = reverse("household_then")
    assert client.get(then, {"asof": "2099-01-01"}).status_code == 404
    assert client.get(then, {"figure": "nothing"}).status_code == 404
    assert client.get(then, {"region": "990102"}).status_code == 404


def test_each_panel_alone_and_as_a_workbook(login, county):
    client = login(factories.user(at="990101"))
    panels = [panel for panel, data in client.get(URL).context["panels"] if "table" in data]

    assert len(panels) >= 10
    for panel in panels:
        book = opened(client.get(reverse("board_table", args=[panel.name]), {"unit": "人"}))
        heads = [cell.value for cell in book[3]]
        assert heads[: len(heads)] and book["A1"].value == f"测试县01{panel.title}"
    alone = client.get(URL, {"only": "drill"})
    assert [panel.name for panel, _ in alone.context["panels"]] == ["drill"]
    assert client.get(reverse("board_table", args=["nothing"])).status_code == 404


def test_a_workbook_says_what_the_page_says(login, county):
    client = login(factories.user(at="990101"))
    sheet = opened(client.get(reverse("board_table", args=["drill"])))
    rows = client.get(URL, {"only": "drill"}).context["panels"][0][1]["rows"]

    assert [(line[0].value, line[1].value) for line in sheet.iter_rows(min_row=4, max_row=3 + len(rows))] == [
        (row.name, cells[0].households) for row, cells, _ in rows
    ]


def test_the_heat_table_of_cadres_is_cut_on_the_dashboard_alone(login, county, monkeypatch):
    """The rest is one link away, and stands in the workbook."""
    factories.pair(county[0], factories.user(Role.HELPER))
    monkeypatch.setattr("households.panels.gaps.CADRES", 1)
    client, here = login(factories.user(at="990101")), {"region": "990101100"}
    page = client.get(URL, here)
    data = {panel.name: data for panel, data in page.context["panels"]}["visits"]
    (link,) = re.findall(r'href="([^"]+)">另有 (\d+) 人，看全部', page.content.decode())
    whole = client.get(URL + unescape(link[0])).context["panels"][0][1]

    assert len(data["cadres"]) == 1 and data["cut"] == int(link[1]) == len(whole["cadres"]) - 1 > 0
    assert whole["cut"] == 0
    sheet = opened(client.get(reverse("board_table", args=["visits"]), here))
    lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4)]
    assert [(line[1], line[2], line[3]) for line in lines if line[0] == "合计"] == [
        (name, total["owed"].number, total["done"].number) for name, _, total in whole["cadres"]
    ]


def test_a_workbook_of_nothing_says_so(login):
    factories.region()
    client = login(factories.user(at="990101"))

    assert opened(client.get(reverse("board_table", args=["drill"])))["A4"].value == "没有可列的行"


def test_the_pace_of_today_says_who_will_be_late():
    half, end = date(2026, 7, 2), date(2026, 12, 31)  # the 183rd day

    assert forecast(0, 0, half, end).state == "none"
    assert forecast(4, 4, half, end).state == "done"
    assert (forecast(10, 0, half, end).state, forecast(10, 0, half, end).missing) == ("never", 10)
    on_time = forecast(10, 6, half, end)
    assert (on_time.state, on_time.on, on_time.missing) == ("ok", half + timedelta(122), 0)
    late = forecast(10, 3, half, end)
    assert (late.state, late.on, late.missing) == ("late", half + timedelta(427), 5)  # 3 + 3 x 182 / 183 = 5
    over = forecast(10, 9, half, date(2026, 6, 30))
    assert (over.state, over.missing) == ("late", 1)
    assert points([5, 10], 10) == "0,30.0 10,16.0 20,2.0"


@two_parts(10)
def test_two_places_side_by_side(login, county, part):
    client = login(factories.user(at="990101"))
    address = reverse("board_compare")
    asked = {"region": "990101100", "other": "990101101"}
    page = client.get(address, asked)
    lines = {line.label: line for _, lines in page.context["sections"] for line in lines}

    assert (lines["在册户"].left.households, lines["在册户"].right.households, lines["在册户"].change) == (
        3,
        2,
        1,
    )
    for (url, _unit), number in part.of(figures(page).items()):
        assert len(client.get(url + "&size=100").context["rows"]) == number, url
    sheet = opened(client.get(address, asked | {"format": "xlsx"}))
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=4)] == [
        ["规模", "在册户", 3, 2, 1]
    ]
    years = client.get(address, {"region": "990101", "year": "2025", "other_year": "2026"})
    first = years.context["sections"][0][1][0]
    assert first.left.url.startswith(reverse("household_then")) and first.right.url.startswith(
        reverse("household_list")
    )
    assert client.get(address, {"region": "990101", "other": "990102"}).status_code == 404


def _opened(client, url, unit):
    rows = client.get(url + "&size=100").context
    if "households" in rows:
        return rows["households" if unit == "户" else "persons"]
    return len(rows["rows"]) if unit == "户" else sum(row.size for row in rows["rows"])


@two_parts(9)
def test_every_figure_of_week_and_comparison_opens_its_rows_and_the_screen_shows_the_same(
    login, county, part
):
    client, past = (
        login(factories.user(at="990101")),
        {"year": "2026", "other_year": "2025", "region": "990101"},
    )
    Visit.objects.create(
        household=county[0], region_path=county[0].region_path, on=date.today(), content="看望"
    )
    pages = [
        (reverse("board_week"), {}), (reverse("board_week"), {"asof": "2026-05-22"}),
        (reverse("board_compare"), {"region": "990101100", "other": "990101101", "unit": "人"}),
        (reverse("board_compare"), past),
    ]  # fmt: skip
    for address, asked in pages:
        page = client.get(address, asked)
        shown = figures(page)
        assert len(shown) > 3, address
        for url, unit in part.of(sorted(shown)[::3]):
            assert _opened(client, url, unit) == shown[url, unit], url
    week = client.get(reverse("board_week")).context["week"]
    numbers = [one for one in (*week["steps"], week["late_count"], week["visits"]) if one.url]
    assert week["visits"] in numbers
    for one in numbers:
        rows = client.get(one.url).context
        assert len(rows["rows"] if "rows" in rows else rows["page"].rows) == int(one.words), one.label

    board = client.get(URL).context["view"].held["households"]
    cells = {figures.path: figures for figures in (board[0], *(row.figures for row in board[1]))}
    for slide in client.get(reverse("board_screen")).context["slides"]:
        same = cells[slide["figures"].path]
        for key in ("plan-done", "plan-year", "assisted", "risk-open", "target-over", "visit-over"):
            seen = slide["figures"][key]
            assert seen.few or (seen.households, seen.persons) == (same[key].households, same[key].persons), (
                key
            )


def test_the_large_screen_turns_through_the_parts_and_names_nobody(login, county):
    page = login(factories.user(at="990101")).get(reverse("board_screen"))
    text = page.content.decode()

    assert [slide["name"] for slide in page.context["slides"]] == ["测试县01", "测试镇00", "测试镇01"]
    assert page.context["slides"][1]["figures"]["assisted"].few  # two households point at somebody
    assert not any(row.head_name in text or row.number in text for row in county)
    assert "<style" not in text and " style=" not in text and "<script>" not in text


def test_the_week_says_what_changed_and_what_is_late(login, county, django_assert_max_num_queries):
    first, out = county[:2]
    StatusChange.objects.filter(household=out).update(on=date.today())
    first.target_end = date.today() - timedelta(3)
    first.save()
    kept.refresh([first.pk])
    address = reverse("board_week")
    client = login(factories.user(at="990101"))
    with django_assert_max_num_queries(30):
        page = client.get(address)

    week = page.context["week"]
    assert [(one.label, one.words) for one in week["steps"]] == [("退出（脱贫）", "1")]
    assert [row.pk for row in client.get(week["steps"][0].url).context["rows"]] == [out.pk]
    assert [row.pk for row in client.get(week["late_count"].url).context["rows"]] == [first.pk]
    assert [one["household"] for one in week["changes"]] == [out]
    assert (week["late_count"].words, [row for row, _, _ in week["late"]]) == ("1", [first])
    assert [row.name for row in week["worst"]] + [row.name for row in week["best"]] == [
        "测试镇01",
        "测试镇00",
    ]
    sheet = opened(client.get(address, {"format": "xlsx"}))
    told = {line[1].value: [cell.value for cell in line] for line in sheet.iter_rows(min_row=3)}
    assert (told["退出（脱贫）"][2], told["本周新超过时限"][2], told["测试镇00"][0]) == (1, 1, "最靠前")
    leader = login(factories.user(Role.LEADER, at="990101")).get(address)
    assert [(one.words, one.url) for one in leader.context["week"]["steps"]] == [("＜5", "")]
    assert not any(row.head_name in leader.content.decode() for row in county)


def test_figures_of_one_place_only(login, county):
    page = login(factories.user(at="990101")).get(URL)

    assert page.context["region"].path == "990101"
    assert figures(page)[reverse("household_list") + "?region=990101&figure=all", "户"] == 5


def test_a_place_outside_the_post_does_not_exist(login, county):
    client = login(factories.user(at="990101"))

    assert client.get(URL, {"region": "990102"}).status_code == 404
    assert client.get(URL, {"region": "990101100"}).status_code == 200


def test_a_leader_sees_figures_without_names(login, county):
    page = login(factories.user(Role.LEADER, at="990101")).get(URL)

    text = page.content.decode()
    assert not FIGURE.search(text)
    assert "在册户" in text
    assert county[0].head_name not in text


def test_years_say_what_happened_what_was_earned_and_what_was_kept_of_them(login, county):
    page = login(factories.user(at="990101")).get(URL)
    found = {panel.name: data for panel, data in page.context["panels"]}["trends"]
    years = {one.year: one for one in found["years"]}

    assert [cell.number for cell in years[2026].happened] == [0, 1, 0, 0, 0]
    assert (years[2025].earned.number, years[2025].standing) == (5, [])  # nobody kept the end of 2025
    net = 9000 * (1 + 2 + 3 + 4 + 5)
    assert years[2025].head == round(Decimal(net) / 12, 2)
    assert [cell.number for cell in years[2026].standing] == [5, 4, 1, 4, 1]
    assert "年度可看当时的看板" in page.content.decode()


def test_who_was_not_visited_for_sixty_days_is_named_never_first(login):
    today = date.today()
    made = [
        factories.household(registry_status="3", visited=today - timedelta(days))
        for days in (59, 60, 61, 300)
    ]
    made += [factories.household(registry_status="3"), factories.household(registry_status="0")]
    kept.refresh([row.pk for row in made])
    client = login(factories.user(at="990101"))
    page = client.get(URL)
    named = {panel.name: data for panel, data in page.context["panels"]}["overdue"]["long_ago"]

    assert [(row.pk, days) for row, days in named] == [
        (made[4].pk, None),
        (made[3].pk, 300),
        (made[2].pk, 61),
    ]
    assert figures(page)[f"{reverse('household_list')}?region=990101&figure=unvisited", "户"] == 3
    tomorrow = {
        panel.name: data
        for panel, data in client.get(URL, {"asof": str(today - timedelta(1))}).context["panels"]
    }
    assert [(row.pk, days) for row, days in tomorrow["overdue"]["long_ago"]][1:] == [(made[3].pk, 299)]


def test_the_number_of_queries_does_not_grow(login, county, django_assert_max_num_queries):
    client = login(factories.user(at="990101"))
    client.get(URL)
    for n in range(12):
        factories.household(members=2, at=f"990101{102 + n}20101")

    # session, user, posts, region, region again for the trail, children of the region, kept counts,
    # names, income lines twice, households late, unvisited (thrice) and alone with where they lie (twice) and their names,
    # frozen years, rules of filing, counts of projects
    with django_assert_max_num_queries(26):
        client.get(URL)


def test_the_late_are_taken_home_as_the_page_names_them_and_the_trail_says_so(login, county):
    user = factories.user(at="990101")
    client, address = login(user), reverse("board_table", args=["overdue"])
    for asked in ({}, {"asof": "2026-03-31"}):
        panel = dict(_panels(client.get(URL, asked | {"only": "overdue"})))["overdue"]
        shown = [row for row, _ in panel["late"] + panel["unvisited"] + panel["long_ago"]] + panel["alone"]
        sheet = opened(client.get(address, asked))
        lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4, max_col=8)]
        lines = [line for line in lines if line[0]]
        assert shown and [line[1:3] for line in lines] == [[str(row), row.village_name] for row in shown]
        days = [days for _, days in panel["late"]]
        assert [line[7] for line in lines if line[0] == "超过时限"] == days and days
    told = AuditEvent.objects.filter(action="report.export", target="board:overdue").order_by("pk").first()
    assert told.user == user and {*read(told.seen).households} >= {
        row.pk for row, _ in dict(_panels(client.get(URL)))["overdue"]["late"]
    }
    assert login(factories.user(Role.LEADER, at="990101")).get(address).status_code == 404
    clerk = login(factories.user(Role.VILLAGE_CLERK, at="990101100201"))
    assert clerk.get(address).status_code == (200 if P.REPORT_EXPORT in GRANTS[Role.VILLAGE_CLERK] else 404)
