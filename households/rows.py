"""A row of the household list as ready text: from a tuple of values, without a model instance."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from fupin.schedule import SOON_DAYS, Standing, deadline
from households import codes, lines
from households.badges import badge, kind

FIELDS = (
    "id", "number", "head_name", "region_path", "size", "registry_status", "monitor_category", "risk_state",
    "dibao", "tekun", "main_cause", "income_year", "per_capita", "helper__name", "last_visit_on", "target_end",
    "target_text", "doubts",
)  # fmt: skip
_AT = {name: position for position, name in enumerate(FIELDS)}
_CAUSES = dict(codes.Cause.choices)
ICON = '<svg class="ico {}" aria-hidden="true"><use href="{}#i-{}"/></svg>'
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
    badge: SafeString
    cause: str
    income: str
    year: int | None
    below: bool
    helper: str
    visited: str
    target: SafeString | str
    edge: str
    doubts: int


class Rows:
    """Turns value tuples into Cells. `names` is `{region path: name}` of their villages and groups; the income
    lines are read once, with the first row that has an income. `sprite` is the address of the icons; the marks of
    a page repeat, so each is drawn once."""

    def __init__(self, today, names, sprite, all_lines=None):
        self.today, self.names, self.sprite = today, names, sprite
        self._all_lines, self._lines, self._marks = all_lines, {}, {}

    def line(self, year, path):
        """The income line of `year` at `path`, or None."""
        key = year, path[:12]
        if key not in self._lines:
            if self._all_lines is None:
                self._all_lines = lines.all_lines()
            self._lines[key] = lines.line_for(year, path, self._all_lines)
        return self._lines[key]

    def mark(self, css, icon, words, title=""):
        """Colour, shape and words."""
        key = css, words, title
        if key not in self._marks:
            drawn = (
                format_html(ICON, "ico-f" if icon.startswith("dl-") else "", self.sprite, icon)
                if icon
                else ""
            )
            titled = format_html(' title="{}"', title) if title else ""
            self._marks[key] = format_html('<span class="{}"{}>{}{}</span>', css, titled, drawn, words)
        return self._marks[key]

    def place(self, path):
        """昌龙村 2组"""
        village = self.names.get(path[:12], path[:12])
        return f"{village} {self.names.get(path, '')}".rstrip() if len(path) > 12 else village

    def cells(self, row):
        (pk, number, head, path, size, registry, monitor, risk, dibao, tekun, cause, year, per_capita, helper,
         visited, target_end, target_text, doubts) = row  # fmt: skip
        line = self.line(year, path) if per_capita is not None else None
        assisted = registry in "124" or (risk in "13" and registry != "9")
        target, edge = "—", ""
        if assisted:
            found = deadline(target_end, self.today, soon=SOON_DAYS["household"])
            edge = EDGES.get(found.standing, "")
            css = f"fp-dl fp-dl--{found.standing}"
            target = self.mark(css, DL_ICONS[found.standing], found.label, target_text)
        css, icon, words = badge(registry, risk)
        return Cells(
            pk, number, head or "（未填户主）", self.place(path), size, kind(registry, monitor, dibao, tekun),
            self.mark(f"fp-badge fp-badge--{css}", icon, words), _CAUSES.get(cause, "—"),
            "—" if per_capita is None else f"{per_capita:,.0f}", year, line is not None and per_capita < line,
            helper or "—", self.day(visited), target, edge, doubts,
        )  # fmt: skip

    def day(self, day):
        """11-23 in this year, 2025-11-23 before."""
        if day is None:
            return "—"
        return f"{day:%m-%d}" if day.year == self.today.year else f"{day:%Y-%m-%d}"
