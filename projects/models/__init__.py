"""The tables of projects, by subject."""

from projects.models.beneficiary import Beneficiary
from projects.models.count import ProjectCount
from projects.models.fund import FundLine
from projects.models.milestone import Milestone, TargetMove, milestone_q
from projects.models.project import Project, ProjectVillage, standing_q

__all__ = [
    "Beneficiary",
    "FundLine",
    "Milestone",
    "Project",
    "ProjectCount",
    "ProjectVillage",
    "TargetMove",
    "milestone_q",
    "standing_q",
]
