"""Importing monitored households (监测对象信息): category, risks, when and how the risk was found and removed.

A household's state changes by the steps of its life and their guards only (`households.lifecycle`): a file says
where a household stands, the plan works out the steps that lead there, and a step that a guard refuses is an error
of its row. What the register knows better (a risk removed after the file's date) is told and left alone.
"""

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from fupin import schedule
from fupin.accounts.roles import Permission
from fupin.audit.record import bulk
from fupin.bulk import insert_rows, update_rows
from fupin.excel import cleaning, versions
from fupin.excel.changes import BAD, CHANGED, CLASH, NEW, OUT, SAME, Unit, Value
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.imports import Field, Import
from fupin.excel.ledger import LedgerPlan, told
from fupin.excel.places import PLACE
from fupin.excel.ticked import with_ticks
from fupin.excel.wording import differences, wording
from households import checks, codes, kept, lifecycle
from households.imports import measure_words
from households.imports.columns import flag, monitor_ticked, table
from households.imports.houses import tally
from households.imports.known import CHUNK, HOUSEHOLD, HouseholdRecord, find_households
from households.lifecycle import ClearingMode, Given, Move
from households.models import Household, Measure

CLEARED_BY = {
    "帮扶措施消除": ClearingMode.HELPED, "落实帮扶措施消除": ClearingMode.HELPED, "落实帮扶后消除": ClearingMode.HELPED, "帮扶": ClearingMode.HELPED,
    "落实帮扶措施": ClearingMode.HELPED, "自然": ClearingMode.NATURAL, "自然化解": ClearingMode.NATURAL,
}  # fmt: skip


def clearing(value, unit=1):
    """风险消除方式 as the list or as files write it."""
    found = CLEARED_BY.get(compact(text(value)))
    return found.value if found else table(ClearingMode)(value, unit)


FIELDS = (
    *HOUSEHOLD,
    *PLACE,
    Field("category", "监测对象类别", ("监测对象类型", "易返贫致贫户(监测对象)类型", "易返贫致贫户类型", "三类户类型", "监测类型", "监测类别", "三类对象", "三类对象类型", "三类对象类别", "三类人群", "三类人群类型", "三类人群类别", "三类户", "三类户类别", "对象类别", "对象类型", "识别类型", "监测户类型", "监测户类别", "防返贫监测对象类型", "防返贫监测对象类别", "防止返贫监测对象类型"), table(codes.MonitorCategory), choices=codes.MonitorCategory, example="边缘易致贫户"),
    Field("was_poor", "是否脱贫户", ("是否建档立卡户", "脱贫户"), flag, example="否"),
    Field("risk1", "风险类型1", ("返贫致贫风险1", "致贫返贫风险1", "风险类型", "返贫致贫风险", "致贫返贫风险", "主要风险", "主要返贫致贫风险", "致贫(返贫)风险", "风险点", "主要风险点", "存在风险", "返贫风险", "致贫风险", "返贫致贫风险类型", "致贫返贫风险类型", "主要风险类型", "主要致贫返贫风险", "返贫致贫原因", "风险因素", "主要致贫返贫风险点", "存在的风险", "存在返贫致贫风险", "风险一", "风险1", "风险类型一"), choices=codes.Risk, example="因病", note="一格可写几种，用顿号隔开；最多五种，主要的在前。"),
    Field("risk2", "风险类型2", ("返贫致贫风险2", "致贫返贫风险2", "次要风险", "风险二", "风险2", "风险类型二"), choices=codes.Risk),
    Field("risk3", "风险类型3", ("返贫致贫风险3", "致贫返贫风险3", "风险三", "风险3", "风险类型三"), choices=codes.Risk),
    Field("risk4", "风险类型4", ("返贫致贫风险4", "致贫返贫风险4", "风险四", "风险4", "风险类型四"), choices=codes.Risk),
    Field("risk5", "风险类型5", ("返贫致贫风险5", "致贫返贫风险5", "风险五", "风险5", "风险类型五"), choices=codes.Risk),
    Field("risk_text", "风险描述", ("风险说明", "风险情况"), example="户主患慢性病，自付费用高"),
    Field("identified", "风险识别时间", ("识别时间", "监测识别时间", "认定时间", "纳入时间", "纳入监测时间", "识别年月", "监测对象识别时间", "识别日期", "认定日期", "纳入日期", "确定时间", "监测时间", "识别纳入时间", "纳入监测日期", "审定时间"), example="2025-05"),
    Field("posted", "识别公示开始日期", ("公示开始日期", "识别公示时间", "公示时间", "公示日期", "村级公示时间", "公示起始日期", "公示开始时间", "监测公示时间"), example="2025-05-06", note="公示期满才能纳入；只填起始日。"),
    Field("basis", "识别依据", ("识别方式", "线索来源"), example="干部排查"),
    Field("measures", "帮扶措施", ("措施", "落实帮扶措施", "帮扶措施情况", "实施帮扶措施"), choices=codes.MeasureKind, example="健康帮扶、综合保障"),
    Field("target", "计划消除时限", ("消除时限", "计划消除时间", "时限"), example="2026年底"),
    Field("cleared", "风险是否消除", ("风险是否已消除", "风险消除情况", "是否消除风险", "是否已消除风险", "是否消除", "是否已消除", "风险消除", "消除情况", "消除风险情况"), flag, example="否"),
    Field("cleared_on", "风险消除时间", ("消除时间", "消除日期", "风险消除年月"), example="2026-02"),
    Field("mode", "风险消除方式", ("消除方式",), clearing, choices=ClearingMode, example="帮扶消除"),
    Field("cleared_posted", "消除公示开始日期", ("风险消除公示时间", "消除公示时间", "消除公示日期", "风险消除公示开始日期", "风险消除公示日期"), example="2026-02-06", note="公示期满才能消除。"),
    Field("document", "文号", ("审定文号", "批复文号"), example="炉农领办〔2023〕8号"),
    versions.FIELD,
)  # fmt: skip
POSTED = (("monitor", "posted", "identified"), ("clear_risk", "cleared_posted", "cleared_on"))
"""`(step, column of the day on which its notice went up, column of the step's own day)`."""
RISKS = ("risk1", "risk2", "risk3", "risk4", "risk5")
MOST_RISKS = 5
SHOWN = (
    "registry_status", "monitor_category", "risk_state", "monitored_on", "cleared_on", "policy_status", "target_text"
)  # fmt: skip
"""Columns of the household that the steps change, as the preview shows them."""
STAMPED = (*SHOWN, "risks")
"""What the stamp of a monitored household is made of."""
COLUMN_OF = {"category": "category", "risks": "risk1", "mode": "mode", "on": "identified"}
"""Where an obstacle about one thing that was given stands in the file."""


@dataclass(slots=True, kw_only=True)
class MonitorRow(HouseholdRecord):
    head: str = ""
    category: str = ""
    was_poor: bool | None = None
    risks: str = ""
    others: list = field(default_factory=list)
    """Risks in words that are no option."""
    reason: str = ""
    identified: date | None = None
    measures: list = field(default_factory=list)
    target: object = None
    cleared: bool | None = None
    cleared_on: date | None = None
    mode: str = ""
    document: str = ""
    posted: dict = field(default_factory=dict)
    """`{step: (the day its notice went up, the last day that the day of the step may stand for)}`."""
    repeats: bool = False
    moves: list = field(default_factory=list)
    columns: dict = field(default_factory=dict)
    """Columns of the household that the file fills in or puts right besides the steps."""
    fresh_measures: list = field(default_factory=list)

    @property
    def facts(self):
        return (self.category, self.risks, self.identified, self.cleared, self.cleared_on, self.mode)


class MonitorPlan(LedgerPlan):
    """What a list of monitored households would do."""

    fields = FIELDS
    in_parts = True

    def __init__(self, tables, setting):
        self._seen = {}
        super().__init__(tables, setting)

    def read_row(self, rows, number, cells):
        row = MonitorRow.at(rows, number, cells, self.setting.as_of)
        who = {"household": row.number}
        row.head = cleaning.name(rows.cell("head_name", cells))[:40]
        row.category = self._category(row, cells)
        row.was_poor = rows.valued("was_poor", number, cells, **who)
        row.risks = self._risks(row, cells)
        row.identified = self._day(row, "identified", cells)
        row.cleared_on = self._day(row, "cleared_on", cells)
        for step, name, on in POSTED:
            row.posted[step] = self._day(row, name, cells), self._last(row, on, cells)
        row.cleared = rows.valued("cleared", number, cells, **who)
        if row.cleared is None and row.cleared_on:
            row.cleared = True
        row.mode = rows.valued("mode", number, cells, **who) or ""
        row.document = rows.word("document", cells)[:60]
        row.measures = self._measures(row, cells)
        row.target = self._target(row, cells)
        told = rows.word("risk_text", cells) or rows.word("basis", cells)
        told = "；".join(filter(None, (told, row.others and f"其他风险：{'、'.join(row.others)}")))
        row.reason = f"监测对象信息导入{f'：{told}' if told else ''}"[:300]
        self.read_stamp(row, cells, row.number)
        self._repeat(row)
        return row

    def _repeat(self, row):
        """A list may hold one row a member: the first row of a household speaks for it."""
        before = self._seen.setdefault(row.same, row) if row.same else row
        if before is row:
            return
        row.repeats = True
        if row.facts != before.facts:
            row.warn("household_conflict", "category", related_row=before.row, household=row.number)

    def _category(self, row, cells):
        found = row.rows.valued("category", row.row, cells, household=row.number)
        if found in (None, "0"):
            row.refuse("monitor_category_missing", "category", household=row.number, person=row.head)
            return ""
        return found

    def _risks(self, row, cells):
        """The codes in their order; words that are no option are 其他, which asks for words: they go into the reason."""
        found, who = [], {"household": row.number, "person": row.head}
        for name in RISKS:
            for word in cleaning.several(row.rows.cell(name, cells)):
                if word in BLANKS or word == "无":
                    continue
                named = codes.codes_in(codes.Risk, word)
                if not named:
                    row.warn("risk_unknown", name, word, **who)
                    row.others.append(word[:40])
                found += [code for code in named or (codes.Risk.OTHER.value,) if code not in found]
                if len(found) > MOST_RISKS:
                    row.warn("risks_many", name, word, **who)
                    del found[MOST_RISKS:]
        return ",".join(found)

    def _day(self, row, name, cells):
        raw = row.rows.cell(name, cells)
        try:
            found = cleaning.day(raw, row.rows.table.epoch)
        except Unreadable as problem:
            row.warn(problem.code, name, text(raw), household=row.number, person=row.head)
            return None
        return found[0] if found else None

    def _last(self, row, name, cells):
        """The last day that a cell without a day may mean, None where it says the day or nothing."""
        try:
            found = cleaning.day(row.rows.cell(name, cells), row.rows.table.epoch)
        except Unreadable:
            return None
        if found is None or found[1] == "day":
            return None
        month = found[0].month if found[1] == "month" else 12
        last = date(found[0].year, month, monthrange(found[0].year, month)[1])
        return min(last, self.setting.as_of)

    def _measures(self, row, cells):
        """`[(kind, words)]`; words that name no kind are one measure of 开发式帮扶."""
        written = row.rows.word("measures", cells)
        if said := measure_words.read(written):
            return said
        found = []
        for part in cleaning.several(row.rows.cell("measures", cells)):
            if part in BLANKS or part in ("无", "未落实", "暂无"):
                continue
            code = codes.code_of(codes.MeasureKind, part)
            if code is None:
                row.warn("measure_kind_unknown", "measures", part, household=row.number, person=row.head)
            found.append((code or codes.MeasureKind.DEVELOPMENT.value, part[:200]))
        return found

    def _target(self, row, cells):
        typed = row.rows.word("target", cells)[:30]
        if not typed:
            return None
        try:
            return schedule.parse(typed, year=self.setting.year)
        except ValidationError:
            row.warn("date_unreadable", "target", typed, household=row.number, person=row.head)
            return None

    # With the database

    @property
    def speaking(self):
        """The good rows that speak for their household."""
        return [row for row in self.kept if not row.repeats]

    def resolve(self, by):
        find_households(self.records, by, refuse_closed=True, within=self.setting.region_path)
        by_household = {}
        for row in self.speaking:
            if by_household.setdefault(row.household[0], row) is not row:
                row.repeats = True
        keys = sorted(by_household)
        self.reach = tuple(by.paths(Permission.STATUS_ADVANCE))
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            facts = lifecycle.facts_of(chunk)
            stored = Measure.objects.filter(household__in=chunk).order_by()
            held = {
                (home, kind, measure_words.said(what))
                for home, kind, what in stored.values_list("household", "kind", "what")
            }
            for household in Household.objects.filter(pk__in=chunk).order_by("pk"):
                row = by_household[household.pk]
                row.fresh_measures = [
                    (kind, what)
                    for kind, what in row.measures
                    if (household.pk, kind, measure_words.said(what)) not in held
                ]
                facts[household.pk].has_measure |= bool(row.fresh_measures)
                self._rehearse(row, household, facts[household.pk])
        refused = {row.same for row in self.records if row.bad and not row.repeats}
        for row in self.records:
            row.bad = row.bad or row.repeats and row.same in refused

    def _rehearse(self, row, household, facts):
        """Work out the steps of one household, each tried on the row in memory."""
        before, risks = [getattr(household, name) for name in SHOWN], household.risks
        stamp = versions.stamp((*before, risks))
        self._was_poor(row, household)
        for move in self._wanted(row, household):
            if not household.region_path.startswith(self.reach):
                self._refuse(row, move, "", "您没有为这一户办理状态变更的权限。")
                return
            for name, message in lifecycle.attempt(household, move, facts):
                self._refuse(row, move, name, message)
            if row.bad:
                return
            row.moves.append(move)
        if not row.bad:
            self._put_right(row, household)
            self._tell(row, household, before, risks)
            if before[SHOWN.index("monitor_category")] != "0":
                self.hold_back(row, stamp, row.differences)

    @staticmethod
    def _tell(row, household, before, risks):
        """What would change of the household, old and new; `household` is as the steps left it."""
        after = [row.columns.get(name, getattr(household, name)) for name in SHOWN]
        row.differences += differences(Household, row.row, SHOWN, before, after)
        named = [
            "、".join(codes.Risk(code).label for code in said.split(",") if code)
            for said in (risks, row.columns.get("risks", household.risks))
        ]
        if named[0] != named[1]:
            row.differences.append(Value(row.row, "风险类型", *named))
        for kind, what in dict.fromkeys(row.fresh_measures):
            row.differences.append(Value(row.row, codes.MeasureKind(kind).label, "", what))

    def _was_poor(self, row, household):
        registered = household.registry_status in ("1", "2", "3", "4")
        if row.was_poor is not None and row.was_poor != registered:
            status = codes.RegistryStatus(household.registry_status).label
            row.warn(
                "value_conflict", "was_poor", "是" if row.was_poor else "否", household=row.number,
                person=row.head, detail=f"登记的建档立卡状态是“{status}”，未改",
            )  # fmt: skip

    def _wanted(self, row, household):
        """The steps that lead from where the household stands to where the file says it stands.

        A generator: the second step is worked out on the household as the first one left it."""
        if household.monitor_category == "0":
            if self._dated(row, "identified"):
                yield self._move(
                    row, household, "monitor", row.identified, category=row.category, risks=row.risks
                )
        elif household.monitor_category != row.category:
            label = codes.MonitorCategory(household.monitor_category).label
            row.refuse(
                "monitor_category_differs", "category", codes.MonitorCategory(row.category).label,
                household=row.number, person=row.head, detail=f"登记的是“{label}”，类别不能直接改",
            )  # fmt: skip
        elif household.risk_state == "2" and not row.cleared:
            if row.identified and household.cleared_on and row.identified > household.cleared_on:
                yield self._move(row, household, "reopen_risk", row.identified)
            else:
                row.warn(
                    "monitor_older", "cleared", household=row.number, person=row.head,
                    detail=f"登记为 {household.cleared_on or ''} 风险已消除，未改",
                )  # fmt: skip
        elif row.identified and household.monitored_on and row.identified != household.monitored_on:
            row.warn(
                "monitor_date_differs", "identified", row.identified, household=row.number, person=row.head,
                detail=f"登记的是 {household.monitored_on}，未改",
            )  # fmt: skip
        if (
            not row.bad
            and row.cleared
            and household.risk_state in ("1", "3")
            and self._dated(row, "cleared_on")
        ):
            yield self._move(row, household, "clear_risk", row.cleared_on, mode=row.mode)

    def _dated(self, row, name):
        if getattr(row, name) is None:
            row.refuse(
                "monitor_date_missing", name, household=row.number, person=row.head,
                detail=f"应填{self._label(name)}，如 2025-05",
            )  # fmt: skip
        return getattr(row, name) is not None

    @staticmethod
    def _label(name):
        return next(item.label for item in FIELDS if item.name == name)

    @staticmethod
    def _move(row, household, step, on, **given):
        start, until = row.posted.get(step, (None, None))
        if step in row.posted and start is None:
            column = next(name for known, name, _ in POSTED if known == step)
            row.warn("notice_missing", column, household=row.number, person=row.head)
        given |= {"posted_on": start, "until": until}
        return Move(household.pk, step, Given(on=on, reason=row.reason, document=row.document, **given))

    def _refuse(self, row, move, name, message):
        step = lifecycle.BY_NAME[move.step]
        column = COLUMN_OF.get(name) or ("category" if move.step == "monitor" else "cleared")
        if name == "on" or move.step == "clear_risk" and not name:
            column = "cleared_on" if move.step == "clear_risk" else "identified"
        code = "monitor_status_conflict" if move.step == "monitor" and not name else "step_refused"
        detail = f"{self._label(column)}：{message}" if name else message
        row.refuse(code, column, household=row.number, person=row.head, detail=f"{step.label}：{detail}")

    def _put_right(self, row, household):
        """What the file fills in besides the steps: risks, a missing day of identification, a missing target."""
        if row.risks and row.risks != household.risks:
            row.columns["risks"] = row.risks
        if row.identified and household.monitored_on is None:
            row.columns["monitored_on"] = row.identified
        if row.target and household.target_end is None and household.risk_state in ("1", "3"):
            row.columns |= schedule.columns(row.target, "target")

    def write(self, by, batch):
        rows = self.speaking
        self._write_measures(rows, by, batch)  # first: 帮扶消除 asks for them
        moved = lifecycle.take_many([move for row in rows for move in row.moves], by=by)
        self._write_columns(rows, by, batch)
        changed = {row.household[0] for row in rows if row.columns or row.fresh_measures} | moved
        checks.check(changed)
        kept.refresh(changed, names=False)
        for row in rows:
            new = any(move.step == "monitor" for move in row.moves)
            row.state = NEW if new else CHANGED if row.household[0] in changed else SAME
        fresh = sum(1 for row in rows if any(move.step == "monitor" for move in row.moves))
        return {
            "households_new": fresh,
            "households_changed": len(changed) - fresh,
            "households_same": len(rows) - len(changed),
        }

    def _write_measures(self, rows, by, batch):
        made = [(row, kind, what) for row in rows for kind, what in dict.fromkeys(row.fresh_measures)]
        insert_rows(
            Measure, ("household", "region_path", "kind", "what"),
            [(*row.household, kind, what) for row, kind, what in made], constants={"by": by.pk},
        )  # fmt: skip
        self._trail(
            [(row, {"what": ["measures"], "kind": kind} | told([Value(row.row, codes.MeasureKind(kind).label, "", what)])) for row, kind, what in made],
            by, batch,
        )  # fmt: skip

    def _write_columns(self, rows, by, batch):
        now = timezone.now()
        groups = {}
        for row in rows:
            if row.columns:
                groups.setdefault(tuple(sorted(row.columns)), []).append(row)
        for names, members in groups.items():
            update_rows(
                Household, (*names, "updated_at", "updated_by"),
                [(*(row.columns[name] for name in names), now, by.pk, row.household[0]) for row in members],
            )  # fmt: skip
        keys = [row.household[0] for row in rows if row.columns]
        for start in range(0, len(keys), CHUNK):
            held = Household.objects.filter(pk__in=keys[start : start + CHUNK]).values_list("version", "pk")
            update_rows(Household, ("version",), [(version + 1, key) for version, key in held.order_by()])
        self._trail(
            [(row, {"what": sorted(row.columns)} | told(self._filled_in(row))) for row in rows if row.columns], by, batch
        )  # fmt: skip

    @staticmethod
    def _filled_in(row):
        """The `Value`s of what is written besides the steps, which tell theirs themselves."""
        labels = {wording(Household).label(name) for name in row.columns} | {"风险类型"}
        return [one for one in row.differences if one.label in labels]

    @staticmethod
    def _trail(found, by, batch):
        bulk(
            "household.import",
            [
                (f"households.household:{row.household[0]}", row.household[1], {"batch": batch} | detail)
                for row, detail in found
            ],
            by=by,
        )

    def units(self):
        """Each household with all its rows; the one that speaks for it says what becomes of it."""
        homes = {}
        for row in self.records:
            key = ("home", row.household[0]) if row.household else ("same", row.same) if row.same else id(row)
            homes.setdefault(key, []).append(row)
        for rows in homes.values():
            first = next((row for row in rows if not row.bad and not row.repeats), rows[0])
            state = (
                BAD if first.bad else OUT if self.dropped else CLASH if first.clash else first.state or NEW
            )
            found = [
                (row.rows.table.sheet, row.row, BAD if row.bad else state if row is first else OUT if self.dropped else SAME, "")
                for row in rows
            ]  # fmt: skip
            links = {link for row in rows for link in self.links(row)}
            yield Unit(first.number, state, found, tuple(links), values=first.differences)

    # Figures

    def summary(self):
        rows = self.speaking
        return {
            "rows": len(self.kept),
            "households": len(rows),
            "by_category": tally(codes.MonitorCategory(row.category).label for row in rows),
            "by_risk": tally(codes.Risk(code).label for row in rows for code in row.risks.split(",") if code),
            "cleared": sum(1 for row in rows if row.cleared),
            "steps": tally(move.step for row in rows for move in row.moves),
        }


def _risk_ticked(title, grouped):
    """The risk that a column of ticks stands for, below 风险类型."""
    code = codes.code_of(codes.Risk, title) if grouped else None
    return codes.Risk(code).label if code and not title.isdecimal() else ""


LIST = Import(
    kind="monitoring",
    title="监测对象信息",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(("hh_no", "id"), ("category",), ("risk1", "identified", "cleared", "cleared_on")),
    plan=MonitorPlan,
    by_head=r"走访|与户主(?:的)?关系|家庭关系|^(?:姓名|名字)$",
    spread=("measures",),
    ticked=(("category", monitor_ticked), ("risk1", _risk_ticked)),
    words="监测对象信息|监测户信息|监测对象台账|监测对象名单",
    needs_named=(("hh_no", "id"), ("category",)),
    group="户",
    note="按状态变更的规矩办理纳入监测、风险消除和回退，不合条件的行说明原因",
    result_page="household_list",
)
MONITORING = replace(
    LIST,
    repeats=with_ticks(LIST, {"category": codes.MonitorCategory.labels[1:], "risk1": codes.Risk.labels}),
)
