"""Finding a place by what somebody typed: "白坪村", "篆塘镇白坪村", "綦江区篆塘镇白坪村" or its code."""

import re

from django.core.exceptions import ValidationError
from django.db.models import Q

from fupin.regions.models import Level, Region

LISTED = 400
"""Places offered while typing; a wider scope is typed in full."""

LEVELS = (Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)


def label(region):
    """A place with the place above it, as typed back: 篆塘镇白坪村. Reads `parent`."""
    above = region.parent.name if region.parent_id and region.level >= Level.TOWNSHIP else ""
    return f"{above}{region.short_name}"


def offered(user, permission, levels=LEVELS):
    """Labels for the datalist, or [] where there are too many to list."""
    rows = Region.objects.visible_to(user, permission).filter(level__in=levels, valid_to=None)
    found = list(rows.select_related("parent").order_by("path")[: LISTED + 1])
    return [label(region) for region in found] if len(found) <= LISTED else []


def find(text, user, permission, *, levels=LEVELS, inside=""):
    """The place that `text` names, within the user's posts. `inside` (a path) decides between equal names.

    Raises ValidationError when there is none, or several.
    """
    text = re.sub(r"\s+", "", text)
    rows = Region.objects.visible_to(user, permission).filter(level__in=levels)
    if text.isdecimal():
        match = (
            Q(path=text) | Q(path=text.rstrip("0")) | Q(path=text[:9]) if len(text) == 12 else Q(path=text)
        )
        found = sorted(rows.filter(match), key=lambda region: -len(region.path))[:1]
    else:
        tails = [text[start:] for start in range(max(0, len(text) - 20), len(text))]
        named = rows.filter(Q(name__in=tails) | Q(short_name__in=tails)).select_related(
            "parent__parent__parent__parent"
        )
        found = [region for region in named if _fits(region, text)]
    if len(found) > 1 and inside:
        found = [region for region in found if region.path.startswith(inside)] or found
    if not found:
        raise ValidationError(f"您的区域里没有“{text}”，请写成“篆塘镇白坪村”这样的全称。", code="place")
    if len(found) > 1:
        names = "、".join(label(region) for region in found[:3])
        raise ValidationError(f"“{text}”有 {len(found)} 个（{names}），请写上乡镇。", code="place")
    return found[0]


def _fits(region, text):
    """Whether what stands before the place's own name names its ancestors, some of which may be left out."""
    own = next((name for name in (region.name, region.short_name) if text.endswith(name)), "")
    rest, above = text[: len(text) - len(own)] if own else text, region.parent
    while rest and above is not None:
        name = next((name for name in (above.name, above.short_name) if name and rest.endswith(name)), "")
        rest, above = rest[: len(rest) - len(name)], above.parent
    return bool(own) and not rest
