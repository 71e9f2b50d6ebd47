"""Write the one `0001_initial` of every app anew.

As `makemigrations` does, with every index and constraint inside its model: as operations of their own each costs a
rendering of all models that depend on it, which made `migrate` on an empty database three times as slow.
"""

import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).parents[1]
OURS = {"fupin", "households", "projects"}
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fupin.settings")


def fold(operations):
    """The operations with AddIndex and AddConstraint moved into the CreateModel before them."""
    kept, models = [], {}
    for operation in operations:
        match type(operation).__name__:
            case "CreateModel":
                models[operation.name_lower] = operation
            case "AddIndex":
                models[operation.model_name_lower].options.setdefault("indexes", []).append(operation.index)
                continue
            case "AddConstraint":
                options = models[operation.model_name_lower].options
                options.setdefault("constraints", []).append(operation.constraint)
                continue
        kept.append(operation)
    return kept


def main():
    from django.apps import apps
    from django.core.management import call_command
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.writer import MigrationWriter

    paths = {
        app.label: Path(app.path) / "migrations" / "0001_initial.py"
        for app in apps.get_app_configs()
        if app.name.partition(".")[0] in OURS and (Path(app.path) / "migrations").is_dir()
    }
    for path in paths.values():
        path.unlink(missing_ok=True)
    call_command("makemigrations", *paths)
    for label, path in paths.items():
        migration = MigrationLoader(None).disk_migrations[label, "0001_initial"]
        migration.operations = fold(migration.operations)
        path.write_text(MigrationWriter(migration, include_header=False).as_string(), encoding="utf-8")


if __name__ == "__main__":
    django.setup()
    main()
