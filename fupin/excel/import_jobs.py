"""Long work of the imports: checking, writing and undoing, as jobs that survive a closed browser and a restart.

What is small is done by the request itself, as the worker of its own job: the same rows, the same rules, and when
the request dies half-way a worker finishes what it began.
"""

import gc
import uuid
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.crypt import boxes
from fupin.excel import batches, returned, staging, undo
from fupin.excel.models import ImportBatch, State
from fupin.jobs.models import ENDED, Job
from fupin.jobs.queue import Handler, Result, submit
from fupin.jobs.worker import Worker

CHECK, WRITE, UNDO = "check", "write", "undo"
VERBS = {CHECK: "检查", WRITE: "导入", UNDO: "撤销导入"}


def submit_import(batch, *, by, act):
    """Write down the job that checks, writes or undoes the file. Returns it."""
    title = f"{VERBS[act]} {batch.name}"[:120]
    job = submit("import", by=by, title=title, params={"batch": batch.pk, "act": act}, needs=[P.IMPORT])
    ImportBatch.objects.unscoped("same row").filter(pk=batch.pk).update(job=job.uid)
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
    batch = (
        ImportBatch.objects.unscoped("same row")
        .select_related("user")
        .get(pk=job.params["batch"], user=job.user)
    )
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
        ImportBatch.objects.unscoped("same row").filter(
            pk=batch.pk, state__in=[State.CHECKING, State.WRITING]
        ).update(state=State.FAILED)
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
        ImportBatch.objects.unscoped("same row").filter(pk=batch.pk, state=State.UNDOING).update(
            state=State.DONE
        )
        return Result("已经撤销过，或已过了可以撤销的时间。")
    except undo.Touched as touched:
        rows = [
            [what, happened, who, f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""]
            for what, happened, who, at in touched.rows
        ]
        report = batch.report | {"touched": rows}
        ImportBatch.objects.unscoped("same row").filter(pk=batch.pk).update(state=State.DONE, report=report)
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


FOLDER = "reports"
"""Below settings.FILES: workbooks with problems that the worker made; kept and thrown away as reports are."""

BIG_CELLS, BIG_FILE = 40_000, 1 << 20
"""Cells, or bytes, above which the worker makes the workbook with problems."""


def is_big(batch):
    """Whether making the workbook with problems is the worker's."""
    return batch.report.get("read", 0) * len(batch.columns) > BIG_CELLS or batch.size > BIG_FILE


def submit_workbook(batch, *, by, purpose):
    """Have the workbook with problems made; the job that is at it already, where there is one."""
    params = {"batch": batch.pk, "version": batch.version, "purpose": purpose}
    under_way = Job.objects.visible_to(by).filter(kind="import-workbook").exclude(state__in=ENDED)
    waiting = next((job for job in under_way if job.params == params), None)
    title = f"带问题列的表 {batch.name}"[:120]
    needs = [P.IMPORT] if batch.user_id == by.pk else [P.IMPORT, P.PII_EXPORT]
    return waiting or submit("import-workbook", by=by, title=title, params=params, needs=needs)


def run_workbook(job, step):
    """Make the workbook of a batch whose file the job's user may have."""
    batch = ImportBatch.objects.fetchable_by(job.user).get(pk=job.params["batch"])
    rows = batch.report.get("read", 0) or 100
    step(0, rows)
    folder = settings.FILES / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{uuid.uuid4().hex}.xlsx"
    with boxes.making(path) as bare:
        with (
            open(bare, "wb") as stream,
            staging.opened(batch.stored) as staged,
            boxes.plain(batch.stored) as stored,
        ):
            made = returned.make(stored, batch.name, staged, batch.corrections, stream)
        step(rows, rows)
        told_export(batch, by=job.user, purpose=job.params["purpose"])
    said = (
        "排版没能保留，改成了普通的 .xlsx。"
        if made.plain
        else "已改成排版相同的 .xlsx 并标出问题，公式换成了算出的值。"
        if made.turned
        else "已在原表上标出问题。"
    )
    return Result(f"共 {rows:,} 行，{said}", f"{FOLDER}/{path.name}", made.name, {"rows": rows})


def told_export(batch, *, by, purpose=""):
    """Write down that the workbook with problems was made for somebody."""
    record(
        "import.export", batch, by=by, region_path=batch.home, item="带问题列的表", sha256=batch.sha256, purpose=purpose,
        rows=batch.report.get("read", 0),
    )  # fmt: skip


JOBS = [Handler("import", run_import), Handler("import-workbook", run_workbook)]
