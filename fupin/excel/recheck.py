"""Corrections to a checked file, and the check of just those rows that they concern.

The same plan runs on a part of the tables: the households of the corrected rows (as they were and as they are now), those
before and after them (a row without a number belongs to the one above), and all that share a link with one of these.
What comes out replaces their findings; everything else stands. Rows related to them in turn are read along, because a
finding may point at them, and left as they are.
"""

from dataclasses import dataclass

from django.db import transaction

from fupin.excel import batches, imports, mapping, staging
from fupin.excel.changes import BAD, CHANGED, CLASH, NEW, OUT, SAME
from fupin.excel.models import ImportBatch, State

MOST = 2_000
"""Rows that are checked within the request; a correction that concerns more asks for the whole check."""


GOES = {NEW, CHANGED, SAME}
"""States of rows that go in."""


class Stale(Exception):
    """Somebody (another window) changed the corrections since they were read."""


class TooMany(Exception):
    """The correction concerns more rows than are checked at once."""


@dataclass
class Part:
    """What a partial check gave: the units it replaces, the rows they have, and the outcome."""

    old: set
    positions: set
    units: list
    issues: list


def change(batch, edits, version, *, touched, by):
    """Keep `edits` and check again what `touched` (rows as `(sheet, row)`) concerns. True; False: the whole must be checked.

    Raises Stale, TooMany (nothing is kept then), staging.Missing.
    """
    with transaction.atomic(), staging.changing(batch.stored) as staged:
        if staged.version != version:
            raise Stale
        keep_only(batch, edits, version)
        part = _check(batch, staged, set(staged.pos_of(touched).values()), edits, by)
        plain = mapping.spec_of(batch.kind).plain
        staged.replace(part.old, part.positions, part.units, part.issues, version + 1, plain)
        batch.report = batch.report | figures(staged, batch.report.get("written", {}))
        ImportBatch.objects.unscoped("same row").filter(pk=batch.pk).update(report=batch.report)
        batch.__dict__.pop("issues", None)


def keep_only(batch, edits, version):
    """Keep `edits` without checking anything: the whole check follows. Raises Stale."""
    taken = (
        ImportBatch.objects.unscoped("same row")
        .filter(pk=batch.pk, version=version, state__in=[State.CHECKED, State.FAILED])
        .update(edits=edits.kept(), version=version + 1)
    )
    if not taken:
        raise Stale
    batch.edits, batch.version = edits.kept(), version + 1


def _check(batch, staged, touched, edits, by):
    """The Part that a change of the rows `touched` gives."""
    start = staged.rows_of(staged.neighbours(touched)) | touched
    old = staged.sharing(staged.neighbours(touched))
    while True:
        part, wider = _look(batch, staged, touched, start, old, edits, by)
        if part is not None and wider <= old:
            return part
        old |= wider


def _look(batch, staged, touched, start, old, edits, by):
    """Check the units `old` again, and those that rows of `start` share a link with now.

    Answers `(Part, units that it concerns besides)`: a unit whose rows went in before and stay out now (or the other
    way round) may change what others that share a link with it are told. No Part where a unit fell apart otherwise.
    """
    spec, setting = mapping.spec_of(batch.kind), batches.setting_of(batch)
    near = set()
    while True:
        context = staged.sharing(old) | near
        rows = staged.rows_of(context) | touched
        if len(rows) > MOST:
            raise TooMany
        tables = staged.part(rows)
        plan = imports.planned(spec, tables, setting, edits)
        if not getattr(plan, "in_parts", False):
            raise TooMany
        own = staged.rows_of(old) | touched
        position = {place: pos for pos, place in staged.places_of(rows).items()}
        more, links, around, told = set(), set(), set(), set()
        for unit in plan.units():
            told |= set(unit.links)
            held = {position[place[0], place[1]] for place in unit.rows}
            if held & own:
                more |= held - own
                around |= set(unit.links)
            if held & start:
                links |= set(unit.links)
        wanted = old | staged.units_at(more) | staged.with_links(links)
        if wanted != old:
            return None, wanted
        beside = staged.with_links(around) - context
        if not beside:
            break
        near |= beside
    outcome = imports.Outcome(spec.kind, spec.title, spec, tables, [], plan)
    outcome = imports.carry_out(lambda again: outcome, by, dry_run=True, batch=batch.pk)
    if outcome.plan is None:
        raise TooMany
    units, found, beyond = [], set(), set()
    for unit in plan.units():
        held = {position[place[0], place[1]] for place in unit.rows}
        if held & own:
            units.append(unit)
            beyond |= held - own
        if held & start:
            found |= set(unit.links) - told
    if beyond or not staged.with_links(found) <= old:  # what the database says of them ties them to others
        return None, old | staged.units_at(beyond) | staged.with_links(found)
    mine = {(sheet, row) for unit in units for sheet, row, *_ in unit.rows}
    forms = {table.sheet for table in tables if table.one_household} & {sheet for sheet, _ in mine}
    issues = [
        issue
        for issue in outcome.issues  # what is wrong with a form may stand anywhere on its sheet
        if (issue.sheet, issue.line or issue.row) in mine or issue.sheet in forms
    ]
    goes = {
        position[sheet, row]: own_state in GOES for unit in units for sheet, row, own_state, _ in unit.rows
    }
    turned = {pos for pos, state in staged.states_of(own).items() if (state in GOES) != goes.get(pos, False)}
    links = {
        link
        for unit in units
        for link in unit.links
        if any(position[p[0], p[1]] in turned for p in unit.rows)
    }
    wider = staged.sharing(staged.units_at(turned)) | staged.with_links(links)
    return Part(old, own, units, issues), wider


def figures(staged, written):
    """The figures of a report that follow from the states of rows and units; `written` as the last whole check gave it."""
    units, people = staged.tally()
    states, left_out = staged.states(), staged.left_out()
    houses = bool(people) or "persons_new" in written
    if houses or "households_new" in written:
        counted = {f"households_{word}": units.get(word, 0) for word in (NEW, CHANGED, SAME)}
        counted |= {f"persons_{word}": people.get(word, 0) for word in (NEW, CHANGED, SAME)}
    else:
        counted = {f"rows_{word}": units.get(word, 0) for word in (NEW, CHANGED, SAME)}
        counted |= {f"clues_{word}": units.get(word, 0) for word in (NEW, SAME) if f"clues_{word}" in written}
    written = written | {name: number for name, number in counted.items() if name in written or not written}
    # The rows of a sheet of households beside its members are no persons; rows that concern nobody (of a bureau's list)
    # were read all the same, those left out were not.
    counts = people if houses else states
    read = sum(number for state, number in counts.items() if state != OUT)
    good = sum(counts.get(word, 0) for word in (NEW, CHANGED, SAME))
    found = {
        "read": read, "good": good, "bad": counts.get(BAD, 0), "clash": counts.get(CLASH, 0), "written": written,
        "found": staged.count_issues(), "out": left_out,
    }  # fmt: skip
    if houses:
        found |= {
            "households": sum(units.get(word, 0) for word in (NEW, CHANGED, SAME)), "persons": good,
            "households_bad": units.get(BAD, 0), "households_clash": units.get(CLASH, 0),
        }  # fmt: skip
    return found
