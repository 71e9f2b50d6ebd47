"""Where somebody works, down to the county: found in the words that were typed."""

from fupin.regions.models import Level, Region
from fupin.regions.names import area_key

LONGEST = 12
ENDINGS = ("县", "区", "市")


def counties_in(text):
    """`{path: name}` of the counties that `text` names: one when it is clear, none, or several of one name.

    浙江省杭州市余杭区某街道 and 余杭区 name one; 鼓楼区 alone names four. A province or prefecture in the text
    decides between counties of one name.
    """
    text = area_key(text)[:60]
    pieces = {
        text[start : start + width]
        for width in range(2, LONGEST + 1)
        for start in range(max(len(text) - width + 1, 0))
    }
    found = _named(pieces, text)
    if not found:
        found = _named({piece + ending for piece in pieces for ending in ENDINGS}, text)
    return found


def _named(pieces, text):
    rows = list(
        Region.objects.filter(level=Level.COUNTY, key__in=pieces, valid_to=None)
        .select_related("parent__parent")
        .order_by("path")
    )
    longest = [
        row for row in rows if not any(row.key != other.key and row.key in other.key for other in rows)
    ]
    if len(longest) > 1:
        scored = [
            (sum(_in(place, text) for place in (row.parent, row.parent.parent)), row) for row in longest
        ]
        best = max(score for score, _ in scored)
        longest = [row for score, row in scored if score == best]
    return {row.path: f"{row.parent.parent.name}{row.parent.name}{row.name}" for row in longest}


def _in(place, text):
    """Whether the text names a province or prefecture, with or without its last word."""
    stem = place.key.rstrip("省市区") if len(place.key) > 2 else place.key
    return len(stem) > 1 and stem in text
