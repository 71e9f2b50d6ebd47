"""Work that takes a second or two, reading rows through an open cursor as a report does."""

import time

from django.conf import settings

from fupin.jobs.queue import Handler, Result
from fupin.regions.models import Region


def read_slowly(job, step):
    with (settings.FILES / "ran").open("a") as file:
        file.write(f"{job.pk}\n")
    rows = Region.objects.order_by("pk").iterator(chunk_size=1)
    for count, _ in enumerate(rows, 1):
        time.sleep(0.1)
        step(count, 20)
        if count == 20:
            break
    return Result(data={"rows": count})


JOBS = [Handler("slow", read_slowly)]
