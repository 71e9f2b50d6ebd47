"""Daily upkeep of uploads: personal data is not kept longer than it is needed. See `fupin.jobs.worker`."""

from datetime import timedelta

from fupin.excel import batches
from fupin.excel.models import ImportBatch, State

UNWRITTEN_DAYS = 7
"""Days after which an upload that was never written is thrown away."""

WRITTEN_DAYS = 180
"""Days that the file of a written import is kept for questions; its figures and findings stay."""


def remove_old_uploads(today):
    """Throw away forgotten uploads, and the files of old imports."""
    forgotten = ImportBatch.objects.exclude(state__in=[State.DONE, State.WRITING, State.CHECKING])
    for batch in forgotten.filter(created_at__date__lt=today - timedelta(days=UNWRITTEN_DAYS)).defer(
        "kept_issues"
    ):
        batch.delete()
        batches.remove(batch)
    old = ImportBatch.objects.filter(
        state=State.DONE, committed_at__date__lt=today - timedelta(days=WRITTEN_DAYS)
    )
    for batch in old.exclude(file="").defer("kept_issues"):
        batches.remove(batch)
        ImportBatch.objects.filter(pk=batch.pk).update(file="", edits={})


UPKEEP = [("imports.files", remove_old_uploads)]
