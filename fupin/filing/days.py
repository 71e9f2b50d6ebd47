"""Days that are over and were not frozen, of places too big to be judged while somebody waits: counted once by the worker
and kept as a frozen year is (rows, and the figures of every place), without reports and without closing anything.

What is typed later with an earlier date does not change what was counted: the page says when that was, and offers to
count again. Per county the newest KEPT stay, at most DAYS_KEPT days each."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.filing import frozen
from fupin.filing.actions import holds
from fupin.filing.models import DAYS, FreezeState, FrozenRow, YearFreeze
from fupin.jobs.queue import Result, submit
from fupin.regions.models import Region

KEPT = 6
DAYS_KEPT = 30


def submit_day(*, by, region, day, again=False):
    """Have the day counted in every county of `region` (in its county, where it is smaller) that has no answer yet; with
    `again` also in those that were counted before. Returns the job."""
    if not holds(by, region.path, P.BOARD_VIEW):
        raise PermissionDenied
    if day >= timezone.localdate():
        raise ValidationError("只有过去的日子才需要计算。")
    title = f"计算 {region} {day} 的指标"
    params = {"region": region.path, "day": day.isoformat(), "again": again}
    return submit("board_day", by=by, title=title, params=params, needs=[P.BOARD_VIEW])


def run_day(job, step):
    said = job.params
    day, path = date.fromisoformat(said["day"]), said["region"]
    if not holds(job.user, path, P.BOARD_VIEW):
        raise PermissionDenied
    wanted = frozen.counties_in(path)
    answers = frozen.answers_of(path, day)
    wanted = [
        county for county in wanted
        if county not in answers or said["again"] and answers[county].state == FreezeState.COUNTED
    ]  # fmt: skip
    total = (
        sum(expected(county) for county in wanted for expected in offers("FREEZE_MODULES", "EXPECTED")) or 1
    )
    count = 0
    for county in wanted:

        def progress(done, _, before=count):
            step(before + done, max(total, before + done))

        count += count_day(county, day, by=job.user, step=progress)
    return Result(
        f"{day} 的指标已算好（{len(wanted)} 个县、{count:,} 户和项目），回到看板可看。"
        if wanted
        else "这一天已经算过。",
        data={"rows": count},
    )


def count_day(county, day, *, by, step):
    """Count one county as of the end of `day` and keep it in place of what was counted before. How many rows."""
    region = Region.objects.filter(path=county).first()
    made = YearFreeze.objects.create(
        region_path=county, unit=region.short_name if region else county, year=day.year, as_of=day, by=by,
        state=FreezeState.COUNTING,
    )  # fmt: skip
    try:
        rows, places = frozen.keep_figures(made, by=by, step=step)
        with transaction.atomic():
            _drop(_counted(county).filter(as_of=day))
            frozen.keep_places(made, *places)
            made.state, made.version = FreezeState.COUNTED, 2
            made.save(update_fields=["state", "version", "untold", "groups"])
            record("day.count", made, by=by, region_path=county, on=str(day), rows=rows)
    except BaseException:
        _drop(YearFreeze.objects.unscoped("frozen").filter(pk=made.pk))
        raise
    _drop(
        _counted(county).filter(
            pk__in=list(_counted(county).order_by("-pk").values_list("pk", flat=True)[KEPT:])
        )
    )
    return rows


def _counted(county):
    return YearFreeze.objects.unscoped("frozen").filter(region_path=county, state=FreezeState.COUNTED)


def _drop(days):
    for one in days.filter(state__in=DAYS).order_by("pk"):
        rows = FrozenRow.objects.unscoped("frozen").filter(freeze=one)
        rows.order_by()._raw_delete(rows.db)
        one.places.all().delete()
        one.delete()


def clear(today):
    """Daily: days that were counted long ago, and those whose worker died."""
    rows = YearFreeze.objects.unscoped("frozen").filter(state__in=DAYS)
    since = timezone.now() - timedelta(DAYS_KEPT)
    _drop(
        rows.filter(at__lt=since)
        | rows.filter(state=FreezeState.COUNTING, at__lt=timezone.now() - timedelta(1))
    )


UPKEEP = [("filing.days", clear)]
