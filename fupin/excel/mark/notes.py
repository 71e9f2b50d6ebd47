"""The notes on the cells of one sheet while it is marked: the comments, and the boxes that Excel draws them in.

A note on a cell that somebody has noted already is added to that one's text, or, where it is an earlier one of ours,
takes its place.
"""

import re

from parts import attribute, escaped, letters, number_of

AUTHOR = "帮扶通"
_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_COMMENT = re.compile(rb"<" + _P + rb"comment\b[^>]*>.*?</" + _P + rb"comment>", re.DOTALL)
_AUTHOR = re.compile(rb"<" + _P + rb"author\b[^>]*?(?:/>|>(.*?)</" + _P + rb"author>)", re.DOTALL)
_AUTHORS = re.compile(rb"(<" + _P + rb"authors\b[^>]*?)(/>|>.*?</" + _P + rb"authors>)", re.DOTALL)
_LIST_END = re.compile(rb"</" + _P + rb"commentList>")
_SHAPE = re.compile(rb"<v:shape\b.*?</v:shape>", re.DOTALL)
_ROW = re.compile(rb"<x:Row>\s*(\d+)\s*</x:Row>")
_COLUMN = re.compile(rb"<x:Column>\s*(\d+)\s*</x:Column>")
EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors></authors><commentList>'
    b"</commentList></comments>"
)
STRICT_EMPTY = EMPTY.replace(
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)
EMPTY_BOXES = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    b'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/>'
    b"</v:shapetype></xml>"
)
_BOX = (
    b'<v:shape id="_fupin%d" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;width:210pt;'
    b'height:%dpt;z-index:%d;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    b'<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox '
    b'style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    b"<x:Anchor>%d, 15, %d, 2, %d, 15, %d, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>%d</x:Row>"
    b"<x:Column>%d</x:Column></x:ClientData></v:shape>"
)


class Notes:
    """Notes of one sheet. `comments` and `boxes` are its parts as they stand, b"" for none."""

    def __init__(self, comments, boxes, *, strict=False):
        self.comments, self.boxes = comments or (STRICT_EMPTY if strict else EMPTY), boxes or EMPTY_BOXES
        authors = [found[1] or b"" for found in _AUTHOR.finditer(self.comments)]
        ours = {b"%d" % at for at, name in enumerate(authors) if name == AUTHOR.encode()}
        self.held, self.earlier, kept = {}, set(), []
        for comment in _COMMENT.findall(self.comments):
            place = attribute(comment, b"ref").decode()
            if attribute(comment, b"authorId") in ours:
                self.earlier.add(_place(place))
            else:
                self.held[_place(place)] = len(kept)
                kept.append(comment)
        self.kept, self.added, self.longer = kept, {}, False
        self.author = next(iter(sorted(ours)), None)
        if self.author is None:
            self.author = b"%d" % len(authors)
            self._add_author()

    def _add_author(self):
        found = _AUTHORS.search(self.comments)
        inside = b">" if found[2] == b"/>" else found[2][: found[2].rfind(b"</")]
        tag = found[1].strip()[1:].split()[0]
        one = tag[:-1]  # authors -> author
        new = found[1] + inside + b"<%s>%s</%s></%s>" % (one, AUTHOR.encode(), one, tag)
        self.comments = self.comments[: found.start()] + new + self.comments[found.end() :]

    def add(self, row, column, text):
        """Whether a note was added: not where it stands already."""
        place = (row, column)
        if place in self.held:
            at = self.held[place]
            end = re.search(rb"</(" + _P + rb")text>", self.kept[at])
            if end is None or escaped(text) in self.kept[at]:
                return False
            run = b'<%sr><%st xml:space="preserve">\n%s</%st></%sr>' % (end[1], end[1], escaped(text), end[1], end[1])  # fmt: skip
            self.longer = True
            self.kept[at] = self.kept[at][: end.start()] + run + self.kept[at][end.start() :]
            return True
        lines = self.added.setdefault(place, [])
        if text in lines:
            return False
        lines.append(text)
        return True

    @property
    def changed(self):
        return bool(self.added or self.earlier) or self.longer

    def written(self):
        """`(comments, boxes)`."""
        prefix = re.search(rb"<(" + _P + rb")comments\b", self.comments)[1]
        said = [*self.kept]
        for (row, column), lines in sorted(self.added.items()):
            said.append(
                b'<%scomment ref="%s%d" authorId="%s"><%stext><%st xml:space="preserve">%s</%st></%stext></%scomment>'
                % (
                    prefix, letters(column).encode(), row, self.author, prefix, prefix, escaped("\n".join(lines)), prefix,
                    prefix, prefix,
                )
            )  # fmt: skip
        first = _COMMENT.search(self.comments)
        end = _LIST_END.search(self.comments)
        begin = first.start() if first else end.start()
        comments = self.comments[:begin] + b"".join(said) + self.comments[end.start() :]
        return comments, self._boxes()

    def _boxes(self):
        def mine(found):
            row, column = _ROW.search(found[0]), _COLUMN.search(found[0])
            place = row and column and (int(row[1]) + 1, int(column[1]) + 1)
            return b"" if place in self.earlier and place not in self.held else found[0]

        boxes = _SHAPE.sub(mine, self.boxes)
        drawn = []
        for n, ((row, column), lines) in enumerate(sorted(self.added.items()), 1):
            height = 30 + 16 * sum(len(line) // 18 + 1 for line in lines)
            top, left = row - 1, column
            drawn.append(
                _BOX % (n, height, n, left, top, left + 3, top + 2 + height // 18, row - 1, column - 1)
            )
        end = boxes.rfind(b"</xml>")
        return boxes[:end] + b"".join(drawn) + boxes[end:]


def _place(ref):
    word = ref.rstrip("0123456789")
    return int(ref[len(word) :]), number_of(word)
