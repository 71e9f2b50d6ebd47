"""Long work of the imports: checking, writing and undoing, as jobs that survive a closed browser and a restart.

What is small is done by the request itself, as the worker of its own job: the same rows, the same rules, and when
the request dies half-way a worker finishes what it began.
"""

import gc
from contextlib import contextmanager

from fupin.accounts.roles import Permission as P
from fupin.excel import batches, undo
from fupin.excel.models import ImportBatch, State
from fupin.jobs.models import Job
from fupin.jobs.queue import Handler, Result, submit
from fupin.jobs.worker import Worker

CHECK, WRITE, UNDO = "check", "write", "undo"
VERBS = {CHECK: "检查", WRITE: "导入", UNDO: "撤销导入"}


def submit_import(batch, *, by, act):
    """Write down the job that checks, writes or undoes the file. Returns it."""
    title = f"{VERBS[act]} {batch.name}"[:120]
    job = submit("import", by=by, title=title, params={"batch": batch.pk, "act": act}, needs=[P.IMPORT])
    ImportBatch.objects.filter(pk=batch.pk).update(job=job.uid)
    return job


def do_now(job):
    """Do the job within the request that asked for it."""
    worker = Worker()
    taken = worker.take(job)
    if taken is not None:
        worker.do(taken)


def job_of(batch):
    """The job that has the batch now, or None."""
    return Job.objects.filter(uid=batch.job).first() if batch.busy and batch.job else None


def run_import(job, step):
    """Check, write or undo the file of `job`. Whoever comes second finds it done and does nothing."""
    batch = ImportBatch.objects.select_related("user").get(pk=job.params["batch"], user=job.user)
    act = job.params["act"]
    if act == UNDO:
        return _undo(batch, job)
    rows = batch.report.get("read", 0) or 100
    step(0, rows)
    try:
        with collector_off():
            outcome = batches.carry_out(
                batch, by=job.user, dry_run=act == CHECK, step=lambda share: step(rows * share // 100, rows)
            )
    except batches.Written:
        batch.refresh_from_db()
        return Result(
            f"{batch.get_state_display()}，没有再写一遍。", data={"rows": batch.report.get("good", 0)}
        )
    except Exception:
        ImportBatch.objects.filter(pk=batch.pk, state__in=[State.CHECKING, State.WRITING]).update(
            state=State.FAILED
        )
        raise
    if outcome.plan is None:
        return Result(outcome.issues[0].expected)
    read, good, bad = outcome.plan.counts()
    verb = "已导入" if outcome.committed else "可导入"
    return Result(f"读到 {read:,} 行，{verb} {good:,} 行，有错 {bad:,} 行。", data={"rows": good})


def _undo(batch, job):
    try:
        undo.undo(batch, by=job.user)
    except undo.Gone:
        ImportBatch.objects.filter(pk=batch.pk, state=State.UNDOING).update(state=State.DONE)
        return Result("已经撤销过，或已过了可以撤销的时间。")
    except undo.Touched as touched:
        rows = [
            [what, happened, who, at.isoformat() if at else ""] for what, happened, who, at in touched.rows
        ]
        report = batch.report | {"touched": rows}
        ImportBatch.objects.filter(pk=batch.pk).update(state=State.DONE, report=report)
        return Result(f"没有撤销：导入之后已有人改动过其中 {len(rows)} 处。")
    return Result("已撤销。")


@contextmanager
def collector_off():
    """Hundreds of thousands of rows live until the end: looking for garbage among them takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


JOBS = [Handler("import", run_import)]
