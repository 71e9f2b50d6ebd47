"""The register's tables, by subject."""

from households.models.area_group import AreaGroup, AreaGroupPlace
from households.models.condition import Condition
from households.models.count import RegionCount
from households.models.crosscheck import CrossCheck
from households.models.doubt import Doubt, DoubtEnd
from households.models.household import (
    ASSISTED,
    Household,
    HouseholdCause,
    HouseholdMove,
    SearchToken,
    StatusChange,
    TargetChange,
)
from households.models.income import Income, IncomeGroup, IncomeItem, IncomeLine, LineKind, PovertyLine
from households.models.life import KeepRule, LegalHold, Notice
from households.models.measure import Measure
from households.models.member import Member, MemberYear
from households.models.objection import Objection, VillageObjection
from households.models.pairing import Helper, Pairing
from households.models.paper import Paper
from households.models.posting import PERIODS, Posting, PostingSetting
from households.models.team import Attendance, TeamMember
from households.models.village import VillageCause, VillageIndustry, VillageNeed, VillageProfile
from households.models.visit import FollowUp, Visit, VisitPhoto

__all__ = [
    "ASSISTED",
    "AreaGroup",
    "AreaGroupPlace",
    "Attendance",
    "Condition",
    "CrossCheck",
    "Doubt",
    "DoubtEnd",
    "FollowUp",
    "Helper",
    "Household",
    "HouseholdCause",
    "HouseholdMove",
    "Income",
    "IncomeGroup",
    "IncomeItem",
    "IncomeLine",
    "KeepRule",
    "LegalHold",
    "LineKind",
    "Measure",
    "Member",
    "MemberYear",
    "Notice",
    "PERIODS",
    "Objection",
    "Pairing",
    "Paper",
    "Posting",
    "PostingSetting",
    "PovertyLine",
    "RegionCount",
    "SearchToken",
    "StatusChange",
    "TargetChange",
    "TeamMember",
    "VillageCause",
    "VillageIndustry",
    "VillageNeed",
    "VillageObjection",
    "VillageProfile",
    "Visit",
    "VisitPhoto",
]
