"""Print docs/indicators.md: every figure of the register, as the code counts it."""

from django.core.management.base import BaseCommand

from households import quota, stats

HEAD = """# 指标口径

本页由 `manage.py print_indicators` 生成，与程序里的定义（`households/stats.py`）同出一处，不手改。

- 单位：户；同时给出人（人 = 这些户今天在册的成员数）。
- 来源：户档案；汇总按村、乡镇、县随每次保存更新，`manage.py check_counts` 全量重算核对。
- 看板上每个数字都可点开，列表用的就是同一个条件（地址里的 `figure=代码`）。
- 比率 = 两个户数之比，分母为 0 时印“—”；百分数保留 1 位小数，四舍五入。

| 代码 | 指标 | 口径 |
| --- | --- | --- |
"""

TAIL = """
派生比率：

| 指标 | 公式 |
| --- | --- |
| 目标完成率 | 本年已完成 ÷ 本年应退出（消除）；与全年已过天数的比例相比，不低于为绿，不到为黄，不到其七成为红 |
| 落后户数 | 到今天应完成 − 本年已完成（不小于 0） |
| 走访按期率 | 按期走访户 ÷ 应走访户；要求：{quota} |
| 致贫原因占比 | 该原因户数 ÷ 建档立卡户和监测户 |
| 收入分组占比 | 该组户数 ÷ 已填收入户 |
| 人均纯收入 | （工资性 + 生产经营性 + 财产性 + 转移性 − 生产经营性支出）÷ 核算人口，元，保留 2 位，四舍五入 |
"""


def page():
    """The whole page as text."""
    rows = [f"| {f.key} | {f.label} | {f.note or '户档案中该项为“' + f.label + '”'} |" for f in stats.FIGURES]
    return HEAD + "\n".join(rows) + "\n" + TAIL.format(quota=quota.RULE_TEXT)


class Command(BaseCommand):
    help = "打印 docs/indicators.md。"

    def handle(self, **options):
        self.stdout.write(page(), ending="")
