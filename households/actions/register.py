"""Saving a household with its members and the facts of one data year, in one transaction.

`snapshot()` is the household of one year as flat `{key: value}`; the form fills from it, the audit event is the
difference of two of them, and two officials' versions are compared by it. Keys: `h.phone` (household),
`m12.name` (member 12, and its year), `c.farmland` (condition), `i.wage` (income), `l.L01` (a line of the income, by
the item's code), `k.main` (causes).
"""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from fupin.accounts.pii import field_class, masked
from fupin.audit.record import record
from fupin.filing import closed
from fupin.regions import scope
from fupin.regions.models import Region
from fupin.schedule import columns
from households import checks, kept, stats
from households.actions import income as income_lines
from households.actions.workplaces import counties_in
from households.idcard import normalise
from households.models import (
    Condition,
    Household,
    HouseholdCause,
    HouseholdMove,
    Income,
    IncomeItem,
    Member,
    MemberYear,
    StatusChange,
    TargetChange,
)

HOUSEHOLD_FIELDS = (
    "number", "region", "address", "phone", "bank_name", "bank_account", "standard", "identified_on",
    "legacy_attribute", "policy_status", "not_exit_reason", "risks", "bottom_line", "military_family",
    "relocated", "relocation_site", "relocation_address", "relocation_mode", "settlement", "settlement_place",
    "relocation_difficulties", "needs", "remark",
)  # fmt: skip
YEARLY = ("legacy_attribute", "not_exit_reason", "bottom_line", "needs")
"""Fields of the household that change by year: the year's value stands in its Condition, the household row holds
that of its newest year."""
MEMBER_FIELDS = (
    "name", "relation", "id_type", "id_number", "sex", "birth", "ethnic", "phone", "member_no",
    "joined_on", "joined_event", "left_on", "left_event",
)  # fmt: skip
YEAR_FIELDS = (
    "education", "school", "health", "labour", "dropout_reason", "politics", "marriage", "living",
    "disability_kind", "disability_level", "disability_no", "disability_year",
    "medical_resident", "medical_employee", "medical_critical", "medical_aid",
    "pension_resident", "pension_employee", "pension_received", "accident_insured", "commercial_insured",
    "dibao", "tekun", "orphan", "de_facto_orphan", "military", "activist", "putonghua",
    "work_area", "work_months", "work_place", "work_company", "work_industry", "job_channel", "work_income", "abroad",
    "post_kind", "post_months", "workshop", "leader", "training", "training_on", "certificate", "health_help",
    "graduate_job", "graduate_reason",
)  # fmt: skip
CONDITION_FIELDS = (
    "residence", "house_area", "structure", "dangerous", "danger_level", "renovation_year", "renovation_subsidy",
    "road_distance", "road_kind", "power_living", "power_production", "broadcast", "water_kind", "water_difficult",
    "water_safe", "water_solved", "toilet", "fuel", "farmland", "irrigated", "forest", "returned_forest", "orchard",
    "pasture", "water_surface", "cooperative", "cooperative_name", "enterprise_led", "enterprise_name", "leader_led",
    "leader_name", "dibao", "tekun", "guarantees",
    "self_paid_medical", "collector", "collected_on", "signed", "note",
)  # fmt: skip
INCOME_FIELDS = (
    "wage", "operating", "property", "transfer", "expense", "stated_net", "period_start", "period_end",
)  # fmt: skip

BLANKED = {
    "c.collected_on", "c.collector", "c.signed", "c.self_paid_medical", "work_income", "training", "training_on",
    "certificate",
}  # fmt: skip
"""What a new data year does not take over from the last one; income never is."""

_MODELS = {"h": (Household,), "c": (Condition,), "i": (Income,), "m": (Member, MemberYear)}
_CAUSE_LABELS = {"k.main": "主要致贫原因", "k.others": "其他致贫原因", "k.note": "致贫原因说明"}


class Stale(Exception):
    """Somebody else saved the household since it was read."""


def field_of(key):
    """The model field behind a snapshot key, None for causes."""
    part, _, name = key.partition(".")
    for model in _MODELS.get(part[:1], ()):
        if name in {field.name for field in model._meta.fields}:
            return model._meta.get_field(name)
    return None


def label_of(key):
    """The Chinese name of a snapshot key."""
    if key.startswith("l."):
        item = IncomeItem.objects.filter(code=key[2:]).order_by("pk").first()
        return f"收入明细：{item.label if item else key[2:]}"
    field = field_of(key)
    return str(field.verbose_name) if field is not None else _CAUSE_LABELS.get(key, key)


def personal_class(key):
    """The class of personal data behind a key, or None."""
    field = field_of(key)
    return None if field is None else getattr(field.model, "PII", {}).get(field.name)


def plain(value):
    """One text per value, equal for equal facts: what two versions are compared by."""
    if value is None:
        return ""
    if value is True or value is False:
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Region):
        return str(value.pk)
    return str(value)


def sealed(key, value):
    """`plain(value)` fit to leave the server: personal values as mask and keyed digest, never whole."""
    text, kind = plain(value), personal_class(key)
    if kind is None or not text:
        return text
    return f"{masked(kind, text)}\x00{salted_hmac('households.snapshot', text).hexdigest()[:16]}"


def snapshot(household, year):
    """The household in data year `year`, whoever left included."""
    values = {f"h.{name}": getattr(household, name) for name in HOUSEHOLD_FIELDS}
    values["h.region"] = household.region_id
    members = list(household.members.order_by("left_on", "order", "pk"))
    years = {
        row.member_id: row
        for row in MemberYear.objects.unscoped("hanging").filter(member__household=household, year=year)
    }
    for member in members:
        values |= {f"m{member.pk}.{name}": getattr(member, name) for name in MEMBER_FIELDS}
        row = years.get(member.pk)
        values |= {f"m{member.pk}.{name}": getattr(row, name, _empty(name)) for name in YEAR_FIELDS}
    conditions = {row.year: row for row in household.conditions.filter(year__gte=year)}
    condition = conditions.get(year) or Condition()
    values |= _yearly(household, condition, newest=not conditions.keys() - {year})
    values |= {f"c.{name}": getattr(condition, name) for name in CONDITION_FIELDS}
    income = household.incomes.filter(year=year).first() or Income()
    values |= {f"i.{name}": getattr(income, name) for name in INCOME_FIELDS}
    if income.pk:
        values |= {f"l.{code}": amount for code, amount in income_lines.lines_of(household, year).items()}
    causes = list(household.causes.filter(year=year).order_by("rank"))
    values["k.main"] = "".join(row.cause for row in causes if row.rank == 0)
    values["k.others"] = ",".join(sorted(row.cause for row in causes if row.rank))
    values["k.note"] = "".join(row.note for row in causes if row.rank == 0)
    return values


def _yearly(household, condition, newest):
    """The year's own values; of the newest year those of the household row, where the year says nothing."""
    found = {}
    for name in YEARLY:
        value = getattr(condition, name)
        found[f"h.{name}"] = getattr(household, name) if newest and value in (None, "") else value
    return found


def _is_newest(household, year):
    return not household.conditions.filter(year__gt=year).exists()


def _empty(name):
    return MemberYear._meta.get_field(name).get_default()


def last_year_facts(household, year):
    """Keys and values that a data year without any entry takes over from the newest year before it; the year
    they come from, or None. Income, dates and who collected stay blank."""
    held = any(
        rows.filter(year=year).exists()
        for rows in (
            household.conditions,
            household.causes,
            MemberYear.objects.unscoped("hanging").filter(member__household=household),
        )
    )
    if held:
        return None, {}
    years = [
        rows.filter(year__lt=year).aggregate(last=Max("year"))["last"]
        for rows in (
            household.conditions,
            MemberYear.objects.unscoped("hanging").filter(member__household=household),
        )
    ]
    last = max((year for year in years if year), default=None)
    if last is None:
        return None, {}
    facts = snapshot(household, last)
    return last, {
        key: value
        for key, value in facts.items()
        if key[0] in "ck" and key not in BLANKED or _year_key(key) and key.partition(".")[2] not in BLANKED
    }


def _year_key(key):
    return key[0] == "m" and key.partition(".")[2] in YEAR_FIELDS


@scope.without("unique")
def local_number(village_path):
    """The next number of our own for a household that has none from the national system yet."""
    return local_numbers(village_path, 1)[0]


@scope.without("unique")
def local_numbers(village_path, count):
    """The next `count` of them. Call inside the action's transaction: the village's row is locked, so two clerks
    never draw the same."""
    list(Region.objects.select_for_update().filter(path=village_path).order_by("pk"))
    prefix = f"L{village_path}"
    last = (
        Household.objects.unscoped("hanging")
        .filter(number__startswith=prefix)
        .aggregate(last=Max("number"))["last"]
    )
    serial = int(last[len(prefix) :]) if last and last[len(prefix) :].isdigit() else 0
    return [f"{prefix}{serial + n:04}" for n in range(1, count + 1)]


@transaction.atomic
def save_household(
    *, by, year, today, fields, members=(), condition=None, income=None, lines=None, causes=None, cause_note="",
    household=None, version=None, target=None, target_reason="",
):  # fmt: skip
    """Create a household (`household` None) or change it, with its members and one year's facts.

    `fields`, `condition`, `income`: values by model field name. `lines`: {code of an IncomeItem: yuan or None}; a
    total that `income` leaves blank is their sum. `members`: dicts of Member and MemberYear
    values; `pk` names an existing member, whoever is not named stays as they are, who leaves gets `left_on`
    and `left_event`. `causes`: codes, the main one first. `target`: a `fupin.schedule.Target`.
    Raises Stale when the household is no longer at `version`, ValidationError when the county has frozen the year;
    nothing is written then.
    """
    created = household is None
    closed.ensure_open(fields["region"].path if created else household.region_path, year)
    before = {} if created else snapshot(household, year)
    own_year = {name: fields[name] for name in YEARLY if name in fields} if condition is not None else {}
    if created:
        household = _create(fields, by=by, today=today)
    else:
        if condition is not None and not _is_newest(household, year):
            fields = {name: value for name, value in fields.items() if name not in YEARLY}
        _update(household, version, fields, by=by, today=today)
    _save_members(household, members, year=year, today=today)
    if condition is not None:
        _save_year(Condition, household, year, {**condition, **own_year})
    if income is not None:
        _save_income(household, year, income, lines, today=today)
    if causes is not None:
        _save_causes(household, year, causes, cause_note)
    if target is not None:
        set_target(household, target=target, reason=target_reason, by=by)
    kept.refresh(checks.check([household.pk], today=today), today=today)
    household.refresh_from_db()
    record(
        "household.create" if created else "household.edit", household, by=by, year=year,
        changes=changes(before, snapshot(household, year)),
    )  # fmt: skip
    return household


def changes(before, after):
    """`[[name, before, after]]` of what differs, personal values masked, for the audit event."""
    found = []
    for key in sorted(before.keys() | after.keys()):
        old, new = sealed(key, before.get(key)), sealed(key, after.get(key))
        if old != new:
            found.append([_event_name(key), old.partition("\x00")[0], new.partition("\x00")[0]])
    return found


def _event_name(key):
    part = key.partition(".")[0]
    return f"成员 {part[1:]} {label_of(key)}" if part[0] == "m" else label_of(key)


def _create(fields, *, by, today):
    region = fields["region"]
    household = Household(**fields, region_path=region.path, updated_by=by)
    household.number = household.number or local_number(region.path[:12])
    household.save(force_insert=True)
    StatusChange.objects.create(
        household=household,
        step="create",
        after={"registry_status": household.registry_status},
        on=today,
        by=by,
    )
    return household


def _update(household, version, fields, *, by, today):
    """One conditional UPDATE: of two who read the same version, the second changes nothing."""
    left, origin = household.region_path[:12], household.region_id
    moved = fields.get("region") is not None and fields["region"].path != household.region_path
    values = {**fields, "version": F("version") + 1, "updated_at": timezone.now(), "updated_by": by}
    if not values.get("number", "x"):
        values["number"] = household.number
    if moved:
        values["region_path"] = fields["region"].path
    if "identified_on" in values and values["identified_on"] != household.identified_on:
        values["identified_text"] = ""  # the words of a file about another day
    if not Household.objects.unscoped("same row").filter(pk=household.pk, version=version).update(**values):
        raise Stale
    household.refresh_from_db()
    if moved:
        carry_place(household)
        HouseholdMove.objects.create(
            household=household, origin_id=origin, target=household.region, on=today,
            reason="在户信息表中更改所在村组", by=by,
        )  # fmt: skip
        if household.region_path[:12] != left:
            stats.recount([left])


@scope.without("same row")
def carry_place(household):
    """Every row of a household names its place itself, so that lists need no joins: a move takes them along."""
    for relation in Household._meta.related_objects:
        model = relation.related_model
        if any(field.name == "region_path" for field in model._meta.fields):
            model._default_manager.filter(**{relation.field.name: household.pk}).update(
                region_path=household.region_path
            )


def _save_members(household, rows, *, year, today):
    held = {member.pk: member for member in household.members.order_by("pk")}
    chosen = [(held[row["pk"]] if row.get("pk") else Member(household=household), row) for row in rows]
    freed = [
        member.pk
        for member, row in chosen
        if member.pk and member.id_number and (row.get("left_on") or row.get("id_number") != member.id_number)
    ]
    Member.objects.unscoped("hanging").filter(pk__in=freed).update(
        id_number=""
    )  # so that two members may swap their numbers
    last = max((member.order for member in held.values()), default=0)
    for member, row in chosen:
        for name in MEMBER_FIELDS:
            if name in row:
                setattr(member, name, row[name])
        if not member.pk:
            last += 1
            member.order = row.get("order") or last
        member.region_path = household.region_path
        member.save()
        facts = {name: row[name] for name in YEAR_FIELDS if name in row}
        if "work_place" in facts:
            facts["work_county"] = county_of(facts["work_place"])
        _save_year(MemberYear, member, year, facts, owner="member")


@scope.without("hanging")
def _save_year(model, owner_row, year, values, owner="household"):
    """Write one year's row; a year about which nothing is known gets none."""
    found = model.objects.filter(**{owner: owner_row, "year": year}).first()
    if found is None and not any(value not in (None, "") for value in values.values()):
        return None
    row = found or model(**{owner: owner_row, "year": year})
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def county_of(place):
    """The six digits of the one county that the words name, else ""."""
    found = counties_in(place) if place else {}
    return next(iter(found)) if len(found) == 1 else ""


def _save_income(household, year, values, lines, *, today):
    lines = lines or {}
    items = income_lines.items_for(household.region_path, year, lines) if lines else []
    filled = income_lines.sums(items, lines)
    values = {**values, **{name: total for name, total in filled.items() if values.get(name) is None}}
    row = _save_year(Income, household, year, values)
    if row is None and any(amount is not None for amount in lines.values()):  # only lines that do not count
        row = Income.objects.create(household=household, year=year)
    if row is None:
        return
    income_lines.save_lines(row, items, lines)
    if year >= today.year or not row.persons:
        row.persons = persons_at(household, min(date(year, 12, 31), today))
        row.save(update_fields=["persons"])


def persons_at(household, day):
    """Members on `day`: who had joined and not left."""
    return sum(
        (joined is None or joined <= day) and (left is None or left > day)
        for joined, left in household.members.values_list("joined_on", "left_on").order_by("pk")
    )


def _save_causes(household, year, causes, note):
    household.causes.filter(year=year).delete()
    HouseholdCause.objects.bulk_create(
        HouseholdCause(household=household, year=year, rank=rank, cause=cause, note=note if rank == 0 else "")
        for rank, cause in enumerate(causes)
    )


def set_target(household, *, target, reason, by):
    """Write the target date into the row and keep the old one. The caller records the event and the version."""
    if household.target_end is not None or household.target_text:
        if (household.target_text, household.target_end) == (target.text, target.end):
            return
        if not reason.strip():
            raise ValidationError("调整时限须填写原因。", code="reason")
    TargetChange.objects.create(
        household=household, before_text=household.target_text, before_end=household.target_end,
        after_text=target.text, after_end=target.end, reason=reason.strip() or "首次设定", by=by,
    )  # fmt: skip
    for name, value in columns(target, "target").items():
        setattr(household, name, value)
    household.save(update_fields=["target_text", "target_end", "target_precision"])


@transaction.atomic
def move_target(household, *, target, by, reason=""):
    """Set or move the target date (计划脱贫、消除时限). The old one is kept; moving it needs a reason."""
    household = Household.objects.unscoped("same row").select_for_update(of=("self",)).get(pk=household.pk)
    before = household.target_text
    set_target(household, target=target, reason=reason, by=by)
    touch(household, by)
    record("household.target", household, by=by, before=before, after=target.text, reason=reason.strip())
    return household


def touch(household, by):
    """A change outside the form: whoever has the form open is told, and the derived columns follow."""
    Household.objects.unscoped("same row").filter(pk=household.pk).update(
        version=F("version") + 1, updated_at=timezone.now(), updated_by=by
    )
    kept.refresh(checks.check([household.pk]))
    household.refresh_from_db()


def unmasked(owner, name, typed, also=()):
    """What a typed personal field means: the stored value when it still shows its mask (or one of the masks in
    `also`, which the typist saw), else what was typed. Raises when a mask is neither."""
    stored = getattr(owner, name, "") or ""
    if "*" not in typed and "＊" not in typed:
        return typed
    kind = field_class(owner, name)
    if stored and normalise(typed) in {normalise(text) for text in (masked(kind, stored), *also)}:
        return stored
    raise ValidationError("含有 *，不是完整的号码。请填写完整，或恢复原样。")
