""".xls (BIFF5 and BIFF8, WPS .et among them): the records are walked once for what the parser does not tell.

A compound file is a little file system of sectors; the workbook is its stream Workbook (BIFF8) or Book (BIFF5), a
chain of records of a type, a length and a body.
"""

import io
import re
import struct

from limits import MAX_COLUMNS, MAX_FILE, MAX_TEXT, MAX_WRITTEN, MIB, Refused, check_reach, limit
from sheets import sheets_of

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""Sector numbers from here on are marks, not places."""
SMALL = 4096
"""Bytes; streams that are shorter lie in the mini stream."""
MAX_CLAIM = 1_000_000
"""Cells that a sheet may say it has before the parser is not told."""
MAX_SEGMENTS = 50_000
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_TWO_PLACES = re.compile(r"0\.00(?!0)")
_OTHERS = {
    "WordDocument": "Word 文档",
    "PowerPoint Document": "PowerPoint 演示文稿",
    "VisioDocument": "Visio 图",
}
DATEMODE, CODEPAGE, LABEL, RSTRING, STRING = 0x22, 0x42, 0x204, 0xD6, 0x207
_TELLING = ("EncryptedPackage", "_VBA_PROJECT_CUR", "Workbook", *_OTHERS)
BOF, EOF, FILEPASS, BOUNDSHEET, FORMULA, COLINFO, SST, CONTINUE = (
    0x809,
    0x0A,
    0x2F,
    0x85,
    0x06,
    0x7D,
    0xFC,
    0x3C,
)
ROW, BOOLERR, LABELSST, NUMBER, RK, MULRK, XF, FORMAT = 0x208, 0x205, 0xFD, 0x203, 0x27E, 0xBD, 0xE0, 0x41E
DIMENSIONS = 0x200
VALUED = {FORMULA, BOOLERR, LABELSST, NUMBER, RK, MULRK, LABEL, RSTRING}
"""Records of cells that hold something; each begins with its row and its column."""


def read(data):
    """The messages of an .xls book (see `__main__`)."""
    streams = directory(data)
    if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
        raise Refused("file_encrypted", "文件有打开密码")
    if "_VBA_PROJECT_CUR" in streams or "_VBA_PROJECT" in streams:
        raise Refused("file_macro", "含宏")
    name = next((name for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if name in streams), "")
    if not name:
        what = next((kind for stream, kind in _OTHERS.items() if stream in streams), "Word 或其他文件")
        raise Refused(
            "file_type_mismatch",
            f"内容不是工作簿，是 {what}" if what[0].isascii() else f"内容不是工作簿，可能是 {what}",
        )
    walk = _Walk(stream(data, *streams[name]))
    walk.run()
    check_tables(data)
    if walk.claims:
        data = without_claims(data, *streams[name], walk.claims)
    limit(320 * MIB + 12 * len(data), 20)
    yield {"format": "xls"}
    yield from sheets_of(io.BytesIO(data), [walk.sheets[at] for at in walk.order], 1904 if walk.mac else 1900)


def check_tables(data):
    """Refuse a chain of tables that goes in circles: the parser would follow it until the memory ends."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    (following,) = struct.unpack_from("<I", data, 68)
    met = set()
    while following < _END:
        at = (following + 2) * size - 4
        if following in met or at + 4 > len(data):
            raise Refused("file_corrupt", "复合文档不完整")
        met.add(following)
        (following,) = struct.unpack_from("<I", data, at)


def without_claims(data, start, size, claims):
    """The file with the records at `claims` of its stream blanked: ranges that a sheet says it has and need not have."""
    if size < SMALL:
        raise Refused("file_corrupt", "工作簿流不完整")
    shift = struct.unpack_from("<H", data, 30)[0]
    places = list(_places(start, shift, _fat(data, shift), len(data)))
    changed = bytearray(data)
    for at, length in claims:
        for byte in range(at, at + length):
            changed[places[byte >> shift] + (byte & ((1 << shift) - 1))] = 0
    return bytes(changed)


def directory(data):
    """`{stream or storage name: (first sector, size)}` of a compound file.

    Where its directory makes no sense the telling names are looked for anywhere, so that what is said of a broken
    file is right; it cannot be read either way. Empty where not even the header is that of a compound file.
    """
    try:
        found = {name: (start, size) for name, start, size in reversed(list(_entries(data)))}
    except (struct.error, IndexError, OverflowError, Refused):
        found = {}
    found = found or {name: (0, 0) for name in _TELLING if name.encode("utf-16-le") in data}
    if not found and data[30:32] in (b"\x09\0", b"\x0c\0"):
        raise Refused("file_corrupt", "复合文档不完整")
    return found


def _entries(data):
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        raise Refused("file_corrupt", "复合文档不完整")
    entries = _chain(data, struct.unpack_from("<I", data, 48)[0], shift, _fat(data, shift))
    for at in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        if 2 <= length <= 64 and entries[at + 66]:
            name = entries[at : at + length - 2].decode("utf-16-le", "replace")
            yield name, *struct.unpack_from("<II", entries, at + 116)


def _fat(data, shift):
    size = 1 << shift
    places = list(struct.unpack_from("<109I", data, 76))
    following, count = struct.unpack_from("<II", data, 68)
    for _ in range(min(count, 1000)):
        if following >= _END:
            break
        more = struct.unpack_from(f"<{size // 4}I", data, (following + 1) << shift)
        places += more[:-1]
        following = more[-1]
    table = bytearray()
    for place in places[: MAX_FILE // size // (size // 4) + 2]:
        if place < _END:
            table += data[(place + 1) << shift : (place + 2) << shift]
    return memoryview(bytes(table[: len(table) // 4 * 4])).cast("I")


def _places(sector, shift, fat, length, most=MAX_FILE):
    """Where the sectors that follow each other from `sector` lie in a file of so many bytes, up to `most` bytes of them.
    Raises Refused where they go in circles: the parser would follow them for ever."""
    held = 0
    while sector < _END and held < most:
        if held > length:
            raise Refused("file_corrupt", "复合文档不完整")
        yield (sector + 1) << shift
        held += 1 << shift
        if sector >= len(fat):
            break
        sector = fat[sector]


def _chain(data, sector, shift, fat, most=MAX_FILE):
    """The sectors that follow each other from `sector`, joined."""
    return b"".join(data[at : at + (1 << shift)] for at in _places(sector, shift, fat, len(data), most))


def stream(data, start, size):
    """The bytes of one stream; small ones lie in the mini stream of the root."""
    try:
        shift, small = struct.unpack_from("<HH", data, 30)
        fat = _fat(data, shift)
        if size >= SMALL:
            return _chain(data, start, shift, fat, size)[:size]
        root = next(_entries(data))
        inner = _chain(data, root[1], shift, fat, root[2])
        first, count = struct.unpack_from("<II", data, 60)
        small_fat = _chain(data, first, shift, fat, count << shift)
        table = memoryview(small_fat[: len(small_fat) // 4 * 4]).cast("I")
        return _chain(b"\0" * (1 << small) + inner, start, small, table, size)[:size]
    except (struct.error, IndexError, StopIteration, OverflowError, MemoryError) as error:
        raise Refused("file_corrupt", "复合文档不完整") from error


class _Walk:
    """The records of a workbook stream, once: hidden rows and columns, error cells, password, dates, text volume."""

    def __init__(self, data):
        self.data, self.sheets, self.order = data, {}, []
        self.formats, self.styles = {2: "0.00", 4: "#,##0.00"}, []
        self.mac, self.lengths, self.segments, self.written = False, [], [], 0
        self.sheet, self.codec, self.last = None, "gb18030", None
        self.reached, self.claims = (0, 0), []
        self.wide = True  # BIFF8; before it text was in the code page of the machine

    def run(self):
        data, at, end = self.data, 0, len(self.data) - 4
        header = struct.Struct("<HH").unpack_from
        if end < 0 or header(data, 0)[0] not in (0x809, 0x09, 0x209, 0x409):
            raise Refused("file_corrupt", "工作簿流不完整")
        if header(data, 0)[0] != 0x809:
            raise Refused("file_type_mismatch", "内容是很旧的 Excel 文件（5.0 以前）")
        self.wide = data[4:6] != b"\0\x05"
        look = self.handlers()
        while at <= end:
            kind, length = header(data, at)
            handler = look.get(kind)
            if handler is not None and at + 4 + length <= len(data):
                handler(at, at + 4, length)
            if kind in VALUED and length >= 4:
                row, column = header(data, at + 4)
                if kind == MULRK:
                    column += max((length - 6) // 6 - 1, 0)
                self.reached = (max(self.reached[0], row), max(self.reached[1], column))
            at += 4 + length
        check_reach(self.reached[0] + 1, self.reached[1] + 1, end)
        if not self.order:
            raise Refused("file_corrupt", "没有工作表")

    def handlers(self):
        return {
            BOF: self.begin, FILEPASS: self.password, BOUNDSHEET: self.bound, ROW: self.row, COLINFO: self.columns,
            BOOLERR: self.error, FORMULA: self.formula, NUMBER: self.number, RK: self.rk, MULRK: self.several_rk,
            XF: self.style, FORMAT: self.format, SST: self.strings, CONTINUE: self.more, LABELSST: self.label,
            DATEMODE: self.dates, EOF: self.end, DIMENSIONS: self.dimensions,
        } | ({} if self.wide else {CODEPAGE: self.page, LABEL: self.narrow, RSTRING: self.narrow, STRING: self.result})  # fmt: skip

    def begin(self, at, body, length):
        if at in self.sheets:
            self.sheet = self.sheets[at]

    def end(self, at, body, length):
        if self.segments:
            self.measure_strings()

    def dimensions(self, at, body, length):
        """What a sheet says of its range; the parser makes room for all of it, whatever stands there."""
        if length not in (10, 14):
            return
        form = "<HHHH" if length == 10 else "<IIHH"
        top, bottom, left, right = struct.unpack_from(form, self.data, body)
        if bottom < top or bottom * max(right, 1) > MAX_CLAIM:
            self.claims.append((body, length))

    def password(self, at, body, length):
        raise Refused("file_encrypted", "文件有打开密码")

    def bound(self, at, body, length):
        place, _, kind = struct.unpack_from("<IBB", self.data, body)
        if kind == 1:
            raise Refused("file_macro", "含宏表（Excel 4.0）")
        if place >= len(self.data):
            raise Refused("file_corrupt", "工作簿流不完整")
        if place in self.sheets:
            raise Refused("file_corrupt", "工作簿的目录把同一张工作表列了几次")
        if len(self.order) < 1000:
            self.sheets[place] = {
                "hidden": [],
                "hidden_columns": [],
                "errors": {},
                "tenths": set(),
                "texts": {},
            }
            self.order.append(place)
            if not self.wide:
                self.sheets[place]["name"] = self.narrow_text(body + 7, self.data[body + 6])

    # BIFF5: the parser does not read text of two bytes a character

    def page(self, at, body, length):
        number = struct.unpack_from("<H", self.data, body)[0] if length >= 2 else 936
        self.codec = {936: "gb18030", 950: "big5", 1252: "cp1252", 65001: "utf-8"}.get(number, "gb18030")

    def narrow_text(self, start, length):
        return self.data[start : start + length].decode(self.codec, "replace")

    def narrow(self, at, body, length):
        if self.sheet is not None and length >= 8:
            row, column, _, count = struct.unpack_from("<HHHH", self.data, body)
            self.sheet["texts"][row + 1, column + 1] = self.narrow_text(body + 8, min(count, length - 8))

    def result(self, at, body, length):
        """The text that the formula before it came to."""
        if self.sheet is not None and self.last and length >= 2:
            count = struct.unpack_from("<H", self.data, body)[0]
            self.sheet["texts"][self.last] = self.narrow_text(body + 2, min(count, length - 2))

    def dates(self, at, body, length):
        self.mac = self.data[body : body + 1] == b"\1"

    def style(self, at, body, length):
        self.styles.append(struct.unpack_from("<H", self.data, body + 2)[0] if length >= 4 else 0)

    def format(self, at, body, length):
        raw = self.data[body : body + length]
        self.formats[struct.unpack_from("<H", raw)[0] if length >= 2 else 0] = (
            raw[2:].replace(b"\0", b"").decode("latin-1")
        )

    def row(self, at, body, length):
        if self.sheet is not None and length >= 14 and self.data[body + 12] & 0x20:
            self.sheet["hidden"].append(struct.unpack_from("<H", self.data, body)[0] + 1)

    def columns(self, at, body, length):
        if self.sheet is not None and length >= 10 and self.data[body + 8] & 1:
            first, last = struct.unpack_from("<HH", self.data, body)
            self.sheet["hidden_columns"] += range(first + 1, min(last, MAX_COLUMNS) + 2)

    def error(self, at, body, length):
        if self.sheet is not None and length >= 8 and self.data[body + 7]:
            self.fault(body, self.data[body + 6])

    def formula(self, at, body, length):
        if self.sheet is None or length < 14:
            return
        row, column = struct.unpack_from("<HH", self.data, body)
        self.last = row + 1, column + 1
        if self.data[body + 12 : body + 14] == b"\xff\xff":
            if self.data[body + 6] == 2:
                self.fault(body, self.data[body + 8])
        else:
            self.number(at, body, length)

    def fault(self, body, code):
        row, column = struct.unpack_from("<HH", self.data, body)
        self.sheet["errors"][row + 1, column + 1] = _ERRORS.get(code, "#N/A")

    def number(self, at, body, length):
        if self.sheet is not None and length >= 14:
            row, column, style = struct.unpack_from("<HHH", self.data, body)
            self.figure(row, column, style, struct.unpack_from("<d", self.data, body + 6)[0])

    def rk(self, at, body, length):
        if self.sheet is not None and length >= 10:
            row, column, style, packed = struct.unpack_from("<HHHi", self.data, body)
            self.packed(row, column, style, packed)

    def several_rk(self, at, body, length):
        if self.sheet is not None and length >= 6:
            row, column = struct.unpack_from("<HH", self.data, body)
            for index in range((length - 6) // 6):
                style, packed = struct.unpack_from("<Hi", self.data, body + 4 + 6 * index)
                self.packed(row, column + index, style, packed)

    def packed(self, row, column, style, packed):
        if packed & 1:  # in hundredths, as every figure with one place is
            plain = (
                packed >> 2
                if packed & 2
                else struct.unpack("<d", b"\0\0\0\0" + struct.pack("<i", packed & ~3))[0]
            )
            self.figure(row, column, style, plain / 100)

    def figure(self, row, column, style, value):
        if 1900 < value < 2100 and round(value * 10) % 10 == 1 and abs(value * 10 - round(value * 10)) < 1e-6:
            code = self.formats.get(self.styles[style], "") if style < len(self.styles) else ""
            if _TWO_PLACES.search(code):
                self.sheet["tenths"].add((row + 1, column + 1))

    def strings(self, at, body, length):
        self.segments = [self.data[body : body + length]]

    def more(self, at, body, length):
        if self.segments:
            self.segments.append(self.data[body : body + length])
            if len(self.segments) > MAX_SEGMENTS:
                raise Refused("file_corrupt", "工作簿流不完整")

    def measure_strings(self):
        """Lengths of the shared strings, only where one of them is long."""
        if sum(map(len, self.segments)) > 2000:
            self.lengths = shared_lengths(self.segments)
            if max(self.lengths, default=0) > MAX_TEXT:
                raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")
            if max(self.lengths, default=0) < 1000:
                self.lengths = []
        self.segments = []

    def label(self, at, body, length):
        if self.lengths and length >= 10:
            index = struct.unpack_from("<I", self.data, body + 6)[0]
            self.written += 3 * self.lengths[index] if index < len(self.lengths) else 0
            if self.written > MAX_WRITTEN:
                raise Refused("file_bomb", "同一段长文字被引用太多次")


def shared_lengths(segments):
    """Characters of each shared string; strings run on into the next segment, which begins with a flag of its own."""
    try:
        return list(_shared(segments))
    except (struct.error, IndexError):
        return []


def _shared(segments):
    index, at = 0, 8
    for _ in range(struct.unpack_from("<I", segments[0], 4)[0]):
        if at >= len(segments[index]):
            index, at = index + 1, 0
        length, flags = struct.unpack_from("<HB", segments[index], at)
        at += 3
        runs = extra = 0
        if flags & 8:
            runs = struct.unpack_from("<H", segments[index], at)[0]
            at += 2
        if flags & 4:
            extra = struct.unpack_from("<I", segments[index], at)[0]
            at += 4
        yield length
        width, left = 1 + (flags & 1), length
        while left:
            taken = min(left, (len(segments[index]) - at) // width)
            left, at = left - taken, at + taken * width
            if left:
                index += 1
                width, at = 1 + (segments[index][0] & 1), 1
        skip = 4 * runs + extra
        while skip > len(segments[index]) - at:
            skip -= len(segments[index]) - at
            index, at = index + 1, 0
        at += skip
