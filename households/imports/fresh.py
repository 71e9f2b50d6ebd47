"""What a new household will look like, worked out from the file alone: kept columns, doubts, search tokens.

The same formulas as for stored ones (`households.kept`, `households.checks`, `households.search`), fed with rows
that are not written yet.
"""

from dataclasses import dataclass
from sys import intern

from django.utils import timezone

from fupin.prepared import several
from households import checks, kept, lines, search
from households.checks.case import (
    BareCause,
    BareCondition,
    BareHousehold,
    BareIncome,
    BareMember,
    BareYear,
    Case,
    Person,
    provinces,
)
from households.models import Household, Member
from households.models.bare import filled


@dataclass(slots=True)
class Seen:
    """`kept` values of kept.FIELDS; `doubts` [(rule, person of the file or None, message, basis)]; `tokens` the pieces;
    `shared`: a phone of theirs stands elsewhere too, so its doubts wait until it is in the book."""

    kept: tuple
    doubts: list
    tokens: tuple
    shared: bool


class Outlook:
    """`of(house, ...)` gives what is Seen of a house that is new in the book."""

    def __init__(self, year, houses):
        self.year, self.today = year, timezone.localdate()
        self.provinces, self.lines = provinces(), lines.in_force(year, lines.all_lines())
        self.empty = BareYear()
        self.elsewhere = _shared_phones(houses)

    def of(self, house, values, income, condition):
        case = Case(filled(BareHousehold, values), self.today, provinces=self.provinces)
        people, names = kept.NOBODY, set()
        for person in house.kept:
            row = filled(BareMember, person.values)
            row.id, row.name, row.relation = person, person.name, person.relation
            facts = person.facts
            year = filled(BareYear, facts) if facts else self.empty
            case.people.append(Person(row, year, row.age_on(self.today), self.today, person.read))
            told = (
                year.labour, year.dibao, year.tekun, year.medical_resident, year.medical_employee, year.dropout_reason
            )  # fmt: skip
            people = kept.with_person(people, person.name, person.relation, told)
            names |= search.tokens(person.name)
        main = next((code for rank, code in house.causes if rank == 0), "")
        case.causes = [filled(BareCause, {"cause": main})] if main else []
        if income:
            case.incomes = {self.year: filled(BareIncome, income | {"year": self.year})}
            case.line = lines.smallest(house.village.path, self.lines)
        case.condition = filled(BareCondition, condition) if condition else None
        shared = not self.elsewhere.isdisjoint(case.phones())
        doubts = [] if shared else checks.findings(case)
        columns = kept.values_of(
            people, main,
            (self.year, *(income.get(name) for name in kept.INCOME)) if income else None,
            (self.year, *(condition.get(name) for name in kept.CONDITION)) if condition else (None,) * 7,
            None, (None, None),
            (values.get("registry_status"), values.get("risk_state"), values.get("monitored_on"), values.get("identified_on")),
            len(doubts),
        )  # fmt: skip
        return Seen(columns, doubts, tuple(map(intern, names)), shared)


CHUNK = 500


def _shared_phones(houses):
    """The phones of these houses that stand in another one too, of the file or of the book."""
    once, found = set(), set()
    for house in houses:
        told = {house.values.get("phone"), *(person.values.get("phone") for person in house.kept)} - {
            None,
            "",
        }
        found |= told & once
        once |= told
    once = sorted(once)
    for start in range(0, len(once), CHUNK):
        for model, held_of in ((Household, _homes), (Member, _people)):
            mark_of = model._meta.get_field("phone_mark")
            wanted = mark_of.with_values(once[start : start + CHUNK])
            held = set(held_of([mark for mark, _ in wanted]))
            found |= {phone for mark, phone in wanted if mark in held}
    return found


def _marked(model, numbers):
    rows = model.objects.filter(phone_mark__in=numbers).exclude(phone_mark="").order_by()
    return rows.values_list("phone_mark", flat=True)


@several("numbers")
def _homes(numbers):
    return _marked(Household, numbers)


@several("numbers")
def _people(numbers):
    return _marked(Member, numbers)
