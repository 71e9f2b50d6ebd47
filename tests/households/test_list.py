"""The household list: what it shows to whom, by which conditions, in which order."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import filters, kept, stats
from households.models import Condition, Doubt, Household, Income, LineKind, PovertyLine
from tests import factories
from tests.parts import two_parts

pytestmark = pytest.mark.django_db

URL = reverse("household_list")
HERE, NEXT_COUNTY, NEXT_VILLAGE = "99010110020101", "99010210020101", "99010110020201"
TODAY = timezone.localdate()


def numbers(response):
    return [row.number for row in response.context["rows"]]


@pytest.fixture
def office(login):
    return login(factories.user(Role.COUNTY_OFFICE, at="990101"))


def test_shows_own_region_only(office):
    here = factories.household(at=HERE)
    factories.household(at=NEXT_COUNTY)

    page = office.get(URL)

    assert numbers(page) == [here.number]
    assert page.context["households"] == 1


def test_helper_sees_only_own_pairings(login):
    mine, _other = factories.household(), factories.household()
    helper = factories.user(Role.HELPER)
    factories.pair(mine, helper)

    page = login(helper).get(URL)

    assert numbers(page) == [mine.number]
    assert page.context["households"] == 1


def test_closed_households_are_listed_only_when_asked_for(office):
    held = factories.household()
    gone = factories.household(registry_status="9", closed_on=TODAY, closed_reason="迁出")

    assert numbers(office.get(URL)) == [held.number]
    assert numbers(office.get(URL, {"status": "9"})) == [gone.number]


def two(**fields):
    """The household that a condition should find, and one that it should not."""
    return factories.household(**fields), factories.household(
        registry_status="0", target_end=None, target_text=""
    )


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"region": "990101100202"}, {"at": NEXT_VILLAGE}),
        ({"q": "Z-77"}, {"number": "Z-7788"}),
        ({"status": "4"}, {"registry_status": "4"}),
        ({"kind": "2"}, {"registry_status": "2"}),
        ({"kind": "m1"}, {"registry_status": "3", "monitor_category": "1", "risk_state": "1"}),
        ({"monitor": "1"}, {"registry_status": "3", "monitor_category": "1", "risk_state": "1"}),
        ({"monitor": "any"}, {"registry_status": "0", "monitor_category": "3", "risk_state": "2"}),
        ({"risk": "3"}, {"registry_status": "0", "monitor_category": "2", "risk_state": "3"}),
        ({"cause": "01"}, {"cause": "01"}),
        ({"target": "over"}, {"target_end": TODAY - timedelta(1)}),
        ({"target": "soon"}, {"target_end": TODAY + timedelta(3)}),
        ({"target": "ok"}, {"target_end": TODAY + timedelta(300)}),
        ({"target": "none"}, {"target_end": None, "target_text": ""}),
        ({"visited": "over"}, {"visited": TODAY - timedelta(200)}),
        ({"visited": "due"}, {"identified_on": TODAY}),
        ({"assisted": "1"}, {}),
        ({"figure": "poor"}, {}),
    ],
)
def test_each_condition_finds_its_rows(office, query, fields):
    wanted, _other = two(**fields)

    page = office.get(URL, query)

    assert numbers(page) == [wanted.number]
    assert page.context["households"] == 1
    assert len(page.context["chips"]) == 1


def test_visited_by_days_and_never(office):
    old = factories.household(visited=TODAY - timedelta(70))
    never = factories.household()
    factories.household(visited=TODAY - timedelta(10))

    assert numbers(office.get(URL, {"visited": "60"})) == [old.number, never.number]
    assert numbers(office.get(URL, {"visited": "90"})) == [never.number]
    assert numbers(office.get(URL, {"visited": "never"})) == [never.number]


def test_pairing_and_helper(office):
    paired, alone = factories.household(), factories.household()
    helper = factories.helper(name="李文慧")
    factories.pair(paired, helper)

    assert numbers(office.get(URL, {"pairing": "yes"})) == [paired.number]
    assert numbers(office.get(URL, {"pairing": "no"})) == [alone.number]
    assert numbers(office.get(URL, {"helper": "李文"})) == [paired.number]
    page = office.get(URL, {"helper": helper.pk})
    assert numbers(page) == [paired.number]
    assert "责任人：李文慧" in page.content.decode()


def with_income(per_head, year=2025, **fields):
    made = factories.household(**fields)
    Income.objects.create(household=made, year=year, wage=Decimal(per_head), persons=1)
    kept.refresh([made.pk])
    return made


def test_income_is_judged_by_the_line_of_its_year_and_place(office):
    PovertyLine.objects.create(year=2025, kind=LineKind.MONITOR, value=8000)
    PovertyLine.objects.create(year=2025, kind=LineKind.MONITOR, value=9000, region_path="9901")
    poor, rich, unknown = with_income(8500), with_income(9000), factories.household()

    assert numbers(office.get(URL, {"income": "below"})) == [poor.number]
    assert numbers(office.get(URL, {"income": "above"})) == [rich.number]
    assert numbers(office.get(URL, {"income": "none"})) == [unknown.number]
    assert numbers(office.get(URL, {"income_min": "8600"})) == [rich.number]
    assert numbers(office.get(URL, {"income_max": "9000"})) == [poor.number]
    assert [row.below for row in office.get(URL).context["rows"]] == [True, False, False]


def test_guarantees_and_doubts(office):
    plain, doubted = factories.household(), factories.household()
    Household.objects.filter(pk=plain.pk).update(dibao=True)
    Doubt.objects.create(household=doubted, region_path=HERE, rule="V01", message="缺证件", found_on=TODAY)
    kept.refresh([doubted.pk])

    assert numbers(office.get(URL, {"guarantee": "dibao"})) == [plain.number]
    assert numbers(office.get(URL, {"guarantee": "no"})) == [doubted.number]
    assert numbers(office.get(URL, {"doubts": "1"})) == [doubted.number]


@two_parts(8)
def test_every_figure_opens_exactly_the_rows_it_counts(office, part):
    for at in (HERE, NEXT_VILLAGE):
        factories.household(
            at=at, cause="01", visited=TODAY - timedelta(200), target_end=TODAY - timedelta(9)
        )
        factories.household(at=at, registry_status="3", monitor_category="1", risk_state="1", members=3)
        with_income(5000, at=at, registry_status="0")
    counts = stats.figures_of("990101")[0]

    for figure in part.of(stats.FIGURES):
        page = office.get(URL, {"figure": figure.key, "size": "100"})
        found = [len(page.context["rows"]), sum(row.size for row in page.context["rows"])]
        assert found == counts[figure.key], figure
        assert [page.context["households"], page.context["persons"]] == found, figure
        # with another condition the total is counted live
        live = office.get(URL, {"figure": figure.key, "risk": "1"})
        assert live.context["households"] == len(live.context["rows"]), figure


def test_name_is_found_by_two_characters(office):
    found, other = factories.household(), factories.household()
    found.members.update(name="阿吾泽仁")
    factories.member(other, name="泽仁拉姆")
    kept.refresh([found.pk, other.pk])

    assert numbers(office.get(URL, {"q": "泽仁"})) == [found.number, other.number]
    assert numbers(office.get(URL, {"q": "吾泽仁"})) == [found.number]
    assert numbers(office.get(URL, {"q": "仁泽"})) == []


def test_found_names_page_in_the_order_of_places(office):
    made = [factories.household(at=at) for at in (NEXT_VILLAGE, HERE) for _ in range(10)]
    for household in made:
        household.members.update(name="泽仁泽仁")
    kept.refresh([household.pk for household in made])

    seen, address = [], f"{URL}?q=泽仁&size=15"
    while address:
        page = office.get(address)
        seen += numbers(page)
        address = page.context["pages"]["next"] and URL + page.context["pages"]["next"]

    assert seen == [household.number for household in made[10:] + made[:10]]


def search(client, term):
    return client.post(
        reverse("household_search"), {"q": term, "query": "?region=990101&page=2"}, follow=True
    )


def test_id_number_is_searched_on_the_server_and_leaves_a_trace(office):
    found, _other = factories.household(), factories.household()
    number = found.members.get().id_number

    page = search(office, number.lower())

    assert numbers(page) == [found.number]
    address = page.redirect_chain[0][0]
    assert number not in address and number[-4:] not in address and "region=990101" in address
    assert number not in page.content.decode()
    event = AuditEvent.objects.get(action="household.search_id")
    assert event.region_path == "990101"
    assert number not in str(event.detail)


def test_last_four_and_phone_are_found_exactly(office):
    found, other = factories.household(phone="15400000001"), factories.household(phone="15400000002")
    found.members.update(id_number="99010119500101123X")

    assert numbers(search(office, "123x")) == [found.number]
    assert numbers(search(office, "15400000002")) == [other.number]
    assert numbers(search(office, "15400000003")) == []


def test_whoever_may_not_search_numbers_is_told_so(login):
    household = factories.household()
    client = login(factories.user(Role.VILLAGE_CLERK, at="990101100201"))

    page = search(client, household.members.get().id_number)

    assert "您没有按证件号码或电话查找的权限" in str(list(page.context["messages"])[0])
    assert "found=" not in page.redirect_chain[0][0]
    assert not AuditEvent.objects.filter(action="household.search_id").exists()


def test_a_number_typed_into_the_address_finds_nothing(office):
    household = factories.household()

    assert numbers(office.get(URL, {"q": household.members.get().id_number})) == []


def test_the_number_searched_for_is_dead_after_another_search(office):
    first, second = factories.household(), factories.household()
    address = search(office, first.members.get().id_number).redirect_chain[0][0]
    search(office, second.members.get().id_number)

    page = office.get(address)

    assert numbers(page) == []
    assert "已失效，请重新查找" in page.content.decode()


def test_chips_take_one_condition_away(office):
    factories.household(cause="01")

    page = office.get(URL, {"cause": "01", "assisted": "1", "sort": "size", "after": "x"})

    links = dict(page.context["chips"])
    assert links["致贫原因：因病"] == "?assisted=1&sort=size"
    assert links["在帮扶：只看在帮扶"] == "?cause=01&sort=size"


def test_a_wrong_condition_is_named_and_a_wrong_page_is_the_first(office):
    household = factories.household()

    page = office.get(URL, {"cause": "77", "after": "nonsense", "size": "7", "sort": "nonsense"})

    assert numbers(page) == [household.number]
    assert "致贫原因：无效的条件" in page.content.decode()


def walk(client, query, step):
    seen, address = [], f"{URL}?{query}"
    while address:
        page = client.get(address)
        seen.append(numbers(page))
        address = page.context["pages"][step] and URL + page.context["pages"][step]
    return seen


def test_paging_loses_and_doubles_no_row(office):
    made = []
    for n in range(40):
        fields = {"target_end": None if n % 4 == 0 else date(2026, 1 + n % 3, 1)}
        at = NEXT_VILLAGE if n % 5 == 0 else HERE
        household = (
            with_income(5000 + n % 4, at=at, **fields) if n % 3 else factories.household(at=at, **fields)
        )
        made.append(household)
        if n % 2:
            household.visits.create(region_path=at, on=TODAY - timedelta(n % 6), content="走访")
    kept.refresh([household.pk for household in made])

    for sort in ("place", "target", "visit", "income", "size"):
        pages = walk(office, f"size=15&sort={sort}", "next")
        forward = [number for page in pages for number in page]

        assert [len(page) for page in pages] == [15, 15, 10]
        assert sorted(forward) == sorted(household.number for household in made)
        backward = walk(office, f"size=15&sort={sort}&last=1", "previous")
        assert [number for page in reversed(backward[:2]) for number in page] == forward[10:]
        assert backward[-1] == forward[:15]


@pytest.mark.parametrize(
    ("sort", "field"),
    [("target", "target_end"), ("income", "per_capita"), ("size", "-size"), ("visit", "last_visit_on")],
)
def test_sort(office, sort, field, monkeypatch):
    for n in (2, 1, 3):
        with_income(1000 * n, members=n, target_end=date(2026, n, 1), visited=TODAY - timedelta(n))

    for most in (filters.MOST, 2):  # sizes are named one by one, or one household is larger than that
        monkeypatch.setattr(filters, "MOST", most)
        assert numbers(office.get(URL, {"sort": sort})) == list(
            Household.objects.order_by(field).values_list("number", flat=True)
        )


@pytest.mark.parametrize(
    ("query", "walked"),
    [
        ("", False), ("sort=place", False), ("sort=none", False), ("sort=income", True), ("sort=size&last=1", True),
        ("sort=target&region=513327", True), ("sort=visit&assisted=1&size=50", True), ("sort=visit&doubts=", True),
        ("sort=visit&guarantee=dibao", False), ("sort=income&assisted=1&cause=01", False), ("sort=income&q=张伟", False),
    ],
)  # fmt: skip
def test_a_list_is_walked_in_its_order_where_many_rows_meet_what_is_asked(query, walked):
    assert filters.walks(QueryDict(query)) == walked


def test_a_row_that_comes_in_between_does_not_shift_the_next_page(office):
    for _ in range(20):
        factories.household(at=NEXT_VILLAGE)
    first = office.get(URL, {"size": "15"})
    factories.household(at=HERE)

    second = office.get(URL + first.context["pages"]["next"])

    assert len(numbers(second)) == 5
    assert not set(numbers(first)) & set(numbers(second))


def test_queries_do_not_grow_with_rows(office, django_assert_num_queries):
    for _ in range(32):
        with_income(5000, members=2, visited=TODAY)
    PovertyLine.objects.create(year=2025, kind=LineKind.MONITOR, value=8000)
    office.get(URL)

    # session, user, posts, rows, kept counts, names of places with the places below, income lines
    with django_assert_num_queries(9):  # two of them write the trail
        page = office.get(URL, {"size": "100"})
    assert len(numbers(page)) == 32


def test_htmx_gets_the_list_alone(office):
    factories.household()

    answer = office.get(URL, {"cause": "", "size": "15"}, headers={"HX-Request": "true", "HX-Target": "list"})
    page = answer.content.decode()

    assert answer["HX-Push-Url"] == f"{URL}?size=15"
    assert page.lstrip().startswith("<section") and "<html" not in page


def test_empty_list_says_what_to_do(office):
    assert "还没有户档案" in office.get(URL).content.decode()
    assert "没有符合条件的户" in office.get(URL, {"cause": "01"}).content.decode()


@two_parts(2)
def test_the_total_of_one_condition_is_kept_and_is_how_many_rows_meet_it(office, monkeypatch, part):
    """Every condition of the bar whose total is read from a figure: the number is that of its rows."""
    made = []
    for n, (status, category, risk) in enumerate(
        [("0", "0", "0"), ("1", "0", "0"), ("2", "0", "0"), ("3", "0", "0"), ("4", "0", "0"), ("3", "1", "1"),
         ("0", "2", "2"), ("0", "3", "3"), ("3", "3", "2")]
    ):  # fmt: skip
        row = factories.household(
            registry_status=status, monitor_category=category, risk_state=risk,
            monitored_on=date(2024, 1, 1) if category != "0" else None, cleared_on=date(2025, 1, 1) if risk == "2" else None,
            target_end=[None, TODAY - timedelta(9), TODAY + timedelta(9), TODAY + timedelta(400)][n % 4],
        )  # fmt: skip
        made.append(row)
        if n % 2:
            Income.objects.create(household=row, year=2025, wage=n * 3000, persons=1)
        if n % 3 == 0:
            Condition.objects.create(household=row, year=2025, dibao=n < 4, tekun=n >= 4)
            Doubt.objects.create(
                household=row, region_path=row.region_path, rule="V01", message="疑点", found_on=TODAY
            )
    PovertyLine.objects.create(year=2025, kind=LineKind.MONITOR, value=7000)
    kept.refresh([row.pk for row in made])
    Household.objects.filter(pk=made[1].pk).update(visit_due=TODAY + timedelta(3))
    stats.recount_all(today=TODAY)

    shown = 0
    for (name, value), figure in filters.SAME.items():
        page = office.get(URL, {name: value, "size": 100}).context
        assert (page["households"], page["exact"]) == (len(page["rows"]), True), (name, value)
        assert page["households"] == stats.figures_of("990101")[0][figure][0], (name, value)
        shown += bool(page["rows"])
    assert shown == len(filters.SAME)
    monkeypatch.setattr("households.views.households.WIDE", 0)
    every = [
        *filters.SAME,
        *filters.MADE_OF,
        ("rule", "V01"),
        ("figure", "income-below"),
        ("figure", "income-6000"),
    ]
    for name, value in every[:: 1 if part.rest else 9]:
        read = {}
        for sparse in (10**9, 0):  # read in the order of the place; where the kept counts know them
            monkeypatch.setattr("households.views.households.SPARSE", sparse)
            page = office.get(URL, {name: value, "size": 100}).context
            read[sparse] = page["households"], page["persons"], [row.pk for row in page["rows"]]
        monkeypatch.setattr("households.views.households.WIDE", 10**9)
        page = office.get(URL, {name: value, "size": 100}).context
        monkeypatch.setattr("households.views.households.WIDE", 0)
        told = len(page["rows"]), page["persons"], [row.pk for row in page["rows"]]
        assert read == {10**9: told, 0: told}, (name, value)
        assert page["households"] == told[0]


def test_a_rare_figure_is_paged_through_its_villages_both_ways(office, monkeypatch):
    made = []
    for n in range(40):
        made.append(factories.household(at=f"990101{100 + n % 2}20{1 + n % 3}01", relocated=n % 5 != 4))
    stats.recount_all(today=TODAY)

    def walk():
        seen, query = [], "?figure=relocated&size=15"
        for way in ("next", "next", "previous", "last", "previous", "previous"):
            page = office.get(URL + query).context
            seen.append([row.pk for row in page["rows"]])
            query = page["pages"][way] or "?figure=relocated&size=15"
        return seen

    plain = walk()
    monkeypatch.setattr("households.views.households.WIDE", 0)
    monkeypatch.setattr("households.views.households.SPARSE", 0)
    assert walk() == plain
    assert [len(rows) for rows in plain] == [15, 15, 2, 15, 15, 15]
