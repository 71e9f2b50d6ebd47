"""How an event is signed, and how signed events are written.

Every event carries an HMAC-SHA-256 over its own number and content, made in the transaction that writes it, with a
key outside the database (`key.py`). So an event cannot be changed, moved to another number or made up by whoever has
the database only. That none is missing is what the seals say (`seal.py`): writers never wait for each other.
"""

import json
from datetime import UTC
from functools import lru_cache
from hashlib import sha256

from django.db import Error, connection, transaction
from django.utils import timezone

from fupin.audit.key import audit_key
from fupin.bulk import insert_rows

COLUMNS = ("id", "at", "user", "action", "target", "region_path", "household", "address", "seen", "detail", "mac", "txid")  # fmt: skip
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class NotRecorded(Exception):
    """The trail could not be written: whatever it was about must not happen. Never caught below the request."""


class Signer:
    """HMAC-SHA-256 with the two halves of the key hashed once: a third of the price of `hmac.digest` per text."""

    def __init__(self, key):
        block = (key if len(key) <= 64 else sha256(key).digest()).ljust(64, b"\0")
        self.inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self.outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def sign(self, text):
        """The 32 bytes for `text` (str)."""
        inner, outer = self.inner.copy(), self.outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.digest()


@lru_cache(maxsize=4)
def _signer(key):
    return Signer(key)


def signer():
    return _signer(audit_key())


def encoded(detail):
    """A detail as the database holds it and as it is signed."""
    return detail if isinstance(detail, str) else _encode(detail)


def moment(at):
    """A time as it is signed: UTC to the microsecond."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def take_numbers(count):
    """`([number], transaction)`: numbers never given before, and on PostgreSQL the id of the writing transaction,
    by which a seal knows what can no longer change. One query, inside a transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('audit_auditevent', 'id')), pg_current_xact_id()::text::bigint"
                " FROM generate_series(1, %s)",
                [count],
            )
            rows = cursor.fetchall()
            return [row[0] for row in rows], rows[0][1]
        cursor.execute(
            "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit_auditevent'), 0),"
            " coalesce((SELECT max(id) FROM audit_auditevent), 0))"
        )
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + count)), 0


def write(model, rows, *, user, action=None, address="", at=None):
    """Write events and sign them; returns their numbers. Rows are `(action, target, region path, household or None,
    seen, detail)`; with `action` given, it stands for all and the first place of a row is not looked at.

    In the caller's transaction, or in one of its own. Raises NotRecorded.
    """
    if not rows:
        return []
    at = at or timezone.now()
    head, sign = f"\x1f{moment(at)}\x1f{user or ''}\x1f", signer().sign
    constants = {"at": at, "user": user, "address": address}
    try:
        with transaction.atomic(savepoint=False):
            numbers, txid = take_numbers(len(rows))
            made = []
            for number, (act, target, path, household, seen, detail) in zip(numbers, rows):
                act, detail = action or act, encoded(detail)
                mac = sign(
                    f"{number}{head}{act}\x1f{target}\x1f{path}\x1f{household or ''}\x1f{address}\x1f{seen}\x1f{detail}"
                )
                made.append((number, act, target, path, household, seen, detail, mac))
            constants["txid"] = txid
            insert_rows(
                model, ("id", "action", "target", "region_path", "household", "seen", "detail", "mac"), made,
                constants=constants, derived=True,
            )  # fmt: skip
    except Error as error:
        raise NotRecorded("审计记录写不进数据库，操作没有生效。") from error
    return numbers
