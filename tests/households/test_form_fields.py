"""Every field of the household and the member list has a place in the form and on the page; some by year."""

from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from households.actions.register import CONDITION_FIELDS, HOUSEHOLD_FIELDS, MEMBER_FIELDS, YEAR_FIELDS
from households.actions.workplaces import counties_in
from households.models import Condition, Household, Member, MemberYear
from tests import factories
from tests.households.forms import filled, page_data
from tests.households.test_form import NEW, TOWN, edit_url, new_household, person

pytestmark = pytest.mark.django_db

ELSEWHERE = {
    Household: {
        "region_path", "identified_text", "registry_status", "monitor_category", "risk_state", "monitored_on",
        "cleared_on", "exit_year", "relapse_year", "relapse_cause", "target_text", "target_end", "target_precision",
        "closed_on", "closed_reason",
    },
    Member: {"household", "region_path", "order", "relation_text", "id_text", "ethnic_text"},
    MemberYear: {"member", "year", "role_note"},
    Condition: {"household", "year", "legacy_attribute", "not_exit_reason", "bottom_line", "needs"},
}  # fmt: skip
"""Columns that the lifecycle, an import or another field of the form fills."""


@pytest.fixture
def official(login):
    factories.region()
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (Household, HOUSEHOLD_FIELDS),
        (Member, MEMBER_FIELDS),
        (MemberYear, YEAR_FIELDS),
        (Condition, CONDITION_FIELDS),
    ],
)
def test_every_column_is_asked_for_by_the_form(official, model, names):
    columns = {
        field.name
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key and field.name not in ("updated_at", "updated_by")
    }
    page = official.get(NEW).content.decode()

    assert columns - ELSEWHERE[model] == set(names)
    prefix = {Household: "", Condition: "c-"}.get(model, "m-0-")
    for name in names:
        assert f'name="{prefix}{name}"' in page, name


FIELDS = {
    "relocated": "1", "relocation_site": "河坝安置点", "relocation_address": "河坝村3号", "settlement": "1",
    "settlement_place": "2", "relocation_difficulties": ["1", "9"], "c-cooperative": "1",
    "c-cooperative_name": "金银花合作社", "c-enterprise_name": "雪域药业", "c-leader_name": "钱带头",
    "c-collector": "孙采集", "c-collected_on": "2025-11-02", "c-signed": "1",
}  # fmt: skip
PERSON = {
    "marriage": "20", "living": "2", "work_area": "04", "work_months": "8", "work_place": "测试市01测试县01",
    "work_company": "某厂", "work_industry": "2", "training": "电工培训", "training_on": "2025-05-06",
    "certificate": "电工证", "health_help": "家庭医生签约", "graduate_job": "未就业", "graduate_reason": "备考",
    "politics": "01",
}  # fmt: skip
WORDS = [
    "河坝安置点", "河坝村3号", "乡镇", "缺资金、其他", "金银花合作社", "雪域药业", "钱带头", "孙采集", "户主已签字", "2025-11-02",
    "已婚", "外出", "测试市01测试县01", "第二产业（工业、建筑业）", "电工培训", "2025-05-06", "电工证", "备考",
    "中共党员",
]  # fmt: skip


def test_what_the_form_takes_the_page_shows_and_the_form_gives_back(official):
    assert (
        official.post(NEW, new_household(official, person(1, relation="01", **PERSON), **FIELDS)).status_code
        == 302
    )

    household = Household.objects.get()
    page = official.get(reverse("household_detail", args=[household.pk])).content.decode()
    for words in WORDS:
        assert words in page, words
    assert PERSON["health_help"] not in page  # health: masked until it is revealed
    data = page_data(official.get(edit_url(household)))
    for name, value in FIELDS.items():
        assert data[name] == value
    for name, value in PERSON.items():
        assert data[f"m-0-{name}"] == value
    assert MemberYear.objects.get().work_county == "990101"


def test_a_party_members_household_in_poverty_is_marked(official):
    household = factories.household(cause="01")
    url = reverse("household_detail", args=[household.pk])
    assert "党员家庭" not in official.get(url).content.decode()

    MemberYear.objects.create(member=household.members.get(), year=2025, politics="01")

    assert "党员家庭" in official.get(url).content.decode()


def test_what_changes_by_year_is_kept_by_year(official):
    household = factories.household(cause="01", needs="1", not_exit_reason="05")
    newest = page_data(official.get(edit_url(household, 2026)))
    assert (newest["needs"], newest["not_exit_reason"]) == ("1", "05")
    official.post(
        edit_url(household, 2026), filled(newest, {"needs": ["2", "5"], "bottom_line": "1", "k-main": "01"})
    )

    older = page_data(official.get(edit_url(household, 2024)))
    assert ("needs" in older, older["not_exit_reason"]) == (False, "")
    official.post(
        edit_url(household, 2024), filled(older, {"needs": ["3"], "not_exit_reason": "02", "k-main": "01"})
    )

    household.refresh_from_db()
    assert (household.needs, household.not_exit_reason, household.bottom_line) == ("2,5", "05", True)
    held = {row.year: (row.needs, row.not_exit_reason, row.bottom_line) for row in household.conditions.all()}
    assert held == {2026: ("2,5", "05", True), 2024: ("3", "02", None)}
    url = reverse("household_detail", args=[household.pk])
    then, now = (official.get(url, {"year": year}).content.decode() for year in (2024, 2026))
    assert "教育" in then.partition("帮扶需求")[2][:40] and "措施成效不显著" in then
    assert "就业、住房" in now and "大病治疗中" in now


def test_a_new_day_of_identification_drops_the_old_words(official):
    household = factories.household(cause="01", identified_on=date(2014, 1, 1), identified_text="2014")
    data = page_data(official.get(edit_url(household)))

    official.post(edit_url(household), filled(data, {"address": "河边"}))
    household.refresh_from_db()
    assert household.identified_text == "2014"
    data = page_data(official.get(edit_url(household)))
    official.post(edit_url(household), filled(data, {"identified_on": "2016-05-01"}))

    household.refresh_from_db()
    assert (household.identified_on, household.identified_text) == (date(2016, 5, 1), "")


# The place of work, down to the county


@pytest.mark.parametrize(
    ("typed", "words"),
    [("浙江", "请写到区县"), ("测试市01", "请写到区县"), ("测试县01", "个同名的区县")],
)
def test_a_place_of_work_that_is_no_county_is_said(official, typed, words):
    factories.region("990201")
    response = official.post(NEW, new_household(official, person(1, relation="01", work_place=typed)))

    assert response.status_code == 422
    assert words in response.content.decode() and typed in response.content.decode()


def test_work_abroad_and_words_of_older_years_need_no_county(official):
    household = factories.household(cause="01")
    MemberYear.objects.create(member=household.members.get(), year=2024, work_place="浙江", labour="01")
    data = page_data(official.get(edit_url(household, 2026)))
    assert data["m-0-work_place"] == "浙江"

    assert official.post(edit_url(household, 2026), filled(data, {"k-main": "01"})).status_code == 302
    data = page_data(official.get(edit_url(household, 2026)))
    abroad = {"m-0-work_place": "柬埔寨", "m-0-work_area": "99"}
    assert official.post(edit_url(household, 2026), filled(data, abroad)).status_code == 302


def test_counties_in_words():
    for path, name in (("99", "浙水省"), ("9901", "杭水市"), ("990101", "余水区"), ("9902", "宁水市"), ("990201", "余水区"),
                       ("990202", "象水县"), ("990203", "水县")):  # fmt: skip
        region = factories.region(path)
        region.name = region.short_name = region.key = name
        region.save()

    assert counties_in("浙水省杭水市余水区某街道").keys() == {"990101"}
    assert counties_in("宁水余水区").keys() == {"990201"}
    assert counties_in("余水区").keys() == {"990101", "990201"}
    assert counties_in("象水").keys() == {"990202"}  # the ending left out
    assert counties_in("象水县").keys() == {"990202"}  # not 水县 inside it
    assert counties_in("杭水市").keys() == set()
    assert counties_in("").keys() == set()
