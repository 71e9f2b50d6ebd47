"""Member tables that do not go down the sheet, laid out anew: two people side by side in a row, members as columns.

The reading of forms knows one table: a header, and one row a person below it. `unfolded` brings the others to that
shape and remembers where every cell came from. A person who shares a row with another gets a row number beyond all
sheets (`FOLD` and more); `row_of` says where they really stand.
"""

from dataclasses import dataclass, field, replace

from fupin.excel.cleaning import compact, text
from fupin.excel.form_sheet import Grid
from fupin.excel.form_words import ID, in_table, looks_like_name

FOLD = 10_000_000
"""Above every row of a sheet; `FOLD * n + row` is the n-th further person of a row."""
MOST = 40
"""Members that stand as columns at most."""


def row_of(number):
    """The row of the sheet that a row number means."""
    return number % FOLD if number else number


@dataclass
class Fold:
    """A sheet laid out anew. `numbers` {its row: the row number to give}; `origin` {(its row, column): (row, column)},
    columns from 0, of cells that moved."""

    sheet: object
    numbers: dict = field(default_factory=dict)
    origin: dict = field(default_factory=dict)


def unfolded(sheet, words):
    """The Fold of a sheet with such a table, None for any other."""
    grid = Grid(sheet)
    return _members_as_columns(sheet, grid, words) or _side_by_side(sheet, grid, words)


def _is_number(cell):
    return isinstance(cell, float) and cell >= 1e14 or bool(ID.fullmatch(compact(text(cell))))


def _side_by_side(sheet, grid, words):
    """姓名 | 与户主关系 | 身份证号 | 姓名 | 与户主关系 | 身份证号: a header that comes twice or more in its row."""
    for row in grid.numbers[:MOST]:
        known = [
            (c, name)
            for c, cell in grid.filled(row)
            if isinstance(cell, str) and (name := in_table(cell, words))
        ]
        names = [name for _, name in known]
        times = names.count("name")
        size = len(names) // times if times else 0
        block = names[:size]
        if (
            times < 2 or len(names) != size * times or block * times != names
            or len(set(block)) != size or not {"relation", "id"} & set(block)
        ):  # fmt: skip
            continue
        starts = [known[size * at][0] for at in range(times)]
        if fold := _split(
            sheet, grid, row, [known[size * at : size * (at + 1)] for at in range(times)], starts
        ):
            return fold
    return None


def _split(sheet, grid, header, blocks, starts):
    """Each person in a row of their own, the further ones below the first; None where there are none."""
    at = {name: column for column, name in blocks[0]}
    key = "id" if "id" in at else "relation"
    fold, numbers, rows, people = Fold(sheet), [], [], 0
    for row, cells in zip(sheet.numbers, sheet.rows):
        further = []
        for n, block in enumerate(blocks[1:], 1):
            told = {name: grid.cell(row, column) for column, name in block}
            fits = looks_like_name(told["name"]) and (key != "id" or _is_number(told["id"]))
            if row > header and fits:
                made = [""] * len(cells)
                for column, name in block:
                    made[at[name]] = grid.cell(row, column)
                    fold.origin[row + n / 10, at[name]] = (row, column)
                further.append((row + n / 10, made))
                fold.numbers[row + n / 10] = FOLD * n + row
        people += len(further)
        numbers.append(row)
        rows.append(
            cells if not further and row != header else _cut(cells, starts[1], further or row == header)
        )
        for number, made in further:
            numbers.append(number)
            rows.append(made)
    if not people:
        return None
    fold.sheet = replace(sheet, numbers=numbers, rows=rows, errors=dict(sheet.errors))
    return _marked(fold, sheet)


def _cut(cells, start, cut):
    """A row without what stands from column `start` on."""
    return [*cells[:start], *([""] * (len(cells) - start))] if cut else cells


def _members_as_columns(sheet, grid, words):
    """姓名 | 甲 | 乙 above 与户主关系 | 户主 | 配偶: labels in one column, a person in each of those to its right."""
    for row in grid.numbers[:MOST]:
        filled = grid.filled(row)
        if len(filled) < 3 or not isinstance(filled[0][1], str) or in_table(filled[0][1], words) != "name":
            continue
        left = filled[0][0]
        people = [column for column, cell in filled[1:] if looks_like_name(cell)]
        if len(people) < 2 or len(people) != len(filled) - 1 or len(people) > MOST:
            continue
        lines = {"name": row}
        labels = {row: filled[0][1]}
        for other in sorted(grid.numbers, key=lambda number: (number < row, abs(number - row))):
            label = grid.cell(other, left)
            name = in_table(label, words) if isinstance(label, str) and label else None
            if not name or name in lines or not _goes_with(grid, other, left, people):
                continue
            lines[name], labels[other] = other, label
        numbers = [_is_number(grid.cell(lines["id"], column)) for column in people] if "id" in lines else []
        if sum(numbers) >= 2 or "relation" in lines and len(lines) >= 3 and not numbers:
            return _turned(sheet, row, lines, labels, people)
    return None


def _goes_with(grid, row, left, people):
    """Whether the cells of a row stand under those people and nowhere else."""
    columns = {column for column, _ in grid.filled(row)}
    return columns - {left} <= set(people) and len(columns) >= 2


def _turned(sheet, row, lines, labels, people):
    fold, numbers, rows = Fold(sheet), [], []
    width = max(len(lines), max(map(len, sheet.rows), default=0))
    gone = set(lines.values())
    for number, cells in zip(sheet.numbers, sheet.rows):
        if number not in gone:
            numbers.append(number)
            rows.append(cells)
        if number != row:
            continue
        numbers.append(row)
        rows.append([labels[lines[name]] for name in lines] + [""] * (width - len(lines)))
        source = dict(zip(sheet.numbers, sheet.rows))
        for n, column in enumerate(people, 1):
            made = [""] * width
            for at, name in enumerate(lines):
                cells_of = source[lines[name]]
                made[at] = cells_of[column] if column < len(cells_of) else ""
                fold.origin[row + n / 100, at] = (lines[name], column)
            numbers.append(row + n / 100)
            rows.append(made)
            fold.numbers[row + n / 100] = FOLD * n + row
    merges = [merge for merge in sheet.merges if not any(merge[0] <= line <= merge[2] for line in gone)]
    fold.sheet = replace(sheet, numbers=numbers, rows=rows, merges=merges)
    return _marked(fold, sheet)


def _marked(fold, sheet):
    """The marks of the cells that moved, at where they stand now."""
    now = {(row, column + 1): (place[0], place[1] + 1) for place, (row, column) in fold.origin.items()}
    fold.sheet.errors = {now.get(place, place): error for place, error in sheet.errors.items()}
    fold.sheet.uncached = frozenset(now.get(place, place) for place in sheet.uncached)
    fold.sheet.hidden = sheet.hidden | {row for row in fold.numbers if int(row) in sheet.hidden}
    return fold
