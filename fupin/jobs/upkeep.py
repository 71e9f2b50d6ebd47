"""Daily upkeep of the jobs themselves. UPKEEP lists `(name, function of today)`, see `fupin.jobs.worker`."""

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


UPKEEP = [("jobs.files", remove_old_files)]
