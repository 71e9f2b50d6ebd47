"""The form as the mapping page draws it: its cells with their merged ranges, and where each place of it stands."""

from fupin.excel.table import letter_of
from fupin.onetable.structure import ROWS

BELOW = 3
"""Rows shown under the last one that matters."""


def drawn(sheet, places):
    """`{"widths", "rows": [(number, [cell])]}` of a sheet; a cell is a dict of `text`, `across`, `down`, `lined`, `bold`,
    `centred`, and `place` (see `places`: {(row, column): dict}) where something is written."""
    texts = {(row, column): (words, marks) for row, column, words, marks in sheet["cells"]}
    covered, spans = set(), {}
    for top, left, bottom, right in sheet["merges"]:
        spans[top, left] = (bottom - top + 1, right - left + 1)
        covered |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)} - {
            (top, left)
        }
    used = [position for position, (words, _) in texts.items() if words] + list(places)
    last = min(sheet["rows"], max((row for row, _ in places), default=1) + BELOW)
    wide = min(sheet["columns"], max((column for _, column in used), default=1))
    rows = []
    for row in range(1, last + 1):
        cells = []
        for column in range(1, wide + 1):
            if (row, column) in covered:
                continue
            words, marks = texts.get((row, column), ("", ""))
            down, across = spans.get((row, column), (1, 1))
            cells.append({
                "text": "" if "f" in marks else words.strip(), "formula": "f" in marks, "down": min(down, last - row + 1), "across": min(across, wide - column + 1),
                "lined": "b" in marks, "bold": "t" in marks, "centred": "c" in marks, "place": places.get((row, column)),
            })  # fmt: skip
        rows.append((row, cells))
    widths = [int(min(max(width, 2), 40) * 8) for width in sheet["widths"][:wide]]
    return {
        "name": sheet["name"],
        "rows": rows,
        "widths": widths,
        "letters": [letter_of(n) for n in range(wide)],
    }


def cells_of(blocks, said):
    """`{sheet: {(row, column): (block number, key)}}` of where something may be written."""
    found = {}
    for n, (block, one) in enumerate(zip(blocks, said["blocks"])):
        own = found.setdefault(block.sheet, {})
        if one["columns"]:
            row = block.first if block.kind == ROWS or not block.labels else min(block.labels)
            for key in one["columns"]:
                own[row, int(key)] = (n, key)
        for key in one["cells"]:
            row, column = map(int, key.split(","))
            own[row, column] = (n, key)
    return found
