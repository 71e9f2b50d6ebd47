"""The trail in words: what an action, a target and a detail are called."""

import re
from functools import cache

from django.apps import apps
from django.contrib.auth import get_user_model

from fupin.audit.seen import look, read
from fupin.catalogue import offers

ACTIONS = {
    "user.login": "登录",
    "user.logout": "退出登录",
    "user.login_failed": "登录失败",
    "user.login_locked": "错误过多，登录被拒",
    "key.begin": "开始更换密钥",
    "key.done": "更换密钥完成",
    "key.retire": "移除旧密钥",
    "key.scan": "查找明文",
    "user.create": "新建账号",
    "user.change": "修改账号",
    "user.password": "修改密码",
    "user.reset": "重置密码",
    "user.again": "再次验证口令",
    "user.otp_on": "启用动态口令",
    "user.otp_off": "停用动态口令",
    "user.otp_codes": "更换恢复码",
    "user.otp_removed": "解除他人的动态口令",
    "user.sessions": "结束其他登录",
    "post.open": "授予岗位",
    "post.end": "结束岗位",
    "post.confirm": "复核同意岗位",
    "post.refuse": "复核不同意岗位",
    "pii.reveal": "查看个人信息",
    "job.fetch": "下载生成的文件",
    "household.search_id": "按证件号或电话查找",
    "import.issues": "下载导入问题清单",
    "import.export": "下载导入的文件",
    "import.mapping": "指定导入的列对应",
    "import.undo": "撤销导入",
    "subject.view": "查看行业数据",
    "helper.handover": "责任人调离移交",
    "household.move_away": "户迁出",
    "household.member_out": "成员转出到另一户",
    "household.member_in": "成员从另一户转入",
    "report.file": "报送报表",
    "report.return": "退回报送",
    "report.fetch": "下载已存的报表",
    "report.rule": "改报送要求",
    "year.freeze": "冻结年度",
    "year.kept": "年度快照存档",
    "day.count": "计算过去一天的指标",
    "year.open": "解冻年度",
    "project.block": "登记项目受阻",
    "project.unblock": "解除项目受阻",
    "project.target.move": "调整项目时限",
    "onetable.upload": "上传“一表通”模板",
    "onetable.mapping": "指定“一表通”的列对应",
    "onetable.remove": "删除“一表通”模板",
    "retention.change": "修改保存期限",
    "retention.run": "到期匿名处理",
    "hold.place": "设为依法留存",
    "hold.lift": "解除依法留存",
    "team.create": "登记驻村队员",
    "team.edit": "修改驻村队员",
    "objection.raise": "登记公示异议",
    "objection.handle": "处理公示异议",
    "attendance.save": "填报驻村考勤",
    "attendance.import": "导入驻村考勤",
    "notice.record": "登记个人信息告知",
    "person.export": "导出个人全部信息",
    "audit.heartbeat": "审计在运行",
    "audit.verify": "核对审计记录",
    "audit.who_saw": "查询谁的信息被看过",
    "authz.denied": "越权访问被拒",
    "page.view": "查看页面",
    "household.view": "查看户档案",
    "paper.issue": "印发文书",
    "posting.make": "制作公示",
    "visit.plan": "导出走访计划",
    "posting.setting": "修改公示设置",
    "demo.load": "装入演示数据",
    "demo.passwords": "重设演示账号密码",
}
"""Actions with a wording of their own; any other is put together from NOUNS and VERBS."""

NOUNS = {
    "household": "户", "member": "成员", "visit": "走访", "follow_up": "跟进事项", "measure": "帮扶措施",
    "pairing": "结对", "village": "村情", "income": "收入", "condition": "生活条件", "cause": "致贫原因",
    "project": "项目", "milestone": "节点", "fund": "资金", "payment": "支付", "beneficiary": "受益户",
    "report": "报表", "import": "导入", "export": "导出", "batch": "批次", "photo": "照片", "doubt": "数据疑点",
    "job": "任务", "region": "区划", "user": "账号", "post": "岗位", "setting": "设置", "line": "标准线",
    "quota": "走访要求", "target": "目标日", "status": "状态", "row": "明细", "demo": "演示数据", "file": "文件",
    "crosscheck": "比对线索", "households": "户", "visits": "走访", "pairings": "结对", "projects": "项目", "profile": "档案", "paper": "文书",
}  # fmt: skip
VERBS = {
    "create": "新建", "add": "新增", "change": "修改", "edit": "修改", "update": "修改", "save": "保存",
    "remove": "移除", "delete": "删除", "record": "记录", "cancel": "撤销", "undo": "撤回", "close": "办结",
    "reopen": "重新打开", "done": "完成", "start": "开始", "end": "结束", "open": "打开", "assign": "指派",
    "assign_refused": "指派未成", "import": "导入", "upload": "上传", "commit": "提交", "discard": "放弃",
    "export": "导出", "download": "下载", "fetch": "下载", "view": "查看", "reveal": "查看", "target": "调整目标日",
    "block": "暂停", "unblock": "恢复", "progress": "填报进度", "step": "办理", "identify": "识别", "register": "登记",
    "exit": "退出", "relapse": "返贫", "monitor": "纳入监测", "clear": "风险消除", "doubt_explain": "疑点说明",
    "merge": "合并", "split": "分户", "move": "迁移", "plan": "计划", "pay": "支付", "allot": "拨付", "revise": "调整",
    "load": "装入", "passwords": "重设密码", "confirm": "确认", "return": "退回", "approve": "通过", "reject": "不通过",
    "explain": "说明", "restore": "恢复", "target_move": "调整目标日", "member_add": "新增成员",
}  # fmt: skip
DETAILS = {
    "fields": "项目", "field": "字段", "reason": "原因", "before": "原值", "after": "新值", "household": "户编号",
    "role": "角色", "post": "岗位编号", "on": "日期", "active": "启用", "helper": "责任人编号", "rows": "行数",
    "count": "数量", "sha256": "文件指纹", "filter": "条件", "file": "文件", "households": "户数", "done_on": "完成日期",
    "purpose": "用途", "report": "报表", "query": "条件", "masked": "已脱敏", "changes": "改动", "created": "新建", "updated": "更新",
    "unchanged": "未变", "step": "步骤", "name": "名称", "kind": "类别", "year": "年度", "version": "版本", "milestone": "节点",
    "milestones": "节点", "funds": "资金", "item": "内容", "money": "金额（元）", "row": "明细", "note": "说明", "number": "编号",
    "planned": "下达", "allotted": "拨付", "paid": "支付", "source": "来源", "result": "核实结果", "batch": "导入批次", "what": "内容", "document": "文号", "page": "页面", "asked": "请求", "method": "方式", "export": "导出编号",
    "failed": "不对次数", "refused": "未看即拒次数", "operator": "操作系统账号", "since": "从", "until": "到", "account": "账号", "address": "来源地址", "columns": "栏目", "whole": "未脱敏栏目", "term": "查找内容", "form": "告知书版本",
}  # fmt: skip
NAMES = ("head_name", "name", "title")
"""Fields that name a row; none of them is personal data of a masked class."""
_LONG_NUMBER = re.compile(r"[0-9]{9,}[0-9Xx]?")


def action_label(action):
    """旁人看得懂的动作名: "visit.record" is 记录走访. An action nobody named is shown as it is."""
    if action in ACTIONS:
        return ACTIONS[action]
    noun, _, verb = action.partition(".")
    if noun in NOUNS and verb in VERBS:
        return f"{NOUNS[noun]}：{VERBS[verb]}"
    *middle, last = re.split("[._]", verb)
    if noun in NOUNS and last in VERBS and all(part in NOUNS for part in middle):
        return f"{NOUNS[noun]}{''.join(NOUNS[part] for part in middle)}：{VERBS[last]}"
    return action


def model_of(target):
    """The model and key in a target's name ("households.household:17"), or (None, "") for a target in words."""
    label, _, pk = target.partition(":")
    try:
        return (apps.get_model(label), pk) if pk else (None, "")
    except (LookupError, ValueError):
        return None, ""


WORDS = {"audit": "审计记录", "worker": "后台进程", "demo": "演示数据"}
"""Targets that are neither rows nor named by another module (settings.TARGET_MODULES)."""


def target_label(target):
    model, pk = model_of(target)
    return f"{model._meta.verbose_name} {pk}" if model else _named().get(target, target)


@cache
def _named():
    return WORDS | dict(offers("TARGET_MODULES", "TARGETS"))


@cache
def _field_words():
    """`{field name: words}` of all fields that are called the same wherever they stand."""
    words = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            words.setdefault(field.name, set()).add(str(field.verbose_name))
    return {name: next(iter(found)) for name, found in words.items() if len(found) == 1}


def target_labels(targets, user):
    """`{target: label}` with the name of the row where it has one and `user` sees it: one query for each kind of row."""
    wanted = {}
    for target in set(targets):
        model, pk = model_of(target)
        if model is not None and pk.isdigit():
            wanted.setdefault(model, set()).add(int(pk))
    labels = {target: target_label(target) for target in targets}
    for model, pks in wanted.items():
        name = next((field.name for field in model._meta.concrete_fields if field.name in NAMES), None)
        if name is None:
            continue
        rows = model.objects
        if model is not get_user_model():  # who acts and who is acted on is what the trail is about
            rows = rows.visible_to(user) if hasattr(rows, "visible_to") else rows.none()
        kind = {"household": "households", "member": "members"}.get(model._meta.model_name)
        for pk, shown in rows.filter(pk__in=pks).order_by().values_list("pk", name):
            if shown:
                if kind:
                    look(**{kind: [pk]})
                labels[f"{model._meta.label_lower}:{pk}"] = f"{model._meta.verbose_name} {shown}"
    return labels


def detail_lines(event):
    """What an event says besides: [(name, text)], names in the words of the target's own fields, long numbers masked."""
    model, _ = model_of(event.target)
    known = {field.name: field.verbose_name for field in (model._meta.concrete_fields if model else ())}
    known = known or _field_words()
    lines = []
    for key, value in (event.detail or {}).items():
        name = DETAILS.get(key) or known.get(key) or key
        text = _named().get(value, value) if key == "page" else _text(value, known)
        lines.append((name, masked(text)))
    if event.seen:
        shown = read(event.seen)
        lines.append(("涉及", f"{len(shown.households)} 户 {len(shown.members)} 人"))
    if event.address:
        lines.append(("来源地址", event.address))
    return lines


def _text(value, known):
    if isinstance(value, dict):
        return "；".join(f"{known.get(key, key)}：{_text(inner, known)}" for key, inner in value.items())
    if isinstance(value, list):
        if len(value) == 2 and not all(str(part) in known for part in value):
            return f"{_text(value[0], known)} → {_text(value[1], known)}"
        return "、".join(_text(inner, known) for inner in value)
    if value is None or value == "":
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(known.get(value, value))


def masked(text):
    """Whatever looks like an ID number, a phone or an account keeps its ends only. Events should hold none in full;
    this is for the one that does. Digits that are a place's code or a fingerprint go with them: no loss."""
    return _LONG_NUMBER.sub(lambda found: found.group()[:3] + "****" + found.group()[-2:], text)
