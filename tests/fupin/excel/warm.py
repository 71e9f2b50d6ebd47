"""Files are opened by forks of a child that is warm: the same process under the same limits, without the 60 ms that an
interpreter and its imports take to start, at each of some five hundred imports of the suite.

Tests of `cold_child` (what the limits of the child are for), one refusal in ten and one file in ten of the fuzz start it
anew each time, as the product does.
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock
from types import SimpleNamespace

from fupin.excel import reader

ZYGOTE = Path(__file__).parents[2] / "fuzz" / "zygote.py"


class Warm:
    """The one warm child of a process that runs tests, started when it is first needed."""

    def __init__(self):
        self.lock, self.process, self.owner = Lock(), None, None

    def asked(self, path, name, start):
        """`(messages, exit status)` of a fork for the file."""
        with self.lock:
            if self.process is None:
                self._start()
            self.process.stdin.write(f"{path}\t{name}\t{start}\n".encode())
            self.process.stdin.flush()
            length, status = json.loads(self.process.stdout.readline())[:2]
            return self.process.stdout.read(length), status

    def _start(self):
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(ZYGOTE), str(reader.UNPACK)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def end(self):
        if self.process and self.owner == os.getpid():
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def serves(self, path, name):
        """Not a fork of a test, whose parent uses the pipes; not names that break a line."""
        return self.owner in (None, os.getpid()) and not set("\t\r\n") & set(f"{path}{name}")


WARM = Warm()


class Child:
    """What `reader` needs of a process that has ended."""

    def __init__(self, path, name, start):
        said, self.status = WARM.asked(path, name, start)
        self.stdout = io.BytesIO(said)

    def kill(self):
        pass

    def wait(self):
        return self.status


def started(command, **options):
    """In the place of `subprocess.Popen` in the reader."""
    *_, unpack, path, name, start, _parser = command
    if hasattr(os, "fork") and unpack == str(reader.UNPACK) and WARM.serves(path, name):
        return Child(path, name, start)
    return subprocess.Popen(command, **options)


SUBPROCESS = SimpleNamespace(Popen=started, DEVNULL=subprocess.DEVNULL, PIPE=subprocess.PIPE)
