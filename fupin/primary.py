"""Primary keys handed out before their rows are inserted."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

_reserving = ContextVar("reserving keys", default=False)


@contextmanager
def reserving():
    """Keys taken inside are ours at once, before the transaction that inserts their rows; those that no row gets in the
    end are never given out again."""
    token = _reserving.set(True)
    try:
        yield
    finally:
        _reserving.reset(token)


def take_keys(model, count):
    """`count` primary keys for rows to be inserted, never given to anybody else.

    Call inside the transaction that inserts them, or within `reserving`: on SQLite the writer's lock is what keeps
    them ours.
    """
    if not count:
        return []
    if _reserving.get() and connection.vendor == "sqlite":
        with transaction.atomic():
            return _kept(model, _next(model, count))
    return _next(model, count)


def _kept(model, keys):
    """The keys, told to SQLite as given out."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [keys[-1], table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, keys[-1]])
    return keys


def _next(model, count):
    meta = model._meta
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [meta.db_table, meta.pk.column])
            sequence = cursor.fetchone()[0]
            cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
            return [row[0] for row in cursor.fetchall()]
        quote = connection.ops.quote_name
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        kept = cursor.fetchone()
        cursor.execute(
            f"SELECT MAX({quote(meta.pk.column)}) FROM {quote(meta.db_table)}"  # noqa: S608
        )
        last = max((kept or [0])[0] or 0, cursor.fetchone()[0] or 0)
        return list(range(last + 1, last + 1 + count))
