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
| 收入分组占比 | 该组户数 ÷ 已填收入户，分母为 0 印“—” |

项目的时限、进度和按日历应达见 [indicators-projects.md](indicators-projects.md)。
"""
NAMES = {"home": "户", "person": "人", "project": "项目"}


def page():
    """The whole page as text."""
    parts = [HEAD]
    for source in sources():
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
