"""A paper as .docx in the form of official documents (GB/T 9704): A4, margins 37/35/28/26 mm, body 三号仿宋 on 28 磅 lines
with an indent of two characters, headings 黑体, 楷体, 仿宋 加粗; page numbers — 1 — below."""

import io
import re

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from fupin.documents.text import words

TITLE, BODY, SMALL, FOOT = Pt(22), Pt(16), Pt(12), Pt(14)
LINE = Pt(28)
FONTS = {0: "方正小标宋简体", 1: "黑体", 2: "楷体_GB2312", 3: "仿宋_GB2312"}
BODY_FONT = "仿宋_GB2312"
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
    for block in blocks:
        if block.kind == "table":
            _table(book, block.table)
        elif block.kind == "heading":
            heading = _paragraph(book, block.text, font=FONTS[block.level], bold=block.level == 3)
            heading.paragraph_format.keep_with_next = True
            heading._p.get_or_add_pPr().append(_outline(block.level))
        else:
            paragraph = _paragraph(book, "")
            for run in block.runs:
                _run(paragraph, run.text, BODY, BODY_FONT, colour=GAP if run.kind == "gap" else None)
    if paper.issued_on:
        for text in filter(None, (paper.unit, words(paper.issued_on))):
            _paragraph(book, text, align=WD_ALIGN_PARAGRAPH.RIGHT, indent=False)
    book.core_properties.title, book.core_properties.author = _clean(paper.title), _clean(paper.unit)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


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
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "— ", FOOT, "宋体")
    _field(foot)
    _run(foot, " —", FOOT, "宋体")


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
    made.style, made.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    for cell, text in zip(made.rows[0].cells, table.headers):
        _cell(cell, text, "黑体")
    header = OxmlElement("w:tblHeader")
    made.rows[0]._tr.get_or_add_trPr().append(header)
    for row in table.rows or [["无"] + [""] * (len(table.headers) - 1)]:
        for cell, text in zip(made.add_row().cells, row):
            _cell(cell, text, BODY_FONT)


def _cell(cell, text, font):
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    _run(paragraph, text, SMALL, font)
