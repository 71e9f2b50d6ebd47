"""How often a household must be visited, and whether the visit is due or overdue.

One rule for list filter, home page and figures: `due_q` and `overdue_q` are conditions on Household, `next_due`
says the same for one row. A visit is owed once in each calendar period. The last visit that counts is kept on
the household (`last_visit_on`), as is the period where the pairing sets its own (`visit_months`); whoever was visited in this period owes nothing, whoever was last visited in
the period before is due until this one ends, and everybody else is overdue.
"""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import F, Q

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

SOON_DAYS = 7
"""Days before the end of the period from which a due visit warns."""

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


def _before(day, months):
    """First day of the period before the one that holds `day`."""
    return period(period(day, months)[0] - timedelta(days=1), months)[0]


def _known_since(first):
    """Known only since `first`. NULL is taken as long ago, so that NOT never meets NULL."""
    return Q(monitored_on__isnull=False, monitored_on__gte=first) | Q(
        identified_on__isnull=False, identified_on__gte=first
    )


def _visited(**bounds):
    return Q(last_visit_on__isnull=False, **{f"last_visit_on__{name}": day for name, day in bounds.items()})


def _overdue(today, months):
    this, last = period(today, months)[0], _before(today, months)
    return _visited(lt=last) | Q(last_visit_on=None) & ~_known_since(this)


def _due(today, months):
    this, last = period(today, months)[0], _before(today, months)
    return _visited(gte=last, lt=this) | Q(last_visit_on=None) & _known_since(this)


def _soon(today, months):
    if (period(today, months)[1] - today).days > SOON_DAYS:
        return Q(pk__in=[])
    return _due(today, months)


def _condition(today, part):
    by_table = own = Q(pk__in=[])
    for _, who, months in RULES:
        by_table |= who & part(today, months)
    for months in LENGTHS:
        own |= Q(visit_months=months) & part(today, months)
    # Hardly any row has a period of its own: asked first, the six cases are rarely tried.
    return Q(visit_months=None) & by_table | Q(visit_months__isnull=False) & required_q() & own


def required_q():
    """Households that owe visits at all: the denominator of the visit rate."""
    return MONITORED | REGISTERED


def due_q(today):
    """Households that must still be visited in this period, and are not late."""
    return _condition(today, _due)


def soon_q(today):
    """Those of `due_q` whose period ends within SOON_DAYS."""
    return _condition(today, _soon)


def overdue_q(today):
    """Households whose last period went by without a visit, and that were not visited since."""
    return _condition(today, _overdue)


def soonest_first(households):
    """Longest without a visit first, never visited before all others."""
    return households.order_by(F("last_visit_on").asc(nulls_first=True), "region_path", "pk")


def months_for(household):
    """Months of this household's period, None when it owes no visit."""
    if household.registry_status == "9":
        return None
    monitored = household.risk_state in {"1", "3"}
    if not monitored and household.registry_status not in {"1", "2", "3", "4"}:
        return None
    return household.visit_months or (1 if monitored else 3)


def next_due(household, today):
    """The last day on which the next visit is in time; None when no visit is owed.

    Never visited: the end of this period when the household is known only since it began, otherwise the end
    of the period before, because how long nobody came is not known.
    """
    months = months_for(household)
    if months is None:
        return None
    this, last_day = period(today, months)
    if household.last_visit_on is not None:
        visited = period(household.last_visit_on, months)[0]
        return period(after(visited, months), months)[1]
    known = max(filter(None, (household.monitored_on, household.identified_on)), default=None)
    return last_day if known is not None and known >= this else this - timedelta(days=1)


def rule_for(household):
    """The rule in words: 每月 1 次."""
    months = months_for(household)
    words = {None: "无走访要求", 1: "每月 1 次", 3: "每季度 1 次", 6: "每半年 1 次", 12: "每年 1 次"}
    return words.get(months, f"每 {months} 个月 1 次")
