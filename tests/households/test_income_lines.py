"""The lines behind the income totals, the stated net income, and the table of items that a county counts."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import defaults
from households.actions import income as actions
from households.actions.register import save_household
from households.models import Household, Income, IncomeItem, IncomeLine
from tests import factories
from tests.households.forms import filled, page_data
from tests.households.test_form import NEW, TOWN, edit_url, new_household, person, two_edits

pytestmark = pytest.mark.django_db


@pytest.fixture
def official(login):
    factories.region()
    defaults.load()
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))


def code(label):
    return IncomeItem.objects.get(label=label).code


def line(label):
    return f"l-{code(label)}"


def test_totals_are_the_sums_of_their_counted_lines(official):
    data = new_household(
        official, person(1, relation="01"),
        **{line("务工收入"): "12,000", line("乡镇公益岗位"): "6000.50", line("低保金"): "３６００", line("教育帮扶"): "2000",
           line("种植支出"): "500", "i-operating": "800"},
    )  # fmt: skip

    assert official.post(NEW, data).status_code == 302

    income = Income.objects.get()
    assert (income.wage, income.operating, income.property, income.transfer, income.expense) == (
        Decimal("18000.50"), Decimal(800), None, Decimal(3600), Decimal(500),
    )  # fmt: skip
    kept = income.lines.get(item__label="教育帮扶")
    assert (kept.amount, kept.counted) == (2000, False)
    assert income.persons == 1
    assert Household.objects.get().per_capita == Decimal("21900.50")


def test_a_typed_total_that_differs_from_its_lines_is_refused_with_both_figures(official):
    data = new_household(
        official,
        person(1, relation="01"),
        **{line("务工收入"): "12000", "i-wage": "15000", line("养殖"): "300"},
    )

    response = official.post(NEW, data)
    page = response.content.decode()

    assert response.status_code == 422
    assert "合计填的是 15,000.00 元，明细之和是 12,000.00 元" in page
    assert '<a href="#id_i-wage">' in page
    assert not Household.objects.exists()
    again = page_data(response)
    assert (again[line("务工收入")], again["i-wage"], again[line("养殖")]) == ("12000", "15000", "300")
    assert official.post(NEW, again | {"i-wage": ""}).status_code == 302
    assert Income.objects.get().wage == 12000


def test_an_equal_total_and_only_lines_that_do_not_count(official):
    data = new_household(
        official, person(1, relation="01"),
        **{line("务工收入"): "12000", "i-wage": "12000.00", line("救灾款"): "900", "i-transfer": "50"},
    )  # fmt: skip

    assert official.post(NEW, data).status_code == 302
    assert (Income.objects.get().wage, Income.objects.get().transfer) == (12000, 50)


def test_a_line_that_is_no_number_is_an_error_beside_it(official):
    response = official.post(
        NEW, new_household(official, person(1, relation="01"), **{line("养殖"): "三头牛"})
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert f'<a href="#id_{line("养殖")}">养殖：' in page
    assert '<details class="fp-lines mt-3" data-fold open>' in page


@pytest.fixture
def household(official):
    made = factories.household(cause="01")
    save_household(
        by=factories.user(), household=made, version=made.version, year=2025, today=date(2026, 1, 5),
        fields={}, income={"wage": None}, lines={code("务工收入"): Decimal(9000)}, causes=["01"],
    )  # fmt: skip
    made.refresh_from_db()
    return made


def test_a_changed_line_moves_the_total_that_nobody_touched(official, household):
    data = page_data(official.get(edit_url(household)))
    assert (data["i-wage"], data[line("务工收入")]) == ("9000", "9000")

    assert official.post(edit_url(household), filled(data, {line("务工收入"): "9500"})).status_code == 302

    assert Income.objects.get().wage == 9500
    changes = AuditEvent.objects.filter(action="household.edit").latest("pk").detail["changes"]
    assert ["收入明细：务工收入", "9000", "9500"] in changes
    assert ["工资性收入（元）", "9000", "9500"] in changes


def test_the_period_of_an_income_is_kept_and_shown(official, household):
    data = page_data(official.get(edit_url(household)))
    period = {"i-period_start": "2024-10-01", "i-period_end": "2025-09-30"}

    assert official.post(edit_url(household), filled(data, period)).status_code == 302

    page = official.get(reverse("household_detail", args=[household.pk])).content.decode()
    assert "2025 年核算期 2024-10-01 至 2025-09-30" in page


def test_an_emptied_line_is_taken_out_and_the_total_stands(official, household):
    data = page_data(official.get(edit_url(household)))

    assert official.post(edit_url(household), filled(data, {line("务工收入"): ""})).status_code == 302

    assert Income.objects.get().wage == 9000
    assert not IncomeLine.objects.exists()


def test_a_total_that_an_import_wrote_is_not_turned_over_by_another_change(official, household):
    Income.objects.update(wage=20000)
    data = page_data(official.get(edit_url(household)))

    assert official.post(edit_url(household), filled(data, {"address": "河边"})).status_code == 302

    assert Income.objects.get().wage == 20000
    detail = official.get(reverse("household_detail", args=[household.pk])).content.decode()
    assert "与合计不符" in detail


def test_a_new_rule_leaves_old_years_as_they_were(official, household):
    IncomeItem.objects.filter(label="务工收入").update(counted=False)
    data = page_data(official.get(edit_url(household)))
    assert official.post(edit_url(household), filled(data, {"address": "河边"})).status_code == 302

    assert Income.objects.get().wage == 9000
    detail = official.get(reverse("household_detail", args=[household.pk])).content.decode()
    assert "2025 年收入明细" in detail
    assert "与合计不符" not in detail


def test_two_at_once_see_the_lines_and_the_totals_follow_the_pick(official, household):
    response = two_edits(official, household, {line("务工收入"): "9100"}, {line("务工收入"): "9200"})
    page = response.content.decode()

    assert response.status_code == 409
    for words in ("收入明细：务工收入", "9000", "9100", "9200"):
        assert words in page
    picked = page_data(response) | {f"pick:l.{code('务工收入')}": "mine", "pick:i.wage": "theirs"}
    assert official.post(edit_url(household), picked).status_code == 302

    assert (IncomeLine.objects.get().amount, Income.objects.get().wage) == (9200, 9200)


def test_lines_of_a_new_year_start_blank(official, household):
    data = page_data(official.get(edit_url(household, 2026)))

    assert (data[line("务工收入")], data["i-wage"]) == ("", "")


def test_the_page_of_lines_costs_the_same_for_many(official, household, django_assert_max_num_queries):
    income = Income.objects.get()
    for item in IncomeItem.objects.exclude(label="务工收入"):
        IncomeLine.objects.create(income=income, item=item, amount=1, counted=item.counted)

    with django_assert_max_num_queries(25):
        official.get(edit_url(household))


# Only the net is known


def test_a_stated_net_counts_until_there_are_parts(official):
    data = new_household(official, person(1, relation="01"), person(2), **{"i-stated_net": "-300 元"})
    assert official.post(NEW, data).status_code == 302
    household = Household.objects.get()
    assert (household.per_capita, household.income_year) == (Decimal("-150.00"), 2025)
    page = official.get(reverse("household_detail", args=[household.pk])).content.decode()
    assert "按填报纯收入" in page

    again = page_data(official.get(edit_url(household)))
    assert again["i-stated_net"] == "-300"
    official.post(edit_url(household), filled(again, {"i-wage": "5000"}))

    household.refresh_from_db()
    assert household.per_capita == 2500
    assert Income.objects.get().stated_net == -300
    assert (
        "按填报纯收入" not in official.get(reverse("household_detail", args=[household.pk])).content.decode()
    )


# The rule alone

AMOUNT = st.none() | st.decimals(0, 99999, places=2)


@given(amounts=st.lists(AMOUNT, min_size=4, max_size=4), typed=AMOUNT, before=AMOUNT)
def test_settled_totals_are_the_sum_or_an_error(amounts, typed, before):
    items = [IncomeItem(code=f"L{n}", group="L", counted=n < 3) for n in range(4)]
    lines = {item.code: amount for item, amount in zip(items, amounts)}
    counted = [amount for amount in amounts[:3] if amount is not None]

    totals, wrong = actions.settle(
        items, lines, {"wage": typed}, before_amounts={}, before_totals={"wage": (before,)}
    )

    if not counted:
        assert totals["wage"] == typed and not wrong
    elif wrong:
        assert typed not in (None, sum(counted), before)
        assert (wrong[0].typed, wrong[0].lines) == (typed, sum(counted))
    else:
        assert totals["wage"] == sum(counted)


# The table


@pytest.fixture
def county(login):
    factories.region()
    defaults.load()
    return login(factories.user(Role.COUNTY_OFFICE, at="990101"))


def create(client, **fields):
    url = reverse("income_item_create") + fields.pop("query", "")
    return client.post(url, page_data(client.get(url)) | fields)


def test_a_county_counts_otherwise_than_the_country(county):
    item = IncomeItem.objects.get(label="教育帮扶")

    assert create(county, query=f"?like={item.pk}", counted="1", first_year="2026").status_code == 302

    own = IncomeItem.objects.get(code=item.code, region_path="990101")
    assert (own.counted, own.first_year, own.group) == (True, 2026, "P")
    in_force = {
        (place, year): next(
            i for i in IncomeItem.objects.in_force(place, year) if i.code == item.code
        ).counted
        for place in ("990101100201", "990102100201")
        for year in (2025, 2026)
    }
    assert in_force == {
        ("990101100201", 2025): False, ("990101100201", 2026): True,
        ("990102100201", 2025): False, ("990102100201", 2026): False,
    }  # fmt: skip
    form = county.get(NEW.replace("2025", "2026")).content.decode()
    assert "教育帮扶（不计入）" not in form
    assert AuditEvent.objects.get(action="income_item.create").region_path == "990101"


def test_a_new_item_gets_the_next_code_and_an_ended_one_leaves_the_form(county):
    assert create(county, group="L", label="采茶", counted="1", last_year="2025").status_code == 302

    item = IncomeItem.objects.get(label="采茶")
    assert (item.code, item.region_path) == ("L06", "990101")
    assert "采茶" in county.get(NEW).content.decode()
    assert "采茶" not in county.get(NEW.replace("2025", "2026")).content.decode()


def test_errors_keep_what_was_typed_and_doubles_are_named(county):
    create(county, group="L", label="采茶", counted="1")
    item = IncomeItem.objects.get(label="采茶")

    twice = create(county, query=f"?like={item.pk}", label="采春茶", counted="0")
    backwards = create(county, group="L", label="采秋茶", counted="1", first_year="2026", last_year="2025")

    assert (twice.status_code, backwards.status_code) == (422, 422)
    assert "已有一条" in twice.content.decode() and "采春茶" in twice.content.decode()
    assert "最后年度不能早于启用年度" in backwards.content.decode()


def test_editing_is_audited_and_the_countrys_items_are_not_a_countys(county):
    create(county, group="L", label="采茶", counted="1")
    item = IncomeItem.objects.get(label="采茶")
    url = reverse("income_item_edit", args=[item.pk])
    data = page_data(county.get(url))

    assert county.post(url, data | {"counted": "0"}).status_code == 302
    late = county.post(url, data | {"label": "采秋茶", "submit_key": "6f7a0a39-0d5c-4bb5-a2ab-6f0f0c6d1a31"})

    assert late.status_code == 422
    assert "刚被别人改过" in late.content.decode() and "采秋茶" in late.content.decode()
    assert AuditEvent.objects.get(action="income_item.edit").detail["changes"] == [["计入收入", "是", "否"]]
    assert county.post(url, page_data(late)).status_code == 302
    national = IncomeItem.objects.get(label="务工收入")
    assert county.get(reverse("income_item_edit", args=[national.pk])).status_code == 404


def test_the_list_costs_the_same_for_many(county, django_assert_num_queries):
    county.get(reverse("income_item_list"))

    # session, user, posts, items, own ones
    with django_assert_num_queries(5):
        page = county.get(reverse("income_item_list")).content.decode()
    assert "务工收入" in page and "不计入" in page
