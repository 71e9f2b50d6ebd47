"""片区分组: what a county counts together, and R06 by it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.excel.reports import judged, lines_of
from households import kept
from households.models import AreaGroup, Income
from households.reports.summaries import BY_INCOME
from tests import factories
from tests.households.test_income_lines import page_data
from tests.households.test_summaries import cells, download
from tests.workbooks import table

pytestmark = pytest.mark.django_db

TOWNS = ("990101100", "990101101", "990101102")


def save(client, name, places, pk=None, **fields):
    url = reverse("area_group_edit", args=[pk]) if pk else reverse("area_group_create")
    data = page_data(client.get(url)) | {"name": name, "places": places} | fields
    return client.post(url, data)


@pytest.fixture
def county(login):
    """Three townships with a household each of 900, 1,200 and 9,000 yuan a head, two in the second."""
    made = []
    for n, (town, head) in enumerate([*zip(TOWNS, (900, 1200, 9000)), (TOWNS[1], 800)]):
        row = factories.household(at=f"{town}{201 + n}01", registry_status="3", members=2)
        Income.objects.create(household=row, year=2025, wage=Decimal(head * 2), persons=2)
        made.append(row.pk)
    kept.refresh(made)
    return login(factories.user(Role.COUNTY_OFFICE, at="990101"))


def groups(client):
    assert save(client, "2个欠发达乡镇", TOWNS[:2]).status_code == 302
    wide = AreaGroup.objects.get()
    # only one village of the second township
    assert (
        save(
            client, "重点扶持", [TOWNS[0], f"{TOWNS[1]}202"], within=wide.pk, source="扶办〔2003〕1号"
        ).status_code
        == 302
    )
    return wide, AreaGroup.objects.get(within=wide)


def test_r06_lists_the_groups_within_the_county_and_within_each_other(county):
    groups(county)
    sheet = download(county, "R06", region="990101", year=2025)
    rows = cells(sheet)
    names = [row[1] for row in table(sheet, 5)]

    at = names.index("其中：2个欠发达乡镇")
    assert names[at : at + 3] == ["其中：2个欠发达乡镇", "　其中：重点扶持", "合计"]
    assert [rows[name]["户数"] for name in names[at : at + 3]] == [3, 2, 4]
    assert [rows[name]["人均1500元以下/户"] for name in names[at : at + 3]] == [3, 2, 3]
    assert [rows[name]["人均1000元以下/人"] for name in names[at : at + 3]] == [4, 2, 4]
    assert rows["　其中：重点扶持"]["人均1000元以下/占总人口"] == Decimal("0.5")
    assert rows["其中：2个欠发达乡镇"]["人均纯收入"] == pytest.approx(2900 / 3, abs=0.01)
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row if "勾稽核对" in str(cell.value)]
    assert len(said) == 1 and "全部相符（" in said[0]
    assert any(
        "2个欠发达乡镇、重点扶持的名单由县里填写，待核实" in str(c.value)
        for r in sheet.iter_rows()
        for c in r
    )
    town = cells(download(county, "R06", region=TOWNS[1], year=2025))
    assert (town["其中：重点扶持"]["户数"], town["合计"]["户数"]) == (1, 2)
    assert not any("其中" in name for name in cells(download(county, "R06", region=TOWNS[0], year=2025)))
    assert "其中" not in str(cells(download(county, "R04", region="990101", year=2025)).keys())


def test_a_group_that_holds_more_than_the_wider_one_is_named_with_its_cell():
    headers = {column.header: column.value for column in BY_INCOME.columns}
    empty = {value: 0 for value in headers.values() if isinstance(value, str)}

    def row(name, homes, part=False):
        return empty | {"name": name, "all:h": homes, "all:p": 9, "told:h": 0, "part": part}

    rows = [
        row("甲", 2),
        row("乙", 2),
        row("其中：外", 3, True),
        row("　其中：内", 4, True),
        row("其中：另", 4, True),
    ]
    words = []
    list(judged(BY_INCOME, lines_of(BY_INCOME, rows, reveal=False), words))
    assert "C8（户数 ≤ 外的）" in words[0] and "C9" not in words[0]
    words = []
    list(
        judged(BY_INCOME, lines_of(BY_INCOME, [row("甲", 2), row("其中：外", 3, True)], reveal=False), words)
    )
    assert "C6（户数 ≤ 合计的）" in words[0]


def test_groups_hold_by_year(county):
    wide, inner = groups(county)
    assert save(county, wide.name, TOWNS[:2], pk=wide.pk, last_year="2024").status_code == 302
    rows = cells(download(county, "R06", region="990101", year=2025))
    assert [name for name in rows if "其中" in name] == ["其中：重点扶持"]
    assert [event.region_path for event in AuditEvent.objects.filter(action__startswith="area_group.")] == [
        "990101"
    ] * 3


def test_what_does_not_nest_is_refused_and_nothing_typed_is_lost(county):
    wide, inner = groups(county)
    outside = save(county, "改名的", [TOWNS[2]], pk=inner.pk, within=wide.pk)
    assert outside.status_code == 422
    page = outside.content.decode()
    assert "这些不在“2个欠发达乡镇”里" in page and "改名的" in page
    assert f'value="{TOWNS[2]}" checked' in page
    lost = save(county, "2个欠发达乡镇", [TOWNS[0]], pk=wide.pk)
    assert lost.status_code == 422 and "下级分组“重点扶持”还有" in lost.content.decode()
    loop = save(county, "2个欠发达乡镇", TOWNS[:2], pk=wide.pk, within=inner.pk)
    assert loop.status_code == 422 and "不能属于自己或自己的下级" in loop.content.decode()
    factories.region("990102100201")
    assert "不是本县的" in save(county, "外县", ["990102100"]).content.decode()
    assert save(county, "空的", []).status_code == 422
    assert save(county, "2个欠发达乡镇", [TOWNS[0]]).status_code == 422
    assert AreaGroup.objects.count() == 2


def test_somebody_elses_change_is_not_overwritten(county):
    wide, _ = groups(county)
    url = reverse("area_group_edit", args=[wide.pk])
    data = page_data(county.get(url)) | {"places": TOWNS[:2]}
    AreaGroup.objects.filter(pk=wide.pk).update(version=9)
    late = county.post(url, data | {"source": "我填的"})
    assert (
        late.status_code == 422
        and "刚被别人改过" in late.content.decode()
        and "我填的" in late.content.decode()
    )
    assert county.post(url, page_data(late) | {"places": TOWNS[:2]}).status_code == 302


def test_the_list_says_what_does_not_agree_and_costs_the_same(county, django_assert_num_queries):
    wide, _ = groups(county)
    save(county, "3个欠发达乡镇", TOWNS[:2], pk=wide.pk)
    county.get(reverse("area_group_list"))
    # session, user, posts, groups, places, their names, counties' names, counties to choose
    with django_assert_num_queries(8):
        page = county.get(reverse("area_group_list")).content.decode()
    assert "名称写 3 个，已选 2 个" in page and "待核实" in page and "其中：" in page
