"""Reports as a frozen year kept them held against the same reports made anew: used by tests and by tests/bench/freeze.py."""

from contextlib import closing

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from fupin.excel import reports
from fupin.excel.reports import Asked, Shared
from fupin.filing import frozen
from fupin.filing.models import FrozenReport


def differences(freeze, paths, by, *, names=None):
    """`(report, place, opened with, what differs)` of every report of these places; nothing where all is as it was."""
    kept = {}
    for one in FrozenReport.objects.unscoped("tests").filter(freeze=freeze).select_related("freeze"):
        kept.setdefault(one.report, []).append(one)
    catalogue = [report for _, section in reports.reports_for(by) for report in section]
    for report in catalogue:
        for path in paths if names is None or report.name in names else ():
            for start in sorted({report.start, ""}):
                if what := _difference(report, kept.get(report.name, []), freeze, path, start, by):
                    yield report.name, path, start, what


def _difference(report, kept, freeze, path, start, by):
    selection = frozen.selection_of(report, kept, path, by, opened=bool(start))
    free = Shared("no county") if report.draw else None  # as many cards as there are
    asked = Asked(
        by,
        QueryDict(f"{start}&region={path}"),
        freeze.year,
        timezone.localdate(),
        day=freeze.as_of,
        shared=free,
    )
    try:
        found = report.source(asked)
    except ValidationError as error:
        return "" if selection is None else f"kept, though {error.messages[0]}"
    if selection is None:
        return "not kept"
    with closing(found.rows(1000)) as rows:
        if report.draw:
            live, now = (
                [_plain(report.kept_row(row)) for row in rows],
                [_plain(row) for row in selection.kept_rows()],
            )
        else:
            body = reports.lines_of(report, rows, user=by, reveal=False)
            live, now = ([_cells(report, line) for line in lines] for lines in (body, selection.lines()))
    if len(live) != len(now):
        return f"{len(now)} lines for {len(live)}"
    if selection.rows != found.count:
        return f"{selection.rows} rows told for {found.count}"
    return next((f"{here} for {there}" for there, here in zip(live, now) if there != here), "")


def _plain(value):
    """A kept row: JSON knows no tuples."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _cells(report, line):
    """A line as the file shows it: of a text column the text, of any other the value and its type."""
    return (
        line.sum,
        line.key,
        [
            str(value or "") if column.kind.is_text else (type(value), value)
            for column, value in zip(report.columns, line.cells)
        ],
    )
