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
    known = {region.path: region for region in Region.objects.filter(level__lt=Level.GROUP)}
    created = renamed = 0
    if "" not in known:
        known[""] = Region.objects.create(path="", level=0, name="全国", short_name="全国", key="全国")
        created += 1
    for level in range(Level.PROVINCE, Level.GROUP):
        fresh, changed = [], []
        for own, own_level, name, above in rows:
            if own_level != level:
                continue
            if above not in known:
                raise ValidationError(f"“{name}”（{own}）的上级代码 {above} 不存在，请先装入上级。")
            region = known.get(own)
            if region is None:
                region = Region(path=own, level=level, parent=known[above])
                fresh.append(region)
            elif region.name == name:
                continue
            else:
                changed.append(region)
            region.name = name
            region.short_name = names.short_village(name) if level == Level.VILLAGE else name
            region.key = key_for(level, name)
        Region.objects.bulk_create(fresh, batch_size=500)
        Region.objects.bulk_update(changed, ["name", "short_name", "key"], batch_size=500)
        known |= {region.path: region for region in fresh}
        created, renamed = created + len(fresh), renamed + len(changed)
    return created, renamed


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
