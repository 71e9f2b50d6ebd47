"""Reading back what the product wrote, and opening it as an official would."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest


def opened(response):
    """The only sheet of a downloaded workbook."""
    assert response.status_code == 200, response
    assert response["Content-Type"].startswith("application/vnd.openxmlformats"), response["Content-Type"]
    return openpyxl.load_workbook(io.BytesIO(b"".join(response))).active


def table(sheet, first_row):
    """Rows of values from `first_row` on until the signature line."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first_row)]
    end = next(at for at, row in enumerate(rows) if str(row[0]).startswith("单位负责人"))
    return rows[:end]


def column(sheet, header, first_row):
    """The body of the column whose header is `header`, sums left out."""
    for row in sheet.iter_rows(max_row=first_row - 1):
        at = next((cell.column - 1 for cell in row if cell.value == header), None)
        if at is not None:
            return [row[at] for row in table(sheet, first_row)]
    raise AssertionError(f"no column {header}")


def as_csv(data, folder):
    """The text that LibreOffice makes of workbook `data`. Skips where there is no LibreOffice, except in CI."""
    if shutil.which("soffice") is None:
        assert not os.environ.get("CI"), "LibreOffice is required in CI"
        pytest.skip("没有 LibreOffice（soffice），未检查能否打开报表。")
    path = Path(folder) / "report.xlsx"
    path.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76",
         "--outdir", str(folder), str(path)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return path.with_suffix(".csv").read_text(encoding="utf-8")
