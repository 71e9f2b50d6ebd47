"""Importing a household list: one row a person, household columns on each row or on the first.

`RegisterPlan` first reads the tables into houses and members without the database; `resolve` finds places,
stored households and people in bulk; `write` (see `store`) inserts and updates in bulk. A row with an error
stays out; so does a whole household whose head's row, or which itself, has one.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import itemgetter

from fupin.accounts.roles import Permission
from fupin.excel import cleaning, versions
from fupin.excel.changes import BAD, CHANGED, CLASH, OUT, SAME, Unit
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.form_folds import row_of
from fupin.excel.imports import Import, Rows
from fupin.excel.issues import CODES, ERROR
from fupin.excel.places import PLACE, Place, villages_of
from fupin.filing import closed
from households import codes, idcard
from households.actions.register import local_numbers
from households.imports import forms, namesakes, store
from households.imports.columns import CLERGY, HOUSE, MEMBER, MONEY
from households.imports.differences import Notes
from households.models import Household, Member

HEAD, SPOUSE, OTHER = codes.Relation.HEAD.value, codes.Relation.SPOUSE.value, codes.Relation.OTHER.value
OLDEST = 120
COUNTY = 6
"""Digits of a county's path."""
LONGEST_NUMBER = 30
LONGEST_PHONE = 20
OUTLIER = 10_000_000
"""Net income of a household in yuan above which the unit is probably wrong."""

POLICIES = {
    "脱贫不享受政策": codes.PolicyStatus.ENDED.value, "脱贫户不享受政策": codes.PolicyStatus.ENDED.value,
    "不再享受政策": codes.PolicyStatus.ENDED.value, "继续享受政策": codes.PolicyStatus.CONTINUED.value,
    "脱贫享受政策": codes.PolicyStatus.CONTINUED.value,
}  # fmt: skip
"""Words in titles and file names of the national system's exports, to 政策享受."""
STILL_POOR = ("未脱贫户", "未脱贫")
"""户类型 that says so itself, whatever year stands in 脱贫年度."""

_HOUSE_VALUES = [item for item in HOUSE if item.into]
_MEMBER_VALUES = [item for item in MEMBER if item.into]
_HOUSE_LEVEL = (*PLACE, *HOUSE)
_HTML = re.compile(
    r"<\s*(script|img|svg|iframe|a|b|i|style|html|body|table|div|object|input)\b|javascript:", re.IGNORECASE
)
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")

code_of = lru_cache(maxsize=4096)(codes.code_of)
ethnic_code = lru_cache(maxsize=512)(codes.ethnic_code)


@dataclass(slots=True)
class Person:
    """One row. `values` {column of Member: value}, `facts` {column of MemberYear: value}; None is not said."""

    row: int
    name: str = ""
    relation: str = ""
    number: str = ""
    sex: str = ""
    birth: date | None = None
    bad: bool = False
    values: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    sheet: str = ""
    state: str = ""
    read: object = None
    key: int | None = None
    unread: object = None
    """What the file has for an ID number where it has none (idcard.IdNumber); None where it has one."""
    held: object = None
    """By what the register knows a person who is not found by the number of the file: another number, or a key."""


@dataclass(slots=True)
class House:
    """One household. `values`, `income`, `condition` as for Person; `causes` [(rank, code)], main first.

    `version`: which state of the stored household the file was made from, None when it does not say; `clash`: the
    stored one is newer and differs, so it is left alone. `state`: what writing did (fupin.excel.changes).
    """

    number: str
    rows: Rows
    row: int
    cells: list
    place: Place = Place()
    group: str = ""
    village: object = None
    region: object = None
    size: int | None = None
    head_name: str = ""
    poor: bool = False
    bad: bool = False
    people: list = field(default_factory=list)
    values: dict = field(default_factory=dict)
    income: dict = field(default_factory=dict)
    condition: dict = field(default_factory=dict)
    causes: list = field(default_factory=list)
    family: str = ""
    net: object = None
    key: int | None = None
    parent: str = ""
    orphans: bool = False
    """Whether these are people whose number no household of the household table has."""
    version: int | None = None
    clash: bool = False
    state: str = ""
    local: bool = False
    """Whether the number is one of ours, drawn in this run."""
    extras: list = field(default_factory=list)
    """What no column holds and 备注 keeps: further phones, causes as written."""
    headless: bool = False
    """Whether no row is the head's: a few people of a household that must be in the register already."""

    def issue(self, code, row=None, name="", value="", **more):
        more.setdefault("person", self.head_name or (self.people[0].name if self.people else ""))
        row = row or self.rows.table.anchor(self.row)
        self.rows.issue(code, row, name, value, household=self.number, **more)

    @property
    def by_head(self):
        """Whether the household is known by its head's ID number."""
        return self.rows.table.one_household or self.rows.table.unnumbered

    @property
    def kept(self):
        """The people who go in."""
        return [person for person in self.people if not person.bad]


class RegisterPlan:
    """What a household list would do."""

    early = True
    """It is resolved and prepared before the transaction, and confirmed in it (see fupin.excel.commit)."""

    @property
    def in_parts(self):
        """Whether a correction checks a part of the file: not where households hang on each other or rows on those above
        them, nor where several forms share a sheet."""
        return not any(house.parent or house.rows.table.unnumbered for house in self.houses) and all(
            table.alone for table in self.tables if table.one_household
        )

    def __init__(self, tables, setting):
        self.tables, self.setting = tables, setting
        self.issues, self.houses = [], []
        self._by_number, self._seen = {}, {}
        self.dropped = self.joined = False
        for table in tables:
            if table.half:
                Reader(self, table).read_houses()
        self.joined = bool(self.houses)
        for table in tables:
            if not table.half:
                Reader(self, table).read()
        self._check_joined()
        for house in self.houses:
            house.cells = ()  # the rows of the sheet may go now
            if not house.orphans:
                self._check(house)
        self.differences = Notes()

    # Cleaning, no database

    def _check_joined(self):
        """Households of a table of their own: each needs people, and 上级户编号 must lead somewhere, not round and round."""
        for house in self.houses:
            if not house.people:
                house.issue("household_no_members", name="hh_no")
        self.houses = [house for house in self.houses if house.people]
        parents = {house.number: house.parent for house in self.houses if house.parent}
        for house in self.houses:
            if house.parent and house.parent not in self._by_number:
                house.issue("household_ref_missing", name="parent_no", value=house.parent)
            at, steps = house.parent, 0
            while at and at != house.number and steps <= len(parents):
                at, steps = parents.get(at, ""), steps + 1
            if at and at == house.number:
                house.issue("household_ref_cycle", name="parent_no", value=house.parent)
                house.bad = True

    def _check(self, house):
        heads = [person for person in house.people if person.relation == HEAD]
        if not house.number and not house.by_head:
            house.issue("household_no_missing", name="hh_no")
            house.bad = True
        if not heads and house.number and not house.by_head:
            house.headless = True  # the register may know the head, see _find_heads
        elif not heads:
            house.issue("head_missing", person=house.people[0].name)
            house.bad = True
        elif len(heads) > 1:
            house.issue("head_multiple", heads[0].row, related_row=heads[1].row, person=heads[0].name)
            house.bad = True
        elif heads[0].bad:
            house.bad = True
        if heads and house.head_name and heads[0].name and cleaning.name(house.head_name) != heads[0].name:
            house.issue("head_name_mismatch", name="head_name", value=house.head_name, person=heads[0].name)
        if house.size is not None and house.size != len(house.people) and not house.rows.table.fewer:
            house.issue(
                "household_size_mismatch",
                name="size",
                value=house.size,
                detail=f"表内有 {len(house.people)} 行",
            )
        self._check_sexes(house, heads)

    def _check_sexes(self, house, heads):
        for person in house.people:
            implied = codes.RELATION_SEX.get(person.relation)
            if implied and person.sex and implied != person.sex:
                house.issue(
                    "relation_sex_mismatch", person.row, "relation", codes.Relation(person.relation).label,
                    person=person.name,
                )  # fmt: skip

    def open(self, number, rows, row, cells):
        """The house of this number, made at its first row."""
        house = self._by_number.get(number) if number else None
        if house is None:
            house = House(number, rows, row, cells)
            self.houses.append(house)
            if number:
                self._by_number[number] = house
        return house

    def first_with(self, number, house, row):
        """The (house, row) that held this ID number before, or None."""
        before = self._seen.get(number)
        if before is None:
            self._seen[number] = (house, row)
        return before

    # With the database

    def resolve(self, by):
        self._find_villages(by)
        self._find_closed()
        self._find_by_head()
        self._find_stored(by)
        self._find_heads()
        self._check_heads()
        self._find_people(by)
        self._find_unnumbered()
        self._find_clashes(by)
        self._find_same_people()

    def _find_villages(self, by):
        places = {house.place for house in self.houses}
        found = villages_of(places, by, within=self.setting.region_path)
        for house in self.houses:
            house.village = found[house.place]
            if house.village is None and not house.orphans:
                house.issue(
                    "region_unknown", name="village", value=house.place.village, person=house.people[0].name
                )
                house.bad = True

    def _find_closed(self):
        """Households whose county has frozen the data year of the file stay out."""
        placed = [house for house in self.houses if house.village is not None and not house.bad]
        frozen = closed.frozen_years({house.village.path[:6] for house in placed})
        for house in placed:
            if closed.why_closed(house.village.path, self.setting.year, frozen):
                house.issue("year_frozen", name="village", value=f"{self.setting.year} 年")
                house.bad = True

    def _find_by_head(self):
        """A household without a number is the one in which its head is head; a new one gets its number when written."""
        wanted = {}
        for house in self.houses:
            if house.by_head and not house.number and not house.bad:
                wanted[next(person.number for person in house.people if person.relation == HEAD)] = house
        numbers = list(wanted)
        for start in range(0, len(numbers), 500):
            rows = Member.objects.active().filter(id_number__in=numbers[start : start + 500], relation=HEAD)
            for number, home in rows.order_by("pk").values_list("id_number", "household__number"):
                wanted[number].number = home

    def _find_stored(self, by):
        numbers = [house.number for house in self.houses if house.number]
        self.stored = store.households(numbers)
        outside = set(self.stored) - set(visible_numbers(list(self.stored), by))
        for house in self.houses:
            if house.orphans:
                continue
            if house.number in outside and house.by_head and "hh_no" not in house.rows.at:
                house.number = ""
                head = next(person for person in house.people if person.relation == HEAD)
                house.issue("person_elsewhere", head.row, "id", head.number, person=head.name, detail="已在辖区外登记")  # fmt: skip
                house.bad = True
            elif house.number in outside:
                house.issue("household_elsewhere", name="hh_no", value=house.number)
                house.bad = True
            elif house.number in self.stored:
                house.key = self.stored[house.number].key
                self._fit_place(house, self.stored[house.number].region_path)
                self._fit_axes(house, dict(zip(store.HOUSEHOLD, self.stored[house.number].values)))
            elif house.values.get("monitor_category") == "1":  # by its meaning a household that left poverty
                house.values.setdefault("registry_status", codes.RegistryStatus.OUT.value)
                house.poor = True

    def _fit_place(self, house, held):
        """A household moves inside its county only, as on the page."""
        if house.village is not None and house.village.path[:COUNTY] != held[:COUNTY]:
            house.issue("household_other_county", name="village", value=house.place.village)
            house.bad = True

    def _find_heads(self):
        """Rows without a head are people of a household that has one in the register; any other keeps them out."""
        keys = [house.key for house in self.houses if house.headless and house.key]
        held = set()
        for start in range(0, len(keys), 500):
            rows = Member.objects.active().filter(household__in=keys[start : start + 500], relation=HEAD)
            held.update(rows.order_by().values_list("household", flat=True))
        for house in self.houses:
            if house.headless and house.key not in held:
                house.issue("head_missing", person=house.people[0].name)
                house.bad = True

    def _check_heads(self):
        """A list of heads only says nothing of the others: it cannot make somebody else the head of a household."""
        keys = [house.key for house in self.houses if house.rows.table.fewer and house.key and not house.bad]
        held = {}
        for start in range(0, len(keys), 500):
            rows = Member.objects.active().filter(household__in=keys[start : start + 500], relation=HEAD)
            held.update(rows.order_by().values_list("household", "id_number"))
        for house in self.houses:
            if house.key in held and house.rows.table.fewer and house.people[0].number != held[house.key]:
                house.issue("head_differs", name="head_name", value=house.people[0].name)
                house.bad = True

    def _fit_axes(self, house, held):
        """Keep the stored axes where those of the file cannot stand beside them; a closed household stays closed."""
        if held["registry_status"] == codes.RegistryStatus.CLOSED:
            house.issue("household_closed", name="hh_no", value=house.number)
            house.bad = True
            return
        after = held | house.values
        if clash(after["monitor_category"], after["registry_status"]):
            house.issue(
                "monitor_conflict",
                name="monitor" if "monitor" in house.rows.at else "hh_type",
                value=house.number,
            )
            for axis in (*store.AXES, *store.AXIS_DATES):
                house.values.pop(axis, None)

    def _find_people(self, by):
        """People of the file who are in the book: in this household, or in another one (an error that offers 迁移)."""
        numbers = [person.number for house in self.houses for person in house.people if person.number]
        homes, keys = {}, {}
        for start in range(0, len(numbers), 500):
            rows = Member.objects.active().filter(id_number__in=numbers[start : start + 500])
            for number, home, key in rows.order_by("pk").values_list("id_number", "household__number", "pk"):
                homes[number], keys[number] = home, key
        self.in_book = set(homes)
        strayed = [
            (house, person, homes[person.number])
            for house in self.houses
            if not (house.by_head and house.bad and not house.number)  # said already, or never looked up
            for person in house.people
            if not person.bad and homes.get(person.number, house.number) != house.number
        ]
        visible = set(visible_numbers(sorted({home for *_, home in strayed}), by))
        for house, person, home in strayed:
            seen = home in visible
            house.issue(
                "person_elsewhere", person.row, "id", person.number, person=person.name,
                detail=f"已登记在户 {home}" if seen else "已在辖区外登记",
                action="move" if seen else "", other=home if seen else "", subject=keys[person.number] if seen else None,
            )  # fmt: skip
            person.bad = True
            house.bad = house.bad or person.relation == HEAD

    def _find_unnumbered(self):
        """People of whom the file or the register has no ID number: in one household name and birth date tell who it is.

        Of a household that is not in the register they come in only from a list of ours, which carries its version."""
        asked = [
            house
            for house in self.houses
            if not house.bad and any(one.unread or one.number not in self.in_book for one in house.kept)
        ]
        held = _people_of([house.key for house in asked if house.key])
        for house in asked:
            known = held.get(house.key, [])
            numbers = {person.number for person in house.kept if person.number}
            for person in house.kept:
                same = [one for one in known if (one.name, one.birth) == (person.name, person.birth)]
                if person.unread:
                    self._recognise(house, person, same, numbers)
                elif person.number not in self.in_book:
                    self._recognise_numbered(house, person, [one for one in same if not one.number])

    def _recognise(self, house, person, same, numbers):
        read = person.unread
        if read.masked:
            same = [one for one in same if not one.number]
        elif read.problem != idcard.MISSING:
            same = [one for one in same if read.text in (one.number, idcard.normalise(one.text))]
        if len(same) > 1:
            self._refuse(
                house, person, "person_ambiguous", detail=f"户里有 {len(same)} 个人都是这个姓名和出生日期"
            )
        elif same and same[0].number in numbers:
            self._refuse(house, person, "duplicate_row", detail="这个人在表里另有一行，填了证件号码")
        elif same:
            person.held = same[0].number or same[0].key
        elif house.key or house.version is None:
            self._refuse(house, person, read.problem, detail=read.message)
        else:
            house.issue("person_without_id", person.row, "id", read.text, person=person.name)

    def _recognise_numbered(self, house, person, same):
        """Somebody who had no number when last written down."""
        if len(same) > 1:
            self._refuse(
                house,
                person,
                "person_ambiguous",
                detail=f"户里有 {len(same)} 个没有证件号码的人都是这个姓名和出生日期",
            )
        elif same:
            person.held = same[0].key

    @staticmethod
    def _refuse(house, person, code, **more):
        value = person.number or (person.unread.text if person.unread else "")
        house.issue(code, person.row, "id", value, person=person.name, **more)
        person.bad = True
        house.bad = house.bad or person.relation == HEAD

    def _find_same_people(self):
        """New people who share name, birth date and village with somebody of another ID number: told here, and a clue
        to look at once they are written (see `namesakes`)."""
        fresh = [
            (house, person)
            for house in self.kept
            for person in house.kept
            if person.number and person.number not in self.in_book and person.birth and not person.held
        ]
        self.namesakes = namesakes.among(fresh)
        for house, person, _ in self.namesakes:
            house.issue("possible_same_person", person.row, "name", person.name, person=person.name)

    def _find_clashes(self, by):
        """Households whose stored state is newer than the file's, and differs: left alone unless the user says so."""
        older = [
            house
            for house in self.houses
            if not house.bad
            and house.version is not None
            and house.number in self.stored
            and house.version < self.stored[house.number].version
            and house.number not in self.setting.take
        ]
        if not older:
            return
        differing = store.compare(older, self.stored, self.setting, by=by, notes=self.differences)
        for house in older:
            house.clash = house.number in differing

    @property
    def kept(self):
        """The houses that go in."""
        return [] if self.dropped else [house for house in self.houses if not house.bad and not house.clash]

    def drop_all(self):
        self.dropped = True

    def prepare(self, by):
        self.writer = store.Writer(self.kept, self.stored, self.setting, by, self.differences)
        self.writer.prepare(let_go=True)

    def rehearse(self):
        return self.writer.rehearse()

    def confirm(self):
        self.writer.confirm()

    def write(self, by, batch):
        self._number_new()  # in the transaction: the village's row is locked, so two never draw the same
        written = self.writer.write(batch)
        if not self.dropped:
            namesakes.write(self.namesakes, by=by, batch=batch)
        return written

    def _number_new(self):
        """Numbers of our own for new households that have none, village by village in the order of the file."""
        new = {}
        for house in self.kept:
            if not house.number:
                new.setdefault(house.village.path, []).append(house)
        for path, houses in sorted(new.items()):
            for house, number in zip(houses, local_numbers(path, len(houses))):
                house.number, house.local = number, True

    def units(self):
        """Each household as a Unit, after `write`."""
        for house in self.houses:
            state = BAD if house.bad else CLASH if house.clash else OUT if self.dropped else house.state
            sheet, held = house.rows.table.sheet, state in (BAD, CLASH, OUT)
            known = (
                "" if house.local else house.number
            )  # a number that is drawn anew each time ties nobody together
            rows, links = [], {("number", number) for number in (known, house.parent) if number}
            if house.rows.table.half:
                rows.append((sheet, house.row, state, ""))
            for person in house.people:
                own = BAD if person.bad else state if held else person.state
                row = CHANGED if state == CHANGED and own == SAME and person.row == house.row else own
                rows.append((person.sheet or sheet, person.row, row, own))
                if person.number:
                    links.add(("id", person.number))
                if person.number or person.unread:
                    links.add(("twin", person.name, person.birth))
            values = self.differences.by_house.get(house.number, []) if state in (CHANGED, CLASH) else []
            yield Unit(known, state, rows, tuple(links), values)

    # Figures

    def counts(self):
        """`(rows read, rows that go in, rows with an error)`."""
        read = sum(len(house.people) for house in self.houses)
        good = sum(len(house.kept) for house in self.kept)
        return read, good, read - good - self.clashes

    @property
    def clashes(self):
        """How many people wait for a choice between file and register."""
        return 0 if self.dropped else sum(len(house.kept) for house in self.houses if house.clash)

    def summary(self):
        houses = self.kept
        people = [person for house in houses for person in house.kept]
        poor = [house for house in houses if house.poor]
        found = {
            "households": len(houses),
            "persons": len(people),
            "poor_households": len(poor),
            "poor_persons": sum(len(house.kept) for house in poor),
            "sums_yuan": self._sums(houses),
            "by_main_cause": tally(codes.Cause(house.causes[0][1]).label for house in houses if house.causes),
        }
        villages = tally(f"{house.village.parent.short_name}/{house.village.short_name}" for house in houses)
        if len(villages) > 1:
            found["by_village"] = villages
        if any(table.one_household for table in self.tables):
            found |= self._of_forms(houses)
        found["by_sex"] = tally(codes.Sex(person.sex).label for person in people if person.sex)
        return found

    def _of_forms(self, houses):
        """What forms are counted by besides: the kind as they write it, and what the file holds, errors included."""
        paths = {house.village.path for house in houses}
        found = {"village_code": f"{min(paths):0<12}"} if len(paths) == 1 else {}
        found["by_family_type"] = tally(house.family for house in houses if house.family)
        people = sum(len(house.people) for house in self.houses)
        return found | {"in_file": {"households": len(self.houses), "persons": people}}

    def _sums(self, houses):
        into = {item.name: item.into.partition(".")[2] for item in HOUSE if item.name in MONEY}
        held = {name for table in self.tables for name in table.columns}
        sums = {}
        for name in MONEY:
            if name in held:
                amounts = (house.net if name == "net" else house.income.get(into[name]) for house in houses)
                sums[name] = f"{sum(amount for amount in amounts if amount is not None):.2f}"
        return sums


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody of a household in the register."""

    key: int
    name: str
    birth: date | None
    number: str
    text: str


def _people_of(keys):
    """`{household: [Known]}` of the people who live there."""
    found = {}
    for start in range(0, len(keys), 500):
        rows = Member.objects.active().filter(household__in=keys[start : start + 500]).order_by("pk")
        for home, *one in rows.values_list("household", "pk", "name", "birth", "id_number", "id_text"):
            found.setdefault(home, []).append(Known(*one))
    return found


def clash(monitor, status):
    """Whether a monitoring category cannot stand beside a registry status (see the model's constraint)."""
    return (monitor == "1" and status in ("0", "1", "2")) or (
        monitor == "2" and status in ("1", "2", "3", "4")
    )


def visible_numbers(numbers, by):
    """Those of `numbers` whose household `by` may import into."""
    for start in range(0, len(numbers), 500):
        rows = Household.objects.visible_to(by, Permission.IMPORT).filter(
            number__in=numbers[start : start + 500]
        )
        yield from rows.order_by().values_list("number", flat=True)


def head_of(house):
    return next((person.name for person in house.people if person.relation == HEAD), "")


def tally(words):
    counted = {}
    for word in words:
        counted[word] = counted.get(word, 0) + 1
    return dict(sorted(counted.items()))


class Reader(Rows):
    """Reads one table into houses and people of the plan."""

    COLUMNS = (*PLACE, *HOUSE, *MEMBER)

    def __init__(self, plan, table):
        super().__init__(table, self.COLUMNS, plan.issues)
        self.plan = plan
        self.house_columns = [(item, self.at[item.name]) for item in _HOUSE_LEVEL if item.name in self.at]
        self.house_cells = itemgetter(*(index for _, index in self.house_columns), 0)
        self.fact_columns = [(item, self.at[item.name]) for item in _MEMBER_VALUES if item.name in self.at]

    @property
    def policy(self):
        """政策享受 as the title or the file's name says it: the national system exports one file for each."""
        said = f"{self.table.title} {self.table.sheet} {self.plan.setting.name}"
        return next((code for words, code in POLICIES.items() if words in said), "")

    def read(self):
        house = None
        if self.table.fewer and self.table.numbers:
            self.issue("household_heads_only", self.table.numbers[0], "head_name")
        for number, cells in zip(self.table.numbers, self.table.rows):
            house = self.house_of(number, cells, house)
            self.person(house, number, cells)
        for code, name, value, detail, row in self.table.findings if house else ():
            house.issue(code, row, name, value, detail=detail)
            house.bad = house.bad or CODES[code][0] == ERROR

    def read_houses(self):
        """The rows of a table that has a household a row and its members elsewhere."""
        house = None
        for number, cells in zip(self.table.numbers, self.table.rows):
            house = self.house_of(number, cells, house)
            if number in self.table.hidden:
                house.issue("hidden_row", number)

    # A household

    def house_of(self, row, cells, previous):
        if previous is not None and self.table.one_household:
            return previous
        if self.table.unnumbered:
            return self.house_of_head(row, cells, previous)
        number = self.word("hh_no", cells)[:LONGEST_NUMBER]
        if not number and previous is not None and self.goes_on(cells, previous):
            return previous
        if self.plan.joined and not self.table.half and number not in self.plan._by_number:
            house = self.plan.open(number, self, row, cells)
            house.bad = house.orphans = True
        house = self.plan.open(number, self, row, cells)
        if house.orphans:
            return house
        if house.row == row and house.rows is self:
            self.fill(house, cells)
        else:
            self.compare(house, row, cells)
        return house

    def house_of_head(self, row, cells, previous):
        """Of a table without numbers the household of a row: the one above until there is another head."""
        if previous is not None and not self.begins(cells, previous):
            self.compare(previous, row, cells)
            return previous
        house = self.plan.open("", self, row, cells)
        if previous is None:
            house.issue("household_unnumbered", person="")
        self.fill(house, cells)
        return house

    def begins(self, cells, house):
        """Whether a household begins in a row: other words in what names its head, else a second person who is one."""
        for name in ("head_id", "head_name"):
            said, above = compact(self.word(name, cells)), compact(self.word(name, house.cells))
            if said and above:
                return said != above or self.is_head(cells) and any(p.relation == HEAD for p in house.people)
        return self.is_head(cells)

    def is_head(self, cells):
        return code_of(codes.Relation, compact(self.word("relation", cells))) == HEAD

    def goes_on(self, cells, house):
        """Whether a row without a number belongs to the household above it.

        It does when it has no household values of its own; or when those it has are the ones above and its person
        is not a head.
        """
        own = [index for item, index in self.house_columns if item.name != "hh_no" and cells[index] != ""]
        if not own or house.rows is not self:
            return not own
        relation = compact(self.word("relation", cells))
        return (
            bool(relation)
            and code_of(codes.Relation, relation) != HEAD
            and all(cells[index] == house.cells[index] for index in own)
        )

    def compare(self, house, row, cells):
        if house.rows is not self:
            return
        first = house.cells
        if self.house_cells(cells) == self.house_cells(first):
            return
        for item, index in self.house_columns:
            if item.name == "remark":
                self.remark(house, row, cells, first[index])
            elif cells[index] != first[index] and cells[index] != "" and first[index] != "":
                house.issue(
                    "household_conflict",
                    row,
                    item.name,
                    text(cells[index]),
                    detail=f"该户第一行是“{text(first[index])}”",
                )

    def remark(self, house, row, cells, first):
        """A 备注 that is not that of the household's first row is about the person beside it, and kept with the name."""
        said = self.valued("remark", row, cells, household=house.number)
        if said and text(first) != said:
            house.extras.append(f"{cleaning.name(self.cell('name', cells))[:40]}：{said}")

    def fill(self, house, cells):
        row = house.row
        house.place = Place(*(self.word(item.name, cells) for item in PLACE[:5]))
        house.group = self.word("group", cells)
        house.head_name = self.word("head_name", cells)
        house.parent = self.word("parent_no", cells)[:LONGEST_NUMBER]
        house.family = self.word("hh_type", cells)
        parts = {"household": house.values, "income": house.income, "condition": house.condition}
        for item in _HOUSE_VALUES:
            if item.name in self.at:
                value = self.valued(item.name, row, cells, household=house.number)
                if value is not None:
                    part, _, column = item.into.partition(".")
                    parts[part][column] = value
        if "hh_phone" in self.at:
            self.further(house, "hh_phone", cells)
        self.fill_version(house, cells)
        self.fill_size(house, cells)
        self.fill_net(house, cells)
        self.fill_dates(house, cells)
        self.fill_danger(house, cells)
        self.fill_causes(house, cells)
        self.fill_status(house, cells)

    def further(self, house, name, cells, owner=""):
        """Put what a cell of phones holds besides the first good one into 备注."""
        raw = self.cell(name, cells)
        if raw.__class__ is not str or len(raw) <= 11:
            return
        rest = cleaning.further_phones(raw)
        if rest:
            house.extras.append(f"{owner}其他电话：{'、'.join(rest)}")
        elif len(text(raw)) > LONGEST_PHONE and not cleaning.is_phone(raw):
            house.extras.append(f"{owner}电话原文：{text(raw)}")

    def fill_version(self, house, cells):
        written = self.word("row_version", cells)
        if written:
            house.version = versions.read(written, house.number)
            if house.version is None:
                house.issue("row_version_odd", name="row_version", value=written)

    def fill_size(self, house, cells):
        try:
            house.size = cleaning.whole(self.cell("size", cells))
        except Unreadable as problem:
            house.issue(problem.code, name="size", value=self.word("size", cells))

    def fill_net(self, house, cells):
        for name, column in (("wage", "wage"), ("oper", "operating"), ("prop", "property"), ("transfer", "transfer"), ("expense", "expense")):  # fmt: skip
            if (house.income.get(column) or 0) < 0:
                house.issue("income_negative", name=name, value=house.income[column])
        if "net" in self.at:
            house.net = self.valued("net", house.row, cells, household=house.number)
            if house.net is not None and abs(house.net) > OUTLIER:
                house.issue("income_outlier", name="net", value=house.net)

    def fill_dates(self, house, cells):
        if "date_in" not in self.at:
            return
        raw = self.cell("date_in", cells)
        try:
            found = cleaning.day(raw, self.table.epoch)
        except Unreadable as problem:
            house.issue(problem.code, name="date_in", value=text(raw), detail=problem.detail)
            house.values["identified_text"] = text(raw)[:30]
            return
        if found:  # the words are kept where they are less exact than a day
            house.values["identified_on"] = found[0]
            exact = {"day": "", "month": str(found[0])[:7], "year": str(found[0])[:4]}[found[1]]
            house.values["identified_text"] = text(raw)[:30] if exact and raw.__class__ is str else exact

    def fill_danger(self, house, cells):
        found = compact(self.word("danger", cells))
        if not found:
            return
        level = code_of(codes.DangerLevel, found)
        if level:
            house.condition |= {"danger_level": level, "dangerous": level in codes.UNSAFE}
            return
        try:
            house.condition["dangerous"] = cleaning.yes(found)
        except Unreadable as problem:
            house.issue(problem.code, name="danger", value=found)

    def fill_causes(self, house, cells):
        main, unknown = None, []
        words = cleaning.several(self.cell("cause", cells))
        others = [*words[1:], *cleaning.several(self.cell("causes2", cells))]
        for name, word in [("cause", word) for word in words[:1]] + [("causes2", word) for word in others]:
            if word in BLANKS or (name == "causes2" and word == "无"):
                continue
            code = code_of(codes.Cause, word)
            if code is None:
                house.issue("cause_unknown", name=name, value=word, person=head_of(house) or house.head_name)
                unknown.append(word)
            elif name == "cause":
                main = code
                house.causes.append((0, code))
            elif code != main and len(house.causes) < 3 and code not in {held for _, held in house.causes}:
                house.causes.append((max(len(house.causes), 1), code))
        if main is None:
            house.causes = []
        if unknown:
            house.extras.append(f"致贫原因原文：{'、'.join(unknown)}")

    def fill_status(self, house, cells):
        """Registry status and monitoring from whichever columns the file has: 户类型 is several axes in one."""
        kind = compact(self.word("hh_type", cells))
        status = codes.HOUSEHOLD_KINDS.get(kind)
        monitor = self.valued("monitor", house.row, cells, household=house.number)
        if kind and status is None:
            monitor = monitor or codes.code_of(codes.MonitorCategory, kind)
            attribute = codes.code_of(codes.LegacyAttribute, kind)
            if attribute:
                status = "1"
                house.values.setdefault("legacy_attribute", attribute)
            elif not monitor:
                house.issue("value_unknown", name="hh_type", value=kind)
        if status is None:
            status = self.status_of_flags(house, cells)
        if status == "1" and kind not in STILL_POOR and (house.values.get("exit_year") or 9999) <= self.plan.setting.year:  # fmt: skip
            status = "3"
        if status is not None:
            house.values["registry_status"] = status
        house.poor = status in ("1", "2", "3", "4")
        if status == "3" and self.policy:
            house.values.setdefault("policy_status", self.policy)
        self.fill_monitor(house, monitor, status, cells)

    def status_of_flags(self, house, cells):
        try:
            poor = cleaning.yes(self.cell("is_poor", cells))
        except Unreadable:
            word = compact(self.word("is_poor", cells))
            if word in codes.HOUSEHOLD_KINDS:
                return codes.HOUSEHOLD_KINDS[word]
            house.issue("value_unknown", name="is_poor", value=word)
            poor = None
        if poor is None and house.values.get("legacy_attribute"):
            poor = True
        return None if poor is None else "1" if poor else "0"

    def fill_monitor(self, house, monitor, status, cells):
        if not monitor or monitor == "0":
            return
        if clash(monitor, status):
            house.issue("monitor_conflict", name="monitor", value=codes.MonitorCategory(monitor).label)
            return
        cleared = self.valued("risk_cleared", house.row, cells, household=house.number)
        state = self.valued("risk_state", house.row, cells, household=house.number)
        if state in (None, "0"):
            state = "2" if cleared else "1"
        else:
            cleared = True  # the state says it; a risk that came back keeps the day on which it was cleared
        house.values |= {"monitor_category": monitor, "risk_state": state}
        for name, column in (("risk_date", "monitored_on"), ("cleared_date", "cleared_on")):
            day = self.day(house, name, cells)
            if day and (column != "cleared_on" or cleared):
                house.values[column] = day

    def day(self, house, name, cells):
        """The date of a household column, None when blank or unreadable (then an issue says so)."""
        raw = self.cell(name, cells)
        try:
            found = cleaning.day(raw, self.table.epoch)
        except Unreadable as problem:
            house.issue(problem.code, name=name, value=text(raw))
            return None
        return found[0] if found else None

    # A person

    def person(self, house, row, cells):
        person = Person(row, sheet=self.table.sheet)
        house.people.append(person)
        self.name(house, person, cells)
        if house.orphans:
            self.refuse(house, person, "person_household_unknown", "hh_no", house.number)
            return
        if row in self.table.hidden:
            house.issue("hidden_row", row, person=person.name)
        self.identity(house, person, cells)
        self.relation(house, person, cells)
        self.ethnicity(house, person, cells)
        for item, index in self.fact_columns:
            if cells[index] == "" and row not in self.marked:
                continue
            value = self.valued(item.name, row, cells, household=house.number, person=person.name)
            if value is not None:
                part, _, column = item.into.partition(".")
                (person.facts if part == "year" else person.values)[column] = value
        if "member_phone" in self.at:
            self.further(house, "member_phone", cells, person.name)
        self.odd_facts(house, person, cells)

    def refuse(self, house, person, code, name, value="", **more):
        house.issue(code, person.row, name, value, person=person.name, **more)
        person.bad = True

    def required(self, house, person, name):
        """Whether a required cell holds an error value; then the row stays out."""
        failed = self.failed(name, person.row)
        if failed:
            self.refuse(house, person, "excel_error_required", name, failed)
        return bool(failed)

    def name(self, house, person, cells):
        raw = self.cell("name", cells)
        person.name = cleaning.name(raw)[:40]
        if not person.name:
            if not self.required(house, person, "name"):
                self.refuse(house, person, "name_missing", "name")
            return
        if cleaning.has_control_characters(raw):
            house.issue("name_control_chars", person.row, "name", person.name, person=person.name)
        if _FORMULA.match(person.name):
            house.issue("name_formula", person.row, "name", person.name, person=person.name)
        if _HTML.search(person.name):
            house.issue("name_html", person.row, "name", person.name, person=person.name)

    def identity(self, house, person, cells):
        raw = self.cell("id", cells)
        if raw == "" and self.required(house, person, "id"):
            return
        found = idcard.read(raw, self.plan.setting.as_of)
        if found.problem:
            if not self.unnumbered(house, person, found, cells):
                self.refuse(house, person, found.problem, "id", found.text, detail=found.message)
            return
        person.number, person.sex, person.birth, person.read = found.number, found.sex, found.birth, found
        person.values |= {"id_number": found.number, "sex": found.sex, "birth": found.birth}
        if found.note:
            house.issue(found.note, person.row, "id", found.text, person=person.name)
            person.values["id_text"] = found.text[:40]
        if found.certificate:
            person.facts |= {
                "disability_no": found.certificate,
                "disability_kind": found.kind,
                "disability_level": found.level,
            }
        before = self.plan.first_with(found.number, house, person.row)
        if before is not None:
            code = "duplicate_row" if before[0] is house else "duplicate_person"
            there = before[0].rows.table.sheet
            more = {"detail": f"已在“{there}”第 {row_of(before[1])} 行"} if there != self.table.sheet else {}
            self.refuse(house, person, code, "id", found.number, related_row=before[1], **more)
        if found.age_on(self.plan.setting.as_of) > OLDEST:
            house.issue("age_implausible", person.row, "id", found.number, person=person.name)
        self.stated_sex(house, person, cells)
        self.stated_birth(house, person, cells)

    def unnumbered(self, house, person, found, cells):
        """Whether somebody without an ID number may be known by name and birth date (see `_find_unnumbered`)."""
        raw = self.cell("birth", cells)
        try:
            born = (raw, "day") if raw.__class__ is date else cleaning.day(raw, self.table.epoch)
        except Unreadable:
            born = None
        born = born[0] if born and born[1] == "day" else None
        nothing = found.problem == idcard.MISSING or found.masked
        if not house.number or house.by_head or not person.name or self.failed("id", person.row):
            return False
        if house.version is None and not (nothing and born):
            return False
        person.unread, person.birth = found, born
        person.sex = code_of(codes.Sex, self.word("sex", cells)) or ""
        person.read = idcard.read("", self.plan.setting.as_of)
        person.values |= {"birth": born, "sex": person.sex or None, "id_text": found.text[:40] or None}
        before = self.plan.first_with((house.number, person.name, born), house, person.row)
        if before is not None:
            self.refuse(house, person, "duplicate_row", "id", found.text, related_row=before[1])
        return True

    def stated_sex(self, house, person, cells):
        word = self.word("sex", cells)
        stated = code_of(codes.Sex, word) if word else None
        if stated and stated != person.sex:
            house.issue("sex_mismatch", person.row, "sex", word, person=person.name)

    def stated_birth(self, house, person, cells):
        raw = self.cell("birth", cells)
        if raw == "":
            return
        if raw.__class__ is date:
            if raw != person.birth:
                house.issue("birth_mismatch", person.row, "birth", raw, person=person.name)
            return
        try:
            stated = cleaning.day(raw, self.table.epoch)
        except Unreadable as problem:
            house.issue(problem.code, person.row, "birth", text(raw), person=person.name)
            return
        if stated is None:
            return
        day, precision = stated
        parts = {"day": 3, "month": 2, "year": 1}[precision]
        own = person.birth
        if (day.year, day.month, day.day)[:parts] != (own.year, own.month, own.day)[:parts]:
            house.issue("birth_mismatch", person.row, "birth", text(raw), person=person.name)

    def relation(self, house, person, cells):
        word = compact(self.word("relation", cells))
        code = (code_of(codes.Relation, word) or code_of(codes.Relation, f"之{word}")) if word else None
        if code is None:
            house.issue("relation_unknown", person.row, "relation", word, person=person.name)
            person.values["relation_text"] = word[:20]
            code = OTHER
        person.relation = code

    def ethnicity(self, house, person, cells):
        word = self.word("ethnicity", cells)
        if not word:
            return
        code = ethnic_code(word)
        person.values |= {"ethnic": code or "", "ethnic_text": "" if code else word[:20]}
        if code is None:
            house.issue("ethnicity_unknown", person.row, "ethnicity", word, person=person.name)

    def odd_facts(self, house, person, cells):
        """Columns that say more than one thing: 政治面貌 with 积极分子, 是否残疾 beside 健康状况, 人员类别."""
        word = compact(self.word("politics", cells))
        if word:
            if word == "入党积极分子":
                person.facts |= {"activist": True, "politics": "13"}
            else:
                code = code_of(codes.Politics, word)
                if code:
                    person.facts["politics"] = code
                else:
                    house.issue("value_unknown", person.row, "politics", word, person=person.name)
        disabled = self.cell("disabled", cells)
        if disabled != "":
            try:
                if cleaning.yes(disabled):
                    held = {
                        code for code in person.facts.get("health", "").split(",") if code not in ("", "01")
                    }
                    person.facts["health"] = ",".join(sorted(held | {"04"}))
            except Unreadable as problem:
                house.issue(problem.code, person.row, "disabled", text(disabled), person=person.name)
        role = self.word("role", cells)
        if role and role not in CLERGY:
            person.facts["role_note"] = role[:20]
        if person.facts.get("work_place") and "work_area" not in self.at:
            area = code_of(codes.WorkArea, person.facts["work_place"])
            if area:
                person.facts["work_area"] = area


def heads_only(table):
    """A list that names no one but the heads: each row is its household's head."""
    table.columns["name"] = table.columns["head_name"]
    table.units["name"] = 1
    if "id" not in table.columns:
        table.columns["id"] = table.columns["head_id"]
        table.units["id"] = 1
    return {"relation": "户主"}


REGISTER = Import(
    kind="households",
    title="户和成员",
    permission=Permission.IMPORT,
    fields=(*PLACE, *HOUSE, *MEMBER),
    needs=(("hh_no",), ("name",), ("id",), ("relation",)),
    unnumbered=(("name",), ("id",), ("relation",)),
    fewer=(
        ("head_name",),
        ("id", "head_id"),
        ("size", "hh_type", "is_poor", "poor_attr", "cause", "net", "date_in", "year_out", "hh_no"),
    ),
    lacks=frozenset(("name", "relation")),
    summed=("wage", "oper", "prop", "transfer", "expense"),
    completed=heads_only,
    half=(("hh_no",), ("head_name", "size", "hh_type", "is_poor", "poor_attr", "cause", "village", "net")),
    plan=RegisterPlan,
    group="户",
    note="一人一行，户的列写在每行或只写第一行；国家系统导出的表不用改",
    result_page="household_list",
    forms=forms.read,
    shared=frozenset(item.name for item in _HOUSE_LEVEL) - {"hh_no"},
)
