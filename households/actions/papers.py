"""Papers: begun, written, issued, revised. An issued paper is changed by nothing here."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from fupin.audit.record import record
from fupin.documents import text
from households.actions.register import Stale
from households.models import Paper
from households.papers.kinds import BY_NAME
from households.papers.sources import Place, known

DRAFT, ISSUED = Paper.State.DRAFT, Paper.State.ISSUED


def place_of(paper, user):
    """What the figures of `paper` are about, as `user` may see it."""
    return Place(paper.region, paper.year, user, paper.household)


def blocks_of(paper, user):
    """The blocks of a paper: as issued, or with today's figures."""
    if paper.state == ISSUED:
        return text.from_json(paper.issued)
    return list(text.blocks(paper.sections, known(place_of(paper, user)), keep_empty=paper.keep_empty))


@transaction.atomic
def begin_paper(*, kind, region, year, by, household=None, unit=""):
    """A draft of `kind` for a place or a household, with the sections that the kind starts with."""
    made = BY_NAME[kind]
    paper = Paper(
        kind=kind, region=region, region_path=region.path, household=household, year=year, unit=unit or by.unit,
        sections=made.start(), updated_by=by,
    )  # fmt: skip
    filled = next(text.blocks([{"level": 1, "heading": "", "text": made.title}], known(place_of(paper, by))))
    paper.title = filled.text[:120]
    paper.save()
    record("paper.create", paper, by=by, kind=kind, year=year)
    return paper


@transaction.atomic
def save_paper(*, paper, version, title, unit, sections, keep_empty, by):
    """Write a draft. Raises Stale when it is no longer at `version` or was issued meanwhile, and ValidationError for a
    figure that nothing answers, naming its section."""
    answered = known(place_of(paper, by))
    told = [
        f"第 {at} 节“{section['heading'] or '（无标题）'}”里没有“{name}”这个数或表，请从右侧列表里选。"
        for at, section in enumerate(sections, 1)
        for name in text.unknown(section["text"], answered)
    ]
    if told:
        raise ValidationError(told)
    changed = Paper.objects.filter(pk=paper.pk, version=version, state=DRAFT).update(
        title=title, unit=unit, sections=sections, keep_empty=keep_empty, version=F("version") + 1,
        updated_by=by, updated_at=timezone.now(),
    )  # fmt: skip
    if not changed:
        raise Stale
    before = [section["heading"] for section in paper.sections]
    record(
        "paper.edit", paper, by=by, title=title,
        changes=[["节", "、".join(before), "、".join(section["heading"] for section in sections)]],
    )  # fmt: skip


@transaction.atomic
def issue_paper(*, paper, version, number, on, by):
    """Sign a draft: its figures are written down as they are now, with number and date."""
    if on > timezone.localdate():
        raise ValidationError({"on": "印发日期不能晚于今天。"})
    found = blocks_of(paper, by)
    changed = Paper.objects.filter(pk=paper.pk, version=version, state=DRAFT).update(
        state=ISSUED, number=number, issued_on=on, issued_by=by, issued=text.to_json(found),
        version=F("version") + 1, updated_by=by, updated_at=timezone.now(),
    )  # fmt: skip
    if not changed:
        raise Stale
    record("paper.issue", paper, by=by, number=number, on=str(on), gaps=text.gaps(found))


@transaction.atomic
def revise_paper(*, paper, by):
    """A new draft with the text of an issued paper."""
    if paper.state != ISSUED:
        raise ValidationError("这份文书还没有印发，可以直接修改。")
    made = Paper.objects.create(
        kind=paper.kind, region=paper.region, region_path=paper.region_path, household=paper.household, year=paper.year,
        title=paper.title, unit=paper.unit, sections=paper.sections, keep_empty=paper.keep_empty, replaces=paper,
        updated_by=by,
    )  # fmt: skip
    record("paper.create", made, by=by, kind=paper.kind, year=paper.year, replaces=paper.pk)
    return made
