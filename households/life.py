"""The life of personal data: telling the household, keeping no longer than needed, and giving a person what is held.

`KINDS` says what is kept how long; a site lengthens or shortens it within the law's minimum. `retire` anonymises what
is over age: names, numbers, addresses and free text go, codes and figures stay, so that no sum of a past year changes.
A household under 依法留存 is left alone.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from fupin import photos
from fupin.accounts.roles import Permission as P
from fupin.audit import seen
from fupin.audit.record import bulk, record
from fupin.catalogue import offers
from fupin.filing.models import FiledCopy, FrozenReport
from fupin.onetable import store
from fupin.onetable.models import BureauForm, FormFilling
from fupin.regions import scope
from fupin.regions.models import ancestors_of
from households import kept
from households.models import (
    Condition,
    CrossCheck,
    Doubt,
    FollowUp,
    Household,
    HouseholdCause,
    HouseholdMove,
    KeepRule,
    LegalHold,
    Measure,
    Member,
    MemberYear,
    Notice,
    Objection,
    Pairing,
    Paper,
    StatusChange,
    TargetChange,
    Visit,
    VisitPhoto,
)

ANONYMOUS = "（已匿名）"
CHUNK = 500
LONGEST = 100


@dataclass(frozen=True)
class Kind:
    """A class of data: default and least years, and from when they count."""

    name: str
    label: str
    years: int
    least: int
    since: str
    done: str


KINDS = [
    Kind("closed", "已注销的户（全部档案）", 10, 5, "注销之日", "匿名"),
    Kind("left", "已减少的成员（死亡、迁出）", 10, 5, "减少之日", "匿名"),
    Kind("clue", "行业部门比对值", 3, 1, "核查办结之日", "删除比对值"),
    Kind("photo", "走访照片", 5, 1, "走访之日", "删除照片"),
    Kind("form", "上传的“一表通”表样和填表记录", 5, 1, "最后修改、填表之日", "删除"),
    Kind("filed", "报送副本和年度快照", 30, 10, "报送之日", "不删除，按档案管理"),
    Kind("audit", "审计和导出记录", 6, 3, "发生之日", "不删除"),
]
"""The audit's minimum is that of 个人信息保护法 56 and 网络数据安全管理条例 12; the product itself never deletes from it,
nor from what was filed: documents that an office has handed in are archives, whose end their keeper decides."""
BY_NAME = {kind.name: kind for kind in KINDS}

MEMBER_YEAR = ("dropout_reason", "disability_no", "work_place", "work_county", "work_company", "training",
               "certificate", "health_help", "graduate_job", "graduate_reason", "role_note")  # fmt: skip
BLANKED = {
    Condition: ("cooperative_name", "enterprise_name", "leader_name", "collector", "note"),
    Visit: (
        "visitor_text",
        "visitor_unit",
        "content",
        "problem",
        "handling",
        "gift_goods",
        "cancelled_reason",
    ),
    FollowUp: ("what", "result"),
    CrossCheck: ("title", "fact", "value", "note"),
    Pairing: ("end_note",),
    HouseholdCause: ("note",),
    StatusChange: ("reason",),
    TargetChange: ("reason",),
    HouseholdMove: ("reason",),
    Measure: ("what", "effect"),
    Notice: ("teller",),
    Objection: ("what", "outcome"),
}
"""Free text of what hangs on a household: it may say anything about anybody."""
HOUSEHOLD = ("address", "phone", "bank_name", "bank_account", "identified_text", "relocation_site",
             "relocation_address", "remark", "closed_reason")  # fmt: skip
MEMBER = ("member_no", "relation_text", "id_number", "id_text", "ethnic_text", "phone")


# 告知


@transaction.atomic
def record_notice(*, household, by, on, form, teller="", today=None):
    """Note that the household was told. ValidationError for a day to come or a missing version."""
    form = form.strip()
    if not form:
        raise ValidationError({"form": "请填写告知书版本。"})
    if on > (today or timezone.localdate()):
        raise ValidationError({"on": "告知日期不能晚于今天。"})
    made = Notice.objects.create(
        household=household, on=on, form=form[:40], teller=teller.strip()[:40], by=by
    )
    record("notice.record", household, by=by, on=on.isoformat(), form=made.form)
    return made


# 依法留存


@transaction.atomic
def place_hold(*, household, by, reason, today):
    reason = reason.strip()
    if len(reason) < 4:
        raise ValidationError("请写明留存依据（至少 4 个字）。")
    if LegalHold.objects.filter(household=household, lifted_on=None).exists():
        raise ValidationError("该户已在依法留存。")
    made = LegalHold.objects.create(household=household, reason=reason[:200], on=today, by=by)
    record("hold.place", household, by=by, reason=made.reason)
    return made


@transaction.atomic
def lift_hold(*, household, by, today):
    lifted = LegalHold.objects.filter(household=household, lifted_on=None).update(
        lifted_on=today, lifted_by=by
    )
    if not lifted:
        raise ValidationError("该户没有在依法留存。")
    record("hold.lift", household, by=by)


# How long


def rules():
    """`[(Kind, years in force)]`."""
    said = dict(KeepRule.objects.values_list("kind", "years"))
    return [(kind, max(kind.least, said.get(kind.name, kind.years))) for kind in KINDS]


@transaction.atomic
def set_rule(*, kind, years, by):
    """ValidationError below the least that the law asks for."""
    kind = BY_NAME[kind]
    if not kind.least <= years <= LONGEST:
        raise ValidationError(f"“{kind.label}”须保存 {kind.least} 至 {LONGEST} 年。")
    before = {one.name: held for one, held in rules()}[kind.name]
    KeepRule.objects.update_or_create(kind=kind.name, defaults={"years": years, "updated_by": by})
    record("retention.change", "retention", by=by, kind=kind.label, before=before, after=years)


def years_before(today, years):
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


def due(today, user=None):
    """`{kind: rows that are over age and under no hold}`; with `user`, of the places whose settings are theirs."""
    until = {kind.name: years_before(today, years) for kind, years in rules()}
    held = LegalHold.objects.filter(lifted_on=None).values("household")

    def of(model):
        return model.objects.all() if user is None else model.objects.visible_to(user, P.SETTINGS_EDIT)

    pictures = VisitPhoto.objects.filter(visit__on__lt=until["photo"])
    rows = {
        "closed": of(Household).filter(closed_on__lt=until["closed"]).exclude(head_name=ANONYMOUS),
        "left": of(Member).filter(left_on__lt=until["left"]).exclude(name=ANONYMOUS),
        "clue": of(CrossCheck).filter(closed_on__lt=until["clue"]).exclude(value=""),
        "photo": pictures if user is None else pictures.filter(visit__in=of(Visit)),
        "form": of(BureauForm)
        .filter(changed_at__date__lt=until["form"])
        .exclude(fillings__at__date__gte=until["form"]),
    }
    owner = {"closed": "pk", "left": "household", "clue": "household", "photo": "visit__household"}
    return {
        name: (found.exclude(**{f"{owner[name]}__in": held}) if name in owner else found).order_by("pk")
        for name, found in rows.items()
    }


def counts(today, user=None):
    """`{kind: how many rows are over age}`: what a run would do."""
    return {name: rows.count() for name, rows in due(today, user).items()}


def retire(*, today, by, dry_run=True):
    """Anonymise or remove what is over age. `dry_run` only counts. Each household is one transaction with its line in
    the trail; returns `{kind: rows}`."""
    found = due(today)
    if dry_run:
        return counts(today)
    done = dict.fromkeys(found, 0)
    files = []
    with transaction.atomic():
        homes = list(found["closed"].values_list("pk", "region_path"))
        for start in range(0, len(homes), CHUNK):
            files += _anonymise_households([key for key, _ in homes[start : start + CHUNK]])
        _told("household.anonymise", "households.household", homes, by)
        people = list(found["left"].values_list("pk", "region_path", "household"))
        for start in range(0, len(people), CHUNK):
            part = people[start : start + CHUNK]
            _take_names_out(part)
            _anonymise_members(Member.objects.filter(pk__in=[key for key, *_ in part]))
            kept.refresh({home for *_, home in part})
        _told("member.anonymise", "households.member", [(key, path) for key, path, _ in people], by)
        clues = list(found["clue"].values_list("pk", "region_path"))
        done["clue"] = CrossCheck.objects.filter(pk__in=[key for key, _ in clues]).update(
            value="", fact=ANONYMOUS, note=""
        )
        _told("crosscheck.anonymise", "households.crosscheck", clues, by)
        pictures = list(found["photo"].values_list("pk", "file"))
        VisitPhoto.objects.filter(pk__in=[key for key, _ in pictures]).delete()
        files += [name for _, name in pictures]
        done["form"] = _remove_forms(list(found["form"]), years_before(today, dict(_years())["form"]), by)
        done |= {"closed": len(homes), "left": len(people), "photo": len(pictures)}
        record("retention.run", "retention", by=by, **done)
    photos.discard(
        files
    )  # after the commit: a file without a row is only untidy, a row without a file is a hole
    return done


def _years():
    return [(kind.name, years) for kind, years in rules()]


def _remove_forms(forms, until, by):
    """Throw these uploaded forms away with their files, and what is noted of fillings of that time."""
    for form in forms:
        store.remove(form, by=by)
    FormFilling.objects.filter(at__date__lt=until).delete()
    return len(forms)


def _told(action, label, rows, by):
    bulk(action, [(f"{label}:{key}", path, {}) for key, path in rows], by=by)


def _anonymise_households(keys):
    """Blank everything personal of these households; returns the names of photo files to remove."""
    files = list(VisitPhoto.objects.filter(visit__household__in=keys).values_list("file", flat=True))
    VisitPhoto.objects.filter(visit__household__in=keys).delete()
    Household.objects.filter(pk__in=keys).update(
        **dict.fromkeys(HOUSEHOLD, ""), version=models.F("version") + 1
    )
    _anonymise_members(Member.objects.filter(household__in=keys))
    for model, names in BLANKED.items():
        model.objects.filter(household__in=keys).update(**dict.fromkeys(names, ""))
    Doubt.objects.filter(household__in=keys).delete()
    papers = Paper.objects.filter(household__in=keys)
    papers.update(title=ANONYMOUS, unit="", sections=[], version=models.F("version") + 1)
    papers.filter(state=Paper.State.ISSUED).update(issued=[])
    for blank in offers("RETIRING_MODULES", "RETIRING"):
        blank(keys)
    kept.refresh(keys)
    Household.objects.filter(pk__in=keys).update(head_name=ANONYMOUS)
    return files


def _take_names_out(people):
    """Take the names of members who are over age out of the papers of their household, which lives on. `people`:
    `[(member, place, household)]`."""
    names = {}
    for key, name in Member.objects.filter(pk__in=[key for key, *_ in people]).values_list(
        "household", "name"
    ):
        names.setdefault(key, []).append(name)
    changed = []
    for paper in Paper.objects.filter(household__in=names):
        before = (paper.title, paper.sections, paper.issued)
        for name in filter(None, names[paper.household_id]):
            paper.title = paper.title.replace(name, ANONYMOUS)[:120]
            paper.sections, paper.issued = _without(paper.sections, name), _without(paper.issued, name)
        if before != (paper.title, paper.sections, paper.issued):
            paper.version += 1
            changed.append(paper)
    Paper.objects.bulk_update(changed, ["title", "sections", "issued", "version"], batch_size=CHUNK)


def _without(value, name):
    """`value` (lists and dicts of text) with `name` taken out of every text."""
    if isinstance(value, str):
        return value.replace(name, ANONYMOUS)
    if isinstance(value, list):
        return [_without(part, name) for part in value]
    if isinstance(value, dict):
        return {key: _without(part, name) for key, part in value.items()}
    return value


def _anonymise_members(rows):
    keys = list(rows.values_list("pk", flat=True))
    rows = Member.objects.filter(pk__in=keys)
    for year in {born.year for born in rows.values_list("birth", flat=True) if born}:
        rows.filter(birth__year=year).update(birth=date(year, 1, 1))  # ages by year stay what they were
    rows.update(name=ANONYMOUS, **dict.fromkeys(MEMBER, ""))
    MemberYear.objects.filter(member__in=keys).update(**dict.fromkeys(MEMBER_YEAR, ""))


# What is held on one person


@scope.without("hanging")
def held_on(member):
    """`[(table, row, column, value)]` of everything held on this member: their own rows, and those of the household
    that are not another member's. Values as people read them."""
    household = member.household
    found = list(_row(member))
    found += _related(member, {"household", "member", "came_from"})
    found += list(_row(household))
    for relation in sorted(household._meta.related_objects, key=lambda one: one.related_model._meta.label):
        model = relation.related_model
        if model is Member or model._meta.model_name == "searchtoken":
            continue
        rows = model._base_manager.filter(**{relation.field.name: household}).order_by("pk")
        if any(field.name == "member" for field in model._meta.concrete_fields):
            rows = rows.filter(models.Q(member=None) | models.Q(member=member))
        for row in rows:
            found += _row(row)
            found += _related(row, set())
    found += _filed(member)
    return found


def _filed(member):
    """The filed and frozen reports that name this member or the household: which, of when, filed by whom."""
    places = ["", *ancestors_of(member.region_path)]
    copies = (
        FiledCopy.objects.filter(filing__region_path__in=places).select_related("filing", "by").order_by("pk")
    )
    for copy in copies:
        if _names(copy.seen, member):
            words = f"{copy.filing.title}，{copy.filing.unit}，截至 {copy.as_of}，第 {copy.number} 版，{copy.by or ''} 报送"
            yield "报送副本", str(copy.pk), copy.name, words
    frozen = FrozenReport.objects.filter(region_path__in=places).select_related("freeze").order_by("pk")
    for one in frozen:
        if _names(one.seen, member):
            words = f"{one.freeze.unit}，{one.freeze.year} 年，截至 {one.freeze.as_of}"
            yield "年度快照", str(one.pk), one.report, words


def _names(text, member):
    shown = seen.read(text)
    return member.pk in shown.members or member.household_id in shown.households


def _related(row, skipped):
    for relation in row._meta.related_objects:
        if relation.related_model is Member and "came_from" in skipped:
            continue
        if relation.one_to_many or relation.one_to_one:
            for other in relation.related_model._base_manager.filter(**{relation.field.name: row}).order_by(
                "pk"
            ):
                yield from _row(other)


def _row(row):
    name, label = str(row._meta.verbose_name), str(row.pk)
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if value is None or value == "":
            continue
        if field.choices:
            value = getattr(row, f"get_{field.name}_display")()
        elif field.is_relation:
            value = str(getattr(row, field.name))
        yield name, label, str(field.verbose_name), str(value)
