"""Tables that every installation starts with and then keeps itself: income items and income lines.

Loaded once, when the table is empty; what a county changed is never put back.
"""

from decimal import Decimal

from django.db import transaction

from households.models import IncomeItem, LineKind, PovertyLine

ITEMS = {
    "L": ["务工收入", "行业部门公益岗位", "乡镇公益岗位", "村级公益岗位", "自主采摘"],
    "M": ["种植", "养殖", "林果", "其他经营"],
    "N": ["资产收益分红", "土地流转", "金融扶贫项目收益", "代种代养", "其他财产性"],
    "P": [
        "计划生育金", "低保金", "特困供养金", "养老金", "生态补偿金", "地力补贴", "种植补贴", "高龄补贴", "优抚",
        "残疾补贴", "教育帮扶", "救灾款", "失能老人补贴", "赡养费", "取暖补贴", "物价补贴", "社会救济", "防贫保险",
        "捐赠赔偿", "其他转移",
    ],
    "R": ["种植支出", "养殖支出", "林果支出", "其他经营支出"],
}  # fmt: skip
"""Lines of the 2023 forms by group (domain reference 2.7)."""

NOT_COUNTED = {"教育帮扶", "救灾款", "防贫保险", "捐赠赔偿"}
"""Seen as "not counted as income" in a county system: schooling aid, relief, insurance, donations."""

NATIONAL = [
    (2010, "2300", True), (2011, "2536", True), (2012, "2625", True), (2013, "2736", True), (2014, "2800", True),
    (2015, "2855", True), (2016, "2952", True), (2017, "2952", False), (2018, "2995", False),
    (2019, "3218", False), (2020, "4000", False),
]  # fmt: skip
"""Yuan per head in that year's prices; base 2300 in constant 2010 prices (domain reference 3.4)."""

OTHERS = [
    (2014, "37", LineKind.PROVINCE, "3322", "山东省定标准（2010 年不变价 3000 元）", True),
    (2020, "", LineKind.MONITOR, "5000", "国家监测范围（约为贫困标准的 1.5 倍）", True),
    (2021, "", LineKind.MONITOR, "6000", "国家监测范围，各省逐年另定，请按本省通知修改", False),
    (2023, "410308", LineKind.MONITOR, "6900", "河南孟津 2023 年 2 月通知", True),
]  # fmt: skip
"""Year, region path, kind, yuan, source, confirmed (3.4, 3.5)."""


@transaction.atomic
def load():
    """Fill the tables that are empty. Returns the number of rows written."""
    written = 0
    if not IncomeItem.objects.exists():
        rows = [
            IncomeItem(code=f"{group}{n:02}", label=label, group=group, counted=label not in NOT_COUNTED)
            for group, labels in ITEMS.items()
            for n, label in enumerate(labels, 1)
        ]
        for sort, row in enumerate(rows):
            row.sort = sort
        written += len(IncomeItem.objects.bulk_create(rows))
    if not PovertyLine.objects.exists():
        rows = [
            PovertyLine(
                year=year, kind=LineKind.NATIONAL, value=Decimal(value), confirmed=sure,
                source="国家农村贫困标准（2300 元，2010 年不变价）" if sure else "国家农村贫困标准，待核实",
            )
            for year, value, sure in NATIONAL
        ] + [
            PovertyLine(year=year, region_path=path, kind=kind, value=Decimal(value), source=source, confirmed=sure)
            for year, path, kind, value, source, sure in OTHERS
        ]  # fmt: skip
        written += len(PovertyLine.objects.bulk_create(rows))
    return written
