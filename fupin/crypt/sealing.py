"""A value into what a column holds, and back.

A token is `I1.` (suite and version of the key) and, in base64, nonce, ciphertext and tag. The field and the row's key
are authenticated with it: a token copied to another row or column does not open. A mark, what looking up compares, is
`1.` (the version of the key) and the first bytes of a keyed digest of the normalised value.
"""

import os
import unicodedata
from binascii import Error, a2b_base64, b2a_base64
from functools import cache

from fupin.crypt.ring import reread, ring
from fupin.crypt.suites import NONCE, InvalidTag

MARK_BYTES, SHORT_BYTES = 15, 9
"""Bytes of a digest that a mark keeps: 120 bits where it stands for one value, 72 for the last four of one."""
_SKIPPED = dict.fromkeys(map(ord, " \t\r\n\u200b\u200c\u200d\u2060\ufeff"))


class Unreadable(Exception):
    """A token that does not open: altered, of another row or column, or of a key that the ring no longer holds."""


class Sealed(str):
    """Text that is ready for an encrypted column."""

    __slots__ = ()


def seal_text(value, purpose, row):
    """The token of `value` for `purpose` (model.field) of the row with key `row`; "" for blank."""
    if not value:
        return Sealed("")
    return Sealed(seal_many((value,), purpose, (row,))[0])


def seal_many(values, purpose, rows):
    """Tokens of many values of one field; `rows` are the keys of their rows."""
    held = ring()
    encrypt, head, bound = held.cipher(held.current, purpose).encrypt, f"{held.current.head}.", f"{purpose}|"
    nonces, at, found = os.urandom(NONCE * len(values)), 0, []
    for value, row in zip(values, rows):
        if value:
            nonce = nonces[at : at + NONCE]
            at += NONCE
            data = nonce + encrypt(nonce, value.encode(), f"{bound}{row}".encode())
            found.append(head + b2a_base64(data, newline=False).decode())
        else:
            found.append("")
    return found


def opener(purpose):
    """`open(token, row)` for one field: the value, or Unreadable."""
    bound, known, seen = f"{purpose}|", {}, None

    def decrypt_of(head):
        key = ring().by_head.get(head) or reread().by_head.get(head)
        if key is None:
            raise Unreadable(f"{purpose}: 密钥 {head[:8]} 不在密钥文件中")
        known[head] = ring().cipher(key, purpose).decrypt
        return known[head]

    def open_token(token, row):
        nonlocal seen
        head, _, body = token.partition(".")
        if seen is not (held := ring()):
            known.clear()
            seen = held
        decrypt = known.get(head) or decrypt_of(head)
        try:
            data = a2b_base64(body)
            return decrypt(data[:NONCE], data[NONCE:], f"{bound}{row}".encode()).decode()
        except (InvalidTag, Error, ValueError) as error:
            raise Unreadable(f"{purpose} {row}: 密文与所在的行不符或已被改动") from error

    return open_token


opener = cache(opener)


def normal(value):
    """What is digested: full width as half width, no spaces, letters in upper case."""
    if value.isascii() and " " not in value and value.isprintable():
        return value.upper()
    return unicodedata.normalize("NFKC", value).translate(_SKIPPED).upper()


def _marks(key, held, purpose, size):
    digest, head = held.digest(key, purpose), f"{key.version}."

    def mark(value):
        return head + b2a_base64(digest(normal(value).encode())[:size], newline=False).decode()

    return mark


def marks_for(purpose, size=MARK_BYTES):
    """A function from a value to its mark under the current key; "" for blank."""
    held = ring()
    mark = _marks(held.current, held, purpose, size)
    return lambda value: mark(value) if value else ""


def marks_of(value, purpose, size=MARK_BYTES):
    """All marks under which `value` may be found: one for each key of the ring."""
    if not value:
        return [""]
    held = ring()
    return [_marks(key, held, purpose, size)(value) for key in held.newest_first()]


def marks_with_values(values, purpose, size=MARK_BYTES):
    """`[(mark, value)]` of values that are not blank, for each key of the ring: rows that are looked for by many of them
    are told by their marks, and no token need be opened."""
    held = ring()
    makers = [_marks(key, held, purpose, size) for key in held.newest_first()]
    return [(mark(value), value) for value in values if value for mark in makers]


def marks_of_many(values, purpose, size=MARK_BYTES):
    """`marks_of` of several values, in one list."""
    held = ring()
    makers = [_marks(key, held, purpose, size) for key in held.newest_first()]
    return [mark(value) if value else "" for value in values for mark in (makers if value else makers[:1])]
