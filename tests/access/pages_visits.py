"""Addresses of visits, follow-ups, pairings, helpers, measures and the home page."""

from datetime import date

from fupin.accounts.roles import Permission as P
from households.models import FollowUp, Measure, Visit, VisitPhoto
from tests import factories


def household(at):
    return factories.household(at=at).pk


def visit(at):
    return factories.household(at=at, visited=date(2026, 5, 1)).visits.get().pk


def photo(at):
    row = Visit.objects.get(pk=visit(at))
    return VisitPhoto.objects.create(visit=row, file="photos/none.jpg", sha256="0").pk


def follow_up(at):
    row = factories.household(at=at)
    return FollowUp.objects.create(household=row, region_path=row.region_path, what="事项").pk


def measure(at):
    row = factories.household(at=at)
    return Measure.objects.create(household=row, region_path=row.region_path, kind="01", what="措施").pk


def pairing(at):
    return factories.pair(factories.household(at=at), factories.helper()).pk


def helper(at):
    factories.region(at)
    return factories.helper(region_path=at).pk


VIEW, RECORD, MEASURE, PAIR = {P.HOUSEHOLD_VIEW}, {P.VISIT_RECORD}, {P.MEASURE_EDIT}, {P.PAIRING_EDIT}
PAGES = [
    ("my_households", {}, "get", RECORD),
    ("visit_create", {"pk": household}, "get", RECORD),
    ("visit_list", {}, "get", VIEW),
    ("visit_detail", {"pk": visit}, "get", VIEW),
    ("visit_cancel", {"pk": visit}, "post", RECORD | {P.HOUSEHOLD_EDIT}),
    ("visit_photo", {"pk": photo}, "get", VIEW),
    ("follow_up_list", {}, "get", VIEW),
    ("follow_up_close", {"pk": follow_up}, "post", RECORD),
    ("follow_up_reopen", {"pk": follow_up}, "post", RECORD),
    ("unpaired_list", {}, "get", PAIR),
    ("pairing_assign", {}, "post", PAIR),
    ("pairing_create", {"pk": household}, "get", PAIR),
    ("pairing_end", {"pk": pairing}, "get", PAIR),
    ("helper_list", {}, "get", PAIR),
    ("helper_create", {}, "get", PAIR),
    ("helper_detail", {"pk": helper}, "get", PAIR),
    ("helper_edit", {"pk": helper}, "get", PAIR),
    ("helper_handover", {"pk": helper}, "get", PAIR),
    ("measure_list", {}, "get", VIEW),
    ("measure_create", {"pk": household}, "get", MEASURE),
    ("measure_edit", {"pk": measure}, "get", MEASURE),
    ("measure_done", {"pk": measure}, "post", MEASURE),
    ("measure_reopen", {"pk": measure}, "post", MEASURE),
]
