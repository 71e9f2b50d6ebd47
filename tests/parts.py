"""Sweeps over every combination run in two parts: `python -m pytest` takes a slice of them, always the same one, and
`python -m pytest -m exhaustive` (which `.ci/run` does on both databases) takes all the others.

Only what is generated is cut like this: a cross-product, a row of samples, of seeds, of figures. A test of one
behaviour is never left out of the plain run, and a case is in one of the two parts, so that both make the whole.
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


def left_out(*values):
    """A case of `parametrize` that is not in the plain run."""
    return pytest.param(*values, marks=exhaustive)
