"""A household's life in the book: one table of steps, and one way to take them (domain reference 3.7).

The table is the rule: buttons, the step pages, the server's checks and the tests read it. A step says from which
state it starts, what must be given with it, what must be true (guards), and what it changes. State is the four
axes registry_status, monitor_category, risk_state and policy_status; they change here and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event, record
from fupin.bulk import create, update_rows
from households import codes, lines
from households.actions.register import set_target, touch
from households.models import (
    PERIODS,
    Household,
    Measure,
    MemberYear,
    Notice,
    Objection,
    PostingSetting,
    StatusChange,
)

CHUNK = 500
MONTHS_BEFORE_CLEARING = 6
AXES = (
    "registry_status", "monitor_category", "risk_state", "policy_status", "identified_on", "monitored_on",
    "cleared_on", "risks", "exit_year", "relapse_year", "relapse_cause", "closed_on", "closed_reason",
)  # fmt: skip


class ClearingMode(models.TextChoices):
    """风险消除方式."""

    HELPED = "1", "帮扶消除"
    NATURAL = "2", "自然消除"


@dataclass(frozen=True)
class State:
    """The axes that decide which steps are open."""

    registry: str
    category: str
    risk: str
    policy: str

    @classmethod
    def of(cls, household):
        return cls(
            household.registry_status,
            household.monitor_category,
            household.risk_state,
            household.policy_status,
        )


@dataclass(frozen=True)
class Step:
    """One step. `opens(state)`: whether it may start there. `guards(household, given, facts)` yield what stands in
    the way, in words. `effect(household, given)` changes the row. `asks` names what `data` must bring."""

    name: str
    label: str
    opens: Callable
    effect: Callable
    guards: tuple = ()
    asks: tuple = ()
    needs_reason: bool = False
    needs_document: bool = False
    needs_target: bool = False
    note: str = ""
    icon: str = "check"


@dataclass(frozen=True)
class Given:
    """What the official says with a step."""

    on: date
    reason: str = ""
    document: str = ""
    target: object = None
    category: str = ""
    risks: str = ""
    cause: str = ""
    mode: str = ""
    posted_on: date | None = None
    """When the notice on the village wall went up (公示开始), for the steps that end a 公示."""
    until: date | None = None
    """The last day that `on` may stand for, where a file gives no day but a month."""


@dataclass
class Facts:
    """What guards must know besides the household's own row. Read for many households at once by `facts_of`."""

    labours: list = field(default_factory=list)
    """劳动技能 of the members of today, newest year."""
    has_measure: bool = False
    once_identified: bool = False
    notified: bool = False
    """The household was told how its data is used (告知)."""
    objections: list = field(default_factory=list)
    """`(procedure, raised on, handled on or None)` to its notices."""
    office: object = None
    """The Posting in force at its place."""


def facts_of(ids):
    """`{household: Facts}`, seven queries however many households."""
    found = {key: Facts() for key in ids}
    years = (
        MemberYear.objects.unscoped("hanging")
        .filter(member__household__in=ids, member__left_on=None)
        .order_by("member", "year")
    )
    newest = {}
    for household, member, labour in years.values_list("member__household", "member", "labour"):
        newest[household, member] = labour
    for (household, _), labour in newest.items():
        found[household].labours.append(labour)
    held = (
        Measure.objects.unscoped("hanging")
        .filter(household__in=ids)
        .order_by()
        .values_list("household", flat=True)
        .distinct()
    )
    for household in held:
        found[household].has_measure = True
    steps = StatusChange.objects.filter(household__in=ids, step="identify").order_by()
    for household in steps.values_list("household", flat=True).distinct():
        found[household].once_identified = True
    told = Notice.objects.filter(household__in=ids).order_by().values_list("household", flat=True).distinct()
    for household in told:
        found[household].notified = True
    objections = Objection.objects.filter(household__in=ids).order_by("pk")
    for household, *facts in objections.values_list("household", "procedure", "raised_on", "handled_on"):
        found[household].objections.append(tuple(facts))
    places = Household.objects.unscoped("hanging").filter(pk__in=ids).order_by()
    places = dict(places.values_list("pk", "region_path"))
    offices = PostingSetting.objects.for_places(set(places.values()))
    for household, path in places.items():
        found[household].office = offices[path]
    return found


def shortfalls(household):
    """What is missing of 三保障 and safe water, in words; from the kept columns."""
    names = (
        ("unsafe_house", "住房不安全"),
        ("unsafe_water", "饮水不安全"),
        ("uninsured", "有成员未参加基本医疗保险"),
        ("out_of_school", "有义务教育阶段失学辍学"),
    )
    return [label for name, label in names if getattr(household, name)]


def six_months_after(day):
    """The same day half a year later, or the last day of that month."""
    month = day.month + MONTHS_BEFORE_CLEARING
    year, month = day.year + (month - 1) // 12, (month - 1) % 12 + 1
    for last in range(day.day, 0, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def _guaranteed(household, given, facts):
    for missing in shortfalls(household):
        yield f"“三保障”和饮水安全未达标：{missing}。"


def _income_above_line(household, given, facts):
    if household.per_capita is None:
        return
    line = lines.line_for(household.income_year, household.region_path)
    if line is not None and household.per_capita < line:
        yield f"{household.income_year} 年人均纯收入 {household.per_capita} 元，低于标准线 {line} 元。"


def _income_known(household, given, facts):
    if household.per_capita is None:
        yield "未填人均纯收入，不能判断风险是否消除。"


def _half_a_year(household, given, facts):
    if household.monitored_on and given.on < six_months_after(household.monitored_on):
        yield f"识别后未满 {MONTHS_BEFORE_CLEARING} 个月不得消除（识别于 {household.monitored_on}）。"


def _has_labour(household, given, facts):
    if household.bottom_line or facts.labours and all(value in ("03", "04") for value in facts.labours):
        yield "整户无劳动力的监测对象暂不标注风险消除，应继续落实兜底保障。"


def _helped(household, given, facts):
    if given.mode == ClearingMode.HELPED and not facts.has_measure:
        yield "“帮扶消除”须有帮扶措施，该户还没有登记措施。"


def _category_fits(household, given, facts):
    if given.category == "1" and household.registry_status != "3":
        yield "脱贫不稳定户须为已脱贫的建档立卡户。"
    once = household.exit_year is not None or facts.once_identified
    if given.category == "2" and (household.registry_status != "0" or once):
        yield "边缘易致贫户须从未建档立卡。"


def _not_marginal(household, given, facts):
    if household.monitor_category == "2":
        yield "边缘易致贫户按监测对象帮扶，不再识别为建档立卡户。"


def _told(household, given, facts):
    if not facts.notified:
        yield "还没有登记个人信息告知，请先在“个人信息”页登记告知日期和告知书版本。"


def _identify(household, given):
    household.registry_status = "1"
    household.identified_on = household.identified_on or given.on


def _relapse(household, given):
    household.registry_status, household.relapse_year = "4", given.on.year
    household.relapse_cause, household.policy_status = given.cause, "1"
    if household.monitor_category == "1":
        household.monitor_category = household.risk_state = "0"


def _exit(household, given):
    household.registry_status, household.exit_year = "3", given.on.year
    household.policy_status = "1"


def _monitor(household, given):
    household.monitor_category, household.risk_state = given.category, "1"
    household.monitored_on, household.cleared_on, household.risks = given.on, None, given.risks


def _clear(household, given):
    household.risk_state, household.cleared_on = "2", given.on


def _reopen_risk(household, given):
    household.risk_state, household.monitored_on, household.cleared_on = "3", given.on, None


def _close(household, given):
    household.registry_status, household.closed_on = "9", given.on
    household.closed_reason = given.reason[:200]
    held = household.pairings.filter(starts_on__lte=given.on)
    held.filter(models.Q(ends_on=None) | models.Q(ends_on__gt=given.on)).update(
        ends_on=given.on, end_reason=codes.PairingEnd.HOUSEHOLD, end_note="户已注销"
    )


def _reopen(household, given):
    household.registry_status = status_before_closing(household)
    household.closed_on, household.closed_reason = None, ""


def status_before_closing(household):
    """The registry status that a closed household had; where the history does not say, what its other axes allow."""
    last = household.changes.filter(step="close").order_by("-pk").first()
    told = last.before.get("registry_status") if last else ""
    return told or ("3" if household.monitor_category == "1" or household.exit_year else "0")


def _set(**values):
    def effect(household, given):
        for name, value in values.items():
            setattr(household, name, value)

    return effect


STEPS = [
    Step(
        "identify", "识别为建档立卡户", lambda s: s.registry == "0", _identify, guards=(_not_marginal, _told),
        needs_reason=True, needs_target=True, icon="clipboard-check",
        note="须经户申请、民主评议、两次公示、县级复审并公告。",
    ),
    Step(
        "plan_exit", "列入拟退出", lambda s: s.registry in "14", _set(registry_status="2"), needs_reason=True,
        note="经村两委和驻村工作队核实、户主签字认可后，列为预脱贫并公示。", icon="hourglass",
    ),
    Step(
        "withdraw_exit", "取消拟退出", lambda s: s.registry == "2", _set(registry_status="1"), needs_reason=True,
        note="公示有异议，或核实未达标。", icon="arrow-left",
    ),
    Step(
        "exit", "退出（脱贫）", lambda s: s.registry == "2", _exit, guards=(_guaranteed, _income_above_line),
        needs_document=True, note="公告后销号。收入、“三保障”和饮水安全须达标。",
    ),
    Step(
        "close_out", "有序退出帮扶", lambda s: s.registry == "3" and s.policy != "2", _set(policy_status="2"),
        needs_reason=True, note="综合评估后不再享受帮扶政策，档案保留。", icon="check",
    ),
    Step(
        "resume_support", "恢复享受政策", lambda s: s.registry == "3" and s.policy == "2",
        _set(policy_status="1"), needs_reason=True, icon="heart-handshake",
    ),
    Step(
        "relapse", "返贫认定", lambda s: s.registry == "3", _relapse, asks=("cause",), needs_reason=True,
        needs_target=True, icon="alert-triangle",
    ),
    Step(
        "monitor", "纳入监测", lambda s: s.category == "0" and s.registry in "03", _monitor,
        guards=(_category_fits,), asks=("category", "risks"), needs_reason=True, needs_target=True, icon="eye",
        note="脱贫不稳定户须为已脱贫户，边缘易致贫户须从未建档立卡，突发严重困难户两者都可以。",
    ),
    Step(
        "clear_risk", "风险消除", lambda s: s.risk in "13" and s.registry != "9", _clear,
        guards=(_half_a_year, _guaranteed, _income_known, _has_labour, _helped), asks=("mode",),
        needs_reason=True, note="收入稳定半年以上、刚性支出解决、“三保障”和饮水安全巩固，经评议公示。",
    ),
    Step(
        "reopen_risk", "风险回退", lambda s: s.risk == "2" and s.registry != "9", _reopen_risk, needs_reason=True,
        needs_target=True, note="已消除风险的对象再次出现风险。", icon="alert-triangle",
    ),
    Step(
        "close", "注销", lambda s: s.registry != "9", _close, needs_reason=True, icon="trash",
        note="整户迁出、死亡等，档案保留，不再列入名册。",
    ),
    Step(
        "reopen", "恢复户档案", lambda s: s.registry == "9", _reopen, needs_reason=True, icon="arrow-left",
        note="恢复到注销前的状态。",
    ),
]  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}
LABELS = {step.name: step.label for step in STEPS} | {"create": "建立户档案", "import": "导入"}


def may_advance(household, user):
    """Whether the posts of `user` let them move this household along."""
    paths = user.paths(Permission.STATUS_ADVANCE)
    return any(household.region_path.startswith(path) for path in paths)


def steps_for(household, user):
    """The steps that this user may start now; the page shows one button for each."""
    if not may_advance(household, user):
        return []
    return open_steps(household)


def open_steps(household):
    """The steps that start in the household's state, whoever takes them."""
    state = State.of(household)
    return [step for step in STEPS if step.opens(state)]


def obstacles(step, household, given, facts=None, *, target=True):
    """What forbids the step now, in words: `[(field name or "", message)]`.

    `target=False` leaves a missing target date to the data checks (V50), and does not ask when a notice went up: a file
    that reports what happened elsewhere need not know it.
    """
    if facts is None and (step.guards or posts(step)):
        facts = facts_of([household.pk])[household.pk]
    found = []
    if given.on > timezone.localdate():
        found.append(("on", "日期不能晚于今天。"))
    if step.needs_reason and not given.reason.strip():
        found.append(("reason", "请写明原因或依据。"))
    if step.needs_document and not given.document.strip():
        found.append(("document", "请填写公告或批复的文号。"))
    found += [(name, "此项必填。") for name in step.asks if not getattr(given, name)]
    if target and _ends_assisted(step, household) and _target_missing(household, given):
        found.append(("target", "在帮扶的户须有时限，请填写不早于办理日期的计划脱贫（消除）时限。"))
    if posts(step):
        found += _still_hanging(step, household, given, facts, asked=target)
    for guard in step.guards:
        found += [("", message) for message in guard(household, given, facts)]
    return found


def posts(step):
    """Whether the step ends a 公示 in the village: it may not be taken before the notice has hung its days."""
    return step.name in PERIODS


def posted_since(step, household):
    """When the notice of the step went up, as far as the history says: 列入拟退出 is what puts up that of an exit."""
    if step.name != "exit":
        return None
    return household.changes.filter(step="plan_exit").order_by("-pk").values_list("on", flat=True).first()


def _still_hanging(step, household, given, facts, *, asked):
    """The notice of the step: missing (where it is `asked` for), objected to, or not yet hung for the days that the place
    sets. A day with an open objection does not count."""
    start = given.posted_on or posted_since(step, household)
    told = [(raised, handled) for name, raised, handled in facts.objections if name == step.name]
    if any(handled is None for _, handled in told):
        return [("", f"对“{step.label}”的公示有异议还没有处理：公示期停着，请先在“状态变更”页登记处理结果。")]
    if start is None:
        return [("posted_on", "请填写公示开始日期：公示期满才能办理。")] if asked else []
    words, end = facts.office.hangs(step.name, start, told)
    if (given.until or given.on) > end:
        return []
    stood = "（有异议的日子不计）" if any(handled >= start for _, handled in told) else ""
    return [
        (
            "on",
            f"公示期 {words}{stood}，自 {start} 至 {end}，{end + timedelta(days=1)} 起才能办理“{step.label}”。",
        )
    ]


def _ends_assisted(step, household):
    if step.name == "reopen":
        before = status_before_closing(household)
        return before in "124" or household.risk_state in "13"
    return step.needs_target


def _target_missing(household, given):
    end = given.target.end if given.target else household.target_end
    return end is None or end < given.on


@transaction.atomic
def take(step, household, *, by, on, reason="", document="", **data):
    """Move the household along: the row, the history, the audit event, the derived columns, or nothing.

    `step`: a Step or its name. `data`: target (a Target), category, risks ("01,0201"), cause, mode, posted_on,
    as the step asks. PermissionDenied for who may not; ValidationError with words by field for what stands in the way.
    """
    step = BY_NAME[step] if isinstance(step, str) else step
    household = Household.objects.unscoped("same row").select_for_update(of=("self",)).get(pk=household.pk)
    if not may_advance(household, by):
        raise PermissionDenied
    if not step.opens(State.of(household)):
        raise ValidationError(f"该户当前状态不能办理“{step.label}”。", code="state")
    given = Given(on=on, reason=reason, document=document, **data)
    in_the_way = obstacles(step, household, given)
    if in_the_way:
        raise ValidationError(_by_field(in_the_way))
    before = _axes(household)
    step.effect(household, given)
    household.validate_constraints()
    household.save(update_fields=AXES)
    if given.target:
        set_target(household, target=given.target, reason=reason or step.label, by=by)
    before, after = _moved(before, _axes(household))
    StatusChange.objects.create(
        household=household, step=step.name, on=on, reason=reason[:300], document=document[:60], by=by,
        before=before, after=after | _extra(given),
    )  # fmt: skip
    record(
        f"household.{step.name}", household, by=by, before=before, after=after, on=on.isoformat(),
        document=document,
    )  # fmt: skip
    touch(household, by)
    return household


IN_BULK = {"monitor", "clear_risk", "reopen_risk"}
"""Steps that change the household's own row only, so that they can be taken for many at once."""


@dataclass(frozen=True)
class Move:
    """A step that a file asks for."""

    household: int
    step: str
    given: Given


def attempt(household, move, facts):
    """Try one step on the row in memory: what stands in the way, `[(field name or "", message)]`; if nothing does,
    the row is changed. Nothing is written."""
    step = BY_NAME[move.step]
    if not step.opens(State.of(household)):
        return [("", f"该户当前状态不能办理“{step.label}”。")]
    found = obstacles(step, household, move.given, facts, target=False)
    if not found:
        step.effect(household, move.given)
    return found


@transaction.atomic
def take_many(moves, *, by):
    """Take steps for many households, in the order given: rows, history and audit, or nothing. For imports.

    The steps are those of IN_BULK; a missing target date does not stop them. The same guards as `take`, over locked
    rows and facts read anew: ValidationError where one refuses, PermissionDenied for a household out of reach. The
    caller checks and refreshes the households afterwards. Returns the ids that changed.
    """
    assert all(move.step in IN_BULK for move in moves)
    ids = sorted({move.household for move in moves})
    rows, known = {}, {}
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        rows |= {
            row.pk: row
            for row in Household.objects.unscoped("same row")
            .select_for_update(of=("self",))
            .filter(pk__in=chunk)
            .order_by("pk")
        }
        known |= facts_of(chunk)
    paths = tuple(by.paths(Permission.STATUS_ADVANCE))
    if any(not row.region_path.startswith(paths) for row in rows.values()):
        raise PermissionDenied
    history, trail = [], []
    for move in moves:
        household = rows[move.household]
        before = _axes(household)
        in_the_way = attempt(household, move, known[move.household])
        if in_the_way:
            raise ValidationError([f"{household.number}：{message}" for _, message in in_the_way])
        before, after = _moved(before, _axes(household))
        history.append((move, before, after))
        trail.append(event(
            f"household.{move.step}", household, by=by, before=before, after=after,
            on=move.given.on.isoformat(), document=move.given.document,
        ))  # fmt: skip
    now = timezone.now()
    update_rows(
        Household, (*AXES, "version", "updated_at", "updated_by"),
        [(*(getattr(row, name) for name in AXES), row.version + 1, now, by.pk, row.pk) for row in rows.values()],
    )  # fmt: skip
    create(
        [
            StatusChange(
                household_id=move.household, step=move.step, on=move.given.on, reason=move.given.reason[:300],
                document=move.given.document[:60], by=by, before=before, after=after | _extra(move.given),
            )
            for move, before, after in history
        ]
    )  # fmt: skip
    AuditEvent.objects.bulk_create(trail, batch_size=CHUNK)
    return set(rows)


def _moved(before, after):
    """The axes that differ, of both."""
    names = sorted(name for name in AXES if before[name] != after[name])
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _axes(household):
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in ((name, getattr(household, name)) for name in AXES)
    }


def _extra(given):
    extra = {"mode": given.mode} if given.mode else {}
    return extra | ({"posted_on": given.posted_on.isoformat()} if given.posted_on else {})


def _by_field(found):
    errors = {}
    for name, message in found:
        errors.setdefault(name or "__all__", []).append(message)
    return errors
