"""Filing, sending back, asking for reports; closing a year and opening it again."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.excel import reports
from fupin.excel.reports import Asked
from fupin.filing import copies
from fupin.filing.closed import frozen_years
from fupin.filing.models import (
    CLOSED,
    FiledCopy,
    Filing,
    FilingRule,
    FilingState,
    FreezeState,
    YearFreeze,
)
from fupin.filing.periods import newest
from fupin.regions.models import Level

REASON = (4, 300)
"""Characters of a reason."""
STALE = "别人刚刚报送或退回过这张表，请刷新页面看过再办。"


def holds(user, path, *permissions):
    """Whether `user` holds every permission at the place `path`."""
    return all(any(path.startswith(own) for own in user.paths(permission)) for permission in permissions)


def reasoned(words, what):
    """The reason, trimmed. ValidationError when it says too little."""
    words = words.strip()
    if not REASON[0] <= len(words) <= REASON[1]:
        raise ValidationError(f"请填写{what}（{REASON[0]} 至 {REASON[1]} 字）。")
    return words


def asked_for(report, path, *, by, year, day):
    """The question behind a kept report: the report as it opens, of one place and day."""
    query = QueryDict(f"{report.start}&region={path}")
    return Asked(by, query, year, timezone.localdate(), day=day)


def checked(*, by, rule, place, period):
    """The report, when `by` may file it for `place` now. PermissionDenied or ValidationError in words."""
    report = reports.report_named(rule.report, by)
    if (
        report is None
        or report.draw
        or not holds(by, place.path, P.REPORT_FILE, P.REPORT_EXPORT, *report.permissions)
    ):
        raise PermissionDenied
    if not rule.active or rule.level != place.level or not place.path.startswith(rule.region_path):
        raise ValidationError("这张表现在不要求报送，请刷新页面。")
    if period.start > newest(rule.every, timezone.localdate()).start:
        raise ValidationError(f"{period.label}还没有到报送的时候。")
    return report


def file_report(*, by, rule, place, period, version=0, note="", step=None):
    """File the report of `place` for `period`: keeps the very file and its cells; again: a new version.

    `version` is that of the Filing the user saw, 0 where there was none. A new version of what stands as filed needs
    a note. Returns the Filing.
    """
    report = checked(by=by, rule=rule, place=place, period=period)
    key = {"region_path": place.path, "report": rule.report, "every": rule.every, "start": period.start}
    held = Filing.objects.visible_to(by).filter(**key).first()
    if (held.version if held else 0) != version:
        raise ValidationError(STALE)
    if held and held.state == FilingState.FILED:
        note = reasoned(note, "更正说明")
    today = timezone.localdate()
    asked = asked_for(report, place.path, by=by, year=period.end.year, day=min(today, period.end))
    kept = copies.write(report, asked, step=step)
    try:
        with transaction.atomic():
            return _keep(
                held, kept, key, report, by=by, rule=rule, place=place, period=period, note=note, today=today
            )
    except IntegrityError as error:
        copies.discard(kept)
        raise ValidationError(STALE) from error
    except BaseException:
        copies.discard(kept)
        raise


def _keep(held, kept, key, report, *, by, rule, place, period, note, today):
    due = period.end + timedelta(days=rule.due_days)
    if held is None:
        held = Filing.objects.create(
            **key, unit=reports.unit_name(place), title=report.label(period.end.year), end=period.end, due=due,
            late=max(0, (today - due).days), number=1,
        )  # fmt: skip
        changed = 0
    else:
        last = held.copies.get(number=held.number)
        ours = Filing.objects.visible_to(by).filter(pk=held.pk, version=held.version)
        if not ours.update(
            version=F("version") + 1, number=F("number") + 1, state=FilingState.FILED, reason="",
            returned_at=None, returned_by=None,
        ):  # fmt: skip
            raise ValidationError(STALE)
        held.refresh_from_db()
        changed = sum(1 for _ in copies.differences(last.cells_path, settings.FILES / kept["cells"]))
    FiledCopy.objects.create(filing=held, number=held.number, changed=changed, note=note, by=by, **kept)
    record(
        "report.file", held, by=by, seen=kept["seen"], title=f"{held.unit}{held.title}", item=period.label,
        version=held.number, rows=kept["rows"], sha256=kept["sha256"], note=note, count=changed,
    )  # fmt: skip
    return held


@transaction.atomic
def return_filing(filing, *, by, reason, version):
    """Send a filing back with a reason. ValidationError where somebody was faster."""
    reason = reasoned(reason, "退回原因")
    if not holds(by, filing.region_path, P.REPORT_REVIEW):
        raise PermissionDenied
    rows = Filing.objects.visible_to(by, P.REPORT_REVIEW).filter(
        pk=filing.pk, version=version, state=FilingState.FILED
    )
    now = timezone.now()
    if not rows.update(
        state=FilingState.RETURNED, reason=reason, returned_at=now, returned_by=by, version=F("version") + 1
    ):
        raise ValidationError(STALE)
    record(
        "report.return", filing, by=by, title=f"{filing.unit}{filing.title}", item=filing.period.label,
        version=filing.number, reason=reason,
    )  # fmt: skip


@transaction.atomic
def save_rule(*, by, county, report, every, level, due_days, active, version):
    """Ask the townships of `county` (or itself) for a report, or change what is asked. `version` 0: not asked before."""
    if county.level != Level.COUNTY or not holds(by, county.path, P.REPORT_REVIEW):
        raise PermissionDenied
    values = {"every": every, "level": level, "due_days": due_days, "active": active, "updated_by": by}
    rows = FilingRule.objects.visible_to(by, P.REPORT_REVIEW).filter(region_path=county.path, report=report)
    held = rows.first()
    if (held.version if held else 0) != version:
        raise ValidationError(f"{report} 的报送要求刚被别人改过，请刷新页面看过再改。")
    if held is None:
        if not active:
            return None
        since = timezone.localdate()
        held = FilingRule.objects.create(region_path=county.path, report=report, since=since, **values)
    elif any(getattr(held, name) != value for name, value in values.items() if name != "updated_by"):
        if active and not held.active:
            values["since"] = timezone.localdate()
        if not rows.filter(version=version).update(**values, version=version + 1, updated_at=timezone.now()):
            raise ValidationError(f"{report} 的报送要求刚被别人改过，请刷新页面看过再改。")
    else:
        return held
    record(
        "report.rule", held, by=by, region_path=county.path, report=report, active=active,
        changes=f"{every} {due_days} 日",
    )  # fmt: skip
    return held


# Years


@transaction.atomic
def begin_freeze(*, by, county, year, as_of):
    """Close `year` for `county` from now on; what came out is then kept by the job. Returns the YearFreeze."""
    today = timezone.localdate()
    if county.level != Level.COUNTY or not holds(by, county.path, P.REPORT_REVIEW, P.REPORT_EXPORT):
        raise PermissionDenied
    if as_of.year != year or as_of > today:
        raise ValidationError("截至日期应在数据年度之内，且不晚于今天。")
    if (county.path, year) in frozen_years([county.path]):
        raise ValidationError(f"{year} 年度已经冻结，或正在存档。")
    freeze = YearFreeze.objects.create(
        region_path=county.path, unit=county.short_name, year=year, as_of=as_of, by=by
    )
    record("year.freeze", freeze, by=by, region_path=county.path, year=year, on=str(as_of))
    return freeze


@transaction.atomic
def open_year(freeze, *, by, reason, version):
    """Open a closed year again. Its copies stay; the reports of the year are live from now on."""
    reason = reasoned(reason, "解冻理由")
    if not holds(by, freeze.region_path, P.REPORT_REVIEW):
        raise PermissionDenied
    rows = YearFreeze.objects.visible_to(by, P.REPORT_REVIEW).filter(pk=freeze.pk, version=version)
    if not rows.filter(state__in=CLOSED).update(
        state=FreezeState.OPEN,
        reason=reason,
        opened_by=by,
        opened_at=timezone.now(),
        version=F("version") + 1,
    ):
        raise ValidationError("这个年度刚被别人解冻或重新冻结，请刷新页面看过再办。")
    record("year.open", freeze, by=by, region_path=freeze.region_path, year=freeze.year, reason=reason)
