"""docs/access.md: who may do what, printed from the policy itself."""

from django.core.management.base import BaseCommand

from fupin.accounts.roles import BY_PAIRING, GRANTS, Permission, Role

WORDS = {
    Permission.HOUSEHOLD_VIEW: "看户档案",
    Permission.HOUSEHOLD_EDIT: "改户档案",
    Permission.STATUS_ADVANCE: "办理状态和时限",
    Permission.VISIT_RECORD: "登记走访",
    Permission.MEASURE_EDIT: "改帮扶措施",
    Permission.PAIRING_EDIT: "改结对",
    Permission.VILLAGE_VIEW: "看村情",
    Permission.VILLAGE_EDIT: "改村情",
    Permission.PROJECT_VIEW: "看项目",
    Permission.PROJECT_EDIT: "改项目",
    Permission.FUND_EDIT: "改资金",
    Permission.BOARD_VIEW: "看督导看板",
    Permission.REPORT_EXPORT: "导出报表",
    Permission.IMPORT: "导入",
    Permission.PII_REVEAL: "查看一个完整号码（须写原因，留痕）",
    Permission.PII_EXPORT: "导出不脱敏的文件",
    Permission.PII_SEARCH: "按证件号、电话查找",
    Permission.AUDIT_VIEW: "看审计记录",
    Permission.USER_MANAGE: "管理账号和岗位",
    Permission.SETTINGS_EDIT: "改设置",
}

HEAD = """\
# 谁能做什么

本页由 `manage.py print_access` 生成，与程序里的唯一一张权限表（`fupin/accounts/roles.py`）同出一处，不手改。

- 账号的权限只来自岗位：一个岗位 = 角色 + 区域 + 起止日期；一个人可以有几个岗位。
- 权限在岗位的区域及其下级有效；区域以外的户、项目等同于不存在（404）。
- “帮扶责任人”只看得到现在与自己结对的户，不论在哪个村。
- 没有角色可以绕过本表；证件号码、电话、银行账号、健康状况默认脱敏。
"""


def page():
    """The whole text of docs/access.md."""
    lines = [
        HEAD,
        "| 权限 | " + " | ".join(role.label for role in Role) + " |",
        "| --- |" + " :-: |" * len(Role),
    ]
    for permission in Permission:
        marks = (
            ("结对户" if role in BY_PAIRING else "✓") if permission in GRANTS[role] else "" for role in Role
        )
        lines.append(f"| {WORDS[permission]} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "打印 docs/access.md：角色和权限一览。"

    def handle(self, **options):
        self.stdout.write(page(), ending="")
