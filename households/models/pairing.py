"""Who is responsible for which household, from when to when."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from fupin.crypt.rows import SealedModel
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from households import codes
from households.models.columns import code, secret, text


class HelperQuerySet(RegionScopedQuerySet):
    permission = "household_view"

    def visible_to(self, user, permission=None):
        """Officials of the user's places, those paired with households there, and the user themself."""
        if not user.is_authenticated:
            return self.none()
        paths = user.paths(permission or self.permission)
        paired = Pairing.objects.filter(helper=OuterRef("pk"))
        return self.filter(
            self.in_paths(paths) | Exists(paired.filter(paired.in_paths(paths))) | Q(user=user)
        )


class Helper(UniqueAnywhere, SealedModel):
    """帮扶责任人: an official who is paired with households. A user only if they log in.

    Two people of one unit may share a name; a file tells them apart by phone or not at all. `region_path` is
    the place whose officials may pair them; "" (a helper out of a file) is known through the pairings alone.
    """

    name = models.CharField("姓名", max_length=40)
    sex = code("性别", codes.Sex)
    unit = text("单位", 80)
    unit_kind = text("单位类型", 30)
    unit_level = code("单位隶属", codes.UnitLevel)
    rank = text("职务级别", 30)
    phone = secret("联系电话", 20)
    politics = code("政治面貌", codes.Politics)
    first_secretary = models.BooleanField("第一书记", default=False)
    team_leader = models.BooleanField("工作队队长", default=False)
    team_member = models.BooleanField("驻村队员", default=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="helper",
        verbose_name="账号",
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH, blank=True, editable=False)

    objects = HelperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶责任人"
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name", "unit"], name="helper_name_unit"),
            models.Index(fields=["region_path", "name"], name="helper_place"),
        ]

    def __str__(self):
        return self.name


class PairingQuerySet(RegionScopedQuerySet):
    permission = "household_view"

    def paired_with(self, user):
        return Q(helper__user=user)

    def current(self, day=None):
        """Pairings that hold on `day`, by default today."""
        day = day or timezone.localdate()
        return self.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def households_of(self, user):
        """Ids of the households paired with `user` today, as a subquery to look rows up by: it is read once and gives a
        handful, where a question asked of each row would cost what the county has."""
        return self.current().filter(helper__user=user).values("household")


class Pairing(UniqueAnywhere):
    """One helper for one household for a time. A change closes the row and opens a new one."""

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="pairings", verbose_name="户"
    )
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH, db_index=True)
    helper = models.ForeignKey(Helper, models.PROTECT, related_name="pairings", verbose_name="帮扶责任人")
    order = models.CharField("责任人序位", max_length=1, choices=codes.HelperOrder, default="1")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    visits_per_year = models.PositiveSmallIntegerField("每年走访次数", null=True, blank=True)
    end_reason = code("变更原因", codes.PairingEnd)
    end_note = text("变更说明", 200)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结对帮扶"
        ordering = ["household", "order", "-starts_on"]
        indexes = [
            models.Index(fields=["household", "starts_on"], name="pairing_household"),
            models.Index(fields=["helper", "starts_on"], name="pairing_helper"),
        ]
        constraints = [
            models.CheckConstraint(
                name="pairing_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.UniqueConstraint(
                fields=["household", "helper", "starts_on"],
                name="pairing_once",
                violation_error_message="这位责任人当天已与该户结对。",
            ),  # fmt: skip
        ]

    def __str__(self):
        return f"{self.helper_id} → {self.household_id}"
