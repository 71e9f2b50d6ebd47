"""Ways to spoil what holds a workbook together: the container, its tables, and how often things are said to be there.

What `mutations` changes are single bytes, tags and cells; here it is counts, links and layouts, as broken or spiteful
writers make them. Everything is drawn from one seeded `random.Random`.
"""

import io
import re
import struct
import warnings
import zipfile
import zlib

HUGE = [
    0,
    1,
    2,
    7,
    255,
    256,
    300,
    16_384,
    65_535,
    65_536,
    199_999,
    1_048_576,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    10**12,
]
_NUMBER = re.compile(rb'="(\d{1,10})"')
_OPENED = re.compile(rb"<[A-Za-z][\w:]*(?=[\s/>])")
_REPEATED = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table-column)(?=[\s/>])")

MANY = {
    rb"</sheetData>": [
        b'<mergeCells count="%(n)d">' + b"%(many)s</mergeCells>", b'<mergeCell ref="A%d:C%d"/>',
    ],
    rb"</worksheet>": [
        b'<hyperlinks>%(many)s</hyperlinks>', b'<hyperlink ref="A%d" location="B%d"/>',
    ],
    rb"<pageMargins": [
        b"%(many)s", b'<conditionalFormatting sqref="A%d"><cfRule type="expression" priority="%d"><formula>1</formula></cfRule></conditionalFormatting>',
    ],
    rb"</sheets>": [
        b"<definedNames>%(many)s</definedNames>", b'<definedName name="n%d">Sheet1!$A$%d</definedName>',
    ],
    rb"<sheets>": [b"%(many)s", b'<fileVersion lastEdited="%d" lowestEdited="%d"/>'],
    rb"</cellXfs>": [b"%(many)s", b'<xf numFmtId="%d" fontId="%d"/>'],
    rb"</sst>": [b"%(many)s", b"<si><r><t>a%d</t></r><r><rPr/><t>b%d</t></r></si>"],
    rb"</si>": [b"%(many)s", b"<r><t>a%d</t></r><r><t>%d</t></r>"],
    rb"</row>": [b"%(many)s", b"<c><v>%d</v></c><c><f>%d</f></c>"],
    rb"</table:table>": [b"%(many)s", b'<table:table-row table:number-rows-repeated="%d"><table:table-cell table:number-columns-repeated="%d"/></table:table-row>'],
}  # fmt: skip
"""Before which mark of a part what is put many times: [its frame, one of them]."""


def in_counts(data, chance):
    """A few figures among the attributes replaced by ones that nothing in the file bears out."""
    found = list(_NUMBER.finditer(data))
    for spot in sorted(
        chance.sample(found, min(len(found), chance.choice([1, 1, 3, 20]))), key=lambda m: -m.start()
    ):
        data = data[: spot.start(1)] + str(chance.choice(HUGE)).encode() + data[spot.end(1) :]
    return data


def in_number(data, chance):
    """One kind of element, thousands of times; or tags nested as deeply."""
    marks = [mark for mark in MANY if mark in data]
    count = chance.choice([100, 2000, 20_000, 60_000])
    if not marks or chance.random() < 0.15:
        spot = chance.choice(list(_OPENED.finditer(data)) or [None])
        at = spot.start() if spot else 0
        name = spot[0][1:] if spot else b"a"
        closed = b"</%s>" % name * count if chance.random() < 0.7 else b""
        return data[:at] + b"<%s>" % name * count + closed + data[at:]
    mark = chance.choice(marks)
    frame, one = MANY[mark]
    many = b"".join(one % (n, n) for n in range(1, count + 1))
    at = data.rindex(mark)
    return data[:at] + frame.replace(b"%(n)d", b"%d" % count).replace(b"%(many)s", many) + data[at:]


def in_repeats(data, chance):
    """Rows and cells of an .ods that say they stand there many times."""
    found = list(_REPEATED.finditer(data))
    for spot in sorted(
        chance.sample(found, min(len(found), chance.choice([1, 1, 2, 8]))), key=lambda m: -m.start()
    ):
        what = b"rows" if spot[1] == b"table-row" else b"columns"
        said = b' table:number-%s-repeated="%d"' % (what, chance.choice(HUGE))
        if chance.random() < 0.3:
            said += b' table:formula="of:=1"'
        data = data[: spot.end()] + said + data[spot.end() :]
    return data


def packed(parts, chance):
    """The parts in a zip that is laid out in an unusual way, or whose directory is wrong."""
    way = chance.randrange(9)
    stream = io.BytesIO()
    method = (
        zipfile.ZIP_STORED if way == 0 else chance.choice([zipfile.ZIP_DEFLATED] * 4 + [zipfile.ZIP_BZIP2])
    )
    if way == 1:
        stream.write(b"PK\3\4 in front " * 3)
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "a" if way == 1 else "w", method) as new:
        warnings.simplefilter("ignore")
        for name, data in parts:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            with new.open(entry, "w", force_zip64=way == 2) as part:
                part.write(data)
        if way == 3 and parts:
            new.writestr(*chance.choice(parts))
        if way == 4:
            new.comment = b"PK\5\6" + b"\0" * chance.choice([4, 18, 40])
    return wrong_directory(stream.getvalue(), way, chance)


def wrong_directory(data, way, chance):
    data = bytearray(data)
    places = [found.start() for found in re.finditer(rb"PK\x01\x02", data)]
    if way == 5 and places:  # sizes, checksums, methods, places
        for _ in range(chance.choice([1, 3])):
            at = chance.choice(places)
            spot = at + chance.choice([8, 10, 16, 20, 24, 28, 30, 42])
            data[spot : spot + 2] = struct.pack("<H", chance.choice([0, 1, 8, 12, 99, 0x800, 0xFFFF]))
    elif way == 6 and places:
        at = data.rfind(b"PK\5\6")
        spot = at + chance.choice([4, 8, 10, 12, 16, 20])
        data[spot : spot + 2] = struct.pack("<H", chance.choice([0, 1, 2, 3000, 0xFFFF]))
    elif way == 7:  # every part told by what stands behind it
        for at in (found.start() for found in re.finditer(rb"PK\x03\x04", bytes(data))):
            data[at + 6] |= 8
            data[at + 14 : at + 26] = b"\0" * 12
    elif way == 8:
        data += b"\0" * chance.choice([1, 100, 70_000])
    return bytes(data)


def in_sectors(content, chance):
    """An old workbook with links, sizes and places that lead elsewhere."""
    data = bytearray(content)
    shift = struct.unpack_from("<H", data, 30)[0] if len(data) > 512 else 9
    size = 1 << (shift if shift in (9, 12) else 9)
    for _ in range(chance.choice([1, 1, 2, 5])):
        way = chance.randrange(5)
        if way == 0:  # a sector is followed by another, or by itself
            table = (struct.unpack_from("<I", data, 76)[0] + 1) * size
            at = chance.randrange(max(len(data) // size, 1))
            follow = chance.choice([at, at - 1, 0, at + 1, 0xFFFFFFFE, 0xFFFFFFFF])
            spot, value = table + 4 * at, follow & 0xFFFFFFFF
        elif way == 1:
            spot, value = chance.choice([44, 48, 56, 60, 64, 68, 72, 76]), chance.choice(HUGE) & 0xFFFFFFFF
        elif way == 2:  # the directory
            directory = (struct.unpack_from("<I", data, 48)[0] + 1) * size
            spot = directory + 128 * chance.randrange(4) + chance.choice([64, 68, 76, 116, 120])
            value = chance.choice(HUGE) & 0xFFFFFFFF
        else:
            spot, value = in_record(data, chance), chance.choice(HUGE) & 0xFFFFFFFF
        if 0 <= spot <= len(data) - 4:
            struct.pack_into("<I", data, spot, value)
    return bytes(data)


_RECORD = re.compile(
    rb"(?:\xfd\0\x0a|\x03\x02\x0e|\x7e\x02\x0a|\xbd\0.|\0\x02\x0e|\x85\0.|\xe5\0.|\xfc\0.|\x3c\0.|\x09\x08.)\0",
    re.DOTALL,
)


def in_record(data, chance):
    """Where a figure of some record stands: of a cell, a range, a sheet's place, the shared texts."""
    found = list(_RECORD.finditer(data))
    return chance.choice(found).start() + chance.choice([2, 4, 6, 8, 10, 12]) if found else -1


def in_lines(content, chance):
    """Text as one endless line, with zero bytes, or in two codings at once."""
    way = chance.randrange(5)
    if way == 0:
        return content.replace(b"\r\n", b",").replace(b"\n", b",") * chance.choice([1, 20])
    if way == 1:
        return content.replace(b",", b"\0,", chance.choice([1, 10**6]))
    if way == 2:
        half = content.rfind(b"\n", 0, len(content) // 2) + 1
        return content[:half] + content[half:].decode("gb18030", "replace").encode(
            chance.choice(["utf-8", "utf-16-le", "big5"]), "replace"
        )
    if way == 3:
        return content + b'"' + b"x," * chance.choice([100, 200_000])
    return content + chance.choice([b"x", b"\xff", b"\n", b"\r", b",", b'"']) * chance.choice(
        [1000, 40_000, 1_000_000]
    )


def unpacked(content):
    """`[(name, bytes)]` of a zip, None where it is none that can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as old:
            return [(entry.filename, old.read(entry)) for entry in old.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
