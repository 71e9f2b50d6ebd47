"""Rows a few hundred at a time, for what asks the database once for each lot; `itertools.batched` of Python 3.12."""

from itertools import islice


def batched(rows, size):
    """Lists of at most `size` (above 0) of `rows`, in their order; none of no rows."""
    rows = iter(rows)
    while lot := list(islice(rows, size)):
        yield lot
