"""The fifty rules in the order of their numbers, and those that the product refuses outright."""

from households.checks import homes, people, villages
from households.checks.rules import refused

ENFORCED = [
    refused(
        "V03", "证件号码重复：已在{村}{户主}户登记", "核对是不是同一人；迁户的先在原户登记减少",
        "户表单不能保存（辖区内的写明在哪一户）；导入时该行不入库；数据库唯一约束 member_id_once",
    ),
    refused(
        "V09", "户编号重复", "核对户编号", "户表单不能保存；导入时按户编号认同一户；数据库唯一约束",
    ),
    refused(
        "V11", "户主信息与成员信息不一致", "以户主那一行为准",
        "户主姓名取自关系为户主的成员，不另填，不会不一致；导入表里的户主姓名不同时列为问题",
    ),
    refused(
        "V44", "致贫原因重复/超限", "主要原因1个，其他原因最多2个，不重复",
        "户表单不能保存；数据库约束 cause_once、cause_at_most_three",
    ),
    refused(
        "V46", "须填写人员减少原因", "登记减少原因和日期", "户表单不能保存；数据库约束 member_left_with_reason",
    ),
    refused(
        "V47", "监测对象类别与建档立卡状态不符", "脱贫不稳定户须为脱贫户，边缘易致贫户须从未建档立卡",
        "办理“纳入监测”时不能通过；导入时不记类别并列为问题；数据库约束 household_monitor_matches_register",
    ),
]  # fmt: skip

RULES = [*people.RULES, *homes.RULES]
"""Rules over households; V42 is over villages."""

ALL = sorted([*RULES, villages.SUMS, *ENFORCED], key=lambda rule: rule.code)
BY_CODE = {rule.code: rule for rule in ALL}
SEVERITY_LABELS = {"E": "错误", "W": "疑点"}
