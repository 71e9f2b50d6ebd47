"""One village on a sheet: a 村情 form of labels and values, a list of 指标 with a column a year or a village, a small table
of 户数 and 人数 by kind. Each village (and year) becomes a table of one row; what is not understood is listed.

A label is read with what stands over or before it: 户数 beside 低保 is 低保户数, and beside a caption that nobody knows it
is nothing, for the households of that line are not those of the village.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fupin.excel import ticks
from fupin.excel.cleaning import BLANKS, UNITS, Unreadable, compact, text
from fupin.excel.form_folds import FOLD
from fupin.excel.form_sheet import Grid
from fupin.excel.forms import FormTable
from fupin.excel.relabel import Spoken
from fupin.excel.sections import village_in, village_named
from fupin.excel.table import letter_of
from fupin.excel.titles import key_of, unit_of
from households.imports.form_names import LEVELS, NO_VILLAGE, hints, place_of

LONGEST = 400
"""Rows of a sheet above which it is no form."""
ENOUGH, ENOUGH_UNTITLED = 3, 6
TITLE = re.compile(
    r"村情|一村一(?:档|表|册|策|卡)|(?:行政村|贫困村|脱贫村|出列村|重点村|本村|全村|村级|村)[^户人,。]{0,8}"
    r"(?:基本|基础|信息|情况|概况|简介|资料|档案|登记|采集|调查|统计|明白)"
)
OF_HOUSEHOLDS = frozenset(
    ("户主姓名", "户编号", "户主", "与户主关系", "身份证号码", "证件号码", "身份证号", "项目名称")
)
HEADS = frozenset(
    (
        "指标",
        "项目",
        "指标名称",
        "名称",
        "内容",
        "类别",
        "类型",
        "指标内容",
        "填报内容",
        "栏目",
        "事项",
        "项目名称",
        "情况",
        "序号",
        "村",
        "村名",
        "行政村",
        "村别",
        "行政村名称",
    )
)
VALUES = frozenset(
    (
        "数值",
        "数据",
        "指标值",
        "数量",
        "填报数",
        "填报值",
        "填写内容",
        "值",
        "备注",
        "单位",
        "计量单位",
        "数",
        "说明",
    )
)
SUMS = frozenset(("合计", "总计", "小计", "全镇合计", "全乡合计", "平均"))
PLACES = ("province", "city", "county", "town", "village")
_HOUSEHOLDS = frozenset(("户数", "户", "总户数", "农户数", "户数小计"))
_PEOPLE = frozenset(("人数", "人", "人口", "人口数", "总人口", "总人数", "人口小计"))
GENERIC = (
    _HOUSEHOLDS
    | _PEOPLE
    | {"面积", "数量", "个数", "小计", "合计", "总数", "条数", "里程", "收入", "小学", "中学"}
)
_KINDS = (
    (re.compile(r"监测|三类|边缘|突发"), "monitored_households", "monitored_population"),
    (re.compile(r"建档立卡|贫困|脱贫"), "poor_households", "poor_population"),
    (re.compile(r"低保"), "dibao_households", "dibao_population"),
    (re.compile(r"特困|五保"), None, "tekun_population"),
    (re.compile(r"残疾"), None, "disabled_population"),
    (re.compile(r"易地|搬迁"), "relocated_households", None),
    (re.compile(r"务工"), None, "migrant"),
    (re.compile(r"劳动力"), None, "labour"),
)  # fmt: skip
"""What 户数 and 人数 mean beside a word for a kind of households; None: something that no column holds."""
NOT_FACTS = re.compile(r"填表|填报|审核|负责人|制表|签字|盖章|日期|时间|联系电话|说明|^注")
_NEUTRAL = re.compile(
    r"[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]\)|\d[.、]|基本|基础|概况|情况|状况|信息|人口|户籍|自然|社会|经济|行政|全村|本村|村|级|总|农户"
    r"|资源|数据|和|与|及|其中|合计|总计|小计|计|:"
)
_UNIT = re.compile(
    r"\(?(?:户|人|口|亩|公顷|公里|千米|km|米|里|个|所|条|家|座|处|组|万元|元|千元|%|㎡|平方公里|年|有/无|是/否|名|万亩)\)?"
)
_CODE = re.compile(r"[A-Za-z]{0,2}\d{1,4}(?:[.\-]\d{1,2})*|[甲乙丙丁]")
"""What numbers the lines of a list of 指标."""
_YEAR = re.compile(r"(20[0-4]\d)年?(?:度|底|末|末数)?")
_BOTH = re.compile(r"(?:共|约|有)?(\d+)户[,、/;]?(?:共|约|有)?(\d+)(?:人|口)")
_SAID = re.compile(r"([^:,;、\s]{2,14}):([^:,;、\s]+)")


@dataclass
class Facts:
    """What is said of one village: `{field: (value, row, column, label)}`, the first that says it."""

    held: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)
    unread: list = field(default_factory=list)
    row: int = 0

    def say(self, name, value, row, column, label, unit=1):
        if name not in self.held:
            self.held[name] = (value, row, column, label)
            self.units[name] = unit

    @property
    def figures(self):
        return sum(1 for name in self.held if name not in PLACES and name != "year")


class Words:
    """The labels of village forms: `meaning(label, captions)`."""

    def __init__(self, fields, more):
        self.fields = {item.name: item for item in fields}
        self.known = {}
        for item in reversed(fields):
            for label in (*item.headers, *more.get(item.name, ()), item.label):
                self.known[key_of(label)] = self.known[compact(label)] = item.name

    def is_label(self, cell):
        return isinstance(cell, str) and bool(
            self.meaning(cell) or key_of(cell) in GENERIC or compact(cell).endswith(":")
        )

    def meaning(self, label, captions=()):
        """The field that a label means below or beside these captions (nearest first), "" where it means none."""
        if len(compact(label)) > 24:
            return ""
        keys = list(dict.fromkeys((compact(label).strip(":*"), key_of(label))))
        for caption in captions:
            bare = re.sub(r"(?:情况|状况|信息|概况|人口|数)$", "", key_of(caption))
            for before in dict.fromkeys((key_of(caption), bare)):
                for key in keys:
                    if before and (name := self.known.get(before + key)):
                        return name
            for pattern, households, people in _KINDS:
                if pattern.search(caption):
                    if not _HOUSEHOLDS.isdisjoint(keys):
                        return households or ""
                    if not _PEOPLE.isdisjoint(keys):
                        return people or ""
                    break
            if _NEUTRAL.sub("", compact(caption)) and not GENERIC.isdisjoint(keys):
                return ""
        return next((self.known[key] for key in keys if key in self.known), "")

    @property
    def spoken(self):
        """How a user may correct what labels mean; 户数 alone means what stands around it, and is left alone."""
        own = {name: item.label for name, item in self.fields.items() if self.meaning(item.label) == name}
        spelled = {name: key for key, name in reversed(self.known.items())} | own
        return Spoken(
            fields=tuple(item for item in self.fields.values() if item.name in spelled),
            meaning=lambda cell: self.meaning(cell) or None, label=spelled.__getitem__, nothing="不读的内容",
            fixed=lambda cell: key_of(cell) in GENERIC,
            lacking="这样还认不出是哪个村：请指出哪一格是“行政村”，并至少对好三项指标（如总户数、总人口）。",
        )  # fmt: skip

    def both(self, name, cell):
        """`((field, number), …)` of 58户279人 under a label of either."""
        found = _BOTH.fullmatch(compact(text(cell)))
        stem = re.sub(r"_?(?:households|population)$", "", name)
        if not found or name == stem:
            return ()
        pair = (f"{stem}_households", f"{stem}_population") if stem else ("households", "population")
        return tuple(zip(pair, found.groups())) if set(pair) <= self.fields.keys() else ()

    def value(self, name, cell):
        """The cell as a field can read it, None where it cannot be one of its values."""
        if isinstance(cell, str) and ticks.is_ticked(cell):
            options = ticks.chosen(cell)
            return "、".join(options) if options else None
        item = self.fields[name]
        if item.clean is None:
            return cell if isinstance(cell, str) and len(text(cell)) <= 30 or name == "year" else None
        said = text(cell)
        if said in BLANKS:
            return None
        tried = [cell, re.sub(r"[()（）]", "", said)] if isinstance(cell, str) else [cell]
        for one in tried:
            try:
                if item.clean(one, 1) is not None:
                    return one
            except Unreadable as problem:
                if problem.value is not None:
                    return one
        return None


def read(words, sheet, kind, path=""):
    """The villages of a sheet as tables of one row, [] where it holds none."""
    if not sheet.numbers or len(sheet.numbers) > LONGEST:
        return []
    grid = Grid(sheet)
    if any(
        sum(compact(cell) in OF_HOUSEHOLDS for _, cell in grid.filled(row) if isinstance(cell, str)) >= 2
        for row in grid.numbers
    ):
        return []
    form = _Form(grid, words)
    found = form.read()
    if not found:
        return []
    titled = any(TITLE.search(compact(line)) for line in (*form.lines, sheet.name, path))
    tables = []
    for facts, lines in found:
        _locate(facts, lines, sheet.name, path if len(found) == 1 else "")
        sure = titled and "village" in facts.held  # one that names no village is told, not passed over
        if (titled or "village" in facts.held) and facts.figures >= (ENOUGH if sure else ENOUGH_UNTITLED):
            tables.append((facts, lines))
    return [
        _table(words, sheet, kind, facts, lines, n, len(tables) == 1)
        for n, (facts, lines) in enumerate(tables)
    ]


class _Form:
    def __init__(self, grid, words):
        self.grid, self.words = grid, words
        self.taken, self.reaching = set(), None
        self.lines = self._lines(grid.numbers)

    def read(self):
        columns = self._columns()
        if columns is not None:
            return [(facts, self.lines) for facts in columns]
        starts = [self.grid.numbers[0], *self._starts()[1:]]
        ends = [*starts[1:], self.grid.numbers[-1] + 1]
        found = []
        for first, end in zip(starts, ends):
            numbers = [row for row in self.grid.numbers if first <= row < end]
            if self._is_list(numbers):
                return []
            found.append((self._pairs(numbers), self._lines(numbers)))
        return found

    def _lines(self, numbers):
        """The lines of text over a form."""
        return [
            text(filled[0][1]) for row in numbers[:6]
            if len(filled := self.grid.filled(row)) == 1 and isinstance(filled[0][1], str)
        ]  # fmt: skip

    def _starts(self):
        """The rows in which forms begin: titles that name a village, or else the rows that do, with the lines over them."""
        titles = [
            row for row in self.grid.numbers
            if len(filled := self.grid.filled(row)) == 1 and isinstance(filled[0][1], str) and len(text(filled[0][1])) <= 40
            and TITLE.search(compact(filled[0][1])) and place_of(text(filled[0][1])).get("village")
        ]  # fmt: skip
        named = [row for row in self.grid.numbers if self._names(row)]
        if len(titles) > 1 or len(named) < 2:
            return titles
        starts = []
        for row in named:
            above = [number for number in self.grid.numbers if number < row]
            while (
                above
                and len(self.grid.filled(above[-1])) == 1
                and TITLE.search(compact(text(self.grid.filled(above[-1])[0][1])))
            ):
                row = above.pop()
            starts.append(row)
        return starts

    def _names(self, row):
        """Whether a row names the village: a label with the name beside it, or both in one cell."""
        return any(
            isinstance(cell, str)
            and (
                self.words.meaning(cell) == "village"
                and self._beside(row, column, "village")
                or any(self.words.meaning(label) == "village" for label, _ in said_in(cell))
            )
            for column, cell in self.grid.filled(row)
        )

    def _is_list(self, numbers):
        """Whether villages stand below each other under one header: then it is an ordinary list."""
        for at, row in enumerate(numbers):
            for column, cell in self.grid.filled(row):
                if (
                    not isinstance(cell, str)
                    or self.words.meaning(cell) != "village"
                    or self._beside(row, column, "village")
                    and not self._villages_below(row, column)
                ):
                    continue
                below = [number for number in numbers[at + 1 :] if number >= self.grid.beyond(row, column)[0]]
                first = next(
                    (
                        n
                        for n in below[:4]
                        if (cell := self.grid.cell(n, column)) != "" and not self.words.is_label(cell)
                    ),
                    None,
                )
                if first is not None and len(self.grid.filled(row)) > 2:
                    return not any(self._labels(number) > 1 for number in below if number > first)
        return False

    def _villages_below(self, row, column):
        """Whether names of villages stand below a title, which then has a group of columns beside it, not a value."""
        below = [number for number in self.grid.numbers if number > row][:8]
        cells = [self.grid.cell(number, column) for number in below]
        return sum(1 for cell in cells if isinstance(cell, str) and cell and village_in(cell)) > 1

    def _labels(self, row):
        return sum(
            1 for _, cell in self.grid.filled(row) if isinstance(cell, str) and self.words.meaning(cell)
        )

    # Columns of years or of villages

    def _columns(self):
        """The villages of a sheet that has a column a year or a village; None for any other."""
        for at, row in enumerate(self.grid.numbers[:15]):
            filled = self.grid.filled(row)
            heads = [(column, head) for column, cell in filled if (head := self._head(cell))]
            names = {name for _, (name, _) in heads}
            if names == {"year"} and self._villages_across(at + 1):
                continue
            said = [compact(text(cell)) for column, cell in filled if column not in dict(heads)]
            known = bool(said) and all(word in HEADS or word in VALUES or word in SUMS for word in said)
            if (
                len(names) != 1
                or len(said) > 3
                or not (len(heads) > 1 and (known or not said) or known and heads)
            ):
                continue
            below = self.grid.numbers[at + 1 :]
            left = min(column for column, _ in heads)
            if left == 0 or sum(1 for number in below if self._label_left(number, left)[0]) < ENOUGH:
                continue
            found = [self._column(below, left, row, column, head) for column, head in heads]
            for facts, (column, (name, _)) in zip(found, heads):
                if name == "village" and (over := self._year_over(at, column)):
                    facts.say("year", *over, "")
            self._unread_left(found, below, left)
            return found
        return None

    def _villages_across(self, at):
        """Whether villages stand beside each other in a row."""
        if at >= len(self.grid.numbers):
            return False
        heads = [self._head(cell) for _, cell in self.grid.filled(self.grid.numbers[at])]
        return sum(1 for head in heads if head and head[0] == "village") > 1

    def _year_over(self, at, column):
        """`(year, row, column)` that a title over a column of a village names, also one that lies across; None for none."""
        for row in reversed(self.grid.numbers[:at]):
            years = [
                (c, match[1])
                for c, cell in self.grid.filled(row)
                if c <= column and (match := _YEAR.fullmatch(compact(text(cell))))
            ]
            if years:
                return years[-1][1], row, years[-1][0]
        return None

    def _head(self, cell):
        """`(field, value)` that a cell over a column of figures names: a year or a village."""
        said = compact(text(cell))
        if match := _YEAR.fullmatch(said):
            return "year", match[1]
        if isinstance(cell, str) and not self.words.meaning(cell) and (village := village_in(cell)):
            return "village", village
        return None

    def _label_left(self, row, left):
        """`(field, label, unit)` of a row of 指标, by what stands left of its figures."""
        words = [
            (column, cell)
            for column, cell in self.grid.filled(row)
            if column < left and isinstance(cell, str) and not _CODE.fullmatch(compact(cell))
        ]
        unit = next((compact(cell).strip("()") for _, cell in words if _UNIT.fullmatch(compact(cell))), "")
        words = [
            (column, cell) for column, cell in words if not _UNIT.fullmatch(compact(cell)) or len(words) == 1
        ]
        if not words:
            return "", "", unit
        column, label = words[-1]
        captions = [cell for _, cell in reversed(words[:-1])] + self._side(row, column)
        return self.words.meaning(label, captions), text(label), unit

    def _column(self, below, left, head_row, column, head):
        facts = Facts(row=head_row)
        facts.say(head[0], head[1], head_row, column, "")
        for row in below:
            name, label, unit = self._label_left(row, left)
            if name:
                self._take(facts, name, row, column, label, unit)
        return facts

    def _unread_left(self, found, below, left):
        for row in below:
            name, label, _ = self._label_left(row, left)
            if (
                label
                and not name
                and any(self.grid.cell(row, column) != "" for column in range(left, left + 1))
            ):
                found[0].unread.append((letter_of(left), label))

    # Labels and values

    def _pairs(self, numbers):
        """The Facts of one form."""
        facts, section = Facts(row=numbers[0]), ""
        held = {row: self._kind(row) for row in numbers}
        for row in numbers:
            filled = self.grid.filled(row)
            if len(filled) == 1 and isinstance(filled[0][1], str):
                if not self._colons(facts, row, filled[0]):
                    said = filled[0][1]
                    section = "" if row == numbers[0] or TITLE.search(compact(said)) else said
                continue
            if held[row] == "heads":
                self._heads(facts, row, numbers, held, section)
            else:
                self._beside_all(facts, row, section)
        return facts

    def _kind(self, row):
        """Where the values of a row of labels stand: "beside" them, or below them ("heads"); "" for no such row."""
        beside = below = labels = 0
        for column, cell in self.grid.filled(row):
            if not self.words.is_label(cell) or (row, column) in self.taken:
                continue
            labels += 1
            name = self.words.meaning(cell) or ("population" if key_of(cell) in GENERIC else "")
            if not name:
                continue
            beside += bool(self._beside(row, column, name))
            under = self.grid.cell(self.grid.beyond(row, column)[0], column)
            below += (
                under != "" and not self.words.is_label(under) and self.words.value(name, under) is not None
            )
        if below > beside and below > 1:
            return "heads"
        return "beside" if beside or labels else ""

    def _beside(self, row, column, name, sure=False):
        """`(column, value, unit)` of what stands right of a label, a unit between them or behind it; where the label is
        `sure`, also what its field cannot read, for that is to be told."""
        unit, steps = "", 0
        at = self.grid.beyond(row, column)[1]
        width = len(self.grid.rows[row])
        while at < width and steps < (2 if self.grid.merged else 4):
            cell = self.grid.cell(row, at)
            if cell != "":
                said = compact(text(cell))
                if _UNIT.fullmatch(said) and isinstance(cell, str):
                    unit, steps = said.strip("()"), max(steps - 1, 0)
                elif self.words.is_label(cell):
                    return None
                elif self.words.both(name, cell) or self.words.value(name, cell) is not None:
                    behind = self.grid.cell(row, self.grid.beyond(row, at)[1])
                    if not unit and isinstance(behind, str) and _UNIT.fullmatch(compact(behind)):
                        unit = compact(behind).strip("()")
                    return at, cell, unit
                else:
                    return (at, cell, unit) if sure and self.words.fields[name].clean is not None else None
            steps += 1
            at = self.grid.beyond(row, at)[1]
        return None

    def _side(self, row, column):
        """The captions left of a column that reach down to this row: merged, or standing alone above blanks."""
        found = [
            self.grid.cell(top, left) for top, left, right in self._reaching().get(row, ()) if right < column
        ]
        if not found and not self.grid.merged and self.grid.cell(row, 0) == "" and column > 0:
            above = next(
                (n for n in reversed(self.grid.numbers) if n < row and self.grid.cell(n, 0) != ""), None
            )
            if above is not None and len(self.grid.filled(above)) > 1:
                found = [self.grid.cell(above, 0)]
        return [text(cell) for cell in found if isinstance(cell, str)]

    def _reaching(self):
        """`{row: [(top, left, right)]}` of the merged cells that reach down to a row from above, from the right."""
        if self.reaching is None:
            self.reaching, numbers = {}, self.grid.numbers
            tall = [
                (left, top, bottom, right)
                for (top, left), (bottom, right) in self.grid.spans.items()
                if bottom > top
            ]
            for left, top, bottom, right in sorted(tall, key=lambda span: -span[0]):
                for at in range(bisect_right(numbers, top), bisect_right(numbers, bottom)):
                    self.reaching.setdefault(numbers[at], []).append((top, left, right))
        return self.reaching

    def _beside_all(self, facts, row, section):
        caption = ""
        side = self._side(row, 10_000)
        filled = self.grid.filled(row)
        known = self._labels(row) > 0
        for place, (column, cell) in enumerate(filled):
            if (row, column) in self.taken or not isinstance(cell, str) or text(cell).isdecimal():
                continue
            captions = [word for word in (caption, *side, section) if word]
            name = self.words.meaning(cell, captions)
            following = next((other for at, other in filled[place + 1 :] if at > column), "")
            found = self._beside(row, column, name, sure=True) if name else None
            if found:
                self._take(facts, name, row, found[0], text(cell), found[2], found[1])
            elif self._colons(facts, row, (column, cell)):
                continue
            elif self.words.is_label(following) and not compact(cell).endswith(":"):
                caption = cell
            elif following != "" and (row, column) not in self.taken and not _UNIT.fullmatch(compact(cell)):
                self._miss(facts, row, column, caption or section, cell, known)

    def _miss(self, facts, row, column, caption, cell, known):
        """Note a label that nobody knows, with a figure beside it or in a line with labels that are known."""
        label, found = compact(cell), compact(text(self.grid.cell(row, self.grid.beyond(row, column)[1])))
        if (
            1 < len(label) <= 16
            and found
            and (known or re.search(r"\d", found) and len(found) <= 12 or _UNIT.fullmatch(found))
            and not (label in HEADS or label in VALUES or label in SUMS or NOT_FACTS.search(label))
        ):
            said = f"{text(caption)}{text(cell)}" if key_of(cell) in GENERIC else text(cell)
            facts.unread.append((letter_of(column), said))

    def _heads(self, facts, row, numbers, held, section):
        """Take the values below a row of labels, of several rows by what each of them is called."""
        labels = [(column, text(cell)) for column, cell in self.grid.filled(row) if isinstance(cell, str)]
        for below in [number for number in numbers if number > row][:12]:
            if held[below] and not self._is_line(below, labels):
                break
            cells = self.grid.filled(below)
            if len(cells) == 1 and isinstance(cells[0][1], str):
                break
            first = cells[0] if cells else (0, "")
            line = text(first[1]) if isinstance(first[1], str) and self._names_line(first, labels) else ""
            for column, label in labels:
                captions = [word for word in (line, *self._over(row, column), section) if word]
                name = self.words.meaning(label, captions)
                if name:
                    self._take(facts, name, below, column, label, "")
                elif isinstance(self.grid.cell(below, column), float) and compact(label) not in HEADS:
                    facts.unread.append((letter_of(column), f"{line}{label}"))
            self.taken |= {(below, column) for column, _ in cells}

    def _is_line(self, row, labels):
        """Whether a row below labels is one of figures with a caption before them."""
        filled = self.grid.filled(row)
        return len(filled) > 1 and all(not isinstance(cell, str) for _, cell in filled[1:])

    def _names_line(self, first, labels):
        column, _ = first
        label = dict(labels).get(column, "")
        return not label or compact(label) in HEADS or not self.words.meaning(label)

    def _over(self, row, column):
        """The titles above a label: of a merged range that covers its column, or the last one to its left."""
        above = self.grid.filled(row - 1)
        if any((row - 1, at) in self.taken for at, _ in above):
            return []
        found = [cell for at, cell in above if at <= column <= self.grid.spans.get((row - 1, at), (0, at))[1]]
        if not found and not self.grid.merged:
            found = [cell for at, cell in above if at <= column][-1:]
        return [text(cell) for cell in found if isinstance(cell, str) and len(above) > 1]

    def _colons(self, facts, row, found):
        """Take what a cell says in itself: 总户数：58户，总人口：279人. Whether it said anything."""
        column, cell = found
        if not isinstance(cell, str) or (row, column) in self.taken:
            return False
        said = [(name, label, value) for label, value in said_in(cell) if (name := self.words.meaning(label))]
        for name, label, value in said:
            self._take(facts, name, row, column, label, "", value)
        return bool(said)

    def _take(self, facts, name, row, column, label, unit, cell=None):
        cell = self.grid.cell(row, column) if cell is None else cell
        if cell == "" and (row, column) not in self.grid.marked:
            return
        self.taken.add((row, column))
        pair = self.words.both(name, cell)
        if pair:
            for one, number in pair:
                facts.say(one, number, row, column, label)
            return
        value = self.words.value(name, cell)
        item = self.words.fields[name]
        base = getattr(item.clean, "base", "元")
        factor = unit_of(label, base)
        if unit and factor == 1:
            factor = UNITS.get(base, {}).get(unit, 1)
        facts.say(name, cell if value is None else value, row, column, label, factor)


def said_in(cell):
    """`[(label, value)]` of a text: 总户数：58户  总人口：279人."""
    return _SAID.findall(",".join(compact(part) for part in re.split(r"[\s\u3000]+", cell.strip())))


def _locate(facts, lines, sheet, path):
    """The village and year of a form that has no label for them: from its title, its sheet, its file."""
    told = [(place_of(line), line) for line in lines]
    if "village" not in facts.held:
        name = sheet.rpartition("/")[2]
        said = next(
            (place for place, _ in told if place.get("village") and place["village"] not in NO_VILLAGE), {}
        )
        village = said.get("village") or village_named(name) or _in_path(path)
        if village:
            facts.say("village", village, None, None, "标题")
    for place, _ in told:
        for level in LEVELS:
            if level in place and level in PLACES and level not in facts.held:
                facts.say(level, place[level], None, None, "标题")
    if "town" not in facts.held and hints(path).town:
        facts.say("town", hints(path).town, None, None, "文件名")
    if "year" not in facts.held:
        found = [
            m
            for line in (*lines, sheet.rpartition("/")[2])
            if (m := re.search(r"(?<!\d)20[0-4]\d(?=年|$)", compact(line)))
        ]
        if found and not any("制表" in line or "日期" in line or "时间" in line for line in lines[:1]):
            facts.say("year", found[0][0], None, None, "标题")


def _in_path(path):
    """The village that the name of a file is about: 白坪村村情表.xlsx, 2019/白坪.xlsx."""
    stem = PurePosixPath(path).stem
    said = place_of(stem).get("village", "")
    return hints(path).village or (said if said not in NO_VILLAGE else "") or village_named(stem)


def _table(words, sheet, kind, facts, lines, n, alone):
    """The Table of one village."""
    held = facts.held
    columns = {name: index for index, name in enumerate(held)}
    row = next((place[1] for name, place in held.items() if name not in PLACES and place[1]), facts.row)
    number = row if not n else FOLD * n + row
    table = FormTable(
        sheet=sheet.name, kind=kind, header_rows=[], columns=columns,
        labels={columns[name]: said[3] or words.fields[name].label for name, said in held.items()},
        units={name: facts.units[name] for name in held}, numbers=[number], rows=[[said[0] for said in held.values()]],
        hidden=frozenset((number,)) if row in sheet.hidden else frozenset(), title=" ".join(lines), captions=lines,
        file=sheet.file, epoch=sheet.epoch, alone=alone, unread=facts.unread,
    )  # fmt: skip
    uncached = set()
    for name, (_, at, column, _) in held.items():
        table.places[name] = (at, letter_of(column)) if at else (None, "")
        if at and (at, column + 1) in sheet.errors:
            table.errors[number, columns[name] + 1] = sheet.errors[at, column + 1]
        if at and (at, column + 1) in sheet.uncached:
            uncached.add((number, columns[name] + 1))
    table.uncached = frozenset(uncached)
    return table
