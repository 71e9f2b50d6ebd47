"""Who opens a workbook: a fork of a child that waits, warm, for the whole life of this process (`unpack/waiting.py`), or,
where none can be had, a child that is started for the file. Both are the same folder under the same limits.
"""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from fupin.excel.unpack.waiting import ENDED

UNPACK = Path(__file__).with_name("unpack")


@cache
def parser_folder():
    """The folder of the parser, which is not loaded here. The child gets it and no other: without `site` it starts in
    a third of the time."""
    return str(Path(find_spec("python_calamine").origin).parents[1])


def _start(*words, **options):
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(UNPACK), *words, parser_folder()]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=UNPACK.parent, **options)  # noqa: S603 - our own interpreter and folder, no shell


class Opener:
    """The one child of this process that waits, started when it is first needed. Whoever comes while it is at work, or
    where processes do not fork, gets a child of his own."""

    def __init__(self):
        self.busy, self.process, self.link, self.owner = Lock(), None, None, None
        self.used = 0.0
        """Processor seconds of the child and all its forks that have ended: the system counts them only when it ends."""

    def open(self, path, name, member):
        """A process, as far as `subprocess` has it (`stdout`, `kill`, `wait`), that says what is in the file."""
        path = os.path.abspath(path)
        if hasattr(os, "fork") and "\0" not in f"{path}{name}" and self.busy.acquire(blocking=False):
            try:
                return self._fork(path, name, member)
            except OSError:  # it died
                self._forget()
                self.busy.release()
        return _start(path, name, str(member), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def _fork(self, path, name, member):
        if self.owner != os.getpid():  # a fork of ours may not use the child of its parent
            self._begin()
        out, into = os.pipe()
        try:
            said = f"{path}\0{name}\0{member}".encode("utf-8", "surrogatepass")
            socket.send_fds(self.link, [len(said).to_bytes(4, "little")], [into])
            self.link.sendall(said)
            pid = self.heard(4)
        except OSError:
            os.close(out)
            raise
        finally:
            os.close(into)
        return Fork(self, int.from_bytes(pid, "little"), os.fdopen(out, "rb"))

    def _begin(self):
        self._forget()
        link, theirs = socket.socketpair()
        with theirs:
            self.process = _start("--wait", stdin=theirs, stdout=subprocess.DEVNULL)
        self.link, self.owner = link, os.getpid()

    def heard(self, length):
        """The next bytes that the child says. Raises OSError where it says no more."""
        said = self.link.recv(length, socket.MSG_WAITALL)
        if len(said) < length:
            raise ConnectionError
        return said

    def _forget(self):
        if self.link and self.owner == os.getpid():
            with suppress(OSError):
                self.link.shutdown(socket.SHUT_RDWR)  # also for forks of ours that hold it open
            self.process.wait()
        if self.link:
            self.link.close()
        self.process = self.link = self.owner = None

    def end(self):
        """Let the child end: it does so as well when this process ends, however that comes."""
        with self.busy:
            self._forget()


class Fork:
    """A fork of the child that waits."""

    def __init__(self, opener, pid, stdout):
        self.opener, self.pid, self.stdout = opener, pid, stdout
        self.lock, self.status, self.seconds, self.peak = Lock(), None, 0.0, 0

    def kill(self):
        with self.lock:  # once it is waited for, its number may be another's
            if self.status is None:
                with suppress(ProcessLookupError):
                    os.kill(self.pid, 9)

    def wait(self):
        """Its exit status; a signal is negative."""
        with self.lock:
            if self.status is None:
                try:
                    self.opener.link.sendall(b".")
                    said = self.opener.heard(ENDED.size)
                    self.status, self.seconds, self.opener.used, self.peak = ENDED.unpack(said)
                except OSError:
                    self.status = -9
                    self.opener._forget()
                self.opener.busy.release()
        return self.status


OPENER = Opener()
