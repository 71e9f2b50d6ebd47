"""The drop-down lists of a form's cells, and what openpyxl leaves out of a sheet because a later Excel put it there.

Excel from 2010 on keeps lists (and rules of colour) that point at another sheet in an extension of the sheet's part.
openpyxl drops it; here it is read from the part as it came and put back into the part as it is saved.
"""

import io
import re
import zipfile
from xml.etree import ElementTree

import rows

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KEPT = {
    "{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}",  # lists
    "{05C60535-1F16-4FD2-B633-F4F36F0B64E0}",  # lines within a cell
    "{78C0D931-6437-407D-A8EE-F0AAD7539E65}",  # rules of colour
}
MOST = 400
"""Words of one list, and lists of one sheet."""

for _short, _space in (("", MAIN), ("x14", X14), ("xm", XM), ("r", LINK)):
    ElementTree.register_namespace(_short, _space)


def extensions(data):
    """`{name of a sheet: [<ext> elements]}` of the workbook's bytes, those that are kept."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = set(packed.namelist())
        for name, part in _parts(packed):
            if part not in names:
                continue
            text = packed.read(part)
            if b"extLst" not in text or b"<!DOCTYPE" in text:
                continue
            root = ElementTree.fromstring(text)  # noqa: S314 - no DTD, and this process is a cage
            held = [
                one
                for one in root.findall(f"{{{MAIN}}}extLst/{{{MAIN}}}ext")
                if (one.get("uri") or "").upper() in KEPT and not _linked(one)
            ]
            if held:
                found[name] = held
    return found


def _linked(ext):
    """Whether a rule of colour is the second half of one that openpyxl writes without its link."""
    return any(rule.get("type") in ("dataBar", "iconSet") for rule in ext.iter(f"{{{X14}}}cfRule"))


def _parts(packed):
    """`(name of a sheet, its part)` of a workbook."""
    try:
        book = ElementTree.fromstring(packed.read("xl/workbook.xml"))  # noqa: S314
        links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return
    targets = {one.get("Id"): one.get("Target") or "" for one in links}
    for sheet in book.iter(f"{{{MAIN}}}sheet"):
        target = targets.get(sheet.get(f"{{{LINK}}}id"), "")
        yield sheet.get("name"), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def moved(held, changed, last, count):
    """The extensions of all sheets after `count` rows came in below row `last` of the sheet `changed`, in place."""
    for name, some in held.items():
        for ext in some:
            for one in ext.iter(f"{{{XM}}}sqref"):
                if name == changed and one.text:
                    one.text = rows.area(one.text, last, count)
            for one in ext.iter(f"{{{XM}}}f"):
                if one.text:
                    one.text = rows.formula(f"={one.text}", name, changed, last, count)[1:]


def put_back(data, held):
    """The saved workbook's bytes with the extensions in their sheets."""
    if not held:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        ends = {
            part: b"<extLst>" + b"".join(map(ElementTree.tostring, held[name])) + b"</extLst></worksheet>"
            for name, part in _parts(packed)
            if name in held
        }
        for info in packed.infolist():
            text = packed.read(info)
            if info.filename in ends:
                text = text.replace(b"</worksheet>", ends[info.filename])
            new.writestr(info, text)
    return out.getvalue()


def lists(book, page, held):
    """`[[[top, left, bottom, right], [words]]]`: which cells of a sheet take which words only."""
    rules = [
        (str(one.sqref), one.formula1) for one in page.data_validations.dataValidation if one.type == "list"
    ]
    for ext in held.get(page.title, ()):
        for one in ext.iter(f"{{{X14}}}dataValidation"):
            said = one.find(f"{{{X14}}}formula1/{{{XM}}}f"), one.find(f"{{{XM}}}sqref")
            if one.get("type") == "list" and None not in said:
                rules.append((said[1].text, said[0].text))
    found = []
    for places, formula in rules[:MOST]:
        words = _words(book, page, formula or "")
        for area in (places or "").split() if words else ():
            box = _box(area)
            if box:
                found.append([box, words])
    return found


_BOX = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")


def _box(area):
    from openpyxl.utils import column_index_from_string as at

    found = _BOX.fullmatch(area)
    if not found:
        return None
    left, top, right, bottom = found.groups()
    return [int(top), at(left), int(bottom or top), at(right or left)]


def _words(book, page, formula):
    """The words that a list's formula gives: typed ones, those of a range or of a name; [] where it computes them."""
    formula = formula.strip().removeprefix("=")
    if formula.startswith('"'):
        return [one.strip() for one in formula.strip('"').replace('""', '"').split(",") if one.strip()]
    name = book.defined_names.get(formula) or page.defined_names.get(formula)
    if name is not None and name.attr_text:
        formula = name.attr_text
    sheet, mark, area = formula.rpartition("!")
    sheet = sheet.strip("'").replace("''", "'") if mark else page.title
    box = _box(area)
    if box is None or sheet not in book.sheetnames:
        return []
    top, left, bottom, right = box
    page = book[sheet]
    cells = page.iter_rows(top, min(bottom, top + MOST), left, min(right, left + MOST), values_only=True)
    found = [_said(page, value) for line in cells for value in line]
    return [] if None in found else [one for one in found if one]


_JOINED = re.compile(r"=\$?[A-Z]{1,3}\$?\d{1,7}(?:&\$?[A-Z]{1,3}\$?\d{1,7})*")


def _said(page, value):
    """The word in a cell of a list; one that joins other cells (=F2&G2) is read, any other formula is None."""
    if not isinstance(value, str) or not value.startswith("="):
        return "" if value is None else str(value).strip()
    if not _JOINED.fullmatch(value):
        return None
    parts = [page[cell.replace("$", "")].value for cell in value[1:].split("&")]
    if any(isinstance(part, str) and part.startswith("=") for part in parts):
        return None
    return "".join("" if part is None else str(part).strip() for part in parts)
