"""Groups of areas as places of the board: which hold in a year, and their figures, added up from those of their places."""

from fupin.board.panels import Group
from households import stats
from households.models import AreaGroup


def in_force(county, year):
    """The groups of a county in a data year, each followed by those that lie within it. Two queries."""
    return [_group(row, row.paths, row.depth) for row in AreaGroup.objects.in_force(county, year)]


def known(key):
    """The group of that key, of whatever year; None where there is none."""
    row = AreaGroup.objects.known(key)
    return row and _group(row, row.paths, 0)


def _group(row, paths, depth):
    return Group(row.pk, row.name, row.region_path, tuple(paths), depth, row.confirmed)


def added_up(paths, read):
    """The figures of a group of the places `paths`: what they add up to in `read` ({path: figures}), without those of
    responsible persons."""
    return stats.total(stats.shared(read[path]) for path in paths if path in read)
