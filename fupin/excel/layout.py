"""Where the tables stand in a sheet: header rows, columns by their text, data rows, rows to skip."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from fupin.excel.cleaning import UNITS, Unreadable, compact, text
from fupin.excel.cleaning import number as figure

HEADER_WITHIN = 30
DEEPEST = 4
"""Rows that one header may take."""
LONGEST_LABEL = 60
DITTO = frozenset({"同上", "〃", "″", "″″", "同 上", "″ ″", "“", "”", "〃〃", "--〃--"})
_NOTE_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕")
_YEAR_PREFIX = re.compile(r"^20\d\d年?度?|(?<=\D)20\d\d年?度?$")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_COUNTED = re.compile(r"^(?:\d{1,2}[.、]|\(\d{1,2}\)|[一二三四五六七八九十]{1,2}、)(?=\D)")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ "
_SIGNED = re.compile(r".*(?:签字|签名|签章|盖章|公章)(?:\([^()]*\))?[::]?.{0,10}|[^:]{2,14}:")
"""The first cell of a line for signatures under a table."""
_EXAMPLE = re.compile(r"[(【\[]?(?:填写|填表)?(?:示例|样例|范例|举例|例子|例如|例)(?:行|数据)?[)】\]]?[::]?")
"""The first cell of a row that only shows how to fill in."""
_UNIT_SUFFIX = re.compile(
    r"[/:,、_\-](?:单位:?)?(?:万元|千元|元|亩|公顷|㎡|m2|平方米|平方公里|公里|千米|km|米|人|户|个?月)$"
)
_TOTAL = re.compile(
    r"(?:.{0,8}(?:合计|小计|总计|共计)|.{0,3}累计|平均|汇总|总数)(?:\([^()]*\))?[::]?[\d.,]*(?:万元|元|户|人|亩)?"
    r"|.{0,2}(?:承前页|过次页|过下页|结转|结转下年|结转余额|上年结余|年初余额|期初余额)"
)
_SAID = re.compile(r"([^:,;]{2,12}):([^:,;]{2,30})")
_PART = re.compile(r"\(?[一二三四五六七八九十]{1,3}[)、.,]?")
"""What stands in 序号 of a row that heads a part of the list, where the others are counted in figures."""
_SUMMED = ("小计", "合计", "总计")
"""How the label of a total ends that names what it sums: 某某村人畜饮水工程小计. It stands alone beside figures."""
_NOTE = re.compile(
    r"(注|备注|说明|填表|制表|审核|单位负责|填报|负责人|统计人|联系人|数据来源|口径|复核|经办|打印|附件|附表|第\d+页)"
)
_VILLAGE = re.compile(
    r"(?:[(]?[\d一二三四五六七八九十]{1,3}[).、]?)?(?:.{1,8}(?:镇|乡|街道))?"
    r"(?P<name>[\u3400-\u9fff·]{1,12}?(?:村|社区|居委会|村委会|嘎查|林场|农场))(?:\([^()]*\))?[::]?(?:共?\d+户.*)?"
)
_TITLE_VILLAGE = re.compile(
    r"(?:镇|乡|街道|办事处)(?P<name>[\u3400-\u9fff·]{1,8}?(?:村|社区|嘎查))(?!民|级|情|组)"
)
_TITLE_TOWN = re.compile(r"(?:^|[,:县区旗市])(?P<name>[^,:省县区旗市]{1,8}?(?:镇|乡|街道))(?!村|级)")
_TITLE_COUNTY = re.compile(
    r"(?:^|[,:省市州盟])(?P<name>[^,:省市州盟县]{1,8}?(?:县|区|旗|市))(?=[^,:]{0,8}(?:镇|乡|街道))"
)
_TITLE_UNIT = re.compile(
    r"(?<![报制责任建送管位])单位:?(?:[\u4e00-\u9fff]{1,4}[、,/])*(亿元|万元|千元|百元|元)(?![\u4e00-\u9fff])"
)
_TITLE_BEGINS = re.compile(
    r"(?:^|,)(?:20\d\d年度?)?(?P<name>[\u3400-\u9fff·]{1,8}?(?:村|社区|嘎查))(?!民|级|情|组|委|两委|干部)"
)
_NO_VILLAGE = re.compile(
    r"(?:.{0,4})(?:农|乡|山|行政|贫困|脱贫|出列|重点|示范|全|本|各|驻|新农|美丽乡|所在|自然|城中|空心|合并|我|该|每)村|社区"
)
"""What ends like the name of a village in a title's first words and is none."""
_PLACE_NAME = re.compile(r"[\u3400-\u9fff]{2,6}")
_BARE_NAME = re.compile(
    r".*(?:册|单|账|帐|明细|总|登记|统计|表|户|口|人|员|成员|数据|信息|模板|情况|项目|走访|结对|镇|乡|县|区|市|措施|对象|库|收入|支出|记录|监测"
    r"|帮扶|资金|计划|学生|党员|年度|月份?|季度|低保|残疾|特困|五保|死亡|车辆|房产|不动产|就业|健康|教育|医疗|住房|饮水|产业|条件|变更|更新|导入|导出|附件"
    r"|基本|扶贫|脱贫|贫困|汇总|报告|台帐|核查|比对|疑点|村情|行政村|封面|目录|说明)"
)
"""Names of sheets that tell what is in them, not where it belongs."""
_ORDINALS = frozenset("甲乙丙丁戊己庚辛")
_SUMS = frozenset({"合计", "小计", "总计", "总额", "金额", "数额", "总数", "元", "万元", "数量"})


def letter_of(index):
    """Column letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=16_384)
def key_of(label):
    """A header reduced to what is compared: width, blanks, stars, numbering, bracketed notes, units and years dropped."""
    found = _COUNTED.sub("", compact(label.lstrip(_CIRCLED)).strip("*:.、#★☆※"))
    found = found.removeprefix("其中:").removeprefix("其中,") or found
    bare = _NOTE_IN_BRACKETS.sub("", found) or found
    bare = _UNIT_SUFFIX.sub("", bare) or bare
    return (_YEAR_PREFIX.sub("", bare) or bare).strip("*:.、#")


def unit_of(label, base="元"):
    """What a figure under this header is multiplied by to be in `base`: 10000 for 万元, 15 for 公顷 where 亩 are meant."""
    words = compact(label)
    if base == "元" and re.search(r"万元|\(万\)", words):
        return 10_000
    for word in re.findall(r"[(/:,、](?:单位:?)?([^()/:,、]{1,5})\)?", words):
        factor = UNITS.get(base, {}).get(word.strip())
        if factor is not None:
            return factor
    return 1


def stated_unit(title):
    """What the line over a table multiplies its money by: 10000 for 单位：万元, 1 where it says nothing."""
    found = _TITLE_UNIT.findall(compact(title.replace(" ", ",")))
    return UNITS["元"][found[-1]] if found else 1


@lru_cache(maxsize=512)
def in_money(item):
    """Whether a field is an amount of money that a file may give in 万元."""
    try:
        return item.clean is not None and item.clean("1", 10_000) == 10_000 and item.clean("1元", 10_000) == 1
    except Unreadable:
        return False


@dataclass
class Table:
    """One table of a sheet. `columns` {field name: column index from 0}; `labels` {column index: header text}.

    Fields in `given` are in no column of the file: their values (a village named by a section row, the sheet or the
    title) stand in columns added behind the last. `dated` {field name: {year: column index}} where the header has
    the same field for several years. `half` marks a table of households without members, to be joined by number.
    """

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
    file: str = ""
    """The file in its zip that the sheet is of, "" where there is only one."""
    one_household: bool = False
    """Whether all rows are one household, known by its head's ID number where it has no number."""
    findings: list = field(default_factory=list)
    """`(code, field, value, detail, row)` that the reading itself came upon."""
    skipped: list = field(default_factory=list)
    """`(code, row number)` of rows that hold no data."""
    given: frozenset = frozenset()
    spread: frozenset = frozenset()
    """Indexes of columns that a given one was put together from."""
    dated: dict = field(default_factory=dict)
    half: bool = False
    unnumbered: bool = False
    """Whether households are known by their heads' ID numbers, since no column has numbers of theirs."""
    fewer: bool = False
    """Whether it has only what its kind can do with at the least (`Import.fewer`)."""
    hidden_columns: list = field(default_factory=list)

    def letter(self, name):
        """The column letter of a field, "" where the file has no such column."""
        return letter_of(self.columns[name]) if name in self.columns and name not in self.given else ""

    def label(self, name):
        return self.labels.get(self.columns.get(name, -1), "")

    def place(self, name, row):
        """`(row, column letter)` at which to point out something about a field of a row."""
        return row, self.letter(name)

    def anchor(self, row):
        """The row that a finding about a whole household is put at, None where its sheet says enough."""
        return row

    @property
    def unused(self):
        """`(letter, header)` of columns that mean nothing to us."""
        used = {
            *self.columns.values(),
            *self.spread,
            *(index for years in self.dated.values() for index in years.values()),
        }
        return [
            (letter_of(index), label) for index, label in sorted(self.labels.items()) if index not in used
        ]

    @property
    def years(self):
        """The years that its headers speak of, where a field has more than one."""
        return sorted({year for years in self.dated.values() for year in years})

    def take_year(self, year):
        """Of columns for several years take those of `year`. Returns the labels of fields that have none for it."""
        missing = []
        for name, years in self.dated.items():
            if year in years:
                self.columns[name] = years[year]
            else:
                missing.append(self.label(name))
                self.columns.pop(name, None)
        return missing


def find_tables(sheet, specs):
    """Every table of `sheet` that one of `specs` can read, from top to bottom."""
    found, at = [], 0
    header = _first_header(sheet, specs, at, within=HEADER_WITHIN)
    while header is not None:
        table, above = header.table(sheet), header
        found.append(table)
        header = _take_rows(table, sheet, header, specs)
        above.fill_in(table)
    for table in found:
        _locate(table, sheet, specs)
    return found


def table_at(sheet, spec, header_rows, columns, wan=None):
    """The table whose header a user pointed at. `columns` {field name: index}; `wan` the fields in 万元, None: as the
    labels say. None when the sheet has no such rows."""
    where = {number: index for index, number in enumerate(sheet.numbers)}
    at = [where[number] for number in header_rows if number in where]
    if not at or len(at) != len(header_rows):
        return None
    labels = dict.fromkeys(columns.values(), "") | labels_at(sheet, at)
    said = {} if holds(columns, spec.needs) else said_over(sheet, at[0], spec, columns)
    whole = holds(columns | said, spec.needs)
    unnumbered = not whole and holds(columns, spec.unnumbered)
    fewer = not whole and not unnumbered and spec.lacks.isdisjoint(columns) and holds(columns, spec.fewer)
    header = _Header(
        spec, dict(columns), labels, list(header_rows), at[0], at[-1] + 1,
        not whole and not unnumbered and not fewer and bool(spec.half),
        unnumbered or fewer and bool(spec.unnumbered) and "hh_no" not in columns, fewer=fewer,
    )  # fmt: skip
    header.said = said
    table = header.table(sheet)
    table.dated = {}
    if wan is not None:
        table.units |= {name: 10_000 for name in wan if name in columns}
        table.units |= {name: 1 for name in columns if name not in wan and table.units[name] == 10_000}
    _take_rows(table, sheet, header, [spec])
    header.fill_in(table)
    _locate(table, sheet, [spec])
    return table


def holds(columns, needs):
    """Whether of each group in `needs` a field is among `columns`; False where nothing is needed."""
    return bool(needs) and all(any(name in columns for name in group) for group in needs)


def said_over(sheet, first, spec, columns):
    """`{field: value}` of those of spec.titled that have no column and stand in the lines over row index `first`:
    帮扶责任人：李明, the name in the same cell or in the next one."""
    found = {}
    for row in sheet.rows[max(first - 10, 0) : first]:
        line = ",".join(text(cell) for cell in row if cell != "")
        line = compact(re.sub(r"\s+", ",", line)).replace(":,", ":")
        for label, value in _SAID.findall(line):
            name = spec.spellings.get(key_of(label))
            if name in spec.titled and name not in columns:
                found[name] = value
    return found


def labels_at(sheet, at):
    """`{column index: label}` of the header that stands in the rows with these indexes."""
    rows, numbers = [sheet.rows[index] for index in at], [sheet.numbers[index] for index in at]
    return _labels(rows, numbers, _covers(sheet))


def headers(sheet):
    """What may be the header of a sheet: `({column: label}, [row numbers], index of the first data row)`."""
    return _candidates(sheet)


def nearest(sheet, specs):
    """`((groups that lack, as a negative number, columns understood), title, [labels that are missing])` of the header
    that is nearest to one of ours, or None."""
    best = None
    for labels, _, _ in _candidates(sheet):
        for spec in specs:
            columns = match(labels, spec)
            missing = min(
                ([group for group in needs if not any(name in columns for name in group)] for needs in (spec.needs, spec.unnumbered, spec.fewer) if needs),
                key=len,
            )  # fmt: skip
            near = (-len(missing), len(columns))
            if len(columns) >= 3 and missing and (best is None or near > best[0]):
                named = {item.name: item.label for item in spec.fields}
                best = (
                    near,
                    spec.title,
                    [one_of([named.get(name, name) for name in group]) for group in missing],
                )
    return best


def one_of(labels):
    """Labels of which one is needed, as a sentence has them: 户编号或户主证件号码, of many the first three."""
    return "、".join(labels[:2]) + f"、{labels[2]}等任一列" if len(labels) > 3 else "或".join(labels)


# Headers


@dataclass
class _Header:
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

    @property
    def score(self):
        return (not self.half, not self.fewer, len(self.columns), -len(self.rows))

    def beats(self, other):
        """Whether this reading says more. A list of other people's affairs goes before one of households without
        their numbers: who stands on a bureau's list is no household of ours because of it."""
        if self.spec.strangers != other.spec.strangers and (self.unnumbered or other.unnumbered):
            return self.spec.strangers
        return self.score > other.score

    def fill_in(self, table):
        """Columns for what the lines over the table say of all its rows, and for what stands in parts below a group."""
        for name, value in self.said.items():
            if name not in table.columns and table.rows:
                _give(table, name, [value] * len(table.rows))
        if self.fewer and self.spec.completed is not None and table.rows:
            for name, value in self.spec.completed(table).items():
                _give(table, name, [value] * len(table.rows))
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
            _give(
                table,
                name,
                ["" if at in failed else _sum_of(row, columns) for at, row in zip(table.numbers, table.rows)],
            )
            table.units[name] = base
            table.errors = table.errors | {
                (at, table.columns[name] + 1): error for at, error in failed.items()
            }
        for name, parts in self.parts(table).items():
            table.spread |= {index for index, _ in parts}
            _give(
                table, name,
                ["；".join(f"{title}：{word}" for index, title in parts if index < len(row) and (word := text(row[index]))) for row in table.rows],
            )  # fmt: skip

    def sums(self, table):
        """`{field of spec.summed: [(column index, label)]}` of amounts that stand in parts below a group that bears their
        name, none of which is a field of its own."""
        groups = {}
        for index, label in self.labels.items() if self.spec.summed and table.rows else ():
            group, _, child = label.rpartition("\n")
            name = _known_as((key_of(group.rpartition("\n")[2]),), self.spec) if group else None
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
            name = _known_as((key_of(group.rpartition("\n")[2]),), self.spec) if group else None
            if name in self.spec.spread and name not in table.columns and index not in table.columns.values():
                found.setdefault(name, []).append((index, child))
        return found

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
            dated=_dated(self.labels, self.spec),
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
        return units


def _first_header(sheet, specs, at, within=None):
    """The uppermost header from row index `at` on; of its readings with more or fewer rows the one that says most."""
    stop = at + HEADER_WITHIN if within is None else len(sheet.rows)
    best, last = None, None
    for labels, numbers, start in _candidates(sheet, at, stop, within):
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
    while header is not None and header.start < len(sheet.rows) and len(header.rows) < DEEPEST:
        row = sheet.rows[header.start]
        needed = {
            header.columns[name] for group in header.spec.needs for name in group if name in header.columns
        }
        if _spanned(header, sheet):  # what stands below a title that lies across is a part of it
            needed -= {index for index in needed if _lies_across(header, sheet, index)}
        if (
            sheet.numbers[header.start] != header.rows[-1] + 1
            or len(row) - row.count("") < 2
            or _holds_data(row)
            or _counts(row)
            or any(index < len(row) and row[index] != "" for index in needed)
        ):
            return header
        rows, numbers = sheet.rows[header.first : header.start + 1], [*header.rows, header.rows[-1] + 1]
        deeper = _reading(header.spec, _labels(rows, numbers, _covers(sheet)), numbers, header.start + 1)
        if deeper is None or (deeper.half, deeper.unnumbered) != (header.half, header.unnumbered):
            return header
        header = deeper
    return header


def _spanned(header, sheet):
    """Whether titles of a header are merged down into the row below what was taken for it."""
    return any(top in header.rows and bottom > header.rows[-1] for top, _, bottom, _ in sheet.merges)


def _lies_across(header, sheet, index):
    return any(
        top in header.rows and bottom == header.rows[-1] and left - 1 <= index < right and right > left
        for top, left, bottom, right in sheet.merges
    )


def _reading(spec, labels, numbers, start, sheet=None):
    columns = match(labels, spec)
    if sheet is not None and spec.titled and len(columns) > 2 and not holds(columns, spec.needs):
        said = said_over(sheet, start - len(numbers), spec, columns)
        for needs in (spec.needs, spec.fewer):
            if said and holds(columns | said, needs):
                first = start - len(numbers)
                return _Header(
                    spec, columns, labels, numbers, first, start, said=said, fewer=needs is spec.fewer
                )
    for needs, half, unnumbered, fewer in (
        (spec.needs, False, False, False),
        (spec.unnumbered, False, True, False),
        (spec.fewer if spec.lacks.isdisjoint(columns) else (), False, bool(spec.unnumbered) and "hh_no" not in columns, True),
        (spec.half, True, False, False),
    ):  # fmt: skip
        if holds(columns, needs):
            return _Header(
                spec, columns, labels, numbers, start - len(numbers), start, half, unnumbered, fewer=fewer
            )
    return None


def _candidates(sheet, at=0, stop=None, within=HEADER_WITHIN):
    """`({column: label path}, [row numbers], index of the first data row)` of headers that may end in each row."""
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
            if deep or sheet.numbers[above] != sheet.numbers[first] - 1 or _holds_data(sheet.rows[first]):
                break
            first = above


def _holds_data(row):
    """Whether a row has what no lower row of a header has: amounts, dates, long numbers, long text."""
    for cell in row:
        if isinstance(cell, bool | date):
            return True
        if isinstance(cell, float) and not (cell.is_integer() and 1990 <= cell <= 2100):
            return True
        if isinstance(cell, str) and (len(cell) > LONGEST_LABEL or (len(cell) > 4 and cell.isdigit())):
            return True
    return False


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


def title_of(cell):
    """The text of a header cell in one line: what is broken over two is one title, 户主 above 姓名 is 户主姓名."""
    return "".join(text(cell).split("\n")) if cell.__class__ is str else text(cell)


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


def match(labels, spec):
    """`{field name: column index}`: the first column whose header is a spelling of the field.

    A column goes by its own title before it goes by that of its group, and by the group's only where the group has
    this column alone or this is its sum: the group 转移性收入 is not its first part 低保金.
    """
    columns, taken = {}, set()
    for index, label in labels.items():
        name = _known_as(_spellings(label), spec)
        if name and name not in columns:
            columns[name] = index
            taken.add(index)
    groups = {}
    for label in labels.values():
        group = label.rpartition("\n")[0]
        groups[group] = groups.get(group, 0) + 1
    for index, label in labels.items():
        group, _, child = label.rpartition("\n")
        if group and index not in taken and (groups[group] == 1 or key_of(child) in _SUMS):
            name = _known_as((key_of(group.rpartition("\n")[2]), key_of(group.replace("\n", ""))), spec)
            if name and name not in columns:
                columns[name] = index
    return columns


def fields_of(labels, spec):
    """`[(column index, field)]` of the columns that mean something to a kind, also those that say the same again."""
    found = ((index, _known_as(_spellings(label), spec)) for index, label in labels.items())
    return [(index, name) for index, name in found if name]


def _known_as(spellings, spec):
    return next((spec.spellings[key] for key in spellings if key in spec.spellings), None)


@lru_cache(maxsize=4096)
def _spellings(label):
    """What a header may be known by: its last title, alone and with those above it."""
    above, _, child = label.rpartition("\n")
    parent = above.rpartition("\n")[2]
    # with its bracket first: 公益性岗位(月数) is not 公益性岗位
    tried = [compact(child), key_of(child), key_of(parent + child), key_of(above.replace("\n", "") + child)]
    return tuple(dict.fromkeys(tried))


def _dated(labels, spec):
    """`{field: {year: column index}}` of fields that stand there for more than one year."""
    found = {}
    for index, label in labels.items():
        years = _YEAR.findall(compact(label))
        name = _known_as(_spellings(label), spec)
        if years and name:
            found.setdefault(name, {}).setdefault(int(years[-1]), index)
    return {name: years for name, years in found.items() if len(years) > 1}


# Rows


def _take_rows(table, sheet, header, specs):
    """Fill `table` with the rows below its header; returns the header of the next table on the sheet, or None."""
    width = max(table.columns.values()) + 1
    watch = _Watch(table, sheet, header, specs)
    down = _merged_down(sheet, table, header.start)
    held, section, sections, before = {}, "", [], None
    for at in range(header.start, len(sheet.rows)):
        number, row = sheet.numbers[at], sheet.rows[at]
        if watch.suspects(row, number, at):
            following = watch.next_header(at)
            if following is not None:
                if following.labels != header.labels:
                    _name_sections(table, sections)
                    return following
                watch.skip_until = following.start
            code = "repeated_header_skipped" if at < watch.skip_until else watch.skip(row)
            if code:
                table.skipped.append((code, number))
                section = watch.section(row) or section
                continue
        if len(row) < width:
            row = row + [""] * (width - len(row))
        if number in down:
            _fill_down(row, number, down[number], held)
        if before is not None and not DITTO.isdisjoint(row):
            row = [
                above if cell in DITTO else cell for cell, above in zip(row, [*before, *row[len(before) :]])
            ]
        table.numbers.append(number)
        table.rows.append(row)
        sections.append(section)
        before = row
    _name_sections(table, sections)
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
        if at < self.skip_until or at == self.last + 1:
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
                or (len(word) <= 14 and _TOTAL.fullmatch(word))
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
        found = _first_header(self.sheet, self.specs, at)
        return found if found is not None and found.first == at else None

    def _heads(self, at):
        """Whether a row, or one of the next three, is made of header words."""
        for row in self.sheet.rows[at : at + DEEPEST]:
            words = [cell for cell in row if cell != ""]
            if not all(isinstance(cell, str) for cell in words) or _holds_data(row):
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
                if len(word) <= 14 and _TOTAL.fullmatch(word):
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
        if filled == 1 and len(self.used) > 2:
            return "note_row_skipped"
        if self.parts(row):
            return "note_row_skipped"
        if filled > 2 and not self.table.rows and _counts(row):
            return "note_row_skipped"
        held = [index for index in self.used if index < len(row) and row[index] != ""]
        same = sum(
            1 for index in held if isinstance(row[index], str) and words[index] == self.keys.get(index)
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


def _counts(row):
    """Whether a row under the header only numbers the columns: 1, 2, 3 or 甲, 乙, 1, 2."""
    words = [compact(text(cell)) for cell in row if cell != ""]
    digits = [int(word) for word in words if word.isdecimal() and len(word) < 4]
    return len(digits) + sum(1 for word in words if word in _ORDINALS) == len(words) and digits == list(
        range(digits[0] if digits else 1, (digits[0] if digits else 1) + len(digits))
    )


# The village of a table that has no column for it


def village_in(words):
    """The village that a section title or a sheet's name is, "" when it is none: 二、白坪村（共12户） is 白坪村."""
    found = _VILLAGE.fullmatch(compact(words)) if len(words) <= 40 else None
    return found["name"] if found else ""


def _begins_with(title):
    """The village whose name a line over the table begins with, "" where it begins otherwise."""
    names = (match["name"] for match in _TITLE_BEGINS.finditer(title))
    return next((name for name in names if not _NO_VILLAGE.fullmatch(name)), "")


def village_named(name):
    """The village whose name a sheet bears, with or without 村; "" for one that tells what is in it."""
    name = name.strip()
    bare = _PLACE_NAME.fullmatch(name) and not _BARE_NAME.fullmatch(name)
    return village_in(name) or (name if bare else "")


def _name_sections(table, sections):
    """Give the rows below a section title its village, where they name none themselves."""
    if not any(sections):
        return
    index = table.columns.get("village")
    if index is None:
        _give(table, "village", sections)
        return
    for row, section in zip(table.rows, sections):
        if section and row[index] == "":
            row[index] = section


def _give(table, name, values):
    """Add a column that the file does not have."""
    width = max(
        [
            *map(len, table.rows),
            *(index + 1 for index in table.labels),
            *(i + 1 for i in table.columns.values()),
        ]
    )
    table.columns[name] = width
    table.units[name] = 1
    table.given |= {name}
    table.rows[:] = [row + [""] * (width - len(row)) + [value] for row, value in zip(table.rows, values)]


def _locate(table, sheet, specs):
    """The village, and the township, from the sheet's name or the title, where there is no column for them."""
    fields = next({item.name for item in spec.fields} for spec in specs if spec.kind == table.kind)
    if "village" not in fields or not table.rows or table.half:
        return
    title = compact(table.title.replace(" ", ","))
    if "village" not in table.columns:
        name = table.sheet.rpartition("›")[2].strip()
        found = (
            village_in(name)
            or (_TITLE_VILLAGE.search(title) or {"name": ""})["name"]
            or _begins_with(title)
            or village_named(name)
        )
        if found:
            _give(table, "village", [found] * len(table.rows))
    if "town" not in table.columns and "village" in table.columns and "town" in fields:
        found = _TITLE_TOWN.search(title)
        if found:
            _give(table, "town", [found["name"]] * len(table.rows))
            county = _TITLE_COUNTY.search(title) if "county" in fields - table.columns.keys() else None
            if county:
                _give(table, "county", [county["name"]] * len(table.rows))
