"""The one place that writes rows in bulk past the ORM, for work over many thousands of rows.

What is written while a `fupin.journal.Journal` is open is noted there, so that it can be undone. Rows that are
worked out from others (`derived=True`) and the trail are not: whoever undoes works them out again.
"""

from datetime import date
from itertools import repeat
from operator import itemgetter

from django.db import connection
from django.db.models import DateField, DateTimeField, JSONField, UUIDField
from django.utils import timezone

from fupin import ahead, journal
from fupin.batched import batched
from fupin.crypt import rows as sealed
from fupin.primary import take_keys

COPY_FROM = 50
"""Rows from which PostgreSQL's COPY is worth its round trips."""

ANALYSE_FROM = 500
"""Rows from which PostgreSQL is told to look at a table again: the same transaction goes on to read what it wrote, and
a planner that takes the table for empty needs minutes for what is done in a second."""

SAMPLE = 10
"""How closely PostgreSQL looks then: at 300 rows times this."""

TOGETHER = 20_000
"""Rows made ready at once: those of a county's file need not all stand in memory a second time."""

UNIFORM_FROM = 200
"""Rows from which looking for columns with one value in all of them is worth it."""


def update_rows(model, fields, rows, *, derived=False):
    """`UPDATE` one row per entry of `rows`: tuples of the values of `fields` followed by the primary key.

    Values are ready for the column, as in `insert_rows`. Names come from the model, values are bound: nothing of
    a request reaches the statement's text. SQLite runs one prepared statement for all rows, PostgreSQL copies the
    rows into a temporary table and joins. Call inside a transaction.
    """
    meta, rows = model._meta, rows if isinstance(rows, list) else list(rows)
    if not rows:
        return
    fields, rows = sealed.for_update(model, fields, rows)
    columns = [meta.get_field(name) for name in fields]
    ready = _ready(columns)
    rows = rows if ready is None else list(map(ready, rows))
    if not derived:
        journal.changing(model, fields, [row[-1] for row in rows])
    _update(meta, columns, rows)


def exchange(model, fields, rows, held):
    """`put_back` of rows that still hold what was read: rows of the values of `fields`, the key, and what the columns
    `held` must hold. Others are left alone. Returns how many were written."""
    columns = [[model._meta.get_field(name) for name in names] for names in (fields, held)]
    return _update(model._meta, columns[0], rows, columns[1]) if rows else 0


def _update(meta, columns, rows, held=()):
    quote = connection.ops.quote_name
    table, key = quote(meta.db_table), quote(meta.pk.column)
    names = [quote(column.column) for column in columns]
    still = [quote(column.column) for column in held]
    with journal.known(), connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
            was = [quote(f"was_{column.column}") for column in held]
            made = ", ".join((*names, key, *(f"{name} AS {old}" for name, old in zip(still, was))))
            sets = ", ".join(f"{name} = news.{name}" for name in names)
            same = "".join(
                f" AND {table}.{name} IS NOT DISTINCT FROM news.{old}" for name, old in zip(still, was)
            )
            cursor.execute(f"CREATE TEMP TABLE news ON COMMIT DROP AS SELECT {made} FROM {table} LIMIT 0")  # noqa: S608
            _copy(cursor, "news", ", ".join((*names, key, *was)), rows)
            cursor.execute(f"UPDATE {table} SET {sets} FROM news WHERE {table}.{key} = news.{key}{same}")  # noqa: S608
            count = cursor.rowcount
            cursor.execute("DROP TABLE news")
            return count
        equal = "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"
        sets = ", ".join(f"{name} = %s" for name in names)
        same = "".join(f" AND {name} {equal} %s" for name in still)
        cursor.executemany(f"UPDATE {table} SET {sets} WHERE {key} = %s{same}", rows)  # noqa: S608
        return cursor.rowcount


def put_back(model, fields, rows):
    """`update_rows` with values as the database holds them: what a journal noted."""
    if rows:
        _update(model._meta, [model._meta.get_field(name) for name in fields], rows)


def put_in(model, fields, rows):
    """Insert whole rows with values as the database holds them: what a journal noted of rows that were deleted."""
    meta, quote = model._meta, connection.ops.quote_name
    names = ", ".join(quote(meta.get_field(name).column) for name in fields)
    marks = ", ".join(repeat("%s", len(fields)))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({marks})", rows)  # noqa: S608


def delete_ranges(model, column, ranges):
    """Delete the rows whose `column` (a field's name) lies in one of `ranges` [(first, last)]."""
    meta, quote = model._meta, connection.ops.quote_name
    name = quote(meta.get_field(column).column)
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {quote(meta.db_table)} WHERE {name} BETWEEN %s AND %s", ranges)  # noqa: S608


def insert_rows(model, fields, rows, *, constants=None, derived=False):
    """`INSERT` one row per entry of `rows`: tuples of the values of `fields`, in that order.

    Values are ready for the column: date, Decimal, bool, int, text or None; of encrypted columns the plain text. Every other column takes its default,
    or what `constants` ({field: value}) says for all rows. Keys are given (see `take_keys`) or left to the
    database. Past the ORM because making and saving an instance costs ten times the insert itself; what the
    model's constraints demand the database still checks. Call inside a transaction.
    """
    count = 0
    for part in batched(rows, TOGETHER):
        count += len(part)
        _insert(model, fields, part, constants, derived)
    if count >= ANALYSE_FROM and connection.vendor == "postgresql":
        _look_again(model._meta)
    return count


def _look_again(meta):
    """Have PostgreSQL count a table and look at what it finds rows by, in a small sample: a full look, which takes a sixth
    of what writing the rows does, stays due and is autovacuum's."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in _found_by(meta))
    with journal.known(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL default_statistics_target = {SAMPLE}")
        cursor.execute(f"ANALYZE {quote(meta.db_table)} ({columns})")
        cursor.execute("SET LOCAL default_statistics_target TO DEFAULT")


def _found_by(meta):
    """Columns by which the rows of a table are found, besides the key."""
    names = {name.lstrip("-") for index in meta.indexes for name in index.fields}
    names |= {name for rule in meta.constraints for name in getattr(rule, "fields", ())}
    names |= {field.name for field in meta.concrete_fields if field.db_index or field.unique}
    return sorted(meta.get_field(name).column for name in names - {meta.pk.name}) or [meta.pk.column]


def _insert(model, fields, rows, constants, derived):
    count, meta = len(rows), model._meta
    fields, rows = sealed.for_insert(model, fields, rows, constants)
    given = [meta.get_field(name) for name in fields]
    keys, ready_only = [], ahead.is_making()
    if not derived and (ready_only or journal.is_open_for(model)):
        if meta.pk not in given:
            given.append(meta.pk)
            rows = [(*row, key) for row, key in zip(rows, take_keys(model, len(rows)))]
        place = given.index(meta.pk)
        keys = [row[place] for row in rows]
        if not ready_only:
            journal.made(model, keys)
    constants = dict(constants or {})
    rest = [f for f in meta.concrete_fields if f not in given and not f.primary_key and not f.generated]
    fixed = {f: f.get_db_prep_save(constants.get(f.name, _default(f)), connection) for f in rest}
    if count >= UNIFORM_FROM:
        rows, given, same = _without_same(rows, given)
        fixed |= same
    ready = _ready(given)
    rows = rows if ready is None else map(ready, rows)
    quote = connection.ops.quote_name
    with journal.known(), connection.cursor() as cursor:
        if connection.vendor == "postgresql" and count >= COPY_FROM:
            bound = {f: value for f, value in fixed.items() if value is not None or f.has_db_default()}
            names = ", ".join(quote(f.column) for f in (*given, *bound))
            tail = tuple(bound.values())
            _copy(cursor, quote(meta.db_table), names, ((*row, *tail) for row in rows))
            return
        plain = {f: word for f, value in fixed.items() if (word := _literal(value))}
        bound = {f: value for f, value in fixed.items() if f not in plain}
        if ready_only:
            ahead.hold(model, given, bound, plain, rows, keys)
            return
        names = ", ".join(quote(f.column) for f in (*given, *bound, *plain))
        marks = ", ".join((*repeat("%s", len(given) + len(bound)), *plain.values()))
        statement = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
        tail = tuple(bound.values())
        cursor.executemany(statement, ((*row, *tail) for row in rows) if tail else rows)


def put_rows(model, fields, rows, *, unique):
    """Rows worked out from others, written anew where the value of the field `unique` stands already: tuples of the
    values of `fields`, which are all columns besides the key. Call inside a transaction."""
    meta, quote = model._meta, connection.ops.quote_name
    given = [meta.get_field(name) for name in fields]
    names = [quote(column.column) for column in given]
    sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in names)
    ready = _ready(given)
    statement = (
        f"INSERT INTO {quote(meta.db_table)} ({', '.join(names)}) VALUES ({', '.join(repeat('%s', len(names)))})"  # noqa: S608
        f" ON CONFLICT ({quote(meta.get_field(unique).column)}) DO UPDATE SET {sets}"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows if ready is None else list(map(ready, rows)))


def _without_same(rows, columns):
    """The rows without the columns that hold one plain value in all of them: `(rows, columns left, {column: value})`.

    Most columns of most files are blank, and handing a blank to the driver costs as much as a value.
    """
    first = rows[0]
    same = {}
    for index, column in enumerate(columns):
        value = first[index]
        if (
            _literal(value)
            and not isinstance(column, JSONField)
            and all(row[index] is value or row[index] == value for row in rows)
        ):
            same[index] = column
    left = [index for index in range(len(columns)) if index not in same]
    if not same or len(left) < 2:
        return rows, columns, {}
    return (
        list(map(itemgetter(*left), rows)),
        [columns[index] for index in left],
        {column: first[index] for index, column in same.items()},
    )


def _literal(value):
    """How SQL writes NULL, true, false, a whole number or empty text; "" for everything else."""
    if value is None:
        return "NULL"
    if value.__class__ is bool:
        return "TRUE" if value else "FALSE"
    if value.__class__ is int:
        return str(value)
    return "''" if value.__class__ is str and not value else ""


def delete_rows(model, keys):
    """Delete the rows of these primary keys. What hangs on them must be gone, or go in the same transaction."""
    meta = model._meta
    keys = list(keys)
    if not keys:
        return
    journal.removing(model, keys)
    quote = connection.ops.quote_name
    with journal.known(), connection.cursor() as cursor:
        for start in range(0, len(keys), 500):
            chunk = keys[start : start + 500]
            marks = ", ".join(repeat("%s", len(chunk)))
            statement = f"DELETE FROM {quote(meta.db_table)} WHERE {quote(meta.pk.column)} IN ({marks})"  # noqa: S608
            cursor.execute(statement, chunk)


def create(objects, *, batch_size=500):
    """`bulk_create` of instances of one model, noted in the open journal. Returns them with their keys."""
    if not objects:
        return objects
    model = type(objects[0])
    with journal.known():
        objects = model._default_manager.bulk_create(objects, batch_size=batch_size)
    journal.made(model, [row.pk for row in objects])
    return objects


def change(objects, fields, *, batch_size=500):
    """`bulk_update` of instances of one model, noted in the open journal."""
    if not objects:
        return
    model = type(objects[0])
    journal.changing(model, fields, [row.pk for row in objects])
    with journal.known():
        model._default_manager.bulk_update(objects, fields, batch_size=batch_size)


def _copy(cursor, table, names, rows):
    """PostgreSQL's own way in: several times as fast as INSERT."""
    # Django translates the driver's errors for execute only
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _default(field):
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return timezone.now() if isinstance(field, DateTimeField) else timezone.localdate()
    return field.get_default()


def _ready(columns):
    """A function that makes a row of values ready for the driver, None where nothing is to do."""
    kinds = JSONField | UUIDField | DateTimeField if connection.vendor == "sqlite" else JSONField
    prepare = [
        (
            index,
            _once(column.get_db_prep_save) if isinstance(column, DateTimeField) else column.get_db_prep_save,
        )
        for index, column in enumerate(columns)
        if isinstance(column, kinds)
    ]
    days = [
        index
        for index, column in enumerate(columns)
        if connection.vendor == "sqlite" and isinstance(column, DateField) and not isinstance(column, kinds)
    ]
    if not prepare and not days:
        return None

    def ready(row):
        row = list(row)
        for index in days:
            if row[index].__class__ is date:
                row[index] = row[index].isoformat()
        for index, prepared in prepare:
            if row[index] is not None:
                row[index] = prepared(row[index], connection)
        return row

    return ready


def _once(prepared):
    """`prepared` of a value that stands in row after row, as the moment of a piece of work does: asked once."""
    last, made = None, None

    def remembered(value, database):
        nonlocal last, made
        if value is not last:
            last, made = value, prepared(value, database)
        return made

    return remembered
