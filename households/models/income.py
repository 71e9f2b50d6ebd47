"""Income of a household by year, the lines that it is made of, and the lines it is measured against."""

from builtins import property as computed  # a column below is called property
from decimal import ROUND_HALF_UP, Decimal

from django.db import models

from households.models.columns import text, yuan

CENT = Decimal("0.01")


class IncomeGroup(models.TextChoices):
    WAGE = "L", "工资性收入"
    OPERATING = "M", "生产经营性收入"
    PROPERTY = "N", "财产性收入"
    TRANSFER = "P", "转移性收入"
    EXPENSE = "R", "生产经营性支出"


class Income(models.Model):
    """Income of one household in one data year; yuan for the whole household and the whole period.

    年收入 K = L + M + N + P; 年纯收入 S = K - R, may be negative; per head = S / members at the year's end
    (domain reference 2.7). `persons` is that number of members, fixed with the year's figures.
    """

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="incomes", verbose_name="户"
    )
    year = models.PositiveSmallIntegerField("年度")
    period_start = models.DateField("核算起", null=True, blank=True)
    period_end = models.DateField("核算止", null=True, blank=True)
    wage = yuan("工资性收入（元）")
    operating = yuan("生产经营性收入（元）")
    property = yuan("财产性收入（元）")
    transfer = yuan("转移性收入（元）")
    expense = yuan("生产经营性支出（元）")
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
        return total_of(self.wage, self.operating, self.property, self.transfer)

    @computed
    def net(self):
        """S, or None when nothing was filled."""
        return net_of(self.wage, self.operating, self.property, self.transfer, self.expense)

    @computed
    def per_capita(self):
        """T in yuan with two places, or None without income or members."""
        return per_head(self.net, self.persons)


def total_of(*parts):
    """Sum of the filled parts, None when none is filled."""
    filled = [part for part in parts if part is not None]
    return sum(filled, Decimal(0)) if filled else None


def net_of(wage, operating, property_, transfer, expense):
    """年纯收入: the four incomes less the expense; None when no income was filled."""
    total = total_of(wage, operating, property_, transfer)
    return None if total is None else total - (expense or 0)


def per_head(net, persons):
    """Net income per head, rounded half up to the cent; None without income or members."""
    return None if net is None or not persons else (net / persons).quantize(CENT, ROUND_HALF_UP)


class IncomeItem(models.Model):
    """A line of income or expense that a county counts; editable, because counties differ (2.7)."""

    code = models.CharField("代码", max_length=10, unique=True)
    label = models.CharField("项目", max_length=40)
    group = models.CharField("归类", max_length=1, choices=IncomeGroup)
    counted = models.BooleanField("计入收入", default=True)
    sort = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "收入项目"
        ordering = ["sort", "code"]

    def __str__(self):
        return self.label


class IncomeLine(models.Model):
    """One line of a household's income of one year, in yuan."""

    income = models.ForeignKey(Income, models.CASCADE, related_name="lines", verbose_name="家庭收入")
    item = models.ForeignKey(IncomeItem, models.PROTECT, verbose_name="项目")
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)

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
