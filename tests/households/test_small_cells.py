"""Figures of fewer than five households are for who may see the rows themselves."""

import io
import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from fupin.accounts.roles import Role
from fupin.regions.models import Region
from households import kept, stats, withheld
from households.models import FollowUp, HouseholdCause, Measure, Paper, RegionCount, Visit
from households.papers.kinds import BY_NAME
from tests import factories
from tests.parts import two_parts


def test_two_small_cells_that_add_up_to_few_take_a_third_with_them():
    """Their sum is what the others leave of the whole: two villages of which three households are poor."""
    places = {"a": {"out": [1, 3]}, "b": {"out": [2, 5]}, "c": {"out": [30, 90]}, "d": {"out": [9, 20]}}
    assert withheld.among(places) == (set(), {"a": {"out"}, "b": {"out"}, "c": set(), "d": {"out"}})
    own, _ = withheld.among({"a": {"out": [1, 3]}, "b": {"out": [2, 5]}})
    assert own == {"out"}


def test_what_several_sums_together_tell_is_withheld_too():
    """Each sum leaves two unknown, all of them together leave none: of two states in three places, three cells known."""
    hidden = {"": set(), "a": {"visit-ok", "visit-over"}, "b": {"visit-ok", "visit-over"}, "c": {"visit-ok"}}
    places = {
        path: {"visit-required": [20, 40], "visit-ok": [9, 18], "visit-over": [11, 22]} for path in "abc"
    }
    places[""] = stats.total(places.values())
    assert ("c", "visit-ok") in withheld._determined(places, hidden)
    hidden["c"].add("visit-over")
    assert withheld._determined(places, hidden) == set()


def test_a_cell_alone_takes_the_next_smallest_with_it():
    places = {"a": {"out": [3, 9], "all": [20, 60]}, "b": {"out": [7, 20]}, "c": {"out": [30, 90]}, "d": {}}
    own, hidden = withheld.among(places)
    assert (own, hidden) == (set(), {"a": {"out"}, "b": {"out"}, "c": set(), "d": set()})
    _, hidden = withheld.among({"a": {"out": [3, 9]}, "b": {"out": [4, 9]}, "c": {"out": [30, 90]}})
    assert hidden["c"] == set()
    assert withheld.among({}) == (set(), {})


COUNTS = st.integers(0, 12)


@st.composite
def place(draw):
    """Figures of a place in which the sums of the register hold."""
    found = {
        key: draw(COUNTS)
        for key in ("ordinary", "poor", "leaving", "out", "relapsed", "visit-ok", "visit-over", "risk-open")
    }
    found["registered"] = sum(found[key] for key in ("poor", "leaving", "out", "relapsed"))
    found["all"] = found["registered"] + found["ordinary"]
    found["visit-required"] = found["visit-ok"] + found["visit-over"]
    return {key: [count, 3 * count] for key, count in found.items()}


@settings(max_examples=50)
@given(st.lists(place(), max_size=4), st.sets(st.sampled_from(["out", "all", "visit-over"])))
def test_nothing_withheld_comes_out_of_the_sums_that_are_shown(parts, above):
    children = {f"p{at}": figures for at, figures in enumerate(parts)}
    own = stats.total(parts)
    mine, hidden = withheld.among(children, own, {key for key in above if own.get(key, (0,))[0]})
    places, unseen = {"": own, **children}, {"": mine, **hidden}

    for path, figures in places.items():
        assert {key for key, pair in figures.items() if stats.is_few(pair)} <= unseen[path]
    assert not withheld._determined(places, unseen)
    sums = [[("", key), *((path, key) for path in children)] for key in own]
    sums += [
        [(path, key) for key in (total, *parts) if key in figures]
        for path, figures in places.items() for total, parts in withheld.SUMS if total in figures
    ]  # fmt: skip
    for cells in sums:
        if len(cells) > 1:
            gone = [(path, key) for path, key in cells if key in unseen[path]]
            assert len(gone) != 1, (cells, places, unseen)
            left = sum(places[path].get(key, (0, 0))[0] for path, key in gone)
            assert cells[0] in gone or not stats.is_few([left]), (cells, places, unseen)


def test_a_figure_withheld_beside_its_neighbours_is_not_shown_on_its_own_page():
    towns = {"990101100": {"out": [3, 9]}, "990101101": {"out": [7, 20]}, "990101102": {"out": [30, 90]}}
    villages = {"990101101201": {"out": [7, 20]}}
    read = {"990101": (stats.total(towns.values()), towns), "990101101": (towns["990101101"], villages)}

    assert withheld.at("990101101", read.get)[0] == {"out"}
    # and its one village, which is all of it, neither
    assert withheld.at("990101101", read.get)[1] == {"990101101201": {"out"}}


@settings(max_examples=25, derandomize=True)
@given(st.lists(st.lists(place(), min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_figure_withheld_on_its_own_page_is_withheld_on_the_page_above(towns):
    """The same trees each time: of random ones four in a thousand still withhold a figure on its own page alone, 160 before."""
    pages, county = {}, {}
    for n, villages in enumerate(towns):
        town = f"99010110{n}"
        held = {f"{town}20{at}": figures for at, figures in enumerate(villages)}
        county[town] = stats.total(villages)
        pages[town] = county[town], held
        pages |= {path: (figures, {f"{path}01": figures}) for path, figures in held.items()}
    pages["990101"] = stats.total(county.values()), county

    for path, (_, parts) in pages.items():
        unseen = withheld.at(path, pages.get)[1]
        assert (
            unseen == {part: withheld.at(part, pages.get)[0] for part in parts if part in pages}
            or len(path) == 12
        )


@pytest.mark.parametrize(("count", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_few_is_one_to_four(count, hidden):
    assert stats.is_few([count, 9]) is hidden


@pytest.mark.django_db
def test_a_leader_sees_less_than_five_where_the_county_office_sees_the_number(login):
    for _ in range(3):
        factories.household(members=1, registry_status="2")
    leader, office = factories.user(Role.LEADER), factories.user(Role.COUNTY_OFFICE)

    page = login(leader).get("/board/?region=990101").content.decode()
    assert ">不列<" in page
    assert "data-figure" not in page

    page = login(office).get("/board/?region=990101").content.decode()
    assert "不列" not in page
    assert 'data-figure="all">3<' in page.replace("\n", "")


@pytest.mark.django_db
def test_the_villages_page_gives_no_small_figure_of_the_register_either(login):
    factories.household(registry_status="1")
    page = login(factories.user(Role.BUREAU)).get("/villages/").context["rows"]
    assert [row["register"] for row in page] == [None]
    page = login(factories.user(Role.COUNTY_OFFICE)).get("/villages/").context["rows"]
    assert [row["register"] for row in page] == [[1, 1]]


def everything(client, paper, part):
    """`{address: text}` of every page and file of figures that a role without households opens, of all places."""
    found = {}
    for place in ("990101", "990101100", "990101100201", "990101100202")[
        0 if part.rest else 1 :: 1 if part.rest else 2
    ]:
        page = client.get(f"/board/?region={place}").content.decode()
        tables = set(re.findall(r'href="(/board/table/[^"]*)"', page))
        for address in part.of([
            f"/board/?region={place}", f"/board/compare/?region={place}", f"/board/screen/?region={place}",
            f"/board/week/?region={place}", f"/villages/?region={place}", f"/villages/{place}/", *sorted(tables),
        ]):  # fmt: skip
            found[address] = answer(client, unescape(address))
    found["paper"] = answer(client, f"/papers/{paper}/")
    return {address: text for address, text in found.items() if text is not None}


def answer(client, address):
    response = client.get(address)
    if response.status_code != 200:
        return None
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        return [[str(cell) for cell in row] for row in load_workbook(io.BytesIO(body)).active.values]
    text = body.decode().replace(response.headers["X-Request-ID"], "#")
    return re.sub(
        r'nonce="[^"]*"|value="[A-Za-z0-9]{64}"|X-CSRFToken": ?"[A-Za-z0-9]{64}|"?csrf[^>]{0,120}',
        "",
        text,
    )


def first(one, two):
    """The first place where two texts differ."""
    at = next((n for n, (a, b) in enumerate(zip(one, two)) if a != b), 0)
    return one[max(0, at - 60) : at + 20], two[max(0, at - 60) : at + 20]


def counted_anew():
    RegionCount.objects.all().delete()
    stats.recount(["990101100201", "990101100202"])


@pytest.mark.django_db
def test_a_paper_gives_no_small_figure_either(login):
    """Its draft counts for whoever reads it: causes, measures, visits, pairings and the kept figures."""
    homes = [factories.household(cause=cause) for cause in ["01"] * 6 + ["03"] * 2 + ["02"] * 5]
    helper = factories.helper(unit="测试县水利局")
    for home in homes[:3]:
        Measure.objects.create(
            household=home, region_path=home.region_path, kind="01", what="养羊", starts_on="2026-02-01"
        )
        visit = Visit.objects.create(
            household=home, region_path=home.region_path, on="2026-03-01", content="走访"
        )
        FollowUp.objects.create(visit=visit, household=home, region_path=home.region_path, what="修路")
        factories.pair(home, helper)
    stats.recount(["990101100201"])
    words = "{{现有在帮扶户}}；{{走访户数}}；{{走访次数}}；{{反映问题数}}；{{帮扶措施数}}；{{完成措施数}}；{{措施覆盖户数}}"
    tables = "{{表：户级致贫原因}}\n{{表：帮扶措施}}\n{{表：结对帮扶}}"
    paper = Paper.objects.create(
        kind="village_plan", region=Region.objects.get(path="990101100201"), region_path="990101100201", year=2026,
        title="村规划", sections=[{"level": 1, "heading": "", "text": f"{words}\n{tables}"}],
    )  # fmt: skip
    read = {}
    for role in (Role.LEADER, Role.BUREAU, Role.ORGANISATION, Role.COUNTY_OFFICE):
        blocks = login(factories.user(role)).get(f"/papers/{paper.pk}/").context["blocks"]
        read[role] = [
            [list(map(str, row)) for row in block.table.rows] if block.table else block.text
            for block in blocks
        ]
    held = "（户数少，不列）"
    assert read[Role.COUNTY_OFFICE] == [
        "13；3；3；3；3；0；3",
        [["因病", "6", "6"], ["因残", "5", "5"], ["因学", "2", "2"]],
        [["开发式帮扶", "3", "3", "0"]],
        [["测试县水利局", "1", "3"]],
    ]
    assert read[Role.LEADER] == [
        f"13；{'；'.join([held] * 6)}",
        [["因病", "6", "6"], ["因残", "不列", "不列"], ["因学", "不列", "不列"]],
        [["开发式帮扶", "—", "不列", "—"]],
        [["测试县水利局", "1", "不列"]],
    ]
    assert read[Role.BUREAU] == read[Role.ORGANISATION] == read[Role.LEADER]


@two_parts(4)
@pytest.mark.django_db
def test_figures_elsewhere_do_not_tell_whether_a_household_is_ill_or_poor_of_schooling(login, part):
    """Two households of two villages change their cause: every figure of five and more stays, so whoever sees figures
    alone must see the very same bytes, on every page and in every file."""
    homes = {}
    for village, causes in (("201", ["01"] * 3 + ["03"] * 2), ("202", ["01"] * 2 + ["03"] * 3)):
        rows = [factories.household(at=f"990101100{village}01", cause=cause) for cause in causes + ["02"] * 6]
        homes[village] = rows
    one, two = homes["201"][0], homes["202"][-7]
    assert (one.main_cause, two.main_cause) == ("01", "03")
    paper = Paper.objects.create(
        kind="village_plan", region=Region.objects.get(path="990101100201"), region_path="990101100201", year=2026,
        title="村规划", sections=BY_NAME["village_plan"].start(),
    ).pk  # fmt: skip
    leader, office = factories.user(Role.LEADER), factories.user(Role.COUNTY_OFFICE)
    counted_anew()
    before = everything(login(leader), paper, part)
    seen = everything(login(office), paper, part)
    HouseholdCause.objects.filter(household=one).update(cause="03")
    HouseholdCause.objects.filter(household=two).update(cause="01")
    kept.refresh([one.pk, two.pk])
    counted_anew()
    after = everything(login(leader), paper, part)
    assert before.keys() == after.keys() and len(before) >= (20 if part.rest else 4)
    assert {
        address: first(before[address], after[address])
        for address in before
        if before[address] != after[address]
    } == {}
    now = everything(login(office), paper, part)
    assert [address for address in seen if seen[address] != now[address]], "the office sees the change"
