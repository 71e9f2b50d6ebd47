"""Village profiles: the figures of plan one, what follows from them, what must hold, and the register beside."""

from decimal import Decimal

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import profile as figures
from households.actions.village import save_profile
from households.models import VillageProfile
from tests import factories
from tests.households.forms import page_data

pytestmark = pytest.mark.django_db

VILLAGE = "990101100201"
CHANGLONG = {
    "location": "县城西南部", "distance_county": "8", "households": "58", "population": "279", "labour": "123",
    "poor_households": "19", "poor_population": "77", "dibao_households": "6", "dibao_population": "20",
    "tekun_population": "10", "disabled_population": "17", "pension_received": "47", "pension_joined": "56",
    "medical_joined": "279", "students": "30", "students_college": "4", "students_middle": "12",
    "students_primary": "14", "party_members": "11", "party_probationary": "2", "party_activists": "3", "sanlao": "3",
    "clergy": "25", "nuns": "5", "lamas": "20", "cadres": "7", "relocated_households": "3", "enterprises": "0",
    "programmes": "整村推进",
}  # fmt: skip
"""Plan one (S1-01 to S1-32), data year 2019."""


@pytest.fixture
def clerk(login):
    factories.region(VILLAGE)
    return login(factories.user(Role.VILLAGE_CLERK, at=VILLAGE))


def edit_url(year=2019, copy=False):
    return reverse("village_edit", args=[VILLAGE]) + f"?year={year}" + ("&copy=1" if copy else "")


def detail(client, year=2019):
    return client.get(reverse("village_detail", args=[VILLAGE]) + f"?year={year}").content.decode()


def report(client, year=2019, **changes):
    data = page_data(client.get(edit_url(year))) | CHANGLONG | changes
    data |= {"causes-0-text": "资金紧缺，种植技术缺乏", "causes-0-one": "09", "causes-0-two": "07",
             "causes-1-text": "交通地理历史因素", "needs-0-text": "通村路硬化", "needs-0-kind": "A",
             "industries-0-name": "金银花", "industries-0-area_mu": "100", "industries-0-approx": "on"}  # fmt: skip
    return client.post(edit_url(year), data)


def test_every_figure_of_plan_one_is_held_and_shown(clerk):
    assert report(clerk).status_code == 302

    profile = VillageProfile.objects.get()
    for name, value in CHANGLONG.items():
        assert str(getattr(profile, name)).removesuffix(".0") == value
    page = detail(clerk)
    for words in (
        "27.60%",
        "100.00%",
        "整村推进",
        "资金紧缺，种植技术缺乏",
        "缺资金、缺技术",
        "通村路硬化",
        "约 100",
    ):
        assert words in page
    assert AuditEvent.objects.filter(action="village.create").exists()


def test_unknown_is_not_zero(clerk):
    report(clerk)
    page = detail(clerk)
    profile = VillageProfile.objects.get()

    assert (profile.enterprises, profile.schools) == (0, None)
    assert '<dt>小学（所）</dt><dd><span class="muted">未填</span>' in page
    assert "<dt>工业企业（家）</dt><dd>0" in page


def test_sums_that_do_not_hold_are_shown_and_do_not_block(clerk):
    report(clerk, students="31", nuns="6", labour="300")

    page = detail(clerk)

    assert "不平：4 + 12 + 14 ≠ 31" in page
    assert "不平：6 + 20 ≠ 25" in page
    assert "不平：300 &gt; 279" in page


def test_poor_households_moved_by_two_since_2014(clerk):
    report(clerk, 2014, poor_households="21")
    report(clerk, 2019)

    assert "比 2014 年 −2" in detail(clerk)


def test_a_new_year_copies_the_last_but_not_its_income(clerk):
    report(clerk, per_capita_income="5200")
    data = page_data(clerk.get(edit_url(2020, copy=True)))

    assert (data["population"], data["per_capita_income"], data["causes-0-one"]) == ("279", "", "09")
    clerk.post(edit_url(2020, copy=True), data)
    copied = VillageProfile.objects.get(year=2020)
    assert (copied.population, copied.per_capita_income, copied.causes.count()) == (279, None, 2)


def test_errors_keep_what_was_typed(clerk):
    response = report(clerk, population="很多", location="山脚下")
    page = response.content.decode()

    assert response.status_code == 422
    assert 'href="#id_population"' in page
    for typed in ("很多", "山脚下", "资金紧缺，种植技术缺乏"):
        assert typed in page
    assert not VillageProfile.objects.exists()


def test_a_second_submit_changes_nothing(clerk):
    report(clerk)
    page = page_data(clerk.get(edit_url()))
    first = clerk.post(edit_url(), page | {"labour": "124"})

    assert clerk.post(edit_url(), page | {"labour": "124"})["Location"] == first["Location"]
    assert VillageProfile.objects.get().version == 2


# Two officials on one profile


def two_edits(client, first, second):
    """Both open the page; `first` saves, then `second` posts. The second one's response."""
    page = page_data(client.get(edit_url()))
    assert client.post(edit_url(), page | first).status_code == 302
    return client.post(edit_url(), page | {"submit_key": "6f7a0a39-0d5c-4bb5-a2ab-6f0f0c6d1a13"} | second)


def test_the_second_to_save_sees_both_versions_field_by_field(clerk):
    report(clerk)

    late = two_edits(
        clerk,
        {"labour": "124", "terrain": "高山峡谷", "causes-1-text": "对方的原因", "road_paved": "1"},
        {"labour": "125", "causes-1-text": "我的原因", "location": "我的方位", "households": "59"},
    )
    page = late.content.decode()

    assert late.status_code == 409
    for words in ("123", "124", "125", "高山峡谷", "对方的原因", "我的原因", "用户", "通沥青（水泥）路"):
        assert words in page
    assert (VillageProfile.objects.get().labour, VillageProfile.objects.get().households) == (124, 58)
    data = page_data(late)
    assert (data["pick:terrain"], data["pick:road_paved"]) == ("theirs", "theirs")
    assert "pick:labour" not in data and "pick:location" not in data

    assert clerk.post(edit_url(), data | {"pick:labour": "mine", "pick:causes": "theirs"}).status_code == 302

    profile = VillageProfile.objects.get()
    assert (profile.labour, profile.terrain, profile.location, profile.households, profile.road_paved) == (
        125, "高山峡谷", "我的方位", 59, True,
    )  # fmt: skip
    assert [cause.text for cause in profile.causes.all()] == ["资金紧缺，种植技术缺乏", "对方的原因"]
    assert profile.causes.first().codes == "09,07"
    assert profile.version == 3


def test_an_undecided_field_is_asked_again_and_the_other_picks_stay(clerk):
    report(clerk)
    late = two_edits(clerk, {"labour": "124", "groups": "5"}, {"labour": "125", "groups": "6"})

    again = clerk.post(edit_url(), page_data(late) | {"pick:groups": "mine"})

    assert again.status_code == 422
    assert "还有 1 项没有选" in again.content.decode()
    data = page_data(again)
    assert data["pick:groups"] == "mine"
    assert clerk.post(edit_url(), data | {"pick:labour": "theirs"}).status_code == 302
    assert (VillageProfile.objects.get().labour, VillageProfile.objects.get().groups) == (124, 6)


def test_a_third_save_between_is_shown_again(clerk):
    report(clerk)
    late = two_edits(clerk, {"labour": "124"}, {"labour": "125"})
    third = page_data(clerk.get(edit_url()))
    clerk.post(edit_url(), third | {"labour": "126"})

    again = clerk.post(edit_url(), page_data(late) | {"pick:labour": "mine"})

    assert again.status_code == 409
    assert "126" in again.content.decode() and "125" in again.content.decode()
    assert clerk.post(edit_url(), page_data(again) | {"pick:labour": "mine"}).status_code == 302
    assert VillageProfile.objects.get().labour == 125


def test_two_who_begin_one_year_at_once(clerk):
    first, second = page_data(clerk.get(edit_url())), page_data(clerk.get(edit_url()))
    clerk.post(edit_url(), first | {"labour": "124", "industries-0-name": "金银花"})

    late = clerk.post(edit_url(), second | {"labour": "125", "population": "279"})

    assert late.status_code == 409
    assert clerk.post(edit_url(), page_data(late) | {"pick:labour": "theirs"}).status_code == 302
    profile = VillageProfile.objects.get()
    assert (profile.labour, profile.population, profile.industries.get().name) == (124, 279, "金银花")


def test_the_trail_names_the_fields_and_the_lists(clerk):
    report(clerk)
    page = page_data(clerk.get(edit_url()))
    clerk.post(edit_url(), page | {"labour": "124", "needs-0-text": "通组路硬化"})

    changes = AuditEvent.objects.get(action="village.edit").detail["changes"]
    assert ["劳动力（人）", "123", "124"] in changes
    assert ["急需解决的困难", "通村路硬化", "通组路硬化"] in changes
    assert len(changes) == 2


def test_causes_and_needs_of_a_village_are_coded_entries_with_their_words(clerk):
    """S1-20, S1-21: up to three codes for one sentence, needs with category and state, in the order of the plan."""
    report(clerk)
    profile = VillageProfile.objects.get()

    assert [(cause.text, cause.codes) for cause in profile.causes.all()] == [
        ("资金紧缺，种植技术缺乏", "09,07"), ("交通地理历史因素", ""),
    ]  # fmt: skip
    need = profile.needs.get()
    assert (need.text, need.kind, need.state) == ("通村路硬化", "A", "1")
    page = detail(clerk)
    assert "归类：缺资金、缺技术" in page and "基础设施" in page and "待解决" in page


def test_beside_the_register(clerk):
    report(clerk)
    factories.household(at=VILLAGE + "01", registry_status="3", members=2)

    page = detail(clerk)

    assert ">1 / 2</a>" in page
    assert "-18" in page


def test_list_shows_the_year_and_only_own_villages(login):
    factories.region(VILLAGE)
    other = factories.region("990102100201")
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    save_profile(village=factories.region(VILLAGE), year=2019, fields={"households": 58, "population": 279, "poor_population": 77}, by=user)  # fmt: skip
    client = login(user)

    page = client.get(reverse("village_list") + "?year=2019").content.decode()

    assert "27.60%" in page
    assert other.path not in page
    assert "未填报" in client.get(reverse("village_list") + "?year=2020").content.decode()
    assert client.get(reverse("village_list") + "?region=990102").status_code == 404


def test_list_queries_do_not_grow(login, django_assert_num_queries):
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    for n in range(201, 231):
        village = factories.region(f"990101100{n}")
        save_profile(village=village, year=2019, fields={"population": n}, by=user)
    client = login(user)
    client.get(reverse("village_list") + "?year=2019")

    # session, user, posts, villages, names, profiles, counts, names of the trail
    with django_assert_num_queries(8):
        client.get(reverse("village_list") + "?year=2019")


def test_rates_without_a_denominator_are_no_numbers():
    empty = VillageProfile(population=0, poor_population=0, farmland=Decimal(970))

    assert {rate.words(empty) for rate in figures.RATES} == {"—"}
    full = VillageProfile(population=920, farmland=Decimal(970))
    assert figures.RATES[-1].words(full) == "1.05 亩"


def test_the_notice_of_a_villages_exit_says_sums_and_nothing_of_a_person(client):
    village = factories.region("990101100201")
    VillageProfile.objects.create(
        region=village, region_path=village.path, year=2025, households=58, population=279, poor_households=2,
        poor_population=4, road_paved=True, helping_unit="县医院", first_secretary="某某某",
    )  # fmt: skip
    client.force_login(factories.user())
    page = client.get(reverse("village_posting", args=[village.path]), {"on": "2026-03-02"}).content.decode()
    assert "2026年拟退出贫困村公示" in page and "1.43%" in page and "58 户，279 人" in page
    assert "公示期 7 天，自 2026 年 3 月 2 日 至 2026 年 3 月 8 日" in page
    assert "达标" in page and "某某某" not in page and "12317" in page
    after = client.get(reverse("village_posting", args=[village.path]), {"stage": "after"}).content.decode()
    assert "贫困村退出公告" in after and "公示期" not in after


def test_an_objection_stops_the_notice_of_a_villages_exit(client):
    village = factories.region("990101100201")
    client.force_login(factories.user())
    posting = reverse("village_posting", args=[village.path])
    address = reverse("village_objections", args=[village.path])
    typed = {"procedure": "village_exit", "raised_on": "2026-03-03", "what": "饮水还没有通"}
    assert "饮水还没有通" in client.post(address, typed | {"raised_on": "2099-01-01"}).content.decode()
    assert client.post(address, typed).status_code == 302

    assert "有异议还没有处理" in client.get(posting, {"on": "2026-03-02"}).content.decode()
    assert client.get(posting, {"stage": "after"}).status_code == 409
    row = village.objections.get()
    done = {"objection": row.pk, f"o{row.pk}-handled_on": "2026-03-04", f"o{row.pk}-outcome": "已通水"}
    assert client.post(address, done).status_code == 302
    page = client.get(posting, {"on": "2026-03-02"}).content.decode()
    assert "至 2026 年 3 月 10 日" in page  # seven days and the two that do not count
    assert client.get(posting, {"stage": "after"}).status_code == 200
    told = AuditEvent.objects.filter(action__startswith="objection.").order_by("pk")
    assert [(event.action, event.region_path) for event in told] == [
        ("objection.raise", village.path), ("objection.handle", village.path),
    ]  # fmt: skip
    assert not any("水" in str(event.detail) for event in told)
