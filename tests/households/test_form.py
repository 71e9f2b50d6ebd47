"""The household page: creating, editing, errors, a submit that comes twice, two officials at once."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.accounts.submissions import new_key
from fupin.audit.models import AuditEvent
from households.models import Household, Income, Member, MemberYear, SearchToken
from tests import factories
from tests.households.forms import filled, page_data

pytestmark = pytest.mark.django_db

TOWN = "990101100"
NEW = f"/households/new/?place={TOWN}&year=2025"


@pytest.fixture
def official(login):
    factories.region()
    user = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    client = login(user)
    client.user = user
    return client


def edit_url(household, year=2025):
    return reverse("household_edit", args=[household.pk]) + f"?year={year}"


def person(n, **fields):
    """The cells of one member row that is complete."""
    return {"name": f"钱{chr(0x4E00 + n)}", "relation": "03", "id_number": factories.id_number(n), "ethnic": "01",
            "labour": "01", "health": "01", "education": "03"} | fields  # fmt: skip


BLANK = {}
"""The fields of the blank form, read once for tests that send it once: to draw it costs more than to refuse it."""


def in_the_blank_form(client, *people, **fields):
    if not BLANK:
        BLANK.update(page_data(client.get(NEW)))
    return filled(
        dict(BLANK), {"region": factories.region().pk, "phone": "15400000001"} | fields, members=people
    )


def new_household(client, *people, **fields):
    """Of a form of its own: two of them are two households."""
    return in_the_blank_form(client, *people, **{"submit_key": new_key()} | fields)


def test_a_household_with_three_members_in_one_save(official):
    data = new_household(
        official,
        person(1, relation="01"), person(2, relation="02", id_number=factories.id_number(2, male=False)), person(3),
        **{"k-main": "01", "k-others": ["02", "09"], "i-wage": "12,000", "i-expense": "2000", "c-farmland": "3.5亩"},
    )  # fmt: skip

    response = official.post(NEW, data)

    household = Household.objects.get()
    assert response["Location"] == reverse("household_detail", args=[household.pk])
    assert household.number == f"L{TOWN}2010001"
    assert (household.size, household.labour, household.head_name) == (3, 3, person(1)["name"])
    assert household.main_cause == "01"
    assert list(household.causes.values_list("cause", flat=True).order_by("rank")) == ["01", "02", "09"]
    assert household.per_capita == Decimal("3333.33")
    assert household.conditions.get(year=2025).farmland == 3.5
    head = household.members.get(relation="01")
    assert (head.sex, head.birth) == ("1", date(1970, 1, 1))
    assert household.members.get(relation="02").sex == "2"
    assert MemberYear.objects.filter(member__household=household, year=2025, labour="01").count() == 3
    assert SearchToken.objects.filter(household=household, token=person(1)["name"]).exists()
    event = AuditEvent.objects.get(action="household.create")
    assert head.id_number not in str(event.detail)
    assert "证件号码" in str(event.detail)


def test_errors_stand_beside_the_field_and_in_the_summary_and_nothing_is_lost(official):
    bad = factories.id_number(1)[:-1] + ("0" if factories.id_number(1)[-1] != "0" else "1")
    data = new_household(
        official, person(1, relation="01", id_number=bad), person(2, name="孙小二"), address="柳树巷7号"
    )

    response = official.post(NEW, data)
    page = response.content.decode()

    assert response.status_code == 422
    assert not Household.objects.exists()
    assert '<a href="#id_m-0-id_number">第 1 名成员' in page
    assert 'id="id_m-0-id_number-e1"' in page
    assert "校验位不正确" in page
    for typed in (bad, "孙小二", "柳树巷7号", factories.id_number(2), "15400000001"):
        assert f'value="{typed}"' in page


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([{"relation": "03"}], "只有 1 名户主"),
        ([{"relation": "01"}, {"relation": "01"}], "只有 1 名户主"),
        ([{"relation": "01"}, {"id_number": factories.id_number(1)}], "与本页另一名成员相同"),
        ([{"relation": "01", "id_number": ""}], "18 位证件号码"),
        ([{"relation": "01", "id_number": "990101********0015"}], "不是完整的号码"),
        ([{"relation": "01", "id_type": "99", "id_number": ""}], "须填出生日期"),
        ([{"relation": "01", "health": ""}], "健康状况：此项必填"),
        (
            [{"relation": "01"}, {"id_number": factories.id_number(9, born="20150101"), "labour": "04"}],
            "义务教育阶段",
        ),
        ([{"relation": "01", "work_months": "13"}], "12"),
        ([{"relation": "01", "left_event": "01"}], "减少日期"),
    ],
)
def test_rules_that_forbid_saving(official, people, words):
    rows = [person(n, **fields) for n, fields in enumerate(people, 1)]

    response = official.post(NEW, in_the_blank_form(official, *rows))

    assert response.status_code == 422
    assert words in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"k-others": ["01"]}, "先选主要致贫原因"),
        ({"k-main": "01", "k-others": ["01"]}, "不能与主要原因相同"),
        ({"k-main": "01", "k-others": ["02", "03", "04"]}, "最多选 2 项"),
        ({"registry_status": "1", "k-main": "01"}, "须填写时限"),
        ({"registry_status": "1", "target": "2099年"}, "须有主要致贫原因"),
        ({"target": "2099年13月"}, "时限"),
        ({"c-farmland": "1", "c-irrigated": "2"}, "不能大于耕地"),
        ({"c-dangerous": "1"}, "危房须填写等级"),
        ({"relocated": "1"}, "安置区名称"),
        ({"i-wage": "一万"}, "工资性收入"),
        ({"bank_account": "abc"}, "银行账号"),
        ({"region": ""}, "所在村组"),
    ],
)
def test_rules_of_the_household_itself(official, fields, words):
    response = official.post(NEW, in_the_blank_form(official, person(1, relation="01"), **fields))

    assert response.status_code == 422
    assert words in response.content.decode()


def test_warnings_do_not_block_and_are_found(official):
    data = new_household(official, person(1, relation="01", education="", labour="04"))

    official.post(NEW, data)

    household = Household.objects.get()
    assert {"V16", "V20", "V45"} <= set(household.doubt_rows.values_list("rule", flat=True))
    assert household.doubts == household.doubt_rows.count()


def test_a_second_submit_changes_nothing_and_leads_to_the_same_page(official):
    data = new_household(official, person(1, relation="01"))

    first = official.post(NEW, data)
    second = official.post(NEW, data)

    assert Household.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_used_key_with_other_content_is_refused_and_kept(official):
    data = new_household(official, person(1, relation="01"))
    official.post(NEW, data)

    response = official.post(NEW, data | {"address": "新地址"})

    assert response.status_code == 422
    assert "新地址" in response.content.decode()
    assert Household.objects.count() == 1


def test_a_taken_id_names_the_other_household_only_to_who_may_see_it(official):
    near = factories.household(at="99010110020102")
    far = factories.household(at="99010210020101")

    def words(other):
        number = other.members.get().id_number
        return official.post(
            NEW, new_household(official, person(1, relation="01", id_number=number))
        ).content.decode()

    assert near.head_name in words(near)
    assert "重复" in words(far)
    assert far.head_name not in words(far)
    assert far.number not in words(far)


def test_editing_shows_masks_and_a_mask_left_alone_keeps_the_number(official):
    household = factories.household(
        members=2, cause="01", phone="15412345678", bank_account="6222000011112222"
    )
    numbers = list(household.members.values_list("id_number", flat=True))

    page = official.get(edit_url(household))
    text = page.content.decode()
    for whole in (*numbers, "15412345678", "6222000011112222"):
        assert whole not in text
    data = filled(page_data(page), {"address": "河边"})
    response = official.post(edit_url(household), data)

    assert response.status_code == 302
    household.refresh_from_db()
    assert (household.phone, household.bank_account, household.address) == (
        "15412345678",
        "6222000011112222",
        "河边",
    )
    assert list(household.members.values_list("id_number", flat=True)) == numbers
    assert household.version == 2
    event = AuditEvent.objects.get(action="household.edit")
    assert event.detail["changes"] == [["家庭住址", "", "河边"]]


def test_a_member_leaves_with_day_and_reason_and_is_not_deleted(official):
    household = factories.household(members=2, cause="01")
    gone = household.members.get(relation="03")
    data = page_data(official.get(edit_url(household)))

    official.post(edit_url(household), filled(data, {"m-1-left_event": "01", "m-1-left_on": "2025-03-01"}))

    gone.refresh_from_db()
    household.refresh_from_db()
    assert (gone.left_event, gone.left_on, household.size) == ("01", date(2025, 3, 1), 1)
    assert gone.name in official.get(edit_url(household)).content.decode()


def test_the_head_cannot_leave_alone(official):
    household = factories.household(members=2, cause="01")
    data = page_data(official.get(edit_url(household)))

    response = official.post(
        edit_url(household), filled(data, {"m-0-left_event": "01", "m-0-left_on": "2025-03-01"})
    )

    assert response.status_code == 422
    assert "1 名户主" in response.content.decode()


def test_two_members_may_swap_their_numbers(official):
    household = factories.household(members=2, cause="01")
    one, two = household.members.order_by("order", "pk")
    data = page_data(official.get(edit_url(household)))

    response = official.post(
        edit_url(household), filled(data, {"m-0-id_number": two.id_number, "m-1-id_number": one.id_number})
    )

    assert response.status_code == 302
    assert Member.objects.get(pk=one.pk).id_number == two.id_number


def test_old_members_may_lack_what_new_ones_must_have(official):
    household = factories.household(cause="01")
    Member.objects.update(ethnic="")
    data = page_data(official.get(edit_url(household)))

    assert official.post(edit_url(household), filled(data, {"address": "新址"})).status_code == 302


def test_moving_the_target_asks_why_and_keeps_the_old_one(official):
    household = factories.household(cause="01")
    data = page_data(official.get(edit_url(household)))

    refused = official.post(edit_url(household), filled(data, {"target": "2027年6月底前"}))
    assert refused.status_code == 422
    assert "须说明原因" in refused.content.decode()
    official.post(edit_url(household), filled(data, {"target": "2027年6月底前", "target_reason": "大病"}))

    household.refresh_from_db()
    change = household.target_changes.get()
    assert (household.target_text, household.target_end) == ("2027年6月底前", date(2027, 6, 30))
    assert (change.before_text, change.reason) == ("2026年", "大病")


def test_a_new_year_takes_over_facts_but_not_income(official):
    household = factories.household(cause="01")
    member = household.members.get()
    MemberYear.objects.create(member=member, year=2024, labour="01", health="02", work_income=5000)
    Income.objects.create(household=household, year=2024, wage=8000, persons=1)
    household.causes.update(year=2024)

    page = official.get(edit_url(household, 2026))
    text = page.content.decode()
    data = page_data(page)

    assert "已带入 2024 年" in text
    assert (data["m-0-labour"], data["m-0-health"], data["m-0-work_income"], data["i-wage"]) == (
        "01",
        "02",
        "",
        "",
    )
    official.post(edit_url(household, 2026), data)
    assert MemberYear.objects.get(member=member, year=2026).health == "02"
    assert MemberYear.objects.get(member=member, year=2024).work_income == 5000
    assert not Income.objects.filter(year=2026).exists()


def test_a_move_to_another_group_takes_every_row_along(official):
    household = factories.household(cause="01", visited=date(2026, 1, 1))
    other = factories.region("99010110020102")
    data = page_data(official.get(edit_url(household)))

    official.post(edit_url(household), filled(data, {"region": other.pk}))

    household.refresh_from_db()
    assert household.region_path == other.path
    for rows in (household.members, household.visits, household.tokens):
        assert set(rows.values_list("region_path", flat=True)) == {other.path}


# Two officials on one household


def two_edits(client, household, first, second):
    """Both open the page; `first` saves, then `second` posts. The second one's response."""
    page = client.get(edit_url(household))
    data = page_data(page)
    assert client.post(edit_url(household), filled(data, first)).status_code == 302
    data = page_data(page)
    data["submit_key"] = "6f7a0a39-0d5c-4bb5-a2ab-6f0f0c6d1a11"
    return client.post(edit_url(household), filled(data, second))


def test_the_second_to_save_sees_both_versions(official):
    household = factories.household(members=2, cause="01", address="老址")
    name = household.members.order_by("order", "pk")[1].name

    response = two_edits(
        official, household,
        {"address": "对方址", "remark": "对方备注", "m-1-name": "对方名"}, {"address": "我的址", "m-1-name": "我的名"},
    )  # fmt: skip
    page = response.content.decode()

    assert response.status_code == 409
    for words in ("老址", "对方址", "我的址", "对方备注", "对方名", "我的名", name):
        assert words in page
    household.refresh_from_db()
    assert household.address == "对方址"

    data = page_data(response)
    data |= {
        "pick:h.address": "mine",
        f"pick:m{household.members.order_by('order', 'pk')[1].pk}.name": "theirs",
    }
    assert data["pick:h.remark"] == "theirs"
    done = official.post(edit_url(household), data)

    assert done.status_code == 302
    household.refresh_from_db()
    assert (household.address, household.remark) == ("我的址", "对方备注")
    assert household.members.order_by("order", "pk")[1].name == "对方名"


def test_an_undecided_field_is_asked_again(official):
    household = factories.household(cause="01")
    response = two_edits(official, household, {"address": "对方址"}, {"address": "我的址"})

    again = official.post(edit_url(household), page_data(response))

    assert again.status_code == 422
    assert "我的址" in again.content.decode()
    household.refresh_from_db()
    assert household.address == "对方址"


def test_a_third_save_between_is_shown_again(official):
    household = factories.household(cause="01")
    response = two_edits(official, household, {"address": "对方址"}, {"address": "我的址"})
    data = page_data(response) | {"pick:h.address": "mine"}
    third = page_data(official.get(edit_url(household)))
    official.post(edit_url(household), filled(third, {"address": "第三址"}))

    again = official.post(edit_url(household), data)

    assert again.status_code == 409
    assert "第三址" in again.content.decode() and "我的址" in again.content.decode()


def test_a_phone_changed_by_the_other_side_is_not_undone_by_its_old_mask(official):
    household = factories.household(cause="01", phone="15400001111")

    response = two_edits(official, household, {"phone": "15422223333"}, {"address": "我的址"})

    assert response.status_code == 302
    household.refresh_from_db()
    assert (household.phone, household.address) == ("15422223333", "我的址")


def test_a_member_added_meanwhile_stays(official):
    household = factories.household(cause="01")
    page = official.get(edit_url(household))
    first, second = page_data(page), page_data(page)
    assert official.post(edit_url(household), filled(first, {}, members=[person(5)])).status_code == 302
    second["submit_key"] = "6f7a0a39-0d5c-4bb5-a2ab-6f0f0c6d1a12"

    assert official.post(edit_url(household), filled(second, {"address": "河边"})).status_code == 302
    household.refresh_from_db()
    assert (household.size, household.address) == (2, "河边")


def test_a_member_closed_meanwhile_is_asked_about(official):
    household = factories.household(members=2, cause="01")
    response = two_edits(
        official, household, {"m-1-left_event": "01", "m-1-left_on": "2025-03-01"}, {"m-1-name": "改名字"}
    )

    assert response.status_code == 409
    assert "死亡" in response.content.decode()
    assert official.post(edit_url(household), page_data(response)).status_code == 302
    household.refresh_from_db()
    assert household.size == 1


def test_strangers_get_404_and_readers_403(login):
    household = factories.household()

    assert login(factories.user(Role.COUNTY_OFFICE, at="990102")).get(edit_url(household)).status_code == 404
    assert login(factories.user(Role.AUDITOR)).get(edit_url(household)).status_code == 403


def test_queries_do_not_grow_with_members(official, django_assert_max_num_queries):
    household = factories.household(members=12, cause="01")

    # session, user, posts, household, years x3, places, members, years, snapshot x5, last year's facts, doubts
    with django_assert_max_num_queries(24):
        official.get(edit_url(household))


def test_id_check_answers_from_the_body_only(official):
    other = factories.household(at="99010110020102")

    taken = official.post(reverse("id_check"), {"id_number": other.members.get().id_number}).content.decode()
    assert other.head_name in taken
    assert official.post(reverse("id_check"), {"id_number": "99010"}).content == b""


def test_a_doubt_is_explained_with_a_reason(official):
    household = factories.household(cause="01")
    data = page_data(official.get(edit_url(household)))
    official.post(edit_url(household), data)
    household.refresh_from_db()
    url, before = reverse("household_doubts", args=[household.pk]), household.doubts
    doubt = household.doubt_rows.first()

    assert official.post(url, {"doubt": doubt.pk, "reason": " "}).status_code == 422
    assert official.post(url, {"doubt": doubt.pk, "reason": "入户核实无误"}).status_code == 302

    household.refresh_from_db()
    assert household.doubts == before - 1
    official.post(edit_url(household), page_data(official.get(edit_url(household))))
    doubt.refresh_from_db()
    assert doubt.explained == "入户核实无误"
    assert timezone.localdate() >= doubt.found_on


def test_a_member_changed_by_an_import_is_asked_about_though_the_version_stood_still(official):
    household = factories.household(cause="01")
    data = page_data(official.get(edit_url(household)))
    household.members.update(name="导入名")

    response = official.post(edit_url(household), filled(data, {"m-0-name": "我的名"}))

    assert response.status_code == 409
    assert "导入名" in response.content.decode()


@pytest.mark.django_db
def test_a_submit_of_nothing_is_told_what_is_missing(login):
    response = login(factories.user(Role.VILLAGE_CLERK, at="990101100201")).post("/households/new/", {})

    assert response.status_code == 422
