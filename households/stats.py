"""Figures of the register: each is one condition on households, counted in households and in persons.

The same condition is what the household list applies for `?figure=KEY`, so a figure and the rows behind it
cannot disagree. Counts are kept per village, township and county in RegionCount.

Source of the terms: domain reference 2.2, 2.8.1, 3.6, 9.3; unit: 户 and 人 (人 = members today).
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from django.db import connection, transaction
from django.db.models import BigIntegerField, F, Q, Sum, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Substr
from django.utils import timezone

from fupin.bulk import put_rows
from fupin.prepared import prepared, several
from fupin.regions import scope
from fupin.regions.models import WIDTHS, span
from fupin.regions.ranges import TOGETHER, inside, placed, places_for
from fupin.schedule import SOON_DAYS
from households import breakdown, codes, lines, quota
from households.models import ASSISTED, Household, RegionCount

BANDS = (Decimal(0), Decimal(6000), Decimal(8000), Decimal(10000), Decimal(15000), Decimal(20000))
"""Lower edges of the income bands in yuan per head; the first takes everything below the second."""

LINES = (1500, 1000)
"""Lines of 农民人均纯收入 under which R06 counts besides the bands (domain reference S5-08 to S5-11)."""

RULE = "rule-"
"""Before the code of a rule: the key of the households with an open doubt of it, for the work page."""

KEPT_WIDTHS = (12, 9, 6)
"""Path widths of the places whose counts are kept: village, township, county."""

LEVELS = {width: level for level, width in WIDTHS.items()}

ACTIVE = breakdown.ACTIVE
IN_BOOK = breakdown.IN_BOOK


@dataclass(frozen=True)
class Day:
    """What the conditions of a day depend on: the date, and the income lines in force."""

    today: date
    below: Q

    @classmethod
    def of(cls, today=None):
        """For `today`, with the lines read once."""
        return _day(today or timezone.localdate(), tuple(lines.all_lines()))

    def __hash__(self):
        return self._hash

    @cached_property
    def _hash(self):  # the condition is a tree, and every kept statement is looked up by it
        return hash((self.today, self.below))


@lru_cache(maxsize=8)
def _day(today, known):
    return Day(today, lines.below(known))


@dataclass(frozen=True)
class Figure:
    """One figure: its key in URLs (never changes), its label, and its condition for a Day."""

    key: str
    label: str
    condition: Callable
    note: str = ""


def _fixed(condition):
    return lambda day: condition & ACTIVE


def _in_year(column):
    def condition(day):
        year = day.today.year
        return ACTIVE & Q(**{f"{column}__gte": date(year, 1, 1), f"{column}__lte": date(year, 12, 31)})

    return condition


def _in_month(column):
    def condition(day):
        year, month = day.today.year, day.today.month
        last = breakdown.month_end(year, month)
        return ACTIVE & Q(**{f"{column}__gte": date(year, month, 1), f"{column}__lte": last})

    return condition


_planned = breakdown.planned


FIGURES = [
    Figure("all", "在册户", _fixed(Q()), "未注销的户"),
    Figure("registered", "建档立卡户", _fixed(IN_BOOK), "建档立卡状态为未脱贫、预脱贫、已脱贫、返贫"),
    Figure("ordinary", "一般农户", _fixed(Q(registry_status="0")), "从未建档立卡"),
    Figure("poor", "未脱贫", _fixed(Q(registry_status="1"))),
    Figure("leaving", "预脱贫", _fixed(Q(registry_status="2"))),
    Figure("out", "已脱贫", _fixed(Q(registry_status="3"))),
    Figure("relapsed", "返贫", _fixed(Q(registry_status="4"))),
    Figure("assisted", "在帮扶户", _fixed(ASSISTED), "未脱贫、预脱贫、返贫及风险未消除的监测户"),
    Figure("monitored", "监测对象", _fixed(~Q(monitor_category="0"))),
    *[
        Figure(f"monitor-{code}", label, _fixed(Q(monitor_category=code)))
        for code, label in codes.MonitorCategory.choices
        if code != "0"
    ],
    Figure("risk-open", "风险未消除", _fixed(Q(risk_state__in=["1", "3"]))),
    Figure("risk-cleared", "风险已消除", _fixed(Q(risk_state="2"))),
    Figure("dibao", "低保户", _fixed(Q(dibao=True)), "最近年度享受低保政策，或有成员享受低保"),
    Figure("tekun", "特困供养户", _fixed(Q(tekun=True)), "最近年度享受特困供养政策，或有成员特困供养"),
    Figure("relocated", "易地搬迁户", _fixed(Q(relocated=True))),
    Figure("unsafe-house", "住房不安全", _fixed(Q(unsafe_house=True)), "最近年度为危房，或等级为 C、D"),
    Figure("unsafe-water", "饮水不安全", _fixed(Q(unsafe_water=True)), "最近年度无安全饮用水，或饮水安全未解决"),
    Figure("uninsured", "有成员未参加医保", _fixed(Q(uninsured=True)), "有成员居民医保为否、又无职工医保；未填不算"),
    Figure("out-of-school", "有失学辍学", _fixed(Q(out_of_school=True)), "有成员填了失学辍学原因"),
    Figure("doubtful", "有数据疑点", _fixed(Q(doubts__gt=0)), "有未核实的疑点"),
    Figure("no-helper", "未落实责任人", _fixed(ASSISTED & Q(helper=None)), "在帮扶户，今天没有有效的结对"),
    Figure("no-target", "未设时限", _fixed(ASSISTED & Q(target_end=None)), "在帮扶户，没有计划脱贫（消除）时限"),
    Figure("target-over", "超过时限", lambda day: Q(target_due__lt=day.today), "在帮扶户，时限到期日早于今天"),
    Figure(
        "target-soon", "时限临近",
        lambda day: Q(
            target_due__gte=day.today, target_due__lte=day.today + timedelta(SOON_DAYS["household"])
        ),
        f"在帮扶户，时限在今天起 {SOON_DAYS['household']} 天内",
    ),
    Figure("plan-year", "本年应退出（消除）", _planned, "时限在本年内的户"),
    Figure("plan-done", "本年已完成", lambda day: _planned(day) & ~ASSISTED, "时限在本年内、已退出帮扶的户"),
    Figure("plan-open", "本年未完成", lambda day: _planned(day) & ASSISTED, "时限在本年内、仍在帮扶的户"),
    Figure("plan-due", "到今天应完成", lambda day: _planned(day) & Q(target_end__lt=day.today), "时限在本年内、到期日早于今天的户，不论完成与否"),
    Figure("due-open", "到今天应完成而未完成", lambda day: _planned(day) & Q(target_due__lt=day.today), "时限在本年内、到期日早于今天、仍在帮扶的户"),
    Figure("visit-required", "应走访户", lambda day: quota.required_q(), "走访要求适用的户"),
    Figure("visit-ok", "按期走访户", lambda day: Q(visit_due__gte=day.today), "应走访户中没有逾期的"),
    Figure("visit-over", "走访逾期户", lambda day: quota.overdue_q(day.today), "上一期和本期都没有计入的走访"),
    Figure("visit-soon", "走访即将到期户", lambda day: quota.soon_q(day.today), f"本期还没有计入的走访，本期在 {quota.SOON_DAYS} 天内结束"),
    Figure(
        "unvisited", f"{quota.UNVISITED_DAYS} 天以上未走访", lambda day: quota.unvisited_q(day.today),
        f"应走访户中，最近走访在 {quota.UNVISITED_DAYS} 天以前或从未走访的",
    ),
    *[
        Figure(f"cause-{code}", label, _fixed((IN_BOOK | ~Q(monitor_category="0")) & Q(main_cause=code)))
        for code, label in codes.Cause.choices
    ],
    Figure("cause-none", "未填致贫原因", _fixed((IN_BOOK | ~Q(monitor_category="0")) & Q(main_cause=""))),
    *[
        Figure(
            f"income-{int(low)}",
            f"{int(low)} 元以上" if high is None else f"{int(low)}～{int(high)} 元" if low else f"{int(high)} 元以下",
            _fixed((Q(per_capita__gte=low) if low else Q()) & (Q(per_capita__lt=high) if high else Q()) & Q(per_capita__isnull=False)),
        )
        for low, high in zip(BANDS, [*BANDS[1:], None])
    ],
    Figure("income-none", "未填收入", _fixed(Q(per_capita=None))),
    Figure("income-below", "低于标准线", lambda day: ACTIVE & day.below, "按各户收入年度的标准线"),
]  # fmt: skip
CHANGES = [
    Figure("new-identified", "本年新识别", lambda day: _in_year("identified_on")(day) & IN_BOOK, "首次识别时间在本年内的建档立卡户"),
    Figure("new-monitored", "本年新增监测", _in_year("monitored_on"), "监测识别时间在本年内"),
    Figure("cleared-year", "本年消除风险", lambda day: _in_year("cleared_on")(day) & Q(risk_state="2"), "风险消除时间在本年内，今天仍为已消除"),
    Figure("exited-year", "本年脱贫", lambda day: ACTIVE & Q(exit_year=day.today.year), "脱贫年度为本年"),
    Figure("relapsed-year", "本年返贫", lambda day: ACTIVE & Q(relapse_year=day.today.year), "返贫年度为本年"),
    Figure("new-month", "本月新增监测", _in_month("monitored_on"), "监测识别时间在本月内"),
    Figure("cleared-month", "本月消除风险", lambda day: _in_month("cleared_on")(day) & Q(risk_state="2"), "风险消除时间在本月内，今天仍为已消除"),
]  # fmt: skip
"""What happened in the year and in the month, for the dashboard."""

IN_POVERTY = Figure(
    "in-poverty", "贫困户", _fixed(Q(registry_status__in=["1", "2", "4"])), "未脱贫、预脱贫和返贫的户"
)
"""Whom 贫困发生率 counts."""

LISTED = [
    IN_POVERTY,
    Figure(
        "secured", "低保或特困", _fixed(Q(dibao=True) | Q(tekun=True)), "低保户和特困供养户，两样都有的算一户"
    ),
    Figure("helped", "已落实责任人", _fixed(Q(helper__isnull=False)), "今天有有效结对的户，在不在帮扶都算"),
    *[
        Figure(f"kind-{code}", f"{label}（不在监测）", _fixed(Q(registry_status=code, monitor_category="0")))
        for code, label in codes.RegistryStatus.choices
        if code in "03"
    ],
]
"""What no panel shows as it is: figures that rates and totals of lists are made of."""

COUNTED = [*FIGURES, *LISTED, *CHANGES]
APART = [
    Figure(*one)
    for one in breakdown.table({f.key: f.label for f in FIGURES if f.key in breakdown.SHORTFALLS})
]
"""Figures of `households.breakdown`: kept only where they are not zero."""
BY_KEY = {figure.key: figure for figure in COUNTED + APART}
DENSE = {figure.key for figure in COUNTED}


def condition(key, day):
    """The condition behind the figure `key` on `day`. KeyError when there is no such figure."""
    return BY_KEY[key].condition(day)


HOUSEHOLD = 1 << 32
"""A household in a sum, above all the persons there are (and below 2 thousand million households): one sum counts
both, and judges its condition once."""


def _aggregates(day):
    each = F("size") + Value(HOUSEHOLD, output_field=BigIntegerField())
    return {
        f"n_{figure.key.replace('-', '_')}": Sum(each, filter=figure.condition(day), default=0)
        for figure in COUNTED
    }


@lru_cache(maxsize=16)
def _statement(day, width, places):
    """The counting statement by the first `width` digits of the place over so many places (see
    `fupin.regions.ranges`). Making its fifty aggregates costs more than running it for one village, so it is made
    once a day."""
    grouped = Household.objects.order_by().annotate(place=Substr("region_path", 1, width)).values("place")
    rows = grouped.annotate(**_aggregates(day)).filter(inside(places)).values_list("place", *_aggregates(day))
    return rows.query.sql_with_params()


def count(paths, day, width):
    """Count every figure over the households under `paths` (all: [""]) by the first `width` digits of the place.

    `{path: {key: [households, persons]}}`: the figures, those of `breakdown`, and the open doubts by rule ("rule-V01").
    A dozen queries at most, however many households and places.
    """
    sql, params = _statement(day, width, places_for(paths))
    with connection.cursor() as cursor:
        cursor.execute(sql, placed(params, paths))
        found = {place: _figures(numbers) for place, *numbers in cursor}
    if any(figures["doubtful"][0] for figures in found.values()):
        _count_doubts(found, paths, width)
    breakdown.count(found, paths, day, width)
    return found


def _figures(numbers):
    return {figure.key: list(divmod(int(number), HOUSEHOLD)) for figure, number in zip(COUNTED, numbers)}


@lru_cache(maxsize=16)
def _doubts_statement(width, places):
    """The statement that counts open doubts by place and rule, with its parameters (see `_statement`)."""
    rows = Household.objects.order_by().filter(ACTIVE, doubts__gt=0, doubt_rows__explained="")
    rows = rows.filter(inside(places)).annotate(
        place=Substr("region_path", 1, width), told=F("doubt_rows__rule"), heads=F("size")
    )  # fmt: skip
    if places:  # one range besides the many: without it the database reads the doubts of the whole book
        rows = rows.filter(region_path__gte="low", region_path__lte="high")
    inner, params = rows.values_list("pk", "place", "told", "heads").distinct().query.sql_with_params()
    return (
        f"SELECT place, told, COUNT(*), SUM(heads) FROM ({inner}) AS homes GROUP BY place, told",  # noqa: S608
        params,
    )


def _count_doubts(found, paths, width):
    sql, params = _doubts_statement(width, places_for(paths))
    with connection.cursor() as cursor:
        cursor.execute(sql, placed(params, paths))
        for place, rule, households, persons in cursor:
            found[place][f"{RULE}{rule}"] = [households, int(persons)]


_waiting = ContextVar("_waiting", default=None)


@contextmanager
def counted_at_the_end(*, today=None):
    """For one who saves many households in one transaction: each of their villages is counted once, when all is saved."""
    villages = set()
    token = _waiting.set(villages)
    try:
        yield
    finally:
        _waiting.reset(token)
    recount(villages, today=today)


@scope.without("kept")
@transaction.atomic
def recount(villages, *, today=None):
    """Count the given villages (paths of 12 digits) again, and add what changed to their townships and counties; inside
    `counted_at_the_end`, at its end.

    The rows of the places are locked first, villages before townships before counties, so that two savers in
    one village cannot both add to an old count.
    """
    if (waiting := _waiting.get()) is not None:
        waiting.update(villages)
        return
    villages = sorted(set(villages))
    if not villages:
        return
    day = Day.of(today)
    places = {village[:width] for village in villages for width in KEPT_WIDTHS}
    held = {row.region_path: row for row in _locked(sorted(places))}
    counted = {}
    for start in range(0, len(villages), TOGETHER):
        counted |= count(villages[start : start + TOGETHER], day, 12)
    fresh = {village: counted.get(village, {}) for village in villages}
    stored, stale = {}, set()
    for village in villages:
        before = held.get(village)
        was, now = shared(before.figures if before else {}), shared(fresh[village])
        differing = [key for key in {**was, **now} if was.get(key) != now.get(key)]
        if not before or before.day != day.today or before.figures != fresh[village]:
            stored[village] = fresh[village]
        for width in KEPT_WIDTHS[1:]:
            wider = held.get(village[:width])
            if wider is None or wider.day != day.today or before and before.day != day.today:
                stale.add(village[:width])
            elif differing:
                wider.figures = stored[village[:width]] = _moved(wider.figures, was, now, differing)
    _store({path: figures for path, figures in stored.items() if path not in stale}, day.today)
    for width in KEPT_WIDTHS[1:]:
        _add_up(sorted(path for path in stale if len(path) == width), width)


@several("paths")
def _locked(paths):
    return RegionCount.objects.select_for_update().filter(region_path__in=paths).order_by("-region_path")


def _moved(figures, before, after, differing):
    """`figures` of a place in which one part changed from `before` to `after`, in the figures `differing`."""
    moved = dict(figures)
    for key in differing:
        pairs = zip(figures.get(key, (0, 0)), before.get(key, (0, 0)), after.get(key, (0, 0)))
        moved[key] = [total - old + new for total, old, new in pairs]
        if moved[key] == [0, 0] and key not in DENSE:
            del moved[key]
    return (
        moved if any(pair != [0, 0] for pair in moved.values()) else {}
    )  # as a place without households is counted


def shared(figures):
    """What the places above a village count too."""
    return {key: pair for key, pair in figures.items() if not key.startswith(breakdown.BY)}


def _store(figures, today):
    rows = [(path, LEVELS[len(path)], today, found) for path, found in figures.items()]
    put_rows(RegionCount, ("region_path", "level", "day", "figures"), rows, unique="region_path")


def _add_up(paths, width):
    """Sum the children of each path; the oldest child's day is the sum's, so a reader sees what is stale."""
    children = {path: [] for path in paths}
    level = LEVELS[{9: 12, 6: 9}[width]]
    for start in range(0, len(paths), TOGETHER):
        some = paths[start : start + TOGETHER]
        for row in _parts(level, *span(some[0])) if len(some) == 1 else _parts_of(level, some):
            children[row.region_path[:width]].append(row)
    by_day = {}
    for path, rows in children.items():
        by_day.setdefault(min(row.day for row in rows), {})[path] = total(shared(row.figures) for row in rows)
    for day, summed in by_day.items():
        _store(summed, day)


def _parts_of(level, paths):
    rows = RegionCount.objects.filter(level=level)
    return rows.filter(rows.in_paths(paths)).order_by("region_path")


@prepared
def _parts(level, low, high):
    rows = RegionCount.objects.filter(level=level, region_path__gte=low, region_path__lte=high)
    return rows.order_by("region_path")


def total(parts):
    """Sum of several `{key: [households, persons]}`."""
    summed = defaultdict(lambda: [0, 0])
    for part in parts:
        for key, (households, persons) in part.items():
            summed[key][0] += households
            summed[key][1] += persons
    return dict(summed)


@scope.without("kept")
@transaction.atomic
def recount_all(*, today=None, under=""):
    """Count every place under `under` anew, in one pass over the table. The daily job, and the check."""
    day = Day.of(today)
    # Whoever saves waits here or has committed: nobody's change falls between the counting and the storing.
    list(RegionCount.objects.select_for_update().within(under).order_by("-region_path").values_list("pk"))
    villages = count([under], day, 12)
    empty = {
        path
        for path in RegionCount.objects.within(under).values_list("region_path", flat=True)
        if len(path) == 12
    }
    _store({path: {} for path in empty - set(villages)} | villages, day.today)
    for width in KEPT_WIDTHS[1:]:
        if width < len(under):
            _add_up([under[:width]], width)
            continue
        grouped = defaultdict(list)
        for path, found in villages.items():
            grouped[path[:width]].append(found)
        for path in empty:
            grouped.setdefault(path[:width], [])
        _store({path: total(map(shared, parts)) for path, parts in grouped.items()}, day.today)


def differences(today):
    """`[(place, key, kept, fresh)]` where the kept counts are not what counting again gives, each [households,
    persons]; a place that was never counted has no kept ones (None).

    Villages are held against their households, wider places against their parts. Counts of an earlier day are left
    out: nobody reads them before they are counted again.
    """
    rows = {row.region_path: row for row in RegionCount.objects.order_by("region_path")}
    right = count([""], Day.of(today), 12)
    for width, below in zip(KEPT_WIDTHS[1:], KEPT_WIDTHS):
        grouped = defaultdict(list)
        for path in {*rows, *right}:
            if len(path) == below:
                grouped[path[:width]].append(rows[path].figures if path in rows else right[path])
        right |= {path: total(map(shared, parts)) for path, parts in grouped.items()}
    return [
        (path, key, kept, fresh)
        for path in sorted({*rows, *right})
        if path not in rows or rows[path].day == today
        for key in sorted({*right.get(path, {}), *(rows[path].figures if path in rows else {})})
        for kept in [rows[path].figures.get(key, [0, 0]) if path in rows else None]
        for fresh in [right.get(path, {}).get(key, [0, 0])]
        if kept != fresh and (kept is not None or fresh != [0, 0])
    ]


def figures_of(path, *, today=None):
    """The figures of a place and of its direct children: `(own, {child path: figures})`.

    From the kept counts wherever they are kept; the groups of a village are counted live, they are few. Places
    whose count is of an earlier day are counted again first.
    """
    today = today or timezone.localdate()
    if len(path) >= 12:
        day = Day.of(today)
        children = count([path], day, 14)
        return total(children.values()), {p: f for p, f in children.items() if len(p) == 14 and p != path}
    rows = _fresh(path, today)
    below = {0: 2, 2: 4, 4: 6, 6: 9, 9: 12}[len(path)]
    grouped = defaultdict(list)
    for row in rows:
        if len(row.region_path) == max(below, 6):
            grouped[row.region_path[:below]].append(row.figures)
    children = {child: total(parts) for child, parts in sorted(grouped.items())}
    return total(children.values()), children


def figures_at(paths, county, *, today):
    """`{path: figures}` of these townships and villages of a county, from the kept counts; those of an earlier day are
    counted again first."""
    rows = RegionCount.objects.unscoped("counts").filter(region_path__in=paths).order_by("region_path")
    found = list(rows)
    if any(row.day < today for row in found):
        recount_all(today=today, under=county)
        found = list(rows.all())
    return {row.region_path: row.figures for row in found}


def own_of(path, *, today):
    """The figures of a place alone; of a village and wider without those of responsible persons."""
    row = RegionCount.objects.unscoped("counts").filter(region_path=path, day=today).first()
    return shared(row.figures if row else figures_of(path, today=today)[0])


def where_first(paths, key, wanted, *, today, past="", backwards=False):
    """Paths of the villages in which the first `wanted` households (in order of place) of the figure `key` lie under `paths`,
    from the kept counts: a query for each level between, whatever the places hold. A place itself from the village down.
    `past`: a path, the first from there on; `backwards`: the last, up to there."""
    for width in reversed(KEPT_WIDTHS):
        wider = [path for path in paths if len(path) < width]
        if not wider:
            continue
        rows = RegionCount.objects.unscoped("counts").filter(level=LEVELS[width], day=today)
        rows = rows.filter(rows.in_paths(wider)).annotate(pair=KeyTransform(key, "figures"))
        found, seen = [path for path in paths if path not in wider], 0
        held = rows.order_by("-region_path" if backwards else "region_path")
        for place, pair in held.values_list("region_path", "pair"):
            edge = past[:width]
            beyond = not edge or (place <= edge if backwards else place >= edge)
            if pair and pair[0] and seen < wanted and beyond:
                found.append(place)
                if place != edge:  # some of the place at the edge may lie on its other side
                    seen += pair[0]
        paths = found
    return paths


def _fresh(path, today):
    """`_kept`, counted again first where it is of an earlier day."""
    rows = _kept(path)
    if any(row.day < today for row in rows):
        recount_all(today=today, under=path)
        rows = _kept(path)
    return rows


def _kept(path):
    """Rows of one level: the children of a county or township, or all counties under something wider."""
    low, high = span(path)
    width = 12 if len(path) == 9 else 9 if len(path) == 6 else 6
    rows = RegionCount.objects.unscoped("counts").filter(
        level=LEVELS[width], region_path__gte=low, region_path__lte=high
    )
    return list(rows.order_by("region_path"))


FEW = 5
"""Households below which a figure points at somebody: shown only to who may see the rows themselves."""


def is_few(pair):
    """Whether a figure [households, persons] is of so few that it is not shown to who may not see them."""
    return 0 < pair[0] < FEW


@several("paths")
def _kept_at(paths, day):
    rows = RegionCount.objects.unscoped("counts").filter(region_path__in=paths, day=day)
    return rows.order_by("region_path")


def seen_by(user, permission, *, today, region=""):
    """The kept figures of all that `user` sees in `region` with `permission`; {} where they are not kept: of pairings,
    of groups, and of posts that overlap."""
    if user.may_by_pairing(permission):
        return {}
    paths = user.paths(permission)
    if region:
        inside = any(region.startswith(path) for path in paths)
        paths = [region] if inside else [path for path in paths if path.startswith(region)]
    nested = any(a != b and a.startswith(b) for a in paths for b in paths) or len(set(paths)) < len(paths)
    if nested or any(len(path) > 12 for path in paths):
        return {}
    if all(len(path) in KEPT_WIDTHS for path in paths):
        rows = _kept_at(paths, today)
        if len(rows) == len(paths):
            return rows[0].figures if len(rows) == 1 else total(row.figures for row in rows)
    parts = [figures_of(path, today=today)[0] for path in paths if len(path) == 12]
    return total(parts + [row.figures for path in paths if len(path) < 12 for row in _fresh(path, today)])
