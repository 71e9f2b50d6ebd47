"""Filling that takes longer than a web request may."""

import uuid
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.crypt import boxes
from fupin.jobs.queue import Handler, Result, submit
from fupin.onetable.asking import AskedOn
from fupin.onetable.filling import fill
from fupin.onetable.models import BureauForm
from fupin.regions.models import Region

FOLDER = "reports"
"""Beside the files of big reports, and kept as long."""


def asked_by(user, day, *, reveal=False):
    """Who asks: `user`, for a day not after today."""
    return AskedOn(user, QueryDict(), day.year, timezone.localdate(), reveal, day=day)


def submit_filling(form, asked, region, *, number=None, purpose=""):
    """Have the form filled by the worker. Returns the job."""
    needs = [P.REPORT_EXPORT] + ([P.PII_EXPORT] if asked.reveal else [])
    params = {
        "form": str(form.uid), "region": region.path, "day": asked.as_of.isoformat(), "number": number, "reveal": asked.reveal, "purpose": purpose,
    }  # fmt: skip
    return submit(
        "onetable",
        by=asked.user,
        title=f"一表通：{form.title}（{region.short_name}）"[:120],
        params=params,
        needs=needs,
    )


def run_filling(job, step):
    """Fill the form in the scope that the job's user has now."""
    said = job.params
    form = BureauForm.objects.visible_to(job.user).filter(uid=said["form"]).first()
    region = Region.objects.visible_to(job.user, P.REPORT_EXPORT).filter(path=said["region"]).first()
    if form is None or region is None:
        raise ValidationError("表样已删除，或所选区域已不在您的辖区内。")
    asked = asked_by(job.user, date.fromisoformat(said["day"]), reveal=said["reveal"])
    found = fill(form, asked, region, number=said["number"], purpose=said["purpose"], step=step)
    name, data = found.files[0]
    folder = settings.FILES / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{uuid.uuid4().hex}{name[name.rindex('.') :]}"
    with boxes.Writer(path) as file:
        file.write(data)
    words = f"共 {found.rows:,} 行" + (f"，{len(found.notes)} 处留空（见填表页）" if found.notes else "")
    return Result(f"{words}。", f"{FOLDER}/{path.name}", name, {"rows": found.rows, "size": len(data)})


JOBS = [Handler("onetable", run_filling)]
