"""An .xls book as an openpyxl one: values, fonts, fills, borders, alignment, formats, widths, heights, merged ranges,
notes, formulas and print set-up. xlrd reads the cells and their styles; what it skips (formulas, page set-up) we read
from the records themselves. It runs in limited child processes only.
"""

import io
import re
import struct
from copy import copy

import openpyxl
import xlrd
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.properties import PageSetupProperties
from validations import DV, put_lists
from xlrd.compdoc import CompDoc
from xlrd.formula import FMLA_TYPE_CELL, FMLA_TYPE_SHARED, decompile_formula

SIDES = {
    0: None, 1: "thin", 2: "medium", 3: "dashed", 4: "dotted", 5: "thick", 6: "double", 7: "hair", 8: "mediumDashed",
    9: "dashDot", 10: "mediumDashDot", 11: "dashDotDot", 12: "mediumDashDotDot", 13: "slantDashDot",
}  # fmt: skip
ACROSS = {
    1: "left",
    2: "center",
    3: "right",
    4: "fill",
    5: "justify",
    6: "centerContinuous",
    7: "distributed",
}
DOWN = {0: "top", 1: "center", 2: "bottom", 3: "justify", 4: "distributed"}
FILLS = {1: "solid", 2: "mediumGray", 3: "darkGray", 4: "lightGray", 17: "gray125", 18: "gray0625"}
CHINESE_DATES = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'), **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    31: 'yyyy"年"m"月"d"日"', 30: "m-d-yy", 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"',
}  # fmt: skip
"""Formats that Chinese editions have by number only."""
FORMULA, SHRFMLA, BOF, EOF = 0x06, 0x4BC, 0x809, 0x0A
HEADER, FOOTER, SETUP, WSBOOL, HCENTER, VCENTER = 0x14, 0x15, 0xA1, 0x81, 0x83, 0x84
MARGINS = {0x26: "left", 0x27: "right", 0x28: "top", 0x29: "bottom"}


def converted(data, *, as_seen=False):
    """The openpyxl workbook of the .xls bytes `data`. `as_seen`: to be looked at, not filled: a cell has the value that its
    formula gave, and what a merged range covers keeps its borders."""
    old = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    new = openpyxl.Workbook()
    new.remove(new.active)
    if old.datemode:
        new.epoch = CALENDAR_MAC_1904
    styles = Styles(old)
    styles.set_normal(new)
    for n, sheet in enumerate(old.sheets()):
        page = new.create_sheet(sheet.name)
        if sheet.visibility:
            page.sheet_state = "hidden" if sheet.visibility == 1 else "veryHidden"
        _cells(old, sheet, page, styles)
        _sizes(sheet, page)
        for top, bottom, left, right in sheet.merged_cells:
            if (bottom - top, right - left) != (1, 1):
                area = CellRange(min_row=top + 1, max_row=bottom, min_col=left + 1, max_col=right)
                if as_seen:
                    page.merged_cells.add(area)
                else:
                    page.merge_cells(area.coord)
        try:
            _records(old, data, n, page, not as_seen)
        except (struct.error, IndexError, KeyError):
            continue
    _names(old, new)
    return new


class Styles:
    """The styles of the old book as openpyxl's, each made once."""

    def __init__(self, old):
        self.old, self.made = old, {}

    def put(self, cell, index):
        if index not in self.made:
            made = self._make(self.old.xf_list[index])
            cell.font, cell.fill, cell.border, cell.alignment, cell.number_format = made
            self.made[index] = (
                cell._style
            )  # as openpyxl numbers it: set anew for each cell it takes most of the time
        else:
            cell._style = copy(self.made[index])

    def set_normal(self, new):
        """The font of the book as a whole: widths of columns are counted in its figures."""
        if self.old.xf_list:
            font = self.font(self.old.font_list[self.old.xf_list[0].font_index])
            new._fonts[0] = font
            new._named_styles["Normal"].font = font

    def font(self, font):
        return Font(
            name=font.name, sz=font.height / 20, b=bool(font.bold), i=bool(font.italic), strike=bool(font.struck_out),
            u={1: "single", 2: "double", 0x21: "singleAccounting", 0x22: "doubleAccounting"}.get(font.underline_type),
            color=self.colour(font.colour_index), vertAlign={1: "superscript", 2: "subscript"}.get(font.escapement),
        )  # fmt: skip

    def _make(self, xf):
        border, back, align = xf.border, xf.background, xf.alignment
        sides = {
            side: Side(style, self.colour(getattr(border, f"{side}_colour_index")))
            for side in ("left", "right", "top", "bottom")
            if (style := SIDES.get(getattr(border, f"{side}_line_style")))
        }
        fill = PatternFill()
        if back.fill_pattern in FILLS:
            fill = PatternFill(
                FILLS[back.fill_pattern], fgColor=self.colour(back.pattern_colour_index) or "FFFFFFFF",
                bgColor=self.colour(back.background_colour_index) or "FFFFFFFF",
            )  # fmt: skip
        return (
            self.font(self.old.font_list[xf.font_index]),
            fill,
            Border(**{side: sides.get(side) or Side() for side in ("left", "right", "top", "bottom")}),
            Alignment(
                horizontal=ACROSS.get(align.hor_align), vertical=DOWN.get(align.vert_align), wrap_text=bool(align.text_wrapped),
                shrink_to_fit=bool(align.shrink_to_fit), indent=align.indent_level, text_rotation=align.rotation,
            ),
            self._format(xf.format_key),
        )  # fmt: skip

    def _format(self, key):
        held = self.old.format_map.get(key)
        if held is None or held.format_str == "General":
            return CHINESE_DATES.get(key, "General")
        return held.format_str

    def colour(self, index):
        rgb = self.old.colour_map.get(index)
        return None if rgb is None else "FF{:02X}{:02X}{:02X}".format(*rgb)


def _cells(old, sheet, page, styles):
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
            cell = page.cell(row + 1, column + 1)
            styles.put(cell, sheet.cell_xf_index(row, column))
            if kind == xlrd.XL_CELL_TEXT and value != "":
                cell.value = value
                if cell.data_type == "f":  # a text that begins with = is a text
                    cell.data_type = "s"
            elif kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                cell.value = int(value) if float(value).is_integer() else value
            elif kind == xlrd.XL_CELL_BOOLEAN:
                cell.value = bool(value)
            elif kind == xlrd.XL_CELL_ERROR:
                cell.value = xlrd.error_text_from_code.get(value, "#VALUE!")
    for (row, column), note in sheet.cell_note_map.items():
        page.cell(row + 1, column + 1).comment = Comment(note.text, note.author or "")


def _sizes(sheet, page):
    for column, info in sheet.colinfo_map.items():
        if column > 300:
            continue
        held = page.column_dimensions[get_column_letter(column + 1)]
        held.width, held.hidden = info.width / 256, bool(info.hidden)
    for row, info in sheet.rowinfo_map.items():
        held = page.row_dimensions[row + 1]
        if info.height and not info.has_default_height:
            held.height = info.height / 20
        held.hidden = bool(info.hidden)
    page.sheet_view.showGridLines = bool(sheet.show_grid_lines)
    if sheet.panes_are_frozen and (sheet.horz_split_pos or sheet.vert_split_pos):
        page.freeze_panes = page.cell(sheet.horz_split_pos + 1, sheet.vert_split_pos + 1)


def _records(old, data, number, page, with_formulas):
    """Formulas and print set-up out of the records of sheet `number`."""
    file = CompDoc(data, logfile=io.StringIO())
    for name in ("Workbook", "Book"):
        stream, base, size = file.locate_named_stream(name)
        if stream:
            break
    else:
        return
    at, end, depth, shared, setup = base + old._sh_abs_posn[number] - old.base, base + size, 0, {}, {}
    formulas, lists = [], []
    while at + 4 <= end:
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth == 0:
                break
        elif depth == 1:
            if kind == FORMULA:
                if with_formulas:
                    formulas.append(body)
            elif kind == DV:
                lists.append(body)
            elif kind == SHRFMLA:
                if not formulas:
                    continue
                row = struct.unpack_from("<H", formulas[-1])[0]
                column = struct.unpack_from("<H", formulas[-1], 2)[0]
                shared[row, column] = body
            else:
                setup[kind] = body
    for body in formulas:
        _formula(old, body, shared, page)
    _setup(old, setup, page)
    if old.biff_version >= 80:
        put_lists(old, lists, page)


def _formula(old, body, shared, page):
    row, column = struct.unpack_from("<HH", body)
    size = struct.unpack_from("<H", body, 20)[0]
    tokens, kind = body[22:], FMLA_TYPE_CELL
    try:
        if size == 5 and tokens[:1] == b"\x01":  # shared: the tokens stand with its first cell
            held = shared[struct.unpack_from("<HH", tokens, 1)]
            size, tokens, kind = struct.unpack_from("<H", held, 8)[0], held[10:], FMLA_TYPE_SHARED
        text = decompile_formula(old, tokens, size, kind, browx=row, bcolx=column)
    except Exception:  # noqa: BLE001 - what cannot be told in words keeps its value
        return
    if text and "?" not in text:
        page.cell(row + 1, column + 1).value = f"={text}"


def _text(body):
    """A unicode string of BIFF8 (HEADER, FOOTER)."""
    if len(body) < 3:
        return ""
    length, flags = struct.unpack_from("<HB", body)
    return (
        body[3 : 3 + length * 2].decode("utf-16-le") if flags & 1 else body[3 : 3 + length].decode("latin-1")
    )


def _setup(old, found, page):
    page.page_setup.paperSize = (
        9  # what a book that names no paper is printed on; in the new format that would be Letter
    )
    for kind, name in MARGINS.items():
        if kind in found:
            setattr(page.page_margins, name, struct.unpack("<d", found[kind][:8])[0])
    if SETUP in found and len(found[SETUP]) >= 34:
        paper, scale, start, wide, high, flags, _, _, header, footer, _ = struct.unpack(
            "<8H2dH", found[SETUP][:34]
        )
        page.page_margins.header, page.page_margins.footer = header, footer
        page.page_setup.paperSize = 9  # A4, where no printer was chosen; left out it would be Letter
        if not flags & 4:
            page.page_setup.paperSize = paper or 9
            page.page_setup.scale = scale if 10 <= scale <= 400 else 100
            page.page_setup.orientation = "portrait" if flags & 2 else "landscape"
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = wide, high
    if WSBOOL in found and struct.unpack("<H", found[WSBOOL][:2])[0] & 0x0100:
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = found.get(HCENTER, b"\0")[:1] == b"\1"
    page.print_options.verticalCentered = found.get(VCENTER, b"\0")[:1] == b"\1"
    if old.biff_version >= 80:
        for kind, place in ((HEADER, page.oddHeader), (FOOTER, page.oddFooter)):
            words = _text(found.get(kind, b""))
            for part, text in re.findall(r"&([LCR])((?:(?!&[LCR]).)*)", words, re.DOTALL):
                getattr(place, {"L": "left", "C": "center", "R": "right"}[part]).text = text


def _names(old, new):
    """Print areas and repeated header rows."""
    for name in old.name_obj_list:
        if name.name not in ("Print_Area", "Print_Titles") or not 0 <= name.scope < len(new.worksheets):
            continue
        page, areas = new.worksheets[name.scope], []
        for result in name.result.value if name.result and isinstance(name.result.value, list) else []:
            _, _, top, bottom, left, right = result.coords
            areas.append((top, bottom, left, right))
        if not areas:
            continue
        if name.name == "Print_Area":
            page.print_area = [
                f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right)}{bottom}"
                for top, bottom, left, right in areas
            ]
        else:
            for top, bottom, left, right in areas:
                if right - left >= 256:
                    page.print_title_rows = f"{top + 1}:{bottom}"
