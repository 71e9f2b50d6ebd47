"""Sessions that end after 30 minutes without a request, and 12 hours after the login whatever happens.

Both times stand in the session's row on the server, and the row's own expiry date is the earlier of the two: an
old cookie finds nothing, and no page needs to check anything.
"""

import time
from datetime import UTC, datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

IDLE = 30 * 60
ABSOLUTE = 12 * 3600
TOUCH = 60
"""Seconds between two writes of "still here": a busy user costs one write a minute, not one a page."""


class SessionStore(db.SessionStore):
    def create_model_instance(self, data):
        now = int(time.time())
        data.setdefault("since", now)
        data["seen"] = now
        row = super().create_model_instance(data)
        row.expire_date = datetime.fromtimestamp(min(now + IDLE, data["since"] + ABSOLUTE), UTC)
        return row

    @classmethod
    def get_model_class(cls):
        return db.SessionStore.get_model_class()


def last_user(key):
    """The id of the user whose session `key` was, expired or not; None when nobody's or gone."""
    row = SessionStore.get_model_class().objects.filter(session_key=key or "").first()
    return row.get_decoded().get(SESSION_KEY) if row else None


class KeepAlive:
    """Writes the session again when the last write is a minute old."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and time.time() - request.session.get("seen", 0) > TOUCH:
            request.session.modified = True
        return self.get_response(request)
