"""What the rules will say of known households once a file is in, and their kept columns, worked out before the database is
locked for writing.

The household is read as it is stored and the changes are put on top, row by row. Who gets new members, another phone or
another place is left to the check after the writing, and so is every village in which somebody worked meanwhile.
"""

from django.db.models import Max

from fupin.audit.models import AuditEvent
from fupin.excel.undo import LOOKS
from households import checks, kept
from households.checks.case import BareCause, BareCondition, BareIncome, BareYear
from households.models.bare import filled

VILLAGE = 12


class Foreseen:
    """`told` {key: (place, findings)}, see `checks.foresee`, of the changed houses of a store.Writer that has compared."""

    def __init__(self, writer):
        events = AuditEvent.objects.unscoped("trail")
        self.last_event = events.aggregate(last=Max("pk"))["last"] or 0
        self.year, self.homes = writer.year, {}
        columns = writer.columns
        phone = columns["household"].index("phone")
        for house, old, row in writer.compared:
            changed = writer.mark(house) in writer.touched
            here = old.region_path.startswith(house.village.path)
            if changed and here and (row is None or row[phone] == old.values[phone]):
                self.homes[house.key] = row and dict(zip(columns["household"], row))
        for _, house, _, _ in writer.new_people.rows:
            self.homes.pop(house.key, None)
        phones = writer.stored_phones
        self.people = {key: dict(zip(columns["member"], row)) for *row, key in writer.changed_people}
        self.other_phone = {key for key, values in self.people.items() if values["phone"] != phones[key]}
        self.facts = {key: dict(zip(columns["year"], row)) for *row, key in writer.changed_facts}
        fresh = writer.new_facts
        self.new_facts = {person.key: dict(zip(fresh.names, row)) for row, person in fresh.rows if person.key}
        self.incomes, self.new_incomes = _by_year(writer.incomes, columns["income"])
        self.conditions, self.new_conditions = _by_year(writer.conditions, columns["condition"])
        self.causes = {house.key: code for rank, code, house in writer.new_causes if rank == 0}
        self.renamed, self.columns = set(), {}
        self.known = kept.around(sorted(self.homes))
        self.told = checks.foresee(self.homes, self._change) if self.homes else {}
        self.told = {key: found for key, found in self.told.items() if key in self.homes}
        for done in (
            "homes",
            "people",
            "facts",
            "new_facts",
            "incomes",
            "new_incomes",
            "conditions",
            "new_conditions",
        ):
            delattr(self, done)  # judged: nothing of it is needed to write

    def _change(self, case):
        key = case.household.pk
        vars(case.household).update(self.homes[key] or {})
        for person in case.people:
            if person.row.pk in self.other_phone:
                self.homes.pop(key, None)
            if values := self.people.get(person.row.pk):
                if values["name"] != person.row.name:
                    self.renamed.add(key)
                vars(person.row).update(values)
                person.age, person._read = person.row.age_on(case.today), None
            person.year = self._newest(
                BareYear, person.year, self.facts.get(person.year.pk), self.new_facts.get(person.row.pk)
            )
        for income in case.incomes.values():
            vars(income).update(self.incomes.get(income.pk, {}))
        if values := self.new_incomes.get(key):
            case.incomes[self.year] = filled(BareIncome, values | {"year": self.year})
        held = case.condition
        changed = self.conditions.get(held.pk) if held else None
        case.condition = self._newest(BareCondition, held, changed, self.new_conditions.get(key))
        if (code := self.causes.get(key)) and not any((cause.year or 0) > self.year for cause in case.causes):
            case.causes = [filled(BareCause, {"cause": code, "year": self.year})]
        self.columns[key] = self._kept(case)

    def _kept(self, case):
        """The kept columns as they will be; the doubts are counted when they are written."""
        people, home, income, condition = kept.NOBODY, case.household, case.income, case.condition
        for person in case.people:
            facts = tuple(getattr(person.year, name) for name in kept.PERSON)
            people = kept.with_person(people, person.row.name, person.row.relation, facts)
        around = self.known[home.pk]
        return kept.values_of(
            people, case.causes[-1].cause if case.causes else "",
            income and (income.year, *(getattr(income, name) for name in kept.INCOME)),
            (condition.year, *(getattr(condition, name) for name in kept.CONDITION)) if condition else (None,) * 7,
            around.visited, around.helper,
            (home.registry_status, home.risk_state, home.monitored_on, home.identified_on), 0,
        )  # fmt: skip

    def _newest(self, kind, held, changed, fresh):
        """The row of the newest year: the held one as it will be, or the new one where that is not older."""
        if changed:
            vars(held).update(changed)
        if fresh is None or held is not None and (held.year or 0) > self.year:
            return held
        return filled(kind, fresh | {"year": self.year})

    def confirm(self):
        """In the transaction: let go of the villages in which anybody did anything since the judging."""
        events = AuditEvent.objects.unscoped("trail").filter(pk__gt=self.last_event).order_by()
        places = {
            path for action, path in events.values_list("action", "region_path") if not action.endswith(LOOKS)
        }
        if places:
            self.told = {
                key: found for key, found in self.told.items()
                if not any(path.startswith(found[0][:VILLAGE]) or found[0].startswith(path) for path in places)
            }  # fmt: skip


def _by_year(tables, names):
    """`({key of a stored row: values}, {household: values of a new row})`."""
    fresh, changed = tables
    stored = {key: dict(zip(names, row)) for *row, key in changed}
    return stored, {house.key: dict(zip(fresh.names, row)) for row, house in fresh.rows if house.key}
