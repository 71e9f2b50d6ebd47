"""Keeping the reports of a frozen year: every report is worked out once for the county, line by line, and its lines are kept.

A list is read once, without the conditions that it opens with; each line says whether it meets them, where it lies and
whose it is, so the list of any place and under any condition of the kept rows is a part of it. Reports whose lines are
sums (`Report.apart`) are made for every place, from what is read once for the county (`reports.Shared`).
"""

import uuid
from contextlib import closing
from dataclasses import replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.audit import seen
from fupin.excel import reports
from fupin.excel.reports import Asked
from fupin.filing.actions import holds
from fupin.filing.copies import FOLDER
from fupin.filing.models import FrozenReport
from fupin.filing.packed import Entry, Writer, wrapped
from fupin.regions.models import Level

LOCAL = (Level.COUNTY, Level.TOWNSHIP)
"""Levels of which every place has its tables; of the villages those with households or projects."""
TOLD = 2000
"""Lines between two looks whether the year is still being kept."""


def keep_reports(freeze, places, figures, *, by, check, step, names=None, done=frozenset()):
    """Keep every report of the catalogue (of `names`), but those that are: `done`, `(report, whole)`. `check()` raises when
    the freeze was given up. Returns `(how many, [[what, where, why]] of those left out)`."""
    catalogue = [report for _, section in reports.reports_for(by) for report in section]
    catalogue = [report for report in catalogue if names is None or report.name in names]
    shared, opened, left_out, count = reports.Shared(freeze.region_path), {}, [], 0
    wanted = [
        place.path for place in places
        if place.level in LOCAL or place.level == Level.VILLAGE and figures.get(place.path)
    ]  # fmt: skip
    for number, report in enumerate(catalogue):
        step(number, len(catalogue))
        check()
        asked = Asked(by, QueryDict(), freeze.year, timezone.localdate(), day=freeze.as_of, shared=shared)
        try:
            if not holds(by, freeze.region_path, P.REPORT_EXPORT, *report.permissions):
                continue
            if report.apart:
                if (report.name, True) not in done:
                    _keep_tables(freeze, report, asked, wanted, check)
                if report.start and (report.name, False) not in done:
                    shared.next_report()
                    _keep_tables(freeze, report, asked, wanted, check, start=report.start)
            elif (report.name, True) not in done:
                _keep_lines(freeze, report, asked, opened, check)
            count += 1
        except ValidationError as error:  # what has no past has none anywhere
            left_out.append([report.label(freeze.year), "", "；".join(error.messages)])
        shared.next_report()
    return count, left_out


def _of(asked, path, start=""):
    return replace(asked, query=QueryDict(f"{start}&region={path}"))


class _File:
    """The file of one report while it is written; thrown away when that fails."""

    def __init__(self):
        folder = settings.FILES / FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / f"{uuid.uuid4().hex}.lines"
        self.writer, self.sight = Writer(self.path), None

    def __enter__(self):
        self.watching = seen.watching()
        self.sight = self.watching.__enter__()
        return self

    def __exit__(self, kind, *rest):
        self.watching.__exit__(kind, *rest)
        self.writer.close()
        if kind is not None:
            self.path.unlink(missing_ok=True)

    def store(self, freeze, report, **more):
        try:
            FrozenReport.objects.create(
                freeze=freeze, report=report.name, region_path=freeze.region_path, cells=f"{FOLDER}/{self.path.name}",
                index=self.writer.index, seen=str(self.sight), **more,
            )  # fmt: skip
        except BaseException:
            self.path.unlink(missing_ok=True)
            raise


def _keep_lines(freeze, report, asked, opened, check):
    every = _of(asked, freeze.region_path)
    owners, chips = None, []
    if report.start:
        start = _of(asked, freeze.region_path, report.start)
        if (key := (report.start, report.owners)) not in opened:
            opened[key] = report.owners(start)
        owners = opened[key]
        chips = report.source(start).chips
    found = report.source(every)
    own_year = report.all_years
    with _File() as file:
        add, rows = file.writer.add, 0
        with closing(found.rows(1000)) as source:
            current = []
            body = reports.lines_of(report, _watched(source, current), reveal=False, hidden=frozenset())
            for line in body:
                if line.sum:
                    continue
                rows += 1
                if rows % TOLD == 0:
                    check()
                row = current[0]
                add(Entry(
                    line.place, line.cells, line.owner, owners is None or line.owner in owners,
                    row.get("year") if own_year else None, line.group, False,
                    wrapped(report.kept_row(row)) if report.kept_row else None,
                ))  # fmt: skip
    file.store(freeze, report, rows=rows, said={"note": found.note, "chips": chips})


def _watched(rows, current):
    """The rows, the one that was given last being held in `current`."""
    for row in rows:
        current[:] = (row,)
        yield row


def _keep_tables(freeze, report, asked, wanted, check, start=""):
    said = None
    with _File() as file:
        rows = 0
        for path in wanted:
            found = report.source(_of(asked, path, start))
            said = said or {"note": found.note, "chips": found.chips}
            with closing(found.rows(1000)) as source:
                for line in reports.lines_of(report, source, reveal=False, hidden=frozenset()):
                    rows += not line.sum
                    file.writer.add(Entry(path, line.cells, sum=line.sum, group=line.group), exact=True)
            file.writer.index.setdefault(path, [0, 0])  # a table without lines is a table
            check()
    file.store(freeze, report, rows=rows, apart=True, whole=not start, said=said or {})
