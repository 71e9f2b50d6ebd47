"""One household read whole, as the rules see it. Eleven queries for 500 households, however many people they have."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from fupin.prepared import prepared, several
from fupin.regions.models import Level, Region
from households import codes, idcard, lines
from households.models import (
    Condition,
    Household,
    HouseholdCause,
    Income,
    Measure,
    Member,
    MemberYear,
    StatusChange,
)
from households.models.bare import Source, bare

BareHousehold = bare(Household, "is_assisted")
BareMember = bare(Member, "age_on")
BareIncome = bare(Income, "net", "total")
BareYear, BareCondition, BareCause = map(bare, (MemberYear, Condition, HouseholdCause))
"""The rows that the rules read by the hundred thousand."""

STUDENT = {value for value in codes.School.values if value not in ("00", "01")}
LABOURING = set(codes.WORKING) | {codes.Labour.WEAK}
ADULT = 16
HELPED = "1"
"""`mode` of a clear_risk step: 帮扶消除."""


@dataclass
class Person:
    """One active member with the facts of the newest year."""

    row: Member
    year: MemberYear
    age: int | None
    today: date
    _read: idcard.IdNumber = None

    @property
    def read(self):
        """The ID number read again; an empty reading for papers that are no citizen number."""
        if self._read is None:
            number = self.row.id_number if self.row.id_type in ("01", "03") else ""
            self._read = idcard.read(number, self.today)
        return self._read

    @property
    def is_student(self):
        return self.year.school in STUDENT

    @property
    def has_labour(self):
        return self.year.labour in LABOURING

    @property
    def works(self):
        return bool(self.year.work_months or self.year.work_area)

    def older_than(self, years):
        """Whether the age is known and at least `years`."""
        return self.age is not None and self.age >= years

    def younger_than(self, years):
        return self.age is not None and self.age < years


@dataclass
class Case:
    """One household. `incomes` by year; `shared` are its phones that other households have too; `line` is what
    the income of the newest year is measured against; `cleared_by` the mode of the last clear_risk step."""

    household: Household
    today: date
    people: list = field(default_factory=list)
    condition: Condition = None
    incomes: dict = field(default_factory=dict)
    causes: list = field(default_factory=list)
    measures: list = field(default_factory=list)
    provinces: frozenset = frozenset()
    shared: dict = field(default_factory=dict)
    cleared_by: str = ""
    line: object = None

    @property
    def income(self):
        """The newest year's, or None."""
        return self.incomes[max(self.incomes)] if self.incomes else None

    @property
    def watched(self):
        """Whether it is monitored now: an open or reopened risk."""
        return self.household.risk_state in ("1", "3")

    @property
    def in_need_since(self):
        """The day from which the household has had to be helped, or None: the newest identification."""
        household = self.household
        if self.watched and household.monitored_on:
            return household.monitored_on
        return household.identified_on if household.registry_status in "124" else None

    def groups(self):
        """The members by what rules ask of them, in one pass: those whose ID number cannot be read, who are below 16,
        who have or had work, who hold a certificate of a disability."""
        found = {"all": self.people, "misread": [], "minor": [], "working": [], "certified": []}
        for person in self.people:
            year = person.year
            if person.read.problem:
                found["misread"].append(person)
            if person.age is not None and person.age < ADULT:
                found["minor"].append(person)
            if year.work_months or year.work_area or year.work_place:
                found["working"].append(person)
            if year.disability_no:
                found["certified"].append(person)
        return found

    def with_relation(self, relation):
        return [person for person in self.people if person.row.relation == relation]

    def phones(self):
        """`{phone: the member it belongs to, None for the household's own}`."""
        found = {person.row.phone: person for person in reversed(self.people) if person.row.phone}
        if self.household.phone:
            found[self.household.phone] = None
        return found


def provinces():
    """The two-digit codes that an ID number may begin with."""
    return frozenset(_provinces())


@prepared
def _provinces():
    return Region.objects.filter(level=Level.PROVINCE).values_list("path", flat=True)


def _open(ids):
    rows = Household.objects.unscoped("hanging").filter(pk__in=ids)
    return rows.exclude(registry_status="9").order_by("pk")


def _members(ids):
    return Member.objects.unscoped("hanging").filter(household__in=ids, left_on=None).order_by("order", "pk")


def _facts(ids):
    rows = MemberYear.objects.unscoped("hanging")
    return rows.filter(member__household__in=ids, member__left_on=None).order_by("year")


def _main(ids):
    return HouseholdCause.objects.filter(household__in=ids, rank=0).order_by("year")


HOUSEHOLDS = Source(BareHousehold, Household, _open)
MEMBERS = Source(BareMember, Member, _members)
YEARS = Source(BareYear, MemberYear, _facts)
CONDITIONS = Source(
    BareCondition, Condition, lambda ids: Condition.objects.filter(household__in=ids).order_by("year")
)
INCOMES = Source(BareIncome, Income, lambda ids: Income.objects.filter(household__in=ids).order_by("year"))
CAUSES = Source(BareCause, HouseholdCause, _main)


@several("ids")
def _measures(ids):
    return Measure.objects.unscoped("hanging").filter(household__in=ids).order_by("pk")


@several("ids")
def _clearings(ids):
    rows = StatusChange.objects.filter(household__in=ids, step="clear_risk").order_by("on", "pk")
    return rows.values_list("household", "after")


def _homes_with(phones):
    rows = Household.objects.unscoped("hanging").filter(phone__in=phones).exclude(registry_status="9")
    return rows.order_by().values_list("pk", "phone")


def _people_with(phones):
    rows = Member.objects.unscoped("hanging").filter(phone__in=phones, left_on=None)
    return rows.exclude(household__registry_status="9").order_by().values_list("household", "phone")


def cases(ids, today, provinces=frozenset(), all_lines=None, *, bare=False):
    """These households as Cases, closed ones left out, in the order of their keys. With `bare`, for rules alone, rows
    are no instances of their models (see `households.models.bare`)."""
    if not ids:
        return []
    rows = Source.read if bare else Source.read_models
    found = {row.pk: Case(row, today, provinces=provinces) for row in rows(HOUSEHOLDS, ids)}
    _people(found, today, rows)
    for row in rows(CONDITIONS, found):
        found[row.household_id].condition = row
    for row in rows(INCOMES, found):
        found[row.household_id].incomes[row.year] = row
    for row in rows(CAUSES, found):
        found[row.household_id].causes = [row]
    for row in _measures(found):
        found[row.household_id].measures.append(row)
    for household, after in _clearings(found):
        found[household].cleared_by = after.get("mode", "")
    _shared(found)
    held = lines.all_lines() if all_lines is None else all_lines
    for case in found.values():
        if case.incomes:
            case.line = lines.line_for(max(case.incomes), case.household.region_path, held)
    return list(found.values())


def _people(found, today, rows):
    empty = MemberYear()
    years = {row.member_id: row for row in rows(YEARS, found)}
    for member in rows(MEMBERS, found):
        person = Person(member, years.get(member.pk, empty), member.age_on(today), today)
        found[member.household_id].people.append(person)


def _shared(found):
    """Which phones of these households stand in other households too: `{phone: keys of all who have it}`."""
    phones = {phone for case in found.values() for phone in case.phones()}
    if not phones:
        return
    owners = defaultdict(set)
    for household, phone in (*_homes_with(phones), *_people_with(phones)):
        owners[phone].add(household)
    for case in found.values():
        case.shared = {phone: owners[phone] for phone in case.phones() if len(owners[phone]) > 1}
