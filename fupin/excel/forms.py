"""One household on a sheet: label-value pairs around a member table, read into a Table of one row a person.

A form is known by its member table (姓名 beside 与户主关系 or the ID number, without 户编号) and by what stands
around it. Which labels mean which field is the `Vocabulary` of the kind; nothing here knows a household.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from fupin.excel import ticks
from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.layout import Table, key_of, letter_of, unit_of

FIRST_WITHIN = 40
"""Rows within which the first member table begins."""

LONGEST_SHEET = 40_000
LONGEST_LABEL = 24
_ORDINAL = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.]|\d{1,2}[、.)]|\([一二三四五六七八九十\d]{1,2}\))"
)
_LISTED = re.compile(r"[*★●◆▲]|\d{1,2}[.、](?!\d)\D")
_TOTAL = re.compile(r"(合计|小计|总计|共计|本页合计|本页小计)[::]?\d*")
_NOTE = re.compile(r"(注|备注|说明|填表说明)\d?[:.、]")
_END = re.compile(r"[;,；，。、|\s]+$")
_MARKS = ";,；，。、"
_ID = re.compile(r"[\dXx*]{15,22}")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·•・]{2,20}")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The labels of a kind of form, each by its key (see `label_key`).

    `house` and `person` {key: field name}; a person's label in the block is a fact of the head, and so is one
    written with 户主 before it. `other`: labels that mean nothing to us. `plain`: keys that are values as often as
    labels. `fields` {field name: Field}. `in_table` {field of a household: field of a person that the same header
    means in the member table}. `title`, `no_title`: what the title of a form says, and of a list.
    `elsewhere`: words that begin the facts of somebody else. `names`, `numbers` and `digits` are field names whose
    values are names of people, ID numbers, and hold a digit at least. `certain` {field name: whether a text is
    surely a value of it}, for those whose cleaning does not say; `shapes` {field name: pattern that every value has}.
    """

    fields: dict
    house: dict
    person: dict
    other: frozenset
    plain: frozenset
    in_table: dict
    title: re.Pattern
    no_title: re.Pattern
    elsewhere: re.Pattern
    foreign: frozenset
    names: frozenset
    numbers: frozenset
    digits: frozenset
    certain: dict
    shapes: dict
    prefix: str = "户主"

    def meaning(self, key):
        """The field that a label in the block means, "" for one that means nothing, None for no label."""
        if key in self.house:
            return self.house[key]
        if key in self.person:
            return self.person[key]
        if key.startswith(self.prefix) and key[len(self.prefix) :] in self.person:
            return self.person[key[len(self.prefix) :]]
        return "" if key in self.other else None


@dataclass(frozen=True)
class Fact:
    """One value of a form: the field, what stands there, its row and column (from 0), and its label."""

    name: str
    value: object
    row: int
    column: int
    label: str = ""


@dataclass
class FormTable(Table):
    """The people of one form, one row each, with the household's facts repeated on every row.

    `places` says where a value really stands: {field or (row number, field): (row number, column letter)}.
    """

    alone: bool = True
    one_household: bool = True
    captions: list = field(default_factory=list)
    """What stands above the member table and is no label."""
    places: dict = field(default_factory=dict)

    def add(self, name, value, label, place=(None, "")):
        """Give every row the value of a field that the file tells elsewhere: in its title, or its name."""
        if name not in self.columns:
            self.columns[name] = max((*self.columns.values(), *self.labels), default=-1) + 1
            self.labels[self.columns[name]] = label
            self.units[name] = 1
        index = self.columns[name]
        self.places[name] = place
        for cells in self.rows:
            cells.extend([""] * (index + 1 - len(cells)))
            cells[index] = value

    def said(self, name):
        """The text of a household's fact, "" where the form is silent."""
        index = self.columns.get(name)
        found = text(self.rows[0][index]) if index is not None and self.rows else ""
        return "" if found in BLANKS else found

    def letter(self, name):
        place = self.places.get(name)
        return place[1] if place else super().letter(name)

    def place(self, name, row):
        found = self.places.get((row, name)) or self.places.get(name)
        return found or (row, super().letter(name))

    def anchor(self, row):
        return None if self.alone else row


@lru_cache(maxsize=16_384)
def label_key(label):
    """A label reduced to what is compared: width, blanks, colons, ordinals and bracketed notes dropped."""
    found = _ORDINAL.sub("", compact(label).replace("_", "").strip("*★●◆▲#"))
    return key_of(found.strip(":"))


@lru_cache(maxsize=16_384)
def _keys(label):
    bare = compact(label).strip(":*_")
    return (bare, label_key(label)) if len(bare) <= LONGEST_LABEL else ()


class Grid:
    """A sheet by row number and column (from 0), with its merged ranges."""

    def __init__(self, sheet):
        self.rows = dict(zip(sheet.numbers, sheet.rows))
        self.numbers = sheet.numbers
        self.spans = {(top, left - 1): (bottom, right - 1) for top, left, bottom, right in sheet.merges}
        self.merged = bool(sheet.merges)
        self.marked = {(row, column - 1) for row, column in (*sheet.errors, *sheet.uncached)}

    def cell(self, row, column):
        cells = self.rows.get(row, ())
        return cells[column] if column < len(cells) else ""

    def filled(self, row):
        """`[(column, cell)]` of what is not blank."""
        return [
            (column, cell)
            for column, cell in enumerate(self.rows.get(row, ()))
            if cell != "" and (cell.__class__ is not str or text(cell))
        ]

    def beside(self, row, column):
        """The first cell right of one that is not blank; only the very next where merged ranges are known."""
        start = self.beyond(row, column)[1]
        cells = (self.cell(row, at) for at in range(start, start + (1 if self.merged else 4)))
        return next((cell for cell in cells if cell != ""), "")

    def beyond(self, row, column):
        """`(row below, column right)` of a cell's extent."""
        bottom, right = self.spans.get((row, column), (row, column))
        return bottom + 1, right + 1


def find_forms(sheet, kind, words):
    """The forms of a sheet as FormTables, [] when it is none. A blank form gives a table without rows."""
    grid = Grid(sheet)
    if len(sheet.numbers) > LONGEST_SHEET or _is_list(grid, words):
        return []
    if _header(grid, sheet.numbers, words, within=FIRST_WITHIN) is None and not _titled(grid, words):
        return []
    forms = [_Form(grid, numbers, words) for numbers in _segments(grid, words)]
    forms = [form for form in forms if form.found]
    filled = [form for form in forms if form.people or "id" in form.head and form.head_name]
    return [form.table(sheet, kind, alone=len(filled) <= 1) for form in filled or forms[:1]]


def _is_list(grid, words):
    """Whether the sheet is an ordinary list: 户编号 and 姓名 in one header."""
    for row in grid.numbers[:12]:
        columns = _columns({c: cell for c, cell in grid.filled(row) if isinstance(cell, str)}, words)
        if "name" in columns and "hh_no" in columns and not _is_data(grid, row, columns, words):
            return True
    return False


def _titled(grid, words):
    """Whether a title within the first rows says that this is a form."""
    for row in grid.numbers[:8]:
        for _, cell in grid.filled(row):
            said = compact(cell) if isinstance(cell, str) else ""
            if words.title.search(said) and not words.no_title.search(said):
                return True
    return False


def _segments(grid, words):
    """Row numbers of each form of the sheet: a form begins where its title or its first labels come again."""
    starts = [row for row in grid.numbers if _is_title(grid, row, words)]
    if len(starts) < 2:
        starts = _repeats(grid, words) or starts or [0]
    elif (lead := [row for row in grid.numbers if row < starts[0]]) and _header(grid, lead, words):
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
    while header := _header(grid, left, words):
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
        if isinstance(cell, str) and (split_pairs(cell, words) or _label(cell, words) is not None)
    )


@lru_cache(maxsize=16_384)
def _label(cell, words):
    """The field that a cell names, "" for a label of no use to us, None for a value."""
    for key in _keys(cell):
        if (found := words.meaning(key)) is not None:
            return found
    return None


def _is_plain(cell, words):
    """Whether a cell that spells a label is as likely a value."""
    return not compact(cell).endswith(":") and label_key(cell) in words.plain


@lru_cache(maxsize=16_384)
def split_pairs(cell, words):
    """`((label, value), …)` of a cell that says "label：value" once or more, labels by key; () otherwise."""
    said = re.sub(r"_+", " ", cell).replace("：", ":")
    parts = said.split(":")
    if len(parts) < 2:
        return ()
    label, pairs = parts[0], []
    known = words.meaning(label_key(label)) is not None
    if not known and (cut := _label_at_end(label, words)):
        label = label[cut:]
    for index, part in enumerate(parts[1:], 1):
        if index == len(parts) - 1:
            pairs.append((label_key(label), part.strip(" \t\r\n;,。、；，")))
            break
        cut = _label_at_end(part, words)
        if cut is None:
            cut = max((part.rfind(mark) + 1 for mark in " ;,。；，\u3000\n\t"), default=0)
        pairs.append((label_key(label), _END.sub("", part[:cut]).strip()))
        label = part[cut:]
    return tuple(pairs) if any(words.meaning(key) is not None for key, _ in pairs) else ()


def _label_at_end(part, words):
    """Where the label at the end of `part` begins, None when it ends with none that we know."""
    best = None
    for cut in range(max(len(part) - LONGEST_LABEL, 0), len(part)):
        if part[cut].isspace() or part[cut] in _MARKS:
            continue
        if ticks.is_ticked(part[cut:]) or part[cut].isdigit() and not _ORDINAL.match(part[cut:]):
            continue
        inside = cut and not part[cut - 1].isspace() and part[cut - 1] not in _MARKS
        if inside and re.search(r"\s", part[cut:].strip()):  # 茶园村 组 ends with 组, not with 村组
            continue
        if words.meaning(label_key(part[cut:])) is not None:
            best = cut
            break
    return best


@dataclass
class _Header:
    rows: list
    columns: dict
    labels: dict


def _header(grid, numbers, words, within=None):
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
        if cell == "" or isinstance(cell, str) and _label(cell, words) is not None:
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
            and _label(below, words) is not None
        ):
            return True
    return False


def _columns(labels, words):
    """`{field: column}` of a header: what a person's column means goes before what a household's does."""
    columns = {}
    for column, label in labels.items():
        parent, _, child = label.rpartition("\0")
        for spelled in (child, parent + child, parent):
            name = next((n for key in _keys(spelled) if (n := _meaning_in_table(key, words))), None)
            if name:
                columns.setdefault(name, column)
                break
    return columns


def _meaning_in_table(key, words):
    name = words.person.get(key)
    if name is None and key.startswith("成员"):
        name = words.person.get(key[2:])
    name = name or words.house.get(key)
    return words.in_table.get(name, name)


def _with_second_row(grid, row, columns, labels, words):
    """The header with the row below joined to it, where that one is a part of it."""
    below = grid.filled(row + 1)
    texts = {column: cell for column, cell in below if isinstance(cell, str)}
    if below and len(texts) == len(below) and columns["name"] not in texts:
        known = [c for c, cell in texts.items() if any(_meaning_in_table(k, words) for k in _keys(cell))]
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
            return _Header([row, row + 1], found, {c: t.replace("\0", "") for c, t in joined.items()})
    return _Header([row], columns, labels)


def _looks_like_name(cell):
    return isinstance(cell, str) and bool(_NAME.fullmatch(compact(cell))) and len(compact(cell)) <= 15


def fits(words, name, cell):
    """How well a cell could be the value of a field: 0 not at all, 1 perhaps, 2 likely, 3 certainly."""
    said = compact(text(cell))
    if isinstance(cell, str) and not re.search(r"\d", bare := _ORDINAL.sub("", said)):
        said = bare
    if not name or not said:
        return 1 if said else 0
    if _LISTED.match(compact(text(cell))) or _NOTE.match(said):
        return 0
    if name in words.shapes and not words.shapes[name].fullmatch(said):
        return 0
    if name in words.names:
        return 2 if _looks_like_name(said) or re.fullmatch(r"[A-Za-z·. ]{2,40}", said) else 0
    if name in words.numbers:
        return 3 if _ID.search(said) else 1 if len(re.findall(r"\d", said)) >= 6 else 0
    if isinstance(cell, str) and ticks.is_ticked(cell):
        return 3
    if name in words.certain:
        return 3 if words.certain[name](said) else 1 if len(said) <= 40 else 0
    item = words.fields[name]
    if name in words.digits:
        if (
            not re.search(r"[\d〇零一二三四五六七八九十]", said)
            and said not in BLANKS
            and said not in ("无", "没有")
        ):
            return 0
        return 3 if re.search(r"\d", said) else 1
    if item.clean is None or _is_free(item):
        return 2 if re.search(r"\d|[县镇乡村组路号街]$", said) else 1
    try:
        return 3 if item.clean(cell, 1) is not None else 1
    except Unreadable:
        return 1 if len(said) <= 40 else 0


class _Form:
    """One form: its people, and what is said around them."""

    def __init__(self, grid, numbers, words):
        self.grid, self.words, self.numbers = grid, words, numbers
        self.header = _header(grid, numbers, words)
        self.people, self.skipped, self.facts, self.captions = [], [], {}, []
        self.head = {}
        self.pairs = 0
        self._taken = set()
        if self.header:
            self._read_people()
        self._read_block()

    # The member table

    def _read_people(self):
        self._taken.update(self.header.rows)
        for row in self.numbers:
            if row <= self.header.rows[-1] or row in self._taken:
                continue
            kind = self._kind_of(row)
            if kind == "end":
                break
            self._taken.add(row)
            if kind == "person":
                self.people.append(row)
            elif kind:
                self.skipped.append((kind, row))

    def _kind_of(self, row):
        """What a row under the header is: "person", "end" of the table, "" for a blank line, or a reason to skip."""
        columns, filled = self.header.columns, self.grid.filled(row)
        name = self.grid.cell(row, columns["name"])
        number = self.grid.cell(row, columns["id"]) if "id" in columns else ""
        texts = [(column, cell) for column, cell in filled if isinstance(cell, str)]
        labels = [column for column, cell in texts if self._is_label_here(column, cell)]
        same = [c for c, cell in texts if label_key(cell) == label_key(self.header.labels.get(c, ""))]
        if len(same) >= 3:
            return "repeated_header_skipped"
        if len(labels) >= 2 or columns["name"] in labels:
            return "end"
        if isinstance(number, float) and number >= 1e14 or _ID.fullmatch(compact(text(number))):
            return "person"
        if self._is_block(row, texts):
            return "end"
        for place, (_, cell) in enumerate(texts):
            word = compact(cell)
            if place == 0 and len(word) <= 8 and _TOTAL.fullmatch(word):
                return "total_row_skipped"
            if place == 0 and len(filled) <= 2 and _NOTE.match(word):
                return "note_row_skipped"
            if split_pairs(cell, self.words) or word.endswith(":"):
                return "end"
        if labels:
            return "end"
        if text(name) and compact(text(name)) not in BLANKS:
            return "person" if _looks_like_name(name) or len(filled) >= 3 else "end"
        known = [
            c for n, c in columns.items() if n not in ("relation", "name") and self.grid.cell(row, c) != ""
        ]
        if len(known) < 3 and any(self._is_label_here(column, cell, plain=True) for column, cell in texts):
            return "end"
        return "person" if len(known) >= 3 else ""

    def _is_block(self, row, texts):
        """Whether a row without an ID number belongs to the block, by labels that could be values as well."""
        plain = [column for column, cell in texts if self._is_label_here(column, cell, plain=True)]
        alone = len(texts) == 2 and plain and plain[0] not in self.header.columns.values()
        if alone or len(plain) >= 2 or any(ticks.is_ticked(cell) for _, cell in texts):
            return True
        return self.grid.cell(row, self.header.columns["name"]) == "" and any(
            (name := _label(cell, self.words)) and fits(self.words, name, self.grid.beside(row, column)) >= 2
            for column, cell in texts
        )

    def _is_label_here(self, column, cell, plain=False):
        """Whether a cell among the people is a label of the block below them."""
        if _label(cell, self.words) is None or not plain and label_key(cell) in self.words.plain:
            return False
        name = next((n for n, c in self.header.columns.items() if c == column), "")
        return not (name and fits(self.words, name, cell) == 3)

    # The block

    def _read_block(self):
        """Twice: rows that could be read either way go with what the form does elsewhere."""
        self.lean = 0
        for final in (False, True):
            self.facts, self.head, self.captions, self.pairs, self.votes = {}, {}, [], 0, 0
            self._read_rows()
            if not final:
                self.lean = self.votes

    def _read_rows(self):
        used = set()
        for row in self.numbers:
            if row in self._taken:
                continue
            self._read_row(row, used)

    def _read_row(self, row, used):
        grid, labels = self.grid, []
        other = self._caption_left(row)
        for column, cell in grid.filled(row):
            if (row, column) in used or not isinstance(cell, str):
                continue
            pairs = split_pairs(cell, self.words)
            if len(pairs) > 1 or pairs and pairs[0][1]:
                for key, value in pairs:
                    other = other or bool(self.words.elsewhere.search(key))
                    self._say(key, value, row, column, other)
                used.add((row, column))
                continue
            if self.words.elsewhere.search(compact(cell)) and len(compact(cell)) <= LONGEST_LABEL:
                other = True
            if _label(cell, self.words) is not None:
                labels.append((column, cell, other))
            elif (found := self._spaced(cell)) is not None:
                self._say(*found, row, column, other)
                used.add((row, column))
            else:
                self.captions.append((row, column, cell))
        if labels:
            self._read_labels(row, labels, used)

    def _caption_left(self, row):
        """Whether a caption that spans several rows gives this row to somebody else (帮扶责任人, 采集人 …)."""
        return any(
            left == 0 and top < row <= bottom and isinstance(cell := self.grid.cell(top, left), str)
            and self.words.elsewhere.search(compact(cell))
            for (top, left), (bottom, _) in self.grid.spans.items()
        )  # fmt: skip

    def _spaced(self, cell):
        """`(key, value)` of "户主姓名 张三", a label and its value without a colon; None otherwise."""
        label, _, value = re.sub(r"_+", " ", cell.strip()).partition(" ")
        value = value.strip()
        name = self.words.meaning(label_key(label)) if value else None
        if not name or label_key(label) in self.words.plain:
            return None
        if any(_label(word, self.words) is not None for word in (value, *value.split())):
            return None
        return (label_key(label), value) if fits(self.words, name, value) else None

    def _read_labels(self, row, labels, used):
        beside, below, scores = {}, {}, [0, 0]
        taken = set()
        for column, cell, _ in labels:
            if column in taken:
                continue
            name = _label(cell, self.words)
            found = self._beside(row, column, name)
            if found and not (_is_plain(cell, self.words) and found[2] < 2):
                beside[column] = found
                taken.add(found[1])
                scores[0] += found[2]
            under = self._below(row, column, name)
            if under:
                below[column] = under
                scores[1] += under[2]
        if self.lean < 0 and all(found[2] < 2 for found in below.values()):
            below, scores[1] = {}, 0
        if scores[0] and scores[1] and abs(scores[1] - scores[0]) <= 1 and self.lean:
            values = below if self.lean > 0 else beside
        else:
            values = below if scores[1] > scores[0] else beside
            self.votes += (scores[1] > scores[0]) - (scores[1] < scores[0])
        for column, cell, other in labels:
            if column in values and (values is below or column not in taken):
                at, to, _, value = values[column]
                used.add((at, to))
                self._say(label_key(cell), value, at, to, other, label=cell)
        if values is below:  # what stands under labels of no use to us is no label of the next row either
            for column, _, _ in labels:
                used.add((self.grid.beyond(row, column)[0], column))

    def _beside(self, row, column, name):
        """`(row, column, how well it fits, value)` of the value right of a label."""
        grid = self.grid
        start = grid.beyond(row, column)[1]
        width = len(grid.rows[row])
        reach = range(start, min(start + (1 if grid.merged else 4), width))
        for at in reach:
            cell = grid.cell(row, at)
            if (row, at) in grid.marked:
                return row, at, 1, ""
            if cell == "" or isinstance(cell, str) and not text(cell):
                continue
            fit = fits(self.words, name, cell)
            if isinstance(cell, str) and (compact(cell).endswith(":") or split_pairs(cell, self.words)):
                return None
            if isinstance(cell, str) and _label(cell, self.words) is not None:
                return (row, at, fit, cell) if fit == 3 else None
            if not fit:
                return None
            if isinstance(cell, str) and ticks.is_ticked(cell):
                cell = self._ticks_from(row, column, at)
            return row, at, fit, cell
        return None

    def _ticks_from(self, row, column, at):
        """The options of a value that is spread over several cells, or rows beside a label that spans them."""
        bottom = self.grid.beyond(row, column)[0]
        cells = []
        for number in range(row, bottom):
            for _, cell in (found for found in self.grid.filled(number) if found[0] >= at):
                if not isinstance(cell, str) or not ticks.is_ticked(cell):
                    break
                cells.append(cell)
        return "  ".join(cells)

    def _below(self, row, column, name):
        grid = self.grid
        at = grid.beyond(row, column)[0]
        if at in self._taken or at not in grid.rows or at > self.numbers[-1]:
            return None
        cell = grid.cell(at, column)
        if (at, column) in grid.marked:
            return at, column, 1, ""
        if cell == "" or isinstance(cell, str) and not text(cell):
            return None
        fit = fits(self.words, name, cell)
        if isinstance(cell, str) and (compact(cell).endswith(":") or split_pairs(cell, self.words)):
            return None
        if isinstance(cell, str) and _label(cell, self.words) is not None:
            return (at, column, fit, cell) if fit == 3 else None
        return (at, column, fit, cell) if fit else None

    def _say(self, key, value, row, column, other, label=""):
        """Take a value for what its label says, the first that is not blank."""
        name = self.words.meaning(key)
        self.pairs += name is not None
        if not name or other and name in self.words.foreign and not key.startswith(self.words.prefix):
            return
        if value.__class__ is str and text(value) in BLANKS and (row, column) not in self.grid.marked:
            return
        into = self.facts if key in self.words.house else self.head
        into.setdefault(name, Fact(name, value, row, column, label or key))

    # The result

    @property
    def found(self):
        """Whether this is a form at all: a list of people with a title is none."""
        titles = [compact(cell) for _, _, cell in self.captions]
        if any(self.words.no_title.search(title) for title in titles) and self.heads > 1:
            return False
        titled = any(self.words.title.search(title) for title in titles)
        if self.header is None:
            return self._is_single()
        return self.heads <= 2 and len(self.people) <= 40 and (titled or self.pairs >= 2)

    def _is_single(self):
        """A form of a household of one, without a member table."""
        return "id" in self.head and self.pairs >= 4 and bool(self.head_name)

    @property
    def heads(self):
        if self.header is None or "relation" not in self.header.columns:
            return 0
        column = self.header.columns["relation"]
        words = [compact(text(self.grid.cell(row, column))) for row in self.people]
        return sum(1 for word in words if word in ("户主", "本人", "户主本人", "本人或户主"))

    @property
    def head_name(self):
        fact = self.facts.get("head_name") or self.head.get("name")
        return compact(text(fact.value)) if fact else ""

    def table(self, sheet, kind, *, alone):
        return _Builder(self, sheet, kind, alone).build()


def _is_free(item):
    """Whether any text will do for the field."""
    try:
        return item.clean("甲乙丙丁", 1) is not None
    except Unreadable:
        return False


class _Builder:
    """Makes the table of a form."""

    def __init__(self, form, sheet, kind, alone):
        self.form, self.sheet = form, sheet
        header = form.header or _Header([], {}, {})
        self.columns, self.width = {}, max(header.labels, default=-1) + 1
        title = [text(cell) for row, _, cell in form.captions if not header.rows or row < header.rows[0]]
        self.out = FormTable(
            sheet=sheet.name, kind=kind, header_rows=header.rows, columns=self.columns,
            labels={column: text(label) for column, label in header.labels.items()}, units={}, epoch=sheet.epoch,
            hidden=sheet.hidden, title=" ".join(title), skipped=form.skipped, captions=title,
            file=getattr(sheet, "file", ""), alone=alone,
        )  # fmt: skip
        self.own = dict(header.columns)
        self.rows, self.borrowed = {}, {}

    def build(self):
        form, out = self.form, self.out
        people = [name for name in self.own if name in form.words.person.values()]
        for name in people:
            self.columns[name] = self.own[name]
            out.units[name] = unit_of(out.labels[self.own[name]])
        for row in form.people:
            self.rows[row] = {name: form.grid.cell(row, self.own[name]) for name in people}
        head = self._head()
        for name, column in self.own.items():  # a fact of the household told in the member table: the head's
            if name not in self.columns and name not in form.facts:
                at = next(
                    (row for row in (head, *form.people) if row and form.grid.cell(row, column) != ""), None
                )
                if at:
                    form.facts[name] = Fact(
                        name, form.grid.cell(at, column), at, column, out.labels.pop(column)
                    )
        for fact in form.facts.values():
            self._fact(fact)
        self._fill()
        return out

    def _head(self):
        """The row of the head, taken from the block where the member table leaves it out; None without one."""
        form = self.form
        said = {name: compact(text(fact.value)) for name, fact in form.head.items()}
        name = form.head_name
        marked = [row for row, values in self.rows.items() if compact(text(values.get("relation", ""))) in ("户主", "本人", "户主本人", "本人或户主")]  # fmt: skip
        same = [
            row for row, values in self.rows.items()
            if said.get("id") and compact(text(values.get("id", ""))).upper() == said["id"].upper()
            or name and not said.get("id") and compact(text(values.get("name", ""))) == name
        ]  # fmt: skip
        row = marked[0] if marked else same[0] if same else None
        if row is None and "id" in said and name:
            row = form.head["id"].row
            self.rows = {row: {}} | self.rows
        if row is None:
            return None
        if not marked and compact(text(self.rows[row].get("relation", ""))) in BLANKS:
            self._set(row, "relation", "户主", None)
        if (
            said.get("id")
            and marked
            and (own := compact(text(self.rows[row].get("id", ""))))
            and own.upper() != said["id"].upper()
        ):
            fact = form.head["id"]
            self.out.findings.append(
                (
                    "head_id_mismatch",
                    "id",
                    fact.value,
                    f"第 {fact.row} 行与第 {row} 行的号码不同，请核对",
                    fact.row,
                )
            )
        for fact in form.head.values():
            if self.rows[row].get(fact.name, "") == "":
                self._set(row, fact.name, fact.value, fact)
        if (
            "name" not in form.head
            and (fact := form.facts.get("head_name"))
            and not self.rows[row].get("name")
        ):
            self._set(row, "name", fact.value, fact)
        return row

    def _place(self, row, name):
        """`(row, column)`, both from 1, where a value stands in the sheet."""
        fact = self.form.facts.get(name) or self.borrowed.get((row, name))
        if fact:
            return fact.row, fact.column + 1
        return row, self.own.get(name, -1) + 1

    def _set(self, row, name, value, fact):
        self._column(name, fact.label if fact else "")
        self.rows[row][name] = value
        if fact:
            self.borrowed[row, name] = fact
            self.out.places[row, name] = (fact.row, letter_of(fact.column))

    def _column(self, name, label):
        if name not in self.columns:
            self.columns[name] = self.width
            self.out.labels[self.width] = text(label).strip(":：") or name
            self.out.units[name] = unit_of(label)
            self.width += 1

    def _fact(self, fact):
        self._column(fact.name, fact.label)
        self.out.units[fact.name] = unit_of(fact.label)
        self.out.places[fact.name] = (fact.row, letter_of(fact.column))
        for values in self.rows.values():
            values[fact.name] = fact.value

    def _fill(self):
        """Rows of cells, with the marks of the sheet's cells brought to where the cells stand now."""
        out, sheet = self.out, self.sheet
        uncached = set()
        for row, values in self.rows.items():
            cells = [""] * self.width
            for name, value in values.items():
                cells[self.columns[name]] = value
            out.numbers.append(row)
            out.rows.append(cells)
            for name in values:
                column = self.columns[name]
                place = self._place(row, name)
                if place in sheet.errors:
                    out.errors[row, column + 1] = sheet.errors[place]
                if place in sheet.uncached:
                    uncached.add((row, column + 1))
        out.uncached = frozenset(uncached)
