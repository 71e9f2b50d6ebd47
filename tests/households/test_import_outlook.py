"""What an import works out for new households before they are written is what the book says of them afterwards."""

import pytest
from django.core.files.base import ContentFile

from fupin.accounts.roles import Role
from fupin.excel import batches
from fupin.regions import tree
from households import checks, kept
from households.models import Doubt, Household, SearchToken
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
