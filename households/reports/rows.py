"""What the reports of the register share: the rows of the list page under its filters, today's or those of a past
day, with what changes by year read a chunk at a time.

A past data year shows the state of its last day (households.asof); today's columns are used only for today.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q

from fupin.audit.seen import look
from fupin.batched import batched
from fupin.regions.models import Region, ancestors_of
from households import asof, codes, filters, kept, stats
from households.badges import kind
from households.models import Condition, Household, HouseholdCause, Income, Member, MemberYear
from households.models.income import net_of, per_head, total_of

FIELDS = (
    "id", "number", "version", "region_path", "head_name", "size", "labour", "registry_status", "monitor_category",
    "risk_state", "dibao", "tekun", "phone", "remark", "identified_text", "identified_on", "exit_year",
    "target_text", "target_end", "last_visit_on", "uninsured", "out_of_school", "helper__name", "helper__unit",
)  # fmt: skip
CAUSES = dict(codes.Cause.choices)
PLACE = ("region_path", "pk")


def is_past(asked):
    """Whether the report is about a day before today."""
    return asked.as_of < asked.today


def listed(asked, found=None):
    """`(rows, chips)`: the list page's own FilterSet over the rows that may be exported. ValidationError for
    conditions that cannot be read, or not of a past day: a file never holds more than what was asked for."""
    found = found or filtered(asked)
    searched = asked.query.get("found", "")
    if searched and (found.private or {}).get("key") != searched:  # a number searched in another session
        return found.queryset.none(), []
    return found.qs, [chip for chip in filters.chips(found, "") if chip[0] != "region"]


def owners(asked, *, today=False):
    """The keys of the households of the list under the conditions asked for (`Report.owners`)."""
    rows, _ = listed(asked, filtered(asked, today=today))
    return set(rows.order_by().values_list("pk", flat=True))


def filtered(asked, *, today=False):
    """The FilterSet of what is asked; `today` whatever the year says."""
    rows = asked.visible(Household.objects.unscoped("hanging").all())
    made = PastFilter if is_past(asked) and not today else filters.HouseholdFilter
    day = stats.Day.of(asked.today if today else asked.as_of)
    found = made(asked.query, rows, user=asked.user, day=day, private=asked.private)
    filters.ensure_clean(found)
    return found


class PastFilter(filters.HouseholdFilter):
    """The same conditions, on the households as they stood on a past day."""

    shown = ("risk_state", "monitor_category", "target_end", "target_text", "last_visit_on", "helper__name",
             "helper__unit", "main_cause", "dibao", "tekun", "size")  # fmt: skip

    def filter_queryset(self, queryset):
        values = self.form.cleaned_data
        condition = Q()
        if values.get("status") != codes.RegistryStatus.CLOSED:
            condition = ~Q(registry_status=codes.RegistryStatus.CLOSED)
        for name, value in values.items():
            if value in (None, ""):
                continue
            one = self.filters[name]
            if isinstance(one, filters.Conditioned):
                condition &= one.condition(value, self)
            elif name in ("q", "region", "group"):
                queryset = one.filter(queryset, value)
            elif name == "helper" and value.isdecimal():
                condition &= Q(helper=int(value))
            else:
                raise ValidationError(f"“{one.label}”没有历史数据，不能用于以前年度的报表。请去掉后再生成。")
        if "token_place" in queryset.query.annotations:
            queryset = queryset.filter(self._token_places(values.get("region")))
        if self.data.get("found"):
            private = filters.private_q(self.private["term"], self.user) if self.is_found else Q(pk__in=[])
            queryset = queryset.filter(private)
        condition, names = asof.then(condition)
        return asof.at(queryset, self.day.today, sorted({*names, *self.shown})).filter(condition)


@dataclass
class Years:
    """Reads what a chunk of owners holds in one data year: a fixed number of queries a chunk."""

    year: int

    def of(self, rows, owner, chunk, *fields):
        """`{owner id: values}` of the newest year not after the data year."""
        rows = rows.filter(**{f"{owner}__in": chunk}, year__lte=self.year).order_by("year")
        return {row[0]: row[1:] for row in rows.values_list(owner, *fields)}


class Places:
    """Names of places, read once each."""

    def __init__(self):
        self.names = {}

    def read(self, paths):
        new = {part for path in paths for part in ancestors_of(path)} - self.names.keys()
        if new:
            self.names |= Region.objects.names(new)

    def of(self, path):
        """(township, village, group)"""
        names = self.names
        return (
            names.get(path[:9], ""),
            names.get(path[:12], ""),
            names.get(path, "") if len(path) > 12 else "",
        )


def chunks(rows, size, fields=FIELDS):
    """Chunks of households as dicts of `fields`; of a past day, where `rows` carry its columns."""
    held = rows.query.annotations
    columns = [f"then_{name}" if f"then_{name}" in held else name for name in fields]
    for chunk in batched(rows.values_list(*columns).iterator(chunk_size=size), size):
        yield [dict(zip(fields, values)) for values in chunk]


def filled(rows, asked, size):
    """Chunks of households with the columns that R01, R02, R16 and R22 share."""
    places, years = Places(), Years(asked.year)
    for chunk in chunks(rows, min(size, 500)):
        ids = [row["id"] for row in chunk]
        look(ids)
        places.read({row["region_path"] for row in chunk})
        causes = years.of(HouseholdCause.objects.filter(rank=0), "household", ids, "cause")
        incomes = years.of(Income.objects, "household", ids, *kept.INCOME, "year")
        if is_past(asked):
            _as_of(chunk, ids, asked, years)
        for row in chunk:
            row["town"], row["village"], row["group"] = places.of(row["region_path"])
            row["place"] = row["region_path"][:12]
            row["kind"] = kind_of(row, asked.year)
            row["cause"] = CAUSES.get(causes.get(row["id"], ("",))[0], "")
            income = incomes.get(row["id"], (None,) * 8)
            row["money"] = (*income[:5], income[7])
            row["income"] = total_of(*income[:4])
            row["per_capita"] = per_head(net_of(*income[:6]), income[6])
        yield ids, chunk


def kind_of(row, year):
    """户类型 in the words of the data year: a list of 2018 says 贫困户, one of 2026 never does."""
    words = kind(row["registry_status"], row["monitor_category"], row["dibao"], row["tekun"])
    if year > codes.LAST_POOR_YEAR or row["monitor_category"] != "0":
        return words
    was = {"1": "poor", "2": "poor", "3": "out", "4": "poor"}.get(row["registry_status"])
    plain = kind(row["registry_status"], "0", False, False)
    return words.replace(plain, codes.era_label(was, year), 1) if was else words


def members_on(asked):
    """Members of the households on the day of the report."""
    day = asked.as_of
    rows = Member.objects.unscoped("hanging").exclude(left_on__lte=day).exclude(joined_on__gt=day)
    return asked.visible(rows)


def _as_of(chunk, ids, asked, years):
    """The kept columns of a past day: who was there, and what was true of them in the data year."""
    people = defaultdict(list)
    members = members_on(asked).filter(household__in=ids).order_by("household", "order", "pk")
    for household, member, name, relation in members.values_list("household", "pk", "name", "relation"):
        people[household].append((member, name, relation))
    every = [member for held in people.values() for member, *_ in held]
    facts = years.of(
        MemberYear.objects.unscoped("hanging"),
        "member",
        every,
        "labour",
        "medical_resident",
        "medical_employee",
        "dropout_reason",
    )
    for row in chunk:
        held = people[row["id"]]
        known = [facts[member] for member, *_ in held if member in facts]
        heads = [name for _, name, relation in held if relation == codes.Relation.HEAD]
        row |= {
            "head_name": heads[0] if heads else row["head_name"],
            "size": len(held),
            "labour": sum(labour in codes.WORKING for labour, *_ in known),
            "uninsured": any(resident is False and not employee for _, resident, employee, _ in known),
            "out_of_school": any(dropout for *_, dropout in known),
        }
        if row["exit_year"] and row["exit_year"] > asked.year:
            row["exit_year"] = None
        if row["identified_on"] and row["identified_on"] > asked.as_of:
            row["identified_on"], row["identified_text"] = None, ""


def conditions_of(years, ids, *fields):
    """`{household: values}` of the living conditions of the data year."""
    return years.of(Condition.objects, "household", ids, *fields)
