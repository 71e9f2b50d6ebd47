"""What the register keeps of a frozen year: every household as it stood, the figures of every place that add them up, and
which of the kept households meet the conditions of a list."""

from bisect import insort
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.http import QueryDict

from fupin.filing.frozen import Kept, group_of, rows_of
from fupin.judged import compiled
from fupin.regions.models import Level
from households import breakdown, rewound, stats
from households.filters import Conditioned, HouseholdFilter, chips
from households.kept import FIELDS
from households.models import AreaGroup, Household, RegionCount

WIDTHS = (14, 12, 9, 6)
FACTS = ("registry_status", "monitor_category", "risk_state", "target_text", "target_end", "target_due", "relocated",
         "identified_on", "monitored_on", "cleared_on", "exit_year", "relapse_year", "helper_name",
         *(name for name in FIELDS if name not in ("head_name", "size")))  # fmt: skip
DATES = (
    "target_end",
    "target_due",
    "identified_on",
    "monitored_on",
    "cleared_on",
    "last_visit_on",
    "visit_due",
)


LATE = {
    "target-over": "target_due",
    "visit-over": "visit_due",
    "unvisited": "last_visit_on",
    "no-helper": "region_path",
}
"""Figures whose households the board names, and the column in whose order: the longest overdue first."""
NAMED = 10
"""How many of each."""


def kept(county, as_of):
    """The households of `county` at the end of `as_of` (see `fupin.filing.frozen.Kept`)."""
    figures, named = {}, {}
    untold = [key for key in rewound.NO_PAST if not rewound.known(key, as_of)]
    groups = [
        {
            "key": row.pk,
            "name": row.name,
            "county": county,
            "paths": row.paths,
            "depth": row.depth,
            "confirmed": row.confirmed,
        }
        for row in AreaGroup.objects.in_force(county, as_of.year)
    ]
    return Kept("household", _rows(county, as_of, figures, named), figures, untold, named, groups)


def _rows(county, as_of, figures, named):
    first = {}
    for one in rewound.households(county, as_of):
        wider = [key for key in one.keys if not key.startswith(breakdown.BY)]
        places = dict.fromkeys(one.region_path[:width] for width in WIDTHS)
        for path in places:
            own = figures.setdefault(path, {})
            rewound.add(own, one.keys if len(path) >= 12 else wider, one.size)
            rewound.add_sums(own, one)
        for key in LATE.keys() & set(one.keys):
            for path in places:
                line = first.setdefault((path, key), [])
                insort(line, (rank(one, key), one.region_path, one.pk))
                del line[NAMED:]
        yield {
            "key": one.pk, "region_path": one.region_path, "number": one.number, "name": one.head_name or one.number,
            "size": one.size, "figures": f" {' '.join(one.keys)} ",
            "facts": {name: _plain(getattr(one, name)) for name in FACTS},
        }  # fmt: skip
    for (path, key), line in first.items():
        named.setdefault(path, {})[key] = [[place, pk] for _, place, pk in line]


def rank(one, key):
    """Where a household stands among those named for a figure of LATE; who was never visited comes first."""
    return getattr(one, LATE[key]) or date.min


def named_in(user, freeze, place, key):
    """The households that the board names for a figure of LATE at a FrozenPlace, the longest overdue first, as they stood."""
    named = place.named.get(key, ()) if place else ()
    if not named:
        return []
    paths, keys = ({one[n] for one in named} for n in (0, 1))  # both, for the index; the key alone says which
    rows = rows_of(freeze, "household").visible_to(user).filter(region_path__in=paths, key__in=keys)
    found = [Was(row) for row in rows.order_by()]
    return sorted(found, key=lambda row: (rank(row, key), row.region_path, row.pk))[:NAMED]


def expected(county):
    """How many rows `kept` will give, about."""
    found = RegionCount.objects.unscoped("counts").filter(region_path=county).first()
    return found.figures.get("all", (0,))[0] if found else 0


def counties(path):
    """Counties of a wider place that have households in the book."""
    rows = (
        RegionCount.objects.unscoped("counts").within(path).filter(level=Level.COUNTY).order_by("region_path")
    )
    return [row.region_path for row in rows if row.figures.get("all", (0,))[0]]


def _plain(value):
    return str(value) if isinstance(value, date | Decimal) else value


class Was:
    """A kept household with the columns of Household, as far as they were kept."""

    def __init__(self, row):
        self.pk = self.id = row.key
        self.number, self.region_path, self.head_name, self.size = (
            row.number,
            row.region_path,
            row.name,
            row.size,
        )
        facts = dict(row.facts)
        for name in DATES:
            facts[name] = date.fromisoformat(facts[name]) if facts[name] else None
        facts["per_capita"] = None if facts["per_capita"] is None else Decimal(facts["per_capita"])
        vars(self).update(facts)

    def __str__(self):
        return self.head_name


def narrowed(asked, said, freeze):
    """`(kind, row -> whether it meets the conditions, chips)` for the conditions `said` of a household list; None where one
    of them cannot be judged on what was kept."""
    query = QueryDict(mutable=True)
    query.update(said)
    found = HouseholdFilter(query, Household.objects.none(), user=asked.user, day=stats.Day.of(freeze.as_of))
    if found.form.errors or not set(said) <= {*found.filters, "sort"} or said.get("status") == "9":
        return None
    tests, figure = [], ""
    for name, value in found.form.cleaned_data.items():
        if value in (None, "") or name == "region":
            continue
        if name == "figure":
            figure = f" {value} "
        elif name == "q":
            tests.append(lambda was, word=value: word in was.head_name or was.number.startswith(word.upper()))
        elif name == "helper" and value.isdecimal():
            tests.append(lambda was, key=int(value): was.helper == key)
        elif name == "group":
            group = group_of(freeze, value)
            if group is None:
                return None
            inside = tuple(group["paths"])
            found.areas = group["name"], group["paths"]
            tests.append(lambda was, inside=inside: was.region_path.startswith(inside))
        elif name in ("income_min", "income_max"):
            one = found.filters[name]
            tests.append(compiled(Q(**{f"{one.field_name}__{one.lookup_expr}": value})))
        elif isinstance(found.filters[name], Conditioned):
            tests.append(compiled(found.filters[name].condition(value, found)))
        else:
            return None

    def holds(row):
        if figure and figure not in row.figures:
            return False
        was = Was(row) if tests else None
        return all(test(was) for test in tests)

    return "household", holds, chips(found, "")


def shown():
    """`[(key, label)]` of the figures in order."""
    return [(figure.key, figure.label) for figure in stats.COUNTED]


KEPT = [kept]
EXPECTED = [expected]
COUNTIES = [counties]
NARROWED = [narrowed]
LABELS = shown()
