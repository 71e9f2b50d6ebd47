"""Taking an import back: what it inserted goes, what it changed holds its old values again.

The journal of an import is kept with its batch for `settings.UNDO_HOURS`. Nobody's later work is lost: when a row
was touched since, nothing is undone and the rows are named. An app says in its list UNDO (settings.UNDO_MODULES)
what is worked out from other rows, and how it is worked out again.
"""

import json
import zlib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from fupin import bulk
from fupin.audit.labels import action_label
from fupin.audit.models import AuditEvent
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.crypt.rows import plainly
from fupin.excel.models import ImportBatch, ImportUndo, State
from fupin.journal import Journal, stored
from fupin.regions import scope

LOOKS = ("reveal", "export", "fetch", "view", "print", "login", "search")
"""Endings of audited actions that change nothing."""

SHOWN = 200
"""Rows named when an undo is refused; more help nobody."""
CHUNK = 400


@dataclass(frozen=True)
class Undo:
    """What one app knows about its tables.

    `derived` models are worked out from others and never noted; `loose` ones are noted, but a change in them since
    says nothing; of `shared` ones a new row stays when somebody else uses it by now. `kept` columns (model, field)
    are worked out. `around(keys)` is a context manager around the undoing, with `{model: keys touched}`.
    """

    derived: tuple = ()
    loose: tuple = ()
    shared: tuple = ()
    kept: tuple = ()
    around: Callable = None


class Touched(Exception):
    """Somebody has worked on these rows since: `rows` [(what, what happened, who, when)]; nothing was undone."""

    def __init__(self, rows):
        super().__init__("touched")
        self.rows = rows


class Gone(Exception):
    """There is nothing to undo any more: too late, undone before, or never undoable."""


def knowledge():
    return offers("UNDO_MODULES", "UNDO")


def _all(name):
    return {item for entry in knowledge() for item in getattr(entry, name)}


def journal():
    """An open journal for an import, as a context manager."""
    ours = [AuditEvent, *apps.get_app_config("excel").get_models(), *apps.get_app_config("jobs").get_models()]
    return Journal(model._meta.db_table for model in (*ours, *_all("derived"))).opened()


def keep(batch, notes):
    """Store the journal of an import with its batch. Call in the import's transaction, after its audit events."""
    changed = {}
    for model, fields, key, old, new in notes.rows():
        changed.setdefault((model, fields), []).append((key, old, new))
    data = {
        "inserted": {model._meta.label: runs(keys) for model, keys in notes.inserted.items()},
        "changed": [[model._meta.label, fields, rows] for (model, fields), rows in changed.items()],
        "removed": {model._meta.label: rows for model, rows in notes.removed.items()},
    }
    ImportUndo.objects.create(
        batch=batch, data=pack(data), unknown="、".join(sorted(notes.unknown))[:200],
        last_event=AuditEvent.objects.unscoped("trail").aggregate(last=Max("pk"))["last"] or 0,
        until=timezone.now() + timedelta(hours=settings.UNDO_HOURS),
    )  # fmt: skip


def runs(keys):
    """Keys as runs `[[first, last]]`, ascending."""
    found = []
    for key in sorted(keys):
        if found and key == found[-1][1] + 1:
            found[-1][1] = key
        else:
            found.append([key, key])
    return found


def pack(data):
    return zlib.compress(
        json.dumps(data, default=plain, ensure_ascii=False).encode(), 1
    )  # the database is locked meanwhile


def unpack(packed):
    return json.loads(zlib.decompress(bytes(packed)))


def plain(value):
    """A value of the database as JSON holds it; the database reads it back as what it was."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    raise TypeError(type(value))


def alive(value):
    return bytes.fromhex(value["bytes"]) if value.__class__ is dict and "bytes" in value else value


def possible(batch):
    """The undo that a batch still has, or None."""
    if batch.state != State.DONE:
        return None
    return ImportUndo.objects.filter(batch=batch, until__gt=timezone.now(), unknown="").defer("data").first()


def size(batch):
    """How many rows the import wrote: what undoing it costs."""
    return sum(batch.report.get("written", {}).get(key, 0) for key in batch.report.get("written", {}) if not key.endswith("_same"))  # fmt: skip


@scope.without("undo")
def undo(batch, *, by):
    """Take the import back, in one transaction. Raises Touched or Gone, and then nothing has changed."""
    with transaction.atomic():
        if (
            not ImportBatch.objects.unscoped("same row")
            .filter(pk=batch.pk, state__in=[State.DONE, State.UNDOING])
            .update(state=State.UNDONE, undone_at=timezone.now(), undone_by=by)
        ):
            raise Gone
        held = ImportUndo.objects.filter(batch=batch, until__gt=timezone.now(), unknown="").first()
        if held is None:
            raise Gone
        work = _Work(unpack(held.data), held.last_event)
        found = work.touched()
        if found:
            raise Touched(found)
        counts = work.carry_out()
        held.delete()
        batch.refresh_from_db()
        record(
            "import.undo", batch, by=by, region_path=batch.home, kind=batch.kind, file=batch.sha256, **counts
        )


class _Work:
    """The undoing of one journal."""

    def __init__(self, data, last_event):
        self.last_event = last_event
        self.inserted = {apps.get_model(label): rows for label, rows in data["inserted"].items()}
        self.changed = [
            (apps.get_model(label), fields, {row[0]: row[1:] for row in rows})
            for label, fields, rows in data["changed"]
        ]
        self.removed = {apps.get_model(label): rows for label, rows in data["removed"].items()}
        self.loose, self.derived, self.shared, self.kept = map(_all, ("loose", "derived", "shared", "kept"))
        self.starts = {model: [first for first, _ in rows] for model, rows in self.inserted.items()}

    def made(self, model, key):
        """Whether the import inserted this row."""
        rows = self.inserted.get(model)
        if not rows:
            return False
        at = bisect_right(self.starts[model], key) - 1
        return at >= 0 and key <= rows[at][1]

    # Touched since?

    def touched(self):
        """Rows that somebody worked on since, `(what, what happened, who, when)`; empty when none."""
        found = {}
        for key, what in (*self._told(), *self._compared(), *self._used()):
            found.setdefault(key, what)
            if len(found) >= SHOWN:
                break
        return [(self._named(*key), *what) for key, what in found.items()]

    @staticmethod
    def _named(model, key):
        row = model._base_manager.filter(pk=key).first()
        return f"{model._meta.verbose_name} {row or key}"

    def _told(self):
        """What the trail says about these rows since the import."""
        mine = {
            model._meta.label_lower: model for model in (*self.inserted, *(row[0] for row in self.changed))
        }
        keys = {}
        for model, _, rows in self.changed:
            keys.setdefault(model, set()).update(rows)
        events = AuditEvent.objects.unscoped("trail").filter(pk__gt=self.last_event).order_by("pk")
        for target, action, who, at in events.values_list("target", "action", "user__name", "at").iterator():
            label, _, key = target.partition(":")
            model = mine.get(label)
            if model is None or not key.isdigit() or action.rpartition(".")[2].endswith(LOOKS):
                continue
            if self.made(model, int(key)) or int(key) in keys.get(model, ()):
                yield (model, int(key)), (action_label(action), who or "系统", at)

    def _compared(self):
        """Changed rows that no longer hold what the import wrote, and new rows that are gone or of a later version."""
        for model, fields, rows in self.changed:
            if model in self.loose:
                continue
            now = stored(model, fields, list(rows))
            for key, (_, new) in rows.items():
                if key not in now or not same(model, fields, key, now[key], new):
                    yield (model, key), ("内容已改动", "", None)
        for model, ranges in self.inserted.items():
            versioned = any(field.name == "version" for field in model._meta.concrete_fields)
            wanted = sum(last - first + 1 for first, last in ranges)
            rows = model._base_manager
            if sum(rows.filter(span).count() for span in spans("pk", ranges)) != wanted:
                yield (model, ranges[0][0]), ("有的行已不在", "", None)
            if versioned:
                first = model._meta.get_field("version").get_default()
                for span in spans("pk", ranges):
                    for key in rows.filter(span).exclude(version=first).values_list("pk", flat=True)[:SHOWN]:
                        yield (model, key), ("内容已改动", "", None)

    def _used(self):
        """Rows of others that hang on new rows."""
        for model, ranges in self.inserted.items():
            if model in self.shared:
                continue
            for user, field in references(model):
                if user in self.derived or user in self.loose or (user, field) in self.kept:
                    continue
                for span in spans(field, ranges):
                    rows = user._base_manager.filter(span).order_by("pk")
                    for key, home in rows.values_list("pk", field).iterator():
                        if not self.made(user, key):
                            yield (model, home), (f"已有{user._meta.verbose_name}", "", None)

    # Back

    def carry_out(self):
        """Undo; returns `{what: rows}` for the trail."""
        keys = {}
        for model, ranges in self.inserted.items():
            keys.setdefault(model, []).extend(ranges)
        for model, _, rows in self.changed:
            keys.setdefault(model, []).extend(runs(rows))
        for model, rows in self.removed.items():
            at = [field.name for field in model._meta.concrete_fields].index(model._meta.pk.name)
            keys.setdefault(model, []).extend(runs([row[at] for row in rows]))
        frames = [entry.around(keys, self) for entry in knowledge() if entry.around]
        for frame in frames:
            frame.__enter__()
        self._delete()
        self._restore()
        for frame in reversed(frames):
            frame.__exit__(None, None, None)
        return {
            "removed": sum(last - first + 1 for ranges in self.inserted.values() for first, last in ranges),
            "restored": sum(len(rows) for *_, rows in self.changed)
            + sum(len(rows) for rows in self.removed.values()),
        }

    def _delete(self):
        for model, ranges in self.inserted.items():
            for user, field in references(model):
                if user in self.derived or user in self.loose:
                    bulk.delete_ranges(user, field, ranges)
        for model, ranges in self.inserted.items():
            if model not in self.shared:
                bulk.delete_ranges(model, model._meta.pk.name, ranges)

    def drop_unused(self):
        """New rows that others may use by now go where nobody does. Called when what is derived is right again."""
        for model in self.shared & set(self.inserted):
            ranges = self.inserted[model]
            used = set()
            for user, field in references(model):
                for span in spans(field, ranges):
                    used |= set(user._base_manager.filter(span).order_by().values_list(field, flat=True))
            free = [
                key for first, last in ranges for key in range(first, last + 1) if key not in used
            ]  # fmt: skip
            bulk.delete_ranges(model, model._meta.pk.name, runs(free))

    def _restore(self):
        for model, fields, rows in self.changed:
            version = fields.index("version") if "version" in fields else None
            back = []
            for key, (old, new) in rows.items():
                values = [alive(value) for value in old]
                if version is not None:  # a page opened before stays out of date
                    values[version] = new[version] + 1
                back.append((*values, key))
            bulk.put_back(model, fields, back)
        for model, rows in self.removed.items():
            fields = [field.name for field in model._meta.concrete_fields]
            bulk.put_in(model, fields, [[alive(value) for value in row] for row in rows])


def same(model, fields, key, now, told):
    """Whether stored values are what the journal told: encrypted ones by what they hold, which a new key of the ring
    does not change."""
    now = json.loads(json.dumps(now, default=plain))
    return now == told or plainly(model, fields, key, now) == plainly(model, fields, key, told)


def references(model):
    """`(other model, field name)` of every foreign key to `model`, the hidden ones too."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            yield relation.related_model, relation.field.name


def spans(field, ranges):
    """Conditions for rows whose `field` lies in `ranges`, a few hundred ranges in each."""
    for start in range(0, len(ranges), CHUNK):
        condition = Q(pk__in=[])
        for first, last in ranges[start : start + CHUNK]:
            condition |= Q(**{f"{field}__gte": first, f"{field}__lte": last})
        yield condition
