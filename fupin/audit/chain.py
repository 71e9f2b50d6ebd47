"""How an event is signed, and how signed events are written.

Every event carries an HMAC-SHA-256 over its own number and content, made in the transaction that writes it, with a
key outside the database (`key.py`). So an event cannot be changed, moved to another number or made up by whoever has
the database only. That none is missing is what the seals say (`seal.py`): writers never wait for each other.

Before its seal an event is missed by its turn. SQLite gives numbers without holes. PostgreSQL does not: a transaction
that is rolled back takes its numbers with it. There each transaction takes one of SLOTS counters that no other holds
at this moment (SKIP LOCKED), and signs where the counter stands: within a slot the turns have no holes, because the
counter goes back with the transaction. Whoever sets a counter back together with the last event, past a trigger and
before its seal, is found by what the writer noted outside the database (`witness.py`), and by the next write of the
same process (`_remember`).
"""

import json
import logging
from datetime import UTC
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from fupin.audit import witness
from fupin.audit.key import audit_key
from fupin.bulk import insert_rows

WRITTEN = ("id", "action", "target", "region_path", "household", "seen", "detail", "mac", "turn")
SLOTS = 64
"""Counters, and so transactions that write events at the same moment without waiting."""
TURN = 40
"""Bits of a turn below its slot."""
SET_BACK = "audit.set_back"
"""The event that says: a counter stood lower than this process had left it."""
log = logging.getLogger("fupin.audit")
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


_TAKE = """
WITH slot AS (
  UPDATE audit_auditslot SET turn = turn + %s WHERE number =
    (SELECT number FROM audit_auditslot WHERE {} ORDER BY number LIMIT 1 FOR UPDATE {}) RETURNING number, turn
)
SELECT nextval(pg_get_serial_sequence('audit_auditevent', 'id')), pg_current_xact_id()::text::bigint, slot.number, slot.turn
FROM slot, generate_series(1, %s)
"""


def take_numbers(count):
    """`([number], first turn, transaction)`: numbers never given before. On PostgreSQL the turn of the first of them in
    a slot of this transaction's own (the others follow it; 0 on SQLite) and the id of the transaction, by which a seal
    knows what can no longer change. One query, inside a transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_TAKE.format("true", "SKIP LOCKED"), [count, count])
            rows = cursor.fetchall()
            if not rows:  # all are held: wait for one
                cursor.execute(_TAKE.format("number = 1", ""), [count, count])
                rows = cursor.fetchall()
            numbers, slot, turn = [row[0] for row in rows], rows[0][2], rows[0][3]
            return numbers, (slot << TURN) + turn - count + 1, rows[0][1]
        cursor.execute(
            "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit_auditevent'), 0),"
            " coalesce((SELECT max(id) FROM audit_auditevent), 0))"
        )
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + count)), 0, 0


def make_slots(connection):
    """The counters, where they are not there yet; and nothing is remembered of tables that were emptied."""
    _left.clear()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_auditslot (number, turn) SELECT n, 0 FROM generate_series(1, %s) n ON CONFLICT DO NOTHING",
                [SLOTS],
            )


_left = {}
"""{slot: where this process left its counter}; slot 0 stands for SQLite's numbers."""


def _remember(first, count):
    """Note, once the transaction has ended, where its counter was left. Whether it stands lower than before it began:
    somebody has set it back."""
    if not settings.AUDIT_REMEMBERS:
        return False
    slot, at = first >> TURN, first & ((1 << TURN) - 1)
    transaction.on_commit(lambda: _left.__setitem__(slot, max(_left.get(slot, 0), at + count - 1)))
    return at <= _left.get(slot, 0)


def write(model, rows, *, user, action=None, address="", at=None):
    """Write events and sign them; returns their numbers. Rows are `(action, target, region path, household or None,
    seen, detail)`; with `action` given, it stands for all and the first place of a row is not looked at.

    In the caller's transaction, or in one of its own. Raises NotRecorded.
    """
    if not rows:
        return []
    at = at or timezone.now()
    sign = signer().sign
    constants = {"at": at, "user": user, "address": address}
    head, tail = f"\x1f{moment(at)}\x1f{user or ''}\x1f", f"\x1f{address}\x1f"
    try:
        with transaction.atomic(savepoint=False):
            numbers, turn, constants["txid"] = take_numbers(len(rows))
            step = 1 if turn else 0
            set_back = _remember(turn or numbers[0], len(rows))
            made = []
            for number, (act, target, path, household, seen, detail) in zip(numbers, rows):
                act = action or act
                if detail.__class__ is not str:
                    detail = _encode(detail)
                mac = sign(
                    f"{number}{head}{act}\x1f{target}\x1f{path}\x1f{household or ''}{tail}{seen}\x1f{turn}\x1f{detail}"
                )
                made.append((number, act, target, path, household, seen, detail, mac, turn))
                turn += step
            insert_rows(model, WRITTEN, made, constants=constants, derived=True)
            if settings.AUDIT_REMEMBERS:
                line = witness.line_of(numbers, [row[-2] for row in made], sign)
                transaction.on_commit(lambda: witness.note(line))
            if set_back and action != SET_BACK:
                last = numbers[0] - 1
                log.error("the trail was set back: events up to %s are missing", last)
                write(
                    model,
                    [(SET_BACK, "audit", "", None, "", {"number": numbers[0]})],
                    user=None,
                    action=SET_BACK,
                )
    except Error as error:
        raise NotRecorded("审计记录写不进数据库，操作没有生效。") from error
    return numbers
