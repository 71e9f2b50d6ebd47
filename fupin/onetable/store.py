"""Forms as they are kept: the upload, checked by the reader, seen by the child, its headers matched."""

import hashlib
import os
import uuid
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from fupin.audit.record import record
from fupin.excel import reader
from fupin.onetable import child_process, meaning, structure
from fupin.onetable.models import BureauForm

FOLDER = "onetable"
MAX_BYTES = 5 << 20
SUFFIXES = (".xlsx", ".xls")


def plain_name(name):
    """The user's file name without a path or anything that draws wrong."""
    name = str(name).replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[-120:]


def kept(data, suffix):
    """Write bytes under a name of ours (mode 0600); the path below settings.FILES."""
    folder = settings.FILES / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{uuid.uuid4().hex}{suffix}"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return f"{FOLDER}/{path.name}"


def store(stream, name, *, by):
    """Take in an empty form. ValidationError in words where it cannot be read, or asks for nothing."""
    name, data = plain_name(name), stream.read()
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValidationError("一表通收 .xlsx 和 .xls 的空表，请另存为其中一种再传。")
    path = settings.FILES / (file := kept(data, suffix))
    made = [path]
    try:
        try:
            reader.read(
                path, name
            )  # archives that swell, macros, passwords: refused before anything else opens it
        except reader.Refused as refused:
            raise ValidationError(refused.sentence) from refused
        sheets, book = child_process.look(path)
        seen = [sheet for sheet in sheets if sheet["state"] == "visible"]
        blocks = [
            block
            for sheet in seen
            for block in structure.blocks_of(sheet)
            if block.cells or block.kind == structure.ROWS
        ]
        if not blocks:
            raise ValidationError("没有找到要填的地方：表里应有表头和空行，或项目名称和旁边的空格。")
        made.append(settings.FILES / (target := kept(book, ".xlsx")))
        said, known = meaning.proposed(blocks, by)
        with transaction.atomic():
            form = BureauForm.objects.create(
                unit=meaning.unit_of(by), user=by, title=_title(blocks, name), name=name, file=file, book=target, size=len(data),
                sha256=hashlib.sha256(data).hexdigest(), seen=seen, blocks=[block.kept() for block in blocks], said=said, confirmed=known,
            )  # fmt: skip
            record("onetable.upload", form, by=by, region_path=form.unit, title=form.title)
    except BaseException:
        for one in made:
            one.unlink(missing_ok=True)
        raise
    return form


def _title(blocks, name):
    """What the form is called: its title line, else its file's name."""
    titles = [block.title.split(" ")[0] for block in blocks if block.title]
    return (titles[0] if titles and len(titles[0]) > 3 else Path(name).stem)[:60]


@transaction.atomic
def remove(form, *, by):
    """Throw a form away, with its files once the row is gone."""
    record("onetable.remove", form, by=by, region_path=form.unit, title=form.title)
    files = [settings.FILES / form.file, settings.FILES / form.book]
    form.delete()
    transaction.on_commit(lambda: [path.unlink(missing_ok=True) for path in files])


@transaction.atomic
def say(form, said, *, by, version):
    """Keep what each place of the form means, and remember it for the unit. ValidationError where somebody was faster."""
    changed = BureauForm.objects.editable_by(by).filter(pk=form.pk, version=version)
    if not changed.update(said=said, confirmed=True, version=version + 1):
        raise ValidationError("这份表的对应刚被别人改过，请刷新页面看过再改。")
    form.said, form.confirmed, form.version = said, True, version + 1
    meaning.remember(form, [structure.Block.read(block) for block in form.blocks], by)
    record("onetable.mapping", form, by=by, region_path=form.unit, title=form.title)
