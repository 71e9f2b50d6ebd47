"""Every sheet of a book through the parser, in blocks of rows, so that no process holds the book twice."""

from limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Refused

BLOCK = 4096
"""Rows of one message."""
MAX_MERGES, MAX_COVERED, MERGED_ROWS = 200_000, 3_000_000, 50
"""Merged ranges of a sheet, and the cells that they cover; of a tall one so many rows count."""
MARKS = {"hidden": [], "hidden_columns": [], "errors": {}, "uncached": [], "merges": []}


def sheets_of(file, marks, epoch=1900):
    """The messages of every sheet of the book in the open `file`: one with the marks, then its rows."""
    from python_calamine import CalamineWorkbook

    file.seek(0)
    book, total = CalamineWorkbook.from_filelike(file), 0
    for index, meta in enumerate(book.sheets_metadata):
        found = MARKS | (marks[index] if index < len(marks) else {})
        tenths, texts = found.pop("tenths", ()), found.pop("texts", {})
        sheet = {
            "name": meta.name,
            "state": str(meta.visible).rpartition(".")[2].lower(),
            "epoch": epoch,
            **found,
        }
        if not str(meta.typ).endswith("WorkSheet"):
            yield {"sheet": sheet}
            continue
        opened = book.get_sheet_by_index(index)
        if opened.width > MAX_COLUMNS:
            raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
        if opened.height * opened.width > MAX_CELLS:
            raise Refused("file_bomb", "空白的行列太多")
        if not sheet["merges"]:
            sheet["merges"] = [
                (r1 + 1, c1 + 1, r2 + 1, c2 + 1) for (r1, c1), (r2, c2) in opened.merged_cell_ranges or []
            ]
        check_merges(sheet["merges"])
        yield {"sheet": sheet}
        for numbers, rows in blocks(opened, tenths, texts):
            total += len(rows)
            if total > MAX_ROWS:
                raise Refused("file_bomb", f"行数超过 {MAX_ROWS:,}")
            yield {"numbers": numbers, "rows": rows}


def check_merges(merges):
    """Refuse merged ranges that are too many, or cover too much, to be looked at one by one."""
    covered = sum(
        min(bottom - top + 1, MERGED_ROWS) * min(right - left + 1, MAX_COLUMNS)
        for top, left, bottom, right in merges
    )
    if len(merges) > MAX_MERGES or covered > MAX_COVERED:
        raise Refused("file_bomb", "合并单元格异常多")


def blocks(opened, tenths=(), texts=None):
    """`(row numbers, rows)`, blank rows left out, at most BLOCK rows each."""
    if opened.start is None:
        return
    left = opened.start[
        1
    ]  # the parser begins with the first column that is used, yet with the very first row
    pad, numbers, rows, words = [""] * left, [], [], {}
    same = words.setdefault
    for number, row in enumerate(opened.iter_rows(), 1):
        if row.count("") == len(row):
            continue
        numbers.append(number)
        row = [
            same(cell, cell) if cell.__class__ is str else cell for cell in row
        ]  # a word once, not once a cell
        rows.append(pad + row if left else row)
        if len(rows) == BLOCK:
            yield shown(numbers, rows, tenths, texts)
            numbers, rows = [], []
            words.clear()
    if rows:
        yield shown(numbers, rows, tenths, texts)


def shown(numbers, rows, tenths, texts):
    """Cells that the parser does not read as the sheet shows them.

    Figures like 2019.1 that are shown as 2019.10 become that text: October, where it is a month. `texts` are what
    old books say in their code page.
    """
    if tenths or texts:
        at = dict(zip(numbers, rows))
        for number, column in tenths:
            row = at.get(number)
            if row is not None and column <= len(row) and isinstance(row[column - 1], float):
                row[column - 1] = f"{row[column - 1]:.2f}"
        for (number, column), text in (texts or {}).items():
            row = at.get(number)
            if row is not None and column <= len(row):
                row[column - 1] = text
    return numbers, rows


def text_sheet(name, numbers, rows):
    """The messages of a sheet read from text."""
    if any(len(cell) > MAX_TEXT for row in rows for cell in row):
        raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")
    yield {"sheet": {"name": name, "state": "visible", "epoch": 1900, **MARKS}}
    for start in range(0, len(rows), BLOCK):
        yield {"numbers": numbers[start : start + BLOCK], "rows": rows[start : start + BLOCK]}
