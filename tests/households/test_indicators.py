"""One figure, one number: what the registry says by name is what the board, the lists and the reports show."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.excel.reports import DASH
from fupin.onetable.asking import AskedOn
from fupin.onetable.vocabulary import SPAN, Unknown, sources, words
from households import codes, stats
from households.indicators import figures, villages
from households.indicators import words as register
from households.models import Paper, VillageProfile
from tests import factories
from tests.fupin.test_onetable import filled, new_book, sheet_of, upload
from tests.households.test_summaries import TOWN, VILLAGES, cells, download, town
from tests.parts import two_parts

TODAY = timezone.localdate()
CAUSES = {label: f"cause-{code}" for code, label in codes.Cause.choices} | {"未填致贫原因": "cause-none"}
BANDS = {stats.BY_KEY[f"income-{int(low)}"].label: f"income-{int(low)}" for low in stats.BANDS}


def both(title, key):
    return {f"{title}/户": f"h|{key}", f"{title}/人": f"p|{key}"}


SAME = {
    "R04": {
        "总户数": "h|", "总人口": "p|", "残疾人": "p|disabled", "贫困发生率": "village.poverty-rate|", **both("建档立卡（脱贫）户", "registered"),
        **both("监测对象小计", "monitored"), **both("边缘易致贫户", "monitor-2"), **both("风险未消除", "risk-open"), **both("风险已消除", "risk-cleared"),
        **both("低保", "dibao"), **both("特困", "tekun"),
    },
    "R05": {column: text for title, key in CAUSES.items() for column, text in both(title, key).items()},
    "R06": {
        "人均纯收入": "per-capita|", "核算人口": "income.persons|", "工资性收入/合计": "income.wage|", "转移性收入/合计": "income.transfer|",
        "生产经营性支出/合计": "income.expense|", "纯收入": "income.net|",
        **{column: text for title, key in BANDS.items() for column, text in both(title, key).items()},
    },
    "R07": {
        "总人数": "p|registered", "女性": "p|registered+female", "少数民族": "p|registered+minority", "年龄段/60岁及以上": "p|registered+age-60",
        "健康状况/残疾": "p|registered+disabled", "劳动技能/普通": "p|registered+labour-01", "文化程度/小学": "p|registered+learned-02",
        "务工区域/省外": "p|registered+work-04",
    },
    "R08": {
        "户数": "h|registered", "人数": "p|registered", "危房/户": "h|registered+unsafe-house", "饮水困难/户": "h|registered+water-difficult",
        "住房/面积": "condition.house_area|registered", "耕地/面积": "condition.farmland|registered", "无卫生厕所/户": "h|registered+no-toilet",
    },
    "R09": {"应落实户": "h|assisted", "未落实户": "h|no-helper", "落实率": "help-rate|"},
}  # fmt: skip
"""Columns of the reports and the names of their figures."""


def told(user, texts, places, day=TODAY):
    asked = AskedOn(user, QueryDict(), day.year, TODAY, day=day)
    found = figures.measured(asked, [text for text in texts if not text.startswith("village.")], places)
    other = villages.measured(asked, [text for text in texts if text.startswith("village.")], places)
    return {place: found[place] | other[place] for place in places}


def as_cell(value):
    return DASH if value is None else float(value) if isinstance(value, Decimal) else value


@two_parts(6)
@pytest.mark.django_db
def test_reports_and_registry_give_the_same_numbers(login, part):
    town()
    user = factories.user(Role.COUNTY_OFFICE)
    client = login(user)
    names = {path: str(factories.region(path)) for path in VILLAGES}
    compared = 0
    for report, columns in part.of(SAME.items()):
        for year, day in ((TODAY.year, TODAY), (2024, date(2024, 12, 31))):
            query = {"region": TOWN, "year": year} | (
                {"figure": "registered"} if report in ("R07", "R08") else {}
            )
            lines = cells(download(client, report, **query))
            numbers = told(user, columns.values(), VILLAGES, day)
            for path, name in names.items():
                for column, text in columns.items():
                    shown, ours = lines[name][column], as_cell(numbers[path][text])
                    if shown in ("", None, 0) and ours in (None, 0, DASH):
                        continue
                    assert shown == pytest.approx(ours) if not isinstance(ours, str) else shown == ours, (
                        report,
                        year,
                        name,
                        column,
                    )
                    compared += 1
    assert compared > (40 if part.rest else 10)


@pytest.mark.django_db
def test_the_board_and_the_registry_give_the_same_numbers():
    """Kept counts, and the same figures counted household by household."""
    town()
    user = factories.user(Role.COUNTY_OFFICE)
    keys = [figure.key for figure in stats.FIGURES]
    own, _ = stats.figures_of(TOWN, today=TODAY)
    asked = AskedOn(user, QueryDict(), TODAY.year, TODAY, day=TODAY)
    texts = [f"{unit}|{key}" for key in keys for unit in "hp"]
    kept = figures.measured(asked, texts, [TOWN])[TOWN]
    counted = figures._counted(asked, texts, [TOWN], None)[TOWN]
    assert kept == counted
    assert kept == {f"{unit}|{key}": own[key]["hp".index(unit)] for key in keys for unit in "hp"}


FOURFOLD = {
    "registered": ("建档立卡（脱贫）户", "建档立卡户", "建档立卡人口"),
    "monitored": ("监测对象小计", "监测对象户数", "监测对象人数"),
    "dibao": ("低保", "低保户", "低保人口"),
}
"""Figures, their columns in R04, and how a bureau's form asks for households and persons."""


@pytest.mark.django_db
def test_a_figure_is_one_number_on_page_report_document_and_bureaus_form(login):
    town()
    client = login(factories.user(Role.COUNTY_OFFICE))
    report = cells(download(client, "R04", region=TOWN))["合计"]
    client.post(f"{reverse('paper_begin')}?region={TOWN}", {"kind": "work_plan", "year": TODAY.year})
    paper = Paper.objects.get()
    labels = {key: f"现有{stats.BY_KEY[key].label}" for key in FOURFOLD}
    said = "；".join(f"{key}={{{{{label}}}}}户{{{{{label}人数}}}}人" for key, label in labels.items())
    Paper.objects.update(sections=[{"level": 1, "heading": "", "text": said}])
    document = client.get(reverse("paper_print", args=[paper.pk])).content.decode()
    book = new_book()
    sheet = sheet_of(book, "基本情况统计表", "表", [["指标名称", "计量单位", "数量"]], rows=2 * len(FOURFOLD))
    asked = [pair for _, *both in FOURFOLD.values() for pair in zip(both, "户人")]
    for row, (title, unit) in enumerate(asked, 4):
        sheet.cell(row, 1, title)
        sheet.cell(row, 2, unit)
    form, _ = upload(client, book)
    filled_in = iter(row[0].value for row in filled(client, form)["表"]["C4" : f"C{3 + len(asked)}"])

    for key, (column, *_) in FOURFOLD.items():
        rows = client.get(reverse("household_list"), {"region": TOWN, "figure": key}).content.decode()
        page = re.search(r"共 <b>(\d+)</b> 户 (\d+) 人", rows)
        numbers = {
            "page": tuple(map(int, page.groups())),
            "report": (report[f"{column}/户"], report[f"{column}/人"]),
            "document": tuple(map(int, re.search(rf"{key}=(\d+)户(\d+)人", document).groups())),
            "form": (next(filled_in), next(filled_in)),
        }
        assert len(set(numbers.values())) == 1 and numbers["page"][0], (key, numbers)


@pytest.mark.django_db
def test_figures_of_many_places_cost_the_same_number_of_queries(django_assert_max_num_queries):
    town()
    user = factories.user(Role.COUNTY_OFFICE)
    texts = [
        "h|dibao",
        "p|female",
        "income.wage|",
        "condition.farmland|",
        "visits|",
        "per-capita|",
        "p|registered+worker",
    ]
    told(user, texts[:1], VILLAGES)
    # posts and kept counts; households, members, their years, incomes, conditions, visits
    with django_assert_max_num_queries(12):
        told(user, texts, VILLAGES)


def test_every_name_says_what_it_is():
    """Each figure can be typed as it is shown, has a formula and a source; each rate a denominator."""
    known = words()
    for one in known.measures.values():
        assert one.formula, one.key
        assert one.source, one.key
        assert one.rounding or not one.unit, one.key
        assert bool(one.denominator) or not one.parts, one.key
        assert known.said(known.label(f"{one.key}|"), lines=False) == f"{one.key}|", one.key
        assert all(known.known(part) for part in one.parts), one.key
    for one in known.conditions.values():
        measure = next(m for m in known.measures.values() if one.on in m.takes)
        assert known.said(known.label(f"{measure.key}|{one.key}")) == f"{measure.key}|{one.key}", one.key
    for one in known.entries.values():
        assert known.said(one.label) in (
            f"@{one.key}",
            *(f"@{other.key}" for other in known.entries.values() if other.label == one.label),
        )
    assert {source.name for source in sources()} == {"homes", "officials", "villages", "projects"}


def test_spans_are_conditions():
    known = words()
    assert known.said("18～25岁：人数") == "p|aged.18.25"
    assert known.label("h|percap.7000.9000") == "7000～9000元：户数" or "7000" in known.label(
        "h|percap.7000.9000"
    )
    assert SPAN.fullmatch("aged.60.")
    assert known.said(known.label("h|percap.7000.9000")) == "h|percap.7000.9000"
    assert not known.known("p|aged.x.3")
    assert register.ON["percap.1.2"] == "home"
    assert Unknown("x").why == "x"


@pytest.mark.django_db
def test_a_village_of_households_without_a_profile_is_not_left_out_of_the_rate_of_its_township(login):
    town()
    village = factories.region(VILLAGES[0])
    VillageProfile.objects.create(region=village, region_path=village.path, year=2025, population=300)
    user, rate = factories.user(), "village.poverty-rate|"

    line = cells(download(login(user), "R04", region=TOWN[:6]))[factories.region(TOWN).short_name]
    found = told(user, [rate], [TOWN, VILLAGES[0]])

    assert (line["村情总人口"], line["贫困发生率"], found[TOWN][rate]) == (None, DASH, None)
    assert found[VILLAGES[0]][rate] == Decimal("0.01")
