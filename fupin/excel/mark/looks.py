"""The styles of a workbook while it is marked: cells keep their look but for a colour, our column has one of its own.

Formats are added at the end of the lists of styles.xml, each once; nothing that stands there is changed, so the
numbers that cells have stay right.
"""

import re

from parts import attribute, with_attribute

COLOURS = {"error": b"FFFFC7CD", "warning": b"FFFFEB9B", "fixed": b"FFC6EFCD"}
"""A hair beside the colours of Excel's own 差、适中、好, so that another round tells ours from the user's."""
FONTS = {"error": b"FF9C0006", "warning": b"FF7F6000"}


class Looks:
    """`of(style, colour)` gives the number of a style that is like `style` but for the colour; `written()` the part."""

    def __init__(self, data):
        self.data = data
        self.prefix = re.search(rb"<((?:[A-Za-z_][\w.-]*:)?)styleSheet\b", data)[1]
        self.fills, self.fonts = self._list(b"fills", b"fill"), self._list(b"fonts", b"font")
        self.formats = self._list(b"cellXfs", b"xf")
        self.made, self.fill_of = {}, {}
        ours = {
            at for at, fill in enumerate(self.fills) if any(colour in fill for colour in COLOURS.values())
        }
        self.ours = {at for at, xf in enumerate(self.formats) if int(attribute(xf, b"fillId") or 0) in ours}
        """Numbers of the styles that an earlier round of ours made."""

    def _list(self, name, item):
        found = self._span(name)
        if found is None:
            return []
        tag = self.prefix + item
        return re.findall(
            rb"<" + tag + rb"\b[^>]*?/>|<" + tag + rb"\b.*?</" + tag + rb">", found[2], re.DOTALL
        )

    def _span(self, name):
        """The match of a list: opening tag, inside, closing tag."""
        tag = self.prefix + name
        return re.search(rb"(<" + tag + rb"\b[^>]*>)(.*?)(</" + tag + rb">)", self.data, re.DOTALL) and re.search(
            rb"(<" + tag + rb"\b[^>/]*>)(.*?)(</" + tag + rb">)", self.data, re.DOTALL
        )  # fmt: skip

    def of(self, style, colour, text=False):
        """`text`: what is typed there stays text even where it looks like a formula."""
        key = (style, colour, text)
        if key not in self.made:
            xf = self.formats[style] if style < len(self.formats) else self._bare()
            if colour:
                xf = _set(xf, b"fillId", b"%d" % self._fill(colour))
                xf = _set(xf, b"applyFill", b"1")
            if text:
                xf = _set(xf, b"quotePrefix", b"1")
            self.made[key] = self._add(xf)
        return self.made[key]

    def plain(self, style):
        """A style of ours without its colour."""
        key = (style, "plain")
        if key not in self.made:
            xf = _set(_set(self.formats[style], b"fillId", b"0"), b"applyFill", None)
            self.made[key] = next((at for at, one in enumerate(self.formats) if one == xf), None)
            if self.made[key] is None:
                self.made[key] = self._add(xf)
        return self.made[key]

    def told(self, kind):
        """The style of a line in our column."""
        key = ("told", kind)
        if key not in self.made:
            p = self.prefix
            font = b'<%sfont><%ssz val="10"/><%scolor rgb="%s"/><%sname val="\xe5\xae\x8b\xe4\xbd\x93"/></%sfont>' % (p, p, p, FONTS[kind], p, p)  # fmt: skip
            self.fonts.append(font)
            xf = (
                b'<%sxf numFmtId="0" fontId="%d" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
                b'<%salignment vertical="top" wrapText="1"/></%sxf>' % (p, len(self.fonts) - 1, p, p)
            )
            self.made[key] = self._add(xf)
        return self.made[key]

    def _bare(self):
        return b'<%sxf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' % self.prefix

    def _add(self, xf):
        self.formats.append(xf)
        return len(self.formats) - 1

    def _fill(self, colour):
        if colour not in self.fill_of:
            p = self.prefix
            fill = b'<%sfill><%spatternFill patternType="solid"><%sfgColor rgb="%s"/><%sbgColor indexed="64"/></%spatternFill></%sfill>' % (p, p, p, COLOURS[colour], p, p, p)  # fmt: skip
            held = next((at for at, one in enumerate(self.fills) if one == fill), None)
            if held is None:
                self.fills.append(fill)
                held = len(self.fills) - 1
            self.fill_of[colour] = held
        return self.fill_of[colour]

    def written(self):
        if not self.made:
            return self.data
        for name, items in ((b"fonts", self.fonts), (b"fills", self.fills), (b"cellXfs", self.formats)):
            found = self._span(name)
            opening = with_attribute(found[1], b"count", b"%d" % len(items))
            self.data = (
                self.data[: found.start()] + opening + b"".join(items) + found[3] + self.data[found.end() :]
            )
        return self.data


def _set(xf, name, value):
    end = xf.find(b">") + 1
    return with_attribute(xf[:end], name, value) + xf[end:]
