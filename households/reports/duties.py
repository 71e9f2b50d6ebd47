"""What was done for the households: R10 入户走访情况, R18 帮扶投入 (domain reference 6.2)."""

from collections import defaultdict
from operator import itemgetter
from types import SimpleNamespace
from typing import NamedTuple

from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.excel.reports import DASH, SERIAL, Balance, Column, Found, Report, share, within
from fupin.excel.sheet import Kind
from fupin.regions.models import span
from households import quota
from households.models import Pairing, Visit
from households.reports.areas import Area, only_places
from households.reports.rows import is_past

SECTION = "工作情况"

# R10 入户走访情况统计表


def _visited(asked):
    only_places(asked)
    area = Area(asked)
    rows = list(_by_helper(area, asked)) if area.region else []
    note = (
        f"结对关系截至 {asked.as_of}；应走访次数为当年已满的走访期数（{quota.RULE_TEXT}，结对另有约定的按约定），按期完成为其中有计入走访的期数；"
        "实际走访为当年计入要求的走访次数，不论由谁走访；一户有几名责任人的，各计一次。"
    )
    return Found(len(rows), lambda size: (row for row in rows), [], note)


def _by_helper(area, asked):
    by_helper = defaultdict(list)
    for _, _, helper, one in in_order(area, asked):
        by_helper[helper].append(one)
    for helper, mine in by_helper.items():
        said = {"helper": helper.name, "unit": helper.unit or "（未填单位）", "rank": helper.rank}
        yield said | summed(mine)


class Round(NamedTuple):
    """One paired household: periods due, periods with a visit, its visits that count `[(day, problem, solved)]`."""

    due: int
    done: int
    visits: list
    household: int


def summed(mine):
    """What the Rounds of one helper, or of one unit, come to."""
    days = [day for one in mine for day, *_ in one.visits]
    due, done = sum(one.due for one in mine), sum(one.done for one in mine)
    problems = [solved for one in mine for _, problem, solved in one.visits if problem]
    return {
        "homes": len(mine),
        "due": due,
        "done": done,
        "visits": len(days),
        "rate": share(done, due),
        "last": max(days, default=None),
        "never": sum(not one.visits for one in mine),
        "problems": len(problems),
        "solved": sum(problems),
    }


def in_order(area, asked):
    """The pairings of the place, helper by helper: `(path of the household, its place in the order, helper, Round)`."""
    every = area.once("R10.pairings", lambda: sorted(_pairings(area, asked), key=itemgetter(0)))
    return _pairings(area, asked) if every is None else sorted(area.cut(every), key=itemgetter(1))


def _pairings(area, asked):
    """`[(path of the household, place in the order of helpers, helper, its Round)]`."""
    homes = _homes(area, asked)
    visits = _visits(area, asked)
    held = asked.visible(Pairing.objects.unscoped("hanging").current(asked.as_of))
    held = held.filter(household__region_path__range=span(area.path))
    rows = held.select_related("helper").order_by("helper__unit", "helper__name", "helper", "household")
    return [
        (path, n, row.helper, _one(row, axes, visits[row.household_id], asked))
        for n, row in enumerate(rows.iterator(chunk_size=2000))
        if row.household_id in homes
        for path, *axes in [homes[row.household_id]]
    ]


def _homes(area, asked):
    """`{household: its place and its two axes}` of the place on the day of the report."""
    columns = ("registry_status", "risk_state")
    shown = [f"then_{name}" if is_past(asked) else name for name in columns]
    rows = area.rows().order_by().values_list("pk", "region_path", *shown)
    return {key: found for key, *found in rows}


def _visits(area, asked):
    """`{household: [(day, a problem was found, it was solved)]}` of the year so far, visits that count."""
    rows = Visit.objects.unscoped("hanging").filter(
        cancelled_reason="", counts=True, on__year=asked.year, on__lte=asked.as_of,
        household__region_path__range=span(area.path),
    )  # fmt: skip
    found = defaultdict(list)
    for household, day, problem, solved in rows.order_by("on").values_list(
        "household", "on", "problem", "solved"
    ):
        found[household].append((day, bool(problem), solved is True))
    return found


def _one(pairing, axes, visits, asked):
    """The Round of one household since the pairing or the new year."""
    own = quota.months_of(pairing.visits_per_year) if pairing.visits_per_year else None
    months = quota.months_for(SimpleNamespace(registry_status=axes[0], risk_state=axes[1], visit_months=own))
    if months is None:
        return Round(0, 0, visits, pairing.household_id)
    due = done = 0
    first = asked.as_of.replace(month=1, day=1)
    while first <= asked.as_of:
        following = quota.after(first, months)
        if following <= asked.as_of and pairing.starts_on <= first:
            due += 1
            done += any(first <= day < following for day, *_ in visits)
        first = following
    return Round(due, done, visits, pairing.household_id)


VISITS = Report(
    name="R10",
    label=lambda year: "入户走访情况统计表",
    about="每名责任人的应走访、按期完成和发现问题，按单位小计，每月、每季报送",
    section=SECTION,
    apart=True,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=_visited,
    unit="户、次",
    group="unit",
    group_name="unit",
    total=True,
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("责任人", "helper", Kind.CODE, 12),
        Column("单位", "unit", width=18),
        Column("职务", "rank", width=10),
        Column("结对户数", "homes", Kind.COUNT, 7, total=True),
        Column("应走访次数", "due", Kind.COUNT, 8, total=True),
        Column("按期完成", "done", Kind.COUNT, 7, total=True),
        Column("完成率", "rate", Kind.RATE, 9, share=("按期完成", "应走访次数")),
        Column("实际走访", "visits", Kind.COUNT, 7, total=True),
        Column("最近走访日期", "last", Kind.DATE, 11),
        Column("未走访户", "never", Kind.COUNT, 7, total=True),
        Column("发现问题", "problems", Kind.COUNT, 7, total=True),
        Column("已解决", "solved", Kind.COUNT, 7, total=True),
        Column("备注", lambda row: "", width=12),
    ),
    balances=(
        within("按期完成", "应走访次数"),
        within("未走访户", "结对户数"),
        within("已解决", "发现问题"),
        within("发现问题", "实际走访"),
    ),
)

# R18 帮扶投入（捐赠）统计表


def _given(asked):
    only_places(asked)
    area = Area(asked)
    rows = asked.visible(
        Visit.objects.unscoped("hanging").filter(
            cancelled_reason="", on__year=asked.year, on__lte=asked.as_of
        )
    )
    rows = rows.exclude(gift_money=None, gift_goods="").within(area.path) if area.region else rows.none()
    rows = rows.order_by("visitor_unit", "on", "pk")
    note = f"走访时登记的慰问金和慰问物品，{asked.year} 年至 {asked.as_of}；物品没有折价的，金额留空。"
    return Found(rows.order_by().count(), lambda size: _gifts(rows, size), [], note)


def _gifts(rows, size):
    columns = (
        "visitor_unit",
        "on",
        "gift_goods",
        "gift_money",
        "household__head_name",
        "visitor_text",
        "household",
        "region_path",
    )
    for unit, day, goods, money, head, visitor, household, path in rows.values_list(*columns).iterator(
        chunk_size=size
    ):
        look([household])
        yield {
            "unit": unit or visitor or "（未填单位）",
            "day": day,
            "kind": "慰问金和物品" if money and goods else "慰问金" if money else "慰问物品",
            "goods": goods or DASH,
            "money": money,
            "head": head,
            "owner": household,
            "region_path": path,
        }


GIFTS = Report(
    name="R18",
    label=lambda year: "帮扶投入（捐赠）统计表",
    about="走访慰问的资金和物品，按单位小计，每半年报送",
    section=SECTION,
    permissions=(P.HOUSEHOLD_VIEW,),
    source=_given,
    unit="元",
    group="unit",
    group_name="unit",
    total=True,
    balances=(
        Balance(
            "有慰问金的写明金额",
            "金额",
            lambda cell: "慰问金" not in cell("类型") or bool(cell("金额")),
            texts=True,
        ),
    ),
    columns=(
        Column("序号", SERIAL, Kind.ORDER, 5),
        Column("单位", "unit", width=20),
        Column("日期", "day", Kind.DATE, 11),
        Column("类型", "kind", Kind.CODE, 12),
        Column("物品", "goods", width=22),
        Column("数量", lambda row: None, Kind.COUNT, 7),
        Column("单价", lambda row: None, Kind.YUAN, 9),
        Column("金额", "money", Kind.YUAN, 12, total=True),
        Column("受益对象", "head", Kind.CODE, 10),
        Column("用途", lambda row: "走访慰问", Kind.CODE, 12),
    ),
)

REPORTS = [VISITS, GIFTS]
