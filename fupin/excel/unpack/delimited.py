"""Text: which coding, which separator; and files that only call themselves tables."""

import csv
import io
import re

from limits import MAX_COLUMNS, MAX_ROWS, MAX_TEXT, MIB, Refused, limit
from sheets import text_sheet

STRETCH = 4 * (MAX_TEXT + 1)
"""Bytes without any separator that are more characters than a cell holds in every coding."""
SUFFIXES = {".csv", ".txt", ".tsv"}
_PAGE = (b"<html", b"<!doctype html", b"<table", b"<head", b"<meta", b"<style", b"<body", b"<div")
_BINARY = (
    (b"%PDF", "PDF"), (b"\xff\xd8\xff", "图片"), (b"\x89PNG", "图片"), (b"GIF8", "图片"), (b"BM", "图片"),
    (b"II*\0", "图片"), (b"MM\0*", "图片"), (b"Rar!", "RAR 压缩包"), (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gz 压缩包"), (b"{\\rtf", "RTF 文档"), (b"SQLite format", "数据库文件"), (b"MZ", "程序"),
    (b"\x7fELF", "程序"), (b"\x09\0\x04\0", "很旧的 Excel 文件"), (b"\x09\2\6\0", "很旧的 Excel 文件"),
    (b"\x09\4\6\0", "很旧的 Excel 文件"),
)  # fmt: skip
_SEEN = re.compile(r"[\w\s,;，。、：:;；（）()/.\"'=+\-*%<>《》〈〉【】\[\]#&@·×—_|]", re.UNICODE)


def read(data, suffix):
    """The messages of a text table (see `__main__`)."""
    head = data[:4096]
    for mark, what in _BINARY:
        if head.startswith(mark) and (len(mark) > 2 or b"\0" in head):
            raise Refused("file_type_mismatch", f"内容是{what}")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = head.replace(b"\0", b"")[2:].lstrip().lower()
    if start.startswith(_PAGE) or (start.startswith((b"<?xml", b"<!--")) and b"<html" in start):
        raise Refused("file_type_mismatch", "内容是网页（HTML）")
    if start.startswith(b"mime-version:") or b"<html" in start:
        raise Refused("file_type_mismatch", "内容是网页（HTML）")
    if start.startswith(b"<?xml"):
        raise Refused("file_type_mismatch", "内容是 XML 文件")
    check_stretches(data)
    text = decoded(data)
    if suffix not in SUFFIXES:
        raise Refused("file_type_mismatch", "内容是文本（CSV）")
    limit(320 * MIB + 12 * len(data), 20)
    yield {"format": "csv"}
    yield from text_sheet("csv", *rows_of(text))


def check_stretches(data):
    """Refuse a cell that is longer by far than one may be, before it is decoded and copied."""
    for at in range(0, len(data) - STRETCH, STRETCH):
        if not any(data.find(mark, at, at + STRETCH) >= 0 for mark in (b",", b"\n", b"\t", b";", b"\r")):
            raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")


def decoded(data):
    """The text of `data`: UTF-16 by its mark or its zero bytes, UTF-8, else GB18030."""
    return read_as(data)[0]


def read_as(data):
    """`(text, coding)`; the coding is None where some of it could not be read. Written in it, the text has its mark again."""
    codecs = ("utf-8-sig", "gb18030")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs = ("utf-16",)
    elif b"\0" in data[:4096]:
        if len(data) % 2:
            raise Refused("file_type_mismatch", "内容是图片或其他二进制文件")
        codecs = ("utf-16-le", "utf-16-be")
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if not codec.startswith("utf-16-") or looks_written(text):
            if codec == "utf-8-sig" and not data.startswith(b"\xef\xbb\xbf"):
                codec = "utf-8"
            return text, codec
    if b"\0" in data[:4096]:
        raise Refused("file_type_mismatch", "内容是图片或其他二进制文件")
    text = lenient(data)
    if text is None:
        raise Refused("file_type_mismatch", "既不是表格，也不是能认出编码的文本")
    return text, None


def looks_written(text):
    """Whether text read without a mark of its coding is text at all."""
    sample = text[:2000]
    return sum(1 for c in sample if _SEEN.match(c) and ord(c) < 0xA000) > 0.9 * len(sample) and "\n" in text


def lenient(data):
    """GB18030 or UTF-8 with a few broken characters (a file cut inside one, a stray byte); None for anything else."""
    for codec in ("utf-8", "gb18030"):
        text = data.decode(codec, "replace")
        if text.count("\ufffd") <= max(2, len(text) // 1000):
            return text
    return None


def delimiter_of(text):
    """The separator that most of the first lines agree on."""
    lines = [line for line in text[:100_000].splitlines()[:40] if line.strip()]
    return max(
        ",\t;",
        key=lambda mark: (sum(1 for line in lines if mark in line), sum(line.count(mark) for line in lines)),
    )


def rows_of(text):
    """`(numbers, rows)` of the records that hold anything; a quotation mark that never closes is a plain character."""
    csv.field_size_limit(len(text) + 1)
    delimiter = delimiter_of(text)
    quoting = csv.QUOTE_MINIMAL if text.count('"') % 2 == 0 else csv.QUOTE_NONE
    source = io.StringIO(text.replace("\0", ""), newline="")
    numbers, rows = [], []
    for number, row in enumerate(csv.reader(source, delimiter=delimiter, quoting=quoting), 1):
        if len(row) > MAX_COLUMNS:
            raise Refused("too_many_columns", f"列数超过 {MAX_COLUMNS}")
        if len(rows) > MAX_ROWS:
            raise Refused("file_bomb", f"行数超过 {MAX_ROWS:,}")
        if max(map(len, row), default=0) > MAX_TEXT:
            raise Refused("cell_too_long", f"有单元格超过 {MAX_TEXT:,} 字")
        if any(row):
            numbers.append(number)
            rows.append(row)
    return numbers, rows
