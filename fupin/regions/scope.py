"""Row access fails closed: rows of a place are read in somebody's scope, by a named exception, or not at all.

Inside a request or a job (`strict`) a queryset of a scoped table must have come through `visible_to`, hang on a row that
did (a related manager), or say by name why it may read past everybody's scope (`unscoped`, `without`). Outside of both
a process says once what it is (`process`: a management command, the tests). A process that said nothing reads nothing.
"""

from contextlib import contextmanager
from contextvars import ContextVar

STRICT = "strict"

EXCEPTIONS = {
    "kept": "计算户上的汇总列、指标计数和检索词：由系统写入，不回显给用户",
    "checks": "跨户数据体检（同一证件号出现在两户等）：只写入疑点，疑点按范围显示",
    "unique": "唯一性校验：同一证件号、编号在全库只能有一次",
    "hanging": "挂在已按范围取得的行上：按那些行的编号取（成员的年度情况、户的走访等）",
    "counts": "汇总数：按岗位的区域取户数和人数，不足五户的另行隐藏",
    "closed years": "某县要求报哪些表、某年度是否已冻结：上级定的规矩，没有户",
    "frozen": "年度快照：汇总数，以及从上一级的存档里取出本人区域内的行",
    "same row": "刚经 visible_to 取得的同一行，加锁或重新读取",
    "own rows": "按本人筛选的记录，不涉及他人",
    "import": "导入比对：按 visible_to 得到的范围以外，只判断编号是否已被占用",
    "undo": "撤销本人的导入：按写入记录逐行还原",
    "trail": "审计链：只追加，读取时另按范围过滤",
    "posts": "岗位复核：谁可以复核、三员是否配齐，只有数目和有无",
    "leaving": "岗位结束前提示还有几户结对：只有数目，没有户",
    "demo": "装入演示数据",
    "upkeep": "每日维护任务",
    "command": "管理命令：由服务器管理员在本机执行",
    "tests": "测试的准备和核对",
}
"""Every exception of the program, with its reason. `docs/access.md` prints them."""

_now = ContextVar("fupin.scope", default="")
_process = ""


class ScopeMissing(Exception):
    """Rows of a place were about to be read in nobody's scope."""


def process(name):
    """Say what this process is, for what runs outside of requests and jobs."""
    global _process
    _process = _known(name)


@contextmanager
def strict():
    """A request or a job: from here on every read needs a scope of its own."""
    held = _now.set(STRICT)
    try:
        yield
    finally:
        _now.reset(held)


@contextmanager
def without(name):
    """Read past everybody's scope for the reason called `name`. Also a decorator."""
    held = _now.set(_known(name))
    try:
        yield
    finally:
        _now.reset(held)


def _known(name):
    if name not in EXCEPTIONS:
        raise ValueError(f"{name!r} is no exception of the scope: see fupin.regions.scope.EXCEPTIONS")
    return name


def check(rows):
    """Raise ScopeMissing unless the queryset `rows` may be read here."""
    if (_now.get() or _process or STRICT) != STRICT:
        return
    if rows._scope or rows._hints.get("instance") is not None or rows.query.is_empty():
        return
    raise ScopeMissing(f"{rows.model.__name__} was read without visible_to, in nobody's scope")
