"""Rows made ready before SQLite is locked for writing, and copied over in the transaction.

Handing a row of fifty values to the driver takes many times as long as storing it. So what a big piece of work inserts
can be put into a database in memory first, beside the real one and while others save (`making`), under keys that are
reserved for it; in the transaction `put` copies table by table. Where nothing is made ahead (PostgreSQL, whose writers do
not wait for each other; inside somebody's transaction) `is_open` is False, and the rows are written as ever.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import Error, connection

from fupin import journal
from fupin.primary import reserving
from fupin.sqlite import PRAGMAS

CACHE = -24_576
"""KiB (negative, as SQLite has it) of the real database's pages that are held meanwhile: the rows that are made ready take
the memory of the rest."""

_open = ContextVar("ahead", default=None)
_making = ContextVar("making ahead", default=False)


@contextmanager
def possible():
    """Around the making ready and the transaction after it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("ATTACH ':memory:' AS ahead")
        cursor.execute(f"PRAGMA main.cache_size = {CACHE}")
    token = _open.set([])
    try:
        yield
    finally:
        _open.reset(token)
        try:
            with connection.cursor() as cursor:
                cursor.execute("DETACH ahead")
                cursor.execute(f"PRAGMA main.cache_size = {PRAGMAS['cache_size'][0]}")
        except Error:
            connection.close()  # and with it what was attached


def is_open():
    """Whether rows can be made ready now."""
    return _open.get() is not None


@contextmanager
def making():
    """What `fupin.bulk` inserts inside is made ready only; `put` must follow in the transaction."""
    token = _making.set(True)
    try:
        with reserving():
            yield
    finally:
        _making.reset(token)


def is_making():
    """Whether the rows that are inserted now are made ready only."""
    return _making.get()


def hold(model, columns, constants, literals, rows, keys):
    """Make rows of `columns` ready; `constants` {column: value} and `literals` {column: SQL} stand in all of them. `keys`:
    theirs, where a journal must know them."""
    parts, quote = _open.get(), connection.ops.quote_name
    part = f"ahead.part{len(parts)}"
    own = ", ".join(f"c{at}" for at in range(len(columns)))
    names = ", ".join(quote(column.column) for column in (*columns, *constants, *literals))
    values = ", ".join((own, *("%s" for _ in constants), *literals.values()))
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT ahead")  # one transaction, of this database alone
        try:
            cursor.execute(f"CREATE TABLE {part} ({own})")
            marks = ", ".join("%s" for _ in columns)
            cursor.executemany(f"INSERT INTO {part} VALUES ({marks})", rows)  # noqa: S608 - our own names
        finally:
            cursor.execute("RELEASE ahead")
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {values} FROM {part} ORDER BY rowid"  # noqa: S608
    )
    parts.append((model, statement, tuple(constants.values()), keys))


def put():
    """In the transaction: insert all that was made ready, in its order."""
    parts = _open.get()
    with journal.known(), connection.cursor() as cursor:
        for model, statement, values, keys in parts:
            if keys:
                journal.made(model, keys)
            cursor.execute(statement, values)
    parts.clear()
