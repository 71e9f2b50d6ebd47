"""How fast a household list is imported, by hand:
`python -m tests.bench.import_rate [--db postgres] [--households 30000] [--rounds 1] [--files FOLDER]`.

Needs `pip install .[bench]` and the sample folder (FUPIN_SAMPLES), whose make_large.py draws the files. Every figure
is taken in a process of its own on a database of its own, one after another in this one run; what is divided by each
other runs in turn, and of several --rounds the best counts. What counts are processor seconds (other work on the machine
distorts them less than the wall clock): of the process, its children and, on PostgreSQL, the server process that works
for it. A worker has its modules loaded when a file comes, and has imported before: so have the processes measured here
(a file of eight households first, rolled back), but for the first line, which is a worker's first file.

Lines: each part of the import; the reader alone (calamine); the plain limit (calamine, then executemany or COPY of
ready tuples of all the tables that the import fills, read back from its own result); django-import-export on 6,000
rows (what the file says of households, members, years and incomes: no checks, no causes, counts, search or trail); the cost of a row of the
first 1,000 and 10,000 rows of the file and of all, into an empty and a full register; that of 1,000 rows that are
spread over 300 villages, one household in each; a check alone; visits saved by somebody else meanwhile. The
list page of somebody else is timed while an import is let run and stopped (SIGSTOP) by turns of TURN seconds, so that
both sides of the ratio see the same machine.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("FUPIN_SAMPLES") or ROOT.parent / "shared" / "samples")
SMALL = 1875
"""Households of the file that django-import-export gets: about 6,000 persons."""
FULL = 60_000
WARM = 8
"""Households of the file that a process has imported before it is measured."""
SPREAD = 312
"""Households of a file of about 1,000 rows over as many villages."""
TURN = 2.0
YEAR, AS_OF = 2020, date(2020, 12, 31)
SELF = resource.RUSAGE_SELF
FILLED = (
    "households.Household", "households.Member", "households.MemberYear", "households.Income",
    "households.HouseholdCause", "households.SearchToken", "households.Doubt", "audit.AuditEvent",
)  # fmt: skip

arguments = argparse.ArgumentParser()
arguments.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
arguments.add_argument("--households", type=int, default=30_000)
arguments.add_argument("--rounds", type=int, default=1)
arguments.add_argument("--files", default="", help="folder that keeps the workbooks for the next run")
arguments.add_argument(
    "--locks", action="store_true", help="only how long the database is locked, new and changed"
)
arguments.add_argument("--step", default="", help=argparse.SUPPRESS)
arguments.add_argument("--file", default="", help=argparse.SUPPRESS)
arguments.add_argument("--warm", default="", help=argparse.SUPPRESS)
arguments.add_argument("--from", dest="source", default="", help=argparse.SUPPRESS)


# One step, in a process of its own


class Clock:
    """Processor seconds of each part: of this process, its children, the forks of the child that waits (the system counts
    them only when that ends) and, on PostgreSQL, of the server process that works for it (wall clock where that cannot
    be seen: a server elsewhere)."""

    def __init__(self):
        self.parts, self.server, self.wall = {}, None, False
        from django.db import connection

        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.server = Path(f"/proc/{cursor.fetchone()[0]}/stat")
            here = connection.connection.info.host.startswith("/")
            self.wall = not (here and self.server.exists())

    def now(self):
        if self.wall:
            return time.perf_counter()
        from fupin.excel.opener import OPENER

        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = time.process_time() + children.ru_utime + children.ru_stime + OPENER.used
        if self.server:
            user, system = self.server.read_text().rpartition(")")[2].split()[11:13]
            found += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        return found

    @contextmanager
    def part(self, name):
        began = self.now()
        yield
        self.parts[name] = self.parts.get(name, 0) + self.now() - began


def ready(*, new=False):
    """Django on the database of this step; returns the importing user, None while the database is new."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.import_settings"
    import django

    django.setup()
    from fupin.accounts.models import User
    from fupin.catalogue import offers
    from fupin.regions import scope

    scope.process("tests")
    offers("IMPORT_MODULES", "IMPORTS")
    return None if new else User.objects.get(username="bench")


def step_prepare(options):
    """A register with places and one user, empty."""
    ready(new=True)
    from django.core.management import call_command

    from fupin.accounts.models import Post, User
    from fupin.accounts.roles import Role
    from fupin.regions import tree
    from fupin.regions.models import Region

    call_command("migrate", verbosity=0)
    tree.load()
    user = User.objects.create_user("bench", None, name="测速")
    top = Region.objects.get(path="")
    Post.objects.create(user=user, role=Role.COUNTY_OFFICE, region=top, starts_on=date(2020, 1, 1))
    return {}


def step_fill(options):
    """60,000 households of two in the places of the prepared register."""
    ready()
    from django.db import transaction

    from fupin.bulk import insert_rows, take_keys
    from fupin.regions.models import Level, Region
    from households import search, stats
    from households.models import Household, Member, SearchToken

    places = list(Region.objects.filter(level=Level.VILLAGE).order_by("path").values_list("pk", "path"))
    with transaction.atomic():
        rows = [
            (key, f"B{n:07}", *places[n % len(places)], "0", 2, f"赵{chr(0x4E00 + n % 9000)}")
            for n, key in enumerate(take_keys(Household, FULL))
        ]
        insert_rows(
            Household, ("id", "number", "region", "region_path", "registry_status", "size", "head_name"), rows
        )
        insert_rows(
            Member, ("household", "region_path", "order", "relation", "sex", "name"),
            [(row[0], row[3], order, "03" if order else "01", "1", row[6]) for row in rows for order in range(2)],
        )  # fmt: skip
        search_rows = {(piece, row[3], row[0]) for row in rows for piece in search.tokens(row[6])}
        insert_rows(SearchToken, ("token", "region_path", "household"), sorted(search_rows))
    stats.recount_all()
    return {}


def step_check(options):
    """The check of a file as the worker does it."""
    return step_ours(options, dry_run=True)


def step_worker(options):
    """The import in a process that steps back behind the others, as the worker does."""
    return step_ours(options, behind=True)


def step_ours(options, dry_run=False, behind=False):
    """The whole import as the worker does it, its parts timed by its own signs of progress. `behind` others, or not."""
    user = ready()
    if behind:
        from fupin.jobs.priority import step_back

        step_back()
    from django.conf import settings
    from django.db import transaction

    from fupin.excel import batches, commit, imports, reader
    from fupin.excel.import_jobs import collector_off

    settings.FILES.mkdir(exist_ok=True)

    def given(path):
        with open(path, "rb") as stream:
            batch = batches.store(stream, "bench.xlsx", by=user, year=YEAR, as_of=AS_OF)
        if not dry_run:
            batches.ImportBatch.objects.filter(pk=batch.pk).update(state="writing")
        return batch

    if options.warm:
        with transaction.atomic():
            batches.carry_out(given(options.warm), by=user, dry_run=dry_run)
            transaction.set_rollback(True)
    batch = given(options.file)
    clock = Clock()
    names = {
        imports.READ_SHARE: "read",
        commit.CLEANED: "clean",
        commit.COMPARED: "check",
        commit.WRITTEN: "write",
    }
    last = clock.now()
    held = []

    def told(share):
        nonlocal last
        if share in names:
            clock.parts[names[share]] = clock.now() - last
            last = clock.now()
        held.append(time.perf_counter())

    peaks = []
    reader.Heard.ENDED = peaks.append
    began, wall = clock.now(), time.perf_counter()
    lock = Lock()
    with collector_off(), lock.watched():
        outcome = batches.carry_out(batch, by=user, dry_run=dry_run, step=told)
    lock.end()
    clock.parts["commit"] = clock.now() - last
    whole = clock.now() - began
    return {
        "rows": outcome.plan.counts()[0], "parts": clock.parts, "whole": whole, "wall": time.perf_counter() - wall,
        "locked": lock.wall, "locked_cost": lock.cost, "written": outcome.written,
        "memory": peak(resource.RUSAGE_SELF), "child": max(peaks) >> 10,
    }  # fmt: skip


class Lock:
    """How long the longest transaction of the import lasts, from its first statement on: on SQLite that is how long
    nobody else can save. `wall` seconds and `cost`, those of them in which this process worked."""

    def __init__(self):
        self.wall = self.cost = 0.0
        self.since = None

    def watched(self):
        from django.db import connection

        return connection.execute_wrapper(self._watch)

    def _watch(self, execute, sql, params, many, context):
        connection = context["connection"]
        if not connection.in_atomic_block:
            self.end()
            if sql.startswith("BEGIN"):
                self._begin()
        elif self.since is None:
            self._begin()
        return execute(sql, params, many, context)

    def _begin(self):
        self.since = time.perf_counter(), time.process_time()

    def end(self):
        """The transaction is over: noted at the next statement after it, or at the end."""
        if self.since:
            wall, cost = time.perf_counter() - self.since[0], time.process_time() - self.since[1]
            if wall > self.wall:
                self.wall, self.cost = wall, cost
        self.since = None


CHANGED = [
    ("households.Household", ("version", "updated_at", "updated_by_id", "per_capita")),
    ("households.Income", ("wage",)),
]
"""What the file of changed() changes, besides an event for each household."""


def changed(big):
    """The same file with other wages in every household: all of them change."""
    import openpyxl

    made = big.with_name("changed.xlsx")
    if made.exists():
        return made
    book, column = openpyxl.Workbook(write_only=True), None
    sheet, held = book.create_sheet(), openpyxl.load_workbook(big, read_only=True)
    for row in held.worksheets[0].iter_rows(values_only=True):
        row = list(row)
        if column is None:
            column = row.index("工资性收入")
        else:
            row[column] = (row[column] or 0) + 100
        sheet.append(row)
    book.save(made)
    return made


def step_dump_changed(options):
    """Ready tuples of what the import of changed() wrote, for `limit_changed`."""
    ready()
    import pickle

    from django.apps import apps
    from django.db import connection

    from households.models import Household

    updates = {}
    with connection.cursor() as cursor:
        for label, columns in CHANGED:
            table = apps.get_model(label)._meta.db_table
            cursor.execute(f"SELECT {', '.join(columns)}, id FROM {table} ORDER BY id")
            updates[table] = (columns, cursor.fetchall())
        meta = apps.get_model("audit.AuditEvent")._meta
        columns = [field.column for field in meta.concrete_fields if not field.generated]
        names = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(
            f"SELECT {names} FROM {meta.db_table} WHERE action = 'household.import' ORDER BY id DESC"
            f" LIMIT {Household.objects.count()}"
        )
        events = (meta.db_table, columns, cursor.fetchall()[::-1])
    Path(options.source).write_bytes(pickle.dumps((updates, events)))
    return {}


def step_limit_changed(options):
    """The same rows written by nothing but the driver."""
    ready()
    import gc
    import pickle

    from django.db import connection, transaction

    updates, (table, names, events) = pickle.loads(Path(options.source).read_bytes())
    gc.disable()
    clock = Clock()
    with clock.part("write"), transaction.atomic(), connection.cursor() as cursor:
        for changed_table, (columns, rows) in updates.items():
            sets = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(f"UPDATE {changed_table} SET {sets} WHERE id = %s", rows)
        marks = ", ".join(["%s"] * len(names))
        quoted = ", ".join(f'"{name}"' for name in names)
        cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", events)
    return {"whole": clock.parts["write"], "write": clock.parts["write"]}


def step_reader(options):
    from python_calamine import CalamineWorkbook

    clock = Clock()
    with clock.part("read"):
        book = CalamineWorkbook.from_path(options.file)
        rows = sum(1 for _ in book.get_sheet_by_index(0).iter_rows()) - 1
    return {"rows": rows, "whole": clock.parts["read"]}


def step_dump(options):
    """Ready tuples of every row that the import wrote, kept in a file for `limit`."""
    ready()
    import pickle

    from django.apps import apps
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for label, condition in [("regions.Region", "WHERE level = 6"), *((label, "") for label in FILLED)]:
            meta = apps.get_model(label)._meta
            columns = [field.column for field in meta.concrete_fields if not field.generated]
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f"SELECT {names} FROM {meta.db_table} {condition} ORDER BY id")
            found[meta.db_table] = (columns, cursor.fetchall())
    Path(options.source).write_bytes(pickle.dumps(found))
    return {}


def step_limit(options):
    """Calamine, and the same rows written by nothing but the driver."""
    ready()
    import gc
    import pickle

    from django.db import connection, transaction

    tables = pickle.loads(Path(options.source).read_bytes())
    read = step_reader(options)
    gc.disable()
    clock = Clock()
    with clock.part("write"), transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, rows) in tables.items():
            names = ", ".join(f'"{column}"' for column in columns)
            if options.db == "postgres":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany(
                    f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})", rows
                )
    return {
        "rows": read["rows"], "read": read["whole"], "write": clock.parts["write"], "tuples": sum(len(rows) for _, rows in tables.values()),
        "whole": read["whole"] + clock.parts["write"],
    }  # fmt: skip


def step_peer(options):
    """django-import-export with its defaults, on the same file: first the members alone, their households there
    already; then all that the file says, one resource a table, as its manual does it."""
    ready()
    import tablib
    from import_export import fields, resources
    from import_export.widgets import ForeignKeyWidget

    from fupin.bulk import insert_rows
    from fupin.regions.models import Level, Region
    from households import codes
    from households.models import Household, Income, Member, MemberYear

    place = Region.objects.filter(level=Level.VILLAGE).order_by("path").first()
    tables = {"与户主关系": codes.Relation, "性别": codes.Sex, "文化程度": codes.Education, "在校生状况": codes.School,
              "健康状况": codes.Health, "劳动技能": codes.Labour, "贫困户属性": codes.LegacyAttribute}  # fmt: skip

    def resource(target, keys, columns, links):
        """A ModelResource of `target`: `columns` {field: header}, `links` {field: (model, its field, header)}."""
        held = {name: fields.Field(name, header) for name, header in columns.items()}
        held |= {
            name: fields.Field(name, header, ForeignKeyWidget(other, key))
            for name, (other, key, header) in links.items()
        }

        def before_import_row(self, row, **more):
            for header, table in tables.items():
                row[header] = codes.code_of(table, row[header]) or "" if row.get(header) else ""

        meta = type("Meta", (), {"model": target, "import_id_fields": keys, "fields": [*held]})
        return type(
            target.__name__,
            (resources.ModelResource,),
            held | {"Meta": meta, "before_import_row": before_import_row},
        )()

    household = {"household": (Household, "number", "户编号")}
    here = {"区划": place.path, "村组": place.path, "年度": YEAR}
    people = {
        "name": "姓名",
        "id_number": "证件号码",
        "relation": "与户主关系",
        "sex": "性别",
        "region_path": "区划",
    }
    facts = {"education": "文化程度", "school": "在校生状况", "health": "健康状况", "labour": "劳动技能",
             "work_months": "务工时间（月）", "year": "年度"}  # fmt: skip
    money = {"wage": "工资性收入", "operating": "生产经营性收入", "property": "财产性收入", "transfer": "转移性收入",
             "expense": "生产经营性支出", "persons": "人数", "year": "年度"}  # fmt: skip
    home = {
        "number": "户编号",
        "region_path": "区划",
        "legacy_attribute": "贫困户属性",
        "phone": "户联系电话",
    }
    members = resource(Member, ["id_number"], people, household)
    clock = Clock()
    with clock.part("load"):
        data = tablib.Dataset().load(Path(options.file).read_bytes(), "xlsx")
        for header, value in here.items():
            data.append_col([value] * len(data), header=header)
        firsts = tablib.Dataset(headers=data.headers)
        seen = set()
        for row, number in zip(data, data["户编号"]):
            if number not in seen:
                seen.add(number)
                firsts.append(row)
    insert_rows(
        Household, ("number", "region", "region_path"), [(n, place.pk, place.path) for n in sorted(seen)]
    )
    with clock.part("members"):
        members.import_data(data, raise_errors=True, use_transactions=True)
    assert Member.objects.count() == len(data)
    Member.objects.all().delete()
    Household.objects.all().delete()
    with clock.part("all"):
        for part, rows in (
            (resource(Household, ["number"], home, {"region": (Region, "path", "村组")}), firsts),
            (members, data),
            (
                resource(
                    MemberYear, ["member", "year"], facts, {"member": (Member, "id_number", "证件号码")}
                ),
                data,
            ),
            (resource(Income, ["household", "year"], money, household), firsts),
        ):
            part.import_data(rows, raise_errors=True, use_transactions=True)
    assert (Member.objects.count(), MemberYear.objects.count()) == (len(data), len(data))
    return {
        "rows": len(data), "members": clock.parts["load"] + clock.parts["members"],
        "whole": clock.parts["load"] + clock.parts["all"], "memory": peak(SELF),
    }  # fmt: skip


def step_others(options):
    """Somebody else at work until the file named by --from is gone: saves visits, or, where --file names one, looks at
    the list page. What came while that file was there throughout counts as beside an import, the rest as quiet."""
    user = ready()
    client, household = _somebody(user)
    if options.file:
        return _looks(client, Path(options.source), Path(options.file))
    from households.models import Visit

    waits, errors = [], 0
    while Path(options.source).exists():
        began = time.perf_counter()
        try:
            Visit.objects.create(
                household=household, region_path=household.region_path, on=AS_OF, content="走访"
            )
        except Exception:
            errors += 1
        waits.append(time.perf_counter() - began)
        time.sleep(0.3)
    return {"visit": max(waits), "visits": len(waits), "errors": errors}


def _somebody(user):
    from django.test import Client

    from households.models import Household

    client = Client()
    client.force_login(user)
    return client, Household.objects.order_by("pk").first()


def _looks(client, going, beside):
    from django.urls import reverse

    walls, costs = {False: [], True: []}, {False: [], True: []}
    while going.exists():
        before, wall, cost = beside.exists(), time.perf_counter(), time.process_time()
        assert client.get(reverse("household_list")).status_code == 200
        wall, cost = time.perf_counter() - wall, time.process_time() - cost
        if beside.exists() == before:
            walls[before].append(wall)
            costs[before].append(cost)
        time.sleep(0.02)
    return {
        name: [statistics.median(kept[True]), statistics.median(kept[False]), len(kept[True])]
        for name, kept in (("wall", walls), ("cost", costs))
    }


def peak(who):
    return resource.getrusage(who).ru_maxrss >> 10


# The run


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.count = 0

    def environment(self, name):
        found = os.environ | {"FUPIN_VAR": str(self.folder / name)}
        if self.options.db == "sqlite":
            found.pop("DATABASE_URL", None)
        else:
            before, _, query = os.environ["DATABASE_URL"].partition("?")
            found["DATABASE_URL"] = f"{before.rpartition('/')[0]}/fupin_bench_{name}" + (
                f"?{query}" if query else ""
            )
        return found

    def start(self, name, step, file="", source="", cold=False):
        command = [sys.executable, "-m", "tests.bench.import_rate", "--db", self.options.db, "--step", step]
        command += ["--file", str(file), "--from", str(source)]
        if step in ("ours", "check", "worker") and not cold:
            command += ["--warm", str(self.draw(WARM))]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment(name), stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip

    def best(self, *steps):
        """The best answers of each of `steps` (a function of the round), which run in turn."""
        found = [[step(f"{n}{turn}") for n, step in enumerate(steps)] for turn in range(self.options.rounds)]
        return [min(answers, key=lambda answer: answer["whole"]) for answers in zip(*found)]

    def beside(self, name, file):
        """How long the list page takes somebody else while an import into `name` runs, and while it is stopped."""
        going, running = self.folder / "going", self.folder / "running"
        going.touch()
        others = self.start(name, "others", source=going, file=running)
        time.sleep(5)
        job = self.start(name, "worker", file)
        time.sleep(3)  # starting up
        while job.poll() is None:
            running.touch()
            time.sleep(TURN)
            running.unlink()
            os.killpg(job.pid, signal.SIGSTOP)
            time.sleep(TURN)
            os.killpg(job.pid, signal.SIGCONT)
        self.answer(job)
        going.unlink()
        return self.answer(others)

    def run(self, name, step, file="", source="", cold=False):
        return self.answer(self.start(name, step, file, source, cold))

    @staticmethod
    def answer(process):
        said, _ = process.communicate()
        assert process.returncode == 0, said
        return json.loads(said.strip().splitlines()[-1])

    def copy(self, name, source=""):
        """A database of its own, like that of `source`."""
        for part in ("files", "static"):
            (self.folder / name / part).mkdir(parents=True)
        for part in (
            (self.folder / source).iterdir() if source else ()
        ):  # the keys, and where it is one the database
            if part.is_file():
                shutil.copy(part, self.folder / name / part.name)
        if self.options.db == "sqlite":
            return name
        import psycopg

        before, _, query = os.environ["DATABASE_URL"].partition("?")
        with psycopg.connect(f"{before.rpartition('/')[0]}/postgres?{query}", autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS fupin_bench_{name} WITH (FORCE)")
            like = f"TEMPLATE fupin_bench_{source}" if source else ""
            server.execute(f"CREATE DATABASE fupin_bench_{name} {like}")
        return name

    def draw(self, households):
        folder = Path(self.options.files or self.folder) / f"file{households}"
        if folder.exists():
            return folder / "large_a.xlsx"
        subprocess.run(
            [sys.executable, SAMPLES / "make_large.py", folder, "--households", str(households)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return folder / "large_a.xlsx"

    def first(self, rows, of):
        """A workbook of the first so many rows of another, and those of the last one's household."""
        import openpyxl

        made = Path(self.options.files or self.folder) / f"first{rows}.xlsx"
        if made.exists():
            return made
        book, last = openpyxl.Workbook(write_only=True), None
        sheet, held = book.create_sheet(), openpyxl.load_workbook(of, read_only=True)
        for at, row in enumerate(held.worksheets[0].iter_rows(values_only=True)):
            number = row[HH_NO]
            if at > rows and number != last:
                break
            sheet.append(row)
            last = number
        book.save(made)
        return made


HH_NO = 6
"""Column of the household number in the drawn files."""


def rate(found):
    return f"{found['rows'] / found['whole']:>9,.0f} rows/s"


def main(options):
    with tempfile.TemporaryDirectory(prefix="fupin-bench-") as folder:
        measure(Bench(options, Path(folder)), options)


def into_empty(bench, file, turn, cold=False):
    return bench.run(
        bench.copy(f"{file.parent.name}_{file.stem}_{turn}{'_cold' * cold}", "empty"), "ours", file, cold=cold
    )


def locks(bench, big, tuples):
    """New households, then all of them changed: how long the database is locked, beside the plain statements."""
    new = bench.run(bench.copy("ours", "empty"), "ours", big)
    bench.run("ours", "dump", source=tuples)
    plain = bench.run(bench.copy("limit", "empty"), "limit", big, tuples)
    bench.copy("plain", "ours")
    again = bench.run(bench.copy("again", "ours"), "ours", changed(big))
    bench.run("again", "dump_changed", source=tuples)
    plain_again = bench.run("plain", "limit_changed", source=tuples)
    for words, found, limit in (("new", new, plain), ("changed", again, plain_again)):
        print(
            f"{found['written']['households_' + words]:,} households {words}: locked {found['locked']:.1f} s,"
            f" {found['locked_cost']:.1f} s of processor time; plain statements {limit['write']:.1f} s;"
            f" ratio {found['locked_cost'] / limit['write']:.2f} (bar 2)"
        )


def measure(bench, options):
    big, small = bench.draw(options.households), bench.draw(SMALL)
    bench.run(bench.copy("empty"), "prepare")
    tuples = bench.folder / "tuples"
    if options.locks:
        locks(bench, big, tuples)
        return
    bench.copy("full", "empty")
    bench.run("full", "fill")

    def whole(turn):
        found = bench.run(bench.copy(f"ours{turn}", "empty"), "ours", big)
        if not tuples.exists():
            bench.run(f"ours{turn}", "dump", source=tuples)
        return found

    ours, limit = bench.best(
        whole, lambda turn: bench.run(bench.copy(f"limit{turn}", "empty"), "limit", big, tuples)
    )
    print(f"{ours['rows']:,} rows, {options.households:,} households, {options.db}")
    for name, seconds in ours["parts"].items():
        print(f"  {name:24}{ours['rows'] / max(seconds, 1e-9):>9,.0f} rows/s {seconds:7.2f} s")
    print(
        f"  {'whole':24}{rate(ours)} {ours['whole']:7.2f} s   (wall {ours['wall']:.1f} s, write lock {ours['locked']:.1f} s)"
    )
    word = "COPY" if options.db == "postgres" else "executemany"
    print(f"  {'reader alone':24}{limit['rows'] / limit['read']:>9,.0f} rows/s {limit['read']:7.2f} s")
    print(f"  {word + ' alone':24}{limit['rows'] / limit['write']:>9,.0f} rows/s {limit['write']:7.2f} s   ({limit['tuples']:,} tuples)")  # fmt: skip
    print(f"  {'reader + ' + word:24}{rate(limit)} {limit['whole']:7.2f} s")
    print(f"  ratio to the plain limit {limit['whole'] / ours['whole']:.2f} (bar 0.35)", flush=True)
    check = bench.run(bench.copy("check", "empty"), "check", big)
    print(f"  {'check alone':24}{rate(check)} {check['whole']:7.2f} s")
    print(
        f"  peak memory: import {ours['memory']} MB, check {check['memory']} MB, "
        f"reading child {ours['child']} MB (bar 512)", flush=True,
    )  # fmt: skip

    few, peer = bench.best(
        partial(into_empty, bench, small),
        lambda turn: bench.run(bench.copy(f"peer{turn}", "empty"), "peer", small),
    )
    print(
        f"{few['rows']:,} rows\n  {'ours':24}{rate(few)}\n  {'django-import-export':24}{rate(peer)}   peak {peer['memory']} MB"
    )
    print(
        f"  {'  its members alone':24}{peer['rows'] / peer['members']:>9,.0f} rows/s, where ours does everything"
    )
    print(f"  ratio {few['rows'] / few['whole'] / (peer['rows'] / peer['whole']):.1f} (bar 15)", flush=True)

    print("cost of a row in ms")
    for label, file, cold in (
        ("a worker's first file", bench.first(1000, big), True),
        ("empty register", bench.first(1000, big), False),
        ("empty register", bench.first(10_000, big), False),
        ("empty register, a household a village", bench.draw(SPREAD), False),
    ):
        (found,) = bench.best(partial(into_empty, bench, file, cold=cold))
        print(f"  {found['rows']:>9,} rows, {label} {found['whole'] / found['rows'] * 1000:.3f}", flush=True)
    print(f"  {ours['rows']:>9,} rows, empty register {ours['whole'] / ours['rows'] * 1000:.3f}", flush=True)

    bench.copy("busy", "full")
    going = bench.folder / "going"
    going.touch()
    others = bench.start("full", "others", source=going)
    full = bench.run("full", "ours", big)
    going.unlink()
    saved = bench.answer(others)
    print(f"  {full['rows']:>9,} rows, register of {FULL:,} {full['whole'] / full['rows'] * 1000:.3f}")
    print(
        f"visits saved meanwhile: {saved['visits']}, {saved['errors']} errors, the longest took {saved['visit']:.1f} s",
        flush=True,
    )
    busy = bench.beside("busy", bench.draw(options.households // 3))
    for name, label in (("wall", "wall clock"), ("cost", "its processor time")):
        during, quiet, times = busy[name]
        print(
            f"list page of others, {label}: {during * 1000:.0f} ms, quiet {quiet * 1000:.0f} ms, "
            f"ratio {during / quiet:.2f} (bar 1.5), {times} looks"
        )


if __name__ == "__main__":
    asked = arguments.parse_args()
    if asked.step:
        print(json.dumps(globals()[f"step_{asked.step}"](asked)))
    else:
        main(asked)
