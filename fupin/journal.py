"""Noting what a piece of bulk work writes, so that it can be undone: keys of new rows, old and new values of others.

A `Journal` is opened around the work; `fupin.bulk` notes in it whatever it writes. A statement that reaches the
database past `fupin.bulk` and is not about a table named in `ignored` is noted too: by its table only, in `unknown`,
and then nothing can be undone. So a kind of work that nobody thought of is never undone wrongly.

Values are those of the database, not of Python: what is encrypted in a column stays so in the journal.
"""

import re
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import repeat

from django.db import connection

CHUNK = 500
_open = ContextVar("journal", default=None)
_known = ContextVar("known", default=False)
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)


class Journal:
    """`inserted` {model: [key]}; `changed` {(model, field names): {key: old values}}, in the order of writing;
    `removed` {model: [whole row]}; `unknown` {table}."""

    def __init__(self, ignored=()):
        self.ignored = frozenset(ignored)
        self.inserted, self.changed, self.removed, self.unknown = {}, {}, {}, set()

    @contextmanager
    def opened(self):
        """Note what happens inside."""
        token = _open.set(self)
        try:
            with connection.execute_wrapper(self._watch):
                yield self
        finally:
            _open.reset(token)

    def _watch(self, execute, sql, params, many, context):
        if not _known.get():
            found = _WRITES.match(sql)
            if found and found[1] not in self.ignored:
                self.unknown.add(found[1])
        return execute(sql, params, many, context)

    def rows(self):
        """`(model, fields, key, old values, new values)` of every changed row that differs in the end; the latest
        write first, so that whoever restores in this order ends with the oldest value."""
        for (model, fields), held in reversed(self.changed.items()):
            now = stored(model, fields, list(held))
            for key, old in held.items():
                if key in now and now[key] != old:
                    yield model, fields, key, old, now[key]


def is_open_for(model):
    """Whether new rows of `model` are noted now."""
    journal = _open.get()
    return journal is not None and model._meta.db_table not in journal.ignored


def made(model, keys):
    """Rows of `model` with these keys are being inserted."""
    if is_open_for(model):
        _open.get().inserted.setdefault(model, []).extend(keys)


def changing(model, fields, keys):
    """These fields of these rows are about to be written. What they hold now is noted, once."""
    if not is_open_for(model):
        return
    held = _open.get().changed.setdefault((model, tuple(fields)), {})
    for key, values in stored(model, fields, [key for key in keys if key not in held]).items():
        held[key] = values


def removing(model, keys):
    """These rows are about to be deleted. What they hold is noted."""
    if is_open_for(model):
        names = [field.name for field in model._meta.concrete_fields]
        _open.get().removed.setdefault(model, []).extend(stored(model, names, keys).values())


@contextmanager
def known():
    """Statements inside are noted already."""
    token = _known.set(True)
    try:
        yield
    finally:
        _known.reset(token)


def stored(model, fields, keys):
    """`{key: values of fields as the database holds them}` of the rows that exist. One query per 500."""
    meta = model._meta
    quote = connection.ops.quote_name
    names = ", ".join(quote(meta.get_field(name).column) for name in (meta.pk.name, *fields))
    found = {}
    with connection.cursor() as cursor:
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            marks = ", ".join(repeat("%s", len(chunk)))
            cursor.execute(
                f"SELECT {names} FROM {quote(meta.db_table)} WHERE {quote(meta.pk.column)} IN ({marks})",  # noqa: S608
                chunk,
            )
            for key, *values in cursor.fetchall():
                found[key] = values
    return found
