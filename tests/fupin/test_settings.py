"""Settings as a site meets them: the database's promises, the secrets, the production check."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from fupin import checks, secrets, sqlite
from tests.parts import exhaustive

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False),
        ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True),
    ],
)  # fmt: skip
def test_wal_only_on_a_fixed_library(version, safe):
    assert sqlite.wal_is_safe(version) is safe
    assert sqlite.journal_for(version) == ("WAL" if safe else "DELETE")


@pytest.mark.parametrize(
    ("version", "journal", "found"),
    [
        ((3, 40, 1), "WAL", ["fupin.E001"]), ((3, 40, 1), "DELETE", []),
        ((3, 53, 4), "WAL", []), ((3, 53, 4), "OFF", ["fupin.E002"]),
    ],
)  # fmt: skip
def test_forced_wal_on_an_affected_library_is_an_error(settings, version, journal, found):
    settings.SQLITE_VERSION, settings.SQLITE_JOURNAL, settings.DATABASE_URL = version, journal, ""

    assert [message.id for message in checks.wal_only_on_a_fixed_library()] == found


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite only")
def test_a_pragma_that_did_not_take_is_found():
    assert checks.database_keeps_its_promises(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete=OFF")
    try:
        assert [m.id for m in checks.database_keeps_its_promises(databases=["default"])] == ["fupin.E003"]
        with pytest.raises(ImproperlyConfigured, match="secure_delete"):
            checks.verify(None, connection)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def test_a_secret_is_made_once_and_closed(tmp_path):
    found, threads = [], []
    for _ in range(8):
        threads.append(threading.Thread(target=lambda: found.append(secrets.secret(tmp_path))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_folder_that_is_not_ours_keeps_its_mode(tmp_path, monkeypatch):
    (tmp_path / "letters.txt").write_text("")
    tmp_path.chmod(0o755)
    monkeypatch.setenv("FUPIN_VAR", str(tmp_path))

    secrets.var_folder(ROOT)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@exhaustive
def test_the_production_settings_pass_the_deployment_check(tmp_path):
    environment = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("FUPIN_") and k not in {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    }
    environment |= {"FUPIN_VAR": str(tmp_path), "FUPIN_HTTPS": "1", "FUPIN_HOSTS": "fupin.example.org"}

    answer = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], cwd=ROOT,
        env=environment, capture_output=True, text=True,
    )  # fmt: skip

    assert answer.returncode == 0, answer.stderr
