"""文书: a plan, scheme or summary of a place, or of one household."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fupin.accounts.roles import Permission as P
from fupin.crypt.fields import EncryptedJSON
from fupin.crypt.rows import SealedModel
from fupin.edited import Edited
from fupin.regions.models import PATH_WIDTH, RegionScopedQuerySet, UniqueAnywhere
from households.models.columns import text
from households.models.household import Household


class PaperQuerySet(RegionScopedQuerySet):
    permission = P.VILLAGE_VIEW

    def visible_to(self, user, permission=None):
        """Papers of the user's places; those of a household to who sees the household (and, for writing, may write its
        measures)."""
        if not user.is_authenticated:
            return self.none()
        permission = permission or self.permission
        of_home = P.HOUSEHOLD_VIEW if permission == P.VILLAGE_VIEW else P.MEASURE_EDIT
        return self.filter(
            Q(household=None) & self.in_paths(user.paths(permission))
            | Q(household__in=Household.objects.visible_to(user, of_home))
        )


class Paper(UniqueAnywhere, SealedModel, Edited):
    """A paper is a draft with live figures until it is issued; from then on `issued` holds it as it was signed, and no
    action changes it. A later wording is a new draft that names the one it `replaces`."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ISSUED = "issued", "已印发"

    kind = models.CharField("文书类别", max_length=20)
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="papers", verbose_name="地区")
    region_path = models.CharField("区划代码", max_length=PATH_WIDTH)
    household = models.ForeignKey(
        "households.Household",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="papers",
        verbose_name="户",
    )
    year = models.PositiveSmallIntegerField("年度")
    title = text("标题", 120)
    unit = text("发文单位", 80)
    sections = EncryptedJSON("正文", default=list)
    keep_empty = models.BooleanField("保留空标题", default=False)
    state = models.CharField("状态", max_length=6, choices=State, default=State.DRAFT)
    number = text("文号", 60)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="印发人"
    )
    issued = EncryptedJSON("印发稿", null=True, default=None)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="later", verbose_name="修订自"
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["region_path", "-id"], name="paper_place"),
            models.Index(fields=["household", "-id"], name="paper_household"),
        ]
        constraints = [
            models.CheckConstraint(
                name="paper_issued_whole",
                condition=Q(state="draft", issued=None)
                | Q(state="issued", issued__isnull=False, issued_on__isnull=False),
            )
        ]

    def __str__(self):
        return self.title
