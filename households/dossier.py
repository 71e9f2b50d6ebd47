"""Everything known about one household, gathered for one data year: what the detail page and its print show.

A fixed number of queries however many members, years, measures or visits there are.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F, OuterRef, Window
from django.db.models.functions import RowNumber

from fupin.accounts.pii import FieldClass, class_of
from fupin.audit.models import AuditEvent
from fupin.audit.record import name_of
from fupin.regions.models import Region, ancestors_of
from fupin.schedule import SOON_DAYS, deadline
from households import codes, lines, quota
from households.actions.crosschecks import judged
from households.actions.income import TOTALS
from households.forms.entry import CONDITION_GROUPS
from households.forms.members import DETAILS
from households.lifecycle import LABELS
from households.models import (
    Condition,
    FollowUp,
    HouseholdCause,
    Income,
    IncomeGroup,
    IncomeLine,
    Measure,
    Member,
    MemberYear,
    Pairing,
    Visit,
)

VISITS_SHOWN = 10
EVENTS_SHOWN = 10
UNKNOWN = "未填"
RELOCATION = (
    "relocated", "relocation_site", "relocation_address", "relocation_mode", "settlement", "settlement_place",
    "relocation_difficulties",
)  # fmt: skip
SEVERAL = {
    "guarantees": codes.Guarantee, "needs": codes.Need, "relocation_difficulties": codes.RelocationDifficulty,
}  # fmt: skip
"""Columns that hold several codes, and their tables."""

ELSEWHERE = {"id_type", "sex", "birth", "phone", "disability_no", "left_on", "left_event"}
"""Fields of a member that the page shows in the table above, masked, or of who left."""


def told(row, name):
    """A column of a row in words; 未填 where nothing stands there."""
    value = getattr(row, name)
    if value is None or value == "":
        return UNKNOWN
    if value is True or value is False:
        return "是" if value else "否"
    if name in SEVERAL:
        return "、".join(
            SEVERAL[name](code).label for code in value.split(",") if code in SEVERAL[name].values
        )
    if hasattr(row, f"get_{name}_display"):
        return getattr(row, f"get_{name}_display")()
    if hasattr(value, "normalize"):
        return f"{value.normalize():f}"
    return value.isoformat() if hasattr(value, "isoformat") else value


def label_of(row, name):
    return str(row._meta.get_field(name).verbose_name)


@dataclass(frozen=True)
class Stage:
    """One node of the course: its words, a date or what stands under it, and "done", "cur", "late" or ""."""

    label: str
    note: str = ""
    state: str = ""


@dataclass(frozen=True)
class Check:
    """One of 两不愁三保障: whether it holds (None: 未填), and in words."""

    label: str
    holds: bool | None
    words: str


class Dossier:
    """`Dossier(household, today=, year=)`; `visits_shown` None shows all visits; `year` None means the newest data year there is.

    Everything is read on first use, so a page that leaves a part out does not pay for it.
    """

    def __init__(self, household, *, today, year=None, visits_shown=VISITS_SHOWN):
        self.household, self.today, self.visits_shown = household, today, visits_shown
        self._year = year

    @cached_property
    def places(self):
        """`[(name, path)]` from the county down to the group."""
        path = self.household.region_path
        names = Region.objects.names([path])
        return [(names[p], p) for p in sorted(names) if len(p) >= 6]

    @property
    def place(self):
        return " ".join(name for name, _ in self.places[1:])

    # The year

    @cached_property
    def years(self):
        """Data years with anything in them, newest first."""
        found = {row.year for row in self.incomes} | {row.year for row in self._conditions}
        found |= {row.year for row in self._causes} | {row.year for row in self._member_years}
        return sorted(found, reverse=True)

    @cached_property
    def year(self):
        if self._year in self.years:
            return self._year
        return self.years[0] if self.years else self.today.year

    @property
    def words(self):
        """The words of the era of the data year."""
        return {concept: codes.era_label(concept, self.year) for concept in codes.ERA_LABELS}

    def _newest(self, rows):
        """The rows of the newest year not after the chosen one."""
        years = [row.year for row in rows if row.year <= self.year]
        return [row for row in rows if years and row.year == max(years)]

    # People

    @cached_property
    def _member_years(self):
        return list(
            MemberYear.objects.unscoped("hanging")
            .filter(member__household=self.household)
            .order_by("member", "-year")
        )

    @cached_property
    def _member_rows(self):
        rows = self.household.members.annotate(
            moved_to=Member.objects.unscoped("hanging")
            .filter(came_from=OuterRef("pk"))
            .values("household")[:1],
            moved_from=F("came_from__household"),
        )
        return list(rows.order_by("order", "pk"))

    @cached_property
    def _people(self):
        held = {}
        for row in self._member_years:
            if row.year <= self.year:
                held.setdefault(row.member_id, row)
        return [(member, held.get(member.pk)) for member in self._member_rows]

    @cached_property
    def members(self):
        """`[Person]` of today."""
        return [Person(m, y, self.today) for m, y in self._people if m.left_on is None]

    @cached_property
    def gone(self):
        """Members who left, with date and reason on the row."""
        return [m for m, _ in self._people if m.left_on is not None]

    # Why, how, and against which line

    @cached_property
    def _causes(self):
        return list(self.household.causes.order_by("-year", "rank"))

    @property
    def causes(self):
        return self._newest(self._causes)

    @cached_property
    def earlier_causes(self):
        """`[(year, [cause])]` of the other years, newest first."""
        shown = {row.year for row in self.causes}
        years = dict.fromkeys(row.year for row in self._causes if row.year not in shown)
        return [(year, [row for row in self._causes if row.year == year]) for year in years]

    @cached_property
    def _conditions(self):
        return list(self.household.conditions.order_by("-year"))

    @property
    def condition(self):
        found = self._newest(self._conditions)
        return found[0] if found else None

    def of_year(self, name):
        """A field that changes by year (`actions.register.YEARLY`): the newest value known in the data year."""
        values = (getattr(row, name) for row in self._conditions if row.year <= self.year)
        known = [value for value in values if value not in (None, "")]
        if known:
            return known[0]
        return getattr(self.household, name) if self.year == self._newest_year else None

    @property
    def _newest_year(self):
        return self.years[0] if self.years else self.today.year

    @property
    def legacy_attribute(self):
        """贫困户属性 of the data year, in words."""
        return dict(codes.LegacyAttribute.choices).get(self.of_year("legacy_attribute"), "")

    @property
    def not_exit_reason(self):
        return dict(codes.NotExitReason.choices).get(self.of_year("not_exit_reason"), "")

    @property
    def bottom_line(self):
        return {True: "是", False: "否", None: UNKNOWN}[self.of_year("bottom_line")]

    @property
    def party_poor(self):
        """贫困党员家庭: on the way out of poverty, with a party member among those at home."""
        party = (codes.Politics.PARTY, codes.Politics.PROBATIONARY)
        return self.household.registry_status in "124" and any(
            p.year is not None and p.year.politics in party for p in self.members
        )

    @cached_property
    def sheet(self):
        """`[(title, [(label, words)])]`: everything that the form asks about relocation and living conditions."""
        h, condition = self.household, self.condition
        found = [("易地搬迁", [(label_of(h, name), told(h, name)) for name in RELOCATION])]
        if condition is not None:
            groups = [*CONDITION_GROUPS, ("兜底", ("guarantees",))]
            found += [
                (title, [(label_of(condition, n), told(condition, n)) for n in names])
                for title, names in groups
            ]
        return found

    @property
    def guarantees(self):
        held = self.condition.guarantees.split(",") if self.condition else []
        labels = dict(codes.Guarantee.choices)
        return [labels[code] for code in held if code in labels]

    @cached_property
    def _income_rows(self):
        return list(self.household.incomes.order_by("year"))

    @cached_property
    def _known_lines(self):
        return lines.all_lines()

    @cached_property
    def incomes(self):
        """Incomes of all years, oldest first, each with its `line` (yuan per head, or None) and `below`."""
        rows = self._income_rows
        known = self._known_lines if rows else []
        for row in rows:
            row.line = lines.line_for(row.year, self.household.region_path, known)
            row.below = row.line is not None and row.per_capita is not None and row.per_capita < row.line
            row.parts = _parts(row, self._income_lines.get(row.pk, []))
        return rows

    @cached_property
    def _income_lines(self):
        """`{income: [line]}` of all years."""
        found = {}
        rows = IncomeLine.objects.filter(income__household=self.household).select_related("item")
        for row in rows.order_by("item__sort", "item__code"):
            found.setdefault(row.income_id, []).append(row)
        return found

    @property
    def itemised(self):
        """The incomes with lines, newest first."""
        return [row for row in reversed(self.incomes) if row.parts]

    @property
    def income(self):
        found = self._newest(self.incomes)
        return found[0] if found else None

    @property
    def newest_below(self):
        """Whether the newest income stands below its line."""
        return bool(self.incomes) and self.incomes[-1].below

    @property
    def income_chart(self):
        """What the chart `hhincome` draws: yuan of the whole household, and per head. Unknown years stay out."""
        rows = [row for row in self.incomes if row.net is not None]
        parts = (("工资性", "wage"), ("经营性", "operating"), ("财产性", "property"), ("转移性", "transfer"))
        return {
            "year": [str(row.year) for row in rows],
            "parts": [
                {"name": label, "v": [float(getattr(row, name) or 0) for row in rows]}
                for label, name in parts
            ],
            "total": [float(row.net) for row in rows],
            "per": [float(row.per_capita or 0) for row in rows],
            "std": [float(row.line * row.persons) if row.line else None for row in rows],
        }

    @cached_property
    def checks(self):
        """两不愁三保障 and income, as the kept columns and the newest year say. The two 不愁 are not recorded."""
        h, condition, income = self.household, self.condition, self.incomes[-1] if self.incomes else None
        insured = [p.insured for p in self.members if p.insured is not None]
        water = condition and next(
            (v for v in (condition.water_safe, condition.water_solved) if v is not None), None
        )
        house = None if condition is None or condition.dangerous is None else not h.unsafe_house
        return [
            Check("义务教育", not h.out_of_school if self.members else None, "有失学辍学" if h.out_of_school else "无失学辍学"),
            Check("基本医疗", not h.uninsured if insured else None, f"{sum(insured)} 人参保" if insured else "未填"),
            Check("住房安全", house, "未填" if house is None else "安全" if house else "危房未改造"),
            Check("饮水安全", None if water is None else not h.unsafe_water, "未填" if water is None else "安全" if not h.unsafe_water else "未达标"),
            Check(
                "收入", None if income is None or income.line is None or income.per_capita is None else not income.below,
                f"{income.year} 年人均 {income.per_capita:,.0f} 元" if income and income.per_capita is not None else "未填",
            ),
        ]  # fmt: skip

    @property
    def needs(self):
        labels = dict(codes.Need.choices)
        return [labels[code] for code in (self.of_year("needs") or "").split(",") if code in labels]

    @property
    def risks(self):
        labels = dict(codes.Risk.choices)
        return [labels[code] for code in self.household.risks.split(",") if code in labels]

    # What is done, by whom

    @cached_property
    def _measure_rows(self):
        return list(self.household.measures.select_related("helper").order_by("target_end", "pk"))

    @cached_property
    def measures(self):
        """Measures with their `dl`, open ones by target date first, then the finished."""
        rows = self._measure_rows
        for row in rows:
            row.dl = deadline(row.target_end, self.today, done_on=row.done_on, soon=SOON_DAYS["measure"])
            row.edge = {"over": "is-late", "soon": "is-soon"}.get(row.dl.standing, "")
        return sorted(rows, key=lambda row: row.done_on is not None)

    @property
    def measures_late(self):
        return sum(row.edge == "is-late" for row in self.measures)

    @cached_property
    def _pairing_rows(self):
        return list(self.household.pairings.select_related("helper").order_by("order", "-starts_on", "pk"))

    @cached_property
    def pairings(self):
        """`(current, past)`"""
        rows = self._pairing_rows
        now = [
            r for r in rows if r.starts_on <= self.today and (r.ends_on is None or r.ends_on >= self.today)
        ]
        return now, [row for row in rows if row not in now]

    @cached_property
    def _visit_rows(self):
        rows = self.household.visits.filter(cancelled_reason="").prefetch_related("helpers", "photos")
        return list(rows.order_by("-on", "-pk")[: self.visits_shown])

    @cached_property
    def visits(self):
        """The newest visits with their helpers, photos and follow-ups."""
        rows = self._visit_rows
        for row in rows:
            row.todo = [todo for todo in self.follow_ups if todo.visit_id == row.pk]
        return rows

    @cached_property
    def visit_count(self):
        return self.household.visits.filter(cancelled_reason="").count()

    @cached_property
    def _follow_up_rows(self):
        rows = FollowUp.objects.unscoped("hanging").filter(household=self.household)
        return list(rows.select_related("helper").order_by("due_end", "pk"))

    @cached_property
    def follow_ups(self):
        rows = self._follow_up_rows
        for row in rows:
            row.dl = deadline(row.due_end, self.today, done_on=row.closed_on, soon=SOON_DAYS["follow_up"])
        return rows

    @property
    def open_follow_ups(self):
        return [row for row in self.follow_ups if row.closed_on is None]

    @property
    def visit_due(self):
        """The Deadline of the next visit, None when none is owed."""
        due = quota.next_due(self.household, self.today)
        return deadline(due, self.today, soon=quota.SOON_DAYS) if due else None

    @property
    def visit_rule(self):
        return quota.rule_for(self.household)

    # Where it stands

    @property
    def target(self):
        """The Deadline of 计划脱贫（消除）时限 for a household under assistance, else None."""
        if not self.household.is_assisted:
            return None
        return deadline(self.household.target_end, self.today, soon=SOON_DAYS["household"])

    @cached_property
    def target_changes(self):
        return list(self.household.target_changes.select_related("by").order_by("-pk"))

    @cached_property
    def changes(self):
        rows = list(self.household.changes.select_related("by").order_by("-on", "-pk"))
        for row in rows:
            row.step_label = LABELS.get(row.step, row.step)
        return rows

    @cached_property
    def moves(self):
        """Where the household lived before, newest first."""
        return list(self.household.moves.select_related("origin", "target", "by").order_by("-on", "-pk"))

    @cached_property
    def stages(self):
        """The course of the household in the book, then under monitoring."""
        made = _registry_stages(self.household) + _monitor_stages(self.household)
        if self.household.registry_status == "9":
            made = [s if s.state == "done" else Stage(s.label, s.note) for s in made]
            made.append(Stage("注销", _day(self.household.closed_on), "cur"))
        target = self.target
        if target and target.standing == "over":
            made = [Stage(s.label, s.note, "late") if s.state == "cur" else s for s in made]
        return made

    @cached_property
    def doubts(self):
        return list(self.household.doubt_rows.select_related("member").order_by("explained", "rule", "pk"))

    @cached_property
    def crosschecks(self):
        """Clues of bureaus' lists, open ones first, each with its Deadline in `dl`."""
        rows = self.household.crosschecks.select_related("member").order_by("closed_on", "due_end", "pk")
        return sorted((judged(row, self.today) for row in rows), key=lambda row: row.closed_on is not None)

    @cached_property
    def events(self):
        return list(
            AuditEvent.objects.unscoped("hanging")
            .filter(target=name_of(self.household))
            .select_related("user")
            .order_by("-pk")[:EVENTS_SHOWN]
        )


def dossiers(households, *, today, visits_shown=VISITS_SHOWN):
    """`[Dossier]` of these households, in their order, for what a printed sheet shows: a fixed number of queries
    however many households there are."""
    keys = [household.pk for household in households]

    def of(model):
        return model.objects.unscoped("hanging").filter(household__in=keys)

    position = Window(RowNumber(), partition_by="household", order_by=[F("on").desc(), F("pk").desc()])
    visits = of(Visit).filter(cancelled_reason="").annotate(position=position)
    if visits_shown is not None:
        visits = visits.filter(position__lte=visits_shown)
    rows = {
        "_member_rows": of(Member).order_by("order", "pk"),
        "_causes": HouseholdCause.objects.filter(household__in=keys).order_by("-year", "rank"),
        "_conditions": Condition.objects.filter(household__in=keys).order_by("-year"),
        "_income_rows": Income.objects.filter(household__in=keys).order_by("year"),
        "_measure_rows": of(Measure).select_related("helper").order_by("target_end", "pk"),
        "_pairing_rows": of(Pairing).select_related("helper").order_by("order", "-starts_on", "pk"),
        "_visit_rows": visits.prefetch_related("helpers").order_by("-on", "-pk"),
        "_follow_up_rows": of(FollowUp).select_related("helper").order_by("due_end", "pk"),
    }
    found = {name: _by_household(held) for name, held in rows.items()}
    years, detail = defaultdict(list), defaultdict(lambda: defaultdict(list))
    for row in (
        MemberYear.objects.unscoped("hanging")
        .filter(member__household__in=keys)
        .select_related("member")
        .order_by("member", "-year")
    ):
        years[row.member.household_id].append(row)
    for row in (
        IncomeLine.objects.filter(income__household__in=keys)
        .select_related("item", "income")
        .order_by("item__sort", "item__code")
    ):
        detail[row.income.household_id][row.income_id].append(row)
    names, known = Region.objects.names({h.region_path for h in households}), lines.all_lines()
    made = []
    for household in households:
        dossier = Dossier(household, today=today, visits_shown=visits_shown)
        dossier.__dict__ |= {name: held[household.pk] for name, held in found.items()}
        dossier.__dict__ |= {
            "_member_years": years[household.pk], "_income_lines": detail[household.pk], "_known_lines": known,
            "places": [(names[p], p) for p in ancestors_of(household.region_path) if p in names and len(p) >= 6],
        }  # fmt: skip
        made.append(dossier)
    return made


def _by_household(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.household_id].append(row)
    return found


class Person:
    """A member today, with what is known in the data year."""

    def __init__(self, member, year, today):
        self.member, self.year = member, year
        self.age = member.age_on(today)

    @property
    def relation(self):
        return self.member.get_relation_display() if self.member.relation != "99" else (
            self.member.relation_text or "其他"
        )  # fmt: skip

    @property
    def school_or_work(self):
        y = self.year
        if y is None:
            return ""
        if y.school and y.school != codes.School.NOT:
            return y.get_school_display()
        parts = []
        if y.post_kind:
            parts.append(f"公益岗：{y.get_post_kind_display()}")
        if y.work_area:
            months = f" {y.work_months} 个月" if y.work_months else ""
            parts.append(f"{y.work_place or y.get_work_area_display()}务工{months}")
        return "，".join(parts)

    @property
    def insured(self):
        y = self.year
        if y is None or (y.medical_resident is None and y.medical_employee is None):
            return None
        return bool(y.medical_resident or y.medical_employee)

    @property
    def sheet(self):
        """`[(title, [(label, words)])]` of what is filled below the member's row of the form."""
        found = []
        for title, names in DETAILS:
            filled = []
            for name in names:
                row = self.member if name in MEMBER_COLUMNS else self.year
                if row is None or class_of(type(row), name) is FieldClass.HEALTH:
                    continue
                if name not in ELSEWHERE and (words := told(row, name)) != UNKNOWN:
                    filled.append((label_of(row, name), words))
            if filled:
                found.append((title, filled))
        return found

    @property
    def health(self):
        """`[(field, label)]` of what is filled about illness and disability; the page masks the values."""
        return [
            (field.name, field.verbose_name)
            for field in MemberYear._meta.concrete_fields
            if class_of(MemberYear, field.name) is FieldClass.HEALTH
            and field.name != "health"
            and self.year is not None
            and getattr(self.year, field.name) not in (None, "")
        ]

    @property
    def security(self):
        y = self.year
        if y is None:
            return ""
        held = [
            (self.insured, "医保"), (y.pension_resident or y.pension_employee or y.pension_received, "养老"),
            (y.dibao, "低保"), (y.tekun, "特困"), (y.orphan or y.de_facto_orphan, "孤儿"),
        ]  # fmt: skip
        return "、".join(word for is_held, word in held if is_held)


MEMBER_COLUMNS = {field.name for field in Member._meta.concrete_fields}


def _parts(income, rows):
    """`[(category, [line], sum of the counted, whether it is the category's total)]` of the categories with lines."""
    found = []
    for group in IncomeGroup:
        own = [row for row in rows if row.item.group == group]
        if own:
            counted = [row.amount for row in own if row.counted]
            total = getattr(income, TOTALS[group])
            found.append((group.label, own, sum(counted), not counted or sum(counted) == total))
    return found


def _day(day):
    return f"{day:%Y-%m-%d}" if day else ""


def _registry_stages(h):
    status = h.registry_status
    if status == "0":
        return []
    identified = h.identified_text or _day(h.identified_on)
    made = [Stage("识别登记", identified, "done")]
    exited = f"{h.exit_year} 年" if h.exit_year else ""
    if status == "4":
        made += [
            Stage("脱贫", exited, "done"),
            Stage("返贫认定", f"{h.relapse_year} 年" if h.relapse_year else "", "done"),
        ]
    reached = {"1": 1, "4": 1, "2": 2, "3": 3, "9": 3 if h.exit_year else 1}[status]
    course = [("在帮扶", ""), ("拟退出", ""), ("脱贫", exited if status != "4" else h.target_text)]
    for position, (label, note) in enumerate(course, 1):
        state = "done" if position < reached or reached == 3 else "cur" if position == reached else ""
        made.append(Stage(label, note or (h.target_text if label == "脱贫" and not state else ""), state))
    return made


def _monitor_stages(h):
    if h.monitor_category == "0":
        return []
    opened = Stage("纳入监测", _day(h.monitored_on), "done")
    if h.risk_state == "2":
        return [opened, Stage("风险消除", _day(h.cleared_on), "done")]
    label = "风险回退" if h.risk_state == "3" else "监测帮扶"
    return [opened, Stage(label, "", "cur"), Stage("风险消除", h.target_text)]
