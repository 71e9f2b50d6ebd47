"""Print docs/indicators-projects.md: every figure of projects, as the code counts it."""

from django.core.management.base import BaseCommand

from projects import stats

HEAD = """# 项目指标口径

本页由 `manage.py print_project_indicators` 生成，与程序里的定义（`projects/stats.py`）同出一处，不手改。

- 单位：个。一个地方的项目 = 建设地点在该地，或覆盖该地的村；跨村项目在各村分别计数，在上级只计一次。
- “本级”：落在该地、又不落到任何下级的项目。
- 看板上每个数字都可点开，列表用的就是同一个条件（地址里的 `figure=代码`）。
- 时限的读法与判断见 `fupin/schedule.py`；调整过的节点按现行时限，原计划留存。

| 代码 | 指标 | 口径 |
| --- | --- | --- |
"""

TAIL = """
资金（元，保留 2 位；页面上以万元显示）：

| 指标 | 公式 |
| --- | --- |
| 计划总投资 | 各项目计划总投资之和；没有一个填写时印“—”，不作 0 |
| 下达、拨付、支付 | 各资金来源行之和；没有一行填写时印“—”；支付 ≤ 拨付 ≤ 下达 |
| 拨付率、支付率 | 拨付 ÷ 下达、支付 ÷ 下达；没有下达时印“—”；百分数保留 1 位小数，四舍五入 |
| 结余 | 下达 − 支付 |
| 按日历应达 | （今天 − 实际开工，未填用计划开工）÷（计划完工 − 开工），取 0～100 的整数 |
"""


def page():
    """The whole page as text."""
    return HEAD + "\n".join(f"| {f.key} | {f.label} | {f.note} |" for f in stats.FIGURES) + "\n" + TAIL


class Command(BaseCommand):
    help = "打印 docs/indicators-projects.md。"

    def handle(self, **options):
        self.stdout.write(page(), ending="")
