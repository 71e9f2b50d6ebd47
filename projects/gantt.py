"""The mini Gantt of a list row: a strip of eight quarters, 240 units wide, drawn as SVG by the server."""

from dataclasses import dataclass
from datetime import date

WIDTH = 240
YEARS = 2


@dataclass(frozen=True)
class Strip:
    """Positions of one project on the strip; None where there is nothing to draw."""

    planned: tuple | None
    actual: tuple | None
    late: tuple | None
    target: float | None
    now: float | None
    done: bool
    label: str


class Axis:
    """Two calendar years from 1 January of `year`."""

    def __init__(self, year):
        self.start = date(year, 1, 1)
        self.days = (date(year + YEARS, 1, 1) - self.start).days
        self.grid = [WIDTH * quarter / (4 * YEARS) for quarter in range(1, 4 * YEARS)]
        self.heads = [
            str(year + quarter // 4) if quarter % 4 == 0 else f"{'一二三四'[quarter % 4]}季"
            for quarter in range(4 * YEARS)
        ]

    def at(self, day):
        """The position of a day, kept inside the strip."""
        return round(max(0, min(WIDTH, WIDTH * (day - self.start).days / self.days)), 1)

    def holds(self, day):
        return 0 <= (day - self.start).days <= self.days

    def bar(self, start, end):
        """(x, width) of a bar, None where it lies outside."""
        left, right = self.at(start), self.at(end)
        return (left, round(right - left, 1)) if right > left else None

    def strip(self, project, today):
        """The strip of a project on `today`."""
        start, end = project.begins_on, project.finish_end
        now = self.at(today) if self.holds(today) else None
        if start is None or end is None or end <= start:
            target = self.at(end) if end and self.holds(end) else None
            return Strip(None, None, None, target, now, False, f"{end or '未设时限'}")
        done = project.is_closed
        progress = 100 if done and project.progress is None else project.progress or 0
        reached = start + (end - start) * progress / 100
        late_till = None if done or today <= end else today
        return Strip(
            planned=self.bar(start, end),
            actual=self.bar(start, reached) if progress else None,
            late=self.bar(end, late_till) if late_till else None,
            target=self.at(end) if self.holds(end) else None,
            now=now,
            done=done,
            label=f"{start} 至 {end}" + ("" if project.progress is None else f"，进度 {project.progress}%"),
        )
