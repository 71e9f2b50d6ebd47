"""发生率 by year on the dashboard: the persons, among how many people, the same as in R04 and in the forms of bureaus."""

import json
from decimal import Decimal

import pytest
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.jobs.worker import Worker
from households import kept
from households.models import VillageProfile
from households.panels import rates
from tests import factories
from tests.households.test_board import CHARTS, URL, _opened, _panels
from tests.households.test_indicators import told as measured
from tests.households.test_summaries import cells, download
from tests.workbooks import opened

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
VILLAGES = ["990101100201", "990101100202", "990101101201"]


def told(path, year, population):
    row, _ = VillageProfile.objects.update_or_create(
        region=factories.region(path), region_path=path, year=year, defaults={"population": population}
    )
    return row


@pytest.fixture
def county():
    made = [
        factories.household(at=f"{VILLAGES[0]}01", members=3, registry_status="1"),
        factories.household(at=f"{VILLAGES[1]}01", members=2, registry_status="4"),
        factories.household(at=f"{VILLAGES[1]}01", members=4, registry_status="3", monitor_category="1", risk_state="1"),
        factories.household(at=f"{VILLAGES[2]}01", members=1, registry_status="2"),
    ]  # fmt: skip
    kept.refresh([row.pk for row in made])
    for path, year, population in (
        (VILLAGES[0], YEAR - 2, 100),
        (VILLAGES[0], YEAR, 150),
        (VILLAGES[1], YEAR - 1, 50),
    ):
        told(path, year, population)
    return made


def trends(client, **asked):
    return dict(_panels(client.get(URL, {"only": "trends"} | asked)))["trends"]


def of(client, wanted=YEAR, **asked):
    one = next(one for one in trends(client, **asked)["years"] if one.year == wanted)
    return one.people, [(rate.cell.persons, rate.rate) for rate in one.rates]


def test_a_rate_needs_the_people_of_every_village_in_which_households_live(login, county):
    client = login(factories.user(at="990101"))
    assert of(client) == (None, [(6, None), (4, None)])  # a village has no profile
    assert trends(client)["rates"] is None
    town = Decimal(5) / 200, Decimal(4) / 200
    assert of(client, region="990101100") == (200, list(zip((5, 4), town)))
    told(VILLAGES[2], YEAR, None)
    assert of(client)[0] is None  # nor does it say the number
    told(VILLAGES[2], YEAR, 0)
    people, found = of(client)
    assert (people, found) == (200, [(6, Decimal(6) / 200), (4, Decimal(4) / 200)])

    report = cells(download(client, "R04", region="990101", year=YEAR))["合计"]
    assert (report["未脱贫人口"], report["村情总人口"]) == (6, 200)
    assert report["贫困发生率"] == pytest.approx(0.03)
    text = "village.poverty-rate|"
    assert measured(factories.user(at="990101"), [text], ["990101"])["990101"][text] == found[0][1]


def test_the_chart_and_the_workbook_say_what_the_table_says_and_open_the_persons(login, county):
    told(VILLAGES[2], YEAR - 1, 50)
    client = login(factories.user(at="990101"))
    page = client.get(URL, {"only": "trends"})
    chart = json.loads(dict(CHARTS.findall(page.content.decode()))["rates"])
    people, found = of(client)

    assert [line["data"][-1] for line in chart["lines"]] == [2.4, 1.6]  # 6 and 4 of 250
    for urls, (persons, _) in zip(chart["urls"], found):
        assert _opened(client, urls[-1], "人") == persons
    sheet = opened(client.get("/board/table/trends/?region=990101"))
    heads = [cell.value for cell in sheet[3]]
    first = dict(zip(heads, [cell.value for cell in sheet[4]]))
    assert (first["年度"], first["村情总人口"], first["贫困人口"]) == (str(YEAR), 250, 6)
    assert first["贫困发生率"] == pytest.approx(0.024)
    text = page.content.decode()
    assert ">2.40%<" in text and ">1.60%<" in text and "÷ 总人口" in text


def test_the_end_of_a_year_that_was_kept_takes_the_people_of_that_year(login, county):
    told(VILLAGES[2], YEAR - 1, 50)
    client = login(factories.user(at="990101"))
    client.post("/board/count/", {"region": "990101", "asof": f"{YEAR - 1}-12-31"})
    Worker().loop(once=True)
    people, found = of(client, YEAR - 1)
    assert people == 200  # 100 of the year before, not 150 of this one
    assert found[0][1] == Decimal(found[0][0]) / 200
    then = of(client, YEAR - 1, year=str(YEAR - 1))
    assert then == (people, found)
    rate = next(one for one in trends(client)["years"] if one.year == YEAR - 1).rates[0]
    assert _opened(client, rate.cell.url, "人") == rate.cell.persons
    VillageProfile.objects.filter(region_path=VILLAGES[1]).delete()
    assert of(client, YEAR - 1)[0] is None
    assert of(client, YEAR, asof=f"{YEAR}-01-01")[0] is None
    told(VILLAGES[1], YEAR, 10)
    assert of(client, YEAR, asof=f"{YEAR}-01-01")[0] == 210
    assert of(client, YEAR - 1)[0] is None


def test_a_rate_of_withheld_persons_is_none_and_of_nobody_too(login, county):
    told(VILLAGES[2], YEAR - 1, 50)
    leader = login(factories.user(Role.LEADER, at="990101"))
    assert [rate for _, rate in of(leader)[1]] == [None, None]
    cell = next(iter(trends(login(factories.user(at="990101")))["years"])).rates[0].cell
    assert rates.rate(cell, 0) is None and rates.rate(cell, None) is None
