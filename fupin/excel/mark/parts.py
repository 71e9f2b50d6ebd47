"""A workbook's parts while it is marked: sheets cut into rows as they are inflated, styles, and what is written anew.

The XML is changed in place: what is not touched is copied as it stands, so charts, pictures, validations, conditional
formats and whatever else a book holds are kept. Tags may carry a prefix; row numbers and cell references may be
missing, then the next one is meant. Rows and columns are counted from 1.
"""

import html
import re
from functools import lru_cache
from xml.parsers import expat

from limits import CHUNK, MIB, Refused

LONGEST_ROW = 8 * MIB
_NAME = rb"[A-Za-z_][\w.-]*"
_ROOT = re.compile(rb"<((?:" + _NAME + rb":)?)worksheet\b")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_REF = re.compile(rb"""\sr=["']([A-Z]+)\d+["']""")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def letters(column):
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def number_of(word):
    found = 0
    for letter in word.upper():
        found = found * 26 + ord(letter) - 64
    return found


def escaped(text):
    """Text as it stands in a part; what XML cannot hold is left out."""
    text = _ESCAPE.sub("_x005F_", _CONTROLS.sub("", text))
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").encode()
    )


_TEXTS = re.compile(rb"<(?:[\w.-]+:)?t\b[^>]*>([^<]*)<")


def text_of(xml):
    """The text in a string of a cell."""
    return html.unescape(b"".join(_TEXTS.findall(xml)).decode("utf-8", "replace"))


@lru_cache
def _attribute(name):
    return re.compile(rb"[\s\"']" + name + rb"""\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@lru_cache
def _held(name):
    return re.compile(rb"\s" + name + rb"""\s*=\s*(?:"[^"]*"|'[^']*')""")


def attribute(tag, name):
    """The value of an attribute in a start tag, None where it has none."""
    found = _attribute(name).search(tag)
    return None if found is None else found[1] if found[1] is not None else found[2]


def with_attribute(tag, name, value):
    """A start tag with the attribute set; `tag` ends with > or />. None takes it away."""
    said = b"" if value is None else b' %s="%s"' % (name, value)
    tag = _held(name).sub(b"", tag)
    end = -2 if tag.endswith(b"/>") else -1
    return tag[:end].rstrip() + said + tag[end:]


def pieces(archive, part):
    with archive.open(part) as stream:
        while piece := stream.read(CHUNK):
            yield piece


def whole(data):
    """XML that was written anew, as it is. Raises ExpatError where it is none: better a plain book than a broken one."""
    expat.ParserCreate().Parse(data, True)
    return data


def elements_of(data):
    """`(local name, attributes)` of every start tag."""
    found = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parser.Parse(data, True)
    return found


class Sheet:
    """The XML of one sheet, read in pieces as often as asked: `head` up to the rows, rows, `tail` from </sheetData>."""

    def __init__(self, archive, part):
        self.archive, self.part = archive, part
        self.prefix = self.head = self.tail = b""
        """Known once it was walked through."""

    def walk(self):
        """`("head", bytes)`, then `("row", number, bytes)` for each row, then `("tail", bytes)`."""
        source = pieces(self.archive, self.part)
        data = next(source, b"")
        while b"sheetData" not in data:
            more = next(source, None)
            if more is None or len(data) > LONGEST_ROW:
                raise Refused("file_corrupt", "没有 sheetData")
            data += more
        root = _ROOT.search(data)
        if root is None or data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:64]:
            raise Refused("file_corrupt", "不是 UTF-8")
        self.prefix = root[1]
        opening, self.row, self.close = (
            b"<" + self.prefix + b"sheetData", b"<" + self.prefix + b"row", b"</" + self.prefix + b"row>"
        )  # fmt: skip
        at = data.find(opening)
        while (end := data.find(b">", at)) < 0:
            data += next(source)
        if at < 0 or data[end - 1 : end] == b"/":
            raise Refused("file_corrupt", "表里没有行")
        self.head = data[: end + 1]
        yield "head", self.head
        yield from self._rows(data[end + 1 :], source)

    def _rows(self, data, source):
        closing, number, at, ended = b"</" + self.prefix + b"sheetData", 0, 0, False
        while True:
            begin = data.find(b"<", at)
            found = self._row_at(data, begin) if begin >= 0 else None
            if found:
                number = int(found[1][1]) if found[1] else number + 1
                yield "row", number, data[begin : found[0]]
                at = found[0]
                continue
            if begin >= 0 and data.startswith(closing, begin):
                break
            if begin >= 0 and not ended and data.startswith((b"<!--", b"<![CDATA"), begin):
                raise Refused("file_corrupt", "行之间有注释")
            more = next(source, None)
            if more is None:
                raise Refused("file_corrupt", "表没有写完")
            data, at = data[at:] + more, 0
            if len(data) > LONGEST_ROW + 2 * CHUNK:
                raise Refused("file_corrupt", "有一行太长")
        self.tail = data[begin:] + b"".join(source)
        yield "tail", self.tail

    def _row_at(self, data, begin):
        """`(end, match of the number or None)` of the row that begins there, None where it is not whole or none."""
        if not data.startswith(self.row, begin):
            return None
        end = data.find(b">", begin)
        if end < 0:
            return None
        tag = data[begin : end + 1]
        if not tag.endswith(b"/>"):
            last = data.find(self.close, end)
            if last < 0:
                return None
            end = last + len(self.close) - 1
        return end + 1, _NUMBER.search(tag)

    def children(self):
        """`[(name, offset in the head, or in the tail)]` of what stands beside the rows, in order; and which is which:
        `(in the head, in the tail)`."""
        whole = self.head + self.tail
        found, depth = [], 0
        parser = expat.ParserCreate()

        def start(tag, attributes):
            nonlocal depth
            if depth == 1:
                found.append((tag.rpartition(":")[2], parser.CurrentByteIndex))
            depth += 1

        def end(tag):
            nonlocal depth
            depth -= 1
            if depth == 0:
                found.append(("", parser.CurrentByteIndex))

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.Parse(whole, True)
        size = len(self.head)
        before = [(name, at) for name, at in found if at < size]
        return before, [(name, at - size) for name, at in found if at >= size]


class Cells:
    """The cells of one row, to be changed: `{column: [start tag, inside]}`, the inside None where there is none."""

    def __init__(self, data, sheet):
        self.prefix = sheet.prefix
        end = data.find(b">")
        self.tag = data[: end + 1]
        self.empty = self.tag.endswith(b"/>")
        inside = b"" if self.empty else data[end + 1 : -len(sheet.close)]
        self.cells, column = {}, 0
        self.unnamed = False
        for tag, body in _cells(self.prefix).findall(inside):
            place = _REF.search(tag)
            self.unnamed = self.unnamed or place is None
            column = _column(place[1]) if place else column + 1
            self.cells[column] = [tag + b"/>", None] if body == b"" else [tag + b">", body]

    def style(self, column):
        cell = self.cells.get(column)
        return int((cell and attribute(cell[0], b"s")) or 0)

    def at(self, column, row, style):
        """The cell of a column, made with this style where there is none."""
        if column not in self.cells:
            tag = b'<%sc r="%s%d"/>' % (self.prefix, letters(column).encode(), row)
            self.cells[column] = [with_attribute(tag, b"s", b"%d" % style) if style else tag, None]
        return self.cells[column]

    def put(self, column, row, text, style):
        """Write text, or a plain figure where a figure stood."""
        tag, body = self.at(column, row, style)
        plain = _PLAIN_NUMBER.fullmatch(text) and body is not None and b"<v" in body.replace(self.prefix, b"")
        if plain and attribute(tag, b"t") in (None, b"n") and not _has_formula(body, self.prefix):
            body = b"<%sv>%s</%sv>" % (self.prefix, text.encode(), self.prefix)
            self.cells[column] = [_opened(with_attribute(tag, b"t", None)), body]
            return
        if not text:
            self.cells[column] = [_closed(with_attribute(tag, b"t", None)), None]
            return
        body = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (
            self.prefix, self.prefix, escaped(text), self.prefix, self.prefix,
        )  # fmt: skip
        self.cells[column] = [_opened(with_attribute(tag, b"t", b"inlineStr")), body]

    def dress(self, column, style):
        tag, body = self.cells[column]
        self.cells[column] = [with_attribute(tag, b"s", b"%d" % style), body]

    def has_formula(self, column):
        cell = self.cells.get(column)
        return bool(cell and cell[1] and _has_formula(cell[1], self.prefix))

    def leads(self, column):
        """Whether other cells take their formula from this one."""
        cell = self.cells.get(column)
        return bool(cell and cell[1] and re.search(rb"<[\w:]*f\b[^>]*\bref=", cell[1]))

    def written(self, row):
        """The row's XML."""
        tag = _opened(with_attribute(self.tag, b"spans", None))
        whole = [tag]
        for column, (cell, body) in sorted(self.cells.items()):
            if self.unnamed and attribute(cell, b"r") is None:
                cell = with_attribute(cell, b"r", letters(column).encode() + b"%d" % row)
            whole.append(cell if body is None else cell + body + b"</" + self.prefix + b"c>")
        return b"".join(whole) + b"</" + self.prefix + b"row>"


_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,10})(?:\.\d{1,6})?")


@lru_cache
def _cells(prefix):
    """Matches each cell of a row: its start tag without the end, its inside (None where it closes itself)."""
    p = re.escape(prefix)
    return re.compile(rb"(<" + p + rb"c(?=[\s/>])[^>]*?)(?:/>|>(.*?)</" + p + rb"c>)", re.DOTALL)


@lru_cache(maxsize=2048)
def _column(word):
    return number_of(word.decode())


def _has_formula(body, prefix):
    return b"<" + prefix + b"f" in body


def _opened(tag):
    return tag[:-2].rstrip() + b">" if tag.endswith(b"/>") else tag


def _closed(tag):
    return tag if tag.endswith(b"/>") else tag[:-1] + b"/>"
