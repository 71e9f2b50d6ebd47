"""What the project pool keeps of a frozen year: every project as it stood, and the figures of the places that they touch."""

from datetime import date
from decimal import Decimal

from django.db.models import Q

from fupin.accounts.roles import Permission as P
from fupin.filing.frozen import Kept, rows_of
from projects import codes, rewound
from projects.models import Project

PREFIX = "p:"
"""Before the keys of projects among the figures of a frozen place."""


def kept(county, as_of):
    """The projects of `county` at the end of `as_of` (see `fupin.filing.frozen.Kept`)."""
    figures, named = {}, {}
    untold = []
    return Kept("project", _rows(county, as_of, figures, named, untold), figures, untold, named)


NAMED = 6
"""Late and blocked projects that the board names, each."""
BLOCKED = {"stopped", "not-started"}


def named(rows):
    """`(late, blocked)` of these projects, the longest due first."""
    soonest = sorted(rows, key=lambda row: (row.finish_end or date.max, row.pk))
    late = [row for row in soonest if "over" in row.keys]
    return late[:NAMED], [row for row in soonest if BLOCKED & set(row.keys)][:NAMED]


def _rows(county, as_of, figures, names, untold):
    counted, places = {}, {}
    for one in rewound.projects(county, as_of):
        rewound.add(counted, one)
        if one.unsure and not untold:
            untold += [PREFIX + key for key in rewound.UNTOLD]
        if "over" in one.keys or BLOCKED & set(one.keys):
            for place, _ in one.places:
                places.setdefault(place, []).append(one)
        money = {
            name: str(value)
            for name, value in (one.sums | {"investment": one.investment}).items()
            if value is not None
        }
        yield {
            "key": one.pk, "region_path": one.region_path, "covers": "".join(f" {path}" for path in one.covers),
            "number": one.number, "name": one.name, "figures": f" {' '.join(one.keys)} ",
            "facts": {
                "state": one.state, "finish_text": one.finish_text, "unit": one.responsible_unit, "money": money,
                "reason": one.blocked_reason if one.state in (codes.State.STOPPED, *codes.NOT_YET) else "",
                "finish_end": one.finish_end and one.finish_end.isoformat(), "undated": one.undated,
                "finished_on": one.finished_on and one.finished_on.isoformat(),
            },
        }  # fmt: skip
    for place, own in counted.items():
        if place.startswith(county):
            figures[place] = {PREFIX + key: pair for key, pair in own.items()}
    for place, rows in places.items():
        found = zip(("p:late", "p:blocked"), named(rows))
        names[place] = {key: [[row.region_path, row.pk] for row in some] for key, some in found}


def named_in(user, freeze, place, key):
    """The projects that the board names at a FrozenPlace, as they stood: "p:late" or "p:blocked"."""
    wanted = Q(pk__in=[])
    for path, pk in place.named.get(key, ()):
        wanted |= Q(region_path=path, key=pk)
    rows = rows_of(freeze, "project").visible_to(user, P.PROJECT_VIEW).filter(wanted).order_by()
    found = sorted(map(_then, rows), key=lambda row: (row.finish_end or date.max, row.pk))
    return found[:NAMED]


def then_rows(user, freeze, paths, day):
    """The projects of some places on a day that is over, as they were kept (`freeze`) or as they stood."""
    if freeze is None:
        yield from rewound.projects(paths, day)
        return
    rows = rows_of(freeze, "project").visible_to(user, P.PROJECT_VIEW)
    for row in rows.inside(*paths).order_by("key").iterator():
        yield _then(row)


def _then(row):
    facts = row.facts
    one = rewound.Then(row.key, row.number, row.name, row.covers.split(), row.figures.split())
    sums = {name: Decimal(value) for name, value in facts["money"].items()}
    one.investment = sums.get("investment")
    one.sums = {part: sums.get(part) for part in rewound.SUMS}
    one.region_path, one.state, one.undated, one.steps = (
        row.region_path,
        facts["state"],
        facts["undated"],
        {},
    )
    one.finish_text, one.responsible_unit, one.blocked_reason = (
        facts["finish_text"],
        facts["unit"],
        facts["reason"],
    )
    one.finish_end, one.finished_on = (
        facts[name] and date.fromisoformat(facts[name]) for name in ("finish_end", "finished_on")
    )
    return one


def expected(county):
    """How many rows `kept` will give."""
    rows = Project.objects.unscoped("counts")
    return rows.filter(rows.touching([county])).count()


KEPT = [kept]
EXPECTED = [expected]
COUNTIES = []
NARROWED = []
LABELS = []
