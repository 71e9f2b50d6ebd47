"""What changes projects. Each function is one transaction, with its trail inside."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from fupin import schedule
from fupin.audit.record import record
from projects import codes, kept
from projects.models import (
    Beneficiary,
    FundEntry,
    FundLine,
    Milestone,
    Project,
    ProjectVillage,
    TargetMove,
    flow_problem,
)


class Stale(Exception):
    """Somebody else changed the project since it was read."""


NOT_TRAILED = {"manager_phone", "risk_on", "version", "updated_at", "updated_by", "created_at", "region_path"}


def next_number(year, path):
    """The next free 项目编号 年-县-乡-序号 for a place; 0000 and 000 stand for what is unknown or above."""
    start = f"{year or 0:04}-{path[:6]:0<6}-{path[6:9]:0<3}-"
    taken = (
        Project.objects.unscoped("unique")
        .filter(number__startswith=start)
        .order_by("-number")
        .values_list("number", flat=True)
    )
    serials = [int(number[len(start) :]) for number in taken[:1] if number[len(start) :].isdecimal()]
    return f"{start}{max(serials, default=0) + 1:04}"


def claim(project, *, by):
    """Take the right to write `project` as it was read: one conditional UPDATE on its version.

    Raises Stale when somebody else was faster. Call inside a transaction, before anything is written.
    """
    taken = (
        Project.objects.unscoped("same row")
        .filter(pk=project.pk, version=project.version)
        .update(version=F("version") + 1, updated_by=by, updated_at=timezone.now())
    )
    if not taken:
        raise Stale
    project.version += 1
    project.updated_by = by


@transaction.atomic
def create_project(project, *, villages=(), milestones=(), funds=(), by):
    """Store a new project with its rows. Numbers it where the number is empty."""
    project.updated_by = by
    project.keep()
    if not project.number:
        project.number = next_number(project.year, project.region_path)
    project.full_clean()
    project.save(force_insert=True)
    _set_villages(project, villages)
    for order, milestone in enumerate(milestones):
        milestone.project, milestone.order = project, order
        milestone.save()
    for line in funds:
        line.project = project
        line.save()
    kept.add([project.pk])
    record("project.create", project, by=by, number=project.number)
    return project


@transaction.atomic
def update_project(
    project, *, by, villages=None, milestones=(), funds=(), removed=(), reason="", reasons=None
):
    """Store changes of a project that was read in version `project.version`, with its rows.

    `milestones` in their order: targets of old ones that differ from the stored ones are moves and need
    `reasons[pk]`; `removed` are rows to delete; `reason`: why the planned finish moves.
    Raises Stale, and ValidationError where a reason is missing.
    """
    claim(project, by=by)
    before = Project.objects.unscoped("same row").get(pk=project.pk)
    with kept.counting(project.pk):
        _write(project, before, villages, milestones, funds, removed, reason, reasons or {}, by)
    record(
        "project.update", project, by=by,
        changes=_changes(before, project),
        funds=[_line(line) for line in funds], milestones=[row.name for row in milestones],
    )  # fmt: skip
    return project


def _write(project, before, villages, milestones, funds, removed, reason, reasons, by):
    project.keep()
    project.full_clean(exclude=["number"])
    if (before.finish_text, before.finish_end) != (
        project.finish_text,
        project.finish_end,
    ) and before.finish_end:
        _moved(project, None, schedule.target_of(before, "finish"), _finish(project), reason=reason, by=by)
    project.save()
    if villages is not None:
        _set_villages(project, villages)
    for row in removed:
        if isinstance(row, FundLine) and row.entries.exists():
            raise ValidationError(f"“{row}”有资金流水，请先在项目页移除流水，再删除这一行。")
        record("project.row.remove", project, by=by, row=f"{row._meta.verbose_name}：{row}")
        row.delete()
    for order, milestone in enumerate(milestones):
        milestone.project, milestone.order = project, order
        _save_milestone(milestone, reason=reasons.get(milestone.pk, ""), by=by)
    for line in funds:
        line.project = project
        line.save()


def _finish(project):
    return schedule.Target(
        project.finish_text, end=project.finish_end, precision=project.finish_precision or None
    )


def _changes(before, after):
    """`{column: [old, new]}` of the project's own columns as words; personal ones are left out."""
    found = {}
    for column in Project._meta.concrete_fields:
        old, new = getattr(before, column.attname), getattr(after, column.attname)
        if column.name not in NOT_TRAILED and old != new:
            labels = dict(column.flatchoices)
            found[column.name] = [
                "" if value is None else str(labels.get(value, value)) for value in (old, new)
            ]
    return found


def _line(line):
    sums = [("下达", line.planned), ("拨付", line.allotted), ("支付", line.paid)]
    known = [f"{label} {value}" for label, value in sums if value is not None]
    return f"{line.get_source_display()}：{'，'.join(known) or '金额未知'}"


def _set_villages(project, regions):
    wanted = {region.pk: region for region in regions}
    project.villages.exclude(region__in=wanted).delete()
    held = set(project.villages.values_list("region", flat=True))
    ProjectVillage.objects.bulk_create(
        ProjectVillage(project=project, region=region, region_path=region.path)
        for pk, region in wanted.items()
        if pk not in held
    )


def _save_milestone(milestone, *, reason, by):
    """Save a row of the edit page. Its `planned` of an old milestone with a date is never overwritten."""
    old = Milestone.objects.unscoped("hanging").filter(pk=milestone.pk).first() if milestone.pk else None
    if old is not None and (old.revised_text, old.revised_end) != (
        milestone.revised_text,
        milestone.revised_end,
    ):
        _moved(milestone.project, milestone, old.target, milestone.target, reason=reason, by=by)
    milestone.save()


def _moved(project, milestone, before, after, *, reason, by):
    if not reason.strip():
        raise ValidationError("调整时限须写明原因。", code="reason")
    TargetMove.objects.create(
        project=project, milestone=milestone,
        before_text=before.text if before else "", before_end=before.end if before else None,
        after_text=after.text if after else "", after_end=after.end if after else None,
        reason=reason.strip(), by=by,
    )  # fmt: skip
    record(
        "project.target.move", project, by=by,
        milestone=milestone.name if milestone else "计划完工",
        before=before.text if before else "", after=after.text if after else "", reason=reason.strip(),
    )  # fmt: skip


@transaction.atomic
def move_milestone(milestone, *, target, reason, by):
    """Give a milestone another date. The planned one stays, and the move is kept with its reason."""
    claim(milestone.project, by=by)
    _moved(milestone.project, milestone, milestone.target, target, reason=reason, by=by)
    name = "revised" if milestone.planned_end else "planned"
    for column, value in schedule.columns(target, name).items():
        setattr(milestone, column, value)
    with kept.counting(milestone.project_id):
        milestone.save()


@transaction.atomic
def finish_milestone(milestone, *, on, by, note=""):
    """Mark a milestone as done on a day."""
    claim(milestone.project, by=by)
    milestone.done_on = on
    milestone.note = note or milestone.note
    with kept.counting(milestone.project_id):
        milestone.save()
    record("project.milestone.done", milestone.project, by=by, milestone=milestone.name, on=on.isoformat())


@transaction.atomic
def report_progress(project, *, by, note=""):
    """Store progress, state and actual dates set on `project`."""
    claim(project, by=by)
    before = Project.objects.unscoped("same row").get(pk=project.pk)
    if project.state not in (codes.State.STOPPED, *codes.NOT_YET):
        project.blocked_reason = ""
    project.keep()
    project.full_clean(exclude=["number"])
    with kept.counting(project.pk):
        project.save()
    record("project.progress", project, by=by, changes=_changes(before, project), note=note)


@transaction.atomic
def block(project, *, reason, by):
    """Say why a project stands still (停滞), or why it has not begun: a project in preparation keeps its state."""
    claim(project, by=by)
    before = project.state
    if project.state not in codes.NOT_YET:
        project.state = codes.State.STOPPED
    project.blocked_reason = reason.strip()
    project.keep()
    project.full_clean(exclude=["number"])
    with kept.counting(project.pk):
        project.save()
    record("project.block", project, by=by, reason=project.blocked_reason, before=before, after=project.state)


@transaction.atomic
def unblock(project, *, by):
    """The obstacle is gone: a stopped project works again."""
    claim(project, by=by)
    reason, project.blocked_reason = project.blocked_reason, ""
    if project.state == codes.State.STOPPED:
        project.state = codes.State.WORKING
    project.keep()
    with kept.counting(project.pk):
        project.save()
    record("project.unblock", project, by=by, reason=reason)


@transaction.atomic
def add_beneficiary(beneficiary, *, by):
    """Add a household to a project. The household was fetched through `visible_to`."""
    beneficiary.by = by
    beneficiary.full_clean()
    beneficiary.save(force_insert=True)
    record(
        "project.beneficiary.add", beneficiary.project, by=by,
        household=beneficiary.household_id, item=beneficiary.item,
        money=None if beneficiary.money is None else str(beneficiary.money),
    )  # fmt: skip
    return beneficiary


@transaction.atomic
def remove_beneficiary(beneficiary: Beneficiary, *, by):
    """Take a household out again; the trail keeps what it had."""
    record(
        "project.beneficiary.remove", beneficiary.project, by=by,
        household=beneficiary.household_id, item=beneficiary.item,
        money=None if beneficiary.money is None else str(beneficiary.money),
    )  # fmt: skip
    beneficiary.delete()


OPENING = "登记流水前的合计"


@transaction.atomic
def add_fund_entry(project, entry, *, source, by):
    """Book an entry (a FundEntry without its line) of `source`, on the project as it was read.

    A sum that was typed before its first entry stays as an opening entry. Raises Stale, and ValidationError where the
    money would not flow downwards any more.
    """
    claim(project, by=by)
    with kept.counting(project.pk):
        line = FundLine.objects.get_or_create(project=project, source=source)[0]
        typed = getattr(line, codes.PARTS[entry.kind])
        if typed and not line.entries.filter(kind=entry.kind).exists():
            FundEntry.objects.create(
                line=line, kind=entry.kind, amount=typed, summary=OPENING, opening=True, by=by
            )
        entry.line, entry.by = line, by
        entry.full_clean()
        entry.save(force_insert=True)
        _settle(line)
    record("fund.add", project, by=by, **_booked(entry))
    return entry


@transaction.atomic
def remove_fund_entry(entry, *, by):
    """Take an entry out again; the trail keeps what it said. Its project was read with it, in the version that counts."""
    project = entry.line.project
    claim(project, by=by)
    with kept.counting(project.pk):
        said = _booked(entry)
        entry.delete()
        _settle(entry.line, entry.kind)
    record("fund.remove", project, by=by, **said)


def _booked(entry):
    return {
        "source": entry.line.get_source_display(), "kind": entry.get_kind_display(), "money": str(entry.amount),
        "on": entry.on and entry.on.isoformat(), "document": entry.document, "note": entry.summary,
    }  # fmt: skip


def _settle(line, emptied=""):
    """Make the sums of a line those of its entries; the step `emptied` has lost one and may have none left."""
    sums = {}  # added up here: SQLite would add them as floats
    for step, amount in line.entries.order_by().values_list("kind", "amount"):
        sums[step] = sums.get(step, 0) + amount
    for step, part in codes.PARTS.items():
        if step in sums or step == emptied:
            setattr(line, part, sums.get(step))
    after = {part: getattr(line, part) for part in codes.PARTS.values()}
    if emptied and emptied not in sums:
        after[codes.PARTS[emptied]] = Decimal(0)  # nobody takes the ground from under what was paid
    problem = flow_problem(line.source, after)
    if problem:
        raise ValidationError(f"{problem}。请核对金额。")
    line.save()
