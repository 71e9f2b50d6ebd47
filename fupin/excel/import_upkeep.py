"""Daily upkeep of uploads: personal data is not kept longer than it is needed. See `fupin.jobs.worker`."""

import shutil
import time
from datetime import timedelta

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
    remove_left_folders()


def remove_left_folders():
    """Throw away the writer's temporary files of workbooks whose marking was cut off."""
    for folder in settings.FILES.glob(f"{returned.FOLDER}*"):
        if folder.stat().st_mtime < time.time() - 86_400:
            shutil.rmtree(folder, ignore_errors=True)


UPKEEP = [("imports.files", remove_old_uploads)]
