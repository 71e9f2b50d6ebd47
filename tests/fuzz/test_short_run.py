"""A short run of the fuzz command (see `workbooks`), other files each month."""

from datetime import date

import pytest

from tests.fuzz import workbooks
from tests.parts import left_out


@pytest.mark.parametrize("count", [15, left_out(30)])
def test_spoiled_workbooks_are_read_or_refused(count):
    tally = workbooks.run(count, f"{date.today():%Y-%m}", real_one_in=30)

    assert not tally.unhandled
    assert sum(tally.codes.values()) == count
    assert tally.codes["planned"]
    assert not tally.over
    assert not tally.dead
