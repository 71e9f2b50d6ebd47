"""What projects ask of people: milestones and projects near or past their date."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.inbox.todo import Source, Tally, Todo
from fupin.schedule import SOON_DAYS, Standing
from projects import kept, stats
from projects.filters import due_q, responsible_q
from projects.models import Milestone, Project, milestone_q


def _projects(scope):
    rows = Project.objects.visible_to(scope.user)
    return rows.filter(responsible_q(scope.user)) if scope.mine else rows


def _kept(scope):
    """The kept counts of the whole scope, {} where they are not: of one's own projects, and of several posts, whose
    counts do not add up."""
    paths = scope.user.paths(P.PROJECT_VIEW)
    if scope.mine or len(paths) != 1 or len(paths[0]) > 12:
        return {}
    if "projects" not in scope.held:
        scope.held["projects"] = kept.counts_of(paths[0], today=scope.today)
    return scope.held["projects"]


def _tally(rows, due, over):
    found = rows.aggregate(total=Count("pk", filter=due), late=Count("pk", filter=over))
    return Tally(found["total"], found["late"])


def _address(name, scope, **params):
    return reverse(name) + "?" + urlencode(params | ({"mine": "1"} if scope.mine else {}))


def _milestones(scope):
    """Milestones of the scope that are late or soon due: what `due_q` says, and once more as a range of the index."""
    rows = Milestone.objects.visible_to(scope.user)
    if scope.mine:
        rows = rows.filter(responsible_q(scope.user, "project__"))
    last = scope.today + timedelta(SOON_DAYS["milestone"])
    return rows.filter(due_q("due", scope.today), done_on=None, due__lte=last)


def _count_milestones(scope):
    if counts := _kept(scope):
        late = counts["milestones-over"]
        return Tally(late + counts["milestones-soon"], late)
    return _tally(_milestones(scope), None, milestone_q(Standing.OVER, scope.today))


def milestones(scope, limit):
    rows = _milestones(scope).select_related("project__region")
    edit = scope.user.may(P.PROJECT_PROGRESS)
    return [
        Todo(
            title=f"{row.project}：{row.name}",
            url=reverse("milestone_done", args=[row.pk])
            if edit
            else reverse("project_detail", args=[row.project_id]),
            due=row.due,
            note=row.project.responsible_unit,
            place=str(row.project.region),
            action="填报" if edit else "查看",
        )
        for row in rows.order_by("due", "pk")[:limit]
    ]


def _due_projects(scope):
    """Projects of the scope that are late or soon due, in the same two ways."""
    last = scope.today + timedelta(SOON_DAYS["project"])
    return _projects(scope).filter(stats.condition("due", scope.today), finish_due__lte=last)


def _count_projects(scope):
    if counts := _kept(scope):
        return Tally(counts["due"], counts["over"])
    return _tally(_due_projects(scope), None, stats.condition("over", scope.today))


def projects(scope, limit):
    rows = _due_projects(scope).select_related("region")
    edit = scope.user.may(P.PROJECT_PROGRESS)
    return [
        Todo(
            title=f"{row}　完工",
            url=reverse("project_progress" if edit else "project_detail", args=[row.pk]),
            due=row.finish_end,
            note="" if row.progress is None else f"进度 {row.progress}%",
            place=str(row.region),
            action="填报" if edit else "查看",
        )
        for row in rows.order_by("finish_due", "pk")[:limit]
    ]


SOURCES = [
    Source(
        name="milestones",
        title="项目节点",
        icon="flag",
        permission=P.PROJECT_VIEW,
        items=milestones,
        count=_count_milestones,
        url=lambda scope, late: _address("milestone_list", scope, due="over" if late else "due"),
        unit="个",
        soon=SOON_DAYS["milestone"],
    ),
    Source(
        name="projects",
        title="项目完工",
        icon="tools",
        permission=P.PROJECT_VIEW,
        items=projects,
        count=_count_projects,
        url=lambda scope, late: _address("project_list", scope, figure="over" if late else "due"),
        unit="个",
        soon=SOON_DAYS["project"],
        tile=False,
    ),
]
