"""Village profiles out of a workbook: one row a village and year."""

import pytest

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import VillageProfile
from tests import factories
from tests.fupin.excel import samples
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
TITLE = "2019年行政村基本情况表"


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    village = factories.region("990101100201")
    village.name, village.short_name, village.key = "昌龙村", "昌龙村", "昌龙"
    village.save()
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


FIGURES = {
    "户": "households", "人": "population", "劳动力": "labour", "贫困户": "poor_households", "贫困人口": "poor_population",
    "低保户": "dibao_households", "低保人口": "dibao_population", "特困": "tekun_population", "残疾": "disabled_population",
    "领养老金": "pension_received", "缴新农保": "pension_joined", "新农合": "medical_joined", "小学": "students_primary",
    "中学": "students_middle", "大中专": "students_college", "党员": "party_members", "预备": "party_probationary",
    "积极分子": "party_activists", "三老": "sanlao", "喇嘛": "lamas", "尼姑": "nuns", "村组干部": "cadres", "搬迁户": "relocated_households",
}  # fmt: skip
"""The words of the samples' village profile to columns."""


@samples.needed
def test_the_village_of_the_first_plan(client_of):
    counts = samples.EXPECTED["01_village_changlong.xlsx"]["village_profile"]["counts"]
    heads = {"户": "总户数", "人": "总人口"}

    batch = imported(client_of, made(("村", *(heads.get(word, word) for word in counts)), ("昌龙村", *counts.values()), title=TITLE))  # fmt: skip

    assert (batch.kind, batch.year, found(batch), found(batch, "warning")) == ("villages", 2019, [], [])
    profile = VillageProfile.objects.get()
    assert {word: getattr(profile, FIGURES[word]) for word in counts} == counts
    assert profile.region.short_name == "昌龙村"
    assert AuditEvent.objects.get(action="village.import").detail["year"] == 2019


def test_grouped_headers_and_blanks_that_stay_unknown(client_of):
    header = (
        "村",
        "总户数",
        "总人口",
        "学生",
        "",
        "",
        "",
        "僧侣",
        "",
        "低保",
        "",
        "小学（所）",
        "通沥青（水泥）路",
        "村集体经济收入（万元）",
        "是否通电",
        "通生产用电的自然村数",
    )
    below = ("", "", "", "合计数", "大中专", "中学", "小学", "尼姑", "喇嘛", "户", "人", "", "", "", "", "")

    batch = imported(client_of, made(header, below, ("昌龙村", 58, 279, "", 4, 12, 14, 5, 20, 6, "", 0, "是", 3.5, "否", 2), title=TITLE))  # fmt: skip

    profile = VillageProfile.objects.get()
    assert (profile.students_college, profile.students_middle, profile.students_primary) == (4, 12, 14)
    assert (profile.nuns, profile.lamas, profile.dibao_households, profile.schools) == (5, 20, 6, 0)
    assert (profile.dibao_population, profile.students, profile.labour) == (None, None, None)
    assert (profile.road_paved, profile.collective_income) == (True, 35000)
    assert (profile.power_living, profile.power_villages) == (False, 2)
    assert found(batch) == []


HEADER = (
    "村",
    "年度",
    "总户数",
    "总人口",
    "劳动力",
    "学生",
    "大中专",
    "中学",
    "小学生",
    "僧侣",
    "尼姑",
    "喇嘛",
)


def line(village="昌龙村", year=2019, **more):
    cells = {
        "hh": 58,
        "p": 279,
        "labour": 123,
        "all": 30,
        "a": 4,
        "b": 12,
        "c": 14,
        "clergy": 25,
        "n": 5,
        "l": 20,
    } | more
    return (village, year, *cells.values())


def test_sums_that_do_not_hold_are_errors_at_their_cells(client_of):
    batch = uploaded(client_of, made(HEADER, line(all=31), line(year=2018, clergy=24), line(year=2017, labour=300), line("没有村"), line(year=2017)))  # fmt: skip

    assert found(batch) == [("village_sum", "F2"), ("village_sum", "J3"), ("region_unknown", "A5"), ("village_repeated", "A6")]  # fmt: skip
    assert found(batch, "warning") == [("village_part_over_whole", "D4")]
    assert "4 + 12 + 14 ≠ 31（F2、G2、H2、I2）" in batch.issues[0]["expected"]


def test_a_part_is_checked_against_what_is_stored(client_of):
    imported(client_of, made(HEADER, line()))

    batch = uploaded(client_of, made(("村", "年度", "总户数", "小学生"), ("昌龙村", 2019, 58, 15)))

    assert found(batch) == [("village_sum", "D2")]


def test_the_same_table_twice_changes_nothing_and_a_new_figure_one_thing(client_of):
    imported(client_of, made(HEADER, line()))
    again = imported(client_of, made(HEADER, line()))
    changed = imported(client_of, made(HEADER, line(hh=57)))

    assert again.report["written"] == {"rows_new": 0, "rows_changed": 0, "rows_same": 1}
    assert changed.report["written"]["rows_changed"] == 1
    profile = VillageProfile.objects.get()
    assert (profile.households, profile.version) == (57, 2)
    assert AuditEvent.objects.filter(action="village.import").order_by("-pk")[0].detail["changes"] == [["总户数", "58", "57"]]  # fmt: skip
