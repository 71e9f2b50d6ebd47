"""Sessions that end after 30 minutes without a request, and 12 hours after the login whatever happens.

Both times stand in the session's row on the server, and the row's own expiry date is the earlier of the two: an
old cookie finds nothing, and no page needs to check anything. The row also says whose it is and from where, so
that its owner can see and end it, and a change of password or posts can end all of a person's at once.
"""

import re
import secrets
import time
from datetime import UTC, datetime
from functools import cache

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from fupin.crypt.boxes import open_sealed, seal
from fupin.crypt.sealing import Unreadable
from fupin.prepared import prepared

IDLE = 30 * 60
ABSOLUTE = 12 * 3600
TOUCH = 60
"""Seconds between two writes of "still here": a busy user costs one write a minute, not one a page."""
PURPOSE = "session"
POLL = "X-Fupin-Poll"
"""Header of requests that a page makes by itself: they are nobody's sign of life."""
AGENTS = [
    ("360 浏览器", r"360SE|360EE|QihooBrowser|QIHU"), ("微信", r"MicroMessenger"), ("Edge", r"Edg"),
    ("Firefox", r"Firefox"), ("Chrome", r"Chrome|CriOS"), ("Safari", r"Safari"),
]  # fmt: skip
SYSTEMS = [
    ("鸿蒙", r"HarmonyOS|OpenHarmony"), ("Android", r"Android"), ("iPhone", r"iPhone|iPad"), ("Windows", r"Windows"),
    ("Mac", r"Mac OS"), ("Linux", r"Linux"),
]  # fmt: skip


@prepared
def _alive(key, now):
    return SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now)


@prepared
def _known(key):
    return SessionStore.get_model_class().objects.filter(session_key=key).values_list("pk")


class SessionStore(db.SessionStore):
    """The content is encrypted: it holds the ID number or phone that was searched for."""

    def encode(self, session_dict):
        return seal(self.serializer().dumps(session_dict), PURPOSE)

    def decode(self, session_data):
        try:
            return self.serializer().loads(open_sealed(session_data, PURPOSE))
        except (Unreadable, ValueError):
            return {}

    @classmethod
    def get_model_class(cls):
        from fupin.accounts.models import Session

        return Session

    def _get_session_from_db(self):
        row = _alive.first(self.session_key, timezone.now())
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key):
        return bool(_known(session_key))

    def save(self, must_create=False):
        """What Django's own does by an instance, which takes it ten times as long. A session that was ended meanwhile
        is not written again (UpdateError)."""
        if self.session_key is None:
            return self.create()
        row = self.create_model_instance(self._get_session(no_load=must_create))
        fields = row._meta.concrete_fields
        values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
        insert, update = _statements(type(row))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(*((insert, values) if must_create else (update, [*values, row.pk])))
                written = cursor.rowcount
        except DatabaseError as error:
            if not must_create:
                raise UpdateError from error
            if isinstance(error, IntegrityError):
                raise CreateError from error
            raise
        if not written:
            raise UpdateError
        return None

    def create_model_instance(self, data):
        now = int(time.time())
        data.setdefault("since", now)
        data.setdefault("seen", now)
        data.setdefault("handle", secrets.token_hex(8))
        row = super().create_model_instance(data)
        row.expire_date = moment(min(data["seen"] + IDLE, data["since"] + ABSOLUTE))
        row.user_id = data.get(SESSION_KEY)
        row.handle, row.since, row.seen = data["handle"], moment(data["since"]), moment(data["seen"])
        row.address, row.agent = data.get("address", ""), data.get("agent", "")
        return row


@cache
def _statements(model):
    """SQL that inserts a whole row of `model`, and SQL that writes all of one anew."""
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), [quote(field.column) for field in model._meta.concrete_fields]
    marks, sets = ", ".join("%s" for _ in names), ", ".join(f"{name} = %s" for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
        f"UPDATE {table} SET {sets} WHERE {quote(model._meta.pk.column)} = %s",  # noqa: S608
    )


def moment(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def last_user(key):
    """The id of the user whose session `key` was, expired or not; None when nobody's or gone."""
    row = SessionStore.get_model_class().objects.filter(session_key=key or "").first()
    return row.get_decoded().get(SESSION_KEY) if row else None


def device(agent):
    """What a user agent says about itself, in two words: "Windows · Edge"."""
    system = next((name for name, words in SYSTEMS if re.search(words, agent[:400])), "其他系统")
    browser = next((name for name, words in AGENTS if re.search(words, agent[:400])), "其他浏览器")
    return f"{system} · {browser}"


def end_all(user):
    """End all sessions of `user` after a change of password or posts, which their content no longer matches either.
    The rows stay for a day: they say whose the text is that an open page may still post."""
    now = moment(int(time.time()))
    user.sessions.filter(expire_date__gt=now).update(expire_date=now)


class KeepAlive:
    """Notes a sign of life when the last one is a minute old. What a page asks for by itself is none."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        session = request.session
        if request.user.is_authenticated and POLL not in request.headers:
            now = int(time.time())
            if now - session.get("seen", 0) > TOUCH:
                session["seen"] = now
        return self.get_response(request)
