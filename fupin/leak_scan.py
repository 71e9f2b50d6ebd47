"""Looks for what must not be there: planted tokens and numbers of people, in answers, files in files, names and logs.

A token is MARK and a number: what it stands for is in `Scanner.tokens`. ID numbers (18 digits with a right check
digit), phones and bank accounts are compared with those of the register; an ID number that nobody holds counts as well.
"""

import io
import re
import zipfile
import zlib
from html import unescape
from urllib.parse import unquote

MARK = "犄囗"
TOKEN = re.compile(MARK + r"(\d+)囗")
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{9}[0-9Xx](?![0-9A-Za-z])")
LONG = re.compile(r"(?<!\d)\d{11,19}(?!\d)")
TITLE = re.compile(r"<title>(.*?)</title>", re.S)
WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
DEPTH, MOST = 4, 256 << 20
"""Archives in archives that are opened, and the bytes that one answer may unfold to."""


def token(number):
    return f"{MARK}{number}囗"


def is_id_number(text):
    """Whether the check digit of 18 characters is right."""
    return CHECKS[sum(int(c) * w for c, w in zip(text, WEIGHTS)) % 11] == text[17].upper()


def texts(data, name="", depth=0):
    """`[(where, text)]` of everything in a body: a zip (xlsx, docx) part by part, zips in zips, gzip; else itself."""
    if data[:2] == b"\x1f\x8b" and depth < DEPTH:
        return texts(zlib.decompressobj(31).decompress(data, MOST), f"{name} gzip", depth + 1)
    if data[:4] != b"PK\x03\x04" or depth >= DEPTH:
        return [(name, data.decode("utf-8", "replace"))]
    found = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for part in packed.infolist():
                found.append((name, part.filename + part.comment.decode("utf-8", "replace")))
                if part.file_size <= MOST:
                    found += texts(packed.read(part), f"{name}/{part.filename}", depth + 1)
    except zipfile.BadZipFile:
        found.append((name, data.decode("utf-8", "replace")))
    return found


class Scanner:
    """What must not appear. `tokens` `{number: (place, what)}`, `numbers` `{ID number, phone or account: (place, what)}`;
    `known` are ID numbers of examples, which are nobody's."""

    def __init__(self, tokens, numbers, known=()):
        self.tokens, self.numbers, self.known = tokens, numbers, set(known)

    def text(self, text, allowed):
        """`[words]` of what stands in `text` and may not: tokens of places that `allowed(place)` does not let, and any
        number of a person in full."""
        if MARK not in text and not LONG.search(text) and not ID_NUMBER.search(text):
            return []
        found = []
        for number in map(int, TOKEN.findall(text)):
            place, what = self.tokens.get(number, ("", "未知的记号"))
            if not allowed(place):
                found.append(f"别处的{what}（{place}）")
        for number in ID_NUMBER.findall(text):
            if is_id_number(number) and number.upper() not in self.known:
                found.append(f"未脱敏的证件号码 {number[:3]}…")
        for number in LONG.findall(text):
            if number in self.numbers and len(number) != 18:
                found.append(f"未脱敏的{self.numbers[number][1]} …{number[-2:]}")
        return found

    def answer(self, response, body, allowed):
        """All of one answer: its body, whatever is packed in it, its headers, its title and the name of its file."""
        found = []
        for where, text in texts(body):
            found += [f"{where}{words}" for words in self.text(unescape(text), allowed)]
        for name, value in response.headers.items():
            found += [f"{name}：{words}" for words in self.text(unquote(value), allowed)]
        return found

    def public(self, text):
        """`[words]` of what stands in a log line, where nobody may be named, whoever looks."""
        return self.text(text, lambda place: False)
