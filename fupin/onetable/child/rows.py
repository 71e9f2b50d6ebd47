"""Where cells stand after rows came into a sheet: what stands below moves down, ranges over the rows grow."""

import re

from openpyxl.formula.tokenizer import Token, Tokenizer

_CELL = re.compile(r"(\$?[A-Z]{1,3})(\$?)(\d{1,7})")
_PART = re.compile(
    r"(?<![\w.])(?:(\$?[A-Z]{1,3}\$?\d{1,7})(:)(\$?[A-Z]{1,3}\$?\d{1,7})|(\$?[A-Z]{1,3}\$?\d{1,7})|(\$?)(\d{1,7}):(\$?)(\d{1,7}))(?![\w.])"
)
"""A name that only ends like a cell (合计A10) is none."""


def moved(row, last, count):
    """Where `row` stands after `count` rows came in below row `last`."""
    return row + count if row > last else row


def _cell(word, last, count, *, end=False):
    """One reference; the `end` of a range that stops at `last` takes the new rows in."""
    column, fixed, row = _CELL.fullmatch(word).groups()
    row = int(row)
    row = row + count if end and row == last else moved(row, last, count)
    return f"{column}{fixed}{row}"


def reference(words, last, count, *, grows=True):
    """`B8:B16` (without its sheet) after the rows came in. `grows`: a range that ends at `last` takes them in."""

    def change(found):
        if found[2]:
            return _cell(found[1], last, count) + ":" + _cell(found[3], last, count, end=grows)
        if found[4]:
            return _cell(found[4], last, count)
        top, bottom = int(found[6]), int(found[8])
        bottom = bottom + count if grows and bottom == last else moved(bottom, last, count)
        return f"{found[5]}{moved(top, last, count)}:{found[7]}{bottom}"

    return _PART.sub(change, words)


def area(words, last, count):
    """Places that a rule is for (`B8 C8:C10`): a single cell in row `last` takes the new rows in too."""
    found = []
    for one in words.split():
        held = _CELL.fullmatch(one)
        found.append(reference(f"{one}:{one}" if held and int(held[3]) == last else one, last, count))
    return " ".join(found)


def formula(text, own, changed, last, count, *, grows=True):
    """The formula `text` of sheet `own` after `count` rows came in below row `last` of the sheet `changed`. `grows` is
    False for the formulas of that row itself: what they add up is their own row, or the rows above it."""
    tokens = Tokenizer(text)
    for token in tokens.items:
        if token.type != Token.OPERAND or token.subtype != Token.RANGE:
            continue
        sheet, mark, words = token.value.rpartition("!")
        if "[" in words:  # columns of a table go by their names: 表1[Q10]
            continue
        named = sheet.strip("'").replace("''", "'") if mark else own
        if named == changed:
            token.value = sheet + mark + reference(words, last, count, grows=grows)
    return tokens.render()


def anchors(root, last, count):
    """Shapes of a drawing (or controls of a sheet) after the rows came in, in place. Their rows are counted from 0."""
    for start in root.iter("{*}from"):
        fixed = start.getparent().get("editAs")
        if fixed == "absolute":
            continue
        began = _anchor(start, last, count)
        end = start.getparent().find("{*}to")
        if end is not None and (began or fixed != "oneCell" and not _on_edge(end, last)):
            _anchor(end, last, count)


def _anchor(corner, last, count):
    """Whether a corner stood below."""
    row = corner.find("{*}row")
    if row is None or int(row.text) < last:
        return False
    row.text = str(int(row.text) + count)
    return True


def _on_edge(corner, last):
    """Whether a shape ends just where the rows come in."""
    row, off = corner.find("{*}row"), corner.find("{*}rowOff")
    return row is not None and int(row.text) == last and (off is None or int(off.text or 0) == 0)
