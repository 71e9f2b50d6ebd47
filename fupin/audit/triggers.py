"""The database itself refuses to change or remove what the trail holds.

Made after every migration (`apps.py`): a migration that rebuilds a table would lose them, and who dropped them by
hand gets them back. They stop mistakes and the application's own account; an owner of the database can drop them,
and then the signatures and seals tell (verify.py).
"""

TABLES = ("audit_auditevent", "audit_auditseal")
SLOTS = "audit_auditslot"
"""The counters of writing transactions, on PostgreSQL only (see chain.py): they only go up."""
WORDS = "审计记录只增不改"

SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_kept_{what} BEFORE {what} ON {table}
BEGIN SELECT RAISE(ABORT, '{words}'); END
"""
# INSERT OR REPLACE deletes the row in its way without asking the trigger above, unless recursive_triggers is on.
SQLITE_REPLACE = """
CREATE TRIGGER IF NOT EXISTS {table}_kept_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})
BEGIN SELECT RAISE(ABORT, '{words}'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{words}'; END $$
"""
POSTGRESQL_TRIGGER = """
CREATE OR REPLACE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_kept()
"""
POSTGRESQL_SLOTS = (
    """
CREATE OR REPLACE TRIGGER audit_auditslot_kept BEFORE DELETE OR TRUNCATE ON audit_auditslot
FOR EACH STATEMENT EXECUTE FUNCTION audit_kept()
""",
    """
CREATE OR REPLACE TRIGGER audit_auditslot_up_kept BEFORE UPDATE ON audit_auditslot
FOR EACH ROW WHEN (NEW.turn < OLD.turn OR NEW.number <> OLD.number) EXECUTE FUNCTION audit_kept()
""",
)
# The oldest transaction that a seal has not covered: found without an index over every event.
POSTGRESQL_INDEX = "CREATE INDEX IF NOT EXISTS audit_event_txid ON audit_auditevent USING brin (txid)"


def statements(vendor):
    if vendor == "postgresql":
        yield POSTGRESQL.format(words=WORDS)
        yield POSTGRESQL_INDEX
        for table in TABLES:
            yield POSTGRESQL_TRIGGER.format(table=table)
        yield from POSTGRESQL_SLOTS
    else:
        for table in TABLES:
            for what in ("UPDATE", "DELETE"):
                yield SQLITE.format(table=table, what=what, words=WORDS)
            yield SQLITE_REPLACE.format(
                table=table, key="id" if table.endswith("event") else "number", words=WORDS
            )


def create(connection):
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)


def drop(connection):
    """For tests that play the owner of the database, and for emptying a test's database."""
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept ON {table}")
            else:
                for what in ("UPDATE", "DELETE", "replace"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept_{what}")
        if connection.vendor == "postgresql":
            for name in ("kept", "up_kept"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {SLOTS}_{name} ON {SLOTS}")


def missing(connection):
    """Names of tables that lack a trigger."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE %s AND tgenabled = 'O'",
                ["audit%_kept"],
            )
            wanted = dict.fromkeys(TABLES, 1) | {SLOTS: 2}
        else:
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
                ["audit%_kept_%"],
            )
            wanted = dict.fromkeys(TABLES, 3)
        found = [row[0] for row in cursor.fetchall()]
    return [table for table, count in wanted.items() if found.count(table) < count]
