"""Whose data a page or a file showed: noted while it is made, kept compactly in its event.

`look(households, members)` is called where rows are read to be shown; `watching()` is around a request (accounts.trail)
or an export. In an event this reads "h1-3,7 m5": households 1, 2, 3 and 7, member 5. Long ones are compressed.
"""

import base64
import zlib
from contextlib import contextmanager
from contextvars import ContextVar

from fupin.spans import spans_of, spelled

LONG = 1000
"""Characters from which a note is compressed."""

_open = ContextVar("seen", default=None)


class Seen:
    """Keys of the households and members that were shown."""

    def __init__(self):
        self.households, self.members = set(), set()

    def __bool__(self):
        return bool(self.households or self.members)

    def __str__(self):
        parts = [
            letter + spelled(sorted(keys), ",")
            for letter, keys in (("h", self.households), ("m", self.members))
            if keys
        ]
        text = " ".join(parts)
        if len(text) < LONG:
            return text
        return "z" + base64.b85encode(zlib.compress(text.encode(), 6)).decode()


@contextmanager
def watching():
    """A `Seen` that whatever is shown inside is noted in."""
    found = Seen()
    token = _open.set(found)
    try:
        yield found
    finally:
        _open.reset(token)


def look(households=(), members=()):
    """These households' names or particulars, and these members', are shown."""
    found = _open.get()
    if found is not None:
        found.households.update(households)
        found.members.update(members)


def read(text):
    """A `Seen` from the text in an event."""
    found = Seen()
    if text[:1] == "z":
        text = zlib.decompress(base64.b85decode(text[1:])).decode()
    for part in text.split():
        keys = found.households if part[0] == "h" else found.members
        for first, last in spans_of(part[1:], ","):
            keys.update(range(first, last + 1))
    return found
