"""A submit counts once: double clicks, retries after a time-out and the back button change nothing twice."""

import hashlib
import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.shortcuts import redirect

from fupin.accounts.models import Submission

FIELD = "submit_key"


def new_key():
    """A fresh key for a form: drawn as the hidden field `submit_key`."""
    return str(uuid.uuid4())


def _digest(data: QueryDict):
    pairs = sorted(
        (name, value) for name, values in data.lists() if name != "csrfmiddlewaretoken" for value in values
    )
    return hashlib.sha256(repr(pairs).encode()).hexdigest()


def already(request):
    """The redirect that an earlier submit with this key earned, or None when the key is new.

    Raises ValidationError when the key was used for another content: the page shows it and keeps the text.
    """
    key = request.POST.get(FIELD, "")
    try:
        found = Submission.objects.filter(user=request.user, key=uuid.UUID(key)).first()
    except ValueError:
        return None
    if found is None:
        return None
    if found.digest != _digest(request.POST):
        raise ValidationError("这一页已经提交过一次，内容又有改动。请重新打开页面再改。")
    return redirect(found.location)


def remember(request, location):
    """Write down that this submit counted and led to `location`. Call inside the action's transaction:
    of two submits at once the second fails on the unique key and is rolled back whole (IntegrityError)."""
    key = request.POST.get(FIELD, "")
    try:
        key = uuid.UUID(key)
    except ValueError:
        return
    Submission.objects.create(user=request.user, key=key, digest=_digest(request.POST), location=location)


def once(request, act):
    """Run `act()` in one transaction with its `remember`, and redirect to the location it returns.

    The same submit again, or two at once, lead there without acting twice. Raises what `act` raises.
    """
    if done := already(request):
        return done
    try:
        with transaction.atomic():
            location = act()
            remember(request, location)
    except IntegrityError:
        if done := already(request):
            return done
        raise
    return redirect(location)
