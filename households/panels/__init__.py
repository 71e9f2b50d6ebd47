"""What the register shows on the dashboard: progress, status, causes, income, visits, overdue, the way down.

Every number is a Cell: households, persons, and the address of exactly those rows.
"""

from decimal import Decimal

from fupin.accounts.roles import Permission as P
from fupin.audit.seen import look
from fupin.board.panels import Panel, Place, Table
from fupin.excel.sheet import Kind
from fupin.regions.models import Region, ancestors_of
from households import codes, lines, quota, stats
from households.freezing import LATE, NAMED
from households.models import Household
from households.panels import groups as area_groups
from households.panels.figures import group_rows, late_then, place, progress, urls
from households.panels.filings import filings
from households.panels.gaps import changes, matching, quality, shortfalls, visits
from households.panels.pace import burnup
from households.panels.trends import trends

LONGEST_CHART = 16
"""Bars that fit a chart; the table beside it shows every place."""


def tiles(user, view, today):
    own, _ = place(user, view, today)
    return {
        "unit": view.unit,
        "own": own,
        "year": today.year,
        "progress": progress(own, today),
        "visit_rate": own.share("visit-ok", "visit-required"),
        "shortfalls": own.cells(["unsafe-house", "unsafe-water", "uninsured", "out-of-school"]),
        "table": Table(
            [("指标", Kind.TEXT), (view.unit, Kind.COUNT)],
            [[cell.label, cell.value] for cell in own.cells(TILES)],
        ),
    }


TILES = [
    "all", "registered", "assisted", "risk-open", "leaving", "plan-year", "plan-done", "due-open", "visit-required",
    "visit-ok", "visit-over", "unvisited", "target-over", "target-soon", "no-target", "doubtful", "no-helper",
]  # fmt: skip
"""What the tiles show, as lines of their workbook."""


def targets(user, view, today):
    own, rows = place(user, view, today)
    ranked = [row for row in rows if row.progress["rate"] is not None]
    ranked.sort(key=lambda row: row.progress["rate"])
    shown = ranked[:LONGEST_CHART]
    return {
        "own": own,
        "total": progress(own, today),
        "rows": ranked,
        "unit": view.unit,
        "year": today.year,
        "cut": max(len(ranked) - LONGEST_CHART, 0),
        "chart": {
            "name": [row.name for row in shown],
            "target": [row.progress["plan"] for row in shown],
            "done": [row.progress["done"] for row in shown],
            "due": [float(row.progress["plan"] * row.progress["share"]) for row in shown],
            "tone": [row.progress["tone"] for row in shown],
            "max": max((row.progress["plan"] for row in shown), default=1),
            "unit": view.unit,
            "urls": [
                urls(row.figures["plan-year"] for row in shown), urls(row.figures["plan-done"] for row in shown),
            ],
        },
        "table": Table(
            [("地方", Kind.TEXT), ("应完成", Kind.COUNT), ("已完成", Kind.COUNT), ("到截至日应完成", Kind.COUNT),
             ("完成率", Kind.RATE)],
            [
                [row.name, *(row.figures[key].value for key in ("plan-year", "plan-done", "plan-due")),
                 row.progress["rate"]]
                for row in ranked
            ],
        ),
    }  # fmt: skip


AXES = [
    ("建档立卡状态", ["ordinary", "poor", "leaving", "out", "relapsed"]),
    ("监测类别", ["monitor-1", "monitor-2", "monitor-3"]),
    ("风险状态", ["risk-open", "risk-cleared"]),
    ("兜底与搬迁", ["dibao", "tekun", "relocated"]),
    ("三保障与饮水", ["unsafe-house", "unsafe-water", "uninsured", "out-of-school"]),
    ("本年变化", ["new-identified", "new-monitored", "cleared-year", "exited-year", "relapsed-year"]),
    ("本月变化", ["new-month", "cleared-month"]),
    ("工作缺口", ["no-helper", "no-target", "target-over", "visit-over", "doubtful"]),
]


def axes(user, view, today):
    own, _ = place(user, view, today)
    axes = [(title, own.cells(keys)) for title, keys in AXES]
    lines = [
        [
            title,
            cell.label,
            *([cell.value] * 2 if cell.few or cell.unknown else [cell.households, cell.persons]),
        ]
        for title, cells in axes
        for cell in cells
    ]
    columns = [("类", Kind.TEXT), ("指标", Kind.TEXT), ("户", Kind.COUNT), ("人", Kind.COUNT)]
    return {"own": own, "axes": axes, "table": Table(columns, lines)}


def causes(user, view, today):
    own, _ = place(user, view, today)
    cells = own.cells([f"cause-{code}" for code in codes.Cause.values] + ["cause-none"])
    cells = sorted((cell for cell in cells if cell.number), key=lambda cell: -cell.number)
    total = sum(cell.number for cell in cells)
    return {
        "cells": [(cell, Decimal(cell.number) / total) for cell in cells],
        "total": total,
        "unit": view.unit,
        "chart": {
            "name": [cell.label for cell in cells],
            "main": [cell.number for cell in cells],
            "urls": urls(cells),
        },
        "table": Table(
            [("原因", Kind.TEXT), ("户", Kind.COUNT), ("人", Kind.COUNT), ("占比", Kind.RATE)],
            [[cell.label, cell.households, cell.persons, Decimal(cell.number) / total] for cell in cells],
        ),
    }


def income(user, view, today):
    own, _ = place(user, view, today)
    bands = own.cells([f"income-{int(low)}" for low in stats.BANDS])
    line = lines.line_for(today.year - 1, view.region.path)
    counted = sum(cell.number for cell in bands)
    shares = [(cell, Decimal(cell.number) / counted if counted else None) for cell in bands]
    return {
        "bands": shares,
        "counted": counted,
        "none": own["income-none"],
        "below": own["income-below"],
        "below_rate": Decimal(own["income-below"].number) / counted if counted else None,
        "line": line,
        "unit": view.unit,
        "year": today.year - 1,
        "chart": {
            "lab": [cell.label.replace(" 元", "") for cell in bands],
            "now": [cell.number for cell in bands],
            "line": float(line) if line else None,
            "edges": [float(low) for low in stats.BANDS],
            "urls": urls(bands),
        },
        "table": Table(
            [("人均纯收入", Kind.TEXT), ("户", Kind.COUNT), ("人", Kind.COUNT), ("占比", Kind.RATE)],
            [[cell.label, cell.households, cell.persons, share] for cell, share in shares],
        ),
    }


def overdue(user, view, today):
    own, _ = place(user, view, today)
    if not own.linked:
        return None
    lists = _late_then(user, view) if view.past else _late(user, view, today)
    late, unvisited, long_ago, alone = lists
    rows = [row for held in lists for row in held]
    names = Region.objects.names([row.region_path for row in rows])
    for row in rows:
        below = ancestors_of(row.region_path)[4:]
        # on a village's own board its name stands above
        below = [path for path in below if len(path) > len(view.region.path)] or below
        row.village_name = " ".join(names.get(path, "") for path in below).strip()
        row.helped_by = getattr(row, "helper_name", None) or (row.helper if not view.past else "")
    found = {
        "late": [(row, (today - row.target_end).days) for row in late],
        "unvisited": [
            (row, (today - row.visit_due).days if row.last_visit_on else None) for row in unvisited
        ],
        "long_ago": [
            (row, (today - row.last_visit_on).days if row.last_visit_on else None) for row in long_ago
        ],
        "days": quota.UNVISITED_DAYS,
        "alone": alone,
        "own": own,
    }
    return found | {"table": _named(found) if user.may(P.REPORT_EXPORT) else None}


def _named(found):
    """The lists of names as one Table, in the order of the page."""
    titles = {
        "late": "超过时限",
        "unvisited": "走访逾期",
        "long_ago": f"{quota.UNVISITED_DAYS} 天以上未走访",
        "alone": "未落实责任人",
    }
    lines = [
        [
            title, str(row), row.village_name, row.helped_by or None, row.size, row.target_text or str(row.target_end or "未设"),
            row.last_visit_on, days,
        ]
        for key, title in titles.items()
        for row, days in (found[key] if key != "alone" else [(row, None) for row in found[key]])
    ]  # fmt: skip
    return Table(
        [("名单", Kind.TEXT), ("户主", Kind.TEXT), ("村组", Kind.TEXT), ("责任人", Kind.TEXT), ("人口", Kind.COUNT),
         ("时限", Kind.TEXT), ("上次走访", Kind.DATE), ("逾期或未走访（天）", Kind.COUNT)],
        lines, named=True,
    )  # fmt: skip


def _late(user, view, today):
    day = stats.Day.of(today)
    rows = Household.objects.visible_to(user)
    rows = rows.filter(rows.in_paths(view.paths)).select_related("helper")
    late = rows.filter(stats.condition("target-over", day)).order_by("target_due", "region_path", "pk")
    unvisited = quota.soonest_first(rows.filter(stats.condition("visit-over", day)))
    never = rows.filter(quota.required_q(), last_visit_on=None).order_by("region_path", "pk")
    long_ago = rows.filter(stats.condition("unvisited", day), last_visit_on__isnull=False)
    long_ago = [*never[:NAMED], *long_ago.order_by("last_visit_on", "region_path", "pk")[:NAMED]]
    villages = stats.where_first(view.paths, "no-helper", NAMED, today=today)
    # whoever is assisted is owed visits: said for the index of those who lack a responsible person
    alone = rows.filter(rows.in_paths(villages), stats.condition("no-helper", day), visit_due__isnull=False)
    alone = alone.order_by("region_path", "pk")
    return list(late[:NAMED]), list(unvisited[:NAMED]), long_ago[:NAMED], list(alone[:NAMED])


def _late_then(user, view):
    found = [late_then(user, view, key) for key in LATE]
    look(row.pk for rows in found for row in rows)
    return found


COLUMNS = ["all", "registered", "out", "leaving", "assisted", "risk-open"]


def drill(user, view, today):
    own, rows = place(user, view, today)
    groups = group_rows(user, view, today)

    def drawn(some):
        return [
            (row, row.figures.cells(COLUMNS), row.figures.share("visit-ok", "visit-required")) for row in some
        ]

    return {
        "own": own,
        "rows": drawn(rows),
        "groups": drawn(groups),
        "unsure": "、".join(row.plain for row in groups if not row.confirmed),
        "totals": own.cells(COLUMNS),
        "table": Table(
            [("行政区划", Kind.TEXT), *((stats.BY_KEY[key].label, Kind.COUNT) for key in COLUMNS),
             ("应完成", Kind.COUNT), ("已完成", Kind.COUNT), ("走访按期率", Kind.RATE)],
            [
                [row.name, *(row.figures[key].value for key in (*COLUMNS, "plan-year", "plan-done")),
                 row.figures.share("visit-ok", "visit-required")]
                for row in [*rows, *groups]
            ],
        ),
        "total": progress(own, today),
        "visit_rate": own.share("visit-ok", "visit-required"),
    }  # fmt: skip


BOARD = [
    ("tiles", "总览", tiles),
    ("burnup", "进度和预计", burnup),
    ("targets", "目标进度", targets),
    ("overdue", "逾期名单", overdue),
    ("visits", "走访", visits),
    ("shortfalls", "三保障和饮水", shortfalls),
    ("matching", "原因对措施", matching),
    ("causes", "致贫原因", causes),
    ("changes", "本年变化", changes),
    ("trends", "历年趋势", trends),
    ("income", "收入分布", income),
    ("axes", "状态构成", axes),
    ("quality", "数据质量", quality),
    ("filings", "报表未报", filings),
    ("drill", "分区下钻", drill),
]
"""In the order in which a supervisor asks: are we on time, where not, who is it, what is missing and why; then how things
stand. The projects come after the names of who is late (rank 45)."""

GROUPS = [area_groups]

PANELS = [
    Panel(
        name, title, Place.BOARD, P.REPORT_EXPORT if name == "filings" else P.BOARD_VIEW,
        f"households/panels/{name}.html", data, rank=10 * (n + 1),
    )
    for n, (name, title, data) in enumerate(BOARD)
]  # fmt: skip
