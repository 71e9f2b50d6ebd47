"""What a row carries that people correct: who did so last, and the version that tells two of them apart."""

from django.conf import settings
from django.db import models


class Versioned(models.Model):
    """A form names the `version` that it showed; saving is one conditional UPDATE, which finds no row when somebody was
    faster."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True


class Edited(Versioned):
    """`updated_at` and `updated_by`: the last change, whoever else made some before."""

    updated_at = models.DateTimeField("最后修改", auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="修改人",
    )

    class Meta:
        abstract = True
