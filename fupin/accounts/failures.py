"""Failed logins and lockouts in the trail, added up so that nobody can flood it.

Of one account and one address within WINDOW the trail tells the first failure, the first that was refused unlooked (the
lockout), the tenth, hundredth and so on, and at the end what had not been told. Addresses above MOST go into one sum.
Whoever types a name that nobody has may have typed a password: such names are not stored, and are one account, 0.
"""

from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from fupin.accounts.models import LoginTally, User
from fupin.audit.record import record

WINDOW = timedelta(hours=1)
MOST = 200
"""Pairs of account and address that are told apart within the window."""
AT_ONCE = 20
"""Ended sums that one failure closes along with its own business."""
FAILED, LOCKED = "user.login_failed", "user.login_locked"


@transaction.atomic
def note(kind, username, address, *, looked):
    """Add one failure. `kind`: as in `throttle`; `looked`: whether the secret was looked at, or the try refused before."""
    now = timezone.now()
    close(now, AT_ONCE)
    row = _row(kind, _account(username), address or "", now)
    if looked:
        row.failed += 1
    else:
        row.refused += 1
    total = row.failed + row.refused
    if set(str(total)[1:]) <= {"0"} and str(total)[0] == "1":
        _tell(row, FAILED)
    elif not looked and row.refused == 1:
        _tell(row, LOCKED)
    row.save()


def _account(username):
    if username[:1] == "#":  # the second step knows whose it is
        return int(username[1:])
    return User.objects.filter(username=username).values_list("pk", flat=True).first() or 0


def _row(kind, account, address, now):
    rows = LoginTally.objects.select_for_update()
    found = rows.filter(kind=kind, account=account, address=address).first()
    if found is None and LoginTally.objects.count() >= MOST:
        address = ""
        found = rows.filter(kind=kind, account=account, address="").first()
        if found is None and account and LoginTally.objects.count() >= 2 * MOST:
            return _row(kind, 0, "", now)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return LoginTally.objects.create(kind=kind, account=account, address=address, since=now)
    except IntegrityError:  # another request has just made it
        return rows.get(kind=kind, account=account, address=address)


def _tell(row, action):
    user = User.objects.filter(pk=row.account).first()
    place = user.home_region.path if user and user.home_region else ""
    record(
        action, f"accounts.user:{row.account}" if row.account else "accounts.user:?", by=None, region_path=place,
        failed=row.failed, refused=row.refused, since=timezone.localtime(row.since).strftime("%Y-%m-%d %H:%M:%S"),
        **({"step": "动态码"} if row.kind == "code" else {}), **({} if row.address else {"address": "多个地址"}),
    )  # fmt: skip
    row.told = row.failed + row.refused


@transaction.atomic
def close(now, most=None):
    """Tell what ended sums have not told yet, and drop them; `most`: how many at once."""
    rows = LoginTally.objects.select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    ).filter(since__lt=now - WINDOW)
    for row in rows.order_by("since", "pk")[:most]:
        if row.failed + row.refused > row.told:
            _tell(row, LOCKED if row.refused else FAILED)
        row.delete()
