"""The menu as data: what each user finds at the left, and at the bottom on a phone."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from fupin.accounts.roles import Permission as P


@dataclass(frozen=True)
class Entry:
    """One line of the menu. `url` is a url name; the entry shows to who holds any of `permissions`."""

    label: str
    url: str
    icon: str
    permissions: frozenset = frozenset()
    phone: bool = False


MENU = [
    ("", [
        Entry("工作台", "home", "home", phone=True),
        Entry("督导看板", "board", "chart-bar", frozenset({P.BOARD_VIEW}), phone=True),
    ]),
    ("对象与走访", [
        Entry("户档案", "household_list", "users", frozenset({P.HOUSEHOLD_VIEW}), phone=True),
        Entry("我的帮扶户", "my_households", "heart-handshake", frozenset({P.VISIT_RECORD}), phone=True),
        Entry("走访记录", "visit_list", "clipboard-check", frozenset({P.HOUSEHOLD_VIEW})),
        Entry("村情档案", "village_list", "map-pin", frozenset({P.VILLAGE_VIEW})),
    ]),
    ("项目与计划", [
        Entry("项目管理", "project_list", "tools", frozenset({P.PROJECT_VIEW})),
    ]),
    ("数据与报表", [
        Entry("Excel 导入", "import_list", "table-import", frozenset({P.IMPORT})),
        Entry("报表中心", "report_list", "file-spreadsheet", frozenset({P.REPORT_EXPORT})),
    ]),
    ("管理", [
        Entry("用户与岗位", "user_list", "user", frozenset({P.USER_MANAGE})),
        Entry("审计记录", "audit_list", "eye", frozenset({P.AUDIT_VIEW})),
    ]),
]  # fmt: skip


def entries_for(user):
    """Groups `(title, [(entry, address)])` that this user may open."""
    groups = []
    for title, entries in MENU:
        lines = [
            (entry, address)
            for entry in entries
            if (not entry.permissions or any(user.may(p) for p in entry.permissions))
            and (address := _address(entry.url))
        ]
        if lines:
            groups.append((title, lines))
    return groups


def _address(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def shell(request):
    """Context of every page: the menu and where one is."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"menu": entries_for(user), "here": request.path}
