"""Where things stand in a file, as the user said: kind, sheets, header rows, columns, units. Remembered for a unit.

A batch keeps `{"kind", "tables": [{"sheet", "header": [rows], "columns": {field: index}, "wan": [fields]}], "source"}`;
What is no plain list has "labels" or "wide" in the place of tables (fupin.excel.relabel).
`{}` is recognition by header alone, `{"auto": True}` the same after the user refused what was remembered.
A remembered mapping is found by the header itself: the labels of its cells, normalised, by column.
"""

import hashlib
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from fupin.accounts.roles import Permission
from fupin.excel import relabel, serials
from fupin.excel.cleaning import Unreadable
from fupin.excel.header import labels_at, may_head
from fupin.excel.imports import chosen as spec_of
from fupin.excel.layout import find_tables
from fupin.excel.models import SavedMapping
from fupin.excel.table import letter_of
from fupin.excel.titles import holds, key_of

MAX_SHEETS = 8
"""Sheets whose columns a page shows; a book with more is one of forms."""


def signature(labels):
    """What two files with the same header have in common: `labels` {column index: text}."""
    parts = "|".join(f"{index}:{key_of(label)}" for index, label in sorted(labels.items()))
    return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()


def unit_of(user):
    """The path of the user's own unit for imports: that of the widest post."""
    return min(user.paths(Permission.IMPORT), key=len, default="")


def entry_of(table):
    """A table as a mapping names it."""
    return {
        "sheet": table.sheet, "header": list(table.header_rows), "columns": {name: index for name, index in table.columns.items() if name not in table.given},
        "wan": sorted(name for name, unit in table.units.items() if unit == 10_000),
    }  # fmt: skip


def entries_on(sheet, spec, alone):
    """The entries that recognition gives for a sheet; one that counts the households of other sheets has one, unless it is
    `alone`."""
    found = [entry_of(table) for table in find_tables(sheet, [spec])]
    if not found and not alone and spec.half and (table := serials.counted(spec, sheet)):
        found = [entry_of(table)]
        found[0]["columns"].pop(serials.SERIAL)
    return found


def automatic(book, kind):
    """The entries that recognition gives for a kind, sheet by sheet."""
    spec = spec_of(kind)
    return [
        entry
        for sheet in book.sheets
        if sheet.state == "visible" and sheet.rows
        for entry in entries_on(sheet, spec, len(book.sheets) == 1)
    ]


def remembered(book, by, kind=""):
    """The mapping that this unit used for these headers before, or {}."""
    candidates = {}
    for sheet in book.sheets:
        if sheet.state == "visible" and sheet.rows:
            for labels, header, _ in may_head(sheet):
                candidates.setdefault(signature(labels), []).append((sheet.name, header))
    saved = SavedMapping.objects.filter(Q(signature__in=candidates) | Q(said__has_key="labels"), unit__in=by.paths(Permission.IMPORT))  # fmt: skip
    if kind:
        saved = saved.filter(kind=kind)
    saved = [
        entry for entry in saved.select_related("user").order_by("-saved_at", "-pk") if spec_of(entry.kind)
    ]
    forms = [entry for entry in saved if "labels" in entry.said]
    saved = [entry for entry in saved if "labels" not in entry.said]
    if not saved:
        return next((_again(entry, {"labels": entry.said["labels"]}) for entry in forms if relabel.fits(entry.said["labels"], book)), {})  # fmt: skip
    kind, tables = saved[0].kind, {}
    for entry in saved:
        for sheet, header in candidates[entry.signature]:
            if entry.kind == kind and sheet not in tables and ("names" in entry.said) == ("names" in saved[0].said):  # fmt: skip
                tables[sheet] = {"sheet": sheet, "header": header, **entry.said}
    if "names" in saved[0].said:
        return _again(saved[0], {"wide": list(tables.values())})
    more = [entry for entry in automatic(book, kind) if entry["sheet"] not in tables]
    order = {sheet.name: n for n, sheet in enumerate(book.sheets)}
    return _again(saved[0], {"tables": sorted([*tables.values(), *more], key=lambda entry: order[entry["sheet"]])})  # fmt: skip


def _again(saved, said):
    """The mapping `said` that a saved one gives, with whose it is."""
    source = {"by": saved.user.name, "on": timezone.localdate(saved.saved_at).isoformat()}
    return {"kind": saved.kind, "tables": [], "source": source} | said


def remember(book, mapping, *, by):
    """Keep what the user corrected for the next file with this header; one entry a header, unit and kind."""
    if relabel.is_said(mapping):
        _remember_said(book, mapping, by)
        return
    plain = {(entry["sheet"], entry["header"][0]): entry for entry in automatic(book, mapping["kind"])}
    sheets = {sheet.name: sheet for sheet in book.sheets}
    for entry in mapping["tables"]:
        known = plain.get((entry["sheet"], entry["header"][0]))
        same = known is not None and all(known[part] == entry[part] for part in ("header", "columns", "wan"))
        sheet = sheets[entry["sheet"]]
        at = [sheet.numbers.index(number) for number in entry["header"]]
        where = {
            "unit": unit_of(by), "signature": signature(labels_at(sheet, at)), "kind": mapping["kind"],
        }  # fmt: skip
        if same:
            SavedMapping.objects.filter(**where).delete()
        else:
            SavedMapping.objects.update_or_create(
                **where, defaults={"said": {"columns": entry["columns"], "wan": entry["wan"]}, "user": by}
            )


def _remember_said(book, mapping, by):
    """Keep the labels of a form, found again by themselves, or the titles of columns that repeat, found by the header."""
    where = {"unit": unit_of(by), "kind": mapping["kind"]}
    if labels := mapping.get("labels"):
        SavedMapping.objects.update_or_create(
            **where, signature=relabel.signature(labels), defaults={"said": {"labels": labels}, "user": by}
        )
    sheets = {sheet.name: sheet for sheet in book.sheets}
    for entry in mapping.get("wide", ()):
        sheet = sheets[entry["sheet"]]
        at = [sheet.numbers.index(number) for number in entry["header"]]
        SavedMapping.objects.update_or_create(
            **where,
            signature=signature(labels_at(sheet, at)),
            defaults={"said": {"names": entry["names"]}, "user": by},
        )


@lru_cache(maxsize=512)
def in_units(item):
    """Whether a field is an amount that a file may give in 万元."""
    try:
        return item.clean is not None and item.clean("1", 10_000) != item.clean("1", 1)
    except Unreadable:
        return False


def missing(spec, columns):
    """Labels of the fields without which a table of this kind cannot be read: one of each group."""
    labels = {item.name: item.label for item in spec.fields}
    if any(holds(columns, needs) for needs in (spec.half, spec.unnumbered, spec.fewer, spec.heads_only)):
        return []  # the households' half of a file with a sheet of members; households known by their heads
    return [
        "或".join(labels[name] for name in group)
        for group in spec.needs
        if not any(name in columns or name in spec.titled for name in group)
    ]


def _goes_with_others(spec, entry, entries):
    """Whether a sheet of households counts them, and the sheet of their people names them by that number."""
    has = {name for _, name in entry["said"]}
    others = [{name for _, name in other["said"]} for other in entries if other is not entry]
    return (
        entry.get("counts", False) and "relation" not in has and holds(has, [("head_name",), *spec.half[1:]])
        and any("relation" in names and not names & {"hh_no", "head_id"} for names in others)
    )  # fmt: skip


def checked(spec, entries):
    """The mapping of these entries. Raises ValidationError in words that say which column or field."""
    labels = {item.name: item.label for item in spec.fields}
    problems = []
    if not entries:
        problems.append("至少要导入一个工作表。")
    for entry in entries:
        where = f"工作表“{entry['sheet']}”" if len(entries) > 1 else "表里"
        taken = {}
        for index, name in entry["said"]:
            taken.setdefault(name, []).append(letter_of(index))
        for name, letters in taken.items():
            if len(letters) > 1:
                problems.append(f"{where}{'、'.join(letters)} 列都对应到“{labels[name]}”，只能留一列。")
        for label in missing(spec, taken) if not _goes_with_others(spec, entry, entries) else ():
            problems.append(
                f"{where}缺少“{label}”：请选出它是哪一列，没有这一列的表不能按“{spec.title}”导入。"
            )
    if problems:
        raise ValidationError(problems)
    return {
        "kind": spec.kind,
        "tables": [
            {
                "sheet": entry["sheet"], "header": entry["header"],
                "columns": {name: index for index, name in entry["said"]},
                "wan": sorted(set(entry["wan"]) & {name for _, name in entry["said"]}),
            }
            for entry in entries
        ],
    }  # fmt: skip
