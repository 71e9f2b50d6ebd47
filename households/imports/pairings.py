"""Importing a ledger of pairings: one row a helper and a household, from when to when."""

import re
from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

from fupin.accounts.pii import FieldClass
from fupin.accounts.roles import Permission
from fupin.audit.record import bulk
from fupin.bulk import insert_rows, take_keys, update_rows
from fupin.excel import cleaning, versions
from fupin.excel.changes import CHANGED, NEW, SAME, Value
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.form_folds import row_of
from fupin.excel.imports import Field, Import, Rows, described
from fupin.excel.ledger import LedgerPlan, told
from fupin.excel.places import PLACE
from fupin.excel.titles import key_of
from fupin.excel.wording import differences
from households import codes, idcard, kept
from households.imports import pairing_columns
from households.imports.columns import count, flag, phone
from households.imports.known import (
    CHUNK,
    HEAD_ID,
    HouseholdRecord,
    Officials,
    find_households,
    homes_of,
    recount_visits,
    said_once,
)
from households.models import Pairing


def order(value, unit=1):
    """第一责任人, 2 or 监测联系人 as the code of codes.HelperOrder, None when blank."""
    said = compact(text(value))
    if said in BLANKS:
        return None
    found = codes.code_of(codes.HelperOrder, said) or next((code for signs, code in (("一1主", "1"), ("二三四234副", "2")) if any(sign in said for sign in signs)), None)  # fmt: skip
    if found is None:
        raise Unreadable("value_unknown", codes.some_of(codes.HelperOrder))
    return found


ANY_ID = Field(
    "any_id", "身份证号",
    ("身份证号码", "身份证", "证件号码", "证件号", "公民身份号码", "居民身份证号码", "居民身份证号", "身份证件号码"),
    pii=FieldClass.ID_NUMBER, note="不读入模板：写明是谁的更好。",
)  # fmt: skip
"""A number of which the header does not say whether it is the head's or the official's: the register tells."""
FIELDS = (
    *PLACE,
    Field("hh_no", "户编号", ("户号", "农户编号", "贫困户编号", "编号", "帮扶对象户编号", "包保对象户编号", "结对户编号", "脱贫户编号", "监测户编号")),
    replace(HEAD_ID, headers=(*HEAD_ID.headers, "贫困户身份证号", "贫困户身份证号码", "贫困户证件号码", "脱贫户身份证号", "帮扶对象身份证号", "帮扶对象身份证号码", *(f"{who}{word}" for who in ("帮扶户", "结对户", "联系户", "包保户", "帮扶对象", "对象", "贫困户", "脱贫户", "被帮扶户") for word in ("身份证号", "身份证号码", "身份证", "证件号码", "公民身份号码", "户主身份证号", "户主身份证号码")))),
    ANY_ID,
    Field("head_name", "户主姓名", ("贫困户户主", "户主", "贫困户", "贫困户姓名", "帮扶对象", "帮扶对象姓名", "包保对象", "结对户", "结对户户主", "联系户姓名", "结对户姓名", "帮扶户姓名", "包保户", "包户对象", "结对对象", "结对贫困户", "结对脱贫户", "帮扶贫困户", "帮扶脱贫户", "包联户", "包保户户主", "结对帮扶户", "结对帮扶对象", "帮扶户户主姓名", "结对户户主姓名", "联系户户主姓名", "被帮扶户", "脱贫户", "脱贫户姓名", "帮扶户", "帮扶户户主", "联系户", "联系户户主", "被帮扶对象", "农户姓名")),
    Field("helper", "帮扶责任人", ("帮扶干部", "帮扶人", "包户干部", "责任人", "帮扶联系人", "帮扶责任人姓名", "结对干部", "帮扶干部姓名", "帮扶人姓名", "结对干部姓名", "帮扶联系人姓名", "监测联系人", "监测联系人姓名", "联系人", "联系人姓名", "包保干部", "包保责任人", "包保人", "包联干部", "包联责任人", "联户干部", "包户干部姓名", "责任人姓名", "干部姓名", "现帮扶责任人", "现责任人", "现帮扶干部", "现帮扶人", "调整后帮扶责任人", "调整后责任人", "变更后帮扶责任人", "新帮扶责任人", "现任责任人", "调整后帮扶人", "调整后姓名", "现任姓名", "新责任人", "调整后帮扶干部", "变更后责任人", "调整后责任人姓名", "现责任人姓名", "调整后帮扶责任人姓名", "第一责任人", "第一帮扶责任人", "第一帮扶人", "第一帮扶联系人", "第一责任人姓名", "第一帮扶责任人姓名", "第一帮扶人姓名", "包户责任人", "包户党员", "结对责任人", "挂钩干部", "挂包干部")),
    Field("helper_sex", "性别", ()),
    Field("unit", "帮扶单位", ("单位", "责任人单位", "所在单位", "工作单位", "帮扶责任人单位", "帮扶干部单位", "单位及职务", "工作单位及职务", "帮扶干部单位及职务", "帮扶人单位", "联系人单位", "监测联系人单位", "包户干部单位", "包保单位", "包联单位", "现帮扶责任人单位", "现帮扶单位", "调整后帮扶单位", "帮扶责任人所在单位", "帮扶责任人工作单位", "帮扶干部所在单位", "帮扶干部工作单位", "帮扶责任人单位及职务", "派出单位", "帮扶单位名称", "单位名称", "现单位", "现工作单位", "调整后单位", "新帮扶单位", "帮扶部门", "现责任人单位", "调整后单位及职务", "调整后责任人单位", "现责任人单位及职务", "新责任人单位", "第一责任人单位")),
    Field("utype", "帮扶单位类型", ("单位类型",)),
    Field("level", "帮扶单位隶属关系", ("单位隶属关系", "隶属关系", "单位隶属")),
    Field("rank", "职务级别", ("职务", "级别", "帮扶责任人职务", "帮扶干部职务", "包户干部职务", "责任人职务")),
    Field("first", "是否第一书记", ("第一书记",), flag),
    Field("leader", "是否工作队队长", ("工作队队长", "是否队长"), flag),
    Field("team", "是否驻村队员", ("驻村队员", "是否驻村工作队员"), flag),
    Field("helper_phone", "联系电话", ("电话", "手机号", "责任人电话", "帮扶责任人电话", "帮扶人电话", "帮扶干部电话", "联系方式", "帮扶人联系电话", "帮扶干部联系电话", "帮扶责任人联系电话", "帮扶责任人联系方式", "帮扶责任人手机号", "帮扶责任人手机号码", "帮扶干部联系方式", "帮扶干部手机号", "帮扶联系人电话", "联系人电话", "监测联系人电话", "包户干部电话", "包户干部联系电话", "包保干部电话", "责任人联系电话", "干部电话", "手机号码", "电话号码"), phone, pii=FieldClass.PHONE),
    Field("begin", "结对开始", ("开始时间", "结对时间", "帮扶开始时间", "开始日期", "结对开始时间", "结对日期", "帮扶起始时间", "帮扶时间", "起始时间", "结对帮扶时间", "开始帮扶时间", "调整时间", "变更时间", "包户时间", "包保时间", "确定时间", "帮扶开始日期", "调整日期", "变更日期", "更换时间", "更换日期", "结对起始时间", "帮扶起始日期", "建立结对时间")),
    Field("end", "结对结束", ("结束时间", "帮扶结束时间", "结束日期", "结对结束时间")),
    Field("quota", "每年走访次数", ("走访次数", "年走访次数"), count),
    Field("old_helper", "原帮扶责任人", ("原责任人", "原帮扶干部", "原帮扶人", "原责任人姓名", "原帮扶责任人姓名", "调整前帮扶责任人", "调整前责任人", "调整前帮扶人", "调整前姓名", "调整前帮扶干部", "调整前责任人姓名", "变更前帮扶责任人", "变更前责任人", "原任责任人", "前任责任人", "原包户干部", "原姓名", "原帮扶联系人", "原包保干部"), note="不读入模板：调整的表里，这一天起不再帮扶的人。"),
    Field("old_unit", "原帮扶单位", ("原责任人单位", "原单位", "原帮扶责任人单位", "调整前单位", "调整前帮扶单位", "调整前责任人单位", "变更前单位", "原单位及职务", "原责任人单位及职务", "调整前单位及职务"), note="不读入模板。"),
    Field("reason", "变更原因", ("调整原因", "调整理由", "变更理由", "更换原因", "原因", "调整事由"), note="不读入模板。"),
    Field("order", "责任人序位", ("第几责任人", "责任人次序", "责任人类别"), order, note="不读入模板。"),
    versions.FIELD,
)  # fmt: skip
FIELDS = described(FIELDS, {
    "hh_no": ("51332700012", "已建档的户编号。"), "head_name": ("扎西", "只供核对。"), "helper": "李明", "helper_sex": "男", "unit": "县农业农村局",
    "utype": "国家机关", "level": "县", "rank": "科员级", "first": "否", "leader": "否", "team": "否", "helper_phone": "13800000002",
    "begin": "2026-01-01", "end": ("", "还在帮扶的留空。"), "quota": ("4", "每年约定走访的次数。"),
})  # fmt: skip
TRAIL = ("order", "starts_on", "ends_on", "visits_per_year")
COLUMNS = ("household", "region_path", "helper", "order", "starts_on", "ends_on", "visits_per_year", "id")


@dataclass(slots=True, kw_only=True)
class PairingRow(HouseholdRecord):
    helper: str = ""
    unit: str = ""
    facts: dict = field(default_factory=dict)
    begin: date | None = None
    end: date | None = None
    quota: int | None = None
    order: str = "1"
    key: object = None
    numbers: tuple = ()
    """What the columns hold of which nobody said whose numbers they are."""
    assumed: bool = False
    """Whether the file has no day for it, see `_assume`."""
    told_order: bool = False
    """Whether the file itself says whose place it is."""
    old: str = ""
    """Who was responsible until the day before, in a list of changes."""
    old_unit: str = ""
    reason: str = ""
    ends: tuple | None = None
    """`(key, begin, its row in the register)` of the pairing that the row ends."""

    def entered(self):
        """The `Value`s of the pairing that it makes."""
        new = (self.order, self.begin, self.end, self.quota)
        helper = Value(
            self.row, "帮扶责任人", self.old, f"{self.helper}（{self.unit}）" if self.unit else self.helper
        )
        return [helper, *differences(Pairing, self.row, TRAIL, None, new), *self.ended()]

    def ended(self):
        """The `Value`s of the pairing that it ends."""
        if self.ends is None:
            return []
        return [Value(self.row, f"{self.old}的结对结束", str(self.ends[2][1] or ""), str(self.last_day))]

    @property
    def last_day(self):
        """The last day of the pairing that it ends: the new one begins the day after, as on the page."""
        return self.begin - timedelta(days=1)

    def overlaps(self, other):
        return (other.end is None or self.begin <= other.end) and (
            self.end is None or other.begin <= self.end
        )


class PairingPlan(LedgerPlan):
    fields = FIELDS
    in_parts = True

    def __init__(self, tables, setting):
        self.unclear = {id(table): bare_columns(table) for table in tables}
        super().__init__(tables, setting)
        self._assume()
        for table in tables:
            for code, name, value, detail, row in table.findings:
                Rows(table, FIELDS, self.issues).issue(code, row, name, value, detail=detail)
        if not any(self.unclear.values()):
            self._overlaps()

    def _assume(self):
        """A list without days is of pairings that stand in its year: said once, and taken for none that is known already."""
        for table in self.tables:
            if "begin" not in table.columns and table.numbers:
                day = f"{self.setting.year}-01-01"
                detail = (
                    f"按数据年度，记为 {day} 开始；同一责任人已在结对的不再新增。知道日期的请加一列“结对开始”"
                )
                Rows(table, FIELDS, self.issues).issue(
                    "pairing_date_assumed", table.numbers[0], detail=detail
                )

    def read_row(self, rows, number, cells):
        row = self._row(rows, number, cells)
        row.helper, row.unit = cleaning.name(rows.cell("helper", cells))[:40], rows.word("unit", cells)[:80]
        row.facts = self._facts(rows, number, cells, row)
        row.quota = rows.valued("quota", number, cells, household=row.number)
        if row.quota is not None and row.quota > 366:
            row.quota = None
        row.begin, row.end = self._day(row, "begin", cells), self._day(row, "end", cells)
        row.old = cleaning.name(rows.cell("old_helper", cells))[:40] if "old_helper" in rows.at else ""
        row.old = "" if row.old in NOBODY else row.old
        if row.old and row.helper in NOBODY:
            row.helper = ""
        row.old_unit, row.reason = rows.word("old_unit", cells)[:80], rows.word("reason", cells)[:200]
        if said := rows.valued("order", number, cells, household=row.number):
            row.order, row.told_order = said, True
        if not row.helper and not row.old:
            row.refuse("helper_missing", "helper", household=row.number)
        if row.begin is None and "begin" not in rows.at:
            row.begin, row.assumed = date(self.setting.year, 1, 1), True
        if row.begin is None:
            row.refuse("pairing_date_missing", "begin", rows.word("begin", cells), household=row.number)
        elif row.end and row.end < row.begin:
            row.refuse("pairing_dates_reversed", "end", row.end, household=row.number, person=row.helper)
        self.read_stamp(row, cells, row.number)
        return row

    def _row(self, rows, number, cells):
        if not (bare := self.unclear[id(rows.table)]):
            return PairingRow.at(rows, number, cells, self.setting.as_of)
        said = (cells[index] if index < len(cells) else "" for index in bare)
        numbers = tuple(idcard.read(cell, self.setting.as_of).number or "" for cell in said)
        return PairingRow(rows=rows, row=number, numbers=numbers)

    def _facts(self, rows, number, cells, row):
        who = {"household": row.number, "person": row.helper}
        return {
            "phone": rows.valued("helper_phone", number, cells, **who) or "",
            "sex": codes.code_of(codes.Sex, rows.word("helper_sex", cells)) or "",
            "unit_kind": rows.word("utype", cells)[:30],
            "unit_level": level_of(rows.word("level", cells)),
            "rank": rows.word("rank", cells)[:30],
            "first_secretary": bool(rows.valued("first", number, cells, **who)),
            "team_leader": bool(rows.valued("leader", number, cells, **who)),
            "team_member": bool(rows.valued("team", number, cells, **who)),
        }

    def _day(self, row, name, cells):
        raw = row.rows.cell(name, cells)
        word = text(raw)
        if word in ("至今", "长期", "现在"):
            return None
        try:
            found = cleaning.day(raw, row.rows.table.epoch)
        except Unreadable as problem:
            if name == "end":
                row.warn(problem.code, name, word, household=row.number)
            return None
        if found and name == "end" and found[1] != "day":  # until the last day of what is written
            year, month = found[0].year, 12 if found[1] == "year" else found[0].month
            return date(year, month, monthrange(year, month)[1])
        return found[0] if found else None

    def _overlaps(self):
        """A second helper of one household at the same time: told, and entered as the second in order."""
        held = {}
        for row in self.records:
            if row.bad or row.old:
                continue
            before = next((other for other in held.get(row.same, ()) if other.overlaps(row)), None)
            if before is not None and (before.helper, before.unit) != (row.helper, row.unit):
                if row_of(before.row) != row_of(row.row) or before.rows.table is not row.rows.table:
                    row.warn(
                        "pairing_overlap", related_row=before.row, household=row.number, person=row.helper
                    )
                row.order = row.order if row.told_order and row.order != "1" else "2"
            held.setdefault(row.same, []).append(row)

    # With the database

    def resolve(self, by):
        if any(self.unclear.values()):
            self._tell_whose(by)
            self._overlaps()
        find_households(self.records, by, within=self.setting.region_path)
        said_once(self)
        good = [row for row in self.records if not row.bad]
        keys = sorted({row.household[0] for row in good})
        self.stored, named, standing, running = {}, {}, {}, {}
        for start in range(0, len(keys), CHUNK):
            rows = Pairing.objects.filter(household__in=keys[start : start + CHUNK]).order_by("pk")
            for household, helper, begin, end, order, visits, key, name, unit in rows.values_list(
                "household", "helper", "starts_on", "ends_on", "order", "visits_per_year", "pk", "helper__name",
                "helper__unit",
            ):  # fmt: skip
                self.stored.setdefault(household, {})[helper, begin] = (key, end, order, visits)
                named[household, name, unit, begin] = (key, end, order, visits)
                standing.setdefault((household, name), []).append((unit, begin, end))
                running.setdefault(household, []).append([name, unit, begin, end, helper])
        for row in good:
            if row.assumed:
                self._find_standing(row, standing.get((row.household[0], row.helper), ()))
            if row.old:
                continue
            old = named.get((row.household[0], row.helper, row.unit, row.begin))
            if old:
                self.hold_back(row, stamp_of(old[1], old[3]), self._differences(row, old))

        changes = sorted(
            (row for row in good if row.old and not row.bad), key=lambda row: (row.begin, row.row)
        )
        for row in changes:
            self._find_old(row, running.setdefault(row.household[0], []))

    def _find_old(self, row, held):
        """The pairing that a change ends: one of this household that runs until its day. `held` [[name, unit, begin, end,
        helper]] of the register and of the changes above."""
        same = [one for one in held if one[0] == row.old and row.old_unit in ("", one[1])]
        same = same or [one for one in held if one[0] == row.old]
        fits = [one for one in same if one[2] < row.begin and (one[3] is None or one[3] >= row.last_day)]
        if len(fits) != 1:
            now = [one for one in held if one[2] <= row.begin and (one[3] is None or one[3] >= row.begin)]
            names = "、".join(f"{name}（{unit}）" if unit else name for name, unit, *_ in now)
            said = f"登记的这一天的责任人是{names}" if now else "登记里这一天没有责任人"
            if len(fits) > 1:
                said = f"登记里有 {len(fits)} 个{row.old}，请填原帮扶单位"
            elif any(one[2] >= row.begin for one in same):
                said = f"{row.old}的结对从 {max(one[2] for one in same)} 才开始，调整时间应晚于这一天"
            row.refuse(
                "pairing_old_differs", "old_helper", row.old, household=row.number, detail=f"{said}；请核对"
            )
            return
        one = fits[0]
        if (row.helper, row.unit or one[1]) == one[:2]:
            row.refuse(
                "pairing_old_differs",
                "helper",
                row.helper,
                household=row.number,
                detail="原责任人与现责任人是同一人；请核对",
            )
            return
        if isinstance(one[4], PairingRow):  # begun by a row above
            one[4].end = row.last_day
        else:
            stored = self.stored[row.household[0]][one[4], one[2]]
            row.ends, row.order = (one[4], one[2], stored), row.order if row.told_order else stored[2]
        one[3] = row.last_day
        stands = [
            one
            for one in held
            if one[0] == row.helper
            and row.unit in ("", one[1])
            and one[2] <= row.begin
            and (one[3] is None or one[3] >= row.begin)
        ]
        if any(one[2] < row.begin for one in stands):
            row.warn("pairing_new_stands", "helper", row.helper, household=row.number)
            row.helper = ""
        elif row.helper and not stands:
            held.append([row.helper, row.unit, row.begin, row.end, row])

    def _tell_whose(self, by):
        """Whose the numbers are of which no header says so: the household's, where most are of people in the register."""
        homes = homes_of(sorted({number for row in self.records for number in row.numbers if number}), by)
        for table in self.tables:
            rows = [row for row in self.records if row.rows.table is table]
            best, index, n = max(
                ((sum(row.numbers[n] in homes for row in rows), index, n) for n, index in enumerate(self.unclear[id(table)])),
                key=lambda found: (found[0], -found[1]), default=(0, 0, 0),
            )  # fmt: skip
            filled = sum(1 for row in rows if row.numbers and row.numbers[n])
            sure = best and best * 2 >= filled
            if sure:
                table.columns["any_id"] = index
                detail = (
                    f"{filled} 个号码里 {best} 个是已建档户的人，按户主的证件号码认户；不是的请在“列对应”里改"
                )
                Rows(table, FIELDS, self.issues).issue(
                    "pairing_id_assumed", rows[0].row, "any_id", detail=detail
                )
            for row in rows:
                if sure and row.numbers[n]:
                    row.person = row.numbers[n]
                elif sure:
                    row.refuse("household_no_missing", "any_id", detail="应填户主的 18 位证件号码")
                elif row.numbers:
                    row.refuse("pairing_id_unclear", "any_id", row.numbers[n])

    @staticmethod
    def _find_standing(row, held):
        """Take the pairing that stands already for one of which the file has no day; `held` [(unit, begin, end)]."""
        fits = [
            (unit, begin)
            for unit, begin, end in held
            if (not row.unit or unit in (row.unit, "")) and (end is None or end >= row.begin)
        ]
        if len({unit for unit, _ in fits}) == 1:
            row.unit, row.begin = max(fits)

    def write(self, by, batch):
        rows = self.kept
        officials = Officials(row.helper for row in rows)
        for row in rows:
            row.key = officials.find(row.helper, row.unit, **row.facts) if row.helper else None
        made = officials.write()
        fresh, changed, ended = [], [], []
        for row in rows:
            row.key = made.get(row.key, row.key)
            held = self.stored.setdefault(row.household[0], {})
            if row.ends is not None and row.ends[2][1] != row.last_day:
                key, _, order, visits = row.ends[2]
                held[row.ends[:2]] = (key, row.last_day, order, visits)
                row.state, row.differences = CHANGED, row.ended()
                ended.append(row)
            if not row.helper:
                row.state = row.state or SAME
                continue
            old = held.get((row.key, row.begin))
            if old is None:
                row.order = "2" if row.order == "1" and self._taken(row, held) else row.order
                held[row.key, row.begin] = (None, row.end, row.order, row.quota)
                row.state = NEW
                fresh.append(row)
            elif old[0] and (row.end not in (None, old[1]) or row.quota not in (None, old[3])):
                row.state, row.differences = CHANGED, self._differences(row, old)
                changed.append((row, old))
            else:
                row.state = row.state or SAME
        self._store(fresh, changed, by, batch)
        self._end(ended, by, batch)
        counts = [sum(1 for row in rows if row.state == state) for state in (NEW, CHANGED, SAME)]
        found = dict(zip(("rows_new", "rows_changed", "rows_same"), counts))
        return found | {"pairings_ended": len(ended)} if ended else found

    def _end(self, ended, by, batch):
        """End the pairings that changes say are over."""
        rows, events = [], []
        for row in ended:
            key = row.ends[2][0]
            rows.append((row.last_day, _reason(row.reason), row.reason, key))
            said = {"batch": batch, "household": row.household[0], "helper": row.ends[0]} | told(row.ended())
            events.append((f"households.pairing:{key}", row.household[1], said))
        update_rows(Pairing, ("ends_on", "end_reason", "end_note"), rows)
        bulk("pairing.import", events, by=by)
        touched = {row.household[0] for row in ended}
        recount_visits(touched)
        kept.refresh(touched, names=False)

    @staticmethod
    def _differences(row, old):
        found = []
        if row.end not in (None, old[1]):
            found.append(Value(row.row, "结对结束", str(old[1] or ""), str(row.end)))
        if row.quota not in (None, old[3]):
            found.append(Value(row.row, "每年走访次数", str(old[3] or ""), str(row.quota)))
        return found

    def links(self, record):
        """Also the helper: what one row says of an official goes for the next."""
        return (*super().links(record), ("helper", record.helper))

    def _taken(self, row, held):
        """Whether another helper holds the first place at the same time."""
        return any(
            helper != row.key
            and order == "1"
            and (end is None or row.begin <= end)
            and (row.end is None or begin <= row.end)
            for (helper, begin), (_, end, order, _) in held.items()
        )

    def _store(self, fresh, changed, by, batch):
        rows, events = [], []
        for row, key in zip(fresh, take_keys(Pairing, len(fresh))):
            household, path = row.household
            rows.append((household, path, row.key, row.order, row.begin, row.end, row.quota, key))
            events.append(
                (
                    f"households.pairing:{key}",
                    path,
                    {"batch": batch, "household": household, "helper": row.key} | told(row.entered()),
                )
            )
        for row, old in changed:
            events.append(
                (
                    f"households.pairing:{old[0]}",
                    row.household[1],
                    {"batch": batch, "household": row.household[0], "helper": row.key}
                    | told(row.differences),
                )
            )
        insert_rows(Pairing, COLUMNS, rows)
        update_rows(
            Pairing,
            ("ends_on", "visits_per_year"),
            [(row.end or old[1], old[3] if row.quota is None else row.quota, old[0]) for row, old in changed],
        )
        bulk("pairing.import", events, by=by)
        touched = {row.household[0] for row in fresh} | {row.household[0] for row, _ in changed}
        recount_visits(touched)
        kept.refresh(touched, names=False)

    # Figures

    def summary(self):
        rows = self.kept
        units = {}
        for row in rows:
            units[row.unit] = units.get(row.unit, 0) + 1
        return {
            "rows": len(rows),
            "households": len({row.same for row in rows}),
            "helpers": len({(row.helper, row.unit, row.facts["phone"]) for row in rows}),
            "units": len(units),
            "by_unit": dict(sorted(units.items())),
            "first_secretaries": len(
                {(row.helper, row.unit) for row in rows if row.facts["first_secretary"]}
            ),
        }


def _reason(words):
    """The code of a reason for a change of helpers."""
    said = compact(words)
    return codes.code_of(codes.PairingEnd, said) or next(
        (code for code, signs in _REASONS.items() if re.search(signs, said)), "9"
    )


_REASONS = {
    "1": "调离|调动|调走|调任|调整岗位|岗位|离任|离岗|辞职|换届|工作变动|任职",
    "2": "退休|离休|退养",
    "3": "销户|死亡|去世|迁出|搬迁|分户|并户|户主变更",
}
"""What reasons are called, by the code of PairingEnd."""
NOBODY = frozenset(("", "无", "空缺", "暂无", "取消", "撤销", "不再帮扶", "取消帮扶", "待定"))


def stamp_of(end, quota):
    """The stamp of a pairing: of what an import changes."""
    return versions.stamp((end, quota))


def level_of(word):
    """单位隶属: the seven official levels; a district or village committee is put to the nearest."""
    return codes.code_of(codes.UnitLevel, word) or {
        "区": "04",
        "街道": "05",
        "市、地区": "03",
        "军队": "06",
    }.get(word, "07" if word else "")


def without_numbers(table):
    """A list that names households by their heads alone gets a column of numbers, for those of which the name says too
    little."""
    return {} if {"hh_no", "id", "any_id"} & table.columns.keys() else {"hh_no": ""}


def bare_columns(table):
    """Indexes of the columns of ID numbers of which the header does not say whose, where they alone could name the
    household."""
    if "hh_no" in table.columns or "id" in table.columns or "any_id" not in table.columns:
        return ()
    words = {key_of(word) for word in (ANY_ID.label, *ANY_ID.headers)}
    again = [index for index, label in table.labels.items() if key_of(label) in words]
    return tuple(dict.fromkeys((table.columns["any_id"], *again)))


LEDGER = Import(
    kind="pairings",
    title="结对台账",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(("hh_no", "id", "any_id"), ("helper",), ("begin",)),
    fewer=(("hh_no", "id", "any_id", "head_name"), ("helper",), ("unit", "helper_phone", "rank", "utype", "quota", "begin", "old_helper")),
    strange=r"走访|入户|遍访|措施内容|与户主(?:的)?关系|家庭关系",
    titled=("helper", "unit", "helper_phone", "begin"),
    carried=((("helper",), ("unit", "helper_phone", "rank"), True),),
    completed=without_numbers,
    plan=PairingPlan,
    group="户",
    note="一行一户一名责任人；一户两名责任人、一格几户、责任人调整表也能读",
    result_page="household_list",
)  # fmt: skip
PAIRINGS = replace(
    LEDGER,
    forms=partial(pairing_columns.read, LEDGER),
    chosen_forms=partial(pairing_columns.read, LEDGER, chosen=True),
    repeats=pairing_columns.repeats(LEDGER),
)
