"""Writing rows of models with encrypted columns: one by one through the ORM, in bulk for `fupin.bulk`.

A token is bound to the key of its row, so the key is taken from the database before the row is inserted.
"""

from functools import cache

from django.db import models, transaction

from fupin.crypt.fields import Encrypted, Mark, TailMark
from fupin.crypt.sealing import opener, seal_many, seal_text
from fupin.primary import take_keys

CHUNK = 500


class Plan:
    """The encrypted columns of a model and what hangs on them: `fields`, `marks` {source: [Mark]}, `scopes` {column
    that a TailMark is worked out from: [TailMark]}, `names` of all of them."""

    def __init__(self, model):
        every = model._meta.local_concrete_fields
        self.fields = {field.name: field for field in every if isinstance(field, Encrypted)}
        self.marks, self.scopes = {}, {}
        for field in every:
            if isinstance(field, Mark):
                self.marks.setdefault(field.source, []).append(field)
            if isinstance(field, TailMark):
                self.scopes.setdefault(field.scope, []).append(field)

    def derived(self, names):
        """The marks that are to be worked out again when `names` are written."""
        found = {}
        for name in names:
            for mark in (*self.marks.get(name, ()), *self.scopes.get(name, ())):
                found[mark.name] = mark
        return found


@cache
def plan(model):
    return Plan(model)


class SealedQuerySet(models.QuerySet):
    """Bulk writes of the ORM, for models with encrypted columns."""

    def update(self, **values):
        held = plan(self.model)
        marks = held.derived(values)
        said = {name for name in values if name in held.fields}
        if not said and not marks:
            return super().update(**values)
        if not any(values[name] for name in said) and {mark.source for mark in marks.values()} <= said:
            return super().update(**values, **dict.fromkeys(marks, ""))
        return self._update_each(values, held, marks)

    update.alters_data = True

    def _update_each(self, values, held, marks):
        """One UPDATE a row: each has its own key and so its own token."""
        needs = sorted({name for mark in marks.values() for name in mark.needs} - values.keys())
        with transaction.atomic():
            rows = list(self.order_by().values_list("pk", *needs))
            count = 0
            for key, *known in rows:
                now = {**dict(zip(needs, known)), **values}
                sealed = {
                    name: None
                    if values[name] is None
                    else seal_text(held.fields[name].as_text(values[name]), held.fields[name].purpose, key)
                    for name in values
                    if name in held.fields
                }
                worked = {
                    name: mark.marker()(*(now[need] for need in mark.needs)) for name, mark in marks.items()
                }
                one = models.QuerySet.order_by(self).filter(pk=key)
                count += models.QuerySet.update(one, **{**values, **sealed, **worked})
            return count

    def bulk_create(self, objs, *args, **options):
        objs = list(objs)
        if not plan(self.model).fields:
            return super().bulk_create(objs, *args, **options)
        with transaction.atomic():
            new = [row for row in objs if row.pk is None]
            for row, key in zip(new, take_keys(self.model, len(new))):
                row.pk = key
            return super().bulk_create(objs, *args, **options)

    bulk_create.alters_data = True

    def bulk_update(self, objs, fields, *args, **options):
        held = plan(self.model)
        if not held.fields.keys() & set(fields) and not held.derived(fields):
            return super().bulk_update(objs, fields, *args, **options)
        with transaction.atomic():
            return sum(
                self.filter(pk=row.pk).update(**{name: getattr(row, name) for name in fields}) for row in objs
            )

    bulk_update.alters_data = True


class SealedModel(models.Model):
    """A model with encrypted columns."""

    class Meta:
        abstract = True

    def save(self, *, force_insert=False, update_fields=None, **options):
        if update_fields is not None:
            update_fields = {*update_fields, *plan(type(self)).derived(update_fields)}
        if self.pk is not None or not self._state.adding:
            super().save(force_insert=force_insert, update_fields=update_fields, **options)
            return
        with transaction.atomic():
            self.pk = take_keys(type(self), 1)[0]
            try:
                super().save(force_insert=True, update_fields=update_fields, **options)
            except BaseException:
                self.pk = None
                raise


# For fupin.bulk: names of columns and rows of plain values in, names and rows of tokens and marks out


def for_insert(model, names, rows, constants):
    """`(names, rows)` of rows to be inserted; their keys are added when an encrypted column is among them."""
    held = plan(model)
    used = [name for name in names if name in held.fields]
    if not used:
        return names, rows
    columns = dict(zip(names, zip(*rows)))
    pk = model._meta.pk.name
    if pk not in columns:
        columns[pk] = take_keys(model, len(rows))
    _seal(held, used, columns, columns[pk], lambda name: [(constants or {}).get(name, "")] * len(rows))
    return list(columns), list(zip(*columns.values()))


def for_update(model, names, rows):
    """`(names, rows)` of rows to be updated, their keys last."""
    held = plan(model)
    used = [name for name in names if name in held.fields]
    marks = held.derived(names)
    if not used and not marks:
        return names, rows
    *values, keys = zip(*rows)
    columns = dict(zip(names, values))
    if not used:
        moved = _moved(model, marks, columns, keys)
        if not moved:
            return names, rows
    stored = {}

    def rest(name):
        if name not in stored:
            stored[name] = _stored(model, name, keys)
        return [stored[name].get(key, "") for key in keys]

    _seal(held, used, columns, keys, rest)
    return list(columns), list(zip(*columns.values(), keys))


def _moved(model, marks, columns, keys):
    """Whether a row leaves the place within which its endings are marked."""
    for mark in marks.values():
        before = _stored(model, mark.scope, keys)
        for key, after in zip(keys, columns[mark.scope]):
            if before.get(key, "")[: mark.digits] != after[: mark.digits]:
                return True
    return False


def _stored(model, name, keys):
    found = {}
    for start in range(0, len(keys), CHUNK):
        rows = model._base_manager.filter(pk__in=keys[start : start + CHUNK]).order_by()
        found |= dict(rows.values_list("pk", name))
    return found


def _seal(held, used, columns, keys, rest):
    """Marks first, out of the plain values, then tokens in the place of these."""
    for name, mark in held.derived(columns).items():
        needs = [columns[need] if need in columns else rest(need) for need in mark.needs]
        columns[name] = list(map(mark.marker(), *needs))
    for name in used:
        columns[name] = seal_many(columns[name], held.fields[name].purpose, keys)


def plainly(model, names, key, values):
    """Values of one row as the database holds them, with those of encrypted columns opened and without marks."""
    held, found = plan(model), []
    marks = {mark.name for marks in held.marks.values() for mark in marks}
    for name, value in zip(names, values):
        if name in held.fields:
            found.append(opener(held.fields[name].purpose)(value, key) if value else "")
        elif name not in marks:
            found.append(value)
    return found
