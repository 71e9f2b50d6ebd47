"""What undoing an import has to know about projects: the counts by place are worked out from the rows."""

from contextlib import contextmanager

from fupin.excel.undo import Undo, spans
from projects import kept
from projects.models import Project, ProjectCount


@contextmanager
def around(keys, work):
    """Count the projects of all rows that will go or change out before, and in again after."""
    found = set()
    for model, ranges in keys.items():
        names = {
            field.name: field.related_model for field in model._meta.concrete_fields if field.is_relation
        }
        lookup = "pk" if model is Project else "project" if names.get("project") is Project else ""
        if lookup:
            for span in spans("pk", ranges):
                found |= set(model._base_manager.filter(span).order_by().values_list(lookup, flat=True))
    with kept.counting(*sorted(found)):
        yield


UNDO = [Undo(derived=(ProjectCount,), around=around)]
