"""Headers: in which rows a table's titles stand, how deep, and of which kind of file they are."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from fupin.excel.cleaning import BLANKS, Unreadable, compact, text
from fupin.excel.cleaning import number as figure
from fupin.excel.table import Table
from fupin.excel.titles import (
    dated,
    holds,
    in_money,
    key_of,
    known_as,
    match,
    one_of,
    said_over,
    stated_unit,
    title_of,
    unit_of,
)  # fmt: skip

HEADER_WITHIN = 30
DEEPEST = 4
"""Rows that one header may take."""
LONGEST_LABEL = 60
TITLE_FROM = 7
"""Characters that the title of a table has at least; a group of columns may be shorter."""
_SAYS = re.compile(
    r"[(]?(?:金额|计量|货币|面积)?单位[:、]?(?:人民币)?(?:亿元|万元|千元|元|户|人|亩|[、,/])+[)]?"
    r"|[(]?(?:填报|填表|制表|编制|上报|报送|统计|所属|调查|登记|截止|截至|数据)?(?:单位|日期|时间|部门|人)(?:[(][^()]*[)])?:.*"
)
_TICK = re.compile(r"[√✓✔☑■●◎✅vV∨Yy是有1]")
_NO_TICK = re.compile(r"[×✗✘xX☒□否无0]")
_EITHER = frozenset("是否有无男女")
_FIGURE = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?")
_AMOUNT = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:万?元)?")
_LETTER = re.compile(r"[\u3400-\u9fff]")
_PERIOD = re.compile(r"第?[一二三四1-4]季度?|[上下]半年")
_TOTAL = re.compile(
    r"(?:合计|总计|共计|总)(?:金额|资金|补助|补贴|发放)*|(?:金额|资金|补助|补贴|发放)+(?:合计|总计|总额)"
)
_NUMBERS = frozenset(("hh_no", "id", "any_id"))
ORDINALS = frozenset("甲乙丙丁戊己庚辛")


def short_texts(sheet):
    """Row by row, as far down as a header is looked for: the texts that are short enough to be titles."""
    for number, row in zip(sheet.numbers, sheet.rows):
        if number > HEADER_WITHIN:
            return
        yield [cell for cell in row if isinstance(cell, str) and len(cell) <= 30]


def labels_at(sheet, at):
    """`{column index: label}` of the header that stands in the rows with these indexes."""
    rows, numbers = [sheet.rows[index] for index in at], [sheet.numbers[index] for index in at]
    if tuple(numbers) in sheet.titles:
        return dict(sheet.titles[tuple(numbers)])
    return _labels(rows, numbers, _covers(sheet))


def nearest(sheet, specs):
    """`((groups that lack, as a negative number, columns understood), title, [labels that are missing])` of the header
    that is nearest to one of ours, or None."""
    best = None
    for labels, _, _ in may_head(sheet):
        for spec in specs:
            columns = match(labels, spec)
            missing = min(
                ([group for group in needs if not any(name in columns for name in group)] for needs in (spec.needs, spec.unnumbered, spec.fewer) if needs),
                key=len,
            )  # fmt: skip
            near = (-len(missing), len(columns))
            if (
                len(columns) >= 3
                and any(_LETTER.search(labels[index]) for index in columns.values())
                and missing
                and (best is None or near > best[0])
            ):
                named = {item.name: item.label for item in spec.fields}
                best = (
                    near,
                    spec.title,
                    [one_of([named.get(name, name) for name in group]) for group in missing],
                )
    return best


@dataclass
class Header:
    """A header that was recognised. `first` and `start` are indexes of its first row and of the first row below it."""

    spec: object
    columns: dict
    labels: dict
    rows: list
    first: int
    start: int
    half: bool = False
    unnumbered: bool = False
    said: dict = field(default_factory=dict)
    fewer: bool = False
    chosen: bool = False
    """Whether a user pointed at its columns."""

    @property
    def score(self):
        named = bool(self.spec.needs_named) and self.spec.needs == self.spec.needs_named
        return (not self.half, not self.fewer, len(self.columns), named, -len(self.rows))

    def beats(self, other):
        """Whether this reading says more. A list of other people's affairs goes before one of households without
        their numbers: who stands on a bureau's list is no household of ours because of it."""
        if self.spec.strangers != other.spec.strangers and (self.unnumbered or other.unnumbered):
            return self.spec.strangers
        for one, two, answer in ((self, other, True), (other, self, False)):
            if one.outreads(two):
                return answer
        return self.score > other.score

    def outreads(self, other):
        """Whether a list of heads understands all that a full reading of another kind does, and two columns besides: it
        may hold households that the other kind would not find. One that the user or the title names is left alone."""
        return (
            self.fewer and self.unnumbered and not (other.fewer or other.half or other.unnumbered)
            and other.spec.needs != other.spec.needs_named and bool(self.spec.completed)
            and {*self.columns.values()} > {*other.columns.values()} and len(self.columns) >= len(other.columns) + 2
        )  # fmt: skip

    def fill_in(self, table):
        """Columns for what the lines over the table say of all its rows, and for what stands in parts below a group."""
        for name, value in self.said.items():
            if name not in table.columns and table.rows:
                table.give(name, [value] * len(table.rows))
        if self.fewer and self.spec.by_head and _NUMBERS.isdisjoint(self.columns) and table.rows:
            table.give("hh_no", [""] * len(table.rows))
        if self.fewer and self.spec.completed is not None and table.rows:
            for name, value in self.spec.completed(table).items():
                table.give(name, [value] * len(table.rows))
        self.heads_in_wan(table)
        self.add_up(table)
        for name, parts in self.sums(table).items():
            table.spread |= {index for index, _ in parts}
            base = (
                10_000
                if any(unit_of(self.labels[index]) == 10_000 for index, _ in parts)
                else stated_unit(table.title)
            )
            columns = [index for index, _ in parts]
            failed = {
                row: error
                for row, column, error in (*((*place, error) for place, error in table.errors.items()), *((*place, "=") for place in table.uncached))
                if column - 1 in columns
            }  # fmt: skip
            table.give(
                name,
                ["" if at in failed else _sum_of(row, columns) for at, row in zip(table.numbers, table.rows)],
            )
            table.units[name] = base
            table.errors = table.errors | {
                (at, table.columns[name] + 1): error for at, error in failed.items()
            }
        for name, parts in ticked_in(self.labels, self.spec, table.columns).items():
            if (said := _ticks(table, parts)) is not None:
                table.spread |= {index for index, _ in parts}
                table.give(name, said)
        for name, parts in self.parts(table).items():
            table.spread |= {index for index, _ in parts}
            table.give(name,
                ["；".join(f"{title}：{word}" for index, title in parts if index < len(row) and (word := text(row[index]))) for row in table.rows],
            )  # fmt: skip

    def add_up(self, table):
        """Of amounts that stand in several columns of one title take the column of their sum, else add them up; told."""
        for name in self.spec.added if table.numbers and not self.chosen else ():
            title = key_of(self.labels.get(table.columns.get(name), ""))
            same = [index for index, label in self.labels.items() if title and key_of(label) == title]
            if len(same) < 2:
                continue
            total = next(
                (index for index, label in self.labels.items() if _TOTAL.fullmatch(key_of(label))), None
            )
            table.spread |= frozenset(same)
            if total is None:
                unit = table.units[name]
                table.give(name, [_sum_of(row, same) for row in table.rows])
                table.units[name] = unit
            else:
                table.columns[name], table.units[name] = (
                    total,
                    max(table.units[name], unit_of(self.labels[total])),
                )
            taken = f"按“{self.labels[total]}”记" if total is not None else "按各列之和记"
            table.findings.append(("amounts_added", name, "", f"“{self.labels[same[0]]}”有 {len(same)} 列，{taken}，请核对", table.numbers[0]))  # fmt: skip

    def sums(self, table):
        """`{field of spec.summed: [(column index, label)]}` of amounts that stand in parts below a group that bears their
        name, none of which is a field of its own."""
        groups = {}
        for index, label in self.labels.items() if self.spec.summed and table.rows else ():
            group, _, child = label.rpartition("\n")
            name = known_as((key_of(group.rpartition("\n")[2]),), self.spec) if group else None
            if name in self.spec.summed and name not in table.columns:
                groups.setdefault(name, []).append((index, child))
        used = {*table.columns.values()}
        return {
            name: parts
            for name, parts in groups.items()
            if not used.intersection(index for index, _ in parts)
        }

    def parts(self, table):
        """`{field of spec.spread: [(column index, title)]}` of the columns below a group that bears its name."""
        found = {}
        for index, label in self.labels.items() if self.spec.spread and table.rows else ():
            group, _, child = label.rpartition("\n")
            name = known_as((key_of(group.rpartition("\n")[2]),), self.spec) if group else None
            if name in self.spec.spread and name not in table.columns and index not in table.columns.values():
                found.setdefault(name, []).append((index, child))
        return found | self.periods(table, found)

    def periods(self, table, found):
        """`{spec.periods: [(column index, title)]}` of columns named after parts of a year, of which there are some."""
        name = self.spec.periods
        if not name or name in table.columns or name in found:
            return {}
        used = {*table.columns.values()}
        steps = re.compile(self.spec.steps or r"(?!)")
        words = {
            index: label.rpartition("\n")[2] for index, label in self.labels.items() if index not in used
        }
        parts = [(index, words[index]) for index in words if _PERIOD.fullmatch(key_of(self.labels[index])) or steps.fullmatch(key_of(words[index]))]  # fmt: skip
        return {name: parts} if len(parts) > 1 else {}

    def table(self, sheet):
        title = " ".join(
            text(cell) for row in sheet.rows[max(self.first - 10, 0) : self.first] for cell in row
            if cell != "" and len(row) - row.count("") <= 6
        )  # fmt: skip
        return Table(
            sheet=sheet.name, kind=self.spec.kind, header_rows=self.rows, columns=self.columns,
            labels={index: label.rpartition("\n")[2] or label for index, label in self.labels.items()},
            units=self.units(stated_unit(title)),
            hidden=sheet.hidden, errors=sheet.errors, uncached=sheet.uncached, epoch=sheet.epoch, half=self.half,
            unnumbered=self.unnumbered, fewer=self.fewer,
            title=title,
            dated=dated(self.labels, self.spec),
            hidden_columns=[i for i in self.labels if i + 1 in sheet.hidden_columns], file=sheet.file,
        )  # fmt: skip

    def units(self, stated):
        """What the cells of each field are multiplied by: as its header says, else as the line over the table does,
        which speaks of amounts, not of figures per head."""
        fields, units = {item.name: item for item in self.spec.fields}, {}
        for name, index in self.columns.items():
            item, words = fields[name], compact(self.labels[index])
            units[name] = unit_of(words, getattr(item.clean, "base", "元"))
            if (
                stated != 1
                and units[name] == 1
                and "元" not in words
                and "人均" not in words
                and in_money(item)
            ):
                units[name] = stated
        return units | self.inherited(units, fields)

    def heads_in_wan(self, table):
        """A figure per head below 单位：万元 is in 万元 as well where no household's reaches 1,000."""
        if stated_unit(table.title) != 10_000:
            return
        for name, index in self.columns.items():
            words = compact(self.labels.get(index, ""))  # a village that a section row gave has none
            if "人均" not in words or "元" in words or table.units.get(name) != 1:
                continue
            figures = [
                found for row in table.rows if index < len(row) and (found := _plain(row[index])) is not None
            ]
            if figures and max(figures) < 1000:
                table.units[name] = 10_000

    def inherited(self, units, fields):
        """The 万元 of a total goes for its parts: 资金规模（万元）, 其中：中央资金, 省级资金 beside each other."""
        found, before = {}, None
        for name, index in sorted(self.columns.items(), key=lambda pair: pair[1]):
            words = compact(self.labels[index])
            plain = units[name] == 1 and "元" not in words and "人均" not in words and in_money(fields[name])
            if (
                plain
                and before is not None
                and (words.startswith("其中") or before[1] and index == before[0] + 1)
            ):
                found[name] = 10_000
                before = (index, True)
            elif units[name] == 10_000 and in_money(fields[name]):
                before = (index, False)
            elif not plain or before is None or index != before[0] + 1:
                before = None
        return found


def _plain(cell):
    """A figure as it stands in a cell, also one kept as text; None for anything else."""
    if cell.__class__ is str and _FIGURE.fullmatch(cell.strip()):
        return float(cell)
    return cell if cell.__class__ is float else None


def first_header(sheet, specs, at, within=None):
    """The uppermost header from row index `at` on; of its readings with more or fewer rows the one that says most."""
    stop = at + HEADER_WITHIN if within is None else len(sheet.rows)
    best, last = None, None
    for labels, numbers, start in may_head(sheet, at, stop, within):
        if last is not None and (start - 1 > last + DEEPEST - 1 or start - len(numbers) > last):
            continue
        for spec in specs:
            header = _reading(spec, labels, numbers, start, sheet)
            if header is None:
                continue
            last = start - 1 if last is None else last
            if best is None or header.beats(best):
                best = header
    return _deepened(best, sheet)


def _deepened(header, sheet):
    """The header with the rows below it that only part its groups: no data, nothing under what every row needs."""
    while (
        header is not None
        and header.start < len(sheet.rows)
        and len(header.rows) < DEEPEST
        and not sheet.titles
    ):
        row = sheet.rows[header.start]
        needed = {
            header.columns[name] for group in header.spec.needs for name in group if name in header.columns
        }
        if (
            _spanned(header, sheet) or len(needed) > 1
        ):  # what stands below a title that lies across is a part of it
            needed -= {
                index
                for index in needed
                if _lies_across(header, sheet, index) or _reaches(header, sheet, row, index)
            }
        if (
            sheet.numbers[header.start] != header.rows[-1] + 1
            or len(row) - row.count("") < 2
            or holds_data(row)
            or only_counts(row)
            or any(index < len(row) and row[index] != "" for index in needed)
        ):
            return header
        rows, numbers = sheet.rows[header.first : header.start + 1], [*header.rows, header.rows[-1] + 1]
        deeper = _reading(header.spec, _labels(rows, numbers, _covers(sheet)), numbers, header.start + 1)
        if deeper is None or (deeper.half, deeper.unnumbered) != (header.half, header.unnumbered):
            return header
        header = deeper
    return header


def ticked_in(labels, spec, columns):
    """`{field: [(column index, choice)]}` of columns that stand for one choice each, two or more: those of spec.ticked, and
    是 and 否 (男 and 女) below the title of any field."""
    found, used, alone = {}, {*columns.values()}, set()
    grouped = {index: _group_field(label, spec) for index, label in labels.items() if "\n" in label}
    for name, word in spec.ticked if len(labels) > 2 else ():
        parts = {}
        own = columns.get(name)
        if own is not None and grouped.get(own) != name:
            continue
        for index, label in labels.items():
            said = word(key_of(label.rpartition("\n")[2]), grouped.get(index) == name)
            if said and (index not in used or own is not None and grouped.get(index) == name):
                parts.setdefault(said, index)
        if len(parts) > 1 or parts and all(grouped.get(index) == name for index in parts.values()):
            found[name] = [(index, said) for said, index in parts.items()]
            alone.add(name)
    for index, name in grouped.items():
        said = key_of(labels[index].rpartition("\n")[2])
        if name and name not in columns and index not in used and said in _EITHER:
            found.setdefault(name, []).append((index, said))
    return {name: parts for name, parts in found.items() if len(parts) > 1 or name in alone}


def _group_field(label, spec):
    """The field that the title over a column names, None for none."""
    return known_as((key_of(label.rpartition("\n")[0].rpartition("\n")[2]),), spec)


def _ticks(table, parts):
    """What is ticked in each row of these columns, None where they hold anything but ticks."""
    found = []
    for row in table.rows:
        said = []
        for index, word in parts:
            cell = compact(text(row[index])) if index < len(row) else ""
            if _TICK.fullmatch(cell):
                said.append(word)
            elif cell not in BLANKS and not _NO_TICK.fullmatch(cell):
                return None
        found.append("、".join(said))
    return found


def _spanned(header, sheet):
    """Whether titles of a header are merged down into the row below what was taken for it."""
    return any(top in header.rows and bottom > header.rows[-1] for top, _, bottom, _ in sheet.merges)


def _reaches(header, sheet, row, index):
    """Whether a title that is merged over nothing has blanks to its right, and texts below it and below them."""
    titles = sheet.rows[header.start - 1]
    beside = row[index : index + 2]
    blank = index + 1 >= len(titles) or titles[index + 1] == ""
    return blank and len(beside) == 2 and all(isinstance(cell, str) and cell != "" for cell in beside)


def _lies_across(header, sheet, index):
    return any(
        top in header.rows and bottom == header.rows[-1] and left - 1 <= index < right and right > left
        for top, left, bottom, right in sheet.merges
    )


def _reading(spec, labels, numbers, start, sheet=None):
    columns = match(labels, spec)
    told = columns | dict.fromkeys(ticked_in(labels, spec, columns), -1)
    if sheet is not None and spec.titled and len(columns) > 2 and not holds(columns, spec.needs):
        said = said_over(sheet, start - len(numbers), spec, columns)
        for needs in (spec.needs, spec.fewer if _may_lack(spec, columns, labels) else ()):
            if said and holds(columns | said, needs):
                first = start - len(numbers)
                return Header(
                    spec, columns, labels, numbers, first, start, said=said, fewer=needs is spec.fewer
                )
    for needs, half, unnumbered, fewer in (
        (spec.needs, False, False, False),
        (spec.unnumbered, False, True, False),
        (spec.fewer if _may_lack(spec, columns, labels) else (), False, bool(spec.unnumbered) and "hh_no" not in columns, True),
        (spec.heads_only if names_heads(spec, columns, labels) else (), False, False, True),
        (spec.half, True, False, False),
    ):  # fmt: skip
        if holds(told, needs):
            return Header(
                spec, columns, labels, numbers, start - len(numbers), start, half, unnumbered, fewer=fewer
            )
    return None


def _may_lack(spec, columns, labels):
    """Whether a table with this header may be one of a kind that has only the least."""
    return spec.lacks.isdisjoint(columns) and not (
        spec.strange and any(re.search(spec.strange, compact(label)) for label in labels.values())
    )


def names_heads(spec, columns, labels):
    """Whether a table with this header may be one that names its households by their heads alone."""
    return bool(spec.by_head) and _NUMBERS.isdisjoint(columns) and not any(
        re.search(spec.by_head, compact(label)) for label in labels.values()
    )  # fmt: skip


def may_head(sheet, at=0, stop=None, within=HEADER_WITHIN):
    """`({column: label path}, [row numbers], index of the first data row)` of headers that may end in each row."""
    if sheet.titles:
        yield from _said_heads(sheet, at, stop)
        return
    covers = _covers(sheet)
    for end in range(at, len(sheet.rows) if stop is None else min(stop, len(sheet.rows))):
        if within is not None and sheet.numbers[end] > within:
            return
        row = sheet.rows[end]
        if row.count("") >= len(row) - 1 and len(row) > 1:
            continue
        first = end
        while True:
            rows, numbers = sheet.rows[first : end + 1], sheet.numbers[first : end + 1]
            yield _labels(rows, numbers, covers), numbers, end + 1
            above = first - 1
            deep = end - first + 1 >= DEEPEST or above < at
            apart = deep or sheet.numbers[above] != sheet.numbers[first] - 1
            if apart or holds_data(sheet.rows[first]) or _only_says(sheet.rows[above]):
                break
            if not covers and _is_entry(sheet.rows[first], sheet.rows[above]):
                break
            if _is_title(sheet.rows[above], sheet.rows[first], covers.get(sheet.numbers[above], {})):
                break
            first = above


def _said_heads(sheet, at, stop):
    """The headers of which a user said what they mean."""
    where = {number: index for index, number in enumerate(sheet.numbers)}
    for numbers, labels in sheet.titles.items():
        if all(number in where for number in numbers) and at <= where[numbers[0]] < (
            len(sheet.rows) if stop is None else stop
        ):
            yield dict(labels), list(numbers), where[numbers[-1]] + 1


def _only_says(row):
    """Whether a row over the titles only says who filled in, when, and in which unit: 填报单位：某镇   单位：元."""
    words = [compact(cell) for cell in row if isinstance(cell, str) and cell != ""]
    return len(words) == len(row) - row.count("") and all(map(_SAYS.fullmatch, words))


def _is_title(row, below, cover):
    """Whether a row over the titles is the title of the whole table: one text at the left, merged over (almost) all or
    over nothing."""
    if (
        len(row) - row.count("") != 1
        or row[0] == ""
        or not isinstance(row[0], str)
        or len(row[0]) < TITLE_FROM
    ):
        return False
    right = max((index for index, (_, left) in cover.items() if left == 0), default=0)
    filled = [index for index, cell in enumerate(below) if cell != ""]
    return len(filled) > 2 and (right == 0 or right >= filled[-1] - 1)


def holds_data(row):
    """Whether a row has what no lower row of a header has: amounts, dates, long numbers, long text."""
    for cell in row:
        if isinstance(cell, bool | date):
            return True
        if isinstance(cell, float) and not (cell.is_integer() and 1990 <= cell <= 2100):
            return True
        if isinstance(cell, str) and (len(cell) > LONGEST_LABEL or (len(cell) > 4 and cell.isdigit())):
            return True
    return False


def _is_entry(row, above):
    """Whether a row is one of figures kept as text (.csv) below titles of which it parts none: each stands over one cell."""
    filled = [index for index, cell in enumerate(row) if cell != ""]
    if any(index >= len(above) or above[index] == "" for index in filled) or len(filled) < 3:
        return False
    return any(isinstance(row[index], str) and _AMOUNT.fullmatch(row[index].strip()) for index in filled) and not only_counts(row)  # fmt: skip


def _covers(sheet):
    """`{row number: {column index: (top, left)}}` of the cells that merged ranges of the first rows cover."""
    covers = {}
    for top, left, bottom, right in sheet.merges:
        if bottom - top < DEEPEST * 2 and right - left < 300:
            for number in range(top, bottom + 1):
                line = covers.setdefault(number, {})
                for index in range(left - 1, right):
                    line[index] = (top, left - 1)
    return covers


def _labels(rows, numbers, covers):
    """The path of titles over each column, joined by newlines; a title reaches as far as its merged range.

    Where a row has no merged range that lies across, a title reaches over the blanks to its right.
    """
    if len(rows) == 1:
        return {i: title_of(cell) for i, cell in enumerate(rows[0]) if cell != ""}
    lines = []
    for depth, (number, row) in enumerate(zip(numbers, rows)):
        cover = covers.get(number, {})
        across = any(left != index for index, (_, left) in cover.items())
        below = rows[depth + 1] if depth + 1 < len(rows) else None
        lines.append(_line(row, numbers, rows, cover, None if across else below))
    labels = {}
    for index in range(max(map(len, rows))):
        path, own = [], False
        for line in lines:
            word, mine = line.get(index, ("", False))
            if word and (not path or path[-1] != word):
                path.append(word)
                own = mine
            elif word:
                own = own or mine
        if own:
            labels[index] = "\n".join(path)
    return labels


def _line(row, numbers, rows, cover, below):
    """`{column index: (title, whether it is this column's own)}` of one header row."""
    line, carried = {}, ""
    for index in range(max(len(row), max(cover, default=-1) + 1, len(below or ()))):
        word = title_of(row[index]) if index < len(row) else ""
        if word:
            carried = word
            line[index] = word, True
            continue
        top, left = cover.get(index, (None, None))
        if top in numbers:
            above = rows[numbers.index(top)]
            line[index] = (title_of(above[left]) if left < len(above) else ""), left == index
        elif below is not None and index < len(below) and below[index] != "":
            line[index] = carried, False
        else:
            carried = ""
    return line


def _sum_of(row, columns):
    """The sum of amounts, "" where there is none; one that is no figure is given back as it stands."""
    total, found = Decimal(0), False
    for index in columns:
        try:
            part = figure(row[index]) if index < len(row) else None
        except Unreadable:
            return row[index]
        total, found = total + (part or 0), found or part is not None
    return float(total) if found else ""


def only_counts(row):
    """Whether a row under the header only numbers the columns: 1, 2, 3 or 甲, 乙, 1, 2."""
    words = [compact(text(cell)) for cell in row if cell != ""]
    digits = [int(word) for word in words if word.isdecimal() and len(word) < 4]
    return len(digits) + sum(1 for word in words if word in ORDINALS) == len(words) and digits == list(
        range(digits[0] if digits else 1, (digits[0] if digits else 1) + len(digits))
    )
