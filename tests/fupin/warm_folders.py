"""The children that open forms (`fupin/onetable/child`) and mark workbooks (`fupin/excel/mark`) as forks of one that is
warm: the same folder under the same limits, without the 70 to 200 ms that an interpreter, openpyxl and xlrd take to start.

Run as `python -I -X utf8 warm_folders.py` it is that process: for each line of JSON `{"folder", "words", "cwd", "env",
"length"}` and so many bytes on stdin a fork runs the folder, and a line `[length, exit status]` and its stdout are the
answer. In tests `SUBPROCESS` stands in the place of `subprocess` in the modules that start a child (tests/conftest.py).
"""

import contextlib
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from types import SimpleNamespace


def serve():
    import openpyxl  # noqa: F401 - in memory before the forks
    import xlrd  # noqa: F401

    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        with tempfile.TemporaryFile() as given:
            given.write(sys.stdin.buffer.read(asked["length"]))
            given.seek(0)
            said, code = answer(asked, given)
        sys.stdout.buffer.write(json.dumps([len(said), code]).encode() + b"\n" + said)
        sys.stdout.buffer.flush()


def answer(asked, given):
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.close(out)
        os._exit(run(asked, given, into))
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        said = pipe.read()
    return said, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(asked, given, into):
    """In the fork: what `python -I FOLDER WORDS` does. Its exit status."""
    try:
        os.dup2(given.fileno(), 0)
        os.dup2(into, 1)
        sys.stdin, sys.stdout = os.fdopen(0, encoding="utf-8"), os.fdopen(1, "w", encoding="utf-8")
        os.chdir(asked["cwd"])
        if asked["env"] is not None:
            os.environ.clear()
            os.environ.update(asked["env"])
        tempfile.tempdir = None
        sys.argv = [asked["folder"], *asked["words"]]
        runpy.run_path(asked["folder"], run_name="__main__")
        sys.stdout.flush()
    except BaseException:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        return 1
    return 0


class Warm:
    """The one warm process of a process that runs tests, started when it is first needed."""

    def __init__(self):
        self.lock, self.process, self.owner = threading.Lock(), None, None

    def serves(self):
        """Not a fork of a test, whose parent uses the pipes."""
        return hasattr(os, "fork") and self.owner in (None, os.getpid())

    def asked(self, command, given, cwd, env=None):
        """`(stdout, exit status)` of a fork for `[python, -I, -X, utf8, FOLDER, WORD, ...]`."""
        folder, *words = command[COMMAND:]
        request = {
            "folder": folder, "words": words, "cwd": str(cwd), "env": env, "length": len(given),
        }  # fmt: skip
        with self.lock:
            if self.process is None:
                self._start()
            self.process.stdin.write(json.dumps(request).encode() + b"\n" + given)
            self.process.stdin.flush()
            length, code = json.loads(self.process.stdout.readline())
            return self.process.stdout.read(length), code

    def _start(self):
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", __file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def end(self):
        if self.process and self.owner == os.getpid():
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
            self.process = None


COMMAND = len(["python", "-I", "-X", "utf8"])
WARM = Warm()


class Given(io.BytesIO):
    """stdin of a `Child`: what was written is sent when it is closed."""

    def __init__(self, child):
        super().__init__()
        self.child = child

    def close(self):
        if not self.closed:
            self.child.ask(self.getvalue())
        super().close()


class Child:
    """What a caller needs of a process that answers when its stdin ends."""

    def __init__(self, command, cwd):
        self.command, self.cwd, self.status = command, cwd, None
        self.stdin, self.stdout = Given(self), io.BytesIO()

    def ask(self, given):
        said, self.status = WARM.asked(self.command, given, self.cwd)
        self.stdout = io.BytesIO(said)

    def kill(self):
        pass

    def wait(self):
        return self.status


def started(command, **options):
    """In the place of `subprocess.Popen`."""
    return Child(command, options["cwd"]) if WARM.serves() else subprocess.Popen(command, **options)


def done(command, *, input, cwd, env, **options):
    """In the place of `subprocess.run`."""
    if not WARM.serves():
        return subprocess.run(command, input=input, cwd=cwd, env=env, **options)
    said, code = WARM.asked(command, input, cwd, env)
    return subprocess.CompletedProcess(command, code, said)


SUBPROCESS = SimpleNamespace(
    Popen=started, run=done, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL,
    TimeoutExpired=subprocess.TimeoutExpired,
)  # fmt: skip


if __name__ == "__main__":
    serve()
