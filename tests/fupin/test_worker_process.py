"""Real worker processes on a real SQLite file: what a database in memory and one transaction cannot show."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fupin.excel.test_written_once import CONSOLE
from tests.parts import exhaustive

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
WORK = """
import os
from django.core.management import call_command
from django.db import connections
connections.close_all()
children = []
for n in range(2):
    children.append(os.fork())
    if not children[-1]:
        code = 1
        try:
            os.dup2(os.open(os.path.join(os.environ["FUPIN_VAR"], f"said{n}"), os.O_WRONLY | os.O_CREAT), 2)
            call_command("work")
            code = 0
        finally:
            os._exit(code)
print(children)
"""
ENDED = """
import os
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in CHILDREN])
"""


class Site:
    """An installation in a folder of its own; its workers are forks of one process that is warm."""

    def __init__(self, folder):
        self.folder = folder
        environment = os.environ | {
            "FUPIN_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.worker_settings"
        }  # fmt: skip
        environment.pop("DATABASE_URL", None)
        (folder / "files").mkdir(exist_ok=True)
        self.console = subprocess.Popen(
            [sys.executable, "-c", CONSOLE], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.shell(FILL)

    def shell(self, program):
        self.console.stdin.write(json.dumps(program) + "\n")
        self.console.stdin.flush()
        answer = json.loads(self.console.stdout.readline())
        assert not answer["problem"], answer["problem"]
        return answer["said"]

    def rows(self):
        with closing(sqlite3.connect(self.folder / "fupin.sqlite3", timeout=20)) as book:
            return book.execute("SELECT state, done, total, attempts FROM jobs_job ORDER BY id").fetchall()

    def wait_for(self, condition, seconds=90):
        began = time.monotonic()
        while not condition(found := self.rows()):
            assert time.monotonic() - began < seconds, found
            time.sleep(0.1)


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.console.communicate(timeout=30)


@exhaustive
def test_two_workers_do_each_job_once_showing_progress_and_end_cleanly(site):
    workers = json.loads(site.shell(WORK))
    try:
        site.wait_for(lambda found: any(0 < done < total for _, done, total, _ in found))
        site.wait_for(lambda found: {state for state, *_ in found} == {"done"})
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGTERM)
    assert json.loads(site.shell(ENDED.replace("CHILDREN", repr(workers)))) == [0, 0]

    said = "".join((site.folder / f"said{n}").read_text() for n in range(2))
    assert site.rows() == [("done", 20, 20, 1)] * 2
    assert sorted((site.folder / "files" / "ran").read_text().split()) == ["1", "2"]
    assert "ERROR" not in said
    assert "locked" not in said
