"""A frame with room for those that it calls."""

import pytest

from tests.roomy import roomy

resource = pytest.importorskip("resource")


def faults(depth):
    """Pages that a hundred calls at this depth take anew."""
    if depth:
        return faults(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        int.__call__(leaf())
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def leaf():
    return 0


def test_at_no_depth_a_call_takes_its_stack_from_the_kernel():
    @roomy
    def worst():
        return sorted(faults(depth) for depth in range(400))[-1]

    assert worst() < 100


def test_it_is_the_function_that_it_was():
    @roomy
    def sum_of(one, *, other):
        """Words."""
        if other is None:
            raise ValueError
        return one + other

    assert (sum_of(1, other=2), sum_of.__name__, sum_of.__doc__) == (3, "sum_of", "Words.")
    with pytest.raises(ValueError):
        sum_of(1, other=None)
