"""One form: its people, and what is said around them in pairs of label and value."""

import re
from dataclasses import dataclass

from fupin.excel import ticks
from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.form_sheet import header_of
from fupin.excel.form_words import (
    ID,
    LISTED,
    LONGEST_LABEL,
    NOTE,
    fits,
    is_plain,
    label_key,
    label_of,
    looks_like_name,
    split_pairs,
)
from fupin.excel.table import letter_of

TOTAL = re.compile(r"(合计|小计|总计|共计|本页合计|本页小计)[::]?\d*")

PLACES = frozenset(("province", "city", "county", "town", "village", "group", "where", "collected"))
"""Fields that a line over a list may tell of all its rows."""
HEAD = frozenset(("户主", "本人", "户主本人", "本人或户主"))
CAPTION = re.compile(
    r"(?:情况|信息|意见|状况|条件|说明|措施|收入|支出|计划|需求|成效|记录|资料|政策|项目|评议|签字|盖章)$"
)


@dataclass(frozen=True)
class Fact:
    """One value of a form: the field, what stands there, its row and column (from 0), and its label."""

    name: str
    value: object
    row: int
    column: int
    label: str = ""


_OF_HELP = re.compile(r"(?:结对)?帮扶(?:责任人|联系人|干部|人|措施|计划|成效)|包[保户]")
"""What a form says of the help, which is a file of its own."""
_OF_PAPER = re.compile(
    r"签[字名章]|盖章|[填采登审经调制]\S{0,3}[人员]$|意见$|日期|时间$|电话|单位|职务|序号|编号|照片|相片|年龄|第.{1,3}页|附件|合计|^注|^说明|^备注"
)
"""What a form says of itself."""
_ANSWERS = frozenset("是否有无")


class Form:
    """One form: its people, and what is said around them."""

    def __init__(self, grid, numbers, words):
        self.grid, self.words, self.numbers = grid, words, numbers
        self.header = header_of(grid, numbers, words)
        self.people, self.skipped, self.facts, self.captions = [], [], {}, []
        self.head, self.unread = {}, {}
        self.pairs = 0
        self._taken = set()
        if self.header:
            self._read_people()
        self._read_block()

    # The member table

    def _read_people(self):
        self._taken.update(self.header.rows)
        below = [row for row in self.numbers if row > self.header.rows[-1]]
        kinds = {row: self._kind_of(row) for row in below}
        sure = [
            row for row in below if kinds[row] == "person" and self._has_number(row) and self._is_named(row)
        ]
        self._find_relation(sure)
        last, ended = max(sure, default=0), False
        for row in below:
            kind = kinds[row]
            if kind == "end" or kind == "person" and row > last and self._is_pair(row):
                if row > last:
                    break
                ended = True  # a caption between the people: those with a number go on below it
                continue
            if ended and row not in sure:
                continue
            self._taken.add(row)
            if kind == "person":
                self.people.append(row)
            elif kind:
                self.skipped.append((kind, row))

    def _find_relation(self, rows):
        """Without a column 与户主关系, the one in which somebody is called 户主: 备注, or one that is not named."""
        columns = self.header.columns
        if "relation" in columns:
            return
        for row in rows:
            for column, cell in self.grid.filled(row):
                if column not in columns.values() and isinstance(cell, str) and compact(cell) in HEAD:
                    columns["relation"] = column
                    self.header.labels.setdefault(column, "")
                    return

    def _is_named(self, row):
        """Whether a name stands under 姓名, and nothing in the row is a label."""
        texts = [(column, cell) for column, cell in self.grid.filled(row) if isinstance(cell, str)]
        return looks_like_name(self.grid.cell(row, self.header.columns["name"])) and not any(
            self._is_label_here(column, cell) for column, cell in texts
        )

    def _has_number(self, row):
        number = self.grid.cell(row, self.header.columns["id"]) if "id" in self.header.columns else ""
        return isinstance(number, float) and number >= 1e14 or bool(ID.fullmatch(compact(text(number))))

    def _is_pair(self, row):
        """Whether a row of two cells below all numbers is a fact whose label nobody knows: 致贫风险 | 因病."""
        filled = self.grid.filled(row)
        columns = self.header.columns.values()
        return len(filled) == 2 and filled[0][0] not in columns and isinstance(filled[0][1], str) \
            and bool(re.search(r"[\u3400-\u9fff]{2}", filled[0][1]))  # fmt: skip

    def _kind_of(self, row):
        """What a row under the header is: "person", "end" of the table, "" for a blank line, or a reason to skip."""
        columns, filled = self.header.columns, self.grid.filled(row)
        name = self.grid.cell(row, columns["name"])
        texts = [(column, cell) for column, cell in filled if isinstance(cell, str)]
        labels = [column for column, cell in texts if self._is_label_here(column, cell)]
        same = [c for c, cell in texts if label_key(cell) == label_key(self.header.labels.get(c, ""))]
        if len(same) >= 3:
            return "repeated_header_skipped"
        if len(labels) >= 2 or columns["name"] in labels:
            return "end"
        if len(filled) == 1 and texts and self._is_caption(row, *texts[0]):
            return "end"
        if self._has_number(row):
            return "person"
        if self._is_block(row, texts) or any(
            column == columns["name"] and self._is_label_here(column, cell, plain=True)
            for column, cell in texts
        ):
            return "end"
        for place, (_, cell) in enumerate(texts):
            word = compact(cell)
            if place == 0 and len(word) <= 8 and TOTAL.fullmatch(word):
                return "total_row_skipped"
            if place == 0 and len(filled) <= 2 and NOTE.match(word):
                return "note_row_skipped"
            if split_pairs(cell, self.words) or word.endswith(":"):
                return "end"
        if labels:
            return "end"
        if text(name) and compact(text(name)) not in BLANKS:
            return "person" if looks_like_name(name) or len(filled) >= 3 else "end"
        known = [
            c for n, c in columns.items() if n not in ("relation", "name") and self.grid.cell(row, c) != ""
        ]
        if len(known) < 3 and any(self._is_label_here(column, cell, plain=True) for column, cell in texts):
            return "end"
        return "person" if len(known) >= 3 else ""

    def _is_caption(self, row, column, cell):
        """Whether the only cell of a row heads what follows: 危房情况 over the width of the table."""
        bottom, right = self.grid.beyond(row, column)
        return right > column + 2 or bool(CAPTION.search(compact(cell)))

    def _is_block(self, row, texts):
        """Whether a row without an ID number belongs to the block, by labels that could be values as well."""
        plain = [column for column, cell in texts if self._is_label_here(column, cell, plain=True)]
        alone = len(texts) == 2 and plain and plain[0] not in self.header.columns.values()
        if alone or len(plain) >= 2 or any(ticks.is_ticked(cell) for _, cell in texts):
            return True
        return self.grid.cell(row, self.header.columns["name"]) == "" and any(
            (name := label_of(cell, self.words))
            and fits(self.words, name, self.grid.beside(row, column)) >= 2
            for column, cell in texts
        )

    def _is_label_here(self, column, cell, plain=False):
        """Whether a cell among the people is a label of the block below them."""
        if label_of(cell, self.words) is None:
            return False
        if not plain and label_key(cell) in self.words.plain and not LISTED.match(compact(cell)):
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
        used, section = set(), False
        for row in self.numbers:
            if row in self._taken:
                continue
            filled = self.grid.filled(row)
            if len(filled) == 1 and (row, filled[0][0]) not in used and isinstance(filled[0][1], str):
                said = compact(filled[0][1])
                if ":" not in said and len(said) <= LONGEST_LABEL:  # a caption: whose facts follow
                    section = bool(self.words.elsewhere.search(said))
            self._read_row(row, used, section)

    def _read_row(self, row, used, section):
        grid, labels = self.grid, []
        other = section or self._caption_left(row)
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
            if label_of(cell, self.words) is not None:
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
        if any(label_of(word, self.words) is not None for word in (value, *value.split())):
            return None
        return (label_key(label), value) if fits(self.words, name, value) else None

    def _read_labels(self, row, labels, used):
        beside, below, scores = {}, {}, [0, 0]
        taken = set()
        for column, cell, _ in labels:
            if column in taken:
                continue
            name = label_of(cell, self.words)
            found = self._beside(row, column, name)
            lean = found and is_plain(cell, self.words) and found[2] < 2
            if lean and not name and (isinstance(found[3], float) or compact(text(found[3])) in _ANSWERS):
                self.unread.setdefault(label_key(cell), (letter_of(found[1]), compact(cell)))
            if found and not lean:
                beside[column] = found
                taken.add(found[1])
                scores[0] += found[2] if name else 0
            under = self._below(row, column, name)
            if under:
                below[column] = under
                scores[1] += under[2] if name else 0
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
            if isinstance(cell, str) and label_of(cell, self.words) is not None:
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
        # A folded row has a fraction, and spans nothing below it.
        for number in (row, *range(int(row) + 1, int(bottom))):
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
        if isinstance(cell, str) and label_of(cell, self.words) is not None:
            return (at, column, fit, cell) if fit == 3 else None
        return (at, column, fit, cell) if fit else None

    def _say(self, key, value, row, column, other, label=""):
        """Take a value for what its label says, the first that is not blank."""
        name = self.words.meaning(key)
        self.pairs += name is not None
        if not name or other and name in self.words.foreign and not key.startswith(self.words.prefix):
            if not name and (not other or _OF_HELP.match(key)) and not _OF_PAPER.search(key) and text(value) not in BLANKS:  # fmt: skip
                self.unread.setdefault(key, (letter_of(column), text(label or key).strip(":：")))
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
        if self.heads > 1 and not self.facts.keys() - PLACES and not self.head:
            return False  # a list of several households, each with its head; only the place is said of all
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
        return sum(1 for word in words if word in HEAD)

    @property
    def head_name(self):
        fact = self.facts.get("head_name") or self.head.get("name")
        return compact(text(fact.value)) if fact else ""
