"""Income of a household by year, the lines that it is made of, and the lines it is measured against."""

from builtins import property as computed  # a column below is called property
from decimal import ROUND_HALF_UP, Decimal

from django.db import models

from fupin.edited import Versioned
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, ancestors_of
from households.models.by_year import ByYear
from households.models.columns import text, yuan

CENT = Decimal("0.01")
EARNED = ("wage", "operating", "property", "transfer")
"""Columns of Income that add up to 年收入 K."""


class IncomeGroup(models.TextChoices):
    WAGE = "L", "工资性收入"
    OPERATING = "M", "生产经营性收入"
    PROPERTY = "N", "财产性收入"
    TRANSFER = "P", "转移性收入"
    EXPENSE = "R", "生产经营性支出"


class Income(models.Model):
    """Income of one household in one data year; yuan for the whole household and the whole period.

    年收入 K = L + M + N + P; 年纯收入 S = K - R, may be negative; per head = S / members at the year's end
    (domain reference 2.7). `persons` is that number of members, fixed with the year's figures. `stated_net` is S
    as a file or a form states it without any part; once a part is there, the parts win.
    """

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="incomes", db_index=False, verbose_name="户"
    )
    year = models.PositiveSmallIntegerField("年度")
    period_start = models.DateField("核算起", null=True, blank=True)
    period_end = models.DateField("核算止", null=True, blank=True)
    wage = yuan("工资性收入（元）")
    operating = yuan("生产经营性收入（元）")
    property = yuan("财产性收入（元）")
    transfer = yuan("转移性收入（元）")
    expense = yuan("生产经营性支出（元）")
    stated_net = yuan("填报纯收入（元）")
    persons = models.PositiveSmallIntegerField("核算人口", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "家庭收入"
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["household", "year"], name="income_year_once")]

    def __str__(self):
        return f"{self.household_id} {self.year}"

    @computed
    def total(self):
        """K, or None when nothing was filled."""
        return total_of(*(getattr(self, name) for name in EARNED))

    @computed
    def net(self):
        """S, or None when nothing was filled."""
        return net_of(*(getattr(self, name) for name in EARNED), self.expense, self.stated_net)

    @computed
    def net_is_stated(self):
        """Whether S is the stated figure, because no part of the income is known."""
        return self.total is None and self.stated_net is not None

    @computed
    def per_capita(self):
        """T in yuan with two places, or None without income or members."""
        return per_head(self.net, self.persons)


def total_of(*parts):
    """Sum of the filled parts, None when none is filled."""
    filled = [part for part in parts if part is not None]
    return sum(filled, Decimal(0)) if filled else None


def net_of(wage, operating, property_, transfer, expense, stated=None):
    """年纯收入: the four incomes less the expense; without any of them what was stated, or None."""
    total = total_of(wage, operating, property_, transfer)
    return stated if total is None else total - (expense or 0)


def per_head(net, persons):
    """Net income per head, rounded half up to the cent; None without income or members."""
    return None if net is None or not persons else (net / persons).quantize(CENT, ROUND_HALF_UP)


class IncomeItemQuerySet(RegionScopedQuerySet):
    permission = "settings_edit"
    _scope = "code table"
    """What counts as income is everybody's to read, as the printed forms are; changing goes through `editable_by`."""

    def visible_to(self, user, permission=None):
        """Items that hold somewhere in the user's places: those below them, and those above that reach down."""
        if not user.is_authenticated:
            return self.none()
        paths = user.paths(permission or self.permission)
        above = {part for path in paths for part in ("", *ancestors_of(path))}
        return self.filter(self.in_paths(paths) | models.Q(region_path__in=above))

    def editable_by(self, user):
        """Items whose whole place lies inside the user's: a county changes its own, never the country's."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(self.in_paths(user.paths(self.permission)))

    def in_force(self, path, year):
        """`[item]` that apply at `path` in data year `year`, one of each code, in order of the form.

        Of two rows with one code the more specific place wins, then the later beginning; one query.
        """
        held = {}
        rows = self.filter(region_path__in=["", *ancestors_of(path)])
        for item in sorted(rows, key=lambda item: (len(item.region_path), item.first_year or 0)):
            if item.holds_in(year):
                held[item.code] = item
        return sorted(held.values(), key=lambda item: ("LMNPR".index(item.group), item.sort, item.code))


class IncomeItem(ByYear, Versioned):
    """A line of income or expense that a county counts; editable, because counties differ (2.7).

    One code may stand in several rows: for the whole country (`region_path` ""), for a county that counts it
    otherwise, and for other years. `IncomeItemQuerySet.in_force` says which one applies.
    """

    code = models.CharField("代码", max_length=10)
    label = models.CharField("项目", max_length=40)
    group = models.CharField("归类", max_length=1, choices=IncomeGroup)
    counted = models.BooleanField("计入收入", default=True)
    sort = models.PositiveSmallIntegerField("排序", default=0)
    region_path = models.CharField("适用区域", max_length=PATH_WIDTH, blank=True)
    first_year = models.PositiveSmallIntegerField("启用年度", null=True, blank=True)
    last_year = models.PositiveSmallIntegerField("停用前最后年度", null=True, blank=True)

    objects = IncomeItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收入项目"
        ordering = ["sort", "code", "region_path", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "region_path", "first_year"],
                name="income_item_once",
                violation_error_message="同一代码、区域和启用年度已有一条。",
            ),
            models.UniqueConstraint(
                fields=["code", "region_path"],
                condition=models.Q(first_year=None),
                name="income_item_once_open",
                violation_error_message="同一代码和区域已有一条不限启用年度的。",
            ),
            models.CheckConstraint(
                name="income_item_years",
                condition=models.Q(first_year=None)
                | models.Q(last_year=None)
                | models.Q(last_year__gte=models.F("first_year")),
                violation_error_message="最后年度不能早于启用年度。",
            ),
        ]

    def __str__(self):
        return self.label


class IncomeLine(models.Model):
    """One line of a household's income of one year, in yuan. `counted` is the item's rule when it was saved: a
    later change of the rule does not change an old year."""

    income = models.ForeignKey(Income, models.CASCADE, related_name="lines", verbose_name="家庭收入")
    item = models.ForeignKey(IncomeItem, models.PROTECT, verbose_name="项目")
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    counted = models.BooleanField("计入收入", default=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "收入明细"
        ordering = ["item__sort"]
        constraints = [models.UniqueConstraint(fields=["income", "item"], name="income_line_once")]

    def __str__(self):
        return f"{self.item_id} {self.amount}"


class LineKind(models.TextChoices):
    NATIONAL = "1", "国定贫困线"
    PROVINCE = "2", "省定贫困线"
    MONITOR = "3", "防返贫监测线"
    STATISTIC = "4", "收入统计线"


class PovertyLine(models.Model):
    """A line in that year's own prices, yuan per person and year. The most specific place wins (3.4, 3.5)."""

    year = models.PositiveSmallIntegerField("年度")
    region_path = models.CharField("适用区域", max_length=14, blank=True)
    kind = models.CharField("类别", max_length=1, choices=LineKind)
    value = models.DecimalField("标准（元）", max_digits=10, decimal_places=2)
    source = text("来源", 120)
    confirmed = models.BooleanField("已核实", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "收入标准线"
        ordering = ["-year", "kind", "region_path"]
        constraints = [
            models.UniqueConstraint(fields=["year", "region_path", "kind"], name="line_once"),
        ]

    def __str__(self):
        return f"{self.year} {self.get_kind_display()} {self.value}"
