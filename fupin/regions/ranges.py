"""Statements over the rows of several places, made once and run for any.

To put together a query over fifty ranges costs more than to run it. So its SQL is made with words in the place of the
ends of the ranges ("low0", "high0", ...), is kept, and gets the ends when it is run.
"""

from django.db.models import Q

from fupin.regions.models import span

TOGETHER = 50
"""Places that one statement is made for; it is made for a single one besides."""


def inside(places):
    """A condition on `region_path`: under any of so many places, not known yet (0: everywhere)."""
    where = Q()
    for n in range(places):
        where |= Q(region_path__gte=f"low{n}", region_path__lte=f"high{n}")
    return where


def places_for(paths):
    """How many places a statement for these at most TOGETHER paths is made for."""
    return 0 if "" in paths else 1 if len(paths) == 1 else TOGETHER


def placed(params, paths):
    """The parameters of a statement made with `inside(places_for(paths))`, its words replaced by the ends. "low" and
    "high" without a number stand for the ends of all. Asking twice about the last place does no harm."""
    if "" in paths:
        return params
    ends = {"low": min(paths), "high": span(max(paths))[1]}
    for n in range(places_for(paths)):
        ends[f"low{n}"], ends[f"high{n}"] = span(paths[min(n, len(paths) - 1)])
    return [ends.get(one, one) if type(one) is str else one for one in params]
