"""What the register needs once a day, see fupin.jobs.upkeep."""

from households import stats


def recount(today):
    """Count every place anew: figures that depend on the date (due, overdue, this year) hold for one day."""
    stats.recount_all(today=today)


UPKEEP = [("households.counts", recount)]
