"""Zip containers: nothing is trusted that the directory says, and every part is inflated once, in pieces, to count."""

import re
import struct
import zipfile
import zlib

from limits import CHUNK, MAX_INFLATED, MAX_PARTS, MAX_RATIO, MIB, RATIO_FROM, Refused

BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, struct.error, OSError,
)  # fmt: skip
MACROS = re.compile(r"vbaproject\.bin$|(^|/)macrosheets/", re.IGNORECASE)
_XML = (".xml", ".rels", ".vml")


def opened(file):
    """The archive in the open binary `file`, its directory checked: count, names, sizes, no two parts in one place."""
    check_directory(file)
    archive = zipfile.ZipFile(file)
    entries = archive.infolist()
    if len(entries) > MAX_PARTS:
        raise Refused("file_bomb", f"压缩包里有 {len(entries)} 个成员")
    names = [entry.filename for entry in entries]
    for part in names:
        if part.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", part) or re.match(r"[A-Za-z]:", part):
            raise Refused("file_path_traversal", "压缩包里有越界的成员名")
    if len(names) != len(set(names)):
        raise Refused("file_corrupt", "压缩包里有重名成员")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("file_encrypted", "压缩包加了密码")
    check_sizes(entries)
    return archive


def check_directory(file):
    """Refuse a directory that is too long to be read, before the library reads it."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(size - 66_000, 0))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 20 > len(tail):
        raise Refused("file_corrupt", "压缩包不完整")
    count, length = struct.unpack_from("<HL", tail, at + 10)
    longer = tail.rfind(b"PK\x06\x06", 0, at)
    if longer >= 0 and longer + 56 <= len(tail):
        count, length = struct.unpack_from("<QQ", tail, longer + 32)
    if length > 4 * MIB or (count > MAX_PARTS and length > 46 * MAX_PARTS):
        raise Refused("file_bomb", f"压缩包里有 {count} 个成员")


def check_sizes(entries):
    """What the directory itself says is too much; lies are found by counting."""
    if sum(entry.file_size for entry in entries) > MAX_INFLATED or any(swollen(entry) for entry in entries):
        raise Refused("file_bomb", "解压后体积异常")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused("file_bomb", "压缩包里的成员互相重叠")
        end = entry.header_offset + 30 + entry.compress_size


def swollen(entry, size=0):
    size = size or entry.file_size
    return size > RATIO_FROM and size > MAX_RATIO * max(entry.compress_size, 1)


def count(archive, watch=None, first=()):
    """Inflate every part, nothing kept; returns the inflated size in bytes.

    `watch` {part name: function of each piece} looks on; parts in `first` are read before the others.
    """
    watch, total = watch or {}, 0
    entries = sorted(archive.infolist(), key=lambda entry: entry.filename not in first)
    for entry in entries:
        if not entry.is_dir():
            total += inflate(archive, entry, MAX_INFLATED - total, watch.get(entry.filename))
    return total


def inflate(archive, entry, room, look=None):
    size, tail = 0, b""
    xml = entry.filename.lower().endswith(_XML)
    with archive.open(entry) as part:
        while piece := part.read(CHUNK):
            size += len(piece)
            if size > room or swollen(entry, size):
                raise Refused("file_bomb", "解压后体积异常")
            if xml:
                check_entities(tail + piece if tail else piece)
                tail = piece[-20:]
            if look is not None:
                look(piece)
    return size


def check_entities(piece):
    """DTDs and entities have no place in a workbook; `<!` also begins comments and CDATA, which may stay."""
    if b"<!" in piece and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
        raise Refused("file_entity_attack", "XML 里有 DTD 或实体声明")
    if b"\0" in piece and (b"<\0!\0" in piece or b"\0<\0!" in piece):
        plain = piece.replace(b"\0", b"")
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise Refused("file_entity_attack", "XML 里有 DTD 或实体声明")


def shown_name(entry):
    """The name of a member as it was given: UTF-8 where the archive says so or it reads so, else GBK."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return entry.filename
