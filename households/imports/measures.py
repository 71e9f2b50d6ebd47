"""Importing a ledger of assistance measures: one row a measure of a household."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from django.core.exceptions import ValidationError

from fupin import schedule
from fupin.accounts.roles import Permission
from fupin.audit.record import bulk
from fupin.bulk import insert_rows, take_keys, update_rows
from fupin.excel import cleaning, versions
from fupin.excel.changes import CHANGED, NEW, SAME
from fupin.excel.cleaning import Unreadable, compact, text
from fupin.excel.imports import Field, Import, Rows
from fupin.excel.ledger import LedgerPlan, plain_sum, told
from fupin.excel.places import PLACE
from fupin.excel.wording import differences, wording
from households import checks, codes, kept
from households.imports import measure_columns
from households.imports.columns import amount
from households.imports.houses import tally
from households.imports.known import CHUNK, HOUSEHOLD, HouseholdRecord, Officials, find_households, said_once
from households.models import Helper, Measure, Pairing

FIELDS = (
    *HOUSEHOLD,
    *PLACE,
    Field("kind", "措施类别", ("措施类型", "帮扶类别", "帮扶类型", "帮扶措施类别", "类别"), choices=codes.MeasureKind, example="产业帮扶"),
    Field("what", "措施内容", ("帮扶措施", "措施", "帮扶内容", "帮扶措施内容", "具体帮扶措施", "措施内容及规模", "补助品种", "奖补品种", "措施具体内容", "帮扶具体内容", "具体帮扶内容", "具体内容", "实施内容", "具体措施", "措施名称", "帮扶项目", "岗位名称", "补助项目", "补贴项目", "奖补项目", "贷款用途"), example="发放种羊", note="做什么，一行一项。"),
    Field("quantity", "数量", ("措施数量", "帮扶数量", "补助数量", "奖补数量", "规模", "发放数量"), amount, example="5"),
    Field("unit", "计量单位", ("单位", "数量单位"), example="只"),
    Field("money", "金额", ("资金", "投入资金", "帮扶资金", "补助金额", "措施金额", "补助资金", "补贴金额", "补贴资金", "奖补金额", "奖补资金", "贷款金额", "发放金额", "资助金额", "慰问金额", "投入", "投入金额", "投入资金量"), amount, example="6000", note="元；表头写明（万元）的按万元。"),
    Field("helper", "责任人", ("帮扶责任人", "帮扶干部", "帮扶人", "落实责任人", "责任人姓名", "帮扶责任人姓名", "帮扶联系人"), example="李明"),
    Field("helper_unit", "责任单位", ("责任人单位", "帮扶单位", "落实单位"), example="县农业农村局"),
    Field("begin", "开始日期", ("开始时间", "实施时间", "落实时间", "实施日期", "时间", "日期", "发放时间", "发放日期", "贷款日期", "放款日期", "上岗时间", "上岗日期", "补助时间", "兑付时间"), example="2026-03-01"),
    Field("target", "完成时限", ("时限", "计划完成时间", "计划完成", "完成期限", "计划完成时限"), example="6月底前", note="如 2026-12-31、6月底前、下半年、年内。"),
    Field("done", "完成日期", ("完成时间", "实际完成时间", "实际完成日期", "完成情况", "是否完成"), example="2026-05-20"),
    Field("effect", "成效", ("帮扶成效", "效果", "实施效果", "取得成效"), example="年增收 3000 元"),
    versions.FIELD,
)  # fmt: skip
COLUMNS = (
    "quantity", "unit", "money", "helper", "target_text", "target_end", "target_precision", "done_on", "effect",
)  # fmt: skip
"""What an import changes on a measure that is there; household, kind, content and beginning say which one it is."""


_SPAN = re.compile(r"(.+?\d[日月年]?)(?:至|到|—|－|~|–|-{1,2})(20\d\d.+)")
"""From when to when something is done."""
_TO_COME = re.compile(r"[前底内]$|半年|季度")
STAMPED = tuple(column for column in COLUMNS if column not in ("helper", "target_end", "target_precision"))


def stamped(values):
    """The values that the stamp of a measure is made of, out of those of COLUMNS."""
    held = dict(zip(COLUMNS, values))
    return [held[column] for column in STAMPED]


@dataclass(slots=True, kw_only=True)
class MeasureRow(HouseholdRecord):
    kind: str = ""
    what: str = ""
    begin: date | None = None
    helper: str = ""
    unit: str = ""
    values: dict = field(default_factory=dict)

    @property
    def key(self):
        return (self.kind, self.what, self.begin)

    def told(self, values, names):
        """`Value`s with officials by name: `names` {key as text: name}."""
        label = wording(Measure).label("helper")
        return [
            replace(one, old=names.get(one.old, one.old), new=names.get(one.new, one.new)) if one.label == label else one
            for one in values
        ]  # fmt: skip


def names_of(helpers):
    """`{key of an official as text: name}`. One query per 500."""
    keys, found = sorted(helpers - {None, ""}), {}
    for start in range(0, len(keys), CHUNK):
        rows = Helper.objects.filter(pk__in=keys[start : start + CHUNK]).order_by()
        found |= {str(key): name for key, name in rows.values_list("pk", "name")}
    return found


class MeasurePlan(LedgerPlan):
    """What a ledger of measures would do."""

    fields = FIELDS
    in_parts = True

    def __init__(self, tables, setting):
        self._seen = {}
        self.dated = {id(sheet): self._dated(sheet) for sheet in tables}
        super().__init__(tables, setting)
        for sheet in tables:
            rows = Rows(sheet, FIELDS, self.issues)
            if (day := self.dated[id(sheet)]) and sheet.numbers:
                detail = f"按标题里的年月记为 {day} 开始；知道日期的请加一列“开始时间”"
                rows.issue("measure_date_assumed", sheet.numbers[0], detail=detail)
            for code, name, value, detail, row in sheet.findings:
                rows.issue(code, row, name, value, detail=detail)

    def read_row(self, rows, number, cells):
        row = MeasureRow.at(rows, number, cells, self.setting.as_of)
        row.what = rows.word("what", cells)[:200] or (
            "" if "what" in rows.at else measure_columns.said_in_title(rows.table)
        )
        row.helper = cleaning.name(rows.cell("helper", cells))[:40]
        row.unit = rows.word("helper_unit", cells)[:80]
        row.kind = self._kind(row, cells)
        row.values = {
            "quantity": rows.valued("quantity", number, cells, household=row.number),
            "unit": rows.word("unit", cells)[:10],
            "money": rows.valued("money", number, cells, household=row.number),
            "effect": rows.word("effect", cells)[:200],
        }
        row.begin = self._day(row, "begin", cells) or self.dated.get(id(rows.table))
        self._done(row, cells)
        self._target(row, cells)
        if not row.what:
            row.refuse("measure_missing", "what", household=row.number)
        if not row.bad:
            before = self._seen.setdefault((row.same, row.key), row)
            if before is not row:
                row.refuse("measure_repeated", "what", row.what, related_row=before.row, household=row.number)
        self.read_stamp(row, cells, row.number)
        return row

    @staticmethod
    def _dated(table):
        """The month (or year) in the title of a list that says nowhere else what was done and when, None for any other."""
        if "begin" in table.columns or "what" in table.columns and not measure_columns.said_in_title(table):
            return None
        found = re.search(r"(?<!\d)(20\d\d)年度?(?:(1[0-2]|0?[1-9])月)?", compact(table.title))
        return date(int(found[1]), int(found[2] or 1), 1) if found else None

    def _kind(self, row, cells):
        word = row.rows.word("kind", cells)
        code = codes.code_of(codes.MeasureKind, word) if word else None
        if code is None and word:
            code = measure_columns.kind_of(word)
        if code is None:
            code = codes.code_of(codes.MeasureKind, row.what) or measure_columns.kind_titled(row.rows.table)
        if code is None:
            row.warn("measure_kind_unknown", "kind", word, household=row.number)
        return code or codes.MeasureKind.DEVELOPMENT.value

    def _day(self, row, name, cells):
        raw = row.rows.cell(name, cells)
        try:
            found = cleaning.day(raw, row.rows.table.epoch)
        except Unreadable as problem:
            if name == "begin" and (span := _SPAN.fullmatch(compact(text(raw)))) and self._from_to(row, span, cells):  # fmt: skip
                return row.begin
            row.warn(problem.code, name, text(raw), household=row.number)
            return None
        return found[0] if found else None

    def _from_to(self, row, span, cells):
        """Whether 实施时间 says from when to when: 2025-03-01至2025-12-31. The second day is the target where no column is."""
        try:
            begin, until = (cleaning.day(part) for part in span.groups())
        except Unreadable:
            return False
        if begin is None or until is None or until[0] < begin[0]:
            return False
        row.begin = begin[0]
        if not row.rows.word("target", cells):
            row.values |= schedule.columns(schedule.parse(span[2][:30], year=begin[0].year), "target")
        return True

    def _done(self, row, cells):
        raw = row.rows.cell("done", cells)
        word = compact(text(raw))
        if word in cleaning.YES or word in ("已完成", "完成", "已落实"):
            row.warn("done_without_date", "done", word, household=row.number)
            return
        if word in cleaning.NO or word in (
            "未完成",
            "未落实",
            "正在实施",
            "实施中",
            "进行中",
            "正在推进",
            "推进中",
            "正在落实",
            "落实中",
            "已开展",
            "长期",
            "持续",
        ):
            return
        if _TO_COME.search(word) and not row.rows.word("target", cells) and self._planned(row, word):
            return
        done = self._day(row, "done", cells)
        if done and done > self.setting.as_of:
            row.refuse("done_in_future", "done", done, household=row.number)
        elif done and row.begin and done < row.begin:
            row.refuse("measure_dates_reversed", "done", done, household=row.number)
        row.values["done_on"] = done

    def _planned(self, row, word):
        """Whether 完成时间 holds a time to come (12月底前, 年内); it is the target then."""
        try:
            target = schedule.parse(word[:30], year=row.begin.year if row.begin else self.setting.year)
        except ValidationError:
            return False
        row.values |= schedule.columns(target, "target")
        return True

    def _target(self, row, cells):
        raw = row.rows.cell("target", cells)
        typed = row.rows.word("target", cells)[:30]
        if not typed:
            return
        if isinstance(raw, date | float | int):
            typed = str(self._day(row, "target", cells) or typed)
        year = row.begin.year if row.begin else self.setting.year
        try:
            target = schedule.parse(typed, year=year)
        except ValidationError:
            row.warn("date_unreadable", "target", text(raw), household=row.number)
            target = schedule.Target(typed)
        row.values |= schedule.columns(target, "target")

    # With the database

    def resolve(self, by):
        find_households(self.records, by, within=self.setting.region_path)
        self._twice_after_all()
        said_once(self)
        rows = self.kept
        keys = sorted({row.household[0] for row in rows})
        self.stored, self.paired = {}, {}
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            held = Measure.objects.filter(household__in=chunk).order_by("-pk")
            for key, household, kind, what, begin, *values in held.values_list(
                "pk", "household", "kind", "what", "starts_on", *COLUMNS
            ):
                self.stored[household, (kind, what, begin)] = (key, values)
            pairs = Pairing.objects.current().filter(household__in=chunk).order_by("household", "-order")
            for household, name, helper in pairs.values_list("household", "helper__name", "helper"):
                self.paired[household, name] = helper
        self._find_clashes(rows)

    def _find_clashes(self, rows):
        """Measures of which the register has something newer than the file; who is in charge is left to `write`."""
        for row in rows:
            old = self.stored.get((row.household[0], row.key))
            if old and row.stamp:
                stored = stamped(old[1])
                said = [row.values.get(column) for column in STAMPED]
                new = [was if now in (None, "") else now for now, was in zip(said, stored)]
                self.hold_back(
                    row, versions.stamp(stored), differences(Measure, row.row, STAMPED, stored, new)
                )

    def _twice_after_all(self):
        """The same measure once under the household's number, once under its head's ID number."""
        seen = {}
        for row in self.kept:
            before = seen.setdefault((row.household[0], row.key), row)
            if before is not row:
                row.refuse("measure_repeated", "what", row.what, related_row=before.row, household=row.number)

    def write(self, by, batch):
        rows = self.kept
        self._find_helpers(rows)
        fresh, changed = [], []
        for row in rows:
            old = self.stored.get((row.household[0], row.key))
            if old is None:
                row.state = NEW
                fresh.append(row)
                continue
            key, values = old
            new = [
                value if (value := row.values.get(column)) not in (None, "") else was
                for column, was in zip(COLUMNS, values)
            ]
            row.state = CHANGED if new != values else SAME
            if new != values:
                row.differences = differences(Measure, row.row, COLUMNS, values, new)
                changed.append((row, key, new))
        at = COLUMNS.index("helper")
        self.names = names_of(
            {row.values.get("helper") for row in rows}
            | {self.stored[row.household[0], row.key][1][at] for row, *_ in changed}
        )
        for row, *_ in changed:
            row.differences = row.told(row.differences, self.names)
        self._store(fresh, changed, by, batch)
        touched = {row.household[0] for row in fresh} | {row.household[0] for row, *_ in changed}
        checks.check(touched)
        kept.refresh(touched, names=False)
        return {
            "rows_new": len(fresh),
            "rows_changed": len(changed),
            "rows_same": len(rows) - len(fresh) - len(changed),
        }

    def _find_helpers(self, rows):
        """The official paired with the household under that name where no unit is given; else by name and unit."""
        officials = Officials(row.helper for row in rows if row.helper)
        for row in rows:
            if row.helper:
                paired = None if row.unit else self.paired.get((row.household[0], row.helper))
                row.values["helper"] = paired or officials.find(row.helper, row.unit)
        made = officials.write()
        for row in rows:
            if row.helper:
                row.values["helper"] = made.get(row.values["helper"], row.values["helper"])

    def _store(self, fresh, changed, by, batch):
        made, events = [], []
        for row, key in zip(fresh, take_keys(Measure, len(fresh))):
            household, path = row.household
            blank = {"unit": "", "target_text": "", "target_precision": "", "effect": ""}
            values = [
                row.values.get(column) if row.values.get(column) is not None else blank.get(column)
                for column in COLUMNS
            ]
            made.append((household, path, row.kind, row.what, row.begin, *values, key))
            facts = differences(
                Measure,
                row.row,
                ("kind", "what", "starts_on", *COLUMNS),
                None,
                (row.kind, row.what, row.begin, *values),
            )
            said = {"batch": batch, "household": household} | told(row.told(facts, self.names))
            events.append((f"households.measure:{key}", path, said))
        for row, key, _ in changed:
            household, path = row.household
            said = {"batch": batch, "household": household} | told(row.differences)
            events.append((f"households.measure:{key}", path, said))
        insert_rows(
            Measure, ("household", "region_path", "kind", "what", "starts_on", *COLUMNS, "id"), made,
            constants={"by": by.pk},
        )  # fmt: skip
        update_rows(Measure, COLUMNS, [(*new, key) for _, key, new in changed])
        bulk("measure.import", events, by=by)

    # Figures

    def summary(self):
        rows = self.kept
        return {
            "rows": len(rows),
            "households": len({row.same for row in rows}),
            "by_kind": tally(codes.MeasureKind(row.kind).label for row in rows),
            "sum_money": plain_sum(row.values["money"] for row in rows),
            "done": sum(1 for row in rows if row.values.get("done_on")),
        }


LEDGER = Import(
    kind="measures",
    title="帮扶措施台账",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(("hh_no", "id"), ("what",), ("kind", "target", "begin", "done", "effect")),
    plan=MeasurePlan,
    carried=((("hh_no", "id", "head_name"), (), False),),
    by_head=r"走访|与户主(?:的)?关系|家庭关系|结对|风险类型|^(?:姓名|名字)$",
    added=("money",),
    weak={"帮扶措施": "kind", "措施": "kind", "完成情况": "", "是否完成": ""},
    words=f"帮扶措施|措施台账|{measure_columns.PAID.pattern}",
    needs_named=(("hh_no", "id"), ("what", "kind", "money")),
    group="户",
    note="一行一项措施，同一户、同类、同一内容、同一开始日期只记一次",
    result_page="measure_list",
)
MEASURES = replace(
    LEDGER,
    note="一行一项措施，也可以一户一行、一类措施一列；同一户、同类、同一内容、同一开始日期只记一次",
    forms=partial(measure_columns.read, LEDGER),
    repeats=measure_columns.repeats(LEDGER),
)
