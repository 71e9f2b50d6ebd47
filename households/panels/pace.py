"""Progress towards the target dates: the burn-up against the plan, and where today's pace leads."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from fupin.board.panels import HOMES, Table
from fupin.excel.sheet import Kind
from households.breakdown import MONTHS, month_end
from households.panels.figures import Cell, place, series, urls

YEARS_AHEAD = 5
"""A forecast further away than this is none."""


@dataclass(frozen=True)
class Forecast:
    """Where a pace leads. `state`: none (nothing planned), done, never (nothing done yet, or too slow), late, ok.
    `on`: the day on which all would be done. `missing`: how many would not be by the last target date."""

    state: str
    on: date | None = None
    missing: int = 0

    @property
    def words(self):
        return {"none": "—", "done": "已全部完成", "never": "按当前进度不能完成"}.get(self.state) or str(
            self.on
        )


def forecast(plan, done, today, last):
    """The Forecast for `done` of `plan` since 1 January of the year of `today`, when the last target date is `last`."""
    if not plan:
        return Forecast("none")
    if done >= plan:
        return Forecast("done")
    elapsed, left = today.timetuple().tm_yday, max((last - today).days, 0)
    missing = plan - min(plan, done + done * left // elapsed)
    if not done or plan * elapsed > done * 366 * YEARS_AHEAD:
        return Forecast("never", missing=missing)
    on = today + timedelta(ceil((plan - done) * elapsed / done))
    return Forecast("late" if on > last else "ok", on, missing)


def last_target(figures, year):
    """The end of the last month in which something is due."""
    whole = figures["plan-year"].number
    for month in MONTHS:
        if figures[f"plan-m{month:02}"].number >= whole:
            return month_end(year, month)
    return date(year, 12, 31)


@dataclass(frozen=True)
class Line:
    """One place: its figures, its forecast, and its burn-up as points of a drawing 120 wide and 30 high."""

    row: object
    forecast: Forecast
    missing: Cell
    plan: str
    done: str


def missing(figures, told):
    """Those of a Forecast who will not be done in time, as a Cell: the last in line, if they are done in order of their
    target dates. Counted in persons it opens all that are still to do."""
    conditions = {"figure": "plan-open"} | ({"behind": told.missing} if figures.unit == HOMES else {})
    url = figures.address(**conditions) if told.missing else ""
    return Cell("plan-late", "按当前进度预计逾期", told.missing, told.missing, url, unit=figures.unit)


def burnup(user, view, day):
    own, rows = place(user, view, day)
    if not own["plan-year"].number:
        return {"year": day.year, "chart": None, "lines": [], "own": own, "unit": view.unit}
    lines = [_line(row, view, day) for row in rows if row.progress["rate"] is not None]
    lines.sort(key=lambda line: (-line.forecast.missing, line.row.progress["rate"]))
    total = forecast(own["plan-year"].number, own["plan-done"].number, day, last_target(own, day.year))
    return {
        "year": day.year,
        "own": own,
        "unit": view.unit,
        "total": total,
        "missing": missing(own, total),
        "lines": lines,
        "late": sum(line.forecast.state in ("late", "never") for line in lines),
        "undated": max(own["plan-done"].number - own[f"done-m{day.month:02}"].number, 0) ,
        "chart": _chart(own, day, "截至日" if view.past else "今天"),
        "table": Table(
            [("地方", Kind.TEXT), ("应完成", Kind.COUNT), ("已完成", Kind.COUNT), ("未完成", Kind.COUNT),
             ("按当前进度预计完成日", Kind.TEXT), ("预计逾期", Kind.COUNT), *((f"{m} 月底应完成", Kind.COUNT) for m in MONTHS),
             *((f"{m} 月底已完成", Kind.COUNT) for m in MONTHS)],
            [
                [line.row.name, *(line.row.figures[key].value for key in ("plan-year", "plan-done", "plan-open")),
                 line.forecast.words, line.forecast.missing,
                 *series([line.row.figures[f"plan-m{m:02}"] for m in MONTHS], own.linked),
                 *series([line.row.figures[f"done-m{m:02}"] for m in MONTHS], own.linked)[: day.month]]
                for line in lines
            ],
        ),
    }  # fmt: skip


def _line(row, view, day):
    figures = row.figures
    told = forecast(row.progress["plan"], row.progress["done"], day, last_target(figures, day.year))
    plan = series([figures[f"plan-m{m:02}"] for m in MONTHS], figures.linked)
    done = series([figures[f"done-m{m:02}"] for m in MONTHS[: day.month]], figures.linked)
    return Line(
        row,
        told,
        missing(figures, told),
        points(plan, row.progress["plan"]),
        points(done, row.progress["plan"]),
    )


def points(values, top):
    """The points of a line through the ends of the months, from the origin, in a drawing 120 x 30."""
    return " ".join(f"{n * 10},{30 - 28 * min(value, top) / top:.1f}" for n, value in enumerate([0, *values]))


def _chart(own, day, mark):
    plan = own.cells([f"plan-m{month:02}" for month in MONTHS])
    done = own.cells([f"done-m{month:02}" for month in MONTHS[: day.month]])
    actual = series(done, own.linked)
    whole, elapsed, here = own["plan-year"].number, day.timetuple().tm_yday, day.month - 1
    pace = own["plan-done"].number / elapsed
    fore = [None] * here + [actual[-1]]
    fore += [
        min(whole, round(actual[-1] + pace * (month_end(day.year, month) - day).days))
        for month in MONTHS[day.month :]
    ]
    shown = series(plan, own.linked)
    return {
        "x": [f"{month}月" for month in MONTHS], "plan": shown, "actual": actual, "fore": fore, "today": here, "mark": mark,
        "max": None, "urls": [urls(plan), urls(done), None], "unit": own.unit,
    }  # fmt: skip
