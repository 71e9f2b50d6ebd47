"""Where the forms of a sheet are, and the member table in each."""

from dataclasses import dataclass

from fupin.excel.cleaning import compact, text
from fupin.excel.form_words import fits, in_table, label_key, label_of, split_pairs


class Grid:
    """A sheet by row number and column (from 0), with its merged ranges."""

    def __init__(self, sheet):
        self.rows = dict(zip(sheet.numbers, sheet.rows))
        self.numbers = sheet.numbers
        self.spans = {(top, left - 1): (bottom, right - 1) for top, left, bottom, right in sheet.merges}
        self._filled = {}
        self.merged = bool(sheet.merges)
        self.marked = {(row, column - 1) for row, column in (*sheet.errors, *sheet.uncached)}

    def cell(self, row, column):
        cells = self.rows.get(row, ())
        return cells[column] if column < len(cells) else ""

    def filled(self, row):
        """`[(column, cell)]` of what is not blank."""
        if row not in self._filled:
            self._filled[row] = [
                (column, cell)
                for column, cell in enumerate(self.rows.get(row, ()))
                if cell != "" and (cell.__class__ is not str or text(cell))
            ]
        return self._filled[row]

    def beside(self, row, column):
        """The first cell right of one that is not blank; only the very next where merged ranges are known."""
        start = self.beyond(row, column)[1]
        cells = (self.cell(row, at) for at in range(start, start + (1 if self.merged else 4)))
        return next((cell for cell in cells if cell != ""), "")

    def beyond(self, row, column):
        """`(row below, column right)` of a cell's extent."""
        bottom, right = self.spans.get((row, column), (row, column))
        return bottom + 1, right + 1


@dataclass
class Header:
    rows: list
    columns: dict
    labels: dict


def header_of(grid, numbers, words, within=None):
    """The first member table's header among `numbers`, or None."""
    for at, row in enumerate(numbers):
        if within is not None and at >= within:
            return None
        filled = grid.filled(row)
        if len(filled) < 2:
            continue
        labels = {column: cell for column, cell in filled if isinstance(cell, str)}
        columns = _columns(labels, words)
        if _is_header(columns, words) and not _is_data(grid, row, columns, words):
            return _with_second_row(grid, row, columns, labels, words)
    return None


def _is_header(columns, words):
    return "name" in columns and ("relation" in columns or "id" in columns) and "hh_no" not in columns


def _is_data(grid, row, columns, words):
    """Whether the row is a block in which the labels have their values beside them: 姓名 | 张三 | 身份证号 | 99…"""
    for name, column in columns.items():
        cell = grid.beside(row, column)
        if cell == "" or isinstance(cell, str) and label_of(cell, words) is not None:
            continue
        fit = fits(words, name, cell)
        if fit == 3:
            return True
        below = grid.cell(grid.beyond(row, column)[0], column)
        if (
            name == "name"
            and fit == 2
            and isinstance(below, str)
            and below
            and label_of(below, words) is not None
        ):
            return True
    return False


def _columns(labels, words):
    """`{field: column}` of a header: what a person's column means goes before what a household's does."""
    columns = {}
    for column, label in labels.items():
        parent, _, child = label.rpartition("\0")
        for spelled in (child, parent + child, parent):
            if name := in_table(spelled, words):
                columns.setdefault(name, column)
                break
    return columns


def _with_second_row(grid, row, columns, labels, words):
    """The header with the row below joined to it, where that one is a part of it."""
    below = grid.filled(row + 1)
    texts = {column: cell for column, cell in below if isinstance(cell, str)}
    if below and len(texts) == len(below) and columns["name"] not in texts:
        known = [c for c, cell in texts.items() if in_table(cell, words)]
        under = any(column not in labels for column in texts)
        if (
            under
            and 2 * len(known) >= len(texts) > 0
            and not _is_data(grid, row + 1, _columns(texts, words), words)
        ):
            joined, parent = {}, ""
            for column in range(max(*labels, *texts) + 1):
                parent = labels.get(column) or (parent if column in texts else "")
                child = texts.get(column, "")
                if parent or child:
                    joined[column] = f"{parent}\0{child}" if parent and child else child or parent
            found = _columns(joined, words)
            return Header([row, row + 1], found, {c: t.replace("\0", "") for c, t in joined.items()})
    return Header([row], columns, labels)


def is_list(grid, words):
    """Whether the sheet is an ordinary list: 户编号 and 姓名 in one header, also one of two rows (户编号 merged down)."""
    above = {}
    for row in grid.numbers[:12]:
        own = {c: cell for c, cell in grid.filled(row) if isinstance(cell, str)}
        for labels in (own, above | own):
            columns = _columns(labels, words)
            whole = "name" in columns and "hh_no" in columns and columns["name"] in own
            if whole and not _is_data(grid, row, columns, words):
                return True
        above = {
            c: cell for c, cell in own.items() if not _is_data(grid, row, _columns({c: cell}, words), words)
        }
    return False


def is_titled(grid, words):
    """Whether a title within the first rows says that this is a form."""
    for row in grid.numbers[:8]:
        for _, cell in grid.filled(row):
            said = compact(cell) if isinstance(cell, str) else ""
            if words.title.search(said) and not words.no_title.search(said):
                return True
    return False


def segments(grid, words):
    """Row numbers of each form of the sheet: a form begins where its title or its first labels come again."""
    starts = [row for row in grid.numbers if _is_title(grid, row, words)]
    if len(starts) < 2:
        starts = _repeats(grid, words) or starts or [0]
    elif (lead := [row for row in grid.numbers if row < starts[0]]) and header_of(grid, lead, words):
        starts.insert(0, lead[0])
    ends = [*starts[1:], grid.numbers[-1] + 1]
    starts[0] = grid.numbers[0]
    return [[row for row in grid.numbers if begin <= row < end] for begin, end in zip(starts, ends)]


def _repeats(grid, words):
    """The first rows of forms below each other that have no titles: their labels come again, a table with each."""
    tables = _count_headers(grid, words)
    if tables == 1:
        return []
    lines = [(row, found) for row in grid.numbers if (found := _skeleton(grid, row, words))]
    for first, skeleton in lines[:8]:
        again = [row for row, found in lines if row >= first and found == skeleton]
        if len(again) > 1 and (not tables or len(again) == tables):
            return [row - first + grid.numbers[0] for row in again]
    return []


def _count_headers(grid, words):
    left, count = list(grid.numbers), 0
    while header := header_of(grid, left, words):
        count += 1
        left = [row for row in left if row > header.rows[-1]]
    return count


def _is_title(grid, row, words):
    filled = grid.filled(row)
    if len(filled) != 1 or not isinstance(filled[0][1], str):
        return False
    said = compact(filled[0][1])
    return len(said) <= 40 and ":" not in said and "续" not in said and bool(words.title.search(said))


def _skeleton(grid, row, words):
    """The labels of a row with their columns: what is the same on the next form."""
    return tuple(
        (column, pairs[0][0] if (pairs := split_pairs(cell, words)) else label_key(cell))
        for column, cell in grid.filled(row)
        if isinstance(cell, str) and (split_pairs(cell, words) or label_of(cell, words) is not None)
    )
