"""A row of the household list as ready text: from a tuple of values, without a model instance.

The rows of a page are half of what it costs, so their HTML is written here, in one string a row, and not in the
template around them (docs/decisions/0015).
"""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markupsafe import escape

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


@lru_cache(maxsize=4096)
def mark(css, icon, words, title, sprite):
    """Colour, shape and words. Kept: all pages draw the same ones."""
    drawn = format_html(ICON, "ico-f" if icon.startswith("dl-") else "", sprite, icon) if icon else ""
    titled = format_html(' title="{}"', title) if title else ""
    return format_html('<span class="{}"{}>{}{}</span>', css, titled, drawn, words)


def drawn(rows, detail, query, visit=None):
    """The `<tr>` of these Cells. `detail` and `visit` (None: no such column) are addresses in two parts, around the key
    of the household; `query` is the query string of the list.

    What people typed is escaped here; the rest are numbers, dates and labels of `codes`.
    """
    before, after = (escape(part) for part in (detail[0], detail[1] + query))
    act = ""
    html = []
    for r in rows:
        name = escape(r.name)
        doubts = (
            f' <span class="fp-badge fp-badge--amber" title="数据疑点">疑 {r.doubts}</span>'
            if r.doubts
            else ""
        )
        year = f' title="{r.year} 年"' if r.year else ""
        income = f'<span class="t-red">{r.income}</span>' if r.below else r.income
        if visit:
            act = f'<td class="acts st-hide"><a class="btn btn-sm btn-quiet" href="{visit[0]}{r.pk}/{visit[1]}">记走访</a></td>'
        html.append(
            f'<tr class="{r.edge}">'
            f'<td class="st-hide"><input class="form-check-input" type="checkbox" name="pick" value="{r.pk}" data-pick aria-label="选择 {name}"></td>'
            f'<td class="mono muted st-hide nowrap">{escape(r.number)}</td>'
            f'<td class="st-1 fp-name"><a class="name" href="{before}{r.pk}/{after}">{name}</a>{doubts}</td>'
            f'<td class="nowrap st-3">{escape(r.place)}<span class="ph-only">　{r.size} 人</span></td>'
            f'<td class="num st-hide">{r.size}</td>'
            f'<td class="st-hide nowrap">{r.kind}</td>'
            f'<td class="st-4 st-r">{r.badge}</td>'
            f'<td class="st-5 nowrap" data-l="主因">{r.cause}</td>'
            f'<td class="num st-6" data-l="人均"{year}>{income}</td>'
            f'<td class="st-hide nowrap">{escape(r.helper)}</td>'
            f'<td class="st-hide nowrap">{r.visited}</td>'
            f'<td class="st-2 st-r nowrap">{r.target}</td>{act}</tr>\n'
        )
    return mark_safe("".join(html))  # noqa: S308 (each piece is escaped above or our own)


class Rows:
    """Turns value tuples into Cells. `names` is `{region path: name}` of their villages and groups; the income
    lines are read once, with the first row that has an income. `sprite` is the address of the icons."""

    def __init__(self, today, names, sprite, all_lines=None):
        self.today, self.names, self.sprite = today, names, sprite
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
        target, edge = "—", ""
        if assisted:
            found = deadline(target_end, self.today, soon=SOON_DAYS["household"])
            edge = EDGES.get(found.standing, "")
            css = f"fp-dl fp-dl--{found.standing}"
            target = mark(css, DL_ICONS[found.standing], found.label, target_text, self.sprite)
        css, icon, words = badge(registry, risk)
        return Cells(
            pk, number, head or "（未填户主）", self.place(path), size, kind(registry, monitor, dibao, tekun),
            mark(f"fp-badge fp-badge--{css}", icon, words, "", self.sprite), _CAUSES.get(cause, "—"),
            "—" if per_capita is None else f"{per_capita:,.0f}", year, line is not None and per_capita < line,
            helper or "—", self.day(visited), target, edge, doubts,
        )  # fmt: skip

    def day(self, day):
        """11-23 in this year, 2025-11-23 before."""
        if day is None:
            return "—"
        return f"{day:%m-%d}" if day.year == self.today.year else f"{day:%Y-%m-%d}"
