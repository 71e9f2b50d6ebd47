"""The addresses of papers."""

from fupin.accounts.roles import Permission as P
from households.models import Paper
from households.papers.kinds import BY_NAME
from tests import factories

READS, WRITES = {P.VILLAGE_VIEW, P.HOUSEHOLD_VIEW}, {P.VILLAGE_EDIT, P.MEASURE_EDIT}


def paper(at):
    household = factories.household(at=at)
    return Paper.objects.create(
        kind="household_plan", region=household.region, region_path=at, household=household, year=2026, title="户帮扶计划",
        sections=BY_NAME["household_plan"].start(),
    ).pk  # fmt: skip


def issued(at):
    key = paper(at)
    Paper.objects.filter(pk=key).update(state="issued", issued=[], issued_on="2026-01-01")
    return key


PAGES = [
    ("paper_list", {}, "get", READS),
    ("paper_begin", {}, "get", WRITES),
    ("paper_detail", {"pk": paper}, "get", READS),
    ("paper_print", {"pk": paper}, "get", READS),
    ("paper_word", {"pk": paper}, "get", READS),
    ("paper_edit", {"pk": paper}, "get", WRITES),
    ("paper_issue", {"pk": paper}, "get", WRITES),
    ("paper_revise", {"pk": issued}, "post", WRITES),
]
