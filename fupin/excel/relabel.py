"""What a user said of a sheet that is no plain list: what its labels mean, what its columns are for whom or when.

A mapping keeps `{"kind", "tables": [], "labels": {label key: field or ""}}` for forms (every sheet of the file) or
`{"kind", "tables": [], "wide": [{"sheet", "header": [rows], "names": {index: title}}]}` for columns that repeat. The
sheets are read with those words in the place of their own; the readers of forms know nothing of it.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from fupin.excel.cleaning import compact, text
from fupin.excel.form_folds import row_of
from fupin.excel.form_sheet import Grid
from fupin.excel.form_words import LONGEST_LABEL, label_key
from fupin.excel.table import letter_of

MOST = 150
"""Labels of a form that a page shows."""
WITHIN = 300
"""Rows of a sheet in which labels are looked for."""
_SAID = re.compile(r"([^\s:：,，;；。、]{1,16})\s*[:：]\s*([^:：]*?)(?=[^\s:：,，;；。、]{1,16}\s*[:：]|$)")
_WORD = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Spoken:
    """The words of a kind's forms: `fields` that a label may mean, `meaning(cell)` the field that it means by itself ("" for
    a label of no use, None for none), `label(field)` how a form says it, `nothing` a label that means nothing,
    `fixed(cell)` whether it is as likely a value and is left alone, `lacking` what to point at where no form is found."""

    fields: tuple
    meaning: Callable
    label: Callable
    nothing: str
    fixed: Callable
    lacking: str


@dataclass(frozen=True)
class Repeats:
    """Columns that come again for each of `choices` ((value, words), …): members, months, kinds of measures. `find(labels)`
    gives `{column index: (choice, field)}` of those that are understood, `label(choice, field)` the title of such a
    column, `fields` the names that may repeat; `title` heads the choice, `words` is what it is of."""

    title: str
    words: str
    choices: tuple
    fields: frozenset
    find: Callable
    label: Callable


@dataclass
class Label:
    """A label of a form as the page shows it: what it means by itself, and what stands beside it."""

    key: str
    said: str
    place: str
    auto: str
    value: object
    below: tuple = ()


def is_said(mapping):
    """Whether a mapping is of this kind."""
    return bool(mapping and (mapping.get("labels") or mapping.get("wide")))


def applied(book, mapping, spec):
    """The book with the words that the user gave; of a file with columns that repeat only the sheets that were taken."""
    if mapping.get("labels"):
        return replace(book, sheets=[with_labels(sheet, mapping["labels"], spec.spoken) for sheet in book.sheets])  # fmt: skip
    said = {entry["sheet"]: entry for entry in mapping["wide"]}
    return replace(
        book,
        sheets=[
            with_titles(replace(sheet, state="visible"), said[sheet.name]) for sheet in book.sheets if sheet.name in said
        ],
    )  # fmt: skip


def with_titles(sheet, entry):
    """The sheet under the titles of an entry of `wide`."""
    names = {int(index): title for index, title in entry["names"].items()}
    return replace(sheet, titles={tuple(entry["header"]): names})


def with_labels(sheet, labels, spoken):
    """The sheet with every label in `labels` written as the kind knows it."""
    words = {key: spoken.label(name) if name else spoken.nothing for key, name in labels.items()}
    inside = {_before_colon(key): rf"{word}\1" for key, word in words.items()}
    known = {}

    def told(cell):
        if cell.__class__ is not str or not cell:
            return cell
        if cell not in known:
            found = words.get(label_key(cell)) if len(cell) <= 2 * LONGEST_LABEL else None
            if found is None and (":" in cell or "：" in cell):
                found = cell
                for pattern, word in inside.items():
                    found = pattern.sub(word, found)
            known[cell] = cell if found is None else found
        return known[cell]

    rows = [[told(cell) for cell in row] if number <= WITHIN * 100 else row for number, row in zip(sheet.numbers, sheet.rows)]  # fmt: skip
    return replace(sheet, rows=rows)


def _before_colon(key):
    """A pattern of a label inside a cell, with its colon: 家里几口人：4   种地：3亩."""
    letters = r"\s*".join(map(re.escape, key))
    return re.compile(rf"(?<![\u3400-\u9fff]){letters}(\s*(?:\([^()]*\)|（[^（）]*）)?\s*[:：])")


def keys_on(sheet):
    """The keys of all texts on a sheet that could be labels."""
    found = set()
    for row in sheet.rows[:WITHIN]:
        for cell in row:
            if cell.__class__ is str and cell and len(cell) <= 400:
                found.add(label_key(cell))
                found.update(label_key(label) for label, _ in _SAID.findall(cell))
    return found


def fits(labels, book):
    """Whether a sheet of the book has every label of which something was said."""
    wanted = set(labels)
    return bool(wanted) and any(
        sheet.state == "visible" and len(sheet.rows) <= WITHIN and wanted <= keys_on(sheet) for sheet in book.sheets
    )  # fmt: skip


def signature(labels):
    """What two forms about which the same labels were corrected have in common."""
    return hashlib.sha256(("labels:" + "|".join(sorted(labels))).encode("utf-8", "replace")).hexdigest()


def labels_on(sheet, spoken, table=None):
    """The Labels of a form in their order; `table` is how the form is read now, None where it is not."""
    grid, found = Grid(sheet), {}
    places = set(table.places.values()) if table is not None else set()
    header = table.header_rows[-1] if table is not None and table.header_rows else None
    people = {row_of(number) for number in table.numbers} if header else set()
    for row in sheet.numbers[:WITHIN]:
        if row in people and row > header:
            continue
        filled, labelled = grid.filled(row), False
        for column, cell in filled:
            if cell.__class__ is not str:
                labelled = False
                continue
            meant = spoken.meaning(cell)
            pairs = [(label, value) for label, value in _SAID.findall(cell) if _WORD.search(label)]
            if pairs and (len(pairs) > 1 or pairs[0][1]):
                for label, value in pairs:
                    _note(found, label, f"{letter_of(column)}{row}", spoken, value.strip())
                labelled = False
                continue
            value_of_one = (row, letter_of(column)) in places or labelled and meant is None
            caption = len(filled) == 1 and meant is None and grid.beyond(row, column)[1] > column + 3
            labelled = meant is not None
            if (
                value_of_one
                or caption
                or spoken.fixed(cell)
                or len(compact(cell)) > LONGEST_LABEL
                or not _WORD.search(cell)
            ):
                continue
            below = [grid.cell(at, column) for at in sorted(people)] if header == row else []
            beside = grid.beside(row, column)
            if not below and (beside == "" or beside.__class__ is str and spoken.meaning(beside) is not None):
                beside = grid.cell(grid.beyond(row, column)[0], column)
            _note(found, cell, f"{letter_of(column)}{row}", spoken, beside, tuple(below))
            if len(found) >= MOST:
                return list(found.values())
    return list(found.values())


def _note(found, label, place, spoken, value, below=()):
    key = label_key(label)
    if key and key not in found and not spoken.fixed(label):
        found[key] = Label(
            key,
            text(label).replace("\n", "")[:LONGEST_LABEL].strip(":： "),
            place,
            spoken.meaning(label) or "",
            value,
            below,
        )
