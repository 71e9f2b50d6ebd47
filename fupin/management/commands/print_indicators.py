"""Print docs/indicators.md: every figure that pages, reports and forms call by name, as the code counts it."""

from django.core.management.base import BaseCommand

from fupin.onetable.vocabulary import sources

HEAD = """# 指标口径

本页由 `manage.py print_indicators` 生成，与程序里的定义同出一处，不手改。看板、列表、报表和一表通都按这里的名字取数：
同一个名字、同一个区域、同一天，得到同一个数。

- 一个数 = 计量（下面各表）＋ 若干条件，如“建档立卡户、低保户：户数”。条件同时成立才计。
- 户和人截至所选日期（`households/asof.py`）；随年度变的情况取该年或之前最近一年；项目和资金只有今天的数据。
- 看板的数字来自按村、乡镇、县留存的计数，随每次保存更新，`manage.py check_counts` 全量重算核对；口径就是这里的条件。
- 比率的分母为 0 时印“—”，不印 0；一处都没有填的金额、面积是未知，留空，不作 0。
"""
TAIL = """
## 看板上的派生数

| 指标 | 公式 |
| --- | --- |
| 落后户数 | 到今天应完成 − 本年已完成（不小于 0） |
| 目标完成率的颜色 | 与全年已过天数的比例相比，不低于为绿，不到为黄，不到其七成为红 |
| 致贫原因占比 | 该原因户数 ÷ 建档立卡户和监测户，分母为 0 印“—” |
| 月底应完成 / 月底已完成 | 时限在本年 1 月至该月的户 / 时限在本年内、到该月底已退出帮扶的户（按退出、风险消除步骤的日期，没有步骤的按风险消除时间；以前年度脱贫的计在 1 月前，没有日期的不画） |
| 按当前进度预计完成日 | 截至日 + 未完成 ÷（已完成 ÷ 本年已过天数），向上取整到天；五年以外或一户未完成为“不能完成” |
| 预计逾期 | 应完成 − 到最后一个时限（有户到期的最后一月月底）按当前进度能完成的（向下取整） |
| 贫困发生率（历年趋势） | 年末未脱贫、预脱贫、返贫人口 ÷ 村情总人口（该年度或之前最近一年），%，保留 2 位；有户的村没有村情或没填总人口、分母为 0 印“—”；同 R04、一表通的“贫困发生率” |
| 返贫风险发生率（历年趋势） | 年末风险未消除人口 ÷ 村情总人口，分母、精度同上 |
| 本年新识别、新增监测、消除风险、脱贫、返贫 | 首次识别时间、监测识别时间、风险消除时间在本年内，脱贫年度、返贫年度为本年的户 |
| 没有对应措施 | 在帮扶户中，没有登记过对应其主要致贫原因的任何一类措施的户（`households/breakdown.py` 的 MATCH；因婚、因丧、其他：任何措施都算） |
| 缺口已有天数 | 截至日 − 最早连续记录为不达标的年度的 1 月 1 日 |
| 责任人走访按期率 | 该责任人按期走访户 ÷ 应走访户 |
| 数据质量 | 1 − 有未核实疑点的户 ÷ 在册户，分母为 0 印“—” |
| 开工率、支付率 | 已开工 ÷ 全部项目；支付 ÷ 下达，颜色与全年已过天数的比例相比 |
| 收入分组占比 | 该组户数 ÷ 已填收入户，分母为 0 印“—” |

项目的时限、进度和按日历应达见 [indicators-projects.md](indicators-projects.md)。
"""
LINES = (
    "一表通里一名责任人、一个单位、一个工作队或一名驻村干部一行时可以要的栏。走访的数与 R10 同一处算（`households/reports/duties.py`），"
    "在岗天数与 R11 同一处算；其余的栏按上面“户和人”的口径，只数这名责任人（单位、驻村）名下的户。一户有几名责任人的，在各人行里各计一次，"
    "在单位行里一个单位只计一次。"
)
NAMES = {"home": "户", "person": "人", "project": "项目"}


def _lines(source):
    """What a source tells of its lines only."""
    yield f"\n## {source.title}\n\n{LINES}\n\n| 代码 | 栏 | 单位 |\n| --- | --- | --- |\n"
    yield from (f"| {one.key} | {one.label} | {one.unit or '—'} |\n" for one in source.entries)


def page():
    """The whole page as text."""
    parts = [HEAD]
    for source in sources():
        if not source.measures:
            parts += _lines(source)
            continue
        parts.append(
            f"\n## {source.title}\n\n| 代码 | 指标 | 单位 | 公式 | 分母 | 来源 | 取整 |\n| --- | --- | --- | --- | --- | --- | --- |\n"
        )
        parts += [
            f"| {one.key} | {one.label} | {one.unit or '—'} | {one.formula} | {one.denominator or '—'} | {one.source} | {one.rounding or '—'} |\n"
            for one in source.measures
        ]
        if source.conditions:
            parts.append("\n| 代码 | 条件 | 判断的是 | 口径 |\n| --- | --- | --- | --- |\n")
            parts += [
                f"| {one.key} | {one.label} | {NAMES[one.on]} | {one.note or one.label} |\n"
                for one in source.conditions
            ]
    return "".join([*parts, TAIL])


class Command(BaseCommand):
    help = "打印 docs/indicators.md。"

    def handle(self, **options):
        self.stdout.write(page(), ending="")
