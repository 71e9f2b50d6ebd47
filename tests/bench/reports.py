"""How fast a register is written: by hand, `python -m tests.bench.reports [rows]` (default 24,000).

The same rows, already in memory, go through our report (masking and merged cells decided as in the product) and through
openpyxl's write-only mode with the same styles on every cell. Both in this one run, in turn, twice; the best of each
counts. Prints rows a second, the ratio, and the sizes.
"""

import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("FUPIN_VAR", tempfile.mkdtemp(prefix="fupin-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fupin.settings")

import django  # noqa: E402

django.setup()

from openpyxl import Workbook  # noqa: E402
from openpyxl.cell import WriteOnlyCell  # noqa: E402
from openpyxl.styles import Alignment, Border, Font, Side  # noqa: E402

from fupin.excel import sheet  # noqa: E402
from fupin.excel.reports import MERGED_UP_TO, lines_of  # noqa: E402
from households.reports.registers import ROSTER  # noqa: E402


def people(count):
    """`count` rows of R01: households of four."""
    for n in range(count):
        house = n // 4
        yield {
            "id": house, "town": "测试镇", "village": f"测试村{house // 400}", "group": f"{house % 7 + 1}组",
            "number": f"H{house:08}", "head_name": "赵某某", "name": f"赵某{n % 97}", "relation": "之子", "sex": "男",
            "ethnic": "汉族", "id_number": f"99010119700101{n % 10000:04}", "birth": date(1970, 1, 1), "age": n % 90, "education": "小学",
            "health": "健康", "labour": "普通劳动力", "work_place": "县内", "work_months": n % 12, "kind": "脱贫户",
            "monitor_category": "0", "risk_state": "0", "cause": "因病", "per_capita": 9000 + n % 5000 / 100,
            "own_phone": "15400000000", "phone": "", "helper__name": "钱某", "helper__unit": "测试县农业农村局",
            "remark": "",
        }  # fmt: skip


def ours(rows, path):
    columns = tuple((c.header, c.kind, c.width, c.merged) for c in ROSTER.columns)
    lines = lines_of(ROSTER, rows, reveal=False, merge=len(rows) <= MERGED_UP_TO)
    sheet.write(sheet.Sheet("花名册", "花名册", columns, signatures="单位负责人："), lines, path)


def theirs(rows, path):
    book = Workbook(write_only=True)
    page = book.create_sheet("花名册")
    side = Side(style="thin")
    font, border = Font(name="宋体", size=10), Border(left=side, right=side, top=side, bottom=side)
    styles = []
    for (
        column
    ) in ROSTER.columns:  # one styled cell a column, whose style the others share: openpyxl's fast way
        cell = WriteOnlyCell(page)
        cell.font, cell.border, cell.number_format = font, border, column.kind.value[0]
        cell.alignment = Alignment(horizontal=column.kind.value[1], vertical="center")
        styles.append(cell._style)
    page.append([c.header for c in ROSTER.columns])
    for line in lines_of(ROSTER, rows, reveal=False, merge=False):
        cells = []
        for value, style in zip(line.cells, styles):
            cell = WriteOnlyCell(page, value)
            cell._style = style
            cells.append(cell)
        page.append(cells)
    book.save(path)


def main(count):
    rows = list(people(count))
    best = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            for write in (ours, theirs):
                path = Path(folder) / f"{write.__name__}.xlsx"
                began, cpu = time.perf_counter(), time.process_time()
                write(rows, path)
                cpu, wall = time.process_time() - cpu, time.perf_counter() - began
                best[write.__name__] = min(
                    best.get(write.__name__, (1e9, 0, 0)), (cpu, wall, path.stat().st_size)
                )
    for name, (cpu, wall, size) in best.items():
        print(f"{name:7} {count / cpu:9,.0f} rows/CPU s   {wall:6.2f} s wall   {size // 1024:7,} KB")
    print(
        f"ratio {best['theirs'][0] / best['ours'][0]:.1f} (CPU), {count:,} rows x {len(ROSTER.columns)} columns"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24_000)
