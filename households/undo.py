"""What undoing an import has to know about the register: what is worked out from other rows, and to do so again."""

from contextlib import contextmanager

from fupin.excel.undo import Undo, spans
from fupin.regions.models import Region
from households import checks, kept, stats
from households.imports.known import recount_visits
from households.models import Doubt, Helper, Household, Member, RegionCount, SearchToken, Visit


@contextmanager
def around(keys, work):
    """Find the households of all rows that will go or change, and set right what hangs on those that stay."""
    found = set()
    for model, ranges in keys.items():
        lookup = _to_household(model)
        if lookup:
            for span in spans("pk", ranges):
                found |= set(model._base_manager.filter(span).order_by().values_list(lookup, flat=True))
    villages = kept.villages_of(list(found))
    yield
    left = set()
    found = sorted(key for key in found if key)
    for start in range(0, len(found), 500):
        chunk = found[start : start + 500]
        left |= set(
            Household.objects.unscoped("hanging").filter(pk__in=chunk).order_by().values_list("pk", flat=True)
        )
    checks.check(left)
    recount_visits(left)
    kept.refresh(left, counts=False)
    work.drop_unused()
    stats.recount(villages | kept.villages_of(list(left)))


def _to_household(model):
    """The lookup that leads from a row of `model` to its household, "" where none does."""
    if model is Household:
        return "pk"
    names = {field.name: field.related_model for field in model._meta.concrete_fields if field.is_relation}
    if names.get("household") is Household:
        return "household"
    return "member__household" if names.get("member") is Member else ""


UNDO = [
    Undo(
        derived=(SearchToken, RegionCount),
        loose=(Doubt,),
        shared=(Helper, Region),
        kept=((Household, "helper"), (Visit, "counts")),
        around=around,
    )
]
