"""Projects as they stood on a past day, one by one, and the figures that each counted in.

What has a date is judged by it: start, finish, acceptance, milestones, moved target dates, entries of funds. A project
whose works began or finished after the day was not yet there. Progress, 停滞 and 终止 are what was recorded by the day: the first
change after it says what they were (`ProgressChange`). Of a project that was entered later nobody recorded them (`unsure`): where
a place has one, the figures that rest on the progress are left out (UNTOLD). So are sums of money typed without an entry.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from fupin.judged import compiled
from fupin.schedule import SOON_DAYS, deadline, risk_from
from projects import codes, kept, stats
from projects.models import (
    FundEntry,
    FundLine,
    Milestone,
    ProgressChange,
    Project,
    ProjectVillage,
    TargetMove,
)
from projects.models.project import begins_on

UNTOLD = ("risk", "ok")
"""Figures that rest on the progress, which is not known of days before a project was entered."""
HALTED = (codes.State.STOPPED, codes.State.ABANDONED)
OWN = ("late-milestone", "fund-behind", "funded", "allotted", "paid")
"""Figures that rest on other tables: judged here."""
SUMS = tuple(codes.PARTS.values())
BASE = ("pk", "number", "name", "year", "region_path", "state", "started_on", "finished_on", "accepted_on", "settled_on",
        "start_text", "start_end", "start_precision", "finish_text", "finish_end", "progress", "created_at", "risk_on", "investment", "responsible_unit", "blocked_reason")  # fmt: skip


@dataclass
class Then:
    """A project on the day, with the columns of Project by name. `keys`: its figures; `sums`: yuan by part, None unknown;
    `undated`: whether money of it is known only as a sum without a date."""

    pk: int
    number: str
    name: str
    covers: list = field(default_factory=list)
    keys: list = field(default_factory=list)
    sums: dict = field(default_factory=dict)
    steps: dict = field(default_factory=dict)
    undated: bool = False
    unsure: bool = False
    """Whether it was entered after the day, so that nobody recorded how far it was."""

    def __str__(self):
        return self.name

    @property
    def places(self):
        """`[(place, whether it is its own)]`, see `kept.places_of`."""
        return kept.places_of([self.region_path, *self.covers])

    def get_state_display(self):
        return codes.State(self.state).label

    def deadline(self, day):
        closed = self.get_state_display() if self.state in codes.CLOSED else ""
        return deadline(
            self.finish_end, day, done_on=self.finished_on, closed=closed, soon=SOON_DAYS["project"]
        )


def projects(paths, day):
    """Every project that lay in the place (a path, or several), or covered a part of it, on `day`, in order of key. Six
    queries."""
    paths = [paths] if isinstance(paths, str) else paths
    today = timezone.localdate()
    rows = Project.objects.unscoped("counts")
    rows = rows.filter(rows.touching(paths))
    if day < today:
        known = Q(created_at__date__lte=day) | Q(year__lte=day.year) | Q(started_on__lte=day)
        rows = rows.filter(known)
    rows = list(rows.order_by("pk").values_list(*BASE))
    facts = _Facts([row[0] for row in rows], day, day < today)
    tests = [(one.key, compiled(one.condition(day))) for one in stats.FIGURES if one.key not in OWN]
    for row in rows:
        one = Then(*row[:3])
        vars(one).update(zip(BASE[3:], row[3:]))
        if day < today:
            _rewind(one, facts, day)
        one.finish_due = None if one.state in codes.CLOSED else one.finish_end
        facts.fill(one)
        one.keys = [key for key, holds in tests if holds(one)] + list(facts.keys(one))
        yield one


def _rewind(one, facts, day):
    """Take back what happened after `day`."""
    one.unsure = timezone.localdate(one.created_at) > day
    if was := facts.were.get(one.pk):
        one.progress = was[0]
        if was[1] in HALTED or one.state in HALTED:
            one.state = was[1]
    began, ended = (on is not None and on > day for on in (one.started_on, one.finished_on))
    if one.state in codes.FINISHED and ended:
        one.state = codes.State.WORKING
    elif one.state in codes.FINISHED[3:] and one.accepted_on is not None and one.accepted_on > day:
        one.state = codes.State.FINISHED
    elif one.state in codes.FINISHED[4:] and one.settled_on is not None and one.settled_on > day:
        one.state = codes.State.ACCEPTED
    if began and one.state != codes.State.ABANDONED:
        one.state = codes.State.PLANNED
    one.started_on, one.finished_on = (
        None if late else on for late, on in ((began, one.started_on), (ended, one.finished_on))
    )
    if moved := facts.moved.get((one.pk, None)):
        one.finish_text, one.finish_end = moved
    one.risk_on = None if one.unsure else risk_from(begins_on(one), one.finish_end, one.progress)


class _Facts:
    """What hangs on the projects, each table read once."""

    def __init__(self, keys, day, past):
        self.day, self.past = day, past
        of = {"project__in": keys}
        self.covers = defaultdict(list)
        for project, path in (
            ProjectVillage.objects.unscoped("hanging")
            .filter(**of)
            .order_by("pk")
            .values_list("project", "region_path")
        ):
            self.covers[project].append(path)
        self.moved = {}
        if past:
            moves = TargetMove.objects.filter(**of, at__date__gt=day).order_by("-at", "-pk")
            for project, milestone, text, end in moves.values_list(
                "project", "milestone", "before_text", "before_end"
            ):
                self.moved[project, milestone] = text, end  # the first move after the day is read last
        self.were = {}
        if past:
            changes = ProgressChange.objects.filter(**of, at__date__gt=day).order_by("-at", "-pk")
            for project, progress, state in changes.values_list("project", "progress", "state"):
                self.were[project] = progress, state  # the first change after the day is read last
        self.milestones = defaultdict(list)
        rows = Milestone.objects.unscoped("hanging").filter(**of).order_by("pk")
        for project, pk, due, done in rows.values_list("project", "pk", "due", "done_on"):
            if done is None or past and done > day:
                self.milestones[project].append(self.moved.get((project, pk), (None, due))[1])
        self.lines = defaultdict(dict)
        for project, pk, *sums in (
            FundLine.objects.filter(**of).order_by("pk").values_list("project", "pk", *SUMS)
        ):
            self.lines[project][pk] = dict(zip(SUMS, sums))
        self.undated = set()
        if past:
            self._rewind_money(keys)

    def _rewind_money(self, keys):
        """Sums of the entries until the day; a sum without entries has no day."""
        entries = defaultdict(list)
        rows = FundEntry.objects.filter(line__project__in=keys).order_by("pk")
        for line, kind, amount, on, at in rows.values_list("line", "kind", "amount", "on", "at"):
            entries[line, codes.PARTS[kind]].append((on or timezone.localdate(at), amount))
        for project, lines in self.lines.items():
            for line, sums in lines.items():
                for part, value in sums.items():
                    held = [amount for on, amount in entries[line, part] if on <= self.day]
                    if value is not None and not entries[line, part]:
                        self.undated.add(project)
                    sums[part] = sum(held, Decimal(0)) if held else None

    def fill(self, one):
        one.covers = self.covers[one.pk]
        lines = self.lines[one.pk].values()
        one.sums = {
            part: sum(known) if (known := [sums[part] for sums in lines if sums[part] is not None]) else None
            for part in SUMS
        }
        one.undated = one.pk in self.undated
        one.steps = dict.fromkeys(kept.STEPS, 0)
        if one.state not in codes.CLOSED:
            for due in self.milestones[one.pk]:
                stands = deadline(due, self.day, soon=SOON_DAYS["milestone"]).standing
                for key, standing in kept.STEPS.items():
                    one.steps[key] += stands == standing

    def keys(self, one):
        lines = self.lines[one.pk].values()
        if one.steps["milestones-over"]:
            yield "late-milestone"
        if any(sums["planned"] is not None and sums["planned"] > (sums["allotted"] or 0) for sums in lines):
            yield "fund-behind"
        for key, part in (("funded", "planned"), ("allotted", "allotted"), ("paid", "paid")):
            if one.sums[part] is not None:
                yield key


def add(figures, one):
    """Count a project in at every place that it touches: `figures` is {place: {key: [all, own]}}, sums in 分 as in
    `projects.kept`."""
    add_at(figures, one, one.places)


def add_at(figures, one, places):
    """Count a project in at `[(place, whether it is its own)]`."""
    numbers = dict.fromkeys(one.keys, 1) | {key: number for key, number in one.steps.items() if number}
    if one.undated:
        numbers["undated"] = 1
    for key, name in kept.MONEY.items():
        if value := one.investment if name == "investment" else one.sums[name]:
            numbers[key] = int(value * 100)
    for place, own in places:
        held = figures.setdefault(place, {})
        for key, number in numbers.items():
            pair = held.setdefault(key, [0, 0])
            pair[0] += number
            pair[1] += number * own
