"""Seeded defects: does the suite notice when a promise of docs/security.md is quietly broken?

    python -m tests.defects                  all of them, one after another
    python -m tests.defects --list           what they are
    python -m tests.defects --only 3 17      some of them
    python -m tests.defects --part 1/4       the first quarter
    python -m tests.defects --jobs 2         two at a time, each in a copy of its own

Each defect of `planted.DEFECTS` is one small change of the source. It is made in a temporary copy of the project, the
narrow tests named beside it run there, and it counts as killed when they fail: because a test fails, not because the
copy does not start (a run that collects no test, or breaks in collecting, is an error and stops the count). Nothing of
the working tree is touched. `tests/defects/test_planted.py` holds in every run of the suite that every change still
finds its place, so this list cannot rot. Ends with 1 when a defect survives.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.defects.planted import DEFECTS

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    "var", ".git", ".venv", "__pycache__", "node_modules", "img", ".pytest_cache", ".ruff_cache"
)
LONGEST = 900
"""Seconds that one defect's tests may take: a few on a quiet machine."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of defects")
    parser.add_argument("--part", default="1/1", help="n/m: the n-th of m parts")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time")
    said = parser.parse_args()
    part, parts = map(int, said.part.split("/"))
    chosen = [
        (n, defect)
        for n, defect in enumerate(DEFECTS, 1)
        if (n in said.only if said.only else n % parts == part % parts)
    ]
    if said.list:
        for n, defect in chosen:
            print(f"{n:3} {defect.kind}：{defect.what}（{defect.path}）")
        return 0
    with tempfile.TemporaryDirectory(prefix="fupin-defects-") as folder:
        copies = Queue()
        for n in range(said.jobs):
            copies.put(shutil.copytree(ROOT, Path(folder) / f"copy{n}", ignore=LEFT_OUT))

        def one(chosen):
            n, defect = chosen
            copy = copies.get()
            try:
                return n, defect, *tried(copy, defect, n)
            finally:
                copies.put(copy)

        began = time.monotonic()
        with ThreadPoolExecutor(said.jobs) as pool:
            found = list(pool.map(one, chosen))
    killed = sum(outcome == "killed" for *_, outcome, _ in found)
    for n, defect, outcome, _ in found:
        if outcome != "killed":
            print(f"{outcome}: {n} {defect.kind}：{defect.what}")
    print(f"{killed} of {len(found)} killed, {time.monotonic() - began:.0f} s")
    return 0 if killed == len(found) else 1


def tried(copy, defect, n):
    """`("killed" or "survived" or "error", seconds)`, printed as well."""
    path = copy / defect.path
    source = path.read_text(encoding="utf-8")
    path.write_text(defect.applied(source), encoding="utf-8")
    began = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter on our own tests)
            [sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "--no-header", "-p", "no:cacheprovider", "-m", "", *defect.tests],
            cwd=copy, capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
        outcome, words = {0: "survived", 1: "killed"}.get(done.returncode, "error"), done.stdout[-400:]
        failed = [
            line for line in done.stdout.splitlines() if line.startswith(("FAILED tests", "ERROR tests"))
        ]
    except subprocess.TimeoutExpired:
        outcome, words, failed = "error", "too long", []
    finally:
        path.write_text(source, encoding="utf-8")
    took = time.monotonic() - began
    by = failed[0].partition("::")[2].partition(" - ")[0] if failed else ""
    print(f"{outcome:8} {took:5.1f} s  {n:2} {defect.kind}：{defect.what}  {by}", flush=True)
    if outcome == "error":
        print(words, flush=True)
    return outcome, took


if __name__ == "__main__":
    sys.exit(main())
