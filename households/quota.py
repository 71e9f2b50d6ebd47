"""How often a household must be visited, and which households are overdue by that.

Default of the domain reference 5.2: a household with an open risk once a month, every other household under
assistance once a quarter; a county may set its own days. The clock starts with the last counted visit.
"""

from datetime import timedelta

from django.db.models import Q

from households.models import ASSISTED

MONITOR_DAYS = 31
ASSIST_DAYS = 92
SOON_DAYS = 7

_RISKY = Q(risk_state__in=["1", "3"])


def required_q():
    """Households that must be visited at all."""
    return ASSISTED


def _due_before(day):
    """Households whose next visit was due before `day`, or who were never visited."""
    return ASSISTED & (
        Q(last_visit_on=None)
        | _RISKY & Q(last_visit_on__lt=day - timedelta(MONITOR_DAYS))
        | ~_RISKY & Q(last_visit_on__lt=day - timedelta(ASSIST_DAYS))
    )


def overdue_q(today):
    """Households whose visit is overdue today."""
    return _due_before(today)


def soon_q(today):
    """Households whose visit falls due within SOON_DAYS and is not overdue yet."""
    return _due_before(today + timedelta(SOON_DAYS)) & ~_due_before(today)


def due_on(household):
    """The day by which this household must be visited next; None when never visited or not required."""
    if household.last_visit_on is None or not household.is_assisted:
        return None
    days = MONITOR_DAYS if household.risk_state in "13" else ASSIST_DAYS
    return household.last_visit_on + timedelta(days)
