"""Reading back what the product wrote, opening it as an official would, and making what an official uploads."""

import atexit
import io
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from unittest.mock import patch

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl.worksheet.merge import MergedCellRange

from fupin.excel.models import ImportBatch


def opened(response):
    """The only sheet of a downloaded workbook."""
    assert response.status_code == 200, response
    assert response["Content-Type"].startswith("application/vnd.openxmlformats"), response["Content-Type"]
    with patch.object(
        MergedCellRange, "format", lambda merged: None
    ):  # its borders drawn anew: half of the time
        return openpyxl.load_workbook(io.BytesIO(b"".join(response))).active


def table(sheet, first_row):
    """Rows of values from `first_row` on until the signature line."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first_row)]
    end = next(
        at for at, row in enumerate(rows) if "".join(str(cell or "") for cell in row).startswith("单位负责人")
    )
    return rows[:end]


def column(sheet, header, first_row):
    """The body of the column whose header is `header`, sums left out."""
    for row in sheet.iter_rows(max_row=first_row - 1):
        at = next((cell.column - 1 for cell in row if cell.value == header), None)
        if at is not None:
            return [row[at] for row in table(sheet, first_row)]
    raise AssertionError(f"no column {header}")


SOFFICE = os.environ.get("FUPIN_SOFFICE") or "soffice"
NO_SOFFICE = "没有找到 LibreOffice（soffice），能否用它打开工作簿没有检查（Debian：apt install libreoffice-calc-nogui）。"


def converted(folder, suffix, **books):
    """`{name: path}` of the workbooks `{name: bytes}` as LibreOffice saves them with `suffix`, all in one run of it: its
    start costs more than the work. Skips where there is no LibreOffice, except in CI."""
    if shutil.which(SOFFICE) is None:
        assert not os.environ.get("CI"), "LibreOffice is required in CI"
        pytest.skip(NO_SOFFICE)
    sources = [Path(folder) / f"{name}.xlsx" for name in books]
    for source, data in zip(sources, books.values()):
        source.write_bytes(data)
    target = "csv:Text - txt - csv (StarCalc):44,34,76" if suffix == "csv" else suffix
    subprocess.run(
        [SOFFICE, f"-env:UserInstallation=file://{_profile()}", "--headless", "--convert-to", target, "--outdir", str(folder), *map(str, sources)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return {name: Path(folder) / f"{name}.{suffix}" for name in books}


@cache
def _profile():
    """Where LibreOffice keeps its settings: laying them out takes it longer than a few books."""
    folder = tempfile.mkdtemp(prefix="fupin-soffice-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def made(*rows, title="", name="表.xlsx", sheet="Sheet1"):
    """An upload: a workbook of `rows` (the first is the header), under a merged title line where one is given."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    if title:
        page.append([title])
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=max(len(rows[0]), 2))
    for row in rows:
        page.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue())


def uploaded(client, file, **said):
    """The checked batch of `file`, as the upload page leaves it."""
    response = client.post(reverse("import_upload"), {"file": file, **said})
    assert response.status_code == 302, response.content.decode()
    return ImportBatch.objects.get(uid=response["Location"].rstrip("/").rpartition("/")[2])


def imported(client, file, **said):
    """The batch of `file`, checked and committed through the pages."""
    batch = uploaded(client, file, **said)
    client.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    batch.refresh_from_db()
    assert batch.state == "done", (batch.state, batch.issues)
    return batch


def found(batch, severity="error"):
    """`[(code, cell)]` of the findings of a severity: "C5" for column C, row 5."""
    return [
        (issue["code"], f"{issue.get('col', '')}{issue.get('row', '')}")
        for issue in batch.issues
        if issue["severity"] == severity
    ]
