"""What freezing a county's year costs the worker, by hand: `python -m tests.bench.freeze [--households 60000] [--var DIR]`.

Loads demo data into a folder of its own (which stays, and is used again with --var), freezes last year whole (rows,
figures, every report of every place) and prints processor time by part, peak memory and how long the database was locked
for writing at most. Beside it the yardstick, in the same run: the lines of every report of the county alone, made once as a
download makes them and thrown away. The bar: a freeze at most 2 times that, below 512 MB, no lock above 2 s.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--households", type=int, default=60_000)
parser.add_argument("--var", help="folder with the data of an earlier run")
parser.add_argument("--year", type=int)
parser.add_argument(
    "--check", action="store_true", help="hold every report of a township and a village against one made anew"
)
parser.add_argument("--plain", action="store_true", help="only the yardstick (in a process of its own)")
options = parser.parse_args()
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["FUPIN_VAR"] = options.var or tempfile.mkdtemp(prefix="fupin-freeze-")
os.environ["DJANGO_SETTINGS_MODULE"] = "fupin.settings"
os.environ.setdefault("FUPIN_DEMO_PASSWORD", "demo12345678")

import django  # noqa: E402

django.setup()

from django.core.exceptions import ValidationError  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from fupin.accounts.models import User  # noqa: E402
from fupin.excel import reports  # noqa: E402
from fupin.filing import actions, frozen, keeping  # noqa: E402
from fupin.filing.models import YearFreeze  # noqa: E402
from fupin.regions import scope  # noqa: E402
from fupin.regions.models import Region  # noqa: E402
from households.models import Household  # noqa: E402
from tests.kept_reports import differences  # noqa: E402

MB = 512
RATIO = 2.0
LOCK = 2.0


def data():
    call_command("migrate", verbosity=0)
    call_command("load_demo", households=options.households, stdout=open(os.devnull, "w"))  # noqa: SIM115
    return User.objects.get(username="xian")


def plain(by, county, year, day):
    """The lines of every report of the county, as a download makes them."""
    total = 0.0
    for _, section in reports.reports_for(by):
        for report in section:
            asked = actions.asked_for(report, county.path, by=by, year=year, day=day)
            asked = reports.replace(asked, shared=reports.Shared(county.path) if report.draw else None)
            start = time.process_time()
            try:
                with closing(report.source(asked).rows(1000)) as rows:
                    lines = sum(
                        1 for _ in (rows if report.draw else reports.lines_of(report, rows, reveal=False))
                    )
            except ValidationError as error:
                print(f"  {report.name:<5} {error.messages[0]}")
                continue
            spent = time.process_time() - start
            total += spent
            print(f"  {report.name:<5}{lines:>9,} lines {spent:8.1f} s", flush=True)
    return total


class Locks:
    """The longest time between the first write of a transaction and its end."""

    def __init__(self):
        self.longest, self.since = 0.0, None

    def __call__(self, execute, sql, params, many, context):
        writes = sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE")
        start = time.perf_counter()
        if writes and self.since is None:
            self.since = start
            if connection.in_atomic_block:
                transaction.on_commit(self.end)
        try:
            return execute(sql, params, many, context)
        finally:
            if writes and not connection.in_atomic_block:
                self.end()

    def end(self):
        if self.since is not None:
            self.longest = max(self.longest, time.perf_counter() - self.since)
        self.since = None


def full(by, county, year, day):
    """Freeze the year. `(seconds of processor time, longest lock)`; prints the parts."""
    with scope.without("command"):
        YearFreeze.objects.filter(year=year).update(
            state="open", reason="measured", opened_by=by, opened_at=timezone.now()
        )
    freeze = actions.begin_freeze(by=by, county=county, year=year, as_of=day)
    locks, start = Locks(), time.process_time()
    seen, before = {}, start
    catalogue = [report.name for _, section in reports.reports_for(by) for report in section]
    kept_reports = keeping.keep_reports

    def timed(*args, step, **more):
        nonlocal before
        print(f"  rows and figures {time.process_time() - start:8.1f} s", flush=True)
        before = time.process_time()

        def told(done, total):
            nonlocal before
            now = time.process_time()
            if done:
                seen[catalogue[done - 1]] = now - before
                print(f"  {catalogue[done - 1]:<5}{now - before:8.1f} s", flush=True)
            before = now
            step(done, total)

        return kept_reports(*args, step=told, **more)

    keeping.keep_reports = timed
    try:
        with connection.execute_wrapper(locks), scope.strict():
            count, left_out = frozen.keep(freeze, by=by, step=lambda done, total: None)
    finally:
        keeping.keep_reports = kept_reports
    spent = time.process_time() - start
    with scope.without("command"):
        size = sum(one.cells_path.stat().st_size for one in freeze.reports.all())
        print(
            f"  {count} reports, {freeze.places.count():,} places, {size / 1e6:.1f} MB of lines, left out: {left_out}"
        )
    return spent, locks.longest


def checked(by, county):
    """Whether every kept report of a township and of a village is the one made anew, cell for cell."""
    freeze = YearFreeze.objects.visible_to(by).filter(state="frozen").order_by("-pk").first()
    village = Household.objects.within(county).order_by("region_path").first().region_path[:12]
    wrong = list(differences(freeze, [village[:9], village], by))
    print(f"kept reports that differ: {wrong or 'none'}")
    assert not wrong


def main():
    scope.process("command")
    by = data()
    county = Region.objects.get(path=by.paths("report_review")[0])
    year = options.year or timezone.localdate().year - 1
    day = min(date(year, 12, 31), timezone.localdate())
    if options.plain:
        print(f"= {plain(by, county, year, day):.1f}")
        return
    print(f"{Household.objects.count():,} households, {county}, {year} as of {day}")
    print("frozen:")
    spent, lock = full(by, county, year, day)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("the county's lines alone:")
    command = [
        sys.executable,
        "-m",
        "tests.bench.freeze",
        "--plain",
        "--var",
        os.environ["FUPIN_VAR"],
        "--year",
        str(year),
    ]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603
    print(output, end="")
    alone = float(output.rsplit("= ", 1)[1])
    print(
        f"\nfrozen in {spent:.0f} s of processor time, lines alone {alone:.0f} s: {spent / alone:.2f}  bar {RATIO}"
    )
    print(f"peak memory {peak} MB  bar {MB};  longest lock {lock:.2f} s  bar {LOCK}")
    if options.check:
        checked(by, county)
    good = spent / alone <= RATIO and peak <= MB and lock <= LOCK
    print("ok" if good else "MISSED")
    print(f"data in {os.environ['FUPIN_VAR']}")


if __name__ == "__main__":
    main()
