"""Members of work teams, and the month sheet: a row a person, a cell a day, as the township keeps it on paper."""

import calendar
from dataclasses import dataclass, field
from datetime import date

from django import forms

from households import codes
from households.forms.fields import DayInput
from households.models import TeamMember
from households.models.team import DAYS, EMPTY, tally

SIGNS = {sign: state for state, sign in codes.DAY_SIGNS.items()}
STATES = SIGNS | {
    state: state for state in codes.DAY_SIGNS
} | {label: state for state, label in codes.DayState.choices} | {
    "✓": "1", "✔": "1", "V": "1", "v": "1", "Δ": "2", "▲": "2", "〇": "3", "O": "3", "o": "3", "X": "4", "x": "4",
    "✗": "4", "╳": "4", "年": "6", "假": "7", "": "0", "·": "0", "-": "0", "—": "0", "/": "0", "0": "0",
}  # fmt: skip
"""What may stand in a cell: the sign, its number, its name, and spellings of real sheets."""


class TeamMemberForm(forms.ModelForm):
    class Meta:
        model = TeamMember
        fields = ["region", "name", "unit", "duty", "starts_on", "ends_on", "note"]
        widgets = {"starts_on": DayInput(), "ends_on": DayInput()}

    def __init__(self, *args, villages, **options):
        super().__init__(*args, **options)
        self.fields["region"].queryset = villages
        self.fields["region"].label_from_instance = lambda row: f"{row.parent.short_name} {row.short_name}"
        self.fields["region"].empty_label = "请选择村"

    def clean(self):
        data = super().clean()
        for name in ("name", "unit", "note"):
            data[name] = " ".join((data.get(name) or "").split())
        return data


@dataclass
class Cell:
    """One day of one person: what stands in it, and whether it may be filled."""

    number: int
    text: str
    weekend: bool
    off: bool
    wrong: bool = False


@dataclass
class Line:
    """One person's month as drawn: as stored, or as typed."""

    member: object
    held: object = None
    typed: list = None
    diaries: str = ""
    note: str = ""
    version: int = 0
    error: str = ""
    wrong: set = field(default_factory=set)
    cells: list = field(default_factory=list)
    tally: object = None

    @property
    def short(self):
        """Whether the whole month is filled and has too few days on duty."""
        return self.complete and self.tally.present < codes.TEAM_DAYS_A_MONTH

    @property
    def complete(self):
        return all(cell.off or cell.text for cell in self.cells)


class MonthSheet:
    """The sheet of `members` in one month: `held` are the rows that are stored, `data` what was typed (or None)."""

    def __init__(self, members, held, year, month, today, data=None):
        self.year, self.month, self.today, self.data = year, month, today, data
        self.last = calendar.monthrange(year, month)[1]
        self.lines = [self._line(member, held.get(member.pk)) for member in members]
        self.unplaced = []

    @property
    def numbers(self):
        return [
            (n, "一二三四五六日"[date(self.year, self.month, n).weekday()], self._weekend(n))
            for n in range(1, self.last + 1)
        ]

    def _weekend(self, number):
        return date(self.year, self.month, number).weekday() >= 5

    def _line(self, member, held):
        line = Line(member, held)
        days = held.days if held else EMPTY
        line.typed = [codes.DAY_SIGNS.get(state, "") for state in days[: self.last]]
        line.diaries = "" if held is None or held.diaries is None else str(held.diaries)
        line.note, line.version = (held.note, held.version) if held else ("", 0)
        if self.data is not None:
            self._read(line)
        return line

    def _read(self, line):
        key = line.member.pk
        line.typed = [self.data.get(f"d-{key}-{n}", "").strip() for n in range(1, self.last + 1)]
        if self.data.get(f"fill-{key}"):
            line.typed = [
                text or ("" if self.off(line.member, n) else "节" if self._weekend(n) else "√")
                for n, text in enumerate(line.typed, 1)
            ]
        line.diaries = self.data.get(f"diaries-{key}", "").strip()
        line.note = " ".join(self.data.get(f"note-{key}", "").split())
        version = self.data.get(f"version-{key}", "0")
        line.version = int(version) if version.isdigit() else 0

    def off(self, member, number):
        """Whether the day is not the person's to fill: not there, or not come yet."""
        day = date(self.year, self.month, number)
        return day < member.starts_on or bool(member.ends_on and day > member.ends_on) or day > self.today

    def draw(self):
        """Fill in the cells of every line, what was typed as it was typed."""
        for line in self.lines:
            signs = [
                "" if text in ("0", "·", "-", "—", "/") else codes.DAY_SIGNS.get(STATES.get(text), text)
                for text in line.typed
            ]
            line.cells = [
                Cell(n, text, self._weekend(n), self.off(line.member, n), n in line.wrong)
                for n, text in enumerate(signs, 1)
            ]
            line.tally = tally("".join(STATES.get(text, "0") for text in line.typed))
        return self

    def paste(self, text):
        """Put pasted lines (姓名, then a cell a day; more columns before the name are passed over) into the sheet,
        nothing is saved. Who is not found, or found twice, is listed in `unplaced`."""
        for row in text.splitlines():
            cells = [cell.strip() for cell in row.split("\t")]
            names = [cell.replace(" ", "").replace("\u3000", "") for cell in cells]
            found = [
                (at, line) for at, name in enumerate(names) for line in self.lines
                if name and name == line.member.name.replace(" ", "")
            ]  # fmt: skip
            if len(found) > 1:
                found = [(at, line) for at, line in found if line.member.region.short_name in names] or found
            if len(found) != 1:
                if any(cells):
                    self.unplaced.append("　".join(cell for cell in cells[:4] if cell))
                continue
            at, line = found[0]
            after = cells[at + 1 :]
            while after and after[0] and after[0] not in STATES:  # 单位, 职务
                after = after[1:]
            line.typed = [*after[: self.last], *[""] * (self.last - len(after))]
        return self

    def values(self):
        """`[(member, version, values)]` of the lines that were changed, None when something is wrong (see the lines)."""
        changed, fine = [], True
        for line in self.lines:
            line.wrong = {n for n, text in enumerate(line.typed, 1) if text not in STATES}
            if line.wrong:
                line.error = f"{'、'.join(f'{n} 日' for n in sorted(line.wrong))}的内容不认识，请填 √ △ ○ × 培 休 节，或数字 1 至 7。"
            elif line.diaries and not (line.diaries.isdigit() and int(line.diaries) <= 200):
                line.error = "日记篇数应为 0 至 200 的整数。"
            elif len(line.note) > 120:
                line.error = "备注最多 120 个字。"
            fine = fine and not line.error
            if line.error:
                continue
            values = {
                "days": "".join(STATES[text] for text in line.typed).ljust(DAYS, "0"),
                "diaries": int(line.diaries) if line.diaries else None, "note": line.note,
            }  # fmt: skip
            stood = (
                {name: getattr(line.held, name) for name in values}
                if line.held
                else {"days": EMPTY, "diaries": None, "note": ""}
            )
            if values != stood:
                changed.append((line.member, line.version, values))
        return changed if fine else None
