"""Frozen years: making the copies, and finding the one that answers what is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import time
from urllib.parse import parse_qsl

from django.db import transaction
from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform

from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.filing import keeping
from fupin.filing.actions import holds
from fupin.filing.closed import COUNTY
from fupin.filing.models import FreezeState, FrozenPlace, FrozenReport, FrozenRow, YearFreeze
from fupin.filing.selection import Selection
from fupin.jobs.queue import Stopped
from fupin.regions.models import WIDTHS, Level, Region, ancestors_of

BATCH = 500
UNDER_WAY = (FreezeState.MAKING, FreezeState.COUNTING)
LEVEL_OF = {width: level for level, width in WIDTHS.items()}


@dataclass
class Kept:
    """What one app keeps of a county and a day. `rows` yields the values of FrozenRow but its freeze and kind, and while
    they are read fills `figures` ({path: {key: [n, n]}}) and `named` ({path: {figure: [[path, key], ...]}}, the few rows that a
    board names). `untold`: keys of figures that nothing tells for that day. `groups`: its groups of areas, as the fields of
    `fupin.board.panels.Group`."""

    kind: str
    rows: Iterable
    figures: dict
    untold: list = field(default_factory=list)
    named: dict = field(default_factory=dict)
    groups: list = field(default_factory=list)


def places_then(freeze):
    """Places of the county on the last day: those that were merged since then too."""
    there = Q(valid_to=None) | Q(valid_to__gt=freeze.as_of)
    return list(Region.objects.all().within(freeze.region_path).filter(there).order_by("path"))


def keep(freeze, *, by, step):
    """Make every copy of a freeze that is MAKING: its households and projects as rows, the figures of every place down to
    the groups, and the lines of every report (`fupin.filing.keeping`).

    A freeze that was broken off goes on with the reports that it has whole, if they are not older than GOES_ON; rows and
    figures, a tenth of the work, are made anew. It answers nothing before all is there. Returns `(how many reports were kept, [[what, where, why]] of those left out)`.
    """
    done = _taken_over(freeze)
    rows, kept = keep_figures(freeze, by=by, step=step)
    _ensure_making(freeze)
    count, left_out = keeping.keep_reports(
        freeze, kept[0], kept[1], by=by, done=done, check=partial(_ensure_making, freeze),
        step=lambda done, total: step(rows + done, rows + total),
    )  # fmt: skip
    with transaction.atomic():
        keep_places(freeze, *kept)
        making = YearFreeze.objects.visible_to(by).filter(pk=freeze.pk, state=FreezeState.MAKING)
        if not making.update(
            state=FreezeState.FROZEN, version=F("version") + 1, left_out=left_out, untold=freeze.untold,
            groups=freeze.groups,
        ):  # fmt: skip
            raise Stopped
        record(
            "year.kept", freeze, by=by, region_path=freeze.region_path, year=freeze.year, count=count, rows=rows,
            left_out="；".join(what for what, _, _ in left_out),
        )  # fmt: skip
    return count, left_out


def keep_figures(freeze, *, by, step):
    """Keep the rows of a county and its day, and find the figures that they add up to, and which nothing tells
    (`freeze.untold`), and the groups of areas (`freeze.groups`). Returns `(rows, what keep_places wants)`."""
    places, figures, named, rows = places_then(freeze), {}, {}, 0
    freeze.untold, freeze.groups = [], []
    total = sum(expected(freeze.region_path) for expected in offers("FREEZE_MODULES", "EXPECTED"))
    for made in offers("FREEZE_MODULES", "KEPT"):
        found = made(freeze.region_path, freeze.as_of)
        rows += keep_rows(
            freeze, found, by, lambda done, _, before=rows: step(before + done, max(total, before + done))
        )
        freeze.untold += found.untold
        freeze.groups += found.groups
        for held, own in ((figures, found.figures), (named, found.named)):
            for path, more in own.items():
                held.setdefault(path, {}).update(more)
    return rows, (places, figures, named)


def _ensure_making(freeze):
    if not YearFreeze.objects.unscoped("frozen").filter(pk=freeze.pk, state__in=UNDER_WAY).exists():
        raise Stopped  # opened again meanwhile


def keep_places(freeze, places, figures, named=()):
    named = dict(named)
    FrozenPlace.objects.bulk_create(
        [
            FrozenPlace(
                freeze=freeze, region_path=place.path, level=place.level, name=place.short_name,
                figures=figures.get(place.path, {}), named=named.get(place.path, {}),
            )
            for place in places
        ],
        batch_size=BATCH,
    )  # fmt: skip


def keep_rows(freeze, found, by, step):
    batch, count = [], 0

    def store():
        _ensure_making(freeze)
        FrozenRow.objects.bulk_create(batch)
        step(count, count + BATCH)
        batch.clear()

    for values in found.rows:
        batch.append(FrozenRow(freeze=freeze, kind=found.kind, **values))
        count += 1
        if len(batch) == BATCH:
            store()
    if batch:
        store()
    return count


GOES_ON = 3600
"""Seconds: what was kept longer ago may differ from what is kept now, though the year is closed."""


def _taken_over(freeze):
    """`{(report, whole)}` that an earlier start has kept; everything else that it left is thrown away."""
    done, gone = set(), []
    for kept in freeze.reports.all():
        path = kept.cells_path
        if path.is_file() and time() - path.stat().st_mtime < GOES_ON:
            done.add((kept.report, kept.whole))
        else:
            path.unlink(missing_ok=True)
            gone.append(kept.pk)
    freeze.reports.filter(pk__in=gone).delete()
    freeze.places.all().delete()
    rows = FrozenRow.objects.unscoped("frozen").filter(freeze=freeze)
    rows.order_by()._raw_delete(rows.db)
    return done


# Reading


@dataclass
class Several:
    """Stands for the frozen year of a place above the counties: what was kept of each of them for one day. `missing`:
    names of counties of which nothing was kept."""

    members: list
    as_of: date
    missing: list = field(default_factory=list)
    unit: str = ""

    @property
    def year(self):
        return self.as_of.year

    @property
    def untold(self):
        return sorted({key for one in self.members for key in one.untold})

    @property
    def at(self):
        return min(one.at for one in self.members)

    @property
    def counted(self):
        """Whether a part was only counted, not frozen."""
        return any(one.counted for one in self.members)

    def __str__(self):
        return f"{len(self.members)} 个县 {self.as_of}"


def freeze_of(path, *, year=None, day=None):
    """The frozen year that answers for a place, by the data year or by its very day, or what was counted of that day; for
    a place above the counties what was kept of all of them (Several). None where nothing was kept."""
    if len(path) < COUNTY:
        return several_of(path, day or date(year, 12, 31))
    rows = YearFreeze.objects.unscoped("closed years").filter(
        region_path=path[:COUNTY], state=FreezeState.FROZEN
    )
    rows = rows.filter(year=year) if day is None else rows.filter(as_of=day)
    found = rows.order_by("-pk").first()
    return found or answers_of(path, day or date(year, 12, 31)).get(path[:COUNTY])


def answers_of(path, day):
    """`{county: what was kept of it for that very day}`: frozen years before days that were only counted."""
    rows = YearFreeze.objects.unscoped("closed years").filter(
        as_of=day, state__in=[FreezeState.FROZEN, FreezeState.COUNTED]
    )
    rows = rows.within(path[:COUNTY])
    return {
        row.region_path: row
        for row in sorted(rows, key=lambda row: (row.state == FreezeState.FROZEN, row.pk))
    }


def counties_in(path):
    """Counties of a place that hold something: its own, for what is smaller."""
    if len(path) >= COUNTY:
        return [path[:COUNTY]]
    return sorted({county for found in offers("FREEZE_MODULES", "COUNTIES") for county in found(path)})


def several_of(path, day):
    answers = answers_of(path, day)
    if not answers:
        return None
    missing = [county for county in counties_in(path) if county not in answers]
    names = Region.objects.names(missing)
    return Several(list(answers.values()), day, [names.get(county, county) for county in missing])


def freezes_by_year(path):
    """`{year: what answers for the end of that data year}` at a place: the frozen year, else what was counted of its last
    day. Above the counties (Several) only where all of them were kept. Two queries."""
    wanted = counties_in(path)
    rows = YearFreeze.objects.unscoped("closed years").filter(
        Q(state=FreezeState.FROZEN) | Q(state=FreezeState.COUNTED, as_of__month=12, as_of__day=31)
    )
    found = {}
    rows = sorted(rows.within(path[:COUNTY]), key=lambda row: (row.state == FreezeState.FROZEN, row.pk))
    for row in rows:
        found.setdefault(row.year, {})[row.region_path] = row
    if len(path) >= COUNTY:
        county = path[:COUNTY]
        return {year: held[county] for year, held in found.items() if county in held}
    return {
        year: Several(list(held.values()), max(row.as_of for row in held.values()))
        for year, held in found.items()
        if held.keys() >= set(wanted) and len({row.as_of for row in held.values()}) == 1
    }


def places_by_freeze(freezes, paths):
    """`{year: figures}` of `{year: freeze}` of a place, a place above the counties as the sum of its counties, several places
    of a county as theirs; left out where none was there. One query."""
    path = paths[0] if paths else ""
    years = {}
    for year, freeze in freezes.items():
        for one in freeze.members if isinstance(freeze, Several) else [freeze]:
            years[one.pk] = year
    rows = FrozenPlace.objects.unscoped("frozen").filter(freeze__in=years)
    if paths and len(path) < COUNTY:
        rows = rows.filter(level=Level.COUNTY).within(path)
    else:
        rows = rows.filter(region_path__in=paths)
    found = {}
    for row in rows.order_by("freeze", "region_path"):
        _add(found.setdefault(years[row.freeze_id], FrozenPlace(region_path=path)), row)
    return {year: place.figures for year, place in found.items()}


def _of(freeze):
    return {"freeze__in": freeze.members} if isinstance(freeze, Several) else {"freeze": freeze}


def places_of(freeze, path):
    """`(FrozenPlace of the path or None, [those directly below it])`."""
    rows = FrozenPlace.objects.unscoped("frozen").filter(**_of(freeze))
    if len(path) < COUNTY:
        return _above(rows.filter(level=Level.COUNTY).within(path).order_by("region_path"), path)
    own = rows.filter(region_path=path).first()
    if own is None:
        return None, []
    return own, list(rows.within(path).filter(level=own.level + 1).order_by("region_path"))


def named_below(freeze, path):
    """`(name of the place or None, [(path, name) of those directly below it])`, without their figures."""
    if len(path) < COUNTY:
        own, below = places_of(freeze, path)
        return own and own.name, [(one.region_path, one.name) for one in below]
    rows = FrozenPlace.objects.unscoped("frozen").filter(**_of(freeze)).within(path)
    rows = rows.filter(level__lte=LEVEL_OF[len(path)] + 1).order_by("region_path")
    names = dict(rows.values_list("region_path", "name"))
    return names.pop(path, None), list(names.items())


def places_at(freeze, paths):
    """The FrozenPlaces of these paths of a county, in order of path."""
    rows = FrozenPlace.objects.unscoped("frozen").filter(**_of(freeze), region_path__in=paths)
    return list(rows.order_by("region_path"))


def _above(counties, path):
    """A place above the counties and its parts: what its counties add up to, with the names of today."""
    below = WIDTHS[{0: 1, 2: 2, 4: 3}[len(path)]]
    parts = {}
    for one in counties:
        part = parts.setdefault(
            one.region_path[:below], FrozenPlace(region_path=one.region_path[:below], name=one.name)
        )
        _add(part, one)
    names = Region.objects.names([*parts, path])
    own = FrozenPlace(region_path=path, level=LEVEL_OF[len(path)], name=names.get(path, "全国"))
    for part in parts.values():
        part.level = LEVEL_OF[below]
        if below < COUNTY:
            part.name = names.get(part.region_path, part.region_path)
        _add(own, part)
    return own, list(parts.values())


def _add(place, part):
    for key, pair in part.figures.items():
        held = place.figures.setdefault(key, [0, 0])
        held[0] += pair[0]
        held[1] += pair[1]
    for key, named in part.named.items():
        place.named[key] = place.named.get(key, []) + named


def group_of(freeze, key):
    """The fields of the group of areas `key` as it was kept with a frozen year; None where that year had none so called."""
    return next((one for one in freeze.groups if str(one["key"]) == str(key)), None)


def names_of(freeze, paths):
    """`{path: name}` of these places of a frozen year and of what is above them."""
    wanted = {part for path in paths for part in ancestors_of(path)}
    rows = FrozenPlace.objects.unscoped("frozen").filter(**_of(freeze), region_path__in=wanted).order_by()
    names = dict(rows.values_list("region_path", "name"))
    if isinstance(freeze, Several):
        names |= Region.objects.names([one.region_path[:4] for one in freeze.members])
    return names


def place_of(freeze, path):
    """The FrozenPlace of the path, or None."""
    if len(path) < COUNTY:
        return places_of(freeze, path)[0]
    return FrozenPlace.objects.unscoped("frozen").filter(**_of(freeze), region_path=path).first()


def counting(rows, freeze, place, key, start, size):
    """`(rows, [n, n])`: rows `start` to `start + size` of those that the figure counted at `place` (a FrozenPlace), in
    order of place, and how many there are. The figures of the villages say in which of them the rows lie: as dear in a
    county of 60,000 households as in one of 600."""
    total, seen, inside = place.figures.get(key, [0, 0]), 0, []
    if len(place.region_path) < 12:
        villages = FrozenPlace.objects.unscoped("frozen").filter(**_of(freeze), level=Level.VILLAGE)
        villages = villages.within(place.region_path).annotate(pair=KeyTransform(key, "figures"))
        held = villages.exclude(pair=None).order_by("region_path").values_list("region_path", "pair")
        first = None
        for path, (number, _) in held:
            if seen < start + size and seen + number > start:
                first = seen if first is None else first
                inside.append(path)
            seen += number
        if seen != total[0]:
            return None
        rows, start = rows.filter(rows.in_paths(inside)), start - (first or 0)
    else:
        rows = rows.inside(place.region_path)
    return list(rows.counting(key).order_by("region_path", "key")[start : start + size]), total


def rows_of(freeze, kind):
    """Rows of a frozen year, still to be narrowed by `visible_to`."""
    return FrozenRow.objects.filter(**_of(freeze), kind=kind)


def copy_for(report, asked, region):
    """What a frozen year answers, masked: the kept lines of the place, or those of them that meet the conditions. None
    where nothing answers, or the user may not have it."""
    if region is None or asked.reveal or asked.day or len(region.path) < COUNTY:
        return None
    if report.all_years and not asked.query.get("year"):  # all years, not that one
        return None
    if not holds(asked.user, region.path, P.REPORT_EXPORT, *report.permissions):
        return None
    kept = FrozenReport.objects.unscoped("frozen").select_related("freeze").filter(
        freeze__region_path=region.path[:COUNTY], freeze__state=FreezeState.FROZEN, freeze__year=asked.year,
        report=report.name,
    )  # fmt: skip
    kept = list(kept)
    if not kept:
        return None
    said = {name: value for name, value in asked.query.items() if value and name not in ("region", "year")}
    year = asked.year if report.all_years else None
    if not said or said == dict(parse_qsl(report.start)):
        return selection_of(report, kept, region.path, asked.user, opened=bool(said), year=year)
    if report.apart or report.list_page != "household_list":
        return None
    found = _owners(asked, said, region.path)
    if found is None:
        return None
    return selection_of(report, kept, region.path, asked.user, owners=found[0], chips=found[1], year=year)


def original(report, freeze, path, user):
    """The kept report of a place (which the user sees) as it opens; None where the freeze has none. Also of a year that was
    opened again."""
    kept = FrozenReport.objects.unscoped("frozen").filter(freeze=freeze, report=report.name)
    kept = list(kept.select_related("freeze"))
    return selection_of(report, kept, path, user, opened=bool(report.start)) if kept else None


def selection_of(report, kept, path, user, *, opened=False, **narrowed):
    """The Selection of a place out of the FrozenReports `kept` of one report; None where the place has no table."""
    if report.apart:
        kept = [one for one in kept if one.whole != (opened and bool(report.start)) and path in one.index]
    if not kept or not kept[0].cells_path.is_file():
        return None
    return Selection(report, kept[0], user, path, opened=opened, **narrowed)


def _owners(asked, said, path):
    """`(keys, chips)` of the kept rows that meet the conditions; None where they ask for what was not kept."""
    freeze = freeze_of(path, year=asked.year)
    for narrowed in offers("FREEZE_MODULES", "NARROWED"):
        if found := narrowed(asked, said, freeze):
            kind, holds_for, chips = found
            rows = rows_of(freeze, kind).visible_to(asked.user).inside(path).order_by()
            return {row.key for row in rows.iterator() if holds_for(row)}, chips
    return None


COPIES = [copy_for]
