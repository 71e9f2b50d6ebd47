"""The register's figures of a frozen year, place by place."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.utils import timezone

from households import asof, stats


def figures(county, as_of):
    """`{path: {figure key: [户, 人]}}` of the villages, townships and the county itself, as of the end of `as_of`.

    Figures whose past is not kept (see households.asof) are left out for a past day.
    """
    day = stats.Day.of(as_of)
    if as_of >= timezone.localdate():
        villages = stats.count([county], day, 12)
    else:
        villages = asof.count(
            county, as_of, 12, [figure.key for figure in stats.FIGURES if _kept(figure, day)]
        )
    found = defaultdict(dict)
    for village, own in villages.items():
        for width in (12, 9, 6):
            place = found[village[:width]]
            for key, (households, persons) in own.items():
                h, p = place.get(key, (0, 0))
                place[key] = [h + households, p + persons]
    return dict(found)


def _kept(figure, day):
    try:
        asof.then(figure.condition(day))
    except ValidationError:
        return False
    return True


def shown():
    """`[(key, label)]` of the figures in order."""
    return [(figure.key, figure.label) for figure in stats.FIGURES]


FIGURES = [figures]
LABELS = shown()
