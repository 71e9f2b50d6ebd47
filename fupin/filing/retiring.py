"""What frozen years blank of a household whose time is over: `households.life` calls it with the rest."""

from fupin.filing.models import FrozenRow

BLANK = "（已匿名）"


def blank_names(keys):
    """Take the names out of what was kept of these households; their figures stay, so that no sum changes."""
    rows = FrozenRow.objects.unscoped("frozen").filter(kind="household", key__in=keys)
    for row in rows.order_by("pk"):
        row.name, row.facts = BLANK, row.facts | {"helper_name": ""}
        row.save(update_fields=["name", "facts"])


RETIRING = [blank_names]
