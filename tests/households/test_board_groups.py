"""The dashboard of a group of areas: its own place, rows of its county, and every figure opens exactly its rows."""

import json
from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from households import kept, stats
from households.models import AreaGroup, AreaGroupPlace, HouseholdMove, Visit
from projects import kept as project_counts
from tests import factories
from tests.households.test_board import CHARTS, SERIES, URL, _opened, _panels, count_day, figures
from tests.parts import one_of, two_parts
from tests.workbooks import opened

pytestmark = pytest.mark.django_db
TOWNS = ("990101100", "990101101", "990101102")


def group(name, places, **more):
    row = AreaGroup.objects.create(region_path="990101", name=name, **more)
    for path in places:
        AreaGroupPlace.objects.create(group=row, region=factories.region(path), region_path=path)
    return row


@pytest.fixture
def county():
    """Two townships of three are a group, of which one with a village of the other are a narrower one; the village lies in a
    project that covers a place of each township."""
    made = [
        factories.household(at=f"{TOWNS[0]}20101", members=3, cause="01", target_end=date(2026, 1, 31)),
        factories.household(at=f"{TOWNS[1]}20101", members=2, registry_status="3", exit_year=2026),
        factories.household(at=f"{TOWNS[1]}20201", members=4, cause="05"),
        factories.household(at=f"{TOWNS[2]}20101", members=5, cause="05", visited=date(2026, 11, 1)),
    ]
    Visit.objects.create(household=made[0], region_path=made[0].region_path, on=date.today(), content="看望")
    kept.refresh([row.pk for row in made])
    project = factories.project(year=2026, at=f"{TOWNS[0]}201", villages=[f"{TOWNS[0]}201", f"{TOWNS[1]}202"])
    other = factories.project(year=2026, at=f"{TOWNS[2]}201")
    project_counts.recount()
    wide = group("2个欠发达乡镇", TOWNS[:2], confirmed=True)
    narrow = group("重点扶持", [TOWNS[0], f"{TOWNS[1]}202"], within=wide, first_year=2025)
    return made, wide, narrow, (project, other)


@two_parts(10)
@pytest.mark.parametrize("unit", one_of(2, ["户", "人"], at=1))
def test_every_figure_and_segment_of_a_group_opens_the_rows_it_counts(login, county, unit, part):
    made, wide, narrow, _ = county
    client = login(factories.user(at="990101"))
    page = client.get(URL, {"region": f"g{narrow.pk}", "unit": unit})
    shown = figures(page)
    own = reverse("household_list") + f"?region=990101&group={narrow.pk}&figure=all"

    assert (shown[own, "户"], shown[own, "人"]) == (2, 7)
    assert [row.name for row, _, _ in dict(_panels(page))["drill"]["rows"]] == [
        "测试镇00",
        "测试镇01 测试村02",
    ]
    assert len(shown) > 60
    read = {}
    for (url, told), number in part.of(sorted(shown.items())):
        assert _opened(client, url, told) == number, url
    for name, text in CHARTS.findall(page.content.decode()):
        chart = json.loads(text)
        drawn = chart.get("bars") or chart.get("lines") or [{"data": chart[key]} for key in SERIES[name]]
        urls = chart["urls"] if isinstance(chart["urls"][0], list) else [chart["urls"]]
        for series, addresses in zip(drawn, urls):
            for number, url in part.of([pair for pair in zip(series["data"], addresses) if pair[0]]):
                if url not in read:
                    read[url] = _opened(client, url, unit)
                assert read[url] == number, url


def test_groups_are_rows_of_their_county_and_go_down_to_their_own_board(login, county):
    _, wide, narrow, _ = county
    client = login(factories.user(at="990101"))
    page = client.get(URL, {"only": "drill"})
    found = dict(_panels(page))["drill"]["groups"]

    assert [(row.name, cells[0].number) for row, cells, _ in found] == [
        ("其中：2个欠发达乡镇", 3),
        ("　其中：重点扶持", 2),
    ]
    for row, cells, _ in found:
        for cell in cells:
            assert _opened(client, cell.url, "户") == cell.households, cell
        assert client.get(row.url).context["view"].name in row.name
    assert "；重点扶持的名单待核实" in page.content.decode()
    sheet = opened(client.get(reverse("board_table", args=["drill"])))
    assert ("　其中：重点扶持", 2) in [(line[0].value, line[1].value) for line in sheet.iter_rows(min_row=4)]


@two_parts(8)
def test_a_group_on_a_past_day_is_what_its_places_were_counted_live_and_kept(login, county, part):
    made, wide, narrow, (project, _) = county
    HouseholdMove.objects.create(
        household=made[0], on=date(2026, 6, 1), reason="搬家",
        origin=factories.region(f"{TOWNS[2]}20101"), target=made[0].region,
    )  # fmt: skip
    client, asked = login(factories.user(at="990101")), {"asof": "2026-03-31", "region": f"g{wide.pk}"}
    live = figures(client.get(URL, asked))
    own = reverse("household_then") + f"?region=990101&group={wide.pk}&figure=all&asof=2026-03-31"
    assert live[own, "户"] == 2  # the one that moved in June lived elsewhere

    def rows():
        page = client.get(URL, {"asof": "2026-03-31", "only": "drill"})
        return [(row.name, cells[0].households) for row, cells, _ in dict(_panels(page))["drill"]["groups"]]

    named = rows()
    assert named == [("其中：2个欠发达乡镇", 2), ("　其中：重点扶持", 1)]
    count_day(client, "990101")
    wide.places.all().delete()  # what was kept is put together by the groups of then
    AreaGroupPlace.objects.create(group=wide, region=factories.region(TOWNS[2]), region_path=TOWNS[2])
    page = client.get(URL, asked)
    assert figures(page) == live and rows() == named
    assert str(dict(_panels(page))["projects"]["own"]["all"]) == "1"
    for url, unit in part.of(sorted(live)):
        assert _opened(client, url, unit) == live[url, unit], url
    assert client.get(own.replace("990101", "990102")).status_code == 404


def test_projects_of_a_group_are_counted_once_each(login, county):
    _, wide, _, (project, _) = county
    client = login(factories.user(at="990101"))
    panel = dict(_panels(client.get(URL, {"region": f"g{wide.pk}"})))["projects"]

    assert (panel["own"]["all"].number, [row.cells["all"].number for row in panel["rows"]]) == (1, [1, 1])
    listed = client.get(panel["own"]["all"].url).context
    assert [line.project.pk for line in listed["lines"]] == [project.pk]
    assert "片区：2个欠发达乡镇" in [words for words, _ in listed["chips"]]
    then = client.get(URL, {"region": f"g{wide.pk}", "asof": "2026-11-01"})
    cell = dict(_panels(then))["projects"]["own"]["all"]
    assert len(client.get(cell.url).context["rows"]) == cell.number == 1


def test_a_group_is_compared_has_a_week_a_screen_and_workbooks(login, county):
    made, wide, narrow, _ = county
    client = login(factories.user(at="990101"))
    page = client.get(reverse("board_compare"), {"region": f"g{wide.pk}", "other": f"g{narrow.pk}"})
    first = page.context["sections"][0][1][0]
    assert (first.left.households, first.right.households) == (3, 2)
    assert (f"g{wide.pk}", "片区：2个欠发达乡镇") in page.context["places"]
    week = client.get(reverse("board_week"), {"region": f"g{wide.pk}"}).context["week"]
    assert (week["visits"].words, len(client.get(week["visits"].url).context["page"].rows)) == ("1", 1)
    slides = client.get(reverse("board_screen"), {"region": f"g{wide.pk}"}).context["slides"]
    assert [slide["name"] for slide in slides] == ["2个欠发达乡镇", "测试镇00", "测试镇01"]
    sheet = opened(client.get(reverse("board_table", args=["axes"]), {"region": f"g{wide.pk}"}))
    assert sheet["A1"].value == "2个欠发达乡镇状态构成"


def test_a_year_asks_for_the_group_of_that_name_which_held_then(login, county):
    _, wide, narrow, _ = county
    client = login(factories.user(at="990101"))
    before = client.get(URL, {"region": f"g{narrow.pk}", "year": "2024"})
    assert "2024 年度没有“重点扶持”这个片区分组" in before.content.decode()
    assert not figures(before)
    narrow.first_year = 2026
    narrow.save()
    older = group("重点扶持", TOWNS[2:], last_year=2025)
    assert client.get(URL, {"region": f"g{narrow.pk}", "year": "2025"}).context["view"].group.key == older.pk
    assert client.get(URL, {"region": f"g{older.pk}"}).context["view"].group.key == narrow.pk


def test_a_group_of_another_county_does_not_exist_and_a_township_sees_none(login, county):
    _, wide, _, _ = county
    for at in ("990102", TOWNS[0]):
        factories.region(at)
        client = login(factories.user(at=at))
        assert client.get(URL, {"region": f"g{wide.pk}"}).status_code == 404
        assert not client.get(URL).context["groups"]
    assert login(factories.user(at="990101")).get(URL, {"region": "g999999"}).status_code == 404


def test_who_sees_figures_alone_learns_nothing_from_groups(login, county):
    """A figure of a group is shown where each of its places shows it: it is then a sum of what is shown anyway."""
    _, wide, narrow, _ = county
    for path in (TOWNS[0], TOWNS[1]):
        for n in range(5 if path == TOWNS[0] else 2):
            factories.household(at=f"{path}2030{n + 1}", registry_status="0")
    client = login(factories.user(Role.LEADER, at="990101"))
    county_rows = dict(_panels(client.get(URL)))["drill"]
    shown = {row.path: row.figures for row, _, _ in county_rows["rows"]}
    for row, cells, _ in county_rows["groups"]:
        paths = {"其中：2个欠发达乡镇": TOWNS[:2]}.get(row.name)
        for cell in cells if paths else ():
            parts = [shown[path][cell.key] for path in paths]
            assert cell.few == any(part.few for part in parts), cell.key
            assert cell.few or cell.number == sum(part.number for part in parts)
    own = dict(_panels(client.get(URL, {"region": f"g{wide.pk}"})))["drill"]["totals"]
    assert [(cell.few, cell.number) for cell in own] == [
        (cell.few, cell.number) for cell in county_rows["groups"][0][1]
    ]
    assert any(cell.few for cell in own)


def test_the_number_of_queries_of_a_group_does_not_grow(login, county, django_assert_max_num_queries):
    _, wide, _, _ = county
    client = login(factories.user(at="990101"))
    client.get(URL, {"region": f"g{wide.pk}"})
    for n in range(8):
        place = factories.region(f"99010120{n}")
        factories.household(members=2, at=f"{place.path}20101")
        AreaGroupPlace.objects.create(group=wide, region=place, region_path=place.path)
    stats.recount_all()
    with django_assert_max_num_queries(32):
        client.get(URL, {"region": f"g{wide.pk}"})
