"""Importing a household list: one row a person, household columns on each row or on the first.

`RegisterPlan` first reads the tables into houses and members without the database; `resolve` finds places,
stored households and people in bulk; `write` (see `store`) inserts and updates in bulk. A row with an error
stays out; so does a whole household whose head's row, or which itself, has one.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from fupin.accounts import pii
from fupin.accounts.roles import Permission
from fupin.excel import cleaning
from fupin.excel.changes import BAD, CHANGED, CLASH, OUT, SAME, Unit
from fupin.excel.cleaning import compact
from fupin.excel.imports import Import
from fupin.excel.places import PLACE, villages_of
from fupin.excel.ticked import with_ticks
from fupin.filing import closed
from fupin.regions.models import Region
from households import codes, idcard
from households.actions.register import local_numbers
from households.imports import form_labels, forms, member_columns, namesakes, per_head, store
from households.imports.columns import HOUSE, MEMBER, MONEY, cause_ticked, health_ticked, monitor_ticked
from households.imports.differences import Notes
from households.imports.houses import HEAD, House, clash, tally
from households.imports.known import people_with
from households.imports.register_rows import HOUSE_LEVEL, Reader
from households.models import Household, Member

COUNTY, VILLAGE = 6, 12
"""Digits of a county's path, and of a village's."""
NO_PLACE = "没有写是哪个村：请加一列“村”，或写在标题、表名里"
OUTSIDE = "已在辖区外登记；确属迁来的，请报县里办理迁移"


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
        self._by_number, self._seen, self.by_head = {}, {}, {}
        self.dropped = self.joined = False
        self.figures = None  # the summary, once it is worked out before the lock
        self.house_fields = {name for table in tables if table.half for name in table.columns}
        for table in tables:
            if table.half:
                Reader(self, table).read_houses()
        self.joined = bool(self.houses)
        heads = self._apart(tables)
        for table in heads:
            Reader(self, table).read_heads()
        for table in tables:
            if not table.half and table not in heads:
                Reader(self, table).read()
        self._check_joined()
        for house in self.houses:
            house.cells = ()  # the rows of the sheet may go now
            if not house.orphans:
                self._check(house)
        self.differences = Notes()

    @staticmethod
    def _apart(tables):
        """The lists of heads whose members stand in another list, both without numbers: joined by the head's ID number."""
        lists = [table for table in tables if table.unnumbered and not table.half and not table.one_household]
        whole = [table for table in lists if not table.fewer]
        return (
            [table for table in lists if table.fewer]
            if any("head_id" in table.columns for table in whole)
            else []
        )

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
        per_head.compare_parts(house, house.stated_percap, [len(house.people), house.size])
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
        per_head.compare_register([house for house in self.houses if not house.bad], self.setting.year)
        self._find_clashes(by)
        self._find_same_people()

    def _find_villages(self, by):
        places = {house.place for house in self.houses}
        found = villages_of(places, by, within=self.setting.region_path)
        stored = self._villages_of_numbers([house.number for house in self.houses if house.number and not house.place.village], by)  # fmt: skip
        for house in self.houses:
            house.village = found[house.place] or (None if house.place.village else stored.get(house.number))
            if house.village is None and not house.orphans:
                detail = "" if house.place.village else NO_PLACE
                house.issue("region_unknown", name="village", value=house.place.village, person=house.people[0].name, detail=detail)  # fmt: skip
                house.bad = True

    def _villages_of_numbers(self, numbers, by):
        """`{number: village}` of households in the register that a file names no place for: it is where they are."""
        paths = {}
        for start in range(0, len(numbers), 500):
            rows = Household.objects.visible_to(by, Permission.IMPORT).filter(
                number__in=numbers[start : start + 500]
            )
            if self.setting.region_path:
                rows = rows.within(self.setting.region_path)
            paths |= {
                number: path[:VILLAGE]
                for number, path in rows.order_by().values_list("number", "region_path")
            }
        villages = Region.objects.filter(path__in={*paths.values()}).select_related(
            "parent__parent__parent__parent"
        )
        known = {village.path: village for village in villages}
        return {number: known[path] for number, path in paths.items() if path in known}

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
        for number, home, _, relation in people_with(list(wanted)):
            if relation == HEAD:
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
                house.issue("person_elsewhere", head.row, "id", head.number, person=head.name, detail=OUTSIDE)  # fmt: skip
                house.bad = True
            elif house.number in outside:
                house.issue("household_elsewhere", name="hh_no", value=house.number)
                house.bad = True
            elif house.number in self.stored:
                house.key = self.stored[house.number].key
                self._fit_place(house, self.stored[house.number].region_path)
                self._fit_axes(house, dict(zip(store.HOUSEHOLD, self.stored[house.number].values)))
            elif "registry_status" not in house.values:
                self._imply_status(house)

    def _imply_status(self, house):
        """What a new household must be where no column says so: by its monitoring, its year of leaving poverty, the title."""
        left, monitor = house.values.get("exit_year"), house.values.get("monitor_category")
        if monitor == "2":  # by its meaning never registered
            return
        status = codes.RegistryStatus.OUT if monitor == "1" or left and left <= self.setting.year else None
        if status is None and not monitor and (status := status_titled(house.rows.table)):
            house.issue("status_from_title", value=codes.RegistryStatus(status).label)
        if status:
            house.values["registry_status"] = str(status)
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
        keys = [
            house.key
            for house in self.houses
            if house.rows.table.fewer and not self.by_head and house.key and not house.bad
        ]
        held = {}
        for start in range(0, len(keys), 500):
            rows = Member.objects.active().filter(household__in=keys[start : start + 500], relation=HEAD)
            held.update(rows.order_by().values_list("household", "id_number"))
        for house in self.houses:
            if (
                house.key in held
                and not self.by_head
                and house.rows.table.fewer
                and house.people[0].number != held[house.key]
            ):
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
        for number, home, key, _ in people_with(numbers):
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
                detail=f"已登记在户 {home}" if seen else OUTSIDE,
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
            same = [one for one in same if not one.number or read.text in pii.maskings(one.number)]
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
            if read.text in pii.maskings(same[0].number or same[0].text):
                del person.values["id_text"]
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

    def foresee(self):
        self.figures = self._counted()
        self.writer.foresee()

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
        return self.figures or self._counted()

    def _counted(self):
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


def visible_numbers(numbers, by):
    """Those of `numbers` whose household `by` may import into."""
    for start in range(0, len(numbers), 500):
        rows = Household.objects.visible_to(by, Permission.IMPORT).filter(
            number__in=numbers[start : start + 500]
        )
        yield from rows.order_by().values_list("number", flat=True)


_OUT = re.compile(r"(?<!未)(?<!预)脱贫(?:户|人口|家庭|农户)")
_IN = re.compile(r"(?<!脱)贫困(?:户|人口|家庭|农户)|未脱贫(?:户|人口)")
_SEVERAL = re.compile(r"监测|边缘|一般农户|全村|全镇|农户信息|农户基本|所有|突发|预脱贫|返贫")


def status_titled(table):
    """The status that title and sheet say of everybody in the list (脱贫户花名册), None where they do not."""
    said = compact(f"{table.title} {table.sheet}")
    out, still = bool(_OUT.search(said)), bool(_IN.search(said))
    if out == still or _SEVERAL.search(said):
        return None
    return codes.RegistryStatus.OUT if out else codes.RegistryStatus.POOR


def heads_only(table):
    """A list that names no one but the heads: each row is its household's head."""
    table.columns["name"] = table.columns["head_name"]
    table.units["name"] = 1
    if "id" not in table.columns:
        table.columns["id"] = table.columns["head_id"]
        table.units["id"] = 1
    return {"relation": "户主"}


VILLAGE_AND_GROUP = ("村组", "所在村组", "村组名称", "村社", "乡镇村组", "镇村组", "所属村组")
"""Columns of lists that say village and group in one."""
LIST = Import(
    kind="households",
    title="户和成员",
    permission=Permission.IMPORT,
    fields=(
        *(
            replace(item, headers=(*item.headers, *VILLAGE_AND_GROUP)) if item.name == "village" else item
            for item in PLACE
        ),
        *HOUSE,
        *MEMBER,
    ),
    needs=(("hh_no",), ("name",), ("id",), ("relation",)),
    unnumbered=(("name",), ("id",), ("relation",)),
    fewer=(
        ("head_name",),
        ("id", "head_id"),
        ("size", "hh_type", "is_poor", "poor_attr", "cause", "net", "date_in", "year_out", "hh_no"),
    ),
    lacks=frozenset(("name", "relation")),
    summed=("wage", "oper", "prop", "transfer", "expense"),
    ticked=(("cause", cause_ticked), ("monitor", monitor_ticked), ("health", health_ticked)),
    completed=heads_only,
    half=(("hh_no",), ("head_name", "size", "hh_type", "is_poor", "poor_attr", "cause", "village", "net")),
    plan=RegisterPlan,
    group="户",
    note="一人一行，户的列写在每行或只写第一行；国家系统导出的表不用改",
    result_page="household_list",
    shared=frozenset(item.name for item in HOUSE_LEVEL) - {"hh_no"},
)


def forms_of(sheet, kind, path=""):
    """The tables of a sheet that is no list of one person a row: members in columns beside their head, or a form."""
    return member_columns.read(LIST, sheet, kind) or forms.read(sheet, kind, path)


REGISTER = replace(LIST, forms=forms_of, spoken=form_labels.SPOKEN, repeats=with_ticks(LIST, {"cause": codes.Cause.labels, "monitor": codes.MonitorCategory.labels[1:], "health": codes.Health.labels}, member_columns.repeats(LIST)))  # fmt: skip
