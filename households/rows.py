"""A row of the household list as ready text: from a tuple of values, without a model instance."""

from dataclasses import dataclass

from fupin.schedule import SOON_DAYS, Deadline, Standing, deadline
from households import codes, lines
from households.badges import badge, kind

FIELDS = (
    "id", "number", "head_name", "region_path", "size", "registry_status", "monitor_category", "risk_state",
    "dibao", "tekun", "main_cause", "income_year", "per_capita", "helper__name", "last_visit_on", "target_end",
    "target_text", "doubts",
)  # fmt: skip
_AT = {name: position for position, name in enumerate(FIELDS)}
_CAUSES = dict(codes.Cause.choices)
EDGES = {Standing.OVER: "is-late", Standing.SOON: "is-soon"}
DL_ICONS = {
    Standing.OVER: "dl-over", Standing.RISK: "dl-soon", Standing.SOON: "dl-soon", Standing.OK: "dl-ok",
    Standing.DONE: "check", Standing.NONE: "minus",
}  # fmt: skip


def key_of(row, keys):
    """The values of a sort key in a row of FIELDS."""
    return [row[_AT[key.field]] for key in keys]


@dataclass(slots=True)
class Cells:
    """What one row shows."""

    pk: int
    number: str
    name: str
    place: str
    size: int
    kind: str
    badge: tuple
    cause: str
    income: str
    year: int | None
    below: bool
    helper: str
    visited: str
    target: Deadline | None
    target_text: str
    edge: str
    icon: str
    doubts: int


class Rows:
    """Turns value tuples into Cells. `names` is `{region path: name}` of their villages and groups; the income
    lines are read once, with the first row that has an income."""

    def __init__(self, today, names, all_lines=None):
        self.today, self.names = today, names
        self._all_lines, self._lines = all_lines, {}

    def line(self, year, path):
        """The income line of `year` at `path`, or None."""
        key = year, path[:12]
        if key not in self._lines:
            if self._all_lines is None:
                self._all_lines = lines.all_lines()
            self._lines[key] = lines.line_for(year, path, self._all_lines)
        return self._lines[key]

    def place(self, path):
        """昌龙村 2组"""
        village = self.names.get(path[:12], path[:12])
        return f"{village} {self.names.get(path, '')}".rstrip() if len(path) > 12 else village

    def cells(self, row):
        (pk, number, head, path, size, registry, monitor, risk, dibao, tekun, cause, year, per_capita, helper,
         visited, target_end, target_text, doubts) = row  # fmt: skip
        line = self.line(year, path) if per_capita is not None else None
        assisted = registry in "124" or (risk in "13" and registry != "9")
        target = deadline(target_end, self.today, soon=SOON_DAYS["household"]) if assisted else None
        return Cells(
            pk, number, head or "（未填户主）", self.place(path), size, kind(registry, monitor, dibao, tekun),
            badge(registry, risk), _CAUSES.get(cause, "—"), "—" if per_capita is None else f"{per_capita:,.0f}",
            year, line is not None and per_capita < line, helper or "—", self.day(visited), target, target_text,
            EDGES.get(target.standing, "") if target else "", DL_ICONS[target.standing] if target else "", doubts,
        )  # fmt: skip

    def day(self, day):
        """11-23 in this year, 2025-11-23 before."""
        if day is None:
            return "—"
        return f"{day:%m-%d}" if day.year == self.today.year else f"{day:%Y-%m-%d}"
