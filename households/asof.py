"""The register as it stood at the end of a past day.

Households carry today's state. What it was then follows from the history of their steps (StatusChange): the value
before the first step after that day. Where the history says nothing (households that came by import), the dates on
the household do: identified, exited, relapsed, monitored, cleared, closed. docs/decisions/0020 explains each column.

`at(rows, day)` annotates a queryset of households with `then_*`; `then(condition, day)` rewrites a condition on the
columns of today into one on these. Both are SQL: one query, however many households.
"""

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils import timezone

from fupin.judged import compiled
from households import codes, stats
from households.models import (
    ASSISTED,
    Condition,
    Household,
    HouseholdCause,
    Member,
    MemberYear,
    Pairing,
    StatusChange,
    TargetChange,
    Visit,
)

SAME = {"region_path", "pk", "id", "number", "closed_on"}
"""Columns that a condition may use as they are: they do not change, or are dates themselves."""


def _history(axis, day):
    """The steps of a household that moved `axis`; the import of a workbook has no date of its own, but says what
    was held before it."""
    return StatusChange.objects.filter(household=OuterRef("pk"), before__has_key=axis)


def _before(axis, day):
    """What `axis` was before its first step after `day`."""
    later = _history(axis, day).filter(on__gt=day).order_by("on", "pk")
    return Subquery(later.annotate(was=KT(f"before__{axis}")).values("was")[:1], output_field=CharField())


def _from_history(axis, day, inferred):
    return Coalesce(
        _before(axis, day),
        Case(When(Exists(_history(axis, day)), then=F(axis)), default=inferred, output_field=CharField()),
    )


def _case(*pairs, default):
    whens = [
        When(condition, then=Value(value) if isinstance(value, str) else value) for condition, value in pairs
    ]
    return Case(*whens, default=default, output_field=CharField())


def _registry(day):
    """建档立卡状态. By the dates where no step is known; and whatever the steps say, nobody was registered before the
    day of their identification, nor still poor after the year of their exit."""
    year = day.year
    last_exit = (
        year if (day.month, day.day) == (12, 31) else year - 1
    )  # the year alone does not say on which day
    was_out = Q(exit_year__lte=year)
    inferred = _case(
        (Q(registry_status="9", closed_on__gt=day) & was_out, "3"),
        (Q(registry_status="9", closed_on__gt=day), "0"),
        (Q(registry_status="4", relapse_year__gt=year) & was_out, "3"),
        (Q(registry_status="4", relapse_year__gt=year) | Q(registry_status="3", exit_year__gt=year), "1"),
        default=F("registry_status"),
    )
    return {
        "told_registry_status": _from_history("registry_status", day, inferred),
        "then_registry_status": _case(
            (Q(told_registry_status__in=["1", "2", "3", "4"], identified_on__gt=day), "0"),
            (
                Q(
                    told_registry_status__in=["1", "2"],
                    registry_status__in=["3", "9"],
                    exit_year__lte=last_exit,
                )
                & (Q(relapse_year=None) | Q(relapse_year__gt=year)),
                "3",
            ),
            default=F("told_registry_status"),
        ),
    }


def _risk(day):
    inferred = _case(
        (Q(monitored_on__gt=day), "0"),
        (Q(risk_state="2", cleared_on__gt=day), "1"),
        default=F("risk_state"),
    )
    return {
        "told_risk_state": _from_history("risk_state", day, inferred),
        "then_risk_state": _case(
            (Q(told_risk_state="1", risk_state="2", cleared_on__lte=day), "2"), default=F("told_risk_state")
        ),
    }


def _category(day):
    held = Coalesce(_before("monitor_category", day), F("monitor_category"))
    return _risk(day) | {"then_monitor_category": _case((Q(then_risk_state="0"), "0"), default=held)}


def _moment(day):
    """The first moment after `day`."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _target(column, output):
    """The target as it stood: before the first move after that day."""

    def made(day):
        later = TargetChange.objects.filter(household=OuterRef("pk"), at__gte=_moment(day)).order_by(
            "at", "pk"
        )
        before = Subquery(later.values(f"before_{column}")[:1], output_field=output)
        return {
            f"then_target_{column}": Case(
                When(Exists(later), then=before), default=F(f"target_{column}"), output_field=output
            )
        }

    return made


def _cause(day):
    rows = HouseholdCause.objects.filter(household=OuterRef("pk"), rank=0, year__lte=day.year).order_by(
        "-year"
    )
    return {"then_main_cause": Coalesce(Subquery(rows.values("cause")[:1]), Value(""))}


def _visited(day):
    rows = Visit.objects.unscoped("hanging").filter(
        household=OuterRef("pk"), cancelled_reason="", counts=True, on__lte=day
    )
    last = rows.order_by().values("household").annotate(last=Max("on")).values("last")
    return {"then_last_visit_on": Subquery(last, output_field=DateField())}


def _helper(name, output):
    def made(day):
        rows = (
            Pairing.objects.unscoped("hanging")
            .current(day)
            .filter(household=OuterRef("pk"))
            .order_by("order", "-starts_on")
        )
        return {f"then_{name}": Subquery(rows.values(name)[:1], output_field=output)}

    return made


def _members(day):
    """Members of the household on `day`."""
    rows = Member.objects.unscoped("hanging").filter(household=OuterRef("pk"))
    return rows.exclude(left_on__lte=day).exclude(joined_on__gt=day)


def _size(day):
    count = _members(day).order_by().values("household").annotate(n=Count("pk")).values("n")
    return {"then_size": Coalesce(Subquery(count, output_field=IntegerField()), Value(0))}


def newest(rows, owner, year):
    """Of `rows` (a table by year), those of the newest year not after `year` of each `owner`."""
    later = rows.model.objects.filter(**{owner: OuterRef(owner)}, year__gt=OuterRef("year"), year__lte=year)
    return rows.filter(~Exists(later), year__lte=year)


def _guarantee(name):
    """低保 or 特困: of the household in its newest year until then, or of a member."""

    def made(day):
        home = newest(
            Condition.objects.filter(household=OuterRef("pk"), **{name: True}), "household", day.year
        )
        years = MemberYear.objects.unscoped("hanging").filter(
            member__household=OuterRef("pk"), **{name: True}
        )
        years = years.exclude(member__left_on__lte=day).exclude(member__joined_on__gt=day)
        held = Exists(home) | Exists(newest(years, "member", day.year))
        return {f"then_{name}": Case(When(held, then=Value(True)), default=Value(False))}

    return made


def _unsafe(name, condition):
    def made(day):
        rows = Condition.objects.filter(condition, household=OuterRef("pk"))
        held = Exists(newest(rows, "household", day.year))
        return {f"then_{name}": Case(When(held, then=Value(True)), default=Value(False))}

    return made


def _due(day):
    """The target date of households that were under assistance then (Household.target_due)."""
    assisted, names = then(ASSISTED)
    found = _target("end", DateField())(day)
    for name in sorted(names):
        found |= EXPRESSIONS[name](day)
    due = Case(When(assisted, then=F("then_target_end")), output_field=DateField())
    return found | {"then_target_due": due}


def _as_it_is(name):
    """A column that does not change, or is the date of a change itself."""
    return lambda day: {f"then_{name}": F(name)}


EXPRESSIONS = {
    **{
        name: _as_it_is(name)
        for name in ("relocated", "identified_on", "monitored_on", "cleared_on", "exit_year", "relapse_year")
    },
    "size": _size,
    "dibao": _guarantee("dibao"),
    "tekun": _guarantee("tekun"),
    "unsafe_house": _unsafe("unsafe_house", Q(dangerous=True) | Q(danger_level__in=codes.UNSAFE)),
    "unsafe_water": _unsafe("unsafe_water", Q(water_safe=False) | Q(water_solved=False)),
    "registry_status": _registry,
    "risk_state": _risk,
    "monitor_category": _category,
    "target_end": _target("end", DateField()),
    "target_text": _target("text", CharField()),
    "target_due": _due,
    "main_cause": _cause,
    "last_visit_on": _visited,
    "helper": _helper("helper", IntegerField()),
    "helper__name": _helper("helper__name", CharField()),
    "helper__unit": _helper("helper__unit", CharField()),
}


def at(rows, day, names):
    """`rows` (households) with `then_NAME` for each of `names`, those left out that were not in the book on `day`."""
    found = {}
    for name in ("registry_status", *names):
        found |= EXPRESSIONS[name](day)
    for name, expression in found.items():
        rows = rows.annotate(**{name: expression})
    made_later = StatusChange.objects.filter(household=OuterRef("pk"), step="create", on__gt=day)
    known = Q(identified_on__lte=day) | Q(exit_year__lte=day.year) | Q(monitored_on__lte=day)
    return rows.filter(known | ~Exists(made_later))


def then(condition):
    """`(condition on then_* columns, names that at() must annotate)`. ValidationError for a condition on something
    whose past is not kept."""
    names = set()
    return _rewritten(condition, names), names


def _rewritten(condition, names):
    if not isinstance(condition, Q):
        if not isinstance(condition, tuple):
            raise ValidationError("这个筛选条件没有历史数据，不能用于以前年度的报表。")
        column, value = condition
        field, _, rest = column.partition("__")
        if field in SAME:
            return condition
        if field not in EXPRESSIONS:
            raise ValidationError("这个筛选条件没有历史数据，不能用于以前年度的报表。请去掉后再生成。")
        names.add(field)
        return (f"then_{field}" + (f"__{rest}" if rest else ""), value)
    made = Q(*(_rewritten(child, names) for child in condition.children), _connector=condition.connector)
    return ~made if condition.negated else made


# Counting


def knows(key, day):
    """Whether the figure `key` (of households.stats) can be told of a past `day`."""
    try:
        then(stats.condition(key, stats.Day.of(day)))
    except ValidationError:
        return False
    return True


def count(path, day, width, keys):
    """The figures `keys` (of households.stats) on `day` in the places under `path`: `{place: {key: [户, 人]}}` by the
    first `width` digits. One query, one pass; conditions are judged here, on the columns that they name."""
    past = stats.Day.of(day)
    conditions, names = {}, {"size"}
    for key in keys:
        condition, used = then(stats.condition(key, past))
        conditions[key] = compiled(condition)
        names |= used
    rows = at(Household.objects.unscoped("counts").within(path), day, sorted(names))
    same = ("relocated", "identified_on", "closed_on")  # of SAME, those that a figure may name
    columns = ("pk", "region_path", *same, *(f"then_{name}" for name in {"registry_status", *names}))
    found = {}
    for values in rows.order_by().values_list(*columns, named=True).iterator(chunk_size=2000):
        own = found.setdefault(values.region_path[:width], {key: [0, 0] for key in keys})
        for key, condition in conditions.items():
            if condition(values):
                own[key][0] += 1
                own[key][1] += values.then_size
    return found
