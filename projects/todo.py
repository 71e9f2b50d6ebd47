"""What projects ask of people: milestones and projects near or past their date."""

from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from fupin.accounts.roles import Permission as P
from fupin.inbox.todo import Source, Tally, Todo
from fupin.schedule import SOON_DAYS, Standing
from projects import stats
from projects.filters import due_q, responsible_q
from projects.models import Milestone, Project, milestone_q, standing_q


def _projects(scope):
    rows = Project.objects.visible_to(scope.user)
    return rows.filter(responsible_q(scope.user)) if scope.mine else rows


def _tally(rows, due, over):
    found = rows.aggregate(total=Count("pk", filter=due), late=Count("pk", filter=over))
    return Tally(found["total"], found["late"])


def _address(name, scope, **params):
    return reverse(name) + "?" + urlencode(params | ({"mine": "1"} if scope.mine else {}))


def _milestones(scope):
    return Milestone.objects.filter(project__in=_projects(scope))


def milestones(scope, limit):
    rows = _milestones(scope).filter(due_q("due", scope.today)).select_related("project__region")
    edit = scope.user.may(P.PROJECT_EDIT)
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


def projects(scope, limit):
    rows = _projects(scope).filter(stats.condition("due", scope.today)).select_related("region")
    edit = scope.user.may(P.PROJECT_EDIT)
    return [
        Todo(
            title=f"{row}　完工",
            url=reverse("project_progress" if edit else "project_detail", args=[row.pk]),
            due=row.finish_end,
            note="" if row.progress is None else f"进度 {row.progress}%",
            place=str(row.region),
            action="填报" if edit else "查看",
        )
        for row in rows.order_by("finish_end", "pk")[:limit]
    ]


SOURCES = [
    Source(
        name="milestones",
        title="项目节点",
        icon="flag",
        permission=P.PROJECT_VIEW,
        items=milestones,
        count=lambda scope: _tally(
            _milestones(scope), due_q("due", scope.today), milestone_q(Standing.OVER, scope.today)
        ),
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
        count=lambda scope: _tally(
            _projects(scope), stats.condition("due", scope.today), standing_q(Standing.OVER, scope.today)
        ),
        url=lambda scope, late: _address("project_list", scope, figure="over" if late else "due"),
        unit="个",
        soon=SOON_DAYS["project"],
        tile=False,
    ),
]
