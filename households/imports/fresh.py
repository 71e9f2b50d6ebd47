"""What a new household will look like, worked out from the file alone: kept columns, doubts, search tokens.

The same formulas as for stored ones (`households.kept`, `households.checks`, `households.search`), fed with rows
that are not written yet.
"""

from dataclasses import dataclass

from django.utils import timezone

from fupin.regions.models import Level, Region
from households import checks, kept, search
from households.models.bare import filled


@dataclass(slots=True)
class Seen:
    """`kept` values of kept.FIELDS; `doubts` [(rule, person of the file or None, message)]; `tokens` the pieces."""

    kept: tuple
    doubts: list
    tokens: tuple


class Outlook:
    """`of(house, ...)` gives what is Seen of a house that is new in the book."""

    def __init__(self, year):
        self.year, self.today = year, timezone.localdate()
        provinces = Region.objects.filter(level=Level.PROVINCE).values_list("path", flat=True)
        self.provinces = frozenset(provinces)
        self.empty = checks.BareYear()

    def of(self, house, values, income, condition):
        case = checks.Case(filled(checks.BareHousehold, values), self.today, provinces=self.provinces)
        people, names = kept.NOBODY, set()
        for person in house.kept:
            row = filled(checks.BareMember, person.values)
            row.id, row.name, row.relation = person, person.name, person.relation
            facts = person.facts
            year = filled(checks.BareYear, facts) if facts else self.empty
            case.people.append(checks.Person(row, year, row.age_on(self.today), self.today, person.read))
            told = (
                year.labour, year.dibao, year.tekun, year.medical_resident, year.medical_employee, year.dropout_reason
            )  # fmt: skip
            people = kept.with_person(people, person.name, person.relation, told)
            names |= search.tokens(person.name)
        case.causes = [filled(checks.BareCause, {"cause": code}) for _, code in house.causes]
        case.income = filled(checks.BareIncome, income) if income else None
        case.condition = filled(checks.BareCondition, condition) if condition else None
        doubts = checks.findings(case)
        main = next((code for rank, code in house.causes if rank == 0), "")
        columns = kept.values_of(
            people, main,
            (self.year, *(income.get(name) for name in kept.INCOME)) if income else None,
            (self.year, *(condition.get(name) for name in kept.CONDITION)) if condition else (None,) * 7,
            None, (None, None), len(doubts),
        )  # fmt: skip
        return Seen(columns, doubts, tuple(names))
