"""Incomes per head beside the parts of an income, and in columns of quarters."""

import pytest

from fupin.accounts.roles import Role
from households.models import Income
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
PER_HEAD = ("户编号", "户主姓名", "人均纯收入")
QUARTERS = ("户编号", "户主姓名", *(f"{n}季度人均纯收入（元）" for n in "一二三四"))


@pytest.fixture
def client_of(login, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def test_parts_go_before_a_figure_per_head_and_both_are_told(client_of):
    factories.household(number="H1", members=2)
    header = (*PER_HEAD, "工资性收入", "转移性收入", "家庭人口数")

    batch = imported(client_of, made(header, ("H1", "甲", 9000, 24000, 1200, 2), title="2025年收入核算表"))
    later = uploaded(client_of, made(PER_HEAD, ("H1", "甲", 9500), title="2025年人均纯收入统计表"))
    fits = uploaded(client_of, made(PER_HEAD, ("H1", "甲", 12600), title="2025年人均纯收入统计表"))

    assert found(batch, "warning") == [("income_per_head_differs", "C3")]
    assert "12600" in batch.issues[0]["expected"] and "9000" in batch.issues[0]["expected"]
    assert ("income_parts_stand", "C3") in found(later, "warning")
    assert "income_parts_stand" not in [code for code, _ in found(fits, "warning")]
    assert Income.objects.get().net == 25200


def test_four_quarters_make_the_year_and_fewer_make_none(client_of):
    for number in ("H1", "H2"):
        factories.household(number=number, members=2)

    batch = imported(client_of, made(QUARTERS, ("H1", "甲", 1000, 2000, "3000元", 4000), ("H2", "乙", 1000, "", 1, 1), title="2025年脱贫户人均纯收入监测表"))  # fmt: skip
    few = uploaded(client_of, made(QUARTERS[:4], ("H1", "甲", 1000, 2000), title="2025年脱贫户人均纯收入监测表"))  # fmt: skip

    assert batch.kind == few.kind == "yearly"
    assert [(income.household.number, income.net) for income in Income.objects.all()] == [("H1", 20000)]
    assert ("income_part_of_year", "C4") in found(batch, "warning")
    assert ("income_part_of_year", "3") in found(few, "warning")
    assert few.report["written"]["rows_changed"] == 0
