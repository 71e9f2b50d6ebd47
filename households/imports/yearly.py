"""Importing a year's income, living conditions, causes and guarantees: one row a household that is in the book.

Never makes a household: a row whose household is not found stays out. Blanks say nothing and change nothing.
"""

from dataclasses import dataclass, field, replace
from functools import partial

from fupin.accounts.roles import Permission
from fupin.audit.record import bulk
from fupin.excel import cleaning, versions
from fupin.excel.changes import CHANGED, SAME
from fupin.excel.cleaning import Unreadable, text
from fupin.excel.imports import Field, Import, Rows
from fupin.excel.ledger import LedgerPlan
from fupin.excel.places import PLACE
from fupin.excel.ticked import with_ticks
from fupin.filing import closed
from households import checks, codes, kept
from households.imports import per_head, quarters, store
from households.imports.columns import HOUSE, MONEY, amount, cause_ticked, table, year
from households.imports.differences import Notes
from households.imports.houses import House, tally
from households.imports.known import CHUNK, HOUSEHOLD, HouseholdRecord, find_households
from households.imports.register_rows import Reader
from households.models import Condition, Household, HouseholdCause, Income
from households.models.income import EARNED, net_of

ROUNDING = 1
"""Yuan by which a stated net income may differ from the sum of its parts."""


_ORPHAN = codes.Guarantee.ORPHAN.label


def guarantees(value, unit=1):
    """兜底类型: codes in table order joined by commas."""
    found = set()
    for part in cleaning.several(
        text(value).replace(_ORPHAN, codes.Guarantee.ORPHAN.value)
    ):  # the one label with a stroke in it
        if part in cleaning.BLANKS or part == "无":
            continue
        code = codes.code_of(codes.Guarantee, part)
        if code is None:
            raise Unreadable("value_unknown", codes.some_of(codes.Guarantee))
        found.add(code)
    return ",".join(sorted(found)) or None


FROM_REGISTER = {item.name for item in HOUSE if item.into.startswith(("income.", "condition."))} | {
    "size", "net", "percap", "danger", "cause", "causes2",
}  # fmt: skip
FIELDS = (
    *HOUSEHOLD,
    *PLACE,
    Field("year", "年度", ("数据年度", "年份", "所属年度", "核算年度"), year, example="2026", note="不填的按上传时选的年度。"),
    *(replace(item, clean=amount) if item.name == "percap" else item for item in HOUSE if item.name in FROM_REGISTER),
    Field("residence", "住所类型", (), table(codes.Residence), "condition.residence", choices=codes.Residence, example="高山"),
    Field("guarantees", "兜底类型", ("兜底保障类型", "保障类型"), guarantees, "condition.guarantees", choices=codes.Guarantee, example="低保", note="可填几种，用顿号隔开。"),
    Field("renovation_year", "住房改造年度", ("危房改造年度",), year, "condition.renovation_year", example="2025"),
    Field("renovation_subsidy", "住房改造补助", ("危房改造补助",), amount, "condition.renovation_subsidy", example="20000"),
    Field("self_paid", "合规自付医疗支出", ("合规自付支出", "自付医疗支出"), amount, "condition.self_paid_medical", example="3200"),
    Field("enterprise_led", "是否有龙头企业带动", ("龙头企业带动",), lambda value, unit=1: cleaning.yes(value), "condition.enterprise_led", example="否"),
    Field("leader_led", "是否有创业致富带头人带动", ("创业致富带头人带动", "致富带头人带动"), lambda value, unit=1: cleaning.yes(value), "condition.leader_led", example="是"),
    versions.FIELD,
)  # fmt: skip
_VALUES = [item for item in FIELDS if item.into]
_ORDER = {
    "wage": "wage",
    "oper": "operating",
    "prop": "property",
    "transfer": "transfer",
    "expense": "expense",
}
"""Fields of the file to columns of Income."""
CONDITION = (
    *store.CONDITION, "residence", "guarantees", "renovation_year", "renovation_subsidy", "self_paid_medical",
    "enterprise_led", "leader_led",
)  # fmt: skip


class YearReader(Reader):
    """The household columns of a list, without the people."""

    COLUMNS = FIELDS

    def __init__(self, plan, table):
        super().__init__(plan, table)
        self.values = [item for item in _VALUES if item.name in self.at]

    def facts(self, house, row, cells):
        """Income, conditions and causes of one row, set on `house`."""
        parts = {"income": house.income, "condition": house.condition}
        for item in self.values:
            value = self.valued(item.name, row, cells, household=house.number)
            if value is not None:
                part, _, column = item.into.partition(".")
                parts[part][column] = value
        self.fill_size(house, cells)
        self.fill_net(house, cells)
        self.fill_danger(house, cells)
        self.fill_causes(house, cells)
        if house.extras:
            house.condition.setdefault("note", "；".join(house.extras))
        self.land(house)
        self.net(house)
        self.per_head(house, row, cells)

    def land(self, house):
        farmland, irrigated = house.condition.get("farmland"), house.condition.get("irrigated")
        if farmland is not None and irrigated is not None and irrigated > farmland:
            house.issue("irrigated_over_farmland", name="irrigated", value=irrigated)
            del house.condition["irrigated"]

    def net(self, house):
        """The net income is computed from its parts; a stated one is only compared."""
        if house.net is None:
            return
        computed = net_of(*(house.income.get(column) for column in _ORDER.values()))
        if computed is None:
            house.issue("income_net_alone", name="net", value=house.net)
        elif abs(computed - house.net) > ROUNDING:
            house.issue("income_net_mismatch", name="net", value=house.net, detail=f"各项收支算得 {computed}")

    def per_head(self, house, row, cells):
        """A figure per head alone gives the net income of the household: times those it counts, else those we know."""
        if house.income.keys() & EARNED:
            house.stated_percap = self.valued("percap", row, cells, household=house.number)
            return
        if house.net is not None:
            return
        house.percap = self.valued("percap", row, cells, household=house.number)
        if house.percap is not None:
            house.issue("income_per_head_alone", name="percap", value=house.percap)
            if house.size:
                house.net = house.percap * house.size


@dataclass(slots=True, kw_only=True)
class YearRow(HouseholdRecord):
    year: int | None = None
    house: House | None = None
    values: dict = field(default_factory=dict)


class YearPlan(LedgerPlan):
    """What a file of yearly facts would do."""

    fields = FIELDS
    in_parts = True

    def __init__(self, tables, setting):
        self._seen, self._readers = {}, {}
        super().__init__(tables, setting)
        for sheet in tables:
            for code, name, value, detail, row in sheet.findings:
                Rows(sheet, FIELDS, self.issues).issue(code, row, name, value, detail=detail)

    def read_row(self, rows, number, cells):
        reader = self._readers.get(id(rows.table))
        if reader is None:
            reader = self._readers[id(rows.table)] = YearReader(self, rows.table)
        row = YearRow.at(rows, number, cells, self.setting.as_of)
        row.house = House(row.number, reader, number, cells)
        row.house.head_name = rows.word("head_name", cells)
        row.year = self._year(row, cells)
        self.read_stamp(row, cells, row.number)
        reader.facts(row.house, number, cells)
        if not row.bad and row.year:
            before = self._seen.setdefault((row.same, row.year), row)
            if before is not row:
                row.refuse("row_repeated", "hh_no", row.number, related_row=before.row, household=row.number)
        return row

    def _year(self, row, cells):
        raw = row.rows.cell("year", cells)
        try:
            found = cleaning.year(raw)
        except Unreadable:
            row.refuse("year_unreadable", "year", text(raw), household=row.number)
            return None
        return found or self.setting.year

    # With the database

    def resolve(self, by):
        find_households(self.records, by, refuse_closed=True, within=self.setting.region_path)
        frozen = closed.frozen_years({row.household[1][:6] for row in self.kept})
        for row in self.kept:
            if closed.why_closed(row.household[1], row.year, frozen):
                row.refuse("year_frozen", "year", f"{row.year} 年", household=row.number)
        held = {}
        for row in self.kept:
            row.house.key = row.household[0]
            before = held.setdefault((row.house.key, row.year), row)
            if before is not row:  # once by its number, once by the head's ID number
                row.refuse("row_repeated", "id", row.person, related_row=before.row)
        per_head.compare_heads([row.house for row in self.kept])
        for chosen in sorted({row.year for row in self.kept}):
            per_head.compare_register([row.house for row in self.kept if row.year == chosen], chosen)
        self._find_clashes()

    def _find_clashes(self):
        """Rows of which the register has something newer than the file, and something else."""
        told = [row for row in self.kept if row.stamp]
        for chosen in sorted({row.year for row in told}):
            rows = [row for row in told if row.year == chosen]
            held = stored_stamps([row.household[0] for row in rows], chosen)
            older = [row for row in rows if held.get(row.household[0], row.stamp) != row.stamp]
            if older:
                differing = YearWriter(older, chosen, None, "").compared()
                for row in older:
                    self.hold_back(row, held.get(row.household[0]), differing.get(id(row), []))

    def write(self, by, batch):
        rows = self.kept
        touched = {}
        for chosen in sorted({row.year for row in rows}):
            writer = YearWriter([row for row in rows if row.year == chosen], chosen, by, batch)
            for key, what in writer.write().items():
                touched.setdefault(key, set()).update(what)
        checks.check(touched)
        kept.refresh(touched, names=False)
        changed = sum(1 for row in rows if row.values)
        return {"rows_changed": changed, "rows_same": len(rows) - changed}

    # Figures

    def summary(self):
        rows = self.kept
        sums = {
            name: f"{sum(values):.2f}"
            for name in MONEY
            if (
                values := [
                    value
                    for row in rows
                    if (value := row.house.net if name == "net" else row.house.income.get(_ORDER[name]))
                    is not None
                ]
            )
        }
        return {
            "rows": len(rows),
            "households": len({row.same for row in rows}),
            "by_year": {str(key): count for key, count in tally(row.year for row in rows).items()},
            "sums_yuan": sums,
            "by_main_cause": tally(
                codes.Cause(row.house.causes[0][1]).label for row in rows if row.house.causes
            ),
        }


def stamps_of(incomes, conditions, causes):
    """`{household: stamp}` out of `{household: values}` of store.INCOME, of CONDITION, and `{household: [(rank, code)]}`:
    of the households that have something in the year."""
    homes = {*incomes, *conditions, *causes}
    return {
        home: versions.stamp((*incomes.get(home, ()), *conditions.get(home, ()), *causes.get(home, ())))
        for home in homes
    }


def facts_of(keys, year):
    """What `stamps_of` asks for, of these households in this year."""
    incomes, conditions, causes = {}, {}, {}
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        for model, columns, found in ((Income, store.INCOME, incomes), (Condition, CONDITION, conditions)):
            rows = model.objects.filter(household__in=chunk, year=year).order_by()
            found |= {home: values for home, *values in rows.values_list("household", *columns)}
        rows = HouseholdCause.objects.filter(household__in=chunk, year=year).order_by("household", "rank")
        for home, rank, cause in rows.values_list("household", "rank", "cause"):
            causes.setdefault(home, []).append((rank, cause))
    return incomes, conditions, causes


def stored_stamps(keys, year):
    return stamps_of(*facts_of(keys, year))


class YearWriter(store.Writer):
    """Writes the rows of one year; marks in `row.values` those that changed something."""

    def __init__(self, rows, year, by, batch):
        self.rows, self.year, self.by, self.batch = rows, year, by, batch
        self.houses = [row.house for row in rows]
        self.known = self.houses
        self.stored = {house.number for house in self.houses}
        self.touched, self.notes = {}, Notes()

    @staticmethod
    def mark(house):
        return house.key

    def write(self):
        self.find_persons()
        for model, columns, values_of in (
            (Income, store.INCOME, self.income_of),
            (Condition, CONDITION, self.condition_of),
        ):
            self.write_by_year(model, columns, *self.compare_by_year(model, columns, values_of))
        self.compare_causes()
        self.write_causes()
        self.write_trail()
        by_row = {}  # households named by an ID number have no number here
        for number, values in self.notes.by_house.items():
            for value in values:
                by_row.setdefault((number, value.row), []).append(value)
        for row in self.rows:
            row.state = CHANGED if row.house.key in self.touched else SAME
            row.differences = by_row.get((row.house.number, row.row), [])
            row.values = dict.fromkeys(self.touched.get(row.house.key, ()), True)
        return self.touched

    def compared(self):
        """`{id(row): what would change}`. Writes nothing."""
        self.find_persons()
        for model, columns, values_of in ((Income, store.INCOME, self.income_of), (Condition, CONDITION, self.condition_of)):  # fmt: skip
            self.compare_by_year(model, columns, values_of)
        self.compare_causes()
        found = {}
        for row in self.rows:
            said = self.notes.by_house.get(row.house.number, ())
            found[id(row)] = [value for value in said if value.row == row.row]
        return found

    def find_persons(self):
        """How many people the income of a household is divided by: as stored with it, else the members of today."""
        keys = [house.key for house in self.houses]
        self.persons = {}
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            self.persons |= dict(Household.objects.filter(pk__in=chunk).order_by().values_list("pk", "size"))
            stored = Income.objects.filter(household__in=chunk, year=self.year, persons__gt=0).order_by()
            self.persons |= dict(stored.values_list("household", "persons"))

    def income_of(self, house):
        """The parts; where the file says only the 家庭纯收入, or that per head, that."""
        if house.net is None and house.percap is not None and self.persons.get(house.key):
            house.net = house.percap * self.persons[house.key]
        stated = {} if house.income.keys() & EARNED or house.net is None else {"stated_net": house.net}
        if not house.income and not stated:
            return {}
        return house.income | stated | {"persons": house.size or self.persons.get(house.key, 0)}

    def write_trail(self):
        events = [
            (
                f"households.household:{row.house.key}", row.household[1],
                {"batch": self.batch, "year": self.year, "what": sorted(self.touched[row.house.key])}
                | store.changes_of(self.notes, row.house.number),
            )
            for row in self.rows
            if row.house.key in self.touched
        ]  # fmt: skip
        bulk("household.import", events, by=self.by)


LIST = Import(
    kind="yearly",
    title="年度收入和生产生活条件",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(("hh_no", "id"), ("wage", "oper", "transfer", "land", "house_area", "water_safe", "guarantees", "self_paid")),
    plan=YearPlan,
    summed=("wage", "oper", "prop", "transfer", "expense"),
    ticked=(("cause", cause_ticked),),
    words="收入(?:核算|测算|核查|监测|统计|调查|摸底|认定|汇总|变化)|年度收入|收入情况|人均(?:纯|可支配)?收入|年度信息采集|生产生活条件",
    needs_named=(("hh_no", "id"), tuple(item.name for item in FIELDS if item.into) + ("cause", "net", "percap", "danger")),
    fewer=(("hh_no",), ("net", "percap")),
    by_head=r"监测对象|风险|措施|走访|结对|责任人|帮扶|与户主(?:的)?关系|家庭关系|项目|户类型|^(?:姓名|名字)$",
    group="户",
    note="按户更新一个年度的收入、条件、致贫原因和保障，不新建户；四个季度各一列的相加",
    result_page="household_list",
)  # fmt: skip
YEARLY = replace(
    LIST,
    forms=partial(quarters.read, LIST),
    lists_first=True,
    repeats=with_ticks(LIST, {"cause": codes.Cause.labels}, quarters.repeats(LIST)),
)
