"""The income line that a household is measured against: of its year, of the most specific place."""

from decimal import Decimal

from django.db.models import Q

from fupin.prepared import prepared
from fupin.regions.models import span
from households.models import LineKind, PovertyLine

MONITORED_SINCE = 2021
"""From this data year on the monitoring line judges, not the poverty line."""


@prepared
def _lines():
    rows = PovertyLine.objects.exclude(kind=LineKind.STATISTIC)
    return rows.values_list("year", "region_path", "kind", "value")


def all_lines():
    """Every line that judges a household, one query: `[(year, region path, value)]`.

    Up to 2020 that is the poverty line (a provincial one before the national), from 2021 the monitoring line;
    statistical lines never judge anybody.
    """
    return [
        (year, path, value)
        for year, path, kind, value in _lines()
        if (kind == LineKind.MONITOR) == (year >= MONITORED_SINCE)
    ]


def in_force(year, lines):
    """`{region path: value}` of the lines that hold in `year`: the newest of each region. A line holds until it
    is replaced, but no poverty line reaches past 2020, where the monitoring line took its place."""
    held = {}
    for line_year, path, value in sorted(lines):
        if line_year <= year and (line_year >= MONITORED_SINCE) == (year >= MONITORED_SINCE):
            held[path] = value
    return held


def line_for(year, path, lines=None):
    """The line of `year` at `path` in yuan, or None: of the smallest region with a line that contains it."""
    return smallest(path, in_force(year, all_lines() if lines is None else lines))


def smallest(path, held):
    """Of the lines in force the one of the smallest region that contains `path`, or None."""
    fitting = [region for region in held if path.startswith(region)]
    return held[max(fitting, key=len)] if fitting else None


def below(lines=None, margin=Decimal(1)):
    """A condition on Household: income per head of its own year below that year's line (times `margin`)."""
    lines = all_lines() if lines is None else lines
    years = sorted({year for year, _, _ in lines} | ({MONITORED_SINCE} if lines else set()))
    condition = Q(pk__in=[])
    for first, following in zip(years, [*years[1:], None]):
        in_years = Q(income_year__gte=first)
        if following:
            in_years &= Q(income_year__lt=following)
        condition |= in_years & _below(in_force(first, lines), margin)
    return condition


def _below(held, margin):
    condition, inner = Q(pk__in=[]), Q(pk__in=[])
    for path, value in sorted(held.items(), key=lambda line: -len(line[0])):
        low, high = span(path)
        place = Q(region_path__gte=low, region_path__lte=high) if path else ~Q(pk__in=[])
        condition |= place & ~inner & Q(per_capita__lt=value * margin)
        inner |= place
    return condition
