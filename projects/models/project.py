"""The project: works or help with a quantity, places, dates, units in charge and a state."""

import re

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, When

from fupin import schedule
from fupin.accounts.roles import Permission as P
from fupin.crypt.rows import SealedModel
from fupin.edited import Edited
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from projects import codes
from projects.models.columns import amount, day, secret, text, whole, yuan

SOON = schedule.SOON_DAYS["project"]


UNITS = ("lead_unit", "responsible_unit")
BETWEEN = ("、", "，", ",", "；", " ")
"""What stands between the names of several units in one field."""
_BETWEEN = re.compile("[" + "".join(BETWEEN) + "]")


def named(unit):
    """A condition: `unit` leads the project or answers for it, alone or among others. Whole names: a unit whose name is
    part of another's does not see the other's projects."""
    condition = Q()
    for field in UNITS:
        condition |= Q(**{field: unit})
        for mark in BETWEEN:
            condition |= Q(**{f"{field}__startswith": unit + mark}) | Q(**{f"{field}__endswith": mark + unit})
            condition |= Q(**{f"{field}__contains": mark + unit + mark})
    return condition


class ProjectQuerySet(RegionScopedQuerySet):
    permission = P.PROJECT_VIEW

    def visible_to(self, user, permission=None):
        """Projects whose place the user sees; for viewing also those that cover one of the user's villages."""
        if not user.is_authenticated:
            return self.none()
        permission = permission or P.PROJECT_VIEW
        place = self.touching if permission == P.PROJECT_VIEW else self.in_paths
        condition = place(user.paths(permission))
        for unit, path in user.units(permission):
            condition |= place([path]) & named(unit)
        return self.filter(condition)

    def touching(self, paths):
        """A condition: placed under any of `paths`, or covering a village there."""
        if not all(paths) or not paths:  # the whole country, or nothing
            return self.in_paths(paths)
        villages = ProjectVillage.objects.filter(project=OuterRef("pk"))
        return self.in_paths(paths) | Exists(villages.filter(RegionScopedQuerySet.in_paths(villages, paths)))

    def covering(self, region):
        """Projects placed in `region` (a Region or a path) or covering a village in it."""
        return self.filter(self.touching([getattr(region, "path", region)]))

    def standing(self, standing, today):
        """Projects whose planned finish stands so on `today`."""
        return self.filter(standing_q(standing, today))

    def with_funds(self):
        """Adds planned, allotted and paid (yuan; None where no line says so) over the fund lines."""
        lines = self.model._meta.get_field("funds").related_model.objects.filter(project=OuterRef("pk"))
        total = lines.order_by().values("project")
        return self.annotate(
            planned=Subquery(total.annotate(sum=Sum("planned")).values("sum")),
            allotted=Subquery(total.annotate(sum=Sum("allotted")).values("sum")),
            paid=Subquery(total.annotate(sum=Sum("paid")).values("sum")),
        )


def begins_on(row):
    """The day from which progress is expected of a row with the columns of Project."""
    start = schedule.target_of(row, "start")
    return row.started_on or (start.start if start else None)


class Project(UniqueAnywhere, SealedModel, Edited):
    """One project of a year. Quantities, money and dates that the source lacks are NULL."""

    number = models.CharField("项目编号", max_length=30, unique=True)
    year = models.PositiveSmallIntegerField("项目年度", null=True, blank=True)
    name = models.CharField("项目名称", max_length=120)
    category = models.CharField("项目类别", max_length=4, choices=codes.CATEGORY_CHOICES)
    subcategory = text("三级类别", 40)
    nature = models.CharField("建设性质", max_length=1, choices=codes.Nature, blank=True)
    state = models.CharField("项目状态", max_length=2, choices=codes.State, default=codes.State.PLANNED)
    lead_unit = text("牵头单位", 80)
    responsible_unit = text("责任单位", 80)
    contractor = text("施工单位", 80)
    manager = text("项目负责人", 40)
    manager_phone = secret("联系电话", 20)
    region = models.ForeignKey(
        "regions.Region", models.PROTECT, related_name="projects", verbose_name="建设地点"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    place = text("详细地址")
    content = models.TextField("建设规模及内容", blank=True)
    quantity = amount("数量")
    quantity_done = amount("已完成数量")
    unit = text("计量单位", 10)
    start_text = text("计划开工", 30)
    start_end = day("计划开工到期日")
    start_precision = text("计划开工精度", 8)
    finish_text = text("计划完工", 30)
    finish_end = day("计划完工到期日")
    finish_precision = text("计划完工精度", 8)
    finish_due = models.GeneratedField(
        expression=Case(When(~Q(state__in=codes.CLOSED), then=F("finish_end"))),
        output_field=models.DateField("未完工项目的完工到期日", null=True),
        db_persist=True,
    )
    """The planned finish while it is owed. Computed by the database."""
    started_on = day("实际开工")
    finished_on = day("实际完工")
    accepted_on = day("验收日期")
    settled_on = day("结算日期")
    progress = models.PositiveSmallIntegerField("形象进度（%）", null=True, blank=True)
    blocked_reason = text("阻工（未开工）原因", 300)
    investment = yuan("计划总投资（元）")
    benefit_households = whole("受益户数")
    benefit_persons = whole("受益人数")
    benefit_out_households = whole("其中脱贫户")
    benefit_out_persons = whole("其中脱贫人口")
    benefit_watched_households = whole("其中监测户")
    benefit_watched_persons = whole("其中监测人口")
    benefit_other_households = whole("其中一般户")
    benefit_other_persons = whole("其中一般人口")
    gain = yuan("预计人均增收（元/年）")
    source = text("资料来源", 60)
    remark = models.TextField("备注", blank=True)
    risk_on = models.DateField("进度落后起始日", null=True, editable=False)
    """The first day on which the progress is behind the calendar: kept by `keep`, read by `standing_q`."""

    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ["finish_end", "pk"]
        indexes = [
            models.Index(fields=["region_path", "finish_end"], name="project_place"),
            models.Index(fields=["state", "finish_end"], name="project_state"),
            models.Index(fields=["year", "category"], name="project_year"),
            # The longest overdue are its start, read in order.
            models.Index(
                fields=["finish_due", "id"], name="project_due", condition=Q(finish_due__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="project_progress_percent",
                condition=Q(progress=None) | Q(progress__lte=100),
                violation_error_message="形象进度应为 0 至 100。",
            ),
            models.CheckConstraint(
                name="project_finish_after_start",
                condition=Q(started_on=None) | Q(finished_on=None) | Q(finished_on__gte=F("started_on")),
                violation_error_message="实际完工不能早于实际开工。",
            ),
            models.CheckConstraint(
                name="project_finished_state",
                condition=Q(finished_on=None) | Q(state__in=codes.CLOSED),
                violation_error_message="已填实际完工日期，项目状态应为完工或以后。",
            ),
            models.CheckConstraint(
                name="project_stopped_says_why",
                condition=~Q(state=codes.State.STOPPED) | ~Q(blocked_reason=""),
                violation_error_message="停滞的项目须写明原因。",
            ),
            models.CheckConstraint(
                name="project_investment_positive",
                condition=Q(investment=None) | Q(investment__gte=0),
                violation_error_message="计划总投资不能为负。",
            ),
        ]

    def __str__(self):
        return self.name

    def keep(self):
        """Set the columns that follow from others. Call before every save, also in bulk."""
        self.region_path = self.region.path
        self.risk_on = schedule.risk_from(self.begins_on, self.finish_end, self.progress)
        return self

    def open_to(self, user, permission):
        """Whether `user` may do `permission` with this project: what `visible_to` says of a row at hand."""
        if any(self.region_path.startswith(path) for path in user.paths(permission)):
            return True
        units = {unit for field in UNITS for unit in _BETWEEN.split(getattr(self, field))}
        return any(
            unit in units | {self.lead_unit, self.responsible_unit} and self.region_path.startswith(path)
            for unit, path in user.units(permission)
        )

    @property
    def begins_on(self):
        """The day from which progress is expected: the actual start, else the planned one."""
        return begins_on(self)

    @property
    def is_closed(self):
        return self.state in codes.CLOSED

    @property
    def category_label(self):
        return codes.category_path(self.category)

    def not_started(self, today):
        """未开工: past the planned start, and nothing says that it started."""
        return (
            self.state in codes.NOT_YET
            and self.started_on is None
            and self.start_end is not None
            and self.start_end < today
        )

    def deadline(self, today):
        """How the planned finish stands on `today`: a schedule.Deadline."""
        closed = self.get_state_display() if self.is_closed else ""
        return schedule.deadline(
            self.finish_end, today, done_on=self.finished_on, closed=closed, soon=SOON,
            start=self.begins_on, progress=self.progress,
        )  # fmt: skip

    def expected(self, today):
        """The share of the calendar (0..100) that has passed on `today`, or None without both dates."""
        start, end = self.begins_on, self.finish_end
        if start is None or end is None or end <= start:
            return None
        return max(0, min(100, round(100 * (today - start).days / (end - start).days)))


def standing_q(standing, today):
    """`Project.deadline(today).standing == standing` as a condition."""
    done = Q(state__in=codes.CLOSED)
    return schedule.standing_q("finish_end", today, standing, soon=SOON, done=done, risk="risk_on")


class ProjectVillage(UniqueAnywhere):
    """A village that a project covers."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="villages", verbose_name="项目")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="覆盖村")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)

    objects = RegionScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "覆盖村"
        ordering = ["region_path"]
        constraints = [models.UniqueConstraint(fields=["project", "region"], name="project_village_once")]
        indexes = [models.Index(fields=["region_path", "project"], name="project_village_place")]

    def __str__(self):
        return str(self.region)
