"""Filing a report that is too big for a web request, and keeping what a frozen year came out as."""

from datetime import date

from django.core.exceptions import ValidationError

from fupin.accounts.roles import Permission as P
from fupin.filing import days, frozen
from fupin.filing.actions import file_report
from fupin.filing.models import FilingRule, FreezeState, YearFreeze
from fupin.filing.periods import period_of
from fupin.jobs.queue import Handler, Result, submit
from fupin.regions.models import Region


def submit_filing(*, by, rule, place, period, version, note):
    """Have the report filed by the worker. Returns the job."""
    params = {
        "rule": rule.pk,
        "place": place.path,
        "start": period.start.isoformat(),
        "version": version,
        "note": note,
    }
    title = f"报送 {place.short_name} {rule.report} {period.label}"
    return submit("filing", by=by, title=title, params=params, needs=[P.REPORT_FILE, P.REPORT_EXPORT])


def run_filing(job, step):
    said = job.params
    place = Region.objects.visible_to(job.user, P.REPORT_FILE).filter(path=said["place"]).first()
    rule = FilingRule.objects.visible_to(job.user).filter(pk=said["rule"]).first()
    if place is None or rule is None:
        raise ValidationError("报送要求已取消，或填报单位已不在您的辖区内。")
    filing = file_report(
        by=job.user, rule=rule, place=place, period=period_of(rule.every, date.fromisoformat(said["start"])),
        version=said["version"], note=said["note"], step=step,
    )  # fmt: skip
    return Result(f"已报送，第 {filing.number} 版。")


def submit_freeze(freeze, *, by):
    """Have the copies of a frozen year made. Returns the job."""
    job = submit(
        "freeze", by=by, title=f"存档 {freeze.unit} {freeze.year} 年度", params={"freeze": str(freeze.uid)},
        needs=[P.REPORT_REVIEW, P.REPORT_EXPORT],
    )  # fmt: skip
    YearFreeze.objects.visible_to(by).filter(pk=freeze.pk).update(job=job.uid)
    return job


def run_freeze(job, step):
    freeze = YearFreeze.objects.visible_to(job.user, P.REPORT_REVIEW).filter(uid=job.params["freeze"]).first()
    if freeze is None or freeze.state != FreezeState.MAKING:
        raise ValidationError("这个年度已经存档，或已解冻。")
    count, left_out = frozen.keep(freeze, by=job.user, step=step)
    words = f"{len(left_out)} 张没有存档，原因见年度快照页。" if left_out else ""
    return Result(f"已存档 {count} 张报表。{words}", data={"rows": count})


JOBS = [Handler("filing", run_filing), Handler("freeze", run_freeze), Handler("board_day", days.run_day)]
