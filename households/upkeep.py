"""What the register needs once a day, see fupin.jobs.upkeep, and what proves its counts, see check_counts."""

from households import breakdown, checks, stats


def recheck(today):
    """Doubts that a new day makes true or settles: targets that went by, half years, birthdays."""
    checks.check_due(today)


def recount(today):
    """Count every place anew: figures that depend on the date (due, overdue, this year) hold for one day."""
    stats.recount_all(today=today)


def differences(today):
    """`[(place, figure, kept, fresh)]` in words."""
    return [
        (place, _label(key), *(_words(pair) for pair in (kept, fresh)))
        for place, key, kept, fresh in stats.differences(today)
    ]


def _label(key):
    if key in stats.BY_KEY:
        return stats.BY_KEY[key].label
    if key.startswith(breakdown.BY):
        return f"责任人走访 {key.removeprefix(breakdown.BY)}"
    if key.startswith(breakdown.NET):
        return f"{key.removeprefix(breakdown.NET)} 年纯收入（分）和核算人口"
    return f"疑点 {key.removeprefix(stats.RULE)}"


def _words(pair):
    return "没有记数" if pair is None else f"{pair[0]} 户 {pair[1]} 人"


UPKEEP = [("households.checks", recheck), ("households.counts", recount)]
COUNTS = [("户", differences, recount)]
