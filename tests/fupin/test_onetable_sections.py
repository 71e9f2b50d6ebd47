"""Forms with headings within their tables, drop-down lists, and lines of officials: what each cell must hold."""

import openpyxl
import pytest
from django.urls import reverse
from openpyxl.worksheet.datavalidation import DataValidation

from fupin.onetable.models import BureauForm, FormFilling
from tests import factories
from tests.fupin.test_onetable import ONE, THIN, THREE, TOWN, TWO, confirm, filled, new_book, row, sheet_of, town, upload

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("onetable")]


def put(book, name, lines, *, merges=(), title=""):
    """A bordered sheet with these lines of texts; "" is an empty cell, None one without a border."""
    sheet = book.create_sheet(name)
    start = 1
    width = max(map(len, lines))
    if title:
        sheet.cell(1, 1, title)
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
        start = 2
    for n, line in enumerate(lines, start):
        for column, words in enumerate(line, 1):
            if words is not None:
                sheet.cell(n, column, words or None).border = THIN
    for area in merges:
        sheet.merge_cells(area)
    return sheet


def table(sheet, first=1):
    return [[cell.value for cell in line] for line in sheet.iter_rows(min_row=first)]


def officials():
    a, b, c, d = town()
    one = factories.helper(name="张一", unit="县水务局", rank="科员", phone="13900000011")
    two = factories.helper(name="李二", unit="县教育局", rank="副局长")
    for home in (a, b):
        factories.pair(home, one)
    factories.pair(c, two)
    factories.pair(c, one)
    factories.team_member(at=ONE, name="王三", unit="县水务局", duty="1", helper=one)
    factories.team_member(at=ONE, name="赵四", unit="县教育局")
    return a, b, c, d


def try_look(login):
    officials()
    client = login(factories.user(at="990101"))
    book = new_book()
    E = ""
    put(book, "A", [["指标", "单位", "数量"], ["一、脱贫人口", "", ""], ["1.户数", "户", ""], ["2.人数", "人", ""], ["其中：低保户", "户", ""],
                    ["二、监测对象", "", ""], ["1.户数", "户", ""], ["2.人数", "人", ""], ["三、不知道的对象", "", ""], ["1.户数", "户", ""]], title="情况统计表")
    put(book, "B", [["村", "户数", "人数"], ["一、脱贫人口", "", ""], [E, E, E], [E, E, E], ["小计", E, E], ["二、监测对象", E, E], [E, E, E], ["小计", E, E], ["合计", E, E]], title="对象统计表", merges=["A3:C3", "A7:C7"])
    put(book, "C", [["村名", "户数", "人数"], ["一、脱贫户", E, E], [str(factories.region(ONE)), E, E], [str(factories.region(TWO)), E, E], ["二、监测户", E, E], [str(factories.region(ONE)), E, E], [str(factories.region(TWO)), E, E], ["合计", E, E]], title="对象名表")
    put(book, "D", [["序号", "户主姓名", "人口"], ["一、脱贫户", E, E], [E, E, E], ["二、监测户", E, E], [E, E, E]], title="农户名册", merges=["A3:C3", "A5:C5"])
    put(book, "E", [["序号", "帮扶责任人", "单位", "职务", "联系电话", "帮扶户数", "其中：监测户", "帮扶人数", "走访次数", "完成率", "户主名单"], [E]*11, ["合计", *[E]*10]], title="帮扶责任人情况表")
    put(book, "F", [["序号", "帮扶单位", "帮扶责任人数", "帮扶村", "帮扶户数", "监测户（户）"], [E]*6, ["合计"] + [E]*5], title="单位结对帮扶统计表")
    put(book, "G", [["序号", "乡镇", "村", "驻村工作队", "派出单位", "第一书记", "队员", "队员人数", "脱贫户（户）", "本年在岗天数"], [E]*10], title="驻村工作队情况表")
    put(book, "H", [["序号", "姓名", "派出单位", "职务", "所驻村", "进驻时间", "联系电话"], [E]*7], title="驻村干部花名册")
    h = put(book, "I", [["序号", "村", "户主姓名", "户类型", "致贫原因", "是否低保户", "性别", "住房结构"], [E]*8], title="农户信息表")
    for col, words in (("D", '"脱贫户,监测户,一般户,其他"'), ("E", '"01-因病,02-因残,03-因学"'), ("F", '"√,×"'), ("B", '"%s村委会,别的村"' % str(factories.region(ONE)).removesuffix("村"))):
        dv = DataValidation(type="list", formula1=words, allow_blank=True); dv.add(f"{col}3"); h.add_data_validation(dv)
    put(book, "J", [["项目", "数"], ["脱贫户数（户）", E], ["其中：", E], ["低保户（户）", E], ["监测户（户）", E]], title="甲表")
    form, _ = upload(client, book)
    page = client.get(reverse("onetable_columns", args=[form.uid])).context["page"]
    for s in page.sections:
        print(s["block"].sheet, s["kind"], s["base"], s["block"].section, [(p.where, p.title, p.text, p.state) for p in s["places"]])
    confirm(client, form)
    out = filled(client, form)
    for sheet in out:
        print(sheet.title)
        for line in table(sheet): print("   ", line)
    for n in FormFilling.objects.get().notes: print(n)
    print(FormFilling.objects.get().wrong)
