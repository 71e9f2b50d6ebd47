"""docs/checks.md: every rule of the data check, printed from the catalogue itself."""

from django.core.management.base import BaseCommand

from households import checks

HEAD = """# 数据体检规则

本页由 `manage.py print_checks` 生成，与程序里的规则（`households/checks/`）同出一处，不手改。

- 级别：E 为错误，不能录入，旧数据里有的列为疑点；W 为疑点，不影响保存，核实无误的写明理由。
- 何时检查：每次保存户档案、办理状态、导入、改帮扶措施，在同一事务里重查所涉及的户（电话与他户相同的，他户一并重查）；
  保存村情时重查该村；随日期变化的规则（时限、年龄、满一个月、满六个月）每天重查到期的户；`manage.py check_data` 全部重查。
- “已核实无误”写明理由后不再计数；规则所依据的数据一变，疑点重新列出。
- 问题后面的冒号之后是查到的具体情况。“不能发生”的规则没有疑点：保存、导入或数据库已经拦住。

| 规则 | 级别 | 问题 | 处理建议 | 哪里拦住 | 列为疑点 |
| --- | --- | --- | --- | --- | --- |
"""


def page():
    """The whole text of docs/checks.md."""
    lines = []
    for rule in checks.ALL:
        listed = "不能发生" if rule in checks.ENFORCED else "村情" if rule.code == "V42" else "户"
        cells = (rule.code, rule.severity, rule.message, rule.advice, rule.stops or "—", listed)
        lines.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "打印 docs/checks.md：数据体检规则。"

    def handle(self, **options):
        self.stdout.write(page(), ending="")
