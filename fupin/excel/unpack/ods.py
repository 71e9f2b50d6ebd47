""".ods: one pass over the content for what the parser does not tell, and for repetitions that would fill the memory."""

import re
from xml.parsers import expat

from archive import count
from limits import CHUNK, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT, MAX_WRITTEN, Refused, check_reach, limit
from sheets import sheets_of

MAX_REPEATED_FAULTS = 1000
MOST = 10**9
"""Repetitions; more are as many."""
MAX_SHEET_COLUMNS = 16_384
_SAYS = (
    "office:value",
    "office:string-value",
    "office:date-value",
    "office:time-value",
    "office:boolean-value",
)
"""A cell with one of them, or with a formula, is one that the parser keeps, and with it the empty ones before."""
_MODULE = re.compile(r"^basic/[^/]+/(?!script-|dialog-)[^/]+\.xml$", re.IGNORECASE)


def read(file, archive):
    """The messages of an .ods book (see `__main__`)."""
    names = archive.namelist()
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Refused("file_encrypted", "文件有打开密码")
    if any(_MODULE.search(name) for name in names):
        raise Refused("file_macro", "含宏")
    inflated = count(archive)
    content = _Content()
    with archive.open("content.xml") as part:
        while piece := part.read(CHUNK):
            content.parser.Parse(piece)
    content.parser.Parse(b"", True)
    for rows, columns in content.reached:
        check_reach(rows, columns, inflated)
    check_reach(content.room, 1, inflated)
    limit(320 * 2**20 + 4 * inflated, 10 + inflated // (6 * 2**20))
    yield {"format": "ods"}
    yield from sheets_of(file, content.sheets)


def _number(attributes, name):
    found = attributes.get(name, "1").removeprefix("+")
    return min(int(found[:10]), MOST) if found.isascii() and found.isdigit() else 1


class _Content:
    """Hidden rows and columns, error cells, merged ranges; how many cells and how much text there will be."""

    def __init__(self):
        self.sheets, self.reached = [], []
        self.row = self.column = self.rows = self.columns = self.cells = self.room = self.kept = 0
        self.filled = self.written = self.row_filled = self.row_text = self.length = 0
        self.inside, self.faults = False, []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.text

    def start(self, tag, attributes):
        if tag == "table:table":
            self.sheets.append(
                {"hidden": [], "hidden_columns": [], "errors": {}, "uncached": [], "merges": []}
            )
            self.reached.append((0, 0))
            self.row = self.columns = self.last = 0
        elif not self.sheets:
            return
        elif tag == "table:table-column":
            repeat = _number(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility") in ("collapse", "filter") and self.columns < MAX_COLUMNS:
                last = min(self.columns + repeat, MAX_COLUMNS)
                self.sheets[-1]["hidden_columns"] += range(self.columns + 1, last + 1)
            self.columns += repeat
        elif tag == "table:table-row":
            self.start_row(attributes)
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self.start_cell(attributes)
        elif tag == "text:s" and self.inside:
            self.length += _number(attributes, "text:c")

    def start_row(self, attributes):
        self.row += 1
        self.column = self.row_filled = self.row_text = self.kept = 0
        self.faults = []
        self.rows = _number(attributes, "table:number-rows-repeated")
        if attributes.get("table:visibility") in ("collapse", "filter"):
            self.sheets[-1]["hidden"] += range(self.row, self.row + min(self.rows, MAX_ROWS))

    def start_cell(self, attributes):
        sheet, self.column, self.inside, self.length = self.sheets[-1], self.column + 1, True, 0
        self.cells = _number(attributes, "table:number-columns-repeated")
        place = (self.row, self.column)
        self.valued = attributes.get("office:value-type", "") != "" or any(map(attributes.get, _SAYS))
        if self.valued or "table:formula" in attributes:
            self.kept = min(self.column + self.cells - 1, MAX_SHEET_COLUMNS)
        if attributes.get("calcext:value-type") == "error":
            self.faults += [self.column + offset for offset in range(min(self.cells, MAX_COLUMNS))]
        elif "table:formula" in attributes and not self.valued:
            sheet["uncached"].append(place)
        down = _number(attributes, "table:number-rows-spanned")
        right = _number(attributes, "table:number-columns-spanned")
        if down > 1 or right > 1:
            sheet["merges"].append((self.row, self.column, self.row + down - 1, self.column + right - 1))

    def text(self, data):
        if self.inside:
            self.length += len(data)

    def end(self, tag):
        if tag in ("table:table-cell", "table:covered-table-cell") and self.sheets:
            self.inside = False
            if self.length > MAX_TEXT:
                raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")
            if self.length or self.valued:
                self.row_filled += self.cells
                self.row_text += self.length * self.cells
                self.last = self.column + self.cells - 1
                if self.last > MAX_COLUMNS:
                    raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
            self.column += self.cells - 1
        elif tag == "table:table-row" and self.sheets:
            self.filled += self.row_filled * self.rows
            self.room += self.kept
            if self.row_filled:
                self.reached[-1] = (self.row + self.rows - 1, max(self.reached[-1][1], self.last))
            self.written += self.row_text * self.rows * 4
            if (
                self.filled > MAX_CELLS
                or self.written > MAX_WRITTEN
                or (self.row_filled and self.row > 2**20)
            ):
                raise Refused("file_bomb", "重复的单元格异常多")
            for offset in range(min(self.rows, MAX_REPEATED_FAULTS) if self.faults else 0):
                self.sheets[-1]["errors"] |= {(self.row + offset, column): "#N/A" for column in self.faults}
            self.row += self.rows - 1
