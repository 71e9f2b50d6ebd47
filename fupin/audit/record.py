"""Writing the trail. `record()` stands in the action's own transaction: no trail, no change."""

from contextvars import ContextVar

from fupin.audit import chain
from fupin.audit.chain import NotRecorded
from fupin.audit.models import AuditEvent

__all__ = ["NotRecorded", "bulk", "event", "name_of", "record", "source"]

source = ContextVar("source", default="")
"""The address that the request at hand came from; "" in commands and in the worker."""


def name_of(target):
    """How a row is named in the trail: "households.household:17". Text is kept as it is."""
    return target if isinstance(target, str) else f"{target._meta.label_lower}:{target.pk}"


def event(action, target, *, by, region_path="", seen="", **detail):
    """An event not yet written, for bulk actions. `detail` must hold no ID number, phone or account in full.

    A `household` in the detail is whose file the event belongs to, when the target is another row. `seen`: whose data
    was shown (fupin.audit.seen).
    """
    household = detail.get("household")
    return AuditEvent(
        user_id=by.pk if by is not None else None,
        action=action,
        target=name_of(target),
        region_path=region_path or getattr(target, "region_path", ""),
        household=household if isinstance(household, int) else None,
        address=source.get(),
        seen=seen,
        detail=detail,
    )


def record(action, target, *, by, region_path="", seen="", **detail):
    """Write one event. `by` is the user, or None for the system itself. Raises NotRecorded."""
    made = event(action, target, by=by, region_path=region_path, seen=seen, **detail)
    made.save()
    return made


def bulk(action, rows, *, by):
    """Write many events of one action: rows `(target's name, region path, detail)`. Raises NotRecorded."""
    chain.write(
        AuditEvent,
        [(None, target, path, detail.get("household"), "", detail) for target, path, detail in rows],
        user=by.pk if by is not None else None, action=action, address=source.get(),
    )  # fmt: skip
