"""Daily upkeep of logins: sessions that ended and tries that count no more. See `fupin.jobs.worker`."""

from datetime import timedelta

from django.utils import timezone

from fupin.accounts import failures, throttle
from fupin.accounts.models import Session

DAY = timedelta(days=1)
"""A session that ended is kept this long: it says whose the text is that a page posts after its end."""


def remove_ended(today):
    """Delete sessions long past their end, and what the throttle needs no more."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now - DAY).delete()
    throttle.forget_old(now)
    failures.close(now)


UPKEEP = [("accounts.sessions", remove_ended)]
