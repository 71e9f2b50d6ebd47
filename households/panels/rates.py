"""发生率 by year: of how many people who live in a place how many were poor, or at risk, at the end of the year."""

from decimal import Decimal

from django.db.models import Exists, OuterRef, Value

from fupin.filing.frozen import Several
from fupin.filing.models import FrozenPlace, YearFreeze
from fupin.regions.models import WIDTHS, Level
from households.models import RegionCount, VillageProfile

VILLAGE = WIDTHS[Level.VILLAGE]


def people(view, ends):
    """`{year: 村情总人口}` of the place of a view at the ends of these years, `{year: freeze}`, None for the day of the view
    where the register answers: the sum over its villages of the newest profile not after the year. None where a village in which
    households lived has no profile, or does not say it: a rate would lie. Three queries at most."""
    told = _told(view.paths, max(ends, default=0))
    silent = _silent(view, ends, told) if told else set(ends)
    found = {}
    for year in ends:
        held = [_newest(rows, year) for rows in told.values()]
        held = [population for known, population in held if known]
        found[year] = sum(held) if held and None not in held and year not in silent else None
    return found


def rate(cell, population):
    """The persons of a figure among so many people, as a fraction; None where one of the two is not known, or withheld."""
    known = population and not cell.few and not cell.unknown
    return Decimal(cell.persons) / population if known else None


def _told(paths, year):
    """`{village: [(year, population)]}` of the profiles until the year, in order of year."""
    if any(len(path) > VILLAGE for path in paths):  # a group of a village has no profile
        return {}
    rows = VillageProfile.objects.unscoped("counts")
    rows = rows.filter(rows.in_paths(paths), year__lte=year).order_by("region_path", "year")
    found = {}
    for path, told_in, population in rows.values_list("region_path", "year", "population"):
        found.setdefault(path, []).append((told_in, population))
    return found


def _newest(rows, year):
    """`(whether a profile tells of the year, its population)`."""
    told = [population for told_in, population in rows if told_in <= year]
    return bool(told), told[-1] if told else None


def _silent(view, ends, told):
    """The years at whose end households lived in a village of the place that has no profile."""
    found, frozen = set(), {}
    for year, freeze in ends.items():
        if freeze:
            for one in freeze.members if isinstance(freeze, Several) else [freeze]:
                frozen[one.pk] = year
        elif _silent_now(view, year, told):
            found.add(year)
    if frozen:
        lived = _without_profile(FrozenPlace, view.paths, OuterRef("freeze__year"), freeze=OuterRef("pk"))
        rows = YearFreeze.objects.unscoped("frozen").filter(Exists(lived), pk__in=frozen).order_by()
        found |= {frozen[pk] for pk in rows.values_list("pk", flat=True)}
    return found


def _silent_now(view, year, told):
    if view.past:
        return any(not _newest(told.get(path, ()), year)[0] for path in view.held.get("lived", ()))
    return _without_profile(RegionCount, view.paths, Value(year)).exists()


def _without_profile(model, paths, year, **of):
    """Villages of kept counts in which households live and of which no profile tells."""
    profiles = VillageProfile.objects.unscoped("counts").filter(
        region_path=OuterRef("region_path"), year__lte=year
    )
    rows = model.objects.unscoped("counts")
    rows = rows.filter(
        ~Exists(profiles), rows.in_paths(paths), level=Level.VILLAGE, figures__all__0__gt=0, **of
    )
    return rows.order_by()
