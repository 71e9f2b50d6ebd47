"""One project: where it stands, its milestones, money, villages, households, and what changed."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Sum
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.labels import action_label, detail_lines
from fupin.audit.models import AuditEvent
from fupin.audit.record import name_of
from fupin.schedule import Standing
from projects.models import Beneficiary, FundEntry, Project
from projects.views.lists import address


@dataclass(frozen=True)
class Step:
    """A milestone as drawn: its deadline today, and how early (positive) or late it was done, in days."""

    row: object
    number: int
    deadline: object
    css: str
    early: int | None


@dataclass(frozen=True)
class Money:
    """A fund line, or the sum of all: yuan, and the shares of 下达 in percent (None without 下达)."""

    label: str
    planned: Decimal | None
    allotted: Decimal | None
    paid: Decimal | None
    document: str = ""

    @property
    def left(self):
        """结余: 下达 less 支付."""
        return None if self.planned is None else self.planned - (self.paid or 0)

    @property
    def allotted_share(self):
        return _share(self.allotted, self.planned)

    @property
    def paid_share(self):
        return _share(self.paid, self.planned)

    @property
    def short(self):
        """What of 下达 has not been allotted yet."""
        return None if self.planned is None else self.planned - (self.allotted or 0)


def _share(part, whole):
    return round(100 * (part or 0) / whole) if whole else None


def steps_of(project, today):
    """The milestones with their standing; the first open one is `cur`."""
    found, current = [], False
    for number, row in enumerate(project.milestones.all(), 1):
        due = row.deadline(today)
        css = "done" if row.done_on else "late" if due.standing == Standing.OVER else ""
        if not row.done_on and not current and not project.is_closed:
            current, css = True, css or "cur"
        target = row.target
        early = (target.end - row.done_on).days if row.done_on and target else None
        found.append(
            Step(row, number, due, css + (" slip" if early is not None and early < 0 else ""), early)
        )
    return found


def money_of(project):
    """`([Money by source], total or None)`."""
    lines = [
        Money(line.get_source_display(), line.planned, line.allotted, line.paid, line.document)
        for line in project.funds.all()
    ]
    if not lines:
        return [], None
    sums = {
        name: sum(known)
        if (known := [v for line in lines if (v := getattr(line, name)) is not None])
        else None
        for name in ("planned", "allotted", "paid")
    }
    return lines, Money("合计", **sums)


ENTRIES = 50
"""Entries of funds that a project's page shows, the newest first; the report R13 has all of them."""


@require_GET
@require(P.PROJECT_VIEW)
def project_detail(request, pk):
    today = timezone.localdate()
    rows = Project.objects.visible_to(request.user).select_related(
        "region__parent__parent__parent", "updated_by"
    )
    project = get_object_or_404(rows.prefetch_related("milestones", "funds", "villages__region"), pk=pk)
    for row in project.milestones.all():
        row.project = project
    may_edit, may_step, may_fund = (
        project.open_to(request.user, permission)
        for permission in (P.PROJECT_EDIT, P.PROJECT_PROGRESS, P.FUND_EDIT)
    )
    lines, total = money_of(project)
    booked = FundEntry.objects.filter(line__project=project)
    entries = list(
        booked.select_related("line").order_by(F("on").desc(nulls_last=True), "-pk")[: ENTRIES + 1]
    )
    steps = steps_of(project, today)
    seen = Beneficiary.objects.filter(project=project).visible_to(request.user)
    reached = project.beneficiaries.count()
    households = list(seen.select_related("household__region__parent")[:200])
    return render(request, "projects/project_detail.html", {
        "project": project,
        "crumbs": _crumbs(project),
        "deadline": project.deadline(today),
        "not_started": project.not_started(today),
        "expected": None if project.is_closed else project.expected(today),
        "steps": steps,
        "next": next((step for step in steps if not step.row.done_on), None) if not project.is_closed else None,
        "moves": project.moves.select_related("milestone", "by").order_by("-pk")[:30],
        "lines": lines,
        "total": total,
        "unbalanced": _unbalanced(project, total),
        "villages": project.villages.all(),
        "beneficiaries": households,
        "reached": reached,
        "hidden": reached - seen.count(),
        "household_money": seen.aggregate(sum=Sum("money"))["sum"],
        "household_url": address("household_detail", 0).split("0/") if request.user.may(P.HOUSEHOLD_VIEW) else "",
        "events": _events(request.user, project),
        "entries": entries[:ENTRIES],
        "entry_count": booked.count() if len(entries) > ENTRIES else len(entries),
        "may_fund": may_fund,
        "ledger_url": address("report_detail", "R13") if request.user.may(P.REPORT_EXPORT) else "",
        "may_edit": may_edit,
        "may_step": may_step,
        "may_add": may_edit and request.user.may(P.HOUSEHOLD_VIEW),
    })  # fmt: skip


def _crumbs(project):
    found, region = [], project.region
    while region is not None and region.level >= 3:
        found.append(region)
        region = region.parent if region.level > 3 else None
    return found[::-1]


def _unbalanced(project, total):
    """The difference between 计划总投资 and the sum of 下达, when both are known and disagree."""
    if total is None or total.planned is None or project.investment is None:
        return None
    return project.investment - total.planned or None


def _events(user, project):
    """The trail of this project, for who may read trails: `[(action, event, [(name, text)])]`."""
    if not user.may(P.AUDIT_VIEW):
        return []
    rows = AuditEvent.objects.visible_to(user).filter(target=name_of(project)).select_related("user")
    return [(action_label(event.action), event, detail_lines(event)) for event in rows.order_by("-pk")[:30]]
