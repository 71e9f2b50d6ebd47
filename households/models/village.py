"""The village by year: every figure of the village plan and the work-team report, and what it lacks."""

from django.db import models

from fupin.edited import Edited
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from households import codes
from households.models.columns import area, flag, text, whole


class VillageQuerySet(RegionScopedQuerySet):
    permission = "village_view"


class VillageProfile(UniqueAnywhere, Edited):
    """One village in one data year. NULL is unknown (原文缺失 or 未填), 0 is a real zero.

    贫困发生率, 人均耕地 and every other rate is computed, never stored. Religion is held here in sum only,
    never about a person.
    """

    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="profiles", verbose_name="村")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    year = models.PositiveSmallIntegerField("数据年度")
    location = text("方位", 120)
    borders = text("四至", 200)
    terrain = text("地形地质", 120)
    water_resource = text("水资源", 120)
    distance_county = models.DecimalField(
        "距县城（公里）", max_digits=6, decimal_places=1, null=True, blank=True
    )
    area_mu = area("总面积（亩）")
    groups = whole("村民小组（个）")
    households = whole("总户数（户）")
    population = whole("总人口（人）")
    labour = whole("劳动力（人）")
    migrant = whole("外出务工（人）")
    poor_households = whole("建档立卡户（户）")
    poor_population = whole("建档立卡人口（人）")
    monitored_households = whole("监测户（户）")
    monitored_population = whole("监测人口（人）")
    dibao_households = whole("低保户（户）")
    dibao_population = whole("低保人口（人）")
    tekun_population = whole("特困人员（人）")
    disabled_population = whole("残疾人（人）")
    pension_received = whole("享受养老保险（人）")
    pension_joined = whole("参加新农保（人）")
    medical_joined = whole("参加新农合（人）")
    students = whole("学生（人）")
    students_college = whole("大中专学生（人）")
    students_middle = whole("中学生（人）")
    students_primary = whole("小学生（人）")
    party_members = whole("党员（人）")
    party_probationary = whole("预备党员（人）")
    party_activists = whole("入党积极分子（人）")
    sanlao = whole("三老干部（人）")
    clergy = whole("僧侣（人）")
    nuns = whole("尼姑（人）")
    lamas = whole("喇嘛（人）")
    cadres = whole("村组干部（人）")
    relocated_households = whole("易地搬迁户（户）")
    farmland = area("耕地（亩）")
    irrigated = area("有效灌溉（亩）")
    forest = area("林地（亩）")
    enterprises = whole("工业企业（家）")
    schools = whole("小学（所）")
    clinics = whole("卫生所（个）")
    roads = whole("公路（条）")
    collective_income = models.DecimalField(
        "村集体经济收入（元）", max_digits=14, decimal_places=2, null=True, blank=True
    )
    per_capita_income = models.DecimalField(
        "农民人均纯收入（元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    road_paved = flag("通沥青（水泥）路")
    power_living = flag("通生活用电")
    power_villages = whole("通生产用电自然村（个）")
    bus = flag("通客运班车")
    broadband = flag("通宽带")
    is_poor_village = flag("贫困村（脱贫村）")
    exit_year = models.PositiveSmallIntegerField("出列年度", null=True, blank=True)
    helping_unit = text("帮扶单位", 80)
    first_secretary = text("第一书记", 40)
    programmes = text("项目标签", 80)
    note = models.TextField("说明", blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "村情"
        ordering = ["region_path", "-year"]
        constraints = [models.UniqueConstraint(fields=["region", "year"], name="profile_year_once")]
        indexes = [models.Index(fields=["region_path", "year"], name="profile_place")]

    def __str__(self):
        return f"{self.region} {self.year}"


class VillageCause(models.Model):
    """Why a village is poor: coded where a code fits, with the words of the plan."""

    profile = models.ForeignKey(VillageProfile, models.CASCADE, related_name="causes", verbose_name="村情")
    order = models.PositiveSmallIntegerField("次序", default=0)
    codes = models.CharField("致贫原因", max_length=30, blank=True)
    text = models.CharField("说明", max_length=300)

    class Meta:
        verbose_name = verbose_name_plural = "村级致贫原因"
        ordering = ["order", "pk"]

    def __str__(self):
        return self.text


class VillageNeed(models.Model):
    """A difficulty that a village needs solved."""

    class State(models.TextChoices):
        OPEN = "1", "待解决"
        PLANNED = "2", "已列计划"
        SOLVED = "3", "已解决"

    profile = models.ForeignKey(VillageProfile, models.CASCADE, related_name="needs", verbose_name="村情")
    order = models.PositiveSmallIntegerField("次序", default=0)
    kind = models.CharField("类别", max_length=1, choices=codes.Need, default="9")
    text = models.CharField("内容", max_length=300)
    state = models.CharField("状态", max_length=1, choices=State, default=State.OPEN)

    class Meta:
        verbose_name = verbose_name_plural = "急需解决的困难"
        ordering = ["order", "pk"]

    def __str__(self):
        return self.text


class VillageIndustry(models.Model):
    """What a village grows or makes; the area may be "more than a hundred" (approx)."""

    profile = models.ForeignKey(
        VillageProfile, models.CASCADE, related_name="industries", verbose_name="村情"
    )
    name = models.CharField("产业", max_length=60)
    area_mu = area("面积（亩）")
    approx = models.BooleanField("约数", default=False)
    text = text("原文", 120)

    class Meta:
        verbose_name = verbose_name_plural = "村特色产业"
        ordering = ["pk"]

    def __str__(self):
        return self.name
