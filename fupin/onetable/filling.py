"""Filling a form for a place (or a household) and a day: its files, the audit entry, what was filled and what stays empty.

The figures come from the apps' sources by name; the form's own child process writes them. Rows that are too few are
put in with the last row's style, totals that the form computes itself grow over them, those it leaves empty are filled.
"""

import hashlib
import io
import zipfile

from django.core.exceptions import ValidationError

from fupin.audit import seen
from fupin.audit.record import record
from fupin.crypt import boxes
from fupin.onetable import child_process
from fupin.onetable.blocks import Filling
from fupin.onetable.models import FormFilling


def fill(form, asked, region, *, number=None, purpose="", step=None):
    """Fill `form`; returns Filled with one file, an .xlsx or a .zip of one for each household. Audited as an export."""
    if not form.path.is_file():
        raise ValidationError("这份表样的文件已经不在了，请重新上传空表。")
    with seen.watching() as sight:
        work = _filled(form, asked, region, number, step)
    record(
        "report.export", form, by=asked.user, region_path=region.path, seen=str(sight), title=f"一表通：{form.title}",
        year=asked.as_of.year, as_of=str(asked.as_of),
        filter=f"{region.short_name}" + (f"，户 {number}" if number else ""), rows=work.out.rows, empty=len(work.out.notes),
        whole=["户、人信息"] if asked.reveal else [], purpose=purpose,
        sha256=hashlib.sha256(work.out.files[0][1]).hexdigest(),
    )  # fmt: skip
    FormFilling.objects.create(
        form=form, user=asked.user, place=region.short_name + (f"，户 {number}" if number else ""), as_of=asked.as_of, rows=work.out.rows,
        notes=[list(note) for note in work.out.notes], masked=sorted(work.out.masked),
        checked=work.out.balances[0], wrong=list(work.out.balances[1]),
    )  # fmt: skip
    return work.out


def _filled(form, asked, region, number, step):
    """The Filling, done: its file is in `out.files`."""
    work = Filling(form, asked, region, step=step)
    stem = f"{region.short_name}_{form.title}_{asked.as_of:%Y%m%d}"
    if form.said["scope"] == "home":
        copies, numbers = work.for_homes(number)
        if not copies:
            raise ValidationError("所选范围内这一天没有可以填的户。")
        data = [
            piece
            for start in range(0, len(copies), 50)
            for piece in _written(form, copies[start : start + 50])
        ]
        if number is not None:
            work.out.files = [(f"{form.title}_{numbers[0]}_{asked.as_of:%Y%m%d}.xlsx", data[0])]
        else:
            work.out.files = [(f"{stem}.zip", _zipped(zip(numbers, data)))]
    else:
        work.out.files = [(f"{stem}.xlsx", _written(form, work.for_place())[0])]
    return work


def _written(form, copies):
    with boxes.plain(form.path) as bare:
        return child_process.fill(bare, copies)


def _zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, data in files:
            packed.writestr(f"{number}.xlsx", data)
    return out.getvalue()
