"""Writing one laid-out sheet, row by row, in constant memory.

xlsxwriter draws the frame (title, headers, styles, print set-up) as a small workbook with one marker row; the body
is streamed in the marker's place as plain XML. That is about ten times as fast as openpyxl's write-only mode and
can merge cells inside the body, which no fast writer offers (docs/decisions/0010-report-writer.md).

Every text is an inline string with the quote prefix: "=1+1" stays text, eighteen digits stay eighteen digits.
"""

import hashlib
import io
import re
import zipfile
from collections import deque
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from math import ceil, inf

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

SONG, HEI, TITLE = "宋体", "黑体", "方正小标宋简体"
EPOCH = date(1899, 12, 30).toordinal()
MAX_ROWS = 1_000_000
"""Lines of one sheet; Excel ends at 1,048,576."""
MAX_TEXT = 32_767
NOTHING = "说明：所选范围和条件内没有记录，本表是空的。"
"""Said below a table without lines."""
LEAST_SCALE = 0.6
"""How small a page may be printed: the body's 10 points are still those of a newspaper's small print then."""
USED = 0.85
"""How much of a page's width is filled where a table takes several side by side. They break where they are told, so nothing
makes them smaller on a machine without the file's fonts, where columns are up to a sixth wider."""
SIDE, TOP = 0.6, 0.7
"""Margins in inches."""
LEVEL = 2
"""Of compression: 3 takes half as long again for a twelfth less."""
ROW_HEIGHT = 18
"""Points of a line of one row of text."""
MEASURED = {
    "default_format_properties": {"font_name": SONG, "font_size": 11}, "default_column_width": 72, "default_row_height": 18,
}  # fmt: skip
"""The font by whose digits columns are measured, and the pixels of a column and a row in it. It is one that Chinese machines
have, and what others take for it has digits nearly as wide, which is not so of Calibri."""


class Kind(Enum):
    """How a column is stored and shown: number format, alignment. TEXT stays text whatever it looks like."""

    TEXT = ("@", "left")
    CODE = ("@", "center")
    ORDER = ("0", "center")
    COUNT = ("#0", "center")  # shown as 0, which an ORDER is; two kinds of one value would be one kind
    YUAN = ("#,##0.00", "right")
    AREA = ("0.00", "right")
    RATE = ("0.00%", "right")
    DATE = ("yyyy-mm-dd", "center")

    @property
    def is_text(self):
        return self.value[0] == "@"


@dataclass(frozen=True)
class Line:
    """One line of the body. `key`: lines in a row with the same key share the cells of the merged columns.
    `sum`: a line of 小计 or 合计, drawn bold. `row`: what it was made of, where somebody asks. `place` and `owner`: path (or
    several, a blank between them) and key of what the line is about, where known. `group`: key and label of its 小计."""

    cells: list
    key: object = None
    sum: bool = False
    row: object = None
    place: str = ""
    owner: int | None = None
    group: tuple | None = None


@dataclass(frozen=True)
class Sheet:
    """What surrounds the body. `columns` are `(header or (group, header), Kind, width, merged)`."""

    name: str
    title: str
    columns: tuple
    left: str = ""
    centre: str = ""
    right: str = ""
    signatures: str = ""
    notes: tuple | list = ()  # read when the body is written
    footer: str = ""
    labels: tuple = (0, 1)  # first and last of the columns that every page of a wide table repeats
    unprinted: int = 0  # columns at the right that are for machines and stay out of print

    @property
    def widths(self):
        """Widths of the columns that are printed."""
        return [width for _, _, width, _ in self.columns[: len(self.columns) - self.unprinted]]

    @cached_property
    def points(self):
        """Widths of these columns as they are printed at full size: of pixels 96 are an inch."""
        return [0.75 * pixels(width) for width in self.widths]

    @property
    def pages(self):
        """Pages side by side: a table that one page would have to shrink below LEAST_SCALE could not be read."""
        return len(self.page_ends)

    @property
    def scale(self):
        """How much smaller than full size a page is printed."""
        repeated, start, widest = 0, 0, 0
        for end in self.page_ends:
            widest = max(widest, repeated + sum(self.points[start : end + 1]))
            repeated, start = self._repeated, end + 1
        return min(1, (USED if self.pages > 1 else 1) * self.paper[1] / widest)

    @cached_property
    def page_ends(self):
        """Index of the last column of every page. Pages are filled from the left, as wide as they have to be for all columns
        to fit. No group is parted where it may be kept."""
        wide, room = sum(self.points), self.paper[1] / LEAST_SCALE
        if wide <= room:
            return [len(self.points) - 1]
        fewest = len(self._filled(USED * room))
        width = wide / fewest
        while len(ends := self._filled(width)) > fewest:
            width += 5
        return ends

    @property
    def _repeated(self):
        return sum(self.points[self.labels[0] : self.labels[1] + 1])

    def _filled(self, width):
        """Index of the last column of every page when pages are `width` wide."""
        groups = [header[0] if isinstance(header, tuple) else None for header, *_ in self.columns]
        ends, start, used, last = [], 0, 0, len(self.points) - 1
        for at, own in enumerate(self.points):
            if used + own > width and at > start:
                end = at - 1
                while end > start and groups[end] and groups[end] == groups[end + 1]:
                    end -= 1
                end = end if end > start else at - 1
                ends.append(end)
                start, used = end + 1, self._repeated + sum(self.points[end + 1 : at])
            used += own
        return [*ends, last]

    @property
    def first_page(self):
        """Index of the last column of the first page, over which title and heads are centred."""
        return self.page_ends[0]

    @property
    def unrepeated(self):
        """Index of the first column that only the first page has: what stands over or under the labels would be cut on the
        others."""
        return 0 if self.pages == 1 else min(self.labels[1] + 1, self.first_page)

    @property
    def paper(self):
        """`(its number in a workbook, width and height of what can be printed on it in points)`: A4 up to 14 columns,
        else A3, both lying."""
        if len(self.widths) <= 14:
            return 9, 842 - 2 * SIDE * 72, 595 - 2 * TOP * 72
        return 8, 1191 - 2 * SIDE * 72, 842 - 2 * TOP * 72

    def spans(self, count, start=0, end=None):
        """`count` runs of columns, `(first, last)`, about equally wide, over the first page (or from `start` to `end`);
        fewer where it has fewer columns."""
        widths = self.widths[start : (self.first_page if end is None else end) + 1]
        count = min(count, len(widths))
        total, at, runs, done = sum(widths), 0, [], 0
        for number in range(1, count + 1):
            first, until = at, len(widths) - (count - number)
            while at < until and (at == first or done + widths[at] / 2 <= total * number / count):
                done, at = done + widths[at], at + 1
            runs.append((start + first, start + (at - 1 if number < count else len(widths) - 1)))
        return runs


@dataclass(frozen=True)
class Written:
    """What came out: lines of the body without sums, bytes, and the SHA-256 of the file; whose data is in it
    (fupin.audit.seen)."""

    rows: int
    size: int
    sha256: str
    seen: str = ""


def pixels(width):
    """How wide a column of `width` is drawn: one of width 10 has 75 pixels."""
    return 7 * width + 5


def header_rows(columns):
    """The header as rows of `(text, first column, columns wide, rows high)`: groups over their children, single
    columns over the full height. One row when no column has a group."""
    if not any(isinstance(header, tuple) for header, *_ in columns):
        return [[(header, at, 1, 1) for at, (header, *_) in enumerate(columns)]]
    top, bottom = [], []
    for at, (header, *_) in enumerate(columns):
        if not isinstance(header, tuple):
            top.append((header, at, 1, 2))
            continue
        bottom.append((header[1], at, 1, 1))
        if top and top[-1][3] == 1 and top[-1][0] == header[0] and top[-1][1] + top[-1][2] == at:
            text, first, wide, _ = top.pop()
            top.append((text, first, wide + 1, 1))
        else:
            top.append((header[0], at, 1, 1))
    return [top, bottom]


def write(sheet, lines, target, *, step=None):
    """Write `sheet` with the `lines` (an iterable of Line) to `target`, a path or a seekable binary file.

    `step(count)` is called every 500 lines. Returns Written. Raises ValueError past MAX_ROWS.
    """
    frame = _Frame(sheet)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as book:
        for name in frame.parts:
            if name not in (_SHEET, _BOOK):
                book.writestr(name, frame.parts[name])
        with book.open(_SHEET, "w", force_zip64=True) as out:
            body = _Body(sheet, frame, out)
            count = body.write(lines, step)
        book.writestr(_BOOK, frame.workbook(body.last_row))
    return Written(count, *digest(target))


def digest(target):
    """Bytes and SHA-256 of what was written to `target`."""
    if hasattr(target, "seek"):
        target.seek(0)
        digest = hashlib.file_digest(target, "sha256").hexdigest()
        return target.tell(), digest
    with open(target, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


_SHEET, _BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
_MARKER = re.compile(r'<row r="(\d+)"[^>]*>((?:(?!</row>).)*)</row></sheetData>', re.S)


class _Frame:
    """The parts of the workbook around the body, and the style numbers that the body uses."""

    def __init__(self, sheet):
        heads = header_rows(sheet.columns)
        self.first_row = 3 + len(heads)
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True} | MEASURED)
        book.set_properties({"title": sheet.title, "author": "帮扶通", "comments": "由帮扶通生成"})
        page = book.add_worksheet(sheet.name[:31])
        _page_setup(page, sheet, self.first_row)
        self.head_height = _head(book, page, sheet, heads)
        self.styles = _styles(book, page, sheet, self.first_row - 1)
        book.close()
        with zipfile.ZipFile(stream) as parts:
            self.parts = {name: parts.read(name) for name in parts.namelist()}
        text = self.parts[_SHEET].decode()
        text = re.sub(r"<dimension[^>]*/>", "", text)
        marker = _MARKER.search(text)
        numbers = re.findall(r' s="(\d+)"', marker.group(2))
        self.styles = dict(zip(self.styles, numbers, strict=True))
        self.before, self.after = text[: marker.start()], text[marker.end() :]

    def workbook(self, last_row):
        """workbook.xml with the print area down to `last_row`."""
        text = self.parts[_BOOK].decode()
        return re.sub(r"(\$A\$1:\$[A-Z]+\$)\d+", rf"\g<1>{last_row}", text)


def _page_setup(page, sheet, first_row):
    last = len(sheet.widths) - 1
    page.set_landscape()
    page.set_paper(sheet.paper[0])
    page.set_margins(left=SIDE, right=SIDE, top=TOP, bottom=TOP)
    if sheet.pages == 1:
        page.fit_to_pages(1, 0)
    else:  # programs that fit a table into pages do not ask where it may be parted
        page.set_print_scale(_percent(sheet.scale))
        page.repeat_columns(*sheet.labels)
        page.set_v_pagebreaks([end + 1 for end in sheet.page_ends[:-1]])
    page.repeat_rows(0, first_row - 2)
    page.print_area(0, 0, first_row, last)
    page.freeze_panes(first_row - 1, 0)
    page.hide_gridlines(2)
    page.center_horizontally()
    page.set_footer(f"&L{_code(sheet.footer)}&C第 &P 页 共 &N 页" if sheet.footer else "&C第 &P 页 共 &N 页")
    for at, (_, _, width, _) in enumerate(sheet.columns):
        page.set_column_pixels(at, at, pixels(width))


def _percent(scale):
    return min(99, int(100 * scale))  # a scale of 100 would not be written, so not be found again


def _code(text):
    return text.replace("&", "&&")[:120]


def _head(book, page, sheet, heads):
    """Draw title, filing line and headers. Returns how high they are, in points."""
    last = sheet.first_page
    title = {"font_name": TITLE, "font_size": 20, "bold": True, "align": "center", "valign": "vcenter"}
    line = {"font_name": SONG, "font_size": 11, "valign": "vcenter"}
    head = {
        "font_name": HEI, "font_size": 11, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1,
    }  # fmt: skip
    widths = [width for _, _, width, _ in sheet.columns]
    # labels in the middle of the first page would repeat a bit of its title on the others
    start = sheet.unrepeated if sheet.labels[0] else 0
    further = list(zip([end + 1 for end in sheet.page_ends], sheet.page_ends[1:]))
    size, lines = min(
        (_title_size(f"{sheet.title}（续）" if at else sheet.title, sum(widths[first : until + 1])))
        for at, (first, until) in enumerate([(start, last), *further])
    )
    tops = [34 if lines == 1 else 12 + 1.5 * size * lines]
    page.set_row(0, tops[0])
    titled = book.add_format(title | {"font_size": size, "text_wrap": lines > 1})
    _spread(page, 0, start, 0, last, sheet.title, titled)
    thirds = sheet.spans(3, sheet.unrepeated)
    parts = [(*thirds[0], sheet.left, "left")]
    if len(thirds) == 3:
        parts.append((*thirds[1], sheet.centre, "center"))
    if len(thirds) > 1:
        parts.append((*thirds[-1], sheet.right, "right"))
    tall = max(lines_of(text, 0.9 * sum(widths[first : until + 1]) or 1) for first, until, text, _ in parts)
    tops.append(5 + 15 * tall)
    page.set_row(1, tops[1])
    for first, until, text, align in parts:
        _spread(
            page, 1, first, 1, until, text, book.add_format(line | {"align": align, "text_wrap": tall > 1})
        )
    for first, until in further:
        _spread(page, 0, first, 0, until, f"{sheet.title}（续）", titled)
        _spread(page, 1, first, 1, until, sheet.left, book.add_format(line | {"align": "center"}))
    fmt = book.add_format(head)
    for row, cells in enumerate(heads, 2):
        need = [
            (4 + 15 * lines_of(text, 0.85 * sum(widths[at : at + wide]))) / high
            for text, at, wide, high in cells
        ]
        tops.append(max([24 if len(heads) > 1 else 32, *need]))
        page.set_row(row, tops[-1])
        for text, at, wide, high in cells:
            _spread(page, row, at, row + high - 1, at + wide - 1, text, fmt)
    return sum(tops)


def _title_size(title, width):
    """`(font size, lines)` with which a title stays on the page: smaller down to 14, then in several lines."""
    units = len(title) + 0.9 * sum(not letter.isascii() for letter in title)
    size = min(20, int(0.95 * width * 11 / max(units, 1)))
    if size >= 14:
        return size, 1
    return 14, ceil(units * 14 / 11 / (0.95 * width))


def _spread(page, row, col, last_row, last_col, text, fmt):
    if (row, col) == (last_row, last_col):
        page.write_string(row, col, text, fmt)
    elif col <= last_col:
        page.merge_range(row, col, last_row, last_col, "", fmt)
        page.write_string(row, col, text, fmt)


def _styles(book, page, sheet, row):
    """Put one cell of every style into the marker row; the names in their order."""
    body = {"font_name": SONG, "font_size": 10, "valign": "vcenter", "border": 1}
    names = []
    for bold in (False, True):
        for kind in Kind:
            number, align = kind.value
            made = body | {"num_format": number, "align": align, "bold": bold}
            if kind.is_text:
                made |= {"quote_prefix": True, "text_wrap": True} | ({"align": "left"} if bold else {})
            else:
                made["shrink"] = True  # a sum in the hundred millions gets smaller, it does not become ####
            page.write_blank(row, len(names), None, book.add_format(made))
            names.append((kind, bold))
    plain = {"font_name": SONG, "font_size": 10, "valign": "vcenter", "num_format": "@", "quote_prefix": True}
    for name, extra in (("sign", {"font_size": 11}), ("note", {"font_color": "#4b5765", "text_wrap": True})):
        page.write_blank(row, len(names), None, book.add_format(plain | extra))
        names.append(name)
    return names


KEPT = 512
"""Values of a column that are kept as XML; names and numbers, which hardly come again, fill it and are made anew."""

_ODD = re.compile(r"[<>&\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\r\n\t]|^\s|\s$|_x[0-9A-Fa-f]{4}_")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\r]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def _xml(text):
    """The inside of an <is> for `text`; what XML or Excel would read as something else is escaped."""
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
    if not _ODD.search(text):
        return f"<t>{text}</t>"
    text = _LOOKS_ESCAPED.sub("_x005F_", _ILLEGAL.sub("", text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<t xml:space="preserve">{text}</t>'


def lines_of(text, width):
    """Lines that `text` takes in a column `width` characters wide; a Chinese character is 1.8 wide."""
    if "\n" in text:
        return sum(lines_of(part, width) for part in text.split("\n"))
    wide = (len(text.encode("utf-8", "replace")) - len(text)) / 2  # three bytes each, one for ASCII
    return max(1, ceil((len(text) + 0.8 * wide) / width))


def _number(value):
    if isinstance(value, (date, datetime)):
        return str(value.toordinal() - EPOCH)
    if isinstance(value, float) and value != value:
        return ""
    return str(value)


class _Column:
    """How the cells of a column are written: what stands between the row's number in one and that in the next. A row is its
    parts with its number between them, and a value that came up before is a part that stands already: most columns of a
    register hold a few words over and over."""

    __slots__ = ("is_text", "known", "style", "until", "width")

    def __init__(self, style, until, is_text, width):
        """`until`: what the next column's cell begins with."""
        self.style, self.until, self.is_text, self.width = f'" s="{style}"', until, is_text, width
        blank = f"{self.style}/>{until}", 1
        self.known = {None: blank, "": blank}
        """`{value: (part, lines that it takes)}`."""

    def part(self, value, room):
        """Part and lines of a value that is new here. `room`: its width where it is not the column's."""
        if self.is_text or isinstance(value, str):
            value = value if isinstance(value, str) else str(value)
            tall = len(value) * 1.8 > self.width or "\n" in value
            lines = lines_of(value, room or self.width) if tall else 1
            made = f'{self.style} t="inlineStr"><is>{_xml(value)}</is></c>{self.until}', lines
        else:
            made = f"{self.style}><v>{_number(value)}</v></c>{self.until}", 1
        if len(self.known) < KEPT and not room:
            self.known[value] = made
        return made


class _Body:
    """The streamed rows."""

    def __init__(self, sheet, frame, out):
        self.sheet, self.frame, self.out = sheet, frame, out
        self.letters = [xl_col_to_name(at) for at in range(len(sheet.columns))]
        widths = [*sheet.widths, *[inf] * sheet.unprinted]  # what machines read makes no row higher
        self.columns = {
            bold: [
                _Column(frame.styles[kind, bold], following, kind.is_text, width)
                for following, (_, kind, *_), width in zip(
                    [f'<c r="{letter}' for letter in self.letters[1:]] + [""], sheet.columns, widths
                )
            ]
            for bold in (False, True)
        }
        self.merged = [at for at, column in enumerate(sheet.columns) if column[3]]
        self.merges = []
        self.last_row = 0
        self.pages = _Pages(sheet, frame)

    def write(self, lines, step):
        self.out.write(self.frame.before.encode())
        row, count, buffer = self.frame.first_row - 1, 0, []
        key, since = None, 0
        for line in lines:
            row += 1
            if line.key is None or line.key != key:
                self._merge(key, since, row - 1)
                key, since = line.key, row
            text, height = self._row(row, line, same=since < row)
            self.pages.add(height, line.sum or since < row)
            buffer.append(text)
            count += not line.sum
            if len(buffer) == 500:
                self.out.write("".join(buffer).encode())
                buffer.clear()
                if count > MAX_ROWS:
                    raise ValueError("too many rows for one sheet")
                if step:
                    step(count)
        self._merge(key, since, row)
        buffer += self._end(row, [*([] if count else [NOTHING]), *self.sheet.notes])
        self.out.write("".join(buffer).encode())
        self.out.write(self._close().encode())
        return count

    def _row(self, row, line, *, same):
        """One <row>, as high as its longest text, and that height; the merged cells of a line after the first of its key
        are empty."""
        cells, parts, high = line.cells, ['<c r="A'], 1
        if same and self.merged:
            cells = list(cells)
            for at in self.merged:
                cells[at] = None
        room = self._label(row, line.cells) if line.sum else 0
        add = parts.append
        for value, column in zip(cells, self.columns[line.sum], strict=True):
            part, lines = column.known.get(value) or column.part(value, room)
            add(part)
            if lines > high:
                high = lines
        height = ROW_HEIGHT if high == 1 else min(high * 14 + 3, 400)
        return f'<row r="{row}" ht="{height}" customHeight="1">{str(row).join(parts)}</row>', height

    def _label(self, row, cells):
        """Merge the label of a sum with the blank cells at its right: a border through a name cannot be read. Returns the
        width that it has."""
        first = next((at for at, cell in enumerate(cells) if isinstance(cell, str) and cell), None)
        if first is None:
            return 0
        last = first
        while last < len(self.sheet.widths) - 1 and (cells[last + 1] is None or cells[last + 1] == ""):
            last += 1
        if last > first:
            self.merges.append(f"{self.letters[first]}{row}:{self.letters[last]}{row}")
        return sum(self.sheet.widths[first : last + 1])

    def _merge(self, key, first, last):
        if key is not None and last > first:
            self.merges += [f"{self.letters[at]}{first}:{self.letters[at]}{last}" for at in self.merged]

    def _end(self, row, notes):
        """The signature line and the notes below the table."""
        sheet, styles = self.sheet, self.frame.styles
        # a page further right repeats the labels: what stands below begins after them, or would be cut there
        left = sheet.unrepeated
        wide = 0.95 * sum(sheet.widths[left : sheet.first_page + 1])
        tail = [(text, 5 + 13 * lines_of(text, wide)) for text in notes if text]
        self.pages.end(26 * bool(sheet.signatures) + sum(height for _, height in tail))
        if sheet.signatures:
            row += 1
            parts = re.split("\u3000{2,}", sheet.signatures)
            spans = sheet.spans(len(parts), left)
            if len(spans) < len(parts):
                parts, spans = [sheet.signatures], [(left, sheet.first_page)]
            yield self._below(row, 26, [(*span, part, styles["sign"]) for span, part in zip(spans, parts)])
        for row, (text, height) in enumerate(tail, row + 1):  # noqa: B020
            yield self._below(row, height, [(left, sheet.first_page, text, styles["note"])])
        self.last_row = max(self.last_row, row)

    def _below(self, row, height, parts):
        """One <row> below the table of `(first column, last column, text, style)`."""
        cells = []
        for first, last, text, style in parts:
            if last > first:
                self.merges.append(f"{self.letters[first]}{row}:{self.letters[last]}{row}")
            cells.append(
                f'<c r="{self.letters[first]}{row}" s="{style}" t="inlineStr"><is>{_xml(text)}</is></c>'
            )
        return f'<row r="{row}" ht="{height}" customHeight="1">{"".join(cells)}</row>'

    def _close(self):
        merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in self.merges)
        before, found, after = self.frame.after.partition("</mergeCells>")
        if at := self.pages.break_at:
            brk = (
                f'<rowBreaks count="1" manualBreakCount="1"><brk id="{at}" max="16383" man="1"/></rowBreaks>'
            )
            after = after.replace("</headerFooter>", "</headerFooter>" + brk)
        if self.pages.shrunk and self.sheet.pages == 1:
            after = after.replace('fitToHeight="0"', 'fitToHeight="1"', 1)
        elif self.pages.shrunk:
            said, less = (f' scale="{_percent(scale)}"' for scale in (self.sheet.scale, self.pages.shrunk))
            after = after.replace(said, less, 1)
        return f"</sheetData>{before}{merges}{found}{after}"


class _Pages:
    """Where pages end, as far as heights tell: so that the last one holds more than a line or two and the signatures."""

    KEPT = 6
    """Lines that the last page has at least."""
    SHRUNK = 1.25
    """How much more than one page holds is still made smaller to fit on it."""

    def __init__(self, sheet, frame):
        self.scale, self.high, self.head = sheet.scale, sheet.paper[2], frame.head_height
        self.room = self.high / self.scale - self.head
        """Points of body on one page, with the headers that each repeats."""
        self.row, self.used, self.since, self.full = frame.first_row - 1, 0, frame.first_row, 0
        self.first, self.latest, self.break_at = frame.first_row, deque(maxlen=3 * self.KEPT), 0
        self.shrunk = 0
        """The scale at which all of it is on one page: a table of a county's townships is one page. 0: as it is."""

    def add(self, height, goes_on):
        """A line of the body; `goes_on`: it belongs to the one before it."""
        self.row += 1
        self.used += height
        if self.used > self.room:
            self.used, self.since, self.full = height, self.row, self.full + 1
        self.latest.append(goes_on)

    def end(self, height):
        """What stands below the table. Where it would go to a page of its own, or with a line or two, a page is begun
        some lines earlier. Heights are known to a few percent, which counts as too near."""
        total = self.full * self.room + self.used + height
        if 0.95 * self.room < total <= self.SHRUNK * self.room:
            self.shrunk = min(self.scale, 0.95 * self.high / (self.head + total))
            return
        alone = self.full and self.row - self.since < self.KEPT // 2
        if not (alone or self.used + height > 0.95 * self.room) or self.row - self.first < 2 * self.KEPT:
            return
        at = len(self.latest) - self.KEPT
        while at > 0 and self.latest[at]:
            at -= 1
        self.break_at = self.row - len(self.latest) + at if at > 0 else 0
