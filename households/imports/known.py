"""Households and officials that ledgers name, looked up in bulk."""

from fupin.accounts.roles import Permission
from fupin.bulk import insert_rows, take_keys, update_rows
from households import quota
from households.models import Helper, Household, Pairing, Visit

CHUNK = 500


def find_households(records, by):
    """Set `household` (key, region path) of each record by its `number`; refuse those that `by` cannot reach."""
    numbers = sorted({record.number for record in records if record.number})
    found = {}
    for start in range(0, len(numbers), CHUNK):
        rows = Household.objects.visible_to(by, Permission.IMPORT).filter(
            number__in=numbers[start : start + CHUNK]
        )
        for number, key, path in rows.order_by().values_list("number", "pk", "region_path"):
            found[number] = (key, path)
    for record in records:
        record.household = found.get(record.number)
        if record.household is None:
            record.refuse("household_not_found", "hh_no", record.number, household=record.number)


class Officials:
    """Officials by name and unit, made where they are not known yet. One query per 500 names."""

    COLUMNS = (
        "name",
        "unit",
        "phone",
        "sex",
        "unit_kind",
        "unit_level",
        "rank",
        "first_secretary",
        "team_leader",
        "team_member",
    )

    def __init__(self, names):
        names = sorted(set(names))
        self.held, self.fresh, self.changed = {}, {}, {}
        for start in range(0, len(names), CHUNK):
            rows = Helper.objects.filter(name__in=names[start : start + CHUNK]).order_by("pk")
            for key, *values in rows.values_list("pk", *self.COLUMNS):
                self.held.setdefault((values[0], values[1]), []).append((key, values))

    def find(self, name, unit, **facts):
        """The official of this name and unit (and phone, where both sides have one); a new one otherwise.

        Returns what stands for the official until `write` gives the key. What the file says besides is updated.
        """
        phone = facts.get("phone", "")
        for key, values in self.held.get((name, unit), []):
            if not phone or not values[2] or values[2] == phone:
                self._update(key, values, facts)
                return key
        place = (name, unit, phone)
        if place not in self.fresh:
            self.fresh[place] = {"name": name, "unit": unit} | facts
        return place

    def _update(self, key, values, facts):
        new = list(values)
        for column, value in facts.items():
            if value not in (None, ""):
                new[self.COLUMNS.index(column)] = value
        if new != values:
            values[:] = new
            self.changed[key] = new

    def write(self):
        """Insert and update; returns `{stand-in: key}` for the new ones."""
        keys = dict(zip(self.fresh, take_keys(Helper, len(self.fresh))))
        rows = []
        for place, facts in self.fresh.items():
            rows.append([*(facts.get(column, self._blank(column)) for column in self.COLUMNS), keys[place]])
        insert_rows(Helper, (*self.COLUMNS, "id"), rows)
        update_rows(Helper, self.COLUMNS, [(*row, key) for key, row in self.changed.items()])
        return keys

    @staticmethod
    def _blank(column):
        return False if column in ("first_secretary", "team_leader", "team_member") else ""


def recount_visits(household_ids):
    """Set anew which visits meet the requirement: by 入户, by who was paired with the household on that day."""
    household_ids = sorted(set(household_ids))
    through = Visit.helpers.through
    for start in range(0, len(household_ids), CHUNK):
        chunk = household_ids[start : start + CHUNK]
        paired = {}
        for household, helper, begin, end in (
            Pairing.objects.filter(household__in=chunk)
            .order_by()
            .values_list("household", "helper", "starts_on", "ends_on")
        ):
            paired.setdefault((household, helper), []).append((begin, end))
        visitors = {}
        for visit, helper in (
            through.objects.filter(visit__household__in=chunk).order_by().values_list("visit_id", "helper_id")
        ):
            visitors.setdefault(visit, []).append(helper)
        changed = []
        for key, household, on, way, counts in (
            Visit.objects.filter(household__in=chunk)
            .order_by()
            .values_list("pk", "household", "on", "way", "counts")
        ):
            meets = way in quota.COUNTING_WAYS and any(
                begin <= on and (end is None or on <= end)
                for helper in visitors.get(key, ())
                for begin, end in paired.get((household, helper), ())
            )
            if meets != counts:
                changed.append((meets, key))
        update_rows(Visit, ("counts",), changed, derived=True)
