"""The register of a past day household by household: every kept column as it stood, and every figure that the household
counted in.

Status, risk and target come from `households.asof` (history of the steps); the other columns are made by the same
functions as today's (`households.kept`, `households.quota`) from what carries a date or a year: members who were there,
facts, income and conditions of the newest year not after the day's, visits until then, pairings in force, measures begun.
So a figure of a past day means what it means today. What has no past is left out (NO_PAST).

Judged in Python, some thousand households at a time: a hundred conditions as SQL over correlated subqueries would cost more.
The place is that of the day: a household that moved since is counted where it was.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Max, Q
from django.utils import timezone

from fupin.judged import Sorter, compiled
from households import asof, breakdown, codes, kept, quota, stats
from households.models import (
    ASSISTED,
    Condition,
    Doubt,
    DoubtEnd,
    Household,
    HouseholdCause,
    HouseholdMove,
    Income,
    Measure,
    Member,
    MemberYear,
    Pairing,
    StatusChange,
    Visit,
)
from households.models.income import net_of

NO_PAST = ("doubtful",)
"""Figures that are known only of days since which the register keeps when a doubt came and went; so those of rules."""
TOGETHER = 3000
TOLD = ("registry_status", "monitor_category", "risk_state", "target_end", "target_text")
BASE = ("pk", "number", "region_path", "relocated", "identified_on", "monitored_on", "cleared_on", "exit_year",
        "relapse_year", "closed_on", "head_name")  # fmt: skip


@dataclass
class Then:
    """One household on the day. Carries the columns of Household by name; `keys`: figures that it counts in, those of
    `breakdown`, of responsible persons and of rules among them."""

    pk: int
    number: str
    region_path: str
    size: int = 0
    keys: list = field(default_factory=list)

    def __str__(self):
        return self.head_name or self.number


def known(key, day):
    """Whether the figure `key` has a past on `day`."""
    if key not in NO_PAST and not key.startswith(stats.RULE) or day >= timezone.localdate():
        return True
    since = doubts_since()
    return since is not None and day >= since


def doubts_since():
    """The first day of which doubts are known, None before there was any."""
    first = (
        Doubt.objects.unscoped("counts").order_by("found_on").values_list("found_on", flat=True).first(),
        DoubtEnd.objects.order_by("since").values_list("since", flat=True).first(),
    )
    return min(filter(None, first), default=None)


def households(path, day, wanted=None):
    """Every household in the book of the place (a path, or several) on `day` as a Then, in order of key. Some fifteen queries
    for every TOGETHER. `wanted`: keys of figures, of which alone its `keys` then tell."""
    judge, today = _Judge(day, wanted), timezone.localdate()
    there = Household.objects.unscoped("counts").filter(
        _there([path] if isinstance(path, str) else path, day)
    )
    rows = asof.at(there, day, TOLD).order_by("pk")
    columns = (*BASE, *(f"then_{name}" for name in TOLD))
    last = 0
    while chunk := list(rows.filter(pk__gt=last).values_list(*columns)[:TOGETHER]):
        # the chunk as a subquery: thousands of keys, named in fourteen queries, cost more to write down than to find
        facts = _Facts(
            there.filter(pk__gt=last, pk__lte=chunk[-1][0]).order_by().values("pk"),
            day,
            today,
            wanted is None,
        )
        last = chunk[-1][0]
        for row in chunk:
            one = Then(*row[:3])
            vars(one).update(zip(BASE[3:], row[3:]), **dict(zip(TOLD, row[len(BASE) :])))
            if one.registry_status == codes.RegistryStatus.CLOSED:
                continue
            facts.fill(one)
            one.keys = judge.keys(one)
            yield one


def _there(paths, day):
    """Households that were in the places on `day`: those that are there now and did not come later, and those that left
    later."""
    inside = Household.objects.in_paths(paths)
    moves = HouseholdMove.objects.filter(on__gt=day)
    if not all(paths) or not moves.exists():
        return inside
    first = {}
    for pk, origin in moves.order_by("household", "-on", "-pk").values_list("household", "origin__path"):
        first[pk] = origin  # the earliest move after the day is read last
    left = [pk for pk, origin in first.items() if origin.startswith(tuple(paths))]
    came = first.keys() - set(left)
    return inside & ~Q(pk__in=came) | Q(pk__in=left)


class _Facts:
    """What a chunk of households held on the day, each table read once."""

    def __init__(self, keys, day, today, whole):
        """`whole`: whether what only the keys of `breakdown` ask for is read too."""
        self.day, self.year = day, day.year
        of = {"household__in": keys}
        self.people = self._people(keys)
        self.causes = dict(
            HouseholdCause.objects.filter(**of, rank=0, year__lte=self.year)
            .order_by("household", "year").values_list("household", "cause")
        )  # fmt: skip
        self.incomes, self.earned = self._incomes(Income.objects.filter(**of))
        self.conditions = self._newest(Condition.objects.filter(**of), kept.CONDITION)
        visits = Visit.objects.unscoped("hanging").filter(**of, cancelled_reason="", counts=True, on__lte=day)
        self.visits = dict(
            visits.order_by().values("household").annotate(last=Max("on")).values_list("household", "last")
        )
        pairings = Pairing.objects.unscoped("hanging").current(day).filter(**of)
        self.helpers = {
            household: (helper, quota.months_of(visits) if visits else None, name)
            for household, helper, visits, name in pairings.order_by("household", "-order", "starts_on")
            .values_list("household", "helper", "visits_per_year", "helper__name")
        }  # fmt: skip
        self.measures = defaultdict(set)
        self.since = {}
        if whole:
            begun = Measure.objects.unscoped("hanging").filter(breakdown.begun(day), **of)
            for household, kind in begun.order_by().values_list("household", "kind"):
                self.measures[household].add(kind)
            self.since = self._since(keys)
        steps = StatusChange.objects.filter(**of, step__in=breakdown.OUT_STEPS, on__lte=day)
        self.left = dict(steps.order_by("on", "pk").values_list("household", "on"))
        self.places = dict(HouseholdMove.objects.filter(**of, on__gt=day)
            .order_by("-on", "-pk").values_list("household", "origin__path"))  # fmt: skip
        self.rules = defaultdict(set)
        self.doubts = defaultdict(int)
        if day >= today:
            doubts = (
                Doubt.objects.unscoped("hanging").filter(**of, explained="").values_list("household", "rule")
            )
        else:
            open_then = Q(explained="") | Q(explained_on__gt=day)
            doubts = Doubt.objects.unscoped("hanging").filter(open_then, **of, found_on__lte=day)
            gone = DoubtEnd.objects.filter(**of, since__lte=day, until__gt=day).order_by()
            doubts = [
                *doubts.order_by().values_list("household", "rule"), *gone.values_list("household", "rule")
            ]  # fmt: skip
        for household, rule in doubts if isinstance(doubts, list) else doubts.order_by():
            self.rules[household].add(rule)
            self.doubts[household] += 1

    def _incomes(self, rows):
        """`({household: the newest income}, {household: {year: (纯收入, 核算人口)}})`."""
        rows = rows.filter(year__lte=self.year).order_by("household", "year")
        newest, earned = {}, defaultdict(dict)
        for household, year, *values in rows.values_list("household", "year", *kept.INCOME):
            newest[household] = (year, *values)
            *parts, persons = values
            if persons and (net := net_of(*parts)) is not None:
                earned[household][year] = net, persons
        return newest, earned

    def _newest(self, rows, fields):
        rows = rows.filter(year__lte=self.year).order_by("household", "year")
        return {row[0]: row[1:] for row in rows.values_list("household", "year", *fields)}

    def _members(self, keys):
        rows = Member.objects.unscoped("hanging").filter(household__in=keys)
        return rows.exclude(left_on__lte=self.day).exclude(joined_on__gt=self.day)

    def _people(self, keys):
        years = MemberYear.objects.unscoped("hanging").filter(member__household__in=keys, year__lte=self.year)
        facts = {
            member: held
            for member, *held in years.order_by("member", "year").values_list("member", *kept.PERSON)
        }
        empty, found = ("", None, None, None, None, ""), {}
        rows = self._members(keys).order_by("household", "order", "pk")
        for member, household, name, relation in rows.values_list("pk", "household", "name", "relation"):
            before = found.get(household, kept.NOBODY)
            found[household] = kept.with_person(before, name, relation, facts.get(member, empty))
        return found

    def _since(self, keys):
        """`{(shortfall, household): first year of the unbroken run of bad records up to the newest}`."""
        found = {}
        homes = Condition.objects.filter(household__in=keys, year__lte=self.year).order_by(
            "household", "year"
        )
        for household, *rows in _runs(
            homes.values_list("household", "dangerous", "danger_level", "water_safe", "water_solved", "year")
        ):
            for key, bad in breakdown.HOME_BAD.items():
                if year := _run(rows, bad):
                    found[key, household] = year
        people = MemberYear.objects.unscoped("hanging").filter(
            member__in=self._members(keys), year__lte=self.year
        )
        people = people.order_by("member", "year").values_list(
            "member", "medical_resident", "medical_employee", "dropout_reason", "year", "member__household"
        )  # fmt: skip
        for _, *rows in _runs(people):
            for key, bad in breakdown.MEMBER_BAD.items():
                if year := _run([row[:-1] for row in rows], bad):
                    at = key, rows[0][-1]
                    found[at] = min(year, found.get(at, year))
        return found

    def fill(self, one):
        """Give `one` its kept columns of the day."""
        pk = one.pk
        one.region_path = self.places.get(pk, one.region_path)
        one.identified_on, one.monitored_on, one.cleared_on = (
            _by(on, self.day) for on in (one.identified_on, one.monitored_on, one.cleared_on)
        )
        if one.exit_year == self.year and one.registry_status in "12" or (one.exit_year or 0) > self.year:
            one.exit_year = (
                None  # the year of an exit is known, its day is not: whoever is not out has not left yet
            )
        if (
            one.relapse_year == self.year
            and one.registry_status in "12"
            or (one.relapse_year or 0) > self.year
        ):
            one.relapse_year = None
        head = one.head_name
        helper, months, one.helper_name = self.helpers.get(pk, (None, None, ""))
        values = kept.values_of(
            self.people.get(pk, kept.NOBODY), self.causes.get(pk, ""), self.incomes.get(pk),
            self.conditions.get(pk, (None,) * 7), self.visits.get(pk), (helper, months),
            (one.registry_status, one.risk_state, one.monitored_on, one.identified_on),
            self.doubts.get(pk, 0),
        )  # fmt: skip
        vars(one).update(zip(kept.FIELDS, values))
        one.head_name = one.head_name or head
        one.target_due = one.target_end if one.registry_status in "124" or one.risk_state in "13" else None
        one.kinds, one.rules = self.measures[pk], self.rules[pk]
        one.earned = self.earned.get(pk, {})
        one.left = self.left.get(pk) or one.cleared_on
        one.since = {key: self.since.get((key, pk)) for key in breakdown.SHORTFALLS}


def _by(on, day):
    return on if on is not None and on <= day else None


def _runs(rows):
    """`(owner, *rows of that owner without it)`, rows being ordered by owner and year."""
    for owner, held in groupby(rows, key=lambda row: row[0]):
        yield owner, *(row[1:] for row in held)


def _run(rows, bad):
    """The first year (the last column) of the run of bad rows that reaches up to the newest, None where that is good."""
    first = None
    for *values, year in rows:
        first = (first or year) if bad(*values) else None
    return first


class _Judge:
    """The figures of a day as plain functions of a household."""

    def __init__(self, day, wanted=None):
        self.day, self.year, self.whole = day, day.year, wanted is None
        past = stats.Day.of(day)
        asked = [one for one in stats.COUNTED if wanted is None or one.key in wanted]
        self.figures = Sorter(
            [(one.key, one.condition(past)) for one in asked if known(one.key, day)], breakdown.ACTIVE
        )
        self.planned, self.caused = compiled(breakdown.planned(past)), compiled(breakdown.CAUSED)
        self.assisted = compiled(ASSISTED)
        self.happened = {name: compiled(whom) for name, (_, _, whom) in breakdown.EVENTS.items()}

    def keys(self, one):
        held = self.figures.keys(one)
        if not self.whole:
            return held
        told = breakdown.keys_of
        if self.planned(one):
            out = not self.assisted(one)
            held += told("plans", (one.target_end, one.left if out else None, out, one.exit_year), self.year)
        if one.main_cause and self.caused(one):
            answered = any(kind in breakdown.MATCH[one.main_cause] for kind in one.kinds)
            held += told("causes", (one.main_cause, answered), self.year)
            for kind in sorted(one.kinds):
                held += told("pairs", (one.main_cause, kind), self.year)
        if one.visit_due is not None:
            held += told("visits", (one.helper, one.visit_due >= self.day), self.year)
        held += told("events", [
            getattr(one, column) if self.happened[name](one) else None
            for name, (_, column, _) in breakdown.EVENTS.items()
        ], self.year)  # fmt: skip
        for year in one.earned:
            held += told("earned", (year,), self.year)
        for key, year in one.since.items():
            if getattr(one, key.replace("-", "_")):
                held += told(key, (year,), self.year)
        return held + [f"{stats.RULE}{rule}" for rule in sorted(one.rules)]


def count(path, day, width):
    """The figures of the places under `path` by the first `width` digits: `{place: {key: [户, 人]}}`."""
    return add_up((one.region_path[:width], one) for one in households(path, day))


def add_up(placed):
    """`{place: {key: [户, 人]}}` of `(place, household)`."""
    found = {}
    for place, one in placed:
        add(found.setdefault(place, {}), one.keys, one.size)
        add_sums(found[place], one)
    return found


def add_sums(figures, one):
    """Add the sums of a household that are no figures (`breakdown.net_key`)."""
    for year, (net, persons) in one.earned.items():
        if breakdown.FIRST <= year <= breakdown.LAST:
            pair = figures.setdefault(breakdown.net_key(year), [0, 0])
            pair[0] += breakdown.cents(net)
            pair[1] += persons


def add(figures, keys, size):
    """Count a household of `size` persons in."""
    for key in keys:
        pair = figures.get(key)
        if pair is None:
            pair = figures[key] = [0, 0]
        pair[0] += 1
        pair[1] += size
