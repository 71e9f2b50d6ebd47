"""What the register shows on the dashboard: progress, status, causes, income, visits, overdue, the way down.

Every number is a Cell: households, persons, and the address of exactly those rows.
"""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.board.panels import Panel, Place
from fupin.regions.models import Region, ancestors_of
from households import codes, lines, quota, stats
from households.models import Household

LONGEST_CHART = 16
"""Bars that fit a chart; the table beside it shows every place."""


@dataclass(frozen=True)
class Cell:
    """One figure at one place."""

    key: str
    label: str
    households: int
    persons: int
    url: str
    few: bool = False
    """Too few households to be named here: both numbers are 0, the page shows ＜5."""

    def __str__(self):
        return FEW if self.few else str(self.households)


FEW = f"＜{stats.FEW}"


class Figures:
    """The figures of one place as cells: `figures["out"]`. No address where the user may not see rows, and there no
    figure of few households either: those of `hidden`, by default each of its own."""

    def __init__(self, path, counted, user, hidden=None):
        self.path, self.counted, self._hidden = path, counted, hidden
        self.linked = any(path.startswith(mine) for mine in user.paths(P.HOUSEHOLD_VIEW))

    def __getitem__(self, key):
        key = key.replace("_", "-")
        households, persons = self.counted.get(key, (0, 0))
        if self.hides(key):
            return Cell(key, stats.BY_KEY[key].label, 0, 0, "", few=True)
        url = reverse("household_list") + "?" + urlencode({"region": self.path, "figure": key})
        return Cell(key, stats.BY_KEY[key].label, households, persons, url if self.linked else "")

    def hides(self, key):
        """Whether the figure is withheld from this user: few households, whose rows the user may not see."""
        if self.linked:
            return False
        hidden = self._hidden
        return key in hidden if hidden is not None else stats.is_few(self.counted.get(key, (0, 0)))

    def cells(self, keys):
        return [self[key] for key in keys]

    def share(self, part, whole):
        """A fraction, None when the whole is zero or one of the two is withheld."""
        total = self[whole].households
        if self.hides(part):
            return None
        return Decimal(self[part].households) / total if total else None


@dataclass(frozen=True)
class Row:
    """One child of the region: its name, its figures, and where its own dashboard is."""

    path: str
    name: str
    figures: Figures
    progress: dict

    @property
    def url(self):
        return reverse("board") + "?" + urlencode({"region": self.path})


def place(user, region, today):
    """The region's figures and its children's: `(Figures, [Row])`. Read once a request: the region of the page
    carries them from one panel to the next."""
    held = getattr(region, "counted", None)
    if held is None:
        own, children = stats.figures_of(region.path, today=today)
        names = Region.objects.names(children)
        hidden = stats.hidden_among(children)
        rows = [
            Row(path, names.get(path, path), figures, progress(figures, today))
            for path, found in sorted(children.items())
            for figures in [Figures(path, found, user, hidden[path])]
        ]
        held = region.counted = (Figures(region.path, own, user), rows)
    return held


def year_share(today):
    """The share of the calendar year that has passed at the end of `today`."""
    days = 366 if (today.year % 4 == 0 and (today.year % 100 or today.year % 400 == 0)) else 365
    return Decimal(today.timetuple().tm_yday) / days


def progress(figures, today):
    """How a place stands against the targets of the year.

    tone: green at or above the share of the year that has passed, amber from 70 % of it, red below, none
    without a target. `behind` is how many households more should be done by their own dates.
    """
    done, plan = figures["plan-done"].households, figures["plan-year"].households
    known = not figures.hides("plan-done") and not figures.hides("plan-due")
    rate = Decimal(done) / plan if plan and known else None
    share = year_share(today)
    tone = (
        ""
        if rate is None
        else "green"
        if rate >= share
        else "amber"
        if rate >= share * Decimal("0.7")
        else "red"
    )
    due = figures["plan-due"].households
    return {
        "rate": rate, "tone": tone, "plan": plan, "done": done, "share": share, "due": due,
        "behind": max(due - done, 0), "width": float(rate or 0) * 100, "mark": float(share) * 100,
    }  # fmt: skip


def tiles(user, region, today):
    own, _ = place(user, region, today)
    return {
        "own": own,
        "year": today.year,
        "progress": progress(own, today),
        "visit_rate": own.share("visit-ok", "visit-required"),
        "shortfalls": own.cells(["unsafe-house", "unsafe-water", "uninsured", "out-of-school"]),
    }


def targets(user, region, today):
    own, rows = place(user, region, today)
    ranked = sorted((row for row in rows if row.progress["plan"]), key=lambda row: row.progress["rate"])
    shown = ranked[:LONGEST_CHART]
    return {
        "own": own,
        "total": progress(own, today),
        "rows": ranked,
        "untold": len(rows) - len(ranked),
        "year": today.year,
        "cut": max(len(ranked) - LONGEST_CHART, 0),
        "chart": {
            "name": [row.name for row in shown],
            "target": [row.progress["plan"] for row in shown],
            "done": [row.progress["done"] for row in shown],
            "due": [float(row.progress["plan"] * row.progress["share"]) for row in shown],
            "tone": [row.progress["tone"] for row in shown],
            "max": max((row.progress["plan"] for row in shown), default=1),
        },
    }


AXES = [
    ("建档立卡状态", ["ordinary", "poor", "leaving", "out", "relapsed"]),
    ("监测类别", ["monitor-1", "monitor-2", "monitor-3"]),
    ("风险状态", ["risk-open", "risk-cleared"]),
    ("兜底与搬迁", ["dibao", "tekun", "relocated"]),
    ("三保障与饮水", ["unsafe-house", "unsafe-water", "uninsured", "out-of-school"]),
    ("工作缺口", ["no-helper", "no-target", "target-over", "visit-over", "doubtful"]),
]


def axes(user, region, today):
    own, _ = place(user, region, today)
    return {"own": own, "axes": [(title, own.cells(keys)) for title, keys in AXES]}


def causes(user, region, today):
    own, _ = place(user, region, today)
    cells = own.cells([f"cause-{code}" for code in codes.Cause.values] + ["cause-none"])
    cells = sorted((cell for cell in cells if cell.households), key=lambda cell: -cell.households)
    total = sum(cell.households for cell in cells)
    return {
        "cells": [(cell, Decimal(cell.households) / total) for cell in cells],
        "total": total,
        "chart": {
            "name": [cell.label for cell in cells],
            "main": [cell.households for cell in cells],
        },
    }


def income(user, region, today):
    own, _ = place(user, region, today)
    bands = own.cells([f"income-{int(low)}" for low in stats.BANDS])
    line = lines.line_for(today.year - 1, region.path)
    counted = sum(cell.households for cell in bands)
    return {
        "bands": [(cell, Decimal(cell.households) / counted if counted else None) for cell in bands],
        "none": own["income-none"],
        "below": own["income-below"],
        "below_rate": Decimal(own["income-below"].households) / counted if counted else None,
        "line": line,
        "year": today.year - 1,
        "chart": {
            "lab": [cell.label.replace(" 元", "") for cell in bands],
            "now": [cell.households for cell in bands],
            "line": float(line) if line else None,
            "edges": [float(low) for low in stats.BANDS],
        },
    }


def visits(user, region, today):
    own, rows = place(user, region, today)
    marked = [(row, row.figures.share("visit-ok", "visit-required")) for row in rows]
    asked = [(row, rate, heat(rate)) for row, rate in marked if rate is not None]
    return {
        "own": own,
        "rate": own.share("visit-ok", "visit-required"),
        "rows": sorted(asked, key=lambda entry: entry[1]),
        "total": own.share("visit-ok", "visit-required"),
    }


def heat(rate):
    """The heat class of a rate: below 60, 60, 75, 85, 95 percent."""
    return f"ht{1 + sum(rate >= Decimal(edge) / 100 for edge in (60, 75, 85, 95))}"


def overdue(user, region, today):
    own, _ = place(user, region, today)
    if not own.linked:
        return None
    day = stats.Day.of(today)
    rows = Household.objects.visible_to(user).within(region).select_related("helper")
    late = list(
        rows.filter(stats.condition("target-over", day)).order_by("target_due", "region_path", "pk")[:8]
    )
    unvisited = list(quota.soonest_first(rows.filter(stats.condition("visit-over", day)))[:8])
    names = Region.objects.names([row.region_path for row in (*late, *unvisited)])
    for row in (*late, *unvisited):
        row.village_name = " ".join(names.get(path, "") for path in ancestors_of(row.region_path)[4:]).strip()
    return {
        "late": [(row, (today - row.target_end).days) for row in late],
        "unvisited": [
            (row, (today - row.visit_due).days if row.last_visit_on else None) for row in unvisited
        ],
        "own": own,
    }


COLUMNS = ["all", "registered", "out", "leaving", "assisted", "risk-open"]


def drill(user, region, today):
    own, rows = place(user, region, today)
    return {
        "own": own,
        "rows": [
            (row, row.figures.cells(COLUMNS), row.figures.share("visit-ok", "visit-required")) for row in rows
        ],
        "totals": own.cells(COLUMNS),
        "total": progress(own, today),
        "visit_rate": own.share("visit-ok", "visit-required"),
    }


def _panel(name, title, data):
    return Panel(name, title, Place.BOARD, P.BOARD_VIEW, f"households/panels/{name}.html", data)


PANELS = [
    _panel("tiles", "总览", tiles),
    _panel("targets", "目标进度", targets),
    _panel("axes", "状态构成", axes),
    _panel("causes", "致贫原因", causes),
    _panel("income", "收入分布", income),
    _panel("visits", "走访", visits),
    _panel("overdue", "逾期名单", overdue),
    _panel("drill", "分区下钻", drill),
]
