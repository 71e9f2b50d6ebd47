"""Sealing the trail within seconds, and carrying its head out of the machine.

A seal lists the events that were committed since the last one, hashes their signatures, and is signed together with
the seal before: events removed, put in or put back from an older copy show. On PostgreSQL transactions end in another
order than their events are numbered; a seal takes those of transactions that can no longer be running (`txid` below
the oldest running one), so a late one is in the next seal and nobody waits. See docs/decisions.
"""

import json
import logging
import os
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from fupin.audit.chain import moment, signer
from fupin.audit.models import AuditSeal
from fupin.spans import spans_of, spelled

log = logging.getLogger("fupin.audit")

MOST = 100_000
"""Events in one seal on SQLite; a great backlog makes several."""
LOCK = 0x66757069
"""PostgreSQL's advisory lock of whoever seals: two workers do not seal the same twice."""


def seal():
    """Seal what is committed and not sealed yet; returns the new seals."""
    made = []
    while True:
        found = _one()
        if found is None:
            return made
        made.append(found)


@transaction.atomic
def _one():
    last, numbers, horizon = _unsealed()
    if not numbers:
        return None
    digest = sha256(b"".join(bytes(mac) for _, mac in numbers)).digest()
    made = AuditSeal(
        number=(last.number if last else 0) + 1, at=timezone.now(), count=len(numbers),
        total=(last.total if last else 0) + len(numbers), spans=spelled([number for number, _ in numbers]),
        horizon=horizon, digest=digest,
    )  # fmt: skip
    made.mac = signature(made, bytes(last.mac) if last else b"")
    made.save()
    return made


def _unsealed():
    """`(last seal, [(number, mac)] in order, horizon)`."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            last = AuditSeal.objects.order_by("-number").first()
            cursor.execute(
                "SELECT id, mac FROM audit_auditevent WHERE id > %s ORDER BY id LIMIT %s",
                [top_of(last), MOST],
            )
            return last, cursor.fetchall(), 0
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None, [], 0
        last = AuditSeal.objects.order_by("-number").first()
        # Transactions below `oldest` have ended. `own` is there only when somebody seals inside a transaction that
        # has written (a test): what it wrote is committed with the seal or not at all.
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,"
            " coalesce(pg_current_xact_id_if_assigned()::text::bigint, -1) FROM pg_current_snapshot() s"
        )
        oldest, following, own = cursor.fetchone()
        horizon, top = (last.horizon, top_of(last)) if last else (0, 0)
        if horizon > max(following, own + 1):  # a copy restored elsewhere counts its transactions anew
            start, past, above = 0, max(following, own + 1), top
        else:
            start, past, above = horizon, 1 << 62, 0
        cursor.execute(
            "SELECT id, mac FROM audit_auditevent WHERE txid >= %s AND id > %s"
            " AND (txid < %s OR txid >= %s OR txid = %s AND id > %s) ORDER BY id",
            [start, above, oldest, past, own, top],
        )
        return last, cursor.fetchall(), oldest


def signature(seal, before):
    """What signs a seal: all it says, and the signature of the seal before."""
    return signer().sign(
        f"{seal.number}\x1f{moment(seal.at)}\x1f{seal.count}\x1f{seal.total}\x1f{seal.spans}\x1f{seal.horizon}"
        f"\x1f{bytes(seal.digest).hex()}\x1f{before.hex()}"
    )


def top_of(seal):
    """The highest event number in a seal, 0 without one."""
    return spans_of(seal.spans)[-1][1] if seal else 0


# The head, outside the database


def head_files():
    """Where heads are kept: beside the database, and where the site wants a second copy."""
    found = [settings.VAR / "audit" / "heads.jsonl"]
    if settings.AUDIT_HEAD_COPY:
        found.append(settings.AUDIT_HEAD_COPY)
    return found


def head_line(seal):
    """One line that says how far the trail had come. It is signed: a made-up one shows."""
    told = {
        "at": moment(timezone.now()), "seal": seal.number, "events": seal.total, "last": top_of(seal),
        "mac": bytes(seal.mac).hex(),
    }  # fmt: skip
    return json.dumps(told | {"sig": signer().sign(json.dumps(told, sort_keys=True)).hex()})


def head_of(line):
    """What a line says, or None when it is not ours or was changed."""
    try:
        told = json.loads(line)
        signed = told.pop("sig")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return told if signer().sign(json.dumps(told, sort_keys=True)).hex() == signed else None


def export_head():
    """Append the newest seal to the files of heads; returns the line, or "" when nothing is sealed yet. A second
    place that cannot be written is told in the log and does not stop the first."""
    last = AuditSeal.objects.order_by("-number").first()
    if last is None:
        return ""
    line = head_line(last)
    for path in head_files():
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            log.exception("the head of the trail could not be written to %s", path)
    return line
