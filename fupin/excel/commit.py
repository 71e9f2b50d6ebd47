"""Writing what a plan would do: once, whole or not at all, holding the database's write lock as briefly as possible.

A plan with `early = True` looks everything up and works everything out in `resolve` and `prepare`, before the
transaction, and before a real one in `foresee` what only writing needs; in the transaction `confirm` makes sure that nothing it stands on has changed since (raises Stale: then all is made
anew), and `write` writes. A dry run of it ends in `rehearse`, without a transaction: what reads for seconds keeps
nobody from saving. Other plans are resolved inside the transaction, and a dry run of them is rolled back.
"""

from contextlib import nullcontext

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from fupin import ahead
from fupin.excel import undo
from fupin.jobs.priority import hurried
from fupin.regions import scope

TRIES = 4
"""How often a plan is made anew because somebody wrote the same rows meanwhile."""


CLEANED, COMPARED, WRITTEN = 50, 70, 95
"""Per cent of an import that is done then."""


class Stale(Exception):
    """What the plan stands on has changed since it was made."""


def nothing(*_):
    """What is done where nobody asked for more."""


@scope.without("import")
def carry_out(made, *, decide, by, batch, dry_run, begin=nothing, end=nothing, step=nothing):
    """Write the plan of the Outcome that `made(again)` gives; returns that Outcome.

    `decide(outcome)` resolves it and settles what is left out. `begin()` comes first in the transaction, and may
    raise to stop; `end(outcome, journal)` comes last. A dry run is rolled back, and has neither. `step(per cent)` is
    told how far it is, and may raise to stop.
    """
    for attempt in range(1, TRIES + 1):
        outcome = made(attempt > 1)
        step(CLEANED)
        try:
            return _once(outcome, decide, by, batch, dry_run, begin, end, step)
        except IntegrityError:
            if attempt == TRIES:
                raise
        except Stale:
            continue
    raise ValidationError("别人正在改同一批数据，请稍后再提交。")


def _once(outcome, decide, by, batch, dry_run, begin, end, step):
    plan = outcome.plan
    early = getattr(plan, "early", False)
    if early:
        decide(outcome)
        plan.prepare(by)
    step(COMPARED)
    if early and dry_run:
        outcome.written = plan.rehearse()
        step(WRITTEN)
        return outcome
    with ahead.possible() if early else nullcontext():
        if early:
            getattr(plan, "foresee", nothing)()
        with hurried():
            _write(outcome, decide, by, batch, dry_run, begin, end, step)
    return outcome


def _write(outcome, decide, by, batch, dry_run, begin, end, step):
    plan = outcome.plan
    early = getattr(plan, "early", False)
    with transaction.atomic():
        if not dry_run:
            begin()
        if early:
            plan.confirm()
        else:
            decide(outcome)
        with nullcontext() if dry_run else undo.journal() as journal:
            outcome.written = plan.write(by, batch)
        step(WRITTEN)
        if dry_run:
            transaction.set_rollback(True)
        else:
            outcome.committed = True
            end(outcome, journal)
