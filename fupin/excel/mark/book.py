"""One workbook, marked: its package copied part by part, the sheets that are marked written anew row by row.

`Marks` of a sheet as `fupin.excel.returned` says them. Nothing of a sheet is held but the row in hand, so a book of any
size that may be uploaded comes back as it was.
"""

import posixpath
import re
import zipfile

import archive as archives
import xlsx
from limits import Refused
from looks import Looks
from notes import Notes
from parts import (
    Cells,
    Sheet,
    attribute,
    elements_of,
    escaped,
    letters,
    number_of,
    pieces,
    text_of,
    whole,
    with_attribute,
)

WIDTH = 56
NOTES = 2000
"""Notes on cells; beyond them the column and the colours say the same."""
LEVEL = 4
"""How hard a part is compressed: what is gained above it is not worth the time."""
_MERGE = re.compile(rb"<[\w:]*mergeCell\b[^>]*?/?>")
_STRING_END = re.compile(rb"</(?:[\w.-]+:)?si>|<(?:[\w.-]+:)?si/>")
_AFTER_LEGACY = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst", "",
)  # fmt: skip
_RELATIONS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS = b"http://purl.oclc.org/ooxml/officeDocument/relationships"


def marked(source, said, target):
    """Write the workbook in the open binary file `source` with its marks to `target`. `said` {sheet: marks}. Raises
    Refused where it is none that can be kept."""
    held = archives.opened(source)
    if not xlsx.is_book(held):
        raise Refused("file_type_mismatch", "不是 .xlsx")
    xlsx.check_macros(held)
    archives.count(held)
    Book(held, said).write(target)


class Book:
    def __init__(self, held, said):
        self.held, self.parts = held, xlsx.Parts(held)
        styles = self.parts.of_kind("styles")
        if not styles:
            raise Refused("file_corrupt", "没有样式")
        self.styles, self.looks = styles, Looks(held.read(styles))
        self.strict = b"purl.oclc.org/ooxml" in self.parts.read(self.parts.book)
        self.relations = _STRICT_RELATIONS if self.strict else _RELATIONS
        self.room, self.new, self.dropped = NOTES, {}, set()
        keys = {name: key for name, _, key in self.parts.sheets}
        self.pages = {}
        for name, marks in said.items():
            part = self.parts.of_sheet(keys.get(name, ""))
            if not part:
                raise Refused("file_corrupt", "找不到工作表")
            self.pages[part] = Page(self, part, marks, len(self.pages) + 1)
        if any(page.replaces_formula for page in self.pages.values()):
            self._forget_calculation()

    def write(self, target):
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as new:
            for entry in self.held.infolist():
                name = entry.filename
                if entry.is_dir() or name in self.dropped or name == self.styles:
                    continue
                made = zipfile.ZipInfo(name, entry.date_time)
                made.compress_type, made.file_size = zipfile.ZIP_DEFLATED, entry.file_size
                with new.open(made, "w") as part:
                    for piece in self._pieces(name):
                        part.write(piece)
            for name, data in self.new.items():
                if name not in self.held.NameToInfo:
                    new.writestr(name, whole(data))
            new.writestr(self.styles, whole(self.looks.written()))

    def _pieces(self, name):
        if name in self.pages:
            return self.pages[name].pieces()
        if name in self.new:
            return [whole(self.new[name])]
        return pieces(self.held, name)

    # Parts that follow from others

    def part(self, name):
        return (
            self.new[name]
            if name in self.new
            else self.held.read(name)
            if name in self.held.NameToInfo
            else b""
        )

    def declare(self, part, kind):
        """Tell the content types of a new part."""
        types = self.parts.real("[Content_Types].xml")
        data = self.part(types)
        prefix = re.search(rb"<((?:[\w.-]+:)?)Types\b", data)[1]
        if part.endswith(".vml"):
            if not re.search(rb"""Extension=["']vml["']""", data, re.IGNORECASE):
                data = self._before_end(
                    data, b"Types", b'<%sDefault Extension="vml" ContentType="%s"/>' % (prefix, kind)
                )
        else:
            said = b'<%sOverride PartName="/%s" ContentType="%s"/>' % (prefix, part.encode(), kind)
            data = self._before_end(data, b"Types", said)
        self.new[types] = data

    @staticmethod
    def _before_end(data, name, said):
        end = re.search(rb"</(?:[\w.-]+:)?" + name + rb">\s*$", data)
        if end is None:  # an empty list that closes itself
            return re.sub(rb"/>\s*$", b">" + said + b"</" + name + b">", data)
        return data[: end.start()] + said + data[end.start() :]

    def relate(self, part, kind, target):
        """Relate a part to another one; the new relation's id."""
        folder, _, name = part.rpartition("/")
        rels = self.parts.real(f"{folder}/_rels/{name}.rels") or f"{folder}/_rels/{name}.rels"
        data = self.part(rels) or (
            b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships '
            b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        )
        key, n = "fupin1", 1
        while key.encode() in data:
            n += 1
            key = f"fupin{n}"
        prefix = re.search(rb"<((?:[\w.-]+:)?)Relationships\b", data)[1]
        said = b'<%sRelationship Id="%s" Type="%s/%s" Target="/%s"/>' % (prefix, key.encode(), self.relations, kind.encode(), target.encode())  # fmt: skip
        self.new[rels] = self._before_end(data, b"Relationships", said)
        return key

    def related(self, part):
        """`{last word of the type: (relation id, part)}` of what a sheet is related to."""
        folder, _, name = part.rpartition("/")
        rels = self.parts.real(f"{folder}/_rels/{name}.rels")
        found = {}
        for tag, attributes in elements_of(self.held.read(rels)) if rels else ():
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[kind] = (attributes.get("Id", ""), self.parts.real(target))
        return found

    def _forget_calculation(self):
        """The order of calculation names a cell that has no formula any more: Excel makes it anew."""
        chain = self.parts.of_kind("calcChain")
        if not chain:
            return
        self.dropped.add(chain)
        types = self.parts.real("[Content_Types].xml")
        name = re.escape(chain.encode())
        self.new[types] = re.sub(rb"<[^<>]*PartName=[\"']/?" + name + rb"[\"'][^<>]*>", b"", self.part(types))
        folder, _, book = self.parts.book.rpartition("/")
        rels = self.parts.real(f"{folder}/_rels/{book}.rels")
        self.new[rels] = re.sub(rb"<[^<>]*/calcChain[\"'][^<>]*>", b"", self.part(rels))


class Page:
    """One sheet and its marks. Looked through once before it is written: where our column goes, what is merged."""

    def __init__(self, book, part, marks, number):
        self.book, self.looks, self.part, self.number = book, book.looks, part, number
        self.sheet = Sheet(book.held, part)
        self.label = marks["label"]
        self.first = min(marks["heads"], default=1)
        self.column, self.ours, filled, formulas = self._look({row for row, *_ in marks["values"]})
        self.before, self.after = self.sheet.children()
        self.corner, widest = self._merged(self.first)
        self.at = self.column or max(filled, widest) + 1
        self.work, self.replaces_formula = self._work(marks), False
        self._notes(marks)
        for row in {row for row, *_ in marks["values"]}:
            self.work[row]["put"] = {}
        for row, column, text in marks["values"]:
            self.work[row]["put"][self._corner(row, column)] = text
        if formulas or self.corner:
            self._formulas()

    # Before it is written

    def _merged(self, first):
        corner, widest = {}, 0
        for tag in _MERGE.findall(self.sheet.tail):
            ref = (attribute(tag, b"ref") or b"").decode()
            found = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", ref)
            if not found:
                continue
            left, top, right, bottom = number_of(found[1]), int(found[2]), number_of(found[3]), int(found[4])
            if bottom >= first:
                widest = max(widest, right)
            if (bottom - top + 1) * (right - left + 1) > 100_000:
                continue
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    corner[row, column] = (top, left)
        return corner, widest

    def _corner(self, row, column):
        return self.corner.get((row, column), (row, column))[1]

    def _look(self, corrected):
        """`(column with our label or None, whether cells of an earlier round are coloured, last column with something,
        whether a row with a corrected cell has formulas)`."""
        shared = self._shared_label()
        column, ours, filled, formulas = None, False, 0, False
        styles = re.compile(rb"""\bs=["'](?:%s)["']""" % b"|".join(b"%d" % at for at in sorted(self.looks.ours))) if self.looks.ours else None  # fmt: skip
        value = inline = formula = b""
        seen = 0
        for kind, *data in self.sheet.walk():
            if kind != "row":
                p = b"<" + self.sheet.prefix
                value, inline, formula, cell = p + b"v", p + b"is", p + b"f", p + b"c "
                continue
            row, xml = data
            formulas = formulas or row in corrected and formula in xml
            ours = ours or bool(styles and styles.search(xml))
            if row < self.first:
                continue
            if column is None and seen < 60:
                seen += 1
                column = self._labelled(xml, shared)
            last = max(xml.rfind(value), xml.rfind(inline))
            if last >= 0:
                begin = xml.rfind(cell, 0, last)
                place = attribute(xml[begin : xml.find(b">", begin) + 1], b"r") if begin >= 0 else None
                filled = max(
                    filled,
                    number_of(place.rstrip(b"0123456789").decode())
                    if place
                    else max(Cells(xml, self.sheet).cells, default=0),
                )
        return column, ours, filled, formulas

    def _labelled(self, xml, shared):
        for column, (tag, body) in Cells(xml, self.sheet).cells.items():
            if body is None:
                continue
            if attribute(tag, b"t") == b"s" and shared is not None:
                value = re.search(rb">\s*(\d+)\s*<", body)
                if value and int(value[1]) == shared:
                    return column
            elif text_of(body) == self.label:
                return column
        return None

    def _shared_label(self):
        """The number of our label among the shared strings, None where it is none of them."""
        part = self.book.parts.of_kind("sharedStrings")
        if not part:
            return None
        plain, rest, count = escaped(self.label), b"", 0
        for piece in pieces(self.book.held, part):
            *whole, rest = _STRING_END.split(rest + piece)
            for one in whole:
                if (plain in one or b"&#" in one) and text_of(one) == self.label:
                    return count
                count += 1
        return None

    def _work(self, marks):
        """`{row: {"dress": {column: kind}, "told": (kind, text), "head": True}}` of the rows that are written anew."""
        work = {}
        for row, column, kind, _ in sorted(marks["cells"], key=lambda mark: mark[2] == "error"):
            top, left = self.corner.get((row, column), (row, column))
            work.setdefault(top, {}).setdefault("dress", {})[left] = kind
        for row, column, _ in marks["values"]:
            top, left = self.corner.get((row, column), (row, column))
            work.setdefault(top, {}).setdefault("dress", {}).setdefault(left, "fixed")
            work.setdefault(row, {})
        for row, told in marks["rows"].items():
            work.setdefault(int(row), {})["told"] = told
        for row in marks["heads"] or [self.first]:
            work.setdefault(row, {})["head"] = True
        return work

    def _notes(self, marks):
        """Work out the notes, so that the parts which follow from them are known before anything is written."""
        related = self.book.related(self.part)
        comments, boxes = related.get("comments", ("", ""))[1], related.get("vmlDrawing", ("", ""))[1]
        self.legacy = None
        if bool(comments) != bool(boxes):
            return
        held = [self.book.part(part) if part else b"" for part in (comments, boxes)]
        notes = Notes(*held, strict=self.book.strict)
        if marks["notes"]:
            for row in marks["heads"] or [self.first]:
                notes.add(row, self.at, "\n".join(marks["notes"]))
        for row, column, _, text in sorted(marks["cells"], key=lambda mark: mark[2] == "error"):
            if self.book.room <= 0:
                break
            self.book.room -= notes.add(*self.corner.get((row, column), (row, column)), text)
        if not notes.changed:
            return
        if not comments:
            folder = self.part.rpartition("/")[0]
            comments, boxes = f"xl/commentsFupin{self.number}.xml", f"{folder}/vmlFupin{self.number}.vml"
            self.book.declare(
                comments, b"application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
            )
            self.book.declare(boxes, b"application/vnd.openxmlformats-officedocument.vmlDrawing")
            self.book.relate(self.part, "comments", comments)
            self.legacy = self.book.relate(self.part, "vmlDrawing", boxes)
        self.book.new[comments], self.book.new[boxes] = notes.written()

    def _formulas(self):
        """Whether a corrected cell held a formula. Refused where others are told by it."""
        wanted = {row for row, job in self.work.items() if job.get("put")}
        if not wanted:
            return
        for kind, *data in self.sheet.walk():
            if kind == "row" and data[0] in wanted:
                cells = Cells(data[1], self.sheet)
                for column in self.work[data[0]]["put"]:
                    if cells.leads(column):
                        raise Refused("file_corrupt", "更正的格是一组公式的头")
                    self.replaces_formula = self.replaces_formula or cells.has_formula(column)

    # Written

    def pieces(self):
        left = dict(self.work)
        for kind, *data in self.sheet.walk():
            if kind == "head":
                head, tail = self._head(data[0]), self._tail(self.sheet.tail)
                whole(head + tail)
                yield head
            elif kind == "tail":
                yield tail
            else:
                row, xml = data
                job = left.pop(row, None)
                if job is not None or self._dirty(row, xml):
                    xml = whole(self._row(row, xml, job or {}))
                yield xml

    def _dirty(self, row, xml):
        """Whether an earlier round left something in a row that has nothing now."""
        if self.ours:
            return True
        return (
            bool(self.column)
            and row >= self.first
            and b'"%s%d"' % (letters(self.column).encode(), row) in xml
        )

    def _row(self, row, xml, job):
        cells = Cells(xml, self.sheet)
        if self.ours:
            for column in list(cells.cells):
                if (style := cells.style(column)) in self.looks.ours:
                    cells.dress(column, self.looks.plain(style))
        if self.column and row >= self.first:
            cells.cells.pop(self.column, None)
        for column, text in job.get("put", {}).items():
            cells.put(column, row, text, self._style(cells, column))
        for column, kind in job.get("dress", {}).items():
            cells.at(column, row, self._style(cells, column))
            text = job.get("put", {}).get(column, "")[:1] in ("=", "+", "-", "@") and column in job.get(
                "put", {}
            )
            cells.dress(
                column, self.looks.of(cells.style(column), kind, bool(text) and kind_is_text(cells, column))
            )
        if job.get("head"):
            style = cells.style(self._corner(row, self.at - 1)) if self.at > 1 else 0
            cells.put(self.at, row, self.label, 0)
            cells.dress(self.at, style)
        elif "told" in job:
            kind, text = job["told"]
            cells.put(self.at, row, text[:32_000], 0)
            cells.dress(self.at, self.looks.told(kind))
        return cells.written(row)

    def _style(self, cells, column):
        """The style that a cell has which is not there: the row's, else the column's."""
        own = attribute(cells.tag, b"s") if attribute(cells.tag, b"customFormat") in (b"1", b"true") else None
        if own is not None:
            return int(own)
        for low, high, style in self._column_styles():
            if low <= column <= high:
                return style
        return 0

    def _column_styles(self):
        if not hasattr(self, "_styled"):
            self._styled = [
                (int(attribute(tag, b"min")), int(attribute(tag, b"max")), int(attribute(tag, b"style") or 0))
                for tag in self._cols()[1]
            ]
        return self._styled

    def _cols(self):
        """`(span of the list in the head, its tags)`."""
        at = next((at for name, at in self.before if name == "cols"), None)
        if at is None:
            return None, []
        end = self.sheet.head.find(b"</" + self.sheet.prefix + b"cols>", at)
        inside = self.sheet.head[at:end]
        tags = re.findall(rb"<" + self.sheet.prefix + rb"col\b[^>]*?/?>", inside)
        return (at, end), tags

    def _head(self, head):
        """The head with our column's width, and the size of the sheet."""
        p, at = self.sheet.prefix, self.at
        own = b'<%scol min="%d" max="%d" width="%d" customWidth="1"/>' % (p, at, at, WIDTH)
        span, tags = self._cols()
        if span is None:
            place = next(at for name, at in self.before if name == "sheetData")
            head = head[:place] + b"<%scols>%s</%scols>" % (p, own, p) + head[place:]
        else:
            kept = []
            for tag in tags:
                low, high = int(attribute(tag, b"min")), int(attribute(tag, b"max"))
                for start, end in ((low, min(high, at - 1)), (max(low, at + 1), high)):
                    if start <= end:
                        kept.append((start, with_attribute(with_attribute(tag, b"min", b"%d" % start), b"max", b"%d" % end)))  # fmt: skip
            whole = b"".join(tag for _, tag in sorted([*kept, (at, own)]))
            opening = head[span[0] : head.find(b">", span[0]) + 1]
            head = head[: span[0]] + opening + whole + head[span[1] :]
        found = re.search(
            rb"(<" + p + rb"""dimension\b[^>]*\bref=["'])([A-Z]+\d+)(?::([A-Z]+)(\d+))?(["'])""", head
        )
        if found:
            right = max(number_of((found[3] or b"A").decode()), at)
            bottom = int(found[4] or re.sub(rb"\D", b"", found[2]))
            ref = b"A1:%s%d" % (letters(right).encode(), bottom)
            head = head[: found.start()] + found[1] + ref + found[5] + head[found.end() :]
        return head

    def _tail(self, tail):
        if self.legacy is None or any(name == "legacyDrawing" for name, _ in self.after):
            return tail
        place = next(at for name, at in self.after if name in _AFTER_LEGACY)
        said = b'<%slegacyDrawing xmlns:fr="%s" fr:id="%s"/>' % (
            self.sheet.prefix,
            self.book.relations,
            self.legacy.encode(),
        )
        return tail[:place] + said + tail[place:]


def kind_is_text(cells, column):
    return attribute(cells.cells[column][0], b"t") == b"inlineStr"
