"""一表通 through its pages: the two real forms, forms of other shapes, corrections, what is remembered, who sees what."""

import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl.styles import Border, Font, Side

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.jobs.worker import Worker
from fupin.onetable import views
from fupin.onetable.models import BureauForm, FormFilling, SavedMeaning
from fupin.regions.models import Region
from households import kept, stats
from households.models import (
    Condition,
    Income,
    Measure,
    Member,
    MemberYear,
    RegionCount,
    VillageProfile,
    Visit,
)
from projects.models import FundLine
from tests import factories
from tests.fupin.excel import samples
from tests.workbooks import opened

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("onetable")]

REAL = samples.FOLDER / "real"
TODAY = timezone.localdate()
TOWN = "990101100"
ONE, TWO, THREE = "990101100201", "990101100202", "990101100203"
THIN = Border(*(Side("thin"),) * 4)


def people(home, *facts):
    """Give the members of a household, in order, these facts of the year."""
    for member, own in zip(home.members.order_by("order"), facts):
        MemberYear.objects.create(member=member, year=TODAY.year, **own)
    kept.refresh([home.pk])
    home.refresh_from_db()


def town():
    """Four households in two of three villages, profiles, a project: small numbers that can be counted by hand."""
    factories.region(f"{THREE}01")
    a = factories.household(at=f"{ONE}01", members=3, cause="01", number="A1", phone="13900000001")
    b = factories.household(
        at=f"{ONE}01",
        members=2,
        registry_status="3",
        exit_year=2019,
        cause="02",
        number="B1",
        target_end=None,
    )
    c = factories.household(
        at=f"{TWO}01",
        members=4,
        registry_status="0",
        monitor_category="2",
        risk_state="1",
        monitored_on=date(2024, 3, 1),
        number="C1",
    )
    d = factories.household(
        at=f"{TWO}01", members=1, registry_status="3", exit_year=2018, number="D1", target_end=None
    )
    people(
        a,
        {"labour": "01", "work_months": 8, "medical_resident": True, "dibao": True},
        {"labour": "04", "health": "04", "medical_resident": True},
        {"school": "03"},
    )
    people(
        b,
        {"labour": "02", "work_months": 3, "medical_resident": True},
        {"medical_resident": False, "health": "02"},
    )
    people(c, {"labour": "01", "pension_resident": True}, {}, {"school": "08"}, {})
    people(d, {"labour": "03", "dibao": True})
    Income.objects.create(
        household=a, year=TODAY.year - 1, wage=24000, operating=3000, transfer=1200, expense=600, persons=3
    )
    Income.objects.create(household=b, year=TODAY.year - 1, wage=10000, property=500, persons=2)
    Income.objects.create(household=d, year=TODAY.year - 1, transfer=9000, persons=1)
    Condition.objects.create(
        household=a,
        year=TODAY.year,
        dangerous=True,
        house_area=Decimal("80.5"),
        farmland=Decimal("4.5"),
        structure="5",
    )
    Condition.objects.create(household=c, year=TODAY.year, house_area=60, farmland=2)
    Measure.objects.create(
        household=a,
        region_path=a.region_path,
        kind="02",
        what="发放种苗",
        money=1500,
        starts_on=date(TODAY.year, 1, 1),
    )
    Visit.objects.create(household=a, region_path=a.region_path, on=TODAY, content="走访").helpers.add(
        factories.helper(rank="副局长"), factories.helper(rank="科员")
    )
    for home in (a, b, c, d):
        kept.refresh([home.pk])
    for village, people_, income in ((ONE, 300, 50000), (TWO, 200, 70000)):
        region = factories.region(village)
        VillageProfile.objects.create(region=region, region_path=village, year=TODAY.year - 1, population=people_, households=90, farmland=600,
                                      collective_income=income, helping_unit="县供销社")  # fmt: skip
    work = factories.project(
        at=ONE,
        category="0302",
        state="50",
        investment=120000,
        finished_on=TODAY - timedelta(3),
        started_on=TODAY - timedelta(60),
    )
    FundLine.objects.create(project=work, source="1", planned=100000, allotted=80000, paid=50000)
    return a, b, c, d


def upload(client, book, name="空表.xlsx"):
    """The uploaded form; `book` a workbook or the path of a file."""
    if isinstance(book, Path):
        data, name = book.read_bytes(), book.name
    else:
        out = io.BytesIO()
        book.save(out)
        data = out.getvalue()
    response = client.post(reverse("onetable_upload"), {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 302, response.context["problem"]
    return BureauForm.objects.first(), response["Location"]


def said(client, form, **changes):
    """What the mapping page sends: its inputs as drawn, with `changes` by the letter of the column or the cell."""
    page = client.get(reverse("onetable_columns", args=[form.uid])).context["page"]
    data = {"version": form.version, "scope": page.scope}
    for section in page.sections:
        data[f"rows-{section['n']}"] = section["kind"]
        data[f"base-{section['n']}"] = section["base"]
        for place in section["places"]:
            data[place.name] = changes.get(place.where, place.typed)
            if place.money:
                data[f"u-{place.name}"] = place.factor
    return data


def confirm(client, form, **changes):
    response = client.post(reverse("onetable_columns", args=[form.uid]), said(client, form, **changes))
    assert response.status_code == 302, response.context["page"].problems
    form.refresh_from_db()


def filled(client, form, **asked):
    """The workbook that comes back."""
    response = client.post(
        reverse("onetable_download", args=[form.uid]), {"region": TOWN, "day": TODAY.isoformat()} | asked
    )
    assert response.status_code == 200, [str(m) for m in client.get(response["Location"]).context["messages"]]
    return openpyxl.load_workbook(io.BytesIO(b"".join(response)))


def row(sheet, number, width):
    return [sheet.cell(number, column).value for column in range(1, width + 1)]


def sheet_of(book, title, name, head, rows=3, first=3):
    """A bordered form: a title over it, header rows (lists; None goes on with the title at its left), empty rows."""
    sheet = book.create_sheet(name)
    width = len(head[0])
    if title:
        sheet.cell(1, 1, title)
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    for depth, titles in enumerate(head):
        for column, words in enumerate(titles, 1):
            cell = sheet.cell(first + depth, column, words)
            cell.border, cell.font = THIN, Font(name="黑体", sz=12)
    for at in range(first + len(head), first + len(head) + rows):
        for column in range(1, width + 1):
            sheet.cell(at, column).border = THIN
    return sheet


def new_book():
    book = openpyxl.Workbook()
    book.remove(book.active)
    return book


# The real forms


@samples.needed
def test_the_real_village_statistics_fill(login):
    """帮扶到户 and 帮扶到村: a line a village, the same figures as the reports', rows put in as the form has one."""
    town()
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    form, address = upload(client, REAL / "guangzhou_stat_template_2011.xls")
    assert address == reverse("onetable_columns", args=[form.uid])
    confirm(client, form)

    book = filled(client, form)

    homes, village = book.worksheets
    names = [homes.cell(r, 2).value for r in (8, 9, 10)]
    assert names == [region.short_name for region in map(factories.region, (ONE, TWO, THREE))]
    assert row(homes, 8, 17)[2:] == [2, 5, 1, 3, 1, 2, 0, 0, 0, 0, 1, 0, 1, 3, 1]
    assert row(homes, 8, 31)[17:] == [2, 1, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0]
    assert row(homes, 9, 12)[2:] == [1, 1, 0, 0, 0, 0, 1, 1, 0, 0]
    assert homes.cell(8, 1).value == "县供销社"
    report = {
        r[1].value: r
        for r in opened(client.get(reverse("report_download", args=["R04"]), {"region": TOWN})).iter_rows(
            min_row=5
        )
    }
    for at, name in ((8, names[0]), (9, names[1])):
        assert (homes.cell(at, 3).value, homes.cell(at, 4).value) == (
            report[name][4].value,
            report[name][5].value,
        )
    assert [village.cell(8, c).value for c in (3, 4, 20)] == [50000, None, 1]
    # layout: the header's merged ranges, fonts, widths and the print set-up stay, the new rows look like the first
    assert "C4:N4" in map(str, homes.merged_cells.ranges)
    assert homes.cell(9, 3).border.left.style == homes.cell(8, 3).border.left.style == "thin"
    assert homes.column_dimensions["A"].width == pytest.approx(10.1, abs=0.1)
    assert (homes.page_setup.orientation, homes.page_setup.paperSize) == ("landscape", 9)
    assert homes.print_area.endswith("$AE$10")
    # what cannot be filled is empty in the form and listed in the page
    page = client.get(reverse("onetable_fill", args=[form.uid]))
    empty = [where for where, _ in page.context["empty"]]
    assert len(empty) == 9 and "2 D 列" in empty  # a forecast, what the branch and the village did, 其他
    assert any("预计今年村级集体经济收入" in note[1] for note in FormFilling.objects.get().notes)
    event = next(
        e
        for e in AuditEvent.objects.filter(action="report.export")
        if e.detail["title"] == f"一表通：{form.title}"
    )
    assert event.detail["rows"] == 6


@samples.needed
def test_the_real_household_questionnaire_fills(login):
    a, *_ = town()
    Region.objects.filter(path=ONE).update(name="乌土村", short_name="乌土村")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    form, _ = upload(client, REAL / "guangzhou_household_survey_2011.xls")
    assert form.said["scope"] == "home"
    confirm(client, form)

    sheet = filled(client, form, number="A1").worksheets[0]

    assert sheet.page_setup.paperSize == 9  # the form names none: A4, not the Letter of a new book
    cells = {r: sheet.cell(r, 4).value for r in range(5, 59)}
    # type 1: able to work, on 低保; members; income per head; wage; transfer; area; structure 土坯; in school; of those in
    # working age none at work (the head is over 60); insured
    assert [cells[r] for r in (5, 6, 9, 10, 22, 34, 35, 44, 51, 54)] == [
        1,
        3,
        9200,
        24000,
        1200,
        80.5,
        3,
        0,
        0,
        2,
    ]
    assert sheet["J2"].value == "=F2&G2&H2"
    assert sheet["B2"].value == "从化市温泉镇乌土村"  # as the form's own list says it
    assert not sheet["D2"].value.strip()  # and of the units in its list none is ours
    assert any("意思相同" in why and "县供销社" in why for *_, why in FormFilling.objects.get().notes)
    number = a.members.get(order=0).id_number
    assert cells[58] == f"{number[:6]}{'*' * 8}{number[-4:]}"
    page = client.get(reverse("household_detail", args=[a.pk])).content.decode()
    assert "9,200" in page
    assert cells[13] is None  # 工业、建筑业: nothing of ours says it
    assert sheet["D4"].value is None  # a heading


# Forms of other shapes


def shapes():
    """One workbook: per village with sums of its own, per household, single figures, two blocks on one sheet."""
    book = new_book()
    sheet = sheet_of(book, "监测帮扶情况统计表", "村", [["序号", "行政村", "脱贫户", None, "监测对象", None, "其中：风险未消除（户）", "贫困发生率（%）", "到位资金"],
                                                        [None, None, "户数", "人数", "户", "人", None, None, "万元"]], rows=2)  # fmt: skip
    for area in ("A3:A4", "B3:B4", "C3:D3", "E3:F3", "G3:G4", "H3:H4"):
        sheet.merge_cells(area)
    sheet["A2"] = "填报单位："
    sheet["A7"] = "合计"
    for column in "CDEF":
        sheet[f"{column}7"] = f"=SUM({column}5:{column}6)"
    for column in range(1, 10):
        sheet.cell(7, column).border = THIN
    sheet["A8"] = "填表人：　　　　　　审核人："
    sheet["G8"] = "填报日期："
    sheet.print_area = "A1:I8"
    homes = sheet_of(
        book,
        "农户台账",
        "户",
        [
            [
                "序号",
                "村",
                "户编号",
                "户主姓名",
                "家庭人口",
                "是否低保户",
                "人均纯收入",
                "工资性收入（万元）",
                "联系电话",
                "主要致贫原因",
                "合计收入",
                "养牛头数",
            ]
        ],
        rows=2,
        first=2,
    )
    homes["K3"], homes["K4"] = "=H3*10000+1", "=H4*10000+1"
    items = sheet_of(book, "基本情况统计表", "数", [["指标名称", "计量单位", "数量"]], rows=9, first=2)
    for n, (words, unit) in enumerate([("建档立卡户", "户"), ("其中：低保户", "户"), ("建档立卡人口", "人"), ("外出务工人数", "人"), ("村集体经济收入", "万元"),
                                       ("资金支出率", "%"), ("参加城乡居民医保", "人"), ("小额信贷余额", "万元"), ("走访人次", "人次")]):  # fmt: skip
        items.cell(3 + n, 1, words)
        items.cell(3 + n, 2, unit)
    cross = sheet_of(book, "", "两", [["类别", "户数", "人数"]], rows=3, first=1)
    for n, words in enumerate(["脱贫不稳定户", "边缘易致贫户", "低保户"]):
        cross.cell(2 + n, 1, words)
    for n, words in enumerate(["村名", "耕地（亩）", "项目数", "总投资（万元）"], 1):
        cross.cell(7, n, words).border = THIN
        cross.cell(8, n).border = THIN
        cross.cell(9, n).border = THIN
    cross["A8"] = "合计"
    return book


def test_forms_of_four_shapes(login):
    town()
    client = login(factories.user(Role.COUNTY_OFFICE))
    form, _ = upload(client, shapes())
    confirm(client, form)

    book = filled(client, form)

    filling = FormFilling.objects.get()
    assert filling.checked >= 15 and not filling.wrong  # 户 ≤ 人, 低保户 ≤ 建档立卡户, 合计 = 各行之和
    village = book["村"]
    assert village["B2"].value == str(factories.region(TOWN))
    assert [row(village, r, 9)[2:7] for r in (5, 6, 7)] == [[1, 2, 0, 0, 0], [1, 1, 1, 4, 1], [0, 0, 0, 0, 0]]
    assert [village.cell(r, 8).value for r in (5, 6, 7)] == [1, 0, "—"]
    assert [village.cell(r, 9).value for r in (5, 6)] == [10, None]
    assert [village.cell(8, c).value for c in (1, 3, 6, 7, 8, 9)] == [
        "合计",
        "=SUM(C5:C7)",
        "=SUM(F5:F7)",
        1,
        0.6,
        10,
    ]
    assert village["A9"].value.startswith("填表人")
    assert village["H9"].value.date() == TODAY  # a cell below the rows that came in
    assert village.print_area.endswith("$I$9")

    homes = book["户"]
    assert [homes.cell(r, 3).value for r in range(3, 7)] == ["A1", "B1", "C1", "D1"]
    assert row(homes, 3, 12)[4:8] == [3, "是", 9200, 2.4]
    assert (homes.cell(3, 9).value, homes.cell(3, 10).value, homes.cell(3, 12).value) == (
        "139****0001",
        "因病",
        None,
    )
    assert [homes.cell(r, 11).value for r in (3, 6)] == ["=H3*10000+1", "=H6*10000+1"]
    assert homes.cell(3, 4).font.name == homes.cell(6, 4).font.name

    items = [book["数"].cell(r, 3).value for r in range(3, 12)]
    assert items[:5] == [3, 2, 6, 2, 12]
    assert items[5] == 50
    assert items[6:] == [3, None, 2]

    both = book["两"]
    assert [row(both, r, 3)[1:] for r in (2, 3, 4)] == [[0, 0], [1, 4], [2, 4]]
    assert row(both, 8, 4) == ["合计", 1200, 1, 12]
    assert [row(both, r, 4) for r in (9, 10)] == [
        [str(factories.region(ONE)), 600, 1, 12],
        [str(factories.region(TWO)), 600, 0, None],
    ]


def persons_and_named():
    book = new_book()
    sheet_of(
        book,
        "残疾人花名册",
        "人",
        [["序号", "姓名", "与户主关系", "身份证号码", "年龄", "劳动技能", "健康状况"]],
        rows=1,
        first=2,
    )
    named = sheet_of(book, "", "名", [["乡镇、村", "监测户户数", "务工人数", "备注"]], rows=5, first=1)
    for n, path in enumerate((TOWN, ONE, TWO)):
        named.cell(2 + n, 1, str(factories.region(path)))
    named["A5"], named["A6"] = "没有的村", "合计"
    card = book.create_sheet("卡")
    for n, (words, other) in enumerate([("项目数", "已开工项目"), ("下达资金（元）", "支出率（%）")], 1):
        for column, text in ((1, words), (2, None), (3, other), (4, None)):
            card.cell(n, column, text).border = THIN
    return book


def test_people_named_places_and_pairs_of_cells(login):
    town()
    client = login(factories.user(Role.COUNTY_OFFICE))
    form, _ = upload(client, persons_and_named())
    assert [block["base"] for block in form.said["blocks"]] == [["disabled"], [], []]
    confirm(client, form)

    book = filled(client, form)

    person = book["人"]
    member = next(year.member for year in MemberYear.objects.all() if year.health == "04")
    assert row(person, 3, 7) == [
        1,
        member.name,
        "之子",
        f"990101{'*' * 8}{member.id_number[-4:]}",
        member.age_on(TODAY),
        "无劳动力",
        "***",
    ]
    assert person.cell(4, 1).value is None
    named = book["名"]
    assert [named.cell(r, 1).value for r in range(2, 7)] == [
        str(factories.region(p)) for p in (TOWN, ONE, TWO)
    ] + ["没有的村", "合计"]
    assert [row(book["卡"], r, 4)[1::2] for r in (1, 2)] == [[1, 1], [100000, 50]]
    assert any("没有的村" in note[1] for note in FormFilling.objects.get().notes)

    whole = filled(client, form, reveal="1", purpose="报县残联核对")
    assert whole["人"].cell(3, 4).value == member.id_number
    assert whole["人"].cell(3, 7).value == "残疾"
    assert AuditEvent.objects.filter(action="report.export").first().detail["purpose"] == "报县残联核对"


def given_lines():
    """Forms whose lines, or columns, are there already; columns of years; pairs of opposites; lines of nothing we know."""
    book = new_book()
    one, two = "甲村", "乙村"
    for path, name in ((ONE, one), (TWO, two)):
        Region.objects.filter(path=path).update(name=name, short_name=name)
    named = sheet_of(book, "", "名", [["序号", "行政村", "脱贫户（户）", "低保户（户）"]], first=1)
    for n, name in enumerate((one, two, "合计"), 2):
        named.cell(n, 1, n - 1 if n < 4 else None)
        named.cell(n, 2, name)
    across = sheet_of(book, "", "列", [["指标", "单位", one, two]], rows=2, first=1)
    across["A2"], across["B2"], across["A3"], across["B3"] = "脱贫户", "户", "脱贫人口", "人"
    homes = sheet_of(book, "", "户", [["序号", "户编号", "户主", "家庭人口", "备注"]], first=1)
    for n, (number, head) in enumerate((("A1", None), ("C1", "不是他"), ("X9", "没有的人")), 2):
        homes.cell(n, 2, number)
        homes.cell(n, 3, head)
    years = sheet_of(
        book, "", "年", [["村", f"{TODAY.year - 1}年", None, f"{TODAY.year + 1}年"], ["村", "人均纯收入（元）", "脱贫户", "脱贫户"]], rows=1, first=1,
    )  # fmt: skip
    years.merge_cells("A1:A2")
    years.merge_cells("B1:C1")
    sheet_of(book, "脱贫家庭学生花名册", "学", [["序号", "户主姓名", "学生姓名"]], first=2)
    health = sheet_of(
        book, "", "医", [["单位", "基本医疗保险", None], [None, "已参保人数", "未参保人数"]], rows=1, first=1
    )
    health.merge_cells("A1:A2")
    health.merge_cells("B1:C1")
    sheet_of(book, "", "访", [["没有的栏", "单位", "走访次数"]], first=1)
    items = sheet_of(book, "", "项", [["指标", "数量", "备注"]], rows=2, first=1)
    items["A2"], items["A3"] = "脱贫户数（户）", "脱贫人口（人）"
    return book


def test_lines_that_a_form_has_already_and_columns_of_years(login):
    town()
    client = login(factories.user(at=TOWN))
    form, _ = upload(client, given_lines())
    said = {block["sheet"]: said for block, said in zip(form.blocks, form.said["blocks"])}
    assert {name: one["rows"] for name, one in said.items()} == {
        "名": "named", "列": "across", "户": "homes", "年": "village", "学": "person", "医": "village", "访": "none", "项": "items",
    }  # fmt: skip
    assert said["学"]["base"] == ["out", "student"]
    assert said["年"]["columns"]["2"] == f"per-capita|~{TODAY.year - 1}"
    confirm(client, form)

    book = filled(client, form)

    assert [row(book["名"], n, 4)[2:] for n in (2, 3)] == [[1, 1], [1, 1]]
    assert [row(book["列"], n, 4)[2:] for n in (2, 3)] == [[1, 1], [2, 1]]
    assert [book["户"].cell(n, 4).value for n in (2, 3, 4)] == [3, None, None]
    assert [book["户"].cell(n, 5).value for n in (2, 3, 4)] == [None] * 3
    assert book["年"]["D3"].value is None
    assert [row(book["医"], 3, 3)[1:]] == [[3, 1]]
    assert book["访"]["B2"].value is None
    assert [row(book["项"], n, 3)[1:] for n in (2, 3)] == [[2, None], [3, None]]
    notes = FormFilling.objects.get().notes
    assert any(f"没有 {TODAY.year + 1} 年的数" in note[2] for note in notes)
    assert any("不是他" in note[1] for note in notes)


def test_a_card_with_the_households_members(login, cold_child):
    town()
    client = login(factories.user(at=TOWN))
    book = new_book()
    sheet = sheet_of(book, "一户一卡", "卡", [["姓名", "与户主关系"]], rows=2, first=3)
    for column, words in enumerate(("户主姓名", None), 1):
        sheet.cell(2, column, words).border = THIN
    form, _ = upload(client, book)
    assert form.said["scope"] == "home"
    confirm(client, form)

    card = filled(client, form, number="C1").active

    members = list(Member.objects.filter(household__number="C1").order_by("order"))
    assert card["B2"].value == members[0].name
    assert [card.cell(4 + n, 1).value for n in range(5)] == [*(one.name for one in members), None]


# Correcting, remembering


def small(title="情况表"):
    book = new_book()
    sheet_of(book, title, "表", [["村", "奇怪的标题", "户数", "低保户（户）"]], rows=1, first=2)
    return book


def test_a_correction_is_remembered_for_the_unit(login):
    town()
    mine = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    client = login(mine)
    form, _ = upload(client, small())
    wrong = client.post(reverse("onetable_columns", args=[form.uid]), said(client, form, B="没有这个指标"))
    assert wrong.status_code == 422
    assert "没有这个指标" in wrong.content.decode()  # what was typed stays
    confirm(client, form, B="建档立卡户、有劳动能力户：户数", C="")

    again, address = upload(client, small("另一年的情况表"), "明年.xlsx")
    assert address == reverse("onetable_fill", args=[again.uid])
    sheet = filled(client, again).active
    assert row(sheet, 3, 4)[1:] == [2, None, 1]
    stale = client.post(reverse("onetable_columns", args=[form.uid]), said(client, form) | {"version": 1})
    assert stale.status_code == 422
    other = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101101"))
    assert other.get(reverse("onetable_fill", args=[form.uid])).status_code == 404
    assert SavedMeaning.objects.get().unit == TOWN


def test_a_past_day_and_only_ones_own_rows(login):
    town()
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    form, _ = upload(client, small())
    confirm(client, form, B="脱贫率", C="未脱贫：户数")
    sheet = filled(client, form, day="2018-12-31").active
    assert row(sheet, 3, 3) == [str(factories.region(ONE)), 0, 2]  # B1 was still poor then
    elsewhere = client.post(reverse("onetable_download", args=[form.uid]), {"region": "990102", "day": ""})
    assert elsewhere.status_code == 302
    tomorrow = client.post(
        reverse("onetable_download", args=[form.uid]), {"region": TOWN, "day": str(TODAY + timedelta(1))}
    )
    assert tomorrow.status_code == 302
    assert FormFilling.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data"), [("表.docx", b"x"), ("表.xlsx", b"PK\x03\x04 broken"), ("空.xlsx", b"")]
)
def test_what_is_no_form_is_refused_in_words(login, name, data):
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    response = client.post(reverse("onetable_upload"), {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 422
    assert response.context["problem"]
    assert not BureauForm.objects.exists()


def test_a_big_place_is_filled_by_the_worker(login, monkeypatch):
    """Above the limit the form goes to a job with progress; its file is the same, and its owner fetches it."""
    town()
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    form, _ = upload(client, small())
    confirm(client, form, B="低保户：人数")
    monkeypatch.setattr(views, "BIG", 2)

    response = client.post(
        reverse("onetable_download", args=[form.uid]), {"region": TOWN, "day": TODAY.isoformat()}
    )
    Worker().loop(once=True)

    page = client.get(response["Location"])
    job = page.context["job"]
    assert job.message.startswith("共 3 行")
    sheet = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get(reverse("job_file", args=[job.uid]))))
    ).active
    assert row(sheet, 3, 4)[1:] == [3, 2, 1]


def test_pages_cost_the_same_however_many_forms(login, django_assert_max_num_queries):
    user = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    client = login(user)
    for n in range(12):
        BureauForm.objects.create(
            unit=TOWN,
            user=user,
            title=f"表{n}",
            name="表.xlsx",
            file="x",
            book="x",
            said={"scope": "place", "blocks": []},
            confirmed=True,
        )
    client.get(reverse("onetable_list"))
    # session, user, posts, region of the shell, forms with their users, names of units
    with django_assert_max_num_queries(8):
        client.get(reverse("onetable_list"))
    # the same shell; the form twice (seen, editable), places to choose from, jobs, fillings
    with django_assert_max_num_queries(14):
        client.get(reverse("onetable_fill", args=[BureauForm.objects.first().uid]))


def test_what_does_not_hold_in_a_filled_form_is_named_with_its_cell(login):
    """Kept figures that contradict each other: more 低保户 than households, a town that is not the sum of its villages."""
    town()
    stats.recount_all(today=TODAY)
    for path, figures in ((ONE, {"dibao": [9, 9]}), (TOWN, {"all": [50, 60]})):
        kept_row = RegionCount.objects.get(region_path=path)
        kept_row.figures |= figures
        kept_row.save()
    client = login(factories.user(Role.COUNTY_OFFICE))
    book = new_book()
    sheet = sheet_of(book, "低保情况统计表", "低保", [["村", "户数（户）", "低保户（户）"]], rows=3)
    sheet["A7"] = "合计"
    for column in (1, 2, 3):
        sheet.cell(7, column).border = THIN
    form, _ = upload(client, book)
    confirm(client, form)

    filled(client, form)

    wrong = FormFilling.objects.get().wrong
    assert "低保 C4：低保户：户数 ≤ 户数" in wrong and "低保 B7：合计 50 与各行之和 4 不等" in wrong, wrong
    assert "勾稽不符" in client.get(reverse("onetable_fill", args=[form.uid])).content.decode()
