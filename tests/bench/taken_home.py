"""Give a big workbook back with its marks: `python -m tests.bench.taken_home [--rows 96000] [--columns 30]`.

Prints for a share of bad rows how long the child takes (wall and processor), the most memory it held, and the sizes. The
book has a chart, a picture's worth of notes, merged cells, formats and formulas, and after each run what was not touched is
compared byte for byte.
"""

import argparse
import io
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import xlsxwriter

CHILD = Path(__file__).parents[2] / "fupin" / "excel" / "mark"
LABEL = "问题（导入检查）"


def workbook(path, rows, columns):
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("花名册")
        bold, money, day = (
            book.add_format({"bold": True, "border": 1, "bg_color": "#DDEBF7"}),
            book.add_format({"num_format": "#,##0.00", "border": 1}),
            book.add_format({"num_format": "yyyy-mm-dd", "border": 1}),
        )
        page.merge_range(0, 0, 0, columns - 1, "某某县 2025 年花名册", bold)
        page.write_row(1, 0, [f"第{at + 1}栏" for at in range(columns)], bold)
        for row in range(2, rows + 2):
            for at in range(columns):
                kind = at % 6
                if kind == 0:
                    page.write_string(row, at, f"99010119800101{row % 10_000:04}", bold if at == 0 else None)
                elif kind == 1:
                    page.write_string(row, at, f"甲{row}{at}")
                elif kind == 2:
                    page.write_number(row, at, row * 1.25, money)
                elif kind == 3:
                    page.write_string(row, at, ("因病", "因残", "因学")[row % 3])
                elif kind == 4:
                    page.write_formula(row, at, f"=C{row + 1}*2", money, row * 2.5)
                else:
                    page.write_number(row, at, 40_000 + row % 5000, day)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=花名册!$C$3:$C$20"})
        page.insert_chart(2, columns + 2, chart)
        page.freeze_panes(2, 1)
        page.autofilter(1, 0, rows + 1, columns - 1)
        page.data_validation(2, 3, rows + 1, 3, {"validate": "list", "source": ["因病", "因残", "因学"]})


def marks(rows, share):
    wanted = range(3, rows + 3, max(1, round(1 / share)))
    return {
        "label": LABEL, "heads": [2], "notes": ["整张表的话"], "values": [(row, 2, "改好了") for row in wanted[:200]],
        "rows": dict.fromkeys(wanted, ("error", "证件号码：校验位不符，请与证件核对。")),
        "cells": [(row, 1, "error", "校验位不符") for row in wanted],
    }  # fmt: skip


def run(path, said, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    child = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", str(CHILD), str(path), folder],
        input=json.dumps({"": {"花名册": said}}).encode(),
        capture_output=True,
    )
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    stream = io.BytesIO(child.stdout)
    answer, end = pickle.load(stream), pickle.load(stream)
    assert "data" in answer, answer
    return (
        answer["data"],
        wall,
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        end["end"],
    )


def untouched(path, data):
    """Parts that came back byte for byte, and those that did not."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(io.BytesIO(data)) as new:
        same = [
            name for name in old.namelist() if name in new.namelist() and old.read(name) == new.read(name)
        ]
        return len(same), sorted(set(old.namelist()) - set(same))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=96_000)
    options.add_argument("--columns", type=int, default=30)
    said = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "大表.xlsx")
        workbook(path, said.rows, said.columns)
        print(f"{said.rows:,} rows x {said.columns}: {path.stat().st_size / 1e6:.1f} MB")
        for share in (0.01, 0.1, 1):
            data, wall, cpu, peak = run(path, marks(said.rows, share), folder)
            same, changed = untouched(path, data)
            print(
                f"{share:>5.0%} bad: {wall:5.1f} s wall, {cpu:5.1f} s processor, {peak / 1024:.0f} MiB, "
                f"{len(data) / 1e6:.1f} MB; {same} parts untouched, changed: {', '.join(changed)}"
            )


if __name__ == "__main__":
    main()
