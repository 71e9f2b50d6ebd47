"""Twenty forms of bureaus that nobody here has seen before, and what an official would expect in each column.

Invented titles in the words of real notices; "" is a column of which nothing is known and that stays empty.
"""

import openpyxl
import pytest
from django.urls import reverse

from fupin.onetable.models import BureauForm
from tests import factories
from tests.fupin.test_onetable import sheet_of, upload

FORMS = {
    "民政低保": ("农村低保家庭花名册", "household", "dibao", [
        ("序号", "#"), ("乡镇", "@town"), ("村", "@village"), ("户主姓名", "@head_name"), ("身份证号码", "@id"),
        ("家庭人口", "@size"), ("保障人口", "p|dibao-person"), ("低保类别", ""), ("联系电话", "@hh_phone"), ("致贫原因", "@cause"),
    ]),
    "残联": ("持证残疾人基本情况登记表", "person", "disabled", [
        ("序号", "#"), ("姓名", "@name"), ("性别", "@sex"), ("身份证号", "@id"), ("残疾类别", "@disab_type"),
        ("残疾等级", "@disab_grade"), ("残疾证号", "@disab_no"), ("户主姓名", "@head_name"), ("与户主关系", "@relation"),
        ("所在村", "@village"), ("联系电话", "@hh_phone"),
    ]),
    "医保": ("城乡居民医保参保情况统计表", "village", "", [
        ("序号", "#"), ("村名", "@place.village"), ("总户数", "village.households|"), ("总人口", "village.population|"),
        ("参保情况/参保人数", "p|insured"), ("参保情况/其中：脱贫人口", "p|insured+out"), ("未参保人数", "p|not-insured"),
        ("参保率（%）", "insured-rate|"),
    ]),
    "教育": ("义务教育保障情况统计表", "village", "", [
        ("村", "@place.village"), ("适龄儿童（6-15岁）", "p|age-school"), ("在校生/小学", "p|student+school-primary"),
        ("在校生/初中", "p|student+school-junior"), ("在校生/高中", "p|student+school-senior"),
        ("在校生/大专及以上", "p|student+school-higher"), ("失学辍学人数", "p|dropout"),
    ]),
    "住建": ("农村危房改造进度统计表", "village", "", [
        ("序号", "#"), ("行政村", "@place.village"), ("危房户数", "h|unsafe-house"), ("危房等级/C级", "h|danger-3"),
        ("危房等级/D级", "h|danger-4"), ("本年完成改造户数", "h|renovated"), ("建档立卡贫困户", "h|registered"),
        ("低保户", "h|dibao"),
    ]),
    "水利": ("农村饮水安全情况摸底表", "village", "", [
        ("序号", "#"), ("村", "@place.village"), ("户数（户）", "h|"), ("人口（人）", "p|"), ("饮水困难户", "h|water-difficult"),
        ("未解决安全饮水户", "h|unsafe-water"), ("安全饮水户", "h|safe-water"),
    ]),
    "人社": ("脱贫劳动力转移就业统计表", "village", "", [
        ("单位", "@place.name"), ("脱贫人口劳动力人数", "p|out+labour"), ("外出务工/合计", "p|out+worker"),
        ("外出务工/县内", "p|out+worker+work-02"), ("外出务工/县外省内", "p|out+worker+work-03"), ("外出务工/省外", "p|out+worker+work-04"),
        ("外出务工/务工6个月以上", "p|out+worker+work-6"), ("公益性岗位人数", "p|out+post"), ("帮扶车间就业人数", "p|out+workshop"),
    ]),
    "农业": ("产业帮扶措施落实情况表", "village", "", [
        ("村名", "@place.village"), ("脱贫户、监测户/户数", "h|object"), ("脱贫户、监测户/人数", "p|object"), ("种植（户）", "h|plant"),
        ("养殖（户）", "h|breed"), ("加入合作社（户）", "h|cooperative"), ("小额信贷（户）", "h|loan"),
    ]),
    "组织": ("驻村帮扶工作情况统计表", "village", "", [
        ("行政村", "@place.village"), ("帮扶单位", "village.helping_unit|"), ("第一书记", "village.first_secretary|"),
        ("走访户次", "visits|"), ("走访人次", "visit-heads|"), ("慰问金（元）", "gifts|"), ("帮扶责任人落实户数", "h|helped"),
    ]),
    "统计": ("监测对象收入情况统计表", "town", "", [
        ("乡镇", "@place.town"), ("监测对象/户", "h|monitored"), ("监测对象/人", "p|monitored"),
        ("其中/脱贫不稳定户", "h|monitored+monitor-1"), ("其中/边缘易致贫户", "h|monitored+monitor-2"),
        ("其中/突发严重困难户", "h|monitored+monitor-3"), ("人均纯收入（元）", "per-capita|monitored"), ("工资性收入（万元）", "income.wage|monitored"),
        ("转移性收入（万元）", "income.transfer|monitored"),
    ]),
    "发改": ("项目建设进度表", "project", "", [
        ("序号", "#"), ("项目名称", "@project_name"), ("建设地点", "@project_place"), ("建设内容", "@project_content"),
        ("总投资（万元）", "@project_investment"), ("到位资金（万元）", "@project_planned"), ("已支付（万元）", "@project_paid"),
        ("支付率", "@project_rate"), ("开工时间", "@project_started"), ("完工时间", "@project_finished"),
        ("责任单位", "@project_responsible"), ("备注", "@project_remark"),
    ]),
    "妇联": ("农村妇女基本情况统计表", "village", "", [
        ("村", "@place.village"), ("总人口", "village.population|"), ("妇女人数", "p|female"),
        ("其中/务工", "p|female+worker"), ("其中/低保户", "h|female+dibao"), ("60岁以上妇女", "p|age-60+female"),
    ]),
    "卫健": ("大病慢病患者帮扶台账", "person", "ill", [
        ("序号", "#"), ("村", "@village"), ("组", "@group"), ("姓名", "@name"), ("性别", "@sex"), ("年龄", "@age"),
        ("身份证号码", "@id"), ("患病情况", "@health"), ("是否参保", "@medical"), ("户类型", "@hh_type"), ("帮扶责任人", "@helper"),
        ("责任人电话", "@helper_phone"),
    ]),
    "搬迁": ("易地扶贫搬迁后续扶持统计表", "village", "", [
        ("序号", "#"), ("村", "@place.village"), ("搬迁户数", "h|relocated"), ("搬迁人口", "p|relocated"),
        ("劳动力", "p|labour"), ("已就业人数", "p|worker"), ("公益岗位", "p|post"), ("低保人口", "p|dibao"),
    ]),
    "党建": ("村级组织基本情况表", "village", "", [
        ("村名", "@place.village"), ("党员人数", "village.party_members|"), ("预备党员", "village.party_probationary|"),
        ("入党积极分子", "village.party_activists|"), ("村干部人数", "village.cadres|"),
        ("村集体经济收入（万元）", "village.collective_income|"), ("耕地面积（亩）", "village.farmland|"),
        ("总户数", "village.households|"), ("总人口", "village.population|"),
    ]),
    "动态": ("防返贫监测对象动态管理统计表", "village", "", [
        ("村", "@place.village"), ("期初监测户数", ""), ("本年新增/户", "h|new-year"), ("本年新增/人", "p|new-year"),
        ("本年消除风险/户", "h|cleared-year"), ("本年消除风险/人", "p|cleared-year"), ("风险未消除/户", "h|risk-open"),
        ("风险未消除/人", "p|risk-open"),
    ]),
    "督查": ("走访帮扶情况自查表", "village", "", [
        ("村", "@place.village"), ("应走访户数", "h|visit-required"), ("已走访户数", "h|visited"),
        ("走访完成率", "visit-rate|"), ("未落实责任人户数", "h|no-helper"), ("逾期未走访户数", "h|visit-over"),
    ]),
    "年龄": ("人口年龄结构表", "village", "", [
        ("村", "@place.village"), ("0-5岁", "p|age-0-5"), ("6-15岁", "p|age-school"), ("16-29岁", "p|age-16-29"),
        ("30-44岁", "p|age-30-44"), ("45-59岁", "p|age-45-59"), ("60岁及以上", "p|age-60"), ("合计人数", "p|"),
    ]),
    "文化": ("文化程度统计表", "village", "", [
        ("乡镇", "@place.town"), ("村", "@place.village"), ("文盲半文盲", "p|learned-01"), ("小学文化", "p|learned-02"),
        ("初中文化", "p|learned-03"), ("高中文化", "p|learned-04"), ("大专及以上文化", "p|learned-college"),
    ]),
    "明细": ("脱贫户家庭成员信息采集表", "person", "out", [
        ("户编号", "@hh_no"), ("户主", "@head_name"), ("姓名", "@name"), ("与户主关系", "@relation"), ("性别", "@sex"),
        ("民族", "@ethnicity"), ("证件号码", "@id"), ("出生日期", "@birth"), ("文化程度", "@education"), ("健康状况", "@health"),
        ("劳动能力", "@labour"), ("务工地点", "@work_place"), ("务工时间（月）", "@work_months"), ("是否参加医保", "@medical"),
        ("是否享受低保", "@low_ins"), ("政治面貌", "@politics"), ("备注", "@remark"),
    ]),
}  # fmt: skip
"""`{sheet: (title, lines, conditions on whom it lists, [(header or 组/栏, figure)])}`"""


def drawn(book, name, title, columns):
    """A sheet with the header of these columns: groups merged across, single titles down."""
    tops = [header.partition("/")[0] for header, _ in columns]
    lows = [header.partition("/")[2] for header, _ in columns]
    head = [[top if at == 0 or top != tops[at - 1] or not lows[at] else None for at, top in enumerate(tops)]]
    if any(lows):
        head.append([low or None for low in lows])
    sheet = sheet_of(book, title, name, head, rows=3)
    if not any(lows):
        return
    start = 0
    for at in range(1, len(tops) + 1):
        if at == len(tops) or tops[at] != tops[start] or not lows[at]:
            last = 4 if not lows[start] else 3
            if last == 4 or at - start > 1:
                sheet.merge_cells(start_row=3, end_row=last, start_column=start + 1, end_column=at)
            start = at


@pytest.fixture
def pages(login):
    """The mapping of all forms, uploaded as the sheets of one workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, (title, _, _, columns) in FORMS.items():
        drawn(book, name, title, columns)
    client = login(factories.user())
    upload(client, book)
    form = BureauForm.objects.get()
    page = client.get(reverse("onetable_columns", args=[form.uid])).context["page"]
    return dict(zip(FORMS, page.sections, strict=True))


@pytest.mark.django_db
@pytest.mark.xdist_group("onetable")
def test_forms_nobody_has_seen_are_understood(pages):
    for name, (_, kind, base, columns) in FORMS.items():
        section = pages[name]
        assert (section["kind"], "+".join(section["base"])) == (kind, base), name
        found = {place.title.replace(" / ", "/"): place.text for place in section["places"]}
        assert list(found.values()) == [text for _, text in columns], name
    every = [text for _, _, _, columns in FORMS.values() for _, text in columns]
    assert len(every) > 150 and sum(not text for text in every) <= 3
