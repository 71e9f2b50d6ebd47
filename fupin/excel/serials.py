"""Two sheets of one workbook that only a running number joins: 户表 with 序号 1, 2, 3, 成员表 with 户序号.

The number counts the households of this file and numbers none in the register. So nothing but the rows is joined:
each member gets the columns of its household beside its own, and the list is read as one without numbers.
"""

from dataclasses import replace

from fupin.excel.cleaning import compact, text
from fupin.excel.header import labels_at
from fupin.excel.layout import find_tables, table_at
from fupin.excel.titles import key_of

OWN = ("户序号", "序号", "编号", "户号", "项次")
"""What the column is called beside the households."""
SURE = (
    "户序号",
    "所属户序号",
    "所在户序号",
    "户表序号",
    "户主序号",
    "对应户序号",
    "对应序号",
    "农户序号",
    "家庭序号",
    "对应户表序号",
)
PERHAPS = ("所属户", "户号", "编号", "序号")
"""And beside the members; of the latter only where the numbers come again."""
SERIAL = "serial"
SHOWN = 5


def joined(found, offers, sheets, said=None):
    """`[(sheet, table)]` with the lists of people that name their household by a running number of another one of the
    `sheets` joined to it, any other as it is; and the names of the sheets that went into others. `said` {name of a sheet:
    entry of a mapping} are the columns of sheets that a user mapped."""
    people = [
        (spec, table) for spec in offers if spec.half for _, table in found
        if table.kind == spec.kind and "relation" in table.columns and not table.half and not table.one_household
        and not {"hh_no", "head_id"} & table.columns.keys()
    ]  # fmt: skip
    gone = set()
    for spec, table in people:
        for sheet, other in _households(spec, table, sheets, said or {}):
            if _join(table, other):
                gone.add(id(sheet))
                break
    kept = [(sheet, table) for sheet, table in found if id(sheet) not in gone]
    return kept, {sheet.name for sheet in sheets if id(sheet) in gone}


def _households(spec, table, sheets, said):
    for sheet in sheets:
        if sheet.name != table.sheet and (other := counted(spec, sheet, said.get(sheet.name))):
            yield sheet, other


def counts(labels, columns):
    """The index of the column that counts the households, None where no column does: one of `labels` {index: title} that is
    none of `columns` {field: index}."""
    free = (index for index in sorted(labels) if index not in columns.values())
    return next((index for index in free if key_of(labels[index].rpartition("\n")[2]) in OWN), None)


def counted(spec, sheet, entry=None):
    """The table of a sheet that counts its households, None for any other; `entry` is how a user mapped it."""
    fields = [
        replace(item, headers=tuple(word for word in item.headers if word not in OWN)) if item.name == "hh_no" else item
        for item in spec.fields
    ]  # fmt: skip
    serial = replace(spec.fields[0], name=SERIAL, label=OWN[0], headers=OWN, clean=None, into="", pii=None)
    variant = replace(
        spec, kind=f"{spec.kind}_{SERIAL}", fields=(*fields, serial), needs=((SERIAL,), ("head_name",), spec.half[1]),
        needs_named=(), half=(), fewer=(), unnumbered=(), completed=None, by_head="",
    )  # fmt: skip
    tables = _mapped(variant, sheet, entry) if entry else find_tables(sheet, [variant]) if sheet.rows else []
    if (
        len(tables) != 1
        or not tables[0].rows
        or "relation" in tables[0].columns
        or "head_name" not in tables[0].columns
    ):
        return None
    said = [text(row[tables[0].columns[SERIAL]]) for row in tables[0].rows]
    return tables[0] if all(word.isdecimal() for word in said) and len(set(said)) == len(said) else None


def _mapped(variant, sheet, entry):
    """`[the table]` that a user mapped, with the column of its numbers, which is none of a household's."""
    at = [sheet.numbers.index(number) for number in entry["header"] if number in sheet.numbers]
    columns = {name: int(index) for name, index in entry["columns"].items()}
    serial = counts(labels_at(sheet, at), columns) if at else None
    if serial is None:
        return []
    table = table_at(sheet, variant, entry["header"], columns | {SERIAL: serial}, entry.get("wan"))
    return [table] if table is not None else []


def _join(table, other):
    """Give the rows of `table` what `other` says of their household. Returns whether they fit each other."""
    homes = {text(row[other.columns[SERIAL]]): at for at, row in enumerate(other.rows)}
    for words in (SURE, PERHAPS):
        for index, label in table.labels.items():
            if key_of(label) in words and index not in table.columns.values():
                serials = _carried(table, index)
                if _fits(table, other, serials, homes, words is SURE):
                    _give(table, other, serials, homes, label)
                    table.spread |= {index}
                    return True
    return False


def _carried(table, index):
    """The number in each row; a blank one is that of the row above."""
    found, above = [], ""
    for row in table.rows:
        above = (text(row[index]) if index < len(row) else "") or above
        found.append(above)
    return found


def _fits(table, other, serials, homes, sure):
    known = sum(1 for serial in serials if serial in homes)
    if not serials or known * 5 < len(serials) * 4 or not sure and len(set(serials)) == len(serials):
        return False
    name, relation, head = table.columns["name"], table.columns["relation"], other.columns["head_name"]
    pairs = [
        (compact(text(row[name])), compact(text(other.rows[homes[serial]][head])))
        for row, serial in zip(table.rows, serials) if serial in homes and compact(text(row[relation])) in ("户主", "本人", "户主本人")
    ]  # fmt: skip
    same = sum(1 for mine, theirs in pairs if mine == theirs)
    return same * 2 >= len(pairs)


def _give(table, other, serials, homes, label):
    columns = {
        name: index for name, index in other.columns.items() if name not in table.columns and name != SERIAL
    }
    for name, index in columns.items():
        values = ["" if serial not in homes else other.rows[homes[serial]][index] for serial in serials]
        table.give(name, values)
        table.units[name] = other.units.get(name, 1)
        marks = {
            (number, table.columns[name] + 1): error for number, serial in zip(table.numbers, serials)
            if serial in homes and (error := _mark(other, homes[serial], index))
        }  # fmt: skip
        table.errors = table.errors | marks if marks else table.errors
        table.labels[table.columns[name]] = other.labels.get(index, "")
    table.unnumbered = "hh_no" not in columns
    used = set(serials)
    alone = [
        number
        for number, row in zip(other.numbers, other.rows)
        if text(row[other.columns[SERIAL]]) not in used
    ]
    lost = [number for number, serial in zip(table.numbers, serials) if serial not in homes]
    detail = f"用“{other.sheet}”的“{other.label(SERIAL)}”对“{table.sheet}”的“{label}”，对上 {len(homes) - len(alone)} 户"
    if alone:
        detail += f"；“{other.sheet}”{_rows(alone)}没有成员，没有导入"
    if lost:
        detail += f"；“{table.sheet}”{_rows(lost)}的序号查不到户"
    table.findings.append(("sheets_joined", "", "", detail, table.numbers[0]))


def _mark(other, at, index):
    place = (other.numbers[at], index + 1)
    return other.errors.get(place, "=" if place in other.uncached else "")


def _rows(numbers):
    return f"第 {'、'.join(map(str, numbers[:SHOWN]))} 行" + (
        f"等 {len(numbers)} 行" if len(numbers) > SHOWN else ""
    )
