"""Ledgers made by chance, to be exported, imported and exported again (tests/households/test_round_trip.py).

Each kind has a `LedgerKind`: what makes its records, what takes them away again, and the report that holds them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from fupin import schedule
from fupin.excel.cleaning import text
from households import codes, kept, profile
from households.models import (
    Condition,
    FollowUp,
    Helper,
    Household,
    HouseholdCause,
    Income,
    Measure,
    Pairing,
    StatusChange,
    VillageProfile,
    Visit,
)
from projects import codes as project_codes
from projects import kept as project_counts
from projects.imports.steps import step_key
from projects.models import FundEntry, FundLine, Milestone, Project, ProjectVillage
from tests import factories
from tests.fuzz.registers import GROUPS, VILLAGES, YEAR, Chance


@dataclass(frozen=True)
class LedgerKind:
    """`make(chance)` stores records, `clear()` takes them away; `report` exports what the import `kind` reads back."""

    kind: str
    report: str
    make: object
    clear: object


class LedgerChance(Chance):
    """Values of one ledger."""

    def words(self, longest):
        return self.text(longest, clean=text)

    def maybe(self, make, blank="", share=0.6):
        return make() if self.some(share) else blank

    def recent(self):
        return date(YEAR, 1, 1) + timedelta(days=self.pick.randrange(365))

    def after(self, day, most):
        return day + timedelta(days=self.pick.randrange(most))

    def home(self, **fields):
        village = self.pick.choice(VILLAGES)
        region = factories.region(village + self.pick.choice(GROUPS))
        self.serial += 1
        number = self.pick.choice([f"{village}{self.serial:07}", f"户-{self.serial}", f"{self.serial:018}"])
        home = Household.objects.create(number=number, region=region, region_path=region.path, **fields)
        factories.member(home, relation="01", name=self.name())
        kept.refresh([home.pk])
        return home

    def homes(self, **fields):
        return [self.home(**fields) for _ in range(self.pick.randint(1, 4))]

    def helper(self):
        self.serial += 1
        name = self.name()[:12] + chr(0x4E00 + self.serial % 5000)
        return Helper.objects.create(
            name=name, unit=self.maybe(lambda: self.words(20)), phone=self.maybe(lambda: f"13{self.digits(9)}"),
            sex=self.pick.choice(["", "1", "2"]), unit_kind=self.maybe(lambda: self.words(10)),
            unit_level=self.pick.choice(["", *codes.UnitLevel.values]), rank=self.maybe(lambda: self.words(10)),
            first_secretary=self.some(0.2), team_leader=self.some(0.2), team_member=self.some(0.2),
        )  # fmt: skip

    def target(self, year):
        """The columns of a time as typed, or of none."""
        said = self.pick.choice(
            ["", "6月底前", "年内", f"{year}-09-30", f"{year + 1}年第一季度", "下半年", "3月上旬"]
        )
        return schedule.parse(said, year=year) if said else None

    def of_village(self, name):
        """A value of a column of a village profile."""
        field = VillageProfile._meta.get_field(name)
        kind = field.get_internal_type()
        if kind == "BooleanField":
            return self.some(0.5)
        if kind == "DecimalField":
            return round(self.amount(min(field.max_digits, 9)) / 100, field.decimal_places)
        if kind == "PositiveSmallIntegerField":
            return self.pick.randint(2014, YEAR)
        if kind == "PositiveIntegerField":
            return self.pick.choice([0, 1, self.pick.randrange(100_000)])
        return self.words(field.max_length or 300)


def visits(chance):
    for home in chance.homes():
        for n in range(chance.pick.randint(0, 4)):
            known = [chance.helper() for _ in range(chance.pick.randint(1, 2))]
            by_row = chance.some(0.3)
            unit = {} if by_row else {"visitor_unit": chance.maybe(lambda: chance.words(20))}
            visit = Visit.objects.create(
                household=home, region_path=home.region_path, on=chance.recent(), content=f"{n}{chance.words(200)}",
                visitor_text="" if by_row else "、".join(one.name for one in known), way=chance.pick.choice(codes.VisitWay.values),
                problem=chance.maybe(lambda: chance.words(60)), handling=chance.maybe(lambda: chance.words(60)),
                solved=chance.pick.choice([None, True, False]), gift_money=chance.maybe(lambda: chance.amount(9), None),
                gift_goods=chance.maybe(lambda: chance.words(80)), **unit,
            )  # fmt: skip
            visit.helpers.set(known)


def pairings(chance):
    for home in chance.homes():
        begin = chance.day()
        for order in ("1", "2")[: chance.pick.randint(0, 2)]:
            Pairing.objects.create(
                household=home, region_path=home.region_path, helper=chance.helper(), order=order, starts_on=begin,
                ends_on=chance.after(begin, 900) if chance.some(0.4) else None,
                visits_per_year=chance.maybe(lambda: chance.pick.randrange(60), None),
            )  # fmt: skip


def measures(chance):
    for home in chance.homes():
        for n in range(chance.pick.randint(0, 4)):
            begin = chance.maybe(chance.recent, None)
            helper = chance.maybe(chance.helper, None)
            done = chance.after(begin or date(YEAR, 1, 1), 60) if chance.some() else None
            Measure.objects.create(
                household=home, region_path=home.region_path, kind=chance.pick.choice(codes.MeasureKind.values),
                what=f"{n}{chance.words(190)}", quantity=chance.maybe(lambda: chance.amount(9), None),
                unit=chance.maybe(lambda: chance.words(10)), money=chance.maybe(lambda: chance.amount(9), None), helper=helper,
                starts_on=begin, done_on=done, effect=chance.maybe(lambda: chance.words(200)),
                **schedule.columns(chance.target((begin or date(YEAR, 1, 1)).year), "target"),
            )  # fmt: skip


def years(chance):
    for home in chance.homes():
        if chance.some(0.8):
            chance.income(home, range(chance.pick.randint(1, 6)))
        if chance.some(0.8):
            chance.condition(home)
            values = {
                "residence": chance.pick.choice(["", *codes.Residence.values]),
                "guarantees": ",".join(sorted(chance.pick.sample(codes.Guarantee.values, chance.pick.randint(0, 3)))),
                "renovation_year": chance.maybe(lambda: chance.pick.randint(2010, YEAR), None),
                "renovation_subsidy": chance.maybe(lambda: chance.amount(9), None),
                "self_paid_medical": chance.maybe(lambda: chance.amount(9), None),
                "enterprise_led": chance.pick.choice([None, True, False]),
                "leader_led": chance.pick.choice([None, True, False]),
                "legacy_attribute": "", "bottom_line": None,
            }  # fmt: skip
            Condition.objects.filter(household=home, year=YEAR).update(**values)
        HouseholdCause.objects.bulk_create(
            HouseholdCause(household=home, year=YEAR, rank=rank, cause=cause)
            for rank, cause in enumerate(chance.pick.sample(codes.Cause.values, chance.pick.randint(0, 3)))
        )


def villages(chance):
    whole = {name for check in profile.CHECKS for name in (check.total, *check.parts)}
    for path in VILLAGES:
        values = {
            name: chance.of_village(name) for name in profile.FIELDS if chance.some(0.7) and name not in whole
        }
        VillageProfile.objects.create(region=factories.region(path), region_path=path, year=YEAR, **values)


def monitored(chance):
    for status, category in (("3", "1"), ("0", "2"), ("3", "3"), ("0", "3")):
        on = date(YEAR - 1, 1, 1) + timedelta(days=chance.pick.randrange(300))
        cleared = chance.some(0.4)
        home = chance.home(
            registry_status=status, monitor_category=category, monitored_on=on, risk_state="2" if cleared else "1",
            cleared_on=on + timedelta(days=190) if cleared else None, exit_year=2018 if status == "3" else None,
            risks=",".join(chance.pick.sample(codes.Risk.values, chance.pick.randint(1, 4))),
        )  # fmt: skip
        if cleared:
            StatusChange.objects.create(
                household=home,
                step="clear_risk",
                on=home.cleared_on,
                after={"mode": chance.pick.choice("12")},
            )
            for n in range(chance.pick.randint(1, 4)):
                Measure.objects.create(
                    household=home, region_path=home.region_path, kind=chance.pick.choice(codes.MeasureKind.values),
                    what=chance.maybe(lambda n=n: f"{n}{chance.words(190)}", codes.MeasureKind.POST.label),
                )  # fmt: skip
        else:
            for name, value in schedule.columns(chance.target(YEAR), "target").items():
                setattr(home, name, value)
        home.save()
        Income.objects.create(household=home, year=YEAR, persons=1, wage=Decimal(90_000))
        kept.refresh([home.pk])


def projects(chance):
    for n in range(chance.pick.randint(1, 4)):
        region = factories.region(chance.pick.choice([*VILLAGES, "990101100", "990101"]))
        year = chance.pick.randint(2018, YEAR)
        state = chance.pick.choice(["10", "30", "50", "70", "75"])
        begun = chance.maybe(
            lambda year=year: date(year, 1, 1) + timedelta(days=chance.pick.randrange(200)), None
        )
        done = {"30": 0, "50": 1, "70": 2, "75": 3}.get(state, 0) if begun else 0
        days = dict(
            zip(("finished_on", "accepted_on", "settled_on"), [chance.after(begun, 100) for _ in range(done)])
        )
        project = Project.objects.create(
            number=f"{year}-{region.path[:6]}-{n}{chance.digits(3)}", year=year, name=f"{chance.words(60)}{n}", region=region,
            region_path=region.path, category=chance.pick.choice(list(project_codes.CATEGORY_NAMES)),
            nature=chance.pick.choice(["", *project_codes.Nature.values]), state=state, started_on=begun,
            progress=chance.maybe(lambda: chance.pick.choice([0, 1, 60, 100]), None), **days,
            **{name: chance.maybe(lambda: chance.words(40)) for name in ("lead_unit", "responsible_unit", "contractor", "manager", "place")},
            **{name: chance.maybe(lambda: chance.words(200)) for name in ("content", "remark")},
            **{name: chance.maybe(lambda: chance.amount(9), None) for name in ("quantity", "investment")},
            **{name: chance.maybe(lambda: chance.pick.randrange(500), None) for name in ("benefit_households", "benefit_persons")},
            unit=chance.maybe(lambda: chance.words(10)), source=chance.maybe(lambda: chance.words(40)),
            manager_phone=chance.maybe(lambda: f"13{chance.digits(9)}"), **schedule.columns(chance.target(year), "finish"),
        )  # fmt: skip
        for source in chance.pick.sample(project_codes.FundSource.values[:8], chance.pick.randint(0, 4)):
            planned = chance.amount(9)
            FundLine.objects.create(
                project=project, source=source, planned=planned, allotted=planned if chance.some() else None,
                paid=Decimal(0) if chance.some() else None, document=chance.maybe(lambda: step_key(chance.words(40))),
            )  # fmt: skip
        steps = [f"{k}{chance.words(40)}" for k in range(chance.pick.randint(0, 3))] + ["验收"] * chance.some(
            0.4
        )
        for order, name in enumerate(steps, 1):
            Milestone.objects.create(
                project=project, order=order, name=step_key(name), done_on=chance.maybe(chance.recent, None, 0.4),
                **schedule.columns(chance.target(year), "planned"),
                **(schedule.columns(chance.target(year), "revised") if chance.some(0.3) else {}),
            )  # fmt: skip
        for path in sorted(
            {
                *chance.pick.sample(VILLAGES, chance.pick.randint(0, 2)),
                *([region.path] if len(region.path) > 9 else []),
            }
        ):
            ProjectVillage.objects.create(project=project, region=factories.region(path), region_path=path)
        project_counts.add([project.pk])


def funds(chance):
    """Projects whose money is booked entry by entry: what is paid was allotted before, and that was planned before."""
    projects(chance)
    for project in Project.objects.order_by("pk"):
        FundLine.objects.filter(project=project).delete()
        for source in chance.pick.sample(project_codes.FundSource.values[:8], chance.pick.randint(1, 2)):
            line = FundLine.objects.create(project=project, source=source)
            for part, step in (("planned", "1"), ("allotted", "2"), ("paid", "3")):
                amounts = [
                    Decimal(chance.pick.randrange(1, 10_000)) / 100 + {"1": 400, "2": 200, "3": 0}[step]
                    for _ in range(2)
                ]
                FundEntry.objects.bulk_create(
                    FundEntry(
                        line=line, kind=step, amount=money, on=chance.recent(), document=chance.maybe(lambda: chance.words(60)),
                        payee=chance.maybe(lambda: chance.words(80)), summary=f"{n}{chance.words(150)}",
                    )
                    for n, money in enumerate(amounts)
                )  # fmt: skip
                setattr(line, part, sum(amounts))
            line.save()


def _gone(*models):
    def clear():
        for model in models:
            model.objects.all().delete()

    return clear


def unmonitored():
    Measure.objects.all().delete()
    Household.objects.update(
        monitor_category="0", risk_state="0", monitored_on=None, cleared_on=None, risks="", target_text="", target_end=None,
        target_precision="",
    )  # fmt: skip


KINDS = [
    LedgerKind("visits", "L03", visits, _gone(FollowUp, Visit)),
    LedgerKind("pairings", "L04", pairings, _gone(Pairing, Helper)),
    LedgerKind("measures", "L05", measures, _gone(Measure, Helper)),
    LedgerKind("yearly", "L06", years, _gone(Income, Condition, HouseholdCause)),
    LedgerKind("villages", "L07", villages, _gone(VillageProfile)),
    LedgerKind("monitoring", "L08", monitored, unmonitored),
    LedgerKind("projects", "L09", projects, _gone(Milestone, FundLine, Project)),
    LedgerKind("funds", "R13", funds, _gone(FundEntry, FundLine)),
]
