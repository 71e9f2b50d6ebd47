"""R01, R02 and R16 as downloaded: what is in the cells, whose rows they are, what is masked."""

from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households import kept
from households.models import Income, Measure, MemberYear
from projects.models import Beneficiary
from tests import factories
from tests.parts import one_of
from tests.workbooks import column, opened, table

pytestmark = pytest.mark.django_db

BODY = {"L01": 4, "R01": 4, "R02": 5, "R16": 4}
"""First row of the body: R02 has a header of two rows."""
TODAY = timezone.localdate()


def download(client, name, **query):
    return opened(client.get(reverse("report_download", args=[name]), query))


def test_roster_merges_the_household_over_its_members(login):
    factories.household(members=3)
    factories.household(members=1)

    sheet = download(login(factories.user()), "R01")

    assert len(table(sheet, 4)) == 4
    merged = {str(found) for found in sheet.merged_cells.ranges}
    assert {"A4:A6", "F4:F6", "X4:X6"} <= merged
    assert "G4:G6" not in merged  # 姓名 is the member's own
    assert column(sheet, "序号", 4) == [1, None, None, 2]


def test_roster_is_titled_in_the_words_of_its_year(login):
    factories.household()
    client = login(factories.user(at="990101"))

    assert download(client, "R01", year=2026)["A1"].value == "测试县01防止返贫致贫对象（脱贫户）花名册"
    assert download(client, "R01", year=2018)["A1"].value == "测试县01建档立卡贫困户（已脱贫户）花名册"


def test_text_stays_text(login):
    household = factories.household(number="00123", members=0)
    factories.member(household, name="=1+1", relation="01")

    sheet = download(login(factories.user()), "R01")

    cells = {cell.value: cell for row in sheet.iter_rows(min_row=4, max_row=4) for cell in row}
    assert cells["=1+1"].data_type == "s"
    assert cells["00123"].data_type == "s"
    assert cells["00123"].number_format == "@"


def test_personal_data_is_masked(login):
    household = factories.household(phone="15400001234", members=0)
    member = factories.member(household, relation="01", id_number="990101197001010017")
    MemberYear.objects.create(member=member, year=2025, health="02")

    sheet = download(login(factories.user()), "R01")

    assert column(sheet, "证件号码", 4) == ["990101********0017"]
    assert column(sheet, "联系电话", 4) == ["154****1234"]
    assert column(sheet, "健康状况", 4) == ["***"]


def test_whole_data_needs_the_permission_and_a_purpose(login):
    factories.household()
    url = reverse("report_download", args=["R01"])
    whole = {"reveal": "1", "purpose": "报县局数据比对"}

    assert login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101102")).post(url, whole).status_code == 403
    client = login(factories.user(Role.COUNTY_OFFICE))
    assert client.post(url, {"reveal": "1", "purpose": ""}).status_code == 302
    sheet = opened(client.post(url, whole))

    assert "*" not in column(sheet, "证件号码", 4)[0]
    assert "注意保密" in sheet.oddFooter.left.text
    event = AuditEvent.objects.get(action="report.export")
    assert event.detail["purpose"] == "报县局数据比对"
    assert event.detail["whole"] == ["证件号码", "健康状况", "联系电话", "备注"]
    assert (event.detail["rows"], len(event.detail["sha256"])) == (1, 64)


def test_whole_data_only_where_the_permission_holds(login):
    factories.household(at="99010110020101")
    factories.household(at="99010210020101")
    user = factories.user(Role.COUNTY_OFFICE, at="990101")
    user.posts.create(
        role=Role.TOWNSHIP_OPERATOR, region=factories.region("990102100"), starts_on=date(2020, 1, 1)
    )
    client, url = login(user), reverse("report_download", args=["R01"])

    masked = opened(client.get(url))
    whole = opened(client.post(url, {"reveal": "1", "purpose": "报县局数据比对"}))

    assert (len(table(masked, 4)), len(table(whole, 4))) == (2, 1)


@pytest.mark.parametrize("name", BODY)
def test_only_the_rows_of_ones_own_place(login, name):
    mine = factories.household(at="99010110020101")
    factories.household(at="99010120020101")  # the next township
    factories.household(at="99010210020101")  # the next county
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))

    rows = table(download(client, name), BODY[name])
    others = table(download(client, name, region="990102"), BODY[name])

    assert [mine.number in row for row in rows][0]
    assert sum(any(str(cell).startswith("H0") for cell in row) for row in rows) == 1
    assert not any(str(cell).startswith("H0") for row in others for cell in row)


@pytest.mark.parametrize("name", ["R02", "R16"])
def test_as_many_rows_as_the_list(login, name):
    factories.household(cause="01", target_end=date(2020, 1, 1), target_text="2019年")
    factories.household(registry_status="3")
    factories.household(registry_status="9", closed_on=date(2025, 1, 1), closed_reason="迁出")
    client = login(factories.user())

    for query in {}, {"kind": "1"}, {"cause": "01"}, {"target": "over"}, {"q": "H"}, {"figure": "dibao"}:
        shown = client.get(reverse("household_list"), query).context["households"]
        numbers = [cell for cell in column(download(client, name, **query), "户编号", BODY[name]) if cell]
        assert len(numbers) == shown, query


def test_a_condition_that_cannot_be_read_gives_no_file(login):
    factories.household()
    client = login(factories.user())

    response = client.get(reverse("report_download", args=["R02"]), {"kind": "nonsense"}, follow=True)

    assert "text/html" in response["Content-Type"]
    assert "nonsense" in response.content.decode()
    assert not AuditEvent.objects.filter(action="report.export")


def test_a_number_searched_in_another_session_gives_no_rows(login):
    factories.household()

    sheet = download(login(factories.user()), "R02", found="abc")

    assert [row for row in table(sheet, 5) if row[2]] == []


def test_ledger_sums_by_village(login):
    for at, wage in (("99010110020101", 1000), ("99010110020102", 500), ("99010110020201", 30)):
        household = factories.household(at=at, members=2)
        Income.objects.create(household=household, year=2025, wage=wage, expense=100, persons=2)

    sheet = download(login(factories.user()), "R02", year=2026)

    rows = table(sheet, 5)
    assert [(row[1], row[4], row[11]) for row in rows] == [
        ("测试村01", 2, 1000), ("测试村01", 2, 500), ("测试村01小计", 4, 1500),
        ("测试村02", 2, 30), ("测试村02小计", 2, 30), ("合计", 6, 1530),
    ]  # fmt: skip
    assert rows[0][12] == 450  # (1000 - 100) / 2
    assert sheet["A8"].font.bold is not True
    assert sheet["B7"].font.bold


def test_ledger_takes_the_income_of_the_data_year(login):
    household = factories.household()
    for year, wage in ((2023, 100), (2025, 900)):
        Income.objects.create(household=household, year=year, wage=wage, persons=1)
    client = login(factories.user())

    assert column(download(client, "R02", year=2026), "四项合计", 5)[0] == 900
    assert column(download(client, "R02", year=2024), "四项合计", 5)[0] == 100
    assert column(download(client, "R02", year=2022), "四项合计", 5)[0] is None  # unknown, not 0


def test_header_and_print_set_up(login):
    factories.household()

    sheet = download(login(factories.user()), "R02")

    merged = {str(found) for found in sheet.merged_cells.ranges}
    assert {"A1:V1", "A3:A4", "L3:M3"} <= merged  # W: the version, not printed
    assert [sheet["L3"].value, sheet["L4"].value, sheet["M4"].value] == ["收入", "四项合计", "人均纯收入"]
    assert sheet["A2"].value.startswith("填报单位（盖章）：")
    assert f"填报时间：{TODAY.year}年" in str([cell.value for cell in sheet[2]])
    assert sheet.freeze_panes == "A5"
    assert sheet.print_title_rows == "$1:$4"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)  # A3
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0)
    assert "第 &P 页 共 &N 页" in sheet.oddFooter.center.text.replace("&[Page]", "&P")
    notes = [row[0].value for row in sheet.iter_rows(min_row=7) if row[0].value]
    assert any(text.startswith("单位负责人：") for text in notes)
    assert any("截至日期" in text and "筛选条件：无" in text for text in notes)


def test_targets_late_ones_first(login):
    late = factories.household(target_end=TODAY - timedelta(days=23), target_text="10月底前")
    factories.household(target_end=TODAY + timedelta(days=400), target_text="后年")
    factories.household(target_end=None, target_text="")
    Measure.objects.create(
        household=late, region_path=late.region_path, kind="02", what="养羊", done_on=TODAY
    )

    sheet = download(login(factories.user()), "R16")

    assert column(sheet, "剩余天数", 4) == [-23, 400, None]
    assert column(sheet, "状态", 4) == ["逾期", "正常", "未设目标日"]
    assert column(sheet, "计划年度", 4)[0] == "10月底前"
    assert column(sheet, "措施", 4)[0] == "养羊"
    assert column(sheet, "进度说明", 4)[0] == "措施 1 项，已完成 1 项；尚未走访"
    assert sheet.page_setup.paperSize == 9  # A4: ten columns


def test_file_name_says_unit_report_year_and_day(login):
    factories.household()
    client = login(factories.user(at="990101100"))

    response = client.get(reverse("report_download", args=["R02"]), {"q": "赵"})

    name = unquote(response["Content-Disposition"].partition("filename*=utf-8''")[2])
    assert name == f"测试县01测试镇00_脱贫户（监测户）户级台账_{TODAY.year}_{TODAY:%Y%m%d}.xlsx"


def test_a_searched_name_stays_out_of_the_trail(login):
    factories.household()

    download(login(factories.user()), "R02", q="赵")

    assert AuditEvent.objects.get(action="report.export").detail["filter"]["q"] == "***"


def test_members_who_left_are_out(login):
    household = factories.household(members=2)
    household.members.filter(relation="03").update(left_on=date(2025, 5, 1), left_event="1")
    client = login(factories.user())

    assert len(table(download(client, "R01", year=2026), 4)) == 1
    assert len(table(download(client, "R01", year=2024), 4)) == 2


@pytest.mark.parametrize("name", BODY)
def test_preview_shows_what_will_be_downloaded(login, name):
    for _ in range(3):
        factories.household(members=2)
    client = login(factories.user())

    page = client.get(reverse("report_detail", args=[name]))
    rows = table(download(client, name), BODY[name])

    body = page.context["preview"].body
    assert len(body) == len(rows)
    shown = [text for _, cells in body for text, _, _ in cells if text]
    assert len(shown) == sum(cell is not None for row in rows for cell in row)
    assert page.context["preview"].more == 0


def test_households_know_how_many_projects_reached_them(login):
    household = factories.household()
    for _ in range(2):
        Beneficiary.objects.create(project=factories.project(), household=household, item="大棚")

    sheet = download(login(factories.user()), "R02")

    assert column(sheet, "项目数", 5)[0] == 2


def test_queries_do_not_grow_with_rows(login, django_assert_max_num_queries):
    client, taken = login(factories.user()), []
    for homes in (2, 10):
        for _ in range(homes):
            factories.household(members=3)
        counts = {}
        for name in BODY:
            with django_assert_max_num_queries(40) as queries:
                download(client, name)
            counts[name] = len(queries)
        taken.append(counts)

    assert taken[0] == taken[1]


@pytest.mark.parametrize("sort", one_of(3, ["place", "target", "visit", "income", "size"]))
def test_the_list_is_exported_exactly_as_it_is_shown(login, sort):
    for n in range(4):
        household = factories.household(
            members=4 - n,
            target_end=date(2027, 1 + n % 3, 1),
            visited=TODAY - timedelta(10 * n) if n else None,
        )
        Income.objects.create(household=household, year=2025, wage=1000 * (n * 7 % 5), persons=household.size)
        kept.refresh([household.pk])
    factories.household(registry_status="0", target_end=None)
    client = login(factories.user())
    query = {"assisted": "1", "sort": sort}

    shown = [row.number for row in client.get(reverse("household_list"), query).context["rows"]]
    sheet = download(client, "L01", **query)

    assert len(shown) == 4
    assert column(sheet, "户编号", 4) == shown
