"""Sweeps over every combination run in two parts: `python -m pytest` takes a slice of them, always the same one, and
`python -m pytest -m exhaustive` (which `.ci/run` does on both databases) takes all the others.

Two things are left to the second part. Of what is generated (a cross-product, a row of samples, of seeds, of figures) all
cases outside the slice. And what starts whole processes to see what tests in one process have seen rule by rule: workers
that are killed or run side by side, the second `up` after a first one, the demo loaded whole, `check --deploy`. One `up` is
started in the plain run. A test of one behaviour in one process is never left out, and no case is in neither part.
"""

from dataclasses import dataclass

import pytest

exhaustive = pytest.mark.exhaustive


@dataclass(frozen=True)
class Part:
    """Of every `every` cases the one at `at`, or (`rest`) all the others."""

    every: int
    rest: bool
    at: int = 0

    def of(self, cases):
        """Those of `cases`, which come in the same order each time, that this part takes."""
        return [case for n, case in enumerate(cases) if (n % self.every != self.at) == self.rest]


def two_parts(every, at=0):
    """A test that is given `part` and asks it which cases to take."""
    parts = [Part(every, False, at), pytest.param(Part(every, True, at), marks=exhaustive)]
    return pytest.mark.parametrize("part", parts, ids=["slice", "rest"])


def one_of(every, cases, at=0):
    """Cases for `parametrize`, of every `every` the one at `at` in the plain run."""
    return [case if n % every == at else left_out(case) for n, case in enumerate(cases)]


def few_of(every, cases):
    """`one_of` where a case is several values."""
    return [pytest.param(*case, marks=() if n % every == 0 else exhaustive) for n, case in enumerate(cases)]


def left_out(*values):
    """A case of `parametrize` that is not in the plain run."""
    return pytest.param(*values, marks=exhaustive)
