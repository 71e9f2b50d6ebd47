"""Loading the official codes, and opening groups below a village."""

import csv
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from fupin import bulk
from fupin.regions import names
from fupin.regions.models import WIDTHS, Level, Region, key_for

DIVISIONS = Path(__file__).parent / "data" / "divisions.csv"
FIELDS = {"code", "name", "level", "parent_code"}
NAMED = ("name", "short_name", "key")
"""Columns that come from the name."""


def read_divisions(path):
    """Rows `(path, level, name, parent path)` of a divisions file, parents first.

    The file has the columns code (12 digits), name, level (1 to 5) and parent_code; UTF-8.
    Raises ValidationError naming the line and what is expected there.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not set(reader.fieldnames or ()) >= FIELDS:
            raise ValidationError(f"{Path(path).name}：第 1 行应有 code、name、level、parent_code 四列。")
        rows = [_division(row, number) for number, row in enumerate(reader, 2)]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _division(row, number):
    code, level = row["code"].strip(), row["level"].strip()
    if len(code) != 12 or not code.isdigit():
        raise ValidationError(f"第 {number} 行：代码“{code}”应为 12 位数字。")
    if level not in {"1", "2", "3", "4", "5"}:
        raise ValidationError(f"第 {number} 行：级别“{level}”应为 1 至 5。")
    width, above = WIDTHS[int(level)], WIDTHS[int(level) - 1]
    return code[:width], int(level), row["name"].strip(), code[:above]


@transaction.atomic
def load(path=DIVISIONS):
    """Load a divisions file. Returns (created, renamed); loading it again gives (0, 0).

    Raises ValidationError when a parent is neither in the file nor loaded before.
    """
    rows = read_divisions(path)
    if not Region.objects.filter(path="").exists():
        rows.insert(0, ("", Level.COUNTRY, "全国", None))
    places = Region.objects.filter(level__lt=Level.GROUP).order_by()
    known = {path: (key, name) for path, key, name in places.values_list("path", "pk", "name")}
    keys = iter(bulk.take_keys(Region, len({row[0] for row in rows} - known.keys())))
    fresh, changed = [], []
    for path, level, name, above in rows:
        if above is not None and above not in known:
            raise ValidationError(f"“{name}”（{path}）的上级代码 {above} 不存在，请先装入上级。")
        key, held = known.get(path, (None, None))
        if held == name:
            continue
        told = name, names.short_village(name) if level == Level.VILLAGE else name, key_for(level, name)
        if key is None:
            key = next(keys)
            fresh.append((path, level, *told, None if above is None else known[above][0], key))
        else:
            changed.append((*told, key))
        known[path] = key, name
    bulk.insert_rows(Region, ("path", "level", *NAMED, "parent", "id"), fresh)
    bulk.update_rows(Region, NAMED, changed)
    return len(fresh), len(changed)


def open_groups(wanted, *, look_only=False):
    """Find or open the groups in `wanted`, a set of (village path, name as written).

    Returns `{(village path, name): Region}`. Two spellings of one group give one Region. Call inside a
    transaction; a village holds at most 99 groups, more raise ValidationError. With `look_only` what would be opened
    is not: those Regions have no key.
    """
    villages = {
        region.path: region
        for region in Region.objects.filter(path__in={village for village, _ in wanted}, level=Level.VILLAGE)
    }
    existing = Region.objects.filter(level=Level.GROUP, parent__path__in=villages)
    found, last = {}, {}
    for group in existing:
        found[group.path[:12], group.key] = group
        last[group.path[:12]] = max(last.get(group.path[:12], 0), int(group.path[12:]))
    fresh = []
    for village, name in sorted(wanted):
        key = names.group_key(name)
        if (village, key) in found or village not in villages:
            continue
        last[village] = last.get(village, 0) + 1
        if last[village] > 99:
            raise ValidationError(f"{villages[village].short_name}的组超过 99 个。")
        group = Region(
            path=f"{village}{last[village]:02}", level=Level.GROUP, name=name.strip(),
            short_name=name.strip(), key=key, parent=villages[village],
        )  # fmt: skip
        found[village, key] = group
        fresh.append(group)
    if not look_only:
        bulk.create(fresh)
    return {
        (village, name): found[village, names.group_key(name)]
        for village, name in wanted
        if (village, names.group_key(name)) in found
    }
