"""How often a household must be visited, and whether the visit is due or overdue.

One rule for list filter, home page and figures: `due_q` and `overdue_q` are conditions on Household, `next_due`
says the same for one row. A visit is owed once in each calendar period: whoever was visited in this period owes
nothing until the end of the next, whoever was last visited in the period before is due until this one ends, and
everybody else is overdue. That day does not depend on today. It is kept on the household (`visit_due`), beside what
it follows from: the last visit that counts (`last_visit_on`) and the period where the pairing sets its own
(`visit_months`). So the overdue of a place are one range of one index, the longest overdue its start.
"""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q

HELPER_CAP = getattr(settings, "HELPER_CAP", 5)
"""Households that one helper looks after before pairing warns."""

LATE_ENTRY_DAYS = getattr(settings, "LATE_ENTRY_DAYS", 7)
"""A visit typed more than this many days afterwards is marked 补录."""

COUNTING_WAYS = getattr(settings, "COUNTING_WAYS", ("1",))
"""Ways of visiting that meet the requirement: only 入户."""

MONITORED = Q(risk_state__in=["1", "3"]) & ~Q(registry_status="9")
REGISTERED = Q(registry_status__in=["1", "2", "3", "4"]) & ~Q(risk_state__in=["1", "3"])

RULES = [
    ("监测户（风险未消除）", MONITORED, 1),
    ("脱贫户、在帮扶户", REGISTERED, 3),
]
"""(who, condition, months of the period): 监测户 once a month, 脱贫户 and 在帮扶户 once a quarter. Other
households owe no visit. `Pairing.visits_per_year` of the responsible person goes before this table."""

LONG_AGO = date(1900, 1, 1)
"""`visit_due` of a household that was never visited and is not known since when: before all others."""

SOON_DAYS = 7
"""Days before the end of the period from which a due visit warns."""

UNVISITED_DAYS = 60
"""Days without a visit after which a household that is owed visits is named on the board (domain reference 9.3)."""

RULE_TEXT = "监测户每月、脱贫户和在帮扶户每季度至少入户一次"

LENGTHS = (1, 2, 3, 4, 6, 12)
"""Months that a period may have, so that periods never cross a year."""


def months_of(visits_per_year):
    """Months of the longest period that still holds this many visits a year: 4 gives 3, 5 gives 2."""
    return max(length for length in LENGTHS if length * visits_per_year <= 12 or length == 1)


def period(day, months):
    """First and last day of the calendar period of `months` that holds `day`."""
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, after(first, months) - timedelta(days=1)


def after(first, months):
    """The first day of the period that follows the one beginning on `first`."""
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)


def _last_day(day, months):
    """The last day of the calendar period of `months` that holds `day`."""
    return period(day, months)[1]


def required_q():
    """Households that owe visits at all: the denominator of the visit rate."""
    return Q(visit_due__isnull=False)


def due_q(today):
    """Households that must still be visited in this period, and are not late."""
    by_table = own = Q(pk__in=[])
    for _, who, months in RULES:
        by_table |= who & Q(visit_due__lte=_last_day(today, months))
    for months in LENGTHS:
        own |= Q(visit_months=months, visit_due__lte=_last_day(today, months))
    # Hardly any row has a period of its own: asked first, the six cases are rarely tried.
    return Q(visit_due__gte=today) & (Q(visit_months=None) & by_table | Q(visit_months__isnull=False) & own)


def soon_q(today):
    """Those of `due_q` whose period ends within SOON_DAYS.

    Whoever was visited in this period is due at the end of the next one, which is at least 28 days away: the
    date alone says it.
    """
    return Q(visit_due__gte=today, visit_due__lte=today + timedelta(SOON_DAYS))


def overdue_q(today):
    """Households whose last period went by without a visit, and that were not visited since."""
    return Q(visit_due__lt=today)


def unvisited_q(today):
    """Households that are owed visits, and were not visited for more than UNVISITED_DAYS, or never."""
    long_ago = Q(last_visit_on__lt=today - timedelta(UNVISITED_DAYS))
    return required_q() & (Q(last_visit_on=None) | long_ago)


def waiting_q(today):
    """`overdue_q` or `soon_q`, as one range of dates."""
    return Q(visit_due__lte=today + timedelta(SOON_DAYS))


def soonest_first(households):
    """Longest overdue first; never visited and not known since when before all others."""
    return households.order_by("visit_due", "region_path", "pk")


def _months(registry_status, risk_state, visit_months):
    if registry_status == "9":
        return None
    monitored = risk_state in {"1", "3"}
    if not monitored and registry_status not in {"1", "2", "3", "4"}:
        return None
    return visit_months or (1 if monitored else 3)


def months_for(household):
    """Months of this household's period, None when it owes no visit."""
    return _months(household.registry_status, household.risk_state, household.visit_months)


def due_on(registry_status, risk_state, visit_months, last_visit_on, *known):
    """What a household of these columns keeps as `visit_due`: the last day on which the next visit is in time,
    whatever day it is today. `known`: the days on which it was identified, None where it was not.

    None when no visit is owed, LONG_AGO when nobody ever came and it is not known since when.
    """
    months = _months(registry_status, risk_state, visit_months)
    if months is None:
        return None
    if last_visit_on is not None:
        return _last_day(_last_day(last_visit_on, months) + timedelta(1), months)
    since = max(filter(None, known), default=None)
    return _last_day(since, months) if since else LONG_AGO


def next_due(household, today):
    """The last day on which the next visit is in time; None when no visit is owed.

    Never visited: the end of the period in which the household became known. Once that is past, the end of the
    period before this one, because how long nobody came is not known.
    """
    row = household
    due = due_on(
        row.registry_status,
        row.risk_state,
        row.visit_months,
        row.last_visit_on,
        row.monitored_on,
        row.identified_on,
    )
    if due is not None and due < today and household.last_visit_on is None:
        return period(today, months_for(household))[0] - timedelta(days=1)
    return due


def rule_for(household):
    """The rule in words: 每月 1 次."""
    months = months_for(household)
    words = {None: "无走访要求", 1: "每月 1 次", 3: "每季度 1 次", 6: "每半年 1 次", 12: "每年 1 次"}
    return words.get(months, f"每 {months} 个月 1 次")
