"""The notices of a project: what they say, and that no number of a person can stand on them."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from fupin.accounts.roles import Role
from projects.models import Beneficiary, FundLine
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(login):
    return login(factories.user(Role.COUNTY_OFFICE, at="990101"))


@pytest.fixture
def project():
    home = factories.household(phone="15400000007", bank_account="6228480000000000317", cause="01")
    made = factories.project(
        name="饮水管道工程", content="铺设 330 米，联系15400000008，身份证990101197001010014，投资1200000元",
        manager="钱丙", manager_phone="15400000009", remark="尿毒症", investment=Decimal("1200000"), start_text="2026年4月",
        finish_text="2026年10月底前", responsible_unit="测试镇人民政府", blocked_reason="某户患病阻工", benefit_households=12,
    )  # fmt: skip
    FundLine.objects.create(project=made, source="4", planned=Decimal("1200000"), paid=Decimal("600000"))
    Beneficiary.objects.create(
        project=made, household=home, item="残疾人辅具", quantity=2, unit="套", money=Decimal("300")
    )
    return made, home


def words(answer):
    if getattr(answer, "streaming", False):
        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        return "\n".join(str(cell) for row in sheet.values for cell in row if cell is not None)
    return answer.content.decode().split("<article")[1].split("</article")[0]


@pytest.mark.parametrize("address", ["project_posting", "project_posting_workbook"])
@pytest.mark.parametrize("stage", ["before", "after", "done"])
def test_it_says_what_is_built_and_nothing_personal(office, project, address, stage):
    made, home = project
    page = words(office.get(reverse(address, args=[made.pk]), {"stage": stage, "on": "2026-03-02"}))
    for said in ("饮水管道工程", "330 米", "1200000元", "县级资金", "1,200,000 元", "测试镇人民政府", "2026年10月底前", "12 户", "12317",
                 home.head_name, "2套"):  # fmt: skip
        assert said in page, said
    secrets = [
        home.members.get().id_number, "154000000", "990101197001010014", "6228480000000000317", "尿毒症", "患病", "残疾", "因病",
    ]  # fmt: skip
    assert not [secret for secret in secrets if secret in page]
    assert ("公示期 10 天" in page) == (stage != "after")
    assert ("已支付 600,000 元" in page) == (stage == "done")


def test_households_out_of_sight_are_not_listed(login, project):
    made, home = project
    Beneficiary.objects.filter(project=made).delete()
    far = factories.household(at="99010110020201")
    Beneficiary.objects.create(project=made, household=far, item="管道", on=date(2026, 1, 1))
    clerk = login(factories.user(Role.VILLAGE_CLERK, at="990101100201"))
    assert far.head_name not in words(clerk.get(reverse("project_posting", args=[made.pk])))


@pytest.mark.parametrize("address", ["project_posting", "project_posting_workbook"])
def test_a_child_as_head_is_not_named(office, project, address):
    made, home = project
    home.members.update(birth="2018-01-01")
    page = words(office.get(reverse(address, args=[made.pk]), {"on": "2026-03-02"}))
    assert home.head_name not in page and f"{home.head_name[0]}某" in page


def test_a_wrong_date_is_said(office, project):
    page = office.get(reverse("project_posting", args=[project[0].pk]), {"on": "3月"}).content.decode()
    assert "日期不对" in page


def test_an_objection_stops_the_notice_of_a_project_it_is_to(office, project):
    made, _ = project
    posting, address = (reverse(name, args=[made.pk]) for name in ("project_posting", "project_objections"))
    typed = {"procedure": "before", "raised_on": "2026-03-03", "what": "占了张某的地"}
    assert office.post(address, typed).status_code == 302

    assert "有异议还没有处理" in office.get(posting, {"on": "2026-03-02"}).content.decode()
    assert "有异议还没有处理" not in office.get(posting, {"stage": "done"}).content.decode()
    for page in (posting, reverse("project_posting_workbook", args=[made.pk])):
        assert office.get(page, {"stage": "after"}).status_code == 409
    row = made.objections.get()
    answer = {"objection": row.pk, f"o{row.pk}-handled_on": "2026-03-03", f"o{row.pk}-outcome": ""}
    assert office.post(address, answer).status_code == 422
    assert office.post(address, answer | {f"o{row.pk}-outcome": "已补偿"}).status_code == 302
    page = words(office.get(posting, {"on": "2026-03-02"}))
    assert "至 2026 年 3 月 12 日" in page and "张某" not in page
    assert office.get(posting, {"stage": "after"}).status_code == 200
