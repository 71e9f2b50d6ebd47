"""Frozen years: making the copies, and finding the one that answers what is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.http import QueryDict

from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.excel import reports
from fupin.filing import copies
from fupin.filing.actions import asked_for, holds
from fupin.filing.closed import COUNTY
from fupin.filing.models import FreezeState, FrozenPlace, FrozenReport, FrozenRow, YearFreeze
from fupin.filing.selection import Selection
from fupin.jobs.queue import Stopped
from fupin.regions.models import Level, Region

BATCH = 500
LOCAL = (Level.COUNTY, Level.TOWNSHIP)
"""Levels whose reports are kept whole; a village's is cut out of its township's, see `fupin.filing.selection`."""
NO_TABLE = "一户一页，不是统计表，不存整套；各户当时的情况已分户存档"


@dataclass
class Kept:
    """What one app keeps of a county and a day. `rows` yields the values of FrozenRow but its freeze and kind, and while
    they are read fills `figures` ({path: {key: [n, n]}}). `untold`: keys of figures that nothing tells for that day."""

    kind: str
    rows: Iterable
    figures: dict
    untold: list = field(default_factory=list)


def places_then(freeze):
    """Places of the county on the last day: those that were merged since then too."""
    there = Q(valid_to=None) | Q(valid_to__gt=freeze.as_of)
    return list(Region.objects.all().within(freeze.region_path).filter(there).order_by("path"))


def keep(freeze, *, by, step):
    """Make every copy of a freeze that is MAKING: its households and projects as rows, the figures of every place down to
    the groups, the reports of the county and its townships, and of a village those that cannot be cut out of them.

    Starting again makes all of them anew. Returns `(how many reports were kept, [[what, where, why]] of those left out)`.
    """
    _forget(freeze)
    places, figures, untold, left_out = places_then(freeze), {}, [], []
    rows = 0
    for made in offers("FREEZE_MODULES", "KEPT"):
        found = made(freeze.region_path, freeze.as_of)
        rows += keep_rows(freeze, found, by, step)
        untold += found.untold
        for path, own in found.figures.items():
            figures.setdefault(path, {}).update(own)
    catalogue = [report for _, section in reports.reports_for(by) for report in section]
    count = 0
    for done, report in enumerate(catalogue):
        step(rows + done, rows + len(catalogue))
        if report.draw:
            left_out.append([report.label(freeze.year), "", NO_TABLE])
            continue
        count += _keep_report(freeze, report, places, figures, left_out, by)
    with transaction.atomic():
        keep_places(freeze, places, figures)
        making = YearFreeze.objects.visible_to(by).filter(pk=freeze.pk, state=FreezeState.MAKING)
        if not making.update(
            state=FreezeState.FROZEN, version=F("version") + 1, left_out=left_out, untold=untold
        ):
            raise Stopped
        record(
            "year.kept", freeze, by=by, region_path=freeze.region_path, year=freeze.year, count=count, rows=rows,
            left_out="；".join(what for what, _, _ in left_out),
        )  # fmt: skip
    return count, left_out


def _ensure_making(freeze, by):
    if not YearFreeze.objects.visible_to(by).filter(pk=freeze.pk, state=FreezeState.MAKING).exists():
        raise Stopped  # opened again meanwhile


def keep_places(freeze, places, figures):
    FrozenPlace.objects.bulk_create(
        [
            FrozenPlace(
                freeze=freeze, region_path=place.path, level=place.level, name=place.short_name,
                figures=figures.get(place.path, {}),
            )
            for place in places
        ],
        batch_size=BATCH,
    )  # fmt: skip


def keep_rows(freeze, found, by, step):
    batch, count = [], 0

    def store():
        _ensure_making(freeze, by)
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


def _keep_report(freeze, report, places, figures, left_out, by):
    """Keep one report of every place that needs a copy; how many. One that cannot be made is named in `left_out`."""
    count, cut = 0, False
    for place in places:  # in order of path: the county first
        village = place.level == Level.VILLAGE
        if not (place.level in LOCAL or village and not cut and figures.get(place.path)):
            continue
        if not holds(by, place.path, P.REPORT_EXPORT, *report.permissions):
            continue
        _ensure_making(freeze, by)
        asked = asked_for(report, place.path, by=by, year=freeze.year, day=freeze.as_of)
        try:
            made = _stored(freeze, report, place, asked)
            count += 1
            if place.level == Level.COUNTY:
                cut = copies.has_places(made.cells_path)
                if (
                    cut and report.start
                ):  # whoever narrows it otherwise later asks for more than it opens with
                    _stored(
                        freeze,
                        report,
                        place,
                        replace(asked, query=QueryDict(f"region={place.path}")),
                        whole=True,
                    )
        except ValidationError as error:
            left_out.append([report.label(freeze.year), place.short_name, "；".join(error.messages)])
            if place.level == Level.COUNTY:  # what has no past has none in its parts either
                return count
    return count


def _stored(freeze, report, place, asked, whole=False):
    kept = copies.write(report, asked)
    try:
        return FrozenReport.objects.create(
            freeze=freeze, report=report.name, region_path=place.path, whole=whole, **kept
        )
    except BaseException:
        copies.discard(kept)
        raise


def _forget(freeze):
    for kept in freeze.reports.all():
        copies.discard({"file": kept.file, "cells": kept.cells})
    freeze.reports.all().delete()
    freeze.places.all().delete()
    rows = FrozenRow.objects.unscoped("frozen").filter(freeze=freeze)
    rows.order_by()._raw_delete(rows.db)


# Reading


def freeze_of(path, *, year=None, day=None):
    """The frozen year that answers for a place, by the data year or by its very day; None where there is none."""
    if len(path) < COUNTY:
        return None
    rows = YearFreeze.objects.unscoped("closed years").filter(
        region_path=path[:COUNTY], state=FreezeState.FROZEN
    )
    rows = rows.filter(year=year) if day is None else rows.filter(as_of=day)
    return rows.order_by("-pk").first()


def places_of(freeze, path):
    """`(FrozenPlace of the path or None, [those directly below it])`."""
    rows = FrozenPlace.objects.unscoped("frozen").filter(freeze=freeze)
    own = rows.filter(region_path=path).first()
    if own is None:
        return None, []
    return own, list(rows.within(path).filter(level=own.level + 1).order_by("region_path"))


def names_of(freeze):
    """`{path: name}` of the places of a frozen year."""
    return dict(
        FrozenPlace.objects.unscoped("frozen")
        .filter(freeze=freeze)
        .order_by()
        .values_list("region_path", "name")
    )


def rows_of(freeze, kind):
    """Rows of a frozen year, still to be narrowed by `visible_to`."""
    return FrozenRow.objects.filter(freeze=freeze, kind=kind)


def copy_for(report, asked, region):
    """The kept report that answers what is asked of a frozen year, masked: the very copy where the place has one and the
    report opens so, else the part of a copy that lies in the place and meets the conditions. None where there is none,
    or the user may not have it."""
    if region is None or asked.reveal or asked.day or len(region.path) < COUNTY or report.draw:
        return None
    if not holds(asked.user, region.path, P.REPORT_EXPORT, *report.permissions):
        return None
    if freeze_of(region.path, year=asked.year) is None:
        return None
    said = {name: value for name, value in asked.query.items() if value and name not in ("region", "year")}
    plain = not said or said == dict(parse_qsl(report.start))
    owners, chips = None, []
    if not plain:
        found = _owners(asked, said, region.path)
        if found is None:
            return None
        owners, chips = found
    path = region.path
    rows = FrozenReport.objects.unscoped("frozen").select_related("freeze").filter(
        freeze__state=FreezeState.FROZEN, freeze__year=asked.year, report=report.name,
        region_path__in=[path[:width] for width in (COUNTY, 9, 12, 14)],
    )  # fmt: skip
    kept = sorted(rows, key=lambda one: (one.whole, len(one.region_path)))
    if plain or not report.start:
        kept = [one for one in kept if not one.whole]
    else:
        kept = [one for one in kept if one.whole]
    if plain and kept and kept[-1].region_path == path:
        return kept[-1]
    if not kept or not copies.has_places(kept[-1].cells_path):
        return None
    return Selection(report, kept[-1], asked, path, owners, chips)


def _owners(asked, said, path):
    """`(keys, chips)` of the kept rows that meet the conditions; None where they ask for what was not kept."""
    freeze = freeze_of(path, year=asked.year)
    for narrowed in offers("FREEZE_MODULES", "NARROWED"):
        if found := narrowed(asked, said, freeze.as_of):
            kind, holds_for, chips = found
            rows = rows_of(freeze, kind).visible_to(asked.user).inside(path).order_by()
            return {row.key for row in rows.iterator() if holds_for(row)}, chips
    return None


COPIES = [copy_for]
