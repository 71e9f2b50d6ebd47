"""Ways to spoil a workbook: bytes, parts, tags, cells, headers. Everything is drawn from one seeded `random.Random`."""

import io
import re
import warnings
import zipfile
import zlib

from tests.fuzz import structures

NASTY = [
    "", " ", "\u3000", "\u00a0", "\u200b", "-", "—", "/", "*", "***", "××", "xxx", "^v^", "〃", "同上", "无", "暂无", "NULL",
    "nan", "NaN", "inf", "-inf", "1e999", "1E+400", "-1e-400", "0x10", "1_000", "١٢٣", "²³", "½", "Ⅷ", "㊀", "①", "一", "十", "亿亿",
    "万万万", "零", "〇〇〇〇年", "约三千", "100多亩", "3.5万元", "1,200", "1，200", "60%", "5000元整", "-5", "--5", "+", ".", "..", "1.", ".5",
    "2019.1", "2019.10", "2019.13", "20190230", "20191301", "99999999", "0000-00-00", "2019年0月0日", "19.5", "5月", "0月0日", "至今",
    "农历五月", "民国八年", "二〇一九年五月三十二日", "1905-07-11", "2019-05-01T25:61", "43586", "-43586", "1e5", "5.13327E+17",
    "513327196003071234", "51332719600307123X", "51332719600307123Ⅹ", "５１３３２７", "G513327196003071234", "51332719600307123412",
    "138 0000 0000", "13800000000、13900000000", "138****0000", "0831-1234567-12", "+8613800000000", "是", "否", "√", "TRUE",
    "=1+1", "=cmd|'/c calc'!A1", "<script>alert(1)</script>", "&lt;", "]]>", "\x00", "\x1b", "\ud7ff", "\ufffe", "\U0010ffff", "𠮷䶮",
    "a" * 300, "长" * 40_000, "," * 500, '"', '""', "'", "\n", "\r\n", "\t", "合计", "小计", "注：", "户编号", "姓名", "白坪村", "01-因病", "因病、因残",
    "2018人均收入", "工资性收入（万元）", "(", "（", "【", "[", "\\", "%s", "{0}", "1900", "2100", "-0", "0.0000000001", "9" * 400,
]  # fmt: skip
ODDLY = 0.3
"""How many of the files are spoiled in what holds them together."""
_REFERENCES = [
    "A0",
    "XFD1",
    "XFE1",
    "ZZZZ9",
    "A1048576",
    "A1048577",
    "A99999999999",
    "1A",
    "",
    "a1",
    "$A$1",
    "A-1",
    "IV65536",
]
_TELLING = re.compile(r"sheet\d|content\.xml|sharedStrings|workbook\.xml|styles|\.xlsx?$")
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_CELL_TEXT = re.compile(rb"(<(?:t|v|text:p)(?:\s[^>]*)?>)([^<]*)(<)")
_TAG = re.compile(rb"<[^>]{1,200}>")


def mutated(content, name, chance):
    """`(bytes, name)` of a spoiled copy."""
    if chance.random() < ODDLY:
        content = oddly(content, name, chance)
    elif content.startswith(b"PK") and chance.random() < 0.75:
        content = in_parts(content, chance)
    elif name.endswith((".csv", ".txt", ".tsv")) and chance.random() < 0.8:
        content = in_text(content, chance)
    else:
        content = in_bytes(content, chance)
    if chance.random() < 0.05:
        name = chance.choice(["a.xlsx", "a.xls", "a.csv", "a.ods", "a.et", "a.zip", "a", "..", "a.XLSX "])
    return content, name


def oddly(content, name, chance):
    """What holds the workbook together is spoiled (see `structures`)."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return structures.in_sectors(content, chance)
    parts = structures.unpacked(content) if content.startswith(b"PK") else None
    if parts is None:
        text = name.endswith((".csv", ".txt", ".tsv"))
        return structures.in_lines(content, chance) if text else in_bytes(content, chance)
    if chance.random() < 0.3:
        return structures.packed(parts, chance)
    likely = [at for at, (part, _) in enumerate(parts) if _TELLING.search(part)]
    at = chance.choice(likely) if likely else chance.randrange(len(parts))
    part, data = parts[at]
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        data = oddly(data, part, chance)
    else:
        ways = [structures.in_counts, structures.in_number]
        if b"<table:table" in data:
            ways += [structures.in_repeats] * 2
        data = chance.choice(ways)(data, chance)
    parts[at] = part, data
    return zipped(parts)


def zipped(parts):
    """An archive of `[(name, bytes)]`, names that come twice too."""
    stream = io.BytesIO()
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        warnings.simplefilter("ignore")
        for name, data in parts:
            new.writestr(name, data)
    return stream.getvalue()


def in_bytes(content, chance):
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 20, 100])):
        if not data:
            break
        at = chance.randrange(len(data))
        way = chance.randrange(6)
        if way < 3:
            data[at] = chance.randrange(256)
        elif way == 3:
            del data[at : at + chance.choice([1, 2, 8, 64, 512])]
        elif way == 4:
            data[at:at] = data[at : at + chance.choice([1, 4, 64, 512])]
        else:
            data[at : at + 4] = chance.choice(
                [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\1\0\0\0"]
            )
    if chance.random() < 0.2:
        del data[chance.randrange(len(data) + 1) :]
    return bytes(data)


def in_parts(content, chance):
    """Some parts of a zip changed, dropped, doubled or renamed; the zip itself stays whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as old:
            parts = [(entry.filename, old.read(entry)) for entry in old.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return in_bytes(content, chance)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        if not parts:
            break
        likely = [at for at, (name, _) in enumerate(parts) if _TELLING.search(name)]
        at = chance.choice(likely) if likely and chance.random() < 0.7 else chance.randrange(len(parts))
        name, data = parts[at]
        way = chance.randrange(20)
        if way == 0 and len(parts) > 1:
            del parts[at]
        elif way == 1:
            parts.append((name.replace("1", "2") if chance.random() < 0.5 else name + ".bak", data))
        elif way == 2:
            parts[at] = (
                chance.choice([name.upper(), "/" + name, "../" + name, name.replace("/", "\\"), "x"]),
                data,
            )
        elif data.startswith(b"PK"):
            parts[at] = (name, mutated(data, name, chance)[0])
        elif way < 4:
            parts[at] = (name, in_bytes(data, chance))
        else:
            parts[at] = (name, in_xml(data, chance))
    return zipped(parts)


def in_xml(data, chance):
    way = chance.choice([0, 0, 0, 0, 0, 0, 4, 4, 5, 6, 7, 8, 9])
    if way == 0:
        return in_cells(data, chance)
    if way == 4:
        return swapped(data, chance)
    if way == 5:
        return in_attributes(data, chance)
    tags = list(_TAG.finditer(data))
    if not tags:
        return in_bytes(data, chance)
    tag = chance.choice(tags)
    if way == 6:
        return data[: tag.start()] + data[tag.end() :]
    if way == 7:
        other = chance.choice(tags)
        first, last = sorted((tag.start(), other.end()))
        return data[:first] + data[first:last][:4000] * chance.choice([2, 3, 50]) + data[last:]
    if way == 8:
        extra = chance.choice(
            [
                b'<!DOCTYPE a [<!ENTITY b "c">]>',
                b"<![CDATA[<x>]]>",
                b"<!-- -->",
                b"<a>" * 3000,
                b"&#0;",
                b"&nbsp;",
                b"\xff",
                b"<x:y/>",
            ]
        )
        return data[: tag.start()] + extra + data[tag.start() :]
    codec = chance.choice(["utf-16", "utf-16-be", "gb18030", "utf-8-sig"])
    return data.decode("utf-8", "ignore").encode(codec)


def in_attributes(data, chance):
    found = list(_ATTRIBUTE.finditer(data))
    for _ in range(chance.choice([1, 3, 10])):
        if not found:
            break
        attribute = chance.choice(found)
        if attribute[1] == b"r":
            value = chance.choice(_REFERENCES)
        else:
            value = chance.choice(
                [
                    "",
                    "0",
                    "1",
                    "-1",
                    "99999999999",
                    "s",
                    "e",
                    "b",
                    "d",
                    "str",
                    "inlineStr",
                    "n",
                    "x",
                    "1e9",
                    "true",
                ]
            )
        if data[attribute.start(2) : attribute.end(2)] == attribute[2]:
            filler = value.encode()
            data = data[: attribute.start(2)] + filler + data[attribute.end(2) :]
            found = list(_ATTRIBUTE.finditer(data)) if len(data) < 200_000 else []
    return data


def escaped(word):
    return (
        word.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("\x00", "")
        .replace("\x1b", "")
        .replace("\ufffe", "")
    ).encode("utf-8", "ignore")


def in_cells(data, chance):
    """Texts and figures of cells replaced by nasty ones."""
    found = list(_CELL_TEXT.finditer(data))
    if not found:
        return in_bytes(data, chance)
    picked = {chance.randrange(len(found)) for _ in range(chance.choice([1, 5, 40, len(found)]))}
    pieces, end = [], 0
    for at in sorted(picked):
        cell = found[at]
        figure = cell[1].startswith(b"<v") and chance.random() < 0.7
        word = (
            str(chance.choice([0, 1, -1, 1e300, 2019.1, 2019.5, 43586, 1e15, 5.13327e17, 0.5, 99999999, -3]))
            if figure
            else chance.choice(NASTY)
        )
        pieces += [data[end : cell.start(2)], escaped(word)]
        end = cell.end(2)
    return b"".join([*pieces, data[end:]])


def swapped(data, chance):
    """The first texts, which are titles and headers, in another order."""
    found = list(_CELL_TEXT.finditer(data[:40_000]))[: chance.choice([10, 30, 60])]
    words = [cell[2] for cell in found]
    chance.shuffle(words)
    pieces, end = [], 0
    for cell, word in zip(found, words):
        pieces += [data[end : cell.start(2)], word]
        end = cell.end(2)
    return b"".join([*pieces, data[end:]])


def in_text(content, chance):
    """Lines and cells of a text table moved, replaced and coded anew."""
    text = (
        content.decode("gb18030", "replace")
        if content[:2] != b"\xff\xfe"
        else content.decode("utf-16", "replace")
    )
    lines = text.split("\n")
    for _ in range(chance.choice([1, 5, 30])):
        at = chance.randrange(len(lines))
        way = chance.randrange(5)
        cells = lines[at].split(",")
        if way <= 2:
            cells[chance.randrange(len(cells))] = chance.choice(NASTY)
            lines[at] = ",".join(cells)
        elif way == 3:
            chance.shuffle(cells)
            lines[at] = ",".join(cells)
        else:
            lines.insert(at, lines[chance.randrange(len(lines))])
    text = "\n".join(lines)
    if chance.random() < 0.2:
        text = text.replace(",", chance.choice(["\t", ";", "|", ",,"]))
    codec = chance.choice(
        ["gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "big5"]
    )
    return text.encode(codec, "ignore")
