"""The addresses of papers."""

from fupin.accounts.roles import Permission as P
from households.actions.papers import begin_paper
from households.models import Paper
from tests import factories

READS, WRITES = {P.VILLAGE_VIEW, P.HOUSEHOLD_VIEW}, {P.VILLAGE_EDIT, P.MEASURE_EDIT}


def paper(at):
    household = factories.household(at=at)
    return begin_paper(
        kind="household_plan",
        region=household.region,
        household=household,
        year=2026,
        by=factories.user(at=at),
    ).pk


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
