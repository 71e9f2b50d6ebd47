"""Frozen years: making the copies, and finding the one that answers what is asked."""

from urllib.parse import parse_qsl

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.excel import reports
from fupin.filing import copies
from fupin.filing.actions import asked_for, holds
from fupin.filing.models import FreezeState, FrozenPlace, FrozenReport, YearFreeze
from fupin.jobs.queue import Stopped
from fupin.regions.models import Level, Region


def _places(freeze):
    """Places of the county on the last day: those that were merged since then too."""
    there = Q(valid_to=None) | Q(valid_to__gt=freeze.as_of)
    return list(
        Region.objects.all()
        .within(freeze.region_path)
        .filter(there, level__lte=Level.VILLAGE)
        .order_by("path")
    )


def keep(freeze, *, by, step):
    """Make every copy of a freeze that is MAKING: reports of the county and its townships, figures down to villages.

    Starting again makes all of them anew. Returns how many reports were kept.
    """
    _forget(freeze)
    places = _places(freeze)
    wanted = [
        (report, place)
        for _, section in reports.reports_for(by)
        for report in section
        if not report.draw
        for place in places
        if place.level in (Level.COUNTY, Level.TOWNSHIP)
        and holds(by, place.path, P.REPORT_EXPORT, *report.permissions)
    ]
    for done, (report, place) in enumerate(wanted):
        step(done, len(wanted) + 1)
        if not YearFreeze.objects.visible_to(by).filter(pk=freeze.pk, state=FreezeState.MAKING).exists():
            raise Stopped  # opened again meanwhile
        asked = asked_for(report, place.path, by=by, year=freeze.year, day=freeze.as_of)
        try:
            kept = copies.write(report, asked)
        except ValidationError:  # a report whose past is not kept
            continue
        try:
            FrozenReport.objects.create(freeze=freeze, report=report.name, region_path=place.path, **kept)
        except BaseException:
            copies.discard(kept)
            raise
    figures = {}
    for made in offers("FREEZE_MODULES", "FIGURES"):
        for path, own in made(freeze.region_path, freeze.as_of).items():
            figures.setdefault(path, {}).update(own)
    with transaction.atomic():
        FrozenPlace.objects.bulk_create(
            [
                FrozenPlace(
                    freeze=freeze, region_path=place.path, level=place.level, name=place.short_name,
                    figures=figures.get(place.path, {}),
                )
                for place in places
            ],
            batch_size=500,
        )  # fmt: skip
        rows = YearFreeze.objects.visible_to(by).filter(pk=freeze.pk, state=FreezeState.MAKING)
        if not rows.update(state=FreezeState.FROZEN, version=F("version") + 1):
            raise Stopped
        record(
            "year.kept", freeze, by=by, region_path=freeze.region_path, year=freeze.year, count=len(wanted)
        )
    return len(wanted)


def _forget(freeze):
    for kept in freeze.reports.all():
        copies.discard({"file": kept.file, "cells": kept.cells})
    freeze.reports.all().delete()
    freeze.places.all().delete()


def copy_for(report, asked, region):
    """The kept report that answers what is asked: a frozen year, a place that has one, no other condition than those
    the report opens with, and masked. None where there is none, or the user may not have it."""
    if region is None or asked.reveal or asked.day or len(region.path) < 6:
        return None
    said = {name: value for name, value in asked.query.items() if value and name not in ("region", "year")}
    if said and said != dict(parse_qsl(report.start)):
        return None
    kept = (
        FrozenReport.objects.visible_to(asked.user)
        .filter(
            freeze__state=FreezeState.FROZEN,
            freeze__year=asked.year,
            report=report.name,
            region_path=region.path,
        )
        .select_related("freeze")
        .first()
    )
    if kept is None or not holds(asked.user, region.path, P.REPORT_EXPORT, *report.permissions):
        return None
    return kept


COPIES = [copy_for]
