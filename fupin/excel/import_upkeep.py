"""Daily upkeep of uploads: personal data is not kept longer than it is needed. See `fupin.jobs.worker`."""

import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from fupin.excel import batches, returned
from fupin.excel.models import ImportBatch, ImportUndo, State

UNWRITTEN_DAYS = 7
"""Days after which an upload that was never written is thrown away."""


def remove_old_uploads(today):
    """Throw away forgotten uploads, the files of old imports, and what can no longer be undone."""
    forgotten = ImportBatch.objects.unscoped("same row").filter(
        state__in=[State.CHECKED, State.REFUSED, State.FAILED]
    )
    for batch in forgotten.filter(created_at__date__lt=today - timedelta(days=UNWRITTEN_DAYS)).defer(
        "kept_issues"
    ):
        batches.discard(batch, by=None)
    old = ImportBatch.objects.unscoped("same row").filter(
        state__in=[State.DONE, State.UNDONE],
        committed_at__date__lt=today - timedelta(days=settings.IMPORT_FILE_DAYS),
    )
    for batch in old.exclude(file="").defer("kept_issues"):
        batches.remove(batch)
        ImportBatch.objects.unscoped("same row").filter(pk=batch.pk).update(file="", edits={})
    ImportUndo.objects.filter(until__date__lt=today).delete()
    remove_left_behind()


LEFT = 86_400
"""Seconds after which nobody is at a temporary file any more."""


def remove_left_behind():
    """Throw away what a process that was killed left: an upload half received, one that nobody wrote down, rows half
    staged, the temporary files of a workbook whose marking was cut off."""
    for folder in filter(_old, settings.FILES.glob(f"{returned.FOLDER}*")):
        shutil.rmtree(folder, ignore_errors=True)
    for path in filter(_old, Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*")):
        path.unlink(missing_ok=True)
    kept = set(ImportBatch.objects.unscoped("same row").exclude(file="").values_list("file", flat=True))
    for path in filter(_old, (settings.FILES / batches.FOLDER).glob("*")):
        of_batch = f"{batches.FOLDER}/{path.name.partition('.')[0]}"
        if of_batch not in kept or path.suffix == ".new":
            path.unlink(missing_ok=True)


def _old(path):
    try:
        return path.stat().st_mtime < time.time() - LEFT
    except FileNotFoundError:
        return False


UPKEEP = [("imports.files", remove_old_uploads)]
