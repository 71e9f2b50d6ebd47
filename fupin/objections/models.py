"""What an objection holds, whatever it is about; while one is open the notice's clock stands still."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fupin.crypt.fields import EncryptedNote
from fupin.crypt.rows import SealedModel


class Objected(SealedModel):
    """One objection to a notice. Open until somebody says how it ended.

    A subclass has `procedure`, the notice it is about, and a foreign key called `SUBJECT` to what that is of."""

    SUBJECT = ""
    PERMISSION = None
    """What somebody must be permitted at the subject's place to note or to handle one."""

    raised_on = models.DateField("提出日期")
    what = EncryptedNote("异议内容", max_length=300)
    handled_on = models.DateField("处理日期", null=True, blank=True)
    outcome = EncryptedNote("处理结果", max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="处理人"
    )
    at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        abstract = True
        verbose_name = verbose_name_plural = "公示异议"
        ordering = ["-raised_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_handled_after_raised",
                condition=Q(handled_on=None) | Q(handled_on__gte=F("raised_on")),
                violation_error_message="处理日期不能早于提出日期。",
            )
        ]

    def __str__(self):
        return f"{self.get_procedure_display()}异议 {self.raised_on}"

    @property
    def place(self):
        """Path of the place whose offices answer for it."""
        subject = getattr(self, self.SUBJECT)
        return getattr(subject, "region_path", None) or subject.path

    @classmethod
    def open_to(cls, place, user):
        """Whether the posts of `user` let them note and handle objections at `place`."""
        return any(place.startswith(path) for path in user.paths(cls.PERMISSION))


def told(rows, *procedures):
    """`[(raised on, handled on or None)]` of the objections `rows` to these notices."""
    return list(rows.filter(procedure__in=procedures).order_by("pk").values_list("raised_on", "handled_on"))


def is_open(pauses):
    """Whether one of them is not handled yet: the clock of the notice stands."""
    return any(handled is None for _, handled in pauses)


def over(pauses):
    """Those that are handled: their days do not count."""
    return [(raised, handled) for raised, handled in pauses if handled is not None]
