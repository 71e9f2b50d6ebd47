"""One sheet of a form while it is filled: its cells, and rows put into it the way Excel does it.

What stands below moves down, ranges over the rows grow, and all that names a cell follows (`rows` says how).
"""

import re
from bisect import bisect_left
from copy import deepcopy
from datetime import date

import rows
from lxml import etree
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_GROWING = {"dataValidation", "conditionalFormatting", "ignoredError", "protectedRange"}
"""What is for places that take new rows in even where it is for one cell."""
_EPOCHS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
_FORMULAS = {"f", "formula", "formula1", "formula2"}


def local(element):
    return etree.QName(element).localname


class Row:
    def __init__(self, element, cells):
        self.element, self.cells = element, cells
        """`cells` {column: element}."""

    def number(self, row):
        self.element.set("r", str(row))
        for column, cell in self.cells.items():
            cell.set("r", f"{get_column_letter(column)}{row}")


class Page:
    def __init__(self, book, name, root):
        self.book, self.name, self.root = book, name, root
        self.space = f"{{{etree.QName(root).namespace}}}"
        self.data = root.find(f"{self.space}sheetData")
        self.rows = self._rows() if self.data is not None else {}
        self._unshare()

    def _rows(self):
        """`{number: Row}` in order. Numbers and names that a writer left out are put in."""
        found, number = {}, 0
        for element in self.data.iterchildren(f"{self.space}row"):
            number = int(element.get("r") or number + 1)
            cells, column = {}, 0
            for cell in element.iterchildren(f"{self.space}c"):
                place = cell.get("r")
                column = column_index_from_string(place.rstrip("0123456789")) if place else column + 1
                cells[column] = cell
            found[number] = Row(element, cells)
            found[number].number(number)
        if list(found) != sorted(found):
            found = dict(sorted(found.items()))
            self.data[:] = [row.element for row in found.values()]
        return found

    def _formulas(self):
        """`(cell, its formula's element)`."""
        for row in self.rows.values():
            for cell in row.cells.values():
                said = cell.find(f"{self.space}f")
                if said is not None:
                    yield cell, said

    def _unshare(self):
        """Give every cell its own formula: those that share one would lose it with the cell that leads them."""
        leads = {}
        for cell, said in self._formulas():
            if said.get("t") == "shared":
                key = said.get("si")
                if said.text:
                    leads[key] = Translator(f"={said.text}", cell.get("r"))
                elif key in leads:
                    said.text = leads[key].translate_formula(cell.get("r"))[1:]
                for name in ("t", "si", "ref"):
                    said.attrib.pop(name, None)

    def forget_values(self):
        for cell, _ in self._formulas():
            for one in cell.findall(f"{self.space}v"):
                cell.remove(one)
            cell.attrib.pop("t", None)

    # Cells

    def cell(self, row, column):
        """The cell's element, made in its place where there is none, looking as its row or column does."""
        if row not in self.rows:
            self._new_row(row)
        line = self.rows[row]
        if column not in line.cells:
            made = etree.Element(f"{self.space}c", r=f"{get_column_letter(column)}{row}")
            if style := self._empty_style(line, column):
                made.set("s", style)
            line.element.attrib.pop("spans", None)
            line.element.insert(sum(one < column for one in line.cells), made)
            line.cells[column] = made
        return line.cells[column]

    def _new_row(self, row):
        """A row where the form has none. Most come below all others, one after the other."""
        element = etree.Element(f"{self.space}row", r=str(row))
        behind = self.rows and row < next(reversed(self.rows))
        self.data.insert(bisect_left(list(self.rows), row) if behind else len(self.data), element)
        self.rows[row] = Row(element, {})
        if behind:
            self.rows = dict(sorted(self.rows.items()))

    def _empty_style(self, line, column):
        if line.element.get("customFormat") in ("1", "true"):
            return line.element.get("s")
        for one in self.root.iterfind(f"{self.space}cols/{self.space}col"):
            if int(one.get("min")) <= column <= int(one.get("max")):
                return one.get("style")
        return None

    def put(self, row, column, value):
        """Write a value as what it is: a text stays a text, whatever it begins with."""
        cell, styles = self.cell(row, column), self.book.styles
        for name in ("v", "is", "f"):
            for one in cell.findall(f"{self.space}{name}"):
                cell.remove(one)
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, None)
        style = int(cell.get("s") or 0)
        code, wanted, number = styles.code(style), None, None
        if isinstance(value, str):
            self._write(cell, value)
            if value.isdigit() and len(value) > 9:
                wanted = "@"
        elif value is None:
            return
        elif "date" in value:
            number = (date.fromisoformat(value["date"]) - _EPOCHS[self.book.parts.epoch]).days
            wanted = None if "y" in code.lower() else "yyyy-mm-dd"
        elif "number" in value:
            number = float(value["number"])
            number = int(number) if number.is_integer() else number
            wanted = "General" if code == "@" else None
        elif "share" in value:  # a form that writes percent in its header gets 12.5, any other 12.5%
            number = float(value["share"])
            if value.get("hundred") and "%" not in code:
                number = round(number * 100, 2)
            else:
                wanted = None if "%" in code else "0.00%"
        if number is not None:
            etree.SubElement(cell, f"{self.space}v").text = repr(number)
        quoted = isinstance(value, str) and value.startswith(("=", "+", "-", "@"))
        if quoted or wanted is not None and wanted != code:
            cell.set("s", str(styles.of(style, wanted, quoted=quoted)))

    def _write(self, cell, text):
        cell.set("t", "inlineStr")
        held = etree.SubElement(etree.SubElement(cell, f"{self.space}is"), f"{self.space}t")
        held.text = _ESCAPE.sub("_x005F_", _CONTROLS.sub("", text))
        held.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    # Rows that come in

    def insert(self, last, count):
        """The rows of this sheet, once what points at them is told (`follow`)."""
        for number in sorted((one for one in self.rows if one > last), reverse=True):
            self.rows[number + count] = self.rows.pop(number)
            self.rows[number + count].number(number + count)
        model = self.rows.get(last)
        at = 0 if model is None else self.data.index(model.element) + 1
        for n in range(1, count + 1) if model else ():
            self.rows[last + n] = self._copy(model, last, last + n)
            self.data.insert(at + n - 1, self.rows[last + n].element)
        self.rows = dict(sorted(self.rows.items()))
        self._merges(last, count)

    def _copy(self, model, row, to):
        """A row drawn as `model` is, with its formulas."""
        element = etree.Element(f"{self.space}row", dict(model.element.attrib), nsmap=model.element.nsmap)
        made = Row(element, {})
        for column, cell in sorted(model.cells.items()):
            new = made.cells[column] = etree.SubElement(element, f"{self.space}c")
            new.set("r", cell.get("r"))
            if cell.get("s"):
                new.set("s", cell.get("s"))
            said = cell.find(f"{self.space}f")
            place = f"{get_column_letter(column)}{to}"
            if said is not None and said.text and said.get("ref") in (None, cell.get("r")):
                new.append(copied := deepcopy(said))
                copied.text = Translator(f"={said.text}", cell.get("r")).translate_formula(place)[1:]
                if said.get("ref"):
                    copied.set("ref", place)
                if cell.get("cm"):
                    new.set("cm", cell.get("cm"))
        made.number(to)
        return made

    def _merges(self, last, count):
        """Merged ranges below move; one that ends at `last` and began above it grows over the new rows, one within it
        is there in each of them."""
        held = self.root.find(f"{self.space}mergeCells")
        for one in list(held) if held is not None else ():
            left, top, right, bottom = range_boundaries(one.get("ref"))
            if top == bottom == last:
                for n in range(1, count + 1):
                    new = etree.SubElement(held, f"{self.space}mergeCell")
                    new.set("ref", _range(left, last + n, right, last + n))
                continue
            bottom = last + count if bottom == last else rows.moved(bottom, last, count)
            one.set("ref", _range(left, rows.moved(top, last, count), right, bottom))
        if held is not None:
            held.set("count", str(len(held)))

    def follow(self, changed, last, count):
        """Everything in this sheet that names cells, for `count` rows that come in below row `last` of the sheet `changed`."""

        def formula(text, **how):
            return rows.formula(f"={text}", self.name, changed, last, count, **how)[1:]

        own = changed == self.name
        for cell, said in self._formulas():
            if said.text:
                said.text = formula(said.text, grows=not (own and cell.getparent().get("r") == str(last)))
            for key in ("ref", "r1", "r2") if own else ():
                if said.get(key):
                    said.set(key, rows.reference(said.get(key), last, count))
        for part in self.root:
            if local(part) not in ("sheetData", "mergeCells", "sheetViews"):
                for one in part.iter("{*}*"):
                    self._follow(one, formula, (last, count) if own else None)
        if own:
            rows.anchors(self.root, last, count)

    def _follow(self, one, formula, came):
        name = local(one)
        if name in _FORMULAS and one.text:
            one.text = formula(one.text)
        if name == "hyperlink" and "!" in (one.get("location") or ""):
            one.set("location", formula(one.get("location")))
        if came is None:
            return
        if one.get("ref"):
            one.set("ref", rows.reference(one.get("ref"), *came))
        if one.get("sqref"):
            one.set("sqref", (rows.area if name in _GROWING else rows.reference)(one.get("sqref"), *came))
        if name == "sqref" and one.text:
            single = local(one.getparent()) == "sparkline"
            one.text = (rows.reference if single else rows.area)(one.text, *came)
        if name == "brk" and local(one.getparent()) == "rowBreaks":
            one.set("id", str(rows.moved(int(one.get("id") or 0), *came)))


def _range(left, top, right, bottom):
    return f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
