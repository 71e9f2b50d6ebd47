"""Summaries by place: the board's figures, their balances, a past year; visits by helper, villages, gifts."""

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from fupin.accounts import sessions
from fupin.accounts.roles import Role
from fupin.excel.reports import DASH, Asked, Column, Report, judged, lines_of, sums_to, within
from fupin.excel.sheet import Kind
from households import kept, stats
from households.indicators.figures import measured
from households.models import (
    Condition,
    Helper,
    HouseholdCause,
    Income,
    Member,
    MemberYear,
    StatusChange,
    VillageProfile,
    Visit,
)
from tests import factories
from tests.parts import left_out, two_parts
from tests.workbooks import opened, table

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
TOWN = "990101100"
VILLAGES = ["990101100201", "990101100202", "990101100203"]
ALL = ["R04", "R05", "R06", "R07", "R08", "R09", "R10", "R15", "R18", "R21", "R22"]


def download(client, name, **query):
    return opened(client.get(reverse("report_download", args=[name]), query))


def cells(sheet):
    """`{name of the line: {header: value}}`; a header in two rows is 组/栏."""
    top, bottom = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=4))
    two = any(str(found).startswith("A3:A4") for found in sheet.merged_cells.ranges)
    heads, group = [], ""
    for above, below in zip(top, bottom):
        group = above or group
        heads.append(f"{group}/{below}" if two and below else group)
    rows = table(sheet, 5 if two else 4)
    return {next(str(v) for v in row[1:3] if v): dict(zip(heads, row)) for row in rows}


def town():
    """Households of every kind in three villages, one of them empty."""
    factories.region(VILLAGES[2])
    made = [
        factories.household(at=f"{VILLAGES[0]}01", members=3, cause="01", target_end=date(2026, 10, 31)),
        factories.household(at=f"{VILLAGES[0]}01", members=2, registry_status="3", cause="02", target_end=None),
        factories.household(at=f"{VILLAGES[1]}01", members=4, registry_status="0", monitor_category="2",
                            risk_state="1", cause="01", monitored_on=date(2024, 3, 1)),
        factories.household(at=f"{VILLAGES[1]}01", members=1, registry_status="3", monitor_category="1",
                            risk_state="2", monitored_on=date(2022, 5, 1), cleared_on=date(2023, 6, 1)),
        factories.household(at=f"{VILLAGES[1]}02", members=2, registry_status="0", target_end=None),
    ]  # fmt: skip
    for n, row in enumerate(made):
        Income.objects.create(
            household=row,
            year=2025,
            wage=Decimal(9000 * (n + 1)),
            transfer=500,
            expense=300,
            persons=row.size,
        )
        Condition.objects.create(
            household=row, year=2025, danger_level="3" if n == 0 else "1", water_safe=n != 1, dibao=n == 2,
            farmland=n, house_area=80, road_kind="03", fuel="04",
        )  # fmt: skip
        MemberYear.objects.create(
            member=row.members.first(), year=2025, labour="01", health="04" if n < 2 else "01", education="03"
        )
    factories.pair(made[0], factories.helper(unit_level="04", unit="县医院"))
    kept.refresh([row.pk for row in made])
    return made


def figures(path):
    return stats.figures_of(path)


R04 = {
    "总户数": ("all", 0), "总人口": ("all", 1), "建档立卡（脱贫）户/户": ("registered", 0), "建档立卡（脱贫）户/人": ("registered", 1),
    "监测对象小计/户": ("monitored", 0), "边缘易致贫户/人": ("monitor-2", 1), "脱贫不稳定户/户": ("monitor-1", 0),
    "风险未消除/户": ("risk-open", 0), "风险已消除/户": ("risk-cleared", 0), "低保/户": ("dibao", 0), "低保/人": ("dibao", 1),
    "特困/户": ("tekun", 0),
}  # fmt: skip
R05 = {f"{stats.BY_KEY[key].label}/{unit}": (key, at) for key in ("cause-01", "cause-02", "cause-none")
       for at, unit in enumerate("户人")}  # fmt: skip
R06 = {f"{stats.BY_KEY[f'income-{int(low)}'].label}/{unit}": (f"income-{int(low)}", at) for low in stats.BANDS
       for at, unit in enumerate("户人")}  # fmt: skip
R08 = {
    "危房/户": ("unsafe-house", 0),
    "饮水不安全/户": ("unsafe-water", 0),
    "户数": ("all", 0),
    "人数": ("all", 1),
}
R09 = {"应落实户": ("assisted", 0), "未落实户": ("no-helper", 0)}


SAME = [
    ("R04", R04, {}), ("R05", R05, {}), ("R06", R06, {}), ("R08", R08, {"figure": "all"}), ("R09", R09, {}),
]  # fmt: skip


@pytest.mark.parametrize("path", [TOWN, left_out(VILLAGES[1])])
def test_the_same_figure_is_the_same_number_as_on_the_board(login, path):
    town()
    own, children = figures(path)
    names = {child: factories.region(child).short_name for child in children}
    client = login(factories.user())

    for name, columns, query in SAME:
        rows = cells(download(client, name, region=path, **query))
        for header, (key, at) in columns.items():
            assert rows["合计"][header] == own.get(key, [0, 0])[at], (name, header)
            for child, found in children.items():
                assert rows[names[child]][header] == found[key][at], (name, child, header)
        assert any(rows["合计"].get(header) for header in columns), name


def test_an_empty_village_has_its_line_and_a_dash(login):
    town()
    client = login(factories.user())

    row = cells(download(client, "R05", region=TOWN))["测试村03"]
    helped = cells(download(client, "R09", region=TOWN))["测试村03"]

    assert (row["合计/户"], row["因病/户"], row["因病/占比"]) == (0, 0, DASH)
    assert (helped["应落实户"], helped["落实率"]) == (0, DASH)


def test_the_rate_of_poverty_needs_the_population(login):
    town()
    for path, population in ((VILLAGES[0], 300), (VILLAGES[1], None)):
        VillageProfile.objects.create(
            region=factories.region(path), region_path=path, year=2025, population=population
        )
    rows = cells(download(login(factories.user()), "R04", region=TOWN))
    assert rows["测试村01"]["贫困发生率"] == 0.01
    assert rows["测试村02"]["贫困发生率"] == DASH


def test_summary_of_a_past_year(login):
    household = factories.household(
        at=f"{VILLAGES[0]}01", members=2, registry_status="3", exit_year=2019, identified_on=date(2015, 1, 1)
    )
    for name, on, before in (("identify", date(2015, 1, 1), "0"), ("exit", date(2019, 11, 1), "1")):
        StatusChange.objects.create(household=household, step=name, on=on, before={"registry_status": before})
    HouseholdCause.objects.create(household=household, year=2017, rank=0, cause="05")
    HouseholdCause.objects.create(household=household, year=2021, rank=0, cause="09")
    Income.objects.create(household=household, year=2018, wage=14000, persons=2)
    Income.objects.create(household=household, year=2022, wage=60000, persons=2)
    client = login(factories.user())

    old, new = (cells(download(client, "R04", region=TOWN, year=year))["合计"] for year in (2018, 2020))
    assert (old["未脱贫人口"], new["未脱贫人口"]) == (2, 0)
    causes = [cells(download(client, "R05", region=TOWN, year=year))["合计"] for year in (2018, 2022)]
    assert [row["缺土地/户"] for row in causes] == [1, 0]
    assert [row["缺资金/户"] for row in causes] == [0, 1]
    incomes = [cells(download(client, "R06", region=TOWN, year=year))["合计"] for year in (2018, 2022)]
    assert [row["工资性收入/合计"] for row in incomes] == [14000, 60000]
    assert [row["6000～8000 元/户"] for row in incomes] == [1, 0]


def test_sums_of_income_and_the_income_per_head(login):
    town()
    row = cells(download(login(factories.user()), "R06", region=TOWN))["合计"]
    assert row["工资性收入/合计"] == 9000 * 15
    assert row["收入合计"] == 9000 * 15 + 5 * 500
    assert row["纯收入"] == row["收入合计"] - 5 * 300
    assert row["人均纯收入"] == pytest.approx(row["纯收入"] / row["核算人口"])
    assert row["工资性收入/占比"] == pytest.approx(9000 * 15 / row["收入合计"])


def test_population_by_age_and_skill(login):
    made = town()
    factories.member(made[0], relation="04")
    made[0].members.last().years.create(year=2025, labour="04", school="03", work_area="03", work_months=5)
    made[0].members.filter(relation="04").update(sex="2", birth=date(2016, 1, 1), ethnic="04")
    kept.refresh([made[0].pk])

    row = cells(download(login(factories.user()), "R07", figure="all", year=2026))["合计"]

    assert (row["总人数"], row["女性"], row["少数民族"]) == (13, 1, 1)
    assert (row["年龄段/6～15岁"], row["年龄段/60岁及以上"]) == (1, 12)
    assert row["年龄段/6～15岁占比"] == pytest.approx(1 / 13)
    assert (row["劳动技能/普通"], row["劳动技能/无"], row["劳动技能/未填"]) == (5, 1, 7)
    assert (row["健康状况/残疾"], row["健康状况/健康"]) == (2, 3)
    assert (row["在校/小学"], row["务工区域/省内"], row["务工时间/4～6个月"]) == (1, 1, 1)


def test_conditions_per_head(login):
    town()
    row = cells(download(login(factories.user()), "R08", figure="all"))["合计"]
    assert (row["已采集户"], row["住房/面积"], row["耕地/面积"]) == (5, 400, 10)
    assert row["住房/人均"] == pytest.approx(400 / 12)
    assert (row["入户路/水泥路"], row["主要燃料/清洁能源"]) == (5, 5)


def test_helpers_by_the_level_of_their_unit(login):
    made = town()
    row = cells(download(login(factories.user()), "R09", region=TOWN))
    assert row["合计"]["县级/户数"] == row["合计"]["已落实户"] == 1
    assert made[2].head_name in row["测试村02"]["未落实户名单"]


def test_visits_of_a_helper(login):
    year = TODAY.year
    monitored = factories.household(monitor_category="3", risk_state="1", monitored_on=date(2020, 1, 1))
    plain = factories.household(registry_status="3")
    who = Helper.objects.create(name="王医生", unit="县医院", rank="科长")
    for row in (monitored, plain):
        factories.pair(row, who)
    last = year - 1
    days = [date(last, month, 9) for month in range(1, 13) if month != 5]
    for day in days:
        Visit.objects.create(household=monitored, region_path=monitored.region_path, on=day, content="走访",
                             problem="屋顶漏雨" if day.month == 3 else "", solved=True if day.month == 3 else None)  # fmt: skip
    Visit.objects.create(household=plain, region_path=plain.region_path, on=date(last, 2, 1), content="走访")
    Visit.objects.create(
        household=plain, region_path=plain.region_path, on=date(last, 5, 1), content="电话", counts=False
    )

    row = cells(download(login(factories.user()), "R10", year=last))["王医生"]

    # twelve months and four quarters; the last period of each is over only with the year
    assert (row["结对户数"], row["应走访次数"], row["按期完成"], row["实际走访"]) == (2, 14, 11, 12)
    assert row["完成率"] == pytest.approx(11 / 14)
    assert row["最近走访日期"].date() == date(last, 12, 9)
    assert (row["未走访户"], row["发现问题"], row["已解决"]) == (0, 1, 1)


def test_villages_with_what_they_lack(login):
    for path, fields in (
        (VILLAGES[0], {"population": 279, "poor_population": 77, "students": 9, "students_college": 1,
                       "students_middle": 2, "students_primary": 3, "location": "=1+1", "power_living": True, "power_villages": 3}),
        (VILLAGES[1], {"population": None, "poor_population": 5}),
    ):  # fmt: skip
        VillageProfile.objects.create(region=factories.region(path), region_path=path, year=2025, **fields)
    sheet = download(login(factories.user()), "R15")
    rows = cells(sheet)

    first = next(row for row in table(sheet, 5) if row[2] == "测试村01")
    assert first[4] == "=1+1"
    header = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=4)]
    assert first[header[1].index("通生产用电自然村")] == 3 and first[header[0].index("通生活用电")] == "是"
    assert pytest.approx(77 / 279) in [cell for cell in first if isinstance(cell, float)]
    texts = [str(cell.value) for row in sheet.iter_rows(min_row=5) for cell in row if cell.value]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert any(text.startswith("勾稽不符：W5（学生/学生 = ") for text in texts), texts[-4:]
    assert rows["合计"]["贫困发生率"] == DASH  # one village does not say how many live there
    assert [row[9] for row in table(sheet, 5)][:2] == [None, None]


def test_a_rate_of_which_no_village_told_its_part_is_open_and_not_zero(login):
    VillageProfile.objects.create(
        region=factories.region(VILLAGES[0]), region_path=VILLAGES[0], year=2025, population=279
    )
    sheet = download(login(factories.user()), "R15")

    assert cells(sheet)["合计"]["贫困发生率"] == DASH


def test_gifts_by_unit(login):
    household = factories.household()
    place = {"household": household, "region_path": household.region_path, "content": "慰问"}
    Visit.objects.create(**place, on=TODAY, visitor_unit="县医院", gift_money=500, gift_goods="米面油")
    Visit.objects.create(**place, on=TODAY, visitor_unit="=HYPERLINK()", gift_goods="棉被")
    Visit.objects.create(**place, on=TODAY, visitor_unit="县医院", gift_money=900, cancelled_reason="记错")
    Visit.objects.create(**place, on=TODAY, visitor_unit="县医院")

    rows = table(download(login(factories.user()), "R18"), 4)

    assert [(row[1], row[3], row[7]) for row in rows] == [
        ("=HYPERLINK()", "慰问物品", None), ("=HYPERLINK()小计", None, None), ("县医院", "慰问金和物品", 500),
        ("县医院小计", None, 500), ("合计", None, 500),
    ]  # fmt: skip


def test_a_condition_of_the_list_is_refused_by_a_summary(login):
    town()
    client = login(factories.user())
    page = client.get(reverse("report_download", args=["R04"]), {"kind": "1"}, follow=True)
    assert "不带列表的筛选条件" in page.content.decode()


@two_parts(3)
def test_only_ones_own_place_is_summed(login, part):
    town()
    factories.household(at="99010120020101", members=5)
    factories.household(at="99010210020101", members=5)
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))

    for name in part.of(["R04", "R05", "R06", "R07", "R08", "R09"]):
        own = table(download(client, name), 5)
        other = table(download(client, name, region="990102"), 5)
        assert [row[1] for row in own] == ["测试村01", "测试村02", "测试村03", "合计"], name
        assert [row[1] for row in other] in ([row[1] for row in own], ["合计"]), name


@two_parts(12)
def test_queries_do_not_grow_with_rows(login, django_assert_max_num_queries, monkeypatch, part):
    """One place for all: building it costs more than the reports."""
    monkeypatch.setattr(
        sessions, "TOUCH", 3600
    )  # a minute may pass on a slow machine: no query of the report
    client = login(factories.user())

    def taken():
        found = {}
        for name in part.of(ALL):
            for year in (TODAY.year, 2025):
                with django_assert_max_num_queries(45) as queries:
                    download(client, name, year=year)
                found[name, year] = len(queries)
        return found

    town()
    few = taken()
    town()
    town()

    assert taken() == few


def test_a_balance_that_does_not_hold_names_its_cell():
    report = Report(
        name="R00", label=str, about="", section="", permissions=(), source=None, total=True, label_at=0,
        columns=(Column("村", "name"), Column(("户", "计"), "all", Kind.COUNT, total=True),
                 Column(("户", "甲"), "a", Kind.COUNT, total=True), Column(("户", "乙"), "b", Kind.COUNT, total=True)),
        balances=(sums_to("户/计", "户/甲", "户/乙"), within("户/甲", "户/计")),
    )  # fmt: skip
    rows = [{"name": "东村", "all": 3, "a": 1, "b": 2}, {"name": "西村", "all": 5, "a": 6, "b": 1},
            {"name": "南村", "all": None, "a": 1, "b": 1}]  # fmt: skip
    words = ["口径"]

    list(judged(report, lines_of(report, rows, reveal=False), words))

    assert words == [
        "勾稽不符：B6（户/计 = 户/甲 + 户/乙）、C6（户/甲 ≤ 户/计）、B8（户/计 = 户/甲 + 户/乙）",
        "口径",
    ]


def test_the_preview_says_whether_the_balances_hold(login):
    town()
    page = login(factories.user()).get(reverse("report_detail", args=["R04"]), {"region": TOWN})
    assert page.context["preview"].balances.startswith("勾稽核对：")
    assert "勾稽核对：" in page.content.decode()


def test_the_disabled_are_the_same_people_in_r04_r07_and_the_registry(login):
    factories.household(members=3)
    factories.household(at="99010110120101", members=2)
    for n, member in enumerate(Member.objects.order_by("pk")):
        MemberYear.objects.create(member=member, year=TODAY.year - 1, health=("04", "02,04", "01", "")[n % 4])
    stats.recount_all()
    user = factories.user(at="990101")
    client = login(user)

    asked = Asked(user, QueryDict("region=990101"), TODAY.year, TODAY)
    counted = measured(asked, ["p|disabled"], ["990101"])["990101"]["p|disabled"]
    r04, r07 = cells(download(client, "R04")), cells(download(client, "R07", figure="all"))
    assert counted == 3 == r04["合计"]["残疾人"] == r07["合计"]["健康状况/残疾"]


def test_a_preview_of_many_counts_the_first_places_only(login, monkeypatch):
    for n in range(3):
        factories.household(at=f"9901011{n:02}20101", members=2)
    client = login(factories.user(at="990101"))
    whole = client.get(reverse("report_detail", args=["R07"]), {"figure": "all"}).context["preview"]
    assert len([line for line, _ in whole.body if not line]) == 3 and whole.more == 0
    monkeypatch.setattr("households.reports.areas.PREVIEWED", 1)
    for name in ("R06", "R07", "R08"):
        page = client.get(reverse("report_detail", args=[name]), {"figure": "all"} if name != "R06" else {})
        cut = page.context["preview"]
        assert (len(cut.body), cut.more) == (1, 2) and not any(line for line, _ in cut.body), name
        assert "合计和勾稽核对在导出的文件里" in page.content.decode()
    assert (
        sum(
            "合计" in [cell.value for cell in line]
            for line in download(client, "R07", figure="all").iter_rows()
        )
        == 1
    )
