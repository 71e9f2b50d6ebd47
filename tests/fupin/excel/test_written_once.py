"""An import is written once and whole, whatever happens to the processes that write it: real ones, really killed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dj_database_url
import psycopg
import pytest

from tests.parts import exhaustive

pytestmark = [exhaustive, pytest.mark.xdist_group("processes")]
ROOT = Path(__file__).parents[3]
HOUSEHOLDS = 120
POSTGRES = os.environ.get("DATABASE_URL", "")
DATABASES = ["sqlite", "postgres"] if POSTGRES.startswith("postgres") else ["sqlite"]
HEADER = "户编号,乡镇,村,姓名,身份证号,与户主关系,性别,是否贫困户,致贫原因,家庭纯收入"

CONSOLE = """
import contextlib, io, json, sys, traceback
import django
django.setup()
from fupin.regions import scope
scope.process("tests")
for line in sys.stdin:
    said, problem = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
    except Exception:
        problem = traceback.format_exc()
    print(json.dumps({"said": said.getvalue(), "problem": problem}), flush=True)
"""
WORK = """
import os
from django.core.management import call_command
from django.db import connections
connections.close_all()
children = []
for point in POINTS:
    children.append(os.fork())
    if not children[-1]:
        os.environ["KILL_AT"], code = point, 1
        try:
            call_command("work", "--once")
            code = 0
        finally:
            os._exit(code)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""
FILL = """
from datetime import date
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
from django.core.files.base import ContentFile
from fupin.excel import batches
from tests import factories
village = factories.region("99010110020101").parent.short_name
user = factories.user(at="990101", name="经办")
lines = [
    f"K{n},测试镇00,{village},甲{n},{factories.id_number(n, born=f'19{50 + n // 500 % 40}0101')},户主,男,是,因病,1200"
    for n in range(HOUSEHOLDS)
]
batch = batches.store(ContentFile("\\n".join([HEADER, *lines]).encode()), "a.csv", by=user, year=2020, as_of=date(2020, 12, 31))
batches.carry_out(batch, by=user, dry_run=True)
"""
ASK = """
from fupin.excel import batches
from fupin.excel.import_jobs import WRITE, submit_import
from fupin.excel.models import ImportBatch
batch = batches.settled(ImportBatch.objects.get())
asked = batches.ask_to_write(batch, policy="good")
if asked:
    submit_import(batch, by=batch.user, act=WRITE)
print(asked)
"""
LOOK = """
import json
from fupin.audit.models import AuditEvent
from fupin.excel.models import ImportBatch, ImportUndo
from fupin.jobs.models import Job
from households.models import Household, HouseholdCause, Member, SearchToken
count = lambda model: model.objects.count()
print(json.dumps({
    "rows": [count(model) for model in (Household, Member, HouseholdCause, ImportUndo)],
    "events": AuditEvent.objects.filter(action="household.import").count(),
    "commits": AuditEvent.objects.filter(action="import.commit").count(),
    "batch": ImportBatch.objects.get().state,
    "jobs": list(Job.objects.order_by("pk").values_list("state", flat=True)),
}))
"""
FORGET = """
from datetime import timedelta
from django.utils import timezone
from fupin.jobs.models import Job
Job.objects.filter(state="running").update(beat_at=timezone.now() - timedelta(minutes=3))
"""
NOTHING, ALL = [0, 0, 0, 0], [HOUSEHOLDS, HOUSEHOLDS, HOUSEHOLDS, 1]


class Site:
    """A fresh installation in a folder and a database of its own."""

    def __init__(self, folder, database):
        self.environment = os.environ | {
            "FUPIN_VAR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.killed_settings",
        }
        self.environment.pop("DATABASE_URL", None)
        (folder / "files").mkdir(exist_ok=True)
        if database == "postgres":
            self.environment["DATABASE_URL"] = own_database()
        self.console = subprocess.Popen(
            [sys.executable, "-c", CONSOLE], cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.shell(FILL.replace("HOUSEHOLDS", str(HOUSEHOLDS)).replace("HEADER", repr(HEADER)))

    def shell(self, program):
        """What the program prints, run in one long-lived process: starting Django is slow."""
        self.console.stdin.write(json.dumps(program) + "\n")
        self.console.stdin.flush()
        answer = json.loads(self.console.stdout.readline())
        assert not answer["problem"], answer["problem"]
        return answer["said"].strip()

    def work(self, *points):
        """How workers end that begin together, one for each point: each a process of its own, forked from the one
        that is warm."""
        return json.loads(self.shell(WORK.replace("POINTS", repr(points or ("",)))))

    def look(self):
        return json.loads(self.shell(LOOK))


def own_database():
    """A new database on the server of the tests; the one before of the same name goes."""
    name = f"fupin_killed_{os.getpid()}"
    settings = dj_database_url.parse(POSTGRES)
    with psycopg.connect(
        host=settings["OPTIONS"].get("host") or settings["HOST"] or None, user=settings["USER"] or None,
        password=settings["PASSWORD"] or None, port=settings["PORT"] or None, dbname="postgres", autocommit=True,
    ) as server:  # fmt: skip
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    before, _, query = POSTGRES.partition("?")
    return before.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="module", params=DATABASES)
def site(request, tmp_path_factory):
    made = Site(tmp_path_factory.mktemp(request.param), request.param)
    yield made
    made.console.communicate(timeout=30)


KILLED = ["start", "begin", "rows:1", "rows:3", "end"]


def test_killed_anywhere_it_is_all_or_nothing_and_once(site):
    assert site.shell(ASK) == "True"
    for point in KILLED[:2]:  # a third start of one job would be its last
        assert site.work(point) == [-9]
        assert site.look() == {
            "rows": NOTHING, "events": 0, "commits": 0, "batch": "writing", "jobs": ["running"],
        }  # fmt: skip
        site.shell(FORGET)
    assert site.shell(ASK) == "False"  # a second click
    assert site.work("rows:1") == [-9]
    site.shell(FORGET)
    assert site.work() == [0]  # three attempts came to nothing: the job is given up, the batch is free again
    assert site.look()["jobs"] == ["failed"]
    assert site.look()["rows"] == NOTHING

    assert site.shell(ASK) == "True"
    for point in KILLED[3:]:
        assert site.work(point) == [-9]
        assert (site.look()["rows"], site.look()["batch"]) == (NOTHING, "writing")
        site.shell(FORGET)
    assert site.work("committed") == [-9]
    written = site.look()
    assert (written["rows"], written["batch"], written["jobs"]) == (ALL, "done", ["failed", "running"])

    site.shell(FORGET)
    assert site.shell(ASK) == "False"
    site.work()
    assert site.look() == written | {"jobs": ["failed", "failed"]}


def test_two_workers_with_a_job_each_write_once(site):
    """Two jobs for one batch, as after a rescue of a worker that was only slow: both write, one counts."""
    site.shell(
        "from fupin.excel.models import ImportBatch, ImportUndo\n"
        "ImportUndo.objects.all().delete()\n"
        "from fupin.excel.import_jobs import WRITE, submit_import\n"
        "batch = ImportBatch.objects.get()\n"
        "ImportBatch.objects.update(state='writing')\n"
        "[submit_import(batch, by=batch.user, act=WRITE) for _ in range(2)]\n"
    )
    before = site.look()
    assert site.work("", "") == [0, 0]

    after = site.look()
    assert after["jobs"][-2:] == ["done", "done"]
    assert after["batch"] == "done"
    assert after["commits"] == before["commits"] + 1
    assert after["rows"][:3] == ALL[:3]
