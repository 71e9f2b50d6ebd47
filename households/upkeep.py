"""What the register needs once a day, see fupin.jobs.upkeep."""

from households import checks, stats


def recheck(today):
    """Doubts that a new day makes true or settles: targets that went by, half years, birthdays."""
    checks.check_due(today)


def recount(today):
    """Count every place anew: figures that depend on the date (due, overdue, this year) hold for one day."""
    stats.recount_all(today=today)


UPKEEP = [("households.checks", recheck), ("households.counts", recount)]
