"""Long work of the workbooks: a report too big for a web request. See fupin.jobs."""

import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import Asked, make, report_named
from fupin.jobs.queue import Handler, Result, submit

FOLDER = "reports"
"""Below settings.FILES. Files are named by chance; what they are called stands in the job."""


def submit_report(report, asked, *, purpose=""):
    """Have the report made by the worker. Returns the job."""
    needs = [P.REPORT_EXPORT, *report.permissions] + ([P.PII_EXPORT] if asked.reveal else [])
    params = {
        "report": report.name, "query": asked.query.urlencode(), "year": asked.year, "reveal": asked.reveal,
        "purpose": purpose,
    }  # fmt: skip
    title = f"{asked.year} 年{report.label(asked.year)}"
    return submit("report", by=asked.user, title=title, params=params, needs=needs)


def run_report(job, step):
    """Make the file of `job` in the scope that its user has now."""
    report = report_named(job.params["report"], job.user)
    if report is None:
        raise PermissionDenied
    asked = Asked(
        job.user,
        QueryDict(job.params["query"]),
        job.params["year"],
        timezone.localdate(),
        job.params["reveal"],
    )
    folder = settings.FILES / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{uuid.uuid4().hex}.xlsx"
    try:
        name, written = make(report, asked, path, purpose=job.params["purpose"], step=step)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Result(
        f"共 {written.rows:,} 行，{written.size // 1024:,} KB。",
        f"{FOLDER}/{path.name}",
        name,
        {"rows": written.rows, "size": written.size, "sha256": written.sha256, "seen": written.seen},
    )


JOBS = [Handler("report", run_report)]
