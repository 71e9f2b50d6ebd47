"""The national system's exports read without any mapping: their columns exactly, the policy in the file's name."""

import json
from datetime import date

import pytest

from fupin.accounts.roles import Role
from households.models import Household, Member
from tests import factories
from tests.fupin.excel import samples
from tests.workbooks import found, imported, made

pytestmark = [samples.needed, pytest.mark.django_db]


def columns(name):
    return json.loads((samples.FOLDER / "reference" / "real_headings.json").read_text("utf-8"))["表头"][name][
        "列"
    ]


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def row(head, n, *, relation="户主", **more):
    village = factories.region("990101100201")
    number = factories.id_number(n, born="19700101")
    cells = {
        "序号": n, "数据日期": "2025-10-31", "县(市、区、旗)": village.parent.parent.short_name, "乡(镇)": village.parent.short_name,
        "行政村": village.short_name, "自然村": "一组", "户编号": "5100012345", "人编号": f"51000123450{n}", "姓名": f"甲{n}",
        "证件号码": number, "人数": 2, "与户主关系": relation, "民族": "汉族", "文化程度": "小学", "健康状况": "健康",
        "劳动技能": "普通劳动力", "务工时间（月）": 8, "是否参加大病保险": "是", "致贫原因1": "因病", "危房户": "否",
        "是否解决安全饮用水": "是", "人均纯收入": 12345.6, "户联系电话": "15412345678", "首次识别时间": "201405",
        "人员识别时间": "201405", "户类型": "脱贫户",
    }  # fmt: skip
    cells |= more
    return [cells.get(label, "") for label in head]


@pytest.mark.parametrize(
    ("name", "policy"),
    [("1-脱贫户信息_20251031-继续享受政策.xlsx", "1"), ("9-脱贫户信息_20251031-脱贫不享受政策.xlsx", "2")],
)
def test_households_out_of_poverty(client_of, name, policy):
    head = columns("已脱贫人口名单_32列")
    assert len(head) == 32

    batch = imported(client_of, made(head, row(head, 1), row(head, 2, relation="之子"), name=name))

    assert (batch.kind, batch.year, found(batch), found(batch, "warning")) == ("households", 2025, [], [])
    household = Household.objects.get()
    assert (household.number, household.size, household.registry_status) == ("5100012345", 2, "3")
    assert (household.policy_status, household.identified_on, household.phone) == (policy, date(2014, 5, 1), "15412345678")  # fmt: skip
    assert (household.main_cause, household.monitor_category) == ("01", "0")
    assert Member.objects.get(relation="01").member_no == "510001234501"
    assert Member.objects.get(relation="03").years.get().work_months == 8
    unused = {note["label"] for note in batch.report["notes"] if note["code"] == "extra_column_ignored"}
    assert unused == {"序号", "数据日期", "人员识别时间"}


def test_monitored_households_with_open_and_removed_risk(client_of):
    head = columns("已脱贫人口名单_32列")
    monitored = {"易返贫致贫户(监测对象)类型": "突发严重困难户", "风险识别时间": "202305"}
    open_risk = row(head, 1, **monitored, 风险是否消除="否")
    removed = row(head, 3, **monitored, 户编号="5100012346", 风险是否消除="是", 风险消除时间="202406", 户类型="一般农户", 人数=1)  # fmt: skip
    by_kind = row(head, 4, 户编号="5100012347", 户类型="脱贫不稳定户", 人数=1, 风险是否消除="否")

    batch = imported(client_of, made(head, open_risk, row(head, 2, relation="之子", **monitored, 风险是否消除="否"), removed, by_kind, name="防止返贫致贫监测对象信息_20251031-风险未消除3人.xlsx"))  # fmt: skip

    assert (batch.kind, found(batch), found(batch, "warning")) == ("households", [], [])
    axes = (
        "number",
        "registry_status",
        "monitor_category",
        "risk_state",
        "monitored_on",
        "cleared_on",
        "policy_status",
    )
    assert list(Household.objects.order_by("number").values_list(*axes)) == [
        ("5100012345", "3", "3", "1", date(2023, 5, 1), None, ""),
        ("5100012346", "0", "3", "2", date(2023, 5, 1), date(2024, 6, 1), ""),
        ("5100012347", "3", "1", "1", None, None, ""),
    ]


def test_people_of_the_registers_47_columns(client_of):
    head = columns("全国系统_人口基础信息导出_47列")
    village = factories.region("990101100201")
    cells = {
        "省": village.parent.parent.parent.parent.short_name, "市": village.parent.parent.parent.short_name, "县": village.parent.parent.short_name,
        "乡": village.parent.short_name, "村": village.short_name, "户编号": "5100012345", "人口编号": "1", "姓名": "甲",
        "证件号码": factories.id_number(1, born="19700101"), "与户主关系": "户主", "健康状况": "健康", "公益性岗位类型": "护林员", "公益性岗位(月数)": 12,
    }  # fmt: skip

    batch = imported(client_of, made(head, [cells.get(label, "") for label in head]), year=2025)

    assert (found(batch), found(batch, "warning")) == ([], [])
    facts = Member.objects.get().years.get()
    assert (facts.post_kind, facts.post_months, facts.health) == ("1", 12, "01")
