"""What is to be filed, by whom it falls to; and for the county, which townships are late."""

from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.filing.board import duties, own
from fupin.inbox.todo import Source, Tally, Todo


def _duties(scope):
    if "filing" not in scope.held:
        scope.held["filing"] = [] if scope.mine else duties(scope.user, scope.today)
    return scope.held["filing"]


def _due(scope):
    return sorted((duty for duty in own(scope.user, _duties(scope)) if duty.open), key=lambda duty: duty.due)


def _others_late(scope):
    return sorted((duty for duty in _duties(scope) if duty.late), key=lambda duty: duty.due)


def _tally(found):
    return Tally(len(found), sum(duty.late for duty in found))


def _line(duty, action):
    note = f"{duty.period.label} {duty.state}" + (
        f"：{duty.filing.reason}" if duty.filing and duty.filing.reason else ""
    )
    return Todo(
        title=f"报送{duty.title}", url=f"{reverse('filing_list')}?due=1", due=duty.due, note=note,
        place=duty.place.short_name, action=action,
    )  # fmt: skip


SOURCES = [
    Source(
        name="filings", title="报表报送", icon="file-spreadsheet", permission=P.REPORT_FILE, soon=3, unit="张", tile=False,
        count=lambda scope: _tally(_due(scope)),
        items=lambda scope, limit: [_line(duty, "报送") for duty in _due(scope)[:limit]],
        url=lambda scope, late: f"{reverse('filing_list')}?{'late' if late else 'due'}=1",
    ),
    Source(
        name="filings-late", title="乡镇逾期未报", icon="file-spreadsheet", permission=P.REPORT_REVIEW, unit="张", tile=False,
        count=lambda scope: _tally(_others_late(scope)),
        items=lambda scope, limit: [_line(duty, "查看") for duty in _others_late(scope)[:limit]],
        url=lambda scope, late: f"{reverse('filing_list')}?late=1",
    ),
]  # fmt: skip
