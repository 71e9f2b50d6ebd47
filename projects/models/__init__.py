"""The tables of projects, by subject."""

from projects.models.beneficiary import Beneficiary
from projects.models.count import ProjectCount
from projects.models.fund import FundEntry, FundLine, flow_problem
from projects.models.milestone import Milestone, ProgressChange, TargetMove, milestone_q
from projects.models.objection import ProjectObjection
from projects.models.project import Project, ProjectVillage, standing_q

__all__ = [
    "Beneficiary",
    "FundEntry",
    "FundLine",
    "Milestone",
    "ProgressChange",
    "Project",
    "ProjectCount",
    "ProjectObjection",
    "ProjectVillage",
    "TargetMove",
    "flow_problem",
    "milestone_q",
    "standing_q",
]
