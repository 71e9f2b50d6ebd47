"""Rows under a header: which hold data, which are totals, notes, headers again, and what merged cells leave blank."""

import re

from fupin.excel.cleaning import compact, text
from fupin.excel.header import DEEPEST, LONGEST_LABEL, first_header, holds_data, only_counts
from fupin.excel.sections import name_sections, village_in
from fupin.excel.titles import key_of

DITTO = frozenset({"同上", "〃", "″", "″″", "同 上", "″ ″", "“", "”", "〃〃", "--〃--"})
_SIGNED = re.compile(r".*(?:签字|签名|签章|盖章|公章)(?:\([^()]*\))?[::]?.{0,10}|[^:]{2,14}:")
"""The first cell of a line for signatures under a table."""
_EXAMPLE = re.compile(r"[(【\[]?(?:填写|填表)?(?:示例|样例|范例|举例|例子|例如|例)(?:行|数据)?[)】\]]?[::]?")
"""The first cell of a row that only shows how to fill in."""
TOTAL = re.compile(
    r"(?:.{0,8}(?:合计|小计|总计|共计)|.{0,3}累计|平均|汇总|总数)(?:\([^()]*\))?[::]?[\d.,]*(?:万元|元|户|人|亩)?"
    r"|.{0,2}(?:承前页|过次页|过下页|结转|结转下年|结转余额|上年结余|年初余额|期初余额)"
)
_PART = re.compile(r"\(?[一二三四五六七八九十]{1,3}(?:[)、.,]?|[)、.,][^,;。]{1,20})")
"""What stands in 序号 of a row that heads a part of the list, where the others are counted in figures."""
_SUMMED = ("小计", "合计", "总计")
"""How the label of a total ends that names what it sums: 某某村人畜饮水工程小计. It stands alone beside figures."""
_NOTE = re.compile(
    r"(注|备注|说明|填表|制表|审核|单位负责|填报|负责人|统计人|联系人|数据来源|口径|复核|经办|打印|附件|附表|第\d+页)"
)


def take_rows(table, sheet, header, specs):
    """Fill `table` with the rows below its header; returns the header of the next table on the sheet, or None."""
    width = max(table.columns.values()) + 1
    watch = _Watch(table, sheet, header, specs)
    down = _merged_down(sheet, table, header.start)
    held, section, sections, before = {}, "", [], None
    for at in range(header.start, len(sheet.rows)):
        number, row = sheet.numbers[at], sheet.rows[at]
        if number in down:
            row = row + [""] * (width - len(row)) if len(row) < width else list(row)
            _fill_down(row, number, down[number], held)
        if watch.suspects(row, number, at):
            following = watch.next_header(at)
            if following is not None:
                if following.labels != header.labels:
                    name_sections(table, sections)
                    return following
                watch.skip_until = following.start
            code = "repeated_header_skipped" if at < watch.skip_until else watch.skip(row)
            if code:
                table.skipped.append((code, number))
                section = watch.section(row) or section
                continue
        if len(row) < width:
            row = row + [""] * (width - len(row))
        if before is not None and not DITTO.isdisjoint(row):
            row = [
                above if cell in DITTO else cell for cell, above in zip(row, [*before, *row[len(before) :]])
            ]
        table.numbers.append(number)
        table.rows.append(row)
        sections.append(section)
        before = row
    name_sections(table, sections)
    return None


def _merged_down(sheet, table, start):
    """`{row number: [(column index, top row number)]}` of merged ranges that reach over several data rows."""
    used, down, room = set(table.columns.values()), {}, 2_000_000
    first = sheet.numbers[start] if start < len(sheet.numbers) else 0
    for top, left, bottom, _ in sheet.merges:
        if bottom > top >= first > 0 and left - 1 in used:
            room -= bottom - top
            if room < 0:
                break
            for number in range(top, bottom + 1):
                down.setdefault(number, []).append((left - 1, top))
    return down


def _fill_down(row, number, merged, held):
    """Give each row of a merged range its value; Excel keeps it in the first."""
    for index, top in merged:
        if number == top:
            held[index, top] = row[index]
        elif row[index] == "":
            row[index] = held.get((index, top), "")


def _figures(row):
    """How many cells are figures."""
    return sum(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in row)


class _Watch:
    """Tells rows of data from headers, totals, notes and section titles. Quick for rows of data: two look-ups."""

    def __init__(self, table, sheet, header, specs):
        self.table, self.sheet, self.specs = table, sheet, specs
        self.keys = {index: compact(label) for index, label in table.labels.items()}
        self.used = sorted(table.columns.values())
        self.header = [self._words(row) for row in sheet.rows[header.first : header.start]]
        self.vocabulary = {key for spec in specs for key in spec.spellings}
        self.carried = next((spec.carried for spec in specs if spec.kind == table.kind), ())
        self.skip_until, self.known, self.last = 0, {}, header.start - 1
        self.labels = {index: text(word) for index, word in header.labels.items()}

    @staticmethod
    def _words(row):
        words = [compact(cell) if isinstance(cell, str) else str(cell) for cell in row]
        while words and words[-1] == "":
            words.pop()
        return words

    def suspects(self, row, number, at):
        """Whether a closer look is due: few cells, a first word that heads, sums up or notes, or a row after a gap."""
        if at < self.skip_until or at == self.last + 1 or not self.table.rows:
            return True
        filled = len(row) - row.count("")
        if filled <= 3:
            return True
        seen = 0
        for cell in row:
            if cell == "":
                continue
            if cell.__class__ is str:
                suspect = self.known.get(cell)
                if suspect is None:
                    suspect = self.known[cell] = self._telling(cell)
                if suspect:
                    return True
            seen += 1
            if seen == 2:
                return False
        return False

    def _telling(self, cell):
        if len(self.known) > 100_000:
            self.known.clear()
        word = compact(cell)
        return word.endswith(_SUMMED) or bool(
            len(cell) <= LONGEST_LABEL
            and (
                _NOTE.match(word)
                or (len(word) <= 14 and TOTAL.fullmatch(word))
                or _PART.fullmatch(word)
                or _EXAMPLE.fullmatch(word)
                or _SIGNED.fullmatch(word)
                or key_of(cell) in self.vocabulary
            )
        )

    def next_header(self, at):
        """The header of a table that begins at this row, or None."""
        if at < self.skip_until or not self._heads(at):
            return None
        found = first_header(self.sheet, self.specs, at)
        return found if found is not None and found.first == at else None

    def _heads(self, at):
        """Whether a row, or one of the next three, is made of header words."""
        for row in self.sheet.rows[at : at + DEEPEST]:
            words = [cell for cell in row if cell != ""]
            if not all(isinstance(cell, str) for cell in words) or holds_data(row):
                return False
            if sum(1 for cell in words if key_of(cell) in self.vocabulary) >= 3:
                return True
        return False

    def skip(self, row):
        """The reason why a row holds no data, or ""."""
        filled = len(row) - row.count("")
        words = self._words(row)
        if words in self.header:
            return "repeated_header_skipped"
        seen = 0
        for cell in row:
            if cell == "":
                continue
            seen += 1
            if isinstance(cell, str):
                word = compact(cell)
                if len(word) <= 14 and TOTAL.fullmatch(word):
                    return "total_row_skipped"
                if seen == 1 and word.endswith(_SUMMED) and 1 < filled == 1 + _figures(row):
                    return "total_row_skipped"
                if seen == 1 and (
                    _EXAMPLE.fullmatch(word)
                    or (filled <= 3 and _NOTE.match(word))
                    or (filled <= 5 and _SIGNED.fullmatch(word))
                ):
                    return "note_row_skipped"
            if seen == 2:
                break
        if filled == 1 and len(self.used) > 2 and not self.continues(row):
            return "note_row_skipped"
        if self.parts(row):
            return "note_row_skipped"
        if filled > 2 and not self.table.rows and only_counts(row):
            return "note_row_skipped"
        held = [index for index in self.used if index < len(row) and row[index] != ""]
        same = sum(
            1
            for index in held
            if index < len(words) and isinstance(row[index], str) and words[index] == self.keys.get(index)
        )
        return "repeated_header_skipped" if same * 2 > len(held) and same else ""

    def parts(self, row):
        """Whether a row heads a part of the list: 一、二 where the others have 1, 2, 3, and little else but sums."""
        index = next((index for index, key in self.keys.items() if key in ("序号", "编号", "项次")), None)
        if index is None or index >= len(row) or index in self.used or row[index].__class__ is not str:
            return False
        held = sum(1 for at in self.used if at < len(row) and row[at] != "")
        return (
            bool(_PART.fullmatch(compact(row[index]))) and held * 2 <= len(self.used) and self.counted(index)
        )

    def continues(self, row):
        """Whether a row of one cell names the next entry of those above it: another household of an official, whose name is
        written once."""
        index, cell = next((index, cell) for index, cell in enumerate(row) if cell != "")
        first = {self.table.columns.get(name) for lead, *_ in self.carried for name in lead}
        return (
            bool(self.carried) and bool(self.table.rows) and index in self.used and index > self.used[0] and index not in first
            and isinstance(cell, str) and len(cell) <= LONGEST_LABEL // 2 and not village_in(cell)
        )  # fmt: skip

    def counted(self, index):
        """Whether 序号 in this column is written in figures."""
        rows = self.sheet.rows[self.last + 1 : self.last + 40]
        return any(index < len(row) and row[index].__class__ is float for row in rows) or any(
            index < len(row) and text(row[index]).isdecimal() for row in rows
        )

    def section(self, row):
        """The village that a row of a single cell names for the rows below it, or ""; a number before it counts as none."""
        cells = [cell for cell in row if cell != ""]
        if len(cells) > 1 and self.parts(row):
            cells = [cells[1]]
        if len(cells) != 1 or not isinstance(cells[0], str):
            return ""
        return village_in(cells[0])
