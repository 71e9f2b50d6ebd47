"""A form's package, filled in place: of its parts only the sheets that change, their styles and what points at their rows
are written anew, everything else (text boxes, pictures, headers, rich text, rules, controls) is copied as it stands.

Rows and columns are counted from 1. `Book(data)` takes the bytes of an .xlsx, `saved()` gives them back.
"""

import io
import posixpath
import re
import sys
import zipfile
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[2] / "excel" / "unpack"))

import rows
from lxml import etree
from page import Page, local
from styles import Styles
from xlsx import Parts, elements

LEVEL = 6
_BEFORE_CALCULATION = {
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames",
}  # fmt: skip
_ANCHOR = re.compile(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")
_NOTE_ROW = re.compile(rb"(<x:Row>\s*)(\d+)(\s*</x:Row>)")


def parsed(data):
    """The root of a part. No entity of it is looked up, and a document type is none of a workbook's."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a part with a document type")
    return root


class Book:
    def __init__(self, data):
        self.held = zipfile.ZipFile(io.BytesIO(data))
        self.parts = Parts(self.held)
        self.trees, self.new, self.dropped = {}, {}, set()
        """Parts as trees, those that are written anew as bytes, those that go."""
        styles = self.parts.of_kind("styles")
        self.styles = Styles(self.tree(styles) if styles else None)
        self.names = {name: self.parts.of_sheet(key) for name, _, key in self.parts.sheets}
        self.pages = {}

    def tree(self, part):
        """The root of a part, written back with the book."""
        if part not in self.trees:
            self.trees[part] = parsed(self.held.read(part))
        return self.trees[part]

    def page(self, name):
        if name not in self.pages:
            self.pages[name] = Page(self, name, self.tree(self.names[name]))
        return self.pages[name]

    def insert(self, name, last, count):
        """Put `count` rows below row `last` of a sheet, drawn as that row is; everything that knows of rows follows."""
        self.page(name)
        for other, part in self.names.items():
            if other in self.pages or other != name and self._computes(part):
                self.page(other).follow(name, last, count)
            self._follow_parts(other, part, name, last, count)
        for one in self.tree(self.parts.book).iter("{*}definedName"):
            if one.text and "!" in one.text:
                one.text = rows.formula(f"={one.text}", "", name, last, count)[1:]
        self._follow_pivots(name, last, count)
        self.page(name).insert(last, count)

    def _follow_pivots(self, name, last, count):
        """What pivot tables are made of; they are made anew when the book is opened."""
        for kind, part in self.related(self.parts.book):
            if kind == "pivotCacheDefinition":
                source = self.tree(part).find("{*}cacheSource/{*}worksheetSource")
                if source is not None and source.get("sheet") == name and source.get("ref"):
                    source.set("ref", rows.reference(source.get("ref"), last, count))
                self.tree(part).set("refreshOnLoad", "1")

    def _computes(self, part):
        """Whether a sheet has formulas, in cells or in rules."""
        data = self.held.read(part) if part else b""
        return b"\0" in data[:64] or bool(re.search(rb"<[\w.-]*:?f(?:ormula\d?)?[\s>/]", data))

    def _follow_parts(self, own, part, name, last, count):
        """What belongs to the sheet `own`: drawings, notes, tables, controls, charts."""

        def formula(text):
            return rows.formula(f"={text}", own, name, last, count)[1:]

        for kind, target in self.related(part):
            if kind == "vmlDrawing" and own == name:
                self.new[target] = _boxes(self.new.get(target) or self.held.read(target), last, count)
            elif kind == "drawing":
                for chart_kind, chart in self.related(target):
                    if chart_kind in ("chart", "chartEx"):
                        for one in self.tree(chart).iter("{*}f"):
                            one.text = one.text and formula(one.text)
                tree = self.tree(target)
                if own == name:
                    rows.anchors(tree, last, count)
                for one in tree.iter("{*}sp"):
                    if one.get("textlink"):
                        one.set("textlink", formula(one.get("textlink")))
            elif kind in ("comments", "threadedComment", "table", "pivotTable") and own == name:
                for one in self.tree(target).iter("{*}*"):
                    if one.get("ref"):
                        one.set("ref", rows.reference(one.get("ref"), last, count))
                    if local(one) in ("calculatedColumnFormula", "totalsRowFormula") and one.text:
                        one.text = formula(one.text)
            elif kind == "ctrlProp":
                tree = self.tree(target)
                for key in ("fmlaLink", "fmlaRange", "fmlaTxbx"):
                    if tree.get(key):
                        tree.set(key, formula(tree.get(key)))

    def related(self, part):
        """`[(last word of the type, part)]` of what a part is related to."""
        folder, _, name = part.rpartition("/")
        rels = self.parts.real(f"{folder}/_rels/{name}.rels") if part else ""
        found = []
        for tag, attributes in elements(self.held.read(rels)) if rels else ():
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                if real := self.parts.real(target):
                    found.append((attributes.get("Type", "").rpartition("/")[2], real))
        return found

    def saved(self):
        """The workbook's bytes. Values of formulas are left out: they are worked out when it is opened."""
        for name, part in self.names.items():
            if name in self.pages or self._computes(part):
                self.page(name).forget_values()
        self._calculate()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as new:
            for entry in self.held.infolist():
                name = entry.filename
                if entry.is_dir() or name in self.dropped:
                    continue
                if name in self.trees:
                    data = etree.tostring(
                        self.trees[name], xml_declaration=True, encoding="UTF-8", standalone=True
                    )
                else:
                    data = self.new.get(name) or self.held.read(entry)
                made = zipfile.ZipInfo(name, entry.date_time)
                made.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(made, data)
        return out.getvalue()

    def _calculate(self):
        """Everything is computed anew on opening; the order of it, which names cells that moved, is made anew too."""
        root = self.tree(self.parts.book)
        said = root.find("{*}calcPr")
        if said is None:
            space = etree.QName(root).namespace
            said = etree.Element(f"{{{space}}}calcPr")
            root.insert(
                max((at for at, one in enumerate(root, 1) if local(one) in _BEFORE_CALCULATION), default=0),
                said,
            )
        said.set("fullCalcOnLoad", "1")
        chain = self.parts.of_kind("calcChain")
        if not chain:
            return
        self.dropped.add(chain)
        for one in self.tree(self.parts.real("[Content_Types].xml")):
            if (one.get("PartName") or "").lstrip("/").lower() == chain.lower():
                one.getparent().remove(one)
        folder, _, name = self.parts.book.rpartition("/")
        for one in self.tree(self.parts.real(f"{folder}/_rels/{name}.rels")):
            if (one.get("Type") or "").endswith("/calcChain"):
                one.getparent().remove(one)


def _boxes(data, last, count):
    """The drawing of notes and controls after the rows came in. It is not always XML: Excel writes <br> in it."""

    def anchor(found):
        said = found[2].split(b",")
        if len(said) == 8 and int(said[2]) >= last:
            said[2], said[6] = b" %d" % (int(said[2]) + count), b" %d" % (int(said[6]) + count)
        return found[1] + b",".join(said) + found[3]

    def row(found):
        return found[1] + b"%d" % (rows.moved(int(found[2]) + 1, last, count) - 1) + found[3]

    return _NOTE_ROW.sub(row, _ANCHOR.sub(anchor, data))
