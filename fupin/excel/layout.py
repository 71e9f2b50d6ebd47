"""Where the tables stand in a sheet: every one that a kind can read, or the one that a user pointed at."""

from fupin.excel.cleaning import text
from fupin.excel.data_rows import take_rows
from fupin.excel.header import HEADER_WITHIN, Header, first_header, labels_at, names_heads
from fupin.excel.sections import locate
from fupin.excel.titles import holds, key_of, said_over


def find_tables(sheet, specs):
    """Every table of `sheet` that one of `specs` can read, from top to bottom."""
    found, at = [], 0
    header = first_header(sheet, specs, at, within=HEADER_WITHIN)
    while header is not None:
        table, above = header.table(sheet), header
        found.append(table)
        header = take_rows(table, sheet, header, specs)
        drop_serials(table, above.spec)
        carry_down(table, above.spec)
        above.fill_in(table)
    for table in found:
        locate(table, sheet, specs)
    return found


def drop_serials(table, spec):
    """编号 over 1, 2, 3 counts the rows and numbers no household: such a column is none where the ID numbers will do."""
    index = table.columns.get("hh_no")
    if index is None or key_of(table.labels.get(index, "")) not in ("编号", "户号") or not table.rows:
        return
    others = table.columns.keys() - {"hh_no"}
    lone = holds(others, spec.unnumbered)
    if not lone and not holds(others, spec.needs) and not holds(others, spec.fewer):
        return
    before = 0
    for row in table.rows:
        said = text(row[index]) if index < len(row) else ""
        if not said:
            continue
        if not said.isdecimal() or int(said) not in (before, before + 1, 1):
            return
        before = int(said)
    del table.columns["hh_no"]
    table.unnumbered = bool(spec.unnumbered)


def carry_down(table, spec):
    """What a list of entries writes once for the rows below it: the household of several measures, the official of
    several households. Only where nothing of it stands in the row, and no number counts the row as one of its own."""
    serial = next(
        (index for index, label in table.labels.items() if key_of(label) in ("序号", "编号", "项次")), None
    )
    for first, more, counted in spec.carried:
        lead = [table.columns[name] for name in first if name in table.columns]
        columns = [*lead, *(table.columns[name] for name in more if name in table.columns)]
        if not lead or counted and serial is None:
            continue
        others = [index for index in table.columns.values() if index not in columns]
        above = None
        for at, (number, row) in enumerate(zip(table.numbers, table.rows)):
            blank = all(row[index] == "" and (number, index + 1) not in table.errors for index in lead)
            if not blank:
                above = row
            elif (
                above is not None
                and any(row[index] != "" for index in others)
                and (serial is None or serial >= len(row) or text(row[serial]) == "" or serial in columns)
            ):
                row = list(row)
                for index in columns:
                    row[index] = row[index] if row[index] != "" else above[index]
                table.rows[at] = row
                table.findings.append(("carried_down", first[0], "", "", number))


def table_at(sheet, spec, header_rows, columns, wan=None):
    """The table whose header a user pointed at. `columns` {field name: index}; `wan` the fields in 万元, None: as the
    labels say. None when the sheet has no such rows."""
    where = {number: index for index, number in enumerate(sheet.numbers)}
    at = [where[number] for number in header_rows if number in where]
    if not at or len(at) != len(header_rows):
        return None
    labels = dict.fromkeys(columns.values(), "") | labels_at(sheet, at)
    said = {} if holds(columns, spec.needs) else said_over(sheet, at[0], spec, columns)
    whole = holds(columns | said, spec.needs)
    unnumbered = not whole and holds(columns, spec.unnumbered)
    fewer = not whole and not unnumbered and (
        spec.lacks.isdisjoint(columns) and holds(columns, spec.fewer)
        or names_heads(spec, columns, {}) and holds(columns, spec.heads_only)
    )  # fmt: skip
    header = Header(
        spec, dict(columns), labels, list(header_rows), at[0], at[-1] + 1,
        not whole and not unnumbered and not fewer and bool(spec.half),
        unnumbered or fewer and bool(spec.unnumbered) and "hh_no" not in columns, fewer=fewer, chosen=True,
    )  # fmt: skip
    header.said = said
    table = header.table(sheet)
    table.dated = {}
    if wan is not None:
        table.units |= {name: 10_000 for name in wan if name in columns}
        table.units |= {name: 1 for name in columns if name not in wan and table.units[name] == 10_000}
    take_rows(table, sheet, header, [spec])
    carry_down(table, spec)
    header.fill_in(table)
    locate(table, sheet, [spec])
    return table
