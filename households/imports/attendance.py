"""Importing month sheets of work teams (驻村考勤表): one row a person and a month, a column a day."""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from fupin.accounts.roles import Permission
from fupin.audit.record import bulk
from fupin.bulk import insert_rows, take_keys, update_rows
from fupin.excel import cleaning
from fupin.excel.changes import CHANGED, NEW, SAME
from fupin.excel.cleaning import Unreadable, compact, text
from fupin.excel.imports import Field, Import
from fupin.excel.ledger import LedgerPlan, Record, told
from fupin.excel.places import PLACE, Place, villages_of
from fupin.excel.wording import differences
from fupin.filing import closed
from households import codes
from households.actions.teams import fits
from households.forms.team import STATES
from households.imports.columns import count
from households.models import Attendance, TeamMember
from households.models.team import DAYS, EMPTY, tally

DAY_FIELDS = tuple(
    Field(
        f"d{day}", f"{day}日", (str(day), f"{day}号", f"{day:02}", f"日期{day}", f"{day}日考勤"),
        example="√" if day < 6 else "△" if day == 6 else "", note="√在岗 △请假 ○公出 ×缺岗 培 休 节，或数字 1 至 7。" if day == 1 else "",
    )
    for day in range(1, DAYS + 1)
)  # fmt: skip
FIELDS = (
    *(item for item in PLACE if item.name in ("county", "town", "village")),
    Field("name", "姓名", ("队员姓名", "驻村队员", "工作队员", "人员姓名", "队员"), example="李明"),
    Field("unit", "派出单位", ("单位", "工作单位", "所在单位", "选派单位"), example="县农业农村局", note="同村有同名的队员时才要填。"),
    Field("month", "月份", ("年月", "考勤月份", "考勤年月", "所属月份"), example="2026-03", note="表题写明几月的可不填。"),
    *DAY_FIELDS,
    Field("diaries", "日记篇数", ("民情日记", "日记", "民情日记篇数", "工作日记篇数"), count, example="8"),
    Field("note", "备注", ("说明",)),
)  # fmt: skip
_TITLED = re.compile(r"(?:(20\d\d)\s*[年.\-/])?\s*(?<!\d)(1[0-2]|0?[1-9])\s*月")
COLUMNS = ("days", "diaries", "note")


@dataclass(slots=True, kw_only=True)
class MonthRow(Record):
    name: str = ""
    unit: str = ""
    place: Place = Place()
    month: tuple = ()
    days: str = EMPTY
    diaries: int | None = None
    note: str = ""
    member: object = None
    values: dict = field(default_factory=dict)

    @property
    def same(self):
        return (self.name, self.month)


class AttendancePlan(LedgerPlan):
    """What month sheets would do."""

    fields = FIELDS
    in_parts = True

    def read_row(self, rows, number, cells):
        row = MonthRow(rows=rows, row=number)
        row.name = cleaning.name(rows.cell("name", cells))[:40]
        row.unit, row.note = rows.word("unit", cells)[:80], rows.word("note", cells)[:120]
        row.place = Place(**{name: rows.word(name, cells) for name in ("county", "town", "village")})
        row.diaries = rows.valued("diaries", number, cells, person=row.name)
        row.month = self._month(row, cells)
        row.days = self._days(row, cells)
        if not row.name:
            row.refuse("name_missing", "name")
        return row

    def _month(self, row, cells):
        """`(year, month)` of the row, else of the title, the sheet or the file's name; () where nothing says it."""
        raw = row.rows.cell("month", cells)
        if text(raw) not in cleaning.BLANKS:
            try:
                whole = int(text(raw))
                if 1 <= whole <= 12 and self.setting.year:
                    return self.setting.year, whole
            except ValueError:
                pass
            try:
                found = cleaning.day(raw, row.rows.table.epoch, self.setting.year)
            except Unreadable:
                found = None
            if found and found[1] != "year":
                return found[0].year, found[0].month
            row.refuse("attendance_month", "month", text(raw), person=row.name)
            return ()
        for words in (row.rows.table.title, row.rows.table.sheet, self.setting.name):
            if found := _TITLED.search(words or ""):
                year = int(found[1]) if found[1] else self.setting.year
                if year:
                    return year, int(found[2])
        row.refuse("attendance_month", "name", person=row.name)
        return ()

    def _days(self, row, cells):
        signs = [compact(text(row.rows.cell(item.name, cells))).upper() for item in DAY_FIELDS]
        states = [STATES.get(sign) for sign in signs]
        for item, sign, state in zip(DAY_FIELDS, signs, states):
            if state is None:
                row.refuse("attendance_sign", item.name, sign, person=row.name)
        return "".join(state or codes.DayState.UNKNOWN for state in states)

    # With the database

    def resolve(self, by):
        rows = [row for row in self.records if not row.bad]
        villages = villages_of(
            {row.place for row in rows if row.place.village}, by, within=self.setting.region_path
        )
        members, held = {}, {}
        for year, month in sorted({row.month for row in rows}):
            first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
            mine = TeamMember.objects.visible_to(by, Permission.TEAM_EDIT).in_month(first, last)
            for member in mine.order_by("pk"):
                members.setdefault((year, month, compact(member.name)), []).append(member)
            months = Attendance.objects.visible_to(by, Permission.TEAM_EDIT).filter(year=year, month=month)
            held |= {(one.member_id, year, month): one for one in months.order_by("pk")}
        frozen = closed.frozen_years({one.region_path[:6] for found in members.values() for one in found})
        taken = {}
        for row in rows:
            self._find(row, members.get((*row.month, compact(row.name)), []), villages)
            if row.bad:
                continue
            before = taken.setdefault((row.member.pk, row.month), row)
            if before is not row:
                row.refuse("attendance_repeated", "name", row.name, related_row=before.row, person=row.name)
                continue
            self._work_out(row, held.get((row.member.pk, *row.month)), frozen)

    @staticmethod
    def _find(row, found, villages):
        """The member who is meant: by name, and where that is not enough by village and unit."""
        village = villages.get(row.place)
        if row.place.village and village is None:
            row.refuse("region_unknown", "village", row.place.village, person=row.name)
            return
        if village is not None:
            found = [one for one in found if one.region_path.startswith(village.path)]
        if len(found) > 1 and row.unit:
            found = [one for one in found if compact(one.unit) == compact(row.unit)]
        if len(found) == 1:
            row.member = found[0]
        else:
            code = "team_member_unclear" if found else "team_member_missing"
            row.refuse(code, "name", row.name, person=row.name)

    def _work_out(self, row, held, frozen):
        """The values that the month would have: what the file leaves blank stays."""
        year, month = row.month
        if why := closed.why_closed(row.member.region_path, year, frozen):
            row.refuse("attendance_misfit", "month", person=row.name, detail=why)
            return
        was = held.days if held else EMPTY
        days = "".join(new if new != codes.DayState.UNKNOWN else old for new, old in zip(row.days, was))
        if why := fits(row.member, year, month, days):
            row.refuse("attendance_misfit", "name", person=row.name, detail=why)
            return
        row.values = {
            "days": days,
            "diaries": row.diaries if row.diaries is not None else held and held.diaries,
            "note": row.note or (held.note if held else ""),
        }
        row.state = NEW if held is None else SAME
        stood = {name: getattr(held, name) for name in COLUMNS} if held else None
        if stood != row.values:
            row.state = CHANGED if held else NEW
            row.differences = differences(
                Attendance, row.row, COLUMNS, stood and _shown(stood), _shown(row.values)
            )
        row.values["held"] = held

    def write(self, by, batch):
        rows, now, events = self.kept, timezone.now(), []
        fresh = [row for row in rows if row.state == NEW]
        changed = [row for row in rows if row.state == CHANGED]
        made = []
        for row, key in zip(fresh, take_keys(Attendance, len(fresh))):
            made.append(
                (
                    row.member.pk,
                    row.member.region_path,
                    *row.month,
                    *(row.values[name] for name in COLUMNS),
                    key,
                )
            )
            events.append((key, row))
        insert_rows(
            Attendance, ("member_id", "region_path", "year", "month", *COLUMNS, "id"), made,
            constants={"updated_by": by.pk, "updated_at": now},
        )  # fmt: skip
        update_rows(
            Attendance, (*COLUMNS, "version", "updated_at", "updated_by"),
            [(*(row.values[name] for name in COLUMNS), row.values["held"].version + 1, now, by.pk, row.values["held"].pk)
             for row in changed],
        )  # fmt: skip
        events += [(row.values["held"].pk, row) for row in changed]
        bulk(
            "attendance.import",
            [
                (f"households.attendance:{key}", row.member.region_path,
                 {"batch": batch, "name": row.name, "year": row.month[0], "item": f"{row.month[1]} 月"} | told(row.differences))
                for key, row in events
            ],
            by=by,
        )  # fmt: skip
        return {"rows_new": len(fresh), "rows_changed": len(changed), "rows_same": len(rows) - len(events)}

    # Figures

    def summary(self):
        rows = self.kept
        whole = sum((tally(row.days) for row in rows), tally(""))
        return {
            "rows": len(rows),
            "people": len({row.name for row in rows}),
            "months": sorted({f"{row.month[0]}-{row.month[1]:02}" for row in rows if row.month}),
            "present": whole.present,
        }


def _shown(values):
    return [
        "".join(codes.DAY_SIGNS.get(state, "·") for state in values["days"]), values["diaries"], values["note"]
    ]  # fmt: skip


ATTENDANCE = Import(
    kind="attendance",
    title="驻村考勤表",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(("name",), ("d1",), ("d2",), ("d10",), ("d20",)),
    plan=AttendancePlan,
    words="考勤",
    needs_named=(("name",), ("d1",)),
    group="村和项目",
    note="一人一月一行，逐日 √ △ ○ ×；队员先在“驻村工作队”登记",
    result_page="attendance",
)
