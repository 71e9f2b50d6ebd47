"""A paper as .docx in the form of official documents (GB/T 9704): A4, margins 37/35/28/26 mm, body 三号仿宋 on 28 磅 lines
with an indent of two characters, headings 黑体, 楷体, 仿宋 加粗; page numbers — 1 — at the outer side, the signature two
characters from the right, the date four."""

import io
import re

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import serialize_for_reading
from docx.shared import Mm, Pt, RGBColor

from fupin.documents.text import words

TITLE, BODY, SMALL, FOOT = Pt(22), Pt(16), Pt(12), Pt(14)
LINE = Pt(28)
GAP_HEIGHT = Pt(8)
FONTS = {0: "方正小标宋简体", 1: "黑体", 2: "楷体_GB2312", 3: "仿宋_GB2312"}
BODY_FONT = "仿宋_GB2312"
OTHER_NAMES = {"方正小标宋简体": "华文中宋", "楷体_GB2312": "楷体", "仿宋_GB2312": "仿宋"}
"""Under which name a machine has a font that lacks the one of the standard: without it Word takes 宋体 for all three."""
ROOM = Mm(156)
"""Between the margins."""
GAP = RGBColor(0xB4, 0x23, 0x18)
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(paper, blocks):
    """The bytes of the .docx of `paper` with its `blocks`."""
    book = Document()
    _page(book)
    for text in (paper.unit, paper.number):
        if text:
            _paragraph(book, text, align=WD_ALIGN_PARAGRAPH.CENTER, indent=False)
    _paragraph(book, paper.title, TITLE, FONTS[0], WD_ALIGN_PARAGRAPH.CENTER, indent=False, after=LINE)
    before = None
    for block in blocks:
        if block.kind == "table":
            if before is not None and before.kind == "table":  # two that touch would be one
                _gap(book)
            elif before is not None:
                book.paragraphs[-1].paragraph_format.space_after = GAP_HEIGHT
            _table(book, block.table)
        elif block.kind == "heading":
            heading = _paragraph(book, block.text, font=FONTS[block.level], bold=block.level == 3)
            heading.paragraph_format.keep_with_next = True
            heading._p.get_or_add_pPr().append(_outline(block.level))
        else:
            paragraph = _paragraph(book, "")
            for run in block.runs:
                _run(paragraph, run.text, BODY, BODY_FONT, colour=GAP if run.kind == "gap" else None)
        if block.kind != "table" and before is not None and before.kind == "table":
            book.paragraphs[-1].paragraph_format.space_before = GAP_HEIGHT
        before = block
    if paper.issued_on:
        _signed(book, paper)
    book.core_properties.title, book.core_properties.author = _clean(paper.title), _clean(paper.unit)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _gap(book):
    """The air between two tables."""
    form = book.add_paragraph().paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, GAP_HEIGHT


def _page(book):
    section = book.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    section.footer_distance = Mm(28)
    style = book.styles["Normal"]
    style.font.name, style.font.size = BODY_FONT, BODY
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY_FONT)
    book.settings.odd_and_even_pages_header_footer = True
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        foot = footer.paragraphs[0]
        foot.alignment, form = side, foot.paragraph_format
        form.left_indent = form.right_indent = FOOT  # one character from the margin
        _run(foot, "— ", FOOT, "宋体")
        _field(foot)
        _run(foot, " —", FOOT, "宋体")
    _name_fonts(book)


def _name_fonts(book):
    """Write OTHER_NAMES into the table of fonts."""
    part = next(part for part in book.part.package.iter_parts() if part.partname == "/word/fontTable.xml")
    table = parse_xml(part.blob)
    for name, other in OTHER_NAMES.items():
        font = OxmlElement("w:font")
        font.set(qn("w:name"), name)
        for tag, value in (("w:altName", other), ("w:charset", "86")):
            made = OxmlElement(tag)
            made.set(qn("w:val"), value)
            font.append(made)
        table.append(font)
    part._blob = serialize_for_reading(table).encode()


def _signed(book, paper):
    """Who issued it and when, on the page where the text ends."""
    texts = [("", 0), (paper.unit, 2), (words(paper.issued_on), 4)]
    if book.paragraphs:
        book.paragraphs[-1].paragraph_format.keep_with_next = True
    for text, characters in texts:
        if text or not characters:
            made = _paragraph(book, text, align=WD_ALIGN_PARAGRAPH.RIGHT, indent=False)
            made.paragraph_format.right_indent = BODY * characters
            made.paragraph_format.keep_with_next = characters < 4


def _field(paragraph):
    """The page's number."""
    run = _run(paragraph, "", FOOT, "宋体")
    for kind in ("begin", "PAGE", "end"):
        if kind == "PAGE":
            part = OxmlElement("w:instrText")
            part.text = kind
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def _outline(level):
    found = OxmlElement("w:outlineLvl")
    found.set(qn("w:val"), str(level - 1))
    return found


def _clean(text):
    """Without what XML cannot hold."""
    return _UNWRITABLE.sub("", text)


def _paragraph(book, text, size=BODY, font=BODY_FONT, align=None, *, indent=True, bold=False, after=None):
    made = book.add_paragraph()
    form = made.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE if size <= BODY else Pt(34)
    form.space_before, form.space_after = Pt(0), after or Pt(0)
    if indent:
        form.first_line_indent = size * 2
    if align is not None:
        made.alignment = align
    if text:
        _run(made, text, size, font, bold=bold)
    return made


def _run(paragraph, text, size, font, *, bold=False, colour=None):
    run = paragraph.add_run(_clean(text))
    run.font.size, run.font.name, run.bold = size, font, bold or None
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour
    return run


def _table(book, table):
    made = book.add_table(rows=1, cols=len(table.headers))
    made.style, made.alignment, made.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    rows = table.rows or [["无"] + [""] * (len(table.headers) - 1)]
    widths = [int(ROOM * share / 100) for share in table.shares]
    _row(made.rows[0], table.headers, widths, "黑体", WD_ALIGN_PARAGRAPH.CENTER)
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        _row(made.add_row(), row, widths, BODY_FONT)
    for column, width in zip(made.columns, widths):
        column.width = width


def _row(row, texts, widths, font, align=None):
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, text, width in zip(row.cells, texts, widths):
        cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        form = paragraph.paragraph_format
        form.space_before = form.space_after = Pt(2)
        if align is not None:  # the head of the table
            paragraph.alignment, form.keep_with_next = align, True
        _run(paragraph, text, SMALL, font)
