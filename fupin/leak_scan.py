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
    `known` are ID numbers of examples, which are nobody's; `masked` tokens (their numbers) stand in values that nobody
    sees before asking for them in full. `met` counts the tokens that were seen where they may be: a walk that met none
    proves nothing.
    """

    def __init__(self, tokens, numbers, known=(), masked=()):
        self.tokens, self.numbers, self.known, self.masked = tokens, numbers, set(known), set(masked)
        self.met = 0

    def any_token(self):
        """A token of this register, "" when there is none."""
        return token(max(self.tokens)) if self.tokens else ""

    def text(self, text, allowed, *, typed=(), whole=False):
        """`[words]` of what stands in `text` and may not: tokens that `allowed(place, what)` does not let, and any number
        of a person in full. `typed` are numbers that whoever asks has named; `whole`: numbers in full were asked for, so
        those of an allowed place may stand there."""
        if MARK not in text and not LONG.search(text) and not ID_NUMBER.search(text):
            return []
        found = []
        for number in map(int, TOKEN.findall(text)):
            place, what = self.tokens.get(number, ("", "未知的记号"))
            if not allowed(place, what):
                found.append(f"别处的{what}（{place}）")
            elif number in self.masked and not whole:
                found.append(f"未脱敏的{what}（{place}）")
            else:
                self.met += 1
        for number in map(str.upper, ID_NUMBER.findall(text)):
            if is_id_number(number) and number not in self.known and number not in typed:
                place, what = self.numbers.get(number, ("", "证件号码"))
                if not (whole and allowed(place, what)):
                    found.append(f"未脱敏的{what} {number[:3]}…（{place}）")
        for number in LONG.findall(text):
            if number in self.numbers and len(number) != 18 and number not in typed:
                place, what = self.numbers[number]
                if not (whole and allowed(place, what)):
                    found.append(f"未脱敏的{what} …{number[-2:]}（{place}）")
        return found

    def answer(self, response, body, allowed, **look):
        """All of one answer: its body, whatever is packed in it, its headers, its title and the name of its file."""
        found = []
        for where, text in texts(body):
            found += [f"{where}{words}" for words in self.text(unescape(text), allowed, **look)]
        for name, value in response.headers.items():
            found += [f"{name}：{words}" for words in self.text(unquote(value), allowed)]
        return found

    def public(self, text):
        """`[words]` of what stands in a log line, where nobody may be named, whoever looks."""
        return self.text(text, lambda place, what="": False)
