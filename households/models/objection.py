"""异议 to the notices of households and of a village's exit (domain reference 3.7)."""

from django.db import models

from fupin.accounts.roles import Permission as P
from fupin.objections.models import Objected
from households.models.posting import PERIODS

OF_VILLAGES = ("village_exit",)


class Objection(Objected):
    """One objection to the notice of a procedure about a household."""

    SUBJECT, PERMISSION = "household", P.STATUS_ADVANCE

    household = models.ForeignKey(
        "households.Household", models.CASCADE, related_name="objections", verbose_name="户"
    )
    procedure = models.CharField(
        "公示", max_length=12, choices=[(name, label) for name, (label, *_) in PERIODS.items()]
    )


class VillageObjection(Objected):
    """One objection to the notice that a village leaves the list of poor villages."""

    SUBJECT, PERMISSION = "region", P.STATUS_ADVANCE

    region = models.ForeignKey("regions.Region", models.CASCADE, related_name="objections", verbose_name="村")
    procedure = models.CharField(
        "公示", max_length=12, choices=[(name, PERIODS[name][0]) for name in OF_VILLAGES]
    )
