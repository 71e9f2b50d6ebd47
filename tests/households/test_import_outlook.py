"""What an import works out for new households before they are written is what the book says of them afterwards."""

import pytest
from django.core.files.base import ContentFile

from fupin.accounts.roles import Role
from fupin.audit.record import record
from fupin.excel import batches, imports
from fupin.regions import tree
from households import checks, kept
from households.models import Doubt, Household, Measure, SearchToken
from tests import factories
from tests.fupin.excel import samples
from tests.parts import one_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("samples")]
HEADER = "户编号,乡镇,村,姓名,身份证号,与户主关系,性别,是否贫困户,致贫原因,家庭纯收入,联系电话,健康状况,劳动技能,文化程度"


def derived():
    return (
        list(Household.objects.order_by("pk").values_list("pk", *kept.FIELDS)),
        sorted(map(repr, Doubt.objects.order_by().values_list(*checks.FINDING, "region_path", "found_on"))),
        sorted(SearchToken.objects.order_by().values_list("token", "region_path", "household")),
    )


def load(content, name, clerk):
    batch = batches.store(ContentFile(content), name, by=clerk, year=samples.YEAR, as_of=samples.AS_OF)
    assert batches.ask_to_write(batch, policy="good")
    batches.carry_out(batch, by=clerk, dry_run=False)
    batch.refresh_from_db()
    assert batch.state == "done"


def assert_worked_out():
    """Working everything out again from the stored rows changes nothing."""
    before = derived()
    assert before[1] and before[2]
    keys = list(Household.objects.values_list("pk", flat=True))
    kept.refresh(set(keys) | checks.check(keys))
    assert derived() == before


@samples.needed
@pytest.mark.parametrize(
    "name", one_of(3, ["01_village_changlong.xlsx", "02_township_zhuantang.xlsx", "07_messy_ids.xlsx"])
)
def test_of_the_samples(name, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    tree.load()

    load((samples.FOLDER / name).read_bytes(), name, factories.user(Role.COUNTY_OFFICE, at=""))

    assert_worked_out()


def test_of_households_that_share_a_phone(settings, tmp_path):
    """One with a household of the file, one with a household of the book, whose doubt then changes too."""
    settings.FILES = tmp_path / "files"
    factories.household(at="99010110020101", phone="15400000001")
    village = factories.region("99010110020101").parent.short_name
    phones = ("15400000001", "15400000002", "15400000002", "15400000003")
    lines = [
        f"P{n},测试镇00,{village},甲{n},{factories.id_number(n + 1, born='19800101')},户主,男,是,因病,1200,{phone},残疾,普通劳动力,小学"
        for n, phone in enumerate(phones)
    ]

    load(
        "\n".join([HEADER, *lines]).encode(), "a.csv", factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    )

    assert Doubt.objects.filter(rule="V32").values("household").distinct().count() == 4
    assert_worked_out()


def changing(n, year=0):
    """Household P`n` of a file: the second file changes income, cause, health, name, relation, number or nothing."""
    village = factories.region("99010110020101").parent.short_name
    kind = n % 7 if year else 0
    income, cause, health = (
        1200 + 9000 * (kind in (1, 2)),
        "因残" if kind == 2 else "因病",
        "健康" if kind == 3 else "残疾",
    )
    own = (
        f"{factories.id_number(n + 1, born='19800101')},户主,男,是,{cause},{income},,{health},普通劳动力,小学"
    )
    lines = [f"P{n},测试镇00,{village},甲{n}{'新' * (kind == 4)},{own}"]
    if n % 2:
        born = "20100101" if n % 3 else "19450101"
        labour = "技能劳动力" if kind == 5 else "无劳动力"
        lines.append(
            f"P{n},测试镇00,{village},乙{n},{factories.id_number(n + 100, born=born)},之子,男,是,{cause},{income},,健康,{labour},小学"
        )
    if kind == 6:
        lines.append(
            f"P{n},测试镇00,{village},丙{n},{factories.id_number(n + 200, born='19990101')},之女,女,是,{cause},{income},,残疾,,"
        )
    return lines


def file_of(numbers, year=0):
    lines = (line for n in numbers for line in changing(n, year))
    return "\n".join([HEADER, *lines]).encode()


def test_of_known_households_that_change(settings, tmp_path):
    """Their doubts are judged before the database is locked, and only columns that differ are written."""
    settings.FILES = tmp_path / "files"
    clerk = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    load(file_of(range(60)), "a.csv", clerk)
    before = derived()

    load(file_of(range(60), 1), "b.csv", clerk)

    assert all(old != new for old, new in zip(before[:2], derived()[:2]))
    assert_worked_out()


def test_somebody_works_on_one_of_them_meanwhile(settings, tmp_path):
    """What was judged before the lock does not hold for a village in which somebody wrote since."""
    settings.FILES = tmp_path / "files"
    clerk = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    load(file_of(range(3)), "a.csv", clerk)
    home = Household.objects.get(number="P1")
    second = tmp_path / "b.csv"
    second.write_bytes(file_of(range(3), 1))

    def meanwhile():
        Measure.objects.create(household=home, region_path=home.region_path, kind="01", what="其他")
        record("household.measure_add", home, by=clerk)

    outcome = imports.run(
        second,
        name="b.csv",
        by=clerk,
        setting=imports.Setting(samples.YEAR, samples.AS_OF),
        dry_run=False,
        begin=meanwhile,
    )

    assert outcome.committed and outcome.written["households_changed"] == 2
    assert Doubt.objects.filter(household=home, rule="V40").exists()
    assert_worked_out()
