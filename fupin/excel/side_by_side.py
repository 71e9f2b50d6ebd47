"""Lists that stand beside each other on one sheet, to save paper: 户编号 姓名 … | 户编号 姓名 …

Each is read as if it were alone. Rows of the second and further ones get numbers beyond all sheets (see `form_folds`),
since two records share a row of the sheet.
"""

from dataclasses import fields, replace

from fupin.excel.form_folds import FOLD
from fupin.excel.forms import FormTable
from fupin.excel.layout import find_tables
from fupin.excel.table import Table
from fupin.excel.titles import fields_of


def tables_on(sheet, specs, nth=0):
    """Every table of a sheet, those beside each other one after the other."""
    found = find_tables(sheet, specs)
    if len(found) != 1 or (start := _again(found[0], specs)) is None:
        return found
    first = min(found[0].header_rows)
    left = find_tables(_part(sheet, first, 0, start), specs)
    right = tables_on(_part(sheet, first, start, None), specs, nth + 1)
    if len(left) != 1 or not right or any(table.kind != left[0].kind for table in right):
        return found
    return left + [table if isinstance(table, FormTable) else _beyond(table, nth + 1) for table in right]


def _again(table, specs):
    """The column at which the header begins anew: all that a row needs stands there a second time. None where it does not."""
    spec = next(spec for spec in specs if spec.kind == table.kind)
    last = max(index for name, index in table.columns.items() if name not in table.given)
    names = {
        name: index for index, name in fields_of(table.labels, spec) if index > last and name in table.columns
    }
    needs = spec.unnumbered if table.unnumbered else spec.needs
    whole = bool(needs) and all(any(name in names for name in group) for group in needs)
    if not whole or table.half or table.fewer:
        return None
    behind = [index for index in table.labels if last < index <= min(names.values())]
    return min(behind)


def _part(sheet, first, start, end):
    """The sheet with nothing but these columns from row `first` on."""
    rows = [
        (number, [*[""] * start, *row[start:end]] if number >= first else row)
        for number, row in zip(sheet.numbers, sheet.rows)
    ]
    rows = [(number, row) for number, row in rows if any(cell != "" for cell in row)]
    return replace(sheet, numbers=[number for number, _ in rows], rows=[row for _, row in rows])


def _beyond(table, nth):
    """The table with its rows numbered beyond the sheet."""
    said = {item.name: getattr(table, item.name) for item in fields(Table)}
    made = FormTable(**said, alone=False)
    made.one_household = table.one_household
    made.numbers = [FOLD * nth + number for number in table.numbers]
    made.hidden = frozenset(FOLD * nth + number for number in table.hidden)
    made.errors = {(FOLD * nth + row, column): error for (row, column), error in table.errors.items()}
    made.uncached = frozenset((FOLD * nth + row, column) for row, column in table.uncached)
    return made
