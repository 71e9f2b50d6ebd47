"""A short run of the fuzz command (see `workbooks`), other files each month."""

from datetime import date

from tests.fuzz import workbooks


def test_thirty_spoiled_workbooks_are_read_or_refused():
    tally = workbooks.run(30, f"{date.today():%Y-%m}", real_one_in=30)

    assert not tally.unhandled
    assert sum(tally.codes.values()) == 30
    assert tally.codes["planned"]
    assert not tally.over
    assert not tally.dead
