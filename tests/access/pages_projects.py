"""Project pages: every one needs its permission, and its row in the user's own places."""

from datetime import date

from fupin.accounts.roles import Permission as P
from projects.models import Beneficiary, FundEntry, FundLine, Milestone
from tests import factories


def project(at):
    return factories.project(at=at).pk


def milestone(at):
    return Milestone.objects.create(
        project=factories.project(at=at), name="完工", planned_text="2026年内", planned_end=date(2026, 12, 31)
    ).pk


def beneficiary(at):
    made = Beneficiary.objects.create(
        project=factories.project(at=at), household=factories.household(at=at), item="入户路"
    )
    return made.pk


def fund_entry(at):
    line = FundLine.objects.create(project=factories.project(at=at), source="1", planned=100)
    return FundEntry.objects.create(line=line, kind="1", amount=100).pk


VIEW, EDIT, STEP, FUND = {P.PROJECT_VIEW}, {P.PROJECT_EDIT}, {P.PROJECT_PROGRESS}, {P.FUND_EDIT}

PAGES = [
    ("project_list", {}, "get", VIEW),
    ("project_then", {}, "get", VIEW),
    ("milestone_list", {}, "get", VIEW),
    ("project_detail", {"pk": project}, "get", VIEW),
    ("project_new", {}, "get", EDIT),
    ("project_edit", {"pk": project}, "get", EDIT),
    ("project_edit", {"pk": project}, "post", EDIT),
    ("project_progress", {"pk": project}, "get", STEP),
    ("project_block", {"pk": project}, "post", STEP),
    ("project_unblock", {"pk": project}, "post", STEP),
    ("milestone_done", {"pk": milestone}, "post", STEP),
    ("milestone_move", {"pk": milestone}, "get", STEP),
    ("fund_entry_add", {"pk": project}, "get", FUND),
    ("fund_entry_remove", {"pk": fund_entry}, "post", FUND),
    ("beneficiary_add", {"pk": project}, "get", EDIT),
    ("beneficiary_remove", {"pk": beneficiary}, "post", EDIT),
]
