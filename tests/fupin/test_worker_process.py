"""Real worker processes on a real SQLite file: what a database in memory and one transaction cannot show."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILL = """
from django.core.management import call_command
from fupin.accounts.models import User
from fupin.jobs.models import Job
from fupin.regions.models import Region
call_command("migrate", run_syncdb=True, verbosity=0)
Region.objects.bulk_create(Region(path=f"{n:02}", level=1, name=f"{n}", short_name=f"{n}", key=f"{n}") for n in range(40))
user = User.objects.create_user("worker-test", None, name="用户")
Job.objects.bulk_create(Job(kind="slow", title="任务", user=user) for _ in range(2))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("var")
    found = os.environ | {"FUPIN_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.worker_settings"}
    found.pop("DATABASE_URL", None)
    (folder / "files").mkdir(exist_ok=True)
    words = [sys.executable, "manage.py", "shell", "-v0", "-c", FILL]
    subprocess.run(words, cwd=ROOT, env=found, check=True, timeout=240)
    return found


def start(environment):
    return subprocess.Popen(
        [sys.executable, "manage.py", "work"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )


def rows(environment):
    with closing(sqlite3.connect(Path(environment["FUPIN_VAR"]) / "fupin.sqlite3", timeout=20)) as book:
        return book.execute("SELECT state, done, total, attempts FROM jobs_job ORDER BY id").fetchall()


def wait_for(environment, condition, seconds=90):
    began = time.monotonic()
    while not condition(found := rows(environment)):
        assert time.monotonic() - began < seconds, found
        time.sleep(0.1)


def test_two_workers_do_each_job_once_showing_progress_and_end_cleanly(environment):
    workers = [start(environment) for _ in range(2)]
    try:
        wait_for(environment, lambda found: any(0 < done < total for _, done, total, _ in found))
        wait_for(environment, lambda found: {state for state, *_ in found} == {"done"})
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        said = "".join(worker.communicate(timeout=30)[1] for worker in workers)

    assert [worker.returncode for worker in workers] == [0, 0]
    assert rows(environment) == [("done", 20, 20, 1)] * 2
    assert sorted((Path(environment["FUPIN_VAR"]) / "files" / "ran").read_text().split()) == ["1", "2"]
    assert "ERROR" not in said
    assert "locked" not in said
