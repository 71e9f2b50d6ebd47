"""Which figures of few households are withheld from who may not see the rows: one rule for pages, papers and files.

A figure of one to four households is withheld. Beside others whose sum is shown it would come out by subtraction: where of
a sum and its parts exactly one is withheld, or those withheld add up to one to four, the next smallest part is withheld with
it. Sums are the place over its parts,
and within a place those of SUMS. The rule runs from the county down, so that a figure withheld on the page above is not
shown on the place's own. What is withheld on the place's own page alone the page above would show: so there it is never the
place's own figure that goes with a part, while a part can, be it one of nobody (0), which then is not told from the other.
"""

from functools import cache

from households import breakdown, codes, stats
from households.stats import is_few

WIDTHS = (6, 9, 12, 14)
"""Digits of the places through which the rule runs down: county, township, village, group."""
COUNTY = WIDTHS[0]

SUMS = (
    ("all", ("registered", "ordinary")),
    ("all", (*(f"income-{int(low)}" for low in stats.BANDS), "income-none")),
    ("registered", ("poor", "leaving", "out", "relapsed")),
    ("monitored", tuple(f"monitor-{code}" for code in codes.MonitorCategory.values if code != "0")),
    ("monitored", ("risk-open", "risk-cleared")),
    ("visit-required", ("visit-ok", "visit-over")),
    ("plan-year", ("plan-done", "plan-open")),
    # not every household has its dates: the years may add up to less, and are taken as if they did not
    *(
        (key, tuple(f"{name}-{year}" for year in range(breakdown.FIRST, breakdown.LAST + 1)))
        for key, name in (
            ("registered", "identified"),
            ("out", "exited"),
            ("monitored", "watched"),
            ("risk-cleared", "cleared"),
        )
    ),
    *(
        (key, tuple(f"{key}-since-{year}" for year in range(breakdown.FIRST, breakdown.LAST + 1)))
        for key in breakdown.SHORTFALLS
    ),
)
"""`(sum, its parts)` of one place."""

NOBODY = (0, 0)

MARK = "不列"
"""What stands in the place of a withheld figure: of one that is few and of one that would tell of few the same."""


def among(children, own=None, above=()):
    """What is withheld of a place and of its parts: `(keys of the place, {path: keys})`.

    `children`: `{path: {key: [households, persons]}}`. `own`: the figures of the place, by default what they add up to.
    `above`: keys of the place that are withheld already where it stands beside others.
    """
    own = stats.total(children.values()) if own is None else own
    places = {"": own, **children}
    hidden = {
        path: {key for key, pair in found.items() if is_few(pair) and not key.startswith(breakdown.NET)}
        for path, found in places.items()
    }
    hidden[""] |= set(above)
    _close(places, hidden)
    while found := _determined(places, hidden):
        for total, parts in _sums(places, hidden):
            cells = (total, *parts)
            if found.isdisjoint(cells):
                continue
            others = [cell for cell in cells if cell[1] not in hidden[cell[0]]]
            if others:
                path, key = min(others, key=lambda cell: (not cell[0], *_order(places, cell)))
                hidden[path].add(key)
                found -= set(cells)
        if found:  # nothing is left that could be withheld beside them
            break
        _close(places, hidden)
    return hidden.pop(""), hidden


def _close(places, hidden):
    """Withhold more, until no sum tells one of its parts, or that few are left."""
    again = True
    while again:
        again = False
        for total, parts in _sums(places, hidden):
            unknown = [cell for cell in (total, *parts) if cell[1] in hidden[cell[0]]]
            told = total not in unknown and sum(_households(places, cell) for cell in unknown) < stats.FEW
            if len(unknown) != 1 and not told:
                continue
            others = [cell for cell in parts if cell not in unknown and _may_be(places, hidden, cell)]
            if told:  # one of nobody would tell as much
                others = [cell for cell in others if _households(places, cell)]
            if not others and total not in unknown:
                others = [total]
            if others:
                path, key = min(others, key=lambda cell: _order(places, cell))
                hidden[path].add(key)
                again = True


TOTALS = {
    part: {total for total, parts in SUMS if part in parts}
    for part in {part for _, parts in SUMS for part in parts}
}


def _may_be(places, hidden, cell):
    """Whether a cell of nobody could be one of somebody, as far as the sums above it show: else it is told by them."""
    path, key = cell
    above = [("", key), *((path, total) for total in TOTALS.get(key, ()))]
    return _households(places, cell) or all(
        _households(places, one) or one[1] in hidden[one[0]] for one in above
    )


def _order(places, cell):
    """In which order cells go with another: the smallest that is not of nobody, then of nobody in the largest place."""
    count = _households(places, cell)
    return not count, count or -_households(places, (cell[0], "all")), cell


PRIME = 2**61 - 1


def _determined(places, hidden):
    """The withheld cells that several sums taken together tell: those that the equations of all sums leave no choice.
    Gauss and Jordan over whole numbers modulo a prime, each equation with its few cells only."""
    rows, where = {}, {}  # by their pivot; the pivots of the rows in which a cell stands
    for total, parts in _sums(places, hidden):
        if _households(places, total) and not any(_households(places, cell) for cell in parts):
            continue  # nothing of the sum is known
        row = {cell: 1 for cell in parts if cell[1] in hidden[cell[0]]}
        if total[1] in hidden[total[0]]:
            row[total] = PRIME - 1
        for cell in [cell for cell in row if cell in rows]:
            _take(row, rows[cell], row[cell])
        if not row:
            continue
        pivot = min(row)
        factor = pow(row[pivot], -1, PRIME)
        row = {cell: value * factor % PRIME for cell, value in row.items()}
        for other in list(where.get(pivot, ())):
            before = rows[other].keys() - {other}
            _take(rows[other], row, rows[other][pivot])
            for cell in before - rows[other].keys():
                where[cell].discard(other)
            for cell in rows[other].keys() - before - {other}:
                where.setdefault(cell, set()).add(other)
        rows[pivot] = row
        for cell in row.keys() - {pivot}:
            where.setdefault(cell, set()).add(pivot)
    return {pivot for pivot, row in rows.items() if len(row) == 1}


def _take(row, other, times):
    """Take `times` the equation `other` from `row`."""
    for cell, value in other.items():
        left = (row.get(cell, 0) - times * value) % PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


def _sums(places, hidden):
    """`(cell of the sum, cells of its parts)`, a cell being `(path, key)`: those in which something is withheld."""
    below = [path for path in places if path]
    for key in sorted(set().union(*hidden.values())):
        if below:
            yield ("", key), [(path, key) for path in below]
    for path in places:
        for total, parts in SUMS:
            held = [(path, key) for key in parts if key in places[path] or key in hidden[path]]
            if hidden[path].isdisjoint((total, *parts)) or not held:
                continue
            if (
                total in places[path]
                or total in hidden[path]
                or not any(_households(places, cell) for cell in held)
            ):
                yield (path, total), held


def _households(places, cell):
    return places[cell[0]].get(cell[1], NOBODY)[0]


def at(path, read):
    """`among` of the place `path`, with what is withheld of it on the pages above. `read(path)` gives
    `(own figures, {path of a part: its figures})`."""
    above = ()
    for width, below in zip(WIDTHS, WIDTHS[1:]):
        if width < len(path):
            own, children = read(path[:width])
            above = among(children, own, above)[1].get(path[:below], ())
    own, children = read(path)
    return among(children, own, above)


def today(paths, day):
    """`{path: keys withheld}` of villages, townships and counties as they stand now. A question or two for each place
    above them."""
    return each(paths, cache(lambda path: stats.figures_of(path, today=day)))


def each(paths, read):
    """`today` of the figures that `read` gives (see `at`)."""
    parts = {}

    def hidden(path):
        if len(path) <= COUNTY:
            return at(path, read)[0]
        above = path[: WIDTHS[WIDTHS.index(len(path)) - 1]]
        if above not in parts:
            parts[above] = at(above, read)[1]
        return parts[above].get(path, set())

    return {path: hidden(path) for path in paths}


def without(figures, hidden):
    """`figures` of one place without those that are withheld."""
    return {key: pair for key, pair in figures.items() if key not in hidden}
