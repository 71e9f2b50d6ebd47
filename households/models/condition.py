"""Living and production conditions of a household, by year."""

from django.db import models
from django.db.models import Q

from fupin.crypt.rows import SealedModel, SealedQuerySet
from households import codes
from households.models.columns import area, calendar_year, code, flag, secret_note, text, yuan
from households.models.columns import codes as several


class Condition(SealedModel):
    """Living and production conditions of a household in one data year (H26 to H49)."""

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="conditions", db_index=False, verbose_name="户"
    )
    year = models.PositiveSmallIntegerField("年度")
    residence = code("住所类型", codes.Residence)
    farmland = area("耕地面积（亩）")
    irrigated = area("有效灌溉面积（亩）")
    forest = area("林地面积（亩）")
    returned_forest = area("退耕还林面积（亩）")
    orchard = area("林果面积（亩）")
    pasture = area("牧草地面积（亩）")
    water_surface = area("水面面积（亩）")
    power_living = flag("通生活用电")
    power_production = flag("通生产用电")
    broadcast = flag("通广播电视")
    water_difficult = flag("饮水困难")
    water_safe = flag("有安全饮用水")
    water_solved = flag("已解决安全饮用水")
    water_kind = code("饮水类型", codes.WaterKind)
    road_distance = area("与村主干路距离（公里）")
    road_kind = code("入户路类型", codes.RoadKind)
    house_area = area("住房面积（㎡）")
    structure = code("住房结构", codes.Structure)
    dangerous = flag("是否危房")
    danger_level = code("危房等级", codes.DangerLevel)
    renovation_year = calendar_year("住房改造年度")
    renovation_subsidy = yuan("住房改造补助（元）")
    toilet = flag("有卫生厕所")
    fuel = code("主要燃料类型", codes.Fuel)
    cooperative = flag("加入农民专业合作社")
    cooperative_name = text("合作社名称", 60)
    enterprise_led = flag("有龙头企业带动")
    enterprise_name = text("龙头企业名称", 60)
    leader_led = flag("有创业致富带头人带动")
    leader_name = text("致富带头人姓名", 40)
    dibao = flag("享受低保政策")
    tekun = flag("享受特困供养政策")
    guarantees = several("兜底类型")
    self_paid_medical = yuan("合规自付医疗支出（元）")
    collector = text("信息采集人", 40)
    collected_on = models.DateField("采集时间", null=True, blank=True)
    signed = flag("户主已签字")
    note = secret_note("年度备注", 200)
    # The year's own value of what the household row holds as of its newest year; `actions.register` writes both.
    legacy_attribute = code("贫困户属性", codes.LegacyAttribute)
    not_exit_reason = code("未脱贫原因", codes.NotExitReason)
    bottom_line = flag("整户无劳动力兜底保障户")
    needs = models.CharField("帮扶需求", max_length=30, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "生产生活条件"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["household", "year"], name="condition_year_once"),
            models.CheckConstraint(
                name="condition_irrigated_within_farmland",
                condition=Q(irrigated=None) | Q(farmland=None) | Q(irrigated__lte=models.F("farmland")),
                violation_error_message="有效灌溉面积不能大于耕地面积。",
            ),
        ]

    def __str__(self):
        return f"{self.household_id} {self.year}"
