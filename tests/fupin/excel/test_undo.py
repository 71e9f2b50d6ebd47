"""An import is taken back whole, and never over somebody's later work."""

import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.audit.record import record
from fupin.bulk import insert_rows
from fupin.excel import batches, import_upkeep, undo
from fupin.excel.models import ImportBatch, ImportUndo
from fupin.journal import Journal
from fupin.regions import tree
from fupin.regions.models import Region
from households import checks
from households.models import (
    Condition,
    CrossCheck,
    Doubt,
    Helper,
    Household,
    HouseholdCause,
    Income,
    IncomeLine,
    Measure,
    Member,
    MemberYear,
    Pairing,
    RegionCount,
    SearchToken,
    StatusChange,
    VillageProfile,
    Visit,
)
from projects.models import FundLine, Milestone, Project, ProjectCount, ProjectVillage, TargetMove
from tests import factories
from tests.fupin.excel import samples
from tests.parts import left_out

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("samples")]

TABLES = [
    Region, Household, Member, MemberYear, Income, Condition, HouseholdCause, StatusChange, Helper, Pairing, Visit,
    Visit.helpers.through, Project, ProjectVillage, FundLine, Milestone, CrossCheck, IncomeLine, Measure, VillageProfile, TargetMove,
]  # fmt: skip
MARKS = {"version", "updated_at", "updated_by_id"}
"""What an undo may leave different: a page opened before it must be out of date."""


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return factories.user(Role.COUNTY_OFFICE, at="")


def dump():
    """Everything that the register holds, row by row."""
    found = {
        model: [
            {name: value for name, value in row.items() if name not in MARKS}
            for row in model.objects.order_by("pk").values()
        ]
        for model in TABLES
    }
    for model, names in (
        (SearchToken, ("token", "region_path", "household")),
        (
            Doubt,
            ("household", "member", "rule", "message", "basis", "region_path", "explained", "explained_by"),
        ),
    ):
        found[model] = sorted(map(repr, model.objects.order_by().values_list(*names)))
    for model in (RegionCount, ProjectCount):
        counted = model.objects.order_by("region_path").values_list("region_path", "figures")
        found[model] = [
            (path, told)
            for path, figures in counted
            if (told := {key: value for key, value in figures.items() if any(value)})
        ]
    return found


def load(name, content, clerk):
    batch = batches.store(
        ContentFile(content), name, by=clerk, year=samples.YEAR, as_of=samples.AS_OF
    )  # fmt: skip
    ImportBatch.objects.filter(pk=batch.pk).update(state="writing")
    batches.carry_out(batch, by=clerk, dry_run=False)
    batch.refresh_from_db()
    assert batch.state == "done"
    return batch


def sample(name):
    return (samples.FOLDER / name).read_bytes()


def altered():
    """Sample 01 with other incomes, causes, names, a household in another group and a new person."""
    book = load_workbook(io.BytesIO(sample("01_village_changlong.xlsx")))
    page = next(page for page in book if page.sheet_state == "visible")
    heads = {cell.value: cell.column for row in page.iter_rows(max_row=4) for cell in row if cell.value}
    first = next(row for row in range(1, 6) if page.cell(row, heads["证件号码"]).value == "证件号码") + 1
    for row in range(first, first + 60):
        page.cell(row, next(at for label, at in heads.items() if label.startswith("工资性收入"))).value = (
            4321 + row
        )
        page.cell(row, heads["姓名"]).value = f"改名{chr(0x4E00 + row)}"
    return _saved(book)


def _saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@samples.needed
@pytest.mark.parametrize("names", [
    ["01_village_changlong.xlsx", "04_projects.xlsx"],
    left_out(["01_village_changlong.xlsx", "02_township_zhuantang.xlsx", "05_pairing.xlsx", "03_visits.xlsx"]),
], ids=len)  # fmt: skip
def test_every_sample_is_undone_without_a_trace(clerk, names):
    tree.load()
    for name in names:
        before = dump()
        batch = load(name, sample(name), clerk)
        assert dump() != before

        undo.undo(batch, by=clerk)

        after = dump()
        for model in before:
            assert after[model] == before[model], (name, model)
        assert (
            AuditEvent.objects.filter(action="import.undo").latest("pk").target
            == f"excel.importbatch:{batch.pk}"
        )
        load(name, sample(name), clerk)


@samples.needed
def test_changed_rows_get_their_old_values(clerk):
    tree.load()
    load("01.xlsx", sample("01_village_changlong.xlsx"), clerk)
    checks.explain(Doubt.objects.order_by("pk").first(), reason="看过", by=clerk)
    before = dump()
    versions = dict(Household.objects.values_list("pk", "version"))

    batch = load("01.xlsx", altered(), clerk)
    changed = batch.report["written"]
    undo.undo(batch, by=clerk)

    assert changed["persons_changed"] and changed["households_changed"]
    after = dump()
    for model in before:
        assert after[model] == before[model], model
    later = dict(Household.objects.values_list("pk", "version"))
    assert all(later[key] >= version for key, version in versions.items())
    assert any(later[key] > version for key, version in versions.items())


HEADER = "户编号,乡镇,村,姓名,身份证号,与户主关系,性别,是否贫困户,致贫原因,家庭纯收入,联系电话"


def small(clerk, *, cause="因病", household="H1"):
    village = factories.region("99010110020101").parent.short_name
    line = f"{household},测试镇00,{village},甲,{factories.id_number(1, born='19900101')},户主,男,是,{cause},1200,15412345678"
    return load("a.csv", f"{HEADER}\n{line}".encode(), clerk)


def test_what_somebody_changed_since_is_named_and_nothing_is_undone(clerk):
    batch = small(clerk)
    household = Household.objects.get()
    record("household.edit", household, by=clerk)
    before = dump()

    with pytest.raises(undo.Touched) as refused:
        undo.undo(batch, by=clerk)

    assert [row[0] for row in refused.value.rows] == ["户 甲"]
    assert dump() == before
    batch.refresh_from_db()
    assert batch.state == "done"


def test_a_later_visit_keeps_its_household(clerk):
    batch = small(clerk)
    Visit.objects.create(household=Household.objects.get(), region_path="", on=samples.AS_OF, content="走访")

    with pytest.raises(undo.Touched) as refused:
        undo.undo(batch, by=clerk)

    assert "已有走访" in refused.value.rows[0][1]


def test_a_later_change_past_the_trail_is_seen(clerk):
    small(clerk)
    batch = small(clerk, cause="因残")
    Household.objects.update(version=9)

    with pytest.raises(undo.Touched):
        undo.undo(batch, by=clerk)


def test_a_later_import_keeps_the_earlier_one(clerk):
    first = small(clerk)
    second = small(clerk, cause="因残")

    with pytest.raises(undo.Touched):
        undo.undo(first, by=clerk)
    undo.undo(second, by=clerk)
    assert Household.objects.get().main_cause == "01"


def test_too_late_is_too_late(clerk, login):
    batch = small(clerk)
    page = reverse("import_preview", args=[batch.uid])
    assert "撤销这次导入" in login(clerk).get(page).content.decode()
    ImportUndo.objects.update(until=timezone.now() - timedelta(minutes=1))

    assert "撤销这次导入" not in login(clerk).get(page).content.decode()
    login(clerk).post(reverse("import_undo", args=[batch.uid]))
    assert Household.objects.exists()
    with pytest.raises(undo.Gone):
        undo.undo(batch, by=clerk)
    import_upkeep.remove_old_uploads(timezone.localdate() + timedelta(days=1))
    assert not ImportUndo.objects.exists()


def test_through_the_page_once(clerk, login):
    batch = small(clerk)
    client = login(clerk)
    for _ in range(2):
        page = client.post(reverse("import_undo", args=[batch.uid]), follow=True).content.decode()

    assert not Household.objects.exists()
    assert "撤销：新增的已去掉" in page
    assert AuditEvent.objects.filter(action="import.undo", user=clerk).count() == 1


def test_the_page_names_what_was_touched(clerk, login):
    batch = small(clerk)
    record("household.edit", Household.objects.get(), by=clerk)

    page = login(clerk).post(reverse("import_undo", args=[batch.uid]), follow=True).content.decode()

    assert "没有撤销" in page
    assert "户 甲" in page


def test_work_past_the_journal_is_never_undone(clerk):
    journal = Journal()
    with journal.opened():
        insert_rows(Helper, ("name",), [("甲",)])
        assert not journal.unknown
        Helper.objects.create(name="乙")

    assert journal.unknown == {"households_helper"}
    assert len(journal.inserted[Helper]) == 1


def test_what_an_import_changed_stands_in_the_trail_masked(clerk):
    small(clerk)
    small(clerk, cause="因学")
    load(
        "b.csv",
        f"{HEADER}\nH1,测试镇00,{factories.region('99010110020101').parent.short_name},甲,{factories.id_number(1, born='19900101')},户主,男,是,因学,1200,15487654321".encode(),
        clerk,
    )

    first, second, third = AuditEvent.objects.filter(action="household.import").order_by("pk")
    assert "changes" not in first.detail  # new: the rows themselves say it
    assert ["致贫原因", "因病", "因学"] in second.detail["changes"]
    ((label, before, after),) = third.detail["changes"]
    assert (label, before, after) == ("联系电话", "154****5678", "154****4321")
