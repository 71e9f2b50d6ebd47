"""What was committed, noted outside the database at once.

A seal comes some seconds after its events. Whoever owns the database only could take the last event away in these
seconds and set back whatever counts them. So the process that has written events appends a line to a file as soon as
its transaction has ended: their numbers and a digest of their signatures, signed like these. Verifying asks for each of
them, sealed or not. A line costs some 20 microseconds; it is not synced to the disk, a power cut may lose the last.

Two files are kept, the one that is written and the one before it, of at most MOST bytes each (some 200,000 lines).
"""

import logging
import os
from contextlib import suppress
from hashlib import sha256

from django.conf import settings
from django.db import connection

from fupin.batched import batched
from fupin.spans import spans_of, spelled

log = logging.getLogger("fupin.audit")
MOST = 16 << 20
TOGETHER = 500
SIZE = 16
"""Bytes kept of a digest and of a signature."""


def files():
    """The older one first."""
    folder = settings.VAR / "audit"
    return folder / "written.old", folder / "written"


def line_of(numbers, macs, sign):
    """`spans digest signature` of events that one transaction wrote together."""
    told = f"{spelled(numbers, ',')} {sha256(b''.join(macs)).digest()[:SIZE].hex()}"
    return f"{told} {_signed(told, sign)}\n"


def _signed(told, sign):
    return sign(f"written\x1f{told}")[:SIZE].hex()


def note(line):
    """Append a line. The action has happened: a file that cannot be written is told in the log, and no more."""
    path = files()[1]
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode("ascii"))
        finally:
            os.close(handle)
    except OSError:
        log.exception("what was written to the trail could not be noted in %s", path)


def turn_over():
    """Begin a new file once the one at hand is long enough."""
    old, path = files()
    with suppress(FileNotFoundError):
        if path.stat().st_size > MOST:
            path.replace(old)


def lines():
    for path in files():
        with suppress(FileNotFoundError), path.open(encoding="ascii", errors="replace") as file:
            yield from file


def read(line, sign):
    """`([(first, last)], digest)` of a line, None when it is not ours."""
    told, _, signature = line.rstrip("\n").rpartition(" ")
    if not told or signature != _signed(told, sign):
        return None
    spans, _, digest = told.partition(" ")
    return spans_of(spans, ","), bytes.fromhex(digest)


def missed(noted):
    """What the database does not hold of `noted`, as `read` gives it: yields `(numbers that are gone, first number)`,
    without numbers where all are there and one is another."""
    single = {}
    for spans, digest in noted:
        if spans[0][0] == spans[-1][1]:
            single.setdefault(spans[0][0], []).append(digest)
            continue
        gone, held = [], sha256()
        for first, last in spans:
            macs = _macs("id BETWEEN %s AND %s", [first, last])
            if len(macs) <= last - first:
                gone += [number for number in range(first, last + 1) if number not in macs]
            held.update(b"".join(macs.values()))
        if gone or held.digest()[:SIZE] != digest:
            yield gone, spans[0][0]
    for numbers in batched(single, TOGETHER):
        macs = _macs(f"id IN ({', '.join(['%s'] * len(numbers))})", numbers)
        for number in numbers:
            for digest in single[number]:
                if number not in macs:
                    yield [number], number
                elif sha256(macs[number]).digest()[:SIZE] != digest:
                    yield [], number


def _macs(condition, params):
    """`{number: signature}` of events, in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, mac FROM audit_auditevent WHERE {condition} ORDER BY id", params)  # noqa: S608
        return {number: bytes(mac) for number, mac in cursor.fetchall()}
