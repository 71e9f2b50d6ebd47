"""The one place that writes rows in bulk past the ORM, for work over many thousands of rows."""

from django.db import connection


def update_rows(model, fields, rows):
    """`UPDATE` one row per entry of `rows`: tuples of the values of `fields` followed by the primary key.

    Names come from the model, values are bound: nothing of a request reaches the statement's text. One
    prepared statement for all rows, on SQLite and PostgreSQL alike. Call inside a transaction.
    """
    meta = model._meta
    columns = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    statement = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608
    prepare = [column.get_db_prep_save for column in columns]
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [(*(prep(value, connection) for prep, value in zip(prepare, row)), row[-1]) for row in rows],
        )
