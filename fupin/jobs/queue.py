"""Asking for long work, and the rules by which a worker takes it.

A kind of work is a `Handler` in a list `JOBS` of a module that settings name under JOB_MODULES. Its function
gets the job and `step`; it calls `step(done, total)` now and then, and returns a `Result`. `step` raises
`Stopped` when the work should end early (cancelled, taken over, the worker is asked to stop): let it pass.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from fupin.catalogue import offers
from fupin.crypt import boxes
from fupin.jobs.models import Job, State

STALE = timedelta(minutes=2)
"""A running job without a sign of life for this long has lost its worker. Workers beat every few seconds; a
long transaction of another connection may hold SQLite for a minute."""

ATTEMPTS = 3
"""How often a repeatable job is started before it is given up."""


class Stopped(Exception):
    """The work should end now, and what it did so far does not count."""


@dataclass(frozen=True)
class Result:
    """What the work gave. `file` is a path below `settings.FILES`, `name` what the file is called when fetched."""

    message: str = ""
    file: str = ""
    name: str = ""
    data: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Handler:
    """A kind of work. `repeatable`: starting it again after a crash does no harm; otherwise it fails instead."""

    kind: str
    run: Callable  # (job, step) -> Result
    repeatable: bool = True


def handler_of(kind):
    """The handler of this kind, or None when no installed module offers it any more."""
    return next((h for h in offers("JOB_MODULES", "JOBS") if h.kind == kind), None)


def submit(kind, *, by, title, params, needs=()):
    """Write down a job for the worker. `needs`: permissions that `by` must hold then, and when fetching."""
    needs = {str(permission): by.paths(permission) for permission in needs}
    return Job.objects.create(kind=kind, user=by, title=title, params=params, needs=needs)


def claim(worker, *, job=None):
    """Take the oldest waiting job for `worker`, or just `job`; None when there is none. One conditional UPDATE: two
    workers never get the same."""
    waiting = Job.objects.filter(state=State.WAITING, **({} if job is None else {"pk": job.pk}))
    for pk in waiting.order_by("pk").values_list("pk", flat=True)[:8]:
        now = timezone.now()
        taken = Job.objects.filter(pk=pk, state=State.WAITING).update(
            state=State.RUNNING, worker=worker, beat_at=now, attempts=F("attempts") + 1, message=""
        )
        if taken:
            return Job.objects.select_related("user").get(pk=pk)
    return None


def held(job):
    """The job's row as long as its worker still holds it: what a worker writes, it writes through this."""
    return Job.objects.filter(pk=job.pk, worker=job.worker, state=State.RUNNING)


def beat(job, **fields):
    """A sign of life, with progress. Raises Stopped when the job was cancelled or given to another worker."""
    if not held(job).update(beat_at=timezone.now(), **fields):
        raise Stopped


def finish(job, result):
    """The work is done, its file encrypted. Returns False when the job was no longer this worker's; its file is removed
    then."""
    if result.file and not boxes.is_sealed(path := settings.FILES / result.file):
        boxes.enclose(path)
    ended = held(job).update(
        state=State.DONE,
        finished_at=timezone.now(),
        message=result.message[:300],
        file=result.file,
        file_name=result.name,
        result=result.data,
        done=result.data.get("rows", 1),
        total=result.data.get("rows", 1),
    )
    if not ended and result.file:
        (settings.FILES / result.file).unlink(missing_ok=True)
    return bool(ended)


def fail(job, message):
    """The work could not be done; `message` says why in the user's words, without personal data."""
    held(job).update(state=State.FAILED, finished_at=timezone.now(), message=message[:300])


def give_back(job):
    """The worker stops before the work is done: another one shall start it anew."""
    held(job).update(state=State.WAITING, worker="", done=0, attempts=F("attempts") - 1)


def cancel(job):
    """The owner no longer wants it. A running worker notices at its next step."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[State.WAITING, State.RUNNING]).update(
            state=State.CANCELLED, finished_at=timezone.now(), message="已由本人取消。"
        )
    )


def rescue(now=None):
    """Jobs whose worker died: started again if that does no harm and is not hopeless, failed otherwise."""
    now = now or timezone.now()
    for job in Job.objects.filter(state=State.RUNNING, beat_at__lt=now - STALE).order_by("pk"):
        handler = handler_of(job.kind)
        if handler and handler.repeatable and job.attempts < ATTEMPTS:
            held(job).update(state=State.WAITING, worker="", done=0)
        else:
            fail(job, "后台程序中断，未能完成。数据没有改动，请重新提交。")
