"""The policy in words: docs/access.md and the page of the same content, made from `policy` and `roles` alone."""

from fupin.accounts.pii import FieldClass
from fupin.accounts.policy import POLICY
from fupin.accounts.roles import ALONE, BY_PAIRING, BY_UNIT, GRANTS, REACH, Permission, Role

WORDS = {
    Permission.HOUSEHOLD_VIEW: "看户档案",
    Permission.HOUSEHOLD_EDIT: "改户档案",
    Permission.STATUS_ADVANCE: "办理状态和时限",
    Permission.VISIT_RECORD: "登记走访",
    Permission.MEASURE_EDIT: "改帮扶措施",
    Permission.PAIRING_EDIT: "改结对",
    Permission.TEAM_EDIT: "驻村考勤",
    Permission.VILLAGE_VIEW: "看村情",
    Permission.VILLAGE_EDIT: "改村情",
    Permission.PROJECT_VIEW: "看项目",
    Permission.PROJECT_EDIT: "改项目",
    Permission.PROJECT_PROGRESS: "填报项目进度",
    Permission.FUND_EDIT: "改资金",
    Permission.BOARD_VIEW: "看督导看板",
    Permission.REPORT_EXPORT: "导出报表",
    Permission.REPORT_FILE: "报送报表",
    Permission.REPORT_REVIEW: "定报送要求、退回、冻结和解冻年度",
    Permission.IMPORT: "导入",
    Permission.PII_REVEAL: "查看一个完整号码（须写原因，留痕）",
    Permission.PII_EXPORT: "导出不脱敏的文件",
    Permission.PII_SEARCH: "按证件号、电话查找",
    Permission.HEALTH_VIEW: "看健康和残疾状况",
    Permission.SUBJECT_VIEW: "看本行业的数据项",
    Permission.AUDIT_VIEW: "看审计记录",
    Permission.ACCESS_REVIEW: "查阅权限表和在任岗位，复核岗位",
    Permission.USER_MANAGE: "管理账号和岗位",
    Permission.SETTINGS_EDIT: "改设置",
}


HEAD = """\
# 谁能做什么

本页由 `manage.py print_access --write` 生成，与程序里的唯一一张权限表（`fupin/accounts/policy.py`，角色的权限和范围见
`fupin/accounts/roles.py`）同出一处，不手改。

- 账号的权限只来自岗位：一个岗位 = 角色 + 区域 + 起止日期；一个人可以有几个岗位，到期自动失效。
- 权限在岗位的区域及其下级有效；区域以外的户、项目等同于不存在（404），与从来没有的编号答复一样。
- “帮扶责任人”只看得到现在与自己结对的户，不论在哪个村。“行业部门”的岗位写明行业，只看得到本行业的数据项。“项目单位”的岗位写明单位，
  只看得到牵头单位或责任单位是本单位的项目。
- 没有角色可以绕过本表；不在表中的地址一律关闭。表中“脱敏”列的各类数据默认脱敏显示和导出。
- 岗位的最大区域：{reach}。
- 不能与其他角色同时担任：{alone}。
"""


def rights():
    """Rows `(permission in words, [mark of each role])`."""
    return [
        (WORDS[permission], [_mark(role) if permission in GRANTS[role] else "" for role in Role])
        for permission in Permission
    ]


def _mark(role):
    return "结对户" if role in BY_PAIRING else "本单位" if role in BY_UNIT else "✓"


def addresses():
    """Rows `(title, url name, [how far each role gets], classes, when a fresh login is asked for)`."""
    rows = []
    for name, rule in POLICY.items():
        if rule.open:
            cells = ["不需登录"] * len(Role)
        else:
            cells = [_cell(rule, role) for role in Role]
        rows.append(
            (rule.title, name, cells, [kind.value for kind in FieldClass if kind in rule.shows], rule.fresh)
        )
    return rows


def _cell(rule, role):
    reach = rule.reach(role)
    if reach is None:
        return ""
    if rule.own or not rule.needs:
        return "本人"
    only_look = rule.submits and not rule.submits & set(GRANTS[role])
    return reach.label + ("（只看）" if only_look else "")


def page():
    """The whole text of docs/access.md."""
    heads = " | ".join(role.label for role in Role)
    reach = "、".join(f"{role.label} {REACH[role].label}" for role in Role)
    lines = [HEAD.format(reach=reach, alone="、".join(role.label for role in Role if role in ALONE))]
    lines += ["## 角色的权限\n", f"| 权限 | {heads} |", "| --- |" + " :-: |" * len(Role)]
    lines += [f"| {words} | " + " | ".join(marks) + " |" for words, marks in rights()]
    lines += ["\n## 每个地址\n", "空格 = 不能打开。“重新登录”一列写明何时须先重新登录。\n"]
    lines += [
        f"| 页面 | 地址名 | {heads} | 脱敏 | 重新登录 |",
        "| --- | --- |" + " :-: |" * len(Role) + " --- | --- |",
    ]
    lines += [
        f"| {title} | `{name}` | " + " | ".join(cells) + f" | {'、'.join(classes)} | {fresh} |"
        for title, name, cells, classes, fresh in addresses()
    ]
    return "\n".join(lines) + "\n"
