"""Forms of bureaus that nobody here has seen: headings within tables, drop-down lists, lines of officials, titles that say
whom a table is about; what each cell must hold, counted by hand from four households."""

import html
import io
import warnings
import zipfile
from datetime import datetime
from types import SimpleNamespace

import openpyxl
import pytest
from django.urls import reverse
from openpyxl.worksheet.datavalidation import DataValidation

from fupin.onetable import given
from fupin.onetable.choosing import chosen
from fupin.onetable.models import BureauForm, FormFilling
from fupin.onetable.sections import Outline
from fupin.onetable.vocabulary import words
from fupin.regions.models import Region
from households import codes
from tests import factories
from tests.fupin.test_onetable import ONE, THIN, THREE, TODAY, TOWN, TWO, new_book, town, upload

db = pytest.mark.django_db
pytestmark = pytest.mark.xdist_group("onetable")
E = ""


def put(book, name, lines, *, merges=(), title=""):
    """A bordered sheet with these lines of texts; "" is an empty cell, None one without a border."""
    sheet = book.create_sheet(name)
    start, width = 1 + bool(title), max(map(len, lines))
    if title:
        sheet.cell(1, 1, title)
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    for n, line in enumerate(lines, start):
        for column, said in enumerate(line, 1):
            if said is not None:
                sheet.cell(n, column, said or None).border = THIN
    for area in merges:
        sheet.merge_cells(area)
    return sheet


def officials():
    """The town with two helpers of two units and a work team."""
    a, b, c, d = town()
    one = factories.helper(name="张一", unit="县水务局", rank="科员", phone="13900000011")
    two = factories.helper(name="李二", unit="县教育局", rank="副局长")
    for home, who in ((a, one), (b, one), (c, two), (c, one)):
        factories.pair(home, who)
    factories.team_member(at=ONE, name="王三", unit="县水务局", duty="1", helper=one)
    factories.team_member(at=ONE, name="赵四", unit="县教育局")
    return a, b, c, d


def shapes():
    """`{sheet: (lines, title, merges, {row of the sheet: what its cells hold afterwards})}`; a value of ... is not looked at."""
    v1, v2, v3 = (str(factories.region(path)) for path in (ONE, TWO, THREE))
    return {
        "段": ([["指标", "单位", "数量"], ["一、脱贫人口", E, E], ["1.户数", "户", E], ["2.人数", "人", E], ["其中：低保户", "户", E], ["二、监测对象", E, E],
                ["1.户数", "户", E], ["2.人数", "人", E], ["三、不知道的对象", E, E], ["1.户数", "户", E]], "情况统计表", (),
               {3: [..., E, E], 4: [..., ..., 2], 5: [..., ..., 3], 6: [..., ..., 1], 7: [..., E, E], 8: [..., ..., 1], 9: [..., ..., 4], 11: [..., ..., E]}),
        "段行": ([["村", "户数", "人数"], ["一、脱贫人口", E, E], [E] * 3, [E] * 3, ["小计", E, E], ["二、监测对象", E, E], [E] * 3, ["小计", E, E], ["合计", E, E]],
                "对象统计表", ("A3:C3", "A7:C7"),
                {4: [v1, 1, 2], 5: [v2, 1, 1], 6: [v3, 0, 0], 7: ["小计", 2, 3], 8: ["二、监测对象"], 9: [v1, 0, 0], 10: [v2, 1, 4], 12: ["小计", 1, 4], 13: ["合计", E, E]}),
        "段名": ([["村名", "户数", "人数"], ["一、脱贫户", E, E], [v1, E, E], [v2, E, E], ["二、监测户", E, E], [v1, E, E], [v2, E, E]], "对象名表", (),
                {3: [..., E, E], 4: [v1, 1, 2], 5: [v2, 1, 1], 7: [v1, 0, 0], 8: [v2, 1, 4]}),
        "段户": ([["序号", "户主姓名", "人口"], ["一、脱贫户", E, E], [E] * 3, ["二、监测户", E, E], [E] * 3], "农户名册", ("A3:C3", "A5:C5"),
                {4: [1, ..., 2], 5: [2, ..., 1], 7: [1, ..., 4]}),
        "段地": ([["村", "户数", "人口"], [f"一、{factories.region(TOWN)}", E, E], [E] * 3, ["小计", E, E]], "", ("A2:C2",), {3: [v1, 2, 5], 6: ["小计", 4, 10]}),
        "其中": ([["项目", "数"], ["脱贫户数（户）", E], ["其中：", E], ["低保户（户）", E], ["监测户（户）", E]], "甲表", (), {3: [..., 2], 4: [..., E], 5: [..., 1], 6: [..., 0]}),
        "责任人": ([["序号", "帮扶责任人", "单位", "职务", "联系电话", "帮扶户数", "其中：监测户", "帮扶人数", "走访次数", "帮扶村"], [E] * 10, ["合计", *[E] * 9]],
                 "帮扶责任人情况表", (), {3: [1, "李二", "县教育局", "副局长", E, 1, 1, 4, 0, v2], 4: [2, "张一", "县水务局", "科员", "139****0011", 3, 1, 9, 1, f"{v1}、{v2}"],
                                  5: ["合计", E, E, E, E, 4, 2, 13, 1, E]}),
        "单位": ([["序号", "帮扶单位", "帮扶责任人数", "帮扶村", "帮扶户数", "监测户（户）"], [E] * 6], "单位结对帮扶统计表", (),
                {3: [1, "县教育局", 1, v2, 1, 1], 4: [2, "县水务局", 1, f"{v1}、{v2}", 3, 1]}),
        "工作队": ([["序号", "村", "驻村工作队", "派出单位", "第一书记", "队员", "队员人数", "脱贫户（户）"], [E] * 8], "驻村工作队情况表", (),
                 {3: [1, v1, f"驻{v1}工作队", "县水务局、县教育局", "王三", "赵四", 2, 1]}),
        "干部": ([["序号", "姓名", "派出单位", "职务", "所驻村", "进驻时间", "联系电话"], [E] * 7], "驻村干部花名册", (),
                {3: [1, "王三", "县水务局", "第一书记", v1, datetime(2020, 1, 1), "139****0011"], 4: [2, "赵四", "县教育局", "工作队员", v1, ..., E]}),
        "下拉": ([["序号", "村", "户类型", "致贫原因", "是否低保户", "户主姓名"], [E] * 6], "农户信息表", (),
                {3: [1, f"{v1}村委会", E, "01-因病", "√"], 4: [2, ..., "脱贫户", "02-因残", "×"], 5: [3, E, E, E, "×"], 6: [4, E, "脱贫户", E, "√"]}),
        "一行": ([["脱贫户数", "脱贫人口", "监测户数"], [E] * 3], "主要指标", (), {3: [2, 3, 1]}),
        "横": ([["指标名称", "计量单位", v1, v2, v3, "合计"], ["脱贫户", "户", E, E, E, E], ["低保人口", "人", E, E, E, E]], "各村对比", (),
              {3: [..., ..., 1, 1, 0, 2], 4: [..., ..., 3, 1, 0, 4]}),
        "上年": ([["指标", "单位", "本年", "上年", "增减"], ["低保户", "户", E, E, E]], "对比表", (), {3: [..., ..., 2, 0, E]}),
        "题": ([["村", "男", "女", "60岁以上"], [E] * 4], "脱贫人口结构表", (), {3: [v1, 2, 0, 2], 4: [v2, 1, 0, 1]}),
        "题册": ([["户主姓名", "家庭人口", "工资性收入"], [E] * 3, ["合计", E, E]], "截至2026年底脱贫户收入明细表（单位：万元）", (), {3: [..., 2, 1], 5: ["合计", 3, 1]}),
        "平均": ([["村", "脱贫户数"], [E] * 2, ["平均", E], ["合计", E]], "", (), {5: ["平均", E], 6: ["合计", 2]}),
        "类别": ([["项目类别", "项目数（个）", "总投资（万元）"], ["产业发展", E, E], ["农村供水", E, E], ["合计", E, E]], "项目分类统计表", (), {3: [..., 0, E], 4: [..., 1, 12], 5: [..., 1, 12]}),
        "资金": ([["资金来源", "下达（万元）", "支付（万元）", "支付率"], ["中央资金", E, E, E], ["省级资金", E, E, E], ["合计", E, E, E]], "资金使用情况表", (),
                {3: [..., 10, 5, 0.5], 4: [..., E, E, "—"], 5: [..., 10, 5, 0.5]}),
        "项目": ([["序号", "项目名称", "所在村", "总投资", "其中：中央资金"], [E] * 5, ["合计", *[E] * 4]], "项目明细表（单位：万元）", (), {3: [1, ..., v1, 12, 10], 4: ["合计", E, E, 12, 10]}),
        "三层": ([["村", "监测对象总数", E, "其中", E, E, E], [E, "户", "人", "脱贫不稳定户", E, "边缘易致贫户", E], [E, E, E, "户", "人", "户", "人"], [E] * 7], "监测对象统计",
                ("A2:A4", "B2:C2", "D2:G2", "B3:B4", "C3:C4", "D3:E3", "F3:G3"), {5: [v1, *[0] * 6], 6: [v2, 1, 4, 0, 0, 1, 4]}),
        "月报": ([["项目", "本月数", "累计数"], ["走访户次", E, E], ["新增监测户（户）", E, E]], "2026年11月工作月报", (), {3: [..., E, 1], 4: [..., 0, 0]}),
        "是否": ([["序号", "户主姓名", "是否监测户", "有无残疾人"], [E] * 4], "农户情况登记表", (), {3: [1, ..., "否", "***"], 5: [3, ..., "是", "***"]}),
        "任务": ([["村", "任务数", "完成数", "脱贫户"], [E] * 4], "", (), {2: [v1, E, E, 1]}),
        "合计栏": ([["村", "脱贫不稳定户", E, "边缘易致贫户", E, "合计", E], [E, "户", "人", "户", "人", "户", "人"], [E] * 7], "监测对象情况",
                 ("A2:A3", "B2:C2", "D2:E2", "F2:G2"), {5: [v2, 0, 0, 1, 4, 1, 4]}),
        "派生": ([["村", "应走访户数", "已走访户数", "未走访户数", "户数", "低保户", "占比（%）", "低保户占户数比例", "脱贫户", E, E], [*[E] * 8, "户数", "人数", "占比"], [E] * 11,
                ["合计", *[E] * 10]], "走访情况", (*(f"{c}2:{c}3" for c in "ABCDEFGH"), "I2:K2"),
                {4: [v1, 2, 1, 1, 2, 1, 50, 0.5, 1, 2, E], 7: ["合计", 4, 1, 3, 4, 2, 50, 0.5, 2, 3, E]}),
        "结对": ([["帮扶责任人", "结对户数", "已走访户数", "占比", "未走访户数"], [E] * 5, ["合计", *[E] * 4]], "帮扶责任人走访情况", (),
                {3: ["李二", 1, 0, E, 1], 4: ["张一", 3, 1, E, 2], 5: ["合计", 4, 1, E, 3]}),
        "占比行": ([["指标", "单位", "数量"], ["户数", "户", E], ["低保户数", "户", E], ["其中：占比", "%", E], ["监测户数", "户", E], ["占户数比例", "%", E], ["脱贫户数", "户", E], ["所占比例", E, E],
                 ["人口", "人", E], ["占比", "%", E]], "户情况表", (), {4: [..., ..., 2], 5: [..., ..., 50], 7: [..., ..., 25], 9: [..., E, 0.5], 11: [..., ..., E]}),
        "来源": ([["村", "中央资金", "省级资金", "合计"], [E] * 4], "资金下达情况（单位：万元）", (), {3: [v1, 10, E, 10]}),
        "重叠": ([["村", "低保户", "特困户", "合计"], [E] * 4], "兜底情况", (), {3: [v1, ..., ..., E]}),
        "其中钱": ([["村名", "村集体经济收入（万元）", "其中：经营性收入"], [E] * 3], "村集体经济情况", (), {3: [v1, 5, E]}),
        "类行": ([["类别", "户数", "劳动力"], ["脱贫户", E, E], ["一般户", E, E], ["外星户", E, E], ["合计", E, E]], "人口劳动力统计表", (),
                {3: [..., 2, 1], 4: [..., 1, 1], 5: [..., E, E], 6: [..., E, E]}),
        "镇和村": ([["单位", "脱贫户", "监测户"], [str(factories.region(TOWN)), E, E], [v1, E, E], ["合计", E, E]], "各单位情况（单位：户）", (),
                 {3: [..., 2, 1], 4: [..., 1, 0], 5: [..., 2, 1]}),
        "两村": ([["单位", "脱贫户"], [v1, E], [v2, E], ["合计", E]], "", (), {2: [..., 1], 3: [..., 1], 4: [..., 2]}),
        "双列": ([["序号", "姓名", "序号", "姓名"], [E] * 4], "脱贫户名单", (), {3: [1, ..., E, E]}),
        "说明格": ([["填报单位：", E, "截至日期：", E], ["村", "人均纯收入（元）", "村集体经济收入（万元）", "备注"], [E] * 4], "2025年度情况表", (),
                 {2: [..., str(factories.region(TOWN)), ..., datetime(TODAY.year, TODAY.month, TODAY.day)], 4: [v1, 7620, 5, E]}),
    }  # fmt: skip


EXT = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    '<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" allowBlank="1">'
    "<x14:formula1><xm:f>代码!$A$1:$A$2</xm:f></x14:formula1><xm:sqref>D3 D9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
)
"""Where Excel 2010 and later put a list that points at another sheet, and openpyxl does not look."""


def with_later_list(book, name, path):
    """The book as a file, the list of `EXT` on the sheet `name`."""
    codes_ = book.create_sheet("代码")
    codes_["A1"], codes_["A2"], codes_.sheet_state = "01-因病", "02-因残", "hidden"
    plain, part = io.BytesIO(), f"sheet{book.sheetnames.index(name) + 1}.xml"
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for one in old.namelist():
            data = old.read(one)
            new.writestr(one, data.replace(b"</worksheet>", EXT.encode()) if one.endswith(part) else data)
    return path, part


@db
def test_every_cell_of_forms_of_thirty_five_shapes(login, tmp_path):
    officials()
    client = login(factories.user(at="990101"))
    book, told = new_book(), shapes()
    for name, (lines, title, merges, _) in told.items():
        put(book, name, lines, merges=merges, title=title)
    village = str(factories.region(ONE))
    for column, listed in (
        ("B", f"{village}村委会,别的村"),
        ("C", "脱贫户,监测户,一般户"),
        ("D", "01-因病,02-因残"),
        ("E", "√,×"),
    ):
        rule = DataValidation(type="list", formula1=f'"{listed}"')
        rule.add(f"{column}3")
        book["下拉"].add_data_validation(rule)
    path, part = with_later_list(book, "下拉", tmp_path / "表.xlsx")
    form, _ = upload(client, path)
    BureauForm.objects.update(confirmed=True)

    response = client.post(
        reverse("onetable_download", args=[form.uid]), {"region": TOWN, "day": TODAY.isoformat()}
    )

    done = io.BytesIO(b"".join(response))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = openpyxl.load_workbook(done)

    wrong = []
    for name, (*_, expected) in told.items():
        for number, cells in expected.items():
            for column, value in enumerate(cells, 1):
                held = out[name].cell(number, column).value
                if value is not ... and (E if held is None else held) != value:
                    wrong.append((name, number, column, value, held))
    assert not wrong
    filling = FormFilling.objects.get()
    assert not filling.wrong
    notes = {(where, why) for where, _, why in filling.notes}
    assert ("下拉 C 列", "下拉里没有和“未脱贫（低保）”、“边缘易致贫户”意思相同的，2 格留空") in notes
    assert ("平均 第 3 行", "这一行要的不是所填各行的合计，留空") in notes
    assert ("段行 第 10 行", "各部分的户可能重复，这里不相加，留空") in notes
    assert [str(rule.sqref) for rule in out["下拉"].data_validations.dataValidation][0] == "B3:B6"
    with zipfile.ZipFile(done) as packed:
        kept = html.unescape(packed.read(f"xl/worksheets/{part}").decode())
    assert "代码!$A$1:$A$2" in kept and ":sqref>D3:D6 D12</" in kept


@db
def test_of_two_villages_with_one_name_none_is_guessed():
    town()
    other = factories.region("990101101201")
    Region.objects.filter(path__in=[ONE, other.path]).update(name="新村", short_name="新村")
    asked = SimpleNamespace(
        asked=SimpleNamespace(user=factories.user(at="990101")), region=factories.region("990101")
    )

    places = given.Named(asked)

    assert "几个同名的" in places.of(["新村"])
    assert places.of([str(factories.region(TOWN)), "一、新村"]).path == ONE
    assert "不在所选区域内" in places.of(["没有的村"])


def test_a_lists_own_words_are_taken_where_they_mean_the_same():
    known = words().entries
    reads = {
        key: known[key].reads
        for key in ("cause", "hh_type", "education", "relation", "health", "house_dibao")
    }
    assert chosen("因病", ("因病致贫", "因残致贫"), reads["cause"]) == "因病致贫"
    assert chosen("因病", ("病", "残")) is None
    assert chosen("是", ("有", "无"), reads["house_dibao"]) == "有"
    assert chosen("否", ("享受", "未享受")) == "未享受"
    assert chosen("脱贫户（低保）", ("脱贫户", "监测户"), reads["hh_type"]) == "脱贫户"
    assert chosen("初中", ("1小学", "2初中", "3高中"), reads["education"]) == "2初中"
    assert chosen(3, ("1人", "2人", "3人")) == "3人"
    assert chosen(30, ("3", "30")) == "30"
    assert chosen("昌龙村", ("昌龙村民委员会", "甲村"), place=True) == "昌龙村民委员会"
    assert chosen("农村", ("农",)) is None  # a village's ending means nothing elsewhere
    assert chosen(str(codes.Relation.HEAD.label), ("本人或户主", "配偶"), reads["relation"]) == "本人或户主"
    assert chosen("户", ("人", "户数")) is None
    assert chosen("长期慢性病、残疾", ("健康", "残疾"), reads["health"]) is None


def test_what_a_label_stands_under():
    outline = Outline()
    said = [
        "一、脱贫人口",
        "（一）户数",
        "其中：低保户",
        "（二）人数",
        "1.务工",
        "2.在校",
        "二、监测对象",
        "总户数",
        "其中：",
        "低保户",
    ]
    assert [outline.parents(one) for one in said] == [
        [], ["一、脱贫人口"], ["一、脱贫人口", "（一）户数"], ["一、脱贫人口"], ["一、脱贫人口", "（二）人数"], ["一、脱贫人口", "（二）人数"], [],
        ["二、监测对象"], ["二、监测对象", "总户数"], ["二、监测对象", "总户数"],
    ]  # fmt: skip
