"""Projects and their money out of workbooks, as a county official uploads them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.excel.imports import Setting
from fupin.excel.table import Table
from fupin.excel.titles import match
from projects.imports.pool import PROJECTS, ProjectPlan
from projects.imports.pool_columns import percent
from projects.models import FundLine, Milestone, Project, TargetMove
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
HEADER = (
    "项目名称", "项目年度", "项目类别", "计划开工", "计划完工", "实际开工", "实际完工", "计划验收", "验收日期", "进度（%）", "完成状态",
    "进度节点", "中央资金（万元）", "中央拨付（万元）", "中央支付（万元）", "信贷资金", "信贷拨付", "信贷支付",
)  # fmt: skip


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.COUNTY_OFFICE))


def row(name="蓄水池", **more):
    cells = {
        "year": 2026, "category": "饮水", "start": "3月", "finish": "9月底前", "started": "2026-03-10", "finished": "", "accept": "10月底前",
        "accepted": "", "progress": "60%", "state": "在建", "steps": "4月完成物资采购；4月底前开工", "p": 12, "a": 8, "s": 3.5,
        "lp": "", "la": "", "ls": "",
    } | more  # fmt: skip
    return (name, *cells.values())


def test_actual_days_steps_and_money_by_source(client_of):
    batch = imported(client_of, made(HEADER, row(lp=50000, la=50000, ls=0)))

    assert (batch.kind, found(batch), found(batch, "warning")) == ("projects", [], [])
    project = Project.objects.get()
    assert (project.started_on, project.finished_on, project.progress, project.state) == (date(2026, 3, 10), None, 60, "30")  # fmt: skip
    assert (project.finish_text, project.finish_end) == ("9月底前", date(2026, 9, 30))
    assert list(project.funds.order_by("source").values_list("source", "planned", "allotted", "paid")) == [
        ("1", 120000, 80000, 35000), ("7", 50000, 50000, 0),
    ]  # fmt: skip
    assert list(project.milestones.order_by("order").values_list("name", "planned_end")) == [
        ("完成物资采购", date(2026, 4, 30)), ("开工", date(2026, 4, 30)), ("验收", date(2026, 10, 31)),
    ]  # fmt: skip


def test_money_under_grouped_headers(client_of):
    above = ("项目名称", "项目类别", "中央资金", "", "", "县级资金", "")
    below = ("", "", "下达", "拨付", "支付", "下达", "支付")

    imported(client_of, made(above, below, ("蓄水池", "饮水", 100, 90, 80, 50, 40)))

    assert list(FundLine.objects.order_by("source").values_list("source", "planned", "allotted", "paid")) == [
        ("1", 100, 90, 80), ("4", 50, None, 40),
    ]  # fmt: skip


def test_steps_in_columns_of_their_own_and_parts_of_a_list(client_of):
    rows = [
        ("序号", "项目名称", "责任单位", "总投资", "进度安排", "", "完成时限"),
        ("", "", "", "", "一季度", "二季度", ""),
        ("一", "产业发展", "", 35, "", "", ""),
        (1, "蓄水池", "县水利局", 35, "完成设计", "4月底前开工", "2026年底"),
    ]
    batch = imported(client_of, made(("单位：万元",), *rows), year=2026)

    assert (batch.kind, found(batch), found(batch, "warning")) == ("projects", [], [])
    project = Project.objects.get()
    assert project.investment == 350_000
    steps = project.milestones.order_by("order").values_list("name", "planned_end")
    assert list(steps) == [("完成设计", date(2026, 3, 31)), ("开工", date(2026, 4, 30))]


def test_money_that_does_not_flow_downwards_names_its_cells(client_of):
    batch = uploaded(client_of, made(HEADER, row("甲", a=13), row("乙", s=9), row("丙", a="", s=13)))

    assert found(batch) == [("fund_order", "N2"), ("fund_order", "O3"), ("fund_order", "O4")]
    words = [issue["expected"] for issue in batch.issues]
    assert words[0] == "中央资金：拨付 130000.00（N2） 大于 下达 120000.00（M2）"
    assert words[1] == "中央资金：支付 90000.00（O3） 大于 拨付 80000.00（N3）"
    assert batch.report["good"] == 0


def test_the_next_months_file_goes_on_from_the_last_and_is_checked_against_it(client_of):
    imported(client_of, made(HEADER, row()))
    again = imported(client_of, made(HEADER, row()))
    later = imported(client_of, made(HEADER, row(a=12, s=11, finished="2026-09-20", accepted="2026-10-12", state="已验收", progress=100, finish="10月底前", steps="")))  # fmt: skip
    wrong = uploaded(client_of, made(("项目名称", "项目年度", "项目类别", "中央支付（万元）"), ("蓄水池", 2026, "饮水", 12.5)))  # fmt: skip

    assert again.report["written"] == {"rows_new": 0, "rows_changed": 0, "rows_same": 1}
    assert later.report["written"] == {"rows_new": 0, "rows_changed": 1, "rows_same": 0}
    project = Project.objects.get()
    assert (project.state, project.finished_on, project.accepted_on) == (
        "70",
        date(2026, 9, 20),
        date(2026, 10, 12),
    )
    assert list(project.funds.values_list("allotted", "paid")) == [(120000, 110000)]
    assert Milestone.objects.get(name="验收").done_on == date(2026, 10, 12)
    assert project.milestones.count() == 3
    move = TargetMove.objects.get()
    assert (move.before_text, move.after_text, move.reason) == ("9月底前", "10月底前", "Excel 导入")
    assert AuditEvent.objects.filter(action="project.import").order_by("-pk")[0].detail["what"] == ["project", "funds", "milestones"]  # fmt: skip
    assert found(wrong) == [("fund_order", "D2")]
    assert "拨付 120000.00（已登记）" in wrong.issues[0]["expected"]


def test_days_and_states_that_cannot_be(client_of):
    stored = factories.project(name="老项目", year=2026, state="50", finished_on=date(2026, 5, 1))

    batch = uploaded(client_of, made(
        HEADER, row("甲", started="2026-06-01", finished="2026-05-01", state="完工"), row("乙", finished="2026-05-01"),
        row("丙", finished="2099-01-01", state=""), row(stored.name, started="2026-08-01", state=""),
    ))  # fmt: skip

    assert found(batch) == [
        ("actual_dates_reversed", "G2"), ("project_state_unfinished", "K3"), ("done_in_future", "G4"),
        ("actual_dates_reversed", "G5"),
    ]  # fmt: skip


def test_a_finished_project_needs_no_state_and_a_number_says_which_project(client_of):
    factories.project(number="2026-990101-0009", name="旧名")
    elsewhere = factories.project(at="99010210020101", number="2026-990102-0001").number

    batch = imported(client_of, made(
        ("项目编号", "项目名称", "项目年度", "项目类别", "实际完工"),
        ("2026-990101-0009", "旧名", 2026, "饮水", "2026-05-01"), ("2026-990101-0010", "新项目", 2026, "饮水", ""), (elsewhere, "别处", 2026, "饮水", ""),
    ))  # fmt: skip

    assert found(batch) == [("project_elsewhere", "A4")]
    assert list(Project.objects.filter(region_path__startswith="990101").order_by("number").values_list("number", "state")) == [
        ("2026-990101-0009", "50"), ("2026-990101-0010", "10"),
    ]  # fmt: skip


def test_who_may_not_book_money_imports_the_rest(login, client_of):
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))

    batch = imported(client, made(("项目名称", "项目类别", "中央资金", "中央支付", "村"), ("水池", "饮水", 100, 50, factories.region("990101100201").short_name)))  # fmt: skip

    assert found(batch, "warning") == [("fund_not_yours", "2")]
    assert list(FundLine.objects.values_list("planned", "paid")) == [(100, None)]


def test_queries_do_not_grow_with_rows(client_of):
    counts = []
    for n in (5, 30):
        rows = [row(f"项目{n}-{i}") for i in range(n)]
        imported(client_of, made(HEADER, *rows))
        with CaptureQueriesContext(connection) as queries:
            uploaded(client_of, made(HEADER, *rows))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# The ledger of funds

LEDGER = ("日期", "文号", "资金级次", "项目", "摘要", "收款人", "金额", "下达/拨付/支付", "余额")


def entry(money, kind, *, on="2026-05-12", source="中央", project="蓄水池", payee="某公司", note="进度款", doc="炉财农〔2026〕12号"):  # fmt: skip
    return (on, doc, source, project, note, payee, money, kind, "")


def test_a_ledger_adds_up_by_project_and_source(client_of):
    factories.project(name="蓄水池")
    rows = (
        entry(100000, "下达"), entry(60000, "拨付"), entry(20000, "支付"), entry(15000, "支付", on="2026-06-01"), entry(-5000, "支付", on="2026-06-02"),
        entry(30000, "下达", source="县级"),
    )  # fmt: skip

    batch = imported(client_of, made(LEDGER, *rows, title="2026年资金台账"))
    again = imported(client_of, made(LEDGER, *rows, title="2026年资金台账"))

    assert (batch.kind, found(batch), found(batch, "warning")) == ("funds", [], [])
    assert list(FundLine.objects.order_by("source").values_list("source", "planned", "allotted", "paid")) == [
        ("1", 100000, 60000, 30000), ("4", 30000, None, None),
    ]  # fmt: skip
    assert batch.report["sums_yuan"] == {"planned": "130000.00", "allotted": "60000.00", "paid": "30000.00"}
    assert again.report["written"] == {"rows_new": 0, "rows_changed": 0, "rows_same": 6}
    assert AuditEvent.objects.filter(action="fund.import").count() == 1


def test_a_ledger_says_what_is_wrong_with_an_entry(client_of):
    factories.project(name="蓄水池")
    factories.project(name="同名")
    factories.project(name="同名")
    factories.project(name="别处", at="99010210020101")

    batch = uploaded(client_of, made(
        LEDGER, entry(100, "下达"), entry(100, "下达"), entry(50, "转账"), entry(50, "支付", source="村里"), entry(1, "下达", project="同名"),
        entry(1, "下达", project="别处"), entry(1, "支付", on="2099-01-01"), entry(300, "支付", source="省级"), entry(200, "拨付", source="省级"),
    ))  # fmt: skip

    assert found(batch) == [
        ("fund_entry_unclear", "H4"), ("fund_source_missing", "C5"), ("project_not_found", "D6"), ("project_not_found", "D7"),
        ("done_in_future", "A8"), ("fund_order", "G9"), ("fund_order", "G10"),
    ]  # fmt: skip
    assert found(batch, "warning") == [("fund_entry_repeated", "G3")]
    assert "支付合计 300.00 大于拨付合计 200.00" in batch.issues[-1]["expected"]


MONEY = st.none() | st.integers(0, 500).map(lambda cents: cents / 100)


@given(planned=MONEY, allotted=MONEY, paid=MONEY)
def test_money_stands_only_where_it_flows_downwards(planned, allotted, paid):
    """Whatever three cells say: refused, or 支付 ≤ 拨付 ≤ 下达 over the parts that are known."""
    header = ("项目名称", "项目类别", "省级资金", "省级拨付", "省级支付")
    columns = match(dict(enumerate(header)), PROJECTS)
    cells = ["蓄水池", "饮水", *("" if money is None else money for money in (planned, allotted, paid))]
    table = Table(
        "表", "projects", [1], columns, dict(enumerate(header)), dict.fromkeys(columns, 1), [2], [cells]
    )
    plan = ProjectPlan([table], Setting(2026, date(2026, 12, 31)))
    plan.lines = {}

    row = plan.records[0]
    plan._money_fits(row, "province_fund", "2")

    known = [money for money in (paid, allotted, planned) if money is not None]
    assert row.bad == (known != sorted(known))


@given(st.integers(0, 100))
def test_a_share_is_read_in_every_spelling(share):
    assert percent(share) == percent(f"{share}%") == percent(f"{share} ％") == share
    if 0 < share < 100:
        assert percent(share / 100) == share


def test_papers_and_covered_villages_and_what_is_wrong_with_them(client_of):
    for at in ("990101100202", "990101100203"):
        factories.region(at)
    header = ("项目名称", "项目类别", "项目年度", "建设地点", "中央资金", "省级资金", "资金文号", "覆盖村")
    rows = [
        ("蓄水池", "饮水", 2026, "测试村01", 5, "", "川财〔2026〕1号", "测试村01、测试村02"),
        ("灌渠", "水利", 2026, "测试村01", 5, 3, "中央：甲1号；省级：乙2号；丙3号", "测试村02、没有村"),
    ]

    batch = imported(client_of, made(header, *rows))
    again = imported(client_of, made(header, *rows))

    assert found(batch, "warning") == [("fund_document_unclear", "G3"), ("cover_unknown", "H3")]
    assert list(FundLine.objects.order_by("pk").values_list("source", "document")) == [("1", "川财〔2026〕1号"), ("1", "甲1号"), ("2", "乙2号")]  # fmt: skip
    covered = Project.objects.order_by("pk").values_list("name", "villages__region_path")
    assert sorted(covered) == [
        ("灌渠", "990101100202"),
        ("蓄水池", "990101100201"),
        ("蓄水池", "990101100202"),
    ]
    assert again.report["written"]["rows_same"] == 2


def test_steps_in_columns_and_parts_of_a_list_with_sums(client_of):
    header = (
        "序号",
        "项目名称",
        "实施地点",
        "总投资(万元)",
        "立项批复",
        "招投标",
        "开工",
        "验收",
        "形象进度(%)",
    )
    rows = (("一、产业", "", "", 150), (1, "产业路", "测试村01", 120, "2024-03-01", "2024年4月", "2024.5.4", "2099年10月", "50%"), (2, "蓄水池", "", 30, "", "免招标", "", "", ""))  # fmt: skip

    batch = imported(client_of, made(header, *rows, title="测试镇2024年项目进度台账", sheet="进度"))

    assert (batch.kind, found(batch)) == ("projects", [])
    steps = Milestone.objects.filter(project__name="产业路").order_by("pk")
    assert [(step.name, step.planned_text, str(step.done_on or "")) for step in steps] == [
        ("立项批复", "2024-03-01", "2024-03-01"), ("招投标", "2024年4月", ""), ("开工", "2024.5.4", "2024-05-04"), ("验收", "2099年10月", ""),
    ]  # fmt: skip
    assert list(Milestone.objects.filter(project__name="蓄水池").values_list("name", "done_on")) == [("招投标：免招标", None)]  # fmt: skip


def test_a_ledger_of_what_was_spent_says_so_in_its_title(client_of):
    factories.project(name="产业路")
    header = ("日期", "文号", "资金级次", "项目名称", "摘要", "收款单位", "金额（元）")

    batch = uploaded(client_of, made(header, ("2024-05-06", "云财农1号", "中央", "产业路", "进度款", "某公司", 120000), title="测试镇衔接资金支出台账"))  # fmt: skip

    assert (batch.kind, batch.report["sums_yuan"]["paid"]) == ("funds", "120000.00")
    assert ("fund_kind_assumed", "G3") in found(batch, "warning")


def test_from_when_to_when_in_one_cell_and_how_far_it_is(client_of):
    header = ("项目名称", "建设地点", "总投资（万元）", "建设内容", "建设期限", "实施进度")
    rows = (("路", "测试村01", 120, "硬化", "2025.3-2025.10", "已完工"), ("场", "测试村01", 35.5, "圈舍", "2025年4月至12月", "在建60%"), ("渠", "测试村01", 5, "渠", "2025年底前", "4月底前开工；年内完工"))  # fmt: skip

    imported(client_of, made(header, *rows, title="2025年项目库"))

    found_ones = Project.objects.order_by("investment").values_list("state", "progress", "start_text", "finish_text", "finish_end")  # fmt: skip
    assert list(found_ones) == [
        ("10", None, "", "2025年底前", date(2025, 12, 31)), ("30", 60, "2025年4月", "2025年12月", date(2025, 12, 31)), ("50", None, "2025.3", "2025.10", date(2025, 10, 31)),
    ]  # fmt: skip
    assert list(Milestone.objects.order_by("order").values_list("project__name", "name")) == [("渠", "开工"), ("渠", "完工")]  # fmt: skip


def test_the_wan_of_a_total_goes_for_its_parts(client_of):
    header = ("项目名称", "实施单位", "资金规模（万元）", "其中：中央资金", "省级资金", "受益户数")

    batch = uploaded(client_of, made(header, ("道路", "镇政府", 100, 60, 40, 30), title="2024年项目公示表"))

    assert (batch.kind, found(batch)) == ("projects", [])
    (note,) = [note for note in batch.report["notes"] if note["code"] == "unit_wan_converted"]
    assert note["columns"] == ["资金规模（万元）", "其中：中央资金", "省级资金"]
