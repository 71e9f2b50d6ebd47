"""What the register needs once a day, see fupin.jobs.upkeep, and what proves its counts, see check_counts."""

from households import stats


def recount(today):
    """Count every place anew: figures that depend on the date (due, overdue, this year) hold for one day."""
    stats.recount_all(today=today)


def differences(today):
    """`[(place, figure, kept, fresh)]` in words."""
    return [
        (place, stats.BY_KEY[key].label, *(_words(pair) for pair in (kept, fresh)))
        for place, key, kept, fresh in stats.differences(today)
    ]


def _words(pair):
    return "没有记数" if pair is None else f"{pair[0]} 户 {pair[1]} 人"


UPKEEP = [("households.counts", recount)]
COUNTS = [("户", differences, recount)]
