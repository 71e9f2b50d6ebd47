"""The drop-down lists of a form's cells.

Excel from 2010 on keeps lists that point at another sheet in an extension of the sheet's part, which openpyxl does not
read: it is read from the part.
"""

import io
import re
import zipfile
from xml.etree import ElementTree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LISTS = "{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}"
MOST = 400
"""Words of one list, and lists of one sheet."""


def extensions(data):
    """`{name of a sheet: [<ext> elements]}` with lists of the workbook's bytes."""
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
                if (one.get("uri") or "").upper() == LISTS
            ]
            if held:
                found[name] = held
    return found


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
