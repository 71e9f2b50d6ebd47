"""The formats of cells: those that a filled value needs are added at the end, so the numbers that cells have stay right."""

from copy import deepcopy

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE, builtin_format_id

_DATES = dict.fromkeys((27, 30, 31, 36, 50, 52, 57), 'yyyy"年"m"月"')
"""Numbers that a Chinese Excel has for dates with a year, beside those of every Excel."""


PLAIN = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf/></cellXfs></styleSheet>'
"""Of a book that has no styles: nothing of it is written."""


class Styles:
    def __init__(self, root):
        self.written = root is not None
        self.root = root = etree.fromstring(PLAIN) if root is None else root  # noqa: S320 - our own
        self.space = f"{{{etree.QName(root).namespace}}}"
        self.formats = root.find(f"{self.space}cellXfs")
        self.codes = {
            int(one.get("numFmtId")): one.get("formatCode") or ""
            for one in root.iterfind(f"{self.space}numFmts/{self.space}numFmt")
        }
        self.made = {}

    def code(self, style):
        """The number format of a style, as text."""
        if not 0 <= style < len(self.formats):
            return "General"
        at = int(self.formats[style].get("numFmtId") or 0)
        return self.codes.get(at) or BUILTIN_FORMATS.get(at) or _DATES.get(at, "General")

    def of(self, style, code=None, *, quoted=False):
        """The number of a style like `style` but for its number format; `quoted`: stays a text even when it is edited."""
        if not self.written:
            return style
        key = (style, code, quoted)
        if key not in self.made:
            xf = deepcopy(self.formats[style if 0 <= style < len(self.formats) else 0])
            if code is not None:
                xf.set("numFmtId", str(self._number(code)))
                xf.set("applyNumberFormat", "1")
            if quoted:
                xf.set("quotePrefix", "1")
            self.formats.append(xf)
            self.formats.set("count", str(len(self.formats)))
            self.made[key] = len(self.formats) - 1
        return self.made[key]

    def _number(self, code):
        known = builtin_format_id(code)
        if known is not None:
            return known
        for number, held in self.codes.items():
            if held == code:
                return number
        number = max([BUILTIN_FORMATS_MAX_SIZE - 1, *self.codes]) + 1
        held = self.root.find(f"{self.space}numFmts")
        if held is None:
            held = etree.Element(f"{self.space}numFmts")
            self.root.insert(0, held)
        etree.SubElement(held, f"{self.space}numFmt", numFmtId=str(number), formatCode=code)
        held.set("count", str(len(held)))
        self.codes[number] = code
        return number
