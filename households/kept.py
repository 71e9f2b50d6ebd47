"""Keeping the derived columns of households true. The only writer of those columns.

Every action that changes a household, its members, years, income, causes, visits, pairings or doubts calls
`refresh()` with the ids it touched, in its own transaction; imports call it once for all of them.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from fupin.bulk import update_rows
from fupin.prepared import several
from fupin.regions import scope
from households import codes, quota, search, stats
from households.models import (
    Condition,
    CrossCheck,
    Doubt,
    Household,
    HouseholdCause,
    Income,
    Member,
    MemberYear,
    Pairing,
    Visit,
)
from households.models.income import EARNED, net_of, per_head

FIELDS = (
    "head_name", "size", "labour", "main_cause", "income_year", "per_capita", "dibao", "tekun",
    "unsafe_house", "unsafe_water", "uninsured", "out_of_school", "last_visit_on", "helper", "visit_months", "visit_due",
    "doubts",
)  # fmt: skip


@scope.without("kept")
def refresh(household_ids, *, today=None, names=True, counts=True):
    """Recompute the kept columns of these households, their search tokens and the counts of their villages.

    A fixed number of queries per 500 households. `names=False` skips the tokens (nothing about names
    changed), `counts=False` leaves the counts to the caller, who then calls `stats.recount` itself.
    Call inside the action's transaction.
    """
    household_ids = sorted(set(household_ids))
    today = today or timezone.localdate()
    for start in range(0, len(household_ids), 500):
        chunk = household_ids[start : start + 500]
        update_rows(Household, *_differing(chunk, _rows(chunk, today)), derived=True)
    if names:
        search.refresh(household_ids)
    if counts:
        stats.recount(villages_of(household_ids), today=today)


@scope.without("kept")
def villages_of(household_ids):
    """Village paths (12 digits) of these households."""
    found = set()
    for start in range(0, len(household_ids), 5000):
        found |= {path[:12] for path in _places(household_ids[start : start + 5000])}
    return found


HEAD = codes.Relation.HEAD.value
MANY = 50
"""Households from which reading what stands there costs less than writing every column of all of them."""


def _differing(chunk, rows):
    """`(columns, rows with the key last)`: of many households only what differs from what is stored, for each column
    that is written costs its indexes."""
    if len(chunk) < MANY:
        return FIELDS, rows
    return _changed(_stored(chunk), rows)


def _stored(chunk):
    rows = Household.objects.filter(pk__in=chunk).order_by().values_list("pk", *FIELDS)
    return {key: values for key, *values in rows}


def _changed(held, rows):
    rows = [row for row in rows if row[:-1] != tuple(held.get(row[-1], ()))]
    at = [n for n in range(len(FIELDS)) if any(row[n] != held[row[-1]][n] for row in rows)]
    return [FIELDS[n] for n in at], [(*(row[n] for n in at), row[-1]) for row in rows]


@dataclass(slots=True)
class Around:
    """What a household's kept columns rest on besides itself and its people: the day of the last visit, `(helper,
    months)`, open clues of bureaus; and what the columns hold (`stored`)."""

    visited: object
    helper: tuple
    clues: int
    stored: list


@scope.without("kept")
def around(household_ids, *, today=None):
    """`{key: Around}`: to work out before a transaction what `put` writes in it."""
    today, found = today or timezone.localdate(), {}
    for start in range(0, len(household_ids), 500):
        chunk = household_ids[start : start + 500]
        visits, clues, stored = dict(_visits(chunk)), Counter(_clues(chunk)), _stored(chunk)
        helpers = _helpers(chunk, today)
        for key in chunk:
            found[key] = Around(
                visits.get(key), helpers.get(key, (None, None)), clues[key], stored.get(key, [])
            )
    return found


@scope.without("kept")
def put(columns, known):
    """Write the kept columns `{key: values of FIELDS}` that were worked out from `known` (`around`). Their doubts are
    counted now. Call inside the transaction, after `checks.check`; the counts of the villages are left to the caller."""
    keys = sorted(columns)
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        doubts = Counter(_doubts(chunk))
        rows = [(*columns[key][:-1], doubts[key] + known[key].clues, key) for key in chunk]
        update_rows(Household, *_changed({key: known[key].stored for key in chunk}, rows), derived=True)


# What the columns are worked out from, each query over the `ids` of some households


@several("ids")
def _places(ids):
    return Household.objects.filter(pk__in=ids).values_list("region_path", flat=True)


@several("ids")
def _causes(ids):
    rows = HouseholdCause.objects.filter(household__in=ids, rank=0)
    return rows.order_by("household", "year").values_list("household", "cause")


@several("ids")
def _visits(ids):
    rows = Visit.objects.filter(household__in=ids, cancelled_reason="", counts=True).values("household")
    return rows.annotate(last=Max("on")).order_by().values_list("household", "last")


@several("ids")
def _pairings(day, ids):
    rows = Pairing.objects.current(day).filter(household__in=ids).order_by("household", "-order", "starts_on")
    return rows.values_list("household", "helper", "visits_per_year")


@several("ids")
def _stands(ids):
    rows = Household.objects.filter(pk__in=ids).order_by()
    return rows.values_list("pk", "registry_status", "risk_state", "monitored_on", "identified_on")


@several("ids")
def _doubts(ids):
    return Doubt.objects.filter(household__in=ids, explained="").values_list("household", flat=True)


@several("ids")
def _clues(ids):
    rows = CrossCheck.objects.open().filter(household__in=ids).order_by()
    return rows.values_list("household", flat=True)


@several("ids")
def _members(ids):
    rows = Member.objects.filter(household__in=ids, left_on=None).order_by("household", "order", "pk")
    return rows.values_list("pk", "household", "name", "relation")


@several("ids")
def _years(ids):
    rows = MemberYear.objects.filter(member__household__in=ids, member__left_on=None)
    return rows.order_by("member", "year").values_list("member", *PERSON)


@several("ids")
def _incomes(ids):
    return _by_year(Income, ids, INCOME)


@several("ids")
def _conditions(ids):
    return _by_year(Condition, ids, CONDITION)


def _by_year(model, ids, fields):
    rows = model.objects.filter(household__in=ids).order_by("household", "year")
    return rows.values_list("household", "year", *fields)


def _helpers(chunk, today):
    return {
        household: (helper, quota.months_of(visits) if visits else None)
        for household, helper, visits in _pairings(today, chunk)
    }


def _rows(chunk, today):
    people, causes, visits = _people(chunk), dict(_causes(chunk)), dict(_visits(chunk))
    incomes, conditions = _latest(_incomes(chunk)), _latest(_conditions(chunk))
    helpers = _helpers(chunk, today)
    stands = {household: axes for household, *axes in _stands(chunk)}
    doubts = Counter(_doubts(chunk)) + Counter(_clues(chunk))
    for household in chunk:
        yield (
            *values_of(
                people.get(household, NOBODY), causes.get(household, ""), incomes.get(household),
                conditions.get(household, (None,) * 7), visits.get(household), helpers.get(household, (None, None)),
                stands.get(household, ("9", "0")), doubts[household],
            ),
            household,
        )  # fmt: skip


NOBODY = ("", 0, 0, {})


def values_of(people, cause, income, condition, visited, helper, stand, doubts):
    """The values of FIELDS for one household: `people` as `with_person` gives it, `income` and `condition` of the
    newest year with the year first, the day of the last visit, `(helper, months)`, where it stands `(registry status,
    risk state, days on which it was identified)`, the number of open doubts."""
    head, size, labour, flags = people
    registry, risk, *since = stand
    return (
        head,
        size,
        labour,
        cause,
        income[0] if income else None,
        per_head(net_of(*income[1:7]), income[7]) if income else None,
        bool(condition[1]) or flags.get("dibao", False),
        bool(condition[2]) or flags.get("tekun", False),
        bool(condition[3]) or condition[4] in codes.UNSAFE,
        condition[5] is False or condition[6] is False,
        flags.get("uninsured", False),
        flags.get("out_of_school", False),
        visited,
        *helper,
        quota.due_on(registry, risk, helper[1], visited, *since),
        doubts,
    )


PERSON = ("labour", "dibao", "tekun", "medical_resident", "medical_employee", "dropout_reason")
INCOME = (*EARNED, "expense", "stated_net", "persons")
CONDITION = ("dibao", "tekun", "dangerous", "danger_level", "water_safe", "water_solved")


def with_person(people, name, relation, facts):
    """`(head's name, members, labour force, flags)` with one more person; `facts` are the values of PERSON."""
    head, size, labour, flags = people
    work, dibao, tekun, resident, employee, dropout = facts
    if relation == HEAD and not head:
        head = name
    if dibao or tekun or dropout or (resident is False and not employee):
        flags = flags.copy()
        flags |= {"dibao": True} if dibao else {}
        flags |= {"tekun": True} if tekun else {}
        flags |= {"uninsured": True} if resident is False and not employee else {}
        flags |= {"out_of_school": True} if dropout else {}
    return head, size + 1, labour + (work in codes.WORKING), flags


def _people(chunk):
    """`{household: (head's name, members, labour force, flags)}` of the members of today, one query each."""
    years = {member: facts for member, *facts in _years(chunk)}
    empty = ("", None, None, None, None, "")
    found = {}
    for member, household, name, relation in _members(chunk):
        before = found.get(household, NOBODY)
        found[household] = with_person(before, name, relation, years.get(member, empty))
    return found


def _latest(rows):
    """`{household: (year, *values)}` of the newest year, of rows in the order of years."""
    return {row[0]: row[1:] for row in rows}
