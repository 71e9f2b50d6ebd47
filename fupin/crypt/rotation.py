"""Changing the key while the product serves.

A new key is announced first: every process finds it in the file within `ring.LOOK` seconds and from then on opens
what it sealed. Then it becomes the one that writes, and what older keys sealed is sealed anew, batch by batch, each in
a short transaction of its own. Until the end both are read and both are searched for. Whoever stops in the middle
goes on by calling it again: what is left is found by the head of each token.
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

BATCH = 2000
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
        last = 0
        while last is not None:
            last, count = _batch(model, last, batch)
            done.rows[model._meta.label] = done.rows.get(model._meta.label, 0) + count
            step(done)
            time.sleep(BREATH)
    done.sessions = _sessions()
    done.files = _files()
    step(done)
    return done


def _batch(model, last, size):
    """One batch after the key `last`: `(the last key of it, rows)`, `(None, 0)` at the end."""
    meta, held, quote = model._meta, plan(model), connection.ops.quote_name
    names = list(held.fields)
    scopes = sorted(held.scopes)
    columns = ", ".join(quote(meta.get_field(name).column) for name in (meta.pk.name, *names, *scopes))
    condition, params = _old(model)
    key, table = quote(meta.pk.column), quote(meta.db_table)
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {table} WHERE {key} > %s AND {condition} ORDER BY {key} LIMIT %s{lock}",  # noqa: S608
                [last, *params, size],
            )
            rows = cursor.fetchall()
        if not rows:
            return None, 0
        keys, *values = zip(*rows)
        said = dict(zip((*names, *scopes), values))
        for name in names:
            open_token = opener(held.fields[name].purpose)
            said[name] = [open_token(token, row) if token else "" for token, row in zip(said[name], keys)]
        fresh = {
            name: seal_many(said[name], held.fields[name].purpose, keys) for name in names
        }  # fmt: skip
        for name, mark in held.derived(names).items():
            fresh[name] = list(map(mark.marker(), *(said[need] for need in mark.needs)))
        bulk.put_back(model, list(fresh), list(zip(*fresh.values(), keys)))
    return keys[-1], len(rows)


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
