"""工作台: what this person has to do, computed now."""

from datetime import date

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.oversight import too_much
from fupin.accounts.roles import Permission as P
from fupin.inbox.todo import Scope, work_for
from fupin.schedule import Standing, deadline

SHOWN = 12
"""Lines in the table before somebody asks for all."""
AT_MOST = 100
"""Lines of one source when all are asked for; its list page has the rest."""
EDGES = {Standing.OVER: "is-late", Standing.SOON: "is-soon"}


@require_GET
@require(*P)
def home(request):
    """`?scope=mine|all`, `?kind=SOURCE`, `?all=1`."""
    user, today = request.user, timezone.localdate()
    wide = bool(user.paths() or user.units(P.PROJECT_VIEW))
    mine = not wide or request.GET.get("scope") == "mine"
    kind, everything = request.GET.get("kind", ""), "all" in request.GET
    work = work_for(Scope(user, today, mine), AT_MOST if everything else SHOWN)
    lines = _lines([one for one in work if not one.source.side and kind in ("", one.source.name)], today)
    return render(request, "inbox/home.html", {
        "too_much": too_much(user),
        "today": today, "days_left": (date(today.year, 12, 31) - today).days, "wide": wide, "mine": mine,
        "scope": "mine" if mine else "all", "kind": kind, "everything": everything,
        "tiles": [one for one in work if one.source.tile], "side": [one for one in work if one.source.side],
        "lines": lines if everything else lines[:SHOWN],
        "total": sum(one.tally.total for one in work if not one.source.side),
        "late": sum(one.tally.late for one in work if not one.source.side),
        "kinds": [one for one in work if not one.source.side and one.tally.total],
        "may_add": user.may(P.HOUSEHOLD_EDIT), "may_visit": user.may(P.VISIT_RECORD), "may_import": user.may(P.IMPORT),
    })  # fmt: skip


def _lines(work, today):
    """`{source, todo, dl, edge}` of all sources in one order: by date, what has none last."""
    lines = []
    for one in work:
        for todo in one.items:
            dl = deadline(todo.due, today, soon=one.source.soon)
            lines.append({"source": one.source, "todo": todo, "dl": dl, "edge": EDGES.get(dl.standing, "")})
    return sorted(lines, key=lambda line: (line["todo"].due is None, line["todo"].due or today))
