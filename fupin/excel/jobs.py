"""Long work of the workbooks: a report too big for a web request. See fupin.jobs."""

import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.crypt import boxes
from fupin.excel import sets
from fupin.excel.reports import Asked, kept_copy, make, note_kept, region_of, report_named
from fupin.jobs.queue import Handler, Result, submit
from fupin.regions.models import Region

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
    asked = _asked(job)
    path = _fresh_path(".xlsx")
    kept = kept_copy(report, asked, region_of(asked))
    with boxes.making(path) as bare:
        if kept:
            name, written = kept.name, kept.write(bare, step=step)
            note_kept(report, kept, by=job.user)
        else:
            name, written = make(report, asked, bare, purpose=job.params["purpose"], step=step)
    return Result(
        f"共 {written.rows:,} 行，{written.size // 1024:,} KB。",
        f"{FOLDER}/{path.name}",
        name,
        {"rows": written.rows, "size": written.size, "sha256": written.sha256, "seen": written.seen},
    )


def _asked(job):
    said = job.params
    return Asked(job.user, QueryDict(said["query"]), said["year"], timezone.localdate(), said["reveal"])


def _fresh_path(suffix):
    folder = settings.FILES / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{uuid.uuid4().hex}{suffix}"


def submit_set(region, year, *, by):
    """Have every report of a place made into one zip. Returns the job."""
    params = {"region": region.path, "year": year}
    title = f"{year} 年{region.short_name}全套报表"
    return submit("report-set", by=by, title=title, params=params, needs=[P.REPORT_EXPORT])


def run_set(job, step):
    region = Region.objects.visible_to(job.user, P.REPORT_EXPORT).filter(path=job.params["region"]).first()
    if region is None:
        raise PermissionDenied
    path = _fresh_path(".zip")
    with boxes.making(path) as bare:
        made = sets.write_reports(job.user, region, job.params["year"], bare, step=step)
    left = f"，{len(made.left)} 张没有生成（见压缩包里的说明）" if made.left else ""
    return Result(f"共 {made.files} 张报表{left}。", f"{FOLDER}/{path.name}", made.name, {"rows": made.rows})


def submit_files(report, asked, *, purpose=""):
    """Have one workbook a household made, in one zip. Returns the job."""
    needs = [P.REPORT_EXPORT, *report.permissions] + ([P.PII_EXPORT] if asked.reveal else [])
    params = {
        "report": report.name, "query": asked.query.urlencode(), "year": asked.year, "reveal": asked.reveal, "purpose": purpose,
    }  # fmt: skip
    title = f"{asked.year} 年{report.label(asked.year)}，一户一个文件"
    return submit("report-files", by=asked.user, title=title, params=params, needs=needs)


def run_files(job, step):
    report = report_named(job.params["report"], job.user)
    if report is None:
        raise PermissionDenied
    asked = _asked(job)
    path = _fresh_path(".zip")
    with boxes.making(path) as bare:
        made = sets.write_files(report, asked, bare, purpose=job.params["purpose"], step=step)
    return Result(f"共 {made.files:,} 户。", f"{FOLDER}/{path.name}", made.name, {"rows": made.rows})


JOBS = [Handler("report", run_report), Handler("report-set", run_set), Handler("report-files", run_files)]
