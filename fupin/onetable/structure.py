"""Where a form wants its figures: the blocks of a sheet, their headers, the rows to fill, the totals, the single cells.

A sheet is what the child process says of it (see `child`): texts, borders, merged ranges. Rows and columns count from 1.
A block of rows has a header on top and empty rows below; a block of items names what it wants at the left of each cell;
its columns may narrow that further. Two blocks may stand on a sheet, one below the other or side by side.
"""

import re
from dataclasses import asdict, dataclass, field, replace

from fupin.excel.cleaning import compact
from fupin.excel.data_rows import TOTAL
from fupin.excel.header import ORDINALS
from fupin.onetable.sections import (
    PLACE_LIKE,
    PLAIN,
    WHOLE,
    Outline,
    depth,
    heads,
    idle,
    is_bare_count,
    split,
    sums_of,
    under,
)

ROWS, ITEMS = "rows", "items"
DEEPEST = 6
NOTE = re.compile(
    r"(注|备注[:：]|说明|填表|制表|审核|单位负责|分管领导|填报|负责人[:：(（]|统计人|数据来源|口径|复核|经办|打印|附件|附表|第\d+页|联系电话[:：]|主管领导|签字|盖章)"
)
CAPTION = re.compile(
    r"(填报单位|填表单位|填报时间|填报日期|填表日期|填表时间|单位[:：]|计量单位[:：]|截至|截止|表号|制表机关|制定机关|批准|文号|有效期|盖章|年\s*月\s*日|年度[:：])"
)
UNIT_IN_TITLE = re.compile(r"\([^()]*单位:?[^()]*\)|(?:金额)?单位:(?:万元|元|户|人|亩|[、,/])+$")
TITLE_END = re.compile(r"(?:表|册|台账|名单|清单|卡|档案|汇总|一览|情况|统计)(?:\([^()]*\))?$")
UNIT_LINE = re.compile(r"(?:计量)?单位[:：][^()]*?(万元|元)")
ORDINAL = re.compile(r"(?:栏次|序号|行次|编号|甲|乙|丙|丁)")


NOT_WHOLE = "这一行要的不是所填各行的合计，留空"


def flat(title):
    """A title in one line, as a list shows it."""
    return re.sub(r"[\s\u3000]+", "", title)


@dataclass
class Block:
    """One table of a sheet. `columns` {column: [titles from top to bottom]}; `first` to `last` are the rows for lines;
    `totals` rows of sums; `labels` {row: [titles]} of rows that say what they want; `cells` [(row, column, [titles])] of
    single cells; `formulas` columns whose rows compute themselves; `units` {row: unit} of items."""

    kind: str
    sheet: str
    top: int
    columns: dict = field(default_factory=dict)
    header: list = field(default_factory=list)
    first: int = 0
    last: int = 0
    totals: list = field(default_factory=list)
    labels: dict = field(default_factory=dict)
    cells: list = field(default_factory=list)
    formulas: list = field(default_factory=list)
    units: dict = field(default_factory=dict)
    left: int = 1
    right: int = 1
    yuan: str = ""
    """万元 or 元 as a line above the table says it, "" where none does."""
    title: str = ""
    section: str = ""
    """The headings within the table that these lines stand under, from top to bottom: 一、脱贫人口 / （一）低保."""
    left_out: list = field(default_factory=list)
    """[(row, words, why)] of rows that ask for something that no figure of ours is: 平均, 昌龙村小计."""

    @property
    def sections(self):
        return self.section.split(" / ") if self.section else []

    def kept(self):
        """As JSON keeps it: keys of dicts become text."""
        return asdict(self)

    @classmethod
    def read(cls, data):
        data = dict(data)
        for name in ("columns", "labels", "units"):
            data[name] = {int(key): value for key, value in data[name].items()}
        data["cells"] = [tuple(cell) for cell in data["cells"]]
        data["left_out"] = [tuple(one) for one in data.get("left_out", ())]
        return cls(**data)


def _are_lines(names):
    """Whether labels name places, households or people, one a line, and not what is asked for."""
    if len(names) < 2:
        return False
    if 2 * sum(bool(PLACE_LIKE.search(name)) for name in names) > len(names):
        return True
    return len(set(names)) < len(names) and not any(
        is_bare_count(name) or depth(name) < PLAIN for name in names
    )


class Grid:
    """A sheet's cells, with merged ranges resolved."""

    def __init__(self, sheet):
        self.name, self.rows, self.columns = sheet["name"], sheet["rows"], sheet["columns"]
        self.text, self.marks = {}, {}
        for row, column, words, marks in sheet["cells"]:
            if words.strip():
                self.text[row, column] = words.strip(" \u3000") if "f" not in marks else words
            self.marks[row, column] = marks
        self.indent = {
            (row, column): len(words) - len(words.lstrip(" \u3000"))
            for row, column, words, marks in sheet["cells"]
        }
        self.lists = sheet.get("lists", ())
        self.anchor, self.area = {}, {}
        for top, left, bottom, right in sheet["merges"]:
            self.area[top, left] = (bottom, right)
            if bottom - top < 500 and right - left < 200:
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        self.anchor[row, column] = (top, left)

    def at(self, row, column):
        return self.anchor.get((row, column), (row, column))

    def words(self, row, column):
        return self.text.get(self.at(row, column), "")

    def formula(self, row, column):
        return "f" in self.marks.get(self.at(row, column), "")

    def lined(self, row, column):
        marks = self.marks.get((row, column), "") + self.marks.get(self.at(row, column), "")
        return "b" in marks or "m" in marks

    def own(self, row, left, right):
        """Columns of texts that stand in this row (of a merged range its first cell)."""
        return [column for column in range(left, right + 1) if (row, column) in self.text]

    def free(self, row, column):
        """Whether a cell is there to be filled: no text, and not covered by another."""
        return self.at(row, column) == (row, column) and (row, column) not in self.text

    def choices(self, row, column):
        """The words that a cell takes only, () where it takes any."""
        for (top, left, bottom, right), said in self.lists:
            if top <= row <= bottom and left <= column <= right:
                return said
        return ()

    def end(self, row, column):
        return self.area.get(self.at(row, column), self.at(row, column))


def blocks_of(sheet):
    """The blocks of a sheet, from left to right and from top to bottom."""
    grid = Grid(sheet)
    found = []
    for left, right in _strips(grid):
        found += Strip(grid, left, right).blocks()
    return found


def _strips(grid):
    """Column ranges that an empty column without lines parts from each other."""
    used = [
        any(
            (row, column) in grid.text or (row, column) in grid.anchor or grid.lined(row, column)
            for row in range(1, grid.rows + 1)
        )
        for column in range(1, grid.columns + 1)
    ]
    start, strips = None, []
    for column, here in enumerate([*used, False], 1):
        if here and start is None:
            start = column
        elif not here and start is not None:
            strips.append((start, column - 1))
            start = None
    return strips


class Strip:
    """A range of columns, read from top to bottom."""

    def __init__(self, grid, left, right):
        self.grid, self.left, self.right = grid, left, right
        self.title, self.yuan = "", ""

    def blocks(self):
        found, row, loose = [], 1, []
        while row <= self.grid.rows:
            own = self.grid.own(row, self.left, self.right)
            if not own:
                row += 1
                continue
            if self._is_line(row, own):
                self._line(row, own)
                loose += self._captions(row, own)
                row += 1
                continue
            if self._is_card(row, own):
                loose += self._card(row, own)
                row += 1
                continue
            tables = self._table(row)
            if not tables:
                loose += self._captions(row, own)
                row += 1
                continue
            found += tables
            row = self.after
        if loose:
            found.append(Block(ITEMS, self.grid.name, loose[0][0], cells=loose, left=self.left, right=self.right, yuan=self.yuan, title=self.title,
                               first=loose[0][0], last=loose[-1][0]))  # fmt: skip
        return found

    # Lines that are no table

    def _is_line(self, row, own):
        """Titles, captions and notes: one text, or captions only."""
        if len(own) == 1:
            below = self.grid.own(row + 1, self.left, self.right)
            bottom, right = self.grid.end(row, own[0])
            wide = right - own[0] + 1 > max(2, (self.right - self.left + 1) // 2)
            return (
                wide
                or not self.grid.lined(row, own[0])
                or len(below) != 1
                or bool(NOTE.match(compact(self.grid.text[row, own[0]])))
            )
        return all(
            CAPTION.search(self.grid.text[row, column]) or NOTE.match(compact(self.grid.text[row, column]))
            for column in own
        )

    def _line(self, row, own):
        for column in own:
            words = self.grid.text[row, column]
            money = UNIT_LINE.search(compact(words))
            if money:
                self.yuan = money[1]
            title = UNIT_IN_TITLE.sub("", compact(words))
            if (
                len(own) == 1
                and (TITLE_END.search(title) or not CAPTION.search(title))
                and not NOTE.match(title)
            ):
                self.title = f"{self.title} {title}"[-200:].strip()

    def _captions(self, row, own):
        """填报单位 and the like with an empty cell at their right."""
        found = []
        for column in own:
            words = self.grid.text[row, column]
            right = self.grid.end(row, column)[1] + 1
            if right <= self.right and self.grid.free(row, right) and len(compact(words)) <= 16:
                found.append((row, right, [words]))
        return found

    # Cards: label, empty cell, label, empty cell

    def _is_card(self, row, own):
        pairs = self._card(row, own)
        if not pairs or len(pairs) < (len(own) + 1) / 2:
            return False
        return all(self.grid.lined(row, column) for _, column, _ in pairs)

    def _card(self, row, own):
        found = []
        for column in own:
            right = self.grid.end(row, column)[1] + 1
            if right <= self.right and self.grid.free(row, right) and self.grid.lined(row, right):
                above = self.grid.at(row, column)
                if above == (row, column) and not TOTAL.fullmatch(compact(self.grid.text[row, column])):
                    found.append((row, right, [self.grid.text[row, column]]))
        return found

    # Tables

    def _header(self, top):
        """The last row of the header that begins at `top`."""
        grid, bottom = self.grid, top
        while bottom - top < DEEPEST:
            own = [
                (row, column)
                for row in range(top, bottom + 1)
                for column in grid.own(row, self.left, self.right)
            ]
            deep = max(grid.end(row, column)[0] for row, column in own)
            if deep > bottom and deep - top < DEEPEST:
                bottom = deep
                continue
            below = grid.own(bottom + 1, self.left, self.right)
            wide = {
                column for row, start in own if grid.end(row, start)[1] > start and grid.end(row, start)[0] == bottom
                for column in range(start, grid.end(row, start)[1] + 1)
            }  # fmt: skip
            blank = {
                column
                for column in range(self.left, self.right + 1)
                if not any(grid.words(row, column) for row in range(top, bottom + 1))
            }
            under = [column for column in below if column in wide or column in blank]
            words = [grid.text[bottom + 1, column] for column in under]
            if (
                len(under) >= 2
                and not any(word.replace(".", "").isdigit() for word in words)
                and not any(grid.formula(bottom + 1, c) for c in below)
            ):
                bottom += 1
                continue
            break
        return bottom

    def _table(self, top):
        grid, bottom = self.grid, self._header(top)
        columns = {}
        for column in range(self.left, self.right + 1):
            path = []
            for row in range(top, bottom + 1):
                words = grid.words(row, column)
                if words and (not path or path[-1] != words):
                    path.append(words)
            if path:
                columns[column] = path
        if len(columns) < 2:
            return []
        block = Block(
            ROWS,
            grid.name,
            top,
            columns,
            list(range(top, bottom + 1)),
            left=self.left,
            right=self.right,
            yuan=self.yuan,
            title=self.title,
        )
        row = bottom + 1
        while row <= grid.rows and self._numbers(row):
            block.header.append(row)
            row += 1
        found = self._body(block, row)
        return [one for one in found if one.first or one.labels or one.cells or one.totals]

    def _numbers(self, row):
        """Whether a row only numbers the columns."""
        own = [compact(self.grid.text[row, column]) for column in self.grid.own(row, self.left, self.right)]
        marks = sum(word in ORDINALS or word in ("栏次", "序号", "行次") for word in own)
        digits = [int(word.strip("()")) for word in own if word.strip("()").isdecimal() and len(word) < 5]
        formulas = sum(bool(re.fullmatch(r"\d+=[\d+\-*/÷×()]+", word)) for word in own)
        return (
            len(own) >= 3
            and marks + len(digits) + formulas == len(own)
            and digits == sorted(digits)
            and len(digits) >= 2
        )

    def _body(self, block, start):
        """The rows below the header: empty ones, labelled ones, totals; up to a note, a gap or the next header."""
        grid, row, empty = self.grid, start, []
        texts = {}
        while row <= grid.rows:
            own = grid.own(row, self.left, self.right)
            plain = [c for c in own if not grid.formula(row, c)]
            lined = any(grid.lined(row, column) for column in block.columns)
            if not own:
                covered = any((row, c) in grid.anchor for c in block.columns)
                if not lined and not covered and (empty or texts or block.totals or row > start):
                    break
                empty.append(row)
                row += 1
                continue
            first = compact(grid.text[row, plain[0]]) if plain else ""
            if len(plain) <= 2 and WHOLE.fullmatch(first):
                block.totals.append(row)
            elif len(plain) <= 2 and TOTAL.fullmatch(first) and lined:
                block.left_out.append((row, grid.text[row, plain[0]], NOT_WHOLE))
            elif plain and (NOTE.match(first) or not lined) and not any(grid.formula(row, c) for c in own):
                if not (lined and self._labels(row, plain)):
                    break
                texts[row] = plain
            elif self._again(row, plain, empty, texts):
                break
            elif plain and not all(self._serial(row, c) for c in plain):
                texts[row] = plain
            else:
                empty.append(row)
            row += 1
        self.after = max(row, start)
        block.formulas = sorted({c for r in empty for c in block.columns if grid.formula(r, c)})
        parts = split(block, texts, empty, lambda row: grid.text[row, texts[row][0]])
        if parts and len(empty) >= len(texts):
            made = [under(block, section, rows, totals) for section, rows, totals in parts if section]
            return made + sums_of(block, made, parts[-1][2] if not parts[-1][0] else [])
        if texts and len(texts) >= len(empty):
            return self._parts(block, texts, empty) or [self._items(block, texts)]
        if empty:
            block.first, block.last = empty[0], empty[0]
            for one in empty[1:]:
                if one == block.last + 1:
                    block.last = one
            block.totals = [one for one in block.totals if not block.first < one < block.last]
            block.left_out += [(row, grid.text[row, own[0]], NOT_WHOLE) for row, own in texts.items()]
        elif not texts and start > 1:
            block.first = block.last = start
            self.after = start + 1
        return [block]

    def _parts(self, block, texts, empty):
        """The blocks of a table that names the same places under several headings; [] where it does not."""
        rows = sorted({*texts, *empty})
        label = {row: self.grid.text[row, own[0]] for row, own in texts.items()}
        starts = [row for row in rows if row in label and heads(label[row])]
        names = [
            " ".join(self.grid.text[row, c] for c in own) for row, own in texts.items() if row not in starts
        ]
        if not starts or starts[0] != rows[0] or not _are_lines(names):
            return []
        outline, found = Outline(), []
        for n, row in enumerate(starts):
            end = starts[n + 1] if n + 1 < len(starts) else self.after
            path = [*outline.parents(label[row]), label[row]]
            mine = {one: own for one, own in texts.items() if row < one < end}
            totals = [one for one in block.totals if row < one < end]
            if mine:
                made = replace(
                    block, section=" / ".join(path), totals=totals, labels={}, cells=[], left_out=[]
                )
                found.append((self._items(made, mine), totals))
        most = max((len(totals) for _, totals in found[:-1]), default=0)
        apart = found[-1][1][most:] if len(found) > 1 else []
        found[-1][0].totals = [one for one in found[-1][1] if one not in apart]
        made = [one for one, _ in found]
        return made + sums_of(block, made, apart)

    def _labels(self, row, plain):
        return len(plain) >= 1 and not NOTE.match(compact(self.grid.text[row, plain[0]]))

    def _serial(self, row, column):
        return compact(self.grid.text[row, column]).isdecimal()

    def _again(self, row, plain, empty, texts):
        """Whether another table begins here: after empty rows a row of at least three texts that fills its width."""
        if not empty or len(plain) < 3:
            return False
        return len(plain) * 2 >= len({self.grid.at(row, c) for c in range(self.left, self.right + 1)})

    def _items(self, block, texts):
        """A block whose rows say what they want: its free cells, each with the titles at its left and on top."""
        grid = self.grid
        block.kind = ITEMS
        stub = sorted({column for own in texts.values() for column in own})
        rows = sorted({*texts})
        value = [
            column for column in block.columns
            if sum(grid.free(row, column) for row in rows) * 2 >= len(rows) and column > min(stub)
        ]  # fmt: skip
        units = [c for c in stub if compact(" ".join(block.columns.get(c, [""]))) in ("单位", "计量单位")]
        codes = [
            c
            for c in stub
            if ORDINAL.fullmatch(compact(" ".join(block.columns.get(c, [""]))) or "")
            or compact(" ".join(block.columns.get(c, [""]))) in ("代码", "指标代码")
        ]
        names = [c for c in stub if c not in units and c not in codes and c not in value] or stub[:1]
        outline, parents = Outline(), {}
        for row in rows:
            words = [
                grid.words(row, c)
                for c in names
                if grid.words(row, c) and not compact(grid.words(row, c)).isdecimal()
            ]
            words = list(dict.fromkeys(words))
            if words:
                above = outline.parents(
                    words[-1],
                    grid.indent.get((row, names[0]), 0),
                    part_follows=self._part_follows(rows, row, names),
                )
                parents[row] = list(dict.fromkeys([*above, *words]))
        block.labels = parents
        block.units = {
            row: grid.words(row, units[0]) for row in parents if units and grid.words(row, units[0])
        }
        only_heads = idle(parents, block.units)
        for row in parents:
            for column in value if row not in only_heads else ():
                if grid.free(row, column):
                    block.cells.append((row, column, [*parents[row]]))
        for row in block.totals:
            for column in value:
                if grid.free(row, column):
                    block.cells.append((row, column, ["合计"]))
        block.first, block.last = rows[0], rows[-1]
        return block

    def _part_follows(self, rows, row, names):
        at = rows.index(row) + 1
        return at < len(rows) and compact(self.grid.words(rows[at], names[0])).startswith("其中")
