"""Writing a household list: what is new is inserted, what differs is updated, what is equal is left alone.

No instances are made: stored rows are read as tuples, compared, and written with `fupin.bulk`. A blank cell says
nothing and changes nothing; people who are not in the file stay in the book.

Everything that can be worked out before is worked out in `Writer.prepare`, without the database's write lock: the
rows, the doubts, the kept columns and the search tokens of new households. `write` holds the lock and only writes.
A check ends in `rehearse`, which tells what `write` would and takes no lock at all.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from fupin import ahead
from fupin.audit.record import bulk
from fupin.bulk import create, delete_rows, insert_rows, take_keys, update_rows
from fupin.excel.changes import CHANGED, NEW, SAME
from fupin.excel.commit import Stale
from fupin.prepared import several
from fupin.regions.models import Region
from fupin.regions.tree import open_groups
from households import checks, codes, kept, search, stats
from households.imports.differences import Notes
from households.imports.foreseen import Foreseen
from households.imports.fresh import Outlook
from households.models import (
    Condition,
    Doubt,
    Household,
    HouseholdCause,
    HouseholdMove,
    Income,
    Member,
    MemberYear,
    Pairing,
    StatusChange,
)
from households.models.income import EARNED

HOUSEHOLD = (
    "registry_status", "monitor_category", "risk_state", "policy_status", "monitored_on", "cleared_on",
    "legacy_attribute", "identified_on", "identified_text", "exit_year", "phone", "address", "bank_name", "bank_account", "standard", "relocated", "military_family",
    "bottom_line", "remark",
)  # fmt: skip
INCOME = kept.INCOME
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
MARK = ("version", "updated_at", "updated_by")
AXES = ("registry_status", "monitor_category", "risk_state", "policy_status")
AXIS_DATES = ("monitored_on", "cleared_on")
DEFAULTS = {"registry_status": "0", "monitor_category": "0", "risk_state": "0"}
CHUNK = 500
TOLD = 60
"""Changed values that an event names; a household of many members in which more differ is a new file anyway."""
NOTHING = {}
VILLAGE, TOWNSHIP = 12, 9
"""Digits of a region path."""

AHEAD_FROM = 200
"""New households from which making their rows ready before the transaction is worth it."""

MOVE_REASON = "Excel 导入"


def named(causes):
    """Causes `[(rank, code)]` by their labels."""
    return "、".join(codes.Cause(code).label for _, code in causes)


def compare(houses, stored, setting, *, by, notes):
    """The numbers of those stored houses that writing would change. Writes nothing."""
    writer = Writer(houses, stored, setting, by, notes).prepare()
    return {house.number for house in houses if writer.mark(house) in writer.touched}


def changes_of(notes, number):
    """What `notes` hold about a household, for its event: `{"changes": [[label, before, after]]}`, {} for nothing."""
    found = notes.by_house.get(number)
    return {"changes": [one.as_list() for one in found[:TOLD]]} if found else {}


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
        for number, key, path, version, *values in _numbered(numbers[start : start + CHUNK]):
            found[number] = Stored(key, path, version, tuple(values))
    return found


@several("numbers")
def _numbered(numbers):
    rows = Household.objects.filter(number__in=numbers).order_by()
    return rows.values_list("number", "pk", "region_path", "version", *HOUSEHOLD)


@several("numbers")
def _locked(numbers):
    rows = Household.objects.filter(number__in=numbers).order_by("pk").select_for_update(of=("self",))
    return rows.values_list("number", "pk", "version", "region_path")


class _Columns:
    """Columns of a table in a fixed order, to compare what is said in dicts with what is stored."""

    def __init__(self, model, names):
        self.model, self.names = model, names
        self.fields = [model._meta.get_field(name) for name in names]
        self.at = {name: (index, limit(self.fields[index])) for index, name in enumerate(names)}

    def merged(self, old, values):
        """The stored row with what the file says, or None when nothing differs."""
        new = None
        for name, value in values.items():
            if value is None or name not in self.at:
                continue
            index, most = self.at[name]
            if most and value.__class__ is str:
                value = value[:most]
            if value != old[index]:
                new = new or list(old)
                new[index] = value
        return new


class _Fresh:
    """New rows of a table: only the columns of which some row says something. `add` them, then `insert`."""

    def __init__(self, model, names, said, constants=None):
        """`said`: the dicts that the rows will be made of."""
        used = set().union(*said) if said else set()
        fields = [model._meta.get_field(name) for name in names]
        self.model, self.rows = model, []
        self.names = [field.name for field in fields if field.name in used]
        self.parts = [(field.name, blank(field), limit(field)) for field in fields if field.name in used]
        silent = {field.name: blank(field) for field in fields if field.name not in used}
        self.constants = silent | (constants or {})

    def add(self, values, *owners):
        """A row of a dict, blank where it says nothing; `owners` are handed to `insert`."""
        get = values.get
        row = [
            empty
            if (value := get(name)) is None
            else value[:most]
            if most and value.__class__ is str
            else value
            for name, empty, most in self.parts
        ]
        self.rows.append((row, *owners))

    def insert(self, names, rest_of):
        """Insert the rows, each followed by what `rest_of(*owners)` gives for the columns `names`."""
        held, self.rows = self.rows[::-1], []

        def rows():
            while held:  # each goes when it is written
                row, *owners = held.pop()
                yield (*row, *rest_of(*owners))

        insert_rows(self.model, (*self.names, *names), rows(), constants=self.constants)


def limit(field):
    return field.max_length or 0


def blank(field):
    return "" if field.get_internal_type() in ("CharField", "TextField") else None


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


class Writer:
    """Writes the houses of a file. `prepare` compares and works out, `confirm` and `write` stand in the transaction."""

    def __init__(self, houses, stored, setting, by, notes=None):
        """`notes` (differences.Notes) are told, value by value, what would change."""
        self.houses, self.stored, self.year, self.by = houses, stored, setting.year, by
        self.notes = notes or Notes()
        self.sizes = {}  # {key of a known house: people in it once the file is in}: who is not in the file stays
        self.touched = {}  # {mark of a house: set of what changed}, "new" for a new one
        self.people = {"new": 0, "changed": 0, "same": 0}
        self.stored_phones = {}  # {key of a member who changes: phone}
        self.foreseen = None
        self.groups = None  # {(village, group): Region} once rows are made ready that stand in them

    columns = {
        "household": HOUSEHOLD,
        "member": MEMBER,
        "year": YEAR,
        "income": INCOME,
        "condition": CONDITION,
    }

    @staticmethod
    def mark(house):
        """What names a house in `touched`: a new one has no key yet, and may have no number before it is written."""
        return id(house)

    def touch(self, house, what):
        self.touched.setdefault(self.mark(house), set()).add(what)

    def note(self, house, row, model, columns, old, new):
        self.notes.add(house, row, model, columns, old, new)

    # Before the transaction

    def prepare(self, *, let_go=False):
        """Compare and work out. `let_go`: what was read is not needed any more once it is in rows."""
        for house in self.houses:
            if house.extras:
                self.keep_extras(house)
        self.known = [house for house in self.houses if house.number in self.stored]
        self.new = [house for house in self.houses if house.number not in self.stored]
        for house in self.new:
            self.touch(house, "new")
        self.compare_households()
        outlook = Outlook(self.year, self.new)
        self.outlooks = [
            outlook.of(house, DEFAULTS | house.values, self.income_of(house), self.condition_of(house))
            for house in self.new
        ]
        self.compare_members(let_go)
        self.incomes = self.compare_by_year(Income, INCOME, self.income_of)
        self.conditions = self.compare_by_year(Condition, CONDITION, self.condition_of)
        self.compare_causes()
        if let_go:
            for house in self.houses:
                house.values = house.condition = NOTHING
        return self

    def keep_extras(self, house):
        """What no column holds goes into 备注, behind what stands there, and once only."""
        stored = self.stored[house.number].values if house.number in self.stored else ()
        remark = house.values.get("remark") or (stored[HOUSEHOLD.index("remark")] if stored else "")
        lines = [line for line in dict.fromkeys(house.extras) if line not in remark]
        if lines:
            house.values["remark"] = "；".join([remark, *lines] if remark else lines)

    def compare_households(self):
        columns = _Columns(Household, HOUSEHOLD)
        self.new_households = _Fresh(
            Household,
            HOUSEHOLD,
            [DEFAULTS, *(house.values for house in self.new)],
            {"updated_by": self.by.pk},
        )
        for house in self.new:
            self.new_households.add(DEFAULTS | house.values, house)
        self.compared = [
            (house, old, columns.merged(old.values, house.values))
            for house in self.known
            for old in [self.stored[house.number]]
        ]
        for house, old, row in self.compared:
            if row is not None:
                self.touch(house, "household")
                self.note(house, house.row, Household, HOUSEHOLD, old.values, row)
            elif not old.region_path.startswith(house.village.path):
                self.touch(house, "moved")

    def compare_members(self, let_go):
        columns, years = _Columns(Member, MEMBER), _Columns(MemberYear, YEAR)
        held = self.stored_members()
        self.sizes = {
            house.key: len(held.get(house.key, {}).keys() | {one.held or one.number for one in house.kept})
            for house in self.known
        }
        people = [person for house in self.houses for person in house.kept]
        self.new_people = _Fresh(Member, MEMBER, [{"name": "", "relation": ""}, *(p.values for p in people)])
        self.new_facts = _Fresh(MemberYear, YEAR, [person.facts for person in people], {"year": self.year})
        self.changed_people, self.changed_facts = [], []
        for house in self.houses:
            old = held.get(house.key, {})
            for order, person in enumerate(house.kept):
                values = person.values | {"name": person.name, "relation": person.relation}
                found = old.get(person.held or person.number)
                if found is not None:
                    self.compare_member(house, person, values, found, columns, years)
                else:
                    self.new_people.add(values, house, order, person)
                    if person.facts:
                        self.new_facts.add(person.facts, person)
                    person.state = NEW
                    self.people["new"] += 1
                    self.touch(house, "members")
                if let_go:
                    person.values = person.facts = NOTHING
                    person.read = None

    def compare_member(self, house, person, values, found, columns, years):
        person.key, old, year_key, old_facts = found
        row = columns.merged(old, values)
        facts = years.merged(old_facts, person.facts) if year_key else None
        if row:
            self.changed_people.append((*row, person.key))
            self.stored_phones[person.key] = old[MEMBER.index("phone")]
            self.note(house, person.row, Member, MEMBER, old, row)
        if facts:
            self.changed_facts.append((*facts, year_key))
            self.note(house, person.row, MemberYear, YEAR, old_facts, facts)
        elif not year_key and person.facts:
            self.new_facts.add(person.facts, person)
            self.note(house, person.row, MemberYear, YEAR, None, [person.facts.get(name) for name in YEAR])
            facts = True
        if row or facts:
            self.touch(house, "members")
        person.state = CHANGED if row or facts else SAME
        self.people[person.state] += 1

    def stored_members(self):
        """`{household: {id number, or the key of who has none: (member's key, MEMBER values, year's key, YEAR values)}}` of known households."""
        held, by_member = {}, {}
        for chunk in self.chunks():
            facts = MemberYear.objects.filter(
                member__household__in=chunk, member__left_on=None, year=self.year
            )
            for member, key, *values in facts.order_by().values_list("member", "pk", *YEAR):
                by_member[member] = (key, values)
            rows = Member.objects.active().filter(household__in=chunk).order_by()
            for household, key, *values in rows.values_list("household", "pk", *MEMBER):
                held.setdefault(household, {})[values[MEMBER.index("id_number")] or key] = (
                    key,
                    values,
                    *by_member.get(key, (None, None)),
                )
        return held

    def chunks(self):
        """Keys of the known households, in pieces for one query each."""
        keys = [house.key for house in self.known]
        for start in range(0, len(keys), CHUNK):
            yield keys[start : start + CHUNK]

    def compare_by_year(self, model, names, values_of):
        """`(_Fresh, changed [row with key])` of a table with one row a household and year."""
        columns, held = _Columns(model, names), {}
        for chunk in self.chunks():
            rows = model.objects.filter(household__in=chunk, year=self.year).order_by()
            for household, key, *old in rows.values_list("household", "pk", *names):
                held[household] = (key, old)
        said = [values_of(house) for house in self.houses]
        fresh, changed = _Fresh(model, names, said, {"year": self.year}), []
        for house, values in zip(self.houses, said):
            if not values:
                continue
            if house.key not in held:
                fresh.add(values, house)
                if house.number in self.stored:
                    self.note(house, house.row, model, names, None, [values.get(name) for name in names])
                self.touch(house, model._meta.model_name)
                continue
            key, old = held[house.key]
            row = columns.merged(old, fitting(names, old, values))
            if row:
                changed.append((*row, key))
                self.note(house, house.row, model, names, old, row)
                self.touch(house, model._meta.model_name)
        return fresh, changed

    def income_of(self, house):
        """The parts; of a household of which the file says only the 家庭纯收入, or that per head, that."""
        if house.net is None and house.percap is not None:
            house.net = house.percap * self.sizes.get(house.key, len(house.kept))
        stated = {} if house.income.keys() & EARNED or house.net is None else {"stated_net": house.net}
        if not house.income and not stated:
            return {}
        return house.income | stated | {"persons": self.sizes.get(house.key, len(house.kept))}

    def condition_of(self, house):
        """Irrigated land is part of the farmland: a file that says otherwise says nothing about it."""
        found = house.condition | {
            name: house.values[name] for name in YEARLY if house.values.get(name) is not None
        }
        farmland, irrigated = found.get("farmland"), found.get("irrigated")
        if irrigated is not None and (farmland is None or irrigated > farmland):
            del found["irrigated"]
        return found

    def compare_causes(self):
        held = {}
        for chunk in self.chunks():
            rows = HouseholdCause.objects.filter(household__in=chunk, year=self.year)
            for household, *cause in rows.order_by("household", "rank").values_list(
                "household", "rank", "cause", "pk"
            ):
                held.setdefault(household, []).append(cause)
        self.new_causes, self.old_causes = [], []
        for house in self.houses:
            old = held.get(house.key, [])
            if not house.causes or [(rank, code) for rank, code, _ in old] == house.causes:
                continue
            self.old_causes += [key for *_, key in old]
            self.new_causes += [(rank, code, house) for rank, code in house.causes]
            if house.number in self.stored:
                before = [(rank, code) for rank, code, _ in old]
                self.notes.say(house, house.row, "致贫原因", named(before), named(house.causes))
            self.touch(house, "causes")

    def foresee(self):
        """Work out what only `write` needs: what the rules will say of the known households that change; and make the
        rows of many new ones ready."""
        self.foreseen = Foreseen(self)
        if ahead.is_open() and len(self.new) >= AHEAD_FROM and all(house.number for house in self.new):
            self.make_ready()

    def make_ready(self):
        self.today = timezone.localdate()
        self.groups = self.find_regions(look_only=True)
        with ahead.making():
            opened = {id(group): group for group in self.groups.values() if group.pk is None}
            for group, key in zip(opened.values(), take_keys(Region, len(opened))):
                group.pk = key
            self.write_new()
            self.write_new_people()
            for fresh, _ in (self.incomes, self.conditions):
                fresh.insert(("household",), lambda house: (house.key,))
            self.write_doubts()

    # In the transaction

    def confirm(self):
        """Raise Stale when somebody changed one of these households, or took one of their numbers, since `prepare`."""
        numbers = [house.number for house in self.houses if house.number]
        for start in range(0, len(numbers), CHUNK):
            now = {number: rest for number, *rest in _locked(numbers[start : start + CHUNK])}
            for number in numbers[start : start + CHUNK]:
                old = self.stored.get(number)
                if now.get(number) != (old and [old.key, old.version, old.region_path]):
                    raise Stale
        if self.foreseen:
            self.foreseen.confirm()

    def write(self, batch):
        """Returns how many were new, changed and left alone."""
        self.today = timezone.localdate()
        if self.groups is None:
            self.find_regions()
            self.find_moved()
            self.write_new()
        else:
            self.open_groups()
            self.find_moved()
            ahead.put()
        left = self.write_changed()
        self.write_people()
        self.write_by_year(Income, INCOME, *self.incomes)
        self.write_by_year(Condition, CONDITION, *self.conditions)
        self.write_causes()
        if self.groups is None:
            self.write_doubts()
        self.write_trail(batch)
        changed = [house for house in self.known if self.mark(house) in self.touched]
        shared = [house for house, outlook in zip(self.new, self.outlooks) if outlook.shared]
        moved = {house.key for house, _ in self.moved}
        told = self.foreseen.told if self.foreseen else {}
        told = {key: found for key, found in told.items() if key not in moved}
        keys = checks.check([house.key for house in (*changed, *shared)], foreseen=told)
        kept.refresh([key for key in keys if key not in told], counts=False)
        if told:
            kept.put({key: self.foreseen.columns[key] for key in told}, self.foreseen.known)
            search.refresh(sorted(self.foreseen.renamed & told.keys()))
        fresh = {house.region.path[:12] for house in self.new}
        stats.recount(left | fresh | kept.villages_of(list(keys)))
        return self.told()

    def rehearse(self):
        """What `write` would return, and the same states of houses and people; nothing is written."""
        self.find_regions(look_only=True)
        self.find_moved()
        return self.told()

    def told(self):
        """How many were new, changed and left alone; each house is told its state."""
        for house in self.houses:
            what = self.touched.get(self.mark(house), ())
            house.state = NEW if "new" in what else CHANGED if what else SAME
        changed = sum(1 for house in self.known if house.state == CHANGED)
        return {
            "households_new": len(self.new),
            "households_changed": changed,
            "households_same": len(self.known) - changed,
            "persons_new": self.people["new"],
            "persons_changed": self.people["changed"],
            "persons_same": self.people["same"],
        }

    def find_regions(self, *, look_only=False):
        wanted = {(house.village.path, house.group) for house in self.houses if house.group}
        groups = open_groups(wanted, look_only=look_only)
        for house in self.houses:
            house.region = groups.get((house.village.path, house.group), house.village)
        return groups

    def open_groups(self):
        """Open the groups that `make_ready` reckoned with. Raises Stale where they would be others by now."""
        now = open_groups(set(self.groups), look_only=True)
        for place, group in self.groups.items():
            same = now.get(place)
            if (
                same is None
                or same.path != group.path
                or same.pk != (None if group._state.adding else group.pk)
            ):
                raise Stale
        create(list({group.pk: group for group in self.groups.values() if group._state.adding}.values()))

    def write_new(self):
        outlooks = {}
        for house, outlook, key in zip(self.new, self.outlooks, take_keys(Household, len(self.new))):
            house.key = key
            outlooks[key] = outlook.kept
        self.new_households.insert(
            (*kept.FIELDS, "number", "region", "region_path", "id"),
            lambda house: (*outlooks[house.key], house.number, house.region.pk, house.region.path, house.key),
        )
        search.add(
            (token, house.region.path, house.key)
            for house, outlook in zip(self.new, self.outlooks)
            for token in outlook.tokens
        )

    def write_changed(self):
        """Write what changed of known households; returns the villages that some of them left."""
        rows, marks, moves, steps, now = [], [], [], [], timezone.now()
        for house, old, row in self.compared:
            if self.mark(house) not in self.touched:
                continue
            mark = (old.version + 1, now, self.by.pk, old.key)
            if row is None:
                marks.append(mark)
            else:
                rows.append((*row, *mark))
                steps += self.step_of(house, old, row)
            if not old.region_path.startswith(house.region.path):
                moves.append((house.region.path, house.region.pk, old.key))
        update_rows(Household, (*HOUSEHOLD, *MARK), rows)
        update_rows(Household, MARK, marks)
        update_rows(Household, ("region_path", "region"), moves)
        create(steps)
        if moves:
            self.move_rows({key: path for path, _, key in moves})
            self.write_moves()
        return {old[:12] for _, old in self.moved}

    def write_moves(self):
        """What moving a household on its page leaves behind: the HouseholdMove, pairings ended when the township
        changes, and a word in the trail of the place that was left."""
        origins = dict(
            Region.objects.filter(path__in={left for _, left in self.moved})
            .order_by()
            .values_list("path", "pk")
        )
        self.ended = dict.fromkeys((house.key for house, _ in self.moved), 0)
        self.end_pairings(
            [house.key for house, left in self.moved if left[:TOWNSHIP] != house.region.path[:TOWNSHIP]]
        )
        create(
            [
                HouseholdMove(
                    household_id=house.key, origin_id=origins[left], target=house.region, on=self.today,
                    reason=MOVE_REASON, pairings_ended=self.ended[house.key], by=self.by,
                )
                for house, left in self.moved
            ]
        )  # fmt: skip

    def end_pairings(self, keys):
        """End the pairings of these households that run today, yesterday."""
        for start in range(0, len(keys), CHUNK):
            rows = Pairing.objects.filter(
                household__in=keys[start : start + CHUNK], starts_on__lte=self.today
            )
            rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=self.today)).order_by("pk")
            ended = []
            for key, household, begun in rows.values_list("pk", "household", "starts_on"):
                self.ended[household] += 1
                last = max(begun, self.today - timedelta(days=1))
                ended.append((last, codes.PairingEnd.HOUSEHOLD.value, "户已迁移", key))
            update_rows(Pairing, ("ends_on", "end_reason", "end_note"), ended)

    def find_moved(self):
        """Which known households go to another village or group."""
        self.moved = []
        for house, old, row in self.compared:
            if not old.region_path.startswith(house.region.path):
                self.moved.append((house, old.region_path))
                self.touch(house, "moved" if row is None else "household")
        if self.moved:
            names = Region.objects.names({old for _, old in self.moved})
            for house, old in self.moved:
                self.notes.say(house, house.row, "村组", names.get(old, old), house.region.short_name)

    def step_of(self, house, old, row):
        axes = [HOUSEHOLD.index(name) for name in AXES]
        before = {HOUSEHOLD[index]: old.values[index] for index in axes}
        after = {HOUSEHOLD[index]: row[index] for index in axes}
        if before == after:
            return []
        return [
            StatusChange(
                household_id=house.key, step="import", before=before, after=after, on=self.today,
                reason="Excel 导入", by=self.by,
            )
        ]  # fmt: skip

    def move_rows(self, paths):
        """Every row of a moved household carries its place. `paths` {household: new path}."""
        keys = list(paths)
        for relation in Household._meta.related_objects:
            model, name = relation.related_model, relation.field.name
            if not any(column.name == "region_path" for column in model._meta.concrete_fields):
                continue
            for start in range(0, len(keys), CHUNK):
                rows = model._default_manager.filter(
                    **{f"{name}__in": keys[start : start + CHUNK]}
                ).order_by()
                update_rows(
                    model,
                    ("region_path",),
                    [(paths[home], key) for key, home in rows.values_list("pk", name)],
                )

    def write_people(self):
        self.write_new_people()
        update_rows(Member, MEMBER, self.changed_people)
        update_rows(MemberYear, YEAR, self.changed_facts)

    def write_new_people(self):
        for (_, _, _, person), key in zip(self.new_people.rows, take_keys(Member, len(self.new_people.rows))):
            person.key = key
        self.new_people.insert(
            ("household", "region_path", "order", "id"),
            lambda house, order, person: (
                house.key, house.region.path, order, person.key
            ),
        )  # fmt: skip
        self.new_facts.insert(("member",), lambda person: (person.key,))

    @staticmethod
    def write_by_year(model, names, fresh, changed):
        fresh.insert(("household",), lambda house: (house.key,))
        update_rows(model, names, changed)

    def write_causes(self):
        delete_rows(HouseholdCause, self.old_causes)
        insert_rows(
            HouseholdCause, ("rank", "cause", "household"),
            [(rank, code, house.key) for rank, code, house in self.new_causes], constants={"year": self.year},
        )  # fmt: skip

    def write_doubts(self):
        insert_rows(
            Doubt, (*checks.FINDING, "region_path", "found_on"),
            (
                (house.key, rule, person and person.key, message, basis, house.region.path, self.today)
                for house, outlook in zip(self.new, self.outlooks)
                for rule, person, message, basis in outlook.doubts
            ),
            derived=True,
        )  # fmt: skip

    def write_trail(self, batch):
        """One event for each household that was made or changed; what changed is named with the old value and the new,
        masked where it is personal."""
        events = (
            (
                f"households.household:{house.key}", house.region.path,
                {"batch": batch, "year": self.year, "what": sorted(self.touched[self.mark(house)]), "persons": len(house.kept)}
                | changes_of(self.notes, house.number),
            )
            for house in self.houses
            if self.mark(house) in self.touched
        )  # fmt: skip
        bulk("household.import", events, by=self.by)
        gone = [
            (
                f"households.household:{house.key}", left,
                {"batch": batch, "left": left, "entered": house.region.path, "on": str(self.today),
                 "reason": MOVE_REASON, "pairings_ended": self.ended[house.key]},
            )
            for house, left in self.moved
            if left[:VILLAGE] != house.region.path[:VILLAGE]
        ]  # fmt: skip
        bulk("household.move_away", gone, by=self.by)
