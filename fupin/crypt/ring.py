"""The key ring: versioned master secrets in one file outside the database (`settings.KEYS`), mode 0600.

Every process reads the file once and looks each second whether it has changed, so a new key is known everywhere
before the first value is written with it (see `rotation`).
"""

import base64
import contextlib
import json
import os
import secrets
import stat
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings

from fupin.crypt.suites import SUITES

FORMAT = 1
SECRET = 32
"""Bytes of a master secret."""
LOOK = 1.0
"""Seconds after which a process looks again whether the file has changed."""


class MissingKeys(Exception):
    """There is no key ring, or it cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Key:
    """One version: `suite` it is used with, the master `secret`, the day it was `made`."""

    version: int
    suite: str
    secret: bytes = field(repr=False)
    made: str

    @property
    def head(self):
        """How ciphertexts name it: suite and version, `I3`."""
        return f"{SUITES[self.suite].letter}{self.version}"


class Ring:
    """The keys by version; `current` writes, all of them read. `stamp` tells the file's state."""

    def __init__(self, keys, current, stamp=None):
        self.keys = {key.version: key for key in keys}
        self.by_head = {key.head: key for key in keys}
        self.current, self.stamp = self.keys[current], stamp
        self._made = {}

    def newest_first(self):
        """The keys that looking up must try: the current one, then the others, newest first."""
        rest = sorted(
            (key for key in self.keys.values() if key is not self.current), key=lambda key: -key.version
        )
        return [self.current, *rest]

    def cipher(self, key, purpose):
        made = self._made.get((key.version, purpose))
        if made is None:
            made = self._made[key.version, purpose] = SUITES[key.suite].cipher(key.secret, purpose)
        return made

    def digest(self, key, purpose):
        made = self._made.get((key.version, purpose, "index"))
        if made is None:
            made = self._made[key.version, purpose, "index"] = SUITES[key.suite].digest(key.secret, purpose)
        return made


_held, _looked = None, 0.0


def ring():
    """The ring of this installation. Raises MissingKeys."""
    global _held, _looked
    now = time.monotonic()
    if _held is None or now - _looked > LOOK:
        stamp = _stamp()
        if _held is None or stamp != _held.stamp:
            _held = read()
        _looked = now
    return _held


def reread():
    """The ring as the file says now, whatever was looked at before."""
    global _held
    _held = None
    return ring()


def path():
    return Path(settings.KEYS)


def _stamp():
    try:
        found = path().stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def read():
    """The ring in the file. Raises MissingKeys."""
    stamp = _stamp()
    try:
        mode = stat.S_IMODE(path().stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise MissingKeys(f"密钥文件 {path()} 别人也能读（权限 {mode:o}）。请执行：chmod 600 {path()}")
        data = json.loads(path().read_text(encoding="ascii"))
        keys = [
            Key(
                int(row["version"]), row["suite"], base64.b64decode(row["secret"], validate=True), row["made"]
            )
            for row in data["keys"]
        ]
        if data["format"] != FORMAT or any(
            key.suite not in SUITES or len(key.secret) != SECRET for key in keys
        ):
            raise ValueError
        return Ring(keys, data["current"], stamp)
    except FileNotFoundError as error:
        raise MissingKeys(
            f"找不到密钥文件 {path()}。没有它，证件号码、电话、账号都读不出来。"
            "请从保管人处取回备份放到这里（权限 600），或用 FUPIN_KEYS 指明它在哪里。"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MissingKeys(f"密钥文件 {path()} 不能读取或已损坏。请从保管人处取回备份。") from error


def exists():
    return path().exists()


def create(suite):
    """Make the ring with its first key, unless another process has just made it."""
    key = Key(1, suite, secrets.token_bytes(SECRET), date.today().isoformat())
    fresh = _written([key], 1)
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path())
    fresh.unlink()
    return reread()


def write(keys, current):
    """Put a changed ring in the place of the old one, whole or not at all."""
    os.replace(_written(keys, current), path())
    handle = os.open(path().parent, os.O_RDONLY) if os.name == "posix" else None
    if handle is not None:
        os.fsync(handle)
        os.close(handle)
    return reread()


def _written(keys, current):
    data = {
        "format": FORMAT,
        "current": current,
        "keys": [
            {"version": key.version, "suite": key.suite, "secret": base64.b64encode(key.secret).decode(), "made": key.made}
            for key in sorted(keys, key=lambda key: key.version)
        ],
    }  # fmt: skip
    target = path()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(data, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def fresh_key(suite):
    """The next version, not yet in the ring."""
    return Key(max(ring().keys) + 1, suite, secrets.token_bytes(SECRET), date.today().isoformat())
