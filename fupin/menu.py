"""The menu as data: what each user finds at the left, and at the bottom on a phone."""

from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from fupin.accounts.policy import POLICY
from fupin.accounts.roles import Permission as P


@dataclass(frozen=True)
class Entry:
    """One line of the menu. `url` is a url name; the entry shows to whom the policy opens it. `start` is the query that
    its list begins with.

    `address` and `current` are filled in for the page that draws it.
    """

    label: str
    url: str
    icon: str
    centre: bool = False
    start: str = ""
    address: str = ""
    current: bool = False


MENU = [
    ("", [
        Entry("工作台", "home", "home"),
        Entry("督导看板", "board", "chart-bar"),
    ]),
    ("对象与走访", [
        Entry("户档案", "household_list", "users"),
        Entry("我的帮扶户", "my_households", "heart-handshake"),
        Entry("走访记录", "visit_list", "clipboard-check"),
        Entry("跟踪事项", "follow_up_list", "flag", start="state=open"),
        Entry("帮扶措施", "measure_list", "circle-check", start="state=open"),
        Entry("核查清单", "crosscheck_list", "alert-triangle"),
        Entry("结对帮扶", "unpaired_list", "user-check"),
        Entry("行业数据", "subject_list", "clipboard-check"),
        Entry("村情档案", "village_list", "map-pin"),
        Entry("驻村工作队", "team_list", "users"),
    ]),
    ("项目与计划", [
        Entry("项目管理", "project_list", "tools"),
    ]),
    ("数据与报表", [
        Entry("Excel 导入", "import_list", "table-import"),
        Entry("数据体检", "doubt_list", "alert-triangle"),
        Entry("报表中心", "report_list", "file-spreadsheet"),
        Entry("报表报送", "filing_list", "clipboard-check"),
        Entry("年度快照", "freeze_list", "lock"),
        Entry("文书", "paper_list", "file-text"),
        Entry("公示与手册", "posting_pick", "printer"),
        Entry("一表通", "onetable_list", "table-import"),
    ]),
    ("管理", [
        Entry("用户与岗位", "user_list", "user"),
        Entry("收入项目", "income_item_list", "file-spreadsheet"),
        Entry("片区分组", "area_group_list", "map-pin"),
        Entry("保存期限", "retention", "history"),
        Entry("审计记录", "audit_list", "eye"),
        Entry("号码查看月报", "reveal_list", "eye"),
        Entry("权限表", "access_table", "lock"),
    ]),
]  # fmt: skip

PHONE_BAR = [
    Entry("工作台", "home", "home"),
    Entry("户档案", "household_list", "users"),
    Entry("记走访", "my_households", "plus", centre=True),
    Entry("项目", "project_list", "tools"),
    Entry("看板", "board", "chart-bar"),
]

HERE = [
    "board",
    "household_list",
    "visit_list",
    "village_list",
    "team_list",
    "project_list",
    "doubt_list",
    "paper_list",
    "posting_pick",
]
"""Pages that take `?region=`: the region menu stays on them; from any other page it leads to the first open one."""


@lru_cache(maxsize=256)
def _opened(granted, urlconf):
    """The menu's groups `(title, [entry])` and the phone's bar, with addresses, for who is `granted` these permissions."""

    def opened(entries):
        return [
            replace(entry, address=address)
            for entry in entries
            if POLICY[entry.url].opens_to(granted) and (address := _address(entry.url))
        ]

    groups = [(title, opened(entries)) for title, entries in MENU]
    return [(title, entries) for title, entries in groups if entries], opened(PHONE_BAR)


def _address(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=1024)
def _drawn(granted, urlconf, current):
    """`_opened` as HTML, with the addresses `current` marked. The same for all who are granted the same: a process draws
    it once, and not on every page."""

    def marked(entries):
        return [replace(entry, current=entry.address in current) for entry in entries]

    groups, bar = _opened(granted, urlconf)
    return (
        render_to_string("components/menu.html", {"menu": [(title, marked(rows)) for title, rows in groups]}),
        render_to_string("components/phone_bar.html", {"entries": marked(bar)}) if bar else "",
    )


def entries_for(user):
    """The entries that this user may open, in the order of the menu."""
    groups, _ = _opened(user.permissions_today, settings.ROOT_URLCONF)
    return [entry for _, entries in groups for entry in entries]


def covers(address, path):
    """Whether the page at `path` is the one at `address`, or lies under it."""
    return path == address or (address != "/" and path.startswith(address))


def scope_address(user, path):
    """The page that the region menu leads to from `path`, or "" when the user has none that takes a region."""
    lines = [entry for entry in entries_for(user) if entry.url in HERE]
    lines.sort(key=lambda entry: (not covers(entry.address, path), HERE.index(entry.url)))
    return lines[0].address if lines else ""


def shell(request):
    """Context of every page: the menu, the phone's bar and where one is."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    granted, urlconf = user.permissions_today, settings.ROOT_URLCONF
    under = [entry for entry in entries_for(user) if covers(entry.address, request.path)]
    menu, phone_bar = _drawn(granted, urlconf, frozenset(entry.address for entry in under))
    return {
        "menu": menu,
        "phone_bar": phone_bar,
        "top_page": next((entry for entry in under if entry.url != "home"), None),
        "here": request.path,
        "home_region": user.home_region,
        "may_search": user.may(P.HOUSEHOLD_VIEW),
    }
