"""Members of a household: identity, and what changes by year."""

from django.db import models
from django.db.models import Q

from fupin.audit.seen import look
from fupin.crypt.fields import Mark, TailMark
from fupin.crypt.rows import SealedModel
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from households import codes
from households.models.columns import calendar_year, code, flag, secret, text, whole, yuan
from households.models.pairing import Pairing


class MemberQuerySet(RegionScopedQuerySet):
    permission = "household_view"

    def paired_with(self, user):
        return Q(household__in=Pairing.objects.households_of(user))

    def active(self):
        """Members of the household today; who left stays in the book, closed."""
        return self.filter(left_on=None)


class Member(UniqueAnywhere, SealedModel):
    """A person in a household. Birth and sex come from the ID number; they are typed only where there is none."""

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="members", db_index=False, verbose_name="户"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    order = models.PositiveSmallIntegerField("序号", default=0)
    member_no = text("人口编号", 30)
    name = models.CharField("姓名", max_length=40)
    relation = models.CharField("与户主关系", max_length=2, choices=codes.Relation)
    relation_text = text("关系（原文）", 20)
    id_type = models.CharField("证件类型", max_length=2, choices=codes.IdType, default="01")
    id_number = secret("证件号码", 22, blind="id_mark")
    id_mark = Mark("id_number")
    id_tail = TailMark("id_number")
    id_text = secret("证件号码（原文）", 40)
    sex = code("性别", codes.Sex)
    birth = models.DateField("出生日期", null=True, blank=True)
    ethnic = code("民族", codes.ETHNIC)
    ethnic_text = text("民族（原文）", 20)
    phone = secret("联系电话", 20, blind="phone_mark")
    phone_mark = Mark("phone")
    joined_on = models.DateField("增加日期", null=True, blank=True)
    joined_event = code("增加原因", codes.MemberEvent)
    came_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="went_to",
        verbose_name="转自",
    )
    left_on = models.DateField("减少日期", null=True, blank=True)
    left_event = code("减少原因", codes.MemberEvent)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["order", "pk"]
        indexes = [
            models.Index(fields=["household", "order"], name="member_household"),
            models.Index(fields=["id_tail", "region_path"], name="member_tail", condition=~Q(id_tail="")),
            models.Index(fields=["phone_mark"], name="member_phone", condition=~Q(phone_mark="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_mark"],
                name="member_id_once",
                condition=Q(left_on=None) & ~Q(id_mark=""),
                violation_error_message="证件号码重复：此人已在册。",
            ),  # fmt: skip
            models.CheckConstraint(
                name="member_left_with_reason",
                condition=Q(left_on=None) | ~Q(left_event=""),
                violation_error_message="须填写人员减少原因。",
            ),  # fmt: skip
        ]

    def __str__(self):
        return self.name

    @classmethod
    def from_db(cls, db, field_names, values):
        """Whoever is loaded for a page counts as shown on it: no view can forget to say so."""
        row = super().from_db(db, field_names, values)
        if "name" in field_names:
            look(members=(row.pk,))
        return row

    def age_on(self, day):
        """Full years on `day`, the birthday counted; None when the birth date is unknown."""
        if self.birth is None:
            return None
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))


class MemberYearQuerySet(RegionScopedQuerySet):
    permission = "household_view"
    region_path = "member__region_path"

    def paired_with(self, user):
        return Q(member__household__in=Pairing.objects.households_of(user))


class MemberYear(UniqueAnywhere, SealedModel):
    """What is true of a member in one data year (M9 to M41 of the field list)."""

    member = models.ForeignKey(
        Member, models.CASCADE, related_name="years", db_index=False, verbose_name="成员"
    )
    year = models.PositiveSmallIntegerField("年度")
    education = code("文化程度", codes.Education)
    school = code("在校生状况", codes.School)
    dropout_reason = text("失学辍学原因")
    labour = code("劳动技能", codes.Labour)
    health = secret("健康状况", 60)
    disability_kind = code("残疾类别", codes.DisabilityKind)
    disability_level = code("残疾等级", codes.DisabilityLevel)
    disability_no = secret("残疾证号", 22)
    disability_year = calendar_year("办证年度")
    military = flag("现役军人")
    politics = code("政治面貌", codes.Politics)
    activist = flag("入党积极分子")
    medical_resident = flag("参加城乡居民基本医疗保险")
    medical_employee = flag("参加城镇职工基本医疗保险")
    medical_critical = flag("参加大病保险")
    pension_resident = flag("参加城乡居民基本养老保险")
    pension_employee = flag("参加城镇职工基本养老保险")
    pension_received = flag("领取养老金")
    accident_insured = flag("享受人身意外保险补贴")
    commercial_insured = flag("参加商业补充医疗保险")
    dibao = flag("享受低保")
    tekun = flag("特困供养")
    orphan = flag("孤儿")
    de_facto_orphan = flag("事实无人抚养儿童")
    putonghua = flag("会讲普通话")
    work_area = code("务工区域", codes.WorkArea)
    work_months = whole("务工时间（月）")
    work_place = text("务工所在地", 60)
    work_county = models.CharField("务工所在区县", max_length=6, blank=True, editable=False)
    work_company = text("务工企业", 60)
    work_industry = code("务工产业分类", codes.WorkIndustry)
    job_channel = code("就业渠道", codes.JobChannel)
    work_income = yuan("年务工收入（元）")
    abroad = flag("国外务工")
    post_kind = code("公益性岗位类型", codes.PostKind)
    post_months = whole("公益性岗位月数")
    workshop = flag("帮扶车间就业")
    leader = flag("创业致富带头人")
    training = text("技能培训")
    training_on = models.DateField("培训日期", null=True, blank=True)
    certificate = text("培训证书", 60)
    medical_aid = flag("接受医疗救助")
    health_help = secret("其他健康帮扶")
    graduate_job = text("大专及以上毕业生就业情况")
    graduate_reason = text("毕业生未就业原因")
    marriage = code("婚姻状况", codes.Marriage)
    living = code("居住状况", codes.Living)
    role_note = text("人员类别", 20)

    objects = MemberYearQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成员年度情况"
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["member", "year"], name="member_year_once")]

    def __str__(self):
        return f"{self.member_id} {self.year}"

    def get_health_display(self):
        """健康状况 in words: what revealing it shows."""
        return self.health_labels

    @property
    def health_labels(self):
        """健康状况 in words, in table order."""
        labels = dict(codes.Health.choices)
        return "、".join(labels[value] for value in self.health.split(",") if value in labels)
