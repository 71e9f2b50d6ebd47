"""The ledger of funds: entries that are imported, booked and taken out, and the sums that follow from them."""

from datetime import date

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from projects.models import FundEntry, FundLine
from tests import factories
from tests.workbooks import found as findings
from tests.workbooks import imported, made, opened, table, uploaded

pytestmark = pytest.mark.django_db
HEADER = ("日期", "文号", "资金级次", "项目", "摘要", "收款人", "金额", "下达/拨付/支付", "余额")


def line(money, kind, *, on="2026-05-12", source="中央", payee="某公司", note="进度款", project="蓄水池"):
    return (on, "炉财农〔2026〕12号", source, project, note, payee, money, kind, "")


@pytest.fixture
def project():
    return factories.project(name="蓄水池", investment=200_000)


@pytest.fixture
def client_of(login):
    return login(factories.user(Role.COUNTY_OFFICE, at="990101", name="经办"))


def sums(project):
    return list(project.funds.order_by("source").values_list("source", "planned", "allotted", "paid"))


def book(client, project, **said):
    data = {"source": "1", "kind": "3", "on": "2026-03-01", "amount": "100"} | said
    return client.post(reverse("fund_entry_add", args=[project.pk]), data)


def test_a_ledger_is_kept_entry_by_entry_and_goes_on(project, client_of):
    first = [line(100000, "下达"), line(60000, "拨付"), line(20000, "支付")]
    batch = imported(client_of, made(HEADER, *first))
    again = imported(client_of, made(HEADER, *first))
    longer = uploaded(
        client_of, made(HEADER, *first, line("15,000.55", "支付", on="2026-06-01", payee="𠮷祥·公司"))
    )
    page = client_of.get(reverse("import_preview", args=[longer.uid])).content.decode()
    client_of.post(reverse("import_commit", args=[longer.uid]), {"policy": "good"})

    assert batch.report["written"] == {"rows_new": 3, "rows_changed": 0, "rows_same": 0}
    assert again.report["written"] == {"rows_new": 0, "rows_changed": 0, "rows_same": 3}
    assert "20,000.00" in page and "35,000.55" in page
    assert sums(project) == [("1", 100000, 60000, 35000.55)] or str(sums(project)[0][3]) == "35000.55"
    entry = FundEntry.objects.get(payee="𠮷祥·公司")
    assert (entry.on, entry.kind, entry.document, entry.summary) == (
        date(2026, 6, 1), "3", "炉财农〔2026〕12号", "进度款",
    )  # fmt: skip
    assert FundEntry.objects.count() == 4


def test_undoing_an_import_takes_its_entries_away(project, client_of):
    imported(client_of, made(HEADER, line(100000, "下达"), line(60000, "拨付")))
    batch = imported(client_of, made(HEADER, line(20000, "支付")))

    client_of.post(reverse("import_undo", args=[batch.uid]))

    assert sums(project) == [("1", 100000, 60000, None)]
    assert FundEntry.objects.count() == 2


def test_a_typed_sum_gives_way_to_the_entries_of_a_file_and_opens_those_by_hand(project, client_of):
    FundLine.objects.create(project=project, source="1", planned=100_000, allotted=50_000)
    assert book(client_of, project, kind="2", amount="10000").status_code == 302
    assert sums(project) == [("1", 100_000, 60_000, None)]
    assert list(FundEntry.objects.order_by("pk").values_list("amount", "opening")) == [
        (50_000, True),
        (10_000, False),
    ]

    imported(client_of, made(HEADER, line(45_000, "拨付")))

    assert sums(project) == [("1", 100_000, 55_000, None)]
    assert not FundEntry.objects.filter(opening=True).exists()


def test_money_flows_downwards_by_hand_and_by_file(project, client_of):
    imported(client_of, made(HEADER, line(100, "下达"), line(60, "拨付"), line(60, "支付")))

    refused = book(client_of, project, amount="0.01")
    batch = uploaded(client_of, made(HEADER, line(40.01, "拨付", on="2026-07-01")))
    entry = FundEntry.objects.get(kind="2")
    project.refresh_from_db()
    client_of.post(reverse("fund_entry_remove", args=[entry.pk]), {"version": project.version}, follow=True)

    assert refused.status_code == 422
    assert "支付合计 60.01 大于拨付合计 60.00" in refused.content.decode()
    assert findings(batch) == [("fund_order", "G2")]
    assert sums(project) == [("1", 100, 60, 60)]
    assert FundEntry.objects.count() == 3


def test_an_entry_is_booked_once_and_by_the_version_that_was_shown(project, client_of):
    version = project.version
    page = client_of.get(reverse("fund_entry_add", args=[project.pk])).content.decode()
    key = page.partition('name="submit_key" value="')[2].partition('"')[0]
    said = {"kind": "1", "version": version, "submit_key": key}
    assert [book(client_of, project, **said).status_code for _ in range(2)] == [302, 302]
    stale = book(client_of, project, kind="1", version=version)

    assert (stale.status_code, FundEntry.objects.count()) == (409, 1)
    assert 'value="100"' in stale.content.decode()
    project.refresh_from_db()
    entry = FundEntry.objects.get()
    client_of.post(reverse("fund_entry_remove", args=[entry.pk]), {"version": version})
    assert FundEntry.objects.count() == 1
    client_of.post(reverse("fund_entry_remove", args=[entry.pk]), {"version": project.version})
    assert sums(project) == [("1", None, None, None)]


def test_sums_with_entries_are_neither_typed_nor_overwritten(project, client_of):
    imported(client_of, made(HEADER, line(100000, "下达")))
    page = client_of.get(reverse("project_edit", args=[project.pk])).content.decode()
    pool = imported(
        client_of,
        made(("项目编号", "项目名称", "项目类别", "中央资金"), (project.number, "蓄水池", "饮水", 90000)),
    )

    field = page.partition('name="funds-0-planned"')
    assert "disabled" in field[0].rpartition("<input")[2] + field[2].partition(">")[0]
    assert findings(pool, "warning") == [("fund_entries_stand", "D2")]
    assert sums(project) == [("1", 100000, None, None)]


def test_the_report_has_every_entry_and_comes_back_unchanged(project, client_of):
    other = factories.project(name="道路")
    imported(client_of, made(HEADER, line(100000, "下达"), line(60000, "拨付"), line(60000, "支付"), line(-10000, "支付", on="2026-06-02"), line(5, "下达", project="道路", payee="")))  # fmt: skip
    response = client_of.get(reverse("report_download", args=["R13"]))
    content = b"".join(response.streaming_content)
    rows = table(
        opened(
            type(
                "R",
                (),
                {
                    "status_code": 200,
                    "__iter__": lambda self: iter([content]),
                    "__getitem__": lambda self, name: response[name],
                },
            )()
        ),
        5,
    )

    assert [row[9] for row in rows] == [100000, 100000, 40000, 50000, None, 5, None, None]
    assert [row[4] for row in rows if str(row[4]).endswith("小计")] == ["蓄水池小计", "道路小计"]
    assert rows[-1][10:13] == [100005, 60000, 50000]
    from django.core.files.uploadedfile import SimpleUploadedFile

    again = imported(client_of, SimpleUploadedFile("资金台账.xlsx", content))
    assert again.report["written"] == {"rows_new": 0, "rows_changed": 0, "rows_same": 5}
    assert sums(other) == [("1", 5, None, None)]


def test_the_page_shows_the_entries_with_a_fixed_number_of_queries(
    project, client_of, django_assert_max_num_queries
):
    address = reverse("project_detail", args=[project.pk])
    imported(client_of, made(HEADER, line(100000, "下达")))
    client_of.get(address)
    imported(client_of, made(HEADER, *[line(10 + n, "下达", on=f"2026-06-{n + 1:02}") for n in range(25)]))
    with django_assert_max_num_queries(45):
        page = client_of.get(address).content.decode()

    assert "26 笔" in page and page.count("移除流水") == 26
