"""The household: who it is, where it stands on each axis, and its target date.

户类型 is not one field but six axes (domain reference 2.2). What changes by year (conditions, income, causes)
has tables of its own. The last block of columns is kept: derived from those tables by `households.kept` in the
same transaction, so that lists and figures need no joins. Nobody types them.
"""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When

from fupin.audit.seen import look
from fupin.crypt.fields import Mark
from fupin.crypt.rows import SealedModel, SealedQuerySet
from fupin.edited import Edited
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from households import badges, codes
from households.models.columns import calendar_year, code, flag, secret, secret_note, secret_text, text
from households.models.columns import codes as several
from households.models.pairing import Pairing


class HouseholdQuerySet(RegionScopedQuerySet):
    permission = "household_view"

    def paired_with(self, user):
        return Q(pk__in=Pairing.objects.households_of(user))

    def active(self):
        """Households still in the book."""
        return self.exclude(registry_status=codes.RegistryStatus.CLOSED)

    def assisted(self):
        """Households under assistance now: on the way out of poverty, or monitored with an open risk."""
        return self.filter(ASSISTED)


ASSISTED = Q(registry_status__in=["1", "2", "4"]) | Q(risk_state__in=["1", "3"]) & ~Q(registry_status="9")
"""Who is under assistance and must have a target date and a responsible person."""


RARE = ("dibao", "tekun", "relocated", "unsafe_house", "unsafe_water", "uninsured", "out_of_school")
"""Kept columns that are true of few households."""


class Household(UniqueAnywhere, SealedModel, Edited):
    """One household in the book."""

    number = models.CharField("户编号", max_length=30, unique=True)
    region = models.ForeignKey(
        "regions.Region", models.PROTECT, related_name="households", verbose_name="所在村组"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    address = text("家庭住址")
    phone = secret("联系电话", 20, blind="phone_mark")
    phone_mark = Mark("phone")
    bank_name = text("开户银行", 60)
    bank_account = secret("银行账号", 30, blind="bank_mark")
    bank_mark = Mark("bank_account")
    standard = code("识别标准", codes.Standard)
    identified_on = models.DateField("首次识别时间", null=True, blank=True)
    identified_text = text("首次识别时间（原文）", 30)
    registry_status = models.CharField(
        "建档立卡状态", max_length=1, choices=codes.RegistryStatus, default="0"
    )
    monitor_category = models.CharField(
        "监测对象类别", max_length=1, choices=codes.MonitorCategory, default="0"
    )
    risk_state = models.CharField("风险状态", max_length=1, choices=codes.RiskState, default="0")
    monitored_on = models.DateField("监测识别时间", null=True, blank=True)
    cleared_on = models.DateField("风险消除时间", null=True, blank=True)
    risks = models.CharField("风险类型", max_length=60, blank=True)
    legacy_attribute = code("贫困户属性", codes.LegacyAttribute)
    policy_status = code("政策享受", codes.PolicyStatus)
    exit_year = calendar_year("脱贫年度")
    relapse_year = calendar_year("返贫年度")
    relapse_cause = code("返贫原因", codes.Cause)
    not_exit_reason = code("未脱贫原因", codes.NotExitReason)
    bottom_line = flag("整户无劳动力兜底保障户")
    military_family = flag("军烈属")
    relocated = flag("易地搬迁户")
    relocation_site = text("安置区名称", 60)
    relocation_address = text("安置区地址")
    relocation_mode = code("搬迁方式", codes.RelocationMode)
    settlement = code("安置方式", codes.Settlement)
    settlement_place = code("安置地", codes.SettlementPlace)
    relocation_difficulties = several("搬迁困难")
    needs = models.CharField("帮扶需求", max_length=30, blank=True)
    target_text = text("计划脱贫（消除）时限", 30)
    target_end = models.DateField("时限到期日", null=True, blank=True)
    target_precision = text("时限精度", 8)
    target_due = models.GeneratedField(
        expression=Case(When(ASSISTED, then=F("target_end"))),
        output_field=models.DateField("在帮扶户的时限到期日", null=True),
        db_persist=True,
    )
    """The target date while it is owed: of households under assistance. Computed by the database."""
    remark = secret_text("备注", blank=True)
    closed_on = models.DateField("注销日期", null=True, blank=True)
    closed_reason = text("注销原因", 200)

    # Kept: written by households.kept only.
    head_name = models.CharField("户主", max_length=40, blank=True, editable=False)
    size = models.PositiveSmallIntegerField("人口", default=0, editable=False)
    labour = models.PositiveSmallIntegerField("劳动力", default=0, editable=False)
    main_cause = models.CharField(
        "主要致贫原因", max_length=2, choices=codes.Cause, blank=True, editable=False
    )
    income_year = models.PositiveSmallIntegerField("收入年度", null=True, editable=False)
    per_capita = models.DecimalField("人均纯收入", max_digits=16, decimal_places=2, null=True, editable=False)
    dibao = models.BooleanField("低保", default=False, editable=False)
    tekun = models.BooleanField("特困供养", default=False, editable=False)
    unsafe_house = models.BooleanField("住房不安全", default=False, editable=False)
    unsafe_water = models.BooleanField("饮水不安全", default=False, editable=False)
    uninsured = models.BooleanField("有成员未参加医保", default=False, editable=False)
    out_of_school = models.BooleanField("有失学辍学", default=False, editable=False)
    last_visit_on = models.DateField("最近走访", null=True, editable=False)
    helper = models.ForeignKey(
        "households.Helper", models.PROTECT, null=True, editable=False, related_name="first_households", db_index=False,
        verbose_name="帮扶责任人",
    )  # fmt: skip
    visit_months = models.PositiveSmallIntegerField("约定走访周期（月）", null=True, editable=False)
    visit_due = models.DateField("走访期限", null=True, editable=False)
    """The last day on which the next visit is in time, see `quota.due_on`. NULL: no visit is owed."""
    doubts = models.PositiveSmallIntegerField("疑点数", default=0, editable=False)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户"
        ordering = ["region_path", "pk"]
        indexes = [
            models.Index(fields=["region_path", "id"], name="household_place"),
            models.Index(fields=["registry_status", "region_path"], name="household_status"),
            models.Index(fields=["risk_state", "region_path"], name="household_risk"),
            models.Index(fields=["main_cause", "region_path"], name="household_cause"),
            models.Index(fields=["target_end", "region_path"], name="household_target"),
            models.Index(fields=["last_visit_on", "region_path"], name="household_visited"),
            models.Index(fields=["per_capita", "region_path"], name="household_income"),
            models.Index(fields=["-size", "region_path"], name="household_size"),
            models.Index(
                fields=["exit_year", "region_path"],
                name="household_exited",
                condition=Q(exit_year__isnull=False),
            ),  # fmt: skip
            # What few households are, in order of place: a list of a county narrowed to one reads no others.
            *(
                models.Index(fields=["region_path"], name=f"household_{name}", condition=Q(**{name: True}))
                for name in RARE
            ),
            # Most households have no helper and need none: those who lack one are an index of their own.
            models.Index(
                fields=["helper", "region_path"],
                name="household_helper",
                condition=Q(helper__isnull=False),
            ),  # fmt: skip
            # The longest overdue of a place are the start of one of these, read in order.
            models.Index(
                fields=["target_due", "region_path"],
                name="household_target_due",
                condition=Q(target_due__isnull=False),
            ),  # fmt: skip
            models.Index(
                fields=["visit_due", "region_path"],
                name="household_visit_due",
                condition=Q(visit_due__isnull=False),
            ),  # fmt: skip
            # Who is owed a visit and was not visited for the longest time, never first.
            models.Index(
                fields=["last_visit_on", "region_path"],
                name="household_unvisited",
                condition=Q(visit_due__isnull=False),
            ),  # fmt: skip
            models.Index(
                fields=["region_path"],
                name="household_unpaired",
                condition=Q(helper__isnull=True, visit_due__isnull=False),
            ),  # fmt: skip
            models.Index(fields=["phone_mark"], name="household_phone", condition=~Q(phone_mark="")),
            models.Index(fields=["bank_mark"], name="household_bank", condition=~Q(bank_mark="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="household_monitor_matches_register",
                condition=~Q(monitor_category="1", registry_status__in=["0", "1", "2"])
                & ~Q(monitor_category="2", registry_status__in=["1", "2", "3", "4"]),
                violation_error_message="监测对象类别与建档立卡状态不符：脱贫不稳定户须为脱贫户，边缘易致贫户须从未建档立卡。",
            ),
            models.CheckConstraint(
                name="household_risk_iff_monitored",
                condition=Q(monitor_category="0", risk_state="0")
                | ~Q(monitor_category="0") & ~Q(risk_state="0"),
                violation_error_message="监测对象须有风险状态，非监测户不得有。",
            ),
            models.CheckConstraint(
                name="household_closed_iff_dated",
                condition=Q(registry_status="9", closed_on__isnull=False)
                | ~Q(registry_status="9") & Q(closed_on__isnull=True),
                violation_error_message="注销的户须有注销日期。",
            ),
        ]

    def __str__(self):
        return self.head_name or self.number

    @classmethod
    def from_db(cls, db, field_names, values):
        """Whoever is loaded for a page counts as shown on it: no view can forget to say so."""
        row = super().from_db(db, field_names, values)
        if "head_name" in field_names:
            look(households=(row.pk,))
        return row

    @property
    def kind_label(self):
        """The one-line 户类型: monitoring first, then registry, then guarantees."""
        return badges.kind(self.registry_status, self.monitor_category, self.dibao, self.tekun)

    @property
    def is_assisted(self):
        """Whether ASSISTED holds for this row."""
        return self.registry_status in "124" or (self.risk_state in "13" and self.registry_status != "9")


class HouseholdCause(SealedModel):
    """Why a household is poor, by year: one main cause (rank 0) and up to two further (1, 2)."""

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="causes", db_index=False, verbose_name="户"
    )
    year = models.PositiveSmallIntegerField("年度")
    rank = models.PositiveSmallIntegerField("次序", default=0)
    cause = models.CharField("致贫原因", max_length=2, choices=codes.Cause)
    note = secret_note("说明", 200)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "致贫原因"
        ordering = ["-year", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["household", "year", "rank"], name="cause_one_per_rank"),
            models.UniqueConstraint(
                fields=["household", "year", "cause"],
                name="cause_once",
                violation_error_message="致贫原因重复：其他原因不能与主要原因相同。",
            ),  # fmt: skip
            models.CheckConstraint(
                name="cause_at_most_three",
                condition=Q(rank__lte=2),
                violation_error_message="其他致贫原因最多 2 个。",
            ),  # fmt: skip
        ]

    def __str__(self):
        return self.get_cause_display()


class StatusChange(models.Model):
    """One step of a household's life: from what, to what, when, why, by whom. Never edited."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="changes", verbose_name="户")
    step = models.CharField("步骤", max_length=20)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    on = models.DateField("日期")
    reason = models.CharField("原因", max_length=300, blank=True)
    document = text("文号", 60)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "状态变更"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["on", "household"], name="change_day")]

    def __str__(self):
        return self.step


class TargetChange(models.Model):
    """A target date that was moved: the old one is kept, and why it moved."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="target_changes", verbose_name="户")
    before_text = text("原时限", 30)
    before_end = models.DateField("原到期日", null=True)
    after_text = text("新时限", 30)
    after_end = models.DateField("新到期日", null=True)
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


class HouseholdMove(models.Model):
    """A household that moved to another group, village or township of its county. Never edited."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="moves", verbose_name="户")
    origin = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="迁出地")
    target = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="迁入地")
    on = models.DateField("迁移日期")
    reason = models.CharField("原因", max_length=300)
    pairings_ended = models.PositiveSmallIntegerField("结束的结对", default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "迁移记录"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["household", "-on"], name="move_household")]

    def __str__(self):
        return f"{self.origin_id} → {self.target_id}"


class SearchToken(models.Model):
    """Two neighbouring characters of a name in a household, so that 张伟 is found without reading the table.

    Most Chinese names have two or three characters: a trigram index finds nothing for two. One row per token
    and household, ordered by place inside a token, the same table and query on SQLite and PostgreSQL.
    """

    token = models.CharField("双字", max_length=2)
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    household = models.ForeignKey(Household, models.CASCADE, related_name="tokens", verbose_name="户")

    class Meta:
        verbose_name = verbose_name_plural = "姓名索引"
        constraints = [
            models.UniqueConstraint(fields=["token", "region_path", "household"], name="token_once"),
        ]

    def __str__(self):
        return self.token
