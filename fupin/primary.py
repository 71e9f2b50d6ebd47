"""Primary keys handed out before their rows are inserted."""

from django.db import connection


def take_keys(model, count):
    """`count` primary keys for rows to be inserted, never given to anybody else.

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
