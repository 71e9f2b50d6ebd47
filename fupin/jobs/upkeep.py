"""Daily upkeep of the jobs themselves. UPKEEP lists `(name, function of today)`, see `fupin.jobs.worker`."""

import time
from datetime import timedelta

from django.conf import settings

from fupin.jobs.models import ENDED, Job

KEPT = 30
"""Days that a result file is kept; the record of the job and its audit event stay."""


def remove_old_files(today):
    """Delete result files older than KEPT days."""
    old = Job.objects.filter(state__in=ENDED, created_at__date__lt=today - timedelta(days=KEPT))
    for job in old.exclude(file="").order_by("pk"):
        (settings.FILES / job.file).unlink(missing_ok=True)
        Job.objects.filter(pk=job.pk).update(file="")
    _remove_unnamed()


def _remove_unnamed():
    """Delete what a worker that was killed left half made: files beside those of the jobs that no job names."""
    named = set(Job.objects.exclude(file="").values_list("file", flat=True))
    long_ago = time.time() - KEPT * 86_400
    for folder in {name.rpartition("/")[0] for name in named} - {""}:
        for path in (settings.FILES / folder).glob("*"):
            if f"{folder}/{path.name}" not in named and path.is_file() and path.stat().st_mtime < long_ago:
                path.unlink(missing_ok=True)


UPKEEP = [("jobs.files", remove_old_files)]
