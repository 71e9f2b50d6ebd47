"""How fast a register is written from the database: by hand, `python -m tests.bench.reports [people]` (default 96,000).

A register of its own in a throw-away SQLite file: households of four, with the encrypted fields, a data year, income and
cause. The report is R01 with four columns more (30). All in this one run, in turn, twice; the best of each counts:

  ours        the product's own path, from the query to the finished file: reading, opening encrypted fields, masking,
              headers, merged cells, borders, print set-up
  theirs      openpyxl's write-only mode with the same styles on every cell, fed the very lines of ours from memory
  theirs+db   the same, but reading its rows from the database as ours does
  reading     reading alone, the share that no writer can save

Prints rows a second of processor time, the ratios, and the peak memory of the process after ours alone.
"""

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="fupin-bench-"))
os.environ["FUPIN_VAR"] = str(FOLDER)
os.environ.pop("DATABASE_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fupin.settings")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.utils import timezone  # noqa: E402
from openpyxl import Workbook  # noqa: E402
from openpyxl.cell import WriteOnlyCell  # noqa: E402
from openpyxl.styles import Alignment, Border, Font, Side  # noqa: E402

from fupin.accounts.models import Post, User  # noqa: E402
from fupin.accounts.roles import Role  # noqa: E402
from fupin.bulk import insert_rows  # noqa: E402
from fupin.excel import reports  # noqa: E402
from fupin.excel.reports import Asked, Column, lines_of  # noqa: E402
from fupin.excel.sheet import Kind  # noqa: E402
from fupin.regions import scope  # noqa: E402
from fupin.regions.models import WIDTHS, Region, key_for  # noqa: E402
from households.models import Household, HouseholdCause, Income, Member, MemberYear  # noqa: E402
from households.reports.registers import ROSTER  # noqa: E402

YEAR = timezone.localdate().year
VILLAGE = "990101100201"
WIDE = replace(
    ROSTER,
    columns=(
        *ROSTER.columns[:-1],
        Column("人口", "size", Kind.COUNT, 6),
        Column("劳动力", "labour", Kind.CODE, 6),
        *(
            Column(title, key, Kind.CODE, 10)
            for title, key in (
                ("计划时限", "target_text"),
                ("脱贫年度", "exit_year"),
                ("识别", "identified_text"),
            )
        ),
        *ROSTER.columns[-1:],
    )[:30],
)


def fill(people):
    """`people` members in households of four, spread over the villages of one county."""
    call_command("migrate", verbosity=0)
    homes = people // 4
    places = {}

    def region(path):
        if path not in places:
            level = next(level for level, width in WIDTHS.items() if width == len(path))
            parent = region(path[: WIDTHS[level - 1]]) if level else None
            name = f"地方{path}"
            places[path] = Region.objects.create(
                path=path, level=level, name=name, short_name=name, key=key_for(level, name), parent=parent
            )
        return places[path]

    with transaction.atomic():
        groups = [f"9901011{n // 20:02}2{n % 20 + 1:02}01" for n in range(200)]
        keys = {path: region(path).pk for path in groups}
        where = [groups[n * 200 // homes] for n in range(homes)]
        insert_rows(
            Household, ("id", "number", "region_id", "region_path", "head_name", "size", "registry_status", "phone", "target_text"),
            [(n + 1, f"H{n:08}", keys[path], path, "赵某某", 4, "3", f"154{n:08}", "2026年") for n, path in enumerate(where)],
        )  # fmt: skip
        insert_rows(
            Member, ("id", "household_id", "region_path", "order", "name", "relation", "sex", "ethnic", "id_number", "birth"),
            [
                (n + 1, n // 4 + 1, where[n // 4], n % 4, f"赵某{n % 97}", "01" if n % 4 == 0 else "03", "1", "01",
                 f"99{n:06}19700101{n % 10000:04}", date(1950 + n % 60, 1, 1))
                for n in range(homes * 4)
            ],
        )  # fmt: skip
        insert_rows(
            MemberYear, ("member_id", "year", "education", "health", "labour", "work_months", "work_place"),
            [(n + 1, YEAR, "02", "01", "01", n % 12, "县内") for n in range(homes * 4)],
        )  # fmt: skip
        insert_rows(
            Income,
            ("household_id", "year", "wage", "persons"),
            [(n + 1, YEAR, 9000 + n, 4) for n in range(homes)],
        )
        insert_rows(
            HouseholdCause,
            ("household_id", "year", "rank", "cause"),
            [(n + 1, YEAR, 0, "01") for n in range(homes)],
        )
        user = User.objects.create_user("bench", None, name="测速")
        Post.objects.create(
            user=user, role=Role.COUNTY_OFFICE, region=region("990101"), starts_on=date(2020, 1, 1)
        )


def filled(people):
    """What the county's office asks for. A process of its own fills the register, or its memory would be told as ours."""
    child = os.fork()
    if not child:
        code = 1
        try:
            fill(people)
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(child, 0)[1]:
        sys.exit("the register was not filled")
    user = User.objects.get(username="bench")
    return Asked(user, QueryDict("region=990101"), YEAR, timezone.localdate())


def ours(asked, path):
    reports.make(WIDE, asked, path)


def reading(asked, path):
    for _ in WIDE.source(asked).rows(1000):
        pass


def theirs_from_database(asked, path):
    theirs(lines_of(WIDE, WIDE.source(asked).rows(1000), reveal=False, merge=False), path)


def theirs(lines, path):
    book = Workbook(write_only=True)
    page = book.create_sheet("花名册")
    side = Side(style="thin")
    font, border = Font(name="宋体", size=10), Border(left=side, right=side, top=side, bottom=side)
    styles = []
    for column in WIDE.columns:  # one styled cell a column, whose style the others share: openpyxl's fast way
        cell = WriteOnlyCell(page)
        cell.font, cell.border, cell.number_format = font, border, column.kind.value[0]
        cell.alignment = Alignment(horizontal=column.kind.value[1], vertical="center")
        styles.append(cell._style)
    page.append([str(c.header) for c in WIDE.columns])
    for line in lines:
        cells = []
        for value, style in zip(line.cells, styles):
            cell = WriteOnlyCell(page, value)
            cell._style = style
            cells.append(cell)
        page.append(cells)
    book.save(path)


def timed(write, *arguments):
    began, cpu = time.perf_counter(), time.process_time()
    write(*arguments)
    return time.process_time() - cpu, time.perf_counter() - began


def main(people):
    scope.process("command")
    asked = filled(people)
    people = people // 4 * 4
    best = {}

    def note(name, result):
        best[name] = min(best.get(name, (1e9, 0)), result)

    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    note("ours", timed(ours, asked, FOLDER / "ours.xlsx"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    kept = list(lines_of(WIDE, WIDE.source(asked).rows(1000), reveal=False, merge=False))
    for turn in range(2):
        if turn:
            note("ours", timed(ours, asked, FOLDER / "ours.xlsx"))
        note("reading", timed(reading, asked, None))
        note("theirs", timed(theirs, kept, FOLDER / "theirs.xlsx"))
        note("theirs+db", timed(theirs_from_database, asked, FOLDER / "theirs.xlsx"))
    print(f"{people:,} rows x {len(WIDE.columns)} columns")
    for name, (cpu, wall) in best.items():
        print(f"{name:10} {people / cpu:9,.0f} rows/CPU s   {wall:6.2f} s wall")
    print(f"ratio ours (with reading) : theirs (from memory)   {best['theirs'][0] / best['ours'][0]:.2f}")
    print(f"ratio ours : theirs, both from the database        {best['theirs+db'][0] / best['ours'][0]:.2f}")
    writing = best["ours"][0] - best["reading"][0]
    print(f"ratio of the writing alone                         {best['theirs'][0] / max(writing, 0.01):.2f}")
    print(f"peak memory after ours {peak} MB (before: {base} MB)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 96_000)
