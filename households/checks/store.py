"""Bringing the doubts up to date, and what people say about them.

A doubt is the same doubt as long as the rule, the member, the words and the facts behind it are the same: then it
keeps its explanation. When a fact changes it is a new doubt, which nobody has looked at.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from fupin.audit.record import record
from fupin.bulk import delete_rows, insert_rows
from fupin.regions import scope
from households import kept, lines
from households.checks import homes, villages
from households.checks.case import cases, provinces
from households.checks.catalogue import RULES
from households.checks.rules import basis_of
from households.models import ASSISTED, Doubt, DoubtEnd, Household, Measure, Member, VillageProfile

CHUNK = 500
FINDING = ("household", "rule", "member", "message", "basis")
"""Columns that say which doubt about a household it is."""
NOTHING = {}
BETWEEN_HOMES = "V32"
"""The rule whose verdict about one household depends on another."""


def findings(case):
    """`[(rule code, member id or None, message, basis)]` for one household."""
    found, groups = [], case.groups()
    for rule in RULES:
        if rule.test is None:
            for person, words, *basis in rule.find(case):
                member = None if person is None else person.row.pk
                own = basis[0] if basis else basis_of(rule, case, person)
                found.append((rule.code, member, rule.text(words), own))
            continue
        test = rule.test
        for person in groups[rule.of]:  # asked here, without a generator for each rule and household
            if words := test(person, case):
                said = rule.text(words if words.__class__ is str else "")
                found.append((rule.code, person.row.pk, said, basis_of(rule, case, person)))
    return found


@transaction.atomic
def explain(doubt, *, reason, by):
    """Somebody looked: the data is right as it is. The finding stays on record, and no longer counts. An empty
    reason opens it again."""
    doubt.explained, doubt.explained_by = reason, by if reason else None
    doubt.explained_on = timezone.localdate() if reason else None
    doubt.save(update_fields=["explained", "explained_by", "explained_on"])
    if doubt.household_id:
        kept.refresh([doubt.household_id], names=False)
    target = doubt.household or doubt.profile
    record("household.doubt_explain", target, by=by, rule=doubt.rule, reason=reason or "重新列为疑点")


@scope.without("checks")
@transaction.atomic
def check(household_ids, *, today=None, foreseen=None):
    """Bring the doubts of these households up to date; returns the keys of all whose doubts may have changed.

    Call before `kept.refresh`, in the action's transaction, and refresh what comes back: a phone that changes here
    may settle a doubt about another household, which is checked as well. What is `foreseen` is not read again.
    """
    ids = set(household_ids)
    if not ids:
        return ids
    today, reader = today or timezone.localdate(), _Reader()
    others = set()
    for chunk in _chunks(ids):
        others |= _bring_up(chunk, reader, today, foreseen or {})
    for chunk in _chunks(others - ids):
        _bring_up(chunk, reader, today)
    return ids | others


@scope.without("checks")
def foresee(household_ids, change, *, today=None):
    """`{key: (place, findings)}` of these households once `change(case)` is written, for `check`: so that a long piece of
    work judges them before it locks the database. Of households with a phone that others have too nothing is foreseen."""
    today, reader, found = today or timezone.localdate(), _Reader(), {}
    for chunk in _chunks(set(household_ids)):
        for case in reader.cases(chunk, today):
            if case.shared:
                continue
            change(case)
            if case.incomes:
                case.line = lines.line_for(max(case.incomes), case.household.region_path, reader.lines)
            closed = case.household.registry_status == "9"
            found[case.household.pk] = case.household.region_path, [] if closed else findings(case)
    return found


class _Reader:
    """Reads households with what is the same for all of them read once."""

    def __init__(self):
        self.provinces, self.lines = provinces(), lines.all_lines()

    def cases(self, ids, today):
        return cases(ids, today, self.provinces, self.lines, bare=True)


def _chunks(ids):
    ids = sorted(ids)
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _bring_up(ids, reader, today, foreseen=NOTHING):
    """Write what is new, delete what is gone (of closed households all of it); returns other households that the
    change concerns."""
    rows = Doubt.objects.unscoped("checks").filter(household__in=ids).order_by()
    held, days = {}, {}
    for pk, since, until, *key in rows.values_list("pk", "found_on", "explained_on", *FINDING):
        held[tuple(key)] = pk
        days[pk] = since, until
    between = {key[0] for key in held if key[1] == BETWEEN_HOMES}
    told = {pk: foreseen[pk] for pk in ids if pk in foreseen and pk not in between}
    found_cases = reader.cases([pk for pk in ids if pk not in told], today)
    found = {
        (case.household.pk, *finding): case.household.region_path
        for case in found_cases
        for finding in findings(case)
    }
    found |= {(pk, *finding): path for pk, (path, some) in told.items() for finding in some}
    gone = held.keys() - found.keys()
    delete_rows(Doubt, [held[key] for key in gone])
    ended = [(key[0], key[1], days[held[key]][0], days[held[key]][1] or today) for key in gone]
    insert_rows(
        DoubtEnd, ("household", "rule", "since", "until"), [row for row in ended if row[2] < row[3]], derived=True
    )  # fmt: skip
    insert_rows(
        Doubt, (*FINDING, "region_path", "found_on"),
        [(*finding, path, today) for finding, path in found.items() if finding not in held], derived=True,
    )  # fmt: skip
    shared = {id(keys): keys for case in found_cases for keys in case.shared.values()}
    others = set().union(*shared.values()).difference(ids)
    settled = [basis for _, rule, *_, basis in gone if rule == BETWEEN_HOMES]
    return (_without(others) | _with(settled)).difference(ids)


def _without(others):
    """Of the households that share a phone with these, those that have no doubt about it yet."""
    if not others:
        return set()
    held = set()
    for start in range(0, len(others), CHUNK):
        chunk = sorted(others)[start : start + CHUNK]
        rows = Doubt.objects.unscoped("checks").filter(household__in=chunk, rule=BETWEEN_HOMES).order_by()
        held |= set(rows.values_list("household", flat=True))
    return others - held


def _with(settled):
    """Households with a doubt of one of these bases: the phone that they shared has just changed elsewhere."""
    if not settled:
        return set()
    rows = Doubt.objects.unscoped("checks").filter(rule=BETWEEN_HOMES, basis__in=settled).order_by()
    return set(rows.values_list("household", flat=True))


@scope.without("checks")
@transaction.atomic
def check_villages(paths, *, today=None):
    """Bring the doubts about the figures of these villages (12 digits) up to date; their newest profile counts."""
    today = today or timezone.localdate()
    rows = villages.newest(sorted(set(paths)))
    held = {
        (row.profile_id, row.message, row.basis): row.pk
        for row in Doubt.objects.unscoped("checks").filter(
            rule=villages.SUMS.code, profile__region_path__in=set(paths)
        )
    }
    found = {
        (profile.pk, villages.SUMS.text(words), basis): profile.region_path
        for profile, counted in rows
        for words, basis in villages.findings(profile, counted)
    }
    delete_rows(Doubt, [held[key] for key in held.keys() - found.keys()])
    Doubt.objects.bulk_create(
        [
            Doubt(profile_id=profile, rule=villages.SUMS.code, message=message, basis=basis, region_path=path,
                  found_on=today)
            for (profile, message, basis), path in found.items()
            if (profile, message, basis) not in held
        ]
    )  # fmt: skip


@scope.without("checks")
def check_all(*, under="", today=None, step=None):
    """Every household and village under the place `under`, village by village; returns how many households.

    Each village is a transaction of its own; `step(households done)` is called after each.
    """
    today = today or timezone.localdate()
    done = 0
    places = Household.objects.in_paths([under])
    paths = sorted(
        {
            path[:12]
            for path in Household.objects.unscoped("checks")
            .filter(places)
            .values_list("region_path", flat=True)
            .distinct()
        }
        | set(
            VillageProfile.objects.unscoped("checks")
            .within(under)
            .values_list("region_path", flat=True)
            .order_by()
        )
    )
    for path in paths:
        with transaction.atomic():
            ids = list(
                Household.objects.unscoped("checks").within(path).order_by("pk").values_list("pk", flat=True)
            )
            kept.refresh(check(ids, today=today), today=today, names=False)
            check_villages([path], today=today)
        done += len(ids)
        if step:
            step(done)
    return done


# Every day

LATE_NIGHTS = 3
"""Days that the daily run looks back, for nights on which it did not run."""
BIRTHDAYS = (6, 7, 16, 60, 70, 111)
"""Ages at which a rule begins or ceases to hold."""


def due(today):
    """Keys of the households about which a rule may say something else since the last days, though nothing was
    changed: a target went by, a month or half a year since the identification, a birthday that counts."""
    days = [today - timedelta(n) for n in range(LATE_NIGHTS)]
    crossing = [day - span for day in days for span in (homes.MONTH, homes.HALF_YEAR)]
    crossing = [day - timedelta(1) for day in crossing]
    late = ASSISTED & (Q(target_end=None) | Q(target_end__lt=today))
    told = Doubt.objects.unscoped("checks").filter(household=OuterRef("pk"), rule="V50")
    since = ASSISTED & (Q(monitored_on__in=crossing) | Q(identified_on__in=crossing))
    found = set(
        Household.objects.unscoped("checks")
        .filter(late & ~Exists(told) | since)
        .order_by()
        .values_list("pk", flat=True)
    )
    born = [born for day in days for years in BIRTHDAYS if (born := _years_before(day, years))]
    people = Member.objects.unscoped("checks").filter(left_on=None, birth__in=born)
    found |= set(people.order_by().values_list("household", flat=True))
    done = Measure.objects.unscoped("checks").filter(done_on__in=crossing)
    return found | set(done.order_by().values_list("household", flat=True))


def _years_before(day, years):
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return None


@scope.without("checks")
def check_due(today):
    """The daily run over `due(today)`, in transactions of 500 households; returns how many were checked."""
    found = due(today)
    for chunk in _chunks(found):
        with transaction.atomic():
            kept.refresh(check(chunk, today=today), today=today, names=False)
    return len(found)
