"""R12 as downloaded."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from projects.models import FundLine
from tests import factories
from tests.workbooks import column, opened, table

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def download(client, **query):
    return opened(client.get(reverse("report_download", args=["R12"]), query))


def fund(project, source, planned, paid):
    FundLine.objects.create(project=project, source=source, planned=planned, allotted=paid, paid=paid)


def test_funds_stand_under_their_sources_and_are_summed_by_category(login):
    first = factories.project(category="0101", investment=Decimal("300000"), benefit_persons=20)
    second = factories.project(category="0102", investment=Decimal("100000"))
    third = factories.project(category="0303")
    fund(first, "1", 100000, 50000)
    fund(first, "6", 20000, None)
    fund(second, "4", 80000, 80000)

    sheet = download(login(factories.user()))

    assert [sheet["J3"].value, sheet["J4"].value, sheet["N4"].value] == ["资金来源", "中央", "其他"]
    rows = table(sheet, 5)
    assert [row[2] for row in rows] == [
        first.name, second.name, "产业发展小计", third.name, "乡村建设行动小计", "合计",
    ]  # fmt: skip
    assert rows[0][8:17] == [
        300000,
        100000,
        None,
        None,
        None,
        20000,
        120000,
        50000,
        pytest.approx(0.416667, abs=1e-5),
    ]
    assert rows[2][14:17] == [200000, 130000, 0.65]
    assert rows[3][14:17] == [None, None, None]  # unknown is not 0
    assert rows[4][14:17] == [None, None, None]
    assert rows[5][8] == 400000
    assert sheet["Q5"].number_format == "0.00%"


def test_nothing_paid_yet_is_a_rate_of_zero(login):
    fund(factories.project(), "1", 100000, None)

    assert column(download(login(factories.user())), "支出率", 5) == [0, 0, 0]


def test_late_projects_say_by_how_much(login):
    factories.project(
        finish_end=TODAY - timedelta(days=5), finish_text="上周", start_end=TODAY - timedelta(days=90)
    )
    factories.project(
        state="70", finish_end=TODAY - timedelta(days=5), finished_on=date(2026, 1, 5), progress=100
    )

    sheet = download(login(factories.user()))

    late = dict(zip(column(sheet, "状态", 5), column(sheet, "是否逾期", 5)))
    assert late["未开工"] == "逾期 5 天"
    assert late["已验收"] == "否"
    assert 1 in column(sheet, "进度%", 5)


def test_as_many_rows_as_the_list(login):
    factories.project(category="0101")
    factories.project(category="0303", at="99010110020201")
    factories.project(at="990101", villages=["990101100201"])  # the county's, covering the village
    factories.project(at="99010120020101")
    factories.project(at="99010210020101")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))

    for query, count in (
        ({}, 3),
        ({"category": "01"}, 2),
        ({"region": "990101100202"}, 1),
        ({"region": "990102"}, 0),
    ):
        page = client.get(reverse("project_list"), query)
        numbers = [cell for cell in column(download(client, **query), "项目编号", 5) if cell]
        assert len(numbers) == count
        assert all(number in page.content.decode() for number in numbers)


def test_finance_sees_projects_but_no_households(login):
    factories.project()
    client = login(factories.user(Role.FINANCE))

    assert len(table(download(client), 5)) == 3
    assert client.get(reverse("report_download", args=["R01"])).status_code == 404


def test_a_condition_that_cannot_be_read_gives_no_file(login):
    factories.project()

    response = login(factories.user()).get(
        reverse("report_download", args=["R12"]), {"state": "x"}, follow=True
    )

    assert "text/html" in response["Content-Type"]


def test_queries_do_not_grow_with_rows(login, django_assert_max_num_queries):
    client = login(factories.user())
    for _ in range(2):
        fund(factories.project(), "1", 5, 1)
    with django_assert_max_num_queries(30) as few:
        download(client)
    for _ in range(10):
        fund(factories.project(), "1", 5, 1)
    with django_assert_max_num_queries(30) as many:
        download(client)

    assert len(few) == len(many)
