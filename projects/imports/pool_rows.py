"""Reading a list of projects: one row a project, money in yuan or 万元 by its header. Without the database."""

import re
from dataclasses import dataclass, field
from functools import partial

from django.core.exceptions import ValidationError

from fupin import schedule
from fupin.excel import cleaning
from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.ledger import LedgerPlan, Record
from fupin.excel.places import PLACE, Place, place_in
from projects import codes
from projects.imports.pool_columns import DATES, FIELDS, FUNDS, SOURCES, SPENT
from projects.imports.steps import ACCEPTANCE, EXPORTED, Step, milestone_of, named_step

_STANDS = re.compile(
    r"(?P<state>[^\d,，;；:：]{2,10}?)[(（,，:：]?(?:完成|进度)?(?:(?P<share>\d{1,3})%)?[)）]?(?:左右)?"
)
"""已完工, 在建60%: how a project stands."""
_LEVEL = re.compile(r"(.+?)[(:：]?(\d[\d.]*(?:[亿万千]元?|元))?\)?")
"""A level with its part of the money: 中央50万元."""
_OF_MONEY = re.compile(r"20\d\d年度?|财政|专项|衔接|扶贫|推进乡村振兴|补助|配套|资金|投入|投资")
"""What stands beside the level: 中央财政衔接资金 is 中央."""
_UNIT = r"(?:局|政府|会|公司|社|中心|办公室|办|站|所|处|部|厅|院|队|镇|乡|街道|村)"
_UNIT_AND_MAN = re.compile(
    rf"(?P<unit>.+{_UNIT})(?:\s*[/、,，:：;；(（\s]\s*)?(?!\S*(?:{_UNIT}|[股科组区县厂校员长任])[)）]?$)(?!书记)(?P<man>[\u3400-\u9fff]{{2,4}}|[\u3400-\u9fff]{{2,5}}[·•][\u3400-\u9fff]{{2,8}})\s*[)）]?\s*"
)
"""A unit and its official in one cell; without a mark between them, the unit ends as units do."""
ASKED = {
    "begun": codes.State.WORKING.value,
    "ended": codes.State.FINISHED.value,
    "checked": codes.State.ACCEPTED.value,
}
"""Columns that ask whether it has come so far, and the state that 是 means."""
_PERIOD = re.compile(
    r"(?P<begin>(?:20\d\d[年.\-/]?)?(?:\d{1,2}[月.\-/]?)?(?:\d{1,2}日?)?(?:初|中旬?|底)?)(?:[-—–~～]{1,2}|至|到)(?P<end>(?:20\d\d[年.\-/]?)?(?:\d{1,2}[月.\-/]?)?(?:\d{1,2}日?)?(?:初|中旬?|底前?|前)?)"
)
"""From when to when in one cell."""


def _level_of(words):
    """The source that words of a level mean, "" for none; money of the treasury without a level is its own."""
    bare = _OF_MONEY.sub("", words)
    return codes.code_of("source", bare or "财政") or codes.code_of("source", words)


@dataclass(slots=True, kw_only=True)
class ProjectRow(Record):
    name: str = ""
    year: int | None = None
    place: str = ""
    where: Place = Place()
    category_word: str = ""
    source_word: str = ""
    values: dict = field(default_factory=dict)
    funds: dict = field(default_factory=dict)
    spent: dict = field(default_factory=dict)
    """`{source: {"allotted": money, "paid": money}}`"""
    milestones: list = field(default_factory=list)
    documents: dict = field(default_factory=dict)
    """`{source: number of the paper that gives the money}`"""
    covers: list = field(default_factory=list)
    """Places of the villages that it covers; `villages` are those found."""
    villages: list = field(default_factory=list)
    number: str = ""
    state_said: bool = False
    region: object = None
    project: object = None

    @property
    def same(self):
        """What makes two rows one project: its number, else name, place and year."""
        return self.number or (self.name, self.place, self.year)


class ProjectReading(LedgerPlan):
    """What a list of projects says, before anything is looked up."""

    fields = FIELDS

    def __init__(self, tables, setting):
        self._seen, self.notes = {}, []
        super().__init__(tables, setting)

    def read_row(self, rows, number, cells):
        word = partial(self._word, rows, cells)
        row = ProjectRow(rows=rows, row=number, name=word("project", 120), place=word("place", 120))
        row.year = self._year(rows, cells)
        row.where = self._where(rows, cells, row.place)
        row.category_word, row.source_word = word("category", 60), word("source", 60)
        row.values = {
            "lead_unit": word("lead", 80), "responsible_unit": word("resp", 80), "contractor": word("builder", 80), "manager": word("manager", 40),
            "manager_phone": word("manager_phone", 20), "content": word("content", 5000), "unit": word("unit", 10),
            "source": row.source_word, "remark": word("remark", 5000),
            "quantity": rows.valued("qty", number, cells), "investment": self._positive(row, "invest", cells),
            "benefit_households": rows.valued("benefit_hh", number, cells),
            "benefit_persons": rows.valued("benefit_p", number, cells),
        }  # fmt: skip
        self._codes(row, cells)
        row.funds = {
            source: money
            for name, source in FUNDS.items()
            if (money := self._positive(row, name, cells)) is not None
        }
        self._levels(row, cells)
        self._responsible(row, cells)
        row.spent = self._spent(row, cells)
        row.documents = self._documents(row, cells)
        row.covers = self._covers(row, cells)
        row.number = word("number", 30)
        self.read_stamp(row, cells, row.number)
        row.values["progress"] = rows.valued("progress", number, cells)
        self._dates(row, cells)
        row.milestones = [] if self._stands(row, cells) else self._milestones(row, cells)
        self._happened(row, cells)
        self._checks(row)
        return row

    def _documents(self, row, cells):
        """中央：川财农〔2026〕1号；省级：…; a number alone is that of the only money there is."""
        found = {}
        for part in re.split(r"[；;\n]", row.rows.word("documents", cells)):
            level, colon, number = part.strip().partition("：" if "：" in part else ":")
            source = codes.code_of("source", level.strip()) if colon else ""
            if not source and len(row.funds) == 1:
                source, number = next(iter(row.funds)), part
            if source and number.strip():
                found.setdefault(source, number.strip()[:60])
            elif part.strip():
                row.warn("fund_document_unclear", "documents", part.strip())
        return found

    def _covers(self, row, cells):
        """新都镇/昌龙村、七湾村: the places of each."""
        found = []
        for part in re.split(r"[、,，;；\n]+", row.rows.word("covers", cells)):
            town, _, village = compact(part).rpartition("/")
            if village:
                found.append(Place(row.where.province, row.where.city, row.where.county, town, village))
        return found

    def _spent(self, row, cells):
        found = {}
        for name, (source, _) in SOURCES.items():
            for part in SPENT:
                money = self._positive(row, f"{name}_{part}", cells)
                if money is not None:
                    found.setdefault(source, {})[part] = money
        return found

    def _happened(self, row, cells):
        """The actual days, and the state that follows from them where the file says none."""
        for name, column in DATES.items():
            day = self._day(row, name, cells)
            if day is not None:
                row.values[column] = day
        reached = next(
            (
                state
                for column, state in (("settled_on", "75"), ("accepted_on", "70"), ("finished_on", "50"))
                if row.values.get(column)
            ),
            "",
        )
        if reached and not row.state_said:
            row.values["state"] = reached
        elif row.values.get("started_on") and not row.state_said:
            row.values["state"] = codes.State.WORKING.value
        for name, state in ASKED.items():
            said = row.rows.valued(name, row.row, cells)
            if said and not row.state_said:
                row.values["state"] = max(row.values["state"], state)
        target = self._acceptance(row, cells)
        named = any(name == ACCEPTANCE for name, *_ in row.milestones)
        if (target or row.values.get("accepted_on")) and not named:
            done = row.values.get("accepted_on")
            row.milestones.append(Step(ACCEPTANCE, target, target.text if target else "", done))

    def _acceptance(self, row, cells):
        typed = row.rows.word("acceptance", cells)[:30]
        if not typed:
            return None
        try:
            return schedule.parse(typed, year=row.year)
        except ValidationError:
            row.warn("date_unreadable", "acceptance", typed)
            return None

    def _day(self, row, name, cells):
        raw = row.rows.cell(name, cells)
        try:
            found = cleaning.day(raw, row.rows.table.epoch)
        except cleaning.Unreadable as problem:
            row.warn(problem.code, name, text(raw))
            return None
        if found and found[0] > self.setting.as_of:
            row.refuse("done_in_future", name, found[0])
        return found[0] if found else None

    @staticmethod
    def _word(rows, cells, name, limit):
        return rows.word(name, cells)[:limit]

    def _year(self, rows, cells):
        try:
            return cleaning.year(rows.cell("year", cells)) or self.setting.year
        except cleaning.Unreadable:
            return self.setting.year

    def _where(self, rows, cells, place):
        columns = {item.name: rows.word(item.name, cells) for item in PLACE[:5]}
        written = place_in(place)
        return Place(**{name: value or getattr(written, name) for name, value in columns.items()})

    def _positive(self, row, name, cells):
        """Money of a column; a negative amount is told and left out."""
        found = row.rows.valued(name, row.row, cells)
        if found is not None and found < 0:
            row.warn("number_unreadable", name, found)
            return None
        return found

    def _codes(self, row, cells):
        for name, column, blank in (
            ("category", "category", "99"),
            ("nature", "nature", ""),
            ("state", "state", "10"),
        ):
            word = row.rows.word(name, cells)
            code = codes.code_of(name, word) if word else ""
            if word and not code:
                row.warn("value_unknown", name, word)
            row.values[column] = code or blank
            row.state_said = row.state_said or (name == "state" and bool(code))
        if row.values["state"] == codes.State.STOPPED:
            row.values["blocked_reason"] = row.values["remark"][:300] or "导入的表里没有写原因"

    def _levels(self, row, cells):
        """资金来源 in words: 中央50万元，县级30万元 are the money of two levels; one level without an amount has what the
        row says of all money, which is told."""
        word = compact(row.rows.word("levels", cells))
        parts = [_LEVEL.fullmatch(part).groups() for part in re.split(r"[、,;/+]+", word) if part]
        found = {_level_of(level): money and cleaning.money(money) for level, money in parts}
        if word in BLANKS or found.keys() <= row.funds.keys():
            return
        whole = row.funds.get("8", row.values["investment"])
        if "" in found or len(found) < len(parts) or None in found.values() and (
            len(found) > 1 or whole is None or row.funds.keys() - {"8"}
        ):  # fmt: skip
            row.warn("fund_levels_unclear", "levels", word)
        elif None not in found.values():
            row.funds = found | row.funds
        else:
            (source,) = found
            told = (
                ""
                if "8" in row.funds
                else f"按总投资 {whole} 元全部记为{codes.FundSource(source).label}下达；不是的请分列填各级资金"
            )
            row.funds = {source: whole}
            if told:
                row.warn("fund_level_assumed", "levels", word, detail=told)

    @staticmethod
    def _responsible(row, cells):
        """责任单位及责任人 in one cell: 县交通局 李明, 镇政府（王强）; what names no person is the unit."""
        said = row.rows.word("resp_manager", cells)
        parts = _UNIT_AND_MAN.fullmatch(said)
        unit, man = (parts["unit"], parts["man"]) if parts else (said, "")
        row.values["responsible_unit"] = row.values["responsible_unit"] or unit.strip()[:80]
        row.values["manager"] = row.values["manager"] or man

    @staticmethod
    def _stands(row, cells):
        """Whether 实施进度 says how a project stands (在建60%), not by when its steps are to be done; takes it."""
        found = _STANDS.fullmatch(compact(row.rows.word("milestone", cells)))
        code = codes.code_of("state", found["state"]) if found and not row.state_said else ""
        if not code:
            return False
        row.values["state"], row.state_said = code, True
        if found["share"] and row.values["progress"] is None and int(found["share"]) <= 100:
            row.values["progress"] = int(found["share"])
        return True

    def _period(self, row, cells):
        """`{start or finish: words}` of a cell that says from when to when: 2025.3-2025.10, 2025年3月至12月."""
        said = row.rows.word("period", cells)
        if not said:
            return {}
        span = _PERIOD.fullmatch(compact(said))
        if span is None:
            label = row.rows.table.label("period")
            return {"finish" if re.search(r"期限|工期|周期", label) else "start": said}
        begin, end = span["begin"], span["end"]
        if (year := re.match(r"20\d\d(?=[年.\-/])", begin)) and not re.match(r"20\d\d", end):
            end = f"{year[0]}年{end.rstrip('月')}月" if end.rstrip("月").isdecimal() else f"{year[0]}年{end}"
        return {"start": begin, "finish": end}

    def _dates(self, row, cells):
        targets, period = {}, self._period(row, cells)
        for name in ("start", "finish"):
            raw = row.rows.cell(name, cells)
            typed = row.rows.word(name, cells)[:30] or period.get(name, "")[:30]
            row.values[f"{name}_text"] = typed
            if not typed:
                continue
            try:
                target = schedule.parse(typed, year=row.year)
            except ValidationError:
                row.warn("date_unreadable", name, text(raw))
                continue
            targets[name] = target
            row.values |= schedule.columns(target, name)
        if len(targets) == 2 and targets["finish"].end < targets["start"].start:
            row.refuse("project_dates_reversed", "finish", targets["finish"].text)

    def _telling(self, table):
        """The day up to which the columns of steps tell what was done, None where they are a plan."""
        said = f"{table.title} {table.sheet}"
        done = "milestone" in table.given and re.search(r"进度|进展|推进|完成|实际|台账|台帐", said)
        return self.setting.as_of if done and not re.search(r"计划|方案|拟|项目库", said) else None

    def _milestones(self, row, cells):
        """A Step of each part of 进度节点: 4月底前开工；年内完工 gives two."""
        found, told = [], self._telling(row.rows.table)
        for part in re.split(r"[；;\n]", row.rows.word("milestone", cells)):
            part = part.strip(" 、，,。")
            if part and part not in BLANKS:
                if named := named_step(part, row.year, happened=told):
                    found.append(named)
                    continue
                made = milestone_of(part, row.year)
                inner = None if EXPORTED.fullmatch(part) else milestone_of(made[0], row.year)
                found.append(
                    inner if inner and made[1] and inner[1] else made
                )  # 二季度：4月底前开工: in April
                if found[-1].done and found[-1].done > self.setting.as_of:
                    row.refuse("done_in_future", "milestone", found[-1].done)
        return found

    def _checks(self, row):
        if not row.name:
            row.refuse("project_name_missing", "project")
        if row.bad:
            return
        before = self._seen.setdefault(row.same, row)
        if before is not row:
            row.refuse("project_duplicate", related_row=before.row)
