"""The policy: what every address needs, shows and costs. One row an address, by its url name.

`fupin.accounts.policy_door` lets nobody past that this table does not let past, whatever a view says; an address that
does not stand here is closed. The menu, the access matrix of the tests and docs/access.md are made from it. Which
roles hold a permission, and how far each reaches, stands in `roles`.
"""

from dataclasses import dataclass

from fupin.accounts.pii import FieldClass as C
from fupin.accounts.roles import BY_PAIRING, GRANTS, REACH, Reach
from fupin.accounts.roles import Permission as P

ALWAYS, SUBMIT, UNMASKED = "每次", "提交时", "不脱敏时"
"""When an address asks for a login of a moment ago: for every request, for a submit, for values in full."""


@dataclass(frozen=True)
class Rule:
    """What one address needs (any of `needs`; empty: a login), what a submit needs on top of it (`submits`, any
    of), which classes of personal values it shows, and when it wants a fresh login."""

    title: str
    needs: frozenset = frozenset()
    submits: frozenset = frozenset()
    shows: frozenset = frozenset()
    fresh: str = ""
    open: bool = False
    """Reached without a login."""
    also: str = ""
    """A permission without which the rows of the address are not there for anybody: 404, not 403."""
    own: bool = False
    """Rows that belong to the person alone, not to a place."""

    def opens_to(self, granted, method="GET"):
        """Whether these permissions let a request of `method` in."""
        if self.needs and not self.needs & granted:
            return False
        return method in {"GET", "HEAD"} or not self.submits or bool(self.submits & granted)

    def asks_again(self, request):
        """Whether this request wants a login of a moment ago."""
        if self.fresh == UNMASKED:
            return bool(request.POST.get("reveal"))
        return self.fresh == ALWAYS or self.fresh == SUBMIT and request.method == "POST"

    def reach(self, role):
        """How far `role` gets at this address: a Reach, or None when it does not."""
        if self.needs and not self.needs & set(GRANTS[role]) or self.also and self.also not in GRANTS[role]:
            return None
        return Reach.PAIRED if role in BY_PAIRING else REACH[role]


def page(title, *needs, submits=(), shows=(), **more):
    return Rule(title, frozenset(needs), frozenset(submits), frozenset(shows), **more)


NUMBERS = (C.ID_NUMBER, C.PHONE)
REGISTER = (*NUMBERS, C.BANK, C.HEALTH)
SEEN = (P.IMPORT, P.AUDIT_VIEW)
"""Who imports, and who reads the trail of the place it was imported in."""
VIEW, EDIT = P.HOUSEHOLD_VIEW, P.HOUSEHOLD_EDIT

POLICY = {
    # Without a login
    "health": page("运行检查", open=True),
    "login": page("登录", open=True),
    "login_code": page("输入动态码", open=True),
    "login_setup": page("设置两步验证", open=True),
    "logout": page("退出登录", open=True),
    # Everybody
    "home": page("工作台", *P),
    "scope": page("切换区域"),
    "profile": page("个人中心"),
    "password_change": page("修改密码"),
    "fresh": page("重新登录"),
    "session_list": page("我的登录"),
    "session_end": page("结束我的登录"),
    "second_factor": page("两步验证"),
    "second_setup": page("设置动态码", fresh=ALWAYS),
    "second_codes": page("更换恢复码", fresh=ALWAYS),
    "second_off": page("关闭两步验证", fresh=ALWAYS),
    "job_list": page("后台任务", own=True),
    "job_detail": page("后台任务详情", own=True),
    "job_cancel": page("取消后台任务", own=True),
    "job_file": page("下载任务文件", own=True, shows=REGISTER),
    # Accounts and the trail
    "user_list": page("用户与岗位", P.USER_MANAGE),
    "user_new": page("新建账号", P.USER_MANAGE, fresh=ALWAYS),
    "user_edit": page("账号和岗位", P.USER_MANAGE, fresh=SUBMIT),
    "user_password": page("重置密码", P.USER_MANAGE, fresh=SUBMIT),
    "user_second": page("解除动态码", P.USER_MANAGE, fresh=SUBMIT),
    "post_open": page("授予岗位", P.USER_MANAGE, fresh=SUBMIT),
    "post_end": page("结束岗位", P.USER_MANAGE, fresh=SUBMIT),
    "post_confirm": page("复核岗位", P.ACCESS_REVIEW, fresh=SUBMIT),
    "region_options": page("区划候选", P.USER_MANAGE),
    "access_table": page("权限表", P.ACCESS_REVIEW, P.USER_MANAGE, P.AUDIT_VIEW),
    "reveal": page("查看一个完整号码", P.PII_REVEAL, shows=(*REGISTER, C.CLUE, C.CHILD)),
    "reveal_list": page("查看完整号码月报", P.AUDIT_VIEW),
    "audit_list": page("审计记录", P.AUDIT_VIEW),
    "who_saw": page("谁的信息被看过", P.AUDIT_VIEW),
    "retention": page("保存期限", P.SETTINGS_EDIT),
    # Figures
    "board": page("督导看板", P.BOARD_VIEW),
    "board_table": page("下载看板的表", P.BOARD_VIEW),
    "board_count": page("计算看板过去的一天", P.BOARD_VIEW),
    "board_compare": page("看板对比", P.BOARD_VIEW),
    "board_screen": page("大屏", P.BOARD_VIEW),
    "board_week": page("督导周报", P.BOARD_VIEW),
    "household_then": page("当时的户", VIEW),
    # Households
    "household_list": page("户档案", VIEW, shows=(C.PHONE,)),
    "household_search": page("查找户", VIEW),
    "household_bulk": page("勾选的户", VIEW),
    "household_print": page("打印户档案", VIEW, shows=REGISTER),
    "household_handbook": page("打印帮扶手册", VIEW, shows=REGISTER),
    "household_card": page("打印明白卡", VIEW, shows=REGISTER),
    "village_sheets": page("一村的手册和明白卡", VIEW, shows=REGISTER),
    "household_detail": page("户详情", VIEW, shows=REGISTER),
    "household_new": page("新增户", EDIT, shows=REGISTER),
    "id_check": page("核对证件号码", EDIT, shows=(C.ID_NUMBER,)),
    "household_edit": page("修改户", EDIT, shows=REGISTER),
    "household_doubts": page("户的疑点", VIEW, submits=(EDIT,)),
    "household_steps": page("状态办理", VIEW),
    "household_objection": page("登记和处理公示异议", P.STATUS_ADVANCE),
    "household_step": page("办理一步", P.STATUS_ADVANCE),
    "household_target": page("调整脱贫时限", P.STATUS_ADVANCE),
    "household_privacy": page("个人信息", VIEW),
    "notice_record": page("登记告知", EDIT),
    "hold_change": page("依法留存", P.SETTINGS_EDIT, also=VIEW),
    "person_export": page("导出个人全部信息", P.PII_EXPORT, shows=(*REGISTER, C.CLUE, C.CHILD), fresh=ALWAYS),
    "household_move": page("户迁移", EDIT),
    "member_move": page("成员转户", EDIT),
    "doubt_list": page("数据体检", VIEW),
    "doubt_explain": page("说明疑点", EDIT),
    "crosscheck_list": page("核查清单", VIEW, shows=(C.CLUE,)),
    "crosscheck_edit": page("核查一条线索", VIEW, submits=(EDIT,), shows=(C.CLUE, C.ID_NUMBER)),
    "crosscheck_reopen": page("重开线索", EDIT),
    "subject_list": page("行业数据", P.SUBJECT_VIEW, shows=(C.ID_NUMBER, C.HEALTH)),
    # Visits, follow-ups, measures
    "my_households": page("我的帮扶户", P.VISIT_RECORD, shows=(C.PHONE,)),
    "visit_create": page("登记走访", P.VISIT_RECORD),
    "visit_list": page("走访记录", VIEW),
    "visit_plan": page("走访计划", VIEW, shows=(C.PHONE,)),
    "visit_plan_print": page("打印走访计划", VIEW, shows=(C.PHONE,)),
    "visit_plan_workbook": page("下载走访计划", P.REPORT_EXPORT, shows=(C.PHONE,)),
    "visit_detail": page("走访详情", VIEW),
    "visit_cancel": page("作废走访", P.VISIT_RECORD, EDIT),
    "visit_photo": page("走访照片", VIEW),
    "follow_up_list": page("跟踪事项", VIEW),
    "follow_up_close": page("办结事项", P.VISIT_RECORD),
    "follow_up_reopen": page("重开事项", P.VISIT_RECORD),
    "measure_list": page("帮扶措施", VIEW),
    "measure_create": page("新增措施", P.MEASURE_EDIT),
    "measure_edit": page("修改措施", P.MEASURE_EDIT),
    "measure_done": page("措施完成", P.MEASURE_EDIT),
    "measure_reopen": page("重开措施", P.MEASURE_EDIT),
    # Who is responsible
    "unpaired_list": page("结对帮扶", P.PAIRING_EDIT),
    "pairing_assign": page("批量结对", P.PAIRING_EDIT),
    "pairing_create": page("新增结对", P.PAIRING_EDIT),
    "pairing_end": page("结束结对", P.PAIRING_EDIT),
    "helper_list": page("责任人名册", P.PAIRING_EDIT, shows=(C.PHONE,)),
    "helper_create": page("新增责任人", P.PAIRING_EDIT, shows=(C.PHONE,)),
    "helper_detail": page("责任人", P.PAIRING_EDIT, shows=(C.PHONE,)),
    "helper_edit": page("修改责任人", P.PAIRING_EDIT, shows=(C.PHONE,)),
    "helper_handover": page("调离移交", P.PAIRING_EDIT),
    # Work teams
    "team_list": page("驻村工作队", P.VILLAGE_VIEW),
    "team_member_new": page("新增驻村队员", P.TEAM_EDIT),
    "team_member_edit": page("修改驻村队员", P.TEAM_EDIT),
    "attendance": page("驻村考勤", P.VILLAGE_VIEW, submits=(P.TEAM_EDIT,)),
    # Settings
    "income_item_list": page("收入项目", P.SETTINGS_EDIT),
    "income_item_create": page("新增收入项目", P.SETTINGS_EDIT),
    "income_item_edit": page("修改收入项目", P.SETTINGS_EDIT),
    "area_group_list": page("片区分组", P.SETTINGS_EDIT),
    "area_group_create": page("新增片区分组", P.SETTINGS_EDIT),
    "area_group_edit": page("修改片区分组", P.SETTINGS_EDIT),
    # Villages
    "village_list": page("村情档案", P.VILLAGE_VIEW),
    "village_detail": page("村情", P.VILLAGE_VIEW),
    "village_edit": page("修改村情", P.VILLAGE_EDIT),
    # Papers
    "paper_list": page("文书", P.VILLAGE_VIEW, VIEW),
    "paper_detail": page("文书正文", P.VILLAGE_VIEW, VIEW),
    "paper_print": page("打印文书", P.VILLAGE_VIEW, VIEW),
    "paper_word": page("下载文书", P.VILLAGE_VIEW, VIEW),
    "paper_begin": page("起草文书", P.VILLAGE_EDIT, P.MEASURE_EDIT),
    "paper_edit": page("修改文书", P.VILLAGE_EDIT, P.MEASURE_EDIT),
    "paper_issue": page("印发文书", P.VILLAGE_EDIT, P.MEASURE_EDIT),
    "paper_revise": page("修订文书", P.VILLAGE_EDIT, P.MEASURE_EDIT),
    # Notices on the wall
    "posting_pick": page("公示与手册", VIEW),
    "posting_sheet": page("打印公示", VIEW),
    "posting_workbook": page("下载公示", P.REPORT_EXPORT),
    "village_posting": page("贫困村退出公示", P.VILLAGE_VIEW),
    "village_objections": page("贫困村退出公示的异议", P.STATUS_ADVANCE),
    "project_posting": page("项目公示", P.PROJECT_VIEW),
    "project_objections": page("项目公示的异议", P.PROJECT_EDIT),
    "project_posting_workbook": page("下载项目公示", P.REPORT_EXPORT, also=P.PROJECT_VIEW),
    "posting_setting": page("公示设置", P.SETTINGS_EDIT),
    # Projects
    "project_list": page("项目管理", P.PROJECT_VIEW),
    "project_then": page("当时的项目", P.PROJECT_VIEW),
    "milestone_list": page("进度节点", P.PROJECT_VIEW),
    "project_detail": page("项目详情", P.PROJECT_VIEW, shows=(C.PHONE,)),
    "project_new": page("新建项目", P.PROJECT_EDIT),
    "project_edit": page("修改项目", P.PROJECT_EDIT, shows=(C.PHONE,)),
    "project_progress": page("填报进度", P.PROJECT_PROGRESS),
    "project_block": page("登记受阻", P.PROJECT_PROGRESS),
    "project_unblock": page("解除受阻", P.PROJECT_PROGRESS),
    "fund_entry_add": page("登记资金流水", P.FUND_EDIT),
    "fund_entry_remove": page("删去资金流水", P.FUND_EDIT),
    "milestone_done": page("节点完成", P.PROJECT_PROGRESS),
    "milestone_move": page("调整节点", P.PROJECT_PROGRESS),
    "beneficiary_add": page("登记受益户", P.PROJECT_EDIT),
    "beneficiary_remove": page("移除受益户", P.PROJECT_EDIT, also=VIEW),
    # Workbooks in and out
    "import_list": page("Excel 导入", P.IMPORT, own=True),
    "import_upload": page("上传文件", P.IMPORT),
    "import_preview": page("导入预览", P.IMPORT, own=True, shows=REGISTER),
    "import_columns": page("列对应", P.IMPORT, own=True),
    "import_mapping_reset": page("重设列对应", P.IMPORT, own=True),
    "import_cells": page("表内更正", P.IMPORT, own=True),
    "import_recheck": page("重新检查", P.IMPORT, own=True),
    "import_template": page("导入模板", P.IMPORT),
    "import_issues": page("问题清单", *SEEN, own=True),
    "import_history": page("导入历史", *SEEN),
    "import_record": page("一次导入的记录", *SEEN, own=True),
    "import_file": page("下载导入的原文件", *SEEN, own=True, shows=REGISTER, fresh=ALWAYS),
    "import_workbook": page("下载带批注的文件", *SEEN, own=True, shows=REGISTER, fresh=ALWAYS),
    "import_commit": page("写入", P.IMPORT, own=True),
    "import_undo": page("撤销导入", P.IMPORT, own=True),
    "import_discard": page("放弃导入", P.IMPORT, own=True),
    "onetable_list": page("一表通", P.REPORT_EXPORT),
    "onetable_upload": page("上传表样", P.REPORT_EXPORT),
    "onetable_fill": page("一表通填表", P.REPORT_EXPORT),
    "onetable_columns": page("核对表样", P.REPORT_EXPORT),
    "onetable_download": page("下载填好的表", P.REPORT_EXPORT, shows=REGISTER, fresh=UNMASKED),
    "onetable_remove": page("移除表样", P.REPORT_EXPORT),
    "filing_list": page("报表报送", P.REPORT_EXPORT),
    "filing_file": page("报送一张表", P.REPORT_FILE),
    "filing_detail": page("一次报送", P.REPORT_EXPORT, shows=REGISTER),
    "filing_return": page("退回报送", P.REPORT_REVIEW, shows=REGISTER),
    "filing_copy": page("下载报送的文件", P.REPORT_EXPORT, shows=REGISTER),
    "filing_rules": page("报送要求", P.REPORT_REVIEW),
    "freeze_list": page("年度快照", P.REPORT_EXPORT),
    "freeze_new": page("冻结一个年度", P.REPORT_REVIEW, fresh=SUBMIT),
    "freeze_detail": page("一个年度的快照", P.REPORT_EXPORT),
    "freeze_open": page("解冻年度", P.REPORT_REVIEW, fresh=SUBMIT),
    "frozen_file": page("下载快照中的报表", P.REPORT_EXPORT, shows=REGISTER),
    "report_list": page("报表中心", P.REPORT_EXPORT),
    "report_detail": page("报表", P.REPORT_EXPORT, shows=REGISTER),
    "report_set": page("一个乡镇的全套报表", P.REPORT_EXPORT),
    "report_files": page("一户一个文件", P.REPORT_EXPORT, fresh=UNMASKED),
    "report_download": page("下载报表", P.REPORT_EXPORT, shows=REGISTER, fresh=UNMASKED),
}  # fmt: skip
"""`{url name: Rule}`. A new address needs its row here before anybody can open it."""
