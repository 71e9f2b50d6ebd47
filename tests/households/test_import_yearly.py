"""A year's income and conditions out of a workbook: updates what is in the book, never makes a household."""

from decimal import Decimal

import pytest

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.excel.layout import find_tables
from fupin.excel.reader import Sheet
from households.imports import yearly
from households.models import Condition, Household, Income
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
HEADER = ("户编号", "户主姓名", "工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出", "家庭纯收入", "耕地面积", "有效灌溉面积", "危房等级", "主要致贫原因", "兜底类型")  # fmt: skip
TITLE = "炉霍县2025年农户收入核算表"


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def row(number, *, wage=24000, oper=6000, prop=None, transfer=1200, expense=2200, net=29000, **more):
    cells = {"land": 4.5, "wet": 2, "danger": "", "cause": "因病", "kept": ""} | more
    return (number, "户主", wage, oper, prop, transfer, expense, net, *cells.values())


def test_income_conditions_causes_and_guarantees_of_the_year_in_the_title(client_of):
    household = factories.household(number="H1", members=2)

    batch = imported(client_of, made(HEADER, row("H1", danger="C级", kept="低保"), title=TITLE))

    assert (batch.kind, batch.year) == ("yearly", 2025)
    assert found(batch) == found(batch, "warning") == []
    income = Income.objects.get(household=household, year=2025)
    assert (income.wage, income.property, income.net, income.persons) == (24000, None, 29000, 2)
    condition = Condition.objects.get(household=household, year=2025)
    assert (condition.farmland, condition.danger_level, condition.dangerous) == (Decimal("4.5"), "3", True)
    assert condition.guarantees == "1"
    household.refresh_from_db()
    assert (household.per_capita, household.main_cause, household.unsafe_house) == (14500, "01", True)
    assert AuditEvent.objects.get(action="household.import").detail["what"] == [
        "causes",
        "condition",
        "income",
    ]
    assert batch.report["sums_yuan"] == {
        "wage": "24000.00", "oper": "6000.00", "transfer": "1200.00", "expense": "2200.00", "net": "29000.00",
    }  # fmt: skip


def test_the_same_file_twice_changes_nothing(client_of):
    factories.household(number="H1")
    imported(client_of, made(HEADER, row("H1"), title=TITLE))
    before = [list(model.objects.values()) for model in (Household, Income, Condition, AuditEvent)]

    batch = imported(client_of, made(HEADER, row("H1"), title=TITLE))

    assert batch.report["written"] == {"rows_changed": 0, "rows_same": 1}
    after = [list(model.objects.values()) for model in (Household, Income, Condition)]
    assert after == before[:3]
    assert AuditEvent.objects.filter(action="household.import").count() == 1


def test_blanks_change_nothing_and_a_year_column_goes_first(client_of):
    household = factories.household(number="H1")
    imported(client_of, made(HEADER, row("H1"), title=TITLE))

    imported(client_of, made(("户编号", "年度", "工资性收入", "转移性收入"), ("H1", "2024年度", 8000, None), ("H1", 2025, None, 900)))  # fmt: skip

    assert list(household.incomes.order_by("year").values_list("year", "wage", "transfer")) == [
        (2024, 8000, None), (2025, 24000, 900),
    ]  # fmt: skip


def test_a_household_is_found_by_its_heads_number_and_never_made(client_of):
    household = factories.household(number="H1")
    head = household.members.get().id_number
    elsewhere = factories.household(number="H2", at="99010210020101")

    batch = imported(client_of, made(
        ("户主证件号码", "户编号", "工资性收入", "转移性收入"),
        (head, "", 100), ("", "H9", 100), ("", "H2", 100), (head[:17] + ("1" if head[17] != "1" else "2"), "", 100), ("", "", 5, 6),
    ), kind="yearly", year=2025)  # fmt: skip

    assert found(batch) == [
        ("household_not_found", "B3"), ("household_not_found", "B4"), ("id_check_digit", "A5"), ("household_no_missing", "B6"),
    ]  # fmt: skip
    assert list(Income.objects.values_list("household", "wage")) == [(household.pk, 100)]
    assert Household.objects.count() == 2
    assert not elsewhere.incomes.exists()


def test_what_does_not_fit_is_said_at_its_cell(client_of):
    for number in ("H1", "H2", "H3", "H4"):
        factories.household(number=number, **({"registry_status": "9", "closed_on": "2024-01-01"} if number == "H4" else {}))  # fmt: skip

    batch = uploaded(client_of, made(
        HEADER, row("H1", net=31000), row("H2", wet=9), row("H2"), row("H3", wage="约三千", cause="懒惰", kept="没听过"), row("H4"),
    ), year=2025)  # fmt: skip

    assert found(batch) == [("row_repeated", "A4"), ("household_closed", "A6")]
    assert found(batch, "warning") == [
        ("income_net_mismatch", "H2"), ("irrigated_over_farmland", "J3"), ("number_unreadable", "C5"), ("income_net_mismatch", "H5"),
        ("cause_unknown", "L5"), ("value_unknown", "M5"),
    ]  # fmt: skip


def test_farmland_below_the_stored_irrigated_land_does_not_stop_the_file(client_of):
    household = factories.household(number="H1")
    Condition.objects.create(household=household, year=2025, farmland=9, irrigated=6)

    imported(client_of, made(("户编号", "耕地面积", "住房面积"), ("H1", 4, 80)), year=2025, kind="yearly")

    condition = Condition.objects.get()
    assert (condition.farmland, condition.irrigated, condition.house_area) == (9, 6, 80)


def test_queries_do_not_grow_with_rows(client_of, django_assert_max_num_queries):
    rows = [row(factories.household().number) for _ in range(40)]

    with django_assert_max_num_queries(75):  # a fixed number; forty rows at one query each would be far above
        uploaded(client_of, made(HEADER, *rows), year=2025)


def test_no_column_is_written_twice():
    """SQLite takes it, PostgreSQL refuses the whole file."""
    assert len(yearly.CONDITION) == len(set(yearly.CONDITION))


def test_an_income_in_parts_is_their_sum_and_an_error_among_them_is_told():
    rows = [
        ["户编号", "户主", "工资性收入（万元）", "转移性收入（元）", ""], ["", "", "", "低保金", "养老金"],
        ["H1", "甲", 2.5, 1200.0, "1,440"], ["H2", "乙", 1.0, "", ""], ["H3", "丙", "", 5.0, "很多"], ["H4", "丁", "", 5.0, ""],
    ]  # fmt: skip
    merges = [(1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 1, 5)]
    sheet = Sheet("Sheet1", "visible", [1, 2, 3, 4, 5, 6], rows, merges=merges, errors={(6, 5): "#N/A"})

    (table,) = find_tables(sheet, [yearly.YEARLY])

    at = table.columns["transfer"]
    assert (table.header_rows, [row[at] for row in table.rows]) == ([1, 2], [2640, "", "很多", ""])
    assert (table.units["transfer"], table.units["wage"]) == (1, 10_000)
    assert table.errors[6, at + 1] == "#N/A"


def test_a_figure_per_head_alone(client_of):
    homes = [factories.household(number=number, members=size) for number, size in (("H1", 2), ("H2", 3))]
    rows = (
        ("户编号", "户主姓名", "家庭人口", "人均纯收入（元）"),
        ("H1", "甲", 2, "9,876.5"),
        ("H2", "乙", None, 12000.33),
    )

    batch = imported(client_of, made(*rows), year=2025)

    assert (batch.kind, found(batch)) == ("yearly", [])
    assert found(batch, "warning") == [("income_per_head_alone", "D2"), ("income_per_head_alone", "D3")]
    incomes = [home.incomes.get(year=2025) for home in homes]
    assert [(one.stated_net, one.per_capita) for one in incomes] == [
        (19753, Decimal("9876.5")), (Decimal("36000.99"), Decimal("12000.33")),
    ]  # fmt: skip


def test_a_list_named_after_incomes_is_no_form(client_of):
    rows = (("序号", "户主信息", None, "工资性收入", "转移性收入"), (None, "姓名", "证件号码", None, None), *((n, f"甲{n}", f"9901011970010{n}001X", 1000, 20) for n in (1, 2)))  # fmt: skip
    assert uploaded(client_of, made(*rows, title="2025年度农户收入测算表")).kind == "yearly"
