"""How often a login may be tried: hard for one user from one address, soft for one user, hard for one address.

Nothing here locks an account: whoever guesses at a colleague's name from another desk only locks that desk.
Unknown, disabled and real names are counted alike, by the name as typed.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from fupin.accounts.models import LoginFailure

WINDOW = timedelta(minutes=10)
PAIR_LIMIT = 5
"""Failures of one name from one address within the window; then that pair waits until the window has passed."""
USER_LIMIT = 20
"""Failures of one name from anywhere. Above it every address gets one try a window instead of five."""
ADDRESS_LIMIT = 60
"""Failures from one address with any names: an office behind one address stays below, a sprayer does not."""
KEPT = timedelta(days=7)


def address_of(request):
    """The caller's address. Behind our own proxy (FUPIN_HTTPS=1) it is the last hop that the proxy wrote;
    otherwise the header is the caller's own word and counts for nothing."""
    if settings.HTTPS:
        hop = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if hop:
            return hop[:45]
    return request.META.get("REMOTE_ADDR") or None


def attempt(username, address):
    """Count one try before the password is looked at, so that parallel tries cannot slip past the count.

    Returns the tries left after this one, or None when this one may not be made (nothing is hashed then).
    """
    since = timezone.now() - WINDOW
    recent = LoginFailure.objects.filter(at__gte=since)
    LoginFailure.objects.create(username=username, address=address)
    by_user = recent.filter(username=username)
    pair = by_user.filter(address=address).count()
    limit = PAIR_LIMIT if by_user.count() <= USER_LIMIT else 1
    if pair > limit or recent.filter(address=address).count() > ADDRESS_LIMIT:
        return None
    return limit - pair


def succeeded(username, address):
    """The password was right: forget this pair's failures, and everybody's old ones."""
    LoginFailure.objects.filter(username=username, address=address).delete()
    LoginFailure.objects.filter(at__lt=timezone.now() - KEPT).delete()
