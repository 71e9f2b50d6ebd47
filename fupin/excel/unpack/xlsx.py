""".xlsx: what must be known before the parser sees it, and what the parser does not tell.

Sheets are looked at while they are inflated (`SheetMarks`): hidden rows and columns, error cells, formulas without a
value, merged ranges, and figures like 2019.1 that are a month in one reading. Books that the parser would not take
(other part names, UTF-16, error values it does not know) are laid out anew for it, in memory.
"""

import array
import io
import posixpath
import re
import zipfile
from xml.parsers import expat

from archive import MACROS, count
from limits import (
    CHUNK,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT,
    MAX_WRITTEN,
    MIB,
    PLACES,
    Refused,
    check_lengths,
    check_reach,
    limit,
)
from sheets import MAX_MERGES, sheets_of

_P = rb"(?:\w+:)?"  # some writers prefix every tag
_ROW = re.compile(rb"<" + _P + rb"row\b([^>]*)>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true|on)["']""")
_COL = re.compile(rb"<" + _P + rb"col\b([^>]*)>")
_SPAN = re.compile(rb"""\b(min|max)=["'](\d+)["']""")
_ERROR = re.compile(rb"<" + _P + rb'c\b([^>]*?\bt="e"[^>]*)>(.*?)</' + _P + rb"c>", re.DOTALL)
_VALUE = re.compile(rb"<" + _P + rb"v>([^<]*)<")
_UNCACHED = re.compile(
    rb"<" + _P + rb"c\b([^>]*)>\s*<" + _P + rb"f\b(?:[^>]*/>|[^>]*>[^<]*</" + _P + rb"f>)"
    rb"\s*(?:<" + _P + rb"v\s*/>|<" + _P + rb"v></" + _P + rb"v>)?\s*</" + _P + rb"c>"
)  # fmt: skip
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_TAG = re.compile(rb"<c(?=[\s/>])([^>]*)>(?:</c>)?")
_REFERENCE = re.compile(rb'\sr="([A-Z]{1,3})([1-9]\d{0,6})"')
_VALUED = re.compile(rb"<" + _P + rb'c\b[^>]*?\br="([A-Z]{1,3})(\d{1,40})"[^>]*(?<!/)>(?!</' + _P + rb"c>)")
_TENTH = re.compile(rb"<" + _P + rb"c\b([^>]*)><" + _P + rb"v>((?:19|20)\d\d\.(?:1|0999\d+))</")
_MONTH = re.compile(rb">(?:19|20)\d\d\.(?:1|0999\d+)</")
_STYLE = re.compile(rb'\bs="(\d+)"')
_MERGE = re.compile(rb"<" + _P + rb"""mergeCell\b[^>]*\bref=["']([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)["']""")
_SHARED = re.compile(rb't="s"[^>]*>\s*<' + _P + rb"v>(\d+)<")
_PLAIN = re.compile(rb'<row\b[^>]*\br="\d+"[^>]*>\s*(?:<c\b[^>]*\br="[A-Z]+\d+"|</row>)')
_TWO_PLACES = re.compile(r"0\.00(?!0)")
KNOWN_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!"}
FIRST = 64 << 10
"""Bytes of a sheet that tell how wide it is likely to be."""
LONG_STRING = 160
"""Bytes; shorter texts cannot fill the memory, however often a sheet refers to them."""
MANY = 128 * MIB
"""What the texts of a sheet may come to at most before each is looked up."""
LONGEST_ROW = 8 * MIB


_UNIQUE = re.compile(rb"""\buniqueCount\s*=\s*["'][^\d"']*(\d{1,40})""")
SHORTEST = len(b"<si/>")


def column_number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def place_of(attributes):
    found = _CELL.search(attributes)
    return (int(found[2]), column_number(found[1])) if found else (0, 0)


def elements(data):
    """`(local name, attributes)` of every start tag."""
    found = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parser.Parse(data, True)
    return found


class Parts:
    """The parts of a book by what they are, whatever they are called."""

    def __init__(self, archive):
        self.archive = archive
        self.names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
        self.book = self._book()
        self.relations = self._relations()
        self.epoch, self.sheets = self._sheets()

    def real(self, name):
        """The name under which the archive holds a part, or ""."""
        return self.names.get(name.replace("\\", "/").lstrip("/").lower(), "")

    def read(self, name, most=8 * MIB):
        entry = self.archive.getinfo(name)
        if entry.file_size > most:
            raise Refused("file_bomb", "工作簿的目录部分异常大")
        return self.archive.read(name)

    def _book(self):
        if self.real("xl/workbook.xml"):
            return self.real("xl/workbook.xml")
        rels = self.real("_rels/.rels")
        for tag, attributes in elements(self.read(rels)) if rels else ():
            if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
                return self.real(posixpath.normpath(attributes.get("Target", "")))
        return ""

    def _relations(self):
        """`{id: (last word of the type, part name as held)}`."""
        folder, _, name = self.book.replace("\\", "/").rpartition("/")
        rels = self.real(f"{folder}/_rels/{name}.rels")
        found = {}
        for tag, attributes in elements(self.read(rels)) if rels else ():
            if tag == "Relationship":
                target = posixpath.normpath(
                    posixpath.join("/", folder, attributes.get("Target", "").replace("\\", "/"))
                )
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, self.real(target), attributes.get("Target", ""))
        return found

    def _sheets(self):
        """`(epoch, [(name, state, relation id)])` in the order of the book."""
        epoch, sheets = 1900, []
        for tag, attributes in elements(self.read(self.book)):
            if tag == "workbookPr" and attributes.get("date1904") in ("1", "true", "on"):
                epoch = 1904
            if tag == "sheet":
                key = next((v for k, v in attributes.items() if k.endswith(":id")), "")
                sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), key))
        return epoch, sheets

    def of_sheet(self, key):
        """The part of the sheet with this relation id, "" for charts and what is not there."""
        kind, part, _ = self.relations.get(key, ("", "", ""))
        return part if kind == "worksheet" else ""

    def check_sheets(self):
        """Refuse a book that lists one sheet many times: each would be read, and all its rows imported again."""
        parts = [part for _, _, key in self.sheets if (part := self.of_sheet(key))]
        if len(parts) != len(set(parts)):
            raise Refused("file_corrupt", "工作簿的目录把同一张工作表列了几次")

    def of_kind(self, kind):
        return next((part for held, part, _ in self.relations.values() if held == kind and part), "")

    @property
    def odd(self):
        """Whether the parser would not find its way."""
        targets = [
            target
            for kind, _, target in self.relations.values()
            if kind in ("worksheet", "sharedStrings", "styles")
        ]
        return self.book != "xl/workbook.xml" or any(re.search(r"(^|/)\.\.?/", target) for target in targets)


def check_count(archive, part):
    """Refuse shared strings that say of themselves that they are more than could stand there: the parser makes room."""
    with archive.open(part) as opened:
        said = _UNIQUE.search(opened.read(CHUNK))
    if said and int(said[1]) > max(archive.getinfo(part).file_size // SHORTEST, 1000):
        raise Refused("file_bomb", f"共用文字自称有 {int(said[1]):,} 条")


_PREFIXED = re.compile(rb"<\w+:c[\s/>]")


def unusual_cells(columns, rows):
    """A pattern of the beginnings of cells but those that are written `<c r="A1"` and stand within so many columns
    and rows; `rows` are one digit and nines. Tags that only begin with the same letter are found too."""
    high, low = divmod(min(max(columns, 1), MAX_COLUMNS) - 1, 26)
    letters = b"[A-%c]" % (65 + low)
    if high:
        letters = b"[A-Z]|%c%s" % (64 + high, letters)
    if high > 1:
        letters += b"|[A-%c][A-Z]" % (63 + high)
    nines = len(str(rows)) - 1
    figures = rb"[1-9]\d{0,%d}|[1-%c]\d{%d}" % (nines - 1, str(rows)[0].encode(), nines)
    return re.compile(rb'<c(?! r="(?:%s)(?:%s)")' % (letters, figures))


class StringLengths:
    """Lengths in bytes of the shared strings, looked at while they are inflated."""

    def __init__(self):
        self.lengths, self.rest = array.array("L"), b""

    def __call__(self, piece):
        data = self.rest + piece
        check_lengths(data)
        *whole, self.rest = data.split(b"</si>") if b"</si>" in data else data.split(b":si>")
        self.lengths.extend(map(len, whole))
        if len(self.rest) > 8 * MAX_TEXT + CHUNK:
            raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")

    @property
    def longest(self):
        return max(self.lengths, default=0)


class SheetMarks:
    """What one sheet says beside its values, gathered from the pieces of its part as they are inflated."""

    def __init__(self, strings):
        self.strings = strings
        self.hidden, self.hidden_columns, self.merges = [], [], []
        self.errors, self.uncached, self.tenths = {}, [], {}
        self.rest, self.begun, self.plain, self.wide = b"", False, True, False
        self.written = self.referred = self.deepest = self.rows = self.columns = 0
        self.usual = None

    def __call__(self, piece):
        data = self.rest + piece if self.rest else piece
        if not self.begun:
            if len(data) < 4096 and len(piece) == CHUNK:
                self.rest = data
                return
            self.begin(data)
        cut = data.rfind(b"<row ")
        if cut <= 0 or len(data) > LONGEST_ROW:
            cut = max(data.rfind(b"<"), 0)
        self.rest = data[cut:]
        self.look(data[:cut])

    def begin(self, data):
        self.begun = True
        self.wide = data.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"))
        first = data.find(b"<sheetData")
        self.plain = not self.wide and first >= 0 and (
            bool(_PLAIN.search(data, first)) or b"<row" not in data[first:]
        )  # fmt: skip
        for col in _COL.finditer(data[: max(first, 0)]):
            if _HIDDEN.search(col[1]):
                span = {name: int(value) for name, value in _SPAN.findall(col[1])}
                self.hidden_columns += range(span.get(b"min", 1), min(span.get(b"max", 0), MAX_COLUMNS) + 1)

    def look(self, data):
        check_lengths(data)
        if self.plain:
            self.reach(data)
        self.measure(data)
        if b"mergeCell " in data:
            self.merges += [
                (int(r1), column_number(c1), int(r2), column_number(c2))
                for c1, r1, c2, r2 in _MERGE.findall(data)
            ]
            if len(self.merges) > MAX_MERGES:
                raise Refused("file_bomb", "合并单元格异常多")
        if self.plain:
            self.look_at_cells(data)

    def look_at_cells(self, data):
        if b'hidden="' in data:
            self.hidden += [
                int(_NUMBER.search(row[1])[1])
                for row in _ROW.finditer(data)
                if _HIDDEN.search(row[1]) and _NUMBER.search(row[1])
            ]
        if b't="e"' in data:
            for found in _ERROR.finditer(data):
                value = _VALUE.search(found[2])
                self.errors[place_of(found[1])] = value[1].decode("utf-8", "replace") if value else "#N/A"
        if b"<f" in data:
            self.uncached += [
                place_of(cell[1]) for cell in _UNCACHED.finditer(data) if b't="str"' not in cell[1]
            ]
        if _MONTH.search(data):
            for found in _TENTH.finditer(data):
                style = _STYLE.search(found[1])
                self.tenths[place_of(found[1])] = int(style[1]) if style else 0

    def measure(self, data):
        """Refuse sheets whose cells, or whose texts once each cell has its own, are too many to hold."""
        if self.strings.longest > LONG_STRING:
            self.referred += data.count(b't="s"')
            if self.referred * self.strings.longest > MANY:
                self.count_texts(data)
        at = data.rfind(b'<row r="')
        number = _NUMBER.search(data, at, at + 40) if at >= 0 else None
        if number and int(number[1]) > MAX_ROWS:
            for row in re.finditer(rb'<row r="(\d+)"[^>]*>(.*?)</row>', data, re.DOTALL):
                if int(row[1]) > MAX_ROWS and (b"<v>" in row[2] or b"<is>" in row[2]):
                    self.deepest = max(self.deepest, int(row[1]))
                    last = _CELL.search(row[2], row[2].rfind(b' r="'))
                    if last and self.deepest * column_number(last[1]) > MAX_CELLS:
                        raise Refused("file_bomb", f"第 {self.deepest:,} 行还有内容")

    def count_texts(self, data):
        lengths = self.strings.lengths
        for index in map(int, _SHARED.findall(data)):
            self.written += lengths[index] if index < len(lengths) else 0
        if self.written > MAX_WRITTEN:
            raise Refused("file_bomb", "同一段长文字被引用太多次")

    def reach(self, data):
        """How far the cells go: the last row, the widest cell, and cells that name another row than theirs.

        One pass over the piece stops only at cells that reach further than those before, or are not written as usual;
        what cannot be told from the text of its tag makes the sheet one that is looked at precisely.
        """
        at = data.rfind(b'<row r="')
        number = _NUMBER.search(data, at, at + 40) if at >= 0 else None
        if self.usual is None:
            widths = (column_number(letters) for letters, _ in _CELL.findall(data[:FIRST]))
            self.columns = max((width for width in widths if width <= MAX_COLUMNS), default=0)
        self.expect(self.columns, int(number[1]) if number else 0)
        if b":c" in data and _PREFIXED.search(data):
            self.plain = False
        found = self.usual.search(data) if self.plain else None
        while found and self.plain:
            tag = _TAG.match(data, found.start())
            if tag:
                self.further(tag)
            found = self.usual.search(data, found.start() + 2)

    def expect(self, columns, row):
        """Cells up to there are no news from now on."""
        row = max(row, 1000)
        row = (int(str(row)[0]) + 1) * 10 ** (len(str(row)) - 1) - 1
        if columns > self.columns or row > self.rows or self.usual is None:
            self.columns, self.rows = max(self.columns, columns), max(self.rows, row)
            self.usual = unusual_cells(self.columns, self.rows)

    def further(self, tag):
        """A cell that may reach further than those before it; one that is blank may as long as a sheet may."""
        reference = _REFERENCE.search(tag[1])
        if not reference:
            self.plain = False
            return
        columns, row = column_number(reference[1]), int(reference[2])
        blank = tag[1].endswith(b"/") or tag[0].endswith(b"></c>")
        if columns > MAX_COLUMNS and not blank:
            raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
        if columns <= MAX_COLUMNS and (row <= MAX_ROWS or not blank):
            self.expect(columns, row)

    def end(self):
        if self.rest:
            if not self.begun:
                self.begin(self.rest)
            self.look(self.rest)
            self.rest = b""


class _Precise:
    """The marks of a sheet that is not written in the usual way (no references, prefixed tags), by a real parser."""

    def __init__(self, marks):
        self.marks, self.row, self.column, self.rows, self.columns = marks, 0, 0, 0, 0
        self.cell, self.value, self.said, self.formula, self.kind, self.style = None, [], False, False, "", 0
        self.filled = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.text

    def start(self, tag, attributes):
        tag = tag.rpartition(":")[2]
        if tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.column = 0
            if attributes.get("hidden") in ("1", "true", "on"):
                self.marks.hidden.append(self.row)
        elif tag == "c":
            self.cell = self.place(attributes.get("r", ""))
            self.kind, self.formula, self.value, self.filled = attributes.get("t", "n"), False, [], False
            self.style = int(attributes.get("s") or 0)
        elif tag == "f":
            self.formula = True
        self.said = tag == "v"
        self.filled = self.filled or tag in ("v", "is")

    def place(self, reference):
        if not reference:
            self.column += 1
            return self.row, self.column
        found = re.fullmatch(r"([A-Za-z]{1,40})([0-9]{1,40})", reference)
        if not found:
            raise Refused("file_corrupt", "有单元格的位置写错")
        self.column, self.row = column_number(found[1].upper().encode()), int(found[2])
        return self.row, self.column

    def text(self, data):
        if self.said:
            self.value.append(data)

    def end(self, tag):
        self.said = False
        if tag.rpartition(":")[2] != "c" or self.cell is None:
            return
        value = "".join(self.value)
        if self.filled:
            if self.column > MAX_COLUMNS:
                raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
            self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if self.kind == "e":
            self.marks.errors[self.cell] = value or "#N/A"
        elif self.formula and not value and self.kind != "str":
            self.marks.uncached.append(self.cell)
        elif re.fullmatch(r"(19|20)\d\d\.(1|0999\d+)", value):
            self.marks.tenths[self.cell] = self.style
        self.cell = None


def corner(archive, part):
    """The last row and the last column of a sheet that hold anything."""
    rows = columns = 0
    rest = b""
    with archive.open(part) as file:
        while piece := file.read(CHUNK):
            data = rest + piece
            cut = max(data.rfind(b"<row"), data.rfind(b":row"), len(data) - CHUNK)
            for letters, row in _VALUED.findall(data):
                rows, columns = max(rows, int(row)), max(columns, column_number(letters))
            rest = data[cut:]
    return rows, columns


def look_precisely(archive, part, marks, inflated):
    precise = _Precise(marks)
    with archive.open(part) as file:
        while piece := file.read(CHUNK):
            precise.parser.Parse(piece)
    precise.parser.Parse(b"", True)
    check_reach(precise.rows, precise.columns, inflated)


def formats_of(data):
    """The format code of each cell style; "" where it is built in and says nothing of places."""
    codes, styles, inside = {2: "0.00", 4: "#,##0.00"}, [], False
    for tag, attributes in elements(data):
        if tag == "numFmt":
            codes[int(attributes.get("numFmtId") or 0)] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            styles.append(codes.get(int(attributes.get("numFmtId") or 0), ""))
    return styles


def check_macros(archive):
    if any(MACROS.search(name.replace("\\", "/")) for name in archive.namelist()):
        raise Refused("file_macro", "含宏（vbaProject）")


def read(file, archive):
    """The messages of an .xlsx book (see `__main__`): `file` its bytes as an open file, `archive` the zip in it."""
    check_macros(archive)
    parts = Parts(archive)
    parts.check_sheets()
    strings = StringLengths()
    marks = [SheetMarks(strings) if parts.of_sheet(key) else None for _, _, key in parts.sheets]
    watch = {parts.of_sheet(key): mark for (_, _, key), mark in zip(parts.sheets, marks) if mark}
    shared = parts.of_kind("sharedStrings")
    if shared:
        watch[shared] = strings
    for held in {shared, parts.real("xl/sharedStrings.xml")} - {""}:  # the parser goes by the name
        check_count(archive, held)
    inflated = count(archive, watch, {shared})
    limit(320 * MIB + 4 * inflated, 10 + inflated // (6 * MIB))
    for (_, _, key), mark in zip(parts.sheets, marks):
        if mark is not None:
            mark.end()
            if mark.plain and mark.rows * mark.columns > PLACES:
                check_reach(*corner(archive, parts.of_sheet(key)), inflated)
            if not mark.plain:
                look_precisely(archive, parts.of_sheet(key), mark, inflated)
    styles = parts.of_kind("styles")
    if any(mark and mark.tenths for mark in marks) and styles:
        settle_tenths(marks, formats_of(parts.read(styles)))
    unknown = {value for mark in marks if mark for value in mark.errors.values()} - KNOWN_ERRORS
    if parts.odd or unknown or any(mark and mark.wide for mark in marks):
        file = laid_out(parts, unknown)
    yield {"format": "xlsx"}
    yield from sheets_of(file, [said(mark) for mark in marks], parts.epoch)


def settle_tenths(marks, styles):
    """Keep of the figures like 2019.1 those shown with two places: they say 2019.10."""
    for mark in filter(None, marks):
        mark.tenths = {
            place: style
            for place, style in mark.tenths.items()
            if style < len(styles) and _TWO_PLACES.search(styles[style])
        }


def said(mark):
    """The marks as they go into the answer."""
    if mark is None:
        return {}
    return {"hidden": mark.hidden, "hidden_columns": mark.hidden_columns, "errors": mark.errors,
            "uncached": mark.uncached, "merges": mark.merges, "tenths": set(mark.tenths)}  # fmt: skip


_CONTENT = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def laid_out(parts, unknown):
    """The book under the names that the parser expects, its sheets in UTF-8, errors it does not know as #N/A."""
    from xml.sax.saxutils import quoteattr

    book, relations, target = [], [], io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for number, (name, state, key) in enumerate(parts.sheets, 1):
            part = parts.of_sheet(key)
            data = utf8(parts.archive.read(part)) if part else b"<worksheet xmlns=%r/>" % _MAIN.encode()
            for value in unknown:
                data = data.replace(b">%s<" % value.encode(), b">#N/A<")
            new.writestr(f"xl/worksheets/sheet{number}.xml", data)
            book.append(
                f'<sheet name={quoteattr(name)} sheetId="{number}" state={quoteattr(state)} r:id="s{number}"/>'
            )
            relations.append(
                f'<Relationship Id="s{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            )
        for kind in ("sharedStrings", "styles"):
            part = parts.of_kind(kind)
            if part:
                new.writestr(f"xl/{kind}.xml", utf8(parts.archive.read(part)))
                relations.append(f'<Relationship Id="{kind}" Type="{_OFFICE}/{kind}" Target="{kind}.xml"/>')
        epoch = '<workbookPr date1904="1"/>' if parts.epoch == 1904 else ""
        new.writestr("[Content_Types].xml", _CONTENT)
        new.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="b" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        new.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{epoch}<sheets>{"".join(book)}</sheets></workbook>',
        )
        new.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}">{"".join(relations)}</Relationships>',
        )
    target.seek(0)
    return target


def utf8(data):
    """A part in UTF-8 whatever it was written in."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16")
    elif data.startswith(b"<\0"):
        text = data.decode("utf-16-le")
    elif data.startswith(b"\0<"):
        text = data.decode("utf-16-be")
    else:
        return data
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8")


def is_book(archive):
    """Whether the archive is laid out as a workbook."""
    names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    return "xl/workbook.xml" in names or (
        "_rels/.rels" in names and any(name.startswith("xl/worksheets/") for name in names)
    )
