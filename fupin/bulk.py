"""The one place that writes rows in bulk past the ORM, for work over many thousands of rows."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import DateField, DateTimeField, DecimalField, JSONField, UUIDField
from django.utils import timezone


def update_rows(model, fields, rows):
    """`UPDATE` one row per entry of `rows`: tuples of the values of `fields` followed by the primary key.

    Values are ready for the column, as in `insert_rows`.
    Names come from the model, values are bound: nothing of a request reaches the statement's text. One
    prepared statement for all rows, on SQLite and PostgreSQL alike. Call inside a transaction.
    """
    meta = model._meta
    columns = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    statement = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608
    ready = _ready(columns)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [ready(row) for row in rows])


def insert_rows(model, fields, rows, *, constants=None):
    """`INSERT` one row per entry of `rows`: tuples of the values of `fields`, in that order.

    Values are ready for the column: date, Decimal, bool, int, text or None. Every other column takes its default,
    or what `constants` ({field: value}) says for all rows. Keys are given (see `take_keys`) or left to the
    database. Past the ORM because making and saving an instance costs ten times the insert itself; what the
    model's constraints demand the database still checks. Call inside a transaction.
    """
    rows = rows if isinstance(rows, list) else list(rows)
    if not rows:
        return 0
    meta = model._meta
    constants = dict(constants or {})
    given = [meta.get_field(name) for name in fields]
    rest = [f for f in meta.concrete_fields if f not in given and not f.primary_key and not f.generated]
    fixed = [f.get_db_prep_save(constants.get(f.name, _default(f)), connection) for f in rest]
    quote = connection.ops.quote_name
    names = ", ".join(quote(f.column) for f in (*given, *rest))
    marks = ", ".join(["%s"] * (len(given) + len(rest)))
    statement = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
    fixed = tuple(fixed)
    ready = _ready(given)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [ready(row) + fixed for row in rows])
    return len(rows)


def _default(field):
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return timezone.now() if isinstance(field, DateTimeField) else timezone.localdate()
    return field.get_default()


def _ready(columns):
    """A function that makes a row of values ready for the driver."""
    if connection.vendor != "sqlite":
        prepare = [
            (index, column) for index, column in enumerate(columns) if isinstance(column, JSONField)
        ]  # fmt: skip
    else:
        prepare = [
            (index, column)
            for index, column in enumerate(columns)
            if isinstance(column, JSONField | DateField | DecimalField | UUIDField)
        ]
    if not prepare:
        return tuple

    def ready(row):
        row = list(row)
        for index, column in prepare:
            value = row[index]
            if value is not None:
                row[index] = (
                    value.isoformat()
                    if type(value) is date
                    else str(value)
                    if type(value) is Decimal
                    else column.get_db_prep_save(value, connection)
                )
        return tuple(row)

    return ready


def take_keys(model, count):
    """`count` primary keys for rows to be inserted by `insert_rows`, never given to anybody else.

    Call inside the transaction that inserts them: on SQLite the writer's lock is what keeps them ours.
    """
    if not count:
        return []
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
