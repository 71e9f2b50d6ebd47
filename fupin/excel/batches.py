"""Imports as they are kept: the uploaded file under a name of ours, its check, its writing."""

import hashlib
import uuid
from contextlib import nullcontext
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from fupin.accounts.roles import Permission
from fupin.audit.record import record
from fupin.crypt import boxes
from fupin.excel import mapping, reader, staging, undo
from fupin.excel.cleaning import text
from fupin.excel.commit import nothing
from fupin.excel.imports import GOOD_ROWS, Outcome, Setting, run, sample_of
from fupin.excel.issues import Issue
from fupin.excel.models import ImportBatch, State
from fupin.excel.table import letter_of
from fupin.jobs.models import Job
from fupin.jobs.models import State as Ended

FOLDER = "imports"
MAX_BYTES = 40 << 20
KEPT_ISSUES = 1000
"""Findings that stay with a batch when its file is gone; until then all of them are staged beside the file."""


def store(stream, name, *, by, year, as_of, kind="", region_path="", policy=GOOD_ROWS):
    """Keep the file, encrypted, under a name of ours (mode 0600) and write down that it came."""
    uid = uuid.uuid4()
    folder = settings.FILES / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / uid.hex
    digest, size = hashlib.sha256(), 0
    with boxes.Writer(path) as file:
        while piece := stream.read(1 << 20):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    return ImportBatch.objects.create(
        uid=uid, user=by, name=_plain_name(name), file=f"{FOLDER}/{uid.hex}", sha256=digest.hexdigest(), size=size,
        year=year, as_of=as_of, kind=kind, region_path=region_path, policy=policy,
        home=mapping.unit_of(by),
    )  # fmt: skip


def _plain_name(name):
    """The user's file name without a path or anything that draws wrong, at most 200 characters."""
    name = str(name).replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable())
    return name if len(name) <= 200 else name[:190] + name[-10:]


class Written(Exception):
    """The batch is not waiting to be written: another click, worker or attempt was first."""


def carry_out(batch, *, by, dry_run, step=nothing):
    """Check the stored file, or write it; the outcome is kept in the batch either way.

    A check takes the rows as they were read before; writing reads the file anew. Both apply what the user said:
    mapping, corrected cells, rows left out. Writing, its audit events, its undo and the batch's own step to "done" are
    one transaction that begins with the step: whoever comes second finds the batch done. Raises Written then.
    """
    book = None
    if dry_run:
        outcome = _opened(batch)
        book = outcome.book
        if book is None:
            keep(batch, outcome, scope_of(by))
            return outcome
        if not batch.mapping:
            batch.mapping = mapping.remembered(book, by, batch.kind)
    with nullcontext(batch.stored) if book is not None else boxes.plain(batch.stored) as path:
        outcome = run(
            path, name=batch.name, by=by, setting=setting_of(batch), dry_run=dry_run, policy=batch.policy,
            batch=batch.pk, kind=batch.kind, book=book, mapping=batch.mapping, edits=batch.corrections,
            begin=partial(_begin, batch, by), end=partial(_end, batch, by), step=step,
        )  # fmt: skip
    if dry_run:
        with (
            staging.drafted(batch.stored, outcome, batch.version) as put_in_place,
            transaction.atomic(),
        ):
            keep(batch, outcome, scope_of(by))
            put_in_place()
    elif not outcome.committed:
        failed(batch)
    return outcome


def _opened(batch):
    """An Outcome with the book of a batch, or with the reason why there is none."""
    try:
        with staging.opened(batch.stored) as staged:
            return Outcome(book=staged.book())
    except staging.Missing:
        pass
    try:
        with boxes.plain(batch.stored) as path:
            return Outcome(book=reader.read_book(path, batch.name))
    except reader.Refused as refused:
        return Outcome(issues=[Issue(refused.code, detail=refused.sentence)])


OTHER_SCOPE = "您的管理范围在检查之后变了，没有写入。请点“全部重查”，核对后再提交。"


def scope_of(by):
    """Where `by` may import today, as kept with a check."""
    return sorted(by.paths(Permission.IMPORT))


def scope_changed(batch, by):
    """Whether `by` may import elsewhere than when the file was checked: what the preview showed may not hold. A file
    that nobody has checked showed nothing."""
    return batch.report.get("scope", scope_of(by)) != scope_of(by)


def _begin(batch, by):
    if scope_changed(batch, by):
        raise ValidationError(OTHER_SCOPE)
    taken = (
        ImportBatch.objects.unscoped("same row")
        .filter(pk=batch.pk, state=State.WRITING)
        .update(state=State.DONE, committed_at=timezone.now())
    )
    if not taken:
        raise Written


def _end(batch, by, outcome, journal):
    keep(batch, outcome, scope_of(by))
    record(
        "import.commit", batch, by=by, region_path=batch.region_path or batch.home, kind=batch.kind, file=batch.sha256,
        errors=len(outcome.errors), policy=batch.policy, corrected=batch.corrections.count,
        left_out=batch.corrections.left_out, **outcome.written,
    )  # fmt: skip
    undo.keep(batch, journal)


def ask_to_write(batch, *, policy, version=None):
    """Put the batch in line for writing; False when it is there already, or written, or when its corrections are not
    those of `version` (what the user had in view) any more. One conditional UPDATE."""
    waiting = ImportBatch.objects.unscoped("same row").filter(
        pk=batch.pk, state__in=[State.CHECKED, State.FAILED]
    )
    if version is not None:
        waiting = waiting.filter(version=version)
    return bool(waiting.update(state=State.WRITING, policy=policy))


def ask_to_undo(batch):
    """Put the batch in line for undoing; False when it cannot be undone, or is in line already."""
    return bool(
        undo.possible(batch)
        and ImportBatch.objects.unscoped("same row")
        .filter(pk=batch.pk, state=State.DONE)
        .update(state=State.UNDOING)
    )


def failed(batch):
    """Writing came to nothing: the batch may be submitted again."""
    ImportBatch.objects.unscoped("same row").filter(pk=batch.pk, state=State.WRITING).update(
        state=State.FAILED
    )


def setting_of(batch):
    take = frozenset(batch.edits.get("take", ()))
    return Setting(batch.year, batch.as_of, batch.region_path, batch.name, take)


def keep(batch, outcome, scope):
    """Write the outcome into the batch's row, with the `scope` that it was made in."""
    report = outcome.report()
    issues = report.pop("issues")
    report["found"] = tally(issue.severity for issue in outcome.issues)
    batch.kept_issues = issues[:KEPT_ISSUES]
    batch.__dict__.pop("issues", None)
    batch.kind, batch.title = outcome.kind or batch.kind, outcome.title or batch.title
    if outcome.plan is None:
        batch.state = State.REFUSED
    else:
        read, good, bad = outcome.plan.counts()
        report |= {"read": read, "good": good, "bad": bad, "clash": getattr(outcome.plan, "clashes", 0)}
        report["out"], report["corrected"] = batch.corrections.left_out, batch.corrections.count
        report["versioned"] = any("row_version" in table.columns for table in outcome.tables)
        batch.columns = all_columns(outcome)
    batch.report = report | {"scope": scope}
    if outcome.committed:
        batch.state, batch.committed_at = State.DONE, timezone.now()
    elif outcome.plan is not None:
        batch.state = State.CHECKED
    batch.year = batch.year or outcome.year
    batch.save()


def tally(words):
    counted = {}
    for word in words:
        counted[word] = counted.get(word, 0) + 1
    return counted


def settled(batch):
    """The batch, taken back from a worker that gave up on it."""
    if batch.busy and Job.objects.filter(uid=batch.job, state__in=[Ended.FAILED, Ended.CANCELLED]).exists():
        back = State.DONE if batch.state == State.UNDOING else State.FAILED
        ImportBatch.objects.unscoped("same row").filter(pk=batch.pk, state=batch.state).update(state=back)
        batch.refresh_from_db()
    return batch


KEPT_STATES = [State.WRITING, State.DONE, State.UNDOING, State.UNDONE, State.DISCARDED]
"""What cannot be thrown away: it is, or was, in the register, or is gone already."""


def discard(batch, *, by):
    """Throw away a file that was never written; False where it cannot be. Who, when, the file's hash and how many rows
    it had stay as a line of the history, nothing of what was in it. `by` None: nobody came back for it."""
    with transaction.atomic():
        gone = (
            ImportBatch.objects.unscoped("same row").filter(pk=batch.pk).exclude(state__in=KEPT_STATES)
        ).update(
            state=State.DISCARDED, file="", edits={}, kept_issues=[], columns=[], mapping={}, job=None,
            undone_at=timezone.now(), undone_by=by,
        )  # fmt: skip
        if gone:
            record("import.discard", batch, by=by, region_path=batch.home, file=batch.sha256)
            transaction.on_commit(partial(remove, batch))
    return bool(gone)


def remove(batch):
    """Take the stored file away, and what was read from it."""
    if batch.file:
        staging.remove(batch.stored)
        batch.stored.unlink(missing_ok=True)


def all_columns(outcome):
    """The columns of every table; of many forms alike, each label once."""
    columns, told = [], set()
    for table in outcome.tables:
        for column in columns_of(table, outcome.spec):
            if table.one_household:
                if (column["label"], column["field"]) in told:
                    continue
                told.add((column["label"], column["field"]))
            columns.append(column)
    return columns


def columns_of(table, spec):
    """How the columns of a table were understood, in file order; the examples are masked where personal."""
    names = {index: name for name, index in table.columns.items()}
    fields = {item.name: item for item in spec.fields}
    return [
        {
            "sheet": table.sheet,
            "col": table.letter(names[index]) if index in names else letter_of(index),
            "label": label,
            "field": fields[names[index]].label if index in names else "",
            "wan": index in names and table.units[names[index]] == 10_000,
            "examples": [] if spec.strangers else examples(table, index, fields.get(names.get(index, ""))),
        }
        for index, label in sorted(table.labels.items())
    ]


def examples(table, index, item):
    """The first few different values of a column, as they may be shown."""
    found = []
    for row in table.rows[:200]:
        value = text(row[index]) if index < len(row) else ""
        if value and value not in found:
            found.append(value)
        if len(found) == 3:
            break
    return [sample_of(value, item) for value in found]
