"""Writing a household list: what is new is inserted, what differs is updated, what is equal is left alone.

No instances are made: stored rows are read as tuples, compared, and written with `fupin.bulk`. A blank cell says
nothing and changes nothing; people who are not in the file stay in the book.
"""

from dataclasses import dataclass

from django.utils import timezone

from fupin.audit.models import AuditEvent
from fupin.bulk import insert_rows, take_keys, update_rows
from fupin.excel.changes import CHANGED, NEW, SAME
from fupin.regions.models import Region
from fupin.regions.tree import open_groups
from households import checks, codes, kept, stats
from households.models import (
    Condition,
    Household,
    HouseholdCause,
    Income,
    Member,
    MemberYear,
    StatusChange,
)

HOUSEHOLD = (
    "registry_status", "monitor_category", "risk_state", "policy_status", "monitored_on", "cleared_on",
    "legacy_attribute", "identified_on", "identified_text", "exit_year", "phone", "address", "bank_name", "bank_account", "standard", "relocated", "military_family",
    "bottom_line", "remark",
)  # fmt: skip
INCOME = ("wage", "operating", "property", "transfer", "expense", "stated_net", "persons")
PARTS = {"wage", "operating", "property", "transfer"}
CONDITION = (
    "farmland", "irrigated", "forest", "returned_forest", "orchard", "pasture", "water_surface", "house_area",
    "dangerous", "danger_level", "structure", "water_solved", "water_safe", "water_difficult", "water_kind",
    "power_living", "power_production", "broadcast", "road_distance", "road_kind", "fuel", "toilet", "cooperative",
    "dibao", "tekun", "legacy_attribute", "bottom_line", "collected_on", "note",
)  # fmt: skip
YEARLY = ("legacy_attribute", "bottom_line")
"""Values of the household that its Condition keeps for the year of the file too (actions.register.YEARLY)."""
MEMBER = (
    "name", "relation", "relation_text", "id_number", "id_text", "sex", "birth", "ethnic", "ethnic_text", "phone",
    "member_no",
)  # fmt: skip
YEAR = (
    "education", "school", "dropout_reason", "labour", "health", "disability_kind", "disability_level",
    "disability_no", "disability_year", "military", "politics", "activist", "medical_resident", "medical_employee",
    "medical_critical", "commercial_insured", "pension_resident", "pension_employee", "pension_received", "dibao",
    "tekun", "putonghua", "work_area", "work_months", "work_place", "work_company", "work_income", "job_channel",
    "abroad", "post_kind", "post_months", "medical_aid", "role_note",
)  # fmt: skip
AXES = ("registry_status", "monitor_category", "risk_state", "policy_status")
AXIS_DATES = ("monitored_on", "cleared_on")
DEFAULTS = {"registry_status": "0", "monitor_category": "0", "risk_state": "0"}
CHUNK = 500


def named(causes):
    """Causes `[(rank, code)]` by their labels."""
    return "、".join(codes.Cause(code).label for _, code in causes)


@dataclass(frozen=True, slots=True)
class Stored:
    """A household as the database holds it: `values` in the order of HOUSEHOLD."""

    key: int
    region_path: str
    version: int
    values: tuple


def households(numbers):
    """`{number: Stored}` of those households that exist, wherever they are."""
    found = {}
    for start in range(0, len(numbers), CHUNK):
        rows = Household.objects.filter(number__in=numbers[start : start + CHUNK]).order_by()
        for number, key, path, version, *values in rows.values_list(
            "number", "pk", "region_path", "version", *HOUSEHOLD
        ):
            found[number] = Stored(key, path, version, tuple(values))
    return found


class Changes:
    """Compares what a file says with what is stored, table by table, and writes the difference."""

    def __init__(self, model, columns):
        self.model, self.columns = model, columns
        self.fresh, self.changed = [], []
        self.empty = tuple(
            "" if model._meta.get_field(name).get_internal_type() in ("CharField", "TextField") else None
            for name in columns
        )
        self.limits = [model._meta.get_field(name).max_length or 0 for name in columns]

    def row(self, values):
        """The row of a dict: blanks where it says nothing."""
        get = values.get
        return [
            blank
            if (value := get(name)) is None
            else value[:limit]
            if limit and value.__class__ is str
            else value
            for name, blank, limit in zip(self.columns, self.empty, self.limits)
        ]

    def merged(self, old, values):
        """The stored row with what the file says, or None when nothing differs."""
        get, new, differs = values.get, list(old), False
        for index, name in enumerate(self.columns):
            value = get(name)
            if value is not None and self.limits[index] and value.__class__ is str:
                value = value[: self.limits[index]]
            if value is not None and value != old[index]:
                new[index] = value
                differs = True
        return new if differs else None


def fitting(columns, old, values):
    """What the file says of a stored row, without the land that could not stand beside what is stored: irrigated
    land is part of the farmland."""
    if "irrigated" not in columns:
        return values
    after = {
        name: values.get(name, was) for name, was in zip(columns, old) if name in ("farmland", "irrigated")
    }
    if None in after.values() or after["irrigated"] <= after["farmland"]:
        return values
    return {name: value for name, value in values.items() if name not in after}


def write(houses, stored, setting, *, by, batch, notes=None):
    """Write the houses; returns how many were new, changed and left alone. Call inside the transaction.

    What changes, value by value, goes into `notes` (differences.Notes) when given.
    """
    return Writer(houses, stored, setting, by, batch, notes).write()


def compare(houses, stored, setting, *, by, notes):
    """The keys of those stored houses that writing would change. Writes nothing but groups not known yet."""
    writer = Writer(houses, stored, setting, by, None, notes)
    writer.writes = False
    writer.find_regions()
    writer.differences()
    return set(writer.touched)


class Writer:
    writes = True
    notes = None

    def __init__(self, houses, stored, setting, by, batch, notes):
        self.houses, self.stored, self.year = houses, stored, setting.year
        self.by, self.batch, self.notes = by, batch, notes
        self.moves = []  # (house, region path before)
        self.updated = set()  # keys whose own row was written
        self.touched = {}  # key of a household: set of what changed ("new" for a new one)
        self.left = set()  # villages that a household moved out of: their counts change too
        self.people = {"new": 0, "changed": 0, "same": 0}

    def write(self):
        self.find_regions()
        self.differences()
        self.raise_versions()
        self.write_trail()
        kept.refresh(checks.check(self.touched))
        stats.recount(self.left)
        fresh = sum(1 for what in self.touched.values() if "new" in what)
        return {
            "households_new": fresh,
            "households_changed": len(self.touched) - fresh,
            "households_same": len(self.houses) - len(self.touched),
            "persons_new": self.people["new"],
            "persons_changed": self.people["changed"],
            "persons_same": self.people["same"],
        }

    def differences(self):
        """Compare table by table, and write what differs."""
        self.write_households()
        self.write_members()
        self.write_by_year(Income, INCOME, self.income_of)
        self.write_by_year(Condition, CONDITION, self.condition_of)
        self.write_causes()
        for house in self.houses:
            what = self.touched.get(house.key, ())
            house.state = NEW if "new" in what else CHANGED if what else SAME
        if self.notes is not None:
            self.note_moves()

    def note(self, house, row, model, columns, old, new):
        if self.notes is not None:
            self.notes.add(house, row, model, columns, old, new)

    def note_moves(self):
        names = Region.objects.names(
            [path for _, path in self.moves] + [h.region.path for h, _ in self.moves]
        )
        for house, path in self.moves:
            self.notes.say(house, house.row, "村组", names.get(path, path), names.get(house.region.path, ""))

    def raise_versions(self):
        """Whatever of a household changed, who read it before has an old version in hand."""
        keys = [key for key, what in self.touched.items() if "new" not in what and key not in self.updated]
        now = timezone.now()
        held = {
            house.key: self.stored[house.number].version
            for house in self.houses
            if house.number in self.stored
        }
        update_rows(
            Household, ("version", "updated_at", "updated_by"), [(held[key] + 1, now, self.by.pk, key) for key in keys]
        )  # fmt: skip

    def touch(self, house, what):
        self.touched.setdefault(house.key, set()).add(what)

    def find_regions(self):
        wanted = {(house.village.path, house.group) for house in self.houses if house.group}
        groups = open_groups(wanted)
        for house in self.houses:
            house.region = groups.get((house.village.path, house.group), house.village)

    def income_of(self, house):
        """The parts; of a household of which the file says only the 家庭纯收入, that."""
        stated = {} if PARTS & house.income.keys() or house.net is None else {"stated_net": house.net}
        if not house.income and not stated:
            return {}
        return house.income | stated | {"persons": len(house.kept)}

    def write_households(self):
        changes = Changes(Household, HOUSEHOLD)
        new = [house for house in self.houses if house.key is None]
        for house, key in zip(new, take_keys(Household, len(new))):
            house.key = key
            row = changes.row(DEFAULTS | house.values)
            changes.fresh.append([*row, house.number, house.region.pk, house.region.path, key])
            self.touch(house, "new")
        insert_rows(
            Household, (*HOUSEHOLD, "number", "region", "region_path", "id"), changes.fresh,
            constants={"updated_by": self.by.pk},
        )  # fmt: skip
        steps, now = [], timezone.now()
        for house in self.houses:
            old = self.stored.get(house.number)
            if old is None:
                continue
            row = changes.merged(old.values, house.values)
            moved = not old.region_path.startswith(house.region.path) and old.region_path != house.region.path
            if row is None and not moved:
                continue
            self.touch(house, "moved" if row is None else "household")
            if row is not None:
                self.note(house, house.row, Household, HOUSEHOLD, old.values, row)
            if moved:
                self.moves.append((house, old.region_path))
            path, region = (house.region.path, house.region.pk) if moved else (old.region_path, None)
            changes.changed.append((row or list(old.values), path, region, old, house))
            steps += self.step_of(house, old, row)
        if not self.writes:
            return
        self.update_households(changes.changed, now)
        StatusChange.objects.bulk_create(steps, batch_size=CHUNK)

    def step_of(self, house, old, row):
        axes = [HOUSEHOLD.index(name) for name in AXES]
        before = {HOUSEHOLD[index]: old.values[index] for index in axes}
        after = {HOUSEHOLD[index]: (row or old.values)[index] for index in axes}
        if before == after:
            return []
        return [
            StatusChange(
                household_id=house.key, step="import", before=before, after=after, on=timezone.localdate(),
                reason="Excel 导入", by=self.by,
            )
        ]  # fmt: skip

    def update_households(self, changed, now):
        rows = [(*row, old.version + 1, now, self.by.pk, old.key) for row, _, _, old, _ in changed]
        self.updated = {old.key for _, _, _, old, _ in changed}
        update_rows(Household, (*HOUSEHOLD, "version", "updated_at", "updated_by"), rows)
        moved = [(path, region, old.key) for _, path, region, old, _ in changed if region]
        update_rows(Household, ("region_path", "region"), moved)
        keys = [(path, key) for path, _, key in moved]
        self.left = {old.region_path[:12] for _, _, region, old, _ in changed if region}
        if keys:
            self.move_rows(keys)

    def move_rows(self, keys):
        """Every row of a moved household carries its place."""
        for path, key in keys:
            for relation in Household._meta.related_objects:
                model = relation.related_model
                if any(column.name == "region_path" for column in model._meta.concrete_fields):
                    model.objects.filter(**{relation.field.name: key}).update(region_path=path)

    def write_members(self):
        changes, years = Changes(Member, MEMBER), Changes(MemberYear, YEAR)
        held = self.stored_members()
        fresh = []
        for house in self.houses:
            old = held.get(house.key, {})
            for order, person in enumerate(house.kept):
                values = person.values | {"name": person.name, "relation": person.relation}
                found = old.get(person.number)
                if found is None:
                    fresh.append((house, order, person, values))
                    continue
                self.compare_member(house, person, values, found, changes, years)
        for house, _, person, _ in fresh:
            person.state = NEW
            self.touch(house, "members")
        self.people["new"] += len(fresh)
        if not self.writes:
            return
        for (house, order, person, values), key in zip(fresh, take_keys(Member, len(fresh))):
            changes.fresh.append(
                [*changes.row(values), house.key, house.region.path, order, person.number[-4:], key]
            )
            if person.facts:
                years.fresh.append([*years.row(person.facts), key])
        insert_rows(Member, (*MEMBER, "household", "region_path", "order", "id_tail", "id"), changes.fresh)
        update_rows(Member, MEMBER, changes.changed)
        insert_rows(MemberYear, (*YEAR, "member"), years.fresh, constants={"year": self.year})
        update_rows(MemberYear, YEAR, years.changed)

    def stored_members(self):
        """`{household: {id number: (member's key, MEMBER values, year's key, YEAR values)}}` of known households."""
        keys = [house.key for house in self.houses if house.number in self.stored]
        held, by_member = {}, {}
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            facts = MemberYear.objects.filter(
                member__household__in=chunk, member__left_on=None, year=self.year
            )
            for member, key, *values in facts.order_by().values_list("member", "pk", *YEAR):
                by_member[member] = (key, values)
            rows = Member.objects.active().filter(household__in=chunk).order_by()
            for household, key, *values in rows.values_list("household", "pk", *MEMBER):
                held.setdefault(household, {})[values[MEMBER.index("id_number")]] = (
                    key,
                    values,
                    *by_member.get(key, (None, None)),
                )
        return held

    def compare_member(self, house, person, values, found, changes, years):
        key, old, year_key, old_facts = found
        row = changes.merged(old, values)
        facts = years.merged(old_facts, person.facts) if year_key else None
        if row:
            changes.changed.append((*row, key))
            self.note(house, person.row, Member, MEMBER, old, row)
        if facts:
            years.changed.append((*facts, year_key))
            self.note(house, person.row, MemberYear, YEAR, old_facts, facts)
        elif not year_key and person.facts:
            facts = years.row(person.facts)
            years.fresh.append([*facts, key])
            self.note(house, person.row, MemberYear, YEAR, None, facts)
        if row or facts:
            self.touch(house, "members")
        person.state = CHANGED if row or facts else SAME
        self.people[person.state] += 1

    def write_by_year(self, model, columns, values_of):
        changes = Changes(model, columns)
        keys = [house.key for house in self.houses if house.number in self.stored]
        held = {}
        for start in range(0, len(keys), CHUNK):
            rows = model.objects.filter(household__in=keys[start : start + CHUNK], year=self.year).order_by()
            for household, key, *old in rows.values_list("household", "pk", *columns):
                held[household] = (key, old)
        for house in self.houses:
            values = values_of(house)
            if not values:
                continue
            if house.key not in held:
                row = changes.row(values)
                changes.fresh.append([*row, house.key])
                if house.number in self.stored:
                    self.note(house, house.row, model, columns, None, row)
                self.touch(house, model._meta.model_name)
                continue
            key, old = held[house.key]
            row = changes.merged(old, fitting(columns, old, values))
            if row:
                changes.changed.append((*row, key))
                self.note(house, house.row, model, columns, old, row)
                self.touch(house, model._meta.model_name)
        if not self.writes:
            return
        insert_rows(model, (*columns, "household"), changes.fresh, constants={"year": self.year})
        update_rows(model, columns, changes.changed)

    def condition_of(self, house):
        """Irrigated land is part of the farmland: a file that says otherwise says nothing about it."""
        found = house.condition | {
            name: house.values[name] for name in YEARLY if house.values.get(name) is not None
        }
        farmland, irrigated = found.get("farmland"), found.get("irrigated")
        if irrigated is not None and (farmland is None or irrigated > farmland):
            del found["irrigated"]
        return found

    def write_causes(self):
        keys = [house.key for house in self.houses if house.number in self.stored]
        held = {}
        for start in range(0, len(keys), CHUNK):
            rows = HouseholdCause.objects.filter(household__in=keys[start : start + CHUNK], year=self.year)
            for household, rank, code in rows.order_by("household", "rank").values_list(
                "household", "rank", "cause"
            ):
                held.setdefault(household, []).append((rank, code))
        fresh, replaced = [], []
        for house in self.houses:
            if not house.causes or held.get(house.key) == house.causes:
                continue
            if house.key in held:
                replaced.append(house.key)
            fresh += [(rank, code, house.key) for rank, code in house.causes]
            if self.notes is not None and house.number in self.stored:
                self.notes.say(
                    house, house.row, "致贫原因", named(held.get(house.key, ())), named(house.causes)
                )
            self.touch(house, "causes")
        if not self.writes:
            return
        for start in range(0, len(replaced), CHUNK):
            HouseholdCause.objects.filter(
                household__in=replaced[start : start + CHUNK], year=self.year
            ).delete()
        insert_rows(HouseholdCause, ("rank", "cause", "household"), fresh, constants={"year": self.year})

    def write_trail(self):
        """One event for each household that was made or changed; what changed is named, no value is kept."""
        events = [
            (
                f"households.household:{house.key}", house.region.path,
                {"batch": self.batch, "year": self.year, "what": sorted(self.touched[house.key]), "persons": len(house.kept)},
            )
            for house in self.houses
            if house.key in self.touched
        ]  # fmt: skip
        insert_rows(
            AuditEvent, ("target", "region_path", "detail"), events,
            constants={"user": self.by.pk, "action": "household.import"},
        )  # fmt: skip
