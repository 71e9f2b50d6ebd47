"""How often a login may be tried: hard for one user from one address, slower for one user, hard for one address.

Nothing here locks an account: whoever guesses at a colleague's name from another desk only locks that desk. An
address from which the person has entered in the last weeks has its own five tries whatever happens elsewhere, and
whatever others try from it. Unknown, disabled and real names are counted alike, by the name as typed.

A try is written down before it is counted and before the password is looked at. Of tries made at once in several
processes the n-th to be written sees at least n, so no more than the limit get through, on either database.
"""

import random
import threading
import time
from collections import deque
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from fupin.accounts.models import KnownPlace, LoginFailure, LoginSlot
from fupin.headers import address_of

__all__ = ["address_of", "attempt", "entered", "level", "place", "succeeded"]

LOGIN, CODE = "login", "code"
WINDOW = {LOGIN: timedelta(minutes=10), CODE: timedelta(minutes=15)}
PAIR_LIMIT = 5
"""Failures of one name from one address within the window; then that pair waits until the window has passed."""
USER_LIMIT = 20
"""Failures of one name from anywhere. Above it all addresses that the person has never entered from share one try
in SLOT, and each of them has one in the window."""
SLOT = timedelta(seconds=10)
ADDRESS_LIMIT = 60
"""Failures from one address with any names: an office behind one address stays below, a sprayer does not."""
KEPT = timedelta(days=7)
KNOWN = timedelta(days=30)

PLACES = 2
"""Logins that one server process works at together: one hashes, the next stands ready. The process has four threads;
the others are for everybody else's pages."""
_places = threading.BoundedSemaphore(PLACES)
FURTHEST = 60.0
"""Seconds after which whoever found no place is told to come again, at most."""


class Busy(Exception):
    """All places are taken: the answer is 429."""


@contextmanager
def place():
    """One of the places in which a password is looked at. Raises Busy at once: a thread that waits serves no page."""
    if not _places.acquire(blocking=False):
        raise Busy
    started = time.monotonic()
    try:
        yield
    finally:
        _held.append(time.monotonic() - started)
        _places.release()


_held = deque(maxlen=20)
"""Seconds for which the last places were taken."""
_turns = threading.Lock()
_next = 0.0


def turn(again=False):
    """In how many seconds one of those who found no place should come. Each is told a moment of their own, as far
    from that of the one before as places come free; who comes `again` and finds none stands first in line."""
    global _next
    each = max(0.1, (sum(_held) / len(_held) if _held else 0.5) / PLACES)
    if again:
        return each * random.uniform(1, 3)  # noqa: S311 (no secret)
    now = time.monotonic()
    with _turns:
        # not a difference of two readings of the clock, which is a bit more than FURTHEST now and then
        wait = min(max(0.0, _next - now) + each, FURTHEST)
        _next = now + wait
        return wait


LONGEST = 10.0
_recent = deque(maxlen=40)
"""Seconds that the last refused logins took which did hash something."""


def level(started, hashed):
    """Sleep until a refused login has taken as long as any other: unknown, wrong, disabled and locked ones.

    The wanted time is longer than what the last hashes took, on a busy machine too; a few milliseconds of chance
    cover what is left. `hashed`: whether this one looked at a password.
    """
    if not settings.LOGIN_SECONDS:
        return
    if hashed:
        _recent.append(time.monotonic() - started)
    wanted = settings.LOGIN_SECONDS
    while wanted < min(1.25 * max(_recent, default=0), LONGEST):
        wanted *= 1.5  # by steps, so that the processes of a server mostly agree
    wanted += random.uniform(0, 0.03)  # noqa: S311 (no secret)
    time.sleep(max(0, started + wanted - time.monotonic()))


def attempt(username, address, kind=LOGIN):
    """Count one try before the secret is looked at. Whether it may be made: if not, nothing is hashed.

    A refused try leaves no trace: the lock ends when the window has passed, however long somebody goes on knocking.
    """
    now = timezone.now()
    made = LoginFailure.objects.create(kind=kind, username=username, address=address)
    if _allowed(username, address, kind, now):
        return True
    made.delete()
    return False


def _allowed(username, address, kind, now):
    recent = LoginFailure.objects.filter(kind=kind, at__gte=now - WINDOW[kind])
    by_user = recent.filter(username=username)
    pair = by_user.filter(address=address).count()
    if pair > PAIR_LIMIT:
        return False
    if known(username, address, now):
        return True
    if recent.filter(address=address).count() > ADDRESS_LIMIT:
        return False
    if by_user.count() <= USER_LIMIT:
        return True
    return pair == 1 and _slot(username, now)


def known(username, address, now):
    places = KnownPlace.objects.filter(username=username, address=address, at__gte=now - KNOWN)
    return address is not None and places.exists()


def _slot(username, now):
    """Take the one try in SLOT. The database decides who gets it."""
    free = LoginSlot.objects.filter(username=username)
    if free.filter(free_at__lte=now).update(free_at=now + SLOT):
        return True
    if free.exists():
        return False
    try:
        with transaction.atomic():
            LoginSlot.objects.create(username=username, free_at=now + SLOT)
    except IntegrityError:
        return False
    return True


def succeeded(username, address, kind=LOGIN):
    """The secret was right: forget this pair's failures."""
    LoginFailure.objects.filter(kind=kind, username=username, address=address).delete()


def entered(username, address):
    """The whole login was right: from now on this address is the person's own."""
    if address:
        KnownPlace.objects.update_or_create(
            username=username, address=address, defaults={"at": timezone.now()}
        )


def forget_old(now):
    """Daily: what no limit looks at any more."""
    LoginFailure.objects.filter(at__lt=now - KEPT).delete()
    LoginSlot.objects.filter(free_at__lt=now - KEPT).delete()
    KnownPlace.objects.filter(at__lt=now - KNOWN).delete()
