"""The sample workbooks and what they must give (the shared folder beside the repository; absent elsewhere)."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("FUPIN_SAMPLES") or Path(__file__).parents[4] / "shared" / "samples")
AS_OF = date(2020, 12, 31)
YEAR = 2020

EXPECTED = (
    {entry["file"]: entry for entry in json.loads((FOLDER / "expected.json").read_text("utf-8"))["files"]}
    if FOLDER.is_dir()
    else {}
)
needed = pytest.mark.skipif(not EXPECTED, reason="样例文件夹不在这台机器上")


def places(issues):
    """Issues as comparable places: sheet, row, column, code, severity, scope, related row."""
    return [
        (
            i.get("sheet", ""),
            i.get("row"),
            i.get("col", ""),
            i["code"],
            i["severity"],
            i["scope"],
            i.get("related_row"),
        )
        for i in issues
    ]
