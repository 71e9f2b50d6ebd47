"""Pieces of data that are no column: sessions, kept forms, the rows of a staged file, whole files.

`seal` and `open_sealed` are for one piece. A `Box` holds a key of its own for the many pieces of one file beside the
database; its key is sealed with the ring (`lid`), so changing the ring's key costs one line a file.

A file is `FUPIN1`, its lid in a line of fixed width, and pieces of one MiB, each sealed with its number and with
whether it is the last: a piece that is missing, moved or altered does not open.
"""

import contextlib
import io
import os
import secrets
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path

from django.conf import settings

from fupin.crypt.ring import ring
from fupin.crypt.sealing import Unreadable, opener, seal_text
from fupin.crypt.suites import NONCE, SUITES, TAG, InvalidTag

MAGIC = b"FUPIN1\n"
WIDTH = 160
"""Bytes of the line with the lid: room for a token of any version."""
PIECE = 1 << 20
LETTERS = {suite.letter: suite for suite in SUITES.values()}


def seal(data, purpose, row=""):
    """Bytes as a token of text."""
    return str(seal_text(b64encode(data).decode(), purpose, row))


def open_sealed(token, purpose, row=""):
    """The bytes behind a token of `seal`. Raises Unreadable."""
    return b64decode(opener(purpose)(token, row))


class Box:
    """Seals many pieces with one key of its own. `lid` is the letter of the suite and that key, sealed for `purpose`
    and `row`; so the pieces stay as they are when the ring goes over to another suite."""

    def __init__(self, lid, purpose, row=""):
        held = open_sealed(lid, purpose, row)
        suite, secret = LETTERS[held[:1].decode()], held[1:]
        self.lid, self.cipher = lid, suite.cipher(secret, "box")
        self._digest = suite.digest(secret, "box")

    @classmethod
    def fresh(cls, purpose, row=""):
        return cls(
            seal(ring().current.head[:1].encode() + secrets.token_bytes(32), purpose, row), purpose, row
        )

    def seal(self, data):
        nonce = os.urandom(NONCE)
        return nonce + self.cipher.encrypt(nonce, data, None)

    def open(self, data):
        try:
            return self.cipher.decrypt(data[:NONCE], data[NONCE:], None)
        except (InvalidTag, ValueError) as error:
            raise Unreadable("密文已被改动") from error

    def number(self, data):
        """A number of 48 bits that stands for `data` in this box and nowhere else."""
        return int.from_bytes(self._digest(data)[:6], "big")


def relid(lid, purpose, row=""):
    """The same key under the current key of the ring; the lid itself where it is already."""
    if lid.startswith(f"{ring().current.head}."):
        return lid
    return seal(open_sealed(lid, purpose, row), purpose, row)


# Files

FILE = "file"


class Writer(io.RawIOBase):
    """A file to write plain bytes into; nothing plain reaches the disk. Its name is part of what is sealed."""

    def __init__(self, path, name=None):
        """`name`: that under which the file will stand, where it is not yet there."""
        self.box, self.held, self.number = Box.fresh(FILE, name or Path(path).name), bytearray(), 0
        self.file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self.file.write(MAGIC + _line(self.box.lid))

    def writable(self):
        return True

    def write(self, data):
        self.held += data
        while len(self.held) > PIECE:
            self._put(bytes(self.held[:PIECE]), last=False)
            del self.held[:PIECE]
        return len(data)

    def _put(self, piece, last):
        nonce = os.urandom(NONCE)
        self.file.write(nonce + self.box.cipher.encrypt(nonce, piece, _place(self.number, last)))
        self.number += 1

    def close(self):
        if not self.closed:
            self._put(bytes(self.held), last=True)
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
        super().close()


def _line(lid):
    return lid.encode().ljust(WIDTH - 1) + b"\n"


def _place(number, last):
    return b"%d|%d" % (number, last)


def lid_of(file, path):
    """The lid in the head of an open encrypted file. Raises Unreadable."""
    head = file.read(len(MAGIC) + WIDTH)
    if len(head) != len(MAGIC) + WIDTH or not head.startswith(MAGIC):
        raise Unreadable(f"{path}: 不是加密的文件")
    return head[len(MAGIC) :].decode("ascii", "replace").strip()


def pieces(path):
    """The plain bytes of an encrypted file, a MiB at a time. Raises Unreadable."""
    with open(path, "rb") as file:
        box = Box(lid_of(file, path), FILE, Path(path).name)
        number, data = 0, file.read(PIECE + NONCE + TAG)
        while True:
            more = file.read(PIECE + NONCE + TAG)
            try:
                yield box.cipher.decrypt(data[:NONCE], data[NONCE:], _place(number, not more))
            except (InvalidTag, ValueError) as error:
                raise Unreadable(f"{path}: 文件不完整或已被改动") from error
            if not more:
                return
            number, data = number + 1, more


def plain_size(path):
    """Bytes of the plain file."""
    whole = path.stat().st_size - len(MAGIC) - WIDTH
    return whole - (NONCE + TAG) * -(-whole // (PIECE + NONCE + TAG))


def enclose(path):
    """Put an encrypted file in the place of the plain one at `path`."""
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with open(path, "rb") as file, Writer(fresh, path.name) as out:
            while piece := file.read(PIECE):
                out.write(piece)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def plain(path):
    """A path at which the plain bytes can be read while the block lasts: in memory where the system offers that,
    else in our own folder for temporary files."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("fupin")
        shown = Path(f"/proc/{os.getpid()}/fd/{handle}")
    else:
        handle, name = tempfile.mkstemp(dir=settings.FILE_UPLOAD_TEMP_DIR)
        shown = Path(name)
    try:
        with open(handle, "wb", closefd=False) as file:
            for piece in pieces(path):
                file.write(piece)
        yield shown
    finally:
        os.close(handle)
        if not str(shown).startswith("/proc/"):
            shown.unlink(missing_ok=True)


@contextlib.contextmanager
def making(path):
    """A path at which the plain bytes can be written while the block lasts, as `plain` is one to read them: what
    stands there at its end is the encrypted file `path`. Nothing stays after an error."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("fupin")
        shown = Path(f"/proc/{os.getpid()}/fd/{handle}")
    else:
        handle, name = tempfile.mkstemp(dir=settings.FILE_UPLOAD_TEMP_DIR)
        shown = Path(name)
    try:
        yield shown
        with open(shown, "rb") as file, Writer(path) as out:
            while piece := file.read(PIECE):
                out.write(piece)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
        if not str(shown).startswith("/proc/"):
            shown.unlink(missing_ok=True)


def is_sealed(path):
    """Whether the file begins as encrypted ones do."""
    with open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def relid_file(path):
    """Seal the key of a file anew; its content stays as it is. True when something was written. The bytes lie within
    one sector; who has done many of them syncs the disk once."""
    with open(path, "rb+") as file:
        lid = lid_of(file, path)
        fresh = relid(lid, FILE, path.name)
        if fresh == lid:
            return False
        file.seek(len(MAGIC))
        file.write(_line(fresh))
    return True


class _Pieces(io.RawIOBase):
    def __init__(self, path):
        self.rest, self.pieces = b"", pieces(path)

    def readable(self):
        return True

    def close(self):
        self.pieces.close()
        super().close()

    def readinto(self, into):
        if not self.rest:
            self.rest = next(self.pieces, b"")
        count = min(len(into), len(self.rest))
        into[:count], self.rest = self.rest[:count], self.rest[count:]
        return count


def opened(path):
    """The plain content of an encrypted file, to read from start to end."""
    return io.BufferedReader(_Pieces(path), PIECE)
