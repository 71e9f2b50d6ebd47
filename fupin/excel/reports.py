"""A report is its columns: declared here, laid out by `fupin.excel.sheet`, previewed and downloaded from one source.

Reports are offered by the apps in lists `REPORTS` (settings.REPORT_MODULES). `source(asked)` gives `Found`: the rows
that this user may see under the filters of the list page, lazily, as dicts. A personal column is masked unless
`asked.reveal`, which the views grant only with the permission, for the places where it is held, and a purpose.
"""

import secrets
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import itemgetter

from django.utils import timezone
from xlsxwriter.utility import xl_col_to_name

from fupin.accounts.pii import FieldClass, cell, hidden_classes, under_14
from fupin.accounts.roles import Permission as P
from fupin.audit import seen
from fupin.audit.record import record
from fupin.catalogue import offers
from fupin.excel import sheet
from fupin.excel.sheet import Kind, Line
from fupin.excel.versions import HEADER as ROW_VERSION
from fupin.regions.models import Level, Region, ancestors_of

SERIAL = "#"
"""The value of a 序号 column: 1, 2, 3 …, one number for lines that share their merged cells."""

OF_WHICH = "其中："
"""Begins the label of a line that is part of the whole (其中：25个欠发达乡镇); "　其中：" of one that is part of the line
before, and so on."""

DASH = "—"
"""A rate whose denominator is zero."""

LIMIT = 5000
"""Rows up to which a file is made within the web request; above it is a job."""

MERGED_UP_TO = 20_000
"""Rows up to which merged columns are merged. Hundreds of thousands of merged cells take minutes to open, so in
longer files every line repeats its household, which is also what a filter in Excel needs."""

SIGNATURES = (
    "单位负责人：　　　　　　　审核人：　　　　　　　填表人：　　　　　　　联系电话：　　　　　　　填报日期："
)


@dataclass(frozen=True)
class Column:
    """One column. `value` is a key of the row, a function of the row, or SERIAL. `pii` masks it, `total` sums it in
    小计 and 合计, `merged` draws it once for all lines of one `Report.key`. `born` is the row key of the birth date of the
    person a number is of: of a child under 14 nothing of it is shown."""

    header: str | tuple[str, str]
    value: str | Callable
    kind: Kind = Kind.TEXT
    width: float = 10
    pii: FieldClass | None = None
    born: str = ""
    total: bool = False
    merged: bool = False
    share: tuple[str, str] | None = None  # headers of two summed columns: in sums this one is their quotient


@dataclass(frozen=True)
class Balance:
    """勾稽: what must hold in every line, sums included. `holds(cell)` with `cell("组/栏")` giving a value, unknown
    ones and words None; None where it cannot be judged. `at` is the header of the cell that is named when it does not
    hold. `texts`: cells are given as they stand, words too, and sums are left out. `of_row`: `holds(cell, row)` gets the
    row of the source as well, for what has no column."""

    words: str
    at: str
    holds: Callable
    texts: bool = False
    of_row: bool = False


def sums_to(total, *parts):
    """`total` is the sum of `parts` (headers)."""

    def holds(cell):
        values = [cell(name) for name in (total, *parts)]
        return None if any(value is None for value in values) else values[0] == sum(values[1:])

    words = " + ".join(parts) if len(parts) <= 3 else f"{len(parts)} 个分项之和"
    return Balance(f"{total} = {words}", total, holds)


def at_most(header, limit):
    """No cell of the column is more than `limit`."""

    def holds(cell):
        value = cell(header)
        return None if value is None else value <= limit

    return Balance(f"{header} ≤ {limit}", header, holds)


def within(part, whole):
    """`part` is not more than `whole` (headers)."""

    def holds(cell):
        values = cell(part), cell(whole)
        return None if None in values else values[0] <= values[1]

    return Balance(f"{part} ≤ {whole}", part, holds)


@dataclass(frozen=True)
class Asked:
    """Who asks for what: the query of the list page, the data year, whether personal data is shown whole.

    `private` is the searched number that the list keeps in the session (it never stands in a URL)."""

    user: object
    query: object  # QueryDict
    year: int
    today: date
    reveal: bool = False
    private: dict | None = None
    day: date | None = None
    first: bool = False
    """Whether only the first lines are wanted: a source may leave the rest uncounted, see Found.partial."""
    shared: "Shared | None" = None
    """While a year is kept: what the reports of all places of a county have in common. No limit of one file holds then."""

    @property
    def as_of(self):
        """截至日期: the day that was asked for, else today, or the last day of a past data year."""
        return self.day or min(self.today, date(self.year, 12, 31))

    def visible(self, rows, *permissions):
        """`rows` (a scoped queryset) that this user may see, may export, and, if revealed, may export whole."""
        rows = rows.visible_to(self.user).visible_to(self.user, P.REPORT_EXPORT)
        for permission in permissions:
            rows = rows.visible_to(self.user, permission)
        return rows.visible_to(self.user, P.PII_EXPORT) if self.reveal else rows


class Shared:
    """What is read once for the whole of `path` (a county) and cut for every place in it, while its year is kept."""

    def __init__(self, path):
        self.path, self._held, self._lasting = path, {}, {}

    def knows(self, key):
        return key in self._held or key in self._lasting

    def of(self, key, make, *, lasting=False):
        """What is held under `key`, made when it is first asked for. What is not `lasting` goes with its report."""
        if key in self._lasting:
            return self._lasting[key]
        if key not in self._held:
            (self._lasting if lasting else self._held)[key] = made = make()
            return made
        return self._held[key]

    def next_report(self):
        self._held.clear()


@dataclass(frozen=True)
class Found:
    """The rows of a report: how many lines, in words under which conditions, and the rows themselves.

    `rows(size)` is a fresh generator of dicts that reads about `size` rows at a time. `chips` are
    `(parameter, words)` of the conditions in force, the region left out. `partial`: only the first lines were worked out,
    there are no sums of all."""

    count: int
    rows: Callable[[int], Iterable[dict]]
    chips: list = field(default_factory=list)
    note: str = ""
    partial: bool = False


@dataclass(frozen=True)
class Report:
    """One report of the catalogue.

    `label(year)` is the title without the place, in the words of the data year. `start` is the query it opens with
    from the report centre. `group` and `group_name` are row keys: lines of one group get a 小计. `key` is the row key
    whose lines share the merged cells. `label_at` is the column where 小计 and 合计 stand.
    `all_years`: the year is a condition of the list, which may be left open. `balances` (勾稽) are judged line by
    line, and what came out stands under the table. `draw(sheet, rows, target, user=, reveal=)` makes a file that is
    no table and returns Written; the columns are then what the preview lists.
    """

    name: str  # its number in the catalogue (R01), also in the URL
    label: Callable[[int], str]
    about: str
    section: str
    permissions: tuple
    source: Callable[[Asked], Found]
    columns: tuple[Column, ...]
    unit: str = "户、人、元"
    start: str = ""
    list_page: str = ""
    all_years: bool = False
    group: str = ""
    group_name: str = ""
    total: bool = False
    key: str = ""
    label_at: int = 1
    balances: tuple[Balance, ...] = ()
    agrees: Callable | None = None
    """`agrees(asked)` gives `{header: value}`: what the 合计 of these columns must be by another account, the kept figures
    of the place that the dashboard shows (表间勾稽). {} where there is nothing to compare with."""
    draw: Callable | None = None
    nested: tuple[str, ...] = ()
    """Headers of which no line that begins with OF_WHICH holds more than the line it is part of. The source gives such
    lines after all others (row key `part`); they stand above 合计 and count in no sum."""
    apart: bool = False
    """Whether its lines are sums, so that the report of a place is no part of that of a wider place. The lines of any other
    report say where they belong (row keys `region_path`, or `touches`: several paths) and whose they are (`owner`, `id`)."""
    owners: Callable | None = None
    """`owners(asked)`: the keys of whom the lines are under the conditions asked for; of reports that open with some."""
    kept_row: Callable | None = None
    """`kept_row(row)`: the row of a report that draws, with what is personal masked, to be kept and drawn later."""
    entry: Callable | None = None
    """`entry(row)` names the row's own file in a set of one workbook a row: `{header: part of the name}`."""

    @property
    def personal(self):
        """Headers of the columns that are masked by default."""
        return [column.header for column in self.columns if column.pii]

    def open_to(self, user):
        return all(user.may(permission) for permission in (P.REPORT_EXPORT, *self.permissions))


def reports_for(user):
    """`[(section, [report])]` that this user may open, in the order of the catalogue."""
    sections = {}
    for report in offers("REPORT_MODULES", "REPORTS"):
        if report.open_to(user):
            sections.setdefault(report.section, []).append(report)
    return list(sections.items())


def report_named(name, user):
    """The report called `name`, or None when there is none or this user may not open it."""
    found = (report for report in offers("REPORT_MODULES", "REPORTS") if report.name == name)
    return next((report for report in found if report.open_to(user)), None)


def kept_copy(report, asked, region):
    """The report as it came out of a year that is frozen (see settings.COPY_MODULES), None where it is made anew."""
    found = (find(report, asked, region) for find in offers("COPY_MODULES", "COPIES"))
    return next((copy for copy in found if copy is not None), None)


def handed_out(report, kept, *, by):
    """The file of a kept copy, its export written into the trail."""
    file = kept.opened()
    note_kept(report, kept, by=by)
    return file


def note_kept(report, kept, *, by, **more):
    """Write into the trail that a kept copy, whose file was just made, was handed out."""
    record(
        "report.export", f"report:{report.name}", by=by, region_path=kept.region_path, seen=kept.seen,
        title=kept.name.removesuffix(".xlsx"), year=kept.as_of.year, rows=kept.rows, sha256=kept.sha256, what="年度快照", **more,
    )  # fmt: skip


# Places


def region_of(asked):
    """The place of a report: the one of the query if the user may export there, else their widest."""
    places = Region.objects.visible_to(asked.user, P.REPORT_EXPORT)
    path = asked.query.get("region", "")
    found = places.filter(path=path).first() if path.isdigit() else None
    return found or places.order_by("level", "path").first()


def unit_name(region):
    """How a place signs: from the county down, 炉霍县新都镇昌龙村; above the county its own name."""
    if region is None:
        return ""
    if region.level < Level.COUNTY:
        return region.name
    paths = [path for path in ancestors_of(region.path) if len(path) >= 6]
    names = Region.objects.names(paths)
    return "".join(names.get(path, "") for path in paths)


def file_name(unit, label, year, as_of):
    """`单位名称_报表名称_数据年度_截至日期.xlsx`."""
    return f"{unit}_{label}_{year}_{as_of:%Y%m%d}.xlsx"


# Lines


def lines_of(report, rows, *, user=None, reveal, merge=True, hidden=None):
    """The body of the report as `sheet.Line`s, sums included, as `user` may see it (None: as somebody without a post), or
    with the classes `hidden` left out."""
    hidden = hidden_classes(user) if hidden is None else hidden
    cells = [_reader(column, reveal, hidden) for column in report.columns]
    serial = next((at for at, column in enumerate(report.columns) if column.value == SERIAL), None)
    whole, part = Sums(report, "合计"), None
    group = key = last = None
    number, kept = 0, any(balance.of_row for balance in report.balances)
    for row in rows:
        if row.get("part"):  # 其中: below the lines, in no sum
            yield Line([read(row) for read in cells], sum=True)
            continue
        if report.group and (part is None or row[report.group] != group):
            if part:
                yield part.line()
            group, part = row[report.group], Sums(report, f"{row[report.group_name]}小计")
            last = group, part.label
        own = row[report.key] if report.key else None
        values = [read(row) for read in cells]
        fresh = own is None or own != key
        number, key = number + fresh, own
        if serial is not None:
            values[serial] = number
        for sums in (whole, part) if part else (whole,):
            sums.add(values, fresh)
        yield Line(
            values,
            key=own if merge else None,
            row=row if kept else None,
            place=row.get("touches") or row.get("region_path") or "",
            owner=row.get("owner", row.get("id")),
            group=last,
        )
    if part:
        yield part.line()
    if report.total:
        yield whole.line()


def _reader(column, reveal, hidden):
    """The function that takes a row and gives this column's cell."""
    if column.value == SERIAL:
        return lambda row: None
    read = itemgetter(column.value) if isinstance(column.value, str) else column.value
    if column.pii is None or reveal and column.pii not in hidden:
        return read

    today, born = timezone.localdate(), column.born

    def masked(row):
        child = bool(born) and under_14(row[born], today)
        return cell(column.pii, read(row), hidden=hidden, child=child)

    return masked


class Sums:
    """Running sums of the columns that have one; of nothing but unknowns the sum is unknown. A merged column
    counts once for all its lines."""

    def __init__(self, report, label):
        self.label = label
        self.columns = [(at, column.merged) for at, column in enumerate(report.columns) if column.total]
        self.at = {flat(column.header): at for at, column in enumerate(report.columns)}
        self.shares = [(at, column.share) for at, column in enumerate(report.columns) if column.share]
        self.width, self.label_at = len(report.columns), report.label_at
        self.sums = dict.fromkeys(at for at, _ in self.columns)
        self.unknown = set()  # quotients of sums in which a whole is missing

    def add(self, values, fresh):
        for at, (part, whole) in self.shares:
            known = values[self.at[whole]]
            # a line that has a whole and cannot tell its own rate leaves that of the sum open as well
            if known is None and values[self.at[part]] or known and values[at] in (None, "", DASH):
                self.unknown.add(at)
        for at, merged in self.columns:
            if values[at] is not None and (fresh or not merged):
                self.sums[at] = (self.sums[at] or 0) + values[at]

    def line(self):
        values = [None] * self.width
        values[self.label_at] = self.label
        for at, value in self.sums.items():
            values[at] = value
        for at, (part, whole) in self.shares:
            base = self.sums[self.at[whole]]
            if at in self.unknown:
                values[at] = DASH
            elif base is not None:
                values[at] = share(self.sums[self.at[part]], base)
        return Line(values, sum=True)


def share(part, whole):
    """A rate as a cell: the quotient, — without a denominator."""
    return DASH if not whole else (part or 0) / Decimal(whole)


def judged(report, lines, words, asked=None, count=None):
    """Pass the lines on; when they are through, `words` (a list) has the standing of the 勾稽 as its first entry.

    With `asked` the sums are compared with other accounts too (`Report.agrees`), with `count` the lines with how many
    the conditions found."""
    row = 2 + len(sheet.header_rows(columns_of(report)))
    at = {flat(column.header): index for index, column in enumerate(report.columns)}
    letters = [xl_col_to_name(index) for index in range(len(report.columns))]
    balances = [(balance, letters[at[balance.at]]) for balance in report.balances]
    wrong, body, last, parts = [], 0, None, []
    for line in lines:
        row += 1
        body += not line.sum
        last = line
        if report.nested and line.sum and OF_WHICH in str(line.cells[report.label_at]):
            parts.append((row, line.cells))
        for balance, letter in balances:
            if (balance.texts or balance.of_row) and line.sum:
                continue
            if _holds(balance, line, at) is False:
                wrong.append(f"{letter}{row}（{balance.words}）")
        yield line
    held = [balance.words for balance in report.balances]
    if parts and last is not None and last.sum:
        wrong += _too_big(report, parts, last.cells, at, letters)
        held.insert(0, f"{len(parts)} 个“{OF_WHICH.rstrip('：')}”行逐级不大于所属的行")
    expected = (
        report.agrees(asked) if report.agrees and asked is not None and last is not None and last.sum else {}
    )
    for header, value in expected.items():
        if (_counted(last.cells[at[header]]) or 0) != value:  # of no lines the sum is open
            wrong.append(
                f"{letters[at[header]]}{row}（合计与看板的 {text_of(value, Kind.COUNT) or '空'} 不符）"
            )
    if expected:
        held.insert(0, f"表间：{len(expected)} 栏合计与看板一致")
    if count is not None:
        held.append(f"行数与条件查得的 {count} 一致")
        if body != count:
            wrong.append(f"共 {body} 行（条件查得 {count}）")
    if not held:
        return
    some = "；".join(held[:SHOWN_WORDS])
    told = f"勾稽核对：{len(held)} 项全部相符（{some}{'等' if len(held) > SHOWN_WORDS else ''}）"
    more = f"等 {len(wrong)} 处" if len(wrong) > SHOWN_WRONG else ""
    words.insert(0, f"勾稽不符：{'、'.join(wrong[:SHOWN_WRONG])}{more}" if wrong else told)


def _too_big(report, parts, whole, at, letters):
    """Cells of 其中 lines that hold more than the line they are part of, in words."""
    wrong, above = [], [whole]
    for row, cells in parts:
        depth = str(cells[report.label_at]).index(OF_WHICH) + 1
        del above[depth:]
        outer = above[-1]
        for header in report.nested:
            mine, theirs = _counted(cells[at[header]]), _counted(outer[at[header]])
            if mine is not None and theirs is not None and mine > theirs:
                name = str(outer[report.label_at]).strip("　").removeprefix(OF_WHICH)
                wrong.append(f"{letters[at[header]]}{row}（{header} ≤ {name}的）")
        above.append(cells)
    return wrong


def _holds(balance, line, at):
    cells = line.cells
    if balance.texts:
        return balance.holds(lambda name: cells[at[name]])
    if balance.of_row:
        return balance.holds(lambda name: _counted(cells[at[name]]), line.row)
    return balance.holds(lambda name: _counted(cells[at[name]]))


def _counted(value):
    return None if value is None or isinstance(value, str) else value


SHOWN_WORDS = 4
"""勾稽 that are named when all of them hold."""

SHOWN_WRONG = 10
"""Cells named under the table when the 勾稽 do not hold."""


def columns_of(report):
    return tuple((c.header, c.kind, c.width, c.merged) for c in report.columns)


# Files


def make(report, asked, target, *, purpose="", step=None, tap=None):
    """Write the report's file to `target` (a path or a seekable binary file) and the export into the trail.

    Returns `(file name, sheet.Written)`. `step(done, total)` is called as rows are written, `tap(line)` gets every
    line of the body as it goes into the file.
    """
    region = region_of(asked)
    unit, label = unit_name(region), report.label(asked.year)
    export = f"E{timezone.localdate():%Y%m%d}-{secrets.token_hex(4).upper()}"
    with seen.watching() as sight:
        written = _write(report, asked, target, unit, purpose, export, step, tap)
        written = replace(written, seen=str(sight))
    record(
        "report.export",
        f"report:{report.name}",
        by=asked.user,
        region_path=region.path if region else "",
        seen=written.seen,
        export=export,
        title=f"{unit}{label}",
        year=asked.year,
        filter=for_the_trail(asked.query),
        rows=written.rows,
        columns=[flat(column.header) for column in report.columns],
        whole=report.personal if asked.reveal else [],
        purpose=purpose,
        sha256=written.sha256,
    )
    return file_name(unit, label, asked.year, asked.as_of), written


def _write(report, asked, target, unit, purpose, export, step, tap):
    found = report.source(asked)
    merge = bool(report.key) and found.count <= MERGED_UP_TO
    notes = [*notes_of(report, asked, found, unit, purpose), f"导出编号：{export}"]
    frame = frame_of(report, asked, unit, report.label(asked.year), notes)
    with closing(
        found.rows(1000)
    ) as rows:  # an open cursor would hold an old snapshot, see fupin.jobs.worker
        if report.draw:
            return report.draw(frame, rows, target, user=asked.user, reveal=asked.reveal)
        lines = lines_of(report, rows, user=asked.user, reveal=asked.reveal, merge=merge)
        if tap:
            lines = _tapped(lines, tap)
        tell = (lambda done: step(done, max(found.count, done))) if step else None
        return sheet.write(frame, judged(report, lines, notes, asked, found.count), target, step=tell)


def _tapped(lines, tap):
    for line in lines:
        tap(line)
        yield line


def notes_of(report, asked, found, unit, purpose):
    """The lines under the table, as a list: the 勾稽 go before them once the table is written."""
    return [
        f"数据年度：{asked.year}　截至日期：{asked.as_of}　范围：{unit}　筛选条件：{_words(found.chips)}",
        f"口径：{found.note}" if found.note else "",
        f"由帮扶通生成：{asked.user}，{timezone.localtime():%Y-%m-%d %H:%M}{_privacy(report, asked, purpose)}",
    ]


NAMING = ("户主姓名", "户主", "项目名称", "姓名", "村", "单位")
"""Headers of columns that tell what a line is about, the most telling first."""


def labels_of(report):
    """First and last of the columns by which a line is known on every page that a wide table takes."""
    headers = [column.header for column in report.columns]
    at = next((headers.index(name) for name in NAMING if name in headers), report.label_at)
    return (0, report.label_at) if at <= report.label_at else (max(at - 1, 0), at)


def frame_of(report, asked, unit, label, notes):
    return sheet.Sheet(
        name=label,
        title=f"{unit}{label}",
        columns=columns_of(report),
        left=f"填报单位（盖章）：{unit}",
        centre=f"填报时间：{asked.today.year}年{asked.today.month}月{asked.today.day}日",
        right=f"单位：{report.unit}",
        signatures=SIGNATURES,
        notes=notes,
        labels=labels_of(report),
        unprinted=int(report.columns[-1].header == ROW_VERSION),
        footer=f"{asked.user} {timezone.localtime():%Y-%m-%d %H:%M} 导出，含个人信息，注意保密"
        if asked.reveal
        else "",
    )


def _privacy(report, asked, purpose):
    if not report.personal:
        return ""
    return f"　含未脱敏个人信息，用途：{purpose}" if asked.reveal else "　个人信息已脱敏"


def _words(chips):
    return "、".join(words for _, words in chips) or "无"


def flat(header):
    return "/".join(header) if isinstance(header, tuple) else header


def for_the_trail(query):
    """The query without what may name a person."""
    return {name: "***" if name == "q" else query.get(name) for name in sorted(query) if query.get(name)}


# Preview


@dataclass(frozen=True)
class Preview:
    """The first lines as the file will show them: `head` rows of header_rows(), `body` rows of
    `(is a sum, [(text, is a number, rows high)])` where a merged cell stands once."""

    title: str
    head: list
    body: list
    more: int
    balances: str = ""


JUDGED_UP_TO = 500
"""Lines up to which a preview reads all of them, to say whether the 勾稽 hold."""


def preview(report, asked, found, *, lines=15):
    """The first `lines` lines of the file, and the standing of its 勾稽 where it has any."""
    unit = unit_name(region_of(asked))
    words = []
    with closing(found.rows(lines)) as rows:
        every = lines_of(report, rows, user=asked.user, reveal=False)
        if found.partial:
            every = (line for line in every if not line.sum)
            words.append("户数较多，这里只算前几行；合计和勾稽核对在导出的文件里。")
        else:
            every = judged(report, every, words, asked, found.count)
        taken = list(islice(every, lines))
        if not report.draw and not found.partial and found.count <= JUDGED_UP_TO:
            for _ in every:  # to the end, where the verdict is
                pass
    shown = sum(not line.sum for line in taken)
    return Preview(
        f"{unit}{report.label(asked.year)}",
        sheet.header_rows(columns_of(report)),
        drawn(report, taken),
        found.count - shown,
        "".join(words),
    )


def drawn(report, lines):
    body = []
    for index, line in enumerate(lines):
        same = line.key is not None and index and lines[index - 1].key == line.key
        high = 1
        while line.key is not None and index + high < len(lines) and lines[index + high].key == line.key:
            high += 1
        body.append((line.sum, [
            (text_of(value, column.kind), not column.kind.is_text, high if column.merged else 1)
            for value, column in zip(line.cells, report.columns)
            if not (same and column.merged)
        ]))  # fmt: skip
    return body


def text_of(value, kind):
    """A cell as the file shows it."""
    if value is None or value == "":
        return ""
    if isinstance(value, str) or kind.is_text:
        return str(value)
    if kind is Kind.YUAN:
        return f"{Decimal(value):,.2f}"
    if kind is Kind.AREA:
        return f"{Decimal(value):.2f}"
    if kind is Kind.RATE:
        return f"{Decimal(value) * 100:.2f}%"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)
