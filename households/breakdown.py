"""Figures that need more than the household's own row, counted apart: the months of the plan, causes against
measures, since when a shortfall is open, visits by responsible person, what happened and what was earned year by year.

Each has a key and a condition, as the figures of `households.stats`, so that the list behind it shows the same rows;
kept counts hold only those that are not zero. They are counted by a handful of grouped statements, each made once a
day: hundreds of them as aggregates over subqueries would cost more than everything else that is counted.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Substr
from django.db.models.lookups import Exact, LessThanOrEqual
from django.utils import timezone

from fupin.regions.ranges import inside, placed, places_for
from households import codes
from households.codes import Cause as C
from households.codes import MeasureKind as K
from households.models import ASSISTED, Condition, Household, Income, Measure, MemberYear, StatusChange
from households.models.income import EARNED

ACTIVE = ~Q(registry_status=codes.RegistryStatus.CLOSED)
MONTHS = range(1, 13)
OUT_STEPS = ("exit", "clear_risk")
"""Steps of the lifecycle that end the assistance."""

MATCH = {
    C.ILLNESS: (K.HEALTH, K.SECURITY),
    C.DISABILITY: (K.HEALTH, K.SECURITY, K.LIVING),
    C.SCHOOLING: (K.SCHOOL, K.EDUCATION),
    C.DISASTER: (K.SECURITY, K.HOUSING, K.FINANCE),
    C.LAND: (K.DEVELOPMENT, K.INDUSTRY, K.JOB),
    C.WATER: (K.WATER, K.INFRASTRUCTURE),
    C.SKILL: (K.DEVELOPMENT, K.INDUSTRY, K.JOB, K.EDUCATION),
    C.LABOUR: (K.SECURITY, K.POST, K.INDUSTRY),
    C.CAPITAL: (K.FINANCE, K.INDUSTRY),
    C.TRANSPORT: (K.INFRASTRUCTURE, K.RELOCATION, K.LIVING),
    C.MOTIVATION: (K.SOCIAL, K.INDUSTRY, K.DEVELOPMENT),
    C.INDUSTRY: (K.INDUSTRY, K.FINANCE, K.DEVELOPMENT),
    **dict.fromkeys((C.OTHER, C.WEDDING, C.FUNERAL), tuple(K)),
}
"""Measures that answer a cause (domain reference 3.11, in the fifteen kinds of the form). The reference names none for
the last three: any measure answers them."""

FIRST, LAST = 2014, 2040
"""Years since which a shortfall can be open; what is older counts in the first."""


def month_end(year, month):
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def planned(day):
    """Households in the book whose target date lies in the year of `day`."""
    year = day.today.year
    return ACTIVE & Q(target_end__gte=date(year, 1, 1), target_end__lte=date(year, 12, 31))


def _left_on():
    """The day on which the assistance ended, as far as it is known: of the last such step, or of 风险消除时间."""
    steps = StatusChange.objects.filter(household=OuterRef("pk"), step__in=OUT_STEPS).order_by("-on", "-pk")
    return Coalesce(Subquery(steps.values("on")[:1]), F("cleared_on"), output_field=DateField())


def _due_until(month):
    return lambda day: planned(day) & Q(target_end__lte=month_end(day.today.year, month))


def _done_until(month):
    def condition(day):
        year = day.today.year
        known = Q(LessThanOrEqual(_left_on(), Value(month_end(year, month), DateField())))
        undated = Q(~Exists(_steps()), cleared_on=None, exit_year__lt=year)
        return planned(day) & ~ASSISTED & (known | undated)

    return condition


def _steps():
    return StatusChange.objects.filter(household=OuterRef("pk"), step__in=OUT_STEPS)


CAUSED = ASSISTED & ACTIVE
"""Whose cause must have a measure: households under assistance."""


def _answered():
    """Whether a measure answers the household's cause."""
    fits = Q(pk__in=[])
    for cause, kinds in MATCH.items():
        fits |= Q(household__main_cause=cause, kind__in=kinds)
    return Exists(Measure.objects.filter(fits, household=OuterRef("pk")))


def begun(day):
    """Measures that were there on `day`: begun by then, or registered by then."""
    return Q(starts_on__lte=day) | Q(
        at__lt=timezone.make_aware(datetime.combine(day + timedelta(1), time.min))
    )


def _with(cause, kind):
    held = Measure.objects.filter(household=OuterRef("pk"), kind=kind)
    return lambda day: CAUSED & Q(Exists(held), main_cause=cause)


def _unmatched(cause):
    return lambda day: CAUSED & Q(~_answered(), main_cause=cause)


def _opened(bad, rows, owner):
    """The first year of the unbroken run of `bad` rows up to the newest."""
    better = rows.model.objects.filter(~bad, **{owner: OuterRef(owner)}, year__gt=OuterRef("year"))
    return Subquery(rows.filter(bad).filter(~Exists(better)).order_by("year").values("year")[:1])


def _of_home(bad):
    return lambda: _opened(bad, Condition.objects.filter(household=OuterRef("pk")), "household")


def _of_member(bad):
    rows = MemberYear.objects.filter(member__household=OuterRef("pk"), member__left_on=None)
    return lambda: _opened(bad, rows, "member")


SHORTFALLS = {
    "unsafe-house": _of_home(Q(dangerous=True) | Q(danger_level__in=codes.UNSAFE)),
    "unsafe-water": _of_home(Q(water_safe=False) | Q(water_solved=False)),
    "uninsured": _of_member(
        Q(medical_resident=False) & (Q(medical_employee=None) | Q(medical_employee=False))
    ),
    "out-of-school": _of_member(~Q(dropout_reason="")),
}
"""三保障 and safe water: the figure, and the year since which a household has the shortfall."""

HOME_BAD = {
    "unsafe-house": lambda dangerous, level, safe, solved: dangerous is True or level in codes.UNSAFE,
    "unsafe-water": lambda dangerous, level, safe, solved: safe is False or solved is False,
}
MEMBER_BAD = {
    "uninsured": lambda resident, employee, dropout: resident is False and not employee,
    "out-of-school": lambda resident, employee, dropout: bool(dropout),
}
"""The same of one year's facts (`households.rewound`)."""


def _since(key, year):
    flag = key.replace("-", "_")

    def condition(day):
        opened = (LessThanOrEqual if year == FIRST else Exact)(SHORTFALLS[key](), year)
        return ACTIVE & Q(opened, **{flag: True})

    return condition


IN_BOOK = Q(registry_status__in=["1", "2", "3", "4"])
EVENTS = {
    "identified": ("识别", "identified_on", IN_BOOK),
    "exited": ("脱贫", "exit_year", Q()),
    "relapsed": ("返贫", "relapse_year", Q()),
    "watched": ("新增监测", "monitored_on", Q()),
    "cleared": ("消除风险", "cleared_on", Q(risk_state="2")),
}
"""What happened to a household in a year: `(label, column of the year or the day, whom it is counted of)`, as the figures of
this year in `stats.CHANGES` count it."""


def _happened(name, year):
    _, column, whom = EVENTS[name]
    until = date(year, 12, 31) if column.endswith("_on") else year
    since = date(year, 1, 1) if column.endswith("_on") else year
    bounds = {f"{column}__lte": until} | ({} if year == FIRST else {f"{column}__gte": since})
    return lambda day: ACTIVE & whom & Q(**bounds)


def _net(prefix=""):
    """纯收入 of a row of Income as SQL, NULL where nothing tells (`Income.net`)."""
    none = Q(**{f"{prefix}{name}": None for name in EARNED})
    zero = Value(0, DecimalField(max_digits=16, decimal_places=2))
    total = sum(
        (Coalesce(f"{prefix}{name}", zero) for name in EARNED[1:]), Coalesce(f"{prefix}{EARNED[0]}", zero)
    )
    return Case(
        When(none, then=F(f"{prefix}stated_net")),
        default=total - Coalesce(f"{prefix}expense", zero),
        output_field=DecimalField(max_digits=16, decimal_places=2),
    )


def _earned_in(year):
    def condition(day):
        rows = Income.objects.filter(household=OuterRef("pk"), year=year, persons__gt=0).alias(net=_net())
        return ACTIVE & Q(Exists(rows.exclude(net=None)))

    return condition


def net_key(year):
    """The sum beside the figure `earned-YEAR`: `[纯收入 in cents, 核算人口]` of its households, for the income per head. No
    figure itself: its numbers are neither households nor persons of them."""
    return f"{NET}{year}"


NET = "net-"


def table(labels):
    """`(key, label, condition, note)` of every figure counted apart; `labels`: names of the four shortfalls."""
    for month in MONTHS:
        yield f"plan-m{month:02}", f"{month} 月底应完成", _due_until(month), f"时限在本年 1 至 {month} 月的户"
    for month in MONTHS:
        yield (
            f"done-m{month:02}", f"{month} 月底已完成", _done_until(month),
            f"时限在本年内、到 {month} 月底已退出帮扶的户；没有退出日期、也不是以前年度脱贫的不计",
        )  # fmt: skip
    for cause, label in C.choices:
        yield f"match-{cause}", f"在帮扶户：{label}", lambda day, c=cause: CAUSED & Q(main_cause=c), ""
        words = "、".join(kind.label for kind in MATCH[cause]) if len(MATCH[cause]) < len(K) else "任何措施"
        yield (
            f"unmatched-{cause}",
            f"{label}，没有对应措施",
            _unmatched(cause),
            f"在帮扶户，没有登记过：{words}",
        )
        for kind, name in K.choices:
            yield (
                f"match-{cause}-{kind}",
                f"{label}，有{name}",
                _with(cause, kind),
                "在帮扶户，登记过这类措施",
            )
    for key, label in labels.items():
        for year in range(FIRST, LAST + 1):
            yield (
                f"{key}-since-{year}",
                f"{label}，{year} 年度起",
                _since(key, year),
                "最早连续记录到今的年度",
            )
    for name, (label, _, _) in EVENTS.items():
        for year in range(FIRST, LAST + 1):
            more = " 年及以前" if year == FIRST else " 年"
            yield f"{name}-{year}", f"{year}{more}{label}", _happened(name, year), "现在册的户，按年度"
    for year in range(FIRST, LAST + 1):
        yield f"earned-{year}", f"{year} 年填了收入", _earned_in(year), "有该年度纯收入和核算人口的户"


# Counting


def _plans(rows, day):
    left = Case(When(~ASSISTED, then=_left_on()), output_field=DateField())
    out = Case(When(~ASSISTED, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = rows.filter(planned(day)).annotate(due=F("target_end"), left=left, out=out)
    return _grouped(rows, "due", "left", "out", "exit_year")


def _causes(rows, day):
    rows = rows.filter(CAUSED, ~Q(main_cause="")).annotate(answered=_answered())
    return _grouped(rows, "main_cause", "answered")


def _visits(rows, day):
    # Who owes none is a group of its own, and not left out: by the index of that day SQLite would read every household
    # of the register that owes one, for fifty villages
    ok = Case(
        When(visit_due__gte=day.today, then=Value(True)), When(visit_due__isnull=False, then=Value(False)),
        output_field=BooleanField(),
    )  # fmt: skip
    # Not the bare column: for an index in its order SQLite would read every household, once a statement
    who = Coalesce("helper_id", Value(0))
    return _grouped(rows.filter(ACTIVE).annotate(who=who, ok=ok), "who", "ok")


def _open(key):
    def made(rows, day):
        return _grouped(
            rows.filter(ACTIVE, **{key.replace("-", "_"): True}).annotate(since=SHORTFALLS[key]()), "since"
        )

    return made


def _events(rows, day):
    def year(name):
        column, whom = EVENTS[name][1:]
        if column.endswith("_year"):
            return F(column)
        said = Substr(Cast(column, CharField()), 1, 4)
        return Case(When(whom, then=said), output_field=CharField()) if whom else said

    rows = rows.filter(ACTIVE).annotate(**{f"in_{name}": year(name) for name in EVENTS})
    return _grouped(rows, *(f"in_{name}" for name in EVENTS))


def _earned(rows, day):
    rows = rows.filter(ACTIVE, incomes__persons__gt=0, incomes__year__lte=day.today.year)
    rows = rows.alias(net=_net("incomes__")).exclude(net=None).values("place", "incomes__year")
    rows = rows.annotate(sum=Sum("net"), people=Sum("incomes__persons"), n=Count("pk"), heads=Sum("size"))
    return rows.values_list("place", "incomes__year", "sum", "people", "n", "heads")


def _grouped(rows, *names):
    return (
        rows.values("place", *names)
        .annotate(n=Count("pk"), heads=Sum("size"))
        .values_list("place", *names, "n", "heads")
    )


def _pairs(rows, day):
    rows = rows.filter(CAUSED, ~Q(main_cause=""), measures__isnull=False)
    return rows.annotate(why=F("main_cause"), kind=F("measures__kind"), heads=F("size")).values_list(
        "pk", "place", "why", "kind", "heads"
    ).distinct()  # fmt: skip


_ROWS = {
    "plans": _plans,
    "causes": _causes,
    "visits": _visits,
    "pairs": _pairs,
    "events": _events,
    "earned": _earned,
} | {key: _open(key) for key in SHORTFALLS}
_NEEDED_BY = {
    "plans": ("plan-year",),
    "causes": ("assisted",),
    "visits": ("visit-required",),
    "pairs": ("assisted",),
    "events": ("all",),
    "earned": ("all",),
} | {key: (key,) for key in SHORTFALLS}


@lru_cache(maxsize=128)
def _statement(name, day, width, places):
    """The statement of `_ROWS[name]` over so many places (0: all) and its parameters, see `fupin.regions.ranges`."""
    rows = Household.objects.order_by().annotate(place=Substr("region_path", 1, width)).filter(inside(places))
    sql, params = _ROWS[name](rows, day).query.sql_with_params()
    if name == "pairs":
        sql = f"SELECT place, why, kind, COUNT(*), SUM(heads) FROM ({sql}) AS homes GROUP BY place, why, kind"  # noqa: S608
    return sql, params


def count(found, paths, day, width):
    """Add the figures counted apart to `found` ({place: {key: [households, persons]}}), under `paths` (all: [""])."""
    for name, needed in _NEEDED_BY.items():
        if not any(figures[key][0] for figures in found.values() for key in needed):
            continue
        for some in _asked(name, paths):
            if width == len(some[0]) and not any(_has(found, path, needed) for path in some):
                continue
            sql, params = _statement(name, day, width, places_for(some))
            with connection.cursor() as cursor:
                cursor.execute(sql, placed(params, some))
                _add(found, name, cursor, day.today.year)


_ONE_BY_ONE = frozenset(("plans", "causes", "pairs", *SHORTFALLS))
"""Of whose conditions there are indexes, with the place behind: for several places at once SQLite would read by them all such
households of the register."""


def _asked(name, paths):
    """The places that a statement is run for together."""
    if connection.vendor == "sqlite" and name in _ONE_BY_ONE:
        return [[path] for path in paths]
    return [paths]


def _has(found, place, needed):
    """Whether a place has households that a statement could count."""
    return place in found and any(found[place][key][0] for key in needed)


def _add(found, name, rows, year):
    """Put counted rows into the figures of their places."""
    for place, *values, households, persons in rows:
        for key in keys_of(name, values, year):
            pair = found[place].setdefault(key, [0, 0])
            pair[0] += households
            pair[1] += int(persons)
        if name == "earned" and FIRST <= values[0] <= LAST:
            pair = found[place].setdefault(net_key(values[0]), [0, 0])
            pair[0] += cents(values[1])
            pair[1] += int(values[2])


def cents(yuan):
    """Yuan as whole cents; SQLite adds them up as floats."""
    return round(Decimal(str(yuan)) * 100)


def keys_of(name, values, year):
    """The figures that a group of households counts in."""
    if name == "plans":
        due, left, out, exit_year = values
        yield from (f"plan-m{month:02}" for month in MONTHS if month >= int(str(due)[5:7]))
        if out:
            yield from (f"done-m{month:02}" for month in MONTHS if month >= _month(left, exit_year, year))
    elif name == "causes":
        cause, answered = values
        yield f"match-{cause}"
        if not answered:
            yield f"unmatched-{cause}"
    elif name == "pairs":
        yield f"match-{values[0]}-{values[1]}"
    elif name == "visits":
        helper, ok = values
        if ok is not None:
            yield f"{BY}{helper or 0}-all"
        if ok:
            yield f"{BY}{helper or 0}-ok"
    elif name == "events":
        yield from (f"{one}-{_kept_year(value)}" for one, value in zip(EVENTS, values) if value)
    elif name == "earned":
        if FIRST <= values[0] <= LAST:
            yield f"earned-{values[0]}"
    elif values[0]:
        yield f"{name}-since-{_kept_year(values[0])}"


def _kept_year(value):
    """The year of a key: a year or a day, nothing before the first."""
    return min(max(int(str(value)[:4]), FIRST), LAST)


def _month(left, exit_year, year):
    """The month of `year` by whose end a household was done; 0 before the year, 13 after it or unknown."""
    if left is None:
        return 0 if exit_year and exit_year < year else 13
    before = int(str(left)[:4]) - year
    return 0 if before < 0 else 13 if before > 0 else int(str(left)[5:7])


BY = "by-"
"""Before the key of a responsible person (0: none) in the counts of villages and groups: visits owed and in time. Not
added up to townships: they would hold hundreds, counties thousands."""
