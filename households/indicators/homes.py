"""Households with what is true of them on a day, a chunk at a time: what figures and rows of forms are made of.

Today's state comes from the household's own columns, a past day's from `households.asof`; what changes by year is that
of the newest year not after the day's. A fixed number of queries a chunk, and only for what is needed.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Case, Count, Q, Value, When

from fupin.batched import batched
from fupin.judged import compiled
from fupin.regions.models import Region, ancestors_of
from households import asof, codes, stats
from households.models import (
    Condition,
    Household,
    HouseholdCause,
    Income,
    IncomeLine,
    Measure,
    Member,
    MemberYear,
    Pairing,
    VillageProfile,
    Visit,
)
from households.models.income import EARNED, net_of, per_head, total_of

CHUNK = 500


def _without(model, *names):
    return [field.attname for field in model._meta.concrete_fields if field.attname not in names]


COLUMNS = _without(Household)
COUNTED = _without(Household, "phone", "bank_account", "bank_name", "remark", "address")
PERSON = _without(Member, "id_number", "id_text", "phone")
YEAR = _without(MemberYear, "disability_no")
"""Columns for counting: opening the encrypted numbers of everybody costs more than the count."""


THEN = ("size", "registry_status", "risk_state", "monitor_category", "target_end", "target_text", "main_cause", "last_visit_on",
        "helper__name", "helper__unit", "dibao", "tekun", "unsafe_house", "unsafe_water")  # fmt: skip


def is_past(asked):
    return asked.as_of < asked.today


LEADERS = "书记|[局镇乡县区院校部]长|主任|主席|厅|处|[正副]科"
"""职务级别 of a leading post."""
UNREAD = object()
"""Not worked out yet: many figures ask a household the same."""
NET = (*EARNED, "expense", "stated_net")


@dataclass(slots=True)
class Person:
    """A member on the day, with the facts of the year; `facts` is {} where none are known."""

    row: dict
    facts: dict
    day: date
    age: int | None = None

    def __post_init__(self):
        born, day = self.row["birth"], self.day
        if born is not None:
            self.age = max(0, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))

    def get(self, name):
        return self.facts.get(name)


@dataclass(slots=True)
class Home:
    """A household on the day. `row` its columns, `flags` the figures of `households.stats` that it counts in."""

    row: dict
    day: date
    flags: dict = field(default_factory=dict)
    people: list = field(default_factory=list)
    condition: dict = field(default_factory=dict)
    income: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    measures: list = field(default_factory=list)
    visits: list = field(default_factory=list)
    left: list = field(default_factory=list)
    helpers: list = field(default_factory=list)
    causes: list = field(default_factory=list)
    places: tuple = ("", "", "", "")
    profile: object = None
    line: Decimal | None = None
    _net: object = UNREAD
    _head: object = UNREAD

    @property
    def head(self):
        return next(
            (one for one in self.people if one.row["relation"] == codes.Relation.HEAD),
            self.people[0] if self.people else None,
        )

    @property
    def total(self):
        return total_of(*map(self.income.get, EARNED))

    @property
    def net(self):
        if self._net is UNREAD:
            held = self.income
            self._net = net_of(*map(held.get, NET)) if held else None
        return self._net

    @property
    def per_capita(self):
        if self._head is UNREAD:
            self._head = per_head(self.net, self.income.get("persons"))
        return self._head


@dataclass
class Reading:
    """What has to be read: `flags` keys of stats.FIGURES, `needs` among people, condition, income, lines, measures,
    visits, left, helpers, causes, places."""

    asked: object
    flags: tuple = ()
    needs: frozenset = frozenset()
    unknown: set = field(default_factory=set)
    """Flags whose past is not kept."""
    lean: bool = False
    """For counting: encrypted columns are left out."""
    among: object = None
    """Only households of this queryset, where one is given: those of a list under its filters."""

    def homes(self, path, *, only=None):
        """Every household under `path` that the user may export, on the day. `only`: a number, or `(numbers, names)` of
        households and of people in them."""
        rows = self.asked.visible(Household.objects.all()).within(path).order_by("region_path", "pk")
        if isinstance(only, tuple):
            numbers, names = only
            named = Member.objects.unscoped("hanging").filter(name__in=names)
            wanted = Q(number__in=numbers)
            rows = rows.filter(wanted | Q(pk__in=named.values("household")) if names else wanted)
        elif only is not None:
            rows = rows.filter(number=only)
        if self.among is not None:
            rows = rows.filter(pk__in=self.among.order_by().values("pk"))
        if is_past(self.asked):
            yield from self._past(rows)
        else:
            yield from self._today(rows)

    def count(self, path):
        """How many there are, at most (a past day may have fewer)."""
        return self.asked.visible(Household.objects.all()).within(path).active().count()

    def _today(self, rows):
        day = stats.Day.of(self.asked.as_of)
        rows = rows.active()
        for n, key in enumerate(self.flags):
            test = stats.condition(key, day)
            rows = rows.annotate(**{f"flag_{n}": Case(When(test, then=Value(1)), default=Value(0))})
        held = COUNTED if self.lean else COLUMNS
        names = [*held, "helper__name", "helper__unit", *(f"flag_{n}" for n in range(len(self.flags)))]
        for values in batched(rows.values(*names).iterator(chunk_size=CHUNK), CHUNK):
            yield from self._filled(
                [
                    Home(
                        row,
                        self.asked.as_of,
                        {key: bool(row[f"flag_{n}"]) for n, key in enumerate(self.flags)},
                    )
                    for row in values
                ]
            )

    def _past(self, rows):
        day = self.asked.as_of
        past, conditions, names = stats.Day.of(day), {}, set(THEN)
        for key in self.flags:
            try:
                condition, used = asof.then(stats.condition(key, past))
            except ValidationError:
                self.unknown.add(key)
                continue
            conditions[key] = compiled(condition)
            names |= used
        rows = asof.at(rows, day, sorted(names)).exclude(then_registry_status="9")
        held = COUNTED if self.lean else COLUMNS
        columns = list(dict.fromkeys([*held, *(f"then_{name}" for name in ["registry_status", *names])]))
        for found in batched(rows.values_list(*columns, named=True).iterator(chunk_size=CHUNK), CHUNK):
            homes = []
            for values in found:
                row = dict(zip(columns, values))
                for name in THEN:
                    row[name] = row[f"then_{name}"]
                flags = {key: holds(values) for key, holds in conditions.items()}
                homes.append(Home(row, day, flags))
            yield from self._filled(homes, past=True)

    def _filled(self, homes, *, past=False):
        by_id = {home.row["id"]: home for home in homes}
        for name, read in READERS.items():
            if name in self.needs or past and name == "people":
                if name == "people":
                    read(self.asked, by_id, lean=self.lean)
                else:
                    read(self.asked, by_id)
        if past:
            for home in homes:
                head = home.head
                if head is not None and head.row["relation"] == codes.Relation.HEAD:
                    home.row["head_name"] = head.row["name"]
                home.row["size"] = len(home.people)
                home.row["labour"] = sum(person.get("labour") in codes.WORKING for person in home.people)
        return homes


def _newest(rows, owner, ids, year, *columns):
    """`{owner id: row}` of the newest year not after `year`."""
    rows = rows.filter(**{f"{owner}__in": ids}, year__lte=year).order_by("year")
    return {row[f"{owner}_id"]: row for row in rows.values(*columns)}


def _people(asked, homes, *, lean=False):
    day = asked.as_of
    rows = (
        Member.objects.unscoped("hanging")
        .filter(household__in=list(homes))
        .exclude(left_on__lte=day)
        .exclude(joined_on__gt=day)
    )
    held = list(rows.order_by("household", "order", "pk").values(*(PERSON if lean else ())))
    facts = {}
    for start in range(0, len(held), 500):
        facts |= _newest(
            MemberYear.objects.unscoped("hanging"),
            "member",
            [row["id"] for row in held[start : start + 500]],
            day.year,
            *(YEAR if lean else ()),
        )
    for row in held:
        homes[row["household_id"]].people.append(Person(row, facts.get(row["id"], {}), day))


def _condition(asked, homes):
    for key, row in _newest(Condition.objects, "household", list(homes), asked.as_of.year).items():
        homes[key].condition = row


def _income(asked, homes):
    for key, row in _newest(Income.objects, "household", list(homes), asked.as_of.year).items():
        homes[key].income = row


def _lines(asked, homes):
    _income(asked, homes)
    owners = {home.income["id"]: home for home in homes.values() if home.income}
    rows = IncomeLine.objects.filter(income__in=list(owners)).order_by()
    for key, code, amount in rows.values_list("income", "item__code", "amount"):
        held = owners[key].lines
        held[code] = held.get(code, 0) + amount


def _year(asked):
    return date(asked.as_of.year, 1, 1), asked.as_of


def _measures(asked, homes):
    low, high = _year(asked)
    rows = (
        Measure.objects.unscoped("hanging")
        .filter(household__in=list(homes))
        .filter(Q(starts_on=None) | Q(starts_on__lte=high))
    )
    rows = rows.filter(Q(done_on=None) | Q(done_on__gte=low)).order_by("pk")
    for row in rows.values():
        homes[row["household_id"]].measures.append(row)


def _visits(asked, homes):
    rows = Visit.objects.unscoped("hanging").filter(
        household__in=list(homes), on__range=_year(asked), cancelled_reason=""
    )
    for row in (
        rows.annotate(
            heads=Count("helpers"), leaders=Count("helpers", filter=Q(helpers__rank__regex=LEADERS))
        )
        .order_by("on", "pk")
        .values("household", "on", "heads", "leaders", "gift_money", "counts")
    ):
        homes[row["household"]].visits.append(row)


def _left(asked, homes):
    rows = (
        Member.objects.unscoped("hanging")
        .filter(household__in=list(homes), left_on__range=_year(asked))
        .order_by("pk")
    )
    for key, event in rows.values_list("household", "left_event"):
        homes[key].left.append(event)


def _helpers(asked, homes):
    rows = (
        Pairing.objects.unscoped("hanging")
        .current(asked.as_of)
        .filter(household__in=list(homes))
        .order_by("order", "-starts_on")
    )
    for key, *values in rows.values_list(
        "household", "helper__name", "helper__unit", "helper__rank", "helper__phone"
    ):
        homes[key].helpers.append(values)


def _causes(asked, homes):
    rows = HouseholdCause.objects.filter(household__in=list(homes), year__lte=asked.as_of.year).order_by(
        "year", "rank"
    )
    years = {}
    for key, year, cause in rows.values_list("household", "year", "cause"):
        if years.get(key) != year:
            years[key] = year
            homes[key].causes.clear()
        homes[key].causes.append(cause)


def _places(asked, homes):
    paths = {home.row["region_path"] for home in homes.values()}
    names = Region.objects.names({part for path in paths for part in ancestors_of(path)})
    for home in homes.values():
        path = home.row["region_path"]
        home.places = tuple(
            names.get(path[:width], "") if len(path) >= width else "" for width in (6, 9, 12, 14)
        )


def _profiles(asked, homes):
    paths = {home.row["region_path"][:12] for home in homes.values()}
    rows = (
        VillageProfile.objects.unscoped("hanging")
        .filter(region_path__in=paths, year__lte=asked.as_of.year)
        .order_by("year")
    )
    held = {row.region_path: row for row in rows}
    for home in homes.values():
        home.profile = held.get(home.row["region_path"][:12])


READERS = {
    "people": _people, "condition": _condition, "lines": _lines, "income": _income, "measures": _measures,
    "visits": _visits, "left": _left, "helpers": _helpers, "causes": _causes, "places": _places, "profile": _profiles,
}  # fmt: skip
