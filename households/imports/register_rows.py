"""Reading the tables of a household list into houses and people, without the database."""

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from math import isfinite
from operator import itemgetter

from fupin.excel import cleaning, versions
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.form_folds import row_of
from fupin.excel.imports import Rows
from fupin.excel.issues import CODES, ERROR
from fupin.excel.places import PLACE, Place
from households import codes, idcard
from households.imports.columns import CLERGY, HOUSE, MEMBER
from households.imports.form_names import parted
from households.imports.houses import HEAD, OTHER, House, Person, clash, head_of
from households.models.income import EARNED

OLDEST = 120
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
OWN_WAGE = "；每人一行各写各的，请在“列对应”里把这一列改成“年务工收入”"
KINDS = f"请用选项里的说法：一般农户、未脱贫户、脱贫户、{'、'.join(codes.MonitorCategory.labels[1:])}"
STILL_POOR = ("未脱贫户", "未脱贫")
"""户类型 that says so itself, whatever year stands in 脱贫年度."""

_HOUSE_VALUES = [item for item in HOUSE if item.into]
_MEMBER_VALUES = [item for item in MEMBER if item.into]
HOUSE_LEVEL = (*PLACE, *HOUSE)
_SAME_HOUSE = frozenset(("hh_no", "parent_no", "row_version", "head_id", "head_name", "hh_phone", "remark"))
"""Columns that a list of people has for themselves, or that only point at their household."""
_NAMES_IT = frozenset(("head_id", "head_name", "village", "group", "town", "county"))
"""Columns that say which household a row is of."""
_HTML = re.compile(
    r"<\s*(script|img|svg|iframe|a|b|i|style|html|body|table|div|object|input)\b|javascript:", re.IGNORECASE
)
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")

_DECEASED = re.compile(r"(?:已|亡)?故|已?去世|已?死亡|已?病故")
_LEFT = re.compile(r"死亡|去世|已故|注销|迁出|外嫁|出嫁|失踪|服刑|减少|划出|离婚")
code_of = lru_cache(maxsize=4096)(codes.code_of)
codes_in = lru_cache(maxsize=4096)(codes.codes_in)
ethnic_code = lru_cache(maxsize=512)(codes.ethnic_code)


class Reader(Rows):
    """Reads one table into houses and people of the plan."""

    COLUMNS = (*PLACE, *HOUSE, *MEMBER)

    def __init__(self, plan, table):
        super().__init__(table, self.COLUMNS, plan.issues)
        self.plan = plan
        self.began, self.completed = (), set()
        self.house_columns = [(item, self.at[item.name]) for item in HOUSE_LEVEL if item.name in self.at]
        self.house_cells = itemgetter(*(index for _, index in self.house_columns), 0)
        self.fact_columns = self.filled(_MEMBER_VALUES)
        self.value_columns = self.filled(_HOUSE_VALUES)
        self.odd = not {"politics", "disabled", "standing", "role", "work_place"}.isdisjoint(self.at)

    def filled(self, items):
        """`[(name, index, part, column)]` of the fields that the table has: where they stand, and where they go."""
        return [
            (item.name, self.at[item.name], *item.into.partition(".")[::2])
            for item in items
            if item.name in self.at
        ]

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
            if CODES[code][1] == "file":
                self.issue(code, row, name, value, detail=detail)
                continue
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
            self.compare(previous, row, cells)
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
        if previous is not None and row not in self.table.gaps and not self.begins(cells, previous):
            self.compare(previous, row, cells)
            return previous
        self.began = cells
        house = self.plan.by_head.get(self.head_number(cells))
        if house is not None:
            return house
        house = self.plan.open("", self, row, cells)
        if previous is None:
            house.issue("household_unnumbered", person="")
        self.fill(house, cells)
        return house

    def head_number(self, cells):
        """The ID number of the head that a row names, "" where it names none."""
        name = (
            "head_id"
            if self.word("head_id", cells)
            else "id"
            if self.table.fewer or self.is_head(cells)
            else ""
        )
        return idcard.read(self.cell(name, cells), self.plan.setting.as_of).number or "" if name else ""

    def read_heads(self):
        """The rows of a table that has a household a row, known by its head's ID number, and its members elsewhere."""
        for number, cells in zip(self.table.numbers, self.table.rows):
            house = self.plan.open("", self, number, cells)
            if number == self.table.numbers[0]:
                house.issue("household_unnumbered", person="")
            self.fill(house, cells)
            if head := self.head_number(cells):
                self.plan.by_head.setdefault(head, house)
            if number in self.table.hidden:
                house.issue("hidden_row", number)

    def begins(self, cells, house):
        """Whether a household begins in a row: other words in what names its head, else a second person who is one."""
        for name in ("head_id", "head_name"):
            said, above = compact(self.word(name, cells)), compact(self.word(name, self.began))
            if said and above:
                return said != above or self.is_head(cells) and any(p.relation == HEAD for p in house.people)
        return self.is_head(cells)

    def is_head(self, cells):
        return code_of(codes.Relation, compact(self.word("relation", cells))) == HEAD

    def goes_on(self, cells, house):
        """Whether a row without a number belongs to the household above it.

        It does when it has no household values of its own; or when its person is not a head and those that say which
        household it is (its head, its place) are the ones above.
        """
        own = [index for item, index in self.house_columns if item.name != "hh_no" and cells[index] != ""]
        if not own or house.rows is not self:
            return not own
        relation = compact(self.word("relation", cells))
        return (
            bool(relation)
            and code_of(codes.Relation, relation) != HEAD
            and all(
                cells[index] == house.cells[index]
                for item, index in self.house_columns
                if item.name in _NAMES_IT and index in own
            )
        )

    def compare(self, house, row, cells):
        if house.rows is not self:
            if self.adds:
                self.complete(house, row, cells)
            return
        first = house.cells
        if self.house_cells(cells) == self.house_cells(first):
            return
        for item, index in self.house_columns:
            if item.name == "remark":
                self.remark(house, row, cells, first[index])
            elif item.name == "hh_phone" and "member_phone" not in self.at:
                continue  # the person's own, see `own_phone`
            elif cells[index] != first[index] and cells[index] != "" and first[index] != "":
                house.issue(
                    "household_conflict",
                    row,
                    item.name,
                    text(cells[index]),
                    detail=f"该户第一行是“{text(first[index])}”{OWN_WAGE if item.name == 'wage' else ''}",
                )

    @property
    def adds(self):
        """Whether a list of people says of their households what the sheet of households has no column for."""
        said = _SAME_HOUSE | self.plan.house_fields
        return any(item.name not in said for item, _ in self.house_columns)

    def complete(self, house, row, cells):
        """What the household's own sheet does not say, from the first of its people's rows."""
        if house.number in self.completed:
            return
        self.completed.add(house.number)
        more = House(house.number, self, row, cells)
        self.fill(more, cells)
        levels = {
            item.name: getattr(house.place, item.name) or getattr(more.place, item.name) for item in PLACE[:5]
        }
        house.place, house.group = replace(house.place, **levels), house.group or more.group
        for part in ("values", "income", "condition"):
            setattr(house, part, getattr(more, part) | getattr(house, part))
        for part in ("size", "net", "percap", "stated_percap"):
            if getattr(house, part) is None:
                setattr(house, part, getattr(more, part))
        house.causes, house.family = house.causes or more.causes, house.family or more.family
        house.poor, house.extras = house.poor or more.poor, house.extras + more.extras

    def remark(self, house, row, cells, first):
        """A 备注 that is not that of the household's first row is about the person beside it, and kept with the name."""
        said = self.valued("remark", row, cells, household=house.number)
        if said and text(first) != said:
            house.extras.append(f"{cleaning.name(self.cell('name', cells))[:40]}：{said}")

    def fill(self, house, cells):
        row = house.row
        house.place = Place(*(self.word(item.name, cells) for item in PLACE[:5]))
        house.group = self.word("group", cells)
        house.place, group = parted(house.place)
        house.group = house.group or group
        house.head_name = self.word("head_name", cells)
        house.parent = self.word("parent_no", cells)[:LONGEST_NUMBER]
        house.family = self.word("hh_type", cells)
        parts = {"household": house.values, "income": house.income, "condition": house.condition}
        for name, index, part, column in self.value_columns:
            if cells[index] == "" and row not in self.marked:
                continue
            value = self.valued(name, row, cells, household=house.number)
            if value is not None:
                parts[part][column] = value
        if "hh_phone" in self.at:
            self.further(house, "hh_phone", cells)
        self.fill_version(house, cells)
        self.fill_size(house, cells)
        self.fill_net(house, cells)
        self.fill_per_head(house, cells)
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

    def fill_per_head(self, house, cells):
        """A figure per head is all that some files say of income: the household's is that times its people."""
        said = any(house.income.get(name) is not None for name in EARNED)
        if "percap" not in self.at or house.net is not None and not said:
            return
        try:
            figure = cleaning.money(self.cell("percap", cells), self.table.units.get("percap", 1))
            house.percap, house.stated_percap = (None, figure) if said else (figure, None)
            if said and not self.has_plain_parts(house.row, cells):
                house.stated_percap = None  # it is told already that a part cannot be read
        except Unreadable as problem:
            house.issue(problem.code, name="percap", value=self.word("percap", cells), detail=problem.detail)

    def has_plain_parts(self, row, cells):
        """Whether every part of the income in a row is a figure or blank."""
        for name in ("wage", "oper", "prop", "transfer", "expense"):
            raw = self.cell(name, cells)
            if raw.__class__ is float and isfinite(raw):
                continue
            try:
                cleaning.number(raw)
            except Unreadable:
                return False
            if self.failed(name, row):
                return False
        return True

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
        said = [("cause", word) for word in words[:1]] + [("causes2", word) for word in others]
        for name, word, code in self.causes_of(said):
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

    @staticmethod
    def causes_of(said):
        """`(column, words, code)` of each cause that cells name, the code None where it is no option; `said` [(column, words)]."""
        for name, word in said:
            if word in BLANKS or (name == "causes2" and word == "无"):
                continue
            for at, code in enumerate(codes_in(codes.Cause, word) or (None,)):
                yield "causes2" if at else name, word, code

    def fill_status(self, house, cells):
        """Registry status and monitoring from whichever columns the file has: 户类型 is several axes in one."""
        kind = compact(self.word("hh_type", cells)) or self.kind_in_attribute(cells)
        status = codes.HOUSEHOLD_KINDS.get(kind)
        monitor = self.valued("monitor", house.row, cells, household=house.number)
        if kind and status is None:
            monitor = monitor or codes.code_of(codes.MonitorCategory, kind)
            attribute = codes.code_of(codes.LegacyAttribute, kind)
            if attribute:
                status = "1"
                house.values.setdefault("legacy_attribute", attribute)
            elif not monitor:
                house.issue("value_unknown", name="hh_type", value=kind, detail=KINDS)
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

    def kind_in_attribute(self, cells):
        """What stands in 户属性 where it is a 户类型 and no 贫困户属性."""
        word = compact(self.word("poor_attr", cells))
        known = word in codes.HOUSEHOLD_KINDS or codes.code_of(codes.MonitorCategory, word)
        return word if word and known else ""

    def status_of_flags(self, house, cells):
        try:
            poor = cleaning.yes(self.cell("is_poor", cells))
        except Unreadable:
            word = compact(self.word("is_poor", cells))
            if word in codes.HOUSEHOLD_KINDS:
                return codes.HOUSEHOLD_KINDS[word]
            house.issue(
                "value_unknown",
                name="is_poor",
                value=word,
                detail="请填“是”或“否”，或写户类型：脱贫户、一般农户",
            )
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
        for name, index, part, column in self.fact_columns:
            if cells[index] == "" and row not in self.marked:
                continue
            value = self.valued(name, row, cells, household=house.number, person=person.name)
            if value is not None:
                (person.facts if part == "year" else person.values)[column] = value
        if "member_phone" in self.at:
            self.further(house, "member_phone", cells, person.name)
        elif "hh_phone" in self.at and house.rows is self and row != house.row:
            self.own_phone(house, person, cells)
        if self.odd:
            self.odd_facts(house, person, cells)

    def own_phone(self, house, person, cells):
        """A phone in the row of a further person that is not the household's is that person's."""
        raw = self.cell("hh_phone", cells)
        if raw != "" and raw != self.cell("hh_phone", house.cells):
            value = self.valued("hh_phone", person.row, cells, household=house.number, person=person.name)
            if value:
                person.values["phone"] = value
            self.further(house, "hh_phone", cells, person.name)

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
        if not person.name.isalpha() or len(str(raw)) > len(person.name):
            self.remarked(house, person, raw)
        if cleaning.has_control_characters(raw):
            house.issue("name_control_chars", person.row, "name", person.name, person=person.name)
        if _FORMULA.match(person.name):
            house.issue("name_formula", person.row, "name", person.name, person=person.name)
        if _HTML.search(person.name):
            house.issue("name_html", person.row, "name", person.name, person=person.name)

    def remarked(self, house, person, raw):
        """A remark behind a name is kept in 备注; one that somebody has died is told."""
        said = cleaning.remark_in(raw)
        if not said:
            return
        house.extras.append(f"{person.name}：{said}")
        if _DECEASED.fullmatch(said):
            house.issue("name_deceased", person.row, "name", text(raw), person=person.name)

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
        if code is None and person.sex in ("1", "2") and word.removeprefix("之") in codes.RELATIONS_OF_BOTH:
            code = codes.RELATIONS_OF_BOTH[word.removeprefix("之")][int(person.sex) - 1]
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
                    detail = codes.some_of(codes.Politics)
                    house.issue(
                        "value_unknown", person.row, "politics", word, person=person.name, detail=detail
                    )
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
        standing = compact(self.word("standing", cells))
        if standing and _LEFT.search(standing):
            house.issue("person_has_left", person.row, "standing", standing, person=person.name)
        role = self.word("role", cells)
        if role and role not in CLERGY:
            person.facts["role_note"] = role[:20]
        if person.facts.get("work_place") and "work_area" not in self.at:
            area = code_of(codes.WorkArea, person.facts["work_place"])
            if area:
                person.facts["work_area"] = area
