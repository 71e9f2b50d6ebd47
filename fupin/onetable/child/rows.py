"""Rows put into a sheet the way Excel does it: what stands below moves down, ranges over the rows grow.

openpyxl's own `insert_rows` moves values only: formulas, merged ranges, heights, rules and the print area stay behind.
"""

import re
from copy import copy

from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.formula import ArrayFormula

_CELL = re.compile(r"(\$?[A-Z]{1,3})(\$?)(\d{1,7})")
_PART = re.compile(
    r"(\$?[A-Z]{1,3}\$?\d{1,7})(:)(\$?[A-Z]{1,3}\$?\d{1,7})|(\$?[A-Z]{1,3}\$?\d{1,7})|(\$?)(\d{1,7}):(\$?)(\d{1,7})"
)


def moved(row, last, count):
    """Where `row` stands after `count` rows came in below row `last`."""
    return row + count if row > last else row


def _cell(word, last, count, *, end=False):
    """One reference; the `end` of a range that stops at `last` takes the new rows in."""
    column, fixed, row = _CELL.fullmatch(word).groups()
    row = int(row)
    row = row + count if end and row == last else moved(row, last, count)
    return f"{column}{fixed}{row}"


def reference(words, last, count):
    """`B8:B16` (without its sheet) after the rows came in."""

    def change(found):
        if found[2]:
            return _cell(found[1], last, count) + ":" + _cell(found[3], last, count, end=True)
        if found[4]:
            return _cell(found[4], last, count)
        top, bottom = int(found[6]), int(found[8])
        bottom = bottom + count if bottom == last else moved(bottom, last, count)
        return f"{found[5]}{moved(top, last, count)}:{found[7]}{bottom}"

    return _PART.sub(change, words)


def area(words, last, count):
    """Places that a rule is for (`B8 C8:C10`): a single cell in row `last` takes the new rows in too."""
    found = []
    for one in words.split():
        held = _CELL.fullmatch(one)
        found.append(reference(f"{one}:{one}" if held and int(held[3]) == last else one, last, count))
    return " ".join(found)


def formula(text, own, changed, last, count):
    """The formula `text` of sheet `own` after `count` rows came in below row `last` of the sheet `changed`."""
    tokens = Tokenizer(text)
    for token in tokens.items:
        if token.type != Token.OPERAND or token.subtype != Token.RANGE:
            continue
        sheet, mark, words = token.value.rpartition("!")
        named = sheet.strip("'").replace("''", "'") if mark else own
        if named == changed:
            token.value = sheet + mark + reference(words, last, count)
    return tokens.render()


def insert(book, sheet, last, count):
    """Put `count` rows below row `last` of `sheet`, drawn as that row is; everything that knows of rows follows."""
    for row in range(sheet.max_row, last, -1):
        _move(sheet, row, row + count)
    _merges(sheet, last, count)
    for page in book.worksheets:
        for line in page.iter_rows():
            for cell in line:
                if (
                    cell.data_type == "f"
                    and not isinstance(cell.value, ArrayFormula)
                    and isinstance(cell.value, str)
                ):
                    cell.value = formula(cell.value, page.title, sheet.title, last, count)
                elif isinstance(cell.value, ArrayFormula) and page is sheet:
                    cell.value.ref = reference(cell.value.ref, last, count)
                    cell.value.text = formula(cell.value.text, page.title, sheet.title, last, count)
    for n in range(1, count + 1):
        _copy(sheet, last, last + n)
    _rules(book, sheet, last, count)


def _move(sheet, row, to):
    for column in range(1, sheet.max_column + 1):
        old = sheet._cells.pop((row, column), None)
        if old is not None:
            old.row = to
            sheet._cells[to, column] = old
        else:
            sheet._cells.pop((to, column), None)
    held = sheet.row_dimensions.pop(row, None)
    sheet.row_dimensions.pop(to, None)
    if held is not None:
        held.index = to
        sheet.row_dimensions[to] = held


def _copy(sheet, row, to):
    """Draw row `to` as `row` is, with its formulas."""
    for column in range(1, sheet.max_column + 1):
        old = sheet._cells.get((row, column))
        if old is None or type(old).__name__ == "MergedCell":
            continue
        new = sheet.cell(to, column)
        new._style = copy(old._style)
        if old.data_type == "f" and isinstance(old.value, str):
            new.value = Translator(old.value, old.coordinate).translate_formula(new.coordinate)
    if row in sheet.row_dimensions:
        held = sheet.row_dimensions[row]
        sheet.row_dimensions[to].height = held.height
        sheet.row_dimensions[to].hidden = held.hidden
    for area in list(sheet.merged_cells.ranges):
        if area.min_row == area.max_row == row:
            sheet.merge_cells(start_row=to, end_row=to, start_column=area.min_col, end_column=area.max_col)


def _merges(sheet, last, count):
    """Merged ranges below move; one that ends at `last` and began above it grows over the new rows."""
    kept = []
    for area in list(sheet.merged_cells.ranges):
        grows = area.max_row == last and area.min_row < last
        if area.min_row > last or area.max_row > last or grows:
            sheet.merged_cells.remove(area)
            top = moved(area.min_row, last, count)
            bottom = last + count if grows else moved(area.max_row, last, count)
            kept.append((top, bottom, area.min_col, area.max_col))
    for top, bottom, left, right in kept:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left) and type(
                    sheet._cells.get((row, column))
                ).__name__ == "MergedCell":
                    del sheet._cells[row, column]
        sheet.merge_cells(start_row=top, end_row=bottom, start_column=left, end_column=right)


def _rules(book, sheet, last, count):
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = type(rule.sqref)(area(str(rule.sqref), last, count))
    held = sheet.conditional_formatting
    sheet.conditional_formatting = type(held)()
    for ruled in held:
        words = area(str(ruled.sqref), last, count)
        for rule in ruled.rules:
            rule.formula = [
                formula(f"={one}", sheet.title, sheet.title, last, count)[1:] for one in rule.formula
            ]
            sheet.conditional_formatting.add(words, rule)
    if sheet.print_area:
        words = sheet.print_area if isinstance(sheet.print_area, str) else ",".join(sheet.print_area)
        sheet.print_area = [
            reference(part.rpartition("!")[2], last, count).replace("$", "") for part in words.split(",")
        ]
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = reference(sheet.auto_filter.ref, last, count)
    for one in sheet.row_breaks.brk:
        one.id = moved(one.id, last, count)
    for names in (book.defined_names, *(page.defined_names for page in book.worksheets)):
        for name in names.values():
            if name.attr_text and "!" in name.attr_text:
                name.attr_text = formula(f"={name.attr_text}", "", sheet.title, last, count)[1:]
    for drawn in (*sheet._images, *sheet._charts):
        for corner in ("_from", "to"):
            mark = getattr(drawn.anchor, corner, None)
            if mark is not None and mark.row >= last:
                mark.row += count
