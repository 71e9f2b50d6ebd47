"""异议 to the notices of a project (domain reference 4.5)."""

from django.db import models

from fupin.accounts.roles import Permission as P
from fupin.objections.models import Objected

NOTICES = [("before", "拟实施项目公示"), ("done", "竣工公示")]
"""Stages of a notice that have a period (see projects.postings); a 公告 says what was decided."""


class ProjectObjection(Objected):
    """One objection to a notice of a project."""

    SUBJECT, PERMISSION = "project", P.PROJECT_EDIT

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="objections", verbose_name="项目"
    )
    procedure = models.CharField("公示", max_length=12, choices=NOTICES)
