"""Changing the key while the product serves.

A new key is announced first: every process finds it in the file within `ring.LOOK` seconds and from then on opens
what it sealed. Then it becomes the one that writes, and what older keys sealed is sealed anew, batch by batch. Until
the end both are read and both are searched for. Whoever stops in the middle goes on by calling it again: what is left
is found by the head of each token.

A batch is read and sealed without a lock and written in a short transaction of its own, where each row must still hold
the tokens that were read. A row that somebody changed meanwhile stays as it is: it was sealed with the new key, or the
next pass takes it.
"""

import os
import time
from dataclasses import dataclass, field
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from fupin import bulk
from fupin.crypt import boxes, ring
from fupin.crypt.rows import plan
from fupin.crypt.sealing import opener, seal_many

BATCH = 8000
"""Rows of one transaction. Marks lie at random in their indexes, so a batch of 2000 rewrites as many pages as one of
8000; the write lock is held a third of a second for these."""
PASSES = 5
"""How often a table is gone through, at most, for rows that were changed under the hand."""
BREATH = 0.01
"""Seconds between two batches in which others get the database's write lock."""
WAIT = 2.5
"""Seconds between announcing a key and writing with it; more than twice `ring.LOOK`."""


@dataclass
class Done:
    """What was sealed anew."""

    rows: dict = field(default_factory=dict)
    sessions: int = 0
    files: int = 0

    @property
    def total(self):
        return sum(self.rows.values())


def begin(suite):
    """The ring with a new key that writes; the one that is under way where somebody stopped in between."""
    held = ring.reread()
    newest = max(held.keys)
    if newest == held.current.version:
        fresh = ring.fresh_key(suite)
        ring.write([*held.keys.values(), fresh], held.current.version)
        newest = fresh.version
    time.sleep(WAIT)
    held = ring.write(list(ring.reread().keys.values()), newest)
    time.sleep(WAIT)
    return held


def unfinished():
    """Whether there is more than one key: a rotation is under way, or was not closed by `retire`."""
    return len(ring.reread().keys) > 1


def models():
    """Every model with encrypted columns."""
    return [model for model in apps.get_models() if plan(model).fields]


def _old(model):
    """SQL for rows with a token or mark that is not of the current key, and its parameters."""
    held, quote, current = plan(model), connection.ops.quote_name, ring.ring().current
    conditions, params = [], []
    columns = [(field.column, f"{current.head}.%") for field in held.fields.values()]
    columns += [(mark.column, f"{current.version}.%") for marks in held.marks.values() for mark in marks]
    for column, pattern in columns:
        conditions.append(f"({quote(column)} <> '' AND {quote(column)} NOT LIKE %s)")
        params.append(pattern)
    return f"({' OR '.join(conditions)})", params


def left():
    """`{model label: rows}` that an older key sealed."""
    found = {}
    for model in models():
        condition, params = _old(model)
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT COUNT(*) FROM {table} WHERE {condition}", params)  # noqa: S608
            count = cursor.fetchone()[0]
        if count:
            found[model._meta.label] = count
    return found


def carry_on(*, step=lambda done: None, batch=BATCH):
    """Seal anew what older keys sealed: rows, sessions, files. `step` is told after each batch. Returns Done."""
    done = Done()
    for model in models():
        for count in _passes(model, batch):
            done.rows[model._meta.label] = done.rows.get(model._meta.label, 0) + count
            step(done)
            time.sleep(BREATH)
    done.sessions = _sessions()
    done.files = _files()
    step(done)
    return done


def _passes(model, size):
    """Yields the rows sealed anew, batch by batch, until a pass over the table missed none."""
    for _ in range(PASSES):
        last, missed = 0, 0
        while rows := _read(model, last, size):
            last, fresh = rows[-1][0], _anew(model, rows)
            with transaction.atomic():
                written = bulk.exchange(model, *fresh)
            missed += len(rows) - written
            yield written
        if not missed:
            return


def _columns(model):
    """What a batch is worked out from: the encrypted columns, then those that a mark's place is."""
    held = plan(model)
    return [*held.fields, *sorted(held.scopes)]


def _read(model, last, size):
    """Up to `size` rows after the key `last` that an older key sealed: keys, then `_columns` as the database holds them."""
    meta, quote = model._meta, connection.ops.quote_name
    columns = ", ".join(quote(meta.get_field(name).column) for name in (meta.pk.name, *_columns(model)))
    condition, params = _old(model)
    key, table = quote(meta.pk.column), quote(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {table} WHERE {key} > %s AND {condition} ORDER BY {key} LIMIT %s",  # noqa: S608
            [last, *params, size],
        )
        return cursor.fetchall()


def _anew(model, rows):
    """The rows under the current key, for `bulk.exchange`: `(names, rows, names of what must still be there)`."""
    held, read = plan(model), _columns(model)
    keys, *values = zip(*rows)
    said, fresh = dict(zip(read, values)), {}
    for name in held.fields:
        open_token, purpose = opener(held.fields[name].purpose), held.fields[name].purpose
        tokens = said[name]
        said[name] = [open_token(token, key) if token else "" for token, key in zip(tokens, keys)]
        fresh[name] = seal_many(said[name], purpose, keys)
        if None in tokens:
            fresh[name] = [None if token is None else again for token, again in zip(tokens, fresh[name])]
    for name, mark in held.derived(held.fields).items():
        fresh[name] = list(map(mark.marker(), *(said[need] for need in mark.needs)))
    return list(fresh), list(zip(*fresh.values(), keys, *values)), read


def _sessions():
    store = import_module(settings.SESSION_ENGINE).SessionStore
    rows = store.get_model_class().objects.exclude(session_data__startswith=f"{ring.ring().current.head}.")
    count = 0
    for row in rows.order_by("pk").iterator():
        content = row.get_decoded()
        if content:
            kept = row.session_data
            again = store.get_model_class().objects.filter(pk=row.pk, session_data=kept)
            count += again.update(session_data=store().encode(content))
    return count


def _files():
    count = sum(boxes.relid_file(path) for path in encrypted_files())
    if hasattr(os, "sync"):
        os.sync()
    return count


def encrypted_files():
    """The files of ours that begin as encrypted ones do."""
    for path in sorted(settings.FILES.rglob("*")):
        if path.is_file() and boxes.is_sealed(path):
            yield path


def still_needed():
    """The heads of older keys that a file or a session still names."""
    current, found = ring.ring().current.head, set()
    for path in encrypted_files():
        with open(path, "rb") as file:
            found.add(boxes.lid_of(file, path).partition(".")[0])
    store = import_module(settings.SESSION_ENGINE).SessionStore
    rows = store.get_model_class().objects.exclude(session_data__startswith=f"{current}.").order_by()
    found.update(text.partition(".")[0] for text in rows.values_list("session_data", flat=True).iterator())
    return {head for head in found if head in ring.ring().by_head and head != current}


def retire():
    """Take every key but the current one out of the ring. Call when `left` and `still_needed` are empty."""
    held = ring.reread()
    return ring.write([held.current], held.current.version)
