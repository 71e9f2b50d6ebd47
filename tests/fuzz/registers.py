"""Registers made by chance, to be exported, imported and exported again (tests/households/test_round_trip.py).

Every column that the import of households reads is filled or left blank at random: rare characters, both ends of the
numbers, 0 beside nothing, several causes and illnesses, dates of every precision. Values are such as the pages and
imports store them: what cleaning would change (blanks at the ends, a name in full width) is never in the book.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db import models

from fupin.excel import cleaning
from households import codes, kept
from households.imports.columns import remark
from households.models import Condition, Household, HouseholdCause, Income, Member, MemberYear
from households.reports import whole
from tests import factories

YEAR = 2025
VILLAGES = ("990101100201", "990101100202", "990101101201")
GROUPS = ("", "01", "02", "11")
RARE = "𠮷䶮㛃𬱖龘·扎西卓玛阿卜杜拉王李张欧阳"
TEXT = RARE + "ＡＢ１２（）、；，。：“”《》—－～ abcXYZ019.-/\\|=+@'\"<b>&%#*_\n的是年月村组第一二三"
LONGEST = 2000
"""Characters of a text that is stored encrypted, whose column would take more than a cell of Excel does."""
LONG = 0.08
"""Share of texts that are as long as their column."""


class Chance:
    """Values of one register. `pick` is a random.Random."""

    def __init__(self, pick):
        self.pick, self.serial = pick, pick.randrange(10_000) * 100

    def some(self, share=0.6):
        return self.pick.random() < share

    def text(self, longest, clean=remark):
        """Text that cleaning leaves as it is."""
        while True:
            size = longest if self.some(LONG) else self.pick.randint(1, min(longest, 14))
            found = "".join(self.pick.choices(TEXT, k=size)).strip()
            try:
                if any(map(str.isalnum, found)) and clean(found) == found:
                    return found
            except cleaning.Unreadable:
                continue

    def name(self):
        while True:
            size = 40 if self.some(LONG) else self.pick.randint(1, 9)
            found = "".join(self.pick.choices(RARE, k=size))
            if cleaning.name(found) == found:
                return found

    def digits(self, size):
        return "".join(self.pick.choices("0123456789", k=size))

    def phone(self, longest=20):
        kind = self.pick.random()
        if kind < 0.6:
            return "1" + self.pick.choice("3456789") + self.digits(9)
        return (
            f"0836-{self.digits(7)}"
            if kind < 0.8
            else self.pick.choice(["1380000", "村里转", "8234567 转 8"])
        )

    def day(self):
        return date(1950, 1, 1) + timedelta(days=self.pick.randrange(27_000))

    def amount(self, digits, least=0):
        """A number with two places; its ends, 0 and a fen among them."""
        most = 10 ** (digits - 2)
        return self.pick.choice([
            Decimal(0), Decimal("0.01"), Decimal(most) - Decimal("0.01"), Decimal(self.pick.randrange(100_000)),
            Decimal(self.pick.randrange(least * 100_000, 9_999_999)) / 100,
        ])  # fmt: skip

    def of(self, model, column):
        """A value of a column, by what the column is."""
        field = model._meta.get_field(column)
        if column in ("phone",):
            return self.phone()
        if column in ("bank_account", "disability_no", "member_no"):
            return self.digits(self.pick.randint(12, 19))
        if column == "health":
            return self.pick.choice(["01", "02", "04", "02,03", "02,03,04"])
        if column == "role_note":
            return self.pick.choice(["低收入人口", "一般脱贫户𠮷"])
        if field.choices:
            return self.pick.choice([value for value, _ in field.choices])
        if isinstance(field, models.BooleanField):
            return self.some(0.5)
        if isinstance(field, models.DecimalField):  # what Excel holds to the fen, and what the import takes
            return self.amount(
                min(field.max_digits, 14 if model is Income else 9), -1 if model is Income else 0
            )
        if isinstance(field, models.DateField):
            return self.day()
        if isinstance(field, models.PositiveSmallIntegerField):
            return self.pick.randint(1990, YEAR)
        if isinstance(field, models.IntegerField):
            return self.pick.choice([0, 1, 12, self.pick.randrange(10_000_000)])
        return self.text(min(field.max_length or 300, LONGEST))

    def all_of(self, model, part):
        return {
            column: self.of(model, column)
            for _, column in whole.columns_of(part)
            if self.some() and not (part == "household" and column in ("legacy_attribute", "bottom_line"))
        }

    # The register

    def register(self):
        """A few households with their people, stored; their keys."""
        made = [self.household() for _ in range(self.pick.randint(2, 5))]
        kept.refresh(made)
        return made

    def household(self):
        village = self.pick.choice(VILLAGES)
        region = factories.region(village + self.pick.choice(GROUPS))
        self.serial += 1
        number = self.pick.choice([f"{village}{self.serial:07}", f"户-{self.serial}", f"{self.serial:018}"])
        home = Household.objects.create(
            number=number, region=region, region_path=region.path, **self.axes(), **self.identified(),
            **self.all_of(Household, "household"),
        )  # fmt: skip
        people = self.people(home)
        if self.some(0.8):
            self.income(home, people)
        if self.some(0.8):
            self.condition(home)
        found = self.pick.sample(codes.Cause.values, self.pick.randint(0, 3))
        HouseholdCause.objects.bulk_create(
            HouseholdCause(household=home, year=YEAR, rank=rank, cause=cause)
            for rank, cause in enumerate(found)
        )
        return home.pk

    def axes(self):
        monitor = self.pick.choice(["0", "0", "1", "2", "3"])
        status = self.pick.choice({"1": "34", "2": "0"}.get(monitor, "01234"))
        if monitor == "0":
            return {"registry_status": status}
        risk = self.pick.choice("123")
        return {
            "registry_status": status, "monitor_category": monitor, "risk_state": risk,
            "monitored_on": self.day() if self.some() else None,
            "cleared_on": self.day() if risk != "1" and self.some() else None,
        }  # fmt: skip

    def identified(self):
        on = self.day()
        kinds = [
            ("", None), ("", on), (f"{on:%Y-%m}", on.replace(day=1)), (f"{on:%Y}", on.replace(month=1, day=1)),
            (f"{on:%Y}年{on.month}月", on.replace(day=1)), ("记不清了", None),
        ]  # fmt: skip
        words, day = self.pick.choice(kinds)
        return {"identified_text": words, "identified_on": day}

    def people(self, home):
        others = self.pick.choices(
            [code for code in codes.Relation.values if code != "01"], k=self.pick.randint(0, 5)
        )
        made = []
        for order, relation in enumerate(["01", *others]):
            self.serial += 1
            male = self.some(0.5)
            born = date(1930, 1, 1) + timedelta(days=self.pick.randrange(33_000))
            number = factories.id_number(self.serial, born=f"{born:%Y%m%d}", male=male)
            ethnic = self.pick.choice([code for code, _ in codes.ETHNIC] + [""])
            odd = relation == codes.Relation.OTHER and self.some()
            said = ""
            if self.some(0.15):
                number, said = "", self.pick.choice(["", "", "新生儿", "990101********0017"])
                born = born if self.some(0.9) else None
            member = Member.objects.create(
                household=home, region_path=home.region_path, order=order, name=self.name(), relation=relation,
                relation_text="干亲" if odd else "", id_number=number, id_text=said, sex="1" if male else "2", birth=born,
                ethnic=ethnic, ethnic_text="" if ethnic or self.some() else "穿青人",
                **self.all_of(Member, "member"),
            )  # fmt: skip
            if self.some(0.8):
                facts = self.all_of(MemberYear, "year")
                if self.some():
                    facts["politics"] = self.pick.choice(codes.Politics.values)
                    facts["activist"] = (
                        True if facts["politics"] == codes.Politics.MASSES and self.some(0.3) else None
                    )
                MemberYear.objects.create(
                    member=member, year=YEAR, role_note=self.pick.choice(["", "低收入人口"]), **facts
                )
            made.append(member)
        return made

    def income(self, home, people):
        parts = self.all_of(Income, "income")
        if not self.some():
            parts = {name: value for name, value in parts.items() if name == "expense"}
            parts["stated_net"] = self.amount(14, -1)
        Income.objects.create(household=home, year=YEAR, persons=len(people), **parts)

    def condition(self, home):
        facts = self.all_of(Condition, "condition")
        land, wet = facts.get("farmland"), facts.get("irrigated")
        if wet is not None and (land is None or wet > land):
            facts["irrigated"] = land
        danger = self.pick.choice(["", "", *codes.DangerLevel.values])
        facts["danger_level"] = danger
        facts["dangerous"] = danger in codes.UNSAFE if danger else self.pick.choice([None, True, False])
        legacy = self.pick.choice(["", *codes.LegacyAttribute.values])
        bottom = self.pick.choice([None, True, False])
        Condition.objects.create(
            household=home, year=YEAR, legacy_attribute=legacy, bottom_line=bottom, **facts
        )
        Household.objects.filter(pk=home.pk).update(legacy_attribute=legacy, bottom_line=bottom)
