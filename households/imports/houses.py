"""What a household list says: households and their people, as read, before and after the register was asked."""

from dataclasses import dataclass, field
from datetime import date

from fupin.excel.imports import Rows
from fupin.excel.places import Place
from households import codes

HEAD, SPOUSE, OTHER = codes.Relation.HEAD.value, codes.Relation.SPOUSE.value, codes.Relation.OTHER.value


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
    percap: object = None
    """The net income per head where that is all a file of a year says of income."""
    stated_percap: object = None
    """What stands as that beside the parts of the income: it is compared only."""
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


def clash(monitor, status):
    """Whether a monitoring category cannot stand beside a registry status (see the model's constraint)."""
    return (monitor == "1" and status in ("0", "1", "2")) or (
        monitor == "2" and status in ("1", "2", "3", "4")
    )


def tally(words):
    counted = {}
    for word in words:
        counted[word] = counted.get(word, 0) + 1
    return dict(sorted(counted.items()))


def head_of(house):
    return next((person.name for person in house.people if person.relation == HEAD), "")
