"""How far the worker steps back behind the processes that answer people.

`nice` weighs processes of one session against each other. Where Linux shares the processor among sessions first
("autogroup", the default of Debian and Ubuntu), a worker in a session of its own, as `up` starts it, takes as much as the
whole server however nice it is: the session has a nice value too, in AUTOGROUP.
"""

import os
import time
from contextlib import contextmanager
from pathlib import Path

NICE = 10
AUTOGROUP = Path("/proc/self/autogroup")
TRIES = 4
"""The system takes a new value for a session every tenth of a second, from whomever it comes."""

_back = False


def step_back():
    """Let every other process go first; what this process starts does so as well. Where a platform knows no such thing,
    nothing."""
    global _back
    if hasattr(os, "nice"):
        os.nice(NICE)
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():  # the session is ours
        _back = _weigh(NICE)


@contextmanager
def hurried():
    """Inside, a worker that has stepped back takes its full share: others wait for what it does."""
    if not _back:
        yield
        return
    _weigh(0)
    try:
        yield
    finally:
        _weigh(NICE)


def _weigh(value):
    """Set the nice value of the session; whether that went."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(0.1)
        try:
            AUTOGROUP.write_text(str(value))
            return True
        except BlockingIOError:
            continue
        except OSError:
            return False
    return False
