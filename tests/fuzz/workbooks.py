"""Spoil workbooks and read them: `python -m tests.fuzz.workbooks --count 10000 --seed 1 [--keep FOLDER]`.

Each file goes the way of an upload up to the database: the child opens it, tables are found, cells cleaned, the plan
made. Counted are errors that no one handled, children that died (each of them is still an answer), the longest
processor time and the most memory. One file in ten goes through a child that is started for it, the others through
forks of one that waits (fupin.excel.opener). Exits with 1 where something was not handled, a child died or a file took too much.
"""

import argparse
import collections
import io
import os
import random
import sys
import tempfile
import time
import traceback
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = Path(os.environ.get("FUPIN_SAMPLES") or ROOT.parent / "shared" / "samples")
BIGGEST = 60_000
"""Bytes of a sample that is spoiled; bigger ones say nothing more and take longer."""
REAL_ONE_IN = 10


def sources():
    """`[(name, bytes)]` of what is spoiled: the samples, and small books of our own where they are not at hand."""
    found = [
        (path.name, path.read_bytes())
        for path in sorted(SAMPLES.rglob("*"))
        if path.suffix in (".xlsx", ".xls", ".ods", ".csv", ".zip")
    ]
    return [(name, content) for name, content in found if len(content) <= BIGGEST] + own()


def own():
    """Two small books: openpyxl's with shared strings, xlsxwriter's with formulas and dates; and an archive of both."""
    import zipfile

    import openpyxl
    import xlsxwriter

    header = [
        "户编号",
        "村",
        "姓名",
        "证件号码",
        "与户主关系",
        "性别",
        "首次识别时间",
        "主要致贫原因",
        "工资性收入（万元）",
        "联系电话",
    ]
    rows = [
        [
            f"99{n // 3}",
            "白坪村",
            f"张{n}",
            f"99010119700101{n:04}",
            "户主" if n % 3 == 0 else "之子",
            "男",
            "2019.5",
            "因病",
            1.5,
            "15412345678",
        ]
        for n in range(30)
    ]
    first, second, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    for row in (["名册"], header, *rows):
        book.active.append(row)
    book.save(first)
    with xlsxwriter.Workbook(second, {"in_memory": True}) as book:
        sheet = book.add_worksheet("白坪村")
        sheet.merge_range("A1:J1", "白坪村名册")
        for at, row in enumerate([header, *rows], 1):
            sheet.write_row(at, 0, row)
        sheet.write_formula("K3", "=1/0", None, "#DIV/0!")
        sheet.write_datetime("G4", date(2019, 5, 1), book.add_format({"num_format": "yyyy/m/d"}))
        sheet.set_row(5, None, None, {"hidden": True})
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("白坪村/一.xlsx", first.getvalue())
        archive.writestr("白坪村/二.xlsx", second.getvalue())
        archive.writestr(
            "三.csv", "\r\n".join(",".join(map(str, row)) for row in (header, *rows)).encode("gb18030")
        )
    return [("a.xlsx", first.getvalue()), ("b.xlsx", second.getvalue()), ("c.zip", packed.getvalue())]


def read_all(path, name):
    """`(books, exit status, CPU seconds, peak KiB)` as `reader.read_all` would read them."""
    from fupin.excel import opener, reader

    fork, books = opener.OPENER.open(path, name, 0), []
    heard = reader.Heard(books)
    with fork.stdout:
        whole = heard.listen(fork.stdout)
    status = fork.wait()
    if not whole:
        heard.refuse(*reader._death(status, False))
    return books, status, fork.seconds, fork.peak


class Tally:
    """What came of the files so far."""

    def __init__(self, keep):
        self.keep = keep
        self.codes, self.unhandled, self.dead = collections.Counter(), collections.Counter(), []
        self.slowest, self.largest, self.over = (0.0, ""), (0, ""), []

    def measured(self, seconds, peak, name):
        self.slowest, self.largest = max(self.slowest, (seconds, name)), max(self.largest, (peak, name))
        if seconds > 2 or peak > 512 << 10:
            self.over.append((name, round(seconds, 2), peak >> 10))

    def report(self, count, took):
        print(
            f"{count} files in {took:.0f} s; read or planned {self.codes['planned']}, refused {count - self.codes['planned'] - sum(self.unhandled.values())}"
        )
        print("  by code:", dict(self.codes.most_common()))
        print(
            f"  unhandled errors: {sum(self.unhandled.values())}  children that died: {len(self.dead)} {self.dead[:9]}"
        )
        print(
            f"  longest {self.slowest[0]:.2f} CPU s ({self.slowest[1]}), most memory {self.largest[0] >> 10} MiB ({self.largest[1]})"
        )
        print(f"  over 2 s or 512 MiB: {len(self.over)} {self.over[:5]}")
        for what, number in self.unhandled.most_common():
            print(f"  {number} x {what}")


def run(count, seed, *, keep=None, real_one_in=REAL_ONE_IN, skip=0):
    """Spoil and read `count` files; the Tally of them. Needs Django set up."""
    from tests.fuzz.mutations import mutated

    given, tally = sources(), Tally(keep)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stored"
        for at in range(skip, skip + count):
            chance = random.Random(f"{seed}/{at}")
            source, content = chance.choice(given)
            content, name = mutated(content, source, chance)
            path.write_bytes(content)
            one(path, name, f"{at}:{source}", tally, cold=at % real_one_in == 0)
    return tally


def one(path, name, label, tally, *, cold):
    """The way of one file; nothing may be raised but Refused. `cold`: through a child that is started for it."""
    from fupin.excel import imports, opener, reader

    began = time.process_time()
    try:
        seconds, peak = 0.0, 0
        if cold:
            with opener.OPENER.busy:
                book = reader.read_book(path, name)
            spec, tables, _ = imports.recognise(book, name)
        else:
            books, status, seconds, peak = read_all(path, name)
            if status < 0:
                tally.dead.append((label, -status))
            spec, tables, _ = imports.recognise(reader.gathered(reader.settled(books)), name)
        for table in tables:
            table.take_year(2020)
        plan = spec.plan(tables, imports.Setting(2020, date(2020, 12, 31)))
        plan.counts()
        tally.codes["planned"] += 1
        tally.measured(time.process_time() - began + seconds, peak, label)
    except reader.Refused as refused:
        assert refused.sentence
        tally.codes[refused.code] += 1
        if not cold:
            tally.measured(time.process_time() - began + seconds, peak, label)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        tally.unhandled[
            f"{type(error).__name__}: {error} at {Path(where.filename).name}:{where.lineno}"[:200]
        ] += 1
        if tally.keep:
            Path(tally.keep).mkdir(parents=True, exist_ok=True)
            (Path(tally.keep) / f"{label.replace(':', '_')}").write_bytes(path.read_bytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--keep", help="folder for files that were not handled")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    began = time.monotonic()
    tally = run(asked.count, asked.seed, keep=asked.keep, skip=asked.skip)
    tally.report(asked.count, time.monotonic() - began)
    sys.exit(1 if tally.unhandled or tally.dead or tally.over else 0)


if __name__ == "__main__":
    main()
