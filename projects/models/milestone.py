"""Milestones of a project. The planned date is the baseline and never changes; moving it is a row of its own."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from fupin import schedule
from fupin.regions.models import ScopedQuerySet, UniqueAnywhere
from projects import codes
from projects.models.columns import day, text
from projects.models.project import Project

SOON = schedule.SOON_DAYS["milestone"]


class MilestoneQuerySet(ScopedQuerySet):
    def visible_to(self, user, permission=None):
        """Milestones of the projects that the user may see (or do `permission` with). Asked row by row: the first few in
        order of their dates are found without reading the others."""
        return self.filter(
            Exists(Project.objects.visible_to(user, permission).filter(pk=OuterRef("project")))
        )

    def standing(self, standing, today):
        """Milestones that stand so on `today`; those of a closed project are not due."""
        return self.filter(milestone_q(standing, today))


class Milestone(UniqueAnywhere):
    """One step with its date: planned as first set, revised if it was moved, and when it was done."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones", verbose_name="项目")
    order = models.PositiveSmallIntegerField("次序", default=0)
    name = models.CharField("节点", max_length=80)
    planned_text = text("计划时限", 30)
    planned_end = day("计划到期日")
    planned_precision = text("计划时限精度", 8)
    revised_text = text("调整时限", 30)
    revised_end = day("调整到期日")
    revised_precision = text("调整时限精度", 8)
    due = models.GeneratedField(
        expression=Coalesce(F("revised_end"), F("planned_end")),
        output_field=models.DateField("到期日", null=True),
        db_persist=True,
    )
    """The date that counts: the revised one where there is one. Computed by the database."""
    done_on = day("实际完成")
    note = text("说明", 200)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进度节点"
        ordering = ["order", "pk"]
        indexes = [
            models.Index(fields=["project", "order"], name="milestone_project"),
            models.Index(fields=["due"], name="milestone_open", condition=Q(done_on=None)),
        ]

    def __str__(self):
        return self.name

    @property
    def target(self):
        """The Target that counts, or None."""
        return schedule.target_of(self, "revised") or schedule.target_of(self, "planned")

    @property
    def target_text(self):
        """The target as typed, also where no date was understood."""
        return self.revised_text or self.planned_text

    def deadline(self, today):
        """How the milestone stands on `today`: a schedule.Deadline. Reads `project`."""
        closed = self.project.get_state_display() if self.project.is_closed else ""
        target = self.target
        return schedule.deadline(
            target.end if target else None, today, done_on=self.done_on, closed=closed, soon=SOON
        )


def milestone_q(standing, today):
    """`Milestone.deadline(today).standing == standing` as a condition."""
    done = Q(done_on__isnull=False) | Q(project__state__in=codes.CLOSED)
    return schedule.standing_q("due", today, standing, soon=SOON, done=done)


class TargetMove(models.Model):
    """A target that was moved: the old one, the new one, and why. Never edited.

    `milestone` is None where the planned finish of the project itself moved.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="moves", verbose_name="项目")
    milestone = models.ForeignKey(
        Milestone, models.CASCADE, null=True, related_name="moves", verbose_name="节点"
    )
    before_text = text("原时限", 30)
    before_end = day("原到期日")
    after_text = text("新时限", 30)
    after_end = day("新到期日")
    reason = models.CharField("原因", max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "时限调整"
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.before_text} → {self.after_text}"


class ProgressChange(models.Model):
    """What the progress and the state of a project were until they changed. Written by `projects.kept.counting`, through which
    every change of a stored project goes, so that a past day is known by the first change after it. Never edited."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="progress_changes", verbose_name="项目")
    progress = models.PositiveSmallIntegerField("原形象进度（%）", null=True)
    state = models.CharField("原状态", max_length=2)
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "进度变更"
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.project_id} {self.progress} {self.state}"
