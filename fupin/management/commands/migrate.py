"""Django's `migrate`, which makes the tables of an app together.

Django draws every model that hangs together with a new one anew for each new table: 2,500 models for our hundred tables,
nine tenths of the time of the first `up`. New tables that follow one another in a migration do not look at each other
before they are made, so the models are drawn once for all of them.
"""

from copy import copy

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class NewTables(Operation):
    """Some `CreateModel`, one after the other."""

    def __init__(self, operations):
        self.operations = operations

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # drawn again when the first of the tables asks for its model
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)


def together(operations):
    """The same operations, those that follow one another and make a table as one."""
    found = []
    for operation in operations:
        if type(operation) is not CreateModel:
            found.append(operation)
        elif found and isinstance(found[-1], NewTables):
            found[-1].operations.append(operation)
        else:
            found.append(NewTables([operation]))
    return found


class Executor(MigrationExecutor):
    def apply_migration(self, state, migration, *args, **options):
        migration = copy(migration)
        migration.operations = together(migration.operations)
        return super().apply_migration(state, migration, *args, **options)


migrate.MigrationExecutor = Executor


class Command(migrate.Command):
    pass
