"""Where the table stands in a sheet: header rows, columns by their text, data rows, rows to skip."""

import re
from dataclasses import dataclass, field

from fupin.excel.cleaning import compact, text

HEADER_WITHIN = 10
_NOTE_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
_YEAR_PREFIX = re.compile(r"^20\d\d年?度?")
_TOTAL = re.compile(r"(合计|小计|总计|共计|累计|平均|本页合计|本页小计|汇总)[::]?\d*")
_NOTE = re.compile(r"(注|备注|说明|填表|制表|审核|单位负责|填报|负责人|统计人|联系人|数据来源|口径)")


def letter_of(index):
    """Column letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def key_of(label):
    """A header reduced to what is compared: width, blanks, stars, bracketed notes and a leading year dropped."""
    found = compact(label).strip("*:.、#")
    bare = _NOTE_IN_BRACKETS.sub("", found) or found
    return _YEAR_PREFIX.sub("", bare) or bare


def unit_of(label):
    """10000 for a header in 万元, else 1."""
    return 10_000 if re.search(r"万元|\(万\)", compact(label)) else 1


@dataclass
class Table:
    """The table of one sheet. `columns` {field name: column index from 0}; `labels` {column index: header text}."""

    sheet: str
    kind: str
    header_rows: list
    columns: dict
    labels: dict
    units: dict
    numbers: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    hidden: frozenset = frozenset()
    errors: dict = field(default_factory=dict)
    uncached: frozenset = frozenset()
    epoch: int = 1900
    title: str = ""
    skipped: list = field(default_factory=list)
    """`(code, row number)` of rows that hold no data."""

    def letter(self, name):
        """The column letter of a field, "" where the file has no such column."""
        return letter_of(self.columns[name]) if name in self.columns else ""

    def label(self, name):
        return self.labels.get(self.columns.get(name, -1), "")

    @property
    def unused(self):
        """`(letter, header)` of columns that mean nothing to us."""
        used = set(self.columns.values())
        return [
            (letter_of(index), label) for index, label in sorted(self.labels.items()) if index not in used
        ]


def find_table(sheet, specs):
    """The best reading of `sheet` among `specs`, or None when no header is recognised."""
    best = None
    for labels, header_rows, start in _candidates(sheet):
        for spec in specs:
            columns = match(labels, spec)
            if not all(any(name in columns for name in group) for group in spec.needs):
                continue
            score = (len(columns), -len(header_rows))
            if best is None or score > best[0]:
                best = score, spec, columns, labels, header_rows, start
    if best is None:
        return None
    _, spec, columns, labels, header_rows, start = best
    return _made(sheet, spec, columns, labels, header_rows, start)


def table_at(sheet, spec, header_rows, columns, wan=None):
    """The table whose header a user pointed at. `columns` {field name: index}; `wan` the fields in 万元, None: as the
    labels say. None when the sheet has no such rows."""
    where = {number: index for index, number in enumerate(sheet.numbers)}
    at = [where[number] for number in header_rows if number in where]
    if not at or len(at) != len(header_rows):
        return None
    labels = labels_at(sheet, at)
    table = _made(sheet, spec, columns, labels, list(header_rows), at[-1] + 1)
    if wan is not None:
        table.units = {name: 10_000 if name in wan else 1 for name in columns}
    return table


def labels_at(sheet, at):
    """`{column index: label}` of the header that stands in the rows with these indexes."""
    if len(at) == 1:
        return {index: text(cell) for index, cell in enumerate(sheet.rows[at[0]]) if cell != ""}
    above = sheet.rows[at[0]]
    for below in at[1:]:
        joined = _joined(above, sheet.rows[below])
        above = [joined.get(index, "") for index in range(max(joined, default=-1) + 1)]
    return joined


def _made(sheet, spec, columns, labels, header_rows, start):
    table = Table(
        sheet=sheet.name, kind=spec.kind, header_rows=header_rows, columns=columns,
        labels={index: label.rpartition("\n")[2] or label for index, label in labels.items()},
        units={name: unit_of(labels.get(index, "")) for name, index in columns.items()},
        hidden=sheet.hidden, errors=sheet.errors, uncached=sheet.uncached, epoch=sheet.epoch,
        title=" ".join(text(cell) for row in sheet.rows[: start - len(header_rows)] for cell in row if cell != ""),
    )  # fmt: skip
    _take_rows(table, sheet, start)
    return table


def nearest(sheet, specs):
    """`(columns understood, title, [labels that are missing])` of the best header that lacks something, or None."""
    best = None
    for labels, _, _ in _candidates(sheet):
        for spec in specs:
            columns = match(labels, spec)
            missing = [group[0] for group in spec.needs if not any(name in columns for name in group)]
            if len(columns) >= 3 and missing and (best is None or len(columns) > best[0]):
                named = {item.name: item.label for item in spec.fields}
                best = len(columns), spec.title, [named.get(name, name) for name in missing]
    return best


def headers(sheet):
    """What may be the header of a sheet: `({column: label}, [row numbers], index of the first data row)`."""
    return _candidates(sheet)


def _candidates(sheet):
    """`({column: label}, [row numbers], index of the first data row)` for single and double header rows."""
    for at, (number, row) in enumerate(zip(sheet.numbers, sheet.rows)):
        if number > HEADER_WITHIN:
            return
        if row.count("") >= len(row) - 1:
            continue
        yield {i: text(cell) for i, cell in enumerate(row) if cell != ""}, [number], at + 1
        if at + 1 < len(sheet.rows) and sheet.numbers[at + 1] == number + 1:
            yield _joined(row, sheet.rows[at + 1]), [number, number + 1], at + 2


def _joined(above, below):
    """Labels of a double header as "parent\\nchild"; a parent reaches over the blanks to its right."""
    labels, parent = {}, ""
    width = max(len(above), len(below))
    for index in range(width):
        own = text(above[index]) if index < len(above) else ""
        child = text(below[index]) if index < len(below) else ""
        parent = own or (parent if child else "")
        if child or own:
            labels[index] = f"{parent}\n{child}" if parent and child else child or own
    return labels


def match(labels, spec):
    """`{field name: column index}`: the first column whose header is a spelling of the field."""
    columns = {}
    for index, label in labels.items():
        parent, _, child = label.rpartition("\n")
        for spelling in (  # with its bracket first: 公益性岗位(月数) is not 公益性岗位
            compact(child),
            key_of(child),
            key_of(parent + child),
            key_of(parent) if parent else "",
        ):
            name = spec.spellings.get(spelling)
            if name and name not in columns:
                columns[name] = index
                break
    return columns


def _take_rows(table, sheet, start):
    width = max(table.columns.values()) + 1
    keys = {index: compact(label) for index, label in table.labels.items()}
    used = sorted(table.columns.values())
    for number, row in zip(sheet.numbers[start:], sheet.rows[start:]):
        code = _skip(row, keys, used)
        if code:
            table.skipped.append((code, number))
            continue
        if len(row) < width:
            row = row + [""] * (width - len(row))
        table.numbers.append(number)
        table.rows.append(row)


def _skip(row, keys, used):
    """The reason why a row holds no data, or ""."""
    seen = 0
    for cell in row:
        if cell == "":
            continue
        seen += 1
        if isinstance(cell, str):
            word = compact(cell)
            if len(word) <= 8 and _TOTAL.fullmatch(word):
                return "total_row_skipped"
            if seen == 1 and _NOTE.match(word) and len(row) - row.count("") <= 3:
                return "note_row_skipped"
        if seen == 2:
            break
    filled = [index for index in used if index < len(row) and row[index] != ""]
    if len(row) - row.count("") == 1 and len(used) > 2:
        return "note_row_skipped"
    first = next((index for index in filled if isinstance(row[index], str)), None)
    if first is not None and compact(row[first]) == keys.get(first):
        same = sum(
            1 for index in filled if isinstance(row[index], str) and compact(row[index]) == keys.get(index)
        )
        if same * 2 > len(filled):
            return "repeated_header_skipped"
    return ""
