"""Old workbooks made by hand: a compound file around any streams, and BIFF records. Small, for the tests alone."""

import struct

SECTOR = 512


def compound(streams):
    """The bytes of a compound file with these `{name: content}`; each stream is padded past the mini cutoff."""
    bodies = {name: content + b"\0" * max(4096 - len(content), 0) for name, content in streams.items()}
    sectors, fat, starts = [], [], {}

    def put(content):
        first, count = len(sectors), -(-len(content) // SECTOR)
        for at in range(count):
            sectors.append(content[at * SECTOR : (at + 1) * SECTOR].ljust(SECTOR, b"\0"))
            fat.append(first + at + 1 if at < count - 1 else 0xFFFFFFFE)
        return first

    for name, content in bodies.items():
        starts[name] = put(content)
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for at, (name, content) in enumerate(bodies.items(), 1):
        sibling = at + 1 if at < len(bodies) else 0xFFFFFFFF
        entries.append(_entry(name, 2, starts[name], len(content), right=sibling))
    while len(entries) % 4:
        entries.append(b"\0" * 128)
    directory = put(b"".join(entries))
    count = 1
    while count * 128 < len(fat) + count:
        count += 1
    table_at = len(sectors)
    fat += [0xFFFFFFFD] * count
    table = b"".join(struct.pack("<I", at) for at in fat).ljust(count * SECTOR, b"\xff")
    sectors += [table[at * SECTOR : (at + 1) * SECTOR] for at in range(count)]
    places = [table_at + at for at in range(count)] + [0xFFFFFFFF] * (109 - count)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\0" * 6
    )
    header += struct.pack("<IIIIIIIII", 0, count, directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header + struct.pack("<109I", *places) + b"".join(sectors)


def _entry(name, kind, start, size, child=0xFFFFFFFF, right=0xFFFFFFFF):
    raw = name.encode("utf-16-le") + b"\0\0"
    return (
        raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1) + struct.pack("<III", 0xFFFFFFFF, right, child)
        + b"\0" * 36 + struct.pack("<IQ", start, size)
    )  # fmt: skip


def record(kind, body=b""):
    return struct.pack("<HH", kind, len(body)) + body


def biff(sheet, *, version=8, before=b""):
    """A workbook stream of one sheet named 甲 whose records are `sheet`; `before` are records of the whole book."""
    word = 0x0600 if version == 8 else 0x0500
    name = "甲".encode("utf-16-le") if version == 8 else "甲".encode("gbk")
    named = bytes([1, 1]) + name if version == 8 else bytes([len(name)]) + name
    codepage = record(0x42, struct.pack("<H", 1200 if version == 8 else 936))
    start = (
        record(0x809, struct.pack("<HHHH", word, 0x05, 0, 0) + (b"\0" * 8 if version == 8 else b""))
        + codepage
        + before
    )
    length = len(start) + 4 + 6 + len(named) + 4
    book = start + record(0x85, struct.pack("<IBB", length, 0, 0) + named) + record(0x0A)
    return (
        book
        + record(0x809, struct.pack("<HHHH", word, 0x10, 0, 0) + (b"\0" * 8 if version == 8 else b""))
        + sheet
        + record(0x0A)
    )


def label(row, column, text, version=8):
    """A cell of text."""
    if version == 8:
        body = struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")
    else:
        raw = text.encode("gbk")
        body = struct.pack("<H", len(raw)) + raw
    return record(0x204, struct.pack("<HHH", row, column, 0) + body)


def figure(row, column, value, style=0):
    return record(0x203, struct.pack("<HHHd", row, column, style, value))


def fault(row, column, code=0x2A):
    """A cell with an error value."""
    return record(0x205, struct.pack("<HHHBB", row, column, 0, code, 1))


def hidden_row(row):
    return record(0x208, struct.pack("<HHHHHHHH", row, 0, 5, 255, 0, 0, 0x20, 0))


def hidden_column(column):
    return record(0x7D, struct.pack("<HHHHH", column, column, 2000, 0, 1) + b"\0\0")
