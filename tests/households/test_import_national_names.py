"""The columns of the national system's exports by their names before and after 2021: each is known without a mapping."""

import pytest

from fupin.excel import imports, reader

NOW = (
    "序号 数据日期 县 乡 行政村 自然村 户编号 人编号 姓名 证件号码 人数 与户主关系 民族 文化程度 在校生状况 健康状况 劳动技能 务工时间(月) "
    "是否参加大病保险 致贫原因1 是否危房户 是否安全饮用水 人均纯收入 户联系电话 人联系电话 首次识别时间 人员识别时间 户类型 "
    "易返贫致贫户(监测对象)类型 风险是否消除 风险识别时间 风险消除时间"
)  # domain reference 6.2
LATER = (
    NOW.replace("易返贫致贫户(监测对象)类型", "监测对象类别")
    .replace("致贫原因1", "主要致贫原因")
    .replace("人编号", "人口编号")
)
BEFORE = (
    "省 市 县 乡 行政村 自然村 户编号 人编号 姓名 性别 证件号码 人数 与户主关系 民族 政治面貌 文化程度 在校生状况 健康状况 劳动能力 务工状况 "
    "务工时间 是否参加新农合 是否参加新型养老保险 是否参加城镇职工基本养老保险 是否享受低保 脱贫属性 贫困户属性 识别标准 主要致贫原因 是否军烈属 "
    "是否独生子女户 是否双女户 联系电话 开户银行 银行账号 是否危房户 是否饮水安全 人均纯收入 脱贫年度 年度"
)  # what the 建档立卡 system gave out from 2014 to 2020
UNUSED = {
    NOW: {"序号", "数据日期", "人员识别时间"},
    LATER: {"序号", "数据日期", "人员识别时间"},
    BEFORE: {"务工状况", "是否独生子女户", "是否双女户", "年度"},
}


@pytest.mark.parametrize("names", [NOW, LATER, BEFORE], ids=["now", "later", "before"])
def test_every_column_is_known(names):
    head = names.split()
    rows = [head, *([f"值{at}" for at in range(len(head))] for _ in range(2))]
    sheet = reader.Sheet("Sheet1", "visible", [1, 2, 3], rows)

    spec, tables, notes = imports.recognise(reader.Book("xlsx", [sheet]), "名单.xlsx")

    unused = {note["label"] for note in notes if note["code"] == "extra_column_ignored"}
    assert (spec.kind, len(tables), unused) == ("households", 1, UNUSED[names])
