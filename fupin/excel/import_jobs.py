"""Long work of the imports: files too big to be checked or written within a web request."""

from fupin.accounts.roles import Permission as P
from fupin.excel import batches
from fupin.excel.models import ImportBatch, State
from fupin.jobs.queue import Handler, Result, submit


def submit_import(batch, *, by, dry_run):
    """Have the worker check the file, or write it. Returns the job."""
    title = f"{'检查' if dry_run else '导入'} {batch.name}"[:120]
    job = submit(
        "import", by=by, title=title, params={"batch": batch.pk, "dry_run": dry_run}, needs=[P.IMPORT]
    )
    ImportBatch.objects.filter(pk=batch.pk).update(job=job.uid)
    return job


def run_import(job, step):
    """Check or write the file of `job`. Writing it twice changes nothing the second time."""
    batch = ImportBatch.objects.get(pk=job.params["batch"], user=job.user)
    rows = batch.report.get("read", 0)
    step(0, rows)
    try:
        outcome = batches.carry_out(batch, by=job.user, dry_run=job.params["dry_run"])
    except Exception:
        ImportBatch.objects.filter(pk=batch.pk).update(state=State.FAILED)
        raise
    if outcome.plan is None:
        return Result(outcome.issues[0].expected)
    read, good, bad = outcome.plan.counts()
    verb = "已导入" if outcome.committed else "可导入"
    return Result(f"读到 {read:,} 行，{verb} {good:,} 行，有错 {bad:,} 行。", data={"rows": good})


JOBS = [Handler("import", run_import)]
