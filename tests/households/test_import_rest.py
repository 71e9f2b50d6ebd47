"""What imports leave behind besides the rows they name: follow-ups of a ledger, a stated net income, a year's own facts."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.excel.models import ImportBatch
from households.models import FollowUp, Household, Income, Visit
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region()
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def load(client, name, *lines):
    file = SimpleUploadedFile(name, "\n".join(lines).encode("gb18030"))
    client.post(reverse("import_upload"), {"file": file})
    batch = ImportBatch.objects.first()
    client.post(reverse("import_commit", args=[batch.uid]))
    batch.refresh_from_db()
    return batch


LEDGER = "走访日期,户编号,走访人,单位,走访方式,走访内容,发现的问题,处理措施,是否解决"


def test_an_unsolved_problem_of_a_ledger_is_a_follow_up(client):
    household = factories.household(number="H1")
    factories.pair(household, factories.helper(name="王干部", unit="县水利局"))
    lines = [
        LEDGER,
        "2020-03-01,H1,王干部,县水利局,入户,看望,水管破裂,联系水利站,否",
        "2020-03-09,H1,王干部,县水利局,入户,再看望,屋顶漏雨,已修,是",
        "2020-03-20,H1,王干部,县水利局,入户,又看望,无,,否",
        "2020-04-01,H1,王干部,县水利局,入户,还看望,路灯不亮,,",
    ]

    first = load(client, "走访2020年.csv", *lines)
    again = load(client, "走访2020年.csv", *lines)

    todo = FollowUp.objects.get()
    assert (todo.what, todo.helper.name, todo.household, todo.region_path) == (
        "水管破裂",
        "王干部",
        household,
        household.region_path,
    )
    assert (todo.visit.content, todo.due_end, todo.closed_on) == ("看望", None, None)
    assert (first.report["written"]["rows_new"], first.report["written"]["follow_ups_new"]) == (4, 1)
    assert again.report["written"] == {"rows_new": 0, "rows_same": 4, "follow_ups_new": 0}
    assert Visit.objects.count() == 4
    assert "水管破裂" in client.get(reverse("follow_up_list")).content.decode()


def register(*columns):
    return ",".join(["户编号,乡镇,村,姓名,身份证号,与户主关系", *columns])


def row(n, *values):
    village = factories.region("990101100201").short_name
    relation = "户主" if n == 1 else "之子"
    return ",".join(
        ["H1", "测试镇00", village, f"甲乙{n}", factories.id_number(n, born="19800101"), relation, *values]
    )


def test_a_stated_net_is_kept_as_what_it_is_and_gives_way_to_parts(client):
    net = [register("家庭纯收入"), row(1, "9000"), row(2, "9000")]
    load(client, "名册2020年.csv", *net)
    again = load(client, "名册2020年.csv", *net)

    income, household = Income.objects.get(), Household.objects.get()
    assert (income.year, income.stated_net, income.wage, income.persons) == (2020, 9000, None, 2)
    assert (household.income_year, household.per_capita) == (2020, 4500)
    assert again.report["written"]["households_same"] == 1
    assert "按填报纯收入" in client.get(reverse("household_detail", args=[household.pk])).content.decode()

    load(
        client,
        "名册2020年.csv",
        register("工资性收入", "家庭纯收入"),
        row(1, "10000", "9000"),
        row(2, "10000", "9000"),
    )

    household.refresh_from_db()
    assert household.per_capita == 5000
    assert Income.objects.get().stated_net == 9000


def test_parts_and_net_together_keep_the_parts_alone(client):
    load(
        client,
        "名册2020年.csv",
        register("工资性收入", "生产经营性支出", "家庭纯收入"),
        row(1, "10000", "1000", "9000"),
    )

    income = Income.objects.get()
    assert (income.wage, income.expense, income.stated_net) == (10000, 1000, None)
    assert Household.objects.get().per_capita == Decimal(9000)


def test_what_changes_by_year_is_kept_for_the_year_of_the_file(client):
    load(
        client,
        "名册2020年.csv",
        register("贫困户属性", "是否整户无劳动力兜底保障户"),
        row(1, "低保贫困户", "是"),
    )

    household = Household.objects.get()
    condition = household.conditions.get()
    assert (condition.year, condition.legacy_attribute, condition.bottom_line) == (2020, "02", True)
    assert (household.legacy_attribute, household.bottom_line) == ("02", True)


def test_what_a_column_cannot_hold_goes_into_the_remark_once(client):
    village = factories.region("990101100201").short_name
    header = "户编号,乡镇,村,姓名,身份证号,与户主关系,联系电话,成员联系电话,致贫原因,备注"
    who = [factories.id_number(n, born="19800101") for n in (1, 2)]
    lines = [
        header,
        f"R1,测试镇00,{village},甲𠮷,{who[0]},户主,15412345678、15400000001/0836-1234567,,懒,常年在外",
        f"R1,测试镇00,{village},乙,{who[1]},之子,15412345678、15400000001/0836-1234567,15412345670 或 15412345671,懒,在县城读书",
    ]

    load(client, "名册2020年.csv", *lines)
    again = load(client, "名册2020年.csv", *lines)

    household = Household.objects.get(number="R1")
    assert household.phone == "15412345678"
    assert household.remark.split("；") == [
        "常年在外", "其他电话：15400000001、0836-1234567", "致贫原因原文：懒", "乙：在县城读书", "乙其他电话：15412345671",
    ]  # fmt: skip
    assert household.members.get(name="乙").phone == "15412345670"
    assert again.report["written"]["households_same"] == 1
    page = client.get(reverse("household_detail", args=[household.pk])).content.decode()
    assert "常年在外" in page and "154****0001" in page and "15400000001" not in page


def test_a_masked_export_erases_nothing(client):
    village = factories.region("990101100201").short_name
    header = "户编号,乡镇,村,姓名,身份证号,与户主关系,联系电话,备注"
    who = factories.id_number(1, born="19800101")
    load(
        client,
        "名册2020年.csv",
        header,
        f"R1,测试镇00,{village},甲,{who},户主,15412345678,其他电话：15400000001",
    )
    load(
        client,
        "名册2020年.csv",
        header,
        f"R1,测试镇00,{village},甲,{who},户主,154****5678,其他电话：154****0001",
    )

    household = Household.objects.get(number="R1")
    assert (household.phone, household.remark) == ("15412345678", "其他电话：15400000001")
