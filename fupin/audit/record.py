"""Writing the trail. `record()` stands in the action's own transaction: no trail, no change."""

from fupin.audit.models import AuditEvent


def name_of(target):
    """How a row is named in the trail: "households.household:17". Text is kept as it is."""
    return target if isinstance(target, str) else f"{target._meta.label_lower}:{target.pk}"


def event(action, target, *, by, region_path="", **detail):
    """An event not yet written, for bulk actions. `detail` must hold no ID number, phone or account in full."""
    return AuditEvent(
        user=by if by is not None and by.pk else None,
        action=action,
        target=name_of(target),
        region_path=region_path or getattr(target, "region_path", ""),
        detail=detail,
    )


def record(action, target, *, by, region_path="", **detail):
    """Write one event. `by` is the user, or None for the system itself."""
    made = event(action, target, by=by, region_path=region_path, **detail)
    made.save()
    return made
