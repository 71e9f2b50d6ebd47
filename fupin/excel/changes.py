"""What a file would do, household by household: what a plan yields besides its issues. Data only."""

from dataclasses import dataclass, field

NEW, CHANGED, SAME, BAD, CLASH, OUT = "new", "changed", "same", "bad", "clash", "out"

WORDS = {NEW: "新增", CHANGED: "更新", SAME: "不变", BAD: "出错", CLASH: "冲突", OUT: "不导入"}


@dataclass(slots=True)
class Value:
    """One value that would change: the row of the file that says so, old and new as people read them."""

    row: int
    label: str
    old: str
    new: str

    def as_list(self):
        return [self.label, self.old, self.new]


@dataclass(slots=True)
class Unit:
    """Rows that go in or stay out together: a household with its people, or one row of a ledger.

    `rows` are `(sheet, row number, state, own)`, `own` what becomes of the person of the row ("" in a ledger); `links` name what the unit shares with others (a household number, an ID
    number): its findings depend on its own rows and on those of units that share one of them, on nothing else.
    `values` is what would change in the register.
    """

    key: str
    state: str
    rows: list
    links: tuple = ()
    values: list = field(default_factory=list)


def units_of(plan):
    """The units of a plan; for one that does not tell, every row stands for itself."""
    tell = getattr(plan, "units", None)
    if tell is not None:
        yield from tell()
        return
    bad = {(issue.sheet, issue.row) for issue in plan.issues if issue.severity == "error"}
    for table in plan.tables:
        for number in table.numbers:
            place = (table.sheet, number)
            state = BAD if place in bad else NEW
            yield Unit("", state, [(*place, state, "")])
