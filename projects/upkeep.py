"""What projects need once a day, see fupin.jobs.upkeep, and what proves their counts, see check_counts."""

from projects import kept, stats


def recount(today):
    """Count every place anew: figures that depend on the date (due, overdue, this year) hold for one day."""
    kept.recount(today=today)


def differences(today):
    """`[(place, figure, kept, fresh)]` in words."""
    labels = {key: figure.label for key, figure in stats.BY_KEY.items()} | kept.LABELS
    return [
        (place, labels[key], *(f"{every}（本级 {own}）" for every, own in (held, fresh)))
        for place, key, held, fresh in kept.differences(today)
    ]


UPKEEP = [("projects.counts", recount)]
COUNTS = [("项目", differences, recount)]
