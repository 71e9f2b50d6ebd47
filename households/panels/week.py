"""What the week brought: changes, what became late, the three worst and the three best."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from fupin.board.panels import Table
from fupin.excel.sheet import Kind
from fupin.regions.models import Region, ancestors_of, span
from households import lifecycle, stats
from households.filters import late_in
from households.models import Household, StatusChange, Visit
from households.panels.figures import place

DAYS = 7
LISTED = 30
ENDS = 3


def week(user, view, day):
    """The week that ends on `day` in the region of `view`."""
    own, rows = place(user, view, day)
    since = day - timedelta(DAYS - 1)
    ranked = [row for row in rows if row.progress["rate"] is not None]
    ranked.sort(key=lambda row: (row.progress["rate"], row.path))
    ends = min(ENDS, len(ranked) // 2)
    return {
        "own": own,
        "since": since,
        "day": day,
        "steps": _steps(view, own, since, day),
        "changes": _changes(view, since, day) if own.linked else [],
        "visits": _visits(view, own, since, day),
        "late": _late(user, view, since, day) if own.linked else [],
        "late_count": _late_count(view, own, since, day),
        "worst": ranked[:ends],
        "best": ranked[::-1][:ends],
    }


OWN = ["target-over", "visit-over", "no-helper", "no-target"]


def as_table(found, projects):
    """The figures of `week` and of the projects' panel as a Table; it names nobody."""

    def told(title, one):
        number = one.words.replace(",", "")
        return [title, one.label, int(number) if number.isdecimal() else one.words]

    lines = [told("本周变化", one) for one in (*found["steps"], found["visits"])]
    lines.append(told("逾期", found["late_count"]))
    lines += [
        ["逾期", cell.label, cell.value if cell.few or cell.unknown else cell.households]
        for cell in found["own"].cells(OWN)
    ]
    if projects:
        lines += [
            ["逾期", label, projects["own"][key].value]
            for key, label in (("over", "逾期项目"), ("stopped", "停滞项目"))
        ]
    lines += [
        [title, row.name, None, row.progress["plan"], row.progress["done"], row.progress["rate"]]
        for title, rows in (("最落后", found["worst"]), ("最靠前", found["best"]))
        for row in rows
    ]
    return Table(
        [("类", Kind.TEXT), ("指标或地方", Kind.TEXT), ("数", Kind.COUNT), ("应完成", Kind.COUNT), ("已完成", Kind.COUNT),
         ("完成率", Kind.RATE)],
        lines,
    )  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number of the week and the address of exactly its rows, "" where the user may not see them."""

    label: str
    words: str
    url: str


def _number(label, number, own, page, **conditions):
    """ "＜5" where it is of few and the user may not see the rows."""
    if not own.linked:
        few = 0 < number < stats.FEW
        return Number(label, f"＜{stats.FEW}" if few else f"{number:,}", "")
    return Number(label, f"{number:,}", f"{reverse(page)}?{urlencode(conditions)}" if number else "")


def _inside(view):
    rows = Household.objects.unscoped("counts")
    return rows.filter(rows.in_paths(view.paths))


def _steps(view, own, since, day):
    rows = _inside(view).filter(changes__on__gte=since, changes__on__lte=day).order_by()
    counted = Counter(
        dict(
            rows.values("changes__step")
            .annotate(n=Count("pk", distinct=True))
            .values_list("changes__step", "n")
        )
    )
    period = view.where | {"since": since, "until": day}
    return [
        _number(lifecycle.LABELS.get(step, step), number, own, "household_list", changed=step, **period)
        for step, number in counted.most_common()
    ]


def _changes(view, since, day):
    """The newest LISTED changes with their households."""
    # the week's are few: found by their day, and then whether they are of the place
    inside = Q(pk__in=[])
    for low, high in map(span, view.paths):
        inside |= Q(household__region_path__gte=low, household__region_path__lte=high)
    low, high = span(view.region.path)
    rows = StatusChange.objects.filter(
        inside, on__gte=since, on__lte=day, household__region_path__gte=low, household__region_path__lte=high
    )
    rows = list(rows.select_related("household").order_by("-on", "-pk")[:LISTED])
    places = _places([row.household for row in rows])
    return [
        {
            "household": row.household,
            "place": places[row.household.region_path],
            "step": lifecycle.LABELS.get(row.step, row.step),
            "on": row.on,
            "reason": row.reason,
        }
        for row in rows
    ]


def _places(households):
    names = Region.objects.names({row.region_path for row in households})
    return {
        row.region_path: " ".join(names.get(path, "") for path in ancestors_of(row.region_path)[3:]).strip()
        for row in households
    }


def _visits(view, own, since, day):
    rows = Visit.objects.unscoped("counts")
    rows = rows.filter(rows.in_paths(view.paths))
    days = [since + timedelta(n) for n in range((day - since).days + 1)]  # day by day: see `late_in`
    number = rows.filter(on__in=days, cancelled_reason="").order_by().count()
    return _number("走访", number, own, "visit_list", **view.where, since=since, until=day)


def _late_count(view, own, since, day):
    number = _inside(view).filter(late_in(since, day)).order_by().count()
    period = view.where | {"since": since, "until": day}
    return _number("本周新超过时限", number, own, "household_list", changed="late", **period)


def _late(user, view, since, day):
    rows = Household.objects.visible_to(user)
    rows = rows.filter(rows.in_paths(view.paths)).filter(late_in(since, day))
    rows = list(rows.select_related("helper").order_by("target_due", "region_path", "pk")[:LISTED])
    places = _places(rows)
    return [(row, places[row.region_path], (day - row.target_due).days) for row in rows]
