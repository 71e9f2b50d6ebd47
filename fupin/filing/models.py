"""What has to be filed and by when, what was filed, and years that are frozen with everything that came out then."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from fupin.accounts.roles import Permission as P
from fupin.crypt import boxes
from fupin.edited import Edited, Versioned
from fupin.filing.periods import Every, Period
from fupin.regions.models import PATH_WIDTH, Level, RegionScopedQuerySet, UniqueAnywhere, ancestors_of


def _who(label, **more):
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label, **more
    )


class ScopedByExport(RegionScopedQuerySet):
    permission = P.REPORT_EXPORT


class CountyQuerySet(ScopedByExport):
    def visible_to(self, user, permission=None):
        """Rows of the user's own counties; without a `permission` also those of the county around a township."""
        if permission or not user.is_authenticated:
            return super().visible_to(user, permission)
        paths = user.paths(self.permission)
        above = {part for path in paths for part in ancestors_of(path)}
        return self.filter(self.in_paths(paths) | Q(region_path__in=above))


class FilingRule(UniqueAnywhere, Edited):
    """A county asks its townships (or itself) for a report. Periods that end before `since` were never asked for."""

    region_path = models.CharField("县", max_length=PATH_WIDTH)
    report = models.CharField("报表", max_length=12)
    every = models.CharField("周期", max_length=10, choices=Every)
    level = models.PositiveSmallIntegerField(
        "报送单位", choices=[(Level.TOWNSHIP, "各乡镇"), (Level.COUNTY, "县")], default=Level.TOWNSHIP
    )
    due_days = models.PositiveSmallIntegerField("期末后几日内报送", default=5)
    since = models.DateField("启用日期")
    active = models.BooleanField("启用", default=True)

    objects = CountyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送要求"
        ordering = ["region_path", "report"]
        constraints = [models.UniqueConstraint(fields=["region_path", "report"], name="filing_rule_once")]

    def __str__(self):
        return f"{self.report} {self.get_every_display()}"


class FilingState(models.TextChoices):
    FILED = "filed", "已报"
    RETURNED = "returned", "退回"


class Filing(UniqueAnywhere, Versioned):
    """What one place filed for one period. No row: 未报. The files are its copies, the newest one counts.

    `unit` is what the place was called then. `late` are the days between the deadline and the first copy.
    """

    uid = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    unit = models.CharField("填报单位", max_length=120)
    report = models.CharField("报表", max_length=12)
    title = models.CharField("报表名称", max_length=80)
    every = models.CharField("周期", max_length=10, choices=Every)
    start = models.DateField("期初")
    end = models.DateField("期末")
    due = models.DateField("截止日期")
    state = models.CharField("状态", max_length=8, choices=FilingState, default=FilingState.FILED)
    late = models.PositiveSmallIntegerField("逾期天数", default=0)
    number = models.PositiveSmallIntegerField("最新版次", default=0)
    reason = models.CharField("退回原因", max_length=300, blank=True)
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    returned_by = _who("退回人", null=True, blank=True)

    objects = ScopedByExport.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送"
        ordering = ["-start", "region_path", "report"]
        constraints = [
            models.UniqueConstraint(fields=["region_path", "report", "every", "start"], name="filing_once")
        ]
        indexes = [models.Index(fields=["start", "region_path"], name="filing_period")]

    def __str__(self):
        return f"{self.unit}{self.title}"

    @property
    def period(self):
        return Period(self.every, self.start, self.end)


class KeptFile(models.Model):
    """A report as it was written: the workbook, and its cells (see `fupin.filing.copies`), both encrypted files.

    `totals` are the figures of its last line by header; nothing of a person.
    """

    file = models.CharField("文件", max_length=120)
    cells = models.CharField("数据", max_length=120)
    name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("摘要", max_length=64)
    size = models.PositiveIntegerField("字节数", default=0)
    rows = models.PositiveIntegerField("行数", default=0)
    totals = models.JSONField("合计", default=dict)
    as_of = models.DateField("截至日期")
    seen = models.TextField("涉及的人", blank=True)

    class Meta:
        abstract = True

    @property
    def path(self):
        return settings.FILES / self.file

    def opened(self):
        """The workbook, as a file."""
        return boxes.opened(self.path)

    @property
    def cells_path(self):
        return settings.FILES / self.cells


class FiledCopy(KeptFile):
    """One version of a filing. `changed`: cells and lines that differ from the version before."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="copies", verbose_name="报送")
    number = models.PositiveSmallIntegerField("版次")
    changed = models.PositiveIntegerField("改动处数", default=0)
    note = models.CharField("更正说明", max_length=300, blank=True)
    by = _who("报送人")
    at = models.DateTimeField("报送时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "报送的版次"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["filing", "number"], name="filed_copy_once")]

    def __str__(self):
        return f"{self.filing_id} 第 {self.number} 版"


class FreezeState(models.TextChoices):
    MAKING = "making", "正在存档"
    FROZEN = "frozen", "已冻结"
    OPEN = "open", "已解冻"
    COUNTING = "counting", "正在计算"
    COUNTED = "counted", "已计算"


CLOSED = (FreezeState.MAKING, FreezeState.FROZEN)
DAYS = (FreezeState.COUNTING, FreezeState.COUNTED)
"""A day that is over and was counted because somebody asked (`fupin.filing.days`): closes nothing, has no reports."""


class YearQuerySet(CountyQuerySet):
    def visible_to(self, user, permission=None):
        """Years; days that were only counted have no page of their own."""
        return super().visible_to(user, permission).exclude(state__in=DAYS)


class YearFreeze(UniqueAnywhere, Versioned):
    """A county's data year, closed. While it is in CLOSED nobody changes a fact of that year.

    `unit` is the county's name then; places of that time stand in FrozenPlace. A day that was only counted (DAYS) is kept
    the same way, without reports.
    """

    uid = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    region_path = models.CharField("县", max_length=PATH_WIDTH)
    unit = models.CharField("单位", max_length=60)
    year = models.PositiveSmallIntegerField("数据年度")
    as_of = models.DateField("截至日期")
    state = models.CharField("状态", max_length=8, choices=FreezeState, default=FreezeState.MAKING)
    job = models.UUIDField("后台任务", null=True, blank=True)
    by = _who("冻结人")
    at = models.DateTimeField("冻结时间", auto_now_add=True)
    left_out = models.JSONField("没有存档的", default=list, editable=False)
    """`[[what, where, why]]` in words: reports that could not be kept."""
    untold = models.JSONField("当时未留存的指标", default=list, editable=False)
    """Keys of figures that nothing told for the day of the freeze."""
    groups = models.JSONField("片区分组", default=list, editable=False)
    """The groups of areas that held then, as the fields of `fupin.board.panels.Group`: each followed by those within it."""
    reason = models.CharField("解冻理由", max_length=300, blank=True)
    opened_by = _who("解冻人", null=True, blank=True)
    opened_at = models.DateTimeField("解冻时间", null=True, blank=True)

    objects = YearQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度快照"
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region_path", "year"],
                condition=Q(state__in=["making", "frozen"]),
                name="one_freeze_a_year",
            ),
            models.UniqueConstraint(
                fields=["region_path", "as_of"], condition=Q(state="counted"), name="one_count_a_day"
            ),
        ]

    @property
    def counted(self):
        """Whether it is a day that was only counted, not a closed year."""
        return self.state in DAYS

    def __str__(self):
        return f"{self.unit} {self.as_of}" if self.counted else f"{self.unit} {self.year} 年度"


class FrozenReport(models.Model):
    """The lines of a report of the catalogue as they came out on the day of the freeze, for a county and every place in it
    (`fupin.filing.packed`): the report of a place is put together from its own lines."""

    freeze = models.ForeignKey(YearFreeze, models.CASCADE, related_name="reports", verbose_name="年度快照")
    report = models.CharField("报表", max_length=12)
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    apart = models.BooleanField("按地方汇总", default=False)
    """Lines are sums: every place has a table of its own."""
    whole = models.BooleanField("不加条件", default=True)
    """False: a table of sums under the conditions that the report opens with. Lines say themselves whether they meet them."""
    cells = models.CharField("数据", max_length=120)
    rows = models.PositiveIntegerField("行数", default=0)
    index = models.JSONField("各地行数", default=dict)
    """`{place: [lines, lines as it opens]}`."""
    said = models.JSONField("口径和条件", default=dict)
    """`{"note": the words under the table, "chips": of the conditions that it opens with}`."""
    seen = models.TextField("涉及的人", blank=True)

    objects = ScopedByExport.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "快照中的报表"
        ordering = ["report", "region_path"]
        constraints = [
            models.UniqueConstraint(
                fields=["freeze", "report", "region_path", "whole"], name="frozen_report_once"
            )
        ]

    def __str__(self):
        return f"{self.report} {self.region_path}"

    @property
    def cells_path(self):
        return settings.FILES / self.cells

    def unit_of(self, path):
        """How a place of the frozen year signs, in the names of then: 炉霍县新都镇昌龙村."""
        parts = [part for part in ancestors_of(path) if len(part) >= 6]
        rows = FrozenPlace.objects.unscoped("frozen").filter(freeze=self.freeze_id, region_path__in=parts)
        names = dict(rows.order_by().values_list("region_path", "name"))
        return "".join(names.get(part, "") for part in parts)


class FrozenRowQuerySet(RegionScopedQuerySet):
    permission = P.HOUSEHOLD_VIEW

    def visible_to(self, user, permission=None):
        """Rows in the user's places; `permission` by what they are rows of. Also those that cover one of the places."""
        if not user.is_authenticated:
            return self.none()
        paths = user.paths(permission or self.permission)
        return self.filter(self._touching(paths))

    def inside(self, *paths):
        """Rows in the places, and those that cover a part of them."""
        return self.filter(self._touching(paths))

    def _touching(self, paths):
        condition = self.in_paths(paths)
        for path in paths:
            condition |= Q(covers__contains=f" {path}")
        return condition

    def counting(self, figure):
        """Rows that the figure counted."""
        return self.filter(figures__contains=f" {figure} ")


class FrozenRow(models.Model):
    """A household or a project of a frozen year as it stood: what it was called, where it lay, which figures it counted
    in (keys between blanks), and the columns that lists are narrowed by.

    A copy of few columns and of no number of a person: the rest of the register stands in the kept reports, masked.
    """

    freeze = models.ForeignKey(
        YearFreeze, models.CASCADE, related_name="rows", db_index=False, verbose_name="年度快照"
    )
    kind = models.CharField("类别", max_length=10)
    key = models.BigIntegerField("原编号")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    covers = models.TextField("覆盖", blank=True)
    """Paths of the places that a project covers, a blank before each."""
    number = models.CharField("编号", max_length=30)
    name = models.CharField("名称", max_length=120)
    size = models.PositiveSmallIntegerField("人口", default=0)
    figures = models.TextField("计入的指标")
    facts = models.JSONField("当时的情况", default=dict)

    objects = FrozenRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "快照中的户和项目"
        ordering = ["region_path", "key"]
        constraints = [
            models.UniqueConstraint(fields=["freeze", "kind", "region_path", "key"], name="frozen_row_once")
        ]

    def __str__(self):
        return self.name


class FrozenPlaceQuerySet(RegionScopedQuerySet):
    permission = P.BOARD_VIEW


class FrozenPlace(models.Model):
    """A place of a frozen year, from the county to the group: its name then, and its figures `{key: [户, 人]}`."""

    freeze = models.ForeignKey(YearFreeze, models.CASCADE, related_name="places", verbose_name="年度快照")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    level = models.PositiveSmallIntegerField("级别", choices=Level)
    name = models.CharField("名称", max_length=60)
    figures = models.JSONField("指标", default=dict)
    named = models.JSONField("列名的户", default=dict, editable=False)
    """`{figure: [[path, key], ...]}`: the rows that the board names, of those that the figure counted."""

    objects = FrozenPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "快照中的地方"
        ordering = ["region_path"]
        constraints = [models.UniqueConstraint(fields=["freeze", "region_path"], name="frozen_place_once")]

    def __str__(self):
        return self.name
