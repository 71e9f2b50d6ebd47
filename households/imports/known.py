"""Households and officials that ledgers name, looked up in bulk."""

from dataclasses import dataclass

from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission
from fupin.bulk import insert_rows, take_keys, update_rows
from fupin.excel.forms import FormTable
from fupin.excel.imports import Field
from fupin.excel.ledger import Record
from fupin.prepared import several
from households import idcard, quota
from households.imports import by_name
from households.models import Helper, Household, Member, Pairing, Visit

HEAD_ID = Field(
    "id", "户主证件号码", ("户主身份证号", "户主身份证号码", "户主身份证", "户主证件号", "户主公民身份号码", "户主证号", "户主证件"),
    pii=FieldClass.ID_NUMBER, example="99010119700101001X", note="18 位；列设为文本。有户编号的可以不填。",
)  # fmt: skip
"""The head's ID number in files that may hold those of others too."""

HOUSEHOLD = (
    Field(
        "hh_no", "户编号", ("户号", "农户编号", "农户编码", "贫困户编号", "编号", "户ID", "户编码"),
        example="51332700012", note="已建档的户编号；没有的可以填户主证件号码。",
    ),
    Field("head_name", "户主姓名", ("户主", "贫困户姓名", "户主名", "姓名"), example="扎西", note="只供核对，不用来认户。"),
    Field(
        "id", "户主证件号码",
        ("户主身份证号", "户主身份证号码", "户主证件号", "户主公民身份号码", "证件号码", "身份证号", "身份证号码", "公民身份号码", "身份证", "证件号"),
        pii=FieldClass.ID_NUMBER, example="99010119700101001X", note="18 位；列设为文本。",
    ),
)  # fmt: skip
"""How a row says which household it is about."""

CHUNK = 500


def find_households(records, by, *, refuse_closed=False, within="", near=False):
    """Set `household` (key, region path) of each record; refuse those that `by` cannot reach.

    A record names it by `number`, or, where it has none, by `person`: the ID number of somebody who lives there; where
    its table has neither, by its head's name alone (see `by_name`, also for `near`).
    """
    by_name.find(records, by, within, near)
    numbers = sorted({record.number for record in records if record.number})
    people = sorted({person for record in records if not record.number and (person := person_of(record))})
    reach = Household.objects.visible_to(by, Permission.IMPORT).order_by()
    found = {}
    for start in range(0, len(numbers), CHUNK):
        rows = reach.filter(number__in=numbers[start : start + CHUNK])
        for number, key, path in rows.values_list("number", "pk", "region_path"):
            found[number] = (key, path)
    homes = homes_of(people, by)
    for record in records:
        if not record.number and getattr(record, "named", ()) and not person_of(record):
            continue
        record.household = found.get(record.number) if record.number else homes.get(person_of(record))
        if record.household is None and not (record.bad and not record.number and not person_of(record)):
            name = "hh_no" if record.number else "id"
            record.refuse(
                "household_not_found", name, record.number or person_of(record), household=record.number
            )
    if refuse_closed:
        _refuse_closed(records)


OF_A_LINE = frozenset(("household_name_unknown", "household_name_ambiguous", "household_by_name"))
"""Findings that are put right line by line."""


def said_once(plan):
    """Of a line that makes several records what is wrong with its household is said once."""
    if any(isinstance(table, FormTable) for table in plan.tables):
        plan.issues[:] = {
            (
                one.sheet,
                one.row,
                one.col,
                one.code,
                one.value,
                one.line if one.code in OF_A_LINE else None,
            ): one
            for one in reversed(plan.issues)
        }.values()
        plan.issues.reverse()


def _refuse_closed(records):
    keys = sorted({record.household[0] for record in records if record.household})
    closed = set()
    for start in range(0, len(keys), CHUNK):
        rows = Household.objects.filter(pk__in=keys[start : start + CHUNK], registry_status="9").order_by()
        closed |= set(rows.values_list("pk", flat=True))
    for record in records:
        if record.household and record.household[0] in closed:
            record.refuse("household_closed", "hh_no", record.number, household=record.number)


def person_of(record):
    """The ID number by which a record names its household, "" for records that know numbers only."""
    return getattr(record, "person", "")


def homes_of(people, by):
    """`{ID number: (household, region path)}` of the people whose household `by` may import into."""
    found = {}
    for start in range(0, len(people), CHUNK):
        rows = Member.objects.active().visible_to(by, Permission.IMPORT)
        rows = rows.filter(id_number__in=people[start : start + CHUNK]).order_by()
        for number, household, path in rows.values_list("id_number", "household", "region_path"):
            found[number] = (household, path)
    return found


@dataclass(slots=True, kw_only=True)
class HouseholdRecord(Record):
    """A row about one household, named by its number or by the ID number of somebody in it."""

    number: str = ""
    person: str = ""
    household: tuple | None = None
    named: tuple = ()
    """`(name, Place)` where the head's name alone says which household it is."""

    @classmethod
    def at(cls, rows, number, cells, as_of):
        """The record of a row, with its household's number and the ID number it holds (if it is one)."""
        row = cls(rows=rows, row=number, number=rows.word("hh_no", cells)[:30])
        read = idcard.read(rows.cell("id", cells), as_of)
        row.person = read.number or ""
        if not row.number and not row.person:
            if "hh_no" in rows.table.given and not read.text:
                row.named = by_name.named(rows, cells)
            if row.named:
                return row
            if read.text:
                row.refuse(read.problem or "id_missing", "id", read.text, detail=read.message)
            else:
                row.refuse("household_no_missing", "hh_no", detail="应填户编号或户主证件号码")
        return row

    @property
    def same(self):
        """Which household two rows both mean."""
        return self.number or self.person or self.named


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


ID_MARK = Member._meta.get_field("id_mark")


@several("numbers")
def _marked(numbers):
    rows = Member.objects.active().filter(id_mark__in=numbers).exclude(id_mark="")
    return rows.order_by("pk").values_list("id_mark", "household__number", "pk", "relation")


def people_with(numbers):
    """`(ID number, number of the household, key, relation)` of those of these people who are in the book."""
    for start in range(0, len(numbers), CHUNK):
        wanted = ID_MARK.with_values(numbers[start : start + CHUNK])
        held = {mark: rest for mark, *rest in _marked([mark for mark, _ in wanted])} if wanted else {}
        for mark, number in wanted:
            if mark in held:
                yield number, *held[mark]


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
