"""Moving a household to another place of the county, and a member to another household."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import kept, stats
from households.actions.moves import NotTheirs, move_household, move_member
from households.models import (
    CrossCheck,
    Doubt,
    FollowUp,
    Household,
    HouseholdMove,
    Measure,
    Member,
    MemberYear,
    RegionCount,
)  # fmt: skip
from tests import factories
from tests.households.forms import page_data

pytestmark = pytest.mark.django_db

HERE, NEXT_GROUP, NEXT_VILLAGE, NEXT_TOWN = (
    "99010110020101", "99010110020102", "99010110020201", "99010120020101",
)  # fmt: skip


@pytest.fixture
def places():
    return {path: factories.region(path) for path in (HERE, NEXT_GROUP, NEXT_VILLAGE, NEXT_TOWN)}


@pytest.fixture
def county(login, places):
    user = factories.user(Role.COUNTY_OFFICE, at="990101")
    client = login(user)
    client.user = user
    return client


def full_household(**fields):
    """A household with a row in every table that carries its place."""
    made = factories.household(members=2, cause="01", visited=date(2026, 1, 1), **fields)
    factories.pair(made, factories.helper())
    at = {"household": made, "region_path": made.region_path}
    Measure.objects.create(kind="02", what="养猪", **at)
    FollowUp.objects.create(what="修水管", **at)
    Doubt.objects.create(rule="V99", message="疑点", found_on=date(2026, 1, 1), explained="已核实", **at)
    return made


def carriers():
    """Every model with a place of its own and a household."""
    for model in apps.get_models():
        names = {
            field.name
            for field in model._meta.concrete_fields
            if field.name != "household" or field.is_relation
        }
        if {"household", "region_path"} <= names:
            yield model


def figures():
    return {row.region_path: row.figures for row in RegionCount.objects.order_by("region_path")}


def url(household, target=None):
    address = reverse("household_move", args=[household.pk])
    return address if target is None else f"{address}?town={target[:9]}&village={target[:12]}"


def moved(client, household, target, **fields):
    page = client.get(url(household, target))
    given = {"target": str(factories.region(target).pk), "reason": "投靠儿子"} | fields
    return client.post(url(household, target), page_data(page) | given)


@pytest.mark.parametrize("target", [NEXT_GROUP, NEXT_VILLAGE, NEXT_TOWN])
def test_a_household_moves_with_every_row_and_the_counts_follow(county, target):
    household = full_household()
    factories.household(at=target, members=3)

    response = moved(county, household, target)

    assert response["Location"] == reverse("household_detail", args=[household.pk])
    household.refresh_from_db()
    assert (household.region_path, household.region.path, household.version) == (target, target, 2)
    for model in carriers():
        paths = set(model._base_manager.filter(household=household).values_list("region_path", flat=True))
        assert paths <= {target}, model
    assert {"Visit", "Pairing", "Measure", "FollowUp", "Doubt", "Member", "SearchToken"} <= {
        m.__name__ for m in carriers()
    }
    assert household.tokens.exists()
    move = HouseholdMove.objects.get()
    assert (move.origin.path, move.target.path, move.reason, move.by) == (
        HERE,
        target,
        "投靠儿子",
        county.user,
    )
    before = figures()
    stats.recount_all()
    assert before == figures()
    event = AuditEvent.objects.get(action="household.move")
    assert (event.region_path, event.detail["left"], event.detail["reason"]) == (target, HERE, "投靠儿子")
    assert AuditEvent.objects.filter(action="household.move_away", region_path=HERE).exists() == (
        target != NEXT_GROUP
    )
    page = county.get(reverse("household_detail", args=[household.pk])).content.decode()
    assert "投靠儿子" in page


@pytest.mark.parametrize(
    ("target", "choice", "stays"),
    [
        (NEXT_VILLAGE, None, True),
        (NEXT_TOWN, None, False),
        (NEXT_VILLAGE, "end", False),
        (NEXT_TOWN, "keep", True),
    ],
)
def test_pairings_stay_inside_the_township_and_end_outside_unless_chosen(county, target, choice, stays):
    household = full_household()

    moved(county, household, target, **({"pairings": choice} if choice else {}))

    household.refresh_from_db()
    pairing = household.pairings.get()
    yesterday = timezone.localdate() - timedelta(days=1)
    assert (pairing.ends_on, pairing.end_reason) == ((None, "") if stays else (yesterday, "3"))
    assert (household.helper_id is not None) == stays
    assert HouseholdMove.objects.get().pairings_ended == (0 if stays else 1)


def test_the_action_alone_takes_the_same_default(places):
    user, household = factories.user(Role.COUNTY_OFFICE), full_household()

    move_household(
        household=household,
        target=places[NEXT_TOWN],
        on=date(2026, 2, 1),
        reason="搬迁",
        by=user,
        today=date(2026, 2, 1),
    )

    assert household.pairings.get().ends_on == date(2026, 1, 31)


def test_two_steps_without_scripts_and_groups_of_the_village_chosen(county):
    household = full_household()

    first = county.get(url(household)).content.decode()
    second = county.get(url(household) + "?town=990101100").content.decode()
    third = county.get(url(household, NEXT_VILLAGE)).content.decode()

    assert 'name="town"' in first and 'name="village"' not in first
    assert 'value="990101100201"' in second and 'value="990101200201"' not in second
    assert f'value="{factories.region(NEXT_VILLAGE).pk}"' in third
    assert f'value="{factories.region(NEXT_GROUP).pk}"' not in third


def test_errors_keep_what_was_typed(county):
    household = full_household()
    tomorrow = str(timezone.localdate() + timedelta(days=1))

    response = moved(county, household, NEXT_VILLAGE, reason="", on=tomorrow)
    page = response.content.decode()

    assert response.status_code == 422
    assert "日期不能晚于今天" in page and "迁移原因" in page and f'value="{tomorrow}"' in page
    assert not HouseholdMove.objects.exists()


def test_a_stale_page_is_told_and_can_be_sent_again(county):
    household = full_household()
    data = page_data(county.get(url(household, NEXT_VILLAGE)))
    data |= {"target": str(factories.region(NEXT_VILLAGE).pk), "reason": "投靠儿子"}
    Household.objects.update(version=5)

    late = county.post(url(household, NEXT_VILLAGE), data)

    assert late.status_code == 422
    assert "刚被别人改过" in late.content.decode() and "投靠儿子" in late.content.decode()
    assert county.post(url(household, NEXT_VILLAGE), page_data(late)).status_code == 302


def test_the_same_submit_twice_moves_once(county):
    household = full_household()
    data = page_data(county.get(url(household, NEXT_VILLAGE)))
    data |= {"target": str(factories.region(NEXT_VILLAGE).pk), "reason": "投靠儿子"}

    first = county.post(url(household, NEXT_VILLAGE), data)
    assert county.post(url(household, NEXT_VILLAGE), data)["Location"] == first["Location"]
    assert HouseholdMove.objects.count() == 1


def test_only_places_that_the_user_may_edit_are_offered(login, places):
    household = full_household()
    clerk = login(factories.user(Role.VILLAGE_CLERK, at="990101100201"))
    page = clerk.get(url(household)).content.decode()

    assert "由同时管理两地的乡镇经办" in page
    assert str(factories.region(NEXT_VILLAGE).path) not in page
    assert f'value="{places[NEXT_GROUP].pk}"' in page  # the one village is chosen at once
    assert clerk.get(url(household, NEXT_VILLAGE)).content.decode().count(NEXT_VILLAGE[:12]) == 0
    forged = page_data(clerk.get(url(household))) | {"target": str(places[NEXT_VILLAGE].pk), "reason": "x"}
    assert clerk.post(url(household, HERE), forged).status_code == 422
    assert not HouseholdMove.objects.exists()


def test_the_action_refuses_what_is_not_theirs(places):
    clerk, household = factories.user(Role.VILLAGE_CLERK, at="990101100201"), full_household()
    given = {"on": date(2026, 2, 1), "reason": "x", "by": clerk, "today": date(2026, 2, 1)}

    with pytest.raises(NotTheirs):
        move_household(household=household, target=places[NEXT_VILLAGE], **given)
    with pytest.raises(NotTheirs):
        move_household(household=factories.household(at=NEXT_TOWN), target=places[HERE], **given)


def test_a_move_by_the_form_is_kept_too(county):
    household = full_household()
    address = reverse("household_edit", args=[household.pk]) + "?year=2025"

    county.post(address, page_data(county.get(address)) | {"region": factories.region(NEXT_VILLAGE).pk})

    move = household.moves.get()
    assert (move.origin.path, move.target.path, move.by) == (HERE, NEXT_VILLAGE, county.user)


# One member


def member_url(member, to=None):
    address = reverse("member_move", args=[member.pk])
    return address if to is None else f"{address}?to={to.pk}"


def transfer(client, member, to, **fields):
    data = page_data(client.get(member_url(member, to)))
    return client.post(
        member_url(member, to), data | {"kind": "married", "relation": "05", "on": "2026-02-01"} | fields
    )


def test_a_member_leaves_one_household_and_starts_in_the_other(county):
    old, new = factories.household(members=2), factories.household(at=NEXT_TOWN, members=2)
    member = old.members.get(relation="03")
    MemberYear.objects.create(member=member, year=2025, education="03", health="01", work_income=9000)

    found = county.get(member_url(member) + f"?q={new.number}").content.decode()
    by_name = county.get(member_url(member) + f"?q={new.head_name}").content.decode()
    response = transfer(county, member, new)

    assert f"?to={new.pk}" in found and f"?to={new.pk}" in by_name
    assert response["Location"] == reverse("household_detail", args=[new.pk])
    member.refresh_from_db()
    fresh = new.members.get(came_from=member)
    assert (member.left_on, member.left_event, member.household) == (date(2026, 2, 1), "02", old)
    assert (fresh.id_number, fresh.name, fresh.relation, fresh.joined_on, fresh.joined_event) == (
        member.id_number, member.name, "05", date(2026, 2, 1), "05",
    )  # fmt: skip
    assert (fresh.region_path, fresh.id_tail) == (NEXT_TOWN, member.id_tail)
    facts = fresh.years.get()
    assert (facts.year, facts.education, facts.work_income) == (2025, "03", None)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.size, new.size, old.version, new.version) == (1, 3, 2, 2)
    assert new.tokens.filter(token=member.name[:2]).exists()
    actions = {
        event.action: event for event in AuditEvent.objects.filter(action__startswith="household.member_")
    }
    assert actions["household.member_out"].region_path == HERE
    assert actions["household.member_in"].region_path == NEXT_TOWN
    assert member.id_number not in str([event.detail for event in actions.values()])
    page = county.get(reverse("household_detail", args=[old.pk])).content.decode()
    assert f'href="{reverse("household_detail", args=[new.pk])}"' in page
    before = figures()
    stats.recount_all()
    assert before == figures()


def test_what_a_bureau_said_of_a_member_goes_along(county):
    old, new = factories.household(members=2), factories.household(at=NEXT_TOWN)
    member = old.members.get(relation="03")
    clue, other = factories.crosscheck(old, due=date(2026, 3, 1)), factories.crosscheck(old)
    CrossCheck.objects.filter(pk=clue.pk).update(member=member)
    kept.refresh([old.pk])

    transfer(county, member, new)

    clue.refresh_from_db()
    other.refresh_from_db()
    assert (clue.household, clue.member.came_from, clue.region_path) == (new, member, NEXT_TOWN)
    assert other.household == old
    assert [Household.objects.get(pk=row.pk).doubts for row in (old, new)] == [
        CrossCheck.objects.filter(household=row).count() + Doubt.objects.filter(household=row).count() for row in (old, new)
    ]  # fmt: skip


def test_the_same_transfer_twice_is_one(county):
    old, new = factories.household(members=2), factories.household(at=NEXT_TOWN)
    member = old.members.get(relation="03")
    data = page_data(county.get(member_url(member, new)))
    data |= {"kind": "other", "relation": "99", "on": "2026-02-01"}

    first = county.post(member_url(member, new), data)

    assert county.post(member_url(member, new), data)["Location"] == first["Location"]
    assert new.members.count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"relation": ""}, "与转入户户主的关系"),
        ({"on": "2019-01-01"}, "不能早于进入本户的日期"),
        ({"kind": ""}, "转户类型"),
    ],
)
def test_what_forbids_a_transfer_is_said_and_nothing_is_lost(county, fields, words):
    old, new = factories.household(members=2), factories.household(at=NEXT_TOWN)
    member = old.members.get(relation="03")
    Member.objects.filter(pk=member.pk).update(joined_on=date(2020, 1, 1))

    response = transfer(county, member, new, reason="出嫁", **fields)

    assert response.status_code == 422
    assert words in response.content.decode() and "出嫁" in response.content.decode()
    assert not Member.objects.exclude(left_on=None).exists()


@pytest.mark.parametrize(
    ("members", "words"), [(1, "先办理整户迁移或注销"), (2, "先在编辑页把另一名成员改为户主")]
)
def test_a_head_does_not_leave_alone(county, members, words):
    old, new = factories.household(members=members), factories.household(at=NEXT_TOWN)

    response = transfer(county, old.members.get(relation="01"), new)

    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_household_elsewhere_is_no_target(login, places):
    old, far = factories.household(members=2), factories.household(at=NEXT_TOWN)
    clerk = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    client, member = login(clerk), old.members.get(relation="03")

    assert f"?to={far.pk}" not in client.get(member_url(member) + f"?q={far.number}").content.decode()
    assert client.post(member_url(member, far), {}).status_code == 404
    with pytest.raises(NotTheirs):
        move_member(
            member=member, household=far, on=date(2026, 2, 1), relation="99", by=clerk, today=date(2026, 2, 1)
        )


def test_the_search_costs_the_same_for_many(county, django_assert_max_num_queries):
    member = factories.household(members=2).members.get(relation="03")
    for _ in range(12):
        factories.member(factories.household(at=NEXT_TOWN), name="扎西拉姆")
    kept.refresh(Household.objects.values_list("pk", flat=True))
    county.get(member_url(member))

    # session, user, posts, member, by number, by name, names of places
    with django_assert_max_num_queries(9):
        page = county.get(member_url(member) + "?q=扎西").content.decode()
    assert page.count("转入这一户") == 12
