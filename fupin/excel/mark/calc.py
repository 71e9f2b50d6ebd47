"""An .ods, marked: its package copied part by part, marks written into content.xml where the cells stand.

The whole content is held as a tree; one that is too big for the limits of this process comes back plain.
"""

import copy
import io
import re
import zipfile
from xml.etree import ElementTree

import archive as archives
from limits import Refused
from looks import COLOURS, FONTS

WIDTH = "9cm"
NOTES = 2000
_SPACE = re.compile(rb'\sxmlns:([\w.-]+)="([^"]+)"')
_URN = "urn:oasis:names:tc:opendocument:xmlns:"
TABLE, OFFICE, TEXT, STYLE, FO = (
    f"{{{_URN}{name}:1.0}}" for name in ("table", "office", "text", "style", "xsl-fo-compatible")
)
_VALUES = re.compile(r"value|formula|string-value|currency|date-value|time-value|matrix")


def marked(source, said, target):
    """Write the workbook in the open binary file `source` with its marks to `target`. `said` {sheet: marks}."""
    held = archives.opened(source)
    archives.count(held)
    if "content.xml" not in held.namelist():
        raise Refused("file_type_mismatch", "不是 .ods")
    content = _Content(held.read("content.xml"))
    for sheet, marks in said.items():
        content.mark(sheet, marks)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as new:
        for entry in held.infolist():
            data = content.written() if entry.filename == "content.xml" else held.read(entry)
            packing = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(entry.filename, entry.date_time), data, packing)


class _Content:
    def __init__(self, data):
        self.spaces = {prefix.decode(): urn.decode() for prefix, urn in _SPACE.findall(data[: data.find(b">", data.find(b"document-content")) + 1])}  # fmt: skip
        for prefix, urn in self.spaces.items():
            ElementTree.register_namespace(prefix, urn)
        self.root = ElementTree.fromstring(data)  # noqa: S314 - one with a DTD was refused when it was read
        self.styles = self.root.find(f"{OFFICE}automatic-styles")
        if self.styles is None:
            self.styles = ElementTree.Element(f"{OFFICE}automatic-styles")
            self.root.insert(0, self.styles)
        self.named = {style.get(f"{STYLE}name"): style for style in self.styles if style.get(f"{STYLE}family") == "table-cell"}  # fmt: skip
        self.made, self.noted = {}, 0

    def written(self):
        """The part again, with every prefix declared that it had: formulas name some that no tag does."""
        stream = io.BytesIO()
        ElementTree.ElementTree(self.root).write(stream, "UTF-8", xml_declaration=True)
        data = stream.getvalue()
        at = data.find(b">", data.find(b"document-content"))
        held = {prefix for prefix, _ in _SPACE.findall(data[:at])}
        more = "".join(f' xmlns:{prefix}="{urn}"' for prefix, urn in self.spaces.items() if prefix.encode() not in held)  # fmt: skip
        return data[:at] + more.encode() + data[at:]

    def mark(self, name, marks):
        table = next(
            (one for one in self.root.iter(f"{TABLE}table") if one.get(f"{TABLE}name") == name), None
        )
        if table is None:
            raise Refused("file_corrupt", "没有这张表")
        sheet = _Sheet(table)
        heads = set(marks["heads"])
        width = sheet.width(min(heads, default=1))
        told = {int(row): line for row, line in marks["rows"].items()}
        kinds = {(row, column): kind for row, column, kind, _ in sorted(marks["cells"], key=lambda one: one[2] == "error")}  # fmt: skip
        values = {(row, column): text for row, column, text in marks["values"]}
        notes = {}
        for row, column, _, sentence in marks["cells"]:
            notes.setdefault((row, column), []).append(sentence)
        work = {}
        for place in {*kinds, *values}:
            work.setdefault(place[0], set()).add(place[1])
        for row in sorted({*work, *told, *heads}):
            element = sheet.row(row)
            for column in sorted(work.get(row, ())):
                cell = sheet.cell(element, column)
                if (row, column) in values:
                    _put(cell, values[row, column])
                self._dress(cell, kinds.get((row, column), "fixed"), sheet, element, column)
                if (row, column) in notes and self.noted < NOTES:
                    self.noted += 1
                    _note(cell, notes[row, column])
            if row in heads or row in told:
                cell = sheet.cell(element, width + 1)
                severity, line = ("", marks["label"]) if row in heads else told[row]
                _put(cell, line)
                cell.set(f"{TABLE}style-name", self._told(severity))
                if row in heads and marks["notes"]:
                    _note(cell, marks["notes"])
        sheet.widen(width, self._wide())

    def _dress(self, cell, kind, sheet, row, column):
        own = (
            cell.get(f"{TABLE}style-name")
            or row.get(f"{TABLE}default-cell-style-name")
            or sheet.default(column)
        )
        if (own, kind) not in self.made:
            held = self.named.get(own)
            made = copy.deepcopy(held) if held is not None else self._new(own)
            look = made.find(f"{STYLE}table-cell-properties")
            if look is None:
                look = ElementTree.Element(f"{STYLE}table-cell-properties")
                made.insert(0, look)
            look.set(f"{FO}background-color", f"#{COLOURS[kind].decode()[-6:]}")
            self._add((own, kind), made)
        cell.set(f"{TABLE}style-name", self.made[own, kind])

    def _new(self, parent=""):
        return ElementTree.Element(
            f"{STYLE}style",
            {f"{STYLE}family": "table-cell", f"{STYLE}parent-style-name": parent or "Default"},
        )

    def _add(self, key, made):
        name = f"fupin{len(self.made) + 1}"
        made.set(f"{STYLE}name", name)
        self.styles.append(made)
        self.made[key] = name

    def _told(self, severity):
        if severity not in self.made:
            made = self._new()
            ElementTree.SubElement(
                made,
                f"{STYLE}table-cell-properties",
                {f"{FO}wrap-option": "wrap", f"{STYLE}vertical-align": "top"},
            )
            look = (
                {f"{FO}color": f"#{FONTS[severity].decode()[-6:]}"}
                if severity
                else {f"{FO}font-weight": "bold"}
            )
            ElementTree.SubElement(made, f"{STYLE}text-properties", look)
            self._add(severity, made)
        return self.made[severity]

    def _wide(self):
        if "column" not in self.made:
            made = ElementTree.Element(f"{STYLE}style", {f"{STYLE}family": "table-column"})
            ElementTree.SubElement(made, f"{STYLE}table-column-properties", {f"{STYLE}column-width": WIDTH})
            self._add("column", made)
        return self.made["column"]


class _Sheet:
    """The rows and cells of a table by number, from 1; what stands for several is parted where one of them is meant."""

    def __init__(self, table):
        self.table = table
        self.parents = {
            child: parent for parent in table.iter() for child in parent if child.tag == f"{TABLE}table-row"
        }
        self.rows, self.starts, at = [], [], 1
        for row in self.parents:
            self.rows.append(row)
            self.starts.append(at)
            at += _times(row, "rows")
        self.end = at

    def row(self, number):
        """The element of a row alone."""
        at = next(
            (
                i
                for i in range(self._near(number), len(self.rows))
                if self.starts[i] + _times(self.rows[i], "rows") > number
            ),
            None,
        )
        if at is None:
            raise Refused("file_corrupt", "没有这一行")
        row, start, times = self.rows[at], self.starts[at], _times(self.rows[at], "rows")
        if times == 1:
            return row
        pieces = [(number - start, start), (1, number), (start + times - number - 1, number + 1)]
        made = [(_repeated(copy.deepcopy(row), "rows", count), first) for count, first in pieces if count]
        parent = self.parents[row]
        place = list(parent).index(row)
        parent.remove(row)
        for offset, (element, _) in enumerate(made):
            parent.insert(place + offset, element)
            self.parents[element] = parent
        self.rows[at : at + 1] = [element for element, _ in made]
        self.starts[at : at + 1] = [first for _, first in made]
        return next(element for element, first in made if first == number)

    def _near(self, number):
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= number else (low, middle)
        return low

    def width(self, first):
        """The last column that holds anything from row `first` on."""
        widest = 0
        for row, start in zip(self.rows, self.starts):
            if start + _times(row, "rows") <= first:
                continue
            at = 0
            for cell in row:
                if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                    continue
                times = _times(cell, "columns")
                if len(cell) or cell.get(f"{OFFICE}value-type") or cell.tag.endswith("covered-table-cell"):
                    widest = max(widest, at + times)
                at += times
        return widest

    def cell(self, row, column):
        """The element of a cell alone; made where the row ends before it."""
        at = 1
        for cell in list(row):
            if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            times = _times(cell, "columns")
            if at + times > column:
                if times == 1:
                    return cell
                place = list(row).index(cell)
                row.remove(cell)
                for count in (at + times - column - 1, 1, column - at):
                    if count:
                        row.insert(place, _repeated(copy.deepcopy(cell), "columns", count))
                return row[place + (1 if column > at else 0)]
            at += times
        if column > at:
            row.append(_repeated(ElementTree.Element(f"{TABLE}table-cell"), "columns", column - at))
        return ElementTree.SubElement(row, f"{TABLE}table-cell")

    def _columns(self):
        parents = {
            child: parent
            for parent in self.table.iter()
            for child in parent
            if child.tag == f"{TABLE}table-column"
        }
        return list(parents.items())

    def default(self, column):
        """The style of the cells of a column that have none of their own."""
        at = 1
        for element, _ in self._columns():
            at += _times(element, "columns")
            if at > column:
                return element.get(f"{TABLE}default-cell-style-name") or ""
        return ""

    def widen(self, width, style):
        at = 1
        for element, parent in self._columns():
            times = _times(element, "columns")
            if at + times > width + 1:
                place = list(parent).index(element)
                parent.remove(element)
                for count, mine in ((at + times - width - 2, False), (1, True), (width + 1 - at, False)):
                    if count:
                        made = _repeated(copy.deepcopy(element), "columns", count)
                        if mine:
                            made.set(f"{TABLE}style-name", style)
                        parent.insert(place, made)
                return
            at += times


def _times(element, kind):
    said = element.get(f"{TABLE}number-{kind}-repeated", "1")
    return int(said) if said.isdigit() else 1


def _repeated(element, kind, count):
    name = f"{TABLE}number-{kind}-repeated"
    if count > 1:
        element.set(name, str(count))
    else:
        element.attrib.pop(name, None)
    return element


def _put(cell, text):
    """Make a cell one of text."""
    for name in [name for name in cell.attrib if _VALUES.search(name.rpartition("}")[2])]:
        del cell.attrib[name]
    for child in list(cell):
        cell.remove(child)
    cell.set(f"{OFFICE}value-type", "string")
    for line in text.split("\n"):
        ElementTree.SubElement(cell, f"{TEXT}p").text = _clean(line)


def _note(cell, lines):
    note = ElementTree.Element(f"{OFFICE}annotation")
    for line in lines:
        ElementTree.SubElement(note, f"{TEXT}p").text = _clean(line)
    old = cell.find(f"{OFFICE}annotation")
    if old is not None:
        note.extend(child for child in old if child.tag == f"{TEXT}p")
        cell.remove(old)
    cell.insert(0, note)


def _clean(text):
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text)
