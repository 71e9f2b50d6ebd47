"""Ledgers that went out and come back: what the register knows better is shown beside the file, never overwritten."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.excel import versions
from households.imports import measures, visits
from households.models import Measure, Visit
from tests import factories
from tests.workbooks import column, found, imported, made, opened, uploaded

pytestmark = pytest.mark.django_db
MEASURES = ("户编号", "措施类别", "措施内容", "金额", "成效", "数据版本")
VISITS = ("走访日期", "户编号", "走访人", "走访内容", "是否解决", "数据版本")


@pytest.fixture
def client(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


@pytest.fixture
def home():
    return factories.household(number="H1")


@pytest.fixture
def measure(home):
    return Measure.objects.create(
        household=home, region_path=home.region_path, kind="02", what="发放种羊", money=6000, effect="好"
    )


def version(measure):
    stored = Measure.objects.values_list(*measures.COLUMNS).get(pk=measure.pk)
    return versions.written("H1", versions.stamp(measures.stamped(stored)))


def test_what_was_changed_in_the_file_alone_is_taken(client, measure):
    batch = imported(client, made(MEASURES, ("H1", "产业帮扶", "发放种羊", 7000, "好", version(measure))))

    measure.refresh_from_db()
    assert (found(batch), batch.report["written"]["rows_changed"], measure.money) == ([], 1, 7000)


def test_what_was_changed_in_the_register_since_waits_for_a_choice(client, measure):
    row = ("H1", "产业帮扶", "发放种羊", 7000, "好", version(measure))
    Measure.objects.update(money=6500)
    batch = uploaded(client, made(MEASURES, row))

    page = client.get(reverse("import_preview", args=[batch.uid])).content.decode()
    assert (batch.report["clash"], batch.report["good"]) == (1, 0)
    assert "登记 <b>6,500.00</b>　表里 <b>7,000.00</b>" in page
    client.post(
        reverse("import_cells", args=[batch.uid]),
        {"take": "H1", "version": batch.version, "show": "all", "action": "save"},
    )
    batch.refresh_from_db()
    client.post(reverse("import_commit", args=[batch.uid]), {"version": batch.version})
    measure.refresh_from_db()
    assert measure.money == 7000


def test_what_is_the_same_in_both_is_no_clash(client, measure):
    row = ("H1", "产业帮扶", "发放种羊", 6500, "好", version(measure))
    Measure.objects.update(money=6500)
    batch = uploaded(client, made(MEASURES, row))

    assert (batch.report["clash"], batch.report["good"]) == (0, 1)


def test_a_version_of_another_household_counts_as_none(client, measure):
    row = ("H1", "产业帮扶", "发放种羊", 7000, "好", version(measure).replace("H1", "H2"))
    batch = uploaded(client, made(MEASURES, row))

    assert found(batch, "warning") == [("row_version_odd", "F2")]


@pytest.mark.parametrize(
    ("content", "solved", "said"),
    [("看望", "", []), ("看望", "是", [("visit_kept", "E2")]), ("又看望", "", [("visit_differs", "D2")])],
)
def test_a_visit_that_went_out_is_neither_changed_nor_doubled(client, home, content, solved, said):
    visit = Visit.objects.create(
        household=home, region_path=home.region_path, on=date(2026, 3, 1), content="看望", solved=False
    )
    visit.helpers.add(factories.helper(name="王干部"))
    row = ("2026-03-01", "H1", "王干部", content, solved, versions.written("H1", visits.stamp_of(visit.uid)))
    batch = imported(client, made(VISITS, row))

    assert found(batch) + found(batch, "warning") == said
    visit.refresh_from_db()
    assert (Visit.objects.count(), visit.content, visit.solved) == (1, "看望", False)


def test_visits_go_out_with_the_names_of_those_who_paid_them(client, home):
    visit = Visit.objects.create(
        household=home, region_path=home.region_path, on=timezone.localdate(), content="走访"
    )
    visit.helpers.add(factories.helper(name="王医生", unit="县医院"))

    sheet = opened(client.get(reverse("report_download", args=["L03"])))

    assert (column(sheet, "走访人", 4), column(sheet, "走访人单位", 4)) == (["王医生"], ["县医院"])
